/* SPDX-License-Identifier: BSD-2-Clause
 *
 * damage.c - see damage.h
 */
#include "fault/damage.h"
#include "fault/guard.h"
#include "support/fields.h"
#include "support/harness.h"
#include "support/procs.h"
#include "support/tmpstore.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/hash.h"
#include "format/block.h"

#define PIECE_CPU_S  5	/* of the processor, for one piece of damage */
#define PIECE_WALL_S 30 /* nothing in it waits that long */
#define BAD_MOST     8	/* after so many, the sweep ends */

const char *const damage_channels[] = {"slot", "long", "wide", "gate",
				       DAMAGE_WHOLE};

/* ---- the store
 * ------------------------------------------------------------ */

static void
must(int64_t rc, const char *what)
{
	if (rc >= 0)
		return;
	printf("damage: %s: %s\n", what, weir_strerror((int)rc));
	fflush(NULL);
	exit(1);
}

static weir_store *
open_store(const char *name)
{
	weir_store_opts o = {.size = sizeof(o),
			     .flags = WEIR_CREATE,
			     .max_bytes = 1u << 20,
			     .max_channels = 8,
			     .max_participants = 6};
	weir_store *st = NULL;

	must(weir_store_open(name, &o, &st, NULL), "store");
	return st;
}

static weir_channel *
open_channel(weir_store *st, const char *name)
{
	weir_channel_opts o = {.size = sizeof(o),
			       .max_consumers = 3,
			       .capacity = 4,
			       .max_record = 200,
			       .lane_bytes = 1024};
	weir_channel *ch = NULL;

	switch (name[0]) {
	case 's': /* slot */
		o.producers = WEIR_EXCLUSIVE;
		o.max_record = 64;
		o.lane_bytes = 0;
		break;
	case 'l': /* long */
		o.producers = WEIR_EXCLUSIVE;
		o.overflow = WEIR_BLOCK;
		break;
	case 'g': /* gate; gone */
		o.overflow = WEIR_BLOCK;
		o.capacity = 8;
		o.max_producers = 3;
		o.orphans = WEIR_EVICT;
		o.stamps = WEIR_OFF;
		break;
	default: /* wide, whole, dying */
		o.max_producers = 4;
		o.schema = "{\"type\":\"string\",\"minLength\":1}";
	}
	must(weir_channel_open(st, name, &o, &ch, NULL), name);
	return ch;
}

static weir_producer *
open_producer(weir_channel *ch, const char *id)
{
	weir_producer *p = NULL;

	must(weir_producer_open(ch, id, NULL, &p, NULL), id);
	return p;
}

static weir_consumer *
open_consumer(weir_channel *ch, const char *id, uint32_t flags, uint32_t from)
{
	weir_consumer_opts o = {
	    .size = sizeof(o), .flags = flags, .from = from, .spin_ns = -1};
	weir_consumer *c = NULL;

	must(weir_consumer_open(ch, id, &o, &c, NULL), id);
	return c;
}

static void
put(weir_producer *p, int cnt, size_t len)
{
	uint8_t msg[200];

	memset(msg, 'x', sizeof(msg));
	msg[0] = 0xd9;
	msg[1] = (uint8_t)(len - 2);
	while (cnt--)
		must(weir_publish(p, msg, len, NULL), "publish");
}

/* A process that has a hand in everything, and dies asleep. */
static int
late(struct proc *me, void *arg)
{
	weir_store *st = open_store(arg);
	weir_channel *ch[DAMAGE_CHANNELS];
	weir_producer *p;
	weir_record rec;

	(void)me;
	for (int i = 0; i < DAMAGE_CHANNELS; i++)
		ch[i] = open_channel(st, damage_channels[i]);
	open_channel(st, "dying");

	p = open_producer(ch[0], "late"); /* slot */
	put(p, 7, 40);
	open_consumer(ch[0], "late-c", 0, WEIR_FROM_OLDEST);
	p = open_producer(ch[1], "late"); /* long: in the lane, in the slot */
	put(p, 6, 180);
	put(p, 1, 20);
	open_consumer(ch[1], "late-g", WEIR_GATE, WEIR_FROM_OLDEST);
	p = open_producer(ch[2], "gone"); /* wide: a value without a holder */
	put(p, 1, 150);
	weir_producer_close(p);
	p = open_producer(ch[2], "cleared");
	put(p, 2, 30);
	weir_clear(p);
	weir_producer_close(p);
	p = open_producer(ch[2], "late");
	put(p, 9, 100);
	p = open_producer(ch[3], "late"); /* gate */
	put(p, 12, 60);
	open_consumer(ch[3], "late-g", WEIR_GATE, WEIR_FROM_CURRENT);
	open_consumer(ch[3], "late-c", 0, WEIR_FROM_NEW);
	return weir_read(open_consumer(ch[2], "late-c", 0, WEIR_FROM_NEW), &rec,
			 1, -1);
}

