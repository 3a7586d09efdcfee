#include "machine.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wlr/types/wlr_scene.h>

#include "bridge_client.h"
#include "config.h"
#include "log.h"
#include "manager.h"
#include "notice.h"
#include "paused.h"
#include "placeholder.h"
#include "process_age.h"
#include "redecho-machine-v1-protocol.h"
#include "redecho-manager-v1-client-protocol.h"
#include "server.h"
#include "tile.h"
#include "tile_rule.h"
#include "titlebar.h"
#include "urgency.h"

// Longest name, title or reason that is kept, in bytes.
#define TEXT_MAX 200
// So many facts are kept of a machine.
#define DETAILS_MAX 64

static void set_text(char **text, const char *untrusted_text) {
	free(*text);
	*text = titlebar_filter_text(untrusted_text, TEXT_MAX);
}

char *machine_label_of(const char *untrusted_label) {
	char *label = titlebar_filter_text(untrusted_label, TEXT_MAX);
	// redecho-vmd takes no program file that says "host"; an older one did.
	if (label[strspn(label, " ")] == '\0' || config_label_is_hosts(label)) {
		free(label);
		label = titlebar_filter_text("unlabelled", TEXT_MAX);
	}
	return label;
}

static void set_label(struct machine *machine, const char *untrusted_label) {
	free(machine->label);
	machine->label = machine_label_of(untrusted_label);
}

static void forget_message(struct machine *machine) {
	free(machine->message);
	machine->message = NULL;
}

// It has no past.
static void begin_again(struct machine *machine) {
	machine->stage = REDECHO_MACHINE_V1_STAGE_STARTING;
	machine->started_ms = server_now_ms();
	machine->adopted = false;
	forget_message(machine);
}

void machine_changed(struct machine *machine) {
	struct tile *tile;
	wl_list_for_each (tile, &machine->server->tiles, link) {
		if (tile->machine == machine) {
			tile_update(tile);
		}
	}
	if (machine->tile != NULL && machine->tile->placeholder != NULL) {
		placeholder_update(machine->tile->placeholder);
	}
	server_emit(machine->server, SERVER_MACHINE, SERVER_CHANGED, machine);
}

struct machine *machine_find(struct server *server, const char *name) {
	struct machine *machine, *found = NULL;
	wl_list_for_each (machine, &server->machines, link) {
		if (strcmp(machine->name, name) == 0 &&
			(found == NULL || found->state == REDECHO_MANAGED_MACHINE_V1_STATE_ENDED)) {
			found = machine;
		}
	}
	return found;
}

// --- coming and going ---------------------------------------------------------------------

static struct machine *machine_create(struct server *server) {
	struct machine *machine = calloc(1, sizeof(*machine));
	if (machine == NULL) {
		abort();
	}
	machine->server = server;
	machine->started_ms = server_now_ms();
	wl_list_init(&machine->details);
	wl_list_init(&machine->resources);
	set_text(&machine->name, "");
	set_text(&machine->program, "");
	set_text(&machine->title, "");
	set_label(machine, "");
	wl_list_insert(server->machines.prev, &machine->link);
	return machine;
}

static void drop_managed(struct machine *machine) {
	if (machine->managed != NULL) {
		redecho_managed_machine_v1_destroy(machine->managed);
		machine->managed = NULL;
		manager_flush(machine->server->manager);
	}
}

static void drop_details(struct machine *machine) {
	struct machine_detail *detail, *next;
	wl_list_for_each_safe (detail, next, &machine->details, link) {
		wl_list_remove(&detail->link);
		free(detail->key);
		free(detail->value);
		free(detail);
	}
}

static void machine_free(struct machine *machine) {
	drop_details(machine);
	display_forget(machine);
	if (machine->telling != NULL) {
		wl_event_source_remove(machine->telling);
	}
	wl_list_remove(&machine->link);
	free(machine->name);
	free(machine->program);
	free(machine->title);
	free(machine->label);
	free(machine->message);
	free(machine);
}

void machine_destroy(struct machine *machine) {
	server_emit(machine->server, SERVER_MACHINE, SERVER_REMOVED, machine);
	bridge_client_destroy(machine);
	if (machine->tile != NULL) {
		tile_destroy(machine->tile);
	}
	drop_managed(machine);
	machine_free(machine);
}

