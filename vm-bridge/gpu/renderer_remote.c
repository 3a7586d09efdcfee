#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "renderer_remote_private.h"

// --- slots --------------------------------------------------------------------------------

static struct renderer_remote_slot *first(const struct wl_list *list) {
	struct renderer_remote_slot *slot = NULL;
	if (!wl_list_empty(list)) {
		slot = wl_container_of(list->next, slot, link);
	}
	return slot;
}

static void move(struct renderer_remote_slot *slot, struct wl_list *list) {
	wl_list_remove(&slot->link);
	wl_list_insert(list->prev, &slot->link);
}

struct renderer_remote_slot *renderer_remote_take_slot(
	struct renderer_remote *remote, struct wl_list *list) {
	struct renderer_remote_slot *slot = first(&remote->free);
	assert(slot != NULL);
	move(slot, list);
	return slot;
}

/** The driver does not look before the chain is pushed; it was filled in as if all went well. */
static void write_type(struct renderer_remote *remote, const struct renderer_answer *answer,
	enum virtio_gpu_ctrl_type type) {
	const uint32_t value = htole32(type);
	for (size_t i = 0; answer->place.known && i < sizeof(value); i++) {
		uint8_t *byte = memory_at(remote->memory, answer->place.guest_address[i], 1);
		if (byte != NULL) {
			*byte = ((const uint8_t *)&value)[i];
		}
	}
}

/** The driver is told once of all that was pushed in a turn. */
static void notify(struct renderer_remote *remote) {
	if (remote->pushed != NULL) {
		virtqueue_notify(remote->pushed);
		remote->pushed = NULL;
	}
}

static void push(struct renderer_remote *remote, struct renderer_remote_slot *slot) {
	const struct renderer_answer *answer = &slot->answer;
	if (remote->pushed != answer->queue) {
		notify(remote);
	}
	virtqueue_push(answer->queue, answer->token, answer->written_bytes);
	remote->pushed = answer->queue;
	move(slot, &remote->free);
}

static bool is_in_order(const struct renderer_remote_slot *slot) {
	return slot->answer.fenced && slot->answer.in_order;
}

/** Whether a fence that signals in order, up to the serial, has not signalled. */
static bool is_pending(const struct wl_list *list, uint64_t serial) {
	const struct renderer_remote_slot *slot;
	wl_list_for_each (slot, list, link) {
		if (slot->serial <= serial && is_in_order(slot)) {
			return true;
		}
	}
	return false;
}

static void push_followers(struct renderer_remote *remote) {
	struct renderer_remote_slot *slot, *next;
	wl_list_for_each_safe (slot, next, &remote->following, link) {
		if (is_pending(&remote->running, slot->serial) ||
			is_pending(&remote->fencing, slot->serial)) {
			return; // and the later ones wait as well
		}
		push(remote, slot);
	}
}

static void end_read(struct renderer_remote *remote, struct renderer_remote_slot *slot, bool ok) {
	if (slot->content != 0) {
		renderer_remote_end_export(remote, slot, ok);
		move(slot, &remote->free);
		return;
	}
	const renderer_read_done done = slot->read_done;
	void *data = slot->read_data;
	move(slot, &remote->free);
	if (done != NULL) {
		done(data, ok);
	}
	wl_signal_emit_mutable(&remote->events.read_ended, remote);
}

// --- giving up ----------------------------------------------------------------------------

static void fail_slot(struct renderer_remote *remote, struct renderer_remote_slot *slot) {
	if (slot->answer.queue == NULL) {
		end_read(remote, slot, false);
	} else {
		write_type(remote, &slot->answer, VIRTIO_GPU_RESP_ERR_UNSPEC);
		push(remote, slot);
	}
}

/** Every answer that is owed is given; contexts are gone, and resources with them. */
static void give_up(struct renderer_remote *remote, const char *reason) {
	const struct renderer_lost_event event = {
		.reason = reason,
		.was_there = remote->state >= RENDERER_REMOTE_STARTING,
	};
	render_link_disconnect(&remote->link);
	remote->state = RENDERER_REMOTE_ABSENT;
	remote->contexts_len = 0;
	remote->done_serial = remote->last_serial;
	renderer_remote_forget_images(remote);
	struct renderer_remote_slot *slot;
	while ((slot = first(&remote->running)) != NULL) {
		fail_slot(remote, slot);
	}
	while ((slot = first(&remote->fencing)) != NULL) {
		fail_slot(remote, slot);
	}
	push_followers(remote);
	notify(remote);
	wl_signal_emit_mutable(&remote->events.lost, (void *)(uintptr_t)&event);
	wl_signal_emit_mutable(&remote->events.resumed, remote);
}

