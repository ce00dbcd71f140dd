/* SPDX-License-Identifier: Apache-2.0
 * handlers - one function per operation; each answers its call exactly once. */
#pragma once

struct api_call;

/* service.c */
void api_health(struct api_call *c);
void api_ready(struct api_call *c);
void api_openapi(struct api_call *c);
void api_jwks(struct api_call *c);
/* metrics.c */
void api_metrics(struct api_call *c);
/* messages.c */
void api_challenge(struct api_call *c);
void api_evidence(struct api_call *c);
void api_enrol(struct api_call *c);
/* batch.c */
void api_batch(struct api_call *c);
/* nodes.c */
void api_nodes_list(struct api_call *c);
void api_node_get(struct api_call *c);
void api_node_remove(struct api_call *c);
void api_node_result(struct api_call *c);
/* events.c */
void api_events(struct api_call *c);
/* tokens.c */
void api_tokens_list(struct api_call *c);
void api_token_add(struct api_call *c);
void api_token_remove(struct api_call *c);
/* revocations.c */
void api_revocations_list(struct api_call *c);
void api_revoke(struct api_call *c);
void api_audit(struct api_call *c);
