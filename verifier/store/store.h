/* SPDX-License-Identifier: Apache-2.0
 *
 * store - what verifiers share: nodes and their last verdict, tokens, events, revocations,
 * generations, what nodes showed, what operators did. One interface, SQLite and PostgreSQL
 * behind it; store_test.c runs the same rows over both.
 *
 *   durable    when a function says DONE, a crash of this process, the database or the machine
 *              loses nothing of it (store_heard_put alone may lose the last second)
 *   atomic     each function is one transaction
 *   errors     DOWN and BROKEN are the environment's; no caller makes a verdict of them. After
 *              DOWN it is not known whether a change was made (the connection may have been
 * lost while it was); calling again with the same arguments is always harmless restored   a
 * database that was put back from a backup must not revive trust: see epoch times milliseconds
 * since 1970, the caller's clock ownership  texts that a function hands out live until the next
 * call on this store threads    a struct store is one connection: one thread at a time. Any
 * number per process.
 */
#pragma once
#include "platform/message.h"

#include <assay/receipt.h>
#include <assay/result.h>

#define STORE_STATUSES(X)                                                                      \
	X(DONE, "done")                                                                        \
	X(ABSENT, "absent")     /* what was asked for is not there */                          \
	X(CONFLICT, "conflict") /* what is there does not allow it; nothing was changed */     \
	X(DOWN, "down")         /* the database is out of reach, or its disk is full */        \
	X(BROKEN, "broken")     /* it answers what this program cannot understand */

enum store_status {
#define X(code, word) STORE_##code,
	STORE_STATUSES(X)
#undef X
		STORE_STATUSES_N
};

struct store;

/* "sqlite:/path/file.db" (made when it is not there, mode 0600) or "postgresql://..." as libpq
 * takes it. Migrates the schema, under a lock, when it is older; BROKEN when it is newer.
 * A connection that is lost is opened again by the next call; while that fails, calls answer
 * DOWN at once and try again after a pause that grows to a second. No call waits for the
 * database longer than STORE_PATIENCE_MS. On failure *out is untouched. */
enum { STORE_PATIENCE_MS = 10000, STORE_TEXT_MAX = 4 * 1024 * 1024 /* bytes of a JSON text */ };
enum store_status store_open(const char *url, struct store **out, struct platform_message *why);
void store_close(struct store *s);
/* What the last status but DONE was about. */
const struct platform_message *store_why(const struct store *s);

/* ---- Nodes ---- */

/* The order of a node's messages (design.md): with the same resetCount the larger clock is
 * later, else the later challenge. */
struct store_order {
	uint32_t resetCount;
	uint64_t clock;
	uint64_t challenged; /* when the challenge was issued */
};
/* > 0 when a is later than b, 0 when equal. */
int store_order_compare(const struct store_order *a, const struct store_order *b);

struct store_node {
	char id[ASSAY_NODE_ID_MAX + 1];
	uint8_t ak_name[ASSAY_AK_NAME_MAX];
	size_t ak_name_n;
	struct assay_slice ak_pub;  /* TPM2B_PUBLIC */
	uint8_t ek_digest[32];      /* SHA-256 of the EK's TPMT_PUBLIC */
	struct assay_slice ek_cert; /* DER, may be empty */
	uint64_t enrolled;
	/* the last verdict */
	enum assay_tier status;     /* NONE until the first */
	struct assay_slice reasons; /* JSON array, as in the EAR's assay.reasons; "[]" */
	uint8_t verdict[32]; /* fingerprint: same tier, vector, reasons; zeros: none yet */
	int8_t vector[ASSAY_CLAIMS_N];
	struct store_order order;
	uint64_t since; /* when status became what it is */
	uint64_t heard; /* when a message was last appraised */
	uint64_t ends;  /* when the result ends: challenged + life */
	uint64_t due;   /* when it turns silent; 0: never before its first message */
	uint64_t generation;
	struct assay_slice policy; /* id */
};

/* Uses the token up and makes the node, which has no verdict yet whatever node says (its id,
 * AK, EK, enrolled, ends, due, generation and policy are taken). CONFLICT when the token is
 * used, ended, unknown, names another node or EK, when the AK is revoked, or when a node of
 * this id is there with another EK or AK. DONE again when exactly this node is there and this
 * token made it. token: SHA-256 of the token's text. */
enum store_status store_node_enrol(struct store *s, const uint8_t token[32],
				   const struct store_node *node, uint64_t now);
enum store_status store_node_get(struct store *s, struct assay_slice id,
				 struct store_node *out);
/* False when what answered this challenge is later than now: the clock was set back since, and
 * how old it is cannot be told. Its `ends` and `due` say nothing then. */
