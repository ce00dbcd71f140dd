/* SPDX-License-Identifier: Apache-2.0
 *
 * assay/merkle.h - Merkle trees as RFC 9162, section 2.1 has them (those of RFC 6962), over
 * SHA-256, and the batch nonce that is made of one.
 *
 *   leaf      SHA-256(0x00 || data)
 *   node      SHA-256(0x01 || left || right)
 *   no leaf   SHA-256("")
 *
 * A tree of n leaves is cut at the largest power of two below n. The same tree arises when
 * each level pairs its hashes from the left and one without a partner goes up as it is;
 * that is how it is built and checked here, so no function recurses.
 *
 * Nothing here is secret: hashes are compared with memcmp.
 *
 *   memory    the caller's; nothing is allocated
 *   threads   as struct assay_crypto: one at a time
 */
#ifndef ASSAY_MERKLE_H
#define ASSAY_MERKLE_H

#include <assay/crypto.h>

enum { ASSAY_MERKLE_HASH = 32, ASSAY_MERKLE_PATH_MAX = 64 };

struct assay_merkle_hash {
	uint8_t b[ASSAY_MERKLE_HASH];
};

/* False when the library fails; so it is with every function here that takes a crypto. */
ASSAY_API ASSAY_MUST_USE bool assay_merkle_leaf(struct assay_crypto *crypto,
						struct assay_slice data,
						struct assay_merkle_hash *out);
ASSAY_API ASSAY_MUST_USE bool assay_merkle_node(struct assay_crypto *crypto,
						const struct assay_merkle_hash *left,
						const struct assay_merkle_hash *right,
						struct assay_merkle_hash *out);

/* The root of leaves that come one by one: 2 KiB of state, however many they are. Zeroes are
 * the tree without leaves. */
struct assay_merkle {
	uint64_t size; /* leaves so far */
	/* root of the whole subtree of 2^i leaves, where bit i of size is set */
	struct assay_merkle_hash peak[ASSAY_MERKLE_PATH_MAX];
};

/* Adds a leaf by its hash; *tree is as it was on failure. */
ASSAY_API ASSAY_MUST_USE bool assay_merkle_add(struct assay_crypto *crypto,
					       struct assay_merkle *tree,
					       const struct assay_merkle_hash *leaf);
ASSAY_API ASSAY_MUST_USE bool assay_merkle_root(struct assay_crypto *crypto,
						const struct assay_merkle *tree,
						struct assay_merkle_hash *out);

/* A tree that is kept whole, for the paths of all its leaves: level after level in one array
 * of the caller's, of which the n leaf hashes are the front. */

/* Hashes in that array, below 2 * n + 64; 0 when n is 0 or no memory could hold them. The last
 * one is the root. */
ASSAY_API size_t assay_merkle_room(size_t n);
/* Fills all behind the leaf hashes. False when n is 0. */
ASSAY_API ASSAY_MUST_USE bool assay_merkle_build(struct assay_crypto *crypto,
						 struct assay_merkle_hash *hashes, size_t n);
/* Inclusion path (2.1.3.1) of the leaf at index from an array that was built: at most
 * ASSAY_MERKLE_PATH_MAX hashes to path, how many to *npath. False when index >= n. */
ASSAY_API ASSAY_MUST_USE bool assay_merkle_path(const struct assay_merkle_hash *hashes,
						size_t n, size_t index,
						struct assay_merkle_hash *path, size_t *npath);

/* Hashes in the path of the leaf at index of a tree of size leaves: there is no other length.
 * Meaningless unless index < size. */
ASSAY_API size_t assay_merkle_path_length(uint64_t index, uint64_t size);

/* The root that a leaf hash and its path lead to (2.1.3.2). False unless index < size and
 * npath is the one right length. */
ASSAY_API ASSAY_MUST_USE bool assay_merkle_climb(struct assay_crypto *crypto,
						 const struct assay_merkle_hash *leaf,
						 uint64_t index, uint64_t size,
						 const struct assay_merkle_hash *path,
						 size_t npath, struct assay_merkle_hash *root);

/* True when the path proves that the leaf is in the tree of size leaves with this root. */
ASSAY_API ASSAY_MUST_USE bool
assay_merkle_verify_inclusion(struct assay_crypto *crypto, const struct assay_merkle_hash *leaf,
			      uint64_t index, uint64_t size,
			      const struct assay_merkle_hash *path, size_t npath,
			      const struct assay_merkle_hash *root);

/* True when the proof shows that the tree (first, first_root) is the beginning of the tree
 * (second, second_root) (2.1.4.2). Equal sizes: no proof, and one root.
 *
 * Stricter than others: first == 0 is refused. Every tree begins with the empty one, so there
 * is nothing to show, and a caller that starts from nothing is to say so itself. */
ASSAY_API ASSAY_MUST_USE bool
assay_merkle_verify_consistency(struct assay_crypto *crypto, uint64_t first, uint64_t second,
				const struct assay_merkle_hash *proof, size_t nproof,
				const struct assay_merkle_hash *first_root,
				const struct assay_merkle_hash *second_root);

/* A batch: one quote for many askers. The data of each leaf is an asker's nonce, and the TPM
 * signs as extraData
 *
 *   SHA-256("assay-batch" || size, 8 bytes big-endian || root)
 *
 * also for one asker. Leaf, node and this hash begin with different bytes, so none
 * passes for another; size is in it, so a leaf has one path. 32 bytes suit every TPM.
 * An asker believes a batch because it chose its nonce at random itself. */

enum { ASSAY_BATCH_NONCE_MIN = 8, ASSAY_BATCH_NONCE_MAX = 64, ASSAY_BATCH_PATH_MAX = 16 };

/* The leaf hash of a nonce; false unless it has 8 to 64 bytes (EAT's nonce, RFC 9711). */
ASSAY_API ASSAY_MUST_USE bool assay_batch_leaf(struct assay_crypto *crypto,
					       struct assay_slice nonce,
					       struct assay_merkle_hash *out);
/* ASSAY_MERKLE_HASH bytes to out; false unless 1 <= size <= ASSAY_BATCH_MAX. */
ASSAY_API ASSAY_MUST_USE bool assay_batch_extra_data(struct assay_crypto *crypto, uint64_t size,
						     const struct assay_merkle_hash *root,
						     uint8_t *out);

/* What an asker gets beside the quote:
 *
 *   batch-path = [ size: uint, index: uint, [ * bstr .size 32 ] ]
 *
 * in deterministic CBOR. size is 1 to ASSAY_BATCH_MAX, index below it, and the path has exactly
 * assay_merkle_path_length() hashes, so a place in a batch has one encoding. */
struct assay_batch_path {
	uint64_t size, index;
	size_t npath;
	struct assay_merkle_hash path[ASSAY_BATCH_PATH_MAX];
};

enum { ASSAY_BATCH_PATH_BYTES = 1 + 5 + 3 + 1 + ASSAY_BATCH_PATH_MAX * (2 + 32) }; /* at most */

ASSAY_API ASSAY_MUST_USE bool assay_batch_path_read(struct assay_slice in,
						    struct assay_batch_path *out,
						    struct assay_err *err);
/* Length written, 0 when it does not fit or is nothing that the reader would take. */
ASSAY_API size_t assay_batch_path_write(const struct assay_batch_path *path, uint8_t *out,
					size_t cap);

/* True when a quote with this extraData answers the nonce at that place. */
ASSAY_API ASSAY_MUST_USE bool assay_batch_verify(struct assay_crypto *crypto,
						 struct assay_slice nonce,
						 const struct assay_batch_path *path,
						 struct assay_slice extraData);

#endif
