/* SPDX-License-Identifier: Apache-2.0
 * One row per rule of assay/reference.h. */
#include "core/base/slice.h"
#include "tests/tap.h"
#include <assay/reference.h>
#include <stdlib.h>

static struct assay_slice digest(uint8_t v, size_t n)
{
	static uint8_t b[16][64];
	static int at;

	at = (at + 1) % 16;
	memset(b[at], v, sizeof b[at]);
	return (struct assay_slice){ b[at], n };
}

static enum assay_fault add(struct assay_refs *refs, uint8_t place, uint8_t v, const char *name,
			    enum assay_ref_state state)
{
	struct assay_ref r = { .place = place,
			       .kind = place == ASSAY_PLACE_IMA ? ASSAY_REF_FILE
								: ASSAY_REF_KERNEL,
			       .state = state,
			       .alg = ASSAY_SHA256,
			       .digest = digest(v, 32),
			       .name = slice_str(name),
			       .provenance = slice_str("test") };
	return assay_refs_add(refs, &r);
}

static void files(const struct assay_refs *refs)
{
	static const struct {
		const char *rule;
		uint8_t v;
		const char *path;
		enum assay_match want;
	} rows[] = {
		{ "path and digest", 1, "/usr/bin/bash", ASSAY_MATCH_GOOD },
		{ "the same path before the /usr merge", 1, "/bin/bash", ASSAY_MATCH_GOOD },
		{ "second digest of one path", 2, "/usr/bin/bash", ASSAY_MATCH_GOOD },
		{ "digest good at another path", 1, "/tmp/bash", ASSAY_MATCH_MISPLACED },
		{ "digest good at another known path", 3, "/usr/bin/bash",
		  ASSAY_MATCH_MISPLACED },
		{ "known path, other digest", 9, "/usr/bin/bash", ASSAY_MATCH_MODIFIED },
		{ "nothing known", 9, "/usr/bin/evil", ASSAY_MATCH_UNKNOWN },
		{ "revoked", 4, "/usr/bin/old", ASSAY_MATCH_REVOKED },
		{ "revoked, at another path", 4, "/usr/bin/new", ASSAY_MATCH_REVOKED },
		{ "revoked wins over current", 5, "/usr/bin/both", ASSAY_MATCH_REVOKED },
		{ "below a folder", 6, "/opt/app/lib/x.so", ASSAY_MATCH_GOOD },
		{ "the folder itself is not below it", 6, "/opt/app/", ASSAY_MATCH_MISPLACED },
		{ "beside the folder", 6, "/opt/apple", ASSAY_MATCH_MISPLACED },
		{ "a boot digest is no file", 7, "/vmlinuz", ASSAY_MATCH_UNKNOWN },
		{ "empty path", 1, "", ASSAY_MATCH_MISPLACED },
		{ "announced is good", 8, "/usr/bin/next", ASSAY_MATCH_GOOD },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int64_t at;
		enum assay_match got =
			assay_refs_match_file(refs, ASSAY_SHA256, digest(rows[i].v, 32),
					      slice_str(rows[i].path), &at);
		tap_ok(got == rows[i].want &&
			       (got == ASSAY_MATCH_UNKNOWN) == (at == ASSAY_REF_NONE),
		       "file: %s (%d)", rows[i].rule, (int)got);
	}
	int64_t at;
	tap_ok(assay_refs_match_file(refs, ASSAY_SHA1, digest(1, 20),
				     slice_str("/usr/bin/bash"), &at) == ASSAY_MATCH_MODIFIED,
	       "file: the algorithm is part of a digest");
	tap_ok(assay_refs_match_file(refs, ASSAY_SHA256, digest(1, 0),
				     slice_str("/usr/bin/bash"), &at) != ASSAY_MATCH_GOOD,
	       "file: an empty digest is never good");
}

static void registers(const struct assay_refs *refs)
{
	int64_t at;

	tap_ok(assay_refs_match_pcr(refs, 9, ASSAY_SHA256, digest(7, 32), &at) ==
		       ASSAY_MATCH_GOOD,
	       "register and digest");
	tap_ok(assay_refs_match_pcr(refs, 4, ASSAY_SHA256, digest(7, 32), &at) ==
		       ASSAY_MATCH_UNKNOWN,
	       "a digest good in one register is unknown in another");
	tap_ok(assay_refs_match_pcr(refs, 9, ASSAY_SHA256, digest(1, 32), &at) ==
		       ASSAY_MATCH_UNKNOWN,
	       "a file is no boot component");
	tap_ok(assay_refs_match_pcr(refs, 9, ASSAY_SHA256, digest(10, 32), &at) ==
		       ASSAY_MATCH_REVOKED,
	       "a revoked component");
	tap_ok(assay_refs_match_pcr(refs, 0, ASSAY_SHA256, digest(11, 32), &at) ==
		       ASSAY_MATCH_UNKNOWN,
	       "a register's value is no component");
	tap_ok(assay_refs_has_alg(refs, ASSAY_SHA256) &&
		       !assay_refs_has_alg(refs, ASSAY_SHA384),
	       "banks that references have");
}

