/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_bridge_threads.c - bridges: what they take, what they make of it, what
 * they say when it fails, and that nothing gets lost between the two ends.
 */
#include "unit/fix.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <weir/inspect.h>

#define OPTS_OF(of_job, to_channel, ...)                                       \
	(&(weir_bridge_opts){.size = sizeof(weir_bridge_opts),                 \
			     .job = of_job,                                    \
			     .to = to_channel,                                 \
			     __VA_ARGS__})
#define B_OPTS(...) OPTS_OF("j", "text", __VA_ARGS__)

static weir_store *st;
static weir_channel *updates, *text;
static weir_producer *job;
static weir_bridge *b;

static void
before(void)
{
	st = fix_store();
	updates = fix_channel(st, WEIR_BRIDGE_FROM, CH_OPTS(.capacity = 16));
	text = fix_channel(
	    st, "text",
	    CH_OPTS(.max_record = 200,
		    .schema = "{\"required\":[\"title\"],\"properties\":"
			      "{\"title\":{\"type\":\"string\"}}}"));
	job = fix_producer(updates, "j");
	b = NULL;
}

static void
after(void)
{
	weir_bridge_close(b);
	weir_store_close(st);
}

static void
must_open(const weir_bridge_opts *o)
{
	fix_rc(weir_bridge_open(st, o, &b, &fix_diag), "bridge");
}

static uint64_t
say_as(weir_producer *p, const char *json)
{
	int64_t rc = weir_publish_json(p, json, strlen(json), &fix_diag);

	if (rc <= 0)
		t_log("%s\n", fix_diag.message);
	CU_ASSERT_FATAL(rc > 0);
	return (uint64_t)rc;
}

static uint64_t
say(const char *json)
{
	return say_as(job, json);
}

/* The target's current value as JSON; "" if there is none. */
static const char *
value(weir_record *rec)
{
	static uint8_t buf[4096];
	static char json[4096];
	weir_record own;

	if (!rec)
		rec = &own;
	if (weir_current(text, NULL, buf, sizeof(buf), rec) != 0 ||
	    weir_record_json(rec, json, sizeof(json)) < 0)
		return "";
	return json;
}

static weir_bridge_info
figures(void)
{
	weir_bridge_info i = {.size = sizeof(i)};

	CU_ASSERT_EQUAL_FATAL(weir_bridge_stat(b, &i), 0);
	return i;
}

static uint64_t
id_of(weir_channel *ch)
{
	weir_channel_info i = {.size = sizeof(i)};

	CU_ASSERT_EQUAL_FATAL(weir_channel_stat(ch, &i), 0);
	return i.id;
}

/* ---- callbacks of ours ---- */

static int
any(const weir_record *in, void *arg)
{
	(void)in;
	(void)arg;
	return 1;
}

/* The update's "progress" as the title; nothing where it is 0, an error where
 * there is none, and too much where it is over 1. */
static int64_t
as_title(const weir_record *in, void *buf, size_t cap, weir_diag *why,
	 void *arg)
{
	char json[64];
	weir_value v;
	int n;

	(void)arg;
	if (weir_record_find(in, "/progress", &v) != 0) {
		snprintf(why->message, sizeof(why->message), "no progress");
		return -ENODATA;
	}
	if (v.type == WEIR_UINT)
		return v.u == 0 ? 0 : (int64_t)cap + 1;
	n = snprintf(json, sizeof(json), "{\"title\":\"%.2f\"}", v.d);
	return weir_json_to_msgpack(json, (size_t)n, buf, cap, why);
}

/* ---- what is bridged ---- */

