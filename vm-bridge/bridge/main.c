/*
 * redecho-bridge: one machine's devices and window.
 *
 * redecho-vmd starts it with listening sockets; by hand it makes them itself, for a QEMU started
 * by hand, and opens a window in the compositor that WAYLAND_DISPLAY names.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "bridge.h"
#include "renderer_process.h"

static const char usage[] =
	"usage: redecho-bridge --gpu PATH [--keyboard PATH] [--tablet PATH] [--mouse PATH]\n"
	"                      [--title T] [--displays N] [--transport gpu|device]\n"
	"                      [--graphics 2d|virgl] [--render-node PATH] [--log-level L]\n"
	"       redecho-bridge --gpu-fd N [--keyboard-fd N] [--tablet-fd N] [--mouse-fd N]\n"
	"                      --control-fd N [--name N] [--title T] [--displays N]\n"
	"                      [--transport gpu|device] [--graphics 2d|virgl] [--log-level L]\n"
	"\n"
	"Waits on unix sockets for QEMU's vhost-user-gpu and vhost-user-input devices and shows "
	"the\n"
	"machine in a window. Levels: error, info, debug. See redecho-bridge(1).\n";

enum option_value {
	OPTION_PATH = 256, // + enum bridge_device
	OPTION_FD = OPTION_PATH + BRIDGE_DEVICES, // + enum bridge_device
	OPTION_CONTROL_FD = OPTION_FD + BRIDGE_DEVICES,
	OPTION_TITLE,
	OPTION_NAME,
	OPTION_DISPLAYS,
	OPTION_TRANSPORT,
	OPTION_GRAPHICS,
	OPTION_RENDER_NODE,
	OPTION_LOG_LEVEL,
	OPTION_HELP,
	OPTION_VERSION,
};

static const struct option option_rows[] = {
	{"gpu", required_argument, NULL, OPTION_PATH + BRIDGE_DEVICE_GPU},
	{"keyboard", required_argument, NULL, OPTION_PATH + BRIDGE_DEVICE_KEYBOARD},
	{"tablet", required_argument, NULL, OPTION_PATH + BRIDGE_DEVICE_TABLET},
	{"mouse", required_argument, NULL, OPTION_PATH + BRIDGE_DEVICE_MOUSE},
	{"gpu-fd", required_argument, NULL, OPTION_FD + BRIDGE_DEVICE_GPU},
	{"keyboard-fd", required_argument, NULL, OPTION_FD + BRIDGE_DEVICE_KEYBOARD},
	{"tablet-fd", required_argument, NULL, OPTION_FD + BRIDGE_DEVICE_TABLET},
	{"mouse-fd", required_argument, NULL, OPTION_FD + BRIDGE_DEVICE_MOUSE},
	{"control-fd", required_argument, NULL, OPTION_CONTROL_FD},
	{"title", required_argument, NULL, OPTION_TITLE},
	{"name", required_argument, NULL, OPTION_NAME},
	{"displays", required_argument, NULL, OPTION_DISPLAYS},
	{"transport", required_argument, NULL, OPTION_TRANSPORT},
	{"graphics", required_argument, NULL, OPTION_GRAPHICS},
	{"render-node", required_argument, NULL, OPTION_RENDER_NODE},
	{"log-level", required_argument, NULL, OPTION_LOG_LEVEL},
	{"help", no_argument, NULL, OPTION_HELP},
	{"version", no_argument, NULL, OPTION_VERSION},
	{0},
};

/** What the command line says, beyond struct bridge_options. */
struct arguments {
	struct bridge_options bridge;
	const char *paths[BRIDGE_DEVICES]; // of the sockets to make; may be NULL
	const char *render_node; // NULL: none
	bool help, version;
};

static bool parse_fd(const char *text, int *fd) {
	char *end;
	errno = 0;
	const long value = strtol(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || value < 0 || value > INT32_MAX ||
		fcntl((int)value, F_SETFD, FD_CLOEXEC) != 0) {
		fprintf(stderr, "redecho-bridge: %s is not an open file descriptor\n", text);
		return false;
	}
	*fd = (int)value;
	return true;
}

