/* SPDX-License-Identifier: MIT */
/* The realm MUTE.TEST, whose KDC lets everybody wait until it is told not to. */
#ifndef TESTS_LIB_MUTE_H
#define TESTS_LIB_MUTE_H

#define MUTE_REALM "MUTE.TEST"

struct mute {
    int tcp, udp;
};

/* KRB5_CONFIG knows this realm from now on, beside those it knew. */
void mute_open(struct mute *mute);

/* Who waits by TCP is refused, by UDP gets nonsense; everybody after is refused. */
void mute_close(struct mute *mute);

#endif