static void
a_job_that_completes_is_bridged(void)
{
	weir_record rec;
	uint64_t seq;

	must_open(B_OPTS(.flags = 0));
	CU_ASSERT_EQUAL(weir_bridge_dispatch(b, 0), -EAGAIN);
	say("{\"jobId\":\"j\",\"status\":\"running\"}");
	CU_ASSERT_EQUAL(weir_bridge_dispatch(b, 0), 1);
	CU_ASSERT_STRING_EQUAL(value(NULL), "");
	seq = say("{\"jobId\":\"j\",\"status\":\"completed\",\"result\":"
		  "{\"title\":\"done\"}}");
	CU_ASSERT_EQUAL(weir_bridge_dispatch(b, -1), 1);
	CU_ASSERT_STRING_EQUAL(value(&rec), "{\"title\":\"done\"}");
	CU_ASSERT_STRING_EQUAL(rec.producer, "job-j-to-text");
	CU_ASSERT_EQUAL(rec.origin_channel, id_of(updates));
	CU_ASSERT_EQUAL(rec.origin_seq, seq);
	CU_ASSERT_EQUAL(figures().seen, 2);
	CU_ASSERT_EQUAL(figures().bridged, 1);
	CU_ASSERT_EQUAL(figures().last_seq, 1);
	CU_ASSERT_STRING_EQUAL(figures().id, "job-j-to-text");
}

static void
a_job_that_has_completed_is_bridged_at_once(void)
{
	weir_producer *other = fix_producer(updates, "k");

	say("{\"jobId\":\"j\",\"status\":\"completed\",\"result\":"
	    "{\"title\":\"early\"}}");
	for (int i = 0; i < 100; i++) /* far out of the ring */
		say_as(other, "{\"jobId\":\"k\",\"status\":\"running\"}");
	must_open(B_OPTS(.flags = 0));
	CU_ASSERT_EQUAL(weir_bridge_dispatch(b, 0), 2);
	CU_ASSERT_STRING_EQUAL(value(NULL), "{\"title\":\"early\"}");
}

static void
other_jobs_are_not(void)
{
	weir_producer *other = fix_producer(updates, "k");

	must_open(B_OPTS(.flags = 0));
	say_as(other, "{\"jobId\":\"k\",\"status\":\"completed\",\"result\":"
		      "{\"title\":\"other\"}}");
	say_as(other, "{\"jobId\":\"jj\",\"status\":\"completed\",\"result\":"
		      "{\"title\":\"other\"}}");
	say_as(other, "{\"jobId\":\"\",\"status\":\"completed\",\"result\":"
		      "{\"title\":\"other\"}}");
	say_as(other, "{\"jobId\":\"j\",\"status\":\"complete\",\"result\":"
		      "{\"title\":\"other\"}}");
	say_as(other, "[1]");
	weir_clear(other);
	CU_ASSERT_EQUAL(weir_bridge_dispatch(b, 0), 6);
	CU_ASSERT_STRING_EQUAL(value(NULL), "");
	CU_ASSERT_EQUAL(figures().bridged + figures().failed, 0);
	CU_ASSERT_EQUAL(figures().seen,
			5); /* what was withdrawn is no update */
}

static void
text_is_read_as_json(void)
{
	must_open(B_OPTS(.flags = 0));
	say("{\"jobId\":\"j\",\"status\":\"completed\",\"result\":"
	    "\" {\\\"title\\\": \\\"text\\\"}\\n\"}");
	CU_ASSERT_EQUAL(weir_bridge_dispatch(b, 0), 1);
	CU_ASSERT_STRING_EQUAL(value(NULL), "{\"title\":\"text\"}");
}

static void
nothing_twice(void)
{
	weir_record rec;

	say("{\"jobId\":\"j\",\"status\":\"completed\",\"result\":"
	    "{\"title\":\"1\"}}");
	must_open(B_OPTS(.flags = WEIR_BRIDGE_KEEP));
	CU_ASSERT_EQUAL(weir_bridge_dispatch(b, 0), 1);
	CU_ASSERT_EQUAL(weir_bridge_close(b), 0);
	must_open(B_OPTS(.flags = WEIR_BRIDGE_KEEP));
	CU_ASSERT_EQUAL(weir_bridge_dispatch(b, 0), 1);
	CU_ASSERT_EQUAL(figures().bridged, 0);
	CU_ASSERT_STRING_EQUAL(value(&rec), "{\"title\":\"1\"}");
	CU_ASSERT_EQUAL(rec.seq, 1);
	/* another run of the job is another update */
	say("{\"jobId\":\"j\",\"status\":\"completed\",\"result\":"
	    "{\"title\":\"1\"}}");
	CU_ASSERT_EQUAL(weir_bridge_dispatch(b, 0), 1);
	CU_ASSERT_EQUAL(figures().bridged, 1);
	value(&rec);
	CU_ASSERT_EQUAL(rec.seq, 2);
}

