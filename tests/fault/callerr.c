/* SPDX-License-Identifier: BSD-2-Clause
 *
 * callerr.c - see callerr.h
 */
#include "fault/callerr.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <weir/error.h>

#include "support/sys.h"

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif
/* not on every machine */
#ifndef SYS_unlink
#define SYS_unlink -1
#endif
#ifndef SYS_rmdir
#define SYS_rmdir -1
#endif

/* clang-format off */
#define IS(fn, cond)                                                           \
	static bool                                                            \
	fn(const struct syscall_made *c)                                       \
	{                                                                      \
		return cond;                                                   \
	}

/* ---- the kinds --------------------------------------------------------- */

IS(is_unnamed, c->nr == SYS_openat && (c->arg[2] & O_TMPFILE) == O_TMPFILE)
IS(is_open, c->nr == SYS_openat)
IS(is_close, c->nr == SYS_close)
IS(is_stat, c->nr == SYS_fstat || c->nr == SYS_newfstatat)
IS(is_statfs, c->nr == SYS_fstatfs || c->nr == SYS_statfs)
IS(is_chmod, c->nr == SYS_fchmod)
IS(is_truncate, c->nr == SYS_ftruncate)
IS(is_punch, c->nr == SYS_fallocate && c->arg[1])
IS(is_allocate, c->nr == SYS_fallocate)
IS(is_link, c->nr == SYS_linkat)
IS(is_unlink, c->nr == SYS_unlink || c->nr == SYS_unlinkat)
IS(is_rmdir, c->nr == SYS_rmdir)
IS(is_pread, c->nr == SYS_pread64)
IS(is_limit, c->nr == SYS_prlimit64)
IS(is_mincore, c->nr == SYS_mincore)
IS(is_mmap_file, c->nr == SYS_mmap && (int)c->arg[4] != -1)
IS(is_mmap, c->nr == SYS_mmap)
IS(is_munmap, c->nr == SYS_munmap)
IS(is_remove, c->nr == SYS_madvise && c->arg[2] == MADV_REMOVE)
IS(is_populate, c->nr == SYS_madvise && c->arg[2] == MADV_POPULATE_WRITE)
IS(is_collapse, c->nr == SYS_madvise && c->arg[2] == MADV_COLLAPSE)
IS(is_madvise, c->nr == SYS_madvise)
IS(is_mlock, c->nr == SYS_mlock2)
IS(is_munlock, c->nr == SYS_munlock)
IS(is_mprotect, c->nr == SYS_mprotect)
IS(is_brk, c->nr == SYS_brk)
IS(is_setlk, c->nr == SYS_fcntl && c->arg[1] == F_OFD_SETLK)
IS(is_getlk, c->nr == SYS_fcntl && c->arg[1] == F_OFD_GETLK)
IS(is_fcntl, c->nr == SYS_fcntl)
IS(is_wake, c->nr == SYS_futex && c->arg[1] == FUTEX_WAKE)
IS(is_own_wake, c->nr == SYS_futex &&
   c->arg[1] == (FUTEX_WAKE | FUTEX_PRIVATE_FLAG))
IS(is_futex, c->nr == SYS_futex)
IS(is_waitv, c->nr == SYS_futex_waitv)
IS(is_membarrier, c->nr == SYS_membarrier)
IS(is_robust, c->nr == SYS_get_robust_list)
IS(is_memfd, c->nr == SYS_memfd_create)
IS(is_eventfd, c->nr == SYS_eventfd2)
IS(is_read, c->nr == SYS_read)
IS(is_write, c->nr == SYS_write)
IS(is_pwrite, c->nr == SYS_pwrite64)
IS(is_getdents, c->nr == SYS_getdents64)
IS(is_random, c->nr == SYS_getrandom)
IS(is_clone3, c->nr == SYS_clone3)
IS(is_clone, c->nr == SYS_clone)
IS(is_nap, c->nr == SYS_clock_nanosleep)
IS(is_sure, c->nr == SYS_getpid || c->nr == SYS_gettid ||
	    c->nr == SYS_geteuid || c->nr == SYS_rt_sigaction || c->nr == SYS_rt_sigprocmask ||
	    c->nr == SYS_clock_gettime || c->nr == SYS_lseek ||
	    c->nr == SYS_exit || c->nr == SYS_set_robust_list ||
	    c->nr == SYS_rseq || c->nr == SYS_sched_yield)

