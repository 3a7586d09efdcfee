#include "libvirt_root.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "log.h"

#define CAPABILITIES_MAX_BYTES (8u * 1024 * 1024)

/* "file": libvirt would otherwise ask for a daemon that keeps logs. */
static const char qemu_conf[] = "stdio_handler = \"file\"\n";

/* As uid 0, also that of a user namespace, libvirt takes itself for the system's. */
static const char qemu_conf_root[] = "stdio_handler = \"file\"\n"
				     "user = \"+0\"\n"
				     "group = \"+0\"\n"
				     "dynamic_ownership = 0\n"
				     "remember_owner = 0\n"
				     "security_driver = \"none\"\n"
				     "namespaces = []\n"
				     "cgroup_controllers = []\n";

/* The folder of an emulator's kept capabilities, to be freed, or NULL. */
static char *kept_folder(const char *cache_folder, const char *emulator) {
	struct stat st;
	if (cache_folder == NULL || emulator == NULL || stat(emulator, &st) != 0) {
		return NULL;
	}
	return format_string("%s/capabilities-%lld-%lld-%lld", cache_folder, (long long)st.st_ino,
		(long long)st.st_size, (long long)st.st_mtim.tv_sec);
}

static void copy_capabilities(const char *from, const char *to) {
	DIR *folder = opendir(from);
	if (folder == NULL) {
		return;
	}
	int error = file_make_folders(to);
	struct dirent *entry;
	while (error == 0 && (entry = readdir(folder)) != NULL) {
		const char *dot = strrchr(entry->d_name, '.');
		if (dot == NULL || strcmp(dot, ".xml") != 0) {
			continue;
		}
		char *source = format_string("%s/%s", from, entry->d_name);
		char *target = format_string("%s/%s", to, entry->d_name);
		error = file_copy(source, target, CAPABILITIES_MAX_BYTES, 0600);
		free(target);
		free(source);
	}
	closedir(folder);
	if (error != 0) {
		log_debug("%s: %s", to, strerror(-error));
	}
}

int libvirt_root_prepare(const char *root, const char *cache_folder, const char *emulator) {
	char *etc = format_string("%s/etc", root);
	char *conf = format_string("%s/etc/qemu.conf", root);
	char *capabilities = format_string("%s/cache/qemu/capabilities", root);
	char *kept = kept_folder(cache_folder, emulator);
	const char *text = geteuid() == 0 ? qemu_conf_root : qemu_conf;
	int error = file_make_folders(etc);
	if (error == 0) {
		error = file_write(conf, text, strlen(text), 0600);
	}
	if (error == 0 && kept != NULL) {
		copy_capabilities(kept, capabilities);
	}
	free(kept);
	free(capabilities);
	free(conf);
	free(etc);
	return error;
}

void libvirt_root_keep_capabilities(
	const char *root, const char *cache_folder, const char *emulator) {
	char *capabilities = format_string("%s/cache/qemu/capabilities", root);
	char *kept = kept_folder(cache_folder, emulator);
	if (kept != NULL) {
		copy_capabilities(capabilities, kept);
	}
	free(kept);
	free(capabilities);
}
