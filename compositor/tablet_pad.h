#ifndef TABLET_PAD_H
#define TABLET_PAD_H

#include <stdbool.h>

struct seat;
struct wlr_input_device;
struct wlr_tablet_v2_tablet;

/** Pads: the keys, rings and strips beside a tablet. For tablet.c, which is what others call. */
bool tablet_pad_init(struct seat *seat);
void tablet_pad_finish(struct seat *seat);

void tablet_pad_add(struct seat *seat, struct wlr_input_device *wlr_device);

/** A tablet is there, or goes: a pad belongs to the one on the same piece of hardware. */
void tablet_pad_add_tablet(struct seat *seat, struct wlr_input_device *wlr_device,
	struct wlr_tablet_v2_tablet *tablet);
void tablet_pad_forget_tablet(struct seat *seat, const struct wlr_tablet_v2_tablet *tablet);

#endif
