/* SPDX-License-Identifier: MIT */
/* A text that grows. It may hold a key: what it leaves behind is wiped. */
#ifndef SSPI_CERT_GROWTEXT_H
#define SSPI_CERT_GROWTEXT_H

#include <stdbool.h>
#include <stddef.h>

struct cert_text {
    char *data; /* with a terminator that size does not count; NULL as long as there is nothing */
    size_t size, room;
    bool failed; /* for want of memory; what is added after that is dropped */
};

void cert_text_add(struct cert_text *text, const void *data, size_t size);

/* Wipes and frees; leaves an empty one. */
void cert_text_clear(struct cert_text *text);

#endif
