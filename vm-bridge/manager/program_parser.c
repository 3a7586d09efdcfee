#include <errno.h>
#include <limits.h>
#include <scfg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "program.h"

#define CMDLINE_FILE_MAX_BYTES 2048
#define MIB (UINT64_C(1024) * 1024)

struct parser {
	const struct program_search *search;
	const char *path;
	const char *text;
	struct program *program;
	char *error; // the first one; NULL while there is none
};

/* Column of a word of a line, both from 1: word 0 is the first. Closing braces are no words. */
static size_t word_column(const char *text, int line, size_t word) {
	const char *start = text;
	for (int i = 1; i < line && start != NULL; i++) {
		start = strchr(start, '\n');
		start = start != NULL ? start + 1 : NULL;
	}
	if (start == NULL) {
		return 1;
	}
	const char *at = start + strspn(start, " \t}");
	for (size_t i = 0; i < word; i++) {
		char quote = '\0';
		for (; *at != '\0' && *at != '\n'; at++) {
			if (*at == '\\' && quote != '\'' && at[1] != '\0' && at[1] != '\n') {
				at++;
			} else if (quote != '\0') {
				quote = *at == quote ? '\0' : quote;
			} else if (*at == '"' || *at == '\'') {
				quote = *at;
			} else if (*at == ' ' || *at == '\t') {
				break;
			}
		}
		at += strspn(at, " \t");
	}
	return (size_t)(at - start) + 1;
}

/* word: 0 the directive's name, 1 its first parameter. Takes the message's ownership. */
static bool fail(
	struct parser *parser, const struct scfg_directive *directive, size_t word, char *message) {
	if (parser->error == NULL) {
		parser->error = format_string("%s:%d:%zu: %s", parser->path, directive->lineno,
			word_column(parser->text, directive->lineno, word), message);
	}
	free(message);
	return false;
}

/* UTF-8 of one line: no control characters, no overlong forms, no surrogates. */
static bool text_valid(const char *text) {
	const unsigned char *at = (const unsigned char *)text;
	while (*at != '\0') {
		int more = *at < 0x80 ? 0 : *at < 0xc2 ? -1 : *at < 0xe0 ? 1 : *at < 0xf0 ? 2 : 3;
		if (more < 0 || *at > 0xf4 || *at < 0x20 || *at == 0x7f) {
			return false;
		}
		uint32_t scalar = more == 0 ? *at : *at & (0x3fu >> more);
		for (int i = 1; i <= more; i++) {
			if ((at[i] & 0xc0) != 0x80) {
				return false;
			}
			scalar = scalar << 6 | (at[i] & 0x3fu);
		}
		if ((more == 2 && (scalar < 0x800 || (scalar >= 0xd800 && scalar < 0xe000))) ||
			(more == 3 && (scalar < 0x10000 || scalar > 0x10ffff)) ||
			(more == 1 && scalar < 0xa0)) {
			return false;
		}
		at += more + 1;
	}
	return true;
}

static bool parse_text(struct parser *parser, const struct scfg_directive *directive, char **out) {
	const char *text = directive->params[0];
	if (strlen(text) > 1024) {
		return fail(parser, directive, 1, format_string("longer than 1024 bytes"));
	} else if (!text_valid(text)) {
		return fail(parser, directive, 1,
			format_string("not UTF-8, or with control characters"));
	}
	free(*out);
	*out = format_string("%s", text);
	return true;
}

static bool is_readable_file(const char *path) {
	struct stat st;
	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, R_OK) == 0;
}

