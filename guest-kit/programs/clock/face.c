#include "clock/face.h"

#define BACKGROUND 0xff14171d
#define DIAL 0xff1b1f27
#define RING 0xff2b313c
#define TICK 0xff4a5361
#define TICK_HOUR 0xffaab3c2
#define HAND 0xffe8ecf3
#define ACCENT 0xffff5f52
#define FIGURES 0xffe8ecf3
#define DATE 0xff8791a1

struct text {
	struct gk_font *font; // NULL without memory: it is left out
	char bytes[64];
	int length;
	int x, baseline;
	struct gk_rect rect; // of the line
	uint32_t color;
};

struct face {
	struct gk *gk;
	bool fresh; // nothing is drawn yet
	struct gk_civil_time time; // as drawn
	gk_fixed x, y, radius; // of the dial
	struct gk_rect text_area;
	struct text figures, date;
	struct gk_path *path; // used for one shape after the other
};

static const char *const weekdays[] = {
	"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
static const char *const months[] = {"January", "February", "March", "April", "May", "June", "July",
	"August", "September", "October", "November", "December"};

static int least(int a, int b) {
	return a < b ? a : b;
}

static int most(int a, int b) {
	return a > b ? a : b;
}

// So many thousandths of a length.
static gk_fixed part(gk_fixed length, int thousandths) {
	return (gk_fixed)((int64_t)length * thousandths / 1000);
}

// --- layout -------------------------------------------------------------------------------

static void set_font(struct face *face, struct text *text, int size, uint32_t color) {
	gk_font_destroy(text->font);
	text->font = gk_font_create(face->gk, &gk_face_sans, size);
	text->color = color;
}

// Place the dial in one rectangle and the text in another.
static void place(struct face *face, struct gk_rect dial, struct gk_rect text) {
	face->x = GK_FIXED(dial.x) + GK_FIXED(dial.width) / 2;
	face->y = GK_FIXED(dial.y) + GK_FIXED(dial.height) / 2;
	face->radius = part(GK_FIXED(least(dial.width, dial.height)), 430);
	face->text_area = text;
	// "00:00" is 2.7 em wide, the longest date 15 em of its own size, which is a third.
	int size = least(text.width * 10 / 52, text.height * 10 / 17);
	set_font(face, &face->figures, size, FIGURES);
	set_font(face, &face->date, size * 10 / 31, DATE);
}

void face_resize(struct face *face) {
	struct gk_rect all = gk_canvas_rect(gk_canvas(face->gk));
	struct gk_rect dial = all;
	struct gk_rect text = all;
	if (all.width * 10 > all.height * 14) {
		// Side by side, with the whole in the middle of a very wide canvas.
		int width = least(all.width, all.height * 22 / 10);
		dial.width = width * 48 / 100;
		dial.x = (all.width - width) / 2;
		text.x = dial.x + dial.width;
		text.width = width - dial.width - width / 40;
	} else {
		int height = least(all.height, all.width * 14 / 10);
		dial.height = height * 68 / 100;
		dial.y = (all.height - height) / 2;
		text.y = dial.y + dial.height;
		text.height = height - dial.height - height / 20;
	}
	place(face, dial, text);
	face->fresh = true;
}

// Put the figures and the date below each other in the middle of their area.
static void place_text(struct face *face) {
	struct gk_rect area = face->text_area;
	struct text *texts[2] = {&face->figures, &face->date};
	int heights[2];
	int gap = 0;
	for (int i = 0; i < 2; i++) {
		if (texts[i]->font == NULL) {
			return;
		}
		heights[i] = gk_font_cap_height(texts[i]->font);
		gap = i == 1 ? heights[1] * 12 / 10 : 0;
	}
	int baseline = area.y + (area.height - heights[0] - gap - heights[1]) / 2 + heights[0];
	for (int i = 0; i < 2; i++) {
		struct text *text = texts[i];
		int width = gk_text_width(text->font, text->bytes, (size_t)text->length);
		text->x = area.x + (area.width - width) / 2;
		text->baseline = baseline;
		text->rect = (struct gk_rect){area.x, baseline - gk_font_ascent(text->font),
			area.width, gk_font_line_height(text->font)};
		baseline += gap + heights[1];
	}
}

// --- drawing ------------------------------------------------------------------------------

struct hand {
	int32_t turns; // 65536ths, clockwise from the top
	int from, to; // distances from the centre, in thousandths of the radius
	int width;
};

struct line {
	gk_fixed x0, y0, x1, y1, width;
};

static struct line hand_line(const struct face *face, const struct hand *hand) {
	gk_fixed dx = gk_scale(face->radius, gk_sine(hand->turns));
	gk_fixed dy = -gk_scale(face->radius, gk_cosine(hand->turns));
	return (struct line){
		.x0 = face->x + part(dx, hand->from),
		.y0 = face->y + part(dy, hand->from),
		.x1 = face->x + part(dx, hand->to),
		.y1 = face->y + part(dy, hand->to),
		.width = part(face->radius, hand->width),
	};
}

static struct gk_rect hand_rect(const struct face *face, const struct hand *hand) {
	struct line line = hand_line(face, hand);
	gk_fixed margin = line.width + GK_FIXED(2);
	int left = (least(line.x0, line.x1) - margin) / 256;
	int top = (least(line.y0, line.y1) - margin) / 256;
	int right = (most(line.x0, line.x1) + margin) / 256 + 1;
	int bottom = (most(line.y0, line.y1) + margin) / 256 + 1;
	return (struct gk_rect){left, top, right - left, bottom - top};
}

static void add_hand(struct face *face, const struct hand *hand) {
	struct line line = hand_line(face, hand);
	gk_path_stroke(face->path, line.x0, line.y0, line.x1, line.y1, line.width);
}

static void fill(struct face *face, const struct gk_canvas *canvas, uint32_t color) {
	gk_path_fill(canvas, face->path, color);
	gk_path_clear(face->path);
}

static void draw_ticks(struct face *face, const struct gk_canvas *canvas, bool hours) {
	for (int i = 0; i < 60; i++) {
		if ((i % 5 == 0) != hours) {
			continue;
		}
		bool quarter = i % 15 == 0;
		struct hand tick = {65536 * i / 60,
			quarter         ? 800
				: hours ? 840
					: 885,
			910, hours ? 18 : 8};
		add_hand(face, &tick);
	}
	fill(face, canvas, hours ? TICK_HOUR : TICK);
}

static struct hand second_hand(struct gk_civil_time time) {
	return (struct hand){65536 * time.second / 60, -160, 860, 12};
}

static void draw_dial(
	struct face *face, const struct gk_canvas *canvas, struct gk_civil_time time) {
	gk_path_circle(face->path, face->x, face->y, face->radius);
	fill(face, canvas, RING);
	gk_path_circle(face->path, face->x, face->y, part(face->radius, 985));
	fill(face, canvas, DIAL);
	draw_ticks(face, canvas, false);
	draw_ticks(face, canvas, true);

	struct hand hour = {65536 * (time.hour % 12 * 60 + time.minute) / 720, 0, 500, 42};
	struct hand minute = {65536 * time.minute / 60, 0, 760, 30};
	struct hand second = second_hand(time);
	add_hand(face, &hour);
	fill(face, canvas, HAND);
	add_hand(face, &minute);
	fill(face, canvas, HAND);
	add_hand(face, &second);
	fill(face, canvas, ACCENT);
	gk_path_circle(face->path, face->x, face->y, part(face->radius, 38));
	fill(face, canvas, ACCENT);
	gk_path_circle(face->path, face->x, face->y, part(face->radius, 14));
	fill(face, canvas, DIAL);
}

static void draw_text(const struct gk_canvas *canvas, const struct text *text) {
	if (text->font != NULL) {
		gk_text_draw(canvas, text->font, text->x, text->baseline, text->bytes,
			(size_t)text->length, text->color);
	}
}

// Draw everything anew inside of a rectangle.
static void draw_rect(struct face *face, struct gk_rect rect, struct gk_civil_time time) {
	const struct gk_canvas *whole = gk_canvas(face->gk);
	struct gk_canvas canvas = gk_canvas_clip(whole, rect);
	gk_fill(&canvas, rect, BACKGROUND);
	draw_dial(face, &canvas, time);
	draw_text(&canvas, &face->figures);
	draw_text(&canvas, &face->date);
	gk_damage(face->gk, rect);
}

static void write_text(struct face *face, struct gk_civil_time time) {
	face->figures.length = gk_format(face->figures.bytes, sizeof(face->figures.bytes),
		"%02d:%02d", time.hour, time.minute);
	face->date.length = gk_format(face->date.bytes, sizeof(face->date.bytes), "%s, %d %s",
		weekdays[time.weekday], time.day, months[time.month - 1]);
	place_text(face);
}

void face_draw(struct face *face, struct gk_civil_time time) {
	const struct gk_civil_time *last = &face->time;
	bool minute_changed = time.minute != last->minute || time.hour != last->hour ||
		time.day != last->day || time.month != last->month;
	if (minute_changed || face->fresh) {
		write_text(face, time);
	}
	if (face->fresh) {
		draw_rect(face, gk_canvas_rect(gk_canvas(face->gk)), time);
	} else if (minute_changed) {
		int r = face->radius / 256 + 1;
		struct gk_rect dial = {face->x / 256 - r, face->y / 256 - r, 2 * r + 2, 2 * r + 2};
		draw_rect(face, dial, time);
		draw_rect(face, face->figures.rect, time);
		draw_rect(face, face->date.rect, time);
	} else if (time.second != last->second) {
		struct hand before = second_hand(*last);
		struct hand after = second_hand(time);
		draw_rect(face, hand_rect(face, &before), time);
		draw_rect(face, hand_rect(face, &after), time);
	}
	face->time = time;
	face->fresh = false;
	gk_present(face->gk);
}

// --- creation -----------------------------------------------------------------------------

struct face *face_create(struct gk *gk) {
	struct face *face = gk_alloc(gk, sizeof(*face));
	if (face == NULL) {
		return NULL;
	}
	face->gk = gk;
	face->path = gk_path_create(gk);
	if (face->path == NULL) {
		gk_free(gk, face);
		return NULL;
	}
	face_resize(face);
	return face;
}

void face_destroy(struct face *face) {
	gk_font_destroy(face->figures.font);
	gk_font_destroy(face->date.font);
	gk_path_destroy(face->path);
	gk_free(face->gk, face);
}
