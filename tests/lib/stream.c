/* SPDX-License-Identifier: MIT */
/* Ends of TLS connections over memory. */
#include "lib/stream.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS_MAX 100000 /* single octets make many */
#define RECORD_MAX (5 + 16384 + 2048)
#define GUARD      0xa5

/* --- Octets on their way -------------------------------------------------------------------- */

void flow_add(struct flow *flow, const void *data, size_t size)
{
    if (flow->capacity - flow->size < size) {
        flow->capacity = (flow->size + size) * 2;
        flow->data = realloc(flow->data, flow->capacity);
        ck_assert_ptr_nonnull(flow->data);
    }
    if (size != 0)
        memcpy(flow->data + flow->size, data, size);
    flow->size += size;
}

void flow_drop(struct flow *flow, size_t size)
{
    ck_assert_uint_le(size, flow->size);
    if (size != flow->size)
        memmove(flow->data, flow->data + size, flow->size - size);
    flow->size -= size;
}

void flow_free(struct flow *flow)
{
    free(flow->data);
    memset(flow, 0, sizeof(*flow));
}

/* SSPI takes without const what it does not write to. */
static void *unconst(const void *data)
{
    return (void *)(uintptr_t)data;
}

/* --- Legs ----------------------------------------------------------------------------------- */

void stream_init(struct stream *stream, bool server)
{
    memset(stream, 0, sizeof(*stream));
    stream->server = server;
    stream->target = "localhost";
    stream->request =
        server ? ASC_REQ_STREAM | ASC_REQ_EXTENDED_ERROR : ISC_REQ_STREAM | ISC_REQ_EXTENDED_ERROR;
    stream->status = SEC_I_CONTINUE_NEEDED;
}

SECURITY_STATUS stream_acquire(struct stream *stream, const void *auth)
{
    SECURITY_STATUS status = AcquireCredentialsHandleA(
        NULL, unconst(UNISP_NAME_A), stream->server ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND,
        NULL, unconst(auth), NULL, NULL, &stream->cred, NULL);

    stream->cred_open = status == SEC_E_OK;
    return status;
}

static SECURITY_STATUS leg_call(struct stream *stream, SecBufferDesc *in, SecBufferDesc *out)
{
    PCredHandle cred = &stream->cred;
    PCtxtHandle ctx = stream->ctx_open ? &stream->ctx : NULL;
    TimeStamp expiry;

    if (stream->status == SEC_I_INCOMPLETE_CREDENTIALS && stream->second != NULL)
        cred = stream->second;
    stream->legs++;
    if (stream->server)
        return AcceptSecurityContext(cred, ctx, in, stream->request | ASC_REQ_ALLOCATE_MEMORY, 0,
                                     &stream->ctx, out, &stream->flags, &expiry);
    return InitializeSecurityContextA(cred, ctx, unconst(stream->target),
                                      stream->request | ISC_REQ_ALLOCATE_MEMORY, 0, 0, in, 0,
                                      &stream->ctx, out, &stream->flags, &expiry);
}

static void leg_take(struct stream *stream, SecBuffer out[2], struct flow *to)
{
    if (out[0].cbBuffer != 0)
        flow_add(to, out[0].pvBuffer, out[0].cbBuffer);
    if (out[0].pvBuffer != NULL)
        ck_assert_int_eq(FreeContextBuffer(out[0].pvBuffer), SEC_E_OK);
    if (out[1].cbBuffer != 0) {
        ck_assert_uint_eq(out[1].cbBuffer, sizeof(stream->alert));
        memcpy(stream->alert, out[1].pvBuffer, sizeof(stream->alert));
        ck_assert_int_eq(FreeContextBuffer(out[1].pvBuffer), SEC_E_OK);
    }
}

