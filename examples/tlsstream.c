/* SPDX-License-Identifier: MIT */
/* A TLS connection by Schannel's functions. */
#include "tlsstream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLIENT_REQUEST                                                                             \
    (ISC_REQ_STREAM | ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT | ISC_REQ_CONFIDENTIALITY |  \
     ISC_REQ_EXTENDED_ERROR | ISC_REQ_ALLOCATE_MEMORY)
#define SERVER_REQUEST                                                                             \
    (ASC_REQ_STREAM | ASC_REQ_REPLAY_DETECT | ASC_REQ_SEQUENCE_DETECT | ASC_REQ_CONFIDENTIALITY |  \
     ASC_REQ_EXTENDED_ERROR | ASC_REQ_ALLOCATE_MEMORY)

static SECURITY_STATUS more_receive(struct stream *stream)
{
    int n = -1;

    if (stream->held < STREAM_ROOM)
        n = (int)recv(stream->socket, (char *)stream->room + stream->held,
                      (int)(STREAM_ROOM - stream->held), 0);
    if (n <= 0)
        return SEC_E_INCOMPLETE_MESSAGE; /* cut off, without a close_notify */
    stream->held += (ULONG)n;
    return SEC_E_OK;
}

/* Only the last `left` octets of what was received are still of use. */
static void rest_keep(struct stream *stream, ULONG left)
{
    memmove(stream->room, stream->room + stream->held - left, left);
    stream->held = left;
}

/* --- The handshake -------------------------------------------------------------------------- */

/* Either function makes the context in the first call that has all it needs. */
static SECURITY_STATUS leg_call(struct stream *stream, SecBufferDesc *input, SecBufferDesc *output)
{
    CtxtHandle *context = stream->begun ? &stream->context : NULL;
    TimeStamp expiry;

    if (stream->server == NULL)
        return AcceptSecurityContext(stream->credential, context, input, SERVER_REQUEST, 0,
                                     &stream->context, output, &stream->flags, &expiry);
    return InitializeSecurityContextA(stream->credential, context, stream->server, CLIENT_REQUEST,
                                      0, 0, stream->begun ? input : NULL, 0, &stream->context,
                                      output, &stream->flags, &expiry);
}

/* Calls, and sends what came of it: a token, with an error an alert. */
static SECURITY_STATUS leg_do(struct stream *stream, SecBufferDesc *input)
{
    SecBuffer token;
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &token};
    SECURITY_STATUS status;

    buffer_set(&token, SECBUFFER_TOKEN, NULL, 0);
    status = leg_call(stream, input, &output);
    if (status == SEC_E_OK || status == SEC_I_CONTINUE_NEEDED) {
        stream->begun = 1;
        stream->legs++;
    }
    if (token.pvBuffer == NULL)
        return status;
    if (send_all(stream->socket, token.pvBuffer, token.cbBuffer) != 0 && status >= 0)
        status = SEC_E_INTERNAL_ERROR;
    FreeContextBuffer(token.pvBuffer);
    return status;
}

/* One leg with all that was received; what it leaves is the start of what comes next. */
static SECURITY_STATUS leg(struct stream *stream)
{
    SecBuffer in[2];
    SecBufferDesc input = {SECBUFFER_VERSION, 2, in};
    SECURITY_STATUS status;

    buffer_set(&in[0], SECBUFFER_TOKEN, stream->room, stream->held);
    buffer_set(&in[1], SECBUFFER_EMPTY, NULL, 0);
    status = leg_do(stream, &input);
    if (status == SEC_E_OK || status == SEC_I_CONTINUE_NEEDED)
        rest_keep(stream, in[1].BufferType == SECBUFFER_EXTRA ? in[1].cbBuffer : 0);
    return status;
}

/*
 * A client speaks first. SEC_E_INCOMPLETE_MESSAGE wants more octets behind those that are there;
 * SEC_I_INCOMPLETE_CREDENTIALS is the wish for a certificate, and the same call once more goes on
 * without one.
 */
