#include "notice.h"

#include <stdlib.h>
#include <string.h>
#include <wlr/interfaces/wlr_buffer.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_scene.h>

#include "alloc.h"
#include "card.h"
#include "config.h"
#include "log.h"
#include "machine.h"
#include "output.h"
#include "server.h"
#include "titlebar.h"

#define MESSAGES_MAX 4
#define TEXT_MAX 1000
#define MARGIN 8

struct message {
	enum notice_severity severity;
	char *text;
	char *origin, *label; // of the machine that it is about; NULL: none
	int64_t until_ms; // 0: until it is taken away
	struct wlr_scene_buffer *buffer;
	struct wl_list link; // notice.messages, the oldest first
};

struct notice {
	struct server *server;
	struct wl_list messages; // message.link
	struct message *standing; // may be NULL
	struct wl_event_source *timer;
};

static void message_destroy(struct message *message) {
	wl_list_remove(&message->link);
	wlr_scene_node_destroy(&message->buffer->node);
	free(message->text);
	free(message->origin);
	free(message->label);
	free(message);
}

static struct message *message_create(
	struct server *server, enum notice_severity severity, const char *text) {
	struct message *message = calloc(1, sizeof(*message));
	if (message == NULL) {
		abort();
	}
	message->severity = severity;
	message->text = titlebar_filter_text(text, TEXT_MAX);
	message->buffer = wlr_scene_buffer_create(server->layers[LAYER_NOTICES], NULL);
	wl_list_insert(server->notice->messages.prev, &message->link);
	return message;
}

static void draw(struct message *message, struct output *output, int *y) {
	static const uint32_t edges[] = {
		[NOTICE_INFO] = 0x5080c0,
		[NOTICE_WARNING] = 0xd0a020,
		[NOTICE_ERROR] = 0xd03030,
	};
	static const uint32_t texts[] = {
		[NOTICE_INFO] = 0xf0f0f0,
		[NOTICE_WARNING] = 0xf0d080,
		[NOTICE_ERROR] = 0xff9a9a,
	};
	const struct config *config = output->server->config;
	bool of_machine = message->origin != NULL;
	uint32_t label_colour = of_machine ? config_label_colour(config, message->label) : 0;
	struct card card = {
		.lines = {{message->origin, "Sans Bold 11", 0xf0f0f0},
			{message->text, "Sans 11", texts[message->severity]}},
		.max_width = output->box.width - 2 * MARGIN,
		.max_height = output->box.height / 2,
		.padding = 10,
		.scale = output->wlr_output->scale,
		.colour = 0x202020,
		.edge = of_machine ? label_colour : edges[message->severity],
		.edge_width = of_machine ? 5 : 2,
	};
	int width = 0, height = 0;
	struct wlr_buffer *buffer = card_draw(&card, &width, &height);
	wlr_scene_buffer_set_buffer(message->buffer, buffer);
	if (buffer == NULL) {
		return;
	}
	wlr_buffer_drop(buffer);
	wlr_scene_buffer_set_dest_size(message->buffer, width, height);
	*y -= height + MARGIN;
	wlr_scene_node_set_position(
		&message->buffer->node, output->box.x + (output->box.width - width) / 2, *y);
}

void notice_arrange(struct server *server) {
	struct output *output = server->active_output;
	if (server->notice == NULL || output == NULL) {
		return;
	}
	// From the bottom up: a title bar, which says whose window it is, stays free.
	int y = output->box.y + output->box.height;
	struct message *message;
	wl_list_for_each (message, &server->notice->messages, link) {
		draw(message, output, &y);
	}
}

static int handle_timer(void *data) {
	struct notice *notice = data;
	int64_t now = server_now_ms(), next = 0;
	struct message *message, *tmp;
	wl_list_for_each_safe (message, tmp, &notice->messages, link) {
		if (message->until_ms == 0) {
			continue;
		}
		if (message->until_ms <= now) {
			message_destroy(message);
		} else if (next == 0 || message->until_ms < next) {
			next = message->until_ms;
		}
	}
	wl_event_source_timer_update(notice->timer, next > 0 ? (int)(next - now) : 0);
	notice_arrange(notice->server);
	return 0;
}

static bool same_origin(const char *a, const char *b) {
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static struct message *find(struct notice *notice, const char *text, const char *origin) {
	struct message *message;
	wl_list_for_each (message, &notice->messages, link) {
		if (message != notice->standing && strcmp(message->text, text) == 0 &&
			same_origin(message->origin, origin)) {
			return message;
		}
	}
	return NULL;
}

static void drop_oldest(struct notice *notice) {
	struct message *message, *tmp;
	int len = wl_list_length(&notice->messages);
	wl_list_for_each_safe (message, tmp, &notice->messages, link) {
		if (len > MESSAGES_MAX && message != notice->standing) {
			message_destroy(message);
			len--;
		}
	}
}

static void show(struct server *server, const struct machine *machine,
	enum notice_severity severity, const char *text) {
	static const int stay_ms[] = {
		[NOTICE_INFO] = 4000,
		[NOTICE_WARNING] = 8000,
		[NOTICE_ERROR] = 12000,
	};
	struct notice *notice = server->notice;
	char *filtered = titlebar_filter_text(text, TEXT_MAX);
	char *origin = machine != NULL ? titlebar_format_origin(machine->label, machine->title)
				       : NULL;
	struct message *message = find(notice, filtered, origin);
	if (message == NULL) {
		message = message_create(server, severity, filtered);
		message->origin = origin;
		message->label = machine != NULL ? alloc_string(machine->label) : NULL;
		drop_oldest(notice);
	} else {
		free(origin);
	}
	free(filtered);
	message->until_ms = server_now_ms() + stay_ms[severity];
	log_info("%s%s%s%s", machine != NULL ? "machine " : "",
		machine != NULL ? machine->name : "", machine != NULL ? ": " : "", message->text);
	struct notice_message event = {severity, message->text, machine};
	server_emit(server, SERVER_NOTICE, SERVER_ADDED, &event);
	handle_timer(notice);
}

void notice_show(struct server *server, enum notice_severity severity, const char *text) {
	show(server, NULL, severity, text);
}

void notice_show_machine(struct machine *machine, enum notice_severity severity, const char *text) {
	show(machine->server, machine, severity, text);
}

void notice_set_standing(struct server *server, const char *text) {
	struct notice *notice = server->notice;
	if (notice->standing != NULL) {
		message_destroy(notice->standing);
		notice->standing = NULL;
	}
	if (text != NULL) {
		notice->standing = message_create(server, NOTICE_ERROR, text);
		struct notice_message event = {NOTICE_ERROR, notice->standing->text, NULL};
		server_emit(server, SERVER_NOTICE, SERVER_ADDED, &event);
	}
	notice_arrange(server);
}

bool notice_init(struct server *server) {
	struct notice *notice = calloc(1, sizeof(*notice));
	if (notice == NULL) {
		return false;
	}
	notice->server = server;
	wl_list_init(&notice->messages);
	notice->timer = wl_event_loop_add_timer(server->loop, handle_timer, notice);
	server->notice = notice;
	return notice->timer != NULL;
}

void notice_finish(struct server *server) {
	struct notice *notice = server->notice;
	if (notice == NULL) {
		return;
	}
	struct message *message, *tmp;
	wl_list_for_each_safe (message, tmp, &notice->messages, link) {
		message_destroy(message);
	}
	wl_event_source_remove(notice->timer);
	free(notice);
	server->notice = NULL;
}
