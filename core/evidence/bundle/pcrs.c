/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/cursor.h"
#include "core/base/slice.h"
#include "core/codec/hex.h"
#include <assay/evidence/bundle.h>

struct reader {
	struct assay_bank *banks; /* the caller's */
	uint32_t *known;
	size_t max, n;                                 /* banks told; n of them used */
	struct assay_slice names[ASSAY_PCR_BANKS_MAX]; /* banks seen, unknown ones too */
	size_t nnames;
	size_t indent; /* of the lines that name a bank */
	bool skipping; /* the bank's algorithm is unknown */
	uint32_t seen; /* PCRs of the bank at hand */
};

static size_t spaces(struct assay_slice s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] == ' ')
		n++;
	return n;
}

static bool is_name(struct assay_slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') ||
		      s.p[i] == '_'))
			return false;
	return s.n > 0;
}

/* "sha256:" */
static void read_bank(struct reader *r, struct cur *line)
{
	size_t left = cur_left(line);
	struct assay_slice name = cur_bytes(line, left > 0 ? left - 1 : 0, "bank");
	size_t start = line->at - name.n;

	bool colon = cur_be(line, 1, "bank") == ':';

	line->field = start;
	if (!colon || !is_name(name))
		cur_fail(line, ASSAY_F_ENCODING, "bank");
	for (size_t i = 0; i < r->nnames; i++)
		if (slice_eq(r->names[i], name))
			cur_fail(line, ASSAY_F_DUPLICATE, "bank");

	uint16_t alg = cur_ok(line) ? assay_alg_by_name(name) : 0;

	r->skipping = alg == 0;
	if (r->nnames == ASSAY_PCR_BANKS_MAX || (!r->skipping && r->n == r->max))
		cur_fail(line, ASSAY_F_LIMIT, "bank");
	if (!cur_ok(line))
		return;
	r->names[r->nnames++] = name;
	r->seen = 0;
	if (!r->skipping) {
		r->known[r->n] = 0;
		r->banks[r->n++] = (struct assay_bank){ .alg = alg,
							.size = (uint16_t)assay_alg_size(alg) };
	}
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* "0 : " or "10: " */
static uint32_t read_index(struct reader *r, struct cur *line)
{
	struct assay_slice s = cur_bytes(line, 4, "pcr");
	uint32_t pcr;

	if (!cur_ok(line))
		return 0;
	pcr = (uint32_t)(s.p[0] - '0');
	if (is_digit(s.p[1]))
		pcr = pcr * 10 + (uint32_t)(s.p[1] - '0');
	if (!is_digit(s.p[0]) || (s.p[1] != ' ' && !is_digit(s.p[1])) || s.p[2] != ':' ||
	    s.p[3] != ' ')
		cur_fail(line, ASSAY_F_ENCODING, "pcr");
	else if (s.p[0] == '0' && s.p[1] != ' ')
		cur_fail(line, ASSAY_F_CANONICAL, "pcr");
	else if (pcr >= ASSAY_PCRS)
		cur_fail(line, ASSAY_F_RANGE, "pcr");
	else if (r->seen >> pcr & 1)
		cur_fail(line, ASSAY_F_DUPLICATE, "pcr");
	if (!cur_ok(line))
		return 0;
	r->seen |= (uint32_t)1 << pcr;
	return pcr;
}

/* "0x" and the digits of one value, up to the line's end */
static void read_value(struct reader *r, struct cur *line, uint32_t pcr)
{
	struct assay_slice s = cur_bytes(line, cur_left(line), "value");
	struct assay_slice digits = slice_part(s, 2, s.n);
	uint8_t value[ASSAY_DIGEST_MAX];
	size_t n = digits.n / 2;

	if (!slice_starts(s, "0x"))
		cur_fail(line, ASSAY_F_ENCODING, "value");
	else if (n == 0 || n > sizeof value || (!r->skipping && n != r->banks[r->n - 1].size))
		cur_fail(line, ASSAY_F_RANGE, "value");
	else if (!hex_read(digits, value))
		cur_fail(line, ASSAY_F_ENCODING, "value");
	if (!cur_ok(line) || r->skipping)
		return;
	memcpy(r->banks[r->n - 1].value[pcr], value, n);
	r->known[r->n - 1] |= (uint32_t)1 << pcr;
}

static void read_line(struct reader *r, struct cur *line)
{
	struct assay_slice all = { line->p, line->n };
	size_t indent = spaces(all);

	if (r->nnames == 0)
		r->indent = indent;
	cur_bytes(line, indent, "indentation");
	if (r->indent != 0 && r->indent != 2)
		cur_fail(line, ASSAY_F_ENCODING, "indentation");

	if (indent == r->indent)
		read_bank(r, line);
	else if (indent == r->indent + 2)
		read_value(r, line, read_index(r, line));
	else
		cur_fail(line, ASSAY_F_ENCODING, "indentation");
}

static struct cur next_line(struct cur *c)
{
	struct assay_slice rest = { c->p + c->at, cur_left(c) };
	const uint8_t *end = memchr(rest.p, '\n', rest.n);
	struct cur line = cur_sub(c, end ? (size_t)(end - rest.p) : rest.n, "line");

	cur_bytes(c, 1, "newline");
	return line;
}

bool assay_pcrs_read(struct assay_slice in, struct assay_bank *banks, uint32_t *known,
		     size_t max, size_t *n, struct assay_err *err)
{
	struct cur c = cur_over(in, err);
	struct reader r = { .banks = banks, .known = known, .max = max };

	while (cur_ok(&c) && cur_left(&c) > 0) {
		struct cur line = next_line(&c);

		if (cur_ok(&c))
			read_line(&r, &line);
	}
	if (r.nnames == 0)
		cur_fail(&c, ASSAY_F_MISSING, "bank");
	if (!cur_done(&c, "bank"))
		return false;
	*n = r.n;
	return true;
}
