// virtio-gpu for the ring player: commands whose fields lie on both sides of every limit.
#include <assert.h>
#include <linux/virtio_config.h>
#include <linux/virtio_gpu.h>
#include <linux/virtio_ring.h>
#include <stdlib.h>
#include <string.h>

#include "fake_renderer.h"
#include "fake_window.h"
#include "ring_player.h"
#include "vhost_user_protocol.h"
#include "virtio_gpu.h"

#define RESOURCES 4
#define SCANOUTS 3
#define CONTEXTS 3

struct machine {
	struct window_client *client;
	struct virtio_gpu *gpu;
	struct fake_renderer renderer;
};

/** Another renderer in the place of the one there is, if any. */
static void replace_renderer(struct machine *machine) {
	fake_renderer_close(&machine->renderer);
	virtio_gpu_set_renderer(machine->gpu, fake_renderer_open(&machine->renderer));
	if (fake_renderer_take_rings(&machine->renderer)) {
		fake_renderer_be_ready(&machine->renderer);
	}
}

static void *gpu_create(struct wl_event_loop *loop, int listen_fd) {
	struct machine *machine = calloc(1, sizeof(*machine));
	const struct window_client_options window_options = {
		.title = "Fuzz", .count = SCANOUTS, .width = 64, .height = 48};
	const struct virtio_gpu_options options = {
		.name = "Fuzz", .transport = VIRTIO_GPU_TRANSPORT_DEVICE, .virgl = true};
	machine->renderer.socket_fd = -1;
	machine->client = window_client_create(loop, &window_options);
	machine->gpu = virtio_gpu_create(loop, listen_fd, machine->client, &options);
	machine->gpu->remote->drain_ms = 0; // ours has nothing to finish
	for (unsigned i = 0; i < SCANOUTS; i++) {
		fake_window_become_ready(fake_window_of(machine->client->windows[i]));
	}
	replace_renderer(machine);
	return machine;
}

static void gpu_destroy(void *device) {
	struct machine *machine = device;
	for (unsigned i = 0; i < SCANOUTS; i++) {
		assert(!fake_window_of(machine->client->windows[i])->torn);
	}
	fake_renderer_close(&machine->renderer);
	window_client_disconnect(machine->client);
	virtio_gpu_destroy(machine->gpu);
	window_client_destroy(machine->client);
	free(machine);
}

/** A command is run, well or badly; sometimes the renderer says what none says. */
static void play_renderer(struct machine *machine, uint8_t value) {
	struct fake_renderer *renderer = &machine->renderer;
	uint32_t type;
	size_t bytes;
	if (!renderer->has_rings) {
		return;
	}
	if (value >= 250) {
		fake_renderer_done(renderer, renderer->done_serial + value % 3, value);
	} else if (value >= 240) {
		fake_renderer_fenced(renderer, renderer->done_serial - value % 8, value % 2);
	} else if (value >= 200) {
		fake_renderer_run(renderer, VIRTIO_GPU_RESP_OK_NODATA);
	} else if (fake_renderer_next(renderer, &type, &bytes)) {
		const struct render_header *header = (const void *)renderer->body;
		fake_renderer_done(renderer, header->serial,
			value % 4 != 0 ? VIRTIO_GPU_RESP_OK_NODATA : VIRTIO_GPU_RESP_ERR_UNSPEC);
		if (value % 8 > 1) {
			fake_renderer_fenced(renderer, header->serial, value % 8 > 3);
		}
	}
}

static void gpu_host(void *device, uint8_t what, uint8_t value) {
	struct machine *machine = device;
	struct window *window = machine->client->windows[what / 16 % SCANOUTS];
	struct fake_window *fake = fake_window_of(window);
	switch (what % 16) {
	case 0:
		fake_window_present(fake, window->last_serial - value % 4);
		break;
	case 1:
		if (value < 64) {
			fake_window_lose(fake);
			fake_window_regain(fake);
		}
		break;
	case 2:
		if (fake->held_count > 0) {
			fake_window_release(fake);
		}
		break;
	case 3:
		fake_window_set_mode(fake, value * what + 1u, value + 1u);
		break;
	case 4:
		fake->releases = value % 2 == 0;
		break;
	case 5:
		wl_signal_emit_mutable(&window->events.close, window);
		break;
	case 6:
		virtio_gpu_enable_all(machine->gpu);
		break;
	case 7:
		if (value < 32 || machine->renderer.socket_fd < 0) {
			replace_renderer(machine);
		} else if (value > 248) {
			fake_renderer_close(&machine->renderer);
		}
		break;
	case 8:
	case 9:
	case 10:
		play_renderer(machine, value);
		break;
	default:
		fake_window_become_ready(fake);
	}
}

