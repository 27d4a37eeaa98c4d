/* SPDX-License-Identifier: MIT */
/* CertSaveStore(). */
#include <gnutls/pkcs7.h>
#include <string.h>

#include "cert/content.h"
#include "cert/file.h"
#include "cert/serial.h"
#include "core/secret.h"
#include "core/text.h"

/* --- As what -------------------------------------------------------------------------------- */

static int pkcs7_put(gnutls_pkcs7_t message, const struct cert_element *element)
{
    const gnutls_datum_t der = {element->datum->der, element->datum->size};

    return element->datum->kind == CERT_KIND_CRL ? gnutls_pkcs7_set_crl_raw(message, &der)
                                                 : gnutls_pkcs7_set_crt_raw(message, &der);
}

static bool pkcs7_fill(gnutls_pkcs7_t message, struct cert_store *store)
{
    bool done = true;

    for (int kind = 0; kind < CERT_KINDS; kind++) {
        struct cert_element *element = NULL;

        while ((element = cert_store_next(store, (enum cert_kind)kind, element)) != NULL)
            done = done && pkcs7_put(message, element) == 0;
    }
    return done;
}

static void write_pkcs7(struct cert_text *text, struct cert_store *store)
{
    gnutls_pkcs7_t message;
    gnutls_datum_t der = {NULL, 0};

    if (gnutls_pkcs7_init(&message) != 0) {
        text->failed = true;
        return;
    }
    if (pkcs7_fill(message, store) && gnutls_pkcs7_export2(message, GNUTLS_X509_FMT_DER, &der) == 0)
        cert_text_add(text, der.data, der.size);
    else
        text->failed = true;
    gnutls_free(der.data);
    gnutls_pkcs7_deinit(message);
}

/* --- Where to ------------------------------------------------------------------------------- */

static BOOL put_handle(const struct cert_text *text, void *para)
{
    DWORD written = 0;

    if (!sspi_WriteFile(para, text->data, (DWORD)text->size, &written, NULL))
        return FALSE;
    return written == text->size ? TRUE : win_fail(ERROR_DISK_FULL);
}

static BOOL put_memory(const struct cert_text *text, void *para)
{
    CRYPT_DATA_BLOB *blob = para;
    DWORD room = blob->cbData;

    blob->cbData = (DWORD)text->size;
    if (blob->pbData == NULL)
        return TRUE;
    if (room < text->size)
        return win_fail(ERROR_MORE_DATA);
    memcpy(blob->pbData, text->data, text->size);
    return TRUE;
}

static BOOL put_file(const struct cert_text *text, const void *para, bool wide)
{
    char *name = NULL;
    SECURITY_STATUS status = text_from_caller(para, wide, &name);
    BOOL done;

    if (status != SEC_E_OK)
        return win_fail(win_text_error(status, (DWORD)E_INVALIDARG));
    done = cert_file_write(name, text->data, text->size);
    string_wipe_free(name);
    return done;
}

static BOOL put_file_a(const struct cert_text *text, void *para)
{
    return put_file(text, para, false);
}

static BOOL put_file_w(const struct cert_text *text, void *para)
{
    return put_file(text, para, true);
}

static void (*const forms[])(struct cert_text *text, struct cert_store *store) = {
    [CERT_STORE_SAVE_AS_STORE] = cert_serial_write,
    [CERT_STORE_SAVE_AS_PKCS7] = write_pkcs7,
};

static BOOL (*const targets[])(const struct cert_text *text, void *para) = {
    [CERT_STORE_SAVE_TO_FILE] = put_handle,
    [CERT_STORE_SAVE_TO_MEMORY] = put_memory,
    [CERT_STORE_SAVE_TO_FILENAME_A] = put_file_a,
    [CERT_STORE_SAVE_TO_FILENAME_W] = put_file_w,
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

WIN_API BOOL CertSaveStore(HCERTSTORE hCertStore, DWORD dwEncodingType, DWORD dwSaveAs,
                           DWORD dwSaveTo, void *pvSaveToPara, DWORD dwFlags)
{
    struct cert_store *store = cert_store_from(hCertStore);
    struct cert_text text = {.data = NULL};
    BOOL done;

    (void)dwEncodingType, (void)dwFlags;
    if (store == NULL || pvSaveToPara == NULL || dwSaveAs == 0 || dwSaveAs >= COUNT(forms) ||
        dwSaveTo == 0 || dwSaveTo >= COUNT(targets))
        return win_fail(E_INVALIDARG);
    forms[dwSaveAs](&text, store);
    done = text.failed || text.size > UINT32_MAX ? win_fail(E_OUTOFMEMORY)
                                                 : targets[dwSaveTo](&text, pvSaveToPara);
    cert_text_clear(&text);
    return done;
}
