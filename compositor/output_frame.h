#ifndef OUTPUT_FRAME_H
#define OUTPUT_FRAME_H

#include <stdbool.h>
#include <wayland-server-core.h>
#include <wlr/types/wlr_scene.h>

#include "render_delay.h"

struct output;

/** How an output's pictures come to be: when they are drawn, and what they took. */
struct output_frame {
	struct render_delay delay;
	int delay_ms; // by which the last picture was put off
	bool on_hardware; // the last one was presented by a display's own clock
	struct wl_event_source *timer; // for a picture that is put off
	bool waiting; // the timer runs
	uint32_t waiting_seq; // wlr_output.commit_seq when it began to

	struct wlr_scene_timer gpu_timer;
	bool gpu_asked, gpu_timed; // whether the renderer can tell how long its GPU worked

	struct wl_listener frame;
	struct wl_listener present;
};

/** Returns false out of memory. */
bool output_frame_init(struct output *output);
void output_frame_finish(struct output *output);

/** Another renderer draws: what was measured says nothing any more. */
void output_frame_forget(struct output *output);

/** True while pictures are put off, if there is time to: by the settings, on such a screen. */
bool output_frame_may_wait(const struct output *output);

#endif
