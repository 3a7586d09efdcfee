/**
 * The guest kit: write a program for a bare machine whose devices are virtio.
 *
 * A program defines gk_main() and links libgk with boot/link.ld. It is the only thing that runs
 * in its machine: one processor, 64-bit mode, no processes, no threads, no files.
 *
 * Errors: a call that makes something returns NULL when it cannot; a call that does something
 * returns false, or says here why it cannot fail. Neither changes anything then. What leaves no
 * way on (an exception, gk_panic()) is reported on the log, told to the host through pvpanic, and
 * halts the machine. A wrong call (NULL for gk, an index out of range) is not caught.
 *
 * Units: pixels, with the origin at the top left; nanoseconds (_ns); bytes (_bytes). Colours are
 * 0xAARRGGBB, not premultiplied. Text is UTF-8; what is not valid shows as U+FFFD.
 *
 * Ownership: what a create or alloc call returns is the program's until it hands it back to the
 * call named beside it. All other pointers stay the kit's, and live as long as stated.
 *
 * Interrupts never run the program's code: everything arrives through gk_wait(), in order.
 */
#ifndef GK_H
#define GK_H

#include <stddef.h>
#include <stdint.h>

#include "gk/display.h"
#include "gk/draw.h"
#include "gk/event.h"
#include "gk/key.h"
#include "gk/time.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The machine. There is one, and the kit makes it before it calls gk_main(). */
struct gk;

/** The program. The machine is powered off when it returns. */
void gk_main(struct gk *gk);

/**
 * Returns size_bytes of zeros, aligned to 16, or NULL if there is not so much free memory in one
 * piece. For gk_free().
 */
void *gk_alloc(struct gk *gk, size_t size_bytes);

/** Free memory from gk_alloc(). NULL is ignored. */
void gk_free(struct gk *gk, void *memory);

/**
 * Write a line to the log, which is the first serial port. The line feed is added.
 *
 * format is printf's: %d %i %u %x %X %c %s %p %%, with l, ll, z, h, hh, width, precision of %s,
 * and the flags 0 and -. Longer lines than 240 bytes are cut.
 */
void gk_log(struct gk *gk, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Log a message and end the machine as an exception does. */
_Noreturn void gk_panic(struct gk *gk, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** As snprintf(), with gk_log()'s formats. Returns the length it would like to have written. */
int gk_format(char *buffer, size_t size_bytes, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * Read a setting that the host gave this machine: the fw_cfg file of that name.
 *
 * Returns its content with a zero byte behind it, for gk_free(), and its size without that byte.
 * NULL if there is none, if it is over 64 KiB, or without memory.
 */
void *gk_setting(struct gk *gk, const char *name, size_t *size_bytes);

#ifdef __cplusplus
}
#endif

#endif
