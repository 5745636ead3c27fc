/* SPDX-License-Identifier: BSD-2-Clause
 *
 * refer.c - what a reference means.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "schema/letters.h"
#include "schema/resource.h"

/* ---- references
 * -------------------------------------------------------------- */

/* @t without "%XX"; false if one of them is broken. */
static bool
percent_decode(struct wi_text t, char *dst, size_t *len)
{
	*len = 0;
	for (uint32_t i = 0; i < t.len; i++) {
		int hi, lo;

		if (t.ptr[i] != '%') {
			dst[(*len)++] = (char)t.ptr[i];
			continue;
		}
		hi = i + 1 < t.len ? wi_hex_digit(t.ptr[i + 1]) : -1;
		lo = i + 2 < t.len ? wi_hex_digit(t.ptr[i + 2]) : -1;
		if (hi < 0 || lo < 0)
			return false;
		dst[(*len)++] = (char)(hi * 16 + lo);
		i += 2;
	}
	return true;
}

/* Follow the pointer ptr[0 .. len), which is taken to pieces on the way. */
static int
follow(struct wi_library *l, char *ptr, size_t len, struct wi_target *t,
       struct wi_text ref)
{
	size_t i = 0, n;
	uint32_t res;
	char *tok;
	int ret;

	while (i < len) {
		tok = ptr + ++i; /* behind the "/" */
		for (n = 0; i < len && ptr[i] != '/'; i++) {
			char c = ptr[i];

			if (c == '~') {
				if (++i == len ||
				    (ptr[i] != '0' && ptr[i] != '1'))
					return wi_library_bad(l, 0, WI_KW_REF,
						   "cannot resolve \"%.*s\": "
						   "\"~\" must be followed by "
						   "0 or 1",
						   ref);
				c = ptr[i] == '0' ? '~' : '/';
			}
			tok[n++] = c;
		}
		ret = wi_doc_child(l->doc, &t->at, tok, n);
		if (ret == -ENOENT)
			return wi_library_bad(l, 0, WI_KW_REF,
				   "cannot resolve \"%.*s\": nothing is there",
				   ref);
		if (ret)
			return ret;
		res = wi_resource_at(l, t->at);
		if (res != WI_RES_NONE)
			t->res = res;
	}
	return 0;
}

int
wi_refer(struct wi_library *l, uint32_t res, struct wi_text ref,
	 struct wi_target *out)
{
	struct wi_text uri = ref, fragment = wi_uri_cut(&uri);
	struct wi_anchor *a;
	size_t len = 0;
	char *buf;
	int ret;

	out->res = res;
	out->dynamic = NULL;
	if (uri.len) {
		ret = wi_library_resolve(l, 0, WI_KW_REF, res, uri, &uri);
		if (ret)
			return ret;
		out->res = wi_resource_called(l, uri);
	}
	if (out->res == WI_RES_NONE && wi_text_starts(uri, WI_META_BASE) &&
	    !l->has_meta)
		return -EAGAIN;
	if (out->res == WI_RES_NONE)
		return wi_library_bad(l, 0, WI_KW_REF,
			   "cannot resolve \"%.*s\": no such document was "
			   "handed in, and none is fetched",
			   uri);
	out->at = l->res[out->res].at;
	out->res = wi_resource_at(l, out->at); /* by the name inside */
	if (!fragment.len)
		return 0;
	buf = malloc(fragment.len);
	if (!buf)
		return -ENOMEM;
	if (!percent_decode(fragment, buf, &len)) {
		ret = wi_library_bad(l, 0, WI_KW_REF,
			  "cannot resolve \"%.*s\": \"%%\" must be followed by "
			  "two hex digits",
			  ref);
	} else if (len && buf[0] == '/') {
		ret = follow(l, buf, len, out, ref);
	} else {
		a = wi_anchor_find(l, out->res, wi_text(buf, len));
		ret = a ? 0
			: wi_library_bad(l, 0, WI_KW_REF,
			      "cannot resolve \"%.*s\": no such anchor", ref);
		if (a)
			out->at = a->at;
		if (a && a->is_dynamic)
			out->dynamic = a;
	}
	free(buf);
	return ret;
}

/* ---- scopes
 * ------------------------------------------------------------------ */

