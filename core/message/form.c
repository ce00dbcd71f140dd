/* SPDX-License-Identifier: Apache-2.0 */
#include "core/message/form.h"
#include "core/base/slice.h"
#include <assay/message.h>

enum { VERSION = 1 };

bool message_fail(struct assay_err *err, enum assay_fault why, const char *field, size_t offset)
{
	if (err->fault == ASSAY_F_OK)
		*err = (struct assay_err){ why, field, offset, NULL };
	return false;
}

static bool alphanumeric(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool assay_node_id_valid(struct assay_slice id)
{
	if (id.n == 0 || id.n > ASSAY_NODE_ID_MAX || !alphanumeric(id.p[0]))
		return false;
	for (size_t i = 1; i < id.n; i++)
		if (!alphanumeric(id.p[i]) && id.p[i] != '.' && id.p[i] != '_' &&
		    id.p[i] != ':' && id.p[i] != '-')
			return false;
	return true;
}

static bool visible(struct assay_slice s)
{
	uint8_t bad = 0;

	/* without a branch: a result is long, and nearly always good */
	for (size_t i = 0; i < s.n; i++)
		bad |= (uint8_t)((uint8_t)(s.p[i] - '!') > '~' - '!');
	return bad == 0;
}

/* What is wrong with the i-th item, ASSAY_F_OK when nothing is. */
static enum assay_fault check_item(const struct form *form, size_t i, struct assay_slice s)
{
	if (form->item[i].type == ITEM_UINT)
		return ASSAY_F_OK;
	if (form->item[i].type == ITEM_NODE)
		return assay_node_id_valid(s) ? ASSAY_F_OK : ASSAY_F_RANGE;
	if (s.n > form->item[i].max)
		return ASSAY_F_LIMIT;
	if (s.n < form->item[i].min || (form->item[i].type == ITEM_WORD && !visible(s)))
		return ASSAY_F_RANGE;
	return ASSAY_F_OK;
}

bool message_version(struct cur *c)
{
	size_t start = c->at;

	if (cbor_uint(c, "version") != VERSION) {
		c->field = start;
		cur_fail(c, ASSAY_F_UNSUPPORTED, "version");
	}
	return cur_ok(c);
}

void message_put_version(struct cbor_out *o)
{
	cbor_put_head(o, CBOR_UINT, VERSION);
}

/* Items that a form's array has in all. */
static size_t count_of(const struct form *form)
{
	return form->nitems + (form->kind ? 2 : 1);
}

/* Version and kind: which form it is. */
static const struct form *read_head(struct cur *c, const struct form *forms, size_t nforms)
{
	size_t most = 0;
	const struct form *form = NULL;

	for (size_t i = 0; i < nforms; i++)
		most = count_of(&forms[i]) > most ? count_of(&forms[i]) : most;

	size_t n = cbor_array(c, most, forms->name);

	if (n == 0) /* there is no version to read */
		cur_fail(c, ASSAY_F_MISSING, forms->name);
	if (!message_version(c))
		return NULL;
	if (!forms->kind) {
		form = forms;
	} else if (n == 1) {
		message_fail(c->err, ASSAY_F_MISSING, forms->name, 0);
	} else {
		struct assay_slice kind = cbor_text(c, "kind");
		for (size_t i = 0; i < nforms; i++)
			if (slice_is(kind, forms[i].kind))
				form = &forms[i];
		if (!form)
			cur_fail(c, ASSAY_F_UNSUPPORTED, "kind");
	}
	if (form && cur_ok(c) && n != count_of(form))
		message_fail(c->err, n < count_of(form) ? ASSAY_F_MISSING : ASSAY_F_LIMIT,
			     form->name, 0);
	return cur_ok(c) ? form : NULL;
}

static void read_item(struct cur *c, const struct form *form, size_t i, struct item *item)
{
	const char *name = form->item[i].name;

	item->start = c->at;
	if (form->item[i].type == ITEM_UINT)
		item->n = cbor_uint(c, name);
	else if (form->item[i].type == ITEM_BYTES)
		item->s = cbor_bytes(c, name);
	else
		item->s = cbor_text(c, name);
	enum assay_fault fault = cur_ok(c) ? check_item(form, i, item->s) : ASSAY_F_OK;
	if (fault != ASSAY_F_OK)
		message_fail(c->err, fault, name, item->start);
}

int message_read(struct assay_slice in, const struct form *forms, size_t nforms,
		 struct item *items, struct assay_err *err)
{
	struct cur c = cur_over(in, err);
	const struct form *form = read_head(&c, forms, nforms);

	if (!form)
		return -1;
	memset(items, 0, ITEMS_MAX * sizeof *items);
	for (size_t i = 0; i < form->nitems && cur_ok(&c); i++)
		read_item(&c, form, i, &items[i]);
	return cur_done(&c, form->name) ? (int)(form - forms) : -1;
}

size_t message_write(const struct form *form, const struct item *items, uint8_t *out,
		     size_t cap)
{
	struct cbor_out o = { .p = out, .cap = out ? cap : 0 };

	cbor_put_head(&o, CBOR_ARRAY, count_of(form));
	message_put_version(&o);
	if (form->kind)
		cbor_put_text(&o, slice_str(form->kind));
	for (size_t i = 0; i < form->nitems; i++) {
		if (check_item(form, i, items[i].s) != ASSAY_F_OK)
			return 0;
		if (form->item[i].type == ITEM_UINT)
			cbor_put_head(&o, CBOR_UINT, items[i].n);
		else if (form->item[i].type == ITEM_BYTES)
			cbor_put_bytes(&o, items[i].s);
		else
			cbor_put_text(&o, items[i].s);
	}
	return out && o.full ? 0 : o.n;
}
