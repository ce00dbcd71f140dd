/* SPDX-License-Identifier: Apache-2.0
 *
 * component - what an event is in the chain that a person asks for. The kind
 * is a guess from position, order and unproven names: it words reasons and
 * says where a *learned* reference belongs. No verdict rests on it; what
 * counts is the kind of the reference that the digest matches. */
#pragma once
#include "core/base/slice.h"
#include "core/base/text.h"
#include <assay/appraisal.h>

enum { JUDGE_NAME = 600 }; /* bytes of a proven text that a reason shows */

struct boot_walk {
	uint32_t separators;        /* PCRs whose separator was seen */
	unsigned images;            /* boot applications in PCR 4 so far */
	struct assay_slice command; /* proven text of the last boot loader command */
};

/* Kind of ev; moves the walk on. Call once for each extended event, in order. */
enum assay_kind component_kind(struct boot_walk *w, const struct assay_event *ev,
			       const struct assay_event_facts *facts);

/* A name for people; *proven tells whether the digest covers it. */
void component_name(struct text *t, const struct assay_event *ev,
		    const struct assay_event_facts *facts, bool *proven);

/* "bzImage" inside UTF-16LE or ASCII text, ASCII letters without case. */
bool component_mentions(struct assay_slice s, bool utf16, const char *word);

/* A boot loader's command or a command line. */
static inline bool component_is_command(enum assay_kind kind)
{
	return kind == ASSAY_REF_COMMAND_LINE || kind == ASSAY_REF_BOOT_COMMAND;
}

/* Events whose meaning the specification fixes to the letter, so that no
 * reference is needed: separators and the firmware's own actions. */
bool component_is_ritual(const struct assay_event_facts *facts);
