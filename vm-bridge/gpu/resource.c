#include "resource.h"

#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "iov.h"
#include "renderer_remote.h"

// Gallium's targets.
#define RESOURCE_TARGET_BUFFER 0
#define RESOURCE_TARGET_2D 2
#define RESOURCE_TARGET_RECT 5

void resource_table_init(struct resource_table *table, struct resource_record *records) {
	memset(table, 0, sizeof(*table));
	memset(records, 0, RESOURCE_MAX_COUNT * sizeof(*records));
	table->records = records;
	for (size_t i = 0; i < RESOURCE_BUCKETS; i++) {
		wl_list_init(&table->buckets[i]);
	}
	table->budget.limit_bytes = RESOURCE_MAX_BYTES;
	wl_list_init(&table->budget.pools);
}

void resource_table_clear(struct resource_table *table) {
	for (size_t i = 0; i < RESOURCE_BUCKETS; i++) {
		struct resource *resource, *next;
		wl_list_for_each_safe (resource, next, &table->buckets[i], link) {
			resource_destroy(table, resource);
		}
	}
}

struct resource *resource_table_find(struct resource_table *table, uint32_t id) {
	struct resource *resource;
	wl_list_for_each (resource, &table->buckets[id % RESOURCE_BUCKETS], link) {
		if (resource->record->id == id) {
			return resource;
		}
	}
	return NULL;
}

static struct resource_record *take_record(struct resource_table *table) {
	for (uint32_t i = 0; i < RESOURCE_MAX_COUNT; i++) {
		const uint32_t slot = (table->free_hint + i) % RESOURCE_MAX_COUNT;
		if (table->records[slot].id == 0) {
			table->free_hint = (slot + 1) % RESOURCE_MAX_COUNT;
			return &table->records[slot];
		}
	}
	return NULL;
}

/** Put a resource of a record's shape into the table. Returns NULL when there are too many. */
static struct resource *add(struct resource_table *table, const struct resource_record *record) {
	assert(record->id != 0 && resource_table_find(table, record->id) == NULL);
	if (table->count == RESOURCE_MAX_COUNT) {
		return NULL;
	}
	struct resource *resource = calloc(1, sizeof(*resource));
	if (resource == NULL) {
		return NULL;
	}
	resource->content = ++table->last_content;
	resource->record = take_record(table);
	*resource->record = *record;
	table->count++;
	wl_list_insert(&table->buckets[record->id % RESOURCE_BUCKETS], &resource->link);
	return resource;
}

static bool make_image(struct resource_table *table, struct resource *resource) {
	const struct resource_record *record = resource->record;
	resource->image = image_create(&table->budget, record->width, record->height);
	if (resource->image != NULL) {
		resource->image->content = resource->content;
	}
	return resource->image != NULL;
}

struct resource *resource_create(struct resource_table *table, uint32_t id, uint32_t format,
	uint32_t width, uint32_t height) {
	const struct resource_record record = {
		.id = id,
		.kind = RESOURCE_2D,
		.format = format,
		.width = width,
		.height = height,
	};
	struct resource *resource = add(table, &record);
	if (resource == NULL) {
		return NULL;
	}
	resource->flat = true;
	if (!make_image(table, resource)) {
		resource_destroy(table, resource);
		return NULL;
	}
	return resource;
}

/** Too much is better than too little: the largest of pixels, and a third for smaller levels. */
static uint64_t estimate_bytes(const struct resource_3d *shape) {
	const uint64_t pixel_bytes = shape->target == RESOURCE_TARGET_BUFFER ? 1
		: image_format_is_known(shape->format)                       ? IMAGE_PIXEL_BYTES
									     : 16;
	const uint64_t factors[] = {
		shape->height, shape->depth, shape->array_size, shape->nr_samples, pixel_bytes};
	uint64_t bytes = shape->width;
	for (size_t i = 0; i < sizeof(factors) / sizeof(factors[0]); i++) {
		if (factors[i] > 1 && bytes > UINT64_MAX / 2 / factors[i]) {
			return UINT64_MAX;
		}
		bytes *= factors[i] > 1 ? factors[i] : 1;
	}
	return shape->last_level > 0 ? bytes + bytes / 3 : bytes;
}

static bool is_flat(const struct resource_3d *shape) {
	return (shape->target == RESOURCE_TARGET_2D || shape->target == RESOURCE_TARGET_RECT) &&
		image_format_is_known(shape->format) && shape->width >= 1 && shape->height >= 1 &&
		shape->width <= IMAGE_MAX_SIDE && shape->height <= IMAGE_MAX_SIDE &&
		shape->depth <= 1 && shape->array_size <= 1 && shape->nr_samples <= 1;
}

struct resource *resource_create_3d(
	struct resource_table *table, uint32_t id, const struct resource_3d *shape) {
	const struct resource_record record = {
		.id = id,
		.kind = RESOURCE_3D,
		.format = shape->format,
		.width = shape->width,
		.height = shape->height,
	};
	const uint64_t bytes = estimate_bytes(shape);
	if (bytes > RESOURCE_MAX_3D_BYTES - table->bytes_3d) {
		return NULL;
	}
	struct resource *resource = add(table, &record);
	if (resource != NULL) {
		resource->flat = is_flat(shape);
		resource->top_down = (shape->flags & VIRTIO_GPU_RESOURCE_FLAG_Y_0_TOP) != 0;
		resource->bytes_3d = bytes;
		table->bytes_3d += bytes;
	}
	return resource;
}

