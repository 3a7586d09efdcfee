// ext-workspace-v1: what a pager is told, and what it may ask for.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wayland-client.h>
#include <wlr/types/wlr_output.h>

#include "desk.h"
#include "ext-workspace-v1-client-protocol.h"
#include "output.h"
#include "server.h"
#include "test_client.h"
#include "tile.h"
#include "urgency.h"
#include "workspace.h"

#define PLACES_MAX 32

struct group {
	struct ext_workspace_group_handle_v1 *handle; // NULL: it was removed
	int outputs;
};

struct place {
	struct ext_workspace_handle_v1 *handle; // NULL: it was removed
	char name[80];
	uint32_t state, coordinate;
	struct group *group; // may be NULL
};

struct pager {
	struct ext_workspace_manager_v1 *manager;
	struct group groups[PLACES_MAX];
	size_t groups_len;
	struct place places[PLACES_MAX];
	size_t places_len;
	int dones;
};

// --- listening ----------------------------------------------------------------------------

static struct group *find_group(struct pager *pager, struct ext_workspace_group_handle_v1 *handle) {
	for (size_t i = 0; i < pager->groups_len; i++) {
		if (pager->groups[i].handle == handle) {
			return &pager->groups[i];
		}
	}
	fail_msg("no such group");
	return NULL;
}

static struct place *find_place(struct pager *pager, struct ext_workspace_handle_v1 *handle) {
	for (size_t i = 0; i < pager->places_len; i++) {
		if (pager->places[i].handle == handle) {
			return &pager->places[i];
		}
	}
	fail_msg("no such workspace");
	return NULL;
}

static void handle_group_capabilities(
	void *data, struct ext_workspace_group_handle_v1 *handle, uint32_t capabilities) {
	assert_int_equal(
		capabilities, EXT_WORKSPACE_GROUP_HANDLE_V1_GROUP_CAPABILITIES_CREATE_WORKSPACE);
}

static void handle_output_enter(
	void *data, struct ext_workspace_group_handle_v1 *handle, struct wl_output *output) {
	find_group(data, handle)->outputs++;
}

static void handle_output_leave(
	void *data, struct ext_workspace_group_handle_v1 *handle, struct wl_output *output) {
	find_group(data, handle)->outputs--;
}

static void handle_workspace_enter(void *data, struct ext_workspace_group_handle_v1 *handle,
	struct ext_workspace_handle_v1 *workspace) {
	find_place(data, workspace)->group = find_group(data, handle);
}

static void handle_workspace_leave(void *data, struct ext_workspace_group_handle_v1 *handle,
	struct ext_workspace_handle_v1 *workspace) {
	struct place *place = find_place(data, workspace);
	assert_ptr_equal(place->group, find_group(data, handle));
	place->group = NULL;
}

static void handle_group_removed(void *data, struct ext_workspace_group_handle_v1 *handle) {
	find_group(data, handle)->handle = NULL;
	ext_workspace_group_handle_v1_destroy(handle);
}

static const struct ext_workspace_group_handle_v1_listener group_listener = {
	.capabilities = handle_group_capabilities,
	.output_enter = handle_output_enter,
	.output_leave = handle_output_leave,
	.workspace_enter = handle_workspace_enter,
	.workspace_leave = handle_workspace_leave,
	.removed = handle_group_removed,
};

static void handle_id(void *data, struct ext_workspace_handle_v1 *handle, const char *id) {
	fail_msg("an id: %s", id);
}

static void handle_name(void *data, struct ext_workspace_handle_v1 *handle, const char *name) {
	struct place *place = find_place(data, handle);
	snprintf(place->name, sizeof(place->name), "%s", name);
}

static void handle_coordinates(
	void *data, struct ext_workspace_handle_v1 *handle, struct wl_array *coordinates) {
	assert_int_equal(coordinates->size, sizeof(uint32_t));
	memcpy(&find_place(data, handle)->coordinate, coordinates->data, sizeof(uint32_t));
}

static void handle_state(void *data, struct ext_workspace_handle_v1 *handle, uint32_t state) {
	find_place(data, handle)->state = state;
}

static void handle_capabilities(
	void *data, struct ext_workspace_handle_v1 *handle, uint32_t capabilities) {
	assert_int_equal(capabilities,
		EXT_WORKSPACE_HANDLE_V1_WORKSPACE_CAPABILITIES_ACTIVATE |
			EXT_WORKSPACE_HANDLE_V1_WORKSPACE_CAPABILITIES_ASSIGN);
}

