/* SPDX-License-Identifier: MIT */
/*
 * Logons and Kerberos beyond SSPI: the structures that programs hand to SSPI (a ticket as a
 * credential) or read from it, and the Local Security Authority's calls by which a program looks
 * after its Kerberos tickets.
 */
#ifndef GSS_SSPI_NTSECAPI_H
#define GSS_SSPI_NTSECAPI_H

#include "ntstatus.h"
#include "sspi.h"
#include "winnt.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- Logons --------------------------------------------------------------------------------- */

typedef ULONG LSA_OPERATIONAL_MODE, *PLSA_OPERATIONAL_MODE;
typedef HANDLE LSA_HANDLE, *PLSA_HANDLE;

typedef enum _SECURITY_LOGON_TYPE {
    UndefinedLogonType = 0,
    Interactive = 2,
    Network,
    Batch,
    Service,
    Proxy,
    Unlock,
    NetworkCleartext,
    NewCredentials,
    RemoteInteractive,
    CachedInteractive,
    CachedRemoteInteractive,
    CachedUnlock
} SECURITY_LOGON_TYPE,
    *PSECURITY_LOGON_TYPE;

typedef struct _LSA_OBJECT_ATTRIBUTES {
    ULONG Length;
    HANDLE RootDirectory;
    PLSA_UNICODE_STRING ObjectName;
    ULONG Attributes;
    PVOID SecurityDescriptor;
    PVOID SecurityQualityOfService;
} LSA_OBJECT_ATTRIBUTES, *PLSA_OBJECT_ATTRIBUTES;

typedef struct _LSA_LAST_INTER_LOGON_INFO {
    LARGE_INTEGER LastSuccessfulLogon;
    LARGE_INTEGER LastFailedLogon;
    ULONG FailedAttemptCountSinceLastSuccessfulLogon;
} LSA_LAST_INTER_LOGON_INFO, *PLSA_LAST_INTER_LOGON_INFO;

typedef struct _SECURITY_LOGON_SESSION_DATA {
    ULONG Size;
    LUID LogonId;
    LSA_UNICODE_STRING UserName;
    LSA_UNICODE_STRING LogonDomain;
    LSA_UNICODE_STRING AuthenticationPackage;
    ULONG LogonType;
    ULONG Session;
    PSID Sid;
    LARGE_INTEGER LogonTime;
    LSA_UNICODE_STRING LogonServer;
    LSA_UNICODE_STRING DnsDomainName;
    LSA_UNICODE_STRING Upn;
    ULONG UserFlags;
    LSA_LAST_INTER_LOGON_INFO LastLogonInfo;
    LSA_UNICODE_STRING LogonScript;
    LSA_UNICODE_STRING ProfilePath;
    LSA_UNICODE_STRING HomeDirectory;
    LSA_UNICODE_STRING HomeDirectoryDrive;
    LARGE_INTEGER LogoffTime;
    LARGE_INTEGER KickOffTime;
    LARGE_INTEGER PasswordLastSet;
    LARGE_INTEGER PasswordCanChange;
    LARGE_INTEGER PasswordMustChange;
} SECURITY_LOGON_SESSION_DATA, *PSECURITY_LOGON_SESSION_DATA;

/* UserFlags of SecPkgContext_UserFlags and of NTLM's profile. */
#define LOGON_GUEST                 0x01
#define LOGON_NOENCRYPTION          0x02
#define LOGON_CACHED_ACCOUNT        0x04
#define LOGON_USED_LM_PASSWORD      0x08
#define LOGON_EXTRA_SIDS            0x20
#define LOGON_SUBAUTH_SESSION_KEY   0x40
#define LOGON_SERVER_TRUST_ACCOUNT  0x80
#define LOGON_NTLMV2_ENABLED        0x100
#define LOGON_RESOURCE_GROUPS       0x200
#define LOGON_PROFILE_PATH_RETURNED 0x400
#define LOGON_NT_V2                 0x800
#define LOGON_LM_V2                 0x1000
#define LOGON_NTLM_V2               0x2000
#define LOGON_OPTIMIZED             0x4000
#define LOGON_WINLOGON              0x8000
#define LOGON_PKINIT                0x10000
#define LOGON_NO_OPTIMIZED          0x20000
#define LOGON_NO_ELEVATION          0x40000
#define LOGON_MANAGED_SERVICE       0x80000
#define LOGON_GRACE_LOGON           0x01000000

