#include "virtio/gpu.h"

#include <string.h>

#include "boot/interrupt.h"
#include "core/machine.h"
#include "gk.h"

#define CONTROL_QUEUE 0
#define CURSOR_QUEUE 1

#define SIZE_MAX_PIXELS 16384

#define EDID_BYTES 128
#define EDID_TIMING 54 // the first detailed timing descriptor; VESA E-EDID A2, 3.10.2

// --- commands -----------------------------------------------------------------------------

static void finish(struct gpu *gpu, struct gpu_command *command) {
	command->busy = false;
	uint32_t type = command->request.hdr.type;
	if (type == VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D) {
		gpu->transfers--;
	} else if (command->request.hdr.flags & VIRTIO_GPU_FLAG_FENCE) {
		gpu->flushes--;
	}
	uint32_t answer = command->response.hdr.type;
	if (answer < VIRTIO_GPU_RESP_OK_NODATA || answer >= 0x1200) {
		gk_log(gpu->gk, "gk: display: command %#x was answered %#x", type, answer);
	}
}

static void reap(struct gpu *gpu) {
	struct gpu_command *command;
	uint32_t written_bytes;
	while ((command = virtqueue_take(&gpu->control, &written_bytes)) != NULL) {
		finish(gpu, command);
	}
	while (virtqueue_take(&gpu->cursor, &written_bytes) != NULL) {
		gpu->cursor_command->busy = false;
	}
}

// Halt until the device did something, which may be nothing that is waited for.
static void wait(struct gpu *gpu) {
	interrupt_halt();
	// Without MSI-X the acknowledgement takes the word of a new size along: it comes once.
	if (gpu->device.vector_count == 0 && virtio_acknowledge(&gpu->device, 0)) {
		gpu->configured = true;
	}
	reap(gpu);
}

static void kick(struct gpu *gpu) {
	virtio_notify(&gpu->device, CONTROL_QUEUE, &gpu->control);
}

// A command that the device does not have. Waits until there is one.
static struct gpu_command *begin(struct gpu *gpu, uint32_t type) {
	for (;;) {
		for (int i = 0; i < GPU_COMMANDS; i++) {
			struct gpu_command *command = &gpu->commands[i];
			if (!command->busy) {
				memset(&command->request, 0, sizeof(command->request));
				command->request.hdr.type = type;
				command->response.hdr.type = 0;
				return command;
			}
		}
		kick(gpu);
		wait(gpu);
	}
}

static void submit(struct gpu *gpu, struct gpu_command *command, size_t size_bytes) {
	struct virtqueue_buffer buffers[2] = {
		{&command->request, (uint32_t)size_bytes},
		{&command->response, sizeof(command->response)},
	};
	command->busy = true;
	while (!virtqueue_add(&gpu->control, buffers, 1, 1, command)) {
		kick(gpu);
		wait(gpu);
	}
}

static bool submit_and_wait(struct gpu *gpu, struct gpu_command *command, size_t size_bytes) {
	submit(gpu, command, size_bytes);
	kick(gpu);
	while (command->busy) {
		wait(gpu);
	}
	uint32_t answer = command->response.hdr.type;
	return answer >= VIRTIO_GPU_RESP_OK_NODATA && answer < 0x1200;
}

// --- the screen ---------------------------------------------------------------------------

// 5.7.6.8: the host's wish for each scanout; the first enabled one is ours.
static void read_display_info(struct gpu *gpu, struct gk_screen *screen) {
	struct gpu_command *command = begin(gpu, VIRTIO_GPU_CMD_GET_DISPLAY_INFO);
	if (!submit_and_wait(gpu, command, sizeof(command->request.hdr))) {
		return;
	}
	const struct virtio_gpu_resp_display_info *info = &command->response.display_info;
	for (uint32_t i = 0; i < VIRTIO_GPU_MAX_SCANOUTS; i++) {
		uint32_t width = info->pmodes[i].r.width;
		uint32_t height = info->pmodes[i].r.height;
		if (info->pmodes[i].enabled && width - 1 < SIZE_MAX_PIXELS &&
			height - 1 < SIZE_MAX_PIXELS) {
			gpu->scanout_id = i;
			screen->width = (int)width;
			screen->height = (int)height;
			return;
		}
	}
}

static void read_edid(struct gpu *gpu, struct gk_screen *screen) {
	if (!gpu->has_edid) {
		return;
	}
	struct gpu_command *command = begin(gpu, VIRTIO_GPU_CMD_GET_EDID);
	command->request.get_edid.scanout = gpu->scanout_id;
	if (!submit_and_wait(gpu, command, sizeof(command->request.get_edid)) ||
		command->response.edid.size < EDID_BYTES) {
		return;
	}
	const uint8_t *timing = command->response.edid.edid + EDID_TIMING;
	if (timing[0] == 0 && timing[1] == 0) {
		return; // without a pixel clock it is another descriptor
	}
	screen->width_mm = timing[12] | (timing[14] & 0xf0) << 4;
	screen->height_mm = timing[13] | (timing[14] & 0x0f) << 8;
}

