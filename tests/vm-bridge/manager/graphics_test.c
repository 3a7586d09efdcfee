#include <cmocka.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "graphics.h"
#include "program.h"

/* Stands for a render node: a device that anybody may open. */
#define NODE "/dev/null"

static void assert_described(const struct graphics *graphics, const char *expected) {
	char *text = graphics_describe(graphics);
	assert_string_equal(text, expected);
	free(text);
}

static void test_plain(void **state) {
	struct program program = {.virgl = false};
	struct graphics graphics = {0};
	graphics_choose(&graphics, &program, NODE, "redecho-render is not installed");
	assert_int_equal(graphics.way, GRAPHICS_2D);
	assert_described(&graphics, "2d");
	assert_false(graphics_step_down(&graphics, "no"));
	graphics_finish(&graphics);
}

static void test_choice(void **state) {
	struct program program = {.virgl = true};
	struct graphics graphics = {0};
	graphics_choose(&graphics, &program, NODE, NULL);
	assert_int_equal(graphics.way, GRAPHICS_GL);
	assert_string_equal(graphics.node, NODE);
	assert_described(&graphics, "virgl on " NODE);

	graphics_choose(&graphics, &program, "", NULL);
	assert_int_equal(graphics.way, GRAPHICS_DEVICE);
	assert_null(graphics.node);
	assert_described(&graphics, "virgl in software: the desk has no render node");
	graphics_choose(&graphics, &program, NULL, NULL);
	assert_described(&graphics, "virgl in software: the desk has no render node");

	// The program's own, also where it cannot be used.
	program.render_node = "/dev/zero";
	graphics_choose(&graphics, &program, NODE, NULL);
	assert_described(&graphics, "virgl on /dev/zero");
	program.render_node = "/dev/dri/none";
	graphics_choose(&graphics, &program, NODE, NULL);
	assert_int_equal(graphics.way, GRAPHICS_DEVICE);
	assert_null(graphics.node);
	assert_described(&graphics, "virgl in software: /dev/dri/none: No such file or directory");

	graphics_choose(&graphics, &program, NODE, "redecho-render is not installed");
	assert_int_equal(graphics.way, GRAPHICS_2D);
	assert_described(&graphics, "2d: redecho-render is not installed");
	graphics_finish(&graphics);
}

static void test_step_down(void **state) {
	struct program program = {.virgl = true};
	struct graphics graphics = {0};
	graphics_choose(&graphics, &program, NODE, NULL);
	assert_true(graphics_step_down(&graphics, "no GL\nsecond line"));
	assert_int_equal(graphics.way, GRAPHICS_DEVICE);
	assert_string_equal(graphics.node, NODE); // the renderer needs nothing of QEMU
	assert_described(&graphics, "virgl on " NODE ": QEMU does not start with OpenGL: no GL");
	assert_true(graphics_step_down(&graphics,
		"internal error: QEMU unexpectedly closed the monitor (vm='p'): "
		"2026-11-23T04:07:03Z "
		"qemu-system-x86_64: no device"));
	assert_int_equal(graphics.way, GRAPHICS_2D);
	assert_null(graphics.node);
	assert_described(&graphics, "2d: QEMU does not start with 3D: no device");
	assert_false(graphics_step_down(&graphics, "nothing at all"));
	assert_described(&graphics, "2d: QEMU does not start with 3D: no device");
	graphics_finish(&graphics);
}

static void test_nodes(void **state) {
	char folder[] = "/tmp/re-node.XXXXXX";
	assert_non_null(mkdtemp(folder));
	char *path = format_string("%s/fifo", folder);
	assert_int_equal(mkfifo(path, 0600), 0); // nobody writes to it: an open would wait
	char *reason = graphics_check_node(path);
	char *expected = format_string("%s is no device", path);
	assert_string_equal(reason, expected);
	free(reason);
	free(expected);
	reason = graphics_check_node(folder);
	assert_non_null(reason);
	free(reason);
	assert_null(graphics_check_node(NODE));
	file_remove_tree(folder);
	free(path);
}

static void test_names(void **state) {
	for (int way = GRAPHICS_2D; way <= GRAPHICS_GL; way++) {
		const char *name = graphics_way_name((enum graphics_way)way);
		assert_int_equal(graphics_way_of(name), way);
	}
	assert_int_equal(graphics_way_of(NULL), GRAPHICS_2D);
	assert_int_equal(graphics_way_of("of another version"), GRAPHICS_2D);
}

/* What it is made from may be what it has. */
static void test_itself(void **state) {
	struct graphics graphics = {0};
	graphics_set(&graphics, GRAPHICS_GL, NODE, "a");
	graphics_set(&graphics, GRAPHICS_DEVICE, graphics.node, graphics.why);
	assert_string_equal(graphics.node, NODE);
	assert_string_equal(graphics.why, "a");
	graphics_finish(&graphics);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_choice),
		cmocka_unit_test(test_step_down),
		cmocka_unit_test(test_nodes),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_itself),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
