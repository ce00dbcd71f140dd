/* SPDX-License-Identifier: Apache-2.0
 *
 * The first record of a log may be a SpecID event: TCG PC Client Platform
 * Firmware Profile 1.06, TCG_EfiSpecIDEvent; the older forms are in TCG EFI
 * Platform Specification 1.22 (TCG_EfiSpecIdEventStruct) and TCG PC Client
 * Implementation for Conventional BIOS 1.21 (TCG_PCClientSpecIDEventStruct).
 *
 *   offset  size  field
 *        0    16  signature            "Spec ID Event03", "...02", "...00" and NUL
 *       16     4  platformClass        0 client, 1 server
 *       20     1  specVersionMinor     0          (03 only: checked)
 *       21     1  specVersionMajor     2          (03 only: checked)
 *       22     1  specErrata           not checked
 *       23     1  uintnSize            not checked: nothing here depends on it
 *   03 only:
 *       24     4  numberOfAlgorithms   1 .. 8
 *      per algorithm:
 *        0     2  algorithmId          once
 *        2     2  digestSize           1 .. 64, and right where assay knows it
 *   then:
 *        0     1  vendorInfoSize
 *        1     n  vendorInfo           must end the event
 *
 * Taken although untidy, and said in log->quirk:
 *   - pcrIndex 1: CC event logs of OVMF, whose only bank is SHA-384
 *   - vendorInfo behind the event, not counted in eventDataSize, at the end of
 *     a log: seen in a test log that tpm2_eventlog reads
 */
#include "core/evidence/eventlog/eventlog_internal.h"

enum { SIGNATURE_SIZE = 16 };

static void read_algorithms(struct cur *c, struct assay_eventlog *log)
{
	uint32_t n = (uint32_t)cur_le(c, 4, "numberOfAlgorithms");

	if (n == 0)
		cur_fail(c, ASSAY_F_RANGE, "numberOfAlgorithms");
	if (n > ASSAY_LOG_ALGS_MAX)
		cur_fail(c, ASSAY_F_LIMIT, "numberOfAlgorithms");
	log->nalgs = 0;
	for (uint32_t i = 0; i < n && cur_ok(c); i++) {
		uint16_t alg = (uint16_t)cur_le(c, 2, "algorithmId");
		if (eventlog_alg_index(log, alg) < log->nalgs)
			cur_fail(c, ASSAY_F_DUPLICATE, "algorithmId");

		uint16_t size = (uint16_t)cur_le(c, 2, "digestSize");
		size_t known = assay_alg_size(alg);
		if (size == 0 || size > ASSAY_DIGEST_MAX || (known != 0 && known != size))
			cur_fail(c, ASSAY_F_RANGE, "digestSize");
		log->algs[i].algorithmId = alg;
		log->algs[i].digestSize = size;
		log->nalgs++;
	}
}

static void read_versions(struct cur *c, struct assay_eventlog *log, bool agile)
{
	log->platformClass = (uint32_t)cur_le(c, 4, "platformClass");
	if (log->platformClass > 1)
		cur_fail(c, ASSAY_F_RANGE, "platformClass");
	log->specVersionMinor = (uint8_t)cur_le(c, 1, "specVersionMinor");
	if (agile && log->specVersionMinor != 0)
		cur_fail(c, ASSAY_F_RANGE, "specVersionMinor");
	log->specVersionMajor = (uint8_t)cur_le(c, 1, "specVersionMajor");
	if (agile && log->specVersionMajor != 2)
		cur_fail(c, ASSAY_F_RANGE, "specVersionMajor");
	log->specErrata = (uint8_t)cur_le(c, 1, "specErrata");
	log->uintnSize = (uint8_t)cur_le(c, 1, "uintnSize");
}

/* BOUNDS: vendorInfo that eventDataSize left out ends the log. Before other
 * records it is not taken: vendorInfoSize could then hide the first of them. */
static void read_vendor_info(struct cur *c, struct assay_eventlog *log)
{
	size_t size = cur_le(c, 1, "vendorInfoSize");

	if (cur_ok(c) && size > 0 && cur_left(c) == 0 && size == log->log.n - log->first_end) {
		log->first_end += size;
		log->quirk = "vendorInfo lies behind the SpecID event, not in it";
		return;
	}
	cur_bytes(c, size, "vendorInfo");
	c->field = c->at;
	if (cur_left(c) > 0)
		cur_fail(c, ASSAY_F_TRAILING, "vendorInfo");
}

/* Where a SpecID event says it belongs. OVMF's CC event log counts registers
 * from MRTD = 0 and puts the event on RTMR0; only then is 1 taken. */
static void check_place(struct cur *record, struct assay_eventlog *log,
			const struct assay_event *ev)
{
	bool cc = log->agile && log->nalgs == 1 && log->algs[0].algorithmId == ASSAY_SHA384;

	record->field = ev->offset;
	if (ev->pcrIndex == 1 && cc)
		log->quirk = "the SpecID event is on register 1 (a CC event log of OVMF)";
	else if (ev->pcrIndex != 0)
		cur_fail(record, ASSAY_F_RANGE, "pcrIndex");
	record->field = ev->digests[0].offset;
	if (!slice_all(ev->digests[0].digest, 0))
		cur_fail(record, ASSAY_F_RANGE, "digest");
}

bool specid_read(struct assay_eventlog *log, const struct assay_event *ev)
{
	struct cur record = { .p = log->log.p, .n = log->log.n, .err = log->err };
	struct cur c = {
		.p = ev->data.p, .n = ev->data.n, .base = ev->data_offset, .err = log->err
	};
	struct assay_slice signature = cur_bytes(&c, SIGNATURE_SIZE, "signature");
	uint8_t form = signature.n == SIGNATURE_SIZE ? signature.p[14] : 0;

	if (cur_ok(&c) && (signature.p[13] != '0' || signature.p[15] != '\0' ||
			   (form != '0' && form != '2' && form != '3')))
		cur_fail(&c, ASSAY_F_UNSUPPORTED, "signature");
	log->agile = form == '3';
	read_versions(&c, log, log->agile);
	if (log->agile)
		read_algorithms(&c, log);
	read_vendor_info(&c, log);
	if (log->agile)
		log->format = "tcg-agile";
	if (cur_ok(&c))
		check_place(&record, log, ev);
	return cur_ok(&c);
}
