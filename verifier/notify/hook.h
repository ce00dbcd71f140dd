/* SPDX-License-Identifier: Apache-2.0
 * hook - one hook's inside. */
#pragma once
#include "platform/http.h"
#include "verifier/notify/notify.h"

#include <pthread.h>
#include <stdatomic.h>

struct hook {
	char *name, *url, *path, *secret_file, *ca;
	unsigned timeout_ms, wait_ms, wait_most_ms;
	struct store *store;
	struct assay_crypto *crypto;
	struct http_client *client;
	pthread_t thread;
	bool started;
	int wake; /* eventfd: readable once it is to end */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool kicked, stopping;
	bool failing;  /* the last attempt failed: logged once */
	uint64_t told; /* seq */
	_Atomic uint64_t sent, failed, told_shown;
};

/* Fills *h; false with *why, and nothing to undo but hook_end. */
bool hook_begin(struct hook *h, const struct notify_config *config,
		const struct notify_hook *hook, struct platform_message *why);
void *hook_run(void *hook);
void hook_end(struct hook *h);

/* deliver.c: one attempt to tell an event. *after: seconds that the receiver asks to wait. */
bool hook_deliver(struct hook *h, const struct store_event *event, unsigned *after);
