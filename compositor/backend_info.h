#ifndef BACKEND_INFO_H
#define BACKEND_INFO_H

#include <stdbool.h>
#include <stddef.h>

struct server;

/** What the desk runs on, in words, for the first log line and for IPC. */

/** "headless", "wayland", "x11", "drm", several joined by "+". */
void backend_info_backend(const struct server *server, char *text, size_t size);

/** "pixman", "gles2" or "vulkan". */
const char *backend_info_renderer(const struct server *server);

/** The kernel driver and node of the GPU that draws, or "none (software)". */
void backend_info_gpu(const struct server *server, char *text, size_t size);

/** Path of the render node of the GPU that draws, to be freed; NULL: there is none. */
char *backend_info_render_node(const struct server *server);

/** What machines will run on, as far as it can be known before the first has started. */
void backend_info_accelerator(const struct server *server, char *text, size_t size);

/** True inside another Wayland or X11 session. */
bool backend_info_nested(const struct server *server);

#endif
