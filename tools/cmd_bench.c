/* SPDX-License-Identifier: BSD-2-Clause
 *
 * cmd_bench.c - what this machine gives: round trips and streams between two
 * processes, through a store that is made for it and removed afterwards.
 *
 * Each figure is a fork of two, pinned to a processor each, and shown beside
 * the least that two processes can do: a word that both look at, a futex, a
 * ring of records.  Every record is looked at.
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench_ring.h"
#include "clock.h"
#include "cmd.h"
#include "out.h"
#include "reach.h"
#include "row.h"
#include "stop.h"
#include "table.h"
#include "units.h"

#define SAMPLES	   (1u << 18)
#define BATCH	   64
#define BLOCK	   1024 /* records of a stream that are timed together */
#define RECORD_MAX 1024

static int64_t seconds_ns = INT64_C(10000000000);
static const char *wanted_cpus;

static const struct opt opts[] = {
    {'t', "time", "SECONDS", "for all of it; default 10", OPT_SECONDS,
     &seconds_ns},
    {'c', "cpus", "CPU,CPU", "the two processors; default the first two",
     OPT_STR, &wanted_cpus},
    {0, "json", NULL, "an object for each figure", OPT_FLAG, &row_json},
    OPT_END,
};

enum kind { WORD, FUTEX, TRIP, RING, STREAM };

struct figure {
	const char *title;
	enum kind kind;
	uint32_t len;
	int is_shared, sleeps;
};

static const struct figure figures[] = {
    {"bare word, polling", WORD, 0, 0, 0},
    {"round trip 64 B, polling, exclusive", TRIP, 64, 0, 0},
    {"round trip 64 B, polling, shared", TRIP, 64, 1, 0},
    {"round trip 1 KB, polling, exclusive", TRIP, 1024, 0, 0},
    {"bare futex, sleeping", FUTEX, 0, 0, 1},
    {"round trip 64 B, sleeping, exclusive", TRIP, 64, 0, 1},
    {"round trip 64 B, sleeping, shared", TRIP, 64, 1, 1},
    {"bare ring 64 B", RING, 64, 0, 0},
    {"stream 64 B, exclusive", STREAM, 64, 0, 0},
    {"stream 64 B, shared", STREAM, 64, 1, 0},
    {"bare ring 1 KB", RING, 1024, 0, 0},
    {"stream 1 KB, exclusive", STREAM, 1024, 0, 0},
    {"stream 1 KB, shared", STREAM, 1024, 1, 0},
};
#define FIGURES (sizeof(figures) / sizeof(*figures))

/* What the two share with us; of one figure at a time. */
struct shared {
	_Alignas(64) _Atomic uint32_t word[2][16]; /* each on its own line */
	_Alignas(64) _Atomic uint32_t ready;
	uint64_t records, took_ns; /* of a stream */
	uint64_t samples;	   /* how many; round trips, or blocks */
	uint32_t ns[SAMPLES];
	struct bench_ring ring;
};

static struct shared *shared;
static const struct figure *now;
static int64_t share_ns;
static char store_of_ours[WEIR_NAME_MAX + 1];
static int cpus[2], cpu_cnt;

static void
sample(int64_t ns)
{
	if (shared->samples < SAMPLES)
		shared->ns[shared->samples] =
		    ns < UINT32_MAX ? (uint32_t)ns : UINT32_MAX;
	shared->samples++;
}

/* Record @number of a stream came, and is right; @begin: 0 before the first. */
static void
came(uint64_t number, int64_t *begin)
{
	static int64_t last;
	int64_t at;

	if (*begin && number % BLOCK)
		return;
	at = clock_mono();
	if (!*begin)
		*begin = at;
	else
		sample(at - last);
	last = at;
}

/* The stream of @cnt records has come. */
static void
has_come(uint64_t cnt, int64_t begin)
{
	shared->records = cnt;
	shared->took_ns = (uint64_t)(clock_mono() - begin);
}

/* ---- the floors ---- */

static void
await(_Atomic uint32_t *word, uint32_t value)
{
	while (atomic_load(word) != value)
		if (now->sleeps)
			syscall(SYS_futex, word, FUTEX_WAIT, value - 1, NULL,
				NULL, 0);
}

