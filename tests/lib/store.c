/* SPDX-License-Identifier: MIT */
/* Certificates of tests/lib/certs.h as contexts, in stores. */
#include "lib/store.h"

#include <check.h>

static const struct certs_form forms[STORE_CRTS] = {
    [STORE_ROOT] = {.name = "CN=The Root,O=Tests", .authority = 1},
    [STORE_AUTHORITY] = {.name = "CN=An Authority,O=Tests", .authority = 1},
    [STORE_END] = {.name = "CN=www.example.com,O=Tests",
                   .alt = "dns:www.example.com",
                   .purpose = szOID_PKIX_KP_SERVER_AUTH},
    [STORE_OTHER] = {.name = "CN=Someone Else"},
};

static gnutls_x509_crt_t made[STORE_CRTS];

/* Key n is certificate n's; the other one signs itself. */
gnutls_x509_crt_t store_crt(enum store_crt which)
{
    gnutls_x509_crt_t issuer = NULL;
    unsigned signer = which;

    if (made[which] != NULL)
        return made[which];
    if (which == STORE_AUTHORITY || which == STORE_END) {
        signer = which - 1;
        issuer = store_crt((enum store_crt)signer);
    }
    return made[which] = certs_make(&forms[which], which, issuer, signer);
}

PCCERT_CONTEXT store_context(enum store_crt which)
{
    gnutls_datum_t der = certs_der(store_crt(which));
    PCCERT_CONTEXT context = CertCreateCertificateContext(X509_ASN_ENCODING, der.data, der.size);

    ck_assert_ptr_nonnull(context);
    gnutls_free(der.data);
    return context;
}

HCERTSTORE store_memory(void)
{
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);

    ck_assert_ptr_nonnull(store);
    return store;
}

PCCERT_CONTEXT store_put(HCERTSTORE store, enum store_crt which)
{
    PCCERT_CONTEXT context = store_context(which);
    PCCERT_CONTEXT stored = NULL;

    ck_assert(CertAddCertificateContextToStore(store, context, CERT_STORE_ADD_ALWAYS, &stored));
    ck_assert_ptr_nonnull(stored);
    CertFreeCertificateContext(context);
    return stored;
}

unsigned store_count(HCERTSTORE store)
{
    PCCERT_CONTEXT context = NULL;
    unsigned count = 0;

    while ((context = CertEnumCertificatesInStore(store, context)) != NULL)
        count++;
    return count;
}

unsigned store_count_crls(HCERTSTORE store)
{
    PCCRL_CONTEXT context = NULL;
    unsigned count = 0;

    while ((context = CertEnumCRLsInStore(store, context)) != NULL)
        count++;
    return count;
}

gnutls_datum_t store_crl(void)
{
    const struct certs_list list = {.revoked = store_crt(STORE_END)};

    return certs_list(&list, store_crt(STORE_AUTHORITY), STORE_AUTHORITY);
}

gnutls_datum_t store_pem(enum store_crt which)
{
    gnutls_datum_t pem = {NULL, 0};

    ck_assert_int_eq(gnutls_x509_crt_export2(store_crt(which), GNUTLS_X509_FMT_PEM, &pem), 0);
    return pem;
}

gnutls_datum_t store_key_pem(unsigned key)
{
    gnutls_datum_t pem = {NULL, 0};

    ck_assert_int_eq(gnutls_x509_privkey_export2_pkcs8(certs_key(key), GNUTLS_X509_FMT_PEM, NULL,
                                                       GNUTLS_PKCS_PLAIN, &pem),
                     0);
    return pem;
}

void store_end(void)
{
    for (int i = 0; i < STORE_CRTS; i++) {
        if (made[i] != NULL)
            gnutls_x509_crt_deinit(made[i]);
        made[i] = NULL;
    }
    certs_end();
}
