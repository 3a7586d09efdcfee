/**
 * The machine's memory: which of it is RAM (Xen's PVH start info), and mapping of device memory.
 */
#ifndef GK_BOOT_MEMORY_H
#define GK_BOOT_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/heap.h"

/**
 * Xen PVH start info, version 1 (xen/include/public/arch-x86/hvm/start_info.h).
 */
struct start_info {
	uint32_t magic;
	uint32_t version;
	uint32_t flags;
	uint32_t module_count;
	uint64_t modules_address;
	uint64_t command_line_address;
	uint64_t rsdp_address;
	uint64_t memory_map_address;
	uint32_t memory_map_entries;
	uint32_t reserved;
};

/**
 * Give the RAM below 4 GiB that nothing else uses to the heap.
 *
 * Returns false if the start info is not PVH's, version 1 or later, or names no usable RAM.
 */
bool memory_init(struct heap *heap, const struct start_info *info);

/**
 * Map device memory of any physical address one to one, uncached, writable, not executable. What
 * lies below 4 GiB is mapped already. The heap pays for page tables.
 *
 * Returns NULL without memory for page tables, or if the range leaves the 256 TiB there are.
 */
volatile void *memory_map_device(struct heap *heap, uint64_t address, uint64_t size_bytes);

#endif
