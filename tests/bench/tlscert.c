/* SPDX-License-Identifier: MIT */
/* The certificate of all servers. */
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>

#include "bench/measure.h"
#include "bench/tls.h"

static void check(const char *call, int code)
{
    if (code < 0)
        die("%s: %s", call, gnutls_strerror(code));
}

static void pem_make(bool rsa, gnutls_datum_t *pem)
{
    gnutls_pk_algorithm_t algorithm = rsa ? GNUTLS_PK_RSA : GNUTLS_PK_ECDSA;
    unsigned bits = rsa ? 2048 : GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1);
    time_t now = time(NULL);
    gnutls_x509_privkey_t key;
    gnutls_x509_crt_t crt;
    gnutls_datum_t parts[2];

    check("gnutls_x509_privkey_init", gnutls_x509_privkey_init(&key));
    check("gnutls_x509_privkey_generate", gnutls_x509_privkey_generate(key, algorithm, bits, 0));
    check("gnutls_x509_crt_init", gnutls_x509_crt_init(&crt));
    check("gnutls_x509_crt_set_version", gnutls_x509_crt_set_version(crt, 3));
    check("gnutls_x509_crt_set_serial", gnutls_x509_crt_set_serial(crt, "\1", 1));
    check("gnutls_x509_crt_set_dn", gnutls_x509_crt_set_dn(crt, "CN=" TLS_TARGET, NULL));
    check("gnutls_x509_crt_set_activation_time",
          gnutls_x509_crt_set_activation_time(crt, now - 3600));
    check("gnutls_x509_crt_set_expiration_time",
          gnutls_x509_crt_set_expiration_time(crt, now + 86400));
    check("gnutls_x509_crt_set_subject_alt_name",
          gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, TLS_TARGET,
                                               sizeof(TLS_TARGET) - 1, GNUTLS_FSAN_SET));
    check("gnutls_x509_crt_set_key", gnutls_x509_crt_set_key(crt, key));
    check("gnutls_x509_crt_sign2", gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0));
    check("gnutls_x509_crt_export2", gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &parts[0]));
    check("gnutls_x509_privkey_export2_pkcs8",
          gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN,
                                            &parts[1]));
    pem->size = parts[0].size + parts[1].size;
    pem->data = malloc(pem->size + 1);
    memcpy(pem->data, parts[0].data, parts[0].size);
    memcpy(pem->data + parts[0].size, parts[1].data, parts[1].size);
    pem->data[pem->size] = '\0';
    gnutls_free(parts[0].data);
    gnutls_free(parts[1].data);
    gnutls_x509_crt_deinit(crt);
    gnutls_x509_privkey_deinit(key);
}

const gnutls_datum_t *tls_pem(bool rsa)
{
    static gnutls_datum_t pem[2];

    if (pem[rsa].data == NULL)
        pem_make(rsa, &pem[rsa]);
    return &pem[rsa];
}
