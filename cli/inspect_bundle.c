/* SPDX-License-Identifier: Apache-2.0
 *
 * A bundle: its parts, each read by its own reader, and what of it nothing
 * signed covers when the quote's bank is the one that is judged. */
#include "cli/exit.h"
#include "cli/inspect.h"
#include "cli/load.h"

#include <stdlib.h>
#include <string.h>

struct ranges {
	struct assay_range *p;
	size_t n;
};

static bool take(struct inspect *i, struct ranges *r, size_t n)
{
	r->p = calloc(n ? n : 1, sizeof *r->p);
	r->n = r->p ? n : 0;
	if (!r->p)
		inspect_fault(i, ASSAY_F_MEMORY, "unbound", 0);
	return r->p != NULL;
}

static void whole(struct inspect *i, struct assay_slice part, struct ranges *r)
{
	if (part.n > 0 && take(i, r, 1))
		r->p[0] = (struct assay_range){ 0, part.n };
}

static void read_eventlog(struct inspect *i, struct assay_slice part, uint16_t bank,
			  struct ranges *r)
{
	if (part.n == 0)
		return; /* some firmware hands an empty log over */
	size_t n = assay_eventlog_unbound(i->crypto, part, bank, NULL, 0, &i->err);
	if (i->err.fault == ASSAY_F_OK && take(i, r, n))
		assay_eventlog_unbound(i->crypto, part, bank, r->p, n, &i->err);
}

static void read_ima(struct inspect *i, struct assay_slice part, struct ranges *r)
{
	size_t n = assay_ima_unbound(part, NULL, 0, &i->err);

	if (i->err.fault == ASSAY_F_OK && take(i, r, n))
		assay_ima_unbound(part, r->p, n, &i->err);
}

static void read_ascii(struct inspect *i, const struct assay_bundle *b, struct ranges *r)
{
	struct assay_slice part = b->part[ASSAY_PART_IMA_ASCII];
	uint8_t *scratch = malloc(ASSAY_IMA_DATA_MAX);
	struct assay_ima_entry e;
	struct assay_ima ima;
	size_t n = 0, lines = 1;

	for (size_t k = 0; k < part.n; k++)
		lines += part.p[k] == '\n';
	if (b->present[ASSAY_PART_IMA_BINARY]) {
		whole(i, part, r); /* the binary list is read in its place */
	} else if (!scratch) {
		inspect_fault(i, ASSAY_F_MEMORY, "scratch", 0);
	} else if (assay_ima_open_ascii(&ima, part, scratch, ASSAY_IMA_DATA_MAX, &i->err) &&
		   take(i, r, lines)) {
		while (n < lines && assay_ima_next(&ima, &e)) {
			size_t at = (size_t)(e.template_name.p - part.p);
			size_t size = e.violation ? e.offset + e.size - at : e.template_name.n;
			r->p[n++] = (struct assay_range){ at, size };
		}
		r->n = n;
	}
	free(scratch);
}

static void read_key(struct inspect *i, struct assay_slice part, struct ranges *r)
{
	struct assay_ak ak;

	if (!assay_ak_read(i->crypto, part, &ak, &i->err))
		return;
	if (ak.has_public && take(i, r, 3))
		r->n = assay_public_unbound(&ak.pub, r->p, 3);
	assay_key_free(ak.key);
}

static void read_pcrs(struct inspect *i, struct assay_slice part, struct ranges *r)
{
	struct assay_bank banks[ASSAY_CLAIM_BANKS];
	uint32_t known[ASSAY_CLAIM_BANKS];
	size_t n;

	if (assay_pcrs_read(part, banks, known, ASSAY_CLAIM_BANKS, &n, &i->err))
		whole(i, part, r);
}

/* The bank that the quote selects, else SHA-256. */
static uint16_t read_quote(struct inspect *i, const struct assay_bundle *b)
{
	struct assay_quote q;
	struct assay_err err;

	if (i->bank)
		return i->bank;
	if (b->present[ASSAY_PART_QUOTE_MSG] &&
	    assay_quote_read(b->part[ASSAY_PART_QUOTE_MSG], &q, &err))
		for (size_t k = 0; k < q.pcrSelect.n; k++)
			if (q.pcrSelect.bank[k].mask &&
			    assay_alg_computable(q.pcrSelect.bank[k].hash))
				return q.pcrSelect.bank[k].hash;
	return ASSAY_SHA256;
}

