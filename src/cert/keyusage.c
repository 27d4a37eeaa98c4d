/* SPDX-License-Identifier: MIT */
/* What a certificate's key is for: CertGetIntendedKeyUsage, CertGetEnhancedKeyUsage. */
#include <string.h>

#include "win/win.h"

#include <wincrypt.h>

WIN_API BOOL CertGetIntendedKeyUsage(DWORD dwCertEncodingType, PCERT_INFO pCertInfo,
                                     BYTE *pbKeyUsage, DWORD cbKeyUsage)
{
    PCERT_EXTENSION extension =
        CertFindExtension(szOID_KEY_USAGE, pCertInfo->cExtension, pCertInfo->rgExtension);
    CRYPT_BIT_BLOB *bits = NULL;
    DWORD size = 0;

    memset(pbKeyUsage, 0, cbKeyUsage);
    if (extension == NULL)
        return win_fail(0); /* what Windows says of none */
    if (!CryptDecodeObjectEx(dwCertEncodingType, X509_KEY_USAGE, extension->Value.pbData,
                             extension->Value.cbData, CRYPT_DECODE_ALLOC_FLAG, NULL, &bits, &size))
        return FALSE;
    memcpy(pbKeyUsage, bits->pbData, bits->cbData < cbKeyUsage ? bits->cbData : cbKeyUsage);
    LocalFree(bits);
    return TRUE;
}

/* --- Purposes ------------------------------------------------------------------------------- */

/* To be freed with LocalFree(). FALSE for what is broken; *usage NULL for what is absent. */
static BOOL usage_decode(const CRYPT_DATA_BLOB *blob, CERT_ENHKEY_USAGE **usage)
{
    DWORD size = 0;

    return CryptDecodeObjectEx(X509_ASN_ENCODING, X509_ENHANCED_KEY_USAGE, blob->pbData,
                               blob->cbData, CRYPT_DECODE_ALLOC_FLAG, NULL, usage, &size);
}

static BOOL extension_usage(PCCERT_CONTEXT context, CERT_ENHKEY_USAGE **usage)
{
    PCERT_EXTENSION extension = CertFindExtension(
        szOID_ENHANCED_KEY_USAGE, context->pCertInfo->cExtension, context->pCertInfo->rgExtension);

    return extension == NULL || usage_decode(&extension->Value, usage);
}

static BOOL property_usage(PCCERT_CONTEXT context, CERT_ENHKEY_USAGE **usage)
{
    CRYPT_DATA_BLOB blob = {0, NULL};
    BOOL done;

    if (!CertGetCertificateContextProperty(context, CERT_ENHKEY_USAGE_PROP_ID, NULL, &blob.cbData))
        return TRUE;
    blob.pbData = LocalAlloc(0, blob.cbData);
    if (blob.pbData == NULL)
        return win_fail(ERROR_NOT_ENOUGH_MEMORY);
    done = CertGetCertificateContextProperty(context, CERT_ENHKEY_USAGE_PROP_ID, blob.pbData,
                                             &blob.cbData) &&
           usage_decode(&blob, usage);
    LocalFree(blob.pbData);
    return done;
}

static bool has(const CERT_ENHKEY_USAGE *usage, const char *oid)
{
    for (DWORD i = 0; usage != NULL && i < usage->cUsageIdentifier; i++)
        if (strcmp(usage->rgpszUsageIdentifier[i], oid) == 0)
            return true;
    return usage == NULL;
}

/* Those of one list that the other has, too; into *out, or only counted. */
static DWORD common(const CERT_ENHKEY_USAGE *usage, const CERT_ENHKEY_USAGE *other,
                    CERT_ENHKEY_USAGE *out)
{
    DWORD size = sizeof(*out), count = 0, texts = 0;
    char *text;

    for (DWORD i = 0; i < usage->cUsageIdentifier; i++)
        if (has(other, usage->rgpszUsageIdentifier[i])) {
            texts += (DWORD)strlen(usage->rgpszUsageIdentifier[i]) + 1;
            count++;
        }
    size += count * (DWORD)sizeof(LPSTR);
    if (out == NULL)
        return size + texts;
    text = (char *)out + size;
    out->cUsageIdentifier = 0;
    out->rgpszUsageIdentifier = (LPSTR *)(void *)(out + 1);
    for (DWORD i = 0; i < usage->cUsageIdentifier; i++)
        if (has(other, usage->rgpszUsageIdentifier[i])) {
            out->rgpszUsageIdentifier[out->cUsageIdentifier++] = text;
            text = stpcpy(text, usage->rgpszUsageIdentifier[i]) + 1;
        }
    return size + texts;
}

/* Without a restriction the list is empty, too: GetLastError() tells the two apart. */
static BOOL usage_give(const CERT_ENHKEY_USAGE *first, const CERT_ENHKEY_USAGE *second,
                       CERT_ENHKEY_USAGE *out, DWORD *room)
{
    const CERT_ENHKEY_USAGE none = {0, NULL};
    const CERT_ENHKEY_USAGE *usage = first != NULL ? first : second != NULL ? second : &none;
    DWORD size = common(usage, second, NULL);
    bool fits = out == NULL || *room >= size;

    *room = size;
    if (!fits)
        return win_fail(ERROR_MORE_DATA);
    if (out != NULL)
        common(usage, second, out);
    win_fail(usage == &none ? (DWORD)CRYPT_E_NOT_FOUND : 0);
    return TRUE;
}

WIN_API BOOL CertGetEnhancedKeyUsage(PCCERT_CONTEXT pCertContext, DWORD dwFlags,
                                     PCERT_ENHKEY_USAGE pUsage, DWORD *pcbUsage)
{
    CERT_ENHKEY_USAGE *extension = NULL, *property = NULL;
    BOOL done;

    if (pCertContext == NULL || pcbUsage == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    done = ((dwFlags & CERT_FIND_PROP_ONLY_ENHKEY_USAGE_FLAG) ||
            extension_usage(pCertContext, &extension)) &&
           ((dwFlags & CERT_FIND_EXT_ONLY_ENHKEY_USAGE_FLAG) ||
            property_usage(pCertContext, &property)) &&
           usage_give(extension, property, pUsage, pcbUsage);
    LocalFree(extension);
    LocalFree(property);
    return done;
}
