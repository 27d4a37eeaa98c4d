/* SPDX-License-Identifier: MIT */
/*
 * Our own certificates with their private keys: from PEM, from PKCS #12, or with the key in a
 * container or on a token (--key). A secret is asked for only where there is no way without.
 */
#include "tools/report.h"
#include "tools/tls.h"
#include "tools/tools.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ncrypt.h>
#include <sspi_linux.h>

#define FILE_SIZE_MAX ((size_t)1 << 20)
#define SECRET_SIZE   256

struct secret {
    char text[SECRET_SIZE];
    bool known;
};

/* Once, however many keys it is for; what for is told to whoever types it. */
static bool secret_get(const struct tls_options *options, const char *what, struct secret *secret)
{
    if (!secret->known)
        secret->known =
            password_get(options->password_fd, what, secret->text, sizeof(secret->text));
    return secret->known;
}

/* --- PKCS #12 ------------------------------------------------------------------------------- */

bool tls_file_read(const char *name, CRYPT_DATA_BLOB *blob)
{
    FILE *file = fopen(name, "re");
    BYTE *data = malloc(FILE_SIZE_MAX);
    size_t size = 0;

    if (file != NULL && data != NULL)
        size = fread(data, 1, FILE_SIZE_MAX, file);
    if (file != NULL)
        fclose(file);
    if (size == 0 || size == FILE_SIZE_MAX) {
        free(data);
        return false;
    }
    *blob = (CRYPT_DATA_BLOB){(DWORD)size, data};
    return true;
}

static HCERTSTORE pfx_open_with(CRYPT_DATA_BLOB *blob, const struct secret *secret)
{
    WCHAR wide[SECRET_SIZE];
    HCERTSTORE store = NULL;

    if (!secret->known)
        return PFXImportCertStore(blob, NULL, 0);
    if (MultiByteToWideChar(CP_UTF8, 0, secret->text, -1, wide, SECRET_SIZE) != 0)
        store = PFXImportCertStore(blob, wide, 0);
    SecureZeroMemory(wide, sizeof(wide));
    return store;
}

static HCERTSTORE pfx_open(const struct tls_options *options, CRYPT_DATA_BLOB *blob)
{
    const char *name = options->certificate;
    struct secret secret = {.known = false};
    HCERTSTORE store = pfx_open_with(blob, &secret);
    DWORD error = store == NULL ? GetLastError() : 0;

    if (error == ERROR_INVALID_PASSWORD) {
        if (!secret_get(options, name, &secret))
            return NULL;
        store = pfx_open_with(blob, &secret);
        error = store == NULL ? GetLastError() : 0;
        SecureZeroMemory(&secret, sizeof(secret));
    }
    if (error == ERROR_INVALID_PASSWORD)
        complain("reading %s: the password is not that of the file", name);
    else if (error != 0)
        complain("reading %s: %s: the PKCS #12 file is damaged", name,
                 sspi_status_name((SECURITY_STATUS)error));
    return store;
}

static void blob_free(CRYPT_DATA_BLOB *blob)
{
    SecureZeroMemory(blob->pbData, blob->cbData);
    free(blob->pbData);
}

/* What cannot be PKCS #12 is for tls_store_open(), and its complaints. */
static HCERTSTORE store_open(const struct tls_options *options)
{
    CRYPT_DATA_BLOB blob;
    HCERTSTORE store = NULL;
    bool pfx;

    if (!tls_file_read(options->certificate, &blob))
        return tls_store_open(options->certificate);
    pfx = PFXIsPFXBlob(&blob);
    if (pfx)
        store = pfx_open(options, &blob);
    blob_free(&blob);
    return pfx ? store : tls_store_open(options->certificate);
}

/* --- A key by its name ---------------------------------------------------------------------- */

static bool key_is_there(PCCERT_CONTEXT certificate)
{
    HCRYPTPROV_OR_NCRYPT_KEY_HANDLE key;
    DWORD spec;
    BOOL ours;

    if (!CryptAcquireCertificatePrivateKey(
            certificate, CRYPT_ACQUIRE_ONLY_NCRYPT_KEY_FLAG | CRYPT_ACQUIRE_COMPARE_KEY_FLAG, NULL,
            &key, &spec, &ours))
        return false;
    if (ours)
        NCryptFreeObject(key);
    return true;
}

