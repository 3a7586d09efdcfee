#include "fake_gl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_gpu.h"

#define PAGE 4096
/** A guest waits for ever; a test or a measurement wants to end. */
#define PATIENCE (60000 / FAKE_TIMEOUT_MS)

static _Noreturn void die(const char *what) {
	fprintf(stderr, "fake GL: %s\n", what);
	exit(1);
}

// --- Memory -------------------------------------------------------------------------------

static uint64_t pages(uint64_t bytes) {
	return (bytes + PAGE - 1) & ~(uint64_t)(PAGE - 1);
}

static void remove_hole(struct fake_gl *gl, size_t i) {
	gl->holes_len--;
	memmove(&gl->holes[i], &gl->holes[i + 1], (gl->holes_len - i) * sizeof(gl->holes[0]));
}

static uint64_t take_memory(struct fake_gl *gl, uint64_t bytes) {
	bytes = pages(bytes);
	for (size_t i = 0; i < gl->holes_len; i++) {
		struct fake_gl_hole *hole = &gl->holes[i];
		if (hole->size_bytes < bytes) {
			continue;
		}
		uint64_t address = hole->guest_address;
		hole->guest_address += bytes;
		hole->size_bytes -= bytes;
		if (hole->size_bytes == 0) {
			remove_hole(gl, i);
		}
		return address;
	}
	die("out of guest memory for resources");
}

static void give_memory(struct fake_gl *gl, struct fake_gl_hole memory) {
	memory.size_bytes = pages(memory.size_bytes);
	const uint64_t end = memory.guest_address + memory.size_bytes;
	size_t i = 0;
	while (i < gl->holes_len && gl->holes[i].guest_address < memory.guest_address) {
		i++;
	}
	struct fake_gl_hole *before = i > 0 ? &gl->holes[i - 1] : NULL;
	struct fake_gl_hole *after = i < gl->holes_len ? &gl->holes[i] : NULL;
	const bool joins_after = after != NULL && after->guest_address == end;
	if (before != NULL && before->guest_address + before->size_bytes == memory.guest_address) {
		before->size_bytes += memory.size_bytes;
		if (joins_after) {
			before->size_bytes += after->size_bytes;
			remove_hole(gl, i);
		}
	} else if (joins_after) {
		after->guest_address = memory.guest_address;
		after->size_bytes += memory.size_bytes;
	} else {
		if (gl->holes_len == FAKE_GL_HOLES) {
			die("guest memory is in too many pieces");
		}
		memmove(&gl->holes[i + 1], &gl->holes[i],
			(gl->holes_len - i) * sizeof(gl->holes[0]));
		gl->holes[i] = memory;
		gl->holes_len++;
	}
}

// --- Commands -----------------------------------------------------------------------------

static void finish(struct fake_gl *gl, int head, const struct virtio_gpu_ctrl_hdr *response) {
	struct fake_gl_pending *pending = &gl->pending[head];
	if (response->type != VIRTIO_GPU_RESP_OK_NODATA) {
		gl->refused++;
		fprintf(stderr, "fake GL: command 0x%x was answered with 0x%x\n", pending->type,
			response->type);
	}
	if (pending->fenced) {
		gl->fences_done++;
	}
	if (pending->stream >= 0) {
		gl->streams_free |= UINT64_C(1) << pending->stream;
	}
	if (pending->memory.size_bytes > 0) {
		give_memory(gl, pending->memory);
	}
}

static void reap(struct fake_gl *gl) {
	const struct virtio_gpu_ctrl_hdr *response;
	int head;
	while ((head = fake_gpu_poll(gl->device, FAKE_GPU_CONTROL, &response, NULL)) >= 0) {
		finish(gl, head, response);
	}
}

static void wait_one(struct fake_gl *gl) {
	const struct virtio_gpu_ctrl_hdr *response;
	int head = -1;
	for (int i = 0; i < PATIENCE && head < 0; i++) {
		head = fake_gpu_complete(gl->device, FAKE_GPU_CONTROL, &response, NULL);
	}
	if (head < 0) {
		die("the device does not answer");
	}
	gl->waits++;
	finish(gl, head, response);
}

static struct fake_queue *control_queue(struct fake_gl *gl) {
	return &gl->device->queues[FAKE_GPU_CONTROL];
}

static void notify(struct fake_gl *gl) {
	fake_queue_kick(control_queue(gl));
}

