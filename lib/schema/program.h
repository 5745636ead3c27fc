/* SPDX-License-Identifier: BSD-2-Clause
 *
 * program.h - what a schema is compiled to.
 *
 * One node per schema object or `false` that is reached, and per scope of
 * dynamic anchors in which it is reached (resource.h); `true` and `{}` share
 * one.  A node has a type mask that every value meets first, one part per
 * kind of value, NULL where nothing is asked, and steps: further nodes for
 * the same value.  The nodes, their parts and the documents (msgpack, for
 * names, enum values and messages) live as long as the program and never
 * change after compiling.
 *
 * Steps lead to other nodes over the same bytes, so compile.c makes sure that
 * following them ends, and how deep they go.  A node that does nothing but
 * pass a value on to one other is never reached: links go straight to where
 * it leads.
 */
#ifndef WI_SCHEMA_PROGRAM_H
#define WI_SCHEMA_PROGRAM_H

#include <weir/schema.h>

#include "schema/keywords.h"
#include "schema/resource.h"

/* Bits of a type mask: enum weir_type, and floats in three classes. */
#define WI_T(type)	   (1u << (type))
#define WI_CLASS_INTEGRAL  10 /* a float with an integer value */
#define WI_CLASS_NONFINITE 11 /* NaN, Infinity: no JSON type */
#define WI_T_INTEGER                                                           \
	(WI_T(WEIR_INT) | WI_T(WEIR_UINT) | WI_T(WI_CLASS_INTEGRAL))
#define WI_T_NUMBER (WI_T_INTEGER | WI_T(WEIR_FLOAT))
#define WI_T_ALL    0xfffu

struct wi_num {
	uint8_t type; /* WEIR_INT, WEIR_UINT, WEIR_FLOAT */
	union {
		uint64_t u;
		int64_t i; /* always negative */
		double d;
	};
};

enum { WI_MIN, WI_MAX, WI_EXMIN, WI_EXMAX, WI_MULTIPLE, WI_BOUND_CNT };

struct wi_bounds {
	uint32_t has; /* bit per bound */
	struct wi_num num[WI_BOUND_CNT];
};

struct wi_strings {
	uint64_t min, max; /* code points; 0 and UINT64_MAX: no limit */
	const struct wi_pattern *pattern;
	uint32_t format; /* enum wi_format; 0: not asserted */
};

struct wi_array {
	uint64_t min, max; /* elements */
	const struct wi_node *items;
	uint32_t prefix_cnt;
	uint8_t has_items; /* the keyword is there */
	uint8_t unique;
	const struct wi_node **prefix;
	const struct wi_node *contains; /* NULL: nothing asked */
	uint64_t min_contains, max_contains;
};

/* A name, as it is compared: length, first eight bytes, the rest. */
struct wi_name {
	uint64_t word; /* first eight bytes, padded with 0 */
	const uint8_t *ptr;
	uint32_t len;
	uint32_t at; /* in the document */
};

/* Bytes that a record may have somewhere, compared as words. */
struct wi_raw {
	uint64_t head, mask; /* the first eight, and which of them count */
	uint64_t tail;	     /* the last eight, if there are so many */
	uint32_t len;
	const uint8_t *ptr; /* all of them */
};

struct wi_prop {
	struct wi_name name;
	const struct wi_node *node;
	struct wi_raw raw; /* the name, as its shortest form is */
	uint16_t required;
	uint16_t own; /* one of `properties` */
};

struct wi_pattern_prop {
	const struct wi_pattern *pattern;
	const struct wi_node *node;
};

/* Who has this member must have those. */
struct wi_dependent {
	struct wi_name name;
	uint32_t cnt;
	struct wi_name *names;
};

struct wi_object {
	struct wi_prop *props; /* those of `properties` in their order, then
				  those that are only required */
	uint32_t *sorted;      /* indices of props by name */
	uint32_t prop_cnt;
	uint32_t required_cnt;
	uint64_t required; /* bits of props; if there are at most 64 */
	const struct wi_node *additional;
	uint8_t has_additional; /* the keyword is there */
	uint8_t is_plain;	/* no patterns, nothing asked of names */
	uint32_t pattern_cnt, dependent_cnt;
	struct wi_pattern_prop *patterns;
	struct wi_dependent *dependents;
	const struct wi_node *names; /* NULL: nothing asked */
	uint64_t min, max;	     /* members */
};

/* Sets up to this size are looked through as bytes first. */
#define WI_RAWS_MAX 8

/* Above this, members are counted instead of noted one by one. */
#define WI_PROPS_NOTED 64

struct wi_const {
	uint64_t hash;	  /* of the value: wi_const_hash() */
	uint32_t at, end; /* in the document */
};

struct wi_set { /* sorted by hash */
	struct wi_const *vals;
	struct wi_raw *raws; /* the scalars, if there are few; or NULL */
	uint32_t cnt, raw_cnt;
};

