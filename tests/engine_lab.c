/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/engine_lab.h"

#include "platform/base64.h"
#include "platform/file.h"
#include "platform/hex.h"
#include "platform/random.h"
#include "verifier/engine/internal.h"
#include "verifier/keys/keys.h"

#include <jansson.h>
#include <time.h>
#include <unistd.h>

static atomic_ullong real_ms, boot_ms;

static uint64_t clock_real(void *ctx)
{
	(void)ctx;
	return atomic_load(&real_ms);
}

static uint64_t clock_boot(void *ctx)
{
	(void)ctx;
	return atomic_load(&boot_ms);
}

uint64_t lab_now(void)
{
	return atomic_load(&real_ms);
}

bool lab_until(bool (*so)(struct lab *l, void *ctx), struct lab *l, void *ctx, int within_ms)
{
	for (int ms = 0; ms < within_ms; ms += 5) {
		if (so(l, ctx))
			return true;
		usleep(5000);
	}
	return so(l, ctx);
}

static bool is_ready(struct lab *l, void *ctx)
{
	struct platform_message why;

	return engine_ready(l->e[*(int *)ctx], &why);
}

bool lab_ready(struct lab *l, int i, int within_ms)
{
	return lab_until(is_ready, l, &i, within_ms);
}

void lab_step(int64_t ms)
{
	atomic_fetch_add(&real_ms, (uint64_t)ms);
	atomic_fetch_add(&boot_ms, (uint64_t)ms);
}

static bool has_heard(struct lab *l, void *ctx)
{
	(void)ctx;
	for (int i = 0; i < LAB_VERIFIERS; i++)
		if (l->e[i] && atomic_load(&l->e[i]->hearing.heard) != atomic_load(&boot_ms))
			return false;
	return true;
}

bool lab_heard(struct lab *l)
{
	return lab_until(has_heard, l, NULL, 10000);
}

void lab_pass(struct lab *l, uint64_t ms)
{
	for (uint64_t step; ms > 0; ms -= step) {
		step = ms < 1500 ? ms : 1500;
		lab_step((int64_t)step);
		if (!lab_heard(l))
			tap_ok(false, "the verifiers hear");
	}
}

void lab_jump(int64_t ms)
{
	atomic_fetch_add(&real_ms, (uint64_t)ms);
}

static void fail(const char *what, const struct platform_message *why)
{
	printf("Bail out! %s: %s: %s\n", what, why->what, why->why);
	exit(1);
}

static void log_line(void *ctx, const char *line)
{
	(void)ctx;
	if (getenv("LAB_LOG"))
		fprintf(stderr, "# %s\n", line);
}

static void take_event(void *ctx, const struct store_event *event)
{
	struct lab *l = ctx;
	size_t n = atomic_load(&l->nevents);

	if (n == LAB_EVENTS)
		return;
	struct lab_event *e = &l->event[n];
	e->seq = event->seq;
	e->before = event->before;
	e->status = event->status;
	snprintf(e->node, sizeof e->node, "%s", event->node);
	snprintf(e->reasons, sizeof e->reasons, "%.*s", (int)event->reasons.n,
		 (const char *)event->reasons.p);
	atomic_store(&l->nevents, n + 1);
}

struct lab *lab_new(const char *policy_yaml)
{
	struct lab *l = calloc(1, sizeof *l);
	struct platform_message why = { 0 };
	struct timespec now;

	if (!l)
		exit(1);
	lab_main = pthread_self();
	clock_gettime(CLOCK_REALTIME, &now);
	atomic_store(&real_ms, (uint64_t)now.tv_sec * 1000);
	atomic_store(&boot_ms, 1000000);
	strcpy(l->folder, "/tmp/assay-engine-XXXXXX");
	if (!mkdtemp(l->folder))
		exit(1);
	snprintf(l->url, sizeof l->url, "sqlite:%s/db", l->folder);
	snprintf(l->keys, sizeof l->keys, "%s/keys", l->folder);
	snprintf(l->refs, sizeof l->refs, "%s/refs.jsonl", l->folder);
	snprintf(l->policy, sizeof l->policy, "%s/policy.yaml", l->folder);
	if (!keys_make(l->keys, &why) || store_open(l->url, &l->store, &why) != STORE_DONE)
		fail("lab", &why);
	if (policy_yaml &&
	    !platform_file_write_atomic(
		    l->policy,
		    (struct assay_slice){ (const uint8_t *)policy_yaml, strlen(policy_yaml) },
		    0600, &why))
		fail("lab", &why);
	l->paths[0] = l->refs;
	l->clock = (struct engine_clock){ clock_real, clock_boot, NULL };
	l->config = (struct engine_config){ .store = l->url,
					    .policy = policy_yaml ? l->policy : NULL,
					    .refs = l->paths,
					    .nrefs = 1,
					    .keys = l->keys,
					    .interval = LAB_INTERVAL,
					    .node_max = 1000,
					    .ak_cache = 16,
					    .developer = "https://verifier.example",
					    .clock = &l->clock,
					    .log = log_line };
	return l;
}

