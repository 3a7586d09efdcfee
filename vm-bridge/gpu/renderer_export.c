// Exports of 3D resources: dmabufs that the renderer hands out.
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "renderer_remote_private.h"

static void drop(struct renderer_export *exported) {
	if (exported->fd >= 0) {
		close(exported->fd);
	}
	exported->fd = -1;
}

/** A dmabuf cannot shrink, so that what is true of it once stays true. */
static bool is_dmabuf(int fd, uint64_t *size_bytes) {
	struct statfs stat;
	const off_t end = lseek(fd, 0, SEEK_END);
	*size_bytes = end > 0 ? (uint64_t)end : 0;
	return fstatfs(fd, &stat) == 0 && stat.f_type == DMA_BUF_MAGIC && end > 0;
}

static bool fits(const struct render_exported *info, uint64_t size_bytes) {
	return info->width >= 1 && info->height >= 1 && info->width <= IMAGE_MAX_SIDE &&
		info->height <= IMAGE_MAX_SIDE && info->stride <= INT32_MAX &&
		info->stride >= info->width * IMAGE_PIXEL_BYTES && info->offset <= INT32_MAX &&
		info->offset + (uint64_t)info->stride * info->height <= size_bytes;
}

bool renderer_remote_take_export(struct renderer_remote *remote,
	const struct renderer_remote_slot *slot, const struct render_exported *info) {
	struct renderer_export *exported = &remote->exported;
	if (slot->content == 0 || exported->fd >= 0) {
		return false;
	}
	exported->fd = render_link_take_fd(&remote->link);
	if (exported->fd < 0) {
		return false;
	}
	exported->info = *info;
	if (!is_dmabuf(exported->fd, &exported->size_bytes) || !fits(info, exported->size_bytes)) {
		drop(exported); // the resource is read, as others are
	}
	return true;
}

void renderer_remote_end_export(
	struct renderer_remote *remote, const struct renderer_remote_slot *slot, bool ok) {
	struct renderer_export *exported = &remote->exported;
	remote->exporting--;
	exported->content = slot->content;
	exported->resource = slot->resource;
	if (!ok) {
		drop(exported);
	}
	wl_signal_emit_mutable(&remote->events.exported, exported);
	drop(exported); // nobody wanted it
}

bool renderer_remote_export(struct renderer_remote *remote, uint32_t resource, uint64_t content) {
	struct render_id body = {.header = {.ring = RENDER_RING_NONE}, .id = resource};
	if (remote->state != RENDERER_REMOTE_READY || remote->exporting == RENDER_LINK_TAKEN_MAX ||
		!renderer_remote_has_room(remote, sizeof(body))) {
		return false;
	}
	const uint64_t serial = renderer_remote_send(
		remote, RENDER_EXPORT, &body, sizeof(body), NULL, 0);
	if (serial == 0) {
		return false;
	}
	struct renderer_remote_slot *slot = renderer_remote_await(remote, serial, NULL, NULL);
	slot->content = content;
	slot->resource = resource;
	remote->exporting++;
	return true;
}
