/* SPDX-License-Identifier: MIT */
/*
 * PKCS #12 (RFC 7292) written: a store's certificates in one encrypted bag, each key in one of its
 * own; PBES2 with AES-256, HMAC-SHA-256 over the whole.
 */
#include <gnutls/pkcs12.h>
#include <stdlib.h>
#include <string.h>

#include "cert/pfx.h"
#include "core/native.h"
#include "core/secret.h"
#include "core/text.h"

/* What GnuTLS' salts and paddings may vary by, for each that is encrypted: a size that was asked
 * for holds. */
#define SLACK 64

#define EXPORT_FLAGS                                                                               \
    (REPORT_NO_PRIVATE_KEY | REPORT_NOT_ABLE_TO_EXPORT_PRIVATE_KEY | EXPORT_PRIVATE_KEYS |         \
     PKCS12_INCLUDE_EXTENDED_PROPERTIES | PKCS12_EXPORT_SILENT | PKCS12_EXPORT_PBES2_PARAMS)

/* A file that grows. */
struct package {
    gnutls_pkcs12_t pfx;
    gnutls_pkcs12_bag_t certificates;
    const char *password;
    DWORD flags;
    unsigned sealed; /* how many parts are encrypted */
};

static SECURITY_STATUS pfx_status(const char *call, int code)
{
    if (code == GNUTLS_E_MEMORY_ERROR)
        return E_OUTOFMEMORY;
    return cert_key_status(call, code, NTE_FAIL);
}

static bool is_ascii(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text & 0x80)
            return false;
    return true;
}

/* The friendly name, or NULL. */
static char *friendly_name(PCCERT_CONTEXT context)
{
    char *name = NULL;
    DWORD size = 0;
    WCHAR *wide;

    if (!CertGetCertificateContextProperty(context, CERT_FRIENDLY_NAME_PROP_ID, NULL, &size))
        return NULL;
    wide = calloc(size / sizeof(*wide) + 1, sizeof(*wide));
    if (wide != NULL &&
        CertGetCertificateContextProperty(context, CERT_FRIENDLY_NAME_PROP_ID, wide, &size) &&
        text_from_w(wide, &name) != SEC_E_OK)
        name = NULL;
    free(wide);
    return name;
}

/* The attributes that say which key is which certificate's (RFC 7292 4.2). */
static int mark(gnutls_pkcs12_bag_t bag, int index, PCCERT_CONTEXT context)
{
    unsigned char id[20];
    size_t size = sizeof(id);
    gnutls_datum_t view = {id, sizeof(id)};
    char *name = friendly_name(context);
    int code =
        gnutls_x509_crt_get_key_id(cert_context_crt(context), GNUTLS_KEYID_USE_SHA1, id, &size);

    if (code == GNUTLS_E_SUCCESS)
        code = gnutls_pkcs12_bag_set_key_id(bag, (unsigned)index, &view);
    /* GnuTLS writes each octet as a character: others than ASCII would come out as nonsense. */
    if (code == GNUTLS_E_SUCCESS && name != NULL && name[0] != '\0' && is_ascii(name))
        code = gnutls_pkcs12_bag_set_friendly_name(bag, (unsigned)index, name);
    free(name);
    return code;
}

/* A certificate may be alone in the world; a mark is for one that has a key in the file. */
static SECURITY_STATUS add_certificate(struct package *package, PCCERT_CONTEXT context)
{
    int index = gnutls_pkcs12_bag_set_crt(package->certificates, cert_context_crt(context));
    int code = index < 0 ? index : mark(package->certificates, index, context);

    return pfx_status("gnutls_pkcs12_bag_set_crt", code);
}

static SECURITY_STATUS add_key_bag(struct package *package, const gnutls_datum_t *der,
                                   PCCERT_CONTEXT context)
{
    gnutls_pkcs12_bag_t bag;
    int index, code = gnutls_pkcs12_bag_init(&bag);

    if (code != GNUTLS_E_SUCCESS)
        return pfx_status("gnutls_pkcs12_bag_init", code);
    index = gnutls_pkcs12_bag_set_data(bag, GNUTLS_BAG_PKCS8_ENCRYPTED_KEY, der);
    code = index < 0 ? index : mark(bag, index, context);
    if (code == GNUTLS_E_SUCCESS)
        code = gnutls_pkcs12_set_bag(package->pfx, bag);
    gnutls_pkcs12_bag_deinit(bag);
    package->sealed++;
    return pfx_status("gnutls_pkcs12_set_bag", code);
}