bool lab_start(struct lab *l, int i)
{
	struct platform_message why = { 0 };

	l->e[i] = engine_start(&l->config, &why);
	if (!l->e[i]) {
		printf("# %s: %s\n", why.what, why.why);
		return false;
	}
	if (i == 0)
		engine_on_event(l->e[0], take_event, l);
	l->worker[i] = engine_thread_new(l->e[i], true, &why);
	l->loop[i] = engine_thread_new(l->e[i], false, &why);
	if (!l->worker[i] || !l->loop[i])
		fail("thread", &why);
	return true;
}

void lab_stop(struct lab *l, int i)
{
	engine_thread_free(l->worker[i]);
	engine_thread_free(l->loop[i]);
	engine_stop(l->e[i]);
	l->worker[i] = l->loop[i] = NULL;
	l->e[i] = NULL;
}

void lab_free(struct lab *l)
{
	char command[128];

	for (int i = 0; i < LAB_VERIFIERS; i++)
		if (l->e[i])
			lab_stop(l, i);
	store_close(l->store);
	snprintf(command, sizeof command, "rm -rf %s", l->folder);
	if (system(command) != 0)
		printf("# cannot remove %s\n", l->folder);
	free(l);
}

static void write_ref(FILE *out, const struct assay_ref *r)
{
	char digest[2 * ASSAY_DIGEST_MAX + 1], *name = malloc(2 * r->name.n + 1);

	if (!name)
		exit(1);
	platform_hex_write(r->digest, digest);
	platform_hex_write(r->name, name);
	if (r->place == ASSAY_PLACE_IMA)
		fputs("{\"register\":\"ima\"", out);
	else
		fprintf(out, "{\"register\":%u", r->place);
	fprintf(out, ",\"digest\":\"%s:%s\",\"kind\":\"%s\",\"name-hex\":\"%s\"}\n",
		assay_alg_name(r->alg), digest, assay_kind_word(r->kind), name);
	free(name);
}

void lab_write_refs(struct lab *l, const struct forge *f, bool with_files)
{
	FILE *out = fopen(l->refs, "w");

	if (!out)
		exit(1);
	for (uint32_t i = 0; i < f->refs.n; i++) {
		struct assay_ref r = assay_refs_get(&f->refs, i);
		if (with_files || r.place != ASSAY_PLACE_IMA)
			write_ref(out, &r);
	}
	fclose(out);
}

struct lab_node *lab_node_new(struct lab *l, const char *id, const char *evidence)
{
	struct lab_node *n = calloc(1, sizeof *n);

	(void)l;
	if (!n)
		exit(1);
	n->f = forge_new(evidence);
	snprintf(n->id, sizeof n->id, "%s", id);
	return n;
}

void lab_node_free(struct lab_node *n)
{
	forge_free(n->f);
	free(n);
}

static size_t name_of(const struct lab_node *n, uint8_t *name)
{
	struct assay_public pub;
	struct assay_err err;

	if (!assay_public_read((struct assay_slice){ n->f->ak, n->f->nak }, &pub, &err))
		exit(1);
	return assay_public_name(n->f->crypto, &pub, name);
}

bool lab_enrol(struct lab *l, struct lab_node *n)
{
	static const struct store_actor actor = { "olga", "operator", "192.0.2.1", "r" };
	static unsigned serial;
	struct store_token t = { .made = lab_now(), .ends = lab_now() + 1000000 };
	struct store_node node = { .ak_pub = { n->f->ak, n->f->nak },
				   .enrolled = lab_now(),
				   .due = lab_now() + l->config.interval };
	uint8_t name[ASSAY_AK_NAME_MAX + 2];

	snprintf(t.id, sizeof t.id, "t%u", ++serial);
	platform_random(t.hash, sizeof t.hash);
	strcpy(t.node, n->id);
	strcpy(node.id, n->id);
	node.ak_name_n = name_of(n, name);
	memcpy(node.ak_name, name, node.ak_name_n);
	node.ek_digest[0] = 1;
	return store_token_add(l->store, &t, &actor) == STORE_DONE &&
	       store_node_enrol(l->store, t.hash, &node, lab_now()) == STORE_DONE;
}

