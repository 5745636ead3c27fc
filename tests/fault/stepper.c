/* SPDX-License-Identifier: BSD-2-Clause
 *
 * stepper.c - see stepper.h
 */
#include "fault/stepper.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/procs.h"

/* Who has not stopped after two of these, in state S, sleeps. */
#define LOOK_US	 3000
#define STUCK_NS (PROC_PATIENCE_S * INT64_C(1000000000))

#define call(request, s, addr, data)                                           \
	ptrace(request, (s)->tid, (void *)(uintptr_t)(addr),                   \
	       (void *)(uintptr_t)(data))

static void
on_alarm(int sig)
{
	(void)sig; /* only so that waitpid() returns */
}

static void
look_often(bool on)
{
	struct itimerval t = {{0, on ? LOOK_US : 0}, {0, on ? LOOK_US : 0}};
	struct sigaction act;

	if (on) {
		memset(&act, 0, sizeof(act));
		act.sa_handler = on_alarm;
		sigaction(SIGALRM, &act, NULL);
	}
	setitimer(ITIMER_REAL, &t, NULL);
}

static char
state_of(pid_t pid)
{
	char path[64], buf[512], *paren;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, buf, sizeof(buf) - 1);
	close(fd);
	if (n <= 0)
		return 0;
	buf[n] = 0;
	paren = strrchr(buf, ')');
	return paren && paren[1] == ' ' ? paren[2] : 0;
}

/* The next that is to be heard of @tid, unless it sleeps; look_often() is
 * on. */
static enum step_end
hear(struct stepper *s, pid_t tid)
{
	int64_t limit = 0;
	int asleep = 0;

	for (;;) {
		pid_t got = waitpid(tid, &s->status, __WALL);

		if (got == tid)
			return STEP_STOPPED;
		if (got < 0 && errno != EINTR)
			return STEP_BROKEN;
		asleep = state_of(tid) == 'S' ? asleep + 1 : 0;
		if (asleep == 2)
			return STEP_ASLEEP;
		if (!limit)
			limit = proc_now_ns() + STUCK_NS;
		else if (proc_now_ns() > limit)
			return STEP_BROKEN;
	}
}

/* The thread has ended; its process is to come to the end of its act. */
static enum step_end
await_process(struct stepper *s)
{
	enum step_end end;

	while ((end = hear(s, s->pid)) == STEP_ASLEEP)
		;
	return end == STEP_STOPPED && WIFSTOPPED(s->status) &&
		       WSTOPSIG(s->status) == SIGSTOP
		   ? STEP_FINISHED
		   : STEP_BROKEN;
}

/* Its next stop; look_often() is on. */
static enum step_end
await_stop(struct stepper *s)
{
	enum step_end end = hear(s, s->tid);

	if (end != STEP_STOPPED)
		return end;
	s->running = false;
	if (!WIFSTOPPED(s->status)) {
		bool is_thread = s->tid != s->pid;

		s->tid = 0;
		if (is_thread && WIFEXITED(s->status))
			return await_process(s);
		if (!is_thread)
			s->pid = 0;
		return STEP_BROKEN;
	}
	if (WSTOPSIG(s->status) == SIGSTOP)
		return STEP_FINISHED;
	/* system calls have 0x80 added to it */
	return (WSTOPSIG(s->status) & 0x7f) == SIGTRAP ? STEP_STOPPED
						       : STEP_BROKEN;
}

/* Set it going, unless it still is, and wait. */
static enum step_end
go(struct stepper *s, bool one_step)
{
	if (!s->running && (one_step ? call(PTRACE_SINGLESTEP, s, 0, 0)
				     : call(PTRACE_CONT, s, 0, 0)) < 0)
		return STEP_BROKEN;
	s->running = true;
	return await_stop(s);
}

enum step_end
step_finish(struct stepper *s)
{
	enum step_end end;

	look_often(true);
	/* one stop may be the end of a step that had been begun */
	end = go(s, false);
	if (end == STEP_STOPPED)
		end = go(s, false);
	look_often(false);
	return end;
}

/* Where others see that it has armed the bell; it may not be there yet. */
static void
find_pending(struct stepper *s)
{
	struct robust_list_head *head = NULL;
	size_t len = 0;

	if (syscall(SYS_get_robust_list, s->tid, &head, &len) == 0 && head)
		s->pending = (uintptr_t)&head->list_op_pending;
}