static const struct wi_anchor *
known(const struct wi_scope *s, uint32_t kind)
{
	for (uint32_t i = 0; i < s->cnt; i++)
		if (s->anchors[i]->kind == kind)
			return s->anchors[i];
	return NULL;
}

static int
by_place(const void *a, const void *b)
{
	const struct wi_anchor *const *x = a, *const *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* @scope and the new dynamic anchors of @res. */
static int
add_new(struct wi_library *l, uint32_t scope, uint32_t res, struct wi_scope *s)
{
	const struct wi_scope *from = &l->scopes[scope];
	const struct wi_anchor *a;

	s->cnt = from->cnt;
	s->anchors = wi_arena_get(l->arena, from->cnt + l->res[res].dynamic_cnt,
				  sizeof(*s->anchors));
	if (!s->anchors)
		return -ENOMEM;
	if (from->cnt)
		memcpy(s->anchors, from->anchors,
		       from->cnt * sizeof(*s->anchors));
	for (uint32_t i = l->res[res].first_dynamic; i; i = a->next) {
		a = &l->anchors[i - 1];
		if (!known(from, a->kind))
			s->anchors[s->cnt++] = a;
	}
	if (s->cnt > from->cnt)
		qsort(s->anchors, s->cnt, sizeof(*s->anchors), by_place);
	return 0;
}

/* Has @res a dynamic anchor that @scope does not know? */
static bool
has_new(const struct wi_library *l, uint32_t scope, uint32_t res)
{
	uint32_t i = l->res[res].first_dynamic;

	while (i && known(&l->scopes[scope], l->anchors[i - 1].kind))
		i = l->anchors[i - 1].next;
	return i != 0;
}

/* The scope that is @scope and @res, which may be there already. */
static int
find_scope(struct wi_library *l, uint32_t scope, uint32_t res, uint32_t *out)
{
	struct wi_scope s;
	int ret;

	*out = scope;
	if (!has_new(l, scope, res))
		return 0;
	ret = add_new(l, scope, res, &s);
	if (ret)
		return ret;
	for (*out = 1; *out < l->scope_cnt; ++*out)
		if (l->scopes[*out].cnt == s.cnt &&
		    !memcmp(l->scopes[*out].anchors, s.anchors,
			    s.cnt * sizeof(*s.anchors)))
			return 0;
	if (l->scope_cnt == WI_SCOPE_MAX)
		return wi_library_bad(l, l->res[res].at, WI_KW_DYNAMIC_ANCHOR,
			   "too many ways to reach it: what \"%.*s\" means "
			   "depends on the way",
			   l->res[res].uri);
	ret = wi_library_grow(&l->scopes, l->scope_cnt, &l->scope_cap,
		   sizeof(*l->scopes));
	if (!ret)
		l->scopes[l->scope_cnt++] = s;
	return ret;
}

int
wi_scope_enter(struct wi_library *l, uint32_t scope, uint32_t res,
	       uint32_t *out)
{
	uint64_t hash = ((uint64_t)res << 32 | scope) * 0x9e3779b97f4a7c15u;
	uint32_t k = UINT32_MAX, i;
	int ret;

	*out = scope;
	if (!l->res[res].dynamic_cnt)
		return 0;
	hash ^= hash >> 32;
	while ((i = wi_names_next(&l->by_entry, hash, &k)) != UINT32_MAX) {
		*out = l->entries[i].to;
		if (l->entries[i].from == scope && l->entries[i].res == res)
			return 0;
	}
	ret = wi_library_grow(&l->entries, l->entry_cnt, &l->entry_cap,
			      sizeof(*l->entries));
	if (!ret)
		ret = find_scope(l, scope, res, out);
	if (ret)
		return ret;
	l->entries[l->entry_cnt] = (struct wi_entry){scope, res, *out};
	return wi_names_add(&l->by_entry, hash, l->entry_cnt++);
}

void
wi_scope_find(const struct wi_library *l, uint32_t scope, struct wi_target *t)
{
	const struct wi_anchor *a =
	    t->dynamic ? known(&l->scopes[scope], t->dynamic->kind) : NULL;

	if (a) {
		t->at = a->at;
		t->res = a->res;
	}
}
