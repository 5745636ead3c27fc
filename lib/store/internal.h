/* SPDX-License-Identifier: BSD-2-Clause
 *
 * internal.h - the handles, as the files of this layer share them.
 *
 * Lists of handles (a store's channels, a channel's producers and consumers)
 * are guarded by the store's mutex, because handles may be opened and closed
 * from any thread; everything else in a handle belongs to the one thread
 * that uses it.
 */
#ifndef WI_STORE_INTERNAL_H
#define WI_STORE_INTERNAL_H

#include <weir/consumer.h>
#include <weir/inspect.h>
#include <weir/producer.h>

#include "base/compiler.h"
#include "base/diag.h"
#include "base/probe.h"
#include "notify/notify.h"
#include "platform/clock.h"
#include "platform/life.h"
#include "platform/thread.h"
#include "ring/claim.h"
#include "ring/gate.h"
#include "ring/ring.h"
#include "ring/value.h"
#include "ring/writer.h"

struct weir_store {
	uint8_t *base;		   /* the mapping */
	struct wi_shm_header head; /* a private copy, checked at attach */
	struct wi_shm_control *control;
	struct wi_shm_participant *participants;
	uint64_t *holds; /* [participant_cnt][hold_cnt] */
	struct wi_table channels;
	struct wi_waker waker;

	int data_fd; /* for reserving; may have been closed under us */
	int lock_fd; /* for probing; holds no lock; -1: observer */
	struct wi_file_id data_id, lock_id;
	struct wi_life life;
	uint32_t *cookie; /* 0 in a child of fork */
	uint64_t who;	  /* our bits of an owner word; 0: observer */
	uint32_t idx;	  /* our place */
	bool read_only, is_copy, is_private;
	bool is_judged;	 /* the head is one that can be worked with */
	uint32_t wishes; /* WEIR_PREFAULT and so on */
	bool must_fence; /* membarrier cannot reach this process */
	bool inherited;	 /* our place's last holder was killed; gc tells it */
	char dir[WI_PATH_MAX]; /* of the data file; "": it has no name */

	struct wi_mutex *mutex;
	uint32_t *hold_refs; /* per channel of the table */
	struct weir_channel *first_channel;
};

struct weir_channel {
	struct weir_store *st;
	struct weir_channel *next;
	struct weir_producer *first_producer;
	struct weir_consumer *first_consumer;
	uint32_t idx;		  /* in the table of channels */
	uint64_t word;		  /* its owner word while it lives ... */
	const uint64_t *word_now; /* ... and the one in the table */
	uint64_t off;
	char name[WI_TAG_MAX + 1];
	struct wi_ring ring;
	struct wi_table lanes, cells;
	char *schema_text; /* NULL: none */
	struct weir_schema *schema;
	struct wi_pair *scratch; /* lane_cnt */
	char id[WI_TAG_MAX + 1]; /* for weir_current() */
};

/* What a probe says of a handle, as words that are in memory anyway, so that
 * a probe has nothing to compute. */
struct wi_names {
	const char *channel, *id;
};

struct weir_producer {
	struct weir_channel *ch;
	struct weir_producer *next;
	uint32_t busy; /* a call is under way */
	uint32_t idx;  /* lane */
	uint64_t word; /* its owner word while we hold it */
	struct wi_writer w;
	struct wi_pair *scratch;
	uint64_t *woken;	    /* cell_cnt */
	struct weir_schema *schema; /* own: it has the checker's scratch */
	uint32_t looks;		    /* wi_thread_looks at the last publish */
	int64_t spin;		    /* how long polling for space has paid */
	bool trusted;
	bool has_value;
	bool is_loaned;
	bool append_failed;
	uint32_t loan_cap, appended;
	int64_t timeout_ns;
	uint64_t record_cnt, byte_cnt, refused_cnt;
	uint8_t *text; /* for JSON: max_record bytes */
	struct wi_names names;
};

