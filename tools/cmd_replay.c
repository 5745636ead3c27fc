/* SPDX-License-Identifier: BSD-2-Clause
 *
 * cmd_replay.c - publish what is in an MCAP file.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "cmd.h"
#include "fields.h"
#include "glob.h"
#include "mcap.h"
#include "out.h"
#include "reach.h"
#include "recording.h"
#include "stop.h"

#define OTHERS_ID "weir-replay" /* who publishes what another program wrote */

static double speed = 1;
static int is_looping;
static struct opt_list chosen;

static const struct opt opts[] = {
    {'x', "speed", "X", "so many times as fast; 0: at once; default 1",
     OPT_FACTOR, &speed},
    {'c', "channel", "PATTERN", "only channels like this; again for more",
     OPT_LIST, &chosen},
    {'l', "loop", NULL, "again and again, until a signal comes", OPT_FLAG,
     &is_looping},
    OPT_END,
};

/* A producer of ours. */
struct sender {
	struct sender *next;
	char *id;
	weir_producer *p;
	int code; /* it cannot be opened: an exit code */
};

/* A channel of the store. */
struct target {
	struct target *next;
	char *name;
	weir_channel *ch;
	int is_exclusive;
	int code; /* it cannot be opened: an exit code */
	struct sender *senders;
	uint64_t published, refused;
};

/* Where the messages of an MCAP channel go. */
struct route {
	struct route *next;
	struct target *target; /* NULL: nowhere */
	struct sender *sender;
	int is_clear, is_json;
	int is_unknown; /* neither JSON nor msgpack */
	int is_told;	/* a refusal was */
};

static struct {
	weir_store *store;
	struct target *targets;
	struct route *routes;
	int has_begun; /* the two times below are set */
	uint64_t first_time;
	int64_t start_ns; /* on the monotonic clock */
	uint64_t messages;
	int code; /* the exit code so far */
} run_state;

/* ---- from an MCAP channel to a producer ---- */

static int
is_chosen(const char *name)
{
	return glob_any(chosen.val, chosen.cnt, name);
}

/* The name of a channel is that which was recorded; a topic of others may
 * have "/", which no channel can: "/a/b" is "a.b". */
static char *
channel_name(const struct mcap_channel *mc)
{
	const char *name = mcap_pair_value(mc, RECORDING_CHANNEL);
	char *copy, *p;

	if (name)
		return strdup(name);
	copy = strdup(mc->topic + strspn(mc->topic, "/"));
	for (p = copy; p && *p; p++)
		if (*p == '/')
			*p = '.';
	return copy;
}