static void handle_link_lost(struct wl_listener *listener, void *data) {
	struct renderer_remote *remote = wl_container_of(listener, remote, link_lost);
	give_up(remote, data);
}

// --- patience -----------------------------------------------------------------------------

static bool is_busy(const struct renderer_remote *remote) {
	return remote->state == RENDERER_REMOTE_WANTED ||
		remote->state == RENDERER_REMOTE_STARTING || !wl_list_empty(&remote->running) ||
		!wl_list_empty(&remote->fencing);
}

static uint64_t oldest(const struct wl_list *list) {
	const struct renderer_remote_slot *slot = first(list);
	return slot != NULL ? slot->serial : 0;
}

/** Fences may signal in any order. */
static uint64_t oldest_fence(const struct renderer_remote *remote) {
	uint64_t serial = 0;
	const struct renderer_remote_slot *slot;
	wl_list_for_each (slot, &remote->fencing, link) {
		serial = serial == 0 || slot->serial < serial ? slot->serial : serial;
	}
	return serial;
}

void renderer_remote_watch(struct renderer_remote *remote) {
	if (!remote->watching && is_busy(remote)) {
		remote->watching = true;
		remote->watched.progress = remote->progress;
		remote->watched.running = oldest(&remote->running);
		remote->watched.fencing = oldest_fence(remote);
		wl_event_source_timer_update(remote->watchdog, remote->patience_ms);
	}
}

/** Whether what was the oldest when the watchdog last looked still is: others may have moved. */
static bool is_stuck(const struct renderer_remote *remote) {
	if (remote->state == RENDERER_REMOTE_WANTED || remote->state == RENDERER_REMOTE_STARTING) {
		return remote->progress == remote->watched.progress;
	}
	const uint64_t running = oldest(&remote->running), fencing = oldest_fence(remote);
	return (running != 0 && running == remote->watched.running) ||
		(fencing != 0 && fencing == remote->watched.fencing);
}

static int handle_watchdog(void *data) {
	struct renderer_remote *remote = data;
	remote->watching = false;
	if (is_stuck(remote)) {
		remote->refused = remote->state != RENDERER_REMOTE_READY;
		give_up(remote,
			remote->refused ? "no renderer came" : "the renderer does not answer");
	}
	renderer_remote_watch(remote);
	return 0;
}

// --- replies ------------------------------------------------------------------------------

static void handle_ready(struct renderer_remote *remote, const struct render_ready *ready) {
	if (ready->version != RENDER_WIRE_VERSION || ready->capsets_len > RENDER_CAPSETS_MAX ||
		remote->state != RENDERER_REMOTE_STARTING || remote->capsets_expected != 0) {
		give_up(remote, "the renderer is of another version");
		return;
	}
	remote->capsets_len = 0;
	remote->capsets_expected = ready->capsets_len;
	if (ready->capsets_len == 0) {
		give_up(remote, "the renderer can draw nothing");
		remote->refused = true;
	}
}

static void handle_capset(
	struct renderer_remote *remote, const struct render_capset *capset, size_t bytes) {
	if (remote->capsets_len >= remote->capsets_expected ||
		capset->bytes > RENDER_CAPSET_MAX_BYTES ||
		capset->bytes > bytes - sizeof(*capset)) {
		give_up(remote, "the renderer's capset is none");
		return;
	}
	struct renderer_capset *own = &remote->capsets[remote->capsets_len++];
	*own = (struct renderer_capset){
		.id = capset->id,
		.version = capset->version,
		.bytes = capset->bytes,
	};
	memcpy(own->data, capset + 1, capset->bytes);
	if (remote->capsets_len == remote->capsets_expected) {
		remote->state = RENDERER_REMOTE_READY;
		remote->refused = false;
		wl_signal_emit_mutable(&remote->events.resumed, remote);
	}
}

/** The renderer is not trusted to know which numbers are results. */
static enum virtio_gpu_ctrl_type to_result(uint32_t result) {
	if (result == VIRTIO_GPU_RESP_OK_NODATA ||
		(result >= VIRTIO_GPU_RESP_ERR_UNSPEC &&
			result <= VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER)) {
		return (enum virtio_gpu_ctrl_type)result;
	}
	return VIRTIO_GPU_RESP_ERR_UNSPEC;
}

/** A context is gone, and with it the fences of its rings, which nobody signals any more. */
static void end_fences(struct renderer_remote *remote, uint32_t context) {
	struct renderer_remote_slot *slot, *next;
	wl_list_for_each_safe (slot, next, &remote->fencing, link) {
		if (slot->answer.queue != NULL && !slot->answer.in_order &&
			slot->answer.context == context) {
			push(remote, slot);
		}
	}
}

