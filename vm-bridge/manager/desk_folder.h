#ifndef DESK_FOLDER_H
#define DESK_FOLDER_H

#include <stdbool.h>

/** The folders that redecho-vmd works in. What goes wrong is logged. */

/** Whether the desk's folder is ours alone: who reaches the sockets steers the machines. */
bool desk_folder_check(const char *desk_dir);

/** Lock DESK_DIR/manager.lock. Returns its file descriptor, or -1: another redecho-vmd has it. */
int desk_folder_lock(const char *desk_dir);

/** Listen on DESK_DIR/manager.sock; to be called with the lock held. Returns the socket or -1. */
int desk_folder_listen(const char *desk_dir);

/** Remove socket, lock and the folder of libvirt's and the machines' files. */
void desk_folder_clear(const char *desk_dir, const char *state_folder);

/** $XDG_CACHE_HOME/redecho, made, to be freed; NULL: nothing can be cached. */
char *desk_folder_find_cache(void);

#endif
