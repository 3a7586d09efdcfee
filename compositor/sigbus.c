#include "sigbus.h"

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

static void handle_sigbus(int signal_number, siginfo_t *info, void *context) {
	uintptr_t page_bytes = (uintptr_t)sysconf(_SC_PAGESIZE);
	void *page = (void *)((uintptr_t)info->si_addr / page_bytes * page_bytes);
	// BUS_ADRERR: there is a mapping, but nothing behind it.
	if (info->si_code == BUS_ADRERR &&
		mmap(page, page_bytes, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, -1, 0) != MAP_FAILED) {
		return;
	}
	signal(SIGBUS, SIG_DFL); // the instruction is run again, and ends the process
}

void sigbus_guard(void) {
	struct sigaction action = {
		.sa_sigaction = handle_sigbus, .sa_flags = SA_SIGINFO | SA_NODEFER};
	sigemptyset(&action.sa_mask);
	sigaction(SIGBUS, &action, NULL);
}
