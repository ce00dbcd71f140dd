/* SPDX-License-Identifier: Apache-2.0
 *
 * Reference files are read line by line: a million references are 200 MB of
 * text and 120 MB of set, and only the set stays. */
#include "verifier/load/load.h"

#include "platform/file.h"
#include "platform/hex.h"
#include "platform/json.h"
#include "platform/memory.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 64 * 1024, FILES_MAX = 1024 };

struct reader {
	struct load_error *e;
	const char *path;
	size_t line;
	struct assay_refs *refs; /* NULL: lines and bytes are only counted */
	size_t lines, bytes;
};

static bool malformed(struct reader *r, const char *why)
{
	r->e->status = LOAD_MALFORMED;
	platform_message_what(&r->e->why, "cannot read references from %s, line %zu", r->path,
			      r->line);
	platform_message_why(&r->e->why, "%s", why);
	platform_message_hint(&r->e->why,
			      "each line is a JSON object with register, digest, kind and "
			      "name, as `assay refs learn` writes");
	return false;
}

static struct assay_slice text_of(const json_t *v)
{
	if (!json_is_string(v))
		return (struct assay_slice){ 0 };
	return (struct assay_slice){ (const uint8_t *)json_string_value(v),
				     json_string_length(v) };
}

/* "sha256:hex" into d. */
static bool read_digest(struct assay_slice s, struct assay_digest *d)
{
	const uint8_t *colon = s.n ? memchr(s.p, ':', s.n) : NULL;
	size_t n = 0;

	if (!colon)
		return false;
	size_t at = (size_t)(colon - s.p);
	d->alg = assay_alg_by_name((struct assay_slice){ s.p, at });
	struct assay_slice hex = { colon + 1, s.n - at - 1 };
	if (!platform_hex_read(hex, d->b, sizeof d->b, &n) || n == 0 ||
	    n != assay_alg_size(d->alg))
		return false;
	d->n = (uint16_t)n;
	return true;
}

static bool read_place(const json_t *v, uint8_t *place)
{
	if (json_is_string(v) && strcmp(json_string_value(v), "ima") == 0) {
		*place = ASSAY_PLACE_IMA;
		return true;
	}
	if (!json_is_integer(v) || json_integer_value(v) < 0 ||
	    json_integer_value(v) >= ASSAY_PCRS)
		return false;
	*place = (uint8_t)json_integer_value(v);
	return true;
}

static bool known_members(const json_t *object)
{
	static const char *const known[] = { "register", "digest", "kind",  "name",
					     "name-hex", "signer", "state", "provenance" };
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, key, value)
	{
		bool found = false;
		for (size_t i = 0; i < sizeof known / sizeof *known; i++)
			found |= strcmp(key, known[i]) == 0;
		if (!found)
			return false;
	}
	return true;
}

static bool add_line(struct reader *r, const json_t *o)
{
	struct assay_digest d = { 0 };
	uint8_t name[LINE_MAX_BYTES];
	struct assay_ref ref = { .name = text_of(json_object_get(o, "name")),
				 .signer = text_of(json_object_get(o, "signer")),
				 .provenance = text_of(json_object_get(o, "provenance")) };
	int kind = assay_kind_by_word(text_of(json_object_get(o, "kind")));
	const json_t *state = json_object_get(o, "state"),
		     *hex = json_object_get(o, "name-hex");
	int s = state ? assay_ref_state_by_word(text_of(state)) : ASSAY_REF_CURRENT;

	if (!json_is_object(o) || !known_members(o))
		return malformed(r, "not an object, or with a member that assay does not know");
	if (!read_place(json_object_get(o, "register"), &ref.place))
		return malformed(r, "register must be a PCR index (0 to 23) or \"ima\"");
	if (!read_digest(text_of(json_object_get(o, "digest")), &d))
		return malformed(
			r, "digest must be \"sha256:\" (or another hash) and its hex digits");
	if (kind < 0 || s < 0)
		return malformed(r, "kind or state is not a word that assay knows");
	if (hex) {
		if (!platform_hex_read(text_of(hex), name, sizeof name, &ref.name.n))
			return malformed(r, "name-hex is not hexadecimal");
		ref.name.p = name;
	}
	ref.kind = (enum assay_kind)kind;
	ref.state = (enum assay_ref_state)s;
	ref.alg = d.alg;
	ref.digest = (struct assay_slice){ d.b, d.n };
	switch (assay_refs_add(r->refs, &ref)) {
	case ASSAY_F_OK:
		return true;
	case ASSAY_F_MEMORY:
		return malformed(r, "a name is longer than 4096 bytes");
	default:
		return malformed(r, "a zero digest, or a hash that assay does not compute");
	}
}

static bool take_line(struct reader *r, char *line, size_t n)
{
	while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
		n--;
	if (n == 0 || line[0] == '#')
		return true;
	r->lines++;
	r->bytes += n;
	if (!r->refs)
		return true;
	json_t *o = platform_json_read((struct assay_slice){ (uint8_t *)line, n }, r->path,
				       LINE_MAX_BYTES, NULL, &r->e->why);
	if (!o) {
		char why[512];
		snprintf(why, sizeof why, "%s", r->e->why.why);
		return malformed(r, why);
	}
	bool ok = add_line(r, o);
	json_decref(o);
	return ok;
}

