/* SPDX-License-Identifier: MIT */
/* Signature algorithms as certificates name them; signing by them, and checking. */
#include "cert/scheme.h"

#include <gnutls/crypto.h>
#include <string.h>

/* --- What an identifier means --------------------------------------------------------------- */

/* One hash for both, as RFC 4055 3.1 recommends and GnuTLS has it. */
static SECURITY_STATUS pss_choose(const CRYPT_RSA_SSA_PSS_PARAMETERS *parameters,
                                  struct cert_scheme *scheme)
{
    const CRYPT_MASK_GEN_ALGORITHM *mask = &parameters->MaskGenAlgorithm;

    scheme->hash = gnutls_oid_to_digest(parameters->HashAlgorithm.pszObjId);
    scheme->sign = gnutls_pk_to_sign(GNUTLS_PK_RSA_PSS, scheme->hash);
    scheme->salt = parameters->dwSaltLength;
    return scheme->sign != GNUTLS_SIGN_UNKNOWN && strcmp(mask->pszObjId, szOID_RSA_MGF1) == 0 &&
                   strcmp(mask->HashAlgorithm.pszObjId, parameters->HashAlgorithm.pszObjId) == 0 &&
                   parameters->dwTrailerField == PKCS_RSA_SSA_PSS_TRAILER_FIELD_BC
               ? SEC_E_OK
               : NTE_BAD_ALGID;
}

static SECURITY_STATUS pss_read(const CRYPT_OBJID_BLOB *der, struct cert_scheme *scheme)
{
    CRYPT_RSA_SSA_PSS_PARAMETERS *parameters = NULL;
    DWORD size = 0;
    SECURITY_STATUS status;

    scheme->pss = true;
    if (!CryptDecodeObjectEx(X509_ASN_ENCODING, PKCS_RSA_SSA_PSS_PARAMETERS, der->pbData,
                             der->cbData, CRYPT_DECODE_ALLOC_FLAG, NULL, &parameters, &size))
        return (SECURITY_STATUS)sspi_GetLastError();
    status = pss_choose(parameters, scheme);
    LocalFree(parameters);
    return status;
}

SECURITY_STATUS cert_scheme_read(const CRYPT_ALGORITHM_IDENTIFIER *identifier,
                                 struct cert_scheme *scheme)
{
    *scheme = (struct cert_scheme){.pss = false};
    if (identifier->pszObjId == NULL)
        return E_INVALIDARG;
    if (strcmp(identifier->pszObjId, szOID_RSA_SSA_PSS) == 0)
        return pss_read(&identifier->Parameters, scheme);
    scheme->sign = gnutls_oid_to_sign(identifier->pszObjId);
    if (scheme->sign == GNUTLS_SIGN_UNKNOWN)
        return NTE_BAD_ALGID;
    scheme->hash = gnutls_sign_get_hash_algorithm(scheme->sign);
    return SEC_E_OK;
}

/* --- RSASSA-PSS: the key is told which hash and salt are meant ------------------------------ */

/* RFC 4055 3.3: a key of PSS alone may name a hash, and the shortest salt. */
static bool spki_allows(gnutls_x509_spki_t spki, const struct cert_scheme *scheme)
{
    gnutls_digest_algorithm_t hash;
    unsigned salt;

    return gnutls_x509_spki_get_rsa_pss_params(spki, &hash, &salt) < 0 ||
           hash == GNUTLS_DIG_UNKNOWN || (hash == scheme->hash && scheme->salt >= salt);
}

static int pubkey_tell(gnutls_pubkey_t key, const struct cert_scheme *scheme)
{
    gnutls_x509_spki_t spki;
    int code = gnutls_x509_spki_init(&spki);

    if (code < 0)
        return code;
    if (gnutls_pubkey_get_spki(key, spki, 0) >= 0 && !spki_allows(spki, scheme))
        code = GNUTLS_E_CONSTRAINT_ERROR;
    gnutls_x509_spki_set_rsa_pss_params(spki, scheme->hash, scheme->salt);
    if (code >= 0)
        code = gnutls_pubkey_set_spki(key, spki, 0);
    gnutls_x509_spki_deinit(spki);
    return code;
}

static int privkey_tell(gnutls_privkey_t key, const struct cert_scheme *scheme)
{
    gnutls_x509_spki_t spki;
    int code = gnutls_x509_spki_init(&spki);

    if (code < 0)
        return code;
    if (gnutls_privkey_get_spki(key, spki, 0) >= 0 && !spki_allows(spki, scheme))
        code = GNUTLS_E_CONSTRAINT_ERROR;
    gnutls_x509_spki_set_rsa_pss_params(spki, scheme->hash, scheme->salt);
    if (code >= 0)
        code = gnutls_privkey_set_spki(key, spki, 0);
    gnutls_x509_spki_deinit(spki);
    return code;
}

