/* SPDX-License-Identifier: BSD-2-Clause
 *
 * store.h - the segment that everything else lies in.
 *
 * A store is one file in a directory that should be a tmpfs (/dev/shm unless
 * told otherwise; on a disk the kernel would write it back for nothing),
 * mapped by every process that opens it.  There is no daemon.  An open
 * handle is a *participant*: others know that it lives because the kernel
 * holds a lock for it, for exactly as long as this process can write to the
 * store.  A process may end, or be killed, at any instruction; what it had
 * published stays, what it had not never appears, and nobody waits for it.
 *
 * Threads.  A handle belongs to one thread at a time; different handles are
 * independent, also those opened from the same store or channel.  Opening a
 * channel uses the store's handle, opening a producer or consumer the
 * channel's; closing them may happen in any thread.
 *
 * Fork.  A child inherits no handle: every call on one that would look into
 * the store answers WEIR_EFORKED, and close functions only free private
 * memory.  Open the store again there.
 * exec() ends the participant, like exit.
 *
 * Signals.  weir_interrupt() may be called from a handler.  weir_publish()
 * and its kin answer -EBUSY if they interrupted another call on the same
 * producer, and work on a different one.  Nothing else may be called there.
 */
#ifndef WEIR_STORE_H
#define WEIR_STORE_H

#include <weir/error.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WEIR_NAME_MAX 64 /* bytes of a store's name */

typedef struct weir_store weir_store;

/* Flags of weir_store_opts. */
#define WEIR_CREATE    1u /* make the store if there is none */
#define WEIR_READ_ONLY 2u /* observe: map read-only, take no place, write \
			     nothing, block nobody */
#define WEIR_PRIVATE   4u /* a fresh store without a name, for this handle \
			     alone; for unit tests; implies WEIR_CREATE */
#define WEIR_ANY_WRITER                                                        \
	8u /* open it although everybody may write to it; a mode with 0002     \
	      says so, too */

/* Wishes of this handle about memory.  They are about the store's head, at
 * once, and about each channel, when it is opened: all of the segment would be
 * holes that nobody asked for.  Not for observers, who would give memory to
 * what is being removed.
 *
 * WEIR_PREFAULT: its pages are in this process before the call returns, so
 *   that no first publish waits for the kernel.
 * WEIR_LOCK_MEMORY: what has been used of it is not swapped out, until the
 *   channel, or the store, is closed: with WEIR_PREFAULT, from the beginning.
 *   Counts against RLIMIT_MEMLOCK together with what else the process locks;
 *   the call fails where that is not enough.
 * WEIR_HUGE_PAGES: those parts of a channel that are whole huge pages become
 *   such; .huge_bytes of weir_store_info tells how much.  A channel shorter
 *   than two of them (4 MiB on x86-64) may have none.  Needs Linux 6.1, and
 *   no setting; only "deny" in
 *   /sys/kernel/mm/transparent_hugepage/shmem_enabled forbids it.  What cannot
 *   be is left undone. */
#define WEIR_PREFAULT	 16u
#define WEIR_LOCK_MEMORY 32u
#define WEIR_HUGE_PAGES	 64u

/**
 * struct weir_store_opts - how to open a store; start from zero
 *
 * The sizes and the mode matter only to the call that creates the store.  Its
 * files belong to the user and group of that process (in a directory with the
 * set-group-ID bit, to the directory's group), and their mode is what was
 * asked for, whatever the umask.
 */
typedef struct weir_store_opts {
	size_t size; /* sizeof(weir_store_opts) */
	uint32_t flags;
	uint32_t mode;		   /* of the file; default 0600 */
	const char *dir;	   /* default "/dev/shm" */
	uint64_t max_bytes;	   /* largest size: 1 MiB .. 1 TiB, default 1 GiB;
				      memory is taken only as it is needed */
	uint32_t max_channels;	   /* 1 .. 4096, default 256 */
	uint32_t max_participants; /* 2 .. 1024, default 128 */
	uint64_t owner; /* id of a user whose store it may be, beside this one
			   and root; 0: nobody else */
	uint64_t reserved[3];
} weir_store_opts;

