/* SPDX-License-Identifier: Apache-2.0
 *
 * follow - how many entries of the IMA list a quote covers. The kernel puts an entry into its
 * list before it extends the PCR, so the list may be ahead of the quote; a verifier's receipt
 * counts what the quote covered, and the agent has to count the same: it extends a PCR of its
 * own, entry by entry, until the quote's digest comes out.
 *
 * Nothing is judged here: a list that explains no quote is sent whole, and the verifier says
 * what is wrong with it.
 */
#pragma once
#include <assay/evidence/tpm.h>

struct agent_follow {
	struct assay_crypto *crypto;
	/* Every PCR of the quoted bank after `entries` entries, as the kernel extends it:
	 * [0] natively, [1] with a padded SHA-1. */
	struct assay_bank bank[2];
	bool possible[2];
	uint64_t entries;
	uint32_t resetCount; /* the boot that this is about */
	bool started;
};

/* A list from its first entry on. bank: the PCRs as the TPM has them (PCR 10 as it is at
 * reset). */
void agent_follow_start(struct agent_follow *f, const struct assay_bank *bank,
			uint32_t resetCount);

enum agent_followed {
	AGENT_FOLLOWED = 0,
	AGENT_LOST,  /* no prefix explains the quote; *f is as it was */
	AGENT_BROKE, /* the cryptographic library; *f is as it was */
};

/* bytes: the list from entry f->entries on, perhaps cut short. hash: of the quote's signature.
 * hint: the PCR 10 that was read just before the quote, or NULL: looks from there on alone,
 * which is quicker on a long list. *covered: bytes of the entries that the quote covers; f has
 * gone on to there. */
enum agent_followed agent_follow(struct agent_follow *f, struct assay_slice bytes,
				 const struct assay_quote *quote, uint16_t hash,
				 const uint8_t *hint, size_t *covered);
