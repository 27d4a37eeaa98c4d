/* SPDX-License-Identifier: MIT */
/* Attributes of a TLS context. */
#include "tls/record.h"
#include "tls/tlspkg.h"

static SECURITY_STATUS query_stream_sizes(struct tls_ctx *tls, void *buffer)
{
    SecPkgContext_StreamSizes *answer = buffer;
    struct tls_sizes sizes;

    tls_sizes_get(tls, &sizes);
    answer->cbHeader = sizes.header;
    answer->cbTrailer = sizes.trailer;
    answer->cbMaximumMessage = RECORD_DATA_MAX;
    answer->cBuffers = 4;
    answer->cbBlockSize = sizes.block;
    return SEC_E_OK;
}

static const struct {
    ULONG attribute;
    SECURITY_STATUS (*query)(struct tls_ctx *, void *buffer);
} attributes[] = {
    {SECPKG_ATTR_STREAM_SIZES, query_stream_sizes},
};

SECURITY_STATUS tlspkg_ctx_query(struct ctx *ctx, ULONG attribute, void *buffer)
{
    struct tls_ctx *tls = (struct tls_ctx *)ctx;
    SECURITY_STATUS status = SEC_E_UNSUPPORTED_FUNCTION;

    tls_lock(tls);
    for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++)
        if (attributes[i].attribute == attribute)
            status = attributes[i].query(tls, buffer);
    tls_unlock(tls);
    return status;
}
