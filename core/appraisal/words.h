/* SPDX-License-Identifier: Apache-2.0
 *
 * words - what a policy forbids in a command line, found as the kernel and user
 * space will read it: any white space, quotes taken off, '-' the same as '_'. */
#pragma once
#include "core/base/slice.h"
#include <assay/appraisal.h>

/* The next forbidden word of text from *at on, which moves behind it; empty at the
 * end. step: bytes of a character, 2 for UTF-16LE. */
struct assay_slice forbidden_word(const struct assay_policy *policy, struct assay_slice text,
				  size_t step, size_t *at);
