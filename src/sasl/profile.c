/* SPDX-License-Identifier: MIT */
/* The mechanisms of SASL, and which package serves each. */
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "core/buffer.h"
#include "core/packageinfo.h"
#include "core/text.h"
#include "core/trace.h"
#include "sasl/sasl.h"

/* --- Whose token it is ---------------------------------------------------------------------- */

/* RFC 2743 3.1: [APPLICATION 0], a length, and the mechanism's OID. */
#define FRAME_TAG      0x60
#define DER_LENGTH_MAX 5 /* octets, of which the first counts the others */

static bool framed(const uint8_t *token, size_t size, const uint8_t *oid, size_t oid_size)
{
    size_t head;

    if (size < 2 || token[0] != FRAME_TAG)
        return false;
    head = 2 + (token[1] & 0x80 ? token[1] & 0x7f : 0);
    return head <= 1 + DER_LENGTH_MAX && size >= head + oid_size &&
           memcmp(token + head, oid, oid_size) == 0;
}

static bool starts(const uint8_t *token, size_t size, const char *with, size_t with_size)
{
    return size >= with_size && memcmp(token, with, with_size) == 0;
}

/* 1.2.840.113554.1.2.2, RFC 1964 */
static bool is_kerberos(const uint8_t *token, size_t size)
{
    static const uint8_t oid[] = {6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2};

    return framed(token, size, oid, sizeof(oid));
}

/* 1.3.6.1.5.5.2, RFC 4178; Active Directory takes NTLM's messages as they are too. */
static bool is_negotiate(const uint8_t *token, size_t size)
{
    static const uint8_t oid[] = {6, 6, 0x2b, 6, 1, 5, 5, 2};
    static const char ntlm[] = "NTLMSSP"; /* with its NUL */

    return framed(token, size, oid, sizeof(oid)) || starts(token, size, ntlm, sizeof(ntlm));
}

/* RFC 2831 2.1.1, 2.1.2: a list of directives, in any order. */
static bool is_digest(const uint8_t *token, size_t size)
{
    static const char *const directives[] = {
        "username=",   "realm=",    "nonce=",  "cnonce=", "nc=",      "qop=",       "charset=",
        "digest-uri=", "response=", "maxbuf=", "cipher=", "authzid=", "algorithm=", "stale="};

    for (size_t i = 0; i < sizeof(directives) / sizeof(*directives); i++)
        if (starts(token, size, directives[i], strlen(directives[i])))
            return true;
    return false;
}

/* --- The table ------------------------------------------------------------------------------ */

/* EXTERNAL is not among them: it has no tokens that Schannel's could stand for. */
static const struct sasl_profile profiles[] = {
    {"GSSAPI", "Kerberos", true, false, is_kerberos},
    {"GSS-SPNEGO", "Negotiate", false, false, is_negotiate},
    {"DIGEST-MD5", "WDigest", false, true, is_digest},
};

#define PROFILES (sizeof(profiles) / sizeof(*profiles))

const struct sasl_profile *sasl_profile_of(const struct package *package)
{
    for (size_t i = 0; i < PROFILES; i++)
        if (text_equal_nocase(profiles[i].package, package->name))
            return &profiles[i];
    return NULL;
}

static const struct package *package_by_name(const char *name)
{
    for (size_t i = 0; i < PROFILES; i++)
        if (text_equal_nocase(profiles[i].name, name))
            return package_find(profiles[i].package);
    return NULL;
}

static const struct package *package_by_token(const SecBuffer *token)
{
    for (size_t i = 0; token != NULL && token->pvBuffer != NULL && i < PROFILES; i++)
        if (profiles[i].identifies(token->pvBuffer, token->cbBuffer))
            return package_find(profiles[i].package);
    return NULL;
}

/* --- The calls ------------------------------------------------------------------------------ */

