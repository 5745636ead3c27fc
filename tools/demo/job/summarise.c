/* SPDX-License-Identifier: BSD-2-Clause
 *
 * summarise.c - a job: reads a text and prints its most telling sentences as a
 * paragraph.  It knows nothing of weir: whoever runs it publishes.
 *
 *     summarise SENTENCES TITLE [PAUSE-MS] < TEXT
 *
 * A sentence tells as much as its words are frequent in the whole text, on
 * average; short words do not count (H. P. Luhn, 1958, in its simplest form).
 * How far it is stands on standard error, in lines that "weir job run" knows;
 * PAUSE-MS after each, so that people can watch.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define WORD_MIN      4 /* letters */
#define SENTENCES_MAX 2000
#define WORDS_MAX     20000

struct span {
	const char *at;
	size_t len;
};
struct sentence {
	struct span text;
	double score;
	int is_chosen;
};

static struct span words[WORDS_MAX];
static unsigned int counts[WORDS_MAX];
static struct sentence sentences[SENTENCES_MAX];
static size_t word_cnt, sentence_cnt;

static void
progress(double part, const char *what, long pause_ms)
{
	struct timespec t = {pause_ms / 1000, pause_ms % 1000 * 1000000};

	fprintf(stderr, "progress %.2f %s\n", part, what);
	nanosleep(&t, NULL);
}

/* All of standard input, with single spaces. */
static char *
read_text(void)
{
	size_t cap = 1 << 16, len = 0;
	char *text = malloc(cap + 1);
	int c, gap = 0;

	while (text && (c = getchar()) != EOF) {
		if (isspace(c) || iscntrl(c)) {
			gap = len > 0;
			continue;
		}
		if (len + 2 > cap) {
			char *grown = realloc(text, 2 * cap + 1);

			if (!grown)
				free(text);
			text = grown;
			cap *= 2;
			if (!text)
				break;
		}
		if (gap)
			text[len++] = ' ';
		gap = 0;
		text[len++] = (char)c;
	}
	if (text)
		text[len] = '\0';
	return text;
}

static void
split(const char *text)
{
	while (*text && sentence_cnt < SENTENCES_MAX) {
		size_t len = strcspn(text, ".!?");

		while (text[len] && text[len + 1] && text[len + 1] != ' ')
			len += 1 + strcspn(text + len + 1, ".!?");
		len += text[len] != '\0';
		sentences[sentence_cnt++].text = (struct span){text, len};
		text += len;
		text += strspn(text, " ");
	}
}

/* The next word of a sentence, or an empty one at its end. */
static struct span
next_word(struct span *rest)
{
	struct span word = {rest->at, 0};
	const char *end = rest->at + rest->len;

	while (word.at < end && !isalpha((unsigned char)*word.at))
		word.at++;
	while (word.at + word.len < end &&
	       isalpha((unsigned char)word.at[word.len]))
		word.len++;
	rest->at = word.at + word.len;
	rest->len = (size_t)(end - rest->at);
	return word;
}

static unsigned int *
count_of(struct span word)
{
	size_t i = 0;

	while (i < word_cnt &&
	       (words[i].len != word.len ||
		strncasecmp(words[i].at, word.at, word.len) != 0))
		i++;
	if (i == WORDS_MAX)
		return NULL;
	if (i == word_cnt)
		words[word_cnt++] = word;
	return &counts[i];
}

static void
count_words(void)
{
	for (size_t i = 0; i < sentence_cnt; i++) {
		struct span rest = sentences[i].text, word;

		while ((word = next_word(&rest)).len) {
			unsigned int *n =
			    word.len < WORD_MIN ? NULL : count_of(word);

			if (n)
				++*n;
		}
	}
}

static void
score(struct sentence *s)
{
	struct span rest = s->text, word;
	unsigned int cnt = 0, sum = 0;

	while ((word = next_word(&rest)).len) {
		unsigned int *n = word.len < WORD_MIN ? NULL : count_of(word);

		cnt++;
		sum += n ? *n : 0;
	}
	s->score = cnt >= WORD_MIN ? (double)sum / cnt : 0;
}

static void
choose(unsigned long wanted)
{
	while (wanted--) {
		struct sentence *best = NULL;

		for (size_t i = 0; i < sentence_cnt; i++)
			if (!sentences[i].is_chosen &&
			    (!best || sentences[i].score > best->score))
				best = &sentences[i];
		if (best)
			best->is_chosen = 1;
	}
}

static void
put_quoted(struct span s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.at[i] == '"' || s.at[i] == '\\')
			putchar('\\');
		putchar(s.at[i]);
	}
}

int
main(int argc, char **argv)
{
	long pause_ms = argc > 3 ? atol(argv[3]) : 0;
	const char *between = "";
	char *text;

	if (argc < 3 || argc > 4 || atoi(argv[1]) < 1 || pause_ms < 0) {
		fputs("summarise SENTENCES TITLE [PAUSE-MS] < TEXT\n", stderr);
		return 2;
	}
	progress(0, "reading", pause_ms);
	text = read_text();
	if (!text || !*text) {
		fputs(text ? "there is no text\n" : "no memory\n", stderr);
		free(text);
		return 1;
	}
	split(text);
	progress(0.3, "counting words", pause_ms);
	count_words();
	for (size_t i = 0; i < sentence_cnt; i++)
		score(&sentences[i]);
	progress(0.7, "choosing sentences", pause_ms);
	choose(strtoul(argv[1], NULL, 10));

	printf("{\"title\":\"");
	put_quoted((struct span){argv[2], strlen(argv[2])});
	printf("\",\"content\":\"");
	for (size_t i = 0; i < sentence_cnt; i++) {
		if (!sentences[i].is_chosen)
			continue;
		fputs(between, stdout);
		put_quoted(sentences[i].text);
		between = " ";
	}
	printf("\"}\n");
	free(text);
	return fflush(stdout) == 0 ? 0 : 1;
}