/* As it was recorded; fields that nobody recorded are the defaults. */
static void
recorded_opts(const struct mcap_channel *mc, weir_channel_opts *o)
{
	const char *text;

	memset(o, 0, sizeof(*o));
	o->size = sizeof(*o);
#define FIELD(option, key, kind, words, help)                                  \
	text = mcap_pair_value(mc, RECORDING_FIELD(#key));                     \
	if (text)                                                              \
		opts_value(kind, words, &o->key, text);
	CHANNEL_FIELDS(FIELD)
#undef FIELD
	if (mc->schema && strcmp(mc->schema->encoding, "jsonschema") == 0 &&
	    mc->schema->len) {
		o->schema = mc->schema->data;
		o->schema_len = mc->schema->len;
	}
}

/* Say why the file's words for something cannot be used: which is not the
 * user's fault. */
static int
fail_of_file(const char *what, int rc, const weir_diag *diag)
{
	int code = fail(what, rc, diag);

	return code == X_USAGE ? X_FAILED : code;
}

/* The channel, made if it is not there.  What fails is said. */
static void
open_target(struct target *t, const struct mcap_channel *mc)
{
	weir_channel_info info = {.size = sizeof(info)};
	weir_channel_opts o;
	weir_diag diag = {0};
	int rc =
	    weir_channel_open(run_state.store, t->name, NULL, &t->ch, &diag);

	if (rc == -ENOENT) {
		recorded_opts(mc, &o);
		rc = weir_channel_open(run_state.store, t->name, &o, &t->ch,
				       &diag);
	}
	if (rc == 0)
		rc = weir_channel_stat(t->ch, &info);
	t->is_exclusive = info.producers == WEIR_EXCLUSIVE;
	if (rc < 0)
		t->code = fail_of_file(t->name, rc, &diag);
}

static struct target *
find_target(const struct mcap_channel *mc)
{
	char *name = channel_name(mc);
	struct target *t;

	for (t = name ? run_state.targets : NULL; t; t = t->next) {
		if (strcmp(t->name, name) == 0) {
			free(name);
			return t;
		}
	}
	t = calloc(1, sizeof(*t));
	if (!name || !t) {
		free(name);
		free(t);
		return NULL;
	}
	t->name = name;
	t->next = run_state.targets;
	run_state.targets = t;
	if (is_chosen(name))
		open_target(t, mc);
	return t;
}

static struct sender *
find_sender(struct target *t, const char *id)
{
	struct sender *s;

	for (s = t->senders; s; s = s->next)
		if (strcmp(s->id, id) == 0)
			return s;
	s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->id = strdup(id);
	s->next = t->senders;
	t->senders = s;
	return s->id ? s : NULL;
}

static struct route *
find_route(struct mcap_channel *mc)
{
	const char *id = mcap_pair_value(mc, RECORDING_PRODUCER);
	const char *kind = mcap_pair_value(mc, RECORDING_KIND);
	struct route *r = mc->user;

	if (r)
		return r;
	r = mc->user = calloc(1, sizeof(*r));
	if (!r)
		return NULL;
	r->next = run_state.routes;
	run_state.routes = r;
	r->is_clear = kind && strcmp(kind, RECORDING_CLEAR) == 0;
	r->is_json = strcmp(mc->encoding, "json") == 0;
	r->is_unknown = !r->is_json && strcmp(mc->encoding, "msgpack") != 0;
	r->target = find_target(mc);
	if (!r->target)
		return NULL;
	if (!is_chosen(r->target->name)) {
		r->target = NULL;
		return r;
	}
	r->sender = find_sender(r->target, id ? id : OTHERS_ID);
	return r->sender ? r : NULL;
}

/* An exclusive channel has room for one. */
static void
open_sender(struct target *t, struct sender *s)
{
	weir_producer_opts o = {.size = sizeof(o), .timeout_ns = -1};
	weir_diag diag = {0};
	int rc;

	for (struct sender *x = t->senders; t->is_exclusive && x; x = x->next) {
		weir_producer_close(x->p);
		x->p = NULL;
	}
	rc = weir_producer_open(t->ch, s->id, &o, &s->p, &diag);
	if (rc < 0)
		s->code = fail_of_file(t->name, rc, &diag);
}

/* ---- records ---- */

static void
note(int code)
{
	if (!run_state.code || run_state.code == X_INVALID)
		run_state.code = code;
}

/* Wait until it is time for a record of @log_time.  A signal ends it. */
static void
await(uint64_t log_time)
{
	if (!run_state.has_begun) {
		run_state.has_begun = 1;
		run_state.first_time = log_time;
		run_state.start_ns = clock_mono();
	}
	if (speed <= 0 || log_time <= run_state.first_time)
		return;
	stop_sleep(run_state.start_ns,
		   (double)(log_time - run_state.first_time) / speed);
}

static int64_t
publish(const struct route *r, const struct mcap_item *it, weir_diag *diag)
{
	weir_producer *p = r->sender->p;
	int64_t rc;

	do {
		memset(diag, 0, sizeof(*diag));
		rc = r->is_clear ? weir_clear(p)
		     : r->is_json
			 ? weir_publish_json(p, it->data, it->len, diag)
			 : weir_publish(p, it->data, it->len, diag);
		/* a debugger, or stopped and continued */
	} while (rc == -EINTR && !stop_signal());
	return rc;
}

/* Returns 0, or an exit code if it is no use to go on. */
static int
play(const struct mcap_item *it)
{
	struct route *r = find_route(it->channel);
	struct target *t;
	weir_diag diag = {0};
	int64_t rc;

	if (!r)
		return fail(it->channel->topic, -ENOMEM, NULL);
	t = r->target;
	if (!t)
		return 0;
	await(it->log_time);
	if (stop_signal())
		return 0;
	run_state.messages++;
	if (!t->code && !r->is_unknown && !r->sender->p && !r->sender->code)
		open_sender(t, r->sender);
	if (t->code || r->is_unknown || r->sender->code) {
		if (r->is_unknown && !r->is_told)
			talk("%s: its messages are \"%s\", not json or msgpack",
			     it->channel->topic, it->channel->encoding);
		r->is_told = 1;
		t->refused++;
		note(t->code	     ? t->code
		     : r->is_unknown ? X_INVALID
				     : r->sender->code);
		return 0;
	}
	rc = publish(r, it, &diag);
	if (rc >= 0) {
		t->published++;
		return 0;
	}
	if (rc == -EINTR)
		return 0;
	if (exit_of((int)rc) != X_INVALID)
		return fail(t->name, (int)rc, &diag);
	t->refused++;
	note(X_INVALID);
	if (!r->is_told)
		talk("%s: %s, %s", t->name, r->sender->id,
		     reason_at("sequence", it->sequence, (int)rc, &diag));
	r->is_told = 1;
	return 0;
}

/* Once through the file.  Returns 0, or an exit code if it is no use to go
 * on. */
static int
pass(struct mcap_reader *reader, const char *path)
{
	struct mcap_item it;
	int rc, code = 0;

	run_state.has_begun = 0;
	while (!code && !stop_signal()) {
		rc = mcap_next(reader, &it);
		if (rc == -EINTR)
			continue;
		if (rc < 0)
			return fail(path, rc, NULL);
		switch (it.kind) {
		case MCAP_MESSAGE:
			code = play(&it);
			break;
		case MCAP_DAMAGE:
			talk("%s: byte %" PRIu64 ": %s", path, it.offset,
			     it.why);
			note(X_FAILED);
			break;
		case MCAP_CUT:
			talk("%s: byte %" PRIu64 ": the file is cut here", path,
			     it.offset);
			note(X_FAILED);
			return 0;
		case MCAP_END:
			return 0;
		}
	}
	return code;
}

static int
replay(struct mcap_reader *reader, const char *path)
{
	uint64_t before;
	int code, rc;

	for (;;) {
		before = run_state.messages;
		code = pass(reader, path);
		if (code || stop_signal() || !is_looping)
			return code;
		if (run_state.messages == before) {
			talk("%s: there is nothing to publish", path);
			return X_FAILED;
		}
		rc = mcap_rewind(reader);
		if (rc < 0)
			return fail(path, rc, NULL);
	}
}

/* ---- the verb ---- */

static void
say_refused(void)
{
	for (const struct target *t = run_state.targets; t; t = t->next)
		if (t->refused)
			talk("%s: %" PRIu64 " of %" PRIu64 " records refused",
			     t->name, t->refused, t->refused + t->published);
}

static void
close_all(void)
{
	struct target *t, *next_target;
	struct sender *s, *next_sender;
	struct route *r, *next_route;

	for (t = run_state.targets; t; t = next_target) {
		next_target = t->next;
		for (s = t->senders; s; s = next_sender) {
			next_sender = s->next;
			weir_producer_close(s->p);
			free(s->id);
			free(s);
		}
		weir_channel_close(t->ch);
		free(t->name);
		free(t);
	}
	for (r = run_state.routes; r; r = next_route) {
		next_route = r->next;
		free(r);
	}
	weir_store_close(run_state.store);
}

static int
open_file(const char *path, FILE **file, struct mcap_reader **reader)
{
	int rc;

	*file = fopen(path, "re");
	rc = *file ? mcap_open(reader, *file, MCAP_CHUNK_MAX) : -errno;
	if (rc == 0)
		return 0;
	if (rc == -EBADMSG)
		talk("%s: not an MCAP file", path);
	else
		fail(path, rc, NULL);
	return X_FAILED;
}

static int
run(int argc, char **argv)
{
	struct mcap_reader *reader = NULL;
	FILE *file = NULL;
	int code;

	(void)argc;
	stop_catch();
	code = open_file(argv[0], &file, &reader);
	if (!code)
		code = reach_store(0, &run_state.store);
	if (!code) {
		code = replay(reader, argv[0]);
		say_refused();
		close_all();
	}
	mcap_close(reader);
	if (file)
		fclose(file);
	if (!is_looping)
		stop_raise();
	return code ? code : run_state.code;
}

const struct cmd cmd_replay = {
    .name = "replay",
    .args = "FILE",
    .what = "publish what is in an MCAP file, as it came",
    .more =
	"Records are published under the ids that they had, as far apart as\n"
	"they were.  A channel that is not there is made as it was recorded.\n"
	"What is refused is counted; of each producer the first is named, and\n"
	"the exit code is then 4.  What is damaged is named and passed over,\n"
	"a file that was cut is read up to there, and the exit code is 1.\n",
    .opts = opts,
    .min_args = 1,
    .max_args = 1,
    .has_store = 1,
    .run = run,
};
