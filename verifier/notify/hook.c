/* SPDX-License-Identifier: Apache-2.0
 * One hook's thread: what is new, told one by one, each until it was heard. */
#include "verifier/notify/hook.h"

#include "platform/log.h"
#include "platform/random.h"

#include <assay/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 64, LOOK_MS = 5000, ANSWER_MAX = 64 * 1024 };

/* Waits for a kick (unless kick is false), the end, or ms; false: the end. */
static bool rest(struct hook *h, uint64_t ms, bool kick)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += (time_t)(ms / 1000);
	until.tv_nsec += (long)(ms % 1000) * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_mutex_lock(&h->lock);
	int timed_out = 0;
	while (!h->stopping && !(kick && h->kicked) && !timed_out)
		timed_out = pthread_cond_timedwait(&h->changed, &h->lock, &until);
	if (kick)
		h->kicked = false;
	bool on = !h->stopping;
	pthread_mutex_unlock(&h->lock);
	return on;
}

/* Where this hook is; one that is new begins at the newest event. */
static bool place(struct hook *h)
{
	struct store_epoch epoch;
	enum store_status status = store_hook_get(h->store, h->name, &h->told);

	if (status == STORE_ABSENT) {
		if (store_epoch_get(h->store, &epoch) != STORE_DONE)
			return false;
		(void)store_hook_put(h->store, h->name, epoch.event);
		status = store_hook_get(h->store, h->name, &h->told);
	}
	atomic_store(&h->told_shown, h->told);
	return status == STORE_DONE;
}

struct page {
	size_t n;
	bool full; /* or no memory for one: those behind it wait too, or it were never told */
	struct store_event event[PAGE];
};

/* Texts of the store's do not live long enough: copied. */
static void page_add(void *ctx, const struct store_event *event)
{
	struct page *p = ctx;
	uint8_t *reasons = NULL;

	if (!p->full && p->n < PAGE)
		reasons = malloc(event->reasons.n + 1);
	if (!reasons) {
		p->full = true;
		return; /* comes with the next page */
	}
	if (event->reasons.n > 0)
		memcpy(reasons, event->reasons.p, event->reasons.n);
	p->event[p->n] = *event;
	p->event[p->n++].reasons = (struct assay_slice){ reasons, event->reasons.n };
}

/* Until it was heard; false: the end. Waits twice as long each time, half of it by chance, so
 * that many hooks of a receiver that comes back do not fall upon it at once. */
static bool tell(struct hook *h, const struct store_event *event)
{
	uint64_t wait = h->wait_ms;
	unsigned after = 0;

	while (!hook_deliver(h, event, &after)) {
		atomic_fetch_add(&h->failed, 1);
		uint64_t ms = wait / 2 + platform_random_below(wait / 2 + 1);
		if (ms < (uint64_t)after * 1000)
			ms = (uint64_t)after * 1000;
		if (ms > h->wait_most_ms)
			ms = h->wait_most_ms;
		if (!rest(h, ms, false))
			return false;
		wait = wait * 2 > h->wait_most_ms ? h->wait_most_ms : wait * 2;
	}
	atomic_fetch_add(&h->sent, 1);
	return true;
}

/* True while there is more to tell at once. */
static bool tell_page(struct hook *h)
{
	struct page *page = calloc(1, sizeof *page);
	uint64_t last = h->told;
	bool more = false;

	if (!page)
		return false;
	enum store_status status = store_events(h->store, h->told, PAGE, page_add, page, &last);
	for (size_t i = 0; status == STORE_DONE && i < page->n; i++) {
		if (!tell(h, &page->event[i])) {
			status = STORE_DOWN;
			break;
		}
		h->told = page->event[i].seq;
		atomic_store(&h->told_shown, h->told);
		enum store_status put = store_hook_put(h->store, h->name, h->told);
		/* another verifier was faster: go on from where it is */
		if (put == STORE_CONFLICT)
			(void)store_hook_get(h->store, h->name, &h->told);
		more = true;
		if (put != STORE_DONE)
			break;
	}
	for (size_t i = 0; i < page->n; i++)
		free((void *)(uintptr_t)page->event[i].reasons.p);
	free(page);
	return more && status == STORE_DONE;
}

void *hook_run(void *hook)
{
	struct hook *h = hook;
	bool placed = false;

	for (;;) {
		placed = placed || place(h);
		if (placed && tell_page(h))
			continue;
		if (!rest(h, LOOK_MS, true))
			return NULL;
	}
}

/* "https://host:port" and "/path?query". */
static bool url_split(struct hook *h, const char *url, struct platform_message *why)
{
	const char *host = strstr(url, "://");
	size_t n = host ? (size_t)(host + 3 - url) + strcspn(host + 3, "/?#") : 0;

	if (n == 0 || strchr(url, '#') || url[n] == '?') {
		platform_message_what(why, "cannot tell the web hook %s", h->name);
		platform_message_why(why, "%s is no https://host[:port]/path", url);
		return false;
	}
	h->url = strndup(url, n);
	h->path = strdup(url[n] ? url + n : "/");
	return h->url && h->path;
}

bool hook_begin(struct hook *h, const struct notify_config *config,
		const struct notify_hook *hook, struct platform_message *why)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&h->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&h->changed, &attr);
	pthread_condattr_destroy(&attr);
	h->name = strdup(hook->name);
	h->secret_file = strdup(hook->secret_file);
	h->ca = hook->ca ? strdup(hook->ca) : NULL;
	h->timeout_ms = config->timeout_ms;
	h->wait_ms = config->wait_ms;
	h->wait_most_ms = config->wait_most_ms;
	h->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	h->crypto = assay_crypto_new(NULL, NULL);
	if (!h->name || !h->secret_file || h->wake < 0 || !h->crypto) {
		platform_message_what(why, "cannot start web hooks");
		platform_message_why(why, "out of memory");
		return false;
	}
	if (!url_split(h, hook->url, why) ||
	    store_open(config->store, &h->store, why) != STORE_DONE)
		return false;
	const struct http_client_config client = { .url = h->url,
						   .ca = h->ca,
						   .timeout_ms = h->timeout_ms,
						   .max_answer = ANSWER_MAX,
						   .user_agent = "assayd/" ASSAY_VERSION,
						   .wake_fd = h->wake };
	h->client = http_client_new(&client, why);
	return h->client != NULL;
}

void hook_end(struct hook *h)
{
	if (h->client)
		http_client_free(h->client);
	if (h->store)
		store_close(h->store);
	assay_crypto_free(h->crypto);
	if (h->wake >= 0)
		close(h->wake);
	pthread_cond_destroy(&h->changed);
	pthread_mutex_destroy(&h->lock);
	free(h->name);
	free(h->url);
	free(h->path);
	free(h->secret_file);
	free(h->ca);
}
