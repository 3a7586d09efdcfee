// virtio_input, driven by the fake guest over a real vhost-user connection.
#include <linux/input.h>
#include <linux/virtio_config.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static void settle(struct fixture *f) {
	while (wl_event_loop_dispatch(f->loop, 0) == 0 && fake_input_pending(f->device) == false) {
		break;
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
	virtio_input_key(f->input, KEY_A, false);
	virtio_input_frame(f->input);
	expect(f, EV_KEY, KEY_A, 0);
	expect_syn(f);
	finish(f);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_key),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
