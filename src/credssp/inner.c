/* SPDX-License-Identifier: MIT */
/* The TLS and the Negotiate context below, through the seam. */
#include "credssp/credssp.h"

#include <stdlib.h>
#include <string.h>

#include <windows.h>

#include <schannel.h>
#include <wincrypt.h>

#include "core/buffer.h"
#include "core/native.h"
#include "core/wrap.h"
#include "credssp/binding.h"

bool blob_append(struct blob *blob, const void *data, size_t size)
{
    struct blob grown = {malloc(blob->size + size + 1), blob->size + size};

    if (grown.data == NULL)
        return false;
    memcpy(grown.data, blob->size == 0 ? "" : blob->data, blob->size);
    if (data != NULL && size != 0)
        memcpy((uint8_t *)grown.data + blob->size, data, size);
    blob_wipe(blob);
    *blob = grown;
    return true;
}

/* --- Legs ----------------------------------------------------------------------------------- */

static SECURITY_STATUS leg_call(struct credssp_ctx *ctx, struct ctx **layer, struct leg *leg)
{
    const struct package_ops *ops = leg->cred->package->ops;
    struct ctx *below = *layer;
    SECURITY_STATUS status;

    if (below != NULL && below->state == CTX_DEAD)
        return SEC_E_CONTEXT_EXPIRED;
    status = ctx->base.inbound ? ops->ctx_accept(&below, leg) : ops->ctx_init(&below, leg);
    if (below == *layer)
        return status;
    handle_alone_begin(&ctx->base.handled);
    *layer = below;
    handle_alone_end(&ctx->base.handled);
    return status;
}

SECURITY_STATUS inner_leg_run(struct credssp_ctx *ctx, struct ctx **layer, struct cred *cred,
                              struct inner_leg *step)
{
    SecBuffer in[] = {
        {(ULONG)step->in.size, SECBUFFER_TOKEN, (void *)(uintptr_t)step->in.data},
        {0, SECBUFFER_EMPTY, NULL},
    };
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc in_list = {SECBUFFER_VERSION, 2, in}, out_list = {SECBUFFER_VERSION, 1, &out};
    struct leg leg = {.cred = cred,
                      .target = step->target,
                      .request = step->request | ISC_REQ_ALLOCATE_MEMORY,
                      .data_rep = SECURITY_NATIVE_DREP,
                      .in = step->in.data == NULL ? NULL : &in_list,
                      .out = &out_list};
    SECURITY_STATUS status = leg_call(ctx, layer, &leg);

    step->out = (struct blob){out.pvBuffer, out.pvBuffer == NULL ? 0 : out.cbBuffer};
    step->extra = buffer_type(&in[1]) == SECBUFFER_EXTRA ? in[1].cbBuffer : 0;
    step->missing = buffer_type(&in[1]) == SECBUFFER_MISSING ? in[1].cbBuffer : 0;
    step->attributes = leg.attributes;
    step->expiry = leg.expiry;
    return status;
}

/* --- Messages of the logon ------------------------------------------------------------------ */

SECURITY_STATUS inner_wrap(struct ctx *negotiate, const struct blob *plain, struct blob *sealed)
{
    return ctx_wrap(negotiate, 0, plain, sealed);
}

SECURITY_STATUS inner_unwrap(struct ctx *negotiate, struct asn_part sealed, struct blob *plain)
{
    ULONG qop;
    SECURITY_STATUS status = ctx_unwrap(negotiate, sealed.data, sealed.size, plain, &qop);

    if (status == SEC_E_OK && qop == SECQOP_WRAP_NO_ENCRYPT) {
        status = SEC_E_MESSAGE_ALTERED; /* [MS-CSSP] has these sealed */
        blob_wipe(plain);
    }
    if (status != SEC_E_OK)
        native_error_set("CredSSP: what the peer has sealed does not open");
    return status;
}

/* --- Records -------------------------------------------------------------------------------- */

