/* SPDX-License-Identifier: Apache-2.0
 *
 * ECDSA-Sig-Value (RFC 3279, 2.2.3) from and to r || s. libcrypto verifies a
 * signature only when it is the one DER encoding of its numbers. */
#include "core/base/cursor.h"
#include "core/crypto/internal.h"
#include <string.h>

enum { DER_SEQUENCE = 0x30, DER_INTEGER = 0x02, DER_LONG1 = 0x81 };

/* BOUNDS: at most 3 + n bytes at out. 0 when the number is zero. */
static size_t put_integer(const uint8_t *p, size_t n, uint8_t *out)
{
	for (; n > 0 && *p == 0; p++)
		n--;
	if (n == 0)
		return 0;

	size_t pad = *p >> 7; /* a leading bit would make it negative */
	out[0] = DER_INTEGER;
	out[1] = (uint8_t)(n + pad);
	out[2] = 0;
	memcpy(out + 2 + pad, p, n);
	return 2 + pad + n;
}

size_t crypto_raw_to_der(struct assay_slice raw, size_t field, uint8_t *der)
{
	uint8_t body[DER_MAX];

	if (field == 0 || field > RAW_MAX / 2 || raw.n != 2 * field)
		return 0;
	size_t r = put_integer(raw.p, field, body);
	size_t s = r ? put_integer(raw.p + field, field, body + r) : 0;
	if (s == 0)
		return 0;

	size_t n = 0;
	der[n++] = DER_SEQUENCE;
	if (r + s > 0x7f)
		der[n++] = DER_LONG1;
	der[n++] = (uint8_t)(r + s);
	memcpy(der + n, body, r + s);
	return n + r + s;
}

static size_t get_length(struct cur *c)
{
	size_t n = cur_be(c, 1, "length");

	if (n == DER_LONG1)
		n = cur_be(c, 1, "length");
	else if (n > 0x7f)
		cur_fail(c, ASSAY_F_RANGE, "length");
	return n;
}

static void get_integer(struct cur *c, size_t field, uint8_t *out)
{
	if (cur_be(c, 1, "INTEGER") != DER_INTEGER)
		cur_fail(c, ASSAY_F_RANGE, "INTEGER");
	struct assay_slice v = cur_bytes(c, get_length(c), "INTEGER");

	if (v.n > 1 && v.p[0] == 0)
		v = (struct assay_slice){ v.p + 1, v.n - 1 };
	if (v.n > field)
		cur_fail(c, ASSAY_F_LIMIT, "INTEGER");
	memset(out, 0, field);
	if (cur_ok(c) && v.n > 0)
		memcpy(out + field - v.n, v.p, v.n);
}

bool crypto_der_to_raw(struct assay_slice der, size_t field, uint8_t *raw)
{
	struct assay_err err;
	struct cur c = cur_over(der, &err);

	if (cur_be(&c, 1, "SEQUENCE") != DER_SEQUENCE)
		cur_fail(&c, ASSAY_F_RANGE, "SEQUENCE");
	struct cur body = cur_sub(&c, get_length(&c), "SEQUENCE");
	get_integer(&body, field, raw);
	get_integer(&body, field, raw + field);
	return cur_done(&body, "SEQUENCE") && cur_done(&c, "ECDSA-Sig-Value");
}
