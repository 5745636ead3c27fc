/* SPDX-License-Identifier: BSD-2-Clause */
#include "follow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "cmd.h"
#include "glob.h"
#include "out.h"
#include "reach.h"

#define LOOK_NS 100000000 /* how often to look for new channels */

static int
is_glob(const char *pattern)
{
	return strpbrk(pattern, "*?[") != NULL;
}

static int
is_needed(const struct follow *f, const char *name)
{
	for (size_t i = 0; f->how.needs_names && i < f->pattern_cnt; i++)
		if (strcmp(f->patterns[i], name) == 0)
			return 1;
	return 0;
}

static struct followed *
find(const struct follow *f, const char *name)
{
	for (size_t i = 0; i < f->cnt; i++)
		if (strcmp(f->all[i]->name, name) == 0)
			return f->all[i];
	return NULL;
}

static struct followed *
add(struct follow *f, const char *name)
{
	struct followed **all, *c;

	all = realloc(f->all, (f->cnt + 1) * sizeof(*all));
	if (!all)
		return NULL;
	f->all = all;
	c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	strcpy(c->name, name);
	c->idx = (uint32_t)f->cnt;
	return f->all[f->cnt++] = c;
}

static void
leave(struct followed *c)
{
	weir_consumer_close(c->c);
	weir_channel_close(c->ch);
	c->c = NULL;
	c->ch = NULL;
	c->cnt = c->at = 0;
}

/* @code: the exit code, or 0: that of @rc. */
static void
give_up(struct follow *f, struct followed *c, int code, int rc,
	const weir_diag *diag)
{
	int other = fail(c->name, rc, diag);

	if (!f->code)
		f->code = code ? code : other;
	if (is_needed(f, c->name))
		f->is_over = 1;
	else
		leave(c);
}

/* What appears later is read from its first record; what is no longer kept
 * of that is lost. */
static void
join(struct follow *f, struct followed *c, const weir_channel_info *info)
{
	weir_consumer_opts o = {.size = sizeof(o),
				.from =
				    f->has_begun ? WEIR_FROM_SEQ : f->how.from,
				.seq = f->has_begun ? 1 : f->how.seq,
				.flags = f->how.flags,
				.spin_ns = f->how.spin_ns};
	weir_diag diag = {0};
	int rc;

	leave(c);
	c->life++;
	c->info = *info;
	c->seq = 0;
	c->last = UINT64_MAX;
	rc = info->damaged
		 ? WEIR_ECORRUPT
		 : weir_channel_open(f->store, c->name, NULL, &c->ch, &diag);
	if (rc == 0)
		rc = weir_consumer_open(c->ch, f->how.id, &o, &c->c, &diag);
	if ((rc == -ENOENT || rc == WEIR_EREMOVED || rc == WEIR_ERETIRED) &&
	    !is_needed(f, c->name))
		leave(c); /* gone again */
	else if (rc < 0)
		give_up(f, c, c->ch ? 0 : X_REACH, rc, &diag);
}

static int
look(struct follow *f)
{
	weir_channel_info it = {.size = sizeof(it)};
	struct followed *c;
	int rc;

	f->looked_ns = clock_mono();
	while ((rc = weir_channel_next(f->store, &it)) > 0) {
		if (!glob_any(f->patterns, f->pattern_cnt, it.name))
			continue;
		c = find(f, it.name);
		if (c && is_needed(f, it.name)) /* as long as it lasts */
			continue;
		if (c && ((c->info.created_ns == it.created_ns &&
			   c->info.damaged == it.damaged) ||
			  c->at < c->cnt)) /* that comes first */
			continue;
		if (!c)
			c = add(f, it.name);
		if (!c)
			return -ENOMEM;
		join(f, c, &it);
	}
	return rc;
}

int
follow_begin(struct follow *f, weir_store *store, const char *const *patterns,
	     size_t cnt, const struct follow_how *how)
{
	int rc;

	memset(f, 0, sizeof(*f));
	f->store = store;
	f->patterns = patterns;
	f->pattern_cnt = cnt;
	f->how = *how;
	f->has_globs = cnt == 0;
	for (size_t i = 0; i < cnt; i++)
		f->has_globs |= is_glob(patterns[i]);
	rc = look(f);
	if (rc < 0)
		return fail(store_name, rc, NULL);
	for (size_t i = 0; i < cnt; i++)
		if (!is_glob(patterns[i]) && !find(f, patterns[i]))
			return reach_no_channel(patterns[i]);
	f->has_begun = 1;
	return 0;
}

