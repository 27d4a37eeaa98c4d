/* SPDX-License-Identifier: MIT */
/* Versions and algorithms of a credential. */
#include "tls/policy.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/native.h"
#include "core/text.h"
#include "tls/status.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Windows never offers TLS 1.3 for the older structure; below 1.2 only for who asks by name. */
#define PROTOCOLS_NEW (SP_PROT_TLS1_2 | SP_PROT_TLS1_3)
#define PROTOCOLS_OLD (SP_PROT_TLS1_0 | SP_PROT_TLS1_1 | SP_PROT_TLS1_2)

#define CLIENT_SIDE                                                                                \
    (SP_PROT_TLS1_0_CLIENT | SP_PROT_TLS1_1_CLIENT | SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_3_CLIENT)
#define SERVER_SIDE                                                                                \
    (SP_PROT_TLS1_0_SERVER | SP_PROT_TLS1_1_SERVER | SP_PROT_TLS1_2_SERVER | SP_PROT_TLS1_3_SERVER)

static const struct {
    DWORD protocols;
    const char *name;
} versions[] = {
    {SP_PROT_TLS1_3, "VERS-TLS1.3"},
    {SP_PROT_TLS1_2, "VERS-TLS1.2"},
    {SP_PROT_TLS1_1, "VERS-TLS1.1"},
    {SP_PROT_TLS1_0, "VERS-TLS1.0"},
};

/* --- Algorithms ----------------------------------------------------------------------------- */

