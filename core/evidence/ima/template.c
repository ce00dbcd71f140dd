/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/slice.h"
#include "core/evidence/ima/fields.h"

static const struct {
	const char *id;
	enum ima_form form;
} fields[IMA_FIELDS_N] = {
#define X(code, id, form) { id, FORM_##form },
	IMA_FIELDS(X)
#undef X
};

static const struct {
	const char *name, *fmt;
} builtin[] = {
	{ "ima", "d|n" },
	{ "ima-ng", "d-ng|n-ng" },
	{ "ima-sig", "d-ng|n-ng|sig" },
	{ "ima-ngv2", "d-ngv2|n-ng" },
	{ "ima-sigv2", "d-ngv2|n-ng|sig" },
	{ "ima-buf", "d-ng|n-ng|buf" },
	{ "ima-modsig", "d-ng|n-ng|sig|d-modsig|modsig" },
	{ "evm-sig", "d-ng|n-ng|evmsig|xattrnames|xattrlengths|xattrvalues|iuid|igid|imode" },
};

/* What each template must have once, so that relabelling a record (its name is
 * hashed by nothing) cannot hide what was measured. */
static const uint32_t digests = 1u << IMA_D | 1u << IMA_D_NG | 1u << IMA_D_NGV2;
static const uint32_t names = 1u << IMA_N | 1u << IMA_N_NG;

const char *ima_field_id(enum ima_field field)
{
	return fields[field].id;
}

enum ima_form ima_field_form(enum ima_field field)
{
	return fields[field].form;
}

bool ima_template_legacy(struct assay_slice name)
{
	return slice_is(name, "ima");
}

static size_t field_find(struct assay_slice id)
{
	size_t i = 0;

	while (i < IMA_FIELDS_N && !slice_is(id, fields[i].id))
		i++;
	return i;
}

static struct assay_slice until(struct assay_slice s, uint8_t stop)
{
	const uint8_t *at = s.n > 0 ? memchr(s.p, stop, s.n) : NULL;

	return at ? slice_part(s, 0, (size_t)(at - s.p)) : s;
}

static bool one_of(uint32_t set, uint32_t of)
{
	set &= of;
	return set != 0 && (set & (set - 1)) == 0;
}

bool ima_template_find(struct assay_ima *ima, struct assay_slice name)
{
	uint8_t found[ASSAY_IMA_FIELDS_MAX];
	struct assay_slice fmt = name;
	uint32_t seen = 0;
	size_t n = 0, at = 0;

	if (name.n > 0 && slice_eq(name, ima->template_name))
		return true; /* as in the record before */
	for (size_t i = 0; i < sizeof builtin / sizeof *builtin; i++)
		if (slice_is(name, builtin[i].name))
			fmt = slice_str(builtin[i].fmt);

	/* one round more than there are bars: an empty last field is unknown */
	do {
		struct assay_slice id = until(slice_part(fmt, at, fmt.n), '|');
		size_t field = field_find(id);

		if (field == IMA_FIELDS_N || seen >> field & 1 || n == ASSAY_IMA_FIELDS_MAX)
			return false;
		seen |= 1u << field;
		found[n++] = (uint8_t)field;
		at += id.n + 1;
	} while (at <= fmt.n);

	if (!one_of(seen, digests) || !one_of(seen, names))
		return false;
	memcpy(ima->fields, found, n);
	ima->nfields = n;
	ima->template_name = name;
	return true;
}

bool ima_template_loose(const struct assay_ima *ima)
{
	return !(1u << ima->fields[0] & digests) || !(1u << ima->fields[1] & names);
}

/* The kernel's names of hashes (crypto/hash_info.c) where TCG's differ. */
static uint16_t hash_by_name(struct assay_slice name)
{
	static const struct {
		const char *name;
		uint16_t alg;
	} alias[] = {
		{ "sm3", ASSAY_SM3_256 },       { "sm3-256", ASSAY_SM3_256 },
		{ "sha3-256", ASSAY_SHA3_256 }, { "sha3-384", ASSAY_SHA3_384 },
		{ "sha3-512", ASSAY_SHA3_512 },
	};

	if (slice_is(name, "sha256")) /* nearly every entry */
		return ASSAY_SHA256;
	for (size_t i = 0; i < sizeof alias / sizeof *alias; i++)
		if (slice_is(name, alias[i].name))
			return alias[i].alg;
	return assay_alg_by_name(name);
}

