/* SPDX-License-Identifier: Apache-2.0
 *
 * An ASCII list: "%2d hash template-name" and, after one space each, the
 * fields; then a newline. A field may be empty, its space stays. Each line's
 * template data is rebuilt as the binary list has it and read by the same code. */
#include "core/base/slice.h"
#include "core/evidence/ima/fields.h"

/* Where data is rebuilt; c latches what does not fit. */
struct data {
	uint8_t *p;
	size_t n, cap;
	struct cur *c;
};

/* BOUNDS: n more bytes in d; NULL for none, and when they do not fit. */
static uint8_t *room(struct data *d, size_t n)
{
	if (n > ASSAY_IMA_DATA_MAX - d->n)
		cur_fail(d->c, ASSAY_F_LIMIT, "template_data");
	else if (n > d->cap - d->n)
		cur_fail(d->c, ASSAY_F_MEMORY, "template_data");
	if (!cur_ok(d->c) || n == 0)
		return NULL;
	d->n += n;
	return d->p + d->n - n;
}

static void put(struct data *d, struct assay_slice s)
{
	uint8_t *to = room(d, s.n);

	if (to && s.p)
		memcpy(to, s.p, s.n);
}

static void le_store(uint8_t *to, uint64_t v, size_t width)
{
	for (size_t i = 0; i < width; i++)
		to[i] = (uint8_t)(v >> 8 * i);
}

static int nibble(uint8_t b)
{
	if (b >= '0' && b <= '9')
		return b - '0';
	if (b >= 'a' && b <= 'f')
		return b - 'a' + 10;
	return -1;
}

/* to: hex.n / 2 bytes. */
static bool unhex(struct assay_slice hex, uint8_t *to)
{
	if (hex.n % 2 != 0)
		return false;
	for (size_t i = 0; i < hex.n; i += 2) {
		int hi = nibble(hex.p[i]), lo = nibble(hex.p[i + 1]);

		if (hi < 0 || lo < 0)
			return false;
		to[i / 2] = (uint8_t)(hi << 4 | lo);
	}
	return true;
}

static void put_hex(struct data *d, struct assay_slice hex, const char *field)
{
	uint8_t *to = room(d, hex.n / 2);

	if (to && !unhex(hex, to))
		cur_fail(d->c, ASSAY_F_ENCODING, field);
}

/* "sha256:00ff" or "ima:sha256:00ff": the text, NUL, the digest. */
static void put_alg_hex(struct data *d, struct assay_slice s, const char *field)
{
	size_t n = s.n;

	if (s.n == 0)
		return;
	while (n > 0 && s.p[n - 1] != ':')
		n--;
	if (n == 0)
		cur_fail(d->c, ASSAY_F_ENCODING, field);
	put(d, slice_part(s, 0, n));
	put(d, (struct assay_slice){ (const uint8_t *)"", 1 });
	put_hex(d, slice_part(s, n, s.n), field);
}

/* Decimal without sign or leading zeros. */
static bool undecimal(struct assay_slice s, uint64_t max, uint64_t *v)
{
	*v = 0;
	if (s.n == 0 || s.n > 10 || (s.n > 1 && s.p[0] == '0'))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		*v = *v * 10 + (uint64_t)(s.p[i] - '0');
	}
	return *v <= max;
}

static void put_uint(struct data *d, struct assay_slice s, size_t width, const char *field)
{
	uint64_t v;

	if (s.n == 0)
		return;
	if (!undecimal(s, width == 4 ? UINT32_MAX : UINT16_MAX, &v))
		cur_fail(d->c, ASSAY_F_ENCODING, field);
	uint8_t *to = room(d, width);
	if (to)
		le_store(to, v, width);
}

static struct assay_slice token(struct cur *c, const char *field)
{
	size_t n = 0;

	while (n < cur_left(c) && c->p[c->at + n] != ' ')
		n++;
	return cur_bytes(c, n, field);
}

static struct assay_slice rest_of(struct cur *c, const char *field)
{
	return cur_bytes(c, cur_left(c), field);
}

/* Steps over the space before field. */
static void space(struct cur *c, const char *field)
{
	struct assay_slice s = cur_bytes(c, 1, field);

	if (cur_ok(c) && s.p[0] != ' ')
		cur_fail(c, ASSAY_F_ENCODING, field);
}

static void put_field(struct data *d, enum ima_field field, struct assay_slice s, bool legacy)
{
	const char *id = ima_field_id(field);

	switch (ima_field_form(field)) {
	case FORM_HEX:
		put_hex(d, s, id);
		break;
	case FORM_ALG_HEX:
		put_alg_hex(d, s, id);
		break;
	case FORM_TEXT_OR_NONE:
		if (s.n == 0)
			break;
		__attribute__((fallthrough));
	case FORM_TEXT:
		put(d, s);
		if (!legacy)
			put(d, (struct assay_slice){ (const uint8_t *)"", 1 });
		break;
	case FORM_UINT32:
		put_uint(d, s, 4, id);
		break;
	case FORM_UINT16:
		put_uint(d, s, 2, id);
		break;
	}
}

