/* SPDX-License-Identifier: MIT */
/*
 * Contexts by GSS-API with a mechanism of the plugin mech_sspi.so, for tests inside a realm: either
 * side is a GSS-API program or one of SSPI, and what passes between is octets.
 */
#ifndef TESTS_LIB_MECH_H
#define TESTS_LIB_MECH_H

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/ends.h"

enum mech_kind { MECH_NEGOTIATE, MECH_TLS, MECH_CREDSSP, MECH_COUNT };

struct mech {
    const char *name;    /* in mech_sspi.conf */
    const char *dotted;  /* the OID */
    gss_OID_desc oid;    /* the same in DER */
    const char *package; /* of SSPI */
};

extern struct mech mechs[MECH_COUNT];

/* The host that every target of these tests is on. */
#define MECH_HOST_NAME "HTTP@localhost"
#define MECH_HOST_SPN  "HTTP/localhost"

#define MECH_REQUEST                                                                               \
    (GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG | GSS_C_CONF_FLAG |               \
     GSS_C_INTEG_FLAG)

/*
 * What a suite does before anything of GSS-API is called: the mechglue is told of the plugin of
 * this build beside the mechanisms of this machine, and PEM files are made in the world's folder:
 * ca.pem, other-ca.pem (of nobody), cert.pem and key.pem (localhost), stale.pem (expired),
 * elsewhere.pem (another host), client.pem (CN=alice), client-key.pem.
 */
void mech_begin(void);

/* Keys and values of a credential store; ends with NULL. The values' texts must stay. */
struct mech_store {
    gss_key_value_element_desc elements[8];
    gss_key_value_set_desc set;
};
gss_const_key_value_set_t mech_store(struct mech_store *store, ...) __attribute__((sentinel));

/* One end by GSS-API. */
struct gss_end {
    enum mech_kind kind;
    bool accepts;
    gss_cred_id_t cred;
    gss_ctx_id_t ctx;

    /* what mech_leg() asks for */
    const char *target; /* a host-based service */
    OM_uint32 request;
    bool framed; /* mech_acquire(): the first token begins with the OID, for an acceptor by GSS-API
                  */
    gss_channel_bindings_t bindings;

    /* what came of it */
    OM_uint32 major, minor, flags, lifetime;
    gss_OID actual;
    gss_name_t source;       /* acceptor: who it is */
    gss_cred_id_t delegated; /* acceptor */
    gss_buffer_desc token;   /* to send; mech_leg() replaces it */
    unsigned legs;
};

/* Zeros, the target MECH_HOST_NAME, MECH_REQUEST, framed. */
void mech_init(struct gss_end *end, enum mech_kind kind, bool accepts);

/*
 * Acquires the credential that a test of this kind usually has: alice by password, or localhost by
 * keytab and certificate; the test fails where there is none. An initiator trusts a PEM file of the
 * world.
 */
void mech_acquire(struct gss_end *end);
void mech_acquire_trusting(struct gss_end *end, const char *ca);

/* The same with a store and, unless NULL, a user's name. What gss_acquire_cred_from() says. */
OM_uint32 mech_acquire_from(struct gss_end *end, const char *user, gss_const_key_value_set_t store);

/* One call, with a token or, for the initiator's first, none. */
OM_uint32 mech_leg(struct gss_end *end, const void *token, size_t size);

/* Legs of both until both are done, one has failed, or nothing moves. True when both are done. */
bool mech_shake(struct gss_end *initiator, struct gss_end *acceptor);

/* The same, and the test fails with what was said when it does not work. */
void mech_establish(struct gss_end *initiator, struct gss_end *acceptor);

/* The same with a program of SSPI on one side, as ends.h has it. */
bool mech_shake_sspi(struct gss_end *gss, struct end *sspi);
void mech_establish_sspi(struct gss_end *gss, struct end *sspi);

/* What an SSPI end of this kind usually has; the partner of mech_acquire(). */
void mech_acquire_sspi(struct end *end, enum mech_kind kind, bool is_server);
void mech_acquire_sspi_as(struct end *end, enum mech_kind kind, bool is_server,
                          const char *password);

/* Deletes the context and what came of it; the credential as well. */
void mech_close(struct gss_end *end);
void mech_free(struct gss_end *end);

/* Seals text with gss_wrap() and opens it with gss_unwrap(), confidential. */
void mech_message(struct gss_end *from, struct gss_end *to, const char *text);

/*
 * The header of an initiator's first token (RFC 2743 3.1), which tells the mechglue whose it is and
 * which SSPI does not know: how long it is, 0 where there is none; and how one is made (max 32).
 */
size_t mech_header_size(const struct gss_end *end, const void *token, size_t size);
size_t mech_header_make(enum mech_kind kind, size_t size, uint8_t *header);

/* Majors, with the texts of both statuses when it is another. */
void mech_is(const struct gss_end *end, OM_uint32 want);
#define MECH_IS(major, minor, want) mech_major_is((major), (minor), (want), __func__, __LINE__)
void mech_major_is(OM_uint32 major, OM_uint32 minor, OM_uint32 want, const char *where, int line);

/* The text of a minor status; a static buffer. */
const char *mech_minor_text(OM_uint32 minor);

/* A name's text as gss_display_name() gives it; a static buffer. */
const char *mech_name_text(gss_name_t name);

#endif
