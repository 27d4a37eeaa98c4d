/* SPDX-License-Identifier: MIT */
/*
 * A peer that is bare GSS-API: one end of a pair (lib/pair.h) is ours, the other is gss_* calls.
 */
#ifndef TESTS_LIB_GSSPEER_H
#define TESTS_LIB_GSSPEER_H

#include <gssapi/gssapi.h>
#include <stdbool.h>

#include "lib/pair.h"

extern const gss_OID gsspeer_krb5, gsspeer_ntlm, gsspeer_spnego;

struct gsspeer {
    gss_cred_id_t cred;
    gss_ctx_id_t context;
    OM_uint32 flags;
};

/* The pair's client against a GSS acceptor; it must come to be. SPNEGO may choose only this
 * mechanism when it is not NULL. */
void gsspeer_accept(struct gsspeer *peer, struct pair *pair, gss_OID mech, gss_OID only);

/* A GSS initiator for HTTP@localhost against the pair's server. */
void gsspeer_initiate(struct gsspeer *peer, struct pair *pair, gss_OID mech, gss_OID only,
                      OM_uint32 flags);

/* The same leg by leg: the initiator's credential, then a token for pair->to_server from what is in
 * pair->to_client. The major status, which is no error. */
void gsspeer_open(struct gsspeer *peer, gss_OID mech, gss_OID only);
OM_uint32 gsspeer_leg(struct gsspeer *peer, struct pair *pair, gss_OID mech, OM_uint32 flags);

void gsspeer_free(struct gsspeer *peer);

#endif
