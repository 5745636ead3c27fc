/* SPDX-License-Identifier: BSD-2-Clause */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "fields.h"
#include "formats.h"
#include "in.h"
#include "out.h"
#include "text.h"

struct field {
	const char *key;
	enum opt_kind kind;
	const char *words;
	size_t at; /* in the struct */
};

#define CHANNEL_ROW(option, key, kind, words, help)                            \
	{#key, kind, words, offsetof(weir_channel_opts, key)},
#define STORE_ROW(option, key, kind, words, help)                              \
	{#key, kind, words, offsetof(weir_store_opts, key)},

static const struct field channel_fields[] = {
    CHANNEL_FIELDS(CHANNEL_ROW){NULL, OPT_FLAG, NULL, 0}};
static const struct field store_fields[] = {
    STORE_FIELDS(STORE_ROW){NULL, OPT_FLAG, NULL, 0}};

/* Where we are, for messages. */
struct place {
	const char *path;
	const char *channel; /* or NULL */
	const char *key;     /* or "" */
};

static int
wrong(const struct place *at, const char *why)
{
	if (at->channel)
		talk("%s: channel %s%s%s: %s", at->path, at->channel,
		     *at->key ? ": " : "", at->key, why);
	else
		talk("%s%s%s: %s", at->path, *at->key ? ": " : "", at->key,
		     why);
	return X_USAGE;
}

/* The members of a map, one after the other. */
struct members {
	const unsigned char *p;
	size_t len;
	uint32_t cnt;
};

static struct members
members_of(const weir_value *map)
{
	struct members m = {map->raw, map->raw_len, map->cnt};
	uint64_t body, kids;
	size_t head = 0;

	in_head(m.p, m.len, &head, &body, &kids);
	m.p += head;
	m.len -= head;
	return m;
}

static int
next_value(struct members *m, weir_value *v)
{
	if (weir_value_find(m->p, m->len, "", v))
		return 0;
	m->p += v->raw_len;
	m->len -= v->raw_len;
	return 1;
}

/* Returns 0 at the end.  The caller frees *@key. */
static int
next_member(struct members *m, char **key, weir_value *v)
{
	weir_value k;

	*key = NULL;
	if (m->cnt == 0 || !next_value(m, &k) || k.type != WEIR_STR ||
	    !next_value(m, v))
		return 0;
	m->cnt--;
	*key = strndup(k.ptr, k.len);
	return *key != NULL;
}

/* The value of a field, checked as on the command line. */
static int
set_field(const struct place *at, const struct field *f, void *to,
	  const weir_value *v)
{
	char text[64], need[80];
	const char *bad;

	if (v->type == WEIR_UINT && f->kind != OPT_CHOICE &&
	    f->kind != OPT_MODE)
		snprintf(text, sizeof(text), "%" PRIu64, v->u);
	else if (v->type == WEIR_STR && v->len < sizeof(text))
		snprintf(text, sizeof(text), "%.*s", (int)v->len,
			 (const char *)v->ptr);
	else {
		if (f->kind == OPT_CHOICE)
			snprintf(need, sizeof(need),
				 "a string is needed, one of %s", f->words);
		return wrong(at, f->kind == OPT_CHOICE ? need
				 : f->kind == OPT_MODE
				     ? "a string is needed, as \"0660\""
				     : "a number is needed, not negative");
	}
	bad = opts_value(f->kind, f->words, (char *)to + f->at, text);
	return bad ? wrong(at, bad) : 0;
}

static const struct field *
find_field(const struct field *f, const char *key)
{
	while (f->key && strcmp(f->key, key) != 0)
		f++;
	return f->key ? f : NULL;
}

int
config_schema(const char *path, char **text, size_t *len)
{
	int rc = in_file(path, text, len);

	if (rc < 0) {
		talk("%s: %s (%s)", path, strerror(-rc), code_name(rc));
		return X_FAILED;
	}
	return 0;
}

/* A string is a path from the folder of the configuration file, anything
 * else the schema. */
static int
set_schema(const struct place *at, struct config_channel *ch,
	   const weir_value *v)
{
	const char *slash = strrchr(at->path, '/');
	size_t folder = slash ? (size_t)(slash - at->path) + 1 : 0;
	char *path;
	int64_t n;
	int rc;

	if (v->type != WEIR_STR) {
		n = weir_msgpack_to_json(v->raw, v->raw_len, NULL, 0);
		ch->schema = n < 0 ? NULL : malloc((size_t)n + 1);
		if (!ch->schema)
			return wrong(at, "cannot be read as a schema");
		weir_msgpack_to_json(v->raw, v->raw_len, ch->schema,
				     (size_t)n + 1);
		ch->opts.schema_len = (size_t)n;
	} else {
		path = malloc(folder + v->len + 1);
		if (!path)
			return wrong(at, "out of memory");
		if (v->len && *(const char *)v->ptr == '/')
			folder = 0;
		memcpy(path, at->path, folder);
		memcpy(path + folder, v->ptr, v->len);
		path[folder + v->len] = 0;
		rc = config_schema(path, &ch->schema, &ch->opts.schema_len);
		free(path);
		if (rc)
			return rc;
	}
	ch->opts.schema = ch->schema;
	return 0;
}

int
config_check(const char *where, const weir_channel_opts *opts)
{
	weir_diag diag = {0};
	weir_schema *schema;
	int64_t n;
	int rc;

	if (opts->schema) {
		weir_schema_opts o = {.size = sizeof(o)};

		if (opts->formats == WEIR_ON)
			o.flags = WEIR_ASSERT_FORMAT;
		rc = weir_schema_compile(opts->schema, opts->schema_len, &o,
					 &schema, &diag);
		if (rc < 0) {
			talk("%s: schema: %s", where, reason(rc, &diag));
			return exit_of(rc);
		}
		weir_schema_free(schema);
		if (opts->formats == WEIR_ON)
			formats_say(where, opts->schema, opts->schema_len);
	}
	n = weir_channel_footprint(opts, &diag);
	return n < 0 ? fail(where, (int)n, &diag) : 0;
}

static int
read_channel(struct place *at, struct config_channel *ch, const weir_value *v)
{
	struct members m;
	const struct field *f;
	weir_value val;
	char *key, where[512];
	int rc = 0;

	ch->opts.size = sizeof(ch->opts);
	if (v->type != WEIR_MAP)
		return wrong(at, "an object is needed");
	m = members_of(v);
	while (!rc && next_member(&m, &key, &val)) {
		at->key = key;
		f = find_field(channel_fields, key);
		if (strcmp(key, "schema") == 0)
			rc = set_schema(at, ch, &val);
		else if (f)
			rc = set_field(at, f, &ch->opts, &val);
		else
			rc = wrong(at, "no such field");
		at->key = "";
		free(key);
	}
	if (rc)
		return rc;
	snprintf(where, sizeof(where), "%s: channel %s", at->path, ch->name);
	return config_check(where, &ch->opts);
}

static int
name_is_bad(const char *name)
{
	const unsigned char *p = (const unsigned char *)name;
	size_t len = strlen(name), n;

	if (len == 0 || len > WEIR_CHANNEL_NAME_MAX || strchr(name, '/'))
		return 1;
	for (; len; p += n, len -= n) {
		n = text_printable(p, len);
		if (n == 0)
			return 1;
	}
	return 0;
}

static int
read_channels(struct config *cf, const char *path, const weir_value *v)
{
	struct place at = {path, NULL, "channels"};
	struct members m;
	weir_value val;
	char *name;
	int rc = 0;

	if (v->type != WEIR_MAP)
		return wrong(&at, "an object is needed: names, and what each "
				  "channel is like");
	cf->channels = calloc(v->cnt + 1u, sizeof(*cf->channels));
	if (!cf->channels)
		return wrong(&at, "out of memory");
	m = members_of(v);
	at.key = "";
	while (!rc && next_member(&m, &name, &val)) {
		at.channel = name;
		cf->channels[cf->cnt].name = name;
		if (name_is_bad(name))
			rc = wrong(&at, "a channel's name is 1 to 128 bytes of "
					"UTF-8 without control characters "
					"and \"/\"");
		else
			rc = read_channel(&at, &cf->channels[cf->cnt], &val);
		cf->cnt++;
	}
	return rc;
}

static int
read_store(struct config *cf, const char *path, const weir_value *v)
{
	struct place at = {path, NULL, "store"};
	const struct field *f;
	struct members m;
	weir_value val;
	char *key, where[128];
	int rc = 0;

	if (v->type != WEIR_MAP)
		return wrong(&at, "an object is needed");
	m = members_of(v);
	while (!rc && next_member(&m, &key, &val)) {
		snprintf(where, sizeof(where), "store: %s", key);
		at.key = where;
		f = find_field(store_fields, key);
		rc = f ? set_field(&at, f, &cf->store, &val)
		       : wrong(&at, "no such field");
		free(key);
	}
	return rc;
}

static int
read_root(struct config *cf, const char *path, const weir_value *root)
{
	struct place at = {path, NULL, ""};
	struct members m;
	weir_value val;
	char *key;
	int rc = 0;

	if (root->type != WEIR_MAP)
		return wrong(&at, "an object is needed, with \"store\" and "
				  "\"channels\"");
	m = members_of(root);
	while (!rc && next_member(&m, &key, &val)) {
		at.key = key;
		if (strcmp(key, "store") == 0)
			rc = read_store(cf, path, &val);
		else if (strcmp(key, "channels") == 0)
			rc = read_channels(cf, path, &val);
		else
			rc = wrong(&at, "no such field; there are \"store\" "
					"and \"channels\"");
		free(key);
	}
	return rc;
}

int
config_load(struct config *cf, const char *path)
{
	weir_diag diag = {0};
	weir_value root;
	char *text = NULL;
	void *msg;
	size_t len;
	int64_t n;
	int rc;

	memset(cf, 0, sizeof(*cf));
	cf->store.size = sizeof(cf->store);
	rc = config_schema(path, &text, &len);
	if (rc)
		return rc;
	msg = malloc(3 * len + 1);
	n = msg ? weir_json_to_msgpack(text, len, msg, 3 * len + 1, &diag) : -1;
	if (n < 0) {
		talk("%s: %s", path, msg ? reason((int)n, &diag) : "no memory");
		rc = X_USAGE;
	} else if (weir_value_find(msg, (size_t)n, "", &root) == 0) {
		rc = read_root(cf, path, &root);
	}
	free(msg);
	free(text);
	return rc;
}

void
config_free(struct config *cf)
{
	for (size_t i = 0; i < cf->cnt; i++) {
		free(cf->channels[i].name);
		free(cf->channels[i].schema);
	}
	free(cf->channels);
}
