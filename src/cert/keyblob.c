/* SPDX-License-Identifier: MIT */
/*
 * Windows' key blobs. What an RSA blob says beyond modulus, exponent and primes is computed anew
 * and never believed.
 */
#include "cert/keyblob.h"

#include <bcrypt.h>
#include <string.h>

#include "core/native.h"

/* No number of a key is longer: RSA of 16384 bits. */
#define NUMBER_MAX 2048

#define MAGIC_RSA1 0x31415352 /* "RSA1": a public key */
#define MAGIC_RSA2 0x32415352

/* --- Octets --------------------------------------------------------------------------------- */

struct reader {
    const BYTE *next;
    size_t left;
    bool reversed; /* numbers are little-endian */
};

static bool read_u32(struct reader *reader, uint32_t *value)
{
    const BYTE *p = reader->next;

    if (reader->left < 4)
        return false;
    *value = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
    reader->next += 4;
    reader->left -= 4;
    return true;
}

static void reverse(BYTE *target, const BYTE *source, size_t size)
{
    for (size_t i = 0; i < size; i++)
        target[i] = source[size - 1 - i];
}

/* A number of a key, big-endian, in room of its own: GnuTLS' datum is not const. */
struct number {
    BYTE room[NUMBER_MAX];
    gnutls_datum_t datum;
};

static bool read_number(struct reader *reader, size_t size, struct number *number)
{
    if (size == 0 || size > NUMBER_MAX || reader->left < size)
        return false;
    if (reader->reversed)
        reverse(number->room, reader->next, size);
    else
        memcpy(number->room, reader->next, size);
    number->datum = (gnutls_datum_t){number->room, (unsigned)size};
    reader->next += size;
    reader->left -= size;
    return true;
}

/* Room that is filled from the front; the size is counted on where there is none. */
struct writer {
    BYTE *data;
    size_t room, used;
};

static BYTE *write_space(struct writer *writer, size_t size)
{
    BYTE *space = NULL;

    if (writer->data != NULL && writer->used <= writer->room && size <= writer->room - writer->used)
        space = writer->data + writer->used;
    writer->used += size;
    return space;
}

static void write_u32(struct writer *writer, uint32_t value)
{
    BYTE *p = write_space(writer, 4);

    for (unsigned i = 0; p != NULL && i < 4; i++)
        p[i] = (BYTE)(value >> (8 * i));
}

/* A number in exactly size octets, which it is known to fit. */
static void write_number(struct writer *writer, const gnutls_datum_t *number, size_t size,
                         bool reversed)
{
    BYTE *p = write_space(writer, size);
    size_t pad = size > number->size ? size - number->size : 0;

    if (p == NULL || size == 0)
        return;
    memset(p, 0, size);
    if (reversed)
        reverse(p, number->data, size - pad);
    else
        memcpy(p + pad, number->data, size - pad);
}

static SECURITY_STATUS write_end(const struct writer *writer, DWORD *size)
{
    bool fits = writer->data == NULL || writer->used <= writer->room;

    *size = (DWORD)writer->used;
    return fits ? SEC_E_OK : ERROR_MORE_DATA;
}

/* --- RSA ------------------------------------------------------------------------------------ */

/* The five numbers that matter. */
struct rsa {
    struct number n, e, p, q;
};

static void rsa_wipe(struct rsa *rsa)
{
    gnutls_memset(rsa, 0, sizeof(*rsa));
}

/* An even exponent is none, and with 1 the "signature" is the value itself. */
static bool exponent_is_sound(const gnutls_datum_t *e)
{
    unsigned i = 0;

    while (i < e->size && e->data[i] == 0)
        i++;
    return i < e->size && (e->data[e->size - 1] & 1) != 0 && (i + 1 < e->size || e->data[i] != 1);
}

