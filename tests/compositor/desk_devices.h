#ifndef DESK_DEVICES_H
#define DESK_DEVICES_H

#include <stdbool.h>
#include <stdint.h>

struct desk;
struct wlr_keyboard;
struct wlr_switch;
struct wlr_touch;

/** More devices than the keyboard and the mouse that every desk has. Remove them before its end. */

struct wlr_keyboard *desk_add_keyboard(struct desk *desk, const char *name);

/** Unplug it, with whatever is held on it. */
void desk_remove_keyboard(struct desk *desk, struct wlr_keyboard *keyboard);

void desk_key_on(struct desk *desk, struct wlr_keyboard *keyboard, uint32_t key, bool pressed);

/** The mouse of the desk scrolls; delta is in the units of wl_pointer.axis. */
void desk_scroll_by(struct desk *desk, bool horizontal, double delta, int value120);

/** Fingers on the desk's touchpad: a swipe by so much, a pinch, or held still. */
void desk_swipe(struct desk *desk, uint32_t fingers, double dx, double dy, bool cancelled);
void desk_pinch(struct desk *desk, uint32_t fingers, double scale, double rotation);
void desk_hold(struct desk *desk, uint32_t fingers, bool cancelled);

struct wlr_touch *desk_add_touch(struct desk *desk, const char *name);
void desk_remove_touch(struct desk *desk, struct wlr_touch *touch);

/** A finger at a point, from 0 to 1 of what the screen is mapped to: all outputs by itself. */
void desk_touch_down(struct desk *desk, struct wlr_touch *touch, int32_t id, double x, double y);
void desk_touch_motion(struct desk *desk, struct wlr_touch *touch, int32_t id, double x, double y);
void desk_touch_up(struct desk *desk, struct wlr_touch *touch, int32_t id);
void desk_touch_cancel(struct desk *desk, struct wlr_touch *touch, int32_t id);

struct wlr_switch *desk_add_switch(struct desk *desk);
void desk_remove_switch(struct desk *desk, struct wlr_switch *device);

/** Shut or open the lid. */
void desk_lid(struct desk *desk, struct wlr_switch *device, bool shut);

#endif
