/* SPDX-License-Identifier: MIT */
/* Our end against a bare one. */
#include "lib/duel.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void duel_open(struct duel *duel, bool ours_serves, const char *priority, unsigned key)
{
    memset(duel, 0, sizeof(*duel));
    ident_make(&duel->ident, "CN=localhost", key);
    stream_init(&duel->ours, ours_serves);
    bare_open(&duel->theirs, !ours_serves, priority, NULL, &duel->ours.in);
    if (!ours_serves)
        ident_give(&duel->ident, &duel->theirs);
}

void duel_begin(struct duel *duel, bool ours_serves, DWORD protocols, const char *priority,
                unsigned key)
{
    duel_open(duel, ours_serves, priority, key);
    ck_assert_int_eq(ident_acquire(&duel->ours, protocols, ours_serves ? &duel->ident : NULL, 0),
                     SEC_E_OK);
}

SECURITY_STATUS duel_shake(struct duel *duel)
{
    bare_shake(&duel->theirs, &duel->ours);
    return duel->ours.status;
}

void duel_meet(struct duel *duel, bool ours_serves, DWORD protocols, const char *priority,
               unsigned key)
{
    duel_begin(duel, ours_serves, protocols, priority, key);
    ck_assert_int_eq(bare_shake(&duel->theirs, &duel->ours), 0);
    ck_assert_int_eq(duel->ours.status, SEC_E_OK);
}

void duel_end(struct duel *duel)
{
    stream_free(&duel->ours);
    bare_close(&duel->theirs);
    ident_free(&duel->ident);
    certs_end();
}

void duel_root(gnutls_x509_crt_t root, char path[DUEL_PATH])
{
    gnutls_datum_t pem;
    FILE *file;
    int number;

    strcpy(path, "/tmp/tls-root-XXXXXX");
    number = mkstemp(path);
    ck_assert_int_ge(number, 0);
    file = fdopen(number, "w");
    ck_assert_int_eq(gnutls_x509_crt_export2(root, GNUTLS_X509_FMT_PEM, &pem), 0);
    ck_assert_uint_eq(fwrite(pem.data, 1, pem.size, file), pem.size);
    fclose(file);
    gnutls_free(pem.data);
    setenv("SSPI_CERT_ROOT", path, 1);
}