// The request begins with a header.
static void offer(struct fake_gl *gl, const void *request, size_t size,
	const struct fake_buffer *extra, struct fake_gl_pending pending) {
	const struct virtio_gpu_ctrl_hdr *header = request;
	pending.fenced = (header->flags & VIRTIO_GPU_FLAG_FENCE) != 0;
	pending.type = header->type;
	int head;
	reap(gl);
	while ((head = fake_gpu_submit(gl->device, FAKE_GPU_CONTROL, request, size, extra)) < 0) {
		notify(gl);
		wait_one(gl);
	}
	gl->pending[head] = pending;
	gl->commands++;
}

static struct virtio_gpu_ctrl_hdr header(uint32_t type, uint32_t context) {
	return (struct virtio_gpu_ctrl_hdr){.type = type, .ctx_id = context};
}

static struct virtio_gpu_ctrl_hdr fenced(struct fake_gl *gl, uint32_t type, uint32_t context) {
	return (struct virtio_gpu_ctrl_hdr){
		.type = type,
		.ctx_id = context,
		.flags = VIRTIO_GPU_FLAG_FENCE,
		.fence_id = ++gl->fences_sent,
	};
}

static const struct fake_gl_pending nothing = {.stream = -1};

void fake_gl_init(struct fake_gl *gl, struct fake_device *device, uint64_t memory_bytes) {
	*gl = (struct fake_gl){.device = device, .streams_free = ~UINT64_C(0)};
	gl->streams = fake_guest_alloc(
		device->guest, (uint64_t)FAKE_GL_STREAMS * FAKE_GL_STREAM_BYTES, PAGE);
	gl->holes[0] = (struct fake_gl_hole){
		.guest_address = fake_guest_alloc_high(device->guest, memory_bytes, PAGE),
		.size_bytes = memory_bytes,
	};
	gl->holes_len = 1;
}

uint32_t fake_gl_capset(struct fake_gl *gl, uint32_t id, void *bytes, uint32_t size_bytes) {
	struct {
		struct virtio_gpu_ctrl_hdr header;
		uint8_t bytes[FAKE_GPU_RESPONSE_BYTES - sizeof(struct virtio_gpu_ctrl_hdr)];
	} answer;
	fake_gl_finish(gl); // nothing else may be on the way
	memset(bytes, 0, size_bytes);
	for (uint32_t index = 0;; index++) {
		struct virtio_gpu_resp_capset_info info = {0};
		const struct virtio_gpu_get_capset_info ask = {
			.hdr = header(VIRTIO_GPU_CMD_GET_CAPSET_INFO, 0),
			.capset_index = index,
		};
		fake_gpu_command(gl->device, &ask, sizeof(ask), NULL, &info, sizeof(info));
		if (info.hdr.type != VIRTIO_GPU_RESP_OK_CAPSET_INFO || info.capset_id == 0) {
			return 0;
		}
		if (info.capset_id != id) {
			continue;
		}
		const struct virtio_gpu_get_capset get = {
			.hdr = header(VIRTIO_GPU_CMD_GET_CAPSET, 0),
			.capset_id = id,
			.capset_version = info.capset_max_version,
		};
		const uint32_t size = fake_gpu_command(
			gl->device, &get, sizeof(get), NULL, &answer, sizeof(answer));
		if (answer.header.type != VIRTIO_GPU_RESP_OK_CAPSET ||
			size != sizeof(answer.header) + info.capset_max_size) {
			return 0;
		}
		memcpy(bytes, answer.bytes,
			info.capset_max_size < size_bytes ? info.capset_max_size : size_bytes);
		return info.capset_max_size;
	}
}

void fake_gl_context_create(struct fake_gl *gl, uint32_t context, const char *name) {
	struct virtio_gpu_ctx_create request = {
		.hdr = header(VIRTIO_GPU_CMD_CTX_CREATE, context),
		.nlen = (uint32_t)strnlen(name, sizeof(request.debug_name) - 1),
	};
	if ((gl->device->features & 1 << VIRTIO_GPU_F_CONTEXT_INIT) != 0) {
		request.context_init = VIRTIO_GPU_CAPSET_VIRGL2;
	}
	memcpy(request.debug_name, name, request.nlen);
	offer(gl, &request, sizeof(request), NULL, nothing);
	notify(gl);
}

void fake_gl_context_destroy(struct fake_gl *gl, uint32_t context) {
	const struct virtio_gpu_ctx_destroy request = {
		.hdr = header(VIRTIO_GPU_CMD_CTX_DESTROY, context),
	};
	offer(gl, &request, sizeof(request), NULL, nothing);
	notify(gl);
}