static bool unreadable(struct load_error *e, const char *path, int errnum)
{
	e->status = LOAD_ENVIRONMENT;
	platform_message_what(&e->why, "cannot read references from %s", path);
	platform_message_errno(&e->why, errnum);
	return false;
}

static bool read_file(struct reader *r, const char *path)
{
	FILE *f = fopen(path, "rb");
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	bool ok = f != NULL;

	r->path = path;
	r->line = 0;
	while (ok && (n = getline(&line, &cap, f)) >= 0) {
		r->line++;
		ok = n <= LINE_MAX_BYTES ? take_line(r, line, (size_t)n)
					 : malformed(r, "the line is longer than 64 KiB");
	}
	/* getline also stops when memory is short: half a file is none, it may lack a
	 * revocation */
	if (!f || (ok && !feof(f)))
		ok = unreadable(r->e, path, errno);
	free(line);
	if (f)
		fclose(f);
	return ok;
}

struct paths {
	char *path[FILES_MAX];
	size_t n;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Takes path over. Nothing is left out: a file that is not read may hold a revocation. */
static bool add_path(struct paths *p, char *path, const char *from, struct load_error *e)
{
	if (!path)
		return unreadable(e, from, ENOMEM);
	if (p->n < FILES_MAX) {
		p->path[p->n++] = path;
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): load_refs frees all of p */
		return true;
	}
	free(path);
	e->status = LOAD_ENVIRONMENT;
	platform_message_what(&e->why, "cannot read references from %s", from);
	platform_message_why(&e->why, "there are more than %d files", FILES_MAX);
	platform_message_hint(&e->why, "put the lines of several files into one");
	return false;
}

static bool add_entry(struct paths *p, const char *folder, const char *name,
		      struct load_error *e)
{
	size_t n = strlen(name);
	char *path = NULL;

	if (n <= 6 || strcmp(name + n - 6, ".jsonl") != 0)
		return true;
	if (asprintf(&path, "%s/%s", folder, name) < 0)
		path = NULL;
	return add_path(p, path, folder, e);
}

static bool list_folder(struct paths *p, const char *folder, struct load_error *e)
{
	DIR *d = opendir(folder);
	const struct dirent *entry;
	bool ok = d != NULL;

	if (!d)
		return unreadable(e, folder, errno);
	while (ok && (errno = 0, entry = readdir(d)) != NULL)
		ok = add_entry(p, folder, entry->d_name, e);
	if (ok && errno != 0)
		ok = unreadable(e, folder, errno);
	closedir(d);
	return ok;
}

static bool add_folder(struct paths *p, const char *folder, struct load_error *e)
{
	size_t from = p->n;

	if (!list_folder(p, folder, e))
		return false;
	if (p->n > from) {
		qsort(p->path + from, p->n - from, sizeof *p->path, by_name);
		return true;
	}
	e->status = LOAD_ENVIRONMENT;
	platform_message_what(&e->why, "cannot read references from %s", folder);
	platform_message_why(&e->why, "the folder holds no *.jsonl file");
	platform_message_hint(&e->why, "assay refs learn BUNDLE -o %s/learned.jsonl makes one",
			      folder);
	return false;
}

static bool collect_paths(struct paths *p, const char *const *paths, size_t n,
			  struct load_error *e)
{
	for (size_t i = 0; i < n; i++)
		if (platform_is_folder(paths[i]) ? !add_folder(p, paths[i], e)
						 : !add_path(p, strdup(paths[i]), paths[i], e))
			return false;
	return true;
}

static bool make_set(struct loaded_refs *out, const struct reader *count, struct load_error *e)
{
	/* a line is always longer than what the set keeps of it */
	if (count->lines < UINT32_MAX / 2 && count->bytes < UINT32_MAX) {
		uint32_t lines = (uint32_t)count->lines, bytes = (uint32_t)count->bytes;
		out->size = assay_refs_bytes(lines, bytes);
		out->memory = platform_memory_large(out->size);
		struct assay_arena arena = { .p = out->memory, .n = out->size };
		if (out->memory && assay_refs_init(&out->refs, &arena, lines, bytes))
			return true;
	}
	e->status = LOAD_ENVIRONMENT;
	platform_message_what(&e->why, "cannot hold %zu references", count->lines);
	platform_message_why(&e->why, "not enough memory");
	return false;
}

bool load_refs(const char *const *paths, size_t n, struct loaded_refs *out,
	       struct load_error *e)
{
	struct paths p = { 0 };
	struct loaded_refs loaded = { 0 };
	struct reader r = { .e = e };

	*e = (struct load_error){ .status = LOAD_ENVIRONMENT };
	bool ok = collect_paths(&p, paths, n, e);
	for (size_t i = 0; ok && i < p.n; i++)
		ok = read_file(&r, p.path[i]);
	ok = ok && make_set(&loaded, &r, e);
	r.refs = &loaded.refs;
	for (size_t i = 0; ok && i < p.n; i++)
		ok = read_file(&r, p.path[i]);
	for (size_t i = 0; i < p.n; i++)
		free(p.path[i]);
	if (ok)
		*out = loaded;
	else
		free(loaded.memory);
	return ok;
}

void load_refs_drop(struct loaded_refs *refs)
{
	free(refs->memory);
	*refs = (struct loaded_refs){ 0 };
}
