/* SPDX-License-Identifier: MIT */
/*
 * What a security package of another vendor is built with on Windows. Of that, this library has the
 * structures a package tells of its caller; packages of others cannot be loaded.
 */
#ifndef GSS_SSPI_NTSECPKG_H
#define GSS_SSPI_NTSECPKG_H

#include "ntsecapi.h"
#include "sspi.h"
#include "sspi_targetinfo.h"

typedef PVOID *PLSA_CLIENT_REQUEST;
typedef ULONG_PTR LSA_SEC_HANDLE, *PLSA_SEC_HANDLE;

typedef struct _SECPKG_CLIENT_INFO {
    LUID LogonId;
    ULONG ProcessID;
    ULONG ThreadID;
    BOOLEAN HasTcbPrivilege;
    BOOLEAN Impersonating;
    BOOLEAN Restricted;
    UCHAR ClientFlags;
    SECURITY_IMPERSONATION_LEVEL ImpersonationLevel;
    HANDLE ClientToken;
} SECPKG_CLIENT_INFO, *PSECPKG_CLIENT_INFO;

typedef struct _SECPKG_CALL_INFO {
    ULONG ProcessId;
    ULONG ThreadId;
    ULONG Attributes;
    ULONG CallCount;
    PVOID MechOid;
} SECPKG_CALL_INFO, *PSECPKG_CALL_INFO;

#define SECPKG_CALL_KERNEL_MODE  0x00000001
#define SECPKG_CALL_ANSI         0x00000002
#define SECPKG_CALL_URGENT       0x00000004
#define SECPKG_CALL_RECURSIVE    0x00000008
#define SECPKG_CALL_IN_PROC      0x00000010
#define SECPKG_CALL_CLEANUP      0x00000020
#define SECPKG_CALL_WOWCLIENT    0x00000040
#define SECPKG_CALL_THREAD_TERM  0x00000080
#define SECPKG_CALL_PROCESS_TERM 0x00000100
#define SECPKG_CALL_IS_TCB       0x00000200

typedef struct _SECPKG_PRIMARY_CRED {
    LUID LogonId;
    UNICODE_STRING DownlevelName;
    UNICODE_STRING DomainName;
    UNICODE_STRING Password;
    UNICODE_STRING OldPassword;
    PSID UserSid;
    ULONG Flags;
    UNICODE_STRING DnsDomainName;
    UNICODE_STRING Upn;
    UNICODE_STRING LogonServer;
    UNICODE_STRING Spare1;
    UNICODE_STRING Spare2;
    UNICODE_STRING Spare3;
    UNICODE_STRING Spare4;
} SECPKG_PRIMARY_CRED, *PSECPKG_PRIMARY_CRED;

typedef struct _SECPKG_SUPPLEMENTAL_CRED {
    UNICODE_STRING PackageName;
    ULONG CredentialSize;
    PUCHAR Credentials;
} SECPKG_SUPPLEMENTAL_CRED, *PSECPKG_SUPPLEMENTAL_CRED;

#endif
