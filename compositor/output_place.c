#include "output_place.h"

static bool overlap(const struct wlr_box *a, const struct wlr_box *b) {
	return a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height &&
		b->y < a->y + a->height;
}

static bool is_free(const struct output_place *places, size_t index) {
	for (size_t i = 0; i < index; i++) {
		if (places[i].positioned && overlap(&places[i].box, &places[index].box)) {
			return false;
		}
	}
	return true;
}

// Puts those without a position into a row.
static void place_row(struct output_place *places, size_t len, int x, int y) {
	for (size_t i = 0; i < len; i++) {
		if (!places[i].positioned) {
			places[i].box.x = x;
			places[i].box.y = y;
			x += places[i].box.width;
		}
	}
}

// The row is clear of everything that has a position, and beside a part of it.
static bool fits(const struct output_place *places, size_t len) {
	bool touches = false;
	for (size_t i = 0; i < len; i++) {
		const struct wlr_box *box = &places[i].box;
		const struct wlr_box wide = {box->x - 1, box->y, box->width + 2, box->height};
		const struct wlr_box high = {box->x, box->y - 1, box->width, box->height + 2};
		for (size_t j = 0; j < len && !places[i].positioned; j++) {
			if (!places[j].positioned) {
				continue;
			}
			if (overlap(box, &places[j].box)) {
				return false;
			}
			touches = touches || overlap(&wide, &places[j].box) ||
				overlap(&high, &places[j].box);
		}
	}
	return touches;
}

void output_place(struct output_place *places, size_t len) {
	const struct wlr_box *last = NULL; // the one whose right edge is farthest
	for (size_t i = 0; i < len; i++) {
		places[i].positioned = places[i].positioned && is_free(places, i);
		if (places[i].positioned &&
			(last == NULL ||
				places[i].box.x + places[i].box.width > last->x + last->width)) {
			last = &places[i].box;
		}
	}
	place_row(places, len, 0, 0);
	if (last != NULL && !fits(places, len)) {
		place_row(places, len, last->x + last->width, last->y);
	}
}
