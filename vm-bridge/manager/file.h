#ifndef FILE_H
#define FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/** Small helpers for files and paths. Paths are absolute unless said otherwise. */

/**
 * Read a whole file.
 *
 * Returns it with a NUL after its end, to be freed, and its size without that NUL; or NULL
 * with errno: EFBIG when it is longer than cap_bytes, EISDIR or EINVAL when it is no regular
 * file. /proc files are read too: their size is not believed.
 */
char *file_read(const char *path, size_t cap_bytes, size_t *size_bytes);

/**
 * Replace a file as one step: a reader sees the old content or the new, also after a crash.
 *
 * Returns 0 or -errno; then the old file is untouched and nothing is left behind.
 */
int file_write(const char *path, const void *content, size_t size_bytes, mode_t mode);

/** Copy a file of up to cap_bytes as file_write does. Returns 0 or -errno. */
int file_copy(const char *from, const char *to, size_t cap_bytes, mode_t mode);

/** Make a folder and the missing ones above it, each 0700. Returns 0 or -errno. */
int file_make_folders(const char *path);

/** Remove a folder and all in it, crossing no link and no mount. Errors are ignored. */
void file_remove_tree(const char *path);

/** printf into memory to be freed; exits when there is none. */
char *format_string(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
