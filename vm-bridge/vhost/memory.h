/*
 * The guest's memory, as QEMU described it in VHOST_USER_SET_MEM_TABLE.
 *
 * Every region is mapped whole, once. A pointer into guest memory is good until the table
 * changes: nothing keeps one across a turn of the event loop, it keeps the guest address and
 * asks again.
 */
#ifndef VHOST_MEMORY_H
#define VHOST_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#define MEMORY_MAX_REGIONS 32

/**
 * Where one region is. Plain numbers only: a successor process gets a copy.
 *
 * vhost-user, "Memory region description".
 */
struct memory_region_info {
	uint64_t guest_address; // guest physical address of the first byte
	uint64_t size_bytes;
	uint64_t user_address; // QEMU's own address of the first byte
	uint64_t file_offset_bytes;
};

struct memory_region {
	struct memory_region_info info;
	int fd; // owned
	uint8_t *bytes; // the first byte of the region
	void *mapping; // what munmap gets: starts on the file system's block
	size_t mapping_bytes;
	bool sealed; // the file cannot shrink under the mapping
};

struct memory {
	struct memory_region regions[MEMORY_MAX_REGIONS]; // sorted by guest_address
	unsigned region_count;
	unsigned last_hit; // index of the region that answered last
	/** Changes with every new table. */
	uint64_t generation;
};

void memory_init(struct memory *memory);
void memory_finish(struct memory *memory);

/**
 * Replace the table.
 *
 * The fds, one per region, belong to memory from here on, also on failure. Refused are: no or
 * too many regions, size 0, addresses that wrap, regions that overlap in either address space,
 * what is not a file, a file shorter than its region, and memory made with memfd_create that
 * carries no F_SEAL_SHRINK (QEMU's memory-backend-memfd seals by default). Other files cannot be
 * sealed: those are watched by memory_guard.
 *
 * Returns false with a reason, a static string, and then the old table stays as it was.
 */
bool memory_set_table(struct memory *memory, const struct memory_region_info *regions,
	const int *fds, unsigned count, const char **reason);

/** Drop all regions. */
void memory_clear(struct memory *memory);

/**
 * Where [guest_address, guest_address + size_bytes) is.
 *
 * Returns NULL when the range is empty, wraps, or does not lie inside one region.
 */
void *memory_at(struct memory *memory, uint64_t guest_address, uint64_t size_bytes);

/** The same for an address of QEMU's own, which is what rings are described by. */
void *memory_at_user(struct memory *memory, uint64_t user_address, uint64_t size_bytes);

/** Where in guest memory a byte lies that memory_at() or memory_at_user() told. False: nowhere. */
bool memory_address_of(const struct memory *memory, const void *byte, uint64_t *guest_address);

/**
 * Cut a guest range into buffers; one for each region that it passes through.
 *
 * Returns how many of the max buffers were filled, 0 when any byte of the range is not guest
 * memory or max does not suffice.
 */
size_t memory_to_iov(struct memory *memory, uint64_t guest_address, uint64_t size_bytes,
	struct iovec *iov, size_t max);

/**
 * Whether a file was truncated under a mapping: the pages there read as zeros now, and the
 * machine must be called broken.
 */
bool memory_is_torn(const struct memory *memory);

#endif