static void attach(struct fake_gl *gl, uint32_t type, uint32_t context, uint32_t resource) {
	const struct virtio_gpu_ctx_resource request = {
		.hdr = header(type, context),
		.resource_id = resource,
	};
	offer(gl, &request, sizeof(request), NULL, nothing);
}

uint64_t fake_gl_resource_create(struct fake_gl *gl, uint32_t context,
	const struct virtio_gpu_resource_create_3d *resource, uint64_t backing_bytes) {
	struct virtio_gpu_resource_create_3d request = *resource;
	request.hdr = header(VIRTIO_GPU_CMD_RESOURCE_CREATE_3D, 0);
	offer(gl, &request, sizeof(request), NULL, nothing);
	uint64_t address = 0;
	if (backing_bytes > 0) {
		address = take_memory(gl, backing_bytes);
		const struct {
			struct virtio_gpu_resource_attach_backing command;
			struct virtio_gpu_mem_entry entry;
		} backing = {
			.command = {.hdr = header(VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING, 0),
				.resource_id = request.resource_id,
				.nr_entries = 1},
			.entry = {.addr = address, .length = (uint32_t)pages(backing_bytes)},
		};
		offer(gl, &backing, sizeof(backing), NULL, nothing);
	}
	attach(gl, VIRTIO_GPU_CMD_CTX_ATTACH_RESOURCE, context, request.resource_id);
	notify(gl);
	return address;
}

void fake_gl_resource_destroy(struct fake_gl *gl, uint32_t context, uint32_t resource,
	uint64_t backing, uint64_t backing_bytes) {
	const struct virtio_gpu_resource_unref request = {
		.hdr = header(VIRTIO_GPU_CMD_RESOURCE_UNREF, 0),
		.resource_id = resource,
	};
	attach(gl, VIRTIO_GPU_CMD_CTX_DETACH_RESOURCE, context, resource);
	offer(gl, &request, sizeof(request), NULL,
		(struct fake_gl_pending){.stream = -1, .memory = {backing, backing_bytes}});
	notify(gl);
}

void fake_gl_transfer(struct fake_gl *gl, uint32_t context, uint32_t resource, bool to_host,
	const struct fake_gl_box *box) {
	const struct virtio_gpu_transfer_host_3d request = {
		.hdr = fenced(gl,
			to_host ? VIRTIO_GPU_CMD_TRANSFER_TO_HOST_3D
				: VIRTIO_GPU_CMD_TRANSFER_FROM_HOST_3D,
			context),
		.box = box->box,
		.offset = box->offset_bytes,
		.resource_id = resource,
		.level = box->level,
		.stride = box->stride,
		.layer_stride = box->layer_stride,
	};
	offer(gl, &request, sizeof(request), NULL, nothing);
	notify(gl);
}

bool fake_gl_submit(
	struct fake_gl *gl, uint32_t context, const void *stream, uint32_t stream_bytes) {
	if (stream_bytes > FAKE_GL_STREAM_BYTES) {
		return false;
	}
	reap(gl);
	while (gl->streams_free == 0) {
		notify(gl);
		wait_one(gl);
	}
	const int slot = __builtin_ctzll(gl->streams_free);
	const uint64_t address = gl->streams + (uint64_t)slot * FAKE_GL_STREAM_BYTES;
	gl->streams_free &= ~(UINT64_C(1) << slot);
	memcpy(fake_guest_at(gl->device->guest, address), stream, stream_bytes);
	const struct virtio_gpu_cmd_submit request = {
		.hdr = fenced(gl, VIRTIO_GPU_CMD_SUBMIT_3D, context),
		.size = stream_bytes,
	};
	const struct fake_buffer extra = {.guest_address = address, .size_bytes = stream_bytes};
	offer(gl, &request, sizeof(request), &extra, (struct fake_gl_pending){.stream = slot});
	gl->submits++;
	notify(gl);
	return true;
}

bool fake_gl_busy(struct fake_gl *gl) {
	reap(gl);
	return gl->fences_done != gl->fences_sent;
}

void fake_gl_wait(struct fake_gl *gl) {
	while (fake_gl_busy(gl)) {
		wait_one(gl);
	}
}

void fake_gl_finish(struct fake_gl *gl) {
	reap(gl);
	struct fake_queue *queue = control_queue(gl);
	while (queue->free_count < queue->size) {
		wait_one(gl);
	}
}
