#include <cmocka.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "machine.h"
#include "machine_settings.h"

#define MIB (1024 * 1024)

static void write_mib(int fd, char letter, int count) {
	char *block = malloc(MIB);
	memset(block, letter, MIB);
	for (int i = 0; i < count; i++) {
		assert_int_equal(write(fd, block, MIB), MIB);
	}
	free(block);
}

/* A guest that writes for ever costs a bounded part of the disk, and its last words stay. */
static void test_trim_log(void **state) {
	char folder[] = "/tmp/re-settings.XXXXXX";
	assert_non_null(mkdtemp(folder));
	struct machine machine = {.folder = folder};
	char *path = machine_serial_path(&machine);
	machine_trim_log(&machine); // there is none yet

	int fd = open(path, O_RDWR | O_CREAT | O_APPEND, 0600);
	struct stat st;
	write_mib(fd, 'a', 3);
	machine_trim_log(&machine);
	assert_int_equal(fstat(fd, &st), 0);
	assert_true(st.st_blocks * 512 >= 3 * MIB);

	write_mib(fd, 'b', 3);
	machine_trim_log(&machine);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 6 * MIB);
	assert_true(st.st_blocks * 512 <= 2 * MIB);
	char byte = 0;
	assert_int_equal(pread(fd, &byte, 1, 5 * MIB), 1);
	assert_int_equal(byte, 'b');
	close(fd);
	free(path);
	file_remove_tree(folder);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trim_log),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
