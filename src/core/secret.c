/* SPDX-License-Identifier: MIT */
/* Memory that is wiped before it is freed. */
#include "core/secret.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

void *memory_copy(const void *data, size_t size)
{
    void *copy = malloc(size != 0 ? size : 1);

    if (copy != NULL && size != 0)
        memcpy(copy, data, size);
    return copy;
}

void memory_wipe_free(void *data)
{
    if (data == NULL)
        return;
    /* The allocator knows the size, so a buffer that comes back from a caller is wiped as well. */
    explicit_bzero(data, malloc_usable_size(data));
    free(data);
}

void string_wipe_free(char *text)
{
    memory_wipe_free(text);
}

void blob_wipe(struct blob *blob)
{
    memory_wipe_free(blob->data);
    blob->data = NULL;
    blob->size = 0;
}
