/* SPDX-License-Identifier: MIT */
/* Key objects: making, opening, copying, comparing. */
#include "cert/key.h"

#include <stdlib.h>
#include <string.h>

#include "cert/keyring.h"
#include "core/native.h"

#define KEY_ID_HOW GNUTLS_KEYID_USE_SHA256

/* --- Results -------------------------------------------------------------------------------- */

static const struct {
    int code;
    HRESULT status;
} code_table[] = {
    {GNUTLS_E_MEMORY_ERROR, NTE_NO_MEMORY},
    {GNUTLS_E_PK_SIG_VERIFY_FAILED, NTE_BAD_SIGNATURE},
    {GNUTLS_E_DECRYPTION_FAILED, NTE_INCORRECT_PASSWORD},
    {GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM, NTE_BAD_ALGID},
    {GNUTLS_E_UNKNOWN_PK_ALGORITHM, NTE_BAD_ALGID},
    {GNUTLS_E_UNKNOWN_HASH_ALGORITHM, NTE_BAD_ALGID},
    {GNUTLS_E_ECC_UNSUPPORTED_CURVE, NTE_NOT_SUPPORTED},
    {GNUTLS_E_PKCS11_REQUESTED_OBJECT_NOT_AVAILBLE, NTE_BAD_KEYSET},
    {GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE, NTE_BAD_KEYSET},
    {GNUTLS_E_PKCS11_PIN_ERROR, NTE_INCORRECT_PASSWORD},
    {GNUTLS_E_PKCS11_PIN_EXPIRED, NTE_INCORRECT_PASSWORD},
    {GNUTLS_E_PKCS11_PIN_LOCKED, NTE_INCORRECT_PASSWORD},
    {GNUTLS_E_PKCS11_USER_ERROR, NTE_INCORRECT_PASSWORD},
    {GNUTLS_E_PKCS11_DEVICE_ERROR, NTE_DEVICE_NOT_READY},
    {GNUTLS_E_PKCS11_TOKEN_ERROR, NTE_DEVICE_NOT_READY},
};

SECURITY_STATUS cert_key_status(const char *call, int code, HRESULT fallback)
{
    if (code >= 0)
        return SEC_E_OK;
    native_error_set("%s: %s", call, gnutls_strerror(code));
    for (size_t i = 0; i < ARRAYSIZE(code_table); i++)
        if (code_table[i].code == code)
            return code_table[i].status;
    return fallback;
}

void cert_key_datum_wipe(gnutls_datum_t *datum)
{
    if (datum->data != NULL)
        gnutls_memset(datum->data, 0, datum->size);
    gnutls_free(datum->data);
    *datum = (gnutls_datum_t){NULL, 0};
}

/* --- The object ----------------------------------------------------------------------------- */

static void key_destroy(struct object *object)
{
    struct cert_key *key = (struct cert_key *)object;

    keyring_forget(key);
    if (key->secret != NULL)
        gnutls_privkey_deinit(key->secret);
    if (key->public != NULL)
        gnutls_pubkey_deinit(key->public);
    free(key);
}

const struct object_class cert_key_class = {"key", key_destroy};

static SECURITY_STATUS key_describe(struct cert_key *key)
{
    int algorithm = gnutls_pubkey_get_pk_algorithm(key->public, &key->bits);

    size_t size = sizeof(key->id);
    int code;

    key->algorithm = (gnutls_pk_algorithm_t)algorithm;
    key->bits = cert_key_bits(key->algorithm, key->bits);
    if (algorithm < 0)
        return cert_key_status("gnutls_pubkey_get_pk_algorithm", algorithm, NTE_BAD_KEY);
    code = gnutls_pubkey_get_key_id(key->public, KEY_ID_HOW, key->id, &size);
    return cert_key_status("gnutls_pubkey_get_key_id", code, NTE_BAD_KEY);
}

static SECURITY_STATUS key_finish(struct cert_key *key, struct cert_key **out)
{
    SECURITY_STATUS status = key_describe(key);

    if (status == SEC_E_OK)
        *out = key;
    else
        cert_key_unref(key);
    return status;
}

SECURITY_STATUS cert_key_own_public(gnutls_pubkey_t public, struct cert_key **out)
{
    struct cert_key *key = calloc(1, sizeof(*key));

    if (key == NULL) {
        gnutls_pubkey_deinit(public);
        return NTE_NO_MEMORY;
    }
    object_init(&key->object, &cert_key_class);
    key->public = public;
    key->exportable = true;
    return key_finish(key, out);
}

