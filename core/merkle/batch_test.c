/* SPDX-License-Identifier: Apache-2.0
 * Batch nonces: what verifies, and the rules of the path's encoding, one row each. */
#include "core/base/slice.h"
#include "tests/rows.h"
#include <assay/merkle.h>
#include <stdlib.h>

enum { ASKERS = 13 };

static struct assay_crypto *crypto;

#define H16 "0123456789abcdef"
#define HASH "\x58\x20" H16 H16

static bool read(struct assay_slice in, struct assay_err *err, bool *untouched)
{
	struct assay_batch_path path = { .npath = 77 };
	bool ok = assay_batch_path_read(in, &path, err);

	*untouched = path.npath == 77 && path.size == 0;
	return ok;
}

static const struct row rows[] = {
	{ "one asker", IN("\x83\x01\x00\x80"), READS },
	{ "the third of three", IN("\x83\x03\x02\x81" HASH), READS },
	{ "empty input", IN(""), ASSAY_F_TRUNCATED, "batch-path", 0 },
	{ "not an array", IN("\x01"), ASSAY_F_UNSUPPORTED, "batch-path", 0 },
	{ "two items", IN("\x82\x01\x00"), ASSAY_F_MISSING, "batch-path", 0 },
	{ "four items", IN("\x84\x01\x00\x80\x00"), ASSAY_F_LIMIT, "batch-path", 0 },
	{ "size 0", IN("\x83\x00\x00\x80"), ASSAY_F_RANGE, "size", 1 },
	{ "size above the limit", IN("\x83\x1a\x00\x01\x00\x01\x00\x80"), ASSAY_F_LIMIT, "size",
	  1 },
	{ "size in more bytes than needed", IN("\x83\x18\x01\x00\x80"), ASSAY_F_CANONICAL,
	  "size", 1 },
	{ "index equals size", IN("\x83\x03\x03\x81" HASH), ASSAY_F_RANGE, "index", 2 },
	{ "index is negative", IN("\x83\x03\x20\x81" HASH), ASSAY_F_UNSUPPORTED, "index", 2 },
	{ "path too short", IN("\x83\x03\x02\x80"), ASSAY_F_CONFLICT, "path", 3 },
	{ "path too long", IN("\x83\x03\x02\x82" HASH HASH), ASSAY_F_CONFLICT, "path", 3 },
	{ "path above the limit", IN("\x83\x03\x02\x91"), ASSAY_F_LIMIT, "path", 3 },
	{ "hash of 31 bytes", IN("\x83\x03\x02\x81\x58\x1f" H16 "0123456789abcde"),
	  ASSAY_F_RANGE, "hash", 4 },
	{ "hash of 33 bytes", IN("\x83\x03\x02\x81\x58\x21" H16 H16 "x"), ASSAY_F_RANGE, "hash",
	  4 },
	{ "hash as text", IN("\x83\x03\x02\x81\x78\x20" H16 H16), ASSAY_F_UNSUPPORTED, "hash",
	  4 },
	{ "hash cut short", IN("\x83\x03\x02\x81\x58\x20" H16), ASSAY_F_TRUNCATED, "hash", 4 },
	{ "bytes after it", IN("\x83\x01\x00\x80\x00"), ASSAY_F_TRAILING, "batch-path", 4 },
};

static void nonce_of(size_t i, uint8_t *nonce)
{
	memset(nonce, 0xa0, 32);
	nonce[31] = (uint8_t)i;
}

/* extraData of a batch of n askers, and the place of each. */
static void batch(size_t n, struct assay_batch_path *place, uint8_t *extra)
{
	struct assay_merkle_hash tree[2 * ASKERS + 64];
	uint8_t nonce[32];
	bool ok = true;

	for (size_t i = 0; i < n; i++) {
		nonce_of(i, nonce);
		ok = ok &&
		     assay_batch_leaf(crypto, (struct assay_slice){ nonce, 32 }, &tree[i]);
	}
	ok = ok && assay_merkle_build(crypto, tree, n);
	for (size_t i = 0; i < n; i++) {
		place[i].size = n;
		place[i].index = i;
		ok = ok && assay_merkle_path(tree, n, i, place[i].path, &place[i].npath);
	}
	if (!ok || !assay_batch_extra_data(crypto, n, &tree[assay_merkle_room(n) - 1], extra))
		exit(1);
}

static bool verifies(struct assay_slice nonce, const struct assay_batch_path *place,
		     const uint8_t *extra)
{
	return assay_batch_verify(crypto, nonce, place, (struct assay_slice){ extra, 32 });
}

/* Another index, size, hash or nonce than the one that was signed for. */
static bool only_truth(size_t i, const struct assay_batch_path *place, const uint8_t *extra)
{
	uint8_t nonce[32];
	struct assay_batch_path other = *place;
	struct assay_slice s = { nonce, 32 };

	nonce_of(i, nonce);
	if (!verifies(s, place, extra) ||
	    assay_batch_verify(crypto, s, place, (struct assay_slice){ extra, 31 }))
		return false;
	for (uint64_t k = 0; k <= 2 * ASKERS; k++) {
		other.index = k;
		if (k != place->index && verifies(s, &other, extra))
			return false;
		other.index = place->index;
		other.size = k;
		if (k != place->size && verifies(s, &other, extra))
			return false;
		other.size = place->size;
	}
	for (size_t k = 0; k < place->npath; k++) {
		other.path[k].b[k] ^= 1;
		if (verifies(s, &other, extra))
			return false;
		other.path[k].b[k] ^= 1;
	}
	nonce[0] ^= 1;
	return !verifies(s, place, extra);
}

