/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/notify/notify.h"

#include "verifier/notify/hook.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct notify {
	size_t n;
	struct hook hook[];
};

static bool name_good(const char *name, struct platform_message *why)
{
	size_t n = strlen(name);

	if (n > 0 && n <= 64 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == n)
		return true;
	platform_message_what(why, "cannot name a web hook %s", name);
	platform_message_why(why, "a name is 1 to 64 of a-z, 0-9 and -");
	return false;
}

struct notify *notify_start(const struct notify_config *config, struct platform_message *why)
{
	struct notify *n = calloc(1, sizeof *n + config->nhooks * sizeof n->hook[0]);

	if (!n) {
		platform_message_what(why, "cannot start web hooks");
		platform_message_why(why, "out of memory");
		return NULL;
	}
	for (size_t i = 0; i < config->nhooks; i++) {
		struct hook *h = &n->hook[i];
		bool good = name_good(config->hooks[i].name, why);
		if (good) {
			n->n++;
			good = hook_begin(h, config, &config->hooks[i], why);
		}
		if (good && config->idle)
			continue;
		if (good && pthread_create(&h->thread, NULL, hook_run, h) == 0) {
			h->started = true;
			continue;
		}
		if (good) {
			platform_message_what(why, "cannot start web hooks");
			platform_message_why(why, "no more threads");
		}
		notify_stop(n);
		return NULL;
	}
	return n;
}

void notify_kick(struct notify *n)
{
	for (size_t i = 0; i < n->n; i++) {
		struct hook *h = &n->hook[i];
		pthread_mutex_lock(&h->lock);
		h->kicked = true;
		pthread_cond_signal(&h->changed);
		pthread_mutex_unlock(&h->lock);
	}
}

static void family(const struct notify *n, FILE *out, const char *name, const char *type,
		   const char *help, size_t offset)
{
	fprintf(out, "# HELP assay_%s %s\n# TYPE assay_%s %s\n", name, help, name, type);
	for (size_t i = 0; i < n->n; i++) {
		const struct hook *h = &n->hook[i];
		const _Atomic uint64_t *value[] = { &h->sent, &h->failed, &h->told_shown };
		fprintf(out, "assay_%s{hook=\"%s\"} %llu\n", name, h->name,
			(unsigned long long)atomic_load(value[offset]));
	}
}

void notify_metrics(void *notify, FILE *out)
{
	const struct notify *n = notify;

	if (n->n == 0)
		return;
	family(n, out, "hook_sent_total", "counter", "Events that a web hook heard.", 0);
	family(n, out, "hook_failed_total", "counter", "Attempts that a web hook did not hear.",
	       1);
	family(n, out, "hook_seq", "gauge", "The last event that a web hook heard.", 2);
}

void notify_stop(struct notify *n)
{
	const uint64_t one = 1;

	if (!n)
		return;
	for (size_t i = 0; i < n->n; i++) {
		struct hook *h = &n->hook[i];
		pthread_mutex_lock(&h->lock);
		h->stopping = true;
		pthread_cond_broadcast(&h->changed);
		pthread_mutex_unlock(&h->lock);
		if (h->wake >= 0 && write(h->wake, &one, sizeof one) < 0)
			continue; /* it ends with its time limit */
	}
	for (size_t i = 0; i < n->n; i++) {
		if (n->hook[i].started)
			pthread_join(n->hook[i].thread, NULL);
		hook_end(&n->hook[i]);
	}
	free(n);
}
