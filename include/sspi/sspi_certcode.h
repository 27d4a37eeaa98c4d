/* SPDX-License-Identifier: MIT */
/* Names, encodings and decodings of crypt32: part of <wincrypt.h>, not to be included by itself. */
#ifndef GSS_SSPI_CERTCODE_H
#define GSS_SSPI_CERTCODE_H

#include "wincrypt.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What holds for all: a caller's room is NULL to ask for the size alone; too little room is FALSE
 * with ERROR_MORE_DATA, and the size that is needed. All may be called from any thread.
 */

/* --- Octets as text ------------------------------------------------------------------------- */

/*
 * Reads octets from text of a form (CRYPT_STRING_BASE64, HEX, ...; ANY, BASE64_ANY and HEX_ANY try
 * several). cchString is its length in characters, or 0 for text that ends with NUL. *pcbBinary is
 * the room at pbBinary, and becomes the number of octets. *pdwSkip, unless NULL, gets the
 * characters before a "-----BEGIN" line, and *pdwFlags the form that was found. FALSE with
 * ERROR_INVALID_DATA for text that is not of the form. Other white space than the forms' own is
 * allowed everywhere.
 */
BOOL WINAPI CryptStringToBinaryA(LPCSTR pszString, DWORD cchString, DWORD dwFlags, BYTE *pbBinary,
                                 DWORD *pcbBinary, DWORD *pdwSkip, DWORD *pdwFlags);
BOOL WINAPI CryptStringToBinaryW(LPCWSTR pszString, DWORD cchString, DWORD dwFlags, BYTE *pbBinary,
                                 DWORD *pcbBinary, DWORD *pdwSkip, DWORD *pdwFlags);
#define CryptStringToBinary SSPI_AW(CryptStringToBinary)

/*
 * Writes octets as text of a form, in lines that end with CR LF; CRYPT_STRING_NOCR leaves LF alone,
 * CRYPT_STRING_NOCRLF neither. *pcchString is the room at pszString in characters: asked for with
 * NULL it counts the terminating NUL, after a success it does not. CRYPT_STRING_BINARY copies the
 * octets as they are. FALSE with ERROR_INVALID_PARAMETER for no octets or an unknown form.
 */
BOOL WINAPI CryptBinaryToStringA(const BYTE *pbBinary, DWORD cbBinary, DWORD dwFlags,
                                 LPSTR pszString, DWORD *pcchString);
BOOL WINAPI CryptBinaryToStringW(const BYTE *pbBinary, DWORD cbBinary, DWORD dwFlags,
                                 LPWSTR pszString, DWORD *pcchString);
#define CryptBinaryToString SSPI_AW(CryptBinaryToString)

#ifdef __cplusplus
}
#endif

#endif
