/* SPDX-License-Identifier: Apache-2.0
 * A verifier's answers, row by row: who is believed, what replaces what, what is told. */
#include "tests/engine_lab.h"

static struct lab *lab;

static bool row(bool pass, const struct lab_said *s, const char *name)
{
	if (!tap_ok(pass, "%s", name) && s)
		lab_explain(s);
	return pass;
}

__attribute__((unused)) static bool outcome(const struct lab_said *s, enum assay_outcome want)
{
	return s->said == ENGINE_ANSWER && s->answer.outcome == want &&
	       s->answer.challenge.n == ASSAY_CHALLENGE_SIZE;
}

static struct lab_node *node_new(const char *id)
{
	struct lab_node *n = lab_node_new(lab, id, "clean-a");

	if (!lab_enrol(lab, n) || !lab_challenge(lab, 0, n))
		tap_ok(false, "node %s", id);
	return n;
}

static void run_full(void)
{
	struct lab_node *n = node_new("full");
	struct lab_said *s = lab_send(lab, 0, n, LAB_LOOP);

	row(s->said == ENGINE_SLOW, s, "a whole bundle is a worker's");
	s = lab_send(lab, 0, n, 0);
	row(lab_affirms(s), s, "a good node is affirming");
	row(s->answer.receipt.n > 0 && s->answer.life > 0 && s->answer.interval == LAB_INTERVAL,
	    s, "with receipt, life and interval");
	row(lab_stored(lab, n) == ASSAY_AFFIRMING && lab_events_of(lab, "full") == 1, s,
	    "stored, and told once");
	s = lab_send(lab, 0, n, LAB_WARM | LAB_LOOP);
	row(lab_affirms(s) && s->out.warm && s->answer.receipt.n > 0, s,
	    "the next message goes on from the receipt, on a loop");
	s = lab_send(lab, 0, n, LAB_WARM);
	row(lab_affirms(s) && s->out.warm, s, "and on a worker");
	row(lab_events_of(lab, "full") == 1, s, "no event for what did not change");
	lab_node_free(n);
}

int main(void)
{
	struct forge *f = forge_new("clean-a");

	lab = lab_new(NULL);
	lab_write_refs(lab, f, true);
	forge_free(f);
	if (!lab_start(lab, 0))
		return 1;
	run_full();
	lab_free(lab);
	return tap_done();
}