/* --- Checking and signing ------------------------------------------------------------------- */

SECURITY_STATUS cert_scheme_check(const CERT_SIGNED_CONTENT_INFO *content, gnutls_pubkey_t key)
{
    const gnutls_datum_t data = {content->ToBeSigned.pbData, content->ToBeSigned.cbData};
    const gnutls_datum_t signature = {content->Signature.pbData, content->Signature.cbData};
    struct cert_scheme scheme;
    SECURITY_STATUS status = cert_scheme_read(&content->SignatureAlgorithm, &scheme);
    int code = GNUTLS_E_SUCCESS;

    if (status != SEC_E_OK)
        return status;
    if (content->Signature.cUnusedBits != 0) /* another text for the same signature */
        return NTE_BAD_SIGNATURE;
    if (scheme.pss)
        code = pubkey_tell(key, &scheme);
    if (code >= 0)
        code = gnutls_pubkey_verify_data2(key, scheme.sign, GNUTLS_VERIFY_ALLOW_BROKEN, &data,
                                          &signature);
    return code == GNUTLS_E_MEMORY_ERROR ? NTE_NO_MEMORY : code < 0 ? NTE_BAD_SIGNATURE : SEC_E_OK;
}

static bool is_pss(gnutls_x509_crt_t crt)
{
    int sign = gnutls_x509_crt_get_signature_algorithm(crt);

    return sign >= 0 &&
           gnutls_sign_get_pk_algorithm((gnutls_sign_algorithm_t)sign) == GNUTLS_PK_RSA_PSS;
}

static bool der_holds(const gnutls_datum_t *der, gnutls_x509_crt_t issuer)
{
    CERT_SIGNED_CONTENT_INFO *content = NULL;
    gnutls_pubkey_t key = NULL;
    DWORD size = 0;
    bool holds =
        CryptDecodeObjectEx(X509_ASN_ENCODING, X509_CERT, der->data, der->size,
                            CRYPT_DECODE_ALLOC_FLAG | CRYPT_DECODE_NO_SIGNATURE_BYTE_REVERSAL_FLAG,
                            NULL, &content, &size) &&
        gnutls_pubkey_init(&key) == 0 && gnutls_pubkey_import_x509(key, issuer, 0) == 0 &&
        cert_scheme_check(content, key) == SEC_E_OK;

    if (key != NULL)
        gnutls_pubkey_deinit(key);
    LocalFree(content);
    return holds;
}

bool cert_scheme_pss_holds(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer)
{
    gnutls_datum_t der = {NULL, 0};
    bool holds = is_pss(crt) && gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &der) == 0 &&
                 der_holds(&der, issuer);

    gnutls_free(der.data);
    return holds;
}

/* The key is shared: what it is told goes to a copy. GnuTLS makes no salt shorter than the hash. */
static SECURITY_STATUS pss_sign(const struct cert_scheme *scheme, const struct cert_key *key,
                                const gnutls_datum_t *data, gnutls_datum_t *signature)
{
    gnutls_privkey_t copy;
    SECURITY_STATUS status;
    int code;

    if (scheme->salt < (unsigned)gnutls_hash_get_len(scheme->hash))
        return NTE_NOT_SUPPORTED;
    status = cert_key_copy(key, &copy);
    if (status != SEC_E_OK)
        return status;
    code = privkey_tell(copy, scheme);
    if (code >= 0)
        code = gnutls_privkey_sign_data2(copy, scheme->sign, 0, data, signature);
    gnutls_privkey_deinit(copy);
    return cert_key_status("gnutls_privkey_sign_data2", code, NTE_FAIL);
}

SECURITY_STATUS cert_scheme_sign(const struct cert_scheme *scheme, const struct cert_key *key,
                                 const gnutls_datum_t *data, gnutls_datum_t *signature)
{
    if (key->secret == NULL)
        return NTE_NO_KEY;
    if (!gnutls_sign_supports_pk_algorithm(scheme->sign, key->algorithm))
        return NTE_BAD_ALGID;
    if (scheme->pss)
        return pss_sign(scheme, key, data, signature);
    return cert_key_status("gnutls_privkey_sign_data2",
                           gnutls_privkey_sign_data2(key->secret, scheme->sign, 0, data, signature),
                           NTE_FAIL);
}