static void handle_removed(void *data, struct ext_workspace_handle_v1 *handle) {
	find_place(data, handle)->handle = NULL;
	ext_workspace_handle_v1_destroy(handle);
}

static const struct ext_workspace_handle_v1_listener workspace_listener = {
	.id = handle_id,
	.name = handle_name,
	.coordinates = handle_coordinates,
	.state = handle_state,
	.capabilities = handle_capabilities,
	.removed = handle_removed,
};

static void handle_group(void *data, struct ext_workspace_manager_v1 *manager,
	struct ext_workspace_group_handle_v1 *handle) {
	struct pager *pager = data;
	assert_true(pager->groups_len < PLACES_MAX);
	pager->groups[pager->groups_len++].handle = handle;
	ext_workspace_group_handle_v1_add_listener(handle, &group_listener, pager);
}

static void handle_workspace(void *data, struct ext_workspace_manager_v1 *manager,
	struct ext_workspace_handle_v1 *handle) {
	struct pager *pager = data;
	assert_true(pager->places_len < PLACES_MAX);
	pager->places[pager->places_len++].handle = handle;
	ext_workspace_handle_v1_add_listener(handle, &workspace_listener, pager);
}

static void handle_done(void *data, struct ext_workspace_manager_v1 *manager) {
	struct pager *pager = data;
	pager->dones++;
}

static void handle_finished(void *data, struct ext_workspace_manager_v1 *manager) {}

static const struct ext_workspace_manager_v1_listener manager_listener = {
	.workspace_group = handle_group,
	.workspace = handle_workspace,
	.done = handle_done,
	.finished = handle_finished,
};

// --- steps --------------------------------------------------------------------------------

// The client has an output, as a bar has: groups tell of outputs that were bound.
static struct pager *start_pager(struct desk *desk) {
	struct pager *pager = calloc(1, sizeof(*pager));
	assert_non_null(pager);
	struct test_client *client = desk_connect(desk);
	assert_non_null(test_client_bind(client, &wl_output_interface, 4));
	pager->manager = test_client_bind(client, &ext_workspace_manager_v1_interface, 1);
	assert_non_null(pager->manager);
	ext_workspace_manager_v1_add_listener(pager->manager, &manager_listener, pager);
	desk_settle(desk);
	assert_true(pager->dones > 0);
	return pager;
}

static struct place *named(struct pager *pager, const char *name) {
	for (size_t i = 0; i < pager->places_len; i++) {
		if (pager->places[i].handle != NULL && strcmp(pager->places[i].name, name) == 0) {
			return &pager->places[i];
		}
	}
	return NULL;
}

// What the pager knows is what is.
static void assert_told(struct desk *desk, struct pager *pager) {
	struct workspace *workspace;
	uint32_t count = 0;
	wl_list_for_each (workspace, &desk->server->workspaces, link) {
		struct place *place = named(pager, workspace->name);
		if (place == NULL) {
			fail_msg("workspace %s was not told", workspace->name);
			return;
		}
		uint32_t state = workspace_is_visible(workspace)
			? EXT_WORKSPACE_HANDLE_V1_STATE_ACTIVE
			: 0;
		state |= urgency_in_workspace(workspace) ? EXT_WORKSPACE_HANDLE_V1_STATE_URGENT : 0;
		assert_int_equal(place->state, state);
		assert_int_equal(place->coordinate, count);
		assert_int_equal(place->group != NULL, workspace->output != NULL);
		count++;
	}
	for (size_t i = 0; i < pager->places_len; i++) {
		count -= pager->places[i].handle != NULL;
	}
	assert_int_equal(count, 0);
	int groups = 0;
	for (size_t i = 0; i < pager->groups_len; i++) {
		groups += pager->groups[i].handle != NULL;
	}
	assert_int_equal(groups, wl_list_length(&desk->server->outputs));
}

static void commit(struct desk *desk, struct pager *pager) {
	ext_workspace_manager_v1_commit(pager->manager);
	desk_settle(desk);
	assert_told(desk, pager);
}

// --- tests --------------------------------------------------------------------------------

