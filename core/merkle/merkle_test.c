/* SPDX-License-Identifier: Apache-2.0
 * The test tree of certificate-transparency, every tree of 1 to 40 leaves against the RFC's own
 * recursive definitions, and the cases of transparency-dev/merkle. */
#include "core/base/slice.h"
#include "tests/tap.h"
#include "tests/vectors.h"
#include <assay/merkle.h>

enum { TREES = 40 };

static struct assay_crypto *crypto;
static struct assay_merkle_hash leaves[TREES], roots[TREES + 1];

static void must(bool ok)
{
	if (!ok)
		exit(1);
}

static bool eq(const struct assay_merkle_hash *a, const struct assay_merkle_hash *b)
{
	return memcmp(a->b, b->b, sizeof a->b) == 0;
}

static bool is_hex(const struct assay_merkle_hash *h, const char *hex)
{
	char text[2 * ASSAY_MERKLE_HASH + 1];

	for (size_t i = 0; i < ASSAY_MERKLE_HASH; i++)
		snprintf(text + 2 * i, 3, "%02x", h->b[i]);
	return strcmp(text, hex) == 0;
}

static size_t largest_power_below(size_t n)
{
	size_t k = 1;

	while (2 * k < n)
		k *= 2;
	return k;
}

/* MTH of 2.1.1, word by word. */
static struct assay_merkle_hash mth(const struct assay_merkle_hash *leaf, size_t n)
{
	if (n == 1)
		return *leaf;
	size_t k = largest_power_below(n);
	struct assay_merkle_hash l = mth(leaf, k), r = mth(leaf + k, n - k), out;
	must(assay_merkle_node(crypto, &l, &r, &out));
	return out;
}

/* PATH of 2.1.3.1 */
static size_t path_of(size_t m, const struct assay_merkle_hash *leaf, size_t n,
		      struct assay_merkle_hash *out)
{
	if (n == 1)
		return 0;
	size_t k = largest_power_below(n), at;
	if (m < k) {
		at = path_of(m, leaf, k, out);
		out[at] = mth(leaf + k, n - k);
	} else {
		at = path_of(m - k, leaf + k, n - k, out);
		out[at] = mth(leaf, k);
	}
	return at + 1;
}

/* SUBPROOF of 2.1.4.1; whole: b */
static size_t subproof(size_t m, const struct assay_merkle_hash *leaf, size_t n, bool whole,
		       struct assay_merkle_hash *out)
{
	if (m == n) {
		if (!whole)
			*out = mth(leaf, n);
		return !whole;
	}
	size_t k = largest_power_below(n), at;
	if (m <= k) {
		at = subproof(m, leaf, k, whole, out);
		out[at] = mth(leaf + k, n - k);
	} else {
		at = subproof(m - k, leaf + k, n - k, false, out);
		out[at] = mth(leaf, k);
	}
	return at + 1;
}

