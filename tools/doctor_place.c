/* SPDX-License-Identifier: BSD-2-Clause
 *
 * doctor_place.c - the file system, the file's rights, the kernel.
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <linux/membarrier.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "doctor.h"
#include "finding.h"
#include "reach.h"

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif

/* Below this part of it, a file system is low. */
#define LOW 10

static void
space(const char *dir)
{
	int64_t need = weir_channel_footprint(NULL, NULL);
	struct about a = {.bytes = 0};
	struct statvfs v;
	char next[600];
	uint64_t left;

	/* a tmpfs without a limit says 0 of 0 */
	if (statvfs(dir, &v) < 0 || v.f_blocks == 0 || need < 0)
		return;
	left = (uint64_t)v.f_bavail * v.f_frsize;
	a.bytes = left;
	snprintf(next, sizeof(next), "df -h %s", reach_operand(dir));
	if (left < (uint64_t)need)
		finding(FIND_FS_FULL, &a, next,
			"%s has %" PRIu64 " bytes free, an ordinary channel "
			"needs %" PRId64 "; the channels that are there have "
			"their memory",
			dir, left, need);
	else if (v.f_bavail < v.f_blocks / LOW)
		finding(FIND_FS_LOW, &a, next,
			"%s has %" PRIu64 " bytes free, less than a tenth of "
			"it",
			dir, left);
	if (v.f_files && v.f_favail == 0)
		finding(FIND_FS_FULL, &a, next,
			"%s has no inode free: no store can be made", dir);
}

static void
kind(const char *dir)
{
	struct statfs fs;
	char next[600];

	if (statfs(dir, &fs) < 0 || fs.f_type == TMPFS_MAGIC ||
	    fs.f_type == RAMFS_MAGIC)
		return;
	snprintf(next, sizeof(next), "findmnt -T %s", reach_quoted(dir));
	finding(FIND_FS_KIND, NULL, next,
		"%s is no tmpfs: the kernel writes the store to a disk for "
		"nothing",
		dir);
}

/* The next lock file of the store's name, "weir.NAME.<16 digits>.lock"; 0:
 * there is none any more. */
static int
next_lock(DIR *d, char *path, size_t cap)
{
	const char *file = strrchr(reach_file(), '/') + 1, *end;
	size_t n = strlen(file);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		if (strncmp(e->d_name, file, n) != 0 || e->d_name[n] != '.')
			continue;
		end = e->d_name + n + 1;
		if (strspn(end, "0123456789abcdef") != 16 ||
		    strcmp(end + 16, ".lock") != 0)
			continue;
		snprintf(path, cap, "%s/%.200s", doctor_dir(), e->d_name);
		return 1;
	}
	return 0;
}

const char *
doctor_close(void)
{
	static char line[2048];
	DIR *d = opendir(doctor_dir());
	char path[800];
	size_t at;

	at = (size_t)snprintf(line, sizeof(line), "chmod o-w %s",
			      reach_operand(reach_file()));
	while (at < sizeof(line) && next_lock(d, path, sizeof(path)))
		at += (size_t)snprintf(line + at, sizeof(line) - at,
				       " && chmod o= %s", reach_operand(path));
	if (d)
		closedir(d);
	return line;
}

/* Who may lock a place can keep it, or make the dead look alive: that is for
 * those who may write to the store's file. */
static void
lock(const weir_store_info *i)
{
	unsigned writers = i->mode & 0222u, most = writers | writers << 1;
	char path[800], next[1200];
	struct stat st;

	snprintf(path, sizeof(path), "%s.%016" PRIx64 ".lock", reach_file(),
		 i->id);
	if (lstat(path, &st) < 0 || !S_ISREG(st.st_mode) ||
	    !(st.st_mode & 0777u & ~most))
		return;
	snprintf(next, sizeof(next), "chmod %04o %s", most,
		 reach_operand(path));
	finding(FIND_LOCK_WRITABLE, NULL, next,
		"%s has mode %04o, and the store %04" PRIo32
		": who may not write to the store can lock its places",
		path, st.st_mode & 07777u, i->mode);
}

static void
rights(const weir_store_info *i)
{
	lock(i);
	if (i->mode & 02)
		finding(FIND_WORLD_WRITABLE, NULL, doctor_close(),
			"%s is writable by everybody (mode %04" PRIo32
			"): everybody can destroy its content",
			reach_file(), i->mode);
}

static int
is_missing(long rc)
{
	return rc < 0 && (errno == ENOSYS || errno == EPERM);
}

static void
kernel(void)
{
	void *head = NULL;
	size_t len = 0;

	/* none of these does anything with such arguments */
	if (is_missing(syscall(SYS_futex_waitv, NULL, 0, 0, NULL, 0)))
		finding(FIND_KERNEL_OLD, NULL, "uname -r",
			"no futex_waitv (Linux 5.16, or a seccomp profile): "
			"wake-ups may come up to 50 ms late");
	if (is_missing(syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0)))
		finding(FIND_KERNEL_OLD, NULL, "uname -r",
			"no membarrier (Linux 4.14, or a seccomp profile): "
			"publishing costs a fence each time");
	if (is_missing(syscall(SYS_get_robust_list, 0, &head, &len)))
		finding(FIND_KERNEL_OLD, NULL, "uname -r",
			"no robust list (a seccomp profile?): sleepers whose "
			"producer dies before it wakes them come up to a "
			"second late");
}

int
doctor_place(const weir_store_info *info)
{
	const char *dir = doctor_dir();

	if (info->is_copy)
		return 0;
	space(dir);
	kind(dir);
	rights(info);
	kernel();
	return 0;
}
