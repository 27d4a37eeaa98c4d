/* SPDX-License-Identifier: MIT */
/*
 * SSPI_TRACE from end to end: every call that is handed a secret or makes one leaves none in the
 * trace, in no spelling; the file is its owner's; and a set-id program writes none.
 */
#include <ctype.h>
#include <fcntl.h>
#include <grp.h>
#include <krb5.h>
#include <pthread.h>
#include <spawn.h>
#include <sspi.h>
#include <sspi_linux.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/check_main.h"
#include "lib/pair.h"
#include "lib/world.h"

extern char **environ;

static const struct way {
    const char *package, *list;
} ways[] = {{"Kerberos", NULL}, {"NTLM", NULL}, {"Negotiate", "!ntlm"}, {"Negotiate", "!kerberos"}};

static const char *trace_path(void)
{
    static char path[600];

    snprintf(path, sizeof(path), "%s.%ld", world_file("tmp/trace"), (long)getpid());
    return path;
}

static void trace_to_file(void)
{
    umask(0);
    ck_assert_int_eq(setenv("SSPI_TRACE", trace_path(), 1), 0);
}

/* --- What to look for ----------------------------------------------------------------------- */

#define SECRETS_MAX     64
#define SECRET_MAX_SIZE 64
#define SPELLING_MAX    (2 * SECRET_MAX_SIZE + 1)

struct secrets {
    unsigned count;
    struct secret {
        unsigned char data[SECRET_MAX_SIZE];
        size_t size;
        const char *what;
    } list[SECRETS_MAX];
};

static void secret_add(struct secrets *secrets, const char *what, const void *data, size_t size)
{
    struct secret *secret = &secrets->list[secrets->count++];

    ck_assert_uint_le(secrets->count, SECRETS_MAX);
    ck_assert_uint_le(size, SECRET_MAX_SIZE);
    ck_assert_uint_ge(size, 6); /* less is found by chance */
    memcpy(secret->data, data, size);
    secret->size = size;
    secret->what = what;
}

static void secret_add_utf16(struct secrets *secrets, const char *what, const char *text)
{
    ULONG units;
    SEC_WCHAR *wide = wide_text(text, &units);

    secret_add(secrets, what, text, strlen(text));
    secret_add(secrets, what, wide, units * sizeof(*wide));
    free(wide);
}

/* The NT hash of alice, from smbpasswd lines: name:uid:LM:NT:... */
static void nt_hash_text(char *text)
{
    size_t size;
    unsigned char *file = file_read(world_file("ntlm.hashes"), &size);
    const char *line = strstr((const char *)file, "alice:");
    int colons = 0;

    ck_assert_ptr_nonnull(line);
    for (; colons < 3; line++)
        colons += *line == ':';
    memcpy(text, line, 32);
    text[32] = '\0';
    ck_assert_uint_eq(strspn(text, "0123456789abcdefABCDEF"), 32);
    free(file);
}

static void secret_add_nt_hash(struct secrets *secrets)
{
    unsigned char hash[16];
    char text[33];

    nt_hash_text(text);
    for (int i = 0; i < COUNT(hash); i++) {
        unsigned value;

        ck_assert_int_eq(sscanf(text + 2 * i, "%2x", &value), 1);
        hash[i] = (unsigned char)value;
    }
    secret_add(secrets, "the NT hash", hash, sizeof(hash));
}

/* The service's key, from the keytab. */
static void secret_add_keytab(struct secrets *secrets)
{
    krb5_context context;
    krb5_keytab keytab;
    krb5_kt_cursor cursor;
    krb5_keytab_entry entry;
    unsigned found = 0;

    ck_assert_int_eq(krb5_init_context(&context), 0);
    ck_assert_int_eq(krb5_kt_default(context, &keytab), 0);
    ck_assert_int_eq(krb5_kt_start_seq_get(context, keytab, &cursor), 0);
    while (krb5_kt_next_entry(context, keytab, &entry, &cursor) == 0) {
        if (strcmp(entry.principal->data[0].data, "HTTP") == 0 && found++ < 8)
            secret_add(secrets, "the service's key", entry.key.contents, entry.key.length);
        krb5_free_keytab_entry_contents(context, &entry);
    }
    ck_assert_uint_gt(found, 0);
    krb5_kt_end_seq_get(context, keytab, &cursor);
    krb5_kt_close(context, keytab);
    krb5_free_context(context);
}

