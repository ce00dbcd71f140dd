/* SPDX-License-Identifier: Apache-2.0
 *
 * notify - web hooks: each event is told to each hook, in order, until it says that it heard. A
 * thread and a store connection for each hook, so that one that is down holds up no other.
 *
 *   loses nothing  how far a hook was told stands in the store, after it heard: at least once,
 * and the id of a message is the same each time order          one message at a time, so also
 * in order for each node signed         Standard Webhooks: webhook-id, webhook-timestamp and
 * webhook-signature, v1 HMAC-SHA-256 over ID.TIMESTAMP.BODY several        verifiers on one
 * store tell a hook together: who is first moves it on
 */
#pragma once
#include "platform/message.h"
#include "verifier/store/store.h"

#include <stdio.h>

struct notify;

struct notify_hook {
	const char *name; /* 1 to 64 of a-z 0-9 -, its place in the store */
	const char *url;  /* https://host[:port]/path, http:// for tests */
	/* One or more lines "whsec_" and base64 of 24 to 64 bytes. Each signs, so that a secret
	 * can be rotated; read again for each message. */
	const char *secret_file;
	const char *ca; /* PEM, NULL: the system's */
};

struct notify_config {
	const char *store; /* url */
	const struct notify_hook *hooks;
	size_t nhooks;
	unsigned timeout_ms; /* of one attempt */
	unsigned wait_ms,
		wait_most_ms; /* before the second attempt; it doubles up to the other */
	bool idle;            /* all is opened, and nobody is told: assayd --check */
};

/* A hook that the store does not know begins with the next event. Texts are copied. NULL with
 * *why. */
struct notify *notify_start(const struct notify_config *config, struct platform_message *why);
/* There may be events: any thread, never blocks. */
void notify_kick(struct notify *n);
/* Prometheus text. */
void notify_metrics(void *notify, FILE *out);
void notify_stop(struct notify *n);

/* For tests and others that sign: "v1,BASE64" for each secret, with a space between; false when
 * secrets is not of its form, or it does not fit. */
struct assay_crypto;
bool notify_sign(struct assay_crypto *crypto, struct assay_slice secrets, const char *id,
		 const char *timestamp, struct assay_slice body, char *out, size_t cap);
