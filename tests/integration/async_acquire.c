/* SPDX-License-Identifier: MIT */
/*
 * SspiAcquireCredentialsHandleAsync: each code that its documentation lists, which is always that
 * of the synchronous call, and the parameters that only some packages or callers have a use for.
 */
#define SCHANNEL_USE_BLACKLISTS
#include <windows.h>

#include <credssp.h>
#include <schannel.h>
#include <sspi_linux.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/check_main.h"
#include "lib/faults.h"
#include "lib/pair.h"
#include "lib/waiter.h"
#include "lib/world.h"

static struct waiter waiter;

static void setup(void)
{
    waiter_init(&waiter);
}

static void teardown(void)
{
    waiter_fini(&waiter);
}

struct given {
    const char *package;
    ULONG use;
    LUID *logon;
    void *auth;
};

static SEC_GET_KEY_FN key_fn;

static SECURITY_STATUS acquire(const struct given *given, CredHandle *cred)
{
    char *package = (char *)(uintptr_t)given->package;

    return AcquireCredentialsHandleA(NULL, package, given->use, given->logon, given->auth, key_fn,
                                     NULL, cred, NULL);
}

static SECURITY_STATUS acquire_queue(const struct given *given, CredHandle *cred)
{
    char *package = (char *)(uintptr_t)given->package;

    return SspiAcquireCredentialsHandleAsyncA(waiter.async, NULL, package, given->use, given->logon,
                                              given->auth, key_fn, NULL, cred, NULL);
}

static bool is_untouched(const CredHandle *cred)
{
    return cred->dwLower == 77 && cred->dwUpper == 77;
}

/* Queueing goes well in any case: what comes of it is another matter, and as without Async. */
static void assert_both(const struct given *given, SECURITY_STATUS expected)
{
    CredHandle cred = {77, 77};

    assert_status(acquire(given, &cred), expected);
    if (expected == SEC_E_OK)
        assert_status(FreeCredentialsHandle(&cred), SEC_E_OK);
    cred = (CredHandle){77, 77};
    assert_status(waiter_end(&waiter, acquire_queue(given, &cred)), expected);
    ck_assert(is_untouched(&cred) == (expected != SEC_E_OK));
    if (expected == SEC_E_OK)
        assert_status(FreeCredentialsHandle(&cred), SEC_E_OK);
}

/* --- The codes ------------------------------------------------------------------------------ */

static SEC_WINNT_AUTH_IDENTITY_A nobody = {.User = (unsigned char[]){""},
                                           .Password = (unsigned char[]){"secret"},
                                           .PasswordLength = 6,
                                           .Flags = SEC_WINNT_AUTH_IDENTITY_ANSI},
                                 somebody = {.User = (unsigned char[]){"alice"},
                                             .UserLength = 5,
                                             .Flags = SEC_WINNT_AUTH_IDENTITY_ANSI};
static LUID own = {0, 0}, of_system = {0x3e7, 0}, of_another = {0, 1};
static SCHANNEL_CRED ancient = {.dwVersion = 2};
static CREDSSP_CRED both = {CredsspPasswordCreds, NULL, &somebody},
                    card = {CredsspCertificateCreds, NULL, &somebody};
static CREDSSP_CRED_EX odd = {.Type = CredsspCredEx, .Cred = {CredsspCredEx, NULL, NULL}};

#define TO   SECPKG_CRED_OUTBOUND
#define FROM SECPKG_CRED_INBOUND

