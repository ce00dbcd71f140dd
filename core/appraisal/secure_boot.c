/* SPDX-License-Identifier: Apache-2.0 */
#include "core/appraisal/secure_boot.h"

/* 8be4df61-93ca-11d2-aa0d-00e098032b8c and d719b2cb-3d3a-4596-a3bc-dad00e67656f */
static const uint8_t global_guid[16] = { 0x61, 0xdf, 0xe4, 0x8b, 0xca, 0x93, 0xd2, 0x11,
					 0xaa, 0x0d, 0x00, 0xe0, 0x98, 0x03, 0x2b, 0x8c };
static const uint8_t image_guid[16] = { 0xcb, 0xb2, 0x19, 0xd7, 0x3a, 0x3d, 0x96, 0x45,
					0xa3, 0xbc, 0xda, 0xd0, 0x0e, 0x67, 0x65, 0x6f };

enum { SECURE_BOOT, PK, KEK, DB, DBX };

static const struct {
	const char *name;
	const uint8_t *guid;
} variables[] = {
	{ "SecureBoot", global_guid }, { "PK", global_guid }, { "KEK", global_guid },
	{ "db", image_guid },          { "dbx", image_guid },
};

static bool utf16_is(struct assay_slice s, const char *word)
{
	size_t n = strlen(word);

	if (s.n != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (s.p[2 * i] != (uint8_t)word[i] || s.p[2 * i + 1] != 0)
			return false;
	return true;
}

static int which_variable(const struct assay_variable *v)
{
	for (int i = 0; i <= DBX; i++)
		if (utf16_is(v->name, variables[i].name) &&
		    memcmp(v->guid.p, variables[i].guid, 16) == 0)
			return i;
	return -1;
}

static const char *where(const struct assay_event *ev, char *buf, size_t n)
{
	struct text t = text_over(buf, n);

	text_str(&t, "binary_bios_measurements, event ");
	text_u64(&t, ev->index);
	text_str(&t, " (offset ");
	text_u64(&t, ev->offset);
	text_str(&t, "), PCR 7");
	return buf;
}

/* "sbat,1,2025051000\n...": the level's date, 0 when it is none. */
static uint32_t sbat_date(struct assay_slice data, char *out, size_t max)
{
	static const char head[] = "sbat,1,";
	uint64_t v = 0;
	size_t n = 0;

	out[0] = '\0';
	if (!slice_starts(data, head))
		return 0;
	for (size_t i = sizeof head - 1;
	     i < data.n && n + 1 < max && data.p[i] >= '0' && data.p[i] <= '9'; i++) {
		out[n++] = (char)data.p[i];
		v = v * 10 + (uint64_t)(data.p[i] - '0');
	}
	out[n] = '\0';
	return n == 10 && v <= UINT32_MAX ? (uint32_t)v : 0;
}

static void sbat_level(struct judge *j, struct secure_boot *sb, const struct assay_event *ev,
		       struct assay_slice data)
{
	uint32_t date = sbat_date(data, sb->sbat, sizeof sb->sbat);
	char buf[160], expected[16];
	struct text e = text_over(expected, sizeof expected);

	sb->measured = true;
	if (date >= j->policy->min_sbat_level)
		return;
	text_u64(&e, j->policy->min_sbat_level);
	judge_add(j, ASSAY_R_BOOT_SBAT_OLD, where(ev, buf, sizeof buf), sb->sbat, expected);
}

static void set_state(struct judge *j, int var, struct assay_slice data)
{
	if (var == PK)
		j->out->setup_mode = data.n == 0 ? ASSAY_ON : ASSAY_OFF;
	if (var != SECURE_BOOT)
		return;
	if (data.n == 1 && data.p[0] == 1)
		j->out->secure_boot = ASSAY_ON;
	else if (data.n == 0 || (data.n == 1 && data.p[0] == 0))
		j->out->secure_boot = ASSAY_OFF;
}

void secure_boot_event(struct judge *j, struct secure_boot *sb, const struct assay_event *ev,
		       const struct assay_event_facts *facts, bool after_separator)
{
	char buf[160];
	int var;

	/* with a NUL or a prefix around it, it is no other event */
	if (facts->kind == ASSAY_KIND_ACTION && slice_is(facts->text, "UEFI Debug Mode")) {
		j->out->debug = ASSAY_ON;
		judge_add(j, ASSAY_R_BOOT_DEBUG, where(ev, buf, sizeof buf), "UEFI Debug Mode",
			  NULL);
	}
	/* any event whose data was left out may be the level that this machine really has */
	if (after_separator && facts->binding == ASSAY_BOUND_NOTHING &&
	    facts->kind != ASSAY_KIND_SEPARATOR && j->policy->min_sbat_level > 0)
		judge_add(j, ASSAY_R_BOOT_SBAT_OLD, where(ev, buf, sizeof buf),
			  "an event whose data is not proven", NULL);
	if (facts->kind != ASSAY_KIND_VARIABLE)
		return;
	if (after_separator && utf16_is(facts->variable.name, "SbatLevel"))
		sbat_level(j, sb, ev, facts->variable.data);
	var = which_variable(&facts->variable);
	/* db and dbx come again after the separator, as authorities */
	if (var < 0 || (after_separator && var > KEK))
		return;
	if (sb->seen[var]++ > 0 || after_separator)
		judge_add(j, ASSAY_R_BOOT_VARIABLE_REPEATED, where(ev, buf, sizeof buf),
			  variables[var].name, "once, before the separator");
	else
		set_state(j, var, facts->variable.data);
}

/* Kept once, at the end: anybody may measure any number of levels. */
static void keep_level(struct judge *j, const struct secure_boot *sb)
{
	struct text t = { .p = (char *)(uintptr_t)sb->sbat, .n = strlen(sb->sbat) };

	if (!sb->measured)
		return;
	j->out->sbat_level = text_in(&t, j->arena);
	j->oom |= !j->out->sbat_level;
}

void secure_boot_end(struct judge *j, const struct secure_boot *sb)
{
	static const char here[] = "binary_bios_measurements, PCR 7";
	const struct assay_appraisal *out = j->out;

	keep_level(j, sb);
	/* without a level a minimum cannot be met */
	if (j->policy->min_sbat_level > 0 && !sb->measured)
		judge_add(j, ASSAY_R_BOOT_SBAT_OLD, here, "no SbatLevel was measured", NULL);
	if (!j->policy->secure_boot)
		return;
	if (out->secure_boot == ASSAY_OFF)
		judge_add(j, ASSAY_R_BOOT_SECURE_BOOT_OFF, here, "SecureBoot = 0",
			  "SecureBoot = 1");
	if (out->secure_boot == ASSAY_UNKNOWN_STATE)
		judge_add(j, ASSAY_R_BOOT_SECURE_BOOT_UNKNOWN, here,
			  sb->seen[SECURE_BOOT] ? "SecureBoot with an unexpected value" : NULL,
			  "SecureBoot = 1");
	if (out->setup_mode == ASSAY_ON)
		judge_add(j, ASSAY_R_BOOT_SETUP_MODE, here, "PK is empty", "a platform key");
}