/* One thing that GnuTLS can be told to leave out, with the names that Windows has for it. */
static const struct algorithm {
    eTlsAlgorithmUsage usage;
    const char *name; /* GnuTLS' */
    ALG_ID id;
    const char *cng, *mode;
    DWORD bits; /* of ciphers */
    bool weak;  /* SCH_USE_STRONG_CRYPTO */
} algorithms[] = {
    {TlsParametersCngAlgUsageCipher, "AES-256-GCM", CALG_AES_256, "AES", "GCM", 256, false},
    {TlsParametersCngAlgUsageCipher, "AES-128-GCM", CALG_AES_128, "AES", "GCM", 128, false},
    {TlsParametersCngAlgUsageCipher, "AES-256-CCM", CALG_AES_256, "AES", "CCM", 256, false},
    {TlsParametersCngAlgUsageCipher, "AES-128-CCM", CALG_AES_128, "AES", "CCM", 128, false},
    {TlsParametersCngAlgUsageCipher, "AES-256-CCM-8", CALG_AES_256, "AES", "CCM", 256, true},
    {TlsParametersCngAlgUsageCipher, "AES-128-CCM-8", CALG_AES_128, "AES", "CCM", 128, true},
    {TlsParametersCngAlgUsageCipher, "AES-256-CBC", CALG_AES_256, "AES", "CBC", 256, false},
    {TlsParametersCngAlgUsageCipher, "AES-128-CBC", CALG_AES_128, "AES", "CBC", 128, false},
    {TlsParametersCngAlgUsageCipher, "3DES-CBC", CALG_3DES, "3DES", "CBC", 168, true},
    {TlsParametersCngAlgUsageCipher, "ARCFOUR-128", CALG_RC4, "RC4", "N/A", 128, true},
    /* No ALG_ID has ever been given to these two families. */
    {TlsParametersCngAlgUsageCipher, "CHACHA20-POLY1305", 0, "CHACHA20_POLY1305", "N/A", 256,
     false},
    {TlsParametersCngAlgUsageCipher, "CAMELLIA-256-GCM", 0, "CAMELLIA", "GCM", 256, false},
    {TlsParametersCngAlgUsageCipher, "CAMELLIA-128-GCM", 0, "CAMELLIA", "GCM", 128, false},
    {TlsParametersCngAlgUsageCipher, "CAMELLIA-256-CBC", 0, "CAMELLIA", "CBC", 256, false},
    {TlsParametersCngAlgUsageCipher, "CAMELLIA-128-CBC", 0, "CAMELLIA", "CBC", 128, false},

    {TlsParametersCngAlgUsageDigest, "SHA384", CALG_SHA_384, "SHA384", NULL, 0, false},
    {TlsParametersCngAlgUsageDigest, "SHA256", CALG_SHA_256, "SHA256", NULL, 0, false},
    {TlsParametersCngAlgUsageDigest, "SHA1", CALG_SHA1, "SHA1", NULL, 0, false},
    {TlsParametersCngAlgUsageDigest, "MD5", CALG_MD5, "MD5", NULL, 0, true},

    {TlsParametersCngAlgUsageKeyExchange, "ECDHE-ECDSA", CALG_ECDH_EPHEM, "ECDH", NULL, 0, false},
    {TlsParametersCngAlgUsageKeyExchange, "ECDHE-RSA", CALG_ECDH_EPHEM, "ECDH", NULL, 0, false},
    {TlsParametersCngAlgUsageKeyExchange, "DHE-RSA", CALG_DH_EPHEM, "DH", NULL, 0, false},
    {TlsParametersCngAlgUsageKeyExchange, "RSA", CALG_RSA_KEYX, "RSA", NULL, 0, false},

    {TlsParametersCngAlgUsageSignature, "SIGN-RSA-SHA1", CALG_RSA_SIGN, "RSA", NULL, 0, true},
    {TlsParametersCngAlgUsageSignature, "SIGN-RSA-SHA256", CALG_RSA_SIGN, "RSA", NULL, 0, false},
    {TlsParametersCngAlgUsageSignature, "SIGN-RSA-SHA384", CALG_RSA_SIGN, "RSA", NULL, 0, false},
    {TlsParametersCngAlgUsageSignature, "SIGN-RSA-SHA512", CALG_RSA_SIGN, "RSA", NULL, 0, false},
    {TlsParametersCngAlgUsageSignature, "SIGN-RSA-PSS-RSAE-SHA256", CALG_RSA_SIGN, "RSA", NULL, 0,
     false},
    {TlsParametersCngAlgUsageSignature, "SIGN-RSA-PSS-RSAE-SHA384", CALG_RSA_SIGN, "RSA", NULL, 0,
     false},
    {TlsParametersCngAlgUsageSignature, "SIGN-RSA-PSS-RSAE-SHA512", CALG_RSA_SIGN, "RSA", NULL, 0,
     false},
    {TlsParametersCngAlgUsageSignature, "SIGN-RSA-PSS-SHA256", CALG_RSA_SIGN, "RSA", NULL, 0,
     false},
    {TlsParametersCngAlgUsageSignature, "SIGN-RSA-PSS-SHA384", CALG_RSA_SIGN, "RSA", NULL, 0,
     false},
    {TlsParametersCngAlgUsageSignature, "SIGN-RSA-PSS-SHA512", CALG_RSA_SIGN, "RSA", NULL, 0,
     false},
    {TlsParametersCngAlgUsageSignature, "SIGN-ECDSA-SHA1", CALG_ECDSA, "ECDSA", NULL, 0, true},
    {TlsParametersCngAlgUsageSignature, "SIGN-ECDSA-SHA256", CALG_ECDSA, "ECDSA", NULL, 0, false},
    {TlsParametersCngAlgUsageSignature, "SIGN-ECDSA-SHA384", CALG_ECDSA, "ECDSA", NULL, 0, false},
    {TlsParametersCngAlgUsageSignature, "SIGN-ECDSA-SHA512", CALG_ECDSA, "ECDSA", NULL, 0, false},
};

_Static_assert(COUNT(algorithms) <= 64, "a bit for each row");

static void forbid(struct tls_policy *policy, size_t row)
{
    policy->forbidden |= UINT64_C(1) << row;
}

static bool allows(const struct tls_policy *policy, size_t row)
{
    return !(policy->forbidden >> row & 1);
}

/* --- What both structures have -------------------------------------------------------------- */

