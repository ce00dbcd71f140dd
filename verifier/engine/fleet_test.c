/* SPDX-License-Identifier: Apache-2.0
 * Several verifiers on one store: what one does the others hear of; what none hears is nobody's
 * verdict. */
#include "tests/engine_lab.h"

#include "platform/file.h"
#include "platform/hex.h"
#include "verifier/engine/internal.h"
#include "verifier/keys/keys.h"

#include <unistd.h>

enum { INTERVAL = 6000 };

static struct lab *lab;
static const struct store_actor actor = { "olga", "operator", "192.0.2.1", "r" };
static const uint8_t extra[32] = { 9, 9, 9 }; /* digest of a file that the references know */

static bool row(bool pass, const struct lab_said *s, const char *name)
{
	if (!tap_ok(pass, "%s", name) && s)
		lab_explain(s);
	return pass;
}

static bool outcome(const struct lab_said *s, enum assay_outcome want)
{
	return s->said == ENGINE_ANSWER && s->answer.outcome == want;
}

static struct lab_node *node_new(const char *id)
{
	struct lab_node *n = lab_node_new(lab, id, "clean-a");

	if (!lab_enrol(lab, n) || !lab_challenge(lab, 0, n) ||
	    !lab_affirms(lab_send(lab, 0, n, 0)))
		tap_ok(false, "node %s", id);
	return n;
}

struct waiting {
	struct lab_node *n;
	int i, how;
	enum engine_said said;
};

static bool says(struct lab *l, void *ctx)
{
	const struct waiting *w = ctx;

	return lab_send(l, w->i, w->n, w->how | LAB_KEEP)->said == w->said;
}

/* Within one second verifier i says so of the node's next message. */
static bool soon(struct lab_node *n, int i, int how, enum engine_said said)
{
	struct waiting w = { n, i, how, said };

	return lab_until(says, lab, &w, 1000);
}

static void run_crossing(void)
{
	struct lab_node *n = node_new("crossing");
	lab_settle(lab);
	enum store_status status;
	struct lab_said *s = lab_send(lab, 1, n, LAB_WARM | LAB_LOOP);

	row(s->said == ENGINE_SLOW, s, "a verifier that never met the node asks the store");
	s = lab_send(lab, 1, n, LAB_WARM);
	row(lab_affirms(s) && s->out.warm, s, "and goes on from another's receipt");
	s = lab_send(lab, 1, n, LAB_WARM | LAB_LOOP);
	row(lab_affirms(s), s, "from then on without it");
	s = lab_send(lab, 0, n, LAB_WARM | LAB_LOOP);
	row(lab_affirms(s), s, "so does the first");
	lab_settle(lab);
	forge_ima(n->f, "/usr/bin/intruder", (const uint8_t[32]){ 7 }, 32, false);
	s = lab_send(lab, 1, n, LAB_WARM);
	row(lab_says(s, ASSAY_CONTRAINDICATED, "ima.file-unknown"), s, "bad at one");
	row(soon(n, 0, LAB_WARM | LAB_LOOP, ENGINE_SLOW), NULL,
	    "the other doubts what it remembers");
	lab_settle(lab);
	atomic_store(&lab_down, true);
	const char *ear = lab_result(lab, 0, n->id, &status);
	row(ear && strstr(ear, "\"none\"") && strstr(ear, "verifier.blind"), NULL,
	    "and tells no result by it");
	atomic_store(&lab_down, false);
	(void)lab_ready(lab, 0, 3000);
	s = lab_send(lab, 0, n, LAB_WARM);
	row(lab_says(s, ASSAY_CONTRAINDICATED, "ima.file-unknown") &&
		    lab_events_of(lab, "crossing") == 2,
	    s, "and says the same, with one event in all");
	lab_node_free(n);
}

/* What changed at another verifier, before this one was told. */
static void run_untold(void)
{
	struct lab_node *n = node_new("untold");
	struct lab_said *s;

	lab_settle(lab);
	atomic_store(&lab_untold, true);
	(void)lab_send(lab, 1, n, LAB_WARM);
	forge_ima(n->f, "/usr/bin/intruder", (const uint8_t[32]){ 7 }, 32, false);
	s = lab_send(lab, 1, n, LAB_WARM);
	row(lab_says(s, ASSAY_CONTRAINDICATED, "ima.file-unknown"), s, "bad at one");
	s = lab_send(lab, 0, n, LAB_WARM | LAB_LOOP);
	row(s->said == ENGINE_SLOW, s, "a loop tells no verdict that it did not know of");
	s = lab_send(lab, 0, n, LAB_WARM);
	row(lab_says(s, ASSAY_CONTRAINDICATED, "ima.file-unknown"), s, "a worker does");
	atomic_store(&lab_untold, false);
	lab_node_free(n);
}