bool lab_challenge(struct lab *l, int i, struct lab_node *n)
{
	uint8_t name[ASSAY_AK_NAME_MAX + 2], message[512];
	struct assay_challenge_request r = {
		.node = { (const uint8_t *)n->id, strlen(n->id) },
		.ak_name = { name, name_of(n, name) },
	};
	size_t len = assay_challenge_request_write(&r, message, sizeof message);
	struct engine_answer out;
	struct assay_slice challenge;
	struct assay_err err;

	if (engine_challenge(l->loop[i], (struct assay_slice){ message, len }, lab_now(),
			     &out) != ENGINE_ANSWER ||
	    !assay_challenge_answer_read(out.body, &challenge, &err))
		return false;
	memcpy(n->challenge, challenge.p, challenge.n);
	return true;
}

/* The list from entry `from` on; *n: how many it has. */
static struct assay_slice list_from(const struct lab_node *n, uint64_t from, uint64_t *count)
{
	struct assay_slice all = { n->f->ima, n->f->nima };
	struct assay_ima ima;
	struct assay_ima_entry e;
	struct assay_err err;
	size_t at = all.n;

	*count = 0;
	if (!assay_ima_open(&ima, all, &err))
		exit(1);
	while (assay_ima_next(&ima, &e))
		if ((*count)++ == from)
			at = e.offset;
	return (struct assay_slice){ all.p + at, all.n - at };
}

static struct assay_slice pack(const struct assay_bundle *b, struct assay_evidence_message *m)
{
	size_t nb = assay_bundle_write(b, NULL, 0), nm;
	uint8_t *bytes = malloc(nb), *message;

	if (!bytes || assay_bundle_write(b, bytes, nb) != nb)
		exit(1);
	m->bundle = (struct assay_slice){ bytes, nb };
	nm = assay_evidence_message_write(m, NULL, 0);
	message = malloc(nm + 1);
	if (nm == 0 || !message || assay_evidence_message_write(m, message, nm) != nm) {
		printf("Bail out! message not written\n");
		exit(1);
	}
	free(bytes);
	return (struct assay_slice){ message, nm };
}

struct assay_slice lab_pack(const struct lab_node *n, const char *id,
			    const struct assay_bundle *b)
{
	struct assay_evidence_message m = {
		.node = { (const uint8_t *)id, strlen(id) },
		.challenge = { n->challenge, sizeof n->challenge },
	};

	return pack(b, &m);
}

struct assay_slice lab_message(struct lab_node *n, int how)
{
	struct forge *f = n->f;
	uint64_t count;

	if (!(how & LAB_REPLAY)) {
		memcpy(f->nonce, n->challenge, sizeof f->nonce);
		f->clock += 1000;
		forge_write(f);
	}
	struct assay_bundle b = forge_bundle(f);
	struct assay_evidence_message m = {
		.node = { (const uint8_t *)n->id, strlen(n->id) },
		.challenge = { n->challenge, sizeof n->challenge },
	};
	if (how & LAB_WARM) {
		m.receipt = (struct assay_slice){ n->receipt, n->nreceipt };
		m.from = n->from;
		b.present[ASSAY_PART_EVENTLOG] = false;
		b.part[ASSAY_PART_IMA_BINARY] = list_from(n, n->from, &count);
		b.present[ASSAY_PART_IMA_BINARY] = b.part[ASSAY_PART_IMA_BINARY].n > 0;
	}
	return pack(&b, &m);
}

static void read_payload(struct assay_slice token, char *out, size_t cap)
{
	const char *jws = (const char *)token.p;
	const char *dot = jws ? memchr(jws, '.', token.n) : NULL;
	const char *end = dot ? memchr(dot + 1, '.', token.n - (size_t)(dot + 1 - jws)) : NULL;
	size_t n = 0;

	out[0] = '\0';
	if (end && platform_base64_read(PLATFORM_BASE64URL,
					(struct assay_slice){ (const uint8_t *)dot + 1,
							      (size_t)(end - dot - 1) },
					(uint8_t *)out, cap - 1, &n))
		out[n] = '\0';
}

