// The real bridge under a compositor that keeps time: how often it commits, answers and wakes up.
// What is counted is the bridge's own trace of its Wayland connection.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fake_cmocka.h"
#include "nest.h"

#define BGRX VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM
#define REFRESH_HZ 20 // slow, so that a busy machine keeps up with it
#define RATE_FACTOR 4 // unfenced flushes are answered at that many times the refresh
#define BURST 8 // after as many at once
#define IDLE_S 3

#define assert_ok(call) assert_int_equal(call, VIRTIO_GPU_RESP_OK_NODATA)

struct scene {
	struct nest nest;
	struct fake_guest *guest;
	struct fake_device *gpu;
	bool done;
};

static const struct virtio_gpu_rect whole = {0, 0, NEST_WIDTH, NEST_HEIGHT};

/** What the trace tells of the guest's frames. */
struct trace {
	unsigned commits; // of the surface with the guest's frame
	unsigned callbacks; // of those, whose frame callback has come
	unsigned presented; // feedbacks, which are asked for fenced flushes only
	unsigned early; // commits before the callback of the last one
};

static int set_up(void **state) {
	*state = calloc(1, sizeof(struct scene));
	return *state == NULL;
}

static struct scene *begin(void **state) {
	struct scene *s = *state;
	nest_begin_paced(&s->nest, REFRESH_HZ * 1000);
	assert_int_equal(setenv("WAYLAND_DEBUG", "1", 1), 0);
	nest_start_bridge(&s->nest, false);
	unsetenv("WAYLAND_DEBUG");
	s->guest = fake_guest_create(64 << 20);
	s->gpu = nest_connect_gpu(&s->nest, s->guest);
	for (unsigned i = 1; i <= 2; i++) {
		assert_int_not_equal(
			fake_gpu_make_framebuffer(s->gpu, i, BGRX, NEST_WIDTH, NEST_HEIGHT), 0);
	}
	return s;
}

static int tear_down(void **state) {
	struct scene *s = *state;
	if (s->gpu != NULL) {
		fake_device_destroy(s->gpu);
	}
	if (s->guest != NULL) {
		fake_guest_destroy(s->guest);
	}
	if (s->nest.folder[0] != '\0') {
		nest_end(&s->nest, !s->done);
	}
	free(s);
	return 0;
}

/** What Linux does for a page flip. */
static void flip(struct scene *s, unsigned number, uint64_t fence) {
	const uint32_t resource = number % 2 + 1;
	assert_ok(fake_gpu_transfer(s->gpu, resource, whole, 0));
	assert_ok(fake_gpu_set_scanout(s->gpu, 0, resource, whole));
	assert_ok(fake_gpu_flush(s->gpu, resource, whole, fence));
}

static void read_line(struct trace *trace, const char *line, unsigned surface, unsigned *callback) {
	char text[64];
	const char *at;
	unsigned number;
	snprintf(text, sizeof(text), "wl_surface#%u.frame(new id wl_callback#", surface);
	if ((at = strstr(line, text)) != NULL) {
		trace->early += *callback != 0;
		*callback = (unsigned)strtoul(at + strlen(text), NULL, 10);
	}
	snprintf(text, sizeof(text), "wl_surface#%u.commit()", surface);
	trace->commits += strstr(line, text) != NULL;
	if ((at = strstr(line, "wl_callback#")) != NULL &&
		sscanf(at, "wl_callback#%u.done(", &number) == 1 && number == *callback &&
		strstr(at, ".done(") != NULL) {
		*callback = 0;
		trace->callbacks++;
	}
	trace->presented += strstr(line, ".presented(") != NULL;
}

/** The frame's surface is the one whose frame callbacks are asked for. */
static unsigned find_surface(FILE *file) {
	char line[1024];
	unsigned surface = 0;
	while (surface == 0 && fgets(line, sizeof(line), file) != NULL) {
		const char *at = strstr(line, "wl_surface#");
		if (at != NULL && strstr(at, ".frame(") != NULL) {
			surface = (unsigned)strtoul(at + strlen("wl_surface#"), NULL, 10);
		}
	}
	rewind(file);
	return surface;
}

static struct trace read_trace(const struct scene *s) {
	char path[200], line[1024];
	struct trace trace = {0};
	unsigned callback = 0;
	snprintf(path, sizeof(path), "%s/bridge.log", s->nest.folder);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	const unsigned surface = find_surface(file);
	while (surface != 0 && fgets(line, sizeof(line), file) != NULL) {
		read_line(&trace, line, surface, &callback);
	}
	fclose(file);
	return trace;
}

static unsigned long read_switches(const struct scene *s) {
	char path[64], line[256];
	unsigned long sum = 0, number;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)s->nest.bridge);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL) {
		if (sscanf(line, "voluntary_ctxt_switches: %lu", &number) == 1 ||
			sscanf(line, "nonvoluntary_ctxt_switches: %lu", &number) == 1) {
			sum += number;
		}
	}
	fclose(file);
	return sum;
}

static double now_s(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void pause_s(int seconds) {
	nanosleep(&(struct timespec){.tv_sec = seconds}, NULL);
}

/** No wake-up while nothing happens; what is under way ends first. */
static void assert_idle(struct scene *s) {
	unsigned long before, after = read_switches(s);
	for (int i = 0; i < 10; i++) {
		before = after;
		pause_s(1);
		after = read_switches(s);
		if (after == before) {
			break;
		}
	}
	pause_s(IDLE_S);
	assert_int_equal(read_switches(s), after);
}

/** An old kernel, which flips as fast as it is answered. */
static void test_unfenced(void **state) {
	struct scene *s = begin(state);
	flip(s, 0, 0);
	const double start_s = now_s();
	const unsigned long switches = read_switches(s);
	unsigned flips = 0;
	struct trace trace;
	do {
		for (int i = 0; i < RATE_FACTOR; i++) {
			flip(s, ++flips, 0);
		}
		trace = read_trace(s);
	} while (trace.callbacks < 3 * REFRESH_HZ);
	const double refreshes = (now_s() - start_s) * REFRESH_HZ;
	const unsigned long woken = read_switches(s) - switches;
	print_message("%u flips in %.1f refreshes: %u commits, %u frame callbacks, %lu switches\n",
		flips, refreshes, trace.commits, trace.callbacks, woken);
	// One commit a frame: none before the last one's callback has come, and none left out.
	assert_int_equal(trace.early, 0);
	assert_true(trace.commits <= trace.callbacks + 2); // the toplevel maps with the first
	assert_true(trace.commits >= trace.callbacks);
	// It is not answered as fast as it can flip.
	assert_true(flips <= refreshes * RATE_FACTOR + BURST + RATE_FACTOR);
	assert_true(woken <= flips * 8);
	assert_idle(s);
	s->done = true;
}

/** The kit's programs, and whoever else fences: each flip is one frame on the screen. */
static void test_fenced(void **state) {
	struct scene *s = begin(state);
	const unsigned flips = 3 * REFRESH_HZ;
	flip(s, 0, FAKE_GPU_FENCE(0)); // the window appears with it
	const struct trace before = read_trace(s);
	for (unsigned i = 1; i <= flips; i++) {
		flip(s, i, FAKE_GPU_FENCE(i));
	}
	const struct trace after = read_trace(s);
	print_message("%u fenced flips: %u commits, %u presented\n", flips,
		after.commits - before.commits, after.presented - before.presented);
	assert_int_equal(after.early, 0);
	assert_int_equal(after.presented - before.presented, flips);
	assert_int_equal(after.commits - before.commits, flips);
	assert_idle(s);
	s->done = true;
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_unfenced, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_fenced, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
