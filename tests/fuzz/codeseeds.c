/* SPDX-License-Identifier: MIT */
/*
 * Makes the corpus of the targets decode, certtext, pfx, keyblob and looks; of the last what has no
 * ticket in it.
 *
 *     codeseeds FOLDER      writes FOLDER/TARGET/NAME
 */
#include <ctype.h>
#include <gnutls/pkcs12.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <ntsecpkg.h>
#include <schannel.h>

#include "codes.h"
#include "cert/cert.h"
#include "lib/certs.h"

static const char *folder;

/* Octets before it, and the input itself. */
static void save(const char *target, const char *name, const char *head, size_t head_size,
                 const void *data, size_t size)
{
    char path[4096];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", folder, target);
    mkdir(path, 0777);
    snprintf(path, sizeof(path), "%s/%s/%s", folder, target, name);
    file = fopen(path, "wb");
    if (!file || fwrite(head, 1, head_size, file) != head_size ||
        fwrite(data, 1, size, file) != size || fclose(file) != 0) {
        perror(path);
        exit(EXIT_FAILURE);
    }
}

/* ---- decode --------------------------------------------------------------------------------- */

static void save_structure(LPCSTR structure, const char *name, const void *der, size_t size)
{
    for (unsigned i = 0; i < ARRAYSIZE(code_structures); i++)
        if (code_structures[i] == structure) {
            char head = (char)i;

            save("decode", name, &head, 1, der, size);
        }
}

static void save_encoded(LPCSTR structure, const char *name, const void *info)
{
    BYTE der[256];
    DWORD size = sizeof(der);

    certs_must(CryptEncodeObject(X509_ASN_ENCODING, structure, info, der, &size));
    save_structure(structure, name, der, size);
}

static void save_extension(LPCSTR structure, const char *name, const CERT_INFO *info, LPCSTR oid)
{
    const CERT_EXTENSION *extension = CertFindExtension(oid, info->cExtension, info->rgExtension);

    certs_must(extension != NULL);
    save_structure(structure, name, extension->Value.pbData, extension->Value.cbData);
}

static void save_certificate(PCCERT_CONTEXT context)
{
    const CERT_INFO *info = context->pCertInfo;

    save_structure(X509_CERT_TO_BE_SIGNED, "a-certificate", context->pbCertEncoded,
                   context->cbCertEncoded);
    save_structure(X509_NAME, "a-name", info->Subject.pbData, info->Subject.cbData);
    save_structure(X509_UNICODE_NAME, "a-name-in-utf-16", info->Subject.pbData,
                   info->Subject.cbData);
    save_extension(X509_ALTERNATE_NAME, "alternate-names", info, szOID_SUBJECT_ALT_NAME2);
    save_extension(szOID_SUBJECT_ALT_NAME2, "alternate-names-by-oid", info,
                   szOID_SUBJECT_ALT_NAME2);
    save_extension(X509_BASIC_CONSTRAINTS2, "basic-constraints", info, szOID_BASIC_CONSTRAINTS2);
    save_extension(X509_KEY_USAGE, "key-usage", info, szOID_KEY_USAGE);
    save_extension(X509_ENHANCED_KEY_USAGE, "purposes", info, szOID_ENHANCED_KEY_USAGE);
    save_extension(szOID_SUBJECT_KEY_IDENTIFIER, "key-identifier", info,
                   szOID_SUBJECT_KEY_IDENTIFIER);
    save_extension(X509_AUTHORITY_KEY_ID2, "authority-key-identifier", info,
                   szOID_AUTHORITY_KEY_IDENTIFIER2);
    save_extension(X509_CRL_DIST_POINTS, "crl-distribution-points", info, szOID_CRL_DIST_POINTS);
    save_extension(X509_AUTHORITY_INFO_ACCESS, "authority-access", info,
                   szOID_AUTHORITY_INFO_ACCESS);
}

