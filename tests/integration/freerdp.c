/* SPDX-License-Identifier: MIT */
/*
 * The library as FreeRDP's SSPI module: loaded as FreeRDP loads it, called as FreeRDP 2.11.7, 3.15
 * and 3.31 call it, both as client and as server, and against WinPR's own NTLM in the other role.
 * The numbers at the tests are of the traps that such a module can fall into:
 *   1 names that libwinpr2 has as well     2 names of packages       3 the trailer's size
 *   4 messages in place                    5 the first client leg    6 the output buffer
 *   7 handles and who frees them when      8 impersonation           9 raw NTLM in Negotiate
 *   10 a last token of the server          11 refusals by the leg itself
 * Two more (12, 13) are of FreeRDP's own programs.
 */
#include "freerdp.h"

#include <dlfcn.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/check_main.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(*(table))))

#define TOKEN_MAX   65536
#define TRAILER_MAX 256
#define MESSAGE_MAX 64

#define assert_is(got, expected)                                                                   \
    do {                                                                                           \
        status_t got_ = (got), expected_ = (expected);                                             \
        ck_assert_msg(got_ == expected_, "%s is 0x%08x, not 0x%08x", #got, (unsigned)got_,         \
                      (unsigned)expected_);                                                        \
    } while (0)

/* --- Two implementations -------------------------------------------------------------------- */

/* As FreeRDP does it; WinPR's own comes the same way. Nothing is linked. */
static void **table_load(const char *path)
{
    void *library = dlopen(path, RTLD_LOCAL | RTLD_LAZY), *found;
    void **(*start)(void);

    ck_assert_msg(library != NULL, "%s", dlerror());
    found = dlsym(library, "InitSecurityInterfaceA");
    ck_assert_ptr_nonnull(found);
    memcpy((void *)&start, (void *)&found, sizeof(start));
    return start();
}

static void **ours(void)
{
    char path[4096];

    ck_assert_ptr_nonnull(getenv("TEST_BUILDDIR"));
    snprintf(path, sizeof(path), "%s/../src/.libs/libsspi.so.0", getenv("TEST_BUILDDIR"));
    return table_load(path);
}

static void **winprs(void)
{
    setenv("WLOG_LEVEL", "OFF", 1);
    return table_load("libwinpr2.so.2");
}

/* Where it is not installed, what needs it is left out, and said so. */
static bool has_winpr(void)
{
    void *library = dlopen("libwinpr2.so.2", RTLD_LOCAL | RTLD_LAZY);

    if (library == NULL) {
        printf("# without WinPR (Debian: libwinpr2-2): %s\n", dlerror());
        return false;
    }
    dlclose(library);
    return true;
}

/* --- What is passed ------------------------------------------------------------------------- */

enum form { FORM_2, FORM_3, FORM_31 };

static const struct release {
    const char *name;
    enum form form;
    uint32_t isc, asc;
    bool empty_first;      /* an EMPTY buffer in the first leg, one variable for both flags */
    bool credential_first; /* freed before the context */
    uint32_t hostname_length;
} releases[] = {
    {"2.11.7", FORM_2, 0x32, 0x883e, false, true, 0},
    {"3.15", FORM_3, 0x12, 0x883a, true, false, 0},
    {"3.31", FORM_31, 0x12, 0x883a, true, false, ATTR_HOSTNAME_LEN},
};

static wchar16 *wide(const char *text, uint32_t *length)
{
    wchar16 *made = calloc(strlen(text) + 1, sizeof(*made));

    ck_assert_ptr_nonnull(made);
    for (*length = 0; text[*length] != '\0'; (*length)++)
        made[*length] = (unsigned char)text[*length];
    return made;
}

/* All three forms; the settings belong to the caller. */
struct passed {
    union {
        struct identity_2 two;
        struct identity_ex ex;
        struct identity_3 three;
        struct identity_31 later;
    } identity;
    struct ntlm_1 ntlm1;
    struct kerberos_1 kerberos1;
    struct ntlm_2 ntlm2;
    struct kerberos_2 kerberos2;
};

static void passed_link(struct passed *passed, enum form form)
{
    struct identity_ex *ex = &passed->identity.ex;

    if (form == FORM_2) {
        passed->identity.two.flags = 0x2;
        return;
    }
    ex->version = 0x200;
    ex->length = sizeof(*ex);
    if (form == FORM_3) {
        ex->flags = 0x102;
        passed->identity.three.ntlm = &passed->ntlm1;
        passed->identity.three.kerberos = &passed->kerberos1;
    } else {
        ex->flags = 0x202;
        passed->identity.later.version = 1;
        passed->identity.later.ntlm = &passed->ntlm2;
        passed->identity.later.kerberos = &passed->kerberos2;
        passed->ntlm2.size = sizeof(passed->ntlm2);
        passed->kerberos2.size = sizeof(passed->kerberos2);
    }
}

static void passed_user(struct passed *passed, enum form form, const char *user, const char *domain,
                        const char *password)
{
    struct identity_2 *two = &passed->identity.two;
    struct identity_ex *ex = &passed->identity.ex;

    memset(passed, 0, sizeof(*passed));
    passed_link(passed, form);
    if (form == FORM_2) {
        two->user = wide(user, &two->user_length);
        two->domain = wide(domain, &two->domain_length);
        two->password = wide(password, &two->password_length);
        return;
    }
    ex->user = wide(user, &ex->user_length);
    if (*domain != '\0')
        ex->domain = wide(domain, &ex->domain_length);
    ex->password = wide(password, &ex->password_length);
}

static void passed_free(struct passed *passed, enum form form)
{
    struct identity_2 *two = &passed->identity.two;
    struct identity_ex *ex = &passed->identity.ex;

    free(form == FORM_2 ? two->user : ex->user);
    free(form == FORM_2 ? two->domain : ex->domain);
    free(form == FORM_2 ? two->password : ex->password);
}

/* --- One side ------------------------------------------------------------------------------- */

struct side {
    void **table;
    const struct release *release;
    struct handle credential, context;
    bool has_context;
    uint32_t flags;
    struct package_info *package;
    struct sizes sizes;
    char *sam_file; /* a 2.11 server's */
    hash_function hash;
    void *hash_argument;
    uint32_t sequence_out, sequence_in;
};

/* A token on its way. */
struct wire {
    uint8_t data[TOKEN_MAX];
    uint32_t size;
};

static void side_open(struct side *side, uint32_t use, void *identity)
{
    static char negotiate[] = "Negotiate";
    struct stamp expiry;

    assert_is(CALL(side->table, SLOT_QUERY_PACKAGE, query_package_fn)(negotiate, &side->package),
              OK);
    ck_assert_str_eq(side->package->name, "Negotiate");
    ck_assert_uint_le(side->package->max_token, TOKEN_MAX);
    memset(&side->credential, 0xff, sizeof(side->credential));
    memset(&side->context, 0xff, sizeof(side->context));
    assert_is(CALL(side->table, SLOT_ACQUIRE,
                   acquire_fn)(NULL, negotiate, use, NULL, identity, NULL, NULL, &side->credential,
                               side->release->empty_first ? NULL : &expiry),
              OK);
}

