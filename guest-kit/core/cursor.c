#include "core/cursor.h"

// The picture is a light shape with a dark rim, drawn as two shapes: their coverage is put
// together as premultiplied white in front of black.

struct layer {
	uint8_t coverage[CURSOR_SIZE * CURSOR_SIZE];
};

static void layer_span(void *data, int x, int y, int length, int coverage) {
	struct layer *layer = data;
	for (int i = 0; i < length; i++) {
		layer->coverage[y * CURSOR_SIZE + x + i] = (uint8_t)coverage;
	}
}

static void add_polygon(
	struct gk_path *path, const gk_fixed (*points)[2], int count, gk_fixed rim) {
	for (int i = 0; i < count; i++) {
		const gk_fixed *from = points[i];
		const gk_fixed *to = points[(i + 1) % count];
		gk_path_stroke(path, from[0], from[1], to[0], to[1], rim);
	}
	gk_path_move(path, points[0][0], points[0][1]);
	for (int i = 1; i < count; i++) {
		gk_path_line(path, points[i][0], points[i][1]);
	}
}

static void add_arrow(struct gk_path *path, gk_fixed rim) {
	// Clockwise on the screen, as strokes are.
	static const gk_fixed points[][2] = {{GK_FIXED(3), GK_FIXED(3)},
		{GK_FIXED(15.5), GK_FIXED(15.5)}, {GK_FIXED(10.3), GK_FIXED(15.7)},
		{GK_FIXED(13), GK_FIXED(21.5)}, {GK_FIXED(9.8), GK_FIXED(23)},
		{GK_FIXED(7), GK_FIXED(17.2)}, {GK_FIXED(3), GK_FIXED(20.8)}};
	add_polygon(path, points, 7, rim);
}

static void add_text_bar(struct gk_path *path, gk_fixed rim) {
	static const int lines[][4] = {{16, 7, 16, 25}, {13, 6, 16, 7}, {19, 6, 16, 7},
		{13, 26, 16, 25}, {19, 26, 16, 25}};
	for (int i = 0; i < 5; i++) {
		gk_path_stroke(path, GK_FIXED(lines[i][0]), GK_FIXED(lines[i][1]),
			GK_FIXED(lines[i][2]), GK_FIXED(lines[i][3]), rim);
	}
}

static bool draw_layer(
	struct heap *heap, enum gk_cursor cursor, gk_fixed rim, struct layer *layer) {
	struct gk_path path;
	path_init(&path, heap);
	if (cursor == GK_CURSOR_TEXT) {
		add_text_bar(&path, rim);
	} else {
		add_arrow(&path, rim);
	}
	bool drawn = path_rasterize(
		&path, (struct gk_rect){0, 0, CURSOR_SIZE, CURSOR_SIZE}, layer_span, layer);
	path_finish(&path);
	return drawn;
}

bool cursor_draw(
	struct heap *heap, enum gk_cursor cursor, uint32_t *pixels, int *hot_x, int *hot_y) {
	struct layer *layers = heap_allocate(heap, 2 * sizeof(*layers), 16);
	if (layers == NULL) {
		return false;
	}
	bool text = cursor == GK_CURSOR_TEXT;
	bool drawn = draw_layer(heap, cursor, text ? GK_FIXED(1.2) : GK_FIXED(0.4), &layers[0]) &&
		draw_layer(heap, cursor, text ? GK_FIXED(3.4) : GK_FIXED(2.6), &layers[1]);
	for (int i = 0; drawn && i < CURSOR_SIZE * CURSOR_SIZE; i++) {
		uint32_t light = layers[0].coverage[i];
		uint32_t whole = layers[1].coverage[i];
		whole = whole < light ? light : whole;
		pixels[i] = whole << 24 | light << 16 | light << 8 | light;
	}
	*hot_x = text ? 16 : 3;
	*hot_y = text ? 16 : 3;
	heap_free(heap, layers);
	return drawn;
}
