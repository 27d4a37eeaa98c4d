/* SPDX-License-Identifier: MIT */
/*
 * Explicit credentials: user, domain, password and packages, in the forms
 * AcquireCredentialsHandle() takes as pAuthData, and the functions on them. Part of sspi.h.
 *
 * Which form a structure is in, and whether its text is A or W, is told by its own Version and
 * Flags, not by the function it is passed to. Lengths are in characters, except in EX2 where they
 * are in bytes. The library copies what it needs; wipe the password afterwards.
 */
#ifndef GSS_SSPI_IDENTITY_H
#define GSS_SSPI_IDENTITY_H

#include "sspi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- Structures ----------------------------------------------------------------------------- */

/* Flags */
#define SEC_WINNT_AUTH_IDENTITY_ANSI    0x1
#define SEC_WINNT_AUTH_IDENTITY_UNICODE 0x2
#define SEC_WINNT_AUTH_IDENTITY_MARSHALLED                                                         \
    0x4                                  /* one block: every string lies behind the structure */
#define SEC_WINNT_AUTH_IDENTITY_ONLY 0x8 /* Kerberos: nothing of the caller's own logon */

/* Encrypted, by whom: the first by SspiEncryptAuthIdentity(), the others by nobody here. */
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_PROCESS_ENCRYPTED            0x10
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SYSTEM_PROTECTED             0x20
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_USER_PROTECTED               0x40
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SYSTEM_ENCRYPTED             0x80
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_RESERVED                     0x10000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_NULL_USER                    0x20000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_NULL_DOMAIN                  0x40000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_ID_PROVIDER                  0x80000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_USE_MASK             0xff000000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_CREDPROV_DO_NOT_SAVE 0x80000000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_SAVE_CRED_BY_CALLER  0x80000000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_SAVE_CRED_CHECKED    0x40000000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_NO_CHECKBOX          0x20000000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_CREDPROV_DO_NOT_LOAD 0x10000000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_VALID_SSPIPFC_FLAGS          0xf0000000

typedef struct _SEC_WINNT_AUTH_IDENTITY_A {
    unsigned char *User;
    ULONG UserLength;
    unsigned char *Domain;
    ULONG DomainLength;
    unsigned char *Password;
    ULONG PasswordLength;
    ULONG Flags; /* SEC_WINNT_AUTH_IDENTITY_ANSI: UTF-8 */
} SEC_WINNT_AUTH_IDENTITY_A, *PSEC_WINNT_AUTH_IDENTITY_A;

typedef struct _SEC_WINNT_AUTH_IDENTITY_W {
    unsigned short *User;
    ULONG UserLength;
    unsigned short *Domain;
    ULONG DomainLength;
    unsigned short *Password;
    ULONG PasswordLength;
    ULONG Flags; /* SEC_WINNT_AUTH_IDENTITY_UNICODE: UTF-16 */
} SEC_WINNT_AUTH_IDENTITY_W, *PSEC_WINNT_AUTH_IDENTITY_W;

#define SEC_WINNT_AUTH_IDENTITY  SSPI_UAW(SEC_WINNT_AUTH_IDENTITY)
#define PSEC_WINNT_AUTH_IDENTITY SSPI_UAW(PSEC_WINNT_AUTH_IDENTITY)
#define _SEC_WINNT_AUTH_IDENTITY SSPI_UAW(_SEC_WINNT_AUTH_IDENTITY)

#define SEC_WINNT_AUTH_IDENTITY_VERSION 0x200

/* PackageList is for Negotiate: names it may use, or "!name" for those it may not, comma separated.
 */
typedef struct _SEC_WINNT_AUTH_IDENTITY_EXA {
    ULONG Version; /* SEC_WINNT_AUTH_IDENTITY_VERSION */
    ULONG Length;  /* of this structure, in bytes */
    unsigned char *User;
    ULONG UserLength;
    unsigned char *Domain;
    ULONG DomainLength;
    unsigned char *Password;
    ULONG PasswordLength;
    ULONG Flags;
    unsigned char *PackageList;
    ULONG PackageListLength;
} SEC_WINNT_AUTH_IDENTITY_EXA, *PSEC_WINNT_AUTH_IDENTITY_EXA;