static SECURITY_STATUS rsa_own_secret(struct rsa *rsa, bool exportable, struct cert_key **out)
{
    gnutls_x509_privkey_t secret;
    int code;

    if (!exponent_is_sound(&rsa->e.datum))
        return NTE_BAD_DATA;
    code = gnutls_x509_privkey_init(&secret);
    if (code != GNUTLS_E_SUCCESS)
        return cert_key_status("gnutls_x509_privkey_init", code, NTE_FAIL);
    code = gnutls_x509_privkey_import_rsa_raw2(secret, &rsa->n.datum, &rsa->e.datum, NULL,
                                               &rsa->p.datum, &rsa->q.datum, NULL, NULL, NULL);
    if (code == GNUTLS_E_SUCCESS)
        code = gnutls_x509_privkey_verify_params(secret);
    if (code == GNUTLS_E_SUCCESS)
        return cert_key_own_x509(secret, exportable, out);
    gnutls_x509_privkey_deinit(secret);
    return cert_key_status("gnutls_x509_privkey_import_rsa_raw2", code, NTE_BAD_DATA);
}

static SECURITY_STATUS rsa_own_public(struct rsa *rsa, struct cert_key **out)
{
    gnutls_pubkey_t public;
    int code;

    if (!exponent_is_sound(&rsa->e.datum))
        return NTE_BAD_DATA;
    code = gnutls_pubkey_init(&public);
    if (code != GNUTLS_E_SUCCESS)
        return cert_key_status("gnutls_pubkey_init", code, NTE_FAIL);
    code = gnutls_pubkey_import_rsa_raw(public, &rsa->n.datum, &rsa->e.datum);
    if (code == GNUTLS_E_SUCCESS)
        return cert_key_own_public(public, out);
    gnutls_pubkey_deinit(public);
    return cert_key_status("gnutls_pubkey_import_rsa_raw", code, NTE_BAD_DATA);
}

/* What GnuTLS tells of an RSA key, without leading zeros. */
struct rsa_parts {
    gnutls_datum_t n, e, d, p, q, u, dp, dq;
};

static void rsa_parts_free(struct rsa_parts *parts)
{
    gnutls_datum_t *all[] = {&parts->n, &parts->e, &parts->d,  &parts->p,
                             &parts->q, &parts->u, &parts->dp, &parts->dq};

    for (size_t i = 0; i < ARRAYSIZE(all); i++)
        cert_key_datum_wipe(all[i]);
}

/* Of an exotic key a prime may be longer than half the modulus: these forms have no room for it. */
static bool rsa_parts_fit(const struct rsa_parts *parts)
{
    size_t half = (parts->n.size + 1) / 2;

    return parts->n.size <= NUMBER_MAX && parts->e.size <= 8 && parts->d.size <= parts->n.size &&
           parts->p.size <= half && parts->q.size <= half && parts->u.size <= half &&
           parts->dp.size <= half && parts->dq.size <= half;
}

static SECURITY_STATUS rsa_export(const struct cert_key *key, bool secret, struct rsa_parts *parts)
{
    int code;

    memset(parts, 0, sizeof(*parts));
    if (key->algorithm != GNUTLS_PK_RSA)
        return NTE_BAD_KEY;
    if (secret && key->secret == NULL)
        return NTE_NO_KEY;
    if (secret && !key->exportable)
        return NTE_BAD_KEY_STATE;
    if (secret)
        code = gnutls_privkey_export_rsa_raw2(key->secret, &parts->n, &parts->e, &parts->d,
                                              &parts->p, &parts->q, &parts->u, &parts->dp,
                                              &parts->dq, GNUTLS_EXPORT_FLAG_NO_LZ);
    else
        code = gnutls_pubkey_export_rsa_raw2(key->public, &parts->n, &parts->e,
                                             GNUTLS_EXPORT_FLAG_NO_LZ);
    if (code != GNUTLS_E_SUCCESS)
        return cert_key_status("exporting an RSA key", code, NTE_NOT_SUPPORTED);
    return rsa_parts_fit(parts) ? SEC_E_OK : NTE_NOT_SUPPORTED;
}

/* --- CryptImportKey, CryptExportKey --------------------------------------------------------- */

static bool capi_head(struct reader *reader, ALG_ID *algorithm, uint32_t *first, uint32_t *magic)
{
    uint32_t id;

    if (!read_u32(reader, first) || !read_u32(reader, &id) || !read_u32(reader, magic))
        return false;
    *algorithm = id;
    return true;
}