static SECURITY_STATUS handshake(struct stream *stream)
{
    SECURITY_STATUS status = stream->server == NULL ? SEC_E_INCOMPLETE_MESSAGE : SEC_E_OK;

    do {
        if (status == SEC_E_INCOMPLETE_MESSAGE ||
            (status == SEC_I_CONTINUE_NEEDED && stream->held == 0)) {
            status = more_receive(stream);
            if (status != SEC_E_OK)
                break;
        }
        status = leg(stream);
    } while (status == SEC_I_CONTINUE_NEEDED || status == SEC_E_INCOMPLETE_MESSAGE ||
             status == SEC_I_INCOMPLETE_CREDENTIALS);
    return status;
}

SECURITY_STATUS stream_open(struct stream *stream, SOCKET s, CredHandle *credential, char *server)
{
    SECURITY_STATUS status;

    memset(stream, 0, sizeof(*stream));
    stream->socket = s;
    stream->credential = credential;
    stream->server = server;
    status = handshake(stream);
    if (status == SEC_E_OK)
        status =
            QueryContextAttributesA(&stream->context, SECPKG_ATTR_STREAM_SIZES, &stream->sizes);
    if (status != SEC_E_OK)
        stream_free(stream);
    return status;
}

/* --- Messages ------------------------------------------------------------------------------- */

/* Header, data and trailer stand behind one another; the trailer may be shorter than its room. */
static SECURITY_STATUS record_send(struct stream *stream, unsigned char *record, const void *data,
                                   ULONG size)
{
    SecBuffer parts[4];
    SecBufferDesc message = {SECBUFFER_VERSION, 4, parts};
    SECURITY_STATUS status;

    buffer_set(&parts[0], SECBUFFER_STREAM_HEADER, record, stream->sizes.cbHeader);
    buffer_set(&parts[1], SECBUFFER_DATA, record + stream->sizes.cbHeader, size);
    buffer_set(&parts[2], SECBUFFER_STREAM_TRAILER, record + stream->sizes.cbHeader + size,
               stream->sizes.cbTrailer);
    buffer_set(&parts[3], SECBUFFER_EMPTY, NULL, 0);
    memcpy(parts[1].pvBuffer, data, size);
    status = EncryptMessage(&stream->context, 0, &message, 0);
    if (status != SEC_E_OK)
        return status;
    stream->tally.sealed++;
    stream->tally.wire = parts[0].cbBuffer + parts[1].cbBuffer + parts[2].cbBuffer;
    if (send_all(stream->socket, (const char *)record, stream->tally.wire) != 0)
        return SEC_E_INTERNAL_ERROR;
    return SEC_E_OK;
}

