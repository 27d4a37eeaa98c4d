/* SPDX-License-Identifier: MIT */
/* Status tables: krb5 code, NTLM minor; GSS majors are in majors.c. */
#include "gss/status.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/native.h"
#include "gss/majors.h"
#include "gss/oid.h"

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

/* The krb5 mechanism's own codes, which no header installs: error table "k5g", 39756032 and on. */
#define KG_CCACHE_NOMATCH 39756032
#define KG_KEYTAB_NOMATCH 39756033
#define KG_TGT_MISSING    39756034
#define KG_EMPTY_CCACHE   39756044

/*
 * What a Kerberos failure means to the one who starts and to the one who accepts. permits_ntlm: the
 * initiator could not have had a ticket, so Negotiate may choose NTLM.
 */
struct krb5_row {
    krb5_error_code code;
    SECURITY_STATUS initiator, acceptor;
    bool permits_ntlm;
};

static const struct krb5_row krb5_table[] = {
    /* The account and its secret. Which of the two was wrong is not said. */
    {KRB5KDC_ERR_NAME_EXP, SEC_E_LOGON_DENIED, SEC_E_LOGON_DENIED, false},
    {KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN, SEC_E_LOGON_DENIED, SEC_E_LOGON_DENIED, false},
    {KRB5KDC_ERR_NULL_KEY, SEC_E_LOGON_DENIED, SEC_E_LOGON_DENIED, false},
    {KRB5KDC_ERR_POLICY, SEC_E_LOGON_DENIED, SEC_E_LOGON_DENIED, false},
    {KRB5KDC_ERR_CLIENT_REVOKED, SEC_E_LOGON_DENIED, SEC_E_LOGON_DENIED, false},
    {KRB5KDC_ERR_CLIENT_NOTYET, SEC_E_LOGON_DENIED, SEC_E_LOGON_DENIED, false},
    {KRB5KDC_ERR_KEY_EXP, SEC_E_LOGON_DENIED, SEC_E_LOGON_DENIED, false},
    {KRB5KDC_ERR_PREAUTH_FAILED, SEC_E_LOGON_DENIED, SEC_E_LOGON_DENIED, false},
    {KRB5KDC_ERR_PREAUTH_REQUIRED, SEC_E_LOGON_DENIED, SEC_E_LOGON_DENIED, false},
    {KRB5_PREAUTH_FAILED, SEC_E_LOGON_DENIED, SEC_E_LOGON_DENIED, false},
    {KRB5_LIBOS_CANTREADPWD, SEC_E_LOGON_DENIED, SEC_E_LOGON_DENIED, false},
    {KRB5_LIBOS_PWDINTR, SEC_E_LOGON_DENIED, SEC_E_LOGON_DENIED, false},
    {KRB5KRB_AP_ERR_BAD_INTEGRITY, SEC_E_LOGON_DENIED, SEC_E_LOGON_DENIED, false},
    {KRB5KRB_AP_ERR_REPEAT, SEC_E_LOGON_DENIED, SEC_E_LOGON_DENIED, false},
    /* The service. */
    {KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN, SEC_E_TARGET_UNKNOWN, SEC_E_NO_CREDENTIALS, true},
    {KRB5KDC_ERR_SERVICE_REVOKED, SEC_E_TARGET_UNKNOWN, SEC_E_TARGET_UNKNOWN, true},
    {KRB5KDC_ERR_SERVICE_NOTYET, SEC_E_TARGET_UNKNOWN, SEC_E_TARGET_UNKNOWN, true},
    {KRB5_ERR_HOST_REALM_UNKNOWN, SEC_E_TARGET_UNKNOWN, SEC_E_TARGET_UNKNOWN, true},
    {KRB5_ERR_BAD_HOSTNAME, SEC_E_TARGET_UNKNOWN, SEC_E_TARGET_UNKNOWN, true},
    {KRB5_SNAME_UNSUPP_NAMETYPE, SEC_E_TARGET_UNKNOWN, SEC_E_TARGET_UNKNOWN, true},
    {KRB5_PARSE_MALFORMED, SEC_E_TARGET_UNKNOWN, SEC_E_TARGET_UNKNOWN, false},
    {KRB5KRB_AP_ERR_NOT_US, SEC_E_WRONG_PRINCIPAL, SEC_E_WRONG_PRINCIPAL, false},
    {KRB5KRB_AP_ERR_BADMATCH, SEC_E_WRONG_PRINCIPAL, SEC_E_WRONG_PRINCIPAL, false},
    {KRB5KRB_AP_WRONG_PRINC, SEC_E_WRONG_PRINCIPAL, SEC_E_WRONG_PRINCIPAL, false},
    {KRB5KRB_AP_ERR_MODIFIED, SEC_E_WRONG_PRINCIPAL, SEC_E_LOGON_DENIED, false},
    {KRB5KRB_AP_ERR_BADKEYVER, SEC_E_WRONG_PRINCIPAL, SEC_E_NO_KERB_KEY, false},
    {KRB5KRB_AP_ERR_NOKEY, SEC_E_WRONG_PRINCIPAL, SEC_E_NO_KERB_KEY, false},
    {KRB5_KT_KVNONOTFOUND, SEC_E_NO_KERB_KEY, SEC_E_NO_KERB_KEY, false},
    {KRB5_KT_NOTFOUND, SEC_E_NO_CREDENTIALS, SEC_E_NO_KERB_KEY, true},
    {KRB5KRB_AP_ERR_MUT_FAIL, SEC_E_MUTUAL_AUTH_FAILED, SEC_E_MUTUAL_AUTH_FAILED, false},
    {KRB5_MUTUAL_FAILED, SEC_E_MUTUAL_AUTH_FAILED, SEC_E_MUTUAL_AUTH_FAILED, false},
    {KRB5KDC_ERR_MUST_USE_USER2USER, SEC_E_NO_TGT_REPLY, SEC_E_NO_TGT_REPLY, true},
    {KRB5KRB_AP_ERR_NO_TGT, SEC_E_NO_TGT_REPLY, SEC_E_NO_TGT_REPLY, true},
    {KRB5KDC_ERR_PATH_NOT_ACCEPTED, SEC_E_KDC_UNABLE_TO_REFER, SEC_E_KDC_UNABLE_TO_REFER, true},
    {KRB5KRB_AP_PATH_NOT_ACCEPTED, SEC_E_KDC_UNABLE_TO_REFER, SEC_E_KDC_UNABLE_TO_REFER, true},
    {KRB5KDC_ERR_BADOPTION, SEC_E_NO_CREDENTIALS, SEC_E_KDC_INVALID_REQUEST, false},
    {KRB5KDC_ERR_CANNOT_POSTDATE, SEC_E_KDC_INVALID_REQUEST, SEC_E_KDC_INVALID_REQUEST, false},
    /* Encryption types. */
    {KRB5KDC_ERR_ETYPE_NOSUPP, SEC_E_KDC_UNKNOWN_ETYPE, SEC_E_KDC_UNKNOWN_ETYPE, false},
    {KRB5_CC_NOT_KTYPE, SEC_E_KDC_UNKNOWN_ETYPE, SEC_E_KDC_UNKNOWN_ETYPE, false},
    {KRB5_PROG_ETYPE_NOSUPP, SEC_E_KDC_UNKNOWN_ETYPE, SEC_E_KDC_UNKNOWN_ETYPE, false},
    {KRB5_NOPERM_ETYPE, SEC_E_KDC_UNKNOWN_ETYPE, SEC_E_KDC_UNKNOWN_ETYPE, false},
    {KRB5KDC_ERR_SUMTYPE_NOSUPP, SEC_E_KDC_UNKNOWN_ETYPE, SEC_E_KDC_UNKNOWN_ETYPE, false},
    {KRB5KDC_ERR_PADATA_TYPE_NOSUPP, SEC_E_UNSUPPORTED_PREAUTH, SEC_E_UNSUPPORTED_PREAUTH, false},
    /* Time. */
    {KRB5KRB_AP_ERR_TKT_EXPIRED, SEC_E_NO_CREDENTIALS, SEC_E_CONTEXT_EXPIRED, true},
    {KRB5KRB_AP_ERR_TKT_NYV, SEC_E_TIME_SKEW, SEC_E_TIME_SKEW, false},
    {KRB5KRB_AP_ERR_SKEW, SEC_E_TIME_SKEW, SEC_E_TIME_SKEW, false},
    {KRB5_KDCREP_SKEW, SEC_E_TIME_SKEW, SEC_E_TIME_SKEW, false},
    {KRB5KDC_ERR_NEVER_VALID, SEC_E_TIME_SKEW, SEC_E_TIME_SKEW, false},
    /* Tokens. */
    {KRB5KRB_AP_ERR_BADVERSION, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN, false},
    {KRB5KRB_AP_ERR_MSG_TYPE, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN, false},
    {KRB5KRB_AP_ERR_BADADDR, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN, false},
    {KRB5KRB_AP_ERR_BADORDER, SEC_E_OUT_OF_SEQUENCE, SEC_E_OUT_OF_SEQUENCE, false},
    {KRB5KRB_AP_ERR_BADSEQ, SEC_E_OUT_OF_SEQUENCE, SEC_E_OUT_OF_SEQUENCE, false},
    {KRB5KRB_AP_ERR_INAPP_CKSUM, SEC_E_MESSAGE_ALTERED, SEC_E_MESSAGE_ALTERED, false},
    {KRB5_BAD_MSIZE, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN, false},
    {KRB5_BADMSGTYPE, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN, false},
    {ASN1_OVERRUN, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN, false},
    {ASN1_BAD_ID, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN, false},
    {ASN1_BAD_LENGTH, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN, false},
    {ASN1_BAD_FORMAT, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN, false},
    {ASN1_PARSE_ERROR, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN, false},
    {ASN1_MISSING_FIELD, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN, false},
    {ASN1_MISPLACED_FIELD, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN, false},
    {ASN1_TYPE_MISMATCH, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN, false},
    {ASN1_INDEF, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN, false},
    /* No KDC. */
    {KRB5_REALM_UNKNOWN, SEC_E_NO_AUTHENTICATING_AUTHORITY, SEC_E_NO_AUTHENTICATING_AUTHORITY,
     true},
    {KRB5_KDC_UNREACH, SEC_E_NO_AUTHENTICATING_AUTHORITY, SEC_E_NO_AUTHENTICATING_AUTHORITY, true},
    {KRB5_REALM_CANT_RESOLVE, SEC_E_NO_AUTHENTICATING_AUTHORITY, SEC_E_NO_AUTHENTICATING_AUTHORITY,
     true},
    {KRB5KDC_ERR_SVC_UNAVAILABLE, SEC_E_NO_AUTHENTICATING_AUTHORITY,
     SEC_E_NO_AUTHENTICATING_AUTHORITY, true},
    {KRB5KRB_ERR_RESPONSE_TOO_BIG, SEC_E_NO_AUTHENTICATING_AUTHORITY,
     SEC_E_NO_AUTHENTICATING_AUTHORITY, true},
    {KRB5_CONFIG_NODEFREALM, SEC_E_NO_AUTHENTICATING_AUTHORITY, SEC_E_NO_AUTHENTICATING_AUTHORITY,
     true},
    {KRB5_CONFIG_CANTOPEN, SEC_E_NO_AUTHENTICATING_AUTHORITY, SEC_E_NO_AUTHENTICATING_AUTHORITY,
     true},
    {KRB5KDC_ERR_WRONG_REALM, SEC_E_KDC_UNABLE_TO_REFER, SEC_E_KDC_UNABLE_TO_REFER, true},
    /* No ticket. */
    {KRB5_CC_NOTFOUND, SEC_E_NO_CREDENTIALS, SEC_E_NO_CREDENTIALS, true},
    {KRB5_FCC_NOFILE, SEC_E_NO_CREDENTIALS, SEC_E_NO_CREDENTIALS, true},
    {KRB5_FCC_PERM, SEC_E_NO_CREDENTIALS, SEC_E_NO_CREDENTIALS, true},
    {KRB5_FCC_INTERNAL, SEC_E_NO_CREDENTIALS, SEC_E_NO_CREDENTIALS, true},
    {KRB5_CC_FORMAT, SEC_E_NO_CREDENTIALS, SEC_E_NO_CREDENTIALS, true},
    {KRB5_CC_BADNAME, SEC_E_NO_CREDENTIALS, SEC_E_NO_CREDENTIALS, true},
    {KRB5_CCACHE_BADVNO, SEC_E_NO_CREDENTIALS, SEC_E_NO_CREDENTIALS, true},
    {KRB5_NO_TKT_SUPPLIED, SEC_E_NO_CREDENTIALS, SEC_E_NO_CREDENTIALS, true},
    {KG_CCACHE_NOMATCH, SEC_E_NO_CREDENTIALS, SEC_E_NO_CREDENTIALS, true},
    {KG_KEYTAB_NOMATCH, SEC_E_NO_CREDENTIALS, SEC_E_NO_CREDENTIALS, true},
    {KG_TGT_MISSING, SEC_E_NO_CREDENTIALS, SEC_E_NO_CREDENTIALS, true},
    {KG_EMPTY_CCACHE, SEC_E_NO_CREDENTIALS, SEC_E_NO_CREDENTIALS, true},
    /* PKINIT. */
    {KRB5KDC_ERR_KDC_NOT_TRUSTED, SEC_E_ISSUING_CA_UNTRUSTED_KDC, SEC_E_ISSUING_CA_UNTRUSTED_KDC,
     false},
    {KRB5KDC_ERR_CANT_VERIFY_CERTIFICATE, SEC_E_PKINIT_CLIENT_FAILURE, SEC_E_PKINIT_CLIENT_FAILURE,
     false},
    {KRB5KDC_ERR_REVOKED_CERTIFICATE, SEC_E_SMARTCARD_CERT_REVOKED, SEC_E_SMARTCARD_CERT_REVOKED,
     false},
    {KRB5KDC_ERR_CLIENT_NAME_MISMATCH, SEC_E_PKINIT_NAME_MISMATCH, SEC_E_PKINIT_NAME_MISMATCH,
     false},
    /* The machine. */
    {KRB5_RC_MALLOC, SEC_E_INSUFFICIENT_MEMORY, SEC_E_INSUFFICIENT_MEMORY, false},
    {KRB5_CC_NOMEM, SEC_E_INSUFFICIENT_MEMORY, SEC_E_INSUFFICIENT_MEMORY, false},
    {ENOMEM, SEC_E_INSUFFICIENT_MEMORY, SEC_E_INSUFFICIENT_MEMORY, false},
    {ENOENT, SEC_E_NO_CREDENTIALS, SEC_E_NO_KERB_KEY, true},
    {EACCES, SEC_E_NO_CREDENTIALS, SEC_E_INTERNAL_ERROR, true},
};