/* Two jobs: the value of the one that was bridged first is there still. */
static void
nothing_older_either(void)
{
	weir_record rec;

	must_open(B_OPTS(.flags = WEIR_BRIDGE_KEEP, .filter = any,
			 .transform = as_title));
	say_as(fix_producer(updates, "k"), "{\"progress\":0.1}");
	say("{\"progress\":0.2}");
	CU_ASSERT_EQUAL(weir_bridge_dispatch(b, 0), 2);
	CU_ASSERT_EQUAL(weir_bridge_close(b), 0);
	must_open(B_OPTS(.flags = WEIR_BRIDGE_KEEP, .filter = any,
			 .transform = as_title));
	CU_ASSERT_EQUAL(weir_bridge_dispatch(b, 0), 2);
	CU_ASSERT_EQUAL(figures().bridged, 0);
	CU_ASSERT_STRING_EQUAL(value(&rec), "{\"title\":\"0.20\"}");
	CU_ASSERT_EQUAL(rec.seq, 2);
}

/* ---- what is not ---- */

static struct {
	int cnt, code;
	uint64_t seq;
	char message[256];
} said;

static void
on_failed(weir_bridge *of, const weir_record *in, const weir_diag *why,
	  void *arg)
{
	CU_ASSERT_PTR_EQUAL(of, b);
	CU_ASSERT_PTR_EQUAL(arg, &said);
	said.cnt++;
	said.code = why->code;
	said.seq = in->seq;
	snprintf(said.message, sizeof(said.message), "%s", why->message);
}

static void
fails(const char *update, int code, const char *word, uint64_t failed,
      uint64_t refused)
{
	uint64_t seq = say(update);

	said.cnt = 0;
	CU_ASSERT_EQUAL(weir_bridge_dispatch(b, 0), 1);
	CU_ASSERT_EQUAL(said.cnt, 1);
	CU_ASSERT_EQUAL(said.code, code);
	CU_ASSERT_EQUAL(said.seq, seq);
	if (!strstr(said.message, word))
		t_log("no \"%s\" in \"%s\"\n", word, said.message);
	CU_ASSERT_PTR_NOT_NULL(strstr(said.message, word));
	CU_ASSERT_EQUAL(figures().failed, failed);
	CU_ASSERT_EQUAL(figures().refused, refused);
	CU_ASSERT_EQUAL(figures().last.code, code);
	CU_ASSERT_STRING_EQUAL(figures().last.message, said.message);
}

static void
what_fails_is_said_and_the_bridge_lives_on(void)
{
	char large[400];

	must_open(B_OPTS(.failed = on_failed, .arg = &said));
	CU_ASSERT_EQUAL(figures().last.code, 0);
	fails("{\"jobId\":\"j\",\"status\":\"completed\"}", -ENOENT,
	      "no result", 1, 0);
	fails("{\"jobId\":\"j\",\"status\":\"completed\",\"result\":\"no\"}",
	      WEIR_EJSON, "expected", 2, 0);
	snprintf(large, sizeof(large),
		 "{\"jobId\":\"j\",\"status\":\"completed\",\"result\":"
		 "{\"title\":\"%0250d\"}}",
		 1);
	fails(large, -EMSGSIZE, "200 bytes", 3, 0);
	snprintf(large, sizeof(large),
		 "{\"jobId\":\"j\",\"status\":\"completed\",\"result\":"
		 "\"{\\\"title\\\":\\\"%0250d\\\"}\"}",
		 1);
	fails(large, -EMSGSIZE, "200 bytes", 4, 0);
	fails("{\"jobId\":\"j\",\"status\":\"completed\",\"result\":"
	      "{\"title\":7}}",
	      WEIR_ESCHEMA, "/title", 4, 1);
	CU_ASSERT_STRING_EQUAL(figures().last.pointer, "/title");
	CU_ASSERT_STRING_EQUAL(value(NULL), "");
	say("{\"jobId\":\"j\",\"status\":\"completed\",\"result\":"
	    "{\"title\":\"at last\"}}");
	CU_ASSERT_EQUAL(weir_bridge_dispatch(b, 0), 1);
	CU_ASSERT_STRING_EQUAL(value(NULL), "{\"title\":\"at last\"}");
}