/* 7: 2.11 frees its credential first, 3.x the context. */
static void side_close(struct side *side)
{
    bool credential_first = side->release->credential_first;

    if (credential_first)
        assert_is(CALL(side->table, SLOT_FREE_CREDENTIAL, handle_fn)(&side->credential), OK);
    if (side->has_context)
        assert_is(CALL(side->table, SLOT_DELETE_CONTEXT, handle_fn)(&side->context), OK);
    if (!credential_first)
        assert_is(CALL(side->table, SLOT_FREE_CREDENTIAL, handle_fn)(&side->credential), OK);
    assert_is(CALL(side->table, SLOT_FREE_BUFFER, free_fn)(side->package), OK);
}

static bool is_zero(const struct handle *handle)
{
    return handle->lower == NULL && handle->upper == NULL;
}

/* 5, 6: what is in the buffer is sent, whatever the status says. */
static status_t client_leg(struct side *side, char *target, const struct wire *in, struct wire *out)
{
    struct buffer given = {in->size, BUFFER_TOKEN, (void *)(uintptr_t)in->data};
    struct buffer empty = {0, BUFFER_EMPTY, NULL};
    struct buffer made = {side->package->max_token, BUFFER_TOKEN, out->data};
    struct buffers in_list = {0, 1, in->size != 0 ? &given : &empty}, out_list = {0, 1, &made};
    uint32_t separate = 0, request = side->has_context && side->release->empty_first
                                         ? side->flags
                                         : side->release->isc;
    struct stamp expiry;
    status_t status;

    memset(out->data, 0, sizeof(out->data));
    side->flags = request;
    status = CALL(side->table, SLOT_INITIALIZE, initialize_fn)(
        &side->credential, side->has_context ? &side->context : NULL, target, request, 0, 0x10,
        in->size != 0 || side->release->empty_first ? &in_list : NULL, 0, &side->context, &out_list,
        side->release->empty_first ? &side->flags : &separate,
        side->release->empty_first ? NULL : &expiry);
    if (status >= 0)
        ck_assert(!is_zero(&side->context)); /* 3.x takes that for no context */
    side->has_context = side->has_context || status >= 0;
    out->size = made.size;
    ck_assert_uint_le(out->size, side->package->max_token);
    return status;
}

/* What 2.11 does between the leg and its end. */
static status_t server_complete(struct side *side)
{
    set_fn set = CALL(side->table, SLOT_SET_CONTEXT, set_fn);
    struct buffer nothing = {0, BUFFER_TOKEN, NULL};
    struct buffers list = {0, 1, &nothing};
    void *hash;

    if (side->hash != NULL) {
        memcpy((void *)&hash, (void *)&side->hash, sizeof(hash));
        assert_is(set(&side->context, ATTR_HASH_CB, hash, 0), OK);
        assert_is(set(&side->context, ATTR_HASH_CB_DATA, side->hash_argument, 0), OK);
    } else if (side->sam_file != NULL) {
        assert_is(set(&side->context, ATTR_SAM_FILE, side->sam_file,
                      (uint32_t)strlen(side->sam_file) + 1),
                  OK);
    }
    return CALL(side->table, SLOT_COMPLETE, token_fn)(&side->context, &list);
}

static status_t server_leg(struct side *side, const struct wire *in, struct wire *out)
{
    struct buffer given = {in->size, BUFFER_TOKEN, (void *)(uintptr_t)in->data};
    struct buffer made = {side->package->max_token, BUFFER_TOKEN, out->data};
    struct buffers in_list = {0, 1, &given}, out_list = {0, 1, &made};
    struct stamp expiry;
    status_t status;

    memset(out->data, 0, sizeof(out->data));
    status = CALL(side->table, SLOT_ACCEPT, accept_fn)(
        &side->credential, side->has_context ? &side->context : NULL, &in_list, side->release->asc,
        0x10, &side->context, &out_list, &side->flags, side->release->empty_first ? NULL : &expiry);
    side->has_context = side->has_context || status >= 0;
    out->size = made.size;
    if (status == COMPLETE_NEEDED) {
        ck_assert_uint_eq(out->size, 0);
        status = server_complete(side);
    }
    return status;
}

/* --- Messages ------------------------------------------------------------------------------- */

/* A blob of CredSSP: the trailer and what it seals, end to end. */
struct blob {
    uint8_t data[TRAILER_MAX + MESSAGE_MAX];
    uint32_t trailer, size;
};

/* 3, 4: sealed in place, in TOKEN and DATA that touch. */
static void seal(struct side *side, const char *text, uint32_t size, struct blob *blob)
{
    struct buffer list[] = {
        {side->sizes.trailer, BUFFER_TOKEN, blob->data},
        {size, BUFFER_DATA, blob->data + side->sizes.trailer},
    };
    struct buffers message = {0, 2, list};

    ck_assert_uint_le(side->sizes.trailer, TRAILER_MAX);
    memcpy(list[1].data, text, size);
    assert_is(
        CALL(side->table, SLOT_ENCRYPT, seal_fn)(&side->context, 0, &message, side->sequence_out++),
        OK);
    ck_assert_uint_eq(list[0].size, side->sizes.trailer);
    ck_assert_uint_eq(list[1].size, size);
    ck_assert_mem_ne(list[1].data, text, size);
    blob->trailer = side->sizes.trailer;
    blob->size = size;
}

/* 4: 3.x has the data apart and the trailer in the buffer it was received in. */
static void unseal(struct side *side, struct blob *blob, const char *text)
{
    uint8_t apart[MESSAGE_MAX];
    bool copies = side->release->empty_first;
    struct buffer list[] = {
        {side->sizes.trailer, BUFFER_TOKEN, blob->data},
        {blob->size, BUFFER_DATA, copies ? apart : blob->data + blob->trailer},
    };
    struct buffers message = {0, 2, list};
    uint32_t quality = 1;

    ck_assert_uint_eq(side->sizes.trailer, blob->trailer);
    memcpy(apart, blob->data + blob->trailer, blob->size);
    assert_is(CALL(side->table, SLOT_DECRYPT, unseal_fn)(&side->context, &message,
                                                         side->sequence_in++, &quality),
              OK);
    ck_assert_uint_eq(list[1].size, blob->size);
    ck_assert_mem_eq(list[1].data, text, blob->size);
}

static void message_pass(struct side *from, struct side *to, const char *text, uint32_t size)
{
    struct blob blob;

    seal(from, text, size, &blob);
    unseal(to, &blob, text);
}

static void side_ask(struct side *side)
{
    query_fn query = CALL(side->table, SLOT_QUERY_CONTEXT, query_fn);
    uint32_t length = 77;

    assert_is(query(&side->context, ATTR_SIZES, &side->sizes), OK);
    if (side->release->hostname_length != 0)
        assert_is(query(&side->context, side->release->hostname_length, &length), UNSUPPORTED);
}

