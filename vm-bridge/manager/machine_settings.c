#include "machine_settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bridge.h"
#include "domain.h"
#include "domain_xml.h"
#include "file.h"
#include "keymap.h"
#include "log.h"
#include "machine.h"
#include "manager.h"
#include "timezone.h"

#define LOG_MAX_BYTES (4 * 1024 * 1024)
#define LOG_KEPT_BYTES (1024 * 1024)

char *machine_serial_path(const struct machine *machine) {
	return format_string("%s/serial.log", machine->folder);
}

void machine_trim_log(struct machine *machine) {
	char *path = machine_serial_path(machine);
	struct stat st;
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_blocks * 512 > LOG_MAX_BYTES) {
		// QEMU goes on at the end. What is cut reads as zeros, and costs nothing.
		off_t cut = st.st_size - LOG_KEPT_BYTES;
		if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, cut) != 0) {
			log_debug("%s: %s", path, strerror(errno));
		}
	}
	if (fd >= 0) {
		close(fd);
	}
	free(path);
}

char *machine_list_devices(const struct program *program) {
	return format_string("gpu keyboard%s mouse%s%s", program->mouse ? "" : " tablet",
		program->disk != NULL ? " disk" : "",
		program->network != PROGRAM_NETWORK_NONE ? " network" : "");
}

/* Returns the path, to be freed, or NULL: the guest then does without. */
static char *write_file(
	const struct machine *machine, const char *name, const void *content, size_t size_bytes) {
	char *path = format_string("%s/%s", machine->folder, name);
	int error = file_write(path, content, size_bytes, 0600);
	if (error != 0) {
		log_error("%s: %s", path, strerror(-error));
		free(path);
		return NULL;
	}
	return path;
}

static char *write_keymap(const struct machine *machine) {
	const struct manager *manager = machine->manager;
	uint8_t *table = malloc(KEYMAP_SIZE_BYTES);
	if (table == NULL) {
		abort();
	}
	int error = keymap_write(table, manager->keyboard_layout, manager->keyboard_variant,
		manager->keyboard_options);
	if (error != 0) {
		log_error("there is no keyboard layout \"%s\" \"%s\"", manager->keyboard_layout,
			manager->keyboard_variant);
		error = keymap_write(table, NULL, NULL, NULL);
	}
	char *path = error == 0 ? write_file(machine, "keymap", table, KEYMAP_SIZE_BYTES) : NULL;
	free(table);
	return path;
}

/* A value for the kernel command line: nothing in it may end the word or the line. */
static bool is_word(const char *text) {
	return text[0] != '\0' &&
		strspn(text,
			"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			"_+-/,.():") == strlen(text);
}

static void append_word(char **cmdline, const char *key, const char *value) {
	if (!is_word(value)) {
		return;
	}
	char *longer = format_string(
		"%s%s%s=%s", *cmdline, (*cmdline)[0] != '\0' ? " " : "", key, value);
	free(*cmdline);
	*cmdline = longer;
}

static char *make_cmdline(const struct machine *machine, const struct timezone_names *timezone) {
	const struct program *program = machine->program;
	if (!program->is_linux) {
		return program->cmdline != NULL ? format_string("%s", program->cmdline) : NULL;
	}
	const struct manager *manager = machine->manager;
	char *cmdline = format_string("%s", program->cmdline != NULL ? program->cmdline : "");
	append_word(&cmdline, "redecho.layout", manager->keyboard_layout);
	append_word(&cmdline, "redecho.variant", manager->keyboard_variant);
	append_word(&cmdline, "redecho.tz", timezone->area);
	return cmdline;
}

char *machine_settings_write(struct machine *machine, char **error) {
	const struct manager *manager = machine->manager;
	const struct program *program = machine->program;
	if (manager->emulator == NULL && manager->options->uri == NULL) {
		*error = format_string("there is no qemu-system-x86_64 in PATH");
		return NULL;
	}
	struct timezone_names timezone;
	timezone_read(&timezone);
	char *paths[BRIDGE_SOCKET_COUNT];
	for (int i = 0; i < BRIDGE_SOCKET_COUNT; i++) {
		paths[i] = bridge_socket_path(machine->bridge, (enum bridge_socket)i);
	}
	char *serial = machine_serial_path(machine);
	char *keymap = write_keymap(machine);
	char *zone = write_file(machine, "timezone", timezone.posix, strlen(timezone.posix));
	char *cmdline = make_cmdline(machine, &timezone);
	const struct domain_xml input = {
		.program = program,
		.name = machine->domain->name,
		.uuid = machine->domain->uuid,
		.emulator = manager->emulator,
		.kvm = manager_uses_kvm(manager),
		.gpu_path = paths[BRIDGE_SOCKET_GPU],
		.keyboard_path = paths[BRIDGE_SOCKET_KEYBOARD],
		.tablet_path = program->mouse ? NULL : paths[BRIDGE_SOCKET_TABLET],
		.mouse_path = paths[BRIDGE_SOCKET_MOUSE],
		.serial_path = serial,
		.keymap_path = keymap,
		.timezone_path = zone,
		.cmdline = cmdline,
		.overlay_path = machine->overlay.path,
		.way = machine->graphics.way,
		.render_node = machine->graphics.node,
	};
	char *xml = domain_xml_write(&input);
	free(cmdline);
	free(zone);
	free(keymap);
	free(serial);
	for (int i = 0; i < BRIDGE_SOCKET_COUNT; i++) {
		free(paths[i]);
	}
	return xml;
}