/* What is left of the input, and that the second buffer says no more than is true. */
static void leg_consume(struct stream *stream, const SecBuffer in[2])
{
    size_t used = stream->arrived;

    if (stream->status == SEC_E_INCOMPLETE_MESSAGE) {
        ck_assert_uint_eq(in[1].BufferType, SECBUFFER_MISSING);
        ck_assert_uint_ge(in[1].cbBuffer, 1);
        return;
    }
    if (stream->status == SEC_I_INCOMPLETE_CREDENTIALS) {
        stream->asked++;
        return;
    }
    if (stream->status < 0)
        return;
    if (in[1].BufferType == SECBUFFER_EXTRA) {
        ck_assert_uint_ge(in[1].cbBuffer, 1);
        ck_assert_uint_le(in[1].cbBuffer, stream->arrived);
        used -= in[1].cbBuffer;
        ck_assert_ptr_eq(in[1].pvBuffer, stream->in.data + used);
    }
    flow_drop(&stream->in, used);
    stream->arrived -= used;
}

SECURITY_STATUS stream_leg(struct stream *stream, struct flow *out)
{
    SecBuffer in[3] = {{0, SECBUFFER_TOKEN, NULL}, {0, SECBUFFER_EMPTY, NULL}, {0, 0, NULL}};
    SecBuffer answer[2] = {{0, SECBUFFER_TOKEN, NULL}, {0, SECBUFFER_ALERT, NULL}};
    SecBufferDesc in_list = {SECBUFFER_VERSION, 2, in}, list = {SECBUFFER_VERSION, 2, answer};
    bool again = stream->status == SEC_I_INCOMPLETE_CREDENTIALS;

    if (!again && !stream->closing) {
        stream->arrived += stream->chunk;
        if (stream->chunk == 0 || stream->arrived > stream->in.size)
            stream->arrived = stream->in.size;
    }
    in[0].pvBuffer = stream->in.data;
    in[0].cbBuffer = (ULONG)stream->arrived;
    if (!stream->ctx_open && stream->alpn != NULL) {
        in[2] =
            (SecBuffer){stream->alpn_size, SECBUFFER_APPLICATION_PROTOCOLS, unconst(stream->alpn)};
        in_list.cBuffers = 3;
    }
    stream->status = leg_call(stream, &in_list, &list);
    if (stream->status >= 0)
        stream->ctx_open = true;
    if (stream->status != SEC_E_INCOMPLETE_MESSAGE)
        leg_take(stream, answer, out);
    leg_consume(stream, in);
    if (stream->status == SEC_E_OK && !stream->closing)
        ck_assert_int_eq(
            QueryContextAttributesA(&stream->ctx, SECPKG_ATTR_STREAM_SIZES, &stream->sizes),
            SEC_E_OK);
    return stream->status;
}

static bool leg_is_due(const struct stream *stream)
{
    if (stream->status == SEC_E_OK)
        return false;
    if (stream->status < 0 && stream->status != SEC_E_INCOMPLETE_MESSAGE)
        return false;
    return (!stream->server && !stream->ctx_open) ||
           stream->status == SEC_I_INCOMPLETE_CREDENTIALS || stream->in.size > stream->arrived ||
           (stream->status == SEC_I_CONTINUE_NEEDED && stream->arrived != 0);
}

bool stream_shake(struct stream *client, struct stream *server)
{
    bool moved = true;

    for (unsigned i = 0; i < ROUNDS_MAX && moved; i++) {
        moved = false;
        if (leg_is_due(client)) {
            stream_leg(client, &server->in);
            moved = true;
        }
        if (leg_is_due(server)) {
            stream_leg(server, &client->in);
            moved = true;
        }
    }
    return client->status == SEC_E_OK && server->status == SEC_E_OK;
}

void stream_establish(struct stream *client, struct stream *server)
{
    if (!stream_shake(client, server))
        ck_abort_msg("client 0x%08x, server 0x%08x", (unsigned)client->status,
                     (unsigned)server->status);
}

/* --- Messages ------------------------------------------------------------------------------- */

SECURITY_STATUS stream_seal(struct stream *stream, const void *data, size_t size, bool scattered,
                            struct flow *out)
{
    ULONG header = stream->sizes.cbHeader, trailer = stream->sizes.cbTrailer;
    size_t gap = scattered ? 64 : 0, total = header + gap + size + gap + trailer + 16;
    uint8_t *block = malloc(total);
    SecBuffer buffers[4] = {
        {header, SECBUFFER_STREAM_HEADER, block},
        {(ULONG)size, SECBUFFER_DATA, block + header + gap},
        {trailer, SECBUFFER_STREAM_TRAILER, block + header + gap + size + gap},
        {0, SECBUFFER_EMPTY, NULL},
    };
    SecBufferDesc list = {SECBUFFER_VERSION, 4, buffers};
    SECURITY_STATUS status;

