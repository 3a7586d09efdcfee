#include "scanout.h"

#include <assert.h>

#define MAX_DAMAGE_RECTS 64

static void clear_pending(struct scanout *scanout) {
	if (scanout->pending.image != NULL) {
		assert(scanout->pending.image->pending > 0);
		scanout->pending.image->pending--;
		image_unref(scanout->pending.image);
		scanout->pending.image = NULL;
	}
}

static void set_pending(struct scanout *scanout, struct image *image) {
	image_ref(image);
	image->pending++;
	image->pool = &scanout->pool; // whence its resource gets another meanwhile
	clear_pending(scanout);
	scanout->pending.image = image;
	scanout->reading.superseded = true;
}

static void set_shown(struct scanout *scanout, struct image *image) {
	if (image != NULL) {
		image_ref(image);
	}
	image_unref(scanout->shown.image);
	scanout->shown.image = image;
}

/** A guest that nobody looks at may flush for hours: what it drew is kept in bounded memory. */
static void add_damage(pixman_region32_t *damage, const struct pixman_box32 *box) {
	pixman_region32_union_rect(damage, damage, box->x1, box->y1, (unsigned)(box->x2 - box->x1),
		(unsigned)(box->y2 - box->y1));
	if (pixman_region32_n_rects(damage) > MAX_DAMAGE_RECTS) {
		pixman_box32_t extents = *pixman_region32_extents(damage);
		pixman_region32_reset(damage, &extents);
	}
}

static bool same_box(const struct pixman_box32 *a, const struct pixman_box32 *b) {
	return a->x1 == b->x1 && a->y1 == b->y1 && a->x2 == b->x2 && a->y2 == b->y2;
}

/** Show what is pending. Returns the frame's serial, or 0 on failure. */
static uint64_t commit(struct scanout *scanout) {
	struct image *image = scanout->pending.image;
	struct window_buffer *buffer = image_get_buffer(image, scanout->window, &scanout->pool);
	if (buffer == NULL) {
		return 0; // tried again at the next flush
	}
	// Another picture, or another part of it: the flushes' damage does not tell what changed.
	if (scanout->shown.image == NULL || scanout->shown.content != image->content ||
		!same_box(&scanout->shown.source, &scanout->pending.source)) {
		pixman_region32_reset(&scanout->pending.damage, &scanout->pending.source);
	}
	const struct window_frame frame = {
		.buffer = buffer,
		.source = scanout->pending.source,
		.damage = &scanout->pending.damage,
		.want_presented = scanout->pending.fenced,
	};
	const uint64_t serial = window_show(scanout->window, &frame);
	if (serial == 0) {
		return 0; // shown on the next connection
	}
	scanout->commits++;
	set_shown(scanout, image);
	scanout->shown.source = scanout->pending.source;
	scanout->shown.content = image->content;
	clear_pending(scanout);
	pixman_region32_clear(&scanout->pending.damage);
	scanout->pending.fenced = false;
	if (scanout->drawn.resource == NULL) {
		pacing_gather(&scanout->pacing); // nothing newer waits to be read
	}
	pacing_committed(&scanout->pacing, serial);
	return serial;
}

// --- 3D ----------------------------------------------------------------------------------

static void clear_drawn(struct scanout *scanout) {
	scanout->drawn.resource = NULL;
	scanout->drawn.fenced = false;
	scanout->drawn.repeated = false;
	pixman_region32_clear(&scanout->drawn.damage);
}

/** The pixels came. What was flushed since is read next, once the window is ready again. */
static void handle_read(void *data, bool ok) {
	struct scanout *scanout = data;
	struct image *image = scanout->reading.image;
	const struct pixman_box32 *box = &scanout->reading.box;
	const struct resource *resource = scanout->reading.resource;
	scanout->reading.image = NULL;
	if (ok && resource != NULL && image != resource->direct) {
		ok = image_convert(image, box, resource->record->format);
		image_mark_stale(&scanout->resources->budget, image->content, box);
	}
	if (!ok) {
		scanout->read.content = 0; // the next one reads all of it
	}
	if (scanout->reading.resource != NULL) {
		scanout->reading.resource->reading = false;
		scanout->reading.resource = NULL;
	}
	if (ok && resource != NULL && !scanout->reading.superseded) {
		set_pending(scanout, image);
		if (window_ready(scanout->window)) {
			commit(scanout);
		}
	}
	image_unref(image);
}

