/* SPDX-License-Identifier: Apache-2.0
 *
 * A policy in YAML. What it does not say keeps its secure default; what assay
 * does not know is an error with its line, never ignored. */
#include "verifier/load/load.h"

#include "platform/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct context {
	yaml_document_t doc;
	struct loaded_policy *out;
	struct load_error *e;
	const char *path;
};

static bool malformed(struct context *c, const yaml_node_t *at, const char *why,
		      const char *what)
{
	c->e->status = LOAD_MALFORMED;
	platform_message_what(&c->e->why, "cannot read policy %s, line %zu", c->path,
			      at ? at->start_mark.line + 1 : 1);
	platform_message_why(&c->e->why, "%s%s%s", what, *what ? ": " : "", why);
	platform_message_hint(&c->e->why, "`assay policy default` prints a complete policy");
	return false;
}

static const char *scalar(const yaml_node_t *n)
{
	return n && n->type == YAML_SCALAR_NODE &&
			       strlen((const char *)n->data.scalar.value) ==
				       n->data.scalar.length
		       ? (const char *)n->data.scalar.value
		       : NULL;
}

static bool read_number(const char *s, uint32_t max, uint32_t *out)
{
	char *end = NULL;

	if (!s || *s < '0' || *s > '9')
		return false;
	unsigned long v = strtoul(s, &end, 10);
	if (*end != '\0' || v > max)
		return false;
	*out = (uint32_t)v;
	return true;
}

/* "0-10, 14", or a YAML sequence of indices. */
static bool read_pcr_text(const char *s, uint32_t *mask)
{
	while (s && *s) {
		char *end;
		while (*s == ' ' || *s == ',')
			s++;
		if (*s == '\0')
			break;
		unsigned long from = strtoul(s, &end, 10), to = from;
		if (end == s)
			return false;
		if (*end == '-') {
			s = end + 1;
			to = strtoul(s, &end, 10);
			if (end == s)
				return false;
		}
		if (from > to || to >= ASSAY_PCRS ||
		    (*end != '\0' && *end != ',' && *end != ' '))
			return false;
		for (; from <= to; from++)
			*mask |= 1u << from;
		s = end;
	}
	return s != NULL;
}

/* Calls one for each element of a sequence, or for the node itself. */
static bool each(struct context *c, const yaml_node_t *n,
		 bool (*one)(struct context *, const char *, void *), void *arg)
{
	if (n->type != YAML_SEQUENCE_NODE)
		return one(c, scalar(n), arg);
	for (const yaml_node_item_t *i = n->data.sequence.items.start;
	     i < n->data.sequence.items.top; i++)
		if (!one(c, scalar(yaml_document_get_node(&c->doc, *i)), arg))
			return false;
	return true;
}

static bool one_pcr(struct context *c, const char *s, void *arg)
{
	(void)c;
	return read_pcr_text(s, arg);
}

struct algs {
	uint16_t *alg;
	size_t *n;
};

static bool one_alg(struct context *c, const char *s, void *arg)
{
	struct algs *a = arg;
	uint16_t alg =
		s ? assay_alg_by_name((struct assay_slice){ (const uint8_t *)s, strlen(s) })
		  : 0;

	(void)c;
	if (!assay_alg_computable(alg) || *a->n == ASSAY_POLICY_ALGS_MAX)
		return false;
	a->alg[(*a->n)++] = alg;
	return true;
}

static bool one_kind(struct context *c, const char *s, void *arg)
{
	int kind = s ? assay_kind_by_word((struct assay_slice){ (const uint8_t *)s, strlen(s) })
		     : -1;

	(void)c;
	if (kind < 0)
		return false;
	*(uint32_t *)arg |= 1u << kind;
	return true;
}

static char *keep(struct context *c, const char *s)
{
	struct loaded_policy *p = c->out;
	char *copy = s && p->ntexts < sizeof p->texts / sizeof *p->texts ? strdup(s) : NULL;

	if (copy)
		p->texts[p->ntexts++] = copy;
	return copy;
}

static bool one_word(struct context *c, const char *s, void *arg)
{
	struct assay_policy *p = arg;
	const char *copy =
		s && *s && p->nforbidden < ASSAY_POLICY_WORDS_MAX ? keep(c, s) : NULL;

	if (!copy)
		return false;
	p->forbidden[p->nforbidden++] =
		(struct assay_slice){ (const uint8_t *)copy, strlen(copy) };
	return true;
}

static bool read_required(const char *s, bool *out)
{
	if (!s || (strcmp(s, "required") != 0 && strcmp(s, "optional") != 0))
		return false;
	*out = strcmp(s, "required") == 0;
	return true;
}

static bool set_banks(struct context *c, const yaml_node_t *v)
{
	struct assay_policy *p = &c->out->policy;

	p->nbanks = 0;
	return each(c, v, one_alg, &(struct algs){ p->banks, &p->nbanks });
}