static void end(struct machine *machine, uint32_t cause, const char *message) {
	machine->state = REDECHO_MANAGED_MACHINE_V1_STATE_ENDED;
	machine->cause = cause;
	machine->ended_ms = server_now_ms();
	machine->waiting = false;
	if (message != NULL && message[0] != '\0') {
		set_text(&machine->message, message);
	}
	log_info("machine %s ended: %s%s%s", machine->name, machine_cause_name(machine),
		machine->message != NULL ? ": " : "",
		machine->message != NULL ? machine->message : "");
	bridge_client_destroy(machine);
	bool asked_for = machine->closing || cause == REDECHO_MANAGED_MACHINE_V1_CAUSE_DESTROYED;
	if (asked_for || machine->server->exiting) {
		machine_destroy(machine);
		return;
	}
	machine_changed(machine);
	if (machine->tile != NULL) {
		urgency_set(machine->tile, true);
	}
	machine_tell_end(machine);
}

// --- what redecho-vmd tells ---------------------------------------------------------------

// The machine that redecho-vmd knew before it was restarted, and that is the same. One that was
// spawned, and has its tile for that, is a new one whatever its name.
static struct machine *find_lost(struct machine *machine, const char *name) {
	struct machine *other;
	if (machine->identified || machine->tile != NULL || name[0] == '\0') {
		return NULL;
	}
	wl_list_for_each (other, &machine->server->machines, link) {
		if (other != machine && other->managed == NULL && other->identified &&
			strcmp(other->name, name) == 0) {
			return other;
		}
	}
	return NULL;
}

static void handle_identity(void *data, struct redecho_managed_machine_v1 *managed,
	const char *name, const char *program, const char *title, const char *label) {
	struct machine *machine = data;
	struct machine *lost = find_lost(machine, name);
	if (lost != NULL) {
		machine->managed = NULL;
		bridge_client_destroy(machine);
		machine_free(machine);
		machine = lost;
		machine->managed = managed;
		redecho_managed_machine_v1_set_user_data(managed, machine);
	}
	bool is_new = !machine->identified;
	machine->identified = true;
	machine->made = name[0] != '\0';
	set_text(&machine->name, machine->made ? name : program);
	set_text(&machine->program, program);
	set_text(&machine->title, title[0] != '\0' ? title : machine->name);
	set_label(machine, label);
	display_retitle(machine);
	if (machine->tile == NULL) {
		struct tile *tile = tile_create(machine->server, machine, NULL);
		if (tile_wants_focus(tile)) {
			tile_focus(tile);
		}
	} else if (is_new) {
		tile_rule_again(machine->tile);
	}
	if (is_new) {
		server_emit(machine->server, SERVER_MACHINE, SERVER_ADDED, machine);
	}
	machine_changed(machine);
}

static void handle_duplicate(
	void *data, struct redecho_managed_machine_v1 *managed, const char *name) {
	struct machine *machine = data;
	struct machine *other = machine_find(machine->server, name);
	if (other == machine) {
		other = NULL;
		struct machine *candidate;
		wl_list_for_each (candidate, &machine->server->machines, link) {
			if (candidate != machine && strcmp(candidate->name, name) == 0) {
				other = candidate;
			}
		}
	}
	machine_destroy(machine);
	if (other != NULL && other->tile != NULL) {
		tile_focus(other->tile);
	}
}

static void handle_need_display(void *data, struct redecho_managed_machine_v1 *managed) {
	struct machine *machine = data;
	bridge_client_destroy(machine);
	forget_message(machine); // it was the old bridge's; one that is broken says so again
	int fd = bridge_client_create(machine);
	if (fd < 0) {
		log_error("machine %s: no connection for its bridge: %s", machine->name,
			strerror(errno));
		return;
	}
	redecho_managed_machine_v1_connect_display(managed, fd);
	close(fd);
	manager_flush(machine->server->manager);
}

static void set_state(struct machine *machine, uint32_t state) {
	bool was_paused = machine_is_paused(machine);
	if (state == REDECHO_MANAGED_MACHINE_V1_STATE_STARTING && machine->state != state) {
		begin_again(machine);
	}
	machine->state = state;
	machine_changed(machine);
	if (was_paused != machine_is_paused(machine)) {
		paused_changed(machine);
	}
}

static void handle_state(void *data, struct redecho_managed_machine_v1 *managed, uint32_t state) {
	struct machine *machine = data;
	if (state >= REDECHO_MANAGED_MACHINE_V1_STATE_ENDED) {
		return; // the ended event follows, and says why
	}
	set_state(machine, state);
}

