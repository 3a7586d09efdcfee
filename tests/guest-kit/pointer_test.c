#include "core/pointer.h"
#include "gk/key.h"
#include "unit.h"

static const struct pointer_range tablet[2] = {{0, 32767}, {0, 32767}};

struct rig {
	struct pointer pointer;
	struct event_queue queue;
	uint64_t now_ns;
};

static void init(struct rig *rig) {
	memset(rig, 0, sizeof(*rig));
	pointer_set_size(&rig->pointer, 800, 600);
}

static void send(struct rig *rig, uint16_t type, uint16_t code, int32_t value) {
	pointer_event(&rig->pointer, tablet, type, code, value, rig->now_ns, 0, &rig->queue);
}

static void tablet_covers_the_screen(void **state) {
	struct rig rig;
	struct gk_event event;
	init(&rig);
	static const struct {
		int32_t value;
		int x, y;
	} cases[] = {{0, 0, 0}, {32767, 799, 599}, {16384, 400, 300}, {32727, 798, 599}, {-5, 0, 0},
		{INT32_MAX, 799, 599}, {INT32_MIN, 0, 0}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		send(&rig, EVDEV_ABS, EVDEV_ABS_X, cases[i].value);
		send(&rig, EVDEV_ABS, EVDEV_ABS_Y, cases[i].value);
		assert_false(event_queue_pop(&rig.queue, &event)); // not before its group ends
		send(&rig, EVDEV_SYN, 0, 0);
		assert_true(event_queue_pop(&rig.queue, &event));
		assert_int_equal(event.type, GK_EVENT_MOTION);
		assert_int_equal(event.motion.x, cases[i].x);
		assert_int_equal(event.motion.y, cases[i].y);
	}
}

static void mouse_stays_inside(void **state) {
	struct rig rig;
	init(&rig);
	send(&rig, EVDEV_REL, EVDEV_REL_X, 100);
	send(&rig, EVDEV_REL, EVDEV_REL_X, 50);
	send(&rig, EVDEV_REL, EVDEV_REL_Y, -7);
	send(&rig, EVDEV_SYN, 0, 0);
	assert_int_equal(rig.pointer.x, 150);
	assert_int_equal(rig.pointer.y, 0);
	send(&rig, EVDEV_REL, EVDEV_REL_X, INT32_MAX);
	send(&rig, EVDEV_SYN, 0, 0);
	assert_int_equal(rig.pointer.x, 799);
	pointer_set_size(&rig.pointer, 320, 240);
	assert_int_equal(rig.pointer.x, 319);
}

static void click(struct rig *rig, int expected_clicks) {
	struct gk_event event;
	send(rig, EVDEV_KEY, GK_BUTTON_LEFT, 1);
	send(rig, EVDEV_SYN, 0, 0);
	assert_true(event_queue_pop(&rig->queue, &event));
	assert_int_equal(event.type, GK_EVENT_BUTTON);
	assert_true(event.button.pressed);
	assert_int_equal(event.button.clicks, expected_clicks);
	send(rig, EVDEV_KEY, GK_BUTTON_LEFT, 0);
	send(rig, EVDEV_SYN, 0, 0);
	assert_true(event_queue_pop(&rig->queue, &event));
	assert_false(event.button.pressed);
}

static void counts_clicks(void **state) {
	struct rig rig;
	struct gk_event event;
	init(&rig);
	click(&rig, 1);
	rig.now_ns += 100000000;
	click(&rig, 2);
	rig.now_ns += 100000000;
	click(&rig, 3);
	click(&rig, 1);
	rig.now_ns += 500000000; // too late
	click(&rig, 1);
	send(&rig, EVDEV_REL, EVDEV_REL_X, 50); // too far
	send(&rig, EVDEV_SYN, 0, 0);
	assert_true(event_queue_pop(&rig.queue, &event));
	click(&rig, 1);
}

static void scrolls_in_120ths(void **state) {
	struct rig rig;
	struct gk_event event;
	init(&rig);
	send(&rig, EVDEV_REL, EVDEV_REL_WHEEL, 1);
	send(&rig, EVDEV_SYN, 0, 0);
	assert_true(event_queue_pop(&rig.queue, &event));
	assert_int_equal(event.scroll.dy, -120);
	// Where the fine axis is there as well, the coarse one repeats it.
	send(&rig, EVDEV_REL, EVDEV_REL_WHEEL, -1);
	send(&rig, EVDEV_REL, EVDEV_REL_WHEEL_HI_RES, -30);
	send(&rig, EVDEV_SYN, 0, 0);
	assert_true(event_queue_pop(&rig.queue, &event));
	assert_int_equal(event.scroll.dy, 30);
}

static void queue_merges_and_bounds(void **state) {
	struct event_queue queue = {0};
	struct gk_event motion = {.type = GK_EVENT_MOTION};
	for (int i = 0; i < 1000; i++) {
		motion.motion.x = i;
		assert_true(event_queue_push(&queue, &motion));
	}
	assert_int_equal(queue.count, 1);
	struct gk_event key = {.type = GK_EVENT_KEY};
	int pushed = 0;
	while (event_queue_push(&queue, &key)) {
		key.key.code = (uint32_t)++pushed;
	}
	assert_int_equal(pushed, EVENT_QUEUE_SIZE - 1);
	struct gk_event event;
	assert_true(event_queue_pop(&queue, &event));
	assert_int_equal(event.motion.x, 999);
	for (int i = 0; i < pushed; i++) {
		assert_true(event_queue_pop(&queue, &event));
		assert_int_equal(event.key.code, i);
	}
	assert_false(event_queue_pop(&queue, &event));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tablet_covers_the_screen),
		cmocka_unit_test(mouse_stays_inside),
		cmocka_unit_test(counts_clicks),
		cmocka_unit_test(scrolls_in_120ths),
		cmocka_unit_test(queue_merges_and_bounds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
