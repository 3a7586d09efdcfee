#include <stdlib.h>

#include "ipc_state.h"
#include "machine.h"
#include "redecho-machine-v1-protocol.h"
#include "redecho-manager-v1-client-protocol.h"
#include "server.h"
#include "tile.h"
#include "titlebar.h"

// Longer texts are cut, in bytes.
#define TEXT_MAX 1024

static const char *domain_name(uint32_t state) {
	static const char *const names[] = {
		[REDECHO_MANAGED_MACHINE_V1_STATE_STARTING] = "starting",
		[REDECHO_MANAGED_MACHINE_V1_STATE_RUNNING] = "running",
		[REDECHO_MANAGED_MACHINE_V1_STATE_PAUSED] = "paused",
		[REDECHO_MANAGED_MACHINE_V1_STATE_STOPPING] = "stopping",
		[REDECHO_MANAGED_MACHINE_V1_STATE_ENDED] = "ended",
	};
	return state < sizeof(names) / sizeof(names[0]) ? names[state] : "unknown";
}

static const char *stage_name(uint32_t stage) {
	switch (stage) {
	case REDECHO_MACHINE_V1_STAGE_STARTING:
		return "starting";
	case REDECHO_MACHINE_V1_STAGE_BOOTING:
		return "booting";
	case REDECHO_MACHINE_V1_STAGE_RUNNING:
		return "running";
	default:
		return "unknown";
	}
}

static void add_usage(yyjson_mut_doc *doc, yyjson_mut_val *value, const struct meter_usage *usage) {
	if (!usage->known) {
		yyjson_mut_obj_add_null(doc, value, "usage");
		return;
	}
	yyjson_mut_val *object = yyjson_mut_obj_add_obj(doc, value, "usage");
	if (usage->rated) {
		yyjson_mut_obj_add_real(doc, object, "cpu_percent", usage->cpu_percent);
	} else {
		yyjson_mut_obj_add_null(doc, object, "cpu_percent");
	}
	yyjson_mut_obj_add_uint(doc, object, "cpu_ms", usage->cpu_ms);
	yyjson_mut_obj_add_uint(doc, object, "memory_bytes", usage->memory_bytes);
	yyjson_mut_obj_add_uint(doc, object, "uptime_ms", usage->uptime_ms);
}

yyjson_mut_val *ipc_state_machine(yyjson_mut_doc *doc, const struct machine *machine) {
	yyjson_mut_val *value = yyjson_mut_obj(doc);
	ipc_state_add_text(doc, value, "name", machine->name);
	ipc_state_add_text(doc, value, "program", machine->program);
	ipc_state_add_text(doc, value, "title", machine->title);
	ipc_state_add_text(doc, value, "label", machine->label);
	yyjson_mut_obj_add_str(doc, value, "state", machine_state_name(machine));
	yyjson_mut_obj_add_str(doc, value, "domain", domain_name(machine->state));
	yyjson_mut_obj_add_str(doc, value, "stage", stage_name(machine->stage));
	const char *cause = machine_cause_name(machine);
	if (cause != NULL) {
		yyjson_mut_obj_add_str(doc, value, "cause", cause);
	} else {
		yyjson_mut_obj_add_null(doc, value, "cause");
	}
	ipc_state_add_text(doc, value, "message", machine->message);
	if (machine->tile != NULL) {
		yyjson_mut_obj_add_uint(doc, value, "window", machine->tile->id);
	} else {
		yyjson_mut_obj_add_null(doc, value, "window");
	}
	yyjson_mut_obj_add_bool(doc, value, "connected", machine->client != NULL);
	yyjson_mut_obj_add_bool(doc, value, "closing", machine->closing);
	yyjson_mut_obj_add_uint(
		doc, value, "displays", machine->displays != 0 ? machine->displays : 1);
	yyjson_mut_obj_add_str(doc, value, "pointer", machine->relative ? "relative" : "absolute");
	yyjson_mut_obj_add_sint(doc, value, "age_ms", server_now_ms() - machine->started_ms);
	add_usage(doc, value, &machine->usage);
	yyjson_mut_val *details = yyjson_mut_obj_add_obj(doc, value, "details");
	const struct machine_detail *detail;
	wl_list_for_each (detail, &machine->details, link) {
		char *key = titlebar_filter_text(detail->key, TEXT_MAX);
		char *text = titlebar_filter_text(detail->value, TEXT_MAX);
		yyjson_mut_obj_put(
			details, yyjson_mut_strcpy(doc, key), yyjson_mut_strcpy(doc, text));
		free(key);
		free(text);
	}
	return value;
}

yyjson_mut_val *ipc_state_machines(yyjson_mut_doc *doc, struct server *server) {
	yyjson_mut_val *array = yyjson_mut_arr(doc);
	struct machine *machine;
	wl_list_for_each (machine, &server->machines, link) {
		yyjson_mut_arr_append(array, ipc_state_machine(doc, machine));
	}
	return array;
}