static void save_numbers(void)
{
    BYTE octets[] = {1, 2, 3, 0x84};
    CRYPT_INTEGER_BLOB blob = {sizeof(octets), octets};
    CRYPT_BIT_BLOB bits = {sizeof(octets), octets, 3};
    int number = -1234567, reason = 6;

    save_encoded(X509_INTEGER, "an-integer", &number);
    save_encoded(X509_MULTI_BYTE_INTEGER, "a-long-integer", &blob);
    save_encoded(X509_ENUMERATED, "an-enumerated", &reason);
    save_encoded(X509_OCTET_STRING, "octets", &blob);
    save_encoded(X509_BITS, "bits", &bits);
    save_structure(X509_CHOICE_OF_TIME, "a-time",
                   "\x17\x0d"
                   "260101000000Z",
                   15);
    save_structure(X509_ANY_STRING, "a-string",
                   "\x0c\x03"
                   "abc",
                   5);
    save_structure(X509_UNICODE_ANY_STRING, "a-string-in-utf-16",
                   "\x1e\x04\x00"
                   "a\x00"
                   "b",
                   6);
}

/* ---- keyblob -------------------------------------------------------------------------------- */

static void save_cng(NCRYPT_KEY_HANDLE key, const char *whose)
{
    for (unsigned i = 0; i < ARRAYSIZE(code_blobs); i++) {
        BYTE blob[4096];
        DWORD size = 0;
        char head = (char)i, name[64], kind[32];
        unsigned length = 0;

        if (NCryptExportKey(key, 0, code_blobs[i], NULL, blob, sizeof(blob), &size, 0) != 0)
            continue;
        while ((kind[length] = (char)tolower(code_blobs[i][length])) != '\0')
            length++;
        snprintf(name, sizeof(name), "%s-%s", whose, kind);
        save("keyblob", name, &head, 1, blob, size);
    }
}

static void save_pkcs8(unsigned number, const char *whose)
{
    gnutls_datum_t der;
    NCRYPT_PROV_HANDLE storage;
    NCRYPT_KEY_HANDLE key = 0;
    DWORD policy = NCRYPT_ALLOW_EXPORT_FLAG | NCRYPT_ALLOW_PLAINTEXT_EXPORT_FLAG;

    certs_must(gnutls_x509_privkey_export2_pkcs8(certs_key(number), GNUTLS_X509_FMT_DER, NULL,
                                                 GNUTLS_PKCS_PLAIN, &der) == 0);
    certs_must(NCryptOpenStorageProvider(&storage, NULL, 0) == 0);
    certs_must(NCryptImportKey(storage, 0, NCRYPT_PKCS8_PRIVATE_KEY_BLOB, NULL, &key, der.data,
                               der.size, NCRYPT_DO_NOT_FINALIZE_FLAG) == 0);
    NCryptSetProperty(key, NCRYPT_EXPORT_POLICY_PROPERTY, (BYTE *)&policy, sizeof(policy), 0);
    certs_must(NCryptFinalizeKey(key, 0) == 0);
    save_cng(key, whose);
    NCryptFreeObject(key);
    NCryptFreeObject(storage);
    gnutls_free(der.data);
}

static void save_capi(void)
{
    static const struct {
        const char *name;
        DWORD type;
    } blobs[] = {{"capi-public", PUBLICKEYBLOB}, {"capi-private", PRIVATEKEYBLOB}};
    const char head = ARRAYSIZE(code_blobs);
    HCRYPTPROV provider = 0;
    HCRYPTKEY key = 0;

    certs_must(CryptAcquireContextA(&provider, NULL, NULL, PROV_RSA_AES, CRYPT_VERIFYCONTEXT));
    certs_must(CryptGenKey(provider, AT_KEYEXCHANGE, 1024U << 16 | CRYPT_EXPORTABLE, &key));
    for (unsigned i = 0; i < ARRAYSIZE(blobs); i++) {
        BYTE blob[2048];
        DWORD size = sizeof(blob);

        certs_must(CryptExportKey(key, 0, blobs[i].type, 0, blob, &size));
        save("keyblob", blobs[i].name, &head, 1, blob, size);
    }
    CryptDestroyKey(key);
    CryptReleaseContext(provider, 0);
}

static void save_rsa_key(void)
{
    gnutls_datum_t der;

    certs_must(gnutls_x509_privkey_export2(certs_key(CERTS_RSA_1024), GNUTLS_X509_FMT_DER, &der) ==
               0);
    save_structure(PKCS_RSA_PRIVATE_KEY, "an-rsa-key", der.data, der.size);
    gnutls_free(der.data);
}

/* ---- pfx ------------------------------------------------------------------------------------ */

