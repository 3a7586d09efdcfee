#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xkbcommon/xkbcommon-keysyms.h>

#include "alloc.h"
#include "config_default.h" // made from configs/config when building
#include "config_parser.h"
#include "config_syntax.h"

#define FILES_MAX 64
#define INCLUDE_DEPTH_MAX 8

// --- errors -------------------------------------------------------------------------------

static void add_error_in(
	struct config_parser *parser, const char *file, int line, int column, const char *message) {
	struct config_errors *errors = parser->errors;
	if (errors->len >= CONFIG_ERRORS_MAX) {
		return;
	}
	errors->errors = alloc_array(errors->errors, errors->len + 1, sizeof(errors->errors[0]));
	errors->errors[errors->len++] = (struct config_error){
		.file = alloc_string(file),
		.line = line,
		.column = column,
		.message = alloc_string(message),
	};
}

static void add_error(struct config_parser *parser, int line, int column, const char *message) {
	add_error_in(parser, parser->source->name, line, column, message);
}

void config_error_at(struct config_parser *parser, const struct scfg_directive *directive,
	size_t word, const char *format, ...) {
	char message[1024];
	va_list args;
	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	int column = config_syntax_column(
		parser->source->text, parser->source->text_bytes, directive->lineno, word);
	add_error(parser, directive->lineno, column, message);
}

void config_mark_place(struct config_parser *parser, const struct scfg_directive *directive,
	size_t word, struct config_place *place) {
	if (parser->source->builtin) {
		return;
	}
	free(place->file);
	place->file = alloc_string(parser->source->name);
	place->line = directive->lineno;
	place->column = config_syntax_column(
		parser->source->text, parser->source->text_bytes, directive->lineno, word);
}

void config_error_in(
	struct config_parser *parser, const struct config_place *place, const char *format, ...) {
	char message[1024];
	va_list args;
	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	add_error_in(parser, place->file != NULL ? place->file : "built-in", place->line,
		place->column, message);
}

void config_error_format(const struct config_error *error, char *text, size_t size) {
	if (error->line == 0) {
		snprintf(text, size, "%s: %s", error->file, error->message);
	} else if (error->column == 0) {
		snprintf(text, size, "%s:%d: %s", error->file, error->line, error->message);
	} else {
		snprintf(text, size, "%s:%d:%d: %s", error->file, error->line, error->column,
			error->message);
	}
}

void config_errors_finish(struct config_errors *errors) {
	for (size_t i = 0; i < errors->len; i++) {
		free(errors->errors[i].file);
		free(errors->errors[i].message);
	}
	free(errors->errors);
	*errors = (struct config_errors){0};
}

// --- reading ------------------------------------------------------------------------------

// Returns the file's text, or NULL with a reason in why.
static char *read_file(
	const char *path, size_t *text_bytes, struct stat *stat, char *why, size_t size) {
	char *text = NULL;
	// A FIFO does not hold us up, and is refused below.
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, stat) != 0) {
		snprintf(why, size, "%s", strerror(errno));
		goto out;
	}
	if (!S_ISREG(stat->st_mode)) {
		snprintf(why, size, "this is not a regular file");
		goto out;
	}
	text = alloc_zeroed(CONFIG_FILE_MAX + 1, 1);
	size_t len = 0;
	ssize_t got = 1;
	while (len <= CONFIG_FILE_MAX && got > 0) {
		got = read(fd, text + len, CONFIG_FILE_MAX + 1 - len);
		if (got < 0 && errno == EINTR) {
			got = 1;
		} else if (got > 0) {
			len += (size_t)got;
		}
	}
	if (got < 0 || len > CONFIG_FILE_MAX) {
		snprintf(why, size, "%s",
			got < 0 ? strerror(errno) : "more than 1 MiB: this is no configuration");
		free(text);
		text = NULL;
		goto out;
	}
	*text_bytes = len;
out:
	if (fd >= 0) {
		close(fd);
	}
	return text;
}

