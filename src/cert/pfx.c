/* SPDX-License-Identifier: MIT */
/*
 * PKCS #12 (RFC 7292) read: certificates, CRLs and keys into a store in memory. A key goes with
 * every certificate that has its public half; it stays in memory, and so does its container.
 */
#include "cert/pfx.h"

#include <stdlib.h>
#include <string.h>

#include "cert/context.h"
#include "cert/keyring.h"
#include "core/asn.h"
#include "core/native.h"
#include "core/secret.h"
#include "core/text.h"

SECURITY_STATUS pfx_password(LPCWSTR wide, char **password)
{
    SECURITY_STATUS status = text_from_w(wide, password);

    if (status == SEC_E_OK)
        return status;
    return status == SEC_E_INSUFFICIENT_MEMORY ? (SECURITY_STATUS)E_OUTOFMEMORY
                                               : ERROR_INVALID_PASSWORD;
}

/* --- The outer shell ------------------------------------------------------------------------ */

static SECURITY_STATUS pfx_status(const char *call, int code)
{
    if (code == GNUTLS_E_MEMORY_ERROR)
        return E_OUTOFMEMORY;
    return cert_key_status(call, code, CRYPT_E_BAD_ENCODE);
}

/* The outer SEQUENCE lies within the blob: GnuTLS takes "30 82" for a file of nothing. A length may
 * be indefinite, as in BER. */
static bool shell_is_whole(const CRYPT_DATA_BLOB *blob)
{
    return blob->cbData >= 2 && blob->pbData[0] == 0x30 &&
           (blob->pbData[1] == 0x80 || asn_tlv(blob->pbData, blob->cbData).data != NULL);
}

static SECURITY_STATUS pfx_open(const CRYPT_DATA_BLOB *blob, gnutls_pkcs12_t *out)
{
    gnutls_datum_t view;
    gnutls_pkcs12_t pfx;
    int code;

    if (blob == NULL || blob->pbData == NULL || blob->cbData == 0)
        return ERROR_INVALID_PARAMETER;
    if (!shell_is_whole(blob))
        return CRYPT_E_BAD_ENCODE;
    code = gnutls_pkcs12_init(&pfx);
    if (code != GNUTLS_E_SUCCESS)
        return pfx_status("gnutls_pkcs12_init", code);
    view = (gnutls_datum_t){blob->pbData, blob->cbData};
    code = gnutls_pkcs12_import(pfx, &view, GNUTLS_X509_FMT_DER, 0);
    if (code != GNUTLS_E_SUCCESS) {
        gnutls_pkcs12_deinit(pfx);
        return pfx_status("gnutls_pkcs12_import", code);
    }
    *out = pfx;
    return SEC_E_OK;
}

static SECURITY_STATUS rounds_spend(unsigned *left, unsigned rounds)
{
    return cert_key_rounds_take(left, rounds) ? SEC_E_OK : CRYPT_E_BAD_ENCODE;
}

/* A file without a MAC says nothing of its password, nor of who changed it. */
static SECURITY_STATUS mac_rounds(gnutls_pkcs12_t pfx, unsigned *left)
{
    unsigned rounds;
    char *oid = NULL;
    /* GnuTLS 3.7 leaks the name of an algorithm that it does not know to who does not want it. */
    int code = gnutls_pkcs12_mac_info(pfx, NULL, NULL, NULL, &rounds, &oid);

    gnutls_free(oid);
    if (code != GNUTLS_E_SUCCESS)
        return pfx_status("gnutls_pkcs12_mac_info", code);
    return rounds_spend(left, rounds);
}

/*
 * Checks the MAC. "No password" and "an empty one" are two things in PKCS #12, and Windows takes
 * either for either: *password becomes the one that holds.
 */
