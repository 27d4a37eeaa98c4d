/* SPDX-License-Identifier: MIT */
/* What files and blobs may hold: certificates, CRLs and keys as DER, PEM (RFC 7468) or PKCS #7. */
#include "cert/content.h"

#include <gnutls/pkcs7.h>
#include <stdlib.h>
#include <string.h>

#include "cert/keyring.h"
#include "cert/serial.h"

/* --- PKCS #7 -------------------------------------------------------------------------------- */

static BOOL pkcs7_add(struct cert_store *store, gnutls_pkcs7_t message, enum cert_kind kind)
{
    int count = kind == CERT_KIND_CRL ? gnutls_pkcs7_get_crl_count(message)
                                      : gnutls_pkcs7_get_crt_count(message);
    BOOL done = TRUE;

    for (unsigned i = 0; done && count > 0 && i < (unsigned)count; i++) {
        gnutls_datum_t der = {NULL, 0};
        int status = kind == CERT_KIND_CRL ? gnutls_pkcs7_get_crl_raw2(message, i, &der)
                                           : gnutls_pkcs7_get_crt_raw2(message, i, &der);

        done = status == 0 ? cert_store_add_der(store, kind, der.data, der.size,
                                                CERT_STORE_ADD_USE_EXISTING, NULL)
                           : win_fail(CRYPT_E_ASN1_CORRUPT);
        gnutls_free(der.data);
    }
    return done;
}

BOOL cert_content_pkcs7(struct cert_store *store, const void *data, size_t size)
{
    gnutls_datum_t der = {(void *)(uintptr_t)data, (unsigned)size};
    gnutls_pkcs7_t message;
    BOOL done;

    if (data == NULL || size == 0 || size > INT32_MAX)
        return win_fail(CRYPT_E_ASN1_EOD);
    if (gnutls_pkcs7_init(&message) != 0)
        return win_fail(E_OUTOFMEMORY);
    done = gnutls_pkcs7_import(message, &der, GNUTLS_X509_FMT_DER) == 0
               ? pkcs7_add(store, message, CERT_KIND_CERTIFICATE) &&
                     pkcs7_add(store, message, CERT_KIND_CRL)
               : win_fail(CRYPT_E_ASN1_BADTAG);
    gnutls_pkcs7_deinit(message);
    return done;
}

/* --- Loading -------------------------------------------------------------------------------- */

/* Before the PEM text of a key that may not be exported. */
#define PRIVATE_LINE "Exportable: no\n"

/* What a load has met so far. */
struct loader {
    struct cert_store *store;
    DWORD found;
    struct cert_element *last; /* held: what a block of properties after it is about */
    struct cert_key **keys;
    unsigned key_count;
    bool private; /* the next key may not be exported */
};

static BOOL load_element(struct loader *loader, enum cert_kind kind, const gnutls_datum_t *der)
{
    struct cert_element *stored = NULL;

    if (!cert_store_add_der(loader->store, kind, der->data, der->size, CERT_STORE_ADD_USE_EXISTING,
                            &stored))
        return FALSE;
    cert_element_release(loader->last);
    loader->last = stored;
    return TRUE;
}

static BOOL load_certificate(struct loader *loader, const gnutls_datum_t *der)
{
    return load_element(loader, CERT_KIND_CERTIFICATE, der);
}

static BOOL load_crl(struct loader *loader, const gnutls_datum_t *der)
{
    return load_element(loader, CERT_KIND_CRL, der);
}

static BOOL load_pkcs7(struct loader *loader, const gnutls_datum_t *der)
{
    return cert_content_pkcs7(loader->store, der->data, der->size);
}

static BOOL load_properties(struct loader *loader, const gnutls_datum_t *data)
{
    return loader->last == NULL || cert_serial_properties(loader->last, data->data, data->size);
}