typedef struct _SEC_WINNT_AUTH_IDENTITY_EXW {
    ULONG Version;
    ULONG Length;
    unsigned short *User;
    ULONG UserLength;
    unsigned short *Domain;
    ULONG DomainLength;
    unsigned short *Password;
    ULONG PasswordLength;
    ULONG Flags;
    unsigned short *PackageList;
    ULONG PackageListLength;
} SEC_WINNT_AUTH_IDENTITY_EXW, *PSEC_WINNT_AUTH_IDENTITY_EXW;

#define SEC_WINNT_AUTH_IDENTITY_EX  SSPI_AW(SEC_WINNT_AUTH_IDENTITY_EX)
#define PSEC_WINNT_AUTH_IDENTITY_EX SSPI_AW(PSEC_WINNT_AUTH_IDENTITY_EX)

#define SEC_WINNT_AUTH_IDENTITY_VERSION_2 0x201

/* One block: offsets count from its start. */
typedef struct _SEC_WINNT_AUTH_IDENTITY_EX2 {
    ULONG Version; /* SEC_WINNT_AUTH_IDENTITY_VERSION_2 */
    unsigned short cbHeaderLength;
    ULONG cbStructureLength;
    ULONG UserOffset;
    unsigned short UserLength;
    ULONG DomainOffset;
    unsigned short DomainLength;
    ULONG PackedCredentialsOffset; /* SEC_WINNT_AUTH_PACKED_CREDENTIALS */
    unsigned short PackedCredentialsLength;
    ULONG Flags;
    ULONG PackageListOffset;
    unsigned short PackageListLength;
} SEC_WINNT_AUTH_IDENTITY_EX2, *PSEC_WINNT_AUTH_IDENTITY_EX2;

typedef union _SEC_WINNT_AUTH_IDENTITY_INFO {
    SEC_WINNT_AUTH_IDENTITY_EXW AuthIdExw;
    SEC_WINNT_AUTH_IDENTITY_EXA AuthIdExa;
    SEC_WINNT_AUTH_IDENTITY_A AuthId_a;
    SEC_WINNT_AUTH_IDENTITY_W AuthId_w;
    SEC_WINNT_AUTH_IDENTITY_EX2 AuthIdEx2;
} SEC_WINNT_AUTH_IDENTITY_INFO, *PSEC_WINNT_AUTH_IDENTITY_INFO;

typedef PVOID PSEC_WINNT_AUTH_IDENTITY_OPAQUE;

/* --- Packed credentials: what EX2 carries --------------------------------------------------- */

typedef struct _SEC_WINNT_AUTH_BYTE_VECTOR {
    ULONG ByteArrayOffset;
    unsigned short ByteArrayLength;
} SEC_WINNT_AUTH_BYTE_VECTOR, *PSEC_WINNT_AUTH_BYTE_VECTOR;

typedef struct _SEC_WINNT_AUTH_SHORT_VECTOR {
    ULONG ShortArrayOffset;
    USHORT ShortArrayCount;
} SEC_WINNT_AUTH_SHORT_VECTOR, *PSEC_WINNT_AUTH_SHORT_VECTOR;

/* CredType is one of the SEC_WINNT_AUTH_DATA_TYPE_* below; CredData is a structure of that type. */
typedef struct _SEC_WINNT_AUTH_DATA {
    GUID CredType;
    SEC_WINNT_AUTH_BYTE_VECTOR CredData;
} SEC_WINNT_AUTH_DATA, *PSEC_WINNT_AUTH_DATA;

typedef struct _SEC_WINNT_AUTH_PACKED_CREDENTIALS {
    unsigned short cbHeaderLength;
    unsigned short cbStructureLength;
    SEC_WINNT_AUTH_DATA AuthData;
} SEC_WINNT_AUTH_PACKED_CREDENTIALS, *PSEC_WINNT_AUTH_PACKED_CREDENTIALS;

typedef struct _SEC_WINNT_AUTH_PACKED_CREDENTIALS_EX {
    unsigned short cbHeaderLength;
    ULONG Flags;
    SEC_WINNT_AUTH_BYTE_VECTOR PackedCredentials;
    SEC_WINNT_AUTH_SHORT_VECTOR PackageList;
} SEC_WINNT_AUTH_PACKED_CREDENTIALS_EX, *PSEC_WINNT_AUTH_PACKED_CREDENTIALS_EX;