/**
 * The resource's own memory, if the window shows that: a compositor may be reading it until the
 * next frame, so the guest must have another resource to draw in meanwhile.
 */
static struct image *choose_direct(struct scanout *scanout, struct resource *resource) {
	if (!resource->top_down || !window_takes_dmabufs(scanout->window)) {
		return NULL;
	}
	if (!resource->export_wanted) {
		resource->export_wanted = renderer_remote_export(
			scanout->remote, resource->record->id, resource->content);
	}
	return resource->direct != NULL && !scanout->drawn.repeated &&
			image_can_show(resource->direct, scanout->window, &scanout->pool)
		? resource->direct
		: NULL;
}

/** Have the image hold what was drawn. Returns false when that cannot be now. */
static bool start_read(struct scanout *scanout, struct resource *resource, struct image *direct,
	const struct pixman_box32 *box) {
	if (direct != NULL) {
		return renderer_remote_finish(scanout->remote, handle_read, scanout);
	}
	return resource_make_writable(scanout->resources, resource, box) &&
		renderer_remote_read(scanout->remote, resource->record->id, resource->image, box,
			handle_read, scanout);
}

/** Start to read what was drawn, unless that has to wait. */
static void read_drawn(struct scanout *scanout) {
	struct resource *resource = scanout->drawn.resource;
	if (resource == NULL || resource->reading || scanout->reading.image != NULL) {
		return;
	}
	if (resource->lost) {
		clear_drawn(scanout);
		return;
	}
	// A flush tells what differs from the frame before, whichever resource that was in.
	const bool same = resource->image != NULL && scanout->read.content == resource->content &&
		same_box(&scanout->read.source, &scanout->drawn.source);
	const struct pixman_box32 box = same ? *pixman_region32_extents(&scanout->drawn.damage)
					     : scanout->drawn.source;
	struct image *direct = choose_direct(scanout, resource);
	if (!start_read(scanout, resource, direct, &box)) {
		return; // tried again at the next flush
	}
	renderer_remote_flush(scanout->remote);
	resource->reading = true;
	scanout->reading.image = image_ref(direct != NULL ? direct : resource->image);
	scanout->reading.resource = resource;
	scanout->reading.box = box;
	scanout->reading.superseded = false;
	scanout->read.content = direct != NULL ? 0 : resource->content;
	scanout->read.source = scanout->drawn.source;
	scanout->pending.source = scanout->drawn.source;
	scanout->pending.fenced = scanout->pending.fenced || scanout->drawn.fenced;
	pixman_region32_union(
		&scanout->pending.damage, &scanout->pending.damage, &scanout->drawn.damage);
	pacing_gather(&scanout->pacing);
	clear_drawn(scanout);
}

/** Another scanout may have read the same resource. */
static void handle_read_ended(struct wl_listener *listener, void *data) {
	struct scanout *scanout = wl_container_of(listener, scanout, read_ended);
	if (window_ready(scanout->window)) {
		read_drawn(scanout);
	}
}

void scanout_forget(struct scanout *scanout, const struct resource *resource) {
	if (resource == NULL || scanout->resource == resource) {
		scanout_set(scanout, NULL, NULL);
	}
	if (resource == NULL || scanout->drawn.resource == resource) {
		clear_drawn(scanout);
	}
	if (resource == NULL || scanout->reading.resource == resource) {
		scanout->reading.resource = NULL;
	}
}

static uint64_t commit_if_ready(struct scanout *scanout) {
	if (!window_ready(scanout->window)) {
		return 0;
	}
	if (scanout->pending.image != NULL) {
		return commit(scanout);
	}
	read_drawn(scanout);
	return 0;
}

static void handle_ready(struct wl_listener *listener, void *data) {
	struct scanout *scanout = wl_container_of(listener, scanout, ready);
	commit_if_ready(scanout);
}

static void handle_presented(struct wl_listener *listener, void *data) {
	struct scanout *scanout = wl_container_of(listener, scanout, presented);
	const uint64_t *serial = data;
	pacing_presented(&scanout->pacing, *serial);
}

