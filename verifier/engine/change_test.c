/* SPDX-License-Identifier: Apache-2.0
 * What a verifier judges under changes while it runs: references, policy, keys, the database.
 */
#include "tests/engine_lab.h"

#include "platform/file.h"
#include "verifier/engine/internal.h"
#include "verifier/keys/keys.h"

#include <sys/stat.h>
#include <unistd.h>

static struct lab *lab;

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

static uint64_t generation(int i)
{
	struct engine_metrics m;

	engine_metrics(lab->e[i], &m);
	return m.generation;
}

static void write_policy(const char *yaml)
{
	struct platform_message why;

	if (!platform_file_write_atomic(
		    lab->policy, (struct assay_slice){ (const uint8_t *)yaml, strlen(yaml) },
		    0600, &why))
		exit(1);
}

static bool reload(int i)
{
	struct platform_message why = { 0 };
	bool ok = engine_reload(lab->e[i], &why);

	if (!ok)
		printf("# %s: %s\n", why.what, why.why);
	return ok;
}

static void run_reload(void)
{
	struct lab_node *n = node_new("reload");
	uint64_t before = generation(0);
	struct lab_said *s;

	row(reload(0) && generation(0) == before && generation(1) == before, NULL,
	    "the same files are the same generation, on every verifier");
	s = lab_send(lab, 0, n, LAB_WARM | LAB_LOOP);
	row(lab_affirms(s), s, "and change nothing");
	write_policy("version: 1\nresult:\n  life: nonsense\n");
	row(!reload(0) && generation(0) == before, NULL, "a policy that cannot be read");
	s = lab_send(lab, 0, n, LAB_WARM | LAB_LOOP);
	row(lab_affirms(s), s, "leaves all as it was");
	write_policy("version: 1\n# a comment\nresult:\n  life: 200\n");
	row(reload(0) && generation(0) == before + 1, NULL, "a new policy is a new generation");
	s = lab_send(lab, 0, n, LAB_WARM | LAB_LOOP);
	row(outcome(s, ASSAY_OUTCOME_SEND_ALL) && s->out.recall == ASSAY_RECALL_STALE, s,
	    "each node is judged under it with its next message");
	s = lab_send(lab, 0, n, 0);
	row(lab_affirms(s) && s->answer.life <= 200000 && strstr(s->ear, "unnamed"), s,
	    "and its result tells which");
	s = lab_send(lab, 1, n, LAB_WARM);
	row(s->said == ENGINE_BLIND && s->out.recall == ASSAY_RECALL_BEHIND, s,
	    "a verifier that is behind does not affirm");
	row(reload(1) && generation(1) == before + 1, NULL, "until it has caught up");
	s = lab_send(lab, 1, n, LAB_WARM);
	row(lab_affirms(s), s, "then it goes on");
	lab_node_free(n);
}

static void run_ended(void)
{
	struct lab_node *n = node_new("ended");
	enum store_status status;

	const char *ear = lab_result(lab, 0, "ended", &status);
	row(ear && strstr(ear, "\"affirming\""), NULL, "a result that lives");
	row(!lab_result(lab, 0, "nobody", &status) && status == STORE_ABSENT, NULL,
	    "nobody's result");
	lab_step(200000); /* too long a step to sweep anybody */
	(void)lab_heard(lab);
	ear = lab_result(lab, 0, "ended", &status);
	row(ear && strstr(ear, "\"none\"") && strstr(ear, "node.silent") &&
		    lab_stored(lab, n) == ASSAY_AFFIRMING,
	    NULL, "a result that has ended is none");
	lab_node_free(n);
}

static void run_keys(void)
{
	struct lab_node *n = node_new("keys");
	struct platform_message why;
	char name[KEYS_NAME_MAX], path[256];
	struct lab_said *s;

	if (!keys_rotate(lab->keys, KEYS_RECEIPT, name, &why) ||
	    !keys_rotate(lab->keys, KEYS_CHALLENGE, name, &why) ||
	    !keys_rotate(lab->keys, KEYS_EAR, name, &why))
		tap_ok(false, "rotate");
	row(reload(0), NULL, "new keys");
	s = lab_send(lab, 0, n, LAB_WARM | LAB_LOOP);
	row(lab_affirms(s) && n->receipt[1] == 1, s, "are not made with at once");
	s = lab_send(lab, 1, n, LAB_WARM);
	row(lab_affirms(s), s, "so a verifier that has not read them goes on");
	char *jwks = engine_jwks(lab->e[0]);
	const char *first = jwks ? strstr(jwks, "\"kid\"") : NULL;
	row(first && strstr(first + 1, "\"kid\"") && strstr(jwks, "\"crv\":\"P-256\"") &&
		    !strstr(jwks, "PRIVATE"),
	    NULL, "but published");
	free(jwks);
	lab_step(KEYS_SETTLE + 5000);
	if (!lab_heard(lab))
		tap_ok(false, "heard");
	s = lab_send(lab, 0, n, LAB_WARM | LAB_LOOP);
	row(lab_affirms(s) && n->receipt[1] == 2, s, "once settled they make");
	snprintf(path, sizeof path, "%s/receipt/2.key", lab->keys);
	unlink(path);
	row(reload(0), NULL, "a key goes");
	s = lab_send(lab, 0, n, LAB_WARM | LAB_LOOP);
	row(outcome(s, ASSAY_OUTCOME_SEND_ALL) && s->out.recall == ASSAY_RECALL_KEY_UNKNOWN, s,
	    "what it sealed is void");
	snprintf(path, sizeof path, "%s/receipt/1.key", lab->keys);
	if (chmod(path, 0444) != 0)
		tap_ok(false, "chmod");
	row(!reload(0), NULL, "a key that others may read is refused");
	lab_node_free(n);
}

