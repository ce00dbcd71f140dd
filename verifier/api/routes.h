/* SPDX-License-Identifier: Apache-2.0
 *
 * routes - every route in one table: what it is, who may, how large, where it runs. The table
 * is the one truth: dispatch, openapi.json's test and the tests' matrix of roles read it. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct api_call;

enum api_role { API_VIEWER = 1, API_RELYING_PARTY = 2, API_OPERATOR = 4 };

/* 0 when no role has this name. */
unsigned api_role_by_name(const char *name);
const char *api_role_name(unsigned role);

enum api_takes {
	API_NO_BODY,
	API_MESSAGE, /* application/vnd.assay.message+cbor */
	API_JSON,
};

enum api_limited { API_FREE, API_LIMIT_CHALLENGE, API_LIMIT_ENROL };

struct api_route {
	const char *method, *pattern; /* "{id}" is one segment */
	const char *operation;        /* operationId in openapi.json */
	unsigned roles;               /* 0: everybody, without a certificate */
	enum api_takes takes;
	size_t body;            /* bytes at most; 0: the configuration's max_body */
	enum api_limited limit; /* per source address */
	bool worker;            /* its handler blocks */
	void (*handle)(struct api_call *c);
};

extern const struct api_route api_routes[];
extern const size_t api_nroutes;

enum { API_ID_MAX = 128 };

struct api_match {
	const struct api_route *route; /* NULL: none */
	char id[API_ID_MAX + 1];       /* of {id} */
	char allow[64]; /* methods of the path, when only the method is wrong; else "" */
};

/* HEAD is answered as GET. */
void api_match(const char *method, const char *path, struct api_match *out);
