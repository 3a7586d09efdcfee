// Screens as JSON.

#include <stdio.h>
#include <wlr/types/wlr_layer_shell_v1.h>
#include <wlr/types/wlr_output.h>

#include "ipc_state.h"
#include "layer.h"
#include "output.h"
#include "server.h"
#include "workspace.h"

static void add_mode(
	yyjson_mut_doc *doc, yyjson_mut_val *value, int width, int height, int refresh_mhz) {
	yyjson_mut_obj_add_int(doc, value, "width", width);
	yyjson_mut_obj_add_int(doc, value, "height", height);
	yyjson_mut_obj_add_int(doc, value, "refresh_mhz", refresh_mhz);
}

static void add_modes(
	yyjson_mut_doc *doc, yyjson_mut_val *object, const struct wlr_output *wlr_output) {
	yyjson_mut_val *modes = yyjson_mut_obj_add_arr(doc, object, "modes");
	const struct wlr_output_mode *mode;
	wl_list_for_each (mode, &wlr_output->modes, link) {
		yyjson_mut_val *value = yyjson_mut_arr_add_obj(doc, modes);
		add_mode(doc, value, mode->width, mode->height, mode->refresh);
		yyjson_mut_obj_add_bool(doc, value, "preferred", mode->preferred);
		yyjson_mut_obj_add_bool(doc, value, "current", mode == wlr_output->current_mode);
	}
}

static void add_layers(yyjson_mut_doc *doc, yyjson_mut_val *value, const struct output *output) {
	yyjson_mut_val *array = yyjson_mut_obj_add_arr(doc, value, "layers");
	const struct layer *layer;
	wl_list_for_each (layer, &output->server->layer_shell->layers, link) {
		if (layer->output != output || !layer->mapped) {
			continue;
		}
		yyjson_mut_val *item = yyjson_mut_arr_add_obj(doc, array);
		ipc_state_add_text(doc, item, "namespace", layer->wlr->namespace);
		yyjson_mut_obj_add_str(doc, item, "layer", layer_kind_name(layer));
		ipc_state_add_box(doc, item, "box", &layer->box);
		yyjson_mut_obj_add_bool(doc, item, "keyboard", layer_has_keyboard(layer));
	}
}

// As in the configuration.
static void add_max_render(
	yyjson_mut_doc *doc, yyjson_mut_val *value, const struct output *output) {
	const int max_render_ms = output->settings.max_render_ms;
	char text[16];
	snprintf(text, sizeof(text), "%d", max_render_ms);
	yyjson_mut_obj_add_strcpy(doc, value, "max_render_time",
		max_render_ms == 0                               ? "auto"
			: max_render_ms == OUTPUT_MAX_RENDER_OFF ? "off"
								 : text);
	yyjson_mut_obj_add_int(doc, value, "render_time_us", output->frame.delay.cost_ns / 1000);
	yyjson_mut_obj_add_int(doc, value, "render_delay_ms", output->frame.delay_ms);
}

yyjson_mut_val *ipc_state_output(yyjson_mut_doc *doc, const struct output *output) {
	const struct wlr_output *wlr_output = output->wlr_output;
	yyjson_mut_val *value = yyjson_mut_obj(doc);
	ipc_state_add_text(doc, value, "name", wlr_output->name);
	ipc_state_add_text(doc, value, "description", wlr_output->description);
	ipc_state_add_text(doc, value, "make", wlr_output->make);
	ipc_state_add_text(doc, value, "model", wlr_output->model);
	ipc_state_add_text(doc, value, "serial", wlr_output->serial);
	yyjson_mut_obj_add_bool(doc, value, "enabled", output->enabled);
	yyjson_mut_obj_add_bool(doc, value, "power", output_is_lit(output));
	yyjson_mut_val *mode = yyjson_mut_obj_add_obj(doc, value, "mode");
	add_mode(doc, mode, wlr_output->width, wlr_output->height, wlr_output->refresh);
	add_modes(doc, value, wlr_output);
	yyjson_mut_obj_add_int(doc, value, "physical_width_mm", wlr_output->phys_width);
	yyjson_mut_obj_add_int(doc, value, "physical_height_mm", wlr_output->phys_height);
	yyjson_mut_obj_add_real(doc, value, "scale", output_scale_120(output) / 120.0);
	yyjson_mut_obj_add_str(
		doc, value, "transform", output_transform_name(wlr_output->transform));
	yyjson_mut_obj_add_bool(doc, value, "adaptive_sync",
		wlr_output->adaptive_sync_status == WLR_OUTPUT_ADAPTIVE_SYNC_ENABLED);
	yyjson_mut_obj_add_bool(
		doc, value, "adaptive_sync_supported", wlr_output->adaptive_sync_supported);
	yyjson_mut_obj_add_bool(doc, value, "tearing", output->settings.tearing);
	add_max_render(doc, value, output);
	ipc_state_add_box(doc, value, "box", &output->box);
	const struct wlr_box usable = {
		.x = output->box.x + output->usable.x,
		.y = output->box.y + output->usable.y,
		.width = output->usable.width,
		.height = output->usable.height,
	};
	ipc_state_add_box(doc, value, "usable", &usable);
	add_layers(doc, value, output);
	ipc_state_add_workspace(doc, value, output->workspace);
	yyjson_mut_obj_add_bool(doc, value, "active", output->server->active_output == output);
	return value;
}

yyjson_mut_val *ipc_state_outputs(yyjson_mut_doc *doc, struct server *server) {
	yyjson_mut_val *array = yyjson_mut_arr(doc);
	struct wl_list *const lists[] = {&server->outputs, &server->disabled_outputs};
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct output *output;
		wl_list_for_each (output, lists[i], link) {
			yyjson_mut_arr_append(array, ipc_state_output(doc, output));
		}
	}
	return array;
}
