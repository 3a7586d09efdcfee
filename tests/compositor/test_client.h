#ifndef TEST_CLIENT_H
#define TEST_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wl_interface;

/** A Wayland client in the test's own process that remembers what it was told. */
struct test_client {
	struct wl_display *display;
	struct wl_registry *registry;
	char *globals[128]; // interface names, in the order in which they were announced
	uint32_t global_names[128]; // their numbers
	size_t globals_len;
	struct wl_compositor *compositor;
	struct wl_shm *shm;
	struct xdg_wm_base *wm_base;
	struct wl_seat *seat;
	struct wp_viewporter *viewporter;
	struct wp_single_pixel_buffer_manager_v1 *pixels;
	struct zwp_pointer_constraints_v1 *constraints;
	struct zwp_relative_pointer_manager_v1 *relative;
	struct redecho_machine_v1 *machine; // NULL unless it is a bridge
	uint32_t outputs; // that are announced
	struct wl_callback *sync; // the one that is under way; may be NULL
	bool synced; // the answer to the last sync came
	bool dead; // the connection broke
	bool hangs; // answers no ping

	// the window
	struct wl_surface *surface;
	struct xdg_surface *xdg_surface;
	struct xdg_toplevel *toplevel;
	struct wp_viewport *viewport;
	int width, height; // of the last configure
	bool activated, fullscreen, resizing, suspended;
	uint32_t serial; // of the last configure
	uint32_t acked; // the last one that was acknowledged: each may be once
	int configures;
	int resizes; // configures with another size
	int closes;
	struct wl_surface *popup_surface;
	struct xdg_surface *popup_xdg_surface;
	struct xdg_popup *popup;
	int popup_dones;
	int popup_x, popup_y;

	// the keyboard
	struct wl_keyboard *keyboard;
	bool has_keyboard_focus;
	uint32_t key_serial; // of the last press
	uint32_t entered_keys[32]; // that were held at the last enter
	size_t entered_keys_len;
	struct {
		uint32_t key, state;
	} keys[256];
	size_t keys_len;
	uint32_t modifiers; // that are held
	uint32_t held_keys[32]; // at the last enter or down since then, and not come up
	size_t held_keys_len;
	int key_mistakes; // what is held went down, what is not held came up, or it has no focus

	// the pointer
	struct wl_pointer *pointer;
	struct zwp_relative_pointer_v1 *relative_pointer;
	struct zwp_locked_pointer_v1 *lock;
	bool has_pointer_focus;
	double sx, sy; // last position
	int pointer_frames; // that ended one or more events
	int buttons; // button events
	int held_buttons; // since the last enter
	int button_mistakes; // as key_mistakes
	uint32_t button_serial; // of the last one that went down
	int axis_value120; // sum, vertical
	double relative_dx, relative_dy; // sums
	bool locked;

	// redecho_machine_v1
	int show_displays;
	int pointer_modes;
	uint32_t pointer_mode;
};

/** Take a connected socket. The globals are there after the first round trip. */
struct test_client *test_client_create(int fd);
void test_client_destroy(struct test_client *client);

/** Read what is there, dispatch it, send what is queued; never waits. */
void test_client_pump(struct test_client *client);

/** Ask for a sync; client->synced becomes true when it is answered. */
void test_client_sync(struct test_client *client);

bool test_client_sees(const struct test_client *client, const char *interface);

/** Bind a global; NULL if it is not announced. The caller destroys what it gets. */
void *test_client_bind(
	struct test_client *client, const struct wl_interface *interface, uint32_t version);

/** Bind a global by a number that was not announced; the compositor is to end the connection. */
void test_client_bind_hidden(struct test_client *client, uint32_t name, const char *interface);

/** Make a window and commit it without a buffer. */
void test_client_open(struct test_client *client, const char *title);

/** Ack the last configure and show one colour at that size, or at w by h if it said 0. */
void test_client_show(struct test_client *client, int width, int height);

/** The same at that size, whatever it was told. */
void test_client_show_size(struct test_client *client, int width, int height);

/** Ask for a popup of that size, at that point of the window, that may slide. */
void test_client_open_popup(struct test_client *client, int x, int y, int width, int height);

/** The same, with a grab by the last key press: a menu. */
void test_client_open_menu(struct test_client *client, int width, int height);

/** Give the popup a buffer, once it is configured. */
void test_client_show_popup(struct test_client *client);

/** Destroy the popup. */
void test_client_close_popup(struct test_client *client);

/** Take the buffer away. */
void test_client_hide(struct test_client *client);

/** Let the window be, and forget it, so that another one can be opened. */
void test_client_forget_window(struct test_client *client);

/** Destroy the window. */
void test_client_close(struct test_client *client);

/** Ask for relative motion, and for the pointer to be locked to the window. */
void test_client_lock_pointer(struct test_client *client);

#endif