typedef struct _SEC_WINNT_AUTH_DATA_PASSWORD {
    SEC_WINNT_AUTH_BYTE_VECTOR UnicodePassword;
} SEC_WINNT_AUTH_DATA_PASSWORD, *PSEC_WINNT_AUTH_DATA_PASSWORD;

typedef struct _SEC_WINNT_AUTH_CERTIFICATE_DATA {
    unsigned short cbHeaderLength;
    unsigned short cbStructureLength;
    SEC_WINNT_AUTH_BYTE_VECTOR Certificate;
} SEC_WINNT_AUTH_CERTIFICATE_DATA, *PSEC_WINNT_AUTH_CERTIFICATE_DATA;

typedef struct _SEC_WINNT_AUTH_NGC_DATA {
    LUID LogonId;
    ULONG Flags; /* NGC_DATA_FLAG_* */
    SEC_WINNT_AUTH_BYTE_VECTOR CspInfo;
    SEC_WINNT_AUTH_BYTE_VECTOR UserIdKeyAuthTicket;
    SEC_WINNT_AUTH_BYTE_VECTOR DecryptionKeyName;
    SEC_WINNT_AUTH_BYTE_VECTOR DecryptionKeyAuthTicket;
} SEC_WINNT_AUTH_NGC_DATA, *PSEC_WINNT_AUTH_NGC_DATA;

#define NGC_DATA_FLAG_KERB_CERTIFICATE_LOGON_FLAG_CHECK_DUPLICATES     0x1
#define NGC_DATA_FLAG_KERB_CERTIFICATE_LOGON_FLAG_USE_CERTIFICATE_INFO 0x2
#define NGC_DATA_FLAG_IS_SMARTCARD_DATA                                0x4
#define NGC_DATA_FLAG_IS_CLOUD_TRUST_CRED                              0x8

typedef struct _SEC_WINNT_AUTH_DATA_TYPE_SMARTCARD_CONTEXTS_DATA {
    PVOID pcc;
    PVOID hProv;
    LPWSTR pwszECDHKeyName;
} SEC_WINNT_AUTH_DATA_TYPE_SMARTCARD_CONTEXTS_DATA,
    *PSEC_WINNT_AUTH_DATA_TYPE_SMARTCARD_CONTEXTS_DATA;

typedef struct _SEC_WINNT_AUTH_FIDO_DATA {
    unsigned short cbHeaderLength;
    unsigned short cbStructureLength;
    SEC_WINNT_AUTH_BYTE_VECTOR Secret;
    SEC_WINNT_AUTH_BYTE_VECTOR NewSecret;
    SEC_WINNT_AUTH_BYTE_VECTOR EncryptedNewSecret;
    SEC_WINNT_AUTH_BYTE_VECTOR NetworkLogonBuffer;
    ULONG64 ulSignatureCount;
} SEC_WINNT_AUTH_FIDO_DATA, *PSEC_WINNT_AUTH_FIDO_DATA;

typedef struct _SEC_WINNT_CREDUI_CONTEXT_VECTOR {
    ULONG CredUIContextArrayOffset;
    USHORT CredUIContextCount;
} SEC_WINNT_CREDUI_CONTEXT_VECTOR, *PSEC_WINNT_CREDUI_CONTEXT_VECTOR;

typedef struct _CREDUIWIN_MARSHALED_CONTEXT {
    GUID StructureType;
    USHORT cbHeaderLength;
    LUID LogonId;
    GUID MarshaledDataType;
    ULONG MarshaledDataOffset;
    USHORT MarshaledDataLength;
} CREDUIWIN_MARSHALED_CONTEXT, *PCREDUIWIN_MARSHALED_CONTEXT;

typedef struct _SEC_WINNT_CREDUI_CONTEXT {
    USHORT cbHeaderLength;
    HANDLE CredUIContextHandle;
    PVOID UIInfo;
    ULONG dwAuthError;
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE pInputAuthIdentity;
    PUNICODE_STRING TargetName;
} SEC_WINNT_CREDUI_CONTEXT, *PSEC_WINNT_CREDUI_CONTEXT;

/*
 * The types' identifiers: each as a constant with the name Windows gives it, and as an initialiser
 * (_INIT) for a GUID of the program's own.
 */
#define SEC_WINNT_AUTH_DATA_TYPE_PASSWORD_INIT                                                     \
    {                                                                                              \
        0x28bfc32f, 0x10f6, 0x4738,                                                                \
        {                                                                                          \
            0x98, 0xd1, 0x1a, 0xc0, 0x61, 0xdf, 0x71, 0x6a                                         \
        }                                                                                          \
    }