static void
fill(const char *name)
{
	weir_store *st = open_store(name);
	weir_channel *ch;
	weir_producer *p;
	struct proc proc;

	open_channel(st, "gone");
	/* its neighbour is one that is damaged, and removed */
	open_channel(st, "slot");
	open_channel(st, DAMAGE_WHOLE);
	must(proc_start(&proc, late, (void *)(uintptr_t)name), "process");
	must(proc_await_asleep(&proc), "asleep");
	must(weir_channel_remove(st, "dying", NULL), "remove");
	ch = open_channel(st, "gate");
	p = open_producer(ch, "idle");
	put(p, 2, 33);
	weir_producer_close(p);
	proc_kill(&proc);
	must(weir_channel_remove(st, "gone", NULL), "remove");
	weir_store_close(st);
}

/* ---- its fields
 * ------------------------------------------------------------ */

static const struct wi_shm_header *
head_of(const struct damage *d)
{
	return (const void *)d->image;
}

static void add(struct damage *d, const char *channel, size_t off, size_t len,
		const char *fmt, ...) __attribute__((format(printf, 5, 6)));

static void
add(struct damage *d, const char *channel, size_t off, size_t len,
    const char *fmt, ...)
{
	struct damage_field *f;
	va_list ap;

	if (d->field_cnt % 256 == 0) {
		d->fields =
		    realloc(d->fields, (d->field_cnt + 256) * sizeof(*f));
		if (!d->fields)
			exit(1);
	}
	f = &d->fields[d->field_cnt++];
	*f = (struct damage_field){.off = off, .len = len, .channel = channel};
	va_start(ap, fmt);
	vsnprintf(f->name, sizeof(f->name), fmt, ap);
	va_end(ap);
}

/* All fields of a struct of this type at @off; those that are structs
 * themselves field by field, pairs as halves. */
static void
add_struct(struct damage *d, const char *channel, const char *what,
	   const char *type, size_t off)
{
	size_t type_len = strlen(type);

	for (size_t i = 0; i < t_field_cnt; i++) {
		const struct t_field *r = &t_fields[i];
		const char *field = r->name + type_len + 1;
		char name[64];

		if (strncmp(r->name, type, type_len) != 0 ||
		    r->name[type_len] != '.')
			continue;
		snprintf(name, sizeof(name), "%.40s.%.20s", what, field);
		if (strcmp(field, "tag") == 0 || strcmp(field, "before") == 0) {
			add_struct(d, channel, name, "wi_shm_tag",
				   off + r->off);
		} else if (strcmp(field, "last") == 0 ||
			   strcmp(field, "commit") == 0) {
			add(d, channel, off + r->off, 8, "%s.seq", name);
			add(d, channel, off + r->off + 8, 8, "%s.word", name);
		} else {
			add(d, channel, off + r->off, r->len, "%s", name);
		}
	}
}

static void
add_table(struct damage *d, const char *channel, const char *what,
	  const char *type, size_t off, size_t stride, uint32_t cnt)
{
	char name[64];

	for (uint32_t i = 0; i < cnt; i++) {
		snprintf(name, sizeof(name), "%.40s[%u]", what, i);
		add_struct(d, channel, name, type, off + i * stride);
	}
}

/* The head of each record in a lane that a slot, or a lane's memory of its
 * last, points to. */
static void
add_record(struct damage *d, const char *channel, const struct wi_geom *g,
	   size_t block, uint64_t lane, uint64_t position)
{
	size_t off = block + g->bytes_off + lane * g->lane_len +
		     (position & (g->lane_len - 1));
	char name[64];

	snprintf(name, sizeof(name), "%.24s.record@%zu", channel, off);
	for (size_t i = 0; i < d->field_cnt; i++)
		if (d->fields[i].off == off)
			return; /* known */
	add_struct(d, channel, name, "wi_shm_record", off);
	add(d, channel, off + sizeof(struct wi_shm_record), 8, "%s.payload",
	    name);
}

