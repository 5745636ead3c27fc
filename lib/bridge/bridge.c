/* SPDX-License-Identifier: BSD-2-Clause
 *
 * bridge.c - a consumer, a producer, and what is between them.
 *
 * It stands on the public functions alone.
 *
 * State.  What was read and not yet handled, in this order: a record that was
 * made and found no room in the target (.made_len), and an update that is still
 * the consumer's because another one had to come first (.held).  Nothing is
 * read while there is either, so nothing is lost between the two ends.
 *
 * Threads.  Figures are under .figures' mutex, because weir_bridge_stat() may
 * be called beside the thread that bridges, and so is .stop; all else is that
 * thread's.
 *
 * Crash.  The update that was being bridged is the job's current value still,
 * and the next bridge of this id finds it; whether it has been bridged already,
 * the origin of what is in the target says.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <weir/bridge.h>
#include <weir/consumer.h>
#include <weir/producer.h>

#include "base/atomic.h"
#include "base/diag.h"
#include "bridge/job.h"
#include "platform/clock.h"
#include "platform/thread.h"

/* How long a publish may wait for room before it is seen whether the bridge is
 * to end. */
#define ROOM_NS 50000000

#define AT_ONCE                                                                \
	64 /* updates that one dispatch takes, if more and more come           \
	    */

struct weir_bridge {
	weir_bridge_opts o; /* .job, .to, .from: NULL */
	char id[WEIR_ID_MAX + 1], job[WEIR_ID_MAX + 1];
	weir_channel *from, *to;
	weir_consumer *c;
	weir_producer *p;
	uint64_t from_id;
	uint64_t done_seq; /* what this id had bridged before it opened */
	uint64_t upto;	   /* newest that was handled */

	uint8_t *made; /* the target's max_record */
	size_t made_cap, made_len;
	uint64_t made_from; /* seq */
	weir_record held;
	bool is_held;
	uint8_t *again; /* the source's max_record, once it is needed */

	uint32_t interrupted; /* atomic */
	bool stop;
	bool has_thread;
	uint32_t pid;
	pthread_t thread;
	struct wi_mutex *figures;
	weir_bridge_info info;
};

/* ---- what is said ---- */

static void
count(struct weir_bridge *b, uint64_t *figure, uint64_t n)
{
	wi_mutex_lock(b->figures);
	*figure += n;
	wi_mutex_unlock(b->figures);
}

static void
failed(struct weir_bridge *b, uint64_t *figure, const weir_record *in, int code,
       weir_diag *why)
{
	why->code = code;
	if (!why->message[0])
		wi_fail(why, code, "%s", weir_strerror(code));
	wi_mutex_lock(b->figures);
	++*figure;
	b->info.last = *why;
	wi_mutex_unlock(b->figures);
	if (b->o.failed)
		b->o.failed(b, in, why, b->o.arg);
}

/* ---- from an update to a record ---- */

/* Publish what was made.  @in: what from, while it is there.
 * Return: 0: that is done, also if it was refused; or why it is not. */
static int
publish(struct weir_bridge *b, const weir_record *in)
{
	weir_diag why = {0};
	int64_t rc = weir_publish_from(b->p, b->made, b->made_len, b->from_id,
				       b->made_from, &why);

	if (rc == -EAGAIN || rc == -EINTR || rc == -EDEADLK)
		return (int)rc; /* it is kept for the next try */
	b->made_len = 0;
	if (rc > 0) {
		wi_mutex_lock(b->figures);
		b->info.bridged++;
		b->info.last_seq = (uint64_t)rc;
		wi_mutex_unlock(b->figures);
		return 0;
	}
	if (rc != WEIR_ESCHEMA && rc != WEIR_EMSGPACK && rc != -EMSGSIZE)
		return (int)rc;
	failed(b, &b->info.refused, in, (int)rc, &why);
	return 0;
}

static int
offer(struct weir_bridge *b, const weir_record *in)
{
	weir_diag why = {0};
	int64_t n;

	if (in->kind != WEIR_DATA)
		return 0;
	count(b, &b->info.seen, 1);
	if (b->o.filter ? !b->o.filter(in, b->o.arg)
			: !wi_job_is_completed(in, b->job))
		return 0;
	/* updates come in their order: what is older has had its turn, too */
	if (in->seq <= b->done_seq)
		return 0;
	n = b->o.transform
		? b->o.transform(in, b->made, b->made_cap, &why, b->o.arg)
		: wi_job_result(in, b->made, b->made_cap, &why);
	if (n > (int64_t)b->made_cap)
		n = -EMSGSIZE;
	if (n < 0)
		failed(b, &b->info.failed, in, (int)n, &why);
	if (n <= 0)
		return 0;
	b->made_len = (size_t)n;
	b->made_from = in->seq;
	return publish(b, in);
}

/* ---- updates ---- */

/* Updates were lost before @before: what counted among them is the job's value,
 * if it is older than that. */
