#ifndef TEST_TABLET_H
#define TEST_TABLET_H

#include <stdbool.h>
#include <stdint.h>

struct test_client;

/** What a test client hears of tablets; of tools and pads it knows the last one. */
struct test_tablet {
	struct test_client *client;
	struct wl_registry *registry;
	struct zwp_tablet_manager_v2 *manager;
	struct zwp_tablet_seat_v2 *seat;
	struct zwp_tablet_v2 *tablet;
	struct zwp_tablet_tool_v2 *tool;
	struct zwp_tablet_pad_v2 *pad;

	bool near; // the tool is over the client's window
	int downs, ups, buttons, motions;
	double sx, sy; // last position
	uint32_t pressure; // 0 to 65535
	double tilt_x, tilt_y;

	bool has_pad;
	int pad_buttons;
};

/** Bind the manager; what is plugged in is known after a round trip or two. */
struct test_tablet *test_tablet_create(struct test_client *client);

/** Before the client's own end. */
void test_tablet_destroy(struct test_tablet *test);

#endif
