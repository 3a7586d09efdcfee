// A renderer in the test's own process and event loop: it draws nothing, and answers what it is
// told to.
#ifndef EXPORTER_H
#define EXPORTER_H

#include <stdbool.h>
#include <wayland-server-core.h>

#include "render_ring.h"
#include "render_wire.h"

#define EXPORTER_EXPORTS 8

/** What it does when it is asked for an export. */
enum fake_export {
	FAKE_EXPORT_NONE, // it refuses
	FAKE_EXPORT_FILE, // a file of the right size, filled with 0x336699
	FAKE_EXPORT_SHORT, // one that is a byte too short
	FAKE_EXPORT_NARROW, // its stride is less than a row
	FAKE_EXPORT_NO_FD, // the reply without the fd
	FAKE_EXPORT_TWO_FDS, // in one datagram
	FAKE_EXPORT_UNASKED, // of another command
};

struct exporter {
	struct wl_event_loop *loop;
	int socket_fd;
	struct render_ring commands, replies;
	struct wl_event_source *source;
	enum fake_export exports_as;
	uint32_t fourcc, width, height;
	bool stalled; // it answers no RENDER_FINISH
	uint64_t stalled_serial;
	unsigned reads, finishes, exports;
	int files[EXPORTER_EXPORTS]; // that were exported
	unsigned files_len;
	uint8_t body[1 << 16];
};

/** Begin; the other end of its socket is for the bridge. */
int exporter_start(struct exporter *renderer, struct wl_event_loop *loop);
void exporter_end(struct exporter *renderer);

/** Answer the RENDER_FINISH that was not answered. */
void exporter_go_on(struct exporter *renderer);

/** Send an fd that nobody asked for. */
void exporter_send_fd(struct exporter *renderer);

#endif