/* pubKeyAuth both ways, the credentials, and 8: the server becomes the client for a moment. */
static void session_run(struct side *client, struct side *server)
{
    static const char key[] = "thirty-two octets of public key", creds[] = "the user's credentials";

    side_ask(client);
    side_ask(server);
    message_pass(client, server, key, sizeof(key));
    message_pass(server, client, key, sizeof(key));
    message_pass(client, server, creds, sizeof(creds));
    assert_is(CALL(server->table, SLOT_IMPERSONATE, handle_fn)(&server->context), OK);
    assert_is(CALL(server->table, SLOT_REVERT, handle_fn)(&server->context), OK);
}

/* Legs until one side ends them; what the server says last. */
static status_t negotiate(struct side *client, struct side *server, char *target)
{
    static struct wire to_server, to_client;
    status_t at_client, at_server = CONTINUE_NEEDED;

    to_client.size = 0;
    at_client = client_leg(client, target, &to_client, &to_server);
    for (int leg = 0; leg < 8; leg++) {
        ck_assert_msg(at_client >= 0, "the client says 0x%08x", (unsigned)at_client);
        if (to_server.size != 0)
            at_server = server_leg(server, &to_server, &to_client);
        if (at_server < 0)
            ck_assert_uint_eq(to_client.size, 0);
        if (at_server < 0 || (at_client == OK && to_client.size == 0))
            return at_server;
        at_client = client_leg(client, target, &to_client, &to_server);
        to_client.size = 0;
    }
    ck_abort_msg("the negotiation does not end");
    return at_server;
}

/* --- Accounts ------------------------------------------------------------------------------- */

static char *world_path(const char *name)
{
    static char path[8][4096];
    static unsigned next;
    char *made = path[next++ % 8];

    ck_assert_ptr_nonnull(getenv("WORLD"));
    snprintf(made, sizeof(path[0]), "%s/%s", getenv("WORLD"), name);
    return made;
}

static const char *password_of(const char *user)
{
    static char text[256];
    char name[64];
    FILE *file;

    snprintf(name, sizeof(name), "password/%s", user);
    file = fopen(world_path(name), "r");
    ck_assert_ptr_nonnull(file);
    ck_assert_ptr_nonnull(fgets(text, sizeof(text), file));
    fclose(file);
    return text;
}

/* A user's NT hash, from the realm's smbpasswd lines: NAME:UID:LM:NT:... */
static void nt_hash_of(const char *user, char hash[33])
{
    FILE *file = fopen(world_path("ntlm.hashes"), "r");
    char line[1024], *field;

    ck_assert_ptr_nonnull(file);
    while (fgets(line, sizeof(line), file) != NULL) {
        field = strstr(line, user);
        if (field == NULL)
            continue;
        for (int i = 0; i < 3; i++)
            ck_assert_ptr_nonnull(field = strchr(field, ':') + 1);
        memcpy(hash, field, 32);
        hash[32] = '\0';
        fclose(file);
        return;
    }
    ck_abort_msg("no hash of %s", user);
}

/* As winpr-hash writes it; the last line of a file may have no end. */
static char *sam_file(const char *domain, bool odd)
{
    char name[64], hash[33], *path;
    FILE *file;

    snprintf(name, sizeof(name), "tmp/sam.%ld", (long)getpid());
    path = world_path(name);
    file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    nt_hash_of("bob", hash);
    if (odd) /* WinPR reads no further */
        fprintf(file, "\nbroken\nbob:%s:x:y:::\n:::::\n%0*d\n", domain, 5000, 0);
    fprintf(file, "# accounts\nbob:elsewhere::%032d:::\n", 0);
    fprintf(file, "bob:%s::%s:::\n", domain, hash);
    nt_hash_of("alice", hash);
    fprintf(file, "alice:%s::%s:::", domain, hash);
    ck_assert_int_eq(fclose(file), 0);
    return path;
}

/* Nothing but what the server is told of knows an account, and nobody gives tickets. */
static void only_ntlm(void)
{
    unsetenv("NTLM_USER_FILE");
    setenv("KRB5_CONFIG", world_path("refused.conf"), 1);
    setenv("KRB5_KTNAME", world_path("absent.keytab"), 1);
    setenv("KRB5CCNAME", world_path("absent"), 1);
}

static void server_settings(struct passed *passed, enum form form, char *sam)
{
    memset(passed, 0, sizeof(*passed));
    passed_link(passed, form);
    passed->ntlm1.sam_file = passed->ntlm2.sam_file = sam;
}

struct who {
    const char *user, *domain, *password; /* password NULL: the user's own */
};

static void client_open(struct side *client, const struct who *who)
{
    struct passed passed;

    passed_user(&passed, client->release->form, who->user, who->domain,
                who->password != NULL ? who->password : password_of(who->user));
    side_open(client, 0x2, &passed.identity);
    passed_free(&passed, client->release->form); /* the module keeps copies */
    memset(&passed, 0x5a, sizeof(passed));
}

/* The server's settings come with the credential, or in 2.11 when they are asked for. */
static void server_open(struct side *server, char *sam)
{
    struct passed passed;

    server->sam_file = sam;
    server_settings(&passed, server->release->form, sam);
    side_open(server, 0x1, server->release->form == FORM_2 ? NULL : &passed.identity);
    memset(&passed, 0x5a, sizeof(passed));
}

/* One logon; what the server says of it. */
static status_t logon(struct side *client, struct side *server, const struct who *who, char *sam,
                      char *target)
{
    status_t status;

    client_open(client, who);
    server_open(server, sam);
    status = negotiate(client, server, target);
    if (status == OK)
        session_run(client, server);
    side_close(client);
    side_close(server);
    return status;
}

/* --- NTLM ----------------------------------------------------------------------------------- */

static char target_ip[] = "TERMSRV/127.0.0.1";

enum peers { OURS, WINPR_SERVER, WINPR_CLIENT };

static const struct logon_row {
    const char *name, *sam_domain;
    struct who who;
    status_t expected;
} logons[] = {
    {"a good password", "", {"alice", "", NULL}, OK},
    {"a good password in a domain", "LOOPBACK", {"bob", "LOOPBACK", NULL}, OK},
    {"another domain, and the account has none", "", {"alice", "OTHER", NULL}, OK},
    {"a wrong password", "", {"alice", "", "not the password"}, LOGON_DENIED},
    {"an unknown user", "", {"mallory", "", "any password"}, LOGON_DENIED},
    {"another domain", "LOOPBACK", {"alice", "OTHER", NULL}, LOGON_DENIED},
};

