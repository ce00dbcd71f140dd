/* SPDX-License-Identifier: Apache-2.0
 * Reasons as JSON: what no appraisal says is written, stored and told again as it was. */
#include "verifier/engine/reasons.h"

#include "tests/tap.h"

#include <string.h>

static struct assay_slice slice(const char *s)
{
	return (struct assay_slice){ (const uint8_t *)s, strlen(s) };
}

static void round_trip(enum assay_reason_code code, enum assay_tier status)
{
	struct assay_reason reasons[ASSAY_REASONS_MAX];
	struct assay_verdict v = { .status = status, .reasons = reasons };
	struct assay_submod submod = { .name = "n1", .verdict = &v };
	struct assay_ear ear = { .iat = 1,
				 .exp = 2,
				 .developer = "\",\"assay.reasons\":[]",
				 .build = "b",
				 .submods = &submod,
				 .nsubmods = 1 };
	char json[REASONS_ONE_MAX], out[8192];
	json_t *keep = NULL;

	submod.policy_id = ",\"assay.reasons\":[{";
	size_t n = engine_reason(code, "x \"],[{\\", "é", json, sizeof json);
	bool read = n > 0 && reasons_read(slice(json), reasons, &v.nreasons, &keep);
	size_t len = read ? assay_ear_write(&ear, out, sizeof out) : 0;
	struct assay_slice told = reasons_in_ear((struct assay_slice){ (uint8_t *)out, len });
	if (!tap_ok(read && v.nreasons == 1 && reasons[0].code == code && told.n == n &&
			    memcmp(told.p, json, n) == 0,
		    "%s: %s", assay_tier_name(status), assay_reason_info(code)->word))
		printf("# %s\n# %.*s\n", json, (int)told.n, (const char *)told.p);
	json_decref(keep);
}

static void run_refused(void)
{
	static const char *const bad[] = {
		"",
		"{}",
		"[",
		"[1]",
		"[{}]",
		"[{\"code\":\"node.silent\"}]",
		"[{\"code\":\"node.silent\",\"severity\":\"bad\"}]",
		"[{\"code\":\"node.odd\",\"severity\":\"info\"}]",
	};
	struct assay_reason reasons[ASSAY_REASONS_MAX];
	json_t *keep = NULL;
	size_t n = 77;
	char out[16];

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		tap_ok(!reasons_read(slice(bad[i]), reasons, &n, &keep) && n == 77,
		       "refused: %s", bad[i]);
	tap_ok(reasons_read(slice("[]"), reasons, &n, &keep) && n == 0, "none");
	json_decref(keep);
	tap_ok(engine_reason(ASSAY_R_NODE_SILENT, NULL, NULL, out, sizeof out) == 0, "no room");
	tap_ok(reasons_in_ear(slice("{\"a\":1}")).n == 0 &&
		       reasons_in_ear(slice(",\"assay.reasons\":[{\"a\":\"]\"}")).n == 0,
	       "no array, or half of one");
}

static struct assay_policy policy;

static bool print_of(struct assay_crypto *crypto, const struct assay_verdict *v,
		     const struct assay_deviation *d, size_t n, uint8_t out[32])
{
	return reasons_fingerprint(crypto, v, &policy, d, n, out);
}

static void run_fingerprint(void)
{
	struct assay_crypto *crypto = assay_crypto_new(NULL, NULL);
	struct assay_reason r[2] = { { .code = ASSAY_R_IMA_FILE_UNKNOWN,
				       .severity = ASSAY_SEVERITY_WARNING,
				       .where = "w",
				       .found = "f" },
				     { .code = ASSAY_R_IMA_ASCII_ONLY,
				       .severity = ASSAY_SEVERITY_INFO,
				       .where = "w" } };
	struct assay_verdict v = { .status = ASSAY_WARNING, .reasons = r, .nreasons = 1 };
	struct assay_deviation d[3] = {
		{ .reason = slice("ima.file-unknown"), .index = 7, .digest = slice("12") },
		{ .reason = slice("ima.file-modified"), .index = 9, .digest = slice("34") },
		{ .reason = slice("boot.log-odd"), .index = 9, .digest = slice("34") },
	};
	struct assay_deviation turned[2] = { d[1], d[0] };
	uint8_t a[32], b[32];

	assay_policy_default(&policy);
	bool ok = print_of(crypto, &v, d, 2, a);
	v.nreasons = 2;
	tap_ok(ok && print_of(crypto, &v, d, 2, b) && memcmp(a, b, 32) == 0,
	       "what is told for information changes nothing");
	tap_ok(print_of(crypto, &v, d, 3, b) && memcmp(a, b, 32) == 0,
	       "nor does a thing that deviates for information");
	tap_ok(print_of(crypto, &v, turned, 2, b) && memcmp(a, b, 32) == 0, "nor the order");
	r[0].where = "judged before";
	tap_ok(print_of(crypto, &v, d, 2, b) && memcmp(a, b, 32) == 0, "nor the words");
	tap_ok(print_of(crypto, &v, d, 1, b) && memcmp(a, b, 32) != 0, "a thing less");
	d[0].index = 8;
	tap_ok(print_of(crypto, &v, d, 2, b) && memcmp(a, b, 32) != 0, "at another place");
	d[0].index = 7;
	d[0].digest = slice("13");
	tap_ok(print_of(crypto, &v, d, 2, b) && memcmp(a, b, 32) != 0, "another thing");
	d[0].digest = slice("12");
	r[1].severity = ASSAY_SEVERITY_WARNING;
	tap_ok(print_of(crypto, &v, d, 2, b) && memcmp(a, b, 32) != 0, "a reason more");
	v.nreasons = 1;
	v.status = ASSAY_CONTRAINDICATED;
	tap_ok(print_of(crypto, &v, d, 2, b) && memcmp(a, b, 32) != 0, "another tier");
	v.status = ASSAY_WARNING;
	v.vector[2] = 33;
	tap_ok(print_of(crypto, &v, d, 2, b) && memcmp(a, b, 32) != 0, "another vector");
	assay_crypto_free(crypto);
}

int main(void)
{
	round_trip(ASSAY_R_NODE_SILENT, ASSAY_NONE);
	round_trip(ASSAY_R_NODE_REMOVED, ASSAY_NONE);
	round_trip(ASSAY_R_VERIFIER_BLIND, ASSAY_NONE);
	round_trip(ASSAY_R_NODE_REVOKED, ASSAY_CONTRAINDICATED);
	round_trip(ASSAY_R_IDENTITY_KEY_REVOKED, ASSAY_CONTRAINDICATED);
	round_trip(ASSAY_R_REFERENCE_REVOKED, ASSAY_CONTRAINDICATED);
	run_refused();
	run_fingerprint();
	return tap_done();
}
