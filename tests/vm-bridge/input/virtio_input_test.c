// virtio_input, driven by the fake guest over a real vhost-user connection.
#include <linux/input.h>
#include <linux/virtio_config.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <wayland-server-core.h>

#include "fake_cmocka.h"
#include "fake_input.h"
#include "fake_socket.h"
#include "virtio_input.h"

#define ALL_FEATURES                                                                               \
	(UINT64_C(1) << VIRTIO_RING_F_EVENT_IDX | UINT64_C(1) << VIRTIO_RING_F_INDIRECT_DESC)

struct fixture {
	struct fake_socket sock;
	struct wl_event_loop *loop;
	struct virtio_input *input;
	struct fake_guest *guest;
	struct fake_device *device;
	struct wl_listener led;
	struct virtio_input_led_event last_led;
	unsigned leds;
};

static void pump(void *data, int timeout_ms) {
	wl_event_loop_dispatch(data, timeout_ms);
}

// Let everything happen that is going to.
static void settle(struct fixture *f) {
	for (unsigned i = 0; i < 4; i++) {
		wl_event_loop_dispatch(f->loop, 0);
	}
}

static void handle_led(struct wl_listener *listener, void *data) {
	struct fixture *f = wl_container_of(listener, f, led);
	f->last_led = *(struct virtio_input_led_event *)data;
	f->leds++;
}

static struct fixture *begin(enum virtio_input_kind kind, uint64_t features, uint16_t size) {
	struct fixture *f = calloc(1, sizeof(*f));
	int listen_fd = fake_socket_listen(&f->sock);
	f->loop = wl_event_loop_create();
	f->input = virtio_input_create(f->loop, listen_fd, kind, "Test device", "42");
	assert_non_null(f->input);
	f->led.notify = handle_led;
	wl_signal_add(&f->input->events.led, &f->led);
	f->guest = fake_guest_create(8 << 20);
	f->guest->pump = pump;
	f->guest->pump_data = f->loop;
	f->device = fake_device_connect(f->guest, f->sock.path);
	assert_non_null(f->device);
	assert_true(fake_input_start(f->device, features, size));
	assert_true(f->input->ready);
	return f;
}

static void finish(struct fixture *f) {
	fake_device_destroy(f->device);
	wl_list_remove(&f->led.link);
	virtio_input_destroy(f->input);
	fake_guest_destroy(f->guest);
	wl_event_loop_destroy(f->loop);
	fake_socket_remove(&f->sock);
	free(f);
}

static void expect(struct fixture *f, uint16_t type, uint16_t code, int32_t value) {
	struct virtio_input_event event;
	assert_true(fake_input_next(f->device, &event));
	assert_int_equal(event.type, type);
	assert_int_equal(event.code, code);
	assert_int_equal((int32_t)event.value, value);
}

static void expect_syn(struct fixture *f) {
	expect(f, EV_SYN, SYN_REPORT, 0);
}

static void expect_nothing(struct fixture *f) {
	settle(f);
	assert_false(fake_input_pending(f->device));
}

static void frame_key(struct fixture *f, uint32_t code, bool pressed) {
	virtio_input_key(f->input, code, pressed);
	virtio_input_frame(f->input);
}

// --- Keyboard -----------------------------------------------------------------------------

static void test_key(void **state) {
	struct fixture *f = begin(VIRTIO_INPUT_KEYBOARD, ALL_FEATURES, 4);
	virtio_input_key(f->input, KEY_A, true);
	expect_nothing(f);
	virtio_input_frame(f->input);
	expect(f, EV_KEY, KEY_A, 1);
	expect_syn(f);
	virtio_input_key(f->input, KEY_A, true); // is down already
	virtio_input_key(f->input, KEY_B, false); // is up already
	virtio_input_key(f->input, BTN_LEFT, true); // not a key
	virtio_input_key(f->input, UINT32_MAX, true);
	virtio_input_frame(f->input);
	virtio_input_frame(f->input);
	expect_nothing(f);
	frame_key(f, KEY_A, false);
	expect(f, EV_KEY, KEY_A, 0);
	expect_syn(f);
	finish(f);
}