/* As our export makes it, but with few rounds, so that fuzzing is fast: MAC and bags by GnuTLS. */
static void save_pfx(const char *name, gnutls_x509_crt_t crt, unsigned key, unsigned flags,
                     const char *password)
{
    gnutls_pkcs12_t pfx;
    gnutls_pkcs12_bag_t certificates, keys;
    gnutls_datum_t pkcs8, der;
    char head[64] = {1, (char)(2 * strlen(password)), 0};

    for (size_t i = 0; password[i] != '\0'; i++)
        head[3 + 2 * i] = password[i];
    certs_must(gnutls_x509_privkey_export2_pkcs8(certs_key(key), GNUTLS_X509_FMT_DER, password,
                                                 flags, &pkcs8) == 0);
    certs_must(gnutls_pkcs12_init(&pfx) == 0 && gnutls_pkcs12_bag_init(&certificates) == 0 &&
               gnutls_pkcs12_bag_init(&keys) == 0);
    certs_must(gnutls_pkcs12_bag_set_crt(certificates, crt) >= 0);
    certs_must(gnutls_pkcs12_bag_set_friendly_name(certificates, 0, "friend") >= 0);
    certs_must(
        gnutls_pkcs12_bag_set_data(
            keys, flags & GNUTLS_PKCS_PLAIN ? GNUTLS_BAG_PKCS8_KEY : GNUTLS_BAG_PKCS8_ENCRYPTED_KEY,
            &pkcs8) >= 0);
    if (!(flags & GNUTLS_PKCS_PLAIN))
        certs_must(gnutls_pkcs12_bag_encrypt(certificates, password, flags) == 0);
    certs_must(gnutls_pkcs12_set_bag(pfx, certificates) == 0);
    certs_must(gnutls_pkcs12_set_bag(pfx, keys) == 0);
    certs_must(gnutls_pkcs12_generate_mac(pfx, password) == 0);
    certs_must(gnutls_pkcs12_export2(pfx, GNUTLS_X509_FMT_DER, &der) == 0);
    save("pfx", name, head, 3 + 2 * strlen(password), der.data, der.size);
    gnutls_free(der.data);
    gnutls_free(pkcs8.data);
    gnutls_pkcs12_bag_deinit(certificates);
    gnutls_pkcs12_bag_deinit(keys);
    gnutls_pkcs12_deinit(pfx);
}

/* ---- certtext ------------------------------------------------------------------------------- */

enum { TO_BINARY, TO_STRING, TO_NAME, FROM_NAME };

static void save_text(unsigned play, DWORD flags, bool chunk, const char *name, const void *text,
                      size_t size)
{
    char head[7] = {(char)play,          (char)flags, (char)(flags >> 8), (char)(flags >> 16),
                    (char)(flags >> 24), (char)size,  (char)(size >> 8)};

    save("certtext", name, head, chunk ? 7 : 5, text, size);
}

static void save_forms(void)
{
    static const char octets[] = "seventeen octets!";

    for (DWORD form = 0; form <= CRYPT_STRING_BASE64URI; form++) {
        char text[512], name[64];
        DWORD size = sizeof(text);

        snprintf(name, sizeof(name), "form-%u", (unsigned)form);
        if (!CryptBinaryToStringA((const BYTE *)octets, sizeof(octets) - 1, form, text, &size))
            continue;
        save_text(TO_BINARY, form, false, name, text, size);
        snprintf(name, sizeof(name), "to-form-%u", (unsigned)form);
        save_text(TO_STRING, form, false, name, octets, sizeof(octets) - 1);
    }
}

static void save_names(PCCERT_CONTEXT context)
{
    static const struct {
        const char *name, *text;
        DWORD flags;
    } names[] = {
        {"a-name", "CN=A Name, O=\"An, Organisation\", C=DE", CERT_X500_NAME_STR},
        {"parts-of-a-name", "CN=a + OU=\"b \"\"c\"\"\"; DC=example", CERT_X500_NAME_STR},
        {"octets-in-a-name", "2.5.4.3=#0403aabbcc", CERT_OID_NAME_STR},
        {"a-name-reversed", "C=DE;O=x;CN=\xc3\xa4",
         CERT_X500_NAME_STR | CERT_NAME_STR_REVERSE_FLAG | CERT_NAME_STR_SEMICOLON_FLAG},
    };

    for (unsigned i = 0; i < ARRAYSIZE(names); i++)
        save_text(TO_NAME, names[i].flags, true, names[i].name, names[i].text,
                  strlen(names[i].text));
    save_text(FROM_NAME, CERT_X500_NAME_STR, false, "the-text-of-a-name",
              context->pCertInfo->Subject.pbData, context->pCertInfo->Subject.cbData);
}