// A machine that was there before us is as old as its bridge.
static void take_age(struct machine *machine, const char *key, const char *value) {
	int64_t age_ms = machine->adopted && strcmp(key, "bridge-pid") == 0 ? process_age_ms(value)
									    : -1;
	if (age_ms >= 0) {
		machine->adopted = false;
		machine->started_ms = server_now_ms() - age_ms;
	}
}

static void handle_detail(void *data, struct redecho_managed_machine_v1 *managed, const char *key,
	const char *value) {
	struct machine *machine = data;
	struct machine_detail *detail;
	int len = 0;
	take_age(machine, key, value);
	wl_list_for_each (detail, &machine->details, link) {
		len++;
		if (strcmp(detail->key, key) == 0) {
			set_text(&detail->value, value);
			machine_changed(machine);
			return;
		}
	}
	if (len >= DETAILS_MAX) {
		return;
	}
	detail = calloc(1, sizeof(*detail));
	if (detail == NULL) {
		abort();
	}
	set_text(&detail->key, key);
	set_text(&detail->value, value);
	wl_list_insert(machine->details.prev, &detail->link);
	if (strcmp(key, "accel") == 0) {
		log_info("machine %s: accelerator %s", machine->name, detail->value);
	}
	machine_changed(machine);
}

static void handle_ended(void *data, struct redecho_managed_machine_v1 *managed, uint32_t cause,
	const char *message) {
	end(data, cause, message);
}

static uint64_t join(uint32_t high, uint32_t low) {
	return (uint64_t)high << 32 | low;
}

static void handle_usage(void *data, struct redecho_managed_machine_v1 *managed, uint32_t cpu_ms_hi,
	uint32_t cpu_ms_lo, uint32_t memory_bytes_hi, uint32_t memory_bytes_lo,
	uint32_t uptime_ms_hi, uint32_t uptime_ms_lo) {
	meter_take(data, join(cpu_ms_hi, cpu_ms_lo), join(memory_bytes_hi, memory_bytes_lo),
		join(uptime_ms_hi, uptime_ms_lo));
}

static const struct redecho_managed_machine_v1_listener managed_listener = {
	.identity = handle_identity,
	.duplicate = handle_duplicate,
	.need_display = handle_need_display,
	.state = handle_state,
	.detail = handle_detail,
	.ended = handle_ended,
	.usage = handle_usage,
};

// --- starting -----------------------------------------------------------------------------

static struct program *find_program(struct server *server, const char *name) {
	struct program *program;
	wl_list_for_each (program, &server->programs, link) {
		if (strcmp(program->name, name) == 0) {
			return program;
		}
	}
	return NULL;
}

static void start(struct machine *machine) {
	machine->managed = manager_spawn(machine->server->manager, machine->program);
	machine->waiting = machine->managed == NULL;
	if (machine->managed != NULL) {
		redecho_managed_machine_v1_add_listener(
			machine->managed, &managed_listener, machine);
		manager_flush(machine->server->manager);
	}
}

struct machine *machine_spawn(struct server *server, const char *name) {
	struct machine *machine = machine_create(server);
	const struct program *program = find_program(server, name);
	set_text(&machine->name, name);
	set_text(&machine->program, name);
	set_text(&machine->title, program != NULL ? program->title : name);
	set_label(machine, program != NULL ? program->label : "");
	struct tile *tile = tile_create(server, machine, NULL);
	if (tile_wants_focus(tile)) {
		tile_focus(tile);
	}
	start(machine);
	return machine;
}

void machine_adopt(struct server *server, struct redecho_managed_machine_v1 *managed) {
	struct machine *machine = machine_create(server);
	machine->managed = managed;
	machine->adopted = true;
	redecho_managed_machine_v1_add_listener(managed, &managed_listener, machine);
}

void machine_start_waiting(struct server *server) {
	struct machine *machine, *next;
	wl_list_for_each_safe (machine, next, &server->machines, link) {
		if (machine->waiting) {
			start(machine);
		}
	}
}

void machine_fail_waiting(struct server *server, const char *reason) {
	struct machine *machine, *next;
	wl_list_for_each_safe (machine, next, &server->machines, link) {
		if (machine->waiting) {
			end(machine, REDECHO_MANAGED_MACHINE_V1_CAUSE_START_FAILED, reason);
		}
	}
}

