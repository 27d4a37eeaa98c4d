/* SPDX-License-Identifier: MIT */
/* The tables of the GSS packages: every row of flags and status is walked. */
#include <errno.h>
#include <gssapi/gssapi_ext.h>
#include <string.h>

#include "core/flagname.h"
#include "core/status.h"
#include "gss/flags.h"
#include "gss/oid.h"
#include "gss/status.h"
#include "lib/check_main.h"

/* --- Flags ---------------------------------------------------------------------------------- */

START_TEST(test_flag_rows)
{
    const struct flags_row *row = &flags_table[_i];

    if (row->isc_req != 0) {
        ck_assert_int_eq(flags_check(row->isc_req, false),
                         row->rule == FLAGS_REFUSE ? SEC_E_UNSUPPORTED_FUNCTION : SEC_E_OK);
    }
    if (row->asc_req != 0) {
        ck_assert_int_eq(flags_check(row->asc_req, true),
                         row->rule == FLAGS_REFUSE ? SEC_E_UNSUPPORTED_FUNCTION : SEC_E_OK);
    }
    if (row->rule == FLAGS_MAP && row->isc_req != 0 && row->gss != GSS_C_DELEG_FLAG) {
        ck_assert(flags_to_gss(row->isc_req) & row->gss);
    }
    for (unsigned mech = FLAGS_KERBEROS; mech <= FLAGS_NTLM; mech++) {
        ULONG out = flags_from_gss(row->isc_req, row->gss, mech, false);
        ULONG in = flags_from_gss(row->asc_req, row->gss, mech, true);
        bool comes = (row->mechs & mech) && (row->rule == FLAGS_MAP || row->rule == FLAGS_ECHO);

        ck_assert_int_eq((out & row->isc_ret) != 0,
                         comes && row->isc_ret != 0 && (row->rule == FLAGS_MAP || row->isc_req));
        ck_assert_int_eq((in & row->asc_ret) != 0,
                         comes && row->asc_ret != 0 && (row->rule == FLAGS_MAP || row->asc_req));
    }
}
END_TEST

/* Every ISC and ASC value stands in at most one row, and nothing is returned that no row grants. */
START_TEST(test_flag_rows_are_disjoint)
{
    ULONG64 isc = 0, asc = 0;

    for (size_t i = 0; i < flags_table_size; i++) {
        ck_assert_uint_eq(isc & flags_table[i].isc_req, 0);
        ck_assert_uint_eq(asc & flags_table[i].asc_req, 0);
        isc |= flags_table[i].isc_req;
        asc |= flags_table[i].asc_req;
    }
    ck_assert_uint_eq(flags_from_gss(0, 0, FLAGS_KERBEROS, false), 0);
    ck_assert_uint_eq(
        flags_from_gss(~(ULONG64)0, 0, FLAGS_KERBEROS, false) &
            (ISC_RET_CONFIDENTIALITY | ISC_RET_INTEGRITY | ISC_RET_MUTUAL_AUTH | ISC_RET_DELEGATE),
        0);
}
END_TEST

START_TEST(test_flag_truths)
{
    OM_uint32 all = GSS_C_MUTUAL_FLAG | GSS_C_DELEG_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG;

    /* NTLM authenticates nobody to the client, whatever it echoes. */
    ck_assert_uint_eq(flags_from_gss(0, all, FLAGS_NTLM, false),
                      ISC_RET_CONFIDENTIALITY | ISC_RET_INTEGRITY);
    /* The two roles' bits differ from EXTENDED_ERROR on. */
    ck_assert_uint_eq(flags_from_gss(0, GSS_C_INTEG_FLAG, FLAGS_KERBEROS, false), 0x10000);
    ck_assert_uint_eq(flags_from_gss(0, GSS_C_INTEG_FLAG, FLAGS_KERBEROS, true), 0x20000);
    /* Integrity comes unasked, and goes with all the rest under NO_INTEGRITY. */
    ck_assert_uint_eq(flags_to_gss(0), GSS_C_INTEG_FLAG);
    ck_assert_uint_eq(flags_to_gss(ISC_REQ_NO_INTEGRITY | ISC_REQ_INTEGRITY |
                                   ISC_REQ_CONFIDENTIALITY | ISC_REQ_REPLAY_DETECT |
                                   ISC_REQ_SEQUENCE_DETECT),
                      0);
    /* Delegation: only with mutual authentication, only where the KDC trusts the server. */
    ck_assert_uint_eq(flags_to_gss(ISC_REQ_DELEGATE), GSS_C_INTEG_FLAG);
    ck_assert_uint_eq(flags_to_gss(ISC_REQ_DELEGATE | ISC_REQ_MUTUAL_AUTH),
                      GSS_C_INTEG_FLAG | GSS_C_MUTUAL_FLAG | GSS_C_DELEG_POLICY_FLAG);
}
END_TEST

