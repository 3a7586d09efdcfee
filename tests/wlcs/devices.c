#include "devices.h"

#include <semaphore.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <wlr/backend.h>
#include <wlr/interfaces/wlr_pointer.h>
#include <wlr/interfaces/wlr_touch.h>
#include <wlr/types/wlr_cursor.h>
#include <wlr/types/wlr_output_layout.h>

#include "pointer.h"
#include "seat.h"
#include "server.h"

struct fake_pointer {
	WlcsPointer base;
	struct server *server;
	struct wlr_pointer wlr_pointer;
};

/** What the finger is to do, or does. */
enum touch_action {
	TOUCH_DOWN,
	TOUCH_MOVE,
	TOUCH_UP,
};

struct fake_touch {
	WlcsTouch base;
	struct server *server;
	struct wlr_touch wlr_touch;

	// from the suite's thread to the server's
	int request_fd; // eventfd: the action is to be taken
	struct wl_event_source *source;
	sem_t done;
	enum touch_action action;
	int lx, ly;
};

static const struct wlr_pointer_impl pointer_impl = {.name = "suite-pointer"};
static const struct wlr_touch_impl touch_impl = {.name = "suite-touch"};

// --- pointer ------------------------------------------------------------------------------

static void pointer_frame(struct fake_pointer *fake) {
	wl_signal_emit_mutable(&fake->wlr_pointer.events.frame, &fake->wlr_pointer);
}

static void move(struct fake_pointer *fake, double dx, double dy) {
	struct wlr_pointer_motion_event event = {
		.pointer = &fake->wlr_pointer,
		.time_msec = (uint32_t)server_now_ms(),
		.delta_x = dx,
		.delta_y = dy,
		.unaccel_dx = dx,
		.unaccel_dy = dy,
	};
	wl_signal_emit_mutable(&fake->wlr_pointer.events.motion, &event);
	pointer_frame(fake);
}

// As a part of the screen, which is what a tablet would say, a point may come to lie a
// trillionth of a pixel beside an edge.
static void pointer_move_absolute(WlcsPointer *base, wl_fixed_t lx, wl_fixed_t ly) {
	struct fake_pointer *fake = wl_container_of(base, fake, base);
	const struct wlr_cursor *cursor = fake->server->seat->pointer->cursor;
	move(fake, wl_fixed_to_double(lx) - cursor->x, wl_fixed_to_double(ly) - cursor->y);
}

static void pointer_move_relative(WlcsPointer *base, wl_fixed_t dx, wl_fixed_t dy) {
	struct fake_pointer *fake = wl_container_of(base, fake, base);
	move(fake, wl_fixed_to_double(dx), wl_fixed_to_double(dy));
}

static void send_button(WlcsPointer *base, int button, enum wl_pointer_button_state state) {
	struct fake_pointer *fake = wl_container_of(base, fake, base);
	struct wlr_pointer_button_event event = {
		.pointer = &fake->wlr_pointer,
		.time_msec = (uint32_t)server_now_ms(),
		.button = (uint32_t)button,
		.state = state,
	};
	wl_signal_emit_mutable(&fake->wlr_pointer.events.button, &event);
	pointer_frame(fake);
}

static void pointer_button_up(WlcsPointer *base, int button) {
	send_button(base, button, WL_POINTER_BUTTON_STATE_RELEASED);
}

static void pointer_button_down(WlcsPointer *base, int button) {
	send_button(base, button, WL_POINTER_BUTTON_STATE_PRESSED);
}

static void pointer_destroy(WlcsPointer *base) {
	struct fake_pointer *fake = wl_container_of(base, fake, base);
	wlr_pointer_finish(&fake->wlr_pointer);
	free(fake);
}

WlcsPointer *devices_create_pointer(struct server *server) {
	struct fake_pointer *fake = calloc(1, sizeof(*fake));
	if (fake == NULL) {
		abort();
	}
	fake->base = (WlcsPointer){
		.version = WLCS_POINTER_VERSION,
		.move_absolute = pointer_move_absolute,
		.move_relative = pointer_move_relative,
		.button_up = pointer_button_up,
		.button_down = pointer_button_down,
		.destroy = pointer_destroy,
	};
	fake->server = server;
	wlr_pointer_init(&fake->wlr_pointer, &pointer_impl, pointer_impl.name);
	wl_signal_emit_mutable(&server->backend->events.new_input, &fake->wlr_pointer.base);
	return &fake->base;
}