SECURITY_STATUS cert_key_own(gnutls_privkey_t secret, bool exportable, struct cert_key **out)
{
    struct cert_key *key = calloc(1, sizeof(*key));
    int code;

    if (key == NULL) {
        gnutls_privkey_deinit(secret);
        return NTE_NO_MEMORY;
    }
    object_init(&key->object, &cert_key_class);
    key->secret = secret;
    key->exportable = exportable;
    code = gnutls_pubkey_init(&key->public);
    if (code == GNUTLS_E_SUCCESS)
        code = gnutls_pubkey_import_privkey(key->public, secret, 0, 0);
    if (code == GNUTLS_E_SUCCESS)
        return key_finish(key, out);
    cert_key_unref(key);
    return cert_key_status("gnutls_pubkey_import_privkey", code, NTE_BAD_KEY);
}

SECURITY_STATUS cert_key_own_x509(gnutls_x509_privkey_t secret, bool exportable,
                                  struct cert_key **out)
{
    gnutls_privkey_t key = NULL;
    int code = gnutls_privkey_init(&key);

    if (code == GNUTLS_E_SUCCESS)
        code = gnutls_privkey_import_x509(key, secret, GNUTLS_PRIVKEY_IMPORT_AUTO_RELEASE);
    if (code == GNUTLS_E_SUCCESS)
        return cert_key_own(key, exportable, out);
    gnutls_x509_privkey_deinit(secret);
    if (key != NULL)
        gnutls_privkey_deinit(key);
    return cert_key_status("gnutls_privkey_import_x509", code, NTE_BAD_KEY);
}

/* --- Making and opening --------------------------------------------------------------------- */

SECURITY_STATUS cert_key_generate(gnutls_pk_algorithm_t algorithm, unsigned bits, bool exportable,
                                  struct cert_key **out)
{
    gnutls_x509_privkey_t secret;
    int code = gnutls_x509_privkey_init(&secret);

    if (code != GNUTLS_E_SUCCESS)
        return cert_key_status("gnutls_x509_privkey_init", code, NTE_FAIL);
    code = gnutls_x509_privkey_generate(secret, algorithm, bits, 0);
    if (code == GNUTLS_E_SUCCESS)
        return cert_key_own_x509(secret, exportable, out);
    gnutls_x509_privkey_deinit(secret);
    return cert_key_status("gnutls_x509_privkey_generate", code, NTE_FAIL);
}

static SECURITY_STATUS from_pkcs8(const void *data, size_t size, gnutls_x509_crt_fmt_t format,
                                  const char *password, unsigned flags, bool exportable,
                                  struct cert_key **out)
{
    union {
        const void *from;
        unsigned char *data;
    } cast = {data};
    gnutls_datum_t view = {cast.data, (unsigned)size};
    gnutls_x509_privkey_t secret;
    int code;

    if (data == NULL || size > INT32_MAX)
        return NTE_BAD_DATA;
    code = gnutls_x509_privkey_init(&secret);
    if (code != GNUTLS_E_SUCCESS)
        return cert_key_status("gnutls_x509_privkey_init", code, NTE_FAIL);
    code = gnutls_x509_privkey_import_pkcs8(secret, &view, format, password, flags);
    if (code == GNUTLS_E_SUCCESS) /* the file has the public half of an EC key too */
        code = gnutls_x509_privkey_verify_params(secret);
    if (code == GNUTLS_E_SUCCESS)
        return cert_key_own_x509(secret, exportable, out);
    gnutls_x509_privkey_deinit(secret);
    return cert_key_status("gnutls_x509_privkey_import_pkcs8", code, NTE_BAD_DATA);
}

SECURITY_STATUS cert_key_from_pkcs8(const void *data, size_t size, gnutls_x509_crt_fmt_t format,
                                    bool exportable, struct cert_key **out)
{
    return from_pkcs8(data, size, format, NULL, GNUTLS_PKCS_PLAIN, exportable, out);
}

bool cert_key_rounds_take(unsigned *left, unsigned rounds)
{
    if (rounds > CERT_KEY_ROUNDS_MAX || rounds > *left) {
        native_error_set("%u rounds of hashing are more than %u, or than all parts may ask for",
                         rounds, CERT_KEY_ROUNDS_MAX);
        return false;
    }
    *left -= rounds;
    return true;
}

/* So many rounds are as good as endless; what cannot be told so is none that could be opened. */
static bool rounds_bearable(const gnutls_datum_t *view, unsigned *left)
{
    unsigned schema, cipher, salt_size = 0, rounds = 0;
    int code = gnutls_pkcs8_info(view, GNUTLS_X509_FMT_DER, &schema, &cipher, NULL, &salt_size,
                                 &rounds, NULL);

    if (code == GNUTLS_E_SUCCESS || code == GNUTLS_E_SHORT_MEMORY_BUFFER)
        return cert_key_rounds_take(left, rounds);
    native_error_set("gnutls_pkcs8_info: %s", gnutls_strerror(code));
    return false;
}