#if defined(__x86_64__)

enum step_end
step_run(struct stepper *s, uint64_t n)
{
	enum step_end end = STEP_STOPPED;

	look_often(true);
	while (n-- && end == STEP_STOPPED) {
		end = go(s, true);
		s->done += end == STEP_STOPPED;
	}
	look_often(false);
	return end;
}

uint64_t
step_pc(const struct stepper *s)
{
	return (uint64_t)call(PTRACE_PEEKUSER, s,
			      offsetof(struct user_regs_struct, rip), 0);
}

enum step_end
step_one(struct stepper *s, bool *effect)
{
	long code = call(PTRACE_PEEKTEXT, s, step_pc(s), 0);
	enum step_end end;
	uint64_t armed;

	*effect = (code & 0xffff) == 0x050f; /* syscall */
	if (*effect)
		look_often(true); /* nothing else can sleep */
	end = go(s, true);
	if (*effect)
		look_often(false);
	if (end != STEP_STOPPED)
		return end;
	s->done++;
	if (!s->pending && *effect)
		find_pending(s);
	if (!s->pending)
		return end;
	armed = (uint64_t)call(PTRACE_PEEKDATA, s, s->pending, 0);
	*effect |= armed != s->armed;
	s->armed = armed;
	return end;
}

static long
debug_reg(const struct stepper *s, int i, uint64_t val)
{
	return call(PTRACE_POKEUSER, s,
		    offsetof(struct user, u_debugreg) +
			(size_t)i * sizeof(((struct user *)0)->u_debugreg[0]),
		    val);
}

enum step_end
step_goto(struct stepper *s, uint64_t pc, uint32_t hits)
{
	enum step_end end = STEP_STOPPED;

	if (!s->running) {
		if (debug_reg(s, 0, pc) < 0 || debug_reg(s, 7, 1) < 0)
			return STEP_BROKEN;
		s->hits = hits;
	}
	look_often(true);
	while (s->hits && end == STEP_STOPPED) {
		end = go(s, false);
		s->hits -= end == STEP_STOPPED;
	}
	look_often(false);
	if (end == STEP_STOPPED)
		debug_reg(s, 7, 0);
	return end;
}

enum step_end
step_to_call(struct stepper *s, struct step_call *c)
{
	struct __ptrace_syscall_info info;
	enum step_end end = STEP_BROKEN;

	if (s->running || call(PTRACE_SYSCALL, s, 0, 0) == 0) {
		s->running = true;
		look_often(true);
		end = await_stop(s);
		look_often(false);
	}
	if (end != STEP_STOPPED)
		return end;
	if (call(PTRACE_GET_SYSCALL_INFO, s, sizeof(info), &info) <= 0)
		return STEP_BROKEN;
	c->pc = info.instruction_pointer;
	c->is_behind = info.op == PTRACE_SYSCALL_INFO_EXIT;
	if (c->is_behind) {
		c->result = info.exit.rval;
		return STEP_STOPPED;
	}
	if (info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return STEP_BROKEN;
	c->nr = (int64_t)info.entry.nr;
	for (int i = 0; i < 6; i++)
		c->arg[i] = info.entry.args[i];
	return STEP_STOPPED;
}

static int
poke(struct stepper *s, size_t at, uint64_t val)
{
	return call(PTRACE_POKEUSER, s, at, val) < 0 ? -1 : 0;
}

int
step_skip_call(struct stepper *s)
{
	return poke(s, offsetof(struct user_regs_struct, orig_rax), UINT64_MAX);
}

int
step_set_result(struct stepper *s, int64_t result)
{
	return poke(s, offsetof(struct user_regs_struct, rax),
		    (uint64_t)result);
}

static void
nothing(void *arg)
{
	(void)arg;
}

const char *
step_unusable(void)
{
	struct stepper s;
	enum step_end end;

	if (step_start(&s, NULL, nothing, NULL) != 0)
		return "ptrace is not allowed here";
	end = step_run(&s, 3);
	step_kill(&s);
	return end == STEP_STOPPED ? NULL : "no single steps here";
}

#else

/* On aarch64 a step between load-exclusive and store-exclusive clears the
 * monitor, and such a loop never ends. */
const char *
step_unusable(void)
{
	return "single steps are for x86-64";
}

enum step_end
step_run(struct stepper *s, uint64_t n)
{
	(void)s;
	(void)n;
	return STEP_BROKEN;
}

enum step_end
step_one(struct stepper *s, bool *effect)
{
	*effect = false;
	return step_run(s, 1);
}

uint64_t
step_pc(const struct stepper *s)
{
	(void)s;
	return 0;
}

enum step_end
step_goto(struct stepper *s, uint64_t pc, uint32_t hits)
{
	(void)pc;
	return step_run(s, hits);
}

enum step_end
step_to_call(struct stepper *s, struct step_call *c)
{
	c->is_behind = false;
	return step_run(s, 1);
}

int
step_skip_call(struct stepper *s)
{
	return step_run(s, 1) == STEP_STOPPED ? 0 : -1;
}

int
step_set_result(struct stepper *s, int64_t result)
{
	(void)s;
	return result ? -1 : 0;
}

#endif

/* In the victim. */
static void
live(bool has_thread, pid_t parent, int (*prepare)(void *), void (*act)(void *),
     void *arg)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || ptrace(PTRACE_TRACEME, 0, 0, 0) < 0)
		_exit(98);
	if (has_thread)
		raise(SIGSTOP); /* so that it is asked to stop with it */
	if (prepare && prepare(arg) != 0)
		_exit(97);
	raise(SIGSTOP);
	act(arg);
	raise(SIGSTOP);
	_exit(0);
}

