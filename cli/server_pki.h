/* SPDX-License-Identifier: Apache-2.0
 *
 * server_pki - a small CA of an installation's own: P-256, X.509v3, random serial numbers. For
 * a first run, and for fleets that have no CA; assayd takes certificates of any.
 *
 *   FOLDER/ca.pem, FOLDER/ca.key     the CA
 *   NAME.pem, NAME.key               what it signs (SAN, OU, use)
 *
 * Keys are files of mode 0400, PKCS#8 without a passphrase. */
#pragma once
#include "cli/options.h"
#include "platform/message.h"

#include <assay/base.h>

enum { PKI_CA_DAYS = 3650, PKI_DAYS = 365, PKI_DAYS_MAX = 3650 };

/* Makes a CA; path without ".pem" and ".key". */
ASSAY_MUST_USE bool pki_make_ca(const char *path, const char *name,
				struct platform_message *why);

struct pki_wanted {
	const char *name; /* CN */
	const char *unit; /* OU: the role of a client; NULL: a server */
	/* Of a server: host names and addresses. Empty: those of the certificate at path. */
	const struct cli_list *hosts;
	unsigned days;
};

/* A key and what the CA at ca signs for it. What lies at path is replaced: first the key, so a
 * server that reads between the two refuses the pair and keeps what it has. */
ASSAY_MUST_USE bool pki_make(const char *ca, const char *path, const struct pki_wanted *wanted,
			     struct platform_message *why);

/* A host's name or address that can stand in a certificate. */
bool pki_host_valid(const char *host);
