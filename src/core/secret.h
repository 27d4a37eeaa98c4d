/* SPDX-License-Identifier: MIT */
/*
 * Memory: what a caller frees with FreeContextBuffer, and what must be wiped before it goes.
 */
#ifndef SSPI_CORE_SECRET_H
#define SSPI_CORE_SECRET_H

#include <stddef.h>

/* Bytes owned by whoever holds the struct. */
struct blob {
    void *data;
    size_t size;
};

/* A copy of size bytes (at least one byte is allocated), or NULL. */
void *memory_copy(const void *data, size_t size);

/* Wipes the whole allocation that data starts, then frees it; NULL is allowed. */
void memory_wipe_free(void *data);

/* The same for a string and for the bytes of a blob, which is left empty. */
void string_wipe_free(char *text);
void blob_wipe(struct blob *blob);

#endif
