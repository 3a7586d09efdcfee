#include "fake_compositor.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <wayland-server-protocol.h>

#include "fractional-scale-v1-protocol.h"
#include "pointer-constraints-unstable-v1-protocol.h"
#include "presentation-time-protocol.h"
#include "redecho-machine-v1-protocol.h"
#include "relative-pointer-unstable-v1-protocol.h"
#include "viewporter-protocol.h"
#include "xdg-shell-protocol.h"

static void destroy_resource(struct wl_client *client, struct wl_resource *resource) {
	wl_resource_destroy(resource);
}

/** Forget a resource that is kept in a field, whose address is the user data. */
static void forget(struct wl_resource *resource) {
	struct wl_resource **slot = wl_resource_get_user_data(resource);
	if (slot != NULL && *slot == resource) {
		*slot = NULL;
	}
}

static struct wl_resource *keep(struct wl_client *client, const struct wl_interface *interface,
	int version, uint32_t id, const void *impl, struct wl_resource **slot) {
	struct wl_resource *resource = wl_resource_create(client, interface, version, id);
	wl_resource_set_implementation(resource, impl, slot, forget);
	if (slot != NULL) {
		*slot = resource;
	}
	return resource;
}

// --- surfaces ----------------------------------------------------------------------------

static struct fake_surface *surface_of(struct wl_resource *resource) {
	return wl_resource_get_user_data(resource);
}

static void surface_attach(struct wl_client *client, struct wl_resource *resource,
	struct wl_resource *buffer, int32_t x, int32_t y) {
	surface_of(resource)->pending_buffer = buffer;
	surface_of(resource)->attached = true;
}

static void ignore(struct wl_client *client, struct wl_resource *resource) {}

static void ignore_box(struct wl_client *client, struct wl_resource *resource, int32_t x, int32_t y,
	int32_t width, int32_t height) {}

static void ignore_one(struct wl_client *client, struct wl_resource *resource, int32_t value) {}

static void ignore_two(
	struct wl_client *client, struct wl_resource *resource, int32_t x, int32_t y) {}

static void ignore_resource(
	struct wl_client *client, struct wl_resource *resource, struct wl_resource *other) {}

static void surface_frame(struct wl_client *client, struct wl_resource *resource, uint32_t id) {
	struct fake_surface *surface = surface_of(resource);
	keep(client, &wl_callback_interface, 1, id, NULL, &surface->pending_frame);
}

static void surface_commit(struct wl_client *client, struct wl_resource *resource) {
	struct fake_surface *surface = surface_of(resource);
	surface->commits++;
	if (surface->attached) {
		surface->frames++;
		if (surface->buffer != NULL && surface->buffer != surface->pending_buffer) {
			wl_buffer_send_release(surface->buffer);
		}
		surface->buffer = surface->pending_buffer;
		surface->attached = false;
	}
	if (surface->pending_frame != NULL) {
		surface->frame = surface->pending_frame;
		wl_resource_set_user_data(surface->frame, &surface->frame);
		surface->pending_frame = NULL;
	}
}

static const struct wl_surface_interface surface_impl = {
	.destroy = destroy_resource,
	.attach = surface_attach,
	.damage = ignore_box,
	.frame = surface_frame,
	.set_opaque_region = ignore_resource,
	.set_input_region = ignore_resource,
	.commit = surface_commit,
	.set_buffer_transform = ignore_one,
	.set_buffer_scale = ignore_one,
	.damage_buffer = ignore_box,
	.offset = ignore_two,
};

static const struct wl_region_interface region_impl = {
	.destroy = destroy_resource,
	.add = ignore_box,
	.subtract = ignore_box,
};

static void surface_gone(struct wl_resource *resource) {
	surface_of(resource)->resource = NULL;
}

static void create_surface(struct wl_client *client, struct wl_resource *resource, uint32_t id) {
	struct fake_compositor *c = wl_resource_get_user_data(resource);
	assert(c->surface_count < sizeof(c->surfaces) / sizeof(c->surfaces[0]));
	struct fake_surface *surface = &c->surfaces[c->surface_count++];
	*surface = (struct fake_surface){0};
	surface->resource = wl_resource_create(
		client, &wl_surface_interface, wl_resource_get_version(resource), id);
	wl_resource_set_implementation(surface->resource, &surface_impl, surface, surface_gone);
}

