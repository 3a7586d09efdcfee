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