static bool set_hashes(struct context *c, const yaml_node_t *v)
{
	struct assay_policy *p = &c->out->policy;

	p->nhashes = 0;
	return each(c, v, one_alg, &(struct algs){ p->hashes, &p->nhashes });
}

static bool set_quoted(struct context *c, const yaml_node_t *v)
{
	c->out->policy.pcrs_quoted = 0;
	return each(c, v, one_pcr, &c->out->policy.pcrs_quoted);
}

static bool set_judged(struct context *c, const yaml_node_t *v)
{
	c->out->policy.pcrs_judged = 0;
	return each(c, v, one_pcr, &c->out->policy.pcrs_judged);
}

static bool set_present(struct context *c, const yaml_node_t *v)
{
	c->out->policy.present = 0;
	return each(c, v, one_kind, &c->out->policy.present);
}

static bool set_forbidden(struct context *c, const yaml_node_t *v)
{
	c->out->policy.nforbidden = 0;
	return each(c, v, one_word, &c->out->policy);
}

static bool set_rsa(struct context *c, const yaml_node_t *v)
{
	return read_number(scalar(v), 16384, &c->out->policy.min_rsa_bits);
}

static bool set_sbat(struct context *c, const yaml_node_t *v)
{
	return read_number(scalar(v), UINT32_MAX, &c->out->policy.min_sbat_level);
}

static bool set_life(struct context *c, const yaml_node_t *v)
{
	return read_number(scalar(v), 86400, &c->out->policy.result_life) &&
	       c->out->policy.result_life > 0;
}

static bool set_secure_boot(struct context *c, const yaml_node_t *v)
{
	return read_required(scalar(v), &c->out->policy.secure_boot);
}

static bool set_ima(struct context *c, const yaml_node_t *v)
{
	return read_required(scalar(v), &c->out->policy.ima);
}

static bool set_id(struct context *c, const yaml_node_t *v)
{
	const char *id = scalar(v);

	c->out->policy.id = id && *id ? keep(c, id) : NULL;
	return c->out->policy.id != NULL;
}

static bool set_version(struct context *c, const yaml_node_t *v)
{
	(void)c;
	return scalar(v) && strcmp(scalar(v), "1") == 0;
}

static bool set_severity(struct context *c, const char *word, const yaml_node_t *v)
{
	int code = assay_reason_by_word(
		(struct assay_slice){ (const uint8_t *)word, strlen(word) });
	const char *s = scalar(v);

	if (code < 0)
		return malformed(c, v, "no reason has this name", word);
	if (assay_reason_info((enum assay_reason_code)code)->fixed)
		return malformed(c, v, "this reason's severity cannot be changed", word);
	for (int i = 0; s && i <= ASSAY_SEVERITY_CONTRAINDICATED; i++)
		if (strcmp(s, assay_severity_name((enum assay_severity)i)) == 0) {
			c->out->policy.severity[code] = (enum assay_severity)i;
			return true;
		}
	return malformed(c, v, "must be info, warning or contraindicated", word);
}

static const struct {
	const char *section, *key;
	bool (*set)(struct context *, const yaml_node_t *);
	const char *want;
} settings[] = {
	{ "", "version", set_version, "must be 1" },
	{ "", "id", set_id, "must be a text" },
	{ "quote", "banks", set_banks, "must be of sha1, sha256, sha384, sha512" },
	{ "quote", "hashes", set_hashes, "must be of sha1, sha256, sha384, sha512" },
	{ "quote", "pcrs", set_quoted, "must be PCR indices, as 0-10,14" },
	{ "quote", "min-rsa-bits", set_rsa, "must be a number up to 16384" },
	{ "boot", "judged-pcrs", set_judged, "must be PCR indices, as 0,2,4,7-9" },
	{ "boot", "present", set_present, "must be kinds of components, as kernel" },
	{ "boot", "secure-boot", set_secure_boot, "must be required or optional" },
	{ "boot", "min-sbat-level", set_sbat,
	  "must be a date and number, as 2025051000, or 0" },
	{ "boot", "forbidden-words", set_forbidden, "must be at most 32 words" },
	{ "runtime", "ima", set_ima, "must be required or optional" },
	{ "result", "life", set_life, "must be seconds, 1 to 86400" },
};

static bool set_value(struct context *c, const char *section, const char *key,
		      const yaml_node_t *v)
{
	if (strcmp(section, "severity") == 0)
		return set_severity(c, key, v);
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
		if (strcmp(section, settings[i].section) != 0 ||
		    strcmp(key, settings[i].key) != 0)
			continue;
		return settings[i].set(c, v) || malformed(c, v, settings[i].want, key);
	}
	return malformed(c, v, "assay knows no such setting here", key);
}