static int
look_again(struct weir_bridge *b, uint64_t before)
{
	weir_channel_info info = {.size = sizeof(info)};
	weir_record rec;

	if (weir_channel_stat(b->from, &info) != 0)
		return 0;
	if (!b->again)
		b->again = malloc(info.max_record);
	if (!b->again)
		return -ENOMEM;
	if (weir_current(b->from, b->job, b->again, info.max_record, &rec) !=
		0 ||
	    rec.seq <= b->upto || rec.seq >= before)
		return 0;
	return offer(b, &rec);
}

/* One update, or what is left of one.  Return: 1; or a negative error. */
static int
step(struct weir_bridge *b, int64_t timeout_ns)
{
	weir_record rec;
	int rc;

	if (b->made_len) {
		rc = publish(b, NULL);
		return rc < 0 ? rc : 1;
	}
	if (b->is_held) {
		b->is_held = false;
		rc = offer(b, &b->held);
		return rc < 0 ? rc : 1;
	}
	rc = weir_read(b->c, &rec, 1, timeout_ns);
	if (rc < 1)
		return rc;
	rc = 0;
	if (rec.lost) {
		count(b, &b->info.lost, rec.lost);
		rc = look_again(b, rec.seq);
	}
	b->upto = rec.seq;
	if (rc < 0) {
		b->held = rec;
		b->is_held = true;
	} else {
		rc = offer(b, &rec);
	}
	return rc < 0 ? rc : 1;
}

/* How much of the time is left; what was asked for without end has no end. */
static int64_t
left(int64_t timeout_ns, int64_t began_ns)
{
	int64_t left = timeout_ns;

	if (timeout_ns > 0)
		left -= wi_clock_mono() - began_ns;
	return timeout_ns > 0 && left < 0 ? 0 : left;
}

static int
dispatch(struct weir_bridge *b, int64_t timeout_ns)
{
	int64_t began_ns = timeout_ns > 0 ? wi_clock_mono() : 0;
	int64_t wait = timeout_ns;
	int cnt = 0, rc;

	for (;;) {
		if (wi_load_relaxed_32(&b->interrupted)) {
			wi_store_relaxed_32(&b->interrupted, 0);
			return -EINTR;
		}
		rc = step(b, cnt ? 0 : wait);
		cnt += rc == 1;
		if (cnt == AT_ONCE)
			return cnt;
		if (rc == 1)
			continue;
		if (rc == -EINTR)
			wi_store_relaxed_32(&b->interrupted, 0);
		wait = left(timeout_ns, began_ns);
		if (rc == -EAGAIN && cnt)
			return cnt;
		if (rc != -EAGAIN || !b->made_len || wait == 0)
			return rc;
	}
}

/* Who was interrupted in order to stop must see that it is to: a plain atomic
 * could be seen later than the interruption. */
static bool
is_to_stop(struct weir_bridge *b)
{
	bool stop;

	wi_mutex_lock(b->figures);
	stop = b->stop;
	wi_mutex_unlock(b->figures);
	return stop;
}

static void
bridge_on(void *arg)
{
	struct weir_bridge *b = arg;
	int rc = 0;

	while (!is_to_stop(b) && (rc >= 0 || rc == -EINTR || rc == -EAGAIN))
		rc = dispatch(b, -1);
	wi_mutex_lock(b->figures);
	if (rc < 0 && rc != -EINTR && rc != -EAGAIN)
		b->info.ended = rc;
	wi_mutex_unlock(b->figures);
}

int
weir_bridge_dispatch(weir_bridge *b, int64_t timeout_ns)
{
	if (!b)
		return -EINVAL;
	return b->has_thread ? -EBUSY : dispatch(b, timeout_ns);
}

void
weir_bridge_interrupt(weir_bridge *b)
{
	if (!b)
		return;
	wi_store_relaxed_32(&b->interrupted, 1);
	weir_interrupt(b->c);
}

int
weir_bridge_fd(weir_bridge *b)
{
	if (!b)
		return -EINVAL;
	return b->has_thread ? -EBUSY : weir_fd(b->c);
}

/* In a child of fork() there is no such thread, and its mutex stays as it was.
 * The handles are the thread's, so that they are not asked. */
static bool
is_inherited(const struct weir_bridge *b)
{
	return b->pid != wi_pid();
}

int
weir_bridge_stat(weir_bridge *b, weir_bridge_info *info)
{
	if (!b || !info || info->size < sizeof(*info))
		return -EINVAL;
	if (is_inherited(b))
		return WEIR_EFORKED;
	wi_mutex_lock(b->figures);
	*info = b->info;
	wi_mutex_unlock(b->figures);
	info->size = sizeof(*info);
	memcpy(info->id, b->id, sizeof(info->id));
	return 0;
}

/* ---- opening and closing ---- */

/* Without this the update that a bridge of this id has bridged before would be
 * bridged again. */
