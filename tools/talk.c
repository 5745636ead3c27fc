/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "out.h"
#include "progress.h"
#include "text.h"

const char *talk_verb = "";

static const struct {
	int rc;
	const char *name;
	int exit; /* enum exit_code */
} codes[] = {
    {WEIR_EMSGPACK, "WEIR_EMSGPACK", X_INVALID},
    {WEIR_EJSON, "WEIR_EJSON", X_INVALID},
    {WEIR_ESCHEMA, "WEIR_ESCHEMA", X_INVALID},
    {WEIR_EBADSCHEMA, "WEIR_EBADSCHEMA", X_INVALID},
    {WEIR_ENAME, "WEIR_ENAME", X_USAGE},
    {WEIR_EINUSE, "WEIR_EINUSE", X_FAILED},
    {WEIR_EFULL, "WEIR_EFULL", X_FAILED},
    {WEIR_ECONFIG, "WEIR_ECONFIG", X_FAILED},
    {WEIR_EREMOVED, "WEIR_EREMOVED", X_REACH},
    {WEIR_ERETIRED, "WEIR_ERETIRED", X_REACH},
    {WEIR_EREVOKED, "WEIR_EREVOKED", X_REACH},
    {WEIR_EFORKED, "WEIR_EFORKED", X_FAILED},
    {WEIR_ENOTSTORE, "WEIR_ENOTSTORE", X_REACH},
    {WEIR_EVERSION, "WEIR_EVERSION", X_REACH},
    {WEIR_ELAYOUT, "WEIR_ELAYOUT", X_REACH},
    {WEIR_EUNSAFE, "WEIR_EUNSAFE", X_REACH},
    {WEIR_ETRUNC, "WEIR_ETRUNC", X_REACH},
    {WEIR_ECOPY, "WEIR_ECOPY", X_REACH},
    {WEIR_ECORRUPT, "WEIR_ECORRUPT", X_FAILED},
    {-EMSGSIZE, "EMSGSIZE", X_INVALID},
    {-EINVAL, "EINVAL", X_USAGE},
    {-ENOENT, "ENOENT", X_REACH},
    {-EACCES, "EACCES", X_REACH},
    {-EPERM, "EPERM", X_REACH},
    {-EROFS, "EROFS", X_REACH},
    {-ENOTDIR, "ENOTDIR", X_REACH},
    {-EAGAIN, "EAGAIN", X_TIMEOUT},
    {-EBADF, "EBADF", X_FAILED},
    {-EBUSY, "EBUSY", X_FAILED},
    {-EDEADLK, "EDEADLK", X_FAILED},
    {-EFBIG, "EFBIG", X_FAILED},
    {-EDQUOT, "EDQUOT", X_FAILED},
    {-EEXIST, "EEXIST", X_FAILED},
    {-EINTR, "EINTR", X_FAILED},
    {-EIO, "EIO", X_FAILED},
    {-EISDIR, "EISDIR", X_FAILED},
    {-ELOOP, "ELOOP", X_FAILED},
    {-EMFILE, "EMFILE", X_FAILED},
    {-ENAMETOOLONG, "ENAMETOOLONG", X_FAILED},
    {-ENFILE, "ENFILE", X_FAILED},
    {-ENOBUFS, "ENOBUFS", X_FAILED},
    {-ENODEV, "ENODEV", X_FAILED},
    {-ENOLCK, "ENOLCK", X_FAILED},
    {-ENOMEM, "ENOMEM", X_FAILED},
    {-ENOSPC, "ENOSPC", X_FAILED},
    {-ENOSYS, "ENOSYS", X_FAILED},
    {-ENOTSUP, "ENOTSUP", X_FAILED},
    {-EPIPE, "EPIPE", X_FAILED},
    {-EXDEV, "EXDEV", X_FAILED},
};

const char *
code_name(int rc)
{
	static char number[24];

	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		if (codes[i].rc == rc)
			return codes[i].name;
	snprintf(number, sizeof(number), "%d", rc);
	return number;
}

