/* SPDX-License-Identifier: Apache-2.0
 * serve - the daemon's life: give up what is not needed, start, reload, stop; and the few
 * things that an operator does beside a running one. */
#pragma once
#include "verifier/serve/settings.h"

/* Until SIGTERM. False with *why when it cannot start. */
bool serve(struct settings *s, struct platform_message *why);
/* Starts all but the listening and stops it: false with *why when assayd would not start. */
bool serve_check(const struct settings *s, struct platform_message *why);

/* confine.c: user, Landlock, seccomp. For one thread, before others are started. */
bool confine(const struct settings *s, struct platform_message *why);

/* tasks.c: each says on stdout what it did. */
bool task_make_keys(const struct settings *s, struct platform_message *why);
bool task_rotate_key(const struct settings *s, const char *kind, struct platform_message *why);
bool task_accept_database(const struct settings *s, struct platform_message *why);
