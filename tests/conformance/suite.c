/* SPDX-License-Identifier: BSD-2-Clause
 *
 * suite - runs the official test suite of JSON Schema 2020-12.
 *
 *     suite [-f] [-o FILE] [-v] REMOTES FILE...
 *
 * A FILE is an array of {description, schema, tests: [{description, data,
 * valid}]}; all files under REMOTES are handed in with each schema, under the
 * URIs that the suite gives them.  -f asserts formats.  -o: the tests are
 * those of output: in place of `valid` they have a schema that the errors in
 * the format "basic" must pass; FILE is what that refers to.  Each test whose
 * verdict differs is printed, a line; at the end "N of M right".  The exit
 * status is 0 if all are.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <weir/record.h>
#include <weir/schema.h>

#define REMOTE_MAX 256
#define SERVER	   "http://localhost:1234/"
#define OUTPUT	   "https://json-schema.org/draft/2020-12/output/schema"

static weir_schema_ref remotes[REMOTE_MAX];
static size_t remote_cnt;
static weir_schema_ref output = {OUTPUT, NULL, 0};
static bool asserts, verbose;
static unsigned right, all;

static char *
read_file(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	size_t cap = 1 << 20;
	char *text = malloc(cap);

	if (!f || !text) {
		perror(path);
		exit(2);
	}
	*len = fread(text, 1, cap - 1, f);
	text[*len] = 0;
	fclose(f);
	return text;
}

/* Remotes of other drafts are not for us. */
static bool
is_foreign(const char *name)
{
	return !strncmp(name, "draft", 5) && strcmp(name, "draft2020-12") != 0;
}

static void
read_remotes(const char *dir, const char *uri)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	if (!d) {
		perror(dir);
		exit(2);
	}
	while ((e = readdir(d))) {
		char path[1024], *name = malloc(1024);
		struct stat st;
		weir_schema_ref *r;

		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (e->d_name[0] == '.' || is_foreign(e->d_name) ||
		    stat(path, &st) != 0) {
			free(name);
			continue;
		}
		snprintf(name, 1024, "%s%s%s", uri, e->d_name,
			 S_ISDIR(st.st_mode) ? "/" : "");
		if (S_ISDIR(st.st_mode)) {
			read_remotes(path, name);
			continue;
		}
		if (remote_cnt == REMOTE_MAX) {
			fprintf(stderr, "suite: too many remotes\n");
			exit(2);
		}
		r = &remotes[remote_cnt++];
		r->uri = name;
		r->text = read_file(path, &r->len);
	}
	closedir(d);
}

static weir_value
find(const uint8_t *msg, size_t len, const char *fmt, int i, int j)
{
	char pointer[64];
	weir_value v = {.type = WEIR_NIL};

	snprintf(pointer, sizeof(pointer), fmt, i, j);
	if (weir_value_find(msg, len, pointer, &v) != 0)
		v.raw = NULL;
	return v;
}

static void
tell(const char *file, const weir_value *group, const weir_value *test,
     const char *what, const char *why)
{
	const char *base = strrchr(file, '/');

	printf("%s: %.*s: %.*s: %s%s%s\n", base ? base + 1 : file,
	       (int)group->len, (const char *)group->ptr,
	       test ? (int)test->len : 1, test ? (const char *)test->ptr : "*",
	       what, *why ? ": " : "", why);
}

