/* SPDX-License-Identifier: BSD-2-Clause
 *
 * publish.c - records on their way in.
 *
 * Every way of publishing is: check the bytes in private memory, find room,
 * copy, commit, tell those who sleep.  The bell is armed from the first
 * commit until they are told.
 */
#include "store/internal.h"

#include <errno.h>
#include <inttypes.h>

wi_inline uint32_t
stamp(const struct weir_channel *ch, uint64_t *time_ns)
{
	*time_ns = 0;
	if (!(ch->ring.g.flags & WI_CH_STAMPS))
		return 0;
	*time_ns = wi_clock_real();
	return WI_PART_TIME;
}

uint32_t
wi_stamp(const struct weir_channel *ch, uint64_t *time_ns)
{
	return stamp(ch, time_ns);
}

wi_inline void
tell(const struct weir_channel *ch, const struct wi_writer *w, uint64_t *woken)
{
	const struct weir_store *st = ch->st;

	/* W1: in shared channels the commit was a full fence.  Here the
	 * sleeper fences for us, unless it said that it cannot. */
	if (wi_is_exclusive(&ch->ring) &&
	    (st->must_fence || wi_load_relaxed_32(&st->control->need_fence)))
		wi_fence_sc();
	else
		wi_barrier();
	if (wi_unlikely(wi_sleepers(&ch->ring)))
		wi_wake(&ch->ring, &st->waker, w->newest, woken);
}

void
wi_tell(const struct weir_channel *ch, const struct wi_writer *w,
	uint64_t *woken)
{
	tell(ch, w, woken);
}

/* What is committed already must not wait with us. */
static int
wait_space(struct weir_channel *ch, struct wi_writer *w, struct wi_until *until,
	   uint64_t *woken)
{
	tell(ch, w, woken);
	return wi_space(ch, w->blocked_on, w->newest, until);
}

int
wi_begin(struct weir_channel *ch, struct wi_writer *w, uint32_t parts,
	 uint32_t cap, struct wi_until *until, uint64_t *woken)
{
	int rc;

	while ((rc = wi_write_begin(w, parts, cap)) == WI_BLOCKED) {
		rc = wait_space(ch, w, until, woken);
		if (rc != 0)
			return rc;
	}
	return rc;
}

int
wi_commit(struct weir_channel *ch, struct wi_writer *w, enum weir_kind kind,
	  uint64_t time_ns, uint32_t len, struct wi_until *until,
	  uint64_t *woken)
{
	int rc;

	while ((rc = wi_write_commit(w, kind, time_ns, len)) == WI_BLOCKED) {
		rc = wait_space(ch, w, until, woken);
		if (rc != 0)
			return rc;
	}
	if (rc == 0)
		WI_PROBE4(publish, ch->name, w->lane->tag.text, w->newest, len);
	return rc;
}

/* ---- one call on one producer at a time
 * --------------------------------------- */

/* A signal handler may have interrupted a call on this very handle. */
wi_inline int
enter(struct weir_producer *p)
{
	int rc;

	if (wi_unlikely(wi_load_relaxed_32(&p->busy)))
		return -EBUSY;
	wi_store_relaxed_32(&p->busy, 1);
	wi_barrier();
	rc = wi_channel_ok(p->ch);
	if (wi_unlikely(rc != 0)) {
		wi_barrier();
		wi_store_relaxed_32(&p->busy, 0);
	}
	return rc;
}

wi_inline void
leave(struct weir_producer *p)
{
	wi_barrier();
	wi_store_relaxed_32(&p->busy, 0);
}

/* The same for what may not be done while a loan is open. */
wi_inline int
enter_unloaned(struct weir_producer *p)
{
	int rc = enter(p);

	if (wi_unlikely(rc == 0 && p->is_loaned)) {
		leave(p);
		rc = -EBUSY;
	}
	return rc;
}

/* Say why, for errors that have no details of their own. */
static int64_t
explain(const struct weir_producer *p, int64_t rc, weir_diag *diag)
{
	int err = (int)rc;

	switch (err) {
	case -EAGAIN:
		wi_fail(diag, err,
			"channel %s is full: a live consumer that producers "
			"wait for is behind; `weir info` shows which, `weir "
			"doctor` whether it is stopped",
			p->ch->name);
		break;
	case -EDEADLK:
		wi_fail(diag, err,
			"channel %s is full, and its slowest consumer is read "
			"by this very thread",
			p->ch->name);
		break;
	default:
		wi_fail(diag, err, "%s", weir_strerror(err));
	}
	return rc;
}