static bool capi_numbers(struct reader *reader, bool secret, struct rsa *rsa)
{
    uint32_t bits;
    size_t whole, half;

    if (!read_u32(reader, &bits) || bits % 16 != 0 || !read_number(reader, 4, &rsa->e))
        return false;
    whole = bits / 8;
    half = bits / 16;
    if (!read_number(reader, whole, &rsa->n))
        return false;
    /* After the primes: both exponents, the coefficient, and the private exponent. */
    return !secret || (read_number(reader, half, &rsa->p) && read_number(reader, half, &rsa->q) &&
                       reader->left >= 3 * half + whole);
}

SECURITY_STATUS key_from_capi(const BYTE *data, size_t size, bool exportable, ALG_ID *algorithm,
                              struct cert_key **out)
{
    struct reader reader = {data, data == NULL ? 0 : size, true};
    uint32_t first, magic;
    bool secret;
    struct rsa rsa;
    SECURITY_STATUS status = NTE_BAD_DATA;

    if (!capi_head(&reader, algorithm, &first, &magic))
        return NTE_BAD_DATA;
    if ((first & 0xff) != PUBLICKEYBLOB && (first & 0xff) != PRIVATEKEYBLOB)
        return NTE_BAD_TYPE;
    if ((first >> 8 & 0xff) != CUR_BLOB_VERSION)
        return NTE_BAD_VER;
    if (*algorithm != CALG_RSA_KEYX && *algorithm != CALG_RSA_SIGN)
        return NTE_BAD_ALGID;
    secret = (first & 0xff) == PRIVATEKEYBLOB;
    if (magic == (secret ? MAGIC_RSA2 : MAGIC_RSA1) && capi_numbers(&reader, secret, &rsa))
        status = secret ? rsa_own_secret(&rsa, exportable, out) : rsa_own_public(&rsa, out);
    rsa_wipe(&rsa);
    return status;
}

static void capi_write(struct writer *writer, const struct rsa_parts *parts, DWORD kind,
                       ALG_ID algorithm)
{
    size_t whole = parts->n.size + parts->n.size % 2, half = whole / 2;
    uint32_t exponent = 0;

    for (unsigned i = 0; i < parts->e.size; i++)
        exponent = exponent << 8 | parts->e.data[i];
    write_u32(writer, kind | CUR_BLOB_VERSION << 8);
    write_u32(writer, algorithm);
    write_u32(writer, kind == PRIVATEKEYBLOB ? MAGIC_RSA2 : MAGIC_RSA1);
    write_u32(writer, (uint32_t)whole * 8);
    write_u32(writer, exponent);
    write_number(writer, &parts->n, whole, true);
    if (kind != PRIVATEKEYBLOB)
        return;
    write_number(writer, &parts->p, half, true);
    write_number(writer, &parts->q, half, true);
    write_number(writer, &parts->dp, half, true);
    write_number(writer, &parts->dq, half, true);
    write_number(writer, &parts->u, half, true);
    write_number(writer, &parts->d, whole, true);
}

SECURITY_STATUS key_to_capi(const struct cert_key *key, DWORD kind, ALG_ID algorithm, BYTE *data,
                            DWORD *size)
{
    struct writer writer = {data, *size, 0};
    struct rsa_parts parts;
    SECURITY_STATUS status;

    if (kind != PUBLICKEYBLOB && kind != PRIVATEKEYBLOB)
        return NTE_BAD_TYPE;
    status = rsa_export(key, kind == PRIVATEKEYBLOB, &parts);
    if (status == SEC_E_OK && parts.e.size > 4)
        status = NTE_NOT_SUPPORTED;
    if (status == SEC_E_OK) {
        capi_write(&writer, &parts, kind, algorithm);
        status = write_end(&writer, size);
    }
    rsa_parts_free(&parts);
    return status;
}

/* --- CNG: RSA ------------------------------------------------------------------------------- */

/* Which numbers of struct rsa a blob brings; what follows them is implied. */
enum cng_rsa { CNG_RSA_PUBLIC, CNG_RSA_PRIVATE, CNG_RSA_FULL };

