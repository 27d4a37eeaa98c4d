/* SPDX-License-Identifier: MIT */
/*
 * pAuthData: every layout, by both forms of the call and under every package, is the user it names;
 * and what is wrong with it never turns into the user the process happens to be.
 *
 * Ambient here: alice's tickets, bob's NTLM account. Explicit: jörg.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/check_main.h"
#include "lib/pair.h"
#include "lib/world.h"

#define JORG        "j\303\266rg"
#define JORG_SECRET "p\303\244\342\202\254w"

/*
 * gss-ntlmssp 1.2.0 sends a message one octet longer for each that is not ASCII in a name, and does
 * not accept its own MIC then: bare GSS programs fail alike. For NTLM the user is plain.
 */
static const char *spelled(const char *text, const char *package)
{
    static char room[4][64]; /* the last few answers stay */
    static unsigned turn;
    char *plain = room[turn++ % COUNT(room)];
    const char *umlaut = text != NULL ? strstr(text, "\303\266") : NULL;

    if (umlaut == NULL || strcmp(package, "NTLM") != 0)
        return text;
    snprintf(plain, sizeof(room[0]), "%.*so%s", (int)(umlaut - text), text, umlaut + 2);
    return plain;
}

static const char *const packages[] = {"Kerberos", "NTLM", "Negotiate"};

/* The server knows everybody, under the domain's name and under the realm's; the client's own
 * account is bob's. */
static void server_accounts(void)
{
    static const char *const domains[] = {"LOOPBACK", "LOOPBACK.TEST"};
    char path[600];
    FILE *file;

    snprintf(path, sizeof(path), "%s.%ld", world_file("tmp/ntlm"), (long)getpid());
    file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    for (int i = 0; i < COUNT(domains); i++) {
        fprintf(file, "%s:%s:%s\n", domains[i], spelled(JORG, "NTLM"), JORG_SECRET);
        fprintf(file, "%s:alice:%s\n", domains[i], password_of("alice"));
        fprintf(file, "%s:bob:%s\n", domains[i], password_of("bob"));
    }
    fclose(file);
    setenv("NTLM_USER_FILE", path, 1);
}

static void client_accounts(void)
{
    setenv("NTLM_USER_FILE", world_file("ntlm.bob"), 1);
}

/* A context by what has been acquired; the statuses stay in the pair. */
static bool connect_pair(struct pair *pair, const char *server)
{
    client_accounts();
    pair->to_client.size = 0;
    if (pair_initialize(pair) < 0)
        return false;
    server_accounts();
    if (!pair->server_cred_open)
        assert_status(pair_acquire_server(pair, server, NULL), SEC_E_OK);
    return pair_finish(pair);
}

static void assert_connects(struct pair *pair, const char *package, const char *realm_user,
                            const char *domain_user)
{
    bool ntlm = strcmp(package, "NTLM") == 0;

    ck_assert_msg(connect_pair(pair, package), "%s: client %s, server %s; %s", package,
                  sspi_status_name(pair->client_status), sspi_status_name(pair->server_status),
                  sspi_native_error());
    assert_peers(&pair->client, &pair->server, ntlm ? "NTLM" : "Kerberos",
                 ntlm ? domain_user : realm_user);
}

/* --- Layouts -------------------------------------------------------------------------------- */

/* Room for the largest, and for the text behind an EX2. */
union form {
    SEC_WINNT_AUTH_IDENTITY_A a;
    SEC_WINNT_AUTH_IDENTITY_W w;
    SEC_WINNT_AUTH_IDENTITY_EXA exa;
    SEC_WINNT_AUTH_IDENTITY_EXW exw;
    SEC_WINNT_AUTH_IDENTITY_EX2 ex2;
    unsigned char octets[1024];
};

/* Whose the forms are. */
static const char *form_user;

static void form_a(union form *form, ULONG flags)
{
    form->a = identity_a(form_user, "LOOPBACK", JORG_SECRET);
    form->a.Flags = flags;
}

static void form_w(union form *form, ULONG flags)
{
    SEC_WINNT_AUTH_IDENTITY_W *id = &form->w;

    id->User = wide_text(form_user, &id->UserLength);
    id->Domain = wide_text("LOOPBACK", &id->DomainLength);
    id->Password = wide_text(JORG_SECRET, &id->PasswordLength);
    id->Flags = flags;
}

