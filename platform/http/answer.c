/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers and streams. On the thread of the request's own loop, while it is being handled, an
 * answer goes straight out; from anywhere else it becomes a letter. */
#include "platform/http/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *reason(int status)
{
	static const struct {
		int status;
		const char *text;
	} reasons[] = {
		{ 200, "OK" },
		{ 201, "Created" },
		{ 202, "Accepted" },
		{ 204, "No Content" },
		{ 304, "Not Modified" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 406, "Not Acceptable" },
		{ 408, "Request Timeout" },
		{ 409, "Conflict" },
		{ 410, "Gone" },
		{ 413, "Content Too Large" },
		{ 415, "Unsupported Media Type" },
		{ 417, "Expectation Failed" },
		{ 422, "Unprocessable Content" },
		{ 429, "Too Many Requests" },
		{ 431, "Request Header Fields Too Large" },
		{ 500, "Internal Server Error" },
		{ 501, "Not Implemented" },
		{ 503, "Service Unavailable" },
		{ 505, "HTTP Version Not Supported" },
	};
	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].text;
	return "Status";
}

/* Made once a second for each thread. */
static const char *date(void)
{
	static _Thread_local char text[40];
	static _Thread_local time_t made;
	time_t now = time(NULL);
	struct tm tm;

	if (now != made && gmtime_r(&now, &tm)) {
		strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &tm);
		made = now;
	}
	return text;
}