/* --- NTLM: [MS-NLMP] ------------------------------------------------------------------------ */

#define MSV1_0_PACKAGE_NAME  "MICROSOFT_AUTHENTICATION_PACKAGE_V1_0"
#define MSV1_0_PACKAGE_NAMEW SSPI_W("MICROSOFT_AUTHENTICATION_PACKAGE_V1_0")

#define MSV1_0_CHALLENGE_LENGTH          8
#define MSV1_0_USER_SESSION_KEY_LENGTH   16
#define MSV1_0_LANMAN_SESSION_KEY_LENGTH 8
#define MSV1_0_OWF_PASSWORD_LENGTH       16
#define MSV1_0_NTLM3_RESPONSE_LENGTH     16
#define MSV1_0_NTLM3_OWF_LENGTH          16

typedef enum _MSV1_0_LOGON_SUBMIT_TYPE {
    MsV1_0InteractiveLogon = 2,
    MsV1_0Lm20Logon,
    MsV1_0NetworkLogon,
    MsV1_0SubAuthLogon,
    MsV1_0WorkstationUnlockLogon = 7,
    MsV1_0S4ULogon = 12,
    MsV1_0VirtualLogon = 82,
    MsV1_0NoElevationLogon,
    MsV1_0LuidLogon
} MSV1_0_LOGON_SUBMIT_TYPE,
    *PMSV1_0_LOGON_SUBMIT_TYPE;

typedef enum _MSV1_0_PROFILE_BUFFER_TYPE {
    MsV1_0InteractiveProfile = 2,
    MsV1_0Lm20LogonProfile,
    MsV1_0SmartCardProfile
} MSV1_0_PROFILE_BUFFER_TYPE,
    *PMSV1_0_PROFILE_BUFFER_TYPE;

typedef struct _MSV1_0_INTERACTIVE_LOGON {
    MSV1_0_LOGON_SUBMIT_TYPE MessageType;
    UNICODE_STRING LogonDomainName;
    UNICODE_STRING UserName;
    UNICODE_STRING Password;
} MSV1_0_INTERACTIVE_LOGON, *PMSV1_0_INTERACTIVE_LOGON;

/* Parameter control of a network logon. */
#define MSV1_0_CLEARTEXT_PASSWORD_ALLOWED      0x02
#define MSV1_0_UPDATE_LOGON_STATISTICS         0x04
#define MSV1_0_RETURN_USER_PARAMETERS          0x08
#define MSV1_0_DONT_TRY_GUEST_ACCOUNT          0x10
#define MSV1_0_ALLOW_SERVER_TRUST_ACCOUNT      0x20
#define MSV1_0_RETURN_PASSWORD_EXPIRY          0x40
#define MSV1_0_USE_CLIENT_CHALLENGE            0x80
#define MSV1_0_TRY_GUEST_ACCOUNT_ONLY          0x100
#define MSV1_0_RETURN_PROFILE_PATH             0x200
#define MSV1_0_TRY_SPECIFIED_DOMAIN_ONLY       0x400
#define MSV1_0_ALLOW_WORKSTATION_TRUST_ACCOUNT 0x800
#define MSV1_0_DISABLE_PERSONAL_FALLBACK       0x00001000
#define MSV1_0_ALLOW_FORCE_GUEST               0x00002000
#define MSV1_0_CLEARTEXT_PASSWORD_SUPPLIED     0x00004000
#define MSV1_0_USE_DOMAIN_FOR_ROUTING_ONLY     0x00008000
#define MSV1_0_ALLOW_MSVCHAPV2                 0x00010000
#define MSV1_0_S4U2SELF                        0x00020000
#define MSV1_0_CHECK_LOGONHOURS_FOR_S4U        0x00040000
#define MSV1_0_INTERNET_DOMAIN                 0x00080000

#define MSV1_0_CRED_LM_PRESENT      0x1
#define MSV1_0_CRED_NT_PRESENT      0x2
#define MSV1_0_CRED_REMOVED         0x4
#define MSV1_0_CRED_CREDKEY_PRESENT 0x8
#define MSV1_0_CRED_SHA_PRESENT     0x10
#define MSV1_0_CRED_VERSION         0

