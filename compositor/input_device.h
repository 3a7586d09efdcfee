#ifndef INPUT_DEVICE_H
#define INPUT_DEVICE_H

struct seat;
struct wlr_input_device;

/** Remember a pointing device, and give it what is configured, if it is libinput's. */
void input_device_add(struct seat *seat, struct wlr_input_device *device);

/** The configuration was read again. */
void input_device_reconfigure_all(struct seat *seat);

/** Forget them all. */
void input_device_finish(struct seat *seat);

#endif
