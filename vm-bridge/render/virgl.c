#include "virgl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <virgl/virglrenderer.h>

#include "export.h"
#include "memory.h"

// virglrenderer declares it, and keeps what is in it to itself.
struct virgl_box {
	uint32_t x, y, z, w, h, d;
};

struct image {
	uint8_t *bytes; // NULL: no image
	size_t size_bytes;
};

// A resource's backing, as the guest named it: the memory that it lies in may be mapped anew.
struct backing {
	struct backing *next;
	uint32_t id, entries_len;
	struct render_entry entries[];
};

struct virgl {
	virgl_fenced fenced;
	void *data;
	int drm_fd; // taken by virglrenderer; -1: none
	struct memory memory;
	struct image images[RENDER_IMAGES_MAX];
	struct backing *backings;
	uint64_t last_fence_serial;
	struct render_exported exported;
	int exported_fd; // -1: none
};

// --- callbacks ----------------------------------------------------------------------------

// Such fences have 32 bits, and signal in order: the nearest serial that is not later.
static void handle_fence(void *data, uint32_t fence) {
	struct virgl *virgl = data;
	const uint64_t last = __atomic_load_n(&virgl->last_fence_serial, __ATOMIC_ACQUIRE);
	virgl->fenced(virgl->data, last - (uint32_t)((uint32_t)last - fence), true);
}

static void handle_context_fence(void *data, uint32_t context, uint32_t ring, uint64_t serial) {
	struct virgl *virgl = data;
	virgl->fenced(virgl->data, serial, false);
}

static int handle_get_drm_fd(void *data) {
	struct virgl *virgl = data;
	return virgl->drm_fd >= 0 ? fcntl(virgl->drm_fd, F_DUPFD_CLOEXEC, 0) : -1;
}

static struct virgl_renderer_callbacks callbacks = {
	.version = 3,
	.write_fence = handle_fence,
	.write_context_fence = handle_context_fence,
	.get_drm_fd = handle_get_drm_fd,
};

// --- commands -----------------------------------------------------------------------------

struct command {
	struct virgl *virgl;
	const void *body;
	size_t body_bytes;
	const int *fds;
};

static enum virtio_gpu_ctrl_type result_of(int error) {
	switch (error) {
	case 0:
		return VIRTIO_GPU_RESP_OK_NODATA;
	case ENOMEM:
	case -ENOMEM:
		return VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
	default:
		return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
	}
}

static void drop_image(struct image *image) {
	if (image->bytes != NULL) {
		munmap(image->bytes, image->size_bytes);
	}
	*image = (struct image){0};
}

