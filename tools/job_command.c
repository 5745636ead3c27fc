/* SPDX-License-Identifier: BSD-2-Clause */
#include "job_command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DRAINS_MAX 4096 /* reads once it has ended: more than pipes hold */

/* ---- starting ---- */

/* In the child, up to the command. */
static void
become(char **argv, const int out[2], const int err[2], int report,
       pid_t parent)
{
	static const int ours[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGALRM};
	sigset_t none;
	int fd, why;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(127); /* it died before that */
	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		signal(ours[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* in a group of its own it may not read the terminal */
	if (isatty(STDIN_FILENO)) {
		fd = open("/dev/null", O_RDONLY);
		if (fd >= 0)
			dup2(fd, STDIN_FILENO);
		if (fd > STDERR_FILENO)
			close(fd);
	}
	dup2(out[1], STDOUT_FILENO);
	dup2(err[1], STDERR_FILENO);
	execvp(argv[0], argv);
	why = errno;
	while (write(report, &why, sizeof(why)) < 0 && errno == EINTR)
		;
	_exit(127);
}

static void
close_pair(int fds[2])
{
	if (fds[0] >= 0)
		close(fds[0]);
	if (fds[1] >= 0)
		close(fds[1]);
}

/* Why it could not be executed, or 0. */
static int
report_of(int fd)
{
	int why = 0;
	ssize_t n;

	do
		n = read(fd, &why, sizeof(why));
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(why) ? -why : 0;
}

int
command_start(struct command *c, char **argv, size_t out_max)
{
	int out[2] = {-1, -1}, err[2] = {-1, -1}, report[2] = {-1, -1};
	pid_t parent = getpid();
	int rc = 0;

	memset(c, 0, sizeof(*c));
	c->pidfd = c->out_fd = c->err_fd = -1;
	c->out_max = out_max;
	c->out = malloc(out_max);
	if (!c->out)
		return -ENOMEM;
	if (pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0 ||
	    pipe2(report, O_CLOEXEC) < 0)
		rc = -errno;
	if (rc == 0) {
		c->pid = fork();
		if (c->pid == 0)
			become(argv, out, err, report[1], parent);
		if (c->pid < 0)
			rc = -errno;
	}
	if (rc == 0) {
		setpgid(c->pid, c->pid); /* whoever comes first */
		close(report[1]);
		report[1] = -1;
		c->pidfd = (int)syscall(SYS_pidfd_open, c->pid, 0);
		rc = c->pidfd < 0 ? -errno : report_of(report[0]);
		if (rc < 0) {
			kill(c->pid, SIGKILL);
			waitpid(c->pid, NULL, 0);
		}
	}
	if (rc == 0) {
		c->out_fd = out[0];
		c->err_fd = err[0];
		out[0] = err[0] = -1;
		fcntl(c->out_fd, F_SETFL, O_NONBLOCK);
		fcntl(c->err_fd, F_SETFL, O_NONBLOCK);
	}
	close_pair(out);
	close_pair(err);
	close_pair(report);
	return rc;
}

void
command_free(struct command *c)
{
	if (c->pidfd >= 0)
		close(c->pidfd);
	if (c->out_fd >= 0)
		close(c->out_fd);
	if (c->err_fd >= 0)
		close(c->err_fd);
	free(c->out);
}

void
command_signal(const struct command *c, int sig)
{
	kill(-c->pid, sig);
}

/* ---- what it prints ---- */

/* Read once.  Return: bytes; 0: nothing just now, or never any more. */
static size_t
take(int *fd, char *buf, size_t cap)
{
	ssize_t n;

	do
		n = *fd < 0 ? 0 : read(*fd, buf, cap);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		return (size_t)n;
	if (*fd >= 0 && (n == 0 || errno != EAGAIN)) {
		close(*fd);
		*fd = -1;
	}
	return 0;
}

static size_t
take_out(struct command *c)
{
	char buf[1 << 14];
	size_t n = take(&c->out_fd, buf, sizeof(buf));
	size_t room = c->out_max - c->out_len;

	memcpy(c->out + c->out_len, buf, n < room ? n : room);
	c->out_len += n < room ? n : room;
	c->out_total += n;
	return n;
}

static void
to_tail(struct command *c, const char *s, size_t len)
{
	size_t keep;

	if (len > COMMAND_TAIL_MAX) {
		s += len - COMMAND_TAIL_MAX;
		len = COMMAND_TAIL_MAX;
	}
	keep = c->tail_len < COMMAND_TAIL_MAX - len ? c->tail_len
						    : COMMAND_TAIL_MAX - len;
	memmove(c->tail, c->tail + c->tail_len - keep, keep);
	memcpy(c->tail + keep, s, len);
	c->tail_len = keep + len;
}

static void
pass_on(struct command *c, const char *s, size_t len)
{
	ssize_t n;

	to_tail(c, s, len);
	for (; len; s += n, len -= (size_t)n) {
		n = write(STDERR_FILENO, s, len);
		if (n < 0 && errno != EINTR)
			return;
		n = n < 0 ? 0 : n;
	}
}

/* "progress 0.4 message"; the line ends in a NUL. */
static int
is_progress(struct command *c, const char *line)
{
	const char *number = line + strlen("progress ");
	char *end;
	double part;

	if (strncmp(line, "progress ", strlen("progress ")) != 0 ||
	    !strchr("0123456789.", *number))
		return 0;
	part = strtod(number, &end);
	if (end == number || (*end && *end != ' ') || !(part >= 0 && part <= 1))
		return 0;
	c->progress = part;
	end += strspn(end, " ");
	memcpy(c->message, end, strlen(end) + 1);
	return 1;
}

/* One line of standard error, with its newline if it has one. */
static int
take_line(struct command *c, size_t len)
{
	char line[COMMAND_LINE_MAX];
	size_t n = len && c->line[len - 1] == '\n' ? len - 1 : len;

	int is_rest = c->is_rest;

	c->is_rest = n == len;
	if (!is_rest && n < sizeof(line) && !memchr(c->line, 0, n)) {
		memcpy(line, c->line, n);
		line[n] = 0;
		if (is_progress(c, line))
			return 1;
	}
	pass_on(c, c->line, len);
	return 0;
}

/* The lines that are there, up to one that says how far it is. */
static int
take_lines(struct command *c)
{
	int got = 0;

	while (!got) {
		char *nl = memchr(c->line, '\n', c->line_len);
		size_t len = nl ? (size_t)(nl - c->line) + 1 : c->line_len;

		/* what has no newline yet waits for it, unless it is too long
		 * for one, or nothing more comes */
		if (!len || (!nl && len < sizeof(c->line) && c->err_fd >= 0))
			break;
		got = take_line(c, len);
		c->line_len -= len;
		memmove(c->line, c->line + len, c->line_len);
	}
	return got;
}

static size_t
take_err(struct command *c)
{
	size_t n = take(&c->err_fd, c->line + c->line_len,
			sizeof(c->line) - c->line_len);

	c->line_len += n;
	return n;
}

/* ---- waiting ---- */

static int
has_ended(struct command *c)
{
	return waitpid(c->pid, &c->status, WNOHANG) == c->pid;
}

enum command_event
command_wait(struct command *c, int64_t timeout_ns)
{
	struct timespec t = {timeout_ns / 1000000000, timeout_ns % 1000000000};
	struct pollfd fds[] = {{c->out_fd, POLLIN, 0},
			       {c->err_fd, POLLIN, 0},
			       {c->pidfd, POLLIN, 0}};

	if (take_lines(c))
		return COMMAND_PROGRESS;
	if (c->pidfd < 0)
		return COMMAND_ENDED;
	if (ppoll(fds, 3, timeout_ns < 0 ? NULL : &t, NULL) < 0)
		return COMMAND_NOTHING;
	if (!fds[2].revents) {
		take_out(c);
		take_err(c);
		return take_lines(c) ? COMMAND_PROGRESS : COMMAND_NOTHING;
	}
	/* What it has printed is in the pipes; what it left behind may go on
	 * and on, so there is a bound. */
	while (c->drained++ < DRAINS_MAX && (take_out(c) | take_err(c)))
		if (take_lines(c))
			return COMMAND_PROGRESS;
	if (!has_ended(c))
		return COMMAND_NOTHING;
	close(c->pidfd);
	c->pidfd = -1;
	if (c->err_fd >= 0) { /* somebody else has it open still */
		close(c->err_fd);
		c->err_fd = -1;
	}
	return take_lines(c) ? COMMAND_PROGRESS : COMMAND_ENDED;
}
