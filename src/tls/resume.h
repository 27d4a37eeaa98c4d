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

struct resume_slot {
    char *target;
    bool validated;
    time_t made;
    gnutls_datum_t session; /* with its secrets: wiped */
};

struct resume {
    pthread_mutex_t lock;
    unsigned forks; /* that had been when what is here was kept */
    unsigned next;  /* the slot to be filled next: the oldest goes */
    struct resume_slot slots[RESUME_SLOTS];
};

/* NULL when there is no memory, and freed with NULL allowed. */
struct resume *resume_new(void);
void resume_free(struct resume *resume);

/* Keeps a session, which is the cache's from now on; an older one of the same kind goes. */
void resume_put(struct resume *resume, const char *target, bool validated, gnutls_datum_t *session);

/*
 * Takes one out that is no older than lifespan seconds; tickets are for one use (RFC 8446 C.4). The
 * caller wipes it with resume_wipe().
 */
bool resume_take(struct resume *resume, const char *target, bool validated, time_t lifespan,
                 gnutls_datum_t *session);

/* Forgets those of a target; NULL: all. */
void resume_forget(struct resume *resume, const char *target);

void resume_wipe(gnutls_datum_t *session);

#endif
