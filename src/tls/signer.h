/* SPDX-License-Identifier: MIT */
/*
 * RSA signatures by libcrypto, for servers that want more handshakes per second: GnuTLS' own are
 * several times slower. Only where the user asks for it (SSPI_SCHANNEL=libcrypto); the library is
 * opened at run time and nothing else of it is used.
 */
#ifndef SSPI_TLS_SIGNER_H
#define SSPI_TLS_SIGNER_H

#include <gnutls/abstract.h>

/*
 * A key that signs as native does, which is taken over and freed with it; native itself where
 * libcrypto is not there, or the key is not RSA or cannot leave where it is (PKCS #11). The new key
 * signs and does not decrypt: RSA key exchange (RFC 5246 7.4.7.1) is not for it.
 */
gnutls_privkey_t signer_wrap(gnutls_privkey_t native);

#endif
