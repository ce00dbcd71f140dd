/* SPDX-License-Identifier: Apache-2.0
 *
 * One look at the first bytes. The shapes exclude each other: both logs begin
 * with a small little-endian PCR index and TPM structures with a small
 * big-endian number, DER with 0x30, CBOR maps above 0xa0, text with none. */
#include "cli/inspect.h"

#include <string.h>

enum { PCRS_SEEN = 32 /* a wrong index is the reader's to refuse */ };

static bool has(struct assay_slice in, size_t at, const char *text)
{
	size_t n = strlen(text);

	return in.n >= at + n && memcmp(in.p + at, text, n) == 0;
}

static uint32_t le32(struct assay_slice in, size_t at)
{
	if (in.n < at + 4)
		return UINT32_MAX;
	return (uint32_t)in.p[at] | (uint32_t)in.p[at + 1] << 8 | (uint32_t)in.p[at + 2] << 16 |
	       (uint32_t)in.p[at + 3] << 24;
}

static unsigned be16(struct assay_slice in, size_t at)
{
	return in.n < at + 2 ? 0x10000u : (unsigned)in.p[at] << 8 | in.p[at + 1];
}

static bool is_text(struct assay_slice in)
{
	for (size_t i = 0; i < in.n && i < 4096; i++)
		if ((in.p[i] < 0x20 && !strchr("\t\n\r", in.p[i])) || in.p[i] == 0x7f)
			return false;
	return in.n > 0;
}

/* pcr, template hash, then the length of a printable template name. */
static bool is_ima(struct assay_slice in)
{
	static const size_t hashes[] = { 20, 32, 48, 64 };

	if (le32(in, 0) >= PCRS_SEEN)
		return false;
	for (size_t h = 0; h < sizeof hashes / sizeof *hashes; h++) {
		size_t at = 4 + hashes[h];
		uint32_t n = le32(in, at);
		bool name = n > 0 && n <= ASSAY_IMA_NAME_MAX && in.n >= at + 4 + n;
		for (size_t i = 0; name && i < n; i++)
			name = in.p[at + 4 + i] > 0x20 && in.p[at + 4 + i] < 0x7f;
		if (name)
			return true;
	}
	return false;
}

/* TCG_PCClientPCREvent: pcr, a type that PFP names, SHA-1, size. */
static bool is_event(struct assay_slice in)
{
	return in.n >= 8 && le32(in, 0) < PCRS_SEEN && assay_event_type_name(le32(in, 4));
}

static bool is_public(struct assay_slice in, size_t at)
{
	unsigned type = be16(in, at);

	return (type == 0x0001 || type == 0x0023 || type == 0x0008 || type == 0x0025) &&
	       assay_alg_size((uint16_t)be16(in, at + 2)) > 0;
}

static bool is_signature(struct assay_slice in)
{
	unsigned alg = be16(in, 0);

	return (alg == ASSAY_RSASSA || alg == ASSAY_RSAPSS || alg == ASSAY_ECDSA) &&
	       assay_alg_size((uint16_t)be16(in, 2)) > 0;
}

/* A DER SEQUENCE of a SEQUENCE, after at most 16 bytes of an NV index' own head. */
static bool is_der(struct assay_slice in)
{
	for (size_t at = 0; at <= 16 && at + 5 < in.n; at++)
		if (in.p[at] == 0x30 && in.p[at + 1] == 0x82 && in.p[at + 4] == 0x30)
			return true;
	return in.n > 2 && in.p[0] == 0x30 && in.p[1] == 0x81 && in.p[3] == 0x30;
}

static enum inspect_format sniff_binary(struct assay_slice in, const char **why)
{
	if (has(in, 0, "\xff\x54\x43\x47")) {
		*why = "it begins with TPM_GENERATED_VALUE";
		return INSPECT_TPMS_ATTEST;
	}
	if (in.n > 2 && in.p[0] > 0xa0 && in.p[0] < 0xb9 && in.p[1] >> 5 == 3) {
		*why = "a CBOR map with labels";
		return INSPECT_COLLECTION;
	}
	if (in.p[0] == 0x1e) {
		*why = "it begins with a record separator (RFC 7464)";
		return INSPECT_MEASURE_LOG;
	}
	if (has(in, 32, "Spec ID Event")) {
		*why = "its first record is a Spec ID event";
		return INSPECT_EVENTLOG;
	}
	if (is_ima(in)) {
		*why = "its first record has a template name";
		return INSPECT_IMA_BINARY;
	}
	if (is_event(in)) {
		*why = "its first record has a PCR index and an event type";
		return INSPECT_EVENTLOG;
	}
	if (is_signature(in)) {
		*why = "it begins with a signature scheme and a hash";
		return INSPECT_TPMT_SIGNATURE;
	}
	if (be16(in, 0) == in.n - 2 && is_public(in, 2)) {
		*why = "its size, a key type and a name algorithm";
		return INSPECT_TPM2B_PUBLIC;
	}
	if (is_public(in, 0)) {
		*why = "it begins with a key type and a name algorithm";
		return INSPECT_TPMT_PUBLIC;
	}
	if (is_der(in)) {
		*why = "a DER sequence";
		return INSPECT_X509;
	}
	return INSPECT_UNKNOWN;
}

