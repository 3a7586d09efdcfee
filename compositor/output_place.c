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
	int x = last != NULL ? last->x + last->width : 0;
	int y = last != NULL ? last->y : 0;
	for (size_t i = 0; i < len; i++) {
		if (!places[i].positioned) {
			places[i].box.x = x;
			places[i].box.y = y;
			x += places[i].box.width;
		}
	}
}
