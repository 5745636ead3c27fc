/* SPDX-License-Identifier: BSD-2-Clause */
#include "platform/shm.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "platform/pages.h"

/* A name for an open descriptor. */
struct fd_name {
	char text[sizeof("/proc/self/fd/") + 11];
};

static struct fd_name
fd_name(int fd)
{
	struct fd_name name;

	snprintf(name.text, sizeof(name.text), "/proc/self/fd/%d", fd);
	return name;
}

/* 0 or -errno from what a system call returned; to be called at once. */
static int
result(int r)
{
	return r < 0 ? -errno : 0;
}

/* EAGAIN from mmap() is too much locked memory (mlockall). */
static int
map_result(int err)
{
	return err == EAGAIN ? -ENOMEM : -err;
}

/* ---- files -----------------------------------------------------------------
 */

static int
open_retry(const char *path, int flags, mode_t mode)
{
	int fd;

	do
		fd =
		    open(path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, mode);
	while (fd < 0 && errno == EINTR);
	return fd < 0 ? -errno : fd;
}

int
wi_shm_set_len(int fd, uint64_t len)
{
	struct rlimit limit;
	int r;

	if (len > INT64_MAX)
		return -EFBIG;
	/* beyond it the kernel sends SIGXFSZ, which ends the process */
	if (getrlimit(RLIMIT_FSIZE, &limit) == 0 &&
	    limit.rlim_cur != RLIM_INFINITY && len > limit.rlim_cur)
		return -EFBIG;
	do
		r = ftruncate(fd, (off_t)len);
	while (r < 0 && errno == EINTR);
	return result(r);
}

int
wi_shm_anonymous(const char *dir, uint64_t len, uint32_t mode)
{
	int fd, err;

	if (dir) {
		fd = open_retry(dir, O_TMPFILE | O_RDWR, 0600);
		if (fd < 0) /* a file system without O_TMPFILE says EISDIR */
			return fd == -EISDIR ? -EOPNOTSUPP : fd;
	} else {
		fd = memfd_create("weir", MFD_CLOEXEC);
		if (fd < 0)
			return -errno;
	}
	err = result(fchmod(fd, (mode_t)mode));
	if (!err)
		err = wi_shm_set_len(fd, len);
	if (!err)
		return fd;
	close(fd);
	return err;
}

int
wi_shm_link(int fd, const char *path)
{
	struct fd_name name = fd_name(fd);
	int err;

	err = result(
	    linkat(AT_FDCWD, name.text, AT_FDCWD, path, AT_SYMLINK_FOLLOW));
	/* no /proc here; this way needs no name, but a privilege */
	if (err == -ENOENT)
		err = result(linkat(fd, "", AT_FDCWD, path, AT_EMPTY_PATH));
	return err;
}

/* Is the folder of this path one of the kernel's own, where symlinks are
 * descriptors? */
static bool
is_in_proc(const char *path)
{
	const char *slash = strrchr(path, '/');
	char dir[WI_PATH_MAX];
	struct statfs fs;

	if (!slash || slash == path || slash - path >= (int)sizeof(dir))
		return false;
	memcpy(dir, path, (size_t)(slash - path));
	dir[slash - path] = 0;
	return statfs(dir, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

int
wi_shm_open(const char *path, bool read_only)
{
	int fd =
	    open_retry(path, (read_only ? O_RDONLY : O_RDWR) | O_NOFOLLOW, 0);

	if (fd == -ELOOP && read_only && is_in_proc(path))
		fd = open_retry(path, O_RDONLY, 0);
	return fd;
}

int
wi_shm_reopen(int fd)
{
	struct fd_name name = fd_name(fd);

	return open_retry(name.text, O_RDWR, 0);
}

static void
fill_info(struct wi_file_info *info, const struct stat *st)
{
	info->id.dev = st->st_dev;
	info->id.ino = st->st_ino;
	info->len = (uint64_t)st->st_size;
	info->real_bytes = (uint64_t)st->st_blocks * 512;
	info->uid = st->st_uid;
	info->gid = st->st_gid;
	info->mode = st->st_mode & 07777;
	info->link_cnt = (uint32_t)st->st_nlink;
	info->is_regular = S_ISREG(st->st_mode);
}

int
wi_shm_stat(int fd, struct wi_file_info *info)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	fill_info(info, &st);
	return 0;
}

int
wi_shm_stat_path(const char *path, struct wi_file_info *info)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return -errno;
	fill_info(info, &st);
	return 0;
}

