/* SPDX-License-Identifier: Apache-2.0
 * The EAR as written, and what is never written. */
#include "core/base/slice.h"
#include "tests/tap.h"
#include <assay/result.h>

static const int8_t good[ASSAY_CLAIMS_N] = { 2, 2, 2, 0, 2, 0, 0, 0 };

static struct assay_verdict verdict(enum assay_tier status, const int8_t *vector)
{
	struct assay_verdict v = { .status = status };

	memcpy(v.vector, vector, sizeof v.vector);
	return v;
}

static struct assay_ear ear_over(const struct assay_submod *submods, size_t n)
{
	return (struct assay_ear){ .iat = 1666529184,
				   .exp = 1666529484,
				   .developer = "https://assay.example",
				   .build = "assay 0.1.0",
				   .submods = submods,
				   .nsubmods = n };
}

#define HEAD                                                                                   \
	"{\"eat_profile\":\"tag:github.com,2023:veraison/"                                     \
	"ear\",\"iat\":1666529184,\"exp\":1666529484,"
#define VERIFIER                                                                               \
	"\"ear.verifier-id\":{\"developer\":\"https://assay.example\",\"build\":\"assay "      \
	"0.1.0\"},"

static void test_whole(void)
{
	static const int8_t bad[ASSAY_CLAIMS_N] = { 2, 2, 33, 0, -1, 0, 0, 0 };
	const struct assay_reason reasons[] = {
		{ ASSAY_R_IMA_FILE_UNKNOWN, ASSAY_SEVERITY_CONTRAINDICATED,
		  "binary_runtime_measurements, entry 7", "/usr/bin/\"x\"\n\xff", NULL,
		  "learn it" },
		{ ASSAY_R_BOOT_LOG_ODD, ASSAY_SEVERITY_INFO, "event 1", NULL, "17",
		  "nothing to do" },
	};
	struct assay_verdict a = verdict(ASSAY_CONTRAINDICATED, bad);
	struct assay_verdict b = verdict(ASSAY_AFFIRMING, good);
	const struct assay_submod submods[] = { { "node-a", &a, "policy:1", "an archive" },
						{ "node-b", &b, NULL, NULL } };
	struct assay_ear ear = ear_over(submods, 2);
	char out[4096];
	static const char want[] = HEAD
		"\"eat_nonce\":\"MTIzNDU2Nzg\"," VERIFIER
		"\"submods\":{\"node-a\":{\"ear.status\":\"contraindicated\","
		"\"ear.trustworthiness-vector\":{\"instance-identity\":2,\"configuration\":2,"
		"\"executables\":33,\"file-system\":0,\"hardware\":-1,\"runtime-opaque\":0,"
		"\"storage-opaque\":0,\"sourced-data\":0},\"ear.appraisal-policy-id\":\"policy:"
		"1\","
		"\"assay.reasons\":[{\"code\":\"ima.file-unknown\",\"severity\":"
		"\"contraindicated\","
		"\"where\":\"binary_runtime_measurements, entry 7\","
		"\"found\":\"/usr/bin/\\\"x\\\"\\u000a\\\\xff\",\"expected\":null,"
		"\"hint\":\"learn it\"},{\"code\":\"boot.log-odd\",\"severity\":\"info\","
		"\"where\":\"event 1\",\"found\":null,\"expected\":\"17\","
		"\"hint\":\"nothing to do\"}],\"assay.reasons-omitted\":3,"
		"\"assay.archive\":\"an archive\"},"
		"\"node-b\":{\"ear.status\":\"affirming\","
		"\"ear.trustworthiness-vector\":{\"instance-identity\":2,\"configuration\":2,"
		"\"executables\":2,\"file-system\":0,\"hardware\":2,\"runtime-opaque\":0,"
		"\"storage-opaque\":0,\"sourced-data\":0},\"assay.reasons\":[]}}}";
	const size_t n = sizeof want - 1;

	a.reasons = reasons;
	a.nreasons = 2;
	a.omitted = 3;
	ear.nonce = slice_str("12345678");
	if (!tap_ok(assay_ear_write(&ear, out, sizeof out) == n && !strcmp(out, want),
		    "every member in its place"))
		printf("# got  %s\n# want %s\n", out, want);
	tap_ok(assay_ear_write(&ear, out, n + 1) == n, "just enough room");

	bool none = true;

	for (size_t cap = 0; cap <= n; cap++)
		none = none && assay_ear_write(&ear, out, cap) == 0;
	tap_ok(none, "too little room writes nothing");
}

static void test_nonce(void)
{
	static const uint8_t bytes[65] = { 0 };
	struct assay_verdict v = verdict(ASSAY_AFFIRMING, good);
	const struct assay_submod submod = { "n", &v, NULL, NULL };
	char out[1024];

	for (size_t n = 0; n <= sizeof bytes; n++) {
		struct assay_ear ear = ear_over(&submod, 1);

		ear.nonce = (struct assay_slice){ bytes, n };
		size_t written = assay_ear_write(&ear, out, sizeof out);
		bool has = strstr(out, "\"eat_nonce\":\"AAAA") != NULL;

		if (n < 2 || (n > 6 && n < 10) || n > 62)
			tap_ok(written > 0 && has == (n >= 8 && n <= 64), "nonce of %zu bytes",
			       n);
	}
}

