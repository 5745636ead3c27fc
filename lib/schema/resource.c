/* SPDX-License-Identifier: BSD-2-Clause */
#include "schema/resource.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "codec/keys.h"

int
wi_library_bad(struct wi_library *l, uint32_t at, unsigned kw, const char *fmt,
    struct wi_text t)
{
	l->bad_at = at;
	l->bad_keyword = kw;
	snprintf(l->why, sizeof(l->why), fmt,
		 wi_cut(t.ptr, t.len, 100), (const char *)t.ptr);
	return WEIR_EBADSCHEMA;
}

static void
head(const struct wi_library *l, uint32_t at, struct wi_head *h)
{
	if (wi_head_read(l->doc->ptr + at, l->doc->ptr + l->doc->len, h))
		h->type = WEIR_NIL; /* cannot be: well-formed */
}

static uint32_t
place(const struct wi_library *l, const uint8_t *p)
{
	return (uint32_t)(p - l->doc->ptr);
}

/* Room for one more element of @size behind @cnt. */
int
wi_library_grow(void *array, uint32_t cnt, uint32_t *cap, size_t size)
{
	void **at = array, *grown;
	uint32_t more = *cap ? *cap * 2 : 8;

	if (cnt < *cap)
		return 0;
	grown = realloc(*at, more * size);
	if (!grown)
		return -ENOMEM;
	*at = grown;
	*cap = more;
	return 0;
}

static uint64_t
hash_of(struct wi_text t, uint64_t seed)
{
	return wi_key_hash(t.ptr, t.len, seed ^ 0x7fb5d329728ea185u);
}

static uint64_t
hash_place(uint32_t at)
{
	return (at + 1) * 0x9e3779b97f4a7c15u >> 16;
}

/* ---- vocabularies
 * ------------------------------------------------------------ */

/* "https://json-schema.org/draft/2020-12/vocab/core" and its kin. */
static unsigned
vocab_of(struct wi_text uri)
{
	static const char base[] = WI_META_BASE "vocab/";
	unsigned v;

	if (!wi_text_starts(uri, base))
		return WI_VOCAB_CNT;
	uri.ptr += sizeof(base) - 1;
	uri.len -= (uint32_t)sizeof(base) - 1;
	for (v = 0; v < WI_VOCAB_OURS; v++)
		if (wi_text_same(uri, wi_text(wi_vocab_name(v),
				      strlen(wi_vocab_name(v)))))
			return v;
	return WI_VOCAB_CNT;
}

/* The vocabularies that the meta-schema at @meta asks for. */
static int
vocabs_of(struct wi_library *l, uint32_t meta, uint32_t from, uint32_t *out)
{
	struct wi_head h;
	uint32_t at = meta;
	int ret;

	*out = WI_VOCABS_USUAL;
	head(l, meta, &h);
	ret = h.type == WEIR_MAP ? wi_doc_child(l->doc, &at, "$vocabulary", 11)
				 : -ENOENT;
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	head(l, at, &h);
	if (h.type != WEIR_MAP)
		return 0;
	*out = 1u << WI_VOCAB_CORE | 1u << WI_VOCAB_OURS;
	at = place(l, h.next);
	for (uint32_t i = 0, cnt = h.len; i < cnt; i++) {
		struct wi_head name;
		unsigned v;

		head(l, at, &name);
		at = place(l, name.next);
		head(l, at, &h);
		at = wi_doc_skip(l->doc, at);
		v = vocab_of(wi_text(name.ptr, name.len));
		if (v < WI_VOCAB_CNT)
			*out |= 1u << v;
		else if (h.type == WEIR_BOOL && h.u)
			return wi_library_bad(l, from, WI_KW_SCHEMA,
				   "its meta-schema needs the vocabulary "
				   "%.*s, which is not known here",
				   wi_text(name.ptr, name.len));
	}
	/* asserted or not, it is the same keyword */
	if (*out >> WI_VOCAB_FORMAT_ASSERTION & 1)
		*out |= 1u << WI_VOCAB_FORMAT;
	return 0;
}

uint32_t
wi_resource_called(const struct wi_library *l, struct wi_text uri)
{
	uint64_t hash = hash_of(uri, 0);
	uint32_t k = UINT32_MAX, i;

	while ((i = wi_names_next(&l->by_uri, hash, &k)) != UINT32_MAX)
		if (wi_text_same(l->res[i].uri, uri))
			return i;
	return WI_RES_NONE;
}

/* What $schema, at the root of resource @res, says; or, if it is not there,
 * the one of the resource around it. */