static void create_region(struct wl_client *client, struct wl_resource *resource, uint32_t id) {
	keep(client, &wl_region_interface, 1, id, &region_impl, NULL);
}

static const struct wl_compositor_interface compositor_impl = {
	.create_surface = create_surface,
	.create_region = create_region,
};

static void set_position(
	struct wl_client *client, struct wl_resource *resource, int32_t x, int32_t y) {
	struct fake_surface *surface = wl_resource_get_user_data(resource);
	surface->position[0] = x;
	surface->position[1] = y;
}

static const struct wl_subsurface_interface subsurface_impl = {
	.destroy = destroy_resource,
	.set_position = set_position,
	.place_above = ignore_resource,
	.place_below = ignore_resource,
	.set_sync = ignore,
	.set_desync = ignore,
};

static void get_subsurface(struct wl_client *client, struct wl_resource *resource, uint32_t id,
	struct wl_resource *surface, struct wl_resource *parent) {
	struct fake_compositor *c = wl_resource_get_user_data(resource);
	if (c->frame_surface == NULL) {
		c->frame_surface = surface_of(surface);
	} else {
		c->overlay_surface = surface_of(surface);
	}
	struct wl_resource *subsurface = wl_resource_create(
		client, &wl_subsurface_interface, 1, id);
	wl_resource_set_implementation(subsurface, &subsurface_impl, surface_of(surface), NULL);
}

static const struct wl_subcompositor_interface subcompositor_impl = {
	.destroy = destroy_resource,
	.get_subsurface = get_subsurface,
};

static void set_source(struct wl_client *client, struct wl_resource *resource, wl_fixed_t x,
	wl_fixed_t y, wl_fixed_t width, wl_fixed_t height) {
	struct fake_surface *surface = wl_resource_get_user_data(resource);
	surface->source[0] = wl_fixed_to_double(x);
	surface->source[1] = wl_fixed_to_double(y);
	surface->source[2] = wl_fixed_to_double(width);
	surface->source[3] = wl_fixed_to_double(height);
}

static void set_destination(
	struct wl_client *client, struct wl_resource *resource, int32_t width, int32_t height) {
	struct fake_surface *surface = wl_resource_get_user_data(resource);
	surface->extent[0] = width;
	surface->extent[1] = height;
}

static const struct wp_viewport_interface viewport_impl = {
	.destroy = destroy_resource,
	.set_source = set_source,
	.set_destination = set_destination,
};

static void get_viewport(struct wl_client *client, struct wl_resource *resource, uint32_t id,
	struct wl_resource *surface) {
	struct wl_resource *viewport = wl_resource_create(client, &wp_viewport_interface, 1, id);
	wl_resource_set_implementation(viewport, &viewport_impl, surface_of(surface), NULL);
}

static const struct wp_viewporter_interface viewporter_impl = {
	.destroy = destroy_resource,
	.get_viewport = get_viewport,
};

// --- xdg-shell ---------------------------------------------------------------------------

static void set_title(struct wl_client *client, struct wl_resource *resource, const char *title) {
	struct fake_compositor *c = wl_resource_get_user_data(resource);
	snprintf(c->title, sizeof(c->title), "%s", title);
}

static void ignore_string(
	struct wl_client *client, struct wl_resource *resource, const char *text) {}

static const struct xdg_toplevel_interface toplevel_impl = {
	.destroy = destroy_resource,
	.set_title = set_title,
	.set_app_id = ignore_string,
};

static void toplevel_gone(struct wl_resource *resource) {
	struct fake_compositor *c = wl_resource_get_user_data(resource);
	c->xdg_toplevel = NULL;
}

static void get_toplevel(struct wl_client *client, struct wl_resource *resource, uint32_t id) {
	struct fake_compositor *c = wl_resource_get_user_data(resource);
	c->xdg_toplevel = wl_resource_create(client, &xdg_toplevel_interface, 2, id);
	wl_resource_set_implementation(c->xdg_toplevel, &toplevel_impl, c, toplevel_gone);
}

