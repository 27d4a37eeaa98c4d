/* SPDX-License-Identifier: MIT */
/* Security identifiers, [MS-DTYP] 2.4.2: their shape and their text form. */
#include "win/win.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <sddl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Revision, count and authority come before the sub-authorities, which may lie unaligned. */
#define SID_HEAD_SIZE 8U

/* "S-1-", an authority of at most 15 characters, and 15 times "-4294967295". */
#define SID_TEXT_MAX (4 + 15 + 15 * 11 + 1)

static DWORD sid_size(unsigned count)
{
    return SID_HEAD_SIZE + 4 * count;
}

WIN_API BOOL sspi_IsValidSid(PSID pSid)
{
    const BYTE *sid = pSid;

    return sid != NULL && sid[0] == SID_REVISION && sid[1] <= SID_MAX_SUB_AUTHORITIES;
}

WIN_API DWORD sspi_GetLengthSid(PSID pSid)
{
    return sspi_IsValidSid(pSid) ? sid_size(((const BYTE *)pSid)[1]) : 0;
}

WIN_API BOOL sspi_EqualSid(PSID pSid1, PSID pSid2)
{
    DWORD size = sspi_GetLengthSid(pSid1);

    if (size == 0 || sspi_GetLengthSid(pSid2) == 0)
        return win_fail(ERROR_INVALID_SID);
    /* A difference is no failure: the error says so. */
    if (size != sspi_GetLengthSid(pSid2) || memcmp(pSid1, pSid2, size) != 0)
        return win_fail(ERROR_SUCCESS);
    return TRUE;
}

WIN_API BOOL sspi_CopySid(DWORD nDestinationSidLength, PSID pDestinationSid, PSID pSourceSid)
{
    DWORD size = sspi_GetLengthSid(pSourceSid);

    if (size == 0)
        return win_fail(ERROR_INVALID_SID);
    if (pDestinationSid == NULL || nDestinationSidLength < size)
        return win_fail(ERROR_INSUFFICIENT_BUFFER);
    memcpy(pDestinationSid, pSourceSid, size);
    return TRUE;
}

/* An authority of more than 32 bits is written in hexadecimal, [MS-DTYP] 2.4.2.1. */
static void sid_print(const BYTE *sid, char text[SID_TEXT_MAX])
{
    uint64_t authority = 0;
    size_t used;

    for (int i = 2; i < 8; i++)
        authority = authority << 8 | sid[i];
    used = (size_t)snprintf(text, SID_TEXT_MAX,
                            authority >> 32 ? "S-1-0x%012" PRIx64 : "S-1-%" PRIu64, authority);
    for (unsigned i = 0; i < sid[1]; i++) {
        uint32_t part;

        memcpy(&part, sid + SID_HEAD_SIZE + 4 * i, sizeof(part));
        used += (size_t)snprintf(text + used, SID_TEXT_MAX - used, "-%" PRIu32, part);
    }
}

/* The text in memory for LocalFree(), or NULL with the error set. */
static void *sid_to_text(PSID sid, bool wide)
{
    char text[SID_TEXT_MAX];
    void *out;

    if (!sspi_IsValidSid(sid)) {
        win_fail(ERROR_INVALID_SID);
        return NULL;
    }
    sid_print(sid, text);
    out = sspi_LocalAlloc(LMEM_FIXED, (win_text_length(text, wide) + 1) * (wide ? 2U : 1U));
    if (out != NULL)
        win_text_copy(text, wide, out);
    return out;
}

WIN_API BOOL sspi_ConvertSidToStringSidA(PSID Sid, LPSTR *StringSid)
{
    if (StringSid == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    *StringSid = sid_to_text(Sid, false);
    return *StringSid != NULL;
}

WIN_API BOOL sspi_ConvertSidToStringSidW(PSID Sid, LPWSTR *StringSid)
{
    if (StringSid == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    *StringSid = sid_to_text(Sid, true);
    return *StringSid != NULL;
}

/* "-" and a number up to max; the text behind it, or NULL. */
static const char *number_take(const char *text, uint64_t max, uint64_t *number)
{
    char *end;

    if (text[0] != '-' || !isdigit((unsigned char)text[1]))
        return NULL;
    errno = 0;
    *number = strtoull(text + 1, &end, sspi_strnicmp(text + 1, "0x", 2) == 0 ? 16 : 10);
    return errno != 0 || *number > max ? NULL : end;
}

/* The bytes of a text form; their count, or 0 for a text that is none. */
static DWORD sid_parse(const char *text, BYTE sid[SECURITY_MAX_SID_SIZE])
{
    uint64_t number;
    unsigned count = 0;

    if (sspi_strnicmp(text, "S-1", 3) != 0)
        return 0;
    text = number_take(text + 3, UINT64_C(0xffffffffffff), &number);
    if (text == NULL)
        return 0;
    sid[0] = SID_REVISION;
    for (int i = 7; i >= 2; i--, number >>= 8)
        sid[i] = (BYTE)(number & 0xff);
    for (; *text != '\0'; count++) {
        uint32_t part;

        text = number_take(text, UINT32_MAX, &number);
        if (text == NULL || count == SID_MAX_SUB_AUTHORITIES)
            return 0;
        part = (uint32_t)number;
        memcpy(sid + SID_HEAD_SIZE + 4 * count, &part, sizeof(part));
    }
    sid[1] = (BYTE)count;
    return count == 0 ? 0 : sid_size(count);
}

WIN_API BOOL sspi_ConvertStringSidToSidA(LPCSTR StringSid, PSID *Sid)
{
    BYTE sid[SECURITY_MAX_SID_SIZE];
    DWORD size;

    if (StringSid == NULL || Sid == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    size = sid_parse(StringSid, sid);
    if (size == 0)
        return win_fail(ERROR_INVALID_SID);
    *Sid = sspi_LocalAlloc(LMEM_FIXED, size);
    if (*Sid == NULL)
        return FALSE;
    memcpy(*Sid, sid, size);
    return TRUE;
}

WIN_API BOOL sspi_ConvertStringSidToSidW(LPCWSTR StringSid, PSID *Sid)
{
    char *text;
    BOOL done;

    if (!win_text_from_w(StringSid, &text))
        return FALSE;
    done = sspi_ConvertStringSidToSidA(text, Sid);
    free(text);
    return done;
}
