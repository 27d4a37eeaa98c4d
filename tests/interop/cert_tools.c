/* SPDX-License-Identifier: MIT */
/*
 * For certs.sh: what this library says of certificates and keys that other tools made, and
 * certificates of its own for them to judge. Each answer is one line.
 */
#include <locale.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <windows.h>

#include <ncrypt.h>
#include <wincrypt.h>

#define ROOM 8192

static int failed(const char *what)
{
    printf("%s 0x%08x\n", what, (unsigned)GetLastError());
    return 1;
}

static void wide(const char *text, WCHAR *out)
{
    do
        *out++ = (WCHAR)(unsigned char)*text;
    while (*text++ != '\0');
}

/* The first certificate of a file in any form, or NULL. */
static PCCERT_CONTEXT certificate(const char *path)
{
    HCERTSTORE store =
        CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0,
                      CERT_STORE_OPEN_EXISTING_FLAG | CERT_STORE_READONLY_FLAG, path);
    PCCERT_CONTEXT first = store == NULL ? NULL : CertEnumCertificatesInStore(store, NULL);

    CertCloseStore(store, 0);
    return first;
}

/* --- What is signed ------------------------------------------------------------------------- */

static BOOL verify_blob(CRYPT_DATA_BLOB *blob, PCCERT_CONTEXT issuer)
{
    return CryptVerifyCertificateSignatureEx(
        0, X509_ASN_ENCODING, CRYPT_VERIFY_CERT_SIGN_SUBJECT_BLOB, blob,
        CRYPT_VERIFY_CERT_SIGN_ISSUER_CERT, (void *)(uintptr_t)issuer, 0, NULL);
}

/* The same of a copy whose last octet, one of the signature, is another. */
static BOOL verify_altered(PCCERT_CONTEXT subject, PCCERT_CONTEXT issuer)
{
    CRYPT_DATA_BLOB blob = {subject->cbCertEncoded, malloc(subject->cbCertEncoded)};
    BOOL good;

    memcpy(blob.pbData, subject->pbCertEncoded, blob.cbData);
    blob.pbData[blob.cbData - 1] ^= 1;
    good = verify_blob(&blob, issuer);
    free(blob.pbData);
    return good;
}

/* verify CERTIFICATE ISSUER: by every way there is */
static int verify(char **words)
{
    PCCERT_CONTEXT subject = certificate(words[0]), issuer = certificate(words[1]);
    CRYPT_DATA_BLOB blob;
    int result = 0;

    if (subject == NULL || issuer == NULL)
        return failed("not read");
    blob = (CRYPT_DATA_BLOB){subject->cbCertEncoded, subject->pbCertEncoded};
    if (!verify_blob(&blob, issuer))
        result = failed("bad");
    else if (!CryptVerifyCertificateSignature(0, X509_ASN_ENCODING, blob.pbData, blob.cbData,
                                              &issuer->pCertInfo->SubjectPublicKeyInfo))
        result = failed("the two calls do not agree");
    else if (verify_altered(subject, issuer))
        result = failed("an altered signature is good");
    else
        puts("good");
    CertFreeCertificateContext(subject);
    CertFreeCertificateContext(issuer);
    return result;
}

/* chain CERTIFICATE ISSUER: the issuer is a root */
static int chain(char **words)
{
    HCERTSTORE roots =
        CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0, CERT_STORE_READONLY_FLAG, words[1]);
    CERT_CHAIN_ENGINE_CONFIG config = {.cbSize = sizeof(config), .hExclusiveRoot = roots};
    CERT_CHAIN_PARA para = {.cbSize = sizeof(para)};
    PCCERT_CONTEXT subject = certificate(words[0]);
    PCCERT_CHAIN_CONTEXT made = NULL;
    HCERTCHAINENGINE engine = NULL;

    if (subject == NULL || !CertCreateCertificateChainEngine(&config, &engine) ||
        !CertGetCertificateChain(engine, subject, NULL, NULL, &para, 0, NULL, &made))
        return failed("no chain");
    printf("0x%08x\n", (unsigned)made->TrustStatus.dwErrorStatus);
    CertFreeCertificateChain(made);
    CertFreeCertificateChainEngine(engine);
    CertFreeCertificateContext(subject);
    CertCloseStore(roots, 0);
    return 0;
}

