/*
 * The bridge alone, without QEMU: a fake guest flushes, a Wayland server that shows nothing takes
 * the time of the commit, and both are this process, so that no wake-up is counted that a real
 * desk would not have.
 *
 * Usage: synthetic BRIDGE ROUNDS. Prints one JSON object a line for bench.py.
 */
#include <fcntl.h>
#include <linux/input-event-codes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake_gl.h"
#include "fake_gpu.h"
#include "fake_guest.h"
#include "fake_input.h"
#include "probe_server.h"

#define FLUSHES 200 // of one round
#define TRANSFERS 8 // of one round
#define KEYS 200 // of one round
#define WIDTH 640
#define HEIGHT 480
#define BIG_WIDTH 1920
#define BIG_HEIGHT 1080
#define PAGE 4096
#define ROUNDS_MAX 1000

#define CONTEXT 1
#define BACKINGS (UINT64_C(32) << 20) // of 3D resources

enum { FIRST = 1, SECOND, CONTIGUOUS, SCATTERED };

struct bench {
	struct probe_server server;
	struct fake_guest *guest;
	struct fake_device *gpu, *keyboard;
	int keyboard_epoll; // of its event queue's call fd
	bool virgl; // FIRST and SECOND are 3D resources, which a redecho-render reads back
	struct fake_gl gl;
	pid_t bridge;
	char folder[32];
	char paths[3][64];
};

/** Another process that answers. Both wait as an event loop does: epoll, then read. */
struct hop {
	pid_t pid;
	int there, back;
	int epoll; // of back
};

static void fail(const char *what) {
	fprintf(stderr, "synthetic: %s\n", what);
	exit(1);
}

static int compare(const void *a, const void *b) {
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/** The value that a fraction of the samples does not exceed. Sorts them. */
static double quantile(double *samples, size_t len, double fraction) {
	qsort(samples, len, sizeof(*samples), compare);
	return samples[(size_t)((double)(len - 1) * fraction)];
}

// --- The yardsticks -------------------------------------------------------------------------

static int watch(int fd) {
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event event = {.events = EPOLLIN};
	if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
		fail("no epoll");
	}
	return epoll;
}

static bool wait_for(int epoll, int fd) {
	struct epoll_event event;
	eventfd_t value;
	return epoll_wait(epoll, &event, 1, -1) == 1 && eventfd_read(fd, &value) == 0;
}

static void hop_start(struct hop *hop) {
	hop->there = eventfd(0, EFD_CLOEXEC);
	hop->back = eventfd(0, EFD_CLOEXEC);
	hop->pid = fork();
	if (hop->there < 0 || hop->back < 0 || hop->pid < 0) {
		fail("no second process to hop to");
	}
	if (hop->pid == 0) {
		int epoll = watch(hop->there);
		while (wait_for(epoll, hop->there) && eventfd_write(hop->back, 1) == 0) {
		}
		_exit(0);
	}
	hop->epoll = watch(hop->back);
}

/** One hop from process to process, in microseconds: half of there and back. */
static double hop_us(struct hop *hop) {
	uint64_t start_ns = probe_now_ns();
	if (eventfd_write(hop->there, 1) != 0 || !wait_for(hop->epoll, hop->back)) {
		fail("the hop's other process is gone");
	}
	return (double)(probe_now_ns() - start_ns) / 2000;
}

static void hop_finish(struct hop *hop) {
	kill(hop->pid, SIGKILL);
	waitpid(hop->pid, NULL, 0);
	close(hop->epoll);
	close(hop->there);
	close(hop->back);
}

/** Shared pages, as a guest's memory and a window's buffer are. */
static uint8_t *shared_pages(size_t bytes) {
	void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (pages == MAP_FAILED) {
		fail("out of memory");
	}
	memset(pages, 1, bytes);
	return pages;
}

static double memcpy_us(uint8_t *to, const uint8_t *from, size_t bytes) {
	uint64_t start_ns = probe_now_ns();
	memcpy(to, from, bytes);
	// The compiler may not know that nobody looks.
	__asm__ volatile("" : : "r"(to) : "memory");
	return (double)(probe_now_ns() - start_ns) / 1000;
}

// --- The bridge -----------------------------------------------------------------------------