/**
 * weir_store_open - attach to a store, making it first if asked
 * @name: 1 to 64 of A-Z a-z 0-9 . _ -, not beginning with a dot; or, with
 *        WEIR_READ_ONLY, the path (with a "/") of a store's file, of a copy
 *        of one, or of somebody's descriptor of one (/proc/PID/fd/N), which
 *        also reaches what was destroyed; ignored with WEIR_PRIVATE
 * @opts: NULL for the defaults: attach for reading and writing
 * @out:  the handle; NULL on failure
 * @diag: may be NULL
 *
 * A new store appears under its name complete or not at all; of two
 * processes that create at once, both end up in the same one.
 *
 * Return: 0, or
 *   WEIR_ENAME      @name breaks the rule
 *   -ENOENT         no such store, and WEIR_CREATE was not given; or no such
 *                   directory
 *   -EINVAL         an option is out of range; @diag names it
 *   -ENOMEM, -EPERM  with WEIR_LOCK_MEMORY: more than RLIMIT_MEMLOCK; @diag
 *                   has needed and allowed bytes
 *   -EFAULT         with WEIR_PREFAULT: a part has no memory; it is damaged
 *   -ENOSPC         the file system is full; @diag has needed and free bytes,
 *                   or files
 *   -EFBIG          max_bytes is beyond what this process may make a file of
 *                   (RLIMIT_FSIZE)
 *   WEIR_EFULL      all places for participants are taken by live ones
 *   WEIR_EUNSAFE    a symlink, not a regular file, another store under this
 *                   name, owned by somebody who is neither this user nor root
 *                   nor @opts->owner, or writable by everybody and
 *                   WEIR_ANY_WRITER was not given
 *   WEIR_ENOTSTORE  some other file
 *   WEIR_EVERSION   a format that this library does not know
 *   WEIR_ELAYOUT    another byte order, word size or layout
 *   WEIR_ETRUNC     shorter than its header says
 *   WEIR_ECORRUPT   the header contradicts itself, or its lock file is gone
 *   WEIR_ECOPY      a copy; it opens with WEIR_READ_ONLY only
 *   WEIR_ERETIRED   destroyed while this call ran, repeatedly
 *   -EPERM          destroyed by somebody who had no right to remove the name,
 *                   nor has this user
 *   -EACCES         no right to it; @diag says whose it is
 *   -EOPNOTSUPP     the file system does not keep locks as a store needs them
 *   -EOPNOTSUPP, -ENOSYS  the file system or the kernel lacks what stores are
 *                   made of: unnamed files, fallocate(), locks of open file
 *                   descriptions, memory that is wiped on fork
 *   -ENOMEM, -EMFILE and others from the system
 *
 * Blocks:  never
 * Threads: any number at once
 * Crash:   nothing is left behind but an unnamed file, which the kernel frees,
 *          or an empty lock file, which the next to create or destroy a store
 *          of this name removes
 */
WEIR_API int weir_store_open(const char *name, const weir_store_opts *opts,
			     weir_store **out, weir_diag *diag);

/**
 * weir_store_close - detach; NULL is allowed
 *
 * Close the channels, producers and consumers first: what is still open is
 * closed with it and its pointers are dangling afterwards.  The store and
 * what was published stay.
 */
WEIR_API void weir_store_close(weir_store *store);

/**
 * weir_store_destroy - remove a store's name, and its memory once the last
 * process has detached
 * @name: as in weir_store_open(), no path
 * @opts: only .dir, .owner and WEIR_ANY_WRITER are looked at; may be NULL
 * @diag: may be NULL
 *
 * Everybody attached is woken and gets WEIR_ERETIRED from then on.  Several
 * calls for one name take turns; one that is stopped in its turn is waited
 * for 64 ms.
 *
 * Return: 0, or
 *   -ENOENT       no such store
 *   WEIR_ENAME    @name breaks the rule
 *   WEIR_EUNSAFE, WEIR_ENOTSTORE, WEIR_EVERSION, WEIR_ELAYOUT, WEIR_ETRUNC,
 *   WEIR_ECOPY    not a store that this call can judge, as in
 *                 weir_store_open(): nothing was touched
 *   -EINVAL       @opts has a wrong size
 *   -EACCES, -EPERM  not allowed (in a directory with the sticky bit, as
 *                 /dev/shm, only to the owner and root): nothing was touched
 *   -ENOMEM, -EMFILE, -ENOSYS and others from the system: the store is still
 *                 there
 *
 * Blocks: never.
 * Crash:  either the store is still there under its name (and may already
 *         say WEIR_ERETIRED to the attached: call again), or gone.
 */
WEIR_API int weir_store_destroy(const char *name, const weir_store_opts *opts,
				weir_diag *diag);

/**
 * struct weir_store_info - what weir_store_stat() tells
 */