/* PKCS #8, or what it was before that. The file may have another's public half with an EC key. */
static SECURITY_STATUS key_read(const gnutls_datum_t *der, bool exportable, struct cert_key **out)
{
    gnutls_x509_privkey_t key;
    int code;

    if (gnutls_x509_privkey_init(&key) != 0)
        return E_OUTOFMEMORY;
    code = gnutls_x509_privkey_import2(key, der, GNUTLS_X509_FMT_DER, NULL, 0);
    if (code == 0)
        code = gnutls_x509_privkey_verify_params(key);
    if (code == 0)
        return cert_key_own_x509(key, exportable, out);
    gnutls_x509_privkey_deinit(key);
    return code == GNUTLS_E_MEMORY_ERROR ? E_OUTOFMEMORY : CRYPT_E_ASN1_CORRUPT;
}

static BOOL load_key(struct loader *loader, const gnutls_datum_t *der)
{
    struct cert_key **keys = reallocarray(loader->keys, loader->key_count + 1UL, sizeof(*keys));
    SECURITY_STATUS status;

    if (keys == NULL)
        return win_fail(E_OUTOFMEMORY);
    loader->keys = keys;
    status = key_read(der, !loader->private, &keys[loader->key_count]);
    if (status != SEC_E_OK)
        return win_fail((DWORD)status);
    loader->key_count++;
    return TRUE;
}

/* RFC 7468, and the older names that OpenSSL reads too. */
static const struct block_kind {
    const char *label;
    DWORD flag;
    BOOL (*load)(struct loader *loader, const gnutls_datum_t *der);
} block_kinds[] = {
    {"CERTIFICATE", CERT_QUERY_CONTENT_FLAG_CERT, load_certificate},
    {"X509 CERTIFICATE", CERT_QUERY_CONTENT_FLAG_CERT, load_certificate},
    {"X.509 CERTIFICATE", CERT_QUERY_CONTENT_FLAG_CERT, load_certificate},
    {"X509 CRL", CERT_QUERY_CONTENT_FLAG_CRL, load_crl},
    {"CRL", CERT_QUERY_CONTENT_FLAG_CRL, load_crl},
    {"PKCS7", CERT_QUERY_CONTENT_FLAG_PKCS7_SIGNED, load_pkcs7},
    {"PKCS #7 SIGNED DATA", CERT_QUERY_CONTENT_FLAG_PKCS7_SIGNED, load_pkcs7},
    {"CMS", CERT_QUERY_CONTENT_FLAG_PKCS7_SIGNED, load_pkcs7},
    {"PRIVATE KEY", 0, load_key},
    {"RSA PRIVATE KEY", 0, load_key},
    {"EC PRIVATE KEY", 0, load_key},
    {CERT_SERIAL_LABEL, 0, load_properties},
};

/* --- PEM ------------------------------------------------------------------------------------ */

#define PEM_BEGIN "-----BEGIN "
#define PEM_END   "-----END "
#define PEM_TAIL  "-----"

/* RFC 1421 4.6.1.1: OpenSSL's older keys are encrypted so. There is no password here. */
#define PEM_ENCRYPTED "Proc-Type: 4,ENCRYPTED"

static const char *find(const char *from, const char *end, const char *what)
{
    return from >= end ? NULL : memmem(from, (size_t)(end - from), what, strlen(what));
}

bool cert_content_is_pem(const void *data, size_t size)
{
    return find(data, (const char *)data + size, PEM_BEGIN) != NULL;
}

static const struct block_kind *block_find(const char *label, size_t size)
{
    for (size_t i = 0; i < sizeof(block_kinds) / sizeof(block_kinds[0]); i++)
        if (strlen(block_kinds[i].label) == size && memcmp(block_kinds[i].label, label, size) == 0)
            return &block_kinds[i];
    return NULL;
}

/* One block, from its first line to its last. */
static BOOL block_load(struct loader *loader, const struct block_kind *kind, const char *block,
                       size_t size)
{
    gnutls_datum_t text = {(void *)(uintptr_t)block, (unsigned)size};
    gnutls_datum_t der = {NULL, 0};
    BOOL done;

    if (gnutls_pem_base64_decode2(kind->label, &text, &der) != 0)
        return win_fail(CRYPT_E_ASN1_CORRUPT);
    done = kind->load(loader, &der);
    if (done)
        loader->found |= kind->flag;
    gnutls_memset(der.data, 0, der.size);
    gnutls_free(der.data);
    return done;
}

