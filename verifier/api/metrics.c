/* SPDX-License-Identifier: Apache-2.0
 * GET /metrics: Prometheus text (exposition format 0.0.4). No node's id is a label: there may
 * be a million of them. */
#include "verifier/api/call.h"
#include "verifier/api/handlers.h"

#include <stdlib.h>
#include <string.h>

/* Upper bounds of engine_metrics' buckets; the last is +Inf. */
static const char *const bounds[20] = { "1e-05",  "2e-05", "5e-05", "0.0001", "0.0002",
					"0.0005", "0.001", "0.002", "0.005",  "0.01",
					"0.02",   "0.05",  "0.1",   "0.2",    "0.5",
					"1",      "2",     "5",     "10",     "+Inf" };

static void head(FILE *f, const char *name, const char *type, const char *help)
{
	fprintf(f, "# HELP assay_%s %s\n# TYPE assay_%s %s\n", name, help, name, type);
}

static void one(FILE *f, const char *name, const char *type, const char *help, uint64_t value)
{
	head(f, name, type, help);
	fprintf(f, "assay_%s %llu\n", name, (unsigned long long)value);
}

static void row(FILE *f, const char *name, const char *label, const char *word, uint64_t value)
{
	fprintf(f, "assay_%s{%s=\"%s\"} %llu\n", name, label, word, (unsigned long long)value);
}

static void histogram(FILE *f, const char *label, const uint64_t bucket[20], double sum)
{
	uint64_t n = 0;

	for (size_t i = 0; i < 20; i++) {
		n += bucket[i];
		fprintf(f, "assay_seconds_bucket{step=\"%s\",le=\"%s\"} %llu\n", label,
			bounds[i], (unsigned long long)n);
	}
	fprintf(f, "assay_seconds_sum{step=\"%s\"} %.6f\n", label, sum);
	fprintf(f, "assay_seconds_count{step=\"%s\"} %llu\n", label, (unsigned long long)n);
}

static void engine_write(FILE *f, const struct engine_metrics *m)
{
	static const char *const tier[] = { "affirming", "warning", "contraindicated", "none" };
	const char *appraised = "appraised_total", *answers = "evidence_total",
		   *recall = "receipts_total";

	head(f, appraised, "counter", "Messages appraised, by verdict.");
	for (size_t i = 0; i < 4; i++)
		row(f, appraised, "status", tier[i], m->appraised[i]);
	head(f, answers, "counter", "Messages of nodes, by what became of them.");
	row(f, answers, "said", "warm", m->warm);
	row(f, answers, "said", "full", m->full);
	row(f, answers, "said", "send-all", m->send_all);
	row(f, answers, "said", "challenge", m->challenge);
	row(f, answers, "said", "malformed", m->malformed);
	row(f, answers, "said", "unknown", m->unknown);
	row(f, answers, "said", "revoked", m->revoked);
	row(f, answers, "said", "blind", m->blind);
	row(f, answers, "said", "failed", m->failed);
	head(f, recall, "counter", "Receipts that came back, by what became of them.");
	for (int i = 0; i < ASSAY_RECALLS_N; i++)
		row(f, recall, "recall", assay_recall_word((enum assay_recall)i), m->recall[i]);
	head(f, "seconds", "histogram", "Time that a step took.");
	histogram(f, "warm", m->warm_seconds, m->warm_sum);
	histogram(f, "full", m->full_seconds, m->full_sum);
	histogram(f, "store", m->store_seconds, m->store_sum);
	one(f, "heard_waiting", "gauge", "Signs of life that wait to be stored.",
	    m->heard_queue);
	one(f, "heard_dropped_total", "counter", "Signs of life that were not stored.",
	    m->heard_dropped);
	one(f, "events_total", "counter", "Changes of verdicts told.", m->events);
	one(f, "silent_total", "counter", "Nodes that turned silent.", m->silent);
	one(f, "nodes_remembered", "gauge", "Nodes in memory.", m->remembered);
	one(f, "generation", "gauge", "Number of the set of references and policy.",
	    m->generation);
	one(f, "revocations", "gauge", "The last revocation heard of.", m->revocations);
}

static void http_write(FILE *f, struct api *api)
{
	struct http_server *server = atomic_load(&api->server);
	const char *name = "http_requests_total", *time = "http_seconds_total";

	head(f, name, "counter", "Requests answered.");
	for (size_t i = 0; i <= api_nroutes; i++)
		for (int hundred = 2; hundred < 6; hundred++)
			fprintf(f, "assay_%s{operation=\"%s\",code=\"%dxx\"} %llu\n", name,
				i < api_nroutes ? api_routes[i].operation : "none", hundred,
				(unsigned long long)atomic_load(&api->answered[i][hundred]));
	head(f, time, "counter", "Time from a request's arrival to its answer, in all.");
	for (size_t i = 0; i <= api_nroutes; i++)
		fprintf(f, "assay_%s{operation=\"%s\"} %.3f\n", time,
			i < api_nroutes ? api_routes[i].operation : "none",
			(double)atomic_load(&api->answered_ms[i]) / 1000);
	one(f, "http_limited_total", "counter", "Requests refused as too many.",
	    atomic_load(&api->limited));
	one(f, "http_busy_total", "counter", "Requests refused because the queue was full.",
	    atomic_load(&api->busy));
	one(f, "workers_waiting", "gauge", "Requests that wait for a worker.",
	    pool_waiting(api->pool));
	one(f, "http_connections", "gauge", "Open connections.",
	    server ? http_server_connections(server) : 0);
	one(f, "subscribers", "gauge", "Open streams of events.",
	    api_hub_subscribers(api->hub));
}

void api_metrics(struct api_call *c)
{
	struct api *api = c->api;
	struct engine_metrics m = { 0 };
	struct platform_message why;
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	if (f) {
		engine_metrics(api->engine, &m);
		one(f, "ready", "gauge", "1 while this verifier would affirm.",
		    engine_ready(api->engine, &why));
		engine_write(f, &m);
		http_write(f, api);
		if (api->metrics_also)
			api->metrics_also(api->metrics_ctx, f);
	}
	if (!f || fclose(f) != 0)
		api_problem(c, API_P_FAILED, "out of memory");
	else
		api_answer(c, 200, "text/plain; version=0.0.4; charset=utf-8",
			   (struct assay_slice){ (const uint8_t *)text, n });
	free(text);
}