typedef struct weir_store_info {
	size_t size; /* sizeof(weir_store_info), set by the caller */
	char name[WEIR_NAME_MAX + 1];
	char created_by[32]; /* command name of the creator, a hint */
	uint32_t format;     /* number of the segment's format */
	uint32_t read_only;  /* this handle only observes */
	uint32_t is_copy;    /* the file is a copy: who lives is unknown */
	uint32_t is_retired; /* the store was destroyed */
	uint32_t channel_cnt, max_channels;
	uint32_t participant_cnt; /* live ones; where unknown: places taken */
	uint32_t max_participants;
	uint64_t max_bytes;   /* size of the segment, mostly holes */
	uint64_t used_bytes;  /* in use by the store and its channels */
	uint64_t real_bytes;  /* memory that the file takes now */
	uint64_t created_ns;  /* CLOCK_REALTIME */
	uint64_t uid, gid;
	uint32_t mode;
	uint32_t pad;
	uint64_t id; /* of this store; its lock file is the store's file with
			".ID.lock" behind it, ID in 16 hex digits */
	uint64_t huge_bytes; /* WEIR_HUGE_PAGES: as much of it is mapped here by
				huge pages now */
	uint32_t reserved[4];
} weir_store_info;

/**
 * weir_store_stat - figures of a store
 * @info: its .size must be set
 *
 * Return: 0, -EINVAL, WEIR_EFORKED.  Blocks: never.
 */
WEIR_API int weir_store_stat(weir_store *store, weir_store_info *info);

/* Is the holder of a place alive? */
enum weir_life {
	WEIR_GONE = 0,
	WEIR_ALIVE = 1,
	WEIR_UNKNOWN = 2, /* cannot be seen from here (a copy, no rights) */
};

/**
 * struct weir_participant_info - one place in the table of participants
 */
typedef struct weir_participant_info {
	size_t size;	/* sizeof(weir_participant_info), set by the caller */
	uint32_t next;	/* where the iteration goes on; begin with 0 */
	uint32_t idx;	/* the place */
	uint32_t life;	/* enum weir_life */
	uint32_t pid;	/* a hint for people; wrong across PID namespaces */
	uint64_t generation; /* how often the place has been taken */
	uint64_t attached_ns;
	char command[32];     /* a hint for people */
	uint32_t channel_cnt; /* channels that it has open; if it is gone: that
				 it had open: it did not close */
	uint32_t removed_cnt; /* of those: removed, so only memory by now */
	uint64_t reserved[1];
} weir_participant_info;

/**
 * weir_participant_next - iterate over the places that were ever taken
 * @it: .size set and .next 0 before the first call; then left alone
 *
 * Return: 1 and @it filled; 0 at the end; -EINVAL, WEIR_EFORKED.
 */
WEIR_API int weir_participant_next(weir_store *store,
				   weir_participant_info *it);

#define WEIR_DRY_RUN 1u /* weir_store_gc(): say what it would do */

/**
 * struct weir_gc_info - what weir_store_gc() did, or would do
 */
typedef struct weir_gc_info {
	size_t size; /* sizeof(weir_gc_info), set by the caller */
	/* given back */
	uint32_t participants;	/* killed ones that had channels open */
	uint32_t producers;	/* places of killed ones without a value */
	uint32_t consumers;	/* places of killed ones */
	uint32_t marks;		/* of sleepers, on places that nobody has */
	uint32_t channels;	/* half made, or removed and open nowhere */
	uint32_t lock_files;	/* of stores of this name that are gone */
	uint64_t channel_bytes; /* memory of those channels */
	uint64_t stray_bytes;	/* memory that lay between the channels */
	/* left alone */
	uint32_t values; /* of killed producers: weir_channel_clear_orphans() */
	uint32_t held;	 /* removed channels that the living have open */
	uint64_t held_bytes; /* memory of those */
	uint64_t reserved[4];
} weir_gc_info;

/**
 * weir_store_gc - give back what killed processes have left
 * @flags: 0, or WEIR_DRY_RUN: only count; also through a read-only store
 * @info:  its .size must be set
 * @diag:  may be NULL
 *
 * Never needed: who lacks a place or memory takes from the dead what is needed
 * just then.  It is for those who want it done at once, and all of it.  Values
 * stay, and so does everything of the living.  In a copy of a store nothing is
 * found, since who lives is not known.
 *
 * Return: 0; -EINVAL a size or flag; -EROFS read-only, and not WEIR_DRY_RUN;
 * WEIR_ERETIRED, WEIR_EFORKED, -ENOMEM; -EBADF this process has closed the
 * store's descriptor (closefrom); -EMFILE and others from the system: @info
 * tells what was done before.
 *
 * Blocks:  never
 * Threads: any number at once, beside everything else
 * Crash:   what it had in hand is what the next one finds
 */
WEIR_API int weir_store_gc(weir_store *store, uint32_t flags,
			   weir_gc_info *info, weir_diag *diag);

#ifdef __cplusplus
}
#endif
#endif
