/* SPDX-License-Identifier: BSD-2-Clause */
#include "schema/uri.h"

#include <errno.h>
#include <string.h>

/* Each part with the marks that belong to it ("http:", "//host", "?x"), so
 * that a part that is there and empty differs from one that is not. */
struct uri {
	struct wi_text scheme, authority, path, query;
};

struct wi_text
wi_uri_cut(struct wi_text *uri)
{
	const uint8_t *hash = uri->len ? memchr(uri->ptr, '#', uri->len) : NULL;
	struct wi_text fragment = {NULL, 0};

	if (!hash)
		return fragment;
	fragment = wi_text(hash + 1,
			   uri->len - (size_t)(hash - uri->ptr) - 1);
	uri->len = (uint32_t)(hash - uri->ptr);
	return fragment;
}

/* Bytes of @t before the first of @stop, or all. */
static uint32_t
span(struct wi_text t, const char *stop)
{
	uint32_t n = 0;

	while (n < t.len && !strchr(stop, t.ptr[n] ? t.ptr[n] : 1))
		n++;
	return n;
}

static struct wi_text
take(struct wi_text *t, uint32_t n)
{
	struct wi_text head = {t->ptr, n};

	t->ptr += n;
	t->len -= n;
	return head;
}

static struct uri
split(struct wi_text t)
{
	struct uri u = {{NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}};
	uint32_t n = span(t, ":/?");

	if (n && n < t.len && t.ptr[n] == ':')
		u.scheme = take(&t, n + 1);
	if (t.len >= 2 && t.ptr[0] == '/' && t.ptr[1] == '/') {
		struct wi_text rest = {t.ptr + 2, t.len - 2};

		u.authority = take(&t, 2 + span(rest, "/?"));
	}
	u.path = take(&t, span(t, "?"));
	u.query = t;
	return u;
}

/* Take the last segment off the path dst[from .. n). */
static uint32_t
drop_segment(const uint8_t *dst, uint32_t from, uint32_t n)
{
	while (n > from && dst[n - 1] != '/')
		n--;
	return n > from ? n - 1 : n;
}

/* Resolve the "." and ".." of dst[from .. n) in place (5.2.4). */
static uint32_t
remove_dots(uint8_t *dst, uint32_t from, uint32_t n)
{
	uint32_t in = from, out = from, len;

	while (in < n) {
		/* a segment with the "/" before it, if there is one */
		uint32_t begin = in, slash = dst[in] == '/';

		for (in += slash; in < n && dst[in] != '/'; in++)
			;
		len = in - begin - slash;
		if (len == 2 && !memcmp(dst + begin + slash, "..", 2))
			out = drop_segment(dst, from, out);
		if ((len == 1 && dst[begin + slash] == '.') ||
		    (len == 2 && !memcmp(dst + begin + slash, "..", 2))) {
			if (in == n && slash)
				dst[out++] = '/';
			continue;
		}
		memmove(dst + out, dst + begin, in - begin);
		out += in - begin;
	}
	return out;
}

static void
put(uint8_t *dst, uint32_t *n, struct wi_text t)
{
	if (t.len)
		memcpy(dst + *n, t.ptr, t.len);
	*n += t.len;
}

int
wi_uri_resolve(struct wi_text base, struct wi_text ref,
	       uint8_t dst[WI_URI_MAX], struct wi_text *out)
{
	struct uri b, r = split(ref);
	uint32_t n = 0, path;

	if (!base.len || !ref.len) {
		*out = ref.len ? ref : base;
		return 0;
	}
	if (base.len >= WI_URI_MAX || ref.len >= WI_URI_MAX - base.len)
		return -E2BIG;
	b = split(base);
	put(dst, &n, r.scheme.len ? r.scheme : b.scheme);
	if (!r.scheme.len && !r.authority.len)
		r.authority = b.authority;
	else
		b.path.len = 0;
	put(dst, &n, r.authority);
	path = n;
	if (!r.path.len && b.path.len) {
		put(dst, &n, b.path);
		if (!r.query.len)
			r.query = b.query;
	} else {
		if (r.path.len && r.path.ptr[0] != '/' && b.path.len) {
			put(dst, &n, b.path);
			while (n > path && dst[n - 1] != '/')
				n--;
		} else if (r.path.len && r.path.ptr[0] != '/' &&
			   r.authority.len && n && !r.scheme.len) {
			dst[n++] = '/';
		}
		put(dst, &n, r.path);
		n = remove_dots(dst, path, n);
	}
	put(dst, &n, r.query);
	*out = wi_text(dst, n);
	return 0;
}
