/* SPDX-License-Identifier: BSD-2-Clause
 *
 * program.h - what a schema is compiled to.
 *
 * One node per schema object or `false` in the document; `true` and `{}`
 * share one.  A node has a type mask that every value meets first, and one
 * part per kind of value, NULL where nothing is asked.  The nodes, their
 * parts and the document (msgpack, for names, enum values and messages)
 * live as long as the program and never change after compiling.
 *
 * `also` is a further node that the same value must pass ($ref beside other
 * keywords).  It is the only in-place step so far; compile.c has made sure
 * that following it ends.  A node that does nothing but `also` is never
 * reached: links to it go straight to where it leads.
 *
 * What the later keywords need fits here: allOf, anyOf, oneOf, not, if
 * become further in-place links, tried by frames of their own kind in
 * check.c, over the same bytes from `start`.
 */
#ifndef WI_SCHEMA_PROGRAM_H
#define WI_SCHEMA_PROGRAM_H

#include <weir/schema.h>

#include "schema/keywords.h"

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

enum { WI_MIN, WI_MAX, WI_EXMIN, WI_EXMAX, WI_BOUND_CNT };

struct wi_bounds {
	uint32_t has; /* bit per bound */
	struct wi_num num[WI_BOUND_CNT];
};

struct wi_strings {
	uint64_t min, max; /* code points; 0 and UINT64_MAX: no limit */
	const struct wi_pattern *pattern;
};

struct wi_array {
	uint64_t min, max; /* elements */
	const struct wi_node *items;
	uint32_t prefix_cnt;
	const struct wi_node **prefix;
};

/* A name, as it is compared: length, first eight bytes, the rest. */
struct wi_name {
	uint64_t word; /* first eight bytes, padded with 0 */
	const uint8_t *ptr;
	uint32_t len;
	uint32_t at; /* in the document */
};

struct wi_prop {
	struct wi_name name;
	const struct wi_node *node;
	uint32_t required;
};

struct wi_object {
	struct wi_prop *props; /* those of `properties` in their order, then
				  those that are only required */
	uint32_t *sorted;      /* indices of props by name */
	uint32_t prop_cnt;
	uint32_t required_cnt;
	uint64_t required; /* bits of props; if there are at most 64 */
	const struct wi_node *additional;
};

/* Above this, members are counted instead of noted one by one. */
#define WI_PROPS_NOTED 64

struct wi_const {
	uint64_t hash;	  /* of the value: wi_const_hash() */
	uint32_t at, end; /* in the document */
};

struct wi_set { /* sorted by hash */
	struct wi_const *vals;
	uint32_t cnt;
};

struct wi_node {
	uint16_t types;	  /* bit per class of value */
	uint8_t keyword;  /* of `false`: enum wi_keyword that led here */
	uint8_t pure : 1; /* nothing asked but `also` */
	uint8_t leaf : 1; /* nothing asked of a scalar but its type */
	uint32_t at;	  /* the schema in the document */
	struct wi_bounds *bounds;
	struct wi_strings *strings;
	struct wi_array *array;
	struct wi_object *object;
	struct wi_set *set;   /* enum */
	struct wi_set *konst; /* const */
	const struct wi_node *also;
};

extern const struct wi_node wi_node_true;

/* One container that is being checked. */
struct wi_frame {
	const struct wi_node *node;
	const uint8_t *start; /* its first byte */
	uint64_t seen;	      /* object: bits of props; or how many required */
	uint32_t left;	      /* elements or members, with the current one */
	uint32_t next;	      /* array: index; object: likely next prop */
	uint32_t others;      /* object: members that are no props */
	uint32_t is_map;
};

/* Work for one record: a step is a value met by a node, a candidate of an
 * enum, or about one character looked at by a pattern.  Ordinary schemas
 * take a few steps per byte; what runs into the limit is a schema made to
 * be slow, where $refs multiply at each level or a pattern backtracks. */
#define WI_STEPS_BASE	  2000000u
#define WI_STEPS_PER_BYTE 32u

struct wi_arena;
struct wi_patterns;

struct weir_schema {
	const struct wi_node *root;
	uint8_t *doc; /* the schema's text as msgpack */
	uint32_t doc_len;
	struct wi_arena *arena;			    /* nodes and parts */
	struct wi_patterns *patterns;		    /* NULL: none */
	struct wi_frame frames[WEIR_DEPTH_MAX + 1]; /* [0]: around the record */
};

#endif