static void refusals(struct assay_refs *refs)
{
	uint32_t n = refs->n;
	struct assay_ref r = { .place = 24, .alg = ASSAY_SHA256, .digest = digest(1, 32) };

	tap_ok(assay_refs_add(refs, &r) == ASSAY_F_RANGE, "no PCR 24");
	r.place = 4;
	r.digest = digest(0, 32);
	tap_ok(assay_refs_add(refs, &r) == ASSAY_F_RANGE, "a zero digest is refused");
	r.digest = digest(1, 31);
	tap_ok(assay_refs_add(refs, &r) == ASSAY_F_RANGE, "a short digest is refused");
	r.digest = digest(1, 32);
	r.alg = ASSAY_SM3_256;
	tap_ok(assay_refs_add(refs, &r) == ASSAY_F_RANGE,
	       "a bank that is not computed is refused");
	tap_ok(add(refs, ASSAY_PLACE_IMA, 1, "/usr/bin/bash", ASSAY_REF_CURRENT) ==
			       ASSAY_F_OK &&
		       refs->n == n,
	       "an exact duplicate is dropped");
	while (refs->n < refs->max)
		if (add(refs, 1, (uint8_t)(20 + refs->n), "fill", ASSAY_REF_CURRENT) !=
		    ASSAY_F_OK)
			break;
	tap_ok(add(refs, 1, 250, "one too many", ASSAY_REF_CURRENT) == ASSAY_F_MEMORY,
	       "a full set says so");
}

int main(void)
{
	struct assay_arena arena = { .n = assay_refs_bytes(20, 4096) };
	struct assay_refs refs;

	arena.p = malloc(arena.n);
	if (!arena.p || !assay_refs_init(&refs, &arena, 20, 4096))
		return 1;
	add(&refs, ASSAY_PLACE_IMA, 1, "/usr/bin/bash", ASSAY_REF_CURRENT);
	add(&refs, ASSAY_PLACE_IMA, 2, "/bin/bash", ASSAY_REF_RETIRING);
	add(&refs, ASSAY_PLACE_IMA, 3, "/usr/bin/cat", ASSAY_REF_CURRENT);
	add(&refs, ASSAY_PLACE_IMA, 4, "/usr/bin/old", ASSAY_REF_REVOKED);
	add(&refs, ASSAY_PLACE_IMA, 5, "/usr/bin/both", ASSAY_REF_CURRENT);
	add(&refs, ASSAY_PLACE_IMA, 5, "/usr/bin/both", ASSAY_REF_REVOKED);
	add(&refs, ASSAY_PLACE_IMA, 6, "/opt/app/**", ASSAY_REF_CURRENT);
	add(&refs, 9, 7, "/vmlinuz", ASSAY_REF_CURRENT);
	add(&refs, ASSAY_PLACE_IMA, 8, "/usr/bin/next", ASSAY_REF_ANNOUNCED);
	add(&refs, 9, 10, "/initrd", ASSAY_REF_REVOKED);
	struct assay_ref pin = { .place = 0,
				 .kind = ASSAY_REF_PCR_VALUE,
				 .alg = ASSAY_SHA256,
				 .digest = digest(11, 32) };
	tap_ok(assay_refs_add(&refs, &pin) == ASSAY_F_OK && refs.n == 11,
	       "eleven references so far");
	/* whatever the order in which they came */
	add(&refs, ASSAY_PLACE_IMA, 4, "/usr/bin/late", ASSAY_REF_CURRENT);
	add(&refs, ASSAY_PLACE_IMA, 6, "/usr/bin/single", ASSAY_REF_CURRENT);
	files(&refs);
	registers(&refs);
	refusals(&refs);
	tap_ok(assay_kind_by_word(slice_str("kernel")) == ASSAY_REF_KERNEL &&
		       assay_kind_by_word(slice_str("kernels")) == -1,
	       "kinds by word");
	tap_ok(assay_ref_state_by_word(slice_str("revoked")) == ASSAY_REF_REVOKED &&
		       assay_ref_state_by_word(slice_str("good")) == -1,
	       "states by word");
	free(arena.p);
	return tap_done();
}
