/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* What one measurement may take: of its processor, because on a busy machine
 * it may have little of that; and in all, in case it sleeps.  And everything.
 */
#define MEASURE_CPU_S 20
#define MEASURE_S     300
#define PROGRAM_S     3600

double bench_tick_ns = 1;

/* ---- processes that work together -------------------------------------------
 */

void *
bench_shared(size_t len)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (p == MAP_FAILED) {
		perror("bench: mmap");
		exit(1);
	}
	return p;
}

void
bench_unshare(void *p, size_t len)
{
	munmap(p, len);
}

int
bench_fail(const char *what, int64_t err, const weir_diag *diag)
{
	fprintf(stderr, "bench: %s: %s%s%s\n", what, weir_strerror((int)err),
		diag && diag->message[0] ? ": " : "",
		diag ? diag->message : "");
	return -1;
}

void
bench_meet(struct bench_sides *s, unsigned cnt, unsigned nth)
{
	atomic_fetch_add(&s->arrived, 1);
	for (int i = 0; atomic_load(&s->arrived) < cnt * nth; i++)
		if (i < 1000)
			bench_pause();
		else
			sched_yield();
}

void
bench_pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) != 0) {
		perror("bench: sched_setaffinity");
		_exit(1);
	}
}

static pid_t
start(const struct bench *b, struct bench_sides *s, int i, bench_side *side,
      void *arg)
{
	const struct itimerval cpu = {.it_value.tv_sec = MEASURE_CPU_S};
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setitimer(ITIMER_PROF, &cpu, NULL);
	alarm(MEASURE_S);
	bench_pin(b->cpu[i % 2]);
	_exit(side(s, arg) == 0 ? 0 : 1);
}

#define SIDES_MAX 128

int
bench_together(const struct bench *b, struct bench_sides *s, int cnt,
	       bench_side *const *sides, void *const *args)
{
	pid_t pids[SIDES_MAX];
	int left = 0, bad = 0, status;

	if (cnt > SIDES_MAX)
		return -1;
	atomic_store(&s->arrived, 0);
	atomic_store(&s->stop, 0);
	hist_reset(&s->hist);
	hist_reset(&s->typical);
	s->delivered = s->lost = s->ticks = 0;
	for (int i = 0; i < cnt; i++) {
		pids[i] = start(b, s, i, sides[i], args[i]);
		if (pids[i] > 0)
			left++;
		else
			bad = 1;
	}
	for (; left; left--) {
		pid_t pid;

		for (int i = 0; bad && i < cnt; i++)
			if (pids[i] > 0)
				kill(pids[i], SIGKILL);
		pid = waitpid(-1, &status, 0);
		for (int i = 0; i < cnt; i++)
			if (pids[i] == pid)
				pids[i] = 0;
		if (!bad && WIFSIGNALED(status))
			fprintf(stderr, "bench: a side was killed: %s\n",
				strsignal(WTERMSIG(status)));
		if (status != 0)
			bad = 1;
	}
	return bad ? -1 : 0;
}

/* ---- records
 * ----------------------------------------------------------------- */

void
bench_record_init(struct bench_record *r, uint32_t len)
{
	uint8_t *p = (uint8_t *)r->word;

	memset(r->word, BENCH_FILL & 0xff, sizeof(r->word));
	r->words = len / 8;
	r->at = 2;
	if (len - 2 < 256) {
		p[0] = 0xc4; /* bin 8 */
		p[1] = (uint8_t)(len - 2);
	} else {
		p[0] = 0xc5; /* bin 16 */
		p[1] = (uint8_t)((len - 3) >> 8);
		p[2] = (uint8_t)(len - 3);
	}
}

/* ---- the program
 * ------------------------------------------------------------- */

static uint64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void
calibrate(void)
{
	uint64_t ns = now_ns(), ticks = bench_ticks();

	while (now_ns() - ns < 20000000)
		;
	bench_tick_ns =
	    (double)(now_ns() - ns) / (double)(bench_ticks() - ticks);
}

/* The first two processors that we may use. */
static int
choose(struct bench *b)
{
	cpu_set_t set;
	int n = 0;

	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return -1;
	for (int i = 0; i < CPU_SETSIZE && n < 2; i++)
		if (CPU_ISSET((size_t)i, &set))
			b->cpu[n++] = i;
	return n == 2 ? 0 : -1;
}

static int
usage(const char *name)
{
	fprintf(stderr,
		"usage: %s [-q] [-r ROUNDS] [-c CPU,CPU] [-o TITLE]\n"
		"  -q  quick (also: QUICK=1)\n"
		"  -r  rounds per figure\n"
		"  -c  processors of the two sides\n"
		"  -o  only figures with this in their title\n",
		name);
	return 2;
}

static void
clean(const char *dir)
{
	struct dirent *e;
	DIR *d = opendir(dir);

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			unlinkat(dirfd(d), e->d_name, 0);
	if (d)
		closedir(d);
	rmdir(dir);
}

static volatile sig_atomic_t runner, told_to_end;

static void
on_signal(int sig)
{
	(void)sig;
	told_to_end = 1;
	if (runner > 0)
		kill(-runner, SIGKILL);
}

static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGALRM};
#define ENDS (sizeof(ends) / sizeof(*ends))

/* From here on, being told to end ends the runner, and we clean up. */
static void
take_signals(void)
{
	struct sigaction sa = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

	for (size_t i = 0; i < ENDS; i++)
		sigaction(ends[i], &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static void
run(struct bench *b)
{
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (size_t i = 0; i < ENDS; i++)
		signal(ends[i], SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	calibrate();
	exit(bench_run(b) == 0 ? 0 : 1);
}

static int
supervise(struct bench *b)
{
	siginfo_t info = {0};
	pid_t pid = fork();

	if (pid < 0)
		return 1;
	if (pid == 0)
		run(b);
	setpgid(pid, pid);
	runner = pid;
	if (told_to_end)
		kill(-pid, SIGKILL);
	alarm(PROGRAM_S);
	/* the group is killed while its number is still ours */
	while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) != 0 &&
	       errno == EINTR)
		;
	kill(-pid, SIGKILL);
	waitpid(pid, NULL, 0);
	if (info.si_code == CLD_EXITED)
		return info.si_status;
	fprintf(stderr, "bench: ended by signal %d\n", info.si_status);
	return 1;
}

int
main(int argc, char **argv)
{
	char dir[] = "/dev/shm/weir-bench-XXXXXX";
	const char *quick = getenv("QUICK");
	struct bench b = {0};
	int o, rc;

	b.quick = quick && *quick && strcmp(quick, "0") != 0;
	if (choose(&b) != 0) {
		fprintf(stderr, "bench: two processors are needed\n");
		return 1;
	}
	while ((o = getopt(argc, argv, "qr:c:o:")) != -1) {
		if (o == 'q')
			b.quick = true;
		else if (o == 'r')
			b.rounds = atoi(optarg);
		else if (o == 'o')
			b.only = optarg;
		else if (o != 'c' ||
			 sscanf(optarg, "%d,%d", &b.cpu[0], &b.cpu[1]) != 2)
			return usage(argv[0]);
	}
	if (b.rounds <= 0)
		b.rounds = b.quick ? 5 : 15;
	take_signals();
	if (!mkdtemp(dir)) {
		perror("bench: /dev/shm");
		return 1;
	}
	b.dir = dir;
	rc = supervise(&b);
	clean(dir);
	return rc;
}
