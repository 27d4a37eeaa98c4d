/* SPDX-License-Identifier: MIT */
/* Properties that are computed from a certificate: its hashes, above all. */
#include "cert/hashprop.h"

#include <gnutls/crypto.h>
#include <string.h>

#include "cert/key.h"
#include "core/asn.h"

static size_t hash(gnutls_digest_algorithm_t algorithm, const void *data, size_t size, BYTE *value)
{
    size_t made = gnutls_hash_get_len(algorithm);

    if (made == 0 || made > CERT_HASH_MAX || gnutls_hash_fast(algorithm, data, size, value) != 0)
        return 0;
    return made;
}

static size_t encoding_sha1(const struct cert_datum *datum, BYTE *value)
{
    return hash(GNUTLS_DIG_SHA1, datum->der, datum->size, value);
}

static size_t encoding_md5(const struct cert_datum *datum, BYTE *value)
{
    return hash(GNUTLS_DIG_MD5, datum->der, datum->size, value);
}

static size_t encoding_sha256(const struct cert_datum *datum, BYTE *value)
{
    return hash(GNUTLS_DIG_SHA256, datum->der, datum->size, value);
}

/* What is signed is the first element inside the outer one, hashed as the signature says. */
static size_t signed_part(const struct cert_datum *datum, BYTE *value)
{
    int algorithm = datum->kind == CERT_KIND_CRL
                        ? gnutls_x509_crl_get_signature_algorithm(datum->parsed.crl)
                        : gnutls_x509_crt_get_signature_algorithm(datum->parsed.crt);
    gnutls_digest_algorithm_t digest =
        algorithm < 0 ? GNUTLS_DIG_UNKNOWN
                      : gnutls_sign_get_hash_algorithm((gnutls_sign_algorithm_t)algorithm);
    struct asn_part outer = asn_tlv(datum->der, datum->size);
    struct asn_part text = asn_tlv(outer.data, outer.size);

    if (digest == GNUTLS_DIG_UNKNOWN || text.data == NULL)
        return 0;
    return hash(digest, outer.data, (size_t)(text.data + text.size - outer.data), value);
}

static size_t key_identifier(const struct cert_datum *datum, BYTE *value)
{
    size_t size = CERT_HASH_MAX;

    if (gnutls_x509_crt_get_subject_key_id(datum->parsed.crt, value, &size, NULL) == 0)
        return size;
    size = CERT_HASH_MAX;
    if (gnutls_x509_crt_get_key_id(datum->parsed.crt, GNUTLS_KEYID_USE_SHA1, value, &size) == 0)
        return size;
    return 0;
}

static size_t public_key_md5(const struct cert_datum *datum, BYTE *value)
{
    const CRYPT_BIT_BLOB *key = &((const CERT_INFO *)datum->info)->SubjectPublicKeyInfo.PublicKey;

    return hash(GNUTLS_DIG_MD5, key->pbData, key->cbData, value);
}

static size_t subject_md5(const struct cert_datum *datum, BYTE *value)
{
    const CERT_NAME_BLOB *name = &((const CERT_INFO *)datum->info)->Subject;

    return hash(GNUTLS_DIG_MD5, name->pbData, name->cbData, value);
}

static size_t issuer_serial_md5(const struct cert_datum *datum, BYTE *value)
{
    const CERT_INFO *info = datum->info;
    gnutls_hash_hd_t context;

    if (gnutls_hash_init(&context, GNUTLS_DIG_MD5) != 0)
        return 0;
    gnutls_hash(context, info->Issuer.pbData, info->Issuer.cbData);
    gnutls_hash(context, info->SerialNumber.pbData, info->SerialNumber.cbData);
    gnutls_hash_deinit(context, value);
    return gnutls_hash_get_len(GNUTLS_DIG_MD5);
}

static size_t key_bits(const struct cert_datum *datum, BYTE *value)
{
    unsigned bits = 0;
    int algorithm = gnutls_x509_crt_get_pk_algorithm(datum->parsed.crt, &bits);
    DWORD number = cert_key_bits(algorithm, bits);

    if (algorithm < 0 || number == 0)
        return 0;
    memcpy(value, &number, sizeof(number));
    return sizeof(number);
}

static const struct {
    DWORD id;
    bool crl; /* CRLs have it too */
    size_t (*compute)(const struct cert_datum *datum, BYTE *value);
} rows[] = {
    {CERT_SHA1_HASH_PROP_ID, true, encoding_sha1},
    {CERT_MD5_HASH_PROP_ID, true, encoding_md5},
    {CERT_SHA256_HASH_PROP_ID, true, encoding_sha256},
    {CERT_SIGNATURE_HASH_PROP_ID, true, signed_part},
    {CERT_KEY_IDENTIFIER_PROP_ID, false, key_identifier},
    {CERT_SUBJECT_PUBLIC_KEY_MD5_HASH_PROP_ID, false, public_key_md5},
    {CERT_SUBJECT_NAME_MD5_HASH_PROP_ID, false, subject_md5},
    {CERT_ISSUER_SERIAL_NUMBER_MD5_HASH_PROP_ID, false, issuer_serial_md5},
    {CERT_SUBJECT_PUB_KEY_BIT_LENGTH_PROP_ID, false, key_bits},
};

size_t cert_hash_property(const struct cert_element *element, DWORD id, BYTE value[CERT_HASH_MAX])
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].id == id)
            return rows[i].crl || element->datum->kind == CERT_KIND_CERTIFICATE
                       ? rows[i].compute(element->datum, value)
                       : 0;
    return 0;
}
