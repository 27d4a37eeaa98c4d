/* SPDX-License-Identifier: MIT */
/*
 * Result codes: Win32 errors, SSPI's SEC_E_* and SEC_I_*, and those of keys, certificates and
 * trust, with Windows' values. What each SSPI code means is in sspi_status(3).
 */
#ifndef GSS_SSPI_WINERROR_H
#define GSS_SSPI_WINERROR_H

#include "windef.h"

#define SUCCEEDED(result) (((HRESULT)(result)) >= 0)
#define FAILED(result)    (((HRESULT)(result)) < 0)
#define IS_ERROR(result)  (((ULONG)(result)) >> 31 == 1)

/* A result is a severity bit, a facility and a code. */
#define SEVERITY_SUCCESS 0
#define SEVERITY_ERROR   1

#define FACILITY_NULL     0
#define FACILITY_ITF      4
#define FACILITY_WIN32    7
#define FACILITY_SSPI     9
#define FACILITY_SECURITY 9
#define FACILITY_CERT     11

#define MAKE_HRESULT(severity, facility, code)                                                     \
    ((HRESULT)(((ULONG)(severity) << 31) | ((ULONG)(facility) << 16) | (ULONG)(code)))
#define HRESULT_SEVERITY(result) (((ULONG)(result)) >> 31)
#define HRESULT_FACILITY(result) ((((ULONG)(result)) >> 16) & 0x1fff)
#define HRESULT_CODE(result)     (((ULONG)(result)) & 0xffff)
#define SCODE_CODE(result)       HRESULT_CODE(result)
#define SCODE_FACILITY(result)   HRESULT_FACILITY(result)

#define _HRESULT_TYPEDEF_(number) ((HRESULT)(number))

/* Zero and what is a result already stay as they are. */
#define HRESULT_FROM_WIN32(error)                                                                  \
    ((HRESULT)(error) <= 0 ? (HRESULT)(error)                                                      \
                           : MAKE_HRESULT(SEVERITY_ERROR, FACILITY_WIN32, (error)&0xffff))

/* An NTSTATUS as a result: one bit more. */
#define HRESULT_FROM_NT(status) ((HRESULT)((ULONG)(status) | 0x10000000))

/* --- Win32 error codes: what GetLastError() gives ------------------------------------------- */

