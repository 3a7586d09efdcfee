#ifndef TEST_LAYER_H
#define TEST_LAYER_H

#include <stdbool.h>
#include <stdint.h>

struct test_client;
struct wl_output;

/** A layer-shell surface of a test client. */
struct test_layer {
	struct test_client *client;
	struct zwlr_layer_shell_v1 *shell;
	struct wl_surface *surface;
	struct wp_viewport *viewport;
	struct zwlr_layer_surface_v1 *layer;
	uint32_t width, height, serial; // of the last configure
	int configures;
	bool closed;
	struct wl_surface *popup_surface; // NULL: there is no popup
	struct xdg_surface *popup_xdg_surface;
	struct xdg_popup *popup;
	int popup_x, popup_y, popup_dones;
};

/** Make one, on no output in particular; commit it to have it configured. */
struct test_layer *test_layer_create(struct test_client *client, uint32_t kind);

/** The same on an output. */
struct test_layer *test_layer_create_on(
	struct test_client *client, uint32_t kind, struct wl_output *output);
void test_layer_destroy(struct test_layer *layer);

/** Ack the last configure and show one colour at its size. */
void test_layer_show(struct test_layer *layer);

/** Take the buffer away. */
void test_layer_hide(struct test_layer *layer);

/** Open a popup below the point, that may slide, and show it when it is configured. */
void test_layer_open_popup(struct test_layer *layer, int x, int y, int width, int height);

#endif
