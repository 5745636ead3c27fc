/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_lanes.c - lanes change hands: what others do at the worst moment.
 *
 * Three participants; what the one does happens while another asks the
 * kernel who lives.
 */
#include "unit/fix.h"
#include "support/lockseam.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/time.h>

#include "base/hash.h"
#include "store/internal.h"

#define NOTHING UINT64_MAX

static weir_store *st[3];
static weir_channel *ch[3];
static weir_producer *x;

static void
before(void)
{
	const char *name;

	st[0] = tmpstore_new(&name);
	st[1] = tmpstore_open(name, 0);
	st[2] = tmpstore_open(name, 0);
	x = NULL;
}

static void
after(void)
{
	lockseam_set(NULL);
	for (int i = 0; i < 3; i++)
		weir_store_close(st[i]);
}

/* The channel, for each of the three. */
static void
open_all(const weir_channel_opts *o)
{
	for (int i = 0; i < 3; i++)
		ch[i] = fix_channel(st[i], "c", o);
}

/* ---- a lane that is chosen for somebody else
 * ---------------------------------------- */

static void
x_publishes_and_goes(int cmd, const struct flock *lock)
{
	(void)cmd;
	(void)lock;
	fix_must_put(x, 42);
	weir_producer_close(x);
	x = NULL;
}

/* @cnt lanes, y in the first, x in the second; z wants one. */
static int
open_while_x_publishes(uint32_t cnt, weir_producer **z)
{
	open_all(CH_OPTS(.max_producers = cnt));
	fix_producer(ch[0], "y");
	x = fix_producer(ch[1], "x");
	/* is y alive?  Then comes the lane of x, */
	lockseam_set(x_publishes_and_goes);
	return weir_producer_open(ch[2], "z", NULL, z, &fix_diag);
}

/* whose value was looked for before. */
static void
lane_keeps_what_came_while_it_was_chosen(void)
{
	weir_producer *z;

	CU_ASSERT_EQUAL(open_while_x_publishes(2, &z), WEIR_EFULL);
	CU_ASSERT(fix_says(&fix_diag, "(oldest first: x)"));
	CU_ASSERT_PTR_NULL(x);
	CU_ASSERT_EQUAL(fix_current(ch[2], "x"), 42);
	x = fix_producer(ch[1], "x");
	CU_ASSERT_EQUAL(weir_clear(x), 2);
}

static void
lane_of_its_own_after_a_second_look(void)
{
	weir_producer *z;

	CU_ASSERT_EQUAL_FATAL(open_while_x_publishes(3, &z), 0);
	CU_ASSERT_PTR_NULL(x);
	fix_must_put(z, 1);
	CU_ASSERT_EQUAL(weir_clear(z), 3);
	CU_ASSERT_EQUAL(fix_current(ch[2], "x"), 42);
	CU_ASSERT_EQUAL(fix_current(ch[2], NULL), 42);
}

/* ---- a value that is withdrawn while its producer returns
 * ---------------------------- */

static sem_t has_looked, is_cleared;
static pthread_t restarted;
static bool is_restarted;
static int restarted_rc;

/* x has found its lane held, and asks whether by somebody alive. */
static void
x_has_found_its_lane(int cmd, const struct flock *lock)
{
	(void)cmd;
	(void)lock;
	sem_post(&has_looked);
	sem_wait(&is_cleared);
}

static void *
restart(void *arg)
{
	(void)arg;
	restarted_rc = weir_producer_open(ch[1], "x", NULL, &x, NULL);
	sem_post(&has_looked); /* if it never looked */
	return NULL;
}

/* The clearer has the lane, and asks who is in its way. */
static void
x_returns(int cmd, const struct flock *lock)
{
	weir_producer_info i = {.size = sizeof(i)};

	(void)cmd;
	(void)lock;
	CU_ASSERT_EQUAL(wi_word_state(ch[0]->ring.lanes[0].tag.word),
			WI_CLEARING);
	/* the lane is still that of one who is gone */
	CU_ASSERT_EQUAL(weir_producer_next(ch[1], &i), 1);
	CU_ASSERT_STRING_EQUAL(i.id, "x");
	CU_ASSERT_EQUAL(i.life, WEIR_GONE);
	CU_ASSERT_EQUAL(i.pid, 0);
	CU_ASSERT_EQUAL(fix_current(ch[1], "x"), 2);
	lockseam_set(x_has_found_its_lane);
	CU_ASSERT_EQUAL_FATAL(pthread_create(&restarted, NULL, restart, NULL),
			      0);
	is_restarted = true;
	sem_wait(&has_looked);
}

static void
lane_being_cleared_is_not_in_use(void)
{
	sem_init(&has_looked, 0, 0);
	sem_init(&is_cleared, 0, 0);
	open_all(CH_OPTS(.overflow = WEIR_BLOCK, .capacity = 2));
	fix_consumer_with(ch[2], "gate", CO_OPTS(.flags = WEIR_GATE));
	x = fix_producer(ch[1], "x");
	fix_must_put(x, 1);
	fix_must_put(x, 2);
	weir_producer_close(x);
	lockseam_set(x_returns);
	CU_ASSERT_EQUAL(weir_channel_clear_orphans(ch[0], NULL, NULL), -EAGAIN);
	sem_post(&is_cleared);
	CU_ASSERT_FATAL(is_restarted);
	pthread_join(restarted, NULL);
	CU_ASSERT_EQUAL(restarted_rc, 0);
	CU_ASSERT_EQUAL(fix_current(ch[1], "x"), 2);
	sem_destroy(&has_looked);
	sem_destroy(&is_cleared);
}

