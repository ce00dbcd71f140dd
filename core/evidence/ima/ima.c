/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/slice.h"
#include "core/evidence/ima/fields.h"

static bool open_list(struct assay_ima *ima, struct assay_slice in, struct assay_err *err)
{
	*err = (struct assay_err){ 0 };
	*ima = (struct assay_ima){ .list = in, .err = err };
	if (in.n > ASSAY_IMA_MAX)
		*err = (struct assay_err){ ASSAY_F_LIMIT, "list", 0, NULL };
	return err->fault == ASSAY_F_OK;
}

bool assay_ima_open(struct assay_ima *ima, struct assay_slice in, struct assay_err *err)
{
	return assay_ima_open_alg(ima, in, ASSAY_SHA1, err);
}

bool assay_ima_open_alg(struct assay_ima *ima, struct assay_slice in, uint16_t alg,
			struct assay_err *err)
{
	if (!open_list(ima, in, err))
		return false;
	ima->alg = alg;
	if (assay_alg_size(alg) == 0)
		*err = (struct assay_err){ ASSAY_F_UNSUPPORTED, "template_hash", 0, NULL };
	return err->fault == ASSAY_F_OK;
}

bool assay_ima_open_ascii(struct assay_ima *ima, struct assay_slice in, uint8_t *scratch,
			  size_t scratch_n, struct assay_err *err)
{
	if (!open_list(ima, in, err))
		return false;
	ima->ascii = true;
	ima->scratch = scratch;
	ima->scratch_n = scratch_n;
	return true;
}

static void read_legacy(struct cur *c, struct assay_ima_entry *e)
{
	size_t from = c->at;
	struct cur digest = cur_sub(c, IMA_LEGACY_DIGEST, "d");

	ima_field_read(IMA_D, &digest, e);
	size_t n = cur_le(c, 4, "n");
	struct cur name = cur_sub(c, n, "n");
	ima_field_read(IMA_N, &name, e);
	e->data = slice_part((struct assay_slice){ c->p, c->n }, from, c->at);
}

static void read_fields(const struct assay_ima *ima, struct cur *c, struct assay_ima_entry *e)
{
	size_t n = cur_le(c, 4, "template_data_len");

	if (n > ASSAY_IMA_DATA_MAX)
		cur_fail(c, ASSAY_F_LIMIT, "template_data_len");
	struct cur data = cur_sub(c, n, "template_data");
	e->data = (struct assay_slice){ data.p, data.n };

	for (size_t i = 0; i < ima->nfields && cur_ok(c); i++) {
		enum ima_field field = ima->fields[i];
		size_t len = cur_le(&data, 4, ima_field_id(field));
		struct cur value = cur_sub(&data, len, ima_field_id(field));

		ima_field_read(field, &value, e);
	}
	if (!cur_done(&data, "template_data"))
		return;
}

static bool binary_next(struct assay_ima *ima, struct assay_ima_entry *out)
{
	struct cur c = { .p = ima->list.p, .n = ima->list.n, .at = ima->at, .err = ima->err };
	struct assay_ima_entry e = { .index = ima->index,
				     .offset = ima->at,
				     .template_alg = ima->alg };

	e.pcr = (uint32_t)cur_le(&c, 4, "pcr");
	if (e.pcr >= ASSAY_PCRS)
		cur_fail(&c, ASSAY_F_RANGE, "pcr");
	e.template_hash = cur_bytes(&c, assay_alg_size(ima->alg), "template_hash");
	e.violation = slice_all(e.template_hash, 0);

	size_t n = cur_le(&c, 4, "template_name_len");
	if (n == 0)
		cur_fail(&c, ASSAY_F_RANGE, "template_name_len");
	if (n > ASSAY_IMA_NAME_MAX)
		cur_fail(&c, ASSAY_F_LIMIT, "template_name_len");
	e.template_name = cur_bytes(&c, n, "template_name");
	if (cur_ok(&c) && !ima_template_find(ima, e.template_name))
		cur_fail(&c, ASSAY_F_UNSUPPORTED, "template_name");

	e.legacy = ima_template_legacy(e.template_name);
	e.loose = ima_template_loose(ima);
	if (e.legacy)
		read_legacy(&c, &e);
	else
		read_fields(ima, &c, &e);
	if (!cur_ok(&c))
		return false;

	e.size = c.at - ima->at;
	ima->at = c.at;
	ima->index++;
	*out = e;
	return true;
}

bool assay_ima_next(struct assay_ima *ima, struct assay_ima_entry *out)
{
	if (ima->err->fault != ASSAY_F_OK || ima->at >= ima->list.n)
		return false;
	return ima->ascii ? ima_ascii_next(ima, out) : binary_next(ima, out);
}
