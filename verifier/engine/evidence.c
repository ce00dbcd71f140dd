/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/engine/work.h"

enum { TRIES = 4 };

static const struct {
	int (*step)(struct work *);
} steps[] = {
	{ work_hears },  { work_fresh }, { work_known }, { work_proven },
	{ work_recall }, { work_judge }, { work_keep },  { work_tell },
};

enum { KNOWN = 2 /* the step that AGAIN goes back to */ };

static int walk(struct work *w)
{
	int tries = 0;

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		int said = steps[i].step(w);
		if (said == AGAIN) {
			if (++tries == TRIES)
				return ENGINE_BLIND;
			userlog_drop(&w->t->log);
			w->out->warm = false;
			i = KNOWN - 1;
		} else if (said != GO) {
			return said;
		}
	}
	return ENGINE_FAILED; /* the last step always says */
}

enum engine_said engine_evidence(struct engine_thread *t, struct assay_slice message,
				 uint64_t now, struct engine_answer *out)
{
	uint64_t since = metrics_now();
	struct snapshot *s = engine_snapshot(t->e);
	struct work w = { .e = t->e,
			  .t = t,
			  .s = s,
			  .out = out,
			  .now = now,
			  .life = (uint64_t)s->policy.policy.result_life * 1000 };

	*out = (struct engine_answer){ 0 };
	int said = work_read(&w, message);
	if (said == GO)
		said = walk(&w);
	userlog_drop(&t->log);
	snapshot_drop(s);
	metrics_answer(&t->e->metrics, (enum engine_said)said, out, since);
	return (enum engine_said)said;
}

/* Whoever asks may have a challenge: it costs one hash and is good for this key alone. */
enum engine_said engine_challenge(struct engine_thread *t, struct assay_slice message,
				  uint64_t now, struct engine_answer *out)
{
	struct assay_challenge_request m;
	struct assay_slice challenge = { t->challenge, sizeof t->challenge };
	enum engine_said said = ENGINE_FAILED;

	*out = (struct engine_answer){ 0 };
	if (!assay_challenge_request_read(message, &m, &out->err)) {
		atomic_fetch_add(&t->e->metrics.malformed, 1);
		return ENGINE_MALFORMED;
	}
	if (revoked_ask(t->e->revoked, m.node, m.ak_name).ak)
		return ENGINE_REVOKED;
	struct snapshot *s = engine_snapshot(t->e);
	if (engine_challenge_next(t, s, m.ak_name, now)) {
		size_t n = assay_challenge_answer_write(challenge, t->sealed, sizeof t->sealed);
		out->body = (struct assay_slice){ t->sealed, n };
		said = n > 0 ? ENGINE_ANSWER : ENGINE_FAILED;
	}
	snapshot_drop(s);
	return said;
}