/* To the next stop of the process, past its sleeps.  Return: was it by
 * @sig? */
static bool
comes_to(struct stepper *s, int sig)
{
	int64_t limit = proc_now_ns() + STUCK_NS;
	enum step_end end;

	look_often(true);
	while ((end = hear(s, s->tid)) == STEP_ASLEEP && proc_now_ns() < limit)
		;
	look_often(false);
	if (end != STEP_STOPPED)
		return false;
	if (WIFSTOPPED(s->status))
		return WSTOPSIG(s->status) == sig;
	s->pid = s->tid = 0;
	return false;
}

/* It makes its thread, which stops before its first instruction, and goes
 * on to where it would be stepped. */
static bool
meet_thread(struct stepper *s)
{
	unsigned long tid = 0;

	if (call(PTRACE_SETOPTIONS, s, 0,
		 PTRACE_O_EXITKILL | PTRACE_O_TRACECLONE) < 0 ||
	    call(PTRACE_CONT, s, 0, 0) < 0 || !comes_to(s, SIGTRAP) ||
	    s->status >> 8 != (SIGTRAP | PTRACE_EVENT_CLONE << 8) ||
	    call(PTRACE_GETEVENTMSG, s, 0, &tid) < 0 ||
	    call(PTRACE_CONT, s, 0, 0) < 0 || !comes_to(s, SIGSTOP) ||
	    call(PTRACE_CONT, s, 0, 0) < 0)
		return false;
	s->tid = (pid_t)tid;
	return comes_to(s, SIGSTOP);
}

static int
start(struct stepper *s, bool has_thread, int (*prepare)(void *),
      void (*act)(void *), void *arg)
{
	pid_t parent = getpid();

	memset(s, 0, sizeof(*s));
	fflush(NULL);
	s->pid = s->tid = fork();
	if (s->pid < 0)
		return -1;
	if (s->pid == 0)
		live(has_thread, parent, prepare, act, arg);
	if (!comes_to(s, SIGSTOP) ||
	    (has_thread
		 ? !meet_thread(s)
		 : call(PTRACE_SETOPTIONS, s, 0,
			PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD) < 0)) {
		step_kill(s);
		return -1;
	}
	find_pending(s);
	return 0;
}

int
step_start(struct stepper *s, int (*prepare)(void *), void (*act)(void *),
	   void *arg)
{
	return start(s, false, prepare, act, arg);
}

int
step_start_thread(struct stepper *s, int (*prepare)(void *),
		  void (*act)(void *), void *arg)
{
	return start(s, true, prepare, act, arg);
}

void
step_kill(struct stepper *s)
{
	pid_t ids[] = {s->tid, s->pid};

	if (s->pid <= 0)
		return;
	kill(s->pid, SIGKILL);
	/* a thread's end is to be heard before that of its process */
	for (int i = ids[0] == ids[1] || !ids[0]; i < 2; i++)
		while (waitpid(ids[i], &s->status, __WALL) == ids[i] &&
		       WIFSTOPPED(s->status))
			;
	s->pid = s->tid = 0;
}