/* gss-ntlmssp: 'NT' << 16 plus a small number, or plain errno. */
#define NTLM_CODE(n) (0x4e540000U + (n))

static const struct {
    OM_uint32 minor;
    SECURITY_STATUS initiator, acceptor;
} ntlm_table[] = {
    {NTLM_CODE(0x01), SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN},               /* decode */
    {NTLM_CODE(0x02), SEC_E_INTERNAL_ERROR, SEC_E_INTERNAL_ERROR},             /* encode */
    {NTLM_CODE(0x03), SEC_E_INTERNAL_ERROR, SEC_E_INTERNAL_ERROR},             /* crypto */
    {NTLM_CODE(0x06), SEC_E_NO_CREDENTIALS, SEC_E_NO_CREDENTIALS},             /* no name */
    {NTLM_CODE(0x07), SEC_E_TARGET_UNKNOWN, SEC_E_NO_CREDENTIALS},             /* not a server */
    {NTLM_CODE(0x08), SEC_E_NO_CREDENTIALS, SEC_E_LOGON_DENIED},               /* not a user */
    {NTLM_CODE(0x0d), SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN},               /* wrong message */
    {NTLM_CODE(0x0e), SEC_E_UNSUPPORTED_FUNCTION, SEC_E_UNSUPPORTED_FUNCTION}, /* required flag */
    {NTLM_CODE(0x0f), SEC_E_UNSUPPORTED_FUNCTION, SEC_E_UNSUPPORTED_FUNCTION}, /* flags failed */
    {NTLM_CODE(0x10), SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN},               /* bad flags */
    {NTLM_CODE(0x11), SEC_E_NO_CREDENTIALS, SEC_E_NO_CREDENTIALS},             /* not a server's */
    {NTLM_CODE(0x12), SEC_E_NO_CREDENTIALS, SEC_E_NO_CREDENTIALS},             /* not a user's */
    {NTLM_CODE(0x13), SEC_E_NO_CREDENTIALS, SEC_E_NO_CREDENTIALS},             /* bad credential */
    {NTLM_CODE(0x14), SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN},               /* no token */
    {NTLM_CODE(0x15), SEC_E_UNSUPPORTED_FUNCTION, SEC_E_UNSUPPORTED_FUNCTION}, /* not supported */
    {NTLM_CODE(0x16), SEC_E_NO_AUTHENTICATING_AUTHORITY, SEC_E_NO_AUTHENTICATING_AUTHORITY},
    {NTLM_CODE(0x17), SEC_E_TARGET_UNKNOWN, SEC_E_INVALID_TOKEN},    /* name too long */
    {NTLM_CODE(0x18), SEC_E_BAD_BINDINGS, SEC_E_BAD_BINDINGS},       /* no bindings */
    {NTLM_CODE(0x19), SEC_E_TIME_SKEW, SEC_E_TIME_SKEW},             /* time skew */
    {NTLM_CODE(0x1a), SEC_E_CONTEXT_EXPIRED, SEC_E_CONTEXT_EXPIRED}, /* expired */
    {NTLM_CODE(0x1c), SEC_E_LOGON_DENIED, SEC_E_LOGON_DENIED},       /* NTLMv1 only */
    {NTLM_CODE(0x1d), SEC_E_NO_CREDENTIALS, SEC_E_LOGON_DENIED},     /* no such user */
    {ENOENT, SEC_E_NO_CREDENTIALS, SEC_E_LOGON_DENIED},
    {EACCES, SEC_E_LOGON_DENIED, SEC_E_LOGON_DENIED},
    {EINVAL, SEC_E_INVALID_TOKEN, SEC_E_LOGON_DENIED},
    {EILSEQ, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN}, /* text that is no UTF-16 */
    {ENOMEM, SEC_E_INSUFFICIENT_MEMORY, SEC_E_INSUFFICIENT_MEMORY},
};