static void
set(_Atomic uint32_t *word, uint32_t value)
{
	atomic_store(word, value);
	if (now->sleeps)
		syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

/* word[0][1] is the number of the last trip. */
static int
bare(int leads)
{
	int64_t end = clock_mono() + share_ns, at, after;

	for (uint32_t i = 1; i; i++) {
		if (!leads) {
			await(&shared->word[0][0], i);
			set(&shared->word[1][0], i);
			if (atomic_load(&shared->word[0][1]) == i)
				return 0;
			continue;
		}
		at = clock_mono();
		if (at > end)
			atomic_store(&shared->word[0][1], i);
		set(&shared->word[0][0], i);
		await(&shared->word[1][0], i);
		after = clock_mono();
		if (at > end)
			return 0;
		sample(after - at);
	}
	return 0;
}

/* ---- through a store ---- */

struct side {
	weir_store *store;
	weir_producer *p;
	weir_consumer *c;
};

static int
say(const char *what, int64_t rc, const weir_diag *diag)
{
	fail(what, (int)rc, diag);
	return -1;
}

/* Publish on @to and read from @from; either may be NULL. */
static int
open_side(struct side *s, const char *to, const char *from)
{
	weir_channel_opts co = {
	    .size = sizeof(co),
	    .producers = now->is_shared ? WEIR_SHARED : WEIR_EXCLUSIVE,
	    .overflow = now->kind == STREAM ? WEIR_BLOCK : WEIR_OVERWRITE,
	    .stamps = WEIR_OFF,
	    .capacity = now->len > 64 ? 256 : 4096,
	    .max_record = RECORD_MAX};
	weir_consumer_opts ro = {.size = sizeof(ro),
				 .from = WEIR_FROM_OLDEST,
				 .flags = now->kind == STREAM ? WEIR_GATE : 0,
				 .spin_ns = now->sleeps ? WEIR_SPIN_SLEEPY
							: WEIR_SPIN_LATENCY};
	weir_producer_opts po = {.size = sizeof(po), .timeout_ns = -1};
	weir_store_opts so = {.size = sizeof(so), .dir = store_dir};
	weir_channel *ch;
	weir_diag diag = {.message = ""};
	int rc = weir_store_open(store_of_ours, &so, &s->store, &diag);

	if (rc == 0 && to)
		rc = weir_channel_open(s->store, to, &co, &ch, &diag);
	if (rc == 0 && to)
		rc = weir_producer_open(ch, "bench", &po, &s->p, &diag);
	if (rc == 0 && from)
		rc = weir_channel_open(s->store, from, &co, &ch, &diag);
	if (rc == 0 && from)
		rc = weir_consumer_open(ch, "bench", &ro, &s->c, &diag);
	return rc == 0 ? 0 : say(store_of_ours, rc, &diag);
}

/* A msgpack bin of @len bytes whose content is the number. */
static void
fill(uint8_t *rec, uint32_t len, uint64_t number)
{
	rec[0] = 0xc5;
	rec[1] = (uint8_t)((len - 3) >> 8);
	rec[2] = (uint8_t)(len - 3);
	memcpy(rec + 3, &number, sizeof(number));
	memcpy(rec + len - sizeof(number), &number, sizeof(number));
}

static int
has_number(const uint8_t *p, uint64_t number)
{
	return memcmp(p + 3, &number, sizeof(number)) == 0 &&
	       memcmp(p + now->len - sizeof(number), &number, sizeof(number)) ==
		   0;
}

static int
is_filled(const weir_record *r, uint64_t number)
{
	return r->len == now->len && r->lost == 0 &&
	       has_number(r->data, number);
}

static int
wrong(void)
{
	talk("a record is not what was sent");
	return -1;
}

static int
trip(const struct side *s, int leads)
{
	int64_t end = clock_mono() + share_ns, at;
	uint8_t buf[RECORD_MAX] = {0};
	weir_record rec;
	int64_t rc;

	for (uint64_t i = 1;; i++) {
		at = clock_mono();
		fill(buf, now->len, i);
		if (leads) {
			if (at > end)
				atomic_store(&shared->word[0][1], (uint32_t)i);
			rc = weir_publish(s->p, buf, now->len, NULL);
			if (rc < 0)
				return say("publish", rc, NULL);
		}
		rc = weir_read(s->c, &rec, 1, -1);
		if (rc != 1)
			return say("read", rc, NULL);
		if (!is_filled(&rec, i))
			return wrong();
		if (leads) {
			if (at > end)
				return 0;
			sample(clock_mono() - at);
			continue;
		}
		rc = weir_publish(s->p, buf, now->len, NULL);
		if (rc < 0)
			return say("publish", rc, NULL);
		if (atomic_load(&shared->word[0][1]) == (uint32_t)i)
			return 0;
	}
}

/* Number 0 is the last. */
static int
send(const struct side *s)
{
	static uint8_t bufs[BATCH][RECORD_MAX];
	int64_t end = clock_mono() + share_ns;
	struct iovec io[BATCH];
	uint64_t number = 1;
	int64_t rc;

	for (int i = 0; i < BATCH; i++)
		io[i] = (struct iovec){bufs[i], now->len};
	while (clock_mono() < end) {
		for (int i = 0; i < BATCH; i++)
			fill(bufs[i], now->len, number++);
		rc = weir_publish_batch(s->p, io, BATCH, NULL);
		if (rc < 0)
			return say("publish", rc, NULL);
	}
	fill(bufs[0], now->len, 0);
	rc = weir_publish(s->p, bufs[0], now->len, NULL);
	return rc < 0 ? say("publish", rc, NULL) : 0;
}

static int
receive(const struct side *s)
{
	weir_record recs[BATCH];
	uint64_t number = 1;
	int64_t begin = 0;
	int n;

	for (;;) {
		n = weir_read(s->c, recs, BATCH, -1);
		if (n < 0)
			return say("read", n, NULL);
		for (int i = 0; i < n; i++, number++) {
			if (!is_filled(&recs[i], number)) {
				if (!is_filled(&recs[i], 0))
					return wrong();
				has_come(number - 1, begin);
				return 0;
			}
			came(number, &begin);
		}
	}
}

/* ---- and through a bare ring ---- */

/* Number 0 is the last. */
static int
ring_send(void)
{
	int64_t end = clock_mono() + share_ns;
	uint8_t buf[RECORD_MAX] = {0};
	uint64_t at = 0;

	while (at % BATCH || clock_mono() < end) {
		fill(buf, now->len, at + 1);
		bench_ring_put(&shared->ring, at++, buf, now->len, cpu_cnt < 2);
	}
	fill(buf, now->len, 0);
	bench_ring_put(&shared->ring, at++, buf, now->len, cpu_cnt < 2);
	bench_ring_flush(&shared->ring, at);
	return 0;
}

static int
ring_receive(void)
{
	uint8_t buf[RECORD_MAX];
	int64_t begin = 0;
	uint64_t at = 0;

	for (;; at++) {
		bench_ring_get(&shared->ring, at, buf, now->len, cpu_cnt < 2);
		if (!has_number(buf, at + 1))
			break;
		came(at + 1, &begin);
	}
	if (!has_number(buf, 0))
		return wrong();
	has_come(at, begin);
	return 0;
}

/* ---- the two processes ---- */

static int
play(const struct side *s, int leads)
{
	switch (now->kind) {
	case TRIP:
		return trip(s, leads);
	case STREAM:
		return leads ? send(s) : receive(s);
	case RING:
		return leads ? ring_send() : ring_receive();
	default:
		return bare(leads);
	}
}

static int
side(int leads)
{
	struct side s = {0};
	cpu_set_t set;
	int rc = 0;

	CPU_ZERO(&set);
	CPU_SET((size_t)cpus[leads ? 0 : cpu_cnt - 1], &set);
	sched_setaffinity(0, sizeof(set), &set);
	if (now->kind == TRIP)
		rc = open_side(&s, leads ? "there" : "back",
			       leads ? "back" : "there");
	else if (now->kind == STREAM)
		rc = open_side(&s, leads ? "there" : NULL,
			       leads ? NULL : "there");
	if (rc != 0)
		return rc;
	atomic_fetch_add(&shared->ready, 1);
	while (atomic_load(&shared->ready) < 2)
		sched_yield();
	rc = play(&s, leads);
	weir_store_close(s.store);
	return rc;
}

static int
make_store(weir_store **st)
{
	weir_store_opts o = {.size = sizeof(o),
			     .flags = WEIR_CREATE,
			     .dir = store_dir,
			     .max_bytes = 64 << 20};
	weir_diag diag = {.message = ""};
	int rc = weir_store_open(store_of_ours, &o, st, &diag);

	return rc == 0 ? 0 : fail(store_of_ours, rc, &diag);
}

static void
drop_store(weir_store *st)
{
	weir_store_opts o = {.size = sizeof(o), .dir = store_dir};

	weir_store_close(st);
	weir_store_destroy(store_of_ours, &o, NULL);
}

static pid_t
start(int leads)
{
	pid_t parent = getpid(), pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	_exit(side(leads) == 0 ? 0 : 1);
}

/* One that fails, or a signal to us, ends the other. */
static int
measure(void)
{
	pid_t pids[2] = {-1, -1};
	int left = 2, status, bad = 0;

	memset(shared, 0, sizeof(*shared));
	for (int i = 0; i < 2; i++)
		pids[i] = start(i);
	bad = pids[0] < 0 || pids[1] < 0;
	for (int i = 0; i < 2; i++)
		left -= pids[i] < 0;
	while (left) {
		pid_t pid;

		for (int i = 0; (bad || stop_signal()) && i < 2; i++)
			if (pids[i] > 0)
				kill(pids[i], SIGKILL);
		pid = wait(&status);
		if (pid < 0)
			continue;
		if (WIFSIGNALED(status) && !bad && !stop_signal())
			talk("%s: one of the two processes was ended by signal "
			     "%d",
			     now->title, WTERMSIG(status));
		bad |= status != 0;
		left--;
		for (int i = 0; i < 2; i++)
			if (pids[i] == pid)
				pids[i] = -1;
	}
	return bad || stop_signal() ? X_FAILED : 0;
}

/* ---- what came of it ---- */

static int
compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static size_t
sort_samples(void)
{
	size_t n = shared->samples < SAMPLES ? shared->samples : SAMPLES;

	qsort(shared->ns, n, sizeof(*shared->ns), compare);
	return n;
}

static void
put_trip(double *floor)
{
	size_t n = sort_samples();
	uint32_t median, p99, most;
	char text[3][UNITS_MAX];

	median = n ? shared->ns[n / 2] : 0;
	p99 = n ? shared->ns[n - 1 - n / 100] : 0;
	most = n ? shared->ns[n - 1] : 0;
	if (now->kind != TRIP)
		*floor = median;
	if (row_json) {
		row_u64("trips", shared->samples);
		row_u64("median_ns", median);
		row_u64("p99_ns", p99);
		row_u64("max_ns", most);
		row_u64("floor_ns", (uint64_t)*floor);
		return;
	}
	table_fmt("%s", units_time(text[0], median));
	table_fmt("%s", units_time(text[1], p99));
	table_fmt("%s", units_time(text[2], most));
	table_fmt("%.2f", *floor > 0 ? median / *floor : 0);
}

/* By the median of the blocks, so that a time slice that went to others does
 * not count. */
static void
put_stream(double *floor)
{
	size_t n = sort_samples();
	double cnt = n ? BLOCK : (double)shared->records;
	double ns = n ? shared->ns[n / 2] : (double)shared->took_ns;
	double rate = ns > 0 ? cnt / ns * 1e9 : 0;
	char text[UNITS_MAX];

	if (now->kind == RING)
		*floor = rate;

	if (row_json) {
		row_u64("records", shared->records);
		row_u64("took_ns", shared->took_ns);
		row_u64("records_per_s", (uint64_t)rate);
		row_u64("floor_records_per_s", (uint64_t)*floor);
		return;
	}
	table_fmt("%.3g M/s", rate / 1e6);
	table_fmt("%s/s", units_bytes(text, rate * now->len));
	table_fmt("%.2f", *floor > 0 ? rate / *floor : 0);
}

static void
put(double *floor)
{
	if (row_json) {
		row_begin(NULL);
		row_word("figure", now->title);
	} else {
		table_fmt("%s", now->title);
	}
	if (now->kind >= RING)
		put_stream(floor);
	else
		put_trip(floor);
	if (row_json)
		row_end();
}

/* The two of -c, of those that this process may use. */
static int
read_cpus(const cpu_set_t *set)
{
	char behind;

	if (sscanf(wanted_cpus, "%d,%d%c", &cpus[0], &cpus[1], &behind) != 2)
		return -EINVAL;
	for (int i = 0; i < 2; i++)
		if (cpus[i] < 0 || cpus[i] >= CPU_SETSIZE ||
		    !CPU_ISSET((size_t)cpus[i], set))
			return -EINVAL;
	cpu_cnt = cpus[0] == cpus[1] ? 1 : 2;
	return 0;
}

static int
find_cpus(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return -errno;
	if (wanted_cpus)
		return read_cpus(&set);
	for (int i = 0; i < CPU_SETSIZE && cpu_cnt < 2; i++)
		if (CPU_ISSET((size_t)i, &set))
			cpus[cpu_cnt++] = i;
	return 0;
}

static void
heads_of(enum kind kind)
{
	static const char *const trips[] = {"ROUND TRIPS", "MEDIAN", "99%",
					    "LONGEST", "/ BARE"};
	static const char *const streams[] = {"STREAMS", "RECORDS", "BYTES",
					      "/ BARE"};
	int cnt = kind == STREAM ? 4 : 5;

	if (row_json)
		return;
	table_begin(kind == STREAM ? "<>>>" : "<>>>>");
	for (int i = 0; i < cnt; i++)
		table_fmt("%s", kind == STREAM ? streams[i] : trips[i]);
}

static int
table_done(void)
{
	int rc = row_json ? 0 : table_end();

	return rc < 0 ? fail("bench", rc, NULL) : 0;
}

static int
run_all(void)
{
	double floor = 0;
	int code = 0, streams = 0;

	heads_of(TRIP);
	for (size_t i = 0; i < FIGURES && code == 0 && !out_failed(); i++) {
		weir_store *st;

		now = &figures[i];
		if (cpu_cnt < 2 && !now->sleeps && now->kind < RING)
			continue;
		code = make_store(&st);
		if (code != 0)
			break;
		code = measure();
		drop_store(st);
		if (code != 0)
			break;
		if (now->kind >= RING && !streams++) {
			code = table_done();
			heads_of(STREAM);
		}
		put(&floor);
		if (row_json)
			out_flush();
	}
	return code;
}

static int
run(int argc, char **argv)
{
	int code, rc = find_cpus();

	(void)argc;
	(void)argv;
	if (seconds_ns <= 0) {
		talk("--time: above 0 is needed");
		return X_USAGE;
	}
	if (rc == -EINVAL) {
		talk("--cpus: %s: two processors that this process may use are "
		     "needed, as 0,1",
		     wanted_cpus);
		return X_USAGE;
	}
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (rc < 0 || shared == MAP_FAILED)
		return fail("bench", rc < 0 ? rc : -errno, NULL);
	share_ns = seconds_ns / (int64_t)FIGURES;
	snprintf(store_of_ours, sizeof(store_of_ours), "bench-%ld",
		 (long)getpid());
	if (cpu_cnt < 2)
		talk("one processor: polling round trips are left out");
	stop_catch();
	code = run_all();
	if (code == 0)
		code = table_done();
	munmap(shared, sizeof(*shared));
	code = out_end(code);
	stop_raise();
	return code;
}

const struct cmd cmd_bench = {
    .name = "bench",
    .args = "",
    .what = "measure round trips and streams on this machine",
    .more =
	"Between two processes, through a store that is made for it in --dir\n"
	"and removed afterwards.  The last column is a figure over that of "
	"the\n"
	"bare word, futex or ring above it, in the same run: compare that.\n"
	"Streams: records and bytes a second, 64 in a batch, none lost;\n"
	"the median of blocks of 1,024.\n",
    .opts = opts,
    .has_store = 1,
    .run = run,
};