static const uint32_t cng_rsa_magic[] = {
    [CNG_RSA_PUBLIC] = BCRYPT_RSAPUBLIC_MAGIC,
    [CNG_RSA_PRIVATE] = BCRYPT_RSAPRIVATE_MAGIC,
    [CNG_RSA_FULL] = BCRYPT_RSAFULLPRIVATE_MAGIC,
};

/* BCRYPT_RSAKEY_BLOB. */
struct cng_rsa_head {
    uint32_t magic, bits, e, n, p, q;
};

static bool cng_rsa_head(struct reader *reader, struct cng_rsa_head *head)
{
    return read_u32(reader, &head->magic) && read_u32(reader, &head->bits) &&
           read_u32(reader, &head->e) && read_u32(reader, &head->n) && read_u32(reader, &head->p) &&
           read_u32(reader, &head->q) && head->n == (head->bits + 7) / 8;
}

static SECURITY_STATUS cng_rsa_import(struct reader *reader, unsigned kind, bool exportable,
                                      struct cert_key **out)
{
    struct cng_rsa_head head;
    struct rsa rsa;
    SECURITY_STATUS status = NTE_BAD_DATA;

    if (cng_rsa_head(reader, &head) && head.magic == cng_rsa_magic[kind] &&
        read_number(reader, head.e, &rsa.e) && read_number(reader, head.n, &rsa.n)) {
        if (kind == CNG_RSA_PUBLIC)
            status = rsa_own_public(&rsa, out);
        else if (read_number(reader, head.p, &rsa.p) && read_number(reader, head.q, &rsa.q) &&
                 (kind != CNG_RSA_FULL || reader->left >= 2ULL * head.p + head.q + head.n))
            status = rsa_own_secret(&rsa, exportable, out);
    }
    rsa_wipe(&rsa);
    return status;
}

static void cng_rsa_write(struct writer *writer, const struct rsa_parts *parts, unsigned kind)
{
    bool secret = kind != CNG_RSA_PUBLIC;
    unsigned p = secret ? parts->p.size : 0, q = secret ? parts->q.size : 0;

    write_u32(writer, cng_rsa_magic[kind]);
    write_u32(writer, 8 * parts->n.size);
    write_u32(writer, parts->e.size);
    write_u32(writer, parts->n.size);
    write_u32(writer, p);
    write_u32(writer, q);
    write_number(writer, &parts->e, parts->e.size, false);
    write_number(writer, &parts->n, parts->n.size, false);
    write_number(writer, &parts->p, p, false);
    write_number(writer, &parts->q, q, false);
    if (kind != CNG_RSA_FULL)
        return;
    write_number(writer, &parts->dp, p, false);
    write_number(writer, &parts->dq, q, false);
    write_number(writer, &parts->u, p, false);
    write_number(writer, &parts->d, parts->n.size, false);
}

static SECURITY_STATUS cng_rsa_export(const struct cert_key *key, unsigned kind,
                                      struct writer *writer)
{
    struct rsa_parts parts;
    SECURITY_STATUS status = rsa_export(key, kind != CNG_RSA_PUBLIC, &parts);

    if (status == SEC_E_OK)
        cng_rsa_write(writer, &parts, kind);
    rsa_parts_free(&parts);
    return status;
}

/* --- CNG: EC -------------------------------------------------------------------------------- */

enum cng_ecc { CNG_ECC_PUBLIC, CNG_ECC_PRIVATE };

/* ECDH's magic numbers mean the same keys. */
static const struct cng_curve {
    const char *name, *exchange;
    gnutls_ecc_curve_t curve;
    uint32_t octets;
    uint32_t magic[2], exchange_magic[2];
} cng_curves[] = {
    {"ECDSA_P256",
     "ECDH_P256",
     GNUTLS_ECC_CURVE_SECP256R1,
     32,
     {BCRYPT_ECDSA_PUBLIC_P256_MAGIC, BCRYPT_ECDSA_PRIVATE_P256_MAGIC},
     {BCRYPT_ECDH_PUBLIC_P256_MAGIC, BCRYPT_ECDH_PRIVATE_P256_MAGIC}},
    {"ECDSA_P384",
     "ECDH_P384",
     GNUTLS_ECC_CURVE_SECP384R1,
     48,
     {BCRYPT_ECDSA_PUBLIC_P384_MAGIC, BCRYPT_ECDSA_PRIVATE_P384_MAGIC},
     {BCRYPT_ECDH_PUBLIC_P384_MAGIC, BCRYPT_ECDH_PRIVATE_P384_MAGIC}},
    {"ECDSA_P521",
     "ECDH_P521",
     GNUTLS_ECC_CURVE_SECP521R1,
     66,
     {BCRYPT_ECDSA_PUBLIC_P521_MAGIC, BCRYPT_ECDSA_PRIVATE_P521_MAGIC},
     {BCRYPT_ECDH_PUBLIC_P521_MAGIC, BCRYPT_ECDH_PRIVATE_P521_MAGIC}},
};