static inline bool store_order_past(const struct store_order *order, uint64_t now)
{
	return order->challenged <= now + ASSAY_CLOCK_SKEW;
}
/* Calls each, in order of id, for nodes whose id is after `after` ("" from the first), at most
 * limit; status < 0: all. */
typedef void (*store_node_fn)(void *ctx, const struct store_node *node);
enum store_status store_node_list(struct store *s, const char *after, size_t limit, int status,
				  store_node_fn each, void *ctx);
/* Nodes by tier. */
struct store_count {
	uint64_t affirming, warning, contraindicated, none;
};
enum store_status store_node_count(struct store *s, struct store_count *out);

/* Who did it, for the audit. */
struct store_actor {
	const char *name, *role, *address, *request;
};

/* Removes the node and what it showed, adds a revocation of kind NODE, an audit record and an
 * event (none, node.removed). */
enum store_status store_node_remove(struct store *s, struct assay_slice id,
				    const struct store_actor *actor, uint64_t now);

/* ---- Verdicts ---- */

struct store_verdict {
	struct assay_slice node;
	struct assay_slice ak_name; /* must be the node's still */
	enum assay_tier status;
	struct assay_slice reasons; /* JSON array */
	uint8_t verdict[32];
	int8_t vector[ASSAY_CLAIMS_N];
	struct store_order order;
	uint64_t heard, ends, due, generation;
	struct assay_slice policy;
	uint64_t revocations; /* the last revocation that the verifier had heard of */
};

/* The verdict becomes the node's if it is later than the one there, whatever it says. When
 * status or fingerprint differ from the one there, an event is made in the same transaction:
 * *event is its seq, else 0. DONE with *event 0 also when exactly this verdict, of this very
 * order, is there already. ABSENT: no such node (any more), or another AK. CONFLICT: another
 * one that is as late or later is there, or a revocation that concerns the node is newer than
 * v->revocations. */
enum store_status store_verdict_put(struct store *s, const struct store_verdict *v,
				    uint64_t now, uint64_t *event);
/* Liveness, many at once, each by the same rule as above (so that the store reconciles
 * a verdict that another verifier had replaced): an event arises where the verdict differs.
 * Those that are refused are passed over. *events: how many events arose. */
enum store_status store_heard_put(struct store *s, const struct store_verdict *v, size_t n,
				  uint64_t now, size_t *events);
/* Every node whose due is before `before` and that is not `none` for silence already turns
 * none, with reason JSON `reasons` and an event; at most limit. Safe on several verifiers at
 * once. */
enum store_status store_silence(struct store *s, uint64_t before, struct assay_slice reasons,
				size_t limit, uint64_t now, size_t *turned);
/* The same for nodes whose last challenge and whose due are after `after`: the clock was set
 * back since they were heard of, and their due would come that much too late. */
enum store_status store_silence_ahead(struct store *s, uint64_t after,
				      struct assay_slice reasons, size_t limit, uint64_t now,
				      size_t *turned);

/* ---- Tokens ---- */

struct store_token {
	char id[40];      /* public name of the token */
	uint8_t hash[32]; /* SHA-256 of its text */
	char node[ASSAY_NODE_ID_MAX + 1];
	bool has_ek;
	uint8_t ek_digest[32];
	uint64_t made, ends, used; /* used 0: not yet */
};
enum store_status store_token_add(struct store *s, const struct store_token *t,
				  const struct store_actor *actor);
/* By hash; what is used or ended is found too. */
enum store_status store_token_get(struct store *s, const uint8_t hash[32],
				  struct store_token *out);
typedef void (*store_token_fn)(void *ctx, const struct store_token *t);
enum store_status store_token_list(struct store *s, store_token_fn each, void *ctx);
enum store_status store_token_remove(struct store *s, const char *id,
				     const struct store_actor *actor, uint64_t now);

/* ---- Events: every change of a verdict, in one order ---- */

struct store_event {
	uint64_t seq, time;
	char node[ASSAY_NODE_ID_MAX + 1];
	int before; /* enum assay_tier, -1: the node's first */
	enum assay_tier status;
	struct assay_slice reasons;
	uint64_t generation;
};
typedef void (*store_event_fn)(void *ctx, const struct store_event *event);
/* Events with seq > after, in order, no gaps that fill later, at most limit. *last: the seq up
 * to which all was seen. */
enum store_status store_events(struct store *s, uint64_t after, size_t limit,
			       store_event_fn each, void *ctx, uint64_t *last);
/* Drops events older than `before` but the newest 10,000. */
enum store_status store_events_trim(struct store *s, uint64_t before);

/* ---- Revocations: short, and in every verifier's memory ---- */