static void bridge_start(struct bench *bench, const char *program) {
	static const char *const names[] = {"gpu", "keyboard", "tablet"};
	strcpy(bench->folder, "/tmp/re-bench.XXXXXX");
	if (mkdtemp(bench->folder) == NULL) {
		fail("no folder for the sockets");
	}
	for (int i = 0; i < 3; i++) {
		snprintf(
			bench->paths[i], sizeof(bench->paths[i]), "%s/%s", bench->folder, names[i]);
	}
	int fd = probe_server_connect(&bench->server);
	if (fd < 0) {
		fail("no connection for the bridge");
	}
	bench->bridge = fork();
	if (bench->bridge == 0) {
		char number[16];
		snprintf(number, sizeof(number), "%d", fd);
		fcntl(fd, F_SETFD, 0);
		setenv("WAYLAND_SOCKET", number, 1);
		execl(program, program, "--gpu", bench->paths[0], "--keyboard", bench->paths[1],
			"--tablet", bench->paths[2], "--graphics", bench->virgl ? "virgl" : "2d",
			(char *)NULL);
		perror(program);
		_exit(127);
	}
	close(fd);
	for (int i = 0; i < 5000 && bench->gpu == NULL; i++) {
		bench->gpu = fake_device_connect(bench->guest, bench->paths[0]);
		probe_server_turn(&bench->server, 1);
	}
	if (bench->gpu == NULL) {
		fail("the bridge does not listen");
	}
}

static void bridge_stop(struct bench *bench) {
	fake_device_destroy(bench->gpu);
	bench->gpu = NULL;
	if (bench->keyboard != NULL) {
		close(bench->keyboard_epoll);
		fake_device_destroy(bench->keyboard);
		bench->keyboard = NULL;
	}
	kill(bench->bridge, SIGTERM);
	waitpid(bench->bridge, NULL, 0);
	for (int i = 0; i < 3; i++) {
		unlink(bench->paths[i]);
	}
	rmdir(bench->folder);
}

// --- P4 -------------------------------------------------------------------------------------

static struct virtio_gpu_rect rect_of(uint32_t width, uint32_t height) {
	return (struct virtio_gpu_rect){.width = width, .height = height};
}

static void submit(struct bench *bench, const void *request, size_t size) {
	if (fake_gpu_submit(bench->gpu, FAKE_GPU_CONTROL, request, size, NULL) < 0) {
		fail("the control queue is full");
	}
}

/** Fills a 3D resource, and waits until that is done. */
static void draw(struct bench *bench, uint32_t resource) {
	static float shade;
	shade = shade > 0.5F ? 0 : shade + 0.01F;
	// Virgl's: the resource's surface becomes the colour buffer, and is cleared.
	uint32_t words[13] = {3 << 16 | 5, 1, 0, resource, 8 << 16 | 7, 4};
	const float colour[4] = {shade, 0, 0, 1};
	memcpy(words + 6, colour, sizeof(colour));
	if (!fake_gl_submit(&bench->gl, CONTEXT, words, sizeof(words))) {
		fail("the guest cannot draw");
	}
	fake_gl_finish(&bench->gl);
}

/** What Linux does for a page flip, with one kick. Microseconds from the kick to the commit. */
static double flip_us(struct bench *bench, uint32_t resource, struct virtio_gpu_rect rect) {
	const struct virtio_gpu_transfer_to_host_2d transfer = {
		.hdr.type = VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D,
		.r = rect,
		.resource_id = resource,
	};
	const struct virtio_gpu_set_scanout scanout = {
		.hdr.type = VIRTIO_GPU_CMD_SET_SCANOUT,
		.r = rect_of(WIDTH, HEIGHT),
		.resource_id = resource,
	};
	const struct virtio_gpu_resource_flush flush = {
		.hdr.type = VIRTIO_GPU_CMD_RESOURCE_FLUSH,
		.r = rect,
		.resource_id = resource,
	};
	const int commands = bench->virgl ? 2 : 3;
	if (bench->virgl) {
		draw(bench, resource);
	} else {
		submit(bench, &transfer, sizeof(transfer));
	}
	submit(bench, &scanout, sizeof(scanout));
	submit(bench, &flush, sizeof(flush));

	uint64_t frames = bench->server.frames;
	uint64_t start_ns = probe_now_ns();
	fake_queue_kick(&bench->gpu->queues[FAKE_GPU_CONTROL]);
	while (bench->server.frames == frames) {
		if (probe_now_ns() - start_ns > UINT64_C(5000000000)) {
			fail("a flush was not committed within 5 s");
		}
		probe_server_turn(&bench->server, 100);
	}
	double us = (double)(bench->server.frame_ns - start_ns) / 1000;
	for (int i = 0; i < commands; i++) {
		const struct virtio_gpu_ctrl_hdr *response;
		if (fake_gpu_complete(bench->gpu, FAKE_GPU_CONTROL, &response, NULL) < 0 ||
			response->type != VIRTIO_GPU_RESP_OK_NODATA) {
			fail("a command was refused");
		}
	}
	return us;
}

