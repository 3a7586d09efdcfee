#ifndef LOG_H
#define LOG_H

#include <stdbool.h>

enum log_level {
	LOG_ERROR,
	LOG_INFO,
	LOG_DEBUG,
};

/** Where log lines of one bridge go: stderr, under its machine's name. */
struct log {
	const char *name; // not owned; NULL: none
	enum log_level level;
};

/** One line, without its line break: "redecho-bridge[NAME]: ...". */
void log_write(const struct log *log, enum log_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** Returns false for a word that is no level: error, info, debug. */
bool log_parse_level(const char *word, enum log_level *level);

#endif