// --- canvas and resources -----------------------------------------------------------------

static void name_resource(struct gpu *gpu, uint32_t type, uint32_t resource_id) {
	struct gpu_command *command = begin(gpu, type);
	command->request.name.resource_id = resource_id;
	submit(gpu, command, sizeof(command->request.name));
}

static uint32_t create_resource(
	struct gpu *gpu, uint32_t format, const uint32_t *pixels, int width, int height) {
	uint32_t id = gpu->next_resource_id++;
	struct gpu_command *command = begin(gpu, VIRTIO_GPU_CMD_RESOURCE_CREATE_2D);
	command->request.create.resource_id = id;
	command->request.create.format = format;
	command->request.create.width = (uint32_t)width;
	command->request.create.height = (uint32_t)height;
	submit(gpu, command, sizeof(command->request.create));

	command = begin(gpu, VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING);
	command->request.attach.resource_id = id;
	command->request.attach.nr_entries = 1;
	command->request.attach.addr = (uint64_t)pixels;
	command->request.attach.length = (uint32_t)width * (uint32_t)height * 4;
	submit(gpu, command, sizeof(command->request.attach));
	return id;
}

static bool allocate_canvas(struct gpu *gpu, int width, int height) {
	size_t size_bytes = (size_t)width * (size_t)height * 4;
	uint32_t *pixels = heap_allocate(&gpu->gk->heap, size_bytes, 4096);
	if (pixels == NULL) {
		return false;
	}
	gpu->canvas = (struct gk_canvas){
		.pixels = pixels,
		.width = width,
		.height = height,
		.stride = width,
		.clip = {0, 0, width, height},
	};
	return true;
}

// The host keeps what it shows in its own memory, so the canvas may go before its resources do.
static void release_canvas(struct gpu *gpu) {
	gpu_wait_canvas(gpu);
	for (int i = 0; i < 2; i++) {
		uint32_t id = gpu->resources[i].id;
		struct gpu_command *command = begin(gpu, VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING);
		command->request.name.resource_id = id;
		submit_and_wait(gpu, command, sizeof(command->request.name));
		if (gpu->old_resources[0] == 0) {
			continue;
		}
		// Never shown: those before them still are.
		name_resource(gpu, VIRTIO_GPU_CMD_RESOURCE_UNREF, id);
		gpu->resources[i].id = 0;
	}
	if (gpu->resources[0].id != 0) {
		gpu->old_resources[0] = gpu->resources[0].id;
		gpu->old_resources[1] = gpu->resources[1].id;
	}
	heap_free(&gpu->gk->heap, gpu->canvas.pixels);
}

static void create_resources(struct gpu *gpu) {
	for (int i = 0; i < 2; i++) {
		gpu->resources[i] = (struct gpu_resource){0};
		gpu->resources[i].id = create_resource(gpu, VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM,
			gpu->canvas.pixels, gpu->canvas.width, gpu->canvas.height);
		region_add(&gpu->resources[i].stale, gk_canvas_rect(&gpu->canvas));
	}
	gpu->damage.count = 0;
	gpu->present_wanted = false;
}

// Returns true if there is a new canvas.
static bool update_screen(struct gpu *gpu) {
	struct gk_screen screen = gpu->screen;
	read_display_info(gpu, &screen);
	read_edid(gpu, &screen);
	bool resized = screen.width != gpu->canvas.width || screen.height != gpu->canvas.height;
	if (resized) {
		int old_width = gpu->canvas.width;
		int old_height = gpu->canvas.height;
		release_canvas(gpu);
		if (!allocate_canvas(gpu, screen.width, screen.height)) {
			gk_log(gpu->gk, "gk: display: no memory for %d x %d pixels", screen.width,
				screen.height);
			screen.width = old_width;
			screen.height = old_height;
			if (!allocate_canvas(gpu, old_width, old_height)) {
				gk_panic(gpu->gk, "the memory of the canvas is lost");
			}
		}
		create_resources(gpu);
	}
	gpu->screen = screen;
	return resized;
}

// --- frames -------------------------------------------------------------------------------

static struct virtio_gpu_rect to_virtio(struct gk_rect rect) {
	return (struct virtio_gpu_rect){
		(uint32_t)rect.x, (uint32_t)rect.y, (uint32_t)rect.width, (uint32_t)rect.height};
}