#define ERROR_SUCCESS                 0
#define ERROR_INVALID_FUNCTION        1
#define ERROR_FILE_NOT_FOUND          2
#define ERROR_PATH_NOT_FOUND          3
#define ERROR_TOO_MANY_OPEN_FILES     4
#define ERROR_ACCESS_DENIED           5
#define ERROR_INVALID_HANDLE          6
#define ERROR_NOT_ENOUGH_MEMORY       8
#define ERROR_BAD_FORMAT              11
#define ERROR_INVALID_ACCESS          12
#define ERROR_INVALID_DATA            13
#define ERROR_OUTOFMEMORY             14
#define ERROR_NO_MORE_FILES           18
#define ERROR_WRITE_PROTECT           19
#define ERROR_NOT_READY               21
#define ERROR_BAD_LENGTH              24
#define ERROR_SEEK                    25
#define ERROR_GEN_FAILURE             31
#define ERROR_SHARING_VIOLATION       32
#define ERROR_LOCK_VIOLATION          33
#define ERROR_HANDLE_EOF              38
#define ERROR_HANDLE_DISK_FULL        39
#define ERROR_NOT_SUPPORTED           50
#define ERROR_BAD_NETPATH             53
#define ERROR_FILE_EXISTS             80
#define ERROR_INVALID_PASSWORD        86
#define ERROR_INVALID_PARAMETER       87
#define ERROR_BROKEN_PIPE             109
#define ERROR_OPEN_FAILED             110
#define ERROR_BUFFER_OVERFLOW         111
#define ERROR_DISK_FULL               112
#define ERROR_CALL_NOT_IMPLEMENTED    120
#define ERROR_SEM_TIMEOUT             121
#define ERROR_INSUFFICIENT_BUFFER     122
#define ERROR_INVALID_NAME            123
#define ERROR_INVALID_LEVEL           124
#define ERROR_MOD_NOT_FOUND           126
#define ERROR_PROC_NOT_FOUND          127
#define ERROR_NEGATIVE_SEEK           131
#define ERROR_DIR_NOT_EMPTY           145
#define ERROR_BAD_ARGUMENTS           160
#define ERROR_BAD_PATHNAME            161
#define ERROR_BUSY                    170
#define ERROR_ALREADY_EXISTS          183
#define ERROR_BAD_EXE_FORMAT          193
#define ERROR_ENVVAR_NOT_FOUND        203
#define ERROR_FILENAME_EXCED_RANGE    206
#define ERROR_MORE_DATA               234
#define ERROR_NO_MORE_ITEMS           259
#define ERROR_DIRECTORY               267
#define ERROR_MR_MID_NOT_FOUND        317
#define ERROR_OPERATION_ABORTED       995
#define ERROR_IO_INCOMPLETE           996
#define ERROR_IO_PENDING              997
#define ERROR_NOACCESS                998
#define ERROR_INVALID_FLAGS           1004
#define ERROR_NO_TOKEN                1008
#define ERROR_NO_UNICODE_TRANSLATION  1113
#define ERROR_DLL_INIT_FAILED         1114
#define ERROR_NOT_FOUND               1168
#define ERROR_BAD_DEVICE              1200
#define ERROR_EXTENDED_ERROR          1208
#define ERROR_CANCELLED               1223
#define ERROR_CONNECTION_REFUSED      1225
#define ERROR_HOST_UNREACHABLE        1232
#define ERROR_NOT_AUTHENTICATED       1244
#define ERROR_DOWNGRADE_DETECTED      1265
#define ERROR_NO_LOGON_SERVERS        1311
#define ERROR_NO_SUCH_LOGON_SESSION   1312
#define ERROR_NO_SUCH_PRIVILEGE       1313
#define ERROR_PRIVILEGE_NOT_HELD      1314
#define ERROR_NO_SUCH_USER            1317
#define ERROR_WRONG_PASSWORD          1323
#define ERROR_PASSWORD_RESTRICTION    1325
#define ERROR_LOGON_FAILURE           1326
#define ERROR_ACCOUNT_RESTRICTION     1327
#define ERROR_INVALID_LOGON_HOURS     1328
#define ERROR_INVALID_WORKSTATION     1329
#define ERROR_PASSWORD_EXPIRED        1330
#define ERROR_ACCOUNT_DISABLED        1331
#define ERROR_NONE_MAPPED             1332
#define ERROR_INVALID_SID             1337
#define ERROR_BAD_IMPERSONATION_LEVEL 1346
#define ERROR_CANT_OPEN_ANONYMOUS     1347
#define ERROR_BAD_TOKEN_TYPE          1349
#define ERROR_CANT_ACCESS_DOMAIN_INFO 1351
#define ERROR_NO_SUCH_DOMAIN          1355
#define ERROR_INTERNAL_ERROR          1359
#define ERROR_NO_SUCH_PACKAGE         1364
#define ERROR_LOGON_SESSION_COLLISION 1366
#define ERROR_CANNOT_IMPERSONATE      1368
#define ERROR_LOGON_TYPE_NOT_GRANTED  1385
#define ERROR_WRONG_TARGET_NAME       1396
#define ERROR_MUTUAL_AUTH_FAILED      1397
#define ERROR_TIME_SKEW               1398
#define ERROR_NO_SYSTEM_RESOURCES     1450
#define ERROR_TIMEOUT                 1460
#define ERROR_INVALID_USER_BUFFER     1784
#define ERROR_NO_TRUST_SAM_ACCOUNT    1787
#define ERROR_TRUST_FAILURE           1790
#define ERROR_ACCOUNT_EXPIRED         1793
#define ERROR_RESOURCE_NAME_NOT_FOUND 1814
#define ERROR_PASSWORD_MUST_CHANGE    1907
#define ERROR_ACCOUNT_LOCKED_OUT      1909
#define ERROR_BAD_USERNAME            2202
#define ERROR_INVALID_STATE           5023
#define NO_ERROR                      0

#define ERROR_REQUIRES_INTERACTIVE_WINDOWSTATION 1459

/* --- Windows Sockets, as WSAGetLastError() gives them --------------------------------------- */