static bool acts_as_acceptor(enum gss_doing doing)
{
    return doing == GSS_ACCEPTING;
}

SECURITY_STATUS gss_status_of_major(enum gss_doing doing, OM_uint32 major)
{
    OM_uint32 routine = GSS_ROUTINE_ERROR(major);

    if (GSS_CALLING_ERROR(major) && routine == 0)
        return doing == GSS_UNSEALING || doing == GSS_ACCEPTING ? SEC_E_INVALID_TOKEN
                                                                : SEC_E_INTERNAL_ERROR;
    for (size_t i = 0; i < majors_table_size; i++)
        if (majors_table[i].major == routine)
            return acts_as_acceptor(doing) ? majors_table[i].acceptor : majors_table[i].initiator;
    return SEC_E_INTERNAL_ERROR;
}

static const struct krb5_row *krb5_row_find(krb5_error_code code)
{
    for (size_t i = 0; i < COUNT(krb5_table); i++)
        if (krb5_table[i].code == code)
            return &krb5_table[i];
    return NULL;
}

SECURITY_STATUS gss_status_of_krb5(enum gss_doing doing, krb5_error_code code)
{
    const struct krb5_row *row = krb5_row_find(code);

    if (code == 0)
        return SEC_E_OK;
    if (row == NULL)
        return SEC_E_INTERNAL_ERROR;
    if (doing == GSS_UNSEALING && code == KRB5KRB_AP_ERR_BAD_INTEGRITY)
        return SEC_E_MESSAGE_ALTERED;
    if (doing == GSS_ANSWERED && code == KRB5KRB_AP_ERR_BAD_INTEGRITY)
        return SEC_E_WRONG_PRINCIPAL; /* one of the two ends has another key */
    return acts_as_acceptor(doing) ? row->acceptor : row->initiator;
}

