#include "output_scale.h"

#include <math.h>
#include <stdbool.h>

// Logical pixels an inch that are comfortable: a laptop is nearer to the eye than a monitor.
#define LAPTOP_DENSITY 135
#define MONITOR_DENSITY 110
#define LAPTOP_DIAGONAL_MAX 20 // inches

#define QUARTER 30 // in 120ths
#define SCALE_MAX 480
#define LOGICAL_WIDTH_MIN 800
#define LOGICAL_HEIGHT_MIN 480

// Some EDIDs have the ratio of the sides, or that in centimetres, in the place of the size.
static bool is_ratio(int width_mm, int height_mm) {
	static const int ratios[][2] = {
		{16, 9}, {16, 10}, {160, 90}, {160, 100}, {1600, 900}, {1600, 1000}};
	for (unsigned i = 0; i < sizeof(ratios) / sizeof(ratios[0]); i++) {
		if (width_mm == ratios[i][0] && height_mm == ratios[i][1]) {
			return true;
		}
	}
	return false;
}

uint32_t output_scale_default(int width, int height, int width_mm, int height_mm) {
	if (width <= 0 || height <= 0 || width_mm <= 0 || height_mm <= 0 ||
		is_ratio(width_mm, height_mm)) {
		return 120;
	}
	double diagonal = hypot(width_mm, height_mm) / 25.4;
	double density = hypot(width, height) / diagonal;
	double wanted = density * 120 /
		(diagonal < LAPTOP_DIAGONAL_MAX ? LAPTOP_DENSITY : MONITOR_DENSITY);
	int short_side = width < height ? width : height;
	int long_side = width < height ? height : width;
	uint32_t scale120 = 120;
	for (uint32_t next = 120 + QUARTER; next <= SCALE_MAX; next += QUARTER) {
		if (fabs(next - wanted) < fabs(scale120 - wanted) &&
			long_side * 120.0 / next >= LOGICAL_WIDTH_MIN &&
			short_side * 120.0 / next >= LOGICAL_HEIGHT_MIN) {
			scale120 = next;
		}
	}
	return scale120;
}
