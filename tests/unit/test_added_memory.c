/* SPDX-License-Identifier: MIT */
/*
 * Added packages where memory runs out, at each place in turn: the status says so, nothing is lost
 * of the library's or of the module's, and the next try goes well.
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <windows.h>

#include <sspi_linux.h>

#include "lib/check_main.h"
#include "lib/faults.h"
#include "lib/toymodule.h"

static char spec[] = "Game:Toy=" TOY_MODULE, name[] = "Game", target[] = "toys/chest";
static SEC_WCHAR name_w[] = u"Game";

static int module_live(void)
{
    void *library = dlopen(TOY_MODULE, RTLD_NOW | RTLD_NOLOAD);
    int (*live)(void) = NULL;

    ck_assert_ptr_nonnull(library);
    *(void **)&live = dlsym(library, "toy_live");
    dlclose(library);
    return live();
}

/* --- Adding --------------------------------------------------------------------------------- */

#define ADDING_MAX 40

/* A process for each place, since a module is loaded once. */
START_TEST(test_adding)
{
    SECURITY_STATUS status;
    bool failed;

    setenv("SSPI_PACKAGES", "/nonexistent", 1);
    setenv("TOY_TABLE", _i % 2 ? "w" : "a", 1);
    faults_arm((unsigned)_i / 2 + 1);
    status = AddSecurityPackageA(spec, NULL);
    failed = faults_disarm();
    ck_assert_int_eq(status, failed ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_OK);
    ck_assert(_i < 2 * ADDING_MAX - 2 || !failed);
    if (failed)
        ck_assert_int_eq(AddSecurityPackageA(spec, NULL), SEC_E_OK);
    ck_assert_int_eq(module_live(), 0);
}
END_TEST

/* --- Using ---------------------------------------------------------------------------------- */

struct trial {
    bool wide;
    CredHandle cred;
    CtxtHandle client, server, moved;
    char hello[TOY_MAX_TOKEN];
    SecBuffer first, reply, packed;
};

static SecBufferDesc list_of(SecBuffer *buffer)
{
    return (SecBufferDesc){SECBUFFER_VERSION, 1, buffer};
}

static SECURITY_STATUS trial_acquire(struct trial *trial)
{
    SEC_WINNT_AUTH_IDENTITY_A id = {
        (void *)(uintptr_t) "alice", 5, NULL, 0, (void *)(uintptr_t) "secret", 6,
        SEC_WINNT_AUTH_IDENTITY_ANSI};
    ULONG use = SECPKG_CRED_BOTH;
    SECURITY_STATUS status =
        trial->wide
            ? AcquireCredentialsHandleW(name_w, name_w, use, NULL, &id, NULL, NULL, &trial->cred,
                                        NULL)
            : AcquireCredentialsHandleA(name, name, use, NULL, &id, NULL, NULL, &trial->cred, NULL);

    return status == SEC_E_OK
               ? AddCredentialsA(&trial->cred, name, name, use, &id, NULL, NULL, NULL)
               : status;
}

static SECURITY_STATUS trial_logon(struct trial *trial)
{
    SecBufferDesc first = list_of(&trial->first), reply = list_of(&trial->reply);
    ULONG flags;
    SECURITY_STATUS status;

    trial->first = (SecBuffer){sizeof(trial->hello), SECBUFFER_TOKEN, trial->hello};
    trial->reply = (SecBuffer){0, SECBUFFER_TOKEN, NULL};
    status = InitializeSecurityContextA(&trial->cred, NULL, target, 0, 0, 0, NULL, 0,
                                        &trial->client, &first, &flags, NULL);
    if (status >= 0)
        status = AcceptSecurityContext(&trial->cred, NULL, &first, ASC_REQ_ALLOCATE_MEMORY, 0,
                                       &trial->server, &reply, &flags, NULL);
    if (status >= 0)
        status = InitializeSecurityContextA(&trial->cred, &trial->client, target, 0, 0, 0, &reply,
                                            0, &trial->client, NULL, &flags, NULL);
    return status;
}

