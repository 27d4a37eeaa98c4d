/* SPDX-License-Identifier: MIT */
/* A peer that is bare GSS-API. */
#include "lib/gsspeer.h"

#include <check.h>
#include <gssapi/gssapi_ext.h>
#include <stdint.h>
#include <string.h>

#define CONSTANT(text) ((void *)(uintptr_t)(text))

static gss_OID_desc krb5 = {9, CONSTANT("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02")};
static gss_OID_desc ntlm = {10, CONSTANT("\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a")};
static gss_OID_desc spnego = {6, CONSTANT("\x2b\x06\x01\x05\x05\x02")};
const gss_OID gsspeer_krb5 = &krb5, gsspeer_ntlm = &ntlm, gsspeer_spnego = &spnego;

static void acquire(struct gsspeer *peer, gss_OID mech, gss_OID only, gss_cred_usage_t usage)
{
    gss_OID_desc both[] = {*mech, only != NULL ? *only : *mech};
    gss_OID_set_desc mechs = {only != NULL ? 2 : 1, both}, choice = {1, only};
    OM_uint32 minor;

    memset(peer, 0, sizeof(*peer));
    ck_assert_uint_eq(gss_acquire_cred(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &mechs, usage,
                                       &peer->cred, NULL, NULL),
                      GSS_S_COMPLETE);
    if (only != NULL)
        ck_assert_uint_eq(gss_set_neg_mechs(&minor, peer->cred, &choice), GSS_S_COMPLETE);
}

static void token_take(struct pair_token *token, gss_buffer_t out)
{
    OM_uint32 minor;

    ck_assert_uint_le(out->length, sizeof(token->data));
    if (out->length != 0)
        memcpy(token->data, out->value, out->length);
    token->size = (ULONG)out->length;
    gss_release_buffer(&minor, out);
}

static OM_uint32 accept_leg(struct gsspeer *peer, struct pair *pair)
{
    gss_buffer_desc in = {pair->to_server.size, pair->to_server.data}, out = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor, major;

    major =
        gss_accept_sec_context(&minor, &peer->context, peer->cred, &in, GSS_C_NO_CHANNEL_BINDINGS,
                               NULL, NULL, &out, &peer->flags, NULL, NULL);
    ck_assert_msg(!GSS_ERROR(major), "gss_accept_sec_context: %#x", (unsigned)major);
    token_take(&pair->to_client, &out);
    return major;
}

void gsspeer_accept(struct gsspeer *peer, struct pair *pair, gss_OID mech, gss_OID only)
{
    OM_uint32 major = GSS_S_CONTINUE_NEEDED;
    SECURITY_STATUS status = SEC_I_CONTINUE_NEEDED;

    acquire(peer, mech, only, GSS_C_ACCEPT);
    pair->to_client.size = 0;
    for (int i = 0; i < PAIR_LEGS_MAX && (status != SEC_E_OK || major != GSS_S_COMPLETE); i++) {
        if (status != SEC_E_OK)
            status = pair_initialize(pair);
        ck_assert_int_ge(status, 0);
        if (major != GSS_S_COMPLETE)
            major = accept_leg(peer, pair);
    }
    ck_assert(status == SEC_E_OK && major == GSS_S_COMPLETE);
}

void gsspeer_open(struct gsspeer *peer, gss_OID mech, gss_OID only)
{
    acquire(peer, mech, only, GSS_C_INITIATE);
}

OM_uint32 gsspeer_leg(struct gsspeer *peer, struct pair *pair, gss_OID mech, OM_uint32 flags)
{
    gss_buffer_desc text = {14, CONSTANT("HTTP@localhost")}, out = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc in = {pair->to_client.size, pair->to_client.data};
    OM_uint32 major, minor;
    gss_name_t name;

    ck_assert_uint_eq(gss_import_name(&minor, &text, GSS_C_NT_HOSTBASED_SERVICE, &name), 0);
    major = gss_init_sec_context(&minor, peer->cred, &peer->context, name, mech, flags, 0,
                                 GSS_C_NO_CHANNEL_BINDINGS, &in, NULL, &out, &peer->flags, NULL);
    ck_assert_msg(!GSS_ERROR(major), "gss_init_sec_context: %#x", (unsigned)major);
    token_take(&pair->to_server, &out);
    gss_release_name(&minor, &name);
    return major;
}

void gsspeer_initiate(struct gsspeer *peer, struct pair *pair, gss_OID mech, gss_OID only,
                      OM_uint32 flags)
{
    OM_uint32 major = GSS_S_CONTINUE_NEEDED;
    SECURITY_STATUS status = SEC_I_CONTINUE_NEEDED;

    gsspeer_open(peer, mech, only);
    pair->to_client.size = 0;
    for (int i = 0; i < PAIR_LEGS_MAX && (status != SEC_E_OK || major != GSS_S_COMPLETE); i++) {
        if (major != GSS_S_COMPLETE)
            major = gsspeer_leg(peer, pair, mech, flags);
        if (status != SEC_E_OK)
            status = pair_accept(pair);
        ck_assert_int_ge(status, 0);
    }
    ck_assert(status == SEC_E_OK && major == GSS_S_COMPLETE);
}

void gsspeer_free(struct gsspeer *peer)
{
    OM_uint32 minor;

    if (peer->context != GSS_C_NO_CONTEXT)
        gss_delete_sec_context(&minor, &peer->context, GSS_C_NO_BUFFER);
    gss_release_cred(&minor, &peer->cred);
}
