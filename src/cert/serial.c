/* SPDX-License-Identifier: MIT */
/* Windows' serialized stores, and the properties in a PEM file of ours. */
#include "cert/serial.h"

#include <stdlib.h>
#include <string.h>

#include "cert/keyring.h"

#define HEAD_SIZE 12 /* of an element: number, encoding, size of what follows */

/* Elements that are no property; an element of zeros ends the store. */
#define ELEMENT_END  0
#define ELEMENT_CERT 32
#define ELEMENT_CRL  33
#define ELEMENT_CTL  34

static const BYTE store_head[8] = {0, 0, 0, 0, 'C', 'E', 'R', 'T'};

static DWORD get32(const BYTE *at)
{
    return at[0] | (DWORD)at[1] << 8 | (DWORD)at[2] << 16 | (DWORD)at[3] << 24;
}

static void put32(BYTE *at, DWORD value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (BYTE)(value >> 8 * i);
}

/* --- CRYPT_KEY_PROV_INFO: its 32-bit layout, offsets for pointers --------------------------------
 */

#define INFO_SIZE  28
#define PARAM_SIZE 16

struct view {
    const BYTE *data;
    DWORD size;
};

/* The bytes of a text at an offset with its terminator; 0 when there is none. */
static DWORD text_size(struct view view, DWORD offset)
{
    for (DWORD at = offset; at < view.size && view.size - at >= sizeof(WCHAR); at += sizeof(WCHAR))
        if (view.data[at] == 0 && view.data[at + 1] == 0)
            return at + (DWORD)sizeof(WCHAR) - offset;
    return 0;
}

/* An aligned copy of a text, to be freed; no text where the offset is 0. */
static bool text_read(struct view view, DWORD offset, LPWSTR *text)
{
    DWORD size = offset == 0 ? 0 : text_size(view, offset);

    *text = NULL;
    if (size == 0)
        return offset == 0;
    *text = malloc(size);
    if (*text != NULL)
        memcpy(*text, view.data + offset, size);
    return *text != NULL;
}

static bool params_read(struct view view, DWORD offset, CRYPT_KEY_PROV_INFO *info)
{
    if (info->cProvParam == 0)
        return true;
    if (offset > view.size || info->cProvParam > (view.size - offset) / PARAM_SIZE)
        return false;
    info->rgProvParam = calloc(info->cProvParam, sizeof(*info->rgProvParam));
    if (info->rgProvParam == NULL)
        return false;
    for (DWORD i = 0; i < info->cProvParam; i++) {
        const BYTE *at = view.data + offset + PARAM_SIZE * i;
        CRYPT_KEY_PROV_PARAM *param = &info->rgProvParam[i];
        DWORD where = get32(at + 4);

        param->dwParam = get32(at);
        param->cbData = get32(at + 8);
        param->dwFlags = get32(at + 12);
        if (where > view.size || param->cbData > view.size - where)
            return false;
        param->pbData = (BYTE *)(uintptr_t)(view.data + where);
    }
    return true;
}

static struct cert_property *prov_info_read(struct view view)
{
    CRYPT_KEY_PROV_INFO info = {0};
    struct cert_property *property = NULL;

    if (view.size < INFO_SIZE)
        return NULL;
    info.dwProvType = get32(view.data + 8);
    info.dwFlags = get32(view.data + 12);
    info.cProvParam = get32(view.data + 16);
    info.dwKeySpec = get32(view.data + 24);
    if (text_read(view, get32(view.data), &info.pwszContainerName) &&
        text_read(view, get32(view.data + 4), &info.pwszProvName) &&
        params_read(view, get32(view.data + 20), &info))
        property = cert_property_prov_info(&info, 0);
    free(info.pwszContainerName);
    free(info.pwszProvName);
    free(info.rgProvParam);
    return property;
}

/* Adds a text and gives its offset; what is not there has offset 0. */
static DWORD text_write(struct cert_text *out, LPCWSTR text)
{
    DWORD offset = (DWORD)out->size;
    size_t units = 0;

    if (text == NULL)
        return 0;
    while (text[units] != 0)
        units++;
    cert_text_add(out, text, (units + 1) * sizeof(WCHAR));
    return offset;
}

