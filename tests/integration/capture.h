/*
 * Every frame that a compositor's output shows, by ext-image-copy-capture, on a thread.
 */
#ifndef CAPTURE_H
#define CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

struct capture;

/** What was seen so far. */
struct capture_count {
	unsigned frames;
	unsigned mixed; // frames of more than one colour
	unsigned changes; // of the first pixel's colour, from frame to frame
	uint32_t colour; // the last frame's first pixel
	uint32_t mixed_colours[2]; // of the first mixed frame
};

/** Start. display: path of the compositor's socket. Returns NULL if it has no such protocol. */
struct capture *capture_start(const char *display);

/** What was seen until now. */
struct capture_count capture_get(struct capture *capture);

/** Wait until the last frame is of one colour, this one. Returns false after timeout_ms. */
bool capture_wait_colour(struct capture *capture, uint32_t colour, int timeout_ms);

/** A pixel of the last frame; UINT32_MAX outside of it. */
uint32_t capture_pixel(struct capture *capture, uint32_t x, uint32_t y);

void capture_stop(struct capture *capture);

#endif
