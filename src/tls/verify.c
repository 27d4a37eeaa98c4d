/* SPDX-License-Identifier: MIT */
/* Is the peer who it should be? Asked during the handshake, so that a refusal ends it. */
#include "cert/cert.h"
#include "core/status.h"
#include "core/native.h"
#include "tls/status.h"
#include "tls/tlspkg.h"

static const struct {
    DWORD cred, chain;
} revocation_flags[] = {
    {SCH_CRED_REVOCATION_CHECK_END_CERT, CERT_CHAIN_REVOCATION_CHECK_END_CERT},
    {SCH_CRED_REVOCATION_CHECK_CHAIN, CERT_CHAIN_REVOCATION_CHECK_CHAIN},
    {SCH_CRED_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT, CERT_CHAIN_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT},
};

static DWORD chain_flags(DWORD cred)
{
    DWORD flags = 0;

    for (size_t i = 0; i < sizeof(revocation_flags) / sizeof(revocation_flags[0]); i++)
        if (cred & revocation_flags[i].cred)
            flags |= revocation_flags[i].chain;
    return flags;
}

/* What a credential lets pass of what could not be found out; for each certificate by itself. */
static DWORD chain_pardons(DWORD cred)
{
    return (cred & SCH_CRED_IGNORE_NO_REVOCATION_CHECK ? CERT_TRUST_REVOCATION_STATUS_UNKNOWN : 0) |
           (cred & SCH_CRED_IGNORE_REVOCATION_OFFLINE ? CERT_TRUST_IS_OFFLINE_REVOCATION : 0);
}

/* A client that names nobody cannot know whom it talks to; NO_SERVERNAME_CHECK says that it knows.
 */
static HRESULT chain_judge(struct tls_ctx *tls, const gnutls_x509_crt_t *chain, unsigned count)
{
    const struct tls_cred *cred = (const struct tls_cred *)tls->base.cred;
    bool named = !tls->base.inbound && !(cred->flags & SCH_CRED_NO_SERVERNAME_CHECK);
    gnutls_datum_t staple;
    struct cert_check check = {
        .chain = chain,
        .count = count,
        .roots = tls->base.inbound ? cred->roots : NULL,
        .host = named ? tls->target : NULL,
        .usage = tls->base.inbound ? szOID_PKIX_KP_CLIENT_AUTH : szOID_PKIX_KP_SERVER_AUTH,
        .now = time(NULL),
        .flags = chain_flags(cred->flags),
        .pardoned = chain_pardons(cred->flags),
    };
    HRESULT verdict;

    if (gnutls_ocsp_status_request_get(tls->session, &staple) == GNUTLS_E_SUCCESS)
        check.staple = &staple;
    verdict = cert_check_run(&check, &tls->trust);
    if (verdict == 0 && named && tls->target == NULL)
        verdict = CERT_E_CN_NO_MATCH;
    return verdict;
}

static HRESULT peer_judge(struct tls_ctx *tls)
{
    gnutls_x509_crt_t chain[CERT_CHAIN_MAX];
    unsigned sent = 0, count = 0;
    const gnutls_datum_t *raw = gnutls_certificate_get_peers(tls->session, &sent);
    HRESULT verdict = CERT_E_CHAINING;

    if (raw == NULL || sent == 0 || sent > CERT_CHAIN_MAX)
        return verdict;
    while (count < sent && gnutls_x509_crt_init(&chain[count]) == GNUTLS_E_SUCCESS) {
        count++;
        if (gnutls_x509_crt_import(chain[count - 1], &raw[count - 1], GNUTLS_X509_FMT_DER) !=
            GNUTLS_E_SUCCESS)
            break;
        if (count == sent)
            verdict = chain_judge(tls, chain, count);
    }
    while (count > 0)
        gnutls_x509_crt_deinit(chain[--count]);
    return verdict;
}

/* A client without a certificate is let in: the program sees that there is none. */
static bool peer_is_nobody(const struct tls_ctx *tls)
{
    unsigned count = 0;

    return tls->base.inbound && gnutls_certificate_get_peers(tls->session, &count) == NULL;
}

int tls_verify_peer(gnutls_session_t session)
{
    struct tls_ctx *tls = gnutls_session_get_ptr(session);

    if (!tls_ctx_validates(tls) || peer_is_nobody(tls))
        return 0;
    tls->verdict = peer_judge(tls);
    tls->verified = true;
    if (tls->verdict == 0)
        return 0;
    native_error_set("the peer's certificate: %s, trust 0x%08x: %s", status_name(tls->verdict),
                     (unsigned)tls->trust, status_text(tls->verdict));
    return -1;
}