/* A value that is delivered before the stream. */
struct wi_pend {
	uint64_t seq, position;
	uint32_t lane_idx;
	bool in_slot;
};

/* An id as this consumer has read it. */
struct wi_id {
	uint64_t hash; /* 0: unused */
	uint64_t turn; /* the read that handed it out last */
	char text[WI_TAG_MAX + 1];
};

struct weir_consumer {
	struct weir_channel *ch;
	struct weir_consumer *next_in_list;
	bool observer, gating;
	uint32_t idx;  /* cell; observers have none */
	uint64_t word; /* its owner word while we hold it */
	struct wi_shm_cell *cell;
	char id[WEIR_ID_MAX + 1];
	struct wi_names names;

	uint64_t next;	    /* seq to read next */
	uint64_t start;	    /* where the stream began */
	uint64_t skip_to;   /* pass over what comes before; 0: nothing */
	uint64_t published; /* what the cell's cursor says */
	uint64_t in_view;   /* first seq that is in view; 0: none */
	uint64_t newest;    /* a committed record */
	uint64_t lost;	    /* since the last record delivered */
	uint64_t delivered_cnt, lost_cnt, invalid_cnt;
	uint64_t current;   /* seq of the value that is current, as delivered */
	bool track_current; /* started at `current` */
	bool tell_none;	    /* dispatch: say so if there is no value */

	struct wi_pend *pend;	 /* lane_cnt */
	struct wi_pair *scratch; /* lane_cnt */
	uint32_t pend_from, pend_to;

	uint8_t *buf;
	size_t buf_len, used;
	struct wi_id *ids;  /* 2 per lane */
	uint64_t turn;	    /* counts reads */
	uint32_t last_len;  /* of the last record */
	uint32_t run, pace; /* read.c: records since it found nothing last */
	uint32_t singles, doubt; /* read.c: single records; when to try more */

	struct weir_schema *schema; /* for WEIR_CHECK; own */
	bool check;
	weir_diag diag;
	uint64_t diag_seq;

	int64_t spin_ns; /* < 0: none; 0: adaptive */
	int64_t spin;	 /* what adaptation has come to */
	uint32_t interrupted;
	uint64_t reader;	/* the thread that read last; others look */
	struct wi_watch *watch; /* weir_fd(); NULL: none */
};

/* ---- store.c, segment.c, participant.c -------------------------------- */

/* wi_mine - 0, or WEIR_EFORKED: this is a child of the process that opened. */
static inline int
wi_mine(const struct weir_store *st)
{
	return wi_likely(wi_load_relaxed_32(st->cookie)) ? 0 : WEIR_EFORKED;
}

static inline bool
wi_is_retired(const struct weir_store *st)
{
	return wi_load_relaxed_32(&st->control->retired) != 0;
}

/* wi_alive - does the participant in this owner word live?  Where it cannot
 * be known, yes. */
bool wi_alive(const struct weir_store *st, uint64_t word);

/* wi_life_of - the same for people, and from read-only handles. */
enum weir_life wi_life_of(const struct weir_store *st, uint64_t word);

/* wi_pid_of - the pid hint of the participant in an owner word; 0: none. */
uint32_t wi_pid_of(const struct weir_store *st, uint64_t word);

/* wi_participant_take - take a place.  Return: 0, WEIR_EFULL, -errno. */
int wi_participant_take(struct weir_store *st, weir_diag *diag);

/* wi_participant_reap - give back what the dead holder of a place had open.
 * Return: 1 it had something; 0; -errno. */
int wi_participant_reap(struct weir_store *st, uint32_t idx);

/* A lock file whose store is being given its name, or relieved of it, is held
 * at this byte. */
#define WI_BYTE_MAKING (1ull << 62)

/* wi_segment_make - make a store that has no name yet; data_fd, lock_fd and
 * head are set. */
int wi_segment_make(struct weir_store *st, const char *name,
		    const weir_store_opts *o, weir_diag *diag);

