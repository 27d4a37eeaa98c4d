/* SPDX-License-Identifier: MIT */
/* Channel bindings of the caller's. */
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "core/trace.h"

/* How much longer the longer form's head is; its parts move by so much. */
#define GROWTH ((ULONG)(sizeof(SEC_CHANNEL_BINDINGS_EX) - sizeof(SEC_CHANNEL_BINDINGS)))

static bool is_longer(const SecPkgContext_Bindings *bindings)
{
    return bindings->BindingsLength >= sizeof(SEC_CHANNEL_BINDINGS_EX) &&
           bindings->Bindings->dwInitiatorAddrType == SEC_CHANNEL_BINDINGS_EX_MAGIC;
}

static ULONG moved(ULONG offset)
{
    return offset == 0 ? 0 : offset + GROWTH;
}

/* The same bindings in the longer form, in memory of their own. */
static SECURITY_STATUS lengthen(SecPkgContext_Bindings *bindings)
{
    const SEC_CHANNEL_BINDINGS *old = bindings->Bindings;
    ULONG data = bindings->BindingsLength - (ULONG)sizeof(*old);
    SEC_CHANNEL_BINDINGS_EX *made;

    if (bindings->BindingsLength > UINT32_MAX - GROWTH)
        return SEC_E_INVALID_PARAMETER;
    made = malloc(sizeof(*made) + data);
    if (made == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    *made = (SEC_CHANNEL_BINDINGS_EX){
        .magicNumber = SEC_CHANNEL_BINDINGS_EX_MAGIC,
        .cbHeaderLength = sizeof(*made),
        .cbStructureLength = (ULONG)sizeof(*made) + data,
        .dwInitiatorAddrType = old->dwInitiatorAddrType,
        .cbInitiatorLength = old->cbInitiatorLength,
        .dwInitiatorOffset = moved(old->dwInitiatorOffset),
        .dwAcceptorAddrType = old->dwAcceptorAddrType,
        .cbAcceptorLength = old->cbAcceptorLength,
        .dwAcceptorOffset = moved(old->dwAcceptorOffset),
        .cbApplicationDataLength = old->cbApplicationDataLength,
        .dwApplicationDataOffset = moved(old->dwApplicationDataOffset),
    };
    memcpy(made + 1, old + 1, data);
    bindings->BindingsLength = made->cbStructureLength;
    FreeContextBuffer(bindings->Bindings);
    bindings->Bindings = (SEC_CHANNEL_BINDINGS *)(void *)made;
    return SEC_E_OK;
}

SSPI_API SECURITY_STATUS SEC_ENTRY SspiSetChannelBindingFlags(SecPkgContext_Bindings *pBindings,
                                                              ULONG flags)
{
    SECURITY_STATUS status = SEC_E_OK;

    if (pBindings == NULL || pBindings->Bindings == NULL ||
        pBindings->BindingsLength < sizeof(SEC_CHANNEL_BINDINGS) ||
        (flags & ~(ULONG)SEC_CHANNEL_BINDINGS_VALID_FLAGS))
        status = SEC_E_INVALID_PARAMETER;
    else if (!is_longer(pBindings))
        status = lengthen(pBindings);
    if (status == SEC_E_OK)
        ((SEC_CHANNEL_BINDINGS_EX *)(void *)pBindings->Bindings)->flags = flags;
    return trace_result("SspiSetChannelBindingFlags", status);
}