/* One field: length (which template "ima" has for its name alone) and content.
 * Kernels that know "ima" alone keep spaces in its name, which ends the line. A
 * last empty sig or the like may lack its space, as editors strip it. */
static void read_field(struct cur *c, struct data *d, enum ima_field field, bool last,
		       struct assay_ima_entry *e)
{
	const char *id = ima_field_id(field);
	bool sized = !e->legacy || field == IMA_N;

	if (!last || cur_left(c) > 0 || ima_field_form(field) != FORM_HEX)
		space(c, id);
	struct assay_slice s = e->legacy && last ? rest_of(c, id) : token(c, id);
	uint8_t *len = sized ? room(d, 4) : NULL;
	size_t from = d->n;
	put_field(d, field, s, e->legacy);
	if (!cur_ok(c))
		return;
	if (len)
		le_store(len, d->n - from, 4);

	struct assay_slice content = slice_part((struct assay_slice){ d->p, d->n }, from, d->n);
	struct cur value = {
		.p = content.p, .n = content.n, .base = c->base + c->field, .err = c->err
	};
	ima_field_read(field, &value, e);
}

static uint16_t alg_by_size(size_t n)
{
	static const uint16_t algs[] = { ASSAY_SHA1, ASSAY_SHA256, ASSAY_SHA384, ASSAY_SHA512 };

	for (size_t i = 0; i < sizeof algs / sizeof *algs; i++)
		if (assay_alg_size(algs[i]) == n)
			return algs[i];
	return 0;
}

static void read_pcr(struct cur *c, struct assay_ima_entry *e)
{
	size_t width = 2;
	uint64_t v = 0;

	if (cur_left(c) > 0 && c->p[c->at] == ' ') { /* "%2d" */
		space(c, "pcr");
		width = 1;
	}
	struct assay_slice s = token(c, "pcr");
	if (cur_ok(c) && (!undecimal(s, 99, &v) || s.n != width))
		cur_fail(c, ASSAY_F_ENCODING, "pcr");
	if (v >= ASSAY_PCRS)
		cur_fail(c, ASSAY_F_RANGE, "pcr");
	e->pcr = (uint32_t)v;
}

static void read_hash(struct assay_ima *ima, struct cur *c, struct assay_ima_entry *e)
{
	space(c, "template_hash");
	struct assay_slice hex = token(c, "template_hash");
	uint16_t alg = alg_by_size(hex.n / 2);

	if (alg == 0)
		cur_fail(c, ASSAY_F_RANGE, "template_hash");
	if (ima->alg != 0 && ima->alg != alg)
		cur_fail(c, ASSAY_F_CONFLICT, "template_hash");
	if (!cur_ok(c))
		return;
	if (!unhex(hex, ima->hash))
		cur_fail(c, ASSAY_F_ENCODING, "template_hash");
	e->template_alg = alg;
	e->template_hash = (struct assay_slice){ ima->hash, hex.n / 2 };
	e->violation = slice_all(e->template_hash, 0);
}

/* A view of the line at ima->at, without its newline. */
static struct cur line(const struct assay_ima *ima)
{
	struct assay_slice rest = slice_part(ima->list, ima->at, ima->list.n);
	const uint8_t *end = rest.p ? memchr(rest.p, '\n', rest.n) : NULL;
	size_t n = end ? (size_t)(end - rest.p) : rest.n;
	const uint8_t *cr = rest.p ? memchr(rest.p, '\r', n) : NULL;
	struct cur c = { .p = rest.p, .n = n, .base = ima->at, .err = ima->err };

	if (!end)
		cur_fail(&c, ASSAY_F_TRUNCATED, "line");
	if (cr) {
		c.field = (size_t)(cr - rest.p);
		cur_fail(&c, ASSAY_F_ENCODING, "line");
	}
	return c;
}

bool ima_ascii_next(struct assay_ima *ima, struct assay_ima_entry *out)
{
	struct assay_ima_entry e = { .index = ima->index, .offset = ima->at };
	struct cur c = line(ima);
	struct data d = { .p = ima->scratch, .cap = ima->scratch_n, .c = &c };

	read_pcr(&c, &e);
	read_hash(ima, &c, &e);
	space(&c, "template_name");
	e.template_name = token(&c, "template_name");
	if (e.template_name.n > ASSAY_IMA_NAME_MAX)
		cur_fail(&c, ASSAY_F_LIMIT, "template_name");
	if (cur_ok(&c) && !ima_template_find(ima, e.template_name))
		cur_fail(&c, ASSAY_F_UNSUPPORTED, "template_name");
	e.legacy = ima_template_legacy(e.template_name);
	e.loose = ima_template_loose(ima);
	for (size_t i = 0; i < ima->nfields && cur_ok(&c); i++)
		read_field(&c, &d, ima->fields[i], i + 1 == ima->nfields, &e);
	if (!cur_done(&c, "line"))
		return false;

	e.data = (struct assay_slice){ d.p, d.n };
	e.size = c.n + 1;
	ima->at += e.size;
	ima->index++;
	ima->alg = e.template_alg;
	*out = e;
	return true;
}
