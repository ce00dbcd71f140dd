/* SPDX-License-Identifier: Apache-2.0
 *
 * The server's inside. A connection belongs to one loop's thread and nothing else touches it.
 * An exchange is handed out to any thread; what another thread does to it goes through its
 * loop's mailbox, which outlives the loop until the last exchange has let go of it. */
#pragma once
#include "platform/http.h"

#include <http_parser.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>

enum {
	HTTP_HEAD_MAX = 8192,          /* bytes of a header section */
	HTTP_READ = 16384,             /* bytes read at once; a TLS record */
	HTTP_STREAM_WAITING = 1 << 20, /* bytes that a stream may have waiting */
	HTTP_LINGER_MS = 2000,         /* how long a refused peer is listened to before close */
	HTTP_LINGER_BYTES = 256 * 1024, /* and how much of what it says */
	HTTP_TICK_MS = 500,
	HTTP_BODY_RATE = 1024, /* bytes a second that a body has at least, over all */
};

/* What a connection is waiting for; each has one time limit, so that its list is in order of
 * deadline and the first is the next to end. */
enum http_wait {
	HTTP_WAIT_HANDSHAKE,
	HTTP_WAIT_IDLE,
	HTTP_WAIT_HEAD,
	HTTP_WAIT_BODY,
	HTTP_WAIT_ANSWER, /* for us: no limit */
	HTTP_WAIT_WRITE,
	HTTP_WAIT_STREAM, /* no limit but HTTP_STREAM_WAITING */
	HTTP_WAIT_LINGER,
	HTTP_WAITS
};

/* The headers that http_header() understands, then those that the server itself looks at. */
enum http_known {
	HTTP_ACCEPT,
	HTTP_AUTHORIZATION,
	HTTP_CONTENT_TYPE,
	HTTP_LAST_EVENT_ID,
	HTTP_USER_AGENT,
	HTTP_X_REQUEST_ID,
	HTTP_GIVEN_OUT,
	HTTP_HOST = HTTP_GIVEN_OUT,
	HTTP_EXPECT,
	HTTP_KNOWN,
	HTTP_UNKNOWN = HTTP_KNOWN
};

struct http_text {
	uint16_t at, n; /* in the exchange's head */
	bool there;
};

struct http_exchange {
	struct http_conn *conn; /* loop's thread only; NULL once the peer has left */
	struct http_mailbox *mailbox;
	char *head; /* target, path and header values, one after the other */
	size_t head_n, head_cap;
	struct http_text target, path, query, field[HTTP_KNOWN];
	const char *method;
	char name[24]; /* of the header being read */
	size_t name_n;
	enum http_known known;
	bool in_value, head_done;
	bool chunked;
	int64_t body_since; /* ms */
	bool close;         /* the connection ends with this answer */
	uint8_t *body;
	size_t body_n, body_cap, limit;
	struct http_peer peer; /* copied: lives as long as the exchange */
	/* Streams. */
	bool stream;
	atomic_bool over;
	atomic_size_t waiting, unsent; /* bytes in the mailbox, in conn->out */
	void (*gone)(void *ctx);
	void *gone_ctx;
};

/* strict.c: how far the framing of the request being read has come. All zero: nothing yet. */
struct http_strict {
	unsigned state;
	bool cr, some;
	size_t n;    /* bytes of the line */
	size_t left; /* of the chunk */
};

struct http_conn {
	struct http_conn *before, *after; /* in loop->waiting[wait] */
	struct http_loop *loop;
	int64_t deadline; /* ms */
	enum http_wait wait;
	int fd;
	uint32_t events; /* as registered with epoll */
	SSL *tls;
	struct http_peer *peer; /* NULL: showed no certificate */
	char address[64];
	http_parser parser;
	struct http_strict strict;
	struct http_exchange *x; /* the request being read or answered */
	int refuse;              /* a status found while parsing, 0: none */
	bool handshaken;
	bool answering; /* a whole request was handed over */
	bool closing;   /* nothing more is read: flush, then linger */
	bool ended;     /* the peer says no more */
	bool dead;      /* freed once this event is done with */
	bool tls_write_first;
	bool again;     /* more may be read although the socket has nothing */
	uint8_t *early; /* bytes after the request that is being answered */
	size_t early_n;
	uint8_t *out; /* not yet taken by the socket */
	size_t out_at, out_n, out_cap;
	size_t lingered;
};

enum http_letter_kind {
	HTTP_LETTER_ANSWER,
	HTTP_LETTER_START, /* of a stream; then its pieces */
	HTTP_LETTER_PIECE,
	HTTP_LETTER_END,
	HTTP_LETTER_SLOW, /* the end of a stream whose peer does not read */
};

/* Something for a loop's thread to do to an exchange. */
struct http_letter {
	struct http_letter *next;
	struct http_exchange *x;
	enum http_letter_kind kind;
	size_t n;
	uint8_t bytes[];
};

struct http_mailbox {
	pthread_mutex_t lock;
	struct http_letter *first, **last;
	int wake; /* eventfd; -1 once the loop has ended */
	bool closed;
	atomic_size_t holders; /* the loop and each exchange */
	pthread_t thread;
};

struct http_list {
	struct http_conn *first, *last;
};

