/* SPDX-License-Identifier: MIT */
/* PKCS #12 (RFC 7292) inside. */
#ifndef SSPI_CERT_PFX_H
#define SSPI_CERT_PFX_H

#include <gnutls/pkcs12.h>

#include "cert/cert.h"
#include "cert/key.h"

/* The password of a call in UTF-8, to be wiped and freed; NULL stays NULL. */
SECURITY_STATUS pfx_password(LPCWSTR wide, char **password) MUST_CHECK;

#endif
