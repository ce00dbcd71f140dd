/* SPDX-License-Identifier: Apache-2.0 */
#include <assay/merkle.h>
#include <string.h>

static bool same(const struct assay_merkle_hash *a, const struct assay_merkle_hash *b)
{
	return memcmp(a->b, b->b, sizeof a->b) == 0;
}

/* Nodes of the level above one of n. */
static uint64_t above(uint64_t n)
{
	return n / 2 + n % 2;
}

size_t assay_merkle_path_length(uint64_t index, uint64_t size)
{
	size_t n = 0;

	for (; size > 1; size = above(size), index /= 2)
		n += (index ^ 1) < size;
	return n;
}

bool assay_merkle_climb(struct assay_crypto *crypto, const struct assay_merkle_hash *leaf,
			uint64_t index, uint64_t size, const struct assay_merkle_hash *path,
			size_t npath, struct assay_merkle_hash *root)
{
	struct assay_merkle_hash h = *leaf;

	/* SPEC: "If leaf_index is greater than or equal to tree_size, then fail" and, of the
	 * path's end, "Compare sn to 0" (RFC 9162, 2.1.3.2): no hash too few or too many */
	if (index >= size || npath != assay_merkle_path_length(index, size))
		return false;
	for (; size > 1; size = above(size), index /= 2) {
		if ((index ^ 1) >= size)
			continue; /* without a partner: goes up as it is */
		if (!(index & 1 ? assay_merkle_node(crypto, path, &h, &h)
				: assay_merkle_node(crypto, &h, path, &h)))
			return false;
		path++;
	}
	*root = h;
	return true;
}

bool assay_merkle_verify_inclusion(struct assay_crypto *crypto,
				   const struct assay_merkle_hash *leaf, uint64_t index,
				   uint64_t size, const struct assay_merkle_hash *path,
				   size_t npath, const struct assay_merkle_hash *root)
{
	struct assay_merkle_hash h;

	return assay_merkle_climb(crypto, leaf, index, size, path, npath, &h) && same(&h, root);
}

/* Steps 6 of 2.1.4.2: both roots from the node where they part. fn, sn: index of that node and
 * of the last one on its level, in the second tree. */
static bool climb_both(struct assay_crypto *crypto, uint64_t fn, uint64_t sn,
		       const struct assay_merkle_hash *proof, size_t nproof,
		       struct assay_merkle_hash *fr, struct assay_merkle_hash *sr)
{
	for (size_t i = 0; i < nproof; i++) {
		if (sn == 0)
			return false;
		if (fn % 2 == 1 || fn == sn) {
			if (!assay_merkle_node(crypto, &proof[i], fr, fr) ||
			    !assay_merkle_node(crypto, &proof[i], sr, sr))
				return false;
			for (; fn % 2 == 0 && fn != 0; fn /= 2)
				sn /= 2;
		} else if (!assay_merkle_node(crypto, sr, &proof[i], sr)) {
			return false;
		}
		fn /= 2;
		sn /= 2;
	}
	return sn == 0;
}

bool assay_merkle_verify_consistency(struct assay_crypto *crypto, uint64_t first,
				     uint64_t second, const struct assay_merkle_hash *proof,
				     size_t nproof, const struct assay_merkle_hash *first_root,
				     const struct assay_merkle_hash *second_root)
{
	uint64_t fn = first - 1, sn = second - 1;
	struct assay_merkle_hash fr, sr;

	if (first == 0 || first > second)
		return false;
	if (first == second)
		return nproof == 0 && same(first_root, second_root);
	if (nproof == 0)
		return false;

	/* SPEC: "If first is an exact power of 2, then prepend first_hash" */
	if ((first & fn) == 0) {
		fr = *first_root;
	} else {
		fr = *proof++;
		nproof--;
	}
	sr = fr;
	for (; fn % 2 == 1; fn /= 2)
		sn /= 2;
	return climb_both(crypto, fn, sn, proof, nproof, &fr, &sr) && same(&fr, first_root) &&
	       same(&sr, second_root);
}
