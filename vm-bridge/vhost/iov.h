// Copies between private memory and scattered guest memory.
#ifndef VHOST_IOV_H
#define VHOST_IOV_H

#include <stddef.h>
#include <sys/uio.h>

/**
 * The sum of the lengths of count buffers, in bytes.
 */
size_t iov_length(const struct iovec *iov, size_t count);

/**
 * Copy size_bytes, from offset_bytes on, out of the buffers.
 *
 * The guest may be writing the same memory: what was copied is a private snapshot, and the
 * caller must look only at that.
 *
 * Returns the bytes copied; fewer than asked when the buffers end.
 */
size_t iov_read(
	const struct iovec *iov, size_t count, size_t offset_bytes, void *bytes, size_t size_bytes);

/**
 * Copy size_bytes into the buffers, from offset_bytes on.
 *
 * Returns the bytes copied; fewer than asked when the buffers end.
 */
size_t iov_write(const struct iovec *iov, size_t count, size_t offset_bytes, const void *bytes,
	size_t size_bytes);

#endif
