/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_saved.c - segments that were saved when their format was new: a library
 * that knows the format reads them, every other refuses them in a sentence.
 *
 * tests/golden/segment-FORMAT.txt is such a segment as text, without the rows
 * that are all zeros.  It is never made again.  A new format gets a new file:
 *
 *     WEIR_SAVE_SEGMENT=FILE build/release/tests/unit/test_saved
 */
#include "unit/fix.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <weir/inspect.h>

#include "format/layout.h"

#define ROW 32u

#define SCHEMA "{\"type\":\"integer\",\"minimum\":0}"

/* ---- making one
 * ---------------------------------------------------------------- */

/* What the test below expects to find. */
static void
fill(weir_store *st)
{
	weir_channel *sh = fix_channel(
	    st, "shared",
	    CH_OPTS(.capacity = 4, .lane_bytes = 1024, .max_record = 100,
		    .max_producers = 3, .max_consumers = 2, .schema = SCHEMA));
	weir_channel *ex =
	    fix_channel(st, "exclusive",
			CH_OPTS(.producers = WEIR_EXCLUSIVE, .capacity = 4,
				.lane_bytes = 1024, .max_record = 200,
				.max_consumers = 2, .stamps = WEIR_OFF));
	weir_channel *bl = fix_channel(
	    st, "block",
	    CH_OPTS(.overflow = WEIR_BLOCK, .orphans = WEIR_EVICT,
		    .capacity = 4, .lane_bytes = 1024, .max_record = 100,
		    .max_producers = 2, .max_consumers = 2));
	weir_producer *p = fix_producer(sh, "old");
	uint8_t buf[200];

	fix_must_put(p, 11); /* 1: a value that has left the ring */
	weir_producer_close(p);
	p = fix_producer(sh, "withdrawn");
	fix_must_put(p, 12); /* 2 */
	CU_ASSERT(weir_clear(p) == 3);
	weir_producer_close(p);
	p = fix_producer(sh, "new");
	for (uint64_t v = 14; v < 20; v++)
		fix_must_put(p, v); /* 4 .. 9 */

	p = fix_producer(ex, "one");
	for (uint64_t v = 1; v < 5; v++)
		fix_must_put(p, v); /* in their slots */
	fix_bytes(buf, 180, 'L');
	CU_ASSERT(weir_publish(p, buf, 180, NULL) == 5); /* in the lane */
	fix_must_put(p, 6);

	p = fix_producer(bl, "b");
	fix_consumer_with(bl, "gate", CO_OPTS(.flags = WEIR_GATE));
	fix_must_put(p, 100);
	fix_must_put(p, 101);
	/* nobody closes: all are there still, as far as the file knows */
}

static void
save(const char *to)
{
	weir_store_opts o = {.size = sizeof(o),
			     .flags = WEIR_CREATE,
			     .max_bytes = 1u << 20,
			     .max_channels = 4,
			     .max_participants = 4};
	const char *name = tmpstore_name();
	weir_store *st = NULL;
	uint8_t row[ROW];
	size_t off = 0;
	FILE *in, *out;

	fix_rc(weir_store_open(name, &o, &st, &fix_diag), name);
	fill(st);
	in = fopen(tmpstore_path(name), "rb");
	out = fopen(to, "w");
	CU_ASSERT_FATAL(in && out);
	fprintf(out, "weir segment, format %u, %u bytes\n", WI_FORMAT,
		1u << 20);
	for (; fread(row, 1, ROW, in) == ROW; off += ROW) {
		static const uint8_t none[ROW];

		if (memcmp(row, none, ROW) == 0)
			continue;
		fprintf(out, "%06zx ", off);
		for (size_t i = 0; i < ROW; i++)
			fprintf(out, "%02x", row[i]);
		fputc('\n', out);
	}
	CU_ASSERT_EQUAL(fclose(out), 0);
	fclose(in);
	weir_store_close(st);
}

/* ---- reading one
 * --------------------------------------------------------------- */

