#ifndef EDID_H
#define EDID_H

#include <stddef.h>
#include <stdint.h>

/** Room for any EDID that edid_write() makes: the base block and one extension. */
#define EDID_MAX_BYTES 256

/** The display that an EDID describes: one scanout, as large as its window. */
struct edid_display {
	uint32_t width, height; // preferred mode, in pixels; at least 1
	uint32_t refresh_mhz; // of the preferred mode, in 1/1000 Hz; 0 stands for 60 Hz
	uint32_t width_mm, height_mm;
	const char *name; // shown by the guest; the first 13 printable ASCII characters are used
	uint32_t serial;
};

/**
 * Write the EDID of a display: vendor RED, the name, the physical size, and the preferred
 * mode with CVT's reduced blanking, whose refresh is met to the 10 kHz of the pixel clock.
 *
 * A mode of more than 4095 pixels a side or 655.35 MHz does not fit the base block's detailed
 * timing; it goes into a DisplayID extension and the base block names 1920x1080 instead.
 *
 * Returns the length in bytes, a multiple of 128 and at most EDID_MAX_BYTES.
 *
 * VESA E-EDID Standard, Release A2 (EDID 1.4); VESA DisplayID 1.3, "Type I Detailed Timing".
 */
size_t edid_write(const struct edid_display *display, uint8_t out[static EDID_MAX_BYTES]);

#endif
