#include "core/path.h"
#include "core/root.h"

#define ONE 65536 // of a sine
#define TURN 65536
#define QUARTER (TURN / 4)

// Sine of a quarter turn and less, by its series, with 30 bits behind the point.
static int64_t sine_of_quarter(int64_t turns) {
	const int64_t one = INT64_C(1) << 30;
	int64_t radians = turns * 411775 >> 2; // 2 pi 2^32 / TURN
	int64_t square = radians * radians >> 30;
	int64_t sum = one - square / 110;
	sum = one - (square * sum >> 30) / 72;
	sum = one - (square * sum >> 30) / 42;
	sum = one - (square * sum >> 30) / 20;
	sum = one - (square * sum >> 30) / 6;
	return radians * sum >> 30;
}

int32_t gk_sine(int32_t turns) {
	int32_t at = turns & (TURN - 1);
	int32_t half = at & (TURN / 2 - 1);
	half = half > QUARTER ? TURN / 2 - half : half;
	int32_t sine = (int32_t)((sine_of_quarter(half) + (1 << 13)) >> 14);
	return at < TURN / 2 ? sine : -sine;
}

int32_t gk_cosine(int32_t turns) {
	return gk_sine((turns & (TURN - 1)) + QUARTER);
}

gk_fixed gk_scale(gk_fixed length, int32_t factor) {
	return (gk_fixed)((int64_t)length * factor / ONE);
}

static gk_fixed size_of(gk_fixed value) {
	return value < 0 ? -value : value;
}

// An arc around a centre, from one angle to another; the path is at its beginning.
static void add_arc(
	struct gk_path *path, gk_fixed x, gk_fixed y, gk_fixed radius, int32_t from, int32_t to) {
	// A chord strays from an arc of the angle a by radius * a^2 / 8: a fiftieth of a pixel here.
	int32_t turns = to < from ? from - to : to - from;
	int steps = 2 + (int)((uint64_t)square_root((uint64_t)radius) * (uint64_t)turns / TURN);
	for (int i = 1; i <= steps; i++) {
		int32_t at = from + (int32_t)((int64_t)(to - from) * i / steps);
		gk_path_line(path, x + gk_scale(radius, gk_cosine(at)),
			y + gk_scale(radius, gk_sine(at)));
	}
}

void gk_path_circle(struct gk_path *path, gk_fixed x, gk_fixed y, gk_fixed radius) {
	gk_path_move(path, x + size_of(radius), y);
	add_arc(path, x, y, size_of(radius), 0, radius < 0 ? -TURN : TURN);
}

// Half a circle around a centre, from centre - n through centre + d to centre + n.
static void add_cap(struct gk_path *path, gk_fixed x, gk_fixed y, gk_fixed nx, gk_fixed ny,
	gk_fixed dx, gk_fixed dy) {
	int steps = 2 + (int)square_root((uint64_t)(size_of(nx) + size_of(ny))) / 2;
	for (int i = 0; i <= steps; i++) {
		int32_t turns = TURN / 2 * i / steps;
		int32_t cosine = gk_cosine(turns);
		int32_t sine = gk_sine(turns);
		gk_path_line(path, x - gk_scale(nx, cosine) + gk_scale(dx, sine),
			y - gk_scale(ny, cosine) + gk_scale(dy, sine));
	}
}

void gk_path_stroke(
	struct gk_path *path, gk_fixed x0, gk_fixed y0, gk_fixed x1, gk_fixed y1, gk_fixed width) {
	int64_t dx = x1 - x0;
	int64_t dy = y1 - y0;
	int64_t length = square_root((uint64_t)(dx * dx + dy * dy));
	gk_fixed half = width / 2;
	if (length == 0) {
		gk_path_circle(path, x0, y0, half);
		return;
	}
	gk_fixed along_x = (gk_fixed)(dx * half / length);
	gk_fixed along_y = (gk_fixed)(dy * half / length);
	gk_path_move(path, x0 + along_y, y0 - along_x);
	add_cap(path, x1, y1, -along_y, along_x, along_x, along_y);
	add_cap(path, x0, y0, along_y, -along_x, -along_x, -along_y);
}

void gk_path_round_rect(struct gk_path *path, gk_fixed x, gk_fixed y, gk_fixed width,
	gk_fixed height, gk_fixed radius) {
	gk_fixed limit = (width < height ? width : height) / 2;
	radius = radius > limit ? limit : radius;
	gk_path_move(path, x + radius, y);
	gk_path_line(path, x + width - radius, y);
	add_arc(path, x + width - radius, y + radius, radius, 3 * QUARTER, TURN);
	gk_path_line(path, x + width, y + height - radius);
	add_arc(path, x + width - radius, y + height - radius, radius, 0, QUARTER);
	gk_path_line(path, x + radius, y + height);
	add_arc(path, x + radius, y + height - radius, radius, QUARTER, 2 * QUARTER);
	gk_path_line(path, x, y + radius);
	add_arc(path, x + radius, y + radius, radius, 2 * QUARTER, 3 * QUARTER);
}
