/* SPDX-License-Identifier: BSD-2-Clause
 *
 * deeds_store.c - deeds with stores.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <weir/inspect.h>

#include "fault/deed.h"

static int64_t
open_new(struct actor *a, uint32_t flags)
{
	weir_store_opts o = scene_opts(a->sc, flags);

	return weir_store_open("new", &o, &a->other, &a->diag);
}

static int64_t
open_main(struct actor *a, uint32_t flags)
{
	weir_store_opts o = scene_opts(a->sc, flags);

	return weir_store_open("main", &o, &a->other, &a->diag);
}

/* Make a channel, publish, read it. */
static void
use(struct actor *a)
{
	weir_channel_opts o = {.size = sizeof(o), .capacity = 4};
	uint8_t buf[16];
	weir_channel *ch;
	weir_record rec;

	if (weir_channel_open(a->other, "x", &o, &ch, &a->diag) != 0 ||
	    weir_producer_open(ch, "p", NULL, &a->p, &a->diag) != 0 ||
	    weir_publish_json(a->p, "5", 1, &a->diag) != 1 ||
	    weir_current(ch, NULL, buf, sizeof(buf), &rec) != 0)
		actor_problem(a, "the store cannot be used: %s",
			      a->diag.message);
}

/* ---- make -------------------------------------------------------------- */

static int64_t
create(struct actor *a)
{
	return open_new(a, WEIR_CREATE);
}

/* A lock file of store @name that nobody needs. */
static char *
stale_path(const struct actor *a, const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/weir.%s.00000000deadbeef.lock",
		 a->sc->dir, name);
	return path;
}

