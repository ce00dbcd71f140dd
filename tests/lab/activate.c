/* SPDX-License-Identifier: Apache-2.0
 * assay-lab-activate - what a node's side of enrolling asks of the TPM, on files.
 *
 *   assay-lab-activate TCTI show EK.pub EK.crt AK.pub
 *     the EK that attester_ek_open() finds, its certificate, and the AK.
 *   assay-lab-activate TCTI activate BLOB OUT
 *     opens what assay-lab-credential wrote, for the AK.
 *
 * Exits with 1 and says why when the TPM does not. */
#include "attester/tpm/tpm.h"
#include "platform/file.h"

#include <stdio.h>
#include <string.h>

enum { HEADER = 8 }; /* of tpm2-tools' credential file */

static bool show(struct attester_ek *ek, struct attester_key *ak, char **to,
		 struct platform_message *why)
{
	struct assay_slice ek_pub = { 0 }, ak_pub = { 0 };

	bool good = attester_key_write(&ek->key, &ek_pub) && attester_key_write(ak, &ak_pub) &&
		    platform_file_write_atomic(to[0], ek_pub, 0644, why) &&
		    platform_file_write_atomic(to[1], ek->cert, 0644, why) &&
		    platform_file_write_atomic(to[2], ak_pub, 0644, why);
	puts(ek->key.transient ? "made" : "persistent");
	platform_file_drop(&ek_pub);
	platform_file_drop(&ak_pub);
	return good;
}

static bool activate(struct attester_tpm *tpm, const struct attester_ek *ek,
		     const struct attester_key *ak, char **argv, struct platform_message *why)
{
	uint8_t out[ASSAY_DIGEST_MAX];
	struct assay_slice file = { 0 };
	size_t n = 0;

	if (!platform_file_read(argv[0], 4096, &file, why))
		return false;
	size_t id = file.n > HEADER + 2 ? 2 + ((size_t)file.p[HEADER] << 8 | file.p[HEADER + 1])
					: 0;
	bool good =
		HEADER + id <= file.n &&
		attester_ek_activate(
			tpm, ek, ak, (struct assay_slice){ file.p + HEADER, id },
			(struct assay_slice){ file.p + HEADER + id, file.n - HEADER - id }, out,
			&n, why) &&
		platform_file_write_atomic(argv[1], (struct assay_slice){ out, n }, 0600, why);
	platform_file_drop(&file);
	return good;
}

int main(int argc, char **argv)
{
	struct platform_message why = { 0 };
	struct attester_key ak = { .handle = ESYS_TR_NONE };
	struct attester_ek ek = { .key.handle = ESYS_TR_NONE };
	struct attester_tpm tpm;

	if (argc < 5)
		return 2;
	bool good = attester_tpm_open(&tpm, argv[1], &why);
	if (good) {
		good = attester_key_primary(&tpm, ATTESTER_KEY_ECC, &ak, &why) &&
		       attester_ek_open(&tpm, &ek, &why) &&
		       (strcmp(argv[2], "show") == 0 && argc == 6
				? show(&ek, &ak, argv + 3, &why)
				: activate(&tpm, &ek, &ak, argv + 3, &why));
		attester_ek_close(&tpm, &ek);
		attester_key_close(&tpm, &ak);
		attester_tpm_close(&tpm);
	}
	if (!good)
		platform_message_print("assay-lab-activate", &why, false);
	return good ? 0 : 1;
}
