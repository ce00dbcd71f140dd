/* SPDX-License-Identifier: Apache-2.0
 *
 * An IMA list: one line per entry, streamed, and what its PCRs come to when a kernel
 * hashes the template data in each bank (native), from reset on. The bank of the list's
 * own template hashes gets those, as the kernel extended them: where an entry's data do
 * not hash to its template hash, the data were changed later, and hash_ok says so. */
#include "cli/inspect.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct ranges {
	struct assay_range *p;
	size_t n, cap;
};

struct listing {
	struct inspect *i;
	struct assay_bank banks[4];
	struct ranges unbound; /* the core knows those of the kernel's default file */
	bool core_knows;
	struct assay_err sig; /* the first signature that cannot be read */
	size_t entries, violations, bad_hashes;
};

static void add_range(struct ranges *r, struct assay_slice list, struct assay_slice part)
{
	if (r->n == r->cap) {
		size_t cap = r->cap ? 2 * r->cap : 256;
		struct assay_range *p = realloc(r->p, cap * sizeof *p);
		if (!p)
			return;
		r->p = p;
		r->cap = cap;
	}
	r->p[r->n++] = (struct assay_range){ (size_t)(part.p - list.p), part.n };
}

/* The same as in the kernel's default file: the template's name, and all that follows a
 * violation's. */
static void add_unbound(struct listing *l, const struct assay_ima_entry *e)
{
	struct assay_slice list = l->i->in, name = e->template_name;

	if (name.n == 0 || name.p < list.p || name.p > list.p + list.n)
		return;
	if (e->violation)
		name.n = e->offset + e->size - (size_t)(name.p - list.p);
	add_range(&l->unbound, list, name);
}

static bool extend(struct listing *l, const struct assay_ima_entry *e, const uint8_t *sha1)
{
	for (size_t b = 0; b < 4; b++) {
		uint8_t value[ASSAY_DIGEST_MAX];
		struct assay_slice digest = { value, l->banks[b].size };
		bool good = true;
		if (e->template_alg == l->banks[b].alg && !e->violation)
			digest = e->template_hash;
		else
			good = assay_ima_extend_value(l->i->crypto, e, l->banks[b].alg,
						      ASSAY_IMA_NATIVE, sha1, value);
		if (!good || !assay_bank_extend(l->i->crypto, &l->banks[b], e->pcr, digest)) {
			inspect_fault(l->i, ASSAY_F_CRYPTO, "template_data", e->offset);
			return false;
		}
	}
	return true;
}

static void show_signature(struct listing *l, const struct assay_ima_entry *e)
{
	struct show *s = &l->i->show;
	struct assay_ima_sig sig;
	struct assay_err err;

	if (e->sig.n == 0)
		return;
	bool good = assay_ima_sig_read(e->sig, &sig, &err);
	if (!good && l->sig.fault == ASSAY_F_OK) {
		/* in an ASCII list the bytes stand in hex: the entry is where it is */
		bool inside = e->sig.p >= l->i->in.p && e->sig.p < l->i->in.p + l->i->in.n;
		l->sig = err;
		l->sig.offset =
			inside ? (size_t)(e->sig.p - l->i->in.p) + err.offset : e->offset;
		l->sig.artefact = "sig";
	}
	if (!s->json)
		return;
	show_object(s, "sig");
	if (good) {
		show_u64(s, "type", sig.type);
		show_u64(s, "version", sig.version);
		show_str(s, "hash", sig.hash ? assay_alg_name(sig.hash) : NULL);
		show_format(s, "keyid", "%08" PRIx32, sig.keyid);
		show_u64(s, "size", sig.sig.n);
	} else {
		show_str(s, "fault", assay_fault_word(err.fault));
		show_str(s, "field", err.field);
	}
	show_close(s);
}

static void show_entry(struct listing *l, const struct assay_ima_entry *e, bool hash_ok)
{
	struct show *s = &l->i->show;

	show_object(s, NULL);
	show_u64(s, "index", e->index);
	show_u64(s, "offset", e->offset);
	show_u64(s, "pcr", e->pcr);
	show_text(s, "template", e->template_name);
	show_hex(s, "template_hash", e->template_hash);
	show_text(s, "name", e->name);
	show_object(s, "digest");
	show_text(s, "alg", e->digest_alg_name);
	show_bool(s, "verity", e->verity);
	show_hex(s, "hex", e->digest);
	show_close(s);
	show_bool(s, "violation", e->violation);
	show_bool(s, "hash_ok", hash_ok);
	if (e->has_buf)
		show_u64(s, "buf_size", e->buf.n);
	show_signature(l, e);
	show_close(s);
}