static SECURITY_STATUS mac_check(gnutls_pkcs12_t pfx, const char **password, unsigned *left)
{
    bool none = *password == NULL || **password == '\0';
    SECURITY_STATUS status = mac_rounds(pfx, left);
    int code;

    if (status != SEC_E_OK)
        return status;
    code = gnutls_pkcs12_verify_mac(pfx, *password);
    if (code == GNUTLS_E_MAC_VERIFY_FAILED && none) {
        *password = *password == NULL ? "" : NULL;
        code = gnutls_pkcs12_verify_mac(pfx, *password);
    }
    return code == GNUTLS_E_MAC_VERIFY_FAILED ? ERROR_INVALID_PASSWORD
                                              : pfx_status("gnutls_pkcs12_verify_mac", code);
}

WIN_API BOOL PFXIsPFXBlob(CRYPT_DATA_BLOB *pPFX)
{
    gnutls_pkcs12_t pfx;

    /* What is not one is no error. */
    if (pfx_open(pPFX, &pfx) != SEC_E_OK)
        return FALSE;
    gnutls_pkcs12_deinit(pfx);
    return TRUE;
}

static SECURITY_STATUS password_check(const CRYPT_DATA_BLOB *blob, LPCWSTR wide)
{
    unsigned rounds = CERT_KEY_ROUNDS_MAX;
    const char *password;
    gnutls_pkcs12_t pfx;
    SECURITY_STATUS status;
    char *text;

    status = pfx_password(wide, &text);
    if (status != SEC_E_OK)
        return status;
    status = pfx_open(blob, &pfx);
    if (status == SEC_E_OK) {
        password = text;
        status = mac_check(pfx, &password, &rounds);
        gnutls_pkcs12_deinit(pfx);
    }
    string_wipe_free(text);
    return status;
}

WIN_API BOOL PFXVerifyPassword(CRYPT_DATA_BLOB *pPFX, LPCWSTR szPassword, DWORD dwFlags)
{
    SECURITY_STATUS status;

    if (dwFlags != 0)
        return win_fail((DWORD)E_INVALIDARG);
    native_error_clear();
    status = password_check(pPFX, szPassword);
    return status == SEC_E_OK ? TRUE : win_fail((DWORD)status);
}

/* --- What is in it -------------------------------------------------------------------------- */

struct contents {
    const char *password;
    bool keys_wanted; /* PKCS12_ONLY_CERTIFICATES */
    bool exportable;
    bool kept;       /* the keys get containers: PKCS12_NO_PERSIST_KEY */
    unsigned rounds; /* that may still be spent */
    HCERTSTORE store;
    struct cert_key **keys;
    char **names; /* friendly names of the keys, or NULL */
    unsigned count;
};

static void contents_free(struct contents *contents)
{
    for (unsigned i = 0; i < contents->count; i++) {
        cert_key_unref(contents->keys[i]);
        free(contents->names[i]);
    }
    free(contents->keys);
    free(contents->names);
}

static bool contents_grow(struct contents *contents)
{
    size_t count = contents->count + 1UL;
    struct cert_key **keys = reallocarray(contents->keys, count, sizeof(*keys));
    char **names;

    if (keys == NULL)
        return false;
    contents->keys = keys;
    names = reallocarray(contents->names, count, sizeof(*names));
    if (names == NULL)
        return false;
    contents->names = names;
    return true;
}

/* GnuTLS' text is the bag's own, and may be none. */
static char *friendly_name(gnutls_pkcs12_bag_t bag, unsigned index)
{
    char *name = NULL;

    return gnutls_pkcs12_bag_get_friendly_name(bag, index, &name) == GNUTLS_E_SUCCESS &&
                   name != NULL
               ? strdup(name)
               : NULL;
}

static BOOL name_set(PCCERT_CONTEXT context, const char *name)
{
    CRYPT_DATA_BLOB blob;
    SEC_WCHAR *wide;
    size_t units;
    BOOL done;

    /* A name that is no text is left out. */
    if (name == NULL || text_to_w(name, &wide, &units) != SEC_E_OK)
        return TRUE;
    blob = (CRYPT_DATA_BLOB){(DWORD)((units + 1) * sizeof(*wide)), (BYTE *)wide};
    done = CertSetCertificateContextProperty(context, CERT_FRIENDLY_NAME_PROP_ID, 0, &blob);
    free(wide);
    return done;
}

