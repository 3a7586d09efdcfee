#include "client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct client {
	int fd;
	char *in; // what was read; lines before `at` have been taken
	size_t at, len, size;
};

static bool find_socket(const char *path, struct sockaddr_un *address) {
	const char *given = path != NULL ? path : getenv("REDECHO_SOCKET");
	const char *runtime_dir = getenv("XDG_RUNTIME_DIR");
	const size_t size = sizeof(address->sun_path);
	int len;
	if (given != NULL && given[0] != '\0') {
		len = snprintf(address->sun_path, size, "%s", given);
	} else if (runtime_dir != NULL) {
		len = snprintf(address->sun_path, size, "%s/redecho-0/ipc.sock", runtime_dir);
	} else {
		fputs("redechoctl: neither REDECHO_SOCKET nor XDG_RUNTIME_DIR is set\n", stderr);
		return false;
	}
	if (len < 0 || (size_t)len >= size) {
		fputs("redechoctl: the socket's path is too long\n", stderr);
		return false;
	}
	return true;
}

struct client *client_connect(const char *path) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (!find_socket(path, &address)) {
		return NULL;
	}
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
		fprintf(stderr, "redechoctl: %s: %s%s\n", address.sun_path, strerror(errno),
			errno == ENOENT || errno == ECONNREFUSED ? " (is Red Echo running?)" : "");
		if (fd >= 0) {
			close(fd);
		}
		return NULL;
	}
	struct client *client = calloc(1, sizeof(*client));
	if (client == NULL) {
		fputs("redechoctl: out of memory\n", stderr);
		close(fd);
		return NULL;
	}
	client->fd = fd;
	return client;
}

void client_destroy(struct client *client) {
	if (client != NULL) {
		close(client->fd);
		free(client->in);
		free(client);
	}
}

yyjson_mut_doc *client_request(const char *name, yyjson_mut_val **argument) {
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *root = yyjson_mut_obj(doc);
	yyjson_mut_doc_set_root(doc, root);
	yyjson_mut_val *value = yyjson_mut_obj_add_obj(doc, root, name);
	if (argument != NULL) {
		*argument = value;
	}
	return doc;
}

bool client_send(struct client *client, yyjson_mut_doc *request) {
	size_t len;
	yyjson_write_err error = {0};
	char *text = yyjson_mut_write_opts(
		request, YYJSON_WRITE_NEWLINE_AT_END, NULL, &len, &error);
	yyjson_mut_doc_free(request);
	if (text == NULL) {
		fprintf(stderr, "redechoctl: a word cannot be sent: %s\n", error.msg);
		return false;
	}
	size_t sent = 0;
	while (sent < len) {
		ssize_t written = send(client->fd, text + sent, len - sent, MSG_NOSIGNAL);
		if (written < 0 && errno != EINTR) {
			fprintf(stderr, "redechoctl: %s\n", strerror(errno));
			free(text);
			return false;
		}
		sent += written > 0 ? (size_t)written : 0;
	}
	free(text);
	return true;
}

static char *find_end(const struct client *client) {
	return client->len > client->at
		? memchr(client->in + client->at, '\n', client->len - client->at)
		: NULL;
}

static bool read_more(struct client *client) {
	if (client->at > 0) {
		memmove(client->in, client->in + client->at, client->len - client->at);
	}
	client->len -= client->at;
	client->at = 0;
	if (client->len == client->size) {
		size_t size = client->size > 0 ? client->size * 2 : 4096;
		char *in = realloc(client->in, size);
		if (in == NULL) {
			return false;
		}
		client->in = in;
		client->size = size;
	}
	ssize_t got = read(client->fd, client->in + client->len, client->size - client->len);
	if (got < 0 && errno == EINTR) {
		return true;
	}
	client->len += got > 0 ? (size_t)got : 0;
	return got > 0;
}

const char *client_read_line(struct client *client) {
	char *end;
	while ((end = find_end(client)) == NULL) {
		if (!read_more(client)) {
			return NULL;
		}
	}
	*end = '\0';
	const char *line = client->in + client->at;
	client->at = (size_t)(end - client->in) + 1;
	return line;
}

int client_fd(const struct client *client) {
	return client->fd;
}

bool client_has_line(const struct client *client) {
	return find_end(client) != NULL;
}
