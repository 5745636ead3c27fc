/* SPDX-License-Identifier: BSD-2-Clause
 *
 * widget_paragraph.c - text in lines as wide as there is room: Markdown, which
 * md4c reads, or plain.
 */
#include <ctype.h>
#include <md4c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "widget.h"

#define WORD_MAX  1024 /* bytes; a longer one is broken */
#define DEPTH_MAX 16
#define BEHIND	  16 /* bytes of nothing */

/* Words on their way to lines. */
struct flow {
	struct canvas *c;
	int rows;     /* that may still be begun */
	int is_full;  /* one could not be: nothing more is put */
	int is_fresh; /* nothing stands in this row but what is before text */
	int has_gap;  /* an empty row comes before the next block */
	struct piece {
		enum ink ink;
		size_t len;
	} pieces[64];
	size_t piece_cnt;
	char word[WORD_MAX];
	size_t word_len;
	/* what stands before each row, by the depth of blocks */
	struct {
		char first[16], rest[16];
		int is_first;
		unsigned int number; /* of the next item; 0: a bullet */
	} levels[DEPTH_MAX];
	int depth;
	enum ink inks[DEPTH_MAX]; /* of spans in spans */
	int span;
	int is_code;	/* lines stay as they are */
	int is_in_line; /* of code: it goes on */
	char link[256];
};

static enum ink
ink_of(const struct flow *f)
{
	return f->inks[f->span];
}

static int
begin_row(struct flow *f)
{
	if (f->rows <= 0)
		f->is_full = 1;
	if (f->is_full)
		return 0;
	f->rows--;
	canvas_row(f->c);
	for (int i = 1; i <= f->depth; i++) {
		canvas_puts(f->c, INK_DIM,
			    f->levels[i].is_first ? f->levels[i].first
						  : f->levels[i].rest);
		f->levels[i].is_first = 0;
	}
	f->is_fresh = 1;
	return 1;
}

/* The word that was collected goes to this row, or begins the next. */
static void
end_word(struct flow *f)
{
	int width = canvas_width(f->word, f->word_len);
	size_t at = 0;

	if (!f->word_len)
		return;
	if (!f->is_fresh && canvas_room(f->c) < 1 + width)
		begin_row(f);
	if (!f->is_full) {
		if (!f->is_fresh)
			canvas_puts(f->c, INK_PLAIN, " ");
		for (size_t i = 0; i < f->piece_cnt; i++) {
			canvas_put(f->c, f->pieces[i].ink, f->word + at,
				   f->pieces[i].len);
			at += f->pieces[i].len;
		}
		f->is_fresh = 0;
	}
	f->word_len = f->piece_cnt = 0;
}

static void
add_bytes(struct flow *f, const char *s, size_t len)
{
	if (f->word_len + len > WORD_MAX ||
	    f->piece_cnt == sizeof(f->pieces) / sizeof(*f->pieces))
		end_word(f);
	if (len > WORD_MAX)
		len = WORD_MAX;
	memcpy(f->word + f->word_len, s, len);
	f->word_len += len;
	if (f->piece_cnt && f->pieces[f->piece_cnt - 1].ink == ink_of(f))
		f->pieces[f->piece_cnt - 1].len += len;
	else
		f->pieces[f->piece_cnt++] =
		    (struct piece){.ink = ink_of(f), .len = len};
}

static void
flow_text(struct flow *f, const char *s, size_t len)
{
	while (len) {
		size_t n = 0;

		while (n < len && n < WORD_MAX / 2 &&
		       !isspace((unsigned char)s[n]))
			n++;
		if (n) {
			add_bytes(f, s, n);
		} else {
			end_word(f);
			n = 1;
		}
		s += n;
		len -= n;
	}
}

static void
put_gap(struct flow *f)
{
	if (f->has_gap && f->rows > 0) {
		f->rows--;
		canvas_row(f->c);
	}
	f->has_gap = 0;
}

static void
begin_block(struct flow *f)
{
	end_word(f);
	put_gap(f);
	begin_row(f);
}

static void
end_block(struct flow *f)
{
	end_word(f);
	f->has_gap = f->depth == 0;
}

/* ---- what md4c says ---- */

static void
push(struct flow *f, const char *first, const char *rest)
{
	if (f->depth + 1 >= DEPTH_MAX)
		return;
	f->depth++;
	snprintf(f->levels[f->depth].first, sizeof(f->levels[0].first), "%s",
		 first);
	snprintf(f->levels[f->depth].rest, sizeof(f->levels[0].rest), "%s",
		 rest);
	f->levels[f->depth].is_first = 1;
}

