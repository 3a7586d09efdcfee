#include <gk.h>

#define NS_PER_S INT64_C(1000000000)

static void draw(struct gk *gk) {
	const struct gk_canvas *canvas = gk_canvas(gk);
	int64_t seconds = gk_wall_time_ns(gk) / NS_PER_S;
	int least = canvas->width < canvas->height ? canvas->width : canvas->height;
	gk_fill(canvas, gk_canvas_rect(canvas), 0xff14181f);
	struct gk_path *path = gk_path_create(gk);
	float x = (float)canvas->width / 2;
	float y = (float)canvas->height / 2;
	float radius = (float)least * 0.4f;
	gk_path_circle(path, x, y, radius);
	gk_path_circle(path, x, y, -radius * 0.97f);
	float turns = (float)(seconds % 60) / 60;
	gk_path_stroke(path, x, y, x + radius * 0.9f * gk_sine(turns),
		y - radius * 0.9f * gk_cosine(turns), radius * 0.02f);
	gk_path_fill(canvas, path, 0xffe0e6f0);
	gk_path_destroy(path);
	char text[32];
	int length = gk_format(text, sizeof(text), "%02d:%02d:%02d", (int)(seconds / 3600 % 24),
		(int)(seconds / 60 % 60), (int)(seconds % 60));
	struct gk_font *font = gk_font_create(gk, &gk_face_sans, least / 8);
	gk_text_draw(canvas, font, (canvas->width - gk_text_width(font, text, (size_t)length)) / 2,
		canvas->height * 3 / 4, text, (size_t)length, 0xff8fb8ff);
	gk_font_destroy(font);
	gk_damage(gk, gk_canvas_rect(canvas));
	gk_present(gk);
}

void gk_main(struct gk *gk) {
	if (!gk_has_display(gk)) {
		gk_panic(gk, "clock needs a display");
	}
	struct gk_event event = {0};
	do {
		draw(gk);
		int64_t left_ns = NS_PER_S - gk_wall_time_ns(gk) % NS_PER_S;
		while (gk_wait(gk, gk_now_ns(gk) + (uint64_t)left_ns, &event)) {
			if (event.type == GK_EVENT_POWER) {
				return;
			}
			if (event.type == GK_EVENT_RESIZE) {
				break;
			}
		}
	} while (true);
}