static void ack_configure(struct wl_client *client, struct wl_resource *resource, uint32_t serial) {
	struct fake_compositor *c = wl_resource_get_user_data(resource);
	c->acked = serial;
}

static const struct xdg_surface_interface xdg_surface_impl = {
	.destroy = destroy_resource,
	.get_toplevel = get_toplevel,
	.set_window_geometry = ignore_box,
	.ack_configure = ack_configure,
};

static void xdg_surface_gone(struct wl_resource *resource) {
	struct fake_compositor *c = wl_resource_get_user_data(resource);
	c->xdg_surface = NULL;
}

static void get_xdg_surface(struct wl_client *client, struct wl_resource *resource, uint32_t id,
	struct wl_resource *surface) {
	struct fake_compositor *c = wl_resource_get_user_data(resource);
	c->toplevel_surface = surface_of(surface);
	c->xdg_surface = wl_resource_create(client, &xdg_surface_interface, 2, id);
	wl_resource_set_implementation(c->xdg_surface, &xdg_surface_impl, c, xdg_surface_gone);
}

static const struct xdg_wm_base_interface wm_base_impl = {
	.destroy = destroy_resource,
	.get_xdg_surface = get_xdg_surface,
};

void fake_compositor_configure(struct fake_compositor *c, int32_t width, int32_t height) {
	struct wl_array states;
	wl_array_init(&states);
	if (c->suspended) {
		uint32_t *state = wl_array_add(&states, sizeof(*state));
		*state = XDG_TOPLEVEL_STATE_SUSPENDED;
	}
	xdg_toplevel_send_configure(c->xdg_toplevel, width, height, &states);
	wl_array_release(&states);
	xdg_surface_send_configure(c->xdg_surface, ++c->serial);
	fake_compositor_settle(c);
}

// --- seat --------------------------------------------------------------------------------

static const struct wl_keyboard_interface keyboard_impl = {
	.release = destroy_resource,
};

static void set_cursor(struct wl_client *client, struct wl_resource *resource, uint32_t serial,
	struct wl_resource *surface, int32_t hot_x, int32_t hot_y) {
	struct wl_resource **slot = wl_resource_get_user_data(resource);
	struct fake_compositor *c = wl_container_of(slot, c, pointer);
	c->cursor_sets++;
	c->cursor_hidden = surface == NULL;
	c->cursor_surface = surface != NULL ? surface_of(surface) : NULL;
}

static const struct wl_pointer_interface pointer_impl = {
	.set_cursor = set_cursor,
	.release = destroy_resource,
};

static void get_pointer(struct wl_client *client, struct wl_resource *resource, uint32_t id) {
	struct fake_compositor *c = wl_resource_get_user_data(resource);
	keep(client, &wl_pointer_interface, wl_resource_get_version(resource), id, &pointer_impl,
		&c->pointer);
}

static void get_keyboard(struct wl_client *client, struct wl_resource *resource, uint32_t id) {
	struct fake_compositor *c = wl_resource_get_user_data(resource);
	keep(client, &wl_keyboard_interface, wl_resource_get_version(resource), id, &keyboard_impl,
		&c->keyboard);
}

static const struct wl_seat_interface seat_impl = {
	.get_pointer = get_pointer,
	.get_keyboard = get_keyboard,
	.release = destroy_resource,
};

static const struct zwp_locked_pointer_v1_interface locked_pointer_impl = {
	.destroy = destroy_resource,
};

static void lock_pointer(struct wl_client *client, struct wl_resource *resource, uint32_t id,
	struct wl_resource *surface, struct wl_resource *pointer, struct wl_resource *region,
	uint32_t lifetime) {
	struct fake_compositor *c = wl_resource_get_user_data(resource);
	keep(client, &zwp_locked_pointer_v1_interface, 1, id, &locked_pointer_impl,
		&c->locked_pointer);
	zwp_locked_pointer_v1_send_locked(c->locked_pointer);
}

static const struct zwp_pointer_constraints_v1_interface constraints_impl = {
	.destroy = destroy_resource,
	.lock_pointer = lock_pointer,
};