static void form_exa(union form *form, ULONG flags)
{
    form->exa = identity_exa(form_user, "LOOPBACK", JORG_SECRET, "kerberos,ntlm");
    form->exa.Flags = flags;
}

static void form_exw(union form *form, ULONG flags)
{
    SEC_WINNT_AUTH_IDENTITY_EXW *id = &form->exw;

    id->Version = SEC_WINNT_AUTH_IDENTITY_VERSION;
    id->Length = sizeof(*id);
    id->User = wide_text(form_user, &id->UserLength);
    id->Domain = wide_text("LOOPBACK", &id->DomainLength);
    id->Password = wide_text(JORG_SECRET, &id->PasswordLength);
    id->PackageList = wide_text("kerberos,ntlm", &id->PackageListLength);
    id->Flags = flags;
}

/* Appends to a block; what was appended begins at the offset returned. */
static ULONG block_add(union form *form, ULONG *end, const void *data, size_t size)
{
    ULONG at = *end;

    ck_assert_uint_le(at + size, sizeof(form->octets));
    memcpy(form->octets + at, data, size);
    *end += (ULONG)size;
    return at;
}

static ULONG block_add_text(union form *form, ULONG *end, const char *text, unsigned short *size)
{
    ULONG units;
    SEC_WCHAR *wide = wide_text(text, &units);
    ULONG at = block_add(form, end, wide, units * sizeof(*wide));

    *size = (unsigned short)(units * sizeof(*wide));
    free(wide);
    return at;
}

/* Text in one block, the password in packed credentials whose offsets count from their own start.
 */
static void form_ex2(union form *form, ULONG flags)
{
    static const GUID password_type = SEC_WINNT_AUTH_DATA_TYPE_PASSWORD_INIT;
    ULONG end = sizeof(form->ex2), head, data, secret;
    SEC_WINNT_AUTH_IDENTITY_EX2 id = {.Version = SEC_WINNT_AUTH_IDENTITY_VERSION_2,
                                      .cbHeaderLength = sizeof(id)};
    SEC_WINNT_AUTH_PACKED_CREDENTIALS packed = {.cbHeaderLength = sizeof(packed)};
    SEC_WINNT_AUTH_DATA_PASSWORD password;
    unsigned short size;

    memset(&password, 0, sizeof(password));
    id.UserOffset = block_add_text(form, &end, form_user, &id.UserLength);
    id.DomainOffset = block_add_text(form, &end, "LOOPBACK", &id.DomainLength);
    id.PackageListOffset = block_add_text(form, &end, "kerberos,ntlm", &id.PackageListLength);
    head = block_add(form, &end, &packed, sizeof(packed));
    data = block_add(form, &end, &password, sizeof(password));
    secret = block_add_text(form, &end, JORG_SECRET, &size);
    password.UnicodePassword.ByteArrayOffset = secret - data;
    password.UnicodePassword.ByteArrayLength = size;
    packed.cbStructureLength = (unsigned short)(end - head);
    packed.AuthData.CredType = password_type;
    packed.AuthData.CredData.ByteArrayOffset = data - head;
    packed.AuthData.CredData.ByteArrayLength = (unsigned short)(end - data);
    id.PackedCredentialsOffset = head;
    id.PackedCredentialsLength = (unsigned short)(end - head);
    id.cbStructureLength = end;
    id.Flags = flags;
    memcpy(form->octets + head, &packed, sizeof(packed));
    memcpy(form->octets + data, &password, sizeof(password));
    memcpy(form->octets, &id, sizeof(id));
}

static void form_free(union form *form, bool wide_ex)
{
    if (wide_ex) {
        free(form->exw.User);
        free(form->exw.Domain);
        free(form->exw.Password);
        free(form->exw.PackageList);
    } else {
        free(form->w.User);
        free(form->w.Domain);
        free(form->w.Password);
    }
}

#define BY_A 0x1U
#define BY_W 0x2U

