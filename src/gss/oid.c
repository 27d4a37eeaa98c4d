/* SPDX-License-Identifier: MIT */
/* Object identifiers, in DER without tag and length. */
#include "gss/oid.h"

#include <stdint.h>
#include <string.h>

#define OID(der)                                                                                   \
    {                                                                                              \
        {                                                                                          \
            sizeof(der) - 1, (void *)(uintptr_t)der                                                \
        }                                                                                          \
    }

gss_OID_desc oid_krb5[1] = OID("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02");
gss_OID_desc oid_krb5_ms[1] = OID("\x2a\x86\x48\x82\xf7\x12\x01\x02\x02");
gss_OID_desc oid_spnego[1] = OID("\x2b\x06\x01\x05\x05\x02");
gss_OID_desc oid_ntlm[1] = OID("\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a");
gss_OID_desc oid_session_key[1] = OID("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05\x05");

bool oid_equal(const gss_OID_desc *a, const gss_OID_desc *b)
{
    return a != NULL && b != NULL && a->length == b->length &&
           memcmp(a->elements, b->elements, a->length) == 0;
}

const char *oid_name(const gss_OID_desc *oid)
{
    static const struct {
        const gss_OID_desc *oid;
        const char *name;
    } names[] = {
        {oid_krb5, "krb5"}, {oid_krb5_ms, "krb5"}, {oid_spnego, "spnego"}, {oid_ntlm, "ntlm"}};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (oid_equal(oid, names[i].oid))
            return names[i].name;
    return "unknown";
}
