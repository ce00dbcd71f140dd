/* SPDX-License-Identifier: Apache-2.0
 *
 * server_init - the folder of a verifier, all of it or nothing: made beside its place under a
 * name of its own and renamed.
 *
 *   DIR/assayd.yaml   what assayd is started with
 *   DIR/client.yaml   what `assay node` finds it with (ASSAY_CONFIG)
 *   DIR/keys/         verifier/keys
 *   DIR/tls/          server.pem, server.key, ca.pem (which clients' certificates are checked
 * with) DIR/ca/           ca.pem, ca.key: signs for servers and clients; assayd never reads it
 *   DIR/clients/      ca.pem, and for each client NAME.pem, NAME.key, NAME.yaml
 *   DIR/references/   what is good; DIR/ek-roots/ the TPM makers' roots; DIR/data/ the database
 */
#pragma once
#include "cli/server_pki.h"

enum { SERVER_PATH_MAX = 2048 };

struct server_init {
	char dir[SERVER_PATH_MAX]; /* absolute, need not be there */
	struct cli_list hosts;     /* of the certificate; the first is where clients look */
	unsigned port;
	const char *address, *store, *interval; /* store NULL: SQLite in DIR/data */
	const char *user;                       /* who assayd is; NULL: who makes the folder */
};

ASSAY_MUST_USE bool server_init_make(const struct server_init *in,
				     struct platform_message *why);

/* Client NAME's certificate for a role and its settings, in DIR/clients (as client.yaml of DIR
 * for the operator of the first run). Refuses a name that is there. */
struct server_client {
	const char *name, *role;
	unsigned days;
};
ASSAY_MUST_USE bool server_client_make(const char *dir, const char *url,
				       const struct server_client *client, const char *settings,
				       struct platform_message *why);

/* server_text.c: the two files; false when a path cannot stand in them. */
ASSAY_MUST_USE bool server_text_assayd(const char *path, const struct server_init *in,
				       struct platform_message *why);
ASSAY_MUST_USE bool server_text_client(const char *path, const char *url, const char *prefix,
				       const char *name, struct platform_message *why);
