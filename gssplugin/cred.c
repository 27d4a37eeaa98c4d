/* SPDX-License-Identifier: MIT */
/* Credentials: one of a mechanism is a handle of its package for each role. */
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "acquire.h"

#include <credssp.h>
#include <ntsecapi.h>
#include <sspi_linux.h>

/* By the mechanism's place in mech_table. */
static acquire_function *const acquire_table[] = {acquire_negotiate, acquire_tls, acquire_credssp};

void cred_free(struct cred *cred)
{
    if (cred == NULL)
        return;
    if (cred->has_out)
        FreeCredentialsHandle(&cred->out);
    if (cred->has_in)
        FreeCredentialsHandle(&cred->in);
    if (cred->roots != NULL)
        CertCloseStore(cred->roots, 0);
    name_free(cred->name);
    free(cred->targets);
    free(cred);
}

static struct cred *cred_new(const struct mech *mech, gss_cred_usage_t usage)
{
    struct cred *cred = calloc(1, sizeof(*cred));

    if (cred == NULL)
        return NULL;
    cred->mech = mech;
    cred->usage = usage;
    cred->framed = mech->framed;
    return cred;
}

/* --- Acquiring ------------------------------------------------------------------------------ */

SECURITY_STATUS cred_framing(struct cred *cred, const char *value)
{
    bool framed = strcmp(value, "gss") == 0;

    if (!framed && strcmp(value, "raw") != 0)
        return status_say(SEC_E_UNKNOWN_CREDENTIALS, "framing is \"gss\" or \"raw\"");
    cred->framed = framed;
    return SEC_E_OK;
}

/* What stays with the credential: roots, target policy, framing. */
static SECURITY_STATUS settings_take(struct cred *cred, const struct store *store)
{
    const char *targets = store->values[STORE_TARGETS], *ca = store->values[STORE_CA];
    const char *framing = store->values[STORE_FRAMING];
    SECURITY_STATUS status = framing == NULL ? SEC_E_OK : cred_framing(cred, framing);

    if (status == SEC_E_OK && targets != NULL && (cred->targets = strdup(targets)) == NULL)
        status = SEC_E_INSUFFICIENT_MEMORY;
    return status == SEC_E_OK && ca != NULL ? cert_roots_open(ca, &cred->roots) : status;
}

/*
 * A name with a password, and a client's of CredSSP, is who logs on; any other is whose credentials
 * of the process are meant. TLS has its names in certificates.
 */
static SECURITY_STATUS name_place(const struct cred *cred, const struct name *name,
                                  struct wish *wish)
{
    bool logon = wish->store->values[STORE_PASSWORD] != NULL;

    if (logon && wish->inbound)
        return status_say(SEC_E_UNSUPPORTED_FUNCTION, "a server's keys are in a keytab");
    if (logon && name == NULL)
        return status_say(SEC_E_UNKNOWN_CREDENTIALS, "a password of nobody: name the user");
    if (name == NULL || !cred->mech->password)
        return SEC_E_OK;
    if (name->kind != NAME_USER && name->kind != NAME_SERVICE)
        return SEC_E_UNKNOWN_CREDENTIALS;
    if (logon || (cred->mech->stream && !wish->inbound))
        wish->user = name->text;
    else if (!cred->mech->stream)
        wish->principal = name->text;
    return SEC_E_OK;
}

static SECURITY_STATUS handle_acquire(struct cred *cred, const struct name *name, struct wish *wish)
{
    size_t place = (size_t)(cred->mech - mech_table);
    CredHandle *handle = wish->inbound ? &cred->in : &cred->out;
    SECURITY_STATUS status;

    wish->user = wish->principal = NULL;
    status = name_place(cred, name, wish);
    if (status == SEC_E_OK)
        status = acquire_table[place](wish, cred->mech, handle, &cred->expiry);
    *(wish->inbound ? &cred->has_in : &cred->has_out) = status == SEC_E_OK;
    return status;
}

static SECURITY_STATUS handles_acquire(struct cred *cred, const struct name *name,
                                       const struct store *store, PCCERT_CONTEXT own)
{
    struct wish wish = {.store = store, .own = own, .roots = cred->roots};
    SECURITY_STATUS status = SEC_E_OK;

    if (cred->usage != GSS_C_INITIATE) {
        wish.inbound = true;
        status = handle_acquire(cred, name, &wish);
    }
    wish.inbound = false;
    if (status == SEC_E_OK && cred->usage != GSS_C_ACCEPT)
        status = handle_acquire(cred, name, &wish);
    return status;
}

/* A certificate's subject is who a TLS credential is; CredSSP's is only its server's. */
static SECURITY_STATUS name_take(struct cred *cred, const struct name *name, PCCERT_CONTEXT own)
{
    char *subject = NULL;
    SECURITY_STATUS status;

    if (name != NULL && cred->mech->password)
        return name_copy(name, &cred->name);
    if (own == NULL || cred->mech->password)
        return SEC_E_OK;
    status = cert_subject(own, &subject);
    if (status == SEC_E_OK)
        status = name_make(NAME_SUBJECT, cred->mech, subject, &cred->name);
    free(subject);
    return status;
}