static void prov_info_write(struct cert_text *out, const CRYPT_KEY_PROV_INFO *info)
{
    BYTE head[INFO_SIZE] = {0}, param[PARAM_SIZE];
    DWORD params = info->cProvParam * PARAM_SIZE;
    DWORD end = INFO_SIZE + params;

    cert_text_add(out, head, sizeof(head));
    for (DWORD i = 0; i < info->cProvParam; i++) {
        put32(param, info->rgProvParam[i].dwParam);
        put32(param + 4, end);
        put32(param + 8, info->rgProvParam[i].cbData);
        put32(param + 12, info->rgProvParam[i].dwFlags);
        cert_text_add(out, param, sizeof(param));
        end += info->rgProvParam[i].cbData;
    }
    for (DWORD i = 0; i < info->cProvParam; i++)
        cert_text_add(out, info->rgProvParam[i].pbData, info->rgProvParam[i].cbData);
    put32(head, text_write(out, info->pwszContainerName));
    put32(head + 4, text_write(out, info->pwszProvName));
    put32(head + 8, info->dwProvType);
    put32(head + 12, info->dwFlags);
    put32(head + 16, info->cProvParam);
    put32(head + 20, params == 0 ? 0 : INFO_SIZE);
    put32(head + 24, info->dwKeySpec);
    if (!out->failed)
        memcpy(out->data, head, sizeof(head));
}

/* --- Elements ------------------------------------------------------------------------------- */

struct piece {
    DWORD id;
    struct view view;
};

/* The element at *at, which moves on. False at the end of the data or of what makes sense. */
static bool piece_next(const BYTE *data, size_t size, size_t *at, struct piece *piece)
{
    size_t left = size - *at;

    if (left < HEAD_SIZE)
        return false;
    piece->id = get32(data + *at);
    piece->view = (struct view){data + *at + HEAD_SIZE, get32(data + *at + 8)};
    if (piece->view.size > left - HEAD_SIZE)
        return false;
    *at += HEAD_SIZE + piece->view.size;
    return true;
}

static void piece_write(struct cert_text *out, DWORD id, const void *data, size_t size)
{
    BYTE head[HEAD_SIZE];

    put32(head, id);
    put32(head + 4, id == ELEMENT_END ? 0 : X509_ASN_ENCODING);
    put32(head + 8, (DWORD)size);
    cert_text_add(out, head, sizeof(head));
    if (size > 0)
        cert_text_add(out, data, size);
}

/*
 * What a file does not bring: a handle, which is none there; a hash, since whoever looks for a
 * certificate by that must not be told by a file what it is; and what has not its size.
 */
static const struct {
    DWORD id;
    size_t size; /* 0: no property of that number travels */
} guarded[] = {
    {CERT_KEY_CONTEXT_PROP_ID, 0},
    {CERT_KEY_PROV_HANDLE_PROP_ID, 0},
    {CERT_NCRYPT_KEY_HANDLE_PROP_ID, 0},
    {CERT_HCRYPTPROV_OR_NCRYPT_KEY_HANDLE_PROP_ID, 0},
    {CERT_SHA1_HASH_PROP_ID, 0},
    {CERT_MD5_HASH_PROP_ID, 0},
    {CERT_SHA256_HASH_PROP_ID, 0},
    {CERT_SIGNATURE_HASH_PROP_ID, 0},
    {CERT_ACCESS_STATE_PROP_ID, 0},
    {CERT_KEY_SPEC_PROP_ID, sizeof(DWORD)},
    {CERT_DATE_STAMP_PROP_ID, sizeof(FILETIME)},
};

static bool property_travels(DWORD id, size_t size)
{
    for (size_t i = 0; i < sizeof(guarded) / sizeof(guarded[0]); i++)
        if (guarded[i].id == id)
            return size != 0 && guarded[i].size == size;
    return id != 0 && id <= CERT_LAST_USER_PROP_ID;
}

static BOOL property_read(struct cert_bag *bag, const struct piece *piece)
{
    struct cert_property *property;

    if (!property_travels(piece->id, piece->view.size))
        return TRUE;
    property = piece->id == CERT_KEY_PROV_INFO_PROP_ID
                   ? prov_info_read(piece->view)
                   : cert_property_new(piece->id, 0, piece->view.data, piece->view.size);
    if (property == NULL)
        return win_fail(ERROR_INVALID_DATA);
    pthread_mutex_lock(&bag->lock);
    property = cert_bag_exchange(bag, piece->id, property);
    pthread_mutex_unlock(&bag->lock);
    cert_property_free(property);
    return TRUE;
}

