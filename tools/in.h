/* SPDX-License-Identifier: BSD-2-Clause
 *
 * in.h - files and standard input: whole, by lines, or by msgpack values.
 */
#ifndef WI_TOOLS_IN_H
#define WI_TOOLS_IN_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* in_file - read all of @path ("-": standard input) into memory; a NUL
 * follows.  Returns 0 or -errno; the caller frees. */
int in_file(const char *path, char **text, size_t *len);

/* A stream of items.  A signal that stop_catch() catches ends it: IN_FAILED. */
struct in {
	int fd;
	off_t start;	  /* where it was found, or -1: it has no place */
	const char *name; /* for messages */
	size_t max;	  /* longer items are passed over */
	uint64_t cnt;	  /* items so far: the line number */
	unsigned char *buf;
	size_t cap, beg, end;
	int eof;
};

enum in_result {
	IN_FAILED = -1, /* the read failed, or no memory: .eof is -errno */
	IN_END = 0,
	IN_ITEM = 1,
	IN_LONG = 2, /* longer than .max, passed over */
	IN_CUT = 3,  /* the input ends inside a value */
};

/* in_open - 0 or -errno; -EINTR only if such a signal came while it waited,
 * as for the writer of a pipe.  @path "-" is standard input. */
int in_open(struct in *in, const char *path, size_t max);
void in_close(struct in *in);

/* in_rewind - the same input from where in_open() found it.  Return: 0, or
 * -ESPIPE: it cannot be read twice. */
int in_rewind(struct in *in);

/* in_line - the next line, without its newline.
 * in_value - the next msgpack value; only its length has been looked at, so
 * it can still be malformed inside.
 * The bytes are good until the next call. */
int in_line(struct in *in, const void **item, size_t *len);
int in_value(struct in *in, const void **item, size_t *len);

/* in_is_blank - is this line white space only, and no record? */
int in_is_blank(const char *line, size_t len);

/* in_head - one step through msgpack bytes: the first value at @p, of which
 * @len bytes are there.  @head: bytes before its content, @body: bytes of
 * content, @kids: values that follow as its content.  Returns 0, or 1 if
 * more bytes are needed to tell. */
int in_head(const unsigned char *p, size_t len, size_t *head, uint64_t *body,
	    uint64_t *kids);

#endif