const char *key_curve_name(gnutls_ecc_curve_t curve)
{
    for (size_t i = 0; i < ARRAYSIZE(cng_curves); i++)
        if (cng_curves[i].curve == curve)
            return cng_curves[i].name;
    return NULL;
}

gnutls_ecc_curve_t key_curve_from(const char *name)
{
    for (size_t i = 0; i < ARRAYSIZE(cng_curves); i++)
        if (strcmp(name, cng_curves[i].name) == 0 || strcmp(name, cng_curves[i].exchange) == 0)
            return cng_curves[i].curve;
    return GNUTLS_ECC_CURVE_INVALID;
}

static const struct cng_curve *cng_curve_of_magic(uint32_t magic, unsigned kind)
{
    for (size_t i = 0; i < ARRAYSIZE(cng_curves); i++)
        if (cng_curves[i].magic[kind] == magic || cng_curves[i].exchange_magic[kind] == magic)
            return &cng_curves[i];
    return NULL;
}

struct ecc {
    struct number x, y, k;
};

static SECURITY_STATUS ecc_own_secret(gnutls_ecc_curve_t curve, struct ecc *ecc, bool exportable,
                                      struct cert_key **out)
{
    gnutls_x509_privkey_t secret;
    int code = gnutls_x509_privkey_init(&secret);

    if (code != GNUTLS_E_SUCCESS)
        return cert_key_status("gnutls_x509_privkey_init", code, NTE_FAIL);
    code = gnutls_x509_privkey_import_ecc_raw(secret, curve, &ecc->x.datum, &ecc->y.datum,
                                              &ecc->k.datum);
    if (code == GNUTLS_E_SUCCESS)
        code = gnutls_x509_privkey_verify_params(secret);
    if (code == GNUTLS_E_SUCCESS)
        return cert_key_own_x509(secret, exportable, out);
    gnutls_x509_privkey_deinit(secret);
    return cert_key_status("gnutls_x509_privkey_import_ecc_raw", code, NTE_BAD_DATA);
}

static SECURITY_STATUS ecc_own_public(gnutls_ecc_curve_t curve, struct ecc *ecc,
                                      struct cert_key **out)
{
    gnutls_pubkey_t public;
    int code = gnutls_pubkey_init(&public);

    if (code != GNUTLS_E_SUCCESS)
        return cert_key_status("gnutls_pubkey_init", code, NTE_FAIL);
    code = gnutls_pubkey_import_ecc_raw(public, curve, &ecc->x.datum, &ecc->y.datum);
    if (code == GNUTLS_E_SUCCESS)
        return cert_key_own_public(public, out);
    gnutls_pubkey_deinit(public);
    return cert_key_status("gnutls_pubkey_import_ecc_raw", code, NTE_BAD_DATA);
}

static SECURITY_STATUS cng_ecc_import(struct reader *reader, unsigned kind, bool exportable,
                                      struct cert_key **out)
{
    const struct cng_curve *curve = NULL;
    uint32_t magic, octets;
    struct ecc ecc;
    SECURITY_STATUS status = NTE_BAD_DATA;

    if (read_u32(reader, &magic) && read_u32(reader, &octets))
        curve = cng_curve_of_magic(magic, kind);
    if (curve != NULL && octets == curve->octets && read_number(reader, octets, &ecc.x) &&
        read_number(reader, octets, &ecc.y)) {
        if (kind == CNG_ECC_PUBLIC)
            status = ecc_own_public(curve->curve, &ecc, out);
        else if (read_number(reader, octets, &ecc.k))
            status = ecc_own_secret(curve->curve, &ecc, exportable, out);
    }
    gnutls_memset(&ecc, 0, sizeof(ecc));
    return status;
}

