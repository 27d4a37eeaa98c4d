/* SPDX-License-Identifier: MIT */
/*
 * A client and a server that keep their credentials: one by SSPI, one by bare GSS-API, asking for
 * the same.
 */
#ifndef TESTS_BENCH_PAIRS_H
#define TESTS_BENCH_PAIRS_H

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <sspi.h>
#include <stdbool.h>

/* The service that every client asks for, in the spelling of SSPI. */
#define TARGET_SPN "HTTP/localhost"

enum {
    SETTING_MUTUAL = 1,      /* asks for mutual authentication */
    SETTING_SERVER_NTLM = 2, /* the server has no Kerberos key: SPNEGO ends at NTLM */
    SETTING_CANONICAL = 4    /* the bare side, too, canonicalises the target's name beforehand */
};

/* What is compared: a package, and what bare GSS-API says for it. */
struct setting {
    const char *name, *package;
    gss_OID mech; /* of the bare side */
    unsigned traits;
};

extern gss_OID_desc mech_krb5[1], mech_ntlm[1], mech_spnego[1];

struct sspi_end {
    CredHandle client, server;
    ULONG flags;
};

struct gss_end {
    gss_cred_id_t client, server;
    gss_name_t target;
    gss_OID mech;
    OM_uint32 flags;
};

/*
 * Credentials, and for the bare side the target's name, are acquired once. identity is the client's
 * SEC_WINNT_AUTH_IDENTITY_EXA; NULL: whoever is logged on.
 */
void sspi_acquire(const struct setting *setting, void *identity, struct sspi_end *end);
void gss_acquire(const struct setting *setting, struct gss_end *end);
void sspi_release(struct sspi_end *end);
void gss_release(struct gss_end *end);

/* One context on both ends, established by the tokens each side gives. */
void sspi_establish(struct sspi_end *end, CtxtHandle *client, CtxtHandle *server);
void gss_establish(struct gss_end *end, gss_ctx_id_t *client, gss_ctx_id_t *server);
void sspi_delete(CtxtHandle *client, CtxtHandle *server);
void gss_delete(gss_ctx_id_t *client, gss_ctx_id_t *server);

#endif