static void
callbacks_decide(void)
{
	must_open(B_OPTS(.filter = any, .transform = as_title,
			 .failed = on_failed, .arg = &said));
	say("{\"progress\":0}");
	CU_ASSERT_EQUAL(weir_bridge_dispatch(b, 0), 1);
	CU_ASSERT_EQUAL(figures().bridged + figures().failed, 0);
	fails("{\"other\":0}", -ENODATA, "no progress", 1, 0);
	fails("{\"progress\":2}", -EMSGSIZE, "", 2, 0);
	say("{\"progress\":0.25}");
	say("{\"progress\":0.5}");
	CU_ASSERT_EQUAL(weir_bridge_dispatch(b, 0), 2);
	CU_ASSERT_STRING_EQUAL(value(NULL), "{\"title\":\"0.50\"}");
	CU_ASSERT_EQUAL(figures().bridged, 2);
}

/* ---- a target that fills up ---- */

/* Its gating consumer, which another thread reads: who bridges and reads would
 * wait for itself. */
static weir_channel *block;
static weir_consumer *gate;
static char gate_json[64];
static int gate_rc;

static void *
open_gate(void *arg)
{
	(void)arg;
	gate = fix_consumer_with(
	    block, "gate", CO_OPTS(.from = WEIR_FROM_NEW, .flags = WEIR_GATE));
	return NULL;
}

static void *
read_gate(void *arg)
{
	weir_record rec;

	(void)arg;
	gate_rc = weir_read(gate, &rec, 1, 0);
	if (gate_rc == 1)
		weir_record_json(&rec, gate_json, sizeof(gate_json));
	return NULL;
}

static void *
read_gate_late(void *arg)
{
	usleep(120000);
	return read_gate(arg);
}

static void
elsewhere(void *(*fn)(void *))
{
	pthread_t t;

	CU_ASSERT_EQUAL_FATAL(pthread_create(&t, NULL, fn, NULL), 0);
	pthread_join(t, NULL);
}

static void
make_block(void)
{
	block = fix_channel(st, "block",
			    CH_OPTS(.overflow = WEIR_BLOCK, .capacity = 2));
	elsewhere(open_gate);
}

/* What the gate reads next, while the bridge goes on. */
static const char *
through_the_gate(void)
{
	for (int i = 0; i < 1000; i++) {
		elsewhere(read_gate);
		if (gate_rc == 1)
			return gate_json;
		weir_bridge_dispatch(b, 0);
	}
	return "nothing";
}

/* ---- nothing gets lost ---- */

static void
what_was_overwritten_is_looked_for(void)
{
	weir_producer *other = fix_producer(updates, "k");
	weir_record rec;
	uint64_t seq;

	must_open(B_OPTS(.flags = 0));
	CU_ASSERT_EQUAL(weir_bridge_dispatch(b, 0), -EAGAIN);
	seq = say("{\"jobId\":\"j\",\"status\":\"completed\",\"result\":"
		  "{\"title\":\"gone\"}}");
	for (int i = 0; i < 100; i++)
		say_as(other, "{\"jobId\":\"k\",\"status\":\"running\"}");
	while (weir_bridge_dispatch(b, 0) > 0)
		;
	CU_ASSERT(figures().lost > 0);
	CU_ASSERT_STRING_EQUAL(value(&rec), "{\"title\":\"gone\"}");
	CU_ASSERT_EQUAL(rec.origin_seq, seq);
	/* and not again when more is lost */
	for (int i = 0; i < 100; i++)
		say_as(other, "{\"jobId\":\"k\",\"status\":\"running\"}");
	while (weir_bridge_dispatch(b, 0) > 0)
		;
	CU_ASSERT_EQUAL(figures().bridged, 1);
}