static void parse_source(struct config_parser *parser, const struct config_source *source) {
	const struct config_source *outer = parser->source;
	parser->source = source;
	struct config_syntax_place place;
	char why[128];
	if (!config_syntax_check(source->text, source->text_bytes, &place, why, sizeof(why))) {
		add_error(parser, place.line, place.column, why);
	} else if (source->text_bytes > 0) {
		struct scfg_block block = {0};
		FILE *file = fmemopen((void *)source->text, source->text_bytes, "r");
		if (file == NULL || scfg_parse_file(&block, file) != 0) {
			add_error(parser, 0, 0, "libscfg cannot parse this file");
		} else {
			config_apply(parser, &block);
			scfg_block_finish(&block);
		}
		if (file != NULL) {
			fclose(file);
		}
	}
	parser->source = outer;
}

char *config_resolve_path(const struct config_parser *parser, const char *path) {
	char resolved[4096];
	const char *home = getenv("HOME");
	const char *name = parser->source->name;
	const char *slash = strrchr(name, '/');
	if (strncmp(path, "~/", 2) == 0 && home != NULL) {
		snprintf(resolved, sizeof(resolved), "%s%s", home, path + 1);
	} else if (path[0] == '/' || slash == NULL) {
		snprintf(resolved, sizeof(resolved), "%s", path);
	} else {
		snprintf(resolved, sizeof(resolved), "%.*s/%s", (int)(slash - name), name, path);
	}
	return alloc_string(resolved);
}

static bool is_being_read(const struct config_source *source, const struct stat *stat) {
	for (; source != NULL; source = source->parent) {
		if (source->inode == stat->st_ino && source->device == stat->st_dev &&
			source->inode != 0) {
			return true;
		}
	}
	return false;
}

static int depth_of(const struct config_source *source) {
	int depth = 0;
	for (; source != NULL; source = source->parent) {
		depth++;
	}
	return depth;
}

void config_include(struct config_parser *parser, const struct scfg_directive *directive) {
	char *path = config_resolve_path(parser, directive->params[0]);
	struct config_source source = {.name = path, .parent = parser->source};
	struct stat stat;
	char why[256];
	char *text = NULL;
	if (++parser->files > FILES_MAX || depth_of(parser->source) >= INCLUDE_DEPTH_MAX) {
		config_error_at(parser, directive, 1, "too many files include each other");
		goto out;
	}
	text = read_file(path, &source.text_bytes, &stat, why, sizeof(why));
	if (text == NULL) {
		config_error_at(parser, directive, 1, "cannot include %s: %s", path, why);
		goto out;
	}
	if (is_being_read(parser->source, &stat)) {
		config_error_at(parser, directive, 1, "%s includes itself", path);
		goto out;
	}
	source.text = text;
	source.device = stat.st_dev;
	source.inode = stat.st_ino;
	config_strings_add(&parser->config->files, path);
	parse_source(parser, &source);
out:
	free(text);
	free(path);
}

static struct config *create_empty(void) {
	struct config *config = alloc_zeroed(1, sizeof(*config));
	config->border.font = alloc_string("sans 10");
	config->workspaces = 1;
	config->passthrough = (struct config_passthrough){
		.key = {.modifiers = BINDING_MOD | BINDING_CTRL, .key = XKB_KEY_Escape},
		.builtin_keys = true,
	};
	config->cursor_size = 24;
	return config;
}

// Behind those that are configured, for these hide them.
static void add_standard_folders(struct config *config) {
	char *programs = config_user_path("programs");
	if (programs != NULL) {
		config_strings_add(&config->programs, programs);
	}
	free(programs);
	config_strings_add(&config->programs, CONFIG_SYSTEM_FOLDER "/programs");
	config_strings_add(&config->programs, REDECHO_DATADIR "/redecho/programs");
	config_strings_add(&config->machines, REDECHO_DATADIR "/redecho/machines");
}

