/* SPDX-License-Identifier: MIT */
/* What a package is given to make a credential of: identities, certificates. */
#include <stdlib.h>
#include <string.h>

#define SCHANNEL_USE_BLACKLISTS
#include "acquire.h"
#include "core/winpr.h"

#include <credssp.h>
#include <schannel.h>

/* --- Identities ----------------------------------------------------------------------------- */

/* AcquireCredentialsHandle(3): only the form of FreeRDP can name a cache and a keytab. */
struct identity {
    struct winpr_identity_v2 form;
    struct winpr_kerberos_settings_v2 kerberos;
    unsigned short *user, *password, *packages;
};

static SECURITY_STATUS identity_fill(const struct wish *wish, struct identity *identity)
{
    const char *const *values = wish->store->values;
    SEC_WINNT_AUTH_IDENTITY_EXW *exw = &identity->form.identity;
    SECURITY_STATUS status = text_wide(wish->user, &identity->user);

    if (status == SEC_E_OK)
        status = text_wide(values[STORE_PASSWORD], &identity->password);
    if (status == SEC_E_OK)
        status = text_wide(values[STORE_PACKAGES], &identity->packages);
    identity->kerberos = (struct winpr_kerberos_settings_v2){
        .size = sizeof(identity->kerberos),
        .cache = (char *)(uintptr_t)values[STORE_CCACHE],
        .keytab = (char *)(uintptr_t)values[STORE_KEYTAB],
    };
    *exw = (SEC_WINNT_AUTH_IDENTITY_EXW){
        .Version = SEC_WINNT_AUTH_IDENTITY_VERSION,
        .Length = sizeof(*exw),
        .User = identity->user,
        .UserLength = (ULONG)text_wide_length(identity->user),
        .Password = identity->password,
        .PasswordLength = (ULONG)text_wide_length(identity->password),
        .PackageList = identity->packages,
        .PackageListLength = (ULONG)text_wide_length(identity->packages),
        .Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE | WINPR_IDENTITY_EXTENDED_V2,
    };
    identity->form.version = WINPR_IDENTITY_REVISION;
    identity->form.kerberos = &identity->kerberos;
    return status;
}

static void identity_wipe(struct identity *identity)
{
    text_wide_free(identity->user);
    text_wide_free(identity->password);
    text_wide_free(identity->packages);
}

/* Without any of these the process's own is meant, and no identity is given at all. */
static bool identity_needed(const struct wish *wish)
{
    const char *const *values = wish->store->values;

    return wish->user != NULL || values[STORE_PASSWORD] != NULL || values[STORE_CCACHE] != NULL ||
           values[STORE_KEYTAB] != NULL || values[STORE_PACKAGES] != NULL;
}

/* --- Certificates --------------------------------------------------------------------------- */

/* A client's roots are looked at by cert_verify(), since Schannel knows only the system's. */
static DWORD tls_flags(const struct wish *wish, bool system_roots)
{
    if (wish->inbound)
        return SCH_CRED_DISABLE_RECONNECTS;
    return SCH_CRED_NO_DEFAULT_CREDS | SCH_USE_STRONG_CRYPTO |
           (system_roots ? SCH_CRED_AUTO_CRED_VALIDATION : SCH_CRED_MANUAL_CRED_VALIDATION);
}

static void tls_fill(const struct wish *wish, bool system_roots, PCCERT_CONTEXT *list,
                     SCH_CREDENTIALS *out)
{
    *list = wish->own;
    *out = (SCH_CREDENTIALS){
        .dwVersion = SCH_CREDENTIALS_VERSION,
        .cCreds = wish->own != NULL,
        .paCred = list,
        .hRootStore = wish->inbound ? wish->roots : NULL,
        .dwFlags = tls_flags(wish, system_roots),
    };
}

/* --- The packages --------------------------------------------------------------------------- */

static SECURITY_STATUS handle_get(const struct wish *wish, const struct mech *mech, void *data,
                                  CredHandle *handle, TimeStamp *expiry)
{
    return AcquireCredentialsHandleA((SEC_CHAR *)(uintptr_t)wish->principal,
                                     (SEC_CHAR *)(uintptr_t)mech->package,
                                     wish->inbound ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND,
                                     NULL, data, NULL, NULL, handle, expiry);
}

SECURITY_STATUS acquire_negotiate(const struct wish *wish, const struct mech *mech,
                                  CredHandle *handle, TimeStamp *expiry)
{
    struct identity identity = {.user = NULL};
    SECURITY_STATUS status = identity_fill(wish, &identity);

    if (status == SEC_E_OK)
        status =
            handle_get(wish, mech, identity_needed(wish) ? &identity.form : NULL, handle, expiry);
    identity_wipe(&identity);
    return status;
}

SECURITY_STATUS acquire_tls(const struct wish *wish, const struct mech *mech, CredHandle *handle,
                            TimeStamp *expiry)
{
    PCCERT_CONTEXT list[1];
    SCH_CREDENTIALS tls;

    tls_fill(wish, wish->roots == NULL, list, &tls);
    return handle_get(wish, mech, &tls, handle, expiry);
}

/* The logon proves the server's key, so its certificate need not be of a known authority. */
SECURITY_STATUS acquire_credssp(const struct wish *wish, const struct mech *mech,
                                CredHandle *handle, TimeStamp *expiry)
{
    struct identity identity = {.user = NULL};
    PCCERT_CONTEXT list[1];
    SCH_CREDENTIALS tls;
    CREDSSP_CRED both = {.Type = CredsspPasswordCreds, .pSchannelCred = &tls};
    SECURITY_STATUS status = identity_fill(wish, &identity);

    tls_fill(wish, false, list, &tls);
    if (identity_needed(wish))
        both.pSpnegoCred = &identity.form;
    if (status == SEC_E_OK)
        status = handle_get(wish, mech, &both, handle, expiry);
    identity_wipe(&identity);
    return status;
}
