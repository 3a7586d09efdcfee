/*
 * The guest's resources and their backing.
 *
 * A 2D resource's pixels are in an image here. A 3D one is the renderer's; it has an image only
 * once it was shown, and that is as old as the last read.
 */
#ifndef RESOURCE_H
#define RESOURCE_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>

#include "image.h"
#include "memory.h"

struct renderer_export;

#define RESOURCE_MAX_COUNT 4096
#define RESOURCE_MAX_BACKING_ENTRIES 16384 // of one resource
#define RESOURCE_MAX_ALL_ENTRIES (1 << 20) // of a machine
#define RESOURCE_MAX_BYTES (UINT64_C(256) << 20) // of a machine
/** Of 3D resources of a machine, all levels and samples, by estimate. */
#define RESOURCE_MAX_3D_BYTES (UINT64_C(2) << 30)
/** Of 3D resources whose own memory is shown. */
#define RESOURCE_MAX_DIRECT 32
#define RESOURCE_BUCKETS 256

enum resource_kind {
	RESOURCE_2D,
	RESOURCE_3D,
};

/**
 * What a successor process needs to know of a resource. Plain numbers only.
 */
struct resource_record {
	uint32_t id; // 0: free
	enum resource_kind kind;
	uint32_t format; // enum virtio_gpu_formats; 3D: Gallium's, which begin with those
	uint32_t width, height; // in pixels
	uint32_t entry_count; // of the backing
	bool has_backing;
};

/** A piece of backing: guest memory at address is the resource's bytes from offset on. */
struct resource_entry {
	uint64_t address;
	uint64_t offset_bytes;
	uint64_t length_bytes;
};

struct resource {
	struct wl_list link; // resource_table.buckets
	struct resource_record *record; // in the table
	struct image *image; // the current one; 3D: NULL as long as it was not shown
	uint64_t content; // names the pixels; unique in the process's life
	struct resource_entry *entries; // record->entry_count, ascending; NULL: none
	uint64_t bytes_3d; // by estimate
	bool flat; // one layer, level and sample of a format that a scanout can show; 2D always
	bool lost; // 3D: the renderer that had it is gone
	bool reading; // 3D: the renderer writes into the image
	bool top_down; // 3D: its first row is the top one, as in what is shown
	bool export_wanted; // 3D: it was asked for, or has come
	struct image *direct; // 3D: its own memory; NULL: it is not exported
};

/** What a guest asks for with RESOURCE_CREATE_3D. virtio 1.3, 5.7.6.8. */
struct resource_3d {
	uint32_t target, format, bind; // Gallium's
	uint32_t width, height, depth, array_size, last_level, nr_samples;
	uint32_t flags; // VIRTIO_GPU_RESOURCE_FLAG_*
};

struct resource_table {
	struct resource_record *records; // RESOURCE_MAX_COUNT of them, not owned
	struct wl_list buckets[RESOURCE_BUCKETS]; // resource.link
	uint32_t count;
	uint32_t entry_count;
	uint32_t free_hint; // where to look for a free record
	uint64_t last_content;
	uint64_t bytes_3d;
	uint32_t direct_count;
	struct image_budget budget;
};

/** records, RESOURCE_MAX_COUNT of them, are zeroed, and must outlive the table. */
void resource_table_init(struct resource_table *table, struct resource_record *records);
void resource_table_clear(struct resource_table *table);

struct resource *resource_table_find(struct resource_table *table, uint32_t id); // may be NULL

/**
 * Make a resource, black. id is not in use and not 0, the format is known and the size allowed.
 *
 * Returns NULL when a quota or the system's memory is used up.
 */
struct resource *resource_create(struct resource_table *table, uint32_t id, uint32_t format,
	uint32_t width, uint32_t height);

/** The same for a 3D resource, which the renderer has been told of. Returns NULL likewise. */
struct resource *resource_create_3d(
	struct resource_table *table, uint32_t id, const struct resource_3d *shape);

/**
 * The resource, which is wanted as an export, has come as one: its fd is taken, unless there are
 * too many.
 */
void resource_set_direct(struct resource_table *table, struct renderer_export *exported);

/** The renderer is gone, with every 3D resource. */
void resource_table_lose_3d(struct resource_table *table);

/**
 * Have an image that may be written in box: the one there is, or a spare that is brought up to it
 * but for the box. Returns false when there is none and none can be made.
 */
bool resource_make_writable(
	struct resource_table *table, struct resource *resource, const struct pixman_box32 *box);

void resource_destroy(struct resource_table *table, struct resource *resource);

/**
 * Give the resource its backing. The entries are copied; neighbours in guest memory become one.
 *
 * Returns VIRTIO_GPU_RESP_OK_NODATA, ERR_OUT_OF_MEMORY, or ERR_UNSPEC if it has one already.
 */
enum virtio_gpu_ctrl_type resource_attach(struct resource_table *table, struct resource *resource,
	const struct virtio_gpu_mem_entry *entries, uint32_t count);

void resource_detach(struct resource_table *table, struct resource *resource);

/**
 * Copy out of the backing; what is beyond it, or not guest memory any more, reads as zeros.
 */
void resource_read(const struct resource *resource, struct memory *memory, uint64_t offset_bytes,
	uint8_t *out, size_t size_bytes);

#endif