static void test_batches(void)
{
	struct assay_batch_path place[ASKERS], again;
	struct assay_err err;
	uint8_t extra[32], bytes[ASSAY_BATCH_PATH_BYTES];
	bool truth = true, round = true;

	for (size_t n = 1; n <= ASKERS; n++) {
		batch(n, place, extra);
		for (size_t i = 0; i < n; i++) {
			truth = truth && only_truth(i, &place[i], extra);
			size_t len = assay_batch_path_write(&place[i], bytes, sizeof bytes);
			round = round && len > 0 &&
				assay_batch_path_read((struct assay_slice){ bytes, len },
						      &again, &err) &&
				again.size == n && again.index == i &&
				again.npath == place[i].npath &&
				memcmp(again.path, place[i].path,
				       again.npath * sizeof *again.path) == 0 &&
				assay_batch_path_write(&place[i], bytes, len - 1) == 0;
		}
	}
	tap_ok(truth, "each of 1 to %d askers is answered, and nobody else", ASKERS);
	tap_ok(round, "a path reads back as written; what does not fit is not written");
}

static void test_known(void)
{
	/* over the one leaf of 8 zero bytes, by Python's hashlib */
	static const uint8_t want[32] = { 0x51, 0x3f, 0x5a, 0x63, 0xd9, 0xb5, 0x6e, 0x75,
					  0xf3, 0x3d, 0x8a, 0xac, 0xd2, 0x00, 0xd4, 0xfc,
					  0xd4, 0x0a, 0xdb, 0x02, 0x40, 0x34, 0x57, 0x50,
					  0xcd, 0xfd, 0xe1, 0x9e, 0x8a, 0x02, 0x22, 0x46 };
	struct assay_merkle_hash leaf;
	uint8_t extra[32] = { 0 }, zeros[65] = { 0 };
	struct assay_batch_path one = { .size = 1 };
	struct assay_slice nonce = { zeros, 8 };

	tap_ok(assay_batch_leaf(crypto, nonce, &leaf) &&
		       assay_batch_extra_data(crypto, 1, &leaf, extra) &&
		       memcmp(extra, want, 32) == 0 && verifies(nonce, &one, extra),
	       "extraData of one asker, computed elsewhere");
	tap_ok(!assay_batch_verify(crypto, nonce, &one,
				   (struct assay_slice){ leaf.b, sizeof leaf.b }) &&
		       !assay_batch_verify(crypto, nonce, &one, nonce),
	       "no short cut for one: neither the root nor the nonce is what is signed");

	struct assay_merkle_hash kept = leaf;
	tap_ok(!assay_batch_leaf(crypto, (struct assay_slice){ zeros, 7 }, &leaf) &&
		       !assay_batch_leaf(crypto, (struct assay_slice){ zeros, 65 }, &leaf) &&
		       assay_batch_leaf(crypto, (struct assay_slice){ zeros, 64 }, &kept) &&
		       !verifies((struct assay_slice){ 0 }, &one, extra),
	       "a nonce has 8 to 64 bytes");
	tap_ok(!assay_batch_extra_data(crypto, 0, &leaf, extra) &&
		       !assay_batch_extra_data(crypto, ASSAY_BATCH_MAX + 1, &leaf, extra) &&
		       assay_batch_extra_data(crypto, ASSAY_BATCH_MAX, &leaf, extra),
	       "1 to ASSAY_BATCH_MAX askers");
}

/* The nodes of a tree as nonces of a smaller one. */
static void test_second_preimage(void)
{
	struct assay_batch_path place[ASKERS], fake = { .size = 1 };
	uint8_t extra[32], node[64];

	batch(2, place, extra);
	memcpy(node, place[1].path[0].b, 32);
	memcpy(node + 32, place[0].path[0].b, 32);
	tap_ok(!verifies((struct assay_slice){ node, 64 }, &fake, extra), "a node is no nonce");
}

static void test_writer(void)
{
	uint8_t out[ASSAY_BATCH_PATH_BYTES];
	struct assay_batch_path place = { .size = 3, .index = 2, .npath = 1 };

	tap_ok(assay_batch_path_write(&place, out, sizeof out) == 4 + 34, "a place is written");
	place.npath = 2;
	bool refused = assay_batch_path_write(&place, out, sizeof out) == 0;
	place = (struct assay_batch_path){ .size = 3, .index = 3, .npath = 2 };
	refused = refused && assay_batch_path_write(&place, out, sizeof out) == 0;
	place = (struct assay_batch_path){ .size = 0, .index = 0, .npath = 0 };
	refused = refused && assay_batch_path_write(&place, out, sizeof out) == 0;
	place = (struct assay_batch_path){ .size = ASSAY_BATCH_MAX + 1,
					   .index = ASSAY_BATCH_MAX,
					   .npath = 1 };
	refused = refused && assay_batch_path_write(&place, out, sizeof out) == 0;
	tap_ok(refused, "what the reader would refuse is not written");
	place = (struct assay_batch_path){ .size = ASSAY_BATCH_MAX,
					   .index = ASSAY_BATCH_MAX - 1,
					   .npath = 16 };
	tap_ok(assay_batch_path_write(&place, out, sizeof out) > 0, "the largest place fits");
}

int main(void)
{
	crypto = assay_crypto_new(NULL, NULL);
	if (!crypto)
		return 1;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		test_row(&rows[i], read);
	test_batches();
	test_known();
	test_second_preimage();
	test_writer();
	assay_crypto_free(crypto);
	return tap_done();
}