static void secret_add_session_key(struct secrets *secrets, CtxtHandle *context)
{
    SecPkgContext_SessionKey key;

    assert_status(QueryContextAttributesA(context, SECPKG_ATTR_SESSION_KEY, &key), SEC_E_OK);
    secret_add(secrets, "the session key", key.SessionKey, key.SessionKeyLength);
    FreeContextBuffer(key.SessionKey);
}

/* In base 64, without the last group: what follows may have changed that. */
static size_t spell_base64(const struct secret *secret, unsigned char *text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t used = 0;

    for (size_t i = 0; i + 3 <= secret->size; i += 3) {
        unsigned group =
            (unsigned)secret->data[i] << 16 | secret->data[i + 1] << 8 | secret->data[i + 2];

        for (int shift = 18; shift >= 0; shift -= 6)
            text[used++] = (unsigned char)digits[group >> shift & 63];
    }
    return used;
}

static size_t spell_hex(const struct secret *secret, const char *digits, unsigned char *text)
{
    for (size_t i = 0; i < secret->size; i++) {
        text[2 * i] = (unsigned char)digits[secret->data[i] >> 4];
        text[2 * i + 1] = (unsigned char)digits[secret->data[i] & 15];
    }
    return 2 * secret->size;
}

static bool holds(const unsigned char *data, size_t size, const void *what, size_t of)
{
    return memmem(data, size, what, of) != NULL;
}

/* How the secret is spelled where it stands in the text, or NULL. */
static const char *found_as(const unsigned char *text, size_t size, const struct secret *secret)
{
    unsigned char spelling[SPELLING_MAX];

    if (holds(text, size, secret->data, secret->size))
        return "octets";
    if (holds(text, size, spelling, spell_hex(secret, "0123456789abcdef", spelling)))
        return "hex";
    if (holds(text, size, spelling, spell_hex(secret, "0123456789ABCDEF", spelling)))
        return "HEX";
    if (holds(text, size, spelling, spell_base64(secret, spelling)))
        return "base 64";
    return NULL;
}

static void assert_without(const unsigned char *text, size_t size, const struct secrets *secrets)
{
    ck_assert_uint_gt(secrets->count, 0);
    for (unsigned i = 0; i < secrets->count; i++) {
        const char *as = found_as(text, size, &secrets->list[i]);

        ck_assert_msg(as == NULL, "%s is there in %s", secrets->list[i].what, as);
    }
}

/* The search finds what it is for. */
START_TEST(search_finds)
{
    static const struct {
        const char *text, *as;
    } lines[] = {{"key=secret\xff!.", "octets"},
                 {"key=736563726574ff21.", "hex"},
                 {"key=736563726574FF21.", "HEX"},
                 {"key=c2VjcmV0/yE=", "base 64"},
                 {"key=secret", NULL}};
    static struct secrets secrets;

    secret_add(&secrets, "it", "secret\xff!", 8);
    for (int i = 0; i < COUNT(lines); i++)
        ck_assert_pstr_eq(
            found_as((const unsigned char *)lines[i].text, strlen(lines[i].text), secrets.list),
            lines[i].as);
}
END_TEST

/* Every line whole: [thread] seconds.microseconds sspi: text */
static unsigned assert_lines(const unsigned char *text, size_t size)
{
    const char *line = (const char *)text, *end;
    unsigned count = 0;

    ck_assert_uint_gt(size, 0);
    for (; line < (const char *)text + size; line = end + 1, count++) {
        int used = 0;

        end = memchr(line, '\n', size - (size_t)(line - (const char *)text));
        ck_assert_msg(end != NULL, "the last line has no end");
        ck_assert_msg(sscanf(line, "[%*u] %*u.%*6[0-9] sspi: %n", &used) == 0 && used > 0 &&
                          line + used < end,
                      "line %u is '%.*s'", count, (int)(end - line), line);
        for (const char *at = line; at < end; at++)
            ck_assert_msg(!iscntrl((unsigned char)*at), "line %u has octet 0x%02x", count,
                          (unsigned char)*at);
    }
    return count;
}

/* The trace as it is now, sound, and without these unless NULL; free() it. */
static unsigned char *trace_read(const struct secrets *secrets, size_t *size)
{
    unsigned char *text = file_read(trace_path(), size);

    assert_lines(text, *size);
    if (secrets != NULL)
        assert_without(text, *size, secrets);
    return text;
}

