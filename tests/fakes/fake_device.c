// The vhost-user front end of the fake guest: what QEMU says to a back end.
#include <errno.h>
#include <fcntl.h>
#include <linux/virtio_config.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fake_guest.h"
#include "vhost_user_protocol.h"

#define WANTED_PROTOCOL_FEATURES                                                                   \
	(UINT64_C(1) << VHOST_USER_PROTOCOL_F_MQ |                                                 \
		UINT64_C(1) << VHOST_USER_PROTOCOL_F_REPLY_ACK |                                   \
		UINT64_C(1) << VHOST_USER_PROTOCOL_F_BACKEND_REQ |                                 \
		UINT64_C(1) << VHOST_USER_PROTOCOL_F_CONFIG |                                      \
		UINT64_C(1) << VHOST_USER_PROTOCOL_F_RESET_DEVICE)

static void close_fd(int *fd) {
	if (*fd >= 0) {
		close(*fd);
		*fd = -1;
	}
}

struct fake_device *fake_device_adopt(struct fake_guest *guest, int fd) {
	struct fake_device *device = calloc(1, sizeof(*device));
	if (device == NULL) {
		abort();
	}
	device->guest = guest;
	device->fd = fd;
	device->backend_fd = -1;
	device->gpu_socket = -1;
	device->need_reply = true;
	device->multiple_regions = true;
	for (unsigned i = 0; i < FAKE_DEVICE_QUEUES; i++) {
		device->queues[i].index = i;
		device->queues[i].kick_fd = -1;
		device->queues[i].call_fd = -1;
	}
	return device;
}

struct fake_device *fake_device_connect(struct fake_guest *guest, const char *path) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(address.sun_path)) {
		return NULL;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		close_fd(&fd);
		return NULL;
	}
	return fake_device_adopt(guest, fd);
}

void fake_device_destroy(struct fake_device *device) {
	if (device == NULL) {
		return;
	}
	for (unsigned i = 0; i < FAKE_DEVICE_QUEUES; i++) {
		close_fd(&device->queues[i].kick_fd);
		close_fd(&device->queues[i].call_fd);
	}
	close_fd(&device->gpu_socket);
	close_fd(&device->backend_fd);
	close_fd(&device->fd);
	free(device);
}

// --- Messages -----------------------------------------------------------------------------

bool fake_device_send(struct fake_device *device, uint32_t request, uint32_t flags,
	const void *payload, uint32_t size, const int *fds, unsigned fd_count) {
	struct vhost_user_header header = {
		.request = request,
		.flags = VHOST_USER_VERSION | flags,
		.size = size,
	};
	struct iovec iov[] = {
		{.iov_base = &header, .iov_len = sizeof(header)},
		{.iov_base = (void *)payload, .iov_len = size},
	};
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int) * 253)];
	} control;
	struct msghdr message = {.msg_iov = iov, .msg_iovlen = 2};
	if (fd_count > 0) {
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(sizeof(int) * fd_count);
		memset(&control, 0, message.msg_controllen);
		struct cmsghdr *c = CMSG_FIRSTHDR(&message);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * fd_count);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * fd_count);
	}
	return sendmsg(device->fd, &message, MSG_NOSIGNAL) == (ssize_t)(sizeof(header) + size);
}

struct reception {
	int fd;
	struct vhost_user_header header;
	uint8_t payload[VHOST_USER_MAX_PAYLOAD_BYTES];
	size_t bytes;
	bool closed;
};

static bool receive_more(void *data) {
	struct reception *r = data;
	for (;;) {
		size_t wanted = sizeof(r->header);
		if (r->bytes >= wanted) {
			wanted += r->header.size;
		}
		if (r->bytes == wanted || r->header.size > sizeof(r->payload)) {
			return true;
		}
		char *start = r->bytes < sizeof(r->header)
			? (char *)&r->header + r->bytes
			: (char *)r->payload + r->bytes - sizeof(r->header);
		ssize_t bytes = recv(r->fd, start, wanted - r->bytes, MSG_DONTWAIT);
		if (bytes < 0 && (errno == EAGAIN || errno == EINTR)) {
			return false;
		}
		if (bytes <= 0) {
			r->closed = true;
			return true;
		}
		r->bytes += (size_t)bytes;
	}
}

int fake_device_receive(
	struct fake_device *device, uint32_t request, void *payload, uint32_t size) {
	struct reception r = {.fd = device->fd};
	if (!fake_guest_wait(device->guest, receive_more, &r, device->fd, FAKE_TIMEOUT_MS) ||
		r.closed || r.header.request != request || r.header.size > size ||
		r.header.flags != (VHOST_USER_VERSION | VHOST_USER_FLAG_REPLY)) {
		return -1;
	}
	memcpy(payload, r.payload, r.header.size);
	return (int)r.header.size;
}