// --- touch: one finger ----------------------------------------------------------------------

// A touch screen says where a finger is as a part of the whole, from 0 to 1.
static void part_of_layout(struct server *server, int lx, int ly, double *x, double *y) {
	struct wlr_box box;
	wlr_output_layout_get_box(server->output_layout, NULL, &box);
	*x = (double)(lx - box.x) / box.width;
	*y = (double)(ly - box.y) / box.height;
}

static void act(struct fake_touch *fake) {
	struct wlr_touch *wlr_touch = &fake->wlr_touch;
	uint32_t time_ms = (uint32_t)server_now_ms();
	double x, y;
	part_of_layout(fake->server, fake->lx, fake->ly, &x, &y);
	if (fake->action == TOUCH_DOWN) {
		struct wlr_touch_down_event event = {
			.touch = wlr_touch, .time_msec = time_ms, .x = x, .y = y};
		wl_signal_emit_mutable(&wlr_touch->events.down, &event);
	} else if (fake->action == TOUCH_MOVE) {
		struct wlr_touch_motion_event event = {
			.touch = wlr_touch, .time_msec = time_ms, .x = x, .y = y};
		wl_signal_emit_mutable(&wlr_touch->events.motion, &event);
	} else {
		struct wlr_touch_up_event event = {.touch = wlr_touch, .time_msec = time_ms};
		wl_signal_emit_mutable(&wlr_touch->events.up, &event);
	}
	wl_signal_emit_mutable(&wlr_touch->events.frame, NULL);
}

static int handle_request(int fd, uint32_t mask, void *data) {
	struct fake_touch *fake = data;
	eventfd_t count;
	if (eventfd_read(fd, &count) == 0) {
		act(fake);
		sem_post(&fake->done);
	}
	return 0;
}

// Unlike all else, wlcs 1.8 calls these in its own thread, and with whole pixels, whatever its
// header says.
static void ask(struct fake_touch *fake, enum touch_action action, int lx, int ly) {
	fake->action = action;
	fake->lx = lx;
	fake->ly = ly;
	eventfd_write(fake->request_fd, 1);
	while (sem_wait(&fake->done) != 0) {
	}
}

static void touch_down(WlcsTouch *base, wl_fixed_t lx, wl_fixed_t ly) {
	struct fake_touch *fake = wl_container_of(base, fake, base);
	ask(fake, TOUCH_DOWN, lx, ly);
}

static void touch_move(WlcsTouch *base, wl_fixed_t lx, wl_fixed_t ly) {
	struct fake_touch *fake = wl_container_of(base, fake, base);
	ask(fake, TOUCH_MOVE, lx, ly);
}

static void touch_up(WlcsTouch *base) {
	struct fake_touch *fake = wl_container_of(base, fake, base);
	ask(fake, TOUCH_UP, fake->lx, fake->ly);
}

static void touch_destroy(WlcsTouch *base) {
	struct fake_touch *fake = wl_container_of(base, fake, base);
	wlr_touch_finish(&fake->wlr_touch);
	wl_event_source_remove(fake->source);
	close(fake->request_fd);
	sem_destroy(&fake->done);
	free(fake);
}

WlcsTouch *devices_create_touch(struct server *server) {
	struct fake_touch *fake = calloc(1, sizeof(*fake));
	if (fake == NULL) {
		abort();
	}
	fake->base = (WlcsTouch){
		.version = WLCS_TOUCH_VERSION,
		.touch_down = touch_down,
		.touch_move = touch_move,
		.touch_up = touch_up,
		.destroy = touch_destroy,
	};
	fake->server = server;
	fake->request_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	fake->source = wl_event_loop_add_fd(
		server->loop, fake->request_fd, WL_EVENT_READABLE, handle_request, fake);
	if (fake->source == NULL || sem_init(&fake->done, 0, 0) != 0) {
		abort();
	}
	wlr_touch_init(&fake->wlr_touch, &touch_impl, touch_impl.name);
	wl_signal_emit_mutable(&server->backend->events.new_input, &fake->wlr_touch.base);
	return &fake->base;
}
