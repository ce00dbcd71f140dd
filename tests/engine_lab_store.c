/* SPDX-License-Identifier: Apache-2.0
 * The store between the engine and the real one: it can be down, and it can keep revocations
 * to itself. */
#include "tests/engine_lab.h"

atomic_bool lab_down, lab_deaf, lab_untold;
pthread_t lab_main;

/* What the engine asks of the store goes through here. */
#define WRAP(name, params, args)                                                               \
	enum store_status __real_##name params;                                                \
	enum store_status __wrap_##name params;                                                \
	enum store_status __wrap_##name params                                                 \
	{                                                                                      \
		return atomic_load(&lab_down) ? STORE_DOWN : __real_##name args;               \
	}

WRAP(store_node_get, (struct store * s, struct assay_slice id, struct store_node *out),
     (s, id, out))
WRAP(store_verdict_put,
     (struct store * s, const struct store_verdict *v, uint64_t now, uint64_t *event),
     (s, v, now, event))
WRAP(store_shown_put,
     (struct store * s, struct assay_slice node, const uint8_t *ids, size_t n,
      uint64_t revocations, uint64_t now),
     (s, node, ids, n, revocations, now))
WRAP(store_heard_put,
     (struct store * s, const struct store_verdict *v, size_t n, uint64_t now, size_t *events),
     (s, v, n, now, events))
enum store_status __real_store_revocations(struct store *, uint64_t, store_revocation_fn,
					   void *, uint64_t *);
enum store_status __wrap_store_revocations(struct store *, uint64_t, store_revocation_fn,
					   void *, uint64_t *);
enum store_status __wrap_store_revocations(struct store *s, uint64_t after,
					   store_revocation_fn each, void *ctx, uint64_t *last)
{
	if (atomic_load(&lab_down))
		return STORE_DOWN;
	if (atomic_load(&lab_deaf) && !pthread_equal(pthread_self(), lab_main))
		return STORE_DONE;
	return __real_store_revocations(s, after, each, ctx, last);
}

WRAP(store_epoch_get, (struct store * s, struct store_epoch *out), (s, out))
WRAP(store_wait, (struct store * s, int timeout_ms, int wake_fd), (s, timeout_ms, wake_fd))
WRAP(store_silence,
     (struct store * s, uint64_t before, struct assay_slice reasons, size_t limit, uint64_t now,
      size_t *turned),
     (s, before, reasons, limit, now, turned))
WRAP(store_silence_ahead,
     (struct store * s, uint64_t after, struct assay_slice reasons, size_t limit, uint64_t now,
      size_t *turned),
     (s, after, reasons, limit, now, turned))
enum store_status __real_store_events(struct store *, uint64_t, size_t, store_event_fn, void *,
				      uint64_t *);
enum store_status __wrap_store_events(struct store *, uint64_t, size_t, store_event_fn, void *,
				      uint64_t *);
enum store_status __wrap_store_events(struct store *s, uint64_t after, size_t limit,
				      store_event_fn each, void *ctx, uint64_t *last)
{
	if (atomic_load(&lab_down))
		return STORE_DOWN;
	return atomic_load(&lab_untold) ? STORE_DONE
					: __real_store_events(s, after, limit, each, ctx, last);
}
