/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/config.h"

#include "platform/file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { LIMIT = 65536 };

struct platform_config {
	yaml_document_t doc;
	bool *asked; /* by the number of a key's node */
	size_t nodes;
	char path[256];
	bool failed;
	struct platform_message why;
};

/* The first error sticks. at NULL: the file as a whole. */
static bool fail(struct platform_config *c, const yaml_node_t *at, const char *key,
		 const char *what)
{
	if (c->failed)
		return false;
	c->failed = true;
	c->why.errnum = EINVAL;
	if (at)
		platform_message_what(&c->why, "cannot use %s, line %zu", c->path,
				      at->start_mark.line + 1);
	else
		platform_message_what(&c->why, "cannot use %s", c->path);
	platform_message_why(&c->why, "%s%s%s", key, *key ? ": " : "", what);
	return false;
}

static const char *scalar(const yaml_node_t *n)
{
	if (!n || n->type != YAML_SCALAR_NODE || n->data.scalar.length == 0)
		return NULL;
	const char *s = (const char *)n->data.scalar.value;
	return strlen(s) == n->data.scalar.length ? s : NULL;
}

/* A key is a text, and the only one of its name. */
static bool check_mapping(struct platform_config *c, const yaml_node_t *m)
{
	const yaml_node_pair_t *top = m->data.mapping.pairs.top;

	for (const yaml_node_pair_t *p = m->data.mapping.pairs.start; p < top; p++) {
		const yaml_node_t *k = yaml_document_get_node(&c->doc, p->key);
		const char *name = scalar(k);
		if (!name)
			return fail(c, k, "", "a key must be a text");
		for (const yaml_node_pair_t *q = m->data.mapping.pairs.start; q < p; q++) {
			const char *other = scalar(yaml_document_get_node(&c->doc, q->key));
			if (other && strcmp(other, name) == 0)
				return fail(c, k, name, "comes twice");
		}
	}
	return true;
}

static bool check(struct platform_config *c)
{
	const yaml_node_t *root = yaml_document_get_root_node(&c->doc);

	if (!root || root->type != YAML_MAPPING_NODE)
		return fail(c, root, "", "must be a mapping of settings");
	if (!check_mapping(c, root))
		return false;
	for (const yaml_node_pair_t *p = root->data.mapping.pairs.start;
	     p < root->data.mapping.pairs.top; p++) {
		const yaml_node_t *v = yaml_document_get_node(&c->doc, p->value);
		if (v && v->type == YAML_MAPPING_NODE && !check_mapping(c, v))
			return false;
	}
	return true;
}

/* The loader resolves aliases silently; settings have no use for them. Tags, directives and a
 * second document are refused with them. */
static bool check_events(struct platform_config *c, struct assay_slice text)
{
	yaml_parser_t parser;
	yaml_event_t e;
	bool good = true, end = false;
	unsigned documents = 0;

	if (!yaml_parser_initialize(&parser))
		return fail(c, NULL, "", "out of memory");
	yaml_parser_set_input_string(&parser, text.p, text.n);
	while (good && !end) {
		const char *bad = NULL;
		if (!yaml_parser_parse(&parser, &e)) {
			char what[160];
			snprintf(what, sizeof(what), "line %zu: %s",
				 parser.problem_mark.line + 1,
				 parser.problem ? parser.problem : "not YAML");
			good = fail(c, NULL, "", what);
			break;
		}
		if (e.type == YAML_ALIAS_EVENT)
			bad = "aliases are not read here";
		if (e.type == YAML_SCALAR_EVENT && (e.data.scalar.anchor || e.data.scalar.tag))
			bad = "anchors and tags are not read here";
		if ((e.type == YAML_MAPPING_START_EVENT &&
		     (e.data.mapping_start.anchor || e.data.mapping_start.tag)) ||
		    (e.type == YAML_SEQUENCE_START_EVENT &&
		     (e.data.sequence_start.anchor || e.data.sequence_start.tag)))
			bad = "anchors and tags are not read here";
		if (e.type == YAML_DOCUMENT_START_EVENT && ++documents > 1)
			bad = "a second document";
		if (bad) {
			yaml_node_t at = { .start_mark = e.start_mark };
			good = fail(c, &at, "", bad);
		}
		end = e.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&e);
	}
	yaml_parser_delete(&parser);
	return good;
}