// The guest is notified at once: not in some later turn of the loop.
static void test_notifies(void **state) {
	struct fixture *f = begin(VIRTIO_INPUT_KEYBOARD, ALL_FEATURES, 4);
	eventfd_t calls;
	settle(f);
	eventfd_read(f->device->queues[FAKE_INPUT_EVENTS].call_fd, &calls);
	for (unsigned i = 0; i < 4; i++) {
		frame_key(f, KEY_A, i % 2 == 0);
		assert_int_equal(
			eventfd_read(f->device->queues[FAKE_INPUT_EVENTS].call_fd, &calls), 0);
		assert_int_equal(calls, 1); // for the whole group
		expect(f, EV_KEY, KEY_A, i % 2 == 0);
		expect_syn(f);
	}
	// Nor does the guest wake us for buffers that nobody waits for.
	assert_true(f->device->queues[FAKE_INPUT_EVENTS].kicks <= 2);
	finish(f);
}

static void test_key_without_event_index(void **state) {
	struct fixture *f = begin(VIRTIO_INPUT_KEYBOARD, 0, 4);
	for (unsigned i = 0; i < 300; i++) {
		frame_key(f, KEY_A, i % 2 == 0);
		expect(f, EV_KEY, KEY_A, i % 2 == 0);
		expect_syn(f);
	}
	finish(f);
}

// Four entries hold two of these groups; the rest follows at the refill, in order.
static void test_partial_delivery(void **state) {
	struct fixture *f = begin(VIRTIO_INPUT_KEYBOARD, ALL_FEATURES, 4);
	struct virtio_input_event event;
	for (uint32_t code = KEY_1; code <= KEY_9; code++) {
		frame_key(f, code, true);
	}
	settle(f);
	for (unsigned i = 0; i < 4; i++) {
		assert_true(fake_input_take(f->device, &event));
		assert_int_equal(event.code, i % 2 == 0 ? KEY_1 + i / 2 : SYN_REPORT);
	}
	assert_false(fake_input_pending(f->device));
	fake_input_refill(f->device);
	for (uint32_t code = KEY_3; code <= KEY_9; code++) {
		expect(f, EV_KEY, (uint16_t)code, 1);
		expect_syn(f);
	}
	expect_nothing(f);
	finish(f);
}

// The odd queue: a group of five events through two entries at a time.
static void test_group_larger_than_queue(void **state) {
	struct fixture *f = begin(VIRTIO_INPUT_KEYBOARD, ALL_FEATURES, 2);
	for (uint32_t code = KEY_1; code <= KEY_4; code++) {
		virtio_input_key(f->input, code, true);
	}
	virtio_input_frame(f->input);
	for (uint32_t code = KEY_1; code <= KEY_4; code++) {
		expect(f, EV_KEY, (uint16_t)code, 1);
	}
	expect_syn(f);
	finish(f);
}

static void test_release_all(void **state) {
	struct fixture *f = begin(VIRTIO_INPUT_KEYBOARD, ALL_FEATURES, 4);
	frame_key(f, KEY_LEFTCTRL, true);
	frame_key(f, KEY_C, true);
	expect(f, EV_KEY, KEY_LEFTCTRL, 1);
	expect_syn(f);
	expect(f, EV_KEY, KEY_C, 1);
	expect_syn(f);
	virtio_input_key(f->input, KEY_X, true); // not framed: never seen by the guest
	virtio_input_release_all(f->input);
	expect(f, EV_KEY, KEY_LEFTCTRL, 0);
	expect(f, EV_KEY, KEY_C, 0);
	expect_syn(f);
	virtio_input_release_all(f->input);
	frame_key(f, KEY_C, false);
	expect_nothing(f);
	frame_key(f, KEY_C, true);
	expect(f, EV_KEY, KEY_C, 1);
	expect_syn(f);
	finish(f);
}

