/*
 * Preloaded into a program that draws through a fake guest: memory that vtest hands out is a
 * piece of the guest's, which begins where its file is positioned.
 *
 * FAKE_GUEST_MEMORY is the inode of that file. vtest itself knows only whole files.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static off_t place(int fd, off_t offset) {
	const char *inode = getenv("FAKE_GUEST_MEMORY");
	struct stat status;
	if (fd < 0 || inode == NULL || fstat(fd, &status) != 0 ||
		status.st_ino != strtoull(inode, NULL, 10)) {
		return offset;
	}
	return offset + lseek(fd, 0, SEEK_CUR);
}

// The C library has it under two names, and which one `mmap` is depends on how this was compiled.
void *guest_mmap(void *, size_t, int, int, int, off_t) __asm__("mmap");
void *guest_mmap64(void *, size_t, int, int, int, off_t) __asm__("mmap64");

void *guest_mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset) {
	return (void *)syscall(SYS_mmap, address, size, protection, flags, fd, place(fd, offset));
}

void *guest_mmap64(void *address, size_t size, int protection, int flags, int fd, off_t offset) {
	return guest_mmap(address, size, protection, flags, fd, offset);
}
