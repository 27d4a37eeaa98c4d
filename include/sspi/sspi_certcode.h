/* SPDX-License-Identifier: MIT */
/* Names, encodings and decodings of crypt32: part of <wincrypt.h>, not to be included by itself. */
#ifndef GSS_SSPI_CERTCODE_H
#define GSS_SSPI_CERTCODE_H

#include "wincrypt.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What holds for all: a caller's room is NULL to ask for the size alone; too little room is FALSE
 * with ERROR_MORE_DATA, and the size that is needed. All may be called from any thread.
 */

/* --- Octets as text ------------------------------------------------------------------------- */

/*
 * Reads octets from text of a form (CRYPT_STRING_BASE64, HEX, ...; ANY, BASE64_ANY and HEX_ANY try
 * several). cchString is its length in characters, or 0 for text that ends with NUL. *pcbBinary is
 * the room at pbBinary, and becomes the number of octets. *pdwSkip, unless NULL, gets the
 * characters before a "-----BEGIN" line, and *pdwFlags the form that was found. FALSE with
 * ERROR_INVALID_DATA for text that is not of the form. Other white space than the forms' own is
 * allowed everywhere.
 */
BOOL WINAPI CryptStringToBinaryA(LPCSTR pszString, DWORD cchString, DWORD dwFlags, BYTE *pbBinary,
                                 DWORD *pcbBinary, DWORD *pdwSkip, DWORD *pdwFlags);
BOOL WINAPI CryptStringToBinaryW(LPCWSTR pszString, DWORD cchString, DWORD dwFlags, BYTE *pbBinary,
                                 DWORD *pcbBinary, DWORD *pdwSkip, DWORD *pdwFlags);
#define CryptStringToBinary SSPI_AW(CryptStringToBinary)

/*
 * Writes octets as text of a form, in lines that end with CR LF; CRYPT_STRING_NOCR leaves LF alone,
 * CRYPT_STRING_NOCRLF neither. *pcchString is the room at pszString in characters: asked for with
 * NULL it counts the terminating NUL, after a success it does not. CRYPT_STRING_BINARY copies the
 * octets as they are. FALSE with ERROR_INVALID_PARAMETER for no octets or an unknown form.
 */
BOOL WINAPI CryptBinaryToStringA(const BYTE *pbBinary, DWORD cbBinary, DWORD dwFlags,
                                 LPSTR pszString, DWORD *pcchString);
BOOL WINAPI CryptBinaryToStringW(const BYTE *pbBinary, DWORD cbBinary, DWORD dwFlags,
                                 LPWSTR pszString, DWORD *pcchString);
#define CryptBinaryToString SSPI_AW(CryptBinaryToString)

/* --- Names as text -------------------------------------------------------------------------- */

/*
 * A name (CERT_NAME_BLOB, DER) as text: dwStrType is CERT_SIMPLE_NAME_STR, CERT_OID_NAME_STR or
 * CERT_X500_NAME_STR with CERT_NAME_STR_* flags. csz is the room at psz in characters: as on
 * Windows, longer text is cut in W and left out in A; with NULL or 0 the size is asked for. Returns
 * the number of characters with the terminating NUL: 1 for no text, also for what is no name.
 */
DWORD WINAPI CertNameToStrA(DWORD dwCertEncodingType, PCERT_NAME_BLOB pName, DWORD dwStrType,
                            LPSTR psz, DWORD csz);
DWORD WINAPI CertNameToStrW(DWORD dwCertEncodingType, PCERT_NAME_BLOB pName, DWORD dwStrType,
                            LPWSTR psz, DWORD csz);
#define CertNameToStr SSPI_AW(CertNameToStr)

/*
 * The same for one value of a name: dwValueType is CERT_RDN_*; octets come as "#" and digits.
 * Longer text is left out in both.
 */
DWORD WINAPI CertRDNValueToStrA(DWORD dwValueType, PCERT_RDN_VALUE_BLOB pValue, LPSTR psz,
                                DWORD csz);
DWORD WINAPI CertRDNValueToStrW(DWORD dwValueType, PCERT_RDN_VALUE_BLOB pValue, LPWSTR psz,
                                DWORD csz);
