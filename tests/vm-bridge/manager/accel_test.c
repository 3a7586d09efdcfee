#include <cmocka.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "accel.h"
#include "file.h"

struct fixture {
	char folder[32];
	char *cache, *device;
	struct wl_event_loop *loop;
};

static int setup(void **state) {
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	strcpy(fixture->folder, "/tmp/re-accel.XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	fixture->cache = format_string("%s/cache", fixture->folder);
	fixture->device = format_string("%s/kvm", fixture->folder);
	fixture->loop = wl_event_loop_create();
	*state = fixture;
	return 0;
}

static int teardown(void **state) {
	struct fixture *fixture = *state;
	wl_event_loop_destroy(fixture->loop);
	file_remove_tree(fixture->folder);
	free(fixture->cache);
	free(fixture->device);
	free(fixture);
	return 0;
}

static struct accel *decide(struct fixture *fixture, enum accel_choice choice, const char *device) {
	const struct accel_options options = {
		.choice = choice,
		.kvm_path = device,
		.cache_path = fixture->cache,
		.timeout_ms = 400,
	};
	struct accel *accel = accel_create(fixture->loop, &options);
	assert_non_null(accel);
	while (!accel->decided) {
		assert_int_equal(wl_event_loop_dispatch(fixture->loop, 5000), 0);
	}
	return accel;
}

static void test_forced(void **state) {
	struct accel *accel = decide(*state, ACCEL_KVM, "/nonexistent");
	assert_true(accel->kvm);
	assert_string_equal(accel->notice, "");
	accel_destroy(accel);
	accel = decide(*state, ACCEL_TCG, "/dev/kvm");
	assert_false(accel->kvm);
	assert_string_equal(accel->notice, "");
	accel_destroy(accel);
}

static void test_absent(void **state) {
	struct fixture *fixture = *state;
	struct accel *accel = decide(fixture, ACCEL_AUTO, fixture->device);
	assert_false(accel->kvm);
	assert_non_null(strstr(accel->notice, "modprobe"));
	assert_int_equal(access(fixture->cache, F_OK), -1); // it may come
	accel_destroy(accel);
}

static void test_denied(void **state) {
	if (geteuid() == 0) {
		print_message("skipped: nothing is denied to root\n");
		skip();
	}
	struct fixture *fixture = *state;
	assert_int_equal(file_write(fixture->device, "", 0, 0), 0);
	struct accel *accel = decide(fixture, ACCEL_AUTO, fixture->device);
	assert_false(accel->kvm);
	assert_non_null(strstr(accel->notice, "usermod -aG kvm"));
	assert_int_equal(access(fixture->cache, F_OK), -1);
	accel_destroy(accel);
}

static void test_not_a_kvm(void **state) {
	struct fixture *fixture = *state;
	assert_int_equal(file_write(fixture->device, "", 0, 0600), 0);
	struct accel *accel = decide(fixture, ACCEL_AUTO, fixture->device);
	assert_false(accel->kvm);
	assert_non_null(strstr(accel->notice, "--accel kvm"));
	assert_int_equal(access(fixture->cache, F_OK), 0);
	accel_destroy(accel);
}

/* Whatever this machine's KVM is, the answer is there in time, and the second at once. */
static void test_this_machine(void **state) {
	struct fixture *fixture = *state;
	struct timespec start, end;
	clock_gettime(CLOCK_MONOTONIC, &start);
	struct accel *accel = decide(fixture, ACCEL_AUTO, "/dev/kvm");
	clock_gettime(CLOCK_MONOTONIC, &end);
	assert_true((end.tv_sec - start.tv_sec) * 1000 + (end.tv_nsec - start.tv_nsec) / 1000000 <
		3000);
	bool kvm = accel->kvm;
	accel_destroy(accel);
	const struct accel_options options = {
		.choice = ACCEL_AUTO,
		.kvm_path = "/dev/kvm",
		.cache_path = fixture->cache,
		.timeout_ms = 400,
	};
	accel = accel_create(fixture->loop, &options);
	assert_true(accel->decided);
	assert_int_equal(accel->kvm, kvm);
	accel_destroy(accel);
}

static void test_cache_of_another_boot(void **state) {
	struct fixture *fixture = *state;
	static const char stale[] = "00000000-0000-0000-0000-000000000000 works\n";
	assert_int_equal(file_write(fixture->cache, stale, strlen(stale), 0600), 0);
	assert_int_equal(file_write(fixture->device, "", 0, 0600), 0);
	struct accel *accel = decide(fixture, ACCEL_AUTO, fixture->device);
	assert_false(accel->kvm);
	accel_destroy(accel);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_forced, setup, teardown),
		cmocka_unit_test_setup_teardown(test_absent, setup, teardown),
		cmocka_unit_test_setup_teardown(test_denied, setup, teardown),
		cmocka_unit_test_setup_teardown(test_not_a_kvm, setup, teardown),
		cmocka_unit_test_setup_teardown(test_this_machine, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cache_of_another_boot, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
