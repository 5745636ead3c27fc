/* SPDX-License-Identifier: BSD-2-Clause
 *
 * scene.c - see scene.h
 */
#include "fault/scene.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/tmpstore.h"

#define CAPACITY  16
#define SLEEPER_S 20 /* he looks every second, even if nobody wakes him */

const char *const scene_name[SCENE_CHANNELS] = {"shared", "exclusive",
						"blocking", "evicting"};

static const char schema[] =
    "{\"type\":\"object\",\"required\":[\"n\"],\"properties\":{\"n\":"
    "{\"type\":\"integer\"},\"s\":{\"pattern\":\"^a+$\"}}}";

void
scene_fail(struct scene *sc, const char *fmt, ...)
{
	va_list ap;

	if (sc->failures++ >= 12)
		return;
	printf("%s: %s: ", sc->deed, sc->point);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

/* ---- the store --------------------------------------------------------- */

weir_store_opts
scene_opts(const struct scene *sc, uint32_t flags)
{
	weir_store_opts o = {.size = sizeof(o),
			     .flags = flags,
			     .dir = sc->dir,
			     .max_bytes = 4 << 20,
			     .max_channels = 16,
			     .max_participants = 8};

	return o;
}

static int
make_channel(struct scene *sc, enum scene_channel i)
{
	weir_channel_opts o = {.size = sizeof(o),
			       .capacity = CAPACITY,
			       .max_consumers = 90,
			       .lane_bytes = 4096};
	weir_consumer_opts co = {.size = sizeof(co)};

	if (i == SHARED)
		o.schema = schema;
	if (i == EXCLUSIVE)
		o.producers = WEIR_EXCLUSIVE;
	if (i == BLOCKING) {
		o.overflow = WEIR_BLOCK;
		co.flags = WEIR_GATE;
	}
	if (i == EVICTING) {
		o.orphans = WEIR_EVICT;
		o.max_producers = 2;
	}
	if (weir_channel_open(sc->st, scene_name[i], &o, &sc->ch[i], NULL) != 0)
		return -1;
	return i == EVICTING ? 0
			     : weir_consumer_open(sc->ch[i], "watch", &co,
						  &sc->watch[i], NULL);
}

/* Values of two who are gone. */
static int
leave_values(struct scene *sc)
{
	weir_producer *p;

	for (int i = 0; i < 2; i++) {
		if (weir_producer_open(sc->ch[EVICTING], i ? "b" : "a", NULL,
				       &p, NULL) != 0 ||
		    weir_publish_json(p, "{\"n\":1}", 7, NULL) <= 0)
			return -1;
		weir_producer_close(p);
	}
	return 0;
}

static uint32_t
count_files(const struct scene *sc)
{
	DIR *d = opendir(sc->dir);
	uint32_t cnt = 0;

	while (d && readdir(d))
		cnt++;
	if (d)
		closedir(d);
	return cnt;
}

static char last_dir[sizeof(((struct scene *)0)->dir)];

static void
remove_dir(void)
{
	char path[sizeof(last_dir) + sizeof(((struct dirent *)0)->d_name)];
	DIR *d = opendir(last_dir);
	struct dirent *e;

	while (d && (e = readdir(d)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", last_dir, e->d_name);
		unlink(path);
	}
	if (d)
		closedir(d);
	rmdir(last_dir);
}

int
scene_make(struct scene *sc)
{
	static bool is_prepared;
	weir_store_opts o;
	weir_diag d = {.message = ""};

	if (!is_prepared) {
		snprintf(last_dir, sizeof(last_dir), "/dev/shm/%s.d",
			 tmpstore_name());
		atexit(remove_dir);
		is_prepared = true;
	}
	memcpy(sc->dir, last_dir, sizeof(sc->dir));
	o = scene_opts(sc, WEIR_CREATE);
	sc->board = mmap(NULL, sizeof(*sc->board), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (sc->board == MAP_FAILED ||
	    (mkdir(sc->dir, 0700) != 0 && errno != EEXIST) ||
	    weir_store_open("main", &o, &sc->st, &d) != 0) {
		printf("no scene in %s: %s\n", sc->dir, d.message);
		return -1;
	}
	for (int i = 0; i < SCENE_CHANNELS; i++)
		if (make_channel(sc, (enum scene_channel)i) != 0)
			return -1;
	if (leave_values(sc) != 0)
		return -1;
	sc->at_first.size = sizeof(sc->at_first);
	sc->files = count_files(sc);
	return weir_store_stat(sc->st, &sc->at_first);
}

void
scene_drop(struct scene *sc)
{
	proc_kill(&sc->sleeper);
	weir_store_close(sc->st);
	remove_dir();
	munmap(sc->board, sizeof(*sc->board));
}

/* ---- the sleeper -------------------------------------------------------- */

static int
sleep_there(struct proc *me, void *arg)
{
	struct scene *sc = arg;
	weir_store_opts o = scene_opts(sc, 0);
	weir_consumer_opts co = {.size = sizeof(co), .spin_ns = -1};
	weir_consumer *c[2];
	uint64_t seq[2] = {0, 0};
	weir_channel *ch;
	weir_record rec;
	weir_store *st;

	proc_check(weir_store_open("main", &o, &st, NULL) == 0);
	for (int i = SHARED; i <= EXCLUSIVE; i++) {
		proc_check(
		    weir_channel_open(st, scene_name[i], NULL, &ch, NULL) == 0);
		proc_check(
		    weir_consumer_open(ch, "sleeper", &co, &c[i], NULL) == 0);
	}
	proc_tell(me, 'r');
	for (;;) {
		for (int i = SHARED; i <= EXCLUSIVE; i++)
			while (weir_read(c[i], &rec, 1, 0) == 1)
				if (!(rec.flags & WEIR_CURRENT))
					seq[i] = rec.seq; /* a new one */
		__atomic_store_n(&sc->board->sleeper_seq, seq[0] + seq[1],
				 __ATOMIC_RELEASE);
		if (weir_wait(c, 2, -1, NULL) < 0)
			return 1;
	}
}

int
scene_sleeper(struct scene *sc)
{
	if (proc_start(&sc->sleeper, sleep_there, sc) != 0 ||
	    proc_hear(&sc->sleeper) != 'r')
		return -1;
	return weir_store_stat(sc->st, &sc->at_first);
}

/* He must have all, if only at his next look. */
static void
look_at_sleeper(struct scene *sc)
{
	int64_t limit = proc_now_ns() + SLEEPER_S * INT64_C(1000000000);
	uint64_t want = 0;

	for (int i = SHARED; i <= EXCLUSIVE; i++) {
		weir_channel_info info = {.size = sizeof(info)};

		weir_channel_stat(sc->ch[i], &info);
		want += info.newest_seq;
	}
	while (__atomic_load_n(&sc->board->sleeper_seq, __ATOMIC_ACQUIRE) !=
	       want) {
		if (proc_now_ns() > limit || proc_ended(&sc->sleeper)) {
			scene_fail(sc, "who sleeps has not got everything");
			return;
		}
		proc_nap_ms(1);
	}
	proc_await_asleep(&sc->sleeper);
}

/* ---- records ----------------------------------------------------------- */

static const char record[] = "{\"n\":7}";

int64_t
scene_say(struct scene *sc, enum scene_channel i)
{
	weir_producer *p;
	int64_t seq;
	int rc = weir_producer_open(sc->ch[i], "survivor", NULL, &p, NULL);

	if (rc != 0)
		return rc;
	seq = weir_publish_json(p, record, sizeof(record) - 1, NULL);
	weir_producer_close(p);
	return seq;
}

int64_t
actor_say(struct actor *a, enum scene_channel i)
{
	int64_t seq =
	    weir_publish_json(a->p, record, sizeof(record) - 1, &a->diag);

	if (seq > 0)
		a->sc->board->said[i]++;
	return seq;
}

void
actor_problem(struct actor *a, const char *fmt, ...)
{
	struct board *b = a->sc->board;
	va_list ap;

	if (b->problem[0])
		return;
	va_start(ap, fmt);
	vsnprintf(b->problem, sizeof(b->problem), fmt, ap);
	va_end(ap);
}

/* ---- the survivor looks ------------------------------------------------ */

/* Records of the actor that have come. */
static uint32_t
read_all(struct scene *sc, enum scene_channel i)
{
	weir_record rec;
	uint32_t cnt = 0;
	int rc;

	while ((rc = weir_read(sc->watch[i], &rec, 1, 0)) == 1) {
		if (rec.lost)
			scene_fail(sc, "%s: records lost", scene_name[i]);
		cnt +=
		    rec.kind == WEIR_DATA && strcmp(rec.producer, "actor") == 0;
	}
	if (rc != -EAGAIN)
		scene_fail(sc, "%s: reading gives %d", scene_name[i], rc);
	return cnt;
}

void
scene_drain(struct scene *sc)
{
	sc->drained += read_all(sc, BLOCKING);
}

static void
look_at(struct scene *sc, enum scene_channel i)
{
	uint32_t want = sc->board->said[i], got = read_all(sc, i);
	uint8_t buf[64];
	weir_record rec;
	int64_t seq;
	int rc;

	if (i == BLOCKING) {
		got += sc->drained;
		sc->drained = 0;
	}
	if (got != want)
		scene_fail(sc, "%s: %u records have come, %u were published",
			   scene_name[i], got, want);
	seq = scene_say(sc, i);
	if (seq <= 0) {
		scene_fail(sc, "%s: cannot publish: %lld", scene_name[i],
			   (long long)seq);
		return;
	}
	read_all(sc, i);
	rc = weir_current(sc->ch[i], NULL, buf, sizeof(buf), &rec);
	if (rc != 0 || (int64_t)rec.seq != seq)
		scene_fail(sc, "%s: the value is %d %llu, not record %lld",
			   scene_name[i], rc, (unsigned long long)rec.seq,
			   (long long)seq);
}

static void
look_at_figures(struct scene *sc)
{
	const weir_store_info *was = &sc->at_first;
	weir_store_info now = {.size = sizeof(now)};
	uint32_t files = count_files(sc);

	if (weir_store_stat(sc->st, &now) != 0)
		scene_fail(sc, "weir_store_stat fails");
	if (now.participant_cnt != was->participant_cnt ||
	    now.channel_cnt != was->channel_cnt)
		scene_fail(sc, "%u participants and %u channels, were %u, %u",
			   now.participant_cnt, now.channel_cnt,
			   was->participant_cnt, was->channel_cnt);
	if (now.used_bytes != was->used_bytes)
		scene_fail(sc, "%llu bytes are used, were %llu",
			   (unsigned long long)now.used_bytes,
			   (unsigned long long)was->used_bytes);
	if (files != sc->files)
		scene_fail(sc, "%u files in the directory, were %u", files,
			   sc->files);
}

static uint32_t
producers_of(struct scene *sc, enum scene_channel i)
{
	weir_channel_info info = {.size = sizeof(info)};
	uint32_t consumers = 0;

	if (weir_channel_stat(sc->ch[i], &info) != 0)
		scene_fail(sc, "%s: weir_channel_stat fails", scene_name[i]);
	if (i != EVICTING)
		consumers = 1;
	if (i <= EXCLUSIVE && sc->sleeper.pid > 0)
		consumers = 2;
	if (info.consumer_cnt != consumers)
		scene_fail(sc, "%s: %u consumers", scene_name[i],
			   info.consumer_cnt);
	return info.producer_cnt;
}

void
scene_look(struct scene *sc)
{
	if (sc->sleeper.pid > 0)
		look_at_sleeper(sc);
	for (int i = 0; i < SCENE_CHANNELS; i++) {
		if (i != EVICTING)
			look_at(sc, (enum scene_channel)i);
		if (producers_of(sc, (enum scene_channel)i))
			scene_fail(sc, "%s: a producer is left", scene_name[i]);
	}
	look_at_figures(sc);
	if (sc->sleeper.pid > 0)
		look_at_sleeper(sc);
}