static struct config *parse(const struct config_source *source,
	const struct config_options *options, struct config_errors *errors) {
	static const struct config_options none = {0};
	struct config_parser parser = {
		.config = create_empty(),
		.options = options != NULL ? options : &none,
		.errors = errors,
	};
	struct config_source builtin = {
		.name = "built-in",
		.text = config_default_text(),
		.text_bytes = strlen(config_default_text()),
		.builtin = true,
	};
	if (!parser.options->no_defaults) {
		parse_source(&parser, &builtin);
	}
	if (source != NULL) {
		if (source->inode != 0) {
			config_strings_add(&parser.config->files, source->name);
		}
		parse_source(&parser, source);
	}
	if (errors->len == 0) {
		config_check_looks(&parser);
	}
	if (errors->len > 0) {
		config_destroy(parser.config);
		return NULL;
	}
	parser.config->host_layout = !parser.options->no_defaults;
	if (!parser.options->no_defaults) {
		add_standard_folders(parser.config);
	}
	config_take_input(parser.config);
	return parser.config;
}

struct config *config_load(
	const char *path, const struct config_options *options, struct config_errors *errors) {
	struct config_source source = {.name = path};
	struct config_parser parser = {.errors = errors, .source = &source};
	struct stat stat;
	char why[256];
	*errors = (struct config_errors){0};
	char *text = read_file(path, &source.text_bytes, &stat, why, sizeof(why));
	if (text == NULL) {
		add_error(&parser, 0, 0, why);
		return NULL;
	}
	source.text = text;
	source.device = stat.st_dev;
	source.inode = stat.st_ino;
	struct config *config = parse(&source, options, errors);
	free(text);
	return config;
}

struct config *config_parse(const char *name, const char *text, size_t text_bytes,
	const struct config_options *options, struct config_errors *errors) {
	struct config_source source = {.name = name, .text = text, .text_bytes = text_bytes};
	*errors = (struct config_errors){0};
	return parse(&source, options, errors);
}

struct config *config_create_default(const struct config_options *options) {
	struct config_errors errors = {0};
	struct config *config = parse(NULL, options, &errors);
	if (config == NULL) {
		char text[512];
		config_error_format(&errors.errors[0], text, sizeof(text));
		fprintf(stderr, "redecho: %s\n", text);
		abort();
	}
	return config;
}

const char *config_default_text(void) {
	return (const char *)config_default_bytes;
}

// --- the struct ---------------------------------------------------------------------------

void config_strings_add(struct config_strings *list, const char *string) {
	list->strings = alloc_array(list->strings, list->len + 1, sizeof(char *));
	list->strings[list->len++] = alloc_string(string);
}

void config_strings_clear(struct config_strings *list) {
	for (size_t i = 0; i < list->len; i++) {
		free(list->strings[i]);
	}
	free(list->strings);
	*list = (struct config_strings){0};
}

void config_destroy(struct config *config) {
	if (config == NULL) {
		return;
	}
	binding_list_finish(&config->bindings);
	binding_modes_finish(&config->modes);
	for (size_t i = 0; i < config->outputs_len; i++) {
		free(config->outputs[i].name);
	}
	free(config->outputs);
	device_rules_finish(&config->devices);
	for (size_t i = 0; i < config->workspace_blocks_len; i++) {
		free(config->workspace_blocks[i].name);
		config_strings_clear(&config->workspace_blocks[i].outputs);
	}
	free(config->workspace_blocks);
	free(config->input.rules);
	free(config->input.model);
	free(config->input.layout);
	free(config->input.variant);
	free(config->input.options);
	for (size_t i = 0; i < config->labels_len; i++) {
		free(config->labels[i].name);
		free(config->labels[i].place.file);
	}
	free(config->labels);
	free(config->border.place.file);
	free(config->border.font);
	fullscreen_rules_finish(&config->fullscreen_requests);
	config_strings_clear(&config->programs);
	config_strings_clear(&config->machines);
	config_strings_clear(&config->start);
	config_strings_clear(&config->exec);
	config_strings_clear(&config->files);
	rule_list_finish(&config->windows.rules);
	free(config->uri);
	free(config->locker);
	free(config->cursor_theme);
	free(config);
}
