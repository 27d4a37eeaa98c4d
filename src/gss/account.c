/* SPDX-License-Identifier: MIT */
/* NTLM accounts that a server's caller names. */
#include "gss/account.h"

#include <errno.h>
#include <gssapi/gssapi_ext.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/native.h"
#include "core/secret.h"
#include "core/text.h"
#include "gss/negtoken.h"
#include "gss/ntlmtoken.h"
#include "gss/oid.h"
#include "gss/samfile.h"
#include "gss/status.h"

#define NAME_SIZE_MAX 256
#define PATH_SIZE     32

/* name:uid:LM:NT:: as smbpasswd has it, where no domain means any. The LM hash is one that nobody
 * knows. */
#define LINE_FORMAT "%s:0:%s:%s:::\n"
#define LINE_SIZE   (NAME_SIZE_MAX + 2 * IDENTITY_NTHASH_HEX + 16)

/* --- The file ------------------------------------------------------------------------------- */

/* Names that the line could not hold, or that would begin a comment, have no account. */
static bool name_fits(const char *user)
{
    return *user != '\0' && *user != '#' && strlen(user) <= NAME_SIZE_MAX &&
           strpbrk(user, ":\\\r\n") == NULL;
}

static SECURITY_STATUS file_failed(const char *what)
{
    native_error_set("NTLM accounts: %s: %s", what, strerror(errno));
    return SEC_E_INSUFFICIENT_MEMORY;
}

static SECURITY_STATUS file_write(const char *user, const char *nt_hash, int *file)
{
    char line[LINE_SIZE];
    int length = snprintf(line, sizeof(line), LINE_FORMAT, user, nt_hash, nt_hash);
    SECURITY_STATUS status = SEC_E_OK;

    *file = memfd_create("NTLM account", MFD_CLOEXEC);
    if (*file < 0 || write(*file, line, (size_t)length) != length)
        status = file_failed("a file in memory cannot be made");
    explicit_bzero(line, sizeof(line));
    return status;
}

/* Its pages are the kernel's to reuse once it is closed. */
static void file_wipe(int file)
{
    static const char zeros[LINE_SIZE];

    if (pwrite(file, zeros, sizeof(zeros), 0) < 0)
        (void)ftruncate(file, 0);
    close(file);
}

/* --- The credential ------------------------------------------------------------------------- */

/* "@" alone is this machine, as the name of no particular service. */
static SECURITY_STATUS name_import(const char *computer, gss_name_t *name)
{
    char *text = text_join("", "@", computer != NULL ? computer : "");
    gss_buffer_desc buffer = {text == NULL ? 0 : strlen(text), text};
    struct gss_result result = {.mech = oid_ntlm};

    *name = GSS_C_NO_NAME;
    if (text == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    result.major =
        gss_import_name(&result.minor, &buffer, (gss_OID)GSS_C_NT_HOSTBASED_SERVICE, name);
    free(text);
    return gss_status(GSS_ACQUIRING, "gss_import_name", result);
}

static SECURITY_STATUS neg_mechs_set(gss_cred_id_t cred)
{
    gss_OID_set_desc ntlm = {1, oid_ntlm};
    struct gss_result result = {.mech = oid_spnego};

    result.major = gss_set_neg_mechs(&result.minor, cred, &ntlm);
    return gss_status(GSS_ACQUIRING, "gss_set_neg_mechs", result);
}

static SECURITY_STATUS cred_acquire(const struct account_source *source, gss_OID mech, int file,
                                    gss_cred_id_t *cred)
{
    char path[PATH_SIZE];
    gss_key_value_element_desc element = {"ntlmssp_keyfile", path};
    gss_key_value_set_desc store = {1, &element};
    gss_OID_set_desc mechs = {1, mech};
    struct gss_result result = {.mech = mech};
    gss_name_t name;
    OM_uint32 minor;
    SECURITY_STATUS status = name_import(source->computer, &name);

    if (status != SEC_E_OK)
        return status;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    result.major = gss_acquire_cred_from(&result.minor, name, GSS_C_INDEFINITE, &mechs,
                                         GSS_C_ACCEPT, file >= 0 ? &store : NULL, cred, NULL, NULL);
    gss_release_name(&minor, &name);
    status = gss_status(GSS_ACQUIRING, "gss_acquire_cred", result);
    return status == SEC_E_OK && mech == oid_spnego ? neg_mechs_set(*cred) : status;
}

/* --- The leg -------------------------------------------------------------------------------- */

/* The hash of the client's account; a source that is asked gives one for this answer alone. */
static SECURITY_STATUS hash_find(const struct account_source *source,
                                 const struct ntlm_exchange *exchange, const gss_buffer_desc *token,
                                 const char *user, const char *domain, struct account *account,
                                 char nt_hash[IDENTITY_NTHASH_HEX + 1])
{
    if (!name_fits(user)) {
        native_error_set("no NTLM account can have the name that the client gives");
        return SEC_E_LOGON_DENIED;
    }
    return source->hash != NULL
               ? ntlmanswer_make(source->hash, exchange, token, &account->answer, nt_hash)
               : samfile_find(source->sam_file, user, domain, nt_hash);
}

static SECURITY_STATUS client_open(const struct account_source *source,
                                   const struct ntlm_exchange *exchange,
                                   const gss_buffer_desc *token, struct account *account)
{
    gss_OID mech = ntlmtoken_is_authenticate(token) ? oid_ntlm : oid_spnego;
    char nt_hash[IDENTITY_NTHASH_HEX + 1] = "", *user, *domain;
    SECURITY_STATUS status = ntlmtoken_names(token, &user, &domain);

    if (status == SEC_E_OK)
        status = hash_find(source, exchange, token, user, domain, account, nt_hash);
    if (status == SEC_E_OK)
        status = file_write(user, nt_hash, &account->file);
    if (status == SEC_E_OK)
        status = cred_acquire(source, mech, account->file, &account->cred);
    explicit_bzero(nt_hash, sizeof(nt_hash));
    free(user);
    free(domain);
    return status;
}

SECURITY_STATUS account_open(const struct account_source *source,
                             const struct ntlm_exchange *exchange, const gss_buffer_desc *token,
                             struct account *account)
{
    if (ntlmtoken_has_authenticate(token))
        return account_is_named(source) ? client_open(source, exchange, token, account) : SEC_E_OK;
    if (source->computer != NULL && negtoken_is_ntlm(token->value, token->length))
        return cred_acquire(source, oid_ntlm, -1, &account->cred);
    return SEC_E_OK;
}

void account_close(struct account *account)
{
    OM_uint32 minor;

    gss_release_cred(&minor, &account->cred);
    if (account->file >= 0)
        file_wipe(account->file);
    blob_wipe(&account->answer);
    *account = ACCOUNT_NONE;
}

bool account_in_file(const struct account_source *source)
{
    return account_is_named(source) || getenv("NTLM_USER_FILE") != NULL;
}
