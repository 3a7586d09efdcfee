#ifndef TEST_LOCK_H
#define TEST_LOCK_H

#include <stdbool.h>
#include <stdint.h>

struct test_client;

#define TEST_LOCK_SCREENS 4

/** A lock program: ext-session-lock-v1. */
struct test_lock {
	struct test_client *client;
	struct ext_session_lock_manager_v1 *manager;
	struct ext_session_lock_v1 *lock;
	int locked, finished; // events
	struct test_lock_screen {
		struct test_lock *lock;
		struct wl_output *output;
		struct wl_surface *surface;
		struct wp_viewport *viewport;
		struct ext_session_lock_surface_v1 *lock_surface;
		uint32_t width, height; // of the last configure
	} screens[TEST_LOCK_SCREENS];
	int screens_len;
};

/** Ask for the lock. */
struct test_lock *test_lock_create(struct test_client *client);

/** Free it; destroys what is left of it without a request. */
void test_lock_destroy(struct test_lock *lock);

/** Show a surface on the output that was announced as number index, as soon as it is configured. */
void test_lock_cover(struct test_lock *lock, int index);

void test_lock_unlock(struct test_lock *lock);

#endif
