/* SPDX-License-Identifier: MIT */
/* CryptQueryObject(): what some bytes are. */
#include <gnutls/pkcs12.h>
#include <stdlib.h>
#include <string.h>

#include "cert/content.h"
#include "cert/file.h"
#include "cert/serial.h"
#include "core/secret.h"
#include "core/text.h"

/* Bytes in one form. */
struct bytes {
    BYTE *data; /* wiped and freed by memory_wipe_free() */
    size_t size;
};

/* --- Forms ---------------------------------------------------------------------------------- */

static bool copy(const void *data, size_t size, struct bytes *to)
{
    to->data = memory_copy(data, size);
    to->size = size;
    return to->data != NULL || win_fail(E_OUTOFMEMORY);
}

static bool copy_binary(const struct bytes *from, struct bytes *to)
{
    return copy(from->data, from->size, to);
}

/* Base64 without the lines of PEM. */
static bool decode_base64(const struct bytes *from, struct bytes *to)
{
    gnutls_datum_t text = {from->data, (unsigned)from->size};
    gnutls_datum_t made = {NULL, 0};
    bool done;

    /* The lines of PEM are the loader's. */
    if (cert_content_is_pem(from->data, from->size))
        return copy_binary(from, to);
    if (gnutls_base64_decode2(&text, &made) != 0)
        return false;
    done = copy(made.data, made.size, to);
    gnutls_memset(made.data, 0, made.size);
    gnutls_free(made.data);
    return done;
}

static int hex_digit(BYTE c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
        return (c | 0x20) - 'a' + 10;
    return -1;
}

static bool decode_hex(const struct bytes *from, struct bytes *to)
{
    size_t digits = 0;

    to->data = calloc(1, from->size / 2 + 1);
    if (to->data == NULL)
        return win_fail(E_OUTOFMEMORY);
    for (size_t i = 0; i < from->size; i++) {
        int digit = hex_digit(from->data[i]);

        if (strchr(" \t\r\n", from->data[i]) != NULL && from->data[i] != '\0')
            continue;
        if (digit < 0)
            return false;
        to->data[digits / 2] = (BYTE)(to->data[digits / 2] << 4 | digit);
        digits++;
    }
    to->size = digits / 2;
    return digits % 2 == 0;
}

static const struct form {
    DWORD form;
    bool (*decode)(const struct bytes *from, struct bytes *to);
} forms[] = {
    {CERT_QUERY_FORMAT_BINARY, copy_binary},
    {CERT_QUERY_FORMAT_BASE64_ENCODED, decode_base64},
    {CERT_QUERY_FORMAT_ASN_ASCII_HEX_ENCODED, decode_hex},
};

/* --- Contents ------------------------------------------------------------------------------- */

static bool is_pfx(const struct bytes *bytes)
{
    gnutls_datum_t der = {bytes->data, (unsigned)bytes->size};
    gnutls_pkcs12_t pfx;
    bool is;

    if (gnutls_pkcs12_init(&pfx) != 0)
        return false;
    is = gnutls_pkcs12_import(pfx, &der, GNUTLS_X509_FMT_DER, 0) == 0;
    gnutls_pkcs12_deinit(pfx);
    return is;
}

/* CERT_QUERY_CONTENT_FLAG_* of what there is. */
static DWORD contents(struct cert_store *store, const struct bytes *bytes, bool text)
{
    /* PEM is text, also when it is read as binary. */
    if (bytes->size == 0 || (!text && cert_content_is_pem(bytes->data, bytes->size)))
        return 0;
    if (cert_serial_is_store(bytes->data, bytes->size))
        return cert_serial_load(store, bytes->data, bytes->size)
                   ? CERT_QUERY_CONTENT_FLAG_SERIALIZED_STORE
                   : 0;
    return is_pfx(bytes) ? CERT_QUERY_CONTENT_FLAG_PFX
                         : cert_content_load(store, bytes->data, bytes->size);
}

/* The first of them is taken where there are several and the caller would have any. */
static const DWORD content_order[] = {
    CERT_QUERY_CONTENT_CERT,         CERT_QUERY_CONTENT_CRL,
    CERT_QUERY_CONTENT_PKCS7_SIGNED, CERT_QUERY_CONTENT_SERIALIZED_STORE,
    CERT_QUERY_CONTENT_PFX,
};

/* What is asked for, and the answer. */
struct query {
    DWORD content_flags, form_flags;
    DWORD content, form;
    struct cert_store *store;
};

