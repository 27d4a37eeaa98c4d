/* SPDX-License-Identifier: MIT */
/*
 * A package of somebody else's: NTLM of WinPR, from its library and under another name, against the
 * NTLM of this library. WinPR frees only what its own table of allocations knows.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/pair.h"
#include "lib/world.h"

#define WINPR     "libwinpr2.so.2"
#define SIGNATURE 16

static char name[] = "WinPR-NTLM", spec[] = "WinPR-NTLM:NTLM=" WINPR;

/* WinPR knows a first leg by the missing input. */
static void first_leg(struct pair *pair)
{
    SecBuffer out = {PAIR_TOKEN_MAX, SECBUFFER_TOKEN, pair->to_server.data};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &out};

    pair->client_status = InitializeSecurityContextA(
        &pair->client_cred, NULL, (SEC_CHAR *)(uintptr_t)pair->target, pair->isc, 0,
        SECURITY_NATIVE_DREP, NULL, 0, &pair->client, &output, &pair->client_flags, NULL);
    assert_status(pair->client_status, SEC_I_CONTINUE_NEEDED);
    pair->client_open = true;
    pair->to_server.size = out.cbBuffer;
}

static void establish(struct pair *pair, const char *user, const char *password)
{
    SEC_WINNT_AUTH_IDENTITY_A id = identity_a(user, "LOOPBACK", password);

    pair_init(pair);
    assert_status(AddSecurityPackageA(spec, NULL), SEC_E_OK);
    assert_status(pair_acquire_client(pair, name, NULL, &id), SEC_E_OK);
    assert_status(pair_acquire_server(pair, "NTLM", NULL), SEC_E_OK);
    first_leg(pair);
    pair_finish(pair);
}

static void pass(CtxtHandle *from, CtxtHandle *to, ULONG number)
{
    char signature[SIGNATURE], text[] = "to whom it may concern";
    SecBuffer parts[] = {{SIGNATURE, SECBUFFER_TOKEN, signature},
                         {sizeof(text), SECBUFFER_DATA, text}};
    SecBufferDesc message = {SECBUFFER_VERSION, 2, parts};
    ULONG qop;

    assert_status(EncryptMessage(from, 0, &message, number), SEC_E_OK);
    ck_assert_str_ne(text, "to whom it may concern");
    assert_status(DecryptMessage(to, &message, number, &qop), SEC_E_OK);
    ck_assert_str_eq(text, "to whom it may concern");
}

START_TEST(test_winpr)
{
    struct pair pair;
    SecPkgContext_Sizes sizes;

    establish(&pair, "alice", password_of("alice"));
    assert_status(pair.client_status, SEC_E_OK);
    assert_status(pair.server_status, SEC_E_OK);
    ck_assert_str_eq(context_package(&pair.client), name);
    ck_assert_str_eq(context_user(&pair.server), "LOOPBACK\\alice");
    assert_status(QueryContextAttributesW(&pair.client, SECPKG_ATTR_SIZES, &sizes), SEC_E_OK);
    ck_assert_uint_eq(sizes.cbMaxSignature, SIGNATURE);
    assert_status(DeleteSecurityPackageA(name), SEC_E_OK);
    for (ULONG i = 0; i < 3; i++) {
        pass(&pair.client, &pair.server, i);
        pass(&pair.server, &pair.client, i);
    }
    pair_free(&pair);
}
END_TEST

START_TEST(test_winpr_wrong_password)
{
    struct pair pair;

    establish(&pair, "alice", "guess");
    assert_status(pair.server_status, SEC_E_LOGON_DENIED);
    pair_free(&pair);
}
END_TEST

/* The slots behind version 1 are there in its memory, and not called. */
START_TEST(test_winpr_table)
{
    struct pair pair;
    ULONG nothing = 0;

    establish(&pair, "alice", password_of("alice"));
    assert_status(SetCredentialsAttributesA(&pair.client_cred, SECPKG_CRED_ATTR_NAMES, &nothing,
                                            sizeof(nothing)),
                  SEC_E_UNSUPPORTED_FUNCTION);
    assert_status(ChangeAccountPasswordA(name, NULL, name, name, name, FALSE, 0, NULL),
                  SEC_E_UNSUPPORTED_FUNCTION);
    pair_free(&pair);
}
END_TEST

/* By their own names none can be added: they are those of this library. */
START_TEST(test_winpr_names_are_taken)
{
    char file[] = WINPR;

    assert_status(AddSecurityPackageA(file, NULL), SEC_E_CANNOT_INSTALL);
    assert_native("already");
}
END_TEST

/* WinPR's other library needs the first, and so dlsym() finds an entry point there. */
START_TEST(test_entry_of_another_file)
{
    char file[] = "libwinpr-tools2.so.2";
    void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);

    if (library == NULL || dlsym(library, "InitSecurityInterfaceA") == NULL) {
        fprintf(stderr, "# %s is missing (Debian: libwinpr-tools2-2), so it was not tried\n", file);
        return;
    }
    assert_status(AddSecurityPackageA(file, NULL), SEC_E_CANNOT_INSTALL);
    assert_native("exports no");
    dlclose(library);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("added packages of others");

    suite_add(s, test_winpr, 1);
    suite_add(s, test_winpr_wrong_password, 1);
    suite_add(s, test_winpr_table, 1);
    suite_add(s, test_winpr_names_are_taken, 1);
    suite_add(s, test_entry_of_another_file, 1);
    return s;
}

int main(void)
{
    if (dlopen(WINPR, RTLD_NOW | RTLD_LOCAL) == NULL) {
        printf("1..0 # SKIP %s is missing (Debian: libwinpr2-2)\n", WINPR);
        return EXIT_SUCCESS;
    }
    return check_main(suite);
}
