/* SPDX-License-Identifier: Apache-2.0
 *
 * remote - a verifier to talk to, as `assay node` does: which one, with whose certificate, and
 * what went wrong. Answers are anybody's until they are read: JSON strictly, of bounded size.
 *
 * Where: options before the file; the file is --config, else ASSAY_CONFIG, else
 * ~/.config/assay/config.yaml (server, ca, cert, key; paths begin where the file lies).
 *
 *   functions  that return a status have told what went wrong, on stderr or as JSON; EXIT_DONE
 *              goes on
 */
#pragma once
#include "cli/options.h"
#include "platform/http.h"
#include "platform/json.h"

enum {
	REMOTE_OPTIONS = 6,
	REMOTE_TIMEOUT_MS = 30 * 1000,
	REMOTE_ANSWER_MAX = 64 * 1024 * 1024
};

struct remote_options {
	const char *config, *server, *ca, *cert, *key;
	bool json;
};

/* The rows of the options that each command of the group takes. */
void remote_options_rows(struct remote_options *o, struct cli_option rows[REMOTE_OPTIONS]);

struct remote {
	const char *program; /* "assay node list", for what is told */
	bool json;
	struct http_client *client;
};

/* wake_fd: see http.h, or -1. */
int remote_open(struct remote *r, const char *program, const struct remote_options *o,
		int wake_fd);
void remote_close(struct remote *r);

/* body NULL: none. *out: the answer's JSON, NULL when it has none (204); drop it. */
int remote_json(struct remote *r, const char *method, const char *path, const json_t *body,
		json_t **out);
/* The answer as bytes, until the next request. */
int remote_bytes(struct remote *r, const char *path, const char *media,
		 struct assay_slice *out);
/* What an answer that is no success says (RFC 9457); EXIT_ENVIRONMENT. */
int remote_refused(struct remote *r, const struct http_answer_in *answer);
int remote_unreadable(struct remote *r, const char *what);
