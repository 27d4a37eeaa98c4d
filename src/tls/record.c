/* SPDX-License-Identifier: MIT */
/* The frame of TLS records. */
#include "tls/record.h"

#include <stdbool.h>

/* Judges each octet as soon as it is there, so that no caller waits for more of what is not TLS. */
static bool head_is_tls(const uint8_t *head, size_t size)
{
    return (size < 1 || (head[0] >= RECORD_CHANGE_CIPHER_SPEC && head[0] <= RECORD_DATA)) &&
           (size < 2 || head[1] == 3) && (size < 3 || head[2] <= 4);
}

SECURITY_STATUS record_find(const uint8_t *data, size_t size, struct record *record,
                            size_t *missing)
{
    size_t body;

    if (!head_is_tls(data, size))
        return SEC_E_INVALID_TOKEN;
    if (size < RECORD_HEAD) {
        *missing = RECORD_HEAD - size;
        return SEC_E_INCOMPLETE_MESSAGE;
    }
    body = (size_t)data[3] << 8 | data[4];
    if (body > RECORD_BODY_MAX)
        return SEC_E_INVALID_TOKEN;
    record->type = data[0];
    record->size = RECORD_HEAD + body;
    if (size < record->size) {
        *missing = record->size - size;
        return SEC_E_INCOMPLETE_MESSAGE;
    }
    return SEC_E_OK;
}
