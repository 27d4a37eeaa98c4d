/* SPDX-License-Identifier: MIT */
/* Memory that the calls on identities give. */
#include <pthread.h>
#include <search.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "identity/identity.h"

struct given {
    void *memory;
    size_t size;
};

/* A tree by address. */
static void *all;
static pthread_mutex_t all_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t all_once = PTHREAD_ONCE_INIT;

static void all_take(void)
{
    pthread_mutex_lock(&all_lock);
}

static void all_give(void)
{
    pthread_mutex_unlock(&all_lock);
}

/* The tree lives on in a forked child, so it is not caught in the middle of a change. */
static void all_start(void)
{
    pthread_atfork(all_take, all_give, all_give);
}

static void all_enter(void)
{
    pthread_once(&all_once, all_start);
    all_take();
}

static int compare(const void *a, const void *b)
{
    uintptr_t one = (uintptr_t)((const struct given *)a)->memory;
    uintptr_t other = (uintptr_t)((const struct given *)b)->memory;

    return (one > other) - (one < other);
}

/* What tfind() and its like give: a node, whose first member is the key. */
static struct given *found(void *node)
{
    return node == NULL ? NULL : *(struct given **)node;
}

static bool remember(struct given *given)
{
    bool known;

    all_enter();
    known = tsearch(given, &all, compare) != NULL;
    all_give();
    return known;
}

void *given_new(size_t size)
{
    struct given *given = malloc(sizeof(*given));
    void *memory = calloc(1, size);

    if (given != NULL && memory != NULL) {
        *given = (struct given){memory, size};
        if (remember(given))
            return memory;
    }
    free(given);
    free(memory);
    return NULL;
}

size_t given_size(const void *memory)
{
    const struct given key = {.memory = (void *)(uintptr_t)memory};
    const struct given *given;
    size_t size;

    all_enter();
    given = found(tfind(&key, &all, compare));
    size = given == NULL ? 0 : given->size;
    all_give();
    return size;
}

void given_free(void *memory)
{
    const struct given key = {.memory = memory};
    struct given *given;

    all_enter();
    given = found(tfind(&key, &all, compare));
    if (given != NULL)
        tdelete(&key, &all, compare);
    all_give();
    if (given == NULL)
        return;
    explicit_bzero(given->memory, given->size);
    free(given->memory);
    free(given);
}

SECURITY_STATUS given_wide(const char *text, PWSTR *out)
{
    SEC_WCHAR *wide;
    size_t units;
    SECURITY_STATUS status = text_to_w(text, &wide, &units);

    *out = NULL;
    if (status != SEC_E_OK || wide == NULL)
        return status;
    *out = given_new((units + 1) * sizeof(*wide));
    if (*out != NULL)
        memcpy(*out, wide, units * sizeof(*wide));
    memory_wipe_free(wide);
    return *out == NULL ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_OK;
}
