/* SPDX-License-Identifier: Apache-2.0
 * Target: an ASCII list. Properties: those of ima_fuzz.h; and a line's rebuilt
 * data, put into a binary record, reads as the same entry. */
#include "tests/ima_fuzz.h"

static uint8_t record[64 * 1024];

static size_t put(size_t at, const void *p, size_t n)
{
	assert(n <= sizeof record - at);
	if (n > 0)
		memcpy(record + at, p, n);
	return at + n;
}

static size_t put_le(size_t at, size_t v)
{
	const uint8_t le[4] = { (uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16),
				(uint8_t)(v >> 24) };

	return put(at, le, sizeof le);
}

static bool eq(struct assay_slice a, struct assay_slice b)
{
	return a.n == b.n && (a.n == 0 || !memcmp(a.p, b.p, a.n));
}

static void reads_alike(const struct assay_ima_entry *e)
{
	struct assay_ima_entry b;
	struct assay_ima ima;
	struct assay_err err;
	size_t n = put_le(0, e->pcr);

	n = put(n, e->template_hash.p, e->template_hash.n);
	n = put_le(n, e->template_name.n);
	n = put(n, e->template_name.p, e->template_name.n);
	if (!e->legacy)
		n = put_le(n, e->data.n);
	n = put(n, e->data.p, e->data.n);
	if (!assay_ima_open_alg(&ima, (struct assay_slice){ record, n }, e->template_alg,
				&err) ||
	    !assay_ima_next(&ima, &b))
		assert(false);
	assert(ima.at == n && b.pcr == e->pcr && eq(b.data, e->data) &&
	       eq(b.digest, e->digest));
	assert(eq(b.name, e->name) && eq(b.sig, e->sig) && eq(b.buf, e->buf));
	assert(b.digest_alg == e->digest_alg && b.verity == e->verity);
	assert(b.legacy == e->legacy && b.violation == e->violation && b.has_buf == e->has_buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t scratch[16 * 1024];
	struct assay_ima_entry e;
	struct assay_ima ima;
	struct assay_err err;
	size_t n = 0, end = 0;

	if (assay_ima_open_ascii(&ima, (struct assay_slice){ data, size }, scratch,
				 sizeof scratch, &err))
		while (assay_ima_next(&ima, &e)) {
			fuzz_entry(&ima, &e, n++, end);
			end = e.offset + e.size;
			reads_alike(&e);
		}
	fuzz_end(&ima, end);
	return 0;
}