int
exit_of(int rc)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		if (codes[i].rc == rc)
			return codes[i].exit;
	return X_FAILED;
}

static char held[4096];
static size_t held_len;
static int is_held;

static void
put(const char *s, size_t len)
{
	while (len && write(STDERR_FILENO, s, len) < 0 && errno == EINTR)
		;
}

void
talk(const char *fmt, ...)
{
	char said[4096], safe[2 * sizeof(said)];
	va_list ap;
	size_t n;
	int m;

	/* What was printed before the message stands before it, if both go
	 * to the same place. */
	out_flush();
	progress_wipe();
	m = snprintf(said, sizeof(said), "weir%s%s: ", *talk_verb ? " " : "",
		     talk_verb);
	va_start(ap, fmt);
	vsnprintf(said + m, sizeof(said) - (size_t)m, fmt, ap);
	va_end(ap);
	n = text_safe(safe, sizeof(safe) - 1, said);
	safe[n++] = '\n';
	if (!is_held)
		put(safe, n);
	if (is_held && n <= sizeof(held) - held_len) {
		memcpy(held + held_len, safe, n);
		held_len += n;
	}
}

void
talk_hold(void)
{
	is_held = 1;
}

void
talk_release(void)
{
	is_held = 0;
	put(held, held_len);
	held_len = 0;
}

/* Where in the text or the bytes.  Of a record that breaks its schema the
 * library's sentence begins with the place. */
static int
place(char *to, size_t cap, const weir_diag *d)
{
	*to = 0;
	if (d->code == WEIR_EMSGPACK)
		return snprintf(to, cap, "byte %" PRIu64 ": ", d->offset);
	if (d->code == WEIR_EJSON && d->line)
		return snprintf(to, cap,
				"line %" PRIu32 ", column %" PRIu32 ": ",
				d->line, d->column);
	if (d->code == WEIR_EJSON && d->column)
		return snprintf(to, cap, "column %" PRIu32 ": ", d->column);
	return 0;
}

/* The library's sentences name what a program would set; we have options. */
static const char *
as_options(const char *message)
{
	static const struct {
		const char *theirs, *ours;
	} words[] = {
	    {"WEIR_GATE needs ", "--gate needs "},
	    {"(WEIR_ANY_WRITER)", "(--any-writer)"},
	    {"(owner = ", "(--owner "},
	};
	static char text[sizeof(((weir_diag *)0)->message) + 32];
	const char *at;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		at = strstr(message, words[i].theirs);
		if (!at)
			continue;
		snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - message),
			 message, words[i].ours, at + strlen(words[i].theirs));
		return text;
	}
	return message;
}

const char *
reason(int rc, const weir_diag *diag)
{
	static char text[1024];
	char where[400] = "";
	const char *why = weir_strerror(rc);

	if (diag && diag->code == rc && *diag->message) {
		place(where, sizeof(where), diag);
		why = as_options(diag->message);
	}
	snprintf(text, sizeof(text), "%s%s (%s)", where, why, code_name(rc));
	return text;
}

const char *
reason_at(const char *unit, uint64_t number, int rc, const weir_diag *diag)
{
	static char text[1100];
	weir_diag d = {0};
	char where[64];

	if (diag)
		d = *diag;
	d.line = 0; /* always 1: the text is a line of the file */
	snprintf(text, sizeof(text), "%s %" PRIu64 "%s %s", unit, number,
		 d.code == rc && place(where, sizeof(where), &d) ? "," : ":",
		 reason(rc, &d));
	return text;
}

int
fail(const char *what, int rc, const weir_diag *diag)
{
	const char *why = reason(rc, diag);
	size_t n = strlen(what);

	/* the library's sentence may begin with the path */
	if (strchr(what, '/') && strncmp(why, what, n) == 0 &&
	    (why[n] == ' ' || why[n] == ':'))
		talk("%s", why);
	else
		talk("%s: %s", *what ? what : "''", why);
	return exit_of(rc);
}