/* Each status under each value of a claim: written only when no better. */
static void test_status(void)
{
	static const enum assay_tier tiers[] = { ASSAY_AFFIRMING, ASSAY_NONE, ASSAY_WARNING,
						 ASSAY_CONTRAINDICATED };
	char out[1024];
	bool right = true;

	for (size_t k = 0; k < 4; k++) {
		for (int value = -128; value <= 127; value++) {
			for (int claim = 0; claim < ASSAY_CLAIMS_N; claim++) {
				int8_t vector[ASSAY_CLAIMS_N] = { 0 };

				vector[claim] = (int8_t)value;
				struct assay_verdict v = verdict(tiers[k], vector);
				const struct assay_submod submod = { "n", &v, NULL, NULL };
				const struct assay_ear ear = ear_over(&submod, 1);
				enum assay_tier tier = assay_tier_of((int8_t)value);
				size_t rank = tier == ASSAY_AFFIRMING ? 0
					      : tier == ASSAY_NONE    ? 1
					      : tier == ASSAY_WARNING ? 2
								      : 3;
				bool may = value == 0 ? tiers[k] != ASSAY_AFFIRMING : k >= rank;

				right = right &&
					(assay_ear_write(&ear, out, sizeof out) > 0) == may;
			}
		}
	}
	tap_ok(right, "status is never better than the worst claim, for every value of each");
}

static const struct {
	const char *name;
	enum assay_tier status;
	enum assay_reason_code code;
	enum assay_severity severity;
	bool written;
} reasons[] = {
	{ "info, affirming", ASSAY_AFFIRMING, 0, ASSAY_SEVERITY_INFO, true },
	{ "warning, affirming", ASSAY_AFFIRMING, 0, ASSAY_SEVERITY_WARNING, false },
	{ "warning, none", ASSAY_NONE, 0, ASSAY_SEVERITY_WARNING, true },
	{ "warning, warning", ASSAY_WARNING, 0, ASSAY_SEVERITY_WARNING, true },
	{ "contraindicated, affirming", ASSAY_AFFIRMING, 0, ASSAY_SEVERITY_CONTRAINDICATED,
	  false },
	{ "contraindicated, none", ASSAY_NONE, 0, ASSAY_SEVERITY_CONTRAINDICATED, false },
	{ "contraindicated, warning", ASSAY_WARNING, 0, ASSAY_SEVERITY_CONTRAINDICATED, false },
	{ "contraindicated, contraindicated", ASSAY_CONTRAINDICATED, 0,
	  ASSAY_SEVERITY_CONTRAINDICATED, true },
	{ "no such code", ASSAY_CONTRAINDICATED, ASSAY_REASON_CODES_N, ASSAY_SEVERITY_INFO,
	  false },
	{ "no such severity", ASSAY_CONTRAINDICATED, 0, (enum assay_severity)3, false },
	{ "no such tier", (enum assay_tier)1, 0, ASSAY_SEVERITY_INFO, false },
	{ "no such tier, above", (enum assay_tier)97, 0, ASSAY_SEVERITY_INFO, false },
};

static void test_reasons(void)
{
	char out[2048];

	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
		const struct assay_reason r = {
			reasons[i].code, reasons[i].severity, "w", "f", "e", "h"
		};
		struct assay_verdict v = verdict(reasons[i].status, good);
		const struct assay_submod submod = { "n", &v, NULL, NULL };
		const struct assay_ear ear = ear_over(&submod, 1);

		v.reasons = &r;
		v.nreasons = 1;
		tap_ok((assay_ear_write(&ear, out, sizeof out) > 0) == reasons[i].written,
		       "reason: %s", reasons[i].name);
	}
}

static void test_refused(void)
{
	struct assay_verdict v = verdict(ASSAY_AFFIRMING, good);
	const struct assay_submod two[] = { { "n", &v, NULL, NULL }, { "n", &v, NULL, NULL } };
	const struct assay_submod nameless = { NULL, &v, NULL, NULL };
	const struct assay_submod empty = { "n", NULL, NULL, NULL };
	struct assay_ear ear = ear_over(two, 1);
	char out[2048];

	tap_ok(assay_ear_write(&ear, out, sizeof out) > 0, "one submod");
	ear.nsubmods = 0;
	tap_ok(assay_ear_write(&ear, out, sizeof out) == 0, "no submod");
	ear.nsubmods = 2;
	tap_ok(assay_ear_write(&ear, out, sizeof out) == 0, "two submods of one name");
	ear = ear_over(&nameless, 1);
	tap_ok(assay_ear_write(&ear, out, sizeof out) == 0, "a submod without a name");
	ear = ear_over(&empty, 1);
	tap_ok(assay_ear_write(&ear, out, sizeof out) == 0, "a submod without a verdict");
	ear = ear_over(two, 1);
	ear.exp = ear.iat;
	tap_ok(assay_ear_write(&ear, out, sizeof out) == 0, "ends when it begins");
	ear = ear_over(two, 1);
	ear.build = NULL;
	tap_ok(assay_ear_write(&ear, out, sizeof out) == 0, "no build");
	ear = ear_over(two, 1);
	ear.developer = NULL;
	tap_ok(assay_ear_write(&ear, out, sizeof out) == 0, "no developer");
}

int main(void)
{
	test_whole();
	test_nonce();
	test_status();
	test_reasons();
	test_refused();
	return tap_done();
}
