/* SPDX-License-Identifier: MIT */
/* ApplyControlToken, closing (Microsoft, "Shutting Down an Schannel Connection"), and alerts. */
#include <string.h>

#include "core/native.h"
#include "core/buffer.h"
#include "tls/status.h"
#include "tls/tlspkg.h"

/* --- Alerts --------------------------------------------------------------------------------- */

static void alert_remember(struct tls_ctx *tls, int level, int description)
{
    tls->alert[0] = (uint8_t)level;
    tls->alert[1] = (uint8_t)description;
}

void tls_alert_send(struct tls_ctx *tls, gnutls_alert_level_t level,
                    gnutls_alert_description_t description)
{
    if (gnutls_alert_send(tls->session, level, description) == GNUTLS_E_SUCCESS)
        alert_remember(tls, level, description);
}

/* GnuTLS has no alert for some of what can be wrong with a key that comes, and blames itself. */
static int alert_for_blame(SECURITY_STATUS status)
{
    return status == SEC_E_ILLEGAL_MESSAGE ? GNUTLS_A_ILLEGAL_PARAMETER
           : status == SEC_E_CERT_UNKNOWN  ? GNUTLS_A_BAD_CERTIFICATE
                                           : GNUTLS_A_INTERNAL_ERROR;
}

/*
 * GnuTLS sends none by itself. What failed because of the peer's own alert, close_notify among
 * them, is not answered.
 */
void tls_alert_for(struct tls_ctx *tls, int code)
{
    int level, description = gnutls_error_to_alert(code, &level);

    if (code == GNUTLS_E_FATAL_ALERT_RECEIVED || code == GNUTLS_E_WARNING_ALERT_RECEIVED ||
        code == GNUTLS_E_SESSION_EOF || code == GNUTLS_E_MEMORY_ERROR)
        return;
    if (description == GNUTLS_A_INTERNAL_ERROR)
        description = alert_for_blame(tls_status_of_code(code));
    if (tls->verified && tls->verdict != 0) {
        level = GNUTLS_AL_FATAL;
        description = tls_alert_of_verdict(tls->verdict);
    }
    tls_alert_send(tls, level, description);
}

/* --- ApplyControlToken ---------------------------------------------------------------------- */

/* What SCHANNEL_ALERT_TOKEN and SCHANNEL_SESSION_TOKEN have after their type. */
struct control {
    DWORD type, first, second;
};

static SECURITY_STATUS control_shutdown(struct tls_ctx *tls, const struct control *control)
{
    (void)control;
    tls->closing = TLS_CLOSE_ASKED;
    tls->asked_alert[0] = GNUTLS_AL_WARNING;
    tls->asked_alert[1] = GNUTLS_A_CLOSE_NOTIFY;
    return SEC_E_OK;
}

static SECURITY_STATUS control_alert(struct tls_ctx *tls, const struct control *control)
{
    if (control->first < TLS1_ALERT_WARNING || control->first > TLS1_ALERT_FATAL ||
        control->second > UINT8_MAX)
        return SEC_E_INVALID_TOKEN;
    tls->closing = TLS_CLOSE_ASKED;
    tls->asked_alert[0] = (uint8_t)control->first;
    tls->asked_alert[1] = (uint8_t)control->second;
    return SEC_E_OK;
}

static SECURITY_STATUS control_session(struct tls_ctx *tls, const struct control *control)
{
    if (control->first != SSL_SESSION_ENABLE_RECONNECTS &&
        control->first != SSL_SESSION_DISABLE_RECONNECTS)
        return SEC_E_INVALID_TOKEN;
    tls->no_reconnects = control->first == SSL_SESSION_DISABLE_RECONNECTS;
    if (tls->no_reconnects)
        tls_session_forget(tls);
    return SEC_E_OK;
}

static const struct {
    DWORD type;
    ULONG size;
    SECURITY_STATUS (*apply)(struct tls_ctx *, const struct control *);
} controls[] = {
    {SCHANNEL_SHUTDOWN, sizeof(DWORD), control_shutdown},
    {SCHANNEL_ALERT, sizeof(SCHANNEL_ALERT_TOKEN), control_alert},
    {SCHANNEL_SESSION, sizeof(SCHANNEL_SESSION_TOKEN), control_session},
};

/* Exactly one TOKEN buffer; what is too short to be a token, or of another kind, is unsupported. */
SECURITY_STATUS tlspkg_ctx_control(struct ctx *ctx, const SecBufferDesc *input)
{
    struct tls_ctx *tls = (struct tls_ctx *)ctx;
    struct control control = {0, 0, 0};
    SECURITY_STATUS status = SEC_E_UNSUPPORTED_FUNCTION;
    const SecBuffer *token;

    if (input->cBuffers != 1 || buffer_type(&input->pBuffers[0]) != SECBUFFER_TOKEN)
        return native_refuse(SEC_E_INVALID_TOKEN,
                             "one SECBUFFER_TOKEN is wanted, and nothing else");
    token = &input->pBuffers[0];
    if (token->pvBuffer == NULL || token->cbBuffer < sizeof(DWORD))
        return native_refuse(SEC_E_UNSUPPORTED_FUNCTION, "the token is empty, or no DWORD");
    memcpy(&control, token->pvBuffer,
           token->cbBuffer < sizeof(control) ? token->cbBuffer : sizeof(control));
    tls_lock(tls);
    for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++)
        if (controls[i].type == control.type)
            status = token->cbBuffer < controls[i].size ? SEC_E_INVALID_TOKEN
                                                        : controls[i].apply(tls, &control);
    tls_unlock(tls);
    if (status != SEC_E_OK)
        native_error_set("a token of type %u with %u octets is no SCHANNEL_SHUTDOWN, _ALERT or "
                         "_SESSION, or wrong inside",
                         (unsigned)control.type, (unsigned)token->cbBuffer);
    return status;
}

/* The leg after a SHUTDOWN or ALERT token: what was asked goes out, once. It reads nothing. */
SECURITY_STATUS tls_close(struct tls_ctx *tls, struct leg *leg)
{
    SECURITY_STATUS status;

    if (tls->closing == TLS_CLOSED)
        return SEC_E_INCOMPLETE_MESSAGE;
    if (tls->waiting)
        tls_handshake_abandon(tls);
    if (tls_lanes_give(tls) != GNUTLS_E_SUCCESS)
        return SEC_E_INTERNAL_ERROR;
    tls_alert_send(tls, tls->asked_alert[0], tls->asked_alert[1]);
    if (tls->base.state == CTX_ESTABLISHED)
        tls_lanes_take(tls); /* the peer's data may still come */
    tls->closing = TLS_CLOSED;
    status = ctx_emit(&tls->base, leg, tls->out.data, tls->out.size, SEC_E_OK);
    tls_output_clear(tls);
    tls_input_left(tls, leg->in, 0, status);
    return status;
}
