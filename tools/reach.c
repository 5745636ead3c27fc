/* SPDX-License-Identifier: BSD-2-Clause */
#include "reach.h"

#include <ctype.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd.h"
#include "out.h"

const char *
reach_quoted(const char *s)
{
	static char word[4 * WEIR_CHANNEL_NAME_MAX + 3];
	const char *p;
	size_t at = 0;

	for (p = s; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("._-/:,+@%", *p))
			break;
	if (*s && !*p)
		return s;
	word[at++] = '\'';
	for (p = s; *p && at < sizeof(word) - 6; p++) {
		if (*p == '\'') {
			memcpy(word + at, "'\\''", 4);
			at += 4;
		} else {
			word[at++] = *p;
		}
	}
	word[at++] = '\'';
	word[at] = 0;
	return word;
}

const char *
reach_operand(const char *s)
{
	static char text[4 * WEIR_CHANNEL_NAME_MAX + 8];

	if (*s != '-')
		return reach_quoted(s);
	snprintf(text, sizeof(text), "-- %s", reach_quoted(s));
	return text;
}

const char *
reach_command(const char *verb)
{
	static char line[512];
	size_t at;

	at = (size_t)snprintf(line, sizeof(line), "weir %s", verb);
	if ((strcmp(store_name, "default") != 0 || getenv("WEIR_STORE")) &&
	    at < sizeof(line))
		at += (size_t)snprintf(line + at, sizeof(line) - at,
				       " --store %s", reach_quoted(store_name));
	if (store_dir && at < sizeof(line))
		at += (size_t)snprintf(line + at, sizeof(line) - at,
				       " --dir %s", reach_quoted(store_dir));
	if (store_owner && at < sizeof(line))
		at +=
		    (size_t)snprintf(line + at, sizeof(line) - at,
				     " --owner %s", reach_quoted(store_owner));
	if (store_any_writer && at < sizeof(line))
		snprintf(line + at, sizeof(line) - at, " --any-writer");
	return line;
}

const char *
reach_file(void)
{
	static char path[4096];
	const char *dir = store_dir ? store_dir : "/dev/shm";
	size_t len = strlen(dir);

	if (strchr(store_name, '/'))
		return store_name;
	while (len && dir[len - 1] == '/')
		len--;
	snprintf(path, sizeof(path), "%.*s/weir.%s", (int)len, dir, store_name);
	return path;
}

int
reach_name_only(void)
{
	if (!strchr(store_name, '/'))
		return 0;
	talk("%s: a path can only be looked at; this needs the name of a store",
	     store_name);
	return X_USAGE;
}

/* A user, by name or number. */
static int
user_id(const char *text, uint64_t *id)
{
	const struct passwd *user = getpwnam(text);
	char *end;

	if (user) {
		*id = user->pw_uid;
		return 0;
	}
	errno = 0;
	*id = strtoul(text, &end, 10);
	return isdigit((unsigned char)*text) && !*end && errno == 0 &&
		       *id < UINT32_MAX
		   ? 0
		   : -EINVAL;
}

int
reach_opts(weir_store_opts *opts)
{
	opts->dir = store_dir;
	if (store_any_writer)
		opts->flags |= WEIR_ANY_WRITER;
	if (!store_owner || user_id(store_owner, &opts->owner) == 0)
		return 0;
	talk("--owner %s: there is no such user", reach_quoted(store_owner));
	return X_USAGE;
}

/* There is no such store: where, and what to do? */
static void
no_store(uint32_t flags)
{
	struct stat st;
	const char *dir = store_dir ? store_dir : "/dev/shm";
	char path[WEIR_NAME_MAX + 3];

	if (strchr(store_name, '/')) {
		talk("%s: no such file (%s)", store_name, code_name(-ENOENT));
		return;
	}
	if (stat(dir, &st) < 0 && errno == ENOENT) {
		talk("%s: no such directory (%s)", dir, code_name(-ENOENT));
		return;
	}
	talk("%s: no such store in %s (%s)", store_name, reach_quoted(dir),
	     code_name(-ENOENT));
	snprintf(path, sizeof(path), "./%s", store_name);
	if ((flags & WEIR_READ_ONLY) && stat(path, &st) == 0 &&
	    S_ISREG(st.st_mode))
		talk("for the file of that name here, write: --store %s", path);
	else
		talk("make the store with: %s", reach_command("create"));
}

int
reach_store(uint32_t flags, weir_store **store)
{
	weir_store_opts opts = {.size = sizeof(opts), .flags = flags};
	weir_diag diag = {0};
	int rc;

	*store = NULL;
	if (!(flags & WEIR_READ_ONLY)) {
		rc = reach_name_only();
		if (rc)
			return rc;
	}
	rc = reach_opts(&opts);
	if (rc)
		return rc;
	rc = weir_store_open(store_name, &opts, store, &diag);
	if (rc >= 0)
		return 0;
	if (rc == -ENOENT)
		no_store(flags);
	else
		fail(store_name, rc, &diag);
	if (rc == WEIR_ECOPY)
		talk("ls, info, get, sub and dump can look at it");
	return rc == WEIR_ENAME || rc == -EINVAL ? X_USAGE : X_REACH;
}

int
reach_no_channel(const char *name)
{
	talk("%s: no such channel (%s)", name, code_name(-ENOENT));
	if (!strchr(store_name, '/'))
		talk("make the channel with: %s %s",
		     reach_command("channel create"), reach_operand(name));
	return X_REACH;
}

int
reach_channel(uint32_t flags, const char *name, weir_store **store,
	      weir_channel **ch)
{
	weir_diag diag = {0};
	int rc;

	*ch = NULL;
	rc = reach_store(flags, store);
	if (rc)
		return rc;
	rc = weir_channel_open(*store, name, NULL, ch, &diag);
	if (rc >= 0)
		return 0;
	if (rc == -ENOENT)
		reach_no_channel(name);
	else
		fail(name, rc, &diag);
	weir_store_close(*store);
	*store = NULL;
	return rc == WEIR_ENAME || rc == -EINVAL ? X_USAGE : X_REACH;
}
