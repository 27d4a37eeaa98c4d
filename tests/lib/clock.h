/* SPDX-License-Identifier: MIT */
/* A clock that a test can set. */
#ifndef TESTS_LIB_CLOCK_H
#define TESTS_LIB_CLOCK_H

/*
 * From now on the whole process sees a clock that is so many seconds ahead (or, negative, behind)
 * of the machine's. 0 is the true time again. Waiting is not affected: that goes by the monotonic
 * clock.
 */
void clock_shift(long seconds);

#endif
