/* SPDX-License-Identifier: MIT */
/* Certificates, stores and their properties: part of <wincrypt.h>, not to be included by itself. */
#ifndef GSS_SSPI_CERTSTORE_H
#define GSS_SSPI_CERTSTORE_H

#include "wincrypt.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What holds for all: BOOL functions return TRUE, or FALSE and set GetLastError(); the others
 * return NULL. A bad argument is E_INVALIDARG, want of memory E_OUTOFMEMORY. All may be called from
 * any thread. A context or handle that was freed is not told from one that lives, as on Windows.
 */

/* --- Certificates --------------------------------------------------------------------------- */

/*
 * A certificate from its DER, which is copied. It is in no store: hCertStore is NULL, where Windows
 * has a handle of an empty one. dwCertEncodingType has X509_ASN_ENCODING. Free it with
 * CertFreeCertificateContext(). Errors: CRYPT_E_ASN1_* for what is no certificate, or has octets
 * after it.
 */
PCCERT_CONTEXT WINAPI CertCreateCertificateContext(DWORD dwCertEncodingType,
                                                   const BYTE *pbCertEncoded, DWORD cbCertEncoded);

/* One more reference; the same pointer. NULL gives NULL. */
PCCERT_CONTEXT WINAPI CertDuplicateCertificateContext(PCCERT_CONTEXT pCertContext);

/* Drops a reference; NULL is allowed. TRUE always. */
BOOL WINAPI CertFreeCertificateContext(PCCERT_CONTEXT pCertContext);

/* --- Properties ----------------------------------------------------------------------------- */

/*
 * Sets a property, or takes it away for NULL in pvData. pvData points at
 *
 * CERT_KEY_PROV_INFO_PROP_ID   a CRYPT_KEY_PROV_INFO, copied with what it points at
 * CERT_KEY_CONTEXT_PROP_ID     a CERT_KEY_CONTEXT
 * CERT_KEY_SPEC_PROP_ID        a DWORD
 * CERT_DATE_STAMP_PROP_ID      a FILETIME
 * any other                    a CRYPT_DATA_BLOB; a name is UTF-16 with its terminator
 *
 * and is the handle itself, not a pointer, for CERT_KEY_PROV_HANDLE_PROP_ID,
 * CERT_NCRYPT_KEY_HANDLE_PROP_ID and CERT_HCRYPTPROV_OR_NCRYPT_KEY_HANDLE_PROP_ID. A key handle
 * belongs to the certificate from then on and is closed with it, unless dwFlags has
 * CERT_STORE_NO_CRYPT_RELEASE_FLAG.
 *
 * In a store that is kept on disk the property is kept too, but not a key handle, nor with
 * CERT_SET_PROPERTY_INHIBIT_PERSIST_FLAG; with CERT_SET_PROPERTY_IGNORE_PERSIST_ERROR_FLAG a
 * failure to do so is passed over. CERT_ACCESS_STATE_PROP_ID cannot be set: E_INVALIDARG.
 */
BOOL WINAPI CertSetCertificateContextProperty(PCCERT_CONTEXT pCertContext, DWORD dwPropId,
                                              DWORD dwFlags, const void *pvData);

/*
 * A property: *pcbData is the room at pvData in bytes, and becomes the size. NULL in pvData asks
 * for the size alone. Bytes come as they are; a CRYPT_KEY_PROV_INFO points into the rest of the
 * room; a handle is written as such. Computed where it was not set: SHA-1, MD5 and SHA-256 of the
 * certificate, CERT_SIGNATURE_HASH_PROP_ID, CERT_KEY_IDENTIFIER_PROP_ID (the extension, or the
 * SHA-1 of the public key's encoding), the MD5 of public key, subject, and issuer with serial
 * number, CERT_SUBJECT_PUB_KEY_BIT_LENGTH_PROP_ID, CERT_ACCESS_STATE_PROP_ID,
 * CERT_KEY_SPEC_PROP_ID.
 *
 * Errors: CRYPT_E_NOT_FOUND; ERROR_MORE_DATA, *pcbData is the size needed.
 */
BOOL WINAPI CertGetCertificateContextProperty(PCCERT_CONTEXT pCertContext, DWORD dwPropId,
                                              void *pvData, DWORD *pcbData);

/* The next higher number of a property that is set; 0 starts, and ends. Computed ones do not count.
 */
DWORD WINAPI CertEnumCertificateContextProperties(PCCERT_CONTEXT pCertContext, DWORD dwPropId);

/* --- Stores --------------------------------------------------------------------------------- */

