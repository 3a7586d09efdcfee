#ifndef SWITCH_DEVICE_H
#define SWITCH_DEVICE_H

struct seat;
struct wlr_input_device;

/** Take a device with switches: a lid, a keyboard that folds away. Its bindings run when they turn. */
void switch_device_add(struct seat *seat, struct wlr_input_device *wlr_device);

/** Forget them all. */
void switch_device_finish(struct seat *seat);

#endif