/* ---- lanes of takers that died half-way
 * ------------------------------------------------ */

static bool is_asked;

/* The clearer has the lane; should he die now, it must not have a name. */
static void
half_a_name_does_not_stand(int cmd, const struct flock *lock)
{
	weir_producer_info i = {.size = sizeof(i)};
	weir_producer *p;

	(void)cmd;
	(void)lock;
	is_asked = true;
	CU_ASSERT_EQUAL(weir_producer_next(ch[1], &i), 1);
	CU_ASSERT_STRING_EQUAL(i.id, "");
	CU_ASSERT_EQUAL(wi_word_state(ch[1]->ring.lanes[0].tag.word),
			WI_RESERVED);
	/* nor is half a name told as that of the holder */
	CU_ASSERT_EQUAL(weir_producer_open(ch[1], "y", NULL, &p, NULL),
			-EAGAIN);
}

/* First he asks about the taker; what he asks next, he asks as its holder. */
static void
asks_whether_the_taker_lives(int cmd, const struct flock *lock)
{
	(void)cmd;
	(void)lock;
	lockseam_set(half_a_name_does_not_stand);
}

/* An exclusive channel's value stays while its lane changes hands; if the
 * taker dies over that, it is still there to be withdrawn. */
static void
lane_half_taken_still_has_a_value_to_clear(void)
{
	static const enum wi_state half[] = {WI_RESERVED, WI_CLAIM_NAME};
	uint64_t dead = st[2]->who, *word;
	weir_consumer *gate;

	weir_store_close(st[2]);
	st[2] = NULL;
	for (int i = 0; i < 2; i++) {
		char name[16];

		snprintf(name, sizeof(name), "c%d", i);
		for (int k = 0; k < 2; k++)
			ch[k] = fix_channel(st[k], name,
					    CH_OPTS(.producers = WEIR_EXCLUSIVE,
						    .overflow = WEIR_BLOCK,
						    .capacity = 2));
		gate = fix_consumer_with(ch[1], "gate",
					 CO_OPTS(.flags = WEIR_GATE));
		x = fix_producer(ch[0], "x");
		fix_must_put(x, 1);
		fix_must_put(x, 2);
		weir_producer_close(x);
		word = &ch[0]->ring.lanes[0].tag.word;
		*word = wi_word_next(*word, half[i], dead);
		CU_ASSERT_EQUAL(fix_current(ch[0], "x"), 2);
		is_asked = false;
		lockseam_set(asks_whether_the_taker_lives);
		CU_ASSERT_EQUAL(weir_channel_clear_orphans(ch[0], NULL, NULL),
				-EAGAIN);
		CU_ASSERT(is_asked);
		weir_consumer_close(gate);
		CU_ASSERT_EQUAL(weir_channel_clear_orphans(ch[0], NULL, NULL),
				1);
		CU_ASSERT_EQUAL(fix_current(ch[0], NULL), NOTHING);
		CU_ASSERT_EQUAL(wi_word_state(*word), WI_FREE);
		fix_must_put(fix_producer(ch[0], "z"), 2);
	}
}

/* ---- names of lanes that change hands
 * --------------------------------------- */

static volatile sig_atomic_t moved;

/* The name that the lane had before becomes @name, as a taker does it. */
static void
move_name(const char *name)
{
	struct wi_shm_tag *name_before = &ch[0]->ring.lanes[0].before;
	uint64_t odd = (name_before->word + 1) | 1;

	wi_store_relaxed(&name_before->word, odd);
	wi_fence_release();
	wi_tag_set(name_before, name, strlen(name));
	wi_store_release(&name_before->word, odd + 1);
}

static void
somebody_takes_the_lane(int sig)
{
	(void)sig;
	if (!moved)
		move_name("p1");
	moved = 1;
}

/* Whose record is that?  Asked while the lane changes hands, at whatever
 * instruction of the asking. */
static void
lane_name_is_never_that_of_another(void)
{
	struct sigaction sa = {.sa_handler = somebody_takes_the_lane}, was;
	struct itimerval often = {{0, 30}, {0, 30}}, never = {{0, 0}, {0, 0}};
	struct wi_rec rec = {.id_hash = wi_hash("p0", 2)};
	char buf[WI_TAG_MAX + 1];
	uint64_t *word;
	unsigned wrong = 0;

	open_all(NULL);
	word = &ch[0]->ring.lanes[0].tag.word;
	*word = wi_word_next(*word, WI_RESERVED, st[0]->who);
	moved = 1;
	sigaction(SIGALRM, &sa, &was);
	setitimer(ITIMER_REAL, &often, NULL);
	for (int i = 0; i < 2000; i++) {
		move_name("p0");
		moved = 0;
		while (!moved) {
			wi_id_text(ch[0], &rec, buf);
			wrong += strcmp(buf, "p1") == 0;
		}
	}
	setitimer(ITIMER_REAL, &never, NULL);
	sigaction(SIGALRM, &was, NULL);
	CU_ASSERT_EQUAL(wrong, 0);
}

SUITE_WITH("lanes", before, after,
	   TEST(lane_keeps_what_came_while_it_was_chosen),
	   TEST(lane_of_its_own_after_a_second_look),
	   TEST(lane_being_cleared_is_not_in_use),
	   TEST(lane_half_taken_still_has_a_value_to_clear),
	   TEST(lane_name_is_never_that_of_another));
