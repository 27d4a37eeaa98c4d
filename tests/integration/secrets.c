/* SPDX-License-Identifier: MIT */
/*
 * What must not stay: passwords in memory once their credential is gone, secrets in the trace,
 * memory, threads and descriptors after many contexts.
 */
#include <dirent.h>
#include <errno.h>
#include <malloc.h>
#include <sspi.h>
#include <sspi_linux.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/check_main.h"
#include "lib/pair.h"
#include "lib/residue.h"
#include "lib/world.h"

static const struct way {
    const char *package, *list;
} ways[] = {{"Kerberos", NULL}, {"NTLM", NULL}, {"Negotiate", "!ntlm"}, {"Negotiate", "!kerberos"}};

/* --- Memory --------------------------------------------------------------------------------- */

/* A password that this process holds nowhere but in the identity. */
static void secret_make(void)
{
    char text[] = "123456789012345678901234";

    for (size_t i = 0; text[i] != '\0'; i++)
        text[i] = (char)(33 + (i * 37 + (size_t)getpid()) % 90);
    residue_set(text);
    explicit_bzero(text, sizeof(text));
}

/* A wrong password goes the whole way to the KDC and back, or into NTLM's proof, and is gone. */
START_TEST(password_is_wiped)
{
    SEC_WINNT_AUTH_IDENTITY_EXA list = identity_ambient(ways[_i].list);
    char secret[RESIDUE_MAX];
    struct pair *pair = calloc(1, sizeof(*pair));

    secret_make();
    list.PasswordLength = (ULONG)residue_write(secret);
    ck_assert_uint_eq(residue_count(), 0);
    pair_init(pair);
    list.User = (unsigned char *)(uintptr_t) "alice";
    list.UserLength = 5;
    list.Domain = (unsigned char *)(uintptr_t) "LOOPBACK";
    list.DomainLength = 8;
    list.Password = (unsigned char *)secret;
    list.Flags = SEC_WINNT_AUTH_IDENTITY_ANSI;
    assert_status(pair_acquire_client(pair, ways[_i].package, NULL, &list), SEC_E_OK);
    explicit_bzero(secret, sizeof(secret));
    ck_assert_uint_ge(residue_count(), 1); /* the search finds it while it is needed */
    assert_status(pair_acquire_server(pair, ways[_i].package, NULL), SEC_E_OK);
    ck_assert(!pair_run(pair));
    pair_free(pair);
    free(pair);
    ck_assert_uint_eq(residue_count(), 0);
}
END_TEST