/* What is looked for is what the stream does not bring. */
static void
what_is_newer_than_the_loss_comes_once(void)
{
	must_open(B_OPTS(.filter = any, .transform = as_title));
	CU_ASSERT_EQUAL(weir_bridge_dispatch(b, 0), -EAGAIN);
	for (int i = 0; i < 100; i++)
		say("{\"progress\":0.1}");
	while (weir_bridge_dispatch(b, 0) > 0)
		;
	CU_ASSERT(figures().lost > 0);
	CU_ASSERT_EQUAL(figures().bridged + figures().lost, 100);
}

/* Also not the value that was there at the start. */
static void
what_came_first_is_not_bridged_again(void)
{
	weir_producer *other = fix_producer(updates, "k");
	weir_record rec;

	say("{\"jobId\":\"j\",\"status\":\"completed\",\"result\":"
	    "{\"title\":\"early\"}}");
	must_open(B_OPTS(.flags = 0));
	CU_ASSERT_EQUAL(weir_bridge_dispatch(b, 0), 1);
	for (int i = 0; i < 100; i++)
		say_as(other, "{\"jobId\":\"k\",\"status\":\"running\"}");
	while (weir_bridge_dispatch(b, 0) > 0)
		;
	CU_ASSERT(figures().lost > 0);
	CU_ASSERT_EQUAL(figures().bridged, 1);
	value(&rec);
	CU_ASSERT_EQUAL(rec.seq, 1);
}

static void
a_full_target_is_waited_for(void)
{
	char json[64];
	pthread_t t;

	make_block();
	must_open(OPTS_OF("j", "block", .filter = any, .transform = as_title));
	for (int i = 1; i <= 5; i++) {
		snprintf(json, sizeof(json), "{\"progress\":0.%d}", i);
		say(json);
	}
	/* who has looked at some does not wait for room */
	CU_ASSERT_EQUAL(weir_bridge_dispatch(b, -1), 2);
	CU_ASSERT_EQUAL(weir_bridge_dispatch(b, 0), -EAGAIN);
	CU_ASSERT_EQUAL(weir_bridge_dispatch(b, 60 * MS), -EAGAIN);
	CU_ASSERT_EQUAL(figures().bridged, 2);
	CU_ASSERT_EQUAL_FATAL(pthread_create(&t, NULL, read_gate_late, NULL),
			      0);
	CU_ASSERT_EQUAL(weir_bridge_dispatch(b, -1), 1);
	pthread_join(t, NULL);
	CU_ASSERT_STRING_EQUAL(gate_json, "{\"title\":\"0.10\"}");
	for (int i = 2; i <= 5; i++) {
		snprintf(json, sizeof(json), "{\"title\":\"0.%d0\"}", i);
		CU_ASSERT_STRING_EQUAL(through_the_gate(), json);
	}
	CU_ASSERT_EQUAL(figures().bridged, 5);
}

/* Both at once: what the job said last is older than the update that told of
 * the loss, and the target has no room for either. */
static void
what_is_held_keeps_its_order(void)
{
	weir_producer *other = fix_producer(updates, "k"), *filler;

	make_block();
	filler = fix_producer(block, "filler");
	must_open(OPTS_OF("j", "block", .filter = any, .transform = as_title));
	CU_ASSERT_EQUAL(weir_bridge_dispatch(b, 0), -EAGAIN);
	fix_must_put(filler, 1);
	fix_must_put(filler, 2);
	say("{\"progress\":0.1}");
	for (int i = 0; i < 60; i++)
		say_as(other, "{\"progress\":0.9}");
	CU_ASSERT_EQUAL(weir_bridge_dispatch(b, 0), -EAGAIN);
	CU_ASSERT_STRING_EQUAL(through_the_gate(), "1");
	CU_ASSERT_STRING_EQUAL(through_the_gate(), "2");
	CU_ASSERT_STRING_EQUAL(through_the_gate(), "{\"title\":\"0.10\"}");
	CU_ASSERT_STRING_EQUAL(through_the_gate(), "{\"title\":\"0.90\"}");
	/* each once: 61, and the one that was lost and found */
	for (int i = 0; i < 62 && strcmp(through_the_gate(), "nothing"); i++)
		;
	CU_ASSERT_EQUAL(figures().bridged + figures().lost, 62);
}

/* Says more whenever it is asked. */
static int
chatty(const weir_record *in, void *arg)
{
	(void)in;
	(void)arg;
	say("{\"progress\":0.5}");
	return 0;
}

