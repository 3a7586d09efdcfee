// The IPC socket of a headless desk in this process: what is answered, and that no client can
// hold it up, fill it or bring it down.

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc.h"

// cmocka.h wants the ones above
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <wlr/util/log.h>
#include <yyjson.h>

#include "desk.h"
#include "fake_manager.h"
#include "redecho-manager-v1-protocol.h"
#include "server.h"
#include "test_client.h"

#define PATIENCE_MS 20000

// A client; line is what has come and is not taken yet.
struct peer {
	int fd;
	char *buffer;
	size_t len, size;
	bool ended;
};

static int count_fds(void) {
	int count = 0;
	DIR *folder = opendir("/proc/self/fd");
	assert_non_null(folder);
	const struct dirent *entry;
	while ((entry = readdir(folder)) != NULL) {
		char path[280], target[64] = "";
		snprintf(path, sizeof(path), "/proc/self/fd/%s", entry->d_name);
		// GLib keeps this one from the first text that is drawn
		if (readlink(path, target, sizeof(target) - 1) < 0 ||
			strcmp(target, "/dev/urandom") != 0) {
			count++;
		}
	}
	closedir(folder);
	return count;
}

static int fds_before;

static void socket_path(const struct desk *desk, char *path, size_t size) {
	snprintf(path, size, "%s/redecho-t/ipc.sock", desk->folder);
}

static int start_desk(void **state) {
	fds_before = count_fds();
	*state = desk_create(&(struct desk_options){.with_manager = true});
	return 0;
}

static int stop_desk(void **state) {
	struct desk *desk = *state;
	char path[100];
	socket_path(desk, path, sizeof(path));
	assert_int_equal(access(path, F_OK), 0);
	desk_destroy(desk);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(count_fds(), fds_before);
	return 0;
}

// --- clients ------------------------------------------------------------------------------

