/**
 * The pointer's state: from events of tablets and mice to the kit's.
 *
 * PURE. Linux, Documentation/input/event-codes: events count when their SYN_REPORT comes.
 */
#ifndef GK_CORE_POINTER_H
#define GK_CORE_POINTER_H

#include "core/event_queue.h"

#define POINTER_BUTTONS_MAX 8

#define EVDEV_SYN 0
#define EVDEV_KEY 1
#define EVDEV_REL 2
#define EVDEV_ABS 3
#define EVDEV_REL_X 0x00
#define EVDEV_REL_Y 0x01
#define EVDEV_REL_HWHEEL 0x06
#define EVDEV_REL_WHEEL 0x08
#define EVDEV_REL_WHEEL_HI_RES 0x0b
#define EVDEV_REL_HWHEEL_HI_RES 0x0c
#define EVDEV_ABS_X 0x00
#define EVDEV_ABS_Y 0x01

/** What an axis of a tablet reports at its two ends. */
struct pointer_range {
	int32_t least, most;
};

struct pointer {
	int x, y; // pixels
	int width, height; // of the canvas
	// Of the group that has not ended yet:
	bool moved;
	int next_x, next_y;
	int wheel, hwheel; // detents
	int wheel_fine, hwheel_fine; // 120 to a detent; where they come, detents are ignored
	struct {
		uint32_t code;
		bool pressed;
	} buttons[POINTER_BUTTONS_MAX];
	int button_count;
	// For double clicks:
	uint32_t click_code;
	int clicks;
	int click_x, click_y;
	uint64_t click_ns;
};

/** The canvas has this size now. The pointer stays inside. */
void pointer_set_size(struct pointer *pointer, int width, int height);

/**
 * Take one event of a device, at a time; ranges are those of its axes x and y. At the end of a
 * group its events are added to the queue: motion, then buttons, then scrolling.
 */
void pointer_event(struct pointer *pointer, const struct pointer_range ranges[2], uint16_t type,
	uint16_t code, int32_t value, uint64_t now_ns, uint32_t modifiers,
	struct event_queue *queue);

#endif