/* Where a block is. */
struct pem_block {
    const char *label, *body, *end; /* the body goes to the last line; end is behind that */
    size_t label_size;
};

/*
 * What the line at a BEGIN begins: a block, whose last line has the same label (RFC 7468 3). Else
 * only label is set: the line may stand for itself, or the block may be cut short. Five dashes are
 * the next line of either kind: whoever looks further for an END does so for each BEGIN once more.
 */
static bool block_read(const char *at, const char *end, struct pem_block *block)
{
    const char *label_end, *last;
    size_t size;

    block->label = at + strlen(PEM_BEGIN);
    label_end = find(block->label, end, PEM_TAIL);
    block->label_size = label_end == NULL ? 0 : (size_t)(label_end - block->label);
    last = label_end == NULL ? NULL : find(label_end + strlen(PEM_TAIL), end, PEM_TAIL);
    size = strlen(PEM_END) + block->label_size + strlen(PEM_TAIL);
    if (last == NULL || (size_t)(end - last) < size)
        return false;
    block->body = label_end + strlen(PEM_TAIL);
    block->end = last + size;
    return memcmp(last, PEM_END, strlen(PEM_END)) == 0 &&
           memcmp(last + strlen(PEM_END), block->label, block->label_size) == 0 &&
           memcmp(block->end - strlen(PEM_TAIL), PEM_TAIL, strlen(PEM_TAIL)) == 0;
}

/* A line of BEGIN and where to go on behind it: a block of another kind is passed over, and so is a
 * line that is none; but a block of ours that is broken is an error, for who knows what was in it.
 */
static BOOL begin_load(struct loader *loader, const char *at, const char *end, const char **next)
{
    /* No block goes beyond where another begins: so nothing is looked through twice. */
    const char *following = find(at + strlen(PEM_BEGIN), end, PEM_BEGIN);
    struct pem_block block;
    bool whole = block_read(at, following == NULL ? end : following, &block);
    const struct block_kind *kind = block_find(block.label, block.label_size);

    *next = block.label;
    if (kind == NULL)
        return TRUE;
    if (!whole)
        return win_fail(CRYPT_E_ASN1_EOD);
    *next = block.end;
    if (find(block.body, block.end, PEM_ENCRYPTED) != NULL)
        return TRUE;
    return block_load(loader, kind, at, (size_t)(block.end - at));
}

static BOOL pem_load(struct loader *loader, const char *at, const char *end)
{
    const char *between = at; /* blocks */
    BOOL done = TRUE;

    while (done && (at = find(at, end, PEM_BEGIN)) != NULL) {
        loader->private = find(between, at, PRIVATE_LINE) != NULL;
        done = begin_load(loader, at, end, &at);
        between = at;
    }
    return done;
}

/* --- Keys ----------------------------------------------------------------------------------- */

static void key_attach(const struct loader *loader, struct cert_element *element)
{
    unsigned char id[CERT_KEY_ID_SIZE];

    if (!cert_key_id_of(element->datum->parsed.crt, id))
        return;
    for (unsigned i = 0; i < loader->key_count; i++)
        if (cert_key_is(loader->keys[i], id)) {
            keyring_add(loader->keys[i]);
            cert_context_slot_set(cert_element_cert(element), &loader->keys[i]->object);
        }
}

/* A store may have the same certificate twice, and two for one key. */
static void keys_attach(const struct loader *loader)
{
    struct cert_element *element = NULL;

    if (loader->key_count == 0)
        return;
    while ((element = cert_store_next(loader->store, CERT_KIND_CERTIFICATE, element)) != NULL)
        key_attach(loader, element);
}

static void loader_clear(struct loader *loader)
{
    cert_element_release(loader->last);
    for (unsigned i = 0; i < loader->key_count; i++)
        cert_key_unref(loader->keys[i]);
    free(loader->keys);
}

