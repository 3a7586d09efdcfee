#include "machine_graphics.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bridge.h"
#include "file.h"
#include "log.h"
#include "machine_private.h"
#include "machine_resource.h"
#include "machine_scope.h"
#include "machine_state.h"
#include "manager.h"

static void tell(struct machine *machine, uint32_t severity, const char *what) {
	char *message = format_string("%s: %s", machine->name, what);
	manager_notice(machine->manager, severity, message);
	free(message);
}

/* Takes the text: why none is started any more. */
static void give_up(struct machine *machine, char *why) {
	free(machine->no_renderer);
	machine->no_renderer = why;
	tell(machine, REDECHO_MANAGER_V1_SEVERITY_WARNING, why);
}

static char *explain_start(int error) {
	return error == -ENOENT
		? format_string("redecho-render is not installed")
		: format_string("redecho-render could not be started: %s", strerror(-error));
}

/* Its driver may be of no use: software always is. */
static void leave_node(struct machine *machine) {
	struct graphics *graphics = &machine->graphics;
	if (!machine->renderer.failed || graphics->node == NULL) {
		return;
	}
	char *why = format_string("the renderer ended at once on %s", graphics->node);
	log_info("%s: %s: the next one draws in software", machine->name, why);
	graphics_set(graphics, graphics->way, NULL, why);
	free(why);
}

static void replace_renderer(struct machine *machine) {
	struct renderer *renderer = &machine->renderer;
	renderer_kill(renderer);
	if (!renderer_may_start(renderer)) {
		give_up(machine,
			format_string("its renderer ended %d times within %d s: no OpenGL until it "
				      "is restarted",
				RENDERER_EARLY_MAX, RENDERER_EARLY_MS / 1000));
		return;
	}
	leave_node(machine);
	int error = renderer_start(
		renderer, machine->manager->options->renderer, machine->graphics.node);
	if (error != 0) {
		give_up(machine, explain_start(error));
		return;
	}
	log_info("%s: its renderer is process %d now", machine->name, (int)renderer->process.pid);
	bridge_set_renderer(machine->bridge, renderer_take_socket(renderer));
	machine_scope_add(machine, renderer->process.pid);
}

static void handle_renderer_wanted(struct wl_listener *listener, void *data) {
	struct machine *machine = wl_container_of(listener, machine, renderer_wanted);
	if (machine->graphics.way == GRAPHICS_2D || machine->no_renderer != NULL ||
		machine->domain == NULL || !machine_is_live(machine)) {
		return;
	}
	replace_renderer(machine);
	machine_write_state(machine);
	machine_send_graphics(machine);
}

/* It may hang. The bridge asks for the next one when the guest needs it. */
static void handle_renderer_lost(struct wl_listener *listener, void *data) {
	struct machine *machine = wl_container_of(listener, machine, renderer_lost);
	if (machine->renderer.process.pid == 0) {
		return; // however often a bridge says so
	}
	log_info("%s: the bridge gave its renderer up", machine->name);
	renderer_kill(&machine->renderer);
	machine_send_graphics(machine);
}

static void handle_renderer_ended(struct wl_listener *listener, void *data) {
	struct machine *machine = wl_container_of(listener, machine, renderer_ended);
	machine_send_graphics(machine);
}

static void choose(struct machine *machine) {
	struct manager *manager = machine->manager;
	char *obstacle = renderer_find_obstacle(manager->options->renderer);
	graphics_choose(&machine->graphics, machine->program, manager->render_node, obstacle);
	free(obstacle);
}

void machine_graphics_init(struct machine *machine) {
	renderer_init(&machine->renderer, machine->manager->loop, machine->name);
	machine->renderer_ended.notify = handle_renderer_ended;
	wl_signal_add(&machine->renderer.events.ended, &machine->renderer_ended);
	wl_list_init(&machine->renderer_wanted.link);
	wl_list_init(&machine->renderer_lost.link);
	choose(machine);
}

void machine_graphics_finish(struct machine *machine) {
	wl_list_remove(&machine->renderer_ended.link);
	renderer_finish(&machine->renderer);
	graphics_finish(&machine->graphics);
	free(machine->no_renderer);
}

void machine_graphics_start(struct machine *machine) {
	if (!machine->stepping_down || !machine->program->virgl) {
		choose(machine);
	}
	machine->stepping_down = false;
	free(machine->no_renderer);
	machine->no_renderer = NULL;
	renderer_reset(&machine->renderer);
	if (machine->graphics.way != GRAPHICS_2D) {
		// Now, so that it is there when the guest's driver is.
		int error = renderer_start(&machine->renderer, machine->manager->options->renderer,
			machine->graphics.node);
		if (error != 0) {
			char *why = explain_start(error);
			graphics_set(&machine->graphics, GRAPHICS_2D, NULL, why);
			free(why);
		}
	}
	if (machine->program->virgl && machine->graphics.why != NULL) {
		char *text = graphics_describe(&machine->graphics);
		if (machine->program->render_node != NULL) {
			tell(machine, REDECHO_MANAGER_V1_SEVERITY_INFO, text); // and logs it
		} else {
			log_info("%s: graphics: %s", machine->name, text);
		}
		free(text);
	}
	machine_send_graphics(machine);
}

void machine_graphics_connect(struct machine *machine) {
	machine->renderer_wanted.notify = handle_renderer_wanted;
	wl_signal_add(&machine->bridge->events.renderer_wanted, &machine->renderer_wanted);
	machine->renderer_lost.notify = handle_renderer_lost;
	wl_signal_add(&machine->bridge->events.renderer_lost, &machine->renderer_lost);
	int fd = renderer_take_socket(&machine->renderer);
	if (fd >= 0) {
		bridge_set_renderer(machine->bridge, fd);
	}
}

void machine_graphics_disconnect(struct machine *machine) {
	wl_list_remove(&machine->renderer_wanted.link);
	wl_list_init(&machine->renderer_wanted.link);
	wl_list_remove(&machine->renderer_lost.link);
	wl_list_init(&machine->renderer_lost.link);
}

void machine_graphics_adopt(struct machine *machine, const struct machine_state *state) {
	graphics_set(&machine->graphics, graphics_way_of(state->graphics_way), state->graphics_node,
		state->graphics_why);
	renderer_adopt(&machine->renderer, state->renderer_pid, state->renderer_start_time);
}

bool machine_graphics_refused(struct machine *machine, const char *reason) {
	if (!graphics_step_down(&machine->graphics, reason)) {
		return false;
	}
	machine->stepping_down = true;
	return true;
}

void machine_graphics_end(struct machine *machine) {
	renderer_kill(&machine->renderer);
}

char *machine_graphics_describe(const struct machine *machine) {
	return machine->no_renderer != NULL
		? format_string("virgl, stopped: %s", machine->no_renderer)
		: graphics_describe(&machine->graphics);
}
