#include "ring_player.h"

#include <fcntl.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>
#include <stdbool.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fake_guest.h"
#include "fake_socket.h"
#include "vhost_user_protocol.h"

#define GUEST_BYTES (2 << 20)
#define QUEUES 2
#define QUEUE_SIZE 16
#define PAGE_BYTES 4096
#define RESPONSE_BYTES 1536
#define SLOTS 16 // of commands, one after the other
#define ARENA_BYTES (2 * PAGE_BYTES + SLOTS * (RING_PLAYER_COMMAND_BYTES + RESPONSE_BYTES))

struct game {
	const uint8_t *bytes;
	size_t left;
	struct fake_socket sock;
	struct wl_event_loop *loop;
	struct fake_guest *guest;
	struct fake_device *front;
	const struct ring_player_target *target;
	bool dropped; // the device had enough of the front end
	uint64_t arena; // guest address of a page for tables and data, and slots for commands
	unsigned next_slot;
};

static uint8_t take(void *data) {
	struct game *g = data;
	if (g->left == 0) {
		return 0;
	}
	g->left--;
	return *g->bytes++;
}

static uint64_t take_many(struct game *g, unsigned count) {
	uint64_t value = 0;
	for (unsigned i = 0; i < count; i++) {
		value = value << 8 | take(g);
	}
	return value;
}

static void pump(void *data, int timeout_ms) {
	wl_event_loop_dispatch(data, timeout_ms);
}

static void turn(struct game *g) {
	char replies[512];
	ssize_t bytes;
	wl_event_loop_dispatch(g->loop, 0);
	do {
		bytes = recv(g->front->fd, replies, sizeof(replies), MSG_DONTWAIT);
	} while (bytes > 0);
	g->dropped = bytes == 0;
}

// --- Moves of a guest ---------------------------------------------------------------------

// Addresses on this side and on that of every limit.
static uint64_t take_address(struct game *g) {
	const struct fake_region *low = &g->guest->regions[0], *high = &g->guest->regions[1];
	uint8_t kind = take(g);
	uint64_t offset = take(g);
	switch (kind % 8) {
	case 0:
		return low->size_bytes - offset;
	case 1:
		return high->guest_address - offset;
	case 2:
		return high->guest_address + offset;
	case 3:
		return UINT64_MAX - offset;
	case 4:
		return take_many(g, 8);
	case 5: // the rings themselves
		return (uint64_t)((uint8_t *)g->front->queues[kind % QUEUES].descriptors -
			       low->bytes) +
			offset;
	default:
		return g->arena + offset * 16;
	}
}

static uint32_t take_length(struct game *g) {
	uint8_t kind = take(g);
	switch (kind % 4) {
	case 0:
		return (uint32_t)take_many(g, 4);
	case 1:
		return (kind / 4) * 16u;
	default:
		return kind / 4;
	}
}

static void write_descriptor(struct game *g, struct fake_queue *queue) {
	uint8_t where = take(g);
	struct vring_desc desc = {.addr = take_address(g), .len = take_length(g)};
	desc.flags = take(g) % 8;
	desc.next = where % 4 == 3 ? (uint16_t)take_many(g, 2) : take(g) % QUEUE_SIZE;
	if (where % 2 == 0) {
		queue->descriptors[where / 2 % queue->size] = desc;
	} else {
		memcpy(fake_guest_at(g->guest, g->arena + (where / 2) * 16u), &desc, sizeof(desc));
	}
}

static void offer(struct game *g, struct fake_queue *queue) {
	uint8_t count = take(g) % 4, head = take(g);
	for (unsigned i = 0; i < count; i++) {
		queue->available->ring[queue->available_index % queue->size] = head >= 250
			? (uint16_t)(head * 257u)
			: (uint16_t)((head + i) % queue->size);
		queue->available_index++;
	}
	__atomic_store_n(&queue->available->idx, queue->available_index, __ATOMIC_RELEASE);
	fake_queue_kick_always(queue);
}

