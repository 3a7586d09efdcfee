/*
 * One scanout: what the guest flushes becomes what the window commits.
 *
 * At most one commit is made for each frame callback; flushes in between merge their damage. What
 * a 3D resource shows is read when the window can take it, and only where it was damaged; where
 * the compositor takes the resource's own memory, that is shown instead, once the GPU is done. A
 * guest that goes on drawing in what is shown has no other: from its second flush on a copy is
 * shown, until it flips. The last frame outlives the resource, a SET_SCANOUT(0), which precedes every mode set of Linux, and
 * any number of Wayland connections.
 *
 * A scanout that is off leaves the first window black and closes any other.
 */
#ifndef SCANOUT_H
#define SCANOUT_H

#include <pixman.h>
#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>

#include "image.h"
#include "pacing.h"
#include "renderer_remote.h"
#include "resource.h"
#include "window_client.h"

/** A scanout without a resource for this long is off. */
#define SCANOUT_OFF_MS 500

/** What a successor process needs to know. Plain numbers only. */
struct scanout_record {
	uint32_t resource_id; // 0: off
	struct pixman_box32 box; // in the resource's pixels
};

struct scanout {
	struct scanout_record *record; // not owned
	struct window *window; // not owned
	struct resource_table *resources; // not owned
	struct renderer_remote *remote; // not owned; NULL: there is no 3D
	struct resource *resource; // may be NULL
	bool enabled; // the user wants to see it
	bool on; // it has a resource, or had one until SCANOUT_OFF_MS ago
	/** What it shows, or showed last while it was on. */
	uint64_t content;
	struct pixman_box32 box;
	struct image_pool pool;
	struct pacing pacing;

	/** Flushed, not committed. */
	struct {
		struct image *image; // NULL: nothing
		struct pixman_box32 source;
		pixman_region32_t damage; // in the image's pixels
		bool fenced; // a flush in it waits for the screen
	} pending;

	/** 3D: flushed, and not read yet. */
	struct {
		struct resource *resource; // NULL: nothing
		struct pixman_box32 source;
		pixman_region32_t damage; // in the resource's pixels
		bool fenced;
		bool repeated; // no other was flushed in between
	} drawn;
	uint64_t flushed; // 3D: the content of the resource that was flushed last

	/** 3D: the read or wait that is under way; what it brings is in pending, but for the image. */
	struct {
		struct image *image; // NULL: none
		struct resource *resource; // NULL: it is gone
		struct pixman_box32 box;
		bool superseded; // something newer is pending
	} reading;

	/** 3D: what was read last, so that only what changed needs to be read. */
	struct {
		uint64_t content; // 0: nothing
		struct pixman_box32 source;
	} read;

	/** Committed last. */
	struct {
		struct image *image; // NULL: black
		struct pixman_box32 source;
		uint64_t content;
	} shown;

	uint64_t commits;

	struct {
		/** .on, .content or .box has changed. data: struct scanout */
		struct wl_signal changed;
	} events;

	struct wl_event_source *off_timer;
	struct wl_listener connected; // window.events.connected
	struct wl_listener ready; // window.events.ready
	struct wl_listener presented; // window.events.presented
	struct wl_listener read_ended; // renderer_remote.events.read_ended
	struct wl_listener suspended; // window_client.events.suspended
};

/**
 * Returns false out of memory. All but the loop must outlive the scanout; remote may be NULL.
 */
bool scanout_init(struct scanout *scanout, struct wl_event_loop *loop, struct window *window,
	struct scanout_record *record, struct resource_table *resources,
	struct renderer_remote *remote);
void scanout_finish(struct scanout *scanout);

/** Open or close the window as the user wishes, whatever the guest does; never of the first. */
void scanout_set_enabled(struct scanout *scanout, bool enabled);

/**
 * Show part of a resource on the scanout, from the next flush on.
 *
 * box is in resource pixels and lies inside the resource; resource NULL disables the scanout:
 * the last frame stays for SCANOUT_OFF_MS, then it is off.
 *
 * virtio 1.3, 5.7.6.7, VIRTIO_GPU_CMD_SET_SCANOUT.
 */
void scanout_set(
	struct scanout *scanout, struct resource *resource, const struct pixman_box32 *box);

/** A resource is about to be destroyed; NULL: all of them. Nothing more is read of it. */
void scanout_forget(struct scanout *scanout, const struct resource *resource);

/**
 * The guest finished drawing in box, in resource pixels; commits if the window is ready. serial
 * becomes that of the frame which has it, or 0 if that is not committed yet. A fenced flush has
 * its frame's presentation reported to the scanout's pacing.
 *
 * Returns false if the scanout shows nothing of it.
 */
bool scanout_flush(struct scanout *scanout, struct resource *resource,
	const struct pixman_box32 *box, bool fenced, uint64_t *serial);

#endif
