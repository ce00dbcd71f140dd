/* SPDX-License-Identifier: Apache-2.0
 *
 * config - a program's settings in YAML: a mapping, whose values are texts, lists of texts, or
 * mappings of those (sections). What nobody asked for is an error with its line, as is a key
 * that comes twice; so a word with a slip of the pen never leaves a default in force.
 *
 *     struct platform_config *c = platform_config_read(path, &why);
 *     const char *db = platform_config_text(c, "store", "path", NULL);       no default: must
 * be there unsigned n = (unsigned)platform_config_uint(c, NULL, "threads", 2, 1, 64); if
 * (!platform_config_finish(c, &why)) ...
 *
 * Read all, ask once: the first error sticks and finish tells it; getters then give fallbacks.
 *
 *   ownership  texts live until platform_config_drop
 *   limits     64 KiB, no anchors, no tags, no multiple documents
 */
#pragma once
#include "platform/message.h"

#include <assay/base.h>

struct platform_config;

/* NULL with *why (with the line). */
struct platform_config *platform_config_read(const char *path, struct platform_message *why);
void platform_config_drop(struct platform_config *c);

/* section NULL: the top. fallback NULL: the key must be there. Empty texts are errors. */
const char *platform_config_text(struct platform_config *c, const char *section,
				 const char *key, const char *fallback);
/* As text, but NULL when it is absent. */
const char *platform_config_optional(struct platform_config *c, const char *section,
				     const char *key);
uint64_t platform_config_uint(struct platform_config *c, const char *section, const char *key,
			      uint64_t fallback, uint64_t least, uint64_t most);
/* "250ms", "60s", "5m", "2h", "7d"; in milliseconds. A bare number is an error. */
uint64_t platform_config_duration(struct platform_config *c, const char *section,
				  const char *key, uint64_t fallback, uint64_t least,
				  uint64_t most);
/* true and false, nothing else. */
bool platform_config_bool(struct platform_config *c, const char *section, const char *key,
			  bool fallback);
/* One text or a list of them into out, at most cap; their number, 0 when absent. */
size_t platform_config_list(struct platform_config *c, const char *section, const char *key,
			    const char **out, size_t cap);
/* An error of the caller's own about a key: what is wrong with its value. */
void platform_config_refuse(struct platform_config *c, const char *section, const char *key,
			    const char *what);
/* False with *why: the first error, or a key that nobody asked for. */
bool platform_config_finish(struct platform_config *c, struct platform_message *why);
