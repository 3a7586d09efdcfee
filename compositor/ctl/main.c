#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "complete.h"
#include "print.h"
#include "top.h"

enum {
	EXIT_REFUSED = 1, // the desk said no
	EXIT_USAGE = 2, // it was not asked, or did not answer
};

static const char usage[] =
	"usage: redechoctl [OPTIONS] QUESTION\n"
	"       redechoctl [OPTIONS] top [--once]\n"
	"       redechoctl [OPTIONS] [run] COMMAND [WORD...] [machine=NAME | window=ID]\n"
	"\n"
	"Asks a running Red Echo, or has it run a command.\n"
	"\n"
	"Questions:\n"
	"  outputs      the screens\n"
	"  workspaces   the workspaces and their layout trees\n"
	"  windows      the tiles\n"
	"  machines     the machines and their state\n"
	"  programs     what can be spawned\n"
	"  inputs       the keyboards, pointers and other devices\n"
	"  seat         what the keyboard is set to\n"
	"  commands     what can be run\n"
	"  session      whether it is locked\n"
	"  version      which Red Echo it is\n"
	"  events       all of this, then every change as it happens\n"
	"  top          what the machines use, anew each second; q ends it\n"
	"\n"
	"Commands are those that keys are bound to. They act on the focused window, or on\n"
	"the one that a last word names:\n"
	"  redechoctl spawn clock\n"
	"  redechoctl focus left\n"
	"  redechoctl close machine=clock\n"
	"  redechoctl run move workspace 2 window=3\n"
	"\n"
	"Options:\n"
	"  -j, --json         print JSON, one value a line\n"
	"  -s, --socket PATH  the socket; default: $REDECHO_SOCKET, else that of desk 0\n"
	"  -o, --once         top: print it once\n"
	"  -v, --version      print the version of redechoctl\n"
	"  -h, --help         print this\n"
	"\n"
	"Exit status: 0 done, 1 the desk refused, 2 it could not be asked.\n"
	"See redechoctl(1) and redecho-ipc(7).\n";

struct options {
	bool json;
	bool once;
	const char *socket; // NULL: the default
};

static bool is_question(const char *word) {
	for (size_t i = 0; complete_questions[i] != NULL; i++) {
		if (strcmp(complete_questions[i], word) == 0) {
			return true;
		}
	}
	return false;
}

static void print_json(yyjson_val *value) {
	char *text = yyjson_val_write(value, 0, NULL);
	if (text != NULL) {
		puts(text);
	}
	free(text);
}

// Reads the reply and prints it. Returns the exit status.
static int take_reply(struct client *client, const struct options *options, const char *request) {
	const char *line = client_read_line(client);
	yyjson_doc *doc = line != NULL ? yyjson_read(line, strlen(line), 0) : NULL;
	yyjson_val *root = yyjson_doc_get_root(doc);
	yyjson_val *error = yyjson_obj_get(root, "Err");
	yyjson_val *answer = yyjson_obj_get(root, "Ok");
	int status = EXIT_USAGE;
	if (error != NULL) {
		const char *message = yyjson_get_str(yyjson_obj_get(error, "message"));
		fprintf(stderr, "redechoctl: %s\n", message != NULL ? message : "refused");
		status = EXIT_REFUSED;
	} else if (answer == NULL) {
		fputs("redechoctl: the desk gave no answer\n", stderr);
	} else if (options->json) {
		if (!yyjson_is_null(answer)) {
			print_json(answer);
		}
		status = 0;
	} else if (print_answer(request, answer)) {
		status = 0;
	} else {
		fputs("redechoctl: an answer that it does not know\n", stderr);
	}
	yyjson_doc_free(doc);
	return status;
}

static int follow_events(struct client *client, const struct options *options) {
	const char *line;
	while ((line = client_read_line(client)) != NULL) {
		if (options->json) {
			puts(line);
		} else {
			yyjson_doc *doc = yyjson_read(line, strlen(line), 0);
			print_event(yyjson_doc_get_root(doc));
			yyjson_doc_free(doc);
		}
		if (fflush(stdout) != 0) {
			return 0; // nobody reads any more
		}
	}
	return 0;
}

static int ask(const struct options *options, const char *question) {
	struct client *client = client_connect(options->socket);
	if (client == NULL) {
		return EXIT_USAGE;
	}
	int status = EXIT_USAGE;
	if (client_send(client, client_request(question, NULL))) {
		status = take_reply(client, options, question);
	}
	if (status == 0 && strcmp(question, "events") == 0) {
		status = follow_events(client, options);
	}
	client_destroy(client);
	return status;
}

