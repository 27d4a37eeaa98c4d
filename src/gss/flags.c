/* SPDX-License-Identifier: MIT */
/* The flag table. */
#include "gss/flags.h"

#include <gssapi/gssapi_ext.h>

#define BOTH (FLAGS_KERBEROS | FLAGS_NTLM)

/* clang-format off */
const struct flags_row flags_table[] = {
    /* isc_req                         asc_req                       isc_ret                  asc_ret                       gss                        mechs           rule */
    {ISC_REQ_DELEGATE,                 ASC_REQ_DELEGATE,             ISC_RET_DELEGATE,        ASC_RET_DELEGATE,             GSS_C_DELEG_FLAG,          FLAGS_KERBEROS, FLAGS_MAP},
    {ISC_REQ_MUTUAL_AUTH,              ASC_REQ_MUTUAL_AUTH,          ISC_RET_MUTUAL_AUTH,     ASC_RET_MUTUAL_AUTH,          GSS_C_MUTUAL_FLAG,         FLAGS_KERBEROS, FLAGS_MAP},
    {ISC_REQ_REPLAY_DETECT,            ASC_REQ_REPLAY_DETECT,        ISC_RET_REPLAY_DETECT,   ASC_RET_REPLAY_DETECT,        GSS_C_REPLAY_FLAG,         BOTH,           FLAGS_MAP},
    {ISC_REQ_SEQUENCE_DETECT,          ASC_REQ_SEQUENCE_DETECT,      ISC_RET_SEQUENCE_DETECT, ASC_RET_SEQUENCE_DETECT,      GSS_C_SEQUENCE_FLAG,       BOTH,           FLAGS_MAP},
    {ISC_REQ_CONFIDENTIALITY,          ASC_REQ_CONFIDENTIALITY,      ISC_RET_CONFIDENTIALITY, ASC_RET_CONFIDENTIALITY,      GSS_C_CONF_FLAG,           BOTH,           FLAGS_MAP},
    {ISC_REQ_INTEGRITY,                ASC_REQ_INTEGRITY,            ISC_RET_INTEGRITY,       ASC_RET_INTEGRITY,            GSS_C_INTEG_FLAG,          BOTH,           FLAGS_MAP},
    {ISC_REQ_USE_DCE_STYLE,            ASC_REQ_USE_DCE_STYLE,        ISC_RET_USED_DCE_STYLE,  ASC_RET_USED_DCE_STYLE,       GSS_C_DCE_STYLE,           FLAGS_KERBEROS, FLAGS_MAP},
    {ISC_REQ_IDENTIFY,                 ASC_REQ_IDENTIFY,             ISC_RET_IDENTIFY,        ASC_RET_IDENTIFY,             GSS_C_IDENTIFY_FLAG,       BOTH,           FLAGS_MAP},
    {ISC_REQ_EXTENDED_ERROR,           ASC_REQ_EXTENDED_ERROR,       ISC_RET_EXTENDED_ERROR,  ASC_RET_EXTENDED_ERROR,       0,                         BOTH,           FLAGS_ECHO},
    {ISC_REQ_CONNECTION,               ASC_REQ_CONNECTION,           ISC_RET_CONNECTION,      ASC_RET_CONNECTION,           0,                         BOTH,           FLAGS_ECHO},
    {ISC_REQ_STREAM,                   ASC_REQ_STREAM,               ISC_RET_STREAM,          ASC_RET_STREAM,               0,                         BOTH,           FLAGS_ECHO},
    /* Anonymous contexts: neither mechanism here can make one. An acceptor may allow what never comes. */
    {ISC_REQ_NULL_SESSION,             0,                            0,                       0,                            0,                         0,              FLAGS_REFUSE},
    {0,                                ASC_REQ_ALLOW_NULL_SESSION,   0,                       ASC_RET_NULL_SESSION,         GSS_C_ANON_FLAG,           BOTH,           FLAGS_MAP},
    /* Connectionless NTLM starts with an empty token, which the mechglue takes for SPNEGO. */
    {ISC_REQ_DATAGRAM,                 ASC_REQ_DATAGRAM,             0,                       0,                            0,                         0,              FLAGS_REFUSE},
    {ISC_REQ_PROMPT_FOR_CREDS,         0,                            0,                       0,                            0,                         0,              FLAGS_REFUSE},
    {ISC_REQ_USE_SUPPLIED_CREDS,       0,                            ISC_RET_USED_SUPPLIED_CREDS, 0,                        0,                         0,              FLAGS_IGNORE},
    {ISC_REQ_ALLOCATE_MEMORY,          ASC_REQ_ALLOCATE_MEMORY,      ISC_RET_ALLOCATED_MEMORY, ASC_RET_ALLOCATED_MEMORY,    0,                         0,              FLAGS_IGNORE},
    /* User-to-user: MIT's mechanism has none as initiator; FreeRDP always sets it. */
    {ISC_REQ_USE_SESSION_KEY,          ASC_REQ_USE_SESSION_KEY,      0,                       0,                            0,                         0,              FLAGS_IGNORE},
    {ISC_REQ_CALL_LEVEL,               ASC_REQ_CALL_LEVEL,           0,                       0,                            0,                         0,              FLAGS_IGNORE},
    {ISC_REQ_FRAGMENT_SUPPLIED,        ASC_REQ_FRAGMENT_SUPPLIED,    0,                       0,                            0,                         0,              FLAGS_IGNORE},
    {ISC_REQ_NO_INTEGRITY,             0,                            0,                       0,                            0,                         0,              FLAGS_IGNORE},
    {ISC_REQ_UNVERIFIED_TARGET_NAME,   0,                            0,                       0,                            0,                         0,              FLAGS_IGNORE},
    {0,                                ASC_REQ_ALLOW_MISSING_BINDINGS, 0,                     0,                            0,                         0,              FLAGS_IGNORE},
    {0,                                ASC_REQ_PROXY_BINDINGS,       0,                       0,                            0,                         0,              FLAGS_IGNORE},
};
/* clang-format on */