/* The first that fits counts. */
static const struct callerr kinds[] = {
    {"open, O_TMPFILE", is_unnamed, false,
     {EMFILE, ENFILE, EACCES, ENOENT, EINTR, ENOMEM, EOPNOTSUPP, EISDIR,
      EROFS, ENOSPC}, {0}},
    {"open", is_open, false,
     {EMFILE, ENFILE, EACCES, ENOENT, EINTR, ENOMEM, ELOOP, EPERM, EAGAIN,
      EIO}, {0}},
    {"close", is_close, true, {EINTR, EIO, ENOSPC}, {0}},
    {"stat", is_stat, false, {ENOMEM, EACCES, EIO}, {0}},
    {"statfs", is_statfs, false, {EINTR, EIO, ENOSYS}, {ENOSYS}},
    {"fchmod", is_chmod, false, {EPERM, EROFS, EIO}, {0}},
    {"ftruncate", is_truncate, false, {EINTR, EFBIG, EIO, EPERM}, {0}},
    {"fallocate, punch", is_punch, false, {EINTR, EOPNOTSUPP, EIO}, {0}},
    {"fallocate", is_allocate, false,
     {ENOSPC, EINTR, EOPNOTSUPP, EIO, ENOMEM}, {0}},
    {"linkat", is_link, false,
     {EEXIST, ENOSPC, ENOENT, EPERM, EACCES, EXDEV, EDQUOT, EIO}, {0}},
    {"unlink", is_unlink, false, {EACCES, EPERM, EBUSY, EIO}, {0}},
    {"rmdir", is_rmdir, false, {EACCES, EPERM, EROFS, EIO}, {0}},
    {"pread", is_pread, false, {EINTR, EIO, ENOMEM}, {0}},
    {"getrlimit", is_limit, false, {EPERM, ENOSYS}, {EPERM, ENOSYS}},
    {"mincore", is_mincore, false, {EAGAIN, ENOMEM, EPERM, ENOSYS},
     {EPERM, ENOSYS}},
    {"mmap, a file", is_mmap_file, false,
     {ENOMEM, EAGAIN, ENFILE, EPERM, ENODEV, EACCES}, {0}},
    {"mmap", is_mmap, false, {ENOMEM, EAGAIN}, {0}},
    {"munmap", is_munmap, false, {ENOMEM, EINVAL}, {0}},
    {"madvise, MADV_REMOVE", is_remove, false,
     {EOPNOTSUPP, EINTR, EACCES, EIO, ENOMEM, EAGAIN}, {0}},
    {"madvise, MADV_POPULATE", is_populate, false,
     {EINVAL, EFAULT, ENOMEM, EINTR}, {EINVAL}},
    {"madvise, MADV_COLLAPSE", is_collapse, false,
     {EINVAL, EAGAIN, EBUSY, ENOMEM}, {EINVAL, EAGAIN, EBUSY, ENOMEM}},
    {"madvise", is_madvise, false, {ENOMEM, EAGAIN, EINVAL, EPERM}, {0}},
    {"mlock2", is_mlock, false, {ENOMEM, EPERM, EAGAIN, ENOSYS}, {0}},
    {"munlock", is_munlock, false, {ENOMEM, EPERM}, {ENOMEM, EPERM}},
    {"mprotect", is_mprotect, false, {ENOMEM, EACCES}, {0}},
    {"brk", is_brk, false, {ENOMEM}, {0}},
    {"fcntl, F_OFD_SETLK", is_setlk, false,
     {ENOLCK, EAGAIN, EACCES, EINTR, EINVAL, ENOMEM}, {0}},
    {"fcntl, F_OFD_GETLK", is_getlk, false,
     {ENOLCK, EINTR, EINVAL, EIO}, {0}},
    {"fcntl", is_fcntl, false, {EINVAL}, {0}},
    {"futex, wake", is_wake, false, {ENOMEM}, {0}},
    {"futex, wake in this process", is_own_wake, false, {0}, {0}},
    {"futex", is_futex, false, {EINTR, EAGAIN, ETIMEDOUT, ENOMEM}, {0}},
    {"futex_waitv", is_waitv, false,
     {ENOSYS, EPERM, EINTR, EAGAIN, ETIMEDOUT, ENOMEM, EACCES},
     {ENOSYS, EPERM, EACCES, ENOMEM}},
    {"membarrier", is_membarrier, false,
     {ENOSYS, EPERM, EINVAL, ENOMEM}, {ENOSYS, EPERM, EINVAL}},
    {"get_robust_list", is_robust, false, {ENOSYS, EPERM}, {ENOSYS, EPERM}},
    {"memfd_create", is_memfd, false,
     {EMFILE, ENFILE, ENOMEM, ENOSYS, EPERM, EACCES}, {ENOSYS, EPERM, EACCES}},
    {"eventfd", is_eventfd, false, {EMFILE, ENFILE, ENODEV, ENOMEM}, {0}},
    {"read", is_read, false, {EINTR, EIO, ENOMEM, EAGAIN}, {0}},
    {"write", is_write, false, {EINTR, EAGAIN}, {0}},
    {"pwrite64", is_pwrite, false, {EINTR, ENOSPC, EIO, EFBIG}, {0}},
    {"getdents", is_getdents, false, {EIO, ENOENT}, {0}},
    {"getrandom", is_random, false, {ENOSYS, EINTR, EAGAIN, EPERM},
     {ENOSYS, EPERM}},
    {"clone3", is_clone3, false, {EAGAIN, ENOMEM, EPERM, ENOSYS}, {ENOSYS}},
    {"clone", is_clone, false, {EAGAIN, ENOMEM, EPERM}, {0}},
    {"clock_nanosleep", is_nap, false, {EINTR}, {0}},
    {"cannot fail", is_sure, false, {0}, {0}},
};
/* clang-format on */