/* Flags say what text it is; where they do not, the form of the call does. */
static const struct layout {
    const char *name;
    void (*fill)(union form *, ULONG flags);
    ULONG flags;
    unsigned calls;
    enum { BORROWS, OWNS_PLAIN, OWNS_EX } text;
} layouts[] = {
    {"A", form_a, SEC_WINNT_AUTH_IDENTITY_ANSI, BY_A | BY_W, BORROWS},
    {"A without flags", form_a, 0, BY_A, BORROWS},
    {"W", form_w, SEC_WINNT_AUTH_IDENTITY_UNICODE, BY_A | BY_W, OWNS_PLAIN},
    {"W without flags", form_w, 0, BY_W, OWNS_PLAIN},
    {"EXA", form_exa, SEC_WINNT_AUTH_IDENTITY_ANSI, BY_A | BY_W, BORROWS},
    {"EXA without flags", form_exa, 0, BY_A, BORROWS},
    {"EXW", form_exw, SEC_WINNT_AUTH_IDENTITY_UNICODE, BY_A | BY_W, OWNS_EX},
    {"EXW without flags", form_exw, 0, BY_W, OWNS_EX},
    {"EX2", form_ex2, SEC_WINNT_AUTH_IDENTITY_UNICODE, BY_A | BY_W, BORROWS},
    {"EX2 without flags", form_ex2, 0, BY_A | BY_W, BORROWS},
};

static SECURITY_STATUS acquire_by(struct pair *pair, const char *package, const void *auth,
                                  bool wide)
{
    SEC_WCHAR *name;
    SECURITY_STATUS status;

    if (!wide)
        return pair_acquire_client(pair, package, NULL, auth);
    name = wide_text(package, NULL);
    status =
        AcquireCredentialsHandleW(NULL, name, SECPKG_CRED_OUTBOUND, NULL, (void *)(uintptr_t)auth,
                                  NULL, NULL, &pair->client_cred, &pair->client_expiry);
    free(name);
    pair->client_cred_open = status == SEC_E_OK;
    return status;
}

START_TEST(layout)
{
    const struct layout *row = &layouts[_i / (2 * COUNT(packages))];
    const char *package = packages[_i / 2 % COUNT(packages)];
    bool wide = _i % 2;
    union form form;
    struct pair pair;

    if (!(row->calls & (wide ? BY_W : BY_A)))
        return;
    pair_init(&pair);
    memset(&form, 0, sizeof(form));
    form_user = spelled(JORG, package);
    row->fill(&form, row->flags);
    assert_status(acquire_by(&pair, package, &form, wide), SEC_E_OK);
    /* The library has copied what it needs. */
    if (row->text != BORROWS)
        form_free(&form, row->text == OWNS_EX);
    memset(&form, 0xa5, sizeof(form));
    assert_connects(&pair, package, JORG "@LOOPBACK.TEST", spelled("LOOPBACK\\" JORG, package));
    pair_free(&pair);
}
END_TEST

/* --- Names of users ------------------------------------------------------------------------- */

static const struct spelling {
    const char *user, *domain;
    const char *ntlm; /* NULL: NTLM's server does not know it so */
} spellings[] = {
    {JORG, NULL, NULL},
    {JORG, "", NULL},
    {JORG, "LOOPBACK", "LOOPBACK\\" JORG},
    {JORG, "LOOPBACK.TEST", "LOOPBACK.TEST\\" JORG},
    {JORG, "loopback.test", NULL}, /* gss-ntlmssp proves the domain in its file's spelling */
    {"LOOPBACK\\" JORG, NULL, "LOOPBACK\\" JORG},
    {"LOOPBACK\\" JORG, "", "LOOPBACK\\" JORG},
    {"LOOPBACK.TEST\\" JORG, NULL, "LOOPBACK.TEST\\" JORG},
    {JORG "@LOOPBACK.TEST", NULL, "LOOPBACK.TEST\\" JORG},
    {JORG "@loopback.test", NULL, NULL},
    {JORG "@LOOPBACK", NULL, "LOOPBACK\\" JORG},
};

