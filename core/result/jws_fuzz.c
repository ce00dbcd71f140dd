/* SPDX-License-Identifier: Apache-2.0
 * Target: assay_jws_read. Properties: refusal is always located and leaves *out untouched; what
 * is accepted has one text, so encoding its parts again gives the token; the arena that the
 * header asks for is always enough. */
#include "core/codec/base64.h"
#include <assay/result.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct assay_err err;
	struct assay_jws jws = { .signature.n = 77 };
	struct assay_arena arena = { malloc(size / 4 * 3 + 64), size / 4 * 3 + 64, 0 };
	char *again = malloc(size + 1);

	assert(arena.p && again);
	if (!assay_jws_read((struct assay_slice){ data, size }, &arena, &jws, &err)) {
		assert(err.fault != ASSAY_F_OK && err.field && err.offset <= size);
		assert(err.fault != ASSAY_F_MEMORY && jws.signature.n == 77);
	} else {
		struct text t = text_over(again, size + 1);

		base64url_write(&t, jws.header);
		text_str(&t, ".");
		base64url_write(&t, jws.payload);
		assert(jws.signing_input.p == data && jws.signing_input.n == t.n);
		text_str(&t, ".");
		base64url_write(&t, jws.signature);
		assert(!t.full && t.n == size && memcmp(again, data, size) == 0);
		assert(jws.header.n > 0 && jws.signature.n > 0);
	}
	free(again);
	free(arena.p);
	return 0;
}
