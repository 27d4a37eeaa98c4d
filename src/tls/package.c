/* SPDX-License-Identifier: MIT */
/* The descriptor; capabilities, number and sizes are what Windows 10 reports. */
#include "tls/package.h"

#include "tls/tlspkg.h"

const struct package_ops tlspkg_ops = {
    .cred_acquire = tlspkg_cred_acquire,
    .ctx_init = tlspkg_ctx_init,
    .ctx_accept = tlspkg_ctx_accept,
    .ctx_control = tlspkg_ctx_control,
    .ctx_query = tlspkg_ctx_query,
    .ctx_set = tlspkg_ctx_set,
    .cred_query = tlspkg_cred_query,
    .msg_seal = tlspkg_msg_seal,
    .msg_unseal = tlspkg_msg_unseal,
};

#define SCHANNEL(name_, aliases_)                                                                  \
    {                                                                                              \
        .name = name_, .aliases = aliases_, .comment = "Schannel Security Package",                \
        .capabilities = 0x000107b3, .rpc_id = 14, .max_token = 0x6000,                             \
        .too_small = SEC_E_INSUFFICIENT_MEMORY, .ops = &tlspkg_ops,                                \
    }

static const char *const aliases[] = {"Default TLS SSP", NULL};

/* Windows lists both names. */
const struct package tlspkg_unified = SCHANNEL(UNISP_NAME_A, aliases);
const struct package tlspkg_schannel = SCHANNEL(SCHANNEL_NAME_A, NULL);