/* One that could end a header early is left out: it would let its author write the rest. */
static bool field_good(const struct http_field *f)
{
	for (const char *s = f->value; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return false;
	return f->name[0] && !strpbrk(f->name, "\r\n: ");
}

size_t http_answer_write_head(const struct http_answer_head *h, char *out, size_t cap)
{
	int n = snprintf(out, cap, "HTTP/1.1 %d %s\r\nDate: %s\r\n", h->status,
			 reason(h->status), date());
#define ADD(...)                                                                               \
	do {                                                                                   \
		if (n < 0 || (size_t)n >= cap)                                                 \
			return 0;                                                              \
		n += snprintf(out + n, cap - (size_t)n, __VA_ARGS__);                          \
	} while (0)
	const struct http_field type = { "Content-Type", h->media };
	if (h->media && field_good(&type))
		ADD("Content-Type: %s\r\n", h->media);
	if (h->chunked)
		ADD("Transfer-Encoding: chunked\r\nCache-Control: no-store\r\n");
	else if (h->status != 204 && h->status != 304)
		ADD("Content-Length: %zu\r\n", h->length);
	for (size_t i = 0; i < h->nfields; i++)
		if (field_good(&h->fields[i]))
			ADD("%s: %s\r\n", h->fields[i].name, h->fields[i].value);
	ADD("%s\r\n", h->close ? "Connection: close\r\n" : "");
#undef ADD
	return n < 0 || (size_t)n >= cap ? 0 : (size_t)n;
}

void http_answer_refuse(struct http_conn *conn, int status)
{
	char head[1024], body[160];
	const struct http_field allow = { "Allow", "GET, POST, DELETE, HEAD" };
	int n = snprintf(body, sizeof(body),
			 "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d}",
			 reason(status), status);
	const struct http_answer_head h = {
		.status = status,
		.media = "application/problem+json",
		.length = (size_t)n,
		.close = true,
		.fields = &allow,
		.nfields = status == 405,
	};
	size_t head_n = http_answer_write_head(&h, head, sizeof(head) - sizeof(body));

	memcpy(head + head_n, body, (size_t)n); /* BOUNDS: room for body was kept */
	http_exchange_free(conn->x);
	conn->x = NULL;
	conn->answering = false;
	http_conn_send(conn, (const uint8_t *)head, head_n + (size_t)n);
	http_conn_close(conn);
}

/* The request that its loop is handling at this moment, on this thread. */
static bool at_hand(const struct http_exchange *x)
{
	return pthread_equal(x->mailbox->thread, pthread_self()) && x->conn &&
	       x->conn->loop->current == x->conn;
}

static bool post(struct http_exchange *x, struct http_letter *letter,
		 enum http_letter_kind kind)
{
	letter->kind = kind;
	letter->x = x;
	return http_mailbox_put(x->mailbox, letter);
}

void http_answer(struct http_exchange *x, int status, const char *media,
		 struct assay_slice body, const struct http_field *fields, size_t nfields)
{
	bool head_only = strcmp(x->method, "HEAD") == 0 || status == 204 || status == 304;
	size_t body_n = head_only ? 0 : body.n;
	struct http_answer_head h = { .status = status,
				      .media = media,
				      .length = body.n,
				      .close = x->close,
				      .fields = fields,
				      .nfields = nfields };
	size_t cap = 512;

	for (size_t i = 0; i < nfields; i++)
		cap += strlen(fields[i].name) + strlen(fields[i].value) + 4;
	cap += media ? strlen(media) : 0;
	struct http_letter *letter = NULL;
	uint8_t *to;
	bool now = at_hand(x);
	/* The loop's buffer holds bytes that are still to be parsed: not ours to use. */
	uint8_t small[8192];
	if (now && cap + body_n <= sizeof(small)) {
		to = small;
	} else {
		letter = malloc(sizeof(*letter) + cap + body_n);
		if (!letter)
			abort(); /* an exchange cannot be left without an answer */
		to = letter->bytes;
	}
	size_t n = http_answer_write_head(&h, (char *)to, cap);
	if (body_n)
		memcpy(to + n, body.p, body_n); /* BOUNDS: n <= cap */
	n += body_n;
	if (now) {
		struct http_conn *conn = x->conn;
		http_conn_send(conn, to, n);
		http_conn_answered(conn, x->close);
		free(letter);
		return;
	}
	letter->n = n;
	if (!post(x, letter, HTTP_LETTER_ANSWER))
		http_exchange_free(x); /* the server has stopped */
}

void http_answer_gone(struct http_loop *loop, struct http_exchange *x)
{
	atomic_store(&x->over, true);
	x->gone(x->gone_ctx);
	http_loop_forget(loop, x);
	http_exchange_free(x);
}

static void start(struct http_exchange *x, const uint8_t *head, size_t n)
{
	struct http_conn *conn = x->conn;

	x->stream = true;
	http_conn_send(conn, head, n);
	http_conn_wait(conn, HTTP_WAIT_STREAM);
}

void http_stream(struct http_exchange *x, const char *media, void (*gone)(void *ctx), void *ctx)
{
	struct http_answer_head h = {
		.status = 200, .media = media, .chunked = true, .close = true
	};
	struct http_letter *letter = malloc(sizeof(*letter) + 1024);

	if (!letter)
		abort();
	x->gone = gone;
	x->gone_ctx = ctx;
	letter->n = http_answer_write_head(&h, (char *)letter->bytes, 1024);
	if (at_hand(x)) {
		start(x, letter->bytes, letter->n);
		free(letter);
	} else if (!post(x, letter, HTTP_LETTER_START)) {
		gone(ctx);
		http_exchange_free(x);
	}
}

bool http_stream_send(struct http_exchange *x, struct assay_slice bytes)
{
	enum { FRAME = 20 }; /* "%zx\r\n", "\r\n" */

	if (atomic_load(&x->over))
		return false;
	if (bytes.n == 0)
		return true;
	bool slow = atomic_load(&x->unsent) + atomic_fetch_add(&x->waiting, bytes.n) + bytes.n >
		    HTTP_STREAM_WAITING;
	struct http_letter *letter = malloc(sizeof(*letter) + (slow ? 0 : bytes.n + FRAME + 2));
	if (!letter)
		abort();
	letter->n = 0;
	if (slow) {
		if (atomic_exchange(&x->over, true))
			free(letter);
		else
			post(x, letter, HTTP_LETTER_SLOW);
		return false;
	}
	int n = snprintf((char *)letter->bytes, FRAME, "%zx\r\n", bytes.n);
	memcpy(letter->bytes + n, bytes.p, bytes.n); /* BOUNDS: n < FRAME */
	memcpy(letter->bytes + (size_t)n + bytes.n, "\r\n", 2);
	letter->n = (size_t)n + bytes.n + 2;
	atomic_fetch_add(&x->waiting, letter->n - bytes.n);
	return post(x, letter, HTTP_LETTER_PIECE);
}

void http_stream_end(struct http_exchange *x)
{
	struct http_letter *letter = malloc(sizeof(*letter));

	if (!letter)
		abort();
	letter->n = 0;
	if (atomic_exchange(&x->over, true))
		free(letter);
	else
		post(x, letter, HTTP_LETTER_END);
}

/* A stream ends from our side. */
static void finish(struct http_loop *loop, struct http_exchange *x, bool in_order)
{
	static const char last[] = "0\r\n\r\n";
	struct http_conn *conn = x->conn;

	conn->x = NULL;
	conn->answering = false;
	if (in_order) {
		http_conn_send(conn, (const uint8_t *)last, sizeof(last) - 1);
		http_conn_close(conn);
	} else {
		conn->dead = true;
	}
	http_answer_gone(loop, x);
}

void http_answer_letter(struct http_loop *loop, const struct http_letter *letter)
{
	struct http_exchange *x = letter->x;
	struct http_conn *conn = x->conn;

	if (!conn) {
		/* Only the first letter about an exchange can find its peer gone: a stream's
		 * later ones were dropped with it. */
		if (letter->kind == HTTP_LETTER_START)
			http_answer_gone(loop, x);
		else
			http_exchange_free(x);
		return;
	}
	switch (letter->kind) {
	case HTTP_LETTER_ANSWER:
		http_conn_send(conn, letter->bytes, letter->n);
		http_conn_answered(conn, x->close);
		break;
	case HTTP_LETTER_START:
		start(x, letter->bytes, letter->n);
		break;
	case HTTP_LETTER_PIECE:
		atomic_fetch_sub(&x->waiting, letter->n);
		http_conn_send(conn, letter->bytes, letter->n);
		break;
	case HTTP_LETTER_END:
	case HTTP_LETTER_SLOW:
		finish(loop, x, letter->kind == HTTP_LETTER_END);
		break;
	}
	http_conn_settle(conn);
}