SECURITY_STATUS cred_acquire(const struct mech *mech, const struct name *name,
                             gss_cred_usage_t usage, const struct store *store, struct cred **out)
{
    const char *file = store->values[STORE_CERTIFICATE], *key = store->values[STORE_KEY];
    struct cred *cred = cred_new(mech, usage);
    PCCERT_CONTEXT own = NULL;
    SECURITY_STATUS status = SEC_E_INSUFFICIENT_MEMORY;

    *out = NULL;
    if (cred != NULL)
        status = settings_take(cred, store);
    if (status == SEC_E_OK && key != NULL && file == NULL)
        status = status_say(SEC_E_UNKNOWN_CREDENTIALS, "a key without its certificate");
    if (status == SEC_E_OK && file != NULL)
        status = cert_own_open(file, key, &own);
    if (status == SEC_E_OK)
        status = handles_acquire(cred, name, store, own);
    if (status == SEC_E_OK)
        status = name_take(cred, name, own);
    if (own != NULL)
        CertFreeCertificateContext(own);
    if (status == SEC_E_OK) {
        cred->ambient = name == NULL && store->values[STORE_PASSWORD] == NULL &&
                        store->values[STORE_CCACHE] == NULL;
        *out = cred;
    } else {
        (void)status_keep(status);
        cred_free(cred);
    }
    return status;
}

/*
 * S4U2Self is asked for by a service's ambient tickets [AcquireCredentialsHandle(3), pszPrincipal]:
 * a service that was named another way cannot be followed.
 */
SECURITY_STATUS cred_impersonate(const struct cred *service, const struct name *name,
                                 gss_cred_usage_t usage, struct cred **out)
{
    static const struct store nothing;

    *out = NULL;
    if (service->mech->stream || !service->ambient || !service->has_out)
        return SEC_E_UNSUPPORTED_FUNCTION;
    if (name == NULL || usage != GSS_C_INITIATE)
        return SEC_E_UNKNOWN_CREDENTIALS;
    return cred_acquire(service->mech, name, usage, &nothing, out);
}

/* --- Delegated ones ------------------------------------------------------------------------- */

