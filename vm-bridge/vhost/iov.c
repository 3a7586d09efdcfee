#include "iov.h"

#include <stdint.h>
#include <string.h>

// Keeps the compiler from fetching guest memory a second time after a copy.
static void forget_memory(void) {
	__asm__ volatile("" ::: "memory");
}

size_t iov_length(const struct iovec *iov, size_t count) {
	size_t length = 0;
	for (size_t i = 0; i < count; i++) {
		length += iov[i].iov_len;
	}
	return length;
}

enum direction {
	FROM_IOV,
	TO_IOV,
};

static size_t copy(const struct iovec *iov, size_t count, size_t offset, uint8_t *bytes,
	size_t size, enum direction direction) {
	size_t done = 0;
	for (size_t i = 0; i < count && done < size; i++) {
		if (offset >= iov[i].iov_len) {
			offset -= iov[i].iov_len;
			continue;
		}
		size_t part = iov[i].iov_len - offset;
		if (part > size - done) {
			part = size - done;
		}
		uint8_t *there = (uint8_t *)iov[i].iov_base + offset;
		if (direction == FROM_IOV) {
			memcpy(bytes + done, there, part);
		} else {
			memcpy(there, bytes + done, part);
		}
		done += part;
		offset = 0;
	}
	forget_memory();
	return done;
}

size_t iov_read(const struct iovec *iov, size_t count, size_t offset_bytes, void *bytes,
	size_t size_bytes) {
	return copy(iov, count, offset_bytes, bytes, size_bytes, FROM_IOV);
}

size_t iov_write(const struct iovec *iov, size_t count, size_t offset_bytes, const void *bytes,
	size_t size_bytes) {
	return copy(iov, count, offset_bytes, (uint8_t *)bytes, size_bytes, TO_IOV);
}
