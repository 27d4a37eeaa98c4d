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

void tls_held_clear(struct tls_ctx *tls)
{
    if (tls->held.data != NULL)
        gnutls_memset(tls->held.data, 0, tls->held.capacity);
    free(tls->held.data);
    memset(&tls->held, 0, sizeof(tls->held));
}

/* realloc() would leave a copy behind. */
static bool held_grow(struct tls_ctx *tls, size_t size)
{
    size_t capacity = tls->held.capacity == 0 ? RECORD_DATA_MAX : tls->held.capacity;
    uint8_t *data;

    while (capacity - tls->held.size < size)
        capacity *= 2;
    if (capacity == tls->held.capacity)
        return true;
    data = malloc(capacity);
    if (data == NULL)
        return false;
    if (tls->held.size != 0)
        memcpy(data, tls->held.data, tls->held.size);
    if (tls->held.data != NULL)
        gnutls_memset(tls->held.data, 0, tls->held.capacity);
    free(tls->held.data);
    tls->held.data = data;
    tls->held.capacity = capacity;
    return true;
}

int tls_held_receive(struct tls_ctx *tls, size_t record_size)
{
    ssize_t got;

    if (tls->held.size + record_size > HELD_MAX)
        return GNUTLS_E_RECORD_OVERFLOW;
    if (!held_grow(tls, record_size))
        return GNUTLS_E_MEMORY_ERROR;
    got = gnutls_record_recv(tls->session, tls->held.data + tls->held.size, record_size);
    if (got == GNUTLS_E_AGAIN) /* a record without data */
        return GNUTLS_E_SUCCESS;
    if (got < 0)
        return (int)got;
    tls->held.size += (size_t)got;
    return GNUTLS_E_SUCCESS;
}

bool tls_held_next(struct tls_ctx *tls, struct tls_held_piece *piece)
{
    size_t left = tls->held.size - tls->held.given;

    if (left == 0) {
        tls_held_clear(tls);
        return false;
    }
    piece->data = tls->held.data + tls->held.given;
    piece->size = left < RECORD_DATA_MAX ? left : RECORD_DATA_MAX;
    piece->octets = piece->size == left || tls->held.record == 0 ? tls->held.record : 1;
    return true;
}

void tls_held_taken(struct tls_ctx *tls, const struct tls_held_piece *piece)
{
    tls->held.given += piece->size;
    tls->held.record -= piece->octets;
}