typedef struct _MSV1_0_SUPPLEMENTAL_CREDENTIAL {
    ULONG Version;
    ULONG Flags;
    UCHAR LmPassword[MSV1_0_OWF_PASSWORD_LENGTH];
    UCHAR NtPassword[MSV1_0_OWF_PASSWORD_LENGTH];
} MSV1_0_SUPPLEMENTAL_CREDENTIAL, *PMSV1_0_SUPPLEMENTAL_CREDENTIAL;

/* Attribute pairs of a target: [MS-NLMP] 2.2.2.1. */
typedef enum {
    MsvAvEOL,
    MsvAvNbComputerName,
    MsvAvNbDomainName,
    MsvAvDnsComputerName,
    MsvAvDnsDomainName,
    MsvAvDnsTreeName,
    MsvAvFlags,
    MsvAvTimestamp,
    MsvAvRestrictions,
    MsvAvSingleHost = MsvAvRestrictions,
    MsvAvTargetName,
    MsvAvChannelBindings
} MSV1_0_AVID;

typedef struct _MSV1_0_AV_PAIR {
    USHORT AvId;
    USHORT AvLen;
} MSV1_0_AV_PAIR, *PMSV1_0_AV_PAIR;

#define MSV1_0_AV_FLAG_FORCE_GUEST            0x00000001
#define MSV1_0_AV_FLAG_MIC_HANDSHAKE_MESSAGES 0x00000002
#define MSV1_0_AV_FLAG_UNVERIFIED_TARGET      0x00000004

/* --- Kerberos: [MS-KILE] -------------------------------------------------------------------- */

#define MICROSOFT_KERBEROS_NAME_A "Kerberos"
#define MICROSOFT_KERBEROS_NAME_W SSPI_W("Kerberos")
#define MICROSOFT_KERBEROS_NAME   MICROSOFT_KERBEROS_NAME_W

/* fQOP of EncryptMessage() for Kerberos: SECQOP_WRAP_NO_ENCRYPT by another name. */
#define KERB_WRAP_NO_ENCRYPT 0x80000001

/* Encryption types, RFC 3961 and the Kerberos registry; negative ones are Windows' own. */
#define KERB_ETYPE_NULL                          0
#define KERB_ETYPE_DES_CBC_CRC                   1
#define KERB_ETYPE_DES_CBC_MD4                   2
#define KERB_ETYPE_DES_CBC_MD5                   3
#define KERB_ETYPE_AES128_CTS_HMAC_SHA1_96       17
#define KERB_ETYPE_AES256_CTS_HMAC_SHA1_96       18
#define KERB_ETYPE_RC4_MD4                       -128
#define KERB_ETYPE_RC4_PLAIN2                    -129
#define KERB_ETYPE_RC4_LM                        -130
#define KERB_ETYPE_RC4_SHA                       -131
#define KERB_ETYPE_DES_PLAIN                     -132
#define KERB_ETYPE_RC4_HMAC_OLD                  -133
#define KERB_ETYPE_RC4_PLAIN_OLD                 -134
#define KERB_ETYPE_RC4_HMAC_OLD_EXP              -135
#define KERB_ETYPE_RC4_PLAIN_OLD_EXP             -136
#define KERB_ETYPE_RC4_PLAIN                     -140
#define KERB_ETYPE_RC4_PLAIN_EXP                 -141
#define KERB_ETYPE_AES128_CTS_HMAC_SHA1_96_PLAIN -148
#define KERB_ETYPE_AES256_CTS_HMAC_SHA1_96_PLAIN -149
#define KERB_ETYPE_DSA_SHA1_CMS                  9
#define KERB_ETYPE_RSA_MD5_CMS                   10
#define KERB_ETYPE_RSA_SHA1_CMS                  11
#define KERB_ETYPE_RC2_CBC_ENV                   12
#define KERB_ETYPE_RSA_ENV                       13
#define KERB_ETYPE_RSA_ES_OEAP_ENV               14
#define KERB_ETYPE_DES_EDE3_CBC_ENV              15
#define KERB_ETYPE_DSA_SIGN                      8
#define KERB_ETYPE_RSA_PRIV                      9
#define KERB_ETYPE_RSA_PUB                       10
#define KERB_ETYPE_RSA_PUB_MD5                   11
#define KERB_ETYPE_RSA_PUB_SHA1                  12
#define KERB_ETYPE_PKCS7_PUB                     13
#define KERB_ETYPE_DES3_CBC_MD5                  5
#define KERB_ETYPE_DES3_CBC_SHA1                 7
#define KERB_ETYPE_DES3_CBC_SHA1_KD              16
#define KERB_ETYPE_DES_CBC_MD5_NT                20
#define KERB_ETYPE_RC4_HMAC_NT                   23
#define KERB_ETYPE_RC4_HMAC_NT_EXP               24

