/* SPDX-License-Identifier: MIT */
/* Credential caches. */
#include "gss/ccache.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "gss/status.h"

krb5_error_code ccache_principal(krb5_context context, krb5_ccache ccache, char **text)
{
    krb5_principal principal;
    char *name;
    krb5_error_code code = krb5_cc_get_principal(context, ccache, &principal);

    if (code != 0)
        return code;
    code = krb5_unparse_name(context, principal, &name);
    if (code == 0) {
        *text = strdup(name);
        krb5_free_unparsed_name(context, name);
        if (*text == NULL)
            code = ENOMEM;
    }
    krb5_free_principal(context, principal);
    return code;
}

/* What is empty is nobody's, and harmless. */
static SECURITY_STATUS cache_check(krb5_context context, krb5_ccache ccache, bool *found,
                                   krb5_error_code *code)
{
    krb5_principal principal = NULL;
    char *name = NULL;
    SECURITY_STATUS status = SEC_E_OK;

    *code = krb5_cc_get_principal(context, ccache, &principal);
    krb5_free_principal(context, principal);
    *found = *code == 0;
    if (*code == KRB5_FCC_NOFILE || *code == KRB5_CC_NOTFOUND)
        *code = 0;
    if (*code != 0 && krb5_cc_get_full_name(context, ccache, &name) == 0)
        status = krb5_status(GSS_ACQUIRING, name, context, *code);
    else if (*code != 0)
        status = SEC_E_NO_CREDENTIALS;
    krb5_free_string(context, name);
    return status;
}

static SECURITY_STATUS collection_check(krb5_context context, krb5_error_code *code)
{
    krb5_cccol_cursor cursor;
    krb5_ccache ccache;
    bool found = false;
    SECURITY_STATUS status = SEC_E_OK;

    if (krb5_cccol_cursor_new(context, &cursor) != 0)
        return SEC_E_OK; /* the mechanism finds no more, and says why */
    while (status == SEC_E_OK && !found && krb5_cccol_cursor_next(context, cursor, &ccache) == 0 &&
           ccache != NULL) {
        status = cache_check(context, ccache, &found, code);
        krb5_cc_close(context, ccache);
    }
    krb5_cccol_cursor_free(context, &cursor);
    return status;
}

SECURITY_STATUS ccache_collection_check(krb5_error_code *code)
{
    krb5_context context;
    SECURITY_STATUS status = SEC_E_OK;

    *code = 0;
    if (krb5_init_context(&context) == 0) {
        status = collection_check(context, code);
        krb5_free_context(context);
    }
    return status;
}

/* --- Stamps --------------------------------------------------------------------------------- */

static void stamp_read(struct ccache_stamp *stamp)
{
    struct stat file;

    memset(&file, 0, sizeof(file));
    /* A file that is not there has the stamp of zeros: it differs once it appears. */
    if (stat(stamp->path, &file) != 0)
        memset(&file, 0, sizeof(file));
    stamp->device = file.st_dev;
    stamp->inode = file.st_ino;
    stamp->size = file.st_size;
    stamp->modified = file.st_mtim;
}

static void stamp_classify(struct ccache_stamp *stamp, const char *name)
{
    static const char file[] = "FILE:", memory[] = "MEMORY:";

    if (strncmp(name, memory, sizeof(memory) - 1) == 0) {
        stamp->kind = CCACHE_STABLE;
    } else if (strncmp(name, file, sizeof(file) - 1) == 0) {
        stamp->path = strdup(name + sizeof(file) - 1);
        stamp->kind = stamp->path == NULL ? CCACHE_UNSTABLE : CCACHE_FILE;
    } else if (name[0] == '/') {
        stamp->path = strdup(name);
        stamp->kind = stamp->path == NULL ? CCACHE_UNSTABLE : CCACHE_FILE;
    }
}

void ccache_stamp_take(struct ccache_stamp *stamp, const char *name)
{
    krb5_context context;

    memset(stamp, 0, sizeof(*stamp));
    stamp->kind = CCACHE_UNSTABLE;
    if (name != NULL) {
        stamp_classify(stamp, name);
    } else if (krb5_init_context(&context) == 0) {
        name = krb5_cc_default_name(context);
        if (name != NULL)
            stamp_classify(stamp, name);
        krb5_free_context(context);
    }
    if (stamp->kind == CCACHE_FILE)
        stamp_read(stamp);
}

bool ccache_stamp_changed(const struct ccache_stamp *stamp)
{
    struct ccache_stamp now = *stamp;

    if (stamp->kind != CCACHE_FILE)
        return stamp->kind == CCACHE_UNSTABLE;
    stamp_read(&now);
    return now.device != stamp->device || now.inode != stamp->inode || now.size != stamp->size ||
           now.modified.tv_sec != stamp->modified.tv_sec ||
           now.modified.tv_nsec != stamp->modified.tv_nsec;
}

void ccache_stamp_free(struct ccache_stamp *stamp)
{
    free(stamp->path);
    stamp->path = NULL;
}

/* --- The default cache ---------------------------------------------------------------------- */

/* The end of the newest ticket-granting ticket in a cache; 0: there is none. */
static time_t tgt_end(krb5_context context, krb5_ccache ccache)
{
    krb5_cc_cursor cursor;
    krb5_creds creds;
    time_t end = 0;

    if (krb5_cc_start_seq_get(context, ccache, &cursor) != 0)
        return 0;
    while (krb5_cc_next_cred(context, ccache, &cursor, &creds) == 0) {
        const krb5_data *service =
            creds.server->length == 2 ? krb5_princ_component(context, creds.server, 0) : NULL;
        time_t this_end = (time_t)(uint32_t)creds.times.endtime;

        if (service != NULL && service->length == sizeof(KRB5_TGS_NAME) - 1 &&
            memcmp(service->data, KRB5_TGS_NAME, service->length) == 0 && this_end > end)
            end = this_end;
        krb5_free_cred_contents(context, &creds);
    }
    krb5_cc_end_seq_get(context, ccache, &cursor);
    return end;
}

bool ccache_default(char **principal, time_t *expires)
{
    krb5_context context;
    krb5_ccache ccache;
    bool found = false;

    *principal = NULL;
    *expires = 0;
    if (krb5_init_context(&context) != 0)
        return false;
    if (krb5_cc_default(context, &ccache) == 0) {
        found = ccache_principal(context, ccache, principal) == 0;
        if (found)
            *expires = tgt_end(context, ccache);
        krb5_cc_close(context, ccache);
    }
    krb5_free_context(context);
    return found;
}
