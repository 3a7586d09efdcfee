/*
 * Keyboard, tablet and mouse in a real machine: QEMU, and the Linux of ./dev setup.
 *
 * What is typed here arrives at the shell on the guest's console, which answers on its serial
 * port. Takes the folder with the machines, unless REDECHO_ENV says another, and a UEFI firmware
 * to start with, if any; exits with 77 where one of them is missing.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <wayland-server-core.h>

#include "fake_cmocka.h"
#include "fake_socket.h"
#include "virtio_input.h"

#define DEVICES 3
#define BOOT_MS 60000
#define ANSWER_MS 20000

struct machine {
	char folder[512]; // with vmlinuz and initrd
	const char *firmware; // NULL: QEMU's own
	unsigned readies; // how often the keyboard's driver came up or went
	struct wl_listener ready;
	struct wl_event_loop *loop;
	struct virtio_input *inputs[DEVICES];
	struct fake_socket sockets[DEVICES];
	pid_t qemu;
	int serial; // our end of the guest's serial port, and what came from it
	char output[1 << 16];
	size_t output_bytes;
	struct wl_event_source *serial_source;
};

static struct machine *machine; // of the group: booted once

static int64_t now_ms(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int handle_serial(int fd, uint32_t mask, void *data) {
	struct machine *m = data;
	ssize_t bytes = read(
		fd, m->output + m->output_bytes, sizeof(m->output) - 1 - m->output_bytes);
	if (bytes > 0) {
		if (getenv("VERBOSE") != NULL) {
			fwrite(m->output + m->output_bytes, 1, (size_t)bytes, stderr);
		}
		m->output_bytes += (size_t)bytes;
		m->output[m->output_bytes] = '\0';
	}
	return 0;
}

static void handle_ready(struct wl_listener *listener, void *data) {
	struct machine *m = wl_container_of(listener, m, ready);
	m->readies++;
}

static bool has_said(const struct machine *m, const void *text) {
	return strstr(m->output, text) != NULL;
}

static bool all_ready(const struct machine *m, const void *unused) {
	return m->inputs[0]->ready && m->inputs[1]->ready && m->inputs[2]->ready;
}

static bool none_ready(const struct machine *m, const void *unused) {
	return !m->inputs[0]->ready && !m->inputs[1]->ready && !m->inputs[2]->ready;
}

static bool leds_are(const struct machine *m, const void *leds) {
	return m->inputs[VIRTIO_INPUT_KEYBOARD]->leds == *(const uint32_t *)leds;
}

// Let the devices work until the condition holds. False after timeout_ms.
static bool wait_until(struct machine *m,
	bool (*condition)(const struct machine *m, const void *data), const void *data,
	int64_t timeout_ms) {
	int64_t end = now_ms() + timeout_ms;
	while (!condition(m, data)) {
		if (now_ms() >= end) {
			return false;
		}
		wl_event_loop_dispatch(m->loop, 20);
	}
	return true;
}

// --- The keyboard of a typist --------------------------------------------------------------

static void press(struct machine *m, uint32_t code, bool down) {
	virtio_input_key(m->inputs[VIRTIO_INPUT_KEYBOARD], code, down);
	virtio_input_frame(m->inputs[VIRTIO_INPUT_KEYBOARD]);
}

static void type(struct machine *m, const char *text) {
	static const char plain[] = "1234567890-=\b\tqwertyuiop[]\n\1asdfghjkl;'`\1\\zxcvbnm,./";
	static const char shifted[] = "!@#$%^&*()_+\1\1QWERTYUIOP{}\1\1ASDFGHJKL:\"~\1|ZXCVBNM<>?";
	for (; *text != '\0'; text++) {
		const char *at = *text == ' ' ? NULL : strchr(plain, *text);
		const char *shift = *text == ' ' ? NULL : strchr(shifted, *text);
		uint32_t code = KEY_SPACE;
		if (at != NULL) {
			code = (uint32_t)(KEY_1 + (at - plain));
		} else if (shift != NULL) {
			code = (uint32_t)(KEY_1 + (shift - shifted));
			press(m, KEY_LEFTSHIFT, true);
		}
		press(m, code, true);
		press(m, code, false);
		if (at == NULL && shift != NULL) {
			press(m, KEY_LEFTSHIFT, false);
		}
	}
}

// Have the guest's shell say word on the serial port. Typed again until it does: there is no
// other way to know that the shell is there.
static bool shell_answers(struct machine *m, const char *word, int timeout_ms) {
	int64_t end = now_ms() + timeout_ms;
	m->output_bytes = 0;
	m->output[0] = '\0';
	while (now_ms() < end) {
		char line[64];
		snprintf(line, sizeof(line), "\necho %s-done>/dev/ttyS0\n", word);
		type(m, line);
		snprintf(line, sizeof(line), "%s-done", word);
		if (wait_until(m, has_said, line, 1500)) {
			return true;
		}
	}
	return false;
}

static bool run(struct machine *m, const char *command, const char *word) {
	m->output_bytes = 0;
	m->output[0] = '\0';
	char done[64];
	snprintf(done, sizeof(done), "; echo %s-done>/dev/ttyS0\n", word);
	type(m, command);
	type(m, done);
	snprintf(done, sizeof(done), "%s-done", word);
	return wait_until(m, has_said, done, ANSWER_MS);
}

// --- Machine ------------------------------------------------------------------------------

static void add(
	char **arguments, unsigned *count, const char *format, const char *a, const char *b) {
	if (asprintf(&arguments[(*count)++], format, a, b) < 0) {
		abort();
	}
}

static void exec_qemu(struct machine *m, int serial) {
	char *a[64];
	unsigned n = 0;
	static const char *const fixed[] = {"qemu-system-x86_64", "-M", "q35,memory-backend=mem",
		"-accel", "tcg", "-cpu", "max", "-m", "256M", "-nodefaults", "-vga", "none",
		"-display", "none", "-no-user-config", "-object",
		"memory-backend-memfd,id=mem,size=256M,share=on", "-serial", "chardev:serial",
		"-append", "quiet"};
	for (unsigned i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
		add(a, &n, "%s", fixed[i], "");
	}
	add(a, &n, "-kernel", "", "");
	add(a, &n, "%s/vmlinuz", m->folder, "");
	add(a, &n, "-initrd", "", "");
	add(a, &n, "%s/initrd", m->folder, "");
	char fd[16], index[16];
	snprintf(fd, sizeof(fd), "%d", serial);
	add(a, &n, "-chardev", "", "");
	add(a, &n, "socket,id=serial,fd=%s", fd, "");
	if (m->firmware != NULL) {
		add(a, &n, "-drive", "", "");
		add(a, &n, "if=pflash,format=raw,readonly=on,file=%s", m->firmware, "");
	}
	for (unsigned i = 0; i < DEVICES; i++) {
		snprintf(index, sizeof(index), "%u", i);
		add(a, &n, "-chardev", "", "");
		add(a, &n, "socket,id=input%s,path=%s", index, m->sockets[i].path);
		add(a, &n, "-device", "", "");
		add(a, &n, "vhost-user-input-pci,chardev=input%s", index, "");
	}
	a[n] = NULL;
	execvp(a[0], a);
	perror("qemu-system-x86_64");
	_exit(127);
}

static int boot(void **state) {
	static const char *const names[] = {"Test keyboard", "Test tablet", "Test mouse"};
	int pair[2];
	struct machine *m = machine;
	m->loop = wl_event_loop_create();
	for (unsigned i = 0; i < DEVICES; i++) {
		m->inputs[i] = virtio_input_create(m->loop, fake_socket_listen(&m->sockets[i]),
			(enum virtio_input_kind)i, names[i], "7");
		assert_non_null(m->inputs[i]);
	}
	m->ready.notify = handle_ready;
	wl_signal_add(&m->inputs[VIRTIO_INPUT_KEYBOARD]->events.ready, &m->ready);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	fcntl(pair[0], F_SETFD, FD_CLOEXEC);
	m->serial = pair[0];
	m->serial_source = wl_event_loop_add_fd(
		m->loop, pair[0], WL_EVENT_READABLE, handle_serial, m);
	m->qemu = fork();
	if (m->qemu == 0) {
		exec_qemu(m, pair[1]);
	}
	close(pair[1]);
	*state = m;
	return 0;
}

static int halt(void **state) {
	struct machine *m = machine;
	kill(m->qemu, SIGKILL);
	waitpid(m->qemu, NULL, 0);
	wl_list_remove(&m->ready.link);
	for (unsigned i = 0; i < DEVICES; i++) {
		virtio_input_destroy(m->inputs[i]);
		fake_socket_remove(&m->sockets[i]);
	}
	wl_event_source_remove(m->serial_source);
	close(m->serial);
	wl_event_loop_destroy(m->loop);
	return 0;
}

static void test_boot(void **state) {
	struct machine *m = machine;
	assert_true(wait_until(m, all_ready, NULL, BOOT_MS));
	assert_true(shell_answers(m, "up", BOOT_MS));
	// UEFI's driver comes and goes before that of the kernel.
	assert_true(m->readies >= (m->firmware != NULL ? 3 : 1));
}

static void test_devices(void **state) {
	struct machine *m = machine;
	assert_true(run(m, "cat /proc/bus/input/devices >/dev/ttyS0", "devices"));
	assert_non_null(strstr(m->output, "Name=\"Test keyboard\""));
	assert_non_null(strstr(m->output, "Name=\"Test tablet\""));
	assert_non_null(strstr(m->output, "Name=\"Test mouse\""));
	assert_non_null(strstr(m->output, "Uniq=7"));
	assert_non_null(strstr(m->output, "Bus=0006 Vendor=5245 Product=0002 Version=0001"));
	assert_non_null(strstr(m->output, "REL=1940")); // tablet: wheels, both resolutions
	assert_non_null(strstr(m->output, "REL=1943")); // mouse: and X, Y
	assert_non_null(strstr(m->output, "ABS=3"));
	assert_non_null(strstr(m->output, "PROP=1"));
	assert_non_null(strstr(m->output, "LED=1f"));
}

static void test_leds(void **state) {
	struct machine *m = machine;
	const uint32_t caps = 1u << LED_CAPSL, none = 0;
	assert_true(wait_until(m, leds_are, &none, ANSWER_MS));
	press(m, KEY_CAPSLOCK, true);
	press(m, KEY_CAPSLOCK, false);
	assert_true(wait_until(m, leds_are, &caps, ANSWER_MS));
	press(m, KEY_CAPSLOCK, true);
	press(m, KEY_CAPSLOCK, false);
	assert_true(wait_until(m, leds_are, &none, ANSWER_MS));
}

static void test_driver_reload(void **state) {
	struct machine *m = machine;
	type(m, "rmmod virtio_input; sleep 1; insmod /lib/modules/virtio_input.ko\n");
	assert_true(wait_until(m, none_ready, NULL, ANSWER_MS));
	assert_true(wait_until(m, all_ready, NULL, ANSWER_MS));
	assert_true(shell_answers(m, "reloaded", ANSWER_MS));
}

static void test_reboot(void **state) {
	struct machine *m = machine;
	type(m, "reboot -f\n");
	assert_true(wait_until(m, none_ready, NULL, ANSWER_MS));
	// Ready for the firmware's driver first: the kernel is not up by then.
	assert_true(wait_until(m, all_ready, NULL, BOOT_MS));
	assert_true(shell_answers(m, "rebooted", BOOT_MS));
}

int main(int argc, char **argv) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_boot),
		cmocka_unit_test(test_devices),
		cmocka_unit_test(test_leds),
		cmocka_unit_test(test_driver_reload),
		cmocka_unit_test(test_reboot),
	};
	struct machine m = {0};
	const char *environment = getenv("REDECHO_ENV");
	char kernel[600];
	machine = &m;
	snprintf(m.folder, sizeof(m.folder), "%s/machines/linux-terminal",
		environment != NULL ? environment
			: argc > 1  ? argv[1]
				    : ".");
	snprintf(kernel, sizeof(kernel), "%s/vmlinuz", m.folder);
	if (access(kernel, R_OK) != 0) {
		printf("skipped: no %s\n", kernel);
		return 77;
	}
	m.firmware = argc > 2 ? argv[2] : NULL;
	if (m.firmware != NULL && access(m.firmware, R_OK) != 0) {
		printf("skipped: no %s\n", m.firmware);
		return 77;
	}
	if (system("command -v qemu-system-x86_64 >/dev/null") != 0) {
		printf("skipped: no qemu-system-x86_64\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, boot, halt);
}