int
wi_shm_read(int fd, void *buf, uint64_t len)
{
	uint64_t done = 0;
	ssize_t n;

	while (done < len) {
		n = pread(fd, (char *)buf + done, len - done, (off_t)done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		done += (uint64_t)n;
	}
	memset((char *)buf + done, 0, len - done);
	return 0;
}

int
wi_shm_write(int fd, const void *buf, uint64_t len, uint64_t off)
{
	uint64_t done = 0;
	ssize_t n;

	while (done < len) {
		n = pwrite(fd, (const char *)buf + done, len - done,
			   (off_t)(off + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		done += (uint64_t)n;
	}
	return 0;
}

int
wi_shm_unlink(const char *path)
{
	return result(unlink(path));
}

int
wi_shm_may_unlink(const char *path)
{
	/* asks the same rights, and only then finds that it is a file */
	int err = result(rmdir(path));

	return err == -ENOTDIR ? 0 : err;
}

bool
wi_shm_is(int fd, const struct wi_file_id *id)
{
	struct wi_file_info f;

	return fd >= 0 && wi_shm_stat(fd, &f) == 0 && f.id.dev == id->dev &&
	       f.id.ino == id->ino;
}

static uint64_t pretended_page;

static size_t
page_len(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

uint64_t
wi_page_len(void)
{
	return pretended_page ? pretended_page : page_len();
}

void
wi_page_pretend(uint64_t len)
{
	pretended_page = len;
}

/* Fill with zeros what of these whole pages is in memory.  Holes are not
 * touched: that would take memory, or be SIGBUS where there is none. */
static void
wipe(uint8_t *at, const uint8_t *end)
{
	size_t page = page_len();
	unsigned char in_core[1024];

	while (at < end) {
		size_t cnt = (size_t)(end - at) / page;

		if (cnt > sizeof(in_core))
			cnt = sizeof(in_core);
		if (mincore(at, cnt * page, in_core) < 0)
			return;
		for (size_t i = 0; i < cnt; i++, at += page)
			if (in_core[i] & 1)
				memset(at, 0, page);
	}
}

/* Does this system, as emulators do, take any advice and heed none?  What is
 * asked for here, for memory that is private, no kernel does. */
static bool
is_deaf(void)
{
	uintptr_t at = (uintptr_t)&pretended_page & ~(page_len() - 1);

	return madvise((void *)at, page_len(), MADV_REMOVE) == 0;
}

/* The kernel would round the end up, over somebody else's bytes.  And a
 * system may refuse the advice, or ignore it.  Where it has done as asked there
 * is nothing to wipe, and mincore() is not believed: to who may not write to
 * the file (any more: a daemon that is no longer root) it says that all of a
 * hole is in memory. */
int
wi_shm_free(void *map, uint64_t off, uint64_t len)
{
	uint64_t page = wi_page_len();
	uint8_t *from = (uint8_t *)map + ((off + page - 1) & ~(page - 1));
	uint8_t *to = (uint8_t *)map + ((off + len) & ~(page - 1));
	int rc;

	if (from >= to)
		return 0;
	rc = wi_advise(from, (uint64_t)(to - from), MADV_REMOVE);
	if (rc != 0 || is_deaf())
		wipe(from, to);
	return rc;
}

void
wi_fd_close(int fd)
{
	/* EINTR: Linux has closed it all the same */
	if (fd >= 0)
		close(fd);
}

/* ---- memory of files
 * --------------------------------------------------------- */

/* Older kernels end an allocation at any signal and throw away what it has
 * done, so a program with a fast timer would never get through a large one.
 * This much takes about a millisecond. */
#define RESERVE_STEP ((uint64_t)2 << 20)

static int
allocate(int fd, int mode, uint64_t off, uint64_t len)
{
	int r;

	if (off > INT64_MAX || len > INT64_MAX - off)
		return -EFBIG;
	if (len == 0)
		return 0;
	do
		r = fallocate(fd, mode, (off_t)off, (off_t)len);
	while (r < 0 && errno == EINTR);
	return result(r);
}

int
wi_shm_reserve(int fd, uint64_t off, uint64_t len)
{
	uint64_t done = 0, n;
	struct stat st;
	int err = 0;

	if (fstat(fd, &st) < 0)
		return -errno;
	/* it would make the file longer, as far as there is memory */
	if (off > (uint64_t)st.st_size || len > (uint64_t)st.st_size - off)
		return -EFBIG;
	while (!err && done < len) {
		n = len - done < RESERVE_STEP ? len - done : RESERVE_STEP;
		err = allocate(fd, 0, off + done, n);
		if (!err)
			done += n;
	}
	/* the call that failed has undone its own part */
	if (err && done > 0)
		wi_shm_punch(fd, off, done);
	return err;
}

int
wi_shm_punch(int fd, uint64_t off, uint64_t len)
{
	return allocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, off,
			len);
}

int
wi_shm_data(int fd, uint64_t at, uint64_t end, uint64_t *off, uint64_t *len)
{
	off_t from, to;

	if (at >= end || end > INT64_MAX)
		return 0;
	from = lseek(fd, (off_t)at, SEEK_DATA);
	if (from < 0 || (uint64_t)from >= end)
		return 0;
	to = lseek(fd, from, SEEK_HOLE);
	if (to <= from || (uint64_t)to > end)
		to = (off_t)end;
	*off = (uint64_t)from;
	*len = (uint64_t)(to - from);
	return 1;
}

int
wi_shm_free_bytes(int fd, uint64_t *bytes)
{
	struct statvfs vfs;
	int r;

	do
		r = fstatvfs(fd, &vfs);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return -errno;
	/* a tmpfs without a limit says 0 of 0 */
	*bytes = vfs.f_blocks == 0 ? UINT64_MAX
				   : (uint64_t)vfs.f_bavail * vfs.f_frsize;
	return 0;
}

int
wi_shm_free_files(const char *dir, uint64_t *files)
{
	struct statvfs vfs;
	int r;

	do
		r = statvfs(dir, &vfs);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return -errno;
	*files = vfs.f_files == 0 ? UINT64_MAX : (uint64_t)vfs.f_favail;
	return 0;
}

/* ---- mappings
 * ---------------------------------------------------------------- */

int
wi_shm_map(int fd, uint64_t len, bool read_only, void *at, void **out)
{
	int prot = read_only ? PROT_READ : PROT_READ | PROT_WRITE;
	void *map = mmap(at, len, prot, MAP_SHARED, fd, 0);
	int err;

	if (map == MAP_FAILED)
		return map_result(errno);
	err = wi_advise(map, len, MADV_DONTFORK);
	if (!err)
		err = wi_advise(map, len, MADV_DONTDUMP);
	if (err) {
		munmap(map, len);
		return err;
	}
	*out = map;
	return 0;
}

void
wi_shm_unmap(void *map, uint64_t len)
{
	if (map)
		munmap(map, len);
}

int
wi_cookie_new(uint32_t **out)
{
	uint32_t *cookie = mmap(NULL, page_len(), PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int err;

	if (cookie == MAP_FAILED)
		return map_result(errno);
	err = wi_advise(cookie, page_len(), MADV_WIPEONFORK);
	if (err) {
		munmap(cookie, page_len());
		return err;
	}
	*cookie = 1;
	*out = cookie;
	return 0;
}

void
wi_cookie_free(uint32_t *cookie)
{
	if (cookie)
		munmap(cookie, page_len());
}

/* ---- this process
 * ------------------------------------------------------------ */

/* For a system that refuses getrandom(): unpredictable enough for names. */
static uint64_t
poor_random(void)
{
	const void *seed = (const void *)getauxval(AT_RANDOM);
	struct timespec t;
	uint64_t v = 0;

	if (seed)
		memcpy(&v, seed, sizeof(v));
	clock_gettime(CLOCK_REALTIME, &t);
	v ^= (uint64_t)t.tv_nsec << 32 ^ (uint64_t)t.tv_sec;
	v ^= (uint64_t)getpid() << 20;
	v = (v ^ v >> 31) * 0x7fb5d329728ea185u;
	return v ^ v >> 29;
}

uint64_t
wi_random(void)
{
	uint64_t v = 0;
	ssize_t n;

	do
		n = getrandom(&v, sizeof(v), 0);
	while ((n < 0 && errno == EINTR) || (n == sizeof(v) && v == 0));
	if (n != sizeof(v))
		v = poor_random();
	return v ? v : 1;
}

uint32_t
wi_uid(void)
{
	return (uint32_t)geteuid();
}

int
wi_dir_each(const char *dir, void (*fn)(const char *, void *), void *arg)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	if (!d)
		return -errno;
	while ((e = readdir(d)))
		fn(e->d_name, arg);
	closedir(d);
	return 0;
}