static void
a_dispatch_comes_to_an_end(void)
{
	must_open(B_OPTS(.filter = chatty));
	say("{\"progress\":0.5}");
	CU_ASSERT_EQUAL(weir_bridge_dispatch(b, 0), 64);
	CU_ASSERT_EQUAL(weir_bridge_dispatch(b, 0), 64);
}

/* ---- opening and closing ---- */

static void
close_withdraws(void)
{
	say("{\"jobId\":\"j\",\"status\":\"completed\",\"result\":"
	    "{\"title\":\"x\"}}");
	must_open(B_OPTS(.flags = 0));
	CU_ASSERT_EQUAL(weir_bridge_dispatch(b, 0), 1);
	CU_ASSERT_STRING_EQUAL(value(NULL), "{\"title\":\"x\"}");
	CU_ASSERT_EQUAL(weir_bridge_close(b), 0);
	CU_ASSERT_STRING_EQUAL(value(NULL), "");
	must_open(B_OPTS(.flags = WEIR_BRIDGE_KEEP));
	CU_ASSERT_EQUAL(weir_bridge_dispatch(b, 0), 1);
	CU_ASSERT_EQUAL(weir_bridge_close(b), 0);
	CU_ASSERT_STRING_EQUAL(value(NULL), "{\"title\":\"x\"}");
	b = NULL;
	CU_ASSERT_EQUAL(weir_bridge_close(NULL), 0);
}

static void
close_says_what_it_cannot_withdraw(void)
{
	make_block();
	fix_must_put(fix_producer(block, "filler"), 1);
	say("{\"jobId\":\"j\",\"status\":\"completed\",\"result\":2}");
	must_open(OPTS_OF("j", "block", .flags = 0));
	CU_ASSERT_EQUAL(weir_bridge_dispatch(b, 0), 1);
	CU_ASSERT_EQUAL(weir_bridge_close(b), -EAGAIN);
	b = NULL;
	CU_ASSERT_EQUAL(fix_current(block, NULL), 2);
}

static void
refuses(int code, const char *word, const weir_bridge_opts *o)
{
	weir_bridge *out = b;

	memset(&fix_diag, 0, sizeof(fix_diag));
	CU_ASSERT_EQUAL(weir_bridge_open(st, o, &out, &fix_diag), code);
	CU_ASSERT_PTR_NULL(out);
	CU_ASSERT(fix_says(&fix_diag, word));
}

static void
what_cannot_be_opened(void)
{
	char name[WEIR_ID_MAX + 1] = "";

	must_open(B_OPTS(.flags = 0));
	refuses(WEIR_EINUSE, "job-j-to-text", B_OPTS(.flags = 0));
	refuses(-EINVAL, "no job", OPTS_OF(NULL, "text", .flags = 0));
	refuses(-EINVAL, "no job", OPTS_OF("", "text", .flags = 0));
	refuses(-EINVAL, "no target", OPTS_OF("j", NULL, .flags = 0));
	refuses(-EINVAL, "unknown flag", B_OPTS(.flags = 4));
	refuses(-ENOENT, "nothing", OPTS_OF("j", "nothing", .flags = 0));
	refuses(-ENOENT, "nothing", B_OPTS(.from = "nothing"));
	refuses(WEIR_ENAME, "control", OPTS_OF("a\tb", "text", .flags = 0));
	memset(name, 'j', WEIR_ID_MAX + 1 - strlen("job--to-text"));
	refuses(WEIR_ENAME, "up to 128", OPTS_OF(name, "text", .flags = 0));
	CU_ASSERT_EQUAL(weir_bridge_dispatch(NULL, 0), -EINVAL);
	CU_ASSERT_EQUAL(weir_bridge_fd(NULL), -EINVAL);
}

static void
the_longest_id_is_one(void)
{
	char name[WEIR_ID_MAX + 1] = "";

	memset(name, 'j', WEIR_ID_MAX - strlen("job--to-text"));
	must_open(OPTS_OF(name, "text", .flags = 0));
	CU_ASSERT_EQUAL(strlen(figures().id), WEIR_ID_MAX);
}

