/* SPDX-License-Identifier: Apache-2.0
 * node - what the subcommands of `assay node` share. */
#pragma once
#include "cli/node_read.h"
#include "cli/remote.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

int node_list(int argc, char **argv);
int node_show(int argc, char **argv);
int node_enrol(int argc, char **argv);
int node_remove(int argc, char **argv);
int node_result(int argc, char **argv);
int node_watch(int argc, char **argv);

/* A node's id as the path of a request; false when it is none. */
ASSAY_MUST_USE bool node_path(char out[256], const char *id, const char *rest);
int node_no_id(const char *command, const char *id);

/* Milliseconds since 1970. */
uint64_t node_now(void);
/* Colours: on a terminal that is not dumb, unless NO_COLOR is set. */
bool node_coloured(void);
/* The tier's word in its colour, padded to width. */
void node_put_status(enum assay_tier status, int width, bool coloured);
/* Text of the verifier's, escaped; "-" for NULL. */
void node_put(const char *text);
/* The worst reason and how many more there are: "ima.file-modified /usr/bin/x (+2)"; nothing
 * when there is none. */
void node_put_worst(const json_t *reasons);
/* "2026-11-25 17:03:11Z" of RFC 3339. */
void node_put_time(const char *text);
