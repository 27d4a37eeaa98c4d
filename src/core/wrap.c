/* SPDX-License-Identifier: MIT */
/* Whole messages through the seam. */
#include "core/wrap.h"

#include <stdlib.h>
#include <string.h>

static SECURITY_STATUS wrap_ready(const struct ctx *ctx)
{
    return ctx != NULL && ctx->state == CTX_ESTABLISHED ? SEC_E_OK : SEC_E_CONTEXT_EXPIRED;
}

enum { TOKEN, DATA, PADDING, PARTS };

/* The token may turn out shorter than was said; the rest follows it at once. */
static size_t parts_close_gap(const SecBuffer parts[PARTS])
{
    size_t rest = (size_t)parts[DATA].cbBuffer + parts[PADDING].cbBuffer;

    memmove((uint8_t *)parts[TOKEN].pvBuffer + parts[TOKEN].cbBuffer, parts[DATA].pvBuffer, rest);
    return parts[TOKEN].cbBuffer + rest;
}

SECURITY_STATUS ctx_wrap(struct ctx *ctx, ULONG qop, const struct blob *plain, struct blob *sealed)
{
    SecPkgContext_Sizes sizes;
    SecBuffer parts[PARTS];
    SecBufferDesc list = {SECBUFFER_VERSION, PARTS, parts};
    SECURITY_STATUS status = wrap_ready(ctx);
    uint8_t *at;

    *sealed = (struct blob){NULL, 0};
    if (status == SEC_E_OK)
        status = package_call(ctx, ctx_query, ctx, SECPKG_ATTR_SIZES, &sizes);
    if (status != SEC_E_OK)
        return status;
    at = calloc(1, sizes.cbSecurityTrailer + plain->size + sizes.cbBlockSize + 1);
    if (at == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    sealed->data = at;
    parts[TOKEN] = (SecBuffer){sizes.cbSecurityTrailer, SECBUFFER_TOKEN, at};
    at += sizes.cbSecurityTrailer;
    memcpy(at, plain->data, plain->size);
    parts[DATA] = (SecBuffer){(ULONG)plain->size, SECBUFFER_DATA, at};
    parts[PADDING] = (SecBuffer){sizes.cbBlockSize, SECBUFFER_PADDING, at + plain->size};
    if (sizes.cbBlockSize == 0)
        list.cBuffers = PADDING; /* without */
    status = package_call(ctx, msg_seal, ctx, qop, &list, 0);
    if (status == SEC_E_OK)
        sealed->size = parts_close_gap(parts);
    else
        blob_wipe(sealed);
    return status;
}

SECURITY_STATUS ctx_unwrap(struct ctx *ctx, const void *sealed, size_t size, struct blob *plain,
                           ULONG *qop)
{
    void *work = memory_copy(sealed, size);
    SecBuffer parts[] = {{(ULONG)size, SECBUFFER_STREAM, work}, {0, SECBUFFER_DATA, NULL}};
    SecBufferDesc list = {SECBUFFER_VERSION, 2, parts};
    SECURITY_STATUS status = wrap_ready(ctx);

    *plain = (struct blob){NULL, 0};
    *qop = 0;
    if (work == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    if (status == SEC_E_OK)
        status = package_call(ctx, msg_unseal, ctx, &list, 0, qop);
    if (status == SEC_E_OK) {
        *plain =
            (struct blob){memory_copy(parts[1].pvBuffer, parts[1].cbBuffer), parts[1].cbBuffer};
        status = plain->data == NULL ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_OK;
    }
    memory_wipe_free(work);
    return status;
}
