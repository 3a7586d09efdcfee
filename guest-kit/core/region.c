#include "core/region.h"

#include "gk/draw.h"

static int64_t area(struct gk_rect rect) {
	return (int64_t)rect.width * rect.height;
}

// How many pixels more than the two the rectangle around both has; none if they touch well.
static int64_t waste(struct gk_rect a, struct gk_rect b) {
	struct gk_rect shared = gk_rect_intersect(a, b);
	return area(gk_rect_union(a, b)) - area(a) - area(b) + area(shared);
}

static void remove_rect(struct region *region, int index) {
	region->rects[index] = region->rects[--region->count];
}

void region_add(struct region *region, struct gk_rect rect) {
	if (rect.width <= 0 || rect.height <= 0) {
		return;
	}
	for (;;) {
		int best = -1;
		int64_t best_waste = INT64_MAX;
		for (int i = 0; i < region->count; i++) {
			int64_t extra = waste(region->rects[i], rect);
			if (extra < best_waste) {
				best = i;
				best_waste = extra;
			}
		}
		if (best < 0 || (best_waste > 0 && region->count < REGION_RECTS_MAX)) {
			region->rects[region->count++] = rect;
			return;
		}
		// The merged one may now touch another: go around again with it.
		rect = gk_rect_union(region->rects[best], rect);
		remove_rect(region, best);
	}
}

void region_add_region(struct region *region, const struct region *other) {
	for (int i = 0; i < other->count; i++) {
		region_add(region, other->rects[i]);
	}
}
