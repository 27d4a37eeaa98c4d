/* SPDX-License-Identifier: MIT */
/* What a caller says of a request. */
#include "digest/request.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/secret.h"
#include "core/text.h"
#include "digest/directive.h"

#define TEXT_SIZE_MAX 8192U

/* The buffer with this number among those of its type, or NULL; an empty one says nothing. */
static const SecBuffer *params_find(const SecBufferDesc *list, unsigned number)
{
    for (ULONG i = 0; list != NULL && i < list->cBuffers; i++)
        if (buffer_type(&list->pBuffers[i]) == SECBUFFER_PKG_PARAMS && number-- == 0)
            return list->pBuffers[i].cbBuffer != 0 ? &list->pBuffers[i] : NULL;
    return NULL;
}

/* Part of a request's line: neither space nor control characters. */
static bool is_fit(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text <= 0x20 || *text == 0x7f || *text == '"' || *text == '\\')
            return false;
    return true;
}

static SECURITY_STATUS line_text_read(const SecBuffer *buffer, char **text)
{
    const char *data = buffer == NULL ? NULL : buffer->pvBuffer;
    size_t size = data == NULL ? 0 : strnlen(data, buffer->cbBuffer);

    if (size == 0)
        return SEC_E_OK;
    /* A terminator may be counted in. */
    if (size > TEXT_SIZE_MAX || buffer->cbBuffer - size > 1)
        return digest_refuse(SEC_E_INVALID_PARAMETER,
                             "a request's method, URI or hash is too long");
    *text = strndup(data, size);
    if (*text == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    if (!is_fit(*text))
        return digest_refuse(SEC_E_INVALID_PARAMETER,
                             "a request's method, URI or hash has spaces or control characters");
    return SEC_E_OK;
}

static SECURITY_STATUS realm_read(const SecBuffer *buffer, char **realm)
{
    size_t units = buffer == NULL ? 0 : buffer->cbBuffer / sizeof(SEC_WCHAR);
    SEC_WCHAR *copy;
    SECURITY_STATUS status;

    if (units == 0)
        return SEC_E_OK;
    copy = memory_copy(buffer->pvBuffer, units * sizeof(*copy));
    if (copy == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    status = text_from_utf16(copy, units - (copy[units - 1] == 0), realm);
    free(copy);
    return status;
}

SECURITY_STATUS digest_request_of_client(const SecBufferDesc *list, const char *uri,
                                         struct digest_request *request)
{
    SecBuffer buffer = {uri == NULL ? 0 : (ULONG)strlen(uri), SECBUFFER_PKG_PARAMS,
                        (void *)(uintptr_t)uri};
    SECURITY_STATUS status;

    memset(request, 0, sizeof(*request));
    status = line_text_read(params_find(list, 0), &request->method);
    if (status == SEC_E_OK)
        status = line_text_read(params_find(list, 1), &request->entity);
    if (status == SEC_E_OK)
        status = line_text_read(&buffer, &request->uri);
    return status;
}

SECURITY_STATUS digest_request_read(const SecBufferDesc *list, struct digest_request *request)
{
    char **const places[] = {&request->method, &request->uri, &request->entity};
    SECURITY_STATUS status = SEC_E_OK;

    memset(request, 0, sizeof(*request));
    for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]) && status == SEC_E_OK; i++)
        status = line_text_read(params_find(list, i), places[i]);
    return status == SEC_E_OK ? realm_read(params_find(list, 3), &request->realm) : status;
}

void digest_request_free(struct digest_request *request)
{
    free(request->method);
    free(request->uri);
    free(request->entity);
    free(request->realm);
    memset(request, 0, sizeof(*request));
}