/* Every release as client with every release as server; 9: raw NTLM both ways. */
START_TEST(ntlm_logons)
{
    const struct logon_row *row = &logons[_i];

    only_ntlm();
    for (int i = 0; i < COUNT(releases); i++)
        for (int j = 0; j < COUNT(releases); j++) {
            struct side client = {.table = ours(), .release = &releases[i]};
            struct side server = {.table = ours(), .release = &releases[j]};
            status_t status =
                logon(&client, &server, &row->who, sam_file(row->sam_domain, true), target_ip);

            ck_assert_msg(status == row->expected, "%s, %s to %s: 0x%08x", row->name,
                          client.release->name, server.release->name, (unsigned)status);
        }
}
END_TEST

/* 1, 9: WinPR 2 knows raw NTLM alone. Its server says no in words of its own. */
START_TEST(ntlm_with_winpr)
{
    const struct logon_row *row = &logons[_i / 2];
    struct side client = {.table = ours(), .release = &releases[0]};
    struct side server = {.table = ours(), .release = &releases[0]};
    status_t status;

    only_ntlm();
    *(_i % 2 == 0 ? &client : &server) = (struct side){.table = winprs(), .release = &releases[0]};
    ck_assert_ptr_ne(client.table, server.table);
    status = logon(&client, &server, &row->who, sam_file(row->sam_domain, false), target_ip);
    ck_assert_msg(row->expected == OK ? status == OK : status < 0, "%s, %s: 0x%08x", row->name,
                  _i % 2 == 0 ? "WinPR is client" : "WinPR is server", (unsigned)status);
    if (_i % 2 == 0)
        assert_is(status, row->expected);
}
END_TEST

/* The first message is not SPNEGO's, and has no ticket in it. */
START_TEST(ntlm_is_raw)
{
    static struct wire nothing, first;
    struct side client = {.table = ours(), .release = &releases[_i]};
    const struct who who = {"alice", "", NULL};

    only_ntlm();
    client_open(&client, &who);
    assert_is(client_leg(&client, target_ip, &nothing, &first), CONTINUE_NEEDED);
    ck_assert_uint_ge(first.size, 16);
    ck_assert_mem_eq(first.data, "NTLMSSP\0\1\0\0", 12);
    side_close(&client);
}
END_TEST

/* --- The table ------------------------------------------------------------------------------ */

static const enum slot called[] = {
    SLOT_ACQUIRE,       SLOT_FREE_CREDENTIAL, SLOT_INITIALIZE,     SLOT_ACCEPT,
    SLOT_COMPLETE,      SLOT_IMPERSONATE,     SLOT_DELETE_CONTEXT, SLOT_QUERY_CONTEXT,
    SLOT_REVERT,        SLOT_FREE_BUFFER,     SLOT_ENCRYPT,        SLOT_DECRYPT,
    SLOT_QUERY_PACKAGE, SLOT_SET_CONTEXT,     SLOT_SET_CREDENTIAL,
};

/* 1: WinPR is in the process first, with the same names; each of the two calls its own. */
START_TEST(table_is_ours)
{
    void **winpr = winprs(), **table = ours();
    Dl_info about, start;

    ck_assert_ptr_eq(table, ours());
    ck_assert_ptr_null(table[SLOT_RESERVED_2]);
    ck_assert_int_ne(dladdr(table[SLOT_ACQUIRE], &start), 0);
    ck_assert_ptr_nonnull(strstr(start.dli_fname, "libsspi"));
    for (int i = 0; i < COUNT(called); i++) {
        ck_assert_ptr_nonnull(table[called[i]]);
        ck_assert_int_ne(dladdr(table[called[i]], &about), 0);
        ck_assert_str_eq(about.dli_fname, start.dli_fname);
        ck_assert_ptr_ne(table[called[i]], winpr[called[i]]);
    }
}
END_TEST

/* 2: by the name 2.x decides how a message is laid out. */
START_TEST(package_names)
{
    static const char *const names[] = {"Negotiate", "NTLM", "Kerberos"};
    void **table = ours();
    struct package_info *info;

    for (int i = 0; i < COUNT(names); i++) {
        assert_is(CALL(table, SLOT_QUERY_PACKAGE, query_package_fn)(names[i], &info), OK);
        ck_assert_str_eq(info->name, names[i]);
        ck_assert_uint_gt(info->max_token, 0);
        assert_is(CALL(table, SLOT_FREE_BUFFER, free_fn)(info), OK);
    }
}
END_TEST

/* --- Handles -------------------------------------------------------------------------------- */

/* 7: 2.x deletes a context that never was, 3.x has zeros for none. */
START_TEST(handles_that_are_none)
{
    static const int octets[] = {0, 0xff};
    void **table = ours();
    struct handle handle;
    struct sizes sizes;

    for (int i = 0; i < COUNT(octets); i++) {
        memset(&handle, octets[i], sizeof(handle));
        assert_is(CALL(table, SLOT_DELETE_CONTEXT, handle_fn)(&handle), INVALID_HANDLE);
        assert_is(CALL(table, SLOT_FREE_CREDENTIAL, handle_fn)(&handle), INVALID_HANDLE);
        assert_is(CALL(table, SLOT_IMPERSONATE, handle_fn)(&handle), INVALID_HANDLE);
        assert_is(CALL(table, SLOT_QUERY_CONTEXT, query_fn)(&handle, ATTR_SIZES, &sizes),
                  INVALID_HANDLE);
    }
}
END_TEST

/* 7: the credential is freed in the middle, and the context goes on under a copy of its handle. */
START_TEST(credential_freed_early)
{
    static struct wire nothing, first, challenge, answer;
    struct side client = {.table = ours(), .release = &releases[0]};
    struct side server = {.table = ours(), .release = &releases[1]};
    const struct who who = {"alice", "", NULL};
    handle_fn release = CALL(client.table, SLOT_FREE_CREDENTIAL, handle_fn);
    struct handle copy;

    only_ntlm();
    client_open(&client, &who);
    server_open(&server, sam_file("", false));
    assert_is(client_leg(&client, target_ip, &nothing, &first), CONTINUE_NEEDED);
    assert_is(server_leg(&server, &first, &challenge), CONTINUE_NEEDED);
    assert_is(client_leg(&client, target_ip, &challenge, &answer), OK);
    assert_is(server_leg(&server, &answer, &challenge), OK);
    assert_is(release(&client.credential), OK);
    assert_is(release(&server.credential), OK);
    copy = client.context;
    memset(&client.context, 0, sizeof(client.context));
    client.context = copy;
    session_run(&client, &server);
    assert_is(CALL(client.table, SLOT_DELETE_CONTEXT, handle_fn)(&copy), OK);
    assert_is(CALL(server.table, SLOT_DELETE_CONTEXT, handle_fn)(&server.context), OK);
    assert_is(CALL(client.table, SLOT_FREE_BUFFER, free_fn)(client.package), OK);
    assert_is(CALL(server.table, SLOT_FREE_BUFFER, free_fn)(server.package), OK);
}
END_TEST

