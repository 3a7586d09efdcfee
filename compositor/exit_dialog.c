#include "exit_dialog.h"

#include <stdio.h>
#include <stdlib.h>

#include "dialog.h"
#include "log.h"
#include "machine.h"
#include "panel.h"
#include "redecho-manager-v1-client-protocol.h"
#include "seat.h"
#include "server.h"

enum choice {
	CHOICE_KEEP,
	CHOICE_SHUT_DOWN,
	CHOICE_CANCEL,
	CHOICES,
};

struct exit_dialog {
	struct server *server;
	int selected;
	char heading[64];
};

static const struct dialog_impl impl;

static int count_machines(struct server *server) {
	int count = 0;
	struct machine *machine;
	wl_list_for_each (machine, &server->machines, link) {
		if (machine->state != REDECHO_MANAGED_MACHINE_V1_STATE_ENDED) {
			count++;
		}
	}
	return count;
}

static void describe(void *data, struct panel *panel) {
	static const struct panel_row rows[] = {
		[CHOICE_KEEP] = {.left = "Leave, and keep them running",
			.right = "k   the next desk finds them"},
		[CHOICE_SHUT_DOWN] = {.left = "Shut them down, and leave", .right = "s"},
		[CHOICE_CANCEL] = {.left = "Stay", .right = "Esc"},
	};
	struct exit_dialog *dialog = data;
	int count = count_machines(dialog->server);
	snprintf(dialog->heading, sizeof(dialog->heading),
		count == 1 ? "A machine is running" : "%d machines are running", count);
	panel->heading = dialog->heading;
	panel->rows = rows;
	panel->rows_len = CHOICES;
	panel->selected = dialog->selected;
}

static void choose(struct exit_dialog *dialog, int choice) {
	struct server *server = dialog->server;
	dialog_close(server, &impl);
	if (choice == CHOICE_KEEP) {
		log_info("leaving; the machines run on");
		server_terminate(server, 0);
	} else if (choice == CHOICE_SHUT_DOWN) {
		server_exit(server);
	}
}

static void key(void *data, xkb_keysym_t sym, uint32_t modifiers) {
	struct exit_dialog *dialog = data;
	switch (sym) {
	case XKB_KEY_k:
	case XKB_KEY_K:
		choose(dialog, CHOICE_KEEP);
		break;
	case XKB_KEY_s:
	case XKB_KEY_S:
		choose(dialog, CHOICE_SHUT_DOWN);
		break;
	case XKB_KEY_Escape:
		choose(dialog, CHOICE_CANCEL);
		break;
	case XKB_KEY_Return:
	case XKB_KEY_KP_Enter:
		choose(dialog, dialog->selected);
		break;
	default:
		dialog->selected = dialog_move_selection(dialog->selected, CHOICES, sym);
		dialog_redraw(dialog->server);
	}
}

static void click(void *data, int row) {
	choose(data, row);
}

static void handle_close(void *data) {
	free(data);
}

static const struct dialog_impl impl = {
	.describe = describe,
	.key = key,
	.click = click,
	.close = handle_close,
};

void exit_dialog_open(struct server *server) {
	// Without a screen, or behind the lock, nobody could answer.
	if (server->exiting || count_machines(server) == 0 || server->active_output == NULL ||
		seat_locked(server->seat)) {
		server_exit(server);
		return;
	}
	struct exit_dialog *dialog = calloc(1, sizeof(*dialog));
	if (dialog == NULL) {
		abort();
	}
	dialog->server = server;
	dialog_open(server, &impl, dialog);
}
