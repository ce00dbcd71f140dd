/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/logs.h"
#include "bench/swarm/swarm.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM = 16 * 1024 };

/* The record of a file that nobody knows: one that is known, with another digest. */
static size_t write_unknown(uint8_t *out, const struct assay_ima_entry *e,
			    const uint8_t *record, struct assay_crypto *crypto)
{
	size_t data = (size_t)(e->data.p - record), digest = (size_t)(e->digest.p - record);
	uint8_t sha1[ASSAY_DIGEST_MAX];

	memcpy(out, record, e->size);
	out[digest] ^= 0xff;
	if (!assay_hash1(crypto, ASSAY_SHA1, (struct assay_slice){ out + data, e->data.n },
			 sha1))
		bench_die("assay_hash1");
	memcpy(out + 4, sha1, 20);
	return e->size;
}

/* Known files run again: entries of the list itself, from its second on. */
static void grow(struct swarm_list *l, struct assay_slice base, bool tampered,
		 struct assay_crypto *crypto)
{
	uint8_t *p = malloc(base.n + ROOM + SWARM_STEPS * 1024);
	struct assay_ima list;
	struct assay_ima_entry e;
	struct assay_err err;
	size_t at = base.n, entries = 0;

	if (!p || !assay_ima_open(&list, base, &err))
		bench_die("the IMA list");
	memcpy(p, base.p, base.n);
	while (assay_ima_next(&list, &e))
		entries = e.index + 1;
	if (!assay_ima_open(&list, base, &err) || !assay_ima_next(&list, &e))
		bench_die("the IMA list");
	l->step[0] = (struct swarm_step){ .bytes = at, .entries = entries };
	for (size_t i = 1; i < SWARM_STEPS; i++) {
		if (!assay_ima_next(&list, &e) &&
		    (!assay_ima_open(&list, base, &err) || !assay_ima_next(&list, &e) ||
		     !assay_ima_next(&list, &e)))
			bench_die("the IMA list");
		const uint8_t *record = base.p + e.offset;
		if (tampered && i == 1)
			at += write_unknown(p + at, &e, record, crypto);
		else {
			memcpy(p + at, record, e.size);
			at += e.size;
		}
		l->step[i] = (struct swarm_step){ .bytes = at, .entries = entries + i };
	}
	l->bytes = (struct assay_slice){ p, at };
}

static void quote_steps(struct swarm_list *l, struct bench_log *log)
{
	for (size_t i = 0; i < SWARM_STEPS; i++) {
		struct assay_slice list = { l->bytes.p, l->step[i].bytes };
		bench_log_replay(log, 1);
		bench_pcr_digest(log->crypto, &log->bank, list, l->step[i].pcr_digest);
	}
}

void swarm_machine_load(struct swarm_machine *m, const char *evidence)
{
	struct bench_log log;
	struct assay_slice list = bench_file(evidence, "clean-a/binary_runtime_measurements");

	bench_log_load(&log, evidence);
	grow(&m->good, list, false, log.crypto);
	grow(&m->tampered, list, true, log.crypto);
	quote_steps(&m->good, &log);
	quote_steps(&m->tampered, &log);
	m->log = log.log; /* lives as long as the program */
}