static SECURITY_STATUS cng_ecc_parts(const struct cert_key *key, bool secret,
                                     gnutls_ecc_curve_t *curve, gnutls_datum_t parts[3])
{
    int code;

    if (key->algorithm != GNUTLS_PK_ECDSA)
        return NTE_BAD_KEY;
    if (secret && key->secret == NULL)
        return NTE_NO_KEY;
    if (secret && !key->exportable)
        return NTE_BAD_KEY_STATE;
    if (secret)
        code = gnutls_privkey_export_ecc_raw2(key->secret, curve, &parts[0], &parts[1], &parts[2],
                                              GNUTLS_EXPORT_FLAG_NO_LZ);
    else
        code = gnutls_pubkey_export_ecc_raw2(key->public, curve, &parts[0], &parts[1],
                                             GNUTLS_EXPORT_FLAG_NO_LZ);
    return cert_key_status("exporting an EC key", code, NTE_NOT_SUPPORTED);
}

static SECURITY_STATUS cng_ecc_export(const struct cert_key *key, unsigned kind,
                                      struct writer *writer)
{
    gnutls_datum_t parts[3] = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
    gnutls_ecc_curve_t curve = GNUTLS_ECC_CURVE_INVALID;
    SECURITY_STATUS status = cng_ecc_parts(key, kind == CNG_ECC_PRIVATE, &curve, parts);
    const char *name = status == SEC_E_OK ? key_curve_name(curve) : NULL;

    if (status == SEC_E_OK && name == NULL)
        status = NTE_NOT_SUPPORTED;
    for (size_t i = 0; status == SEC_E_OK && i < ARRAYSIZE(cng_curves); i++)
        if (cng_curves[i].curve == curve) {
            write_u32(writer, cng_curves[i].magic[kind]);
            write_u32(writer, cng_curves[i].octets);
            for (unsigned part = 0; part < (kind == CNG_ECC_PRIVATE ? 3U : 2U); part++)
                write_number(writer, &parts[part], cng_curves[i].octets, false);
        }
    for (size_t i = 0; i < ARRAYSIZE(parts); i++)
        cert_key_datum_wipe(&parts[i]);
    return status;
}

/* --- CNG: by name --------------------------------------------------------------------------- */

/* PKCS #8, plain; the encrypted form has its parameters beside it: ncrypt.c. */
static SECURITY_STATUS cng_pkcs8_import(struct reader *reader, unsigned kind, bool exportable,
                                        struct cert_key **out)
{
    (void)kind;
    return cert_key_from_pkcs8(reader->next, reader->left, GNUTLS_X509_FMT_DER, exportable, out);
}

static SECURITY_STATUS cng_pkcs8_export(const struct cert_key *key, unsigned kind,
                                        struct writer *writer)
{
    gnutls_datum_t der = {NULL, 0};
    SECURITY_STATUS status = key->exportable ? SEC_E_OK : NTE_BAD_KEY_STATE;

    (void)kind;
    if (status == SEC_E_OK)
        status = cert_key_to_pkcs8(key, GNUTLS_X509_FMT_DER, NULL, &der);
    if (status == SEC_E_OK)
        write_number(writer, &der, der.size, false);
    cert_key_datum_wipe(&der);
    return status;
}

static SECURITY_STATUS cng_capi_import(struct reader *reader, unsigned kind, bool exportable,
                                       struct cert_key **out)
{
    ALG_ID algorithm;

    if (reader->left == 0 || reader->next[0] != kind)
        return NTE_BAD_DATA;
    return key_from_capi(reader->next, reader->left, exportable, &algorithm, out);
}

static SECURITY_STATUS cng_capi_export(const struct cert_key *key, unsigned kind,
                                       struct writer *writer)
{
    DWORD size = 0;
    SECURITY_STATUS status = key_to_capi(key, kind, CALG_RSA_KEYX, NULL, &size);
    BYTE *space;

    if (status != SEC_E_OK)
        return status;
    space = write_space(writer, size);
    return space == NULL ? SEC_E_OK : key_to_capi(key, kind, CALG_RSA_KEYX, space, &size);
}