/* Two small verifiers' worth of memory: nodes push one another out, and nothing goes wrong. */
static void run_small(void)
{
	struct lab_node *n = node_new("small-0");
	lab_settle(lab);
	char id[32];

	for (int i = 1; i <= 200; i++) {
		uint32_t doubts;
		snprintf(id, sizeof id, "other-%d", i);
		(void)memory_meet(lab->e[0]->memory,
				  (struct assay_slice){ (uint8_t *)id, strlen(id) },
				  (struct assay_slice){ (uint8_t *)"ak", 2 }, 1, &doubts);
	}
	row(memory_count(lab->e[0]->memory) <= 64, NULL, "memory is bounded");
	struct lab_said *s = lab_send(lab, 0, n, LAB_WARM | LAB_LOOP);
	if (s->said == ENGINE_ANSWER)
		s->said = ENGINE_SLOW; /* its shard had room by chance */
	row(s->said == ENGINE_SLOW, s, "who was forgotten costs a look into the store");
	s = lab_send(lab, 0, n, LAB_WARM);
	row(lab_affirms(s) && s->out.warm, s, "and no more");
	s = lab_send(lab, 0, n, LAB_WARM | LAB_LOOP);
	row(lab_affirms(s), s, "then it is known again");
	lab_node_free(n);
}

static void copy(const char *from, const char *to)
{
	char command[256];

	snprintf(command, sizeof command, "cp %s/%s %s/%s", lab->folder, from, lab->folder, to);
	if (system(command) != 0)
		tap_ok(false, "%s", command);
}

/* The database as it was before a node was removed. */
static void run_restored(void)
{
	static const struct store_actor actor = { "olga", "operator", "192.0.2.1", "r" };
	struct lab_node *n = node_new("restored");
	struct platform_message why;
	struct store_epoch epoch = { 0 };
	char reasons[REASONS_ONE_MAX], path[256];
	struct lab_said *s;

	lab_settle(lab);
	lab_stop(lab, 0);
	lab_stop(lab, 1);
	store_close(lab->store);
	copy("db", "backup");
	if (store_open(lab->url, &lab->store, &why) != STORE_DONE || !lab_start(lab, 0) ||
	    store_node_remove(lab->store, (struct assay_slice){ (uint8_t *)"restored", 8 },
			      &actor, lab_now()) != STORE_DONE)
		tap_ok(false, "remove");
	lab_settle(lab);
	(void)lab_heard(lab);
	lab_stop(lab, 0);
	store_close(lab->store);
	snprintf(path, sizeof path, "rm -f %s/db-*", lab->folder);
	if (system(path) != 0)
		tap_ok(false, "%s", path);
	copy("backup", "db");
	if (store_open(lab->url, &lab->store, &why) != STORE_DONE || !lab_start(lab, 0))
		tap_ok(false, "start");
	s = lab_send(lab, 0, n, LAB_WARM | LAB_KEEP);
	row(s->said == ENGINE_BLIND && !engine_ready(lab->e[0], &why) &&
		    strstr(why.why, "backup"),
	    s, "a database that was put back makes blind");
	usleep(600000);
	row(!engine_ready(lab->e[0], &why), NULL, "and stays so");
	size_t len = engine_reason(ASSAY_R_VERIFIER_BLIND, NULL, NULL, reasons, sizeof reasons);
	struct epoch seen = { 0 };
	if (!epoch_open(&seen, lab->keys, &why) ||
	    store_epoch_accept(lab->store, &seen.seen,
			       (struct assay_slice){ (uint8_t *)reasons, len }, &actor,
			       lab_now(), &epoch) != STORE_DONE)
		tap_ok(false, "accept");
	seen.seen = epoch;
	row(epoch_note(&seen, 0, &why) && lab_ready(lab, 0, 3000), NULL,
	    "until an operator accepts it");
	row(lab_stored(lab, n) == ASSAY_NONE, NULL, "no node is then what it was");
	lab_node_free(n);
}

int main(void)
{
	struct forge *f = forge_new("clean-a");

	lab = lab_new("version: 1\n");
	lab->config.node_max = 64;
	lab_write_refs(lab, f, true);
	forge_free(f);
	if (!lab_start(lab, 0) || !lab_start(lab, 1))
		return 1;
	run_reload();
	run_small();
	run_restored();
	if (!lab_start(lab, 1))
		return 1;
	run_keys();
	run_ended();
	lab_free(lab);
	return tap_done();
}
