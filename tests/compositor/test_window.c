// The window of a test client.

#include <wayland-client.h>

#include "single-pixel-buffer-v1-client-protocol.h"
#include "test_client.h"
#include "viewporter-client-protocol.h"
#include "xdg-shell-client-protocol.h"

static void handle_configure(void *data, struct xdg_toplevel *toplevel, int32_t width,
	int32_t height, struct wl_array *states) {
	struct test_client *client = data;
	client->resizes += width != client->width || height != client->height;
	client->width = width;
	client->height = height;
	client->activated = false;
	client->fullscreen = false;
	client->resizing = false;
	client->suspended = false;
	uint32_t *state;
	wl_array_for_each (state, states) {
		client->activated = client->activated || *state == XDG_TOPLEVEL_STATE_ACTIVATED;
		client->resizing = client->resizing || *state == XDG_TOPLEVEL_STATE_RESIZING;
		client->suspended = client->suspended || *state == XDG_TOPLEVEL_STATE_SUSPENDED;
		client->fullscreen = client->fullscreen || *state == XDG_TOPLEVEL_STATE_FULLSCREEN;
	}
}

static void handle_close(void *data, struct xdg_toplevel *toplevel) {
	struct test_client *client = data;
	client->closes++;
}

static void handle_bounds(
	void *data, struct xdg_toplevel *toplevel, int32_t width, int32_t height) {}

static void handle_wm_capabilities(
	void *data, struct xdg_toplevel *toplevel, struct wl_array *capabilities) {}

static const struct xdg_toplevel_listener toplevel_listener = {
	.configure = handle_configure,
	.close = handle_close,
	.configure_bounds = handle_bounds,
	.wm_capabilities = handle_wm_capabilities,
};

static void handle_surface_configure(void *data, struct xdg_surface *xdg_surface, uint32_t serial) {
	struct test_client *client = data;
	client->serial = serial;
	client->configures++;
}

static const struct xdg_surface_listener surface_listener = {
	.configure = handle_surface_configure,
};

void test_client_open(struct test_client *client, const char *title) {
	client->surface = wl_compositor_create_surface(client->compositor);
	client->viewport = wp_viewporter_get_viewport(client->viewporter, client->surface);
	client->xdg_surface = xdg_wm_base_get_xdg_surface(client->wm_base, client->surface);
	xdg_surface_add_listener(client->xdg_surface, &surface_listener, client);
	client->toplevel = xdg_surface_get_toplevel(client->xdg_surface);
	xdg_toplevel_add_listener(client->toplevel, &toplevel_listener, client);
	xdg_toplevel_set_title(client->toplevel, title);
	wl_surface_commit(client->surface);
}

void test_client_show(struct test_client *client, int width, int height) {
	test_client_show_size(client, client->width > 0 ? client->width : width,
		client->height > 0 ? client->height : height);
}

void test_client_show_size(struct test_client *client, int width, int height) {
	xdg_surface_ack_configure(client->xdg_surface, client->serial);
	client->acked = client->serial;
	struct wl_buffer *buffer = wp_single_pixel_buffer_manager_v1_create_u32_rgba_buffer(
		client->pixels, 0, UINT32_MAX, 0, UINT32_MAX);
	wl_surface_attach(client->surface, buffer, 0, 0);
	wp_viewport_set_destination(client->viewport, width, height);
	wl_surface_damage_buffer(client->surface, 0, 0, 1, 1);
	wl_surface_commit(client->surface);
	wl_buffer_destroy(buffer);
}

static void handle_popup_surface_configure(
	void *data, struct xdg_surface *xdg_surface, uint32_t serial) {
	xdg_surface_ack_configure(xdg_surface, serial);
}

static const struct xdg_surface_listener popup_surface_listener = {
	.configure = handle_popup_surface_configure,
};

static void handle_popup_configure(
	void *data, struct xdg_popup *popup, int32_t x, int32_t y, int32_t width, int32_t height) {
	struct test_client *client = data;
	client->popup_x = x;
	client->popup_y = y;
}

