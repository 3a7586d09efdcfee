#ifndef LOG_H
#define LOG_H

#include <errno.h>
#include <string.h>
#include <wlr/util/log.h>

/**
 * Our own lines go through wlroots' log, so that whoever runs a server decides where they
 * go. They begin with LOG_PREFIX: that tells them from wlroots' own.
 */
#define LOG_PREFIX "redecho: "

#define log_error(...) _wlr_log(WLR_ERROR, LOG_PREFIX __VA_ARGS__)
#define log_info(...) _wlr_log(WLR_INFO, LOG_PREFIX __VA_ARGS__)
#define log_debug(...) _wlr_log(WLR_DEBUG, LOG_PREFIX __VA_ARGS__)

#endif
