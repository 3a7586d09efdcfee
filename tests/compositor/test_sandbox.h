#ifndef TEST_SANDBOX_H
#define TEST_SANDBOX_H

struct desk;
struct test_client;

/**
 * A client of a sandbox: it comes in on the socket that the sandbox's engine, a public client, has
 * handed over. NULL: the engine has no security contexts. *close_fd is the engine's; closing it
 * ends the sandbox. May be NULL.
 */
struct test_client *test_sandbox_connect(
	struct desk *desk, struct test_client *engine, int *close_fd);

#endif