/* A 3.31 server's name is in its challenge, and no other is where it has said none. */
START_TEST(server_has_a_name)
{
    static struct wire nothing, first, challenge;
    static char name[] = "rdp.example.com";
    struct side client = {.table = ours(), .release = &releases[2]};
    struct side server = {.table = ours(), .release = &releases[2]};
    const struct who who = {"alice", "", NULL};
    struct passed passed;
    uint32_t length;
    wchar16 *text = wide(name, &length);

    only_ntlm();
    client_open(&client, &who);
    server_settings(&passed, FORM_31, sam_file("", false));
    passed.ntlm2.dns_computer = _i == 0 ? NULL : name;
    side_open(&server, 0x1, &passed.identity);
    assert_is(client_leg(&client, target_ip, &nothing, &first), CONTINUE_NEEDED);
    assert_is(server_leg(&server, &first, &challenge), CONTINUE_NEEDED);
    ck_assert((memmem(challenge.data, challenge.size, text, length * sizeof(*text)) != NULL) ==
              (_i != 0));
    assert_is(client_leg(&client, target_ip, &challenge, &first), OK);
    assert_is(server_leg(&server, &first, &challenge), OK);
    session_run(&client, &server);
    side_close(&client);
    side_close(&server);
    free(text);
}
END_TEST

/* --- A 2.11 server's last leg --------------------------------------------------------------- */

/* Both ends up to the client's answer, which waits. */
static void wait_for_accounts(struct side *client, struct side *server)
{
    static struct wire nothing, first, challenge, answer;
    const struct who who = {"alice", "", NULL};
    struct buffer given = {0, BUFFER_TOKEN, answer.data};
    struct buffer made = {TOKEN_MAX, BUFFER_TOKEN, challenge.data};
    struct buffers in = {0, 1, &given}, out = {0, 1, &made};
    struct stamp expiry;
    accept_fn accept = CALL(server->table, SLOT_ACCEPT, accept_fn);

    only_ntlm();
    client_open(client, &who);
    server_open(server, NULL);
    assert_is(client_leg(client, target_ip, &nothing, &first), CONTINUE_NEEDED);
    assert_is(server_leg(server, &first, &challenge), CONTINUE_NEEDED);
    assert_is(client_leg(client, target_ip, &challenge, &answer), OK);
    given.size = answer.size;
    assert_is(accept(&server->credential, &server->context, &in, server->release->asc, 0x10,
                     &server->context, &out, &server->flags, &expiry),
              COMPLETE_NEEDED);
    /* It has been taken: another one is out of place. */
    assert_is(accept(&server->credential, &server->context, &in, server->release->asc, 0x10,
                     &server->context, &out, &server->flags, &expiry),
              OUT_OF_SEQUENCE);
}

/* Others are told no at once, who might take whatever is no error for success. */
START_TEST(nobody_else_waits)
{
    static struct wire nothing, first, challenge, answer;
    static const struct release other = {.name = "other", .form = FORM_2, .isc = 0x32};
    static const uint32_t flags[] = {0, 0x10, 0x883a, 0x83e, 0x883c, 0x1883e};
    struct release asks = other;
    struct side client = {.table = ours(), .release = &other};
    struct side server = {.table = ours(), .release = &asks};
    const struct who who = {"alice", "", NULL};

    asks.asc = flags[_i];
    only_ntlm();
    client_open(&client, &who);
    server_open(&server, sam_file("", false));
    assert_is(client_leg(&client, target_ip, &nothing, &first), CONTINUE_NEEDED);
    assert_is(server_leg(&server, &first, &challenge), CONTINUE_NEEDED);
    assert_is(client_leg(&client, target_ip, &challenge, &answer), OK);
    assert_is(server_leg(&server, &answer, &challenge), LOGON_DENIED);
    side_close(&client);
    side_close(&server);
}
END_TEST

/* FreeRDP 2 without a file of its own: the accounts are the process', as they are for others. */
START_TEST(accounts_of_the_process)
{
    struct side client = {.table = ours(), .release = &releases[0]};
    struct side server = {.table = ours(), .release = &releases[0]};
    const struct who who = {"alice", "LOOPBACK", _i == 0 ? NULL : "not the password"};
    char *accounts = getenv("NTLM_USER_FILE");

    only_ntlm();
    setenv("NTLM_USER_FILE", accounts, 1);
    assert_is(logon(&client, &server, &who, NULL, target_ip), _i == 0 ? OK : LOGON_DENIED);
}
END_TEST

/* Nobody is let in, and no answer is given, until there are accounts. */
START_TEST(no_accounts_at_all)
{
    struct side client = {.table = ours(), .release = &releases[0]};
    struct side server = {.table = ours(), .release = &releases[0]};
    struct sizes sizes;
    query_fn query = CALL(server.table, SLOT_QUERY_CONTEXT, query_fn);

    wait_for_accounts(&client, &server);
    assert_is(query(&server.context, ATTR_SIZES, &sizes), INVALID_HANDLE);
    ck_assert_int_lt(CALL(server.table, SLOT_IMPERSONATE, handle_fn)(&server.context), 0);
    assert_is(server_complete(&server), LOGON_DENIED);
    ck_assert_int_lt(server_complete(&server), 0);
    ck_assert_int_lt(query(&server.context, ATTR_SIZES, &sizes), 0);
    side_close(&client);
    side_close(&server);
}
END_TEST

/* A file that is not there, a folder, and what is no name. */
START_TEST(accounts_that_are_none)
{
    struct side client = {.table = ours(), .release = &releases[0]};
    struct side server = {.table = ours(), .release = &releases[0]};
    set_fn set = CALL(server.table, SLOT_SET_CONTEXT, set_fn);
    char nothing[] = "", *paths[] = {world_path("absent.sam"), world_path("tmp")};

    wait_for_accounts(&client, &server);
    assert_is(set(&server.context, ATTR_SAM_FILE, nothing, sizeof(nothing)), INVALID_PARAMETER);
    assert_is(set(&server.context, ATTR_SAM_FILE, NULL, 0), INVALID_PARAMETER);
    assert_is(set(&client.context, ATTR_SAM_FILE, paths[0], 5), UNSUPPORTED);
    assert_is(set(&server.context, 1101, paths[0], 8), UNSUPPORTED);
    server.sam_file = paths[_i];
    assert_is(server_complete(&server), NO_CREDENTIALS);
    side_close(&client);
    side_close(&server);
}
END_TEST

/* Once somebody is let in, the accounts do not change. */
START_TEST(accounts_too_late)
{
    struct side client = {.table = ours(), .release = &releases[0]};
    struct side server = {.table = ours(), .release = &releases[0]};

    wait_for_accounts(&client, &server);
    server.sam_file = sam_file("", false);
    assert_is(server_complete(&server), OK);
    assert_is(CALL(server.table, SLOT_SET_CONTEXT, set_fn)(&server.context, ATTR_SAM_FILE,
                                                           server.sam_file, 5),
              OUT_OF_SEQUENCE);
    session_run(&client, &server);
    side_close(&client);
    side_close(&server);
}
END_TEST

/* --- Hashes by a function ------------------------------------------------------------------- */