/* How many entries a folder of /proc/self has: "fd" the descriptors, "task" the threads. */
static unsigned entries(const char *path)
{
    DIR *folder = opendir(path);
    unsigned count = 0;

    ck_assert_ptr_nonnull(folder);
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

/* SSPI_TEST_ROUNDS: more than the few that suffice to see a steady loss. */
static int rounds(void)
{
    const char *value = getenv("SSPI_TEST_ROUNDS");

    return value != NULL ? atoi(value) : 300;
}

static void one_context(struct pair *pair)
{
    pair->to_client.size = 0;
    pair_establish(pair);
    pair_message(&pair->client, &pair->server, "there");
    pair_message(&pair->server, &pair->client, "and back");
    pair_close(pair);
}

/* A leak that a suppression or a library's own list hides would grow with every context. */
START_TEST(memory_stays)
{
    SEC_WINNT_AUTH_IDENTITY_EXA list = identity_ambient(ways[_i].list);
    unsigned open_before, threads_before;
    size_t before;
    struct pair pair;

    /* gss-ntlmssp 1.2.0 loses 8 KiB for every context whose password it reads from a file. */
    setenv("NTLM_USER_FILE", world_file("ntlm.hashes"), 1);
    setenv("KRB5RCACHENAME", "none:", 1);
    pair_init(&pair);
    pair_acquire(&pair, ways[_i].package, ways[_i].list != NULL ? &list : NULL);
    for (int i = 0; i < 20; i++)
        one_context(&pair);
    open_before = entries("/proc/self/fd");
    threads_before = entries("/proc/self/task");
    before = mallinfo2().uordblks;
    for (int i = 0; i < rounds(); i++)
        one_context(&pair);
    ck_assert_uint_eq(entries("/proc/self/fd"), open_before);
    ck_assert_uint_le(entries("/proc/self/task"), threads_before); /* an idle one may end */
    /* The heap settles; then less than an allocation in three contexts. */
    ck_assert_msg(mallinfo2().uordblks <= before + 16384 + (size_t)rounds() * 5, "%zu more octets",
                  mallinfo2().uordblks - before);
    pair_free(&pair);
}
END_TEST

/*
 * Credentials by password bring caches of their own, which go with them. Not so 128 octets of each
 * acceptor's gss-ntlmssp.
 */
START_TEST(credentials_go)
{
    SEC_WINNT_AUTH_IDENTITY_EXA id =
        identity_exa("alice", "LOOPBACK", password_of("alice"), ways[_i].list);
    int count = rounds() / 6;
    size_t before = 0;
    struct pair pair;

    setenv("NTLM_USER_FILE", world_file("ntlm.hashes"), 1);
    setenv("KRB5RCACHENAME", "none:", 1);
    for (int i = 0; i < 10 + count; i++) {
        if (i == 10)
            before = mallinfo2().uordblks;
        pair_init(&pair);
        pair_acquire(&pair, ways[_i].package, &id);
        one_context(&pair);
        pair_free(&pair);
    }
    ck_assert_msg(mallinfo2().uordblks <= before + 40960 + (size_t)count * 160, "%zu more octets",
                  mallinfo2().uordblks - before);
}
END_TEST

/* --- The trace ------------------------------------------------------------------------------ */

static char *trace_path(void)
{
    static char path[600];

    snprintf(path, sizeof(path), "%s.%ld", world_file("tmp/trace"), (long)getpid());
    return path;
}

static void log_on(const struct way *way)
{
    SEC_WINNT_AUTH_IDENTITY_EXA id =
        identity_exa("alice", "LOOPBACK", password_of("alice"), way->list);
    struct pair pair;

    pair_init(&pair);
    pair_acquire(&pair, way->package, &id);
    pair_establish(&pair);
    pair_message(&pair.client, &pair.server, "a text nobody shall read");
    pair_free(&pair);
}

static bool holds(const unsigned char *data, size_t size, const void *what, size_t of)
{
    return memmem(data, size, what, of) != NULL;
}

/* It says what was called and what came of it, for the owner's eyes only, and no secret. */
START_TEST(trace_tells)
{
    const char *password = password_of("alice");
    unsigned char *text;
    struct stat status;
    size_t size;

    umask(0);
    setenv("SSPI_TRACE", trace_path(), 1);
    log_on(&ways[_i]);
    ck_assert_int_eq(stat(trace_path(), &status), 0);
    ck_assert_uint_eq(status.st_mode & 07777, 0600);
    text = file_read(trace_path(), &size);
    ck_assert(holds(text, size, "InitializeSecurityContext", 25));
    ck_assert(holds(text, size, "AcceptSecurityContext", 21));
    ck_assert(holds(text, size, "EncryptMessage TOKEN[", 21));
    ck_assert(!holds(text, size, password, strlen(password)));
    ck_assert(!holds(text, size, "nobody shall read", 17));
    for (size_t i = 0; i < size; i++)
        ck_assert(text[i] == '\n' || (text[i] >= ' ' && text[i] != 0x7f));
    free(text);
}
END_TEST

/* Nobody leads it elsewhere by a link. */
START_TEST(trace_follows_no_link)
{
    char target[640];
    struct stat status;

    snprintf(target, sizeof(target), "%s.target", trace_path());
    ck_assert_int_eq(symlink(target, trace_path()), 0);
    setenv("SSPI_TRACE", trace_path(), 1);
    log_on(&ways[1]);
    ck_assert_int_eq(stat(target, &status), -1);
    ck_assert_int_eq(errno, ENOENT);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("secrets");

    if (!RESIDUE_IS_HIDDEN)
        suite_add(s, password_is_wiped, COUNT(ways));
    suite_add(s, memory_stays, COUNT(ways));
    suite_add(s, credentials_go, COUNT(ways));
    suite_add(s, trace_tells, COUNT(ways));
    suite_add(s, trace_follows_no_link, 1);
    return s;
}

CHECK_MAIN(suite)
