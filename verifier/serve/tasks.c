/* SPDX-License-Identifier: Apache-2.0
 * What an operator does at the machine itself. */
#include "verifier/engine/epoch.h"
#include "verifier/engine/reasons.h"
#include "verifier/keys/keys.h"
#include "verifier/serve/serve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

bool task_make_keys(const struct settings *s, struct platform_message *why)
{
	if (!keys_make(s->engine.keys, why))
		return false;
	printf("keys are in %s\n", s->engine.keys);
	return true;
}

bool task_rotate_key(const struct settings *s, const char *kind, struct platform_message *why)
{
	char name[KEYS_NAME_MAX];
	int k = keys_kind_by_word(kind);

	if (k < 0) {
		platform_message_what(why, "cannot rotate a %s key", kind);
		platform_message_why(why, "a kind is challenge, receipt, cookie or ear");
		return false;
	}
	if (!keys_rotate(s->engine.keys, (enum keys_kind)k, name, why))
		return false;
	printf("%s/%s/%s is new: reload every verifier; it makes once it has settled\n",
	       s->engine.keys, kind, name);
	return true;
}

/* What the store says and what was seen last, into one. */
static bool accept_in(struct store *store, const struct settings *s,
		      struct platform_message *why)
{
	char reasons[REASONS_ONE_MAX];
	const char *who = getenv("SUDO_USER");
	struct store_actor actor = { who ? who : "local", "operator", "local", "assayd" };
	struct store_epoch now;
	struct epoch seen;
	size_t n = engine_reason(ASSAY_R_VERIFIER_BLIND, "database put back from a backup",
				 NULL, reasons, sizeof reasons);

	memset(&seen, 0, sizeof seen);
	if (n == 0 || !epoch_open(&seen, s->engine.keys, why))
		return false;
	if (!seen.has_seen && store_epoch_get(store, &seen.seen) != STORE_DONE) {
		*why = *store_why(store);
		return false;
	}
	if (store_epoch_accept(store, &seen.seen, (struct assay_slice){ (uint8_t *)reasons, n },
			       &actor, (uint64_t)time(NULL) * 1000, &now) != STORE_DONE) {
		*why = *store_why(store);
		return false;
	}
	seen.seen = now;
	return epoch_note(&seen, (uint64_t)time(NULL) * 1000, why);
}

bool task_accept_database(const struct settings *s, struct platform_message *why)
{
	struct store *store = NULL;

	if (store_open(s->engine.store, &store, why) != STORE_DONE)
		return false;
	bool good = accept_in(store, s, why);
	store_close(store);
	if (good)
		printf("the database is accepted as it is: no token is good any more, and "
		       "every "
		       "node is none until it is appraised again\n");
	return good;
}