static void print_row(const char *figure, const char *what, const double *ratios, int rounds,
	double goal, const char *better, const char *detail) {
	printf("{\"figure\": \"%s\", \"what\": \"%s\", \"goal\": %g, \"better\": \"%s\", "
	       "\"detail\": \"%s\", \"ratios\": [",
		figure, what, goal, better, detail);
	for (int i = 0; i < rounds; i++) {
		printf("%s%.4f", i ? ", " : "", ratios[i]);
	}
	printf("]}\n");
	fflush(stdout);
}

/** pages: how many the guest draws into by turns, 1 or 2. */
static void measure_flush(struct bench *bench, int rounds, int pages, int percent) {
	struct virtio_gpu_rect rect = rect_of(WIDTH, HEIGHT * (uint32_t)percent / 100);
	size_t bytes = (size_t)rect.width * rect.height * 4;
	// Two of each, as the guest flips: so the copies find caches no warmer than the bridge's.
	uint8_t *from = shared_pages(2 * bytes), *to = shared_pages(2 * bytes);
	double median[ROUNDS_MAX], tail[ROUNDS_MAX];
	double flush[FLUSHES], hop[FLUSHES], copy[FLUSHES];
	struct hop other;
	hop_start(&other);
	for (int round = 0; round < rounds; round++) {
		for (int i = 0; i < FLUSHES; i++) {
			flush[i] = flip_us(bench, i % pages ? SECOND : FIRST, rect);
			hop[i] = hop_us(&other);
			const size_t half = i % 2 ? bytes : 0;
			copy[i] = memcpy_us(to + half, from + half, bytes);
		}
		median[round] = quantile(flush, FLUSHES, 0.5) /
			(2 * quantile(hop, FLUSHES, 0.5) + 1.3 * quantile(copy, FLUSHES, 0.5));
		tail[round] = quantile(flush, FLUSHES, 0.99) / quantile(hop, FLUSHES, 0.99);
	}
	hop_finish(&other);
	char what[128], detail[128];
	const char *kind = bench->virgl ? "virgl, read back" : "2D";
	const char *how = pages == 1 ? "one page" : "flips";
	snprintf(detail, sizeof(detail), "%.0f us; hop %.0f us, memcpy %.0f us",
		quantile(flush, FLUSHES, 0.5), quantile(hop, FLUSHES, 0.5),
		quantile(copy, FLUSHES, 0.5));
	snprintf(what, sizeof(what),
		"%s, %s, %d %% of 640x480, flush kick -> commit p50 / (2 hops + 1.3 memcpy)", kind,
		how, percent);
	print_row("P4", what, median, rounds, 1, "lower", detail);
	snprintf(what, sizeof(what), "%s, %s, %d %% of 640x480, flush kick -> commit p99 / hop p99",
		kind, how, percent);
	print_row("P4", what, tail, rounds, 10, "lower", detail);
	munmap(from, 2 * bytes);
	munmap(to, 2 * bytes);
}

// --- P5 -------------------------------------------------------------------------------------

static double transfer_us(struct bench *bench, uint32_t resource) {
	uint64_t start_ns = probe_now_ns();
	if (fake_gpu_transfer(bench->gpu, resource, rect_of(BIG_WIDTH, BIG_HEIGHT), 0) !=
		VIRTIO_GPU_RESP_OK_NODATA) {
		fail("a transfer was refused");
	}
	return (double)(probe_now_ns() - start_ns) / 1000;
}

static void measure_transfer(
	struct bench *bench, int rounds, uint32_t resource, const char *what, double goal) {
	size_t bytes = (size_t)BIG_WIDTH * BIG_HEIGHT * 4;
	uint8_t *from = shared_pages(bytes), *to = shared_pages(bytes);
	double ratios[ROUNDS_MAX], transfer[TRANSFERS], copy[TRANSFERS];
	for (int round = 0; round < rounds; round++) {
		for (int i = 0; i < TRANSFERS; i++) {
			transfer[i] = transfer_us(bench, resource);
			copy[i] = memcpy_us(to, from, bytes);
		}
		ratios[round] = quantile(copy, TRANSFERS, 0.5) / quantile(transfer, TRANSFERS, 0.5);
	}
	char detail[128];
	snprintf(detail, sizeof(detail), "%.0f us, memcpy %.0f us",
		quantile(transfer, TRANSFERS, 0.5), quantile(copy, TRANSFERS, 0.5));
	print_row("P5", what, ratios, rounds, goal, "higher", detail);
	munmap(from, bytes);
	munmap(to, bytes);
}

