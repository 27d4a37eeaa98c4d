/* SPDX-License-Identifier: MIT */
/*
 * CredSSP behind TLS: the input says what a peer does that has a key and an account, message by
 * message. First octet: TLS 1.2 or 1.3 (1), NTLM or Kerberos (2), the peer's version (4 8 16); then
 * acts, see the table in credssp_play.c.
 */
#ifndef FUZZ_CREDSSP_PLAY_H
#define FUZZ_CREDSSP_PLAY_H

#include "fuzz.h"

/* Once in a process; whose part the peer plays. */
void credssp_play_open(bool peer_serves);

/* Whether the logon was completed. */
bool credssp_play(const uint8_t *data, size_t size);

/* What an act begins with. */
enum credssp_act {
    ACT_HONEST, /* the message that is due */
    ACT_RAW,    /* a chunk in its place, in a record of its own */
    ACT_ALTER,  /* which octet (2), its bits (1) */
    ACT_CUT,    /* so many octets (2) in one record, the others in another */
    ACT_SEAL,   /* a chunk that is sealed in place of the binding or the credentials */
    ACT_FIELDS, /* version (1), which fields go (1), a chunk for those that come (1) */
    ACT_ADD,    /* a chunk behind the message, in its record */
    ACT_CLOSE,  /* the end of TLS */
    ACTS
};

#endif
