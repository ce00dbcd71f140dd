/* SPDX-License-Identifier: Apache-2.0
 * loop - the agent's parts while it runs; for agent.c, loop.c and attest.c alone. */
#pragma once
#include "attester/agent/agent.h"
#include "attester/agent/askers.h"
#include "attester/agent/pace.h"
#include "attester/agent/report.h"
#include "attester/agent/say.h"
#include "attester/agent/state.h"
#include "attester/agent/talk.h"
#include "attester/agent/watch.h"

struct agent {
	const struct agent_config *config;
	struct agent_signer signer;
	struct agent_desk *desk;
	struct agent_askers *askers;
	struct agent_report report;
	struct agent_pace pace;
	struct agent_watch watch;
	struct agent_talk talk;
	struct agent_state state;
	struct agent_trouble trouble;
	char state_path[600];
	uint64_t expected; /* IMA's count when the verifier has seen all */
	int stop_fd;       /* can be read from SIGTERM or SIGINT on; ends a request */
	int signal_fd;     /* SIGTERM, SIGINT: the end; SIGHUP: a message now */
	uint64_t begun;    /* ms */
	bool ready, told;  /* systemd was told that we run, and are enrolled */
	bool tidied;       /* since the last large message */
	uint64_t alive;    /* when systemd last heard of us */
	bool refused;      /* by the verifier: node or key are not known there */
};

enum agent_step {
	AGENT_STEP_DONE,   /* appraised */
	AGENT_STEP_FAILED, /* logged; the pace knows when to try again */
	AGENT_STEP_SIGNAL, /* see signal_fd; nothing was done */
};

/* Enrols when it has to, sends one message, and does what the answer says. */
enum agent_step agent_attest(struct agent *a);

/* Known to the verifier, as far as this node knows. */
bool agent_enrolled(const struct agent *a);

/* Gives up what the agent does not need; see confine.c. */
bool agent_confine(const struct agent_config *config, struct platform_message *why);

/* Gives memory back that is not needed any more; see tidy.c. */
void agent_tidy(void);

uint64_t agent_now(void); /* ms, monotonic */
