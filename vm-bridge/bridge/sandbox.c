#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/** By whom each is needed, where that is not this program itself. */
static const int allowed[] = {
	// Waiting: wl_event_loop, sd-bus
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_pwait2),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(timerfd_settime),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(nanosleep),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(restart_syscall),
	// Talking on what is connected: QEMU, the compositor, redecho-vmd, stderr
	SCMP_SYS(read),
	SCMP_SYS(readv),
	SCMP_SYS(write),
	SCMP_SYS(writev),
	SCMP_SYS(recvmsg),
	SCMP_SYS(recvfrom),
	SCMP_SYS(sendmsg),
	SCMP_SYS(sendto),
	SCMP_SYS(accept),
	SCMP_SYS(accept4),
	SCMP_SYS(shutdown),
	SCMP_SYS(getsockopt),
	SCMP_SYS(setsockopt),
	SCMP_SYS(getsockname),
	SCMP_SYS(getpeername),
	// File descriptors that came
	SCMP_SYS(close),
	SCMP_SYS(dup),
	SCMP_SYS(fstat),
	SCMP_SYS(fstatfs),
	SCMP_SYS(lseek),
	// Memory: malloc, images, the guest's memory
	SCMP_SYS(memfd_create),
	SCMP_SYS(eventfd2), // with a memfd: the rings of a renderer
	SCMP_SYS(ftruncate),
	SCMP_SYS(fallocate),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	SCMP_SYS(brk),
	SCMP_SYS(futex),
	SCMP_SYS(getrandom),
	// Identity: sd-bus, abort()
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(getuid),
	SCMP_SYS(geteuid),
	SCMP_SYS(getgid),
	SCMP_SYS(getegid),
	// The end, and signals: memory_guard, signalfd of the event loop
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
};

/** Not those that have a signal sent to whom it likes. */
static bool allow_fcntl(scmp_filter_ctx filter) {
	static const int commands[] = {
		F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_GET_SEALS, F_ADD_SEALS};
	bool ok = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 2,
			  SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, F_SETFL),
			  SCMP_A2(SCMP_CMP_MASKED_EQ, O_ASYNC, 0)) == 0;
	for (size_t i = 0; ok && i < sizeof(commands) / sizeof(commands[0]); i++) {
		ok = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
			     SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, (scmp_datum_t)commands[i])) ==
			0;
	}
	return ok;
}

static bool allow_all(scmp_filter_ctx filter) {
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0) != 0) {
			return false;
		}
	}
	// abort() signals this process; every other one of the user is as near.
	if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
		    SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid())) != 0) {
		return false;
	}
	if (!allow_fcntl(filter)) {
		return false;
	}
	// Memory, but never code.
	static const int mapping[] = {SCMP_SYS(mmap), SCMP_SYS(mprotect)};
	for (size_t i = 0; i < sizeof(mapping) / sizeof(mapping[0]); i++) {
		if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, mapping[i], 1,
			    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) != 0) {
			return false;
		}
	}
	return true;
}

bool sandbox_enter(bool may_unlink) {
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (filter == NULL) {
		return false;
	}
	bool ok = allow_all(filter);
	if (may_unlink) {
		ok = ok && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(unlink), 0) == 0 &&
			seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(unlinkat), 0) == 0;
	}
	ok = ok && seccomp_load(filter) == 0;
	seccomp_release(filter);
	return ok;
}
