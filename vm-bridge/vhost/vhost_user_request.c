// What QEMU may ask for: one row of the table per request, and its handler.
#include <linux/virtio_config.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vhost_user_private.h"

enum outcome {
	OUTCOME_DONE,
	OUTCOME_REFUSED, // told to QEMU where it asked for an acknowledgement
	OUTCOME_REPLY, // the message's payload was replaced by the reply
	OUTCOME_DROP, // vhost_user_drop() was called
};

typedef enum outcome (*handler)(struct vhost_user *device, struct vhost_user_message *message);

static enum outcome drop(struct vhost_user *device, const char *reason) {
	vhost_user_drop(device, reason);
	return OUTCOME_DROP;
}

static enum outcome reply_u64(struct vhost_user_message *message, uint64_t value) {
	message->payload.u64 = value;
	message->header.size = sizeof(value);
	return OUTCOME_REPLY;
}

static int take_fd(struct vhost_user_message *message, unsigned i) {
	int fd = message->fds[i];
	message->fds[i] = -1;
	return fd;
}

static bool is_socket(int fd) {
	struct stat stat;
	return fstat(fd, &stat) == 0 && S_ISSOCK(stat.st_mode);
}

// --- Negotiation --------------------------------------------------------------------------

static enum outcome get_features(struct vhost_user *device, struct vhost_user_message *message) {
	return reply_u64(message, vhost_user_features(device));
}

/*
 * QEMU's vhost-user-gpu passes on what the guest acknowledged, offered by us or not. The two
 * bits of old ring layouts ask nothing of the device; any other unknown one would change what
 * the rings mean.
 */
static enum outcome set_features(struct vhost_user *device, struct vhost_user_message *message) {
	const uint64_t harmless = UINT64_C(1) << VIRTIO_F_NOTIFY_ON_EMPTY |
		UINT64_C(1) << VIRTIO_F_ANY_LAYOUT;
	uint64_t features = message->payload.u64;
	device->connection->features_refused = (features &
						       ~(vhost_user_features(device) | harmless)) !=
		0;
	device->state.features = features & vhost_user_features(device);
	device->state.features_set = true;
	for (unsigned i = 0; i < device->info->queue_count; i++) {
		vhost_user_queue_update(device, i);
	}
	return device->connection->features_refused ? OUTCOME_REFUSED : OUTCOME_DONE;
}

#define PROTOCOL_FEATURES                                                                          \
	(UINT64_C(1) << VHOST_USER_PROTOCOL_F_MQ |                                                 \
		UINT64_C(1) << VHOST_USER_PROTOCOL_F_REPLY_ACK |                                   \
		UINT64_C(1) << VHOST_USER_PROTOCOL_F_BACKEND_REQ |                                 \
		UINT64_C(1) << VHOST_USER_PROTOCOL_F_CONFIG |                                      \
		UINT64_C(1) << VHOST_USER_PROTOCOL_F_RESET_DEVICE)

static enum outcome get_protocol_features(
	struct vhost_user *device, struct vhost_user_message *message) {
	return reply_u64(message, PROTOCOL_FEATURES);
}

static enum outcome set_protocol_features(
	struct vhost_user *device, struct vhost_user_message *message) {
	if ((message->payload.u64 & ~PROTOCOL_FEATURES) != 0) {
		return drop(device, "protocol feature that was not offered");
	}
	device->state.protocol_features = message->payload.u64;
	return OUTCOME_DONE;
}

static enum outcome set_owner(struct vhost_user *device, struct vhost_user_message *message) {
	return OUTCOME_DONE;
}

static enum outcome get_queue_num(struct vhost_user *device, struct vhost_user_message *message) {
	return reply_u64(message, device->info->queue_count);
}

static enum outcome reset_device(struct vhost_user *device, struct vhost_user_message *message) {
	for (unsigned i = 0; i < device->info->queue_count; i++) {
		vhost_user_queue_halt(device, i);
		device->state.queues[i].enabled = false;
	}
	vhost_user_emit_reset(device);
	return OUTCOME_DONE;
}

// --- Memory -------------------------------------------------------------------------------

static enum outcome set_mem_table(struct vhost_user *device, struct vhost_user_message *message) {
	const struct vhost_user_memory *table = &message->payload.memory;
	uint32_t count = table->region_count;
	if (count == 0 || count > MEMORY_MAX_REGIONS || count != message->fd_count ||
		message->header.size < offsetof(struct vhost_user_memory, regions) +
				count * sizeof(table->regions[0])) {
		return drop(device, "memory table whose regions, fds and size do not agree");
	}
	unsigned before = device->memory.region_count;
	message->fd_count = 0; // memory closes them, whatever comes
	const char *reason;
	if (!memory_set_table(&device->memory, table->regions, message->fds, count, &reason)) {
		return drop(device, reason);
	}
	for (unsigned i = 0; i < device->info->queue_count; i++) {
		virtqueue_remap(&device->queues[i]);
	}
	for (unsigned i = 0; i < count || i < before; i++) {
		vhost_user_emit_fd(device, VHOST_USER_FD_MEMORY, i,
			i < count ? device->memory.regions[i].fd : -1);
	}
	wl_signal_emit_mutable(&device->events.memory, device);
	return OUTCOME_DONE;
}