static bool is_heard(struct lab *l, void *ctx)
{
	struct lab_node *n = ctx;
	struct store_node node;
	struct assay_slice id = { (const uint8_t *)n->id, strlen(n->id) };

	return store_node_get(l->store, id, &node) == STORE_DONE &&
	       node.order.clock == n->f->clock && node.heard == lab_now() &&
	       node.due == lab_now() + INTERVAL;
}

static void run_heard(void)
{
	struct lab_node *n = node_new("heard");

	lab_pass(lab, 1000);
	row(lab_affirms(lab_send(lab, 0, n, LAB_WARM | LAB_LOOP)), NULL, "heard of on a loop");
	row(lab_until(is_heard, lab, n, 1500), NULL, "is stored soon");
	lab_node_free(n);
}

static void revoked(enum store_revoked kind, const char *subject, enum assay_reason_code code)
{
	char reasons[REASONS_ONE_MAX];
	struct store_revocation r = { .kind = kind, .time = lab_now() };
	size_t n = engine_reason(code, NULL, NULL, reasons, sizeof reasons);
	uint64_t seq;

	snprintf(r.subject, sizeof r.subject, "%s", subject);
	if (store_revoke(lab->store, &r, (struct assay_slice){ (uint8_t *)reasons, n }, &actor,
			 lab_now(), &seq) != STORE_DONE)
		tap_ok(false, "revoke");
}

static void run_key(void)
{
	struct lab_node *n = node_new("key");
	struct store_node node;
	char hex[2 * ASSAY_AK_NAME_MAX + 1];
	struct lab_said *s;

	(void)lab_send(lab, 1, n, LAB_WARM);
	if (store_node_get(lab->store, (struct assay_slice){ (const uint8_t *)"key", 3 },
			   &node) != STORE_DONE)
		tap_ok(false, "node");
	platform_hex_write((struct assay_slice){ node.ak_name, node.ak_name_n }, hex);
	revoked(STORE_REVOKED_AK, hex, ASSAY_R_IDENTITY_KEY_REVOKED);
	row(soon(n, 0, LAB_WARM | LAB_LOOP, ENGINE_REVOKED) &&
		    soon(n, 1, LAB_WARM | LAB_LOOP, ENGINE_REVOKED),
	    NULL, "a revoked key is refused by every verifier within a second");
	s = lab_send(lab, 0, n, LAB_KEEP);
	row(s->said == ENGINE_REVOKED && lab_stored(lab, n) == ASSAY_CONTRAINDICATED, s,
	    "whole bundles too, and its verdict is contraindicated");
	lab_node_free(n);
}

static void run_node(void)
{
	struct lab_node *n = node_new("node");

	revoked(STORE_REVOKED_NODE, "node", ASSAY_R_NODE_REVOKED);
	row(soon(n, 0, 0, ENGINE_REVOKED) && soon(n, 1, LAB_WARM, ENGINE_REVOKED), NULL,
	    "a revoked node is refused");
	row(lab_stored(lab, n) == ASSAY_CONTRAINDICATED, NULL, "and contraindicated");
	lab_node_free(n);
}