#define KERB_CHECKSUM_NONE                   0
#define KERB_CHECKSUM_CRC32                  1
#define KERB_CHECKSUM_MD4                    2
#define KERB_CHECKSUM_KRB_DES_MAC            4
#define KERB_CHECKSUM_KRB_DES_MAC_K          5
#define KERB_CHECKSUM_MD5                    7
#define KERB_CHECKSUM_MD5_DES                8
#define KERB_CHECKSUM_SHA1_NEW               14
#define KERB_CHECKSUM_HMAC_SHA1_96_AES128    15
#define KERB_CHECKSUM_HMAC_SHA1_96_AES256    16
#define KERB_CHECKSUM_LM                     -130
#define KERB_CHECKSUM_SHA1                   -131
#define KERB_CHECKSUM_REAL_CRC32             -132
#define KERB_CHECKSUM_DES_MAC                -133
#define KERB_CHECKSUM_DES_MAC_MD5            -134
#define KERB_CHECKSUM_MD25                   -135
#define KERB_CHECKSUM_RC4_MD5                -136
#define KERB_CHECKSUM_MD5_HMAC               -137
#define KERB_CHECKSUM_HMAC_MD5               -138
#define KERB_CHECKSUM_HMAC_SHA1_96_AES128_Ki -150
#define KERB_CHECKSUM_HMAC_SHA1_96_AES256_Ki -151

#define KERB_TICKET_FLAGS_reserved          0x80000000
#define KERB_TICKET_FLAGS_forwardable       0x40000000
#define KERB_TICKET_FLAGS_forwarded         0x20000000
#define KERB_TICKET_FLAGS_proxiable         0x10000000
#define KERB_TICKET_FLAGS_proxy             0x08000000
#define KERB_TICKET_FLAGS_may_postdate      0x04000000
#define KERB_TICKET_FLAGS_postdated         0x02000000
#define KERB_TICKET_FLAGS_invalid           0x01000000
#define KERB_TICKET_FLAGS_renewable         0x00800000
#define KERB_TICKET_FLAGS_initial           0x00400000
#define KERB_TICKET_FLAGS_pre_authent       0x00200000
#define KERB_TICKET_FLAGS_hw_authent        0x00100000
#define KERB_TICKET_FLAGS_ok_as_delegate    0x00040000
#define KERB_TICKET_FLAGS_name_canonicalize 0x00010000
#define KERB_TICKET_FLAGS_cname_in_pa_data  0x00040000
#define KERB_TICKET_FLAGS_enc_pa_rep        0x00010000
#define KERB_TICKET_FLAGS_reserved1         0x00000001

typedef enum _KERB_LOGON_SUBMIT_TYPE {
    KerbInteractiveLogon = 2,
    KerbSmartCardLogon = 6,
    KerbWorkstationUnlockLogon = 7,
    KerbSmartCardUnlockLogon = 8,
    KerbProxyLogon = 9,
    KerbTicketLogon = 10,
    KerbTicketUnlockLogon = 11,
    KerbS4ULogon = 12,
    KerbCertificateLogon = 13,
    KerbCertificateS4ULogon = 14,
    KerbCertificateUnlockLogon = 15,
    KerbNoElevationLogon = 83,
    KerbLuidLogon = 84
} KERB_LOGON_SUBMIT_TYPE,
    *PKERB_LOGON_SUBMIT_TYPE;

typedef enum _KERB_PROFILE_BUFFER_TYPE {
    KerbInteractiveProfile = 2,
    KerbSmartCardProfile = 4,
    KerbTicketProfile = 6
} KERB_PROFILE_BUFFER_TYPE,
    *PKERB_PROFILE_BUFFER_TYPE;

