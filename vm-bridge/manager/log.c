#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void log_line(const char *severity, const char *format, va_list args) {
	char line[1024];
	int prefix = snprintf(line, sizeof(line), "redecho-vmd: %s", severity);
	int text = vsnprintf(line + prefix, sizeof(line) - (size_t)prefix - 1, format, args);
	if (text < 0) {
		return;
	}
	size_t length = strnlen(line, sizeof(line) - 2);
	line[length++] = '\n';
	// There is nobody left to tell when standard error is gone.
	ssize_t written = write(STDERR_FILENO, line, length);
	(void)written;
}

void log_error(const char *format, ...) {
	va_list args;
	va_start(args, format);
	log_line("error: ", format, args);
	va_end(args);
}

void log_info(const char *format, ...) {
	va_list args;
	va_start(args, format);
	log_line("", format, args);
	va_end(args);
}

void log_debug(const char *format, ...) {
	const char *level = getenv("REDECHO_LOG");
	if (level == NULL || strncmp(level, "debug", 5) != 0) {
		return;
	}
	va_list args;
	va_start(args, format);
	log_line("", format, args);
	va_end(args);
}
