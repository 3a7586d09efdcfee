#include "window_place.h"

static uint32_t gcd(uint32_t a, uint32_t b) {
	while (b != 0) {
		const uint32_t rest = a % b;
		a = b;
		b = rest;
	}
	return a;
}

uint32_t window_place_pixels(int32_t extent, uint32_t scale120) {
	const uint64_t pixels = ((uint64_t)extent * scale120 + WINDOW_SCALE_1 / 2) / WINDOW_SCALE_1;
	return pixels == 0 ? 1 : pixels > WINDOW_MAX_SIDE ? WINDOW_MAX_SIDE : (uint32_t)pixels;
}

struct window_place window_place_axis(
	uint32_t frame_pixels, int32_t window_extent, uint32_t scale120) {
	if (frame_pixels == window_place_pixels(window_extent, scale120)) {
		return (struct window_place){
			.extent = window_extent,
			.source_extent = frame_pixels,
		};
	}
	const int32_t grid = (int32_t)(WINDOW_SCALE_1 / gcd(WINDOW_SCALE_1, scale120));
	const int64_t fitting = (int64_t)frame_pixels * WINDOW_SCALE_1 / scale120;
	int32_t extent = fitting < window_extent ? (int32_t)fitting : window_extent;
	extent -= extent % grid;
	if (extent == 0) {
		extent = fitting < 1 || window_extent < grid ? 1 : (int32_t)fitting;
		extent = extent < window_extent ? extent : window_extent;
	}
	int32_t position = (window_extent - extent) / 2;
	position -= position % grid;
	const double covered = (double)extent * scale120 / WINDOW_SCALE_1;
	return (struct window_place){
		.position = position,
		.extent = extent,
		.source_extent = covered < frame_pixels ? covered : frame_pixels,
	};
}

double window_place_to_frame(const struct window_place *place, double surface, uint32_t scale120) {
	return place->source + (surface - place->position) * scale120 / WINDOW_SCALE_1;
}
