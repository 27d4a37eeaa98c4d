/* SPDX-License-Identifier: MIT */
/*
 * The descriptor; comment, number, size and capabilities (TOKEN_ONLY, IMPERSONATION,
 * ACCEPT_WIN32_NAME, APPCONTAINER_CHECKS) are what Windows 10 reports.
 */
#include "digest/digest.h"

const struct package_ops digest_ops = {
    .cred_acquire = digest_cred_acquire,
    .cred_query = digest_cred_query,
    .cred_set = digest_cred_set,
    .ctx_init = digest_ctx_init,
    .ctx_accept = digest_ctx_accept,
    .ctx_complete = digest_ctx_complete,
    .ctx_query = digest_ctx_query,
    .ctx_token = digest_ctx_token,
    .msg_sign = digest_msg_sign,
    .msg_verify = digest_msg_verify,
    .msg_seal = digest_msg_seal,
    .msg_unseal = digest_msg_unseal,
};

const struct package digest_package = {
    .name = "WDigest",
    .comment = "Digest Authentication for Windows",
    .capabilities = 0x00800304,
    .rpc_id = 21,
    .max_token = DIGEST_TOKEN_MAX,
    .too_small = SEC_E_BUFFER_TOO_SMALL,
    .ops = &digest_ops,
};
