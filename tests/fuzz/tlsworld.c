/* SPDX-License-Identifier: MIT */
/* Both ends of TLS, with nothing left to chance; see tlsworld.h. */
#include "tlsworld.h"

#include <errno.h>
#include <gnutls/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "cert/cert.h"
#include "lib/certs.h"
#include "tls/tlspkg.h"

#define ROUNDS_MAX 20
#define OUTPUT_MAX 40000
#define SMALL      16

/* ---- Chance --------------------------------------------------------------------------------- */

static uint64_t chance[TLS_PARTIES], *drawn = chance;

/* Takes the place of GnuTLS' own, which calls it as any program would (splitmix64). */
__attribute__((visibility("default"))) int gnutls_rnd(gnutls_rnd_level_t level, void *data,
                                                      size_t size)
{
    uint8_t *octets = data;

    (void)level;
    for (size_t i = 0; i < size; i++) {
        uint64_t mixed = *drawn += UINT64_C(0x9e3779b97f4a7c15);

        mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
        octets[i] = (uint8_t)(mixed ^ mixed >> 31);
    }
    return 0;
}

void tls_world_restart(void)
{
    chance[TLS_PARTY_OURS] = 1;
    chance[TLS_PARTY_PEER] = UINT64_C(1) << 32;
    tls_world_turn(TLS_PARTY_OURS);
}

void tls_world_turn(enum tls_party party)
{
    drawn = &chance[party];
}

#define NOW 1780000000 /* 2026 */

static time_t now(time_t *out)
{
    if (out != NULL)
        *out = NOW;
    return NOW;
}

/* ---- The certificate ------------------------------------------------------------------------ */

static gnutls_x509_crt_t crt;
static PCCERT_CONTEXT certificate;

void tls_world(void)
{
    static const struct certs_form form = {.name = "CN=localhost",
                                           .alt = "dns:localhost",
                                           .serial = 1,
                                           .from = NOW - 86400,
                                           .until = NOW + 86400};
    gnutls_datum_t der;
    gnutls_privkey_t key;

    setenv("SSPI_CERT_ROOT", "/dev/null", 1);
    gnutls_global_set_time_function(now);
    tls_world_restart();
    crt = certs_make(&form, 0, NULL, 0);
    der = certs_der(crt);
    certificate = CertCreateCertificateContext(X509_ASN_ENCODING, der.data, der.size);
    gnutls_free(der.data);
    certs_must(certificate != NULL && gnutls_privkey_init(&key) == 0);
    certs_must(gnutls_privkey_import_x509(key, certs_key(0), GNUTLS_PRIVKEY_IMPORT_COPY) == 0);
    certs_must(cert_context_key_attach(certificate, key));
    tls_is_strict(); /* tries GnuTLS once, which takes chances */
}

/* ---- Octets on their way -------------------------------------------------------------------- */

/* A new block each time, so that a sanitizer sees who still looks at the old one or beyond it. */
static void flow_set(struct tls_flow *flow, size_t dropped, const void *more, size_t size)
{
    size_t kept = flow->size - dropped;
    uint8_t *data = malloc(kept + size > 0 ? kept + size : 1);

    certs_must(data != NULL);
    if (kept > 0)
        memcpy(data, flow->data + dropped, kept);
    if (size > 0)
        memcpy(data + kept, more, size);
    free(flow->data);
    flow->data = data;
    flow->size = kept + size;
}

void tls_flow_add(struct tls_flow *flow, const void *data, size_t size)
{
    flow_set(flow, 0, data, size);
}

void tls_flow_drop(struct tls_flow *flow, size_t size)
{
    fuzz_check(size <= flow->size, "no more is taken than there is");
    flow_set(flow, size, NULL, 0);
}

static void flow_free(struct tls_flow *flow)
{
    free(flow->data);
    memset(flow, 0, sizeof *flow);
}

/* ---- Credentials ---------------------------------------------------------------------------- */

/* Microsoft: a list of lists, of which ALPN is the one with extension 2. */
static const struct {
    ULONG lists_size, extension;
    USHORT list_size;
    char list[12];
} __attribute__((packed)) alpn = {18, 2, 12, "\x02h2\x08http/1.1"};

_Static_assert(sizeof alpn == 4 + 4 + 2 + 12, "as it is sent");

