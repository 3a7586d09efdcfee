#include "memory.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory_guard.h"

void memory_init(struct memory *memory) {
	memset(memory, 0, sizeof(*memory));
}

static void region_finish(struct memory_region *region) {
	if (region->mapping != NULL) {
		if (!region->sealed) {
			memory_guard_remove(region->mapping);
		}
		munmap(region->mapping, region->mapping_bytes);
	}
	close(region->fd);
}

void memory_clear(struct memory *memory) {
	for (unsigned i = 0; i < memory->region_count; i++) {
		region_finish(&memory->regions[i]);
	}
	memory->region_count = 0;
	memory->last_hit = 0;
	memory->generation++;
}

void memory_finish(struct memory *memory) {
	memory_clear(memory);
}

static bool overlaps(uint64_t a, uint64_t b, uint64_t a_size, uint64_t b_size) {
	return a < b ? b - a < a_size : a - b < b_size;
}

static const char *check_table(const struct memory_region_info *regions, unsigned count) {
	if (count == 0 || count > MEMORY_MAX_REGIONS) {
		return "memory table has no or too many regions";
	}
	for (unsigned i = 0; i < count; i++) {
		const struct memory_region_info *r = &regions[i];
		if (r->size_bytes == 0) {
			return "memory region is empty";
		}
		uint64_t last = r->size_bytes - 1;
		if (r->guest_address > UINT64_MAX - last || r->user_address > UINT64_MAX - last ||
			r->file_offset_bytes > (uint64_t)INT64_MAX - r->size_bytes ||
			r->size_bytes > (uint64_t)INT64_MAX) {
			return "memory region wraps";
		}
		for (unsigned j = 0; j < i; j++) {
			const struct memory_region_info *o = &regions[j];
			if (overlaps(r->guest_address, o->guest_address, r->size_bytes,
				    o->size_bytes) ||
				overlaps(r->user_address, o->user_address, r->size_bytes,
					o->size_bytes)) {
				return "memory regions overlap";
			}
		}
	}
	return NULL;
}

// Whether the file cannot shrink, or has to be watched. Returns a reason to refuse it.
static const char *check_seal(int fd, bool *sealed) {
	int seals = fcntl(fd, F_GET_SEALS);
	if (seals >= 0 && (seals & F_SEAL_SHRINK) != 0) {
		*sealed = true;
		return NULL;
	}
	*sealed = false;
	// A file that refuses even the question, or is born with F_SEAL_SEAL (a plain file of
	// tmpfs), could not have been sealed. A memfd could, so leaving it open is on purpose.
	if (seals < 0 || (seals & F_SEAL_SEAL) != 0) {
		return NULL;
	}
	return "guest memory is a memfd without F_SEAL_SHRINK";
}

/*
 * The mapping starts on a block of the file system, because hugetlbfs maps nothing smaller than
 * its pages while a region may start in the middle of one.
 */
static const char *region_map(struct memory_region *region) {
	const struct memory_region_info *info = &region->info;
	struct stat stat;
	// The seals first: what was long enough may be cut until it is sealed, not after.
	const char *reason = check_seal(region->fd, &region->sealed);
	if (fstat(region->fd, &stat) != 0 || !S_ISREG(stat.st_mode)) {
		return "guest memory is not a file";
	}
	if (stat.st_size < 0 ||
		(uint64_t)stat.st_size < info->file_offset_bytes + info->size_bytes) {
		return "guest memory's file is shorter than its region";
	}
	if (reason != NULL) {
		return reason;
	}

	uint64_t block = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t file_block = stat.st_blksize > 0 ? (uint64_t)stat.st_blksize : 0;
	if (file_block > block && (file_block & (file_block - 1)) == 0) {
		block = file_block;
	}
	uint64_t slack = info->file_offset_bytes & (block - 1);
	uint64_t size = (info->size_bytes + slack + block - 1) & ~(block - 1);
	void *mapping = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE,
		region->fd, (off_t)(info->file_offset_bytes - slack));
	if (mapping == MAP_FAILED) {
		return "guest memory cannot be mapped";
	}
	if (!region->sealed && !memory_guard_add(mapping, size)) {
		munmap(mapping, size);
		return "too many unsealed memory regions";
	}
	// A core file of this process must not carry the guest's memory.
	madvise(mapping, size, MADV_DONTDUMP);
	region->mapping = mapping;
	region->mapping_bytes = size;
	region->bytes = (uint8_t *)mapping + slack;
	return NULL;
}

