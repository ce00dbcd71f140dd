/* SPDX-License-Identifier: Apache-2.0
 *
 * pg_args - arguments as PostgreSQL's binary format has them. An array (one column of many
 * rows):
 *
 *   OFFSET  SIZE  FIELD
 *        0     4  dimensions, 1
 *        4     4  flags, 0: no NULL in it
 *        8     4  OID of an element
 *       12     4  number of elements
 *       16     4  index of the first, 1
 *       20        elements: length (4), then its bytes
 *
 * All integers are big-endian. */
#include "verifier/store/pg_internal.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { ARRAY_HEADER = 20 };

Oid pg_oid(char type, bool array)
{
	switch (type) {
	case 'i':
		return array ? 1016 : PG_OID_INT8;
	case 't':
		return array ? 1009 : PG_OID_TEXT;
	default:
		return array ? 1001 : PG_OID_BYTES;
	}
}

static void put64(uint8_t *p, uint64_t v)
{
	for (int i = 0; i < 8; i++)
		p[i] = (uint8_t)(v >> (56 - 8 * i));
}

static uint8_t *put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
	return p + 4;
}

bool pg_args_one(struct pg_args *out, const char *types, const struct store_arg *args)
{
	out->n = (int)strlen(types);
	for (int i = 0; i < out->n; i++) {
		out->formats[i] = 1;
		if (types[i] == 'i') {
			put64(out->integers[i], (uint64_t)args[i].i);
			out->values[i] = (const char *)out->integers[i];
			out->lengths[i] = 8;
			continue;
		}
		if (args[i].n > INT_MAX)
			return false;
		out->values[i] = args[i].p ? args[i].p : "";
		out->lengths[i] = (int)args[i].n;
	}
	return true;
}

static size_t element_size(char type, const struct store_arg *a)
{
	return type == 'i' ? 8 : a->n;
}

static bool buffer_room(struct pg_conn *c, const char *types, const struct store_arg *args,
			size_t rows)
{
	size_t columns = strlen(types), need = columns * ARRAY_HEADER;
	uint8_t *more;

	for (size_t i = 0; i < rows * columns; i++)
		need += 4 + element_size(types[i % columns], &args[i]);
	if (need > INT_MAX)
		return false;
	if (need <= c->buffer_n)
		return true;
	more = realloc(c->buffer, need);
	if (!more)
		return false;
	c->buffer = more;
	c->buffer_n = need;
	return true;
}

bool pg_args_many(struct pg_conn *c, struct pg_args *out, const char *types,
		  const struct store_arg *args, size_t rows)
{
	size_t columns = strlen(types);
	uint8_t *p;

	if (!buffer_room(c, types, args, rows))
		return false;
	p = c->buffer;
	out->n = (int)columns;
	for (size_t col = 0; col < columns; col++) {
		uint8_t *start = p;

		p = put32(p, 1);
		p = put32(p, 0);
		p = put32(p, pg_oid(types[col], false));
		p = put32(p, (uint32_t)rows);
		p = put32(p, 1);
		for (size_t i = 0; i < rows; i++) {
			const struct store_arg *a = &args[i * columns + col];
			size_t n = element_size(types[col], a);

			p = put32(p, (uint32_t)n);
			if (types[col] == 'i')
				put64(p, (uint64_t)a->i);
			else if (n)
				memcpy(p, a->p, n);
			p += n;
		}
		out->values[col] = (const char *)start;
		out->lengths[col] = (int)(p - start);
		out->formats[col] = 1;
	}
	return true;
}
