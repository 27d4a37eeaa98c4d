/* SPDX-License-Identifier: MIT */
/* What the CredSSP package takes as credentials and answers about a context. */
#ifndef GSS_SSPI_CREDSSP_H
#define GSS_SSPI_CREDSSP_H

#include "sspi.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CREDSSP_NAME_A "CREDSSP"
#define CREDSSP_NAME_W SSPI_W("CREDSSP")
#define CREDSSP_NAME   CREDSSP_NAME_W
#define TS_SSP_NAME_A  "TSSSP"
#define TS_SSP_NAME    SSPI_W("TSSSP")

/* Extended key usage of a terminal server's certificate. */
#define szOID_TS_KP_TS_SERVER_AUTH "1.3.6.1.4.1.311.54.1.2"

typedef enum _CREDSSP_SUBMIT_TYPE {
    CredsspPasswordCreds = 2,
    CredsspSchannelCreds = 4,
    CredsspCertificateCreds = 13,
    CredsspSubmitBufferBoth = 50,
    CredsspSubmitBufferBothOld = 51,
    CredsspCredEx = 100
} CREDSPP_SUBMIT_TYPE;

/* pAuthData of AcquireCredentialsHandle(): the credentials of both layers; NULL is the default one.
 */
typedef struct _CREDSSP_CRED {
    CREDSPP_SUBMIT_TYPE Type;
    PVOID pSchannelCred; /* SCHANNEL_CRED or SCH_CREDENTIALS */
    PVOID pSpnegoCred;   /* a SEC_WINNT_AUTH_IDENTITY structure */
} CREDSSP_CRED, *PCREDSSP_CRED;

#define CREDSSP_CRED_EX_VERSION 0

typedef struct _CREDSSP_CRED_EX {
    CREDSPP_SUBMIT_TYPE Type; /* CredsspCredEx */
    ULONG Version;            /* CREDSSP_CRED_EX_VERSION */
    ULONG Flags;
    ULONG Reserved;
    CREDSSP_CRED Cred;
} CREDSSP_CRED_EX, *PCREDSSP_CRED_EX;

#define CREDSSP_FLAG_REDIRECT 0x1

/* Attributes of a CredSSP context. */
#define SECPKG_ALT_ATTR                 0x80000000
#define SECPKG_ATTR_CREDS               0x80000080 /* SecPkgContext_ClientCreds */
#define SECPKG_ATTR_NEGOTIATION_PACKAGE 0x80000081
#define SECPKG_ATTR_C_ACCESS_TOKEN      0x80000012 /* SecPkgContext_AccessToken */
#define SECPKG_ATTR_C_FULL_ACCESS_TOKEN 0x80000082
#define SECPKG_ATTR_SERVER_AUTH_FLAGS                                                              \
    0x80000083 /* SecPkgContext_Flags: CREDSSP_SERVER_AUTH_*                                       \
                */
#define SECPKG_ATTR_CERT_TRUST_STATUS  0x80000084
#define SECPKG_ATTR_C_FULL_IDENT_TOKEN 0x80000085
#define SECPKG_ATTR_CREDS_2            0x80000086

#define CREDSSP_SERVER_AUTH_NEGOTIATE   0x1
#define CREDSSP_SERVER_AUTH_CERTIFICATE 0x2
#define CREDSSP_SERVER_AUTH_LOOPBACK    0x4

/* The client's delegated credentials; AuthBuffer is freed with FreeContextBuffer(): wipe it first.
 */
typedef struct _SecPkgContext_ClientCreds {
    ULONG AuthBufferLen;
    PUCHAR AuthBuffer;
} SecPkgContext_ClientCreds, *PSecPkgContext_ClientCreds;

#ifdef __cplusplus
}
#endif

#endif
