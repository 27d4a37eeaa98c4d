/* SPDX-License-Identifier: MIT */
/* The sessions of a client's credential. */
#include "tls/resume.h"

#include <stdlib.h>
#include <string.h>

/* Windows' condition is the same process; what a child has of its parent's is not its own. */
static pthread_once_t forks_once = PTHREAD_ONCE_INIT;
static unsigned forks; /* of this process and those before it */

static void forks_count(void)
{
    forks++;
}

static void forks_watch(void)
{
    pthread_atfork(NULL, NULL, forks_count);
}

struct resume *resume_new(void)
{
    struct resume *resume = calloc(1, sizeof(*resume));

    pthread_once(&forks_once, forks_watch);
    if (resume == NULL)
        return NULL;
    pthread_mutex_init(&resume->lock, NULL);
    resume->forks = forks;
    return resume;
}

void resume_wipe(gnutls_datum_t *session)
{
    if (session->data != NULL)
        gnutls_memset(session->data, 0, session->size);
    gnutls_free(session->data);
    session->data = NULL;
    session->size = 0;
}

struct resumable *resumable_new(const char *target)
{
    size_t name_size = strlen(target) + 1;
    struct resumable *fresh = malloc(sizeof(*fresh) + name_size);

    if (fresh == NULL)
        return NULL;
    *fresh = (struct resumable){.made = time(NULL)};
    memcpy(fresh->target, target, name_size);
    return fresh;
}

void resumable_free(struct resumable *old)
{
    if (old == NULL)
        return;
    resume_wipe(&old->session);
    free(old);
}

static void slots_clear(struct resume *resume)
{
    while (resume->count > 0)
        resumable_free(resume->slots[--resume->count]);
}

static void resume_lock(struct resume *resume)
{
    pthread_mutex_lock(&resume->lock);
    if (resume->forks == forks)
        return;
    slots_clear(resume);
    resume->forks = forks;
}

void resume_free(struct resume *resume)
{
    if (resume == NULL)
        return;
    slots_clear(resume);
    pthread_mutex_destroy(&resume->lock);
    free(resume);
}

static struct resumable **slot_find(struct resume *resume, const char *target, bool validated)
{
    for (unsigned i = 0; i < resume->count; i++) {
        const struct resumable *one = resume->slots[i];

        if (one->validated == validated && strcmp(one->target, target) == 0)
            return &resume->slots[i];
    }
    return NULL;
}

static struct resumable **slot_of_oldest(struct resume *resume)
{
    struct resumable **oldest = resume->slots;

    for (unsigned i = 1; i < resume->count; i++)
        if (resume->slots[i]->made < (*oldest)->made)
            oldest = &resume->slots[i];
    return oldest;
}

static struct resumable **slot_choose(struct resume *resume, const struct resumable *fresh)
{
    struct resumable **slot = slot_find(resume, fresh->target, fresh->validated);

    if (slot != NULL)
        return slot;
    if (resume->count == RESUME_SLOTS)
        return slot_of_oldest(resume);
    resume->slots[resume->count] = NULL;
    return &resume->slots[resume->count++];
}

/* The last one takes its place. */
static struct resumable *slot_empty(struct resume *resume, struct resumable **slot)
{
    struct resumable *taken = *slot;

    *slot = resume->slots[--resume->count];
    return taken;
}

void resume_put(struct resume *resume, struct resumable *fresh)
{
    struct resumable **slot, *old;

    resume_lock(resume);
    slot = slot_choose(resume, fresh);
    old = *slot;
    *slot = fresh;
    pthread_mutex_unlock(&resume->lock);
    resumable_free(old);
}

struct resumable *resume_take(struct resume *resume, const char *target, bool validated,
                              time_t lifespan)
{
    struct resumable *taken = NULL, **slot;
    time_t now = time(NULL);

    resume_lock(resume);
    slot = slot_find(resume, target, validated);
    if (slot != NULL)
        taken = slot_empty(resume, slot);
    pthread_mutex_unlock(&resume->lock);
    /* A clock that was set back makes a session old as well. */
    if (taken == NULL || (now >= taken->made && now - taken->made <= lifespan))
        return taken;
    resumable_free(taken);
    return NULL;
}

bool resume_has(struct resume *resume, const char *target, bool validated, time_t now)
{
    struct resumable **slot;
    bool has;

    resume_lock(resume);
    slot = slot_find(resume, target, validated);
    has = slot != NULL && (*slot)->made == now;
    pthread_mutex_unlock(&resume->lock);
    return has;
}

void resume_forget(struct resume *resume, const char *target)
{
    resume_lock(resume);
    for (unsigned i = resume->count; i-- > 0;)
        if (target == NULL || strcmp(resume->slots[i]->target, target) == 0)
            resumable_free(slot_empty(resume, &resume->slots[i]));
    pthread_mutex_unlock(&resume->lock);
}
