/* SPDX-License-Identifier: MIT */
/*
 * A call chain that can stop half-way and go on later: GnuTLS asks for a client's certificate by a
 * callback and cannot be told to wait, while SSPI has the caller fetch one between two calls
 * (SEC_I_INCOMPLETE_CREDENTIALS). So the handshake runs on a stack of its own and parks in there.
 */
#ifndef SSPI_TLS_FIBER_H
#define SSPI_TLS_FIBER_H

#include <stdbool.h>

struct fiber;

/*
 * Makes a fiber that will call run(argument) on a stack of its own, with a guard page below. The
 * first fiber_resume() starts it. NULL when there is no memory.
 */
struct fiber *fiber_new(void (*run)(void *argument), void *argument);

/* Wipes what one that has ended has left on its stack: the next to run is somebody else's. */
void fiber_wipe(struct fiber *fiber);

/* Gives one that has ended something new to run; its stack is mapped already. */
void fiber_renew(struct fiber *fiber, void (*run)(void *argument), void *argument);

/*
 * What is parked may go on in another thread, so no frame of it may have kept the address of a
 * thread's own data (errno, say) across the call that parks. GnuTLS' handshake keeps none there.
 */

/*
 * Runs it, on any thread, until it parks or ends; never from inside itself. True when it has ended.
 * Returns in the thread that called, whatever the fiber's own past.
 */
bool fiber_resume(struct fiber *fiber);

/* Only from inside: goes back to whoever resumed it. */
void fiber_park(struct fiber *fiber);

/* Frees one that has ended or never started. One that is parked must be led to its end first. NULL
 * is allowed. */
void fiber_free(struct fiber *fiber);

#endif
