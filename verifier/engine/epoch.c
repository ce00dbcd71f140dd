/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/engine/epoch.h"

#include "platform/file.h"
#include "platform/hex.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { EPOCH_EVERY = 5000 /* ms */ };

static bool parse(struct assay_slice file, struct store_epoch *out)
{
	char hex[33], line[256];
	size_t n = 0;
	int end = 0;

	if (file.n == 0 || file.n >= sizeof line)
		return false;
	memcpy(line, file.p, file.n);
	line[file.n] = '\0';
	/* NOLINTNEXTLINE(cert-err34-c): what overflows is another epoch than any */
	return sscanf(line, "assay-epoch-1 %32[0-9a-f] %" SCNu64 " %" SCNu64 "\n%n", hex,
		      &out->counter, &out->event, &end) == 3 &&
	       (size_t)end == file.n &&
	       platform_hex_read((struct assay_slice){ (const uint8_t *)hex, strlen(hex) },
				 out->id, sizeof out->id, &n) &&
	       n == sizeof out->id;
}

static bool read_file(struct epoch *e, struct platform_message *why)
{
	struct assay_slice file;

	if (!platform_file_read(e->path, 4096, &file, why))
		return why->errnum == ENOENT && !e->has_seen;
	bool ok = parse(file, &e->seen);
	platform_file_drop(&file);
	if (!ok) {
		*why = (struct platform_message){ 0 };
		platform_message_what(why, "cannot read %s", e->path);
		platform_message_why(why, "it is not what a verifier wrote");
		platform_message_hint(why, "it tells a database that was put back from one "
					   "that was not; remove it only if you know which "
					   "this is");
		return false;
	}
	e->has_seen = true;
	return true;
}

bool epoch_open(struct epoch *e, const char *folder, struct platform_message *why)
{
	*e = (struct epoch){ 0 };
	snprintf(e->path, sizeof e->path, "%s/epoch", folder);
	return read_file(e, why);
}

bool epoch_note(struct epoch *e, uint64_t now, struct platform_message *why)
{
	char text[128], hex[33];

	platform_hex_write((struct assay_slice){ e->seen.id, sizeof e->seen.id }, hex);
	int n = snprintf(text, sizeof text, "assay-epoch-1 %s %" PRIu64 " %" PRIu64 "\n", hex,
			 e->seen.counter, e->seen.event);
	if (!platform_file_write_atomic(
		    e->path, (struct assay_slice){ (const uint8_t *)text, (size_t)n }, 0600,
		    why))
		return false;
	e->written = e->seen.event;
	e->written_counter = e->seen.counter;
	e->written_at = now;
	e->has_seen = true;
	return true;
}

enum store_status epoch_check(struct epoch *e, struct store *s, uint64_t now,
			      struct platform_message *why)
{
	struct store_epoch epoch;
	enum store_status status = store_epoch_get(s, &epoch);

	if (status != STORE_DONE) {
		*why = *store_why(s);
		return status;
	}
	if (e->has_seen && !store_epoch_follows(&e->seen, &epoch) &&
	    (!read_file(e, why) || !store_epoch_follows(&e->seen, &epoch)))
		return STORE_CONFLICT;
	bool first = !e->has_seen || memcmp(e->seen.id, epoch.id, sizeof epoch.id) != 0;
	e->seen = epoch;
	if (!first && epoch.counter == e->written_counter &&
	    (epoch.event == e->written || now - e->written_at < EPOCH_EVERY))
		return STORE_DONE;
	return epoch_note(e, now, why) ? STORE_DONE : STORE_BROKEN;
}
