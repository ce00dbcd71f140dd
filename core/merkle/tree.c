/* SPDX-License-Identifier: Apache-2.0 */
#include <assay/merkle.h>
#include <string.h>

static bool hash(struct assay_crypto *crypto, const struct assay_slice *parts, size_t nparts,
		 struct assay_merkle_hash *out)
{
	struct assay_digest d;

	if (!assay_hash(crypto, ASSAY_SHA256, parts, nparts, &d))
		return false;
	memcpy(out->b, d.b, sizeof out->b);
	return true;
}

bool assay_merkle_leaf(struct assay_crypto *crypto, struct assay_slice data,
		       struct assay_merkle_hash *out)
{
	struct assay_slice parts[] = { { (const uint8_t *)"\x00", 1 }, data };

	return hash(crypto, parts, 2, out);
}

bool assay_merkle_node(struct assay_crypto *crypto, const struct assay_merkle_hash *left,
		       const struct assay_merkle_hash *right, struct assay_merkle_hash *out)
{
	struct assay_slice parts[] = { { (const uint8_t *)"\x01", 1 },
				       { left->b, sizeof left->b },
				       { right->b, sizeof right->b } };

	return hash(crypto, parts, 3, out);
}

bool assay_merkle_add(struct assay_crypto *crypto, struct assay_merkle *tree,
		      const struct assay_merkle_hash *leaf)
{
	struct assay_merkle_hash h = *leaf;
	size_t level = 0;

	if (tree->size == UINT64_MAX)
		return false;
	/* like adding 1 to a binary number: each set bit is a subtree on the left */
	for (; tree->size >> level & 1; level++)
		if (!assay_merkle_node(crypto, &tree->peak[level], &h, &h))
			return false;
	tree->peak[level] = h;
	tree->size++;
	return true;
}

bool assay_merkle_root(struct assay_crypto *crypto, const struct assay_merkle *tree,
		       struct assay_merkle_hash *out)
{
	struct assay_merkle_hash h;
	bool any = false;

	if (tree->size == 0)
		return hash(crypto, NULL, 0, out);
	for (size_t level = 0; level < ASSAY_MERKLE_PATH_MAX; level++) {
		if (!(tree->size >> level & 1))
			continue;
		if (!any)
			h = tree->peak[level];
		else if (!assay_merkle_node(crypto, &tree->peak[level], &h, &h))
			return false;
		any = true;
	}
	*out = h;
	return true;
}

size_t assay_merkle_room(size_t n)
{
	size_t room = n;

	if (n > SIZE_MAX / (4 * sizeof(struct assay_merkle_hash)))
		return 0;
	for (; n > 1; room += n)
		n = (n + 1) / 2;
	return room;
}

bool assay_merkle_build(struct assay_crypto *crypto, struct assay_merkle_hash *hashes, size_t n)
{
	if (assay_merkle_room(n) == 0)
		return false;
	for (; n > 1; n = (n + 1) / 2) {
		struct assay_merkle_hash *above = hashes + n;

		for (size_t i = 0; i + 1 < n; i += 2)
			if (!assay_merkle_node(crypto, &hashes[i], &hashes[i + 1],
					       &above[i / 2]))
				return false;
		if (n % 2 == 1)
			above[n / 2] = hashes[n - 1];
		hashes = above;
	}
	return true;
}

bool assay_merkle_path(const struct assay_merkle_hash *hashes, size_t n, size_t index,
		       struct assay_merkle_hash *path, size_t *npath)
{
	size_t at = 0;

	if (index >= n)
		return false;
	for (; n > 1; n = (n + 1) / 2, index /= 2) {
		if ((index ^ 1) < n)
			path[at++] = hashes[index ^ 1];
		hashes += n;
	}
	*npath = at;
	return true;
}