#define SEC_WINNT_AUTH_DATA_TYPE_CERT_INIT                                                         \
    {                                                                                              \
        0x235f69ad, 0x73fb, 0x4dbc,                                                                \
        {                                                                                          \
            0x82, 0x03, 0x06, 0x29, 0xe7, 0x39, 0x33, 0x9b                                         \
        }                                                                                          \
    }
#define SEC_WINNT_AUTH_DATA_TYPE_CREDMAN_CERT_INIT                                                 \
    {                                                                                              \
        0x7cb72412, 0x1016, 0x491a,                                                                \
        {                                                                                          \
            0x8c, 0x87, 0x4d, 0x2a, 0xa1, 0xb7, 0xdd, 0x3a                                         \
        }                                                                                          \
    }
#define SEC_WINNT_AUTH_DATA_TYPE_NGC_INIT                                                          \
    {                                                                                              \
        0x10a47879, 0x5ebf, 0x4b85,                                                                \
        {                                                                                          \
            0xbd, 0x8d, 0xc2, 0x1b, 0xb4, 0xf4, 0x9c, 0x8a                                         \
        }                                                                                          \
    }
#define SEC_WINNT_AUTH_DATA_TYPE_FIDO_INIT                                                         \
    {                                                                                              \
        0x32e8f8d7, 0x7871, 0x4bcc,                                                                \
        {                                                                                          \
            0x83, 0xc5, 0x46, 0x0f, 0x66, 0xc6, 0x13, 0x5c                                         \
        }                                                                                          \
    }
#define SEC_WINNT_AUTH_DATA_TYPE_KEYTAB_INIT                                                       \
    {                                                                                              \
        0xd587aae8, 0xf78f, 0x4455,                                                                \
        {                                                                                          \
            0xa1, 0x12, 0xc9, 0x34, 0xbe, 0xee, 0x7c, 0xe1                                         \
        }                                                                                          \
    }
#define SEC_WINNT_AUTH_DATA_TYPE_CSP_DATA_INIT                                                     \
    {                                                                                              \
        0x68fd9879, 0x079c, 0x4dfe,                                                                \
        {                                                                                          \
            0x82, 0x81, 0x57, 0x8a, 0xad, 0xc1, 0xc1, 0x00                                         \
        }                                                                                          \
    }
#define SEC_WINNT_AUTH_DATA_TYPE_SMARTCARD_CONTEXTS_INIT                                           \
    {                                                                                              \
        0xb86c4ff3, 0x49d7, 0x4dc4,                                                                \
        {                                                                                          \
            0xb5, 0x60, 0xb1, 0x16, 0x36, 0x85, 0xb2, 0x36                                         \
        }                                                                                          \
    }
#define CREDUIWIN_STRUCTURE_TYPE_SSPIPFC_INIT                                                      \
    {                                                                                              \
        0x3c3e93d9, 0xd96b, 0x49b5,                                                                \
        {                                                                                          \
            0x94, 0xa7, 0x45, 0x85, 0x92, 0x08, 0x83, 0x37                                         \
        }                                                                                          \
    }
#define SSPIPFC_STRUCTURE_TYPE_CREDUI_CONTEXT_INIT                                                 \
    {                                                                                              \
        0xc2fffe6f, 0x503d, 0x4c3d,                                                                \
        {                                                                                          \
            0xa9, 0x5e, 0xbc, 0xe8, 0x21, 0x21, 0x3d, 0x44                                         \
        }                                                                                          \
    }

#define SSPI_GUID_(name) static const GUID name __attribute__((unused)) = name##_INIT
SSPI_GUID_(SEC_WINNT_AUTH_DATA_TYPE_PASSWORD);
SSPI_GUID_(SEC_WINNT_AUTH_DATA_TYPE_CERT);
SSPI_GUID_(SEC_WINNT_AUTH_DATA_TYPE_CREDMAN_CERT);
SSPI_GUID_(SEC_WINNT_AUTH_DATA_TYPE_NGC);
SSPI_GUID_(SEC_WINNT_AUTH_DATA_TYPE_FIDO);
SSPI_GUID_(SEC_WINNT_AUTH_DATA_TYPE_KEYTAB);
SSPI_GUID_(SEC_WINNT_AUTH_DATA_TYPE_CSP_DATA);
SSPI_GUID_(SEC_WINNT_AUTH_DATA_TYPE_SMARTCARD_CONTEXTS);
SSPI_GUID_(CREDUIWIN_STRUCTURE_TYPE_SSPIPFC);
SSPI_GUID_(SSPIPFC_STRUCTURE_TYPE_CREDUI_CONTEXT);
#undef SSPI_GUID_