// A command that is whole, in two descriptors; it is what it says that is hostile.
static void submit(struct game *g, struct fake_queue *queue) {
	uint8_t command[RING_PLAYER_COMMAND_BYTES] = {0};
	unsigned slot = g->next_slot++ % SLOTS;
	uint64_t address = g->arena + 2 * PAGE_BYTES +
		slot * (RING_PLAYER_COMMAND_BYTES + RESPONSE_BYTES);
	uint16_t head = (uint16_t)(slot * 2 % queue->size);
	uint8_t shape = take(g);
	size_t size = g->target->command(command, queue->index, take, g);
	memcpy(fake_guest_at(g->guest, address), command, size);
	queue->descriptors[head] = (struct vring_desc){
		.addr = address,
		.len = shape < 240 ? (uint32_t)size : shape - 240u,
		.flags = VRING_DESC_F_NEXT,
		.next = (uint16_t)(head + 1),
	};
	queue->descriptors[head + 1] = (struct vring_desc){
		.addr = address + RING_PLAYER_COMMAND_BYTES,
		.len = shape % 16 != 0 ? RESPONSE_BYTES : shape / 4,
		.flags = VRING_DESC_F_WRITE,
	};
	queue->available->ring[queue->available_index++ % queue->size] = head;
	__atomic_store_n(&queue->available->idx, queue->available_index, __ATOMIC_RELEASE);
	fake_queue_kick_always(queue);
}

static void scribble(struct game *g, struct fake_queue *queue) {
	uint8_t what = take(g);
	uint16_t value = (uint16_t)take_many(g, 2);
	switch (what % 6) {
	case 0:
		queue->available->idx = value;
		break;
	case 1:
		queue->available->flags = value;
		break;
	case 2:
		queue->used->idx = value;
		break;
	case 3:
		queue->used->flags = value;
		break;
	case 4:
		queue->available->ring[queue->size] = value;
		break;
	default:
		queue->available->ring[what % queue->size] = value;
	}
}

// --- Moves of a front end -----------------------------------------------------------------

static int take_fd(struct game *g) {
	int fd;
	switch (take(g) % 6) {
	case 0:
		return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	case 1:
		return open("/dev/null", O_RDWR | O_CLOEXEC);
	case 2:
		fd = memfd_create("ring player", MFD_CLOEXEC | MFD_ALLOW_SEALING);
		if (ftruncate(fd, 65536) == 0) {
			fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK);
		}
		return fd;
	case 3:
		return dup(g->guest->regions[0].fd);
	default:
		return eventfd(take(g), EFD_CLOEXEC);
	}
}

// The size that the request has, most of the time.
static uint32_t take_size(struct game *g, uint32_t request) {
	uint8_t kind = take(g);
	if (kind >= 224) {
		return take(g) * 4u;
	}
	switch (request) {
	case VHOST_USER_SET_VRING_ADDR:
		return sizeof(struct vhost_vring_addr);
	case VHOST_USER_SET_MEM_TABLE:
		return 8 + kind % 4 * (uint32_t)sizeof(struct memory_region_info);
	case VHOST_USER_GET_CONFIG:
	case VHOST_USER_SET_CONFIG:
		return VHOST_USER_CONFIG_HEADER_BYTES + kind;
	case VHOST_USER_GET_PROTOCOL_FEATURES:
	case VHOST_USER_GET_QUEUE_NUM:
	case VHOST_USER_SET_BACKEND_REQ_FD:
		return 0;
	default:
		return request <= VHOST_USER_SET_OWNER || request >= VHOST_USER_GPU_SET_SOCKET ? 0
											       : 8;
	}
}

static void fill_payload(struct game *g, uint32_t request, uint32_t *payload, uint32_t size) {
	for (unsigned i = 0; i < size / 4; i++) {
		uint8_t byte = take(g);
		payload[i] = byte < 240 ? byte % 4 : (uint32_t)take_many(g, 4);
	}
	if (request == VHOST_USER_SET_MEM_TABLE) {
		payload[0] = size / sizeof(struct memory_region_info);
	} else if (request == VHOST_USER_GET_CONFIG || request == VHOST_USER_SET_CONFIG) {
		payload[1] = size - VHOST_USER_CONFIG_HEADER_BYTES;
	}
}

static void send_anything(struct game *g) {
	uint32_t payload[300] = {0};
	uint32_t request = take(g) % 40, size = take_size(g, request), flags = take(g) & 15u;
	int fds[40];
	unsigned fd_count = take(g) % 8;
	if (request == VHOST_USER_SET_MEM_TABLE) {
		fd_count = fd_count == 7 ? 40 : size / sizeof(struct memory_region_info);
	} else if (request == VHOST_USER_SET_FEATURES || fd_count > 3) {
		fd_count = 0;
	}
	fill_payload(g, request, payload, size);
	for (unsigned i = 0; i < fd_count; i++) {
		fds[i] = take_fd(g);
	}
	fake_device_send(
		g->front, request, flags & ~VHOST_USER_FLAG_REPLY, payload, size, fds, fd_count);
	for (unsigned i = 0; i < fd_count; i++) {
		close(fds[i]);
	}
}