static bool hash_name_ok(struct assay_slice name)
{
	for (size_t i = 0; i < name.n; i++) {
		uint8_t b = name.p[i];

		if (!(b >= 'a' && b <= 'z') && !(b >= '0' && b <= '9') && b != '-' && b != '_')
			return false;
	}
	return name.n > 0;
}

/* d-ng "sha256:" NUL digest; d-ngv2 the same after "ima:" or "verity:". */
static void read_digest(enum ima_field field, struct cur *value, struct assay_slice s,
			struct assay_ima_entry *e)
{
	struct assay_slice text = until(s, 0);
	struct assay_slice digest = slice_part(s, text.n + 1, s.n);
	size_t type = 0;

	if (field == IMA_D_NGV2 && slice_starts(text, "ima:"))
		type = 4;
	else if (field == IMA_D_NGV2 && slice_starts(text, "verity:"))
		type = 7;
	struct assay_slice name = slice_part(text, type, text.n > 0 ? text.n - 1 : 0);

	if (text.n == s.n || text.n == 0 || text.p[text.n - 1] != ':' || !hash_name_ok(name) ||
	    (field == IMA_D_NGV2 && type == 0))
		cur_fail(value, ASSAY_F_RANGE, fields[field].id);
	if (digest.n > ASSAY_DIGEST_MAX)
		cur_fail(value, ASSAY_F_LIMIT, fields[field].id);
	if (field == IMA_D_MODSIG || !cur_ok(value))
		return;
	e->has_digest = true;
	e->verity = type == 7;
	e->digest_alg_name = name;
	e->digest_alg = hash_by_name(name);
	e->digest = digest;
}

/* No lengths and no algorithm: 20 bytes of SHA-1 or, not in "ima", 16 of MD5.
 * The size is a rule so that no other field passes for a digest. */
static void read_plain_digest(struct cur *value, struct assay_slice s,
			      struct assay_ima_entry *e)
{
	if (s.n != IMA_LEGACY_DIGEST && (e->legacy || s.n != 16))
		cur_fail(value, ASSAY_F_RANGE, "d");
	e->has_digest = true;
	e->digest_alg = s.n == IMA_LEGACY_DIGEST ? ASSAY_SHA1 : 0;
	e->digest_alg_name = slice_str(s.n == IMA_LEGACY_DIGEST ? "sha1" : "md5");
	e->digest = s;
}

static void read_name(enum ima_field field, struct cur *value, struct assay_slice s,
		      struct assay_ima_entry *e)
{
	size_t n = until(s, 0).n;

	if (e->legacy && s.n > IMA_LEGACY_NAME_MAX)
		cur_fail(value, ASSAY_F_LIMIT, fields[field].id);
	/* padded with NULs when hashed: "a" NUL would hash as "a" does */
	if (e->legacy ? n != s.n : n + 1 != s.n)
		cur_fail(value, ASSAY_F_RANGE, fields[field].id);
	e->name = slice_part(s, 0, n);
}

void ima_field_read(enum ima_field field, struct cur *value, struct assay_ima_entry *e)
{
	const char *id = fields[field].id;
	struct assay_slice s = cur_bytes(value, cur_left(value), id);
	bool ok = true;

	switch (field) {
	case IMA_D:
		read_plain_digest(value, s, e);
		break;
	case IMA_D_NG:
	case IMA_D_NGV2:
		read_digest(field, value, s, e);
		break;
	case IMA_D_MODSIG:
		if (s.n > 0)
			read_digest(field, value, s, e);
		break;
	case IMA_N:
	case IMA_N_NG:
		read_name(field, value, s, e);
		break;
	case IMA_SIG:
		e->sig = s;
		break;
	case IMA_BUF:
		e->has_buf = true;
		e->buf = s;
		break;
	case IMA_IUID:
	case IMA_IGID:
		ok = s.n == 0 || s.n == 4;
		break;
	case IMA_IMODE:
		ok = s.n == 0 || s.n == 2;
		break;
	case IMA_XATTRNAMES:
		ok = s.n == 0 || until(s, 0).n + 1 == s.n;
		break;
	case IMA_XATTRLENGTHS:
		ok = s.n % 4 == 0;
		break;
	case IMA_MODSIG:
	case IMA_EVMSIG:
	case IMA_XATTRVALUES:
	case IMA_FIELDS_N:
		break;
	}
	if (!ok)
		cur_fail(value, ASSAY_F_RANGE, id);
}
