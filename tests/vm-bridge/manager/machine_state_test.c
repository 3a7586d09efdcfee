#include <cmocka.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "machine_state.h"

#define UUID "3285713c-d4d3-4f69-a55a-87ba277812d2"

static const struct machine_state example = {
	.name = "clock-2",
	.program = "clock",
	.uuid = UUID,
	.overlay = "/a b/o.qcow2",
	.title = "A clock",
	.label = "work",
	.devices = "gpu keyboard",
	.memory_bytes = UINT64_C(5) << 32,
	.memory_max_bytes = UINT64_C(6) << 32,
	.cpus = 3,
	.bridge_pid = 4711,
	.bridge_start_time = UINT64_C(12345678901234),
	.graphics_way = "device",
	.graphics_node = "/dev/dri/renderD128",
	.graphics_why = "QEMU: no OpenGL",
	.renderer_pid = 4712,
	.renderer_start_time = UINT64_C(12345678901299),
};

static char *temporary(void) {
	char folder[] = "/tmp/re-state.XXXXXX";
	assert_non_null(mkdtemp(folder));
	return format_string("%s/state", folder);
}

static void remove_with_folder(char *path) {
	*strrchr(path, '/') = '\0';
	file_remove_tree(path);
	free(path);
}

static void test_round_trip(void **state) {
	char *path = temporary();
	struct machine_state read;
	assert_int_equal(machine_state_write(&example, path), 0);
	assert_true(machine_state_read(&read, path));
	assert_string_equal(read.name, example.name);
	assert_string_equal(read.program, example.program);
	assert_string_equal(read.uuid, example.uuid);
	assert_string_equal(read.overlay, example.overlay);
	assert_string_equal(read.title, example.title);
	assert_string_equal(read.label, example.label);
	assert_string_equal(read.devices, example.devices);
	assert_true(read.memory_bytes == example.memory_bytes);
	assert_true(read.memory_max_bytes == example.memory_max_bytes);
	assert_int_equal(read.cpus, example.cpus);
	assert_int_equal(read.bridge_pid, example.bridge_pid);
	assert_true(read.bridge_start_time == example.bridge_start_time);
	assert_string_equal(read.graphics_way, example.graphics_way);
	assert_string_equal(read.graphics_node, example.graphics_node);
	assert_string_equal(read.graphics_why, example.graphics_why);
	assert_int_equal(read.renderer_pid, example.renderer_pid);
	assert_true(read.renderer_start_time == example.renderer_start_time);
	machine_state_finish(&read);
	remove_with_folder(path);
}

static void test_no_line_breaks(void **state) {
	char *path = temporary();
	struct machine_state broken = example;
	broken.overlay = "/a\nname evil";
	assert_int_equal(machine_state_write(&broken, path), -EINVAL);
	broken = example;
	broken.title = "A clock\nlabel host";
	assert_int_equal(machine_state_write(&broken, path), -EINVAL);
	broken = example;
	broken.graphics_why = "QEMU\nrenderer-pid 1";
	assert_int_equal(machine_state_write(&broken, path), -EINVAL);
	assert_int_equal(access(path, F_OK), -1);
	remove_with_folder(path);
}

static void test_every_cut_is_refused(void **state) {
	char *path = temporary();
	assert_int_equal(machine_state_write(&example, path), 0);
	size_t size_bytes;
	char *whole = file_read(path, 65536, &size_bytes);
	assert_non_null(whole);
	// Up to, not including, "end".
	for (size_t size = 0; size < size_bytes - 1; size++) {
		struct machine_state read;
		assert_int_equal(file_write(path, whole, size, 0600), 0);
		assert_false(machine_state_read(&read, path));
	}
	free(whole);
	remove_with_folder(path);
}

static void test_nonsense_is_refused(void **state) {
	static const char *const texts[] = {
		"name a/b\nprogram p\nuuid " UUID "\nbridge-pid 5\nend\n",
		"name a\nprogram ../p\nuuid " UUID "\nbridge-pid 5\nend\n",
		"name a\nprogram p\nuuid nonsense\nbridge-pid 5\nend\n",
		"name a\nprogram p\nuuid " UUID "\nbridge-pid 1\nend\n",
		"name a\nprogram p\nuuid " UUID "\nbridge-pid -1\nend\n",
		"end\n",
	};
	char *path = temporary();
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct machine_state read;
		assert_int_equal(file_write(path, texts[i], strlen(texts[i]), 0600), 0);
		assert_false(machine_state_read(&read, path));
	}
	remove_with_folder(path);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_no_line_breaks),
		cmocka_unit_test(test_every_cut_is_refused),
		cmocka_unit_test(test_nonsense_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