#define WSABASEERR             10000
#define WSAEINTR               10004
#define WSAEBADF               10009
#define WSAEACCES              10013
#define WSAEFAULT              10014
#define WSAEINVAL              10022
#define WSAEMFILE              10024
#define WSAEWOULDBLOCK         10035
#define WSAEINPROGRESS         10036
#define WSAEALREADY            10037
#define WSAENOTSOCK            10038
#define WSAEDESTADDRREQ        10039
#define WSAEMSGSIZE            10040
#define WSAEPROTOTYPE          10041
#define WSAENOPROTOOPT         10042
#define WSAEPROTONOSUPPORT     10043
#define WSAESOCKTNOSUPPORT     10044
#define WSAEOPNOTSUPP          10045
#define WSAEPFNOSUPPORT        10046
#define WSAEAFNOSUPPORT        10047
#define WSAEADDRINUSE          10048
#define WSAEADDRNOTAVAIL       10049
#define WSAENETDOWN            10050
#define WSAENETUNREACH         10051
#define WSAENETRESET           10052
#define WSAECONNABORTED        10053
#define WSAECONNRESET          10054
#define WSAENOBUFS             10055
#define WSAEISCONN             10056
#define WSAENOTCONN            10057
#define WSAESHUTDOWN           10058
#define WSAETOOMANYREFS        10059
#define WSAETIMEDOUT           10060
#define WSAECONNREFUSED        10061
#define WSAELOOP               10062
#define WSAENAMETOOLONG        10063
#define WSAEHOSTDOWN           10064
#define WSAEHOSTUNREACH        10065
#define WSAENOTEMPTY           10066
#define WSAEPROCLIM            10067
#define WSAEUSERS              10068
#define WSAEDQUOT              10069
#define WSAESTALE              10070
#define WSAEREMOTE             10071
#define WSASYSNOTREADY         10091
#define WSAVERNOTSUPPORTED     10092
#define WSANOTINITIALISED      10093
#define WSAEDISCON             10101
#define WSAENOMORE             10102
#define WSAECANCELLED          10103
#define WSAEINVALIDPROCTABLE   10104
#define WSAEINVALIDPROVIDER    10105
#define WSAEPROVIDERFAILEDINIT 10106
#define WSASYSCALLFAILURE      10107
#define WSAEREFUSED            10112
#define WSAHOST_NOT_FOUND      11001
#define WSATRY_AGAIN           11002
#define WSANO_RECOVERY         11003
#define WSANO_DATA             11004

/* --- COM style results ---------------------------------------------------------------------- */

#define S_OK           ((HRESULT)0x00000000)
#define S_FALSE        ((HRESULT)0x00000001)
#define E_NOTIMPL      ((HRESULT)0x80004001)
#define E_NOINTERFACE  ((HRESULT)0x80004002)
#define E_POINTER      ((HRESULT)0x80004003)
#define E_ABORT        ((HRESULT)0x80004004)
#define E_FAIL         ((HRESULT)0x80004005)
#define E_UNEXPECTED   ((HRESULT)0x8000FFFF)
#define E_ACCESSDENIED ((HRESULT)0x80070005)
#define E_HANDLE       ((HRESULT)0x80070006)
#define E_OUTOFMEMORY  ((HRESULT)0x8007000E)
#define E_INVALIDARG   ((HRESULT)0x80070057)
#define E_PENDING      ((HRESULT)0x8000000A)

/* --- SSPI: success, with something to do ---------------------------------------------------- */

#define SEC_E_OK                         ((HRESULT)0x00000000)
#define SEC_I_CONTINUE_NEEDED            ((HRESULT)0x00090312)
#define SEC_I_COMPLETE_NEEDED            ((HRESULT)0x00090313)
#define SEC_I_COMPLETE_AND_CONTINUE      ((HRESULT)0x00090314)
#define SEC_I_LOCAL_LOGON                ((HRESULT)0x00090315)
#define SEC_I_GENERIC_EXTENSION_RECEIVED ((HRESULT)0x00090316)
#define SEC_I_CONTEXT_EXPIRED            ((HRESULT)0x00090317)
#define SEC_I_INCOMPLETE_CREDENTIALS     ((HRESULT)0x00090320)
#define SEC_I_RENEGOTIATE                ((HRESULT)0x00090321)
#define SEC_I_NO_LSA_CONTEXT             ((HRESULT)0x00090323)
#define SEC_I_SIGNATURE_NEEDED           ((HRESULT)0x0009035C)
#define SEC_I_NO_RENEGOTIATION           ((HRESULT)0x00090360)
#define SEC_I_MESSAGE_FRAGMENT           ((HRESULT)0x00090364)
#define SEC_I_CONTINUE_NEEDED_MESSAGE_OK ((HRESULT)0x00090366)
#define SEC_I_ASYNC_CALL_PENDING         ((HRESULT)0x00090368)

/* --- SSPI: failure -------------------------------------------------------------------------- */