static const struct cng_type {
    const char *name;
    gnutls_pk_algorithm_t algorithm; /* that a general name stands for it, else UNKNOWN */
    unsigned kind;
    SECURITY_STATUS (*import)(struct reader *, unsigned kind, bool exportable, struct cert_key **);
    SECURITY_STATUS (*export)(const struct cert_key *, unsigned kind, struct writer *);
} cng_types[] = {
    {"RSAPUBLICBLOB", GNUTLS_PK_UNKNOWN, CNG_RSA_PUBLIC, cng_rsa_import, cng_rsa_export},
    {"RSAPRIVATEBLOB", GNUTLS_PK_UNKNOWN, CNG_RSA_PRIVATE, cng_rsa_import, cng_rsa_export},
    {"RSAFULLPRIVATEBLOB", GNUTLS_PK_UNKNOWN, CNG_RSA_FULL, cng_rsa_import, cng_rsa_export},
    {"ECCPUBLICBLOB", GNUTLS_PK_UNKNOWN, CNG_ECC_PUBLIC, cng_ecc_import, cng_ecc_export},
    {"ECCPRIVATEBLOB", GNUTLS_PK_UNKNOWN, CNG_ECC_PRIVATE, cng_ecc_import, cng_ecc_export},
    {"PKCS8_PRIVATEKEY", GNUTLS_PK_UNKNOWN, 0, cng_pkcs8_import, cng_pkcs8_export},
    {"CAPIPUBLICBLOB", GNUTLS_PK_UNKNOWN, PUBLICKEYBLOB, cng_capi_import, cng_capi_export},
    {"CAPIPRIVATEBLOB", GNUTLS_PK_UNKNOWN, PRIVATEKEYBLOB, cng_capi_import, cng_capi_export},
    {"PUBLICBLOB", GNUTLS_PK_RSA, CNG_RSA_PUBLIC, cng_rsa_import, cng_rsa_export},
    {"PRIVATEBLOB", GNUTLS_PK_RSA, CNG_RSA_PRIVATE, cng_rsa_import, cng_rsa_export},
    {"PUBLICBLOB", GNUTLS_PK_ECDSA, CNG_ECC_PUBLIC, cng_ecc_import, cng_ecc_export},
    {"PRIVATEBLOB", GNUTLS_PK_ECDSA, CNG_ECC_PRIVATE, cng_ecc_import, cng_ecc_export},
};

/* A general name on import is what the magic number says, which for RSA begins like "RSA". */
static gnutls_pk_algorithm_t algorithm_of_blob(const BYTE *data, size_t size)
{
    return size >= 3 && memcmp(data, "RSA", 3) == 0 ? GNUTLS_PK_RSA : GNUTLS_PK_ECDSA;
}

static const struct cng_type *cng_type_find(const char *name, gnutls_pk_algorithm_t algorithm)
{
    for (size_t i = 0; i < ARRAYSIZE(cng_types); i++)
        if (strcmp(cng_types[i].name, name) == 0 &&
            (cng_types[i].algorithm == GNUTLS_PK_UNKNOWN || cng_types[i].algorithm == algorithm))
            return &cng_types[i];
    return NULL;
}

SECURITY_STATUS key_from_cng(const char *type, const BYTE *data, size_t size, bool exportable,
                             struct cert_key **out)
{
    struct reader reader = {data, size, false};
    const struct cng_type *found;

    if (data == NULL)
        return NTE_INVALID_PARAMETER;
    found = cng_type_find(type, algorithm_of_blob(data, size));
    return found == NULL ? NTE_NOT_SUPPORTED : found->import(&reader, found->kind, exportable, out);
}

SECURITY_STATUS key_to_cng(const struct cert_key *key, const char *type, BYTE *data, DWORD *size)
{
    struct writer writer = {data, *size, 0};
    const struct cng_type *found = cng_type_find(type, key->algorithm);
    SECURITY_STATUS status;

    if (found == NULL)
        return NTE_NOT_SUPPORTED;
    status = found->export(key, found->kind, &writer);
    return status == SEC_E_OK ? write_end(&writer, size) : status;
}
