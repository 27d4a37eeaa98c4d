/* SPDX-License-Identifier: MIT */
/* Tickets and keys of the realm, in memory or in its files. */
#include "bench/creds.h"

#include <krb5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/measure.h"
#include "bench/pairs.h"

static struct {
    char *cache_file, *keytab_file;
} files;

#define CACHE_MEMORY  "MEMORY:bench"
#define KEYTAB_MEMORY "MEMORY:bench"

static void krb5_check(krb5_context context, const char *call, krb5_error_code code)
{
    if (code != 0)
        die("%s: %s", call, krb5_get_error_message(context, code));
}

static void cache_copy(krb5_context context)
{
    krb5_ccache file, memory;
    krb5_principal principal;

    krb5_check(context, "krb5_cc_default", krb5_cc_default(context, &file));
    krb5_check(context, "krb5_cc_resolve", krb5_cc_resolve(context, CACHE_MEMORY, &memory));
    krb5_check(context, files.cache_file, krb5_cc_get_principal(context, file, &principal));
    krb5_check(context, "krb5_cc_initialize", krb5_cc_initialize(context, memory, principal));
    krb5_check(context, "krb5_cc_copy_creds", krb5_cc_copy_creds(context, file, memory));
    krb5_free_principal(context, principal);
    krb5_cc_close(context, file);
    krb5_cc_close(context, memory);
}

/*
 * The keys of the one service: libkrb5 tries a keytab's keys in turn, a MEMORY one's in reverse
 * order. The copy stays open: it would end with its last handle.
 */
static void keytab_copy(krb5_context context)
{
    krb5_keytab file, memory;
    krb5_keytab_entry entry;
    krb5_principal service;
    krb5_kt_cursor cursor;

    krb5_check(context, "krb5_kt_default", krb5_kt_default(context, &file));
    krb5_check(context, "krb5_kt_resolve", krb5_kt_resolve(context, KEYTAB_MEMORY, &memory));
    krb5_check(context, TARGET_SPN, krb5_parse_name(context, TARGET_SPN, &service));
    krb5_check(context, files.keytab_file, krb5_kt_start_seq_get(context, file, &cursor));
    while (krb5_kt_next_entry(context, file, &entry, &cursor) == 0) {
        if (krb5_principal_compare(context, entry.principal, service))
            krb5_check(context, "krb5_kt_add_entry", krb5_kt_add_entry(context, memory, &entry));
        krb5_free_keytab_entry_contents(context, &entry);
    }
    krb5_kt_end_seq_get(context, file, &cursor);
    krb5_free_principal(context, service);
    krb5_kt_close(context, file);
}

static char *variable(const char *name)
{
    const char *value = getenv(name);

    if (value == NULL)
        die("%s is not set: this runs inside tests/world/with-realm", name);
    return strdup(value);
}

void credentials_copy(void)
{
    krb5_context context;

    files.cache_file = variable("KRB5CCNAME");
    files.keytab_file = variable("KRB5_KTNAME");
    if (krb5_init_context(&context) != 0)
        die("krb5_init_context failed");
    cache_copy(context);
    keytab_copy(context);
}

/* A replay cache is a file that every context writes to: neither side has one. */
void credentials_use(bool from_files, const char *accounts)
{
    char path[512];

    setenv("KRB5CCNAME", from_files ? files.cache_file : CACHE_MEMORY, 1);
    setenv("KRB5_KTNAME", from_files ? files.keytab_file : KEYTAB_MEMORY, 1);
    setenv("KRB5RCACHENAME", "none:", 1);
    if ((size_t)snprintf(path, sizeof(path), "%s/%s", getenv("WORLD"), accounts) >= sizeof(path))
        die("WORLD is too long");
    setenv("NTLM_USER_FILE", path, 1);
}
