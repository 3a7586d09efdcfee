#include "fake_socket.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int fake_socket_listen(struct fake_socket *sock) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	strcpy(sock->folder, "/tmp/re-fake.XXXXXX");
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || mkdtemp(sock->folder) == NULL) {
		perror("fake socket");
		abort();
	}
	snprintf(sock->path, sizeof(sock->path), "%s/s", sock->folder);
	memcpy(address.sun_path, sock->path, sizeof(address.sun_path));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, 4) != 0) {
		perror("fake socket");
		abort();
	}
	return fd;
}

void fake_socket_remove(struct fake_socket *sock) {
	unlink(sock->path);
	rmdir(sock->folder);
}

unsigned fake_socket_count_fds(void) {
	unsigned count = 0;
	DIR *dir = opendir("/proc/self/fd");
	if (dir == NULL) {
		perror("/proc/self/fd");
		abort();
	}
	while (readdir(dir) != NULL) {
		count++;
	}
	closedir(dir);
	return count - 3; // ".", ".." and the folder itself
}
