/* SPDX-License-Identifier: MIT */
/*
 * Data that came between the messages of another handshake (RFC 5246 7.4.1.1 and 7.4.1.2 let the
 * peer send until the keys change). A leg opens them at their place in the count and keeps them for
 * DecryptMessage(). That is called only with octets of the peer, so the caller gets the handshake's
 * last record back, and gives its octets once more, one for each piece of the data.
 */
#include <stdlib.h>
#include <string.h>

#include "core/secret.h"
#include "tls/record.h"
#include "tls/tlspkg.h"

/* No last record is so short that its octets would not do: Finished, its head and a tag. */
#define PIECES_MAX 32U
#define HELD_MAX   ((size_t)PIECES_MAX * RECORD_DATA_MAX)

_Static_assert(PIECES_MAX <= RECORD_HEAD + 4 + 12 + 16, "an octet for each piece");

static void data_free(struct tls_held *held)
{
    if (held->data != NULL)
        gnutls_memset(held->data, 0, held->capacity);
    free(held->data);
}

void tls_held_clear(struct tls_ctx *tls)
{
    if (tls->held == NULL)
        return;
    data_free(tls->held);
    free(tls->held);
    tls->held = NULL;
}

/* realloc() would leave a copy behind. */
static bool held_grow(struct tls_held *held, size_t size)
{
    size_t capacity = held->capacity == 0 ? RECORD_DATA_MAX : held->capacity;
    uint8_t *data;

    while (capacity - held->size < size)
        capacity *= 2;
    if (capacity == held->capacity)
        return true;
    data = malloc(capacity);
    if (data == NULL)
        return false;
    if (held->size != 0)
        memcpy(data, held->data, held->size);
    data_free(held);
    held->data = data;
    held->capacity = capacity;
    return true;
}

int tls_held_receive(struct tls_ctx *tls, size_t record_size)
{
    struct tls_held *held;
    ssize_t got;

    if (tls->held == NULL)
        tls->held = calloc(1, sizeof(*tls->held));
    held = tls->held;
    if (held == NULL)
        return GNUTLS_E_MEMORY_ERROR;
    if (held->size + record_size > HELD_MAX)
        return GNUTLS_E_RECORD_OVERFLOW;
    if (!held_grow(held, record_size))
        return GNUTLS_E_MEMORY_ERROR;
    got = gnutls_record_recv(tls->session, held->data + held->size, record_size);
    if (got == GNUTLS_E_AGAIN) /* a record without data */
        return GNUTLS_E_SUCCESS;
    if (got < 0)
        return (int)got;
    held->size += (size_t)got;
    return GNUTLS_E_SUCCESS;
}

bool tls_held_next(struct tls_ctx *tls, struct tls_held_piece *piece)
{
    const struct tls_held *held = tls->held;
    size_t left = held->size - held->given;

    if (left == 0) {
        tls_held_clear(tls);
        return false;
    }
    piece->data = held->data + held->given;
    piece->size = left < RECORD_DATA_MAX ? left : RECORD_DATA_MAX;
    piece->octets = piece->size == left || held->record == 0 ? held->record : 1;
    return true;
}

void tls_held_taken(struct tls_ctx *tls, const struct tls_held_piece *piece)
{
    tls->held->given += piece->size;
    tls->held->record -= piece->octets;
}