static SECURITY_STATUS policy_flags(struct tls_policy *policy, DWORD flags)
{
    if (flags & (SCH_USE_DTLS_ONLY | SCH_USE_PRESHAREDKEY_ONLY)) {
        native_error_set("Schannel: DTLS and keys shared beforehand are not supported");
        return SEC_E_UNSUPPORTED_FUNCTION;
    }
    for (size_t i = 0; i < COUNT(algorithms); i++)
        if (algorithms[i].weak && (flags & SCH_USE_STRONG_CRYPTO))
            forbid(policy, i);
    return SEC_E_OK;
}

SECURITY_STATUS tls_policy_default(struct tls_policy *policy)
{
    *policy = (struct tls_policy){.protocols = PROTOCOLS_NEW};
    return SEC_E_OK;
}

/* --- SCHANNEL_CRED -------------------------------------------------------------------------- */

static bool listed(const SCHANNEL_CRED *cred, ALG_ID id)
{
    for (DWORD i = 0; i < cred->cSupportedAlgs; i++)
        if (cred->palgSupportedAlgs[i] == id)
            return true;
    return false;
}

/* Whether the list speaks of this kind of algorithm at all: if not, all of the kind stay. */
static bool listed_usage(const SCHANNEL_CRED *cred, eTlsAlgorithmUsage usage)
{
    for (size_t i = 0; i < COUNT(algorithms); i++)
        if (algorithms[i].usage == usage && algorithms[i].id != 0 && listed(cred, algorithms[i].id))
            return true;
    return false;
}

static void policy_list(struct tls_policy *policy, const SCHANNEL_CRED *cred)
{
    for (size_t i = 0; i < COUNT(algorithms); i++)
        if (listed_usage(cred, algorithms[i].usage) &&
            (algorithms[i].id == 0 || !listed(cred, algorithms[i].id)))
            forbid(policy, i);
}

static void policy_strength(struct tls_policy *policy, DWORD least, DWORD greatest)
{
    for (size_t i = 0; i < COUNT(algorithms); i++)
        if (algorithms[i].bits != 0 &&
            (algorithms[i].bits < least || (greatest != 0 && algorithms[i].bits > greatest)))
            forbid(policy, i);
}

#define NULL_CIPHERS_ONLY 0xffffffffU

SECURITY_STATUS tls_policy_v4(struct tls_policy *policy, const SCHANNEL_CRED *cred)
{
    DWORD asked = cred->grbitEnabledProtocols;

    *policy = (struct tls_policy){.protocols = asked == 0 ? SP_PROT_TLS1_2 : asked & PROTOCOLS_OLD};
    if (cred->cSupportedAlgs > SCH_CRED_MAX_SUPPORTED_ALGS ||
        (cred->cSupportedAlgs != 0 && cred->palgSupportedAlgs == NULL))
        return SEC_E_UNKNOWN_CREDENTIALS;
    if (cred->dwMinimumCipherStrength == NULL_CIPHERS_ONLY ||
        cred->dwMaximumCipherStrength == NULL_CIPHERS_ONLY) {
        native_error_set("Schannel: ciphers that hide nothing are not supported");
        return SEC_E_UNSUPPORTED_FUNCTION;
    }
    policy_list(policy, cred);
    policy_strength(policy, cred->dwMinimumCipherStrength, cred->dwMaximumCipherStrength);
    return policy_flags(policy, cred->dwFlags);
}

/* --- SCH_CREDENTIALS ------------------------------------------------------------------------ */

#define MODE_PREFIX "ChainingMode"

/* Whether a counted string of the caller's says the same as ours. */
static bool string_is(const UNICODE_STRING *string, const char *prefix, const char *text)
{
    size_t skip = strlen(prefix), length = skip + strlen(text);

    if (string->Buffer == NULL || string->Length != length * sizeof(WCHAR))
        return false;
    for (size_t i = 0; i < length; i++)
        if (string->Buffer[i] != (WCHAR)(unsigned char)(i < skip ? prefix[i] : text[i - skip]))
            return false;
    return true;
}

