/* SPDX-License-Identifier: Apache-2.0
 *
 * EFI_SIGNATURE_LIST (UEFI 2.10, 32.4.1), little-endian, one after the other:
 *   offset  size  field
 *        0    16  SignatureType          GUID
 *       16     4  SignatureListSize      this header included
 *       20     4  SignatureHeaderSize
 *       24     4  SignatureSize          owner included: > 16
 *       28     n  SignatureHeader
 *      per signature, to the list's end:
 *        0    16  SignatureOwner         GUID
 *       16     m  SignatureData
 *
 * Stricter than UEFI: the signatures fill their list exactly. A list without
 * any signature is legal and skipped.
 *
 * The state is *at, where the next list begins, and *inner, where in the list
 * at *at the next signature begins (0: list not opened). Each call reads the
 * list's header anew, so the state cannot disagree with the bytes.
 */
#include "core/evidence/eventlog/eventlog_internal.h"

enum { GUID_SIZE = 16, LIST_HEADER = 28 };

struct list {
	struct assay_slice type;
	size_t size, first, entry; /* of the list; offset of the first entry; of an entry */
};

static bool read_list(struct cur *c, struct list *out)
{
	size_t left = cur_left(c);
	struct list l = { .type = cur_bytes(c, GUID_SIZE, "SignatureType") };

	l.size = cur_le(c, 4, "SignatureListSize");
	if (l.size < LIST_HEADER)
		cur_fail(c, ASSAY_F_RANGE, "SignatureListSize");
	if (l.size > left)
		cur_fail(c, ASSAY_F_TRUNCATED, "SignatureListSize");
	size_t header = cur_le(c, 4, "SignatureHeaderSize");
	if (cur_ok(c) && header > l.size - LIST_HEADER)
		cur_fail(c, ASSAY_F_RANGE, "SignatureHeaderSize");
	l.entry = cur_le(c, 4, "SignatureSize");
	l.first = LIST_HEADER + header;
	if (cur_ok(c) && l.first < l.size &&
	    (l.entry <= GUID_SIZE || (l.size - l.first) % l.entry != 0))
		cur_fail(c, ASSAY_F_RANGE, "SignatureSize");
	if (cur_ok(c))
		*out = l;
	return cur_ok(c);
}

bool assay_siglist_next(struct assay_slice in, size_t *at, size_t *inner,
			struct assay_siglist *out, struct assay_err *err)
{
	struct cur c = cur_over(in, err);
	struct list l;

	for (;;) {
		if (*at >= in.n)
			return false;
		c.at = *at;
		if (!read_list(&c, &l))
			return false;
		size_t next = *inner == 0 ? l.first : *inner;
		if (next < l.size) {
			struct cur e = { .p = in.p, .n = in.n, .at = *at + next, .err = err };
			struct assay_slice owner = cur_bytes(&e, GUID_SIZE, "SignatureOwner");
			struct assay_slice data =
				cur_bytes(&e, l.entry - GUID_SIZE, "SignatureData");
			if (!cur_ok(&e))
				return false;
			*inner = next + l.entry;
			*out = (struct assay_siglist){ l.type, owner, data };
			return true;
		}
		*at += l.size;
		*inner = 0;
	}
}