/* Returns the path of a file the program names, to be freed, or NULL with a failure. */
static char *find_file(struct parser *parser, const struct scfg_directive *directive,
	const char *prefix, const char *name, const char *suffix) {
	if (name[0] == '/') {
		char *path = format_string("%s%s", name, suffix);
		if (is_readable_file(path)) {
			return path;
		}
		fail(parser, directive, 1,
			format_string("%s: %s", path, errno != 0 ? strerror(errno) : "no file"));
		free(path);
		return NULL;
	}
	const char *slash = strrchr(parser->path, '/');
	int folder_length = slash != NULL ? (int)(slash - parser->path) : 1;
	char *path = format_string("%.*s/%s%s%s", folder_length, slash != NULL ? parser->path : ".",
		prefix, name, suffix);
	if (is_readable_file(path)) {
		return path;
	}
	free(path);
	for (const char *const *dir = parser->search->machine_dirs; *dir != NULL; dir++) {
		path = format_string("%s/%s%s%s", *dir, prefix, name, suffix);
		if (is_readable_file(path)) {
			return path;
		}
		free(path);
	}
	fail(parser, directive, 1,
		format_string("%s%s%s is neither beside this file nor in a machines folder", prefix,
			name, suffix));
	return NULL;
}

static bool parse_file(struct parser *parser, const struct scfg_directive *directive, char **out) {
	free(*out);
	*out = find_file(parser, directive, "", directive->params[0], "");
	return *out != NULL;
}

static bool parse_boot(struct parser *parser, const struct scfg_directive *directive) {
	if (parser->program->kernel != NULL || parser->program->disk != NULL) {
		return fail(parser, directive, 0,
			format_string("only one of kernel, linux, disk and uefi can stand"));
	}
	return true;
}

static bool parse_kernel(struct parser *parser, const struct scfg_directive *directive) {
	parser->program->boot = PROGRAM_BOOT_KERNEL;
	return parse_boot(parser, directive) &&
		parse_file(parser, directive, &parser->program->kernel);
}

static bool parse_uefi(struct parser *parser, const struct scfg_directive *directive) {
	bool ok = parse_boot(parser, directive) &&
		parse_file(parser, directive, &parser->program->kernel);
	parser->program->boot = PROGRAM_BOOT_UEFI;
	return ok;
}

static bool parse_linux(struct parser *parser, const struct scfg_directive *directive) {
	const char *name = directive->params[0];
	struct program *program = parser->program;
	if (!parse_boot(parser, directive)) {
		return false;
	} else if (!program_name_valid(name)) {
		return fail(
			parser, directive, 1, format_string("that is not a Linux machine's name"));
	}
	program->is_linux = true;
	program->boot = PROGRAM_BOOT_KERNEL;
	program->kernel = find_file(parser, directive, "linux-", name, "/vmlinuz");
	if (program->kernel == NULL) {
		return false;
	}
	// The rest stands beside the kernel that was found, not in another machines folder.
	int folder_length = (int)(strlen(program->kernel) - strlen("vmlinuz"));
	if (program->initrd == NULL) {
		program->initrd = format_string("%.*sinitrd", folder_length, program->kernel);
	}
	if (!is_readable_file(program->initrd)) {
		return fail(
			parser, directive, 1, format_string("%s cannot be read", program->initrd));
	}
	program->disk = format_string("%.*sdisk", folder_length, program->kernel);
	program->disk_read_only = is_readable_file(program->disk);
	if (!program->disk_read_only) {
		free(program->disk);
		program->disk = NULL;
	}
	if (program->cmdline != NULL) {
		return true; // the program file's own goes before the machine's
	}
	char *path = format_string("%.*scmdline", folder_length, program->kernel);
	size_t size_bytes;
	char *cmdline = file_read(path, CMDLINE_FILE_MAX_BYTES, &size_bytes);
	free(path);
	if (cmdline == NULL) {
		return errno == ENOENT ||
			fail(parser, directive, 1, format_string("cmdline: %s", strerror(errno)));
	}
	cmdline[strcspn(cmdline, "\n")] = '\0';
	program->cmdline = cmdline;
	return text_valid(cmdline) ||
		fail(parser, directive, 1, format_string("cmdline: not one line of UTF-8"));
}