static bool load(struct platform_config *c, struct assay_slice text)
{
	yaml_parser_t parser;

	if (!check_events(c, text))
		return false;
	if (!yaml_parser_initialize(&parser))
		return fail(c, NULL, "", "out of memory");
	yaml_parser_set_input_string(&parser, text.p, text.n);
	bool good = yaml_parser_load(&parser, &c->doc);
	yaml_parser_delete(&parser);
	if (!good)
		return fail(c, NULL, "", "not YAML");
	c->nodes = (size_t)(c->doc.nodes.top - c->doc.nodes.start);
	c->asked = calloc(c->nodes + 1, sizeof(*c->asked));
	return c->asked ? check(c) : fail(c, NULL, "", "out of memory");
}

struct platform_config *platform_config_read(const char *path, struct platform_message *why)
{
	struct assay_slice text;
	struct platform_config *c = calloc(1, sizeof(*c));

	memset(why, 0, sizeof(*why));
	if (!c) {
		platform_message_what(why, "cannot read %s", path);
		platform_message_errno(why, ENOMEM);
		return NULL;
	}
	snprintf(c->path, sizeof(c->path), "%s", path);
	if (!platform_file_read(path, LIMIT, &text, why)) {
		free(c);
		return NULL;
	}
	bool good = load(c, text);
	platform_file_drop(&text);
	if (good)
		return c;
	*why = c->why;
	platform_config_drop(c);
	return NULL;
}

void platform_config_drop(struct platform_config *c)
{
	if (!c)
		return;
	yaml_document_delete(&c->doc);
	free(c->asked);
	free(c);
}

static const yaml_node_t *find_in(struct platform_config *c, const yaml_node_t *m,
				  const char *key)
{
	for (const yaml_node_pair_t *p = m->data.mapping.pairs.start;
	     p < m->data.mapping.pairs.top; p++) {
		const char *name = scalar(yaml_document_get_node(&c->doc, p->key));
		if (name && strcmp(name, key) == 0) {
			c->asked[p->key] = true; /* BOUNDS: nodes are numbered from 1 */
			return yaml_document_get_node(&c->doc, p->value);
		}
	}
	return NULL;
}

static const yaml_node_t *find(struct platform_config *c, const char *section, const char *key)
{
	const yaml_node_t *m = yaml_document_get_root_node(&c->doc);

	if (section) {
		m = find_in(c, m, section);
		if (m && m->type != YAML_MAPPING_NODE)
			fail(c, m, section, "must be a section of settings");
		if (!m || m->type != YAML_MAPPING_NODE)
			return NULL;
	}
	return find_in(c, m, key);
}

static const char *text(struct platform_config *c, const char *section, const char *key,
			const yaml_node_t **at)
{
	*at = find(c, section, key);
	const char *s = scalar(*at);
	if (*at && !s)
		fail(c, *at, key, "must be a text");
	return s;
}

const char *platform_config_optional(struct platform_config *c, const char *section,
				     const char *key)
{
	const yaml_node_t *at;

	return text(c, section, key, &at);
}

const char *platform_config_text(struct platform_config *c, const char *section,
				 const char *key, const char *fallback)
{
	const yaml_node_t *at;
	const char *s = text(c, section, key, &at);

	if (!s && !at && !fallback) {
		char what[128];
		snprintf(what, sizeof(what), "%s%s%s must be there", section ? section : "",
			 section ? "." : "", key);
		fail(c, NULL, "", what);
	}
	return s ? s : fallback ? fallback : "";
}

/* Digits, then *rest. */
static bool digits(const char *s, uint64_t *out, const char **rest)
{
	char *end = NULL;

	if (*s < '0' || *s > '9')
		return false;
	errno = 0;
	*out = strtoull(s, &end, 10);
	*rest = end;
	return errno == 0;
}

