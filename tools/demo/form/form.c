/* SPDX-License-Identifier: BSD-2-Clause
 *
 * form.c - what a person types becomes paragraph-content: one paragraph a
 * line, "TITLE: TEXT".
 *
 *     form STORE
 *
 * The producer is the program that takes the input.  It does not check what
 * the channel's schema checks: a record that breaks it is refused, the error
 * says where and why, the last good paragraph stays.
 */
#include <weir/msgpack.h>
#include <weir.h>

#include <string.h>
#include <unistd.h>

#include "../common/demo.h"

static void
pack_text(msgpack_packer *pk, const char *text, size_t len)
{
	msgpack_pack_str_with_body(pk, text, len);
}

static int64_t
publish(weir_producer *p, const char *line, weir_diag *diag)
{
	size_t title_len = strcspn(line, ":");
	const char *text = line + title_len;
	msgpack_packer pk;
	int64_t rc = weir_pack(p, &pk);

	if (rc < 0)
		return rc;
	text += strspn(text, ": ");
	msgpack_pack_map(&pk, 3);
	pack_text(&pk, "title", 5);
	pack_text(&pk, line, title_len);
	pack_text(&pk, "content", 7);
	pack_text(&pk, text, strlen(text));
	pack_text(&pk, "markdown", 8);
	msgpack_pack_false(&pk);
	rc = weir_commit_appended(p, diag);
	if (rc < 0)
		weir_abort(p);
	return rc;
}

int
main(int argc, char **argv)
{
	static struct demo_lines in = {.fd = STDIN_FILENO};
	weir_store *store = NULL;
	weir_channel *ch = NULL;
	weir_producer *p = NULL;
	weir_diag diag = {0};
	char line[sizeof(in.buf) + 1];
	int64_t rc;

	if (argc != 2)
		return 2;
	demo_begin("form", NULL);
	if ((rc = weir_store_open(argv[1], NULL, &store, &diag)) < 0 ||
	    (rc = weir_channel_open(store, "paragraph-content", NULL, &ch,
				    &diag)) < 0 ||
	    (rc = weir_producer_open(ch, "form-service", NULL, &p, &diag)) < 0)
		return demo_fail("cannot register", rc, &diag);
	demo_say("registered on paragraph-content as form-service");

	while (demo_line(&in, line, sizeof(line))) {
		demo_say("line on standard input: \"%s\"", line);
		rc = publish(p, line, &diag);
		if (rc == WEIR_ESCHEMA || rc == WEIR_EMSGPACK) {
			demo_say("refused: %s", weir_strerror((int)rc));
			demo_say("  place:    %s", diag.pointer);
			if (diag.keyword[0])
				demo_say("  keyword:  %s", diag.keyword);
			demo_say("  reason:   %s", diag.message);
		} else if (rc < 0) {
			return demo_fail("publish", rc, &diag);
		}
	}

	rc = weir_clear(p);
	weir_producer_close(p);
	weir_channel_close(ch);
	weir_store_close(store);
	return rc < 0 ? demo_fail("clear", rc, NULL) : 0;
}