static SECURITY_STATUS record_send(struct ctx *tls, const SecPkgContext_StreamSizes *sizes,
                                   const uint8_t *data, size_t size, struct blob *records)
{
    size_t before = records->size;
    SecBuffer buffers[4];
    SecBufferDesc list = {SECBUFFER_VERSION, 4, buffers};
    SECURITY_STATUS status;
    uint8_t *at;

    if (!blob_append(records, NULL, sizes->cbHeader + size + sizes->cbTrailer))
        return SEC_E_INSUFFICIENT_MEMORY;
    at = (uint8_t *)records->data + before;
    memcpy(at + sizes->cbHeader, data, size);
    buffers[0] = (SecBuffer){sizes->cbHeader, SECBUFFER_STREAM_HEADER, at};
    buffers[1] = (SecBuffer){(ULONG)size, SECBUFFER_DATA, at + sizes->cbHeader};
    buffers[2] =
        (SecBuffer){sizes->cbTrailer, SECBUFFER_STREAM_TRAILER, at + sizes->cbHeader + size};
    buffers[3] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
    status = package_call(tls, msg_seal, tls, 0, &list, 0);
    records->size = before;
    if (status == SEC_E_OK)
        records->size += buffers[0].cbBuffer + buffers[1].cbBuffer + buffers[2].cbBuffer;
    return status;
}

/* One record has one message, where it is not too large for that ([MS-CSSP] 3.1.5, note 8). */
SECURITY_STATUS inner_tls_send(struct ctx *tls, const SecPkgContext_StreamSizes *sizes,
                               const struct blob *plain, struct blob *records)
{
    SECURITY_STATUS status = tls->state == CTX_ESTABLISHED ? SEC_E_OK : SEC_E_CONTEXT_EXPIRED;
    const uint8_t *at = plain->data;
    size_t left = plain->size;

    while (status == SEC_E_OK && left != 0) {
        size_t size = left < sizes->cbMaximumMessage ? left : sizes->cbMaximumMessage;

        status = record_send(tls, sizes, at, size, records);
        at += size;
        left -= size;
    }
    return status;
}

static const SecBuffer *buffer_of(const SecBuffer *buffers, ULONG type)
{
    for (unsigned i = 0; i < 4; i++)
        if (buffer_type(&buffers[i]) == type)
            return &buffers[i];
    return NULL;
}

SECURITY_STATUS inner_tls_receive(struct ctx *tls, uint8_t *data, size_t size, struct blob *plain,
                                  size_t *used, size_t *missing)
{
    SecBuffer buffers[4] = {{(ULONG)size, SECBUFFER_DATA, data}};
    SecBufferDesc list = {SECBUFFER_VERSION, 4, buffers};
    const SecBuffer *found;
    SECURITY_STATUS status;
    ULONG qop;

    *used = *missing = 0;
    if (tls->state != CTX_ESTABLISHED)
        return SEC_E_CONTEXT_EXPIRED;
    status = package_call(tls, msg_unseal, tls, &list, 0, &qop);
    if (status == SEC_E_INCOMPLETE_MESSAGE && (found = buffer_of(buffers, SECBUFFER_MISSING)))
        *missing = found->cbBuffer;
    if (status != SEC_E_OK)
        return status;
    found = buffer_of(buffers, SECBUFFER_EXTRA);
    *used = size - (found == NULL ? 0 : found->cbBuffer);
    found = buffer_of(buffers, SECBUFFER_DATA);
    return found == NULL || blob_append(plain, found->pvBuffer, found->cbBuffer)
               ? SEC_E_OK
               : SEC_E_INSUFFICIENT_MEMORY;
}

/* --- The server's key ----------------------------------------------------------------------- */

/* Its certificate as it was sent: what else is in it is not looked at here. */
static SECURITY_STATUS remote_key(struct ctx *tls, struct blob *key)
{
    SecPkgContext_Certificates chain;
    SECURITY_STATUS status =
        package_call(tls, ctx_query, tls, SECPKG_ATTR_REMOTE_CERTIFICATES, &chain);

    if (status != SEC_E_OK)
        return status;
    status =
        binding_key((struct asn_part){chain.pbCertificateChain, chain.cbCertificateChain}, key);
    free(chain.pbCertificateChain);
    return status;
}

static SECURITY_STATUS local_key(struct ctx *tls, struct blob *key)
{
    PCCERT_CONTEXT cert = NULL;
    SECURITY_STATUS status =
        package_call(tls, ctx_query, tls, SECPKG_ATTR_LOCAL_CERT_CONTEXT, &cert);

    if (status != SEC_E_OK)
        return status;
    status = binding_key((struct asn_part){cert->pbCertEncoded, cert->cbCertEncoded}, key);
    CertFreeCertificateContext(cert);
    return status;
}

SECURITY_STATUS inner_server_key(struct ctx *tls, struct blob *key)
{
    *key = (struct blob){NULL, 0};
    return tls->inbound ? local_key(tls, key) : remote_key(tls, key);
}
