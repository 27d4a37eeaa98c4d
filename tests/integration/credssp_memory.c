/* SPDX-License-Identifier: MIT */
/*
 * A logon by CredSSP where memory runs out, at each place in turn: a clear code, nothing lost, no
 * credentials without a proof, and never a logon that is less than it says.
 */
#include <windows.h>

#include <credssp.h>
#include <sspi_linux.h>
#include <stdlib.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/faults.h"
#include "lib/hand.h"
#include "lib/world.h"

static struct hand hand;

static const struct hand_way ways[] = {
    {false, SP_PROT_TLS1_3, IDENT_EC, "ntlm", 6},
    {true, SP_PROT_TLS1_3, IDENT_EC, "ntlm", 6},
    {false, SP_PROT_TLS1_2, IDENT_EC, "kerberos", 6},
    {true, SP_PROT_TLS1_2, IDENT_EC, "kerberos", 4},
};

static void end_check(const struct hand_way *way, unsigned number, bool failed)
{
    bool done = hand.status == SEC_E_OK;

    ck_assert_msg(done || failed, "without a fault: %s: %s", sspi_status_name(hand.status),
                  sspi_native_error());
    ck_assert_msg(done || hand.status == SEC_E_INSUFFICIENT_MEMORY, "allocation %u: %s: %s", number,
                  sspi_status_name(hand.status), sspi_native_error());
    ck_assert_uint_eq(hand.credentials, way->serves && done ? 1 : 0);
    ck_assert_int_eq(hand.step == (way->serves ? HAND_BINDING : HAND_CREDENTIALS) || !done, true);
}

START_TEST(logon_without_memory)
{
    const struct hand_way *way = &ways[_i];
    unsigned number = 0;
    bool failed = true;

    hand_open(&hand, way, NULL);
    hand.request = way->serves ? ISC_REQ_DELEGATE : 0;
    hand.enter = faults_resume;
    hand.leave = faults_pause;
    for (; failed && number < FAULTS_MAX; number++) {
        faults_arm(number + 1);
        faults_pause();
        if (hand_try(&hand))
            hand_finish(&hand);
        failed = faults_disarm();
        end_check(way, number + 1, failed);
    }
    ck_assert_uint_gt(number, 20);
    ck_assert(!failed);
    hand_close(&hand);
}
END_TEST

/* --- Credentials ---------------------------------------------------------------------------- */

/* What acquires one of each kind; static, as memory is for the library alone. */
static SECURITY_STATUS acquire(CREDSPP_SUBMIT_TYPE type, ULONG flags, void *what, CredHandle *cred)
{
    CREDSSP_CRED_EX auth = {.Type = CredsspCredEx,
                            .Version = CREDSSP_CRED_EX_VERSION,
                            .Flags = flags,
                            .Cred = {type, NULL, what}};
    char package[] = CREDSSP_NAME_A;

    return AcquireCredentialsHandleA(NULL, package, SECPKG_CRED_OUTBOUND, NULL, &auth, NULL, NULL,
                                     cred, NULL);
}

static SECURITY_STATUS acquire_named(CredHandle *cred)
{
    SEC_WINNT_AUTH_IDENTITY_EXA identity = identity_exa("alice", NULL, "a password", "ntlm");

    return acquire(CredsspSubmitBufferBoth, 0, &identity, cred);
}

static SECURITY_STATUS acquire_saved(CredHandle *cred)
{
    SEC_WINNT_AUTH_IDENTITY_EXA identity = identity_exa("alice", NULL, NULL, NULL);

    return acquire(CredsspPasswordCreds, 0, &identity, cred);
}

static SECURITY_STATUS acquire_guarded(CredHandle *cred)
{
    static unsigned char ticket[] = "a ticket", hash[] = "a hash";
    struct sspi_guard_credential list[] = {{"Kerberos", ticket, sizeof(ticket)},
                                           {"NTLM", hash, sizeof(hash)}};
    struct sspi_guard_credentials guard = {2, list};

    return acquire(SSPI_CREDSSP_REMOTE_GUARD, CREDSSP_FLAG_REDIRECT, &guard, cred);
}

static SECURITY_STATUS (*const kinds[])(CredHandle *) = {acquire_named, acquire_saved,
                                                         acquire_guarded};

START_TEST(credentials_without_memory)
{
    bool failed = true;
    unsigned number = 0;

    setenv("NTLM_USER_FILE", world_file("ntlm.alice"), 1);
    for (; failed && number < FAULTS_MAX; number++) {
        CredHandle cred;
        SECURITY_STATUS status;

        faults_arm(number + 1);
        status = kinds[_i](&cred);
        failed = faults_disarm();
        if (status == SEC_E_OK)
            assert_status(FreeCredentialsHandle(&cred), SEC_E_OK);
        else
            assert_status(status, SEC_E_INSUFFICIENT_MEMORY);
    }
    ck_assert_uint_gt(number, 5);
    ck_assert(!failed);
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("credssp memory");

    suite_add(all, logon_without_memory, COUNT(ways));
    suite_add(all, credentials_without_memory, COUNT(kinds));
    return all;
}

CHECK_MAIN(suite)
