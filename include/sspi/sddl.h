/* SPDX-License-Identifier: MIT */
/* Security identifiers as text: S-1-5-21-... */
#ifndef GSS_SSPI_SDDL_H
#define GSS_SSPI_SDDL_H

#include "windows.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What these give is freed with LocalFree(). Names such as "BA" for well-known groups are not
 * known. */
BOOL sspi_ConvertSidToStringSidA(PSID Sid, LPSTR *StringSid);
BOOL sspi_ConvertSidToStringSidW(PSID Sid, LPWSTR *StringSid);
#define ConvertSidToStringSidA sspi_ConvertSidToStringSidA
#define ConvertSidToStringSidW sspi_ConvertSidToStringSidW
#define ConvertSidToStringSid  SSPI_AW(sspi_ConvertSidToStringSid)

BOOL sspi_ConvertStringSidToSidA(LPCSTR StringSid, PSID *Sid);
BOOL sspi_ConvertStringSidToSidW(LPCWSTR StringSid, PSID *Sid);
#define ConvertStringSidToSidA sspi_ConvertStringSidToSidA
#define ConvertStringSidToSidW sspi_ConvertStringSidToSidW
#define ConvertStringSidToSid  SSPI_AW(sspi_ConvertStringSidToSid)

#ifdef __cplusplus
}
#endif

#endif
