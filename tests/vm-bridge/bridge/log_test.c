// A line of the log is a line, whatever is in it.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fake_cmocka.h"
#include "log.h"

/** What a guest or QEMU may have had a hand in does not reach a terminal as control codes. */
static void test_control_codes(void **state) {
	const struct log log = {.name = "test", .level = LOG_INFO};
	char text[256] = {0};
	int pipe_fds[2];
	assert_int_equal(pipe(pipe_fds), 0);
	const int standard_error = dup(STDERR_FILENO);
	dup2(pipe_fds[1], STDERR_FILENO);
	log_write(&log, LOG_ERROR, "%s", "one\nredecho: two\x1b[2J\x7f \xc3\xa4");
	log_write(&log, LOG_DEBUG, "not at this level");
	dup2(standard_error, STDERR_FILENO);
	close(standard_error);
	close(pipe_fds[1]);
	assert_true(read(pipe_fds[0], text, sizeof(text) - 1) > 0);
	close(pipe_fds[0]);
	assert_string_equal(text, "redecho-bridge[test]: one?redecho: two?[2J? \xc3\xa4\n");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_control_codes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