/*
 * Opens a store, to be closed with CertCloseStore(). lpszStoreProvider is a number or a name,
 * pvPara what it says; dwEncodingType and hCryptProv are not looked at.
 *
 * CERT_STORE_PROV_MEMORY         NULL: a new, empty store
 * CERT_STORE_PROV_COLLECTION     NULL: for CertAddStoreToCollection()
 * CERT_STORE_PROV_FILENAME_A, W  a file's name: PEM with certificates, revocation lists and private
 *                                keys (an encrypted one is passed over), DER of one certificate,
 * list or PKCS #7 message, or Windows' serialized store CERT_STORE_PROV_FILE           the same in
 * a file handle of CreateFile(), from where it stands CERT_STORE_PROV_PKCS7 CRYPT_DATA_BLOB of PKCS
 * #7 in DER CERT_STORE_PROV_SERIALIZED     CRYPT_DATA_BLOB of a serialized store
 * CERT_STORE_PROV_SYSTEM_A, W    a system store's name; _REGISTRY_A, W are the same
 *
 * System stores: "ROOT" is what the distribution trusts, or the PEM file that the environment
 * variable SSPI_CERT_ROOT names, and cannot be changed. "MY", "CA" and any other name is a folder,
 * made when the first certificate is added: with CERT_SYSTEM_STORE_CURRENT_USER sspi/my and so on
 * in $XDG_DATA_HOME (~/.local/share), with CERT_SYSTEM_STORE_LOCAL_MACHINE in /etc. It has one PEM
 * file, mode 0600, for each certificate with its key; other files in it that end in .pem are read
 * too. It is read at the first use of the store. Other locations: ERROR_FILE_NOT_FOUND.
 *
 * dwFlags  CERT_STORE_READONLY_FLAG; CERT_STORE_OPEN_EXISTING_FLAG: ERROR_FILE_NOT_FOUND for what
 * is not there (the stores that Windows knows always are); CERT_STORE_CREATE_NEW_FLAG:
 *          ERROR_FILE_EXISTS; CERT_STORE_DELETE_FLAG: deletes it, returns NULL, GetLastError() is
 *          then 0 for success; CERT_FILE_STORE_COMMIT_ENABLE_FLAG: a file is written back, as PEM
 * of mode 0600, when the store changed and its last reference goes. Others have no effect.
 *
 * Errors: ERROR_FILE_NOT_FOUND, also for a provider that does not exist here; CRYPT_E_ASN1_*,
 * CRYPT_E_FILE_ERROR or CRYPT_E_NO_MATCH for content that makes no sense.
 */
HCERTSTORE WINAPI CertOpenStore(LPCSTR lpszStoreProvider, DWORD dwEncodingType,
                                HCRYPTPROV_LEGACY hCryptProv, DWORD dwFlags, const void *pvPara);

#define CertOpenSystemStore SSPI_AW(CertOpenSystemStore)
/* The user's system store of a name. hProv is not looked at. */
HCERTSTORE WINAPI CertOpenSystemStoreA(HCRYPTPROV_LEGACY hProv, LPCSTR szSubsystemProtocol);
HCERTSTORE WINAPI CertOpenSystemStoreW(HCRYPTPROV_LEGACY hProv, LPCWSTR szSubsystemProtocol);

/* One more reference, to be closed too; the same handle. */
HCERTSTORE WINAPI CertDuplicateStore(HCERTSTORE hCertStore);

/*
 * Drops a reference; NULL is allowed. Contexts of the store stay valid until they are freed. With
 * CERT_CLOSE_STORE_CHECK_FLAG it is FALSE with CRYPT_E_PENDING_CLOSE if contexts or other
 * references are out; the reference is dropped all the same. CERT_CLOSE_STORE_FORCE_FLAG has no
 * effect: no memory goes that a program still holds.
 */
BOOL WINAPI CertCloseStore(HCERTSTORE hCertStore, DWORD dwFlags);

/*
 * CERT_STORE_CTRL_RESYNC reads a system store again, CERT_STORE_CTRL_COMMIT writes a file store
 * (with _COMMIT_FORCE_FLAG even if nothing changed, with _COMMIT_CLEAR_FLAG forgets that something
 * did). Notices of changes are ERROR_NOT_SUPPORTED.
 */
BOOL WINAPI CertControlStore(HCERTSTORE hCertStore, DWORD dwFlags, DWORD dwCtrlType,
                             void const *pvCtrlPara);