START_TEST(spelling)
{
    const struct spelling *row = &spellings[_i / COUNT(packages)];
    const char *package = packages[_i % COUNT(packages)];
    SEC_WINNT_AUTH_IDENTITY_A id =
        identity_a(spelled(row->user, package), row->domain, JORG_SECRET);
    struct pair pair;

    if (strcmp(package, "NTLM") == 0 && row->ntlm == NULL)
        return;
    pair_init(&pair);
    assert_status(pair_acquire_client(&pair, package, NULL, &id), SEC_E_OK);
    assert_connects(&pair, package, JORG "@LOOPBACK.TEST", spelled(row->ntlm, package));
    pair_free(&pair);
}
END_TEST

/* --- T-CRED-1: never the ambient identity --------------------------------------------------- */

#define NONE SEC_E_OK

static const struct bad {
    const char *user, *domain, *password;
    SECURITY_STATUS acquire; /* NONE: it is acquired, and the logon fails */
} bads[] = {
    {"alice", "LOOPBACK", "another password", NONE},
    {"alice", NULL, "another password", NONE},
    {"alice@LOOPBACK.TEST", NULL, "another password", NONE},
    {"bob", "LOOPBACK", "another password", NONE},
    {"alice", "LOOPBACK", "", NONE},
    {"bob", "LOOPBACK", "", NONE},
    {"alice", "LOOPBACK", NULL, NONE},
    {"bob", "LOOPBACK", NULL, NONE},
    {"nobody", "LOOPBACK", "another password", NONE},
    {"nobody", "LOOPBACK", "", NONE},
    {"nobody", "LOOPBACK", NULL, NONE},
    {NULL, "LOOPBACK", "another password", SEC_E_UNKNOWN_CREDENTIALS},
    {NULL, NULL, "another password", SEC_E_UNKNOWN_CREDENTIALS},
    {NULL, NULL, "", SEC_E_UNKNOWN_CREDENTIALS},
    {NULL, "LOOPBACK", NULL, SEC_E_UNKNOWN_CREDENTIALS},
    {"", "LOOPBACK", "another password", SEC_E_UNKNOWN_CREDENTIALS},
    {"", "", "", SEC_E_UNKNOWN_CREDENTIALS},
    {"", NULL, NULL, SEC_E_UNKNOWN_CREDENTIALS},
};

/* Which packages, and what the KDC does meanwhile. */
static const struct place {
    const char *package, *list, *kdc;
} places[] = {
    {"Kerberos", NULL, "krb5"},     {"NTLM", NULL, "krb5"},        {"Negotiate", NULL, "krb5"},
    {"Negotiate", "!ntlm", "krb5"}, {"Negotiate", "ntlm", "krb5"}, {"Negotiate", NULL, "refused"},
};

START_TEST(bad)
{
    const struct bad *row = &bads[_i / COUNT(places)];
    const struct place *place = &places[_i % COUNT(places)];
    SEC_WINNT_AUTH_IDENTITY_EXA id =
        identity_exa(row->user, row->domain, row->password, place->list);
    struct pair pair;

    pair_init(&pair);
    world_kdc(place->kdc);
    assert_status(pair_acquire_client(&pair, place->package, NULL, &id), row->acquire);
    if (row->acquire != NONE) {
        ck_assert(!pair.client_cred_open);
        return;
    }
    ck_assert_msg(!connect_pair(&pair, "Negotiate"), "logged on as %s", context_user(&pair.server));
    /* Whoever decides: the client by the KDC's word, or the server. */
    assert_status(pair.client_status < 0 ? pair.client_status : pair.server_status,
                  SEC_E_LOGON_DENIED);
    ck_assert_str_ne(sspi_native_error(), "");
    pair_free(&pair);
}
END_TEST

/* The same credentials handle again, once more and with the ambient one in between. */
START_TEST(bad_stays_bad)
{
    const char *package = packages[_i];
    SEC_WINNT_AUTH_IDENTITY_A id = identity_a("alice", "LOOPBACK", "another password");
    struct pair good, wrong;

    pair_init(&good);
    pair_init(&wrong);
    client_accounts();
    assert_status(pair_acquire_client(&good, package, NULL, NULL), SEC_E_OK);
    assert_status(pair_acquire_client(&wrong, package, NULL, &id), SEC_E_OK);
    for (int i = 0; i < 2; i++) {
        assert_connects(&good, package, "alice@LOOPBACK.TEST", "LOOPBACK\\bob");
        ck_assert(!connect_pair(&wrong, package));
        pair_close(&good);
        pair_close(&wrong);
    }
    pair_free(&good);
    pair_free(&wrong);
}
END_TEST