/* describe CERTIFICATE: the key's length, the hash that was signed, the algorithm's name */
static int describe(char **words)
{
    PCCERT_CONTEXT context = certificate(words[0]);
    BYTE hash[64], again[64];
    DWORD size = sizeof(hash), again_size = sizeof(again);
    PCCRYPT_OID_INFO info;

    if (context == NULL)
        return failed("not read");
    info = CryptFindOIDInfo(CRYPT_OID_INFO_OID_KEY, context->pCertInfo->SignatureAlgorithm.pszObjId,
                            CRYPT_SIGN_ALG_OID_GROUP_ID);
    if (!CryptHashToBeSigned(0, X509_ASN_ENCODING, context->pbCertEncoded, context->cbCertEncoded,
                             hash, &size))
        return failed("no hash");
    if (!CertGetCertificateContextProperty(context, CERT_SIGNATURE_HASH_PROP_ID, again,
                                           &again_size) ||
        again_size != size || memcmp(hash, again, size) != 0)
        return failed("the property is another");
    printf("%u bits, ", (unsigned)CertGetPublicKeyLength(
                            X509_ASN_ENCODING, &context->pCertInfo->SubjectPublicKeyInfo));
    for (LPCWSTR at = info == NULL ? NULL : info->pwszName; at != NULL && *at != 0; at++)
        putchar((char)*at);
    printf(", ");
    for (DWORD i = 0; i < size; i++)
        printf("%02x", hash[i]);
    putchar('\n');
    CertFreeCertificateContext(context);
    return 0;
}

static BOOL write_file(const char *path, const void *data, size_t size)
{
    FILE *file = fopen(path, "w");
    BOOL done = file != NULL && fwrite(data, 1, size, file) == size;

    return file != NULL && fclose(file) == 0 && done;
}

/* sign FILE HASH-OID SALT: a certificate of our own, signed by RSASSA-PSS, as DER */
static int sign(char **words)
{
    static char pss[] = szOID_RSA_SSA_PSS, mgf1[] = szOID_RSA_MGF1;
    CRYPT_RSA_SSA_PSS_PARAMETERS parameters = {
        {words[1], {0, NULL}}, {mgf1, {words[1], {0, NULL}}}, (DWORD)atoi(words[2]), 1};
    CRYPT_ALGORITHM_IDENTIFIER algorithm = {pss, {0, NULL}};
    BYTE encoded[256];
    CERT_NAME_BLOB name = {sizeof(encoded), encoded};
    PCCERT_CONTEXT context;

    if (!CertStrToNameA(X509_ASN_ENCODING, "CN=pss.example", CERT_X500_NAME_STR, NULL, name.pbData,
                        &name.cbData, NULL) ||
        !CryptEncodeObjectEx(X509_ASN_ENCODING, PKCS_RSA_SSA_PSS_PARAMETERS, &parameters,
                             CRYPT_ENCODE_ALLOC_FLAG, NULL, &algorithm.Parameters.pbData,
                             &algorithm.Parameters.cbData))
        return failed("not encoded");
    context = CertCreateSelfSignCertificate(0, &name, 0, NULL, &algorithm, NULL, NULL, NULL);
    LocalFree(algorithm.Parameters.pbData);
    if (context == NULL)
        return failed("not signed");
    if (!write_file(words[0], context->pbCertEncoded, context->cbCertEncoded))
        return failed("not written");
    CertFreeCertificateContext(context);
    puts("signed");
    return 0;
}

/* --- Keys that came along ------------------------------------------------------------------- */

