/* SPDX-License-Identifier: MIT */
/* What the first octet of an input of the targets decode and keyblob names: new ones go to the end.
 */
#ifndef FUZZ_CODES_H
#define FUZZ_CODES_H

#include <windows.h>

#include <ncrypt.h>
#include <wincrypt.h>

/* Whether the library has a code for each is not of this target: those without are refused. */
static const LPCSTR code_structures[] = {
    X509_CERT,
    X509_CERT_TO_BE_SIGNED,
    X509_CERT_CRL_TO_BE_SIGNED,
    X509_EXTENSIONS,
    X509_NAME,
    X509_UNICODE_NAME,
    X509_PUBLIC_KEY_INFO,
    X509_ALTERNATE_NAME,
    X509_BASIC_CONSTRAINTS2,
    X509_KEY_USAGE,
    X509_ENHANCED_KEY_USAGE,
    X509_BITS,
    X509_OCTET_STRING,
    X509_INTEGER,
    X509_MULTI_BYTE_INTEGER,
    X509_ENUMERATED,
    X509_CHOICE_OF_TIME,
    X509_AUTHORITY_KEY_ID2,
    X509_CRL_DIST_POINTS,
    X509_AUTHORITY_INFO_ACCESS,
    X509_ANY_STRING,
    X509_UNICODE_ANY_STRING,
    RSA_CSP_PUBLICKEYBLOB,
    PKCS_RSA_PRIVATE_KEY,
    PKCS_PRIVATE_KEY_INFO,
    szOID_SUBJECT_ALT_NAME2,
    szOID_SUBJECT_KEY_IDENTIFIER,
    szOID_CRL_REASON_CODE,
};

/* Of NCryptImportKey(); the number after the last is a blob of CryptImportKey(). */
static const LPCWSTR code_blobs[] = {
    BCRYPT_RSAPUBLIC_BLOB,         BCRYPT_RSAPRIVATE_BLOB, BCRYPT_RSAFULLPRIVATE_BLOB,
    BCRYPT_ECCPUBLIC_BLOB,         BCRYPT_ECCPRIVATE_BLOB, LEGACY_RSAPUBLIC_BLOB,
    LEGACY_RSAPRIVATE_BLOB,        BCRYPT_PUBLIC_KEY_BLOB, BCRYPT_PRIVATE_KEY_BLOB,
    NCRYPT_PKCS8_PRIVATE_KEY_BLOB,
};

#endif