BOOL cert_serial_properties(struct cert_element *element, const BYTE *data, size_t size)
{
    struct piece piece;
    size_t at = 0;

    while (at < size) {
        if (!piece_next(data, size, &at, &piece))
            return win_fail(ERROR_INVALID_DATA);
        if (!property_read(element->bag, &piece))
            return FALSE;
    }
    return TRUE;
}

static void property_write(struct cert_text *text, const struct cert_property *property)
{
    struct cert_text info = {.data = NULL};

    if (property->id != CERT_KEY_PROV_INFO_PROP_ID) {
        piece_write(text, property->id, property->data, property->size);
        return;
    }
    prov_info_write(&info, (const void *)property->data);
    if (info.failed)
        text->failed = true;
    else
        piece_write(text, property->id, info.data, info.size);
    cert_text_clear(&info);
}

/* The name of a container in memory means nothing where that is read: the key goes along. */
static bool names_memory(const struct cert_bag *bag, const struct cert_property *property)
{
    const CRYPT_KEY_PROV_INFO *info = (const void *)property->data;

    return property->id == CERT_KEY_PROV_INFO_PROP_ID && bag->key != NULL &&
           keyring_would_be((const struct cert_key *)bag->key, info->pwszContainerName);
}

void cert_serial_write_properties(struct cert_text *text, const struct cert_element *element)
{
    pthread_mutex_lock(&element->bag->lock);
    for (const struct cert_property *p = element->bag->first; p != NULL; p = p->next)
        if (property_travels(p->id, p->size) && !names_memory(element->bag, p))
            property_write(text, p);
    pthread_mutex_unlock(&element->bag->lock);
}

/* --- Stores --------------------------------------------------------------------------------- */

bool cert_serial_is_store(const void *data, size_t size)
{
    return size >= sizeof(store_head) && memcmp(data, store_head, sizeof(store_head)) == 0;
}

/* The bag waits for the certificate that its properties are about. */
static BOOL piece_load(struct cert_store *store, struct cert_bag **bag, const struct piece *piece)
{
    struct cert_element *stored;
    BOOL done;

    if (piece->id == ELEMENT_CTL)
        return win_fail(ERROR_NOT_SUPPORTED);
    if (*bag == NULL && (*bag = cert_bag_new()) == NULL)
        return win_fail(E_OUTOFMEMORY);
    if (piece->id != ELEMENT_CERT && piece->id != ELEMENT_CRL)
        return property_read(*bag, piece);
    if (!cert_store_add_der(store,
                            piece->id == ELEMENT_CERT ? CERT_KIND_CERTIFICATE : CERT_KIND_CRL,
                            piece->view.data, piece->view.size, CERT_STORE_ADD_ALWAYS, &stored))
        return FALSE;
    done = cert_bag_inherit(stored->bag, *bag);
    cert_element_release(stored);
    object_unref(&(*bag)->object);
    *bag = NULL;
    return done;
}

BOOL cert_serial_load(struct cert_store *store, const BYTE *data, size_t size)
{
    struct cert_bag *bag = NULL;
    struct piece piece = {0, {NULL, 0}};
    size_t at = sizeof(store_head);
    BOOL done = TRUE;

    if (!cert_serial_is_store(data, size))
        return win_fail(CRYPT_E_FILE_ERROR);
    do {
        if (!piece_next(data, size, &at, &piece))
            done = win_fail(CRYPT_E_FILE_ERROR);
        else if (piece.id != ELEMENT_END)
            done = piece_load(store, &bag, &piece);
    } while (done && piece.id != ELEMENT_END);
    object_unref(bag == NULL ? NULL : &bag->object);
    return done;
}

void cert_serial_write(struct cert_text *text, struct cert_store *store)
{
    cert_text_add(text, store_head, sizeof(store_head));
    for (int kind = 0; kind < CERT_KINDS; kind++) {
        struct cert_element *element = NULL;

        while ((element = cert_store_next(store, (enum cert_kind)kind, element)) != NULL) {
            cert_serial_write_properties(text, element);
            piece_write(text, kind == CERT_KIND_CRL ? ELEMENT_CRL : ELEMENT_CERT,
                        element->datum->der, element->datum->size);
        }
    }
    piece_write(text, ELEMENT_END, NULL, 0);
}
