#include "output_virtual.h"

#include <stdio.h>
#include <string.h>
#include <wlr/backend/headless.h>
#include <wlr/backend/multi.h>
#include <wlr/backend/wayland.h>
#include <wlr/config.h>
#include <wlr/types/wlr_output.h>
#if WLR_HAS_X11_BACKEND
#include <wlr/backend/x11.h>
#endif

#include "output.h"
#include "output_apply.h"
#include "output_memory.h"
#include "server.h"

// Whoever wants more of these has made a mistake.
#define OUTPUTS_MAX 32

struct backends {
	struct wlr_backend *wayland, *x11, *headless; // each may be NULL
};

static void find_backend(struct wlr_backend *backend, void *data) {
	struct backends *backends = data;
	if (wlr_backend_is_wl(backend)) {
		backends->wayland = backend;
	} else if (wlr_backend_is_headless(backend)) {
		backends->headless = backend;
	}
#if WLR_HAS_X11_BACKEND
	if (wlr_backend_is_x11(backend)) {
		backends->x11 = backend;
	}
#endif
}

bool output_virtual_is_name(const char *name) {
	size_t len = strlen(name);
	return len > 0 && len <= OUTPUT_VIRTUAL_NAME_MAX && strcmp(name, "active") != 0 &&
		strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") ==
		len;
}

// It is made when it is needed first: the desk's backends are otherwise those of its screens.
static struct wlr_backend *create_headless(struct server *server) {
	struct wlr_backend *headless = wlr_headless_backend_create(server->loop);
	if (headless == NULL) {
		return NULL;
	}
	if (!wlr_multi_backend_add(server->backend, headless)) {
		wlr_backend_destroy(headless);
		return NULL;
	}
	return wlr_backend_start(headless) ? headless : NULL;
}

static struct wlr_output *create(struct server *server, int width, int height) {
	struct backends backends = {0};
	wlr_multi_for_each_backend(server->backend, find_backend, &backends);
	if (backends.wayland != NULL) {
		return wlr_wl_output_create(backends.wayland);
	}
#if WLR_HAS_X11_BACKEND
	if (backends.x11 != NULL) {
		return wlr_x11_output_create(backends.x11);
	}
#endif
	if (backends.headless == NULL) {
		backends.headless = create_headless(server);
	}
	return backends.headless != NULL ? wlr_headless_add_output(backends.headless,
						   (unsigned int)width, (unsigned int)height)
					 : NULL;
}

bool output_virtual_create(
	struct server *server, const char *name, int width, int height, char *why, size_t size) {
	if (wl_list_length(&server->outputs) + wl_list_length(&server->disabled_outputs) >=
		OUTPUTS_MAX) {
		snprintf(why, size, "there are %d outputs already", OUTPUTS_MAX);
		return false;
	}
	if (name != NULL && output_find_any(server, name) != NULL) {
		snprintf(why, size, "there is an output %s already", name);
		return false;
	}
	server->output_memory->next_name = name;
	struct wlr_output *wlr_output = create(server, width, height);
	server->output_memory->next_name = NULL;
	struct output *output = wlr_output != NULL ? wlr_output->data : NULL;
	if (output == NULL) {
		snprintf(why, size, "no output can be made here");
		return false;
	}
	output->record->settings = (struct output_settings){
		.set = OUTPUT_SETTING_MODE, .width = width, .height = height};
	return true;
}

bool output_is_virtual(const struct output *output) {
	struct wlr_output *wlr_output = output->wlr_output;
#if WLR_HAS_X11_BACKEND
	if (wlr_output_is_x11(wlr_output)) {
		return true;
	}
#endif
	return wlr_output_is_headless(wlr_output) || wlr_output_is_wl(wlr_output);
}

void output_virtual_remove(struct output *output) {
	wlr_output_destroy(output->wlr_output);
}