static void test_told(void **state) {
	struct desk *desk = desk_create(NULL);
	struct pager *pager = start_pager(desk);
	assert_told(desk, pager);
	assert_int_equal(named(pager, "1")->group->outputs, 1);
	static const char *const lines[] = {"workspace mail", "workspace 3:web", "workspace 1",
		"workspace back-and-forth", "rename workspace to 7", "workspace mail"};
	desk_connect_shown(desk, "a");
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		desk_run(desk, lines[i]);
		assert_told(desk, pager);
	}
	urgency_set(desk_tile(desk, "a"), true);
	desk_settle(desk);
	assert_told(desk, pager);
	assert_int_equal(named(pager, "1")->state, EXT_WORKSPACE_HANDLE_V1_STATE_URGENT);
	// Outputs come and go.
	desk_add_output(desk, 800, 600);
	assert_told(desk, pager);
	while (!wl_list_empty(&desk->server->outputs)) {
		struct output *output = wl_container_of(desk->server->outputs.next, output, link);
		wlr_output_destroy(output->wlr_output);
		desk_settle(desk);
		assert_told(desk, pager);
	}
	desk_add_output(desk, 800, 600);
	assert_told(desk, pager);
	desk_destroy(desk);
	free(pager);
}

static void test_activate(void **state) {
	struct desk *desk = desk_create(NULL);
	struct pager *pager = start_pager(desk);
	desk_connect_shown(desk, "a");
	desk_run(desk, "workspace 2");
	desk_connect_shown(desk, "b");
	ext_workspace_handle_v1_activate(named(pager, "1")->handle);
	desk_settle(desk);
	assert_string_equal(
		workspace_active(desk->server)->name, "2"); // not before it is committed
	commit(desk, pager);
	assert_string_equal(workspace_active(desk->server)->name, "1");
	assert_true(desk_tile(desk, "a")->focused);
	// Several at once; a desk always shows one, and keeps one with windows.
	ext_workspace_handle_v1_deactivate(named(pager, "1")->handle);
	ext_workspace_handle_v1_remove(named(pager, "1")->handle);
	ext_workspace_handle_v1_activate(named(pager, "2")->handle);
	ext_workspace_handle_v1_activate(named(pager, "1")->handle);
	commit(desk, pager);
	assert_string_equal(workspace_active(desk->server)->name, "1");
	// One that has gone meanwhile.
	desk_run(desk, "workspace 9");
	struct ext_workspace_handle_v1 *nine = named(pager, "9")->handle;
	ext_workspace_handle_v1_activate(nine);
	desk_run(desk, "workspace 1");
	commit(desk, pager);
	assert_string_equal(workspace_active(desk->server)->name, "1");
	desk_destroy(desk);
	free(pager);
}

static void test_create(void **state) {
	static const struct {
		const char *name, *active;
	} cases[] = {{"mail", "mail"}, {"5:five", "5:five"}, {"5", "5:five"}, {"next", "5:five"},
		{"", "5:five"}, {"99", "5:five"}, {"a\x01\x1b[b", "a[b"}};
	const struct desk_options options = {.outputs = 2};
	struct desk *desk = desk_create(&options);
	struct pager *pager = start_pager(desk);
	struct ext_workspace_group_handle_v1 *group = named(pager, "2")->group->handle;
	const struct output *output = workspace_find(desk->server, 2)->output;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ext_workspace_group_handle_v1_create_workspace(group, cases[i].name);
		commit(desk, pager);
		assert_string_equal(workspace_active(desk->server)->name, cases[i].active);
		assert_ptr_equal(workspace_active(desk->server)->output, output);
	}
	desk_destroy(desk);
	free(pager);
}

static void test_assign(void **state) {
	const struct desk_options options = {.outputs = 2};
	struct desk *desk = desk_create(&options);
	struct pager *pager = start_pager(desk);
	desk_run(desk, "workspace 1");
	desk_connect_shown(desk, "a");
	const struct workspace *workspace = desk_tile(desk, "a")->workspace;
	const struct output *other = workspace_find(desk->server, 2)->output;
	ext_workspace_handle_v1_assign(named(pager, "1")->handle, named(pager, "2")->group->handle);
	commit(desk, pager);
	assert_ptr_equal(workspace->output, other);
	assert_true(workspace_is_visible(workspace));
	desk_destroy(desk);
	free(pager);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_told),
		cmocka_unit_test(test_activate),
		cmocka_unit_test(test_create),
		cmocka_unit_test(test_assign),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
