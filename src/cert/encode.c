/* SPDX-License-Identifier: MIT */
/* CryptEncodeObjectEx: Windows' structures to DER. decode.c is the way back. */
#include "cert/encode.h"

#include <stdlib.h>
#include <string.h>

#include "cert/form.h"
#include "win/win.h"

static uint8_t *encode(const struct form_entry *entry, const void *in, DWORD flags, size_t *size)
{
    struct der der;
    uint8_t *data = NULL;

    if (entry->write != NULL)
        return entry->write(in, size);
    if (!der_new(&der, entry->type))
        return NULL;
    der.flags = flags;
    if (form_write(&der, "", entry->form, in))
        data = der_encode(&der, size);
    der_close(&der);
    return data;
}

uint8_t *struct_encode(LPCSTR number, const void *in, size_t *size)
{
    return encode(form_find(number), in, CRYPT_ENCODE_NO_SIGNATURE_BYTE_REVERSAL_FLAG, size);
}

/* Into the caller's room, or memory of LocalAlloc() or of the caller's own function. */
static BOOL encoding_give(const uint8_t *data, size_t size, DWORD flags,
                          const CRYPT_ENCODE_PARA *para, void *out, DWORD *room)
{
    bool own = para != NULL && para->cbSize >= offsetof(CRYPT_ENCODE_PARA, pfnFree) &&
               para->pfnAlloc != NULL;
    bool allocates = out != NULL && (flags & CRYPT_ENCODE_ALLOC_FLAG);
    bool fits = out == NULL || allocates || *room >= size;
    void *block = out;

    *room = (DWORD)size;
    if (!fits)
        return win_fail(ERROR_MORE_DATA);
    if (allocates) {
        block = own ? para->pfnAlloc(size) : LocalAlloc(0, size);
        if (block == NULL)
            return win_fail(ERROR_NOT_ENOUGH_MEMORY);
        memcpy(out, &block, sizeof(block));
    }
    if (block != NULL)
        memcpy(block, data, size);
    return TRUE;
}

WIN_API BOOL CryptEncodeObjectEx(DWORD dwCertEncodingType, LPCSTR lpszStructType,
                                 const void *pvStructInfo, DWORD dwFlags,
                                 PCRYPT_ENCODE_PARA pEncodePara, void *pvEncoded, DWORD *pcbEncoded)
{
    const struct form_entry *entry = form_find(lpszStructType);
    uint8_t *data;
    size_t size;
    BOOL given;

    if (!(dwCertEncodingType & (X509_ASN_ENCODING | PKCS_7_ASN_ENCODING)) || entry == NULL)
        return win_fail(ERROR_FILE_NOT_FOUND); /* what Windows says of what it has no code for */
    if (pvStructInfo == NULL || pcbEncoded == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    data = encode(entry, pvStructInfo, dwFlags, &size);
    if (data == NULL)
        return FALSE;
    given = encoding_give(data, size, dwFlags, pEncodePara, pvEncoded, pcbEncoded);
    explicit_bzero(data, size); /* it may be a key */
    free(data);
    return given;
}

WIN_API BOOL CryptEncodeObject(DWORD dwCertEncodingType, LPCSTR lpszStructType,
                               const void *pvStructInfo, BYTE *pbEncoded, DWORD *pcbEncoded)
{
    return CryptEncodeObjectEx(dwCertEncodingType, lpszStructType, pvStructInfo, 0, NULL, pbEncoded,
                               pcbEncoded);
}
