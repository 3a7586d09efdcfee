#include "ipc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <wayland-server-core.h>

#include "alloc.h"
#include "ipc_request.h"
#include "log.h"
#include "meter.h"
#include "server.h"

// Requests of a client are left unread while it has more than this unread itself, in bytes.
#define BUSY_BYTES (64 * 1024)

struct ipc {
	struct server *server;
	char *path;
	int fd;
	int spare_fd; // given up to turn a client away when there are no more
	struct wl_event_source *source;
	struct wl_list clients; // ipc_client.link
	size_t clients_len;
	struct wl_listener change;
};

struct ipc_client {
	struct ipc *ipc;
	int fd;
	struct wl_event_source *source;
	uint32_t mask;
	struct ipc_wants wants;
	struct meter_watch watch;
	bool ended; // nothing more is read from it
	bool dropped; // it will be destroyed at the next turn of the loop
	char *in;
	size_t in_len;
	char *out;
	size_t out_len, out_size;
	struct wl_list link;
};

// --- clients ------------------------------------------------------------------------------

static void client_destroy(struct ipc_client *client) {
	meter_watch_stop(client->ipc->server, &client->watch);
	wl_event_source_remove(client->source);
	wl_list_remove(&client->link);
	client->ipc->clients_len--;
	close(client->fd);
	free(client->in);
	free(client->out);
	free(client);
}

// A client may have to go in the middle of its own request, when that causes an event: the
// hang-up that this makes destroys it from the loop.
static void client_drop(struct ipc_client *client) {
	if (!client->dropped) {
		client->dropped = true;
		client->out_len = 0;
		shutdown(client->fd, SHUT_RDWR);
	}
}

static void client_update_mask(struct ipc_client *client) {
	uint32_t mask = 0;
	if (!client->ended && client->out_len < BUSY_BYTES) {
		mask |= WL_EVENT_READABLE;
	}
	if (client->out_len > 0) {
		mask |= WL_EVENT_WRITABLE;
	}
	if (mask != client->mask) {
		client->mask = mask;
		wl_event_source_fd_update(client->source, mask);
	}
}

static void client_flush(struct ipc_client *client) {
	size_t sent = 0;
	while (sent < client->out_len) {
		ssize_t len = send(client->fd, client->out + sent, client->out_len - sent,
			MSG_NOSIGNAL | MSG_DONTWAIT);
		if (len < 0 && errno == EINTR) {
			continue;
		}
		if (len < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			break;
		}
		if (len < 0) {
			client_drop(client);
			return;
		}
		sent += (size_t)len;
	}
	client->out_len -= sent;
	memmove(client->out, client->out + sent, client->out_len);
}

// Takes the text, which may be NULL.
static void client_send(struct ipc_client *client, char *text) {
	size_t len = text != NULL ? strlen(text) : 0;
	if (client->dropped || len == 0) {
		free(text);
		return;
	}
	if (client->out_len + len > IPC_UNREAD_MAX) {
		log_info("a client of the IPC socket does not read: it is dropped");
		client_drop(client);
		free(text);
		return;
	}
	if (client->out_len + len > client->out_size) {
		client->out_size = (client->out_len + len) * 2;
		client->out = alloc_array(client->out, client->out_size, 1);
	}
	memcpy(client->out + client->out_len, text, len);
	client->out_len += len;
	free(text);
	client_flush(client);
	client_update_mask(client);
}

static void client_request(struct ipc_client *client, const char *text, size_t len) {
	struct server *server = client->ipc->server;
	if (len == 0) {
		return;
	}
	struct ipc_wants wants = client->wants;
	char *reply = ipc_request(server, text, len, &wants);
	client_send(client, reply);
	if (wants.usage_interval_ms == 0) {
		meter_watch_stop(server, &client->watch);
	} else if (wants.usage_interval_ms != client->wants.usage_interval_ms) {
		meter_watch_start(server, &client->watch, wants.usage_interval_ms);
	}
	bool begins = wants.events && !client->wants.events;
	client->wants = wants;
	if (begins) {
		client_send(client, ipc_event_state(server));
	}
}

// Answers whole lines, and at the end of the stream what is left. Stops while the client does
// not read its replies.
static void client_take_requests(struct ipc_client *client) {
	size_t at = 0;
	bool whole = true;
	while (whole && at < client->in_len && !client->dropped && client->out_len < BUSY_BYTES) {
		const char *text = client->in + at;
		const char *end = memchr(text, '\n', client->in_len - at);
		whole = end != NULL;
		if (whole || client->ended) {
			size_t len = whole ? (size_t)(end - text) : client->in_len - at;
			at += len + whole;
			client_request(client, text, len);
		}
	}
	client->in_len -= at;
	memmove(client->in, client->in + at, client->in_len);
	if (!whole && client->in_len == IPC_REQUEST_MAX) {
		client->ended = true;
		client->in_len = 0;
		client_send(client, ipc_request_too_long());
	}
}

static void client_read(struct ipc_client *client) {
	ssize_t len = recv(client->fd, client->in + client->in_len,
		IPC_REQUEST_MAX - client->in_len, MSG_DONTWAIT);
	if (len < 0) {
		if (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK) {
			client_drop(client);
		}
		return;
	}
	client->ended = len == 0;
	client->in_len += (size_t)len;
}