static bool setting_has_mode(const CRYPTO_SETTINGS *setting, const struct algorithm *algorithm)
{
    for (DWORD i = 0; algorithm->mode != NULL && i < setting->cChainingModes; i++)
        if (string_is(&setting->rgstrChainingModes[i], MODE_PREFIX, algorithm->mode))
            return true;
    return setting->cChainingModes == 0;
}

/* Without bounds all of the algorithm is meant, with them what lies outside. */
static bool setting_has_length(const CRYPTO_SETTINGS *setting, const struct algorithm *algorithm)
{
    if (setting->dwMinBitLength == 0 && setting->dwMaxBitLength == 0)
        return true;
    return algorithm->bits != 0 &&
           (algorithm->bits < setting->dwMinBitLength ||
            (setting->dwMaxBitLength != 0 && algorithm->bits > setting->dwMaxBitLength));
}

static SECURITY_STATUS policy_setting(struct tls_policy *policy, const CRYPTO_SETTINGS *setting)
{
    if (setting->cChainingModes > SCH_CRED_MAX_SUPPORTED_CHAINING_MODES ||
        (setting->cChainingModes != 0 && setting->rgstrChainingModes == NULL))
        return SEC_E_UNKNOWN_CREDENTIALS;
    for (size_t i = 0; i < COUNT(algorithms); i++)
        if (algorithms[i].usage == setting->eAlgorithmUsage &&
            string_is(&setting->strCngAlgId, "", algorithms[i].cng) &&
            setting_has_mode(setting, &algorithms[i]) &&
            setting_has_length(setting, &algorithms[i]))
            forbid(policy, i);
    return SEC_E_OK;
}

static SECURITY_STATUS policy_parameters(struct tls_policy *policy,
                                         const TLS_PARAMETERS *parameters)
{
    SECURITY_STATUS status = SEC_E_OK;

    if (parameters->cDisabledCrypto > SCH_CRED_MAX_SUPPORTED_CRYPTO_SETTINGS ||
        (parameters->cDisabledCrypto != 0 && parameters->pDisabledCrypto == NULL))
        return SEC_E_UNKNOWN_CREDENTIALS;
    policy->protocols &= ~parameters->grbitDisabledProtocols;
    for (DWORD i = 0; i < parameters->cDisabledCrypto && status == SEC_E_OK; i++)
        status = policy_setting(policy, &parameters->pDisabledCrypto[i]);
    return status;
}

SECURITY_STATUS tls_policy_v5(struct tls_policy *policy, const SCH_CREDENTIALS *cred)
{
    SECURITY_STATUS status;

    tls_policy_default(policy);
    if (cred->cTlsParameters > 1 || (cred->cTlsParameters != 0 && cred->pTlsParameters == NULL))
        return SEC_E_UNKNOWN_CREDENTIALS;
    if (cred->cTlsParameters != 0 && cred->pTlsParameters->cAlpnIds != 0) {
        native_error_set("Schannel: TLS_PARAMETERS for single application protocols");
        return SEC_E_UNSUPPORTED_FUNCTION;
    }
    status = cred->cTlsParameters == 0 ? SEC_E_OK : policy_parameters(policy, cred->pTlsParameters);
    return status == SEC_E_OK ? policy_flags(policy, cred->dwFlags) : status;
}

/* --- To GnuTLS, and back -------------------------------------------------------------------- */

#define PRIORITY_SIZE 1024

static void priority_add(char *text, const char *sign, const char *name)
{
    size_t length = strlen(text);

    snprintf(text + length, PRIORITY_SIZE - length, "%s%s", sign, name);
}

DWORD tls_policy_side(ULONG use)
{
    return use & SECPKG_CRED_INBOUND ? SERVER_SIDE : CLIENT_SIDE;
}

