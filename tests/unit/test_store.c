/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_store.c - stores: opening, options, files that are none, places,
 * observers, and who is first.
 */
#include "support/sys.h"
#include "unit/fix.h"
#include "support/ns.h"
#include "support/procs.h"

#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "format/layout.h"

/* weir_store_open() by name; closes what it opened. */
static int
try_open(const char *name, uint32_t flags, weir_diag *diag)
{
	weir_store_opts o = {.size = sizeof(o), .flags = flags};
	weir_store *st = (weir_store *)diag;
	int rc = weir_store_open(name, &o, &st, diag);

	CU_ASSERT((rc == 0) == (st != NULL));
	if (rc != 0)
		CU_ASSERT_EQUAL(diag->code, rc);
	weir_store_close(st);
	return rc;
}

static weir_store_info
stat_of(weir_store *st)
{
	weir_store_info info = {.size = sizeof(info)};

	CU_ASSERT_EQUAL_FATAL(weir_store_stat(st, &info), 0);
	return info;
}

/* A store that exists, and nobody has open. */
static const char *
made(void)
{
	const char *name;

	weir_store_close(tmpstore_new(&name));
	return name;
}

/* ---- names and options
 * ----------------------------------------------------------- */

static void
store_name_rule(void)
{
	static const char *const bad[] = {
	    "",	   ".",	 ".hidden", "a/b", "a b", "\xc3\xa9",
	    "a\n", "a:", "..",	    "/",   "a*",  "a\x7f"};
	char longest[WEIR_NAME_MAX + 2];
	weir_diag diag;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		CU_ASSERT_EQUAL(try_open(bad[i], 0, &diag), WEIR_ENAME);
		CU_ASSERT_EQUAL(try_open(bad[i], WEIR_CREATE, &diag),
				WEIR_ENAME);
		CU_ASSERT_EQUAL(weir_store_destroy(bad[i], NULL, &diag),
				WEIR_ENAME);
	}
	CU_ASSERT_EQUAL(try_open(NULL, 0, &diag), WEIR_ENAME);
	CU_ASSERT_EQUAL(weir_store_destroy(NULL, NULL, &diag), WEIR_ENAME);
	memset(longest, 'x', sizeof(longest));
	snprintf(longest, sizeof(longest), "weir-test-%ld-0.A_",
		 (long)getpid());
	longest[strlen(longest)] = '-';
	longest[WEIR_NAME_MAX + 1] = 0;
	CU_ASSERT_EQUAL(try_open(longest, 0, &diag), WEIR_ENAME);
	longest[WEIR_NAME_MAX] = 0;
	CU_ASSERT_EQUAL(try_open(longest, 0, &diag), -ENOENT);
	CU_ASSERT_EQUAL(try_open(longest, WEIR_CREATE, &diag), 0);
	CU_ASSERT_EQUAL(weir_store_destroy(longest, NULL, &diag), 0);
	CU_ASSERT_EQUAL(weir_store_destroy(longest, NULL, &diag), -ENOENT);
}

static void
option_refused(const weir_store_opts *o, const char *field)
{
	const char *name = tmpstore_name();
	weir_store *st;
	weir_diag diag = {.code = 0};

	CU_ASSERT_EQUAL(weir_store_open(name, o, &st, &diag), -EINVAL);
	CU_ASSERT_PTR_NULL(st);
	CU_ASSERT(fix_says(&diag, field));
	CU_ASSERT_EQUAL(access(tmpstore_path(name), F_OK), -1);
}

static void
store_options_out_of_range_are_named(void)
{
	option_refused(STORE_OPTS(.flags = 128), "flags");
	option_refused(STORE_OPTS(.flags = WEIR_CREATE | WEIR_READ_ONLY),
		       "flags");
	option_refused(STORE_OPTS(.flags = WEIR_PRIVATE | WEIR_READ_ONLY),
		       "flags");
	option_refused(
	    STORE_OPTS(.flags = WEIR_CREATE, .max_bytes = (1u << 20) - 1),
	    "max_bytes");
	option_refused(STORE_OPTS(.flags = WEIR_CREATE,
				  .max_bytes = (UINT64_C(1) << 40) + 1),
		       "max_bytes");
	option_refused(STORE_OPTS(.flags = WEIR_CREATE, .max_channels = 4096,
				  .max_participants = 1024,
				  .max_bytes = 1u << 20),
		       "max_bytes");
	option_refused(STORE_OPTS(.flags = WEIR_CREATE, .max_channels = 4097),
		       "max_channels");
	option_refused(STORE_OPTS(.flags = WEIR_CREATE, .max_participants = 1),
		       "max_participants");
	option_refused(
	    STORE_OPTS(.flags = WEIR_CREATE, .max_participants = 1025),
	    "max_participants");
	option_refused(STORE_OPTS(.flags = WEIR_CREATE, .mode = 0400), "mode");
	option_refused(STORE_OPTS(.flags = WEIR_CREATE, .mode = 0700), "mode");
	option_refused(STORE_OPTS(.flags = WEIR_CREATE, .mode = 04600), "mode");
	option_refused(&(weir_store_opts){.flags = WEIR_CREATE}, "size");
	CU_ASSERT_EQUAL(weir_store_open("a", NULL, NULL, NULL), -EINVAL);
}

