/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/random.h"
#include "verifier/engine/work.h"

#include <stdlib.h>
#include <string.h>

/* Receipts that were made at one time shall not all end at one time. */
enum { RECEIPT_SPREAD = 4 * 60 * 60 * 1000 };

static bool room(struct engine_thread *t, size_t n)
{
	if (n <= t->body_max)
		return true;
	free(t->body);
	t->body = malloc(n);
	t->body_max = t->body ? n : 0;
	return t->body != NULL;
}

static int write_answer(struct work *w, const struct assay_answer *a)
{
	struct engine_thread *t = w->t;
	size_t n = assay_answer_write(a, NULL, 0);

	if (n == 0 || !room(t, n) || assay_answer_write(a, t->body, n) != n)
		return ENGINE_FAILED;
	w->out->outcome = a->outcome;
	w->out->body = (struct assay_slice){ t->body, n };
	return ENGINE_ANSWER;
}

int work_outcome(struct work *w, enum assay_outcome outcome)
{
	struct assay_answer a = {
		.outcome = outcome,
		.challenge = { w->t->challenge, sizeof w->t->challenge },
		.interval = w->e->config.interval,
	};

	w->out->warm = false;
	if (!engine_challenge_next(w->t, w->s, w->ak_name, w->now))
		return ENGINE_FAILED;
	return write_answer(w, &a);
}

/* Empty when none can be made: then the node sends all of it each time. */
static struct assay_slice receipt(struct work *w)
{
	struct engine_thread *t = w->t;
	struct assay_receipt *next = &t->next;
	const struct keys_secrets *secrets = &w->s->keys.secrets[KEYS_RECEIPT];
	uint8_t salt[ASSAY_RECEIPT_SALT];

	/* no receipt says that a revoked component was shown */
	if (w->shows_revoked || !assay_receipt_of(&t->claims, &w->appraisal, &t->arena, next))
		return (struct assay_slice){ 0 };
	platform_random(salt, sizeof salt);
	next->node = w->m.node;
	next->ak_name = w->ak_name;
	next->generation = w->s->generation;
	next->issued = w->now;
	next->ends = w->now + ASSAY_RECEIPT_LIFE_MAX - platform_random_below(RECEIPT_SPREAD);
	next->good_until = ASSAY_RECEIPT_NEVER;
	next->heard = w->revoked.known;
	if (w->out->warm && !assay_receipt_merge(next, &t->last))
		return (struct assay_slice){ 0 };
	return (struct assay_slice){
		t->sealed,
		assay_receipt_seal(
			t->crypto,
			&secrets->secret[keys_maker(&w->s->keys, KEYS_RECEIPT, w->now)], salt,
			next, t->sealed, sizeof t->sealed)
	};
}

int work_tell(struct work *w)
{
	struct assay_answer a = {
		.outcome = ASSAY_OUTCOME_APPRAISED,
		.result = engine_sign_ear(w->t, w->s, w->now),
		.challenge = { w->t->challenge, sizeof w->t->challenge },
		.receipt = receipt(w),
		.life = w->ends - w->now,
		.interval = w->e->config.interval,
	};

	if (a.result.n == 0 || !engine_challenge_next(w->t, w->s, w->ak_name, w->now))
		return ENGINE_FAILED;
	return write_answer(w, &a);
}
