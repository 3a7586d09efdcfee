#include "core/path.h"

// Sine of a quarter turn and less, by its series: the first term left out is below 1e-7.
static float sine_of_quarter(float radians) {
	float square = radians * radians;
	float sum = 1 - square / 110;
	sum = 1 - square / 72 * sum;
	sum = 1 - square / 42 * sum;
	sum = 1 - square / 20 * sum;
	sum = 1 - square / 6 * sum;
	return radians * sum;
}

float gk_sine(float turns) {
	turns -= (float)(int)turns;
	turns += turns < 0 ? 1 : 0;
	float sign = turns < 0.5f ? 1 : -1;
	turns -= turns < 0.5f ? 0 : 0.5f;
	turns = turns > 0.25f ? 0.5f - turns : turns;
	return sign * sine_of_quarter(turns * 6.28318530718f);
}

float gk_cosine(float turns) {
	return gk_sine(turns + 0.25f);
}

// An arc around a centre, from one angle to another, in turns; the path is at its beginning.
static void add_arc(struct gk_path *path, float x, float y, float radius, float from, float to) {
	// A chord strays from an arc of the angle a by radius * a^2 / 8: a fiftieth of a pixel here.
	float size = __builtin_fabsf(radius);
	float turns = __builtin_fabsf(to - from);
	int steps = 2 + (int)(__builtin_sqrtf(size < 16384 ? size : 16384) * 16 * turns);
	for (int i = 1; i <= steps; i++) {
		float at = from + (to - from) * (float)i / (float)steps;
		gk_path_line(path, x + size * gk_cosine(at), y + size * gk_sine(at));
	}
}

void gk_path_circle(struct gk_path *path, float x, float y, float radius) {
	gk_path_move(path, x + __builtin_fabsf(radius), y);
	add_arc(path, x, y, radius, 0, radius < 0 ? -1 : 1);
}

// Half a circle around a centre, from centre - n through centre + d to centre + n.
static void add_cap(
	struct gk_path *path, float x, float y, float nx, float ny, float dx, float dy) {
	float size = __builtin_fabsf(nx) + __builtin_fabsf(ny);
	int steps = 2 + (int)(__builtin_sqrtf(size < 16384 ? size : 16384) * 8);
	for (int i = 0; i <= steps; i++) {
		float turns = (float)i / (float)steps / 2;
		float cosine = gk_cosine(turns);
		float sine = gk_sine(turns);
		gk_path_line(path, x - nx * cosine + dx * sine, y - ny * cosine + dy * sine);
	}
}

void gk_path_stroke(struct gk_path *path, float x0, float y0, float x1, float y1, float width) {
	float dx = x1 - x0;
	float dy = y1 - y0;
	float length = __builtin_sqrtf(dx * dx + dy * dy);
	float half = width / 2;
	if (length < 1e-3f) {
		gk_path_circle(path, x0, y0, half);
		return;
	}
	dx *= half / length;
	dy *= half / length;
	gk_path_move(path, x0 + dy, y0 - dx);
	add_cap(path, x1, y1, -dy, dx, dx, dy);
	add_cap(path, x0, y0, dy, -dx, -dx, -dy);
}

void gk_path_round_rect(
	struct gk_path *path, float x, float y, float width, float height, float radius) {
	float limit = (width < height ? width : height) / 2;
	radius = radius > limit ? limit : radius;
	gk_path_move(path, x + radius, y);
	gk_path_line(path, x + width - radius, y);
	add_arc(path, x + width - radius, y + radius, radius, 0.75f, 1);
	gk_path_line(path, x + width, y + height - radius);
	add_arc(path, x + width - radius, y + height - radius, radius, 0, 0.25f);
	gk_path_line(path, x + radius, y + height);
	add_arc(path, x + radius, y + height - radius, radius, 0.25f, 0.5f);
	gk_path_line(path, x, y + radius);
	add_arc(path, x + radius, y + radius, radius, 0.5f, 0.75f);
}
