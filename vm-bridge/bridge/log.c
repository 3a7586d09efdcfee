#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void log_write(const struct log *log, enum log_level level, const char *format, ...) {
	if (level > log->level) {
		return;
	}
	char line[1024];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	// QEMU's words may be in it: one message is one line, and commands no terminal.
	for (char *c = line; *c != '\0'; c++) {
		if ((unsigned char)*c < ' ' || *c == '\x7f') {
			*c = '?';
		}
	}
	if (log->name != NULL) {
		fprintf(stderr, "redecho-bridge[%s]: %s\n", log->name, line);
	} else {
		fprintf(stderr, "redecho-bridge: %s\n", line);
	}
}

bool log_parse_level(const char *word, enum log_level *level) {
	static const char *const words[] = {"error", "info", "debug"};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(word, words[i]) == 0) {
			*level = (enum log_level)i;
			return true;
		}
	}
	return false;
}