/* A server that knows its users elsewhere. */
struct knowledge {
    enum form form;
    status_t says;
    bool silent; /* it says nothing of the key */
    bool right;  /* the client has the password */
    int asked;
};

/* NTOWFv2 of [MS-NLMP] 3.3.2, from the realm's NT hash; the users' names are of small letters. */
static void owf_v2(const struct identity_2 *who, const char *user, uint8_t key[16])
{
    wchar16 name[64];
    char hex[33];
    uint8_t hash[16];
    unsigned octet;

    nt_hash_of(user, hex);
    for (int i = 0; i < 16; i++) {
        ck_assert_int_eq(sscanf(hex + 2 * i, "%2x", &octet), 1);
        hash[i] = (uint8_t)octet;
    }
    for (uint32_t i = 0; i < who->user_length; i++)
        name[i] = (wchar16)(who->user[i] - 'a' + 'A');
    if (who->domain_length != 0)
        memcpy(name + who->user_length, who->domain, who->domain_length * sizeof(*name));
    ck_assert_int_eq(gnutls_hmac_fast(GNUTLS_MAC_MD5, hash, sizeof(hash), name,
                                      (who->user_length + who->domain_length) * sizeof(*name), key),
                     0);
}

static bool is_user(const struct identity_2 *who, const char *user)
{
    bool same = strlen(user) == who->user_length;

    for (uint32_t i = 0; same && i < who->user_length; i++)
        same = who->user[i] == (unsigned char)user[i];
    return same;
}

/*
 * What it is told must be enough to find the proof: the client's answer is looked for in the last
 * message that the MIC is of, and the MIC with the session key that follows.
 */
static void told_enough(const uint8_t key[16], const struct buffer *proof_value,
                        const struct buffer *mic_value)
{
    uint8_t proof[16];

    ck_assert_uint_gt(proof_value->size, 8 + 28);
    ck_assert_int_eq(
        gnutls_hmac_fast(GNUTLS_MAC_MD5, key, 16, proof_value->data, proof_value->size, proof), 0);
    ck_assert_ptr_nonnull(memmem(mic_value->data, mic_value->size, proof, sizeof(proof)));
    ck_assert_mem_eq(mic_value->data, "NTLMSSP\0\1\0\0", 12);
}

static status_t hash_of(void *argument, const struct identity_2 *who,
                        const struct buffer *proof_value, const uint8_t *session_key,
                        const uint8_t *mic, const struct buffer *mic_value, uint8_t *hash)
{
    struct knowledge *knowledge = argument;
    bool known = is_user(who, "alice");

    knowledge->asked++;
    ck_assert_uint_eq(who->flags, 0x2);
    ck_assert_ptr_null(who->password);
    ck_assert_ptr_nonnull(session_key);
    ck_assert_ptr_nonnull(mic);
    if (known && !knowledge->silent) {
        owf_v2(who, "alice", hash);
        if (knowledge->right)
            told_enough(hash, proof_value, mic_value);
    }
    return knowledge->says;
}

static void hash_settings(struct passed *passed, struct knowledge *knowledge)
{
    server_settings(passed, knowledge->form, NULL);
    passed->ntlm1.hash = passed->ntlm2.hash = hash_of;
    passed->ntlm1.argument = passed->ntlm2.argument = knowledge;
}

/* Success is 1 before 3.24 and 0 since, which the settings before 3.31 do not tell apart. */
static const struct hash_row {
    const char *name;
    int release;
    struct who who;
    status_t says;
    bool silent;
    status_t expected;
} hashes[] = {
    {"2.11", 0, {"alice", "", NULL}, 1, false, OK},
    {"2.11, a domain", 0, {"alice", "LOOPBACK", NULL}, 1, false, OK},
    {"2.11, a wrong password", 0, {"alice", "", "not the password"}, 1, false, LOGON_DENIED},
    {"2.11, nobody", 0, {"mallory", "", "any password"}, 0, false, LOGON_DENIED},
    {"3.15", 1, {"alice", "", NULL}, 1, false, OK},
    {"3.24", 1, {"alice", "", NULL}, 0, false, OK},
    {"3.15, a domain", 1, {"alice", "LOOPBACK", NULL}, 1, false, OK},
    {"3.15, a wrong password", 1, {"alice", "", "not the password"}, 1, false, LOGON_DENIED},
    {"3.15, success and no key", 1, {"alice", "", NULL}, 1, true, LOGON_DENIED},
    {"3.24, success and no key", 1, {"alice", "", NULL}, 0, true, LOGON_DENIED},
    {"3.15, an error with a key", 1, {"alice", "", NULL}, NO_CREDENTIALS, false, LOGON_DENIED},
    {"3.31", 2, {"alice", "", NULL}, 0, false, OK},
    {"3.31, no success with a key", 2, {"alice", "", NULL}, 1, false, LOGON_DENIED},
    {"3.31, a wrong password", 2, {"alice", "", "not the password"}, 0, false, LOGON_DENIED},
    {"3.31, success and no key", 2, {"alice", "", NULL}, 0, true, LOGON_DENIED},
};

/* By our client and by WinPR's, whose answer has a MIC, and who so must be told all the same. */
START_TEST(hashes_by_function)
{
    const struct hash_row *row = &hashes[_i % COUNT(hashes)];
    const struct release *release = &releases[row->release];
    struct knowledge knowledge = {.form = release->form,
                                  .says = row->says,
                                  .silent = row->silent,
                                  .right = row->who.password == NULL};
    struct side client = {.table = _i < COUNT(hashes) ? ours() : winprs(), .release = &releases[0]};
    struct side server = {.table = ours(), .release = release};
    struct passed passed;
    status_t status;

    only_ntlm();
    client_open(&client, &row->who);
    hash_settings(&passed, &knowledge);
    side_open(&server, 0x1, release->form == FORM_2 ? NULL : &passed.identity);
    if (release->form == FORM_2) {
        server.hash = hash_of;
        server.hash_argument = &knowledge;
    }
    status = negotiate(&client, &server, target_ip);
    ck_assert_msg(status == row->expected, "%s: 0x%08x", row->name, (unsigned)status);
    ck_assert_int_eq(knowledge.asked, 1);
    if (status == OK)
        session_run(&client, &server);
    side_close(&client);
    side_close(&server);
}
END_TEST

/* --- Kerberos ------------------------------------------------------------------------------- */

static char target_name[] = "TERMSRV/localhost";

/* Who has no settings of Kerberos' own finds nothing. */
static void only_settings(void)
{
    unsetenv("NTLM_USER_FILE");
    setenv("KRB5_KTNAME", world_path("absent.keytab"), 1);
    setenv("KRB5CCNAME", world_path("absent"), 1);
}

