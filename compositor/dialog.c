#include "dialog.h"

#include <stdlib.h>
#include <wlr/types/wlr_buffer.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_output_layout.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/types/wlr_seat.h>

#include "config.h"
#include "output.h"
#include "panel.h"
#include "scene_owner.h"
#include "seat.h"
#include "server.h"

#define MARGIN 24
#define PAGE 8

struct dialog {
	struct scene_owner owner;
	struct server *server;
	const struct dialog_impl *impl; // NULL: none is open
	void *data;
	struct panel_place place;
	struct wlr_box box; // of the panel, in layout coordinates
	struct wlr_scene_tree *tree; // NULL: none is open
	struct wlr_scene_rect *shade;
	struct wlr_scene_buffer *buffer;

	struct wl_event_source *arranging; // may be NULL

	struct wl_listener change;
};

const struct dialog_impl *dialog_current(const struct server *server) {
	return server->dialog->impl;
}

int dialog_move_selection(int selected, int rows_len, xkb_keysym_t sym) {
	if (rows_len <= 0) {
		return -1;
	}
	switch (sym) {
	case XKB_KEY_Up:
	case XKB_KEY_KP_Up:
	case XKB_KEY_ISO_Left_Tab:
		return selected > 0 ? selected - 1 : rows_len - 1;
	case XKB_KEY_Down:
	case XKB_KEY_KP_Down:
	case XKB_KEY_Tab:
		return selected + 1 < rows_len ? selected + 1 : 0;
	case XKB_KEY_Page_Up:
		return selected > PAGE ? selected - PAGE : 0;
	case XKB_KEY_Page_Down:
		return selected + PAGE < rows_len ? selected + PAGE : rows_len - 1;
	case XKB_KEY_Home:
		return 0;
	case XKB_KEY_End:
		return rows_len - 1;
	default:
		return selected;
	}
}

void dialog_redraw(struct server *server) {
	struct dialog *dialog = server->dialog;
	struct output *output = server->active_output;
	if (dialog->impl == NULL || output == NULL) {
		return;
	}
	struct panel panel = {
		.font = server->config->border.font,
		.selected = -1,
		.max_width = output->box.width - 2 * MARGIN,
		.max_height = output->box.height - 2 * MARGIN,
		.scale = output->wlr_output->scale,
	};
	dialog->impl->describe(dialog->data, &panel);
	struct wlr_buffer *buffer = panel_draw(&panel, &dialog->place);
	wlr_scene_buffer_set_buffer(dialog->buffer, buffer);
	if (buffer != NULL) {
		wlr_buffer_drop(buffer);
	}
	dialog->box = (struct wlr_box){
		.x = output->box.x + (output->box.width - dialog->place.width) / 2,
		.y = output->box.y + (output->box.height - dialog->place.height) / 2,
		.width = dialog->place.width,
		.height = dialog->place.height,
	};
	wlr_scene_buffer_set_dest_size(dialog->buffer, dialog->box.width, dialog->box.height);
	wlr_scene_node_set_position(&dialog->buffer->node, dialog->box.x, dialog->box.y);
	struct wlr_box all;
	wlr_output_layout_get_box(server->output_layout, NULL, &all);
	wlr_scene_node_set_position(&dialog->shade->node, all.x, all.y);
	wlr_scene_rect_set_size(dialog->shade, all.width, all.height);
}

// --- keys and pointer ---------------------------------------------------------------------

static void handle_key(void *data, uint32_t keycode, const xkb_keysym_t *syms, size_t syms_len) {
	struct dialog *dialog = data;
	struct wlr_keyboard *keyboard = wlr_seat_get_keyboard(dialog->server->seat->wlr_seat);
	uint32_t modifiers = keyboard != NULL ? wlr_keyboard_get_modifiers(keyboard) : 0;
	if (syms_len > 0) {
		dialog->impl->key(dialog->data, syms[0], modifiers);
	}
}

bool dialog_click(struct server *server, double lx, double ly) {
	struct dialog *dialog = server->dialog;
	if (dialog->impl == NULL || seat_locked(server->seat)) {
		return false;
	}
	int row = -1;
	if (wlr_box_contains_point(&dialog->box, lx, ly)) {
		row = panel_row_at(&dialog->place, lx - dialog->box.x, ly - dialog->box.y);
	} else {
		dialog_close(server, NULL);
		return true;
	}
	if (row >= 0) {
		dialog->impl->click(dialog->data, row);
	}
	return true;
}

