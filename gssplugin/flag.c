/* SPDX-License-Identifier: MIT */
/* Flags of contexts: the packages' table, read from its GSS side. */
#include "gss/flags.h"

#include "mech.h"

#define ISC_ALWAYS (ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_EXTENDED_ERROR | ISC_REQ_USE_SUPPLIED_CREDS)
#define ASC_ALWAYS (ASC_REQ_ALLOCATE_MEMORY | ASC_REQ_EXTENDED_ERROR)

static bool row_counts(const struct flags_row *row, OM_uint32 gss)
{
    OM_uint32 means =
        row->gss == GSS_C_DELEG_FLAG ? GSS_C_DELEG_FLAG | GSS_C_DELEG_POLICY_FLAG : row->gss;

    return row->rule == FLAGS_MAP && (gss & means) != 0;
}

ULONG flag_initiate(const struct mech *mech, OM_uint32 gss)
{
    ULONG64 request = ISC_ALWAYS;

    for (size_t i = 0; i < flags_table_size; i++)
        if (row_counts(&flags_table[i], gss))
            request |= flags_table[i].isc_req;
    /* TLS hands nothing over, whoever asks. */
    return (ULONG)(mech_is_tls(mech) ? request & ~(ULONG64)ISC_REQ_DELEGATE : request);
}

/* What the initiator wants is taken, bindings where there are none to compare; TLS asks for a
 * certificate where it could judge it. */
ULONG flag_accept(const struct cred *cred, bool bound)
{
    ULONG64 request = ASC_ALWAYS | (bound ? 0 : ASC_REQ_ALLOW_MISSING_BINDINGS);

    for (size_t i = 0; i < flags_table_size; i++)
        if (row_counts(&flags_table[i], ~(OM_uint32)GSS_C_ANON_FLAG))
            request |= flags_table[i].asc_req;
    if (cred->mech->stream)
        request &= ~(ULONG64)(ASC_REQ_MUTUAL_AUTH | ASC_REQ_DELEGATE | ASC_REQ_USE_DCE_STYLE);
    if (mech_is_tls(cred->mech) && cred->roots != NULL)
        request |= ASC_REQ_MUTUAL_AUTH;
    return (ULONG)request;
}

OM_uint32 flag_granted(const struct context *context, ULONG granted)
{
    OM_uint32 gss = 0;

    for (size_t i = 0; i < flags_table_size; i++) {
        const struct flags_row *row = &flags_table[i];

        if (row->rule == FLAGS_MAP &&
            (granted & (context->initiator ? row->isc_ret : row->asc_ret)))
            gss |= row->gss;
    }
    if (context->mech->stream)
        gss |= GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG;
    else
        gss |= GSS_C_TRANS_FLAG;
    /* A TLS server has proved its certificate's key in any case. */
    if (mech_is_tls(context->mech))
        gss |= GSS_C_MUTUAL_FLAG;
    return gss | GSS_C_PROT_READY_FLAG;
}
