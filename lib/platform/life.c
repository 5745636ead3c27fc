/* SPDX-License-Identifier: BSD-2-Clause */
#include "platform/life.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/compiler.h"
#include "platform/thread.h"

/* ---- the gate: no fork while a locked descriptor is open -------------------
 */

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static int gate_err;

static void
gate_shut(void)
{
	pthread_mutex_lock(&gate);
}

static void
gate_open(void)
{
	pthread_mutex_unlock(&gate);
}

/* Parent and child: both got the mutex locked by the forking thread.  At
 * load, when no other thread can be at a fork. */
wi_at_load static void
gate_install(void)
{
	gate_err = wi_at_fork(gate_shut, gate_open, gate_open);
}

/* ---- one byte
 * ---------------------------------------------------------------- */

static struct flock
lock_on(uint64_t byte)
{
	struct flock lock = {
	    .l_type = F_WRLCK,
	    .l_whence = SEEK_SET,
	    .l_start = (off_t)byte,
	    .l_len = 1,
	};

	return lock;
}

/* 1 held by another description, 0 free, -errno. */
static int
ask(int fd, uint64_t byte)
{
	struct flock lock = lock_on(byte);
	int r;

	do
		r = fcntl(fd, F_OFD_GETLK, &lock);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : lock.l_type != F_UNLCK;
}

/* 0, WI_HELD, -errno. */
static int
lock_byte(int fd, uint64_t byte)
{
	struct flock lock = lock_on(byte);
	int r;

	do
		r = fcntl(fd, F_OFD_SETLK, &lock);
	while (r < 0 && errno == EINTR);
	if (r == 0)
		return 0;
	switch (errno) {
	case EAGAIN:
		return WI_HELD;
	case EINVAL: /* locks of this kind are not known here */
		return -EOPNOTSUPP;
	default:
		return -errno;
	}
}

/* Lock @byte through @fd and tie the lock to a mapping. */
static int
lock_and_map(int fd, uint64_t byte, void **map)
{
	size_t len = (size_t)sysconf(_SC_PAGESIZE);
	int err = lock_byte(fd, byte);

	if (err)
		return err;
	/* never touched, so the file may be empty */
	return wi_shm_map(fd, len, false, NULL, map);
}

int
wi_life_take(struct wi_life *life, int fd, uint64_t byte)
{
	void *map = NULL;
	int own, cancel, err;

	life->map = NULL;
	if (byte >= INT64_MAX)
		return -EINVAL;
	if (gate_err)
		return gate_err;

	/* open and close are places where a thread can be cancelled */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	gate_shut();
	own = wi_shm_reopen(fd);
	err = own < 0 ? own : lock_and_map(own, byte, &map);
	wi_fd_close(own);
	gate_open();
	pthread_setcancelstate(cancel, NULL);
	if (err)
		return err;

	/* There are kernels and file systems that let go of the lock here, or
	 * that do not show it to others: peers would take us for dead. */
	life->map = map;
	if (ask(fd, byte) != 1) {
		wi_life_drop(life, false);
		return -EOPNOTSUPP;
	}
	return 0;
}

void
wi_life_drop(struct wi_life *life, bool is_child)
{
	/* in the child there is no such mapping, and the address may be in
	 * use for something else */
	if (life->map && !is_child)
		munmap(life->map, (size_t)sysconf(_SC_PAGESIZE));
	life->map = NULL;
}

int
wi_life_probe(int fd, const struct wi_file_id *id, uint64_t byte)
{
	struct stat st;

	if (ask(fd, byte) != 0)
		return 1;
	/* Asked last: a descriptor that was replaced before the question is
	 * seen here, one that is replaced later does not matter. */
	if (fstat(fd, &st) < 0 || st.st_dev != id->dev || st.st_ino != id->ino)
		return 1;
	return 0;
}

/* ---- all of them, for onlookers
 * ---------------------------------------------- */

struct list {
	struct wi_file_id id;
	uint64_t *bytes;
	int cap;
	int cnt; /* seen; the lowest min(cnt, cap) are in bytes */
};

/* A byte may be locked for reading by several. */
static void
list_add(struct list *l, uint64_t byte)
{
	int used = l->cnt < l->cap ? l->cnt : l->cap;
	int at = used;

	while (at > 0 && l->bytes[at - 1] >= byte)
		at--;
	if (at < used && l->bytes[at] == byte)
		return;
	if (l->cnt < INT_MAX)
		l->cnt++;
	if (at == l->cap)
		return;
	if (used == l->cap)
		used--;
	memmove(&l->bytes[at + 1], &l->bytes[at],
		(size_t)(used - at) * sizeof(*l->bytes));
	l->bytes[at] = byte;
}

/* Nobody of ours locks more than one byte at once; a stranger may, and then
 * what is said of the bytes after the first @cap is only that they exist. */
static void
list_add_range(struct list *l, uint64_t first, uint64_t last)
{
	uint64_t n = 0;

	for (; first <= last && n <= (uint64_t)l->cap; n++)
		list_add(l, first++);
}

/* "1: OFDLCK ADVISORY  WRITE -1 00:19:1234 5 5"; the end may be "EOF".  One
 * who waits for a lock has "->" as second word and is not meant. */
static void
list_line(struct list *l, const char *line)
{
	unsigned int maj, min;
	uint64_t ino, first, last = INT64_MAX;
	char kind[8], end[24];

	if (sscanf(line,
		   "%*s %7s %*s %*s %*s %x:%x:%" SCNu64 " %" SCNu64 " %23s",
		   kind, &maj, &min, &ino, &first, end) != 6)
		return;
	if (strcmp(kind, "OFDLCK") != 0 && strcmp(kind, "POSIX") != 0)
		return;
	if (ino != l->id.ino || maj != major((dev_t)l->id.dev) ||
	    min != minor((dev_t)l->id.dev))
		return;
	sscanf(end, "%" SCNu64, &last);
	list_add_range(l, first, last);
}

int
wi_life_list(const struct wi_file_id *id, uint64_t *bytes, int cap)
{
	struct list l = {.id = *id, .bytes = bytes, .cap = cap};
	/* A page, as much as the kernel hands out at once: the fewer pieces, the
	 * less is missed between them.  A line has less than 100 bytes. */
	char buf[4096], *line, *end;
	size_t len = 0;
	ssize_t n;
	int fd, err = 0;

	fd = open("/proc/locks", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	for (;;) {
		n = read(fd, buf + len, sizeof(buf) - 1 - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		len += (size_t)n;
		buf[len] = 0;
		for (line = buf; (end = strchr(line, '\n')); line = end + 1) {
			*end = 0;
			list_line(&l, line);
		}
		/* the rest is the start of a line */
		len -= (size_t)(line - buf);
		memmove(buf, line, len);
		if (len == sizeof(buf) - 1)
			len = 0;
	}
	if (n < 0)
		err = -errno;
	close(fd);
	return err ? err : l.cnt;
}