/*
 * Shows what a store holds in a collection too. Stores of higher dwPriority come first; what is
 * added to the collection goes to the first that has CERT_PHYSICAL_STORE_ADD_ENABLE_FLAG in
 * dwUpdateFlags. The collection holds the store. E_INVALIDARG if that one is the collection or
 * contains it.
 */
BOOL WINAPI CertAddStoreToCollection(HCERTSTORE hCollectionStore, HCERTSTORE hSiblingStore,
                                     DWORD dwUpdateFlags, DWORD dwPriority);
void WINAPI CertRemoveStoreFromCollection(HCERTSTORE hCollectionStore, HCERTSTORE hSiblingStore);

/* --- Certificates in stores ----------------------------------------------------------------- */

/*
 * Puts a copy of a certificate, with its properties but a key handle, into a store.
 * dwAddDisposition says what happens if it has the same certificate, octet for octet:
 *
 * CERT_STORE_ADD_ALWAYS           both are there; in a folder of the system's it is replaced
 * CERT_STORE_ADD_NEW              CRYPT_E_EXISTS
 * CERT_STORE_ADD_USE_EXISTING     it stays, and gets the properties that it had not
 * CERT_STORE_ADD_REPLACE_EXISTING it goes; ..._INHERIT_PROPERTIES: its properties stay
 * CERT_STORE_ADD_NEWER            CRYPT_E_EXISTS unless the new one's notBefore is later
 *
 * *ppStoreContext, unless NULL, gets a reference to what the store has then. With NULL for the
 * store it is a copy in no store. Errors: CRYPT_E_EXISTS; E_ACCESSDENIED for a store that cannot be
 * changed; ERROR_* of writing a file.
 */
BOOL WINAPI CertAddCertificateContextToStore(HCERTSTORE hCertStore, PCCERT_CONTEXT pCertContext,
                                             DWORD dwAddDisposition,
                                             PCCERT_CONTEXT *ppStoreContext);

/* The same, but certificate and copy share their properties. */
BOOL WINAPI CertAddCertificateLinkToStore(HCERTSTORE hCertStore, PCCERT_CONTEXT pCertContext,
                                          DWORD dwAddDisposition, PCCERT_CONTEXT *ppStoreContext);

/* CertCreateCertificateContext() and CertAddCertificateContextToStore() in one. */
BOOL WINAPI CertAddEncodedCertificateToStore(HCERTSTORE hCertStore, DWORD dwCertEncodingType,
                                             const BYTE *pbCertEncoded, DWORD cbCertEncoded,
                                             DWORD dwAddDisposition, PCCERT_CONTEXT *ppCertContext);

/*
 * The first certificate for NULL, the next one for a context of the same store, which is freed.
 * NULL with CRYPT_E_NOT_FOUND at the end. The store may change meanwhile; each certificate that
 * stays is met once.
 */
PCCERT_CONTEXT WINAPI CertEnumCertificatesInStore(HCERTSTORE hCertStore,
                                                  PCCERT_CONTEXT pPrevCertContext);

/*
 * The first certificate after pPrevCertContext, which is freed, that answers dwFindType; NULL with
 * CRYPT_E_NOT_FOUND for none. pvFindPara is
 *
 * CERT_FIND_ANY                            NULL
 * CERT_FIND_SHA1_HASH, _MD5_, _SIGNATURE_  CRYPT_HASH_BLOB; so for CERT_FIND_KEY_IDENTIFIER and
 *                                          CERT_FIND_PUBKEY_MD5_HASH
 * CERT_FIND_HASH_STR                       the SHA-1 hash in hexadecimal, UTF-16
 * CERT_FIND_SUBJECT_NAME, _ISSUER_NAME     CERT_NAME_BLOB, as encoded
 * CERT_FIND_SUBJECT_STR_A, W, _ISSUER_...  part of CertNameToStr() with CERT_SIMPLE_NAME_STR,
 * without regard to case CERT_FIND_SUBJECT_CERT                   CERT_INFO: issuer and serial
 * number CERT_FIND_EXISTING                       PCCERT_CONTEXT: the same certificate
 * CERT_FIND_ISSUER_OF                      PCCERT_CONTEXT: by name and key identifier
 * CERT_FIND_PUBLIC_KEY                     CERT_PUBLIC_KEY_INFO
 * CERT_FIND_CERT_ID                        CERT_ID
 * CERT_FIND_PROPERTY                       DWORD: has that property
 * CERT_FIND_KEY_SPEC                       DWORD
 * CERT_FIND_HAS_PRIVATE_KEY                NULL: names a key or has one attached
 * CERT_FIND_ENHKEY_USAGE                   CERT_ENHKEY_USAGE: has all of them in its extension (one
 *                                          with CERT_FIND_OR_ENHKEY_USAGE_FLAG in dwFindFlags). A
 *                                          certificate without the extension answers only with
 *                                          CERT_FIND_OPTIONAL_, CERT_FIND_NO_ or
 *                                          CERT_FIND_VALID_ENHKEY_USAGE_FLAG
 *
 * Others, such as CERT_FIND_SUBJECT_ATTR, are E_INVALIDARG.
 */
