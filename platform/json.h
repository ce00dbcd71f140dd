/* SPDX-License-Identifier: Apache-2.0
 *
 * json - JSON that others wrote, read strictly: UTF-8, no duplicate keys, no
 * trailing bytes, bounded size and depth. (jansson refuses nesting deeper
 * than 2048 and U+0000 by itself; ours is lower, so that walking a document
 * by recursion is safe.)
 */
#pragma once
#include "platform/message.h"

#include <assay/base.h>
#include <jansson.h>

enum { PLATFORM_JSON_DEPTH = 64 };

/* Where a text stops being JSON; all 1-based, offset in bytes from the start. */
struct platform_json_error {
	int line, column;
	size_t offset;
};

/* One value (of any type, drop it with json_decref). name: what to call the text in *why.
 * where may be NULL. NULL with *why filled otherwise. */
json_t *platform_json_read(struct assay_slice text, const char *name, size_t limit,
			   struct platform_json_error *where, struct platform_message *why);
