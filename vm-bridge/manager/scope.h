#ifndef SCOPE_H
#define SCOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct wl_event_loop;

/**
 * Transient scopes of systemd's user manager (org.freedesktop.systemd1, "Manager",
 * StartTransientUnit): a control group for each machine, which bounds its memory, and from which
 * the restart of another unit takes nothing away. Where there is no systemd there are none.
 *
 * Nothing here waits: what fails is told later.
 */
struct scopes;

#define SCOPE_PIDS_MAX 3

struct scope_plan {
	const char *owner; // who it is for, in scope_failed
	const char *unit; // with its suffix: scope_unit_name
	const char *description; // UTF-8
	pid_t pids[SCOPE_PIDS_MAX]; // that are moved into it; 0: none
	uint64_t memory_max_bytes; // 0: no limit
	bool open; // for scopes_add
};

struct scope_failure {
	const char *owner;
	bool absent; // there is no systemd
	bool limited; // it was to have a limit
	const char *reason; // one line
};

/** Called from the event loop, never from within scopes_start. */
typedef void (*scope_failed)(void *data, const struct scope_failure *failure);

/** Connects when it is first needed. Returns NULL only without memory. */
struct scopes *scopes_create(struct wl_event_loop *loop, scope_failed failed, void *data);

/** The scopes stay; nothing is told any more. May be NULL. */
void scopes_destroy(struct scopes *scopes);

/** Start a scope; one that is there already is right, too. */
void scopes_start(struct scopes *scopes, const struct scope_plan *plan);

/**
 * Move a process into a scope that was started open (org.freedesktop.systemd1, "Manager",
 * AttachProcessesToUnit). A failure is logged, and no more.
 */
void scopes_add(struct scopes *scopes, const char *owner, const char *unit, pid_t pid);

/**
 * A unit's name from parts of a name, to be freed: PREFIX-NAME.scope, or PREFIX-NAME-SUFFIX.scope
 * with a suffix (may be NULL). What systemd.unit(5) does not allow in a name is escaped.
 */
char *scope_unit_name(const char *prefix, const char *name, const char *suffix);

#endif
