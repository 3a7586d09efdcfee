// How a machine fares, in words.

#include <stdio.h>
#include <string.h>

#include "machine.h"
#include "notice.h"
#include "redecho-machine-v1-protocol.h"
#include "redecho-manager-v1-client-protocol.h"
#include "tile.h"

const char *machine_state_name(const struct machine *machine) {
	switch (machine->state) {
	case REDECHO_MANAGED_MACHINE_V1_STATE_PAUSED:
		return "paused";
	case REDECHO_MANAGED_MACHINE_V1_STATE_STOPPING:
		return "stopping";
	case REDECHO_MANAGED_MACHINE_V1_STATE_ENDED:
		return "ended";
	default:
		break;
	}
	switch (machine->stage) {
	case REDECHO_MACHINE_V1_STAGE_RUNNING:
		return "running";
	case REDECHO_MACHINE_V1_STAGE_BOOTING:
		return "booting";
	default:
		return machine->state == REDECHO_MANAGED_MACHINE_V1_STATE_RUNNING ? "booting"
										  : "starting";
	}
}

const char *machine_cause_name(const struct machine *machine) {
	static const char *const names[] = {
		[REDECHO_MANAGED_MACHINE_V1_CAUSE_SHUTDOWN] = "shutdown",
		[REDECHO_MANAGED_MACHINE_V1_CAUSE_DESTROYED] = "destroyed",
		[REDECHO_MANAGED_MACHINE_V1_CAUSE_CRASHED] = "crashed",
		[REDECHO_MANAGED_MACHINE_V1_CAUSE_PANICKED] = "panicked",
		[REDECHO_MANAGED_MACHINE_V1_CAUSE_BRIDGE_DIED] = "bridge_died",
		[REDECHO_MANAGED_MACHINE_V1_CAUSE_START_FAILED] = "start_failed",
	};
	if (machine->state != REDECHO_MANAGED_MACHINE_V1_STATE_ENDED) {
		return NULL;
	}
	const size_t len = sizeof(names) / sizeof(names[0]);
	return machine->cause < len ? names[machine->cause] : "unknown";
}

const char *machine_cause_text(const struct machine *machine) {
	static const char *const texts[] = {
		[REDECHO_MANAGED_MACHINE_V1_CAUSE_SHUTDOWN] = "The machine switched itself off.",
		[REDECHO_MANAGED_MACHINE_V1_CAUSE_DESTROYED] = "The machine was ended.",
		[REDECHO_MANAGED_MACHINE_V1_CAUSE_CRASHED] = "The machine crashed.",
		[REDECHO_MANAGED_MACHINE_V1_CAUSE_PANICKED] = "The machine's system panicked.",
		[REDECHO_MANAGED_MACHINE_V1_CAUSE_BRIDGE_DIED] = "The machine's bridge died.",
		[REDECHO_MANAGED_MACHINE_V1_CAUSE_START_FAILED] =
			"The machine could not be started.",
	};
	return machine->cause < sizeof(texts) / sizeof(texts[0]) ? texts[machine->cause]
								 : "The machine ended.";
}

const char *machine_detail(const struct machine *machine, const char *key) {
	struct machine_detail *detail;
	wl_list_for_each (detail, &machine->details, link) {
		if (strcmp(detail->key, key) == 0) {
			return detail->value;
		}
	}
	return NULL;
}

bool machine_is_paused(const struct machine *machine) {
	return machine->state == REDECHO_MANAGED_MACHINE_V1_STATE_PAUSED;
}

void machine_tell_end(struct machine *machine) {
	if (machine->tile != NULL && tile_is_visible(machine->tile)) {
		return;
	}
	const char *why = machine->message;
	char text[512];
	snprintf(text, sizeof(text), "%s%s%s", machine_cause_text(machine), why != NULL ? " " : "",
		why != NULL ? why : "");
	bool wanted = machine->cause == REDECHO_MANAGED_MACHINE_V1_CAUSE_SHUTDOWN;
	notice_show_machine(machine, wanted ? NOTICE_INFO : NOTICE_ERROR, text);
}