static SECURITY_STATUS add_key(struct package *package, PCCERT_CONTEXT context)
{
    gnutls_datum_t der = {NULL, 0};
    struct cert_key *key;
    SECURITY_STATUS status = cert_key_find(context, &key);

    if (status == CRYPT_E_NO_KEY_PROPERTY)
        return package->flags & REPORT_NO_PRIVATE_KEY ? CRYPT_E_NOT_FOUND : SEC_E_OK;
    if (status == SEC_E_OK) {
        status = key->exportable
                     ? cert_key_to_pkcs8(key, GNUTLS_X509_FMT_DER, package->password, &der)
                     : NTE_BAD_KEY_STATE;
        cert_key_unref(key);
    }
    if (status != SEC_E_OK)
        return package->flags & REPORT_NOT_ABLE_TO_EXPORT_PRIVATE_KEY ? status : SEC_E_OK;
    status = add_key_bag(package, &der, context);
    cert_key_datum_wipe(&der);
    return status;
}

static SECURITY_STATUS add_all(struct package *package, HCERTSTORE store)
{
    PCCERT_CONTEXT context = NULL;
    SECURITY_STATUS status = SEC_E_OK;

    while ((context = CertEnumCertificatesInStore(store, context)) != NULL) {
        status = add_certificate(package, context);
        if (status == SEC_E_OK && package->flags & EXPORT_PRIVATE_KEYS)
            status = add_key(package, context);
        if (status != SEC_E_OK) {
            CertFreeCertificateContext(context);
            break;
        }
    }
    return status;
}

static SECURITY_STATUS finish(struct package *package, gnutls_datum_t *der)
{
    int code;

    if (gnutls_pkcs12_bag_get_count(package->certificates) <= 0) {
        native_error_set("the store has no certificate");
        return CRYPT_E_NOT_FOUND;
    }
    package->sealed++;
    code = gnutls_pkcs12_bag_encrypt(package->certificates, package->password,
                                     GNUTLS_PKCS_PBES2_AES_256);
    if (code == GNUTLS_E_SUCCESS)
        code = gnutls_pkcs12_set_bag(package->pfx, package->certificates);
    if (code == GNUTLS_E_SUCCESS)
        code = gnutls_pkcs12_generate_mac2(package->pfx, GNUTLS_MAC_SHA256, package->password);
    if (code == GNUTLS_E_SUCCESS)
        code = gnutls_pkcs12_export2(package->pfx, GNUTLS_X509_FMT_DER, der);
    return pfx_status("gnutls_pkcs12_export2", code);
}

static SECURITY_STATUS package_make(struct package *package, HCERTSTORE store, gnutls_datum_t *der)
{
    SECURITY_STATUS status;
    int code = gnutls_pkcs12_init(&package->pfx);

    if (code != GNUTLS_E_SUCCESS)
        return pfx_status("gnutls_pkcs12_init", code);
    code = gnutls_pkcs12_bag_init(&package->certificates);
    status = pfx_status("gnutls_pkcs12_bag_init", code);
    if (status == SEC_E_OK) {
        status = add_all(package, store);
        if (status == SEC_E_OK)
            status = finish(package, der);
        gnutls_pkcs12_bag_deinit(package->certificates);
    }
    gnutls_pkcs12_deinit(package->pfx);
    return status;
}

static SECURITY_STATUS answer(const struct package *package, const gnutls_datum_t *der,
                              CRYPT_DATA_BLOB *blob)
{
    DWORD room = blob->cbData;

    if (blob->pbData == NULL) {
        blob->cbData = der->size + SLACK * (package->sealed + 1);
        return SEC_E_OK;
    }
    blob->cbData = der->size;
    if (room < der->size) {
        blob->cbData += SLACK * (package->sealed + 1);
        return ERROR_MORE_DATA;
    }
    memcpy(blob->pbData, der->data, der->size);
    return SEC_E_OK;
}

WIN_API BOOL PFXExportCertStoreEx(HCERTSTORE hStore, CRYPT_DATA_BLOB *pPFX, LPCWSTR szPassword,
                                  void *pvPara, DWORD dwFlags)
{
    struct package package = {NULL, NULL, NULL, dwFlags, 0};
    gnutls_datum_t der = {NULL, 0};
    SECURITY_STATUS status;
    char *password;

    (void)pvPara; /* how strong it is to be: never less than this */
    if (hStore == NULL || pPFX == NULL || dwFlags & ~(DWORD)EXPORT_FLAGS)
        return win_fail((DWORD)E_INVALIDARG);
    native_error_clear();
    status = pfx_password(szPassword, &password);
    if (status == SEC_E_OK) {
        package.password = password == NULL ? "" : password;
        status = package_make(&package, hStore, &der);
        if (status == SEC_E_OK)
            status = answer(&package, &der, pPFX);
        cert_key_datum_wipe(&der);
        string_wipe_free(password);
    }
    return status == SEC_E_OK ? TRUE : win_fail((DWORD)status);
}

WIN_API BOOL PFXExportCertStore(HCERTSTORE hStore, CRYPT_DATA_BLOB *pPFX, LPCWSTR szPassword,
                                DWORD dwFlags)
{
    return PFXExportCertStoreEx(hStore, pPFX, szPassword, NULL, dwFlags);
}
