/* SPDX-License-Identifier: BSD-2-Clause
 *
 * replay.c - feeds a corpus to a fuzz program that was built without a
 * fuzzer: the files named, or those in tests/fuzz/corpus/NAME for a program
 * fuzz_NAME, seen from the top of the tree.
 *
 * What a fuzzer once found runs in each `make test` this way.  Each file
 * goes in as a block of its exact size.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static unsigned failed_cnt, ran_cnt;

static void
replay(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = NULL;
	long len = -1;

	if (f && fseek(f, 0, SEEK_END) == 0)
		len = ftell(f);
	if (len >= 0)
		data = malloc(len ? (size_t)len : 1);
	ran_cnt++;
	if (!data || fseek(f, 0, SEEK_SET) ||
	    fread(data, 1, (size_t)len, f) != (size_t)len) {
		printf("cannot read %s\n", path);
		failed_cnt++;
	} else {
		printf("- %s\n", path);
		fflush(stdout);
		LLVMFuzzerTestOneInput(data, (size_t)len);
	}
	free(data);
	if (f)
		fclose(f);
}

int
main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/');
	char path[4096];
	struct dirent *e;
	DIR *dir;

	name = name ? name + 1 : argv[0];
	if (!strncmp(name, "fuzz_", 5))
		name += 5;
	for (int i = 1; i < argc; i++)
		replay(argv[i]);
	if (argc < 2) {
		snprintf(path, sizeof(path), "tests/fuzz/corpus/%s", name);
		dir = opendir(path);
		if (!dir) {
			printf("there is no %s here\n", path);
			return 77;
		}
		while ((e = readdir(dir))) {
			if (e->d_name[0] == '.')
				continue;
			snprintf(path, sizeof(path), "tests/fuzz/corpus/%s/%s",
				 name, e->d_name);
			replay(path);
		}
		closedir(dir);
	}
	printf("# fuzz_%s: %u tests, %u failed\n", name, ran_cnt, failed_cnt);
	return failed_cnt || !ran_cnt;
}
