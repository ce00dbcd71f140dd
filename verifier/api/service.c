/* SPDX-License-Identifier: Apache-2.0
 * What the service says of itself, to everybody. */
#include "verifier/api/call.h"
#include "verifier/api/handlers.h"

#include <stdlib.h>
#include <string.h>

/* openapi.json, embedded by the build. */
extern const uint8_t api_openapi_json[];
extern const size_t api_openapi_json_n;

void api_health(struct api_call *c)
{
	static const char ok[] = "{\"status\":\"ok\"}";

	api_answer(c, 200, "application/json",
		   (struct assay_slice){ (const uint8_t *)ok, sizeof ok - 1 });
}

void api_ready(struct api_call *c)
{
	static const char ok[] = "{\"status\":\"ready\"}";
	struct platform_message why = { 0 };

	if (engine_ready(c->api->engine, &why))
		api_answer(c, 200, "application/json",
			   (struct assay_slice){ (const uint8_t *)ok, sizeof ok - 1 });
	else
		api_problem(c, API_P_BLIND, "%s", why.why);
}

void api_openapi(struct api_call *c)
{
	api_answer(c, 200, "application/json",
		   (struct assay_slice){ api_openapi_json, api_openapi_json_n });
}

void api_jwks(struct api_call *c)
{
	char *text = engine_jwks(c->api->engine);

	if (!text) {
		api_problem(c, API_P_FAILED, "the keys cannot be told");
		return;
	}
	api_answer(c, 200, "application/jwk-set+json",
		   (struct assay_slice){ (const uint8_t *)text, strlen(text) });
	free(text);
}