static void print_entry(struct listing *l, const struct assay_ima_entry *e, bool hash_ok)
{
	FILE *out = l->i->show.out;

	fprintf(out, "  %5zu  %2" PRIu32 "  ", e->index, e->pcr);
	show_safe(out, e->template_name, 24);
	fputs("  ", out);
	for (size_t k = 0; k < 5 && k < e->digest.n; k++)
		fprintf(out, "%02x", e->digest.p[k]);
	fputs("..  ", out);
	show_safe(out, e->name, 200);
	fputs(e->violation ? "  (violation)"
	      : hash_ok    ? ""
			   : "  (template hash is not its data's)",
	      out);
	fputc('\n', out);
	show_signature(l, e);
}

static bool list_entries(struct listing *l, struct assay_ima *ima)
{
	struct assay_ima_entry e;
	bool good = true;

	show_array(&l->i->show, "events");
	while (good && assay_ima_next(ima, &e)) {
		uint8_t sha1[20];
		bool hash_ok = assay_ima_check(l->i->crypto, &e, sha1);
		l->entries++;
		l->violations += e.violation;
		l->bad_hashes += !hash_ok;
		if (l->i->show.json)
			show_entry(l, &e, hash_ok);
		else
			print_entry(l, &e, hash_ok);
		if (!l->core_knows)
			add_unbound(l, &e);
		good = extend(l, &e, sha1);
	}
	show_close(&l->i->show);
	return good && l->i->err.fault == ASSAY_F_OK;
}

static void unbound_binary(struct inspect *i)
{
	size_t n = assay_ima_unbound(i->in, NULL, 0, &i->err);
	struct assay_range *ranges = calloc(n ? n : 1, sizeof *ranges);

	if (!ranges) {
		inspect_fault(i, ASSAY_F_MEMORY, "unbound", 0);
		return;
	}
	n = assay_ima_unbound(i->in, ranges, n, &i->err);
	if (i->err.fault == ASSAY_F_OK)
		inspect_ranges(i, ranges, n);
	free(ranges);
}

static void list(struct inspect *i, struct assay_ima *ima)
{
	static const uint16_t algs[] = { ASSAY_SHA1, ASSAY_SHA256, ASSAY_SHA384, ASSAY_SHA512 };
	struct listing l = { .i = i, .core_knows = !ima->ascii && ima->alg == ASSAY_SHA1 };

	for (size_t b = 0; b < 4; b++)
		if (!assay_bank_reset(&l.banks[b], algs[b]))
			inspect_fault(i, ASSAY_F_CRYPTO, "hashAlg", 0);
	bool whole = list_entries(&l, ima);
	show_u64(&i->show, "entries", l.entries);
	show_u64(&i->show, "violations", l.violations);
	show_u64(&i->show, "bad_hashes", l.bad_hashes);
	if (whole) {
		inspect_banks(i, l.banks, 4);
		if (l.core_knows)
			unbound_binary(i);
		else
			inspect_ranges(i, l.unbound.p, l.unbound.n);
		i->err = l.sig;
	}
	if (ima->ascii)
		inspect_quirk(
			i,
			"an ASCII list: a name with a newline cannot be told from two lines");
	if (l.bad_hashes)
		inspect_quirk(i, "an entry's template hash is not that of its template data");
	free(l.unbound.p);
}

/* binary_runtime_measurements_sha256 and its like have longer template hashes. */
static uint16_t hash_alg(struct assay_slice in)
{
	static const uint16_t algs[] = { ASSAY_SHA1, ASSAY_SHA256, ASSAY_SHA384, ASSAY_SHA512 };

	for (size_t a = 0; a < 4; a++) {
		size_t at = 4 + assay_alg_size(algs[a]);
		size_t n = in.n >= at + 4 ? in.p[at] : 0;
		bool name = n > 0 && in.n >= at + 4 + n && !in.p[at + 1] && !in.p[at + 2] &&
			    !in.p[at + 3];
		for (size_t k = 0; name && k < n; k++)
			name = in.p[at + 4 + k] > 0x20 && in.p[at + 4 + k] < 0x7f;
		if (name)
			return algs[a];
	}
	return ASSAY_SHA1;
}

void inspect_ima(struct inspect *i)
{
	uint16_t alg = hash_alg(i->in);
	struct assay_ima ima;

	show_str(&i->show, "template_hash_alg", assay_alg_name(alg));
	if (assay_ima_open_alg(&ima, i->in, alg, &i->err))
		list(i, &ima);
}

void inspect_ima_ascii(struct inspect *i)
{
	uint8_t *scratch = malloc(ASSAY_IMA_DATA_MAX);
	struct assay_ima ima;

	if (!scratch)
		inspect_fault(i, ASSAY_F_MEMORY, "scratch", 0);
	else if (assay_ima_open_ascii(&ima, i->in, scratch, ASSAY_IMA_DATA_MAX, &i->err))
		list(i, &ima);
	free(scratch);
}
