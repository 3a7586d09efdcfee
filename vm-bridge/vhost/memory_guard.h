/*
 * What keeps the process alive when a file is truncated under a mapping of it.
 *
 * Memory that carries F_SEAL_SHRINK cannot be truncated; this is for the rest. A signal handler
 * is a process-wide thing by nature, so this file holds the one static table of the program.
 */
#ifndef VHOST_MEMORY_GUARD_H
#define VHOST_MEMORY_GUARD_H

#include <stdbool.h>
#include <stddef.h>

/**
 * Watch a mapping: the first access beyond the end of its file puts zeros in the place of the
 * whole mapping, instead of raising SIGBUS.
 *
 * Returns false when the table is full or the handler cannot be installed.
 */
bool memory_guard_add(void *mapping, size_t size_bytes);

/** To be called before munmap(). */
void memory_guard_remove(void *mapping);

/** Whether that happened to a mapping that is watched. */
bool memory_guard_hit(const void *mapping);

#endif
