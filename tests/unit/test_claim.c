/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_claim.c - names in tables: tags, finding, claiming, and threads that
 * all want the same one.
 */
#include "support/harness.h"
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <weir/error.h>

#include "base/hash.h"
#include "ring/claim.h"

#define CNT 8

static struct wi_shm_entry entries[CNT];
static const struct wi_table table = {(uint8_t *)entries, sizeof(*entries),
				      CNT};

static void
before(void)
{
	memset(entries, 0, sizeof(entries));
}

/* Entry @i as if @who had brought it to @state with this name. */
static uint64_t
put(uint32_t i, enum wi_state state, const char *name, uint64_t who)
{
	struct wi_shm_tag *tag = wi_tag(&table, i);

	wi_tag_set(tag, name, strlen(name));
	tag->word = wi_word_next(tag->word, state, who);
	return tag->word;
}

static int
claim(uint32_t i, uint64_t *word, uint64_t who, uint32_t *other)
{
	return wi_claim(&table, i, word, who, WI_RESERVED, WI_CLAIM_NAME,
			WI_LIVE, wi_name_clash, NULL, other);
}

static void
tag_holds_its_text(void)
{
	struct wi_shm_tag tag;
	char text[129], buf[WI_TAG_MAX + 1];

	memset(&tag, 0xff, sizeof(tag));
	memset(text, 'x', 128);
	text[128] = 0;
	tag.word = 5;
	wi_tag_set(&tag, text, 128);
	CU_ASSERT(wi_tag_is(&tag, wi_hash(text, 128), text, 128));
	CU_ASSERT(!wi_tag_is(&tag, wi_hash(text, 127), text, 127));
	CU_ASSERT(!wi_tag_is(&tag, wi_hash(text, 128), text, 127));
	CU_ASSERT(!wi_tag_is(&tag, 0, text, 128));
	CU_ASSERT(wi_tag_text(&tag, 5, buf));
	CU_ASSERT_STRING_EQUAL(buf, text);
	CU_ASSERT(!wi_tag_text(&tag, 6, buf));
	wi_tag_set(&tag, "y", 1);
	CU_ASSERT(wi_tag_text(&tag, 5, buf));
	CU_ASSERT_STRING_EQUAL(buf, "y");
	/* same hash, other text */
	CU_ASSERT(!wi_tag_is(&tag, wi_hash("y", 1), "z", 1));
	/* a length from somebody who writes nonsense */
	tag.len = UINT32_MAX;
	CU_ASSERT(wi_tag_text(&tag, 5, buf));
	CU_ASSERT(strlen(buf) <= 128);
	tag.len = WI_TAG_MAX;
	memset(tag.text, 'z', sizeof(tag.text));
	CU_ASSERT(wi_tag_text(&tag, 5, buf));
	CU_ASSERT(strlen(buf) <= WI_TAG_MAX);
}

static void
find_sees_what_stands(void)
{
	static const struct {
		enum wi_state state;
		bool stands;
	} states[] = {{WI_FREE, false},	       {WI_RESERVED, false},
		      {WI_CLAIM_RANGE, false}, {WI_BUILDING, false},
		      {WI_CLAIM_NAME, false},  {WI_LIVE, true},
		      {WI_IDLE, true},	       {WI_DYING, false},
		      {WI_FREEING, false},     {WI_REVOKED, false}};
	uint64_t word = 0, want;

	CU_ASSERT_EQUAL(wi_find(&table, "a", 1, &word), CNT);
	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++) {
		want = put(5, states[i].state, "a", wi_who(1, 1));
		CU_ASSERT_EQUAL(wi_find(&table, "a", 1, &word),
				states[i].stands ? 5u : CNT);
		if (states[i].stands)
			CU_ASSERT_EQUAL(word, want);
		CU_ASSERT_EQUAL(wi_find(&table, "b", 1, &word), CNT);
		CU_ASSERT_EQUAL(wi_find(&table, "", 0, &word), CNT);
	}
}

static void
claim_wins_alone(void)
{
	uint64_t who = wi_who(3, 4);
	uint64_t word = put(2, WI_RESERVED, "a", who);
	uint32_t other = 99;

	put(1, WI_LIVE, "b", wi_who(1, 1));
	put(4, WI_RESERVED, "a", wi_who(1, 1));
	put(5, WI_DYING, "a", wi_who(1, 1));
	CU_ASSERT_EQUAL(claim(2, &word, who, &other), 0);
	CU_ASSERT_EQUAL(wi_word_state(word), WI_LIVE);
	CU_ASSERT_EQUAL(word & WI_WHO_MASK, who);
	CU_ASSERT_EQUAL(word, wi_tag(&table, 2)->word);
	CU_ASSERT_EQUAL(other, 99);
}