static void
a_channel_that_goes_ends_it(void)
{
	must_open(B_OPTS(.flags = 0));
	CU_ASSERT_EQUAL(weir_channel_remove(st, WEIR_BRIDGE_FROM, NULL), 0);
	CU_ASSERT_EQUAL(weir_bridge_dispatch(b, -1), WEIR_EREMOVED);
}

static void
the_channel_of_updates_is_made(void)
{
	static const char without[] = "{\"jobId\":\"j\"}";
	static const char lost[] = "{\"jobId\":\"j\",\"status\":\"lost\"}";
	weir_channel_info info = {.size = sizeof(info)};
	weir_store *own = fix_store();
	weir_channel *ch = NULL;
	weir_producer *p;

	CU_ASSERT_EQUAL_FATAL(weir_jobs_open(own, &ch, &fix_diag), 0);
	CU_ASSERT_EQUAL(weir_channel_stat(ch, &info), 0);
	CU_ASSERT_STRING_EQUAL(info.name, WEIR_BRIDGE_FROM);
	CU_ASSERT_EQUAL(info.max_producers, 32);
	CU_ASSERT_EQUAL(info.max_record, 65536);
	CU_ASSERT_EQUAL(info.orphans, WEIR_EVICT);
	p = fix_producer(ch, "j");
	say_as(p, "{\"jobId\":\"j\",\"status\":\"queued\",\"other\":1}");
	CU_ASSERT_EQUAL(weir_publish_json(p, without, strlen(without), NULL),
			WEIR_ESCHEMA);
	CU_ASSERT_EQUAL(weir_publish_json(p, lost, strlen(lost), NULL),
			WEIR_ESCHEMA);
	weir_store_close(own);
	/* one that is there is taken as it is */
	CU_ASSERT_EQUAL_FATAL(weir_jobs_open(st, &ch, &fix_diag), 0);
	CU_ASSERT_EQUAL(weir_channel_stat(ch, &info), 0);
	CU_ASSERT_EQUAL(info.capacity, 16);
}

/* ---- threads ---- */

static void
await_bridged(uint64_t cnt)
{
	while (figures().bridged < cnt && !figures().ended)
		usleep(1000);
}

static void
it_bridges_by_itself(void)
{
	must_open(B_OPTS(.flags = WEIR_BRIDGE_THREAD));
	CU_ASSERT_EQUAL(weir_bridge_dispatch(b, 0), -EBUSY);
	CU_ASSERT_EQUAL(weir_bridge_fd(b), -EBUSY);
	say("{\"jobId\":\"j\",\"status\":\"completed\",\"result\":"
	    "{\"title\":\"alone\"}}");
	await_bridged(1);
	CU_ASSERT_STRING_EQUAL(value(NULL), "{\"title\":\"alone\"}");
	CU_ASSERT_EQUAL(weir_bridge_close(b), 0);
	CU_ASSERT_STRING_EQUAL(value(NULL), "");
	b = NULL;
}

static void
its_thread_ends_with_the_channel(void)
{
	must_open(B_OPTS(.flags = WEIR_BRIDGE_THREAD));
	CU_ASSERT_EQUAL(weir_channel_remove(st, WEIR_BRIDGE_FROM, NULL), 0);
	while (!figures().ended)
		usleep(1000);
	CU_ASSERT_EQUAL(figures().ended, WEIR_EREMOVED);
}

static void
a_thread_that_waits_for_room_can_be_closed(void)
{
	make_block();
	must_open(OPTS_OF("j", "block", .filter = any, .transform = as_title,
			  .flags = WEIR_BRIDGE_THREAD));
	say("{\"progress\":0.1}");
	say("{\"progress\":0.2}");
	say("{\"progress\":0.3}");
	await_bridged(2);
	usleep(120000); /* it waits for nothing else */
	CU_ASSERT_EQUAL(weir_bridge_close(b), -EAGAIN);
	b = NULL;
}

/* It is busy with updates just then. */
static void
a_thread_that_reads_can_be_closed(void)
{
	must_open(B_OPTS(.filter = any, .transform = as_title,
			 .flags = WEIR_BRIDGE_THREAD));
	while (figures().bridged < 100)
		say("{\"progress\":0.1}");
	CU_ASSERT_EQUAL(weir_bridge_close(b), 0);
	CU_ASSERT_STRING_EQUAL(value(NULL), "");
	b = NULL;
}