#define SEC_E_INSUFFICIENT_MEMORY           ((HRESULT)0x80090300)
#define SEC_E_INVALID_HANDLE                ((HRESULT)0x80090301)
#define SEC_E_UNSUPPORTED_FUNCTION          ((HRESULT)0x80090302)
#define SEC_E_TARGET_UNKNOWN                ((HRESULT)0x80090303)
#define SEC_E_INTERNAL_ERROR                ((HRESULT)0x80090304)
#define SEC_E_SECPKG_NOT_FOUND              ((HRESULT)0x80090305)
#define SEC_E_NOT_OWNER                     ((HRESULT)0x80090306)
#define SEC_E_CANNOT_INSTALL                ((HRESULT)0x80090307)
#define SEC_E_INVALID_TOKEN                 ((HRESULT)0x80090308)
#define SEC_E_CANNOT_PACK                   ((HRESULT)0x80090309)
#define SEC_E_QOP_NOT_SUPPORTED             ((HRESULT)0x8009030A)
#define SEC_E_NO_IMPERSONATION              ((HRESULT)0x8009030B)
#define SEC_E_LOGON_DENIED                  ((HRESULT)0x8009030C)
#define SEC_E_UNKNOWN_CREDENTIALS           ((HRESULT)0x8009030D)
#define SEC_E_NO_CREDENTIALS                ((HRESULT)0x8009030E)
#define SEC_E_MESSAGE_ALTERED               ((HRESULT)0x8009030F)
#define SEC_E_OUT_OF_SEQUENCE               ((HRESULT)0x80090310)
#define SEC_E_NO_AUTHENTICATING_AUTHORITY   ((HRESULT)0x80090311)
#define SEC_E_BAD_PKGID                     ((HRESULT)0x80090316)
#define SEC_E_CONTEXT_EXPIRED               ((HRESULT)0x80090317)
#define SEC_E_INCOMPLETE_MESSAGE            ((HRESULT)0x80090318)
#define SEC_E_INCOMPLETE_CREDENTIALS        ((HRESULT)0x80090320)
#define SEC_E_BUFFER_TOO_SMALL              ((HRESULT)0x80090321)
#define SEC_E_WRONG_PRINCIPAL               ((HRESULT)0x80090322)
#define SEC_E_TIME_SKEW                     ((HRESULT)0x80090324)
#define SEC_E_UNTRUSTED_ROOT                ((HRESULT)0x80090325)
#define SEC_E_ILLEGAL_MESSAGE               ((HRESULT)0x80090326)
#define SEC_E_CERT_UNKNOWN                  ((HRESULT)0x80090327)
#define SEC_E_CERT_EXPIRED                  ((HRESULT)0x80090328)
#define SEC_E_ENCRYPT_FAILURE               ((HRESULT)0x80090329)
#define SEC_E_DECRYPT_FAILURE               ((HRESULT)0x80090330)
#define SEC_E_ALGORITHM_MISMATCH            ((HRESULT)0x80090331)
#define SEC_E_SECURITY_QOS_FAILED           ((HRESULT)0x80090332)
#define SEC_E_UNFINISHED_CONTEXT_DELETED    ((HRESULT)0x80090333)
#define SEC_E_NO_TGT_REPLY                  ((HRESULT)0x80090334)
#define SEC_E_NO_IP_ADDRESSES               ((HRESULT)0x80090335)
#define SEC_E_WRONG_CREDENTIAL_HANDLE       ((HRESULT)0x80090336)
#define SEC_E_CRYPTO_SYSTEM_INVALID         ((HRESULT)0x80090337)
#define SEC_E_MAX_REFERRALS_EXCEEDED        ((HRESULT)0x80090338)
#define SEC_E_MUST_BE_KDC                   ((HRESULT)0x80090339)
#define SEC_E_STRONG_CRYPTO_NOT_SUPPORTED   ((HRESULT)0x8009033A)
#define SEC_E_TOO_MANY_PRINCIPALS           ((HRESULT)0x8009033B)
#define SEC_E_NO_PA_DATA                    ((HRESULT)0x8009033C)
#define SEC_E_PKINIT_NAME_MISMATCH          ((HRESULT)0x8009033D)
#define SEC_E_SMARTCARD_LOGON_REQUIRED      ((HRESULT)0x8009033E)
#define SEC_E_SHUTDOWN_IN_PROGRESS          ((HRESULT)0x8009033F)
#define SEC_E_KDC_INVALID_REQUEST           ((HRESULT)0x80090340)
#define SEC_E_KDC_UNABLE_TO_REFER           ((HRESULT)0x80090341)
#define SEC_E_KDC_UNKNOWN_ETYPE             ((HRESULT)0x80090342)
#define SEC_E_UNSUPPORTED_PREAUTH           ((HRESULT)0x80090343)
#define SEC_E_DELEGATION_REQUIRED           ((HRESULT)0x80090345)
#define SEC_E_BAD_BINDINGS                  ((HRESULT)0x80090346)
#define SEC_E_MULTIPLE_ACCOUNTS             ((HRESULT)0x80090347)
#define SEC_E_NO_KERB_KEY                   ((HRESULT)0x80090348)
#define SEC_E_CERT_WRONG_USAGE              ((HRESULT)0x80090349)
#define SEC_E_DOWNGRADE_DETECTED            ((HRESULT)0x80090350)
#define SEC_E_SMARTCARD_CERT_REVOKED        ((HRESULT)0x80090351)
#define SEC_E_ISSUING_CA_UNTRUSTED          ((HRESULT)0x80090352)
#define SEC_E_REVOCATION_OFFLINE_C          ((HRESULT)0x80090353)
#define SEC_E_PKINIT_CLIENT_FAILURE         ((HRESULT)0x80090354)
#define SEC_E_SMARTCARD_CERT_EXPIRED        ((HRESULT)0x80090355)
#define SEC_E_NO_S4U_PROT_SUPPORT           ((HRESULT)0x80090356)
#define SEC_E_CROSSREALM_DELEGATION_FAILURE ((HRESULT)0x80090357)
#define SEC_E_REVOCATION_OFFLINE_KDC        ((HRESULT)0x80090358)
#define SEC_E_ISSUING_CA_UNTRUSTED_KDC      ((HRESULT)0x80090359)
#define SEC_E_KDC_CERT_EXPIRED              ((HRESULT)0x8009035A)
#define SEC_E_KDC_CERT_REVOKED              ((HRESULT)0x8009035B)
#define SEC_E_INVALID_PARAMETER             ((HRESULT)0x8009035D)
#define SEC_E_DELEGATION_POLICY             ((HRESULT)0x8009035E)
#define SEC_E_POLICY_NLTM_ONLY              ((HRESULT)0x8009035F)
#define SEC_E_NO_CONTEXT                    ((HRESULT)0x80090361)
#define SEC_E_PKU2U_CERT_FAILURE            ((HRESULT)0x80090362)
#define SEC_E_MUTUAL_AUTH_FAILED            ((HRESULT)0x80090363)
#define SEC_E_ONLY_HTTPS_ALLOWED            ((HRESULT)0x80090365)
#define SEC_E_APPLICATION_PROTOCOL_MISMATCH ((HRESULT)0x80090367)
#define SEC_E_INVALID_UPN_NAME              ((HRESULT)0x80090369)
#define SEC_E_EXT_BUFFER_TOO_SMALL          ((HRESULT)0x8009036A)
#define SEC_E_INSUFFICIENT_BUFFERS          ((HRESULT)0x8009036B)

