/* SPDX-License-Identifier: MIT */
/*
 * Sessions that a client may take up again. Windows asks for the same process, credential and
 * target, and a session that has not expired; and one that was looked at by nobody (MANUAL
 * validation) must not become one that counts as looked at. Each credential has a cache of its own.
 */
#ifndef SSPI_TLS_RESUME_H
#define SSPI_TLS_RESUME_H

#include <gnutls/gnutls.h>
#include <pthread.h>
#include <stdbool.h>
#include <time.h>

#define RESUME_SLOTS 32

struct resumable {
    gnutls_datum_t session; /* with its secrets: wiped */
    time_t made;
    bool validated;
    char target[];
};

struct resume {
    pthread_mutex_t lock;
    unsigned forks; /* that had been when what is here was kept */
    unsigned count; /* of slots that are filled, the first; the oldest session goes */
    struct resumable *slots[RESUME_SLOTS];
};

/* NULL when there is no memory, and freed with NULL allowed. */
struct resume *resume_new(void);
void resume_free(struct resume *resume);

/* One that holds no session yet, made now; NULL when there is no memory. Freed with NULL allowed.
 */
struct resumable *resumable_new(const char *target);
void resumable_free(struct resumable *);

/* Keeps one, which is the cache's from now on; an older one of the same kind goes. */
void resume_put(struct resume *resume, struct resumable *fresh);

/*
 * Takes one out that is no older than lifespan seconds; tickets are for one use (RFC 8446 C.4). The
 * caller frees it or gives it back.
 */
struct resumable *resume_take(struct resume *resume, const char *target, bool validated,
                              time_t lifespan);

/* Is there one that was made now? */
bool resume_has(struct resume *resume, const char *target, bool validated, time_t now);

/* Forgets those of a target; NULL: all. */
void resume_forget(struct resume *resume, const char *target);

void resume_wipe(gnutls_datum_t *session);

#endif