START_TEST(test_flag_names)
{
    char text[64], small[12];

    ck_assert_str_eq(flag_names(ISC_REQ_MUTUAL_AUTH | ISC_REQ_INTEGRITY, false, text, sizeof(text)),
                     "MUTUAL_AUTH|INTEGRITY");
    ck_assert_str_eq(flag_names(ASC_REQ_INTEGRITY, true, text, sizeof(text)), "INTEGRITY");
    ck_assert_str_eq(flag_names(0, true, text, sizeof(text)), "0");
    ck_assert_str_eq(flag_names((ULONG64)1 << 40, false, text, sizeof(text)), "0x10000000000");
    flag_names(0xffffffff, false, small, sizeof(small));
    ck_assert_uint_lt(strlen(small), sizeof(small));
    ck_assert_uint_eq(flag_from_name("Mutual_Auth", false), ISC_REQ_MUTUAL_AUTH);
    ck_assert_uint_eq(flag_from_name("integrity", true), ASC_REQ_INTEGRITY);
    ck_assert_uint_eq(flag_from_name("nonsense", true), 0);
}
END_TEST

/* --- Status --------------------------------------------------------------------------------- */

static const enum gss_doing all_doings[] = {GSS_ACQUIRING, GSS_INITIATING, GSS_ACCEPTING,
                                            GSS_SEALING, GSS_UNSEALING};

/* Every routine error gives a status that has a name and is an error. */
START_TEST(test_every_major)
{
    for (OM_uint32 routine = 1; routine <= 18; routine++)
        for (size_t i = 0; i < sizeof(all_doings) / sizeof(*all_doings); i++) {
            SECURITY_STATUS status =
                gss_status_of_major(all_doings[i], routine << GSS_C_ROUTINE_ERROR_OFFSET);

            ck_assert_int_lt(status, 0);
            ck_assert_str_ne(status_name(status), "unknown status");
        }
}
END_TEST

/* Every code of the krb5 table of errors gives one too, and one that is not mapped says
 * INTERNAL_ERROR. */
START_TEST(test_every_krb5_code)
{
    for (krb5_error_code code = ERROR_TABLE_BASE_krb5; code < ERROR_TABLE_BASE_krb5 + 256; code++) {
        if (code == KRB5KDC_ERR_NONE)
            continue;
        for (size_t i = 0; i < sizeof(all_doings) / sizeof(*all_doings); i++)
            ck_assert_int_lt(gss_status_of_krb5(all_doings[i], code), 0);
    }
    ck_assert_int_eq(gss_status_of_krb5(GSS_INITIATING, 0), SEC_E_OK);
    ck_assert_int_eq(gss_status_of_krb5(GSS_INITIATING, 4711), SEC_E_INTERNAL_ERROR);
}
END_TEST

/* What a cause means; permits_ntlm as in the table of sspi_negotiate(7). */
static const struct {
    krb5_error_code code;
    SECURITY_STATUS initiator, acceptor;
    bool permits_ntlm;
} causes[] = {
    {KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN, SEC_E_TARGET_UNKNOWN, SEC_E_NO_CREDENTIALS, true},
    {KRB5_KDC_UNREACH, SEC_E_NO_AUTHENTICATING_AUTHORITY, SEC_E_NO_AUTHENTICATING_AUTHORITY, true},
    {KRB5_REALM_UNKNOWN, SEC_E_NO_AUTHENTICATING_AUTHORITY, SEC_E_NO_AUTHENTICATING_AUTHORITY,
     true},
    {KRB5KDC_ERR_PREAUTH_FAILED, SEC_E_LOGON_DENIED, SEC_E_LOGON_DENIED, false},
    {KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN, SEC_E_LOGON_DENIED, SEC_E_LOGON_DENIED, false},
    {KRB5KDC_ERR_CLIENT_REVOKED, SEC_E_LOGON_DENIED, SEC_E_LOGON_DENIED, false},
    {KRB5KDC_ERR_KEY_EXP, SEC_E_LOGON_DENIED, SEC_E_LOGON_DENIED, false},
    {KRB5KRB_AP_ERR_SKEW, SEC_E_TIME_SKEW, SEC_E_TIME_SKEW, false},
    {KRB5KRB_AP_ERR_TKT_NYV, SEC_E_TIME_SKEW, SEC_E_TIME_SKEW, false},
    {KRB5KRB_AP_ERR_MODIFIED, SEC_E_WRONG_PRINCIPAL, SEC_E_LOGON_DENIED, false},
    {KRB5_CC_NOTFOUND, SEC_E_NO_CREDENTIALS, SEC_E_NO_CREDENTIALS, true},
    {KRB5_FCC_NOFILE, SEC_E_NO_CREDENTIALS, SEC_E_NO_CREDENTIALS, true},
    {KRB5KRB_AP_ERR_TKT_EXPIRED, SEC_E_NO_CREDENTIALS, SEC_E_CONTEXT_EXPIRED, true},
    {KRB5KRB_AP_ERR_REPEAT, SEC_E_LOGON_DENIED, SEC_E_LOGON_DENIED, false},
    {KRB5_KT_NOTFOUND, SEC_E_NO_CREDENTIALS, SEC_E_NO_KERB_KEY, true},
    {KRB5KDC_ERR_ETYPE_NOSUPP, SEC_E_KDC_UNKNOWN_ETYPE, SEC_E_KDC_UNKNOWN_ETYPE, false},
    {ENOMEM, SEC_E_INSUFFICIENT_MEMORY, SEC_E_INSUFFICIENT_MEMORY, false},
};

