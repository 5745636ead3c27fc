/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Schemas that Zod exports mean to weir what they mean to Zod: every verdict
 * in tests/zod/data, which tests/zod/README.md describes.
 */
#include "support/harness.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <weir/record.h>
#include <weir/schema.h>

#define DATA	"tests/zod/data"
#define REF_MAX 8

/* What a group's lists are called, and whether weir takes what is in them.
 * In the first two Zod says the same; the others are there where the export
 * does not mean what the schema means. */
static const struct list {
	const char *name;
	bool takes, lost;
} lists[] = {
    {"valid", true, false},
    {"invalid", false, false},
    {"refused", false, true},
    {"accepted", true, true},
};

struct tally {
	unsigned schemas, unusable, values[4];
};

static weir_value
find(const weir_value *in, const char *pointer)
{
	weir_value v = {.type = WEIR_NIL};

	if (weir_value_find(in->raw, in->raw_len, pointer, &v) != 0)
		v.raw = NULL;
	return v;
}

static weir_value
element(const weir_value *in, unsigned i)
{
	char pointer[16];

	snprintf(pointer, sizeof(pointer), "/%u", i);
	return find(in, pointer);
}

static char *
json_of(const weir_value *v, size_t *len)
{
	int64_t n = weir_msgpack_to_json(v->raw, v->raw_len, NULL, 0);
	char *text = n < 0 ? NULL : malloc((size_t)n + 1);

	CU_ASSERT_FATAL(text != NULL);
	weir_msgpack_to_json(v->raw, v->raw_len, text, (size_t)n + 1);
	*len = (size_t)n;
	return text;
}

static void
complain(const char *file, const weir_value *group, const char *list,
	 const weir_value *v, const char *why)
{
	weir_value name = find(group, "/name"), mode = find(group, "/mode");
	bool asserts = find(group, "/asserts").boolean;
	size_t len;
	char *text = v ? json_of(v, &len) : NULL;

	t_log("%s: %.*s (%.*s%s): %s: %s: %s\n", file, (int)name.len,
	      (const char *)name.ptr, (int)mode.len, (const char *)mode.ptr,
	      asserts ? ", asserted" : "", list, text ? text : "*", why);
	free(text);
	CU_FAIL("another verdict than in " DATA);
}

/* Documents that the schema refers to, each with its URI. */
static size_t
read_refs(const weir_value *pairs, weir_schema_ref *refs)
{
	unsigned cnt = 0;

	for (; pairs->raw && cnt < pairs->cnt; cnt++) {
		weir_value pair = element(pairs, cnt);
		weir_value uri = find(&pair, "/0"), text = find(&pair, "/1");

		CU_ASSERT_FATAL(cnt < REF_MAX && uri.raw && text.raw);
		refs[cnt].uri = strndup(uri.ptr, uri.len);
		refs[cnt].text = json_of(&text, &refs[cnt].len);
	}
	return cnt;
}

static weir_schema *
compile(const char *file, const weir_value *group)
{
	weir_schema_ref refs[REF_MAX] = {{.uri = NULL}};
	weir_value schema = find(group, "/schema"),
		   pairs = find(group, "/refs");
	bool unusable = find(group, "/unusable").boolean;
	bool asserts = find(group, "/asserts").boolean;
	weir_schema_opts o = {.size = sizeof(o),
			      .flags = asserts ? WEIR_ASSERT_FORMAT : 0,
			      .refs = refs,
			      .ref_cnt = read_refs(&pairs, refs)};
	weir_schema *s = NULL;
	weir_diag d = {.message = ""};
	size_t len;
	char *text = json_of(&schema, &len);
	int rc = weir_schema_compile(text, len, &o, &s, &d);

	if ((rc != 0) != unusable)
		complain(file, group, "schema", NULL,
			 rc ? d.message : "should be refused");
	for (size_t i = 0; i < o.ref_cnt; i++) {
		free((char *)(uintptr_t)refs[i].uri);
		free((char *)(uintptr_t)refs[i].text);
	}
	free(text);
	return s;
}

static void
run_group(const char *file, const weir_value *group, struct tally *t)
{
	weir_schema *s = compile(file, group);
	char pointer[16];

	t->schemas++;
	t->unusable += s == NULL;
	for (size_t k = 0; k < sizeof(lists) / sizeof(*lists); k++) {
		weir_value list, v;

		snprintf(pointer, sizeof(pointer), "/%s", lists[k].name);
		list = find(group, pointer);
		if (!list.raw)
			continue;
		if (lists[k].lost && !find(group, "/why").len)
			complain(file, group, lists[k].name, NULL, "no reason");
		for (unsigned i = 0; s && i < list.cnt; i++) {
			weir_diag d = {.message = ""};
			int rc;

			v = element(&list, i);
			rc = weir_schema_check(s, v.raw, v.raw_len, &d);
			t->values[k]++;
			if ((rc == 0) != lists[k].takes)
				complain(file, group, lists[k].name, &v,
					 d.message);
		}
	}
	weir_schema_free(s);
}

static char *
read_file(const char *path, size_t *len)
{
	FILE *in = fopen(path, "r");
	char *text;
	long size;

	CU_ASSERT_FATAL(in && fseek(in, 0, SEEK_END) == 0);
	size = ftell(in);
	rewind(in);
	text = malloc((size_t)size);
	CU_ASSERT_FATAL(size > 0 && text != NULL);
	*len = fread(text, 1, (size_t)size, in);
	CU_ASSERT_EQUAL(*len, (size_t)size);
	fclose(in);
	return text;
}

static void
run_file(const char *file, struct tally *t)
{
	char path[512], *text;
	uint8_t *msg;
	size_t len;
	weir_value all, group;
	weir_diag d = {.message = ""};
	int64_t n;

	snprintf(path, sizeof(path), DATA "/%s", file);
	text = read_file(path, &len);
	msg = malloc(3 * len);
	CU_ASSERT_FATAL(msg != NULL);
	n = weir_json_to_msgpack(text, len, msg, 3 * len, &d);
	if (n < 0)
		t_log("%s: %s\n", path, d.message);
	CU_ASSERT_FATAL(n > 0);
	all = (weir_value){.raw = msg, .raw_len = (size_t)n};
	all = find(&all, "");
	for (unsigned i = 0; i < all.cnt; i++) {
		group = element(&all, i);
		run_group(file, &group, t);
	}
	free(msg);
	free(text);
}

static void
zod_and_weir_say_the_same(void)
{
	DIR *dir = opendir(DATA);
	struct dirent *e;
	struct tally t = {0};

	CU_ASSERT_FATAL(dir != NULL);
	while ((e = readdir(dir)))
		if (strstr(e->d_name, ".json"))
			run_file(e->d_name, &t);
	closedir(dir);
	printf("# %u schemas, %u of them refused; %u values valid and %u "
	       "invalid to both, %u valid and %u invalid to Zod alone\n",
	       t.schemas, t.unusable, t.values[0], t.values[1], t.values[2],
	       t.values[3]);
	CU_ASSERT(t.schemas > 300);
	CU_ASSERT(t.values[0] > 3000 && t.values[1] > 3000);
}

SUITE("zod", TEST(zod_and_weir_say_the_same));
