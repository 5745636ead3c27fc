/* SPDX-License-Identifier: BSD-2-Clause
 *
 * kit.c - see kit.h
 */
#include "kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* who, number, length: then bytes that follow from them, then their sum. */
#define HEAD (3 + 4 + 8)

static uint64_t
mix(uint64_t h, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len--)
		h = (h ^ *p++) * 0x100000001b3u;
	return h;
}

static uint64_t
sum_of(const uint8_t *buf, size_t len)
{
	return mix(0xcbf29ce484222325u, buf, len);
}

size_t
kit_rec(uint8_t *buf, uint32_t who, uint64_t no, size_t len)
{
	struct rng r = {no * 64 + who};
	size_t all;

	if (len < HEAD + 8)
		len = HEAD + 8;
	if (len > KIT_REC_MAX)
		len = KIT_REC_MAX;
	all = len - 3;
	buf[0] = 0xc5; /* bin 16 */
	buf[1] = (uint8_t)(all >> 8);
	buf[2] = (uint8_t)all;
	memcpy(buf + 3, &who, sizeof(who));
	memcpy(buf + 7, &no, sizeof(no));
	rng_fill(&r, buf + HEAD, len - HEAD - 8);
	r.state = sum_of(buf, len - 8);
	memcpy(buf + len - 8, &r.state, 8);
	return len;
}

int
kit_rec_ok(const void *data, size_t len, uint32_t *who, uint64_t *no)
{
	const uint8_t *buf = data;
	uint64_t sum;

	if (!buf || len < HEAD + 8 || buf[0] != 0xc5 ||
	    (size_t)(buf[1] << 8 | buf[2]) != len - 3)
		return 0;
	memcpy(&sum, buf + len - 8, 8);
	if (sum != sum_of(buf, len - 8))
		return 0;
	if (who)
		memcpy(who, buf + 3, sizeof(*who));
	if (no)
		memcpy(no, buf + 7, sizeof(*no));
	return 1;
}

uint64_t
kit_digest(const weir_record *rec)
{
	uint64_t h = mix(rec->seq * 31 + rec->kind, rec->data, rec->len);

	h = mix(h, rec->producer, strlen(rec->producer));
	return h ? h : 1;
}

static void
must(int rc, const char *what, const weir_diag *diag)
{
	if (rc == 0)
		return;
	printf("kit: process %ld: %s: %s: %s\n", (long)getpid(), what,
	       weir_strerror(rc), diag->message);
	fflush(NULL);
	exit(99); /* so that the stores are dropped, if they are ours */
}

weir_store *
kit_store(const char *name)
{
	weir_store_opts o = {.size = sizeof(o)};
	weir_diag diag = {.message = ""};
	weir_store *st = NULL;

	must(weir_store_open(name, &o, &st, &diag), name, &diag);
	return st;
}

weir_channel *
kit_channel(weir_store *st, const char *name, uint32_t overflow,
	    uint32_t producers, uint32_t slots)
{
	weir_channel_opts o = {
	    .size = sizeof(o),
	    .overflow = overflow,
	    .producers = producers,
	    .capacity = slots,
	};
	weir_diag diag = {.message = ""};
	weir_channel *ch = NULL;

	must(weir_channel_open(st, name, &o, &ch, &diag), name, &diag);
	return ch;
}

weir_channel *
kit_channel_of_short_lanes(weir_store *st, const char *name, uint32_t overflow,
			   uint32_t producers)
{
	weir_channel_opts o = {
	    .size = sizeof(o),
	    .overflow = overflow,
	    .producers = producers,
	    .capacity = 256,
	    .max_record = KIT_SHORT_MAX,
	    .lane_bytes = 8192,
	};
	weir_diag diag = {.message = ""};
	weir_channel *ch = NULL;

	must(weir_channel_open(st, name, &o, &ch, &diag), name, &diag);
	return ch;
}

weir_channel *
kit_channel_find(weir_store *st, const char *name)
{
	weir_diag diag = {.message = ""};
	weir_channel *ch = NULL;

	must(weir_channel_open(st, name, NULL, &ch, &diag), name, &diag);
	return ch;
}

weir_producer *
kit_producer(weir_channel *ch, const char *id, int64_t timeout_ns)
{
	weir_producer_opts o = {.size = sizeof(o), .timeout_ns = timeout_ns};
	weir_diag diag = {.message = ""};
	weir_producer *p = NULL;

	must(weir_producer_open(ch, id, &o, &p, &diag), id, &diag);
	return p;
}

weir_consumer *
kit_consumer(weir_channel *ch, const char *id, uint32_t flags, weir_from from)
{
	weir_consumer_opts o = {
	    .size = sizeof(o),
	    .flags = flags,
	    .from = from,
	    .seq = 1,
	};
	weir_diag diag = {.message = ""};
	weir_consumer *c = NULL;

	must(weir_consumer_open(ch, id, &o, &c, &diag), id ? id : "observer",
	     &diag);
	return c;
}

struct kit_use
kit_use(weir_store *st)
{
	weir_store_info i = {.size = sizeof(i)};
	struct kit_use use = {0};

	if (weir_store_stat(st, &i) == 0)
		use = (struct kit_use){i.used_bytes, i.participant_cnt,
				       i.channel_cnt};
	return use;
}

enum weir_life
kit_producer_life(weir_channel *ch, const char *id)
{
	weir_producer_info i = {.size = sizeof(i)};

	while (weir_producer_next(ch, &i) == 1)
		if (strcmp(i.id, id) == 0)
			return (enum weir_life)i.life;
	return WEIR_GONE;
}

int
kit_sleeper_cnt(weir_channel *ch)
{
	weir_consumer_info i = {.size = sizeof(i)};
	int rc, n = 0;

	while ((rc = weir_consumer_next(ch, &i)) == 1)
		n += i.asleep;
	return rc == 0 ? n : -1;
}

int
kit_await_sleepers(weir_channel *ch, int cnt)
{
	int64_t end = proc_now_ns() + PROC_PATIENCE_S * KIT_S;

	while (kit_sleeper_cnt(ch) < cnt) {
		if (proc_now_ns() > end)
			return PROC_ETIME;
		proc_nap_ms(1);
	}
	return 0;
}

void
kit_nap(struct rng *rng, unsigned us)
{
	struct timespec t = {.tv_nsec = (long)rng_below(rng, us) * 1000};

	nanosleep(&t, NULL);
}

void *
kit_shared(size_t len)
{
	void *mem = mmap(NULL, len, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (mem == MAP_FAILED) {
		perror("kit_shared");
		exit(99); /* so that the stores are dropped, if they are ours */
	}
	return mem;
}

void
kit_unshared(void *mem, size_t len)
{
	munmap(mem, len);
}

int
kit_same(uint64_t *log, size_t cnt, uint64_t seq, uint64_t digest)
{
	uint64_t old = 0;

	if (seq >= cnt)
		return 0;
	return __atomic_compare_exchange_n(&log[seq], &old, digest, 0,
					   __ATOMIC_SEQ_CST,
					   __ATOMIC_SEQ_CST) ||
	       old == digest;
}
