#include "wild_value.h"

#include <fcntl.h>
#include <linux/input-event-codes.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "chance.h"

static int32_t draw_int(struct chance *chance) {
	static const int32_t edges[] = {
		-1, 0, 1, INT32_MAX, INT32_MIN, INT32_MAX - 1, 32767, 65536, -300};
	switch (chance_below(chance, 8)) {
	case 0:
		return chance_element(chance, edges);
	case 1:
		return (int32_t)chance_below(chance, UINT32_MAX);
	case 2:
		return (int32_t)chance_below(chance, 2000) - 500;
	default:
		return (int32_t)chance_below(chance, 300);
	}
}

static uint32_t draw_unsigned(struct chance *chance, const uint32_t serials[4]) {
	static const uint32_t edges[] = {
		UINT32_MAX, INT32_MAX, (uint32_t)INT32_MAX + 1, 65535, BTN_LEFT, KEY_A, 4096};
	switch (chance_below(chance, 8)) {
	case 0:
		return chance_element(chance, edges);
	case 1:
		return chance_below(chance, UINT32_MAX);
	case 2:
	case 3:
		return serials[chance_below(chance, 4)];
	case 4:
		return chance_below(chance, 300);
	default: // of an enumeration
		return chance_below(chance, 6);
	}
}

static const char *draw_string(struct chance *chance) {
	static const char invalid[] = {'a', '\xff', '\xc0', '\x80', 0};
	static char longest[3900];
	static const char *const strings[] = {"", "text/plain", "default", "HEADLESS-1",
		"\033]0;title\007", invalid, "../../../etc/passwd", "%s%n%s%n", "host", "personal",
		"1", longest};
	for (size_t i = 0; i + 1 < sizeof(longest); i++) {
		longest[i] = 'x';
	}
	return chance_element(chance, strings);
}

static struct wl_array *draw_array(struct chance *chance) {
	static uint32_t words[500];
	static struct wl_array array;
	static const size_t sizes[] = {0, 1, 4, 8, 12, sizeof(words)};
	array = (struct wl_array){.size = chance_element(chance, sizes), .data = words};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		words[i] = chance_below(chance, 10);
	}
	return &array;
}

void wild_value_draw(struct chance *chance, char letter, const uint32_t serials[4],
	union wl_argument *argument) {
	switch (letter) {
	case 'i':
		argument->i = draw_int(chance);
		break;
	case 'u':
		argument->u = draw_unsigned(chance, serials);
		break;
	case 'f':
		argument->f = chance_once_in(chance, 4)
			? draw_int(chance)
			: wl_fixed_from_int(draw_int(chance) % 5000);
		break;
	case 's':
		argument->s = draw_string(chance);
		break;
	case 'a':
		argument->a = draw_array(chance);
		break;
	default:
		abort();
	}
}

int wild_value_memory(int size_bytes) {
	int fd = memfd_create("wild", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, size_bytes) != 0) {
		abort();
	}
	return fd;
}

int wild_value_fd(struct chance *chance) {
	int ends[2];
	switch (chance_below(chance, 6)) {
	case 0:
		if (pipe2(ends, O_CLOEXEC) != 0) {
			abort();
		}
		break;
	case 1:
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
			abort();
		}
		break;
	case 2:
		return open("/dev/null", O_RDWR | O_CLOEXEC);
	case 3:
		return open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	default:
		return wild_value_memory((int)chance_below(chance, 20000));
	}
	int keep = (int)chance_below(chance, 2);
	close(ends[1 - keep]);
	return ends[keep];
}
