/* SPDX-License-Identifier: MIT */
/* The descriptors; capabilities, numbers and sizes are what Windows 10 reports for CREDSSP. */
#include <windows.h>

#include <credssp.h>

#include "credssp/credssp.h"

const struct package_ops credssp_ops = {
    .cred_acquire = credssp_cred_acquire,
    .cred_query = credssp_cred_query,
    .ctx_init = credssp_ctx_init,
    .ctx_accept = credssp_ctx_accept,
    .ctx_control = credssp_ctx_control,
    .ctx_query = credssp_ctx_query,
    .ctx_token = credssp_ctx_token,
    .msg_seal = credssp_msg_seal,
    .msg_unseal = credssp_msg_unseal,
};

#define CREDSSP(name_, comment_, rpc_id_)                                                          \
    {                                                                                              \
        .name = name_, .comment = comment_, .capabilities = 0x00010733, .rpc_id = rpc_id_,         \
        .max_token = 90567, .too_small = SEC_E_INSUFFICIENT_MEMORY, .ops = &credssp_ops,           \
    }

#define RPC_NONE 0xffff

/* Windows' other one has no TLS of its own; here both are the same. */
const struct package credssp_package =
    CREDSSP(CREDSSP_NAME_A, "Microsoft CredSSP Security Provider", RPC_NONE);
const struct package credssp_package_ts = CREDSSP(TS_SSP_NAME_A, "TS Service Security Package", 22);
