/* SPDX-License-Identifier: Apache-2.0
 *
 * What the digest of an event proves. The event's type is covered by nothing,
 * so it only says which candidate is hashed first; all are tried.
 *
 * A candidate is a part P of the data with H(P) = digest. What an event is
 * then follows from P alone, never from how P was wrapped: who adds "x: " in
 * front of a UEFI_VARIABLE_DATA, or makes it the VariableData of another,
 * gets the same facts as before.
 */
#include "core/evidence/eventlog/eventlog_internal.h"

enum { ASCII_MAX = 256 };

struct proof {
	struct assay_crypto *crypto;
	const struct assay_event *ev;
	uint16_t alg;
	struct assay_slice digest;
	struct assay_event_facts *facts;
	bool failed; /* the library */
};

static bool try_part(struct proof *p, enum assay_binding binding, struct assay_slice part)
{
	uint8_t digest[ASSAY_DIGEST_MAX];

	if (p->failed)
		return false;
	if (!assay_hash1(p->crypto, p->alg, part, digest)) {
		p->failed = true;
		return false;
	}
	if (memcmp(digest, p->digest.p, p->digest.n) != 0)
		return false;
	p->facts->binding = binding;
	p->facts->proven = part;
	return true;
}

static bool try_data(struct proof *p)
{
	return try_part(p, ASSAY_BOUND_DATA, p->ev->data);
}

/* Without its trailing NUL: one byte, or the two of UTF-16. */
static bool try_text(struct proof *p)
{
	struct assay_slice d = p->ev->data;

	if (d.n < 1 || d.p[d.n - 1] != '\0')
		return false;
	if (try_part(p, ASSAY_BOUND_TEXT, slice_part(d, 0, d.n - 1)))
		return true;
	return d.n >= 2 && d.n % 2 == 0 && d.p[d.n - 2] == '\0' &&
	       try_part(p, ASSAY_BOUND_TEXT, slice_part(d, 0, d.n - 2));
}

static bool try_prefixed(struct proof *p)
{
	struct assay_slice word, rest;

	if (!shape_prefixed(p->ev->data, &word, &rest) ||
	    !try_part(p, ASSAY_BOUND_AFTER_PREFIX, rest))
		return false;
	p->facts->prefix = word;
	return true;
}

static bool try_variable(struct proof *p)
{
	struct assay_variable v;

	return shape_variable(p->ev->data, &v) && try_part(p, ASSAY_BOUND_VARIABLE, v.data);
}

/* shim before 15.5 logs its certificates with six bytes too many and hashes all
 * but the last byte. */
static bool try_shim(struct proof *p)
{
	struct assay_slice d = p->ev->data, part = slice_part(d, 0, d.n > 0 ? d.n - 1 : 0);
	struct assay_variable v;

	return shape_variable_shim(part, &v) && try_part(p, ASSAY_BOUND_CONTENT, part);
}

/* systemd-stub logs a PE section's name in UTF-16 and hashes it in ASCII, its
 * NUL included. Each byte of the data then follows from the digest. */
static bool try_ascii(struct proof *p)
{
	struct assay_slice d = p->ev->data;
	uint8_t ascii[ASCII_MAX];
	size_t n = d.n / 2;

	if (d.n % 2 != 0 || n < 2 || n > ASCII_MAX)
		return false;
	for (size_t i = 0; i < n; i++) {
		uint8_t b = d.p[2 * i];
		bool last = i + 1 == n;
		if (d.p[2 * i + 1] != 0 || (last ? b != 0 : b < 0x20 || b > 0x7e))
			return false;
		ascii[i] = b;
	}
	if (!try_part(p, ASSAY_BOUND_CONTENT, (struct assay_slice){ ascii, n }) &&
	    !try_part(p, ASSAY_BOUND_CONTENT, (struct assay_slice){ ascii, n - 1 }))
		return false;
	p->facts->proven = d;
	return true;
}

typedef bool candidate(struct proof *p);

static bool try_all(struct proof *p)
{
	static candidate *const candidates[] = { try_data,     try_shim,     try_text,
						 try_prefixed, try_variable, try_ascii };
	candidate *first = try_data;

	if (p->ev->eventType == (uint32_t)ASSAY_EV_IPL)
		first = try_prefixed;
	if (p->ev->eventType == (uint32_t)ASSAY_EV_EFI_VARIABLE_BOOT)
		first = try_variable;
	if (first(p))
		return true;
	for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++)
		if (candidates[i] != first && candidates[i](p))
			return true;
	return false;
}