typedef struct _KERB_INTERACTIVE_LOGON {
    KERB_LOGON_SUBMIT_TYPE MessageType;
    UNICODE_STRING LogonDomainName;
    UNICODE_STRING UserName;
    UNICODE_STRING Password;
} KERB_INTERACTIVE_LOGON, *PKERB_INTERACTIVE_LOGON;

typedef struct _KERB_TICKET_LOGON {
    KERB_LOGON_SUBMIT_TYPE MessageType;
    ULONG Flags;
    ULONG ServiceTicketLength;
    ULONG TicketGrantingTicketLength;
    PUCHAR ServiceTicket;
    PUCHAR TicketGrantingTicket;
} KERB_TICKET_LOGON, *PKERB_TICKET_LOGON;

#define KERB_LOGON_FLAG_ALLOW_EXPIRED_TICKET 0x1
#define KERB_LOGON_FLAG_REDIRECTED           0x2

typedef struct _KERB_S4U_LOGON {
    KERB_LOGON_SUBMIT_TYPE MessageType;
    ULONG Flags;
    UNICODE_STRING ClientUpn;
    UNICODE_STRING ClientRealm;
} KERB_S4U_LOGON, *PKERB_S4U_LOGON;

#define KERB_S4U_LOGON_FLAG_CHECK_LOGONHOURS 0x2
#define KERB_S4U_LOGON_FLAG_IDENTIFY         0x8

typedef struct _KERB_CERTIFICATE_LOGON {
    KERB_LOGON_SUBMIT_TYPE MessageType;
    UNICODE_STRING DomainName;
    UNICODE_STRING UserName;
    UNICODE_STRING Pin;
    ULONG Flags;
    ULONG CspDataLength;
    PUCHAR CspData;
} KERB_CERTIFICATE_LOGON, *PKERB_CERTIFICATE_LOGON;

#define KERB_CERTIFICATE_LOGON_FLAG_CHECK_DUPLICATES     0x1
#define KERB_CERTIFICATE_LOGON_FLAG_USE_CERTIFICATE_INFO 0x2

typedef struct _KERB_SMARTCARD_CSP_INFO {
    DWORD dwCspInfoLen;
    DWORD MessageType;
    __extension__ union {
        PVOID ContextInformation;
        ULONG64 SpaceHolderForWow64;
    };
    DWORD flags;
    DWORD KeySpec;
    ULONG nCardNameOffset;
    ULONG nReaderNameOffset;
    ULONG nContainerNameOffset;
    ULONG nCSPNameOffset;
    TCHAR bBuffer;
} KERB_SMARTCARD_CSP_INFO, *PKERB_SMARTCARD_CSP_INFO;

typedef enum _KERB_PROTOCOL_MESSAGE_TYPE {
    KerbDebugRequestMessage = 0,
    KerbQueryTicketCacheMessage,
    KerbChangeMachinePasswordMessage,
    KerbVerifyPacMessage,
    KerbRetrieveTicketMessage,
    KerbUpdateAddressesMessage,
    KerbPurgeTicketCacheMessage,
    KerbChangePasswordMessage,
    KerbRetrieveEncodedTicketMessage,
    KerbDecryptDataMessage,
    KerbAddBindingCacheEntryMessage,
    KerbSetPasswordMessage,
    KerbSetPasswordExMessage,
    KerbVerifyCredentialsMessage,
    KerbQueryTicketCacheExMessage,
    KerbPurgeTicketCacheExMessage,
    KerbRefreshSmartcardCredentialsMessage,
    KerbAddExtraCredentialsMessage,
    KerbQuerySupplementalCredentialsMessage,
    KerbTransferCredentialsMessage,
    KerbQueryTicketCacheEx2Message,
    KerbSubmitTicketMessage,
    KerbAddExtraCredentialsExMessage,
    KerbQueryKdcProxyCacheMessage,
    KerbPurgeKdcProxyCacheMessage,
    KerbQueryTicketCacheEx3Message,
    KerbCleanupMachinePkinitCredsMessage,
    KerbAddBindingCacheEntryExMessage,
    KerbQueryBindingCacheMessage,
    KerbPurgeBindingCacheMessage,
    KerbPinKdcMessage,
    KerbUnpinAllKdcsMessage,
    KerbQueryDomainExtendedPoliciesMessage,
    KerbQueryS4U2ProxyCacheMessage,
    KerbRetrieveKeyTabMessage
} KERB_PROTOCOL_MESSAGE_TYPE,
    *PKERB_PROTOCOL_MESSAGE_TYPE;

