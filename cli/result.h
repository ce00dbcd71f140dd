/* SPDX-License-Identifier: Apache-2.0
 * result - checking a signed result, as `assay result verify` and `assay node result` do. */
#pragma once
#include "cli/exit.h"

#include <assay/base.h>

/* Checks a token with a JWK set and says on stdout what it found; subject: whose submodule must
 * be there, NULL for any. Exit status as of `assay result verify`. */
int result_check(struct assay_slice token, struct assay_slice jwks, const char *subject,
		 bool json);