// --- Commands -----------------------------------------------------------------------------

struct bytes {
	uint8_t (*take)(void *data);
	void *data;
};

static uint64_t number(struct bytes *bytes, unsigned count) {
	uint64_t value = 0;
	for (unsigned i = 0; i < count; i++) {
		value = value << 8 | bytes->take(bytes->data);
	}
	return value;
}

static uint32_t resource_id(struct bytes *bytes) {
	uint8_t kind = (uint8_t)number(bytes, 1);
	return kind < 250 ? kind % RESOURCES : (uint32_t)number(bytes, 4);
}

static uint32_t scanout_id(struct bytes *bytes) {
	uint8_t kind = (uint8_t)number(bytes, 1);
	return kind < 250 ? kind / 8 % SCANOUTS : kind < 254 ? SCANOUTS : UINT32_MAX;
}

static uint32_t extent(struct bytes *bytes) {
	static const uint32_t odd[] = {0, 1, 16384, 16385, 65535, INT32_MAX, 1u << 31, UINT32_MAX};
	uint8_t kind = (uint8_t)number(bytes, 1);
	return kind < 224 ? (kind % 8 != 0 ? 64 : kind % 80) : odd[kind % 8];
}

static struct virtio_gpu_rect rect(struct bytes *bytes) {
	uint8_t kind = (uint8_t)number(bytes, 1);
	if (kind < 64) {
		return (struct virtio_gpu_rect){.width = 64, .height = 64};
	}
	if (kind < 192) {
		return (struct virtio_gpu_rect){kind % 8, kind / 8, 1u + kind % 48, 1u + kind % 40};
	}
	struct virtio_gpu_rect r = {.x = extent(bytes), .y = extent(bytes)};
	r.width = extent(bytes);
	r.height = kind % 2 == 0 ? extent(bytes) : UINT32_MAX - r.y + kind % 4;
	return r;
}

static size_t attach(struct bytes *bytes, uint8_t *command) {
	struct {
		struct virtio_gpu_resource_attach_backing attach;
		struct virtio_gpu_mem_entry entries[8];
	} whole = {.attach = {.resource_id = resource_id(bytes)}};
	uint8_t count = (uint8_t)number(bytes, 1);
	unsigned there = count % 8;
	whole.attach.hdr.type = VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING;
	whole.attach.nr_entries = count < 224 ? there : (uint32_t)number(bytes, 4);
	for (unsigned i = 0; i < there; i++) {
		uint8_t kind = (uint8_t)number(bytes, 1);
		whole.entries[i].addr = kind < 200 ? number(bytes, 2) * 16 : number(bytes, 8);
		whole.entries[i].length = kind % 8 != 0 ? 4096u : (uint32_t)number(bytes, 4);
	}
	memcpy(command, &whole, sizeof(whole));
	return sizeof(whole.attach) + there * sizeof(whole.entries[0]);
}

static size_t cursor(struct bytes *bytes, uint8_t *command) {
	uint8_t kind = (uint8_t)number(bytes, 1);
	const struct virtio_gpu_update_cursor cursor = {
		.hdr.type = kind % 2 == 0 ? VIRTIO_GPU_CMD_UPDATE_CURSOR
					  : VIRTIO_GPU_CMD_MOVE_CURSOR,
		.pos = {.scanout_id = scanout_id(bytes), .x = extent(bytes), .y = extent(bytes)},
		.resource_id = resource_id(bytes),
		.hot_x = extent(bytes),
		.hot_y = extent(bytes),
	};
	memcpy(command, &cursor, sizeof(cursor));
	return sizeof(cursor);
}