static void
add_records(struct damage *d, const char *channel, const struct wi_geom *g,
	    size_t block)
{
	const struct wi_shm_lane *lane =
	    (const void *)(d->image + block + g->lanes_off);

	for (uint32_t i = 0; i < g->slot_cnt; i++) {
		const struct wi_shm_slot *s =
		    (const void *)(d->image + block + g->slots_off +
				   (size_t)i * g->slot_len);

		if (s->commit.seq && !(s->commit.word & WI_DESC_INLINE))
			add_record(d, channel, g, block,
				   s->commit.word >> 52 & 0x7ff,
				   (s->commit.word & 0xfffffffffffffu) << 4);
	}
	for (uint32_t i = 0; i < g->lane_cnt; i++)
		if (lane[i].last.seq)
			add_record(d, channel, g, block, i, lane[i].last.word);
}

/* One of damage_channels; NULL: none of those that are to be damaged. */
static const char *
channel_of(const struct wi_shm_entry *e)
{
	const char *name = (const char *)e->tag.text; /* zeros follow it */

	for (int i = 0; i < DAMAGE_CHANNELS; i++)
		if (strcmp(name, damage_channels[i]) == 0 &&
		    strcmp(name, DAMAGE_WHOLE) != 0)
			return damage_channels[i];
	return NULL;
}

static void
add_channel(struct damage *d, const struct wi_shm_entry *e)
{
	const char *name = channel_of(e);
	struct wi_geom g;
	char what[64];

	if (strcmp((const char *)e->tag.text, DAMAGE_WHOLE) == 0)
		return;
	if (!name)
		name = "dying"; /* removed; nobody finds it */
	must(wi_block_read(d->image + e->off, e->len, &g), "block");
	add_struct(d, name, name, "wi_shm_channel", e->off);
	snprintf(what, sizeof(what), "%.24s.lane", name);
	add_table(d, name, what, "wi_shm_lane", e->off + g.lanes_off,
		  sizeof(struct wi_shm_lane), g.lane_cnt);
	snprintf(what, sizeof(what), "%.24s.cell", name);
	add_table(d, name, what, "wi_shm_cell", e->off + g.cells_off,
		  sizeof(struct wi_shm_cell), g.cell_cnt);
	snprintf(what, sizeof(what), "%.24s.slot", name);
	add_table(d, name, what, "wi_shm_slot", e->off + g.slots_off,
		  g.slot_len, g.slot_cnt);
	for (uint32_t i = 0; g.inline_len && i < g.slot_cnt; i++)
		add(d, name,
		    e->off + g.slots_off + i * g.slot_len +
			sizeof(struct wi_shm_slot),
		    8, "%s.slot[%u].payload", name, i);
	if (g.schema_len)
		add(d, name, e->off + g.schema_off, g.schema_len, "%s.schema",
		    name);
	if (g.lane_len)
		add_records(d, name, &g, e->off);
}

static void
list_fields(struct damage *d)
{
	const struct wi_shm_header *h = head_of(d);
	const struct wi_shm_entry *e =
	    (const void *)(d->image + h->channels_off);
	char name[64];

	add_struct(d, NULL, "header", "wi_shm_header", 0);
	add_struct(d, NULL, "control", "wi_shm_control", h->control_off);
	add_table(d, NULL, "participant", "wi_shm_participant",
		  h->participants_off, sizeof(struct wi_shm_participant),
		  h->participant_cnt);
	for (uint32_t i = 0; i < h->participant_cnt * h->hold_cnt; i++)
		add(d, NULL, h->holds_off + i * 8u, 8, "holds[%u]", i);
	for (uint32_t i = 0; i < h->channel_cnt; i++) {
		snprintf(name, sizeof(name), "entry[%u]", i);
		add_struct(d, channel_of(&e[i]), name, "wi_shm_entry",
			   h->channels_off + i * sizeof(*e));
	}
	for (uint32_t i = 0; i < h->channel_cnt; i++)
		if (wi_word_state(e[i].tag.word) == WI_LIVE ||
		    wi_word_state(e[i].tag.word) == WI_DYING)
			add_channel(d, &e[i]);
}

