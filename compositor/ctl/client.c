#include "client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct client {
	FILE *stream;
	char *line;
	size_t line_size;
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
	FILE *stream = fdopen(fd, "r+");
	if (client == NULL || stream == NULL) {
		fputs("redechoctl: out of memory\n", stderr);
		free(client);
		close(fd);
		return NULL;
	}
	client->stream = stream;
	return client;
}

void client_destroy(struct client *client) {
	if (client != NULL) {
		fclose(client->stream);
		free(client->line);
		free(client);
	}
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
	int fd = fileno(client->stream);
	size_t sent = 0;
	while (sent < len) {
		ssize_t written = send(fd, text + sent, len - sent, MSG_NOSIGNAL);
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

const char *client_read_line(struct client *client) {
	ssize_t len = getline(&client->line, &client->line_size, client->stream);
	if (len <= 0 || client->line[len - 1] != '\n') {
		return NULL;
	}
	client->line[len - 1] = '\0';
	return client->line;
}
