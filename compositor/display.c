#include "display.h"

#include <stdio.h>
#include <stdlib.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_xdg_shell.h>

#include "alloc.h"
#include "bridge_client.h"
#include "machine.h"
#include "scratchpad.h"
#include "server.h"
#include "tile.h"
#include "toplevel.h"
#include "workspace.h"

static void set_title(struct toplevel *toplevel) {
	free(toplevel->display_title);
	toplevel->display_title = NULL;
	if (toplevel->display != 0 &&
		asprintf(&toplevel->display_title, "%s - display %u", toplevel->machine->title,
			toplevel->display) < 0) {
		abort();
	}
}

void display_identify(struct machine *machine, struct wlr_surface *surface,
	uint32_t untrusted_number, uint32_t untrusted_count) {
	struct wlr_xdg_toplevel *xdg = wlr_xdg_toplevel_try_from_wlr_surface(surface);
	struct toplevel *toplevel = xdg != NULL ? xdg->base->data : NULL;
	if (toplevel == NULL || toplevel->machine != machine || toplevel->display != 0 ||
		untrusted_count < 2 || untrusted_count > DISPLAY_MAX || untrusted_number < 1 ||
		untrusted_number > untrusted_count) {
		return;
	}
	toplevel->display = untrusted_number;
	machine->displays = untrusted_count;
	set_title(toplevel);
	if (toplevel->tile != NULL) {
		toplevel->tile->display = toplevel->display;
		tile_update(toplevel->tile);
		server_emit(machine->server, SERVER_WINDOW, SERVER_CHANGED, toplevel->tile);
	}
}

void display_retitle(struct machine *machine) {
	struct tile *tile;
	wl_list_for_each (tile, &machine->server->tiles, link) {
		if (tile->machine == machine && tile->toplevel != NULL) {
			set_title(tile->toplevel);
		}
	}
}

bool display_is_extra(const struct tile *tile) {
	return tile->machine != NULL && tile->machine->tile != tile && tile->toplevel != NULL;
}

bool display_unplug(struct tile *tile) {
	struct toplevel *toplevel = tile->toplevel;
	if (toplevel->closing) {
		return false;
	}
	toplevel->closing = true;
	wlr_xdg_toplevel_send_close(toplevel->xdg);
	return true;
}

bool display_plug_all(struct machine *machine) {
	if (machine->displays < 2 || machine->client == NULL) {
		return false;
	}
	bridge_client_send_show_displays(machine);
	return true;
}

bool display_any_hidden(const struct machine *machine) {
	return machine->client != NULL && machine->toplevels < (int)machine->displays;
}

struct workspace *display_last_workspace(const struct tile *tile) {
	const struct machine *machine = tile->machine;
	if (machine == NULL || machine->tile == NULL || tile->display == 0) {
		return NULL;
	}
	const char *name = machine->display_workspaces[tile->display - 1];
	return name != NULL ? workspace_get_named(machine->server, name) : NULL;
}

struct workspace *display_workspace(const struct tile *tile) {
	const struct tile *first = tile->machine != NULL ? tile->machine->tile : NULL;
	return first != NULL && !scratchpad_hides(first) ? first->workspace : NULL;
}

void display_remember(const struct tile *tile) {
	struct machine *machine = tile->machine;
	if (tile->display == 0 || machine->tile == tile || scratchpad_hides(tile)) {
		return;
	}
	char **name = &machine->display_workspaces[tile->display - 1];
	free(*name);
	*name = alloc_string(tile->workspace->name);
}

void display_forget(struct machine *machine) {
	for (unsigned i = 0; i < DISPLAY_MAX; i++) {
		free(machine->display_workspaces[i]);
	}
}