/* Attributes with text, with two texts, with octets, with a description. */
static SECURITY_STATUS trial_ask(struct trial *trial)
{
    static const ULONG attributes[] = {SECPKG_ATTR_NAMES, SECPKG_ATTR_NATIVE_NAMES,
                                       SECPKG_ATTR_SESSION_KEY, SECPKG_ATTR_PACKAGE_INFO};
    union {
        SecPkgContext_NativeNamesA names;
        SecPkgContext_SessionKey key;
    } answer;
    SECURITY_STATUS status = SEC_E_OK;

    for (int i = 0; i < 4 && status == SEC_E_OK; i++) {
        memset(&answer, 0, sizeof(answer));
        status = trial->wide ? QueryContextAttributesW(&trial->server, attributes[i], &answer)
                             : QueryContextAttributesA(&trial->server, attributes[i], &answer);
        if (status != SEC_E_OK)
            break;
        if (attributes[i] == SECPKG_ATTR_SESSION_KEY) {
            FreeContextBuffer(answer.key.SessionKey);
        } else {
            FreeContextBuffer(answer.names.sClientName);
            FreeContextBuffer(answer.names.sServerName);
        }
    }
    return status;
}

static SECURITY_STATUS trial_move(struct trial *trial)
{
    HANDLE token = NULL;
    char word[] = "new", alice[] = "alice", old[] = "old";
    SECURITY_STATUS status = ExportSecurityContext(&trial->client, 0, &trial->packed, NULL);

    if (status == SEC_E_OK)
        status = ImportSecurityContextA(name, &trial->packed, NULL, &trial->moved);
    if (status == SEC_E_OK)
        status = QuerySecurityContextToken(&trial->server, &token);
    if (token != NULL)
        CloseHandle(token);
    if (status == SEC_E_OK)
        status = ChangeAccountPasswordA(name, NULL, alice, old, word, FALSE, 0, NULL);
    return status;
}

static SECURITY_STATUS trial_run(struct trial *trial)
{
    SECURITY_STATUS status = trial_acquire(trial);

    if (status == SEC_E_OK)
        status = trial_logon(trial);
    if (status == SEC_E_OK)
        status = trial_ask(trial);
    return status == SEC_E_OK ? trial_move(trial) : status;
}

static void trial_end(struct trial *trial)
{
    FreeContextBuffer(trial->reply.pvBuffer);
    FreeContextBuffer(trial->packed.pvBuffer);
    if (SecIsValidHandle(&trial->client))
        DeleteSecurityContext(&trial->client);
    if (SecIsValidHandle(&trial->server))
        DeleteSecurityContext(&trial->server);
    if (SecIsValidHandle(&trial->moved))
        DeleteSecurityContext(&trial->moved);
    if (SecIsValidHandle(&trial->cred))
        FreeCredentialsHandle(&trial->cred);
}

static const struct {
    const char *table;
    bool wide;
} forms[] = {{"", false}, {"", true}, {"a", true}, {"w", false}};

START_TEST(test_using)
{
    bool failed = true;
    unsigned place;

    setenv("TOY_TABLE", forms[_i].table, 1);
    ck_assert_int_eq(AddSecurityPackageA(spec, NULL), SEC_E_OK);
    for (place = 1; failed; place++) {
        struct trial trial = {.wide = forms[_i].wide};
        SECURITY_STATUS status;

        SecInvalidateHandle(&trial.cred);
        SecInvalidateHandle(&trial.client);
        SecInvalidateHandle(&trial.server);
        SecInvalidateHandle(&trial.moved);
        faults_arm(place);
        status = trial_run(&trial);
        failed = faults_disarm();
        ck_assert_msg(status == (failed ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_OK), "%u: %s: %s",
                      place, sspi_status_name(status), sspi_native_error());
        trial_end(&trial);
        ck_assert_int_eq(module_live(), 0);
    }
    ck_assert_uint_gt(place, 20);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("added packages without memory");
    TCase *tc = tcase_create("memory");

    tcase_add_loop_test(tc, test_adding, 0, 2 * ADDING_MAX);
    tcase_add_loop_test(tc, test_using, 0, sizeof(forms) / sizeof(forms[0]));
    suite_add_tcase(s, tc);
    return s;
}

CHECK_MAIN(suite)
