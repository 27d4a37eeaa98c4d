/* SPDX-License-Identifier: MIT */
/* What a certificate's key is for: CertGetIntendedKeyUsage and its kin. */
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
    if (bits->cbData > 0)
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

/* --- Of several certificates ---------------------------------------------------------------- */

/* One certificate's purposes, for LocalFree(); *usage NULL for any. */
static BOOL usage_of(PCCERT_CONTEXT context, CERT_ENHKEY_USAGE **usage)
{
    DWORD size = 0;

    if (!CertGetEnhancedKeyUsage(context, 0, NULL, &size))
        return FALSE;
    *usage = LocalAlloc(0, size);
    if (*usage == NULL)
        return win_fail(ERROR_NOT_ENOUGH_MEMORY);
    if (!CertGetEnhancedKeyUsage(context, 0, *usage, &size)) {
        LocalFree(*usage);
        *usage = NULL;
        return FALSE;
    }
    if ((*usage)->cUsageIdentifier == 0 && sspi_GetLastError() == (DWORD)CRYPT_E_NOT_FOUND) {
        LocalFree(*usage);
        *usage = NULL;
    }
    return TRUE;
}

/* In place: those of a list that the other has, too. */
static void usage_narrow(CERT_ENHKEY_USAGE *usage, const CERT_ENHKEY_USAGE *other)
{
    DWORD left = 0;

    for (DWORD i = 0; i < usage->cUsageIdentifier; i++)
        if (has(other, usage->rgpszUsageIdentifier[i]))
            usage->rgpszUsageIdentifier[left++] = usage->rgpszUsageIdentifier[i];
    usage->cUsageIdentifier = left;
}

/* What all of them allow, for LocalFree(); *all NULL for any purpose. */
static BOOL usage_of_all(DWORD count, PCCERT_CONTEXT *contexts, CERT_ENHKEY_USAGE **all)
{
    *all = NULL;
    for (DWORD i = 0; i < count; i++) {
        CERT_ENHKEY_USAGE *usage = NULL;

        if (!usage_of(contexts[i], &usage))
            return FALSE;
        if (*all == NULL) {
            *all = usage;
        } else {
            usage_narrow(*all, usage);
            LocalFree(usage);
        }
    }
    return TRUE;
}

/* The pointers, and the texts behind them. */
static BOOL list_give(const CERT_ENHKEY_USAGE *usage, LPSTR *list, DWORD *room)
{
    DWORD count = usage == NULL ? 0 : usage->cUsageIdentifier;
    DWORD size = count * (DWORD)sizeof(*list);
    char *text = (char *)list + size;
    bool fits;

    for (DWORD i = 0; i < count; i++)
        size += (DWORD)strlen(usage->rgpszUsageIdentifier[i]) + 1;
    fits = list == NULL || *room >= size;
    *room = size;
    if (!fits)
        return win_fail(ERROR_MORE_DATA);
    for (DWORD i = 0; list != NULL && i < count; i++) {
        list[i] = text;
        text = stpcpy(text, usage->rgpszUsageIdentifier[i]) + 1;
    }
    return TRUE;
}

WIN_API BOOL CertGetValidUsages(DWORD cCerts, PCCERT_CONTEXT *rghCerts, int *cNumOIDs,
                                LPSTR *rghOIDs, DWORD *pcbOIDs)
{
    CERT_ENHKEY_USAGE *all = NULL;
    BOOL done;

    if (rghCerts == NULL || cCerts == 0 || cNumOIDs == NULL || pcbOIDs == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    done = usage_of_all(cCerts, rghCerts, &all);
    if (done) {
        *cNumOIDs = all == NULL ? -1 : (int)all->cUsageIdentifier;
        done = list_give(all, rghOIDs, pcbOIDs);
    }
    LocalFree(all);
    return done;
}
