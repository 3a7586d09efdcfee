/*
 * The wire format of the vhost-user protocol, front-end requests of version 1.
 *
 * vhost-user protocol, "Message Specification". All numbers are in native byte order.
 */
#ifndef VHOST_VHOST_USER_PROTOCOL_H
#define VHOST_VHOST_USER_PROTOCOL_H

#include <linux/vhost_types.h>
#include <stdint.h>

#include "memory.h"

#define VHOST_USER_VERSION 1u
#define VHOST_USER_FLAG_VERSION_MASK 3u
#define VHOST_USER_FLAG_REPLY (1u << 2)
#define VHOST_USER_FLAG_NEED_REPLY (1u << 3)

#define VHOST_USER_MAX_PAYLOAD_BYTES 4096
#define VHOST_USER_MAX_CONFIG_BYTES 256
#define VHOST_USER_MAX_FDS MEMORY_MAX_REGIONS

/** Feature bit that means: protocol features are negotiated. */
#define VHOST_USER_F_PROTOCOL_FEATURES 30

enum vhost_user_protocol_feature {
	VHOST_USER_PROTOCOL_F_MQ = 0,
	VHOST_USER_PROTOCOL_F_REPLY_ACK = 3,
	VHOST_USER_PROTOCOL_F_BACKEND_REQ = 5,
	VHOST_USER_PROTOCOL_F_CONFIG = 9,
	VHOST_USER_PROTOCOL_F_RESET_DEVICE = 13,
};

enum vhost_user_request {
	VHOST_USER_GET_FEATURES = 1,
	VHOST_USER_SET_FEATURES = 2,
	VHOST_USER_SET_OWNER = 3,
	VHOST_USER_RESET_OWNER = 4,
	VHOST_USER_SET_MEM_TABLE = 5,
	VHOST_USER_SET_VRING_NUM = 8,
	VHOST_USER_SET_VRING_ADDR = 9,
	VHOST_USER_SET_VRING_BASE = 10,
	VHOST_USER_GET_VRING_BASE = 11,
	VHOST_USER_SET_VRING_KICK = 12,
	VHOST_USER_SET_VRING_CALL = 13,
	VHOST_USER_SET_VRING_ERR = 14,
	VHOST_USER_GET_PROTOCOL_FEATURES = 15,
	VHOST_USER_SET_PROTOCOL_FEATURES = 16,
	VHOST_USER_GET_QUEUE_NUM = 17,
	VHOST_USER_SET_VRING_ENABLE = 18,
	VHOST_USER_SET_BACKEND_REQ_FD = 21,
	VHOST_USER_GET_CONFIG = 24,
	VHOST_USER_SET_CONFIG = 25,
	VHOST_USER_GPU_SET_SOCKET = 33,
	VHOST_USER_RESET_DEVICE = 34,
};

enum vhost_user_backend_request {
	VHOST_USER_BACKEND_CONFIG_CHANGE_MSG = 2,
};

struct vhost_user_header {
	uint32_t request;
	uint32_t flags;
	uint32_t size; // of the payload, in bytes
};

#define VHOST_USER_VRING_INDEX_MASK 0xffu
#define VHOST_USER_VRING_NO_FD (1u << 8)

struct vhost_user_memory {
	uint32_t region_count;
	uint32_t padding;
	struct memory_region_info regions[MEMORY_MAX_REGIONS];
};

struct vhost_user_config_payload {
	uint32_t offset;
	uint32_t size;
	uint32_t flags;
	uint8_t bytes[VHOST_USER_MAX_CONFIG_BYTES];
};

#define VHOST_USER_CONFIG_HEADER_BYTES 12

union vhost_user_payload {
	uint64_t u64;
	struct vhost_vring_state vring_state;
	struct vhost_vring_addr vring_address;
	struct vhost_user_memory memory;
	struct vhost_user_config_payload config;
	uint8_t bytes[VHOST_USER_MAX_PAYLOAD_BYTES];
};

struct vhost_user_message {
	struct vhost_user_header header;
	union vhost_user_payload payload;
	int fds[VHOST_USER_MAX_FDS];
	unsigned fd_count;
};

#endif
