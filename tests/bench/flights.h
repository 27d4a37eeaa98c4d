/* SPDX-License-Identifier: MIT */
/* Kerberos logons, both ends of each: many in flight in one thread, or one after the other. */
#ifndef TESTS_BENCH_FLIGHTS_H
#define TESTS_BENCH_FLIGHTS_H

#include <sspi.h>

struct flights;

/*
 * user NULL: by the ticket at hand. Else each logon is of its own credential, with a password,
 * which asks the KDC for two tickets.
 */
struct flights *flights_new(const char *user);
void flights_free(struct flights *flights);

/* Makes so many logons, with so many of them in flight all the time; 0: by synchronous calls. */
void flights_run(struct flights *flights, unsigned count, unsigned in_flight);

/*
 * Begins so many that stay in flight, since their KDC is silent; and lets go of them. Their threads
 * are not back before MIT's library gives up.
 */
void flights_strand(struct flights *flights, unsigned count);
void flights_let_go(struct flights *flights);

/* The same for one, by a synchronous call: as long as that waits. */
void flights_wait_for_silence(struct flights *flights);

#endif
