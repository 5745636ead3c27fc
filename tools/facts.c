/* SPDX-License-Identifier: BSD-2-Clause */
#include "facts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

/* @cnt elements at *@to, and room for one more. */
static int
grow(void *to, size_t cnt, size_t size)
{
	void *old, *grown;

	memcpy(&old, to, sizeof(old));
	grown = realloc(old, (cnt + 1) * size);
	if (!grown)
		return -ENOMEM;
	memcpy(to, &grown, sizeof(grown));
	return 0;
}

int
facts_producers(weir_channel *ch, weir_producer_info **list, size_t *cnt)
{
	weir_producer_info p = {.size = sizeof(p)};
	int rc;

	*list = NULL;
	*cnt = 0;
	while ((rc = weir_producer_next(ch, &p)) > 0) {
		if (!p.id[0]) /* changing hands */
			continue;
		rc = grow(list, *cnt, sizeof(p));
		if (rc < 0)
			break;
		(*list)[(*cnt)++] = p;
	}
	return rc;
}

int
facts_consumers(weir_channel *ch, weir_consumer_info **list, size_t *cnt)
{
	weir_consumer_info k = {.size = sizeof(k)};
	int rc;

	*list = NULL;
	*cnt = 0;
	while ((rc = weir_consumer_next(ch, &k)) > 0) {
		rc = grow(list, *cnt, sizeof(k));
		if (rc < 0)
			break;
		(*list)[(*cnt)++] = k;
	}
	return rc;
}

struct facts_sum
facts_sum(const struct facts_channel *c)
{
	struct facts_sum s = {.bytes = 0};

	for (size_t i = 0; i < c->producer_cnt; i++) {
		s.bytes += c->producers[i].bytes;
		s.refused += c->producers[i].refused;
	}
	for (size_t i = 0; i < c->consumer_cnt; i++) {
		if (c->consumers[i].life == WEIR_GONE)
			continue;
		s.lost += c->consumers[i].lost;
		if (c->consumers[i].lag > s.lag)
			s.lag = c->consumers[i].lag;
	}
	return s;
}

int
facts_record(weir_channel *ch, uint64_t seq, weir_consumer **reader,
	     weir_record *rec)
{
	weir_consumer_opts o = {
	    .size = sizeof(o), .from = WEIR_FROM_SEQ, .seq = seq};
	int rc;

	*reader = NULL;
	rc = weir_consumer_open(ch, NULL, &o, reader, NULL);
	return rc < 0 ? rc : weir_read(*reader, rec, 1, 0) == 1;
}

int
facts_time(weir_channel *ch, uint64_t *seq, uint64_t *ns)
{
	weir_consumer *reader;
	weir_record rec;
	int rc = facts_record(ch, *seq, &reader, &rec);

	*ns = 0;
	if (rc == 1) {
		*ns = rec.time_ns;
		*seq = rec.seq;
	}
	weir_consumer_close(reader);
	return rc < 0 ? rc : 0;
}

int
facts_newest(weir_channel *ch, const weir_channel_info *info, uint64_t *ns)
{
	uint64_t seq = info->newest_seq;

	*ns = 0;
	if (!seq || info->stamps == WEIR_OFF)
		return 0;
	return facts_time(ch, &seq, ns);
}

int64_t
facts_age(uint64_t time_ns)
{
	return clock_real() - (int64_t)time_ns;
}

static void
forget_one(struct facts_channel *c)
{
	free(c->producers);
	free(c->consumers);
}

static int
look_at(struct facts_channel *c, weir_store *store)
{
	weir_channel *ch = NULL;
	int rc;

	if (c->info.damaged)
		return 0;
	rc = weir_channel_open(store, c->info.name, NULL, &ch, NULL);
	if (rc == 0)
		rc = facts_producers(ch, &c->producers, &c->producer_cnt);
	if (rc == 0)
		rc = facts_consumers(ch, &c->consumers, &c->consumer_cnt);
	if (rc == 0)
		rc = facts_newest(ch, &c->info, &c->newest_ns);
	weir_channel_close(ch);
	return rc;
}

int
facts_look(struct facts *f, weir_store *store)
{
	weir_channel_info info = {.size = sizeof(info)};
	int rc;

	f->store.size = sizeof(f->store);
	rc = weir_store_stat(store, &f->store);
	while (rc == 0 && (rc = weir_channel_next(store, &info)) > 0) {
		struct facts_channel c = {.info = info};

		rc = look_at(&c, store);
		if (rc == WEIR_ECORRUPT) {
			c.info.damaged = 1;
			rc = 0;
		}
		if (rc == 0)
			rc = grow(&f->channels, f->cnt, sizeof(c));
		if (rc == 0) {
			f->channels[f->cnt++] = c;
			continue;
		}
		forget_one(&c);
		if (rc != -ENOMEM)
			rc = 0;
	}
	return rc;
}

void
facts_forget(struct facts *f)
{
	for (size_t i = 0; i < f->cnt; i++)
		forget_one(&f->channels[i]);
	free(f->channels);
	*f = (struct facts){.cnt = 0};
}