// A guest that takes nothing: groups are dropped whole, what it saw pressed is released later,
// and what it never saw pressed is not.
static void test_overflow(void **state) {
	struct fixture *f = begin(VIRTIO_INPUT_KEYBOARD, ALL_FEATURES, 4);
	struct virtio_input_event event;
	bool down[KEY_CNT] = {0};
	for (unsigned i = 0; i < 2000; i++) {
		virtio_input_key(f->input, KEY_LEFTSHIFT, true);
		virtio_input_key(f->input, KEY_A + i % 9, i / 9 % 2 == 0);
		virtio_input_frame(f->input);
	}
	frame_key(f, KEY_LEFTSHIFT, false);
	frame_key(f, KEY_Z, true); // dropped
	settle(f);
	unsigned events = 0, in_group = 0;
	while (fake_input_pending(f->device)) {
		assert_true(fake_input_next(f->device, &event));
		settle(f);
		in_group = event.type == EV_SYN ? 0 : in_group + 1;
		if (event.type == EV_KEY) {
			assert_int_equal(event.value, !down[event.code]);
			down[event.code] = event.value;
		}
		events++;
	}
	assert_int_equal(in_group, 0);
	assert_true(events > 400 && events < 600);
	assert_false(down[KEY_LEFTSHIFT]);
	assert_false(down[KEY_Z]);
	frame_key(f, KEY_Z, false);
	expect_nothing(f);
	virtio_input_release_all(f->input);
	settle(f);
	while (fake_input_pending(f->device)) {
		assert_true(fake_input_next(f->device, &event));
		settle(f);
		if (event.type == EV_KEY) {
			down[event.code] = event.value;
		}
	}
	for (unsigned code = 0; code < KEY_CNT; code++) {
		assert_false(down[code]);
	}
	finish(f);
}

// More keys in one frame than any keyboard has: dropped whole.
static void test_endless_group(void **state) {
	struct fixture *f = begin(VIRTIO_INPUT_KEYBOARD, ALL_FEATURES, 64);
	for (uint32_t code = KEY_ESC; code <= KEY_ESC + 70; code++) {
		virtio_input_key(f->input, code, true);
	}
	virtio_input_frame(f->input);
	expect_nothing(f);
	frame_key(f, KEY_F24, true);
	expect(f, EV_KEY, KEY_F24, 1);
	expect_syn(f);
	finish(f);
}

static void test_leds(void **state) {
	struct fixture *f = begin(VIRTIO_INPUT_KEYBOARD, ALL_FEATURES, 4);
	assert_true(fake_input_status(f->device, EV_LED, LED_CAPSL, 1));
	assert_int_equal(f->leds, 1);
	assert_int_equal(f->last_led.led, LED_CAPSL);
	assert_true(f->last_led.on);
	assert_int_equal(f->input->leds, 1u << LED_CAPSL);
	assert_true(fake_input_status(f->device, EV_SYN, SYN_REPORT, 0));
	assert_true(fake_input_status(f->device, EV_LED, LED_CAPSL, 1)); // no change
	assert_true(fake_input_status(f->device, EV_LED, LED_CNT, 1)); // no such lamp
	assert_true(fake_input_status(f->device, EV_LED, 0xffff, 1));
	assert_true(fake_input_status(f->device, 0xffff, 0, UINT32_MAX));
	assert_int_equal(f->leds, 1);
	assert_true(fake_input_status(f->device, EV_LED, LED_CAPSL, 0));
	assert_int_equal(f->leds, 2);
	assert_int_equal(f->input->leds, 0);
	finish(f);
}

// Status buffers that are too short, too long, or for the device to write.
static void test_status_garbage(void **state) {
	struct fixture *f = begin(VIRTIO_INPUT_KEYBOARD, ALL_FEATURES, 4);
	struct fake_queue *queue = &f->device->queues[FAKE_INPUT_STATUS];
	const struct fake_buffer buffers[] = {
		{4096, 7, false}, {4096, 0, false}, {4096, 65536, false}, {4096, 8, true}};
	const struct virtio_input_event lamp = {.type = EV_LED, .code = LED_CAPSL, .value = 1};
	memset(fake_guest_at(f->guest, 4096), 0x11, 4096);
	for (unsigned i = 0; i < 4; i++) {
		uint32_t written = 99;
		if (i == 0) { // all of a good event but its last byte
			memcpy(fake_guest_at(f->guest, 4096), &lamp, sizeof(lamp));
		} else {
			memset(fake_guest_at(f->guest, 4096), 0x11, sizeof(lamp));
		}
		assert_true(fake_queue_offer(f->device, queue, &buffers[i], 1) >= 0);
		fake_queue_kick(queue);
		assert_true(fake_queue_wait(f->device, queue, &written) >= 0);
		assert_int_equal(written, 0);
	}
	assert_int_equal(f->leds, 0);
	finish(f);
}

