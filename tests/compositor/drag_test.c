// The pointer drags windows: what floats, tiles, and the edges of both.

#include <linux/input-event-codes.h>
#include <stdio.h>
#include <string.h>
#include <wlr/types/wlr_cursor.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_scene.h>

#include "command.h"
#include "config.h"
#include "desk.h"
#include "desk_machine.h"
#include "layout.h"
#include "output.h"
#include "pointer.h"
#include "seat.h"
#include "server.h"
#include "test_client.h"
#include "tile.h"
#include "workspace.h"
#include "xdg-shell-client-protocol.h"

static const struct desk_options alt = {.config = "mod Alt\n"};

static void assert_box(struct wlr_box box, int x, int y, int width, int height) {
	if (box.x != x || box.y != y || box.width != width || box.height != height) {
		fail_msg("%d,%d %dx%d is not %d,%d %dx%d", box.x, box.y, box.width, box.height, x,
			y, width, height);
	}
}

static void append_node(char *text, size_t size, const struct layout_node *node) {
	size_t len = strlen(text);
	if (layout_node_is_leaf(node)) {
		snprintf(text + len, size - len, "%s", tile_title(layout_node_data(node)));
		return;
	}
	snprintf(text + len, size - len, "%c[", "HVTS"[layout_node_kind(node)]);
	for (size_t i = 0; i < layout_node_children(node); i++) {
		if (i > 0) {
			strncat(text, " ", size - strlen(text) - 1);
		}
		append_node(text, size, layout_node_child(node, i));
	}
	strncat(text, "]", size - strlen(text) - 1);
}

static void assert_tree(const struct workspace *workspace, const char *expected) {
	char text[256] = "";
	append_node(text, sizeof(text), layout_root(workspace->layout));
	assert_string_equal(text, expected);
}

static struct workspace *active(const struct desk *desk) {
	return workspace_active(desk->server);
}

// With the modifier held, unless a title bar is taken.
static void press(struct desk *desk, uint32_t button, double lx, double ly) {
	desk_move_to(desk, lx, ly);
	desk_key(desk, KEY_LEFTALT, true);
	desk_button(desk, button, true);
	desk_key(desk, KEY_LEFTALT, false);
}

static void drag(
	struct desk *desk, uint32_t button, double lx, double ly, double to_lx, double to_ly) {
	press(desk, button, lx, ly);
	desk_move_to(desk, (lx + to_lx) / 2, (ly + to_ly) / 2);
	desk_move_to(desk, to_lx, to_ly);
	desk_button(desk, button, false);
}

static bool has_preview(const struct desk *desk) {
	return desk->server->seat->pointer->drag.preview != NULL;
}

// --- what floats --------------------------------------------------------------------------

static struct tile *float_at(struct desk *desk, const char *title, int x, int y) {
	char line[64];
	desk_run(desk, "floating on");
	desk_run(desk, "resize set 400 300");
	snprintf(line, sizeof(line), "move position %d %d", x, y);
	desk_run(desk, line);
	return desk_tile(desk, title);
}

static void test_move_floating(void **state) {
	struct desk *desk = desk_create(&alt);
	struct test_client *client = desk_connect_shown(desk, "a");
	struct tile *a = float_at(desk, "a", 100, 100);
	test_client_show(client, 1, 1);
	desk_settle(desk);
	struct wlr_box box = a->box;
	press(desk, BTN_LEFT, 300, 250);
	assert_false(client->has_pointer_focus);
	desk_move_by(desk, 50, 20);
	assert_box(a->box, 150, 120, box.width, box.height);
	desk_move_by(desk, -10, 0);
	desk_button(desk, BTN_LEFT, false);
	assert_box(a->box, 140, 120, box.width, box.height);
	assert_int_equal(client->buttons, 0);
	assert_true(client->has_pointer_focus);
	// By its title bar, without a modifier; not before it has gone some way.
	desk_move_to(desk, 300, 135);
	desk_button(desk, BTN_LEFT, true);
	desk_move_by(desk, 5, 0);
	assert_int_equal(a->box.x, 140);
	desk_move_by(desk, 25, 10);
	assert_box(a->box, 170, 130, box.width, box.height);
	// Out over the edge and back: it stays under the pointer.
	desk_move_to(desk, 0, 0);
	assert_true(a->box.y == 0);
	desk_move_to(desk, 310, 155);
	assert_box(a->box, 150, 140, box.width, box.height);
	desk_button(desk, BTN_LEFT, false);
	desk_move_by(desk, 50, 50);
	assert_box(a->box, 150, 140, box.width, box.height);
	desk_destroy(desk);
}