/** A resource whose backing is single pages, no two of them neighbours. */
static void make_scattered(struct bench *bench) {
	static struct fake_backing backings[(BIG_WIDTH * BIG_HEIGHT * 4 + PAGE - 1) / PAGE];
	const uint32_t count = sizeof(backings) / sizeof(backings[0]);
	uint64_t base = fake_guest_alloc_high(bench->guest, (uint64_t)count * PAGE, PAGE);
	uint32_t stride = 1013; // prime to count
	for (uint32_t i = 0; i < count; i++) {
		backings[i] = (struct fake_backing){
			.guest_address = base + (uint64_t)(i * stride % count) * PAGE,
			.size_bytes = PAGE,
		};
	}
	if (fake_gpu_create_2d(bench->gpu, SCATTERED, VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM, BIG_WIDTH,
		    BIG_HEIGHT) != VIRTIO_GPU_RESP_OK_NODATA ||
		fake_gpu_attach_backing(bench->gpu, SCATTERED, backings, count) !=
			VIRTIO_GPU_RESP_OK_NODATA) {
		fail("no scattered resource");
	}
}

static void make_resources(struct bench *bench) {
	const uint32_t format = VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM;
	if (!fake_gpu_start(bench->gpu, 0) ||
		fake_gpu_make_framebuffer(bench->gpu, FIRST, format, WIDTH, HEIGHT) == 0 ||
		fake_gpu_make_framebuffer(bench->gpu, SECOND, format, WIDTH, HEIGHT) == 0 ||
		fake_gpu_make_framebuffer(bench->gpu, CONTIGUOUS, format, BIG_WIDTH, BIG_HEIGHT) ==
			0) {
		fail("the bridge refused a frame buffer");
	}
	make_scattered(bench);
	for (int i = 0; i < 20; i++) {
		flip_us(bench, i % 2 ? FIRST : SECOND, rect_of(WIDTH, HEIGHT));
	}
}

static void make_3d(struct bench *bench, uint32_t id) {
	const struct virtio_gpu_resource_create_3d create = {
		.resource_id = id,
		.target = 2, // Gallium's: 2D
		.format = VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM,
		.bind = 1 << 1, // a render target
		.width = WIDTH,
		.height = HEIGHT,
		.depth = 1,
		.array_size = 1,
		.flags = 1, // its first row is on top
	};
	uint32_t surface[6] = {5 << 16 | 8 << 8 | 1, id, id, VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM};
	fake_gl_resource_create(&bench->gl, CONTEXT, &create, (uint64_t)WIDTH * HEIGHT * 4);
	fake_gl_submit(&bench->gl, CONTEXT, surface, sizeof(surface));
	fake_gl_finish(&bench->gl);
}

/** FIRST and SECOND of a bridge that renders; its first frames compile and start everything. */
static void make_3d_resources(struct bench *bench) {
	const uint64_t features = UINT64_C(1) << VIRTIO_GPU_F_VIRGL |
		UINT64_C(1) << VIRTIO_GPU_F_CONTEXT_INIT;
	if (!fake_gpu_start(bench->gpu, features) ||
		(bench->gpu->features & 1 << VIRTIO_GPU_F_VIRGL) == 0) {
		fail("the bridge offers no 3D");
	}
	fake_gl_init(&bench->gl, bench->gpu, BACKINGS);
	fake_gl_context_create(&bench->gl, CONTEXT, "bench");
	make_3d(bench, FIRST);
	make_3d(bench, SECOND);
	for (int i = 0; i < 20; i++) {
		flip_us(bench, i % 2 ? FIRST : SECOND, rect_of(WIDTH, HEIGHT));
	}
	if (bench->gl.refused > 0) {
		fail("a 3D command was refused");
	}
}

// --- P6 -------------------------------------------------------------------------------------

static void keyboard_start(struct bench *bench) {
	bench->keyboard = fake_device_connect(bench->guest, bench->paths[1]);
	if (bench->keyboard == NULL || !fake_input_start(bench->keyboard, 0, 64)) {
		fail("the bridge has no keyboard");
	}
	bench->keyboard_epoll = watch(bench->keyboard->queues[FAKE_INPUT_EVENTS].call_fd);
	struct wlr_seat *seat = bench->server.seat;
	wlr_seat_keyboard_notify_enter(seat, bench->server.toplevel, NULL, 0, NULL);
	for (int i = 0; i < 20; i++) {
		probe_server_turn(&bench->server, 1);
	}
	eventfd_t calls; // of the start
	if (eventfd_read(bench->keyboard->queues[FAKE_INPUT_EVENTS].call_fd, &calls) == 0) {
		bench->keyboard->queues[FAKE_INPUT_EVENTS].calls += calls;
	}
}