SECURITY_STATUS stream_send(struct stream *stream, const void *data, ULONG size)
{
    const SecPkgContext_StreamSizes *sizes = &stream->sizes;
    unsigned char *record = malloc(sizes->cbHeader + sizes->cbMaximumMessage + sizes->cbTrailer);
    const char *at = data;
    SECURITY_STATUS status = SEC_E_OK;

    if (record == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    while (size > 0 && status == SEC_E_OK) {
        ULONG part = size < sizes->cbMaximumMessage ? size : sizes->cbMaximumMessage;

        status = record_send(stream, record, at, part);
        at += part;
        size -= part;
    }
    free(record);
    return status;
}

static SecBuffer *part_find(SecBuffer parts[4], ULONG type)
{
    int i;

    for (i = 0; i < 4; i++)
        if (parts[i].BufferType == type)
            return &parts[i];
    return NULL;
}

/* Opens the first record received, where it lies, and takes its data out. */
static SECURITY_STATUS record_open(struct stream *stream, void *data, ULONG *size)
{
    SecBuffer parts[4], *text, *extra;
    SecBufferDesc message = {SECBUFFER_VERSION, 4, parts};
    SECURITY_STATUS status;
    int i;

    buffer_set(&parts[0], SECBUFFER_DATA, stream->room, stream->held);
    for (i = 1; i < 4; i++)
        buffer_set(&parts[i], SECBUFFER_EMPTY, NULL, 0);
    status = DecryptMessage(&stream->context, &message, 0, NULL);
    if (status < 0)
        return status;
    text = part_find(parts, SECBUFFER_DATA);
    if (status == SEC_E_OK && text != NULL && text->cbBuffer != 0) {
        memcpy(data, text->pvBuffer, text->cbBuffer);
        *size = text->cbBuffer;
        stream->tally.opened++;
    }
    extra = part_find(parts, SECBUFFER_EXTRA);
    rest_keep(stream, extra == NULL ? 0 : extra->cbBuffer);
    return status;
}

SECURITY_STATUS stream_receive(struct stream *stream, void *data, ULONG *size)
{
    SECURITY_STATUS status = SEC_E_INCOMPLETE_MESSAGE;

    *size = 0;
    if (stream->held > 0)
        status = record_open(stream, data, size);
    while (status == SEC_E_INCOMPLETE_MESSAGE) {
        status = more_receive(stream);
        if (status != SEC_E_OK)
            return status;
        status = record_open(stream, data, size);
    }
    /* The peer wants another handshake, or on Windows has sent a ticket of TLS 1.3. */
    if (status == SEC_I_RENEGOTIATE)
        status = handshake(stream);
    return status;
}

/* --- The end -------------------------------------------------------------------------------- */

SECURITY_STATUS stream_shutdown(struct stream *stream)
{
    DWORD command = SCHANNEL_SHUTDOWN;
    SecBuffer token;
    SecBufferDesc input = {SECBUFFER_VERSION, 1, &token};
    SECURITY_STATUS status;

    buffer_set(&token, SECBUFFER_TOKEN, &command, sizeof(command));
    status = ApplyControlToken(&stream->context, &input);
    return status == SEC_E_OK ? leg_do(stream, NULL) : status;
}

void stream_free(struct stream *stream)
{
    if (stream->begun)
        DeleteSecurityContext(&stream->context);
    stream->begun = 0;
    SecureZeroMemory(stream->room, sizeof(stream->room));
}

/* --- For people ----------------------------------------------------------------------------- */

static void peer_print(struct stream *stream)
{
    PCCERT_CONTEXT certificate;
    char name[256];

    if (QueryContextAttributesA(&stream->context, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &certificate) !=
        SEC_E_OK)
        return;
    CertGetNameStringA(certificate, CERT_NAME_SIMPLE_DISPLAY_TYPE, 0, NULL, name, sizeof(name));
    printf("peer: %s\n", name);
    CertFreeCertificateContext(certificate);
}

static const char *protocol_name(DWORD protocol)
{
    if (protocol & SP_PROT_TLS1_3)
        return "TLS 1.3";
    return protocol & SP_PROT_TLS1_2 ? "TLS 1.2" : "older";
}

int stream_print(struct stream *stream)
{
    SecPkgContext_ConnectionInfo info;
    SecPkgContext_CipherInfo cipher;
    SECURITY_STATUS status;
    char suite[64];

    cipher.dwVersion = SECPKGCONTEXT_CIPHERINFO_V1;
    status = QueryContextAttributesA(&stream->context, SECPKG_ATTR_CONNECTION_INFO, &info);
    if (status == SEC_E_OK)
        status = QueryContextAttributesA(&stream->context, SECPKG_ATTR_CIPHER_INFO, &cipher);
    if (status != SEC_E_OK)
        return complain("QueryContextAttributes", status);
    WideCharToMultiByte(CP_UTF8, 0, cipher.szCipherSuite, -1, suite, sizeof(suite), NULL, NULL);
    printf("protocol: %s\nsuite: %s\nstrength: %u bits\n", protocol_name(info.dwProtocol), suite,
           (unsigned)info.dwCipherStrength);
    peer_print(stream);
    printf("legs: %d\nflags:", stream->legs);
    flags_print(stream->flags, stream->server == NULL);
    printf("\nsizes: header %u, trailer %u, message %u\n", (unsigned)stream->sizes.cbHeader,
           (unsigned)stream->sizes.cbTrailer, (unsigned)stream->sizes.cbMaximumMessage);
    return 0;
}