static SECURITY_STATUS add_certificate(struct contents *contents, gnutls_pkcs12_bag_t bag,
                                       unsigned index, const gnutls_datum_t *der)
{
    char *name = friendly_name(bag, index);
    PCCERT_CONTEXT context = NULL;
    SECURITY_STATUS status = SEC_E_OK;

    if (!CertAddEncodedCertificateToStore(contents->store, X509_ASN_ENCODING, der->data, der->size,
                                          CERT_STORE_ADD_ALWAYS, &context) ||
        !name_set(context, name))
        status = (SECURITY_STATUS)GetLastError();
    if (context != NULL)
        CertFreeCertificateContext(context);
    free(name);
    return status;
}

static SECURITY_STATUS add_crl(struct contents *contents, gnutls_pkcs12_bag_t bag, unsigned index,
                               const gnutls_datum_t *der)
{
    (void)bag;
    (void)index;
    return CertAddEncodedCRLToStore(contents->store, X509_ASN_ENCODING, der->data, der->size,
                                    CERT_STORE_ADD_ALWAYS, NULL)
               ? SEC_E_OK
               : (SECURITY_STATUS)GetLastError();
}

/* Takes over the key that was made with this status. */
static SECURITY_STATUS keep_key(struct contents *contents, SECURITY_STATUS status,
                                struct cert_key *key, char *name)
{
    if (status == SEC_E_OK && contents_grow(contents)) {
        contents->keys[contents->count] = key;
        contents->names[contents->count++] = name;
        return SEC_E_OK;
    }
    free(name);
    if (status == SEC_E_OK) {
        cert_key_unref(key);
        return E_OUTOFMEMORY;
    }
    return status == NTE_BAD_DATA ? (SECURITY_STATUS)CRYPT_E_BAD_ENCODE : status;
}

static SECURITY_STATUS add_key(struct contents *contents, gnutls_pkcs12_bag_t bag, unsigned index,
                               const gnutls_datum_t *der)
{
    struct cert_key *key = NULL;
    SECURITY_STATUS status =
        cert_key_from_pkcs8(der->data, der->size, GNUTLS_X509_FMT_DER, contents->exportable, &key);

    return keep_key(contents, status, key, friendly_name(bag, index));
}

static SECURITY_STATUS add_sealed_key(struct contents *contents, gnutls_pkcs12_bag_t bag,
                                      unsigned index, const gnutls_datum_t *der)
{
    struct cert_key *key = NULL;
    SECURITY_STATUS status = cert_key_from_sealed(der->data, der->size, contents->password,
                                                  contents->exportable, &contents->rounds, &key);

    return keep_key(contents, status, key, friendly_name(bag, index));
}

static const struct {
    gnutls_pkcs12_bag_type_t type;
    bool key;
    SECURITY_STATUS(*add)
    (struct contents *contents, gnutls_pkcs12_bag_t bag, unsigned index, const gnutls_datum_t *der);
} kinds[] = {
    {GNUTLS_BAG_CERTIFICATE, false, add_certificate},
    {GNUTLS_BAG_CRL, false, add_crl},
    {GNUTLS_BAG_PKCS8_KEY, true, add_key},
    {GNUTLS_BAG_PKCS8_ENCRYPTED_KEY, true, add_sealed_key},
};

/* What is of another kind, a secret or a name of no meaning here, is left out. */
static SECURITY_STATUS add_entry(struct contents *contents, gnutls_pkcs12_bag_t bag, unsigned index)
{
    int type = gnutls_pkcs12_bag_get_type(bag, index);
    gnutls_datum_t der;

    for (size_t i = 0; i < ARRAYSIZE(kinds); i++)
        if ((int)kinds[i].type == type && (contents->keys_wanted || !kinds[i].key)) {
            int code = gnutls_pkcs12_bag_get_data(bag, index, &der);

            return code == GNUTLS_E_SUCCESS ? kinds[i].add(contents, bag, index, &der)
                                            : pfx_status("gnutls_pkcs12_bag_get_data", code);
        }
    return SEC_E_OK;
}