static int handle_client(int fd, uint32_t mask, void *data) {
	struct ipc_client *client = data;
	if (!client->dropped && (mask & WL_EVENT_WRITABLE) != 0) {
		client_flush(client);
	}
	if (!client->dropped && !client->ended && client->in_len < IPC_REQUEST_MAX &&
		(mask & (WL_EVENT_READABLE | WL_EVENT_HANGUP)) != 0) {
		client_read(client);
	}
	client_take_requests(client);
	// Whoever has said all it wanted, and heard all, or hung up on us.
	bool done = client->ended && client->in_len == 0 && client->out_len == 0 &&
		!client->wants.events && client->wants.usage_interval_ms == 0;
	bool gone = (mask & (WL_EVENT_HANGUP | WL_EVENT_ERROR)) != 0 &&
		(client->ended || (mask & WL_EVENT_READABLE) == 0);
	if (client->dropped || done || gone) {
		client_destroy(client);
		return 0;
	}
	client_update_mask(client);
	return 0;
}

// --- the socket ---------------------------------------------------------------------------

// A connection that cannot be taken would keep the loop awake: it is taken and closed.
static void turn_away(struct ipc *ipc) {
	close(ipc->spare_fd);
	int fd = accept4(ipc->fd, NULL, NULL, SOCK_CLOEXEC);
	if (fd >= 0) {
		close(fd);
	}
	ipc->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static int handle_connection(int fd, uint32_t mask, void *data) {
	struct ipc *ipc = data;
	int client_fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (client_fd < 0) {
		if (errno == EMFILE || errno == ENFILE) {
			turn_away(ipc);
		}
		return 0;
	}
	if (ipc->clients_len >= IPC_CLIENTS_MAX) {
		log_info("too many clients on the IPC socket");
		close(client_fd);
		return 0;
	}
	struct ipc_client *client = alloc_zeroed(1, sizeof(*client));
	client->ipc = ipc;
	client->fd = client_fd;
	client->in = alloc_zeroed(IPC_REQUEST_MAX, 1);
	client->mask = WL_EVENT_READABLE;
	client->source = wl_event_loop_add_fd(
		ipc->server->loop, client_fd, client->mask, handle_client, client);
	if (client->source == NULL) {
		close(client_fd);
		free(client->in);
		free(client);
		return 0;
	}
	wl_list_insert(&ipc->clients, &client->link);
	ipc->clients_len++;
	return 0;
}

static void handle_change(struct wl_listener *listener, void *data) {
	struct ipc *ipc = wl_container_of(listener, ipc, change);
	const struct server_change *change = data;
	char *text = NULL;
	struct ipc_client *client;
	wl_list_for_each (client, &ipc->clients, link) {
		bool wanted = change->subject == SERVER_USAGE ? client->wants.usage_interval_ms > 0
							      : client->wants.events;
		if (wanted && !client->dropped) {
			text = text != NULL ? text : ipc_event(ipc->server, change);
			client_send(client, text != NULL ? alloc_string(text) : NULL);
		}
	}
	free(text);
}

static bool somebody_answers(const struct sockaddr_un *address) {
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		return false;
	}
	bool connected = connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 ||
		errno == EAGAIN;
	close(fd);
	return connected;
}

// Returns the listening socket, or -1 with the reason logged.
static int listen_at(const char *path) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(address.sun_path)) {
		log_error("%s: longer than a socket's path may be", path);
		return -1;
	}
	strcpy(address.sun_path, path);
	if (somebody_answers(&address)) {
		log_error("%s: in use: this desk is there already", path);
		return -1;
	}
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		log_error("no socket: %s", strerror(errno));
		return -1;
	}
	unlink(path);
	// Nobody can connect before it listens, and then it has its mode.
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
		chmod(path, 0600) != 0 || listen(fd, 16) != 0) {
		log_error("%s: %s", path, strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

struct ipc *ipc_create(struct server *server, const char *path) {
	int fd = listen_at(path);
	if (fd < 0) {
		return NULL;
	}
	struct ipc *ipc = alloc_zeroed(1, sizeof(*ipc));
	ipc->server = server;
	ipc->fd = fd;
	ipc->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	ipc->path = alloc_string(path);
	wl_list_init(&ipc->clients);
	ipc->source = wl_event_loop_add_fd(
		server->loop, fd, WL_EVENT_READABLE, handle_connection, ipc);
	ipc->change.notify = handle_change;
	wl_signal_add(&server->events.change, &ipc->change);
	return ipc;
}

void ipc_destroy(struct ipc *ipc) {
	if (ipc == NULL) {
		return;
	}
	struct ipc_client *client, *next;
	wl_list_for_each_safe (client, next, &ipc->clients, link) {
		client_flush(client);
		client_destroy(client);
	}
	wl_list_remove(&ipc->change.link);
	if (ipc->source != NULL) {
		wl_event_source_remove(ipc->source);
	}
	close(ipc->fd);
	close(ipc->spare_fd);
	unlink(ipc->path);
	free(ipc->path);
	free(ipc);
}