typedef struct KERB_CRYPTO_KEY {
    LONG KeyType;
    ULONG Length;
    PUCHAR Value;
} KERB_CRYPTO_KEY, *PKERB_CRYPTO_KEY;

/* The same within a buffer: Offset counts from its beginning. */
typedef struct KERB_CRYPTO_KEY32 {
    LONG KeyType;
    ULONG Length;
    ULONG Offset;
} KERB_CRYPTO_KEY32, *PKERB_CRYPTO_KEY32;

typedef struct _KERB_EXTERNAL_NAME {
    SHORT NameType;
    USHORT NameCount;
    UNICODE_STRING Names[1];
} KERB_EXTERNAL_NAME, *PKERB_EXTERNAL_NAME;

typedef struct _KERB_EXTERNAL_TICKET {
    PKERB_EXTERNAL_NAME ServiceName;
    PKERB_EXTERNAL_NAME TargetName;
    PKERB_EXTERNAL_NAME ClientName;
    UNICODE_STRING DomainName;
    UNICODE_STRING TargetDomainName;
    UNICODE_STRING AltTargetDomainName;
    KERB_CRYPTO_KEY SessionKey;
    ULONG TicketFlags;
    ULONG Flags;
    LARGE_INTEGER KeyExpirationTime;
    LARGE_INTEGER StartTime;
    LARGE_INTEGER EndTime;
    LARGE_INTEGER RenewUntil;
    LARGE_INTEGER TimeSkew;
    ULONG EncodedTicketSize;
    PUCHAR EncodedTicket;
} KERB_EXTERNAL_TICKET, *PKERB_EXTERNAL_TICKET;

typedef struct _KERB_TICKET_CACHE_INFO {
    UNICODE_STRING ServerName;
    UNICODE_STRING RealmName;
    LARGE_INTEGER StartTime;
    LARGE_INTEGER EndTime;
    LARGE_INTEGER RenewTime;
    LONG EncryptionType;
    ULONG TicketFlags;
} KERB_TICKET_CACHE_INFO, *PKERB_TICKET_CACHE_INFO;

typedef struct _KERB_TICKET_CACHE_INFO_EX {
    UNICODE_STRING ClientName;
    UNICODE_STRING ClientRealm;
    UNICODE_STRING ServerName;
    UNICODE_STRING ServerRealm;
    LARGE_INTEGER StartTime;
    LARGE_INTEGER EndTime;
    LARGE_INTEGER RenewTime;
    LONG EncryptionType;
    ULONG TicketFlags;
} KERB_TICKET_CACHE_INFO_EX, *PKERB_TICKET_CACHE_INFO_EX;

/* What Ex2 and Ex3 add. */
typedef struct _KERB_TICKET_CACHE_INFO_EX2 {
    UNICODE_STRING ClientName;
    UNICODE_STRING ClientRealm;
    UNICODE_STRING ServerName;
    UNICODE_STRING ServerRealm;
    LARGE_INTEGER StartTime;
    LARGE_INTEGER EndTime;
    LARGE_INTEGER RenewTime;
    LONG EncryptionType;
    ULONG TicketFlags;
    ULONG SessionKeyType;
} KERB_TICKET_CACHE_INFO_EX2, *PKERB_TICKET_CACHE_INFO_EX2;

typedef struct _KERB_TICKET_CACHE_INFO_EX3 {
    UNICODE_STRING ClientName;
    UNICODE_STRING ClientRealm;
    UNICODE_STRING ServerName;
    UNICODE_STRING ServerRealm;
    LARGE_INTEGER StartTime;
    LARGE_INTEGER EndTime;
    LARGE_INTEGER RenewTime;
    LONG EncryptionType;
    ULONG TicketFlags;
    ULONG SessionKeyType;
    ULONG BranchId;
    ULONG CacheFlags;
    UNICODE_STRING KdcCalled;
} KERB_TICKET_CACHE_INFO_EX3, *PKERB_TICKET_CACHE_INFO_EX3;