static void
pop(struct flow *f)
{
	if (f->depth > 0)
		f->depth--;
	f->has_gap = f->depth == 0;
}

static void
push_item(struct flow *f)
{
	unsigned int *number = &f->levels[f->depth].number;
	char first[16];

	if (*number)
		snprintf(first, sizeof(first), "%u. ", (*number)++);
	else
		snprintf(first, sizeof(first), "• ");
	push(f, first, strlen(first) > 3 && *number ? "    " : "  ");
}

static void
push_ink(struct flow *f, enum ink ink)
{
	if (f->span + 1 < DEPTH_MAX)
		f->inks[++f->span] = ink;
}

static void
pop_ink(struct flow *f)
{
	if (f->span > 0)
		f->span--;
}

static int
on_enter_block(MD_BLOCKTYPE type, void *detail, void *arg)
{
	struct flow *f = arg;

	switch (type) {
	case MD_BLOCK_H:
		begin_block(f);
		push_ink(f, INK_BOLD);
		break;
	case MD_BLOCK_P:
		begin_block(f);
		break;
	case MD_BLOCK_CODE:
		end_word(f);
		push(f, "  ", "  ");
		put_gap(f);
		f->is_code = 1;
		push_ink(f, INK_CODE);
		break;
	case MD_BLOCK_QUOTE:
		push(f, "│ ", "│ ");
		break;
	case MD_BLOCK_UL:
		end_word(f);
		f->levels[f->depth].number = 0;
		break;
	case MD_BLOCK_OL:
		end_word(f);
		f->levels[f->depth].number =
		    ((MD_BLOCK_OL_DETAIL *)detail)->start;
		if (!f->levels[f->depth].number)
			f->levels[f->depth].number = 1;
		break;
	case MD_BLOCK_LI:
		end_word(f);
		put_gap(f);
		push_item(f);
		f->is_fresh = 0;
		if (((MD_BLOCK_LI_DETAIL *)detail)->is_task)
			snprintf(f->levels[f->depth].first,
				 sizeof(f->levels[0].first), "%s",
				 ((MD_BLOCK_LI_DETAIL *)detail)->task_mark ==
					 ' '
				     ? "☐ "
				     : "☑ ");
		break;
	case MD_BLOCK_HR:
		begin_block(f);
		while (canvas_room(f->c) > 0 && f->is_fresh)
			canvas_puts(f->c, INK_DIM, "─");
		end_block(f);
		break;
	default:
		break;
	}
	return 0;
}

static int
on_leave_block(MD_BLOCKTYPE type, void *detail, void *arg)
{
	struct flow *f = arg;

	(void)detail;
	switch (type) {
	case MD_BLOCK_H:
		end_block(f);
		pop_ink(f);
		break;
	case MD_BLOCK_P:
		end_block(f);
		break;
	case MD_BLOCK_CODE:
		f->is_code = f->is_in_line = 0;
		pop_ink(f);
		pop(f);
		break;
	case MD_BLOCK_LI:
		end_word(f);
		pop(f);
		f->has_gap = 0;
		break;
	case MD_BLOCK_QUOTE:
		pop(f);
		break;
	case MD_BLOCK_UL:
	case MD_BLOCK_OL:
		f->has_gap = f->depth == 0;
		break;
	default:
		break;
	}
	return 0;
}

static int
on_enter_span(MD_SPANTYPE type, void *detail, void *arg)
{
	struct flow *f = arg;
	const MD_SPAN_A_DETAIL *a = detail;

	switch (type) {
	case MD_SPAN_STRONG:
		push_ink(f, INK_BOLD);
		break;
	case MD_SPAN_CODE:
		push_ink(f, INK_CODE);
		break;
	case MD_SPAN_A:
		snprintf(f->link, sizeof(f->link), "%.*s", (int)a->href.size,
			 a->href.text);
		push_ink(f, INK_EM);
		break;
	default:
		push_ink(f, INK_EM);
	}
	return 0;
}

