#include "tablet_pad.h"

#include <libinput.h>
#include <stdlib.h>
#include <wlr/backend/libinput.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_seat.h>
#include <wlr/types/wlr_tablet_pad.h>
#include <wlr/types/wlr_tablet_v2.h>

#include "alloc.h"
#include "globals.h"
#include "seat.h"
#include "server.h"

struct pad {
	struct tablet_pads *pads;
	struct wlr_input_device *wlr_device;
	struct wlr_tablet_v2_tablet_pad *v2;
	struct wlr_tablet_v2_tablet *tablet; // may be NULL
	struct wlr_surface *surface; // that has it; may be NULL
	struct wl_list link; // tablet_pads.list

	struct wl_listener button;
	struct wl_listener ring;
	struct wl_listener strip;
	struct wl_listener destroy;
	struct wl_listener surface_destroy;
};

// A tablet that is plugged in.
struct known {
	struct wlr_input_device *wlr_device;
	struct wlr_tablet_v2_tablet *tablet;
	struct wl_list link; // tablet_pads.known
};

struct tablet_pads {
	struct seat *seat;
	struct wl_list list; // pad.link
	struct wl_list known; // known.link

	struct wl_listener focus_change;
};

// --- the window that has it ---------------------------------------------------------------

static void forget_surface(struct pad *pad) {
	pad->surface = NULL;
	wl_list_remove(&pad->surface_destroy.link);
	wl_list_init(&pad->surface_destroy.link);
}

static void handle_surface_destroy(struct wl_listener *listener, void *data) {
	struct pad *pad = wl_container_of(listener, pad, surface_destroy);
	wlr_tablet_v2_tablet_pad_notify_leave(pad->v2, pad->surface);
	forget_surface(pad);
}

static void give(struct pad *pad, struct wlr_surface *surface) {
	bool accepts = surface != NULL && pad->tablet != NULL &&
		wlr_surface_accepts_tablet_v2(surface, pad->tablet);
	struct wlr_surface *to = accepts ? surface : NULL;
	if (pad->surface == to) {
		return;
	}
	if (pad->surface != NULL) {
		wlr_tablet_v2_tablet_pad_notify_leave(pad->v2, pad->surface);
		forget_surface(pad);
	}
	if (to != NULL) {
		pad->surface = to;
		wl_list_remove(&pad->surface_destroy.link);
		wl_signal_add(&to->events.destroy, &pad->surface_destroy);
		wlr_tablet_v2_tablet_pad_notify_enter(pad->v2, pad->tablet, to);
	}
}

static void handle_focus_change(struct wl_listener *listener, void *data) {
	struct tablet_pads *pads = wl_container_of(listener, pads, focus_change);
	const struct wlr_seat_keyboard_focus_change_event *event = data;
	struct pad *pad;
	wl_list_for_each (pad, &pads->list, link) {
		give(pad, event->new_surface);
	}
}

// --- events -------------------------------------------------------------------------------

static void handle_button(struct wl_listener *listener, void *data) {
	struct pad *pad = wl_container_of(listener, pad, button);
	const struct wlr_tablet_pad_button_event *event = data;
	seat_activity(pad->pads->seat);
	if (pad->surface == NULL) {
		return;
	}
	if (event->group < pad->v2->group_count) {
		wlr_tablet_v2_tablet_pad_notify_mode(
			pad->v2, event->group, event->mode, event->time_msec);
	}
	wlr_tablet_v2_tablet_pad_notify_button(pad->v2, event->button, event->time_msec,
		event->state == WLR_BUTTON_PRESSED ? ZWP_TABLET_PAD_V2_BUTTON_STATE_PRESSED
						   : ZWP_TABLET_PAD_V2_BUTTON_STATE_RELEASED);
}

static void handle_ring(struct wl_listener *listener, void *data) {
	struct pad *pad = wl_container_of(listener, pad, ring);
	const struct wlr_tablet_pad_ring_event *event = data;
	seat_activity(pad->pads->seat);
	if (pad->surface != NULL) {
		wlr_tablet_v2_tablet_pad_notify_ring(pad->v2, event->ring, event->position,
			event->source == WLR_TABLET_PAD_RING_SOURCE_FINGER, event->time_msec);
	}
}

static void handle_strip(struct wl_listener *listener, void *data) {
	struct pad *pad = wl_container_of(listener, pad, strip);
	const struct wlr_tablet_pad_strip_event *event = data;
	seat_activity(pad->pads->seat);
	if (pad->surface != NULL) {
		wlr_tablet_v2_tablet_pad_notify_strip(pad->v2, event->strip, event->position,
			event->source == WLR_TABLET_PAD_STRIP_SOURCE_FINGER, event->time_msec);
	}
}