static void test_resize_floating(void **state) {
	struct desk *desk = desk_create(&alt);
	struct test_client *client = desk_connect_shown(desk, "a");
	struct tile *a = float_at(desk, "a", 100, 100);
	struct wlr_box content = a->content;
	// The corner next to the pointer.
	press(desk, BTN_RIGHT, content.x + 300, content.y + 200);
	desk_move_by(desk, 60, 30);
	assert_true(client->resizing);
	assert_box(a->content, content.x, content.y, 460, 330);
	desk_button(desk, BTN_RIGHT, false);
	assert_false(client->resizing);
	assert_int_equal(client->width, 460);
	press(desk, BTN_RIGHT, content.x + 20, content.y + 20);
	desk_move_by(desk, -30, 40);
	desk_button(desk, BTN_RIGHT, false);
	assert_box(a->content, content.x - 30, content.y + 40, 490, 290);
	// By its border: one edge, or two near a corner.
	content = a->content;
	desk_move_to(desk, a->box.x + 1, content.y + 100);
	assert_string_equal(desk->server->seat->pointer->shape, "ew-resize");
	desk_button(desk, BTN_LEFT, true);
	desk_move_by(desk, 25, 77);
	desk_button(desk, BTN_LEFT, false);
	assert_box(a->content, content.x + 25, content.y, 465, 290);
	desk_move_to(desk, a->box.x + a->box.width - 1, a->box.y + a->box.height - 1);
	assert_string_equal(desk->server->seat->pointer->shape, "nwse-resize");
	desk_button(desk, BTN_LEFT, true);
	desk_move_by(desk, 10, 20);
	desk_button(desk, BTN_LEFT, false);
	assert_box(a->content, content.x + 25, content.y, 475, 310);
	// Not smaller than it can be: the other edge stays where it is.
	int right = a->content.x + a->content.width;
	press(desk, BTN_RIGHT, a->content.x + 10, a->content.y + 100);
	desk_move_by(desk, 1000, 0);
	assert_int_equal(a->content.x + a->content.width, right);
	assert_int_equal(a->content.width, FLOATING_BOX_MIN_WIDTH);
	desk_button(desk, BTN_RIGHT, false);
	desk_destroy(desk);
}

static void test_cancel(void **state) {
	struct desk *desk = desk_create(&alt);
	struct test_client *client = desk_connect_shown(desk, "a");
	struct tile *a = float_at(desk, "a", 100, 100);
	struct wlr_box box = a->box;
	press(desk, BTN_LEFT, 300, 250);
	desk_move_by(desk, 50, 20);
	desk_tap(desk, KEY_ESC);
	assert_box(a->box, box.x, box.y, box.width, box.height);
	for (size_t i = 0; i < client->keys_len; i++) {
		assert_int_not_equal(client->keys[i].key, KEY_ESC);
	}
	desk_move_by(desk, 50, 20);
	assert_box(a->box, box.x, box.y, box.width, box.height);
	desk_button(desk, BTN_LEFT, false);
	// Another button does the same.
	press(desk, BTN_RIGHT, 300, 250);
	desk_move_by(desk, 50, 20);
	desk_button(desk, BTN_LEFT, true);
	assert_box(a->box, box.x, box.y, box.width, box.height);
	desk_button(desk, BTN_LEFT, false);
	desk_button(desk, BTN_RIGHT, false);
	assert_int_equal(client->buttons, 0);
	// A question of the desk does.
	press(desk, BTN_LEFT, 300, 250);
	desk_move_by(desk, 50, 20);
	const struct seat_claim claim = {0};
	seat_claim(desk->server->seat, SEAT_CLAIM_LOCK, &claim);
	assert_box(a->box, box.x, box.y, box.width, box.height);
	desk_button(desk, BTN_LEFT, false);
	press(desk, BTN_LEFT, 300, 250);
	desk_move_by(desk, 50, 20);
	assert_box(a->box, box.x, box.y, box.width, box.height);
	desk_button(desk, BTN_LEFT, false);
	seat_unclaim(desk->server->seat, SEAT_CLAIM_LOCK);
	// The window goes while it is dragged.
	press(desk, BTN_LEFT, 300, 250);
	desk_disconnect(desk, client);
	desk_move_by(desk, 50, 20);
	desk_button(desk, BTN_LEFT, false);
	desk_destroy(desk);
}

