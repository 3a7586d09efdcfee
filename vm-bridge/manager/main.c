/**
 * redecho-vmd: a desk's machines.
 *
 * One process for one desk. The main loop (wl_event_loop) serves the compositor
 * (redecho-manager-v1) and steers each machine's bridge (redecho-bridge-v1, as the client);
 * every call to libvirt is made on a worker's thread. redecho-vmd outlives the compositor; the
 * machines outlive it, and the next one adopts them. It never looks at anything a guest wrote.
 */
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "log.h"
#include "manager.h"

#define FOLDERS_MAX 16

struct arguments {
	struct manager_options options;
	char *program_dirs[FOLDERS_MAX + 1]; // to be freed
	char *machine_dirs[FOLDERS_MAX + 1];
};

static const char usage[] =
	"Usage: redecho-vmd --desk-dir DIR [options]\n"
	"\n"
	"  --desk-dir DIR       the desk's folder: manager.sock, manager.lock, v/\n"
	"  --listen-fd N        an inherited socket that listens, instead of manager.sock\n"
	"  --lock-fd N          the inherited lock of manager.lock\n"
	"  --programs DIR       a folder of program files; earlier ones hide later ones\n"
	"  --machines DIR       a folder of machine images\n"
	"  --bridge PATH        redecho-bridge\n"
	"  --renderer PATH      redecho-render\n"
	"  --uri URI            libvirt's URI; without it, libvirt runs inside redecho-vmd\n"
	"  --accel auto|kvm|tcg whether machines use KVM; auto tries it out\n"
	"  --version, --help\n";

enum option_value {
	OPTION_DESK_DIR = 256,
	OPTION_LISTEN_FD,
	OPTION_LOCK_FD,
	OPTION_PROGRAMS,
	OPTION_MACHINES,
	OPTION_BRIDGE,
	OPTION_RENDERER,
	OPTION_URI,
	OPTION_ACCEL,
};

static const struct option options[] = {
	{"desk-dir", required_argument, NULL, OPTION_DESK_DIR},
	{"listen-fd", required_argument, NULL, OPTION_LISTEN_FD},
	{"lock-fd", required_argument, NULL, OPTION_LOCK_FD},
	{"programs", required_argument, NULL, OPTION_PROGRAMS},
	{"machines", required_argument, NULL, OPTION_MACHINES},
	{"bridge", required_argument, NULL, OPTION_BRIDGE},
	{"renderer", required_argument, NULL, OPTION_RENDERER},
	{"uri", required_argument, NULL, OPTION_URI},
	{"accel", required_argument, NULL, OPTION_ACCEL},
	{"version", no_argument, NULL, 'v'},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

static bool parse_fd(const char *text, int *fd) {
	char *end;
	long number = strtol(text, &end, 10);
	if (end == text || *end != '\0' || number < 0 || number > INT_MAX) {
		log_error("\"%s\" is not a file descriptor", text);
		return false;
	}
	*fd = (int)number;
	// Before anything is started that would inherit it.
	if (fcntl(*fd, F_SETFD, FD_CLOEXEC) != 0) {
		log_error("file descriptor %d is not open", *fd);
		return false;
	}
	return true;
}

static bool parse_accel(const char *text, enum accel_choice *choice) {
	static const char *const names[] = {"auto", "kvm", "tcg"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(text, names[i]) == 0) {
			*choice = (enum accel_choice)i;
			return true;
		}
	}
	log_error("\"%s\" is none of auto, kvm and tcg", text);
	return false;
}

static bool add_folder(char **folders, const char *folder) {
	for (int i = 0; i < FOLDERS_MAX; i++) {
		if (folders[i] == NULL) {
			// QEMU runs in another folder. One that is not there yet stays as it is.
			folders[i] = realpath(folder, NULL);
			if (folders[i] == NULL) {
				folders[i] = format_string("%s", folder);
			}
			return true;
		}
	}
	log_error("more than %d folders", FOLDERS_MAX);
	return false;
}

static bool parse_option(struct arguments *arguments, int option, const char *value) {
	switch (option) {
	case OPTION_DESK_DIR:
		arguments->options.desk_dir = value;
		return true;
	case OPTION_LISTEN_FD:
		return parse_fd(value, &arguments->options.listen_fd);
	case OPTION_LOCK_FD:
		return parse_fd(value, &arguments->options.lock_fd);
	case OPTION_PROGRAMS:
		return add_folder(arguments->program_dirs, value);
	case OPTION_MACHINES:
		return add_folder(arguments->machine_dirs, value);
	case OPTION_BRIDGE:
		arguments->options.bridge = value;
		return true;
	case OPTION_RENDERER:
		arguments->options.renderer = value;
		return true;
	case OPTION_URI:
		arguments->options.uri = value;
		return true;
	case OPTION_ACCEL:
		return parse_accel(value, &arguments->options.accel);
	case 'v':
		printf("redecho-vmd " REDECHO_VERSION "\n");
		exit(EXIT_SUCCESS);
	case 'h':
		fputs(usage, stdout);
		exit(EXIT_SUCCESS);
	default:
		return false; // getopt has said why
	}
}

/*
 * A program beside this executable, or where the build has it, in a folder beside this one's, to
 * be freed; else its name, to be found in PATH.
 */
static char *find_program(const char *name, const char *folder) {
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (length <= 0) {
		return format_string("%s", name);
	}
	self[length] = '\0';
	*strrchr(self, '/') = '\0';
	char *path = format_string("%s/%s", self, name);
	if (access(path, X_OK) != 0) {
		free(path);
		path = format_string("%s/../%s/%s", self, folder, name);
	}
	if (access(path, X_OK) != 0) {
		free(path);
		path = format_string("%s", name);
	}
	return path;
}

/* libvirt warns of every domain that is started as we start them: not on standard error. */
static void redirect_libvirt_log(const char *desk_dir) {
	if (strpbrk(desk_dir, " \"'\\") != NULL) {
		return; // its syntax has no such paths
	}
	char *outputs = format_string("3:file:%s/v/libvirt.log", desk_dir);
	setenv("LIBVIRT_LOG_OUTPUTS", outputs, 0);
	free(outputs);
}

int main(int argc, char **argv) {
	struct arguments arguments = {.options = {.listen_fd = -1, .lock_fd = -1}};
	int option;
	while ((option = getopt_long(argc, argv, "vh", options, NULL)) != -1) {
		if (!parse_option(&arguments, option, optarg)) {
			return EXIT_FAILURE;
		}
	}
	if (optind != argc || arguments.options.desk_dir == NULL ||
		arguments.options.desk_dir[0] != '/') {
		fputs(usage, stderr);
		return EXIT_FAILURE;
	}
	arguments.options.search.program_dirs = (const char *const *)arguments.program_dirs;
	arguments.options.search.machine_dirs = (const char *const *)arguments.machine_dirs;
	char *bridge = find_program("redecho-bridge", "bridge");
	char *renderer = find_program("redecho-render", "render");
	if (arguments.options.bridge == NULL) {
		arguments.options.bridge = bridge;
	}
	if (arguments.options.renderer == NULL) {
		arguments.options.renderer = renderer;
	}
	signal(SIGPIPE, SIG_IGN);
	redirect_libvirt_log(arguments.options.desk_dir);

	struct manager manager;
	bool ok = manager_init(&manager, &arguments.options);
	if (ok) {
		wl_display_run(manager.display);
	}
	manager_finish(&manager);
	free(bridge);
	free(renderer);
	for (int i = 0; i < FOLDERS_MAX; i++) {
		free(arguments.program_dirs[i]);
		free(arguments.machine_dirs[i]);
	}
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