// Event buffers the event does not fit into come back empty; the event goes into the next.
static void test_short_buffers(void **state) {
	struct fixture *f = begin(VIRTIO_INPUT_KEYBOARD, ALL_FEATURES, 4);
	struct fake_queue *queue = &f->device->queues[FAKE_INPUT_EVENTS];
	struct virtio_input_event event;
	assert_true(fake_device_stop_queue(f->device, 0) >= 0);
	assert_true(fake_device_reset(f->device));
	assert_true(fake_device_start_queue(f->device, 0, 4));
	const struct fake_buffer readable = {4096, 8, false}, shorter = {4096, 7, true};
	fake_queue_offer(f->device, queue, &readable, 1);
	fake_queue_offer(f->device, queue, &shorter, 1);
	fake_queue_kick_always(queue);
	frame_key(f, KEY_A, true);
	for (unsigned i = 0; i < 2; i++) {
		uint32_t written = 99;
		assert_true(fake_queue_wait(f->device, queue, &written) >= 0);
		assert_int_equal(written, 0);
	}
	fake_input_refill(f->device);
	assert_true(fake_input_take(f->device, &event));
	assert_int_equal(event.code, KEY_A);
	finish(f);
}

// --- Pointers -----------------------------------------------------------------------------

static void test_tablet(void **state) {
	struct fixture *f = begin(VIRTIO_INPUT_TABLET, ALL_FEATURES, 4);
	virtio_input_position(f->input, 100, 200);
	virtio_input_key(f->input, BTN_LEFT, true);
	virtio_input_frame(f->input);
	expect(f, EV_ABS, ABS_X, 100);
	expect(f, EV_ABS, ABS_Y, 200);
	expect(f, EV_KEY, BTN_LEFT, 1);
	expect_syn(f);
	virtio_input_position(f->input, 100, 201);
	virtio_input_frame(f->input);
	expect(f, EV_ABS, ABS_Y, 201);
	expect_syn(f);
	virtio_input_position(f->input, 100, 201);
	virtio_input_motion(f->input, 5, 5); // not a mouse
	virtio_input_key(f->input, KEY_A, true); // not a keyboard
	virtio_input_frame(f->input);
	expect_nothing(f);
	virtio_input_position(f->input, UINT32_MAX, 40000);
	virtio_input_frame(f->input);
	expect(f, EV_ABS, ABS_X, VIRTIO_INPUT_ABS_MAX);
	expect(f, EV_ABS, ABS_Y, VIRTIO_INPUT_ABS_MAX);
	expect_syn(f);
	finish(f);
}

// The pointer was somewhere before the guest's driver came up: it gets to know where.
static void test_tablet_after_reset(void **state) {
	struct fixture *f = begin(VIRTIO_INPUT_TABLET, ALL_FEATURES, 4);
	virtio_input_position(f->input, 7, 8);
	virtio_input_frame(f->input);
	expect(f, EV_ABS, ABS_X, 7);
	expect(f, EV_ABS, ABS_Y, 8);
	expect_syn(f);
	assert_true(fake_device_stop_queue(f->device, 0) >= 0);
	assert_true(fake_device_stop_queue(f->device, 1) >= 0);
	assert_true(fake_device_reset(f->device));
	assert_false(f->input->ready);
	virtio_input_position(f->input, 9, 8);
	virtio_input_frame(f->input);
	assert_true(fake_input_start_queues(f->device, 4));
	assert_true(f->input->ready);
	expect(f, EV_ABS, ABS_X, 9);
	expect(f, EV_ABS, ABS_Y, 8);
	expect_syn(f);
	finish(f);
}

// Motion that the guest is too slow for becomes one motion; a click stays where it was made.
static void test_tablet_coalesces(void **state) {
	struct fixture *f = begin(VIRTIO_INPUT_TABLET, ALL_FEATURES, 4);
	for (uint32_t i = 0; i < 1000; i++) {
		virtio_input_position(f->input, i, i);
		virtio_input_frame(f->input);
	}
	virtio_input_key(f->input, BTN_LEFT, true);
	virtio_input_frame(f->input);
	for (uint32_t i = 1000; i < 2000; i++) {
		virtio_input_position(f->input, i, i);
		virtio_input_frame(f->input);
	}
	static const int32_t expected[] = {0, 1, 999};
	for (unsigned i = 0; i < 3; i++) {
		expect(f, EV_ABS, ABS_X, expected[i]);
		expect(f, EV_ABS, ABS_Y, expected[i]);
		expect_syn(f);
	}
	expect(f, EV_KEY, BTN_LEFT, 1);
	expect_syn(f);
	expect(f, EV_ABS, ABS_X, 1999);
	expect(f, EV_ABS, ABS_Y, 1999);
	expect_syn(f);
	expect_nothing(f);
	finish(f);
}