/* wi_segment_name - give it its name.  -EEXIST: somebody was faster. */
int wi_segment_name(struct weir_store *st, const char *name, const char *dir,
		    weir_diag *diag);

/* wi_segment_open - open one; data_fd, lock_fd and head are set. */
int wi_segment_open(struct weir_store *st, const char *name,
		    const weir_store_opts *o, weir_diag *diag);

/* wi_segment_unlink - remove the names of a store, the data file's first. */
int wi_segment_unlink(const struct weir_store *st, const char *name,
		      const char *dir);

/* wi_segment_may_unlink - 0, or what wi_segment_unlink() would answer. */
int wi_segment_may_unlink(const char *name, const char *dir);

/* wi_segment_sweep - unlink lock files of this name that nobody needs.
 * Return: how many. */
uint32_t wi_segment_sweep(const char *dir, const char *name, uint64_t store_id,
			  bool dry_run);

/* wi_segment_lock_check - is the lock file in its place?
 * Return: 0, or what is wrong. */
int wi_segment_lock_check(const struct weir_store *st, weir_diag *diag);

/* wi_segment_named - is the name still this file's?
 * Return: 0 it is; -ENOENT it is not; -errno it cannot be told. */
int wi_segment_named(const struct weir_store *st, const char *name,
		     const char *dir);

/* wi_id_check - names of channels, ids of producers and consumers. */
int wi_id_check(const char *what, const char *id, size_t max, weir_diag *diag);

/* wi_opts_copy - a caller's options of any version into ours, which is
 * zeroed and of which the first @known bytes mean something.
 * Return: 0, or -EINVAL: its size is not set, or it asks for what this
 * library does not know. */
int wi_opts_copy(void *dst, size_t known, const void *src, const char *what,
		 weir_diag *diag);
#define WI_OPTS_KNOWN(type) offsetof(type, reserved)

/* ---- blocks.c ---------------------------------------------------------------
 */

/* wi_entry - entry @i of the channel table. */
struct wi_shm_entry *wi_entry(const struct weir_store *st, uint32_t i);

/* wi_block_alloc - an entry in WI_BUILDING with @len bytes reserved, and the
 * name that it will claim.  Return: 0, *@idx, *@word and *@off, where the
 * bytes are; WEIR_EFULL, -ENOSPC, ... */
int wi_block_alloc(struct weir_store *st, uint64_t len, const char *name,
		   uint32_t *idx, uint64_t *word, uint64_t *off,
		   weir_diag *diag);

/* wi_block_free - give back an entry that we hold with @word in WI_BUILDING. */
void wi_block_free(struct weir_store *st, uint32_t idx, uint64_t word);

/* wi_blocks_reap - give back what dead processes left half made, and what
 * was removed and nobody holds any more; *@n: how much that was. */
struct wi_reaped {
	uint32_t cnt, held; /* held: removed, and somebody alive has it open */
	uint64_t bytes, held_bytes;
};
void wi_blocks_reap(struct weir_store *st, bool dry_run, struct wi_reaped *n);

/* wi_blocks_stray - give back memory that lies between the blocks; *@bytes:
 * how much.  Return: 0, -EBADF, -ENOMEM. */
int wi_blocks_stray(struct weir_store *st, bool dry_run, uint64_t *bytes);

/* wi_blocks_used - bytes of the heap that are taken; *@cnt live channels. */
uint64_t wi_blocks_used(const struct weir_store *st, uint32_t *cnt);

/* wi_hold - hold channel @idx open; false: its word is no longer @word. */
bool wi_hold(struct weir_store *st, uint32_t idx, uint64_t word);
void wi_unhold(struct weir_store *st, uint32_t idx);

/* wi_holds_of - how many channels participant @who has open; *@removed: how
 * many of those are. */
uint32_t wi_holds_of(const struct weir_store *st, uint32_t who,
		     uint32_t *removed);

/* wi_unhold_all - a place that nobody has, or that is new, has none open.
 * Return: it had. */