static void
store_options_of_a_newer_library(void)
{
	struct {
		weir_store_opts o;
		uint64_t more[2];
	} n = {.o = {.size = sizeof(n), .flags = WEIR_PRIVATE}};
	weir_store *st;
	weir_diag diag;

	CU_ASSERT_EQUAL(weir_store_open(NULL, &n.o, &st, &diag), 0);
	weir_store_close(st);
	n.more[1] = 1;
	CU_ASSERT_EQUAL(weir_store_open(NULL, &n.o, &st, &diag), -EINVAL);
	CU_ASSERT(fix_says(&diag, "know"));
	CU_ASSERT_EQUAL(weir_store_destroy("a", &n.o, &diag), -EINVAL);
}

/* What later versions may give a meaning to must be zero now. */
static void
store_reserved_fields_must_be_zero(void)
{
	weir_store_opts so = {.size = sizeof(so)};
	weir_channel_opts ho = {.size = sizeof(ho)};
	weir_producer_opts po = {.size = sizeof(po)};
	weir_consumer_opts co = {.size = sizeof(co)};
	const char *name = made();
	weir_store *st = tmpstore_open(name, 0), *other;
	weir_channel *ch = fix_channel(st, "c", NULL), *ch2;
	weir_producer *p;
	weir_consumer *c;
	weir_diag diag;

	for (size_t byte = 0; byte < 32; byte++) {
		((uint8_t *)so.reserved)[byte % sizeof(so.reserved)] = 1;
		((uint8_t *)ho.reserved)[byte % sizeof(ho.reserved)] = 1;
		((uint8_t *)po.reserved)[byte] = 1;
		((uint8_t *)co.reserved)[byte] = 1;
		CU_ASSERT_EQUAL(weir_store_open(name, &so, &other, &diag),
				-EINVAL);
		CU_ASSERT(fix_says(&diag, "weir_store_opts"));
		CU_ASSERT_EQUAL(weir_store_destroy(name, &so, &diag), -EINVAL);
		CU_ASSERT_EQUAL(weir_channel_open(st, "c", &ho, &ch2, &diag),
				-EINVAL);
		CU_ASSERT(fix_says(&diag, "weir_channel_opts"));
		CU_ASSERT_EQUAL(weir_channel_footprint(&ho, &diag), -EINVAL);
		CU_ASSERT_EQUAL(weir_producer_open(ch, "p", &po, &p, &diag),
				-EINVAL);
		CU_ASSERT(fix_says(&diag, "weir_producer_opts"));
		CU_ASSERT_EQUAL(weir_consumer_open(ch, "c", &co, &c, &diag),
				-EINVAL);
		CU_ASSERT(fix_says(&diag, "weir_consumer_opts"));
		memset(so.reserved, 0, sizeof(so.reserved));
		memset(ho.reserved, 0, sizeof(ho.reserved));
		memset(po.reserved, 0, sizeof(po.reserved));
		memset(co.reserved, 0, sizeof(co.reserved));
	}
	fix_consumer_with(ch, "c", &co);
	fix_producer_with(ch, "p", &po);
	weir_store_close(st);
	CU_ASSERT_EQUAL(weir_store_destroy(name, &so, &diag), 0);
}

static void
store_limits_work(void)
{
	const weir_store_opts o[] = {
	    {.max_bytes = 1u << 20, .max_channels = 1, .max_participants = 2},
	    {.max_bytes = UINT64_C(1) << 40,
	     .max_channels = 4096,
	     .max_participants = 1024},
	};

	for (int i = 0; i < 2; i++) {
		weir_store_opts p = o[i];
		weir_store_info info;
		weir_store *st;

		if (i == 1 && sys_is_emulated()) {
			t_skip("an emulator's table of 1 TiB takes gigabytes");
			return;
		}
		p.size = sizeof(p);
		p.flags = WEIR_PRIVATE;
		CU_ASSERT_EQUAL_FATAL(weir_store_open(NULL, &p, &st, NULL), 0);
		info = stat_of(st);
		CU_ASSERT_EQUAL(info.max_bytes, o[i].max_bytes);
		CU_ASSERT_EQUAL(info.max_channels, o[i].max_channels);
		CU_ASSERT_EQUAL(info.max_participants, o[i].max_participants);
		fix_must_put(fix_producer(fix_channel(st, "a", NULL), "p"), 1);
		weir_store_close(st);
	}
}

/* ---- what a new store is
 * ------------------------------------------------------------ */

