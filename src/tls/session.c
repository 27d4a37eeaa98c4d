/* SPDX-License-Identifier: MIT */
/* A GnuTLS session that reads and writes memory, and the context around it. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tls/status.h"
#include "tls/tlspkg.h"

/* --- Input and output ----------------------------------------------------------------------- */

static ssize_t session_pull(gnutls_transport_ptr_t pointer, void *data, size_t size)
{
    struct tls_ctx *tls = pointer;

    if (tls->in.size == 0 && !tls_input_next(tls)) {
        gnutls_transport_set_errno(tls->session, EAGAIN);
        return -1;
    }
    if (size > tls->in.size)
        size = tls->in.size;
    memcpy(data, tls->in.data, size);
    tls->in.data += size;
    tls->in.size -= size;
    return (ssize_t)size;
}

static int session_pull_timeout(gnutls_transport_ptr_t pointer, unsigned milliseconds)
{
    const struct tls_ctx *tls = pointer;

    (void)milliseconds;
    return tls->in.size != 0;
}

bool tls_output_reserve(struct tls_ctx *tls, size_t size)
{
    size_t capacity = tls->out.capacity == 0 ? 1024 : tls->out.capacity;
    uint8_t *data;

    while (capacity - tls->out.size < size)
        capacity *= 2;
    if (capacity == tls->out.capacity)
        return true;
    data = realloc(tls->out.data, capacity);
    if (data == NULL)
        return false;
    tls->out.data = data;
    tls->out.capacity = capacity;
    return true;
}

static ssize_t session_push(gnutls_transport_ptr_t pointer, const void *data, size_t size)
{
    struct tls_ctx *tls = pointer;

    if (!tls_output_reserve(tls, size)) {
        tls->output_lost = true;
        gnutls_transport_set_errno(tls->session, ENOMEM);
        return -1;
    }
    memcpy(tls->out.data + tls->out.size, data, size);
    tls->out.size += size;
    return (ssize_t)size;
}

void tls_output_clear(struct tls_ctx *tls)
{
    free(tls->out.data);
    memset(&tls->out, 0, sizeof(tls->out));
}

/* --- The session ---------------------------------------------------------------------------- */

static bool is_address(const char *host)
{
    unsigned char address[sizeof(struct in6_addr)];

    return inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
}

/* RFC 6066 3: the name has no trailing dot, and addresses are not sent. What is too long for a name
 * or has no form of its own in DNS is no server's. */
static int session_name(gnutls_session_t session, const char *target)
{
    size_t length = target == NULL ? 0 : strlen(target);
    int code;

    if (length > 0 && target[length - 1] == '.')
        length--;
    if (length == 0 || is_address(target))
        return GNUTLS_E_SUCCESS;
    code = gnutls_server_name_set(session, GNUTLS_NAME_DNS, target, length);
    return code == GNUTLS_E_SUCCESS || code == GNUTLS_E_MEMORY_ERROR ? code
                                                                     : GNUTLS_E_UNRECOGNIZED_NAME;
}

/*
 * A ticket of a connection on which no certificate was asked for must not open one on which it is:
 * they are sealed with different keys.
 */
static int session_tickets(struct tls_ctx *tls, const struct tls_cred *cred)
{
    bool certified = (tls->base.request & ASC_REQ_MUTUAL_AUTH) != 0;

    if (cred->lifespan == 0)
        return GNUTLS_E_SUCCESS;
    gnutls_db_set_cache_expiration(tls->session, (int)cred->lifespan);
    return tls_cache_tickets(cred, certified, tls->session);
}

/* --- Taking up a session again -------------------------------------------------------------- */

static const struct tls_cred *tls_cred_of(const struct tls_ctx *tls)
{
    return (const struct tls_cred *)tls->base.cred;
}

static bool session_validated(const struct tls_ctx *tls)
{
    return tls_cred_validates(tls_cred_of(tls), tls->base.request, tls->base.inbound);
}

static void session_recall(struct tls_ctx *tls)
{
    const struct tls_cred *cred = tls_cred_of(tls);
    gnutls_datum_t session;

    if (cred->sessions == NULL || tls->target == NULL ||
        !resume_take(cred->sessions, tls->target, session_validated(tls), cred->lifespan, &session))
        return;
    gnutls_session_set_data(tls->session, session.data, session.size);
    resume_wipe(&session);
}

