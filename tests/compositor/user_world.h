#ifndef USER_WORLD_H
#define USER_WORLD_H

#include <stdbool.h>
#include <stddef.h>

#include "desk.h"

struct fake_machine;
struct test_client;
struct test_layer;
struct test_lock;

#define USER_WORLD_GUESTS_MAX 200
#define USER_WORLD_WINDOWS_MAX 4
/** No more run at once. */
#define USER_WORLD_RUNNING_MAX 10

/** A machine: what redecho-vmd does for it, and its bridge, which shows what it is told to. */
struct user_guest {
	struct fake_machine *fake;
	struct test_client *bridge; // NULL: it does not run
	bool known; // its identity was told
	bool running; // and nobody has ended it
	// requests that were answered
	int power_offs, kills, restarts, pauses, resumes;
};

/** An ordinary client; it has one window, and at times a menu. */
struct user_window {
	struct test_client *client; // NULL: it is not there
};

/**
 * A desk on which everybody does what is right: redecho-vmd starts and ends machines as it is told,
 * their bridges and ordinary clients draw at the size that they are told and go when they are
 * asked to. Only the user does as they please.
 */
struct user_world {
	struct desk *desk;
	struct user_guest guests[USER_WORLD_GUESTS_MAX]; // in the order of desk->manager's machines
	size_t guests_len;
	struct user_window windows[USER_WORLD_WINDOWS_MAX];
	struct test_client *bar_client; // NULL: there is no bar
	struct test_layer *bar;
	int bar_shown; // the configure that it drew last
	struct test_client *locker; // NULL: the session is not locked
	struct test_lock *lock;
};

/** Take a desk with a manager. */
void user_world_init(struct user_world *world, struct desk *desk);

/** Let everybody answer until nobody has anything to say; fails the test if that does not come. */
void user_world_settle(struct user_world *world);

/** How many machines run, paused ones, too. */
int user_world_running(const struct user_world *world);

void user_world_open_window(struct user_world *world, struct user_window *window);
void user_world_close_window(struct user_world *world, struct user_window *window);

/** A client opens a menu with the key or button that it heard last. */
void user_world_open_menu(struct user_world *world, struct user_window *window);

void user_world_open_bar(struct user_world *world, unsigned kind);
void user_world_close_bar(struct user_world *world);

void user_world_lock(struct user_world *world);
void user_world_unlock(struct user_world *world);

/**
 * What any client may expect of input: no key or button comes up that did not go down, none goes
 * down twice, and nothing is held by whom it is not for. Every connection lives.
 */
void user_world_check(struct user_world *world);

/** No client believes a key or a button to be held. */
void user_world_check_released(struct user_world *world);

/** All machines are killed, all clients go. */
void user_world_clear(struct user_world *world);

#endif
