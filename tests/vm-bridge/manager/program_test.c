#include <cmocka.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "program.h"

struct fixture {
	char folder[32];
	char *machines;
	const char *program_dirs[3], *machine_dirs[2];
	struct program_search search;
};

static void touch(const char *folder, const char *name, const char *content) {
	char *path = format_string("%s/%s", folder, name);
	assert_int_equal(file_write(path, content, strlen(content), 0600), 0);
	free(path);
}

static int setup(void **state) {
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	strcpy(fixture->folder, "/tmp/re-program.XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	fixture->machines = format_string("%s/machines", fixture->folder);
	char *folder = format_string("%s/linux-term", fixture->machines);
	assert_int_equal(file_make_folders(folder), 0);
	touch(folder, "vmlinuz", "kernel");
	touch(folder, "initrd", "initrd");
	touch(folder, "cmdline", "quiet splash\nsecond line\n");
	touch(fixture->folder, "here.elf", "kernel");
	touch(fixture->machines, "there.elf", "kernel");
	touch(fixture->folder, "disk.qcow2", "disk");
	touch(fixture->folder, "disk.img", "QFI\xfb");
	free(folder);
	fixture->program_dirs[0] = fixture->folder;
	fixture->machine_dirs[0] = fixture->machines;
	fixture->search.program_dirs = fixture->program_dirs;
	fixture->search.machine_dirs = fixture->machine_dirs;
	*state = fixture;
	return 0;
}

static int teardown(void **state) {
	struct fixture *fixture = *state;
	file_remove_tree(fixture->folder);
	free(fixture->machines);
	free(fixture);
	return 0;
}

static struct program *parse(struct fixture *fixture, const char *text, char **error) {
	char *path = format_string("%s/p.scfg", fixture->folder);
	*error = NULL;
	struct program *program = program_parse(
		&fixture->search, "p", path, text, strlen(text), error);
	free(path);
	return program;
}

static void test_everything(void **state) {
	struct fixture *fixture = *state;
	char *error;
	struct program *program = parse(fixture,
		"# a comment\n"
		"program p {\n"
		"\ttitle \"A <title> & more \xc3\xa4\"\n"
		"\tlabel work\n"
		"\tkernel here.elf\n"
		"\tinitrd there.elf\n"
		"\tcmdline \"a b\"\n"
		"\tmemory 2G\n"
		"\tmemory-max 3G\n"
		"\tcpus 3\n"
		"\tgraphics virgl \"/dev/dri/render D\"\n"
		"\tdisplays 16\n"
		"\tnetwork user\n"
		"\tpointer mouse\n"
		"\tephemeral yes\n"
		"\tgrace 1500ms\n"
		"}\n",
		&error);
	assert_null(error);
	assert_string_equal(program->title, "A <title> & more \xc3\xa4");
	assert_string_equal(program->label, "work");
	assert_int_equal(program->boot, PROGRAM_BOOT_KERNEL);
	assert_string_equal(strrchr(program->kernel, '/'), "/here.elf");
	assert_int_equal(strncmp(program->initrd, fixture->machines, strlen(fixture->machines)), 0);
	assert_string_equal(program->cmdline, "a b");
	assert_true(program->memory_bytes == UINT64_C(2) << 30);
	assert_true(program->memory_max_bytes == UINT64_C(3) << 30);
	assert_int_equal(program->cpus, 3);
	assert_int_equal(program->displays, 16);
	assert_true(program->virgl && program->mouse && program->ephemeral);
	assert_string_equal(program->render_node, "/dev/dri/render D");
	assert_int_equal(program->network, PROGRAM_NETWORK_USER);
	assert_int_equal(program->grace_ms, 1500);
	program_destroy(program);
}

static void test_defaults(void **state) {
	char *error;
	struct program *program = parse(*state, "program p {\n kernel here.elf\n}\n", &error);
	assert_null(error);
	assert_string_equal(program->title, "p");
	assert_string_equal(program->label, "");
	assert_true(program->memory_bytes == UINT64_C(256) << 20);
	assert_int_equal(program->cpus, 1);
	assert_int_equal(program->displays, 1);
	assert_int_equal(program->network, PROGRAM_NETWORK_NONE);
	assert_false(program->ephemeral || program->virgl || program->mouse);
	assert_null(program->render_node);
	assert_int_equal(program->grace_ms, 5000);
	program_destroy(program);
	program = parse(*state, "program p {\n kernel here.elf\n graphics virgl\n}\n", &error);
	assert_true(program->virgl);
	assert_null(program->render_node);
	program_destroy(program);
}

static void test_linux(void **state) {
	struct fixture *fixture = *state;
	char *error;
	struct program *program = parse(fixture, "program p {\n linux term\n}\n", &error);
	assert_null(error);
	assert_true(program->is_linux);
	assert_string_equal(strrchr(program->kernel, '/'), "/vmlinuz");
	assert_string_equal(strrchr(program->initrd, '/'), "/initrd");
	assert_string_equal(program->cmdline, "quiet splash");
	program_destroy(program);
	// The program's own command line wins, wherever it stands.
	program = parse(fixture, "program p {\n linux term\n cmdline mine\n}\n", &error);
	assert_string_equal(program->cmdline, "mine");
	program_destroy(program);
	program = parse(fixture, "program p {\n cmdline mine\n linux term\n}\n", &error);
	assert_string_equal(program->cmdline, "mine");
	assert_null(program->disk);
	program_destroy(program);
	// A disk beside the kernel is the machine's, too, whatever is in it, and nobody writes to it.
	char *folder = format_string("%s/linux-term", fixture->machines);
	touch(folder, "disk", "QFI\xfb");
	free(folder);
	program = parse(fixture, "program p {\n linux term\n}\n", &error);
	assert_string_equal(strrchr(program->disk, '/'), "/disk");
	assert_true(program->disk_read_only);
	assert_int_equal(program->disk_format, PROGRAM_DISK_RAW);
	assert_int_equal(program->boot, PROGRAM_BOOT_KERNEL);
	program_destroy(program);
}

static void test_disk_format_is_by_name(void **state) {
	char *error;
	struct program *program = parse(*state, "program p {\n disk disk.qcow2\n}\n", &error);
	assert_int_equal(program->disk_format, PROGRAM_DISK_QCOW2);
	program_destroy(program);
	// A guest that owns a raw disk could have written qcow2's magic into it.
	program = parse(*state, "program p {\n disk disk.img\n}\n", &error);
	assert_int_equal(program->disk_format, PROGRAM_DISK_RAW);
	program_destroy(program);
}

static const struct {
	const char *text;
	const char *error; // after the path
} mistakes[] = {
	{"", ":1:1: there is no program block"},
	{"# nothing\n", ":1:1: there is no program block"},
	{"programme p {\n}\n", ":1:1: expected: program p { ... }"},
	{"program q {\n}\n", ":1:9: the file is for p, not for q"},
	{"program p {\n\n  kernell here.elf\n}\n", ":3:3: kernell is not known"},
	{"program p {\n}\n", ":1:1: one of kernel, linux, disk and uefi is needed"},
	{"program p {\n kernel here.elf\n disk disk.img\n}\n",
		":3:2: only one of kernel, linux, disk and uefi can stand"},
	{"program p {\n kernel here.elf\n kernel here.elf\n}\n", ":3:2: kernel stands twice"},
	{"program p {\n kernel here.elf there.elf\n}\n", ":2:18: kernel takes one parameter"},
	{"program p {\n kernel\n}\n", ":2:2: kernel takes one parameter"},
	{"program p {\n kernel here.elf {\n  a\n }\n}\n", ":2:2: kernel takes no block"},
	{"program p {\n kernel here.elf\n memory 64M\n memory-max 63M\n}\n",
		":1:1: memory-max is less than memory: the machine would be killed for using what "
		"it has"},
	{"program p {\n kernel here.elf\n memory-max 1M\n}\n", ":3:13: 1M is out of range"},
	{"program p {\n kernel here.elf\n label Host\n}\n",
		":3:8: host is the label of what runs on the host: a machine cannot have it"},
	{"program p {\n kernel here.elf\n memory 3K\n}\n", ":3:9: \"3K\" has no unit known here"},
	{"program p {\n kernel here.elf\n memory 1M\n}\n", ":3:9: 1M is out of range"},
	{"program p {\n kernel here.elf\n memory 99999999999G\n}\n",
		":3:9: 99999999999G is out of range"},
	{"program p {\n kernel here.elf\n memory 99999999999999999999M\n}\n",
		":3:9: \"99999999999999999999M\" is not a number"},
	{"program p {\n kernel here.elf\n memory -1M\n}\n", ":3:9: \"-1M\" is not a number"},
	{"program p {\n kernel here.elf\n cpus 0\n}\n", ":3:7: 0 is out of range"},
	{"program p {\n kernel here.elf\n displays 0\n}\n", ":3:11: 0 is out of range"},
	{"program p {\n kernel here.elf\n displays 17\n}\n", ":3:11: 17 is out of range"},
	{"program p {\n kernel here.elf\n displays 2x\n}\n",
		":3:11: \"2x\" has no unit known here"},
	{"program p {\n kernel here.elf\n graphics 3d\n}\n",
		":3:11: \"3d\" is neither 2d nor virgl"},
	{"program p {\n kernel here.elf\n graphics 2d /dev/dri/renderD128\n}\n",
		":3:14: a render node goes with virgl"},
	{"program p {\n kernel here.elf\n graphics virgl renderD128\n}\n",
		":3:17: a render node is an absolute path: /dev/dri/renderD128"},
	{"program p {\n kernel here.elf\n graphics virgl \"/a\tb\"\n}\n",
		":3:17: a render node is an absolute path: /dev/dri/renderD128"},
	{"program p {\n kernel here.elf\n graphics virgl /a /b\n}\n",
		":3:20: graphics takes one parameter or two"},
	{"program p {\n kernel here.elf\n graphics\n}\n",
		":3:2: graphics takes one parameter or two"},
	{"program p {\n kernel here.elf\n network all\n}\n",
		":3:10: \"all\" is neither none nor user"},
	{"program p {\n kernel here.elf\n title  \"a\tb\"\n}\n",
		":3:9: not UTF-8, or with control characters"},
	{"program p {\n kernel here.elf\n title \"\xff\"\n}\n",
		":3:8: not UTF-8, or with control characters"},
	{"program p {\n kernel here.elf\n title \"\xed\xa0\x80\"\n}\n",
		":3:8: not UTF-8, or with control characters"},
	{"program p {\n kernel here.elf\n title \"\xc2\x85\"\n}\n",
		":3:8: not UTF-8, or with control characters"},
	{"program p {\n disk disk.img\n cmdline a\n}\n",
		":1:1: initrd and cmdline go with kernel or linux only"},
	{"program p {\n kernel nowhere.elf\n}\n",
		":2:9: nowhere.elf is neither beside this file nor in a machines folder"},
	{"program p {\n linux ../x\n}\n", ":2:8: that is not a Linux machine's name"},
	{"program p {\n kernel here.elf\n}\nprogram q {\n}\n", ":4:1: a file holds one program"},
	{"program p {\n kernel here.elf\n", ":2:17: the file ends inside a block or a quoted word"},
	{"program p {\n title \"x\n}\n", ":2:10: that cannot stand here"},
};

static void test_mistakes(void **state) {
	struct fixture *fixture = *state;
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		char *error;
		struct program *program = parse(fixture, mistakes[i].text, &error);
		char *expected = format_string("%s/p.scfg%s", fixture->folder, mistakes[i].error);
		assert_null(program);
		assert_string_equal(error, expected);
		free(expected);
		free(error);
	}
}