/* Two users and two services, in turn: each handle stays whose it is. */
START_TEST(nobody_is_mixed_up)
{
    static const char *const targets[] = {"HTTP/localhost", "host/localhost"};
    static const char *const users[] = {"alice", "bob"};
    const char *package = packages[_i];
    struct pair pairs[2];
    char realm_user[64], domain_user[64];

    for (int user = 0; user < 2; user++) {
        SEC_WINNT_AUTH_IDENTITY_A id =
            identity_a(users[user], "LOOPBACK", password_of(users[user]));

        pair_init(&pairs[user]);
        assert_status(pair_acquire_client(&pairs[user], package, NULL, &id), SEC_E_OK);
    }
    for (int i = 0; i < 8; i++) {
        struct pair *pair = &pairs[i % 2];
        SecPkgContext_ClientSpecifiedTarget target = {NULL};

        pair->target = targets[i / 2 % 2];
        snprintf(realm_user, sizeof(realm_user), "%s@LOOPBACK.TEST", users[i % 2]);
        snprintf(domain_user, sizeof(domain_user), "LOOPBACK\\%s", users[i % 2]);
        assert_connects(pair, package, realm_user, domain_user);
        if (strcmp(package, "NTLM") != 0) {
            SEC_WCHAR *expected = wide_text(pair->target, NULL);

            assert_status(QueryContextAttributesW(&pair->server,
                                                  SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, &target),
                          SEC_E_OK);
            ck_assert_mem_eq(target.sTargetName, expected,
                             (strlen(pair->target) + 1) * sizeof(*expected));
            FreeContextBuffer(target.sTargetName);
            free(expected);
        }
        pair_close(pair);
    }
    pair_free(&pairs[0]);
    pair_free(&pairs[1]);
}
END_TEST

/* --- The user's own cache ------------------------------------------------------------------- */

/* Names and sizes of what is in a folder, put together. */
static unsigned folder_count(const char *name)
{
    char command[700], line[64];
    FILE *pipe;

    snprintf(command, sizeof(command), "find '%s' -type f | wc -l", world_file(name));
    pipe = popen(command, "r");
    ck_assert_ptr_nonnull(pipe);
    ck_assert_ptr_nonnull(fgets(line, sizeof(line), pipe));
    pclose(pipe);
    return (unsigned)strtoul(line, NULL, 10);
}

/* A logon by password, of the same user and of another, leaves the user's cache as it was. */
START_TEST(own_cache)
{
    static const char *const users[] = {"alice", "bob"};
    const char *package = _i % 2 ? "Negotiate" : "Kerberos", *user = users[_i / 2];
    SEC_WINNT_AUTH_IDENTITY_A id = identity_a(user, "LOOPBACK", password_of(user));
    size_t before_size, after_size;
    unsigned char *before, *after;
    unsigned files = folder_count(".");
    struct pair pair;
    char expected[64];

    before = file_read(getenv("KRB5CCNAME"), &before_size);
    pair_init(&pair);
    assert_status(pair_acquire_client(&pair, package, NULL, &id), SEC_E_OK);
    snprintf(expected, sizeof(expected), "%s@LOOPBACK.TEST", user);
    assert_connects(&pair, package, expected, NULL);
    pair_free(&pair);
    after = file_read(getenv("KRB5CCNAME"), &after_size);
    ck_assert_uint_eq(after_size, before_size);
    ck_assert_mem_eq(after, before, before_size);
    ck_assert_uint_le(folder_count("."), files + 2); /* the accounts file and the replay cache */
    free(before);
    free(after);
}
END_TEST

/* --- The KDC hears nothing of AcquireCredentialsHandle -------------------------------------- */

static const char *const kdcs[] = {"krb5", "refused", "silent"};

