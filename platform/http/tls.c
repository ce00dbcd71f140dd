/* SPDX-License-Identifier: Apache-2.0
 *
 * A client certificate never fails a handshake: public routes must work with a bad one. What
 * its verification found is kept beside the connection, the first fault of it, because later
 * good steps may overwrite what OpenSSL reports at the end. */
#include "platform/http/internal.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Slots of an SSL: the first fault (as a number in the pointer; never dereferenced). */
static int fault_slot = -1;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_slot(void)
{
	fault_slot = SSL_get_ex_new_index(0, NULL, NULL, NULL, NULL);
}

void http_tls_why(struct platform_message *why)
{
	unsigned long e = ERR_peek_last_error();
	const char *text = ERR_reason_error_string(e);

	platform_message_why(why, "%s", text ? text : "TLS failed");
	ERR_clear_error();
}

static int verified(int ok, X509_STORE_CTX *store)
{
	SSL *tls = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());

	/* A ticket would carry the certificate past a later CRL: none for those who show one.
	 */
	SSL_set_num_tickets(tls, 0);
	if (!ok && !SSL_get_ex_data(tls, fault_slot)) {
		uintptr_t fault = (uintptr_t)X509_STORE_CTX_get_error(store);
		SSL_set_ex_data(
			tls, fault_slot,
			(void *)(fault ? fault
				       : X509_V_ERR_UNSPECIFIED)); // NOLINT(performance-no-int-to-ptr):
								   // a number in a slot
	}
	return 1;
}

static void name_part(const X509_NAME *name, int nid, char *out, size_t cap)
{
	int at = X509_NAME_get_index_by_NID((X509_NAME *)(uintptr_t)name, nid, -1);
	unsigned char *utf8 = NULL;

	if (at < 0 || X509_NAME_get_index_by_NID((X509_NAME *)(uintptr_t)name, nid, at) >= 0)
		return;
	int n = ASN1_STRING_to_UTF8(&utf8,
				    X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
	/* One that does not fit, or that has a NUL inside, is nobody's name. */
	if (n > 0 && (size_t)n < cap && !memchr(utf8, 0, (size_t)n))
		memcpy(out, utf8, (size_t)n + 1);
	if (n >= 0)
		OPENSSL_free(utf8);
}

static void serial_text(const X509 *cert, char *out, size_t cap)
{
	BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL);
	char *hex = number ? BN_bn2hex(number) : NULL;

	snprintf(out, cap, "%s", hex ? hex : "");
	OPENSSL_free(hex);
	BN_free(number);
}

struct http_peer *http_tls_peer(SSL *tls, bool *failed)
{
	const X509 *cert = SSL_get0_peer_certificate(tls);

	*failed = false;
	if (!cert)
		return NULL;
	struct http_peer *peer = calloc(1, sizeof(*peer));
	if (!peer) {
		*failed = true;
		return NULL;
	}
	long fault = (long)(uintptr_t)SSL_get_ex_data(tls, fault_slot);
	if (!fault)
		fault = SSL_get_verify_result(tls);
	if (!fault && SSL_session_reused(tls))
		fault = X509_V_ERR_UNSPECIFIED;
	serial_text(cert, peer->serial, sizeof(peer->serial));
	if (fault) {
		peer->state = HTTP_PEER_REFUSED;
		snprintf(peer->why, sizeof(peer->why), "%s",
			 X509_verify_cert_error_string(fault));
		return peer;
	}
	peer->state = HTTP_PEER_VERIFIED;
	const X509_NAME *subject = X509_get_subject_name(cert);
	name_part(subject, NID_commonName, peer->common_name, sizeof(peer->common_name));
	name_part(subject, NID_organizationalUnitName, peer->unit, sizeof(peer->unit));
	return peer;
}

static int choose_alpn(SSL *tls, const unsigned char **out, unsigned char *outlen,
		       const unsigned char *in, unsigned inlen, void *ctx)
{
	static const unsigned char ours[] = "\x08http/1.1";
	unsigned char *chosen = NULL;

	(void)tls;
	(void)ctx;
	if (SSL_select_next_proto(&chosen, outlen, ours, sizeof(ours) - 1, in, inlen) !=
	    OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

static bool fail(struct platform_message *why, const char *what, const char *path)
{
	platform_message_what(why, "cannot use the %s %s", what, path);
	http_tls_why(why);
	platform_message_hint(why, "it must be a PEM file that this process may read");
	return false;
}

static bool load(SSL_CTX *tls, const struct http_server_config *config,
		 struct platform_message *why)
{
	X509_STORE *store = SSL_CTX_get_cert_store(tls);

	if (SSL_CTX_use_certificate_chain_file(tls, config->cert) != 1)
		return fail(why, "certificate", config->cert);
	if (SSL_CTX_use_PrivateKey_file(tls, config->key, SSL_FILETYPE_PEM) != 1 ||
	    SSL_CTX_check_private_key(tls) != 1)
		return fail(why, "key", config->key);
	if (!config->client_ca)
		return true;
	STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(config->client_ca);
	if (!names || SSL_CTX_load_verify_file(tls, config->client_ca) != 1) {
		sk_X509_NAME_pop_free(names, X509_NAME_free);
		return fail(why, "client CA", config->client_ca);
	}
	SSL_CTX_set_client_CA_list(tls, names);
	SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, verified);
	if (!config->client_crl)
		return true;
	X509_LOOKUP *lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
	if (!lookup || X509_load_crl_file(lookup, config->client_crl, X509_FILETYPE_PEM) <= 0)
		return fail(why, "CRL", config->client_crl);
	X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
	return true;
}

SSL_CTX *http_tls_server(const struct http_server_config *config, struct platform_message *why)
{
	static const unsigned char id[] = "assay";

	pthread_once(&once, make_slot);
	ERR_clear_error();
	SSL_CTX *tls = fault_slot < 0 ? NULL : SSL_CTX_new(TLS_server_method());
	if (!tls || SSL_CTX_set_min_proto_version(tls, TLS1_3_VERSION) != 1 ||
	    SSL_CTX_set_session_id_context(tls, id, sizeof(id) - 1) != 1) {
		platform_message_what(why, "cannot set up TLS");
		http_tls_why(why);
		SSL_CTX_free(tls);
		return NULL;
	}
	SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
				      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_read_ahead(tls, 1);
	/* Tickets alone: nothing is kept here, and all threads share this context's keys. */
	SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(tls, 1);
	SSL_CTX_set_alpn_select_cb(tls, choose_alpn, NULL);
	if (load(tls, config, why))
		return tls;
	SSL_CTX_free(tls);
	return NULL;
}
