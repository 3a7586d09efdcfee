/**
 * printf's formats, those that gk_log() documents.
 *
 * PURE.
 */
#ifndef GK_CORE_FORMAT_H
#define GK_CORE_FORMAT_H

#include <stdarg.h>
#include <stddef.h>

/**
 * As vsnprintf(): writes at most size_bytes with the zero at the end. Returns the length that
 * the whole text has.
 */
int format_text(char *buffer, size_t size_bytes, const char *format, va_list arguments)
	__attribute__((format(printf, 3, 0)));

#endif