static const struct code {
    struct given given;
    SECURITY_STATUS status;
} codes[] = {
    {{"Kerberos", TO, NULL, NULL}, SEC_E_OK},
    {{"NTLM", SECPKG_CRED_BOTH, &own, NULL}, SEC_E_OK},
    {{"Negotiate", FROM, &own, NULL}, SEC_E_OK},
    {{"Negotiate", TO, &of_system, NULL}, SEC_E_NOT_OWNER},
    {{"Kerberos", TO, &of_another, NULL}, SEC_E_NOT_OWNER},
    {{"NTLM", FROM, &of_system, NULL}, SEC_E_NOT_OWNER},
    {{UNISP_NAME_A, TO, &of_another, NULL}, SEC_E_NOT_OWNER},
    {{CREDSSP_NAME_A, TO, &of_another, NULL}, SEC_E_NOT_OWNER},
    {{"Kerberos", TO, &of_another, &somebody}, SEC_E_NOT_OWNER},
    {{"No such one", TO, NULL, NULL}, SEC_E_SECPKG_NOT_FOUND},
    {{"", TO, NULL, NULL}, SEC_E_SECPKG_NOT_FOUND},
    {{NULL, TO, NULL, NULL}, SEC_E_SECPKG_NOT_FOUND},
    {{"Kerberos", 0, NULL, NULL}, SEC_E_UNKNOWN_CREDENTIALS},
    {{"NTLM", TO, NULL, &nobody}, SEC_E_UNKNOWN_CREDENTIALS},
    {{UNISP_NAME_A, TO, NULL, &ancient}, SEC_E_UNKNOWN_CREDENTIALS},
    {{"Negotiate", TO, NULL, &odd}, SEC_E_UNKNOWN_CREDENTIALS},
    {{"Kerberos", TO, NULL, &both}, SEC_E_UNKNOWN_CREDENTIALS},
    {{"NTLM", TO, NULL, &both}, SEC_E_UNKNOWN_CREDENTIALS},
    {{"Negotiate", TO, NULL, &card}, SEC_E_UNSUPPORTED_FUNCTION},
    {{"NTLM", FROM, NULL, &somebody}, SEC_E_UNSUPPORTED_FUNCTION},
};

START_TEST(says_what_the_other_says)
{
    assert_both(&codes[_i].given, codes[_i].status);
}
END_TEST

START_TEST(no_credentials)
{
    SEC_WINNT_AUTH_IDENTITY_EXA none = identity_ambient("!kerberos,!ntlm");

    assert_both(&(struct given){"Negotiate", TO, NULL, &none}, SEC_E_NO_CREDENTIALS);
    assert_both(&(struct given){"Kerberos", FROM, NULL, NULL}, SEC_E_OK);
    setenv("KRB5_KTNAME", world_file("no.keytab"), 1);
    assert_both(&(struct given){"Kerberos", FROM, NULL, NULL}, SEC_E_NO_CREDENTIALS);
}
END_TEST

/* What fails below and has no code of its own here. */
START_TEST(internal_error)
{
    FILE *conf = fopen(world_file("broken.conf"), "w");

    ck_assert_ptr_nonnull(conf);
    fputs("[libdefaults\n = }{\n", conf);
    ck_assert_int_eq(fclose(conf), 0);
    setenv("KRB5_CONFIG", world_file("broken.conf"), 1);
    assert_both(&(struct given){"Kerberos", FROM, NULL, NULL}, SEC_E_INTERNAL_ERROR);
}
END_TEST

/* Wherever memory ends, the call says so: at once, or as what came of it. */
START_TEST(insufficient_memory)
{
    static const struct given given = {"Negotiate", FROM, NULL, NULL};
    unsigned number = 0, at_once = 0;
    bool failed = true;

    for (; failed && number < FAULTS_MAX; number++) {
        CredHandle cred = {77, 77};
        SECURITY_STATUS status;

        faults_arm(number + 1);
        status = acquire_queue(&given, &cred);
        failed = faults_disarm();
        at_once += status != SEC_E_OK;
        if (status == SEC_E_OK)
            status = waiter_end(&waiter, status);
        assert_status(status, failed ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_OK);
        ck_assert(is_untouched(&cred) == failed);
    }
    ck_assert_uint_gt(at_once, 1);
    ck_assert_uint_gt(number, at_once + 2);
    ck_assert(!failed);
}
END_TEST

/* --- Parameters ----------------------------------------------------------------------------- */

static unsigned keys_asked;

static void SEC_ENTRY key_get(void *Arg, void *Principal, ULONG KeyVer, void **Key,
                              SECURITY_STATUS *pStatus)
{
    (void)Arg;
    (void)Principal;
    (void)KeyVer;
    keys_asked++;
    *Key = NULL;
    *pStatus = SEC_E_NO_CREDENTIALS;
}

/* "Packages may call it": none here does, and it is in nobody's way. */
START_TEST(key_function_is_not_asked)
{
    struct pair pair;

    key_fn = key_get;
    pair_init(&pair);
    assert_status(waiter_end(&waiter, acquire_queue(&(struct given){"Kerberos", TO, NULL, NULL},
                                                    &pair.client_cred)),
                  SEC_E_OK);
    assert_status(waiter_end(&waiter, acquire_queue(&(struct given){"Kerberos", FROM, NULL, NULL},
                                                    &pair.server_cred)),
                  SEC_E_OK);
    pair.client_cred_open = pair.server_cred_open = true;
    pair_establish(&pair);
    pair_free(&pair);
    ck_assert_uint_eq(keys_asked, 0);
}
END_TEST

