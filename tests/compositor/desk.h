#ifndef DESK_H
#define DESK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// cmocka.h wants the ones above
#include <cmocka.h>

struct fake_manager;
struct server;
struct test_client;
struct tile;
struct wlr_output;
struct wlr_pointer;

#define DESK_CLIENTS_MAX 48

/**
 * A compositor, its clients, a fake redecho-vmd and a fake keyboard and pointer, all in the
 * test's process and thread: nothing runs but in desk_pump(), so that a test sees every
 * state in between. Every wait has an end, and fails the test there.
 */
struct desk {
	char folder[64]; // XDG_RUNTIME_DIR
	char config[128]; // the configuration file
	struct server *server;
	struct fake_manager *manager; // NULL: a desk without one
	struct test_client *clients[DESK_CLIENTS_MAX];
	struct fake_devices *devices;
};

struct desk_options {
	bool with_manager; // a fake redecho-vmd answers
	int manager_version; // of the protocol that it speaks; 0: the newest
	bool missing_manager; // redecho-vmd is wanted, but is not installed
	const char *config; // text after the built-in defaults; NULL: none
	int outputs; // headless ones of 1280x720; 0: one, below 0: none
};

struct desk *desk_create(const struct desk_options *options); // may be NULL
void desk_destroy(struct desk *desk);

/** Destroy the compositor and start another one on the same desk; the clients are gone. */
void desk_restart_server(struct desk *desk);

/** Let everybody do what there is to do, once. */
void desk_pump(struct desk *desk);

/** Pump until every client, and the fake redecho-vmd, has had an answer to all it said. */
void desk_settle(struct desk *desk);

/** Pump until the condition holds; fails the test after 5 s. */
#define desk_until(desk, condition)                                                                \
	do {                                                                                       \
		int64_t until_end_ms = desk_deadline_ms();                                         \
		while (!(condition)) {                                                             \
			assert_true(desk_now_ms() < until_end_ms);                                 \
			desk_pump(desk);                                                           \
		}                                                                                  \
	} while (0)
int64_t desk_now_ms(void);
int64_t desk_deadline_ms(void);

/** A new client on the public side, with its globals. */
struct test_client *desk_connect(struct desk *desk);

/** The same on a socket that came from somewhere else, as a bridge's does. */
struct test_client *desk_connect_fd(struct desk *desk, int fd);

/** A client with a window that is shown. */
struct test_client *desk_connect_shown(struct desk *desk, const char *title);

/** A client goes. */
void desk_disconnect(struct desk *desk, struct test_client *client);

/** Press or release a key of the fake keyboard: evdev codes of linux/input-event-codes.h. */
void desk_key(struct desk *desk, uint32_t key, bool pressed);

/** Press and release. */
void desk_tap(struct desk *desk, uint32_t key);

/** Move the fake mouse; to a point of the layout, or by. */
void desk_move_to(struct desk *desk, double lx, double ly);
void desk_move_by(struct desk *desk, double dx, double dy);
void desk_button(struct desk *desk, uint32_t button, bool pressed);
void desk_scroll(struct desk *desk, int value120);

/** That mouse, for events that nothing else here makes. */
struct wlr_pointer *desk_pointer(struct desk *desk);

/** The window with that title; fails the test if there is none. */
struct tile *desk_tile(struct desk *desk, const char *title);

/** Run a command line; fails the test if it is refused. */
void desk_run(struct desk *desk, const char *line);

/** Read the configuration anew, with another text after the built-in defaults. */
void desk_configure(struct desk *desk, const char *config);

/** Add a headless output. */
struct wlr_output *desk_add_output(struct desk *desk, int width, int height);

#endif
