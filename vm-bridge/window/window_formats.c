#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "linux-dmabuf-v1-client-protocol.h"
#include "window_private.h"

// A table has one entry for each pair of a format and a modifier: hundreds.
#define MAX_ENTRIES 65536

/** As linux-dmabuf-v1, zwp_linux_dmabuf_feedback_v1.format_table, has them. */
struct entry {
	uint32_t fourcc, padding;
	uint64_t modifier;
};

struct window_formats {
	struct zwp_linux_dmabuf_feedback_v1 *feedback;
	struct entry *table;
	bool *taken; // of each entry: it is in a tranche that is done
	bool *pending; // the same, of the feedback that is being told
	uint32_t len;
	bool any;
};

static void forget(struct window_formats *formats) {
	free(formats->table);
	free(formats->taken);
	free(formats->pending);
	formats->table = NULL;
	formats->taken = formats->pending = NULL;
	formats->len = 0;
	formats->any = false;
}

/** Read, not mapped: a file may shrink. */
static bool read_all(int fd, void *bytes, size_t size_bytes) {
	return lseek(fd, 0, SEEK_SET) == 0 && read(fd, bytes, size_bytes) == (ssize_t)size_bytes;
}

static void handle_format_table(void *data, struct zwp_linux_dmabuf_feedback_v1 *feedback,
	int32_t fd, uint32_t size_bytes) {
	struct window_formats *formats = data;
	const uint32_t len = size_bytes / sizeof(struct entry);
	forget(formats);
	if (len > 0 && len <= MAX_ENTRIES) {
		formats->table = calloc(len, sizeof(formats->table[0]));
		formats->taken = calloc(len, sizeof(formats->taken[0]));
		formats->pending = calloc(len, sizeof(formats->pending[0]));
		formats->len = len;
		if (formats->table == NULL || formats->taken == NULL || formats->pending == NULL ||
			!read_all(fd, formats->table, len * sizeof(formats->table[0]))) {
			forget(formats);
		}
	}
	close(fd);
}

static void handle_main_device(
	void *data, struct zwp_linux_dmabuf_feedback_v1 *feedback, struct wl_array *device) {
	// Which device the renderer draws on is not the bridge's to say; the compositor tries each
	// buffer.
}

static void handle_tranche_target_device(
	void *data, struct zwp_linux_dmabuf_feedback_v1 *feedback, struct wl_array *device) {}

static void handle_tranche_flags(
	void *data, struct zwp_linux_dmabuf_feedback_v1 *feedback, uint32_t flags) {}

static void handle_tranche_formats(
	void *data, struct zwp_linux_dmabuf_feedback_v1 *feedback, struct wl_array *indices) {
	struct window_formats *formats = data;
	const uint16_t *index;
	wl_array_for_each (index, indices) {
		if (*index < formats->len) {
			formats->pending[*index] = true;
		}
	}
}

static void handle_tranche_done(void *data, struct zwp_linux_dmabuf_feedback_v1 *feedback) {}

static void handle_done(void *data, struct zwp_linux_dmabuf_feedback_v1 *feedback) {
	struct window_formats *formats = data;
	formats->any = false;
	for (uint32_t i = 0; i < formats->len; i++) {
		formats->any = formats->any || formats->pending[i];
		formats->taken[i] = formats->pending[i];
		formats->pending[i] = false;
	}
}

static const struct zwp_linux_dmabuf_feedback_v1_listener feedback_listener = {
	.done = handle_done,
	.format_table = handle_format_table,
	.main_device = handle_main_device,
	.tranche_done = handle_tranche_done,
	.tranche_target_device = handle_tranche_target_device,
	.tranche_formats = handle_tranche_formats,
	.tranche_flags = handle_tranche_flags,
};

struct window_formats *window_formats_create(struct window_connection *connection) {
	struct zwp_linux_dmabuf_v1 *dmabuf = connection->globals.dmabuf;
	if (dmabuf == NULL ||
		zwp_linux_dmabuf_v1_get_version(dmabuf) <
			ZWP_LINUX_DMABUF_V1_GET_DEFAULT_FEEDBACK_SINCE_VERSION) {
		return NULL;
	}
	struct window_formats *formats = calloc(1, sizeof(*formats));
	if (formats == NULL) {
		return NULL;
	}
	formats->feedback = zwp_linux_dmabuf_v1_get_default_feedback(dmabuf);
	if (formats->feedback == NULL) {
		free(formats);
		return NULL;
	}
	zwp_linux_dmabuf_feedback_v1_add_listener(formats->feedback, &feedback_listener, formats);
	return formats;
}

void window_formats_destroy(struct window_formats *formats) {
	if (formats != NULL) {
		zwp_linux_dmabuf_feedback_v1_destroy(formats->feedback);
		forget(formats);
		free(formats);
	}
}

bool window_formats_have(const struct window_formats *formats, uint32_t fourcc, uint64_t modifier) {
	for (uint32_t i = 0; i < formats->len; i++) {
		const struct entry *entry = &formats->table[i];
		if (formats->taken[i] && entry->fourcc == fourcc && entry->modifier == modifier) {
			return true;
		}
	}
	return false;
}

bool window_formats_any(const struct window_formats *formats) {
	return formats != NULL && formats->any;
}
