/* SPDX-License-Identifier: Apache-2.0
 *
 * sse - server-sent events (WHATWG HTML, "Interpreting an event stream"), piece by piece: lines
 * end with LF or CR LF; id, event and data are understood, other fields and comments passed
 * over.
 *
 *   limits     SSE_LINE_MAX bytes for a line and for an event's data: more is an error, for the
 *              stream cannot be trusted to begin again
 *   ownership  sse_drop frees; what is handed to each lives until it returns
 */
#pragma once
#include <assay/base.h>

enum { SSE_LINE_MAX = 4 * 1024 * 1024, SSE_ID_MAX = 32, SSE_NAME_MAX = 32 };

struct sse {
	char *line, *data;
	size_t nline, ndata, line_cap, data_cap;
	char name[SSE_NAME_MAX]; /* "" is "message" */
	char id[SSE_ID_MAX];     /* the last one that came; stays over events */
	bool broken;
};

/* False from each: no more is wanted. */
typedef bool (*sse_event_fn)(void *ctx, const struct sse *s, struct assay_slice data);
/* False when the stream is broken (s->broken) or no more is wanted. */
ASSAY_MUST_USE bool sse_take(struct sse *s, struct assay_slice piece, sse_event_fn each,
			     void *ctx);
/* A stream that begins again: what was begun is forgotten, id is not. */
void sse_again(struct sse *s);
void sse_drop(struct sse *s);