static void assert_has(const unsigned char *text, size_t size, const char *const words[], int count)
{
    for (int i = 0; i < count; i++)
        ck_assert_msg(holds(text, size, words[i], strlen(words[i])), "'%s' is not there:\n%s",
                      words[i], (const char *)text);
}

/* --- Calls that are handed a secret, or make one -------------------------------------------- */

static SEC_WINNT_AUTH_IDENTITY_W identity_w(const char *user, const char *domain,
                                            const char *password)
{
    SEC_WINNT_AUTH_IDENTITY_W id = {.Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE};

    id.User = wide_text(user, &id.UserLength);
    id.Domain = wide_text(domain, &id.DomainLength);
    id.Password = wide_text(password, &id.PasswordLength);
    return id;
}

static void identity_w_free(SEC_WINNT_AUTH_IDENTITY_W *id)
{
    free(id->User);
    free(id->Domain);
    free(id->Password);
}

/* A whole session: keys are asked for, messages go both ways, the context moves. */
static void session(const struct way *way, struct secrets *secrets)
{
    SEC_WINNT_AUTH_IDENTITY_EXA id =
        identity_exa("alice", "LOOPBACK", password_of("alice"), way->list);
    SecBuffer packed = {0, SECBUFFER_EMPTY, NULL};
    CtxtHandle again;
    struct pair pair;

    pair_init(&pair);
    pair_acquire(&pair, way->package, &id);
    pair_establish(&pair);
    pair_message(&pair.client, &pair.server, "a text nobody shall read");
    secret_add(secrets, "the message", "a text nobody shall read", 24);
    secret_add_session_key(secrets, &pair.client);
    secret_add_session_key(secrets, &pair.server);
    assert_status(ExportSecurityContext(&pair.client, 0, &packed, NULL), SEC_E_OK);
    ck_assert_uint_gt(packed.cbBuffer, 48);
    secret_add(secrets, "the packed context", (char *)packed.pvBuffer + packed.cbBuffer - 48, 48);
    assert_status(ImportSecurityContextA((char *)(uintptr_t)way->package, &packed, NULL, &again),
                  SEC_E_OK);
    FreeContextBuffer(packed.pvBuffer);
    pair_message(&again, &pair.server, "more of that");
    assert_status(DeleteSecurityContext(&again), SEC_E_OK);
    pair_free(&pair);
}

START_TEST(sessions_leave_no_secret)
{
    static const char *const words[] = {
        "AcquireCredentialsHandle package=",
        "principal=(default)",
        "identity=given",
        "AcquireCredentialsHandle -> 0x00000000 SEC_E_OK",
        "InitializeSecurityContext first target=HTTP/localhost request=",
        "InitializeSecurityContext -> 0x00000000 SEC_E_OK attributes=",
        "AcceptSecurityContext -> 0x00000000 SEC_E_OK attributes=",
        "EncryptMessage TOKEN[",
        "DecryptMessage STREAM[",
        "QueryContextAttributes attribute=9",
        "ExportSecurityContext -> 0x00000000 SEC_E_OK",
        "ImportSecurityContext -> 0x00000000 SEC_E_OK",
        "DeleteSecurityContext -> 0x00000000 SEC_E_OK",
        "FreeCredentialsHandle -> 0x00000000 SEC_E_OK",
    };
    static struct secrets secrets;
    struct stat status;
    unsigned char *text;
    size_t size;

    trace_to_file();
    secret_add_utf16(&secrets, "the password", password_of("alice"));
    secret_add_nt_hash(&secrets);
    secret_add_keytab(&secrets);
    session(&ways[_i], &secrets);
    ck_assert_int_eq(lstat(trace_path(), &status), 0);
    ck_assert(S_ISREG(status.st_mode));
    ck_assert_uint_eq(status.st_mode & 07777, 0600);
    text = trace_read(&secrets, &size);
    assert_has(text, size, words, COUNT(words));
    free(text);
}
END_TEST