static int
dialect(struct wi_library *l, struct wi_resource *res)
{
	static const char usual[] = WI_META_BASE "schema";
	uint32_t at = res->at, meta;
	struct wi_text uri, fragment;
	struct wi_head h;
	int ret;

	res->vocabs = l->res[res->around].vocabs;
	head(l, at, &h);
	ret = h.type == WEIR_MAP ? wi_doc_child(l->doc, &at, "$schema", 7)
				 : -ENOENT;
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	head(l, at, &h);
	if (h.type != WEIR_STR)
		return 0; /* compile.c refuses it */
	uri = wi_text(h.ptr, h.len);
	fragment = wi_uri_cut(&uri);
	meta = fragment.len || !uri.len ? WI_RES_NONE
					: wi_resource_called(l, uri);
	if (meta != WI_RES_NONE)
		return vocabs_of(l, l->res[meta].at, res->at, &res->vocabs);
	res->vocabs = WI_VOCABS_USUAL;
	if (!fragment.len && wi_text_same(uri, wi_text(usual, sizeof(usual) - 1)))
		return 0;
	return wi_library_bad(l, res->at, WI_KW_SCHEMA,
		   "only " WI_META_BASE "schema, or a meta-schema that is "
		   "handed in, is supported, not %.*s",
		   wi_text(h.ptr, h.len));
}

/* ---- finding them
 * ------------------------------------------------------------ */

/* A place where a schema stands, and the resource around it. */
struct todo {
	uint32_t at, res;
};

struct finder {
	struct wi_library *l;
	struct todo *todo;
	uint32_t cnt, cap;
};

static int
later(struct finder *f, uint32_t at, uint32_t res)
{
	int ret = wi_library_grow(&f->todo, f->cnt, &f->cap, sizeof(*f->todo));

	if (!ret)
		f->todo[f->cnt++] = (struct todo){at, res};
	return ret;
}

static int
add_resource(struct wi_library *l, uint32_t at, struct wi_text uri)
{
	int ret = wi_library_grow(&l->res, l->res_cnt, &l->res_cap, sizeof(*l->res));

	if (ret)
		return ret;
	if (uri.len && wi_resource_called(l, uri) != WI_RES_NONE)
		return wi_library_bad(l, at, WI_KW_ID, "another schema is called \"%.*s\"",
			   uri);
	l->res[l->res_cnt] = (struct wi_resource){.at = at,
						  .around = l->res_cnt,
						  .uri = uri,
						  .vocabs = WI_VOCABS_USUAL};
	ret = wi_names_add(&l->by_place, hash_place(at), l->res_cnt);
	/* many may have none, and nobody asks for those */
	if (!ret && uri.len)
		ret = wi_names_add(&l->by_uri, hash_of(uri, 0), l->res_cnt);
	l->res_cnt++;
	return ret;
}

int
wi_library_resolve(struct wi_library *l, uint32_t at, unsigned kw,
		   uint32_t res, struct wi_text ref, struct wi_text *out)
{
	uint8_t buf[WI_URI_MAX];
	uint32_t len;
	int ret = wi_uri_resolve(l->res[res].uri, ref, buf, out);

	if (ret == -E2BIG)
		return wi_library_bad(l, at, kw,
				      "\"%.*s\" is too long a URI", ref);
	l->uri_bytes += out->len;
	if (l->uri_bytes > WI_URI_BYTES)
		return wi_library_bad(l, at, kw,
				      "the URIs are too long altogether, from "
				      "\"%.*s\" on",
				      ref);
	if (out->ptr != buf)
		return 0;
	len = out->len;
	*out = wi_text_copy(l->arena, *out);
	return out->len == len ? 0 : -ENOMEM;
}

/* A schema with $id. */
static int
add_id(struct wi_library *l, uint32_t at, const struct wi_head *id,
       uint32_t *res)
{
	struct wi_text ref = wi_text(id->ptr, id->len), uri;
	struct wi_text fragment = wi_uri_cut(&ref);
	int ret;

	if (fragment.len)
		return wi_library_bad(l, at, WI_KW_ID,
			   "must not have a fragment: use $anchor for "
			   "\"%.*s\"",
			   fragment);
	ret = wi_library_resolve(l, at, WI_KW_ID, *res, ref, &uri);
	if (ret)
		return ret;
	if (l->res[*res].at == at) { /* the root of a document */
		if (wi_text_same(l->res[*res].uri, uri))
			return 0;
		/* it goes by both names, but what is in it by this one */
		if (l->res[*res].uri.len) {
			ret = add_resource(l, at, uri);
			*res = l->res_cnt - 1;
			return ret;
		}
		if (wi_resource_called(l, uri) != WI_RES_NONE)
			return wi_library_bad(l, at, WI_KW_ID,
				   "another schema is called \"%.*s\"", uri);
		l->res[*res].uri = uri;
		return wi_names_add(&l->by_uri, hash_of(uri, 0), *res);
	}
	ret = add_resource(l, at, uri);
	if (ret)
		return ret;
	l->res[l->res_cnt - 1].around = *res;
	*res = l->res_cnt - 1;
	return 0;
}

