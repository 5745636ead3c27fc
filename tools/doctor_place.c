/* SPDX-License-Identifier: BSD-2-Clause
 *
 * doctor_place.c - the file system, the file's rights, the kernel.
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <linux/membarrier.h>
#include <stdio.h>
#include <string.h>
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
	snprintf(next, sizeof(next), "df -h %s", reach_quoted(dir));
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

static void
rights(const weir_store_info *i)
{
	char next[600];

	if (!(i->mode & 02))
		return;
	snprintf(next, sizeof(next), "chmod o-w %s",
		 reach_quoted(doctor_path()));
	finding(FIND_WORLD_WRITABLE, NULL, next,
		"%s is writable by everybody (mode %04" PRIo32
		"): everybody can destroy its content",
		doctor_path(), i->mode);
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
