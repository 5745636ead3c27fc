/* SPDX-License-Identifier: BSD-2-Clause
 *
 * sweep.h - an operation, killed and frozen after its n-th instruction, for
 * every n.
 *
 * Operations are rows of a table:
 *
 *     static const struct op ops[] = {
 *             {.name = "publish, shared", .set_up = open_producer,
 *              .act = publish, .records = 1},
 *             ...
 *     };
 *     SWEEP_MAIN("fault_kill_publish", ops)
 *
 * For each n: a victim is forked, attaches to the world and gets ready; it
 * takes n single steps through `act`; it is killed; the survivor looks
 * (world.h), publishes, takes over what the victim had.  Then the same with
 * the victim frozen instead: the survivor goes on beside it, and afterwards
 * it finishes as if nothing had been.  A frozen consumer for whom producers
 * rightly wait holds them up to their own time-out, and then misses nothing.
 *
 * Under WEIR_TORTURE=1 every n is tried; in operations of over 8000
 * instructions, every one after which others could see something new (a
 * change of shared memory, a system call, the bell armed or not), and some in
 * between.  Else a sample of those.
 */
#ifndef WI_TESTS_FAULT_SWEEP_H
#define WI_TESTS_FAULT_SWEEP_H

#include "fault/stepper.h"
#include "fault/world.h"

/* The process that is stepped. */
struct victim {
	struct world *w;
	enum who who;	  /* VICTIM, or his twin GONE */
	uint32_t records; /* as in the operation's row */
	uint64_t seq;	  /* the newest record that c gave */
	weir_store *st;
	weir_channel *ch;
	weir_producer *p;
	weir_consumer *c;
	uint8_t rec[3][REC_MAX]; /* his next ones, made by set_up */
};

#define OP_BARE	     1u /* it does not attach before set_up */
#define OP_READER    2u /* it opens the consumer "reader" */
#define OP_NO_FREEZE 4u
#define OP_FRESH     8u	 /* a new world for each n */
#define OP_GATES     16u /* frozen, it rightly holds producers */
#define OP_RINGS     32u /* also with N = 4 and N = 2 */
#define OP_PAIR	     64u /* a twin does the same; they die together */
#define OP_THREAD                                                              \
	128u /* the thread that set_up makes is stepped, while                 \
		act runs beside it */

struct op {
	const char *name;
	struct world_opts world;
	uint32_t flags;
	uint32_t records; /* that it publishes, set_up included */
	uint32_t clears;
	uint32_t sample; /* points in a sample; default 32 */
	/* in the survivor, before; 0 or -1 */
	int (*before)(struct world *w);
	/* in the victim, not stepped; 0 or -1 */
	int (*set_up)(struct victim *v);
	/* in the survivor, when the victim stands before act; 0 or -1 */
	int (*ready)(struct world *w);
	/* in the victim; < 0 is a failure if it comes that far */
	int64_t (*act)(struct victim *v);
	/* in the survivor: the victim sleeps; wake it */
	void (*asleep)(struct world *w);
	/* in the survivor, while the victim stands still */
	void (*frozen)(struct world *w);
	/* in the survivor, after the usual looks */
	void (*after)(struct world *w, bool finished);
};

int sweep_main(const char *name, const struct op *ops, size_t cnt, int argc,
	       char **argv);

#define SWEEP_MAIN(name, ops)                                                  \
	int main(int argc, char **argv)                                        \
	{                                                                      \
		return sweep_main(name, ops, sizeof(ops) / sizeof(*ops), argc, \
				  argv);                                       \
	}

#endif
