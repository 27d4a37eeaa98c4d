/* SPDX-License-Identifier: MIT */
/*
 * Logons over streams, as many at once as there are connections, in one thread: what the examples
 * for event loops share. The loop moves octets; the legs are asynchronous calls, whose ends come to
 * a descriptor that the loop watches like any connection. Not for Windows, which has these calls
 * for drivers only.
 */
#ifndef EXAMPLES_LOGONS_H
#define EXAMPLES_LOGONS_H

#include <sspi.h>
#include <stddef.h>

/* One side of all of them. */
struct logons {
    CredHandle credential;
    const char *target; /* NULL: a server's */
    sspi_async_queue *queue;
    unsigned count;                     /* to be made */
    unsigned begun, done, failed, most; /* most: at once */
};

enum logon_state {
    LOGON_WAITS, /* for the peer's frame */
    LOGON_WORKS, /* a leg is under way */
    LOGON_DONE,
    LOGON_FAILED
};

struct logon {
    struct logons *all;
    void *connection; /* the loop's own */
    enum logon_state state;
    unsigned char *out; /* a frame for the peer, to be sent and freed with logon_sent() */
    size_t out_size;

    SspiAsyncContext *async;
    CtxtHandle context; /* zeros: none yet */
    unsigned char *in;  /* what has come of the peer's frames: a length in four octets, a token */
    size_t in_size;
    SecBuffer token; /* where the leg's results go: they must last as long as the async context */
    SecBufferDesc tokens;
    ULONG attributes;
    TimeStamp expiry;
};

/* Acquires the credential, the default one. 0, or -1 after a complaint. */
int logons_open(struct logons *all, char *package, const char *target, unsigned count);
void logons_close(struct logons *all);

/* Prints how it went. 0 when all were made. */
int logons_report(const struct logons *all);

/* A new one, or NULL without memory. A client's first leg begins with logon_feed(logon, NULL, 0).
 */
struct logon *logon_new(struct logons *all, void *connection);
void logon_free(struct logon *logon);

/* Octets from the peer, whose turn it is: they begin a leg once they make a frame. */
void logon_feed(struct logon *logon, const void *octets, size_t size);

/* One whose leg is done: it may have a frame for the peer now, or be at its end; NULL: no more. */
struct logon *logons_next(struct logons *all);

void logon_sent(struct logon *logon);

/* As many descriptors as the system allows. */
void descriptors_raise(void);

#endif