void resource_set_direct(struct resource_table *table, struct renderer_export *exported) {
	struct resource *resource = resource_table_find(table, exported->resource);
	const struct render_exported *info = &exported->info;
	if (resource == NULL || resource->content != exported->content ||
		resource->direct != NULL || exported->fd < 0 ||
		table->direct_count == RESOURCE_MAX_DIRECT ||
		info->width != resource->record->width ||
		info->height != resource->record->height) {
		return;
	}
	const struct image_dmabuf dmabuf = {
		.fd = exported->fd,
		.size_bytes = exported->size_bytes,
		.fourcc = info->fourcc,
		.width = info->width,
		.height = info->height,
		.stride_bytes = info->stride,
		.offset_bytes = info->offset,
		.modifier = info->modifier,
	};
	exported->fd = -1;
	resource->direct = image_create_dmabuf(&table->budget, &dmabuf);
	if (resource->direct != NULL) {
		resource->direct->content = resource->content;
		table->direct_count++;
	}
}

void resource_table_lose_3d(struct resource_table *table) {
	for (size_t i = 0; i < RESOURCE_BUCKETS; i++) {
		struct resource *resource;
		wl_list_for_each (resource, &table->buckets[i], link) {
			resource->lost = resource->lost || resource->record->kind == RESOURCE_3D;
		}
	}
}

bool resource_make_writable(
	struct resource_table *table, struct resource *resource, const struct pixman_box32 *box) {
	struct image *old = resource->image;
	if (old == NULL) {
		return make_image(table, resource);
	}
	if (image_is_writable(old)) {
		return true;
	}
	assert(old->pool != NULL); // it has been flushed
	struct image *spare = image_pool_take(
		old->pool, old->width, old->height, resource->content);
	if (spare == NULL) {
		// Better an early frame than none: what is only pending may be written over.
		return !image_is_held(old);
	}
	image_refresh(spare, old, box);
	spare->pool = old->pool;
	resource->image = spare;
	image_pool_put(old->pool, old);
	return true;
}

void resource_destroy(struct resource_table *table, struct resource *resource) {
	resource_detach(table, resource);
	wl_list_remove(&resource->link);
	image_unref(resource->image);
	if (resource->direct != NULL) {
		image_unref(resource->direct);
		table->direct_count--;
	}
	table->bytes_3d -= resource->bytes_3d;
	*resource->record = (struct resource_record){0};
	table->count--;
	free(resource);
}

enum virtio_gpu_ctrl_type resource_attach(struct resource_table *table, struct resource *resource,
	const struct virtio_gpu_mem_entry *entries, uint32_t count) {
	if (resource->record->has_backing) {
		return VIRTIO_GPU_RESP_ERR_UNSPEC;
	}
	if (count > RESOURCE_MAX_ALL_ENTRIES - table->entry_count) {
		return VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
	}
	struct resource_entry *merged = calloc(count > 0 ? count : 1, sizeof(*merged));
	if (merged == NULL) {
		return VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
	}
	uint32_t used = 0;
	uint64_t offset_bytes = 0; // cannot overflow: 2^14 entries of less than 2^32 bytes
	for (uint32_t i = 0; i < count; i++) {
		const uint64_t address = le64toh(entries[i].addr);
		const uint64_t length_bytes = le32toh(entries[i].length);
		struct resource_entry *last = used > 0 ? &merged[used - 1] : NULL;
		if (length_bytes == 0) {
			continue;
		}
		if (last != NULL && last->address + last->length_bytes == address) {
			last->length_bytes += length_bytes;
		} else {
			merged[used++] = (struct resource_entry){
				.address = address,
				.offset_bytes = offset_bytes,
				.length_bytes = length_bytes,
			};
		}
		offset_bytes += length_bytes;
	}
	struct resource_entry *fitted = realloc(merged, (used > 0 ? used : 1) * sizeof(*merged));
	resource->entries = fitted != NULL ? fitted : merged;
	resource->record->entry_count = used;
	resource->record->has_backing = true;
	table->entry_count += used;
	return VIRTIO_GPU_RESP_OK_NODATA;
}

void resource_detach(struct resource_table *table, struct resource *resource) {
	table->entry_count -= resource->record->entry_count;
	free(resource->entries);
	resource->entries = NULL;
	resource->record->entry_count = 0;
	resource->record->has_backing = false;
}

/** The index of the entry that holds the offset, or of the first one after it. */
static uint32_t find_entry(const struct resource *resource, uint64_t offset_bytes) {
	uint32_t low = 0, high = resource->record->entry_count;
	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;
		const struct resource_entry *entry = &resource->entries[middle];
		if (entry->offset_bytes + entry->length_bytes <= offset_bytes) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

/** Copy a guest range, which may pass through several regions of memory. */
static void read_guest(struct memory *memory, uint64_t address, uint8_t *out, size_t size_bytes) {
	const void *bytes = memory_at(memory, address, size_bytes);
	if (bytes != NULL) {
		memcpy(out, bytes, size_bytes);
		return;
	}
	struct iovec iov[MEMORY_MAX_REGIONS];
	const size_t count = memory_to_iov(memory, address, size_bytes, iov, MEMORY_MAX_REGIONS);
	const size_t copied = iov_read(iov, count, 0, out, size_bytes);
	memset(out + copied, 0, size_bytes - copied);
}

void resource_read(const struct resource *resource, struct memory *memory, uint64_t offset_bytes,
	uint8_t *out, size_t size_bytes) {
	uint32_t i = find_entry(resource, offset_bytes);
	while (size_bytes > 0 && i < resource->record->entry_count) {
		const struct resource_entry *entry = &resource->entries[i++];
		const uint64_t skip = offset_bytes - entry->offset_bytes;
		const uint64_t left = entry->length_bytes - skip;
		const size_t part = left < size_bytes ? (size_t)left : size_bytes;
		read_guest(memory, entry->address + skip, out, part);
		offset_bytes += part;
		out += part;
		size_bytes -= part;
	}
	memset(out, 0, size_bytes);
}