static BOOL cng_good(NCRYPT_KEY_HANDLE key, PCCERT_CONTEXT context)
{
    BYTE hash[32] = {1}, signature[256];
    BCRYPT_PKCS1_PADDING_INFO padding = {BCRYPT_SHA256_ALGORITHM};
    BOOL rsa =
        strcmp(context->pCertInfo->SubjectPublicKeyInfo.Algorithm.pszObjId, szOID_RSA_RSA) == 0;
    DWORD size = 0, flags = rsa ? NCRYPT_PAD_PKCS1_FLAG : 0;

    return NCryptSignHash(key, rsa ? &padding : NULL, hash, sizeof(hash), signature,
                          sizeof(signature), &size, flags) == 0 &&
           NCryptVerifySignature(key, rsa ? &padding : NULL, hash, sizeof(hash), signature, size,
                                 flags) == 0;
}

static BOOL open_cng(PCCERT_CONTEXT context, const CRYPT_KEY_PROV_INFO *info)
{
    NCRYPT_PROV_HANDLE provider = 0;
    NCRYPT_KEY_HANDLE key = 0;
    BOOL good = NCryptOpenStorageProvider(
                    &provider, info->dwProvType == 0 ? info->pwszProvName : NULL, 0) == 0 &&
                NCryptOpenKey(provider, &key, info->pwszContainerName, info->dwKeySpec, 0) == 0 &&
                cng_good(key, context);

    NCryptFreeObject(key);
    NCryptFreeObject(provider);
    return good;
}

/* CryptoAPI's own key, and that of the certificate, are one. */
static BOOL open_capi(PCCERT_CONTEXT context, const CRYPT_KEY_PROV_INFO *info)
{
    HCRYPTPROV provider = 0;
    HCRYPTKEY own = 0, of_certificate = 0;
    HCRYPTHASH hash = 0;
    BYTE signature[1024];
    DWORD size = sizeof(signature);
    BOOL good = CryptAcquireContextW(&provider, info->pwszContainerName, info->pwszProvName,
                                     info->dwProvType, 0) &&
                CryptGetUserKey(provider, info->dwKeySpec, &own) &&
                CryptImportPublicKeyInfo(
                    provider, X509_ASN_ENCODING,
                    &((CERT_CONTEXT *)(uintptr_t)context)->pCertInfo->SubjectPublicKeyInfo,
                    &of_certificate) &&
                CryptCreateHash(provider, CALG_SHA_256, 0, 0, &hash) &&
                CryptHashData(hash, (const BYTE *)"abc", 3, 0) &&
                CryptSignHashA(hash, info->dwKeySpec, NULL, 0, signature, &size) &&
                CryptVerifySignatureA(hash, signature, size, of_certificate, NULL, 0);

    CryptDestroyHash(hash);
    CryptDestroyKey(of_certificate);
    CryptDestroyKey(own);
    CryptReleaseContext(provider, 0);
    return good;
}

static void print_wide(LPCWSTR text)
{
    for (; text != NULL && *text != 0; text++)
        putchar((char)*text);
}

static int describe_key(PCCERT_CONTEXT context)
{
    _Alignas(max_align_t) BYTE room[ROOM];
    CRYPT_KEY_PROV_INFO *info = (CRYPT_KEY_PROV_INFO *)(void *)room;
    DWORD size = sizeof(room);

    if (!CertGetCertificateContextProperty(context, CERT_KEY_PROV_INFO_PROP_ID, info, &size))
        return failed("no name");
    if (!open_cng(context, info) || (info->dwProvType != 0 && !open_capi(context, info)))
        return failed("not opened");
    print_wide(info->pwszProvName);
    printf(", %u, %u\n", (unsigned)info->dwProvType, (unsigned)info->dwKeySpec);
    return 0;
}

static int describe_keys(HCERTSTORE store)
{
    PCCERT_CONTEXT context =
        store == NULL ? NULL
                      : CertFindCertificateInStore(store, X509_ASN_ENCODING, 0,
                                                   CERT_FIND_HAS_PRIVATE_KEY, NULL, NULL);
    int result = context == NULL ? failed("no key") : describe_key(context);

    CertFreeCertificateContext(context);
    CertCloseStore(store, 0);
    return result;
}