enum store_revoked { STORE_REVOKED_NODE = 1, STORE_REVOKED_AK, STORE_REVOKED_REFERENCE };
struct store_revocation {
	uint64_t seq; /* 1, 2, 3... */
	uint64_t time;
	enum store_revoked kind;
	char subject[200]; /* node id, hex of an AK name, "sha256:hex" of a component */
	/* the nodes that it concerns, by id, as JSON array: exactly those that showed it */
	struct assay_slice nodes;
	struct assay_slice reason;
};
/* NODE: the node of this id; AK: the nodes of this AK; REFERENCE: those that showed the
 * component (r->nodes is not read). Their verdict becomes contraindicated with `reasons` (JSON)
 * and an event, unless it is that already; an audit record is made. *seq: its number. CONFLICT:
 * the subject is not what its kind says. */
enum store_status store_revoke(struct store *s, const struct store_revocation *r,
			       struct assay_slice reasons, const struct store_actor *actor,
			       uint64_t now, uint64_t *seq);
typedef void (*store_revocation_fn)(void *ctx, const struct store_revocation *r);
enum store_status store_revocations(struct store *s, uint64_t after, store_revocation_fn each,
				    void *ctx, uint64_t *last);

/* ---- What nodes showed: deduplicated component ids ---- */

/* ids: 32 bytes each. Adds those that are not there; durable before DONE. ABSENT: no such node.
 * CONFLICT: one of them is revoked by a revocation newer than `revocations`, the last that the
 * verifier had heard of: it hears first and judges anew (what it shows now is not in that
 * revocation's nodes, so a receipt that covered it would never be voided). */
enum store_status store_shown_put(struct store *s, struct assay_slice node, const uint8_t *ids,
				  size_t n, uint64_t revocations, uint64_t now);
typedef void (*store_shown_fn)(void *ctx, const char *node);
enum store_status store_shown_by(struct store *s, const uint8_t id[32], store_shown_fn each,
				 void *ctx);

/* ---- Generations ---- */

/* The number of the set of references and policy with this digest: 1 for the first that is
 * asked for, the next number for each new one. All verifiers on one store get the same. */
enum store_status store_generation(struct store *s, const uint8_t digest[32], uint64_t now,
				   uint64_t *number);

/* ---- Audit ---- */

struct store_audit {
	uint64_t seq, time;
	struct assay_slice actor, role, address, request, action, subject;
};
typedef void (*store_audit_fn)(void *ctx, const struct store_audit *a);
enum store_status store_audit_list(struct store *s, uint64_t after, size_t limit,
				   store_audit_fn each, void *ctx, uint64_t *last);

/* ---- Web hooks: how far each has been told ---- */
enum store_status store_hook_get(struct store *s, const char *hook, uint64_t *seq);
/* Moves it forward; CONFLICT when it is as far already. */
enum store_status store_hook_put(struct store *s, const char *hook, uint64_t seq);

/* ---- Epoch: is this the database that we left? ----
 * A verifier keeps the last epoch that it saw in a file outside the database, and compares at
 * its start and whenever it asks for revocations. When the database's id is another, or its
 * counter or event smaller, then it was put back from a backup: what happened since (removals,
 * revocations, tokens used up, verdicts) is lost, and the verifier is blind until an operator
 * accepts that. */
struct store_epoch {
	uint8_t id[16];   /* random, made with the database and by store_epoch_accept */
	uint64_t counter; /* grows with each start of a verifier, enrolment, removal, revocation
			   */
	uint64_t event;   /* the last event's seq */
};
/* True when now can follow seen. */
bool store_epoch_follows(const struct store_epoch *seen, const struct store_epoch *now);
enum store_status store_epoch_get(struct store *s, struct store_epoch *out);
/* Adds 1 to the counter: once at a verifier's start, after the comparison. */
enum store_status store_epoch_bump(struct store *s, struct store_epoch *out);
/* The operator accepts a database that was put back: a new id, a counter and event seqs above
 * those of `seen` (the file), no token good any more, every node `none` with `reasons` (JSON)
 * and an event, and an audit record; all at once. *out goes into the file. Idempotent in
 * effect. */
enum store_status store_epoch_accept(struct store *s, const struct store_epoch *seen,
				     struct assay_slice reasons,
				     const struct store_actor *actor, uint64_t now,
				     struct store_epoch *out);

/* ---- Hearing of changes ---- */

/* Waits until another connection may have changed events or revocations, or for timeout_ms, or
 * until wake_fd (-1: none) can be read. DONE also when nothing happened: the caller asks by
 * seq. PostgreSQL: LISTEN; SQLite: data_version, polled every 20 ms. DOWN when it cannot be
 * heard. A connection that waits is used for nothing else. */
enum store_status store_wait(struct store *s, int timeout_ms, int wake_fd);
/* A round trip: DONE when the store answers. */
enum store_status store_ping(struct store *s);
