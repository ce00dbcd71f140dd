/* SPDX-License-Identifier: Apache-2.0
 * A verifier's answers, row by row: who is believed, what replaces what, what is told. */
#include "tests/engine_lab.h"
#include "verifier/keys/keys.h"

static struct lab *lab;

static bool row(bool pass, const struct lab_said *s, const char *name)
{
	if (!tap_ok(pass, "%s", name) && s)
		lab_explain(s);
	return pass;
}

static bool outcome(const struct lab_said *s, enum assay_outcome want)
{
	return s->said == ENGINE_ANSWER && s->answer.outcome == want &&
	       s->out.outcome == want && s->answer.result.n == 0 &&
	       s->answer.challenge.n == ASSAY_CHALLENGE_SIZE;
}

static struct lab_node *node_new(const char *id)
{
	struct lab_node *n = lab_node_new(lab, id, "clean-a");

	if (!lab_enrol(lab, n) || !lab_challenge(lab, 0, n))
		tap_ok(false, "node %s", id);
	return n;
}

static void run_file(struct lab_node *n, const char *path)
{
	uint8_t digest[32] = { 7 };

	forge_ima(n->f, path, digest, sizeof digest, false);
}

static void run_full(void)
{
	struct lab_node *n = node_new("full");
	struct lab_said *s = lab_send(lab, 0, n, LAB_LOOP);

	row(s->said == ENGINE_SLOW, s, "a whole bundle is a worker's");
	s = lab_send(lab, 0, n, 0);
	row(lab_affirms(s) && !s->out.warm, s, "a good node is affirming");
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

static void run_life(void)
{
	lab_step(1500 - (int64_t)(lab_now() % 1000)); /* a second's middle */
	struct lab_node *n = node_new("life");
	uint64_t life = lab_send(lab, 0, n, 0)->answer.life;
	struct lab_said *s;

	lab_pass(lab, 1000);
	s = lab_send(lab, 0, n, LAB_WARM);
	row(lab_affirms(s) && s->answer.life == life - 1000, s,
	    "a result's life counts from the issue of its challenge");
	uint8_t old[32];
	memcpy(old, n->challenge, sizeof old);
	n->challenge[8] ^= 1;
	s = lab_send(lab, 0, n, LAB_WARM | LAB_LOOP | LAB_KEEP);
	row(outcome(s, ASSAY_OUTCOME_CHALLENGE), s, "a foreign challenge");
	memcpy(n->challenge, old, sizeof old);
	n->challenge[7] ^= 1;
	s = lab_send(lab, 0, n, LAB_WARM | LAB_LOOP | LAB_KEEP);
	row(outcome(s, ASSAY_OUTCOME_CHALLENGE), s, "a challenge whose time was altered");
	struct lab_node *other = node_new("life2");
	memcpy(n->challenge, other->challenge, sizeof old);
	s = lab_send(lab, 0, n, LAB_KEEP);
	row(outcome(s, ASSAY_OUTCOME_CHALLENGE), s, "another key's challenge");
	lab_node_free(other);
	memcpy(n->challenge, old, sizeof old);
	struct assay_slice later = lab_message(n, 0);
	lab_step(-3000);
	s = lab_send_bytes(lab, 0, 0, later);
	row(outcome(s, ASSAY_OUTCOME_CHALLENGE), s, "a challenge from the future");
	lab_step(3000);
	lab_step((int64_t)life - 2000);
	(void)lab_ready(lab, 0, 3000);
	s = lab_send_bytes(lab, 0, 0, later);
	row(lab_affirms(s) && s->answer.life == 2000, s, "nearly ended");
	lab_step(1999);
	s = lab_send_bytes(lab, 0, 0, later);
	row(outcome(s, ASSAY_OUTCOME_CHALLENGE), s, "a result of less than a second is none");
	lab_step(1);
	s = lab_send_bytes(lab, 0, 0, later);
	row(outcome(s, ASSAY_OUTCOME_CHALLENGE), s, "an ended challenge");
	free((void *)(uintptr_t)later.p);
	lab_node_free(n);
}

/* Good, then bad, then the good one again: nothing gets better. */
static void run_tamper(void)
{
	struct lab_node *n = node_new("tamper");
	struct lab_said *s = lab_send(lab, 0, n, 0);
	uint64_t from = n->from;

	struct assay_slice good = lab_message(n, LAB_WARM), whole = lab_message(n, 0);
	run_file(n, "/usr/bin/intruder");
	s = lab_send(lab, 0, n, LAB_WARM | LAB_LOOP);
	row(s->said == ENGINE_SLOW, s, "what is new is a worker's");
	s = lab_send(lab, 0, n, LAB_WARM);
	row(lab_says(s, ASSAY_CONTRAINDICATED, "ima.file-unknown") && s->out.warm &&
		    n->from == from + 1,
	    s, "an unknown file");
	row(lab_stored(lab, n) == ASSAY_CONTRAINDICATED && lab_events_of(lab, "tamper") == 2, s,
	    "stored, and an event");
	s = lab_send_bytes(lab, 0, LAB_LOOP, good);
	row(lab_affirms(s), s, "an older quote is answered as it is, on a loop");
	s = lab_send_bytes(lab, 0, 0, good);
	row(lab_affirms(s), s, "and by a worker");
	s = lab_send_bytes(lab, 0, 0, whole);
	row(lab_affirms(s), s, "and whole");
	row(lab_stored(lab, n) == ASSAY_CONTRAINDICATED && lab_events_of(lab, "tamper") == 2, s,
	    "good evidence replayed after bad replaces nothing and fires nothing");
	s = lab_send(lab, 0, n, LAB_WARM | LAB_LOOP);
	row(lab_says(s, ASSAY_CONTRAINDICATED, "ima.file-unknown"), s,
	    "the next message forgets nothing");
	s = lab_send(lab, 0, n, 0);
	row(lab_says(s, ASSAY_CONTRAINDICATED, "ima.file-unknown"), s, "nor does a whole one");
	row(lab_events_of(lab, "tamper") == 2, s,
	    "the same verdict, remembered or seen, fires nothing");
	free((void *)(uintptr_t)good.p);
	free((void *)(uintptr_t)whole.p);
	lab_node_free(n);
}

static struct lab_said *send_bundle(struct lab_node *n, const char *id, struct assay_bundle *b)
{
	struct assay_slice message = lab_pack(n, id, b);
	struct lab_said *s = lab_send_bytes(lab, 0, 0, message);

	free((void *)(uintptr_t)message.p);
	return s;
}

/* What anybody may send about a node leaves its verdict as it is. */
static void run_others(void)
{
	struct lab_node *n = node_new("victim"), *thief = node_new("thief"),
			*nobody = lab_node_new(lab, "nobody", "clean-a");
	struct lab_said *s = lab_send(lab, 0, n, 0);
	struct assay_slice message = lab_message(n, 0);
	struct assay_bundle b = forge_bundle(n->f);

	n->f->sig[20] ^= 1;
	s = send_bundle(n, n->id, &b);
	row(s->said == ENGINE_UNKNOWN, s, "a signature that does not verify is nobody's word");
	n->f->sig[20] ^= 1;
	n->f->log[200] ^= 1;
	n->f->sig[20] ^= 1;
	s = send_bundle(n, n->id, &b);
	row(s->said == ENGINE_UNKNOWN, s, "before any log is looked at");
	n->f->sig[20] ^= 1;
	n->f->log[200] ^= 1;
	if (!lab_challenge(lab, 0, n))
		tap_ok(false, "challenge");
	lab_step(5);
	if (!lab_challenge(lab, 0, n))
		tap_ok(false, "challenge");
	s = send_bundle(n, n->id, &b);
	row(outcome(s, ASSAY_OUTCOME_CHALLENGE), s, "an old quote under a new challenge");
	if (!lab_challenge(lab, 0, thief))
		tap_ok(false, "challenge");
	s = lab_send(lab, 0, thief, LAB_KEEP);
	b = forge_bundle(thief->f);
	s = send_bundle(thief, "victim", &b);
	row(s->said == ENGINE_UNKNOWN, s, "a node's name with another's key");
	s = lab_send(lab, 0, thief, LAB_KEEP | LAB_WARM);
	if (!lab_challenge(lab, 0, nobody))
		tap_ok(false, "challenge");
	s = lab_send(lab, 0, nobody, 0);
	row(s->said == ENGINE_UNKNOWN, s, "a node that is not enrolled");
	for (size_t i = 0; i < message.n; i += 997) {
		s = lab_send_bytes(lab, 0, 0, (struct assay_slice){ message.p, i });
		if (s->said != ENGINE_MALFORMED || s->out.err.fault == ASSAY_F_OK)
			row(false, s, "a truncated message");
	}
	row(s->said == ENGINE_MALFORMED, s, "truncated messages are malformed, and say where");
	b = forge_bundle(n->f);
	b.present[ASSAY_PART_AK_PUB] = false;
	s = send_bundle(n, n->id, &b);
	row(s->said == ENGINE_MALFORMED && s->out.err.fault == ASSAY_F_MISSING &&
		    strcmp(s->out.err.field, "ak.pub") == 0,
	    s, "no key");
	row(lab_stored(lab, n) == ASSAY_AFFIRMING && lab_events_of(lab, "victim") == 1, s,
	    "the node's verdict is as it was");
	free((void *)(uintptr_t)message.p);
	lab_node_free(n);
	lab_node_free(thief);
	lab_node_free(nobody);
}

/* When n's receipt ends, by opening it. */
static uint64_t receipt_ends(const struct lab_node *n)
{
	static struct assay_receipt r;
	static uint8_t plain[ASSAY_RECEIPT_MAX];
	struct platform_message why = { 0 };
	struct assay_public pub;
	struct assay_err err;
	struct keys keys;
	uint8_t name[ASSAY_AK_NAME_MAX + 2];

	if (!keys_load(n->f->crypto, lab->keys, 0, &keys, &why) ||
	    !assay_public_read((struct assay_slice){ n->f->ak, n->f->nak }, &pub, &err))
		return 0;
	struct assay_receipt_want want = {
		.node = { (const uint8_t *)n->id, strlen(n->id) },
		.ak_name = { name, assay_public_name(n->f->crypto, &pub, name) },
		.now = lab_now(),
		.generation = 1,
	};
	enum assay_recall recall = assay_receipt_open(
		n->f->crypto, keys.secrets[KEYS_RECEIPT].secret, keys.secrets[KEYS_RECEIPT].n,
		&want, (struct assay_slice){ n->receipt, n->nreceipt }, plain, &r);
	keys_drop(&keys);
	return recall == ASSAY_RECALL_GOOD ? r.ends : 0;
}

static void run_receipt_life(void)
{
	struct lab_node *n = node_new("r0");
	struct lab_said *s = lab_send(lab, 0, n, 0);
	uint64_t ends = receipt_ends(n), before = ends;
	bool shrinks = ends > lab_now() && ends <= lab_now() + ASSAY_RECEIPT_LIFE_MAX;

	for (int i = 0; i < 8; i++) {
		lab_pass(lab, 1000);
		s = lab_send(lab, 0, n, LAB_WARM | LAB_LOOP);
		shrinks = shrinks && lab_affirms(s) && receipt_ends(n) > 0 &&
			  receipt_ends(n) <= before;
		before = receipt_ends(n);
	}
	row(shrinks, s, "going on renews no receipt's life");
	lab_node_free(n);
}

static void run_receipts(void)
{
	struct lab_node *n = node_new("r1"), *other = node_new("r2");
	struct lab_said *s;
	uint8_t kept[ASSAY_RECEIPT_MAX];

	(void)lab_send(lab, 0, n, 0);
	(void)lab_send(lab, 0, other, 0);
	memcpy(kept, n->receipt, n->nreceipt);
	size_t nkept = n->nreceipt, nother = other->nreceipt;
	memcpy(n->receipt, other->receipt, nother);
	n->nreceipt = nother;
	s = lab_send(lab, 0, n, LAB_WARM | LAB_LOOP | LAB_KEEP);
	row(outcome(s, ASSAY_OUTCOME_SEND_ALL) && s->out.recall == ASSAY_RECALL_FORGED, s,
	    "another node's receipt");
	memcpy(n->receipt, kept, nkept);
	n->nreceipt = nkept;
	n->receipt[nkept - 1] ^= 1;
	s = lab_send(lab, 0, n, LAB_WARM | LAB_KEEP);
	row(outcome(s, ASSAY_OUTCOME_SEND_ALL) && s->out.recall == ASSAY_RECALL_FORGED, s,
	    "an altered receipt");
	n->receipt[nkept - 1] ^= 1;
	n->receipt[1] = 77;
	s = lab_send(lab, 0, n, LAB_WARM | LAB_KEEP);
	row(outcome(s, ASSAY_OUTCOME_SEND_ALL) && s->out.recall == ASSAY_RECALL_KEY_UNKNOWN, s,
	    "a receipt under a key that is gone");
	memcpy(n->receipt, kept, nkept);
	n->from++;
	s = lab_send(lab, 0, n, LAB_WARM | LAB_KEEP);
	row(outcome(s, ASSAY_OUTCOME_SEND_ALL), s, "entries that begin elsewhere");
	n->from--;
	n->f->resets++;
	n->f->clock = 500;
	lab_step(5);
	if (!lab_challenge(lab, 0, n))
		tap_ok(false, "challenge");
	s = lab_send(lab, 0, n, LAB_WARM | LAB_KEEP);
	row(outcome(s, ASSAY_OUTCOME_SEND_ALL), s, "a receipt from before the reboot");
	run_file(n, "/usr/bin/intruder");
	s = lab_send(lab, 0, n, 0);
	row(lab_says(s, ASSAY_CONTRAINDICATED, "ima.file-unknown") &&
		    lab_stored(lab, n) == ASSAY_CONTRAINDICATED,
	    s, "another boot: the later challenge is later, whatever the TPM's clock says");
	row(lab_stored(lab, other) == ASSAY_AFFIRMING, NULL, "the other node is untouched");
	lab_node_free(n);
	lab_node_free(other);
}

/* Two agents with one key: the older of two quotes comes last. */
static void run_two_agents(void)
{
	struct lab_node *n = node_new("twice");
	struct lab_said *s = lab_send(lab, 0, n, 0);
	struct assay_slice first = lab_message(n, 0);

	run_file(n, "/usr/bin/intruder");
	struct assay_slice second = lab_message(n, 0);
	s = lab_send_bytes(lab, 0, 0, second);
	row(lab_says(s, ASSAY_CONTRAINDICATED, "ima.file-unknown"), s,
	    "the later one comes first");
	s = lab_send_bytes(lab, 0, 0, first);
	row(lab_affirms(s) && lab_stored(lab, n) == ASSAY_CONTRAINDICATED, s,
	    "the older is answered, and loses");
	s = lab_send_bytes(lab, 0, 0, second);
	row(lab_says(s, ASSAY_CONTRAINDICATED, "ima.file-unknown") &&
		    lab_events_of(lab, "twice") == 2,
	    s, "the same message again changes nothing");
	free((void *)(uintptr_t)first.p);
	free((void *)(uintptr_t)second.p);
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
	run_life();
	run_tamper();
	run_others();
	run_receipt_life();
	run_receipts();
	run_two_agents();
	lab_free(lab);
	return tap_done();
}
