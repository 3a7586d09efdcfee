#include "gaps.h"

#include <string.h>

struct gaps gaps_apply_smart(const struct gaps *gaps, enum gaps_smart smart, size_t seen) {
	struct gaps result = *gaps;
	bool alone = seen <= 1;
	if (smart == GAPS_SMART_YES && alone) {
		result = (struct gaps){0};
	} else if (smart == GAPS_SMART_INVERSE && !alone) {
		result.top = result.right = result.bottom = result.left = 0;
	}
	return result;
}

static int floor_to(int value, int grid) {
	int rest = value % grid;
	return rest < 0 ? value - rest - grid : value - rest;
}

// Where a content that far behind the edge of the area lies on the grid.
static int near_edge(int edge, int gap, int inset, int grid) {
	return gap > 0 ? -floor_to(-(edge + gap + inset), grid) - inset : edge;
}

static int far_edge(int edge, int gap, int inset, int grid) {
	return gap > 0 ? floor_to(edge - gap - inset, grid) + inset : edge;
}

struct wlr_box gaps_area(
	const struct wlr_box *usable, const struct gaps *gaps, const struct layout_style *style) {
	const int border = style->border, grid = style->grid;
	int left = near_edge(usable->x, gaps->inner + gaps->left, border, grid);
	int top = near_edge(usable->y, gaps->inner + gaps->top, border + style->title, grid);
	int right = far_edge(usable->x + usable->width, gaps->inner + gaps->right, border, grid);
	int bottom = far_edge(usable->y + usable->height, gaps->inner + gaps->bottom, border, grid);
	if (right - left <= 2 * border || bottom - top <= 2 * border + style->title) {
		return *usable;
	}
	return (struct wlr_box){left, top, right - left, bottom - top};
}

size_t gaps_find(struct gaps *gaps, const char *word, int *found[static 4]) {
	const struct {
		const char *word;
		int *gaps[4];
	} words[] = {
		{"inner", {&gaps->inner}},
		{"outer", {&gaps->top, &gaps->right, &gaps->bottom, &gaps->left}},
		{"horizontal", {&gaps->right, &gaps->left}},
		{"vertical", {&gaps->top, &gaps->bottom}},
		{"top", {&gaps->top}},
		{"right", {&gaps->right}},
		{"bottom", {&gaps->bottom}},
		{"left", {&gaps->left}},
	};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i].word, word) == 0) {
			size_t len = 0;
			while (len < 4 && words[i].gaps[len] != NULL) {
				found[len] = words[i].gaps[len];
				len++;
			}
			return len;
		}
	}
	return 0;
}