static bool is_hex_digit(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static struct assay_slice trimmed(struct assay_slice in)
{
	while (in.n > 0 && strchr(" \t\r\n", in.p[in.n - 1]))
		in.n--;
	return in;
}

static bool is_nonce(struct assay_slice in)
{
	in = trimmed(in);
	for (size_t i = 0; i < in.n; i++)
		if (!is_hex_digit(in.p[i]))
			return false;
	return in.n >= 16 && in.n <= 128 && in.n % 2 == 0;
}

static bool is_base64url(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '-' || c == '_';
}

static bool is_jwt(struct assay_slice in)
{
	size_t dots = 0;

	in = trimmed(in);
	for (size_t i = 0; i < in.n; i++)
		if (in.p[i] == '.')
			dots++;
		else if (!is_base64url(in.p[i]))
			return false;
	return dots == 2 && has(in, 0, "ey");
}

/* "10 hex ima-ng ..." */
static bool is_ima_ascii(struct assay_slice in)
{
	size_t at = 0, hex = 0;

	while (at < in.n && at < 3 && (in.p[at] == ' ' || (in.p[at] >= '0' && in.p[at] <= '9')))
		at++;
	if (at < 2 || in.p[at - 1] != ' ')
		return false;
	while (at < in.n && is_hex_digit(in.p[at])) {
		hex++;
		at++;
	}
	return hex >= 40 && hex <= 128 && at < in.n && in.p[at] == ' ';
}

/* "sha256:" on a line of its own, as tpm2_pcrread prints. */
static bool is_pcrs(struct assay_slice in)
{
	size_t from = 0, to;

	while (from < in.n && strchr(" \t\r\n", in.p[from]))
		from++;
	for (to = from; to < in.n && in.p[to] > ' ' && in.p[to] != ':'; to++)
		;
	return has(in, to, ":") && (to + 1 == in.n || strchr(" \r\n", in.p[to + 1])) &&
	       assay_alg_by_name((struct assay_slice){ in.p + from, to - from }) != 0;
}

static const uint8_t *find(struct assay_slice in, const char *text)
{
	return memmem(in.p, in.n, text, strlen(text));
}

static enum inspect_format sniff_text(struct assay_slice in, const char **why)
{
	if (find(in, "-----BEGIN ")) {
		bool certificate = find(in, "CERTIFICATE-----") != NULL;
		*why = certificate ? "a PEM certificate" : "PEM that holds no certificate";
		return certificate ? INSPECT_X509 : INSPECT_PEM_PUBLIC_KEY;
	}
	if (is_ima_ascii(in)) {
		*why = "lines of PCR, template hash and template name";
		return INSPECT_IMA_ASCII;
	}
	if (is_pcrs(in)) {
		*why = "it begins with the name of a bank";
		return INSPECT_PCR_VALUES;
	}
	if (in.p[0] == '{' &&
	    find((struct assay_slice){ in.p, in.n < 256 ? in.n : 256 }, "\"register\"")) {
		*why = "JSON lines with \"register\"";
		return INSPECT_REFERENCES;
	}
	if (is_jwt(in)) {
		*why = "three parts of base64url (JWS, compact)";
		return INSPECT_EAR_JWT;
	}
	if (is_nonce(in)) {
		*why = "8 to 64 bytes in hex";
		return INSPECT_NONCE;
	}
	return INSPECT_UNKNOWN;
}

enum inspect_format inspect_sniff(struct assay_slice in, const char **why)
{
	enum inspect_format f = INSPECT_UNKNOWN;

	*why = "no format that assay knows begins like this";
	if (in.n > 0)
		f = is_text(in) ? sniff_text(in, why) : INSPECT_UNKNOWN;
	if (f == INSPECT_UNKNOWN && in.n > 0)
		f = sniff_binary(in, why);
	return f;
}

bool inspect_is_base64(struct assay_slice in)
{
	for (size_t i = 0; i < in.n; i++) {
		uint8_t c = in.p[i];
		bool good = (is_base64url(c) && c != '-' && c != '_') || c == '+' || c == '/' ||
			    c == '=' || strchr("\r\n", c);
		if (!good || c == 0)
			return false;
	}
	return in.n >= 16;
}