/* The NT hash in place of the password, as FreeRDP gives it; the W form; a second credential. */
START_TEST(identities_leave_no_secret)
{
    static const char *const words[] = {"AddCredentials package=",
                                        "AddCredentials -> 0x00000000 SEC_E_OK"};
    static struct secrets secrets;
    char hash[33], *ntlm = (char *)(uintptr_t) "NTLM";
    SEC_WCHAR *ntlm_w = wide_text(ntlm, NULL);
    SEC_WINNT_AUTH_IDENTITY_W wide = identity_w("alice", "LOOPBACK", password_of("alice"));
    SEC_WINNT_AUTH_IDENTITY_A id;
    CredHandle credential;
    unsigned char *text;
    size_t size;

    trace_to_file();
    nt_hash_text(hash);
    secret_add_nt_hash(&secrets);
    secret_add_utf16(&secrets, "the password", password_of("alice"));
    secret_add_utf16(&secrets, "another password", "not at all a secret");
    assert_status(AcquireCredentialsHandleW(NULL, ntlm_w, SECPKG_CRED_OUTBOUND, NULL, &wide, NULL,
                                            NULL, &credential, NULL),
                  SEC_E_OK);
    id = identity_a("bob", "LOOPBACK", "not at all a secret");
    assert_status(
        AddCredentialsA(&credential, NULL, ntlm, SECPKG_CRED_OUTBOUND, &id, NULL, NULL, NULL),
        SEC_E_OK);
    assert_status(FreeCredentialsHandle(&credential), SEC_E_OK);
    id = identity_a("alice", "LOOPBACK", hash);
    id.Flags |= 0x00800000; /* SEC_WINPR_AUTH_IDENTITY_PASSWORD_HASH */
    assert_status(AcquireCredentialsHandleA(NULL, ntlm, SECPKG_CRED_OUTBOUND, NULL, &id, NULL, NULL,
                                            &credential, NULL),
                  SEC_E_OK);
    assert_status(FreeCredentialsHandle(&credential), SEC_E_OK);
    text = trace_read(&secrets, &size);
    assert_has(text, size, words, COUNT(words));
    free(text);
    identity_w_free(&wide);
    free(ntlm_w);
}
END_TEST

/* What fails tells why: the native error, without the password that was refused. */
START_TEST(failures_leave_no_secret)
{
    static const char wrong[] = "Wr0ng-but-still-private";
    const char *const words[] = {"native error: ", "SEC_E_LOGON_DENIED"};
    static struct secrets secrets;
    SEC_WINNT_AUTH_IDENTITY_EXA id = identity_exa("alice", "LOOPBACK", wrong, ways[_i].list);
    struct pair pair;
    unsigned char *text;
    size_t size;

    trace_to_file();
    secret_add_utf16(&secrets, "the wrong password", wrong);
    pair_init(&pair);
    pair_acquire(&pair, ways[_i].package, &id);
    ck_assert(!pair_run(&pair));
    assert_status(pair.client_status < 0 ? pair.client_status : pair.server_status,
                  SEC_E_LOGON_DENIED);
    pair_free(&pair);
    text = trace_read(&secrets, &size);
    assert_has(text, size, words, COUNT(words));
    free(text);
}
END_TEST

static SECURITY_STATUS change(const char *old, const char *new)
{
    SecBufferDesc none = {SECBUFFER_VERSION, 0, NULL};
#define TEXT_OF(constant) ((SEC_CHAR *)(uintptr_t)(constant))

    return ChangeAccountPasswordA(TEXT_OF("Kerberos"), TEXT_OF("LOOPBACK"), TEXT_OF("alice"),
                                  TEXT_OF(old), TEXT_OF(new), FALSE, 0, &none);
}

START_TEST(changes_leave_no_secret)
{
    static const char next[] = "the next password of all", brief[] = "briefs";
    static const char *const words[] = {"ChangeAccountPassword -> 0x00000000 SEC_E_OK",
                                        "ChangeAccountPassword -> 0x8009030c SEC_E_LOGON_DENIED",
                                        "native error: "};
    static struct secrets secrets;
    unsigned char *text;
    size_t size;

    trace_to_file();
    secret_add_utf16(&secrets, "the old password", password_of("alice"));
    secret_add_utf16(&secrets, "the new password", next);
    secret_add_utf16(&secrets, "the short password", brief);
    assert_status(change(next, brief), SEC_E_LOGON_DENIED);
    ck_assert_int_lt(change(password_of("alice"), brief), 0);
    assert_status(change(password_of("alice"), next), SEC_E_OK);
    assert_status(change(next, password_of("alice")), SEC_E_OK);
    text = trace_read(&secrets, &size);
    assert_has(text, size, words, COUNT(words));
    free(text);
}
END_TEST