PCCERT_CONTEXT WINAPI CertFindCertificateInStore(HCERTSTORE hCertStore, DWORD dwCertEncodingType,
                                                 DWORD dwFindFlags, DWORD dwFindType,
                                                 const void *pvFindPara,
                                                 PCCERT_CONTEXT pPrevCertContext);

/* The certificate of an issuer and serial number. */
PCCERT_CONTEXT WINAPI CertGetSubjectCertificateFromStore(HCERTSTORE hCertStore,
                                                         DWORD dwCertEncodingType,
                                                         PCERT_INFO pCertId);

/*
 * An issuer of a certificate in a store: the first, or that after pPrevIssuerContext, which is
 * freed. *pdwFlags says what to check, CERT_STORE_SIGNATURE_FLAG, _TIME_VALIDITY_ (of the subject)
 * and _REVOCATION_ (by the lists of the issuer's store); what failed stays set, and
 * CERT_STORE_NO_CRL_FLAG is added where there is no list. NULL with CRYPT_E_NOT_FOUND, or
 * CRYPT_E_SELF_SIGNED for one that signed itself, *pdwFlags then as for
 * CertVerifySubjectCertificateContext().
 */
PCCERT_CONTEXT WINAPI CertGetIssuerCertificateFromStore(HCERTSTORE hCertStore,
                                                        PCCERT_CONTEXT pSubjectContext,
                                                        PCCERT_CONTEXT pPrevIssuerContext,
                                                        DWORD *pdwFlags);

/* Those checks alone. TRUE means that they were made. pIssuer may be NULL for the time alone. */
BOOL WINAPI CertVerifySubjectCertificateContext(PCCERT_CONTEXT pSubject, PCCERT_CONTEXT pIssuer,
                                                DWORD *pdwFlags);

/*
 * Takes a certificate out of its store, and frees the context in any case. Other references to it
 * stay valid. E_ACCESSDENIED: the store cannot be changed, or its file is none of this library's.
 */
BOOL WINAPI CertDeleteCertificateFromStore(PCCERT_CONTEXT pCertContext);

/* --- Revocation lists ----------------------------------------------------------------------- */

/* The same for certificate revocation lists, in DER. */
PCCRL_CONTEXT WINAPI CertCreateCRLContext(DWORD dwCertEncodingType, const BYTE *pbCrlEncoded,
                                          DWORD cbCrlEncoded);
PCCRL_CONTEXT WINAPI CertDuplicateCRLContext(PCCRL_CONTEXT pCrlContext);
BOOL WINAPI CertFreeCRLContext(PCCRL_CONTEXT pCrlContext);
BOOL WINAPI CertSetCRLContextProperty(PCCRL_CONTEXT pCrlContext, DWORD dwPropId, DWORD dwFlags,
                                      const void *pvData);
BOOL WINAPI CertGetCRLContextProperty(PCCRL_CONTEXT pCrlContext, DWORD dwPropId, void *pvData,
                                      DWORD *pcbData);
DWORD WINAPI CertEnumCRLContextProperties(PCCRL_CONTEXT pCrlContext, DWORD dwPropId);

/*
 * For programs that free whatever CryptQueryObject() may give on Windows. No call of this library
 * gives a certificate trust list: TRUE for NULL, else FALSE with E_INVALIDARG.
 */
BOOL WINAPI CertFreeCTLContext(PCCTL_CONTEXT pCtlContext);

/* A list is the same as another if issuer and kind, full or delta, are; newer by thisUpdate. */
BOOL WINAPI CertAddCRLContextToStore(HCERTSTORE hCertStore, PCCRL_CONTEXT pCrlContext,
                                     DWORD dwAddDisposition, PCCRL_CONTEXT *ppStoreContext);
BOOL WINAPI CertAddCRLLinkToStore(HCERTSTORE hCertStore, PCCRL_CONTEXT pCrlContext,
                                  DWORD dwAddDisposition, PCCRL_CONTEXT *ppStoreContext);