/* ---- looks ---------------------------------------------------------------------------------- */

/* Schannel's first message. */
static void save_hello(const char *name, const char *target)
{
    char package[] = "Schannel";
    SecBuffer buffer = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc out = {SECBUFFER_VERSION, 1, &buffer};
    SCHANNEL_CRED what = {.dwVersion = SCHANNEL_CRED_VERSION,
                          .dwFlags = SCH_CRED_MANUAL_CRED_VALIDATION};
    CredHandle cred;
    CtxtHandle context;
    ULONG flags;

    certs_must(AcquireCredentialsHandleA(NULL, package, SECPKG_CRED_OUTBOUND, NULL, &what, NULL,
                                         NULL, &cred, NULL) == SEC_E_OK);
    certs_must(InitializeSecurityContextA(&cred, NULL, (SEC_CHAR *)(uintptr_t)target,
                                          ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_STREAM, 0, 0, NULL, 0,
                                          &context, &out, &flags, NULL) == SEC_I_CONTINUE_NEEDED);
    save("looks", name, "\1", 1, buffer.pvBuffer, buffer.cbBuffer);
    FreeContextBuffer(buffer.pvBuffer);
    DeleteSecurityContext(&context);
    FreeCredentialsHandle(&cred);
}

static void save_info(void)
{
    static const WCHAR server[] = {'S', 'R', 'V', 0}, domain[] = {'f', 'u', 'z', 'z', 0};
    DWORD types[] = {1, 2};
    CREDENTIAL_TARGET_INFORMATIONW info = {.TargetName = (LPWSTR)(uintptr_t)server,
                                           .DnsDomainName = (LPWSTR)(uintptr_t)domain,
                                           .Flags = CRED_TI_SERVER_FORMAT_UNKNOWN,
                                           .CredTypeCount = ARRAYSIZE(types),
                                           .CredTypes = types};
    PUSHORT text;
    ULONG size;

    certs_must(CredMarshalTargetInfo(&info, &text, &size) == 0);
    save("looks", "target", "\2", 1, text, size);
    LocalFree(text);
}

int main(int argc, char **argv)
{
    static const struct certs_form form = {
        .name = "CN=The Name,OU=Unit,C=DE",
        .alt = "dns:a.example ip:192.0.2.1 mail:u@a.example uri:http://a.example/",
        .purpose = GNUTLS_KP_TLS_WWW_SERVER " " GNUTLS_KP_TLS_WWW_CLIENT,
        .usage = GNUTLS_KEY_DIGITAL_SIGNATURE,
        .authority = 1,
        .path = 2,
        .crl = "http://a.example/crl",
        .ocsp = "http://a.example/ocsp",
    };
    gnutls_x509_crt_t root = certs_make(&form, 1, NULL, 0), crt = certs_make(&form, 0, root, 1);
    const struct certs_list list = {.revoked = crt};
    gnutls_datum_t der = certs_der(crt), crl = certs_list(&list, root, 1);
    PCCERT_CONTEXT context = CertCreateCertificateContext(X509_ASN_ENCODING, der.data, der.size);

    if (argc != 2 || context == NULL) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return EXIT_FAILURE;
    }
    folder = argv[1];
    save_certificate(context);
    save_structure(X509_CERT_CRL_TO_BE_SIGNED, "a-list", crl.data, crl.size);
    save_numbers();
    save_rsa_key();
    save_pkcs8(0, "p256");
    save_pkcs8(CERTS_RSA_1024, "rsa");
    save_capi();
    save_pfx("plain", crt, 0, GNUTLS_PKCS_PLAIN, "");
    save_pfx("sealed", crt, 0, GNUTLS_PKCS_PBES2_AES_128, "password");
    save_pfx("sealed-as-of-old", crt, 0, GNUTLS_PKCS_PKCS12_3DES, "password");
    save_forms();
    save_names(context);
    save_hello("hello", "srv.fuzz.test");
    save_hello("hello-nameless", NULL);
    save_info();
    save("looks", "certificate", "\3", 1, der.data, der.size);
    CertFreeCertificateContext(context);
    gnutls_free(crl.data);
    gnutls_free(der.data);
    gnutls_x509_crt_deinit(crt);
    gnutls_x509_crt_deinit(root);
    certs_end();
    return EXIT_SUCCESS;
}
