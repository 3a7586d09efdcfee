#include "gk/draw.h"

static int least(int a, int b) {
	return a < b ? a : b;
}

static int most(int a, int b) {
	return a > b ? a : b;
}

struct gk_rect gk_rect_intersect(struct gk_rect a, struct gk_rect b) {
	int left = most(a.x, b.x);
	int top = most(a.y, b.y);
	int right = least(a.x + a.width, b.x + b.width);
	int bottom = least(a.y + a.height, b.y + b.height);
	if (left >= right || top >= bottom) {
		return (struct gk_rect){0};
	}
	return (struct gk_rect){left, top, right - left, bottom - top};
}

struct gk_rect gk_rect_union(struct gk_rect a, struct gk_rect b) {
	if (a.width <= 0 || a.height <= 0) {
		return b;
	}
	if (b.width <= 0 || b.height <= 0) {
		return a;
	}
	int left = least(a.x, b.x);
	int top = least(a.y, b.y);
	int right = most(a.x + a.width, b.x + b.width);
	int bottom = most(a.y + a.height, b.y + b.height);
	return (struct gk_rect){left, top, right - left, bottom - top};
}

struct gk_rect gk_canvas_rect(const struct gk_canvas *canvas) {
	return (struct gk_rect){0, 0, canvas->width, canvas->height};
}

struct gk_canvas gk_canvas_clip(const struct gk_canvas *canvas, struct gk_rect rect) {
	struct gk_canvas clipped = *canvas;
	clipped.clip = gk_rect_intersect(canvas->clip, rect);
	return clipped;
}
