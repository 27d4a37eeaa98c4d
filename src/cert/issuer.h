/* SPDX-License-Identifier: MIT */
/* Who issued what. */
#ifndef SSPI_CERT_ISSUER_H
#define SSPI_CERT_ISSUER_H

#include "cert/context.h"

/* Whether an issuer's name, key identifier and signature are those a certificate wants. */
bool cert_issued_by(gnutls_x509_crt_t subject, gnutls_x509_crt_t issuer);

#endif
