/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/swarm/swarm.h"
#include "verifier/store/store.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void swarm_enrol(const char *url, const struct swarm_node *nodes, size_t n)
{
	static const struct store_actor actor = { "assay-swarm", "operator", "local", "swarm" };
	struct platform_message why = { 0 };
	struct store *s;

	if (store_open(url, &s, &why) != STORE_DONE)
		bench_die(why.why);
	for (size_t i = 0; i < n; i++) {
		struct store_token t = { .made = now(), .ends = now() + 3600000 };
		struct store_node node = { .enrolled = now(),
					   .ak_name_n = nodes[i].ak_name_n,
					   .ak_pub = { nodes[i].ak_pub.b, nodes[i].ak_pub.n },
					   .reasons = { (const uint8_t *)"[]", 2 } };

		RAND_bytes(t.hash, sizeof t.hash);
		RAND_bytes(node.ek_digest, sizeof node.ek_digest);
		snprintf(t.id, sizeof t.id, "%s", nodes[i].id);
		snprintf(t.node, sizeof t.node, "%s", nodes[i].id);
		snprintf(node.id, sizeof node.id, "%s", nodes[i].id);
		memcpy(node.ak_name, nodes[i].ak_name, node.ak_name_n);
		if (store_token_add(s, &t, &actor) != STORE_DONE ||
		    store_node_enrol(s, t.hash, &node, now()) != STORE_DONE)
			bench_die(store_why(s)->why);
	}
	store_close(s);
}