static void handle_popup_done(void *data, struct xdg_popup *popup) {
	struct test_client *client = data;
	client->popup_dones++;
}

static void handle_popup_repositioned(void *data, struct xdg_popup *popup, uint32_t token) {}

static const struct xdg_popup_listener popup_listener = {
	.configure = handle_popup_configure,
	.popup_done = handle_popup_done,
	.repositioned = handle_popup_repositioned,
};

static void create_popup(struct test_client *client, int x, int y, int width, int height) {
	struct xdg_positioner *positioner = xdg_wm_base_create_positioner(client->wm_base);
	xdg_positioner_set_size(positioner, width, height);
	xdg_positioner_set_anchor_rect(positioner, x, y, 1, 1);
	xdg_positioner_set_anchor(positioner, XDG_POSITIONER_ANCHOR_BOTTOM_RIGHT);
	xdg_positioner_set_gravity(positioner, XDG_POSITIONER_GRAVITY_BOTTOM_RIGHT);
	xdg_positioner_set_constraint_adjustment(positioner,
		XDG_POSITIONER_CONSTRAINT_ADJUSTMENT_SLIDE_X |
			XDG_POSITIONER_CONSTRAINT_ADJUSTMENT_SLIDE_Y);
	client->popup_surface = wl_compositor_create_surface(client->compositor);
	client->popup_xdg_surface = xdg_wm_base_get_xdg_surface(
		client->wm_base, client->popup_surface);
	xdg_surface_add_listener(client->popup_xdg_surface, &popup_surface_listener, client);
	client->popup = xdg_surface_get_popup(
		client->popup_xdg_surface, client->xdg_surface, positioner);
	xdg_popup_add_listener(client->popup, &popup_listener, client);
	xdg_positioner_destroy(positioner);
}

void test_client_open_popup(struct test_client *client, int x, int y, int width, int height) {
	create_popup(client, x, y, width, height);
	wl_surface_commit(client->popup_surface);
}

void test_client_open_menu(struct test_client *client, int width, int height) {
	create_popup(client, 0, 0, width, height);
	xdg_popup_grab(client->popup, client->seat, client->key_serial);
	wl_surface_commit(client->popup_surface);
}

void test_client_show_popup(struct test_client *client) {
	struct wl_buffer *buffer = wp_single_pixel_buffer_manager_v1_create_u32_rgba_buffer(
		client->pixels, UINT32_MAX, 0, 0, UINT32_MAX);
	wl_surface_attach(client->popup_surface, buffer, 0, 0);
	wl_surface_damage_buffer(client->popup_surface, 0, 0, 1, 1);
	wl_surface_commit(client->popup_surface);
	wl_buffer_destroy(buffer);
}

void test_client_close_popup(struct test_client *client) {
	xdg_popup_destroy(client->popup);
	xdg_surface_destroy(client->popup_xdg_surface);
	wl_surface_destroy(client->popup_surface);
	client->popup = NULL;
	client->popup_xdg_surface = NULL;
	client->popup_surface = NULL;
	client->popup_dones = 0;
}

void test_client_hide(struct test_client *client) {
	wl_surface_attach(client->surface, NULL, 0, 0);
	wl_surface_commit(client->surface);
}

void test_client_forget_window(struct test_client *client) {
	wl_proxy_destroy((struct wl_proxy *)client->toplevel);
	wl_proxy_destroy((struct wl_proxy *)client->xdg_surface);
	wl_proxy_destroy((struct wl_proxy *)client->viewport);
	wl_proxy_destroy((struct wl_proxy *)client->surface);
}

void test_client_close(struct test_client *client) {
	xdg_toplevel_destroy(client->toplevel);
	xdg_surface_destroy(client->xdg_surface);
	wp_viewport_destroy(client->viewport);
	wl_surface_destroy(client->surface);
	client->toplevel = NULL;
	client->xdg_surface = NULL;
	client->viewport = NULL;
	client->surface = NULL;
}