/* Whether a part is sealed, and by how many rounds. */
static SECURITY_STATUS bag_look(gnutls_pkcs12_bag_t bag, bool *sealed, unsigned *rounds)
{
    unsigned schema, cipher, salt_size = 0;
    int code;

    *sealed = gnutls_pkcs12_bag_get_type(bag, 0) == GNUTLS_BAG_ENCRYPTED;
    *rounds = 0;
    if (!*sealed)
        return SEC_E_OK;
    code = gnutls_pkcs12_bag_enc_info(bag, &schema, &cipher, NULL, &salt_size, rounds, NULL);
    return code == GNUTLS_E_SHORT_MEMORY_BUFFER ? SEC_E_OK
                                                : pfx_status("gnutls_pkcs12_bag_enc_info", code);
}

/* The parts are looked at before the first is opened, so that too much work is none at all. */
static SECURITY_STATUS spend_bag(struct contents *contents, gnutls_pkcs12_bag_t bag)
{
    bool sealed;
    unsigned rounds;
    SECURITY_STATUS status = bag_look(bag, &sealed, &rounds);

    return status == SEC_E_OK ? rounds_spend(&contents->rounds, rounds) : status;
}

static SECURITY_STATUS open_bag(struct contents *contents, gnutls_pkcs12_bag_t bag)
{
    bool sealed;
    unsigned rounds;
    SECURITY_STATUS status = bag_look(bag, &sealed, &rounds);
    int count;

    if (status == SEC_E_OK && sealed)
        status = pfx_status("gnutls_pkcs12_bag_decrypt",
                            gnutls_pkcs12_bag_decrypt(bag, contents->password));
    count = status == SEC_E_OK ? gnutls_pkcs12_bag_get_count(bag) : 0;
    for (int i = 0; i < count && status == SEC_E_OK; i++)
        status = add_entry(contents, bag, (unsigned)i);
    return status;
}

/* Does one of the two to a part; *last: there is none of that number. */
static SECURITY_STATUS with_bag(struct contents *contents, gnutls_pkcs12_t pfx, int index,
                                SECURITY_STATUS (*use)(struct contents *, gnutls_pkcs12_bag_t),
                                bool *last)
{
    gnutls_pkcs12_bag_t bag;
    int code = gnutls_pkcs12_bag_init(&bag);
    SECURITY_STATUS status;

    if (code != GNUTLS_E_SUCCESS)
        return pfx_status("gnutls_pkcs12_bag_init", code);
    code = gnutls_pkcs12_get_bag(pfx, index, bag);
    *last = code == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE;
    status = *last ? SEC_E_OK : pfx_status("gnutls_pkcs12_get_bag", code);
    if (status == SEC_E_OK && !*last)
        status = use(contents, bag);
    gnutls_pkcs12_bag_deinit(bag);
    return status;
}

static SECURITY_STATUS with_bags(struct contents *contents, gnutls_pkcs12_t pfx,
                                 SECURITY_STATUS (*use)(struct contents *, gnutls_pkcs12_bag_t))
{
    SECURITY_STATUS status = SEC_E_OK;
    bool last = false;

    for (int i = 0; status == SEC_E_OK && !last; i++)
        status = with_bag(contents, pfx, i, use, &last);
    return status;
}

/* --- Keys to certificates ------------------------------------------------------------------- */

static bool has_name(PCCERT_CONTEXT context)
{
    DWORD size = 0;

    return CertGetCertificateContextProperty(context, CERT_FRIENDLY_NAME_PROP_ID, NULL, &size);
}

