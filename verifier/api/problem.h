/* SPDX-License-Identifier: Apache-2.0
 * problem - what an answer that is an error says (RFC 9457): code, word of its type, status,
 * title. An error is never a verdict. */
#pragma once

#define API_PROBLEMS(X)                                                                        \
	X(MALFORMED, "malformed", 400, "The message could not be read")                        \
	X(QUERY, "query", 400, "A parameter of the query is wrong")                            \
	X(UNAUTHENTICATED, "unauthenticated", 401, "A client certificate is needed")           \
	X(FORBIDDEN, "forbidden", 403, "This role may not do this")                            \
	X(UNKNOWN, "unknown", 403, "The node is not enrolled, or not with this key")           \
	X(REVOKED, "revoked", 403, "The node or its key is revoked")                           \
	X(REFUSED, "refused", 403, "The enrolment was refused")                                \
	X(NOT_FOUND, "not-found", 404, "There is no such thing")                               \
	X(METHOD, "method", 405, "This method is not for this resource")                       \
	X(CONFLICT, "conflict", 409, "What is there does not allow it")                        \
	X(TOO_LARGE, "too-large", 413, "The message is too large")                             \
	X(MEDIA, "media", 415, "This media type is not understood here")                       \
	X(TOO_MANY, "too-many", 429, "Too many requests from this address")                    \
	X(FAILED, "failed", 500, "The verifier failed")                                        \
	X(BUSY, "busy", 503, "The verifier has too much to do")                                \
	X(BLIND, "verifier.blind", 503, "The verifier cannot vouch for anything now")

enum api_problem {
#define X(code, word, status, title) API_P_##code,
	API_PROBLEMS(X)
#undef X
		API_PROBLEMS_N
};

#define API_PROBLEM_TYPE "tag:assay.invalid,2026:problem/"
