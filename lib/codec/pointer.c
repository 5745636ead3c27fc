/* SPDX-License-Identifier: BSD-2-Clause */
#include "codec/pointer.h"

#include <weir/record.h>

#include <errno.h>
#include <string.h>

#include "codec/walk.h"

void
wi_path_init(struct wi_path *path, char *buf, size_t cap)
{
	path->buf = buf;
	path->cap = cap;
	path->len = 0;
	path->cut = 0;
	buf[0] = 0;
}

/* Append whole characters only: @len bytes fit together or not at all. */
static void
append(struct wi_path *path, const char *s, size_t len)
{
	if (path->cut)
		return;
	if (len < path->cap - path->len) {
		memcpy(path->buf + path->len, s, len);
		path->len += len;
		path->buf[path->len] = 0;
		return;
	}
	path->cut = 1;
	if (path->len > path->cap - 4)
		path->len = path->cap - 4;
	while (path->len > 0 &&
	       ((unsigned char)path->buf[path->len] & 0xc0) == 0x80)
		path->len--;
	memcpy(path->buf + path->len, "...", 4);
	path->len += 3;
}

void
wi_path_key(struct wi_path *path, const uint8_t *key, size_t len)
{
	size_t n;

	append(path, "/", 1);
	for (size_t i = 0; i < len && !path->cut; i += n) {
		n = 1;
		if (key[i] == '~') {
			append(path, "~0", 2);
			continue;
		}
		if (key[i] == '/') {
			append(path, "~1", 2);
			continue;
		}
		while (i + n < len && (key[i + n] & 0xc0) == 0x80)
			n++;
		append(path, (const char *)key + i, n);
	}
}

void
wi_path_index(struct wi_path *path, uint64_t idx)
{
	char text[24];
	size_t at = sizeof(text);

	do {
		text[--at] = (char)('0' + idx % 10);
		idx /= 10;
	} while (idx);
	text[--at] = '/';
	append(path, text + at, sizeof(text) - at);
}

int
wi_pointer_valid(const char *pointer)
{
	if (*pointer && *pointer != '/')
		return 0;
	for (; *pointer; pointer++)
		if (*pointer == '~' && pointer[1] != '0' && pointer[1] != '1')
			return 0;
	return 1;
}

/* Is the token [t, tend) this key?  "~1" is '/', "~0" is '~'. */
static int
token_is(const char *t, const char *tend, const uint8_t *key, size_t len)
{
	size_t i = 0;

	for (; t < tend; t++, i++) {
		uint8_t c = (uint8_t)*t;

		if (c == '~')
			c = *++t == '1' ? '/' : '~';
		if (i == len || key[i] != c)
			return 0;
	}
	return i == len;
}

/* The token as an array index; -1 if it is none, or absurdly large. */
static int64_t
token_index(const char *t, const char *tend)
{
	int64_t idx = 0;

	if (t == tend || tend - t > 10 || (*t == '0' && tend - t > 1))
		return -1;
	for (; t < tend; t++) {
		if (*t < '0' || *t > '9')
			return -1;
		idx = idx * 10 + (*t - '0');
	}
	return idx;
}

/* Step from the container @h to its child [t, tend).
 * Return: 0 with *@p at the child, -ENOENT or WEIR_EMSGPACK. */
static int
descend(const struct wi_head *h, const uint8_t *end, const char *t,
	const char *tend, const uint8_t **p)
{
	const uint8_t *at = h->next;
	struct wi_head key;
	int64_t idx;

	if (h->type == WEIR_MAP) {
		for (uint32_t i = 0; i < h->len; i++) {
			if (wi_head_read(at, end, &key) || key.type != WEIR_STR)
				return WEIR_EMSGPACK;
			*p = key.next;
			if (token_is(t, tend, key.ptr, key.len))
				return 0;
			at = wi_skip(key.next, end);
			if (!at)
				return WEIR_EMSGPACK;
		}
		return -ENOENT;
	}
	if (h->type != WEIR_ARRAY)
		return -ENOENT;
	idx = token_index(t, tend);
	if (idx < 0 || idx >= h->len)
		return -ENOENT;
	while (idx-- > 0) {
		at = wi_skip(at, end);
		if (!at)
			return WEIR_EMSGPACK;
	}
	*p = at;
	return 0;
}

int
weir_value_find(const void *msg, size_t len, const char *pointer,
		weir_value *out)
{
	const uint8_t *p = msg, *end, *next;
	struct wi_head h;

	if (!msg || !pointer || !out || !wi_pointer_valid(pointer))
		return -EINVAL;
	end = p + len;
	while (*pointer) {
		const char *tend = ++pointer;
		int err;

		while (*tend && *tend != '/')
			tend++;
		if (wi_head_read(p, end, &h))
			return WEIR_EMSGPACK;
		err = descend(&h, end, pointer, tend, &p);
		if (err)
			return err;
		pointer = tend;
	}
	next = wi_skip(p, end);
	if (!next || wi_head_read(p, end, &h))
		return WEIR_EMSGPACK;

	memset(out, 0, sizeof(*out));
	out->type = h.type;
	out->raw = p;
	out->raw_len = (size_t)(next - p);
	switch (h.type) {
	case WEIR_NIL:
		break;
	case WEIR_BOOL:
		out->boolean = (uint32_t)h.u;
		break;
	case WEIR_INT:
		out->i = h.i;
		break;
	case WEIR_UINT:
		out->u = h.u;
		break;
	case WEIR_FLOAT:
		out->d = h.d;
		break;
	case WEIR_EXT:
		out->ext_type = h.ext_type;
		/* fall through */
	case WEIR_STR:
	case WEIR_BIN:
		out->ptr = h.ptr;
		out->len = h.len;
		break;
	default:
		out->cnt = h.len;
	}
	return 0;
}

int
weir_record_find(const weir_record *rec, const char *pointer, weir_value *out)
{
	if (!rec || !pointer || !out || !wi_pointer_valid(pointer))
		return -EINVAL;
	if (rec->kind == WEIR_CLEAR || !rec->data)
		return -ENOENT;
	return weir_value_find(rec->data, rec->len, pointer, out);
}