static uint64_t in_range(struct platform_config *c, const yaml_node_t *at, const char *key,
			 uint64_t v, uint64_t least, uint64_t most, uint64_t fallback,
			 const char *unit)
{
	char what[128];

	if (v >= least && v <= most)
		return v;
	snprintf(what, sizeof(what), "must be from %" PRIu64 "%s to %" PRIu64 "%s", least, unit,
		 most, unit);
	fail(c, at, key, what);
	return fallback;
}

uint64_t platform_config_uint(struct platform_config *c, const char *section, const char *key,
			      uint64_t fallback, uint64_t least, uint64_t most)
{
	const yaml_node_t *at;
	const char *s = text(c, section, key, &at), *rest = NULL;
	uint64_t v = 0;

	if (!s)
		return fallback;
	if (!digits(s, &v, &rest) || *rest) {
		fail(c, at, key, "must be a number");
		return fallback;
	}
	return in_range(c, at, key, v, least, most, fallback, "");
}

uint64_t platform_config_duration(struct platform_config *c, const char *section,
				  const char *key, uint64_t fallback, uint64_t least,
				  uint64_t most)
{
	static const struct {
		const char *unit;
		uint64_t ms;
	} units[] = {
		{ "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "d", 86400000 }
	};
	const yaml_node_t *at;
	const char *s = text(c, section, key, &at), *rest = NULL;
	uint64_t v = 0;

	if (!s)
		return fallback;
	if (digits(s, &v, &rest))
		for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
			if (strcmp(rest, units[i].unit) == 0 && v <= UINT64_MAX / units[i].ms)
				return in_range(c, at, key, v * units[i].ms, least, most,
						fallback, "ms");
	fail(c, at, key, "must be a duration, like 250ms, 60s, 5m, 2h or 7d");
	return fallback;
}

bool platform_config_bool(struct platform_config *c, const char *section, const char *key,
			  bool fallback)
{
	const yaml_node_t *at;
	const char *s = text(c, section, key, &at);

	if (!s)
		return fallback;
	if (strcmp(s, "true") != 0 && strcmp(s, "false") != 0)
		fail(c, at, key, "must be true or false");
	return strcmp(s, "true") == 0;
}

size_t platform_config_list(struct platform_config *c, const char *section, const char *key,
			    const char **out, size_t cap)
{
	const yaml_node_t *at = find(c, section, key);
	size_t n = 0;

	if (!at)
		return 0;
	if (at->type != YAML_SEQUENCE_NODE) {
		const char *one = scalar(at);
		if (!one || cap == 0)
			return fail(c, at, key, "must be a list of texts");
		out[0] = one;
		return 1;
	}
	for (const yaml_node_item_t *i = at->data.sequence.items.start;
	     i < at->data.sequence.items.top; i++) {
		const char *one = scalar(yaml_document_get_node(&c->doc, *i));
		if (!one || n == cap)
			return fail(c, at, key,
				    one ? "has too many texts" : "must be a list of texts");
		out[n++] = one;
	}
	return n;
}

void platform_config_refuse(struct platform_config *c, const char *section, const char *key,
			    const char *what)
{
	fail(c, find(c, section, key), key, what);
}

/* The first key of m that nobody asked for. */
static const yaml_node_t *unknown(const struct platform_config *c, yaml_document_t *doc,
				  const yaml_node_t *m)
{
	for (const yaml_node_pair_t *p = m->data.mapping.pairs.start;
	     p < m->data.mapping.pairs.top; p++) {
		const yaml_node_t *v = yaml_document_get_node(doc, p->value);
		if (!c->asked[p->key])
			return yaml_document_get_node(doc, p->key);
		const yaml_node_t *inside =
			v && v->type == YAML_MAPPING_NODE ? unknown(c, doc, v) : NULL;
		if (inside)
			return inside;
	}
	return NULL;
}

bool platform_config_finish(struct platform_config *c, struct platform_message *why)
{
	const yaml_node_t *k =
		c->failed ? NULL : unknown(c, &c->doc, yaml_document_get_root_node(&c->doc));

	if (k)
		fail(c, k, scalar(k), "no such setting");
	if (c->failed)
		*why = c->why;
	return !c->failed;
}
