/* SPDX-License-Identifier: Apache-2.0
 * Runs a fuzz target over files and folders: corpora and past crashes are part of every test
 * run. Every truncation of files of at most 4 KiB is tried too. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t runs;

static void run(const uint8_t *p, size_t n)
{
	/* an exact copy on the heap, so that sanitizers see every overread */
	uint8_t *copy = malloc(n ? n : 1);

	if (!copy)
		exit(1);
	if (n > 0)
		memcpy(copy, p, n);
	LLVMFuzzerTestOneInput(copy, n);
	free(copy);
	runs++;
}

static void run_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	static uint8_t buf[8 * 1024 * 1024];

	if (!f)
		return;
	size_t n = fread(buf, 1, sizeof buf, f);
	fclose(f);
	run(buf, n);
	for (size_t cut = 0; n <= 4096 && cut < n; cut++)
		run(buf, cut);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		DIR *d = opendir(argv[i]);
		const struct dirent *e;

		if (!d) {
			run_file(argv[i]);
			continue;
		}
		while ((e = readdir(d)) != NULL) {
			char path[4096];
			if (e->d_name[0] == '.')
				continue;
			snprintf(path, sizeof path, "%s/%s", argv[i], e->d_name);
			run_file(path);
		}
		closedir(d);
	}
	run((const uint8_t *)"", 0);
	printf("%zu inputs replayed\n", runs);
	return 0;
}