static void connect_front(struct game *g) {
	struct fake_guest *guest = g->guest;
	fake_device_destroy(g->front);
	for (unsigned i = 0; i < 3; i++) {
		wl_event_loop_dispatch(g->loop, 0);
	}
	guest->next_free[0] = 4096;
	guest->next_free[1] = guest->regions[1].guest_address;
	g->arena = fake_guest_alloc(guest, ARENA_BYTES, PAGE_BYTES);
	g->front = fake_device_connect(guest, g->sock.path);
	g->front->need_reply = false;
	g->front->features = g->target->features;
	fake_device_send_u64(g->front, VHOST_USER_SET_PROTOCOL_FEATURES,
		UINT64_C(1) << VHOST_USER_PROTOCOL_F_CONFIG |
			UINT64_C(1) << VHOST_USER_PROTOCOL_F_MQ |
			UINT64_C(1) << VHOST_USER_PROTOCOL_F_REPLY_ACK |
			UINT64_C(1) << VHOST_USER_PROTOCOL_F_BACKEND_REQ |
			UINT64_C(1) << VHOST_USER_PROTOCOL_F_RESET_DEVICE,
		NULL);
	fake_device_send_u64(g->front, VHOST_USER_SET_FEATURES, g->front->features, NULL);
	fake_device_set_mem_table(g->front);
	for (unsigned i = 0; i < QUEUES; i++) {
		fake_device_start_queue(g->front, i, QUEUE_SIZE);
	}
	turn(g);
}

static void restart(struct game *g, struct fake_queue *queue) {
	struct vhost_vring_state state = {.index = queue->index};
	fake_device_send(g->front, VHOST_USER_GET_VRING_BASE, 0, &state, sizeof(state), NULL, 0);
	turn(g);
	g->guest->next_free[0] = g->arena + ARENA_BYTES + (64 << 10);
	fake_device_start_queue(g->front, queue->index, QUEUE_SIZE);
}

static void move(struct game *g, void *device) {
	if (g->dropped) {
		connect_front(g);
	}
	uint8_t kind = take(g);
	struct fake_queue *queue = &g->front->queues[kind / 16 % QUEUES];
	if (g->target->command != NULL && kind < 224) {
		// A queue breaks at the first bad ring, and behind a broken one nothing is found.
		if (kind % 4 == 0) {
			uint8_t what = take(g);
			g->target->host(device, what, take(g));
		} else {
			submit(g, &g->front->queues[kind % 16 == 1]);
		}
		turn(g);
		return;
	}
	switch (kind % 16) {
	case 0:
		send_anything(g);
		break;
	case 1:
		scribble(g, queue);
		break;
	case 2:
		restart(g, queue);
		break;
	case 3:
		fake_device_set_mem_table(g->front);
		break;
	case 4:
		if (kind >= 240) {
			connect_front(g);
		}
		break;
	case 5:
	case 6:
		if (g->target->host != NULL) {
			uint8_t what = take(g);
			g->target->host(device, what, take(g));
		}
		break;
	case 7:
		send(g->front->fd, "\1\0\0\0\1\0\0\0\0\0\0\0", kind / 16 % 13, MSG_NOSIGNAL);
		break;
	case 8:
	case 9:
		offer(g, queue);
		break;
	case 10:
		fake_queue_kick_always(queue);
		break;
	default:
		write_descriptor(g, queue);
		return; // without a turn of the loop
	}
	turn(g);
}

void ring_player_run(const struct ring_player_target *target, const uint8_t *bytes, size_t size) {
	struct game g = {.bytes = bytes, .left = size, .target = target};
	int listen_fd = fake_socket_listen(&g.sock);
	g.loop = wl_event_loop_create();
	void *device = target->create(g.loop, listen_fd);
	g.guest = fake_guest_create(GUEST_BYTES);
	g.guest->pump = pump;
	g.guest->pump_data = g.loop;
	connect_front(&g);
	while (g.left > 0) {
		move(&g, device);
	}
	connect_front(&g); // whatever happened, the next one is served
	fake_device_destroy(g.front);
	target->destroy(device);
	fake_guest_destroy(g.guest);
	wl_event_loop_destroy(g.loop);
	fake_socket_remove(&g.sock);
}