static void
claim_of_what_stands_is_clashed(void)
{
	uint64_t who = wi_who(3, 4);
	uint64_t word = put(2, WI_RESERVED, "a", who), theirs;
	uint32_t other = 99;

	for (int i = 0; i < 2; i++) {
		theirs = put(6, i ? WI_IDLE : WI_LIVE, "a", wi_who(1, 1));
		CU_ASSERT_EQUAL(claim(2, &word, who, &other), WI_CLASHED);
		CU_ASSERT_EQUAL(other, 6);
		CU_ASSERT_EQUAL(wi_word_state(word), WI_RESERVED);
		CU_ASSERT_EQUAL(word, wi_tag(&table, 2)->word);
		CU_ASSERT_EQUAL(wi_tag(&table, 6)->word, theirs);
	}
}

/* One that claims and does not go on, frozen or dead, holds nobody up. */
static void
claim_pushes_another_back(void)
{
	uint64_t who = wi_who(3, 4);
	uint64_t word = put(2, WI_RESERVED, "a", who);
	uint64_t theirs = put(6, WI_CLAIM_NAME, "a", wi_who(1, 1));
	uint32_t other;

	CU_ASSERT_EQUAL(claim(2, &word, who, &other), 0);
	CU_ASSERT_EQUAL(wi_word_state(wi_tag(&table, 6)->word), WI_RESERVED);
	CU_ASSERT_EQUAL(wi_tag(&table, 6)->word & WI_WHO_MASK,
			theirs & WI_WHO_MASK);
	CU_ASSERT(wi_tag(&table, 6)->word != theirs);
}

static void
claim_of_an_entry_that_was_taken_is_ecorrupt(void)
{
	uint64_t who = wi_who(3, 4);
	uint64_t word = put(2, WI_RESERVED, "a", who);
	uint32_t other;

	put(2, WI_RESERVED, "a", wi_who(9, 9));
	CU_ASSERT_EQUAL(claim(2, &word, who, &other), WEIR_ECORRUPT);
}

/* ---- threads
 * ------------------------------------------------------------------ */

#define THREADS 4
#define ROUNDS	3000

static struct {
	pthread_barrier_t start, end;
	uint32_t won, wrong;
} race;

/* Take a free entry for a name; others want the same. */
static void *
racer(void *arg)
{
	uint32_t self = (uint32_t)(uintptr_t)arg;
	uint64_t who = wi_who(self, 1);

	for (int i = 0; i < ROUNDS; i++) {
		struct wi_shm_tag *tag = wi_tag(&table, self);
		uint64_t word = tag->word, found;
		uint32_t other;
		int rc;

		wi_cas(&tag->word, word, wi_word_next(word, WI_RESERVED, who));
		word = wi_load_acquire(&tag->word);
		wi_tag_set(tag, "name", 4);
		pthread_barrier_wait(&race.start);
		rc = claim(self, &word, who, &other);
		if (rc == 0) {
			wi_fetch_add_32(&race.won, 1);
		} else if (rc != WI_CLASHED ||
			   wi_find(&table, "name", 4, &found) != other) {
			wi_fetch_add_32(&race.wrong, 1);
		}
		pthread_barrier_wait(&race.end);
		wi_cas(&tag->word, word, wi_word_next(word, WI_FREE, 0));
		pthread_barrier_wait(&race.end);
	}
	return NULL;
}

static void
claim_threads_one_wins(void)
{
	pthread_t t[THREADS];

	memset(&race, 0, sizeof(race));
	pthread_barrier_init(&race.start, NULL, THREADS);
	pthread_barrier_init(&race.end, NULL, THREADS);
	for (uintptr_t i = 0; i < THREADS; i++)
		CU_ASSERT_EQUAL_FATAL(
		    pthread_create(&t[i], NULL, racer, (void *)i), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	pthread_barrier_destroy(&race.start);
	pthread_barrier_destroy(&race.end);
	CU_ASSERT_EQUAL(race.won, ROUNDS);
	CU_ASSERT_EQUAL(race.wrong, 0);
}

SUITE_WITH("claim", before, NULL, TEST(tag_holds_its_text),
	   TEST(find_sees_what_stands), TEST(claim_wins_alone),
	   TEST(claim_of_what_stands_is_clashed),
	   TEST(claim_pushes_another_back),
	   TEST(claim_of_an_entry_that_was_taken_is_ecorrupt),
	   TEST(claim_threads_one_wins));
