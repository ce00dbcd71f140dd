/* SPDX-License-Identifier: Apache-2.0
 * event - EVENT of docs/formats/protocol.md, for those who are told of one. */
#pragma once
#include "verifier/store/store.h"

/* One line of JSON, malloced; NULL when memory is short. */
char *event_json(const struct store_event *event);
