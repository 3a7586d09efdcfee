#ifndef CARD_H
#define CARD_H

#include <stdint.h>

struct wlr_buffer;

/** One paragraph of a card. */
struct card_line {
	const char *text; // UTF-8, already filtered; NULL or "": left out
	const char *font; // a Pango font description
	uint32_t colour; // 0xRRGGBB
};

/** A few paragraphs on one colour: placeholders and notices. Lengths in logical pixels. */
struct card {
	struct card_line lines[6];
	int max_width; // the card is as small as its text lets it
	int max_height; // what is below is cut
	int padding;
	float scale; // of the output
	uint32_t colour; // behind the text, 0xRRGGBB
	uint32_t edge; // a line around, 0xRRGGBB
	int edge_width; // 0: none
};

/**
 * Draw a card. Sets its size in logical pixels. Returns NULL when there is no room or no
 * memory. Free with wlr_buffer_drop().
 */
struct wlr_buffer *card_draw(const struct card *card, int *width, int *height);

#endif
