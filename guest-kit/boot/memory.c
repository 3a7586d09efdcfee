#include "boot/memory.h"

#define START_INFO_MAGIC 0x336ec578
#define MEMORY_TYPE_RAM 1

#define FOUR_GIB (UINT64_C(1) << 32)
#define ADDRESS_LIMIT (UINT64_C(1) << 47)

#define PAGE_PRESENT_WRITE 0x003
#define PAGE_UNCACHED 0x018
#define PAGE_LARGE 0x080
#define PAGE_NOT_EXECUTABLE (UINT64_C(1) << 63)
#define PAGE_ADDRESS UINT64_C(0x000ffffffffff000)
#define LARGE_PAGE_BYTES UINT64_C(0x200000)

struct memory_map_entry {
	uint64_t address;
	uint64_t size_bytes;
	uint32_t type;
	uint32_t reserved;
};

extern uint64_t gk_page_map[512];
extern char gk_end[];

bool memory_init(struct heap *heap, const struct start_info *info) {
	if (info->magic != START_INFO_MAGIC || info->version < 1) {
		return false;
	}
	const struct memory_map_entry *map = (void *)info->memory_map_address;
	for (uint32_t i = 0; i < info->memory_map_entries; i++) {
		// Everything below our end is left alone: ourselves, firmware, the start info.
		uint64_t start = map[i].address;
		uint64_t end = start + map[i].size_bytes;
		start = start < (uint64_t)gk_end ? (uint64_t)gk_end : start;
		end = end > FOUR_GIB ? FOUR_GIB : end;
		if (map[i].type == MEMORY_TYPE_RAM && start < end) {
			heap_add(heap, (void *)start, end - start);
		}
	}
	return heap->free_bytes > 0;
}

// The table that an entry points to, made if there is none. NULL without memory.
static uint64_t *descend(struct heap *heap, uint64_t *entry) {
	if (*entry == 0) {
		void *table = heap_allocate(heap, 4096, 4096);
		if (table == NULL) {
			return NULL;
		}
		*entry = (uint64_t)table | PAGE_PRESENT_WRITE;
	}
	return (uint64_t *)(*entry & PAGE_ADDRESS);
}

volatile void *memory_map_device(struct heap *heap, uint64_t address, uint64_t size_bytes) {
	if (address >= ADDRESS_LIMIT || size_bytes > ADDRESS_LIMIT - address) {
		return NULL;
	}
	uint64_t page = address & ~(LARGE_PAGE_BYTES - 1);
	page = page < FOUR_GIB ? FOUR_GIB : page;
	for (; page < address + size_bytes; page += LARGE_PAGE_BYTES) {
		uint64_t *pointers = descend(heap, &gk_page_map[page >> 39 & 511]);
		if (pointers == NULL) {
			return NULL;
		}
		uint64_t *directory = descend(heap, &pointers[page >> 30 & 511]);
		if (directory == NULL) {
			return NULL;
		}
		directory[page >> 21 & 511] = page | PAGE_PRESENT_WRITE | PAGE_UNCACHED |
			PAGE_LARGE | PAGE_NOT_EXECUTABLE;
	}
	return (volatile void *)address;
}