/* A part of SECPKG_ATTR_CREDS: its Buffer is an offset from the block's beginning. */
static SECURITY_STATUS part_read(const SecPkgContext_ClientCreds *creds, const UNICODE_STRING *part,
                                 char **text)
{
    size_t offset = (size_t)(uintptr_t)part->Buffer, units = part->Length / sizeof(WCHAR);
    int size;

    *text = NULL;
    if (offset > creds->AuthBufferLen || part->Length > creds->AuthBufferLen - offset)
        return SEC_E_INTERNAL_ERROR;
    *text = calloc(1, 3 * units + 1);
    if (*text == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    size = units == 0 ? 0
                      : WideCharToMultiByte(CP_UTF8, 0, (const WCHAR *)(creds->AuthBuffer + offset),
                                            (int)units, *text, (int)(3 * units), NULL, NULL);
    return size > 0 || units == 0 ? SEC_E_OK : SEC_E_UNKNOWN_CREDENTIALS;
}

static void text_wipe_free(char *text)
{
    if (text != NULL)
        explicit_bzero(text, strlen(text));
    free(text);
}

/* The user and password that a client of CredSSP handed over, to go on with as that client. */
static SECURITY_STATUS password_acquire(const SecPkgContext_ClientCreds *creds,
                                        const struct mech *mech, struct cred **out)
{
    const KERB_INTERACTIVE_LOGON *logon = (const KERB_INTERACTIVE_LOGON *)(void *)creds->AuthBuffer;
    struct store store = {{0}};
    char *user = NULL, *domain = NULL, *password = NULL, *whole = NULL;
    struct name *name = NULL;
    SECURITY_STATUS status;

    if (creds->AuthBufferLen < sizeof(*logon) || logon->MessageType != KerbInteractiveLogon)
        return SEC_E_UNSUPPORTED_FUNCTION;
    status = part_read(creds, &logon->UserName, &user);
    if (status == SEC_E_OK)
        status = part_read(creds, &logon->LogonDomainName, &domain);
    if (status == SEC_E_OK)
        status = part_read(creds, &logon->Password, &password);
    if (status == SEC_E_OK &&
        asprintf(&whole, "%s%s%s", domain, domain[0] == '\0' ? "" : "\\", user) < 0) {
        whole = NULL;
        status = SEC_E_INSUFFICIENT_MEMORY;
    }
    if (status == SEC_E_OK)
        status = name_make(NAME_USER, mech, whole, &name);
    store.values[STORE_PASSWORD] = password;
    if (status == SEC_E_OK)
        status = cred_acquire(mech, name, GSS_C_INITIATE, &store, out);
    name_free(name);
    free(whole);
    free(user);
    free(domain);
    text_wipe_free(password);
    return status;
}

static SECURITY_STATUS credssp_delegated(PCtxtHandle context, const struct mech *mech,
                                         struct cred **out)
{
    SecPkgContext_ClientCreds creds = {0};
    SECURITY_STATUS status = QueryContextAttributesA(context, SECPKG_ATTR_CREDS, &creds);

    if (status == SEC_E_OK)
        status = password_acquire(&creds, mech, out);
    if (creds.AuthBuffer != NULL)
        FreeContextBuffer(creds.AuthBuffer); /* which wipes it */
    return status;
}

/* While the thread acts for the client, its ambient credentials are the client's. */
static SECURITY_STATUS client_acquire(PCtxtHandle context, const struct mech *mech,
                                      struct cred **out)
{
    static const struct store nothing;
    SECURITY_STATUS status = ImpersonateSecurityContext(context);

    if (status == SEC_E_OK)
        status = cred_acquire(mech, NULL, GSS_C_INITIATE, &nothing, out);
    if (status == SEC_E_OK)
        (*out)->ambient = false;
    return status;
}

/* A program may have had the thread act for somebody by itself, for whom it then goes on. */
static SECURITY_STATUS tickets_delegated(PCtxtHandle context, const struct mech *mech,
                                         struct cred **out)
{
    HANDLE before = NULL;
    SECURITY_STATUS status = SEC_E_NO_IMPERSONATION;

    if (!OpenThreadToken(GetCurrentThread(), TOKEN_IMPERSONATE, TRUE, &before) &&
        GetLastError() != ERROR_NO_TOKEN)
        return status;
    status = client_acquire(context, mech, out);
    SetThreadToken(NULL, before);
    if (before != NULL)
        CloseHandle(before);
    return status;
}

SECURITY_STATUS cred_delegated(PCtxtHandle context, const struct mech *mech,
                               const struct name *client, struct cred **out)
{
    SECURITY_STATUS status;

    *out = NULL;
    status = mech->stream ? credssp_delegated(context, mech, out)
                          : tickets_delegated(context, mech, out);
    if (status == SEC_E_OK && client != NULL && (*out)->name == NULL) {
        status = name_copy(client, &(*out)->name);
        if (status != SEC_E_OK) {
            cred_free(*out);
            *out = NULL;
        }
    }
    return status;
}

/* --- Keeping -------------------------------------------------------------------------------- */

/* A password that CredSSP has handed over is not written anywhere. */
SECURITY_STATUS cred_keep(const struct cred *cred, const char *cache, bool overwrite)
{
    SspiCredentials_KeepTickets keep = {.pszCache = cache, .fOverwrite = overwrite};

    if (cred->mech->stream || !cred->has_out)
        return SEC_E_UNSUPPORTED_FUNCTION;
    return SetCredentialsAttributesA((PCredHandle)(uintptr_t)&cred->out,
                                     SSPI_CRED_ATTR_KEEP_TICKETS, &keep, sizeof(keep));
}

/* --- Asking --------------------------------------------------------------------------------- */

SECURITY_STATUS cred_name(const struct cred *cred, struct name **name)
{
    PCredHandle handle = (PCredHandle)(uintptr_t)(cred->has_out ? &cred->out : &cred->in);
    SecPkgCredentials_NamesA names = {0};
    SECURITY_STATUS status;

    if (cred->name != NULL)
        return name_copy(cred->name, name);
    status = QueryCredentialsAttributesA(handle, SECPKG_CRED_ATTR_NAMES, &names);
    if (status == SEC_E_OK)
        status = name_make(NAME_USER, cred->mech, names.sUserName, name);
    else /* the mechglue wants a name of everybody */
        status = name_make(NAME_ANONYMOUS, cred->mech, "anonymous", name);
    FreeContextBuffer(names.sUserName);
    return status;
}

/* Service names between blanks; a star stands for anything, as in credssp.conf. */
bool cred_permits(const struct cred *cred, const char *target)
{
    static const char blank[] = " \t,";
    char *list = cred->targets == NULL ? NULL : strdup(cred->targets), *rest = NULL;
    bool found = cred->targets == NULL;

    for (char *word = list == NULL ? NULL : strtok_r(list, blank, &rest); word != NULL && !found;
         word = strtok_r(NULL, blank, &rest))
        found = fnmatch(word, target, FNM_CASEFOLD | FNM_NOESCAPE) == 0;
    free(list);
    return found;
}

#define UNITS_PER_SECOND     INT64_C(10000000)
#define SECONDS_1601_TO_1970 INT64_C(11644473600)

/* A package's times are local as of themselves, be it summer time then or not. */
static time_t utc_of_local(time_t local)
{
    time_t utc = local;
    struct tm tm;

    for (int i = 0; i < 2 && localtime_r(&utc, &tm) != NULL; i++)
        utc = local - tm.tm_gmtoff;
    return utc;
}

OM_uint32 time_left(TimeStamp expiry)
{
    int64_t units = (int64_t)expiry.HighPart << 32 | expiry.LowPart, left;

    if (expiry.HighPart == INT32_MAX)
        return GSS_C_INDEFINITE;
    left = utc_of_local(units / UNITS_PER_SECOND - SECONDS_1601_TO_1970) - time(NULL);
    if (left <= 0)
        return 0;
    return left >= GSS_C_INDEFINITE ? GSS_C_INDEFINITE : (OM_uint32)left;
}