static enum virtio_gpu_ctrl_type run_add_image(const struct command *command) {
	const struct render_image *body = command->body;
	const int fd = command->fds[0];
	struct stat stat;
	const int seals = fcntl(fd, F_GET_SEALS);
	void *bytes = MAP_FAILED;
	if (body->id < RENDER_IMAGES_MAX && body->size_bytes > 0 && seals >= 0 &&
		(seals & F_SEAL_SHRINK) != 0 && fstat(fd, &stat) == 0 &&
		(uint64_t)stat.st_size >= body->size_bytes) {
		bytes = mmap(NULL, body->size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	}
	close(fd);
	if (bytes == MAP_FAILED) {
		return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
	}
	struct image *image = &command->virgl->images[body->id];
	drop_image(image);
	*image = (struct image){.bytes = bytes, .size_bytes = body->size_bytes};
	return VIRTIO_GPU_RESP_OK_NODATA;
}

static enum virtio_gpu_ctrl_type run_drop_image(const struct command *command) {
	const struct render_image *body = command->body;
	if (body->id >= RENDER_IMAGES_MAX) {
		return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
	}
	drop_image(&command->virgl->images[body->id]);
	return VIRTIO_GPU_RESP_OK_NODATA;
}

static enum virtio_gpu_ctrl_type run_context_create(const struct command *command) {
	const struct render_context *body = command->body;
	const size_t len = strnlen(body->name, sizeof(body->name) - 1);
	// A guest that names no capset means the one that was there before there were others.
	const uint32_t flags = (body->flags & VIRTIO_GPU_CONTEXT_INIT_CAPSET_ID_MASK) != 0
		? body->flags
		: body->flags | VIRTIO_GPU_CAPSET_VIRGL2;
	return result_of(virgl_renderer_context_create_with_flags(
		body->header.context, flags, (uint32_t)len, body->name));
}

static enum virtio_gpu_ctrl_type run_context_destroy(const struct command *command) {
	const struct render_header *header = command->body;
	virgl_renderer_context_destroy(header->context);
	return VIRTIO_GPU_RESP_OK_NODATA;
}

static enum virtio_gpu_ctrl_type run_context_attach(const struct command *command) {
	const struct render_id *body = command->body;
	virgl_renderer_ctx_attach_resource((int)body->header.context, (int)body->id);
	return VIRTIO_GPU_RESP_OK_NODATA;
}

static enum virtio_gpu_ctrl_type run_context_detach(const struct command *command) {
	const struct render_id *body = command->body;
	virgl_renderer_ctx_detach_resource((int)body->header.context, (int)body->id);
	return VIRTIO_GPU_RESP_OK_NODATA;
}

static enum virtio_gpu_ctrl_type run_resource_create(const struct command *command) {
	const struct render_resource *body = command->body;
	struct virgl_renderer_resource_create_args args = {
		.handle = body->id,
		.target = body->target,
		.format = body->format,
		.bind = body->bind,
		.width = body->width,
		.height = body->height,
		.depth = body->depth,
		.array_size = body->array_size,
		.last_level = body->last_level,
		.nr_samples = body->nr_samples,
		.flags = body->flags,
	};
	return result_of(virgl_renderer_resource_create(&args, NULL, 0));
}

// --- backings -----------------------------------------------------------------------------

static void let_go(uint32_t id) {
	struct iovec *iov = NULL;
	int iov_len = 0;
	virgl_renderer_resource_detach_iov((int)id, &iov, &iov_len);
	free(iov);
}

// An entry may pass from one region of guest memory into the next.
static int hold(struct virgl *virgl, const struct backing *backing) {
	const size_t max = (size_t)backing->entries_len + MEMORY_MAX_REGIONS;
	struct iovec *iov = calloc(max, sizeof(*iov));
	if (iov == NULL) {
		return ENOMEM;
	}
	size_t len = 0;
	for (uint32_t i = 0; i < backing->entries_len; i++) {
		const struct render_entry *entry = &backing->entries[i];
		const size_t more = memory_to_iov(&virgl->memory, entry->guest_address,
			entry->length_bytes, iov + len, max - len);
		if (more == 0) {
			free(iov);
			return EINVAL;
		}
		len += more;
	}
	// virglrenderer keeps the array until it is detached.
	const int error = virgl_renderer_resource_attach_iov((int)backing->id, iov, (int)len);
	if (error != 0) {
		free(iov);
	}
	return error;
}

static void detach(struct virgl *virgl, uint32_t id) {
	for (struct backing **at = &virgl->backings; *at != NULL; at = &(*at)->next) {
		struct backing *backing = *at;
		if (backing->id == id) {
			*at = backing->next;
			free(backing);
			let_go(id);
			return;
		}
	}
}

static enum virtio_gpu_ctrl_type run_attach_backing(const struct command *command) {
	const struct render_backing *body = command->body;
	struct virgl *virgl = command->virgl;
	const size_t bytes = body->entries_len * sizeof(body->entries[0]);
	struct backing *backing = malloc(sizeof(*backing) + bytes);
	if (backing == NULL) {
		return VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
	}
	detach(virgl, body->id);
	backing->id = body->id;
	backing->entries_len = body->entries_len;
	memcpy(backing->entries, body->entries, bytes);
	const int error = hold(virgl, backing);
	if (error != 0) {
		free(backing);
		return result_of(error);
	}
	backing->next = virgl->backings;
	virgl->backings = backing;
	return VIRTIO_GPU_RESP_OK_NODATA;
}

static enum virtio_gpu_ctrl_type run_detach_backing(const struct command *command) {
	const struct render_id *body = command->body;
	detach(command->virgl, body->id);
	return VIRTIO_GPU_RESP_OK_NODATA;
}

static enum virtio_gpu_ctrl_type run_resource_unref(const struct command *command) {
	const struct render_id *body = command->body;
	detach(command->virgl, body->id);
	virgl_renderer_resource_unref(body->id);
	return VIRTIO_GPU_RESP_OK_NODATA;
}

static enum virtio_gpu_ctrl_type run_set_memory(const struct command *command) {
	const struct render_memory *body = command->body;
	struct memory_region_info infos[MEMORY_MAX_REGIONS];
	for (uint32_t i = 0; i < body->regions_len; i++) {
		const struct render_region *region = &body->regions[i];
		infos[i] = (struct memory_region_info){
			.guest_address = region->guest_address,
			.size_bytes = region->size_bytes,
			// Nobody asks by this one; it must differ.
			.user_address = region->guest_address,
			.file_offset_bytes = region->file_offset_bytes,
		};
	}
	struct virgl *virgl = command->virgl;
	for (const struct backing *backing = virgl->backings; backing != NULL;
		backing = backing->next) {
		let_go(backing->id); // it points into the old mappings
	}
	const char *reason;
	const bool ok = memory_set_table(
		&virgl->memory, infos, command->fds, body->regions_len, &reason);
	for (struct backing *backing = virgl->backings, *next; backing != NULL; backing = next) {
		next = backing->next;
		if (hold(virgl, backing) != 0) {
			detach(virgl, backing->id); // not guest memory any more
		}
	}
	return ok ? VIRTIO_GPU_RESP_OK_NODATA : VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
}

// --- drawing ------------------------------------------------------------------------------

static struct virgl_box box_of(const struct render_transfer *body) {
	return (struct virgl_box){
		body->x, body->y, body->z, body->width, body->height, body->depth};
}

static enum virtio_gpu_ctrl_type run_transfer_to_host(const struct command *command) {
	const struct render_transfer *body = command->body;
	struct virgl_box box = box_of(body);
	return result_of(
		virgl_renderer_transfer_write_iov(body->id, body->header.context, (int)body->level,
			body->stride, body->layer_stride, &box, body->offset_bytes, NULL, 0));
}

static enum virtio_gpu_ctrl_type run_transfer_from_host(const struct command *command) {
	const struct render_transfer *body = command->body;
	struct virgl_box box = box_of(body);
	return result_of(virgl_renderer_transfer_read_iov(body->id, body->header.context,
		body->level, body->stride, body->layer_stride, &box, body->offset_bytes, NULL, 0));
}

static enum virtio_gpu_ctrl_type run_submit(const struct command *command) {
	const struct render_submit *body = command->body;
	// It takes a pointer that it may write to, and the body is ours alone.
	return result_of(virgl_renderer_submit_cmd(
		(void *)body->words, (int)body->header.context, (int)body->words_len));
}

static enum virtio_gpu_ctrl_type run_read(const struct command *command) {
	const struct render_read *body = command->body;
	const struct image *image = body->image < RENDER_IMAGES_MAX
		? &command->virgl->images[body->image]
		: NULL;
	const uint64_t row = (uint64_t)body->width * 4;
	if (image == NULL || image->bytes == NULL || body->width == 0 || body->height == 0 ||
		body->stride < row || body->offset_bytes > image->size_bytes ||
		(uint64_t)body->stride * (body->height - 1) + row >
			image->size_bytes - body->offset_bytes) {
		return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
	}
	struct iovec iov = {
		.iov_base = image->bytes + body->offset_bytes,
		.iov_len = image->size_bytes - body->offset_bytes,
	};
	struct virgl_box box = {body->x, body->y, 0, body->width, body->height, 1};
	return result_of(virgl_renderer_transfer_read_iov(
		body->id, 0, 0, body->stride, 0, &box, 0, &iov, 1));
}

static enum virtio_gpu_ctrl_type run_export(const struct command *command) {
	const struct render_id *body = command->body;
	struct virgl *virgl = command->virgl;
	// Software's memory is nobody else's to read.
	if (virgl->drm_fd < 0 || virgl->exported_fd >= 0) {
		return VIRTIO_GPU_RESP_ERR_UNSPEC;
	}
	virgl->exported_fd = export_resource(body->id, &virgl->exported);
	return virgl->exported_fd >= 0 ? VIRTIO_GPU_RESP_OK_NODATA
				       : VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
}

static enum virtio_gpu_ctrl_type run_finish(const struct command *command) {
	return VIRTIO_GPU_RESP_OK_NODATA;
}

static void detach_all(struct virgl *virgl) {
	while (virgl->backings != NULL) {
		detach(virgl, virgl->backings->id);
	}
}

static enum virtio_gpu_ctrl_type run_reset(const struct command *command) {
	detach_all(command->virgl);
	virgl_renderer_reset();
	return VIRTIO_GPU_RESP_OK_NODATA;
}

static const struct {
	size_t bytes; // at least
	enum virtio_gpu_ctrl_type (*run)(const struct command *command);
} rows[RENDER_COMMANDS] = {
	[RENDER_SET_MEMORY] = {sizeof(struct render_memory), run_set_memory},
	[RENDER_ADD_IMAGE] = {sizeof(struct render_image), run_add_image},
	[RENDER_DROP_IMAGE] = {sizeof(struct render_image), run_drop_image},
	[RENDER_CONTEXT_CREATE] = {sizeof(struct render_context), run_context_create},
	[RENDER_CONTEXT_DESTROY] = {sizeof(struct render_header), run_context_destroy},
	[RENDER_CONTEXT_ATTACH] = {sizeof(struct render_id), run_context_attach},
	[RENDER_CONTEXT_DETACH] = {sizeof(struct render_id), run_context_detach},
	[RENDER_RESOURCE_CREATE] = {sizeof(struct render_resource), run_resource_create},
	[RENDER_RESOURCE_UNREF] = {sizeof(struct render_id), run_resource_unref},
	[RENDER_ATTACH_BACKING] = {sizeof(struct render_backing), run_attach_backing},
	[RENDER_DETACH_BACKING] = {sizeof(struct render_id), run_detach_backing},
	[RENDER_TRANSFER_TO_HOST] = {sizeof(struct render_transfer), run_transfer_to_host},
	[RENDER_TRANSFER_FROM_HOST] = {sizeof(struct render_transfer), run_transfer_from_host},
	[RENDER_SUBMIT] = {sizeof(struct render_submit), run_submit},
	[RENDER_READ] = {sizeof(struct render_read), run_read},
	[RENDER_RESET] = {sizeof(struct render_header), run_reset},
	[RENDER_EXPORT] = {sizeof(struct render_id), run_export},
	[RENDER_FINISH] = {sizeof(struct render_header), run_finish},
};

// What follows the fixed part is as long as the fixed part says.
static bool is_whole(uint32_t command, const void *body, size_t body_bytes) {
	if (command >= RENDER_COMMANDS || rows[command].run == NULL ||
		body_bytes < rows[command].bytes) {
		return false;
	}
	const size_t rest = body_bytes - rows[command].bytes;
	switch (command) {
	case RENDER_SET_MEMORY: {
		const struct render_memory *memory = body;
		return memory->regions_len <= MEMORY_MAX_REGIONS &&
			memory->regions_len <= rest / sizeof(memory->regions[0]);
	}
	case RENDER_ATTACH_BACKING: {
		const struct render_backing *backing = body;
		return backing->entries_len <= rest / sizeof(backing->entries[0]);
	}
	case RENDER_SUBMIT: {
		const struct render_submit *submit = body;
		return submit->words_len <= rest / sizeof(submit->words[0]);
	}
	default:
		return true;
	}
}

int virgl_fds(uint32_t command, const void *body, size_t body_bytes) {
	if (!is_whole(command, body, body_bytes)) {
		return -1;
	}
	if (command == RENDER_SET_MEMORY) {
		return (int)((const struct render_memory *)body)->regions_len;
	}
	return command == RENDER_ADD_IMAGE ? 1 : 0;
}

enum virtio_gpu_ctrl_type virgl_run(struct virgl *virgl, uint32_t command, const void *body,
	size_t body_bytes, const int *fds) {
	if (!is_whole(command, body, body_bytes)) {
		return VIRTIO_GPU_RESP_ERR_UNSPEC;
	}
	const struct command this = {
		.virgl = virgl, .body = body, .body_bytes = body_bytes, .fds = fds};
	return rows[command].run(&this);
}

int virgl_take_export(struct virgl *virgl, struct render_exported *exported) {
	const int fd = virgl->exported_fd;
	*exported = virgl->exported;
	virgl->exported_fd = -1;
	return fd;
}

bool virgl_fence(struct virgl *virgl, const struct render_header *header) {
	if (header->ring != RENDER_RING_NONE) {
		return virgl_renderer_context_create_fence(
			       header->context, 0, header->ring, header->serial) == 0;
	}
	__atomic_store_n(&virgl->last_fence_serial, header->serial, __ATOMIC_RELEASE);
	return virgl_renderer_create_fence((int)header->serial, header->context) == 0;
}

// --- life ---------------------------------------------------------------------------------

uint32_t virgl_capset(struct virgl *virgl, uint32_t id, uint32_t *version, void *bytes) {
	uint32_t size = 0;
	virgl_renderer_get_cap_set(id, version, &size);
	if (size == 0 || size > RENDER_CAPSET_MAX_BYTES) {
		return 0;
	}
	virgl_renderer_fill_caps(id, *version, bytes);
	return size;
}

// Whatever the driver opens it opens with the first context.
static bool warm_up(void) {
	static const char name[] = "warm-up";
	const uint32_t id = UINT32_MAX;
	if (virgl_renderer_context_create_with_flags(
		    id, VIRTIO_GPU_CAPSET_VIRGL2, sizeof(name) - 1, name) != 0) {
		return false;
	}
	virgl_renderer_context_destroy(id);
	return true;
}

// Its messages have words of the guest in them, as many as the guest likes.
static void drop_message(enum virgl_log_level_flags level, const char *message, void *data) {}

struct virgl *virgl_create(int drm_fd, virgl_fenced fenced, void *data, const char **reason) {
	struct virgl *virgl = calloc(1, sizeof(*virgl));
	if (virgl == NULL) {
		*reason = "out of memory";
		if (drm_fd >= 0) {
			close(drm_fd);
		}
		return NULL;
	}
	virgl->fenced = fenced;
	virgl->data = data;
	virgl->drm_fd = drm_fd;
	virgl->exported_fd = -1;
	memory_init(&virgl->memory);
	const int flags = VIRGL_RENDERER_USE_EGL | VIRGL_RENDERER_USE_SURFACELESS |
		VIRGL_RENDERER_THREAD_SYNC | VIRGL_RENDERER_ASYNC_FENCE_CB;
	if (virgl_renderer_init(virgl, flags, &callbacks) != 0) {
		*reason = "virglrenderer found no OpenGL";
		if (drm_fd >= 0) {
			close(drm_fd);
		}
		free(virgl);
		return NULL;
	}
	virgl_set_log_callback(drop_message, NULL, NULL);
	if (!warm_up()) {
		*reason = "virglrenderer made no context";
		virgl_destroy(virgl);
		return NULL;
	}
	return virgl;
}

void virgl_destroy(struct virgl *virgl) {
	detach_all(virgl);
	virgl_renderer_cleanup(virgl);
	for (size_t i = 0; i < RENDER_IMAGES_MAX; i++) {
		drop_image(&virgl->images[i]);
	}
	memory_finish(&virgl->memory);
	if (virgl->exported_fd >= 0) {
		close(virgl->exported_fd);
	}
	if (virgl->drm_fd >= 0) {
		close(virgl->drm_fd);
	}
	free(virgl);
}
