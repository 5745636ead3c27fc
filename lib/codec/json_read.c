/* SPDX-License-Identifier: BSD-2-Clause
 *
 * json_read.c - JSON text to msgpack in one pass.
 *
 * A container starts with a head of one byte.  When its 16th child comes, the
 * 15 before it move up to make room for the longer head, and again at child
 * 65536; so a byte moves at most twice per container around it, and in all
 * but contrived texts only the first few children of a container ever move.
 *
 * Keys that are there twice are found in the msgpack, by the same check that
 * records go through; the place in the text is looked up only then.
 */
#include <weir/record.h>

#include "base/bytes.h"
#include "base/diag.h"
#include "codec/json.h"
#include "codec/json_reader.h"
#include "codec/keys.h"

/* Count one more child of the innermost container. */
static int
add_child(struct wi_reader *r)
{
	struct wi_open *o = &r->open[r->depth - 1];
	size_t old, grow = 2;
	uint8_t *p = r->out + o->head;

	o->cnt++;
	if (o->cnt <= 15) {
		*p = (uint8_t)((o->is_map ? 0x80 : 0x90) | o->cnt);
		return 0;
	}
	if (o->cnt == 16 || o->cnt == 0x10000) {
		old = o->cnt == 16 ? 1 : 3;
		if (!wi_json_room(r, grow))
			return -ENOBUFS;
		memmove(p + old + grow, p + old, r->len - grow - o->head - old);
		*p = (uint8_t)((o->is_map ? 0xde : 0xdc) + (old == 3));
	}
	if (o->cnt < 0x10000)
		wi_put_be16(p + 1, (uint16_t)o->cnt);
	else
		wi_put_be32(p + 1, o->cnt);
	return 0;
}

static int
key(struct wi_reader *r, const char *want)
{
	int err;

	wi_json_skip_space(r);
	if (r->p == r->end || *r->p != '"')
		return wi_json_expected(r, r->p, want);
	if (r->keys++ == r->stop_idx)
		r->stop_key = r->p;
	err = add_child(r);
	if (!err)
		err = wi_json_string(r);
	if (err)
		return err;
	wi_json_skip_space(r);
	if (r->p == r->end || *r->p != ':')
		return wi_json_expected(r, r->p, "':' behind the key");
	r->p++;
	return 0;
}

/* Open a container; an empty one is closed at once.
 * Return: 1 if a value must follow, 0 if not, or a negative error. */
static int
enter(struct wi_reader *r)
{
	int is_map = *r->p == '{', err;
	struct wi_open *o;

	if (r->depth == WI_DEPTH_MAX)
		return wi_json_refuse(
		    r, r->p,
		    "nested too deeply: 128 arrays and objects "
		    "inside each other are the limit");
	o = &r->open[r->depth];
	o->head = r->len;
	o->cnt = 0;
	o->is_map = (uint8_t)is_map;
	if (wi_json_put_byte(r, is_map ? 0x80 : 0x90))
		return -ENOBUFS;
	r->p++;
	wi_json_skip_space(r);
	if (r->p < r->end && *r->p == (is_map ? '}' : ']')) {
		r->p++;
		return 0;
	}
	r->depth++;
	err = is_map ? key(r, "a string as key, or '}'") : add_child(r);
	return err ? err : 1;
}

/* Behind a value: close containers until one goes on.
 * Return: 1 if a value must follow, 0 at the end, or a negative error. */
static int
behind(struct wi_reader *r)
{
	while (r->depth > 0) {
		int is_map = r->open[r->depth - 1].is_map, err;

		wi_json_skip_space(r);
		if (r->p == r->end ||
		    (*r->p != ',' && *r->p != (is_map ? '}' : ']')))
			return wi_json_expected(
			    r, r->p, is_map ? "',' or '}'" : "',' or ']'");
		if (*r->p++ == ',') {
			if (r->open[r->depth - 1].cnt == UINT32_MAX)
				return wi_json_refuse(r, r->p,
						      "too many elements");
			err = is_map ? key(r, "a string as key") : add_child(r);
			return err ? err : 1;
		}
		r->depth--;
	}
	return 0;
}

static int
scalar(struct wi_reader *r)
{
	if (r->p == r->end)
		return wi_json_expected(r, r->p, "a value");
	switch (*r->p) {
	case '"':
		return wi_json_string(r);
	case 't':
		return wi_json_word(r, "true", 4, 0xc3, "\"true\"");
	case 'f':
		return wi_json_word(r, "false", 5, 0xc2, "\"false\"");
	case 'n':
		return wi_json_word(r, "null", 4, 0xc0, "\"null\"");
	case '-':
	case '0':
	case '1':
	case '2':
	case '3':
	case '4':
	case '5':
	case '6':
	case '7':
	case '8':
	case '9':
		return wi_json_number(r);
	default:
		return wi_json_expected(r, r->p, "a value");
	}
}

static int
read_text(struct wi_reader *r)
{
	int more = 1;

	while (more > 0) {
		wi_json_skip_space(r);
		if (r->p < r->end && (*r->p == '[' || *r->p == '{'))
			more = enter(r);
		else
			more = scalar(r);
		if (more == 0)
			more = behind(r);
	}
	if (more < 0)
		return more;
	wi_json_skip_space(r);
	return r->p == r->end
		   ? 0
		   : wi_json_expected(r, r->p, "the end of the text");
}

/* The msgpack has a key twice; read again to find the text of the second. */
static int
refuse_dup(struct wi_reader *r, const struct wi_key_dup *dup)
{
	struct wi_head h;
	char name[96];

	if (!r->diag)
		return WEIR_EJSON;
	wi_head_read(dup->key, r->out + r->len, &h);
	wi_json_quote(name, sizeof(name), h.ptr, h.len);
	wi_fail(r->diag, WEIR_EJSON, "the object has two members named %s",
		name);
	r->p = r->text;
	r->len = 0;
	r->depth = 0;
	r->keys = 0;
	r->stop_idx = dup->idx;
	read_text(r);
	return wi_json_place(r, r->stop_key);
}

int64_t
weir_json_to_msgpack(const char *text, size_t len, void *buf, size_t cap,
		     weir_diag *diag)
{
	struct wi_key_dup dup;
	struct wi_room room;
	struct wi_reader r;
	int err;

	if (!text || !buf)
		return wi_fail(diag, -EINVAL, "no text, or no buffer");
	r.text = r.p = text;
	r.end = text + len;
	r.out = buf;
	r.len = 0;
	r.cap = cap;
	r.keys = 0;
	r.stop_key = text;
	r.stop_idx = UINT64_MAX;
	r.diag = diag;
	r.depth = 0;
	r.full = 0;
	err = read_text(&r);
	if (r.full)
		return wi_fail(diag, -ENOBUFS,
			       "the msgpack needs more than %zu bytes; three "
			       "times the length of the text always suffices",
			       cap);
	if (err)
		return err;
	room = (struct wi_room){r.out + r.len, cap - r.len};
	if (r.keys > 1 && wi_check(r.out, r.len, &room, NULL, &dup)) {
		if (dup.key)
			return refuse_dup(&r, &dup);
		return wi_json_refuse(
		    &r, text, "the keys of its objects are made to collide");
	}
	return (int64_t)r.len;
}
