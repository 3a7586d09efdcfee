#include "graphics.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "program.h"

static const char *const way_names[] = {
	[GRAPHICS_2D] = "2d",
	[GRAPHICS_DEVICE] = "device",
	[GRAPHICS_GL] = "gl",
};

#define WAYS (sizeof(way_names) / sizeof(way_names[0]))

void graphics_finish(struct graphics *graphics) {
	free(graphics->node);
	free(graphics->why);
	*graphics = (struct graphics){0};
}

static char *copy_line(const char *text) {
	return text != NULL ? format_string("%.*s", (int)strcspn(text, "\r\n"), text) : NULL;
}

void graphics_set(
	struct graphics *graphics, enum graphics_way way, const char *node, const char *why) {
	// They may be the former ones.
	struct graphics next = {way, copy_line(node), copy_line(why)};
	graphics_finish(graphics);
	*graphics = next;
}

char *graphics_check_node(const char *path) {
	struct stat st;
	if (stat(path, &st) != 0) {
		return format_string("%s: %s", path, strerror(errno));
	} else if (!S_ISCHR(st.st_mode)) {
		return format_string("%s is no device", path);
	}
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0) {
		return format_string("%s: %s", path, strerror(errno));
	}
	close(fd);
	return NULL;
}

void graphics_choose(struct graphics *graphics, const struct program *program, const char *node,
	const char *obstacle) {
	if (!program->virgl || obstacle != NULL) {
		graphics_set(graphics, GRAPHICS_2D, NULL, program->virgl ? obstacle : NULL);
		return;
	}
	const char *path = program->render_node != NULL ? program->render_node : node;
	if (path == NULL || path[0] == '\0') {
		graphics_set(graphics, GRAPHICS_DEVICE, NULL, "the desk has no render node");
		return;
	}
	char *reason = graphics_check_node(path);
	graphics_set(graphics, reason != NULL ? GRAPHICS_DEVICE : GRAPHICS_GL,
		reason != NULL ? NULL : path, reason);
	free(reason);
}

/* What QEMU itself says, without what libvirt puts before it. */
static const char *words_of_qemu(const char *reason) {
	static const char name[] = "qemu-system-x86_64: ";
	const char *said = strstr(reason, name);
	return said != NULL ? said + strlen(name) : reason;
}

bool graphics_step_down(struct graphics *graphics, const char *reason) {
	char *why;
	reason = words_of_qemu(reason);
	switch (graphics->way) {
	case GRAPHICS_GL:
		// The renderer needs nothing of QEMU: it keeps its node.
		why = format_string("QEMU does not start with OpenGL: %s", reason);
		graphics_set(graphics, GRAPHICS_DEVICE, graphics->node, why);
		break;
	case GRAPHICS_DEVICE:
		why = format_string("QEMU does not start with 3D: %s", reason);
		graphics_set(graphics, GRAPHICS_2D, NULL, why);
		break;
	default:
		return false;
	}
	free(why);
	return true;
}

char *graphics_describe(const struct graphics *graphics) {
	const char *why = graphics->why != NULL ? graphics->why : "";
	const char *colon = graphics->why != NULL ? ": " : "";
	if (graphics->way == GRAPHICS_2D) {
		return format_string("2d%s%s", colon, why);
	} else if (graphics->node == NULL) {
		return format_string("virgl in software%s%s", colon, why);
	}
	return format_string("virgl on %s%s%s", graphics->node, colon, why);
}

const char *graphics_way_name(enum graphics_way way) {
	return way_names[way];
}

enum graphics_way graphics_way_of(const char *name) {
	for (size_t i = 0; name != NULL && i < WAYS; i++) {
		if (strcmp(name, way_names[i]) == 0) {
			return (enum graphics_way)i;
		}
	}
	return GRAPHICS_2D;
}