// --- Queues -------------------------------------------------------------------------------

static bool is_queue(const struct vhost_user *device, uint64_t index) {
	return index < device->info->queue_count;
}

static const char no_such_queue[] = "request for a queue that is not there";

// A size that no queue can have may come from the guest: that breaks the queue at its start.
static enum outcome set_vring_num(struct vhost_user *device, struct vhost_user_message *message) {
	struct vhost_vring_state untrusted = message->payload.vring_state;
	if (!is_queue(device, untrusted.index)) {
		return drop(device, no_such_queue);
	}
	if (device->queues[untrusted.index].running) {
		return OUTCOME_REFUSED;
	}
	bool fits = untrusted.num <= device->info->queue_size_max;
	device->state.queues[untrusted.index].size = fits ? untrusted.num : UINT32_MAX;
	return fits ? OUTCOME_DONE : OUTCOME_REFUSED;
}

static enum outcome set_vring_addr(struct vhost_user *device, struct vhost_user_message *message) {
	struct vhost_vring_addr untrusted = message->payload.vring_address;
	if (!is_queue(device, untrusted.index)) {
		return drop(device, no_such_queue);
	}
	struct virtqueue_state *state = &device->state.queues[untrusted.index];
	state->descriptor_address = untrusted.desc_user_addr;
	state->available_address = untrusted.avail_user_addr;
	state->used_address = untrusted.used_user_addr;
	state->has_address = true;
	virtqueue_remap(&device->queues[untrusted.index]);
	vhost_user_queue_update(device, untrusted.index);
	return OUTCOME_DONE;
}

static enum outcome set_vring_base(struct vhost_user *device, struct vhost_user_message *message) {
	struct vhost_vring_state untrusted = message->payload.vring_state;
	if (!is_queue(device, untrusted.index)) {
		return drop(device, no_such_queue);
	}
	if (untrusted.num > UINT16_MAX) {
		return drop(device, "base of a queue beyond its index");
	}
	if (device->queues[untrusted.index].running) {
		return OUTCOME_REFUSED;
	}
	device->state.queues[untrusted.index].last_available = (uint16_t)untrusted.num;
	return OUTCOME_DONE;
}

static enum outcome get_vring_base(struct vhost_user *device, struct vhost_user_message *message) {
	uint32_t index = message->payload.vring_state.index;
	if (!is_queue(device, index)) {
		return drop(device, no_such_queue);
	}
	vhost_user_queue_halt(device, index);
	message->payload.vring_state.num = device->state.queues[index].last_available;
	return OUTCOME_REPLY;
}

static enum outcome set_vring_enable(
	struct vhost_user *device, struct vhost_user_message *message) {
	struct vhost_vring_state untrusted = message->payload.vring_state;
	if (!is_queue(device, untrusted.index)) {
		return drop(device, no_such_queue);
	}
	device->state.queues[untrusted.index].enabled = untrusted.num != 0;
	vhost_user_queue_update(device, untrusted.index);
	return OUTCOME_DONE;
}

// Rows with an fd: either that, or the flag which says that there is none. An event fd has no
// file type; with anything else a peer could make a read block, a write fail, or a signal rise.
static bool vring_fd(
	struct vhost_user *device, struct vhost_user_message *message, unsigned *index, int *fd) {
	uint64_t value = message->payload.u64;
	bool has_fd = (value & VHOST_USER_VRING_NO_FD) == 0;
	struct stat stat;
	*index = value & VHOST_USER_VRING_INDEX_MASK;
	if (!is_queue(device, *index)) {
		drop(device, no_such_queue);
		return false;
	}
	if (message->fd_count != (has_fd ? 1 : 0)) {
		drop(device, "vring message without its fd, or with one too many");
		return false;
	}
	if (has_fd && (fstat(message->fds[0], &stat) != 0 || (stat.st_mode & S_IFMT) != 0)) {
		drop(device, "vring fd is not an event fd");
		return false;
	}
	*fd = has_fd ? take_fd(message, 0) : -1;
	return true;
}

static enum outcome set_vring_kick(struct vhost_user *device, struct vhost_user_message *message) {
	unsigned index;
	int fd;
	if (!vring_fd(device, message, &index, &fd)) {
		return OUTCOME_DROP;
	}
	if (fd < 0 || !vhost_user_queue_set_kick(device, index, fd)) {
		return drop(device, "queue without a usable kick fd");
	}
	vhost_user_queue_update(device, index);
	return OUTCOME_DONE;
}