static void test_mouse(void **state) {
	struct fixture *f = begin(VIRTIO_INPUT_MOUSE, ALL_FEATURES, 4);
	virtio_input_motion(f->input, 1.5, -2.75);
	virtio_input_frame(f->input);
	expect(f, EV_REL, REL_X, 1);
	expect(f, EV_REL, REL_Y, -2);
	expect_syn(f);
	virtio_input_motion(f->input, 0.5, -0.25);
	virtio_input_motion(f->input, 1, 0);
	virtio_input_frame(f->input);
	expect(f, EV_REL, REL_X, 2);
	expect(f, EV_REL, REL_Y, -1);
	expect_syn(f);
	virtio_input_motion(f->input, 0.4, 0.4);
	virtio_input_frame(f->input);
	virtio_input_motion(f->input, 1.0 / 0.0, 0.0 / 0.0);
	virtio_input_motion(f->input, 1e300, 0);
	virtio_input_position(f->input, 5, 5); // not a tablet
	virtio_input_frame(f->input);
	expect_nothing(f);
	finish(f);
}

// However slow the guest is, relative motion adds up to the whole way.
static void test_mouse_adds_up(void **state) {
	struct fixture *f = begin(VIRTIO_INPUT_MOUSE, ALL_FEATURES, 4);
	struct virtio_input_event event;
	int32_t x = 0, y = 0;
	for (unsigned i = 0; i < 3000; i++) {
		virtio_input_motion(f->input, 3.25, -1.5);
		virtio_input_frame(f->input);
	}
	settle(f);
	while (fake_input_pending(f->device)) {
		assert_true(fake_input_next(f->device, &event));
		settle(f);
		x += event.type == EV_REL && event.code == REL_X ? (int32_t)event.value : 0;
		y += event.type == EV_REL && event.code == REL_Y ? (int32_t)event.value : 0;
	}
	assert_int_equal(x, 9750);
	assert_int_equal(y, -4500);
	finish(f);
}

static void turn(struct fixture *f, enum virtio_input_wheel_axis axis, int32_t value120) {
	virtio_input_wheel(f->input, axis, value120);
	virtio_input_frame(f->input);
}

static void test_wheel(void **state) {
	struct fixture *f = begin(VIRTIO_INPUT_MOUSE, ALL_FEATURES, 4);
	turn(f, VIRTIO_INPUT_WHEEL_VERTICAL, 120); // down
	expect(f, EV_REL, REL_WHEEL, -1);
	expect(f, EV_REL, REL_WHEEL_HI_RES, -120);
	expect_syn(f);
	for (unsigned i = 0; i < 4; i++) { // a quarter of a detent each, up
		turn(f, VIRTIO_INPUT_WHEEL_VERTICAL, -30);
		if (i == 3) {
			expect(f, EV_REL, REL_WHEEL, 1);
		}
		expect(f, EV_REL, REL_WHEEL_HI_RES, 30);
		expect_syn(f);
	}
	turn(f, VIRTIO_INPUT_WHEEL_HORIZONTAL, 300);
	expect(f, EV_REL, REL_HWHEEL, 2);
	expect(f, EV_REL, REL_HWHEEL_HI_RES, 300);
	expect_syn(f);
	turn(f, VIRTIO_INPUT_WHEEL_HORIZONTAL, 60); // 60 were left: the third
	expect(f, EV_REL, REL_HWHEEL, 1);
	expect(f, EV_REL, REL_HWHEEL_HI_RES, 60);
	expect_syn(f);
	turn(f, VIRTIO_INPUT_WHEEL_VERTICAL, 100);
	expect(f, EV_REL, REL_WHEEL_HI_RES, -100);
	expect_syn(f);
	for (unsigned i = 0; i < 3; i++) { // the other way: starts anew
		turn(f, VIRTIO_INPUT_WHEEL_VERTICAL, -40);
		if (i == 2) {
			expect(f, EV_REL, REL_WHEEL, 1);
		}
		expect(f, EV_REL, REL_WHEEL_HI_RES, 40);
		expect_syn(f);
	}
	turn(f, VIRTIO_INPUT_WHEEL_VERTICAL, 0);
	turn(f, VIRTIO_INPUT_WHEEL_VERTICAL, INT32_MIN);
	expect_nothing(f);
	finish(f);
}