static bool
is_anchor_name(struct wi_text t)
{
	for (uint32_t i = 0; i < t.len; i++) {
		uint8_t c = t.ptr[i], letter = c | 0x20;

		if ((letter >= 'a' && letter <= 'z') || c == '_')
			continue;
		if (i && ((c >= '0' && c <= '9') || c == '-' || c == '.'))
			continue;
		return false;
	}
	return t.len > 0;
}

struct wi_anchor *
wi_anchor_find(const struct wi_library *l, uint32_t res, struct wi_text name)
{
	uint64_t hash = hash_of(name, res + 1);
	uint32_t k = UINT32_MAX, i;

	while ((i = wi_names_next(&l->by_anchor, hash, &k)) != UINT32_MAX)
		if (l->anchors[i].res == res && wi_text_same(l->anchors[i].name, name))
			return &l->anchors[i];
	return NULL;
}

/* The first dynamic anchor of this name, or @own if there is none. */
static uint32_t
kind_of(const struct wi_library *l, struct wi_text name, uint32_t own)
{
	uint64_t hash = hash_of(name, 0);
	uint32_t k = UINT32_MAX, i;

	while ((i = wi_names_next(&l->by_anchor, hash, &k)) != UINT32_MAX)
		if (l->anchors[i].is_dynamic &&
		    wi_text_same(l->anchors[i].name, name))
			return l->anchors[i].kind;
	return own;
}

static int
make_dynamic(struct wi_library *l, struct wi_anchor *a)
{
	struct wi_resource *r = &l->res[a->res];
	uint32_t own = (uint32_t)(a - l->anchors);

	if (a->is_dynamic)
		return 0;
	if (l->dynamic_cnt++ == WI_DYNAMIC_MAX)
		return wi_library_bad(l, a->at, WI_KW_DYNAMIC_ANCHOR,
				      "\"%.*s\" is one too many", a->name);
	a->kind = kind_of(l, a->name, own);
	a->is_dynamic = true;
	a->next = r->first_dynamic;
	r->first_dynamic = own + 1;
	r->dynamic_cnt++;
	return a->kind == own
		   ? wi_names_add(&l->by_anchor, hash_of(a->name, 0), own)
		   : 0;
}

static int
add_anchor(struct wi_library *l, uint32_t at, uint32_t res,
	   const struct wi_head *h, bool is_dynamic)
{
	unsigned kw = is_dynamic ? WI_KW_DYNAMIC_ANCHOR : WI_KW_ANCHOR;
	struct wi_text name = wi_text(h->ptr, h->len);
	struct wi_anchor *old = wi_anchor_find(l, res, name);
	int ret;

	if (!is_anchor_name(name))
		return wi_library_bad(l, at, kw,
			   "\"%.*s\" must be a letter or \"_\", then letters, "
			   "digits, \"-\", \"_\" and \".\"",
			   name);
	if (old && old->at == at) { /* $anchor and $dynamicAnchor: one place */
		return is_dynamic ? make_dynamic(l, old) : 0;
	}
	if (old)
		return wi_library_bad(l, at, kw, "\"%.*s\" is there twice", name);
	ret = wi_library_grow(&l->anchors, l->anchor_cnt, &l->anchor_cap,
		   sizeof(*l->anchors));
	if (ret)
		return ret;
	l->anchors[l->anchor_cnt++] =
	    (struct wi_anchor){.res = res, .at = at, .name = name};
	ret = wi_names_add(&l->by_anchor, hash_of(name, res + 1),
			   l->anchor_cnt - 1);
	return ret || !is_dynamic
		   ? ret
		   : make_dynamic(l, &l->anchors[l->anchor_cnt - 1]);
}

/* The value of keyword @kw at @at: schemas in it? */
static int
look_inside(struct finder *f, unsigned kw, uint32_t at, uint32_t res)
{
	bool is_map = wi_keyword_rows[kw].shape == WI_SHAPE_SCHEMAS ||
		      wi_keyword_rows[kw].shape == WI_SHAPE_REGEXES;
	struct wi_head h;
	int ret = 0;

	head(f->l, at, &h);
	if (wi_keyword_rows[kw].shape == WI_SHAPE_SCHEMA)
		return later(f, at, res);
	if ((is_map ? h.type != WEIR_MAP : h.type != WEIR_ARRAY) ||
	    (!is_map && wi_keyword_rows[kw].shape != WI_SHAPE_LIST))
		return 0;
	at = place(f->l, h.next);
	for (uint32_t i = 0, cnt = h.len; i < cnt && !ret; i++) {
		if (is_map)
			at = wi_doc_skip(f->l->doc, at);
		ret = later(f, at, res);
		at = wi_doc_skip(f->l->doc, at);
	}
	return ret;
}

