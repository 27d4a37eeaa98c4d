/* SPDX-License-Identifier: MIT */
/* Octets, text, and the frame of a first token (RFC 2743 3.1). */
#include <stdlib.h>
#include <string.h>

#include "mech.h"

SECURITY_STATUS octets_reserve(struct octets *octets, size_t more)
{
    unsigned char *data;
    size_t room = octets->size + more;

    if (room <= octets->room)
        return SEC_E_OK;
    if (room < more || (data = malloc(room)) == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    if (octets->size != 0)
        memcpy(data, octets->data, octets->size);
    if (octets->data != NULL)
        explicit_bzero(octets->data, octets->room);
    free(octets->data);
    octets->data = data;
    octets->room = room;
    return SEC_E_OK;
}

SECURITY_STATUS octets_add(struct octets *octets, const void *data, size_t size)
{
    SECURITY_STATUS status = octets_reserve(octets, size);

    if (status == SEC_E_OK && size != 0) {
        memcpy(octets->data + octets->size, data, size);
        octets->size += size;
    }
    return status;
}

void octets_free(struct octets *octets)
{
    if (octets->data != NULL)
        explicit_bzero(octets->data, octets->room);
    free(octets->data);
    *octets = (struct octets){0};
}

void octets_give(struct octets *octets, gss_buffer_t buffer)
{
    if (octets->size == 0)
        octets_free(octets);
    buffer->value = octets->data;
    buffer->length = octets->size;
    *octets = (struct octets){0};
}

SECURITY_STATUS buffer_copy(gss_buffer_t buffer, const void *data, size_t size)
{
    struct octets octets = {0};
    SECURITY_STATUS status;

    if (buffer == GSS_C_NO_BUFFER)
        return SEC_E_OK;
    status = octets_add(&octets, data, size);
    octets_give(&octets, buffer);
    return status;
}

SECURITY_STATUS buffer_text(gss_buffer_t buffer, const char *text)
{
    struct octets octets = {0};
    SECURITY_STATUS status;

    if (buffer == GSS_C_NO_BUFFER)
        return SEC_E_OK;
    /* Programs print these with %s: a NUL stands behind. */
    status = octets_add(&octets, text, strlen(text) + 1);
    octets_give(&octets, buffer);
    if (status == SEC_E_OK)
        buffer->length--;
    return status;
}

SECURITY_STATUS text_of_buffer(const gss_buffer_desc *buffer, char **text)
{
    *text = NULL;
    if (buffer->length != 0 && memchr(buffer->value, '\0', buffer->length) != NULL)
        return SEC_E_INVALID_PARAMETER;
    *text = strndup(buffer->length == 0 ? "" : buffer->value, buffer->length);
    return *text == NULL ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_OK;
}

SECURITY_STATUS text_wide(const char *text, unsigned short **wide)
{
    int units;

    *wide = NULL;
    if (text == NULL)
        return SEC_E_OK;
    units = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, NULL, 0);
    if (units <= 0)
        return SEC_E_UNKNOWN_CREDENTIALS;
    *wide = malloc((size_t)units * sizeof(**wide));
    if (*wide == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, (WCHAR *)*wide, units);
    return SEC_E_OK;
}

size_t text_wide_length(const unsigned short *wide)
{
    size_t units = 0;

    while (wide != NULL && wide[units] != 0)
        units++;
    return units;
}

void text_wide_free(unsigned short *wide)
{
    if (wide != NULL)
        explicit_bzero(wide, text_wide_length(wide) * sizeof(*wide));
    free(wide);
}

/* --- Frames --------------------------------------------------------------------------------- */

#define TAG_APPLICATION_0 0x60
#define TAG_OID           0x06

/* DER's length of a length: at most four octets behind the first. */
static size_t length_encode(size_t length, unsigned char out[5])
{
    size_t octets = 0;

    if (length < 0x80) {
        out[0] = (unsigned char)length;
        return 1;
    }
    while (octets < 4 && length >> (8 * octets) != 0)
        octets++;
    out[0] = (unsigned char)(0x80 | octets);
    for (size_t i = 0; i < octets; i++)
        out[1 + i] = (unsigned char)(length >> (8 * (octets - 1 - i)));
    return 1 + octets;
}

size_t frame_make(const struct mech *mech, size_t size, unsigned char head[FRAME_MAX])
{
    size_t used = 1 + length_encode(2 + mech->oid.length + size, head + 1);

    head[0] = TAG_APPLICATION_0;
    head[used++] = TAG_OID;
    head[used++] = (unsigned char)mech->oid.length;
    memcpy(head + used, mech->oid.elements, mech->oid.length);
    return used + mech->oid.length;
}

/* There is one right form: what frame_make() would have written. */
size_t frame_size(const struct mech *mech, const unsigned char *token, size_t size)
{
    size_t length = size < 2 || token[1] < 0x80 ? 1 : 1 + (token[1] & 0x7fU);
    size_t head = 1 + length + 2 + mech->oid.length;
    unsigned char expected[FRAME_MAX];

    return size >= head && frame_make(mech, size - head, expected) == head &&
                   memcmp(expected, token, head) == 0
               ? head
               : 0;
}