static struct peer peer_connect(const struct desk *desk) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	socket_path(desk, address.sun_path, sizeof(address.sun_path));
	struct peer peer = {.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
	assert_true(peer.fd >= 0);
	assert_int_equal(connect(peer.fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return peer;
}

static void peer_close(struct desk *desk, struct peer *peer) {
	close(peer->fd);
	free(peer->buffer);
	desk_pump(desk);
	desk_pump(desk);
}

static void peer_read(struct peer *peer) {
	if (peer->len + 65536 > peer->size) {
		peer->size = (peer->size + 65536) * 2;
		peer->buffer = realloc(peer->buffer, peer->size);
		assert_non_null(peer->buffer);
	}
	ssize_t len = recv(peer->fd, peer->buffer + peer->len, 65536, 0);
	if (len > 0) {
		peer->len += (size_t)len;
	} else if (len == 0 || errno != EAGAIN) {
		peer->ended = true;
	}
}

// Sends all of it, turning the loop while there is no room; reads replies if reading is set.
static void peer_send(
	struct desk *desk, struct peer *peer, const char *text, size_t len, bool reading) {
	int64_t end_ms = desk_now_ms() + PATIENCE_MS;
	while (len > 0) {
		ssize_t sent = send(peer->fd, text, len, MSG_NOSIGNAL);
		if (sent > 0) {
			text += sent;
			len -= (size_t)sent;
			continue;
		}
		assert_int_equal(errno, EAGAIN);
		desk_pump(desk);
		if (reading) {
			peer_read(peer);
		}
		assert_true(desk_now_ms() < end_ms);
	}
}

// The next line, without its end, to be freed; NULL when the desk has ended the connection.
static char *peer_line(struct desk *desk, struct peer *peer) {
	int64_t end_ms = desk_now_ms() + PATIENCE_MS;
	for (;;) {
		char *end = peer->len > 0 ? memchr(peer->buffer, '\n', peer->len) : NULL;
		if (end != NULL) {
			size_t len = (size_t)(end - peer->buffer);
			char *line = strndup(peer->buffer, len);
			peer->len -= len + 1;
			memmove(peer->buffer, end + 1, peer->len);
			return line;
		}
		if (peer->ended) {
			return NULL;
		}
		desk_pump(desk);
		peer_read(peer);
		assert_true(desk_now_ms() < end_ms);
	}
}

static yyjson_doc *peer_reply(struct desk *desk, struct peer *peer) {
	char *line = peer_line(desk, peer);
	assert_non_null(line);
	yyjson_doc *doc = yyjson_read(line, strlen(line), 0);
	assert_non_null(doc);
	assert_true(yyjson_is_obj(yyjson_doc_get_root(doc)));
	free(line);
	return doc;
}

static yyjson_doc *ask(struct desk *desk, struct peer *peer, const char *request) {
	peer_send(desk, peer, request, strlen(request), false);
	peer_send(desk, peer, "\n", 1, false);
	return peer_reply(desk, peer);
}

static yyjson_val *member(yyjson_doc *doc, const char *pointer) {
	return yyjson_ptr_get(yyjson_doc_get_root(doc), pointer);
}

static void assert_refused(struct desk *desk, struct peer *peer, const char *request, int position,
	const char *message) {
	yyjson_doc *doc = ask(desk, peer, request);
	yyjson_val *text = member(doc, "/Err/message");
	assert_non_null(text);
	if (strstr(yyjson_get_str(text), message) == NULL) {
		assert_string_equal(yyjson_get_str(text), message);
	}
	assert_int_equal(yyjson_get_int(member(doc, "/Err/position")), position);
	yyjson_doc_free(doc);
}

static void assert_done(struct desk *desk, struct peer *peer, const char *request) {
	yyjson_doc *doc = ask(desk, peer, request);
	assert_true(yyjson_is_null(member(doc, "/Ok")));
	yyjson_doc_free(doc);
}

// --- what is said -------------------------------------------------------------------------

static void test_socket(void **state) {
	struct desk *desk = *state;
	struct stat stat_buffer;
	char path[100];
	socket_path(desk, path, sizeof(path));
	assert_int_equal(stat(path, &stat_buffer), 0);
	assert_int_equal(stat_buffer.st_mode & 07777, 0600);
	// Whoever comes second does not take it away.
	wlr_log_init(WLR_SILENT, NULL);
	assert_null(ipc_create(desk->server, path));
	wlr_log_init(WLR_ERROR, NULL);
	assert_int_equal(access(path, F_OK), 0);
	struct peer peer = peer_connect(desk);
	assert_done(desk, &peer, "{\"run\":{\"command\":[\"nop\"]}}");
	peer_close(desk, &peer);
}

static void test_questions(void **state) {
	struct desk *desk = *state;
	struct peer peer = peer_connect(desk);
	yyjson_doc *doc = ask(desk, &peer, "{\"outputs\":{}}");
	assert_int_equal(yyjson_arr_size(member(doc, "/Ok")), 1);
	const char *name = yyjson_get_str(member(doc, "/Ok/0/name"));
	assert_memory_equal(name, "HEADLESS-", 9);
	assert_int_equal(yyjson_get_int(member(doc, "/Ok/0/box/width")), 1280);
	assert_true(yyjson_get_real(member(doc, "/Ok/0/scale")) == 1);
	yyjson_doc_free(doc);

	assert_done(desk, &peer, "{\"run\":{\"command\":\"workspace 3\"}}");
	doc = ask(desk, &peer, "{\"workspaces\":null}");
	assert_int_equal(yyjson_get_int(member(doc, "/Ok/0/number")), 3);
	assert_true(yyjson_get_bool(member(doc, "/Ok/0/visible")));
	assert_string_equal(yyjson_get_str(member(doc, "/Ok/0/tree/layout")), "horizontal");
	yyjson_doc_free(doc);

	static const char *const others[] = {"windows", "machines", "programs", "commands"};
	for (int i = 0; i < 4; i++) {
		char request[64];
		snprintf(request, sizeof(request), "{\"%s\":{}}", others[i]);
		doc = ask(desk, &peer, request);
		assert_true(yyjson_is_arr(member(doc, "/Ok")));
		yyjson_doc_free(doc);
	}
	doc = ask(desk, &peer, "{\"version\":{}}");
	assert_string_equal(
		yyjson_get_str(member(doc, "/Ok/wayland_display")), desk->server->socket);
	yyjson_doc_free(doc);
	peer_close(desk, &peer);
}

static void test_refusals(void **state) {
	static const struct {
		const char *request;
		int position;
		const char *message;
	} cases[] = {
		{"x", 1, "unexpected character"},
		{"{\"outputs\":{}} x", 16, "unexpected content"},
		{"{\"outputs\":", 12, "unexpected end of data"},
		{"{\"outputs\":{}", 14, "unexpected end of data"},
		{"{\"out\xffputs\":{}}", 6, "UTF-8"},
		{"[]", 1, "an object with one member"},
		{"{}", 1, "an object with one member"},
		{"{\"outputs\":{},\"windows\":{}}", 1, "an object with one member"},
		{"{\"outputs\":3}", 0, "outputs takes nothing"},
		{"{\"outputs\":{\"a\":1}}", 0, "outputs takes nothing"},
		{"{\"nothing\":{}}", 0, "unknown request \"nothing\"; known: outputs,"},
		{"{\"run\":null}", 0, "run takes an object"},
		{"{\"run\":{}}", 0, "command is an array"},
		{"{\"run\":{\"command\":[\"nop\"],\"x\":1}}", 0,
			"run takes command, and window or machine"},
		{"{\"run\":{\"command\":[\"nop\"],\"machine\":\"x\"}}", 0,
			"there is no such machine"},
		{"{\"run\":{\"command\":[\"nop\"],\"machine\":\"x\",\"window\":1}}", 0, "not both"},
		{"{\"run\":{\"command\":3}}", 0, "command is an array"},
		{"{\"run\":{\"command\":[]}}", 0, "the command is empty"},
		{"{\"run\":{\"command\":[\"nop\",3]}}", 0, "a command is at most 64 strings"},
		{"{\"run\":{\"command\":[\"nop\\u0000\"]}}", 0, "without NUL"},
		{"{\"run\":{\"command\":\"nop\\u0000\"}}", 0, "has a NUL"},
		{"{\"run\":{\"command\":[\"nop\"],\"window\":9}}", 0, "there is no such window"},
		{"{\"run\":{\"command\":[\"nop\"],\"window\":-1}}", 0, "there is no such window"},
		{"{\"run\":{\"command\":[\"frob\"]}}", 0, "frob"},
		{"{\"run\":{\"command\":\"focus 'left\"}}", 0, ""},
	};
	struct desk *desk = *state;
	struct peer peer = peer_connect(desk);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_refused(desk, &peer, cases[i].request, cases[i].position, cases[i].message);
	}
	assert_done(desk, &peer, "{\"run\":{\"command\":[\"nop\"]}}");
	peer_close(desk, &peer);
}

static void test_events(void **state) {
	struct desk *desk = *state;
	struct peer watcher = peer_connect(desk), peer = peer_connect(desk);
	assert_done(desk, &watcher, "{\"events\":{}}");
	yyjson_doc *doc = peer_reply(desk, &watcher);
	assert_string_equal(yyjson_get_str(member(doc, "/event")), "state");
	assert_int_equal(yyjson_arr_size(member(doc, "/outputs")), 1);
	assert_true(yyjson_is_arr(member(doc, "/machines")));
	yyjson_doc_free(doc);

	assert_done(desk, &peer, "{\"run\":{\"command\":[\"workspace\",\"2\"]}}");
	bool seen = false;
	while (!seen) {
		doc = peer_reply(desk, &watcher);
		seen = yyjson_equals_str(member(doc, "/event"), "workspace") &&
			yyjson_equals_str(member(doc, "/change"), "focused") &&
			yyjson_get_int(member(doc, "/workspace/number")) == 2;
		yyjson_doc_free(doc);
	}
	// It can ask at the same time, and asking for events again changes nothing.
	assert_done(desk, &watcher, "{\"events\":{}}");
	doc = ask(desk, &watcher, "{\"outputs\":{}}");
	assert_true(yyjson_is_arr(member(doc, "/Ok")));
	yyjson_doc_free(doc);
	peer_close(desk, &watcher);
	peer_close(desk, &peer);
}

static void test_windows(void **state) {
	struct desk *desk = *state;
	struct peer peer = peer_connect(desk);
	// no text of a client makes a reply that is no JSON
	desk_connect_shown(desk, "a\"\x1b[1m\n\u202eb");
	desk_connect_shown(desk, "second");
	yyjson_doc *doc = ask(desk, &peer, "{\"windows\":{}}");
	assert_int_equal(yyjson_arr_size(member(doc, "/Ok")), 2);
	assert_string_equal(yyjson_get_str(member(doc, "/Ok/0/title")), "a\"[1m b");
	assert_false(yyjson_get_bool(member(doc, "/Ok/0/focused")));
	assert_true(yyjson_get_bool(member(doc, "/Ok/1/focused")));
	assert_true(yyjson_is_null(member(doc, "/Ok/1/machine")));
	assert_true(yyjson_get_bool(member(doc, "/Ok/1/visible")));
	int x = yyjson_get_int(member(doc, "/Ok/1/box/x"));
	assert_int_equal(x, 640);
	assert_true(yyjson_get_int(member(doc, "/Ok/1/content/x")) > x);
	unsigned first = yyjson_get_uint(member(doc, "/Ok/0/id"));
	yyjson_doc_free(doc);

	// A command can be aimed at a window that has not the focus.
	char request[128];
	snprintf(request, sizeof(request),
		"{\"run\":{\"command\":[\"move\",\"workspace\",\"2\"],\"window\":%u}}", first);
	assert_done(desk, &peer, request);
	doc = ask(desk, &peer, "{\"windows\":{}}");
	assert_int_equal(yyjson_get_int(member(doc, "/Ok/0/workspace")), 2);
	assert_false(yyjson_get_bool(member(doc, "/Ok/0/visible")));
	yyjson_doc_free(doc);
	doc = ask(desk, &peer, "{\"workspaces\":{}}");
	assert_int_equal(yyjson_get_uint(member(doc, "/Ok/1/tree/children/0/window")), first);
	yyjson_doc_free(doc);
	peer_close(desk, &peer);
}

// Takes events until one has that string at that pointer.
static void await_event(
	struct desk *desk, struct peer *watcher, const char *pointer, const char *text) {
	bool seen = false;
	while (!seen) {
		yyjson_doc *doc = peer_reply(desk, watcher);
		seen = yyjson_equals_str(member(doc, pointer), text);
		yyjson_doc_free(doc);
	}
}

static void test_machines(void **state) {
	struct desk *desk = *state;
	struct peer peer = peer_connect(desk), watcher = peer_connect(desk);
	assert_done(desk, &watcher, "{\"events\":{}}");
	desk_until(desk, desk->manager->resource != NULL);
	assert_done(desk, &peer, "{\"run\":{\"command\":[\"spawn\",\"clock\"]}}");
	desk_until(desk, desk->manager->machines_len == 1);

	struct fake_machine *machine = &desk->manager->machines[0];
	fake_machine_identity(machine, "clock-2", "The Clock", "work");
	fake_machine_detail(machine, "accel", "tcg");
	fake_machine_detail(machine, "accel", "kvm");
	fake_machine_state(machine, REDECHO_MANAGED_MACHINE_V1_STATE_RUNNING);
	await_event(desk, &watcher, "/machine/name", "clock-2");
	await_event(desk, &watcher, "/machine/domain", "running");
	yyjson_doc *doc = ask(desk, &peer, "{\"machines\":{}}");
	assert_int_equal(yyjson_arr_size(member(doc, "/Ok")), 1);
	assert_string_equal(yyjson_get_str(member(doc, "/Ok/0/name")), "clock-2");
	assert_string_equal(yyjson_get_str(member(doc, "/Ok/0/label")), "work");
	assert_string_equal(yyjson_get_str(member(doc, "/Ok/0/stage")), "starting");
	assert_string_equal(yyjson_get_str(member(doc, "/Ok/0/details/accel")), "kvm");
	assert_true(yyjson_is_null(member(doc, "/Ok/0/cause")));
	uint64_t window = yyjson_get_uint(member(doc, "/Ok/0/window"));
	yyjson_doc_free(doc);
	doc = ask(desk, &peer, "{\"windows\":{}}");
	assert_int_equal(yyjson_get_uint(member(doc, "/Ok/0/id")), window);
	assert_string_equal(yyjson_get_str(member(doc, "/Ok/0/machine")), "clock-2");
	assert_true(yyjson_get_bool(member(doc, "/Ok/0/placeholder")));
	yyjson_doc_free(doc);

	fake_machine_end(machine, REDECHO_MANAGED_MACHINE_V1_CAUSE_CRASHED, "QEMU: it\x07 died");
	await_event(desk, &watcher, "/machine/state", "ended");
	doc = ask(desk, &peer, "{\"machines\":{}}");
	assert_string_equal(yyjson_get_str(member(doc, "/Ok/0/cause")), "crashed");
	assert_string_equal(yyjson_get_str(member(doc, "/Ok/0/message")), "QEMU: it died");
	yyjson_doc_free(doc);
	assert_done(desk, &peer, "{\"run\":{\"command\":[\"dismiss\"],\"machine\":\"clock-2\"}}");
	await_event(desk, &watcher, "/change", "removed");
	peer_close(desk, &peer);
	peer_close(desk, &watcher);
}

// --- how it is said -----------------------------------------------------------------------

static void test_lines(void **state) {
	struct desk *desk = *state;
	struct peer peer = peer_connect(desk);
	const char *two = "{\"version\":{}}\n\n{\"outputs\":{}}\n{\"vers";
	peer_send(desk, &peer, two, strlen(two), false);
	for (int i = 0; i < 2; i++) {
		yyjson_doc *doc = peer_reply(desk, &peer);
		assert_non_null(member(doc, i == 0 ? "/Ok/version" : "/Ok/0"));
		yyjson_doc_free(doc);
	}
	for (int i = 0; i < 5; i++) {
		desk_pump(desk);
	}
	peer_read(&peer);
	assert_int_equal(peer.len, 0); // the rest of the line has not come
	peer_send(desk, &peer, "ion\":{}}", 8, false);
	shutdown(peer.fd, SHUT_WR); // the end of the stream ends the line
	yyjson_doc *doc = peer_reply(desk, &peer);
	assert_non_null(member(doc, "/Ok/version"));
	yyjson_doc_free(doc);
	assert_null(peer_line(desk, &peer));
	peer_close(desk, &peer);
}

static void test_many_requests_at_once(void **state) {
	const int count = 20000;
	const char *request = "{\"commands\":{}}\n";
	struct desk *desk = *state;
	struct peer peer = peer_connect(desk);
	for (int i = 0; i < count; i++) {
		peer_send(desk, &peer, request, strlen(request), true);
	}
	for (int i = 0; i < count; i++) {
		char *line = peer_line(desk, &peer);
		assert_non_null(line);
		assert_memory_equal(line, "{\"Ok\":", 6);
		free(line);
	}
	peer_close(desk, &peer);
}

static void test_too_long(void **state) {
	struct desk *desk = *state;
	struct peer peer = peer_connect(desk);
	char *text = malloc(IPC_REQUEST_MAX);
	memset(text, ' ', IPC_REQUEST_MAX);
	peer_send(desk, &peer, text, IPC_REQUEST_MAX, true);
	yyjson_doc *doc = peer_reply(desk, &peer);
	assert_non_null(member(doc, "/Err"));
	yyjson_doc_free(doc);
	assert_null(peer_line(desk, &peer));
	peer_close(desk, &peer);

	// One byte less, with its end, is a request.
	peer = peer_connect(desk);
	memcpy(text, "{\"version\":{}}", 14);
	text[IPC_REQUEST_MAX - 1] = '\n';
	peer_send(desk, &peer, text, IPC_REQUEST_MAX, true);
	doc = peer_reply(desk, &peer);
	assert_non_null(member(doc, "/Ok/version"));
	yyjson_doc_free(doc);
	peer_close(desk, &peer);
	free(text);
}

static void test_slow_reader_is_dropped(void **state) {
	struct desk *desk = *state;
	struct peer slow = peer_connect(desk), peer = peer_connect(desk);
	assert_done(desk, &slow, "{\"events\":{}}");
	wlr_log_init(WLR_SILENT, NULL);
	for (int i = 0; i < 150000; i++) {
		server_emit(desk->server, SERVER_PROGRAM, SERVER_CHANGED, NULL);
	}
	wlr_log_init(WLR_ERROR, NULL);
	assert_done(desk, &peer, "{\"run\":{\"command\":[\"nop\"]}}");
	// What was underway comes, then the connection ends.
	size_t total = 0;
	int64_t end_ms = desk_now_ms() + PATIENCE_MS;
	while (!slow.ended) {
		assert_true(desk_now_ms() < end_ms);
		slow.len = 0;
		desk_pump(desk);
		peer_read(&slow);
		total += slow.len;
	}
	assert_true(total < 2 * IPC_UNREAD_MAX);
	assert_done(desk, &peer, "{\"run\":{\"command\":[\"nop\"]}}");
	peer_close(desk, &slow);
	peer_close(desk, &peer);
}

static void test_too_many_clients(void **state) {
	struct desk *desk = *state;
	struct peer peers[IPC_CLIENTS_MAX + 1];
	for (int i = 0; i <= IPC_CLIENTS_MAX; i++) {
		peers[i] = peer_connect(desk);
		desk_pump(desk);
	}
	assert_null(peer_line(desk, &peers[IPC_CLIENTS_MAX]));
	assert_done(desk, &peers[0], "{\"run\":{\"command\":[\"nop\"]}}");
	for (int i = 0; i <= IPC_CLIENTS_MAX; i++) {
		peer_close(desk, &peers[i]);
	}
	struct peer peer = peer_connect(desk);
	assert_done(desk, &peer, "{\"run\":{\"command\":[\"nop\"]}}");
	peer_close(desk, &peer);
}

static void test_clients_that_leave(void **state) {
	static const char *const texts[] = {"", "{", "{\"windows\":{}}\n{\"windows\":{}}\n",
		"{\"events\":{}}\n",
		"{\"events\":{}}\n{\"run\":{\"command\":[\"workspace\",\"4\"]}}\n"};
	struct desk *desk = *state;
	for (int round = 0; round < 200; round++) {
		const char *text = texts[round % 5];
		struct peer peer = peer_connect(desk);
		peer_send(desk, &peer, text, strlen(text), false);
		if (round % 3 == 0) {
			desk_pump(desk);
		}
		if (round % 2 == 0) {
			shutdown(peer.fd, SHUT_RD);
			desk_pump(desk);
		}
		peer_close(desk, &peer);
		server_emit(desk->server, SERVER_PROGRAM, SERVER_CHANGED, NULL);
	}
	struct peer peer = peer_connect(desk);
	assert_done(desk, &peer, "{\"run\":{\"command\":[\"nop\"]}}");
	peer_close(desk, &peer);
}

static void test_random_requests(void **state) {
	static const char *const parts[] = {"{", "}", "[", "]", "\"run\"", "\"command\"", ":", ",",
		"\"focus\"", "\"left\"", "\"outputs\"", "null", "3", "\"window\"", "\\", "\x01",
		"\xff", "\"resize\"", "\"1e999\"", "-", "{\"run\":{\"command\":["};
	struct desk *desk = *state;
	struct peer peer = peer_connect(desk);
	uint64_t random = 7;
	for (int i = 0; i < 20000; i++) {
		char text[512] = "";
		random = random * 6364136223846793005u + 1442695040888963407u;
		int len = 1 + (int)((random >> 33) % 12);
		for (int j = 0; j < len; j++) {
			random = random * 6364136223846793005u + 1442695040888963407u;
			strcat(text, parts[(random >> 33) % (sizeof(parts) / sizeof(parts[0]))]);
		}
		yyjson_doc *doc = ask(desk, &peer, text);
		assert_true(member(doc, "/Ok") != NULL || member(doc, "/Err/message") != NULL);
		yyjson_doc_free(doc);
	}
	peer_close(desk, &peer);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_socket, start_desk, stop_desk),
		cmocka_unit_test_setup_teardown(test_questions, start_desk, stop_desk),
		cmocka_unit_test_setup_teardown(test_refusals, start_desk, stop_desk),
		cmocka_unit_test_setup_teardown(test_events, start_desk, stop_desk),
		cmocka_unit_test_setup_teardown(test_windows, start_desk, stop_desk),
		cmocka_unit_test_setup_teardown(test_machines, start_desk, stop_desk),
		cmocka_unit_test_setup_teardown(test_lines, start_desk, stop_desk),
		cmocka_unit_test_setup_teardown(test_many_requests_at_once, start_desk, stop_desk),
		cmocka_unit_test_setup_teardown(test_too_long, start_desk, stop_desk),
		cmocka_unit_test_setup_teardown(test_slow_reader_is_dropped, start_desk, stop_desk),
		cmocka_unit_test_setup_teardown(test_too_many_clients, start_desk, stop_desk),
		cmocka_unit_test_setup_teardown(test_clients_that_leave, start_desk, stop_desk),
		cmocka_unit_test_setup_teardown(test_random_requests, start_desk, stop_desk),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
