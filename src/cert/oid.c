/* SPDX-License-Identifier: MIT */
/* CryptFindOIDInfo: what is known of OIDs, under the names that Windows shows. */
#define CRYPT_OID_INFO_HAS_EXTRA_FIELDS
#include <string.h>

#include "win/win.h"

#include <wincrypt.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NO_ALGID     CALG_OID_INFO_CNG_ONLY

/* The key of a signature, as the extra information says it. */
static ALG_ID rsa_sign = CALG_RSA_SIGN;

#define PLAIN(oid, name, group)                                                                    \
    {                                                                                              \
        sizeof(CRYPT_OID_INFO), oid, SSPI_W(name), group, {0}, {0, NULL}, NULL, NULL               \
    }
#define ALGORITHM(oid, name, group, id, cng)                                                       \
    {                                                                                              \
        sizeof(CRYPT_OID_INFO), oid, SSPI_W(name), group, {id}, {0, NULL}, SSPI_W(cng), NULL       \
    }
#define RSA_SIGN(oid, name, id, cng)                                                               \
    {                                                                                              \
        sizeof(CRYPT_OID_INFO), oid, SSPI_W(name), CRYPT_SIGN_ALG_OID_GROUP_ID, {id},              \
            {sizeof(rsa_sign), (BYTE *)&rsa_sign}, SSPI_W(cng), SSPI_W("RSA")                      \
    }
/* RFC 4055: which hash it is, its parameters say. */
#define PSS_SIGN(oid, name)                                                                        \
    {                                                                                              \
        sizeof(CRYPT_OID_INFO), oid, SSPI_W(name), CRYPT_SIGN_ALG_OID_GROUP_ID,                    \
            {CALG_OID_INFO_PARAMETERS}, {sizeof(rsa_sign), (BYTE *)&rsa_sign},                     \
            CRYPT_OID_INFO_HASH_PARAMETERS_ALGORITHM, SSPI_W("RSA")                                \
    }
#define EC_SIGN(oid, name, cng)                                                                    \
    {                                                                                              \
        sizeof(CRYPT_OID_INFO), oid, SSPI_W(name), CRYPT_SIGN_ALG_OID_GROUP_ID, {NO_ALGID},        \
            {0, NULL}, SSPI_W(cng), SSPI_W("ECDSA")                                                \
    }
#define HASH(oid, name, id, cng)    ALGORITHM(oid, name, CRYPT_HASH_ALG_OID_GROUP_ID, id, cng)
#define ENCRYPT(oid, name, id, cng) ALGORITHM(oid, name, CRYPT_ENCRYPT_ALG_OID_GROUP_ID, id, cng)
#define PUBKEY(oid, name, id, cng)  ALGORITHM(oid, name, CRYPT_PUBKEY_ALG_OID_GROUP_ID, id, cng)
#define RDN(oid, name)              PLAIN(oid, name, CRYPT_RDN_ATTR_OID_GROUP_ID)
#define EXTENSION(oid, name)        PLAIN(oid, name, CRYPT_EXT_OR_ATTR_OID_GROUP_ID)
#define PURPOSE(oid, name)          PLAIN(oid, name, CRYPT_ENHKEY_USAGE_OID_GROUP_ID)
#define POLICY(oid, name)           PLAIN(oid, name, CRYPT_POLICY_OID_GROUP_ID)

