/* SPDX-License-Identifier: MIT */
/*
 * The Security Support Provider Interface: secur32's functions, structures and constants with
 * Windows' names, values and layout. Man pages: sspi(7).
 *
 * What holds for every function:
 * - It returns a SECURITY_STATUS. Zero and SEC_I_* are success, negative is failure (SEC_E_*);
 * compare with `< 0` or FAILED(), never with zero alone.
 * - A function with an A and a W form does the same in both. A strings are UTF-8, W strings are
 * UTF-16 in machine order; the plain name is a macro that follows UNICODE.
 * - Lengths are in bytes unless a comment says characters. A pointer that may be NULL says so.
 * - What the library allocates is freed with FreeContextBuffer(), and a handle with
 * FreeCredentialsHandle() or DeleteSecurityContext(). What the caller passes is copied and may be
 * freed after the call.
 * - Calls on different handles run in parallel. On one context, one thread may seal while another
 * opens; establishing it from two threads at once is SEC_E_OUT_OF_SEQUENCE.
 */
#ifndef GSS_SSPI_SSPI_H
#define GSS_SSPI_SSPI_H

#include "windef.h"
#include "winerror.h"

/*
 * Windows' own calls that go with SSPI: programs that take windows.h for granted on Windows include
 * only this header here. Text functions only where the C library's would be wrong.
 */
#include "winbase.h"
#include "winnls.h"
#if defined(__SIZEOF_WCHAR_T__) && __SIZEOF_WCHAR_T__ == 2
#include "sspi_string.h"
#endif

/* Windows wants SECURITY_WIN32 defined first; here it is the only form there is. */
#ifndef ISSP_LEVEL
#define ISSP_LEVEL 32
#endif
#ifndef ISSP_MODE
#define ISSP_MODE 1
#endif
#define SECURITY_

#define SEC_ENTRY
#define SEC_FAR
#define __SEC_FAR
#define KSECDDDECLSPEC
#define SEC_TEXT TEXT

