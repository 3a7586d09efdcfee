#include "arrangement.h"

/** The part of a resource that scanouts show. */
struct group {
	uint64_t content;
	struct pixman_box32 extents; // in resource pixels
	int32_t x; // in the arrangement
};

static void extend(struct pixman_box32 *extents, const struct pixman_box32 *box) {
	extents->x1 = box->x1 < extents->x1 ? box->x1 : extents->x1;
	extents->y1 = box->y1 < extents->y1 ? box->y1 : extents->y1;
	extents->x2 = box->x2 > extents->x2 ? box->x2 : extents->x2;
	extents->y2 = box->y2 > extents->y2 ? box->y2 : extents->y2;
}

static struct group *find(struct group *groups, unsigned count, uint64_t content) {
	for (unsigned i = 0; i < count; i++) {
		if (groups[i].content == content) {
			return &groups[i];
		}
	}
	return NULL;
}

void arrangement_apply(struct scanout *scanouts, unsigned count) {
	struct group groups[VIRTIO_GPU_MAX_SCANOUTS];
	unsigned group_count = 0;
	for (unsigned i = 0; i < count; i++) {
		const struct scanout *scanout = &scanouts[i];
		struct group *group = find(groups, group_count, scanout->content);
		if (scanout->on && group != NULL) {
			extend(&group->extents, &scanout->box);
		} else if (scanout->on) {
			groups[group_count++] = (struct group){
				.content = scanout->content,
				.extents = scanout->box,
			};
		}
	}
	struct window_area area = {0};
	for (unsigned i = 0; i < group_count; i++) {
		const struct pixman_box32 *extents = &groups[i].extents;
		const int32_t height = extents->y2 - extents->y1;
		groups[i].x = area.whole_width;
		area.whole_width += extents->x2 - extents->x1;
		area.whole_height = height > area.whole_height ? height : area.whole_height;
	}
	for (unsigned i = 0; i < count; i++) {
		const struct scanout *scanout = &scanouts[i];
		const struct group *group = find(groups, group_count, scanout->content);
		if (scanout->on && group != NULL) {
			area.x = group->x + scanout->box.x1 - group->extents.x1;
			area.y = scanout->box.y1 - group->extents.y1;
			window_set_area(scanout->window, &area);
		}
	}
}
