/* SPDX-License-Identifier: MIT */
/* A GnuTLS session that reads and writes memory, and the context around it. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/trace.h"
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

/* What was lent is the lender's; realloc() has it moved where it cannot grow. */
static uint8_t *output_grow(struct tls_ctx *tls, size_t capacity)
{
    uint8_t *data = realloc(tls->output_lent ? NULL : tls->out.data, capacity);

    if (data == NULL)
        return NULL;
    if (tls->output_lent && tls->out.size != 0)
        memcpy(data, tls->out.data, tls->out.size);
    tls->output_lent = false;
    tls->out.data = data;
    tls->out.capacity = capacity;
    return data;
}

bool tls_output_reserve(struct tls_ctx *tls, size_t size)
{
    size_t capacity = tls->out.capacity == 0 ? 1024 : tls->out.capacity;

    while (capacity - tls->out.size < size)
        capacity *= 2;
    return capacity == tls->out.capacity || output_grow(tls, capacity) != NULL;
}

void tls_output_lend(struct tls_ctx *tls, uint8_t *memory, size_t size)
{
    if (tls->out.data != NULL)
        return; /* the session has written, and it did not go out yet */
    tls->out.data = memory;
    tls->out.capacity = size;
    tls->output_lent = true;
}

void tls_output_take_back(struct tls_ctx *tls)
{
    if (!tls->output_lent)
        return;
    if (tls->out.size != 0 && output_grow(tls, tls->out.size) != NULL)
        return;
    tls->output_lost = tls->output_lost || tls->out.size != 0;
    tls_output_clear(tls);
}

static ssize_t session_push(gnutls_transport_ptr_t pointer, const giovec_t *parts, int count)
{
    struct tls_ctx *tls = pointer;
    size_t begin = tls->out.size;

    for (int i = 0; i < count; i++) {
        if (!tls_output_reserve(tls, parts[i].iov_len)) {
            tls->output_lost = true;
            gnutls_transport_set_errno(tls->session, ENOMEM);
            return -1;
        }
        memcpy(tls->out.data + tls->out.size, parts[i].iov_base, parts[i].iov_len);
        tls->out.size += parts[i].iov_len;
    }
    return (ssize_t)(tls->out.size - begin);
}

void tls_output_clear(struct tls_ctx *tls)
{
    if (tls->out.data == NULL)
        return;
    if (!tls->output_lent)
        free(tls->out.data);
    memset(&tls->out, 0, sizeof(tls->out));
    tls->output_lent = false;
}

/* --- The session ---------------------------------------------------------------------------- */

/* No name of a server ends with a digit or has a colon. */
static bool is_address(const char *host, size_t length)
{
    unsigned char address[sizeof(struct in6_addr)];

    if ((host[length - 1] < '0' || host[length - 1] > '9') && memchr(host, ':', length) == NULL)
        return false;
    return inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
}

/*
 * RFC 6066 3: the name has no trailing dot, and addresses are not sent. Nor is an SPN, a URL or a
 * host with its port, for which servers end the handshake. What is too long for a name or has no
 * form of its own in DNS is no server's.
 */