#define CertRDNValueToStr SSPI_AW(CertRDNValueToStr)

/*
 * The way back: text to a name, in DER at pbEncoded, whose room and size are *pcbEncoded. A key is
 * one of those that CertNameToStr() writes, ST, TITLE, GIVENNAME, SURNAME, INITIALS or EMAIL, in
 * any case, or an OID with or without "OID." before it. Values may stand in quotes, with quotes
 * inside doubled; "#" and hexadecimal digits are an octet string. Between names stand commas or
 * semicolons, between the parts of one a plus sign: dwStrType is CERT_OID_NAME_STR or
 * CERT_X500_NAME_STR, with CERT_NAME_STR_COMMA_FLAG, SEMICOLON_FLAG or CRLF_FLAG to allow that
 * separator alone, NO_PLUS_FLAG, NO_QUOTING_FLAG, REVERSE_FLAG (last name first) and
 * FORCE_UTF8_DIR_STR_FLAG. A value becomes a PrintableString where it can, an IA5String for E and
 * DC, and else a UTF8String (Windows had BMPStrings once). pvReserved is not looked at. FALSE with
 * CRYPT_E_INVALID_X500_STRING, _PRINTABLE_STRING or _IA5_STRING, and *ppszError, unless NULL, at
 * the place in the text; with ERROR_MORE_DATA for too little room. After a success it is NULL.
 */
BOOL WINAPI CertStrToNameA(DWORD dwCertEncodingType, LPCSTR pszX500, DWORD dwStrType,
                           void *pvReserved, BYTE *pbEncoded, DWORD *pcbEncoded, LPCSTR *ppszError);
BOOL WINAPI CertStrToNameW(DWORD dwCertEncodingType, LPCWSTR pszX500, DWORD dwStrType,
                           void *pvReserved, BYTE *pbEncoded, DWORD *pcbEncoded,
                           LPCWSTR *ppszError);
#define CertStrToName SSPI_AW(CertStrToName)

/*
 * A certificate's name of a kind: dwType is CERT_NAME_*_TYPE, pvTypePara its parameter (the OID of
 * CERT_NAME_ATTR_TYPE, NULL for e-mail; a DWORD with CERT_NAME_RDN_TYPE's form). dwFlags:
 * CERT_NAME_ISSUER_FLAG for the issuer's, CERT_NAME_SEARCH_ALL_NAMES_FLAG for all, each with its
 * NUL and one NUL more at the end. Room and result as those of CertNameToStr(); a list that has no
 * room is given not at all.
 */
DWORD WINAPI CertGetNameStringA(PCCERT_CONTEXT pCertContext, DWORD dwType, DWORD dwFlags,
                                void *pvTypePara, LPSTR pszNameString, DWORD cchNameString);
DWORD WINAPI CertGetNameStringW(PCCERT_CONTEXT pCertContext, DWORD dwType, DWORD dwFlags,
                                void *pvTypePara, LPWSTR pszNameString, DWORD cchNameString);
#define CertGetNameString SSPI_AW(CertGetNameString)

/* --- Structures ----------------------------------------------------------------------------- */

/* The extension or attribute of an OID; NULL with CRYPT_E_NOT_FOUND. It points into the list. */
PCERT_EXTENSION WINAPI CertFindExtension(LPCSTR pszObjId, DWORD cExtensions,
                                         CERT_EXTENSION rgExtensions[]);
PCERT_RDN_ATTR WINAPI CertFindRDNAttr(LPCSTR pszObjId, PCERT_NAME_INFO pName);
PCRYPT_ATTRIBUTE WINAPI CertFindAttribute(LPCSTR pszObjId, DWORD cAttr, CRYPT_ATTRIBUTE rgAttr[]);

