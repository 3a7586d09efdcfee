#include "layer_box.h"

// Further away nothing is seen, and sums of such numbers fit everywhere.
#define FAR 1000000

static int clamp(int64_t value, int64_t least, int64_t most) {
	return (int)(value < least ? least : value > most ? most : value);
}

// One direction: the surface's begin and length between the edges at begin and begin + length.
static void place(int begin, int length, uint32_t wanted, bool at_begin, bool at_end,
	int64_t margin_begin, int64_t margin_end, int *position, int *size) {
	int64_t room = (int64_t)length - margin_begin - margin_end;
	int64_t result = wanted == 0 ? room : (int64_t)wanted;
	result = clamp(result, 1, INT32_MAX);
	int64_t at = (int64_t)begin + (length - result) / 2;
	if (wanted == 0 || (at_begin && !at_end)) {
		at = (int64_t)begin + margin_begin;
	} else if (at_end && !at_begin) {
		at = (int64_t)begin + length - result - margin_end;
	}
	*position = clamp(at, -FAR, FAR);
	*size = (int)result;
}

static void keep_zone(const struct layer_box_request *request, struct wlr_box *usable) {
	int64_t top = 0, right = 0, bottom = 0, left = 0;
	switch (request->zone_edge) {
	case LAYER_BOX_TOP:
		top = (int64_t)request->zone + request->top;
		break;
	case LAYER_BOX_RIGHT:
		right = (int64_t)request->zone + request->right;
		break;
	case LAYER_BOX_BOTTOM:
		bottom = (int64_t)request->zone + request->bottom;
		break;
	case LAYER_BOX_LEFT:
		left = (int64_t)request->zone + request->left;
		break;
	default:
		return;
	}
	// A margin below 0 can make the sum negative: what is not there cannot be given.
	if (top < 0 || right < 0 || bottom < 0 || left < 0 ||
		usable->width - left - right < LAYER_BOX_USABLE_MIN ||
		usable->height - top - bottom < LAYER_BOX_USABLE_MIN) {
		return;
	}
	usable->x += (int)left;
	usable->y += (int)top;
	usable->width -= (int)(left + right);
	usable->height -= (int)(top + bottom);
}

struct wlr_box layer_box_place(const struct layer_box_request *request, const struct wlr_box *full,
	struct wlr_box *usable, bool take_zone) {
	const struct wlr_box *bounds = request->zone == -1 ? full : usable;
	struct wlr_box box;
	place(bounds->x, bounds->width, request->width, (request->anchor & LAYER_BOX_LEFT) != 0,
		(request->anchor & LAYER_BOX_RIGHT) != 0, request->left, request->right, &box.x,
		&box.width);
	place(bounds->y, bounds->height, request->height, (request->anchor & LAYER_BOX_TOP) != 0,
		(request->anchor & LAYER_BOX_BOTTOM) != 0, request->top, request->bottom, &box.y,
		&box.height);
	if (take_zone && request->zone > 0) {
		keep_zone(request, usable);
	}
	return box;
}
