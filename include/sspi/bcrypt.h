/* SPDX-License-Identifier: MIT */
/*
 * Names of algorithms and their parts that programs hand to Schannel (CRYPTO_SETTINGS,
 * SEC_TRAFFIC_SECRETS) or compare with what it tells. The functions of bcrypt.dll are not part of
 * this library.
 */
#ifndef GSS_SSPI_BCRYPT_H
#define GSS_SSPI_BCRYPT_H

#include "ntstatus.h"

typedef PVOID BCRYPT_HANDLE;
typedef PVOID BCRYPT_ALG_HANDLE;
typedef PVOID BCRYPT_KEY_HANDLE;
typedef PVOID BCRYPT_HASH_HANDLE;
typedef PVOID BCRYPT_SECRET_HANDLE;

/* --- Algorithms ----------------------------------------------------------------------------- */

#define BCRYPT_RSA_ALGORITHM               SSPI_W("RSA")
#define BCRYPT_RSA_SIGN_ALGORITHM          SSPI_W("RSA_SIGN")
#define BCRYPT_DH_ALGORITHM                SSPI_W("DH")
#define BCRYPT_DSA_ALGORITHM               SSPI_W("DSA")
#define BCRYPT_RC2_ALGORITHM               SSPI_W("RC2")
#define BCRYPT_RC4_ALGORITHM               SSPI_W("RC4")
#define BCRYPT_AES_ALGORITHM               SSPI_W("AES")
#define BCRYPT_DES_ALGORITHM               SSPI_W("DES")
#define BCRYPT_3DES_ALGORITHM              SSPI_W("3DES")
#define BCRYPT_3DES_112_ALGORITHM          SSPI_W("3DES_112")
#define BCRYPT_MD4_ALGORITHM               SSPI_W("MD4")
#define BCRYPT_MD5_ALGORITHM               SSPI_W("MD5")
#define BCRYPT_SHA1_ALGORITHM              SSPI_W("SHA1")
#define BCRYPT_SHA256_ALGORITHM            SSPI_W("SHA256")
#define BCRYPT_SHA384_ALGORITHM            SSPI_W("SHA384")
#define BCRYPT_SHA512_ALGORITHM            SSPI_W("SHA512")
#define BCRYPT_AES_GMAC_ALGORITHM          SSPI_W("AES-GMAC")
#define BCRYPT_AES_CMAC_ALGORITHM          SSPI_W("AES-CMAC")
#define BCRYPT_ECDSA_P256_ALGORITHM        SSPI_W("ECDSA_P256")
#define BCRYPT_ECDSA_P384_ALGORITHM        SSPI_W("ECDSA_P384")
#define BCRYPT_ECDSA_P521_ALGORITHM        SSPI_W("ECDSA_P521")
#define BCRYPT_ECDH_P256_ALGORITHM         SSPI_W("ECDH_P256")
#define BCRYPT_ECDH_P384_ALGORITHM         SSPI_W("ECDH_P384")
#define BCRYPT_ECDH_P521_ALGORITHM         SSPI_W("ECDH_P521")
#define BCRYPT_RNG_ALGORITHM               SSPI_W("RNG")
#define BCRYPT_ECDSA_ALGORITHM             SSPI_W("ECDSA")
#define BCRYPT_ECDH_ALGORITHM              SSPI_W("ECDH")
#define BCRYPT_CHACHA20_POLY1305_ALGORITHM SSPI_W("CHACHA20_POLY1305")

#define BCRYPT_CHAIN_MODE_CBC SSPI_W("ChainingModeCBC")
#define BCRYPT_CHAIN_MODE_CCM SSPI_W("ChainingModeCCM")
#define BCRYPT_CHAIN_MODE_CFB SSPI_W("ChainingModeCFB")
#define BCRYPT_CHAIN_MODE_ECB SSPI_W("ChainingModeECB")
#define BCRYPT_CHAIN_MODE_GCM SSPI_W("ChainingModeGCM")
#define BCRYPT_CHAIN_MODE_NA  SSPI_W("ChainingModeN/A")

/* --- Blobs of keys -------------------------------------------------------------------------- */