void machine_end_unknown(struct server *server) {
	struct machine *machine, *next;
	wl_list_for_each_safe (machine, next, &server->machines, link) {
		if (machine->managed == NULL && !machine->waiting &&
			machine->state != REDECHO_MANAGED_MACHINE_V1_STATE_ENDED) {
			end(machine, REDECHO_MANAGED_MACHINE_V1_CAUSE_CRASHED,
				"redecho-vmd was restarted and does not know it");
		}
	}
}

void machine_lose_manager(struct server *server, const char *reason) {
	struct machine *machine, *next;
	wl_list_for_each_safe (machine, next, &server->machines, link) {
		drop_managed(machine);
		if (!machine->identified && !machine->waiting) {
			end(machine, REDECHO_MANAGED_MACHINE_V1_CAUSE_START_FAILED, reason);
		}
	}
}

// --- ending -------------------------------------------------------------------------------

// True when redecho-vmd is to be told. What runs no more is gone at once, with the machine.
static bool begin_end(struct machine *machine) {
	if (machine->state == REDECHO_MANAGED_MACHINE_V1_STATE_ENDED || machine->waiting) {
		machine_destroy(machine);
		return false;
	}
	if (machine->managed == NULL) {
		notice_show(machine->server, NOTICE_WARNING, "redecho-vmd is not there");
		return false;
	}
	machine->closing = true;
	return true;
}

void machine_close(struct machine *machine) {
	if (!begin_end(machine)) {
		return;
	}
	// The second one kills: redecho-vmd sees to that.
	redecho_managed_machine_v1_power_off(machine->managed);
	manager_flush(machine->server->manager);
}

void machine_kill(struct machine *machine) {
	if (!begin_end(machine)) {
		return;
	}
	redecho_managed_machine_v1_kill(machine->managed);
	manager_flush(machine->server->manager);
}

void machine_restart(struct machine *machine) {
	// At once, so that nobody who asked for it reads what was.
	uint32_t state = REDECHO_MANAGED_MACHINE_V1_STATE_STARTING;
	if (machine->managed != NULL && machine->made) {
		if (machine->state == REDECHO_MANAGED_MACHINE_V1_STATE_RUNNING ||
			machine->state == REDECHO_MANAGED_MACHINE_V1_STATE_STOPPING ||
			machine_is_paused(machine)) {
			state = REDECHO_MANAGED_MACHINE_V1_STATE_STOPPING;
		}
		redecho_managed_machine_v1_restart(machine->managed);
		manager_flush(machine->server->manager);
	} else if (!machine->waiting) {
		// redecho-vmd died with it, or has made nothing of it: start it as a new one.
		drop_managed(machine);
		machine->identified = false;
		start(machine);
	}
	machine->closing = false;
	set_state(machine, state);
}

// False, with the reason, when it is neither running nor paused.
static bool can_be_paused(const struct machine *machine, const char **why) {
	bool right = machine->managed != NULL &&
		(machine->state == REDECHO_MANAGED_MACHINE_V1_STATE_RUNNING ||
			machine_is_paused(machine));
	if (!right && why != NULL) {
		*why = machine->state == REDECHO_MANAGED_MACHINE_V1_STATE_ENDED
			? "the machine has ended"
			: machine->state == REDECHO_MANAGED_MACHINE_V1_STATE_STOPPING
			? "the machine is stopping"
			: machine->managed == NULL ? "redecho-vmd is not there"
						   : "the machine is not running yet";
	}
	return right;
}

bool machine_pause(struct machine *machine, const char **why) {
	if (!can_be_paused(machine, why)) {
		return false;
	}
	redecho_managed_machine_v1_pause(machine->managed);
	manager_flush(machine->server->manager);
	return true;
}

bool machine_resume(struct machine *machine, const char **why) {
	if (!can_be_paused(machine, why)) {
		return false;
	}
	redecho_managed_machine_v1_resume(machine->managed);
	manager_flush(machine->server->manager);
	return true;
}

void machine_toggle_pointer_mode(struct machine *machine) {
	machine->relative = !machine->relative;
	bridge_client_send_pointer_mode(machine);
	server_emit(machine->server, SERVER_MACHINE, SERVER_CHANGED, machine);
}

bool machine_init(struct server *server) {
	return bridge_client_init(server);
}

void machine_finish(struct server *server) {
	struct machine *machine, *next;
	wl_list_for_each_safe (machine, next, &server->machines, link) {
		machine_destroy(machine);
	}
	struct program *program, *next_program;
	wl_list_for_each_safe (program, next_program, &server->programs, link) {
		wl_list_remove(&program->link);
		free(program->name);
		free(program->title);
		free(program->label);
		free(program);
	}
}
