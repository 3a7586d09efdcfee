#ifndef FAKE_SCREEN_H
#define FAKE_SCREEN_H

#include <wlr/types/wlr_output.h>

#include "desk.h"

#define FAKE_SCREEN_MODES 4

/** What a screen tells of itself, and what it can. */
struct fake_screen_options {
	const char *name; // of its connector
	const char *make, *model, *serial; // may be NULL
	struct {
		int width, height, refresh_mhz; // width 0: the list ends
	} modes[FAKE_SCREEN_MODES]; // the first one is the preferred one
	int width_mm, height_mm; // 0: it does not tell
	bool adaptive_sync;
	bool refuses_adaptive_sync; // it has it, but not with what it is plugged into
	bool can_tear;
	size_t gamma_size;
	int refresh_ms; // each frame is presented, and the next refresh is that much later; 0: none is
	bool hardware_clock; // it is the display's own clock that tells when
	int refuses_width; // modes of that width are refused; 0: none is
};

/** A screen as a graphics card would have it, plugged into a desk; the test says what it can. */
struct fake_screen {
	struct wlr_output wlr_output;
	struct fake_screen_options options;
	bool gone; // wlroots has destroyed it
	bool fails; // commits fail that were tested well
	int commits, tearing_commits;
	int gamma_commits, gamma_resets; // with tables, and back to none
	struct wl_event_source *frame_timer;
};

/** Plugs it in. */
struct fake_screen *fake_screen_plug(struct desk *desk, const struct fake_screen_options *options);

/** Unplugs it, and frees it. */
void fake_screen_unplug(struct fake_screen *screen);

#endif