const size_t flags_table_size = sizeof(flags_table) / sizeof(*flags_table);

SECURITY_STATUS flags_check(ULONG64 request, bool inbound)
{
    for (size_t i = 0; i < flags_table_size; i++) {
        const struct flags_row *row = &flags_table[i];

        if (row->rule == FLAGS_REFUSE && (request & (inbound ? row->asc_req : row->isc_req)))
            return SEC_E_UNSUPPORTED_FUNCTION;
    }
    return SEC_E_OK;
}

/*
 * Delegation: Windows forwards a ticket only to a server the KDC trusts for it (OK-AS-DELEGATE) and
 * only with mutual authentication. Integrity is always asked of NTLM, which signs with nothing
 * without it and says so to nobody, and is inherent in Kerberos; NO_INTEGRITY takes all protection
 * away.
 */
OM_uint32 flags_to_gss(ULONG64 request)
{
    OM_uint32 gss = 0;

    for (size_t i = 0; i < flags_table_size; i++)
        if (flags_table[i].rule == FLAGS_MAP && (request & flags_table[i].isc_req))
            gss |= flags_table[i].gss;
    if (gss & GSS_C_DELEG_FLAG)
        gss = (gss & ~(OM_uint32)GSS_C_DELEG_FLAG) |
              (gss & GSS_C_MUTUAL_FLAG ? GSS_C_DELEG_POLICY_FLAG : 0);
    if (request & ISC_REQ_NO_INTEGRITY)
        return gss & ~(OM_uint32)(GSS_C_INTEG_FLAG | GSS_C_CONF_FLAG | GSS_C_REPLAY_FLAG |
                                  GSS_C_SEQUENCE_FLAG);
    return gss | GSS_C_INTEG_FLAG;
}

ULONG flags_from_gss(ULONG64 request, OM_uint32 granted, unsigned mech, bool inbound)
{
    ULONG result = 0;

    for (size_t i = 0; i < flags_table_size; i++) {
        const struct flags_row *row = &flags_table[i];
        bool asked = (request & (inbound ? row->asc_req : row->isc_req)) != 0;
        bool has =
            row->rule == FLAGS_MAP ? (granted & row->gss) != 0 : row->rule == FLAGS_ECHO && asked;

        if (has && (row->mechs & mech))
            result |= inbound ? row->asc_ret : row->isc_ret;
    }
    return result;
}