static void
store_stat_tells(void)
{
	const char *name;
	weir_store *st = tmpstore_new(&name);
	weir_store_info i = stat_of(st);
	char lock[200];
	struct stat f;

	snprintf(lock, sizeof(lock), "%s.%016" PRIx64 ".lock",
		 tmpstore_path(name), i.id);
	CU_ASSERT_EQUAL(stat(lock, &f), 0);
	CU_ASSERT_EQUAL_FATAL(stat(tmpstore_path(name), &f), 0);
	CU_ASSERT_STRING_EQUAL(i.name, name);
	CU_ASSERT(strlen(i.created_by) > 0);
	CU_ASSERT_EQUAL(i.format, 1);
	CU_ASSERT_EQUAL(i.read_only, 0);
	CU_ASSERT_EQUAL(i.is_copy, 0);
	CU_ASSERT_EQUAL(i.is_retired, 0);
	CU_ASSERT_EQUAL(i.channel_cnt, 0);
	CU_ASSERT_EQUAL(i.max_channels, 256);
	CU_ASSERT_EQUAL(i.participant_cnt, 1);
	CU_ASSERT_EQUAL(i.max_participants, 128);
	CU_ASSERT_EQUAL(i.max_bytes, 1u << 30);
	CU_ASSERT_EQUAL(i.uid, geteuid());
	CU_ASSERT_EQUAL(i.mode, 0600);
	CU_ASSERT(i.created_ns > UINT64_C(1500000000000000000));
	CU_ASSERT_EQUAL((uint64_t)f.st_size, i.max_bytes);
	CU_ASSERT_EQUAL((uint64_t)f.st_blocks * 512, i.real_bytes);
	CU_ASSERT_EQUAL(f.st_mode & 07777, 0600);
	/* an empty one takes little, and says how much */
	CU_ASSERT(i.real_bytes <= 256u << 10);
	CU_ASSERT(i.used_bytes <= i.real_bytes);
	CU_ASSERT(i.real_bytes - i.used_bytes <= 4096);

	i.size = 0;
	CU_ASSERT_EQUAL(weir_store_stat(st, &i), -EINVAL);
	CU_ASSERT_EQUAL(weir_store_stat(st, NULL), -EINVAL);
	CU_ASSERT_EQUAL(weir_store_stat(NULL, &i), -EINVAL);
	weir_store_close(st);
	weir_store_close(NULL);
}

static void
store_mode_does_not_know_umask(void)
{
	const char *name = tmpstore_name();
	mode_t old = umask(0777);
	weir_store *st;
	struct stat f;
	int rc = weir_store_open(
	    name, STORE_OPTS(.flags = WEIR_CREATE, .mode = 0664), &st, NULL);

	umask(old);
	CU_ASSERT_EQUAL_FATAL(rc, 0);
	CU_ASSERT_EQUAL_FATAL(stat(tmpstore_path(name), &f), 0);
	CU_ASSERT_EQUAL(f.st_mode & 07777, 0664);
	CU_ASSERT_EQUAL(stat_of(st).mode, 0664);
	weir_store_close(st);
}

static void
store_close_closes_what_is_open(void)
{
	weir_store *st = fix_store();
	weir_channel *ch = fix_channel(st, "a", NULL);
	weir_producer *p = fix_producer(ch, "p");
	void *buf;

	fix_channel(st, "b", NULL);
	fix_consumer(ch, "c", WEIR_FROM_NEW);
	CU_ASSERT(weir_fd(fix_consumer(ch, NULL, WEIR_FROM_NEW)) >= 0);
	CU_ASSERT_EQUAL(weir_loan(p, 0, &buf), 0);
	weir_store_close(st); /* leaks are for the sanitizer to find */
}

static void
store_private_is_alone(void)
{
	weir_store *a = fix_store(), *b = fix_store();
	weir_channel *ch;

	fix_channel(a, "a", NULL);
	CU_ASSERT_EQUAL(weir_channel_open(b, "a", NULL, &ch, NULL), -ENOENT);
	CU_ASSERT_EQUAL(stat_of(a).participant_cnt, 1);
	weir_store_close(a);
	weir_store_close(b);
}

static void
store_in_another_directory(void)
{
	char dir[] = "/dev/shm/weir-test-dir-XXXXXX";
	weir_store_opts o = {.size = sizeof(o), .flags = WEIR_CREATE};
	weir_store *st, *second;
	weir_diag diag;

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
	o.dir = dir;
	CU_ASSERT_EQUAL(weir_store_open("s", &o, &st, &diag), 0);
	o.flags = 0;
	CU_ASSERT_EQUAL(weir_store_open("s", &o, &second, &diag), 0);
	CU_ASSERT_EQUAL(stat_of(st).participant_cnt, 2);
	weir_store_close(second);
	weir_store_close(st);
	CU_ASSERT_EQUAL(weir_store_destroy("s", &o, &diag), 0);
	/* nothing is left there */
	CU_ASSERT_EQUAL(rmdir(dir), 0);
	o.flags = WEIR_CREATE;
	CU_ASSERT_EQUAL(weir_store_open("s", &o, &st, &diag), -ENOENT);
	CU_ASSERT(fix_says(&diag, dir));
}

/* ---- places
 * -------------------------------------------------------------------------- */

static void
store_full_of_participants(void)
{
	const char *name = tmpstore_name();
	weir_store *a, *b, *c;
	weir_diag diag;

	CU_ASSERT_EQUAL_FATAL(weir_store_open(name,
					      STORE_OPTS(.flags = WEIR_CREATE,
							 .max_participants = 2),
					      &a, NULL),
			      0);
	b = tmpstore_open(name, 0);
	CU_ASSERT_EQUAL(weir_store_open(name, NULL, &c, &diag), WEIR_EFULL);
	CU_ASSERT(fix_says(&diag, "2"));
	CU_ASSERT_PTR_NULL(c);
	/* observers take no place, and somebody who leaves makes room */
	c = tmpstore_open(name, WEIR_READ_ONLY);
	CU_ASSERT_EQUAL(stat_of(c).participant_cnt, 2);
	weir_store_close(c);
	weir_store_close(b);
	c = tmpstore_open(name, 0);
	weir_store_close(c);
	weir_store_close(a);
}

