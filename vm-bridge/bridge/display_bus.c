#include "display_bus.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <time.h>
#include <unistd.h>

#define CONSOLE_PATH "/org/qemu/Display1/Console_0"
#define CONSOLE_INTERFACE "org.qemu.Display1.Console"
/** An answer that does not come within this does not hold up the next size. */
#define CALL_TIMEOUT_US UINT64_C(2000000)
#define TURN_MESSAGES 32
/** Between two sizes: each is a mode set for the guest, and of a window that is dragged many come. */
#define TELL_INTERVAL_US UINT64_C(40000)

struct display_bus {
	struct wl_event_loop *loop;
	const struct log *log;
	sd_bus *bus; // NULL: not connected
	struct wl_event_source *source;
	struct wl_event_source *timer;
	sd_bus_slot *call; // under way; NULL: none

	struct window_mode mode;
	bool has_mode;
	bool dirty; // mode was not told yet
	uint32_t told_width, told_height;
	uint64_t told_us; // when, by CLOCK_MONOTONIC; 0: never
	int32_t offset; // alternates, so that QEMU does not drop a change of the refresh alone
};

static void disconnect(struct display_bus *bus) {
	if (bus->bus == NULL) {
		return;
	}
	sd_bus_slot_unref(bus->call);
	bus->call = NULL;
	wl_event_source_remove(bus->source);
	bus->source = NULL;
	wl_event_source_timer_update(bus->timer, 0);
	sd_bus_close(bus->bus);
	sd_bus_unref(bus->bus);
	bus->bus = NULL;
}

static int handle_reply(sd_bus_message *reply, void *data, sd_bus_error *error) {
	struct display_bus *bus = data;
	bus->call = sd_bus_slot_unref(bus->call);
	const sd_bus_error *failure = sd_bus_message_get_error(reply);
	if (failure != NULL) {
		log_write(bus->log, LOG_INFO, "QEMU's display refused a new size: %s",
			failure->message != NULL ? failure->message : failure->name);
	}
	return 0;
}

static uint16_t clamp_mm(uint32_t mm) {
	return mm < UINT16_MAX ? (uint16_t)mm : UINT16_MAX;
}

static uint64_t now_us(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/** When the next size may be told; UINT64_MAX: there is none, or a call is under way. */
static uint64_t due_us(const struct display_bus *bus) {
	if (!bus->dirty || bus->call != NULL) {
		return UINT64_MAX;
	}
	return bus->told_us == 0 ? 0 : bus->told_us + TELL_INTERVAL_US;
}

/** Call Console.SetUIInfo, if there is something to tell and it is time to. */
static void tell(struct display_bus *bus) {
	const uint64_t now = now_us();
	if (due_us(bus) > now) {
		return;
	}
	bus->dirty = false;
	const struct window_mode *mode = &bus->mode;
	if (mode->width == bus->told_width && mode->height == bus->told_height) {
		bus->offset = !bus->offset;
	}
	const int result = sd_bus_call_method_async(bus->bus, &bus->call, NULL, CONSOLE_PATH,
		CONSOLE_INTERFACE, "SetUIInfo", handle_reply, bus, "qqiiuu",
		clamp_mm(mode->width_mm), clamp_mm(mode->height_mm), bus->offset, 0, mode->width,
		mode->height);
	if (result < 0) {
		log_write(bus->log, LOG_ERROR, "QEMU's display: %s", strerror(-result));
		return;
	}
	bus->told_width = mode->width;
	bus->told_height = mode->height;
	bus->told_us = now;
	log_write(bus->log, LOG_DEBUG, "told QEMU's display %ux%u at %u mHz", mode->width,
		mode->height, mode->refresh_mhz);
}

/** Have the loop wait for what sd-bus waits for, and for the time of the next size. */
static void update_sources(struct display_bus *bus) {
	const int events = sd_bus_get_events(bus->bus);
	uint32_t mask = 0;
	if (events >= 0) {
		mask |= (events & POLLIN) != 0 ? WL_EVENT_READABLE : 0;
		mask |= (events & POLLOUT) != 0 ? WL_EVENT_WRITABLE : 0;
	}
	wl_event_source_fd_update(bus->source, mask);
	uint64_t until_us = UINT64_MAX;
	sd_bus_get_timeout(bus->bus, &until_us);
	const uint64_t due = due_us(bus);
	until_us = due < until_us ? due : until_us;
	int delay_ms = 0; // disarmed
	if (until_us != UINT64_MAX) {
		const uint64_t now = now_us();
		delay_ms = until_us > now ? (int)((until_us - now) / 1000) + 1 : 1;
	}
	wl_event_source_timer_update(bus->timer, delay_ms);
}

static void process(struct display_bus *bus) {
	int result;
	unsigned messages = 0;
	do {
		result = sd_bus_process(bus->bus, NULL);
		if (result >= 0) {
			tell(bus);
		}
	} while (result > 0 && ++messages < TURN_MESSAGES); // the rest is for the next turn
	if (result < 0) {
		log_write(bus->log, LOG_DEBUG, "QEMU's display is gone: %s", strerror(-result));
		disconnect(bus);
		return;
	}
	update_sources(bus);
}

static int handle_socket(int fd, uint32_t mask, void *data) {
	process(data);
	return 0;
}

static int handle_timer(void *data) {
	struct display_bus *bus = data;
	if (bus->bus != NULL) {
		process(bus);
	}
	return 0;
}

struct display_bus *display_bus_create(struct wl_event_loop *loop, const struct log *log) {
	struct display_bus *bus = calloc(1, sizeof(*bus));
	if (bus == NULL) {
		return NULL;
	}
	bus->loop = loop;
	bus->log = log;
	bus->timer = wl_event_loop_add_timer(loop, handle_timer, bus);
	if (bus->timer == NULL) {
		free(bus);
		return NULL;
	}
	return bus;
}

void display_bus_destroy(struct display_bus *bus) {
	if (bus == NULL) {
		return;
	}
	disconnect(bus);
	wl_event_source_remove(bus->timer);
	free(bus);
}

bool display_bus_connect(struct display_bus *bus, int fd) {
	disconnect(bus);
	sd_bus *connection = NULL;
	int result = sd_bus_new(&connection);
	if (result < 0) {
		close(fd);
		return false;
	}
	result = sd_bus_set_fd(connection, fd, fd);
	if (result < 0) {
		close(fd);
		goto error;
	}
	sd_bus_set_method_call_timeout(connection, CALL_TIMEOUT_US);
	result = sd_bus_start(connection);
	if (result < 0) {
		goto error;
	}
	bus->bus = connection;
	bus->source = wl_event_loop_add_fd(bus->loop, fd, WL_EVENT_READABLE, handle_socket, bus);
	if (bus->source == NULL) {
		bus->bus = NULL;
		goto error;
	}
	bus->told_width = 0;
	bus->told_height = 0;
	bus->told_us = 0;
	bus->dirty = bus->has_mode;
	process(bus);
	return bus->bus != NULL;

error:
	log_write(bus->log, LOG_ERROR, "QEMU's display: %s", strerror(-result));
	sd_bus_unref(connection);
	return false;
}

void display_bus_set_mode(struct display_bus *bus, const struct window_mode *mode) {
	bus->mode = *mode;
	bus->has_mode = true;
	bus->dirty = true;
	if (bus->bus != NULL) {
		process(bus);
	}
}