/* Says where the key is, and looks whether it is the certificate's. The PIN goes along. */
static bool key_name(PCCERT_CONTEXT certificate, const char *name, struct secret *pin)
{
    WCHAR wide[1024];
    CRYPT_KEY_PROV_PARAM param = {.dwParam = PP_KEYEXCHANGE_PIN,
                                  .pbData = (BYTE *)pin->text,
                                  .cbData = (DWORD)strlen(pin->text) + 1};
    CRYPT_KEY_PROV_INFO info = {.pwszContainerName = wide,
                                .cProvParam = pin->known ? 1 : 0,
                                .rgProvParam = &param,
                                .dwKeySpec = CERT_NCRYPT_KEY_SPEC};

    return MultiByteToWideChar(CP_UTF8, 0, name, -1, wide, sizeof(wide) / sizeof(*wide)) != 0 &&
           CertSetCertificateContextProperty(certificate, CERT_KEY_PROV_INFO_PROP_ID, 0, &info) &&
           key_is_there(certificate);
}

/* The certificate of the store that the key is for; the last error is the nearest miss. */
static PCCERT_CONTEXT key_match(HCERTSTORE store, const char *name, struct secret *pin)
{
    PCCERT_CONTEXT at = NULL;
    DWORD error = (DWORD)CRYPT_E_NOT_FOUND;

    while ((at = CertEnumCertificatesInStore(store, at)) != NULL) {
        if (key_name(at, name, pin))
            return at;
        error = GetLastError();
        CertSetCertificateContextProperty(at, CERT_KEY_PROV_INFO_PROP_ID, 0, NULL);
        if (error != (DWORD)NTE_BAD_PUBLIC_KEY) {
            CertFreeCertificateContext(at);
            break;
        }
    }
    SetLastError(error);
    return NULL;
}

/* A URI that says itself where its PIN is, is not asked for another. */
static bool pin_may_help(const char *name, DWORD error)
{
    return error == (DWORD)NTE_INCORRECT_PASSWORD && strstr(name, "pin-value=") == NULL &&
           strstr(name, "pin-source=") == NULL;
}

/* How much of a key's name may be shown: a PIN may stand behind that. */
static int key_shown(const char *name)
{
    const char *old = strstr(name, ";pin-value=");

    return (int)(old != NULL ? (size_t)(old - name) : strcspn(name, "?"));
}

static int key_complain(const struct tls_options *options, DWORD error)
{
    int shown = key_shown(options->key);

    switch ((HRESULT)error) {
    case NTE_BAD_PUBLIC_KEY:
        complain("no certificate of %s is for the key %.*s", options->certificate, shown,
                 options->key);
        return EXIT_USAGE;
    case NTE_INCORRECT_PASSWORD:
        complain("opening the key %.*s: the PIN is not the token's", shown, options->key);
        break;
    case NTE_BAD_KEYSET:
        complain("opening the key %.*s: there is none; `p11tool --list-tokens' shows the tokens",
                 shown, options->key);
        break;
    default:
        complain("opening the key %.*s: %s: %s", shown, options->key,
                 sspi_status_name((SECURITY_STATUS)error),
                 sspi_status_text((SECURITY_STATUS)error));
    }
    if (*sspi_native_error() != '\0')
        complain("  %s", sspi_native_error());
    return EXIT_USAGE;
}

static int key_attach(const struct tls_options *options, HCERTSTORE store, PCCERT_CONTEXT *found)
{
    struct secret pin = {.known = false};
    DWORD error;

    *found = key_match(store, options->key, &pin);
    error = *found == NULL ? GetLastError() : 0;
    if (pin_may_help(options->key, error)) {
        if (!secret_get(options, "the token of --key", &pin))
            return EXIT_USAGE;
        *found = key_match(store, options->key, &pin);
        error = *found == NULL ? GetLastError() : 0;
    }
    SecureZeroMemory(&pin, sizeof(pin));
    return error == 0 ? EXIT_OK : key_complain(options, error);
}

/* --- Together ------------------------------------------------------------------------------- */

int tls_own_read(const struct tls_options *options, PCCERT_CONTEXT *list, unsigned size,
                 unsigned *count)
{
    HCERTSTORE store;
    int result = EXIT_OK;

    *count = 0;
    if (options->certificate == NULL)
        return EXIT_OK;
    store = store_open(options);
    if (store == NULL)
        return EXIT_USAGE;
    if (options->key != NULL) {
        result = key_attach(options, store, list);
        *count = result == EXIT_OK;
    } else {
        *count = tls_store_keys(store, list, size);
        if (*count == 0) {
            complain("reading %s: it has no certificate whose private key is there too; --key "
                     "names one elsewhere",
                     options->certificate);
            result = EXIT_USAGE;
        }
    }
    CertCloseStore(store, 0);
    return result;
}
