/* SPDX-License-Identifier: MIT */
/*
 * What is known of a target, and its form as text that Windows appends to a target's name.
 * wincred.h and ntsecpkg.h bring it.
 */
#ifndef GSS_SSPI_TARGETINFO_H
#define GSS_SSPI_TARGETINFO_H

#include "windef.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Flags */
#define CRED_TI_SERVER_FORMAT_UNKNOWN  0x0001
#define CRED_TI_DOMAIN_FORMAT_UNKNOWN  0x0002
#define CRED_TI_ONLY_PASSWORD_REQUIRED 0x0004
#define CRED_TI_USERNAME_TARGET        0x0008
#define CRED_TI_CREATE_EXPLICIT_CRED   0x0010
#define CRED_TI_WORKGROUP_MEMBER       0x0020
#define CRED_TI_VALID_FLAGS            0x003F

/* Any name may be NULL. */
typedef struct _CREDENTIAL_TARGET_INFORMATIONA {
    LPSTR TargetName;
    LPSTR NetbiosServerName;
    LPSTR DnsServerName;
    LPSTR NetbiosDomainName;
    LPSTR DnsDomainName;
    LPSTR DnsTreeName;
    LPSTR PackageName;
    ULONG Flags;
    DWORD CredTypeCount;
    LPDWORD CredTypes;
} CREDENTIAL_TARGET_INFORMATIONA, *PCREDENTIAL_TARGET_INFORMATIONA;

typedef struct _CREDENTIAL_TARGET_INFORMATIONW {
    LPWSTR TargetName;
    LPWSTR NetbiosServerName;
    LPWSTR DnsServerName;
    LPWSTR NetbiosDomainName;
    LPWSTR DnsDomainName;
    LPWSTR DnsTreeName;
    LPWSTR PackageName;
    ULONG Flags;
    DWORD CredTypeCount;
    LPDWORD CredTypes;
} CREDENTIAL_TARGET_INFORMATIONW, *PCREDENTIAL_TARGET_INFORMATIONW;

#define CREDENTIAL_TARGET_INFORMATION  SSPI_AW(CREDENTIAL_TARGET_INFORMATION)
#define PCREDENTIAL_TARGET_INFORMATION SSPI_AW(PCREDENTIAL_TARGET_INFORMATION)

/*
 * The text of a structure: *BufferSize octets of UTF-16 with a terminator that is not counted. Free
 * it with LocalFree(). STATUS_INVALID_PARAMETER for NULL or a count without types,
 * STATUS_NAME_TOO_LONG for a name of more than 32,767 characters, STATUS_NO_MEMORY.
 */
NTSTATUS NTAPI CredMarshalTargetInfo(PCREDENTIAL_TARGET_INFORMATIONW InTargetInfo, PUSHORT *Buffer,
                                     PULONG BufferSize);

/*
 * The structure behind the text that the BufferSize octets at Buffer end with; something else, as a
 * target's name, may stand before it. *RetTargetInfo, when it is not NULL, becomes one allocation,
 * to be freed with LocalFree(); a name of no length is NULL in it. *RetActualSize, when it is not
 * NULL, becomes the octets of the text. STATUS_INVALID_PARAMETER when there is no such text at the
 * end, STATUS_NO_MEMORY.
 */
NTSTATUS NTAPI CredUnmarshalTargetInfo(PUSHORT Buffer, ULONG BufferSize,
                                       PCREDENTIAL_TARGET_INFORMATIONW *RetTargetInfo,
                                       PULONG RetActualSize);

#ifdef __cplusplus
}
#endif

#endif