/* --- The file ------------------------------------------------------------------------------- */

/* A name from outside with line ends and terminal codes in it makes no line of its own. */
START_TEST(forges_no_line)
{
    static const char target[] = "HTTP/x\n[1] 1.000001 sspi: forged\033[2J\r\tend";
    struct pair pair;
    unsigned char *text;
    size_t size;

    trace_to_file();
    pair_init(&pair);
    pair.target = target;
    pair_acquire(&pair, "NTLM", NULL);
    pair_initialize(&pair);
    pair_free(&pair);
    text = trace_read(NULL, &size);
    ck_assert(holds(text, size, "sspi: forged", 12)); /* within the line of its call */
    ck_assert(!holds(text, size, "\n[1] 1.000001", 13));
    free(text);
}
END_TEST

#define THREADS 8
#define ROUNDS  20

static void *many_lines(void *unused)
{
    (void)unused;
    for (int i = 0; i < ROUNDS; i++) {
        struct pair pair;

        pair_init(&pair);
        pair_acquire(&pair, "NTLM", NULL);
        pair_establish(&pair);
        pair_free(&pair);
    }
    return NULL;
}

/* Threads and a second process write to one file, line by line; what stood there stays. */
START_TEST(lines_stay_whole)
{
    static const char before[] = "[1] 1.000001 sspi: before\n";
    pthread_t threads[THREADS];
    unsigned char *text;
    unsigned ends = 0;
    size_t size;
    pid_t child;
    int status, file = open(trace_path(), O_WRONLY | O_CREAT | O_EXCL, 0600);

    ck_assert_int_ge(file, 0);
    ck_assert_int_eq((int)write(file, before, sizeof(before) - 1), sizeof(before) - 1);
    close(file);
    trace_to_file();
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        many_lines(NULL);
        _exit(0);
    }
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, many_lines, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    text = trace_read(NULL, &size);
    ck_assert_mem_eq(text, before, sizeof(before) - 1);
    for (const char *at = (const char *)text; (at = strstr(at, "AcceptSecurityContext -> ")); at++)
        ends++;
    ck_assert_uint_eq(ends, (THREADS + 1) * ROUNDS * 2); /* an NTLM acceptor is called twice */
    free(text);
}
END_TEST

/* --- Another program ------------------------------------------------------------------------ */

enum { RAN = 0, RAN_SET_ID = 3, FAILED = 4 };

/* What this program does for the tests below: one call that is traced. */
static int victim(void)
{
    PSecPkgInfoA info;

    if (QuerySecurityPackageInfoA((char *)(uintptr_t) "nothing", &info) != SEC_E_SECPKG_NOT_FOUND)
        return FAILED;
    return getauxval(AT_SECURE) ? RAN_SET_ID : RAN;
}