/* Older names of two of them. */
#define SEC_E_NO_SPM        SEC_E_INTERNAL_ERROR
#define SEC_E_NOT_SUPPORTED SEC_E_UNSUPPORTED_FUNCTION

/* --- Keys and key providers ----------------------------------------------------------------- */

#define NTE_BAD_UID                   ((HRESULT)0x80090001)
#define NTE_BAD_HASH                  ((HRESULT)0x80090002)
#define NTE_BAD_KEY                   ((HRESULT)0x80090003)
#define NTE_BAD_LEN                   ((HRESULT)0x80090004)
#define NTE_BAD_DATA                  ((HRESULT)0x80090005)
#define NTE_BAD_SIGNATURE             ((HRESULT)0x80090006)
#define NTE_BAD_VER                   ((HRESULT)0x80090007)
#define NTE_BAD_ALGID                 ((HRESULT)0x80090008)
#define NTE_BAD_FLAGS                 ((HRESULT)0x80090009)
#define NTE_BAD_TYPE                  ((HRESULT)0x8009000A)
#define NTE_BAD_KEY_STATE             ((HRESULT)0x8009000B)
#define NTE_BAD_HASH_STATE            ((HRESULT)0x8009000C)
#define NTE_NO_KEY                    ((HRESULT)0x8009000D)
#define NTE_NO_MEMORY                 ((HRESULT)0x8009000E)
#define NTE_EXISTS                    ((HRESULT)0x8009000F)
#define NTE_PERM                      ((HRESULT)0x80090010)
#define NTE_NOT_FOUND                 ((HRESULT)0x80090011)
#define NTE_DOUBLE_ENCRYPT            ((HRESULT)0x80090012)
#define NTE_BAD_PROVIDER              ((HRESULT)0x80090013)
#define NTE_BAD_PROV_TYPE             ((HRESULT)0x80090014)
#define NTE_BAD_PUBLIC_KEY            ((HRESULT)0x80090015)
#define NTE_BAD_KEYSET                ((HRESULT)0x80090016)
#define NTE_PROV_TYPE_NOT_DEF         ((HRESULT)0x80090017)
#define NTE_PROV_TYPE_ENTRY_BAD       ((HRESULT)0x80090018)
#define NTE_KEYSET_NOT_DEF            ((HRESULT)0x80090019)
#define NTE_KEYSET_ENTRY_BAD          ((HRESULT)0x8009001A)
#define NTE_PROV_TYPE_NO_MATCH        ((HRESULT)0x8009001B)
#define NTE_SIGNATURE_FILE_BAD        ((HRESULT)0x8009001C)
#define NTE_PROVIDER_DLL_FAIL         ((HRESULT)0x8009001D)
#define NTE_PROV_DLL_NOT_FOUND        ((HRESULT)0x8009001E)
#define NTE_BAD_KEYSET_PARAM          ((HRESULT)0x8009001F)
#define NTE_FAIL                      ((HRESULT)0x80090020)
#define NTE_SYS_ERR                   ((HRESULT)0x80090021)
#define NTE_SILENT_CONTEXT            ((HRESULT)0x80090022)
#define NTE_TOKEN_KEYSET_STORAGE_FULL ((HRESULT)0x80090023)
#define NTE_TEMPORARY_PROFILE         ((HRESULT)0x80090024)
#define NTE_FIXEDPARAMETER            ((HRESULT)0x80090025)
#define NTE_INVALID_HANDLE            ((HRESULT)0x80090026)
#define NTE_INVALID_PARAMETER         ((HRESULT)0x80090027)
#define NTE_BUFFER_TOO_SMALL          ((HRESULT)0x80090028)
#define NTE_NOT_SUPPORTED             ((HRESULT)0x80090029)
#define NTE_NO_MORE_ITEMS             ((HRESULT)0x8009002A)
#define NTE_BUFFERS_OVERLAP           ((HRESULT)0x8009002B)
#define NTE_DECRYPTION_FAILURE        ((HRESULT)0x8009002C)
#define NTE_INTERNAL_ERROR            ((HRESULT)0x8009002D)
#define NTE_UI_REQUIRED               ((HRESULT)0x8009002E)
#define NTE_HMAC_NOT_SUPPORTED        ((HRESULT)0x8009002F)
#define NTE_DEVICE_NOT_READY          ((HRESULT)0x80090030)
#define NTE_AUTHENTICATION_IGNORED    ((HRESULT)0x80090031)
#define NTE_VALIDATION_FAILED         ((HRESULT)0x80090032)
#define NTE_INCORRECT_PASSWORD        ((HRESULT)0x80090033)
#define NTE_ENCRYPTION_FAILURE        ((HRESULT)0x80090034)
#define NTE_DEVICE_NOT_FOUND          ((HRESULT)0x80090035)
#define NTE_USER_CANCELLED            ((HRESULT)0x80090036)
#define NTE_PASSWORD_CHANGE_REQUIRED  ((HRESULT)0x80090037)
#define NTE_NOT_ACTIVE_CONSOLE        ((HRESULT)0x80090038)
#define NTE_OP_OK                     ((HRESULT)0x00000000)

