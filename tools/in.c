/* SPDX-License-Identifier: BSD-2-Clause */
#include "in.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stop.h"

static int
open_path(const char *path)
{
	int fd;

	if (strcmp(path, "-") == 0)
		return STDIN_FILENO;
	do
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	while (fd < 0 && errno == EINTR && !stop_signal());
	return fd < 0 ? -errno : fd;
}

int
in_open(struct in *in, const char *path, size_t max)
{
	int fd = open_path(path);

	memset(in, 0, sizeof(*in));
	in->fd = fd;
	in->max = max;
	in->name = strcmp(path, "-") == 0 ? "standard input" : path;
	if (fd < 0)
		return fd;
	in->start = lseek(fd, 0, SEEK_CUR);
	in->cap = 1 << 16;
	in->buf = malloc(in->cap);
	if (in->buf)
		return 0;
	in_close(in);
	return -ENOMEM;
}

void
in_close(struct in *in)
{
	if (in->fd > STDIN_FILENO)
		close(in->fd);
	free(in->buf);
	in->buf = NULL;
}

int
in_rewind(struct in *in)
{
	if (in->start < 0 || lseek(in->fd, in->start, SEEK_SET) < 0)
		return -ESPIPE;
	in->beg = in->end = 0;
	in->cnt = 0;
	in->eof = 0;
	return 0;
}

/* More bytes behind in->end.  Returns how many; 0 at the end of the input;
 * or -errno, which stays in in->eof. */
static ssize_t
fill(struct in *in)
{
	unsigned char *more;
	size_t cap;
	ssize_t n;

	if (in->eof)
		return in->eof < 0 ? in->eof : 0;
	if (in->beg == in->end) {
		in->beg = in->end = 0;
	} else if (in->beg > 0 && in->end == in->cap) {
		memmove(in->buf, in->buf + in->beg, in->end - in->beg);
		in->end -= in->beg;
		in->beg = 0;
	}
	if (in->end == in->cap) {
		cap = 2 * in->cap;
		more = realloc(in->buf, cap);
		if (!more)
			return in->eof = -ENOMEM;
		in->buf = more;
		in->cap = cap;
	}
	do
		n = read(in->fd, in->buf + in->end, in->cap - in->end);
	while (n < 0 && errno == EINTR && !stop_signal());
	if (n < 0)
		return in->eof = -errno;
	if (n == 0)
		in->eof = 1;
	in->end += (size_t)n;
	return n;
}

int
in_file(const char *path, char **text, size_t *len)
{
	struct in in;
	ssize_t n;
	int rc = in_open(&in, path, 0);

	*text = NULL;
	*len = 0;
	if (rc < 0)
		return rc;
	while ((n = fill(&in)) > 0)
		;
	if (n < 0) {
		in_close(&in);
		return (int)n;
	}
	/* at the end of the input there is room behind it: the last read had
	 * some to read into */
	in.buf[in.end] = 0;
	*text = (char *)in.buf;
	*len = in.end;
	in.buf = NULL;
	in_close(&in);
	return 0;
}

static int
give(struct in *in, const void **item, size_t *len, size_t n, size_t used)
{
	*item = in->buf + in->beg;
	*len = n;
	in->beg += used;
	in->cnt++;
	return IN_ITEM;
}

/* Pass over what is there of an item that is too long. */
static void
drop(struct in *in, size_t *seen, int *too_long)
{
	if (*seen > in->max || *too_long) {
		*too_long = 1;
		in->beg += *seen;
		*seen = 0;
	}
}

int
in_line(struct in *in, const void **item, size_t *len)
{
	size_t seen = 0;
	int too_long = 0;
	ssize_t n;

	for (;;) {
		const unsigned char *at = in->buf + in->beg, *nl = NULL;
		size_t there = in->end - in->beg;

		if (there > seen)
			nl = memchr(at + seen, '\n', there - seen);
		if (nl) {
			size_t l = (size_t)(nl - at);

			give(in, item, len, l, l + 1);
			return too_long || l > in->max ? IN_LONG : IN_ITEM;
		}
		seen = there;
		drop(in, &seen, &too_long);
		n = fill(in);
		if (n < 0)
			return IN_FAILED;
		if (n > 0)
			continue;
		if (seen == 0 && !too_long)
			return IN_END;
		give(in, item, len, seen, seen);
		return too_long ? IN_LONG : IN_ITEM;
	}
}

int
in_is_blank(const char *line, size_t len)
{
	while (len && (*line == ' ' || *line == '\t' || *line == '\r')) {
		line++;
		len--;
	}
	return len == 0;
}

static uint64_t
big_endian(const unsigned char *p, size_t n)
{
	uint64_t v = 0;

	while (n--)
		v = v << 8 | *p++;
	return v;
}

int
in_head(const unsigned char *p, size_t len, size_t *head, uint64_t *body,
	uint64_t *kids)
{
	/* from 0xc0: bytes of the length that follows the first byte, and
	 * bytes beside what it counts */
	static const unsigned char lens[32] = {0, 0, 0, 0, 1, 2, 4, 1, 2, 4, 0,
					       0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
					       0, 0, 0, 1, 2, 4, 2, 4, 2, 4};
	static const unsigned char more[32] = {0, 0, 0,	 0, 0, 0, 0, 1, 1, 1, 4,
					       8, 1, 2,	 4, 8, 1, 2, 4, 8, 2, 3,
					       5, 9, 17, 0, 0, 0, 0, 0, 0, 0};
	unsigned b;
	uint64_t n;

	if (len == 0)
		return 1;
	b = *p;
	*head = 1;
	*body = *kids = 0;
	if (b >= 0x80 && b < 0x90)
		*kids = 2 * (b & 15u);
	else if (b >= 0x90 && b < 0xa0)
		*kids = b & 15u;
	else if (b >= 0xa0 && b < 0xc0)
		*body = b & 31u;
	if (b < 0xc0 || b >= 0xe0)
		return 0;
	*head += lens[b - 0xc0];
	if (len < *head)
		return 1;
	n = big_endian(p + 1, lens[b - 0xc0]);
	if (b >= 0xde)
		*kids = 2 * n;
	else if (b >= 0xdc)
		*kids = n;
	else
		*body = n + more[b - 0xc0];
	return 0;
}

/* A reserved byte counts as a value of one byte: it is for others to refuse
 * the whole, and the values after it are found all the same. */
int
in_value(struct in *in, const void **item, size_t *len)
{
	uint64_t todo = 1, body = 0, kids;
	size_t seen = 0, head;
	int too_long = 0;
	ssize_t n;

	for (;;) {
		size_t there = in->end - in->beg;

		while (todo || body) {
			size_t left = there - seen;

			if (body) {
				size_t step = body < left ? (size_t)body : left;

				body -= step;
				seen += step;
				if (body)
					break;
				continue;
			}
			if (in_head(in->buf + in->beg + seen, left, &head,
				    &body, &kids))
				break;
			seen += head;
			todo += kids - 1;
		}
		if (!todo && !body) {
			give(in, item, len, seen, seen);
			return too_long || seen > in->max ? IN_LONG : IN_ITEM;
		}
		drop(in, &seen, &too_long);
		n = fill(in);
		if (n < 0)
			return IN_FAILED;
		if (n > 0)
			continue;
		if (in->end == in->beg && !too_long)
			return IN_END;
		give(in, item, len, 0, in->end - in->beg);
		return IN_CUT;
	}
}