static bool parse_disk(struct parser *parser, const struct scfg_directive *directive) {
	struct program *program = parser->program;
	if (!parse_boot(parser, directive)) {
		return false;
	}
	program->boot = PROGRAM_BOOT_DISK;
	if (!parse_file(parser, directive, &program->disk)) {
		return false;
	}
	// Never by content: a guest could write another format's header into its raw disk.
	const char *dot = strrchr(program->disk, '.');
	bool qcow2 = dot != NULL && strcmp(dot, ".qcow2") == 0;
	program->disk_format = qcow2 ? PROGRAM_DISK_QCOW2 : PROGRAM_DISK_RAW;
	return true;
}

static bool parse_initrd(struct parser *parser, const struct scfg_directive *directive) {
	return parse_file(parser, directive, &parser->program->initrd);
}

static bool parse_cmdline(struct parser *parser, const struct scfg_directive *directive) {
	return parse_text(parser, directive, &parser->program->cmdline);
}

static bool parse_title(struct parser *parser, const struct scfg_directive *directive) {
	return parse_text(parser, directive, &parser->program->title);
}

static bool parse_label(struct parser *parser, const struct scfg_directive *directive) {
	if (strcasecmp(directive->params[0], "host") == 0) {
		return fail(parser, directive, 1,
			format_string("host is the label of what runs on the host: a machine "
				      "cannot have it"));
	}
	return parse_text(parser, directive, &parser->program->label);
}

/* A number with a unit from a table that ends with a NULL name. */
struct unit {
	const char *name;
	uint64_t factor;
};

static bool parse_number(struct parser *parser, const struct scfg_directive *directive,
	const struct unit *units, uint64_t minimum, uint64_t maximum, uint64_t *out) {
	const char *text = directive->params[0];
	char *end;
	errno = 0;
	unsigned long long number = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || errno != 0) {
		return fail(parser, directive, 1, format_string("\"%s\" is not a number", text));
	}
	for (const struct unit *unit = units; unit->name != NULL; unit++) {
		if (strcmp(end, unit->name) != 0) {
			continue;
		}
		if (number > maximum / unit->factor || number * unit->factor < minimum) {
			return fail(
				parser, directive, 1, format_string("%s is out of range", text));
		}
		*out = number * unit->factor;
		return true;
	}
	return fail(parser, directive, 1, format_string("\"%s\" has no unit known here", text));
}

static bool parse_memory(struct parser *parser, const struct scfg_directive *directive) {
	static const struct unit units[] = {{"M", MIB}, {"G", 1024 * MIB}, {NULL, 0}};
	return parse_number(parser, directive, units, 8 * MIB, 1024 * 1024 * MIB,
		&parser->program->memory_bytes);
}

static bool parse_memory_max(struct parser *parser, const struct scfg_directive *directive) {
	static const struct unit units[] = {{"M", MIB}, {"G", 1024 * MIB}, {NULL, 0}};
	return parse_number(parser, directive, units, 8 * MIB, 1024 * 1024 * MIB,
		&parser->program->memory_max_bytes);
}

static bool parse_cpus(struct parser *parser, const struct scfg_directive *directive) {
	static const struct unit units[] = {{"", 1}, {NULL, 0}};
	uint64_t cpus = 0;
	bool ok = parse_number(parser, directive, units, 1, 64, &cpus);
	parser->program->cpus = (uint32_t)cpus;
	return ok;
}

static bool parse_displays(struct parser *parser, const struct scfg_directive *directive) {
	static const struct unit units[] = {{"", 1}, {NULL, 0}};
	uint64_t displays = 1;
	bool ok = parse_number(parser, directive, units, 1, 16, &displays);
	parser->program->displays = (uint32_t)displays;
	return ok;
}

static bool parse_grace(struct parser *parser, const struct scfg_directive *directive) {
	static const struct unit units[] = {{"ms", 1}, {"s", 1000}, {"min", 60000}, {NULL, 0}};
	uint64_t grace_ms = 0;
	bool ok = parse_number(parser, directive, units, 0, 60 * 60000, &grace_ms);
	parser->program->grace_ms = (uint32_t)grace_ms;
	return ok;
}

