/* SPDX-License-Identifier: BSD-2-Clause
 *
 * procs.h - other processes, for tests that need some.
 *
 *     static int
 *     consumer(struct proc *me, void *arg)
 *     {
 *             ...
 *             proc_tell(me, 'r');         ready
 *             proc_hear(me);              wait for "go"
 *             return ok ? 0 : 1;          the exit status
 *     }
 *
 *     struct proc p;
 *
 *     CU_ASSERT_FATAL(proc_start(&p, consumer, arg) == 0);
 *     CU_ASSERT_EQUAL(proc_hear(&p), 'r');
 *     proc_tell(&p, 'g');
 *     CU_ASSERT_EQUAL(proc_wait(&p), 0);
 *
 * Whatever happens to the test, no child outlives it: children die with
 * their parent, and nothing here waits longer than PROC_PATIENCE_S.  In a
 * child CU_ASSERT reaches nobody: let it return a number, or use
 * proc_check().
 */
#ifndef WI_TESTS_SUPPORT_PROCS_H
#define WI_TESTS_SUPPORT_PROCS_H

#include <stdint.h>
#include <sys/types.h>

/* Generous, since it is only reached when something is wrong; below the
 * time after which run.sh stops the whole program. */
#define PROC_PATIENCE_S 40

struct proc {
	pid_t pid; /* in the child: of the parent */
	int in;	   /* bytes from the other side */
	int out;   /* bytes to the other side */
};

/* Return values of proc_wait() and proc_hear() beside their own. */
#define PROC_ETIME (-1000) /* not in PROC_PATIENCE_S; the child was killed */
#define PROC_EGONE (-1001) /* the other side has closed, or died */

/* Call it from the main thread: the child dies with the thread that made it.
 * The child runs @fn and exits with what it returns (0 .. 125).  Return: 0,
 * or -errno. */
int proc_start(struct proc *p, int (*fn)(struct proc *me, void *arg),
	       void *arg);

/* Wait for the end.  Return: the exit status, or minus the signal that ended
 * it, or PROC_ETIME.  After that @p is as good as new. */
int proc_wait(struct proc *p);

/* SIGKILL and wait.  Return: as proc_wait(), so -SIGKILL if it still ran. */
int proc_kill(struct proc *p);

/* SIGSTOP, and wait until all its threads have stopped; SIGCONT.
 * Return: 0, or a negative number if the child is not there any more. */
int proc_freeze(struct proc *p);
int proc_thaw(struct proc *p);

/* Has it ended?  Does not wait and does not reap. */
int proc_ended(const struct proc *p);

/* Is it asleep in the kernel (state S), all threads of it? */
int proc_asleep(const struct proc *p);
/* Wait until it is.  Return: 0, PROC_ETIME or PROC_EGONE. */
int proc_await_asleep(const struct proc *p);

/* One byte to the other side, and one from there.  Both sides may use both.
 * proc_hear() returns the byte, PROC_EGONE or PROC_ETIME. */
int proc_tell(struct proc *p, char what);
int proc_hear(struct proc *p);

/* A number to the other side, and one from there; 0 or PROC_E*. */
int proc_send(struct proc *p, uint64_t value);
int proc_recv(struct proc *p, uint64_t *value);

/* In a child: if @ok is 0, print where, and exit with 99. */
#define proc_check(ok) proc_check_at((ok) != 0, #ok, __FILE__, __LINE__)
void proc_check_at(int ok, const char *what, const char *file, int line);

/* The clock for "in the next so many seconds", and a nap. */
int64_t proc_now_ns(void);
void proc_nap_ms(unsigned ms);

#endif
