#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *format_string(const char *format, ...) {
	va_list args;
	va_start(args, format);
	char *text = NULL;
	int length = vasprintf(&text, format, args);
	va_end(args);
	if (length < 0) {
		abort();
	}
	return text;
}

static char *read_all(int fd, size_t cap_bytes, size_t *size_bytes) {
	size_t room = 4096, size = 0;
	char *content = malloc(room);
	while (content != NULL) {
		ssize_t got = read(fd, content + size, room - size - 1);
		if (got < 0 && errno == EINTR) {
			continue;
		} else if (got < 0) {
			break;
		} else if (got == 0) {
			content[size] = '\0';
			*size_bytes = size;
			return content;
		}
		size += (size_t)got;
		if (size > cap_bytes) {
			errno = EFBIG;
			break;
		}
		if (size + 1 == room) {
			char *larger = realloc(content, room * 2);
			if (larger == NULL) {
				break;
			}
			content = larger;
			room *= 2;
		}
	}
	int error = errno;
	free(content);
	errno = error;
	return NULL;
}

char *file_read(const char *path, size_t cap_bytes, size_t *size_bytes) {
	// Non-blocking, so that a FIFO is refused rather than waited for.
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		return NULL;
	}
	struct stat st;
	char *content = NULL;
	if (fstat(fd, &st) == 0) {
		if (S_ISREG(st.st_mode)) {
			content = read_all(fd, cap_bytes, size_bytes);
		} else {
			errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
		}
	}
	int error = errno;
	close(fd);
	errno = error;
	return content;
}

static int write_all(int fd, const char *content, size_t size_bytes) {
	while (size_bytes > 0) {
		ssize_t written = write(fd, content, size_bytes);
		if (written < 0 && errno == EINTR) {
			continue;
		} else if (written < 0) {
			return -errno;
		}
		content += written;
		size_bytes -= (size_t)written;
	}
	return 0;
}

int file_write(const char *path, const void *content, size_t size_bytes, mode_t mode) {
	char *temporary = format_string("%s.XXXXXX", path);
	int fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0) {
		int error = -errno;
		free(temporary);
		return error;
	}
	int error = write_all(fd, content, size_bytes);
	if (error == 0 && fchmod(fd, mode) != 0) {
		error = -errno;
	}
	if (close(fd) != 0 && error == 0) {
		error = -errno;
	}
	if (error == 0 && rename(temporary, path) != 0) {
		error = -errno;
	}
	if (error != 0) {
		unlink(temporary);
	}
	free(temporary);
	return error;
}

int file_copy(const char *from, const char *to, size_t cap_bytes, mode_t mode) {
	size_t size_bytes = 0;
	char *content = file_read(from, cap_bytes, &size_bytes);
	if (content == NULL) {
		return -errno;
	}
	int error = file_write(to, content, size_bytes, mode);
	free(content);
	return error;
}

int file_make_folders(const char *path) {
	char *copy = format_string("%s", path);
	int error = 0;
	for (char *slash = copy + 1; error == 0; slash++) {
		if (*slash != '/' && *slash != '\0') {
			continue;
		}
		char saved = *slash;
		*slash = '\0';
		if (mkdir(copy, 0700) != 0 && errno != EEXIST) {
			error = -errno;
		}
		*slash = saved;
		if (saved == '\0') {
			break;
		}
	}
	free(copy);
	return error;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw) {
	remove(path);
	return 0;
}

void file_remove_tree(const char *path) {
	nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}
