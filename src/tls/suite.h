/* SPDX-License-Identifier: MIT */
/* What a connection uses, by the numbers and names that Windows has for it. */
#ifndef SSPI_TLS_SUITE_H
#define SSPI_TLS_SUITE_H

#include "tls/tlspkg.h"

/* A name as IANA registers it, which is also Windows', and its number. */
struct suite {
    WORD id;
    const char *name;
};

struct suite_cipher {
    const char *name; /* CNG's */
    ALG_ID id;        /* 0: Windows has none */
    DWORD bits, block;
};

struct suite_hash {
    const char *name;
    ALG_ID id;
    DWORD bits; /* 0: it makes no MACs */
};

struct suite_exchange {
    const char *name;
    ALG_ID id;
    DWORD bits;        /* of this connection's */
    DWORD least, most; /* of any with this suite */
};

/* Of an established session. What has no row is described by zeros and "". */
DWORD suite_protocol(gnutls_session_t session, bool inbound); /* one SP_PROT_* */
struct suite suite_of(gnutls_session_t session);
struct suite_cipher suite_cipher_of(gnutls_session_t session);
struct suite_hash suite_hash_of(gnutls_session_t session);
struct suite_exchange suite_exchange_of(gnutls_session_t session, bool inbound);

/* The kind of certificate that the suite is for: "RSA", "ECDSA", or "" where any will do (TLS 1.3).
 */
const char *suite_certificate_of(gnutls_session_t session);

#endif