static void test_nul_byte(void **state) {
	struct fixture *fixture = *state;
	static const char text[] = "program p {\n ker\0nel here.elf\n}\n";
	char *error = NULL;
	assert_null(program_parse(&fixture->search, "p", "f", text, sizeof(text) - 1, &error));
	assert_string_equal(error, "f:2:5: a NUL byte");
	free(error);
}

static void test_every_cut(void **state) {
	// Whatever part of a file is there: an error or a program, and nothing is read beyond it.
	static const char whole[] = "program p {\n\ttitle \"a \\\" b\" # c\n\tkernel here.elf\n}\n";
	struct fixture *fixture = *state;
	for (size_t size = 0; size < sizeof(whole) - 1; size++) {
		char *part = malloc(size + 1);
		memcpy(part, whole, size);
		part[size] = '\0';
		char *error = NULL;
		struct program *program = program_parse(
			&fixture->search, "p", "f", part, size, &error);
		assert_true((program == NULL) == (error != NULL));
		program_destroy(program);
		free(error);
		free(part);
	}
}

static void test_load(void **state) {
	struct fixture *fixture = *state;
	char *error = NULL;
	assert_null(program_load(&fixture->search, "none", &error));
	assert_string_equal(error, "there is no program none");
	free(error);
	assert_null(program_load(&fixture->search, "../p", &error));
	assert_string_equal(error, "that is not a program's name");
	free(error);

	char *big = malloc(70000);
	memset(big, '#', 70000);
	big[69999] = '\0';
	touch(fixture->folder, "big.scfg", big);
	free(big);
	assert_null(program_load(&fixture->search, "big", &error));
	assert_non_null(strstr(error, "longer than 64 KiB"));
	free(error);

	touch(fixture->folder, "fine.scfg", "program fine {\n kernel here.elf\n}\n");
	struct program *program = program_load(&fixture->search, "fine", &error);
	assert_non_null(program);
	program_destroy(program);
}