#define BCRYPT_PUBLIC_KEY_BLOB     SSPI_W("PUBLICBLOB")
#define BCRYPT_PRIVATE_KEY_BLOB    SSPI_W("PRIVATEBLOB")
#define BCRYPT_RSAPUBLIC_BLOB      SSPI_W("RSAPUBLICBLOB")
#define BCRYPT_RSAPRIVATE_BLOB     SSPI_W("RSAPRIVATEBLOB")
#define BCRYPT_RSAFULLPRIVATE_BLOB SSPI_W("RSAFULLPRIVATEBLOB")
#define LEGACY_RSAPUBLIC_BLOB      SSPI_W("CAPIPUBLICBLOB")
#define LEGACY_RSAPRIVATE_BLOB     SSPI_W("CAPIPRIVATEBLOB")
#define BCRYPT_ECCPUBLIC_BLOB      SSPI_W("ECCPUBLICBLOB")
#define BCRYPT_ECCPRIVATE_BLOB     SSPI_W("ECCPRIVATEBLOB")

#define BCRYPT_RSAPUBLIC_MAGIC          0x31415352
#define BCRYPT_RSAPRIVATE_MAGIC         0x32415352
#define BCRYPT_RSAFULLPRIVATE_MAGIC     0x33415352
#define BCRYPT_ECDSA_PUBLIC_P256_MAGIC  0x31534345
#define BCRYPT_ECDSA_PRIVATE_P256_MAGIC 0x32534345
#define BCRYPT_ECDSA_PUBLIC_P384_MAGIC  0x33534345
#define BCRYPT_ECDSA_PRIVATE_P384_MAGIC 0x34534345
#define BCRYPT_ECDSA_PUBLIC_P521_MAGIC  0x35534345
#define BCRYPT_ECDSA_PRIVATE_P521_MAGIC 0x36534345
#define BCRYPT_ECDH_PUBLIC_P256_MAGIC   0x314b4345
#define BCRYPT_ECDH_PRIVATE_P256_MAGIC  0x324b4345
#define BCRYPT_ECDH_PUBLIC_P384_MAGIC   0x334b4345
#define BCRYPT_ECDH_PRIVATE_P384_MAGIC  0x344b4345
#define BCRYPT_ECDH_PUBLIC_P521_MAGIC   0x354b4345
#define BCRYPT_ECDH_PRIVATE_P521_MAGIC  0x364b4345

typedef struct _BCRYPT_KEY_BLOB {
    ULONG Magic;
} BCRYPT_KEY_BLOB;

typedef struct _BCRYPT_RSAKEY_BLOB {
    ULONG Magic;
    ULONG BitLength;
    ULONG cbPublicExp;
    ULONG cbModulus;
    ULONG cbPrime1;
    ULONG cbPrime2;
} BCRYPT_RSAKEY_BLOB;

typedef struct _BCRYPT_ECCKEY_BLOB {
    ULONG dwMagic;
    ULONG cbKey;
} BCRYPT_ECCKEY_BLOB, *PBCRYPT_ECCKEY_BLOB;

/* --- Signatures and parameters -------------------------------------------------------------- */

#define BCRYPT_PAD_NONE  0x00000001
#define BCRYPT_PAD_PKCS1 0x00000002
#define BCRYPT_PAD_OAEP  0x00000004
#define BCRYPT_PAD_PSS   0x00000008

typedef struct _BCRYPT_PKCS1_PADDING_INFO {
    LPCWSTR pszAlgId;
} BCRYPT_PKCS1_PADDING_INFO;

typedef struct _BCRYPT_PSS_PADDING_INFO {
    LPCWSTR pszAlgId;
    ULONG cbSalt;
} BCRYPT_PSS_PADDING_INFO;

typedef struct _BCryptBuffer {
    ULONG cbBuffer;
    ULONG BufferType;
    PVOID pvBuffer;
} BCryptBuffer, *PBCryptBuffer;

typedef struct _BCryptBufferDesc {
    ULONG ulVersion;
    ULONG cBuffers;
    PBCryptBuffer pBuffers;
} BCryptBufferDesc, *PBCryptBufferDesc;

#endif
