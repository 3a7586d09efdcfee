/*
 * redecho: the compositor of a desk where every program is a machine.
 *
 * Options, log and signals are here; the rest is in the library that the tests link as
 * well. Machines are redecho-vmd's, a process of its own that is started on demand and
 * outlives this one when it is killed.
 */
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <wayland-server-core.h>

#include "command.h"
#include "config.h"
#include "log.h"
#include "server.h"
#include "sigbus.h"

#define FOLDERS_MAX 32

struct arguments {
	struct server_options options;
	const char *programs[FOLDERS_MAX + 1];
	const char *machines[FOLDERS_MAX + 1];
	size_t programs_len, machines_len;
	bool check;
	enum wlr_log_importance verbosity;
};

static const char usage[] =
	"Usage: redecho [options]\n"
	"\n"
	"  -c, --config FILE    read this configuration file\n"
	"  -C, --check          check the configuration, then end\n"
	"  -d, --debug          log everything\n"
	"  -V, --verbose        the same as --debug\n"
	"  -v, --version        tell the version, then end\n"
	"  -h, --help           tell the options, then end\n"
	"      --desk NAME      name of the desk: its sockets, its machines (0 to 9, the first\n"
	"                       that is free)\n"
	"      --vmd PATH       the redecho-vmd to start\n"
	"      --bridge PATH    the redecho-bridge that it starts\n"
	"      --programs DIR   where program files are; may be repeated\n"
	"      --machines DIR   where the files are that they name; may be repeated\n"
	"      --uri URI        libvirt's\n"
	"      --accel NAME     auto, kvm or tcg\n"
	"      --exec COMMAND   run this shell command after the start\n"
	"      --session        this is the session of a login: tell systemd and D-Bus of it\n"
	"      --no-machines    without redecho-vmd\n";

enum {
	OPTION_DESK = 256,
	OPTION_VMD,
	OPTION_BRIDGE,
	OPTION_PROGRAMS,
	OPTION_MACHINES,
	OPTION_URI,
	OPTION_ACCEL,
	OPTION_EXEC,
	OPTION_SESSION,
	OPTION_NO_MACHINES,
};

static const struct option long_options[] = {
	{"config", required_argument, NULL, 'c'},
	{"check", no_argument, NULL, 'C'},
	{"debug", no_argument, NULL, 'd'},
	{"verbose", no_argument, NULL, 'V'},
	{"version", no_argument, NULL, 'v'},
	{"help", no_argument, NULL, 'h'},
	{"desk", required_argument, NULL, OPTION_DESK},
	{"vmd", required_argument, NULL, OPTION_VMD},
	{"bridge", required_argument, NULL, OPTION_BRIDGE},
	{"programs", required_argument, NULL, OPTION_PROGRAMS},
	{"machines", required_argument, NULL, OPTION_MACHINES},
	{"uri", required_argument, NULL, OPTION_URI},
	{"accel", required_argument, NULL, OPTION_ACCEL},
	{"exec", required_argument, NULL, OPTION_EXEC},
	{"session", no_argument, NULL, OPTION_SESSION},
	{"no-machines", no_argument, NULL, OPTION_NO_MACHINES},
	{0},
};

// Our own lines as they are; wlroots' information only for those who debug.
static void handle_log(enum wlr_log_importance importance, const char *format, va_list args) {
	bool ours = strncmp(format, LOG_PREFIX, strlen(LOG_PREFIX)) == 0;
	enum wlr_log_importance verbosity = wlr_log_get_verbosity();
	if (importance > verbosity || (!ours && importance > WLR_ERROR && verbosity < WLR_DEBUG)) {
		return;
	}
	char line[2048];
	vsnprintf(line, sizeof(line), format, args);
	fprintf(stderr, "%s%s\n", ours ? "" : LOG_PREFIX, line);
}

static bool add_folder(const char **folders, size_t *len, const char *folder) {
	if (*len >= FOLDERS_MAX) {
		fprintf(stderr, "redecho: too many folders\n");
		return false;
	}
	folders[(*len)++] = folder;
	return true;
}

static bool check_desk_name(const char *name) {
	size_t len = strlen(name);
	if (len > 0 && len <= 16 &&
		strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") ==
			len) {
		return true;
	}
	fprintf(stderr, "redecho: a desk's name is 1 to 16 letters, digits, - or _\n");
	return false;
}