/* 3.x clients by password, or by a cache that settings name, where the password would not do. */
START_TEST(kerberos_logons)
{
    struct side client = {.table = ours(), .release = &releases[1 + _i % 2]};
    struct side server = {.table = ours(), .release = &releases[1 + _i / 2 % 2]};
    bool by_cache = _i / 4 != 0;
    char *keytab = getenv("KRB5_KTNAME"), cache[4096];
    struct passed passed;

    snprintf(cache, sizeof(cache), "%s", getenv("KRB5CCNAME"));
    keytab = strdup(keytab);
    only_settings();
    passed_user(&passed, client.release->form, "alice", "LOOPBACK.TEST",
                by_cache ? "not the password" : password_of("alice"));
    if (by_cache)
        passed.kerberos1.cache = passed.kerberos2.cache = cache;
    side_open(&client, 0x2, &passed.identity);
    passed_free(&passed, client.release->form);
    memset(&passed, 0, sizeof(passed));
    passed_link(&passed, server.release->form);
    passed.kerberos1.keytab = passed.kerberos2.keytab = keytab;
    side_open(&server, 0x1, &passed.identity);
    memset(&passed, 0x5a, sizeof(passed));
    memset(cache, 0x5a, sizeof(cache));
    memset(keytab, 0x5a, strlen(keytab));
    assert_is(negotiate(&client, &server, target_name), OK);
    side_ask(&client);
    ck_assert_uint_eq(client.sizes.trailer, 60); /* 3: AES with SHA-1 */
    session_run(&client, &server);
    side_close(&client);
    side_close(&server);
    free(keytab);
}
END_TEST

static int64_t ticks(const struct stamp *stamp)
{
    return (int64_t)((uint64_t)(uint32_t)stamp->high << 32 | stamp->low);
}

/* How the ticket is got: each setting is seen to be used by what comes of it. */
static const struct kerberos_row {
    const char *name, *kdc_url, *armor; /* the latter in the realm's folder */
    int32_t lifetime;
    bool works;
} kerberos_rows[] = {
    {"nothing", NULL, NULL, 0, true},
    {"a KDC that is not there, and then krb5.conf's", "127.0.0.1:1", NULL, 0, true},
    {"a KDC that cannot be one", "127.0.0.1\n}", NULL, 0, false},
    {"a short life", NULL, NULL, 600, true},
    {"armour", NULL, "cc", 0, true},
    {"armour that is none", NULL, "absent", 0, false},
};

START_TEST(kerberos_settings)
{
    static struct wire nothing, first;
    const struct kerberos_row *row = &kerberos_rows[_i / 2];
    struct side client = {.table = ours(), .release = &releases[1 + _i % 2]};
    struct side server = {.table = ours(), .release = &releases[1]};
    char url[64], armor[4200] = "";
    struct lifespan span;
    struct passed passed;

    unsetenv("NTLM_USER_FILE");
    passed_user(&passed, client.release->form, "alice", "LOOPBACK.TEST", password_of("alice"));
    snprintf(url, sizeof(url), "%s", row->kdc_url == NULL ? "" : row->kdc_url);
    if (row->armor != NULL)
        snprintf(armor, sizeof(armor), "FILE:%s", world_path(row->armor));
    passed.kerberos1.kdc_url = passed.kerberos2.kdc_url = url;
    passed.kerberos1.armor_cache = passed.kerberos2.armor_cache = armor;
    passed.kerberos1.lifetime = passed.kerberos2.lifetime = row->lifetime;
    side_open(&client, 0x2, &passed.identity);
    passed_free(&passed, client.release->form);
    server_open(&server, NULL);
    if (row->works) {
        assert_is(negotiate(&client, &server, target_name), OK);
        session_run(&client, &server);
        assert_is(
            CALL(client.table, SLOT_QUERY_CONTEXT, query_fn)(&client.context, ATTR_LIFESPAN, &span),
            OK);
        ck_assert((ticks(&span.end) - ticks(&span.start) <= 600 * INT64_C(10000000)) ==
                  (row->lifetime != 0));
    } else {
        if (client_leg(&client, target_name, &nothing, &first) >= 0) /* without a ticket */
            ck_assert_mem_eq(first.data, "NTLMSSP", 8);
    }
    side_close(&client);
    side_close(&server);
}
END_TEST

/* 10: the last token is the server's and comes with success; the client has none to send back. */
START_TEST(kerberos_last_token)
{
    static struct wire nothing, first, last, none;
    struct side client = {.table = ours(), .release = &releases[1]};
    struct side server = {.table = ours(), .release = &releases[1]};
    const struct who who = {"alice", "LOOPBACK.TEST", NULL};

    client_open(&client, &who);
    server_open(&server, NULL);
    assert_is(client_leg(&client, target_name, &nothing, &first), CONTINUE_NEEDED);
    ck_assert_uint_eq(first.data[0], 0x60); /* SPNEGO */
    assert_is(server_leg(&server, &first, &last), OK);
    ck_assert_uint_gt(last.size, 0);
    assert_is(client_leg(&client, target_name, &last, &none), OK);
    ck_assert_uint_eq(none.size, 0);
    session_run(&client, &server);
    side_close(&client);
    side_close(&server);
}
END_TEST

/* 11: a token for another key is refused by the leg, and nothing is left to be sent. */
START_TEST(kerberos_wrong_password)
{
    static struct wire nothing, first;
    struct side client = {.table = ours(), .release = &releases[1]};
    const struct who who = {"alice", "LOOPBACK.TEST", "not the password"};

    client_open(&client, &who);
    assert_is(client_leg(&client, target_name, &nothing, &first), LOGON_DENIED);
    ck_assert_uint_eq(first.size, 0);
    side_close(&client);
}
END_TEST

/* An account of the server's own for a client that brings NTLM inside SPNEGO. */
START_TEST(ntlm_inside_spnego)
{
    static struct wire nothing, first, hint;
    const struct logon_row *row = &logons[_i / 2];
    struct side client = {.table = ours(), .release = &releases[1]};
    struct side server = {.table = ours(), .release = &releases[1]};
    struct knowledge knowledge = {.form = FORM_3, .says = 1, .right = row->who.password == NULL};
    struct passed passed;
    status_t at_client, at_server;
    bool by_hash = _i % 2 != 0;

    only_ntlm();
    client_open(&client, &row->who);
    if (by_hash)
        hash_settings(&passed, &knowledge);
    else
        server_settings(&passed, FORM_3, sam_file(row->sam_domain, false));
    side_open(&server, 0x1, &passed.identity);
    nothing.size = 0;
    assert_is(server_leg(&server, &nothing, &hint), CONTINUE_NEEDED); /* NegTokenInit2 */
    at_client = client_leg(&client, target_ip, &hint, &first);
    do {
        ck_assert_int_ge(at_client, 0);
        at_server = server_leg(&server, &first, &hint);
        if (at_server >= 0 && hint.size != 0)
            at_client = client_leg(&client, target_ip, &hint, &first);
    } while (at_server == CONTINUE_NEEDED);
    if (by_hash && strcmp(row->who.user, "alice") != 0)
        assert_is(at_server, LOGON_DENIED);
    else
        assert_is(at_server, by_hash && row->who.password == NULL ? OK : row->expected);
    if (at_server == OK)
        session_run(&client, &server);
    side_close(&client);
    side_close(&server);
}
END_TEST