static void submit_transfer(struct gpu *gpu, uint32_t resource_id, struct gk_rect rect) {
	struct gpu_command *command = begin(gpu, VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D);
	command->request.transfer.resource_id = resource_id;
	command->request.transfer.r = to_virtio(rect);
	command->request.transfer.offset = ((uint64_t)rect.y * (uint64_t)gpu->canvas.stride +
						   (uint64_t)rect.x) *
		4;
	gpu->transfers++;
	submit(gpu, command, sizeof(command->request.transfer));
}

static void submit_flush(struct gpu *gpu, uint32_t resource_id, struct gk_rect rect, bool fenced) {
	struct gpu_command *command = begin(gpu, VIRTIO_GPU_CMD_RESOURCE_FLUSH);
	command->request.flush.resource_id = resource_id;
	command->request.flush.r = to_virtio(rect);
	if (fenced) {
		command->request.hdr.flags = VIRTIO_GPU_FLAG_FENCE;
		command->request.hdr.fence_id = gpu->next_fence_id++;
		gpu->flushes++;
	}
	submit(gpu, command, sizeof(command->request.flush));
}

static void submit_frame(struct gpu *gpu) {
	struct gpu_resource *back = &gpu->resources[gpu->back];
	struct gpu_resource *front = &gpu->resources[1 - gpu->back];
	struct region changed = gpu->damage;
	region_add_region(&back->stale, &changed);
	for (int i = 0; i < back->stale.count; i++) {
		submit_transfer(gpu, back->id, back->stale.rects[i]);
	}
	back->stale.count = 0;
	region_add_region(&front->stale, &changed);

	struct gpu_command *command = begin(gpu, VIRTIO_GPU_CMD_SET_SCANOUT);
	command->request.set_scanout.r = to_virtio(gk_canvas_rect(&gpu->canvas));
	command->request.set_scanout.scanout_id = gpu->scanout_id;
	command->request.set_scanout.resource_id = back->id;
	submit(gpu, command, sizeof(command->request.set_scanout));

	for (int i = 0; i < changed.count; i++) {
		submit_flush(gpu, back->id, changed.rects[i], i == changed.count - 1);
	}
	for (int i = 0; i < 2 && gpu->old_resources[i] != 0; i++) {
		name_resource(gpu, VIRTIO_GPU_CMD_RESOURCE_UNREF, gpu->old_resources[i]);
		gpu->old_resources[i] = 0;
	}
	kick(gpu);
	gpu->back = 1 - gpu->back;
	gpu->damage.count = 0;
	gpu->present_wanted = false;
}

void gpu_present(struct gpu *gpu) {
	reap(gpu);
	if (gpu->damage.count == 0) {
		return;
	}
	if (gpu->flushes > 0) {
		gpu->present_wanted = true;
		return;
	}
	submit_frame(gpu);
}

void gpu_wait_canvas(struct gpu *gpu) {
	while (gpu->transfers > 0) {
		wait(gpu);
	}
}

bool gpu_dispatch(struct gpu *gpu, uint64_t lines) {
	bool resized = false;
	if ((lines & gpu->device.lines) && virtio_acknowledge(&gpu->device, lines)) {
		gpu->configured = true;
	}
	volatile struct virtio_gpu_config *config = (volatile void *)gpu->device.config;
	bool configured = gpu->configured;
	gpu->configured = false;
	if (configured && (config->events_read & VIRTIO_GPU_EVENT_DISPLAY)) {
		config->events_clear = VIRTIO_GPU_EVENT_DISPLAY;
		resized = update_screen(gpu);
	}
	reap(gpu);
	if (gpu->present_wanted && gpu->flushes == 0) {
		submit_frame(gpu);
	}
	return resized;
}

// --- the pointer --------------------------------------------------------------------------

// x and y are of the image's corner, which is what hosts have from Linux.
static void submit_cursor(struct gpu *gpu, uint32_t type, int hot_x, int hot_y, int x, int y) {
	reap(gpu);
	struct gpu_command *command = gpu->cursor_command;
	if (command->busy) {
		if (type == VIRTIO_GPU_CMD_MOVE_CURSOR) {
			return; // the next motion will tell
		}
		while (command->busy) {
			wait(gpu);
		}
	}
	memset(&command->request, 0, sizeof(command->request));
	command->request.hdr.type = type;
	command->request.cursor.scanout_id = gpu->scanout_id;
	command->request.cursor.x = (uint32_t)x;
	command->request.cursor.y = (uint32_t)y;
	command->request.cursor.resource_id = gpu->cursor_resource;
	command->request.cursor.hot_x = (uint32_t)hot_x;
	command->request.cursor.hot_y = (uint32_t)hot_y;
	struct virtqueue_buffer buffers[2] = {
		{&command->request, sizeof(command->request.cursor)},
		{&command->response, sizeof(command->response.hdr)},
	};
	command->busy = virtqueue_add(&gpu->cursor, buffers, 1, 1, command);
	virtio_notify(&gpu->device, CURSOR_QUEUE, &gpu->cursor);
}

