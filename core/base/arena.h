/* SPDX-License-Identifier: Apache-2.0
 *
 * arena - room that is written before it is read: clearing a table of hundreds of KiB costs
 * more than to judge a message that goes on from a receipt. */
#pragma once
#include <assay/base.h>

/* As assay_arena_take(), but not zeroed. */
void *arena_room(struct assay_arena *arena, size_t count, size_t size);
