/* SPDX-License-Identifier: MIT */
/* Text between UTF-8 and UTF-16. */
#ifndef GSS_SSPI_WINNLS_H
#define GSS_SSPI_WINNLS_H

#include "winnt.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Code pages. A strings are UTF-8 here, so the first three mean CP_UTF8; there are no others. */
#define CP_ACP        0
#define CP_OEMCP      1
#define CP_THREAD_ACP 3
#define CP_UTF8       65001

#define MB_PRECOMPOSED       0x00000001
#define MB_ERR_INVALID_CHARS 0x00000008 /* fail instead of putting U+FFFD */
#define WC_ERR_INVALID_CHARS 0x00000080
#define WC_NO_BEST_FIT_CHARS 0x00000400

/*
 * Converts text. The lengths are in units of either string (bytes of UTF-8, 16-bit units of
 * UTF-16); -1 as the source's says that it ends with a zero, which is then converted too. With a
 * room of 0 nothing is written and the length needed is returned. Returns the number of units, or 0
 * and GetLastError(): ERROR_INSUFFICIENT_BUFFER, ERROR_NO_UNICODE_TRANSLATION for ill-formed text
 * under the ERR_INVALID_CHARS flag (else each bad part becomes U+FFFD), ERROR_INVALID_FLAGS,
 * ERROR_INVALID_PARAMETER (among them: any other code page, a length of 0, and a default character
 * for a code page that needs none).
 */
int sspi_MultiByteToWideChar(UINT CodePage, DWORD dwFlags, LPCSTR lpMultiByteStr, int cbMultiByte,
                             LPWSTR lpWideCharStr, int cchWideChar);
int sspi_WideCharToMultiByte(UINT CodePage, DWORD dwFlags, LPCWSTR lpWideCharStr, int cchWideChar,
                             LPSTR lpMultiByteStr, int cbMultiByte, LPCSTR lpDefaultChar,
                             LPBOOL lpUsedDefaultChar);
#define MultiByteToWideChar sspi_MultiByteToWideChar
#define WideCharToMultiByte sspi_WideCharToMultiByte

#ifdef __cplusplus
}
#endif

#endif