/* --- Functions on identities ---------------------------------------------------------------- */

/*
 * They take every structure above, told by its own Version and Flags; without a flag for the form
 * of its text it is UTF-16. What they make is one block with all its text, in the form of what it
 * was made from, or SEC_WINNT_AUTH_IDENTITY_EXW.
 *
 * Everything they give is freed with SspiFreeAuthIdentity() or SspiLocalFree(): either frees
 * either, wipes it, and leaves alone what is NULL, not of these functions, or freed already. An
 * out pointer stays as it was when a call fails, unless it says otherwise.
 *
 * All of them return SEC_E_INVALID_TOKEN for what is no identity (NULL, malformed text, parts
 * outside an EX2, unknown flags, FreeRDP's extensions), and SEC_E_INSUFFICIENT_MEMORY.
 */

/*
 * Makes a SEC_WINNT_AUTH_IDENTITY_EXW of a user, a domain and a password. Each may be NULL, but not
 * all: SEC_E_INVALID_TOKEN. The third string may be one that SspiEncodeAuthIdentityAsStrings()
 * gave; a password that begins like one, with "@@sspi1:", and is none is refused with the same
 * status.
 */
SECURITY_STATUS SEC_ENTRY SspiEncodeStringsAsAuthIdentity(
    PCWSTR pszUserName, PCWSTR pszDomainName, PCWSTR pszPackedCredentialsString,
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE *ppAuthIdentity);

/*
 * Gives an identity's parts as strings; a pointer that is not wanted may be NULL, and a part that
 * is not there is given as NULL. The third is the password, or, where that cannot say all (a list
 * of packages, credentials that are no password), encoded text for the function above.
 *
 * STATUS_INVALID_PARAMETER: the identity is encrypted. On failure all strings are NULL.
 */
SECURITY_STATUS SEC_ENTRY
SspiEncodeAuthIdentityAsStrings(PSEC_WINNT_AUTH_IDENTITY_OPAQUE pAuthIdentity, PCWSTR *ppszUserName,
                                PCWSTR *ppszDomainName, PCWSTR *ppszPackedCredentialsString);

/* SEC_E_OK for an identity that the other functions would take. */
SECURITY_STATUS SEC_ENTRY SspiValidateAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData);

/* Copies an identity, encrypted or not, into one new block. */
SECURITY_STATUS SEC_ENTRY SspiCopyAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData,
                                               PSEC_WINNT_AUTH_IDENTITY_OPAQUE *AuthDataCopy);

/* Wipes and frees what a function here gave. */
VOID SEC_ENTRY SspiFreeAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData);

/*
 * Wipes the password, or packed credentials, of an identity, whosever it is, and leaves it without:
 * a password of no length, or no packed credentials. The names stay. NULL is allowed.
 */
VOID SEC_ENTRY SspiZeroAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData);

/* The same as SspiFreeAuthIdentity(). */
VOID SEC_ENTRY SspiLocalFree(PVOID DataBuffer);

/*
 * Says whether two identities name the same user, and whether they are the same altogether: user,
 * password, list of packages and SEC_WINNT_AUTH_IDENTITY_ONLY. NULL is the identity of the process.
 * Either result may be NULL; both are FALSE on failure. DOMAIN\user, user@domain and a domain apart
 * are the same; capitals differ, as they do in Kerberos here, and on Windows do not.
 *
 * An encrypted identity is opened for the second question only: SEC_E_DECRYPT_FAILURE,
 * SEC_E_UNSUPPORTED_FUNCTION as for SspiDecryptAuthIdentity().
 */
SECURITY_STATUS SEC_ENTRY SspiCompareAuthIdentities(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity1,
                                                    PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity2,
                                                    PBOOLEAN SameSuppliedUser,
                                                    PBOOLEAN SameSuppliedIdentity);

