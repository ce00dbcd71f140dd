/* SPDX-License-Identifier: Apache-2.0
 * vectors - files of other projects: ASSAY_VECTORS, or ../shared/vectors beside the
 * source. A test that finds none skips and says so. */
#pragma once
#include "tests/file.h"
#include <openssl/evp.h>
#include <string.h>

#define NO_VECTORS "no vectors here (ASSAY_VECTORS)"

static inline struct assay_slice test_vector(const char *name)
{
	const char *dir = getenv("ASSAY_VECTORS");
	char path[1024];

	snprintf(path, sizeof path, "%s/%s", dir ? dir : "../shared/vectors", name);
	return test_file(path);
}

/* The string under a key that occurs once in a JSON text; no escapes. */
static inline struct assay_slice test_json_string(struct assay_slice json, const char *key)
{
	char quoted[64];
	int n = snprintf(quoted, sizeof quoted, "\"%s\": \"", key);
	const uint8_t *p = json.p ? memmem(json.p, json.n, quoted, (size_t)n) : NULL;

	if (!p)
		return (struct assay_slice){ 0 };
	p += n;
	const uint8_t *end = memchr(p, '"', json.n - (size_t)(p - json.p));
	return (struct assay_slice){ p, end ? (size_t)(end - p) : 0 };
}

/* The same, decoded; out has room for 3/4 of the text. */
static inline struct assay_slice test_json_base64(struct assay_slice json, const char *key,
						  uint8_t *out)
{
	struct assay_slice text = test_json_string(json, key);
	int n = text.n > 0 ? EVP_DecodeBlock(out, text.p, (int)text.n) : -1;

	if (n < 3)
		return (struct assay_slice){ 0 };
	for (size_t i = 1; i <= 2; i++) /* what padding stands for is not there */
		n -= text.p[text.n - i] == '=';
	return (struct assay_slice){ out, (size_t)n };
}