static int64_t
refuse(struct weir_producer *p, int rc)
{
	p->refused_cnt++;
	wi_store_relaxed(&p->w.lane->refused_cnt, p->refused_cnt);
	WI_PROBE3(refuse, p->names.channel, p->names.id, rc);
	return rc;
}

static int
too_large(const struct weir_producer *p, size_t len, weir_diag *diag)
{
	return wi_fail(diag, -EMSGSIZE,
		       "the record has %zu bytes, channel %s takes up to %u",
		       len, p->ch->name, p->ch->ring.g.max_record);
}

/* May this record be published? */
wi_inline int
check(const struct weir_producer *p, const void *msg, size_t len,
      weir_diag *diag)
{
	if (wi_unlikely(len > p->ch->ring.g.max_record))
		return too_large(p, len, diag);
	if (p->trusted)
		return 0;
	return weir_schema_check(p->schema, msg, len, diag);
}

wi_inline void
count(struct weir_producer *p, size_t bytes)
{
	p->record_cnt++;
	p->byte_cnt += bytes;
	wi_store_relaxed(&p->w.lane->record_cnt, p->record_cnt);
	wi_store_relaxed(&p->w.lane->byte_cnt, p->byte_cnt);
}

wi_inline struct wi_until
until_of(struct weir_producer *p)
{
	return (struct wi_until){.timeout_ns = p->timeout_ns, .spin = &p->spin};
}

/* Room, copy, commit; the bell is armed. */
wi_inline int
append(struct weir_producer *p, enum weir_kind kind, uint32_t parts,
       uint64_t time_ns, const void *msg, uint32_t len, struct wi_until *until)
{
	int rc;

	while (wi_unlikely((rc = wi_write_record(&p->w, kind, parts, time_ns,
						 msg, len)) != 0)) {
		if (rc == WI_BLOCKED)
			rc = wait_space(p->ch, &p->w, until, p->woken);
		if (rc != 0)
			return rc;
	}
	WI_PROBE4(publish, p->names.channel, p->names.id, p->w.newest, len);
	p->has_value = kind == WEIR_DATA;
	if (kind == WEIR_DATA)
		count(p, len);
	return 0;
}

/* One record, already checked, with @parts beside its time. */
wi_inline int64_t
publish(struct weir_producer *p, const void *msg, uint32_t len,
	enum weir_kind kind, uint32_t parts, weir_diag *diag)
{
	struct wi_until until = until_of(p);
	uintptr_t old = wi_bell_arm(&p->ch->st->control->bell);
	uint64_t time_ns;
	uint32_t all = parts | stamp(p->ch, &time_ns);
	int rc = append(p, kind, all, time_ns, msg, len, &until);

	if (wi_likely(rc == 0))
		tell(p->ch, &p->w, p->woken);
	wi_bell_disarm(old);
	return wi_likely(rc == 0) ? (int64_t)p->w.newest : explain(p, rc, diag);
}

/* What a thread publishes without having looked for records since is a
 * stream; otherwise it answers, and then lines ahead of the next are in the
 * way. */
wi_inline void
write_soon(struct weir_producer *p, size_t len)
{
	uint32_t looks = wi_thread_looks;

	p->w.is_stream = p->looks == looks;
	p->looks = looks;
	wi_write_soon(&p->w, len);
}

/* The origin is @w's only behind enter(): a signal handler may publish on this
 * very producer until then. */
wi_inline int64_t
check_and_publish(struct weir_producer *p, const void *msg, size_t len,
		  uint64_t origin_channel, uint64_t origin_seq, weir_diag *diag)
{
	uint32_t parts = origin_channel ? WI_PART_ORIGIN : 0;
	int64_t rc;

	write_soon(p, len);
	rc = enter_unloaned(p);
	if (rc != 0)
		return explain(p, rc, diag);
	if (origin_channel) {
		p->w.origin_channel = origin_channel;
		p->w.origin_seq = origin_seq;
	}
	rc = check(p, msg, len, diag);
	rc = rc == 0 ? publish(p, msg, (uint32_t)len, WEIR_DATA, parts, diag)
		     : refuse(p, (int)rc);
	leave(p);
	return rc;
}