/* Runs a program with standard error into a file; its exit code. */
static int run(const char *program, const char *where, const char *errors)
{
    char *arguments[] = {(char *)(uintptr_t)program, (char *)(uintptr_t) "victim", NULL};
    posix_spawn_file_actions_t actions;
    pid_t child;
    int status;

    /* A set-id process cannot be searched for leaks by an ordinary one. */
    setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
    setenv("SSPI_TRACE", where, 1);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors, O_WRONLY | O_CREAT | O_TRUNC,
                                     0600);
    ck_assert_int_eq(posix_spawn(&child, program, &actions, NULL, arguments, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static const char *beside(const char *suffix)
{
    static char paths[4][640];
    static int turn;
    char *path = paths[turn++ % 4];

    snprintf(path, sizeof(paths[0]), "%s.%s", trace_path(), suffix);
    return path;
}

START_TEST(goes_to_standard_error)
{
    static const char *const words[] = {
        "sspi: native error: there is no package ",
        "sspi: QuerySecurityPackageInfo -> 0x80090305 SEC_E_SECPKG_NOT_FOUND"};
    unsigned char *text;
    size_t size;

    ck_assert_int_eq(run("/proc/self/exe", "stderr", beside("errors")), RAN);
    text = file_read(beside("errors"), &size);
    ck_assert_uint_eq(assert_lines(text, size), COUNT(words));
    assert_has(text, size, words, COUNT(words));
    free(text);
    ck_assert_int_eq(run("/proc/self/exe", "", beside("errors")), RAN);
    text = file_read(beside("errors"), &size);
    ck_assert_uint_eq(size, 0);
    free(text);
}
END_TEST

/* This program once more, with the set-group-id bit for a group that is not the process' own. */
static bool make_set_id(const char *path)
{
    gid_t groups[64], group = getegid();
    int count = getgroups(COUNT(groups), groups);
    size_t size;
    unsigned char *program = file_read("/proc/self/exe", &size);
    FILE *file = fopen(path, "wb");
    bool made = file != NULL && fwrite(program, 1, size, file) == size;

    free(program);
    if (file == NULL || fclose(file) != 0 || !made)
        return false;
    for (int i = 0; i < count; i++)
        if (groups[i] != getegid())
            group = groups[i];
    if (geteuid() == 0)
        group = getegid() + 1;
    return group != getegid() && chown(path, (uid_t)-1, group) == 0 && chmod(path, 02755) == 0;
}

/*
 * Whoever starts a set-id program must not choose a file for it to write to, nor read what it
 * does. The same file without the bit is the control. There may be no set-id programs here: a
 * user without a second group makes none, and not every file system has them.
 */
START_TEST(set_id_program_writes_none)
{
    unsigned char *text;
    size_t size;

    if (make_set_id(beside("program")) &&
        run(beside("program"), "", beside("errors")) == RAN_SET_ID) {
        ck_assert_int_eq(run(beside("program"), trace_path(), beside("errors")), RAN_SET_ID);
        ck_assert_int_eq(access(trace_path(), F_OK), -1);
        ck_assert_int_eq(run(beside("program"), "stderr", beside("errors")), RAN_SET_ID);
        text = file_read(beside("errors"), &size);
        ck_assert_uint_eq(size, 0);
        free(text);
    } else {
        fprintf(stderr, "# no set-id program can be made here, so none was run\n");
    }
    ck_assert_int_eq(chmod(beside("program"), 0755), 0);
    ck_assert_int_eq(run(beside("program"), trace_path(), beside("errors")), RAN);
    ck_assert_int_eq(access(trace_path(), F_OK), 0);
    ck_assert_int_eq(unlink(beside("program")), 0);
}
END_TEST

/* A folder of which each program takes the toy package, by the name that victim() asks for. */
static void packages_name(void)
{
    const char *built = getenv("TEST_BUILDDIR");
    char module[600], path[700];
    FILE *file;

    ck_assert_ptr_nonnull(built);
    snprintf(module, sizeof(module), "%s/lib/.libs/toymodule.so", built);
    ck_assert_int_eq(chmod(module, 0755), 0); /* as a group may write to it, by the umask */
    ck_assert_int_eq(mkdir(beside("packages"), 0755), 0);
    snprintf(path, sizeof(path), "%s/a.conf", beside("packages"));
    file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fprintf(file, "nothing:Toy=%s\n", module);
    fclose(file);
    ck_assert_int_eq(chmod(path, 0644), 0);
    setenv("SSPI_PACKAGES", beside("packages"), 1);
}

/* Nor may they choose code for it to run: the package is there for the file without the bit. */
START_TEST(set_id_program_adds_no_package)
{
    bool made = make_set_id(beside("program")) &&
                run(beside("program"), "", beside("errors")) == RAN_SET_ID;

    packages_name();
    if (made)
        ck_assert_int_eq(run(beside("program"), "", beside("errors")), RAN_SET_ID);
    else
        fprintf(stderr, "# no set-id program can be made here, so none was run\n");
    ck_assert_int_eq(chmod(beside("program"), 0755), 0);
    ck_assert_int_eq(run(beside("program"), "", beside("errors")), FAILED);
    ck_assert_int_eq(unlink(beside("program")), 0);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("trace");

    suite_add(s, search_finds, 1);
    suite_add(s, sessions_leave_no_secret, COUNT(ways));
    suite_add(s, identities_leave_no_secret, 1);
    suite_add(s, failures_leave_no_secret, COUNT(ways));
    suite_add(s, changes_leave_no_secret, 1);
    suite_add(s, forges_no_line, 1);
    suite_add(s, lines_stay_whole, 1);
    suite_add(s, goes_to_standard_error, 1);
    suite_add(s, set_id_program_writes_none, 1);
    suite_add(s, set_id_program_adds_no_package, 1);
    return s;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "victim") == 0)
        return victim();
    return check_main(suite);
}
