#ifndef FAKE_MANAGER_H
#define FAKE_MANAGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A machine that the fake was asked for. */
struct fake_machine {
	struct wl_resource *resource; // NULL once the client has destroyed it
	char *program;
	int display_fd; // from connect_display; -1: none came
	int power_offs, kills, restarts, pauses, resumes, measurements;
};

/**
 * redecho-vmd without machines: serves redecho-manager-v1 on manager.sock of a desk's folder,
 * remembers what it is asked, and says what the test has it say.
 */
struct fake_manager {
	struct wl_display *display;
	struct wl_resource *resource; // the compositor's; NULL: it has not bound
	struct fake_machine machines[256];
	size_t machines_len;
	int binds, reloads, shutdowns;
	uint32_t grace_ms;
	char layout[64], variant[64], options[64];
	char render_node[64]; // "unset" until it is told
	// announced on bind
	const char *program, *title, *label; // NULL: no program
	bool announce_machines; // each machine that has not ended, as one that was there before
	bool display_first; // a need_display before its identity, which is wrong
};

/** Listen in that folder, with that version of the protocol. Returns NULL with errno set. */
struct fake_manager *fake_manager_create(const char *folder, int version);
void fake_manager_destroy(struct fake_manager *manager);

/** Serve what is there; never waits. */
void fake_manager_pump(struct fake_manager *manager);

/** Close the compositor's connection, as a redecho-vmd that dies does. */
void fake_manager_drop_client(struct fake_manager *manager);

void fake_machine_identity(
	struct fake_machine *machine, const char *name, const char *title, const char *label);
void fake_machine_need_display(struct fake_machine *machine);
void fake_machine_duplicate(struct fake_machine *machine, const char *name);
void fake_machine_state(struct fake_machine *machine, uint32_t state);
void fake_machine_detail(struct fake_machine *machine, const char *key, const char *value);
void fake_machine_usage(
	struct fake_machine *machine, uint64_t cpu_ms, uint64_t memory_bytes, uint64_t uptime_ms);
void fake_manager_notice(struct fake_manager *manager, uint32_t severity, const char *message);
void fake_machine_end(struct fake_machine *machine, uint32_t cause, const char *message);

#endif
