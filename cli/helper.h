/* SPDX-License-Identifier: Apache-2.0
 * helper - commands that are programs of their own, which assay runs in its place: those that
 * talk to a TPM (assay-node) and those that talk to a verifier (assay-remote). So `assay
 * verify` needs no TPM software and loads no TLS: it starts without them. */
#pragma once

int cmd_collect(int argc, char **argv);
int cmd_extend(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_node(int argc, char **argv);
