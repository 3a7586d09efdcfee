#ifndef GRAPHICS_H
#define GRAPHICS_H

#include <stdbool.h>

struct program;

/** How a machine draws, the plainest first. */
enum graphics_way {
	GRAPHICS_2D, // vhost-user-gpu without 3D
	// virgl on a device of virtio's GPU type that QEMU only passes through: it need not know of
	// OpenGL, and the back end tells the guest a new size itself
	GRAPHICS_DEVICE,
	GRAPHICS_GL, // virgl on vhost-user-gpu, beside a display of QEMU's with OpenGL
};

/** How one machine draws, and why not in a better way. */
struct graphics {
	enum graphics_way way;
	char *node; // render node of the renderer; NULL: it draws in software
	char *why; // one line; NULL: it is what the program asks for
};

void graphics_finish(struct graphics *graphics);

/** Takes over way, node and reason, which are copied; node and why may be NULL. */
void graphics_set(
	struct graphics *graphics, enum graphics_way way, const char *node, const char *why);

/**
 * The best way for a program.
 *
 * node is the render node for programs that name none; NULL or "": there is none. obstacle is why
 * no renderer can be started; NULL: one can.
 */
void graphics_choose(struct graphics *graphics, const struct program *program, const char *node,
	const char *obstacle);

/**
 * Take the next plainer way, because QEMU did not start: reason is what it said.
 *
 * Returns false when there is none.
 */
bool graphics_step_down(struct graphics *graphics, const char *reason);

/** In words for the user, to be freed: "virgl on /dev/dri/renderD128". */
char *graphics_describe(const struct graphics *graphics);

/** Its name in the state file. */
const char *graphics_way_name(enum graphics_way way);

/** What is not known is 2D. */
enum graphics_way graphics_way_of(const char *name);

/** Why a render node cannot be used, to be freed; NULL: it can be opened. */
char *graphics_check_node(const char *path);

#endif