static void handle_done(struct renderer_remote *remote, const struct render_done *done) {
	if (done->serial == 0) {
		return; // nobody waits for it
	}
	struct renderer_remote_slot *slot = first(&remote->running);
	if (slot == NULL || slot->serial != done->serial) {
		give_up(remote, "the renderer did what it was not asked");
		return;
	}
	remote->done_serial = done->serial;
	const enum virtio_gpu_ctrl_type result = to_result(done->result);
	const bool ok = result == VIRTIO_GPU_RESP_OK_NODATA;
	if (slot->answer.queue == NULL && (!ok || !slot->answer.fenced)) {
		end_read(remote, slot, ok);
		return;
	}
	if (!ok) {
		write_type(remote, &slot->answer, result);
	}
	if (slot->answer.ends_context && ok) {
		end_fences(remote, slot->answer.context);
	}
	if (slot->answer.fenced) {
		move(slot, &remote->fencing);
	} else {
		push(remote, slot);
	}
}

static void handle_exported(struct renderer_remote *remote, const struct render_exported *info) {
	const struct renderer_remote_slot *slot = first(&remote->running);
	if (slot == NULL || slot->serial != info->serial ||
		!renderer_remote_take_export(remote, slot, info)) {
		give_up(remote, "the renderer exported what it was not asked for");
	}
}

static void handle_fenced(struct renderer_remote *remote, const struct render_fenced *fenced) {
	if (fenced->serial > remote->done_serial) {
		give_up(remote, "the renderer signalled a fence before its command");
		return;
	}
	struct renderer_remote_slot *slot, *next;
	wl_list_for_each_safe (slot, next, &remote->fencing, link) {
		if (slot->serial == fenced->serial ||
			(fenced->all != 0 && slot->serial < fenced->serial && is_in_order(slot))) {
			if (slot->answer.queue == NULL) {
				end_read(remote, slot, true);
			} else {
				push(remote, slot);
			}
		}
	}
	push_followers(remote);
}

static void handle_reply(struct wl_listener *listener, void *data) {
	struct renderer_remote *remote = wl_container_of(listener, remote, reply);
	const struct render_link_reply *reply = data;
	remote->progress++;
	if (reply->type == RENDER_READY && reply->bytes >= sizeof(struct render_ready)) {
		handle_ready(remote, reply->body);
	} else if (reply->type == RENDER_CAPSET && reply->bytes >= sizeof(struct render_capset)) {
		handle_capset(remote, reply->body, reply->bytes);
	} else if (reply->type == RENDER_DONE && reply->bytes >= sizeof(struct render_done)) {
		handle_done(remote, reply->body);
	} else if (reply->type == RENDER_FENCED && reply->bytes >= sizeof(struct render_fenced)) {
		handle_fenced(remote, reply->body);
	} else if (reply->type == RENDER_EXPORTED &&
		reply->bytes >= sizeof(struct render_exported)) {
		handle_exported(remote, reply->body);
	} else {
		give_up(remote, "the renderer said what no renderer says");
	}
}

static void handle_replies_end(struct wl_listener *listener, void *data) {
	struct renderer_remote *remote = wl_container_of(listener, remote, replies_end);
	notify(remote);
	render_link_flush(&remote->link); // what was sent meanwhile
	if (remote->deferred) {
		remote->deferred = false;
		wl_signal_emit_mutable(&remote->events.resumed, remote);
	}
}

// --- commands -----------------------------------------------------------------------------

bool renderer_remote_has_room(struct renderer_remote *remote, size_t bytes) {
	const bool room = !wl_list_empty(&remote->free) &&
		render_link_has_room(&remote->link, bytes);
	remote->deferred = remote->deferred || !room;
	return room;
}

uint64_t renderer_remote_send(struct renderer_remote *remote, uint32_t type, void *body,
	size_t body_bytes, const struct iovec *pieces, size_t pieces_len) {
	struct iovec all[1 + VIRTQUEUE_MAX_DESCRIPTORS];
	assert(pieces_len <= VIRTQUEUE_MAX_DESCRIPTORS);
	struct render_header *header = body;
	header->serial = remote->last_serial + 1;
	all[0] = (struct iovec){.iov_base = body, .iov_len = body_bytes};
	for (size_t i = 0; i < pieces_len; i++) {
		all[1 + i] = pieces[i];
	}
	if (!render_link_send(&remote->link, false, type, all, 1 + pieces_len, NULL, 0)) {
		return 0;
	}
	renderer_remote_watch(remote);
	return ++remote->last_serial;
}

