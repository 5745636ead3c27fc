/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fields.h - the fields of a configuration, each once: the option of the
 * command line, the key in a file and in JSON output, what values there
 * are, and the member of the library's struct.
 */
#ifndef WI_TOOLS_FIELDS_H
#define WI_TOOLS_FIELDS_H

#include "opts.h"

#define WORDS_OVERFLOW	"overwrite|block"
#define WORDS_PRODUCERS "shared|exclusive"
#define WORDS_SWITCH	"on|off"
#define WORDS_ORPHANS	"keep|evict"

/* X(option, key, kind, value, help), of weir_channel_opts; the key is also
 * the name of the member */
#define CHANNEL_FIELDS(X)                                                      \
	X("overflow", overflow, OPT_CHOICE, WORDS_OVERFLOW,                    \
	  "overwrite: the newest wins; block: producers wait\n"                \
	  "for consumers that gate; default overwrite")                        \
	X("producers", producers, OPT_CHOICE, WORDS_PRODUCERS,                 \
	  "any number at once, or one at a time; default shared")              \
	X("capacity", capacity, OPT_U32, "N", "records kept; default 256")     \
	X("lane", lane_bytes, OPT_SIZE, "BYTES",                               \
	  "bytes of records kept for each producer; default 64k")              \
	X("max-record", max_record, OPT_SIZE32, "BYTES",                       \
	  "largest record; default: what the lane allows")                     \
	X("max-producers", max_producers, OPT_U32, "N", "default 8")           \
	X("max-consumers", max_consumers, OPT_U32, "N", "default 64")          \
	X("inline", inline_bytes, OPT_SIZE32, "BYTES",                         \
	  "exclusive: records up to this size lie in the ring\n"               \
	  "itself; default 112")                                               \
	X("stamps", stamps, OPT_CHOICE, WORDS_SWITCH,                          \
	  "time stamps; default on")                                           \
	X("orphans", orphans, OPT_CHOICE, WORDS_ORPHANS,                       \
	  "what happens to values of dead producers when lanes\n"              \
	  "are short; default keep")                                           \
	X("formats", formats, OPT_CHOICE, WORDS_SWITCH,                        \
	  "on: the schema's formats are checked; off: they are\n"              \
	  "annotations; default off")

/* the same of weir_store_opts */
#define STORE_FIELDS(X)                                                        \
	X("max-bytes", max_bytes, OPT_SIZE, "BYTES",                           \
	  "largest size of the store, taken as needed; default 1G")            \
	X("max-channels", max_channels, OPT_U32, "N", "default 256")           \
	X("max-participants", max_participants, OPT_U32, "N",                  \
	  "open handles at once; default 128")                                 \
	X("mode", mode, OPT_MODE, "MODE",                                      \
	  "permissions of the file, octal; default 0600")

#endif
