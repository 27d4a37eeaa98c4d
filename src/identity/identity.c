/* SPDX-License-Identifier: MIT */
/* Identities checked, copied, compared, freed, and as octets. */
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "core/identity.h"
#include "core/native.h"
#include "core/text.h"
#include "core/trace.h"
#include "identity/identity.h"

SSPI_API SECURITY_STATUS SEC_ENTRY
SspiValidateAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData)
{
    struct authdata data;

    native_error_clear();
    return trace_result("SspiValidateAuthIdentity", block_read(AuthData, &data));
}

SSPI_API SECURITY_STATUS SEC_ENTRY SspiCopyAuthIdentity(
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData, PSEC_WINNT_AUTH_IDENTITY_OPAQUE *AuthDataCopy)
{
    struct authdata data;
    SECURITY_STATUS status;

    native_error_clear();
    status = AuthDataCopy == NULL ? SEC_E_INVALID_TOKEN : block_read(AuthData, &data);
    if (status == SEC_E_OK)
        status = block_make(&data, AuthDataCopy);
    return trace_result("SspiCopyAuthIdentity", status);
}

SSPI_API VOID SEC_ENTRY SspiFreeAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData)
{
    given_free(AuthData);
}

SSPI_API VOID SEC_ENTRY SspiLocalFree(PVOID DataBuffer)
{
    given_free(DataBuffer);
}

SSPI_API VOID SEC_ENTRY SspiZeroAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData)
{
    block_secret_wipe(AuthData);
}

/* --- Octets --------------------------------------------------------------------------------- */

SSPI_API SECURITY_STATUS SEC_ENTRY
SspiMarshalAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity, ULONG *AuthIdentityLength,
                        char **AuthIdentityByteArray)
{
    struct authdata data;
    void *octets;
    size_t size;
    SECURITY_STATUS status = SEC_E_INVALID_TOKEN;

    native_error_clear();
    if (AuthIdentityLength != NULL && AuthIdentityByteArray != NULL)
        status = block_read(AuthIdentity, &data);
    if (status == SEC_E_OK)
        status = flat_write(&data, &octets, &size);
    if (status == SEC_E_OK) {
        *AuthIdentityLength = (ULONG)size;
        *AuthIdentityByteArray = octets;
    }
    return trace_result("SspiMarshalAuthIdentity", status);
}

SSPI_API SECURITY_STATUS SEC_ENTRY
SspiUnmarshalAuthIdentity(ULONG AuthIdentityLength, char *AuthIdentityByteArray,
                          PSEC_WINNT_AUTH_IDENTITY_OPAQUE *ppAuthIdentity)
{
    struct authdata data;
    struct blob copy = {NULL, 0};
    SECURITY_STATUS status = SEC_E_INVALID_TOKEN;

    native_error_clear();
    if (AuthIdentityByteArray != NULL && ppAuthIdentity != NULL)
        status = flat_read(AuthIdentityByteArray, AuthIdentityLength, &copy, &data);
    if (status == SEC_E_OK)
        status = block_make(&data, ppAuthIdentity);
    blob_wipe(&copy);
    return trace_result("SspiUnmarshalAuthIdentity", status);
}

/* --- Comparing ------------------------------------------------------------------------------ */

/* An identity taken apart. NULL is the ambient one: nothing is given. */
struct side {
    struct authdata data;
    struct blob opened;
    struct identity names; /* user and domain, as a logon would read them */
    char *packages;
    struct blob secret; /* the password in UTF-8 */
    bool packed;        /* or credentials of another kind, as they are */
};

static SECURITY_STATUS names_read(struct side *side)
{
    SECURITY_STATUS status = authdata_text(&side->data, side->data.user, &side->names.user);

    if (status == SEC_E_OK)
        status = authdata_text(&side->data, side->data.domain, &side->names.domain);
    if (status == SEC_E_OK)
        status = authdata_text(&side->data, side->data.packages, &side->packages);
    if (status != SEC_E_OK || side->names.user == NULL)
        return status;
    status = identity_split_name(&side->names);
    return status == SEC_E_UNKNOWN_CREDENTIALS ? SEC_E_INVALID_TOKEN : status;
}

