/* SPDX-License-Identifier: MIT */
/* A text that grows. */
#include "cert/growtext.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/secret.h"

/* By hand, since realloc() leaves what it moved from. To twice the size, so that a long text is not
 * copied for every piece. */
static bool text_grow(struct cert_text *text, size_t size)
{
    size_t room = size > SIZE_MAX / 2 - text->size - 1 ? 0 : (text->size + size + 1) * 2;
    char *grown = room == 0 ? NULL : malloc(room);

    if (grown == NULL)
        return false;
    if (text->size > 0)
        memcpy(grown, text->data, text->size);
    memory_wipe_free(text->data);
    text->data = grown;
    text->room = room;
    return true;
}

void cert_text_add(struct cert_text *text, const void *data, size_t size)
{
    if (size == 0 || text->failed)
        return;
    if (size >= text->room - text->size && !text_grow(text, size)) {
        text->failed = true;
        return;
    }
    memcpy(text->data + text->size, data, size);
    text->size += size;
    text->data[text->size] = '\0';
}

void cert_text_clear(struct cert_text *text)
{
    memory_wipe_free(text->data);
    *text = (struct cert_text){.data = NULL};
}