static const CRYPT_OID_INFO infos[] = {
    HASH("1.2.840.113549.2.5", "md5", CALG_MD5, "MD5"),
    HASH(szOID_OIWSEC_sha1, "sha1", CALG_SHA1, "SHA1"),
    HASH(szOID_NIST_sha256, "sha256", CALG_SHA_256, "SHA256"),
    HASH(szOID_NIST_sha384, "sha384", CALG_SHA_384, "SHA384"),
    HASH(szOID_NIST_sha512, "sha512", CALG_SHA_512, "SHA512"),
    ENCRYPT("1.2.840.113549.3.7", "3des", CALG_3DES, "3DES"),
    ENCRYPT(szOID_NIST_AES128_CBC, "aes128", CALG_AES_128, "AES"),
    ENCRYPT(szOID_NIST_AES192_CBC, "aes192", CALG_AES_192, "AES"),
    ENCRYPT(szOID_NIST_AES256_CBC, "aes256", CALG_AES_256, "AES"),
    PUBKEY(szOID_RSA_RSA, "RSA", CALG_RSA_KEYX, "RSA"),
    PUBKEY(szOID_X957_DSA, "DSA", CALG_DSS_SIGN, "DSA"),
    PUBKEY(szOID_ECC_PUBLIC_KEY, "ECC", NO_ALGID, "CryptOIDInfoECCParameters"),
    RSA_SIGN(szOID_RSA_SHA256RSA, "sha256RSA", CALG_SHA_256, "SHA256"),
    RSA_SIGN(szOID_RSA_SHA384RSA, "sha384RSA", CALG_SHA_384, "SHA384"),
    RSA_SIGN(szOID_RSA_SHA512RSA, "sha512RSA", CALG_SHA_512, "SHA512"),
    RSA_SIGN(szOID_RSA_SHA1RSA, "sha1RSA", CALG_SHA1, "SHA1"),
    RSA_SIGN(szOID_RSA_MD5RSA, "md5RSA", CALG_MD5, "MD5"),
    PSS_SIGN(szOID_RSA_SSA_PSS, "RSASSA-PSS"),
    EC_SIGN(szOID_ECDSA_SHA1, "sha1ECDSA", "SHA1"),
    EC_SIGN(szOID_ECDSA_SHA256, "sha256ECDSA", "SHA256"),
    EC_SIGN(szOID_ECDSA_SHA384, "sha384ECDSA", "SHA384"),
    EC_SIGN(szOID_ECDSA_SHA512, "sha512ECDSA", "SHA512"),
    RDN(szOID_COMMON_NAME, "CN"),
    RDN(szOID_LOCALITY_NAME, "L"),
    RDN(szOID_ORGANIZATION_NAME, "O"),
    RDN(szOID_ORGANIZATIONAL_UNIT_NAME, "OU"),
    RDN(szOID_COUNTRY_NAME, "C"),
    RDN(szOID_STATE_OR_PROVINCE_NAME, "S"),
    RDN(szOID_STREET_ADDRESS, "STREET"),
    RDN(szOID_TITLE, "T"),
    RDN(szOID_GIVEN_NAME, "G"),
    RDN(szOID_INITIALS, "I"),
    RDN(szOID_SUR_NAME, "SN"),
    RDN(szOID_DOMAIN_COMPONENT, "DC"),
    RDN(szOID_RSA_emailAddr, "E"),
    RDN(szOID_DEVICE_SERIAL_NUMBER, "SERIALNUMBER"),
    EXTENSION(szOID_AUTHORITY_KEY_IDENTIFIER2, "Authority Key Identifier"),
    EXTENSION(szOID_SUBJECT_KEY_IDENTIFIER, "Subject Key Identifier"),
    EXTENSION(szOID_KEY_USAGE, "Key Usage"),
    EXTENSION(szOID_SUBJECT_ALT_NAME2, "Subject Alternative Name"),
    EXTENSION(szOID_ISSUER_ALT_NAME2, "Issuer Alternative Name"),
    EXTENSION(szOID_BASIC_CONSTRAINTS2, "Basic Constraints"),
    EXTENSION(szOID_NAME_CONSTRAINTS, "Name Constraints"),
    EXTENSION(szOID_CERT_POLICIES, "Certificate Policies"),
    EXTENSION(szOID_POLICY_MAPPINGS, "Policy Mappings"),
    EXTENSION(szOID_POLICY_CONSTRAINTS, "Policy Constraints"),
    EXTENSION(szOID_ENHANCED_KEY_USAGE, "Enhanced Key Usage"),
    EXTENSION(szOID_CRL_DIST_POINTS, "CRL Distribution Points"),
    EXTENSION(szOID_FRESHEST_CRL, "Freshest CRL"),
    EXTENSION(szOID_CRL_NUMBER, "CRL Number"),
    EXTENSION(szOID_DELTA_CRL_INDICATOR, "Delta CRL Indicator"),
    EXTENSION(szOID_ISSUING_DIST_POINT, "Issuing Distribution Point"),
    EXTENSION(szOID_CRL_REASON_CODE, "CRL Reason Code"),
    EXTENSION(szOID_AUTHORITY_INFO_ACCESS, "Authority Information Access"),
    EXTENSION(szOID_SUBJECT_INFO_ACCESS, "Subject Information Access"),
    EXTENSION(szOID_CERTIFICATE_TEMPLATE, "Certificate Template Information"),
    PURPOSE(szOID_PKIX_KP_SERVER_AUTH, "Server Authentication"),
    PURPOSE(szOID_PKIX_KP_CLIENT_AUTH, "Client Authentication"),
    PURPOSE(szOID_PKIX_KP_CODE_SIGNING, "Code Signing"),
    PURPOSE(szOID_PKIX_KP_EMAIL_PROTECTION, "Secure Email"),
    PURPOSE(szOID_PKIX_KP_TIMESTAMP_SIGNING, "Time Stamping"),
    PURPOSE(szOID_PKIX_KP_OCSP_SIGNING, "OCSP Signing"),
    PURPOSE(szOID_PKIX_KP_IPSEC_END_SYSTEM, "IP security end system"),
    PURPOSE(szOID_PKIX_KP_IPSEC_TUNNEL, "IP security tunnel termination"),
    PURPOSE(szOID_PKIX_KP_IPSEC_USER, "IP security user"),
    POLICY("2.5.29.32.0", "All issuance policies"),
};

/* --- Keys ----------------------------------------------------------------------------------- */

