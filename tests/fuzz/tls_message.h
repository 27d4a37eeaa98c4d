/* SPDX-License-Identifier: MIT */
/* The input of the target tls_message: what the ends are (1, TLS_MESSAGE_*), then acts, one octet
 * each with what belongs to it. */
#ifndef FUZZ_TLS_MESSAGE_H
#define FUZZ_TLS_MESSAGE_H

#define TLS_MESSAGE_1_3    0x01
#define TLS_MESSAGE_SERVER 0x02 /* our end is */
#define TLS_MESSAGE_CIPHER 0x0c /* one of four */

enum tls_act {
    TLS_ACT_RAW,   /* a chunk of octets arrives */
    TLS_ACT_SEAL,  /* a type (1), padding (1) and a chunk: the peer seals them, whatever they are */
    TLS_ACT_ALTER, /* a place (2) in what has arrived, and the bits (1) that are turned over */
    TLS_ACT_HEAR,  /* we decrypt what has arrived */
    TLS_ACT_SAY,   /* we encrypt a chunk, and the peer hears it */
    TLS_ACT_KEYS,  /* the peer takes new keys, and wants ours (1) */
    TLS_ACTS
};

#endif
