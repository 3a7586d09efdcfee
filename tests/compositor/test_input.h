#ifndef TEST_INPUT_H
#define TEST_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct test_client;

/** What a test client does with input beyond keyboard and pointer; what it heard is kept. */
struct test_input {
	struct test_client *client;
	struct wl_registry *registry;

	// keyboard-shortcuts-inhibit
	struct zwp_keyboard_shortcuts_inhibit_manager_v1 *inhibit;
	struct zwp_keyboard_shortcuts_inhibitor_v1 *inhibitor;
	bool inhibits; // it was told so

	// touch
	struct wl_touch *touch;
	int downs, ups, motions, cancels, frames;
	int32_t touch_id; // of the last down, up or motion
	double touch_sx, touch_sy; // of the last down or motion
};

/** Bind what the client sees; the globals are there after the next round trip. */
struct test_input *test_input_create(struct test_client *client);

/** Before the client's own end. */
void test_input_destroy(struct test_input *input);

/** Ask for every key for the client's window; and give that up. */
void test_input_inhibit(struct test_input *input);
void test_input_release(struct test_input *input);

/** Take touch, once there is a touch screen. */
void test_input_take_touch(struct test_input *input);

#endif
