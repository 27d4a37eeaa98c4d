/* SPDX-License-Identifier: MIT */
/*
 * Logons with identities that the calls on them have made: copied, marshalled, as text, encrypted,
 * without a package. And the password is in memory no longer than it has to be.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/check_main.h"
#include "lib/idforms.h"
#include "lib/pair.h"
#include "lib/residue.h"
#include "lib/world.h"

static const char *const packages[] = {"Kerberos", "NTLM", "Negotiate"};

static const WCHAR *password_w(void)
{
    static WCHAR wide[64];
    const char *password = password_of("alice");

    for (size_t i = 0; i <= strlen(password); i++)
        wide[i] = (unsigned char)password[i];
    return wide;
}

/* The server knows alice under the domain's name; the client has nobody of its own. */
static void accounts(void)
{
    char path[600];
    FILE *file;

    snprintf(path, sizeof(path), "%s.%ld", world_file("tmp/ntlm"), (long)getpid());
    file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fprintf(file, "LOOPBACK:alice:%s\n", password_of("alice"));
    fclose(file);
    setenv("NTLM_USER_FILE", path, 1);
}

/* --- Ways from one identity to another ------------------------------------------------------ */

static OPAQUE must(SECURITY_STATUS status, OPAQUE from, OPAQUE made)
{
    assert_status(status, SEC_E_OK);
    SspiFreeAuthIdentity(from);
    return made;
}

static OPAQUE as_it_is(OPAQUE id)
{
    return id;
}

static OPAQUE marshal(OPAQUE id)
{
    char *octets;
    ULONG size;
    OPAQUE made = NULL;
    SECURITY_STATUS status;

    assert_status(SspiMarshalAuthIdentity(id, &size, &octets), SEC_E_OK);
    status = SspiUnmarshalAuthIdentity(size, octets, &made);
    SspiLocalFree(octets);
    return must(status, id, made);
}

static OPAQUE strings(OPAQUE id)
{
    PCWSTR text[3];
    OPAQUE made = NULL;
    SECURITY_STATUS status;

    assert_status(SspiEncodeAuthIdentityAsStrings(id, &text[0], &text[1], &text[2]), SEC_E_OK);
    status = SspiEncodeStringsAsAuthIdentity(text[0], text[1], text[2], &made);
    for (int i = 0; i < 3; i++)
        SspiLocalFree(unconst(text[i]));
    return must(status, id, made);
}

static OPAQUE encrypt(OPAQUE id)
{
    assert_status(SspiEncryptAuthIdentity(id), SEC_E_OK);
    return id;
}

static OPAQUE encrypt_and_marshal(OPAQUE id)
{
    return marshal(encrypt(id));
}

static OPAQUE decrypt_again(OPAQUE id)
{
    assert_status(SspiEncryptAuthIdentity(id), SEC_E_OK);
    assert_status(SspiDecryptAuthIdentity(id), SEC_E_OK);
    return id;
}

static OPAQUE exclude_kerberos(OPAQUE id)
{
    OPAQUE made = NULL;
    SECURITY_STATUS status = SspiExcludePackage(id, u"kerberos", &made);

    return must(status, id, made);
}

static OPAQUE exclude_encrypted(OPAQUE id)
{
    return exclude_kerberos(encrypt(id));
}

static const struct way {
    const char *name;
    OPAQUE (*go)(OPAQUE);
    bool ntlm; /* under Negotiate, too */
} ways[] = {
    {"as it is", as_it_is, false},
    {"marshalled", marshal, false},
    {"as strings", strings, false},
    {"encrypted", encrypt, false},
    {"encrypted and marshalled", encrypt_and_marshal, false},
    {"encrypted and decrypted", decrypt_again, false},
    {"without Kerberos", exclude_kerberos, true},
    {"encrypted, without Kerberos", exclude_encrypted, true},
};

/* What they begin with: Windows' EXW, and an EX2 with packed credentials of either kind. */
static OPAQUE begin(int form)
{
    union ex2 ex2;
    OPAQUE copy = NULL;

    if (form == 0)
        return encoded(u"alice", u"LOOPBACK", password_w());
    ex2_fill(&ex2, form == 1 ? DIRECT : VECTOR, u"alice", u"LOOPBACK", password_w(), NULL);
    assert_status(SspiCopyAuthIdentity(&ex2, &copy), SEC_E_OK);
    return copy;
}

#define BEGINNINGS 3