/* The words for a minor code are the library's own for the krb5 code. */
static bool text_is_of(gss_buffer_t words, krb5_context context, krb5_error_code code)
{
    const char *text = krb5_get_error_message(context, code);
    bool same = strlen(text) == words->length && memcmp(text, words->value, words->length) == 0;

    krb5_free_error_message(context, text);
    return same;
}

krb5_error_code gss_krb5_code_behind(struct gss_result result)
{
    gss_buffer_desc words = GSS_C_EMPTY_BUFFER;
    krb5_context context = NULL;
    krb5_error_code code = 0;
    OM_uint32 minor, more = 0;

    if (result.minor == 0 || krb5_init_context(&context) != 0)
        return 0;
    (void)gss_display_status(&minor, result.minor, GSS_C_MECH_CODE, (gss_OID)(uintptr_t)result.mech,
                             &more, &words);
    for (size_t i = 0; i < COUNT(krb5_table) && code == 0 && words.length != 0; i++)
        if (text_is_of(&words, context, krb5_table[i].code))
            code = krb5_table[i].code;
    gss_release_buffer(&minor, &words);
    krb5_free_context(context);
    return code;
}

bool gss_status_permits_ntlm(krb5_error_code code)
{
    const struct krb5_row *row = krb5_row_find(code);

    return row != NULL && row->permits_ntlm;
}