int64_t
weir_publish(weir_producer *p, const void *msg, size_t len, weir_diag *diag)
{
	if (!p || !msg || !len)
		return wi_fail(diag, -EINVAL, "no producer, or no bytes");
	return check_and_publish(p, msg, len, 0, 0, diag);
}

int64_t
weir_publish_from(weir_producer *p, const void *msg, size_t len,
		  uint64_t origin_channel, uint64_t origin_seq, weir_diag *diag)
{
	if (!p || !msg || !len || !origin_channel || !origin_seq)
		return wi_fail(diag, -EINVAL,
			       "no producer, no bytes, or no origin");
	return check_and_publish(p, msg, len, origin_channel, origin_seq, diag);
}

int64_t
weir_publish_json(weir_producer *p, const char *text, size_t len,
		  weir_diag *diag)
{
	int64_t rc, n;

	if (!p || !text)
		return wi_fail(diag, -EINVAL, "no producer, or no text");
	rc = enter_unloaned(p);
	if (rc != 0)
		return explain(p, rc, diag);
	n = weir_json_to_msgpack(text, len, p->text, p->ch->ring.g.max_record,
				 diag);
	if (n == -ENOBUFS)
		n = wi_fail(diag, -EMSGSIZE,
			    "the record, %zu bytes as JSON, is longer than "
			    "the %u bytes of msgpack that channel %s takes",
			    len, p->ch->ring.g.max_record, p->ch->name);
	if (n > 0) {
		write_soon(p, (size_t)n);
		rc = check(p, p->text, (size_t)n, diag);
		n = rc == 0
			? publish(p, p->text, (uint32_t)n, WEIR_DATA, 0, diag)
			: refuse(p, (int)rc);
	} else {
		n = refuse(p, (int)n);
	}
	leave(p);
	return n;
}

/* Check all; on failure *at says which. */
static int
check_all(struct weir_producer *p, const struct iovec *recs, int cnt, int *at,
	  weir_diag *diag)
{
	int rc = 0;

	for (*at = 0; *at < cnt && rc == 0; ++*at) {
		rc = recs[*at].iov_base && recs[*at].iov_len
			 ? check(p, recs[*at].iov_base, recs[*at].iov_len, diag)
			 : wi_fail(diag, -EINVAL, "a record without bytes");
		if (rc != 0)
			break;
	}
	return rc;
}

int64_t
weir_publish_batch(weir_producer *p, const struct iovec *recs, int cnt,
		   weir_diag *diag)
{
	struct wi_until until;
	uint64_t time_ns;
	uint32_t parts;
	uintptr_t old;
	int64_t rc;
	int i;

	if (!p || !recs || cnt < 1)
		return wi_fail(diag, -EINVAL, "no producer, or no records");
	rc = enter_unloaned(p);
	if (rc != 0)
		return explain(p, rc, diag);
	until = until_of(p);
	rc = check_all(p, recs, cnt, &i, diag);
	if (rc != 0) {
		rc = refuse(p, (int)rc);
	} else {
		old = wi_bell_arm(&p->ch->st->control->bell);
		p->w.is_stream = true;
		parts = stamp(p->ch, &time_ns);
		for (i = 0; i < cnt && rc == 0; i++) {
			wi_write_soon(&p->w, recs[i].iov_len);
			rc = append(p, WEIR_DATA, parts, time_ns,
				    recs[i].iov_base, (uint32_t)recs[i].iov_len,
				    &until);
		}
		tell(p->ch, &p->w, p->woken);
		wi_bell_disarm(old);
		if (rc != 0) {
			i--;
			explain(p, rc, diag);
		} else {
			rc = (int64_t)p->w.newest;
		}
	}
	if (rc < 0 && diag)
		diag->index = (uint32_t)i;
	leave(p);
	return rc;
}

