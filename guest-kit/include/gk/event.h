/**
 * Events: all that happens to a program.
 *
 * virtio 1.3, 5.8 Input Device; Linux input-event-codes.h for key and button codes.
 */
#ifndef GK_EVENT_H
#define GK_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct gk;

enum gk_event_type {
	GK_EVENT_RESIZE, // the canvas is a new one: draw all of it
	GK_EVENT_KEY, // a key was pressed, released, or repeats
	GK_EVENT_MOTION, // the pointer moved
	GK_EVENT_BUTTON, // a pointer button was pressed or released
	GK_EVENT_SCROLL, // a wheel was turned
	GK_EVENT_POWER, // the host asks the machine to end: save, and return from gk_main()
};

enum gk_modifier {
	GK_MODIFIER_SHIFT = 1 << 0,
	GK_MODIFIER_CONTROL = 1 << 1,
	GK_MODIFIER_ALT = 1 << 2,
	GK_MODIFIER_LEVEL3 = 1 << 3, // AltGr
	GK_MODIFIER_META = 1 << 4,
};

enum gk_key_state {
	GK_KEY_RELEASED,
	GK_KEY_PRESSED,
	GK_KEY_REPEATED,
};

struct gk_event {
	enum gk_event_type type;
	uint32_t modifiers; // enum gk_modifier, as they are after the event
	union {
		struct {
			uint32_t code; // KEY_*
			enum gk_key_state state;
			// What the host's layout types with it, dead keys composed: up to two
			// characters and a zero. Empty for keys that type nothing, on release,
			// and while Control, Alt or Meta is down.
			uint32_t text[3];
		} key;
		struct {
			int x, y; // on the canvas
		} motion;
		struct {
			uint32_t code; // BTN_*
			bool pressed;
			int x, y;
			int clicks; // 1, 2 for a double click, 3: then 1 again
		} button;
		struct {
			int dx, dy; // 120 to a detent; right and down are positive
			int x, y;
		} scroll;
	};
};

/** A deadline that never comes. */
#define GK_NEVER UINT64_MAX

/**
 * Wait, with the processor halted, for an event or for gk_now_ns() to reach deadline_ns.
 *
 * Returns true and the event, or false when the time has come. Events that are there come first.
 */
bool gk_wait(struct gk *gk, uint64_t deadline_ns, struct gk_event *event);

#ifdef __cplusplus
}
#endif

#endif