/*
 * Decodes DER of a structure that lpszStructType names: by number, or by the OID of the extension
 * or attribute that has its form.
 *
 * - Signed things: X509_CERT (of anything signed; the signature is turned round but for
 *   CRYPT_DECODE_NO_SIGNATURE_BYTE_REVERSAL_FLAG), X509_CERT_TO_BE_SIGNED,
 *   X509_CERT_CRL_TO_BE_SIGNED, X509_CERT_REQUEST_TO_BE_SIGNED: of the whole, or of the part alone
 *   with CRYPT_DECODE_TO_BE_SIGNED_FLAG.
 * - Names: X509_NAME, X509_UNICODE_NAME, X509_ANY_STRING, X509_UNICODE_ANY_STRING,
 *   X509_ALTERNATE_NAME. Values that are a BMPString or UniversalString are in the machine's order;
 *   in the UNICODE forms all text is UTF-16, with a NUL after it that cbData does not count.
 * - Extensions: X509_EXTENSIONS, X509_AUTHORITY_KEY_ID, X509_AUTHORITY_KEY_ID2,
 *   X509_BASIC_CONSTRAINTS2, X509_KEY_USAGE, X509_ENHANCED_KEY_USAGE, X509_CERT_POLICIES,
 *   X509_POLICY_MAPPINGS, X509_POLICY_CONSTRAINTS, X509_NAME_CONSTRAINTS, X509_CRL_DIST_POINTS,
 *   X509_ISSUING_DIST_POINT, X509_AUTHORITY_INFO_ACCESS, X509_CERTIFICATE_TEMPLATE.
 * - Keys: X509_PUBLIC_KEY_INFO, RSA_CSP_PUBLICKEYBLOB, CNG_RSA_PUBLIC_KEY_BLOB,
 *   PKCS_RSA_PRIVATE_KEY (to a PRIVATEKEYBLOB), PKCS_PRIVATE_KEY_INFO,
 *   PKCS_ENCRYPTED_PRIVATE_KEY_INFO, X509_ECC_PRIVATE_KEY, X509_ECC_SIGNATURE,
 *   PKCS_RSA_SSA_PSS_PARAMETERS (decoded with its defaults).
 * - Values: X509_BITS, X509_BITS_WITHOUT_TRAILING_ZEROES, X509_OCTET_STRING, X509_INTEGER,
 *   X509_MULTI_BYTE_INTEGER, X509_MULTI_BYTE_UINT, X509_ENUMERATED, X509_CHOICE_OF_TIME,
 *   PKCS_UTC_TIME, X509_OBJECT_IDENTIFIER, X509_ALGORITHM_IDENTIFIER, X509_SEQUENCE_OF_ANY,
 *   PKCS_ATTRIBUTE, PKCS_ATTRIBUTES, PKCS_CONTENT_INFO.
 *
 * The structure and all that it points at are one block: at pvStructInfo with *pcbStructInfo octets
 * of room, or with CRYPT_DECODE_ALLOC_FLAG new memory whose address goes to *pvStructInfo, from
 * pDecodePara's function or to be freed with LocalFree(). FALSE with ERROR_FILE_NOT_FOUND for
 * another structure, CRYPT_E_ASN1_* for what is not DER of it.
 */
BOOL WINAPI CryptDecodeObjectEx(DWORD dwCertEncodingType, LPCSTR lpszStructType,
                                const BYTE *pbEncoded, DWORD cbEncoded, DWORD dwFlags,
                                PCRYPT_DECODE_PARA pDecodePara, void *pvStructInfo,
                                DWORD *pcbStructInfo);

/* The same without allocation. */
BOOL WINAPI CryptDecodeObject(DWORD dwCertEncodingType, LPCSTR lpszStructType,
                              const BYTE *pbEncoded, DWORD cbEncoded, DWORD dwFlags,
                              void *pvStructInfo, DWORD *pcbStructInfo);