static const struct {
	const char *data;
	size_t n;
	const char *root; /* of the tree that ends with this leaf */
} ct[] = {
	{ "", 0, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d" },
	{ "\x00", 1, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125" },
	{ "\x10", 1, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77" },
	{ "\x20\x21", 2, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" },
	{ "\x30\x31", 2, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4" },
	{ "\x40\x41\x42\x43", 4,
	  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef" },
	{ "\x50\x51\x52\x53\x54\x55\x56\x57", 8,
	  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c" },
	{ "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16,
	  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328" },
};

static void test_known(void)
{
	struct assay_merkle tree = { 0 };
	struct assay_merkle_hash h, root, whole[32];

	tap_ok(assay_merkle_root(crypto, &tree, &root) &&
		       is_hex(&root, "e3b0c44298fc1c149afbf4c8996fb924"
				     "27ae41e4649b934ca495991b7852b855"),
	       "root of no leaves");
	for (size_t i = 0; i < sizeof ct / sizeof *ct; i++) {
		must(assay_merkle_leaf(
			crypto, (struct assay_slice){ (const uint8_t *)ct[i].data, ct[i].n },
			&h));
		for (size_t k = 0; k <= i; k++) /* only the leaves are left of the last tree */
			must(assay_merkle_leaf(
				crypto,
				(struct assay_slice){ (const uint8_t *)ct[k].data, ct[k].n },
				&whole[k]));
		tap_ok(assay_merkle_add(crypto, &tree, &h) &&
			       assay_merkle_root(crypto, &tree, &root) &&
			       is_hex(&root, ct[i].root) &&
			       assay_merkle_build(crypto, whole, i + 1) &&
			       eq(&whole[assay_merkle_room(i + 1) - 1], &root),
		       "certificate-transparency's tree of %zu", i + 1);
	}
	tree.size = UINT64_MAX;
	tap_ok(!assay_merkle_add(crypto, &tree, &h) && tree.size == UINT64_MAX,
	       "no leaf after the last that a size can count");
}

static void test_roots(void)
{
	struct assay_merkle tree = { 0 };
	struct assay_merkle_hash root;
	bool same = true;

	for (size_t n = 1; n <= TREES; n++) {
		uint8_t data[] = { (uint8_t)n, 0x5a };
		must(assay_merkle_leaf(crypto, (struct assay_slice){ data, n % 3 },
				       &leaves[n - 1]));
		must(assay_merkle_add(crypto, &tree, &leaves[n - 1]));
		roots[n] = mth(leaves, n);
		same = same && assay_merkle_root(crypto, &tree, &root) &&
		       eq(&root, &roots[n]) && tree.size == n;
	}
	tap_ok(same, "leaves one by one lead to MTH, 1 to %d", TREES);
	tap_ok(assay_merkle_room(0) == 0 && assay_merkle_room(1) == 1 &&
		       assay_merkle_room(2) == 3 && assay_merkle_room(5) == 11 &&
		       assay_merkle_room(SIZE_MAX) == 0 &&
		       assay_merkle_room(SIZE_MAX / 64) == 0,
	       "room of a tree");
	tap_ok(!assay_merkle_build(crypto, &root, 0), "no tree of no leaves");
}

/* Everything but the truth, about one leaf. */
static bool only_truth(size_t n, size_t index, const struct assay_merkle_hash *path,
		       size_t npath)
{
	struct assay_merkle_hash bad[ASSAY_MERKLE_PATH_MAX + 1], other = leaves[index];

	if (!assay_merkle_verify_inclusion(crypto, &leaves[index], index, n, path, npath,
					   &roots[n]))
		return false;
	for (size_t i = 0; i <= TREES + 1; i++)
		if (i != index && assay_merkle_verify_inclusion(crypto, &leaves[index], i, n,
								path, npath, &roots[n]))
			return false;
	for (size_t size = 1; size <= TREES; size++)
		if (size != n && assay_merkle_verify_inclusion(crypto, &leaves[index], index,
							       size, path, npath, &roots[size]))
			return false;

	memcpy(bad, path, npath * sizeof *path);
	for (size_t i = 0; i < npath; i++) {
		bad[i].b[(i * 7 + n) % ASSAY_MERKLE_HASH] ^= (uint8_t)(1 << index % 8);
		if (assay_merkle_verify_inclusion(crypto, &leaves[index], index, n, bad, npath,
						  &roots[n]))
			return false;
		bad[i] = path[i];
	}
	bad[npath] = roots[n];
	if (assay_merkle_verify_inclusion(crypto, &leaves[index], index, n, bad, npath + 1,
					  &roots[n]) ||
	    (npath > 0 && assay_merkle_verify_inclusion(crypto, &leaves[index], index, n, path,
							npath - 1, &roots[n])))
		return false;
	other.b[31] ^= 1;
	return !assay_merkle_verify_inclusion(crypto, &other, index, n, path, npath,
					      &roots[n]) &&
	       !assay_merkle_verify_inclusion(crypto, &leaves[index], index, n, path, npath,
					      &roots[n == TREES ? 1 : n + 1]) &&
	       !assay_merkle_verify_inclusion(crypto, &leaves[index], UINT64_MAX, n, path,
					      npath, &roots[n]);
}

static void test_inclusion(void)
{
	struct assay_merkle_hash whole[2 * TREES + 64], path[64], want[64];
	bool paths = true, verdicts = true;
	size_t npath = 0;

	for (size_t n = 1; n <= TREES; n++) {
		memcpy(whole, leaves, n * sizeof *leaves);
		must(assay_merkle_build(crypto, whole, n));
		for (size_t i = 0; i < n; i++) {
			size_t nwant = path_of(i, leaves, n, want);
			paths = paths && assay_merkle_path(whole, n, i, path, &npath) &&
				npath == nwant && assay_merkle_path_length(i, n) == nwant &&
				memcmp(path, want, nwant * sizeof *want) == 0;
			verdicts = verdicts && only_truth(n, i, path, npath);
		}
		npath = 99;
		paths = paths && !assay_merkle_path(whole, n, n, path, &npath) && npath == 99;
	}
	tap_ok(paths, "each path is PATH(m, D[n])");
	tap_ok(verdicts,
	       "each path proves its leaf, in its place, in its tree, and nothing else");
	tap_ok(assay_merkle_path_length(0, UINT64_MAX) == 64 &&
		       assay_merkle_path_length(UINT64_MAX - 1, UINT64_MAX) == 63 &&
		       assay_merkle_path_length(0, 1) == 0,
	       "path lengths of the largest tree");
}

static bool only_consistent(size_t m, size_t n, struct assay_merkle_hash *proof, size_t np)
{
	for (size_t i = 0; i < np; i++) {
		proof[i].b[(i + m) % ASSAY_MERKLE_HASH] ^= 0x10;
		bool ok = assay_merkle_verify_consistency(crypto, m, n, proof, np, &roots[m],
							  &roots[n]);
		proof[i].b[(i + m) % ASSAY_MERKLE_HASH] ^= 0x10;
		if (ok)
			return false;
	}
	for (size_t k = 0; k <= TREES; k++) /* other sizes, with the roots of those sizes */
		if ((k != m && assay_merkle_verify_consistency(crypto, k, n, proof, np,
							       &roots[k], &roots[n])) ||
		    (k != n && assay_merkle_verify_consistency(crypto, m, k, proof, np,
							       &roots[m], &roots[k])))
			return false;
	proof[np] = roots[m];
	return !assay_merkle_verify_consistency(crypto, m, n, proof, np + 1, &roots[m],
						&roots[n]) &&
	       (np == 0 || !assay_merkle_verify_consistency(crypto, m, n, proof, np - 1,
							    &roots[m], &roots[n])) &&
	       (m == n || (!assay_merkle_verify_consistency(crypto, m, n, proof, np, &roots[n],
							    &roots[n]) &&
			   !assay_merkle_verify_consistency(crypto, m, n, proof, np, &roots[m],
							    &roots[m]) &&
			   !assay_merkle_verify_consistency(crypto, n, m, proof, np, &roots[n],
							    &roots[m])));
}

static void test_consistency(void)
{
	struct assay_merkle_hash proof[ASSAY_MERKLE_PATH_MAX + 1];
	bool good = true, bad = true, equal = true;

	for (size_t n = 1; n <= TREES; n++) {
		for (size_t m = 1; m < n; m++) {
			size_t np = subproof(m, leaves, n, true, proof);
			good = good && assay_merkle_verify_consistency(crypto, m, n, proof, np,
								       &roots[m], &roots[n]);
			/* where m == k the same proof may suit other pairs; their roots do not
			 */
			bad = bad && only_consistent(m, n, proof, np);
		}
		proof[0] = roots[n];
		equal = equal &&
			assay_merkle_verify_consistency(crypto, n, n, NULL, 0, &roots[n],
							&roots[n]) &&
			!assay_merkle_verify_consistency(crypto, n, n, proof, 1, &roots[n],
							 &roots[n]) &&
			!assay_merkle_verify_consistency(crypto, n, n, NULL, 0, &roots[n],
							 &leaves[n == 1]) &&
			!assay_merkle_verify_consistency(crypto, 0, n, NULL, 0, &roots[0],
							 &roots[n]);
	}
	tap_ok(good, "each PROOF(m, D[n]) is taken");
	tap_ok(bad, "other hashes, lengths, sizes and roots are not");
	tap_ok(equal, "equal sizes: no proof and one root; from nothing: never");
}

/* Proofs that would do if a rule were left out. */
static void test_consistency_rules(void)
{
	struct assay_merkle_hash proof[ASSAY_MERKLE_PATH_MAX];
	size_t np = subproof(7, leaves, 8, true, proof);

	tap_ok(assay_merkle_verify_consistency(crypto, 7, 8, proof, np, &roots[7], &roots[8]) &&
		       !assay_merkle_verify_consistency(crypto, 3, 4, proof, np, &roots[7],
							&roots[8]),
	       "the proof of larger trees is too long for smaller ones");

	proof[0] = roots[1];
	proof[1] = leaves[1];
	tap_ok(!assay_merkle_verify_consistency(crypto, 3, 2, proof, 2, &roots[1], &roots[2]),
	       "no tree begins with a larger one");

	bool none = true;
	for (size_t n = 1; n <= TREES; n++)
		for (size_t m = 1; m < n; m++)
			none = none && !assay_merkle_verify_consistency(crypto, m, n, NULL, 0,
									&roots[m], &roots[n]);
	tap_ok(none, "without a proof nothing is proven");
}

/* A node shown as a leaf: the tree of 2 leaves as a tree of 1. */
static void test_second_preimage(void)
{
	uint8_t data[2 * ASSAY_MERKLE_HASH];
	struct assay_merkle_hash fake;

	memcpy(data, leaves[0].b, ASSAY_MERKLE_HASH);
	memcpy(data + ASSAY_MERKLE_HASH, leaves[1].b, ASSAY_MERKLE_HASH);
	tap_ok(assay_merkle_leaf(crypto, (struct assay_slice){ data, sizeof data }, &fake) &&
		       !assay_merkle_verify_inclusion(crypto, &fake, 0, 1, NULL, 0,
						      &roots[2]) &&
		       !assay_merkle_verify_inclusion(crypto, &fake, 0, 2, &leaves[2], 1,
						      &roots[3]),
	       "a node is no leaf");
}

/* The text after "key": in one object; NULL when it is not there. */
static const char *member(const char *object, const char *end, const char *key)
{
	char quoted[32];
	int n = snprintf(quoted, sizeof quoted, "\"%s\": ", key);
	const char *p = memmem(object, (size_t)(end - object), quoted, (size_t)n);

	return p ? p + n : NULL;
}

/* A string in base64; false unless it is the 32 bytes that a hash has. */
static bool hash_of(const char *text, struct assay_merkle_hash *out)
{
	uint8_t b[48];

	if (!text || strcspn(text + 1, "\"") != 44 ||
	    EVP_DecodeBlock(b, (const uint8_t *)text + 1, 44) != 33)
		return false;
	memcpy(out->b, b, sizeof out->b);
	return true;
}

/* The strings of "proof"; false when one is no hash. */
static bool proof_of(const char *text, struct assay_merkle_hash *proof, size_t max, size_t *n)
{
	for (*n = 0; *text != ']' && *text != 'n'; text++) { /* "null" is a proof of nothing */
		if (*text != '"')
			continue;
		if (*n == max || !hash_of(text, &proof[*n]))
			return false;
		++*n;
		text += 45; /* its closing quote */
	}
	return true;
}

static bool judge(const char *p, const char *end, bool inclusion)
{
	struct assay_merkle_hash proof[8], a, b;
	size_t n;

	if (!hash_of(member(p, end, inclusion ? "leafHash" : "root1"), &a) ||
	    !hash_of(member(p, end, inclusion ? "root" : "root2"), &b) ||
	    !proof_of(member(p, end, "proof"), proof, 8, &n))
		return false;
	uint64_t from = strtoull(member(p, end, inclusion ? "leafIdx" : "size1"), NULL, 10);
	uint64_t size = strtoull(member(p, end, inclusion ? "treeSize" : "size2"), NULL, 10);
	return inclusion
		       ? assay_merkle_verify_inclusion(crypto, &a, from, size, proof, n, &b)
		       : assay_merkle_verify_consistency(crypto, from, size, proof, n, &a, &b);
}

static void test_vectors(const char *name, bool inclusion)
{
	struct assay_slice file = test_vector(name);
	const char *p = (const char *)file.p, *end = p ? p + file.n : NULL;
	size_t good = 0, bad = 0, wrong = 0;

	if (!file.p) {
		tap_skip(name, NO_VECTORS);
		return;
	}
	while ((p = memchr(p, '{', (size_t)(end - p)))) {
		const char *stop = memchr(p, '}', (size_t)(end - p));
		bool want = *member(p, stop, "wantErr") == 'f';
		good += want;
		bad += !want;
		wrong += judge(p, stop, inclusion) != want;
		p = stop;
	}
	tap_ok(wrong == 0 && good >= 4 && bad >= 54, "%s: %zu good, %zu bad", name, good, bad);
	free((void *)file.p);
}

int main(void)
{
	crypto = assay_crypto_new(NULL, NULL);
	must(crypto);
	test_known();
	test_roots();
	test_inclusion();
	test_consistency();
	test_consistency_rules();
	test_second_preimage();
	test_vectors("tlog/merkle-inclusion.json", true);
	test_vectors("tlog/merkle-consistency.json", false);
	assay_crypto_free(crypto);
	return tap_done();
}
