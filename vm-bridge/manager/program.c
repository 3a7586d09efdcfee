#include "program.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"

#define PROGRAM_FILE_MAX_BYTES (64u * 1024)
#define PROGRAM_SUFFIX ".scfg"

bool program_name_valid(const char *name) {
	size_t length = strlen(name);
	if (length == 0 || length > PROGRAM_NAME_MAX || name[0] == '.' || name[0] == '-') {
		return false;
	}
	return strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
		length;
}

struct program *program_create(const char *name) {
	struct program *program = calloc(1, sizeof(*program));
	if (program == NULL) {
		abort();
	}
	program->name = format_string("%s", name);
	program->title = format_string("%s", name);
	program->label = format_string("%s", "");
	program->memory_bytes = UINT64_C(256) << 20;
	program->cpus = 1;
	program->displays = 1;
	program->grace_ms = 5000;
	return program;
}

void program_destroy(struct program *program) {
	if (program == NULL) {
		return;
	}
	free(program->name);
	free(program->title);
	free(program->label);
	free(program->kernel);
	free(program->initrd);
	free(program->cmdline);
	free(program->disk);
	free(program->render_node);
	free(program);
}

struct program *program_load(const struct program_search *search, const char *name, char **error) {
	if (!program_name_valid(name)) {
		*error = format_string("that is not a program's name");
		return NULL;
	}
	for (const char *const *dir = search->program_dirs; *dir != NULL; dir++) {
		char *path = format_string("%s/%s" PROGRAM_SUFFIX, *dir, name);
		size_t size_bytes;
		char *text = file_read(path, PROGRAM_FILE_MAX_BYTES, &size_bytes);
		struct program *program = NULL;
		bool found = true;
		if (text != NULL) {
			program = program_parse(search, name, path, text, size_bytes, error);
		} else if (errno == ENOENT || errno == ENOTDIR) {
			found = false;
		} else if (errno == EFBIG) {
			*error = format_string("%s: longer than 64 KiB", path);
		} else {
			*error = format_string("%s: %s", path, strerror(errno));
		}
		free(text);
		free(path);
		if (found) {
			return program;
		}
	}
	*error = format_string("there is no program %s", name);
	return NULL;
}

static int compare_names(const void *a, const void *b) {
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Returns the program's name, to be freed, or NULL when the file is none. */
static char *name_of_file(const char *file) {
	size_t length = strlen(file), suffix = strlen(PROGRAM_SUFFIX);
	if (length <= suffix || strcmp(file + length - suffix, PROGRAM_SUFFIX) != 0) {
		return NULL;
	}
	char *name = format_string("%.*s", (int)(length - suffix), file);
	if (!program_name_valid(name)) {
		free(name);
		return NULL;
	}
	return name;
}

static bool contains(char **names, size_t count, const char *name) {
	for (size_t i = 0; i < count; i++) {
		if (strcmp(names[i], name) == 0) {
			return true;
		}
	}
	return false;
}

char **program_list(const struct program_search *search) {
	size_t count = 0;
	char **names = calloc(1, sizeof(*names));
	for (const char *const *dir = search->program_dirs; names != NULL && *dir != NULL; dir++) {
		DIR *folder = opendir(*dir);
		struct dirent *entry;
		while (folder != NULL && (entry = readdir(folder)) != NULL) {
			char *name = name_of_file(entry->d_name);
			if (name == NULL || contains(names, count, name)) {
				free(name);
				continue;
			}
			char **larger = realloc(names, (count + 2) * sizeof(*names));
			if (larger == NULL) {
				abort();
			}
			names = larger;
			names[count++] = name;
			names[count] = NULL;
		}
		if (folder != NULL) {
			closedir(folder);
		}
	}
	if (names != NULL) {
		qsort(names, count, sizeof(*names), compare_names);
	}
	return names;
}

void program_list_destroy(char **names) {
	for (char **name = names; name != NULL && *name != NULL; name++) {
		free(*name);
	}
	free(names);
}