static void test_to_another_output(void **state) {
	const struct desk_options options = {.outputs = 2, .config = "mod Alt\n"};
	struct desk *desk = desk_create(&options);
	desk_connect_shown(desk, "a");
	struct tile *a = float_at(desk, "a", 100, 100);
	struct wlr_box box = a->box;
	struct workspace *first = a->workspace;
	struct output *second = wl_container_of(desk->server->outputs.prev, second, link);
	assert_int_equal(second->box.x, 1280);
	drag(desk, BTN_LEFT, 300, 250, 1600, 260);
	assert_ptr_equal(a->workspace, second->workspace);
	assert_box(a->box, box.x + 1300, box.y + 10, box.width, box.height);
	assert_ptr_equal(desk->server->active_output, second);
	assert_true(a->focused);
	// Cancelled, it is back.
	press(desk, BTN_LEFT, 1600, 260);
	desk_move_to(desk, 300, 250);
	assert_ptr_equal(a->workspace, first);
	desk_tap(desk, KEY_ESC);
	assert_ptr_equal(a->workspace, second->workspace);
	assert_box(a->box, box.x + 1300, box.y + 10, box.width, box.height);
	desk_button(desk, BTN_LEFT, false);
	// A tile, too: onto the empty screen.
	desk_run(desk, "floating off");
	drag(desk, BTN_LEFT, 1600, 260, 300, 250);
	assert_ptr_equal(a->workspace, first);
	assert_ptr_equal(desk->server->active_output, first->output);
	desk_destroy(desk);
}

// A client that draws its own title bar asks to be moved, with the press that it heard.
static void test_client_asks(void **state) {
	struct desk *desk = desk_create(&alt);
	struct test_client *client = desk_connect_shown(desk, "a");
	struct tile *a = float_at(desk, "a", 100, 100);
	test_client_show(client, 1, 1);
	desk_settle(desk);
	struct wlr_box box = a->box;
	desk_move_to(desk, 300, 250);
	desk_button(desk, BTN_LEFT, true);
	xdg_toplevel_move(client->toplevel, client->seat, client->button_serial);
	desk_settle(desk);
	desk_move_by(desk, 30, 10);
	assert_box(a->box, box.x + 30, box.y + 10, box.width, box.height);
	desk_button(desk, BTN_LEFT, false);
	desk_button(desk, BTN_LEFT, true);
	xdg_toplevel_resize(client->toplevel, client->seat, client->button_serial,
		XDG_TOPLEVEL_RESIZE_EDGE_BOTTOM_RIGHT);
	desk_settle(desk);
	desk_move_by(desk, 30, 10);
	assert_box(a->box, box.x + 30, box.y + 10, box.width + 30, box.height + 10);
	desk_button(desk, BTN_LEFT, false);
	// Not without a button, and not with an old press.
	xdg_toplevel_move(client->toplevel, client->seat, client->button_serial);
	desk_settle(desk);
	desk_move_by(desk, 30, 10);
	desk_button(desk, BTN_LEFT, true);
	xdg_toplevel_move(client->toplevel, client->seat, client->button_serial - 1);
	desk_settle(desk);
	desk_move_by(desk, 30, 10);
	assert_int_equal(a->box.x, box.x + 30);
	desk_button(desk, BTN_LEFT, false);
	desk_destroy(desk);
}

static void test_bridge_asks(void **state) {
	struct desk *desk = desk_machine_create();
	struct fake_machine *machine = desk_machine_spawn(desk, "clock", "clock");
	struct test_client *bridge = desk_machine_show(desk, machine);
	struct tile *tile = float_at(desk, "Clock", 100, 100);
	test_client_show(bridge, 1, 1);
	desk_settle(desk);
	desk_move_to(desk, 300, 250);
	desk_button(desk, BTN_LEFT, true);
	xdg_toplevel_move(bridge->toplevel, bridge->seat, bridge->button_serial);
	desk_settle(desk);
	desk_move_by(desk, 30, 10);
	assert_int_equal(tile->box.x, 100);
	desk_button(desk, BTN_LEFT, false);
	desk_destroy(desk);
}

// --- tiles --------------------------------------------------------------------------------

// H[a b c]: 426, 427 and 427 wide.
static struct desk *three(void) {
	struct desk *desk = desk_create(&alt);
	desk_connect_shown(desk, "a");
	desk_connect_shown(desk, "b");
	desk_connect_shown(desk, "c");
	assert_tree(active(desk), "H[a b c]");
	return desk;
}