bool wi_unhold_all(struct weir_store *st, uint32_t who);

/* ---- memory.c ---------------------------------------------------------------
 */

/* wi_memory_lock - keep these bytes of the segment in memory, if that was
 * asked for.  Return: 0, -ENOMEM, -EPERM, ...
 * wi_memory_unlock - no longer. */
int wi_memory_lock(struct weir_store *st, uint64_t off, uint64_t len,
		   weir_diag *diag);
void wi_memory_unlock(struct weir_store *st, uint64_t off, uint64_t len);

/* wi_memory_ready - as huge pages, and faulted in, if that was asked for.
 * Return: 0, -EFAULT, -ENOMEM, ... */
int wi_memory_ready(struct weir_store *st, uint64_t off, uint64_t len,
		    weir_diag *diag);

/* ---- config.c ---------------------------------------------------------------
 */

/* wi_config_geom - the geometry that @o asks for, defaults filled in. */
int wi_config_geom(const weir_channel_opts *o, struct wi_geom *g,
		   weir_diag *diag);

/* wi_config_compile - compile a schema as a channel with this geometry asks. */
int wi_config_compile(const struct wi_geom *g, const char *text, size_t len,
		      weir_schema **out, weir_diag *diag);

/* wi_config_differs - 0, or WEIR_ECONFIG naming the field. */
int wi_config_differs(const weir_channel_opts *o, const struct wi_geom *g,
		      const char *schema, weir_diag *diag);

/* ---- channel.c --------------------------------------------------------------
 */

/* wi_channel_ok - 0, or why nothing may be done with it any more. */
static inline int
wi_channel_ok(const struct weir_channel *ch)
{
	const struct weir_store *st = ch->st;

	if (wi_unlikely(!wi_load_relaxed_32(st->cookie)))
		return WEIR_EFORKED;
	if (wi_unlikely(wi_is_retired(st)))
		return WEIR_ERETIRED;
	if (wi_unlikely(wi_load_relaxed(
			    &wi_tag(&st->channels, ch->idx)->word) != ch->word))
		return WEIR_EREMOVED;
	return 0;
}

/* wi_channel_peek - a handle on entry @idx, for one look: neither held nor in
 * the store's list, and its schema not compiled.  End it with free(scratch).
 * Return: 0, WEIR_ECORRUPT, -ENOMEM. */
int wi_channel_peek(struct weir_store *st, uint32_t idx, uint64_t word,
		    const char *name, struct weir_channel *ch);

/* wi_id_text - the id behind a record's hash into buf[WI_TAG_MAX + 1], or
 * "~hash". */
void wi_id_text(const struct weir_channel *ch, const struct wi_rec *rec,
		char *buf);

/* wi_hash_fits - did the producer with this hash publish the record?  An
 * inline one has only half of it. */
static inline bool
wi_hash_fits(uint64_t hash, const struct wi_rec *rec)
{
	return rec->is_inline ? (uint32_t)hash == (uint32_t)rec->id_hash
			      : hash == rec->id_hash;
}

/* wi_rec_tell - fill the caller's record, but for data and producer. */
static inline void
wi_rec_tell(const struct wi_rec *rec, weir_record *out)
{
	out->seq = rec->seq;
	out->lost = 0;
	out->time_ns = rec->time_ns;
	out->kind = rec->kind;
	out->flags = 0;
	out->len = rec->len;
	out->current_seq = 0;
	out->origin_channel = rec->origin_channel;
	out->origin_seq = rec->origin_seq;
}

/* ---- producer.c, publish.c --------------------------------------------------
 */

/* wi_lane_clear - publish a clear in the name of a lane that nobody alive
 * holds, if it has a value.  Return: 1 done; 0 no value, or held by
 * somebody alive; -EAGAIN no space; WEIR_ECORRUPT, -ENOMEM. */
int wi_lane_clear(struct weir_channel *ch, uint32_t idx);