/* The schema at @at, which is an object. */
static int
look_at(struct finder *f, uint32_t at, uint32_t res)
{
	struct wi_library *l = f->l;
	struct wi_head map, name, h;
	uint32_t first, p;
	int ret = 0;

	head(l, at, &map);
	if (map.type != WEIR_MAP)
		return 0;
	first = place(l, map.next);
	/* its own names first: they count for all of it */
	for (int anchors = 0; anchors < 2; anchors++) {
		p = first;
		for (uint32_t i = 0; i < map.len && !ret; i++) {
			head(l, p, &name);
			p = place(l, name.next);
			head(l, p, &h);
			p = wi_doc_skip(l->doc, p);
			if (name.len < 3 || name.ptr[0] != '$' ||
			    h.type != WEIR_STR)
				continue;
			switch (wi_keyword_find(&name)) {
			case WI_KW_ID:
				if (!anchors)
					ret = add_id(l, at, &h, &res);
				break;
			case WI_KW_ANCHOR:
			case WI_KW_DYNAMIC_ANCHOR:
				if (anchors)
					ret = add_anchor(l, at, res, &h,
							 name.len > 7);
				break;
			default:
				break;
			}
		}
	}
	p = first;
	for (uint32_t i = 0; i < map.len && !ret; i++) {
		unsigned kw;

		head(l, p, &name);
		p = place(l, name.next);
		kw = wi_keyword_find(&name);
		if (kw != WI_KW_CNT)
			ret = look_inside(f, kw, p, res);
		p = wi_doc_skip(l->doc, p);
	}
	return ret;
}

/* Is there anything in the document that a look at its root does not show? */
static bool
has_names(const struct wi_library *l, const struct wi_document *d)
{
	const uint8_t *p = l->doc->ptr + d->start;
	const uint8_t *end = l->doc->ptr + d->end;

	for (; (p = memchr(p, '$', (size_t)(end - p))); p++) {
		size_t left = (size_t)(end - p);

		if ((left > 3 && !memcmp(p, "$id", 3)) ||
		    (left > 7 && !memcmp(p, "$anchor", 7)) ||
		    (left > 14 && !memcmp(p, "$dynamicAnchor", 14)))
			return true;
	}
	return false;
}

static int
look_through(struct wi_library *l, const struct wi_document *d)
{
	struct finder f = {l, NULL, 0, 0};
	int ret;

	if (d->is_ours && wi_resource_called(l, d->uri) != WI_RES_NONE)
		return 0;
	ret = add_resource(l, d->start, d->uri);
	if (ret || !has_names(l, d))
		return ret;
	ret = later(&f, d->start, l->res_cnt - 1);
	while (f.cnt && !ret) {
		struct todo t = f.todo[--f.cnt];

		ret = look_at(&f, t.at, t.res);
	}
	free(f.todo);
	return ret;
}

int
wi_library_init(struct wi_library *l, struct wi_doc *doc,
		struct wi_arena *arena, const struct wi_document *docs,
		uint32_t doc_cnt)
{
	int ret = 0;

	memset(l, 0, sizeof(*l));
	l->doc = doc;
	l->arena = arena;
	l->docs = docs;
	l->doc_cnt = doc_cnt;
	l->scopes = calloc(1, sizeof(*l->scopes));
	if (!l->scopes)
		return -ENOMEM;
	l->scope_cnt = l->scope_cap = 1;
	for (uint32_t i = 0; i < doc_cnt && !ret; i++) {
		l->has_meta |= docs[i].is_ours;
		ret = look_through(l, &docs[i]);
	}
	for (uint32_t i = 0; i < l->res_cnt && !ret; i++)
		ret = dialect(l, &l->res[i]);
	return ret;
}

void
wi_library_fini(struct wi_library *l)
{
	free(l->res);
	free(l->anchors);
	free(l->scopes);
	free(l->entries);
	free(l->by_uri.slots);
	free(l->by_place.slots);
	free(l->by_anchor.slots);
	free(l->by_entry.slots);
	memset(l, 0, sizeof(*l));
}

uint32_t
wi_resource_at(const struct wi_library *l, uint32_t at)
{
	uint64_t hash = hash_place(at);
	uint32_t k = UINT32_MAX, i, last = WI_RES_NONE;

	/* of several names the one that counts inside, which came later */
	while ((i = wi_names_next(&l->by_place, hash, &k)) != UINT32_MAX)
		if (l->res[i].at == at && (last == WI_RES_NONE || i > last))
			last = i;
	return last;
}