static void test_drop_beside(void **state) {
	struct desk *desk = three();
	struct tile *b = desk_tile(desk, "b");
	double middle = b->box.x + b->box.width / 2.0;
	press(desk, BTN_LEFT, 100, 400);
	assert_false(has_preview(desk));
	desk_move_to(desk, middle, 690);
	assert_true(has_preview(desk));
	desk_button(desk, BTN_LEFT, false);
	assert_false(has_preview(desk));
	assert_tree(active(desk), "H[V[b a] c]");
	assert_true(desk_tile(desk, "a")->focused);
	struct tile *c = desk_tile(desk, "c");
	drag(desk, BTN_LEFT, c->box.x + 300, 300, 30, 200);
	assert_tree(active(desk), "V[H[c b] a]");
	desk_destroy(desk);
}

static void test_drop_middle(void **state) {
	struct desk *desk = three();
	struct wlr_box box = desk_tile(desk, "c")->box;
	drag(desk, BTN_LEFT, 100, 400, box.x + box.width / 2.0, 360);
	assert_tree(active(desk), "H[c b a]");
	assert_true(desk_tile(desk, "a")->focused);
	desk_destroy(desk);
}

static void test_drop_on_title(void **state) {
	struct desk *desk = three();
	struct tile *b = desk_tile(desk, "b");
	drag(desk, BTN_LEFT, 100, 400, b->box.x + 100, 14);
	assert_tree(active(desk), "H[T[b a] c]");
	assert_true(desk_tile(desk, "a")->focused);
	// Tabs are put in order by dragging them.
	int row = b->box.x + b->title.x;
	drag(desk, BTN_LEFT, row + b->title.width + 50, 14, row + 50, 14);
	assert_tree(active(desk), "H[T[a b] c]");
	drag(desk, BTN_LEFT, desk_tile(desk, "c")->box.x + 100, 400, row + 50, 14);
	assert_tree(active(desk), "T[a c b]");
	desk_destroy(desk);
}

static void test_drop_on_edge(void **state) {
	struct desk *desk = three();
	drag(desk, BTN_LEFT, 600, 400, 500, 718);
	assert_tree(active(desk), "V[H[a c] b]");
	drag(desk, BTN_LEFT, 600, 600, 2, 300);
	assert_tree(active(desk), "H[b a c]");
	desk_destroy(desk);
}

static void test_drop_nowhere(void **state) {
	struct desk *desk = three();
	press(desk, BTN_LEFT, 100, 400);
	desk_move_to(desk, 600, 690);
	assert_true(has_preview(desk));
	desk_move_to(desk, 120, 400); // its own place
	assert_false(has_preview(desk));
	desk_move_to(desk, 600, 690);
	desk_tap(desk, KEY_ESC);
	assert_false(has_preview(desk));
	desk_button(desk, BTN_LEFT, false);
	assert_tree(active(desk), "H[a b c]");
	// A click on a title bar is a click.
	desk_move_to(desk, 100, 14);
	desk_button(desk, BTN_LEFT, true);
	desk_move_by(desk, 3, 0);
	desk_button(desk, BTN_LEFT, false);
	assert_tree(active(desk), "H[a b c]");
	assert_true(desk_tile(desk, "a")->focused);
	// The tile that it would go to goes first.
	press(desk, BTN_LEFT, 100, 400);
	desk_move_to(desk, 1200, 400);
	desk_disconnect(desk, desk->clients[2]);
	desk_button(desk, BTN_LEFT, false);
	assert_int_equal(wl_list_length(&desk->server->tiles), 2);
	// The tile itself does.
	press(desk, BTN_LEFT, 100, 400);
	desk_move_to(desk, 1200, 400);
	assert_true(has_preview(desk));
	desk_disconnect(desk, desk->clients[0]);
	assert_false(has_preview(desk));
	desk_button(desk, BTN_LEFT, false);
	// One floats while it is dragged.
	press(desk, BTN_LEFT, 100, 400);
	desk_run(desk, "floating");
	desk_move_to(desk, 700, 400);
	desk_button(desk, BTN_LEFT, false);
	desk_destroy(desk);
}

static void test_drop_on_another_workspace(void **state) {
	struct desk *desk = three();
	desk_run(desk, "workspace 2");
	desk_connect_shown(desk, "x");
	desk_run(desk, "workspace 1");
	press(desk, BTN_LEFT, 100, 400);
	desk_run(desk, "workspace 2");
	desk_move_to(desk, 1200, 400);
	assert_true(has_preview(desk));
	desk_button(desk, BTN_LEFT, false);
	assert_tree(active(desk), "H[x a]");
	assert_int_equal(active(desk)->number, 2);
	// In the middle they change places, across workspaces too.
	press(desk, BTN_LEFT, 100, 400);
	desk_run(desk, "workspace 1");
	struct wlr_box box = desk_tile(desk, "b")->box;
	desk_move_to(desk, box.x + box.width / 2.0, 360);
	desk_button(desk, BTN_LEFT, false);
	assert_tree(active(desk), "H[x c]");
	assert_true(desk_tile(desk, "x")->focused);
	assert_int_equal(desk_tile(desk, "b")->workspace->number, 2);
	desk_run(desk, "workspace 2");
	assert_tree(active(desk), "H[b a]");
	desk_destroy(desk);
}

