/* SPDX-License-Identifier: Apache-2.0
 *
 * settings - assayd's configuration file, checked as a whole; assayd(8) says what each is for.
 *
 *   ownership  texts live until settings_drop */
#pragma once
#include "platform/config.h"
#include "platform/log.h"
#include "verifier/api/api.h"
#include "verifier/notify/notify.h"

enum { SETTINGS_REFS_MAX = 64, SETTINGS_HOOKS_MAX = 32 };

struct settings {
	struct platform_config *file;
	const char *user;
	bool confine;
	enum platform_log_level log;
	struct http_server_config http;
	struct engine_config engine;
	struct api_config api;
	struct notify_config notify;
	const char *refs[SETTINGS_REFS_MAX];
	struct notify_hook hooks[SETTINGS_HOOKS_MAX];
};

/* False with *why, and nothing to drop. */
bool settings_read(const char *path, struct settings *out, struct platform_message *why);
void settings_drop(struct settings *s);
