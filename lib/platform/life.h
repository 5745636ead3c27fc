/* SPDX-License-Identifier: BSD-2-Clause
 *
 * life.h - who lives: the kernel's word, and nobody else's.
 *
 * A participant is a byte of a lock file.  It takes an open-file-description
 * lock on that byte, maps the description, and closes the descriptor at
 * once: the mapping alone keeps the lock.  So the lock is held for exactly
 * as long as this process has the mapping: whatever happens to its file
 * descriptors (close_range, a daemon's closefrom), not inherited by fork
 * (the mapping is marked so), gone with exec, exit and SIGKILL, and seen
 * across PID namespaces.
 *
 * Between opening and closing, the descriptor exists: a fork by another
 * thread just then would hand it to the child, which would keep the lock
 * alive.  So taking a lock holds a mutex that fork waits for
 * (pthread_atfork).  vfork and posix_spawn do not wait; with them the lock
 * may last until their exec, which is soon.
 *
 * A probe asks through a second description that holds no lock.  Before
 * "free" is believed, the descriptor is compared with the file that it was
 * opened on: a program may have closed it, and its number may mean another
 * file by now.
 */
#ifndef WI_PLATFORM_LIFE_H
#define WI_PLATFORM_LIFE_H

#include "platform/shm.h"

/* One held byte. */
struct wi_life {
	void *map; /* NULL: holds nothing */
};

#define WI_HELD 1

/* wi_life_take - lock byte @byte (< INT64_MAX) of the lock file behind @fd (a
 * description that holds no lock; a fresh one is opened for the lock, which
 * needs the right to write).  Not from a signal handler.
 * Return: 0; WI_HELD by somebody; -EOPNOTSUPP this kernel or file system
 * does not know such locks, keep this one, or show it; -errno. */
int wi_life_take(struct wi_life *life, int fd, uint64_t byte);

/* wi_life_drop - give it back; in a child of fork it only forgets. */
void wi_life_drop(struct wi_life *life, bool is_child);

/* wi_life_probe - does anybody hold @byte?  @fd: a description that holds no
 * lock, on file @id; also sees locks of this very process.
 * Return: 1 held, or not to be known (@fd is another file by now, errors:
 * no answer means alive); 0 free. */
int wi_life_probe(int fd, const struct wi_file_id *id, uint64_t byte);

/* wi_life_list - for those without rights to the lock file: the locked bytes
 * of file @id as /proc/locks shows them, ascending, the lowest @cap of them.
 * The kernel hands that file out in pieces: a byte that is taken or given
 * back meanwhile, of any file, can hide another (once in a thousand looks,
 * among processes that do nothing but lock): look again before you say that
 * somebody is gone.  For people, not for decisions.
 * Return: how many there are (may be more than @cap, and is then only
 * roughly so), or -errno. */
int wi_life_list(const struct wi_file_id *id, uint64_t *bytes, int cap);

#endif
