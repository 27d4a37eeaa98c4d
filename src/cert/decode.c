/* SPDX-License-Identifier: MIT */
/*
 * CryptDecodeObjectEx: DER to Windows' structures. A structure is one block: what it points at, a
 * copy of the DER among it, lies behind it.
 */
#include <string.h>

#include "cert/form.h"
#include "win/win.h"

struct decoding {
    const struct form_entry *entry;
    const BYTE *data;
    DWORD size;
    DWORD flags;
};

static bool decoding_read(struct arena *arena, const struct decoding *decoding, const BYTE *copy,
                          void *out)
{
    const struct form_entry *entry = decoding->entry;
    bool is_whole = entry->outer != NULL && !(decoding->flags & CRYPT_DECODE_TO_BE_SIGNED_FLAG);
    struct der der;
    bool filled;

    if (!der_open(&der, is_whole ? entry->outer : entry->type, copy, decoding->size))
        return false;
    der.flags = decoding->flags;
    filled = form_read(&der, is_whole ? entry->inside : "", entry->form, arena, out);
    der_close(&der);
    return filled;
}

/* The DER is copied first, so that all that is found in it points into the block. */
static bool decoding_fill(struct arena *arena, const void *input)
{
    const struct decoding *decoding = input;
    void *out;
    BYTE *copy;

    if (decoding->entry->read != NULL)
        return decoding->entry->read(arena, decoding->data, decoding->size);
    out = arena_take(arena, decoding->entry->form->size);
    copy = arena_take(arena, decoding->size);
    if (out == NULL || copy == NULL)
        return false;
    memcpy(copy, decoding->data, decoding->size);
    return decoding_read(arena, decoding, copy, out);
}

/* Into memory of LocalAlloc(), or of the caller's own function. */
static BOOL decoding_allocate(const struct decoding *decoding, const CRYPT_DECODE_PARA *para,
                              void *out, size_t size)
{
    bool own = para != NULL && para->cbSize >= offsetof(CRYPT_DECODE_PARA, pfnFree) &&
               para->pfnAlloc != NULL;
    bool can_free = own && para->cbSize >= sizeof(*para) && para->pfnFree != NULL;
    void *block = own ? para->pfnAlloc(size) : LocalAlloc(0, size);

    if (block == NULL)
        return win_fail(ERROR_NOT_ENOUGH_MEMORY);
    if (!arena_fill(decoding_fill, decoding, block, size)) {
        explicit_bzero(block, size);
        if (can_free)
            para->pfnFree(block);
        else if (!own)
            LocalFree(block);
        return FALSE;
    }
    memcpy(out, &block, sizeof(block));
    return TRUE;
}

WIN_API BOOL CryptDecodeObjectEx(DWORD dwCertEncodingType, LPCSTR lpszStructType,
                                 const BYTE *pbEncoded, DWORD cbEncoded, DWORD dwFlags,
                                 PCRYPT_DECODE_PARA pDecodePara, void *pvStructInfo,
                                 DWORD *pcbStructInfo)
{
    struct decoding decoding = {form_find(lpszStructType), pbEncoded, cbEncoded, dwFlags};
    size_t size;
    DWORD room;

    if (!(dwCertEncodingType & (X509_ASN_ENCODING | PKCS_7_ASN_ENCODING)) || decoding.entry == NULL)
        return win_fail(ERROR_FILE_NOT_FOUND); /* what Windows says of what it has no code for */
    if (pbEncoded == NULL || pcbStructInfo == NULL)
        return win_fail(pcbStructInfo == NULL ? ERROR_INVALID_PARAMETER : CRYPT_E_ASN1_EOD);
    if (!arena_measure(decoding_fill, &decoding, &size))
        return FALSE;
    room = *pcbStructInfo;
    *pcbStructInfo = (DWORD)size;
    if (pvStructInfo == NULL)
        return TRUE;
    if (dwFlags & CRYPT_DECODE_ALLOC_FLAG)
        return decoding_allocate(&decoding, pDecodePara, pvStructInfo, size);
    if (room < size)
        return win_fail(ERROR_MORE_DATA);
    return arena_fill(decoding_fill, &decoding, pvStructInfo, size);
}

WIN_API BOOL CryptDecodeObject(DWORD dwCertEncodingType, LPCSTR lpszStructType,
                               const BYTE *pbEncoded, DWORD cbEncoded, DWORD dwFlags,
                               void *pvStructInfo, DWORD *pcbStructInfo)
{
    return CryptDecodeObjectEx(dwCertEncodingType, lpszStructType, pbEncoded, cbEncoded,
                               dwFlags & ~(DWORD)CRYPT_DECODE_ALLOC_FLAG, NULL, pvStructInfo,
                               pcbStructInfo);
}