static struct assay_slice without_nul(struct assay_slice s, size_t width)
{
	if (s.n >= width && slice_all(slice_part(s, s.n - width, s.n), 0))
		return slice_part(s, 0, s.n - width);
	return s;
}

/* The kind of proven bytes: a function of the bytes alone. */
static void tell_proven(struct assay_event_facts *f)
{
	struct assay_slice utf16 = without_nul(f->proven, 2), text = without_nul(f->proven, 1);

	if (shape_variable(f->proven, &f->variable) ||
	    shape_variable_shim(f->proven, &f->variable)) {
		f->kind = ASSAY_KIND_VARIABLE;
	} else if (slice_starts(f->proven, "EFI PART")) {
		f->kind = ASSAY_KIND_GPT;
	} else if (shape_is_text(text)) {
		f->kind = shape_is_action(text)                    ? ASSAY_KIND_ACTION
			  : f->binding == ASSAY_BOUND_AFTER_PREFIX ? ASSAY_KIND_COMMAND
								   : ASSAY_KIND_TEXT;
		f->text = text;
	} else if (shape_is_utf16(utf16)) {
		f->kind = ASSAY_KIND_TEXT;
		f->text = utf16;
		f->text_utf16 = true;
	} else {
		f->kind = ASSAY_KIND_DATA;
	}
}

/* As the type's rule has it; another binding is true all the same, but then
 * the type or the wrapping is not. */
static bool binding_agrees(const struct assay_event *ev, enum assay_binding binding)
{
	switch (ev->eventType) {
	case (uint32_t)ASSAY_EV_EFI_VARIABLE_BOOT:
		return binding == ASSAY_BOUND_DATA || binding == ASSAY_BOUND_VARIABLE;
	case (uint32_t)ASSAY_EV_IPL:
		return binding == ASSAY_BOUND_DATA || binding == ASSAY_BOUND_TEXT ||
		       binding == ASSAY_BOUND_AFTER_PREFIX;
	case (uint32_t)ASSAY_EV_ACTION:
	case (uint32_t)ASSAY_EV_EFI_ACTION:
		return binding == ASSAY_BOUND_DATA || binding == ASSAY_BOUND_TEXT;
	case (uint32_t)ASSAY_EV_EFI_VARIABLE_AUTHORITY:
		return binding == ASSAY_BOUND_DATA || binding == ASSAY_BOUND_CONTENT;
	default:
		return binding == ASSAY_BOUND_DATA;
	}
}

/* Of an event that is known by its digest alone its type and its data are
 * hints for people: nothing covers them. */
static void tell_unproven(const struct assay_event *ev, struct assay_event_facts *f)
{
	struct assay_slice rest, name = without_nul(ev->data, 1);

	switch (ev->eventType) {
	case (uint32_t)ASSAY_EV_SEPARATOR:
		f->kind = ASSAY_KIND_SEPARATOR_ERROR;
		break;
	case (uint32_t)ASSAY_EV_EFI_BOOT_SERVICES_APPLICATION:
	case (uint32_t)ASSAY_EV_EFI_BOOT_SERVICES_DRIVER:
	case (uint32_t)ASSAY_EV_EFI_RUNTIME_SERVICES_DRIVER:
		f->kind = ASSAY_KIND_IMAGE;
		shape_image(ev->data, &f->path);
		break;
	case (uint32_t)ASSAY_EV_POST_CODE:
	case (uint32_t)ASSAY_EV_POST_CODE2:
	case (uint32_t)ASSAY_EV_S_CRTM_CONTENTS:
	case (uint32_t)ASSAY_EV_EFI_PLATFORM_FIRMWARE_BLOB:
	case (uint32_t)ASSAY_EV_EFI_PLATFORM_FIRMWARE_BLOB2:
		f->kind = ASSAY_KIND_BLOB;
		break;
	case (uint32_t)ASSAY_EV_EVENT_TAG:
		if (shape_tag(ev->data, &f->tagged_id, &rest)) {
			f->kind = ASSAY_KIND_TAG;
			f->text = without_nul(rest, 1);
		}
		break;
	case (uint32_t)ASSAY_EV_IPL:
		if (name.n > 0 && shape_is_text(name)) {
			f->kind = ASSAY_KIND_FILE;
			f->text = name;
		} else if (shape_is_utf16(without_nul(ev->data, 2))) {
			f->kind = ASSAY_KIND_FILE;
			f->text = without_nul(ev->data, 2);
			f->text_utf16 = true;
		}
		break;
	default:
		break;
	}
}