static void test_list(void **state) {
	struct fixture *fixture = *state;
	fixture->program_dirs[1] = fixture->machines;
	touch(fixture->folder, "zeta.scfg", "");
	touch(fixture->folder, ".hidden.scfg", "");
	touch(fixture->folder, "no-suffix", "");
	touch(fixture->machines, "alpha.scfg", "");
	touch(fixture->machines, "zeta.scfg", "");
	char **names = program_list(&fixture->search);
	assert_string_equal(names[0], "alpha");
	assert_string_equal(names[1], "zeta");
	assert_null(names[2]);
	program_list_destroy(names);
}

/* What is shipped, and what the man page shows, is read without a complaint. */
static void test_shipped(void **state) {
	static const char *const names[] = {"clock", "notes", "terminal", "cube"};
	struct fixture *fixture = *state;
	touch(fixture->machines, "clock.elf", "kernel");
	touch(fixture->machines, "notes.elf", "kernel");
	static const char *const machines[] = {"terminal", "gl"};
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		char *folder = format_string("%s/linux-%s", fixture->machines, machines[i]);
		assert_int_equal(file_make_folders(folder), 0);
		touch(folder, "vmlinuz", "kernel");
		touch(folder, "initrd", "initrd");
		free(folder);
	}
	fixture->program_dirs[0] = SOURCE_ROOT "/configs/programs";
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *error = NULL;
		struct program *program = program_load(&fixture->search, names[i], &error);
		if (program == NULL) {
			fail_msg("%s", error);
		}
		program_destroy(program);
	}

	size_t size_bytes;
	char *page = file_read(SOURCE_ROOT "/docs/redecho-program.5.scd", 65536, &size_bytes);
	assert_non_null(page);
	char *start = strstr(page, "```\n");
	assert_non_null(start);
	start += 4;
	char *end = strstr(start, "```\n");
	assert_non_null(end);
	char *error = NULL;
	struct program *program = program_parse(
		&fixture->search, "notes", "page", start, (size_t)(end - start), &error);
	if (program == NULL) {
		fail_msg("%s", error);
	}
	program_destroy(program);
	free(page);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_everything, setup, teardown),
		cmocka_unit_test_setup_teardown(test_defaults, setup, teardown),
		cmocka_unit_test_setup_teardown(test_linux, setup, teardown),
		cmocka_unit_test_setup_teardown(test_disk_format_is_by_name, setup, teardown),
		cmocka_unit_test_setup_teardown(test_mistakes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nul_byte, setup, teardown),
		cmocka_unit_test_setup_teardown(test_every_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(test_load, setup, teardown),
		cmocka_unit_test_setup_teardown(test_list, setup, teardown),
		cmocka_unit_test_setup_teardown(test_shipped, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