    memset(block, GUARD, total);
    if (size != 0)
        memcpy(buffers[1].pvBuffer, data, size);
    status = EncryptMessage(&stream->ctx, 0, &list, 0);
    for (size_t i = total - 16; i < total; i++)
        ck_assert_uint_eq(block[i], GUARD);
    for (size_t i = 0; i < gap; i++)
        ck_assert_uint_eq(block[header + i], GUARD);
    if (status == SEC_E_OK) {
        ck_assert_uint_eq(buffers[1].cbBuffer, size);
        ck_assert_uint_le(buffers[0].cbBuffer, header);
        ck_assert_uint_le(buffers[2].cbBuffer, trailer);
        for (unsigned i = 0; i < 3; i++)
            flow_add(out, buffers[i].pvBuffer, buffers[i].cbBuffer);
    }
    free(block);
    return status;
}

/* What was opened lies in one piece, in order, inside what was given; what was kept elsewhere. */
static void opened_check(const SecBuffer buffers[4], const uint8_t *start, size_t given, bool kept)
{
    static const ULONG types[] = {SECBUFFER_STREAM_HEADER, SECBUFFER_DATA,
                                  SECBUFFER_STREAM_TRAILER};
    const uint8_t *at = start;

    for (unsigned i = 0; i < 3; i++) {
        ck_assert_uint_eq(buffers[i].BufferType, types[i]);
        if (kept && i == 1)
            continue;
        ck_assert_ptr_eq(buffers[i].pvBuffer, at);
        at += buffers[i].cbBuffer;
    }
    if (buffers[3].BufferType == SECBUFFER_EXTRA) {
        ck_assert_ptr_eq(buffers[3].pvBuffer, at);
        at += buffers[3].cbBuffer;
    } else {
        ck_assert_uint_eq(buffers[3].BufferType, SECBUFFER_EMPTY);
    }
    ck_assert_ptr_eq(at, start + given);
}

static bool within(const struct flow *flow, const void *data)
{
    return (uintptr_t)data - (uintptr_t)flow->data <= flow->size;
}