static void acquire(struct tls_end *end)
{
    static const DWORD versions[] = {0, SP_PROT_TLS1_2, SP_PROT_TLS1_3, 0};
    DWORD only = versions[end->options & 3];
    TLS_PARAMETERS parameters = {.grbitDisabledProtocols = only != 0 ? ~only : 0};
    SCH_CREDENTIALS auth = {.dwVersion = SCH_CREDENTIALS_VERSION,
                            .paCred = &certificate,
                            .cTlsParameters = 1,
                            .pTlsParameters = &parameters};
    static SEC_CHAR package[] = "Schannel";

    if (!(end->options & TLS_WORLD_VALIDATE))
        auth.dwFlags |= SCH_CRED_MANUAL_CRED_VALIDATION;
    auth.cCreds = end->server || (end->options & TLS_WORLD_CERTIFICATE) ? 1 : 0;
    fuzz_check(AcquireCredentialsHandleA(NULL, package,
                                         end->server ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND,
                                         NULL, &auth, NULL, NULL, &end->cred, NULL) == SEC_E_OK,
               "there is a credential");
}

void tls_end_open(struct tls_end *end, bool server, uint8_t options, struct tls_flow *out)
{
    memset(end, 0, sizeof *end);
    end->server = server;
    end->options = options;
    end->out = out;
    end->status = SEC_I_CONTINUE_NEEDED;
    acquire(end);
}

void tls_end_close(struct tls_end *end)
{
    if (end->open)
        fuzz_check(DeleteSecurityContext(&end->ctx) == SEC_E_OK, "a context can be deleted");
    fuzz_check(FreeCredentialsHandle(&end->cred) == SEC_E_OK, "a credential can be freed");
    flow_free(&end->in);
}

/* ---- Legs ----------------------------------------------------------------------------------- */

static ULONG leg_request(const struct tls_end *end)
{
    ULONG own_memory = end->options & TLS_WORLD_SMALL;

    if (end->server)
        return ASC_REQ_STREAM |
               (own_memory ? 0 : ASC_REQ_ALLOCATE_MEMORY | ASC_REQ_EXTENDED_ERROR) |
               (end->options & TLS_WORLD_CERTIFICATE ? ASC_REQ_MUTUAL_AUTH : 0);
    return ISC_REQ_STREAM | (own_memory ? 0 : ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_EXTENDED_ERROR);
}

static SECURITY_STATUS leg_call(struct tls_end *end, SecBufferDesc *in, SecBufferDesc *out)
{
    static SEC_CHAR target[] = "localhost";
    PCtxtHandle ctx = end->open ? &end->ctx : NULL;
    ULONG granted = 0;

    if (end->server)
        return AcceptSecurityContext(&end->cred, ctx, in, leg_request(end), 0, &end->ctx, out,
                                     &granted, NULL);
    return InitializeSecurityContextA(&end->cred, ctx, target, leg_request(end), 0, 0, in, 0,
                                      &end->ctx, out, &granted, NULL);
}

/* How much of the input was used, by the report in the second buffer. */
static size_t leg_used(const struct tls_end *end, const SecBuffer in[2])
{
    size_t left = 0;

    if (end->status == SEC_E_INCOMPLETE_MESSAGE) {
        fuzz_check(in[1].BufferType == SECBUFFER_MISSING && in[1].cbBuffer > 0,
                   "it is told how much is missing");
        return 0;
    }
    if (end->status == SEC_I_INCOMPLETE_CREDENTIALS ||
        (end->status < 0 && end->status != SEC_E_INSUFFICIENT_MEMORY))
        return 0;
    if (in[1].BufferType == SECBUFFER_EXTRA) {
        left = in[1].cbBuffer;
        fuzz_check(left > 0 && left <= end->in.size &&
                       in[1].pvBuffer == end->in.data + end->in.size - left,
                   "what is left is the end of the input");
    }
    return end->in.size - left;
}