static void
store_participants_are_listed(void)
{
	weir_participant_info it = {.size = sizeof(it)};
	const char *name;
	weir_store *a = tmpstore_new(&name), *b = tmpstore_open(name, 0);

	CU_ASSERT_EQUAL(weir_participant_next(a, &it), 1);
	CU_ASSERT_EQUAL(it.idx, 0);
	CU_ASSERT_EQUAL(it.life, WEIR_ALIVE);
	CU_ASSERT_EQUAL(it.pid, (uint32_t)getpid());
	CU_ASSERT_EQUAL(it.generation, 1);
	CU_ASSERT(strlen(it.command) > 0);
	CU_ASSERT(it.attached_ns > 0);
	weir_store_close(b);
	CU_ASSERT_EQUAL(weir_participant_next(a, &it), 1);
	CU_ASSERT_EQUAL(it.idx, 1);
	CU_ASSERT_EQUAL(it.life, WEIR_GONE);
	CU_ASSERT_EQUAL(weir_participant_next(a, &it), 0);
	b = tmpstore_open(name, 0);
	it.next = 1;
	CU_ASSERT_EQUAL(weir_participant_next(a, &it), 1);
	CU_ASSERT_EQUAL(it.generation, 2);
	CU_ASSERT_EQUAL(it.life, WEIR_ALIVE);
	it.size = 8;
	CU_ASSERT_EQUAL(weir_participant_next(a, &it), -EINVAL);
	CU_ASSERT_EQUAL(weir_participant_next(a, NULL), -EINVAL);
	weir_store_close(b);
	weir_store_close(a);
}

/* ---- observers
 * ----------------------------------------------------------------------- */

static void
store_observer_writes_nothing(void)
{
	const char *name;
	weir_store *rw = tmpstore_new(&name), *ro;
	weir_channel *ch = fix_channel(rw, "a", NULL), *seen;
	weir_producer *p = fix_producer(ch, "p");
	weir_participant_info pi = {.size = sizeof(pi)};
	weir_consumer_info ci = {.size = sizeof(ci)};
	weir_producer_info li = {.size = sizeof(li)};
	weir_consumer *c;
	weir_record rec;
	weir_store_info i;

	fix_must_put(p, 1);
	ro = tmpstore_open(name, WEIR_READ_ONLY);
	i = stat_of(ro);
	CU_ASSERT_EQUAL(i.read_only, 1);
	CU_ASSERT_EQUAL(i.participant_cnt, 1);
	CU_ASSERT_EQUAL(i.channel_cnt, 1);
	CU_ASSERT_EQUAL_FATAL(weir_channel_open(ro, "a", NULL, &seen, NULL), 0);
	c = fix_consumer(seen, NULL, WEIR_FROM_CURRENT);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), 1);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 5 * MS), -EAGAIN);
	fix_must_put(p, 2);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, -1), 1);
	CU_ASSERT_EQUAL(fix_value(&rec), 2);
	/* nobody sees it, and it sees who lives */
	CU_ASSERT_EQUAL(weir_consumer_next(ch, &ci), 0);
	CU_ASSERT_EQUAL(weir_participant_next(ro, &pi), 1);
	CU_ASSERT_EQUAL(pi.life, WEIR_ALIVE);
	CU_ASSERT_EQUAL(weir_producer_next(seen, &li), 1);
	CU_ASSERT_EQUAL(li.life, WEIR_ALIVE);
	weir_store_close(rw);
	/* also when all are gone */
	li.next = pi.next = 0;
	CU_ASSERT_EQUAL(weir_participant_next(ro, &pi), 1);
	CU_ASSERT_EQUAL(pi.life, WEIR_GONE);
	CU_ASSERT_EQUAL(fix_current(seen, NULL), 2);
	weir_store_close(ro);
}

static void
store_observer_by_path(void)
{
	const char *name = made();
	weir_diag diag;

	CU_ASSERT_EQUAL(try_open(tmpstore_path(name), WEIR_READ_ONLY, &diag),
			0);
	CU_ASSERT_EQUAL(try_open(tmpstore_path(name), 0, &diag), WEIR_ENAME);
	CU_ASSERT_EQUAL(try_open("/nowhere/at/all", WEIR_READ_ONLY, &diag),
			-ENOENT);
}

/* ---- destroying
 * ------------------------------------------------------------------------ */

static void
store_destroyed_is_gone_and_told(void)
{
	const char *name;
	weir_store *st = tmpstore_new(&name), *fresh;
	weir_diag diag;

	CU_ASSERT_EQUAL(weir_store_destroy(name, NULL, &diag), 0);
	CU_ASSERT_EQUAL(stat_of(st).is_retired, 1);
	CU_ASSERT_EQUAL(try_open(name, 0, &diag), -ENOENT);
	CU_ASSERT_EQUAL(weir_store_destroy(name, NULL, &diag), -ENOENT);
	/* a new one of that name is another store */
	fresh = tmpstore_open(name, WEIR_CREATE);
	CU_ASSERT_EQUAL(stat_of(fresh).is_retired, 0);
	CU_ASSERT_EQUAL(stat_of(fresh).participant_cnt, 1);
	CU_ASSERT_EQUAL(stat_of(st).is_retired, 1);
	weir_store_close(fresh);
	weir_store_close(st);
}

static void
store_destroyed_leaves_no_file(void)
{
	const char *name = made();
	char command[200];

	CU_ASSERT_EQUAL(weir_store_destroy(name, NULL, NULL), 0);
	snprintf(command, sizeof(command),
		 "! ls /dev/shm/weir.%s* >/dev/null 2>&1", name);
	CU_ASSERT_EQUAL(system(command), 0);
}

/* ---- files that are no stores, or not any more
 * ----------------------------------------- */

