#include "core/draw.h"

#include "core/path.h"
#include "gk/draw.h"

struct fill {
	const struct gk_canvas *canvas;
	uint32_t color;
};

uint32_t gk_mix(uint32_t a, uint32_t b, int weight) {
	uint32_t part = (uint32_t)(weight < 0 ? 0 : weight > 255 ? 255 : weight);
	uint32_t alpha = ((a >> 24) * (255 - part) + (b >> 24) * part) / 255;
	return alpha << 24 | draw_blend(a, b, part + (part >> 7));
}

static void fill_span(void *data, int x, int y, int length, int coverage) {
	const struct fill *fill = data;
	const struct gk_canvas *canvas = fill->canvas;
	uint32_t *pixel = canvas->pixels + (int64_t)y * canvas->stride + x;
	uint32_t weight = draw_weight(fill->color, (uint32_t)coverage);
	uint32_t solid = fill->color & 0xffffff;
	for (int i = 0; i < length; i++) {
		pixel[i] = weight >= 256 ? solid : draw_blend(pixel[i], solid, weight);
	}
}

void gk_fill(const struct gk_canvas *canvas, struct gk_rect rect, uint32_t color) {
	struct fill fill = {canvas, color};
	rect = gk_rect_intersect(rect, canvas->clip);
	for (int y = rect.y; y < rect.y + rect.height; y++) {
		fill_span(&fill, rect.x, y, rect.width, 255);
	}
}

struct gk_rect gk_path_fill(const struct gk_canvas *canvas, struct gk_path *path, uint32_t color) {
	struct fill fill = {canvas, color};
	path_rasterize(path, canvas->clip, fill_span, &fill);
	return gk_rect_intersect(canvas->clip, path_bounds(path));
}
