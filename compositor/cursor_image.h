#ifndef CURSOR_IMAGE_H
#define CURSOR_IMAGE_H

#include <stdint.h>

struct pointer;
struct wlr_surface;

/** What the cursor looks like: a shape of the theme, or a surface of the client under it. */
void cursor_image_init(struct pointer *pointer);
void cursor_image_finish(struct pointer *pointer);

/** Show a shape of the theme, by its name in the cursor-shape protocol; kept, not copied. */
void cursor_image_set_shape(struct pointer *pointer, const char *shape);

/** Show a surface of a client, or with NULL nothing; the caller has checked whose turn it is. */
void cursor_image_set_surface(
	struct pointer *pointer, struct wlr_surface *surface, int32_t hotspot_x, int32_t hotspot_y);

/** The theme changed: show the shape anew. */
void cursor_image_reload(struct pointer *pointer);

#endif
