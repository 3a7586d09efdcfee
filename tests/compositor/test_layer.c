#include "test_layer.h"

#include <stdlib.h>
#include <wayland-client.h>

#include "single-pixel-buffer-v1-client-protocol.h"
#include "test_client.h"
#include "viewporter-client-protocol.h"
#include "wlr-layer-shell-unstable-v1-client-protocol.h"
#include "xdg-shell-client-protocol.h"

static void handle_configure(void *data, struct zwlr_layer_surface_v1 *surface, uint32_t serial,
	uint32_t width, uint32_t height) {
	struct test_layer *layer = data;
	layer->serial = serial;
	layer->width = width;
	layer->height = height;
	layer->configures++;
}

static void handle_closed(void *data, struct zwlr_layer_surface_v1 *surface) {
	struct test_layer *layer = data;
	layer->closed = true;
}

static const struct zwlr_layer_surface_v1_listener layer_listener = {
	.configure = handle_configure,
	.closed = handle_closed,
};

struct test_layer *test_layer_create_on(
	struct test_client *client, uint32_t kind, struct wl_output *output) {
	struct test_layer *layer = calloc(1, sizeof(*layer));
	if (layer == NULL) {
		abort();
	}
	layer->client = client;
	layer->shell = test_client_bind(client, &zwlr_layer_shell_v1_interface, 5);
	layer->surface = wl_compositor_create_surface(client->compositor);
	layer->viewport = wp_viewporter_get_viewport(client->viewporter, layer->surface);
	layer->layer = zwlr_layer_shell_v1_get_layer_surface(
		layer->shell, layer->surface, output, kind, "test");
	zwlr_layer_surface_v1_add_listener(layer->layer, &layer_listener, layer);
	return layer;
}

struct test_layer *test_layer_create(struct test_client *client, uint32_t kind) {
	return test_layer_create_on(client, kind, NULL);
}

void test_layer_destroy(struct test_layer *layer) {
	if (layer->popup_surface != NULL) {
		xdg_popup_destroy(layer->popup);
		xdg_surface_destroy(layer->popup_xdg_surface);
		wl_surface_destroy(layer->popup_surface);
	}
	zwlr_layer_surface_v1_destroy(layer->layer);
	wp_viewport_destroy(layer->viewport);
	wl_surface_destroy(layer->surface);
	zwlr_layer_shell_v1_destroy(layer->shell);
	free(layer);
}

static void attach(struct test_client *client, struct wl_surface *surface) {
	struct wl_buffer *buffer = wp_single_pixel_buffer_manager_v1_create_u32_rgba_buffer(
		client->pixels, UINT32_MAX, 0, UINT32_MAX, UINT32_MAX);
	wl_surface_attach(surface, buffer, 0, 0);
	wl_surface_damage_buffer(surface, 0, 0, 1, 1);
	wl_surface_commit(surface);
	wl_buffer_destroy(buffer);
}

void test_layer_show(struct test_layer *layer) {
	zwlr_layer_surface_v1_ack_configure(layer->layer, layer->serial);
	wp_viewport_set_destination(layer->viewport, (int)layer->width, (int)layer->height);
	attach(layer->client, layer->surface);
}

void test_layer_hide(struct test_layer *layer) {
	wl_surface_attach(layer->surface, NULL, 0, 0);
	wl_surface_commit(layer->surface);
}

// --- popups -------------------------------------------------------------------------------

static void handle_popup_surface_configure(
	void *data, struct xdg_surface *xdg_surface, uint32_t serial) {
	struct test_layer *layer = data;
	xdg_surface_ack_configure(xdg_surface, serial);
	attach(layer->client, layer->popup_surface);
}

static const struct xdg_surface_listener popup_surface_listener = {
	.configure = handle_popup_surface_configure,
};

static void handle_popup_configure(
	void *data, struct xdg_popup *popup, int32_t x, int32_t y, int32_t width, int32_t height) {
	struct test_layer *layer = data;
	layer->popup_x = x;
	layer->popup_y = y;
}

static void handle_popup_done(void *data, struct xdg_popup *popup) {
	struct test_layer *layer = data;
	layer->popup_dones++;
}

static void handle_popup_repositioned(void *data, struct xdg_popup *popup, uint32_t token) {}

static const struct xdg_popup_listener popup_listener = {
	.configure = handle_popup_configure,
	.popup_done = handle_popup_done,
	.repositioned = handle_popup_repositioned,
};

void test_layer_open_popup(struct test_layer *layer, int x, int y, int width, int height) {
	struct test_client *client = layer->client;
	struct xdg_positioner *positioner = xdg_wm_base_create_positioner(client->wm_base);
	xdg_positioner_set_size(positioner, width, height);
	xdg_positioner_set_anchor_rect(positioner, x, y, 1, 1);
	xdg_positioner_set_anchor(positioner, XDG_POSITIONER_ANCHOR_BOTTOM_RIGHT);
	xdg_positioner_set_gravity(positioner, XDG_POSITIONER_GRAVITY_BOTTOM_RIGHT);
	xdg_positioner_set_constraint_adjustment(positioner,
		XDG_POSITIONER_CONSTRAINT_ADJUSTMENT_SLIDE_X |
			XDG_POSITIONER_CONSTRAINT_ADJUSTMENT_SLIDE_Y);
	layer->popup_surface = wl_compositor_create_surface(client->compositor);
	layer->popup_xdg_surface = xdg_wm_base_get_xdg_surface(
		client->wm_base, layer->popup_surface);
	xdg_surface_add_listener(layer->popup_xdg_surface, &popup_surface_listener, layer);
	layer->popup = xdg_surface_get_popup(layer->popup_xdg_surface, NULL, positioner);
	xdg_popup_add_listener(layer->popup, &popup_listener, layer);
	zwlr_layer_surface_v1_get_popup(layer->layer, layer->popup);
	wl_surface_commit(layer->popup_surface);
	xdg_positioner_destroy(positioner);
}