static bool twice(const struct context *c, const yaml_node_t *map, const yaml_node_pair_t *upto,
		  const char *key)
{
	yaml_document_t *doc = (yaml_document_t *)(uintptr_t)&c->doc;

	for (const yaml_node_pair_t *p = map->data.mapping.pairs.start; p < upto; p++) {
		const char *k = scalar(yaml_document_get_node(doc, p->key));
		if (k && strcmp(k, key) == 0)
			return true;
	}
	return false;
}

static bool read_map(struct context *c, const yaml_node_t *map, const char *section)
{
	if (map->type != YAML_MAPPING_NODE)
		return malformed(c, map, "must be a mapping", section);
	for (const yaml_node_pair_t *p = map->data.mapping.pairs.start;
	     p < map->data.mapping.pairs.top; p++) {
		const yaml_node_t *k = yaml_document_get_node(&c->doc, p->key);
		const yaml_node_t *v = yaml_document_get_node(&c->doc, p->value);
		const char *key = scalar(k);
		if (!key || !v)
			return malformed(c, k, "a key must be a word", section);
		if (twice(c, map, p, key))
			return malformed(c, k, "is there twice", key);
		bool ok = *section == '\0' && v->type == YAML_MAPPING_NODE
				  ? read_map(c, v, key)
				  : set_value(c, section, key, v);
		if (!ok)
			return false;
	}
	return true;
}

static bool read_yaml(struct context *c, struct assay_slice text)
{
	yaml_parser_t parser;

	if (!yaml_parser_initialize(&parser))
		return malformed(c, NULL, "not enough memory", "");
	yaml_parser_set_input_string(&parser, text.p, text.n);
	bool ok = yaml_parser_load(&parser, &c->doc);
	if (!ok) {
		c->e->status = LOAD_MALFORMED;
		platform_message_what(&c->e->why, "cannot read policy %s, line %zu", c->path,
				      parser.problem_mark.line + 1);
		platform_message_why(&c->e->why, "%s",
				     parser.problem ? parser.problem : "not YAML");
	} else {
		const yaml_node_t *root = yaml_document_get_root_node(&c->doc);
		ok = root ? read_map(c, root, "") : malformed(c, NULL, "the file is empty", "");
		yaml_document_delete(&c->doc);
	}
	yaml_parser_delete(&parser);
	return ok;
}

static bool same_words(const struct assay_policy *a, const struct assay_policy *b)
{
	if (a->nforbidden != b->nforbidden)
		return false;
	for (size_t i = 0; i < a->nforbidden; i++)
		if (a->forbidden[i].n != b->forbidden[i].n ||
		    memcmp(a->forbidden[i].p, b->forbidden[i].p, a->forbidden[i].n) != 0)
			return false;
	return true;
}

static bool same_algs(const uint16_t *a, size_t na, const uint16_t *b, size_t nb)
{
	return na == nb && memcmp(a, b, na * sizeof *a) == 0;
}

static bool same_rules(const struct assay_policy *a, const struct assay_policy *b)
{
	return same_algs(a->banks, a->nbanks, b->banks, b->nbanks) &&
	       same_algs(a->hashes, a->nhashes, b->hashes, b->nhashes) &&
	       a->min_rsa_bits == b->min_rsa_bits && a->pcrs_quoted == b->pcrs_quoted &&
	       a->pcrs_judged == b->pcrs_judged && a->present == b->present &&
	       a->secure_boot == b->secure_boot && a->min_sbat_level == b->min_sbat_level &&
	       same_words(a, b) && a->ima == b->ima && a->result_life == b->result_life &&
	       memcmp(a->severity, b->severity, sizeof a->severity) == 0;
}

/* A changed policy must not go under the default's name: a result names what
 * it was judged under. */
static void own_name(struct assay_policy *p)
{
	static const char changed[] = "assay:default:1, changed";
	struct assay_policy def;

	assay_policy_default(&def);
	if (strcmp(p->id, def.id) == 0 && !same_rules(p, &def))
		p->id = changed;
}

bool load_policy(const char *path, struct loaded_policy *out, struct load_error *e)
{
	struct loaded_policy p = { 0 };
	struct context c = { .out = &p, .e = e, .path = path };

	*e = (struct load_error){ .status = LOAD_ENVIRONMENT };
	assay_policy_default(&p.policy);
	bool ok = true;
	if (path) {
		p.policy.id = "unnamed";
		ok = platform_file_read(path, 1024 * 1024, &p.file, &e->why) &&
		     read_yaml(&c, p.file);
		own_name(&p.policy);
	}
	if (ok)
		*out = p;
	else
		load_policy_drop(&p);
	return ok;
}

void load_policy_drop(struct loaded_policy *p)
{
	for (size_t i = 0; i < p->ntexts; i++)
		free(p->texts[i]);
	platform_file_drop(&p->file);
	*p = (struct loaded_policy){ 0 };
}
