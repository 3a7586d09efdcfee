// An input method that writes one text into the first field that comes on, and ends.
// Usage: write_text TEXT

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wayland-client.h>

#include "input-method-unstable-v2-client-protocol.h"

struct writer {
	const char *text;
	struct wl_seat *seat;
	struct zwp_input_method_manager_v2 *manager;
	bool on, written, refused;
	uint32_t dones;
};

static void handle_activate(void *data, struct zwp_input_method_v2 *method) {
	struct writer *writer = data;
	writer->on = true;
}

static void handle_deactivate(void *data, struct zwp_input_method_v2 *method) {
	struct writer *writer = data;
	writer->on = false;
}

static void handle_surrounding(void *data, struct zwp_input_method_v2 *method, const char *text,
	uint32_t cursor, uint32_t anchor) {}

static void handle_cause(void *data, struct zwp_input_method_v2 *method, uint32_t cause) {}

static void handle_type(
	void *data, struct zwp_input_method_v2 *method, uint32_t hint, uint32_t purpose) {}

static void handle_done(void *data, struct zwp_input_method_v2 *method) {
	struct writer *writer = data;
	writer->dones++;
	if (writer->on && !writer->written) {
		zwp_input_method_v2_commit_string(method, writer->text);
		zwp_input_method_v2_commit(method, writer->dones);
		writer->written = true;
	}
}

static void handle_unavailable(void *data, struct zwp_input_method_v2 *method) {
	struct writer *writer = data;
	writer->refused = true;
}

static const struct zwp_input_method_v2_listener listener = {
	.activate = handle_activate,
	.deactivate = handle_deactivate,
	.surrounding_text = handle_surrounding,
	.text_change_cause = handle_cause,
	.content_type = handle_type,
	.done = handle_done,
	.unavailable = handle_unavailable,
};

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version) {
	struct writer *writer = data;
	if (strcmp(interface, wl_seat_interface.name) == 0) {
		writer->seat = wl_registry_bind(registry, name, &wl_seat_interface, 1);
	} else if (strcmp(interface, zwp_input_method_manager_v2_interface.name) == 0) {
		writer->manager = wl_registry_bind(
			registry, name, &zwp_input_method_manager_v2_interface, 1);
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name) {}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

int main(int argc, char *argv[]) {
	struct writer writer = {.text = argc == 2 ? argv[1] : NULL};
	struct wl_display *display = writer.text != NULL ? wl_display_connect(NULL) : NULL;
	if (display == NULL) {
		fputs("usage: write_text TEXT, on a Wayland display\n", stderr);
		return 2;
	}
	struct wl_registry *registry = wl_display_get_registry(display);
	wl_registry_add_listener(registry, &registry_listener, &writer);
	if (wl_display_roundtrip(display) < 0 || writer.seat == NULL || writer.manager == NULL) {
		fputs("write_text: no input method can be here\n", stderr);
		return 1;
	}
	struct zwp_input_method_v2 *method = zwp_input_method_manager_v2_get_input_method(
		writer.manager, writer.seat);
	zwp_input_method_v2_add_listener(method, &listener, &writer);
	while (!writer.written && !writer.refused && wl_display_dispatch(display) >= 0) {
	}
	// The text is on its way when this is answered.
	wl_display_roundtrip(display);
	zwp_input_method_v2_destroy(method);
	zwp_input_method_manager_v2_destroy(writer.manager);
	wl_seat_destroy(writer.seat);
	wl_registry_destroy(registry);
	wl_display_disconnect(display);
	return writer.written ? 0 : 1;
}