static enum outcome set_vring_call(struct vhost_user *device, struct vhost_user_message *message) {
	unsigned index;
	int fd;
	if (!vring_fd(device, message, &index, &fd)) {
		return OUTCOME_DROP;
	}
	vhost_user_queue_set_call(device, index, fd);
	return OUTCOME_DONE;
}

static enum outcome set_vring_err(struct vhost_user *device, struct vhost_user_message *message) {
	unsigned index;
	int fd;
	if (!vring_fd(device, message, &index, &fd)) {
		return OUTCOME_DROP;
	}
	vhost_user_queue_set_error(device, index, fd);
	return OUTCOME_DONE;
}

// --- Configuration space, and sockets -----------------------------------------------------

static bool config_range(
	const struct vhost_user *device, const struct vhost_user_message *message) {
	const struct vhost_user_config_payload *config = &message->payload.config;
	return config->size <= VHOST_USER_MAX_CONFIG_BYTES &&
		config->offset <= VHOST_USER_MAX_CONFIG_BYTES - config->size &&
		message->header.size == VHOST_USER_CONFIG_HEADER_BYTES + config->size;
}

// What lies beyond the device's own space reads as zeros, as in QEMU.
static enum outcome get_config(struct vhost_user *device, struct vhost_user_message *message) {
	struct vhost_user_config_payload *config = &message->payload.config;
	if (!config_range(device, message)) {
		return drop(device, "configuration access whose size and range do not agree");
	}
	uint32_t end = device->info->config_bytes;
	uint32_t size = config->size;
	memset(config->bytes, 0, sizeof(config->bytes));
	if (config->offset < end) {
		uint32_t part = end - config->offset < size ? end - config->offset : size;
		if (part > 0 &&
			!device->info->config_read(
				device->data, config->offset, config->bytes, part)) {
			message->header.size = 0; // this is how an error is told
		}
	}
	return OUTCOME_REPLY;
}

static enum outcome set_config(struct vhost_user *device, struct vhost_user_message *message) {
	const struct vhost_user_config_payload *config = &message->payload.config;
	if (!config_range(device, message)) {
		return drop(device, "configuration access whose size and range do not agree");
	}
	uint32_t end = device->info->config_bytes;
	if (device->info->config_write == NULL || config->offset >= end || config->size == 0) {
		return OUTCOME_REFUSED;
	}
	uint32_t part = end - config->offset < config->size ? end - config->offset : config->size;
	return device->info->config_write(device->data, config->offset, config->bytes, part)
		? OUTCOME_DONE
		: OUTCOME_REFUSED;
}

static enum outcome set_backend_req_fd(
	struct vhost_user *device, struct vhost_user_message *message) {
	if (!is_socket(message->fds[0])) {
		return drop(device, "back-end channel is not a socket");
	}
	if (device->connection->backend_fd >= 0) {
		close(device->connection->backend_fd);
	}
	device->connection->backend_fd = take_fd(message, 0);
	return OUTCOME_DONE;
}

// QEMU sends one with every start of the guest's driver, and may still watch the earlier ones.
static enum outcome gpu_set_socket(struct vhost_user *device, struct vhost_user_message *message) {
	struct vhost_user_connection *connection = device->connection;
	if (!is_socket(message->fds[0])) {
		return drop(device, "GPU socket is not a socket");
	}
	unsigned index = connection->next_gpu_socket;
	connection->next_gpu_socket = (index + 1) % VHOST_USER_MAX_GPU_SOCKETS;
	if (connection->gpu_sockets[index] >= 0) {
		close(connection->gpu_sockets[index]);
	}
	connection->gpu_sockets[index] = take_fd(message, 0);
	vhost_user_emit_fd(device, VHOST_USER_FD_GPU_SOCKET, index, connection->gpu_sockets[index]);
	wl_signal_emit_mutable(&device->events.gpu_socket, &connection->gpu_sockets[index]);
	return OUTCOME_DONE;
}

// --- Table --------------------------------------------------------------------------------

struct row {
	handler handle; // NULL: unknown request
	uint16_t size_min; // of the payload, in bytes
	uint16_t size_max;
	uint8_t fds_min;
	uint8_t fds_max;
	int8_t protocol_feature; // that must be negotiated; -1: none
};

#define ROW(handle, size) {handle, size, size, 0, 0, -1}
#define ROW_FD(handle, size, min, max) {handle, size, size, min, max, -1}
#define STATE_BYTES sizeof(struct vhost_vring_state)