const char *lab_result(struct lab *l, int i, const char *id, enum store_status *status)
{
	static char ear[64 * 1024];
	struct assay_slice jwt, node = { (const uint8_t *)id, strlen(id) };
	enum assay_tier tier;

	*status = engine_result(l->worker[i], node, lab_now(), &jwt, &tier);
	if (*status != STORE_DONE)
		return NULL;
	read_payload(jwt, ear, sizeof ear);
	return ear;
}

struct lab_said *lab_send_bytes(struct lab *l, int i, int how, struct assay_slice message)
{
	static struct lab_said s;
	struct engine_thread *t = how & LAB_LOOP ? l->loop[i] : l->worker[i];
	struct assay_err err;

	s = (struct lab_said){ 0 };
	s.said = engine_evidence(t, message, lab_now(), &s.out);
	if (s.said == ENGINE_ANSWER && !assay_answer_read(s.out.body, &s.answer, &err)) {
		printf("Bail out! answer: %s %s\n", assay_fault_word(err.fault), err.field);
		exit(1);
	}
	read_payload(s.answer.result, s.ear, sizeof s.ear);
	return &s;
}

struct lab_said *lab_send(struct lab *l, int i, struct lab_node *n, int how)
{
	struct assay_slice message = lab_message(n, how);
	struct lab_said *s = lab_send_bytes(l, i, how, message);

	free((void *)(uintptr_t)message.p);
	if (s->said != ENGINE_ANSWER || how & LAB_KEEP)
		return s;
	memcpy(n->challenge, s->answer.challenge.p, s->answer.challenge.n);
	if (s->answer.outcome == ASSAY_OUTCOME_APPRAISED) {
		n->nreceipt = s->answer.receipt.n;
		if (n->nreceipt > 0)
			memcpy(n->receipt, s->answer.receipt.p, n->nreceipt);
		(void)list_from(n, 0, &n->from);
	}
	return s;
}

bool lab_affirms(const struct lab_said *s)
{
	return s->said == ENGINE_ANSWER && s->answer.outcome == ASSAY_OUTCOME_APPRAISED &&
	       s->out.status == ASSAY_AFFIRMING && strstr(s->ear, "\"affirming\"");
}

bool lab_says(const struct lab_said *s, enum assay_tier status, const char *word)
{
	return s->said == ENGINE_ANSWER && s->answer.outcome == ASSAY_OUTCOME_APPRAISED &&
	       s->out.status == status && strstr(s->ear, assay_tier_name(status)) &&
	       strstr(s->ear, word);
}

void lab_explain(const struct lab_said *s)
{
	printf("# said %d, outcome %s, recall %s, fault %s %s at %zu\n# %.3000s\n", s->said,
	       assay_outcome_word(s->out.outcome), assay_recall_word(s->out.recall),
	       assay_fault_word(s->out.err.fault), s->out.err.field ? s->out.err.field : "-",
	       s->out.err.offset, s->ear);
}

int lab_stored(struct lab *l, const struct lab_node *n)
{
	struct store_node node;
	struct assay_slice id = { (const uint8_t *)n->id, strlen(n->id) };

	return store_node_get(l->store, id, &node) == STORE_DONE ? (int)node.status : -1;
}

static bool is_settled(struct lab *l, void *ctx)
{
	struct store_epoch epoch;

	(void)ctx;
	for (int i = 0; i < LAB_VERIFIERS; i++)
		if (l->e[i] && queue_count(l->e[i]->queue) > 0)
			return false;
	if (store_epoch_get(l->store, &epoch) != STORE_DONE)
		return false;
	for (int i = 0; i < LAB_VERIFIERS; i++)
		if (l->e[i] && atomic_load(&l->e[i]->event) < epoch.event)
			return false;
	return true;
}

void lab_settle(struct lab *l)
{
	if (!lab_until(is_settled, l, NULL, 10000))
		tap_ok(false, "all is told");
}

size_t lab_events_of(struct lab *l, const char *node)
{
	size_t count = 0;

	lab_settle(l);
	for (size_t i = 0; i < atomic_load(&l->nevents); i++)
		count += strcmp(l->event[i].node, node) == 0;
	return count;
}