/* KerbQueryTicketCache...Message, and KerbRetrieveTicketMessage for the ticket-granting ticket. */
typedef struct _KERB_QUERY_TKT_CACHE_REQUEST {
    KERB_PROTOCOL_MESSAGE_TYPE MessageType;
    LUID LogonId;
} KERB_QUERY_TKT_CACHE_REQUEST, *PKERB_QUERY_TKT_CACHE_REQUEST;

typedef struct _KERB_QUERY_TKT_CACHE_RESPONSE {
    KERB_PROTOCOL_MESSAGE_TYPE MessageType;
    ULONG CountOfTickets;
    KERB_TICKET_CACHE_INFO Tickets[1];
} KERB_QUERY_TKT_CACHE_RESPONSE, *PKERB_QUERY_TKT_CACHE_RESPONSE;

typedef struct _KERB_QUERY_TKT_CACHE_EX_RESPONSE {
    KERB_PROTOCOL_MESSAGE_TYPE MessageType;
    ULONG CountOfTickets;
    KERB_TICKET_CACHE_INFO_EX Tickets[1];
} KERB_QUERY_TKT_CACHE_EX_RESPONSE, *PKERB_QUERY_TKT_CACHE_EX_RESPONSE;

typedef struct _KERB_QUERY_TKT_CACHE_EX2_RESPONSE {
    KERB_PROTOCOL_MESSAGE_TYPE MessageType;
    ULONG CountOfTickets;
    KERB_TICKET_CACHE_INFO_EX2 Tickets[1];
} KERB_QUERY_TKT_CACHE_EX2_RESPONSE, *PKERB_QUERY_TKT_CACHE_EX2_RESPONSE;

typedef struct _KERB_QUERY_TKT_CACHE_EX3_RESPONSE {
    KERB_PROTOCOL_MESSAGE_TYPE MessageType;
    ULONG CountOfTickets;
    KERB_TICKET_CACHE_INFO_EX3 Tickets[1];
} KERB_QUERY_TKT_CACHE_EX3_RESPONSE, *PKERB_QUERY_TKT_CACHE_EX3_RESPONSE;

#define KERB_USE_DEFAULT_TICKET_FLAGS 0x0
#define KERB_ETYPE_DEFAULT            0x0

/* CacheOptions of a retrieval. */
#define KERB_RETRIEVE_TICKET_DEFAULT        0x0
#define KERB_RETRIEVE_TICKET_DONT_USE_CACHE 0x1
#define KERB_RETRIEVE_TICKET_USE_CACHE_ONLY 0x2
#define KERB_RETRIEVE_TICKET_USE_CREDHANDLE 0x4
#define KERB_RETRIEVE_TICKET_AS_KERB_CRED   0x8
#define KERB_RETRIEVE_TICKET_WITH_SEC_CRED  0x10
#define KERB_RETRIEVE_TICKET_CACHE_TICKET   0x20
#define KERB_RETRIEVE_TICKET_MAX_LIFETIME   0x40

/* KerbRetrieveEncodedTicketMessage */
typedef struct _KERB_RETRIEVE_TKT_REQUEST {
    KERB_PROTOCOL_MESSAGE_TYPE MessageType;
    LUID LogonId;
    UNICODE_STRING TargetName;
    ULONG TicketFlags;
    ULONG CacheOptions;
    LONG EncryptionType;
    SecHandle CredentialsHandle;
} KERB_RETRIEVE_TKT_REQUEST, *PKERB_RETRIEVE_TKT_REQUEST;

typedef struct _KERB_RETRIEVE_TKT_RESPONSE {
    KERB_EXTERNAL_TICKET Ticket;
} KERB_RETRIEVE_TKT_RESPONSE, *PKERB_RETRIEVE_TKT_RESPONSE;

/* KerbPurgeTicketCacheMessage; with two empty names all tickets go. */
typedef struct _KERB_PURGE_TKT_CACHE_REQUEST {
    KERB_PROTOCOL_MESSAGE_TYPE MessageType;
    LUID LogonId;
    UNICODE_STRING ServerName;
    UNICODE_STRING RealmName;
} KERB_PURGE_TKT_CACHE_REQUEST, *PKERB_PURGE_TKT_CACHE_REQUEST;

#define KERB_PURGE_ALL_TICKETS 1

