// Where the configuration is found, and the user's first one.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "config.h"

char *config_user_path(const char *below) {
	const char *config_home = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");
	char path[4096];
	if (config_home != NULL && config_home[0] == '/') {
		snprintf(path, sizeof(path), "%s/redecho/%s", config_home, below);
	} else if (home != NULL && home[0] == '/') {
		snprintf(path, sizeof(path), "%s/.config/redecho/%s", home, below);
	} else {
		return NULL;
	}
	return alloc_string(path);
}

char *config_find_path(const char *given) {
	if (given == NULL) {
		given = getenv("REDECHO_CONFIG");
	}
	if (given != NULL && given[0] != '\0') {
		return alloc_string(given);
	}
	char *path = config_user_path("config");
	if (path != NULL && access(path, F_OK) == 0) {
		return path;
	}
	free(path);
	const char *of_system = CONFIG_SYSTEM_FOLDER "/config";
	return access(of_system, F_OK) == 0 ? alloc_string(of_system) : NULL;
}

// The folders above a file, which is all that may be missing of an absolute path.
static bool make_folders(const char *path) {
	char folder[4096];
	snprintf(folder, sizeof(folder), "%s", path);
	for (char *slash = strchr(folder + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(folder, 0755) != 0 && errno != EEXIST) {
			return false;
		}
		*slash = '/';
	}
	return true;
}

static bool write_all(int fd, const char *text, size_t len) {
	while (len > 0) {
		ssize_t written = write(fd, text, len);
		if (written < 0 && errno == EINTR) {
			continue;
		}
		if (written <= 0) {
			return false;
		}
		text += written;
		len -= (size_t)written;
	}
	return true;
}

bool config_write_default(const char *path) {
	if (!make_folders(path)) {
		return false;
	}
	// Whole or not at all: half a configuration would hide the rest of the defaults.
	char new_path[4096];
	snprintf(new_path, sizeof(new_path), "%s.%d", path, (int)getpid());
	int fd = open(new_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0) {
		return false;
	}
	const char *text = config_default_text();
	bool ok = write_all(fd, text, strlen(text)) && fsync(fd) == 0;
	int error = errno;
	close(fd);
	// link() leaves a file that somebody else has made meanwhile as it is.
	if (ok && link(new_path, path) != 0) {
		ok = false;
		error = errno;
	}
	unlink(new_path);
	errno = error;
	return ok;
}
