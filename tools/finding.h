/* SPDX-License-Identifier: BSD-2-Clause
 *
 * finding.h - what `weir doctor` finds: the names, and how they are printed.
 */
#ifndef WI_TOOLS_FINDING_H
#define WI_TOOLS_FINDING_H

#include <stdint.h>

/* X(NAME, "name", severity); each stands in the manual with what it means.
 * A problem needs somebody to do something; a note is good to know. */
#define FINDINGS(X)                                                            \
	X(STORE_UNUSABLE, "store-unusable", PROBLEM)                           \
	X(STORE_HALF_DESTROYED, "store-half-destroyed", PROBLEM)               \
	X(STORE_HELD, "store-held", PROBLEM)                                   \
	X(STORE_LOST, "store-lost", PROBLEM)                                   \
	X(STORE_FULL, "store-full", PROBLEM)                                   \
	X(STORE_COPY, "store-copy", NOTE)                                      \
	X(DAMAGE, "damage", PROBLEM)                                           \
	X(PARTICIPANT_KILLED, "participant-killed", PROBLEM)                   \
	X(PARTICIPANTS_FULL, "participants-full", PROBLEM)                     \
	X(CHANNELS_FULL, "channels-full", PROBLEM)                             \
	X(CHANNEL_LEFT, "channel-left", PROBLEM)                               \
	X(CHANNEL_HELD, "channel-held", NOTE)                                  \
	X(PRODUCER_KILLED, "producer-killed", PROBLEM)                         \
	X(PRODUCERS_FULL, "producers-full", NOTE)                              \
	X(LANES_FULL, "lanes-full", PROBLEM)                                   \
	X(VALUE_ORPHANED, "value-orphaned", PROBLEM)                           \
	X(VALUE_KEPT, "value-kept", NOTE)                                      \
	X(CONSUMER_KILLED, "consumer-killed", PROBLEM)                         \
	X(CONSUMER_BEHIND, "consumer-behind", PROBLEM)                         \
	X(MARK_LEFT, "mark-left", NOTE)                                        \
	X(MEMORY_STRAY, "memory-stray", NOTE)                                  \
	X(LOCK_STALE, "lock-stale", NOTE)                                      \
	X(FS_FULL, "fs-full", PROBLEM)                                         \
	X(FS_LOW, "fs-low", NOTE)                                              \
	X(FS_KIND, "fs-kind", NOTE)                                            \
	X(LOCK_WRITABLE, "lock-writable", PROBLEM)                             \
	X(WORLD_WRITABLE, "world-writable", NOTE)                              \
	X(KERNEL_OLD, "kernel-old", NOTE)

enum finding {
#define X(name, text, severity) FIND_##name,
	FINDINGS(X)
#undef X
};

/* What a finding is about; 0 and NULL: not about such a thing. */
struct about {
	const char *channel, *id;
	const char *place; /* of damage */
	uint64_t offset;
	uint64_t bytes;
	uint32_t pid;
};

/* finding - print one.  @next: what to type, or NULL */
void finding(enum finding what, const struct about *about, const char *next,
	     const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* finding_cnt - how many there were; *@problems of them are problems. */
unsigned finding_cnt(unsigned *problems);

#endif
