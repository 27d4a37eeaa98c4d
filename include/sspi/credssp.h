/* SPDX-License-Identifier: MIT */
/* Credentials and attributes of the CredSSP package, [MS-CSSP]. */
#ifndef GSS_SSPI_CREDSSP_H
#define GSS_SSPI_CREDSSP_H

#include "sspi.h"

#define CREDSSP_NAME_A "CREDSSP"
#define CREDSSP_NAME_W SSPI_W("CREDSSP")
#define CREDSSP_NAME   SSPI_UAW(CREDSSP_NAME)
#define TS_SSP_NAME_A  "TSSSP"
#define TS_SSP_NAME_W  SSPI_W("TSSSP")
#define TS_SSP_NAME    SSPI_UAW(TS_SSP_NAME)

/* The misspelt name is Windows'. */
typedef enum _CREDSSP_SUBMIT_TYPE {
    CredsspPasswordCreds = 2,
    CredsspSchannelCreds = 4,
    CredsspCertificateCreds = 13,
    CredsspSubmitBufferBoth = 50,
    CredsspSubmitBufferBothOld = 51,
    CredsspCredEx = 100
} CREDSPP_SUBMIT_TYPE;

/* pAuthData of AcquireCredentialsHandle(). */
typedef struct _CREDSSP_CRED {
    CREDSPP_SUBMIT_TYPE Type;
    PVOID pSchannelCred; /* SCHANNEL_CRED or SCH_CREDENTIALS */
    PVOID pSpnegoCred;   /* an identity, see sspi_identity.h */
} CREDSSP_CRED, *PCREDSSP_CRED;

#define CREDSSP_CRED_EX_VERSION 0
#define CREDSSP_FLAG_REDIRECT   0x1

typedef struct _CREDSSP_CRED_EX {
    CREDSPP_SUBMIT_TYPE Type; /* CredsspCredEx */
    ULONG Version;
    ULONG Flags;
    ULONG Reserved;
    CREDSSP_CRED Cred;
} CREDSSP_CRED_EX, *PCREDSSP_CRED_EX;

/* Attributes of a context. */
#define SECPKG_ATTR_C_ACCESS_TOKEN      0x80000012
#define SECPKG_ATTR_CREDS               0x80000080 /* SecPkgContext_ClientCreds */
#define SECPKG_ATTR_NEGOTIATION_PACKAGE 0x80000081
#define SECPKG_ATTR_C_FULL_ACCESS_TOKEN 0x80000082
#define SECPKG_ATTR_SERVER_AUTH_FLAGS   0x80000083 /* CREDSSP_SERVER_AUTH_* */
#define SECPKG_ATTR_CERT_TRUST_STATUS   0x80000084
#define SECPKG_ATTR_CREDS_2             0x80000086

#define CREDSSP_SERVER_AUTH_NEGOTIATE   0x1
#define CREDSSP_SERVER_AUTH_CERTIFICATE 0x2
#define CREDSSP_SERVER_AUTH_LOOPBACK    0x4

typedef struct _SecPkgContext_ClientCreds {
    ULONG AuthBufferLen;
    PUCHAR AuthBuffer;
} SecPkgContext_ClientCreds, *PSecPkgContext_ClientCreds;

#endif
