/* SPDX-License-Identifier: Apache-2.0
 * Template evm-sig hashes the values of a file's xattrs, which root writes. He writes the
 * good program's digest there, in the form of a d-ng field, runs something else under
 * the good name, and gives the record a field list of his own: the real digest becomes
 * a "sig", the xattr's value the digest. Nothing hashed tells it from the truth. */
#include "tests/forge.h"

#include <openssl/evp.h>

static void le(uint8_t *p, size_t *n, size_t v)
{
	for (size_t i = 0; i < 4; i++)
		p[(*n)++] = (uint8_t)(v >> 8 * i);
}

static void field(uint8_t *p, size_t *n, const void *s, size_t len)
{
	le(p, n, len);
	if (len > 0)
		memcpy(p + *n, s, len);
	*n += len;
}

static void record(struct forge *f, const char *template_name, const uint8_t *good)
{
	uint8_t data[512], hash[20], ran[40] = "sha256:", xattr[40] = "sha256:";
	uint8_t *list = f->rest + f->nrest;
	size_t n = 0, at = 0, name = strlen(template_name);

	memset(ran + 8, 0xe7, 32);
	memcpy(xattr + 8, good, 32);
	field(data, &n, ran, sizeof ran);
	field(data, &n, "/usr/bin/good", 14);
	field(data, &n, "", 0);
	field(data, &n, "security.selinux", 17);
	field(data, &n, "\50\0\0\0", 4);
	field(data, &n, xattr, sizeof xattr);
	field(data, &n, "\0\0\0\0", 4);
	field(data, &n, "\0\0\0\0", 4);
	field(data, &n, "\355\201", 2);
	EVP_Digest(data, n, hash, NULL, EVP_sha1(), NULL);
	le(list, &at, 10);
	memcpy(list + at, hash, 20);
	at += 20;
	field(list, &at, template_name, name);
	field(list, &at, data, n);
	f->nrest += at;
}

int main(void)
{
	static const char *const names[] = {
		"evm-sig", "sig|n-ng|evmsig|xattrnames|xattrlengths|d-ng|iuid|igid|imode"
	};
	static const uint8_t good[32] = { 0x60, 0x0d };

	for (size_t i = 0; i < 2; i++) {
		struct forge *f = forge_new("clean-a");
		struct assay_ref r = { .place = ASSAY_PLACE_IMA,
				       .kind = ASSAY_REF_FILE,
				       .alg = ASSAY_SHA256,
				       .digest = { good, sizeof good },
				       .name = { (const uint8_t *)"/usr/bin/good", 13 } };
		tap_ok(assay_refs_add(&f->refs, &r) == ASSAY_F_OK, "the good one is known");
		record(f, names[i], good);
		forge_refuses(f, i == 0 ? "ima.file-modified" : "ima.file-unknown", names[i]);
		forge_free(f);
	}
	return tap_done();
}