START_TEST(test_causes)
{
    ck_assert_int_eq(gss_status_of_krb5(GSS_INITIATING, causes[_i].code), causes[_i].initiator);
    ck_assert_int_eq(gss_status_of_krb5(GSS_ACCEPTING, causes[_i].code), causes[_i].acceptor);
    ck_assert_int_eq(gss_status_permits_ntlm(causes[_i].code), causes[_i].permits_ntlm);
}
END_TEST

/* A wrong key of a message is an altered message, of a logon a denied logon. */
START_TEST(test_integrity_by_call)
{
    ck_assert_int_eq(gss_status_of_krb5(GSS_UNSEALING, KRB5KRB_AP_ERR_BAD_INTEGRITY),
                     SEC_E_MESSAGE_ALTERED);
    ck_assert_int_eq(gss_status_of_krb5(GSS_INITIATING, KRB5KRB_AP_ERR_BAD_INTEGRITY),
                     SEC_E_LOGON_DENIED);
    /* No secret that was refused may lead to NTLM. */
    for (krb5_error_code code = ERROR_TABLE_BASE_krb5; code < ERROR_TABLE_BASE_krb5 + 256; code++)
        if (gss_status_of_krb5(GSS_INITIATING, code) == SEC_E_LOGON_DENIED)
            ck_assert(!gss_status_permits_ntlm(code));
}
END_TEST

START_TEST(test_ntlm_codes)
{
    for (OM_uint32 n = 1; n <= 0x1d; n++) {
        ck_assert_int_lt(gss_status_of_ntlm(GSS_INITIATING, 0x4e540000U + n), 0);
        ck_assert_int_lt(gss_status_of_ntlm(GSS_ACCEPTING, 0x4e540000U + n), 0);
    }
    ck_assert_int_eq(gss_status_of_ntlm(GSS_ACCEPTING, EINVAL), SEC_E_LOGON_DENIED);
    ck_assert_int_eq(gss_status_of_ntlm(GSS_ACCEPTING, EACCES), SEC_E_LOGON_DENIED);
    ck_assert_int_eq(gss_status_of_ntlm(GSS_ACCEPTING, 0x4e54000e), SEC_E_UNSUPPORTED_FUNCTION);
    ck_assert_int_eq(gss_status_of_ntlm(GSS_ACCEPTING, 0x4e540001), SEC_E_INVALID_TOKEN);
}
END_TEST

START_TEST(test_results)
{
    struct gss_result result = {.mech = oid_krb5};

    ck_assert_int_eq(gss_status(GSS_INITIATING, "test", result), SEC_E_OK);
    result.major = GSS_S_CONTINUE_NEEDED;
    ck_assert_int_eq(gss_status(GSS_INITIATING, "test", result), SEC_I_CONTINUE_NEEDED);
    /* A wrong password arrives as NO_CRED: the minor code decides. */
    result.major = GSS_S_NO_CRED;
    result.minor = (OM_uint32)KRB5KDC_ERR_PREAUTH_FAILED;
    ck_assert_int_eq(gss_status(GSS_INITIATING, "test", result), SEC_E_LOGON_DENIED);
    result.minor = 0;
    ck_assert_int_eq(gss_status(GSS_INITIATING, "test", result), SEC_E_NO_CREDENTIALS);
    /* Calling errors alone. */
    result.major = GSS_S_CALL_INACCESSIBLE_READ;
    ck_assert_int_eq(gss_status(GSS_ACCEPTING, "test", result), SEC_E_INVALID_TOKEN);
    ck_assert_int_eq(gss_status(GSS_SEALING, "test", result), SEC_E_INTERNAL_ERROR);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("gss tables");
    TCase *flags = tcase_create("flags"), *status = tcase_create("status");

    tcase_add_loop_test(flags, test_flag_rows, 0, (int)flags_table_size);
    tcase_add_test(flags, test_flag_rows_are_disjoint);
    tcase_add_test(flags, test_flag_truths);
    tcase_add_test(flags, test_flag_names);
    tcase_add_test(status, test_every_major);
    tcase_add_test(status, test_every_krb5_code);
    tcase_add_loop_test(status, test_causes, 0, sizeof(causes) / sizeof(*causes));
    tcase_add_test(status, test_integrity_by_call);
    tcase_add_test(status, test_ntlm_codes);
    tcase_add_test(status, test_results);
    suite_add_tcase(s, flags);
    suite_add_tcase(s, status);
    return s;
}

CHECK_MAIN(suite)
