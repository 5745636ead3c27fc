/* SPDX-License-Identifier: BSD-2-Clause
 *
 * layout.h - every byte of a weir segment.
 *
 * THIS FILE IS THE FORMAT.  There is no second description to keep in step;
 * each offset is asserted beside its field, so a change that moves a byte
 * does not compile.
 *
 *   0                                                       seg_len
 *   | header | control | participants | holds | channel table | heap ... |
 *     const    mutable                                          |
 *                          one block per channel:               v
 *                 | channel | lanes | cells | schema | order ring | bytes |
 *
 * Rules for every struct in this file
 *   name     wi_shm_*; a struct without the prefix never enters the segment
 *   types    uint8_t .. uint64_t and struct wi_pair; no pointer, size_t,
 *            long, bool, enum, pid_t or pthread type
 *   *_off    bytes from the first byte of the segment (in a channel's block:
 *            of the block); 0 means "none"
 *   *_len    bytes          *_cnt   elements          *_idx   array index
 *   *_seq    64-bit, free-running, never reset while the channel lives
 *   *_ns     nanoseconds of CLOCK_REALTIME, advisory
 *   owner    each group of fields names who may store to it; all may load
 *
 * Everything that is loaded from the segment is input: once into a local,
 * checked, used.  Geometry is copied to private memory when a store or a
 * channel is opened, and never read again.
 *
 * Changing it
 *   new field in reserved bytes, old readers unharmed ... set a hint flag
 *   new field old readers must understand .............. set a need flag
 *   anything that moves or resizes a field ............. WI_FORMAT + 1
 */
#ifndef WI_FORMAT_LAYOUT_H
#define WI_FORMAT_LAYOUT_H

#include <stdalign.h>
#include <stddef.h>

#include "base/atomic.h"
#include "base/compiler.h"

#define WI_FORMAT     1u
#define WI_PAGE	      4096u
#define WI_ORDER_MARK 0x01020304u

/* The first byte is not text, the line ends show whether a transfer mangled
 * the file. */
#define WI_MAGIC "\x89weir\r\n\x1a"

