/* SPDX-License-Identifier: Apache-2.0
 *
 * The boot chain against the references: every event of a judged PCR must be
 * known in its register, whatever its type or its names say. */
#include "core/appraisal/component.h"
#include "core/appraisal/secure_boot.h"
#include "core/appraisal/words.h"

enum { SEPARATED = 0xff }; /* PCR 0-7 end in a separator (PFP 1.06, 3.2.3) */

struct boot {
	struct judge *j;
	struct boot_walk walk;
	struct secure_boot sb;
	uint32_t failed; /* PCRs whose separator told of an error */
	bool compare;    /* there are references to compare with */
};

static void where(struct text *t, const struct assay_event *ev, const char *name, bool proven)
{
	text_str(t, "binary_bios_measurements, event ");
	text_u64(t, ev->index);
	text_str(t, " (offset ");
	text_u64(t, ev->offset);
	text_str(t, "), PCR ");
	text_u64(t, ev->pcrIndex);
	if (!name)
		return;
	text_str(t, ", ");
	text_str(t, name);
	text_str(t, proven ? "" : " (name not proven)");
}

/* An unknown or revoked component, told so that a person can act. */
static void report_component(struct judge *j, const struct assay_event *ev,
			     const struct assay_event_facts *facts,
			     const struct assay_component *c, int64_t at)
{
	char place[JUDGE_TEXT], found[JUDGE_TEXT], expected[JUDGE_TEXT];
	struct text w = text_over(place, sizeof place), f = text_over(found, sizeof found),
		    e = text_over(expected, sizeof expected);
	bool command = component_is_command(c->kind) && facts->text.n > 0 && c->proven;

	where(&w, ev, command ? NULL : c->name, c->proven);
	if (command)
		text_str(&f, c->name);
	else
		text_digest(&f, j->out->bank, c->digest);
	if (facts->kind == ASSAY_KIND_VARIABLE && facts->variable.data.n == 1) {
		text_str(&f, ", value ");
		text_hex(&f, facts->variable.data);
	}
	if (c->match == ASSAY_MATCH_REVOKED) {
		expect_ref(&e, j->refs, at, true);
		judge_add(j, ASSAY_R_BOOT_COMPONENT_REVOKED, place, found,
			  e.n ? expected : NULL);
		return;
	}
	expect_component(j, &e, ev->pcrIndex, c->kind,
			 facts->text.n ? facts->text : slice_str(c->name));
	/* told so, it need not be told again as missing */
	if (judge_add(j,
		      command ? ASSAY_R_BOOT_COMMAND_LINE_UNKNOWN
			      : ASSAY_R_BOOT_COMPONENT_UNKNOWN,
		      place, found, e.n ? expected : NULL) == ASSAY_SEVERITY_CONTRAINDICATED)
		j->reported |= 1u << c->kind;
}

static const char *keep_slice(struct judge *j, struct assay_slice s)
{
	char buf[256];
	struct text t = text_over(buf, sizeof buf);

	if (s.n == 0)
		return NULL;
	text_safe(&t, s, 200);
	const char *copy = text_in(&t, j->arena);
	j->oom |= !copy;
	return copy;
}

/* name: where its name is built. */
static struct assay_component make_component(struct boot *b, const struct assay_event *ev,
					     const struct assay_event_facts *facts,
					     struct text *name, int64_t *at)
{
	struct judge *j = b->j;
	struct assay_component c = {
		.kind = component_kind(&b->walk, ev, facts),
		.pcr = ev->pcrIndex,
		.event = ev->index,
		.offset = ev->offset,
		.digest = assay_event_digest(ev, j->out->bank),
	};

	component_name(name, ev, facts, &c.proven);
	c.name = name->p;
	c.match = assay_refs_match_pcr(j->refs, (uint8_t)ev->pcrIndex, j->out->bank, c.digest,
				       at);
	if (*at != ASSAY_REF_NONE) {
		struct assay_ref r = assay_refs_get(j->refs, (uint32_t)*at);
		c.kind = r.kind;
	}
	if (c.kind == ASSAY_REF_AUTHORITY && facts->kind == ASSAY_KIND_VARIABLE)
		c.data = facts->variable.data;
	return c;
}

/* What is not told takes no memory: a log may have any number of events. */
static void add_component(struct judge *j, struct assay_component c, const struct text *name,
			  int64_t at)
{
	if (j->out->nchain == ASSAY_COMPONENTS_MAX) {
		j->out->chain_omitted++;
		return;
	}
	c.name = text_in(name, j->arena);
	j->oom |= !c.name;
	if (at != ASSAY_REF_NONE) {
		struct assay_ref r = assay_refs_get(j->refs, (uint32_t)at);
		c.signer = keep_slice(j, r.signer);
		c.provenance = keep_slice(j, r.provenance);
	}
	j->chain[j->out->nchain++] = c;
}

