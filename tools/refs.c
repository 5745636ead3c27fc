/* SPDX-License-Identifier: BSD-2-Clause */
#include "refs.h"

#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "config.h"
#include "out.h"

struct opt_list refs_args;

static int
read_one(const char *arg, weir_schema_ref *ref)
{
	const char *eq = strchr(arg, '=');
	char *text = NULL;
	int code;

	if (!eq || eq == arg || !eq[1]) {
		talk("--ref %s: URI=FILE is needed", arg);
		return X_USAGE;
	}
	code = config_schema(eq + 1, &text, &ref->len);
	if (code)
		return code;
	ref->text = text;
	ref->uri = strndup(arg, (size_t)(eq - arg));
	return ref->uri ? 0 : X_FAILED;
}

int
refs_read(const char *path, struct refs_text *t)
{
	int code = 0;

	memset(t, 0, sizeof(*t));
	for (size_t i = 0; i < refs_args.cnt && !code; i++)
		code = read_one(refs_args.val[i], &t->ref[t->ref_cnt++]);
	if (!code)
		code = config_schema(path, &t->text, &t->len);
	if (code)
		refs_free(t);
	return code;
}

int
refs_compile(const char *path, const struct refs_text *t, uint32_t flags,
	     weir_schema **out)
{
	weir_schema_opts o = {.size = sizeof(o),
			      .flags = flags,
			      .refs = t->ref,
			      .ref_cnt = t->ref_cnt};
	weir_diag diag = {0};
	int rc = weir_schema_compile(t->text, t->len, &o, out, &diag);

	return rc < 0 ? fail(path, rc, &diag) : 0;
}

void
refs_free(struct refs_text *t)
{
	free(t->text);
	for (size_t i = 0; i < t->ref_cnt; i++) {
		free((void *)(uintptr_t)t->ref[i].text);
		free((void *)(uintptr_t)t->ref[i].uri);
	}
	memset(t, 0, sizeof(*t));
}
