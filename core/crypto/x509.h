/* SPDX-License-Identifier: Apache-2.0
 *
 * crypto/x509 - what cert.c and chain.c share of libcrypto's X.509. */
#pragma once
#include "core/crypto/cert.h"
#include "core/crypto/internal.h"
#include <openssl/x509.h>
#include <openssl/x509v3.h>

/* NULL when der is not one certificate; leaves errors in the queue. */
X509 *crypto_x509_read(struct assay_crypto *crypto, struct assay_slice der);
const X509 *crypto_cert_x509(const struct crypto_cert *cert);
/* True when obj is the identifier with these content bytes. */
bool crypto_oid_is(const ASN1_OBJECT *obj, struct assay_slice oid);
