/**
 * fake_systemd: org.freedesktop.systemd1 on the user's bus, as far as transient scopes go.
 *
 *     fake_systemd MODE
 *
 * Prints "ready", then a line for each AttachProcessesToUnit, and one for each
 * StartTransientUnit: the unit, the mode, and its properties as NAME=VALUE. MODE is what becomes of it: done, refused (an error for an answer), failed (the
 * job fails later), exists, silent (no answer at all).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>

#define PATH "/org/freedesktop/systemd1"
#define INTERFACE "org.freedesktop.systemd1.Manager"

static void print_value(sd_bus_message *message) {
	const char *type;
	const char *text;
	uint64_t number;
	uint32_t item;
	int flag;
	sd_bus_message_peek_type(message, NULL, &type);
	sd_bus_message_enter_container(message, 'v', type);
	if (strcmp(type, "s") == 0 && sd_bus_message_read(message, "s", &text) > 0) {
		printf("%s", text);
	} else if (strcmp(type, "t") == 0 && sd_bus_message_read(message, "t", &number) > 0) {
		printf("%" PRIu64, number);
	} else if (strcmp(type, "b") == 0 && sd_bus_message_read(message, "b", &flag) > 0) {
		printf("%d", flag);
	} else if (strcmp(type, "as") == 0) {
		sd_bus_message_enter_container(message, 'a', "s");
		for (int i = 0; sd_bus_message_read(message, "s", &text) > 0; i++) {
			printf("%s%s", i > 0 ? "," : "", text);
		}
		sd_bus_message_exit_container(message);
	} else if (strcmp(type, "au") == 0) {
		sd_bus_message_enter_container(message, 'a', "u");
		for (int i = 0; sd_bus_message_read(message, "u", &item) > 0; i++) {
			printf("%s%" PRIu32, i > 0 ? "," : "", item);
		}
		sd_bus_message_exit_container(message);
	} else {
		printf("?%s", type);
		sd_bus_message_skip(message, type);
	}
	sd_bus_message_exit_container(message);
}

static void print_properties(sd_bus_message *message) {
	const char *name;
	sd_bus_message_enter_container(message, 'a', "(sv)");
	while (sd_bus_message_enter_container(message, 'r', "sv") > 0) {
		if (sd_bus_message_read(message, "s", &name) <= 0) {
			exit(EXIT_FAILURE);
		}
		printf(" %s=", name);
		print_value(message);
		sd_bus_message_exit_container(message);
	}
	sd_bus_message_exit_container(message);
}

static int handle_start(sd_bus_message *message, void *data, sd_bus_error *error) {
	const char *fake = data;
	const char *unit, *mode;
	if (sd_bus_message_read(message, "ss", &unit, &mode) < 0) {
		return -1;
	}
	printf("start %s %s", unit, mode);
	print_properties(message);
	printf("\n");
	fflush(stdout);
	if (strcmp(fake, "silent") == 0) {
		return 1;
	} else if (strcmp(fake, "refused") == 0) {
		return sd_bus_error_set(
			error, SD_BUS_ERROR_ACCESS_DENIED, "No delegation\nto be had");
	} else if (strcmp(fake, "exists") == 0) {
		return sd_bus_error_set(
			error, "org.freedesktop.systemd1.UnitExists", "Unit was already loaded");
	}
	const char *job = PATH "/job/7";
	int result = sd_bus_reply_method_return(message, "o", job);
	// Other jobs end, too.
	sd_bus *bus = sd_bus_message_get_bus(message);
	sd_bus_emit_signal(
		bus, PATH, INTERFACE, "JobRemoved", "uoss", 6, job, "other.scope", "failed");
	sd_bus_emit_signal(bus, PATH, INTERFACE, "JobRemoved", "uoss", 7, job, unit,
		strcmp(fake, "failed") == 0 ? "failed" : "done");
	return result;
}

static int handle_attach(sd_bus_message *message, void *data, sd_bus_error *error) {
	const char *unit, *path;
	uint32_t pid;
	if (sd_bus_message_read(message, "ssau", &unit, &path, 1, &pid) < 0) {
		return -1;
	}
	printf("attach %s [%s] %" PRIu32 "\n", unit, path, pid);
	fflush(stdout);
	return sd_bus_reply_method_return(message, "");
}

static const sd_bus_vtable vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD("StartTransientUnit", "ssa(sv)a(sa(sv))", "o", handle_start,
		SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD(
		"AttachProcessesToUnit", "ssau", "", handle_attach, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_SIGNAL("JobRemoved", "uoss", 0),
	SD_BUS_VTABLE_END,
};

int main(int argc, char **argv) {
	sd_bus *bus = NULL;
	if (argc != 2 || sd_bus_open_user(&bus) < 0 ||
		sd_bus_add_object_vtable(bus, NULL, PATH, INTERFACE, vtable, argv[1]) < 0 ||
		sd_bus_request_name(bus, "org.freedesktop.systemd1", 0) < 0) {
		fprintf(stderr, "fake_systemd cannot be reached by the bus\n");
		return EXIT_FAILURE;
	}
	printf("ready\n");
	fflush(stdout);
	int result;
	do {
		result = sd_bus_process(bus, NULL);
		if (result == 0) {
			result = sd_bus_wait(bus, UINT64_MAX);
		}
	} while (result >= 0);
	sd_bus_unref(bus);
	return EXIT_SUCCESS;
}