SECURITY_STATUS gss_status_of_ntlm(enum gss_doing doing, OM_uint32 minor)
{
    for (size_t i = 0; i < COUNT(ntlm_table); i++)
        if (ntlm_table[i].minor == minor)
            return acts_as_acceptor(doing) ? ntlm_table[i].acceptor : ntlm_table[i].initiator;
    return SEC_E_INTERNAL_ERROR;
}

static void result_remember(const char *what, struct gss_result result)
{
    OM_uint32 minor, more = 0;
    gss_buffer_desc text[2] = {GSS_C_EMPTY_BUFFER, GSS_C_EMPTY_BUFFER};

    (void)gss_display_status(&minor, result.major, GSS_C_GSS_CODE, GSS_C_NO_OID, &more, &text[0]);
    more = 0;
    if (result.minor != 0 && result.mech != GSS_C_NO_OID)
        (void)gss_display_status(&minor, result.minor, GSS_C_MECH_CODE,
                                 (gss_OID)(uintptr_t)result.mech, &more, &text[1]);
    native_error_set("%s (%s): %.*s%s%.*s [0x%x/%d]", what, oid_name(result.mech),
                     (int)text[0].length, (const char *)text[0].value, text[1].length ? ": " : "",
                     (int)text[1].length, (const char *)text[1].value, (unsigned)result.major,
                     (int)result.minor);
    gss_release_buffer(&minor, &text[0]);
    gss_release_buffer(&minor, &text[1]);
}

