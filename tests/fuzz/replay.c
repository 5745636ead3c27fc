/* SPDX-License-Identifier: BSD-2-Clause
 *
 * replay.c - runs a fuzz program without a fuzz engine.
 *
 *     fuzz_NAME [FILE | DIRECTORY ...]       default: tests/fuzz/corpus/NAME
 *
 * Every seed as it is, cut at each of its bytes (at most CUTS of them), and
 * changed a little in MUTATIONS seeded ways; then some noise.  Each input lies
 * in a block of exactly its size, so that asan sees a read past its end.  The
 * name of a seed is printed before it runs: the last one is to blame.
 */
#include "support/rng.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CUTS	  300
#define MUTATIONS 200
#define NOISE	  2000
#define SEED_MAX  (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct rng rng = {.state = 20240601};
static unsigned long seed_cnt, input_cnt;

static void
run(const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);

	if (!copy)
		abort();
	if (len)
		memcpy(copy, data, len);
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
	input_cnt++;
}

/* Change, drop, double or swap a few bytes. Returns the new length, never
 * more than @cap. */
static size_t
mutate(uint8_t *data, size_t len, size_t cap)
{
	static const uint8_t nasty[] = {0x00, 0x7f, 0x80, 0xff, 0xc0, 0xc1,
					0xd9, 0xdc, 0xdf, 0x22, 0x5c, 0x7b};
	size_t changes = 1 + rng_below(&rng, 4), at, n;

	while (changes-- && len) {
		at = rng_below(&rng, len);
		n = 1 + rng_below(&rng, len - at);
		switch (rng_below(&rng, 5)) {
		case 0:
			data[at] ^= (uint8_t)(1u << rng_below(&rng, 8));
			break;
		case 1:
			data[at] = nasty[rng_below(&rng, sizeof(nasty))];
			break;
		case 2:
			data[at] = (uint8_t)rng_next(&rng);
			break;
		case 3: /* drop */
			memmove(data + at, data + at + n, len - at - n);
			len -= n;
			break;
		default: /* double */
			if (n > cap - len)
				n = cap - len;
			memmove(data + at + n, data + at, len - at);
			len += n;
			break;
		}
	}
	return len;
}

static void
replay(const uint8_t *data, size_t len)
{
	size_t step = len / CUTS + 1;
	size_t cap = len + 64;
	uint8_t *buf = malloc(cap);

	if (!buf)
		abort();
	run(data, len);
	for (size_t cut = 0; cut < len; cut += step)
		run(data, cut);
	for (int i = 0; i < MUTATIONS && len; i++) {
		memcpy(buf, data, len);
		run(buf, mutate(buf, len, cap));
	}
	free(buf);
}

static int
replay_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = malloc(SEED_MAX);
	size_t len;

	if (!f || !data) {
		perror(path);
		return 1;
	}
	len = fread(data, 1, SEED_MAX, f);
	fclose(f);
	printf("%s\n", path);
	seed_cnt++;
	replay(data, len);
	free(data);
	return 0;
}

static int
replay_path(const char *path)
{
	struct dirent **list;
	struct stat st;
	char sub[4096];
	int n, bad = 0;

	if (stat(path, &st) < 0) {
		perror(path);
		return 1;
	}
	if (!S_ISDIR(st.st_mode))
		return replay_file(path);
	n = scandir(path, &list, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		if (list[i]->d_name[0] != '.') {
			snprintf(sub, sizeof(sub), "%s/%s", path,
				 list[i]->d_name);
			bad |= replay_path(sub);
		}
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	return bad;
}

int
main(int argc, char **argv)
{
	char corpus[512];
	uint8_t noise[64];
	const char *name;
	struct stat st;
	int bad = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	name = strrchr(argv[0], '/');
	name = name ? name + 1 : argv[0];
	if (strncmp(name, "fuzz_", 5) == 0)
		name += 5;
	snprintf(corpus, sizeof(corpus), "tests/fuzz/corpus/%s", name);

	if (argc > 1) {
		for (int i = 1; i < argc; i++)
			bad |= replay_path(argv[i]);
	} else if (stat(corpus, &st) == 0) {
		bad = replay_path(corpus);
	}

	printf("noise\n");
	for (int i = 0; i < NOISE; i++) {
		size_t len = rng_below(&rng, sizeof(noise));

		rng_fill(&rng, noise, len);
		run(noise, len);
	}
	printf("%lu seeds, %lu inputs\n", seed_cnt, input_cnt);
	return bad;
}