#define WI_AT(type, field, off)                        \
	_Static_assert(offsetof(type, field) == (off), \
		       #type "." #field " moved: see 'Changing it'")
#define WI_SIZE(type, len) \
	_Static_assert(sizeof(type) == (len), #type " resized")

/* A sleeper waits on the half of a 64-bit word that a commit changes; which
 * address that is depends on the byte order. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	       "weir runs on little-endian machines");

/* ---- owner words -----------------------------------------------------------
 *
 * Who holds an entry of a table (a channel, a lane, a cell), and in which
 * state it is, in one word that is changed by compare-and-swap alone:
 *
 *   bits  0..3   state, enum wi_state
 *   bits  4..13  index of the participant that brought it there
 *   bits 14..39  that participant's generation, low 26 bits
 *   bits 40..63  changes of this word, modulo 2^24
 *
 * A change always counts up, so a word comes back only after 2^24 changes of
 * it, the last of which would have to be by the same participant.
 */
enum wi_state {
	WI_FREE = 0,
	WI_RESERVED = 1,    /* its fields are being written; nobody looks */
	WI_CLAIM_RANGE = 2, /* channel: wants off, len for itself */
	WI_BUILDING = 3,    /* channel: has off, len; the block is filled */
	WI_CLAIM_NAME = 4,  /* wants its name for itself */
	WI_LIVE = 5,
	WI_IDLE = 6,	/* lane: closed; the id and its value are kept */
	WI_DYING = 7,	/* channel: removed; somebody may still hold it */
	WI_FREEING = 8, /* channel: its memory is being given back */
	WI_REVOKED = 9, /* cell: taken away from an owner that may live; kept
			   for administrators, nothing sets it yet */
	WI_CLEARING = 10, /* lane: its id is kept; somebody else withdraws its
			     value and holds it for that long */
};

/* The states of an entry whose name stands. */
#define WI_STANDS(s) ((s) == WI_LIVE || (s) == WI_IDLE || (s) == WI_CLEARING)

/* The name of an entry.  Fields behind `word` belong to whoever brought the
 * word to WI_RESERVED, and are constant from WI_CLAIM_NAME on. */
struct wi_shm_tag {
	uint64_t word;
	uint64_t hash; /* wi_hash of the text */
	uint32_t len;
	uint8_t text[132]; /* @len bytes of UTF-8 and zeros */
	uint8_t reserved[40];
};
WI_AT(struct wi_shm_tag, hash, 8);
WI_AT(struct wi_shm_tag, len, 16);
WI_AT(struct wi_shm_tag, text, 20);
WI_SIZE(struct wi_shm_tag, 192);

/* ---- the segment's head ---------------------------------------------------- */

/* owner: the creator, before the segment has a name; constant after */
struct wi_shm_header {
	uint8_t magic[8];
	uint32_t format;     /* WI_FORMAT */
	uint32_t order_mark; /* WI_ORDER_MARK in the creator's byte order */
	uint32_t word_len;   /* sizeof(void *) of the creator */
	uint32_t header_len; /* sizeof(struct wi_shm_header) */
	uint64_t layout_hash; /* wi_layout_hash() of the creator */
	uint64_t need_flags;  /* must be understood, or the store refused */
	uint64_t hint_flags;  /* may be ignored by readers */
	uint64_t seg_len;
	uint64_t created_ns;
	uint64_t store_id; /* random; part of the lock file's name */
	uint64_t data_dev, data_ino; /* of this file: another one is a copy */
	uint64_t lock_dev, lock_ino; /* of the lock file */
	uint32_t participant_cnt, channel_cnt;
	uint32_t hold_cnt; /* 64-bit words of holds per participant */
	uint32_t mode;	   /* permission bits asked for at creation */
	uint64_t control_off, participants_off, holds_off, channels_off;
	uint64_t heap_off; /* the first byte that blocks may use */
	uint8_t name[72];
	uint8_t created_by[32];
	uint64_t sum; /* wi_hash of all bytes before this field */
};
WI_AT(struct wi_shm_header, format, 8);
WI_AT(struct wi_shm_header, word_len, 16);
WI_AT(struct wi_shm_header, layout_hash, 24);
WI_AT(struct wi_shm_header, seg_len, 48);
WI_AT(struct wi_shm_header, store_id, 64);
WI_AT(struct wi_shm_header, data_dev, 72);
WI_AT(struct wi_shm_header, lock_ino, 96);
WI_AT(struct wi_shm_header, participant_cnt, 104);
WI_AT(struct wi_shm_header, control_off, 120);
WI_AT(struct wi_shm_header, heap_off, 152);
WI_AT(struct wi_shm_header, name, 160);
WI_AT(struct wi_shm_header, created_by, 232);
WI_AT(struct wi_shm_header, sum, 264);
WI_SIZE(struct wi_shm_header, 272);

struct wi_shm_control {
	/* owner: whoever destroys the store; 0 -> 1, once */
	alignas(WI_LINE) uint32_t retired;
	/* owner: a sleeper that may not call membarrier; 0 -> 1, once: from
	 * then on publishers fence */
	uint32_t need_fence;
	/* owner: everybody; counts up: remove, retire, revoke, and the relay
	 * of the bell.  All sleepers wait on it. */
	alignas(WI_LINE) uint32_t change;
	/* owner: nobody; always 0.  The kernel wakes one of its sleepers when
	 * a thread dies with the bell armed.  All sleepers wait on it. */
	alignas(WI_LINE) uint32_t bell;
	uint8_t reserved[60];
};
WI_AT(struct wi_shm_control, retired, 0);
WI_AT(struct wi_shm_control, need_fence, 4);
WI_AT(struct wi_shm_control, change, 64);
WI_AT(struct wi_shm_control, bell, 128);
WI_SIZE(struct wi_shm_control, 192);

/* owner of gen: whoever holds lock byte (gen + 1, index); of the rest: the
 * holder of (gen, index) */
struct wi_shm_participant {
	uint64_t gen;	/* 0: never taken */
	uint32_t crowd; /* counts up: somebody published to one of the many
			   channels that this participant waits for */
	uint32_t pid;	/* a hint for people */
	uint64_t attached_ns;
	uint8_t command[32]; /* a hint for people */
	uint8_t reserved[8];
};
WI_AT(struct wi_shm_participant, crowd, 8);
WI_AT(struct wi_shm_participant, pid, 12);
WI_AT(struct wi_shm_participant, attached_ns, 16);
WI_AT(struct wi_shm_participant, command, 24);
WI_SIZE(struct wi_shm_participant, 64);

/* holds: uint64_t [participant_cnt][hold_cnt], bit c: this participant has
 * channel c open, so its block must not be used again.  owner: the
 * participant. */

/* One channel's place in the table.  owner of off and len: as the tag's
 * fields, but constant from WI_CLAIM_RANGE on. */
struct wi_shm_entry {
	struct wi_shm_tag tag;
	uint64_t off; /* of the block in the segment, a multiple of WI_PAGE */
	uint64_t len; /* a multiple of WI_PAGE */
	uint8_t reserved[48];
};
WI_AT(struct wi_shm_entry, off, 192);
WI_AT(struct wi_shm_entry, len, 200);
WI_SIZE(struct wi_shm_entry, 256);

/* ---- a channel's block ------------------------------------------------------ */

#define WI_CHANNEL_MAGIC 0x6c656e6e61686377u /* "wchannel" */

#define WI_CH_BLOCK	1u /* WEIR_BLOCK */
#define WI_CH_EXCLUSIVE 2u /* WEIR_EXCLUSIVE */
#define WI_CH_STAMPS	4u /* WEIR_ON */
#define WI_CH_EVICT	8u /* WEIR_EVICT */
#define WI_CH_FORMATS	16u /* the schema's formats are asserted */
#define WI_CH_ALL	31u

struct wi_shm_channel {
	/* owner: the creator, before the entry is live; constant after */
	uint64_t magic;
	uint64_t block_len;
	uint64_t created_ns;
	uint32_t flags;	   /* WI_CH_* */
	uint32_t slot_cnt; /* N, a power of two */
	uint32_t slot_len; /* 16, or a multiple of WI_LINE */
	uint32_t lane_cnt, cell_cnt;
	uint32_t max_record;
	uint64_t lane_len; /* bytes per lane, a power of two; 0: none */
	uint64_t schema_len;
	uint64_t lanes_off, cells_off, schema_off, slots_off, bytes_off;
	uint8_t reserved[144];

	/* owner: producers, and readers that walk far; only rises: a record
	 * known to be committed, however old */
	alignas(WI_LINE) uint64_t tail_seq;
	/* owner: producers (shared); only rises: lane.last remembers every
	 * record up to here, or a newer one of its lane */
	alignas(WI_LINE) uint64_t settled_seq;
	/* owner: producers (block); only rise: up to where they would like to
	 * reuse, up to where they may (both: the first that must stay) */
	alignas(WI_LINE) uint64_t want_seq;
	alignas(WI_LINE) uint64_t safe_seq;
	/* owner: bit i by the holder of cell i: it sleeps or is about to */
	alignas(WI_LINE) uint64_t sleepers[16];
};
WI_AT(struct wi_shm_channel, flags, 24);
WI_AT(struct wi_shm_channel, max_record, 44);
WI_AT(struct wi_shm_channel, lane_len, 48);
WI_AT(struct wi_shm_channel, lanes_off, 64);
WI_AT(struct wi_shm_channel, tail_seq, 256);
WI_AT(struct wi_shm_channel, settled_seq, 320);
WI_AT(struct wi_shm_channel, want_seq, 384);
WI_AT(struct wi_shm_channel, safe_seq, 448);
WI_AT(struct wi_shm_channel, sleepers, 512);
WI_SIZE(struct wi_shm_channel, 640);

#define WI_CELL_MAX 1024u /* 64 x the words in sleepers */

/* A producer's place.  owner: the holder of tag.word, unless said. */
struct wi_shm_lane {
	struct wi_shm_tag tag;
	/* the id that held the lane before, for the sake of its records */
	struct wi_shm_tag before; /* .word unused */
	/* position up to which bytes are, or may be, being overwritten;
	 * never lowered, never reset */
	alignas(WI_LINE) uint64_t reserved;
	/* owner: settlers, by wi_cas_128; only rises: {seq, position} of the
	 * lane's newest record that may have left the ring */
	alignas(WI_LINE) struct wi_pair last;
	alignas(WI_LINE) uint64_t record_cnt; /* of this id since it came */
	uint64_t byte_cnt;
	uint64_t refused_cnt;
	uint64_t spare[5];
};
WI_AT(struct wi_shm_lane, before, 192);
WI_AT(struct wi_shm_lane, reserved, 384);
WI_AT(struct wi_shm_lane, last, 448);
WI_AT(struct wi_shm_lane, record_cnt, 512);
WI_SIZE(struct wi_shm_lane, 576);

/* A consumer's place.  owner: the holder of tag.word, unless said. */
struct wi_shm_cell {
	struct wi_shm_tag tag;
	/* the seq that it reads next; producers of block channels wait on
	 * the low half */
	alignas(WI_LINE) uint64_t cursor;
	/* owner: producers set it; the holder clears it before it moves the
	 * cursor, and wakes them after */
	uint32_t waiters;
	uint32_t gating; /* 1: producers wait for this cell */
	/* the seq that it sleeps for; WI_CROWD set: on its participant's
	 * crowd word, else on the low half of that seq's slot */
	alignas(WI_LINE) uint64_t await;
	uint64_t delivered_cnt, lost_cnt, invalid_cnt;
	uint64_t spare[4];
};
#define WI_CROWD (1ull << 63)
WI_AT(struct wi_shm_cell, cursor, 192);
WI_AT(struct wi_shm_cell, waiters, 200);
WI_AT(struct wi_shm_cell, gating, 204);
WI_AT(struct wi_shm_cell, await, 256);
WI_SIZE(struct wi_shm_cell, 320);

/* ---- records ----------------------------------------------------------------
 *
 * Slot t mod N of the order ring, slot_len bytes:
 *
 *   0    8      16
 *   | seq | desc | inline bytes (exclusive channels only) ... |
 *
 *   seq    2t: record t is here; 2t-1: it is being written (exclusive
 *          channels only); 0: fresh
 *   desc   bit 63 = 1, inline: bits 32..55 length, 56..58 kind, 59..62 parts,
 *                   0..31 low half of the producer id's hash; then come the
 *                   payload, padding to 8, and the parts that are there
 *          bit 63 = 0, in a lane: bits 52..62 lane, 0..51 position / 16
 */
struct wi_shm_slot {
	struct wi_pair commit; /* .seq, .word = desc */
};
WI_SIZE(struct wi_shm_slot, 16);

#define WI_DESC_INLINE (1ull << 63)

/* Parts: optional fields, in this order, each 8 bytes. */
#define WI_PART_TIME	 1u /* time_ns */
#define WI_PART_ORIGIN	 2u /* origin_channel, origin_seq */
#define WI_PART_REVISION 4u /* revision of the schema */

/* The head of a record in a lane; the payload, padding to 8, the parts that
 * are there, and padding to 16 follow. */
struct wi_shm_record {
	uint64_t position; /* of this head in the lane's endless stream */
	uint32_t len;	   /* of the payload */
	uint8_t kind;	   /* enum weir_kind */
	uint8_t parts;	   /* WI_PART_* */
	uint16_t lane_idx;
	uint64_t id_hash;
	uint64_t reserved;
};
WI_AT(struct wi_shm_record, len, 8);
WI_AT(struct wi_shm_record, kind, 12);
WI_AT(struct wi_shm_record, id_hash, 16);
WI_SIZE(struct wi_shm_record, 32);

/* wi_layout_hash - identity of this file as compiled: sizes and constants.
 * Two builds that differ refuse each other instead of misreading. */
uint64_t wi_layout_hash(void);

/* ---- owner words, in code ----------------------------------------------------- */

#define WI_WHO_MASK 0x000000fffffffff0u /* index and generation */

static inline uint64_t
wi_who(uint32_t idx, uint64_t gen)
{
	return (uint64_t)idx << 4 | (gen & 0x3ffffffu) << 14;
}

static inline uint32_t
wi_word_idx(uint64_t word)
{
	return (uint32_t)(word >> 4) & 0x3ffu;
}

static inline uint64_t
wi_word_gen(uint64_t word)
{
	return word >> 14 & 0x3ffffffu;
}

static inline enum wi_state
wi_word_state(uint64_t word)
{
	return (enum wi_state)(word & 0xf);
}

/* wi_word_next - what @word becomes when @who brings it to @state. */
static inline uint64_t
wi_word_next(uint64_t word, enum wi_state state, uint64_t who)
{
	return ((word >> 40) + 1) << 40 | who | (uint64_t)state;
}

#endif
