/* SPDX-License-Identifier: MIT */
/*
 * Keys as Windows writes them: the blobs of CryptImportKey() ([MS-MQQB] 2.2.1, "RSA/Schannel Key
 * BLOBs": numbers little-endian) and of NCryptImportKey() (BCRYPT_*_BLOB: numbers big-endian).
 */
#ifndef SSPI_CERT_KEYBLOB_H
#define SSPI_CERT_KEYBLOB_H

#include "cert/key.h"

/*
 * A PUBLICKEYBLOB or PRIVATEKEYBLOB of an RSA key; *algorithm gets its ALG_ID. NTE_BAD_DATA for
 * what is not one or does not add up, NTE_BAD_TYPE and NTE_BAD_ALGID for other kinds.
 */
SECURITY_STATUS key_from_capi(const BYTE *data, size_t size, bool exportable, ALG_ID *algorithm,
                              struct cert_key **out) MUST_CHECK;

/*
 * The blob of a kind, written over *size bytes; data NULL asks for the size. ERROR_MORE_DATA with
 * *size set when the room is too small; NTE_BAD_KEY_STATE for the secret half of a key that may
 * not be exported, NTE_BAD_TYPE for other kinds, NTE_BAD_KEY for other keys than RSA.
 */
SECURITY_STATUS key_to_capi(const struct cert_key *key, DWORD kind, ALG_ID algorithm, BYTE *data,
                            DWORD *size) MUST_CHECK;

/* The same for CNG's; type is its name. NTE_NOT_SUPPORTED for a name that is none of these. */
SECURITY_STATUS key_from_cng(const char *type, const BYTE *data, size_t size, bool exportable,
                             struct cert_key **out) MUST_CHECK;
SECURITY_STATUS key_to_cng(const struct cert_key *key, const char *type, BYTE *data,
                           DWORD *size) MUST_CHECK;

/* CNG's name of a curve's ECDSA algorithm ("ECDSA_P256"), the curve of one; NULL and INVALID. */
const char *key_curve_name(gnutls_ecc_curve_t curve);
gnutls_ecc_curve_t key_curve_from(const char *name);

#endif
