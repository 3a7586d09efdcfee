// What the host tells of machines: whose message it is stands in it, and in its colour.

#include <drm_fourcc.h>
#include <stdio.h>
#include <string.h>
#include <wlr/interfaces/wlr_buffer.h>
#include <wlr/types/wlr_scene.h>

#include "config.h"
#include "desk_machine.h"
#include "fake_manager.h"
#include "machine.h"
#include "notice.h"
#include "redecho-manager-v1-protocol.h"
#include "server.h"
#include "tile.h"

struct heard {
	int count;
	enum notice_severity severity;
	char text[200], machine[40];
	struct wl_listener change;
};

static void handle_change(struct wl_listener *listener, void *data) {
	struct heard *heard = wl_container_of(listener, heard, change);
	const struct server_change *change = data;
	if (change->subject != SERVER_NOTICE) {
		return;
	}
	const struct notice_message *message = change->object;
	heard->count++;
	heard->severity = message->severity;
	snprintf(heard->text, sizeof(heard->text), "%s", message->text);
	snprintf(heard->machine, sizeof(heard->machine), "%s",
		message->machine != NULL ? message->machine->name : "");
}

static void listen_to(struct desk *desk, struct heard *heard) {
	*heard = (struct heard){.change.notify = handle_change};
	wl_signal_add(&desk->server->events.change, &heard->change);
}

static struct wlr_scene_buffer *newest_notice(struct desk *desk) {
	struct wlr_scene_tree *layer = desk->server->layers[LAYER_NOTICES];
	assert_false(wl_list_empty(&layer->children));
	struct wlr_scene_node *node = wl_container_of(layer->children.prev, node, link);
	assert_int_equal(node->type, WLR_SCENE_NODE_BUFFER);
	return wlr_scene_buffer_from_node(node);
}

// The colour of its edge, 0xRRGGBB.
static uint32_t edge_of(struct wlr_scene_buffer *notice) {
	void *pixels;
	uint32_t format;
	size_t stride;
	assert_true(wlr_buffer_begin_data_ptr_access(
		notice->buffer, WLR_BUFFER_DATA_PTR_ACCESS_READ, &pixels, &format, &stride));
	assert_true(format == DRM_FORMAT_ARGB8888 || format == DRM_FORMAT_XRGB8888);
	uint32_t colour = ((const uint32_t *)pixels)[0] & 0xffffff;
	wlr_buffer_end_data_ptr_access(notice->buffer);
	return colour;
}

static void test_end_out_of_sight(void **state) {
	struct desk *desk = desk_machine_create();
	struct fake_machine *clock = desk_machine_spawn(desk, "clock", "clock");
	struct fake_machine *seen = desk_machine_spawn(desk, "clock", "clock-2");
	fake_machine_state(clock, REDECHO_MANAGED_MACHINE_V1_STATE_RUNNING);
	fake_machine_state(seen, REDECHO_MANAGED_MACHINE_V1_STATE_RUNNING);
	desk_settle(desk);
	struct heard heard;
	listen_to(desk, &heard);
	// Its tile says it.
	fake_machine_end(seen, REDECHO_MANAGED_MACHINE_V1_CAUSE_CRASHED, "out of luck");
	desk_settle(desk);
	assert_int_equal(heard.count, 0);
	desk_run(desk, "workspace 2");
	fake_machine_end(clock, REDECHO_MANAGED_MACHINE_V1_CAUSE_PANICKED, "out of memory");
	desk_until(desk, heard.count == 1);
	assert_int_equal(heard.severity, NOTICE_ERROR);
	assert_string_equal(heard.machine, "clock");
	assert_string_equal(heard.text, "The machine's system panicked. out of memory");
	uint32_t colour = config_label_colour(desk->server->config, "personal");
	assert_int_equal(edge_of(newest_notice(desk)), colour);
	wl_list_remove(&heard.change.link);
	desk_destroy(desk);
}

// The same words of two machines are two messages; of one machine they are one.
static void test_origins(void **state) {
	struct desk *desk = desk_machine_create();
	desk_machine_spawn(desk, "clock", "clock");
	struct machine *machine = machine_find(desk->server, "clock");
	struct wl_list *shown = &desk->server->layers[LAYER_NOTICES]->children;
	notice_show(desk->server, NOTICE_WARNING, "look");
	int first = wl_list_length(shown);
	uint32_t hosts = edge_of(newest_notice(desk));
	assert_true(hosts != config_label_colour(desk->server->config, "personal"));
	for (int i = 0; i < 2; i++) {
		notice_show_machine(machine, NOTICE_WARNING, "look");
		assert_int_equal(wl_list_length(shown), first + 1);
	}
	// It stays when its machine goes.
	machine_destroy(machine);
	notice_arrange(desk->server);
	assert_int_equal(wl_list_length(shown), first + 1);
	desk_destroy(desk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_end_out_of_sight),
		cmocka_unit_test(test_origins),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
