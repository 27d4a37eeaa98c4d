/* SPDX-License-Identifier: MIT */
/* Where the servers of the examples have their certificates from. */
#ifndef EXAMPLES_MYSTORE_H
#define EXAMPLES_MYSTORE_H

#include "common.h"

#include <wincrypt.h>

/*
 * One of the user's system store MY whose subject contains the text, which is valid now and has a
 * private key; or NULL. To be freed.
 */
PCCERT_CONTEXT my_certificate(const char *subject);

#endif