/* --- Certificates, stores and messages ------------------------------------------------------ */

#define CRYPT_E_MSG_ERROR                  ((HRESULT)0x80091001)
#define CRYPT_E_UNKNOWN_ALGO               ((HRESULT)0x80091002)
#define CRYPT_E_OID_FORMAT                 ((HRESULT)0x80091003)
#define CRYPT_E_INVALID_MSG_TYPE           ((HRESULT)0x80091004)
#define CRYPT_E_UNEXPECTED_ENCODING        ((HRESULT)0x80091005)
#define CRYPT_E_AUTH_ATTR_MISSING          ((HRESULT)0x80091006)
#define CRYPT_E_HASH_VALUE                 ((HRESULT)0x80091007)
#define CRYPT_E_INVALID_INDEX              ((HRESULT)0x80091008)
#define CRYPT_E_ALREADY_DECRYPTED          ((HRESULT)0x80091009)
#define CRYPT_E_NOT_DECRYPTED              ((HRESULT)0x8009100A)
#define CRYPT_E_RECIPIENT_NOT_FOUND        ((HRESULT)0x8009100B)
#define CRYPT_E_CONTROL_TYPE               ((HRESULT)0x8009100C)
#define CRYPT_E_ISSUER_SERIALNUMBER        ((HRESULT)0x8009100D)
#define CRYPT_E_SIGNER_NOT_FOUND           ((HRESULT)0x8009100E)
#define CRYPT_E_ATTRIBUTES_MISSING         ((HRESULT)0x8009100F)
#define CRYPT_E_STREAM_MSG_NOT_READY       ((HRESULT)0x80091010)
#define CRYPT_E_STREAM_INSUFFICIENT_DATA   ((HRESULT)0x80091011)
#define CRYPT_I_NEW_PROTECTION_REQUIRED    ((HRESULT)0x00091012)
#define CRYPT_E_BAD_LEN                    ((HRESULT)0x80092001)
#define CRYPT_E_BAD_ENCODE                 ((HRESULT)0x80092002)
#define CRYPT_E_FILE_ERROR                 ((HRESULT)0x80092003)
#define CRYPT_E_NOT_FOUND                  ((HRESULT)0x80092004)
#define CRYPT_E_EXISTS                     ((HRESULT)0x80092005)
#define CRYPT_E_NO_PROVIDER                ((HRESULT)0x80092006)
#define CRYPT_E_SELF_SIGNED                ((HRESULT)0x80092007)
#define CRYPT_E_DELETED_PREV               ((HRESULT)0x80092008)
#define CRYPT_E_NO_MATCH                   ((HRESULT)0x80092009)
#define CRYPT_E_UNEXPECTED_MSG_TYPE        ((HRESULT)0x8009200A)
#define CRYPT_E_NO_KEY_PROPERTY            ((HRESULT)0x8009200B)
#define CRYPT_E_NO_DECRYPT_CERT            ((HRESULT)0x8009200C)
#define CRYPT_E_BAD_MSG                    ((HRESULT)0x8009200D)
#define CRYPT_E_NO_SIGNER                  ((HRESULT)0x8009200E)
#define CRYPT_E_PENDING_CLOSE              ((HRESULT)0x8009200F)
#define CRYPT_E_REVOKED                    ((HRESULT)0x80092010)
#define CRYPT_E_NO_REVOCATION_DLL          ((HRESULT)0x80092011)
#define CRYPT_E_NO_REVOCATION_CHECK        ((HRESULT)0x80092012)
#define CRYPT_E_REVOCATION_OFFLINE         ((HRESULT)0x80092013)
#define CRYPT_E_NOT_IN_REVOCATION_DATABASE ((HRESULT)0x80092014)
#define CRYPT_E_INVALID_NUMERIC_STRING     ((HRESULT)0x80092020)
#define CRYPT_E_INVALID_PRINTABLE_STRING   ((HRESULT)0x80092021)
#define CRYPT_E_INVALID_IA5_STRING         ((HRESULT)0x80092022)
#define CRYPT_E_INVALID_X500_STRING        ((HRESULT)0x80092023)
#define CRYPT_E_NOT_CHAR_STRING            ((HRESULT)0x80092024)
#define CRYPT_E_FILERESIZED                ((HRESULT)0x80092025)
#define CRYPT_E_SECURITY_SETTINGS          ((HRESULT)0x80092026)
#define CRYPT_E_NO_VERIFY_USAGE_DLL        ((HRESULT)0x80092027)
#define CRYPT_E_NO_VERIFY_USAGE_CHECK      ((HRESULT)0x80092028)
#define CRYPT_E_VERIFY_USAGE_OFFLINE       ((HRESULT)0x80092029)
#define CRYPT_E_NOT_IN_CTL                 ((HRESULT)0x8009202A)
#define CRYPT_E_NO_TRUSTED_SIGNER          ((HRESULT)0x8009202B)
#define CRYPT_E_MISSING_PUBKEY_PARA        ((HRESULT)0x8009202C)
#define CRYPT_E_OSS_ERROR                  ((HRESULT)0x80093000)
#define CRYPT_E_ASN1_ERROR                 ((HRESULT)0x80093100)
#define CRYPT_E_ASN1_INTERNAL              ((HRESULT)0x80093101)
#define CRYPT_E_ASN1_EOD                   ((HRESULT)0x80093102)
#define CRYPT_E_ASN1_CORRUPT               ((HRESULT)0x80093103)
#define CRYPT_E_ASN1_LARGE                 ((HRESULT)0x80093104)
#define CRYPT_E_ASN1_CONSTRAINT            ((HRESULT)0x80093105)
#define CRYPT_E_ASN1_MEMORY                ((HRESULT)0x80093106)
#define CRYPT_E_ASN1_OVERFLOW              ((HRESULT)0x80093107)
#define CRYPT_E_ASN1_BADPDU                ((HRESULT)0x80093108)
#define CRYPT_E_ASN1_BADARGS               ((HRESULT)0x80093109)
#define CRYPT_E_ASN1_BADREAL               ((HRESULT)0x8009310A)
#define CRYPT_E_ASN1_BADTAG                ((HRESULT)0x8009310B)
#define CRYPT_E_ASN1_CHOICE                ((HRESULT)0x8009310C)
#define CRYPT_E_ASN1_RULE                  ((HRESULT)0x8009310D)
#define CRYPT_E_ASN1_UTF8                  ((HRESULT)0x8009310E)
#define CRYPT_E_ASN1_PDU_TYPE              ((HRESULT)0x80093133)
#define CRYPT_E_ASN1_NYI                   ((HRESULT)0x80093134)
#define CRYPT_E_ASN1_EXTENDED              ((HRESULT)0x80093201)
#define CRYPT_E_ASN1_NOEOD                 ((HRESULT)0x80093202)

