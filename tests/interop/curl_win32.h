/* SPDX-License-Identifier: MIT */
/*
 * The forced include with which curl.sh builds curl's own Schannel and SSPI code here: what curl's
 * configure finds on Windows only, and the declarations that curl hides behind WIN32. They come
 * from curl's own headers, as they are.
 */
#ifndef CURL_WIN32_H
#define CURL_WIN32_H

#define _GNU_SOURCE

#define USE_WINDOWS_SSPI 1
#define USE_SCHANNEL     1
#define USE_WIN32_CRYPTO 1
/* curl asks for Microsoft's compiler here, by whose version it knows the SDK. */
#define HAS_ALPN 1

#include "curl_setup.h"

#include <curl/curl.h>

#include <windows.h>

#include <tchar.h>

/* curl takes sockets for those of Windows where it sees this. */
#undef WSAEWOULDBLOCK

/* NTLM is SSPI's here; curl's own helpers for it are for protocols that are left out, and need DES
 * from advapi32. */
#undef USE_CURL_NTLM_CORE

#define WIN32
#include "curl_multibyte.h"
#include "system_win32.h"
#include "version_win32.h"
#undef WIN32

CURLcode Curl_win32_random(unsigned char *entropy, size_t length);
const char *Curl_winapi_strerror(DWORD err, char *buf, size_t buflen);
const char *get_winapi_error(DWORD err, char *buf, size_t buflen);

#endif
