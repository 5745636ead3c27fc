/* SPDX-License-Identifier: BSD-2-Clause */
#include <weir/error.h>

#include <errno.h>

#include "base/compiler.h"

static const struct {
	int err;
	const char *text;
} texts[] = {
    {0, "success"},
    {WEIR_EMSGPACK, "not one whole well-formed msgpack value"},
    {WEIR_EJSON, "not JSON"},
    {WEIR_ESCHEMA, "the record breaks the channel's schema"},
    {WEIR_EBADSCHEMA, "the schema was refused"},
    {WEIR_ENAME, "the name or id breaks the rule for such names"},
    {WEIR_EINUSE, "a live producer or consumer has this id"},
    {WEIR_EFULL, "no room left in a table of the store or channel"},
    {WEIR_ECONFIG, "the channel exists and is configured otherwise"},
    {WEIR_EREMOVED, "the channel was removed"},
    {WEIR_ERETIRED, "the store was destroyed"},
    {WEIR_EREVOKED, "this consumer's place was taken away"},
    {WEIR_EFORKED, "the handle belongs to the parent process"},
    {WEIR_ENOTSTORE, "not a weir store"},
    {WEIR_EVERSION, "a store of a format that this library does not know"},
    {WEIR_ELAYOUT, "a store of another byte order, word size or layout"},
    {WEIR_EUNSAFE, "not a file that it is safe to attach to"},
    {WEIR_ETRUNC, "the store's file is shorter than its header says"},
    {WEIR_ECOPY, "a copy of a store, good for looking only"},
    {WEIR_ECORRUPT, "the store is damaged"},
    /* what errno calls otherwise than we mean it */
    {-EAGAIN, "nothing came, or no space came free, in time"},
    {-ENOENT, "no such thing"},
    {-EBUSY, "another call on this handle is not over"},
    {-EROFS, "opened read-only, or on a read-only file system"},
    {-EINTR, "interrupted"},
    {-EMSGSIZE, "the record is too large for the channel"},
    {-ENOBUFS, "the buffer is too small"},
    {-EINVAL, "an argument is out of range"},
    {-ENOSPC, "no space left in the store or its file system"},
    {-EDEADLK, "would wait for a consumer of this very thread"},
    {-ENOTSUP, "not possible on this kind of channel, handle or file system"},
    {-EACCES, "permission denied"},
    {-EPERM, "operation not permitted"},
    {-ENOMEM, "out of memory"},
    {-EMFILE, "too many open files in this process"},
    {-ENFILE, "too many open files on this machine"},
    {-E2BIG, "too many"},
    {-EEXIST, "exists already"},
    {-ENODEV, "the file system cannot do this"},
    {-EIO, "input/output error"},
    {-EBADF, "this process has closed the store's descriptor"},
    {-ELOOP, "too many symlinks"},
    {-ENOTDIR, "not a directory"},
    {-ENAMETOOLONG, "the path is too long"},
    {-EFBIG, "larger than files may be here"},
    {-EXDEV, "on another file system"},
    {-EDQUOT, "the disk quota is used up"},
    {-ENOLCK, "no locks left on this machine"},
    {-ENOSYS, "the kernel cannot do this"},
    {-EFAULT, "a part of the store has no memory"},
};

const char *
weir_strerror(int err)
{
	for (size_t i = 0; i < WI_CNT(texts); i++)
		if (texts[i].err == err)
			return texts[i].text;
	return err < 0 && err > -4096 ? "system error" : "unknown error";
}

#define STR2(x) #x
#define STR(x)	STR2(x)

const char *
weir_version(void)
{
	return STR(WEIR_VERSION_MAJOR) "." STR(WEIR_VERSION_MINOR) "." STR(
	    WEIR_VERSION_PATCH);
}