// A request without a reply of its own.
static bool request(struct fake_device *device, uint32_t request, const void *payload,
	uint32_t size, const int *fds, unsigned fd_count) {
	bool reply = device->need_reply &&
		(device->protocol_features & UINT64_C(1) << VHOST_USER_PROTOCOL_F_REPLY_ACK) != 0;
	uint64_t status = 0;
	return fake_device_send(device, request, reply ? VHOST_USER_FLAG_NEED_REPLY : 0, payload,
		       size, fds, fd_count) &&
		(!reply ||
			(fake_device_receive(device, request, &status, sizeof(status)) == 8 &&
				status == 0));
}

bool fake_device_send_u64(
	struct fake_device *device, uint32_t kind, uint64_t value, const int *fd) {
	return request(device, kind, &value, sizeof(value), fd, fd != NULL ? 1 : 0);
}

bool fake_device_send_state(
	struct fake_device *device, uint32_t kind, uint32_t index, uint32_t num) {
	struct vhost_vring_state state = {.index = index, .num = num};
	return request(device, kind, &state, sizeof(state), NULL, 0);
}

static bool get_u64(struct fake_device *device, uint32_t kind, uint64_t *value) {
	return fake_device_send(device, kind, 0, NULL, 0, NULL, 0) &&
		fake_device_receive(device, kind, value, sizeof(*value)) == sizeof(*value);
}

static bool is_dropped(void *data) {
	const struct fake_device *device = data;
	char bytes[256];
	ssize_t got;
	do {
		got = recv(device->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	} while (got > 0);
	return got == 0 || (errno != EAGAIN && errno != EINTR);
}

bool fake_device_wait_dropped(struct fake_device *device) {
	return fake_guest_wait(device->guest, is_dropped, device, device->fd, FAKE_TIMEOUT_MS);
}

// --- Negotiation --------------------------------------------------------------------------

bool fake_device_set_mem_table(struct fake_device *device) {
	struct vhost_user_memory table = {0};
	int fds[FAKE_GUEST_REGIONS];
	table.region_count = device->multiple_regions ? FAKE_GUEST_REGIONS : 1;
	for (unsigned i = 0; i < table.region_count; i++) {
		const struct fake_region *region = &device->guest->regions[i];
		fds[i] = region->fd;
		table.regions[i] = (struct memory_region_info){
			.guest_address = region->guest_address,
			.size_bytes = region->size_bytes,
			.user_address = (uintptr_t)region->bytes,
		};
	}
	return request(device, VHOST_USER_SET_MEM_TABLE, &table,
		(uint32_t)(8 + table.region_count * sizeof(table.regions[0])), fds,
		table.region_count);
}

bool fake_device_negotiate(struct fake_device *device, uint64_t wanted) {
	uint64_t offered, protocol, queues;
	if (!get_u64(device, VHOST_USER_GET_FEATURES, &offered) ||
		!get_u64(device, VHOST_USER_GET_PROTOCOL_FEATURES, &protocol)) {
		return false;
	}
	device->protocol_features = 0; // the next one is not acknowledged yet
	if (!fake_device_send_u64(device, VHOST_USER_SET_PROTOCOL_FEATURES,
		    protocol & WANTED_PROTOCOL_FEATURES, NULL)) {
		return false;
	}
	device->protocol_features = protocol & WANTED_PROTOCOL_FEATURES;
	wanted |= UINT64_C(1) << VIRTIO_F_VERSION_1 | UINT64_C(1) << VHOST_USER_F_PROTOCOL_FEATURES;
	device->features = wanted & offered;
	return get_u64(device, VHOST_USER_GET_QUEUE_NUM, &queues) &&
		request(device, VHOST_USER_SET_OWNER, NULL, 0, NULL, 0) &&
		fake_device_send_u64(device, VHOST_USER_SET_FEATURES, device->features, NULL) &&
		fake_device_set_mem_table(device);
}

bool fake_device_reset(struct fake_device *device) {
	return request(device, VHOST_USER_RESET_DEVICE, NULL, 0, NULL, 0);
}

static bool send_pair(struct fake_device *device, uint32_t kind, int *ours) {
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
		return false;
	}
	close_fd(ours);
	*ours = pair[0];
	bool sent = request(device, kind, NULL, 0, &pair[1], 1);
	close(pair[1]);
	return sent;
}

bool fake_device_send_gpu_socket(struct fake_device *device) {
	return send_pair(device, VHOST_USER_GPU_SET_SOCKET, &device->gpu_socket);
}

bool fake_device_send_backend_fd(struct fake_device *device) {
	return send_pair(device, VHOST_USER_SET_BACKEND_REQ_FD, &device->backend_fd);
}

