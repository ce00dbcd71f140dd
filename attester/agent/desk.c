/* SPDX-License-Identifier: Apache-2.0 */
#include "attester/agent/desk.h"

#include "platform/file.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct agent_desk {
	struct agent_signer *signer;
	struct assay_crypto *crypto;
	pthread_mutex_t tpm;    /* held while the TPM is asked, and before line */
	pthread_mutex_t line;   /* held for no longer than a look */
	struct agent_asker own; /* the agent's; waits while own_waits */
	bool own_waits;
	struct agent_asker *first, **last;
	size_t waiting;
};

struct agent_desk *agent_desk_new(struct agent_signer *signer, struct assay_crypto *crypto)
{
	struct agent_desk *d = calloc(1, sizeof *d);

	if (!d)
		return NULL;
	d->signer = signer;
	d->crypto = crypto;
	d->last = &d->first;
	pthread_mutex_init(&d->tpm, NULL);
	pthread_mutex_init(&d->line, NULL);
	return d;
}

void agent_desk_free(struct agent_desk *d)
{
	if (!d)
		return;
	pthread_mutex_destroy(&d->tpm);
	pthread_mutex_destroy(&d->line);
	free(d);
}

void agent_quoted_drop(struct agent_quoted *q)
{
	platform_file_drop(&q->msg);
	platform_file_drop(&q->sig);
	platform_file_drop(&q->ak_pub);
	q->batch_n = 0;
}

struct agent_signer *agent_desk_enter(struct agent_desk *d)
{
	pthread_mutex_lock(&d->tpm);
	return d->signer;
}

void agent_desk_leave(struct agent_desk *d)
{
	agent_signer_rest(d->signer);
	pthread_mutex_unlock(&d->tpm);
}

bool agent_desk_wait(struct agent_desk *d, struct agent_asker *asker)
{
	pthread_mutex_lock(&d->line);
	bool room = d->waiting < AGENT_DESK_MAX;
	if (room) {
		asker->state = AGENT_ASKED_WAITS;
		asker->next = NULL;
		*d->last = asker;
		d->last = &asker->next;
		d->waiting++;
	}
	pthread_mutex_unlock(&d->line);
	return room;
}

/* All who wait, the agent first. */
static struct agent_asker *take(struct agent_desk *d)
{
	struct agent_asker *all;

	pthread_mutex_lock(&d->line);
	all = d->first;
	if (d->own_waits) {
		d->own.next = all;
		all = &d->own;
	}
	d->own_waits = false;
	d->first = NULL;
	d->last = &d->first;
	d->waiting = 0;
	pthread_mutex_unlock(&d->line);
	return all;
}

struct round {
	struct assay_slice msg, sig;
	struct assay_slice nonce; /* what the TPM signs; empty until that is known */
	uint8_t batch_nonce[ASSAY_MERKLE_HASH];
	struct assay_merkle_hash *tree; /* NULL: the one nonce itself */
	size_t n;
};

static bool plant(struct agent_desk *d, const struct agent_asker *all, struct round *r)
{
	size_t room = assay_merkle_room(r->n), i = 0;

	r->tree = calloc(room, sizeof *r->tree);
	if (!r->tree)
		return false;
	for (const struct agent_asker *a = all; a; a = a->next)
		if (!assay_batch_leaf(d->crypto, (struct assay_slice){ a->nonce, a->nonce_n },
				      &r->tree[i++]))
			return false;
	r->nonce = (struct assay_slice){ r->batch_nonce, sizeof r->batch_nonce };
	return assay_merkle_build(d->crypto, r->tree, r->n) &&
	       assay_batch_extra_data(d->crypto, r->n, &r->tree[room - 1], r->batch_nonce);
}

static bool copy(struct assay_slice from, struct assay_slice *to)
{
	uint8_t *p = malloc(from.n ? from.n : 1);

	if (!p)
		return false;
	if (from.n > 0)
		memcpy(p, from.p, from.n);
	to->p = p;
	to->n = from.n;
	return true;
}

static bool hand_out(const struct agent_desk *d, const struct round *r, size_t i,
		     struct agent_quoted *out)
{
	struct assay_batch_path path = { .size = r->n, .index = i };

	if (r->tree) {
		if (!assay_merkle_path(r->tree, r->n, i, path.path, &path.npath))
			return false;
		out->batch_n = assay_batch_path_write(&path, out->batch, sizeof out->batch);
		if (out->batch_n == 0)
			return false;
	}
	if (copy(r->msg, &out->msg) && copy(r->sig, &out->sig) &&
	    copy(d->signer->ak_pub, &out->ak_pub))
		return true;
	agent_quoted_drop(out);
	return false;
}

static void answer(struct agent_desk *d, struct agent_asker *all, struct round *r)
{
	struct platform_message why = { 0 };
	size_t i = 0;

	bool good = r->nonce.n > 0 || plant(d, all, r) ||
		    attester_tpm_good(TSS2_ESYS_RC_MEMORY, "cannot make the batch", &why);
	good = good && agent_signer_quote(d->signer, r->nonce, &r->msg, &r->sig, &why);
	for (struct agent_asker *a = all; a; a = a->next, i++) {
		a->quoted = (struct agent_quoted){ 0 };
		if (good && hand_out(d, r, i, &a->quoted)) {
			a->state = AGENT_ASKED_ANSWERED;
			continue;
		}
		if (good)
			(void)attester_tpm_good(TSS2_ESYS_RC_MEMORY, "cannot keep the quote",
						&why);
		a->why = why;
		a->state = AGENT_ASKED_FAILED;
	}
}

/* With the TPM in hand nobody else's round is under way: whoever was in the line when the
 * caller came is either still there or has been answered. */
void agent_desk_serve(struct agent_desk *d)
{
	struct round r = { 0 };

	agent_desk_enter(d);
	struct agent_asker *all = take(d);
	for (const struct agent_asker *a = all; a; a = a->next)
		r.n++;
	if (all) {
		if (all == &d->own && r.n == 1)
			r.nonce = (struct assay_slice){ all->nonce, all->nonce_n };
		answer(d, all, &r);
		platform_file_drop(&r.msg);
		platform_file_drop(&r.sig);
		free(r.tree);
	}
	agent_desk_leave(d);
}

bool agent_desk_quote(struct agent_desk *d, struct assay_slice challenge,
		      struct agent_quoted *out, struct platform_message *why)
{
	struct agent_asker *own = &d->own;

	if (challenge.n == 0 || challenge.n > sizeof own->nonce)
		return attester_tpm_good(TSS2_ESYS_RC_BAD_SIZE, "the challenge's size", why);
	pthread_mutex_lock(&d->line);
	memcpy(own->nonce, challenge.p, challenge.n);
	own->nonce_n = challenge.n;
	d->own_waits = true;
	pthread_mutex_unlock(&d->line);
	agent_desk_serve(d);
	if (own->state == AGENT_ASKED_ANSWERED) {
		*out = own->quoted;
		own->quoted = (struct agent_quoted){ 0 };
		return true;
	}
	*why = own->why;
	return false;
}
