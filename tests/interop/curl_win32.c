/* SPDX-License-Identifier: MIT */
/*
 * What curl.sh adds to curl, built with curl_win32.h: the few functions of curl that are compiled
 * on Windows only, and whose own text needs more of Windows than SSPI programs share, and the start
 * of SSPI.
 */
#include "curl_sspi.h"

/* curl's conversions between UTF-8 and UTF-16, word for word. */
#define WIN32
#include "curl_multibyte.c"
#undef WIN32

/* Schannel here is that of Windows 11: TLS 1.3 and all that curl makes depend on a version. */
static const unsigned int windows_version[] = {10, 0, 22000};

static int version_compare(const unsigned int other[3])
{
    for (int i = 0; i < 3; i++)
        if (windows_version[i] != other[i])
            return windows_version[i] < other[i] ? -1 : 1;
    return 0;
}

bool curlx_verify_windows_version(const unsigned int major, const unsigned int minor,
                                  const unsigned int build, const PlatformIdentifier platform,
                                  const VersionCondition condition)
{
    int order = version_compare((const unsigned int[3]){major, minor, build});

    if (platform == PLATFORM_WINDOWS)
        return false;
    switch (condition) {
    case VERSION_LESS_THAN:
        return order < 0;
    case VERSION_LESS_THAN_EQUAL:
        return order <= 0;
    case VERSION_EQUAL:
        return order == 0;
    case VERSION_GREATER_THAN_EQUAL:
        return order >= 0;
    case VERSION_GREATER_THAN:
        return order > 0;
    }
    return false;
}

HMODULE Curl_load_library(LPCTSTR filename)
{
    return LoadLibrary(filename);
}

CURLcode Curl_win32_random(unsigned char *entropy, size_t length)
{
    HCRYPTPROV provider = 0;
    BOOL done = CryptAcquireContext(&provider, NULL, NULL, PROV_RSA_FULL,
                                    CRYPT_VERIFYCONTEXT | CRYPT_SILENT) &&
                CryptGenRandom(provider, (DWORD)length, entropy);

    if (provider != 0)
        CryptReleaseContext(provider, 0);
    return done ? CURLE_OK : CURLE_FAILED_INIT;
}

/* The text of an error on one line, or NULL if it has none. */
const char *get_winapi_error(DWORD err, char *buf, size_t buflen)
{
    DWORD length = FormatMessageA(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL,
                                  err, 0, buf, (DWORD)buflen, NULL);

    if (length == 0)
        return NULL;
    buf[strcspn(buf, "\r\n")] = '\0';
    return buf;
}

const char *Curl_winapi_strerror(DWORD err, char *buf, size_t buflen)
{
    if (get_winapi_error(err, buf, buflen) == NULL)
        snprintf(buf, buflen, "Unknown error %u (0x%08X)", err, err);
    return buf;
}

/* curl_global_init() does this on Windows. */
static void __attribute__((constructor)) start_sspi(void)
{
    if (Curl_sspi_global_init() != CURLE_OK) {
        fputs("curl: cannot load SSPI\n", stderr);
        _exit(CURLE_FAILED_INIT);
    }
}
