/* SPDX-License-Identifier: MIT */
/*
 * A Kerberos realm that consists of one key: who has a service's key can make tickets for it, so no
 * KDC is needed.  And NTLM accounts in a file.
 */
#include "fuzz.h"

#include <krb5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SERVICE "HTTP/localhost@" FUZZ_REALM
#define CLIENT  "alice@" FUZZ_REALM
#define BEGIN   1577836800 /* 2020 */
#define END     2145916800 /* 2038, where 32 bits end */

/* Of libkrb5, which exports them for KDCs; its header does not declare them. */
krb5_error_code krb5_encrypt_tkt_part(krb5_context context, const krb5_keyblock *key,
                                      krb5_ticket *ticket);
krb5_error_code encode_krb5_ticket(const krb5_ticket *ticket, krb5_data **code);

static void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "fuzz: no world: %s\n", what);
    exit(EXIT_FAILURE);
}

/*
 * A file in memory under a name that is the same in every process: an exported Kerberos context has
 * the name of krb5.conf in it, and is imported only where that can be read.
 */
static void make_file(int fd, const char *text)
{
    int memory = memfd_create("fuzz", MFD_CLOEXEC);
    size_t length = strlen(text);

    must(memory >= 0 && write(memory, text, length) == (ssize_t)length && dup2(memory, fd) == fd &&
             close(memory) == 0,
         "no file in memory");
}

static void set_environment(void)
{
    make_file(200, "[libdefaults]\n"
                   "  default_realm = " FUZZ_REALM "\n"
                   "  dns_lookup_kdc = false\n"
                   "  dns_lookup_realm = false\n"
                   "  dns_uri_lookup = false\n"
                   "  dns_canonicalize_hostname = false\n"
                   "  rdns = false\n"
                   "  clockskew = 1000000000\n"
                   "[domain_realm]\n"
                   "  localhost = " FUZZ_REALM "\n");
    make_file(201, FUZZ_DOMAIN ":alice:" FUZZ_PASSWORD "\n" FUZZ_DOMAIN ":bob:another password\n");
    setenv("KRB5_CONFIG", "/dev/fd/200", 1);
    setenv("NTLM_USER_FILE", "/dev/fd/201", 1);
    setenv("KRB5CCNAME", "MEMORY:fuzz", 1);
    setenv("KRB5_KTNAME", "MEMORY:fuzz", 1);
    setenv("KRB5_CLIENT_KTNAME", "FILE:/dev/null", 1);
    setenv("KRB5RCACHENAME", "none:", 1);
    setenv("NETBIOS_COMPUTER_NAME", "SRV", 1);
    setenv("NETBIOS_DOMAIN_NAME", FUZZ_DOMAIN, 1);
    unsetenv("KRB5_TRACE");
}

/* The same in every process, so that kept tokens open. */
static void fixed_key(krb5_keyblock *key, uint8_t *contents, uint8_t fill)
{
    memset(contents, fill, 32);
    *key = (krb5_keyblock){.enctype = ENCTYPE_AES256_CTS_HMAC_SHA1_96, .length = 32};
    key->contents = contents;
}

static void add_key(krb5_context context, krb5_principal server, krb5_keyblock *key)
{
    static krb5_keytab table; /* open as long as the process lives: it is in memory */
    krb5_keytab_entry entry = {.principal = server, .vno = 1, .key = *key};

    must(krb5_kt_resolve(context, "MEMORY:fuzz", &table) == 0 &&
             krb5_kt_add_entry(context, table, &entry) == 0,
         "no key table");
}

static void forge_ticket(krb5_context context, krb5_ccache cache, krb5_principal client,
                         krb5_principal server, krb5_keyblock *key)
{
    uint8_t session_bytes[32];
    krb5_keyblock session;
    krb5_ticket_times times = {BEGIN, BEGIN, END, 0};
    krb5_enc_tkt_part part = {.client = client, .times = times};
    krb5_ticket ticket = {.server = server, .enc_part = {.kvno = 1}, .enc_part2 = &part};
    krb5_creds creds = {.client = client, .server = server, .times = times};
    krb5_data *encoded = NULL;

    fixed_key(&session, session_bytes, 0x5e);
    part.session = &session;
    part.flags = creds.ticket_flags = TKT_FLG_INITIAL | TKT_FLG_PRE_AUTH;
    part.transited.tr_type = 1;
    creds.keyblock = session;
    must(krb5_encrypt_tkt_part(context, key, &ticket) == 0 &&
             encode_krb5_ticket(&ticket, &encoded) == 0,
         "no ticket");
    creds.ticket = *encoded;
    must(krb5_cc_store_cred(context, cache, &creds) == 0, "no credential");
    krb5_free_data(context, encoded);
    free(ticket.enc_part.ciphertext.data);
}

static void forge_credentials(krb5_context context)
{
    static krb5_ccache cache; /* as the key table */
    krb5_principal client = NULL, service = NULL, tgs = NULL;
    uint8_t key_bytes[32];
    krb5_keyblock key;

    must(krb5_parse_name(context, CLIENT, &client) == 0 &&
             krb5_parse_name(context, SERVICE, &service) == 0 &&
             krb5_parse_name(context, "krbtgt/" FUZZ_REALM "@" FUZZ_REALM, &tgs) == 0,
         "no names");
    fixed_key(&key, key_bytes, 0xa5);
    add_key(context, service, &key);
    must(krb5_cc_default(context, &cache) == 0 && krb5_cc_initialize(context, cache, client) == 0,
         "no cache");
    forge_ticket(context, cache, client, tgs, &key);
    forge_ticket(context, cache, client, service, &key);
    krb5_free_principal(context, client);
    krb5_free_principal(context, service);
    krb5_free_principal(context, tgs);
}

void fuzz_world(void)
{
    static krb5_context context; /* stays: the cache points to it */

    set_environment();
    must(krb5_init_context(&context) == 0, "no krb5");
    forge_credentials(context);
}