static const CREDSPP_SUBMIT_TYPE types[] = {CredsspPasswordCreds, CredsspSchannelCreds,
                                            CredsspSubmitBufferBoth, CredsspSubmitBufferBothOld};

static void assert_user(struct pair *pair, const char *user)
{
    pair->client_cred_open = true;
    assert_status(pair_acquire_server(pair, "Negotiate", NULL), SEC_E_OK);
    pair_establish(pair);
    ck_assert_str_eq(context_user(&pair->server), user);
    pair_free(pair);
}

/* A CREDSSP_CRED, in either form: its identity is Negotiate's, and Schannel's part is let be. */
START_TEST(credssp_cred_for_negotiate)
{
    SCHANNEL_CRED schannel = {.dwVersion = SCHANNEL_CRED_VERSION};
    SEC_WINNT_AUTH_IDENTITY_A bob = identity_a("bob", "LOOPBACK.TEST", password_of("bob"));
    CREDSSP_CRED inner = {types[_i % 4], &schannel, &bob};
    CREDSSP_CRED_EX outer = {CredsspCredEx, CREDSSP_CRED_EX_VERSION, 0, 0, inner};
    struct given given = {"Negotiate", TO, NULL, _i < 4 ? (void *)&inner : (void *)&outer};
    struct pair pair;

    pair_init(&pair);
    assert_status(waiter_end(&waiter, acquire_queue(&given, &pair.client_cred)), SEC_E_OK);
    assert_user(&pair, "bob@LOOPBACK.TEST");
}
END_TEST

/* Without one it is whoever is logged on. */
START_TEST(credssp_cred_without_identity)
{
    CREDSSP_CRED none = {CredsspPasswordCreds, NULL, NULL};
    struct given given = {"Negotiate", TO, NULL, &none};
    struct pair pair;

    pair_init(&pair);
    assert_status(waiter_end(&waiter, acquire_queue(&given, &pair.client_cred)), SEC_E_OK);
    assert_user(&pair, "alice@LOOPBACK.TEST");
}
END_TEST

/* The wide form takes the same, and its names in UTF-16. */
START_TEST(wide_form)
{
    SEC_WCHAR *package = wide_text("Negotiate", NULL), *unknown = wide_text("Nobody's", NULL);
    CREDSSP_CRED auth = {CredsspSubmitBufferBoth, NULL, &somebody};
    CredHandle cred = {77, 77};

    assert_status(waiter_end(&waiter, SspiAcquireCredentialsHandleAsyncW(
                                          waiter.async, NULL, package, TO, &of_another, NULL, NULL,
                                          NULL, &cred, NULL)),
                  SEC_E_NOT_OWNER);
    assert_status(waiter_end(&waiter, SspiAcquireCredentialsHandleAsyncW(waiter.async, NULL,
                                                                         unknown, TO, NULL, NULL,
                                                                         NULL, NULL, &cred, NULL)),
                  SEC_E_SECPKG_NOT_FOUND);
    ck_assert(is_untouched(&cred));
    assert_status(waiter_end(&waiter, SspiAcquireCredentialsHandleAsyncW(
                                          waiter.async, NULL, package, TO, &own, &auth, key_get,
                                          NULL, &cred, NULL)),
                  SEC_E_OK);
    assert_status(FreeCredentialsHandle(&cred), SEC_E_OK);
    free(package);
    free(unknown);
}
END_TEST

static Suite *async_acquire_suite(void)
{
    Suite *suite = suite_create("async_acquire");
    TCase *tcase = tcase_create("all");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, says_what_the_other_says, 0, COUNT(codes));
    tcase_add_test(tcase, no_credentials);
    tcase_add_test(tcase, internal_error);
    tcase_add_test(tcase, insufficient_memory);
    tcase_add_test(tcase, key_function_is_not_asked);
    tcase_add_loop_test(tcase, credssp_cred_for_negotiate, 0, 8);
    tcase_add_test(tcase, credssp_cred_without_identity);
    tcase_add_test(tcase, wide_form);
    suite_add_tcase(suite, tcase);
    return suite;
}

CHECK_MAIN(async_acquire_suite)