/* The names with a terminator each, and one behind the last. */
static SECURITY_STATUS names_list(char **list, size_t *size, ULONG *count)
{
    char *at = calloc(PROFILES, 32); /* no name of a mechanism is longer than 20, RFC 4422 3.1 */

    *list = at;
    *count = 0;
    if (at == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    for (size_t i = 0; i < PROFILES; i++)
        if (package_find(profiles[i].package) != NULL) {
            at = stpcpy(at, profiles[i].name) + 1;
            ++*count;
        }
    *size = (size_t)(at - *list) + 1;
    return SEC_E_OK;
}

SSPI_API SECURITY_STATUS SEC_ENTRY SaslEnumerateProfilesA(LPSTR *ProfileList, ULONG *ProfileCount)
{
    size_t size;
    SECURITY_STATUS status = SEC_E_INVALID_PARAMETER;

    if (ProfileList != NULL && ProfileCount != NULL)
        status = names_list(ProfileList, &size, ProfileCount);
    return trace_result("SaslEnumerateProfiles", status);
}

/* Names of mechanisms are ASCII. */
SSPI_API SECURITY_STATUS SEC_ENTRY SaslEnumerateProfilesW(LPWSTR *ProfileList, ULONG *ProfileCount)
{
    char *narrow = NULL;
    size_t size;
    SECURITY_STATUS status = SEC_E_INVALID_PARAMETER;

    if (ProfileList != NULL && ProfileCount != NULL)
        status = names_list(&narrow, &size, ProfileCount);
    if (status == SEC_E_OK && (*ProfileList = calloc(size, sizeof(SEC_WCHAR))) == NULL)
        status = SEC_E_INSUFFICIENT_MEMORY;
    for (size_t i = 0; status == SEC_E_OK && i < size; i++)
        (*ProfileList)[i] = (SEC_WCHAR)narrow[i];
    free(narrow);
    return trace_result("SaslEnumerateProfiles", status);
}

SSPI_API SECURITY_STATUS SEC_ENTRY SaslGetProfilePackageA(LPSTR ProfileName,
                                                          PSecPkgInfoA *PackageInfo)
{
    const struct package *package;
    SECURITY_STATUS status = SEC_E_INVALID_PARAMETER;

    if (PackageInfo != NULL)
        status = api_package_find(ProfileName, false, package_by_name, &package);
    if (status == SEC_E_OK)
        status = package_info_a(package, PackageInfo);
    return trace_result("SaslGetProfilePackage", status);
}

SSPI_API SECURITY_STATUS SEC_ENTRY SaslGetProfilePackageW(LPWSTR ProfileName,
                                                          PSecPkgInfoW *PackageInfo)
{
    const struct package *package;
    SECURITY_STATUS status = SEC_E_INVALID_PARAMETER;

    if (PackageInfo != NULL)
        status = api_package_find(ProfileName, true, package_by_name, &package);
    if (status == SEC_E_OK)
        status = package_info_w(package, PackageInfo);
    return trace_result("SaslGetProfilePackage", status);
}

static SECURITY_STATUS token_package(const SecBufferDesc *input, const struct package **package)
{
    SECURITY_STATUS status = buffer_list_check(input);

    if (status != SEC_E_OK)
        return status;
    *package = package_by_token(buffer_find(input, SECBUFFER_TOKEN));
    return *package == NULL ? SEC_E_SECPKG_NOT_FOUND : SEC_E_OK;
}

SSPI_API SECURITY_STATUS SEC_ENTRY SaslIdentifyPackageA(PSecBufferDesc pInput,
                                                        PSecPkgInfoA *PackageInfo)
{
    const struct package *package;
    SECURITY_STATUS status = SEC_E_INVALID_PARAMETER;

    if (PackageInfo != NULL)
        status = token_package(pInput, &package);
    if (status == SEC_E_OK)
        status = package_info_a(package, PackageInfo);
    return trace_result("SaslIdentifyPackage", status);
}

SSPI_API SECURITY_STATUS SEC_ENTRY SaslIdentifyPackageW(PSecBufferDesc pInput,
                                                        PSecPkgInfoW *PackageInfo)
{
    const struct package *package;
    SECURITY_STATUS status = SEC_E_INVALID_PARAMETER;

    if (PackageInfo != NULL)
        status = token_package(pInput, &package);
    if (status == SEC_E_OK)
        status = package_info_w(package, PackageInfo);
    return trace_result("SaslIdentifyPackage", status);
}
