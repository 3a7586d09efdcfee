#ifndef INPUT_POPUP_H
#define INPUT_POPUP_H

#include <wayland-server-core.h>

struct seat;
struct wlr_input_popup_surface_v2;
struct wlr_text_input_v3;

/** Windows of the input method beside the text cursor. popups is a list of input_popup.link. */
void input_popup_create(
	struct seat *seat, struct wl_list *popups, struct wlr_input_popup_surface_v2 *wlr);

/** Put them beside the cursor of a text field; NULL: none is on, they are hidden. */
void input_popup_place_all(struct wl_list *popups, struct wlr_text_input_v3 *text_input);

/** Forget them all. */
void input_popup_finish(struct wl_list *popups);

#endif
