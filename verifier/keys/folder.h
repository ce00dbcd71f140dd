/* SPDX-License-Identifier: Apache-2.0
 * folder - the names in a folder of keys. */
#pragma once
#include "verifier/keys/keys.h"

const char *keys_kind_word(enum keys_kind kind);

/* "7.key" → 7, without leading zeros; "KID.pem" → KID. */
bool keys_name_secret(const char *name, uint8_t *id);
bool keys_name_ear(const char *name, char kid[KEYS_KID_MAX + 1]);

/* Calls each for every name in folder/kind that does not begin with ".", in order; stops when
 * it returns false. */
typedef bool (*keys_folder_fn)(void *ctx, const char *path, const char *name);
bool keys_folder_walk(const char *folder, const char *kind, keys_folder_fn each, void *ctx,
		      struct platform_message *why);
