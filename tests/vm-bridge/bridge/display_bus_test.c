// QEMU's display, asked for new sizes; this process is both ends.
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <systemd/sd-bus.h>

#include "display_bus.h"
#include "fake_cmocka.h"

struct qemu {
	sd_bus *bus;
	sd_bus_message *call; // not answered yet; may be NULL
	unsigned calls;
	int32_t offset; // of the last call, as the next two
	uint32_t width, height;
};

struct fixture {
	struct wl_event_loop *loop;
	struct log log;
	struct display_bus *bus;
	struct qemu qemu;
	int fd; // the bus's end, not ours
};

static int handle_message(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct qemu *qemu = data;
	uint16_t width_mm, height_mm;
	int32_t yoff;
	if (!sd_bus_message_is_method_call(message, "org.qemu.Display1.Console", "SetUIInfo")) {
		return 0;
	}
	assert_null(qemu->call); // one at a time
	assert_true(sd_bus_message_read(message, "qqiiuu", &width_mm, &height_mm, &qemu->offset,
			    &yoff, &qemu->width, &qemu->height) > 0);
	qemu->calls++;
	qemu->call = sd_bus_message_ref(message);
	return 1;
}

static void answer(struct fixture *f) {
	assert_non_null(f->qemu.call);
	assert_true(sd_bus_reply_method_return(f->qemu.call, "") >= 0);
	f->qemu.call = sd_bus_message_unref(f->qemu.call);
}

/** Run both ends until neither has anything to say. */
static void settle(struct fixture *f) {
	for (int i = 0; i < 50; i++) {
		wl_event_loop_dispatch(f->loop, 0);
		while (sd_bus_process(f->qemu.bus, NULL) > 0) {
		}
	}
}

/** Run both ends until QEMU has been called so often. */
static void wait_for_calls(struct fixture *f, unsigned calls) {
	for (int i = 0; i < 500 && f->qemu.calls < calls; i++) {
		wl_event_loop_dispatch(f->loop, 10);
		settle(f);
	}
	assert_int_equal(f->qemu.calls, calls);
}

static struct fixture *begin(void) {
	struct fixture *f = calloc(1, sizeof(*f));
	int pair[2];
	sd_id128_t id = {0};
	f->loop = wl_event_loop_create();
	f->log.level = LOG_ERROR;
	f->bus = display_bus_create(f->loop, &f->log);
	assert_non_null(f->bus);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_true(sd_bus_new(&f->qemu.bus) >= 0);
	assert_true(sd_bus_set_fd(f->qemu.bus, pair[1], pair[1]) >= 0);
	assert_true(sd_bus_set_server(f->qemu.bus, 1, id) >= 0);
	assert_true(sd_bus_set_anonymous(f->qemu.bus, 1) >= 0);
	assert_true(sd_bus_add_filter(f->qemu.bus, NULL, handle_message, &f->qemu) >= 0);
	assert_true(sd_bus_start(f->qemu.bus) >= 0);
	assert_true(display_bus_connect(f->bus, pair[0]));
	f->fd = pair[0];
	return f;
}

static void end(struct fixture *f) {
	display_bus_destroy(f->bus);
	sd_bus_message_unref(f->qemu.call);
	sd_bus_close(f->qemu.bus);
	sd_bus_unref(f->qemu.bus);
	wl_event_loop_destroy(f->loop);
	free(f);
}

static void set_size(struct fixture *f, uint32_t width, uint32_t height, uint32_t refresh_mhz) {
	const struct window_mode mode = {
		.width = width,
		.height = height,
		.refresh_mhz = refresh_mhz,
		.width_mm = UINT32_MAX,
		.height_mm = 200,
	};
	display_bus_set_mode(f->bus, &mode);
}

/** Hostile 33: a window resized a thousand times; QEMU sleeps, and is told two of the sizes. */
static void test_coalesced(void **state) {
	struct fixture *f = begin();
	for (uint32_t i = 1; i <= 1000; i++) {
		set_size(f, i, 2 * i, 60000); // waits for nobody
	}
	settle(f);
	assert_int_equal(f->qemu.calls, 1);
	for (uint32_t i = 1; i <= 1000; i++) {
		set_size(f, 3 * i, i, 60000);
		wl_event_loop_dispatch(f->loop, 0);
	}
	settle(f);
	assert_int_equal(f->qemu.calls, 1);
	answer(f);
	wait_for_calls(f, 2);
	assert_int_equal(f->qemu.width, 3000);
	assert_int_equal(f->qemu.height, 1000);
	answer(f);
	settle(f);
	assert_int_equal(f->qemu.calls, 2);
	end(f);
}

/** A window that is dragged: QEMU answers at once, and still the guest is not told every size. */
static void test_dragged(void **state) {
	struct fixture *f = begin();
	const unsigned sizes = 300;
	for (uint32_t i = 1; i <= sizes; i++) {
		set_size(f, 500 + i, 400, 60000);
		settle(f);
		if (f->qemu.call != NULL) {
			answer(f);
			settle(f);
		}
	}
	assert_true(f->qemu.calls >= 1);
	assert_true(f->qemu.calls < sizes / 2);
	// But the last one, and without anything else to happen.
	for (int i = 0; i < 500 && f->qemu.width != 500 + sizes; i++) {
		wl_event_loop_dispatch(f->loop, 10);
		settle(f);
	}
	assert_int_equal(f->qemu.width, 500 + sizes);
	end(f);
}

/** QEMU drops an identical call, so one for a refresh alone differs in its offset. */
static void test_refresh_alone(void **state) {
	struct fixture *f = begin();
	set_size(f, 640, 480, 60000);
	settle(f);
	answer(f);
	const int32_t offset = f->qemu.offset;
	set_size(f, 640, 480, 75000);
	wait_for_calls(f, 2);
	assert_int_not_equal(f->qemu.offset, offset);
	end(f);
}

/** QEMU goes while a call is under way. */
static void test_gone(void **state) {
	struct fixture *f = begin();
	set_size(f, 640, 480, 60000);
	settle(f);
	assert_int_equal(f->qemu.calls, 1);
	f->qemu.call = sd_bus_message_unref(f->qemu.call);
	sd_bus_close(f->qemu.bus);
	for (int i = 0; i < 20; i++) {
		wl_event_loop_dispatch(f->loop, 0);
	}
	set_size(f, 800, 600, 60000); // while nobody is there
	end(f);
}

static int unread_bytes(const struct fixture *f) {
	int bytes = 0;
	assert_int_equal(ioctl(f->fd, FIONREAD, &bytes), 0);
	return bytes;
}

/** A QEMU that talks without end is listened to in turns, and everybody else meanwhile. */
static void test_flood(void **state) {
	struct fixture *f = begin();
	settle(f);
	for (unsigned i = 0; i < 200; i++) {
		assert_true(sd_bus_emit_signal(f->qemu.bus, "/a", "org.example.A", "B", "") >= 0);
	}
	const int before = unread_bytes(f);
	assert_true(before > 0);
	wl_event_loop_dispatch(f->loop, 0);
	assert_true(unread_bytes(f) > 0);
	assert_true(unread_bytes(f) < before);
	for (int i = 0; i < 50; i++) {
		wl_event_loop_dispatch(f->loop, 2);
	}
	assert_int_equal(unread_bytes(f), 0);
	set_size(f, 640, 480, 60000);
	settle(f);
	assert_int_equal(f->qemu.calls, 1);
	end(f);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_coalesced),
		cmocka_unit_test(test_dragged),
		cmocka_unit_test(test_refresh_alone),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_flood),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