/* KerbPurgeTicketCacheExMessage: only the names of the template count. */
typedef struct _KERB_PURGE_TKT_CACHE_EX_REQUEST {
    KERB_PROTOCOL_MESSAGE_TYPE MessageType;
    LUID LogonId;
    ULONG Flags;
    KERB_TICKET_CACHE_INFO_EX TicketTemplate;
} KERB_PURGE_TKT_CACHE_EX_REQUEST, *PKERB_PURGE_TKT_CACHE_EX_REQUEST;

/* KerbSubmitTicketMessage: a KRB-CRED, and the key of its encrypted part when it has one. */
typedef struct _KERB_SUBMIT_TKT_REQUEST {
    KERB_PROTOCOL_MESSAGE_TYPE MessageType;
    LUID LogonId;
    ULONG Flags;
    KERB_CRYPTO_KEY32 Key;
    ULONG KerbCredSize;
    ULONG KerbCredOffset;
} KERB_SUBMIT_TKT_REQUEST, *PKERB_SUBMIT_TKT_REQUEST;

/* --- Calls ---------------------------------------------------------------------------------- */

/*
 * A connection to the Local Security Authority, which here is this library: nothing is opened. It
 * ends with LsaDeregisterLogonProcess(). LsaRegisterLogonProcess() gives the same kind, to any
 * caller: no call behind it needs a right that the process does not have by itself. Its name is
 * checked (STATUS_NAME_TOO_LONG beyond 127 octets), and *SecurityMode becomes 0.
 * STATUS_INVALID_PARAMETER for NULL, STATUS_NO_MEMORY.
 */
NTSTATUS NTAPI LsaConnectUntrusted(PHANDLE LsaHandle);
NTSTATUS NTAPI LsaRegisterLogonProcess(PLSA_STRING LogonProcessName, PHANDLE LsaHandle,
                                       PLSA_OPERATIONAL_MODE SecurityMode);

/* Ends a connection; a call that is in it ends by itself. STATUS_INVALID_HANDLE. */
NTSTATUS NTAPI LsaDeregisterLogonProcess(HANDLE LsaHandle);

/*
 * The number of a package for the next call, by its name (octets of UTF-8, without regard to case).
 * STATUS_NO_SUCH_PACKAGE, STATUS_NAME_TOO_LONG beyond 127 octets, STATUS_INVALID_HANDLE,
 * STATUS_INVALID_PARAMETER. The numbers are this library's: look them up.
 */
NTSTATUS NTAPI LsaLookupAuthenticationPackage(HANDLE LsaHandle, PLSA_STRING PackageName,
                                              PULONG AuthenticationPackage);

/*
 * Sends a message to a package: Kerberos takes those about its tickets (see the manual page), which
 * are the tickets of the client this thread acts for, else those of the default credential cache.
 *
 * ProtocolSubmitBuffer has SubmitBufferLength octets and is only read. What the message points at
 * must lie within it. *ProtocolReturnBuffer becomes one allocation of *ReturnBufferLength octets
 * that the reply's pointers point into, or NULL; free it with LsaFreeReturnBuffer().
 *
 * Returns whether the package could be asked: STATUS_INVALID_HANDLE, STATUS_NO_SUCH_PACKAGE,
 * STATUS_INVALID_PARAMETER, STATUS_NO_MEMORY. What came of it is *ProtocolStatus, which may be a
 * SEC_E_ code, as on Windows. ProtocolReturnBuffer, ReturnBufferLength and ProtocolStatus may be
 * NULL.
 */
NTSTATUS NTAPI LsaCallAuthenticationPackage(HANDLE LsaHandle, ULONG AuthenticationPackage,
                                            PVOID ProtocolSubmitBuffer, ULONG SubmitBufferLength,
                                            PVOID *ProtocolReturnBuffer, PULONG ReturnBufferLength,
                                            PNTSTATUS ProtocolStatus);

/* Wipes and frees a reply. NULL is allowed. STATUS_SUCCESS. */
NTSTATUS NTAPI LsaFreeReturnBuffer(PVOID Buffer);

/*
 * The Win32 error for an NTSTATUS of this library's functions; ERROR_MR_MID_NOT_FOUND for any
 * other.
 */
ULONG NTAPI LsaNtStatusToWinError(NTSTATUS Code);

#ifdef __cplusplus
}
#endif

#endif