// --- coming and going ---------------------------------------------------------------------

static const struct libinput_device_group *group_of(struct wlr_input_device *wlr_device) {
	return wlr_input_device_is_libinput(wlr_device)
		? libinput_device_get_device_group(wlr_libinput_get_device_handle(wlr_device))
		: NULL;
}

void tablet_pad_add_tablet(struct seat *seat, struct wlr_input_device *wlr_device,
	struct wlr_tablet_v2_tablet *tablet) {
	struct known *known = alloc_zeroed(1, sizeof(*known));
	known->wlr_device = wlr_device;
	known->tablet = tablet;
	wl_list_insert(&seat->tablet_pads->known, &known->link);
	struct pad *pad;
	wl_list_for_each (pad, &seat->tablet_pads->list, link) {
		if (pad->tablet == NULL && group_of(pad->wlr_device) == group_of(wlr_device)) {
			pad->tablet = tablet;
			give(pad, seat->wlr_seat->keyboard_state.focused_surface);
		}
	}
}

void tablet_pad_forget_tablet(struct seat *seat, const struct wlr_tablet_v2_tablet *tablet) {
	struct pad *pad;
	wl_list_for_each (pad, &seat->tablet_pads->list, link) {
		if (pad->tablet == tablet) {
			give(pad, NULL);
			pad->tablet = NULL;
		}
	}
	struct known *known, *next;
	wl_list_for_each_safe (known, next, &seat->tablet_pads->known, link) {
		if (known->tablet == tablet) {
			wl_list_remove(&known->link);
			free(known);
		}
	}
}

static void forget(struct pad *pad) {
	wl_list_remove(&pad->button.link);
	wl_list_remove(&pad->ring.link);
	wl_list_remove(&pad->strip.link);
	wl_list_remove(&pad->destroy.link);
	wl_list_remove(&pad->surface_destroy.link);
	wl_list_remove(&pad->link);
	free(pad);
}

static void handle_destroy(struct wl_listener *listener, void *data) {
	struct pad *pad = wl_container_of(listener, pad, destroy);
	give(pad, NULL);
	forget(pad);
}

void tablet_pad_add(struct seat *seat, struct wlr_input_device *wlr_device) {
	struct pad *pad = alloc_zeroed(1, sizeof(*pad));
	struct wlr_tablet_pad *wlr = wlr_tablet_pad_from_input_device(wlr_device);
	pad->pads = seat->tablet_pads;
	pad->wlr_device = wlr_device;
	pad->destroy.notify = handle_destroy;
	wl_signal_add(&wlr_device->events.destroy, &pad->destroy);
	pad->v2 = wlr_tablet_pad_create(seat->server->globals->tablet, seat->wlr_seat, wlr_device);
	if (pad->v2 == NULL) {
		wl_list_remove(&pad->destroy.link);
		free(pad);
		return;
	}
	pad->button.notify = handle_button;
	wl_signal_add(&wlr->events.button, &pad->button);
	pad->ring.notify = handle_ring;
	wl_signal_add(&wlr->events.ring, &pad->ring);
	pad->strip.notify = handle_strip;
	wl_signal_add(&wlr->events.strip, &pad->strip);
	pad->surface_destroy.notify = handle_surface_destroy;
	wl_list_init(&pad->surface_destroy.link);
	wl_list_insert(&seat->tablet_pads->list, &pad->link);
	struct known *known;
	wl_list_for_each (known, &seat->tablet_pads->known, link) {
		if (pad->tablet == NULL && group_of(known->wlr_device) == group_of(wlr_device)) {
			pad->tablet = known->tablet;
		}
	}
	give(pad, seat->wlr_seat->keyboard_state.focused_surface);
}

bool tablet_pad_init(struct seat *seat) {
	struct tablet_pads *pads = alloc_zeroed(1, sizeof(*pads));
	pads->seat = seat;
	seat->tablet_pads = pads;
	wl_list_init(&pads->list);
	wl_list_init(&pads->known);
	pads->focus_change.notify = handle_focus_change;
	wl_signal_add(&seat->wlr_seat->keyboard_state.events.focus_change, &pads->focus_change);
	return true;
}

void tablet_pad_finish(struct seat *seat) {
	struct tablet_pads *pads = seat->tablet_pads;
	struct pad *pad, *next;
	wl_list_for_each_safe (pad, next, &pads->list, link) {
		forget(pad);
	}
	struct known *known, *next_known;
	wl_list_for_each_safe (known, next_known, &pads->known, link) {
		wl_list_remove(&known->link);
		free(known);
	}
	wl_list_remove(&pads->focus_change.link);
	free(pads);
	seat->tablet_pads = NULL;
}