// Returns false when the program is to end, with *status.
static bool handle_option(struct arguments *arguments, int option, int *status) {
	struct server_options *options = &arguments->options;
	*status = 0;
	switch (option) {
	case 'c':
		options->config_path = optarg;
		return true;
	case 'C':
		arguments->check = true;
		return true;
	case 'd':
	case 'V':
		arguments->verbosity = WLR_DEBUG;
		return true;
	case 'v':
		printf("redecho %s\n", REDECHO_VERSION);
		return false;
	case 'h':
		fputs(usage, stdout);
		return false;
	case OPTION_DESK:
		options->desk = optarg;
		*status = 2;
		return check_desk_name(optarg);
	case OPTION_VMD:
		options->vmd_path = optarg;
		return true;
	case OPTION_BRIDGE:
		options->bridge_path = optarg;
		return true;
	case OPTION_PROGRAMS:
		*status = 2;
		return add_folder(arguments->programs, &arguments->programs_len, optarg);
	case OPTION_MACHINES:
		*status = 2;
		return add_folder(arguments->machines, &arguments->machines_len, optarg);
	case OPTION_URI:
		options->uri = optarg;
		return true;
	case OPTION_ACCEL:
		options->accel = optarg;
		return true;
	case OPTION_EXEC:
		options->exec = optarg;
		return true;
	case OPTION_SESSION:
		options->session = true;
		return true;
	case OPTION_NO_MACHINES:
		options->without_manager = true;
		return true;
	default:
		fputs(usage, stderr);
		*status = 2;
		return false;
	}
}

static bool read_arguments(struct arguments *arguments, int argc, char *argv[], int *status) {
	int option;
	while ((option = getopt_long(argc, argv, "c:CdVvh", long_options, NULL)) != -1) {
		if (!handle_option(arguments, option, status)) {
			return false;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "redecho: what is %s?\n%s", argv[optind], usage);
		*status = 2;
		return false;
	}
	arguments->options.programs = arguments->programs;
	arguments->options.machines = arguments->machines;
	return true;
}

static int check_config(const char *given) {
	char *path = config_find_path(given);
	if (path == NULL) {
		printf("there is no configuration file: the defaults apply\n");
		return 0;
	}
	const struct config_options options = {.check = command_check};
	struct config_errors errors = {0};
	struct config *config = config_load(path, &options, &errors);
	for (size_t i = 0; i < errors.len; i++) {
		char line[1024];
		config_error_format(&errors.errors[i], line, sizeof(line));
		fprintf(stderr, "%s\n", line);
	}
	bool ok = config != NULL;
	config_errors_finish(&errors);
	config_destroy(config);
	free(path);
	return ok ? 0 : 1;
}

static int handle_end_signal(int signal_number, void *data) {
	server_exit(data);
	return 0;
}

static int handle_reload_signal(int signal_number, void *data) {
	server_reload(data);
	return 0;
}

// Many machines, each with a few file descriptors; what we start gets the old limit back
// from its own parent's settings only if it asks, so the soft limit alone is raised.
static void raise_file_limit(void) {
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max < 65536 ? limit.rlim_max : 65536;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static int run(const struct server_options *options) {
	struct server *server = server_create(options);
	if (server == NULL) {
		return 1;
	}
	struct wl_event_source *sources[] = {
		wl_event_loop_add_signal(server->loop, SIGINT, handle_end_signal, server),
		wl_event_loop_add_signal(server->loop, SIGTERM, handle_end_signal, server),
		wl_event_loop_add_signal(server->loop, SIGHUP, handle_reload_signal, server),
	};
	int status = server_start(server) ? server_run(server) : 1;
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		if (sources[i] != NULL) {
			wl_event_source_remove(sources[i]);
		}
	}
	server_destroy(server);
	return status;
}

int main(int argc, char *argv[]) {
	struct arguments arguments = {.verbosity = WLR_INFO};
	const char *level = getenv("REDECHO_LOG");
	if (level != NULL && strncmp(level, "debug", strlen("debug")) == 0) {
		arguments.verbosity = WLR_DEBUG;
	}
	int status;
	if (!read_arguments(&arguments, argc, argv, &status)) {
		return status;
	}
	if (arguments.check) {
		return check_config(arguments.options.config_path);
	}
	wlr_log_init(arguments.verbosity, handle_log);
	signal(SIGPIPE, SIG_IGN);
	sigbus_guard();
	raise_file_limit();
	arguments.options.create_config = true;
	return run(&arguments.options);
}