enum wi_step_kind {
	WI_STEP_ALL, /* every one of the nodes */
	WI_STEP_ANY,
	WI_STEP_ONE,
	WI_STEP_NOT,
	WI_STEP_IF,	   /* nodes: if, then, else; the last two may be NULL */
	WI_STEP_DEPENDENT, /* all, if the object has the member */
};

struct wi_step {
	uint8_t kind;
	uint8_t keyword;
	uint32_t cnt;
	const struct wi_node **nodes;
	struct wi_name name;
};

struct wi_node {
	uint16_t types;	     /* bit per class of value */
	uint8_t keyword;     /* of `false`: enum wi_keyword that led here */
	uint8_t leaf : 1;    /* nothing asked of a scalar but its type */
	uint8_t more : 1;    /* something is asked when the value is over */
	uint8_t is_time : 1; /* an ext must be a time stamp */
	uint8_t by_ext : 1;  /* x-msgpack alone says which types */
	uint8_t leap;	     /* leap.h: how high it leaps; 0: it cannot */
	uint32_t at;	     /* the schema in the documents */
	struct wi_bounds *bounds;
	struct wi_strings *strings;
	struct wi_array *array;
	struct wi_object *object;
	struct wi_set *set;   /* enum */
	struct wi_set *konst; /* const */
	struct wi_step *steps;
	uint32_t step_cnt;
	uint32_t unit; /* compile.h: while it is compiled; the true has none */
	const struct wi_node *rest_items; /* unevaluated ones; or NULL */
	const struct wi_node *rest_props;
};

extern const struct wi_node wi_node_true;

/* What a frame is at: which of the values that it looks at is the one that is
 * checked now. */
enum wi_stage {
	WI_AT_MEMBER, /* first those that are common */
	WI_AT_ITEM,
	WI_AT_BASE,   /* around the record */
	WI_AT_CHOSEN, /* a member, by patterns too */
	WI_AT_NAME,   /* of such a member */
	WI_AT_CONTAINS,
	WI_AT_STEP, /* the same value, by another node */
	WI_AT_REST, /* unevaluated elements or members */
};

/* One value that is not done with. */
struct wi_frame {
	const struct wi_node *node;
	const uint8_t *start; /* its first byte */
	const uint8_t *here;  /* what is behind it; MEMBER: the value */
	const uint8_t *sub;   /* CONTAINS: the element; NAME: the name */
	uint64_t *marks;      /* bit per element or member that some keyword
				 has evaluated; NULL: nobody asks */
	uint64_t seen;	      /* object: bits of props; or how many required */
	uint32_t cnt;	      /* elements or members */
	uint32_t left;	      /* of them, with the current one */
	uint32_t next;	      /* array: index; object: likely next prop */
	uint32_t others;      /* object: members that are no props */
	uint32_t step, alt, hits;
	uint8_t stage;
	uint8_t type;  /* enum weir_type */
	uint8_t gives; /* its marks are its caller's, too */
};

/* Work for one record: a step is a value met by a node, a candidate of an
 * enum, or about one character looked at by a pattern.  Ordinary schemas
 * take a few steps per byte; what runs into the limit is a schema made to
 * be slow, where $refs multiply at each level or a pattern backtracks. */
#define WI_STEPS_BASE	  2000000u
#define WI_STEPS_PER_BYTE 32u

struct wi_arena;
struct wi_patterns;

/* Steps inside each other: no more frames than this for one value. */
#define WI_STEP_DEPTH_MAX 500

/* Frames for all values under way; what needs more counts as too much work. */
#define WI_FRAME_MAX 16384u

/* Marks for all values under way; what needs more counts as too much work. */
#define WI_MARKS_LEN ((size_t)1 << 20)

struct weir_schema {
	const struct wi_node *root;
	uint8_t *doc; /* all documents as msgpack, the schema's own first */
	uint32_t doc_len, doc_cnt;
	struct wi_document *docs;
	struct wi_resource *res; /* in the order of their roots */
	uint32_t res_cnt;
	struct wi_arena *arena;	      /* nodes and parts */
	struct wi_patterns *patterns; /* NULL: none */
	bool asserts;		      /* formats */
	bool is_exact;		      /* no short ways: WEIR_LOCATIONS */
	bool has_steps;		      /* a value may be looked at twice */
	struct wi_frame *frames;      /* [0]: around the record */
	uint32_t frame_cnt;
	uint64_t *marks; /* WI_MARKS_LEN bytes; NULL: none are needed */
	void *table;	 /* for wi_unique(); NULL: it is not needed */
};

/* wi_schema_absolute - the same from the resource that it is in: its URI, "#",
 * and the way from its root. */
void wi_schema_absolute(const struct weir_schema *s, uint32_t at,
			const char *last, char *dst, size_t cap);

/* wi_schema_place - where the schema at @at is, as "#/..." or, in another
 * document, "URI#/...", and its member @last, if that is not NULL. */
void wi_schema_place(const struct weir_schema *s, uint32_t at, const char *last,
		     char *dst, size_t cap);

#endif