static void insert_sorted(struct memory *memory, const struct memory_region *region) {
	unsigned i = memory->region_count++;
	while (i > 0 && memory->regions[i - 1].info.guest_address > region->info.guest_address) {
		memory->regions[i] = memory->regions[i - 1];
		i--;
	}
	memory->regions[i] = *region;
}

bool memory_set_table(struct memory *memory, const struct memory_region_info *regions,
	const int *fds, unsigned count, const char **reason) {
	struct memory new;
	memory_init(&new);
	*reason = check_table(regions, count);
	unsigned taken = 0;
	while (*reason == NULL && taken < count) {
		struct memory_region region = {.info = regions[taken], .fd = fds[taken]};
		*reason = region_map(&region);
		if (*reason == NULL) {
			insert_sorted(&new, &region);
			taken++;
		}
	}
	if (*reason != NULL) {
		memory_clear(&new);
		for (unsigned i = taken; i < count; i++) {
			close(fds[i]);
		}
		return false;
	}

	new.generation = memory->generation + 1;
	memory_clear(memory);
	*memory = new;
	return true;
}

static bool contains(uint64_t start, uint64_t region_size, uint64_t address, uint64_t size) {
	return address >= start && address - start < region_size &&
		size <= region_size - (address - start);
}

// Backings are looked up entry by entry, and neighbours lie in the same region.
static struct memory_region *find(struct memory *memory, uint64_t address) {
	if (memory->region_count == 0) {
		return NULL;
	}
	struct memory_region *region = &memory->regions[memory->last_hit];
	if (contains(region->info.guest_address, region->info.size_bytes, address, 1)) {
		return region;
	}
	unsigned low = 0, high = memory->region_count;
	while (low < high) {
		unsigned middle = low + (high - low) / 2;
		region = &memory->regions[middle];
		if (address < region->info.guest_address) {
			high = middle;
		} else if (address - region->info.guest_address >= region->info.size_bytes) {
			low = middle + 1;
		} else {
			memory->last_hit = middle;
			return region;
		}
	}
	return NULL;
}

void *memory_at(struct memory *memory, uint64_t guest_address, uint64_t size_bytes) {
	struct memory_region *region = find(memory, guest_address);
	if (region == NULL || size_bytes == 0 ||
		!contains(region->info.guest_address, region->info.size_bytes, guest_address,
			size_bytes)) {
		return NULL;
	}
	return region->bytes + (guest_address - region->info.guest_address);
}

void *memory_at_user(struct memory *memory, uint64_t user_address, uint64_t size_bytes) {
	for (unsigned i = 0; i < memory->region_count && size_bytes > 0; i++) {
		struct memory_region *region = &memory->regions[i];
		if (contains(region->info.user_address, region->info.size_bytes, user_address,
			    size_bytes)) {
			return region->bytes + (user_address - region->info.user_address);
		}
	}
	return NULL;
}

bool memory_address_of(const struct memory *memory, const void *byte, uint64_t *guest_address) {
	for (unsigned i = 0; i < memory->region_count; i++) {
		const struct memory_region *region = &memory->regions[i];
		const uintptr_t offset = (uintptr_t)byte - (uintptr_t)region->bytes;
		if (offset < region->info.size_bytes) {
			*guest_address = region->info.guest_address + offset;
			return true;
		}
	}
	return false;
}

size_t memory_to_iov(struct memory *memory, uint64_t guest_address, uint64_t size_bytes,
	struct iovec *iov, size_t max) {
	size_t count = 0;
	if (size_bytes > 0 && guest_address > UINT64_MAX - (size_bytes - 1)) {
		return 0;
	}
	while (size_bytes > 0) {
		struct memory_region *region = find(memory, guest_address);
		if (region == NULL || count == max) {
			return 0;
		}
		uint64_t offset = guest_address - region->info.guest_address;
		uint64_t part = region->info.size_bytes - offset;
		if (part > size_bytes) {
			part = size_bytes;
		}
		iov[count].iov_base = region->bytes + offset;
		iov[count].iov_len = part;
		count++;
		size_bytes -= part;
		guest_address += part;
	}
	return count;
}

bool memory_is_torn(const struct memory *memory) {
	for (unsigned i = 0; i < memory->region_count; i++) {
		const struct memory_region *region = &memory->regions[i];
		if (!region->sealed && memory_guard_hit(region->mapping)) {
			return true;
		}
	}
	return false;
}