/* One of two words: out is whether it was the second. */
static bool parse_choice(struct parser *parser, const struct scfg_directive *directive,
	const char *first, const char *second, bool *out) {
	const char *word = directive->params[0];
	if (strcmp(word, first) != 0 && strcmp(word, second) != 0) {
		return fail(parser, directive, 1,
			format_string("\"%s\" is neither %s nor %s", word, first, second));
	}
	*out = strcmp(word, second) == 0;
	return true;
}

static bool parse_graphics(struct parser *parser, const struct scfg_directive *directive) {
	struct program *program = parser->program;
	if (!parse_choice(parser, directive, "2d", "virgl", &program->virgl)) {
		return false;
	} else if (directive->params_len == 1) {
		return true;
	}
	const char *node = directive->params[1];
	if (!program->virgl) {
		return fail(parser, directive, 2, format_string("a render node goes with virgl"));
	} else if (node[0] != '/' || strlen(node) >= PATH_MAX || !text_valid(node)) {
		return fail(parser, directive, 2,
			format_string("a render node is an absolute path: /dev/dri/renderD128"));
	}
	program->render_node = format_string("%s", node);
	return true;
}

static bool parse_network(struct parser *parser, const struct scfg_directive *directive) {
	bool user = false;
	bool ok = parse_choice(parser, directive, "none", "user", &user);
	parser->program->network = user ? PROGRAM_NETWORK_USER : PROGRAM_NETWORK_NONE;
	return ok;
}

static bool parse_pointer(struct parser *parser, const struct scfg_directive *directive) {
	return parse_choice(parser, directive, "tablet", "mouse", &parser->program->mouse);
}

static bool parse_ephemeral(struct parser *parser, const struct scfg_directive *directive) {
	return parse_choice(parser, directive, "no", "yes", &parser->program->ephemeral);
}

static const struct {
	const char *name; // each takes one parameter and no block
	bool (*parse)(struct parser *parser, const struct scfg_directive *directive);
	size_t more; // parameters that may follow
} directives[] = {
	{"title", parse_title},
	{"label", parse_label},
	{"kernel", parse_kernel},
	{"linux", parse_linux},
	{"disk", parse_disk},
	{"uefi", parse_uefi},
	{"initrd", parse_initrd},
	{"cmdline", parse_cmdline},
	{"memory", parse_memory},
	{"memory-max", parse_memory_max},
	{"cpus", parse_cpus},
	{"graphics", parse_graphics, 1},
	{"displays", parse_displays},
	{"network", parse_network},
	{"pointer", parse_pointer},
	{"ephemeral", parse_ephemeral},
	{"grace", parse_grace},
};

#define DIRECTIVE_COUNT (sizeof(directives) / sizeof(directives[0]))

static bool parse_directive(
	struct parser *parser, const struct scfg_directive *directive, uint32_t *seen) {
	for (size_t i = 0; i < DIRECTIVE_COUNT; i++) {
		if (strcmp(directive->name, directives[i].name) != 0) {
			continue;
		}
		if (*seen & 1u << i) {
			return fail(parser, directive, 0,
				format_string("%s stands twice", directive->name));
		}
		size_t most = 1 + directives[i].more;
		if (directive->params_len < 1 || directive->params_len > most) {
			return fail(parser, directive, directive->params_len > most ? most + 1 : 0,
				format_string("%s takes one parameter%s", directive->name,
					most > 1 ? " or two" : ""));
		} else if (directive->children.directives_len != 0) {
			return fail(parser, directive, 0,
				format_string("%s takes no block", directive->name));
		}
		*seen |= 1u << i;
		return directives[i].parse(parser, directive);
	}
	return fail(parser, directive, 0, format_string("%s is not known", directive->name));
}

