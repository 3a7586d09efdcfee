#ifndef CONFIG_WATCH_H
#define CONFIG_WATCH_H

#include <stdbool.h>

struct server;

/**
 * Reads the configuration again when one of its files is saved, and the programs when a file in
 * one of their folders is. Where the kernel gives no inotify, says so in the log and does nothing.
 */
bool config_watch_init(struct server *server);
void config_watch_finish(struct server *server);

/** The configuration was read, with or without success: watch the files that it came from. */
void config_watch_update(struct server *server);

#endif