/* wi_lanes_reap - close the lanes of killed producers; *@cnt: how many.  Those
 * with a value stay as they are, and are *@kept. */
void wi_lanes_reap(struct weir_channel *ch, bool dry_run, uint32_t *cnt,
		   uint32_t *kept);

/* How long a call may wait for space. */
struct wi_until {
	int64_t timeout_ns; /* 0: not at all, < 0: for ever */
	int64_t deadline;   /* 0: not yet asked for */
	int64_t *spin;	    /* how long polling has paid; see wi_spin_most() */
};

/* wi_begin - wi_write_begin(), waiting for space.  The bell is armed.
 * Return: 0, -EAGAIN, -EINTR, -EDEADLK, WEIR_E*. */
int wi_begin(struct weir_channel *ch, struct wi_writer *w, uint32_t parts,
	     uint32_t cap, struct wi_until *until, uint64_t *woken);

/* wi_commit - wi_write_commit(), waiting for space.  The bell is armed; the
 * caller tells sleepers afterwards. */
int wi_commit(struct weir_channel *ch, struct wi_writer *w, enum weir_kind kind,
	      uint64_t time_ns, uint32_t len, struct wi_until *until,
	      uint64_t *woken);

/* wi_tell - wake who sleeps for what has been committed. */
void wi_tell(const struct weir_channel *ch, const struct wi_writer *w,
	     uint64_t *woken);

/* wi_stamp - the parts of a record of this channel, and the time. */
uint32_t wi_stamp(const struct weir_channel *ch, uint64_t *time_ns);

/* ---- space.c ----------------------------------------------------------------
 */

/* wi_space - wait until record @u may be overwritten.
 * Return: 0, -EAGAIN, -EINTR, -EDEADLK, WEIR_E*. */
int wi_space(struct weir_channel *ch, uint64_t u, uint64_t newest,
	     struct wi_until *until);

/* wi_cell_reap - take the place of a dead consumer away. */
void wi_cell_reap(struct weir_channel *ch, uint32_t idx, uint64_t word);

/* ---- consumer.c, read.c, wait.c, watch.c
 * -------------------------------------- */

/* Who waits polls before it sleeps, for twice as long as the last time if that
 * paid, else for half: wi_spin_most() says how long, in ns, and
 * wi_spin_paid() takes down whether it did.  *@spin begins as 0. */
int64_t wi_spin_most(int64_t *spin);
void wi_spin_paid(int64_t *spin, bool paid);

/* wi_consumer_start - begin at @from. */
int wi_consumer_start(struct weir_consumer *c, uint32_t from, uint64_t seq);

/* wi_cursor_publish - let producers see how far we are, and wake them. */
void wi_cursor_publish(struct weir_consumer *c);

/* wi_has_news - would a read do anything but say "nothing"? */
bool wi_has_news(const struct weir_consumer *c);

/* wi_is_missing - was the record that it reads next committed, and is not in
 * its slot?  It will not come: the ring is damaged. */
bool wi_is_missing(const struct weir_consumer *c);

/* wi_consumer_ended - 0, or why nothing more will come. */
int wi_consumer_ended(const struct weir_consumer *c);

/* wi_await - wait until one of them has news; @until: 0 before the first of
 * several waits that have @timeout_ns together.
 * Return: 0, -EAGAIN (time is up), -EINTR, -EINVAL. */
int wi_await(struct weir_consumer *const *cs, int cnt, int64_t timeout_ns,
	     int64_t *until);

/* The word that weir_interrupt() counts up, for this process's sleepers. */
extern uint32_t wi_interrupts;

/* wi_watch_rearm - a read found nothing: the descriptor is to tell of the
 * next record. */
void wi_watch_rearm(struct weir_consumer *c);
/* wi_watch_look - its mark may have been used for another wait: mark it again,
 * and let the watcher look. */
void wi_watch_look(struct weir_consumer *c);
void wi_watch_end(struct weir_consumer *c);

#endif