/* What stands only together with something else, whatever the order. */
static bool check_whole(struct parser *parser, const struct scfg_directive *block) {
	const struct program *program = parser->program;
	if (program->kernel == NULL && program->disk == NULL) {
		return fail(parser, block, 0,
			format_string("one of kernel, linux, disk and uefi is needed"));
	}
	bool direct = program->boot == PROGRAM_BOOT_KERNEL;
	if (!direct && (program->initrd != NULL || program->cmdline != NULL)) {
		return fail(parser, block, 0,
			format_string("initrd and cmdline go with kernel or linux only"));
	}
	if (program->memory_max_bytes != 0 && program->memory_max_bytes < program->memory_bytes) {
		return fail(parser, block, 0,
			format_string("memory-max is less than memory: the machine would be "
				      "killed for using what it has"));
	}
	return true;
}

static bool parse_program(struct parser *parser, const struct scfg_block *file, const char *name) {
	if (file->directives_len == 0) {
		parser->error = format_string("%s:1:1: there is no program block", parser->path);
		return false;
	}
	const struct scfg_directive *block = &file->directives[0];
	if (strcmp(block->name, "program") != 0 || block->params_len != 1) {
		return fail(parser, block, 0, format_string("expected: program %s { ... }", name));
	} else if (strcmp(block->params[0], name) != 0) {
		return fail(parser, block, 1,
			format_string("the file is for %s, not for %s", name, block->params[0]));
	} else if (file->directives_len > 1) {
		return fail(
			parser, &file->directives[1], 0, format_string("a file holds one program"));
	}
	uint32_t seen = 0;
	for (size_t i = 0; i < block->children.directives_len; i++) {
		if (!parse_directive(parser, &block->children.directives[i], &seen)) {
			return false;
		}
	}
	return check_whole(parser, block);
}

/* Where in the text an offset is, as a message. */
static char *syntax_error(const char *path, const char *text, long offset, long size, char *what) {
	int line = 1;
	long line_start = 0;
	for (long i = 0; i < offset && i < size; i++) {
		if (text[i] == '\n') {
			line++;
			line_start = i + 1;
		}
	}
	char *error = format_string("%s:%d:%ld: %s", path, line, offset - line_start + 1, what);
	free(what);
	return error;
}

static bool parse_syntax(
	struct parser *parser, const char *text, size_t size_bytes, struct scfg_block *block) {
	const char *nul = memchr(text, '\0', size_bytes);
	if (nul != NULL) {
		parser->error = syntax_error(parser->path, text, nul - text, (long)size_bytes,
			format_string("a NUL byte"));
		return false;
	}
	if (size_bytes == 0) {
		return true; // fmemopen refuses it
	}
	FILE *file = fmemopen((void *)text, size_bytes, "r");
	if (file == NULL) {
		parser->error = format_string("%s: %s", parser->path, strerror(errno));
		return false;
	}
	bool ok = scfg_parse_file(block, file) == 0;
	if (!ok) {
		// The library does not say where, but it reads no further than the mistake.
		long offset = ftell(file);
		bool at_end = offset >= (long)size_bytes;
		offset = offset > 0 ? offset - 1 : 0;
		parser->error = syntax_error(parser->path, text, offset, (long)size_bytes,
			at_end ? format_string("the file ends inside a block or a quoted word")
			       : format_string("that cannot stand here"));
		*block = (struct scfg_block){0};
	}
	fclose(file);
	return ok;
}

struct program *program_parse(const struct program_search *search, const char *name,
	const char *path, const char *text, size_t size_bytes, char **error) {
	struct program *program = program_create(name);
	struct parser parser = {
		.search = search,
		.path = path,
		.text = text,
		.program = program,
	};
	struct scfg_block block = {0};
	if (parse_syntax(&parser, text, size_bytes, &block)) {
		parse_program(&parser, &block, name);
		scfg_block_finish(&block);
	}
	if (parser.error != NULL) {
		*error = parser.error;
		program_destroy(program);
		return NULL;
	}
	return program;
}
