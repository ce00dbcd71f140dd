/* SPDX-License-Identifier: Apache-2.0
 *
 * swarm - many nodes that are no machines: each has a software attestation key and a boot that
 * really happened, and speaks the protocol as an agent does: challenge, whole bundle, then what
 * is new with the receipt. What each verdict has to be is known, so a wrong one is counted.
 *
 *   threads   nodes are dealt to threads; a node and its thread's connection are one
 *             thread's. The machine is made once and only read after that. */
#pragma once
#include "bench/bundle.h"
#include "platform/http.h"

#include <assay/message.h>
#include <assay/receipt.h>

enum { SWARM_STEPS = 64, SWARM_MESSAGE = 512 * 1024 };

/* One state of a list that grows: how many bytes and entries, and what a TPM then signs. */
struct swarm_step {
	size_t bytes, entries;
	uint8_t pcr_digest[32];
};

/* clean-a's boot and list; after it known files run one by one. In the tampered list the first
 * of them is a file that nobody knows. */
struct swarm_list {
	struct assay_slice bytes;
	struct swarm_step step[SWARM_STEPS];
};

struct swarm_machine {
	struct assay_slice log;
	struct swarm_list good, tampered;
};

void swarm_machine_load(struct swarm_machine *m, const char *evidence);

struct swarm_node {
	char id[32];
	EVP_PKEY *key;
	struct bench_out ak_pub;
	uint8_t ak_name[ASSAY_AK_NAME_MAX];
	size_t ak_name_n;
	bool bad;      /* turns bad at its second message, until its next boot */
	unsigned step; /* of its list */
	uint32_t boots;
	uint64_t clock;
	bool has_challenge;
	uint8_t challenge[ASSAY_CHALLENGE_SIZE];
	uint8_t *receipt; /* malloced; receipt_n 0: none */
	size_t receipt_n;
	uint64_t from;
};

void swarm_node_make(struct swarm_node *n, struct assay_crypto *crypto, const char *prefix,
		     size_t number, bool rsa, bool bad);
/* What the node would send now, into out; its length. whole: without the receipt. */
size_t swarm_node_message(struct swarm_node *n, const struct swarm_machine *m, bool whole,
			  uint8_t *out, size_t cap);
/* True when the list that the last message told of is the tampered one. */
bool swarm_node_tampered(const struct swarm_node *n);
/* Something ran: the list grows by one; at its end the machine boots again. */
void swarm_node_live(struct swarm_node *n);

/* What became of messages. Latencies in microseconds: bucket i ends at 1.05^i. */
enum { SWARM_BUCKETS = 400 };
struct swarm_count {
	uint64_t appraised, affirming, send_all, challenged, refused, failed, wrong;
	uint64_t warm, bytes;
	uint64_t status[600];
	uint64_t latency[SWARM_BUCKETS];
};
void swarm_count_add(struct swarm_count *sum, const struct swarm_count *one);
void swarm_count_latency(struct swarm_count *c, double seconds);
/* Microseconds below which the share p (0 to 1) of messages lies. */
double swarm_count_percentile(const struct swarm_count *c, double p);

/* One attestation of a node, over as many requests as the answers ask for. */
void swarm_attest(struct http_client *client, struct swarm_node *n,
		  const struct swarm_machine *m, uint8_t *buffer, struct swarm_count *c);

/* Registers nodes straight in the store: what enrolling over the protocol ends in. */
void swarm_enrol(const char *url, const struct swarm_node *nodes, size_t n);
