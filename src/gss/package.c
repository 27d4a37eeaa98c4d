/* SPDX-License-Identifier: MIT */
/*
 * The three descriptors. Capabilities, RPC numbers, token sizes and comments are what Windows
 * reports (Windows 10 and Server 2016, EnumerateSecurityPackages).
 */
#include "gss/package.h"

#include "gss/gsspkg.h"
#include "gss/oid.h"
#include "gss/ticketmsg.h"

const struct package_ops gsspkg_ops = {
    .cred_acquire = gsspkg_cred_acquire,
    .cred_add = gsspkg_cred_add,
    .cred_query = gsspkg_cred_query,
    .cred_set = gsspkg_cred_set,
    .ctx_init = gsspkg_ctx_init,
    .ctx_accept = gsspkg_ctx_accept,
    .ctx_complete = gsspkg_ctx_complete,
    .ctx_lane = gsspkg_ctx_lane,
    .ctx_supplied = true,
    .ctx_query = gsspkg_ctx_query,
    .ctx_set = gsspkg_ctx_set,
    .ctx_export = gsspkg_ctx_export,
    .ctx_import = gsspkg_ctx_import,
    .ctx_token = gsspkg_ctx_token,
    .msg_sign = gsspkg_msg_sign,
    .msg_verify = gsspkg_msg_verify,
    .msg_seal = gsspkg_msg_seal,
    .msg_unseal = gsspkg_msg_unseal,
    .password_change = gsspkg_password_change,
    .name_principal = gsspkg_name_principal,
    .pkg_call = gsspkg_call,
};

static const struct gsspkg_kind negotiate_kind = {IDENTITY_MECH_ALL, true};
static const struct gsspkg_kind kerberos_kind = {IDENTITY_MECH_KERBEROS, false};
static const struct gsspkg_kind ntlm_kind = {IDENTITY_MECH_NTLM, false};

const struct package gsspkg_negotiate = {
    .name = "Negotiate",
    .comment = "Microsoft Package Negotiator",
    .capabilities = 0x00083bb3,
    .rpc_id = 9,
    .max_token = 48256,
    .too_small = SEC_E_BUFFER_TOO_SMALL,
    .ops = &gsspkg_ops,
    .data = &negotiate_kind,
};

const struct package gsspkg_kerberos = {
    .name = "Kerberos",
    .comment = "Microsoft Kerberos V1.0",
    .capabilities = 0x000f3bbf,
    .rpc_id = 16,
    .max_token = 48000,
    .too_small = SEC_E_BUFFER_TOO_SMALL,
    .ops = &gsspkg_ops,
    .data = &kerberos_kind,
};

const struct package gsspkg_ntlm = {
    .name = "NTLM",
    .comment = "NTLM Security Package",
    .capabilities = 0x00082b37,
    .rpc_id = 10,
    .max_token = 2888,
    .too_small = SEC_E_BUFFER_TOO_SMALL,
    .ops = &gsspkg_ops,
    .data = &ntlm_kind,
};

const struct package *gss_context_package(const struct gss_context *context)
{
    return context->mech == oid_ntlm ? &gsspkg_ntlm : &gsspkg_kerberos;
}