/* TLS 1.3 sends the means to it after the handshake, once or more; earlier versions within. */
void tls_session_remember(struct tls_ctx *tls)
{
    const struct tls_cred *cred = tls_cred_of(tls);
    bool late = gnutls_protocol_get_version(tls->session) >= GNUTLS_TLS1_3;
    gnutls_datum_t session;

    if (tls->base.inbound || cred->sessions == NULL || tls->target == NULL || tls->no_reconnects ||
        (late && !(gnutls_session_get_flags(tls->session) & GNUTLS_SFLAGS_SESSION_TICKET)) ||
        gnutls_session_get_data2(tls->session, &session) != GNUTLS_E_SUCCESS)
        return;
    /* The credential may be another than the one under which the peer was looked at, or not. */
    resume_put(cred->sessions, tls->target, tls->verified, &session);
}

void tls_session_forget(struct tls_ctx *tls)
{
    const struct tls_cred *cred = tls_cred_of(tls);

    if (!tls->base.inbound && cred->sessions != NULL && tls->target != NULL)
        resume_forget(cred->sessions, tls->target);
}

/* --- The session's start -------------------------------------------------------------------- */

static int session_configure(struct tls_ctx *tls, const struct tls_cred *cred)
{
    int code;

    gnutls_session_set_ptr(tls->session, tls);
    gnutls_transport_set_ptr(tls->session, tls);
    gnutls_transport_set_pull_function(tls->session, session_pull);
    gnutls_transport_set_pull_timeout_function(tls->session, session_pull_timeout);
    gnutls_transport_set_push_function(tls->session, session_push);
    tls_limit_listen(tls);
    code = gnutls_priority_set(tls->session, cred->priority);
    if (code == GNUTLS_E_SUCCESS)
        code = gnutls_credentials_set(tls->session, GNUTLS_CRD_CERTIFICATE, cred->x509);
    if (code == GNUTLS_E_SUCCESS && !tls->base.inbound)
        code = session_name(tls->session, tls->target);
    if (tls->base.inbound && (tls->base.request & ASC_REQ_MUTUAL_AUTH))
        gnutls_certificate_server_set_request(tls->session, GNUTLS_CERT_REQUEST);
    if (code == GNUTLS_E_SUCCESS && tls->base.inbound)
        code = session_tickets(tls, cred);
    return code;
}

static int session_start(struct tls_ctx *tls, const struct tls_cred *cred)
{
    unsigned flags = GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL;
    int code =
        gnutls_init(&tls->session, flags | (tls->base.inbound ? GNUTLS_SERVER : GNUTLS_CLIENT));

    if (code == GNUTLS_E_SUCCESS)
        code = session_configure(tls, cred);
    if (code == GNUTLS_E_SUCCESS && !tls->base.inbound)
        session_recall(tls);
    return code;
}

/* --- The context ---------------------------------------------------------------------------- */

static void context_destroy(struct object *object)
{
    struct tls_ctx *tls = (struct tls_ctx *)object;

    tls_handshake_abandon(tls);
    if (tls->session != NULL)
        gnutls_deinit(tls->session);
    tls_lanes_close(tls);
    tls_issuers_clear(tls);
    tls_exporter_free(tls->exporter);
    tls_output_clear(tls);
    tls_held_clear(tls);
    free(tls->target);
    if (tls->begun_with != NULL)
        object_unref(&tls->begun_with->handled.object);
    ctx_base_fini(&tls->base);
    free(tls);
}

static const struct object_class context_class = {"TLS context", context_destroy};

SECURITY_STATUS tls_session_new(struct tls_cred *cred, const struct leg *leg, bool inbound,
                                struct tls_ctx **made)
{
    struct tls_ctx *tls = malloc(sizeof(*tls));
    int code;

    if (tls == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    *tls = (struct tls_ctx){.session = NULL}; /* calloc() would not take what was freed last */
    ctx_base_init(&tls->base, &context_class, cred->base.package, &cred->base, leg, inbound);
    tls->base.handled.side_by_side = true; /* one may seal while another opens */
    if (leg->target != NULL && (tls->target = strdup(leg->target)) == NULL)
        code = GNUTLS_E_MEMORY_ERROR;
    else
        code = session_start(tls, cred);
    if (code == GNUTLS_E_SUCCESS) {
        *made = tls;
        return SEC_E_OK;
    }
    object_unref(&tls->base.handled.object);
    return tls_status("gnutls_init", code, GNUTLS_A_CLOSE_NOTIFY);
}

void tls_lock(struct tls_ctx *tls)
{
    latch_take(&tls->receiving);
    latch_take(&tls->sending);
}

void tls_unlock(struct tls_ctx *tls)
{
    latch_leave(&tls->sending);
    latch_leave(&tls->receiving);
}