static const struct zwp_relative_pointer_v1_interface relative_pointer_impl = {
	.destroy = destroy_resource,
};

static void get_relative_pointer(struct wl_client *client, struct wl_resource *resource,
	uint32_t id, struct wl_resource *pointer) {
	struct fake_compositor *c = wl_resource_get_user_data(resource);
	keep(client, &zwp_relative_pointer_v1_interface, 1, id, &relative_pointer_impl,
		&c->relative_pointer);
}

static const struct zwp_relative_pointer_manager_v1_interface relative_manager_impl = {
	.destroy = destroy_resource,
	.get_relative_pointer = get_relative_pointer,
};

// --- scale, and a desk of ours -----------------------------------------------------------

static const struct wp_fractional_scale_v1_interface fractional_scale_impl = {
	.destroy = destroy_resource,
};

static void get_fractional_scale(struct wl_client *client, struct wl_resource *resource,
	uint32_t id, struct wl_resource *surface) {
	struct fake_compositor *c = wl_resource_get_user_data(resource);
	keep(client, &wp_fractional_scale_v1_interface, 1, id, &fractional_scale_impl,
		&c->fractional_scale);
}

static const struct wp_fractional_scale_manager_v1_interface scale_manager_impl = {
	.destroy = destroy_resource,
	.get_fractional_scale = get_fractional_scale,
};

static void set_stage(struct wl_client *client, struct wl_resource *resource, uint32_t stage) {
	struct wl_resource **slot = wl_resource_get_user_data(resource);
	struct fake_compositor *c = wl_container_of(slot, c, machine);
	c->stage = stage;
}

static void set_broken(struct wl_client *client, struct wl_resource *resource, const char *reason) {
	struct wl_resource **slot = wl_resource_get_user_data(resource);
	struct fake_compositor *c = wl_container_of(slot, c, machine);
	snprintf(c->broken, sizeof(c->broken), "%s", reason);
}

static const struct redecho_machine_v1_interface machine_impl = {
	.destroy = destroy_resource,
	.set_stage = set_stage,
	.set_broken = set_broken,
};

// --- presentation: this compositor never tells -------------------------------------------

static void feedback(struct wl_client *client, struct wl_resource *resource,
	struct wl_resource *surface, uint32_t id) {
	struct fake_compositor *c = wl_resource_get_user_data(resource);
	c->feedbacks++;
	wl_resource_create(client, &wp_presentation_feedback_interface, 1, id);
}

static const struct wp_presentation_interface presentation_impl = {
	.destroy = destroy_resource,
	.feedback = feedback,
};

// --- globals -----------------------------------------------------------------------------

static void bind_plain(struct wl_client *client, void *data, uint32_t version, uint32_t id,
	const struct wl_interface *interface, const void *impl) {
	struct wl_resource *resource = wl_resource_create(client, interface, (int)version, id);
	wl_resource_set_implementation(resource, impl, data, NULL);
}

#define BIND(name, interface, impl)                                                                \
	static void bind_##name(                                                                   \
		struct wl_client *client, void *data, uint32_t version, uint32_t id) {             \
		bind_plain(client, data, version, id, &interface, &impl);                          \
	}

BIND(compositor, wl_compositor_interface, compositor_impl)
BIND(subcompositor, wl_subcompositor_interface, subcompositor_impl)
BIND(viewporter, wp_viewporter_interface, viewporter_impl)
BIND(wm_base, xdg_wm_base_interface, wm_base_impl)
BIND(constraints, zwp_pointer_constraints_v1_interface, constraints_impl)
BIND(relative, zwp_relative_pointer_manager_v1_interface, relative_manager_impl)
BIND(presentation, wp_presentation_interface, presentation_impl)
BIND(scale, wp_fractional_scale_manager_v1_interface, scale_manager_impl)

static void bind_seat(struct wl_client *client, void *data, uint32_t version, uint32_t id) {
	struct fake_compositor *c = data;
	c->seat = wl_resource_create(client, &wl_seat_interface, (int)version, id);
	wl_resource_set_implementation(c->seat, &seat_impl, c, NULL);
	wl_seat_send_capabilities(
		c->seat, WL_SEAT_CAPABILITY_KEYBOARD | WL_SEAT_CAPABILITY_POINTER);
}