/* The minor code says more than the major where the mechanism itself was asked. */
static SECURITY_STATUS status_of_minor(enum gss_doing doing, struct gss_result result)
{
    if (result.minor == 0)
        return SEC_E_INTERNAL_ERROR;
    if (oid_equal(result.mech, oid_krb5) || oid_equal(result.mech, oid_krb5_ms)) {
        return gss_status_of_krb5(doing, (krb5_error_code)result.minor);
    }
    if (oid_equal(result.mech, oid_ntlm))
        return gss_status_of_ntlm(doing, result.minor);
    return SEC_E_INTERNAL_ERROR;
}

static SECURITY_STATUS status_of(enum gss_doing doing, struct gss_result result)
{
    OM_uint32 routine = GSS_ROUTINE_ERROR(result.major);
    SECURITY_STATUS status = SEC_E_INTERNAL_ERROR;

    if (routine == GSS_S_FAILURE || routine == GSS_S_NO_CRED || routine == GSS_S_BAD_NAME ||
        routine == GSS_S_NO_CONTEXT)
        status = status_of_minor(doing, result);
    return status == SEC_E_INTERNAL_ERROR ? gss_status_of_major(doing, result.major) : status;
}

SECURITY_STATUS gss_status(enum gss_doing doing, const char *what, struct gss_result result)
{
    if (!GSS_ERROR(result.major))
        return result.major & GSS_S_CONTINUE_NEEDED ? SEC_I_CONTINUE_NEEDED : SEC_E_OK;
    result_remember(what, result);
    return status_of(doing, result);
}

/* This machine's troubles: errno, and the replay cache's. */
static bool is_local_trouble(OM_uint32 minor)
{
    return (minor != 0 && minor < 4096) ||
           (minor >= (OM_uint32)KRB5_RC_TYPE_EXISTS && minor <= (OM_uint32)KRB5_RC_IO_SPACE);
}

SECURITY_STATUS gss_status_of_token(SECURITY_STATUS status, struct gss_result result)
{
    return status == SEC_E_INTERNAL_ERROR && !is_local_trouble(result.minor) ? SEC_E_INVALID_TOKEN
                                                                             : status;
}

SECURITY_STATUS krb5_status(enum gss_doing doing, const char *what, krb5_context context,
                            krb5_error_code code)
{
    const char *text;

    if (code == 0)
        return SEC_E_OK;
    text = krb5_get_error_message(context, code);
    native_error_set("%s: %s [%d]", what, text, (int)code);
    krb5_free_error_message(context, text);
    return gss_status_of_krb5(doing, code);
}