static void run_removal(void)
{
	struct lab_node *n = node_new("gone");
	struct assay_slice id = { (const uint8_t *)"gone", 4 };
	struct lab_said *s;

	(void)lab_send(lab, 1, n, LAB_WARM);
	if (store_node_remove(lab->store, id, &actor, lab_now()) != STORE_DONE)
		tap_ok(false, "remove");
	row(soon(n, 0, LAB_WARM | LAB_LOOP, ENGINE_SLOW) &&
		    soon(n, 1, LAB_WARM | LAB_LOOP, ENGINE_SLOW),
	    NULL, "no loop goes on from the receipt of a node that was removed");
	s = lab_send(lab, 0, n, LAB_WARM | LAB_KEEP);
	row(s->said == ENGINE_REVOKED || s->said == ENGINE_UNKNOWN, s,
	    "and a worker refuses it");
	s = lab_send(lab, 1, n, LAB_KEEP);
	/* which of the two depends on whether it heard of the removal already */
	row((s->said == ENGINE_REVOKED || s->said == ENGINE_UNKNOWN) &&
		    lab_stored(lab, n) == -1,
	    s, "so does the other");
	lab_pass(lab, 10);
	if (!lab_enrol(lab, n) || !lab_challenge(lab, 0, n))
		tap_ok(false, "enrol");
	s = lab_send(lab, 0, n, LAB_WARM);
	row(outcome(s, ASSAY_OUTCOME_SEND_ALL) && s->out.recall == ASSAY_RECALL_REVOKED, s,
	    "enrolled again: what it was given before is void");
	s = lab_send(lab, 0, n, 0);
	row(lab_affirms(s), s, "but it may begin anew");
	s = lab_send(lab, 0, n, LAB_WARM | LAB_LOOP);
	row(lab_affirms(s), s, "and go on");
	lab_node_free(n);
}

static void component(const struct lab_node *n, char *subject)
{
	uint8_t id[ASSAY_COMPONENT_ID];

	if (!assay_component_id(n->f->crypto, ASSAY_PLACE_IMA, ASSAY_SHA256,
				(struct assay_slice){ extra, sizeof extra },
				(struct assay_slice){ (const uint8_t *)"/usr/bin/extra", 14 },
				id))
		exit(1);
	strcpy(subject, "sha256:");
	platform_hex_write((struct assay_slice){ id, sizeof id }, subject + 7);
}

static void run_component(void)
{
	struct lab_node *with = node_new("with"), *without = node_new("without"),
			*late = node_new("late");
	char subject[128];
	struct lab_said *s;

	static const char hex[] = "0123456789abcdef";

	for (int i = 0; i < 16; i++) { /* it is one among many */
		snprintf(subject, sizeof subject, "sha256:%c%063d", hex[15 - i], i);
		revoked(STORE_REVOKED_REFERENCE, subject, ASSAY_R_REFERENCE_REVOKED);
	}
	component(with, subject);
	forge_ima(with->f, "/usr/bin/extra", extra, sizeof extra, false);
	s = lab_send(lab, 0, with, LAB_WARM | LAB_LOOP);
	row(s->said == ENGINE_SLOW, s, "what is newly shown is stored before it is covered");
	s = lab_send(lab, 0, with, LAB_WARM);
	row(lab_affirms(s) && s->answer.receipt.n > 0, s, "a good file more");
	row(lab_affirms(lab_send(lab, 0, with, LAB_WARM | LAB_LOOP)), NULL, "and on");
	/* nobody hears of it but who is sent to hear */
	atomic_store(&lab_deaf, true);
	revoked(STORE_REVOKED_REFERENCE, subject, ASSAY_R_REFERENCE_REVOKED);
	forge_ima(late->f, "/usr/bin/extra", extra, sizeof extra, false);
	s = lab_send(lab, 0, late, LAB_WARM);
	row(lab_says(s, ASSAY_CONTRAINDICATED, "reference.revoked") && s->answer.receipt.n == 0,
	    s, "shown after it was revoked, by a verifier that had not heard of it");
	s = lab_send(lab, 1, with, LAB_WARM | LAB_KEEP);
	row(outcome(s, ASSAY_OUTCOME_SEND_ALL) && s->out.recall == ASSAY_RECALL_REVOKED, s,
	    "a receipt that covers it, before a verifier that had not heard of it");
	atomic_store(&lab_deaf, false);
	row(soon(with, 0, LAB_WARM | LAB_LOOP, ENGINE_SLOW), NULL, "voided within a second");
	row(lab_stored(lab, with) == ASSAY_CONTRAINDICATED &&
		    lab_stored(lab, without) == ASSAY_AFFIRMING,
	    NULL, "exactly the nodes that showed it");
	bool all = true;
	for (int i = 0; i < 16; i++) {
		uint8_t id[32];
		size_t n;
		snprintf(subject, sizeof subject, "%c%063d", hex[15 - i], i);
		all = all &&
		      platform_hex_read((struct assay_slice){ (uint8_t *)subject, 64 }, id,
					sizeof id, &n) &&
		      revoked_component(lab->e[0]->revoked, id);
	}
	row(all, NULL, "every revoked component is found");
	s = lab_send(lab, 0, with, 0);
	row(lab_says(s, ASSAY_CONTRAINDICATED, "reference.revoked") && s->answer.receipt.n == 0,
	    s, "whole: the references call it good, the operator does not");
	row(lab_affirms(lab_send(lab, 0, without, LAB_WARM | LAB_LOOP)), NULL,
	    "who did not show it goes on");
	lab_node_free(with);
	lab_node_free(without);
	lab_node_free(late);
}

