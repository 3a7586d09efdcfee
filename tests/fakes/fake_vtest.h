/*
 * vtest, the protocol in which Mesa's driver "virpipe" talks to a renderer, version 3: what a
 * program draws becomes the commands of a fake guest (fake_gl.h).
 *
 * A resource's memory reaches the program as a file descriptor of the guest's memory whose
 * position is where the resource begins; guest_memory.c maps it there.
 *
 * virglrenderer, vtest/vtest_protocol.h.
 */
#ifndef FAKE_VTEST_H
#define FAKE_VTEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fake_gl.h"

#define FAKE_VTEST_CLIENTS 8
#define FAKE_VTEST_INPUT_BYTES (1 << 20)
#define FAKE_VTEST_CAPSET_BYTES 4096
#define FAKE_VTEST_VERSION 3
#define FAKE_VTEST_RESOURCES (1 << 16)

/** The commands of a program. */
enum fake_vtest_command {
	VTEST_GET_CAPS = 1,
	VTEST_RESOURCE_UNREF = 3,
	VTEST_SUBMIT = 6,
	VTEST_RESOURCE_BUSY_WAIT = 7,
	VTEST_CREATE_RENDERER = 8,
	VTEST_GET_CAPS2 = 9,
	VTEST_PING_PROTOCOL_VERSION = 10,
	VTEST_PROTOCOL_VERSION = 11,
	VTEST_RESOURCE_CREATE2 = 12,
	VTEST_TRANSFER_GET2 = 13,
	VTEST_TRANSFER_PUT2 = 14,
	VTEST_COMMANDS,
};

struct fake_vtest;

/** A connection: a context of the guest. */
struct fake_vtest_client {
	struct fake_vtest *server;
	int fd; // -1: none
	uint32_t context;
	bool has_context;
	uint8_t *input; // FAKE_VTEST_INPUT_BYTES
	size_t input_bytes;
};

struct fake_vtest_resource {
	uint32_t context; // 0: none of that id
	uint64_t backing, backing_bytes;
};

struct fake_vtest {
	struct fake_gl *gl; // not owned
	int memory_fd; // of the guest's upper region; not owned
	uint64_t memory_address; // where that begins
	struct fake_vtest_client clients[FAKE_VTEST_CLIENTS];
	struct fake_vtest_resource *resources; // FAKE_VTEST_RESOURCES, by id
	uint32_t next_resource;
	uint8_t capsets[2][FAKE_VTEST_CAPSET_BYTES]; // virgl, virgl2
	uint32_t capset_bytes[2];
};

/** Returns false when the device renders nothing. gl stays the caller's. */
bool fake_vtest_init(struct fake_vtest *server, struct fake_gl *gl);

/** Ends every connection. */
void fake_vtest_finish(struct fake_vtest *server);

/** A connected socket, which belongs to the server from here on. False: there are too many. */
bool fake_vtest_accept(struct fake_vtest *server, int fd);

/**
 * Read what a program has sent and do all of it that is whole; waits for fences where the program
 * does. The connection ends where it has gone or broken the protocol, which is told on standard
 * error.
 */
void fake_vtest_read(struct fake_vtest_client *client);

#endif
