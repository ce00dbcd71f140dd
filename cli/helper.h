/* SPDX-License-Identifier: Apache-2.0
 * helper - the commands that talk to a TPM are a program of their own, assay-node, which assay
 * runs in its place: a verifier needs no TPM software, and starts without it. */
#pragma once

int cmd_collect(int argc, char **argv);
int cmd_extend(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
