/* SPDX-License-Identifier: Apache-2.0
 *
 * The contents of an NV index with an EK certificate (TCG PC Client Specific
 * Implementation Specification 1.21, 7.3.2, TCG_PCCLIENT_STORED_CERT; the EK
 * Credential Profile for TPM 2.0 stores the DER alone).
 *
 *   offset  size  field
 *        0     2  tag                   1001                  | none of these
 *        2     1  certType              0: a full certificate | in most TPMs
 *        3     2  certSize              not relied upon       |
 *        5     2  cert.tag              1002                  |
 *        .     n  Certificate           DER: SEQUENCE, its length, its contents
 *        .     .  padding               00, 11 or ff bytes, to the end of the index
 *
 * The length of the Certificate is its own, as certSize counts the padding on some
 * chips. Stricter: its length is definite and in its shortest form, the whole
 * is at most ASSAY_CERT_MAX bytes, and nothing else follows. */
#include "core/base/cursor.h"
#include "core/base/slice.h"
#include "core/endorsement/ek/ek.h"

enum { TAG_STORED_CERT = 0x1001, TAG_FULL_CERT = 0x1002, DER_SEQUENCE = 0x30 };

static void header_read(struct cur *c)
{
	if (cur_be(c, 2, "tag") != TAG_STORED_CERT)
		cur_fail(c, ASSAY_F_MAGIC, "tag");
	if (cur_be(c, 1, "certType") != 0)
		cur_fail(c, ASSAY_F_UNSUPPORTED, "certType");
	(void)cur_be(c, 2, "certSize");
	if (cur_be(c, 2, "cert.tag") != TAG_FULL_CERT)
		cur_fail(c, ASSAY_F_MAGIC, "cert.tag");
}

static size_t length_read(struct cur *c)
{
	uint64_t first = cur_be(c, 1, "length");

	if (first < 0x80)
		return first;
	if (first != 0x81 && first != 0x82) {
		cur_fail(c, ASSAY_F_UNSUPPORTED, "length");
		return 0;
	}
	uint64_t n = cur_be(c, first - 0x80, "length");
	if (n < (first == 0x81 ? 0x80u : 0x100u))
		cur_fail(c, ASSAY_F_CANONICAL, "length");
	return n;
}

bool ek_nv_read(struct assay_slice in, struct ek_nv *out, struct assay_err *err)
{
	struct cur c = cur_over(in, err);
	struct ek_nv nv = { 0 };

	if (in.n > ASSAY_CERT_MAX)
		cur_fail(&c, ASSAY_F_LIMIT, "Certificate");
	if (in.n > 0 && in.p[0] != DER_SEQUENCE)
		header_read(&c);
	nv.header = c.at;
	if (cur_be(&c, 1, "Certificate") != DER_SEQUENCE)
		cur_fail(&c, ASSAY_F_MAGIC, "Certificate");
	(void)cur_bytes(&c, length_read(&c), "Certificate");
	nv.cert = slice_part(in, nv.header, c.at);

	nv.padding = cur_left(&c);
	while (cur_ok(&c) && cur_left(&c) > 0) {
		uint64_t v = cur_be(&c, 1, "padding");
		if (v != 0x00 && v != 0x11 && v != 0xff) /* 11: Nuvoton's */
			cur_fail(&c, ASSAY_F_TRAILING, "padding");
	}
	if (!cur_ok(&c))
		return false;
	*out = nv;
	return true;
}