static void read_part(struct inspect *i, const struct assay_bundle *b, enum assay_part part,
		      uint16_t bank, struct ranges *r)
{
	struct assay_slice in = b->part[part];
	struct assay_quote q;
	struct assay_signature sig;
	struct assay_batch_path batch;

	switch (part) {
	case ASSAY_PART_QUOTE_MSG:
		if (!assay_quote_read(in, &q, &i->err))
			return;
		break;
	case ASSAY_PART_QUOTE_SIG:
		if (!assay_signature_read(in, &sig, &i->err))
			return;
		break;
	case ASSAY_PART_AK_PUB:
		read_key(i, in, r);
		break;
	case ASSAY_PART_EVENTLOG:
		read_eventlog(i, in, bank, r);
		break;
	case ASSAY_PART_IMA_BINARY:
		read_ima(i, in, r);
		break;
	case ASSAY_PART_IMA_ASCII:
		read_ascii(i, b, r);
		break;
	case ASSAY_PART_PCRS:
		read_pcrs(i, in, r);
		break;
	case ASSAY_PART_BATCH: /* bound by the nonce of who asked, which is not known here */
		if (assay_batch_path_read(in, &batch, &i->err))
			whole(i, in, r);
		break;
	case ASSAY_PART_USERSPACE_LOG:
		r->p = inspect_userlog_unbound(i, in, bank, &r->n);
		break;
	case ASSAY_PART_EK_CRT:
	case ASSAY_PART_NONCE:
	case ASSAY_PARTS_N:
		whole(i, in, r);
		break;
	}
}

static void show_parts(struct inspect *i, const struct assay_bundle *b)
{
	struct show *s = &i->show;

	show_array(s, "parts");
	for (int p = 0; p < ASSAY_PARTS_N; p++) {
		const char *name = assay_part_name((enum assay_part)p);
		if (!b->present[p])
			continue;
		if (!s->json) {
			show_format(s, name, "%zu bytes", b->part[p].n);
			continue;
		}
		show_object(s, NULL);
		show_str(s, "name", name);
		show_str(s, "media_type", assay_part_media_type((enum assay_part)p));
		if (i->in.n > 0)
			show_u64(s, "offset", (size_t)(b->part[p].p - i->in.p));
		show_u64(s, "size", b->part[p].n);
		show_close(s);
	}
	show_close(s);
}

static void show_unbound(struct inspect *i, const struct assay_bundle *b,
			 const struct ranges *all)
{
	struct show *s = &i->show;

	show_array(s, "unbound");
	for (int p = 0; p < ASSAY_PARTS_N; p++) {
		const char *name = assay_part_name((enum assay_part)p);
		size_t base = i->in.n > 0 && all[p].n ? (size_t)(b->part[p].p - i->in.p) : 0,
		       bytes = 0;
		for (size_t k = 0; k < all[p].n; k++) {
			bytes += all[p].p[k].n;
			if (!s->json)
				continue;
			show_object(s, NULL);
			show_u64(s, "offset", base + all[p].p[k].offset);
			show_u64(s, "size", all[p].p[k].n);
			show_str(s, "part", name);
			show_close(s);
		}
		if (!s->json && all[p].n)
			show_format(s, name, "%zu of %zu bytes", bytes, b->part[p].n);
	}
	show_close(s);
}

static void inspect_parts(struct inspect *i, const struct assay_bundle *b)
{
	struct ranges all[ASSAY_PARTS_N] = { { NULL, 0 } };
	uint16_t bank = read_quote(i, b);

	show_parts(i, b);
	show_str(&i->show, "bank", assay_alg_name(bank));
	for (int p = 0; p < ASSAY_PARTS_N && i->err.fault == ASSAY_F_OK; p++) {
		if (!b->present[p])
			continue;
		read_part(i, b, (enum assay_part)p, bank, &all[p]);
		if (i->err.fault != ASSAY_F_OK)
			i->err.artefact = assay_part_name((enum assay_part)p);
	}
	if (i->err.fault == ASSAY_F_OK)
		show_unbound(i, b, all);
	for (int p = 0; p < ASSAY_PARTS_N; p++)
		free(all[p].p);
}

void inspect_collection(struct inspect *i)
{
	struct assay_bundle b;

	if (assay_bundle_read(i->in, &b, &i->err))
		inspect_parts(i, &b);
}

void inspect_folder(struct inspect *i)
{
	struct loaded_bundle loaded;
	struct load_error e;
	bool any = false;

	if (!load_bundle(i->path, &loaded, &e)) {
		i->err = e.err;
		i->unreadable = e.status == EXIT_ENVIRONMENT;
		if (e.err.fault == ASSAY_F_OK)
			inspect_fault(
				i, e.status == EXIT_MALFORMED ? ASSAY_F_LIMIT : ASSAY_F_MISSING,
				"part", 0);
		platform_message_print("assay inspect", &e.why, false);
		return;
	}
	for (int p = 0; p < ASSAY_PARTS_N; p++)
		any |= loaded.bundle.present[p];
	if (any)
		inspect_parts(i, &loaded.bundle);
	else
		inspect_fault(i, ASSAY_F_MISSING, "part", 0);
	load_bundle_drop(&loaded);
}
