#include "seal.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

/** By whom each is needed, where that is not this program itself. */
static const int allowed[] = {
	// Waiting
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(futex),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(nanosleep),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(sched_yield),
	// The rings, the socket, stderr
	SCMP_SYS(read),
	SCMP_SYS(write),
	SCMP_SYS(writev),
	SCMP_SYS(recvmsg),
	SCMP_SYS(sendmsg),
	SCMP_SYS(shutdown),
	// File descriptors that came; fences
	SCMP_SYS(close),
	SCMP_SYS(dup),
	SCMP_SYS(fstat),
	SCMP_SYS(newfstatat), // fstat() of some C libraries; it opens nothing
	SCMP_SYS(lseek),
	SCMP_SYS(eventfd2),
	// Memory: malloc, the guest's memory, images, compiled shaders
	SCMP_SYS(brk),
	SCMP_SYS(mmap),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(mprotect),
	SCMP_SYS(madvise),
	SCMP_SYS(memfd_create),
	SCMP_SYS(ftruncate),
	SCMP_SYS(getrandom),
	// Threads of the driver
	SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq),
	SCMP_SYS(prctl), // PR_SET_NAME
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(sched_getparam),
	SCMP_SYS(sched_getscheduler),
	SCMP_SYS(sched_get_priority_min),
	SCMP_SYS(sched_get_priority_max),
	SCMP_SYS(getcpu),
	SCMP_SYS(sysinfo),
	// Identity: drivers, abort()
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(getuid),
	SCMP_SYS(geteuid),
	SCMP_SYS(getgid),
	SCMP_SYS(getegid),
	// The end, and signals
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
};

static bool allow(scmp_filter_ctx filter, int call) {
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0) == 0;
}

// Not those that have a signal sent, or that change a file that the bridge has open as well.
static bool allow_fcntl(scmp_filter_ctx filter) {
	static const int commands[] = {
		F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_GET_SEALS, F_ADD_SEALS};
	bool ok = true;
	for (size_t i = 0; ok && i < sizeof(commands) / sizeof(commands[0]); i++) {
		ok = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
			     SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, (scmp_datum_t)commands[i])) ==
			0;
	}
	return ok;
}

static bool allow_threads(scmp_filter_ctx filter) {
	// The flags of clone3 are in memory, where a filter cannot see them; without it C libraries
	// take clone.
	return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0 &&
		seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
			SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD)) == 0 &&
		// abort() signals this process; every other one of the user is as near.
		seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
			SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid())) == 0;
}

// Requests of DRM, of dma-buf and of sync_file, by the letter in them.
static bool allow_gpu(scmp_filter_ctx filter) {
	static const char letters[] = {'d', 'b', '>'};
	for (size_t i = 0; i < sizeof(letters); i++) {
		if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
			    SCMP_A1(SCMP_CMP_MASKED_EQ, 0xff00, (scmp_datum_t)letters[i] << 8)) !=
			0) {
			return false;
		}
	}
	return true;
}

bool seal_enter(bool with_gpu) {
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (filter == NULL) {
		return false;
	}
	bool ok = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) == 0;
	for (size_t i = 0; ok && i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		ok = allow(filter, allowed[i]);
	}
	ok = ok && allow_fcntl(filter) && allow_threads(filter) &&
		(!with_gpu || allow_gpu(filter)) && seccomp_load(filter) == 0;
	seccomp_release(filter);
	return ok;
}
