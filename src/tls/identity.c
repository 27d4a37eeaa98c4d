/* SPDX-License-Identifier: MIT */
/* Our certificates with their keys, and which of them a server that asks is shown. */
#include <stdlib.h>
#include <string.h>

#include "cert/cert.h"
#include "core/native.h"
#include "core/secret.h"
#include "tls/signer.h"
#include "tls/status.h"
#include "tls/tlspkg.h"

static int chain_import(struct tls_identity *identity, bool with_root)
{
    PCCERT_CONTEXT list[CERT_CHAIN_MAX];
    unsigned count = cert_context_chain(identity->cert, with_root, list);
    int code = GNUTLS_E_SUCCESS;

    identity->chain = calloc(count == 0 ? 1 : count, sizeof(*identity->chain));
    if (identity->chain == NULL)
        code = GNUTLS_E_MEMORY_ERROR;
    for (unsigned i = 0; i < count; i++) {
        if (code == GNUTLS_E_SUCCESS)
            code = gnutls_pcert_import_x509(&identity->chain[i], cert_context_crt(list[i]), 0);
        if (code == GNUTLS_E_SUCCESS)
            identity->count++;
        CertFreeCertificateContext(list[i]);
    }
    return code;
}

SECURITY_STATUS tls_identity_open(struct tls_identity *identity, PCCERT_CONTEXT cert,
                                  bool with_root)
{
    SECURITY_STATUS status;
    int code;

    memset(identity, 0, sizeof(*identity));
    if (cert == NULL)
        return SEC_E_NO_CREDENTIALS;
    identity->cert = CertDuplicateCertificateContext(cert);
    status = cert_context_key(cert, &identity->key);
    if (status != SEC_E_OK) {
        native_error_set("the certificate has no private key that fits it");
        return status;
    }
    code = chain_import(identity, with_root);
    return code == GNUTLS_E_SUCCESS
               ? SEC_E_OK
               : tls_status("gnutls_pcert_import_x509", code, GNUTLS_A_CLOSE_NOTIFY);
}

void tls_identity_close(struct tls_identity *identity)
{
    for (unsigned i = 0; i < identity->count; i++)
        gnutls_pcert_deinit(&identity->chain[i]);
    free(identity->chain);
    if (identity->key != NULL)
        gnutls_privkey_deinit(identity->key);
    if (identity->cert != NULL)
        CertFreeCertificateContext(identity->cert);
    memset(identity, 0, sizeof(*identity));
}

static void key_and_chain_free(gnutls_pcert_st *chain, unsigned count, gnutls_privkey_t key)
{
    for (unsigned i = 0; i < count; i++)
        gnutls_pcert_deinit(&chain[i]);
    gnutls_free(chain);
    if (key != NULL)
        gnutls_privkey_deinit(key);
}

/* GnuTLS keeps what it is given, so it gets copies; the names are those in the certificate. */
int tls_identity_give(const struct tls_identity *identity, gnutls_certificate_credentials_t x509)
{
    gnutls_pcert_st *chain = gnutls_calloc(identity->count, sizeof(*chain));
    gnutls_privkey_t key = NULL;
    unsigned count = 0;
    int code = chain == NULL ? GNUTLS_E_MEMORY_ERROR : GNUTLS_E_SUCCESS;

    while (code == GNUTLS_E_SUCCESS && count < identity->count) {
        code = gnutls_pcert_import_x509_raw(&chain[count], &identity->chain[count].cert,
                                            GNUTLS_X509_FMT_DER, 0);
        if (code == GNUTLS_E_SUCCESS)
            count++;
    }
    if (code == GNUTLS_E_SUCCESS && cert_context_key(identity->cert, &key) != SEC_E_OK)
        code = GNUTLS_E_CERTIFICATE_KEY_MISMATCH;
    if (code == GNUTLS_E_SUCCESS && tls_signs_by_libcrypto())
        key = signer_wrap(key);
    if (code == GNUTLS_E_SUCCESS)
        code = gnutls_certificate_set_key(x509, NULL, 0, chain, (int)count, key);
    if (code >= 0) {
        gnutls_free(chain); /* what the list held is GnuTLS' now, the list is not */
        return GNUTLS_E_SUCCESS;
    }
    key_and_chain_free(chain, count, key);
    return code;
}