/*
 * Encodes a structure in DER: any that CryptDecodeObjectEx() decodes; X509_CERT_TO_BE_SIGNED and
 * its like give the part that is signed. Parameters, qualifiers and names inside are DER already. A
 * text in a UNICODE form whose cbData is 0 ends with NUL; its type is that of dwValueType, or for
 * CERT_RDN_ANY_TYPE a PrintableString where it can be and else a UTF8String. A signature is turned
 * round but for CRYPT_ENCODE_NO_SIGNATURE_BYTE_REVERSAL_FLAG. X.400 addresses, EDI party names and
 * distribution points named by an RDN are E_INVALIDARG. The DER goes to pvEncoded with *pcbEncoded
 * octets of room, or with CRYPT_ENCODE_ALLOC_FLAG to new memory whose address goes to *pvEncoded,
 * from pEncodePara's function or to be freed with LocalFree(). FALSE with ERROR_FILE_NOT_FOUND for
 * another structure, CRYPT_E_ASN1_BADARGS for values that have no encoding,
 * CRYPT_E_INVALID_*_STRING for text that is not of its type.
 */
BOOL WINAPI CryptEncodeObjectEx(DWORD dwCertEncodingType, LPCSTR lpszStructType,
                                const void *pvStructInfo, DWORD dwFlags,
                                PCRYPT_ENCODE_PARA pEncodePara, void *pvEncoded, DWORD *pcbEncoded);

/* The same without allocation. */
BOOL WINAPI CryptEncodeObject(DWORD dwCertEncodingType, LPCSTR lpszStructType,
                              const void *pvStructInfo, BYTE *pbEncoded, DWORD *pcbEncoded);

/* --- Comparing ------------------------------------------------------------------------------ */

/*
 * Whether two are the same. A certificate is its issuer and serial number; names are compared octet
 * by octet; numbers without the octets that only repeat their sign; keys by their algorithm (an
 * absent parameter is a NULL one) and bits. NULL is not allowed.
 */
BOOL WINAPI CertCompareCertificate(DWORD dwCertEncodingType, PCERT_INFO pCertId1,
                                   PCERT_INFO pCertId2);
BOOL WINAPI CertCompareCertificateName(DWORD dwCertEncodingType, PCERT_NAME_BLOB pCertName1,
                                       PCERT_NAME_BLOB pCertName2);
BOOL WINAPI CertCompareIntegerBlob(PCRYPT_INTEGER_BLOB pInt1, PCRYPT_INTEGER_BLOB pInt2);
BOOL WINAPI CertComparePublicKeyInfo(DWORD dwCertEncodingType, PCERT_PUBLIC_KEY_INFO pPublicKey1,
                                     PCERT_PUBLIC_KEY_INFO pPublicKey2);

/* A key's length in bits; 0 with NTE_BAD_PUBLIC_KEY or CRYPT_E_ASN1_*. */
DWORD WINAPI CertGetPublicKeyLength(DWORD dwCertEncodingType, PCERT_PUBLIC_KEY_INFO pPublicKey);

/* Where a time, NULL for now, lies: -1 before the validity, 1 after it, 0 within, ends included. */
LONG WINAPI CertVerifyTimeValidity(LPFILETIME pTimeToVerify, PCERT_INFO pCertInfo);

/* Whether the validity of one lies within the other's. */
BOOL WINAPI CertVerifyValidityNesting(PCERT_INFO pSubjectInfo, PCERT_INFO pIssuerInfo);

/*
 * Whether a name has all attributes of pRDN, wherever they stand. There an OID or pbData that is
 * NULL and the type CERT_RDN_ANY_TYPE match anything. dwFlags: CERT_UNICODE_IS_RDN_ATTRS_FLAG for
 * values that are UTF-16 (to their NUL where cbData is 0), CERT_CASE_INSENSITIVE_IS_RDN_ATTRS_FLAG
 * for ASCII letters in either case. FALSE with CRYPT_E_NO_MATCH, CRYPT_E_ASN1_*.
 */
BOOL WINAPI CertIsRDNAttrsInCertificateName(DWORD dwCertEncodingType, DWORD dwFlags,
                                            PCERT_NAME_BLOB pCertName, PCERT_RDN pRDN);

/* --- What a key is for ---------------------------------------------------------------------- */

/*
 * The bits of the extension key usage, filled up with zeros. FALSE with 0 as the error for a
 * certificate without one.
 */
BOOL WINAPI CertGetIntendedKeyUsage(DWORD dwCertEncodingType, PCERT_INFO pCertInfo,
                                    BYTE *pbKeyUsage, DWORD cbKeyUsage);

