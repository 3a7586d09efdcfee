#ifndef TITLEBAR_H
#define TITLEBAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wlr_buffer;

/** Divides a bar from the next one. */
enum titlebar_line {
	TITLEBAR_LINE_NONE,
	TITLEBAR_LINE_RIGHT, // between tabs
	TITLEBAR_LINE_BELOW, // between stacked titles
};

/** What a title bar shows. Strings are UTF-8 or not: they are filtered and cut to fit. */
struct titlebar {
	const char *text; // the window's title; untrusted
	const char *label; // whose it is, at the far end; may be NULL
	const char *note; // a word on its state, as "paused"; may be NULL
	const char *font; // a Pango font description
	int width, height; // logical pixels
	float scale; // of the output
	uint32_t colour; // behind the text, 0xRRGGBB
	uint32_t text_colour; // 0xRRGGBB
	enum titlebar_line line;
	bool marked; // the window wants the user's attention: a field with a ! is before the text
	uint32_t mark; // that field's colour, 0xRRGGBB
};

/** The height in logical pixels of a bar with that font and padding above and below. */
int titlebar_height(const char *font, int padding);

/**
 * Draw a title bar into a buffer of ceil(width * scale) by ceil(height * scale) pixels.
 *
 * Returns NULL when there is no memory or no room. Free with wlr_buffer_drop().
 */
struct wlr_buffer *titlebar_draw(const struct titlebar *titlebar);

/**
 * "LABEL — TITLE": whose something is, and what, as dialogs and notices say it. Both are filtered
 * and cut. The caller frees it.
 */
char *titlebar_format_origin(const char *label, const char *untrusted_title);

/** A copy of untrusted text fit to be shown: valid UTF-8, no controls, at most max bytes. */
char *titlebar_filter_text(const char *untrusted_text, size_t max_bytes);

#endif