START_TEST(nothing_is_sent)
{
    const char *package = packages[_i / 2 % COUNT(packages)],
               *kdc = kdcs[_i / (2 * COUNT(packages))];
    SEC_WINNT_AUTH_IDENTITY_A good = identity_a("alice", "LOOPBACK", password_of("alice")),
                              wrong = identity_a("alice", "LOOPBACK", "another password");
    unsigned asked = world_requests();
    struct pair pair;

    /* Whoever waits for the silent KDC, 27 s a time, does not come to the end of this test. */
    setenv("SSPI_KDC_TIMEOUT", "3600", 1);
    world_kdc(kdc);
    for (int i = 0; i < 60; i++) {
        const void *auth = i % 3 == 0 ? NULL : i % 3 == 1 ? &good : &wrong;

        pair_init(&pair);
        assert_status(acquire_by(&pair, package, auth, _i % 2), SEC_E_OK);
        pair_free(&pair);
    }
    ck_assert_uint_eq(world_requests(), asked);
}
END_TEST

/* The first leg asks, once for the password and once for the service; the second context asks
 * nobody. */
START_TEST(asked_once)
{
    const char *package = _i ? "Negotiate" : "Kerberos";
    SEC_WINNT_AUTH_IDENTITY_A id = identity_a("alice", "LOOPBACK", password_of("alice"));
    unsigned asked = world_requests(), after;
    struct pair pair;

    pair_init(&pair);
    assert_status(pair_acquire_client(&pair, package, NULL, &id), SEC_E_OK);
    assert_connects(&pair, package, "alice@LOOPBACK.TEST", NULL);
    after = world_requests();
    ck_assert_uint_gt(after, asked);
    world_kdc("silent");
    for (int i = 0; i < 3; i++) {
        pair_close(&pair);
        assert_connects(&pair, package, "alice@LOOPBACK.TEST", NULL);
    }
    ck_assert_uint_eq(world_requests(), after);
    pair_free(&pair);
}
END_TEST

/* --- Hashes --------------------------------------------------------------------------------- */

/* alice's from the world's file of smbpasswd lines. */
static const char *hash_of_alice(void)
{
    static char hash[33];
    size_t size;
    unsigned char *text = file_read(world_file("ntlm.hashes"), &size);
    const char *at = strstr((char *)text, "\\alice:");

    for (int colons = 0; colons < 3; colons++) {
        at = strchr(at, ':');
        ck_assert_ptr_nonnull(at++);
    }
    snprintf(hash, sizeof(hash), "%.32s", at);
    ck_assert_uint_eq(strspn(hash, "0123456789ABCDEF"), 32);
    free(text);
    return hash;
}

/* FreeRDP says by the length of the password, or by a flag, that it is a hash. */
static const struct hash_form {
    ULONG added, flags;
} hash_forms[] = {{512, 0}, {512, 0x00800000}, {0, 0x00800000}};

START_TEST(hash)
{
    const struct hash_form *form = &hash_forms[_i / COUNT(packages)];
    const char *package = packages[_i % COUNT(packages)];
    SEC_WINNT_AUTH_IDENTITY_EXA id = identity_exa("alice", "LOOPBACK", hash_of_alice(), NULL);
    struct pair pair;

    id.PasswordLength += form->added;
    id.Flags |= form->flags;
    pair_init(&pair);
    assert_status(pair_acquire_client(&pair, package, NULL, &id), SEC_E_OK);
    if (strcmp(package, "Kerberos") == 0) {
        assert_status(pair_initialize(&pair), SEC_E_NO_CREDENTIALS);
    } else {
        assert_connects(&pair, "NTLM", NULL, "LOOPBACK\\alice");
        ck_assert_mem_eq(pair.first.data, "NTLMSSP", 8);
    }
    pair_free(&pair);
}
END_TEST

START_TEST(hash_of_another)
{
    SEC_WINNT_AUTH_IDENTITY_EXA id = identity_exa("bob", "LOOPBACK", hash_of_alice(), NULL);
    struct pair pair;

    id.PasswordLength += 512;
    pair_init(&pair);
    assert_status(pair_acquire_client(&pair, "NTLM", NULL, &id), SEC_E_OK);
    ck_assert(!connect_pair(&pair, "NTLM"));
    assert_status(pair.server_status, SEC_E_LOGON_DENIED);
    pair_free(&pair);
}
END_TEST