/* The types whose data is hashed as it stands, on every machine seen. */
static bool type_must_bind(const struct assay_event *ev)
{
	struct assay_slice word, rest;

	switch (ev->eventType) {
	case (uint32_t)ASSAY_EV_SEPARATOR:
	case (uint32_t)ASSAY_EV_ACTION:
	case (uint32_t)ASSAY_EV_EFI_ACTION:
	case (uint32_t)ASSAY_EV_EFI_VARIABLE_DRIVER_CONFIG:
	case (uint32_t)ASSAY_EV_EFI_VARIABLE_BOOT:
	case (uint32_t)ASSAY_EV_EFI_VARIABLE_AUTHORITY:
	case (uint32_t)ASSAY_EV_EFI_GPT_EVENT:
		return true;
	case (uint32_t)ASSAY_EV_IPL:
		return shape_prefixed(ev->data, &word, &rest) && shape_is_word(word);
	default:
		return false;
	}
}

/* A separator's kind is its digest's, whatever type or data say. */
static void tell_separator(const struct assay_event *ev, enum separator which,
			   struct assay_event_facts *f)
{
	uint8_t v = which == SEPARATOR_ONES ? 0xff : 0x00;

	f->kind = which == SEPARATOR_ERROR ? ASSAY_KIND_SEPARATOR_ERROR : ASSAY_KIND_SEPARATOR;
	if (which != SEPARATOR_ERROR && ev->data.n == 4 && slice_all(ev->data, v)) {
		f->binding = ASSAY_BOUND_DATA;
		f->proven = ev->data;
	}
	/* The error form has free text for data. */
	f->agrees = !f->must_bind || which == SEPARATOR_ERROR || f->binding == ASSAY_BOUND_DATA;
}

/* Not extended, so that nothing covers it. Firmware leaves its digest zero;
 * Windows' last event, on PCR 0xffffffff, does not. */
static void tell_no_action(const struct assay_event *ev, struct assay_slice digest,
			   struct assay_event_facts *f)
{
	f->kind = ev->index == 0 && event_is_specid(ev) ? ASSAY_KIND_HEADER
							: ASSAY_KIND_NO_ACTION;
	f->must_bind = ev->pcrIndex != UINT32_MAX;
	f->agrees = !f->must_bind || digest.n == 0 || slice_all(digest, 0);
}

bool assay_event_prove(struct assay_crypto *crypto, const struct assay_event *ev, uint16_t alg,
		       struct assay_event_facts *out)
{
	struct assay_event_facts f = { .agrees = true };
	struct assay_slice digest = assay_event_digest(ev, alg);
	struct proof proof = { crypto, ev, alg, digest, &f, false };
	enum separator separator = separator_by_digest(alg, digest);

	f.type_known = assay_event_type_name(ev->eventType) != NULL;
	if (ev->eventType == (uint32_t)ASSAY_EV_NO_ACTION) {
		tell_no_action(ev, digest, &f);
	} else {
		f.must_bind = type_must_bind(ev);
		if (separator != SEPARATOR_NONE) {
			tell_separator(ev, separator, &f);
		} else if (digest.n > 0 && assay_alg_computable(alg) && try_all(&proof)) {
			tell_proven(&f);
			f.agrees = !f.must_bind || binding_agrees(ev, f.binding);
			/* a variable stays one, whoever calls it a separator */
			if (ev->eventType == (uint32_t)ASSAY_EV_SEPARATOR &&
			    f.kind != ASSAY_KIND_VARIABLE)
				f.kind = ASSAY_KIND_SEPARATOR_ERROR;
			if (f.kind != ASSAY_KIND_VARIABLE)
				shape_variable(ev->data, &f.variable);
		} else {
			tell_unproven(ev, &f);
			shape_variable(ev->data, &f.variable);
			f.agrees = !f.must_bind;
		}
	}
	if (proof.failed)
		return false;
	*out = f;
	return true;
}