/* Where the token did not fit, the same call is made once more with enough room. */
static void leg_again(struct tls_end *end, SecBufferDesc *out, SecBuffer *token)
{
    SecBuffer none[2] = {{0, SECBUFFER_TOKEN, NULL}, {0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc in = {SECBUFFER_VERSION, 2, none};

    fuzz_check(token->cbBuffer > SMALL && token->cbBuffer <= OUTPUT_MAX, "it is told what fits");
    end->open = true;
    token->pvBuffer = realloc(token->pvBuffer, token->cbBuffer);
    certs_must(token->pvBuffer != NULL);
    end->status = leg_call(end, &in, out);
    fuzz_check(end->status >= 0, "what was told fits");
}

static void leg_send(const struct tls_end *end, const SecBuffer *token)
{
    bool own_memory = (end->options & TLS_WORLD_SMALL) != 0;

    if (end->out != NULL && end->status != SEC_E_INCOMPLETE_MESSAGE &&
        (end->status >= 0 || !own_memory))
        tls_flow_add(end->out, token->pvBuffer, token->cbBuffer);
}

static void leg(struct tls_end *end)
{
    SecBuffer in[3] = {{(ULONG)end->in.size, SECBUFFER_TOKEN, end->in.data},
                       {0, SECBUFFER_EMPTY, NULL},
                       {sizeof alpn, SECBUFFER_APPLICATION_PROTOCOLS, (void *)(uintptr_t)&alpn}};
    SecBuffer token[2] = {{0, SECBUFFER_TOKEN, NULL}, {0, SECBUFFER_ALERT, NULL}};
    bool own_memory = (end->options & TLS_WORLD_SMALL) != 0;
    SecBufferDesc list = {SECBUFFER_VERSION, !end->open && (end->options & TLS_WORLD_ALPN) ? 3 : 2,
                          in};
    SecBufferDesc out = {SECBUFFER_VERSION, own_memory ? 1 : 2, token};

    if (own_memory)
        token[0] = (SecBuffer){SMALL, SECBUFFER_TOKEN, malloc(SMALL)};
    end->status = leg_call(end, &list, &out);
    tls_flow_drop(&end->in, leg_used(end, in));
    if (end->status == SEC_E_INSUFFICIENT_MEMORY)
        leg_again(end, &out, token);
    end->open |= end->status >= 0;
    leg_send(end, &token[0]);
    if (own_memory)
        free(token[0].pvBuffer);
    else
        FreeContextBuffer(token[0].pvBuffer);
    FreeContextBuffer(token[1].pvBuffer);
}

/* ---- Messages ------------------------------------------------------------------------------- */

/* The four buffers lie in a row from the start, and what is EXTRA is the rest. */
static void decrypted_check(const struct tls_end *end, const SecBuffer buffers[4])
{
    static const ULONG types[] = {SECBUFFER_STREAM_HEADER, SECBUFFER_DATA,
                                  SECBUFFER_STREAM_TRAILER};
    const uint8_t *at = end->in.data;

    for (unsigned i = 0; i < ARRAYSIZE(types); i++) {
        fuzz_check(buffers[i].BufferType == types[i] && buffers[i].pvBuffer == at,
                   "head, data and tail lie in a row");
        at += buffers[i].cbBuffer;
    }
    if (buffers[3].BufferType == SECBUFFER_EXTRA) {
        fuzz_check(buffers[3].pvBuffer == at || end->status == SEC_I_RENEGOTIATE,
                   "what is left follows the record");
        at = (const uint8_t *)buffers[3].pvBuffer + buffers[3].cbBuffer;
    }
    fuzz_check(at == end->in.data + end->in.size, "all octets are accounted for");
}

SECURITY_STATUS tls_end_decrypt(struct tls_end *end, const uint8_t **data, size_t *size)
{
    SecBuffer buffers[4] = {{(ULONG)end->in.size, SECBUFFER_DATA, end->in.data},
                            {0, SECBUFFER_EMPTY, NULL},
                            {0, SECBUFFER_EMPTY, NULL},
                            {0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc list = {SECBUFFER_VERSION, 4, buffers};

    *data = NULL;
    *size = 0;
    end->status = DecryptMessage(&end->ctx, &list, 0, NULL);
    if (end->status == SEC_E_INCOMPLETE_MESSAGE)
        fuzz_check(buffers[1].BufferType == SECBUFFER_MISSING && buffers[1].cbBuffer > 0,
                   "it is told how much is missing");
    if (end->status < 0)
        return end->status;
    decrypted_check(end, buffers);
    *data = buffers[1].pvBuffer;
    *size = buffers[1].cbBuffer;
    end->left = buffers[3].BufferType == SECBUFFER_EXTRA ? buffers[3].cbBuffer : 0;
    return end->status;
}

/* ---- All of it ------------------------------------------------------------------------------ */

static void end_fail(struct tls_end *end)
{
    end->over = true;
    tls_flow_drop(&end->in, end->in.size);
    if (!end->open)
        return;
    leg(end);
    fuzz_check(end->status < 0, "a context that failed is dead");
}

/* A client begins anew by itself, a server asks for it; TLS 1.3 knows nothing of the kind. */
static void end_renew(struct tls_end *end)
{
    struct tls_flow in = end->in;

    end->renewed = true;
    memset(&end->in, 0, sizeof end->in);
    leg(end);
    flow_free(&end->in);
    end->in = in;
    end->established = end->server || end->status < 0;
}

static bool run_leg(struct tls_end *end)
{
    size_t before = end->in.size;

    leg(end);
    if (end->status == SEC_E_INCOMPLETE_MESSAGE)
        return false;
    if (end->status < 0) {
        end_fail(end);
        return false;
    }
    end->established = end->status == SEC_E_OK;
    end->met |= end->established;
    if (end->established && (end->options & TLS_WORLD_RENEW) && !end->renewed)
        end_renew(end);
    return end->established || end->status == SEC_I_INCOMPLETE_CREDENTIALS || end->in.size < before;
}

static bool run_message(struct tls_end *end)
{
    const uint8_t *data;
    size_t size;

    tls_end_decrypt(end, &data, &size);
    if (end->status == SEC_E_INCOMPLETE_MESSAGE)
        return false;
    if (end->status < 0) {
        end_fail(end);
        return false;
    }
    tls_flow_drop(&end->in, end->in.size - end->left);
    end->over = end->status == SEC_I_CONTEXT_EXPIRED;
    end->established = end->status != SEC_I_RENEGOTIATE;
    return true;
}

void tls_end_run(struct tls_end *end)
{
    bool moved = !end->over;

    tls_world_turn(TLS_PARTY_OURS);
    while (moved && !end->over && (end->in.size > 0 || !end->open || !end->established))
        moved = end->established ? end->in.size > 0 && run_message(end) : run_leg(end);
}

/* The chunk, or pieces of it as they would come through a narrow wire. */
static void play_chunk(struct tls_end *end, const uint8_t *data, size_t size)
{
    size_t most = end->options & TLS_WORLD_PIECES ? TLS_WORLD_PIECE : size;

    for (size_t at = 0; at < size && !end->over; at += most) {
        tls_flow_add(&end->in, data + at, size - at < most ? size - at : most);
        tls_end_run(end);
    }
}

bool tls_world_play(bool server, const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    struct tls_end end;
    uint8_t options = fuzz_u8(&input);

    tls_world_restart();
    tls_end_open(&end, server, options, NULL);
    if (!server)
        tls_end_run(&end);
    while (input.left > 0 && !end.over) {
        size_t length;
        uint8_t *chunk = fuzz_chunk(&input, &length);

        play_chunk(&end, chunk, length);
        free(chunk);
    }
    tls_end_close(&end);
    return end.met;
}

/* ---- A bare GnuTLS end ---------------------------------------------------------------------- */

static ssize_t peer_pull(gnutls_transport_ptr_t pointer, void *data, size_t size)
{
    struct tls_peer *peer = pointer;

    if (peer->in.size == 0) {
        gnutls_transport_set_errno(peer->session, EAGAIN);
        return -1;
    }
    if (size > peer->in.size)
        size = peer->in.size;
    memcpy(data, peer->in.data, size);
    tls_flow_drop(&peer->in, size);
    return (ssize_t)size;
}

static int peer_pull_timeout(gnutls_transport_ptr_t pointer, unsigned milliseconds)
{
    const struct tls_peer *peer = pointer;

    (void)milliseconds;
    return peer->in.size > 0;
}

static ssize_t peer_push(gnutls_transport_ptr_t pointer, const void *data, size_t size)
{
    const struct tls_peer *peer = pointer;

    tls_flow_add(peer->out, data, size);
    return (ssize_t)size;
}

void tls_peer_open(struct tls_peer *peer, bool server, const char *priority, struct tls_flow *out)
{
    unsigned role = server ? GNUTLS_SERVER : GNUTLS_CLIENT;

    memset(peer, 0, sizeof *peer);
    peer->out = out;
    tls_world_turn(TLS_PARTY_PEER);
    certs_must(gnutls_certificate_allocate_credentials(&peer->x509) == 0);
    certs_must(gnutls_certificate_set_x509_key(peer->x509, &crt, 1, certs_key(0)) >= 0);
    certs_must(gnutls_init(&peer->session, role | GNUTLS_NONBLOCK) == 0);
    certs_must(gnutls_priority_set_direct(peer->session, priority, NULL) == 0);
    certs_must(gnutls_credentials_set(peer->session, GNUTLS_CRD_CERTIFICATE, peer->x509) == 0);
    gnutls_transport_set_ptr(peer->session, peer);
    gnutls_transport_set_pull_function(peer->session, peer_pull);
    gnutls_transport_set_pull_timeout_function(peer->session, peer_pull_timeout);
    gnutls_transport_set_push_function(peer->session, peer_push);
}

void tls_peer_close(struct tls_peer *peer)
{
    gnutls_deinit(peer->session);
    gnutls_certificate_free_credentials(peer->x509);
    flow_free(&peer->in);
}

bool tls_world_meet(struct tls_end *end, struct tls_peer *peer)
{
    int code = GNUTLS_E_AGAIN;

    for (unsigned i = 0; i < ROUNDS_MAX && !(end->established && code == 0); i++) {
        if (!end->server || end->in.size > 0)
            tls_end_run(end);
        tls_world_turn(TLS_PARTY_PEER);
        if (code != 0 && !gnutls_error_is_fatal(code))
            code = gnutls_handshake(peer->session);
    }
    return end->established && code == 0;
}
