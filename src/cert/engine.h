/* SPDX-License-Identifier: MIT */
/* What an HCERTCHAINENGINE points at: where roots and issuers come from. */
#ifndef SSPI_CERT_ENGINE_H
#define SSPI_CERT_ENGINE_H

#include <stdatomic.h>
#include <time.h>

#include "cert/path.h"

struct cert_engine {
    atomic_uint references;
    HCERTSTORE roots;
    HCERTSTORE distrusted; /* the user's Disallowed */
    bool any_anchor;       /* CERT_CHAIN_EXCLUSIVE_ENABLE_CA_FLAG */
    bool exclusive;
    HCERTSTORE *stores; /* where else issuers and revocation lists are */
    unsigned store_count;
};

/*
 * The engine of a handle, with a reference; that of the system for HCCE_CURRENT_USER and
 * HCCE_LOCAL_MACHINE. NULL with the error set when there is no memory.
 */
struct cert_engine *cert_engine_get(HCERTCHAINENGINE handle);

/* Drops a reference; NULL is fine. */
void cert_engine_put(struct cert_engine *engine);

#endif