/* Which of the three some DER is, can only be tried. The error is a certificate's. */
static BOOL der_load(struct loader *loader, const gnutls_datum_t *der)
{
    static const struct block_kind tried[] = {
        {NULL, CERT_QUERY_CONTENT_FLAG_PKCS7_SIGNED, load_pkcs7},
        {NULL, CERT_QUERY_CONTENT_FLAG_CRL, load_crl},
        {NULL, CERT_QUERY_CONTENT_FLAG_CERT, load_certificate},
    };

    for (size_t i = 0; i < sizeof(tried) / sizeof(tried[0]); i++) {
        if (tried[i].load(loader, der)) {
            loader->found |= tried[i].flag;
            return TRUE;
        }
        if (win_no_memory())
            return FALSE;
    }
    return FALSE;
}

DWORD cert_content_load(struct cert_store *store, const void *data, size_t size)
{
    struct loader loader = {.store = store};
    gnutls_datum_t der = {(void *)(uintptr_t)data, (unsigned)size};
    BOOL done;

    if (data == NULL || size == 0 || size > INT32_MAX) {
        win_fail(CRYPT_E_ASN1_EOD);
        return 0;
    }
    if (cert_content_is_pem(data, size))
        done = pem_load(&loader, data, (const char *)data + size);
    else
        done = der_load(&loader, &der);
    if (done)
        keys_attach(&loader);
    if (done && loader.found == 0)
        done = win_fail(CRYPT_E_NO_MATCH);
    loader_clear(&loader);
    return done ? loader.found : 0;
}

/* --- Writing -------------------------------------------------------------------------------- */

static void print_block(struct cert_text *text, const char *label, const void *data, size_t size)
{
    gnutls_datum_t der = {(void *)(uintptr_t)data, (unsigned)size};
    gnutls_datum_t pem = {NULL, 0};

    if (gnutls_pem_base64_encode2(label, &der, &pem) != 0) {
        text->failed = true;
        return;
    }
    cert_text_add(text, pem.data, pem.size);
    gnutls_memset(pem.data, 0, pem.size);
    gnutls_free(pem.data);
}

/* A key in a token or a container stays there, and is found by the properties. */
static bool key_is_printed(const struct cert_element *element, const struct cert_key *key,
                           bool kept)
{
    struct object *own = kept ? cert_context_slot_get(cert_element_cert(element)) : NULL;

    object_unref(own);
    return key->exportable || own != NULL;
}

static void print_key(struct cert_text *text, const struct cert_element *element, bool kept)
{
    gnutls_datum_t der = {NULL, 0};
    struct cert_key *key = NULL;
    SECURITY_STATUS status = cert_key_find(cert_element_cert(element), &key);

    if (status == SEC_E_OK && key_is_printed(element, key, kept) &&
        cert_key_fits(key, element->datum->parsed.crt)) {
        status = cert_key_to_pkcs8(key, GNUTLS_X509_FMT_DER, NULL, &der);
        if (status == SEC_E_OK && !key->exportable)
            cert_text_add(text, PRIVATE_LINE, sizeof(PRIVATE_LINE) - 1);
        if (status == SEC_E_OK)
            print_block(text, "PRIVATE KEY", der.data, der.size);
    }
    text->failed = text->failed || status == NTE_NO_MEMORY;
    cert_key_datum_wipe(&der);
    cert_key_unref(key);
}

void cert_content_print(struct cert_text *text, const struct cert_element *element, bool kept)
{
    bool crl = element->datum->kind == CERT_KIND_CRL;
    struct cert_text properties = {.data = NULL};

    print_block(text, crl ? "X509 CRL" : "CERTIFICATE", element->datum->der, element->datum->size);
    cert_serial_write_properties(&properties, element);
    if (properties.size > 0)
        print_block(text, CERT_SERIAL_LABEL, properties.data, properties.size);
    text->failed = text->failed || properties.failed;
    cert_text_clear(&properties);
    if (!crl)
        print_key(text, element, kept);
}
