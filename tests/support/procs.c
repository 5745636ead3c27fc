/* SPDX-License-Identifier: BSD-2-Clause
 *
 * procs.c - see procs.h
 */
#include "support/procs.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S INT64_C(1000000000)

int64_t
proc_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

void
proc_nap_ms(unsigned ms)
{
	struct timespec t = {.tv_sec = ms / 1000,
			     .tv_nsec = (long)(ms % 1000) * 1000000};

	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}

static int64_t
patience_ends(void)
{
	return proc_now_ns() + PROC_PATIENCE_S * NS_PER_S;
}

static void
forget(struct proc *p)
{
	if (p->in >= 0)
		close(p->in);
	if (p->out >= 0)
		close(p->out);
	p->pid = 0;
	p->in = p->out = -1;
}

int
proc_start(struct proc *p, int (*fn)(struct proc *me, void *arg), void *arg)
{
	int up[2] = {-1, -1}, down[2] = {-1, -1};
	pid_t parent = getpid(), pid;
	int err;

	p->pid = 0;
	p->in = p->out = -1;
	if (pipe2(up, O_CLOEXEC) < 0 || pipe2(down, O_CLOEXEC) < 0)
		goto fail;
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		goto fail;

	if (pid == 0) {
		struct proc me = {.pid = parent, .in = down[0], .out = up[1]};

		/* The parent may have died before the first line. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(98);
		close(up[0]);
		close(down[1]);
		signal(SIGPIPE, SIG_IGN);
		err = fn(&me, arg);
		fflush(NULL);
		_exit(err);
	}

	close(up[1]);
	close(down[0]);
	p->pid = pid;
	p->in = up[0];
	p->out = down[1];
	return 0;
fail:
	err = errno;
	for (int i = 0; i < 2; i++) {
		if (up[i] >= 0)
			close(up[i]);
		if (down[i] >= 0)
			close(down[i]);
	}
	return -err;
}

static int
status_of(int status)
{
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	return -WTERMSIG(status);
}

int
proc_wait(struct proc *p)
{
	int64_t end = patience_ends();
	int status, ret;
	pid_t got;

	if (p->pid <= 0)
		return PROC_EGONE;
	while ((got = waitpid(p->pid, &status, WNOHANG)) == 0) {
		if (proc_now_ns() > end) {
			kill(p->pid, SIGKILL);
			waitpid(p->pid, &status, 0);
			forget(p);
			return PROC_ETIME;
		}
		proc_nap_ms(1);
	}
	ret = got == p->pid ? status_of(status) : PROC_EGONE;
	forget(p);
	return ret;
}

int
proc_kill(struct proc *p)
{
	if (p->pid <= 0)
		return PROC_EGONE;
	kill(p->pid, SIGKILL);
	return proc_wait(p);
}

/* Calls @is with the state letter of each thread of @pid.  Return: 1 if all
 * answers were, 0 if not, PROC_EGONE if there is no such process. */
static int
all_threads(pid_t pid, int (*is)(char state))
{
	char path[64], buf[512], *paren;
	struct dirent *d;
	int fd, ret = PROC_EGONE;
	ssize_t n;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%ld/task", (long)pid);
	dir = opendir(path);
	if (!dir)
		return PROC_EGONE;
	while ((d = readdir(dir)) != NULL) {
		if (d->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/%ld/task/%.20s/stat",
			 (long)pid, d->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue; /* ended meanwhile */
		n = read(fd, buf, sizeof(buf) - 1);
		close(fd);
		if (n <= 0)
			continue;
		buf[n] = 0;
		/* "pid (name) S ...", and the name may hold parentheses */
		paren = strrchr(buf, ')');
		if (!paren || paren[1] != ' ')
			continue;
		if (!is(paren[2])) {
			ret = 0;
			break;
		}
		ret = 1;
	}
	closedir(dir);
	return ret;
}

static int
is_stopped(char state)
{
	return state == 'T' || state == 't';
}

static int
is_asleep(char state)
{
	return state == 'S';
}

static int
is_dead(char state)
{
	return state == 'Z' || state == 'X';
}

static int
await_state(pid_t pid, int (*is)(char state))
{
	int64_t end = patience_ends();
	int got;

	while ((got = all_threads(pid, is)) != 1) {
		if (got < 0 || all_threads(pid, is_dead) == 1)
			return PROC_EGONE;
		if (proc_now_ns() > end)
			return PROC_ETIME;
		proc_nap_ms(1);
	}
	return 0;
}

int
proc_freeze(struct proc *p)
{
	if (p->pid <= 0 || kill(p->pid, SIGSTOP) < 0)
		return PROC_EGONE;
	return await_state(p->pid, is_stopped);
}

int
proc_thaw(struct proc *p)
{
	return p->pid > 0 && kill(p->pid, SIGCONT) == 0 ? 0 : PROC_EGONE;
}

int
proc_ended(const struct proc *p)
{
	return p->pid <= 0 || all_threads(p->pid, is_dead) != 0;
}

int
proc_asleep(const struct proc *p)
{
	return p->pid > 0 && all_threads(p->pid, is_asleep) == 1;
}

int
proc_await_asleep(const struct proc *p)
{
	return p->pid > 0 ? await_state(p->pid, is_asleep) : PROC_EGONE;
}

static int
put(struct proc *p, const void *buf, size_t len)
{
	const char *at = buf;
	ssize_t n;

	while (len) {
		n = write(p->out, at, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return PROC_EGONE;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

static int
get(struct proc *p, void *buf, size_t len)
{
	struct pollfd fd = {.fd = p->in, .events = POLLIN};
	int64_t end = patience_ends();
	char *at = buf;
	ssize_t n;

	while (len) {
		if (proc_now_ns() > end)
			return PROC_ETIME;
		if (poll(&fd, 1, 100) <= 0)
			continue;
		n = read(p->in, at, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return PROC_EGONE;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

int
proc_tell(struct proc *p, char what)
{
	return put(p, &what, 1);
}

int
proc_hear(struct proc *p)
{
	unsigned char c;
	int err = get(p, &c, 1);

	return err ? err : c;
}

int
proc_send(struct proc *p, uint64_t value)
{
	return put(p, &value, sizeof(value));
}

int
proc_recv(struct proc *p, uint64_t *value)
{
	return get(p, value, sizeof(*value));
}

void
proc_check_at(int ok, const char *what, const char *file, int line)
{
	if (ok)
		return;
	printf("%s:%d: in child %ld: failed: %s\n", file, line, (long)getpid(),
	       what);
	fflush(NULL);
	_exit(99);
}
