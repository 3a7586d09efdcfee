#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wlr/backend.h>
#include <wlr/backend/drm.h>
#include <wlr/backend/headless.h>
#include <wlr/backend/multi.h>
#include <wlr/backend/wayland.h>
#include <wlr/config.h>
#if WLR_HAS_X11_BACKEND
#include <wlr/backend/x11.h>
#endif
#include <wlr/render/pixman.h>
#include <wlr/render/wlr_renderer.h>
#if WLR_HAS_GLES2_RENDERER
#include <wlr/render/gles2.h>
#endif
#if WLR_HAS_VULKAN_RENDERER
#include <wlr/render/vulkan.h>
#endif
#include <xf86drm.h>

#include "backend_info.h"
#include "config.h"
#include "server.h"

struct names {
	char *text;
	size_t size, len;
	bool nested;
};

static const char *name_of(struct wlr_backend *backend, bool *nested) {
	if (wlr_backend_is_headless(backend)) {
		return "headless";
	}
	if (wlr_backend_is_wl(backend)) {
		*nested = true;
		return "wayland";
	}
#if WLR_HAS_X11_BACKEND
	if (wlr_backend_is_x11(backend)) {
		*nested = true;
		return "x11";
	}
#endif
#if WLR_HAS_DRM_BACKEND
	if (wlr_backend_is_drm(backend)) {
		return "drm";
	}
#endif
	return NULL; // libinput, which is no display
}

static void add_name(struct wlr_backend *backend, void *data) {
	struct names *names = data;
	const char *name = name_of(backend, &names->nested);
	if (name == NULL || names->len >= names->size) {
		return;
	}
	int len = snprintf(names->text + names->len, names->size - names->len, "%s%s",
		names->len > 0 ? "+" : "", name);
	names->len += len > 0 ? (size_t)len : 0;
}

static void collect(const struct server *server, struct names *names) {
	names->text[0] = '\0';
	if (wlr_backend_is_multi(server->backend)) {
		wlr_multi_for_each_backend(server->backend, add_name, names);
	} else {
		add_name(server->backend, names);
	}
}

void backend_info_backend(const struct server *server, char *text, size_t size) {
	struct names names = {.text = text, .size = size};
	collect(server, &names);
}

bool backend_info_nested(const struct server *server) {
	char text[64];
	struct names names = {.text = text, .size = sizeof(text)};
	collect(server, &names);
	return names.nested;
}

const char *backend_info_renderer(const struct server *server) {
	if (wlr_renderer_is_pixman(server->renderer)) {
		return "pixman";
	}
#if WLR_HAS_GLES2_RENDERER
	if (wlr_renderer_is_gles2(server->renderer)) {
		return "gles2";
	}
#endif
#if WLR_HAS_VULKAN_RENDERER
	if (wlr_renderer_is_vk(server->renderer)) {
		return "vulkan";
	}
#endif
	return "unknown";
}

void backend_info_gpu(const struct server *server, char *text, size_t size) {
	int fd = wlr_renderer_get_drm_fd(server->renderer);
	drmVersion *version = fd >= 0 ? drmGetVersion(fd) : NULL;
	if (version == NULL) {
		snprintf(text, size, "none (software)");
		return;
	}
	char *node = drmGetDeviceNameFromFd2(fd);
	snprintf(text, size, "%.*s%s%s", version->name_len, version->name, node != NULL ? " " : "",
		node != NULL ? node : "");
	free(node);
	drmFreeVersion(version);
}

char *backend_info_render_node(const struct server *server) {
	int fd = wlr_renderer_get_drm_fd(server->renderer);
	return fd >= 0 ? drmGetRenderDeviceNameFromFd(fd) : NULL;
}

void backend_info_accelerator(const struct server *server, char *text, size_t size) {
	const char *wanted = server->options.accel;
	if ((wanted != NULL && strcmp(wanted, "tcg") == 0) ||
		(wanted == NULL && server->config->accel == CONFIG_ACCEL_TCG)) {
		snprintf(text, size, "tcg (configured)");
		return;
	}
	// Opening proves little: redecho-vmd runs a machine on it before it is used.
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		snprintf(text, size, "tcg (/dev/kvm: %s)", strerror(errno));
		return;
	}
	close(fd);
	snprintf(text, size, "kvm if redecho-vmd's probe passes");
}