static int session_name(gnutls_session_t session, const char *target)
{
    size_t length = target == NULL ? 0 : strlen(target);
    int code;

    if (length > 0 && target[length - 1] == '.')
        length--;
    if (length == 0 || is_address(target, length))
        return GNUTLS_E_SUCCESS;
    if (strcspn(target, "/:@[]\\ ") < length) {
        trace("TLS: the target %s is no host name, and is not sent to the server", target);
        return GNUTLS_E_SUCCESS;
    }
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

static void session_recall(struct tls_ctx *tls)
{
    const struct tls_cred *cred = tls_cred_of(tls);

    if (cred->sessions == NULL || tls->target == NULL)
        return;
    tls->taken = resume_take(cred->sessions, tls->target, tls_ctx_validates(tls), cred->lifespan);
    if (tls->taken != NULL)
        gnutls_session_set_data(tls->session, tls->taken->session.data, tls->taken->session.size);
}

/* The credential may be another than the one under which the peer was looked at, or not. */
static void session_put(struct tls_ctx *tls, struct resumable *session)
{
    session->validated = tls->verified;
    resume_put(tls_cred_of(tls)->sessions, session);
}

/* Of two tickets that come together one is as good as the other. */
static void session_keep_new(struct tls_ctx *tls)
{
    struct resumable *fresh;

    if (resume_has(tls_cred_of(tls)->sessions, tls->target, tls->verified, time(NULL)))
        return;
    fresh = resumable_new(tls->target);
    if (fresh != NULL && gnutls_session_get_data2(tls->session, &fresh->session) == 0)
        session_put(tls, fresh);
    else
        resumable_free(fresh);
}

static void session_drop_taken(struct tls_ctx *tls)
{
    if (tls->taken != NULL)
        resumable_free(tls->taken);
    tls->taken = NULL;
}

static void session_give_back(struct tls_ctx *tls)
{
    session_put(tls, tls->taken);
    tls->taken = NULL;
}

/*
 * TLS 1.3 sends the means to it after the handshake, once or more; earlier versions within. There
 * a session that was taken up again stays what it was, as old as it was.
 */
void tls_session_remember(struct tls_ctx *tls)
{
    bool late;

    if (tls->base.inbound || tls_cred_of(tls)->sessions == NULL || tls->target == NULL)
        return;
    late = gnutls_protocol_get_version(tls->session) >= GNUTLS_TLS1_3;
    if (tls->no_reconnects)
        session_drop_taken(tls);
    else if (!late && tls->taken != NULL && gnutls_session_is_resumed(tls->session))
        session_give_back(tls);
    else if (!late || (gnutls_session_get_flags(tls->session) & GNUTLS_SFLAGS_SESSION_TICKET))
        session_keep_new(tls);
    session_drop_taken(tls);
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
    gnutls_transport_set_vec_push_function(tls->session, session_push);
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

/* A client that resumes nothing asks for no ticket. */
static unsigned session_flags(const struct tls_ctx *tls, const struct tls_cred *cred)
{
    unsigned role = tls->base.inbound        ? GNUTLS_SERVER
                    : cred->sessions == NULL ? GNUTLS_CLIENT | GNUTLS_NO_TICKETS
                                             : GNUTLS_CLIENT;

    return role | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL;
}

static int session_start(struct tls_ctx *tls, const struct tls_cred *cred)
{
    int code = gnutls_init(&tls->session, session_flags(tls, cred));

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

    if (tls->fiber != NULL)
        tls_handshake_abandon(tls);
    if (tls->session != NULL)
        gnutls_deinit(tls->session);
    tls_lanes_close(tls);
    if (tls->issuers.names != NULL)
        tls_issuers_clear(tls);
    if (tls->exporter != NULL)
        tls_exporter_free(tls->exporter);
    tls_output_clear(tls);
    if (tls->held != NULL)
        tls_held_clear(tls);
    session_drop_taken(tls);
    if (tls->begun_with != NULL)
        object_unref(&tls->begun_with->handled.object);
    ctx_base_fini(&tls->base);
    free(tls);
}

static const struct object_class context_class = {"TLS context", context_destroy};

/* In one piece with the target's name. calloc() would not take what was freed last. */
static struct tls_ctx *context_allocate(const char *target)
{
    size_t name_size = target == NULL ? 0 : strlen(target) + 1;
    struct tls_ctx *tls = malloc(sizeof(*tls) + name_size);

    if (tls == NULL)
        return NULL;
    *tls = (struct tls_ctx){.session = NULL};
    if (target != NULL)
        tls->target = memcpy(tls + 1, target, name_size);
    return tls;
}

SECURITY_STATUS tls_session_new(struct tls_cred *cred, const struct leg *leg, bool inbound,
                                struct tls_ctx **made)
{
    struct tls_ctx *tls = context_allocate(leg->target);
    int code;

    if (tls == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    ctx_base_init(&tls->base, &context_class, cred->base.package, &cred->base, leg, inbound);
    tls->base.handled.side_by_side = true; /* one may seal while another opens */
    code = session_start(tls, cred);
    if (code == GNUTLS_E_SUCCESS) {
        *made = tls;
        return SEC_E_OK;
    }
    object_unref(&tls->base.handled.object);
    return tls_status("gnutls_init", code, GNUTLS_A_CLOSE_NOTIFY);
}
