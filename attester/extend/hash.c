/* SPDX-License-Identifier: Apache-2.0 */
#include "attester/extend/extend.h"

#include <assay/crypto.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <unistd.h>

enum { CHUNK = 1024 * 1024 };

struct hasher {
	size_t n;
	struct {
		uint16_t alg;
		EVP_MD_CTX *ctx;
	} bank[TPM2_NUM_PCR_BANKS];
};

static bool start(struct hasher *h, const TPML_PCR_SELECTION *banks)
{
	for (size_t i = 0; i < banks->count; i++) {
		uint16_t alg = banks->pcrSelections[i].hash;
		if (!assay_alg_computable(alg))
			continue;
		EVP_MD *md = EVP_MD_fetch(NULL, assay_alg_name(alg), NULL);
		EVP_MD_CTX *ctx = EVP_MD_CTX_new();
		bool good = md && ctx && EVP_DigestInit_ex2(ctx, md, NULL);
		EVP_MD_free(md); /* the context holds its own reference */
		h->bank[h->n].alg = alg;
		h->bank[h->n++].ctx = ctx;
		if (!good)
			return false;
	}
	return h->n > 0;
}

/* 0, or an errno; EIO when the library fails. */
static int feed(struct hasher *h, int fd)
{
	uint8_t *chunk = malloc(CHUNK);
	ssize_t got = 1;
	int problem = chunk ? 0 : ENOMEM;

	while (!problem && got != 0) {
		got = read(fd, chunk, CHUNK);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			problem = errno;
		for (size_t i = 0; i < h->n && !problem; i++)
			if (!EVP_DigestUpdate(h->bank[i].ctx, chunk, (size_t)got))
				problem = EIO;
	}
	free(chunk);
	return problem;
}

static bool finish(struct hasher *h, TPML_DIGEST_VALUES *out)
{
	TPML_DIGEST_VALUES values = { .count = (UINT32)h->n };

	for (size_t i = 0; i < h->n; i++) {
		values.digests[i].hashAlg = h->bank[i].alg;
		if (!EVP_DigestFinal_ex(h->bank[i].ctx, (BYTE *)&values.digests[i].digest,
					NULL))
			return false;
	}
	*out = values;
	return true;
}

bool attester_file_hash(const char *path, const TPML_PCR_SELECTION *banks,
			TPML_DIGEST_VALUES *out, struct platform_message *why)
{
	struct hasher h = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int problem = fd < 0 ? errno : 0;
	bool started = start(&h, banks);

	if (!problem && started)
		problem = feed(&h, fd);
	bool good = !problem && started && finish(&h, out);
	for (size_t i = 0; i < h.n; i++)
		EVP_MD_CTX_free(h.bank[i].ctx);
	if (fd >= 0)
		close(fd);
	if (good)
		return true;
	*why = (struct platform_message){ 0 };
	platform_message_what(why, "cannot measure %s", path);
	if (problem) {
		platform_message_errno(why, problem);
	} else {
		platform_message_why(why, "the TPM has no active bank that assay can compute");
		platform_message_hint(why, "tpm2_pcrallocate sha256:all, then reboot");
	}
	return false;
}
