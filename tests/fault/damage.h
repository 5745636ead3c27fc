/* SPDX-License-Identifier: BSD-2-Clause
 *
 * damage.h - a store that has everything in it, its fields one by one, and a
 * loop that damages each in turn and lets something be done with the store.
 *
 * The store has channels of every kind (exclusive and shared, block and
 * overwrite, records in the slot and in lanes, with and without a schema),
 * values, withdrawn values, producers and consumers that are gone or have
 * died, a gating consumer that has died, a channel that was removed and one
 * that was removed while somebody who has died held it.  It ends where its
 * last channel ends, and with guard.c nothing is mapped behind.
 *
 * What is done runs in a child process, which is given a limited time on the
 * processor for each piece of damage; how it ended is all that counts here.
 */
#ifndef WI_TESTS_FAULT_DAMAGE_H
#define WI_TESTS_FAULT_DAMAGE_H

#include "support/rng.h"
#include <stdbool.h>
#include <weir.h>

/* A place that can be damaged. */
struct damage_field {
	char name[72]; /* "wide.lane[1].tag.word" */
	size_t off, len;
	const char *channel; /* whose block it is in; NULL: none's */
};

enum damage_how {
	DAMAGE_ZERO,
	DAMAGE_ONES,
	DAMAGE_PLUS,  /* one more */
	DAMAGE_MINUS, /* one less */
	DAMAGE_RANDOM,
	DAMAGE_HOWS
};

struct damage {
	const char *name;	   /* of the store */
	char path[128], lock[160]; /* its files */
	char keep[2][160];	   /* and further links to them */
	uint8_t *image;		   /* the whole file as it was */
	uint8_t *map;		   /* the file as it is */
	size_t len;
	int fd;
	struct damage_field *fields;
	size_t field_cnt;
	struct rng rng;
};

/* The channels.  Of "whole" no field is in the list: it must go on working
 * whatever happens to the others. */
extern const char *const damage_channels[];
#define DAMAGE_CHANNELS 5
#define DAMAGE_WHOLE	"whole"

/* The parts of damage_make(): the store, and the list of what is in it. */
void damage_fill(const char *name);
void damage_list(struct damage *d);

/* End the program if @rc says that something went wrong. */
void damage_need(int64_t rc, const char *what);

/* Make the store.  It is gone when the program ends. */
void damage_make(struct damage *d, uint64_t seed);
void damage_free(struct damage *d);

/* The file as it was, also if it has another length by now. */
void damage_restore(struct damage *d);

/* Make the header's sum right again, as an enemy would. */
void damage_sign(struct damage *d);

/* Something done with a store that has been restored, in a child process:
 * damage number @variant, and then work. */
typedef void damage_use(struct damage *d, size_t variant);
typedef void damage_name(const struct damage *d, size_t variant, char *buf,
			 size_t cap);

/* Of a use that damages nothing: "nothing". */
damage_name damage_no_name;

/* Each variant of 0 .. @cnt - 1, or every @stride-th of them.
 * Return: how many ended badly; *@tried. */
int damage_sweep(struct damage *d, damage_use *use, damage_name *name,
		 size_t cnt, unsigned stride, unsigned long *tried);

/* Variants that are a field and a way to damage it; their number, their
 * names, and damage number @variant done, with the field returned. */
size_t damage_field_variants(const struct damage *d);
damage_name damage_field_name;
const struct damage_field *damage_field_of(const struct damage *d,
					   size_t variant);
void damage_field_apply(struct damage *d, size_t variant);

/* In a use: what is being done now, for the report if it ends here. */
void damage_step(const char *step);

/* In a use: this must hold; else it is said, and counts as a bad end. */
#define damage_must(ok) damage_must_at((ok) != 0, #ok, __FILE__, __LINE__)
void damage_must_at(int ok, const char *what, const char *file, int line);

/* In a use: an answer of the library; it must be one that means something,
 * and not "out of memory", of which there is enough.  Returns it. */
#define damage_answer(rc) damage_answer_at((rc), #rc, __FILE__, __LINE__)
int64_t damage_answer_at(int64_t rc, const char *what, const char *file,
			 int line);

#endif
