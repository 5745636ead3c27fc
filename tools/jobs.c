/* SPDX-License-Identifier: BSD-2-Clause */
#include "jobs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <weir/bridge.h>

#include "cmd.h"
#include "current.h"
#include "facts.h"
#include "reach.h"

static int
is_one_of(const char *word, const char *const *words)
{
	while (*words && strcmp(word, *words) != 0)
		words++;
	return *words != NULL;
}

int
job_is_final(const struct job *j)
{
	static const char *const final[] = {"completed", "failed", "cancelled",
					    "lost", NULL};

	return is_one_of(j->status, final);
}

int
jobs_reach(uint32_t flags, weir_store **store, weir_channel **ch)
{
	return reach_channel(flags, WEIR_BRIDGE_FROM, store, ch);
}

/* Cut where it is too long, at a character. */
static void
text_of(const weir_record *rec, const char *pointer, char *to, size_t cap)
{
	weir_value v;
	size_t len;

	*to = 0;
	if (weir_record_find(rec, pointer, &v) != 0 || v.type != WEIR_STR)
		return;
	len = v.len < cap ? v.len : cap - 1;
	while (len && len < v.len &&
	       (((const unsigned char *)v.ptr)[len] & 0xc0) == 0x80)
		len--;
	memcpy(to, v.ptr, len);
	to[len] = 0;
}

static double
progress_of(const weir_record *rec)
{
	weir_value v;

	if (weir_record_find(rec, "/progress", &v) != 0)
		return -1;
	return v.type == WEIR_FLOAT  ? v.d
	       : v.type == WEIR_UINT ? (double)v.u
				     : -1;
}

static void
fill(struct job *j, const weir_record *rec, const weir_producer_info *p)
{
	snprintf(j->id, sizeof(j->id), "%s", p->id);
	text_of(rec, "/type", j->type, sizeof(j->type));
	text_of(rec, "/status", j->status, sizeof(j->status));
	text_of(rec, "/error", j->message, sizeof(j->message));
	if (!*j->message)
		text_of(rec, "/message", j->message, sizeof(j->message));
	j->progress = progress_of(rec);
	j->seq = rec->seq;
	j->time_ns = rec->time_ns;
	j->life = p->life;
	j->pid = p->pid;
	if (p->life == WEIR_GONE && !job_is_final(j))
		strcpy(j->status, "lost");
}

static int
by_seq(const void *a, const void *b)
{
	const struct job *x = a, *y = b;

	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

int
jobs_look(weir_channel *ch, const char *id, struct job **list, size_t *cnt)
{
	weir_producer_info *producers;
	size_t producer_cnt = 0;
	weir_record rec;
	void *buf;
	int rc = facts_producers(ch, &producers, &producer_cnt);

	*cnt = 0;
	*list = calloc(producer_cnt + 1, sizeof(**list));
	if (!*list)
		rc = -ENOMEM;
	for (size_t i = 0; i < producer_cnt && rc >= 0; i++) {
		if (id && strcmp(producers[i].id, id) != 0)
			continue;
		rc = current_value(ch, producers[i].id, &buf, &rec);
		if (rc == 0)
			fill(&(*list)[(*cnt)++], &rec, &producers[i]);
		free(buf);
		if (rc == -ENOENT || rc == -EAGAIN)
			rc = 0; /* it has no value, or is saying another */
	}
	free(producers);
	if (rc >= 0)
		qsort(*list, *cnt, sizeof(**list), by_seq);
	return rc < 0 ? rc : 0;
}