static void handle_suspended(struct wl_listener *listener, void *data) {
	struct scanout *scanout = wl_container_of(listener, scanout, suspended);
	pacing_set_suspended(&scanout->pacing, window_client_is_suspended(data));
}

static void flush_all(struct scanout *scanout, struct resource *resource) {
	if (resource->record->kind == RESOURCE_3D) {
		scanout->drawn.resource = resource->lost ? NULL : resource;
		scanout->drawn.source = scanout->record->box;
		add_damage(&scanout->drawn.damage, &scanout->record->box);
	} else {
		scanout->pending.source = scanout->record->box;
		set_pending(scanout, resource->image);
	}
}

static bool is_direct(const struct image *image) {
	return image != NULL && image->data == NULL;
}

/** A new connection shows nothing yet: the last frame is pending until the window is ready. */
static void handle_connected(struct wl_listener *listener, void *data) {
	struct scanout *scanout = wl_container_of(listener, scanout, connected);
	if (is_direct(scanout->pending.image) || is_direct(scanout->shown.image) ||
		is_direct(scanout->reading.image) ||
		(scanout->shown.image != NULL && scanout->shown.image == scanout->reading.image)) {
		// This compositor has not said yet that it takes it, or it is being written to.
		clear_pending(scanout);
		scanout->reading.superseded = true;
		if (scanout->resource != NULL) {
			flush_all(scanout, scanout->resource);
		}
	} else if (scanout->pending.image == NULL && scanout->shown.image != NULL) {
		scanout->pending.source = scanout->shown.source;
		set_pending(scanout, scanout->shown.image);
	}
	set_shown(scanout, NULL);
}

/** What the window shows is forgotten. */
static void clear(struct scanout *scanout) {
	clear_pending(scanout);
	clear_drawn(scanout);
	scanout->reading.superseded = true;
	pixman_region32_clear(&scanout->pending.damage);
	scanout->pending.fenced = false;
	set_shown(scanout, NULL);
	image_pool_trim(&scanout->pool, 0, 0);
}

static void update_window(struct scanout *scanout) {
	window_set_open(
		scanout->window, scanout->window->index == 0 || (scanout->on && scanout->enabled));
}

static int handle_off_timer(void *data) {
	struct scanout *scanout = data;
	clear(scanout);
	window_blank(scanout->window);
	window_reset_cursor(scanout->window);
	scanout->on = false;
	update_window(scanout);
	wl_signal_emit_mutable(&scanout->events.changed, scanout);
	return 0;
}

void scanout_set_enabled(struct scanout *scanout, bool enabled) {
	if (scanout->window->index == 0 || scanout->enabled == enabled) {
		return;
	}
	scanout->enabled = enabled;
	if (!enabled) {
		clear(scanout);
	} else if (scanout->resource != NULL) {
		flush_all(scanout, scanout->resource); // what the guest flushed meanwhile
	}
	update_window(scanout);
}

bool scanout_init(struct scanout *scanout, struct wl_event_loop *loop, struct window *window,
	struct scanout_record *record, struct resource_table *resources,
	struct renderer_remote *remote) {
	*scanout = (struct scanout){
		.record = record,
		.window = window,
		.resources = resources,
		.remote = remote,
		.enabled = true,
	};
	*record = (struct scanout_record){0};
	image_pool_init(&scanout->pool, &resources->budget);
	pixman_region32_init(&scanout->pending.damage);
	wl_signal_init(&scanout->events.changed);
	pixman_region32_init(&scanout->drawn.damage);
	wl_list_init(&scanout->read_ended.link);
	if (remote != NULL) {
		scanout->read_ended.notify = handle_read_ended;
		wl_signal_add(&remote->events.read_ended, &scanout->read_ended);
	}
	scanout->connected.notify = handle_connected;
	wl_signal_add(&window->events.connected, &scanout->connected);
	scanout->ready.notify = handle_ready;
	wl_signal_add(&window->events.ready, &scanout->ready);
	scanout->presented.notify = handle_presented;
	wl_signal_add(&window->events.presented, &scanout->presented);
	scanout->suspended.notify = handle_suspended;
	wl_signal_add(&window->client->events.suspended, &scanout->suspended);
	scanout->off_timer = wl_event_loop_add_timer(loop, handle_off_timer, scanout);
	return pacing_init(&scanout->pacing, loop) && scanout->off_timer != NULL;
}