static const struct wl_output_interface output_impl = {
	.release = destroy_resource,
};

static void bind_output(struct wl_client *client, void *data, uint32_t version, uint32_t id) {
	struct fake_compositor *c = data;
	keep(client, &wl_output_interface, (int)version, id, &output_impl, &c->output);
	wl_output_send_geometry(c->output, 0, 0, 500, 250, 0, "Red", "Echo", 0);
	wl_output_send_mode(c->output, WL_OUTPUT_MODE_CURRENT, 2000, 1000, 75000);
	wl_output_send_scale(c->output, 1);
	wl_output_send_done(c->output);
}

static void bind_machine(struct wl_client *client, void *data, uint32_t version, uint32_t id) {
	struct fake_compositor *c = data;
	keep(client, &redecho_machine_v1_interface, (int)version, id, &machine_impl, &c->machine);
}

static void make_globals(struct fake_compositor *c) {
	wl_display_init_shm(c->server);
	wl_global_create(c->server, &wl_compositor_interface, 5, c, bind_compositor);
	wl_global_create(c->server, &wl_subcompositor_interface, 1, c, bind_subcompositor);
	wl_global_create(c->server, &wp_viewporter_interface, 1, c, bind_viewporter);
	wl_global_create(c->server, &xdg_wm_base_interface, 6, c, bind_wm_base);
	wl_global_create(c->server, &wl_seat_interface, 8, c, bind_seat);
	wl_global_create(c->server, &wl_output_interface, 3, c, bind_output);
	wl_global_create(c->server, &zwp_pointer_constraints_v1_interface, 1, c, bind_constraints);
	wl_global_create(
		c->server, &zwp_relative_pointer_manager_v1_interface, 1, c, bind_relative);
	wl_global_create(c->server, &wp_fractional_scale_manager_v1_interface, 1, c, bind_scale);
	wl_global_create(c->server, &wp_presentation_interface, 1, c, bind_presentation);
	if (c->is_desk) {
		wl_global_create(c->server, &redecho_machine_v1_interface, 1, c, bind_machine);
	}
}

// --- the test's side ---------------------------------------------------------------------

struct fake_compositor *fake_compositor_create(bool is_desk) {
	struct fake_compositor *c = calloc(1, sizeof(*c));
	c->is_desk = is_desk;
	c->server = wl_display_create();
	c->loop = wl_display_get_event_loop(c->server);
	make_globals(c);
	return c;
}

void fake_compositor_destroy(struct fake_compositor *c) {
	wl_display_destroy_clients(c->server);
	wl_display_destroy(c->server);
	free(c);
}

static void handle_client_destroy(struct wl_listener *listener, void *data) {
	struct fake_compositor *c = wl_container_of(listener, c, client_destroy);
	c->client = NULL;
	wl_list_remove(&listener->link);
}

int fake_compositor_connect(struct fake_compositor *c) {
	int pair[2];
	const int result = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
	assert(result == 0);
	c->surface_count = 0;
	c->toplevel_surface = NULL;
	c->frame_surface = NULL;
	c->cursor_surface = NULL;
	c->overlay_surface = NULL;
	c->client = wl_client_create(c->server, pair[0]);
	c->client_destroy.notify = handle_client_destroy;
	wl_client_add_destroy_listener(c->client, &c->client_destroy);
	return pair[1];
}

void fake_compositor_drop(struct fake_compositor *c) {
	wl_client_destroy(c->client);
	fake_compositor_settle(c);
}

void fake_compositor_settle(struct fake_compositor *c) {
	// Each turn moves messages one step, and no exchange here has more than a few.
	for (int i = 0; i < 12; i++) {
		wl_display_flush_clients(c->server);
		wl_event_loop_dispatch(c->loop, 0);
	}
}

bool fake_compositor_frame_done(struct fake_compositor *c) {
	if (c->frame_surface == NULL || c->frame_surface->frame == NULL) {
		return false;
	}
	struct wl_resource *callback = c->frame_surface->frame;
	wl_callback_send_done(callback, 0);
	wl_resource_destroy(callback);
	fake_compositor_settle(c);
	return true;
}