/* --- Trust in a certificate or signature ---------------------------------------------------- */

#define TRUST_E_SYSTEM_ERROR         ((HRESULT)0x80096001)
#define TRUST_E_NO_SIGNER_CERT       ((HRESULT)0x80096002)
#define TRUST_E_COUNTER_SIGNER       ((HRESULT)0x80096003)
#define TRUST_E_CERT_SIGNATURE       ((HRESULT)0x80096004)
#define TRUST_E_TIME_STAMP           ((HRESULT)0x80096005)
#define TRUST_E_BAD_DIGEST           ((HRESULT)0x80096010)
#define TRUST_E_BASIC_CONSTRAINTS    ((HRESULT)0x80096019)
#define TRUST_E_FINANCIAL_CRITERIA   ((HRESULT)0x8009601E)
#define TRUST_E_PROVIDER_UNKNOWN     ((HRESULT)0x800B0001)
#define TRUST_E_ACTION_UNKNOWN       ((HRESULT)0x800B0002)
#define TRUST_E_SUBJECT_FORM_UNKNOWN ((HRESULT)0x800B0003)
#define TRUST_E_SUBJECT_NOT_TRUSTED  ((HRESULT)0x800B0004)
#define TRUST_E_NOSIGNATURE          ((HRESULT)0x800B0100)
#define CERT_E_EXPIRED               ((HRESULT)0x800B0101)
#define CERT_E_VALIDITYPERIODNESTING ((HRESULT)0x800B0102)
#define CERT_E_ROLE                  ((HRESULT)0x800B0103)
#define CERT_E_PATHLENCONST          ((HRESULT)0x800B0104)
#define CERT_E_CRITICAL              ((HRESULT)0x800B0105)
#define CERT_E_PURPOSE               ((HRESULT)0x800B0106)
#define CERT_E_ISSUERCHAINING        ((HRESULT)0x800B0107)
#define CERT_E_MALFORMED             ((HRESULT)0x800B0108)
#define CERT_E_UNTRUSTEDROOT         ((HRESULT)0x800B0109)
#define CERT_E_CHAINING              ((HRESULT)0x800B010A)
#define TRUST_E_FAIL                 ((HRESULT)0x800B010B)
#define CERT_E_REVOKED               ((HRESULT)0x800B010C)
#define CERT_E_UNTRUSTEDTESTROOT     ((HRESULT)0x800B010D)
#define CERT_E_REVOCATION_FAILURE    ((HRESULT)0x800B010E)
#define CERT_E_CN_NO_MATCH           ((HRESULT)0x800B010F)
#define CERT_E_WRONG_USAGE           ((HRESULT)0x800B0110)
#define TRUST_E_EXPLICIT_DISTRUST    ((HRESULT)0x800B0111)
#define CERT_E_UNTRUSTEDCA           ((HRESULT)0x800B0112)
#define CERT_E_INVALID_POLICY        ((HRESULT)0x800B0113)
#define CERT_E_INVALID_NAME          ((HRESULT)0x800B0114)

#endif