static const struct row rows[] = {
	[VHOST_USER_GET_FEATURES] = ROW(get_features, 0),
	[VHOST_USER_SET_FEATURES] = ROW(set_features, 8),
	[VHOST_USER_SET_OWNER] = ROW(set_owner, 0),
	[VHOST_USER_RESET_OWNER] = ROW(reset_device, 0),
	[VHOST_USER_SET_MEM_TABLE] = {set_mem_table, 8, sizeof(struct vhost_user_memory), 1,
		VHOST_USER_MAX_FDS, -1},
	[VHOST_USER_SET_VRING_NUM] = ROW(set_vring_num, STATE_BYTES),
	[VHOST_USER_SET_VRING_ADDR] = ROW(set_vring_addr, sizeof(struct vhost_vring_addr)),
	[VHOST_USER_SET_VRING_BASE] = ROW(set_vring_base, STATE_BYTES),
	[VHOST_USER_GET_VRING_BASE] = ROW(get_vring_base, STATE_BYTES),
	[VHOST_USER_SET_VRING_KICK] = ROW_FD(set_vring_kick, 8, 0, 1),
	[VHOST_USER_SET_VRING_CALL] = ROW_FD(set_vring_call, 8, 0, 1),
	[VHOST_USER_SET_VRING_ERR] = ROW_FD(set_vring_err, 8, 0, 1),
	[VHOST_USER_GET_PROTOCOL_FEATURES] = ROW(get_protocol_features, 0),
	[VHOST_USER_SET_PROTOCOL_FEATURES] = ROW(set_protocol_features, 8),
	[VHOST_USER_GET_QUEUE_NUM] = {get_queue_num, 0, 0, 0, 0, VHOST_USER_PROTOCOL_F_MQ},
	[VHOST_USER_SET_VRING_ENABLE] = ROW(set_vring_enable, STATE_BYTES),
	[VHOST_USER_SET_BACKEND_REQ_FD] = {set_backend_req_fd, 0, 0, 1, 1,
		VHOST_USER_PROTOCOL_F_BACKEND_REQ},
	[VHOST_USER_GET_CONFIG] = {get_config, VHOST_USER_CONFIG_HEADER_BYTES,
		sizeof(struct vhost_user_config_payload), 0, 0, VHOST_USER_PROTOCOL_F_CONFIG},
	[VHOST_USER_SET_CONFIG] = {set_config, VHOST_USER_CONFIG_HEADER_BYTES,
		sizeof(struct vhost_user_config_payload), 0, 0, VHOST_USER_PROTOCOL_F_CONFIG},
	[VHOST_USER_GPU_SET_SOCKET] = ROW_FD(gpu_set_socket, 0, 1, 1),
	[VHOST_USER_RESET_DEVICE] = {reset_device, 0, 0, 0, 0, VHOST_USER_PROTOCOL_F_RESET_DEVICE},
};

static bool has_protocol_feature(const struct vhost_user *device, int8_t feature) {
	return feature < 0 || (device->state.protocol_features & (UINT64_C(1) << feature)) != 0;
}

static const char *check_row(const struct vhost_user *device,
	const struct vhost_user_message *message, const struct row **row) {
	uint32_t request = message->header.request;
	if (request >= sizeof(rows) / sizeof(rows[0]) || rows[request].handle == NULL) {
		return "unknown vhost-user request";
	}
	*row = &rows[request];
	if (!has_protocol_feature(device, (*row)->protocol_feature)) {
		return "vhost-user request whose protocol feature was not negotiated";
	}
	if (message->header.size < (*row)->size_min || message->header.size > (*row)->size_max) {
		return "vhost-user message of a wrong size";
	}
	if (message->fd_count < (*row)->fds_min || message->fd_count > (*row)->fds_max) {
		return "vhost-user message with missing or surplus fds";
	}
	return NULL;
}

void vhost_user_handle_message(struct vhost_user *device) {
	struct vhost_user_connection *connection = device->connection;
	struct vhost_user_message *message = &connection->message;
	const struct row *row;
	const char *reason = check_row(device, message, &row);
	if (reason != NULL) {
		vhost_user_drop(device, reason);
		return;
	}

	bool need_reply = (message->header.flags & VHOST_USER_FLAG_NEED_REPLY) != 0 &&
		has_protocol_feature(device, VHOST_USER_PROTOCOL_F_REPLY_ACK);
	enum outcome outcome = row->handle(device, message);
	if (outcome == OUTCOME_DROP || connection->drop_idle != NULL) {
		return;
	}
	if (outcome != OUTCOME_REPLY) {
		if (!need_reply) {
			return;
		}
		reply_u64(message, outcome == OUTCOME_REFUSED);
	}
	if (!vhost_user_send(connection->fd, message->header.request, VHOST_USER_FLAG_REPLY,
		    &message->payload, message->header.size)) {
		vhost_user_drop(device, "QEMU does not read its replies");
	}
}