bool fake_device_config_read(
	struct fake_device *device, uint32_t offset, void *bytes, uint32_t size) {
	struct vhost_user_config_payload config = {.offset = offset, .size = size};
	uint32_t all = VHOST_USER_CONFIG_HEADER_BYTES + size;
	if (size > sizeof(config.bytes) ||
		!fake_device_send(device, VHOST_USER_GET_CONFIG, 0, &config, all, NULL, 0) ||
		fake_device_receive(device, VHOST_USER_GET_CONFIG, &config, sizeof(config)) !=
			(int)all) {
		return false;
	}
	memcpy(bytes, config.bytes, size);
	return true;
}

bool fake_device_config_write(
	struct fake_device *device, uint32_t offset, const void *bytes, uint32_t size) {
	struct vhost_user_config_payload config = {.offset = offset, .size = size};
	if (size > sizeof(config.bytes)) {
		return false;
	}
	memcpy(config.bytes, bytes, size);
	return request(device, VHOST_USER_SET_CONFIG, &config,
		VHOST_USER_CONFIG_HEADER_BYTES + size, NULL, 0);
}

// --- Queues -------------------------------------------------------------------------------

static void make_rings(struct fake_device *device, struct fake_queue *queue, uint16_t size) {
	struct fake_guest *guest = device->guest;
	size_t descriptor_bytes = sizeof(struct vring_desc) * size;
	size_t available_bytes = sizeof(uint16_t) * (3 + (size_t)size);
	size_t used_bytes = sizeof(uint16_t) * 3 + sizeof(struct vring_used_elem) * size;
	if (queue->descriptors == NULL || queue->size != size) {
		queue->descriptors = fake_guest_at(
			guest, fake_guest_alloc(guest, descriptor_bytes, 16));
		queue->available = fake_guest_at(
			guest, fake_guest_alloc(guest, available_bytes, 2));
		queue->used = fake_guest_at(guest, fake_guest_alloc(guest, used_bytes, 4));
		queue->indirect_tables = fake_guest_alloc(
			guest, descriptor_bytes * FAKE_QUEUE_INDIRECT_MAX, 16);
	}
	memset(queue->descriptors, 0, descriptor_bytes);
	memset(queue->available, 0, available_bytes);
	memset(queue->used, 0, used_bytes);
	queue->size = size;
	queue->available_index = queue->kicked_index = queue->used_index = 0;
	queue->free_head = 0;
	queue->free_count = size;
	for (uint16_t i = 0; i < size; i++) {
		queue->descriptors[i].next = (uint16_t)(i + 1);
	}
}

static void make_fds(struct fake_queue *queue) {
	close_fd(&queue->kick_fd);
	close_fd(&queue->call_fd);
	queue->kick_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	queue->call_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (queue->kick_fd < 0 || queue->call_fd < 0) {
		perror("fake guest: eventfd");
		abort();
	}
}

bool fake_device_start_queue(struct fake_device *device, unsigned index, uint16_t size) {
	struct fake_queue *queue = &device->queues[index];
	make_rings(device, queue, size);
	make_fds(queue);
	queue->event_index = (device->features & UINT64_C(1) << VIRTIO_RING_F_EVENT_IDX) != 0;
	queue->indirect = (device->features & UINT64_C(1) << VIRTIO_RING_F_INDIRECT_DESC) != 0;
	struct vhost_vring_addr address = {
		.index = index,
		.desc_user_addr = (uintptr_t)queue->descriptors,
		.avail_user_addr = (uintptr_t)queue->available,
		.used_user_addr = (uintptr_t)queue->used,
	};
	return fake_device_send_state(device, VHOST_USER_SET_VRING_NUM, index, size) &&
		fake_device_send_state(device, VHOST_USER_SET_VRING_BASE, index, 0) &&
		request(device, VHOST_USER_SET_VRING_ADDR, &address, sizeof(address), NULL, 0) &&
		fake_device_send_u64(device, VHOST_USER_SET_VRING_KICK, index, &queue->kick_fd) &&
		fake_device_send_u64(device, VHOST_USER_SET_VRING_CALL, index, &queue->call_fd) &&
		fake_device_send_state(device, VHOST_USER_SET_VRING_ENABLE, index, 1);
}

int fake_device_stop_queue(struct fake_device *device, unsigned index) {
	struct vhost_vring_state state = {.index = index};
	if (!fake_device_send(
		    device, VHOST_USER_GET_VRING_BASE, 0, &state, sizeof(state), NULL, 0) ||
		fake_device_receive(device, VHOST_USER_GET_VRING_BASE, &state, sizeof(state)) !=
			sizeof(state) ||
		state.index != index) {
		return -1;
	}
	return (int)(state.num & UINT16_MAX);
}