void renderer_remote_answer(
	struct renderer_remote *remote, uint64_t serial, const struct renderer_answer *answer) {
	assert(serial == remote->last_serial && answer->queue != NULL);
	struct renderer_remote_slot *slot = renderer_remote_take_slot(remote, &remote->running);
	slot->serial = serial;
	slot->answer = *answer;
	slot->content = 0;
	renderer_remote_watch(remote);
}

void renderer_remote_follow(struct renderer_remote *remote, const struct renderer_answer *answer) {
	if (wl_list_empty(&remote->free) ||
		(!is_pending(&remote->running, remote->last_serial) &&
			!is_pending(&remote->fencing, remote->last_serial))) {
		virtqueue_push(answer->queue, answer->token, answer->written_bytes);
		return; // the kick's handler notifies
	}
	struct renderer_remote_slot *slot = renderer_remote_take_slot(remote, &remote->following);
	slot->serial = remote->last_serial;
	slot->answer = *answer;
}

bool renderer_remote_send_plain(struct renderer_remote *remote, bool front, uint32_t type,
	const struct iovec *pieces, size_t pieces_len, const int *fds, size_t fds_len) {
	return render_link_send(&remote->link, front, type, pieces, pieces_len, fds, fds_len);
}

static void send_memory(struct renderer_remote *remote, bool front) {
	const struct memory *memory = remote->memory;
	struct render_memory body = {.regions_len = memory->region_count};
	struct render_region regions[MEMORY_MAX_REGIONS];
	int fds[MEMORY_MAX_REGIONS];
	static_assert(MEMORY_MAX_REGIONS <= RENDER_LINK_FDS_MAX, "the fds fit one datagram");
	if (memory->region_count == 0) {
		return; // the guest is not there
	}
	for (unsigned i = 0; i < memory->region_count; i++) {
		const struct memory_region *region = &memory->regions[i];
		regions[i] = (struct render_region){
			.guest_address = region->info.guest_address,
			.size_bytes = region->info.size_bytes,
			.file_offset_bytes = region->info.file_offset_bytes,
		};
		fds[i] = region->fd;
	}
	const struct iovec pieces[] = {
		{.iov_base = &body, .iov_len = sizeof(body)},
		{.iov_base = regions, .iov_len = memory->region_count * sizeof(regions[0])},
	};
	renderer_remote_send_plain(
		remote, front, RENDER_SET_MEMORY, pieces, 2, fds, memory->region_count);
}

void renderer_remote_set_memory(struct renderer_remote *remote) {
	// A renderer that is not there yet is told when it comes.
	if (render_link_is_connected(&remote->link)) {
		send_memory(remote, false);
		renderer_remote_flush(remote);
	}
}

void renderer_remote_reset(struct renderer_remote *remote) {
	remote->contexts_len = 0;
	if (is_busy(remote) && remote->state != RENDERER_REMOTE_STARTING) {
		// It would go on with what the former driver wanted, in memory that has a new owner.
		give_up(remote, "the machine was reset while it drew");
	} else if (render_link_is_connected(&remote->link)) {
		struct render_header body = {.ring = RENDER_RING_NONE};
		const struct iovec piece = {.iov_base = &body, .iov_len = sizeof(body)};
		renderer_remote_send_plain(remote, false, RENDER_RESET, &piece, 1, NULL, 0);
		renderer_remote_flush(remote);
	}
}

void renderer_remote_flush(struct renderer_remote *remote) {
	render_link_flush(&remote->link);
}

// --- contexts -----------------------------------------------------------------------------

static uint32_t find_context(const struct renderer_remote *remote, uint32_t context) {
	uint32_t i = 0;
	while (i < remote->contexts_len && remote->contexts[i] != context) {
		i++;
	}
	return i;
}

bool renderer_remote_has_context(const struct renderer_remote *remote, uint32_t context) {
	return find_context(remote, context) < remote->contexts_len;
}

bool renderer_remote_add_context(struct renderer_remote *remote, uint32_t context) {
	if (remote->contexts_len == RENDERER_REMOTE_CONTEXTS_MAX) {
		return false;
	}
	remote->contexts[remote->contexts_len++] = context;
	return true;
}

void renderer_remote_remove_context(struct renderer_remote *remote, uint32_t context) {
	const uint32_t i = find_context(remote, context);
	if (i < remote->contexts_len) {
		remote->contexts[i] = remote->contexts[--remote->contexts_len];
	}
}

// --- life ---------------------------------------------------------------------------------