static bool wide_equal(LPCWSTR a, LPCWSTR b)
{
    size_t i = 0;

    if (a == NULL || b == NULL)
        return false;
    for (; a[i] != 0 && b[i] != 0; i++) {
        WCHAR x = a[i] >= 'A' && a[i] <= 'Z' ? (WCHAR)(a[i] + 'a' - 'A') : a[i];
        WCHAR y = b[i] >= 'A' && b[i] <= 'Z' ? (WCHAR)(b[i] + 'a' - 'A') : b[i];

        if (x != y)
            return false;
    }
    return a[i] == b[i];
}

static bool is_algorithm(const CRYPT_OID_INFO *info)
{
    return info->dwGroupId >= CRYPT_FIRST_ALG_OID_GROUP_ID &&
           info->dwGroupId <= CRYPT_LAST_ALG_OID_GROUP_ID;
}

static bool oid_is(const CRYPT_OID_INFO *info, const void *key)
{
    return strcmp(info->pszOID, key) == 0;
}

static bool name_is(const CRYPT_OID_INFO *info, const void *key)
{
    return wide_equal(info->pwszName, key);
}

static bool id_is(const CRYPT_OID_INFO *info, const void *key)
{
    ALG_ID id;

    memcpy(&id, key, sizeof(id));
    return is_algorithm(info) && info->dwGroupId != CRYPT_SIGN_ALG_OID_GROUP_ID &&
           info->Algid == id;
}

/* The hash, and the key: CALG_RSA_KEYX does as well. */
static bool sign_is(const CRYPT_OID_INFO *info, const void *key)
{
    ALG_ID ids[2];

    memcpy(ids, key, sizeof(ids));
    return info->dwGroupId == CRYPT_SIGN_ALG_OID_GROUP_ID && info->ExtraInfo.cbData != 0 &&
           info->Algid == ids[0] && (ids[1] == CALG_RSA_SIGN || ids[1] == CALG_RSA_KEYX);
}

static bool cng_is(const CRYPT_OID_INFO *info, const void *key)
{
    return info->dwGroupId != CRYPT_SIGN_ALG_OID_GROUP_ID && wide_equal(info->pwszCNGAlgid, key);
}

static bool cng_sign_is(const CRYPT_OID_INFO *info, const void *key)
{
    LPCWSTR names[2];

    memcpy(names, key, sizeof(names));
    return info->dwGroupId == CRYPT_SIGN_ALG_OID_GROUP_ID &&
           wide_equal(info->pwszCNGAlgid, names[0]) &&
           wide_equal(info->pwszCNGExtraAlgid, names[1]);
}

static bool (*const keys[])(const CRYPT_OID_INFO *info, const void *key) = {
    [CRYPT_OID_INFO_OID_KEY] = oid_is,       [CRYPT_OID_INFO_NAME_KEY] = name_is,
    [CRYPT_OID_INFO_ALGID_KEY] = id_is,      [CRYPT_OID_INFO_SIGN_KEY] = sign_is,
    [CRYPT_OID_INFO_CNG_ALGID_KEY] = cng_is, [CRYPT_OID_INFO_CNG_SIGN_KEY] = cng_sign_is,
};

/* --- The calls ------------------------------------------------------------------------------ */

WIN_API PCCRYPT_OID_INFO CryptFindOIDInfo(DWORD dwKeyType, void *pvKey, DWORD dwGroupId)
{
    DWORD kind = dwKeyType & ~(DWORD)CRYPT_OID_INFO_OID_KEY_FLAGS_MASK;
    DWORD group = dwGroupId & 0xffff;

    if (pvKey == NULL || kind >= COUNT(keys) || keys[kind] == NULL)
        return NULL;
    for (size_t i = 0; i < COUNT(infos); i++)
        if ((group == 0 || infos[i].dwGroupId == group) && keys[kind](&infos[i], pvKey))
            return &infos[i];
    return NULL;
}

WIN_API BOOL CryptEnumOIDInfo(DWORD dwGroupId, DWORD dwFlags, void *pvArg,
                              PFN_CRYPT_ENUM_OID_INFO pfnEnumOIDInfo)
{
    (void)dwFlags;
    for (size_t i = 0; i < COUNT(infos); i++)
        if ((dwGroupId == 0 || infos[i].dwGroupId == dwGroupId) &&
            !pfnEnumOIDInfo(&infos[i], pvArg))
            return FALSE;
    return TRUE;
}

WIN_API DWORD CertOIDToAlgId(LPCSTR pszObjId)
{
    for (size_t i = 0; pszObjId != NULL && i < COUNT(infos); i++)
        if (is_algorithm(&infos[i]) && strcmp(infos[i].pszOID, pszObjId) == 0)
            return infos[i].Algid >= CALG_OID_INFO_PARAMETERS ? 0 : infos[i].Algid;
    return 0;
}

WIN_API LPCSTR CertAlgIdToOID(DWORD dwAlgId)
{
    PCCRYPT_OID_INFO info = dwAlgId == 0 || dwAlgId >= CALG_OID_INFO_PARAMETERS
                                ? NULL
                                : CryptFindOIDInfo(CRYPT_OID_INFO_ALGID_KEY, &dwAlgId, 0);

    return info == NULL ? NULL : info->pszOID;
}
