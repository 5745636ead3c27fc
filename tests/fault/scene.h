/* SPDX-License-Identifier: BSD-2-Clause
 *
 * scene.h - where deeds are done that fail half-way: a store with a few
 * channels, an actor who does them, and a survivor who looks afterwards.
 *
 * The survivor is this process.  The actor is a fork of it, with a handle of
 * his own on the store.  What he found out, he writes on the board.
 */
#ifndef WI_TESTS_FAULT_SCENE_H
#define WI_TESTS_FAULT_SCENE_H

#include <stdbool.h>
#include <weir.h>

#include "support/procs.h"

/* The channels of the scene; each has a capacity of 16, and "many" of them
 * exist for those who wait on many. */
enum scene_channel {
	SHARED, /* with a schema */
	EXCLUSIVE,
	BLOCKING, /* the survivor gates, and reads when it is his turn */
	EVICTING, /* two lanes, both with values of those who are gone */
	SCENE_CHANNELS,
};
extern const char *const scene_name[SCENE_CHANNELS];

/* What the processes tell each other without weir. */
struct board {
	uint32_t is_on;	  /* the actor is at it: calls may fail now */
	uint32_t is_over; /* he has come to the end of everything */
	int64_t rc;	  /* what the deed returned */
	int64_t again;	  /* the same, undisturbed, if it had failed */
	int code;	  /* of the diag that goes with it */
	uint32_t said[SCENE_CHANNELS]; /* records that he published */
	char message[256];	       /* of the diag */
	char problem[256];	       /* what is wrong; "" nothing */
	uint64_t fail_at;     /* the deed's allocation that fails; 0: none */
	bool fail_all;	      /* and all after it */
	uint64_t allocations; /* that the deed made */
	/* what he had more at the end than before */
	bool left_fds;
	int64_t left_bytes;   /* mapped */
	int64_t left_heap;    /* allocations */
	uint64_t sleeper_seq; /* newest that the sleeper has */
};

struct scene {
	char dir[64]; /* where its store "main" is */
	weir_store *st;
	weir_channel *ch[SCENE_CHANNELS];
	weir_consumer *watch[SCENE_CHANNELS]; /* those but for EVICTING */
	weir_store_info at_first;
	uint32_t files;	     /* in dir */
	uint32_t drained;    /* records of the actor, by scene_drain() */
	struct proc sleeper; /* waits on SHARED and EXCLUSIVE, if asked for */
	struct board *board;
	/* for messages */
	const char *deed;
	char point[96];
	unsigned failures;
};

/* Who does it, and all that he has. */
struct actor {
	struct scene *sc;
	weir_store *st, *other; /* "main", and a store of his own */
	weir_channel *ch;
	weir_producer *p;
	weir_consumer *c, *many[80];
	weir_schema *schema;
	int fd; /* of a file for a copy */
	weir_diag diag;
};

/* Return: 0; -1 after a message. */
int scene_make(struct scene *sc);
void scene_drop(struct scene *sc);

/* Somebody sleeps on SHARED and EXCLUSIVE from now on.  Return: 0 or -1. */
int scene_sleeper(struct scene *sc);

/* Something is wrong. */
void scene_fail(struct scene *sc, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The options of a store in the scene's directory. */
weir_store_opts scene_opts(const struct scene *sc, uint32_t flags);

/* Let the survivor read what is in BLOCKING, so that producers have space. */
void scene_drain(struct scene *sc);

/* The survivor publishes on a channel.  Return: the seq, or an error. */
int64_t scene_say(struct scene *sc, enum scene_channel i);

/* After the actor is gone: is the store whole?  Are its figures as before,
 * has all that he published come, can everything be used? */
void scene_look(struct scene *sc);

/* In the actor: what is wrong; the first counts. */
void actor_problem(struct actor *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* He publishes a record on channel @i, through his producer. */
int64_t actor_say(struct actor *a, enum scene_channel i);

#endif