static bool parse_displays(const char *text, unsigned *displays) {
	char *end;
	const unsigned long value = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || value < 1 ||
		value > VIRTIO_GPU_MAX_SCANOUTS) {
		fprintf(stderr, "redecho-bridge: not a number from 1 to %d: %s\n",
			VIRTIO_GPU_MAX_SCANOUTS, text);
		return false;
	}
	*displays = (unsigned)value;
	return true;
}

/** Two words, of which the second is yes. */
static bool parse_choice(
	const char *what, const char *value, const char *no, const char *yes, bool *choice) {
	*choice = strcmp(value, yes) == 0;
	if (!*choice && strcmp(value, no) != 0) {
		fprintf(stderr, "redecho-bridge: no such %s: %s\n", what, value);
		return false;
	}
	return true;
}

static bool parse_option(struct arguments *arguments, int option, const char *value) {
	struct bridge_options *bridge = &arguments->bridge;
	if (option >= OPTION_PATH && option < OPTION_PATH + BRIDGE_DEVICES) {
		arguments->paths[option - OPTION_PATH] = value;
		return true;
	}
	if (option >= OPTION_FD && option < OPTION_FD + BRIDGE_DEVICES) {
		return parse_fd(value, &bridge->device_fds[option - OPTION_FD]);
	}
	switch (option) {
	case OPTION_CONTROL_FD:
		return parse_fd(value, &bridge->control_fd);
	case OPTION_TITLE:
		bridge->title = value;
		return true;
	case OPTION_NAME:
		bridge->name = value;
		return true;
	case OPTION_DISPLAYS:
		return parse_displays(value, &bridge->displays);
	case OPTION_TRANSPORT: {
		bool device;
		const bool ok = parse_choice("transport", value, "gpu", "device", &device);
		bridge->transport = device ? VIRTIO_GPU_TRANSPORT_DEVICE : VIRTIO_GPU_TRANSPORT_GPU;
		return ok;
	}
	case OPTION_GRAPHICS:
		return parse_choice("graphics", value, "2d", "virgl", &bridge->virgl);
	case OPTION_RENDER_NODE:
		arguments->render_node = value;
		return true;
	case OPTION_LOG_LEVEL:
		if (!log_parse_level(value, &bridge->log_level)) {
			fprintf(stderr, "redecho-bridge: no such log level: %s\n", value);
			return false;
		}
		return true;
	case OPTION_HELP:
		arguments->help = true;
		return true;
	case OPTION_VERSION:
		arguments->version = true;
		return true;
	default:
		return false;
	}
}

static bool parse_arguments(struct arguments *arguments, int argc, char *argv[]) {
	*arguments = (struct arguments){
		.bridge = {.title = "Machine",
			.displays = 1,
			.control_fd = -1,
			.renderer_fd = -1,
			.log_level = LOG_INFO},
	};
	for (unsigned i = 0; i < BRIDGE_DEVICES; i++) {
		arguments->bridge.device_fds[i] = -1;
	}
	const char *level = getenv("REDECHO_LOG");
	if (level != NULL) {
		log_parse_level(level, &arguments->bridge.log_level);
	}
	int option;
	while ((option = getopt_long(argc, argv, "", option_rows, NULL)) != -1) {
		if (!parse_option(arguments, option, optarg)) {
			fputs(usage, stderr);
			return false;
		}
	}
	if (arguments->help || arguments->version) {
		return true;
	}
	const bool has_path = arguments->paths[BRIDGE_DEVICE_GPU] != NULL;
	const bool has_fd = arguments->bridge.device_fds[BRIDGE_DEVICE_GPU] >= 0;
	if (optind != argc || has_path == has_fd) {
		fputs(usage, stderr);
		return false;
	}
	return true;
}

static bool to_address(const char *path, struct sockaddr_un *address) {
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(address->sun_path)) {
		errno = ENAMETOOLONG;
		return false;
	}
	strcpy(address->sun_path, path);
	return true;
}

