// What a renderer can still do once it draws for a guest, and what it cannot.
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake_cmocka.h"
#include "seal.h"

#define UNSUPPORTED 77

static int pair[2]; // with its bridge

static int try_open(void) {
	return open("/etc/passwd", O_RDONLY);
}

static int try_socket(void) {
	return socket(AF_UNIX, SOCK_STREAM, 0);
}

static int try_exec(void) {
	return execl("/bin/true", "true", NULL);
}

static int try_fork(void) {
	return fork();
}

static int try_kill(void) {
	return kill(getppid(), 0);
}

static int try_signal(void) {
	return (int)syscall(SYS_tgkill, getppid(), getppid(), 0);
}

// The bridge's next datagram would send it.
static int try_owner(void) {
	return fcntl(pair[0], F_SETOWN, getppid());
}

static int try_async(void) {
	return fcntl(pair[0], F_SETFL, O_ASYNC);
}

// The bridge has the same file open, and would wait for ever.
static int try_blocking(void) {
	return fcntl(pair[0], F_SETFL, 0);
}

static int try_schedule(void) {
	const struct sched_param param = {0};
	return sched_setscheduler(getppid(), SCHED_IDLE, &param);
}

static int try_affinity(void) {
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET(0, &set);
	return sched_setaffinity(getppid(), sizeof(set), &set);
}

static void *do_nothing(void *data) {
	return data;
}

static int try_thread(void) {
	pthread_t thread;
	return pthread_create(&thread, NULL, do_nothing, NULL) == 0 &&
			pthread_join(thread, NULL) == 0
		? 0
		: -1;
}

static int try_code(void) {
	void *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return code == MAP_FAILED ? -1 : mprotect(code, 4096, PROT_READ | PROT_EXEC);
}

static int try_files(void) {
	struct stat status;
	const int copy = fcntl(pair[0], F_DUPFD_CLOEXEC, 0);
	return copy < 0 || fstat(copy, &status) != 0 || close(copy) != 0 ? -1 : 0;
}

static const struct {
	const char *name;
	int (*attempt)(void);
	bool allowed;
} rows[] = {
	{"open", try_open, false},
	{"socket", try_socket, false},
	{"exec", try_exec, false},
	{"fork", try_fork, false},
	{"kill", try_kill, false},
	{"a signal to another", try_signal, false},
	{"another's signal by a file", try_owner, false},
	{"signals of a file", try_async, false},
	{"a file that blocks again", try_blocking, false},
	{"another's scheduling", try_schedule, false},
	{"another's processors", try_affinity, false},
	{"a thread", try_thread, true},
	{"compiled code", try_code, true},
	{"files that came", try_files, true},
};

static void test_calls(void **state) {
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const pid_t pid = fork();
		if (pid == 0) {
			if (!seal_enter(false)) {
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
	close(pair[0]);
	close(pair[1]);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
