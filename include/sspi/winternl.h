/* SPDX-License-Identifier: MIT */
/* Programs take counted strings and NTSTATUS codes from here. */
#ifndef GSS_SSPI_WINTERNL_H
#define GSS_SSPI_WINTERNL_H

#include "ntsecapi.h"
#include "ntstatus.h"
#include "windef.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef const char *PCSZ;

/*
 * A counted string that points at a text of the caller's: both lengths and Buffer are 0 for NULL,
 * and a text of more than 64 KiB is counted as far as 16 bits go.
 */
void NTAPI sspi_RtlInitString(PSTRING DestinationString, PCSZ SourceString);
void NTAPI sspi_RtlInitUnicodeString(PUNICODE_STRING DestinationString, PCWSTR SourceString);
#define RtlInitString        sspi_RtlInitString
#define RtlInitAnsiString    sspi_RtlInitString
#define RtlInitUnicodeString sspi_RtlInitUnicodeString

#define RtlNtStatusToDosError LsaNtStatusToWinError

#ifdef __cplusplus
}
#endif

#endif
