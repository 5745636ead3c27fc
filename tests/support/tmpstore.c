/* SPDX-License-Identifier: BSD-2-Clause
 *
 * tmpstore.c - see tmpstore.h
 */
#include "support/tmpstore.h"
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SHM_DIR "/dev/shm"
#define NAMES	64

static char names[NAMES][WEIR_NAME_MAX + 1];
static unsigned named_cnt;
static pid_t owner;

void
tmpstore_drop(const char *name)
{
	char pattern[128];
	glob_t found;

	/* First as a user would, so that whoever is attached learns it.  Then
	 * the files, because a test may have broken the store. */
	weir_store_destroy(name, NULL, NULL);
	unlink(tmpstore_path(name));
	snprintf(pattern, sizeof(pattern), SHM_DIR "/weir.%s.*", name);
	if (glob(pattern, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			unlink(found.gl_pathv[i]);
		globfree(&found);
	}
}

static void
drop_all(void)
{
	if (getpid() != owner)
		return; /* a forked child that called exit() */
	for (unsigned i = 0; i < NAMES; i++)
		if (names[i][0])
			tmpstore_drop(names[i]);
}

const char *
tmpstore_name(void)
{
	char *name;

	if (getpid() != owner) {
		/* The first call, or the first in a child: the parent looks
		 * after its own. */
		for (unsigned i = 0; i < NAMES; i++)
			names[i][0] = 0;
		if (owner == 0)
			atexit(drop_all);
		owner = getpid();
		named_cnt = 0;
	}
	name = names[named_cnt % NAMES];
	if (*name)
		tmpstore_drop(name);
	snprintf(name, sizeof(names[0]), "weir-test-%ld-%u", (long)owner,
		 named_cnt++);
	return name;
}

weir_store *
tmpstore_open(const char *name, uint32_t flags)
{
	weir_store_opts opts = {.size = sizeof(opts), .flags = flags};
	weir_diag diag = {.message = ""};
	weir_store *store;
	int rc = weir_store_open(name, &opts, &store, &diag);

	if (rc != 0) {
		printf("tmpstore: %s: %s: %s\n", name, weir_strerror(rc),
		       diag.message);
		fflush(NULL);
		exit(1);
	}
	return store;
}

weir_store *
tmpstore_new(const char **name)
{
	const char *fresh = tmpstore_name();

	if (name)
		*name = fresh;
	return tmpstore_open(fresh, WEIR_CREATE);
}

const char *
tmpstore_path(const char *name)
{
	static char path[sizeof(SHM_DIR "/weir.") + WEIR_NAME_MAX];

	snprintf(path, sizeof(path), SHM_DIR "/weir.%s", name);
	return path;
}
