/* SPDX-License-Identifier: Apache-2.0
 *
 * config - the agent's settings, from /etc/assay/agent.yaml: a flat mapping, each key at most
 * once, none that is not known (see assay-agent(8)).
 */
#pragma once
#include "attester/tpm/tpm.h"

#define AGENT_CONFIG "/etc/assay/agent.yaml"

struct agent_config {
	char server[512];                 /* server: https://host:port */
	char ca[512];                     /* ca: PEM file; "": the system's */
	char node[ASSAY_NODE_ID_MAX + 1]; /* node: the host's name when not given */
	char token[512];                  /* token: file */
	char tcti[256];                   /* tcti: "" the environment's or the kernel's */
	char root[256];                   /* root: "" the machine's own */
	char socket[108];                 /* socket: "" none */
	char state[512];                  /* state: folder */
	char user[64];                    /* user: "" stays who it is */
	TPM2_HANDLE ak;                   /* ak: 0x81...; 0: the primary key */
	enum attester_key_type key_type;  /* keyType: ecc or rsa */
	unsigned gap;                     /* gap: ms between two messages, at least */
	unsigned look;                    /* look: ms between two looks at IMA's count */
	unsigned timeout;                 /* timeout: ms for one request */
	bool sandbox;                     /* sandbox: false for tests and debuggers */
};

/* False with *why, which names the line. */
ASSAY_MUST_USE bool agent_config_read(const char *path, struct agent_config *out,
				      struct platform_message *why);