static void test_tile_edges(void **state) {
	struct desk *desk = three();
	struct tile *b = desk_tile(desk, "b");
	struct wlr_box box = b->box;
	press(desk, BTN_RIGHT, box.x + 50, 300);
	desk_move_by(desk, -40, 100);
	assert_box(b->box, box.x - 40, 0, box.width + 40, 720);
	desk_tap(desk, KEY_ESC);
	assert_box(b->box, box.x, 0, box.width, 720);
	desk_button(desk, BTN_RIGHT, false);
	// At the edge of the screen the other edge is moved.
	drag(desk, BTN_RIGHT, 50, 300, 80, 300);
	assert_int_equal(desk_tile(desk, "a")->box.width, box.x + 30);
	// By the edge itself.
	int edge = b->box.x;
	desk_move_to(desk, edge, 300);
	assert_string_equal(desk->server->seat->pointer->shape, "ew-resize");
	desk_button(desk, BTN_LEFT, true);
	desk_move_by(desk, 11, 0);
	desk_button(desk, BTN_LEFT, false);
	assert_int_equal(b->box.x, edge + 11);
	desk_destroy(desk);
}

// What floats hides the edges between the tiles under it.
static void test_edge_under_floating(void **state) {
	struct desk *desk = three();
	struct tile *c = float_at(desk, "c", 500, 200);
	int edge = desk_tile(desk, "b")->box.x;
	assert_true(edge > c->box.x && edge < c->box.x + c->box.width);
	desk_move_to(desk, edge, c->box.y + 12);
	assert_string_equal(desk->server->seat->pointer->shape, "default");
	desk_button(desk, BTN_LEFT, true);
	desk_move_by(desk, 40, 0);
	desk_button(desk, BTN_LEFT, false);
	assert_int_equal(desk_tile(desk, "b")->box.x, edge);
	assert_int_equal(c->box.x, 540);
	desk_destroy(desk);
}

static void test_focus_follows_pointer(void **state) {
	const struct desk_options options = {.config = "mod Alt\nfocus-follows-pointer yes\n"};
	struct desk *desk = desk_create(&options);
	desk_connect_shown(desk, "a");
	desk_connect_shown(desk, "b");
	struct tile *b = float_at(desk, "b", 100, 100);
	desk_move_to(desk, 900, 600);
	assert_true(desk_tile(desk, "a")->focused);
	desk_move_to(desk, 300, 250);
	assert_true(b->focused);
	desk_move_to(desk, 305, 260);
	desk_move_to(desk, 900, 600);
	assert_true(desk_tile(desk, "a")->focused);
	// A drag takes no other window's focus on its way.
	press(desk, BTN_LEFT, 300, 250);
	desk_move_to(desk, 800, 400);
	assert_true(b->focused);
	desk_button(desk, BTN_LEFT, false);
	assert_true(b->focused);
	desk_destroy(desk);
}

static void test_swap_command(void **state) {
	struct desk *desk = three();
	char line[32];
	snprintf(line, sizeof(line), "swap window %u", desk_tile(desk, "a")->id);
	desk_run(desk, line);
	assert_tree(active(desk), "H[c b a]");
	assert_true(desk_tile(desk, "c")->focused);
	desk_destroy(desk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_move_floating),
		cmocka_unit_test(test_resize_floating),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_to_another_output),
		cmocka_unit_test(test_client_asks),
		cmocka_unit_test(test_bridge_asks),
		cmocka_unit_test(test_drop_beside),
		cmocka_unit_test(test_drop_middle),
		cmocka_unit_test(test_drop_on_title),
		cmocka_unit_test(test_drop_on_edge),
		cmocka_unit_test(test_drop_nowhere),
		cmocka_unit_test(test_drop_on_another_workspace),
		cmocka_unit_test(test_tile_edges),
		cmocka_unit_test(test_edge_under_floating),
		cmocka_unit_test(test_focus_follows_pointer),
		cmocka_unit_test(test_swap_command),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