void gpu_set_cursor(struct gpu *gpu, const uint32_t *pixels, int hot_x, int hot_y, int x, int y) {
	if (gpu->cursor_command == NULL) {
		return;
	}
	uint32_t old = gpu->cursor_resource;
	gpu->cursor_resource = 0;
	if (pixels != NULL) {
		// A new resource each time: hosts read a cursor's picture when it is set only.
		memcpy(gpu->cursor_pixels, pixels, GPU_CURSOR_BYTES);
		gpu->cursor_resource = create_resource(gpu, VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM,
			gpu->cursor_pixels, GPU_CURSOR_SIZE, GPU_CURSOR_SIZE);
		submit_transfer(gpu, gpu->cursor_resource,
			(struct gk_rect){0, 0, GPU_CURSOR_SIZE, GPU_CURSOR_SIZE});
		kick(gpu);
		gpu_wait_canvas(gpu);
	}
	gpu->cursor_hot_x = hot_x;
	gpu->cursor_hot_y = hot_y;
	submit_cursor(gpu, VIRTIO_GPU_CMD_UPDATE_CURSOR, hot_x, hot_y, x - hot_x, y - hot_y);
	if (old != 0) {
		name_resource(gpu, VIRTIO_GPU_CMD_RESOURCE_UNREF, old);
		kick(gpu);
	}
}

void gpu_move_cursor(struct gpu *gpu, int x, int y) {
	if (gpu->cursor_command != NULL) {
		submit_cursor(gpu, VIRTIO_GPU_CMD_MOVE_CURSOR, 0, 0, x - gpu->cursor_hot_x,
			y - gpu->cursor_hot_y);
	}
}

// --- creation -----------------------------------------------------------------------------

static bool setup(struct gpu *gpu, const struct pci_function *function) {
	struct heap *heap = &gpu->gk->heap;
	gpu->commands = heap_allocate(heap, GPU_COMMANDS * sizeof(*gpu->commands), 16);
	gpu->cursor_command = heap_allocate(heap, sizeof(*gpu->cursor_command), 16);
	gpu->cursor_pixels = heap_allocate(heap, GPU_CURSOR_BYTES, 16);
	if (gpu->commands == NULL || gpu->cursor_command == NULL || gpu->cursor_pixels == NULL ||
		!virtio_open(&gpu->device, function) ||
		gpu->device.config_bytes < sizeof(struct virtio_gpu_config)) {
		return false;
	}
	uint64_t features = virtio_negotiate(&gpu->device, VIRTIO_GPU_F_EDID);
	if (features == UINT64_MAX ||
		!virtio_setup_queue(&gpu->device, CONTROL_QUEUE, &gpu->control, heap) ||
		!virtio_setup_queue(&gpu->device, CURSOR_QUEUE, &gpu->cursor, heap)) {
		return false;
	}
	gpu->has_edid = (features & VIRTIO_GPU_F_EDID) != 0;
	virtio_start(&gpu->device);

	gpu->screen = (struct gk_screen){.width = 1024, .height = 768};
	read_display_info(gpu, &gpu->screen);
	read_edid(gpu, &gpu->screen);
	while (!allocate_canvas(gpu, gpu->screen.width, gpu->screen.height)) {
		gk_log(gpu->gk, "gk: display: no memory for %d x %d pixels", gpu->screen.width,
			gpu->screen.height);
		if (gpu->screen.width < 640) {
			return false;
		}
		// A picture that is too small is better than none.
		gpu->screen.width /= 2;
		gpu->screen.height = (gpu->screen.height + 1) / 2;
	}
	create_resources(gpu);
	return true;
}

struct gpu *gpu_create(struct gk *gk, const struct pci_function *function) {
	struct gpu *gpu = heap_allocate(&gk->heap, sizeof(*gpu), 16);
	if (gpu == NULL) {
		return NULL;
	}
	gpu->gk = gk;
	gpu->next_resource_id = 1;
	gpu->next_fence_id = 1;
	if (!setup(gpu, function)) {
		gk_log(gk, "gk: display: the virtio-gpu device at %02x:%02x.%x cannot be used",
			function->bus, function->slot >> 3, function->slot & 7);
		virtio_fail(&gpu->device);
		return NULL;
	}
	return gpu;
}
