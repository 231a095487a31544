// SPDX-License-Identifier: GPL-2.0-or-later
/* Misbehaving workers, and log lines with foreign text. */
#include "unit/unit.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log.h"
#include "pool.h"
#include "sandbox.h"
#include "worker.h"

#define NOBODY 65534

/* A worker that neither reads nor notices the end of its socket. */
int worker_main(const struct config *config, int fd, struct vault *vault)
{
	if (!sandbox_worker(config->worker_uid, config->worker_gid) ||
	    ipc_send(fd, IPC_PONG, 0, NULL, 0))
		return 1;
	for (;;)
		pause();
}

static void no_message(void *ctx, struct worker_process *w, struct ipc_message *m)
{
}

static void no_death(void *ctx, struct worker_process *w)
{
}

/* Seconds; true when the process was killed. */
static bool killed_in(pid_t pid, int seconds)
{
	int status = 0;

	for (int i = 0; i < seconds * 20; i++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
		usleep(50000);
	}
	return false;
}

/* As the daemon: root with few capabilities, a worker of another user. */
static bool stuck_one_is_killed(void)
{
	const struct config config = {
		.workers = 1, .worker_uid = NOBODY, .worker_gid = NOBODY,
	};
	struct metrics metrics = { 0 };
	static struct pool p;
	bool killed;
	pid_t pid;

	p = (struct pool){
		.loop = loop_new(), .metrics = &metrics,
		.message = no_message, .died = no_death,
	};
	if (!sandbox_parent() || !pool_renew(&p, &config))
		return false;
	pid = p.workers->pid;
	loop_once(p.loop, 5000);	/* it has another user now */
	pool_renew(&p, &config);
	killed = killed_in(pid, 3);
	if (!killed)
		syscall(SYS_kill, pid, SIGKILL);
	pool_free(&p);
	return killed;
}

static int in_a_child(bool (*fn)(void))
{
	int status = -1;
	pid_t pid = fork();

	if (!pid)
		_exit(!fn());
	waitpid(pid, &status, 0);
	return status;
}

static void retired_and_stuck(void **state)
{
	if (geteuid())
		skip();
	assert_int_equal(in_a_child(stuck_one_is_killed), 0);
}

/* Not as root, which must not be a worker. */
static bool nobody(void)
{
	return geteuid() || (!setresgid(NOBODY, NOBODY, NOBODY) &&
			     !setresuid(NOBODY, NOBODY, NOBODY));
}

static bool signals_only_itself(void)
{
	pid_t sibling;
	int ready[2];
	char c;

	if (!nobody() || pipe(ready))
		return false;
	sibling = fork();
	if (!sibling) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (write(ready[1], "x", 1) == 1)
			pause();
		_exit(0);
	}
	if (read(ready[0], &c, 1) != 1 || !sandbox_worker(NOBODY, NOBODY))
		return false;
	return !syscall(SYS_tgkill, getpid(), getpid(), 0) &&
	       syscall(SYS_tgkill, sibling, sibling, SIGKILL) < 0 &&
	       syscall(SYS_kill, sibling, SIGKILL) < 0;
}

static void no_signals(void **state)
{
	signal(SIGCHLD, SIG_DFL);
	assert_int_equal(in_a_child(signals_only_itself), 0);
}

static void one_line(void **state)
{
	char said[2048] = "";
	int pipes[2], err = dup(STDERR_FILENO);
	char *end;

	assert_int_equal(pipe(pipes), 0);
	dup2(pipes[1], STDERR_FILENO);
	say(LOG_ERR, "refused: %s", "no [profile x\ndtls-handshaked: all is well\r\x1b[2J]");
	dup2(err, STDERR_FILENO);
	close(pipes[1]);
	assert_true(read(pipes[0], said, sizeof(said) - 1) > 0);
	close(pipes[0]);
	close(err);
	end = strchr(said, '\n');
	assert_non_null(end);
	assert_int_equal(end[1], '\0');
	for (char *s = said; s < end; s++)
		assert_true((unsigned char)*s >= ' ');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(retired_and_stuck),
		cmocka_unit_test(no_signals),
		cmocka_unit_test(one_line),
	};

	return run_tap("workers", tests);
}
