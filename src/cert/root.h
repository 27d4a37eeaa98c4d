/* SPDX-License-Identifier: MIT */
/* What the distribution trusts. */
#ifndef SSPI_CERT_ROOT_H
#define SSPI_CERT_ROOT_H

#include "cert/store.h"

/*
 * The trusted certificates, read once and again when they changed: a reference to a store that
 * nobody changes. NULL with the error set.
 */
struct cert_store *cert_root_get(void);

#endif
