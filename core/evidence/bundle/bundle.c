/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/slice.h"
#include "core/codec/cbor.h"
#include <assay/evidence/bundle.h>

static const struct {
	const char *name, *media_type;
} parts[] = {
#define X(code, name, media) { name, media },
	ASSAY_PARTS(X)
#undef X
};

/* RFC 9999: the one key of a collection that is no label. */
static const char type_key[] = "__cmwc_t";

const char *assay_part_name(enum assay_part part)
{
	return (size_t)part < ASSAY_PARTS_N ? parts[part].name : "unknown";
}

const char *assay_part_media_type(enum assay_part part)
{
	return (size_t)part < ASSAY_PARTS_N ? parts[part].media_type : "unknown";
}

static void read_type(struct cur *c, bool *typed)
{
	struct assay_slice type = cbor_text(c, type_key);

	if (cur_ok(c) && !slice_is(type, ASSAY_BUNDLE_TYPE))
		cur_fail(c, ASSAY_F_UNSUPPORTED, type_key);
	*typed = true;
}

static size_t part_by_label(struct cur *c, struct assay_slice label)
{
	size_t i = 0;

	while (i < ASSAY_PARTS_N && !slice_is(label, parts[i].name))
		i++;
	if (i == ASSAY_PARTS_N)
		cur_fail(c, ASSAY_F_UNSUPPORTED, "label");
	return i;
}

/* [media type, bytes]; the optional third item (ind), tags and nested
 * collections of RFC 9999 are forms that assay does not read. */
static void read_record(struct cur *c, size_t part, struct assay_bundle *b)
{
	if (cbor_array(c, 3, "record") != 2)
		cur_fail(c, ASSAY_F_UNSUPPORTED, "record");

	struct assay_slice type = cbor_text(c, "type");

	if (!slice_is(type, parts[part].media_type))
		cur_fail(c, ASSAY_F_UNSUPPORTED, "type");
	b->part[part] = cbor_bytes(c, "value");
	b->present[part] = true;
}

bool assay_bundle_read(struct assay_slice in, struct assay_bundle *out, struct assay_err *err)
{
	struct cur c = cur_over(in, err);
	struct cbor_map map = cbor_map(&c, ASSAY_BUNDLE_ITEMS_MAX, "collection");
	struct assay_bundle b = { 0 };
	bool typed = false;

	for (size_t i = 0; i < map.n && cur_ok(&c); i++) {
		struct assay_slice label = cbor_key(&c, &map, "label");
		size_t part;

		if (slice_is(label, type_key))
			read_type(&c, &typed);
		else if (part = part_by_label(&c, label), cur_ok(&c))
			read_record(&c, part, &b);
	}
	c.field = 0;
	if (!typed)
		cur_fail(&c, ASSAY_F_MISSING, type_key);
	/* SPEC: a collection has at least one entry, the type is none (RFC 9999) */
	if (map.n < 2)
		cur_fail(&c, ASSAY_F_MISSING, "label");
	if (!cur_done(&c, "collection"))
		return false;
	*out = b;
	return true;
}

/* ASSAY_PARTS_N stands for the type, -1 for what comes before every key. */
static const char *key_name(int key)
{
	return key < 0 ? "" : key < ASSAY_PARTS_N ? parts[key].name : type_key;
}

/* Bytewise order of the encodings: a text shorter than 2^8 bytes encodes its length first, so
 * a shorter one always comes before a longer one. */
static bool before(const char *a, const char *b)
{
	size_t na = strlen(a), nb = strlen(b);

	return na != nb ? na < nb : memcmp(a, b, na) < 0;
}

/* Of the keys that a bundle has, the first that comes after `after`. */
static int next_key(const struct assay_bundle *b, int after)
{
	int best = -1;

	for (int i = 0; i <= ASSAY_PARTS_N; i++) {
		if (i < ASSAY_PARTS_N && !b->present[i])
			continue;
		if (before(key_name(after), key_name(i)) &&
		    (best < 0 || before(key_name(i), key_name(best))))
			best = i;
	}
	return best;
}

static size_t count(const struct assay_bundle *b)
{
	size_t n = 0;

	for (size_t i = 0; i < ASSAY_PARTS_N; i++)
		n += b->present[i];
	return n;
}

size_t assay_bundle_write(const struct assay_bundle *bundle, uint8_t *out, size_t cap)
{
	struct cbor_out o = { .p = out, .cap = out ? cap : 0 };
	size_t n = count(bundle);

	if (n == 0)
		return 0;
	cbor_put_head(&o, CBOR_MAP, n + 1);
	for (int key = -1; (key = next_key(bundle, key)) >= 0;) {
		cbor_put_text(&o, slice_str(key_name(key)));
		if (key == ASSAY_PARTS_N) {
			cbor_put_text(&o, slice_str(ASSAY_BUNDLE_TYPE));
			continue;
		}
		cbor_put_head(&o, CBOR_ARRAY, 2);
		cbor_put_text(&o, slice_str(parts[key].media_type));
		cbor_put_bytes(&o, bundle->part[key]);
	}
	return o.full && out ? 0 : o.n;
}