// --- Life ---------------------------------------------------------------------------------

// A paused guest: what was down and went up meanwhile is released, nothing is pressed.
static void test_pause(void **state) {
	struct fixture *f = begin(VIRTIO_INPUT_KEYBOARD, ALL_FEATURES, 4);
	struct fake_queue *queue = &f->device->queues[0];
	frame_key(f, KEY_A, true);
	frame_key(f, KEY_B, true);
	for (unsigned i = 0; i < 2; i++) {
		expect(f, EV_KEY, i == 0 ? KEY_A : KEY_B, 1);
		expect_syn(f);
	}
	int base = fake_device_stop_queue(f->device, 0);
	assert_int_equal(base, 4);
	assert_false(f->input->ready);
	frame_key(f, KEY_A, false);
	frame_key(f, KEY_C, true);
	assert_true(fake_device_send_state(f->device, 10, 0, (uint32_t)base));
	assert_true(fake_device_send_u64(f->device, 12, 0, &queue->kick_fd));
	assert_true(f->input->ready);
	expect(f, EV_KEY, KEY_A, 0);
	expect_syn(f);
	expect_nothing(f);
	finish(f);
}

// A reboot: the new driver gets nothing of what was on the way to the old one.
static void test_reboot(void **state) {
	struct fixture *f = begin(VIRTIO_INPUT_KEYBOARD, ALL_FEATURES, 4);
	for (unsigned i = 0; i < 6; i++) {
		frame_key(f, KEY_ENTER, true);
		for (unsigned j = 0; j < 50; j++) {
			frame_key(f, KEY_A, j % 2 == 0);
		}
		assert_true(fake_device_stop_queue(f->device, 0) >= 0);
		assert_true(fake_device_stop_queue(f->device, 1) >= 0);
		if (i % 2 == 0) { // QEMU's vhost-user-input does not tell
			assert_true(fake_device_reset(f->device));
		}
		frame_key(f, KEY_B, true); // nobody is there
		assert_true(fake_input_start_queues(f->device, 4));
		expect_nothing(f);
		frame_key(f, KEY_B, false); // nor was it pressed in the new one
		frame_key(f, KEY_ENTER, false);
		expect_nothing(f);
		frame_key(f, KEY_X, true);
		expect(f, EV_KEY, KEY_X, 1);
		expect_syn(f);
		frame_key(f, KEY_X, false);
		expect(f, EV_KEY, KEY_X, 0);
		expect_syn(f);
	}
	finish(f);
}

static void test_reconnect(void **state) {
	struct fixture *f = begin(VIRTIO_INPUT_KEYBOARD, ALL_FEATURES, 4);
	for (unsigned i = 0; i < 3; i++) {
		frame_key(f, KEY_A, true);
		expect(f, EV_KEY, KEY_A, 1);
		expect_syn(f);
		fake_device_destroy(f->device);
		f->device = fake_device_connect(f->guest, f->sock.path);
		wl_event_loop_dispatch(f->loop, 0);
		assert_false(f->input->ready);
		frame_key(f, KEY_A, false);
		assert_true(fake_input_start(f->device, ALL_FEATURES, 4));
		expect_nothing(f);
	}
	finish(f);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_key),
		cmocka_unit_test(test_notifies),
		cmocka_unit_test(test_key_without_event_index),
		cmocka_unit_test(test_partial_delivery),
		cmocka_unit_test(test_group_larger_than_queue),
		cmocka_unit_test(test_release_all),
		cmocka_unit_test(test_overflow),
		cmocka_unit_test(test_endless_group),
		cmocka_unit_test(test_leds),
		cmocka_unit_test(test_status_garbage),
		cmocka_unit_test(test_short_buffers),
		cmocka_unit_test(test_tablet),
		cmocka_unit_test(test_tablet_after_reset),
		cmocka_unit_test(test_tablet_coalesces),
		cmocka_unit_test(test_mouse),
		cmocka_unit_test(test_mouse_adds_up),
		cmocka_unit_test(test_wheel),
		cmocka_unit_test(test_pause),
		cmocka_unit_test(test_reboot),
		cmocka_unit_test(test_reconnect),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