/* The key of a certificate, by its number; count for none. */
static unsigned key_for(const struct contents *contents, PCCERT_CONTEXT context)
{
    unsigned char id[CERT_KEY_ID_SIZE];
    unsigned i = 0;

    if (!cert_key_id_of(cert_context_crt(context), id))
        return contents->count;
    while (i < contents->count && !cert_key_is(contents->keys[i], id))
        i++;
    return i;
}

static BOOL attach_key(const struct contents *contents, unsigned number, PCCERT_CONTEXT context)
{
    if (contents->kept)
        keyring_add(contents->keys[number]);
    cert_context_slot_set(context, &contents->keys[number]->object);
    return has_name(context) || name_set(context, contents->names[number]);
}

static SECURITY_STATUS attach_keys(const struct contents *contents)
{
    PCCERT_CONTEXT context = NULL;

    while ((context = CertEnumCertificatesInStore(contents->store, context)) != NULL) {
        unsigned number = key_for(contents, context);

        if (number < contents->count && !attach_key(contents, number, context)) {
            SECURITY_STATUS status = (SECURITY_STATUS)GetLastError();

            CertFreeCertificateContext(context);
            return status;
        }
    }
    return SEC_E_OK;
}

/* GnuTLS reads the whole anew for each part. */
#define PARTS_MAX 1000

static SECURITY_STATUS parts_check(gnutls_pkcs12_t pfx)
{
    gnutls_pkcs12_bag_t bag;
    int code = gnutls_pkcs12_bag_init(&bag);

    if (code != GNUTLS_E_SUCCESS)
        return pfx_status("gnutls_pkcs12_bag_init", code);
    code = gnutls_pkcs12_get_bag(pfx, PARTS_MAX, bag);
    gnutls_pkcs12_bag_deinit(bag);
    if (code == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
        return SEC_E_OK;
    native_error_set("PKCS #12: more than %d parts", PARTS_MAX);
    return code == GNUTLS_E_SUCCESS ? CRYPT_E_BAD_ENCODE
                                    : pfx_status("gnutls_pkcs12_get_bag", code);
}

static SECURITY_STATUS import(struct contents *contents, const CRYPT_DATA_BLOB *blob)
{
    gnutls_pkcs12_t pfx;
    SECURITY_STATUS status = pfx_open(blob, &pfx);

    if (status != SEC_E_OK)
        return status;
    status = parts_check(pfx);
    if (status == SEC_E_OK)
        status = with_bags(contents, pfx, spend_bag);
    if (status == SEC_E_OK)
        status = mac_check(pfx, &contents->password, &contents->rounds);
    if (status == SEC_E_OK)
        status = with_bags(contents, pfx, open_bag);
    if (status == SEC_E_OK)
        status = attach_keys(contents);
    gnutls_pkcs12_deinit(pfx);
    return status;
}

WIN_API HCERTSTORE PFXImportCertStore(CRYPT_DATA_BLOB *pPFX, LPCWSTR szPassword, DWORD dwFlags)
{
    struct contents contents = {.keys_wanted = (dwFlags & PKCS12_ONLY_CERTIFICATES) == 0,
                                .rounds = CERT_KEY_ROUNDS_ALL,
                                .exportable = (dwFlags & CRYPT_EXPORTABLE) != 0,
                                .kept = (dwFlags & PKCS12_NO_PERSIST_KEY) == 0};
    SECURITY_STATUS status;
    char *password;

    native_error_clear();
    status = pfx_password(szPassword, &password);
    if (status == SEC_E_OK) {
        contents.password = password;
        contents.store = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
        status = contents.store == NULL ? (SECURITY_STATUS)GetLastError() : import(&contents, pPFX);
        contents_free(&contents);
        string_wipe_free(password);
    }
    if (status == SEC_E_OK)
        return contents.store;
    if (contents.store != NULL)
        CertCloseStore(contents.store, 0);
    win_fail((DWORD)status);
    return NULL;
}