SECURITY_STATUS stream_open(struct stream *stream, void *data, size_t *size)
{
    bool kept;
    SecBuffer buffers[4] = {{(ULONG)stream->in.size, SECBUFFER_DATA, stream->in.data},
                            {0, SECBUFFER_EMPTY, NULL},
                            {0, SECBUFFER_EMPTY, NULL},
                            {0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc list = {SECBUFFER_VERSION, 4, buffers};
    SECURITY_STATUS status = DecryptMessage(&stream->ctx, &list, 0, NULL);

    *size = 0;
    if (status < 0)
        return status;
    kept = !within(&stream->in, buffers[1].pvBuffer);
    stream->kept += kept;
    opened_check(buffers, stream->in.data, stream->in.size, kept);
    *size = buffers[1].cbBuffer;
    ck_assert_uint_le(*size, RECORD_MAX);
    memcpy(data, buffers[1].pvBuffer, *size);
    flow_drop(&stream->in,
              stream->in.size -
                  (buffers[3].BufferType == SECBUFFER_EXTRA ? buffers[3].cbBuffer : 0));
    return status;
}

void stream_say(struct stream *from, struct stream *to, const char *text)
{
    uint8_t *data = malloc(RECORD_MAX);
    size_t size = 0, length = strlen(text);

    ck_assert_int_eq(stream_seal(from, text, length, false, &to->in), SEC_E_OK);
    while (size == 0)
        ck_assert_int_eq(stream_open(to, data, &size), SEC_E_OK);
    ck_assert_uint_eq(size, length);
    ck_assert_mem_eq(data, text, length);
    free(data);
}

void stream_shutdown(struct stream *stream, struct flow *out)
{
    DWORD type = SCHANNEL_SHUTDOWN;
    SecBuffer buffer = {sizeof(type), SECBUFFER_TOKEN, &type};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, &buffer};

    ck_assert_int_eq(ApplyControlToken(&stream->ctx, &list), SEC_E_OK);
    stream->arrived = 0;
    stream->closing = true;
    ck_assert_int_eq(stream_leg(stream, out), SEC_E_OK);
}

void stream_close(struct stream *stream)
{
    if (stream->ctx_open)
        ck_assert_int_eq(DeleteSecurityContext(&stream->ctx), SEC_E_OK);
    stream->ctx_open = stream->closing = false;
    stream->status = SEC_I_CONTINUE_NEEDED;
    stream->legs = stream->asked = 0;
    stream->arrived = 0;
    flow_free(&stream->in);
}

void stream_free(struct stream *stream)
{
    stream_close(stream);
    if (stream->cred_open)
        ck_assert_int_eq(FreeCredentialsHandle(&stream->cred), SEC_E_OK);
    stream->cred_open = false;
}

/* --- A bare GnuTLS end ---------------------------------------------------------------------- */

static ssize_t bare_pull(gnutls_transport_ptr_t pointer, void *data, size_t size)
{
    struct bare *bare = pointer;

    if (bare->in.size == 0) {
        gnutls_transport_set_errno(bare->session, EAGAIN);
        return -1;
    }
    if (size > bare->in.size)
        size = bare->in.size;
    memcpy(data, bare->in.data, size);
    flow_drop(&bare->in, size);
    return (ssize_t)size;
}

static int bare_pull_timeout(gnutls_transport_ptr_t pointer, unsigned milliseconds)
{
    const struct bare *bare = pointer;

    (void)milliseconds;
    return bare->in.size != 0;
}

static ssize_t bare_push(gnutls_transport_ptr_t pointer, const void *data, size_t size)
{
    struct bare *bare = pointer;

    flow_add(bare->out, data, size);
    return (ssize_t)size;
}

/* A client shows what it has, whosever certificates are asked for. */
#define BARE (GNUTLS_NONBLOCK | GNUTLS_POST_HANDSHAKE_AUTH | GNUTLS_FORCE_CLIENT_CERT)

void bare_open(struct bare *bare, bool server, const char *priority, const char *pem,
               struct flow *out)
{
    memset(bare, 0, sizeof(*bare));
    bare->out = out;
    ck_assert_int_eq(gnutls_certificate_allocate_credentials(&bare->x509), 0);
    if (pem != NULL)
        ck_assert_int_eq(
            gnutls_certificate_set_x509_key_file(bare->x509, pem, pem, GNUTLS_X509_FMT_PEM), 0);
    ck_assert_int_eq(gnutls_init(&bare->session, (server ? GNUTLS_SERVER : GNUTLS_CLIENT) | BARE),
                     0);
    ck_assert_int_eq(gnutls_priority_set_direct(bare->session, priority, NULL), 0);
    ck_assert_int_eq(gnutls_credentials_set(bare->session, GNUTLS_CRD_CERTIFICATE, bare->x509), 0);
    gnutls_transport_set_ptr(bare->session, bare);
    gnutls_transport_set_pull_function(bare->session, bare_pull);
    gnutls_transport_set_pull_timeout_function(bare->session, bare_pull_timeout);
    gnutls_transport_set_push_function(bare->session, bare_push);
}

void bare_close(struct bare *bare)
{
    gnutls_deinit(bare->session);
    gnutls_certificate_free_credentials(bare->x509);
    flow_free(&bare->in);
}

int bare_shake(struct bare *bare, struct stream *stream)
{
    int code = GNUTLS_E_AGAIN;
    bool moved = true;

    for (unsigned i = 0; i < ROUNDS_MAX && moved; i++) {
        size_t before = bare->in.size + bare->out->size;

        if (code != 0 && !gnutls_error_is_fatal(code))
            code = gnutls_handshake(bare->session);
        moved = before != bare->in.size + bare->out->size;
        if (leg_is_due(stream)) {
            stream_leg(stream, &bare->in);
            moved = true;
        }
    }
    return code;
}