/* ---- the file
 * ---------------------------------------------------------------- */

/* The last byte that a channel has. */
static size_t
used_len(const uint8_t *map)
{
	const struct wi_shm_header *h = (const void *)map;
	const struct wi_shm_entry *e = (const void *)(map + h->channels_off);
	size_t end = h->heap_off;

	for (uint32_t i = 0; i < h->channel_cnt; i++)
		if (wi_word_state(e[i].tag.word) != WI_FREE &&
		    e[i].off + e[i].len > end)
			end = e[i].off + e[i].len;
	return end;
}

void
damage_sign(struct damage *d)
{
	struct wi_shm_header *h = (void *)d->map;

	h->sum = wi_hash(h, offsetof(struct wi_shm_header, sum));
}

/* The names of a store go with it: whoever comes to one that is marked as
 * destroyed removes them.  A second link keeps each file. */
static void
keep(struct damage *d)
{
	snprintf(d->lock, sizeof(d->lock), "%s.%016" PRIx64 ".lock", d->path,
		 head_of(d)->store_id);
	snprintf(d->keep[0], sizeof(d->keep[0]), "%s.keep-data", d->path);
	snprintf(d->keep[1], sizeof(d->keep[1]), "%s.keep-locks", d->path);
	if (link(d->path, d->keep[0]) < 0 || link(d->lock, d->keep[1]) < 0)
		must(-errno, "link");
}

void
damage_make(struct damage *d, uint64_t seed)
{
	struct wi_shm_header *h;
	struct stat st;

	memset(d, 0, sizeof(*d));
	d->rng.state = seed;
	d->name = tmpstore_name();
	fill(d->name);
	snprintf(d->path, sizeof(d->path), "%s", tmpstore_path(d->name));
	d->fd = open(d->path, O_RDWR | O_CLOEXEC);
	if (d->fd < 0 || fstat(d->fd, &st) < 0)
		must(-errno, d->path);
	d->map = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE,
		      MAP_SHARED, d->fd, 0);
	if (d->map == MAP_FAILED)
		must(-errno, "mmap");
	d->len = used_len(d->map);
	h = (void *)d->map;
	h->seg_len = d->len;
	damage_sign(d);
	munmap(d->map, (size_t)st.st_size);
	if (ftruncate(d->fd, (off_t)d->len) < 0)
		must(-errno, "truncate");
	d->map =
	    mmap(NULL, d->len, PROT_READ | PROT_WRITE, MAP_SHARED, d->fd, 0);
	d->image = aligned_alloc(WI_PAGE, d->len);
	if (d->map == MAP_FAILED || !d->image)
		must(-ENOMEM, "image");
	memcpy(d->image, d->map, d->len);
	keep(d);
	list_fields(d);
}

void
damage_free(struct damage *d)
{
	munmap(d->map, d->len);
	close(d->fd);
	free(d->image);
	free(d->fields);
}

static void
name_again(const char *kept, const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0 && link(kept, path) < 0)
		must(-errno, path);
}

void
damage_restore(struct damage *d)
{
	name_again(d->keep[0], d->path);
	name_again(d->keep[1], d->lock);
	if (ftruncate(d->fd, (off_t)d->len) < 0)
		must(-errno, "truncate");
	memcpy(d->map, d->image, d->len);
}

size_t
damage_field_variants(const struct damage *d)
{
	return d->field_cnt * DAMAGE_HOWS;
}

const struct damage_field *
damage_field_of(const struct damage *d, size_t variant)
{
	return &d->fields[variant / DAMAGE_HOWS];
}

void
damage_field_name(const struct damage *d, size_t variant, char *buf, size_t cap)
{
	static const char *const hows[] = {"zero", "ones", "one more",
					   "one less", "random"};

	snprintf(buf, cap, "%s: %s", damage_field_of(d, variant)->name,
		 hows[variant % DAMAGE_HOWS]);
}