/* What is said of the record must pass the schema at @want. */
static void
run_output(const char *file, const weir_value *group, const weir_value *test,
	   weir_schema *s, const weir_value *data)
{
	weir_schema_opts o = {.size = sizeof(o), .refs = &output, .ref_cnt = 1};
	weir_value want = find(test->raw, test->raw_len, "/output/basic", 0, 0);
	weir_value name = find(test->raw, test->raw_len, "/description", 0, 0);
	static char json[1 << 16], said[1 << 16];
	static uint8_t msg[1 << 16];
	weir_schema *must = NULL;
	weir_diag d = {.message = "no output"};
	int64_t n = -1, m = -1;

	if (want.raw)
		n = weir_msgpack_to_json(want.raw, want.raw_len, json,
					 sizeof(json));
	if (n > 0 && weir_schema_compile(json, (size_t)n, &o, &must, &d) == 0)
		m = weir_schema_errors(s, data->raw, data->raw_len, 100, said,
				       sizeof(said));
	if (m > 0)
		m = weir_json_to_msgpack(said, (size_t)m, msg, sizeof(msg), &d);
	if (m > 0 && weir_schema_check(must, msg, (size_t)m, &d) == 0)
		right++;
	else
		tell(file, group, &name, "output", d.message);
	if (verbose)
		tell(file, group, &name, "said", said);
	weir_schema_free(must);
}

static void
run_group(const char *file, const uint8_t *msg, size_t len, int i)
{
	weir_value text = find(msg, len, "/%d/description", i, 0);
	weir_value schema = find(msg, len, "/%d/schema", i, 0);
	weir_schema_opts o = {.size = sizeof(o),
			      .flags = (asserts ? WEIR_ASSERT_FORMAT : 0) |
				       (output.text ? WEIR_LOCATIONS : 0),
			      .refs = remotes,
			      .ref_cnt = remote_cnt};
	static char json[1 << 20];
	weir_schema *s = NULL;
	weir_diag d = {.message = ""};
	int64_t n = weir_msgpack_to_json(schema.raw, schema.raw_len, json,
					 sizeof(json));
	weir_value test, name, data, valid;

	if (n < 0 || weir_schema_compile(json, (size_t)n, &o, &s, &d) != 0)
		tell(file, &text, NULL, "refused", d.message);
	for (int j = 0;; j++) {
		test = find(msg, len, "/%d/tests/%d", i, j);
		if (!test.raw)
			break;
		all++;
		if (!s)
			continue;
		name = find(test.raw, test.raw_len, "/description", 0, 0);
		data = find(test.raw, test.raw_len, "/data", 0, 0);
		if (output.text) {
			run_output(file, &text, &test, s, &data);
			continue;
		}
		valid = find(test.raw, test.raw_len, "/valid", 0, 0);
		d.message[0] = 0;
		n = weir_schema_check(s, data.raw, data.raw_len, &d);
		if ((n == 0) == valid.boolean)
			right++;
		else
			tell(file, &text, &name,
			     valid.boolean ? "should be valid"
					   : "should not be valid",
			     n ? d.message : "");
		if (verbose && n)
			tell(file, &text, &name, "message", d.message);
	}
	weir_schema_free(s);
}

static void
run_file(const char *path)
{
	size_t len;
	char *text = read_file(path, &len);
	uint8_t *msg = malloc(3 * len + 16);
	weir_diag d = {.message = ""};
	int64_t n = weir_json_to_msgpack(text, len, msg, 3 * len + 16, &d);

	if (n < 0) {
		printf("%s: *: *: cannot be read: %s\n",
		       strrchr(path, '/') ? strrchr(path, '/') + 1 : path,
		       d.message);
		all++;
	}
	for (int i = 0; n > 0 && find(msg, (size_t)n, "/%d", i, 0).raw; i++)
		run_group(path, msg, (size_t)n, i);
	free(msg);
	free(text);
}

int
main(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "fo:v")) != -1) {
		if (c == 'f')
			asserts = true;
		else if (c == 'o')
			output.text = read_file(optarg, &output.len);
		else if (c == 'v')
			verbose = true;
		else
			return 2;
	}
	if (argc - optind < 2) {
		fprintf(stderr, "usage: suite [-f] [-o FILE] [-v] REMOTES "
				"FILE...\n");
		return 2;
	}
	read_remotes(argv[optind], SERVER);
	for (int i = optind + 1; i < argc; i++)
		run_file(argv[i]);
	printf("%u of %u right\n", right, all);
	return right == all ? 0 : 1;
}