/*
 * Turns an identity into octets, in Windows' layout, and back. An encrypted one stays encrypted.
 * The octets hold the password: they are wiped when they are freed. Octets from elsewhere are
 * checked, and read no further than their length.
 */
SECURITY_STATUS SEC_ENTRY SspiMarshalAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity,
                                                  ULONG *AuthIdentityLength,
                                                  char **AuthIdentityByteArray);
SECURITY_STATUS SEC_ENTRY
SspiUnmarshalAuthIdentity(ULONG AuthIdentityLength, char *AuthIdentityByteArray,
                          PSEC_WINNT_AUTH_IDENTITY_OPAQUE *ppAuthIdentity);

/*
 * A copy of an identity whose package list excludes one more package; NULL for the identity of the
 * process, with nothing else said. An encrypted one is encrypted again. The package need not exist;
 * SEC_E_SECPKG_NOT_FOUND for what cannot be the name of one.
 */
SECURITY_STATUS SEC_ENTRY SspiExcludePackage(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity,
                                             PCWSTR pszPackageName,
                                             PSEC_WINNT_AUTH_IDENTITY_OPAQUE *ppNewAuthIdentity);

/*
 * The host that a target names (svc/host, svc/host:port, svc/host/domain, host, \\host). No name is
 * resolved. SEC_E_TARGET_UNKNOWN for what names none.
 */
SECURITY_STATUS SEC_ENTRY SspiGetTargetHostName(PCWSTR pszTargetName, PWSTR *pszHostName);

/* Options of the Ex forms of the next two. */
#define SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_LOGON   0x1
#define SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_PROCESS 0x2
#define SEC_WINNT_AUTH_IDENTITY_ENCRYPT_FOR_SYSTEM   0x4

/*
 * Encrypts the password, or packed credentials, of an identity in its place, by a key of this
 * process, and decrypts it again. Names and flags stay readable; they cannot be altered without
 * being noticed. AcquireCredentialsHandle() takes an encrypted identity. A forked child has a key
 * of its own and decrypts nothing of its parent's.
 *
 * Only what a function here has made has room for it: SEC_E_INVALID_PARAMETER for another, and for
 * what is encrypted already, or is not. SEC_E_DECRYPT_FAILURE: another process has encrypted it, or
 * it was altered. Of the options SAME_PROCESS is there, alone; SEC_E_UNSUPPORTED_FUNCTION for the
 * others, SEC_E_INVALID_PARAMETER for none and for unknown ones.
 */
SECURITY_STATUS SEC_ENTRY SspiEncryptAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData);
SECURITY_STATUS SEC_ENTRY SspiEncryptAuthIdentityEx(ULONG Options,
                                                    PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData);
SECURITY_STATUS SEC_ENTRY
SspiDecryptAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE EncryptedAuthData);
SECURITY_STATUS SEC_ENTRY
SspiDecryptAuthIdentityEx(ULONG Options, PSEC_WINNT_AUTH_IDENTITY_OPAQUE EncryptedAuthData);

/* Whether it is encrypted, by whomever; FALSE for NULL. */
BOOLEAN SEC_ENTRY SspiIsAuthIdentityEncrypted(PSEC_WINNT_AUTH_IDENTITY_OPAQUE EncryptedAuthData);

/*
 * What CredRead() and CredWrite(), which are not here, are to be given for an identity: the type
 * CRED_TYPE_DOMAIN_PASSWORD, the target, the user as DOMAIN\user, and the password as UTF-16
 * without a terminator, its size in octets. Without a target the user is it (writing only).
 *
 * SEC_E_TARGET_UNKNOWN: the target is missing or malformed; SEC_E_UNKNOWN_CREDENTIALS: no user, or
 * malformed packed credentials; SEC_E_UNSUPPORTED_FUNCTION: no password. An encrypted identity is
 * opened for writing.
 */
SECURITY_STATUS SEC_ENTRY SspiPrepareForCredRead(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity,
                                                 PCWSTR pszTargetName,
                                                 PULONG pCredmanCredentialType,
                                                 PCWSTR *ppszCredmanTargetName);
SECURITY_STATUS SEC_ENTRY SspiPrepareForCredWrite(
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity, PCWSTR pszTargetName,
    PULONG pCredmanCredentialType, PCWSTR *ppszCredmanTargetName, PCWSTR *ppszCredmanUserName,
    PUCHAR *ppCredentialBlob, PULONG pCredentialBlobSize);