static bool query_form(struct query *query, const struct form *form, const struct bytes *object)
{
    struct bytes bytes = {NULL, 0};
    struct cert_store *store = cert_store_new();
    DWORD found = 0;

    if (store != NULL && form->decode(object, &bytes))
        found = contents(store, &bytes, form->form == CERT_QUERY_FORMAT_BASE64_ENCODED);
    memory_wipe_free(bytes.data);
    for (size_t i = 0; i < sizeof(content_order) / sizeof(content_order[0]); i++) {
        if ((found & query->content_flags & 1U << content_order[i]) != 0) {
            query->content = content_order[i];
            query->form = form->form;
            query->store = store;
            return true;
        }
    }
    object_unref(store == NULL ? NULL : &store->object);
    return false;
}

/* What could not be looked at for want of memory may have been the match. */
static BOOL query_run(struct query *query, const struct bytes *object)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        win_fail(CRYPT_E_NO_MATCH);
        if ((query->form_flags & 1U << forms[i].form) == 0)
            continue;
        if (query_form(query, &forms[i], object))
            return TRUE;
        if (win_no_memory())
            return FALSE;
    }
    return win_fail(CRYPT_E_NO_MATCH);
}

/* --- The object ----------------------------------------------------------------------------- */

static BOOL object_read(DWORD type, const void *object, struct bytes *bytes)
{
    const CRYPT_DATA_BLOB *blob = object;
    char *name = NULL;
    SECURITY_STATUS status;

    if (type == CERT_QUERY_OBJECT_BLOB) {
        if (blob->pbData == NULL || blob->cbData > INT32_MAX)
            return win_fail(E_INVALIDARG);
        return copy(blob->pbData, blob->cbData, bytes);
    }
    status = text_from_caller(object, true, &name);
    if (status != SEC_E_OK)
        return win_fail(win_text_error(status, (DWORD)E_INVALIDARG));
    bytes->data = cert_file_read(name, &bytes->size);
    string_wipe_free(name);
    return bytes->data != NULL;
}

/* The context that was asked for, a reference of the caller's: the first certificate or list. */
static const void *query_context(const struct query *query)
{
    bool crl = query->content == CERT_QUERY_CONTENT_CRL;
    struct cert_element *first;

    if (!crl && query->content != CERT_QUERY_CONTENT_CERT)
        return NULL;
    first = cert_store_next(query->store, crl ? CERT_KIND_CRL : CERT_KIND_CERTIFICATE, NULL);
    return first == NULL ? NULL : &first->face;
}

static void put(DWORD *out, DWORD value)
{
    if (out != NULL)
        *out = value;
}

static void query_answer(struct query *query, HCERTSTORE *store, const void **context)
{
    bool keep = store != NULL && query->content != CERT_QUERY_CONTENT_PFX;

    if (context != NULL)
        *context = query_context(query);
    if (keep)
        *store = query->store;
    else
        object_unref(&query->store->object);
}

WIN_API BOOL CryptQueryObject(DWORD dwObjectType, const void *pvObject,
                              DWORD dwExpectedContentTypeFlags, DWORD dwExpectedFormatTypeFlags,
                              DWORD dwFlags, DWORD *pdwMsgAndCertEncodingType,
                              DWORD *pdwContentType, DWORD *pdwFormatType, HCERTSTORE *phCertStore,
                              HCRYPTMSG *phMsg, const void **ppvContext)
{
    struct query query = {.content_flags = dwExpectedContentTypeFlags,
                          .form_flags = dwExpectedFormatTypeFlags};
    struct bytes bytes = {NULL, 0};
    BOOL done;

    (void)dwFlags;
    if (phCertStore != NULL)
        *phCertStore = NULL;
    if (phMsg != NULL)
        *phMsg = NULL;
    if (ppvContext != NULL)
        *ppvContext = NULL;
    if (pvObject == NULL ||
        (dwObjectType != CERT_QUERY_OBJECT_FILE && dwObjectType != CERT_QUERY_OBJECT_BLOB))
        return win_fail(E_INVALIDARG);
    done = object_read(dwObjectType, pvObject, &bytes) && query_run(&query, &bytes);
    memory_wipe_free(bytes.data);
    if (!done)
        return FALSE;
    put(pdwMsgAndCertEncodingType, X509_ASN_ENCODING | PKCS_7_ASN_ENCODING);
    put(pdwContentType, query.content);
    put(pdwFormatType, query.form);
    query_answer(&query, phCertStore, ppvContext);
    return TRUE;
}
