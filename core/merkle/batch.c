/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/slice.h"
#include "core/codec/cbor.h"
#include <assay/merkle.h>

bool assay_batch_leaf(struct assay_crypto *crypto, struct assay_slice nonce,
		      struct assay_merkle_hash *out)
{
	return nonce.n >= ASSAY_BATCH_NONCE_MIN && nonce.n <= ASSAY_BATCH_NONCE_MAX &&
	       assay_merkle_leaf(crypto, nonce, out);
}

bool assay_batch_extra_data(struct assay_crypto *crypto, uint64_t size,
			    const struct assay_merkle_hash *root, uint8_t *out)
{
	uint8_t be[8];
	struct assay_slice parts[] = { slice_str("assay-batch"),
				       { be, sizeof be },
				       { root->b, sizeof root->b } };
	struct assay_digest d;

	if (size == 0 || size > ASSAY_BATCH_MAX)
		return false;
	for (size_t i = 0; i < sizeof be; i++)
		be[i] = (uint8_t)(size >> 8 * (sizeof be - 1 - i));
	if (!assay_hash(crypto, ASSAY_SHA256, parts, 3, &d))
		return false;
	memcpy(out, d.b, ASSAY_MERKLE_HASH);
	return true;
}

bool assay_batch_verify(struct assay_crypto *crypto, struct assay_slice nonce,
			const struct assay_batch_path *path, struct assay_slice extraData)
{
	struct assay_merkle_hash h;
	uint8_t want[ASSAY_MERKLE_HASH];

	return assay_batch_leaf(crypto, nonce, &h) &&
	       assay_merkle_climb(crypto, &h, path->index, path->size, path->path, path->npath,
				  &h) &&
	       assay_batch_extra_data(crypto, path->size, &h, want) &&
	       slice_eq(extraData, (struct assay_slice){ want, sizeof want });
}

/* Latches a fault at an item's first byte. */
static void fail_at(struct cur *c, size_t start, enum assay_fault why, const char *field)
{
	c->field = start;
	cur_fail(c, why, field);
}

static void read_hashes(struct cur *c, struct assay_batch_path *out)
{
	size_t start = c->at;

	out->npath = cbor_array(c, ASSAY_BATCH_PATH_MAX, "path");
	if (cur_ok(c) && out->npath != assay_merkle_path_length(out->index, out->size))
		fail_at(c, start, ASSAY_F_CONFLICT, "path");
	for (size_t i = 0; i < out->npath && cur_ok(c); i++) {
		struct assay_slice h = cbor_bytes(c, "hash");

		if (h.n != ASSAY_MERKLE_HASH)
			cur_fail(c, ASSAY_F_RANGE, "hash");
		if (cur_ok(c))
			memcpy(out->path[i].b, h.p, h.n);
	}
}

bool assay_batch_path_read(struct assay_slice in, struct assay_batch_path *out,
			   struct assay_err *err)
{
	struct cur c = cur_over(in, err);
	struct assay_batch_path path = { 0 };

	if (cbor_array(&c, 3, "batch-path") != 3)
		fail_at(&c, 0, ASSAY_F_MISSING, "batch-path");

	size_t start = c.at;
	path.size = cbor_uint(&c, "size");
	if (path.size == 0)
		fail_at(&c, start, ASSAY_F_RANGE, "size");
	else if (path.size > ASSAY_BATCH_MAX)
		fail_at(&c, start, ASSAY_F_LIMIT, "size");

	start = c.at;
	path.index = cbor_uint(&c, "index");
	if (path.index >= path.size)
		fail_at(&c, start, ASSAY_F_RANGE, "index");

	read_hashes(&c, &path);
	if (!cur_done(&c, "batch-path"))
		return false;
	*out = path;
	return true;
}

size_t assay_batch_path_write(const struct assay_batch_path *path, uint8_t *out, size_t cap)
{
	struct cbor_out o = { .p = out, .cap = cap };

	if (path->size > ASSAY_BATCH_MAX || path->index >= path->size ||
	    path->npath != assay_merkle_path_length(path->index, path->size))
		return 0;
	cbor_put_head(&o, CBOR_ARRAY, 3);
	cbor_put_head(&o, CBOR_UINT, path->size);
	cbor_put_head(&o, CBOR_UINT, path->index);
	cbor_put_head(&o, CBOR_ARRAY, path->npath);
	for (size_t i = 0; i < path->npath; i++)
		cbor_put_bytes(&o, (struct assay_slice){ path->path[i].b, ASSAY_MERKLE_HASH });
	return o.full ? 0 : o.n;
}