/* --- Asking a person ------------------------------------------------------------------------ */

#define SSPIPFC_CREDPROV_DO_NOT_SAVE 0x00000001
#define SSPIPFC_SAVE_CRED_BY_CALLER  SSPIPFC_CREDPROV_DO_NOT_SAVE
#define SSPIPFC_NO_CHECKBOX          0x00000002
#define SSPIPFC_CREDPROV_DO_NOT_LOAD 0x00000004
#define SSPIPFC_USE_CREDUIBROKER     0x00000008
#define SSPIPFC_VALID_FLAGS          0x0000000f

/* Whether a SECURITY_STATUS, NTSTATUS, HRESULT or Win32 error is one that other credentials, or a
 * new password, may mend. */
BOOLEAN SEC_ENTRY SspiIsPromptingNeeded(ULONG ErrorOrNtStatus);

/*
 * Asks a person for a user name and a password: in the controlling terminal, or by the program's
 * sspi_prompt_callback_set() (sspi_linux.h).
 *
 * pszTargetName       whom they are for; shown
 * pUiInfo             NULL, or a CREDUI_INFO of the form of the call (wincred.h)
 * dwAuthError         0, or why the last ones did not do; a sentence on it is shown
 * pszPackage          a package's name, "Basic" or "Digest"
 * pInputAuthIdentity  NULL, or an identity whose user is suggested
 * ppAuthIdentity      the answer: SEC_WINNT_AUTH_IDENTITY_EXW, its user as it was written
 * pfSave              NULL, or in and out whether they shall be remembered. It is asked where
 *                     SSPIPFC_SAVE_CRED_BY_CALLER says that the program will; there is no store
 *                     here, so otherwise it becomes FALSE
 * dwFlags             SSPIPFC_*: CREDPROV_DO_NOT_LOAD and USE_CREDUIBROKER have no effect
 *
 * Returns a Win32 error: ERROR_SUCCESS; ERROR_CANCELLED (Ctrl-C, end of input, no user);
 * ERROR_REQUIRES_INTERACTIVE_WINDOWSTATION without a terminal; ERROR_NO_SUCH_PACKAGE;
 * ERROR_INVALID_PARAMETER; ERROR_INVALID_FLAGS; ERROR_NO_UNICODE_TRANSLATION and
 * ERROR_INSUFFICIENT_BUFFER for what was typed; or what the callback returned.
 */
ULONG SEC_ENTRY SspiPromptForCredentialsA(PCSTR pszTargetName, PVOID pUiInfo, ULONG dwAuthError,
                                          PCSTR pszPackage,
                                          PSEC_WINNT_AUTH_IDENTITY_OPAQUE pInputAuthIdentity,
                                          PSEC_WINNT_AUTH_IDENTITY_OPAQUE *ppAuthIdentity,
                                          int *pfSave, ULONG dwFlags);
ULONG SEC_ENTRY SspiPromptForCredentialsW(PCWSTR pszTargetName, PVOID pUiInfo, ULONG dwAuthError,
                                          PCWSTR pszPackage,
                                          PSEC_WINNT_AUTH_IDENTITY_OPAQUE pInputAuthIdentity,
                                          PSEC_WINNT_AUTH_IDENTITY_OPAQUE *ppAuthIdentity,
                                          int *pfSave, ULONG dwFlags);
#define SspiPromptForCredentials SSPI_AW(SspiPromptForCredentials)

SECURITY_STATUS SEC_ENTRY SspiGetCredUIContext(HANDLE ContextHandle, GUID *CredType, LUID *LogonId,
                                               PSEC_WINNT_CREDUI_CONTEXT_VECTOR *CredUIContexts,
                                               HANDLE *TokenHandle);
SECURITY_STATUS SEC_ENTRY SspiUpdateCredentials(HANDLE ContextHandle, GUID *CredType,
                                                ULONG FlatCredUIContextLength,
                                                PUCHAR FlatCredUIContext);
SECURITY_STATUS SEC_ENTRY SspiUnmarshalCredUIContext(PUCHAR MarshaledCredUIContext,
                                                     ULONG MarshaledCredUIContextLength,
                                                     PSEC_WINNT_CREDUI_CONTEXT *CredUIContext);

#ifdef __cplusplus
}
#endif

#endif
