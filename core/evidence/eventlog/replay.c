/* SPDX-License-Identifier: Apache-2.0
 *
 * Replay: PCR[i] = H(PCR[i] || digest) for each record but EV_NO_ACTION, all
 * banks in one pass, after a first pass that hashes nothing: it finds what
 * PCR 0 starts at and refuses a malformed log before any work.
 *
 * TCG_EfiStartupLocalityEvent (PFP 1.06, 10.4.5.3), in EV_NO_ACTION on PCR 0:
 *   offset  size  field
 *        0    16  Signature         "StartupLocality" and NUL
 *       16     1  StartupLocality   0, 3, or 4 after an H-CRTM sequence
 *
 * It counts once, and only before the first record that extends PCR 0: TPM2
 * library Part 1 has the locality fixed before anything is measured. What is
 * not honoured is said in startup->quirk; if the machine meant it, PCR 0 does
 * not come out as quoted.
 */
#include "core/evidence/eventlog/eventlog_internal.h"

static bool is_startup_locality(const struct assay_event *ev)
{
	struct assay_slice name = { (const uint8_t *)STARTUP_LOCALITY_NAME,
				    sizeof STARTUP_LOCALITY_NAME };

	return ev->eventType == (uint32_t)ASSAY_EV_NO_ACTION &&
	       slice_eq(slice_part(ev->data, 0, name.n), name);
}

static const char *judge_locality(struct startup_scan *scan, const struct assay_event *ev,
				  bool late)
{
	if (ev->data.n < STARTUP_LOCALITY_SIZE)
		return "StartupLocality event without its locality byte: not honoured";
	if (ev->data.n > STARTUP_LOCALITY_SIZE)
		return "StartupLocality event with bytes after its locality: not honoured";
	if (ev->pcrIndex != 0)
		return "StartupLocality event on another PCR than 0: not honoured";
	if (late)
		return "StartupLocality event after PCR 0 was extended: not honoured";
	if (scan->startup.stated)
		return "StartupLocality event repeated: the first counts";

	uint8_t locality = ev->data.p[STARTUP_LOCALITY_SIZE - 1];
	if (locality != 0 && locality != 3 && locality != 4)
		return "StartupLocality is none of 0, 3 and 4: not honoured";
	scan->startup.locality = locality;
	scan->startup.stated = true;
	scan->stated_index = ev->index;
	return NULL;
}

bool startup_scan(struct assay_slice in, struct startup_scan *out, struct assay_err *err)
{
	struct startup_scan scan = { .stated_index = SIZE_MAX };
	struct assay_eventlog log;
	struct assay_event ev;
	bool extended = false;

	if (!assay_eventlog_open(&log, in, err))
		return false;
	while (assay_eventlog_next(&log, &ev)) {
		if (is_startup_locality(&ev)) {
			const char *quirk = judge_locality(&scan, &ev, extended);
			if (!scan.startup.quirk)
				scan.startup.quirk = quirk;
		}
		if (ev.eventType == (uint32_t)ASSAY_EV_EFI_HCRTM_EVENT && ev.pcrIndex == 0)
			scan.hcrtms++;
		extended |= ev.pcrIndex == 0 && ev.eventType != (uint32_t)ASSAY_EV_NO_ACTION;
	}
	if (err->fault != ASSAY_F_OK)
		return false;

	scan.startup.hcrtm = scan.hcrtms > 0;
	if (scan.startup.hcrtm && !scan.startup.stated)
		scan.startup.locality = 4;
	if (scan.startup.hcrtm && scan.startup.locality != 4 && !scan.startup.quirk)
		scan.startup.quirk =
			"StartupLocality is not 4 although an H-CRTM event is there";
	*out = scan;
	return true;
}

static bool fail(struct assay_err *err, enum assay_fault why, const char *field, size_t offset)
{
	*err = (struct assay_err){ why, field, offset, NULL };
	return false;
}

static bool reset(struct assay_bank *banks, size_t nbanks, uint8_t locality,
		  struct assay_err *err)
{
	for (size_t b = 0; b < nbanks; b++) {
		if (!assay_bank_reset(&banks[b], banks[b].alg))
			return fail(err, ASSAY_F_UNSUPPORTED, "hashAlg", 0);
		banks[b].value[0][banks[b].size - 1] = locality;
	}
	return true;
}

static bool extend(struct assay_crypto *crypto, struct assay_bank *banks, size_t nbanks,
		   const struct assay_event *ev)
{
	for (size_t i = 0; i < ev->ndigests; i++)
		for (size_t b = 0; b < nbanks; b++)
			if (banks[b].alg == ev->digests[i].alg &&
			    !assay_bank_extend(crypto, &banks[b], ev->pcrIndex,
					       ev->digests[i].digest))
				return false;
	return true;
}

bool assay_eventlog_replay(struct assay_crypto *crypto, struct assay_slice in,
			   struct assay_bank *banks, size_t nbanks,
			   struct assay_startup *startup, struct assay_err *err)
{
	struct startup_scan scan;
	struct assay_eventlog log;
	struct assay_event ev;

	if (!startup_scan(in, &scan, err) ||
	    !reset(banks, nbanks, scan.startup.locality, err) ||
	    !assay_eventlog_open(&log, in, err))
		return false;
	while (assay_eventlog_next(&log, &ev)) {
		if (ev.eventType == (uint32_t)ASSAY_EV_NO_ACTION)
			continue;
		if (!extend(crypto, banks, nbanks, &ev))
			return fail(err, ASSAY_F_CRYPTO, "digest", ev.offset);
	}
	if (err->fault == ASSAY_F_OK && startup)
		*startup = scan.startup;
	return err->fault == ASSAY_F_OK;
}
