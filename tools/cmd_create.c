/* SPDX-License-Identifier: BSD-2-Clause
 *
 * cmd_create.c - make a store and the channels that a file declares.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "cmd.h"
#include "config.h"
#include "fields.h"
#include "out.h"
#include "reach.h"

static weir_store_opts asked;
static const char *config_path;
static int verbose;

#define ROW(option, key, kind, words, help)                                    \
	{0, option, words, help, kind, &asked.key},
static const struct opt opts[] = {
    {'c', "config", "FILE", "JSON: what store and channels are to be", OPT_STR,
     &config_path},
    STORE_FIELDS(ROW){'v', "verbose", NULL, "say what was made", OPT_FLAG,
		      &verbose},
    OPT_END,
};

/* A size that the store has must be what was asked for; the library may have
 * rounded it up to whole pages. */
static int
differs(const char *field, uint64_t want, uint64_t have, uint64_t slack)
{
	if (want == 0 || (have >= want && have - want < slack))
		return 0;
	talk("%s: the store exists with %s %" PRIu64 ", not %" PRIu64 " (%s)",
	     store_name, field, have, want, code_name(WEIR_ECONFIG));
	return X_FAILED;
}

static int
compare(weir_store *store, const weir_store_opts *o)
{
	weir_store_info info = {.size = sizeof(info)};
	int rc = weir_store_stat(store, &info);

	if (rc < 0)
		return fail(store_name, rc, NULL);
	rc = differs("max_bytes", o->max_bytes, info.max_bytes, 2u << 20);
	if (!rc)
		rc = differs("max_channels", o->max_channels, info.max_channels,
			     1);
	if (!rc)
		rc = differs("max_participants", o->max_participants,
			     info.max_participants, 1);
	if (!rc && o->mode && o->mode != (info.mode & 0777)) {
		talk("%s: the store exists with mode %04o, not %04o (%s)",
		     store_name, info.mode & 0777u, o->mode,
		     code_name(WEIR_ECONFIG));
		rc = X_FAILED;
	}
	if (!rc && (info.mode & 02) && !store_any_writer)
		talk("%s: everybody may write to it: the other verbs will "
		     "need --any-writer, and programs the flag "
		     "WEIR_ANY_WRITER",
		     store_name);
	return rc;
}

static int
make_store(const weir_store_opts *want, weir_store **store)
{
	weir_store_opts o = *want;
	weir_diag diag = {0};
	int rc;

	o.size = sizeof(o);
	o.flags = 0;
	rc = reach_opts(&o);
	if (rc)
		return rc;
	rc = weir_store_open(store_name, &o, store, &diag);
	if (rc >= 0) {
		if (verbose)
			talk("%s: the store exists", store_name);
		return compare(*store, want);
	}
	if (rc == -ENOENT) {
		o.flags |= WEIR_CREATE;
		rc = weir_store_open(store_name, &o, store, &diag);
	}
	if (rc < 0)
		return fail(store_name, rc, &diag);
	if (verbose)
		talk("%s: made", store_name);
	/* somebody else may have made it just before */
	return compare(*store, want);
}

static int
make_channel(weir_store *store, const struct config_channel *c)
{
	weir_channel_opts o = c->opts;
	weir_diag diag = {0};
	weir_channel *ch;
	int rc, made = 0;

	o.flags = WEIR_MUST_EXIST;
	rc = weir_channel_open(store, c->name, &o, &ch, &diag);
	if (rc == -ENOENT) {
		o.flags = 0;
		made = 1;
		rc = weir_channel_open(store, c->name, &o, &ch, &diag);
	}
	if (rc < 0)
		return fail(c->name, rc, &diag);
	weir_channel_close(ch);
	if (verbose)
		talk("%s: %s", c->name, made ? "made" : "exists");
	return 0;
}

static int
run(int argc, char **argv)
{
	struct config cf = {.store.size = sizeof(cf.store)};
	weir_store *store = NULL;
	size_t i;
	int rc, one;

	(void)argc;
	(void)argv;
	rc = reach_name_only();
	if (!rc && config_path)
		rc = config_load(&cf, config_path);
#define OVER(option, key, kind, words, help)                                   \
	if (asked.key)                                                         \
		cf.store.key = asked.key;
	STORE_FIELDS(OVER)
	if (!rc)
		rc = make_store(&cf.store, &store);
	for (i = 0; !rc && i < cf.cnt; i++) {
		one = make_channel(store, &cf.channels[i]);
		if (one)
			rc = one;
	}
	weir_store_close(store);
	config_free(&cf);
	return rc;
}

const struct cmd cmd_create = {
    .name = "create",
    .args = "",
    .what = "make a store, and the channels that a file declares",
    .more =
	"What exists already and is the same is left as it is; what differs\n"
	"is an error that names the field.  The file is checked whole before\n"
	"anything is made:\n"
	"\n"
	"  {\n"
	"    \"store\": {\"max_bytes\": \"64M\", \"mode\": \"0660\"},\n"
	"    \"channels\": {\n"
	"      \"metric-data\": {\"schema\": \"metric.json\", "
	"\"capacity\": 1024},\n"
	"      \"orders\": {\"schema\": {\"type\": \"object\"}, "
	"\"overflow\": \"block\"}\n"
	"    }\n"
	"  }\n"
	"\n"
	"A schema is the path of a file, from the folder of this one, or the\n"
	"schema itself.  Other keys: those of \"weir channel create\", with\n"
	"\"_\" for \"-\", and \"lane_bytes\" and \"inline_bytes\".\n",
    .opts = opts,
    .has_store = 1,
    .run = run,
};