static void *
interrupter(void *arg)
{
	usleep(20000);
	weir_bridge_interrupt(arg);
	return NULL;
}

static void
a_wait_can_be_interrupted(void)
{
	pthread_t t;

	must_open(B_OPTS(.flags = 0));
	weir_bridge_interrupt(b);
	CU_ASSERT_EQUAL(weir_bridge_dispatch(b, -1), -EINTR);
	CU_ASSERT_EQUAL_FATAL(pthread_create(&t, NULL, interrupter, b), 0);
	CU_ASSERT_EQUAL(weir_bridge_dispatch(b, -1), -EINTR);
	pthread_join(t, NULL);
	/* once */
	while (weir_bridge_dispatch(b, 0) == -EINTR)
		;
	CU_ASSERT_EQUAL(weir_bridge_dispatch(b, 0), -EAGAIN);
}

static void
its_descriptor_tells(void)
{
	struct pollfd fd = {.events = POLLIN};

	must_open(B_OPTS(.flags = 0));
	fd.fd = weir_bridge_fd(b);
	CU_ASSERT_FATAL(fd.fd >= 0);
	while (weir_bridge_dispatch(b, 0) != -EAGAIN)
		;
	CU_ASSERT_EQUAL(poll(&fd, 1, 0), 0);
	say("{\"jobId\":\"j\",\"status\":\"completed\",\"result\":"
	    "{\"title\":\"polled\"}}");
	CU_ASSERT_EQUAL(poll(&fd, 1, 20000), 1);
	CU_ASSERT_EQUAL(weir_bridge_dispatch(b, 0), 1);
	CU_ASSERT_STRING_EQUAL(value(NULL), "{\"title\":\"polled\"}");
}

static void
a_child_can_close_it(void)
{
	int status;
	pid_t pid;

	must_open(B_OPTS(.flags = WEIR_BRIDGE_THREAD));
	say("{\"jobId\":\"j\",\"status\":\"completed\",\"result\":"
	    "{\"title\":\"x\"}}");
	await_bridged(1);
	pid = fork();
	CU_ASSERT_FATAL(pid >= 0);
	if (pid == 0) {
		alarm(20);
		if (weir_bridge_stat(b,
				     &(weir_bridge_info){
					 .size = sizeof(weir_bridge_info)}) !=
		    WEIR_EFORKED)
			_exit(2);
		_exit(weir_bridge_close(b) == 0 ? 0 : 1);
	}
	CU_ASSERT_EQUAL_FATAL(waitpid(pid, &status, 0), pid);
	CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	CU_ASSERT_STRING_EQUAL(value(NULL), "{\"title\":\"x\"}");
}

SUITE_WITH("bridge", before, after, TEST(a_job_that_completes_is_bridged),
	   TEST(a_job_that_has_completed_is_bridged_at_once),
	   TEST(other_jobs_are_not), TEST(text_is_read_as_json),
	   TEST(nothing_twice), TEST(nothing_older_either),
	   TEST(what_fails_is_said_and_the_bridge_lives_on),
	   TEST(callbacks_decide), TEST(what_was_overwritten_is_looked_for),
	   TEST(what_is_newer_than_the_loss_comes_once),
	   TEST(what_came_first_is_not_bridged_again),
	   TEST(a_full_target_is_waited_for),
	   TEST(what_is_held_keeps_its_order), TEST(a_dispatch_comes_to_an_end),
	   TEST(close_withdraws), TEST(close_says_what_it_cannot_withdraw),
	   TEST(what_cannot_be_opened), TEST(the_longest_id_is_one),
	   TEST(a_channel_that_goes_ends_it),
	   TEST(the_channel_of_updates_is_made), TEST(it_bridges_by_itself),
	   TEST(its_thread_ends_with_the_channel),
	   TEST(a_thread_that_waits_for_room_can_be_closed),
	   TEST(a_thread_that_reads_can_be_closed),
	   TEST(a_wait_can_be_interrupted), TEST(its_descriptor_tells),
	   TEST(a_child_can_close_it));