static int
leave_lock_of(struct actor *a, const char *name)
{
	int fd =
	    open(stale_path(a, name), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	return fd < 0 ? -1 : close(fd);
}

static int
leave_lock(struct actor *a)
{
	return leave_lock_of(a, "new");
}

/* The name can be used, and what a failed removal left goes with it. */
static void
again(struct actor *a)
{
	weir_store_opts o = scene_opts(a->sc, 0);

	if (open_new(a, WEIR_CREATE) != 0)
		actor_problem(a, "the name cannot be used: %s",
			      a->diag.message);
	weir_store_close(a->other);
	a->other = NULL;
	weir_store_destroy("new", &o, NULL);
}

static void
use_and_destroy(struct actor *a)
{
	weir_store_opts o = scene_opts(a->sc, 0);
	int rc;

	use(a);
	weir_store_close(a->other);
	unlink(stale_path(a, "new")); /* a sweep that failed has left it */
	rc = weir_store_destroy("new", &o, &a->diag);
	if (rc != 0)
		actor_problem(a, "it cannot be destroyed: %d %s", rc,
			      a->diag.message);
	again(a);
}

static int64_t
private_store(struct actor *a)
{
	weir_store_opts o = scene_opts(a->sc, WEIR_PRIVATE);

	return weir_store_open(NULL, &o, &a->other, &a->diag);
}

/* Faulted in, locked, in huge pages: the store, and a channel of several of
 * them. */
static int64_t
ask_of_memory(struct actor *a)
{
	weir_store_opts o = scene_opts(a->sc, WEIR_PRIVATE | WEIR_PREFAULT |
						  WEIR_LOCK_MEMORY |
						  WEIR_HUGE_PAGES);
	weir_channel_opts co = {.size = sizeof(co),
				.producers = WEIR_EXCLUSIVE,
				.lane_bytes = 5 << 20};
	weir_channel *ch;
	int rc;

	o.max_bytes = 16 << 20;
	rc = weir_store_open(NULL, &o, &a->other, &a->diag);
	if (rc != 0)
		return rc;
	rc = weir_channel_open(a->other, "large", &co, &ch, &a->diag);
	if (rc == 0)
		weir_channel_close(ch);
	else
		weir_store_close(a->other);
	if (rc != 0)
		a->other = NULL;
	return rc;
}

/* ---- attach ------------------------------------------------------------ */

static int64_t
attach(struct actor *a)
{
	return open_main(a, 0);
}

static int64_t
observe(struct actor *a)
{
	return open_main(a, WEIR_READ_ONLY);
}

static int64_t
observe_path(struct actor *a)
{
	weir_store_opts o = scene_opts(a->sc, WEIR_READ_ONLY);
	char path[128];

	snprintf(path, sizeof(path), "%s/weir.main", a->sc->dir);
	return weir_store_open(path, &o, &a->other, &a->diag);
}

static void
publish_there(struct actor *a)
{
	if (weir_channel_open(a->other, scene_name[SHARED], NULL, &a->ch,
			      &a->diag) != 0 ||
	    weir_producer_open(a->ch, "actor", NULL, &a->p, &a->diag) != 0 ||
	    actor_say(a, SHARED) <= 0)
		actor_problem(a, "cannot publish: %s", a->diag.message);
}

static void
look_there(struct actor *a)
{
	weir_record rec;
	uint8_t buf[64];

	if (weir_channel_open(a->other, scene_name[EVICTING], NULL, &a->ch,
			      &a->diag) != 0 ||
	    weir_current(a->ch, NULL, buf, sizeof(buf), &rec) != 0)
		actor_problem(a, "cannot look: %s", a->diag.message);
}

/* ---- leave ------------------------------------------------------------- */

static int
have_all(struct actor *a)
{
	weir_consumer_opts o = {.size = sizeof(o), .flags = WEIR_GATE};

	return open_main(a, 0) != 0 ||
		       weir_channel_open(a->other, scene_name[BLOCKING], NULL,
					 &a->ch, &a->diag) != 0 ||
		       weir_producer_open(a->ch, "actor", NULL, &a->p,
					  &a->diag) != 0 ||
		       weir_consumer_open(a->ch, "gate", &o, &a->c, &a->diag) !=
			   0 ||
		       actor_say(a, BLOCKING) <= 0
		   ? -1
		   : 0;
}

static int64_t
detach(struct actor *a)
{
	weir_store_close(a->other);
	a->other = NULL;
	return 0;
}

/* ---- destroy ----------------------------------------------------------- */

static int
have_new(struct actor *a)
{
	return open_new(a, WEIR_CREATE) == 0 ? 0 : -1;
}

static int
left_new(struct actor *a)
{
	if (open_new(a, WEIR_CREATE) != 0)
		return -1;
	return (int)detach(a);
}

static int64_t
destroy(struct actor *a)
{
	weir_store_opts o = scene_opts(a->sc, 0);

	return weir_store_destroy("new", &o, &a->diag);
}

static void
is_destroyed(struct actor *a)
{
	weir_channel *ch;
	weir_store *st;
	weir_store_opts o = scene_opts(a->sc, 0);

	if (weir_channel_open(a->other, "x", NULL, &ch, NULL) != WEIR_ERETIRED)
		actor_problem(a, "who is attached does not know it");
	if (weir_store_open("new", &o, &st, NULL) != -ENOENT)
		actor_problem(a, "it is still there");
	weir_store_close(a->other);
	again(a);
}

/* ---- figures ----------------------------------------------------------- */

static int64_t
figures_of(struct actor *a, weir_store *st)
{
	weir_store_info info = {.size = sizeof(info)};
	weir_channel_info ch = {.size = sizeof(ch)};
	int64_t rc = weir_store_stat(st, &info);
	unsigned cnt = 0;

	if (rc != 0)
		return rc;
	while ((rc = weir_channel_next(st, &ch)) == 1)
		cnt++;
	if (rc != 0)
		return rc;
	if (cnt != SCENE_CHANNELS || info.channel_cnt != SCENE_CHANNELS)
		actor_problem(a, "%u channels are told, %u are found",
			      info.channel_cnt, cnt);
	/* observers see who lives as well as /proc/locks shows it */
	if (st == a->st && info.participant_cnt < 2)
		actor_problem(a, "%u participants", info.participant_cnt);
	return 0;
}

static int64_t
figures(struct actor *a)
{
	return figures_of(a, a->st);
}

static int
have_observer(struct actor *a)
{
	return observe(a) == 0 ? 0 : -1;
}

static int64_t
figures_observed(struct actor *a)
{
	return figures_of(a, a->other);
}

/* ---- looking after it -------------------------------------------------- */

static int
leave_things(struct actor *a)
{
	weir_channel_opts o = {.size = sizeof(o), .capacity = 4};

	return leave_lock_of(a, "main") != 0 ||
		       weir_channel_open(a->st, "x", &o, &a->ch, &a->diag) !=
			   0 ||
		       weir_channel_remove(a->st, "x", &a->diag) != 0
		   ? -1
		   : 0;
}

static int64_t
give_back(struct actor *a)
{
	weir_gc_info info = {.size = sizeof(info)};

	return weir_store_gc(a->st, 0, &info, &a->diag);
}

static void
is_given_back(struct actor *a)
{
	unlink(stale_path(a, "main")); /* a sweep that failed has left it */
	weir_channel_close(a->ch);
}

static int
tell(const weir_damage *damage, void *arg)
{
	actor_problem(arg, "damage: %s %s: %s", damage->channel, damage->place,
		      damage->message);
	return 0;
}

static int64_t
verify(struct actor *a)
{
	return weir_store_verify(a->st, tell, a);
}

static int64_t
verify_observed(struct actor *a)
{
	return weir_store_verify(a->other, tell, a);
}

static int64_t
copy(struct actor *a)
{
	int rc;

	a->fd = open("/dev/shm", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (a->fd < 0)
		return errno == EISDIR ? -EOPNOTSUPP : -errno;
	rc = weir_store_snapshot(a->st, a->fd, &a->diag);
	if (rc != 0)
		close(a->fd);
	return rc;
}

/* Through the path of its descriptor: a copy that verifies. */
static void
is_copied(struct actor *a)
{
	weir_store_opts o = {.size = sizeof(o), .flags = WEIR_READ_ONLY};
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", a->fd);
	if (weir_store_open(path, &o, &a->other, &a->diag) != 0)
		actor_problem(a, "the copy cannot be opened: %s",
			      a->diag.message);
	else if (weir_store_verify(a->other, tell, a) != 0)
		actor_problem(a, "the copy is damaged");
	weir_store_close(a->other);
	a->other = NULL;
	close(a->fd);
}

#define OPENS                                                                  \
	.may = {-ENOENT,       -ENOSPC, WEIR_EUNSAFE, WEIR_ECORRUPT,           \
		WEIR_ERETIRED, -ENOMEM, -EOPNOTSUPP,  -ENOSYS},                \
	.system = true

const struct deed deeds_store[] = {
    {.name = "make a store", OPENS, .act = create, .after = use_and_destroy},
    {.name = "make a store where a lock file was left",
     OPENS,
     .prepare = leave_lock,
     .act = create,
     .after = use_and_destroy},
    {.name = "a private store", OPENS, .act = private_store, .after = use},
    {.name = "a private store, and what is asked of its memory",
     .may = {-ENOSPC, -ENOMEM, -EOPNOTSUPP, -ENOSYS, -EBADF},
     .system = true,
     .act = ask_of_memory,
     .after = use},
    {.name = "attach", OPENS, .act = attach, .after = publish_there},
    {.name = "attach or make",
     OPENS,
     .prepare = left_new,
     .act = create,
     .after = use_and_destroy},
    {.name = "observe", OPENS, .act = observe, .after = look_there},
    {.name = "observe a path", OPENS, .act = observe_path, .after = look_there},
    {.name = "detach", .prepare = have_all, .act = detach},
    {.name = "destroy a store",
     .may = {-ENOENT, WEIR_EUNSAFE, -ENOMEM, -ENOSYS},
     .system = true,
     .prepare = have_new,
     .act = destroy,
     .after = is_destroyed},
    {.name = "figures of a store", .may = {-ENOMEM}, .act = figures},
    {.name = "figures of a store, observed",
     .may = {-ENOMEM},
     .prepare = have_observer,
     .act = figures_observed},
    {.name = "give back what is left",
     .may = {-ENOMEM, -EBADF},
     .system = true,
     .prepare = leave_things,
     .act = give_back,
     .after = is_given_back},
    {.name = "verify a store", .may = {-ENOMEM}, .act = verify},
    {.name = "verify a store, observed",
     .may = {-ENOMEM},
     .prepare = have_observer,
     .act = verify_observed},
    {.name = "copy a store",
     .may = {-ENOMEM, -EBADF, -ENOSPC, -EFBIG, -EOPNOTSUPP},
     .system = true,
     .act = copy,
     .after = is_copied},
    {.name = NULL},
};
