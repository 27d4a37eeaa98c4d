/* SPDX-License-Identifier: MIT */
/*
 * What krb5.conf and the environment say to the GSS packages.
 */
#ifndef SSPI_GSS_KRBCONF_H
#define SSPI_GSS_KRBCONF_H

#include <krb5.h>

#include "core/identity.h"

/*
 * The Kerberos principal that an identity names, e.g. alice@REALM; free() it. The domain is a realm
 * of krb5.conf (in its own or in upper case), the default realm or the default realm's first label;
 * a NetBIOS name that is none of these gives KRB5_REALM_UNKNOWN without asking anybody.
 */
krb5_error_code krbconf_principal(krb5_context context, const struct identity *identity,
                                  char **principal);

/* Whether tickets of a realm can be the identity's, whose domain may say nothing of it. */
bool krbconf_realm_fits(const struct identity *identity, const char *realm);

/* krb5.conf, and before its KDCs of one realm another one. */
struct krbconf {
    krb5_context context;
    int file; /* what says so, in memory; or -1 */
};

/*
 * Opens krb5.conf for what an identity asks a KDC for. Its kdc_url is a host, by itself the host of
 * a KDC proxy ([MS-KKDCP]), or a URL. Close it in any case.
 */
krb5_error_code krbconf_open(const struct identity *identity, struct krbconf *conf);
void krbconf_close(struct krbconf *conf);

/* Seconds that Kerberos lets clocks differ: libdefaults/clockskew. */
int krbconf_clockskew(void);

/* Milliseconds that a step may wait for a KDC: SSPI_KDC_TIMEOUT, in seconds. */
unsigned krbconf_kdc_timeout(void);

#endif
