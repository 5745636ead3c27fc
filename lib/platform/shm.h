/* SPDX-License-Identifier: BSD-2-Clause
 *
 * shm.h - files in a shared-memory directory, and mappings of them.
 *
 * All functions return 0 (or what is said) or -errno.  EINTR never comes out.
 */
#ifndef WI_PLATFORM_SHM_H
#define WI_PLATFORM_SHM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WI_PATH_MAX 512

struct wi_file_id {
	uint64_t dev, ino;
};

struct wi_file_info {
	struct wi_file_id id;
	uint64_t len;	     /* st_size */
	uint64_t real_bytes; /* memory it takes: st_blocks x 512 */
	uint32_t uid, gid;
	uint32_t mode; /* permission bits */
	uint32_t link_cnt;
	bool is_regular;
};

/* wi_shm_anonymous - an unnamed file of @len bytes (all hole) and @mode
 * (exactly: umask does not matter) in directory @dir; @dir NULL: a memfd.
 * Return: fd (close-on-exec); -EOPNOTSUPP not on this file system; -EFBIG
 * past RLIMIT_FSIZE, and no SIGXFSZ; or -errno. */
int wi_shm_anonymous(const char *dir, uint64_t len, uint32_t mode);

/* wi_shm_link - give the unnamed file behind @fd the name @path, which must
 * be on the same file system.  -EEXIST if there is one. */
int wi_shm_link(int fd, const char *path);

/* wi_shm_open - open an existing file, close-on-exec, without following a
 * symlink in the last component (-ELOOP), but to look into a descriptor in
 * /proc (/proc/PID/fd/N).  Never blocks on a FIFO. */
int wi_shm_open(const char *path, bool read_only);

/* wi_shm_reopen - a second open file description of the file behind @fd,
 * for reading and writing; needs the rights to it, and /proc. */
int wi_shm_reopen(int fd);

/* wi_shm_stat - facts about the file behind @fd. */
int wi_shm_stat(int fd, struct wi_file_info *info);

/* wi_shm_stat_path - the same for a name; symlinks not followed. */
int wi_shm_stat_path(const char *path, struct wi_file_info *info);

/* wi_shm_read - the first @len bytes of the file behind @fd; what is past its
 * end is 0.  No mapping, so no SIGBUS, whoever shortens the file meanwhile. */
int wi_shm_read(int fd, void *buf, uint64_t len);

/* wi_shm_write - all of it, at byte @off.  Of memory that goes away under it,
 * -EFAULT and no SIGBUS. */
int wi_shm_write(int fd, const void *buf, uint64_t len, uint64_t off);

/* wi_shm_set_len - make the file this long; what is new is a hole.  -EFBIG
 * past RLIMIT_FSIZE, and no SIGXFSZ. */
int wi_shm_set_len(int fd, uint64_t len);

/* wi_shm_unlink - remove a name. */
int wi_shm_unlink(const char *path);

/* wi_shm_may_unlink - 0, or what wi_shm_unlink() of a file would say. */
int wi_shm_may_unlink(const char *path);

/* wi_shm_reserve - make sure that the bytes [off, off + len) have memory.
 * The range must be whole pages, and a hole before: on failure (-ENOSPC and
 * others) all of it is punched, so that nothing stays reserved.
 * -EFBIG: past the end of the file. */
int wi_shm_reserve(int fd, uint64_t off, uint64_t len);

/* wi_shm_punch - give the memory of [off, off + len) back; reads as zeros.
 * Only whole pages give memory back.  A hole that is looked at through a
 * mapping, even a read-only one, takes memory again, or is SIGBUS if there is
 * none. */
int wi_shm_punch(int fd, uint64_t off, uint64_t len);

/* wi_shm_data - the first piece in [at, end) of the file that has memory (or
 * had some reserved that was used since).  Moves the descriptor's offset.
 * Return: 1 and *@off, *@len, whole pages if @at and @end are; 0: none. */
int wi_shm_data(int fd, uint64_t at, uint64_t end, uint64_t *off,
		uint64_t *len);

/* wi_shm_free_bytes - what the file system of @fd still has; UINT64_MAX if
 * it has no limit of its own. */
int wi_shm_free_bytes(int fd, uint64_t *bytes);

/* wi_shm_free_files - how many more files fit into the file system of @dir;
 * UINT64_MAX if it has no limit of its own. */
int wi_shm_free_files(const char *dir, uint64_t *files);

/* wi_shm_map - map @len bytes, shared; not inherited by fork (but by one of
 * another thread during this call), not in core dumps.  @at: where, if that
 * is free; NULL: anywhere.
 * Return: 0 and *@out; -ENOMEM also for too much locked memory. */
int wi_shm_map(int fd, uint64_t len, bool read_only, void *at, void **out);

/* wi_shm_unmap - undo wi_shm_map; not in a child of fork, where something
 * else may be at @map.  NULL is allowed. */
void wi_shm_unmap(void *map, uint64_t len);

/* wi_dir_each - call fn(file name, arg) for each file in a directory. */
int wi_dir_each(const char *dir, void (*fn)(const char *, void *), void *arg);

/* wi_shm_is - is @fd a descriptor of file @id?  A program may have closed
 * ours (closefrom), and its number may mean another file by now. */
bool wi_shm_is(int fd, const struct wi_file_id *id);

/* wi_page_len - memory of files comes and goes in pages of this many bytes:
 * 4, 16 or 64 KiB. */
uint64_t wi_page_len(void);

/* wi_page_pretend - for tests: pages are this long, a multiple of the true
 * length and a power of two; 0: they are what they are. */
void wi_page_pretend(uint64_t len);

/* wi_shm_free - give the memory of the whole pages in [off, off + len) of a
 * file back, which read as zeros then; it is mapped writable, from its start,
 * at @map.  Needs no descriptor.
 * Return: 0, or -errno: the system takes no memory back in this way; what of
 * it was in memory has been filled with zeros, what was swapped out has not. */
int wi_shm_free(void *map, uint64_t off, uint64_t len);

/* wi_fd_close - close; -1 is allowed. */
void wi_fd_close(int fd);

/* wi_cookie_new - a private page whose first word is not 0 here and 0 in
 * every child of a fork (also of a raw clone).
 * Return: 0 and *@out; -ENOMEM; -ENOSYS before Linux 4.14. */
int wi_cookie_new(uint32_t **out);
void wi_cookie_free(uint32_t *cookie);

/* wi_random - an unpredictable number, not 0. */
uint64_t wi_random(void);

/* wi_uid - the effective user id of this process. */
uint32_t wi_uid(void);

#endif
