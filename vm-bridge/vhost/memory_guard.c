/*
 * Theory of operation: the handler may run at any instruction of the thread that touched guest
 * memory, so entries are published by storing their size last and taken back by clearing it
 * first. mmap() is a plain system call on Linux and keeps errno's owner aside. A SIGBUS anywhere
 * else is given back to the default action, which ends the process.
 */
#include "memory_guard.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>

#define GUARD_MAX 256

struct guard {
	atomic_uintptr_t start;
	atomic_size_t size_bytes; // 0: free
	atomic_bool hit;
};

static struct guard guards[GUARD_MAX];
static pthread_once_t installed = PTHREAD_ONCE_INIT;

static void handle_sigbus(int number, siginfo_t *info, void *context) {
	uintptr_t address = (uintptr_t)info->si_addr;
	for (size_t i = 0; i < GUARD_MAX; i++) {
		size_t size = atomic_load(&guards[i].size_bytes);
		uintptr_t start = atomic_load(&guards[i].start);
		if (size == 0 || address < start || address - start >= size) {
			continue;
		}
		int saved_errno = errno;
		void *zeros = mmap((void *)start, size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
		errno = saved_errno;
		if (zeros == MAP_FAILED) {
			break;
		}
		atomic_store(&guards[i].hit, true);
		return;
	}
	// Returning repeats the access, and then the default action is taken.
	signal(number, SIG_DFL);
}

static void install(void) {
	struct sigaction action = {.sa_sigaction = handle_sigbus, .sa_flags = SA_SIGINFO};
	sigemptyset(&action.sa_mask);
	sigaction(SIGBUS, &action, NULL);
}

bool memory_guard_add(void *mapping, size_t size_bytes) {
	if (pthread_once(&installed, install) != 0) {
		return false;
	}
	for (size_t i = 0; i < GUARD_MAX; i++) {
		if (atomic_load(&guards[i].size_bytes) == 0) {
			atomic_store(&guards[i].hit, false);
			atomic_store(&guards[i].start, (uintptr_t)mapping);
			atomic_store(&guards[i].size_bytes, size_bytes);
			return true;
		}
	}
	return false;
}

static struct guard *find(const void *mapping) {
	for (size_t i = 0; i < GUARD_MAX; i++) {
		if (atomic_load(&guards[i].size_bytes) != 0 &&
			atomic_load(&guards[i].start) == (uintptr_t)mapping) {
			return &guards[i];
		}
	}
	return NULL;
}

void memory_guard_remove(void *mapping) {
	struct guard *guard = find(mapping);
	if (guard != NULL) {
		atomic_store(&guard->size_bytes, 0);
	}
}

bool memory_guard_hit(const void *mapping) {
	const struct guard *guard = find(mapping);
	return guard != NULL && atomic_load(&guard->hit);
}