#ifdef __cplusplus
extern "C" {
#endif

/* --- Text, handles, time -------------------------------------------------------------------- */

typedef WCHAR SEC_WCHAR;
typedef char SEC_CHAR;

#ifdef UNICODE
typedef SEC_WCHAR *SECURITY_PSTR;
typedef const SEC_WCHAR *SECURITY_PCSTR;
#else
typedef SEC_CHAR *SECURITY_PSTR;
typedef const SEC_CHAR *SECURITY_PCSTR;
#endif

/* Lengths in bytes, as in UNICODE_STRING. */
typedef struct _SECURITY_STRING {
    unsigned short Length;
    unsigned short MaximumLength;
    unsigned short *Buffer;
} SECURITY_STRING, *PSECURITY_STRING;

/*
 * A credential or a context: two words that mean nothing to the caller. A valid handle is never all
 * zeros nor all ones. A handle that was freed, forged or is of the other kind is
 * SEC_E_INVALID_HANDLE.
 */
#ifndef __SECHANDLE_DEFINED__
#define __SECHANDLE_DEFINED__
typedef struct _SecHandle {
    ULONG_PTR dwLower;
    ULONG_PTR dwUpper;
} SecHandle, *PSecHandle;
#endif

typedef SecHandle CredHandle, *PCredHandle;
typedef SecHandle CtxtHandle, *PCtxtHandle;

/* Marks a variable as holding no handle, and asks for the mark. The semicolon is Windows' own. */
#define SecInvalidateHandle(handle)                                                                \
    ((PSecHandle)(handle))->dwLower = ((PSecHandle)(handle))->dwUpper = (ULONG_PTR)(INT_PTR)-1;
#define SecIsValidHandle(handle)                                                                   \
    (((PSecHandle)(handle))->dwLower != (ULONG_PTR)(INT_PTR)-1 &&                                  \
     ((PSecHandle)(handle))->dwUpper != (ULONG_PTR)(INT_PTR)-1)
#define SEC_DELETED_HANDLE ((ULONG_PTR)-2)

#define SEC_SUCCESS(Status) ((Status) >= 0) /* in the letters of programs that have their own */

/* 100 ns units since 1601-01-01, in local time as Windows gives it. LowPart and HighPart, or
 * QuadPart. */
typedef LARGE_INTEGER _SECURITY_INTEGER, SECURITY_INTEGER, *PSECURITY_INTEGER;
typedef SECURITY_INTEGER TimeStamp, *PTimeStamp;

/* --- Packages ------------------------------------------------------------------------------- */

typedef struct _SecPkgInfoA {
    ULONG fCapabilities;     /* SECPKG_FLAG_* */
    unsigned short wVersion; /* 1 */
    unsigned short wRPCID;   /* RPC_C_AUTHN_*, or SECPKG_ID_NONE */
    ULONG cbMaxToken;        /* the largest token the package makes, in bytes */
    SEC_CHAR *Name;
    SEC_CHAR *Comment;
} SecPkgInfoA, *PSecPkgInfoA;

typedef struct _SecPkgInfoW {
    ULONG fCapabilities;
    unsigned short wVersion;
    unsigned short wRPCID;
    ULONG cbMaxToken;
    SEC_WCHAR *Name;
    SEC_WCHAR *Comment;
} SecPkgInfoW, *PSecPkgInfoW;

#define SecPkgInfo  SSPI_AW(SecPkgInfo)
#define PSecPkgInfo SSPI_AW(PSecPkgInfo)

#define SECPKG_ID_NONE 0xFFFF

/* What a package can do. */
#define SECPKG_FLAG_INTEGRITY                    0x00000001
#define SECPKG_FLAG_PRIVACY                      0x00000002
#define SECPKG_FLAG_TOKEN_ONLY                   0x00000004
#define SECPKG_FLAG_DATAGRAM                     0x00000008
#define SECPKG_FLAG_CONNECTION                   0x00000010
#define SECPKG_FLAG_MULTI_REQUIRED               0x00000020
#define SECPKG_FLAG_CLIENT_ONLY                  0x00000040
#define SECPKG_FLAG_EXTENDED_ERROR               0x00000080
#define SECPKG_FLAG_IMPERSONATION                0x00000100
#define SECPKG_FLAG_ACCEPT_WIN32_NAME            0x00000200
#define SECPKG_FLAG_STREAM                       0x00000400
#define SECPKG_FLAG_NEGOTIABLE                   0x00000800
#define SECPKG_FLAG_GSS_COMPATIBLE               0x00001000
#define SECPKG_FLAG_LOGON                        0x00002000
#define SECPKG_FLAG_ASCII_BUFFERS                0x00004000
#define SECPKG_FLAG_FRAGMENT                     0x00008000
#define SECPKG_FLAG_MUTUAL_AUTH                  0x00010000
#define SECPKG_FLAG_DELEGATION                   0x00020000
#define SECPKG_FLAG_READONLY_WITH_CHECKSUM       0x00040000
#define SECPKG_FLAG_RESTRICTED_TOKENS            0x00080000
#define SECPKG_FLAG_NEGO_EXTENDER                0x00100000
#define SECPKG_FLAG_NEGOTIABLE2                  0x00200000
#define SECPKG_FLAG_APPCONTAINER_PASSTHROUGH     0x00400000
#define SECPKG_FLAG_APPCONTAINER_CHECKS          0x00800000
#define SECPKG_FLAG_CREDENTIAL_ISOLATION_ENABLED 0x01000000
#define SECPKG_FLAG_APPLY_LOOPBACK               0x02000000

#define SECPKG_CALLFLAGS_APPCONTAINER             0x00000001
#define SECPKG_CALLFLAGS_APPCONTAINER_AUTHCAPABLE 0x00000002
#define SECPKG_CALLFLAGS_FORCE_SUPPLIED           0x00000004
#define SECPKG_CALLFLAGS_APPCONTAINER_UPNCAPABLE  0x00000008

/* --- Buffers -------------------------------------------------------------------------------- */

typedef struct _SecBuffer {
    ULONG cbBuffer;   /* bytes at pvBuffer; a function writes back what it used */
    ULONG BufferType; /* SECBUFFER_*, with attribute bits above */
    void *pvBuffer;
} SecBuffer, *PSecBuffer;

typedef struct _SecBufferDesc {
    ULONG ulVersion; /* SECBUFFER_VERSION */
    ULONG cBuffers;
    PSecBuffer pBuffers;
} SecBufferDesc, *PSecBufferDesc;

#define SECBUFFER_VERSION 0

#define SECBUFFER_EMPTY                           0 /* a place the function may fill */
#define SECBUFFER_DATA                            1
#define SECBUFFER_TOKEN                           2
#define SECBUFFER_PKG_PARAMS                      3
#define SECBUFFER_MISSING                         4 /* cbBuffer: how many bytes more are needed */
#define SECBUFFER_EXTRA                           5 /* cbBuffer: how many bytes at the end were not used */
#define SECBUFFER_STREAM_TRAILER                  6
#define SECBUFFER_STREAM_HEADER                   7
#define SECBUFFER_NEGOTIATION_INFO                8
#define SECBUFFER_PADDING                         9
#define SECBUFFER_STREAM                          10 /* a whole message as it came from the wire */
#define SECBUFFER_MECHLIST                        11
#define SECBUFFER_MECHLIST_SIGNATURE              12
#define SECBUFFER_TARGET                          13
#define SECBUFFER_CHANNEL_BINDINGS                14 /* SEC_CHANNEL_BINDINGS */
#define SECBUFFER_CHANGE_PASS_RESPONSE            15
#define SECBUFFER_TARGET_HOST                     16
#define SECBUFFER_ALERT                           17
#define SECBUFFER_APPLICATION_PROTOCOLS           18
#define SECBUFFER_SRTP_PROTECTION_PROFILES        19
#define SECBUFFER_SRTP_MASTER_KEY_IDENTIFIER      20
#define SECBUFFER_TOKEN_BINDING                   21
#define SECBUFFER_PRESHARED_KEY                   22
#define SECBUFFER_PRESHARED_KEY_IDENTITY          23
#define SECBUFFER_DTLS_MTU                        24
#define SECBUFFER_SEND_GENERIC_TLS_EXTENSION      25
#define SECBUFFER_SUBSCRIBE_GENERIC_TLS_EXTENSION 26
#define SECBUFFER_FLAGS                           27 /* SEC_FLAGS: request flags beyond 32 bits */
#define SECBUFFER_TRAFFIC_SECRETS                 28
#define SECBUFFER_CERTIFICATE_REQUEST_CONTEXT     29
#define SECBUFFER_CHANNEL_BINDINGS_RESULT         30
#define SECBUFFER_APP_SESSION_STATE               31
#define SECBUFFER_SESSION_TICKET                  32

#define SECBUFFER_ATTRMASK               0xF0000000
#define SECBUFFER_READONLY               0x80000000 /* neither written nor protected */
#define SECBUFFER_READONLY_WITH_CHECKSUM 0x10000000 /* signed, not sealed */
#define SECBUFFER_RESERVED               0x60000000

/* --- What particular buffers hold ----------------------------------------------------------- */

typedef struct _SEC_NEGOTIATION_INFO {
    ULONG Size;
    ULONG NameLength;
    SEC_WCHAR *Name;
    void *Reserved;
} SEC_NEGOTIATION_INFO, *PSEC_NEGOTIATION_INFO;

/* Offsets count from the start of this structure, and the data must lie inside the buffer. */
typedef struct _SEC_CHANNEL_BINDINGS {
    ULONG dwInitiatorAddrType;
    ULONG cbInitiatorLength;
    ULONG dwInitiatorOffset;
    ULONG dwAcceptorAddrType;
    ULONG cbAcceptorLength;
    ULONG dwAcceptorOffset;
    ULONG cbApplicationDataLength;
    ULONG dwApplicationDataOffset;
} SEC_CHANNEL_BINDINGS, *PSEC_CHANNEL_BINDINGS;

#define SEC_CHANNEL_BINDINGS_EX_MAGIC 0x58454243

typedef struct _SEC_CHANNEL_BINDINGS_EX {
    ULONG magicNumber; /* SEC_CHANNEL_BINDINGS_EX_MAGIC */
    ULONG flags;       /* SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS */
    ULONG cbHeaderLength;
    ULONG cbStructureLength;
    ULONG dwInitiatorAddrType;
    ULONG cbInitiatorLength;
    ULONG dwInitiatorOffset;
    ULONG dwAcceptorAddrType;
    ULONG cbAcceptorLength;
    ULONG dwAcceptorOffset;
    ULONG cbApplicationDataLength;
    ULONG dwApplicationDataOffset;
} SEC_CHANNEL_BINDINGS_EX, *PSEC_CHANNEL_BINDINGS_EX;

#define SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS 0x1
#define SEC_CHANNEL_BINDINGS_VALID_FLAGS    SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS

typedef struct _SEC_CHANNEL_BINDINGS_RESULT {
    ULONG flags; /* SEC_CHANNEL_BINDINGS_RESULT_* */
} SEC_CHANNEL_BINDINGS_RESULT, *PSEC_CHANNEL_BINDINGS_RESULT;

#define SEC_CHANNEL_BINDINGS_RESULT_CLIENT_SUPPORT    0x01
#define SEC_CHANNEL_BINDINGS_RESULT_ABSENT            0x02
#define SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISMATCH 0x04
#define SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISSING  0x08
#define SEC_CHANNEL_BINDINGS_RESULT_VALID_MATCHED     0x10
#define SEC_CHANNEL_BINDINGS_RESULT_VALID_PROXY       0x20
#define SEC_CHANNEL_BINDINGS_RESULT_VALID_MISSING     0x40
#define SEC_CHANNEL_BINDINGS_RESULT_VALID             0x70
#define SEC_CHANNEL_BINDINGS_RESULT_NOTVALID          0x0C

typedef enum _SEC_APPLICATION_PROTOCOL_NEGOTIATION_EXT {
    SecApplicationProtocolNegotiationExt_None,
    SecApplicationProtocolNegotiationExt_NPN,
    SecApplicationProtocolNegotiationExt_ALPN
} SEC_APPLICATION_PROTOCOL_NEGOTIATION_EXT,
    *PSEC_APPLICATION_PROTOCOL_NEGOTIATION_EXT;

/* ProtocolList is a sequence of length octets, each followed by that many octets of a name. */
typedef struct _SEC_APPLICATION_PROTOCOL_LIST {
    SEC_APPLICATION_PROTOCOL_NEGOTIATION_EXT ProtoNegoExt;
    unsigned short ProtocolListSize;
    unsigned char ProtocolList[1];
} SEC_APPLICATION_PROTOCOL_LIST, *PSEC_APPLICATION_PROTOCOL_LIST;

typedef struct _SEC_APPLICATION_PROTOCOLS {
    ULONG ProtocolListsSize;
    SEC_APPLICATION_PROTOCOL_LIST ProtocolLists[1];
} SEC_APPLICATION_PROTOCOLS, *PSEC_APPLICATION_PROTOCOLS;

typedef struct _SEC_SRTP_PROTECTION_PROFILES {
    unsigned short ProfilesSize;
    unsigned short ProfilesList[1];
} SEC_SRTP_PROTECTION_PROFILES, *PSEC_SRTP_PROTECTION_PROFILES;

typedef struct _SEC_SRTP_MASTER_KEY_IDENTIFIER {
    unsigned char MasterKeyIdentifierSize;
    unsigned char MasterKeyIdentifier[1];
} SEC_SRTP_MASTER_KEY_IDENTIFIER, *PSEC_SRTP_MASTER_KEY_IDENTIFIER;

typedef struct _SEC_TOKEN_BINDING {
    unsigned char MajorVersion;
    unsigned char MinorVersion;
    unsigned short KeyParametersSize;
    unsigned char KeyParameters[1];
} SEC_TOKEN_BINDING, *PSEC_TOKEN_BINDING;

typedef struct _SEC_PRESHAREDKEY {
    unsigned short KeySize;
    unsigned char Key[1];
} SEC_PRESHAREDKEY, *PSEC_PRESHAREDKEY;

typedef struct _SEC_PRESHAREDKEY_IDENTITY {
    unsigned short KeyIdentitySize;
    unsigned char KeyIdentity[1];
} SEC_PRESHAREDKEY_IDENTITY, *PSEC_PRESHAREDKEY_IDENTITY;

typedef struct _SEC_DTLS_MTU {
    unsigned short PathMTU; /* bytes */
} SEC_DTLS_MTU, *PSEC_DTLS_MTU;

typedef struct _SEC_FLAGS {
    unsigned long long Flags;
} SEC_FLAGS, *PSEC_FLAGS;

typedef struct _SEC_CERTIFICATE_REQUEST_CONTEXT {
    unsigned char cbCertificateRequestContext;
    unsigned char rgCertificateRequestContext[1];
} SEC_CERTIFICATE_REQUEST_CONTEXT, *PSEC_CERTIFICATE_REQUEST_CONTEXT;

typedef struct _SEC_APP_SESSION_STATE {
    unsigned short AppSessionStateSize;
    unsigned char AppSessionState[1];
} SEC_APP_SESSION_STATE, *PSEC_APP_SESSION_STATE;

typedef struct _SEC_SESSION_TICKET {
    unsigned short SessionTicketSize;
    unsigned char SessionTicket[1];
} SEC_SESSION_TICKET, *PSEC_SESSION_TICKET;

typedef enum _SEC_TRAFFIC_SECRET_TYPE {
    SecTrafficSecret_None,
    SecTrafficSecret_Client,
    SecTrafficSecret_Server
} SEC_TRAFFIC_SECRET_TYPE,
    *PSEC_TRAFFIC_SECRET_TYPE;

#define SZ_ALG_MAX_SIZE 64 /* characters */

typedef struct _SEC_TRAFFIC_SECRETS {
    WCHAR SymmetricAlgId[SZ_ALG_MAX_SIZE];
    WCHAR ChainingMode[SZ_ALG_MAX_SIZE];
    WCHAR HashAlgId[SZ_ALG_MAX_SIZE];
    unsigned short KeySize;
    unsigned short IvSize;
    unsigned short MsgSequenceStart;
    unsigned short MsgSequenceEnd;
    SEC_TRAFFIC_SECRET_TYPE TrafficSecretType;
    unsigned short TrafficSecretSize;
    unsigned char TrafficSecret[1];
} SEC_TRAFFIC_SECRETS, *PSEC_TRAFFIC_SECRETS;

/* --- Arguments ------------------------------------------------------------------------------ */

/* TargetDataRep: nothing the packages here send depends on it. */
#define SECURITY_NATIVE_DREP  0x00000010
#define SECURITY_NETWORK_DREP 0x00000000

/* fCredentialUse */
#define SECPKG_CRED_INBOUND                0x00000001
#define SECPKG_CRED_OUTBOUND               0x00000002
#define SECPKG_CRED_BOTH                   0x00000003
#define SECPKG_CRED_DEFAULT                0x00000004
#define SECPKG_CRED_AUTOLOGON_RESTRICTED   0x00000010
#define SECPKG_CRED_PROCESS_POLICY_ONLY    0x00000020
#define SECPKG_CRED_KERB_ANCHOR_DS_VERSION 0x00000040
#define SECPKG_CRED_RESERVED               0xF0000000

/*
 * What InitializeSecurityContext() is asked (REQ) and what it granted (RET). The values of
 * AcceptSecurityContext() differ from EXTENDED_ERROR on. Those beyond 32 bits go in a
 * SECBUFFER_FLAGS.
 */
#define ISC_REQ_DELEGATE                 0x00000001
#define ISC_REQ_MUTUAL_AUTH              0x00000002
#define ISC_REQ_REPLAY_DETECT            0x00000004
#define ISC_REQ_SEQUENCE_DETECT          0x00000008
#define ISC_REQ_CONFIDENTIALITY          0x00000010
#define ISC_REQ_USE_SESSION_KEY          0x00000020
#define ISC_REQ_PROMPT_FOR_CREDS         0x00000040
#define ISC_REQ_USE_SUPPLIED_CREDS       0x00000080
#define ISC_REQ_ALLOCATE_MEMORY          0x00000100
#define ISC_REQ_USE_DCE_STYLE            0x00000200
#define ISC_REQ_DATAGRAM                 0x00000400
#define ISC_REQ_CONNECTION               0x00000800
#define ISC_REQ_CALL_LEVEL               0x00001000
#define ISC_REQ_FRAGMENT_SUPPLIED        0x00002000
#define ISC_REQ_EXTENDED_ERROR           0x00004000
#define ISC_REQ_STREAM                   0x00008000
#define ISC_REQ_INTEGRITY                0x00010000
#define ISC_REQ_IDENTIFY                 0x00020000
#define ISC_REQ_NULL_SESSION             0x00040000
#define ISC_REQ_MANUAL_CRED_VALIDATION   0x00080000
#define ISC_REQ_RESERVED1                0x00100000
#define ISC_REQ_FRAGMENT_TO_FIT          0x00200000
#define ISC_REQ_FORWARD_CREDENTIALS      0x00400000
#define ISC_REQ_NO_INTEGRITY             0x00800000
#define ISC_REQ_USE_HTTP_STYLE           0x01000000
#define ISC_REQ_UNVERIFIED_TARGET_NAME   0x20000000
#define ISC_REQ_CONFIDENTIALITY_ONLY     0x40000000
#define ISC_REQ_MESSAGES                 0x0000000100000000
#define ISC_REQ_DEFERRED_CRED_VALIDATION 0x0000000200000000
#define ISC_REQ_NO_POST_HANDSHAKE_AUTH   0x0000000400000000
#define ISC_REQ_REUSE_SESSION_TICKETS    0x0000000800000000
#define ISC_REQ_EXPLICIT_SESSION         0x0000001000000000

#define ISC_RET_DELEGATE                 0x00000001
#define ISC_RET_MUTUAL_AUTH              0x00000002
#define ISC_RET_REPLAY_DETECT            0x00000004
#define ISC_RET_SEQUENCE_DETECT          0x00000008
#define ISC_RET_CONFIDENTIALITY          0x00000010
#define ISC_RET_USE_SESSION_KEY          0x00000020
#define ISC_RET_USED_COLLECTED_CREDS     0x00000040
#define ISC_RET_USED_SUPPLIED_CREDS      0x00000080
#define ISC_RET_ALLOCATED_MEMORY         0x00000100
#define ISC_RET_USED_DCE_STYLE           0x00000200
#define ISC_RET_DATAGRAM                 0x00000400
#define ISC_RET_CONNECTION               0x00000800
#define ISC_RET_INTERMEDIATE_RETURN      0x00001000
#define ISC_RET_CALL_LEVEL               0x00002000
#define ISC_RET_EXTENDED_ERROR           0x00004000
#define ISC_RET_STREAM                   0x00008000
#define ISC_RET_INTEGRITY                0x00010000
#define ISC_RET_IDENTIFY                 0x00020000
#define ISC_RET_NULL_SESSION             0x00040000
#define ISC_RET_MANUAL_CRED_VALIDATION   0x00080000
#define ISC_RET_RESERVED1                0x00100000
#define ISC_RET_FRAGMENT_ONLY            0x00200000
#define ISC_RET_FORWARD_CREDENTIALS      0x00400000
#define ISC_RET_USED_HTTP_STYLE          0x01000000
#define ISC_RET_NO_ADDITIONAL_TOKEN      0x02000000
#define ISC_RET_REAUTHENTICATION         0x08000000
#define ISC_RET_CONFIDENTIALITY_ONLY     0x40000000
#define ISC_RET_MESSAGES                 0x0000000100000000
#define ISC_RET_DEFERRED_CRED_VALIDATION 0x0000000200000000
#define ISC_RET_NO_POST_HANDSHAKE_AUTH   0x0000000400000000
#define ISC_RET_REUSE_SESSION_TICKETS    0x0000000800000000
#define ISC_RET_EXPLICIT_SESSION         0x0000001000000000

#define ASC_REQ_DELEGATE               0x00000001
#define ASC_REQ_MUTUAL_AUTH            0x00000002
#define ASC_REQ_REPLAY_DETECT          0x00000004
#define ASC_REQ_SEQUENCE_DETECT        0x00000008
#define ASC_REQ_CONFIDENTIALITY        0x00000010
#define ASC_REQ_USE_SESSION_KEY        0x00000020
#define ASC_REQ_SESSION_TICKET         0x00000040
#define ASC_REQ_ALLOCATE_MEMORY        0x00000100
#define ASC_REQ_USE_DCE_STYLE          0x00000200
#define ASC_REQ_DATAGRAM               0x00000400
#define ASC_REQ_CONNECTION             0x00000800
#define ASC_REQ_CALL_LEVEL             0x00001000
#define ASC_REQ_FRAGMENT_SUPPLIED      0x00002000
#define ASC_REQ_EXTENDED_ERROR         0x00008000
#define ASC_REQ_STREAM                 0x00010000
#define ASC_REQ_INTEGRITY              0x00020000
#define ASC_REQ_LICENSING              0x00040000
#define ASC_REQ_IDENTIFY               0x00080000
#define ASC_REQ_ALLOW_NULL_SESSION     0x00100000
#define ASC_REQ_ALLOW_NON_USER_LOGONS  0x00200000
#define ASC_REQ_ALLOW_CONTEXT_REPLAY   0x00400000
#define ASC_REQ_FRAGMENT_TO_FIT        0x00800000
#define ASC_REQ_NO_TOKEN               0x01000000
#define ASC_REQ_PROXY_BINDINGS         0x04000000
#define ASC_REQ_ALLOW_MISSING_BINDINGS 0x10000000
#define ASC_REQ_MESSAGES               0x0000000100000000
#define ASC_REQ_REUSE_SESSION_TICKETS  0x0000000800000000
#define ASC_REQ_EXPLICIT_SESSION       0x0000001000000000

#define ASC_RET_DELEGATE              0x00000001
#define ASC_RET_MUTUAL_AUTH           0x00000002
#define ASC_RET_REPLAY_DETECT         0x00000004
#define ASC_RET_SEQUENCE_DETECT       0x00000008
#define ASC_RET_CONFIDENTIALITY       0x00000010
#define ASC_RET_USE_SESSION_KEY       0x00000020
#define ASC_RET_SESSION_TICKET        0x00000040
#define ASC_RET_ALLOCATED_MEMORY      0x00000100
#define ASC_RET_USED_DCE_STYLE        0x00000200
#define ASC_RET_DATAGRAM              0x00000400
#define ASC_RET_CONNECTION            0x00000800
#define ASC_RET_CALL_LEVEL            0x00002000
#define ASC_RET_THIRD_LEG_FAILED      0x00004000
#define ASC_RET_EXTENDED_ERROR        0x00008000
#define ASC_RET_STREAM                0x00010000
#define ASC_RET_INTEGRITY             0x00020000
#define ASC_RET_LICENSING             0x00040000
#define ASC_RET_IDENTIFY              0x00080000
#define ASC_RET_NULL_SESSION          0x00100000
#define ASC_RET_ALLOW_NON_USER_LOGONS 0x00200000
#define ASC_RET_ALLOW_CONTEXT_REPLAY  0x00400000
#define ASC_RET_FRAGMENT_ONLY         0x00800000
#define ASC_RET_NO_TOKEN              0x01000000
#define ASC_RET_NO_ADDITIONAL_TOKEN   0x02000000
#define ASC_RET_MESSAGES              0x0000000100000000
#define ASC_RET_REUSE_SESSION_TICKETS 0x0000000800000000
#define ASC_RET_EXPLICIT_SESSION      0x0000001000000000

/* fQOP of EncryptMessage(): sign but do not seal; and a message outside the sequence. */
#define SECQOP_WRAP_NO_ENCRYPT 0x80000001
#define SECQOP_WRAP_OOB_DATA   0x40000000

/* fFlags of ExportSecurityContext() */
#define SECPKG_CONTEXT_EXPORT_RESET_NEW  0x00000001
#define SECPKG_CONTEXT_EXPORT_DELETE_OLD 0x00000002
#define SECPKG_CONTEXT_EXPORT_TO_KERNEL  0x00000004

/* --- Packages: functions -------------------------------------------------------------------- */

/*
 * Lists the packages there are, whether or not credentials for them are.
 * *pcPackages is their number and *ppPackageInfo one block with the array and its strings, to be
 * freed with one FreeContextBuffer(). A package whose mechanism is not installed is left out.
 */
SECURITY_STATUS SEC_ENTRY EnumerateSecurityPackagesA(ULONG *pcPackages,
                                                     PSecPkgInfoA *ppPackageInfo);
SECURITY_STATUS SEC_ENTRY EnumerateSecurityPackagesW(ULONG *pcPackages,
                                                     PSecPkgInfoW *ppPackageInfo);
#define EnumerateSecurityPackages SSPI_AW(EnumerateSecurityPackages)

typedef SECURITY_STATUS(SEC_ENTRY *ENUMERATE_SECURITY_PACKAGES_FN_A)(ULONG *, PSecPkgInfoA *);
typedef SECURITY_STATUS(SEC_ENTRY *ENUMERATE_SECURITY_PACKAGES_FN_W)(ULONG *, PSecPkgInfoW *);
#define ENUMERATE_SECURITY_PACKAGES_FN SSPI_UAW(ENUMERATE_SECURITY_PACKAGES_FN)

/*
 * Describes one package. Names match without regard to case: "Kerberos", "NTLM", "Negotiate".
 * *ppPackageInfo is one block to be freed with FreeContextBuffer().
 * SEC_E_SECPKG_NOT_FOUND: there is no such package.
 */
SECURITY_STATUS SEC_ENTRY QuerySecurityPackageInfoA(SEC_CHAR *pszPackageName,
                                                    PSecPkgInfoA *ppPackageInfo);
SECURITY_STATUS SEC_ENTRY QuerySecurityPackageInfoW(SEC_WCHAR *pszPackageName,
                                                    PSecPkgInfoW *ppPackageInfo);
#define QuerySecurityPackageInfo SSPI_AW(QuerySecurityPackageInfo)

typedef SECURITY_STATUS(SEC_ENTRY *QUERY_SECURITY_PACKAGE_INFO_FN_A)(SEC_CHAR *, PSecPkgInfoA *);
typedef SECURITY_STATUS(SEC_ENTRY *QUERY_SECURITY_PACKAGE_INFO_FN_W)(SEC_WCHAR *, PSecPkgInfoW *);
#define QUERY_SECURITY_PACKAGE_INFO_FN SSPI_UAW(QUERY_SECURITY_PACKAGE_INFO_FN)

/*
 * Frees what a function here allocated: one pointer, one call. NULL is allowed. A pointer that the
 * library did not give is a bug that nothing here can catch.
 */
SECURITY_STATUS SEC_ENTRY FreeContextBuffer(void *pvContextBuffer);

typedef SECURITY_STATUS(SEC_ENTRY *FREE_CONTEXT_BUFFER_FN)(void *);

/* --- Credentials: functions ----------------------------------------------------------------- */

/* Windows lets a package ask the caller for keys by this; no package here does. */
typedef void(SEC_ENTRY *SEC_GET_KEY_FN)(void *Arg, void *Principal, ULONG KeyVer, void **Key,
                                        SECURITY_STATUS *pStatus);

/*
 * Gives a handle to credentials of a package, to start contexts with.
 *
 * - pszPrincipal: whose credentials, or NULL for the default ones.
 * - pszPackage: the package's name, in any case.
 * - fCredentialUse: SECPKG_CRED_INBOUND to accept, OUTBOUND to initiate, or BOTH.
 * - pvLogonId: NULL or a LUID of zeros, which are the caller's own logon session.
 * - pAuthData: NULL for what the process has (credential cache, keytab, NTLM user file; on a thread
 *   that impersonates, the client's delegated credentials), or an identity: any
 *   SEC_WINNT_AUTH_IDENTITY structure, recognised by its Version and Flags in both forms of the
 *   call. An identity given is the one used, or the call fails. Negotiate also takes the identity
 *   in a CREDSSP_CRED; Schannel and CredSSP have structures of their own.
 * - pGetKeyFn, pvGetKeyArgument: not called.
 * - phCredential: the handle; free it with FreeCredentialsHandle().
 * - ptsExpiry: when the credentials end, in local time; may be NULL.
 *
 * Nothing is sent: a password is tried by the first InitializeSecurityContext().
 * SEC_E_SECPKG_NOT_FOUND: no such package. SEC_E_NO_CREDENTIALS: none of that kind.
 * SEC_E_UNKNOWN_CREDENTIALS: pAuthData is malformed. SEC_E_NOT_OWNER: pvLogonId is another's.
 */
SECURITY_STATUS SEC_ENTRY AcquireCredentialsHandleA(SEC_CHAR *pszPrincipal, SEC_CHAR *pszPackage,
                                                    ULONG fCredentialUse, void *pvLogonId,
                                                    void *pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                                                    void *pvGetKeyArgument,
                                                    PCredHandle phCredential, PTimeStamp ptsExpiry);
SECURITY_STATUS SEC_ENTRY AcquireCredentialsHandleW(SEC_WCHAR *pszPrincipal, SEC_WCHAR *pszPackage,
                                                    ULONG fCredentialUse, void *pvLogonId,
                                                    void *pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                                                    void *pvGetKeyArgument,
                                                    PCredHandle phCredential, PTimeStamp ptsExpiry);
#define AcquireCredentialsHandle SSPI_AW(AcquireCredentialsHandle)

typedef SECURITY_STATUS(SEC_ENTRY *ACQUIRE_CREDENTIALS_HANDLE_FN_A)(SEC_CHAR *, SEC_CHAR *, ULONG,
                                                                    void *, void *, SEC_GET_KEY_FN,
                                                                    void *, PCredHandle,
                                                                    PTimeStamp);
typedef SECURITY_STATUS(SEC_ENTRY *ACQUIRE_CREDENTIALS_HANDLE_FN_W)(SEC_WCHAR *, SEC_WCHAR *, ULONG,
                                                                    void *, void *, SEC_GET_KEY_FN,
                                                                    void *, PCredHandle,
                                                                    PTimeStamp);
#define ACQUIRE_CREDENTIALS_HANDLE_FN SSPI_UAW(ACQUIRE_CREDENTIALS_HANDLE_FN)

/* Adds credentials to a handle: the arguments are those of AcquireCredentialsHandle(). */
SECURITY_STATUS SEC_ENTRY AddCredentialsA(PCredHandle hCredentials, SEC_CHAR *pszPrincipal,
                                          SEC_CHAR *pszPackage, ULONG fCredentialUse,
                                          void *pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                                          void *pvGetKeyArgument, PTimeStamp ptsExpiry);
SECURITY_STATUS SEC_ENTRY AddCredentialsW(PCredHandle hCredentials, SEC_WCHAR *pszPrincipal,
                                          SEC_WCHAR *pszPackage, ULONG fCredentialUse,
                                          void *pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                                          void *pvGetKeyArgument, PTimeStamp ptsExpiry);
#define AddCredentials SSPI_AW(AddCredentials)

typedef SECURITY_STATUS(SEC_ENTRY *ADD_CREDENTIALS_FN_A)(PCredHandle, SEC_CHAR *, SEC_CHAR *, ULONG,
                                                         void *, SEC_GET_KEY_FN, void *,
                                                         PTimeStamp);
typedef SECURITY_STATUS(SEC_ENTRY *ADD_CREDENTIALS_FN_W)(PCredHandle, SEC_WCHAR *, SEC_WCHAR *,
                                                         ULONG, void *, SEC_GET_KEY_FN, void *,
                                                         PTimeStamp);
#define ADD_CREDENTIALS_FN SSPI_UAW(ADD_CREDENTIALS_FN)

/*
 * Gives up credentials; their secrets are wiped with the last context that uses them. The handle is
 * invalid afterwards. SEC_E_INVALID_HANDLE: it was before.
 */
SECURITY_STATUS SEC_ENTRY FreeCredentialsHandle(PCredHandle phCredential);

typedef SECURITY_STATUS(SEC_ENTRY *FREE_CREDENTIALS_HANDLE_FN)(PCredHandle);

/* The older spelling: of the function, and of its member in the function tables. */
#define FreeCredentialHandle FreeCredentialsHandle

/*
 * Answers a SECPKG_CRED_ATTR_*: pBuffer is the structure that belongs to it. The Ex form takes its
 * size in bytes too and gives SEC_E_BUFFER_TOO_SMALL when it is too small.
 * SEC_E_UNSUPPORTED_FUNCTION: the package has no such attribute, and the buffer is untouched.
 */
SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesA(PCredHandle phCredential, ULONG ulAttribute,
                                                      void *pBuffer);
SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesW(PCredHandle phCredential, ULONG ulAttribute,
                                                      void *pBuffer);
#define QueryCredentialsAttributes SSPI_AW(QueryCredentialsAttributes)

typedef SECURITY_STATUS(SEC_ENTRY *QUERY_CREDENTIALS_ATTRIBUTES_FN_A)(PCredHandle, ULONG, void *);
typedef SECURITY_STATUS(SEC_ENTRY *QUERY_CREDENTIALS_ATTRIBUTES_FN_W)(PCredHandle, ULONG, void *);
#define QUERY_CREDENTIALS_ATTRIBUTES_FN SSPI_UAW(QUERY_CREDENTIALS_ATTRIBUTES_FN)

SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesExA(PCredHandle phCredential, ULONG ulAttribute,
                                                        void *pBuffer, ULONG cbBuffer);
SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesExW(PCredHandle phCredential, ULONG ulAttribute,
                                                        void *pBuffer, ULONG cbBuffer);
#define QueryCredentialsAttributesEx SSPI_AW(QueryCredentialsAttributesEx)

typedef SECURITY_STATUS(SEC_ENTRY *QUERY_CREDENTIALS_ATTRIBUTES_EX_FN_A)(PCredHandle, ULONG, void *,
                                                                         ULONG);
typedef SECURITY_STATUS(SEC_ENTRY *QUERY_CREDENTIALS_ATTRIBUTES_EX_FN_W)(PCredHandle, ULONG, void *,
                                                                         ULONG);
#define QUERY_CREDENTIALS_ATTRIBUTES_EX_FN SSPI_UAW(QUERY_CREDENTIALS_ATTRIBUTES_EX_FN)

/* Sets a SECPKG_CRED_ATTR_*; cbBuffer is the size of the structure and what follows it. */
SECURITY_STATUS SEC_ENTRY SetCredentialsAttributesA(PCredHandle phCredential, ULONG ulAttribute,
                                                    void *pBuffer, ULONG cbBuffer);
SECURITY_STATUS SEC_ENTRY SetCredentialsAttributesW(PCredHandle phCredential, ULONG ulAttribute,
                                                    void *pBuffer, ULONG cbBuffer);
#define SetCredentialsAttributes SSPI_AW(SetCredentialsAttributes)

typedef SECURITY_STATUS(SEC_ENTRY *SET_CREDENTIALS_ATTRIBUTES_FN_A)(PCredHandle, ULONG, void *,
                                                                    ULONG);
typedef SECURITY_STATUS(SEC_ENTRY *SET_CREDENTIALS_ATTRIBUTES_FN_W)(PCredHandle, ULONG, void *,
                                                                    ULONG);
#define SET_CREDENTIALS_ATTRIBUTES_FN SSPI_UAW(SET_CREDENTIALS_ATTRIBUTES_FN)

/*
 * Changes a password at the server that keeps it (Kerberos: the realm's password service).
 *
 * pszPackageName   "Kerberos" or "Negotiate"
 * pszDomainName    the realm; NULL when the account name has one
 * bImpersonating, dwReserved   FALSE and 0
 * pOutput          may be NULL; a SECBUFFER_CHANGE_PASS_RESPONSE in it takes the server's answer
 */
SECURITY_STATUS SEC_ENTRY ChangeAccountPasswordA(SEC_CHAR *pszPackageName, SEC_CHAR *pszDomainName,
                                                 SEC_CHAR *pszAccountName, SEC_CHAR *pszOldPassword,
                                                 SEC_CHAR *pszNewPassword, BOOLEAN bImpersonating,
                                                 ULONG dwReserved, PSecBufferDesc pOutput);
SECURITY_STATUS SEC_ENTRY ChangeAccountPasswordW(SEC_WCHAR *pszPackageName,
                                                 SEC_WCHAR *pszDomainName,
                                                 SEC_WCHAR *pszAccountName,
                                                 SEC_WCHAR *pszOldPassword,
                                                 SEC_WCHAR *pszNewPassword, BOOLEAN bImpersonating,
                                                 ULONG dwReserved, PSecBufferDesc pOutput);
#define ChangeAccountPassword SSPI_AW(ChangeAccountPassword)

typedef SECURITY_STATUS(SEC_ENTRY *CHANGE_PASSWORD_FN_A)(SEC_CHAR *, SEC_CHAR *, SEC_CHAR *,
                                                         SEC_CHAR *, SEC_CHAR *, BOOLEAN, ULONG,
                                                         PSecBufferDesc);
typedef SECURITY_STATUS(SEC_ENTRY *CHANGE_PASSWORD_FN_W)(SEC_WCHAR *, SEC_WCHAR *, SEC_WCHAR *,
                                                         SEC_WCHAR *, SEC_WCHAR *, BOOLEAN, ULONG,
                                                         PSecBufferDesc);
#define CHANGE_PASSWORD_FN SSPI_UAW(CHANGE_PASSWORD_FN)

/* --- Contexts: functions -------------------------------------------------------------------- */

/*
 * One leg of the client's side: takes the peer's token and gives the next one. Call it until it is
 * SEC_E_OK; send whatever token there is in any case, also after a failure under
 * ISC_REQ_EXTENDED_ERROR.
 *
 * phCredential     outbound credentials; may be NULL on later legs
 * phContext        NULL on the first leg, then the context; the same variable as phNewContext will
 * do pszTargetName    whom to reach: HTTP/host, HTTP/host:port, HTTP/host@REALM, user@REALM, host,
 * or NULL where the mechanism can. Text of at most 32767 characters. fContextReq      ISC_REQ_*.
 * Those of the first leg count for all legs. Reserved1, Reserved2   0 TargetDataRep
 * SECURITY_NATIVE_DREP or SECURITY_NETWORK_DREP; no difference here pInput           NULL on the
 * first leg, or buffers such as SECBUFFER_CHANNEL_BINDINGS; later a SECBUFFER_TOKEN with what the
 * peer sent phNewContext     the context, on the first leg; to be freed with
 * DeleteSecurityContext() whatever the later legs return pOutput          a SECBUFFER_TOKEN: space
 * of the caller's, or NULL under ISC_REQ_ALLOCATE_MEMORY pfContextAttr    ISC_RET_* the context
 * really has; complete only with SEC_E_OK. May be NULL. ptsExpiry        when the context ends, in
 * local time. May be NULL.
 *
 * SEC_I_CONTINUE_NEEDED: send the token and call again with the peer's answer.
 * SEC_I_COMPLETE_NEEDED, SEC_I_COMPLETE_AND_CONTINUE: call CompleteAuthToken() first.
 * SEC_E_BUFFER_TOO_SMALL, SEC_E_INSUFFICIENT_MEMORY: the token is kept; the same call with more
 * space gets it. SEC_E_INCOMPLETE_MESSAGE: the peer's token is not whole yet.
 */
SECURITY_STATUS SEC_ENTRY InitializeSecurityContextA(
    PCredHandle phCredential, PCtxtHandle phContext, SEC_CHAR *pszTargetName, ULONG fContextReq,
    ULONG Reserved1, ULONG TargetDataRep, PSecBufferDesc pInput, ULONG Reserved2,
    PCtxtHandle phNewContext, PSecBufferDesc pOutput, ULONG *pfContextAttr, PTimeStamp ptsExpiry);
SECURITY_STATUS SEC_ENTRY InitializeSecurityContextW(
    PCredHandle phCredential, PCtxtHandle phContext, SEC_WCHAR *pszTargetName, ULONG fContextReq,
    ULONG Reserved1, ULONG TargetDataRep, PSecBufferDesc pInput, ULONG Reserved2,
    PCtxtHandle phNewContext, PSecBufferDesc pOutput, ULONG *pfContextAttr, PTimeStamp ptsExpiry);
#define InitializeSecurityContext SSPI_AW(InitializeSecurityContext)

typedef SECURITY_STATUS(SEC_ENTRY *INITIALIZE_SECURITY_CONTEXT_FN_A)(PCredHandle, PCtxtHandle,
                                                                     SEC_CHAR *, ULONG, ULONG,
                                                                     ULONG, PSecBufferDesc, ULONG,
                                                                     PCtxtHandle, PSecBufferDesc,
                                                                     ULONG *, PTimeStamp);
typedef SECURITY_STATUS(SEC_ENTRY *INITIALIZE_SECURITY_CONTEXT_FN_W)(PCredHandle, PCtxtHandle,
                                                                     SEC_WCHAR *, ULONG, ULONG,
                                                                     ULONG, PSecBufferDesc, ULONG,
                                                                     PCtxtHandle, PSecBufferDesc,
                                                                     ULONG *, PTimeStamp);
#define INITIALIZE_SECURITY_CONTEXT_FN SSPI_UAW(INITIALIZE_SECURITY_CONTEXT_FN)

/*
 * One leg of the server's side; the arguments are those of InitializeSecurityContext() with
 * ASC_REQ_* and ASC_RET_*, and pInput holds the client's token from the first leg on. Under
 * Negotiate an empty first token gives the list of mechanisms, for protocols where the server
 * speaks first. SEC_E_BAD_BINDINGS: the client is bound to another channel, or to none without
 * ASC_REQ_ALLOW_MISSING_BINDINGS.
 */
SECURITY_STATUS SEC_ENTRY AcceptSecurityContext(PCredHandle phCredential, PCtxtHandle phContext,
                                                PSecBufferDesc pInput, ULONG fContextReq,
                                                ULONG TargetDataRep, PCtxtHandle phNewContext,
                                                PSecBufferDesc pOutput, ULONG *pfContextAttr,
                                                PTimeStamp ptsExpiry);

typedef SECURITY_STATUS(SEC_ENTRY *ACCEPT_SECURITY_CONTEXT_FN)(PCredHandle, PCtxtHandle,
                                                               PSecBufferDesc, ULONG, ULONG,
                                                               PCtxtHandle, PSecBufferDesc, ULONG *,
                                                               PTimeStamp);

/* Finishes a token after SEC_I_COMPLETE_NEEDED. Where nothing is to be done it is SEC_E_OK. */
SECURITY_STATUS SEC_ENTRY CompleteAuthToken(PCtxtHandle phContext, PSecBufferDesc pToken);

typedef SECURITY_STATUS(SEC_ENTRY *COMPLETE_AUTH_TOKEN_FN)(PCtxtHandle, PSecBufferDesc);

/* Hands a control token to the context, such as Schannel's shutdown. */
SECURITY_STATUS SEC_ENTRY ApplyControlToken(PCtxtHandle phContext, PSecBufferDesc pInput);

typedef SECURITY_STATUS(SEC_ENTRY *APPLY_CONTROL_TOKEN_FN)(PCtxtHandle, PSecBufferDesc);

/* Ends a context in any state and wipes its keys. The handle is invalid afterwards. */
SECURITY_STATUS SEC_ENTRY DeleteSecurityContext(PCtxtHandle phContext);

typedef SECURITY_STATUS(SEC_ENTRY *DELETE_SECURITY_CONTEXT_FN)(PCtxtHandle);

/*
 * Answers a SECPKG_ATTR_*: pBuffer is the structure that belongs to it (sspi_attribute.h,
 * schannel.h). The Ex form takes its size in bytes too and gives SEC_E_BUFFER_TOO_SMALL when it is
 * too small. SEC_E_UNSUPPORTED_FUNCTION: the package has no such attribute, and the buffer is
 * untouched. SEC_E_INVALID_HANDLE, SEC_E_OUT_OF_SEQUENCE: not in this state of the context.
 */
SECURITY_STATUS SEC_ENTRY QueryContextAttributesA(PCtxtHandle phContext, ULONG ulAttribute,
                                                  void *pBuffer);
SECURITY_STATUS SEC_ENTRY QueryContextAttributesW(PCtxtHandle phContext, ULONG ulAttribute,
                                                  void *pBuffer);
#define QueryContextAttributes SSPI_AW(QueryContextAttributes)

typedef SECURITY_STATUS(SEC_ENTRY *QUERY_CONTEXT_ATTRIBUTES_FN_A)(PCtxtHandle, ULONG, void *);
typedef SECURITY_STATUS(SEC_ENTRY *QUERY_CONTEXT_ATTRIBUTES_FN_W)(PCtxtHandle, ULONG, void *);
#define QUERY_CONTEXT_ATTRIBUTES_FN SSPI_UAW(QUERY_CONTEXT_ATTRIBUTES_FN)

SECURITY_STATUS SEC_ENTRY QueryContextAttributesExA(PCtxtHandle phContext, ULONG ulAttribute,
                                                    void *pBuffer, ULONG cbBuffer);
SECURITY_STATUS SEC_ENTRY QueryContextAttributesExW(PCtxtHandle phContext, ULONG ulAttribute,
                                                    void *pBuffer, ULONG cbBuffer);
#define QueryContextAttributesEx SSPI_AW(QueryContextAttributesEx)

typedef SECURITY_STATUS(SEC_ENTRY *QUERY_CONTEXT_ATTRIBUTES_EX_FN_A)(PCtxtHandle, ULONG, void *,
                                                                     ULONG);
typedef SECURITY_STATUS(SEC_ENTRY *QUERY_CONTEXT_ATTRIBUTES_EX_FN_W)(PCtxtHandle, ULONG, void *,
                                                                     ULONG);
#define QUERY_CONTEXT_ATTRIBUTES_EX_FN SSPI_UAW(QUERY_CONTEXT_ATTRIBUTES_EX_FN)

/* Sets a SECPKG_ATTR_*; cbBuffer is the size of the structure. */
SECURITY_STATUS SEC_ENTRY SetContextAttributesA(PCtxtHandle phContext, ULONG ulAttribute,
                                                void *pBuffer, ULONG cbBuffer);
SECURITY_STATUS SEC_ENTRY SetContextAttributesW(PCtxtHandle phContext, ULONG ulAttribute,
                                                void *pBuffer, ULONG cbBuffer);
#define SetContextAttributes SSPI_AW(SetContextAttributes)

typedef SECURITY_STATUS(SEC_ENTRY *SET_CONTEXT_ATTRIBUTES_FN_A)(PCtxtHandle, ULONG, void *, ULONG);
typedef SECURITY_STATUS(SEC_ENTRY *SET_CONTEXT_ATTRIBUTES_FN_W)(PCtxtHandle, ULONG, void *, ULONG);
#define SET_CONTEXT_ATTRIBUTES_FN SSPI_UAW(SET_CONTEXT_ATTRIBUTES_FN)

/*
 * Makes this thread act for the client of an accepted context, until RevertSecurityContext(): then
 * AcquireCredentialsHandle() with NULL gives the credentials the client delegated. Unlike on
 * Windows the thread's user id stays, and with it what the kernel lets it do.
 * SEC_E_NO_IMPERSONATION: the context is a client's, not established, or only identifies the
 * client.
 */
SECURITY_STATUS SEC_ENTRY ImpersonateSecurityContext(PCtxtHandle phContext);

typedef SECURITY_STATUS(SEC_ENTRY *IMPERSONATE_SECURITY_CONTEXT_FN)(PCtxtHandle);

SECURITY_STATUS SEC_ENTRY RevertSecurityContext(PCtxtHandle phContext);

typedef SECURITY_STATUS(SEC_ENTRY *REVERT_SECURITY_CONTEXT_FN)(PCtxtHandle);

/* Gives a HANDLE that stands for the client of an accepted context; CloseHandle() frees it. */
SECURITY_STATUS SEC_ENTRY QuerySecurityContextToken(PCtxtHandle phContext, HANDLE *Token);

typedef SECURITY_STATUS(SEC_ENTRY *QUERY_SECURITY_CONTEXT_TOKEN_FN)(PCtxtHandle, HANDLE *);

/*
 * Packs an established context for ImportSecurityContext() in this process or another.
 * fFlags is SECPKG_CONTEXT_EXPORT_*: without DELETE_OLD the context here stays usable.
 * pPackedContext takes the bytes, to be freed with FreeContextBuffer(); they hold keys, and whoever
 * can alter them is believed. pToken, when not NULL, gets NULL: there is no more to hand on.
 */
SECURITY_STATUS SEC_ENTRY ExportSecurityContext(PCtxtHandle phContext, ULONG fFlags,
                                                PSecBuffer pPackedContext, void **pToken);

typedef SECURITY_STATUS(SEC_ENTRY *EXPORT_SECURITY_CONTEXT_FN)(PCtxtHandle, ULONG, PSecBuffer,
                                                               void **);

/* Makes a context of exported bytes; Token may be NULL. Sequence numbers go on where they were. */
SECURITY_STATUS SEC_ENTRY ImportSecurityContextA(SEC_CHAR *pszPackage, PSecBuffer pPackedContext,
                                                 void *Token, PCtxtHandle phContext);
SECURITY_STATUS SEC_ENTRY ImportSecurityContextW(SEC_WCHAR *pszPackage, PSecBuffer pPackedContext,
                                                 void *Token, PCtxtHandle phContext);
#define ImportSecurityContext SSPI_AW(ImportSecurityContext)

typedef SECURITY_STATUS(SEC_ENTRY *IMPORT_SECURITY_CONTEXT_FN_A)(SEC_CHAR *, PSecBuffer, void *,
                                                                 PCtxtHandle);
typedef SECURITY_STATUS(SEC_ENTRY *IMPORT_SECURITY_CONTEXT_FN_W)(SEC_WCHAR *, PSecBuffer, void *,
                                                                 PCtxtHandle);
#define IMPORT_SECURITY_CONTEXT_FN SSPI_UAW(IMPORT_SECURITY_CONTEXT_FN)

typedef enum _SecDelegationType {
    SecFull,
    SecService,
    SecTree,
    SecDirectory,
    SecObject
} SecDelegationType,
    *PSecDelegationType;

/* Windows declares this one and exports it nowhere; nor does this library. */
SECURITY_STATUS SEC_ENTRY DelegateSecurityContext(PCtxtHandle phContext, SEC_CHAR *pszTarget,
                                                  SecDelegationType DelegationType,
                                                  PTimeStamp pExpiry, PSecBuffer pPackageParameters,
                                                  PSecBufferDesc pOutput);

/* --- Messages: functions -------------------------------------------------------------------- */

/*
 * Signs a message: pMessage has SECBUFFER_DATA buffers and a SECBUFFER_TOKEN of
 * SecPkgContext_Sizes' cbMaxSignature bytes for the signature; its cbBuffer becomes what was used.
 * fQOP is 0. MessageSeqNo is not looked at: the context counts.
 */
SECURITY_STATUS SEC_ENTRY MakeSignature(PCtxtHandle phContext, ULONG fQOP, PSecBufferDesc pMessage,
                                        ULONG MessageSeqNo);

typedef SECURITY_STATUS(SEC_ENTRY *MAKE_SIGNATURE_FN)(PCtxtHandle, ULONG, PSecBufferDesc, ULONG);

/* Checks one. SEC_E_MESSAGE_ALTERED: not what was signed; SEC_E_OUT_OF_SEQUENCE: lost or repeated.
 */
SECURITY_STATUS SEC_ENTRY VerifySignature(PCtxtHandle phContext, PSecBufferDesc pMessage,
                                          ULONG MessageSeqNo, ULONG *pfQOP);

typedef SECURITY_STATUS(SEC_ENTRY *VERIFY_SIGNATURE_FN)(PCtxtHandle, PSecBufferDesc, ULONG,
                                                        ULONG *);

/*
 * Seals a message in place: pMessage has a SECBUFFER_TOKEN of cbSecurityTrailer bytes, one or
 * several SECBUFFER_DATA, and a SECBUFFER_PADDING of cbBlockSize bytes where that is not 0. TOKEN
 * and PADDING shrink to what was used; send TOKEN, DATA and PADDING in this order. fQOP is 0, or
 * SECQOP_WRAP_NO_ENCRYPT to sign only. MessageSeqNo is not looked at.
 */
SECURITY_STATUS SEC_ENTRY EncryptMessage(PCtxtHandle phContext, ULONG fQOP, PSecBufferDesc pMessage,
                                         ULONG MessageSeqNo);

typedef SECURITY_STATUS(SEC_ENTRY *ENCRYPT_MESSAGE_FN)(PCtxtHandle, ULONG, PSecBufferDesc, ULONG);

/*
 * Opens a message in place: either the buffers EncryptMessage() filled, or a SECBUFFER_STREAM with
 * the whole message and a SECBUFFER_DATA that will point into it. pfQOP, when not NULL, tells
 * SECQOP_WRAP_NO_ENCRYPT for a message that was only signed: a program that needs secrecy must
 * look.
 */
SECURITY_STATUS SEC_ENTRY DecryptMessage(PCtxtHandle phContext, PSecBufferDesc pMessage,
                                         ULONG MessageSeqNo, ULONG *pfQOP);

typedef SECURITY_STATUS(SEC_ENTRY *DECRYPT_MESSAGE_FN)(PCtxtHandle, PSecBufferDesc, ULONG, ULONG *);

/* Older names of the two. Windows exports but does not declare them. */
SECURITY_STATUS SEC_ENTRY SealMessage(PCtxtHandle phContext, ULONG fQOP, PSecBufferDesc pMessage,
                                      ULONG MessageSeqNo);
SECURITY_STATUS SEC_ENTRY UnsealMessage(PCtxtHandle phContext, PSecBufferDesc pMessage,
                                        ULONG MessageSeqNo, ULONG *pfQOP);

/* --- The function table --------------------------------------------------------------------- */

#define SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION   1
#define SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION_2 2 /* has SetContextAttributes */
#define SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION_3 3 /* SetCredentialsAttributes */
#define SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION_4 4 /* ChangeAccountPassword */
#define SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION_5 5 /* the two Ex queries */

/* Windows' order of slots. Reserved3 and Reserved4 hold EncryptMessage() and DecryptMessage(). */
typedef struct _SECURITY_FUNCTION_TABLE_A {
    ULONG dwVersion;
    ENUMERATE_SECURITY_PACKAGES_FN_A EnumerateSecurityPackagesA;
    QUERY_CREDENTIALS_ATTRIBUTES_FN_A QueryCredentialsAttributesA;
    ACQUIRE_CREDENTIALS_HANDLE_FN_A AcquireCredentialsHandleA;
    FREE_CREDENTIALS_HANDLE_FN FreeCredentialsHandle;
    void *Reserved2;
    INITIALIZE_SECURITY_CONTEXT_FN_A InitializeSecurityContextA;
    ACCEPT_SECURITY_CONTEXT_FN AcceptSecurityContext;
    COMPLETE_AUTH_TOKEN_FN CompleteAuthToken;
    DELETE_SECURITY_CONTEXT_FN DeleteSecurityContext;
    APPLY_CONTROL_TOKEN_FN ApplyControlToken;
    QUERY_CONTEXT_ATTRIBUTES_FN_A QueryContextAttributesA;
    IMPERSONATE_SECURITY_CONTEXT_FN ImpersonateSecurityContext;
    REVERT_SECURITY_CONTEXT_FN RevertSecurityContext;
    MAKE_SIGNATURE_FN MakeSignature;
    VERIFY_SIGNATURE_FN VerifySignature;
    FREE_CONTEXT_BUFFER_FN FreeContextBuffer;
    QUERY_SECURITY_PACKAGE_INFO_FN_A QuerySecurityPackageInfoA;
    void *Reserved3;
    void *Reserved4;
    EXPORT_SECURITY_CONTEXT_FN ExportSecurityContext;
    IMPORT_SECURITY_CONTEXT_FN_A ImportSecurityContextA;
    ADD_CREDENTIALS_FN_A AddCredentialsA;
    void *Reserved8;
    QUERY_SECURITY_CONTEXT_TOKEN_FN QuerySecurityContextToken;
    ENCRYPT_MESSAGE_FN EncryptMessage;
    DECRYPT_MESSAGE_FN DecryptMessage;
    SET_CONTEXT_ATTRIBUTES_FN_A SetContextAttributesA;
    SET_CREDENTIALS_ATTRIBUTES_FN_A SetCredentialsAttributesA;
    CHANGE_PASSWORD_FN_A ChangeAccountPasswordA;
    QUERY_CONTEXT_ATTRIBUTES_EX_FN_A QueryContextAttributesExA;
    QUERY_CREDENTIALS_ATTRIBUTES_EX_FN_A QueryCredentialsAttributesExA;
} SecurityFunctionTableA, *PSecurityFunctionTableA;

typedef struct _SECURITY_FUNCTION_TABLE_W {
    ULONG dwVersion;
    ENUMERATE_SECURITY_PACKAGES_FN_W EnumerateSecurityPackagesW;
    QUERY_CREDENTIALS_ATTRIBUTES_FN_W QueryCredentialsAttributesW;
    ACQUIRE_CREDENTIALS_HANDLE_FN_W AcquireCredentialsHandleW;
    FREE_CREDENTIALS_HANDLE_FN FreeCredentialsHandle;
    void *Reserved2;
    INITIALIZE_SECURITY_CONTEXT_FN_W InitializeSecurityContextW;
    ACCEPT_SECURITY_CONTEXT_FN AcceptSecurityContext;
    COMPLETE_AUTH_TOKEN_FN CompleteAuthToken;
    DELETE_SECURITY_CONTEXT_FN DeleteSecurityContext;
    APPLY_CONTROL_TOKEN_FN ApplyControlToken;
    QUERY_CONTEXT_ATTRIBUTES_FN_W QueryContextAttributesW;
    IMPERSONATE_SECURITY_CONTEXT_FN ImpersonateSecurityContext;
    REVERT_SECURITY_CONTEXT_FN RevertSecurityContext;
    MAKE_SIGNATURE_FN MakeSignature;
    VERIFY_SIGNATURE_FN VerifySignature;
    FREE_CONTEXT_BUFFER_FN FreeContextBuffer;
    QUERY_SECURITY_PACKAGE_INFO_FN_W QuerySecurityPackageInfoW;
    void *Reserved3;
    void *Reserved4;
    EXPORT_SECURITY_CONTEXT_FN ExportSecurityContext;
    IMPORT_SECURITY_CONTEXT_FN_W ImportSecurityContextW;
    ADD_CREDENTIALS_FN_W AddCredentialsW;
    void *Reserved8;
    QUERY_SECURITY_CONTEXT_TOKEN_FN QuerySecurityContextToken;
    ENCRYPT_MESSAGE_FN EncryptMessage;
    DECRYPT_MESSAGE_FN DecryptMessage;
    SET_CONTEXT_ATTRIBUTES_FN_W SetContextAttributesW;
    SET_CREDENTIALS_ATTRIBUTES_FN_W SetCredentialsAttributesW;
    CHANGE_PASSWORD_FN_W ChangeAccountPasswordW;
    QUERY_CONTEXT_ATTRIBUTES_EX_FN_W QueryContextAttributesExW;
    QUERY_CREDENTIALS_ATTRIBUTES_EX_FN_W QueryCredentialsAttributesExW;
} SecurityFunctionTableW, *PSecurityFunctionTableW;

#define SecurityFunctionTable  SSPI_AW(SecurityFunctionTable)
#define PSecurityFunctionTable SSPI_AW(PSecurityFunctionTable)

/* The table of this library: constant, never freed, at the newest version. */
PSecurityFunctionTableA SEC_ENTRY InitSecurityInterfaceA(void);
PSecurityFunctionTableW SEC_ENTRY InitSecurityInterfaceW(void);
#define InitSecurityInterface SSPI_AW(InitSecurityInterface)

typedef PSecurityFunctionTableA(SEC_ENTRY *INIT_SECURITY_INTERFACE_A)(void);
typedef PSecurityFunctionTableW(SEC_ENTRY *INIT_SECURITY_INTERFACE_W)(void);
#define INIT_SECURITY_INTERFACE SSPI_UAW(INIT_SECURITY_INTERFACE)

/* The names of those functions, for GetProcAddress(). */
#define SECURITY_ENTRYPOINT_ANSIA "InitSecurityInterfaceA"
#define SECURITY_ENTRYPOINT_ANSIW "InitSecurityInterfaceW"
#define SECURITY_ENTRYPOINTA      SEC_TEXT("InitSecurityInterfaceA")
#define SECURITY_ENTRYPOINTW      SEC_TEXT("InitSecurityInterfaceW")
#define SECURITY_ENTRYPOINT16     "INITSECURITYINTERFACEA"
#define SECURITY_ENTRYPOINT       SSPI_AW(SECURITY_ENTRYPOINT)
#define SECURITY_ENTRYPOINT_ANSI  SSPI_AW(SECURITY_ENTRYPOINT_ANSI)

/* --- The registry of packages --------------------------------------------------------------- */

typedef struct _SECURITY_PACKAGE_OPTIONS {
    ULONG Size;
    ULONG Type; /* SECPKG_OPTIONS_TYPE_* */
    ULONG Flags;
    ULONG SignatureSize;
    void *Signature;
} SECURITY_PACKAGE_OPTIONS, *PSECURITY_PACKAGE_OPTIONS;

#define SECPKG_OPTIONS_TYPE_UNKNOWN 0
#define SECPKG_OPTIONS_TYPE_LSA     1
#define SECPKG_OPTIONS_TYPE_SSPI    2
#define SECPKG_OPTIONS_PERMANENT    0x00000001

/*
 * Adds the packages of a shared object that exports InitSecurityInterfaceA or W, in this process.
 *
 * pszPackageName   the file, or "NAME=file" for one of its packages, or "NAME:THEIRS=file" for the
 *                  one that it calls THEIRS, by another name
 * pOptions         may be NULL; the type is SSPI or unknown, without flags. The signature is not
 *                  looked at.
 *
 * SEC_E_SECPKG_NOT_FOUND: no such file or package. SEC_E_CANNOT_INSTALL: it is no module, or a name
 * is taken. SEC_E_UNSUPPORTED_FUNCTION: SECPKG_OPTIONS_PERMANENT, which is a file of the
 * administrator's here, and packages of the LSA. Windows gives the name to its LSA; prefixes are
 * this library's.
 */
SECURITY_STATUS SEC_ENTRY AddSecurityPackageA(LPSTR pszPackageName,
                                              PSECURITY_PACKAGE_OPTIONS pOptions);
SECURITY_STATUS SEC_ENTRY AddSecurityPackageW(LPWSTR pszPackageName,
                                              PSECURITY_PACKAGE_OPTIONS pOptions);
#define AddSecurityPackage SSPI_AW(AddSecurityPackage)

/*
 * Takes an added package out of the list of this process, by its name. Its contexts and credentials
 * live on. SEC_E_SECPKG_NOT_FOUND; SEC_E_UNSUPPORTED_FUNCTION for a package of the library.
 */
SECURITY_STATUS SEC_ENTRY DeleteSecurityPackageA(SEC_CHAR *pszPackageName);
SECURITY_STATUS SEC_ENTRY DeleteSecurityPackageW(SEC_WCHAR *pszPackageName);
#define DeleteSecurityPackage SSPI_AW(DeleteSecurityPackage)

/* --- SASL over SSPI ------------------------------------------------------------------------- */

/*
 * The mechanisms of SASL that the packages here serve: their names, each with a terminator and one
 * more behind the last, and how many they are. Free the list with FreeContextBuffer(). Source:
 * Microsoft's page of the function.
 */
SECURITY_STATUS SEC_ENTRY SaslEnumerateProfilesA(LPSTR *ProfileList, ULONG *ProfileCount);
SECURITY_STATUS SEC_ENTRY SaslEnumerateProfilesW(LPWSTR *ProfileList, ULONG *ProfileCount);
#define SaslEnumerateProfiles SSPI_AW(SaslEnumerateProfiles)

/*
 * The package behind a mechanism, or SEC_E_SECPKG_NOT_FOUND. Free it with FreeContextBuffer().
 */
SECURITY_STATUS SEC_ENTRY SaslGetProfilePackageA(LPSTR ProfileName, PSecPkgInfoA *PackageInfo);
SECURITY_STATUS SEC_ENTRY SaslGetProfilePackageW(LPWSTR ProfileName, PSecPkgInfoW *PackageInfo);
#define SaslGetProfilePackage SSPI_AW(SaslGetProfilePackage)

/*
 * The package that a client's first token is for, which is in the SECBUFFER_TOKEN buffer; otherwise
 * like the above.
 */
SECURITY_STATUS SEC_ENTRY SaslIdentifyPackageA(PSecBufferDesc pInput, PSecPkgInfoA *PackageInfo);
SECURITY_STATUS SEC_ENTRY SaslIdentifyPackageW(PSecBufferDesc pInput, PSecPkgInfoW *PackageInfo);
#define SaslIdentifyPackage SSPI_AW(SaslIdentifyPackage)

/*
 * A leg of SASL's, with the arguments and results of InitializeSecurityContext(). The credential's
 * package says which mechanism it is, or SEC_E_SECPKG_NOT_FOUND. After SEC_I_CONTINUE_NEEDED send
 * even an empty token. GSSAPI agrees on a security layer at the end: INTEGRITY and CONFIDENTIALITY
 * are what the caller wants at least, and pfContextAttr tells what it is. SEC_E_QOP_NOT_SUPPORTED:
 * there is none that suits both sides. EncryptMessage() then makes what was agreed on and refuses
 * other calls: SECQOP_WRAP_NO_ENCRYPT where messages are signed, 0 where they are sealed; the four
 * octets of length before each message are the caller's. Source: RFC 4752, [MS-ADTS] 5.1.2.1.
 */
SECURITY_STATUS SEC_ENTRY SaslInitializeSecurityContextA(
    PCredHandle phCredential, PCtxtHandle phContext, LPSTR pszTargetName, ULONG fContextReq,
    ULONG Reserved1, ULONG TargetDataRep, PSecBufferDesc pInput, ULONG Reserved2,
    PCtxtHandle phNewContext, PSecBufferDesc pOutput, ULONG *pfContextAttr, PTimeStamp ptsExpiry);
SECURITY_STATUS SEC_ENTRY SaslInitializeSecurityContextW(
    PCredHandle phCredential, PCtxtHandle phContext, LPWSTR pszTargetName, ULONG fContextReq,
    ULONG Reserved1, ULONG TargetDataRep, PSecBufferDesc pInput, ULONG Reserved2,
    PCtxtHandle phNewContext, PSecBufferDesc pOutput, ULONG *pfContextAttr, PTimeStamp ptsExpiry);
#define SaslInitializeSecurityContext SSPI_AW(SaslInitializeSecurityContext)

/*
 * The same for a server, like AcceptSecurityContext(). Without a first token of the client call it
 * all the same: it answers with an empty challenge, and options can be set.
 */
SECURITY_STATUS SEC_ENTRY SaslAcceptSecurityContext(PCredHandle phCredential, PCtxtHandle phContext,
                                                    PSecBufferDesc pInput, ULONG fContextReq,
                                                    ULONG TargetDataRep, PCtxtHandle phNewContext,
                                                    PSecBufferDesc pOutput, ULONG *pfContextAttr,
                                                    PTimeStamp ptsExpiry);

#define SASL_OPTION_SEND_SIZE        1 /* ULONG, octets of a message; later of its data */
#define SASL_OPTION_RECV_SIZE        2 /* ULONG, octets of a message; 0: no layer */
#define SASL_OPTION_AUTHZ_STRING     3 /* UTF-8 without terminator: whom the client acts as */
#define SASL_OPTION_AUTHZ_PROCESSING 4 /* ULONG, of the enum below; PROCESSED at first */

typedef enum _SASL_AUTHZID_STATE {
    Sasl_AuthZIDForbidden, /* a client that names somebody is refused */
    Sasl_AuthZIDProcessed  /* the program decides */
} SASL_AUTHZID_STATE;

/*
 * Sets and asks an option of a GSSAPI context (others have none: SEC_E_UNSUPPORTED_FUNCTION) before
 * it has been sent; afterwards setting is SEC_E_OUT_OF_SEQUENCE. Needed, if not NULL, receives the
 * value's size. SEC_E_BUFFER_TOO_SMALL; SEC_E_INVALID_PARAMETER for a value that cannot be sent;
 * SEC_E_INVALID_HANDLE for a context that is not SASL's. AUTHZ_STRING is set by a client and asked
 * by a server.
 */
SECURITY_STATUS SEC_ENTRY SaslSetContextOption(PCtxtHandle ContextHandle, ULONG Option, PVOID Value,
                                               ULONG Size);
SECURITY_STATUS SEC_ENTRY SaslGetContextOption(PCtxtHandle ContextHandle, ULONG Option, PVOID Value,
                                               ULONG Size, PULONG Needed);

#ifdef __cplusplus
}
#endif

/* The rest of the interface. */
#include "sspi_async.h"
#include "sspi_attribute.h"
#include "sspi_identity.h"

#endif