/* Words that the policy forbids, in any proven bytes and under any prefix. step: 2 for UTF-16,
 * as systemd-stub measures a command line. */
static void check_words(struct judge *j, const struct assay_event *ev, struct assay_slice text,
			size_t step)
{
	struct assay_slice word;

	for (size_t at = 0; (word = forbidden_word(j->policy, text, step, &at)).n > 0;) {
		char place[JUDGE_TEXT], found[256];
		struct text w = text_over(place, sizeof place),
			    f = text_over(found, sizeof found);
		where(&w, ev, NULL, false);
		if (step == 2)
			text_safe_utf16(&f, word, 200);
		else
			text_safe(&f, word, 200);
		judge_add(j, ASSAY_R_BOOT_COMMAND_LINE_FORBIDDEN, place, found, NULL);
	}
}

/* What the boot loader was told: words are looked for in what is proven. Where commands are
 * measured, one that is neither proven nor known might say anything. */
static void check_command(struct judge *j, const struct assay_event *ev,
			  const struct assay_event_facts *facts, bool known)
{
	enum { COMMAND_PCR = 8 };
	char place[JUDGE_TEXT];
	struct text w = text_over(place, sizeof place);

	if (facts->kind == ASSAY_KIND_COMMAND ||
	    (ev->pcrIndex >= COMMAND_PCR && facts->binding != ASSAY_BOUND_NOTHING)) {
		check_words(j, ev, facts->proven, 1);
		check_words(j, ev, facts->proven, 2);
	} else if (ev->pcrIndex == COMMAND_PCR && j->policy->nforbidden > 0 && !known) {
		where(&w, ev, assay_event_type_name(ev->eventType), true);
		judge_add(j, ASSAY_R_BOOT_EVENT_UNPROVEN, place, NULL, NULL);
	}
}

/* What holds for an event whatever the references say. */
static void check_form(struct boot *b, const struct assay_event *ev,
		       const struct assay_event_facts *facts)
{
	struct judge *j = b->j;
	char place[JUDGE_TEXT], found[64];
	struct text w = text_over(place, sizeof place), f = text_over(found, sizeof found);

	where(&w, ev, assay_event_type_name(ev->eventType), true);
	if (!facts->type_known) {
		text_str(&f, "type 0x");
		text_hex_u64(&f, ev->eventType, 8);
		judge_add(j, ASSAY_R_BOOT_EVENT_TYPE_UNKNOWN, place, found, NULL);
	}
	if (facts->kind == ASSAY_KIND_SEPARATOR_ERROR) {
		b->failed |= 1u << ev->pcrIndex;
		judge_add(j, ASSAY_R_BOOT_FIRMWARE_ERROR, place, NULL, "00000000 or ffffffff");
	} else if (facts->kind == ASSAY_KIND_SEPARATOR &&
		   b->walk.separators & 1u << ev->pcrIndex) {
		judge_add(j, ASSAY_R_BOOT_SEPARATOR, place, "a second separator", "one");
	} else if (facts->must_bind && !facts->agrees) {
		judge_add(j, ASSAY_R_BOOT_EVENT_UNPROVEN, place, NULL, NULL);
	}
}

static void judge_event(struct boot *b, const struct assay_event *ev,
			const struct assay_event_facts *facts)
{
	struct judge *j = b->j;
	uint32_t p = ev->pcrIndex;
	bool after = b->walk.separators & 1u << p;
	/* what IMA explains is IMA's alone: no other log may fill that register, nor the
	 * kernel's own when the list names another */
	bool judged = (j->policy->pcrs_judged | j->claims->ima.pcrs | 1u << IMA_PCR) & 1u << p;
	char buf[JUDGE_TEXT];
	struct text name = text_over(buf, sizeof buf);
	int64_t at;

	check_form(b, ev, facts);
	struct assay_component c = make_component(b, ev, facts, &name, &at);
	if (p == 7)
		secure_boot_event(j, &b->sb, ev, facts, after);
	if (component_is_ritual(facts))
		return;
	check_command(j, ev, facts, c.match == ASSAY_MATCH_GOOD);
	if (c.match == ASSAY_MATCH_GOOD)
		j->present |= 1u << c.kind;
	else if (b->compare && (judged || c.match == ASSAY_MATCH_REVOKED))
		report_component(j, ev, facts, &c, at);
	add_component(j, c, &name, at);
}