bool dialog_scroll(struct server *server, int steps) {
	const struct dialog *dialog = server->dialog;
	const struct dialog_impl *impl = dialog->impl;
	if (impl == NULL || seat_locked(server->seat)) {
		return false;
	}
	// A key may close it.
	for (; steps != 0 && dialog->impl == impl; steps += steps < 0 ? 1 : -1) {
		impl->key(dialog->data, steps < 0 ? XKB_KEY_Up : XKB_KEY_Down, 0);
	}
	return true;
}

size_t dialog_rows_seen(const struct server *server) {
	const struct panel_place *place = &server->dialog->place;
	return place->per_column * place->columns;
}

// --- opening and closing ------------------------------------------------------------------

void dialog_close(struct server *server, const struct dialog_impl *impl) {
	struct dialog *dialog = server->dialog;
	if (dialog->impl == NULL || (impl != NULL && impl != dialog->impl)) {
		return;
	}
	const struct dialog_impl *closed = dialog->impl;
	void *data = dialog->data;
	dialog->impl = NULL;
	dialog->data = NULL;
	wlr_scene_node_destroy(&dialog->tree->node);
	dialog->tree = NULL;
	seat_unclaim(server->seat, SEAT_CLAIM_DIALOG);
	seat_pointer_moved_under(server->seat);
	closed->close(data);
}

bool dialog_open(struct server *server, const struct dialog_impl *impl, void *data) {
	struct dialog *dialog = server->dialog;
	dialog_close(server, NULL);
	if (seat_locked(server->seat) || server->active_output == NULL) {
		impl->close(data);
		return false;
	}
	const float shade[4] = {0, 0, 0, 0.5f};
	dialog->impl = impl;
	dialog->data = data;
	dialog->tree = wlr_scene_tree_create(server->layers[LAYER_DIALOG]);
	dialog->tree->node.data = &dialog->owner;
	dialog->shade = wlr_scene_rect_create(dialog->tree, 0, 0, shade);
	dialog->buffer = wlr_scene_buffer_create(dialog->tree, NULL);
	dialog_redraw(server);
	struct seat_claim claim = {.key = handle_key, .data = dialog};
	seat_claim(server->seat, SEAT_CLAIM_DIALOG, &claim);
	seat_pointer_moved_under(server->seat);
	return true;
}

// What changed is not at an end while its signal is sent: an output that goes is still there.
static void handle_idle(void *data) {
	struct dialog *dialog = data;
	dialog->arranging = NULL;
	if (dialog->server->active_output == NULL) {
		dialog_close(dialog->server, NULL);
	} else {
		dialog_redraw(dialog->server);
	}
}

static void handle_change(struct wl_listener *listener, void *data) {
	struct dialog *dialog = wl_container_of(listener, dialog, change);
	const struct server_change *change = data;
	bool shown = change->subject == SERVER_OUTPUT || change->subject == SERVER_CONFIG ||
		change->subject == SERVER_MACHINE;
	if (dialog->impl != NULL && dialog->arranging == NULL && shown) {
		dialog->arranging = wl_event_loop_add_idle(
			dialog->server->loop, handle_idle, dialog);
	}
}

bool dialog_init(struct server *server) {
	struct dialog *dialog = calloc(1, sizeof(*dialog));
	if (dialog == NULL) {
		return false;
	}
	dialog->owner.kind = SCENE_OWNER_HOST;
	dialog->server = server;
	server->dialog = dialog;
	dialog->change.notify = handle_change;
	wl_signal_add(&server->events.change, &dialog->change);
	return true;
}

void dialog_finish(struct server *server) {
	if (server->dialog == NULL) {
		return;
	}
	dialog_close(server, NULL);
	if (server->dialog->arranging != NULL) {
		wl_event_source_remove(server->dialog->arranging);
	}
	wl_list_remove(&server->dialog->change.link);
	free(server->dialog);
	server->dialog = NULL;
}