/* The file as a file.  Return: its format; 0: there is none. */
static unsigned
expand(unsigned format, const char *to)
{
	char path[64], line[2 * ROW + 32];
	unsigned said = 0, len = 0, off;
	FILE *in;
	int fd;

	snprintf(path, sizeof(path), "tests/golden/segment-%u.txt", format);
	in = fopen(path, "r");
	if (!in)
		return 0;
	CU_ASSERT_FATAL(
	    fgets(line, sizeof(line), in) &&
	    sscanf(line, "weir segment, format %u, %u", &said, &len) == 2);
	fd = open(to, O_RDWR | O_CREAT | O_EXCL, 0600);
	CU_ASSERT_FATAL(fd >= 0 && ftruncate(fd, len) == 0);
	while (fgets(line, sizeof(line), in)) {
		uint8_t row[ROW];

		CU_ASSERT_FATAL(sscanf(line, "%6x", &off) == 1);
		for (size_t i = 0; i < ROW; i++) {
			unsigned byte;

			CU_ASSERT_FATAL(
			    sscanf(line + 7 + 2 * i, "%2x", &byte) == 1);
			row[i] = (uint8_t)byte;
		}
		CU_ASSERT_FATAL(pwrite(fd, row, ROW, off) == ROW);
	}
	fclose(in);
	close(fd);
	return said;
}

/* The next record has this seq and this number in it. */
static void
next_is(weir_consumer *c, uint64_t seq, uint64_t v, const char *id)
{
	weir_record rec;

	CU_ASSERT_EQUAL_FATAL(weir_read(c, &rec, 1, 0), 1);
	CU_ASSERT_EQUAL(rec.seq, seq);
	CU_ASSERT_EQUAL(rec.lost, 0);
	CU_ASSERT_EQUAL(fix_value(&rec), v);
	CU_ASSERT_STRING_EQUAL(rec.producer, id);
}

static void
nothing_follows(weir_consumer *c)
{
	weir_record rec;

	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), -EAGAIN);
	weir_consumer_close(c);
}

static void
check_shared(weir_store *st)
{
	weir_channel *ch = NULL;
	weir_channel_info info = {.size = sizeof(info)};
	weir_consumer *c;
	size_t len;

	fix_rc(weir_channel_open(st, "shared", NULL, &ch, &fix_diag), "shared");
	CU_ASSERT_STRING_EQUAL(weir_channel_schema(ch, &len), SCHEMA);
	CU_ASSERT_EQUAL(weir_channel_stat(ch, &info), 0);
	CU_ASSERT_EQUAL(info.overflow, WEIR_OVERWRITE);
	CU_ASSERT_EQUAL(info.producers, WEIR_SHARED);
	CU_ASSERT_EQUAL(info.stamps, WEIR_ON);
	CU_ASSERT_EQUAL(info.capacity, 4);
	CU_ASSERT_EQUAL(info.max_producers, 3);
	CU_ASSERT_EQUAL(info.lane_bytes, 1024);
	CU_ASSERT_EQUAL(info.newest_seq, 9);
	CU_ASSERT_EQUAL(fix_current(ch, NULL), 19);
	CU_ASSERT_EQUAL(fix_current(ch, "new"), 19);
	CU_ASSERT_EQUAL(fix_current(ch, "old"), 11);
	CU_ASSERT_EQUAL(fix_current(ch, "withdrawn"), UINT64_MAX);
	c = fix_consumer(ch, NULL, WEIR_FROM_OLDEST);
	for (uint64_t seq = 6; seq <= 9; seq++)
		next_is(c, seq, seq + 10, "new");
	nothing_follows(c);
	c = fix_consumer(ch, NULL, WEIR_FROM_EACH);
	next_is(c, 1, 11, "old");
	next_is(c, 9, 19, "new");
	nothing_follows(c);
}

static void
check_exclusive(weir_store *st)
{
	weir_channel *ch = NULL;
	weir_consumer *c;
	weir_record rec;

	fix_rc(weir_channel_open(st, "exclusive", NULL, &ch, &fix_diag), "ex");
	CU_ASSERT_EQUAL(fix_current(ch, "one"), 6);
	c = fix_consumer(ch, NULL, WEIR_FROM_OLDEST);
	next_is(c, 3, 3, "one");
	next_is(c, 4, 4, "one");
	CU_ASSERT_EQUAL_FATAL(weir_read(c, &rec, 1, 0), 1);
	CU_ASSERT_EQUAL(rec.len, 180);
	CU_ASSERT_EQUAL(((const uint8_t *)rec.data)[179], 'L');
	CU_ASSERT_EQUAL(rec.time_ns, 0);
	next_is(c, 6, 6, "one");
	nothing_follows(c);
}

