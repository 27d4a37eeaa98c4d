/* SPDX-License-Identifier: MIT */
/* The Digest package: HTTP's Digest authentication and SASL's DIGEST-MD5. wdigest(7) */
#ifndef GSS_SSPI_WDIGEST_H
#define GSS_SSPI_WDIGEST_H

#include "sspi.h"

#ifndef WDIGEST_SP_NAME_A
#define WDIGEST_SP_NAME_A "WDigest"
#define WDIGEST_SP_NAME_W SSPI_W("WDigest")
#ifdef UNICODE
#define WDIGEST_SP_NAME WDIGEST_SP_NAME_W
#else
#define WDIGEST_SP_NAME WDIGEST_SP_NAME_A
#endif
#endif

/*
 * For this package: HTTP's protocol; without it, SASL's. Windows documents both names without a
 * header for them. A client may as well say ISC_REQ_USE_HTTP_STYLE.
 */
#ifndef ISC_REQ_HTTP
#define ISC_REQ_HTTP 0x10000000
#endif
#ifndef ASC_REQ_HTTP
#define ASC_REQ_HTTP 0x10000000
#endif

#endif
