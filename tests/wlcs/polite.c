// Preloaded into the suite. Many of its clients attach a buffer to a window or a layer surface that
// has not been configured, which its protocol forbids: a server that checks it (wlroots does) ends
// them, and what they were to test is not tested. This makes them wait: between the creation of a window
// and its first buffer comes a commit, and the answer is acknowledged, unless the client has done
// so itself. Nothing else is changed, and nothing at all while the server is talked to.

#include <dlfcn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <wayland-client-core.h>
#include <wayland-client-protocol.h>

#include "wlr-layer-shell-unstable-v1-client-protocol.h"
#include "xdg-shell-client-protocol.h"

/** A surface of any of the suite's clients that is configured. */
struct window {
	struct wl_proxy *shell_surface; // xdg_surface or zwlr_layer_surface_v1
	struct wl_surface *surface;
	bool has_role;
	bool acknowledged; // once at least
	bool configured; // once at least
	uint32_t serial; // of the last configure
	const struct xdg_surface_listener *listener; // the client's; may be NULL
	struct wl_list link; // windows
};

// Interposed functions have no place of their own to keep something. One thread has the clients.
static struct wl_list windows = {&windows, &windows};

static struct window *find(const void *proxy) {
	struct window *window;
	wl_list_for_each (window, &windows, link) {
		if (window->shell_surface == proxy || window->surface == proxy) {
			return window;
		}
	}
	return NULL;
}

static void handle_configure(void *data, struct xdg_surface *xdg_surface, uint32_t serial) {
	struct window *window = find(xdg_surface);
	if (window == NULL) {
		return;
	}
	window->serial = serial;
	window->configured = true;
	if (window->listener != NULL) {
		window->listener->configure(data, xdg_surface, serial);
	}
}

static const struct xdg_surface_listener polite_listener = {.configure = handle_configure};

static void wait_for_configure(struct window *window) {
	const struct wl_proxy *shell_surface = window->shell_surface;
	struct wl_display *display = wl_proxy_get_display(window->shell_surface);
	wl_surface_commit(window->surface);
	while (wl_display_roundtrip(display) >= 0 && find(shell_surface) == window) {
		// Of a layer surface the suite does it itself.
		if (window->configured && !window->acknowledged) {
			xdg_surface_ack_configure(
				(struct xdg_surface *)window->shell_surface, window->serial);
		}
		if (window->acknowledged) {
			return;
		}
	}
}

static void add_window(struct wl_proxy *shell_surface, void *surface, bool has_role) {
	struct window *window = calloc(1, sizeof(*window));
	if (window == NULL) {
		abort();
	}
	window->shell_surface = shell_surface;
	window->surface = surface;
	window->has_role = has_role;
	wl_list_insert(&windows, &window->link);
}

static bool is(const struct wl_interface *interface, const char *name) {
	return strcmp(interface->name, name) == 0;
}

static void before_request(struct wl_proxy *proxy, const struct wl_interface *interface,
	uint32_t opcode, const union wl_argument *args) {
	struct window *window = find(proxy);
	if (window == NULL) {
		return;
	}
	if (is(interface, "xdg_surface")) {
		window->has_role |= opcode == XDG_SURFACE_GET_TOPLEVEL ||
			opcode == XDG_SURFACE_GET_POPUP;
		window->acknowledged |= opcode == XDG_SURFACE_ACK_CONFIGURE;
	} else if (is(interface, "zwlr_layer_surface_v1")) {
		window->acknowledged |= opcode == ZWLR_LAYER_SURFACE_V1_ACK_CONFIGURE;
	} else if (opcode == WL_SURFACE_ATTACH && args[0].o == NULL) {
		// Without a buffer it begins anew.
		window->acknowledged = window->configured = false;
	} else if (opcode == WL_SURFACE_ATTACH && window->has_role && !window->acknowledged) {
		wait_for_configure(window);
	}
}

static void after_request(const struct wl_interface *interface, uint32_t opcode,
	const union wl_argument *args, struct wl_proxy *made) {
	if (is(interface, "xdg_wm_base") && opcode == XDG_WM_BASE_GET_XDG_SURFACE) {
		add_window(made, args[1].o, false);
	} else if (is(interface, "zwlr_layer_shell_v1") &&
		opcode == ZWLR_LAYER_SHELL_V1_GET_LAYER_SURFACE) {
		add_window(made, args[1].o, true);
	}
}

// As the wire has it: libwayland keeps its own to itself.
static void take_arguments(const char *signature, union wl_argument *args, va_list list) {
	for (; *signature != '\0'; signature++) {
		switch (*signature) {
		case 'i':
			(args++)->i = va_arg(list, int32_t);
			break;
		case 'u':
			(args++)->u = va_arg(list, uint32_t);
			break;
		case 'f':
			(args++)->f = va_arg(list, wl_fixed_t);
			break;
		case 's':
			(args++)->s = va_arg(list, const char *);
			break;
		case 'o':
		case 'n':
			(args++)->o = va_arg(list, struct wl_object *);
			break;
		case 'a':
			(args++)->a = va_arg(list, struct wl_array *);
			break;
		case 'h':
			(args++)->h = va_arg(list, int32_t);
			break;
		default: // '?' and the version
			break;
		}
	}
}

// --- in the place of libwayland-client's ----------------------------------------------------

struct wl_proxy *wl_proxy_marshal_flags(struct wl_proxy *proxy, uint32_t opcode,
	const struct wl_interface *interface, uint32_t version, uint32_t flags, ...) {
	const struct wl_interface *own = wl_proxy_get_interface(proxy);
	union wl_argument args[20];
	va_list list;
	va_start(list, flags);
	take_arguments(own->methods[opcode].signature, args, list);
	va_end(list);
	before_request(proxy, own, opcode, args);
	struct window *window = find(proxy);
	if ((flags & WL_MARSHAL_FLAG_DESTROY) != 0 && window != NULL) {
		wl_list_remove(&window->link);
		free(window);
	}
	struct wl_proxy *made = wl_proxy_marshal_array_flags(
		proxy, opcode, interface, version, flags, args);
	if (made != NULL) {
		after_request(own, opcode, args, made);
	}
	return made;
}

int wl_proxy_add_listener(struct wl_proxy *proxy, void (**listener)(void), void *data) {
	int (*add_listener)(struct wl_proxy *, void (**)(void), void *);
	*(void **)&add_listener = dlsym(RTLD_NEXT, "wl_proxy_add_listener");
	struct window *window = find(proxy);
	if (window == NULL || !is(wl_proxy_get_interface(proxy), "xdg_surface")) {
		return add_listener(proxy, listener, data);
	}
	window->listener = (const struct xdg_surface_listener *)listener;
	return add_listener(proxy, (void (**)(void))(uintptr_t)&polite_listener, data);
}