/* pem FILE: a certificate and its key */
static int pem(char **words)
{
    return describe_keys(CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0,
                                       CERT_STORE_OPEN_EXISTING_FLAG | CERT_STORE_READONLY_FLAG,
                                       words[0]));
}

/* pfx FILE PASSWORD FLAGS */
static int pfx(char **words)
{
    static BYTE room[1 << 20];
    CRYPT_DATA_BLOB blob = {0, room};
    WCHAR password[64];
    FILE *file = fopen(words[0], "r");

    if (file == NULL)
        return failed("not read");
    blob.cbData = (DWORD)fread(room, 1, sizeof(room), file);
    fclose(file);
    wide(words[1], password);
    return describe_keys(PFXImportCertStore(&blob, password, (DWORD)strtoul(words[2], NULL, 0)));
}

/* usages FILE FILE: what both are for */
static int usages(char **words)
{
    PCCERT_CONTEXT contexts[2] = {certificate(words[0]), certificate(words[1])};
    _Alignas(max_align_t) BYTE room[ROOM];
    LPSTR *list = (LPSTR *)(void *)room;
    DWORD size = sizeof(room);
    int count = -2;

    if (contexts[0] == NULL || contexts[1] == NULL ||
        !CertGetValidUsages(2, contexts, &count, list, &size))
        return failed("not told");
    printf("%d", count);
    for (int i = 0; i < count; i++)
        printf(" %s", list[i]);
    putchar('\n');
    CertFreeCertificateContext(contexts[0]);
    CertFreeCertificateContext(contexts[1]);
    return 0;
}

/* --- Names ---------------------------------------------------------------------------------- */

/* host CERTIFICATE NAME: whether it is for that host, in the locale of the environment */
static int host(char **words)
{
    WCHAR name[256];
    SSL_EXTRA_CERT_CHAIN_POLICY_PARA ssl = {.cbSize = sizeof(ssl),
                                            .dwAuthType = AUTHTYPE_SERVER,
                                            .fdwChecks = SECURITY_FLAG_IGNORE_UNKNOWN_CA,
                                            .pwszServerName = name};
    CERT_CHAIN_POLICY_PARA policy = {.cbSize = sizeof(policy), .pvExtraPolicyPara = &ssl};
    CERT_CHAIN_POLICY_STATUS status = {.cbSize = sizeof(status)};
    CERT_CHAIN_PARA para = {.cbSize = sizeof(para)};
    PCCERT_CONTEXT subject = certificate(words[0]);
    PCCERT_CHAIN_CONTEXT made = NULL;

    wide(words[1], name);
    if (setlocale(LC_ALL, "") == NULL || subject == NULL ||
        !CertGetCertificateChain(NULL, subject, NULL, NULL, &para, 0, NULL, &made) ||
        !CertVerifyCertificateChainPolicy(CERT_CHAIN_POLICY_SSL, made, &policy, &status))
        return failed("not told");
    printf("0x%08x\n", (unsigned)status.dwError);
    CertFreeCertificateChain(made);
    CertFreeCertificateContext(subject);
    return 0;
}

/* name TEXT: whether that is a name, in the locale of the environment */
static int name(char **words)
{
    DWORD size = 0;

    if (setlocale(LC_ALL, "") == NULL ||
        !CertStrToNameA(X509_ASN_ENCODING, words[0], CERT_X500_NAME_STR, NULL, NULL, &size, NULL))
        return failed("no name");
    puts("a name");
    return 0;
}

static const struct {
    const char *name;
    int words;
    int (*run)(char **words);
} commands[] = {
    {"verify", 2, verify}, {"chain", 2, chain}, {"describe", 1, describe},
    {"sign", 3, sign},     {"host", 2, host},   {"name", 1, name},
    {"pem", 1, pem},       {"pfx", 3, pfx},     {"usages", 2, usages},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++)
        if (strcmp(commands[i].name, argv[1]) == 0 && commands[i].words == argc - 2)
            return commands[i].run(argv + 2);
    fprintf(stderr, "usage: cert_tools COMMAND WORD...\n");
    return 2;
}