static void run_blind(void)
{
	struct lab_node *n = node_new("blind");
	struct platform_message why;
	enum store_status status;
	struct lab_said *s;

	if (!lab_heard(lab))
		tap_ok(false, "heard");
	atomic_store(&lab_down, true);
	s = lab_send(lab, 0, n, LAB_WARM | LAB_KEEP);
	row(s->said == ENGINE_BLIND, s, "the store is down: a worker is blind at once");
	s = lab_send(lab, 0, n, LAB_WARM | LAB_LOOP | LAB_KEEP);
	row(lab_affirms(s), s, "a loop goes on for a moment");
	lab_step(2001);
	s = lab_send(lab, 0, n, LAB_WARM | LAB_LOOP | LAB_KEEP);
	row(s->said == ENGINE_BLIND && !engine_ready(lab->e[0], &why) && why.why[0] &&
		    !engine_hears(lab->e[0]),
	    s, "after two seconds without a word it is blind");
	const char *ear = lab_result(lab, 0, "blind", &status);
	row(ear && strstr(ear, "\"affirming\""), NULL,
	    "a result that is known and still lives is told");
	ear = lab_result(lab, 1, "blind", &status);
	row(ear && strstr(ear, "\"none\"") && strstr(ear, "verifier.blind"), NULL,
	    "one that is not known is none, for our sake and not the node's");
	usleep(700000);
	row(!engine_ready(lab->e[0], &why), NULL, "it stays blind");
	lab_step(400000);
	ear = lab_result(lab, 0, "blind", &status);
	row(ear && strstr(ear, "\"none\"") && strstr(ear, "verifier.blind"), NULL,
	    "and tells no result that has ended");
	lab_step(-400000);
	atomic_store(&lab_down, false);
	row(lab_ready(lab, 0, 3000) && lab_ready(lab, 1, 3000), NULL, "it recovers by itself");
	s = lab_send(lab, 0, n, LAB_WARM | LAB_LOOP);
	row(lab_affirms(s), s, "and goes on");
	lab_node_free(n);
}

static void run_jump(void)
{
	struct lab_node *n = node_new("jump");
	enum store_status status;
	struct lab_said *s;

	if (!lab_heard(lab))
		tap_ok(false, "heard");
	for (int64_t ms = 5000; ms >= -5000; ms -= 10000) {
		atomic_store(&lab_down, true);
		lab_jump(ms);
		s = lab_send(lab, 0, n, LAB_WARM | LAB_LOOP | LAB_KEEP);
		row(s->said == ENGINE_BLIND &&
			    !engine_ready(lab->e[0], &(struct platform_message){ 0 }),
		    s, ms > 0 ? "the clock jumped forth" : "the clock jumped back");
		const char *ear = lab_result(lab, 0, "jump", &status);
		row(ear && strstr(ear, "\"none\"") && strstr(ear, "verifier.blind"), NULL,
		    "what time it is, nobody knows: no result lives");
		atomic_store(&lab_down, false);
		row(lab_ready(lab, 0, 3000) && !engine_hears(lab->e[0]), NULL,
		    "a round later it vouches again, but calls nobody silent");
	}
	s = lab_send(lab, 0, n, LAB_WARM | LAB_LOOP);
	row(lab_affirms(s), s, "a jump voids nothing");
	lab_node_free(n);
}

static bool is_silent(struct lab *l, void *ctx)
{
	return lab_stored(l, ctx) == ASSAY_NONE;
}

