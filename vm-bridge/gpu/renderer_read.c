// Reading of 3D resources: the images that the renderer writes to.
#include "renderer_remote_private.h"

static void forget_image(struct renderer_remote_image *image) {
	if (image->image != NULL) {
		wl_list_remove(&image->destroy.link);
		image->image = NULL;
	}
}

void renderer_remote_forget_images(struct renderer_remote *remote) {
	for (unsigned i = 0; i < RENDER_IMAGES_MAX; i++) {
		forget_image(&remote->images[i]);
	}
}

static void handle_image_destroy(struct wl_listener *listener, void *data) {
	struct renderer_remote_image *image = wl_container_of(listener, image, destroy);
	struct renderer_remote *remote = image->remote;
	struct render_image body = {.id = (uint32_t)(image - remote->images)};
	const struct iovec piece = {.iov_base = &body, .iov_len = sizeof(body)};
	forget_image(image);
	renderer_remote_send_plain(remote, false, RENDER_DROP_IMAGE, &piece, 1, NULL, 0);
}

/** The renderer's number of an image. It learns of one that it has not, in another one's place. */
static int to_image_id(struct renderer_remote *remote, struct image *image) {
	unsigned id = remote->next_image;
	for (unsigned i = 0; i < RENDER_IMAGES_MAX; i++) {
		if (remote->images[i].image == image) {
			return (int)i;
		}
		if (remote->images[i].image == NULL && remote->images[id].image != NULL) {
			id = i;
		}
	}
	const struct render_image body = {.id = id, .size_bytes = image->size_bytes};
	const struct iovec piece = {.iov_base = (void *)(uintptr_t)&body, .iov_len = sizeof(body)};
	if (!renderer_remote_send_plain(
		    remote, false, RENDER_ADD_IMAGE, &piece, 1, &image->fd, 1)) {
		return -1;
	}
	forget_image(&remote->images[id]);
	remote->images[id].image = image;
	remote->images[id].destroy.notify = handle_image_destroy;
	wl_signal_add(&image->events.destroy, &remote->images[id].destroy);
	remote->next_image = (id + 1) % RENDER_IMAGES_MAX;
	return (int)id;
}

struct renderer_remote_slot *renderer_remote_await(
	struct renderer_remote *remote, uint64_t serial, renderer_read_done done, void *data) {
	struct renderer_remote_slot *slot = renderer_remote_take_slot(remote, &remote->running);
	slot->serial = serial;
	slot->answer = (struct renderer_answer){0};
	slot->content = 0;
	slot->read_done = done;
	slot->read_data = data;
	renderer_remote_watch(remote);
	return slot;
}

bool renderer_remote_read(struct renderer_remote *remote, uint32_t resource, struct image *image,
	const struct pixman_box32 *box, renderer_read_done done, void *data) {
	struct render_read body = {
		.header = {.ring = RENDER_RING_NONE},
		.id = resource,
		.x = (uint32_t)box->x1,
		.y = (uint32_t)box->y1,
		.width = (uint32_t)(box->x2 - box->x1),
		.height = (uint32_t)(box->y2 - box->y1),
		.offset_bytes = (uint64_t)box->y1 * image->stride_bytes +
			(uint64_t)box->x1 * IMAGE_PIXEL_BYTES,
		.stride = image->stride_bytes,
	};
	if (remote->state != RENDERER_REMOTE_READY ||
		!renderer_remote_has_room(remote, sizeof(body))) {
		return false;
	}
	const int id = to_image_id(remote, image);
	if (id < 0) {
		return false;
	}
	body.image = (uint32_t)id;
	const uint64_t serial = renderer_remote_send(
		remote, RENDER_READ, &body, sizeof(body), NULL, 0);
	if (serial == 0) {
		return false;
	}
	renderer_remote_await(remote, serial, done, data);
	remote->read_bytes += (uint64_t)body.width * body.height * IMAGE_PIXEL_BYTES;
	return true;
}

bool renderer_remote_finish(struct renderer_remote *remote, renderer_read_done done, void *data) {
	struct render_header body = {.fenced = 1, .ring = RENDER_RING_NONE};
	if (remote->state != RENDERER_REMOTE_READY ||
		!renderer_remote_has_room(remote, sizeof(body))) {
		return false;
	}
	const uint64_t serial = renderer_remote_send(
		remote, RENDER_FINISH, &body, sizeof(body), NULL, 0);
	if (serial == 0) {
		return false;
	}
	struct renderer_remote_slot *slot = renderer_remote_await(remote, serial, done, data);
	slot->answer.fenced = true;
	slot->answer.in_order = true;
	return true;
}

void renderer_remote_cancel_reads(struct renderer_remote *remote, void *data) {
	struct renderer_remote_slot *slot;
	const struct wl_list *lists[] = {&remote->running, &remote->fencing};
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		wl_list_for_each (slot, lists[i], link) {
			if (slot->answer.queue == NULL && slot->read_data == data) {
				slot->read_done = NULL;
			}
		}
	}
}