static size_t transfer(struct bytes *bytes, uint8_t *command) {
	struct virtio_gpu_transfer_to_host_2d transfer = {
		.hdr.type = VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D,
		.r = rect(bytes),
		.resource_id = resource_id(bytes),
	};
	uint8_t kind = (uint8_t)number(bytes, 1);
	transfer.offset = kind < 192 ? kind * 4u : UINT64_MAX - number(bytes, 3);
	memcpy(command, &transfer, sizeof(transfer));
	return sizeof(transfer);
}

static size_t create(struct bytes *bytes, uint8_t *command) {
	const struct virtio_gpu_resource_create_2d create = {
		.hdr.type = VIRTIO_GPU_CMD_RESOURCE_CREATE_2D,
		.resource_id = resource_id(bytes),
		.format = number(bytes, 1) % 4 != 0 ? VIRTIO_GPU_FORMAT_R8G8B8A8_UNORM
						    : (uint32_t)number(bytes, 1),
		.width = extent(bytes),
		.height = extent(bytes),
	};
	memcpy(command, &create, sizeof(create));
	return sizeof(create);
}

static size_t with_rect(struct bytes *bytes, uint8_t *command, uint32_t type) {
	if (type == VIRTIO_GPU_CMD_SET_SCANOUT) {
		const struct virtio_gpu_set_scanout scanout = {
			.hdr.type = type,
			.r = rect(bytes),
			.scanout_id = scanout_id(bytes),
			.resource_id = resource_id(bytes),
		};
		memcpy(command, &scanout, sizeof(scanout));
		return sizeof(scanout);
	}
	const struct virtio_gpu_resource_flush flush = {
		.hdr.type = type, .r = rect(bytes), .resource_id = resource_id(bytes)};
	memcpy(command, &flush, sizeof(flush));
	return sizeof(flush);
}

static size_t create_3d(struct bytes *bytes, uint8_t *command) {
	const uint8_t kind = (uint8_t)number(bytes, 1);
	const struct virtio_gpu_resource_create_3d create = {
		.hdr.type = VIRTIO_GPU_CMD_RESOURCE_CREATE_3D,
		.resource_id = resource_id(bytes),
		.target = kind % 8 != 0 ? 2 : kind / 8 % 10,
		.format = kind % 4 != 0 ? VIRTIO_GPU_FORMAT_R8G8B8A8_UNORM : kind,
		.width = extent(bytes),
		.height = extent(bytes),
		.depth = kind < 240 ? 1 : extent(bytes),
		.array_size = kind < 240 ? 1 : extent(bytes),
		.nr_samples = kind < 240 ? 0 : extent(bytes),
	};
	memcpy(command, &create, sizeof(create));
	return sizeof(create);
}

static size_t transfer_3d(struct bytes *bytes, uint8_t *command) {
	const struct virtio_gpu_transfer_host_3d transfer = {
		.hdr.type = number(bytes, 1) % 2 == 0 ? VIRTIO_GPU_CMD_TRANSFER_TO_HOST_3D
						      : VIRTIO_GPU_CMD_TRANSFER_FROM_HOST_3D,
		.box = {.w = extent(bytes), .h = extent(bytes), .d = 1},
		.offset = number(bytes, 1),
		.resource_id = resource_id(bytes),
	};
	memcpy(command, &transfer, sizeof(transfer));
	return sizeof(transfer);
}

static size_t submit(struct bytes *bytes, uint8_t *command) {
	struct {
		struct virtio_gpu_cmd_submit submit;
		uint32_t words[8];
	} whole = {.submit.hdr.type = VIRTIO_GPU_CMD_SUBMIT_3D};
	const uint8_t kind = (uint8_t)number(bytes, 1);
	whole.submit.size = kind < 224 ? kind % 9 * 4u : (uint32_t)number(bytes, 4);
	memcpy(command, &whole, sizeof(whole));
	return sizeof(whole.submit) + kind % 8 * 4u;
}