struct http_loop {
	struct http_server *server;
	struct http_mailbox *mailbox;
	pthread_t thread;
	unsigned index;
	int epoll;
	void *user; /* what thread_start returned */
	struct http_list waiting[HTTP_WAITS];
	struct http_conn *current; /* whose request is being handled right now */
	struct http_letter *todo;  /* taken out of the mailbox */
	size_t connections;
	bool paused; /* accepting, loop 0 */
	pthread_mutex_t handed_lock;
	int *handed; /* accepted sockets for this loop */
	size_t handed_n, handed_cap;
	uint8_t buffer[HTTP_READ];
};

struct http_server {
	struct http_server_config config; /* strings are ours */
	int listen_fd;
	uint16_t port;
	pthread_mutex_t tls_lock;
	SSL_CTX *tls; /* NULL: plain */
	struct http_loop *loop;
	unsigned loops; /* started */
	atomic_size_t connections;
	atomic_bool stopping, stop_now;
	unsigned next; /* loop for the next connection */
	pthread_mutex_t start_lock;
	pthread_cond_t start_changed;
	unsigned started, refused;
};

/* tls.c */
SSL_CTX *http_tls_server(const struct http_server_config *config, struct platform_message *why);
/* After the handshake: who the peer is; NULL when it showed no certificate. *failed when memory
 * is short. */
struct http_peer *http_tls_peer(SSL *tls, bool *failed);
/* OpenSSL's last words into *why. */
void http_tls_why(struct platform_message *why);

/* bio.c: tls talks over fd. */
bool http_tls_socket(SSL *tls, int fd);

/* loop.c */
void *http_loop_run(void *loop);
int64_t http_now_ms(void);
struct http_mailbox *http_mailbox_new(void);
void http_mailbox_let_go(struct http_mailbox *mailbox);
/* Takes letter; false (and freed) when the loop has ended. */
bool http_mailbox_put(struct http_mailbox *mailbox, struct http_letter *letter);
void http_mailbox_wake(struct http_mailbox *mailbox);
/* Drops all letters about x. */
void http_loop_forget(struct http_loop *loop, const struct http_exchange *x);

/* accept.c: loop 0 accepts for all, in turn. */
void http_accept(struct http_loop *loop);
void http_accept_pause(struct http_loop *loop, bool paused);
/* The sockets that loop 0 has handed to this one. */
void http_accept_handed(struct http_loop *loop);

/* conn.c */
void http_conn_open(struct http_loop *loop, int fd);
void http_conn_ready(struct http_conn *conn, uint32_t events);
/* conn waits for this from now on, with that wait's time limit anew. */
void http_conn_wait(struct http_conn *conn, enum http_wait wait);
void http_conn_free(struct http_conn *conn);
/* After something was done to conn outside http_conn_ready: goes on, or frees it. */
void http_conn_settle(struct http_conn *conn);
/* Sends or keeps for later; conn->dead when neither works. */
void http_conn_send(struct http_conn *conn, const uint8_t *p, size_t n);
/* The answer to conn->x is complete: the next request, or the end. */
void http_conn_answered(struct http_conn *conn, bool close);
/* Flushes, says goodbye, and listens a little, so that the peer reads what was sent. */
void http_conn_close(struct http_conn *conn);

/* io.c: one attempt each. */
enum http_io { HTTP_IO_OK, HTTP_IO_AGAIN, HTTP_IO_END, HTTP_IO_DEAD };
enum http_io http_io_read(struct http_conn *conn, uint8_t *p, size_t cap, size_t *n);
enum http_io http_io_write(struct http_conn *conn, const uint8_t *p, size_t n, size_t *done);
enum http_io http_io_handshake(struct http_conn *conn);
void http_io_shutdown(struct http_conn *conn);

/* request.c */
/* Sets http_parser's one global, the limit of a header section. */
void http_grammar(void);
void http_request_init(struct http_conn *conn);
/* Feeds bytes; *used of them are done with. Status to refuse with, or 0. When a whole request
 * is there, conn->answering is set. */
int http_request_feed(struct http_conn *conn, const uint8_t *p, size_t n, size_t *used);

/* strict.c: false when these bytes of one request end a line, a chunk or a header in a way that
 * two readers could understand in two ways. */
bool http_strict(struct http_strict *s, const uint8_t *p, size_t n, bool chunked);

/* target.c: false: not acceptable. Offsets into x->head; x->head must have room as it is. */
bool http_target_read(struct http_exchange *x);

/* exchange.c */
struct http_exchange *http_exchange_new(struct http_conn *conn);
void http_exchange_free(struct http_exchange *x);
/* Appends to x->head; false: above HTTP_HEAD_MAX or no memory. */
bool http_exchange_keep(struct http_exchange *x, const char *p, size_t n);

/* answer.c: an answer's head into out, at most cap bytes; 0: does not fit. */
struct http_answer_head {
	int status;
	const char *media;
	size_t length;
	bool chunked, close, no_body;
	const struct http_field *fields;
	size_t nfields;
};
size_t http_answer_write_head(const struct http_answer_head *head, char *out, size_t cap);
/* A refusal in our own words, then the end. */
void http_answer_refuse(struct http_conn *conn, int status);
/* Does what a letter says. */
void http_answer_letter(struct http_loop *loop, const struct http_letter *letter);
/* The end of a stream: tells, frees x. */
void http_answer_gone(struct http_loop *loop, struct http_exchange *x);