BOOL WINAPI CertAddEncodedCRLToStore(HCERTSTORE hCertStore, DWORD dwCertEncodingType,
                                     const BYTE *pbCrlEncoded, DWORD cbCrlEncoded,
                                     DWORD dwAddDisposition, PCCRL_CONTEXT *ppCrlContext);
BOOL WINAPI CertDeleteCRLFromStore(PCCRL_CONTEXT pCrlContext);
PCCRL_CONTEXT WINAPI CertEnumCRLsInStore(HCERTSTORE hCertStore, PCCRL_CONTEXT pPrevCrlContext);

/*
 * As CertFindCertificateInStore(): CRL_FIND_ANY; CRL_FIND_ISSUED_BY, an issuer's PCCERT_CONTEXT or
 * NULL for any, by name and with CRL_FIND_ISSUED_BY_SIGNATURE_FLAG by signature; CRL_FIND_EXISTING,
 * a PCCRL_CONTEXT; CRL_FIND_ISSUED_FOR, a CRL_FIND_ISSUED_FOR_PARA. Other dwFindFlags have no
 * effect.
 */
PCCRL_CONTEXT WINAPI CertFindCRLInStore(HCERTSTORE hCertStore, DWORD dwCertEncodingType,
                                        DWORD dwFindFlags, DWORD dwFindType, const void *pvFindPara,
                                        PCCRL_CONTEXT pPrevCrlContext);

/*
 * *ppCrlEntry gets the list's entry for a certificate's serial number, which lives as long as the
 * list, or NULL. Who issued them is not looked at.
 */
BOOL WINAPI CertFindCertificateInCRL(PCCERT_CONTEXT pCert, PCCRL_CONTEXT pCrlContext, DWORD dwFlags,
                                     void *pvReserved, PCRL_ENTRY *ppCrlEntry);

/* --- Files and blobs ------------------------------------------------------------------------ */

/*
 * Writes a store. dwSaveAs: CERT_STORE_SAVE_AS_STORE, with the properties but key handles, as
 * Windows reads it; CERT_STORE_SAVE_AS_PKCS7, certificates and lists alone. Neither has private
 * keys. dwSaveTo:
 *
 * CERT_STORE_SAVE_TO_MEMORY         pvSaveToPara is a CRYPT_DATA_BLOB: cbData the room at pbData,
 * and becomes the size; NULL in pbData asks for it CERT_STORE_SAVE_TO_FILENAME_A, W  a file's name;
 * it is replaced in one step, mode 0600 CERT_STORE_SAVE_TO_FILE           a file handle of
 * CreateFile()
 *
 * dwEncodingType and dwFlags are not looked at. Errors: ERROR_MORE_DATA; ERROR_* of writing.
 */
BOOL WINAPI CertSaveStore(HCERTSTORE hCertStore, DWORD dwEncodingType, DWORD dwSaveAs,
                          DWORD dwSaveTo, void *pvSaveToPara, DWORD dwFlags);

/*
 * Tells what a file (CERT_QUERY_OBJECT_FILE, pvObject its name in UTF-16) or a blob
 * (CERT_QUERY_OBJECT_BLOB, a CERT_BLOB) is, of what dwExpectedContentTypeFlags and
 * dwExpectedFormatTypeFlags allow, and opens it. Any out parameter may be NULL.
 *
 * *pdwContentType  CERT_QUERY_CONTENT_CERT, _CRL, _PKCS7_SIGNED, _SERIALIZED_STORE, _PFX, the first
 *                  of these that is there; others are not known
 * *pdwFormatType   CERT_QUERY_FORMAT_BINARY, _BASE64_ENCODED (with or without the lines of PEM), or
 *                  _ASN_ASCII_HEX_ENCODED
 * *phCertStore     a store in memory with all certificates and lists; of PEM, unlike on Windows,
 * those of every block, and keys are attached. NULL for PFX: see PFXImportCertStore() *phMsg NULL:
 * there are no messages here *ppvContext      for _CERT and _CRL the first one, to be freed; else
 * NULL
 *
 * dwFlags is 0. Errors: CRYPT_E_NO_MATCH; ERROR_FILE_NOT_FOUND and others of reading.
 */
BOOL WINAPI CryptQueryObject(DWORD dwObjectType, const void *pvObject,
                             DWORD dwExpectedContentTypeFlags, DWORD dwExpectedFormatTypeFlags,
                             DWORD dwFlags, DWORD *pdwMsgAndCertEncodingType, DWORD *pdwContentType,
                             DWORD *pdwFormatType, HCERTSTORE *phCertStore, HCRYPTMSG *phMsg,
                             const void **ppvContext);

#ifdef __cplusplus
}
#endif

#endif