SECURITY_STATUS cert_key_from_sealed(const void *data, size_t size, const char *password,
                                     bool exportable, unsigned *rounds_left, struct cert_key **out)
{
    union {
        const void *from;
        unsigned char *data;
    } cast = {data};
    gnutls_datum_t view = {cast.data, (unsigned)size};

    if (data == NULL || size > INT32_MAX || !rounds_bearable(&view, rounds_left))
        return NTE_BAD_DATA;
    return from_pkcs8(data, size, GNUTLS_X509_FMT_DER, password,
                      password == NULL ? GNUTLS_PKCS_NULL_PASSWORD : 0, exportable, out);
}

/* --- Giving away ---------------------------------------------------------------------------- */

static int copy_x509(gnutls_privkey_t from, gnutls_privkey_t to)
{
    gnutls_x509_privkey_t secret;
    int code = gnutls_privkey_export_x509(from, &secret);

    if (code != GNUTLS_E_SUCCESS)
        return code;
    code = gnutls_privkey_import_x509(to, secret, GNUTLS_PRIVKEY_IMPORT_AUTO_RELEASE);
    if (code != GNUTLS_E_SUCCESS)
        gnutls_x509_privkey_deinit(secret);
    return code;
}

static int copy_pkcs11(gnutls_privkey_t from, gnutls_privkey_t to)
{
    gnutls_pkcs11_privkey_t secret;
    int code = gnutls_privkey_export_pkcs11(from, &secret);

    if (code != GNUTLS_E_SUCCESS)
        return code;
    code = gnutls_privkey_import_pkcs11(to, secret, GNUTLS_PRIVKEY_IMPORT_AUTO_RELEASE);
    if (code != GNUTLS_E_SUCCESS)
        gnutls_pkcs11_privkey_deinit(secret);
    return code;
}

static int copy_secret(gnutls_privkey_t from, gnutls_privkey_t to)
{
    switch (gnutls_privkey_get_type(from)) {
    case GNUTLS_PRIVKEY_X509:
        return copy_x509(from, to);
    case GNUTLS_PRIVKEY_PKCS11:
        return copy_pkcs11(from, to);
    default: /* one of the caller's own functions: there is no second one to be had */
        return GNUTLS_E_UNIMPLEMENTED_FEATURE;
    }
}

SECURITY_STATUS cert_key_copy(const struct cert_key *key, gnutls_privkey_t *out)
{
    gnutls_privkey_t copy;
    int code;

    if (key->secret == NULL)
        return NTE_NO_KEY;
    code = gnutls_privkey_init(&copy);
    if (code == GNUTLS_E_SUCCESS) {
        code = copy_secret(key->secret, copy);
        if (code != GNUTLS_E_SUCCESS)
            gnutls_privkey_deinit(copy);
    }
    if (code != GNUTLS_E_SUCCESS)
        return cert_key_status("copying a private key", code, NTE_NOT_SUPPORTED);
    *out = copy;
    return SEC_E_OK;
}

SECURITY_STATUS cert_key_to_pkcs8(const struct cert_key *key, gnutls_x509_crt_fmt_t format,
                                  const char *password, gnutls_datum_t *out)
{
    unsigned flags = password == NULL ? GNUTLS_PKCS_PLAIN : GNUTLS_PKCS_PBES2_AES_256;
    gnutls_x509_privkey_t secret;
    int code;

    if (key->secret == NULL)
        return NTE_NO_KEY;
    code = gnutls_privkey_export_x509(key->secret, &secret);
    if (code != GNUTLS_E_SUCCESS)
        return cert_key_status("gnutls_privkey_export_x509", code, NTE_NOT_SUPPORTED);
    code = gnutls_x509_privkey_export2_pkcs8(secret, format, password, flags, out);
    gnutls_x509_privkey_deinit(secret);
    return cert_key_status("gnutls_x509_privkey_export2_pkcs8", code, NTE_FAIL);
}

/* --- Comparing ------------------------------------------------------------------------------ */

bool cert_key_id_of(gnutls_x509_crt_t crt, unsigned char id[CERT_KEY_ID_SIZE])
{
    size_t size = CERT_KEY_ID_SIZE;

    return gnutls_x509_crt_get_key_id(crt, KEY_ID_HOW, id, &size) == GNUTLS_E_SUCCESS &&
           size == CERT_KEY_ID_SIZE;
}

bool cert_key_fits(const struct cert_key *key, gnutls_x509_crt_t crt)
{
    unsigned char id[CERT_KEY_ID_SIZE];

    return cert_key_id_of(crt, id) && cert_key_is(key, id);
}