#define CNT(a) (sizeof(a) / sizeof((a)[0]))

const struct callerr *
callerr_of(const struct syscall_made *c)
{
	for (size_t i = 0; i < CNT(kinds); i++)
		if (kinds[i].is(c))
			return &kinds[i];
	return NULL;
}

/* ---- what weir says ---------------------------------------------------- */

/* Where that is not the error itself. */
static const struct {
	bool (*is)(const struct syscall_made *c);
	int err; /* 0: any */
	int64_t rc;
} said[] = {
    /* a symlink; a file of the store that is gone; one name for two things */
    {is_open, ELOOP, WEIR_EUNSAFE},
    {is_open, ENOENT, WEIR_ECORRUPT},
    /* locked memory is over its limit (mlockall) */
    {is_mmap_file, EAGAIN, -ENOMEM},
    {is_mmap, EAGAIN, -ENOMEM},
    {is_madvise, EAGAIN, -ENOMEM},
    /* no locks of this kind here */
    {is_setlk, EINVAL, -EOPNOTSUPP},
    {is_setlk, EAGAIN, -EOPNOTSUPP},
    {is_unnamed, EISDIR, -EOPNOTSUPP},
    {is_madvise, EINVAL, -ENOSYS},
    {is_mlock, EAGAIN, -ENOMEM},
    {is_getlk, 0, -EOPNOTSUPP},
    /* it cannot be told whether the descriptor is still ours */
    {is_stat, 0, -EBADF},
    /* somebody is always faster */
    {is_link, EEXIST, WEIR_ERETIRED},
    /* no thread: whatever the reason is */
    {is_clone3, 0, -EAGAIN},
    {is_clone, 0, -EAGAIN},
    {is_mmap, 0, -EAGAIN},
    {is_mprotect, 0, -EAGAIN},
    {is_brk, 0, -ENOMEM},
};

bool
callerr_said(const struct callerr *k, int err, int64_t rc)
{
	if (rc == -err)
		return true;
	for (size_t i = 0; i < CNT(said); i++)
		if (said[i].is == k->is && said[i].rc == rc &&
		    (!said[i].err || said[i].err == err))
			return true;
	return false;
}
