/* SPDX-License-Identifier: MIT */
/* SslEmptyCache(): what all credentials of the process keep for taking up sessions again. */
#include <string.h>

#include "core/secret.h"
#include "core/text.h"
#include "tls/tlspkg.h"
#include "win/win.h"

/* The credentials that have been acquired, and the lock of their ticket keys. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct tls_cred *creds;

void tls_cache_enter(struct tls_cred *cred)
{
    pthread_mutex_lock(&lock);
    cred->next = creds;
    if (creds != NULL)
        creds->link = &cred->next;
    cred->link = &creds;
    creds = cred;
    pthread_mutex_unlock(&lock);
}

void tls_cache_leave(struct tls_cred *cred)
{
    if (cred->link == NULL)
        return;
    pthread_mutex_lock(&lock);
    *cred->link = cred->next;
    if (cred->next != NULL)
        cred->next->link = cred->link;
    pthread_mutex_unlock(&lock);
}

#define TICKET_KEY_SIZE 64 /* as gnutls_session_ticket_key_generate() makes them */

int tls_cache_tickets(const struct tls_cred *cred, bool certified, gnutls_session_t session)
{
    uint8_t octets[TICKET_KEY_SIZE];
    gnutls_datum_t key = {octets, 0};
    int code = GNUTLS_E_INTERNAL_ERROR;

    pthread_mutex_lock(&lock);
    if (cred->ticket_keys[certified].size <= sizeof(octets)) {
        key.size = cred->ticket_keys[certified].size;
        memcpy(octets, cred->ticket_keys[certified].data, key.size);
    }
    pthread_mutex_unlock(&lock);
    if (key.size != 0)
        code = gnutls_session_ticket_enable_server(session, &key);
    explicit_bzero(octets, key.size);
    return code;
}

/* What a server has given out is with the clients: it is worth nothing once its keys are gone. */
static bool tickets_void(struct tls_cred *cred)
{
    for (unsigned i = 0; i < 2; i++) {
        gnutls_datum_t fresh = {NULL, 0};

        if (gnutls_session_ticket_key_generate(&fresh) != GNUTLS_E_SUCCESS)
            return false;
        resume_wipe(&cred->ticket_keys[i]);
        cred->ticket_keys[i] = fresh;
    }
    return true;
}

/* Tickets do not tell for whom they are, so they go only when all does. */
static bool cache_empty(const char *target)
{
    bool done = true;

    pthread_mutex_lock(&lock);
    for (struct tls_cred *cred = creds; cred != NULL; cred = cred->next) {
        if (cred->sessions != NULL)
            resume_forget(cred->sessions, target);
        if (target == NULL && (cred->base.use & SECPKG_CRED_INBOUND))
            done = tickets_void(cred) && done;
    }
    pthread_mutex_unlock(&lock);
    return done;
}

static BOOL cache_empty_for(const void *caller, bool wide)
{
    char *target;
    SECURITY_STATUS status = text_from_caller(caller, wide, &target);
    bool done = status == SEC_E_OK && cache_empty(target);

    if (!done)
        SetLastError(status == SEC_E_INVALID_PARAMETER ? ERROR_INVALID_PARAMETER
                                                       : ERROR_NOT_ENOUGH_MEMORY);
    if (status == SEC_E_OK)
        string_wipe_free(target);
    return done;
}

WIN_API BOOL SslEmptyCacheA(LPSTR pszTargetName, DWORD dwFlags)
{
    (void)dwFlags;
    return cache_empty_for(pszTargetName, false);
}

WIN_API BOOL SslEmptyCacheW(LPWSTR pszTargetName, DWORD dwFlags)
{
    (void)dwFlags;
    return cache_empty_for(pszTargetName, true);
}