static int
open_file(const char *name)
{
	return open(tmpstore_path(name), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

static void
write_file(const char *name, const char *text, size_t len)
{
	int fd = open_file(name);

	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(write(fd, text, len), (ssize_t)len);
	close(fd);
}

/* All ways in say the same. */
static void
both_say(const char *name, int want)
{
	weir_diag diag;

	CU_ASSERT_EQUAL(try_open(name, 0, &diag), want);
	CU_ASSERT_EQUAL(try_open(name, WEIR_CREATE, &diag), want);
	CU_ASSERT_EQUAL(try_open(name, WEIR_READ_ONLY, &diag), want);
	CU_ASSERT_EQUAL(try_open(tmpstore_path(name), WEIR_READ_ONLY, &diag),
			want);
	if (want != 0)
		CU_ASSERT(fix_says(&diag, tmpstore_path(name)));
}

static void
file_that_is_something_else(void)
{
	static char page[8192];
	static const size_t lens[] = {0, 1, 7, 8, 100, 271, 272, 4096, 8192};

	for (size_t i = 0; i < sizeof(lens) / sizeof(*lens); i++) {
		const char *name = tmpstore_name();

		memset(page, i & 1 ? 'x' : 0, sizeof(page));
		write_file(name, page, lens[i]);
		both_say(name, WEIR_ENOTSTORE);
	}
}

static void
file_that_is_a_symlink(void)
{
	const char *name = made();
	char target[200];

	snprintf(target, sizeof(target), "%s", tmpstore_path(name));
	name = tmpstore_name();
	CU_ASSERT_EQUAL_FATAL(symlink(target, tmpstore_path(name)), 0);
	both_say(name, WEIR_EUNSAFE);
	CU_ASSERT_EQUAL(weir_store_destroy(name, NULL, NULL), WEIR_EUNSAFE);
	CU_ASSERT_EQUAL(access(target, F_OK), 0);
}

static void
file_that_is_none(void)
{
	const char *name = tmpstore_name();

	CU_ASSERT_EQUAL_FATAL(mkfifo(tmpstore_path(name), 0600), 0);
	both_say(name, WEIR_EUNSAFE);
	CU_ASSERT_EQUAL(weir_store_destroy(name, NULL, NULL), WEIR_EUNSAFE);
	name = tmpstore_name();
	CU_ASSERT_EQUAL_FATAL(mkdir(tmpstore_path(name), 0700), 0);
	both_say(name, WEIR_EUNSAFE);
	rmdir(tmpstore_path(name));
}

/* As both_say(), with what makes it right. */
static void
all_say(const char *name, weir_store_opts o, int want)
{
	static const uint32_t flags[] = {0, WEIR_CREATE, WEIR_READ_ONLY};
	weir_store *st;
	weir_diag diag;

	o.size = sizeof(o);
	for (int i = 0; i < 3; i++) {
		weir_store_opts p = o;

		p.flags |= flags[i];
		CU_ASSERT_EQUAL(weir_store_open(name, &p, &st, &diag), want);
		if (want != 0)
			CU_ASSERT(fix_says(&diag, tmpstore_path(name)));
		weir_store_close(st);
	}
}

static void
file_of_a_stranger(void)
{
	const char *name = made();
	weir_diag diag;

	if (geteuid() != 0) {
		t_skip("needs root");
		return;
	}
	CU_ASSERT_EQUAL_FATAL(chown(tmpstore_path(name), 12345, 12345), 0);
	both_say(name, WEIR_EUNSAFE);
	CU_ASSERT_EQUAL(weir_store_destroy(name, NULL, &diag), WEIR_EUNSAFE);
	CU_ASSERT(fix_says(&diag, "user 12345"));
	/* that user, and no other, can be named */
	all_say(name, (weir_store_opts){.owner = 12344}, WEIR_EUNSAFE);
	all_say(name,
		(weir_store_opts){.owner = 12345 | UINT64_C(1) << 32},
		WEIR_EUNSAFE);
	all_say(name, (weir_store_opts){.owner = 12345}, 0);
	CU_ASSERT_EQUAL(
	    weir_store_destroy(name, STORE_OPTS(.owner = 12345), &diag), 0);
}

static void
file_writable_by_everybody(void)
{
	const char *name = made();
	weir_store *st;
	weir_diag diag;

	CU_ASSERT_EQUAL(chmod(tmpstore_path(name), 0602), 0);
	both_say(name, WEIR_EUNSAFE);
	CU_ASSERT_EQUAL(weir_store_destroy(name, NULL, NULL), WEIR_EUNSAFE);
	all_say(name, (weir_store_opts){.flags = WEIR_ANY_WRITER}, 0);
	CU_ASSERT_EQUAL(chmod(tmpstore_path(name), 0644), 0);
	CU_ASSERT_EQUAL(try_open(name, 0, &diag), 0);
	/* who makes one gets it; for who comes, that it was made so is nothing
	 * that the file could say: everybody may write to it */
	name = tmpstore_name();
	CU_ASSERT_EQUAL_FATAL(
	    weir_store_open(name,
			    STORE_OPTS(.flags = WEIR_CREATE, .mode = 0666), &st,
			    NULL),
	    0);
	both_say(name, WEIR_EUNSAFE);
	all_say(name, (weir_store_opts){.mode = 0666}, 0);
	all_say(name, (weir_store_opts){.mode = 0664}, WEIR_EUNSAFE);
	weir_store_close(st);
	CU_ASSERT_EQUAL(weir_store_destroy(name, NULL, NULL), WEIR_EUNSAFE);
	CU_ASSERT_EQUAL(weir_store_destroy(
			    name, STORE_OPTS(.flags = WEIR_ANY_WRITER), NULL),
			0);
}

/* A store has one name. */
static void
file_under_another_name(void)
{
	const char *name = made(), *other = tmpstore_name();
	char path[200];
	weir_diag diag;

	snprintf(path, sizeof(path), "%s", tmpstore_path(name));
	CU_ASSERT_EQUAL_FATAL(link(path, tmpstore_path(other)), 0);
	CU_ASSERT_EQUAL(try_open(other, 0, &diag), WEIR_EUNSAFE);
	CU_ASSERT(fix_says(&diag, name));
	CU_ASSERT_EQUAL(try_open(other, WEIR_CREATE, &diag), WEIR_EUNSAFE);
	CU_ASSERT_EQUAL(try_open(other, WEIR_READ_ONLY, &diag), WEIR_EUNSAFE);
	CU_ASSERT_EQUAL(weir_store_destroy(other, NULL, NULL), WEIR_EUNSAFE);
	/* it is there, under its own */
	CU_ASSERT_EQUAL(try_open(name, 0, &diag), 0);
	CU_ASSERT_EQUAL(unlink(tmpstore_path(other)), 0);
	CU_ASSERT_EQUAL_FATAL(rename(path, tmpstore_path(other)), 0);
	CU_ASSERT_EQUAL(try_open(other, 0, &diag), WEIR_EUNSAFE);
	CU_ASSERT_EQUAL_FATAL(rename(tmpstore_path(other), path), 0);
	CU_ASSERT_EQUAL(try_open(name, 0, &diag), 0);
}

static void
file_truncated(void)
{
	static const off_t lens[] = {8, 100, 271, 272, 4096, (1 << 30) - 4096};
	const char *name = made();
	weir_store *st = tmpstore_open(name, 0);
	weir_diag diag;

	for (int i = 5; i >= 0; i--) {
		/* a hole instead of the rest would be no truncation */
		CU_ASSERT_EQUAL_FATAL(truncate(tmpstore_path(name), lens[i]),
				      0);
		CU_ASSERT_EQUAL(try_open(name, 0, &diag), WEIR_ETRUNC);
		CU_ASSERT_EQUAL(try_open(name, WEIR_READ_ONLY, &diag),
				WEIR_ETRUNC);
	}
	/* it cannot be used, and closing does not look at what is gone */
	weir_store_close(st);
}

/* Change bytes of the header; @mend: and let its sum be right again. */
static void
damage(const char *name, size_t off, uint64_t val, size_t len, bool mend)
{
	struct wi_shm_header h;
	int fd = open_file(name);

	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(pread(fd, &h, sizeof(h), 0), (ssize_t)sizeof(h));
	memcpy((char *)&h + off, &val, len);
	if (mend)
		h.sum = wi_hash(&h, offsetof(struct wi_shm_header, sum));
	CU_ASSERT_EQUAL(pwrite(fd, &h, sizeof(h), 0), (ssize_t)sizeof(h));
	close(fd);
}

#define HEAD(field) offsetof(struct wi_shm_header, field)

static void
damaged_says(size_t off, uint64_t val, size_t len, bool mend, int want)
{
	const char *name = made();

	damage(name, off, val, len, mend);
	both_say(name, want);
}

static void
file_of_another_format(void)
{
	damaged_says(HEAD(format), WI_FORMAT + 1, 4, true, WEIR_EVERSION);
	damaged_says(HEAD(format), 0, 4, false, WEIR_EVERSION);
	damaged_says(HEAD(need_flags), 1, 8, true, WEIR_EVERSION);
	damaged_says(HEAD(magic), 'x', 1, true, WEIR_ENOTSTORE);
}

static void
file_of_another_layout(void)
{
	damaged_says(HEAD(order_mark), 0x04030201, 4, true, WEIR_ELAYOUT);
	damaged_says(HEAD(word_len), 4, 4, true, WEIR_ELAYOUT);
	damaged_says(HEAD(header_len), 280, 4, true, WEIR_ELAYOUT);
	damaged_says(HEAD(layout_hash), 1, 8, true, WEIR_ELAYOUT);
}

static void
file_with_a_damaged_header(void)
{
	damaged_says(HEAD(sum), 1, 8, false, WEIR_ECORRUPT);
	damaged_says(HEAD(created_ns), 1, 8, false, WEIR_ECORRUPT);
	damaged_says(HEAD(participant_cnt), 1025, 4, true, WEIR_ECORRUPT);
	damaged_says(HEAD(participant_cnt), 0, 4, true, WEIR_ECORRUPT);
	damaged_says(HEAD(channel_cnt), UINT32_MAX, 4, true, WEIR_ECORRUPT);
	damaged_says(HEAD(channel_cnt), 255, 4, true, WEIR_ECORRUPT);
	damaged_says(HEAD(channels_off), UINT64_MAX, 8, true, WEIR_ECORRUPT);
	damaged_says(HEAD(control_off), 8, 8, true, WEIR_ECORRUPT);
	damaged_says(HEAD(holds_off), 1u << 20, 8, true, WEIR_ECORRUPT);
	damaged_says(HEAD(participants_off), 0, 8, true, WEIR_ECORRUPT);
	damaged_says(HEAD(hold_cnt), 5, 4, true, WEIR_ECORRUPT);
	damaged_says(HEAD(heap_off), 0, 8, true, WEIR_ECORRUPT);
	damaged_says(HEAD(seg_len), 4096, 8, true, WEIR_ECORRUPT);
	damaged_says(HEAD(seg_len), UINT64_MAX, 8, true, WEIR_ECORRUPT);
	damaged_says(HEAD(name) + 71, 'x', 1, true, WEIR_ECORRUPT);
	damaged_says(HEAD(created_by) + 31, 'x', 1, true, WEIR_ECORRUPT);
	damaged_says(HEAD(seg_len), UINT64_C(1) << 31, 8, true, WEIR_ETRUNC);
	/* what readers may ignore, they ignore */
	damaged_says(HEAD(hint_flags), 1, 8, true, 0);
}

static void
file_with_a_damaged_header_can_be_destroyed(void)
{
	const char *name = made();
	weir_diag diag;

	damage(name, HEAD(sum), 1, 8, false);
	CU_ASSERT_EQUAL(weir_store_destroy(name, NULL, &diag), 0);
	CU_ASSERT_EQUAL(try_open(name, 0, &diag), -ENOENT);
}

static void
file_whose_lock_file_is_gone(void)
{
	const char *name = made();
	char command[200];
	weir_diag diag;

	snprintf(command, sizeof(command), "rm /dev/shm/weir.%s.*.lock", name);
	CU_ASSERT_EQUAL_FATAL(system(command), 0);
	CU_ASSERT_EQUAL(try_open(name, 0, &diag), WEIR_ECORRUPT);
	CU_ASSERT(fix_says(&diag, "lock"));
	CU_ASSERT_EQUAL(try_open(name, WEIR_CREATE, &diag), WEIR_ECORRUPT);
	/* looking does not need it */
	CU_ASSERT_EQUAL(try_open(name, WEIR_READ_ONLY, &diag), 0);
	/* another file in its place is not it */
	snprintf(command, sizeof(command),
		 "f=$(od -An -tx8 -j64 -N8 /dev/shm/weir.%s | tr -d ' ');"
		 ": >/dev/shm/weir.%s.$f.lock",
		 name, name);
	CU_ASSERT_EQUAL_FATAL(system(command), 0);
	CU_ASSERT_EQUAL(try_open(name, 0, &diag), WEIR_ECORRUPT);
	/* and it can be destroyed and made again */
	CU_ASSERT_EQUAL(weir_store_destroy(name, NULL, &diag), 0);
	CU_ASSERT_EQUAL(try_open(name, WEIR_CREATE, &diag), 0);
}

static void
file_that_is_a_copy(void)
{
	const char *name, *copy = tmpstore_name();
	weir_store *st = tmpstore_new(&name), *ro;
	weir_channel *ch = fix_channel(st, "a", NULL);
	weir_producer_info pi = {.size = sizeof(pi)};
	char command[300];
	weir_diag diag;

	fix_must_put(fix_producer(ch, "p"), 6);
	snprintf(command, sizeof(command),
		 "cp --sparse=always /dev/shm/weir.%s %s", name,
		 tmpstore_path(copy));
	CU_ASSERT_EQUAL_FATAL(system(command), 0);
	CU_ASSERT_EQUAL(try_open(copy, 0, &diag), WEIR_ECOPY);
	CU_ASSERT_EQUAL(try_open(copy, WEIR_CREATE, &diag), WEIR_ECOPY);
	ro = tmpstore_open(copy, WEIR_READ_ONLY);
	CU_ASSERT_EQUAL(stat_of(ro).is_copy, 1);
	CU_ASSERT_EQUAL_FATAL(weir_channel_open(ro, "a", NULL, &ch, NULL), 0);
	CU_ASSERT_EQUAL(fix_current(ch, NULL), 6);
	CU_ASSERT_EQUAL(weir_producer_next(ch, &pi), 1);
	CU_ASSERT_EQUAL(pi.life, WEIR_UNKNOWN);
	weir_store_close(ro);
	weir_store_close(st);
}

/* ---- who is first
 * --------------------------------------------------------------------- */

#define RACERS 16

static struct {
	const char *name;
	pthread_barrier_t start;
	uint32_t failed;
} race;

static void *
racer(void *arg)
{
	char id[16];
	weir_store *st;
	weir_channel *ch;
	weir_producer *p;
	int64_t rc = -1;

	snprintf(id, sizeof(id), "p%d", (int)(intptr_t)arg);
	pthread_barrier_wait(&race.start);
	if (weir_store_open(race.name, STORE_OPTS(.flags = WEIR_CREATE), &st,
			    NULL) == 0) {
		if (weir_channel_open(st, "a", CH_OPTS(.max_producers = RACERS),
				      &ch, NULL) == 0 &&
		    weir_producer_open(ch, id, NULL, &p, NULL) == 0)
			rc = weir_publish(p, "\x01", 1, NULL);
	}
	if (rc <= 0)
		__atomic_fetch_add(&race.failed, 1, __ATOMIC_RELAXED);
	return st;
}

static void
store_of_many_creators_is_one(void)
{
	for (int round = 0; round < 10; round++) {
		weir_store *st[RACERS];
		weir_channel_info it = {.size = sizeof(it)};
		pthread_t t[RACERS];
		char command[100];

		race.name = tmpstore_name();
		race.failed = 0;
		pthread_barrier_init(&race.start, NULL, RACERS);
		for (int i = 0; i < RACERS; i++)
			CU_ASSERT_EQUAL_FATAL(
			    pthread_create(&t[i], NULL, racer,
					   (void *)(intptr_t)i),
			    0);
		for (int i = 0; i < RACERS; i++)
			pthread_join(t[i], (void **)&st[i]);
		pthread_barrier_destroy(&race.start);
		CU_ASSERT_EQUAL(race.failed, 0);
		for (int i = 0; i < RACERS; i++) {
			CU_ASSERT_PTR_NOT_NULL_FATAL(st[i]);
			CU_ASSERT_EQUAL(stat_of(st[i]).participant_cnt, RACERS);
			CU_ASSERT_EQUAL(stat_of(st[i]).channel_cnt, 1);
			it.next = 0;
			CU_ASSERT_EQUAL(weir_channel_next(st[i], &it), 1);
			CU_ASSERT_EQUAL(it.newest_seq, RACERS);
		}
		for (int i = 0; i < RACERS; i++)
			weir_store_close(st[i]);
		/* the losers' lock files are gone */
		snprintf(command, sizeof(command),
			 "test $(ls /dev/shm/weir.%s.* | wc -l) = 1",
			 race.name);
		CU_ASSERT_EQUAL(system(command), 0);
		tmpstore_drop(race.name);
	}
}

/* ---- a full file system
 * ------------------------------------------------------------------ */

#define SMALL (512u << 10)

/* In a mount namespace of its own, with a tmpfs of SMALL bytes at @dir. */
static int
in_small_tmpfs(struct proc *me, void *dir)
{
	weir_store_opts o = {
	    .size = sizeof(o), .flags = WEIR_CREATE, .dir = dir};
	weir_store *st, *other;
	weir_channel *a, *b;
	weir_store_info i = {.size = sizeof(i)};
	weir_producer *p;
	weir_diag diag;
	uint64_t real;
	char need[32];

	(void)me;
	if (ns_tmpfs(dir, "size=512k") != 0)
		return 77;
	proc_check(weir_store_open("s", &o, &st, &diag) == 0);
	proc_check(weir_channel_open(st, "a", CH_OPTS(.max_producers = 1), &a,
				     &diag) == 0);
	proc_check(weir_producer_open(a, "p", NULL, &p, &diag) == 0);
	proc_check(weir_store_stat(st, &i) == 0);
	real = i.real_bytes;

	/* a channel for which the store has room, but not the tmpfs */
	snprintf(need, sizeof(need), "%lld",
		 (long long)weir_channel_footprint(CH_OPTS(.flags = 0), NULL));
	proc_check(weir_channel_open(st, "b", CH_OPTS(.flags = 0), &b, &diag) ==
		   -ENOSPC);
	proc_check(diag.code == -ENOSPC && strstr(diag.message, need));
	proc_check(strstr(diag.message, "free") != NULL);
	proc_check(weir_store_stat(st, &i) == 0);
	proc_check(i.real_bytes == real && i.channel_cnt == 1);
	proc_check(weir_channel_open(st, "b", NULL, &b, &diag) == -ENOENT);

	/* no second store either */
	o.max_channels = 2048;
	proc_check(weir_store_open("t", &o, &other, &diag) == -ENOSPC);
	proc_check(diag.code == -ENOSPC && strstr(diag.message, "free"));
	o.flags = 0;
	proc_check(weir_store_open("t", &o, &other, &diag) == -ENOENT);

	/* what is there goes on: all its memory was given to it before */
	for (uint64_t n = 0; n < 20000; n++)
		proc_check(fix_put(p, n) > 0);
	proc_check(fix_current(a, NULL) == 19999);
	/* a smaller one fits */
	proc_check(
	    weir_channel_open(st, "c",
			      CH_OPTS(.capacity = 2, .max_producers = 1,
				      .lane_bytes = 512, .max_consumers = 1),
			      &b, &diag) == 0);
	weir_store_close(st);
	return 0;
}

static void
store_on_a_full_file_system_is_enospc(void)
{
	char dir[] = "/tmp/weir-test-XXXXXX";

	ns_try_tmpfs(dir, in_small_tmpfs, dir);
}

SUITE("store", TEST(store_name_rule),
      TEST(store_options_out_of_range_are_named),
      TEST(store_options_of_a_newer_library),
      TEST(store_reserved_fields_must_be_zero), TEST(store_limits_work),
      TEST(store_stat_tells), TEST(store_mode_does_not_know_umask),
      TEST(store_close_closes_what_is_open), TEST(store_private_is_alone),
      TEST(store_in_another_directory), TEST(store_full_of_participants),
      TEST(store_participants_are_listed), TEST(store_observer_writes_nothing),
      TEST(store_observer_by_path), TEST(store_destroyed_is_gone_and_told),
      TEST(store_destroyed_leaves_no_file), TEST(file_that_is_something_else),
      TEST(file_that_is_a_symlink), TEST(file_that_is_none),
      TEST(file_of_a_stranger), TEST(file_writable_by_everybody), TEST(file_under_another_name),
      TEST(file_truncated), TEST(file_of_another_format),
      TEST(file_of_another_layout), TEST(file_with_a_damaged_header),
      TEST(file_with_a_damaged_header_can_be_destroyed),
      TEST(file_whose_lock_file_is_gone), TEST(file_that_is_a_copy),
      TEST(store_of_many_creators_is_one),
      TEST(store_on_a_full_file_system_is_enospc));
