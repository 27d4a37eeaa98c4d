/* SPDX-License-Identifier: MIT */
/* GnuTLS' handshake, driven on a stack of its own where it may have to wait for a certificate. */
#include "tls/tlspkg.h"

static bool code_is_final(int code)
{
    return code == GNUTLS_E_SUCCESS || gnutls_error_is_fatal(code);
}

static void handshake_main(void *argument)
{
    struct tls_ctx *tls = argument;

    for (;;) {
        tls->result = gnutls_handshake(tls->session);
        if (tls->abandoned || code_is_final(tls->result))
            return;
        fiber_park(tls->fiber);
        if (tls->abandoned)
            return;
    }
}

/* Its stack stays with the credential: to map one takes longer than a short handshake's sums. */
static bool fiber_take(struct tls_ctx *tls)
{
    struct tls_cred *cred = (struct tls_cred *)tls->base.cred;

    tls->fiber = atomic_exchange_explicit(&cred->spare, NULL, memory_order_acquire);
    if (tls->fiber != NULL)
        fiber_renew(tls->fiber, handshake_main, tls);
    else
        tls->fiber = fiber_new(handshake_main, tls);
    return tls->fiber != NULL;
}

static void fiber_give(struct tls_ctx *tls)
{
    struct tls_cred *cred = (struct tls_cred *)tls->base.cred;
    struct fiber *none = NULL;

    fiber_wipe(tls->fiber);
    if (!atomic_compare_exchange_strong_explicit(&cred->spare, &none, tls->fiber,
                                                 memory_order_release, memory_order_relaxed))
        fiber_free(tls->fiber);
    tls->fiber = NULL;
}

void tls_handshake_abandon(struct tls_ctx *tls)
{
    if (tls->fiber == NULL)
        return;
    tls->abandoned = true;
    tls->in.size = 0;
    tls->stream = NULL;
    while (!fiber_resume(tls->fiber))
        continue;
    fiber_give(tls);
    tls->abandoned = false;
}

/* Apart from the way of handshakes that nobody asks for a certificate. */
__attribute__((noinline)) static int fiber_step(struct tls_ctx *tls)
{
    if (tls->fiber == NULL && !fiber_take(tls))
        return GNUTLS_E_MEMORY_ERROR;
    if (!fiber_resume(tls->fiber))
        return tls->waiting ? GNUTLS_E_AGAIN : tls->result;
    fiber_give(tls);
    return tls->result;
}

/* A fiber for what may ask for a certificate, to wait for one; then all the way. */
static int handshake_step(struct tls_ctx *tls, bool may_ask)
{
    return tls->fiber == NULL && !may_ask ? gnutls_handshake(tls->session) : fiber_step(tls);
}

/* RFC 5246 7.2.2: the answer to a client's wish for another handshake, which has no other. */
static bool handshake_is_refused(const struct tls_ctx *tls)
{
    return tls->established != 0 && gnutls_alert_get(tls->session) == GNUTLS_A_NO_RENEGOTIATION;
}

/* In one handshake; GnuTLS would bear 16, and take the next for a mistake of its own. */
#define WARNINGS_MAX 8U

/* Other warnings of the peer change nothing; ours is to go on, but not for ever. */
int tls_handshake_advance(struct tls_ctx *tls, bool may_ask)
{
    int code;

    do
        code = handshake_step(tls, may_ask);
    while (code == GNUTLS_E_INTERRUPTED ||
           (code == GNUTLS_E_WARNING_ALERT_RECEIVED && !handshake_is_refused(tls) &&
            ++tls->empty <= WARNINGS_MAX));
    if (tls->empty > WARNINGS_MAX)
        code = GNUTLS_E_UNEXPECTED_PACKET;
    return tls->output_lost ? GNUTLS_E_MEMORY_ERROR : code;
}