static void
find_done(struct weir_bridge *b)
{
	weir_record rec;

	if (weir_current(b->to, b->id, b->made, b->made_cap, &rec) == 0 &&
	    rec.origin_channel == b->from_id)
		b->done_seq = rec.origin_seq;
}

static int
open_channels(struct weir_bridge *b, weir_store *store,
	      const weir_bridge_opts *o, weir_diag *diag)
{
	weir_channel_info from = {.size = sizeof(from)};
	weir_channel_info to = {.size = sizeof(to)};
	int rc = o->from
		     ? weir_channel_open(store, o->from, NULL, &b->from, diag)
		     : weir_jobs_open(store, &b->from, diag);

	if (rc == 0)
		rc = weir_channel_open(store, o->to, NULL, &b->to, diag);
	if (rc == 0)
		rc = weir_channel_stat(b->from, &from);
	if (rc == 0)
		rc = weir_channel_stat(b->to, &to);
	if (rc != 0)
		return rc;
	b->from_id = from.id;
	b->made_cap = to.max_record;
	b->made = malloc(b->made_cap);
	return b->made ? 0 : wi_fail(diag, -ENOMEM, "no memory");
}

static int
open_ends(struct weir_bridge *b, weir_diag *diag)
{
	weir_producer_opts po = {.size = sizeof(po), .timeout_ns = ROOM_NS};
	weir_consumer_opts co = {.size = sizeof(co), .from = WEIR_FROM_EACH};
	int rc = weir_producer_open(b->to, b->id, &po, &b->p, diag);

	if (rc != 0)
		return rc;
	find_done(b);
	return weir_consumer_open(b->from, b->id, &co, &b->c, diag);
}

static int
name(struct weir_bridge *b, const weir_bridge_opts *o, weir_diag *diag)
{
	size_t job = strlen(o->job), to = strlen(o->to);

	if (job + to + 8 > WEIR_ID_MAX)
		return wi_fail(diag, WEIR_ENAME,
			       "the id of a bridge is job-<job>-to-<channel>, "
			       "up to %d bytes; this one has %zu",
			       WEIR_ID_MAX, job + to + 8);
	strcpy(b->job, o->job);
	memcpy(b->id, "job-", 4);
	memcpy(b->id + 4, o->job, job);
	memcpy(b->id + 4 + job, "-to-", 4);
	memcpy(b->id + 8 + job, o->to, to + 1);
	return 0;
}

static void
release(struct weir_bridge *b)
{
	weir_consumer_close(b->c);
	weir_producer_close(b->p);
	weir_channel_close(b->from);
	weir_channel_close(b->to);
	wi_mutex_free(b->figures);
	free(b->made);
	free(b->again);
	free(b);
}

int
weir_bridge_open(weir_store *store, const weir_bridge_opts *o,
		 weir_bridge **out, weir_diag *diag)
{
	const uint32_t known = WEIR_BRIDGE_THREAD | WEIR_BRIDGE_KEEP;
	struct weir_bridge *b;
	int rc;

	if (!out)
		return wi_fail(diag, -EINVAL, "no place for the handle");
	*out = NULL;
	if (!store || !o || o->size < sizeof(*o) || !o->job || !*o->job ||
	    !o->to || o->flags & ~known)
		return wi_fail(diag, -EINVAL,
			       "no store, no job, no target, or an unknown "
			       "flag");
	b = calloc(1, sizeof(*b));
	if (b)
		b->figures = wi_mutex_new();
	if (!b || !b->figures) {
		free(b);
		return wi_fail(diag, -ENOMEM, "no memory");
	}
	b->o = *o;
	b->o.job = b->o.to = b->o.from = NULL;
	b->pid = wi_pid();
	rc = name(b, o, diag);
	if (rc == 0)
		rc = open_channels(b, store, o, diag);
	if (rc == 0)
		rc = open_ends(b, diag);
	if (rc == 0 && (o->flags & WEIR_BRIDGE_THREAD)) {
		rc = wi_thread_join_start(bridge_on, b, &b->thread);
		b->has_thread = rc == 0;
		if (rc != 0)
			wi_fail(diag, rc, "no thread can be had: %s",
				weir_strerror(rc));
	}
	if (rc != 0)
		release(b);
	else
		*out = b;
	return rc;
}

int
weir_bridge_close(weir_bridge *b)
{
	int64_t rc = 0;

	if (!b)
		return 0;
	if (b->has_thread && !is_inherited(b)) {
		wi_mutex_lock(b->figures);
		b->stop = true;
		wi_mutex_unlock(b->figures);
		weir_bridge_interrupt(b);
		wi_thread_join(b->thread);
	}
	if (!(b->o.flags & WEIR_BRIDGE_KEEP))
		rc = weir_clear(b->p);
	release(b);
	return rc < 0 && rc != WEIR_EFORKED ? (int)rc : 0;
}