static int connect_to(const char *path) {
	struct sockaddr_un address;
	if (!to_address(path, &address)) {
		return -1;
	}
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		const int error = errno;
		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

/** Make a listening socket; in the place of one that nobody listens on any more. */
static int listen_on(const char *path) {
	const int probe = connect_to(path);
	if (probe >= 0) {
		close(probe);
		errno = EADDRINUSE;
		return -1;
	}
	struct stat status;
	if (errno == ECONNREFUSED && lstat(path, &status) == 0 && S_ISSOCK(status.st_mode)) {
		unlink(path);
	}
	struct sockaddr_un address;
	if (!to_address(path, &address)) {
		return -1;
	}
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		return -1;
	}
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, 1) != 0) {
		const int error = errno;
		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

static bool make_sockets(struct arguments *arguments) {
	for (unsigned i = 0; i < BRIDGE_DEVICES; i++) {
		if (arguments->paths[i] == NULL) {
			continue;
		}
		arguments->bridge.device_fds[i] = listen_on(arguments->paths[i]);
		if (arguments->bridge.device_fds[i] < 0) {
			fprintf(stderr, "redecho-bridge: %s: %s\n", arguments->paths[i],
				strerror(errno));
			// Neither this one nor those behind it are ours to remove.
			memset(&arguments->paths[i], 0, (BRIDGE_DEVICES - i) * sizeof(char *));
			return false;
		}
	}
	return true;
}

static void remove_sockets(const struct arguments *arguments) {
	for (unsigned i = 0; i < BRIDGE_DEVICES; i++) {
		if (arguments->paths[i] != NULL) {
			unlink(arguments->paths[i]);
		}
	}
}

/** The connection that WAYLAND_SOCKET is the number of, as in wl_display_connect(3); or -1. */
static int inherited_connection(void) {
	const char *text = getenv("WAYLAND_SOCKET");
	char *end;
	if (text == NULL) {
		return -1;
	}
	errno = 0;
	const long fd = strtol(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || fd < 0 || fd > INT_MAX ||
		fcntl((int)fd, F_SETFD, FD_CLOEXEC) != 0) {
		errno = EBADF;
		return -1;
	}
	unsetenv("WAYLAND_SOCKET");
	return (int)fd;
}

/** The compositor that WAYLAND_SOCKET or WAYLAND_DISPLAY names. */
static int connect_to_compositor(void) {
	if (getenv("WAYLAND_SOCKET") != NULL) {
		return inherited_connection();
	}
	const char *display = getenv("WAYLAND_DISPLAY");
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path) + 1];
	display = display != NULL ? display : "wayland-0";
	if (display[0] == '/') {
		return connect_to(display);
	}
	snprintf(path, sizeof(path), "%s/%s", runtime != NULL ? runtime : "", display);
	return connect_to(path); // a path that was cut is too long for it as well
}

/** Each resource of the guest takes a file descriptor: allow as many as we may. */
static void raise_file_limit(void) {
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		const rlim_t wanted = 2 * RESOURCE_MAX_COUNT;
		limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static int run(struct arguments *arguments) {
	arguments->bridge.stand_alone = arguments->paths[BRIDGE_DEVICE_GPU] != NULL;
	if (!make_sockets(arguments)) {
		return 1;
	}
	if (arguments->bridge.stand_alone && arguments->bridge.virgl) {
		arguments->bridge.renderer_fd = renderer_process_start(arguments->render_node);
	}
	struct bridge *bridge = bridge_create(&arguments->bridge);
	if (bridge == NULL) {
		return 1;
	}
	int code = 1;
	if (arguments->bridge.control_fd >= 0) {
		code = bridge_run(bridge); // redecho-vmd brings the Wayland connection
	} else {
		const int fd = connect_to_compositor();
		if (fd < 0) {
			fprintf(stderr, "redecho-bridge: no Wayland compositor: %s\n",
				strerror(errno));
		} else if (window_client_connect(bridge->window_client, fd)) {
			code = bridge_run(bridge);
		}
	}
	bridge_destroy(bridge);
	return code;
}

int main(int argc, char *argv[]) {
	struct arguments arguments;
	if (!parse_arguments(&arguments, argc, argv)) {
		return 2;
	}
	if (arguments.help || arguments.version) {
		fputs(arguments.help ? usage : "redecho-bridge " REDECHO_VERSION "\n", stdout);
		return 0;
	}
	signal(SIGPIPE, SIG_IGN);
	raise_file_limit();
	const int code = run(&arguments);
	remove_sockets(&arguments);
	return code;
}
