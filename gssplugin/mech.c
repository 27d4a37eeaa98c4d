/* SPDX-License-Identifier: MIT */
/* The mechanisms: identifiers, attributes (RFC 5587), SASL names (RFC 5801). */
#include "mech.h"

#include <string.h>

/* The mechglue's constants are variables, so a row has their addresses. */
static const gss_const_OID *const negotiate_attributes[] = {
    &GSS_C_MA_NOT_DFLT_MECH, &GSS_C_MA_MECH_NEGO,  &GSS_C_MA_ITOK_FRAMED,
    &GSS_C_MA_AUTH_INIT,     &GSS_C_MA_AUTH_TARG,  &GSS_C_MA_DELEG_CRED,
    &GSS_C_MA_INTEG_PROT,    &GSS_C_MA_CONF_PROT,  &GSS_C_MA_MIC,
    &GSS_C_MA_WRAP,          &GSS_C_MA_REPLAY_DET, &GSS_C_MA_OOS_DET,
    &GSS_C_MA_CBINDINGS,     &GSS_C_MA_CTX_TRANS,  NULL,
};

static const gss_const_OID *const tls_attributes[] = {
    &GSS_C_MA_NOT_DFLT_MECH,
    &GSS_C_MA_MECH_CONCRETE,
    &GSS_C_MA_ITOK_FRAMED,
    &GSS_C_MA_AUTH_INIT,
    &GSS_C_MA_AUTH_TARG,
    &GSS_C_MA_AUTH_INIT_ANON,
    &GSS_C_MA_INTEG_PROT,
    &GSS_C_MA_CONF_PROT,
    &GSS_C_MA_WRAP,
    &GSS_C_MA_REPLAY_DET,
    &GSS_C_MA_OOS_DET,
    &GSS_C_MA_PFS,
    NULL,
};

static const gss_const_OID *const credssp_attributes[] = {
    &GSS_C_MA_NOT_DFLT_MECH,
    &GSS_C_MA_MECH_CONCRETE,
    &GSS_C_MA_ITOK_FRAMED,
    &GSS_C_MA_AUTH_INIT,
    &GSS_C_MA_AUTH_TARG,
    &GSS_C_MA_DELEG_CRED,
    &GSS_C_MA_INTEG_PROT,
    &GSS_C_MA_CONF_PROT,
    &GSS_C_MA_WRAP,
    &GSS_C_MA_REPLAY_DET,
    &GSS_C_MA_OOS_DET,
    &GSS_C_MA_PFS,
    NULL,
};

#define OID(n)                                                                                     \
    {                                                                                              \
        ARC_SIZE + 1, (void *)(uintptr_t)(ARC n)                                                   \
    }

/* SASL names are made of the OID's hash, since none is registered. */
const struct mech mech_table[] = {
    {
        .oid = OID("\x01"),
        .package = "Negotiate",
        .name = "sspi-negotiate",
        .description = "Negotiate of SSPI: Kerberos or NTLM, as Windows chooses",
        .sasl = "GS2-N6GOQ3JMOAZ",
        .password = true,
        .attributes = negotiate_attributes,
    },
    {
        .oid = OID("\x02"),
        .package = "Microsoft Unified Security Protocol Provider",
        .name = "sspi-tls",
        .description = "TLS by certificates, as Schannel of SSPI",
        .sasl = "GS2-74NELI26IT4",
        .stream = true,
        .framed = true,
        .attributes = tls_attributes,
    },
    {
        .oid = OID("\x03"),
        .package = "CREDSSP",
        .name = "sspi-credssp",
        .description = "CredSSP of SSPI: a logon inside TLS that hands the password over",
        .sasl = "GS2-VGTDIMIDW4P",
        .stream = true,
        .framed = true,
        .password = true,
        .attributes = credssp_attributes,
    },
};

const size_t mech_count = COUNT(mech_table);

bool oid_equal(const gss_OID_desc *a, const gss_OID_desc *b)
{
    return a != NULL && b != NULL && a->length == b->length &&
           memcmp(a->elements, b->elements, a->length) == 0;
}

const struct mech *mech_find(const gss_OID_desc *oid)
{
    for (size_t i = 0; i < mech_count; i++)
        if (oid_equal(oid, &mech_table[i].oid))
            return &mech_table[i];
    return NULL;
}

const struct mech *mech_of_set(const gss_OID_set_desc *set)
{
    const struct mech *mech = NULL;

    for (size_t i = 0; set != GSS_C_NO_OID_SET && i < set->count && mech == NULL; i++)
        mech = mech_find(&set->elements[i]);
    return mech;
}

gss_OID mech_oid(const struct mech *mech)
{
    return (gss_OID)(uintptr_t)&mech->oid;
}

OM_uint32 mech_set(OM_uint32 *minor, const struct mech *mech, gss_OID_set *set)
{
    OM_uint32 major = gss_create_empty_oid_set(minor, set);

    return GSS_ERROR(major) ? major : gss_add_oid_set_member(minor, mech_oid(mech), set);
}

/* All that some row here has is what is known about each. */
static OM_uint32 attributes_add(OM_uint32 *minor, const struct mech *mech, gss_OID_set *set)
{
    OM_uint32 major = GSS_S_COMPLETE;

    for (size_t i = 0; mech->attributes[i] != NULL && !GSS_ERROR(major); i++)
        major = gss_add_oid_set_member(minor, (gss_OID)(uintptr_t)*mech->attributes[i], set);
    return major;
}

OM_uint32 mech_attributes(OM_uint32 *minor, const struct mech *mech, gss_OID_set *attributes,
                          gss_OID_set *known)
{
    OM_uint32 major = GSS_S_COMPLETE, ignored;

    if (attributes != NULL) {
        major = gss_create_empty_oid_set(minor, attributes);
        if (!GSS_ERROR(major))
            major = attributes_add(minor, mech, attributes);
    }
    if (known != NULL && !GSS_ERROR(major)) {
        major = gss_create_empty_oid_set(minor, known);
        for (size_t i = 0; i < mech_count && !GSS_ERROR(major); i++)
            major = attributes_add(minor, &mech_table[i], known);
    }
    if (GSS_ERROR(major)) {
        gss_release_oid_set(&ignored, attributes);
        gss_release_oid_set(&ignored, known);
    }
    return major;
}

OM_uint32 mech_sasl(OM_uint32 *minor, const struct mech *mech, gss_buffer_t sasl, gss_buffer_t name,
                    gss_buffer_t description)
{
    SECURITY_STATUS status = buffer_text(sasl, mech->sasl);

    if (status == SEC_E_OK)
        status = buffer_text(name, mech->name);
    if (status == SEC_E_OK)
        status = buffer_text(description, mech->description);
    return status_answer(minor, status);
}

OM_uint32 mech_of_sasl(OM_uint32 *minor, const gss_buffer_desc *sasl, gss_OID *oid)
{
    *minor = 0;
    for (size_t i = 0; i < mech_count; i++)
        if (sasl->length == strlen(mech_table[i].sasl) &&
            memcmp(sasl->value, mech_table[i].sasl, sasl->length) == 0) {
            *oid = mech_oid(&mech_table[i]);
            return GSS_S_COMPLETE;
        }
    return GSS_S_BAD_MECH;
}