static void
check_block(weir_store *st)
{
	weir_channel *ch = NULL;
	weir_channel_info info = {.size = sizeof(info)};
	weir_consumer_info ci = {.size = sizeof(ci)};
	weir_consumer *c;

	fix_rc(weir_channel_open(st, "block", NULL, &ch, &fix_diag), "block");
	CU_ASSERT_EQUAL(weir_channel_stat(ch, &info), 0);
	CU_ASSERT_EQUAL(info.overflow, WEIR_BLOCK);
	CU_ASSERT_EQUAL(info.orphans, WEIR_EVICT);
	CU_ASSERT_EQUAL(weir_consumer_next(ch, &ci), 1);
	CU_ASSERT_STRING_EQUAL(ci.id, "gate");
	CU_ASSERT_EQUAL(ci.gating, 1);
	CU_ASSERT_EQUAL(ci.cursor, 1);
	CU_ASSERT_EQUAL(ci.life, WEIR_UNKNOWN);
	c = fix_consumer(ch, NULL, WEIR_FROM_OLDEST);
	next_is(c, 1, 100, "b");
	next_is(c, 2, 101, "b");
	nothing_follows(c);
}

static void
saved_segment_is_read_or_refused(void)
{
	weir_store_opts o = {.size = sizeof(o), .flags = WEIR_READ_ONLY};
	unsigned known = 0;

	for (unsigned format = 1; format <= WI_FORMAT; format++) {
		weir_store_info info = {.size = sizeof(info)};
		const char *path = tmpstore_path(tmpstore_name());
		weir_store *st = NULL;
		unsigned said = expand(format, path);
		int rc;

		CU_ASSERT_EQUAL_FATAL(said, format);
		rc = weir_store_open(path, &o, &st, &fix_diag);
		if (rc == WEIR_EVERSION && format < WI_FORMAT) {
			CU_ASSERT(fix_says(&fix_diag, "format"));
			continue;
		}
		fix_rc(rc, path);
		known++;
		CU_ASSERT_EQUAL(weir_store_stat(st, &info), 0);
		CU_ASSERT_EQUAL(info.format, format);
		CU_ASSERT_EQUAL(info.is_copy, 1);
		CU_ASSERT_EQUAL(info.channel_cnt, 3);
		CU_ASSERT_EQUAL(info.max_bytes, 1u << 20);
		check_shared(st);
		check_exclusive(st);
		check_block(st);
		weir_store_close(st);
	}
	CU_ASSERT(known >= 1);
}

/* A format from later: refused, and it is said why. */
static void
saved_segment_of_a_later_format_is_refused(void)
{
	weir_store_opts o = {.size = sizeof(o), .flags = WEIR_READ_ONLY};
	const char *path = tmpstore_path(tmpstore_name());
	uint32_t later = WI_FORMAT + 1;
	weir_store *st = NULL;
	int fd;

	CU_ASSERT_EQUAL_FATAL(expand(WI_FORMAT, path), WI_FORMAT);
	fd = open(path, O_RDWR);
	CU_ASSERT_EQUAL(pwrite(fd, &later, sizeof(later),
			       offsetof(struct wi_shm_header, format)),
			sizeof(later));
	close(fd);
	CU_ASSERT_EQUAL(weir_store_open(path, &o, &st, &fix_diag),
			WEIR_EVERSION);
	CU_ASSERT(fix_says(&fix_diag, "use one version of the library"));
}

/* Only when asked for: see the top. */
static void
saved_segment_is_made(void)
{
	const char *to = getenv("WEIR_SAVE_SEGMENT");

	if (to)
		save(to);
}

SUITE("saved", TEST(saved_segment_is_made),
      TEST(saved_segment_is_read_or_refused),
      TEST(saved_segment_of_a_later_format_is_refused));