/** Microseconds from the compositor's key event to the interrupt in the guest. */
static double key_us(struct bench *bench, bool pressed) {
	const uint64_t start_ns = probe_now_ns();
	wlr_seat_keyboard_notify_key(bench->server.seat, (uint32_t)(start_ns / 1000000), KEY_A,
		pressed ? WL_KEYBOARD_KEY_STATE_PRESSED : WL_KEYBOARD_KEY_STATE_RELEASED);
	wl_display_flush_clients(bench->server.display);
	const bool called = wait_for(
		bench->keyboard_epoll, bench->keyboard->queues[FAKE_INPUT_EVENTS].call_fd);
	const double us = (double)(probe_now_ns() - start_ns) / 1000;
	struct virtio_input_event key, end;
	if (!called || !fake_input_next(bench->keyboard, &key) ||
		!fake_input_next(bench->keyboard, &end) || key.type != EV_KEY ||
		key.code != KEY_A || key.value != pressed || end.type != EV_SYN) {
		fail("a key came out as something else");
	}
	return us;
}

static void measure_key(struct bench *bench, int rounds) {
	double median[ROUNDS_MAX], tail[ROUNDS_MAX], key[KEYS], hop[KEYS];
	struct hop other;
	hop_start(&other);
	for (int round = 0; round < rounds; round++) {
		for (int i = 0; i < KEYS; i++) {
			key[i] = key_us(bench, i % 2 == 0);
			hop[i] = hop_us(&other);
		}
		median[round] = quantile(key, KEYS, 0.5) / quantile(hop, KEYS, 0.5);
		tail[round] = quantile(key, KEYS, 0.99) / quantile(hop, KEYS, 0.99);
	}
	hop_finish(&other);
	char detail[128];
	snprintf(detail, sizeof(detail), "%.0f us; hop %.0f us", quantile(key, KEYS, 0.5),
		quantile(hop, KEYS, 0.5));
	print_row("P6", "wl_keyboard.key -> used ring and call, p50 / hop p50", median, rounds, 2.7,
		"lower", detail);
	print_row("P6", "wl_keyboard.key -> used ring and call, p99 / hop p99", tail, rounds, 10,
		"lower", detail);
}

static void measure_2d(struct bench *bench, int rounds) {
	make_resources(bench);
	measure_flush(bench, rounds, 2, 100);
	measure_flush(bench, rounds, 2, 10);
	measure_flush(bench, rounds, 2, 1);
	measure_transfer(bench, rounds, CONTIGUOUS, "transfer MB/s / memcpy MB/s, contiguous", 0.8);
	measure_transfer(
		bench, rounds, SCATTERED, "transfer MB/s / memcpy MB/s, 4 KiB scatter", 0.5);
	keyboard_start(bench);
	measure_key(bench, rounds);
}

static void measure_virgl(struct bench *bench, int rounds) {
	make_3d_resources(bench);
	for (int pages = 1; pages <= 2; pages++) {
		measure_flush(bench, rounds, pages, 100);
		measure_flush(bench, rounds, pages, 10);
		measure_flush(bench, rounds, pages, 1);
	}
}

/** A bridge, its guest and its compositor, from their start to their end. */
static void measure(const char *program, int rounds, bool virgl) {
	struct bench *bench = calloc(1, sizeof(*bench)); // fake_gl is large
	if (bench == NULL) {
		fail("out of memory");
	}
	bench->guest = fake_guest_create(UINT64_C(128) << 20);
	bench->virgl = virgl;
	if (!probe_server_init(&bench->server, WIDTH, HEIGHT)) {
		fail("no Wayland server");
	}
	bridge_start(bench, program);
	if (virgl) {
		measure_virgl(bench, rounds);
	} else {
		measure_2d(bench, rounds);
	}
	bridge_stop(bench);
	probe_server_finish(&bench->server);
	fake_guest_destroy(bench->guest);
	free(bench);
}

int main(int argc, char *argv[]) {
	if (argc != 3) {
		fail("usage: synthetic BRIDGE ROUNDS");
	}
	int rounds = atoi(argv[2]);
	if (rounds < 1 || rounds > ROUNDS_MAX) {
		fail("ROUNDS is a number from 1 to 1000");
	}
	measure(argv[1], rounds, false);
	measure(argv[1], rounds, true);
	return 0;
}
