/* SPDX-License-Identifier: Apache-2.0
 *
 * The framing once more, beside http_parser, which Debian builds lenient: what one reader takes
 * for the end of a line, a chunk or a header, and another does not, is how a request is hidden
 * inside another. Lines end with CR LF and nothing else, a header's value does not go on in the
 * next line, and behind a chunk come CR LF. */
#include "platform/http/internal.h"

enum {
	LINES, /* of the head, or of the trailer: an empty one ends it */
	SIZE,  /* of a chunk, in hexadecimal digits */
	EXTENSION,
	DATA,
	BEHIND, /* a chunk */
	BODY,   /* of an announced length: http_parser counts it */
};

/* The end of a line that held n bytes. */
static void line_over(struct http_strict *s, size_t n, bool chunked)
{
	switch (s->state) {
	case LINES:
		if (n > 0)
			s->some = true;
		else if (s->some) /* empty lines before a request are none of it */
			s->state = chunked ? SIZE : BODY;
		break;
	case SIZE:
	case EXTENSION:
		s->state = s->left ? DATA : LINES;
		break;
	default: /* BEHIND */
		s->state = SIZE;
	}
}

static int digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One byte of a line that is not its end. */
static bool within(struct http_strict *s, uint8_t c)
{
	switch (s->state) {
	case LINES:
		return s->n > 0 || (c != ' ' && c != '\t');
	case SIZE:
		if (c == ';' && s->n > 0) {
			s->state = EXTENSION;
			return true;
		}
		if (digit(c) < 0 || s->left > SIZE_MAX >> 8)
			return false;
		s->left = s->left * 16 + (size_t)digit(c);
		return true;
	case EXTENSION:
		return (c >= 0x20 || c == '\t') && c != 0x7f;
	default: /* BEHIND */
		return false;
	}
}

static bool of_line(struct http_strict *s, uint8_t c, bool chunked)
{
	if (s->cr != (c == '\n'))
		return false;
	if (c == '\n') {
		if (s->state == SIZE && s->n == 0)
			return false;
		line_over(s, s->n, chunked);
		s->cr = false;
		s->n = 0;
	} else if (c == '\r') {
		s->cr = true;
	} else {
		if (!within(s, c))
			return false;
		s->n++;
	}
	return true;
}

bool http_strict(struct http_strict *s, const uint8_t *p, size_t n, bool chunked)
{
	for (size_t i = 0; i < n && s->state != BODY;) {
		if (s->state == DATA) {
			size_t data = s->left < n - i ? s->left : n - i;
			s->left -= data;
			i += data;
			if (s->left == 0)
				s->state = BEHIND;
		} else if (!of_line(s, p[i++], chunked)) {
			return false;
		}
	}
	return true;
}
