#ifndef OVERLAY_H
#define OVERLAY_H

#include <stdbool.h>

/** A qcow2 file that takes what a machine writes, so that its disk stays as it was. */
struct overlay {
	char *path; // NULL when there is none
	char *backing; // the disk
	bool backing_qcow2; // else raw
};

void overlay_copy(struct overlay *to, const struct overlay *from);
void overlay_finish(struct overlay *overlay);

/**
 * Make the file, with qemu-img. Blocks.
 *
 * Returns NULL, or one line on what went wrong, to be freed.
 */
char *overlay_create(const struct overlay *overlay);

#endif