int64_t
weir_clear(weir_producer *p)
{
	int64_t rc;

	if (!p)
		return -EINVAL;
	rc = enter_unloaned(p);
	if (rc != 0)
		return rc;
	rc = p->has_value ? publish(p, "", 0, WEIR_CLEAR, 0, NULL) : 0;
	leave(p);
	return rc;
}

/* ---- loans
 * ---------------------------------------------------------------------- */

int
weir_loan(weir_producer *p, size_t cap, void **buf)
{
	struct wi_until until;
	uint64_t time_ns;
	uintptr_t old;
	int rc;

	if (!p || !buf)
		return -EINVAL;
	if (cap == 0)
		cap = p->ch->ring.g.max_record;
	rc = enter(p);
	if (rc != 0)
		return rc;
	if (p->is_loaned) {
		rc = -EBUSY;
	} else if (cap > p->ch->ring.g.max_record) {
		rc = -EMSGSIZE;
	} else {
		write_soon(p, cap);
		until = until_of(p);
		old = wi_bell_arm(&p->ch->st->control->bell);
		rc = wi_begin(p->ch, &p->w, wi_stamp(p->ch, &time_ns),
			      (uint32_t)cap, &until, p->woken);
		wi_bell_disarm(old);
	}
	if (rc == 0) {
		p->is_loaned = true;
		p->loan_cap = (uint32_t)cap;
		p->appended = 0;
		p->append_failed = false;
		*buf = p->w.cur_payload;
	}
	leave(p);
	return rc;
}

/* @p is entered and has a loan, of which @len bytes are to be published. */
static int64_t
commit_loan(struct weir_producer *p, uint32_t len, weir_diag *diag)
{
	struct wi_until until = until_of(p);
	uint64_t time_ns;
	uintptr_t old;
	int rc = check(p, p->w.cur_payload, len, diag);

	if (rc != 0)
		return refuse(p, rc);
	p->is_loaned = false;
	wi_stamp(p->ch, &time_ns);
	old = wi_bell_arm(&p->ch->st->control->bell);
	rc = wi_commit(p->ch, &p->w, WEIR_DATA, time_ns, len, &until, p->woken);
	if (rc == 0)
		tell(p->ch, &p->w, p->woken);
	wi_bell_disarm(old);
	if (rc != 0)
		return explain(p, rc, diag);
	p->has_value = true;
	count(p, len);
	return (int64_t)p->w.newest;
}

int64_t
weir_commit(weir_producer *p, size_t len, weir_diag *diag)
{
	int64_t rc;

	if (!p)
		return wi_fail(diag, -EINVAL, "no producer");
	rc = enter(p);
	if (rc == WEIR_EREMOVED || rc == WEIR_ERETIRED)
		p->is_loaned = false;
	if (rc != 0)
		return explain(p, rc, diag);
	if (!p->is_loaned) {
		rc = wi_fail(diag, -EINVAL, "no loan is open");
	} else if (len < 1 || len > p->loan_cap) {
		p->is_loaned = false;
		rc = wi_fail(diag, -EINVAL,
			     "the loan has %u bytes, %zu are to be published",
			     p->loan_cap, len);
	} else {
		rc = commit_loan(p, (uint32_t)len, diag);
	}
	leave(p);
	return rc;
}

void
weir_abort(weir_producer *p)
{
	if (p && !wi_load_relaxed_32(&p->busy))
		p->is_loaned = false;
}

int
weir_loan_append(weir_producer *p, const void *bytes, size_t len)
{
	if (!p || wi_mine(p->ch->st) != 0 || !p->is_loaned ||
	    len > p->loan_cap - p->appended) {
		if (p)
			p->append_failed = true;
		return -1;
	}
	wi_copy_in(p->w.cur_payload + p->appended, bytes, len);
	p->appended += (uint32_t)len;
	return 0;
}

int64_t
weir_commit_appended(weir_producer *p, weir_diag *diag)
{
	if (!p || !p->is_loaned)
		return wi_fail(diag, -EINVAL, "no loan is open");
	if (p->append_failed) {
		weir_abort(p);
		return wi_fail(diag, -EMSGSIZE,
			       "what was packed is longer than the loan of %u "
			       "bytes",
			       p->loan_cap);
	}
	return weir_commit(p, p->appended, diag);
}
