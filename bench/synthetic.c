/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/logs.h"
#include "platform/memory.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBERS = 1000000, STRIDE = 7919, ENTRY_MAX = 256 };

size_t bench_file_number(size_t entry)
{
	/* STRIDE and NUMBERS have no common factor: each entry another number */
	return (entry * STRIDE + 13) % NUMBERS;
}

void bench_known_file(size_t number, struct bench_known *out)
{
	int n = snprintf(out->name, sizeof out->name,
			 "/usr/lib/x86_64-linux-gnu/lib%06zu.so.12", number);

	out->name_n = (size_t)n;
	if (EVP_Digest(out->name, out->name_n, out->digest, NULL, EVP_sha256(), NULL) != 1)
		bench_die("EVP_Digest");
}

static uint8_t *put_le32(uint8_t *p, size_t v)
{
	for (int i = 0; i < 4; i++)
		*p++ = (uint8_t)(v >> 8 * i);
	return p;
}

static void put_hex(FILE *f, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fprintf(f, "%02x", p[i]);
}

static void add(struct bench_list *l, const struct bench_known *file, FILE *ascii)
{
	static const char alg[] = "sha256:", template[] = "ima-sig";
	uint8_t data[ENTRY_MAX], sha1[20], *d = data;

	d = put_le32(d, sizeof alg + 32);
	memcpy(d, alg, sizeof alg);
	memcpy(d + sizeof alg, file->digest, 32);
	d = put_le32(d + sizeof alg + 32, file->name_n + 1);
	memcpy(d, file->name, file->name_n + 1);
	d = put_le32(d + file->name_n + 1, 0);
	size_t n = (size_t)(d - data);
	if (EVP_Digest(data, n, sha1, NULL, EVP_sha1(), NULL) != 1)
		bench_die("EVP_Digest");

	uint8_t *p = put_le32(l->p + l->n, 10);
	memcpy(p, sha1, sizeof sha1);
	p = put_le32(p + sizeof sha1, sizeof template - 1);
	memcpy(p, template, sizeof template - 1);
	p = put_le32(p + sizeof template - 1, n);
	memcpy(p, data, n);
	l->n = (size_t)(p + n - l->p);
	l->entries++;
	if (!ascii)
		return;
	fputs("10 ", ascii);
	put_hex(ascii, sha1, sizeof sha1);
	fputs(" ima-sig sha256:", ascii);
	put_hex(ascii, file->digest, 32);
	/* as the kernel: a blank before the empty signature */
	fprintf(ascii, " %s \n", file->name);
}

void bench_list_make(struct bench_list *l, size_t entries, const uint8_t *aggregate,
		     FILE *ascii)
{
	struct bench_known file = { .name = "boot_aggregate", .name_n = 14 };

	*l = (struct bench_list){ .p = malloc(entries * ENTRY_MAX) };
	if (!l->p)
		bench_die("memory");
	memcpy(file.digest, aggregate, 32);
	for (size_t i = 0; i < entries; i++) {
		if (i > 0)
			bench_known_file(bench_file_number(i), &file);
		add(l, &file, ascii);
	}
}

void bench_list_drop(struct bench_list *l)
{
	free(l->p);
	*l = (struct bench_list){ 0 };
}

void bench_refs_make(struct assay_refs *refs, size_t n, size_t (*number)(size_t), void **memory)
{
	uint32_t pool = (uint32_t)n * 96 + 4096;
	struct assay_arena arena = { .n = assay_refs_bytes((uint32_t)n + 1, pool) };
	struct bench_known file;

	*memory = arena.p = platform_memory_large(arena.n);
	if (!arena.p || !assay_refs_init(refs, &arena, (uint32_t)n + 1, pool))
		bench_die("memory for references");
	for (size_t i = 0; i < n; i++) {
		bench_known_file(number ? number(i) : i, &file);
		struct assay_ref ref = {
			.place = ASSAY_PLACE_IMA,
			.kind = ASSAY_REF_FILE,
			.alg = ASSAY_SHA256,
			.digest = { file.digest, 32 },
			.name = { (const uint8_t *)file.name, file.name_n },
			.provenance = { (const uint8_t *)"bench", 5 },
		};
		if (assay_refs_add(refs, &ref) != ASSAY_F_OK)
			bench_die("assay_refs_add");
	}
}