/* --- What FreeRDP hands over beside the identity -------------------------------------------- */

struct kerberos_settings {
    char *kdc_url, *keytab, *cache, *others[3];
    int32_t numbers[9];
};

struct kerberos_settings_sized {
    uint32_t size;
    char *kdc_url, *keytab, *cache;
    char *others[3];
    int64_t numbers[7];
};

struct freerdp_identity {
    SEC_WINNT_AUTH_IDENTITY_EXW identity;
    void *ntlm;
    struct kerberos_settings *kerberos;
};

struct freerdp_identity_sized {
    SEC_WINNT_AUTH_IDENTITY_EXW identity;
    uint32_t version;
    void *ntlm;
    struct kerberos_settings_sized *kerberos;
};

/* WinPR 3.0 and 3.31. */
#define FREERDP_EXTENDED       0x100U
#define FREERDP_EXTENDED_SIZED 0x200U

union freerdp {
    struct freerdp_identity plain;
    struct freerdp_identity_sized sized;
};

static void freerdp_fill(union freerdp *id, bool sized, char *keytab, char *cache)
{
    static struct kerberos_settings plain;
    static struct kerberos_settings_sized with_size;

    memset(id, 0, sizeof(*id));
    id->plain.identity.Version = SEC_WINNT_AUTH_IDENTITY_VERSION;
    id->plain.identity.Length = sizeof(id->plain.identity);
    id->plain.identity.Flags =
        SEC_WINNT_AUTH_IDENTITY_UNICODE | (sized ? FREERDP_EXTENDED_SIZED : FREERDP_EXTENDED);
    plain = (struct kerberos_settings){.keytab = keytab, .cache = cache};
    with_size = (struct kerberos_settings_sized){
        .size = sizeof(with_size), .keytab = keytab, .cache = cache};
    if (sized) {
        id->sized.version = 1;
        id->sized.kerberos = &with_size;
    } else {
        id->plain.kerberos = &plain;
    }
}

/* The cache it names is used for its user alone, and a user of another realm is another. */
START_TEST(freerdp_cache_of_a_user)
{
    static const struct {
        const char *user, *domain;
        bool is;
    } users[] = {{"bob", NULL, true},
                 {"bob", "LOOPBACK.TEST", true},
                 {"bob", "loopback.test", true},
                 {"bob", "LOOPBACK", true},
                 {"bob", "OTHER.TEST", false},
                 {"alice", "LOOPBACK.TEST", false},
                 {"bo", NULL, false}};
    union freerdp id;
    struct pair pair;
    char cache[600];

    snprintf(cache, sizeof(cache), "FILE:%s", world_file("cc.user"));
    world_kinit("bob", cache, NULL);
    freerdp_fill(&id, _i % 2, NULL, cache);
    id.plain.identity.User = wide_text(users[_i / 2].user, &id.plain.identity.UserLength);
    if (users[_i / 2].domain != NULL)
        id.plain.identity.Domain = wide_text(users[_i / 2].domain, &id.plain.identity.DomainLength);
    pair_init(&pair);
    assert_status(pair_acquire_client(&pair, "Kerberos", NULL, &id), SEC_E_OK);
    if (users[_i / 2].is)
        assert_connects(&pair, "Kerberos", "bob@LOOPBACK.TEST", NULL);
    else
        assert_status(pair_initialize(&pair), SEC_E_LOGON_DENIED);
    pair_free(&pair);
    free(id.plain.identity.User);
    free(id.plain.identity.Domain);
}
END_TEST

