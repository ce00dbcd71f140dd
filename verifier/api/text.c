/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/hex.h"
#include "platform/json.h"
#include "verifier/api/call.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

json_t *api_json_time(uint64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	char text[64];
	struct tm tm;

	if (ms == 0 || !gmtime_r(&seconds, &tm))
		return json_null();
	size_t n = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + n, sizeof text - n, ".%03uZ", (unsigned)(ms % 1000));
	return json_string(text);
}

json_t *api_json_hex(const uint8_t *p, size_t n, const char *prefix)
{
	char text[16 + 2 * 128 + 1];
	size_t at = strlen(prefix);

	if (n > 128 || at > 16)
		return json_null();
	memcpy(text, prefix, at);
	platform_hex_write((struct assay_slice){ p, n }, text + at);
	return json_string(text);
}

/* Others' words (a certificate's, an operator's) may not be UTF-8: then each byte above ASCII
 * becomes '?'. */
json_t *api_json_text(struct assay_slice text)
{
	json_t *good = json_stringn((const char *)text.p, text.n);

	if (good || text.n == 0)
		return good ? good : json_string("");
	char *plain = malloc(text.n);
	if (!plain)
		return NULL;
	for (size_t i = 0; i < text.n; i++)
		plain[i] = (char)(text.p[i] < 0x80 && text.p[i] > 0 ? text.p[i] : '?');
	good = json_stringn(plain, text.n);
	free(plain);
	return good;
}

json_t *api_json_of(struct assay_slice text)
{
	json_t *value = text.n > 0 ? json_loadb((const char *)text.p, text.n, 0, NULL) : NULL;

	return value ? value : json_array();
}

bool api_query_number(struct api_call *c, const char *name, uint64_t max, uint64_t *value)
{
	char text[8192], *end; /* as long as a request's head can be */

	if (!http_query(c->x, name, text, sizeof text))
		return true;
	uint64_t v = strtoull(text, &end, 10);
	if (strspn(text, "0123456789") == 0 || *end != 0 || strlen(text) > 19 || v > max) {
		api_problem(c, API_P_QUERY, "%s is a number from 0 to %llu", name,
			    (unsigned long long)max);
		return false;
	}
	*value = v;
	return true;
}

json_t *api_body(struct api_call *c, const char *const *names)
{
	struct platform_json_error where = { 0 };
	struct platform_message why = { 0 };
	const char *key;
	json_t *value;

	c->err = (struct assay_err){ ASSAY_F_ENCODING, "body", 0, NULL };
	json_t *body =
		platform_json_read(http_body(c->x), "the body", c->route->body, &where, &why);
	if (!json_is_object(body)) {
		c->err.offset = where.offset;
		api_problem(c, API_P_MALFORMED, "%s", body ? "not an object" : why.why);
		json_decref(body);
		return NULL;
	}
	json_object_foreach(body, key, value)
	{
		size_t i = 0;
		while (names[i] && strcmp(names[i], key) != 0)
			i++;
		if (names[i])
			continue;
		c->err = (struct assay_err){ 0 };
		api_problem(c, API_P_MALFORMED, "the body has a member that is not known");
		json_decref(body);
		return NULL;
	}
	c->err = (struct assay_err){ 0 };
	return body;
}

struct store_actor api_actor(const struct api_call *c)
{
	const struct http_peer *peer = http_peer(c->x);

	return (struct store_actor){ .name = peer->common_name,
				     .role = api_role_name(c->role),
				     .address = peer->address,
				     .request = c->request };
}