SECURITY_STATUS tls_policy_priority(const struct tls_policy *policy, ULONG use,
                                    gnutls_priority_t *priority)
{
    char text[PRIORITY_SIZE] = "-VERS-ALL";
    DWORD side = tls_policy_side(use);
    int code;

    if (!(policy->protocols & side)) {
        native_error_set("Schannel: the credential leaves no version of TLS");
        return SEC_E_ALGORITHM_MISMATCH;
    }
    for (size_t i = 0; i < COUNT(versions); i++)
        if (versions[i].protocols & policy->protocols & side)
            priority_add(text, ":+", versions[i].name);
    for (size_t i = 0; i < COUNT(algorithms); i++)
        if (!allows(policy, i))
            priority_add(text, ":-", algorithms[i].name);
    code = gnutls_priority_init2(priority, text, NULL, GNUTLS_PRIORITY_INIT_DEF_APPEND);
    return code == GNUTLS_E_SUCCESS
               ? SEC_E_OK
               : tls_status("gnutls_priority_init2", code, GNUTLS_A_CLOSE_NOTIFY);
}

static bool listed_in(const unsigned *list, int count, unsigned id)
{
    for (int i = 0; i < count; i++)
        if (list[i] == id)
            return true;
    return false;
}

static bool cipher_is_on(gnutls_priority_t priority, const char *name)
{
    const unsigned *list;
    int count = gnutls_priority_cipher_list(priority, &list);

    return listed_in(list, count, gnutls_cipher_get_id(name));
}

static bool exchange_is_on(gnutls_priority_t priority, const char *name)
{
    const unsigned *list;
    int count = gnutls_priority_kx_list(priority, &list);

    return listed_in(list, count, gnutls_kx_get_id(name));
}

static bool signature_is_on(gnutls_priority_t priority, const char *name)
{
    const unsigned *list;
    int count = gnutls_priority_sign_list(priority, &list);

    return listed_in(list, count, gnutls_sign_get_id(name + strlen("SIGN-")));
}

/* For MACs, or for signatures. */
static bool digest_is_on(gnutls_priority_t priority, const char *name)
{
    const unsigned *list;
    int count = gnutls_priority_mac_list(priority, &list);

    if (listed_in(list, count, gnutls_mac_get_id(name)))
        return true;
    count = gnutls_priority_sign_list(priority, &list);
    for (int i = 0; i < count; i++)
        if (gnutls_sign_get_hash_algorithm(list[i]) == gnutls_digest_get_id(name))
            return true;
    return false;
}

/* What the credential allows and the system's policy has. */
static bool is_on(const struct tls_policy *policy, gnutls_priority_t priority, size_t row)
{
    static bool (*const by_usage[])(gnutls_priority_t, const char *) = {
        [TlsParametersCngAlgUsageKeyExchange] = exchange_is_on,
        [TlsParametersCngAlgUsageSignature] = signature_is_on,
        [TlsParametersCngAlgUsageCipher] = cipher_is_on,
        [TlsParametersCngAlgUsageDigest] = digest_is_on,
    };

    return allows(policy, row) && by_usage[algorithms[row].usage](priority, algorithms[row].name);
}

unsigned tls_policy_algorithms(const struct tls_policy *policy, gnutls_priority_t priority,
                               ALG_ID *list, unsigned size)
{
    unsigned count = 0;

    for (size_t i = 0; i < COUNT(algorithms) && count < size; i++) {
        bool seen = algorithms[i].id == 0 || !is_on(policy, priority, i);

        for (unsigned known = 0; known < count && !seen; known++)
            seen = list[known] == algorithms[i].id;
        if (!seen)
            list[count++] = algorithms[i].id;
    }
    return count;
}

void tls_policy_strengths(const struct tls_policy *policy, gnutls_priority_t priority, DWORD *least,
                          DWORD *greatest)
{
    *least = *greatest = 0;
    for (size_t i = 0; i < COUNT(algorithms); i++) {
        if (algorithms[i].bits == 0 || !is_on(policy, priority, i))
            continue;
        if (*least == 0 || algorithms[i].bits < *least)
            *least = algorithms[i].bits;
        if (algorithms[i].bits > *greatest)
            *greatest = algorithms[i].bits;
    }
}