/* --- What a server asks for ----------------------------------------------------------------- */

/* Windows sends no more of it either; GnuTLS would send 64 KiB and more with a wrong length. */
#define ISSUERS_MAX 0x4000U

static size_t issuers_size(HCERTSTORE roots)
{
    PCCERT_CONTEXT root = NULL;
    size_t size = 0;

    while ((root = CertEnumCertificatesInStore(roots, root)) != NULL)
        size += sizeof(uint16_t) + root->pCertInfo->Subject.cbData;
    return size;
}

/* Half a list would keep clients away whose issuer is in the other half: then none is sent. */
int tls_issuers_announce(HCERTSTORE roots, gnutls_certificate_credentials_t x509)
{
    PCCERT_CONTEXT root = NULL;
    int code = GNUTLS_E_SUCCESS;

    if (roots == NULL || issuers_size(roots) > ISSUERS_MAX)
        return GNUTLS_E_SUCCESS;
    while (code >= 0 && (root = CertEnumCertificatesInStore(roots, root)) != NULL) {
        gnutls_x509_crt_t crt = cert_context_crt(root);

        code = gnutls_certificate_set_x509_trust(x509, &crt, 1);
    }
    if (root != NULL)
        CertFreeCertificateContext(root);
    return code < 0 ? code : GNUTLS_E_SUCCESS;
}

void tls_issuers_clear(struct tls_ctx *tls)
{
    for (unsigned i = 0; i < tls->issuers.count; i++)
        free(tls->issuers.names[i].data);
    free(tls->issuers.names);
    memset(&tls->issuers, 0, sizeof(tls->issuers));
}

/* For SECPKG_ATTR_ISSUER_LIST_EX; without memory the caller sees a shorter list. */
static void issuers_keep(struct tls_ctx *tls, const struct gnutls_cert_retr_st *asked)
{
    tls_issuers_clear(tls);
    if (asked->nreqs == 0)
        return;
    tls->issuers.names = calloc(asked->nreqs, sizeof(*tls->issuers.names));
    for (unsigned i = 0; tls->issuers.names != NULL && i < asked->nreqs; i++) {
        gnutls_datum_t *name = &tls->issuers.names[tls->issuers.count];

        name->data = memory_copy(asked->req_ca_rdn[i].data, asked->req_ca_rdn[i].size);
        name->size = asked->req_ca_rdn[i].size;
        if (name->data == NULL)
            return;
        tls->issuers.count++;
    }
}

static bool issuer_is(gnutls_x509_crt_t cert, const struct gnutls_cert_retr_st *asked)
{
    gnutls_datum_t issuer;
    bool found = false;

    if (gnutls_x509_crt_get_raw_issuer_dn(cert, &issuer) != GNUTLS_E_SUCCESS)
        return false;
    for (unsigned i = 0; i < asked->nreqs && !found; i++)
        found = asked->req_ca_rdn[i].size == issuer.size &&
                memcmp(asked->req_ca_rdn[i].data, issuer.data, issuer.size) == 0;
    gnutls_free(issuer.data);
    return found;
}

/* RFC 5246 7.4.4: one certificate of the chain is issued by one of those named, if any are. */
static bool issuers_accept(const struct tls_identity *identity,
                           const struct gnutls_cert_retr_st *asked)
{
    bool found = asked->nreqs == 0;

    for (unsigned i = 0; i < identity->count && !found; i++) {
        gnutls_x509_crt_t cert;

        if (gnutls_pcert_export_x509(&identity->chain[i], &cert) != GNUTLS_E_SUCCESS)
            return false;
        found = issuer_is(cert, asked);
        gnutls_x509_crt_deinit(cert);
    }
    return found;
}

/* RFC 5246 7.4.4 and RFC 8422 5.5: the types of certificates know two kinds of keys. */
static bool type_fits(gnutls_pk_algorithm_t key, const struct gnutls_cert_retr_st *asked)
{
    gnutls_pk_algorithm_t type = key == GNUTLS_PK_RSA_PSS ? GNUTLS_PK_RSA
                                 : key == GNUTLS_PK_EDDSA_ED25519 || key == GNUTLS_PK_EDDSA_ED448
                                     ? GNUTLS_PK_ECDSA
                                     : key;

    for (unsigned i = 0; i < asked->pk_algos_length; i++)
        if (asked->pk_algos[i] == type || asked->pk_algos[i] == key)
            return true;
    return asked->pk_algos_length == 0;
}