/* The cache it names is used, and not the default one. */
START_TEST(freerdp_cache)
{
    static const struct {
        const char *name;
        bool is;
    } principals[] = {{"bob", true},
                      {"bob@LOOPBACK.TEST", true},
                      {"alice", false},
                      {"alice@LOOPBACK.TEST", false},
                      {"bob@OTHER.TEST", false}};
    const char *package = _i % 2 ? "Negotiate" : "Kerberos";
    union freerdp id;
    struct pair pair;
    char cache[600];

    snprintf(cache, sizeof(cache), "FILE:%s", world_file("cc.bob"));
    world_kinit("bob", cache, NULL);
    freerdp_fill(&id, _i / 2, NULL, cache);
    pair_init(&pair);
    assert_status(pair_acquire_client(&pair, package, NULL, &id), SEC_E_OK);
    assert_connects(&pair, package, "bob@LOOPBACK.TEST", NULL);
    pair_free(&pair);
    /* Whose tickets are wanted may be said as well, and then nobody else's will do. */
    for (int i = 0; i < COUNT(principals); i++) {
        pair_init(&pair);
        assert_status(pair_acquire_client(&pair, principals[i].is ? package : "Kerberos",
                                          principals[i].name, &id),
                      SEC_E_OK);
        if (principals[i].is)
            assert_connects(&pair, package, "bob@LOOPBACK.TEST", NULL);
        else
            assert_status(pair_initialize(&pair), SEC_E_NO_CREDENTIALS);
        pair_free(&pair);
    }
    /* One that is not there is no reason to take another. */
    snprintf(cache, sizeof(cache), "FILE:%s", world_file("cc.absent"));
    freerdp_fill(&id, _i / 2, NULL, cache);
    pair_init(&pair);
    assert_status(pair_acquire_client(&pair, "Kerberos", NULL, &id), SEC_E_OK);
    assert_status(pair_initialize(&pair), SEC_E_NO_CREDENTIALS);
    pair_free(&pair);
}
END_TEST

START_TEST(freerdp_keytab)
{
    const char *package = _i % 2 ? "Negotiate" : "Kerberos";
    union freerdp id;
    struct pair pair;
    char keytab[600];

    snprintf(keytab, sizeof(keytab), "%s", getenv("KRB5_KTNAME"));
    setenv("KRB5_KTNAME", world_file("absent.keytab"), 1);
    freerdp_fill(&id, _i / 2, keytab, NULL);
    pair_init(&pair);
    assert_status(AcquireCredentialsHandleA(NULL, (SEC_CHAR *)(uintptr_t)package,
                                            SECPKG_CRED_INBOUND, NULL, &id, NULL, NULL,
                                            &pair.server_cred, NULL),
                  SEC_E_OK);
    pair.server_cred_open = true;
    assert_status(pair_acquire_client(&pair, package, NULL, NULL), SEC_E_OK);
    assert_connects(&pair, package, "alice@LOOPBACK.TEST", NULL);
    pair_free(&pair);
}
END_TEST

/* --- A server has no password --------------------------------------------------------------- */

START_TEST(server_with_password)
{
    static const ULONG uses[] = {SECPKG_CRED_INBOUND, SECPKG_CRED_BOTH};
    SEC_WINNT_AUTH_IDENTITY_A id = identity_a("alice", "LOOPBACK", password_of("alice"));
    CredHandle cred;

    assert_status(
        AcquireCredentialsHandleA(NULL, (SEC_CHAR *)(uintptr_t)packages[_i % COUNT(packages)],
                                  uses[_i / COUNT(packages)], NULL, &id, NULL, NULL, &cred, NULL),
        SEC_E_UNSUPPORTED_FUNCTION);
    assert_native("keytab");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("identity");

    suite_add(s, layout, COUNT(layouts) * COUNT(packages) * 2);
    suite_add(s, spelling, COUNT(spellings) * COUNT(packages));
    suite_add(s, bad, COUNT(bads) * COUNT(places));
    suite_add(s, bad_stays_bad, COUNT(packages));
    suite_add(s, nobody_is_mixed_up, COUNT(packages));
    suite_add(s, own_cache, 4);
    suite_add(s, nothing_is_sent, COUNT(kdcs) * COUNT(packages) * 2);
    suite_add(s, asked_once, 2);
    suite_add(s, hash, COUNT(hash_forms) * COUNT(packages));
    suite_add(s, hash_of_another, 1);
    suite_add(s, freerdp_cache_of_a_user, 14);
    suite_add(s, freerdp_cache, 4);
    suite_add(s, freerdp_keytab, 4);
    suite_add(s, server_with_password, 2 * COUNT(packages));
    return s;
}

CHECK_MAIN(suite)
