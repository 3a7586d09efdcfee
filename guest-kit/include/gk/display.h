/**
 * The display: the first scanout of the machine's virtio-gpu device.
 *
 * A program draws on the canvas, says what it changed, and presents. It may draw again at once:
 * the kit waits where it has to.
 *
 *	const struct gk_canvas *canvas = gk_canvas(gk);
 *	gk_fill(canvas, gk_canvas_rect(canvas), 0xff102030);
 *	gk_damage(gk, gk_canvas_rect(canvas));
 *	gk_present(gk);
 *
 * virtio 1.3, 5.7 GPU Device.
 */
#ifndef GK_DISPLAY_H
#define GK_DISPLAY_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct gk;

/** A rectangle; empty if width or height is not positive. */
struct gk_rect {
	int x, y;
	int width, height;
};

/** Memory to draw on, 0xXXRRGGBB a pixel, row by row. */
struct gk_canvas {
	uint32_t *pixels;
	int width, height;
	int stride; // pixels from a row to the next
	struct gk_rect clip; // inside the canvas; nothing outside of it is drawn
};

/** What is known about the screen. Millimetres are 0 where the host's EDID does not tell. */
struct gk_screen {
	int width, height;
	int width_mm, height_mm;
};

enum gk_cursor {
	GK_CURSOR_NONE,
	GK_CURSOR_ARROW,
	GK_CURSOR_TEXT,
};

/** Returns false if the machine has no display; then no other call here may be used. */
bool gk_has_display(struct gk *gk);

/** Returns the screen as it is now. */
struct gk_screen gk_screen(struct gk *gk);

/**
 * Returns the canvas, once the host has read what was presented last.
 *
 * It keeps what was drawn. A GK_EVENT_RESIZE replaces it by another, which is black: the pointer
 * and the pixels are valid until gk_wait() returns that event. The host shows the last frame
 * until the first gk_present() after it.
 */
const struct gk_canvas *gk_canvas(struct gk *gk);

/** Returns the rectangle of the whole canvas. */
struct gk_rect gk_canvas_rect(const struct gk_canvas *canvas);

/** Add to what changed since the last gk_present(). Parts outside of the canvas are ignored. */
void gk_damage(struct gk *gk, struct gk_rect rect);

/**
 * Show what changed. Does not wait for the screen: while an earlier frame is still on its way to
 * it, the frames after it become one. Nothing happens without damage.
 */
void gk_present(struct gk *gk);

/** Choose the pointer's picture. The host moves it. GK_CURSOR_ARROW at the start. */
void gk_set_cursor(struct gk *gk, enum gk_cursor cursor);

#ifdef __cplusplus
}
#endif

#endif