START_TEST(logs_on)
{
    const struct way *way = &ways[_i / BEGINNINGS];

    for (int i = 0; i < COUNT(packages); i++) {
        const char *package = packages[i];
        bool ntlm =
            strcmp(package, "NTLM") == 0 || (way->ntlm && strcmp(package, "Negotiate") == 0);
        OPAQUE id = way->go(begin(_i % BEGINNINGS));
        struct pair pair;

        pair_init(&pair);
        accounts();
        assert_status(pair_acquire_client(&pair, package, NULL, id), SEC_E_OK);
        SspiFreeAuthIdentity(id);
        assert_status(pair_acquire_server(&pair, package, NULL), SEC_E_OK);
        ck_assert_msg(pair_run(&pair), "%s %s: client %s, server %s; %s", package, way->name,
                      sspi_status_name(pair.client_status), sspi_status_name(pair.server_status),
                      sspi_native_error());
        assert_peers(&pair.client, &pair.server, ntlm ? "NTLM" : "Kerberos",
                     ntlm ? "LOOPBACK\\alice" : "alice@LOOPBACK.TEST");
        pair_free(&pair);
    }
}
END_TEST

/* What is not opened is nobody: never the ambient user. */
START_TEST(altered)
{
    SEC_WINNT_AUTH_IDENTITY_EXW *id = encrypt(begin(0));
    struct pair pair;

    pair_init(&pair);
    id->User[0] ^= 1;
    for (int i = 0; i < COUNT(packages); i++)
        assert_status(pair_acquire_client(&pair, packages[i], NULL, id), SEC_E_UNKNOWN_CREDENTIALS);
    id->User[0] ^= 1;
    id->Flags |= SEC_WINNT_AUTH_IDENTITY_FLAGS_SYSTEM_PROTECTED;
    for (int i = 0; i < COUNT(packages); i++)
        assert_status(pair_acquire_client(&pair, packages[i], NULL, id),
                      SEC_E_UNSUPPORTED_FUNCTION);
    SspiFreeAuthIdentity(id);
    pair_free(&pair);
}
END_TEST

/* --- Memory --------------------------------------------------------------------------------- */

/* An identity with the secret that is looked for. */
static OPAQUE with_secret(void)
{
    char text[RESIDUE_MAX];
    WCHAR wide[RESIDUE_MAX];
    size_t size;
    OPAQUE id;

    for (size_t i = 0; i < 24; i++)
        text[i] = (char)(33 + (i * 37 + (size_t)getpid()) % 90);
    text[24] = '\0';
    residue_set(text);
    size = residue_write(text);
    for (size_t i = 0; i <= size; i++)
        wide[i] = (WCHAR)text[i];
    id = encoded(u"alice", u"LOOPBACK", wide);
    explicit_bzero(text, sizeof(text));
    explicit_bzero(wide, sizeof(wide));
    return id;
}

/* Each call leaves it in what it gives and nowhere else. */
START_TEST(secret_hidden)
{
    OPAQUE id = with_secret();
    struct pair pair;

    pair_init(&pair);
    ck_assert_uint_eq(residue_count(), 1);
    id = strings(marshal(id));
    ck_assert_uint_eq(residue_count(), 1);
    id = encrypt(id);
    ck_assert_uint_eq(residue_count(), 0);
    id = exclude_kerberos(marshal(id));
    ck_assert_uint_eq(residue_count(), 0);
    assert_status(SspiCompareAuthIdentities(id, id, NULL, &(BOOLEAN){0}), SEC_E_OK);
    ck_assert_uint_eq(residue_count(), 0);
    assert_status(pair_acquire_client(&pair, packages[_i], NULL, id), SEC_E_OK);
    ck_assert_uint_ge(residue_count(), 1); /* what a logon needs */
    assert_status(FreeCredentialsHandle(&pair.client_cred), SEC_E_OK);
    pair.client_cred_open = false;
    ck_assert_uint_eq(residue_count(), 0);
    assert_status(SspiDecryptAuthIdentity(id), SEC_E_OK);
    ck_assert_uint_eq(residue_count(), 1);
    SspiZeroAuthIdentity(id);
    ck_assert_uint_eq(residue_count(), 0);
    SspiFreeAuthIdentity(id);
    SspiFreeAuthIdentity(with_secret());
    ck_assert_uint_eq(residue_count(), 0);
    pair_free(&pair);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("identities");
    TCase *logon = tcase_create("logon"), *memory = tcase_create("memory");

    tcase_add_loop_test(logon, logs_on, 0, BEGINNINGS * COUNT(ways));
    tcase_add_test(logon, altered);
    suite_add_tcase(s, logon);
    if (!RESIDUE_IS_HIDDEN)
        tcase_add_loop_test(memory, secret_hidden, 0, COUNT(packages));
    suite_add_tcase(s, memory);
    return s;
}

CHECK_MAIN(suite)
