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

static void slot_clear(struct resume_slot *slot)
{
    resume_wipe(&slot->session);
    free(slot->target);
    memset(slot, 0, sizeof(*slot));
}

static void slots_clear(struct resume *resume)
{
    for (unsigned i = 0; i < RESUME_SLOTS; i++)
        slot_clear(&resume->slots[i]);
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

static struct resume_slot *slot_find(struct resume *resume, const char *target, bool validated)
{
    for (unsigned i = 0; i < RESUME_SLOTS; i++) {
        struct resume_slot *slot = &resume->slots[i];

        if (slot->target != NULL && slot->validated == validated &&
            strcmp(slot->target, target) == 0)
            return slot;
    }
    return NULL;
}

static struct resume_slot *slot_choose(struct resume *resume, const char *target, bool validated)
{
    struct resume_slot *slot = slot_find(resume, target, validated);

    if (slot != NULL)
        return slot;
    return &resume->slots[resume->next++ % RESUME_SLOTS];
}

void resume_put(struct resume *resume, const char *target, bool validated, gnutls_datum_t *session)
{
    struct resume_slot fresh = {strdup(target), validated, time(NULL), *session};
    struct resume_slot *slot, old;

    memset(session, 0, sizeof(*session));
    if (fresh.target == NULL) {
        slot_clear(&fresh);
        return;
    }
    resume_lock(resume);
    slot = slot_choose(resume, target, validated);
    old = *slot;
    *slot = fresh;
    pthread_mutex_unlock(&resume->lock);
    slot_clear(&old);
}

bool resume_take(struct resume *resume, const char *target, bool validated, time_t lifespan,
                 gnutls_datum_t *session)
{
    struct resume_slot *slot, old = {.target = NULL};
    time_t now = time(NULL);

    resume_lock(resume);
    slot = slot_find(resume, target, validated);
    if (slot != NULL) {
        old = *slot;
        memset(slot, 0, sizeof(*slot));
    }
    pthread_mutex_unlock(&resume->lock);
    *session = (gnutls_datum_t){NULL, 0};
    /* A clock that was set back makes a session old as well. */
    if (old.target != NULL && now >= old.made && now - old.made <= lifespan) {
        *session = old.session;
        old.session = (gnutls_datum_t){NULL, 0};
    }
    slot_clear(&old);
    return session->data != NULL;
}

void resume_forget(struct resume *resume, const char *target)
{
    resume_lock(resume);
    for (unsigned i = 0; i < RESUME_SLOTS; i++) {
        struct resume_slot *slot = &resume->slots[i];

        if (slot->target != NULL && (target == NULL || strcmp(slot->target, target) == 0))
            slot_clear(slot);
    }
    pthread_mutex_unlock(&resume->lock);
}
