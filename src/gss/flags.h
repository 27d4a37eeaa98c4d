/* SPDX-License-Identifier: MIT */
/*
 * Context flags of SSPI and of GSS-API: one table, read in every direction.
 * The values of ISC and ASC differ and are never shifted into one another.
 */
#ifndef SSPI_GSS_FLAGS_H
#define SSPI_GSS_FLAGS_H

#include <gssapi/gssapi.h>
#include <sspi.h>
#include <stdbool.h>

/* The mechanisms a row holds for. */
#define FLAGS_KERBEROS 0x1U
#define FLAGS_NTLM     0x2U

/* What becomes of a requested flag. */
enum flags_rule {
    FLAGS_MAP,    /* a GSS flag, returned as the mechanism grants it */
    FLAGS_ECHO,   /* always so for these mechanisms: returned when asked for */
    FLAGS_REFUSE, /* SEC_E_UNSUPPORTED_FUNCTION */
    FLAGS_IGNORE  /* a hint with no counterpart; not returned */
};

struct flags_row {
    ULONG64 isc_req, asc_req; /* 0: the role has no such flag */
    ULONG isc_ret, asc_ret;
    OM_uint32 gss;
    unsigned mechs; /* where a granted flag is the truth */
    enum flags_rule rule;
};

extern const struct flags_row flags_table[];
extern const size_t flags_table_size;

/* Whether every requested flag may be asked for; SEC_E_OK or SEC_E_UNSUPPORTED_FUNCTION. */
SECURITY_STATUS flags_check(ULONG64 request, bool inbound) __attribute__((warn_unused_result));

/* The GSS flags to ask a mechanism for on behalf of an initiator. */
OM_uint32 flags_to_gss(ULONG64 isc_request);

/*
 * What an established context really has, as ISC_RET_* or ASC_RET_*. mechanisms echo requests (NTLM
 * claims mutual authentication), so a flag counts only where its row says the mechanism can mean
 * it.
 */
ULONG flags_from_gss(ULONG64 request, OM_uint32 granted, unsigned mech, bool inbound);

#endif