static size_t context(struct bytes *bytes, uint8_t *command) {
	static const uint32_t types[] = {VIRTIO_GPU_CMD_CTX_CREATE, VIRTIO_GPU_CMD_CTX_CREATE,
		VIRTIO_GPU_CMD_CTX_DESTROY, VIRTIO_GPU_CMD_CTX_ATTACH_RESOURCE,
		VIRTIO_GPU_CMD_CTX_DETACH_RESOURCE, VIRTIO_GPU_CMD_GET_CAPSET_INFO,
		VIRTIO_GPU_CMD_GET_CAPSET};
	struct virtio_gpu_ctx_create create = {
		.hdr.type = types[number(bytes, 1) % 7],
		.nlen = resource_id(bytes), // of all of them the first number
		.context_init = (uint32_t)number(bytes, 1) % 3,
	};
	memcpy(command, &create, sizeof(create));
	return sizeof(create);
}

static size_t any_3d(struct bytes *bytes, uint8_t *command) {
	switch (number(bytes, 1) % 8) {
	case 0:
	case 1:
		return create_3d(bytes, command);
	case 2:
		return transfer_3d(bytes, command);
	case 3:
	case 4:
		return submit(bytes, command);
	default:
		return context(bytes, command);
	}
}

static size_t unref(struct bytes *bytes, uint8_t *command) {
	const struct virtio_gpu_resource_unref unref = {
		.hdr.type = VIRTIO_GPU_CMD_RESOURCE_UNREF, .resource_id = resource_id(bytes)};
	memcpy(command, &unref, sizeof(unref));
	return sizeof(unref);
}

/** What has no more than a header and perhaps a number behind it, known or not. */
static size_t simple(struct bytes *bytes, uint8_t *command) {
	static const uint32_t types[] = {VIRTIO_GPU_CMD_GET_DISPLAY_INFO,
		VIRTIO_GPU_CMD_RESOURCE_UNREF, VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING,
		VIRTIO_GPU_CMD_GET_EDID, VIRTIO_GPU_CMD_GET_CAPSET, VIRTIO_GPU_CMD_SUBMIT_3D,
		VIRTIO_GPU_CMD_CTX_CREATE, UINT32_MAX};
	const struct virtio_gpu_resource_unref unref = {
		.hdr.type = types[number(bytes, 1) % 8],
		.resource_id = resource_id(bytes),
	};
	memcpy(command, &unref, sizeof(unref));
	return sizeof(unref);
}

static size_t gpu_command(
	uint8_t *command, unsigned queue, uint8_t (*take)(void *data), void *data) {
	struct bytes bytes = {.take = take, .data = data};
	uint8_t kind = (uint8_t)number(&bytes, 1);
	size_t size;
	if (queue == VIRTIO_GPU_QUEUE_CURSOR) {
		return cursor(&bytes, command);
	}
	switch (kind % 12) {
	case 0:
	case 1:
		size = create(&bytes, command);
		break;
	case 2:
		size = attach(&bytes, command);
		break;
	case 3:
		size = transfer(&bytes, command);
		break;
	case 4:
		size = with_rect(&bytes, command, VIRTIO_GPU_CMD_SET_SCANOUT);
		break;
	case 5:
	case 6:
		size = with_rect(&bytes, command, VIRTIO_GPU_CMD_RESOURCE_FLUSH);
		break;
	case 7:
		size = simple(&bytes, command);
		break;
	case 8:
		size = unref(&bytes, command);
		break;
	default:
		size = any_3d(&bytes, command);
	}
	struct virtio_gpu_ctrl_hdr header;
	memcpy(&header, command, sizeof(header));
	header.flags = kind < 64 ? VIRTIO_GPU_FLAG_FENCE : kind > 248 ? UINT32_MAX : 0;
	header.fence_id = kind;
	header.ctx_id = kind % CONTEXTS;
	memcpy(command, &header, sizeof(header));
	return size;
}

const struct ring_player_target ring_player_gpu = {
	.create = gpu_create,
	.destroy = gpu_destroy,
	.host = gpu_host,
	.command = gpu_command,
	.features = UINT64_C(1) << VIRTIO_F_VERSION_1 | UINT64_C(1) << VIRTIO_RING_F_EVENT_IDX |
		UINT64_C(1) << VIRTIO_RING_F_INDIRECT_DESC |
		UINT64_C(1) << VHOST_USER_F_PROTOCOL_FEATURES | UINT64_C(1) << VIRTIO_GPU_F_EDID |
		UINT64_C(1) << VIRTIO_GPU_F_VIRGL | UINT64_C(1) << VIRTIO_GPU_F_CONTEXT_INIT,
};