/* Read into a batch that was used up.  Returns 0, or WEIR_ERETIRED. */
static int
fill(struct follow *f, struct followed *c)
{
	int rc;

	if (!c->c || c->at < c->cnt || c->seq >= c->last)
		return 0;
	c->at = c->cnt = 0;
	rc = weir_read(c->c, c->recs, FOLLOW_BATCH, 0);
	if (rc > 0) {
		c->cnt = rc;
		return 0;
	}
	if (rc == WEIR_EREMOVED && !is_needed(f, c->name))
		leave(c);
	else if (rc != -EAGAIN && rc != -EINTR && rc != WEIR_ERETIRED)
		give_up(f, c, 0, rc, NULL);
	return rc == WEIR_ERETIRED ? rc : 0;
}

/* A store without a channel that is read does not say so by itself. */
static int
look_again(struct follow *f)
{
	weir_store_info info = {.size = sizeof(info)};
	int rc = look(f);

	if (rc == 0 && weir_store_stat(f->store, &info) == 0 && info.is_retired)
		return WEIR_ERETIRED;
	return rc;
}

static int
fill_all(struct follow *f)
{
	int rc = 0;

	f->must_fill = 0;
	if (!f->is_ending && (f->has_globs || !f->how.needs_names) &&
	    clock_mono() - f->looked_ns >= LOOK_NS)
		rc = look_again(f);
	for (size_t i = 0; i < f->cnt && rc != -ENOMEM; i++)
		if (fill(f, f->all[i]) < 0)
			rc = WEIR_ERETIRED;
	return rc;
}

static struct followed *
earliest(const struct follow *f)
{
	struct followed *first = NULL, *c;

	for (size_t i = 0; i < f->cnt; i++) {
		c = f->all[i];
		if (c->at < c->cnt &&
		    (!first ||
		     c->recs[c->at].time_ns < first->recs[first->at].time_ns))
			first = c;
	}
	return first;
}

int
follow_next(struct follow *f, struct followed **of, weir_record *rec)
{
	struct followed *c = f->must_fill ? NULL : earliest(f);
	int rc = 0;

	if (!c) {
		rc = fill_all(f);
		c = earliest(f);
	}
	if (!c)
		return rc < 0 ? rc : 0;
	*rec = c->recs[c->at++];
	c->lost += rec->lost;
	if (!(rec->flags & WEIR_CURRENT))
		c->seq = rec->seq;
	/* there may be more of it that is earlier than what is there of others,
	 * and by then more of the others, too */
	f->must_fill = c->at == FOLLOW_BATCH;
	*of = c;
	return 1;
}

void
follow_wait(struct follow *f, int64_t ns)
{
	weir_consumer **cs = calloc(f->cnt + 1, sizeof(*cs));
	int64_t look = f->looked_ns + LOOK_NS - clock_mono();
	struct timespec t = {0};
	int cnt = 0;

	if (f->has_globs && look < ns)
		ns = look > 0 ? look : 0;
	for (size_t i = 0; cs && i < f->cnt; i++)
		if (f->all[i]->c)
			cs[cnt++] = f->all[i]->c;
	if (cnt)
		weir_wait(cs, cnt, ns, NULL);
	if (!cnt) {
		t.tv_sec = ns / 1000000000;
		t.tv_nsec = ns % 1000000000;
		nanosleep(&t, NULL);
	}
	free(cs);
}

void
follow_finish(struct follow *f)
{
	weir_channel_info info = {.size = sizeof(info)};

	look(f);
	f->is_ending = 1;
	for (size_t i = 0; i < f->cnt; i++)
		if (f->all[i]->ch &&
		    weir_channel_stat(f->all[i]->ch, &info) == 0)
			f->all[i]->last = info.newest_seq;
}

void
follow_end(struct follow *f)
{
	for (size_t i = 0; i < f->cnt; i++) {
		leave(f->all[i]);
		free(f->all[i]);
	}
	free(f->all);
}
