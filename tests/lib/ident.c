/* SPDX-License-Identifier: MIT */
/* Certificates as credentials. */
#include "lib/ident.h"

#include <string.h>

#include "cert/cert.h"

void ident_make(struct ident *ident, const char *name, unsigned key)
{
    struct certs_form form = {.name = name, .alt = "dns:localhost"};
    gnutls_datum_t der;
    gnutls_privkey_t priv;

    ident->key = key;
    ident->crt = certs_make(&form, key, NULL, 0);
    der = certs_der(ident->crt);
    ident->cert = CertCreateCertificateContext(X509_ASN_ENCODING, der.data, der.size);
    gnutls_free(der.data);
    certs_must(ident->cert != NULL);
    certs_must(gnutls_privkey_init(&priv) == 0);
    certs_must(gnutls_privkey_import_x509(priv, certs_key(key), GNUTLS_PRIVKEY_IMPORT_COPY) == 0);
    certs_must(cert_context_key_attach(ident->cert, priv));
}

void ident_free(struct ident *ident)
{
    CertFreeCertificateContext(ident->cert);
    gnutls_x509_crt_deinit(ident->crt);
    memset(ident, 0, sizeof(*ident));
}

void ident_give(const struct ident *ident, struct bare *bare)
{
    gnutls_x509_crt_t crt = ident->crt;

    certs_must(gnutls_certificate_set_x509_key(bare->x509, &crt, 1, certs_key(ident->key)) >= 0);
}

void ident_trust(const struct ident *ident, struct bare *bare)
{
    gnutls_x509_crt_t crt = ident->crt;

    certs_must(gnutls_certificate_set_x509_trust(bare->x509, &crt, 1) == 1);
}

SECURITY_STATUS ident_acquire(struct stream *stream, DWORD protocols, const struct ident *ident,
                              DWORD flags)
{
    TLS_PARAMETERS parameters = {.grbitDisabledProtocols = protocols == 0 ? 0 : ~protocols};
    SCH_CREDENTIALS auth = {
        .dwVersion = SCH_CREDENTIALS_VERSION,
        .dwFlags = SCH_CRED_MANUAL_CRED_VALIDATION | flags,
        .cTlsParameters = 1,
        .pTlsParameters = &parameters,
    };
    PCCERT_CONTEXT cert = ident == NULL ? NULL : ident->cert;

    auth.cCreds = ident != NULL;
    auth.paCred = &cert;
    return stream_acquire(stream, &auth);
}

void ident_credential(CredHandle *cred, bool server, const struct ident *ident)
{
    struct stream stream;

    stream_init(&stream, server);
    certs_must(ident_acquire(&stream, 0, ident, 0) == SEC_E_OK);
    *cred = stream.cred;
}

const char *ident_priority(DWORD protocols)
{
    switch (protocols) {
    case SP_PROT_TLS1_2:
        return "NORMAL:-VERS-ALL:+VERS-TLS1.2";
    case SP_PROT_TLS1_3:
        return "NORMAL:-VERS-ALL:+VERS-TLS1.3";
    default:
        return "NORMAL";
    }
}