/* --- Keys of both kinds --------------------------------------------------------------------- */

/* A server that has a keytab beside its accounts. */
static void both_open(struct side *server, char *keytab, char *sam)
{
    struct passed passed;

    server_settings(&passed, server->release->form, sam);
    passed.kerberos1.keytab = passed.kerberos2.keytab = keytab;
    side_open(server, 0x1, &passed.identity);
}

START_TEST(keytab_and_accounts)
{
    const struct logon_row *row = &logons[_i / 2];
    struct side client = {.table = ours(), .release = &releases[1]};
    struct side server = {.table = ours(), .release = &releases[1 + _i % 2]};
    char *keytab = strdup(getenv("KRB5_KTNAME"));
    status_t status;

    only_ntlm();
    client_open(&client, &row->who);
    both_open(&server, keytab, sam_file(row->sam_domain, false));
    status = negotiate(&client, &server, target_ip);
    assert_is(status, row->expected);
    if (status == OK)
        session_run(&client, &server);
    side_close(&client);
    side_close(&server);
    free(keytab);
}
END_TEST

/* SPNEGO does without NTLM there, and says so to who comes with nothing else. */
START_TEST(keytab_and_ntlm_inside_spnego)
{
    static struct wire nothing, first, hint;
    struct side client = {.table = ours(), .release = &releases[1]};
    struct side server = {.table = ours(), .release = &releases[1]};
    char *keytab = strdup(getenv("KRB5_KTNAME"));
    status_t at_client, at_server;

    only_ntlm();
    client_open(&client, &logons[0].who);
    both_open(&server, keytab, sam_file("", false));
    nothing.size = 0;
    assert_is(server_leg(&server, &nothing, &hint), CONTINUE_NEEDED);
    at_client = client_leg(&client, target_ip, &hint, &first);
    assert_is(at_client, CONTINUE_NEEDED);
    at_server = server_leg(&server, &first, &hint);
    if (at_server == CONTINUE_NEEDED)
        at_client = client_leg(&client, target_ip, &hint, &first);
    ck_assert(at_server < 0 || at_client < 0);
    side_close(&client);
    side_close(&server);
    free(keytab);
}
END_TEST

/* --- NTLMv1 --------------------------------------------------------------------------------- */

static void put(uint8_t *at, uint32_t value, int octets)
{
    for (int i = 0; i < octets; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

/* A field of [MS-NLMP] 2.2.1.3 and what it points to, at the message's end. */
static void field_put(struct wire *message, uint32_t field, const void *data, uint32_t size)
{
    put(message->data + field, size, 2);
    put(message->data + field + 2, size, 2);
    put(message->data + field + 4, message->size, 4);
    memcpy(message->data + message->size, data, size);
    message->size += size;
}

static void message_start(struct wire *message, uint32_t type, uint32_t size)
{
    memset(message->data, 0, size);
    memcpy(message->data, "NTLMSSP", 8);
    put(message->data + 8, type, 4);
    message->size = size;
}

/* UNICODE, REQUEST_TARGET, NTLM, EXTENDED_SESSIONSECURITY. */
#define V1_FLAGS 0x00080205U

/*
 * An answer that needs no password: with extended session security an LM answer is what the client
 * chose and zeros, and gss-ntlmssp in a domain takes that for proof.
 */
START_TEST(lm_answer_of_zeros)
{
    static struct wire message, challenge;
    struct side server = {.table = ours(), .release = &releases[_i % 2 == 0 ? 0 : 1]};
    uint8_t lm[24] = "chosen!!", nt[24] = "no proof of anything";

    if (_i < 2)
        only_ntlm();
    setenv("NETBIOS_DOMAIN_NAME", "LOOPBACK", 1);
    server_open(&server, _i < 2 ? sam_file("", false) : NULL);
    message_start(&message, 1, 40);
    put(message.data + 12, V1_FLAGS, 4);
    assert_is(server_leg(&server, &message, &challenge), CONTINUE_NEEDED);
    ck_assert_mem_eq(challenge.data, "NTLMSSP\0\2\0\0", 12);
    message_start(&message, 3, 88);
    put(message.data + 60, V1_FLAGS, 4);
    field_put(&message, 12, lm, sizeof(lm));
    field_put(&message, 20, nt, sizeof(nt));
    field_put(&message, 28, "L\0O\0O\0P\0B\0A\0C\0K", 16);
    field_put(&message, 36, "a\0l\0i\0c\0e", 10);
    assert_is(server_leg(&server, &message, &challenge), LOGON_DENIED);
    side_close(&server);
}
END_TEST

/* --- Suite ---------------------------------------------------------------------------------- */

static Suite *suite(void)
{
    Suite *made = suite_create("freerdp");
    bool winpr = has_winpr();
    TCase *table = tcase_create("table"), *ntlm = tcase_create("NTLM");
    TCase *kerberos = tcase_create("Kerberos");

    tcase_add_loop_test(ntlm, ntlm_logons, 0, COUNT(logons));
    if (winpr)
        tcase_add_loop_test(ntlm, ntlm_with_winpr, 0, 2 * COUNT(logons));
    tcase_add_loop_test(ntlm, ntlm_is_raw, 0, COUNT(releases));
    if (winpr)
        tcase_add_test(table, table_is_ours);
    tcase_add_test(table, package_names);
    tcase_add_test(table, handles_that_are_none);
    tcase_add_test(ntlm, credential_freed_early);
    tcase_add_loop_test(ntlm, server_has_a_name, 0, 2);
    tcase_add_loop_test(ntlm, nobody_else_waits, 0, 6);
    tcase_add_loop_test(ntlm, accounts_of_the_process, 0, 2);
    tcase_add_test(ntlm, no_accounts_at_all);
    tcase_add_loop_test(ntlm, accounts_that_are_none, 0, 2);
    tcase_add_test(ntlm, accounts_too_late);
    tcase_add_loop_test(ntlm, hashes_by_function, 0, (winpr ? 2 : 1) * COUNT(hashes));
    tcase_add_loop_test(ntlm, lm_answer_of_zeros, 0, 4);
    tcase_add_loop_test(ntlm, ntlm_inside_spnego, 0, 2 * COUNT(logons));
    tcase_add_loop_test(ntlm, keytab_and_accounts, 0, 2 * COUNT(logons));
    tcase_add_test(ntlm, keytab_and_ntlm_inside_spnego);
    tcase_add_loop_test(kerberos, kerberos_logons, 0, 8);
    tcase_add_loop_test(kerberos, kerberos_settings, 0, 2 * COUNT(kerberos_rows));
    tcase_add_test(kerberos, kerberos_last_token);
    tcase_add_test(kerberos, kerberos_wrong_password);
    suite_add_tcase(made, table);
    suite_add_tcase(made, kerberos);
    suite_add_tcase(made, ntlm);
    return made;
}

CHECK_MAIN(suite)
