#include "desk_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "file.h"
#include "log.h"

#define REMOVE_TRIES 100

bool desk_folder_check(const char *desk_dir) {
	struct stat st;
	if (lstat(desk_dir, &st) != 0) {
		log_error("%s: %s", desk_dir, strerror(errno));
		return false;
	} else if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 077) != 0) {
		log_error(
			"%s: not a folder of yours that no others can reach (chmod 700)", desk_dir);
		return false;
	}
	return true;
}

int desk_folder_lock(const char *desk_dir) {
	char *path = format_string("%s/manager.lock", desk_dir);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) != 0) {
		log_error("%s: %s", path,
			errno == EWOULDBLOCK ? "another redecho-vmd runs this desk"
					     : strerror(errno));
		if (fd >= 0) {
			close(fd);
		}
		fd = -1;
	}
	free(path);
	return fd;
}

int desk_folder_listen(const char *desk_dir) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int length = snprintf(
		address.sun_path, sizeof(address.sun_path), "%s/manager.sock", desk_dir);
	if (length >= (int)sizeof(address.sun_path)) {
		log_error("%s: too long a path", desk_dir);
		return -1;
	}
	unlink(address.sun_path); // the lock is ours: nobody listens on it
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
		listen(fd, 16) != 0) {
		log_error("%s: %s", address.sun_path, strerror(errno));
		if (fd >= 0) {
			close(fd);
		}
		return -1;
	}
	return fd;
}

void desk_folder_clear(const char *desk_dir, const char *state_folder) {
	static const char *const files[] = {"manager.sock", "manager.lock"};
	// libvirt's own threads end with the process: what one of them still writes is removed too.
	for (int i = 0; i < REMOVE_TRIES && access(state_folder, F_OK) == 0; i++) {
		file_remove_tree(state_folder);
	}
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char *path = format_string("%s/%s", desk_dir, files[i]);
		unlink(path);
		free(path);
	}
}

char *desk_folder_find_cache(void) {
	const char *cache = getenv("XDG_CACHE_HOME");
	const char *home = getenv("HOME");
	char *folder = NULL;
	if (cache != NULL && cache[0] == '/') {
		folder = format_string("%s/redecho", cache);
	} else if (home != NULL && home[0] == '/') {
		folder = format_string("%s/.cache/redecho", home);
	}
	if (folder != NULL && file_make_folders(folder) != 0) {
		log_info("%s cannot be made: nothing is cached", folder);
		free(folder);
		folder = NULL;
	}
	return folder;
}
