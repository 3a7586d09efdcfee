#ifndef LOG_H
#define LOG_H

/**
 * Log lines of redecho-vmd, on standard error, each "redecho-vmd: ..." and a newline.
 *
 * Safe on every thread: a line is one write. Lines longer than 1 KiB are cut. log_debug
 * prints only while the environment's REDECHO_LOG begins with "debug".
 */

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
