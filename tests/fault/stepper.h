/* SPDX-License-Identifier: BSD-2-Clause
 *
 * stepper.h - a process that is run one instruction at a time.
 *
 *     struct stepper s;
 *
 *     step_start(&s, prepare, act, arg);      it stands before act(arg)
 *     if (step_run(&s, 100) == STEP_STOPPED)  100 instructions later
 *             look at what others see;
 *     step_kill(&s);                          SIGKILL, reaped
 *
 * The victim is a fork of the caller.  It runs @prepare at full speed, stops
 * itself, and is then stepped through @act, library code and C library alike,
 * and through system calls as one step each.  It is killed when the caller
 * dies.
 *
 * Or it is a thread of such a process that is stepped, from its first
 * instruction to its last, while the process runs on beside it.
 */
#ifndef WI_TESTS_FAULT_STEPPER_H
#define WI_TESTS_FAULT_STEPPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum step_end {
	STEP_STOPPED,  /* after as many instructions as were asked for */
	STEP_ASLEEP,   /* inside a system call that does not return; it may be
			  woken and then stepped on */
	STEP_FINISHED, /* @act had returned before */
	STEP_BROKEN,   /* it crashed, or went away, or @prepare failed */
};

struct stepper {
	pid_t pid;	   /* the process */
	pid_t tid;	   /* what is stepped; 0: it is no more */
	uint64_t done;	   /* instructions so far */
	bool running;	   /* it was set going and has not stopped */
	uint32_t hits;	   /* of step_goto(), still to come */
	uintptr_t pending; /* address of its list_op_pending; 0: not known */
	uint64_t armed;	   /* what that was, for step_is_effect() */
	int status;	   /* as waitpid() said last; for STEP_BROKEN */
};

/* Why it cannot be used here; NULL: it can. */
const char *step_unusable(void);

/* @prepare (may be NULL) and @act run in the victim; @prepare returns 0 if
 * all is well.  Return: 0, or -1: it did not come to @act. */
int step_start(struct stepper *s, int (*prepare)(void *), void (*act)(void *),
	       void *arg);

/* The same, but what is stepped is the thread that @prepare makes; @act runs
 * beside it at full speed.  It has finished when both have. */
int step_start_thread(struct stepper *s, int (*prepare)(void *),
		      void (*act)(void *), void *arg);

/* @n more instructions. */
enum step_end step_run(struct stepper *s, uint64_t n);

/* The same for one, and: was it one that matters to others?  That is, a
 * system call, or a change of the robust list's list_op_pending.  (What it
 * wrote to shared memory, the caller can see for himself.) */
enum step_end step_one(struct stepper *s, bool *effect);

/* The address of the next instruction. */
uint64_t step_pc(const struct stepper *s);

/* At full speed until it stands before @pc for the @hits-th time.  After
 * STEP_ASLEEP the same call goes on. */
enum step_end step_goto(struct stepper *s, uint64_t pc, uint32_t hits);

/* A system call, before it is made and behind it. */
struct step_call {
	bool is_behind;
	int64_t nr;
	uint64_t arg[6];
	int64_t result; /* behind it: >= 0, or -errno */
	uint64_t pc;
};

/* At full speed to the next of these.  After STEP_ASLEEP the same call goes
 * on. */
enum step_end step_to_call(struct stepper *s, struct step_call *c);

/* Where it stands before one: it is not made.  Where it stands behind one,
 * also one that was not made: it sees this result.  Return: 0 or -1. */
int step_skip_call(struct stepper *s);
int step_set_result(struct stepper *s, int64_t result);

/* To the end of @act at full speed. */
enum step_end step_finish(struct stepper *s);

/* SIGKILL and wait, whatever state it is in. */
void step_kill(struct stepper *s);

#endif