void scanout_finish(struct scanout *scanout) {
	wl_list_remove(&scanout->connected.link);
	wl_list_remove(&scanout->ready.link);
	wl_list_remove(&scanout->presented.link);
	wl_list_remove(&scanout->suspended.link);
	wl_list_remove(&scanout->read_ended.link);
	if (scanout->remote != NULL) {
		renderer_remote_cancel_reads(scanout->remote, scanout);
	}
	if (scanout->off_timer != NULL) {
		wl_event_source_remove(scanout->off_timer);
	}
	pacing_finish(&scanout->pacing);
	clear_pending(scanout);
	set_shown(scanout, NULL);
	image_unref(scanout->reading.image);
	image_pool_finish(&scanout->pool);
	pixman_region32_fini(&scanout->pending.damage);
	pixman_region32_fini(&scanout->drawn.damage);
}

void scanout_set(
	struct scanout *scanout, struct resource *resource, const struct pixman_box32 *box) {
	if (resource == NULL) {
		if (scanout->resource != NULL) {
			wl_event_source_timer_update(scanout->off_timer, SCANOUT_OFF_MS);
		}
		scanout->resource = NULL;
		*scanout->record = (struct scanout_record){0};
		return;
	}
	wl_event_source_timer_update(scanout->off_timer, 0);
	scanout->resource = resource;
	scanout->record->resource_id = resource->record->id;
	scanout->record->box = *box;
	image_pool_trim(&scanout->pool, resource->record->width, resource->record->height);
	const bool changed = !scanout->on || scanout->content != resource->content ||
		!same_box(&scanout->box, box);
	scanout->on = true;
	scanout->content = resource->content;
	scanout->box = *box;
	update_window(scanout);
	if (changed) {
		wl_signal_emit_mutable(&scanout->events.changed, scanout);
	}
}

/** What is only pending is older. */
static bool flush_3d(struct scanout *scanout, struct resource *resource,
	const struct pixman_box32 *box, bool fenced, uint64_t *serial) {
	if (!resource->flat || resource->lost || scanout->remote == NULL) {
		return false;
	}
	if (scanout->drawn.resource != NULL && scanout->drawn.resource != resource) {
		pixman_region32_clear(&scanout->drawn.damage);
	}
	clear_pending(scanout);
	scanout->drawn.repeated = scanout->flushed == resource->content;
	scanout->flushed = resource->content;
	scanout->drawn.resource = resource;
	scanout->drawn.source = scanout->record->box;
	scanout->drawn.fenced = scanout->drawn.fenced || fenced;
	add_damage(&scanout->drawn.damage, box);
	commit_if_ready(scanout);
	*serial = scanout->drawn.resource == NULL ? PACING_GATHERED : 0;
	return true;
}

bool scanout_flush(struct scanout *scanout, struct resource *resource,
	const struct pixman_box32 *box, bool fenced, uint64_t *serial) {
	const struct pixman_box32 *shown = &scanout->record->box;
	if (scanout->resource != resource || !scanout->window->open) {
		return false;
	}
	const struct pixman_box32 clipped = {
		.x1 = box->x1 > shown->x1 ? box->x1 : shown->x1,
		.y1 = box->y1 > shown->y1 ? box->y1 : shown->y1,
		.x2 = box->x2 < shown->x2 ? box->x2 : shown->x2,
		.y2 = box->y2 < shown->y2 ? box->y2 : shown->y2,
	};
	if (clipped.x1 >= clipped.x2 || clipped.y1 >= clipped.y2) {
		return false;
	}
	if (resource->record->kind == RESOURCE_3D) {
		return flush_3d(scanout, resource, &clipped, fenced, serial);
	}
	if (image_get_buffer(resource->image, scanout->window, &scanout->pool) == NULL) {
		return false;
	}
	clear_drawn(scanout);
	scanout->pending.source = *shown;
	set_pending(scanout, resource->image);
	add_damage(&scanout->pending.damage, &clipped);
	scanout->pending.fenced = scanout->pending.fenced || fenced;
	*serial = commit_if_ready(scanout);
	return true;
}