/* A link's target stands behind it, unless it is its text. */
static int
on_leave_span(MD_SPANTYPE type, void *detail, void *arg)
{
	struct flow *f = arg;
	size_t len = strlen(f->link);

	(void)detail;
	pop_ink(f);
	if (type != MD_SPAN_A || !len)
		return 0;
	if (f->word_len < len ||
	    memcmp(f->word + f->word_len - len, f->link, len) != 0) {
		push_ink(f, INK_DIM);
		flow_text(f, " (", 2);
		flow_text(f, f->link, len);
		flow_text(f, ")", 1);
		pop_ink(f);
	}
	f->link[0] = 0;
	return 0;
}

/* A line of code, or a part of one; a tab is a control character. */
static void
code(struct flow *f, const char *s, size_t len)
{
	size_t from = 0;

	for (size_t i = 0; i <= len; i++) {
		if (i < len && s[i] != '\n' && s[i] != '\t')
			continue;
		if (!f->is_in_line && (i > from || i < len) && !begin_row(f))
			return;
		f->is_in_line |= i > from || i < len;
		canvas_put(f->c, INK_CODE, s + from, i - from);
		if (i < len && s[i] == '\t')
			canvas_puts(f->c, INK_CODE, "    ");
		if (i < len && s[i] == '\n')
			f->is_in_line = 0;
		from = i + 1;
	}
}

static void
entity(struct flow *f, const char *s, size_t len)
{
	static const struct {
		const char *name, *text;
	} known[] = {{"&amp;", "&"},
		     {"&lt;", "<"},
		     {"&gt;", ">"},
		     {"&quot;", "\""},
		     {"&nbsp;", " "}};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (len == strlen(known[i].name) &&
		    memcmp(s, known[i].name, len) == 0) {
			add_bytes(f, known[i].text, 1);
			return;
		}
	add_bytes(f, s, len); /* as it is written */
}

static int
on_text(MD_TEXTTYPE type, const MD_CHAR *s, MD_SIZE len, void *arg)
{
	struct flow *f = arg;

	if (f->is_code) {
		code(f, s, len);
		return 0;
	}
	if (f->depth && f->levels[f->depth].is_first)
		begin_row(f); /* an item without a paragraph */
	switch (type) {
	case MD_TEXT_BR:
		end_word(f);
		begin_row(f);
		break;
	case MD_TEXT_SOFTBR:
		end_word(f);
		break;
	case MD_TEXT_NULLCHAR:
		add_bytes(f, "\xef\xbf\xbd", 3);
		break;
	case MD_TEXT_ENTITY:
		entity(f, s, len);
		break;
	default:
		flow_text(f, s, len);
	}
	return 0;
}

static const char *
markdown(struct flow *f, const char *s, size_t len)
{
	MD_PARSER parser = {.flags = MD_FLAG_NOHTML |
				     MD_FLAG_PERMISSIVEAUTOLINKS |
				     MD_FLAG_TASKLISTS,
			    .enter_block = on_enter_block,
			    .leave_block = on_leave_block,
			    .enter_span = on_enter_span,
			    .leave_span = on_leave_span,
			    .text = on_text};

	char *copy;
	int rc = -1;

	if (len > 1u << 24)
		return "the text is too long";
	/* md4c 0.4.8 looks behind the end for what would close a link */
	copy = calloc(len + BEHIND, 1);
	if (copy) {
		memcpy(copy, s, len);
		rc = md_parse(copy, (MD_SIZE)len, &parser, f);
	}
	free(copy);
	return rc == 0 ? NULL : "the text cannot be read as Markdown";
}

static void
plain(struct flow *f, const char *s, size_t len)
{
	while (len) {
		const char *nl = memchr(s, '\n', len);
		size_t n = nl ? (size_t)(nl - s) : len;

		if (!begin_row(f))
			return;
		flow_text(f, s, n);
		end_word(f);
		s += n + (nl != NULL);
		len -= n + (nl != NULL);
	}
}

const char *
widget_paragraph(struct canvas *c, const weir_record *rec, int rows)
{
	const char *s, *bad = NULL;
	struct flow *f;
	weir_value v;
	size_t len;

	if (!widget_text(rec, "/content", &s, &len))
		return "/content, text, is missing";
	f = calloc(1, sizeof(*f));
	if (!f)
		return "there is no memory";
	widget_title(c, rec);
	f->c = c;
	f->rows = rows - (int)c->cnt;
	f->has_gap = c->cnt > 0;
	if (weir_record_find(rec, "/markdown", &v) == 0 &&
	    v.type == WEIR_BOOL && !v.boolean) {
		put_gap(f);
		plain(f, s, len);
	} else {
		bad = markdown(f, s, len);
	}
	end_word(f);
	free(f);
	return bad;
}
