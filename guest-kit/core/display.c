#include "core/cursor.h"
#include "core/machine.h"
#include "gk.h"

bool gk_has_display(struct gk *gk) {
	return gk->gpu != NULL;
}

struct gk_screen gk_screen(struct gk *gk) {
	return gk->gpu->screen;
}

const struct gk_canvas *gk_canvas(struct gk *gk) {
	gpu_wait_canvas(gk->gpu);
	return &gk->gpu->canvas;
}

void gk_damage(struct gk *gk, struct gk_rect rect) {
	region_add(&gk->gpu->damage, gk_rect_intersect(rect, gk->gpu->canvas.clip));
}

void gk_present(struct gk *gk) {
	gpu_present(gk->gpu);
}

void gk_set_cursor(struct gk *gk, enum gk_cursor cursor) {
	int hot_x = 0, hot_y = 0;
	uint32_t *pixels = NULL;
	gk->cursor_chosen = true;
	if (cursor != GK_CURSOR_NONE) {
		pixels = heap_allocate(&gk->heap, GPU_CURSOR_BYTES, 16);
		if (pixels == NULL || !cursor_draw(&gk->heap, cursor, pixels, &hot_x, &hot_y)) {
			heap_free(&gk->heap, pixels);
			return;
		}
	}
	gpu_set_cursor(gk->gpu, pixels, hot_x, hot_y, gk->pointer.x, gk->pointer.y);
	heap_free(&gk->heap, pixels);
}
