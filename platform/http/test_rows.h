/* SPDX-License-Identifier: Apache-2.0
 * test_rows - requests that a server takes or refuses, one row per rule. */
#pragma once
#include <stdbool.h>

#define GET "GET /hello HTTP/1.1\r\nHost: a\r\n"

/* What is said, and how the answer begins, with what is in it; closed: the server ends it. */
static const struct {
	const char *name, *say, *status, *has;
	bool closed;
} rows[] = {
	{ "a good one", GET "\r\n", "200", "hello", false },
	{ "asks for the end", GET "Connection: close\r\n\r\n", "200", "Connection: close",
	  true },
	{ "HTTP/1.0", "GET /hello HTTP/1.0\r\nHost: a\r\n\r\n", "505", "problem+json", true },
	{ "HTTP/2.0", "GET /hello HTTP/2.0\r\nHost: a\r\n\r\n", "505", "", true },
	{ "HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400", "", true },
	{ "noise", "\x16\x03\x01\x02\r\n\r\n", "400", "", true },
	{ "PUT", "PUT /hello HTTP/1.1\r\nHost: a\r\n\r\n", "405", "Allow: GET", true },
	{ "CONNECT", "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", "405", "", true },
	{ "OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "405", "", true },
	{ "no Host", "GET /hello HTTP/1.1\r\n\r\n", "400", "", true },
	{ "two Hosts", GET "Host: b\r\n\r\n", "400", "", true },
	{ "absolute target", "GET http://a/hello HTTP/1.1\r\nHost: a\r\n\r\n", "400", "",
	  true },
	{ "length twice",
	  "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
	  "Content-Length: 1\r\n\r\nx",
	  "400", "", true },
	{ "two lengths",
	  "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
	  "Content-Length: 2\r\n\r\nxx",
	  "400", "", true },
	{ "length and chunks",
	  "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
	  "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	  "400", "", true },
	{ "coding not known",
	  "POST /echo HTTP/1.1\r\nHost: a\r\n"
	  "Transfer-Encoding: gzip\r\n\r\nx",
	  "400", "", true },
	{ "length with a sign", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\nx",
	  "400", "", true },
	{ "name with a space", GET "A b: c\r\n\r\n", "400", "", true },
	{ "space before the colon", GET "Accept : c\r\n\r\n", "400", "", true },
	{ "coding behind a space",
	  "POST /echo HTTP/1.1\r\nHost: a\r\n"
	  "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
	  "400", "", true },
	{ "not ASCII", "GET /a\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n", "400", "", true },
	{ "authorization twice", GET "Authorization: a\r\nAuthorization: b\r\n\r\n", "400", "",
	  true },
	{ "expects what is not", GET "Expect: the-best\r\n\r\n", "417", "", true },
	{ "upgrade", GET "Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n", "200",
	  "Connection: close", true },
	{ "1 GiB", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1073741824\r\n\r\n",
	  "413", "", true },
	{ "above the route's limit",
	  "POST /hello HTTP/1.1\r\nHost: a\r\n"
	  "Content-Length: 1025\r\n\r\n",
	  "413", "", true },
	{ "length of 30 digits",
	  "POST /echo HTTP/1.1\r\nHost: a\r\n"
	  "Content-Length: 111111111111111111111111111111\r\n\r\n",
	  "400", "", true },
	{ "chunks",
	  "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
	  "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: t\r\n\r\n",
	  "200", "\r\n\r\nabcde", false },
	{ "LF alone ends a line", "GET /hello HTTP/1.1\nHost: a\n\n", "400", "", true },
	{ "LF alone ends a header", GET "X: y\nAccept: z\r\n\r\n", "400", "", true },
	{ "LF alone ends the head", GET "\n", "400", "", true },
	{ "a value that goes on", GET "X: y\r\n z\r\n\r\n", "400", "", true },
	{ "a value that goes on behind a tab", GET "X: y\r\n\tContent-Length: 1\r\n\r\n", "400",
	  "", true },
	{ "other bytes behind a chunk",
	  "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
	  "3\r\nabcXX0\r\n\r\n",
	  "400", "", true },
	{ "LF alone behind a chunk's size",
	  "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
	  "3\nabc\r\n0\r\n\r\n",
	  "400", "", true },
	{ "LF alone in a chunk's extension",
	  "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
	  "3;a\nabc\r\n0\r\n\r\n",
	  "400", "", true },
	{ "a space behind a chunk's size",
	  "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
	  "3 \r\nabc\r\n0\r\n\r\n",
	  "400", "", true },
	{ "LF alone in a trailer",
	  "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
	  "0\r\nX: y\n\r\n",
	  "400", "", true },
	{ "chunk size that wraps",
	  "POST /echo HTTP/1.1\r\nHost: a\r\n"
	  "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
	  "400", "", true },
	{ "100-continue",
	  "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
	  "Content-Length: 2\r\n\r\nhi",
	  "100", "HTTP/1.1 200 OK", false },
	{ "pipelined",
	  GET "\r\n" GET "\r\nGET /later?ms=50 HTTP/1.1\r\nHost: a\r\n\r\n"
	      "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n",
	  "200", "\r\n\r\n/nowhere", false },
	{ "an error behind a good one", GET "\r\nBAD\r\n\r\n", "200", "HTTP/1.1 400", true },
	{ "empty lines first", "\r\n\r\n" GET "\r\n", "200", "hello", false },
	{ "escaped path", "GET /hell%6f HTTP/1.1\r\nHost: a\r\n\r\n", "200", "hello", false },
	{ "escaped once", "GET /hell%256f HTTP/1.1\r\nHost: a\r\n\r\n", "404", "/hell%6f",
	  false },
	{ "%00", "GET /hello%00 HTTP/1.1\r\nHost: a\r\n\r\n", "400", "", true },
	{ "%2F", "GET /a%2Fb HTTP/1.1\r\nHost: a\r\n\r\n", "400", "", true },
	{ "%0a", "GET /a%0ab HTTP/1.1\r\nHost: a\r\n\r\n", "400", "", true },
	{ "%zz", "GET /a%zz HTTP/1.1\r\nHost: a\r\n\r\n", "400", "", true },
	{ "% at the end", "GET /a%4 HTTP/1.1\r\nHost: a\r\n\r\n", "400", "", true },
	{ "//", "GET /a//b HTTP/1.1\r\nHost: a\r\n\r\n", "400", "", true },
	{ "// first", "GET //hello HTTP/1.1\r\nHost: a\r\n\r\n", "400", "", true },
	{ "..", "GET /a/../hello HTTP/1.1\r\nHost: a\r\n\r\n", "400", "", true },
	{ ".. at the end", "GET /a/.. HTTP/1.1\r\nHost: a\r\n\r\n", "400", "", true },
	{ "escaped ..", "GET /a/%2e%2E/hello HTTP/1.1\r\nHost: a\r\n\r\n", "400", "", true },
	{ ".", "GET /./hello HTTP/1.1\r\nHost: a\r\n\r\n", "400", "", true },
	{ "... is a name", "GET /... HTTP/1.1\r\nHost: a\r\n\r\n", "404", "/...", false },
	{ "fragment", "GET /hello#a HTTP/1.1\r\nHost: a\r\n\r\n", "400", "", true },
	{ "query", "GET /query?b=1&%61=x%20+y&c HTTP/1.1\r\nHost: a\r\n\r\n", "200",
	  "\r\n\r\nx  y", false },
	{ "query twice", "GET /query?a=1&a=2 HTTP/1.1\r\nHost: a\r\n\r\n", "404", "", false },
	{ "query malformed", "GET /query?a=%4 HTTP/1.1\r\nHost: a\r\n\r\n", "404", "", false },
	{ "query with NUL", "GET /query?a=%00 HTTP/1.1\r\nHost: a\r\n\r\n", "404", "", false },
	{ "headers",
	  "GET /header HTTP/1.1\r\nHost: a\r\nACCEPT: t/p\r\naccept: t/q\r\n"
	  "Content-Type: c/d\r\nX-Request-Id: 7\r\nX-Request-Idx: 8\r\n\r\n",
	  "200", "\r\n\r\nt/p|c/d|7", false },
	{ "a value cannot begin a header", "GET /header HTTP/1.1\r\nHost: a\r\n\r\n", "200",
	  "Retry-After: 7\r\n\r\n", false },
};
