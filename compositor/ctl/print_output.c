// Screens have more to tell than a row of a table can hold.

#include <stdio.h>

#include "print.h"

static const char *text_of(yyjson_val *object, const char *key) {
	const char *text = yyjson_get_str(yyjson_obj_get(object, key));
	return text != NULL ? text : "";
}

static long long int_of(yyjson_val *object, const char *key) {
	return yyjson_get_sint(yyjson_obj_get(object, key));
}

static bool is_set(yyjson_val *object, const char *key) {
	return yyjson_is_true(yyjson_obj_get(object, key));
}

static void print_mode(yyjson_val *mode) {
	long long refresh_mhz = int_of(mode, "refresh_mhz");
	printf("%lldx%lld", int_of(mode, "width"), int_of(mode, "height"));
	if (refresh_mhz > 0) {
		printf("@%lld.%03lld", refresh_mhz / 1000, refresh_mhz % 1000);
	}
}

static void print_title(yyjson_val *output) {
	static const char *const keys[] = {"make", "model", "serial"};
	printf("%s", text_of(output, "name"));
	bool known = false;
	for (int i = 0; i < 3; i++) {
		known = known || text_of(output, keys[i])[0] != '\0';
	}
	if (known) {
		// The name that it has in the configuration, too.
		for (int i = 0; i < 3; i++) {
			const char *text = text_of(output, keys[i]);
			printf("%s%s", i == 0 ? " \"" : " ", text[0] != '\0' ? text : "Unknown");
		}
		printf("\"");
	}
	printf("%s\n", is_set(output, "active") ? " (active)" : "");
}

static void print_place(yyjson_val *output) {
	yyjson_val *box = yyjson_obj_get(output, "box");
	if (!is_set(output, "enabled")) {
		printf("    disabled\n");
		return;
	}
	printf("    mode ");
	print_mode(yyjson_obj_get(output, "mode"));
	printf(", scale %.4g, transform %s\n", yyjson_get_num(yyjson_obj_get(output, "scale")),
		text_of(output, "transform"));
	printf("    position %lld %lld, %lldx%lld logical pixels, workspace %s\n", int_of(box, "x"),
		int_of(box, "y"), int_of(box, "width"), int_of(box, "height"),
		text_of(output, "workspace_name"));
	printf("    power %s, adaptive sync %s, tearing %s\n",
		is_set(output, "power") ? "on" : "off",
		!is_set(output, "adaptive_sync_supported") ? "not there"
			: is_set(output, "adaptive_sync")  ? "on"
							   : "off",
		is_set(output, "tearing") ? "on" : "off");
	printf("    drawn in %lld us, max render time %s, put off by %lld ms\n",
		int_of(output, "render_time_us"), text_of(output, "max_render_time"),
		int_of(output, "render_delay_ms"));
}

static void print_modes(yyjson_val *modes) {
	size_t index, max;
	yyjson_val *mode;
	yyjson_arr_foreach(modes, index, max, mode) {
		printf(index == 0 ? "    modes " : "          ");
		print_mode(mode);
		printf("%s%s\n", is_set(mode, "current") ? " current" : "",
			is_set(mode, "preferred") ? " preferred" : "");
	}
}

void print_outputs(yyjson_val *outputs) {
	size_t index, max;
	yyjson_val *output;
	yyjson_arr_foreach(outputs, index, max, output) {
		print_title(output);
		print_place(output);
		long long width_mm = int_of(output, "physical_width_mm");
		long long height_mm = int_of(output, "physical_height_mm");
		if (width_mm > 0 && height_mm > 0) {
			printf("    size %lldx%lld mm\n", width_mm, height_mm);
		}
		print_modes(yyjson_obj_get(output, "modes"));
	}
}