static int show_top(const struct options *options) {
	struct client *client = client_connect(options->socket);
	if (client == NULL) {
		return EXIT_USAGE;
	}
	int status = top_run(client, options->json, options->once);
	client_destroy(client);
	return status;
}

// Takes machine=NAME or window=ID from the end of the words. False if it is not right.
static bool add_target(
	yyjson_mut_doc *doc, yyjson_mut_val *argument, int *words_len, char *const *words) {
	// what these take is for others to read
	if (*words_len < 2 || strcmp(words[0], "exec") == 0 || strcmp(words[0], "nop") == 0) {
		return true;
	}
	const char *last = words[*words_len - 1];
	if (strncmp(last, "machine=", 8) == 0) {
		yyjson_mut_obj_add_str(doc, argument, "machine", last + 8);
		(*words_len)--;
	} else if (strncmp(last, "window=", 7) == 0) {
		char *end;
		unsigned long id = strtoul(last + 7, &end, 10);
		if (*end != '\0' || last[7] < '0' || last[7] > '9') {
			fprintf(stderr, "redechoctl: \"%s\" is no window\n", last + 7);
			return false;
		}
		yyjson_mut_obj_add_uint(doc, argument, "window", id);
		(*words_len)--;
	}
	return true;
}

static int run(const struct options *options, int words_len, char *const *words) {
	yyjson_mut_val *argument;
	yyjson_mut_doc *doc = client_request("run", &argument);
	if (!add_target(doc, argument, &words_len, words)) {
		yyjson_mut_doc_free(doc);
		return EXIT_USAGE;
	}
	yyjson_mut_val *command = yyjson_mut_obj_add_arr(doc, argument, "command");
	for (int i = 0; i < words_len; i++) {
		yyjson_mut_arr_add_str(doc, command, words[i]);
	}
	struct client *client = client_connect(options->socket);
	if (client == NULL) {
		yyjson_mut_doc_free(doc);
		return EXIT_USAGE;
	}
	int status = EXIT_USAGE;
	if (client_send(client, doc)) {
		status = take_reply(client, options, "run");
	}
	client_destroy(client);
	return status;
}

// Returns -1 to go on, or an exit status. Stops at the first word that is no option.
static int read_options(int argc, char **argv, struct options *options) {
	static const struct option known[] = {
		{"json", no_argument, NULL, 'j'},
		{"socket", required_argument, NULL, 's'},
		{"once", no_argument, NULL, 'o'},
		{"version", no_argument, NULL, 'v'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	int option;
	while ((option = getopt_long(argc, argv, "+jos:vh", known, NULL)) != -1) {
		switch (option) {
		case 'j':
			options->json = true;
			break;
		case 'o':
			options->once = true;
			break;
		case 's':
			options->socket = optarg;
			break;
		case 'v':
			puts("redechoctl " REDECHO_VERSION);
			return 0;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			fputs("See redechoctl --help.\n", stderr);
			return EXIT_USAGE;
		}
	}
	return -1;
}

int main(int argc, char **argv) {
	if (argc > 1 && strcmp(argv[1], "--complete") == 0) {
		complete(NULL, (size_t)argc - 2, argv + 2);
		return 0;
	}
	struct options options = {0};
	int status = read_options(argc, argv, &options);
	if (status >= 0) {
		return status;
	}
	if (optind == argc) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	const char *first = argv[optind];
	bool question = is_question(first);
	bool top = strcmp(first, "top") == 0;
	if (question || top || strcmp(first, "run") == 0) {
		// options may follow these, too
		argv += optind;
		argc -= optind;
		optind = 1;
		status = read_options(argc, argv, &options);
		if (status >= 0) {
			return status;
		}
	}
	if (options.once && !top) {
		fputs("redechoctl: --once is for top\nSee redechoctl --help.\n", stderr);
		return EXIT_USAGE;
	}
	if (top && optind == argc) {
		return show_top(&options);
	}
	if (question && optind == argc) {
		return ask(&options, first);
	}
	if (question || top || optind == argc) {
		fprintf(stderr, "redechoctl: %s\nSee redechoctl --help.\n",
			question || top ? "a question takes no words"
					: "run: a command is missing");
		return EXIT_USAGE;
	}
	return run(&options, argc - optind, argv + optind);
}