/*
 * The purposes that both the extension and the property CERT_ENHKEY_USAGE_PROP_ID allow, or one of
 * them with CERT_FIND_EXT_ONLY_ENHKEY_USAGE_FLAG or _PROP_ONLY_. An empty list with
 * CRYPT_E_NOT_FOUND as GetLastError() means all, with 0 none. One block at pUsage with *pcbUsage
 * octets of room.
 */
BOOL WINAPI CertGetEnhancedKeyUsage(PCCERT_CONTEXT pCertContext, DWORD dwFlags,
                                    PCERT_ENHKEY_USAGE pUsage, DWORD *pcbUsage);

/*
 * The purposes that all of some certificates allow, by extension and property: *cNumOIDs becomes
 * their number, -1 for any purpose. rghOIDs NULL asks for the size; else it gets the pointers and
 * the texts, in *pcbOIDs octets of room. ERROR_MORE_DATA, ERROR_INVALID_PARAMETER for none.
 */
BOOL WINAPI CertGetValidUsages(DWORD cCerts, PCCERT_CONTEXT *rghCerts, int *cNumOIDs,
                               LPSTR *rghOIDs, DWORD *pcbOIDs);

/* --- Object identifiers --------------------------------------------------------------------- */

/*
 * What is known of an algorithm, attribute, extension or purpose; NULL for nothing. It is never
 * freed. dwKeyType says what pvKey is: CRYPT_OID_INFO_OID_KEY (text), NAME_KEY (UTF-16, in any
 * case), ALGID_KEY (ALG_ID), SIGN_KEY (two ALG_IDs: hash, key), CNG_ALGID_KEY (UTF-16),
 * CNG_SIGN_KEY (two LPCWSTRs). dwGroupId is a CRYPT_*_OID_GROUP_ID, or 0 for any; its upper half
 * changes nothing. Names are Windows' in English.
 */
PCCRYPT_OID_INFO WINAPI CryptFindOIDInfo(DWORD dwKeyType, void *pvKey, DWORD dwGroupId);

/* Calls the function with each of a group, 0 for all, until it returns FALSE. dwFlags is 0. */
BOOL WINAPI CryptEnumOIDInfo(DWORD dwGroupId, DWORD dwFlags, void *pvArg,
                             PFN_CRYPT_ENUM_OID_INFO pfnEnumOIDInfo);

/* An algorithm's ALG_ID, 0 for none; and its OID, NULL for none. */
DWORD WINAPI CertOIDToAlgId(LPCSTR pszObjId);
LPCSTR WINAPI CertAlgIdToOID(DWORD dwAlgId);

/* --- For people ----------------------------------------------------------------------------- */

/*
 * DER as text in UTF-16: alternative names, key usage, enhanced key usage, basic constraints, key
 * identifiers (lpszStructType: their number or OID) and X509_NAME in Windows' English words, what
 * else and what is broken in hexadecimal digits. dwFormatStrType: CRYPT_FORMAT_STR_MULTI_LINE puts
 * each part on a line that ends with CR LF, CRYPT_FORMAT_STR_NO_HEX gives ERROR_FILE_NOT_FOUND
 * instead of digits. dwFormatType: CRYPT_FORMAT_SIMPLE, X509 or OID for names. pFormatStruct is
 * NULL. *pcbFormat is the room in bytes, and becomes the size with the NUL.
 */
BOOL WINAPI CryptFormatObject(DWORD dwCertEncodingType, DWORD dwFormatType, DWORD dwFormatStrType,
                              void *pFormatStruct, LPCSTR lpszStructType, const BYTE *pbEncoded,
                              DWORD cbEncoded, void *pbFormat, DWORD *pcbFormat);

/* --- Memory --------------------------------------------------------------------------------- */

/* Memory for CryptMemFree(), for which NULL is nothing to free. NULL: there is none. */
LPVOID WINAPI CryptMemAlloc(ULONG cbSize);
LPVOID WINAPI CryptMemRealloc(LPVOID pv, ULONG cbSize);
VOID WINAPI CryptMemFree(LPVOID pv);

#ifdef __cplusplus
}
#endif

#endif