static bool walk_log(struct boot *b)
{
	struct judge *j = b->j;
	struct assay_eventlog log;
	struct assay_event ev;

	if (!assay_eventlog_open(&log, j->claims->bundle.part[ASSAY_PART_EVENTLOG], j->err))
		return false;
	while (assay_eventlog_next(&log, &ev)) {
		struct assay_event_facts facts;
		if (ev.index == 0 && log.agile)
			continue;
		if (!assay_event_prove(j->crypto, &ev, j->out->bank, &facts)) {
			*j->err =
				(struct assay_err){ ASSAY_F_CRYPTO, "digest", ev.offset, NULL };
			return false;
		}
		judge_at(j, ev.index, assay_event_digest(&ev, j->out->bank));
		if (facts.kind == ASSAY_KIND_NO_ACTION) {
			char place[JUDGE_TEXT];
			struct text w = text_over(place, sizeof place);
			where(&w, &ev, "EV_NO_ACTION", true);
			if (!facts.agrees)
				judge_add(j, ASSAY_R_BOOT_NO_ACTION_DIGEST, place, NULL, NULL);
		} else if (judge_replayed(j, ev.pcrIndex)) {
			judge_event(b, &ev, &facts);
		}
	}
	judge_at_nothing(j);
	return j->err->fault == ASSAY_F_OK;
}

/* PCR 7's order is proven: its first authority vouches for the first image,
 * the next certificate (shim's own or a machine owner's) for the second. Later
 * images signed by the same certificate leave no trace. */
static void assign_authorities(struct judge *j)
{
	const char *first = NULL, *second = NULL;
	unsigned images = 0;

	for (size_t i = 0; i < j->out->nchain; i++) {
		const struct assay_component *c = &j->chain[i];
		if (c->pcr != 7 || c->kind != ASSAY_REF_AUTHORITY || !c->proven ||
		    strcmp(c->name, "SbatLevel") == 0 || strcmp(c->name, "MokSBState") == 0)
			continue;
		if (!first)
			first = c->name;
		else if (!second)
			second = c->name;
	}
	for (size_t i = 0; i < j->out->nchain; i++) {
		struct assay_component *c = &j->chain[i];
		if (c->pcr != 4)
			continue;
		if (images == 0)
			c->authority = first;
		else if (images == 1)
			c->authority = second;
		images++;
	}
}

static void check_separators(struct boot *b)
{
	struct judge *j = b->j;
	uint32_t missing = 0;
	char buf[JUDGE_TEXT];
	struct text t = text_over(buf, sizeof buf);

	/* a register that nothing was measured into lacks its separator too */
	for (uint32_t p = 0; p < 8; p++)
		if (j->claims->state[j->bank][p] >= ASSAY_PCR_RESET &&
		    !((b->walk.separators | b->failed) & 1u << p))
			missing |= 1u << p;
	if (!missing)
		return;
	text_str(&t, "binary_bios_measurements, ");
	text_pcrs(&t, missing);
	judge_add(j, ASSAY_R_BOOT_SEPARATOR, buf, "no separator", "one");
}

static void check_present(struct boot *b)
{
	struct judge *j = b->j;

	for (int k = 0; k < ASSAY_REF_KINDS_N; k++)
		if (j->policy->present & 1u << k && !((j->present | j->reported) & 1u << k)) {
			judge_at(j, (uint64_t)k, (struct assay_slice){ 0 });
			judge_add(j, ASSAY_R_BOOT_COMPONENT_MISSING, "binary_bios_measurements",
				  NULL, assay_kind_word((enum assay_kind)k));
		}
	judge_at_nothing(j);
}

static bool needs_log(const struct assay_policy *policy)
{
	return policy->secure_boot || policy->present || policy->pcrs_judged;
}

bool judge_boot(struct judge *j)
{
	struct boot b = { .j = j };
	const struct assay_bundle *bundle = &j->claims->bundle;
	bool given = bundle->present[ASSAY_PART_EVENTLOG];

	judge_registers(j);
	judge_user_events(j);
	if (j->refs->n == 0)
		judge_add(j, ASSAY_R_REFERENCE_NONE, "--refs", NULL, NULL);
	if (!j->claims->log_present) {
		if (needs_log(j->policy))
			judge_add(j, given ? ASSAY_R_BOOT_LOG_EMPTY : ASSAY_R_BOOT_LOG_MISSING,
				  "binary_bios_measurements", NULL, NULL);
		return true;
	}
	if (j->claims->log_quirk)
		judge_add(j, ASSAY_R_BOOT_LOG_ODD, "binary_bios_measurements",
			  j->claims->log_quirk, NULL);
	b.compare = j->refs->n > 0 && assay_refs_has_alg(j->refs, j->out->bank);
	if (j->refs->n > 0 && !b.compare)
		judge_add(j, ASSAY_R_REFERENCE_BANK_MISSING, "--refs", NULL,
			  assay_alg_name(j->out->bank));
	if (!walk_log(&b))
		return false;
	assign_authorities(j);
	check_separators(&b);
	secure_boot_end(j, &b.sb);
	if (b.compare)
		check_present(&b);
	return true;
}
