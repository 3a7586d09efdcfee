// What a bridge can still do, and what it cannot.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake_cmocka.h"
#include "sandbox.h"

#define UNSUPPORTED 77

static int try_open(void) {
	return open("/etc/passwd", O_RDONLY);
}

static int try_socket(void) {
	return socket(AF_UNIX, SOCK_STREAM, 0);
}

static int try_connect(void) {
	return connect(0, NULL, 0);
}

static int try_exec(void) {
	return execl("/bin/true", "true", NULL);
}

static int try_fork(void) {
	return fork();
}

static int try_code(void) {
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
			MAP_FAILED
		? -1
		: 0;
}

static int try_unlink(void) {
	return unlink("/tmp/there-is-no-such-file");
}

static int try_ptrace(void) {
	return (int)syscall(SYS_ptrace, 0, 0, 0, 0);
}

static int try_signal(void) {
	return (int)syscall(SYS_tgkill, getppid(), getppid(), 0);
}

static int try_kill(void) {
	return kill(getppid(), 0);
}

static int try_own_signal(void) {
	return (int)syscall(SYS_tgkill, getpid(), gettid(), 0);
}

static int try_other_memory(void) {
	return (int)syscall(SYS_process_vm_writev, getppid(), NULL, 0, NULL, 0, 0);
}

static int try_io_uring(void) {
	return (int)syscall(SYS_io_uring_setup, 1, NULL);
}

// A file can have a signal sent to whom it likes when something happens to it.
static int try_owner(void) {
	return fcntl(STDIN_FILENO, F_SETOWN, getppid());
}

static int try_async(void) {
	return fcntl(STDIN_FILENO, F_SETFL, O_ASYNC);
}

static int try_non_blocking(void) {
	return fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
}

static int try_memory(void) {
	const int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0 || ftruncate(fd, 8192) != 0 || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) != 0) {
		return -1;
	}
	char *data = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (data == MAP_FAILED) {
		return -1;
	}
	strcpy(data, "here");
	void *large = malloc(64 << 20);
	const bool ok = large != NULL && munmap(data, 8192) == 0 && close(fd) == 0;
	free(large);
	return ok ? 0 : -1;
}

static const struct {
	const char *name;
	int (*attempt)(void);
	bool allowed;
} rows[] = {
	{"open", try_open, false},
	{"socket", try_socket, false},
	{"connect", try_connect, false},
	{"exec", try_exec, false},
	{"fork", try_fork, false},
	{"executable memory", try_code, false},
	{"unlink", try_unlink, false},
	{"ptrace", try_ptrace, false},
	{"a signal to another", try_signal, false},
	{"kill", try_kill, false},
	{"another's memory", try_other_memory, false},
	{"io_uring", try_io_uring, false},
	{"another's signal by a file", try_owner, false},
	{"signals of a file", try_async, false},
	{"a file that does not block", try_non_blocking, true},
	{"abort", try_own_signal, true},
	{"memory", try_memory, true},
};

static void test_calls(void **state) {
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const pid_t pid = fork();
		if (pid == 0) {
			if (!sandbox_enter(false)) {
				_exit(UNSUPPORTED);
			}
			errno = 0;
			const int result = rows[i].attempt();
			_exit(rows[i].allowed ? result != 0 : result != -1 || errno != EPERM);
		}
		int status;
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		if (WEXITSTATUS(status) == UNSUPPORTED) {
			print_message("the kernel refuses seccomp filters\n");
			skip();
		}
		if (WEXITSTATUS(status) != 0) {
			fail_msg(
				"%s is %s", rows[i].name, rows[i].allowed ? "refused" : "possible");
		}
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