static SECURITY_STATUS secret_read(struct side *side)
{
    struct authdata_part password;
    SECURITY_STATUS status = authdata_open(&side->data, &side->opened);
    char *text = NULL;

    if (status != SEC_E_OK)
        return status;
    status = authdata_password(&side->data, &password);
    side->packed = status == SEC_E_UNSUPPORTED_FUNCTION;
    if (side->packed) {
        side->secret.data = memory_copy(side->data.secret.data, side->data.secret.size);
        side->secret.size = side->data.secret.size;
        return side->secret.data == NULL ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_OK;
    }
    if (status == SEC_E_OK)
        status = authdata_text(&side->data, password, &text);
    side->secret = (struct blob){text, text == NULL ? 0 : strlen(text)};
    return status;
}

/* Secrets are opened only where they are asked for: the names are there without. */
static SECURITY_STATUS side_read(const void *identity, bool whole, struct side *side)
{
    SECURITY_STATUS status;

    *side = (struct side){.data = {.form = AUTHDATA_EX, .wide = true}};
    if (identity == NULL)
        return SEC_E_OK;
    status = block_read(identity, &side->data);
    if (status == SEC_E_OK)
        status = names_read(side);
    return status == SEC_E_OK && whole ? secret_read(side) : status;
}

static void side_wipe(struct side *side)
{
    string_wipe_free(side->names.user);
    string_wipe_free(side->names.domain);
    string_wipe_free(side->packages);
    blob_wipe(&side->secret);
    blob_wipe(&side->opened);
}

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool same_user(const struct side *a, const struct side *b)
{
    return same_text(a->names.user, b->names.user) && same_text(a->names.domain, b->names.domain);
}

/* How long it takes does not tell where they differ. */
static bool same_secret(const struct blob *a, const struct blob *b)
{
    const unsigned char *one = a->data, *other = b->data;
    unsigned char differs = 0;

    if (one == NULL || other == NULL || a->size != b->size)
        return one == other;
    for (size_t i = 0; i < a->size; i++)
        differs |= one[i] ^ other[i];
    return differs == 0;
}

/* Flags that say what a logon shall be. */
#define FLAGS_TOLD (SEC_WINNT_AUTH_IDENTITY_ONLY | SEC_WINNT_AUTH_IDENTITY_FLAGS_ID_PROVIDER)

static bool same_all(const struct side *a, const struct side *b)
{
    uint32_t flags = a->data.flags ^ b->data.flags;

    return same_user(a, b) && same_text(a->packages, b->packages) && a->packed == b->packed &&
           same_secret(&a->secret, &b->secret) && (flags & FLAGS_TOLD) == 0;
}

SSPI_API SECURITY_STATUS SEC_ENTRY SspiCompareAuthIdentities(
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity1, PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity2,
    PBOOLEAN SameSuppliedUser, PBOOLEAN SameSuppliedIdentity)
{
    bool whole = SameSuppliedIdentity != NULL;
    struct side one, other = {.names.user = NULL};
    SECURITY_STATUS status;

    native_error_clear();
    status = side_read(AuthIdentity1, whole, &one);
    if (status == SEC_E_OK)
        status = side_read(AuthIdentity2, whole, &other);
    if (SameSuppliedUser != NULL)
        *SameSuppliedUser = status == SEC_E_OK && same_user(&one, &other);
    if (SameSuppliedIdentity != NULL)
        *SameSuppliedIdentity = status == SEC_E_OK && same_all(&one, &other);
    side_wipe(&one);
    side_wipe(&other);
    return trace_result("SspiCompareAuthIdentities", status);
}