void
damage_field_apply(struct damage *d, size_t variant)
{
	const struct damage_field *f = damage_field_of(d, variant);
	enum damage_how how = variant % DAMAGE_HOWS;
	uint8_t *p = d->map + f->off;
	size_t n = f->len < 8 ? f->len : 8;
	uint64_t v = 0;

	switch (how) {
	case DAMAGE_ZERO:
	case DAMAGE_ONES:
		memset(p, how == DAMAGE_ONES ? 0xff : 0, f->len);
		return;
	case DAMAGE_PLUS:
	case DAMAGE_MINUS:
		memcpy(&v, p, n);
		v += how == DAMAGE_PLUS ? 1u : UINT64_MAX;
		memcpy(p, &v, n);
		return;
	default:
		rng_fill(&d->rng, p, f->len);
	}
}

/* ---- the loop
 * ---------------------------------------------------------------- */

/* What both processes see. */
struct report {
	size_t variant;
	const char *step; /* of this program's text, which is in both */
};

static struct report *report;

void
damage_step(const char *step)
{
	report->step = step;
}

void
damage_must_at(int ok, const char *what, const char *file, int line)
{
	if (ok)
		return;
	printf("%s:%d: %s\n", file, line, what);
	fflush(NULL);
	_exit(95);
}

int64_t
damage_answer_at(int64_t rc, const char *what, const char *file, int line)
{
	if (getenv("DAMAGE_SAY"))
		printf("%s:%d: %s: %lld\n", report->step, line, what,
		       (long long)rc);
	if (rc < 0 && rc != -EAGAIN)
		damage_must_at(
		    rc != -ENOMEM && rc != -EFAULT && rc != -EBUSY &&
			rc >= INT32_MIN &&
			strncmp(weir_strerror((int)rc), "unknown", 7) != 0,
		    what, file, line);
	return rc;
}

/* A damaged size must not become a wish for memory: there is little. */
#define MEMORY_MOST (512u << 20)

static void
limit_memory(void)
{
	struct rlimit r = {MEMORY_MOST, MEMORY_MOST};

	/* asan takes terabytes of addresses, and has a limit of its own */
	if (!guard_by_asan())
		setrlimit(RLIMIT_AS, &r);
}

static void
limit_time(void)
{
	struct itimerval cpu = {.it_value = {.tv_sec = PIECE_CPU_S}};
	struct itimerval wall = {.it_value = {.tv_sec = PIECE_WALL_S}};

	setitimer(ITIMER_PROF, &cpu, NULL);
	setitimer(ITIMER_REAL, &wall, NULL);
}

static void
piece(struct damage *d, damage_use *use, size_t variant)
{
	size_t fenced = guard_cnt();
	struct rng rng = d->rng;

	report->variant = variant;
	report->step = "begin";
	/* the same random bytes wherever a sweep begins */
	d->rng.state += variant * 0x9e3779b97f4a7c15u;
	limit_time();
	damage_restore(d);
	use(d, variant);
	damage_must(guard_cnt() == fenced); /* all unmapped that was mapped */
	d->rng = rng;
}

static void
say(const struct damage *d, damage_name *name, int status)
{
	int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	char buf[128];

	name(d, report->variant, buf, sizeof(buf));
	t_log("%s: in \"%s\": ", buf, report->step);
	if (sig == SIGPROF)
		t_log("%d s of the processor, and no end\n", PIECE_CPU_S);
	else if (sig == SIGALRM)
		t_log("%d s, and no end\n", PIECE_WALL_S);
	else if (sig)
		t_log("signal %d\n", sig);
	else
		t_log("exit %d\n", WEXITSTATUS(status));
}

int
damage_sweep(struct damage *d, damage_use *use, damage_name *name, size_t cnt,
	     unsigned stride, unsigned long *tried)
{
	size_t at = d->rng.state % stride;
	int status, bad = 0;
	pid_t pid;

	report = mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (report == MAP_FAILED)
		return 1;
	*tried = 0;
	while (at < cnt && bad < BAD_MOST) {
		fflush(NULL);
		pid = fork();
		if (pid == 0) {
			limit_memory();
			for (; at < cnt; at += stride)
				piece(d, use, at);
			_exit(0);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid) {
			bad++;
			break;
		}
		if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
			*tried += (cnt - at + stride - 1) / stride;
			break;
		}
		bad++;
		say(d, name, status);
		*tried += (report->variant - at) / stride + 1;
		at = report->variant + stride;
	}
	damage_restore(d);
	munmap(report, sizeof(*report));
	return bad;
}