static bool is_idle(void *data) {
	const struct renderer_remote *remote = data;
	return wl_list_empty(&remote->running) && wl_list_empty(&remote->fencing);
}

static void release_list(
	struct renderer_remote *remote, struct wl_list *list, const struct virtqueue *queue) {
	struct renderer_remote_slot *slot, *next;
	wl_list_for_each_safe (slot, next, list, link) {
		if (slot->answer.queue == queue) {
			struct renderer_answer *answer = &slot->answer;
			virtqueue_push(answer->queue, answer->token, answer->written_bytes);
			// Its done is still to come, when all of it is the guest's again.
			answer->token = (struct virtqueue_token){0};
			answer->place.known = false;
		}
	}
}

void renderer_remote_release(struct renderer_remote *remote, struct virtqueue *queue) {
	render_link_drain(&remote->link, remote->drain_ms, is_idle, remote);
	release_list(remote, &remote->running, queue);
	release_list(remote, &remote->fencing, queue);
	release_list(remote, &remote->following, queue);
}

bool renderer_remote_want(struct renderer_remote *remote) {
	if (remote->state == RENDERER_REMOTE_ABSENT && !remote->refused) {
		remote->state = RENDERER_REMOTE_WANTED;
		renderer_remote_watch(remote);
		wl_signal_emit_mutable(&remote->events.wanted, remote);
	}
	return remote->state != RENDERER_REMOTE_ABSENT;
}

void renderer_remote_connect(struct renderer_remote *remote, int socket_fd) {
	if (render_link_is_connected(&remote->link)) {
		give_up(remote, "another renderer came");
	}
	if (!render_link_connect(&remote->link, socket_fd)) {
		remote->refused = true;
		give_up(remote, "no memory is left for a renderer");
		return;
	}
	remote->state = RENDERER_REMOTE_STARTING;
	remote->refused = false;
	remote->capsets_expected = 0;
	remote->progress++;
	send_memory(remote, true);
	renderer_remote_flush(remote);
	renderer_remote_watch(remote);
}

static void add_listeners(struct renderer_remote *remote) {
	remote->reply.notify = handle_reply;
	wl_signal_add(&remote->link.events.reply, &remote->reply);
	remote->replies_end.notify = handle_replies_end;
	wl_signal_add(&remote->link.events.replies_end, &remote->replies_end);
	remote->link_lost.notify = handle_link_lost;
	wl_signal_add(&remote->link.events.lost, &remote->link_lost);
}

struct renderer_remote *renderer_remote_create(struct wl_event_loop *loop, struct memory *memory) {
	struct renderer_remote *remote = calloc(1, sizeof(*remote));
	if (remote == NULL) {
		return NULL;
	}
	remote->loop = loop;
	remote->memory = memory;
	remote->patience_ms = RENDERER_REMOTE_PATIENCE_MS;
	remote->drain_ms = RENDERER_REMOTE_DRAIN_MS;
	remote->slots = calloc(RENDERER_REMOTE_ANSWERS_MAX, sizeof(remote->slots[0]));
	remote->watchdog = wl_event_loop_add_timer(loop, handle_watchdog, remote);
	if (remote->slots == NULL || remote->watchdog == NULL) {
		if (remote->watchdog != NULL) {
			wl_event_source_remove(remote->watchdog);
		}
		free(remote->slots);
		free(remote);
		return NULL;
	}
	wl_list_init(&remote->free);
	wl_list_init(&remote->running);
	wl_list_init(&remote->fencing);
	wl_list_init(&remote->following);
	for (unsigned i = 0; i < RENDERER_REMOTE_ANSWERS_MAX; i++) {
		wl_list_insert(&remote->free, &remote->slots[i].link);
	}
	for (unsigned i = 0; i < RENDER_IMAGES_MAX; i++) {
		remote->images[i].remote = remote;
	}
	wl_signal_init(&remote->events.wanted);
	wl_signal_init(&remote->events.lost);
	wl_signal_init(&remote->events.resumed);
	wl_signal_init(&remote->events.read_ended);
	wl_signal_init(&remote->events.exported);
	remote->exported.fd = -1;
	render_link_init(&remote->link, loop);
	add_listeners(remote);
	return remote;
}

void renderer_remote_destroy(struct renderer_remote *remote) {
	if (remote == NULL) {
		return;
	}
	renderer_remote_forget_images(remote);
	if (remote->exported.fd >= 0) {
		close(remote->exported.fd);
	}
	render_link_finish(&remote->link);
	wl_event_source_remove(remote->watchdog);
	free(remote->slots);
	free(remote);
}