/* RFC 8446 4.2.3: with PSS there are signatures by keys for anything, and by keys for that alone.
 */
static bool signature_is_by(gnutls_sign_algorithm_t sign, gnutls_pk_algorithm_t key)
{
    bool by_any = sign == GNUTLS_SIGN_RSA_PSS_RSAE_SHA256 ||
                  sign == GNUTLS_SIGN_RSA_PSS_RSAE_SHA384 ||
                  sign == GNUTLS_SIGN_RSA_PSS_RSAE_SHA512;

    return key == (by_any ? GNUTLS_PK_RSA : gnutls_sign_get_pk_algorithm(sign));
}

/* TLS 1.2 and later: the key has to make one of the signatures that are asked for. */
static bool signature_fits(gnutls_session_t session, gnutls_pk_algorithm_t key)
{
    gnutls_sign_algorithm_t sign;

    for (size_t i = 0; gnutls_sign_algorithm_get_requested(session, i, &sign) == GNUTLS_E_SUCCESS;
         i++)
        if (signature_is_by(sign, key))
            return true;
    return false;
}

static bool algorithm_fits(gnutls_session_t session, const struct tls_identity *identity,
                           const struct gnutls_cert_retr_st *asked)
{
    int key = gnutls_privkey_get_pk_algorithm(identity->key, NULL);
    gnutls_protocol_t version = gnutls_protocol_get_version(session);

    return key >= 0 && (version < GNUTLS_TLS1_2 || signature_fits(session, key)) &&
           (version >= GNUTLS_TLS1_3 || type_fits(key, asked));
}

static const struct tls_identity *identity_find(gnutls_session_t session,
                                                const struct tls_cred *cred,
                                                const struct gnutls_cert_retr_st *asked)
{
    for (unsigned i = 0; i < cred->count; i++)
        if (algorithm_fits(session, &cred->identities[i], asked) &&
            issuers_accept(&cred->identities[i], asked))
            return &cred->identities[i];
    return NULL;
}

static const struct tls_identity *identity_of(const struct tls_ctx *tls,
                                              const struct gnutls_cert_retr_st *asked)
{
    return identity_find(tls->session, (const struct tls_cred *)tls->base.cred, asked);
}

/*
 * Another credential has come: what it asks of the server counts. TLS 1.2 has shown the server's
 * certificate by now, and only the first credential has judged it.
 */
static bool peer_passes_again(struct tls_ctx *tls)
{
    unsigned count = 0;

    if (gnutls_certificate_get_peers(tls->session, &count) == NULL)
        return true;
    tls->verified = false;
    return tls_verify_peer(tls->session) == 0;
}

/*
 * GnuTLS wants the client's certificate now. Where there is none, the caller of
 * InitializeSecurityContext gets SEC_I_INCOMPLETE_CREDENTIALS, and what its next call brings
 * counts; then none is an answer as well.
 */
int tls_identity_choose(gnutls_session_t session, const struct gnutls_cert_retr_st *asked,
                        gnutls_pcert_st **chain, unsigned *count, gnutls_ocsp_data_st **ocsp,
                        unsigned *ocsp_count, gnutls_privkey_t *key, unsigned *flags)
{
    struct tls_ctx *tls = gnutls_session_get_ptr(session);
    const struct tls_identity *identity = identity_of(tls, asked);
    const struct cred *before = tls->base.cred;

    issuers_keep(tls, asked);
    if (identity == NULL && tls->fiber != NULL && !tls->may_go_without) {
        tls->waiting = true;
        fiber_park(tls->fiber);
        tls->waiting = false;
        if (tls->abandoned || (tls->base.cred != before && !peer_passes_again(tls)))
            return -1;
        identity = identity_of(tls, asked);
    }
    *chain = identity == NULL ? NULL : identity->chain;
    *count = identity == NULL ? 0 : identity->count;
    *key = identity == NULL ? NULL : identity->key;
    *ocsp = NULL;
    *ocsp_count = 0;
    *flags = 0; /* they stay ours */
    return 0;
}