/* What was appraised while the clock was an hour ahead would live an hour too long. */
static void run_set_back(void)
{
	enum { HOUR = 3600000 };
	struct lab_node *n = node_new("ahead");
	enum store_status status;
	struct lab_said *s;

	lab_jump(HOUR);
	row(lab_ready(lab, 0, 3000) && lab_ready(lab, 1, 3000), NULL,
	    "the clock is set an hour ahead");
	lab_send(lab, 0, n, 0); /* its challenge has ended; there comes another */
	s = lab_send(lab, 0, n, 0);
	row(lab_affirms(s), s, "it is affirmed there");
	lab_jump(-HOUR);
	row(lab_ready(lab, 0, 3000) && lab_ready(lab, 1, 3000), NULL, "the clock is set back");
	const char *ear = lab_result(lab, 0, "ahead", &status);
	row(ear && strstr(ear, "\"none\"") && strstr(ear, "verifier.blind"), NULL,
	    "a verdict that is later than now is told as none");
	atomic_store(&lab_down, true);
	ear = lab_result(lab, 0, "ahead", &status);
	row(ear && strstr(ear, "\"none\""), NULL, "also from memory");
	atomic_store(&lab_down, false);
	row(lab_ready(lab, 0, 3000) && lab_ready(lab, 1, 3000), NULL, "ready");
	lab_pass(lab, lab->config.interval - 3000);
	usleep(700000);
	row(lab_stored(lab, n) == ASSAY_AFFIRMING, NULL, "and is not called silent too soon");
	lab_pass(lab, 10000);
	row(lab_until(is_silent, lab, n, 3000), NULL,
	    "but when it was not heard of for an interval");
	lab_send(lab, 0, n, 0);
	s = lab_send(lab, 0, n, 0);
	row(lab_affirms(s) && lab_stored(lab, n) == ASSAY_AFFIRMING, s,
	    "a new message makes it affirming");
	lab_node_free(n);
}

static void run_silence(void)
{
	struct lab_node *n = node_new("quiet");
	enum store_status status;
	struct lab_said *s;

	/* our own silence first: the store is out of reach for longer than the interval */
	if (!lab_heard(lab))
		tap_ok(false, "heard");
	atomic_store(&lab_down, true);
	lab_step(2 * INTERVAL);
	usleep(700000);
	atomic_store(&lab_down, false);
	if (!lab_ready(lab, 0, 3000) || !lab_ready(lab, 1, 3000))
		tap_ok(false, "ready");
	usleep(700000);
	row(lab_stored(lab, n) == ASSAY_AFFIRMING && lab_events_of(lab, "quiet") == 1, NULL,
	    "an outage of ours silences nobody");
	lab_pass(lab, INTERVAL - 1500);
	usleep(700000);
	row(lab_stored(lab, n) == ASSAY_AFFIRMING, NULL, "nor in the interval after it");
	lab_pass(lab, 2000);
	row(lab_until(is_silent, lab, n, 3000) && lab_events_of(lab, "quiet") == 2 &&
		    strstr(lab->event[atomic_load(&lab->nevents) - 1].reasons, "node.silent"),
	    NULL, "then who is silent is none");
	const char *ear = lab_result(lab, 0, "quiet", &status);
	row(ear && strstr(ear, "\"none\"") && strstr(ear, "node.silent"), NULL,
	    "its result says so");
	s = lab_send(lab, 0, n, LAB_WARM | LAB_LOOP);
	if (s->said == ENGINE_ANSWER && !lab_affirms(s)) /* its challenge had ended */
		s = lab_send(lab, 0, n, LAB_WARM | LAB_LOOP);
	row(s->said == ENGINE_SLOW, s, "no loop goes on as if nothing had been");
	s = lab_send(lab, 0, n, LAB_WARM);
	row(lab_affirms(s) && lab_events_of(lab, "quiet") == 3 &&
		    lab_stored(lab, n) == ASSAY_AFFIRMING,
	    s, "heard of again, it is what it was, with an event");
	lab_node_free(n);
}

int main(void)
{
	struct forge *f = forge_new("clean-a");
	struct assay_ref r = { .place = ASSAY_PLACE_IMA,
			       .kind = ASSAY_REF_FILE,
			       .alg = ASSAY_SHA256,
			       .digest = { extra, sizeof extra },
			       .name = { (const uint8_t *)"/usr/bin/extra", 14 } };

	lab = lab_new(NULL);
	lab->config.interval = INTERVAL;
	if (assay_refs_add(&f->refs, &r) != ASSAY_F_OK)
		return 1;
	lab_write_refs(lab, f, true);
	forge_free(f);
	if (!lab_start(lab, 0) || !lab_start(lab, 1))
		return 1;
	run_crossing();
	run_untold();
	run_heard();
	run_node();
	run_key();
	run_removal();
	run_component();
	run_blind();
	run_jump();
	run_set_back();
	run_silence();
	lab_free(lab);
	return tap_done();
}
