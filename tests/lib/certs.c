/* SPDX-License-Identifier: MIT */
/* Certificates, revocation lists (RFC 5280) and OCSP responses (RFC 6960) made at run time. */
#include "lib/certs.h"

#include <arpa/inet.h>
#include <gnutls/crypto.h>
#include <gnutls/x509-ext.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEYS  40
#define HOUR  ((time_t)3600)
#define NEVER ((time_t)-1)

static gnutls_x509_privkey_t keys[KEYS];
static unsigned char serials;

#define must(call) certs_must((call) >= 0)

void certs_abort(const char *truth, const char *file, int line)
{
    fprintf(stderr, "%s:%d: not %s\n", file, line, truth);
    abort();
}

gnutls_x509_privkey_t certs_key(unsigned number)
{
    static const struct {
        gnutls_pk_algorithm_t algorithm;
        unsigned bits;
    } kinds[] = {
        {GNUTLS_PK_RSA, 1024},
        {GNUTLS_PK_RSA, 2048},
        {GNUTLS_PK_RSA, 512},
        {GNUTLS_PK_RSA, 2047},
        {GNUTLS_PK_DSA, 2048},
        {GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP192R1)},
        {GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP521R1)},
        {GNUTLS_PK_EDDSA_ED25519, 0},
    };

    certs_must(number < KEYS);
    if (keys[number])
        return keys[number];
    must(gnutls_x509_privkey_init(&keys[number]));
    if (number < CERTS_RSA_1024)
        must(gnutls_x509_privkey_generate(keys[number], GNUTLS_PK_ECDSA,
                                          GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0));
    else
        must(gnutls_x509_privkey_generate(keys[number], kinds[number - CERTS_RSA_1024].algorithm,
                                          kinds[number - CERTS_RSA_1024].bits, 0));
    return keys[number];
}

void certs_end(void)
{
    for (unsigned i = 0; i < KEYS; i++)
        if (keys[i])
            gnutls_x509_privkey_deinit(keys[i]);
    memset(keys, 0, sizeof(keys));
}

static time_t moment(time_t given, time_t otherwise)
{
    return given ? given : time(NULL) + otherwise;
}

/* ---- DER ------------------------------------------------------------------------------------ */

/* What is written from front to back; a wrap puts a tag and a length before all since a mark. */
struct der {
    size_t size;
    unsigned char data[8192];
};

static void der_put(struct der *der, const void *data, size_t size)
{
    certs_must(size <= sizeof(der->data) - der->size);
    memcpy(der->data + der->size, data, size);
    der->size += size;
}

static void der_wrap(struct der *der, unsigned char tag, size_t mark)
{
    size_t size = der->size - mark;
    unsigned char head[4] = {tag, 0x82, (unsigned char)(size >> 8), (unsigned char)size};
    size_t more = sizeof(head);

    if (size < 0x80) {
        head[1] = (unsigned char)size;
        more = 2;
    } else if (size < 0x100) {
        head[1] = 0x81;
        head[2] = (unsigned char)size;
        more = 3;
    }
    certs_must(more <= sizeof(der->data) - der->size);
    memmove(der->data + mark + more, der->data + mark, size);
    memcpy(der->data + mark, head, more);
    der->size += more;
}

static void der_leaf(struct der *der, unsigned char tag, const void *data, size_t size)
{
    size_t mark = der->size;

    der_put(der, data, size);
    der_wrap(der, tag, mark);
}

static void der_time(struct der *der, time_t when)
{
    struct tm tm;
    char text[32];

    gmtime_r(&when, &tm);
    strftime(text, sizeof(text), "%Y%m%d%H%M%SZ", &tm);
    der_leaf(der, 0x18, text, strlen(text));
}

static void der_oid(struct der *der, const char *oid)
{
    unsigned char buffer[64];
    size_t size = 0;
    char *at;
    unsigned long arc = 40 * strtoul(oid, &at, 10);

    arc += strtoul(at + 1, &at, 10);
    for (;;) {
        int shift = 28;

        while (shift > 0 && arc >> shift == 0)
            shift -= 7;
        for (; shift > 0; shift -= 7)
            buffer[size++] = (unsigned char)(0x80 | (arc >> shift & 0x7f));
        buffer[size++] = (unsigned char)(arc & 0x7f);
        if (*at != '.')
            break;
        arc = strtoul(at + 1, &at, 10);
    }
    der_leaf(der, 0x06, buffer, size);
}

/* ecdsa-with-SHA256 or -SHA1, sha256WithRSAEncryption */
static void der_algorithm(struct der *der, unsigned key, gnutls_digest_algorithm_t hash)
{
    size_t mark = der->size;

    if (key >= CERTS_RSA_1024) {
        der_oid(der, "1.2.840.113549.1.1.11");
        der_put(der, "\005\000", 2);
    } else {
        der_oid(der, hash == GNUTLS_DIG_SHA1 ? "1.2.840.10045.4.1" : "1.2.840.10045.4.3.2");
    }
    der_wrap(der, 0x30, mark);
}

/* Behind what is to be signed, since a mark: the algorithm and the signature. */
static void der_sign(struct der *der, size_t mark, unsigned key, gnutls_digest_algorithm_t hash)
{
    gnutls_datum_t signature, data = {der->data + mark, (unsigned)(der->size - mark)};
    gnutls_privkey_t signer;

    must(gnutls_privkey_init(&signer));
    must(gnutls_privkey_import_x509(signer, certs_key(key), 0));
    must(gnutls_privkey_sign_data(signer, hash, 0, &data, &signature));
    gnutls_privkey_deinit(signer);
    der_algorithm(der, key, hash);
    mark = der->size;
    der_put(der, "\000", 1);
    der_put(der, signature.data, signature.size);
    der_wrap(der, 0x03, mark);
    gnutls_free(signature.data);
}

static gnutls_datum_t der_datum(const struct der *der)
{
    gnutls_datum_t datum = {gnutls_malloc(der->size), (unsigned)der->size};

    certs_must(datum.data != NULL);
    memcpy(datum.data, der->data, der->size);
    return datum;
}

static void der_serial(struct der *der, gnutls_x509_crt_t crt)
{
    unsigned char serial[32];
    size_t size = sizeof(serial);

    must(gnutls_x509_crt_get_serial(crt, serial, &size));
    der_leaf(der, 0x02, serial, size);
}

static void der_name(struct der *der, gnutls_x509_crt_t crt)
{
    gnutls_datum_t name;

    must(gnutls_x509_crt_get_raw_dn(crt, &name));
    der_put(der, name.data, name.size);
    gnutls_free(name.data);
}

/* ---- names ---------------------------------------------------------------------------------- */

/* "192.0.2.1", with a mask behind it for "192.0.2.0/24". */
static unsigned address(const char *text, unsigned char *out)
{
    char bare[INET6_ADDRSTRLEN + 4];
    gnutls_datum_t range;
    unsigned size;

    if (strchr(text, '/')) {
        must(gnutls_x509_cidr_to_rfc5280(text, &range));
        memcpy(out, range.data, range.size);
        size = range.size;
        gnutls_free(range.data);
        return size;
    }
    certs_must(strlen(text) < sizeof(bare));
    strcpy(bare, text);
    certs_must(inet_pton(strchr(bare, ':') ? AF_INET6 : AF_INET, bare, out) == 1);
    return strchr(bare, ':') ? 16 : 4;
}

typedef void (*take_name)(void *target, gnutls_x509_subject_alt_name_t type, gnutls_datum_t name);

/* Gives each name of a list "dns:a ip:b"; "\0" in one is written %. */
static void names_each(const char *list, take_name take, void *target)
{
    static const struct {
        const char *prefix;
        gnutls_x509_subject_alt_name_t type;
    } kinds[] = {{"dns:", GNUTLS_SAN_DNSNAME},
                 {"ip:", GNUTLS_SAN_IPADDRESS},
                 {"mail:", GNUTLS_SAN_RFC822NAME},
                 {"uri:", GNUTLS_SAN_URI},
                 {"org:", GNUTLS_SAN_DN}};
    char *copy = strdup(list), *rest = copy, *word;

    while ((word = strsep(&rest, " ")) != NULL) {
        unsigned kind = 0;
        unsigned char bytes[32];
        gnutls_datum_t name;

        while (strncmp(word, kinds[kind].prefix, strlen(kinds[kind].prefix)) != 0)
            certs_must(++kind < sizeof(kinds) / sizeof(*kinds));
        word += strlen(kinds[kind].prefix);
        name.data = (unsigned char *)word;
        name.size = (unsigned)strlen(word);
        for (unsigned i = 0; i < name.size; i++)
            if (word[i] == '%')
                word[i] = '\0';
        if (kinds[kind].type == GNUTLS_SAN_IPADDRESS) {
            name.size = address(word, bytes);
            name.data = bytes;
        }
        take(target, kinds[kind].type, name);
    }
    free(copy);
}

/* directoryName: one attribute, O, as UTF8String. */
static void der_organization(struct der *der, gnutls_datum_t name)
{
    size_t mark = der->size;

    der_oid(der, GNUTLS_OID_X520_ORGANIZATION_NAME);
    der_leaf(der, 0x0c, name.data, name.size);
    der_wrap(der, 0x30, mark);
    der_wrap(der, 0x31, mark);
    der_wrap(der, 0x30, mark);
    der_wrap(der, 0xa4, mark);
}

/* By hand, since gnutls_x509_crt_set_subject_alt_name() would end a name at a NUL. */
static void take_alt(void *target, gnutls_x509_subject_alt_name_t type, gnutls_datum_t name)
{
    static const unsigned char tags[] = {[GNUTLS_SAN_DNSNAME] = 0x82,
                                         [GNUTLS_SAN_RFC822NAME] = 0x81,
                                         [GNUTLS_SAN_URI] = 0x86,
                                         [GNUTLS_SAN_IPADDRESS] = 0x87};

    if (type == GNUTLS_SAN_DN)
        der_organization(target, name);
    else
        der_leaf(target, tags[type], name.data, name.size);
}

static void take_permitted(void *target, gnutls_x509_subject_alt_name_t type, gnutls_datum_t name)
{
    must(gnutls_x509_name_constraints_add_permitted(target, type, &name));
}

static void take_excluded(void *target, gnutls_x509_subject_alt_name_t type, gnutls_datum_t name)
{
    must(gnutls_x509_name_constraints_add_excluded(target, type, &name));
}

/* ---- certificates --------------------------------------------------------------------------- */

static void set_constraints(gnutls_x509_crt_t crt, const struct certs_form *form)
{
    gnutls_x509_name_constraints_t nc;

    if (form->constraints.size)
        must(gnutls_x509_crt_set_extension_by_oid(crt, GNUTLS_X509EXT_OID_NAME_CONSTRAINTS,
                                                  form->constraints.data, form->constraints.size,
                                                  1));
    if (!form->permit && !form->exclude)
        return;
    must(gnutls_x509_name_constraints_init(&nc));
    if (form->permit)
        names_each(form->permit, take_permitted, nc);
    if (form->exclude)
        names_each(form->exclude, take_excluded, nc);
    must(gnutls_x509_crt_set_name_constraints(crt, nc, 1));
    gnutls_x509_name_constraints_deinit(nc);
}

static void set_alt(gnutls_x509_crt_t crt, const char *alt)
{
    struct der der = {.size = 0};

    names_each(alt, take_alt, &der);
    der_wrap(&der, 0x30, 0);
    must(gnutls_x509_crt_set_extension_by_oid(crt, GNUTLS_X509EXT_OID_SAN, der.data, der.size, 0));
}

static void set_purposes(gnutls_x509_crt_t crt, const char *oids)
{
    char *copy = strdup(oids), *rest = copy, *oid;

    while ((oid = strsep(&rest, " ")) != NULL)
        must(gnutls_x509_crt_set_key_purpose_oid(crt, oid, 0));
    free(copy);
}

static void set_key_ids(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer)
{
    unsigned char id[64];
    size_t size = sizeof(id);

    must(gnutls_x509_crt_get_key_id(crt, GNUTLS_KEYID_USE_SHA1, id, &size));
    must(gnutls_x509_crt_set_subject_key_id(crt, id, size));
    size = sizeof(id);
    if (issuer && gnutls_x509_crt_get_subject_key_id(issuer, id, &size, NULL) == 0)
        must(gnutls_x509_crt_set_authority_key_id(crt, id, size));
}

static void set_utf8_name(gnutls_x509_crt_t crt, const char *name)
{
    struct der der = {.size = 0};

    der_leaf(&der, 0x0c, name, strlen(name));
    must(gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 1, der.data,
                                       (unsigned)der.size));
}

static void set_features(gnutls_x509_crt_t crt)
{
    gnutls_x509_tlsfeatures_t features;

    must(gnutls_x509_tlsfeatures_init(&features));
    must(gnutls_x509_tlsfeatures_add(features, 5));
    must(gnutls_x509_crt_set_tlsfeatures(crt, features));
    gnutls_x509_tlsfeatures_deinit(features);
}

static void set_services(gnutls_x509_crt_t crt, const struct certs_form *form)
{
    if (form->crl)
        must(gnutls_x509_crt_set_crl_dist_points(crt, GNUTLS_SAN_URI, form->crl, 0));
    if (form->ocsp) {
        gnutls_datum_t uri = {(unsigned char *)strdup(form->ocsp), (unsigned)strlen(form->ocsp)};

        must(gnutls_x509_crt_set_authority_info_access(crt, GNUTLS_IA_OCSP_URI, &uri));
        free(uri.data);
    }
}

static void set_extensions(gnutls_x509_crt_t crt, const struct certs_form *form,
                           gnutls_x509_crt_t issuer)
{
    static const unsigned char null[] = {0x05, 0x00};
    unsigned usage = form->usage;

    if (!usage && form->authority > 0)
        usage = GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN;
    if (form->authority)
        must(gnutls_x509_crt_set_basic_constraints(crt, form->authority > 0, form->path - 1));
    if (usage)
        must(gnutls_x509_crt_set_key_usage(crt, usage));
    if (form->purpose)
        set_purposes(crt, form->purpose);
    if (form->alt)
        set_alt(crt, form->alt);
    if (!form->no_key_ids)
        set_key_ids(crt, issuer);
    if (form->critical)
        must(gnutls_x509_crt_set_extension_by_oid(crt, form->critical, null, sizeof(null), 1));
    if (form->plain)
        must(gnutls_x509_crt_set_extension_by_oid(crt, form->plain, null, sizeof(null), 0));
    if (form->stapled)
        set_features(crt);
    set_constraints(crt, form);
    set_services(crt, form);
}

/* Writes an extension once more, with another mark. */
static void set_mark(gnutls_x509_crt_t crt, const char *oid, bool critical)
{
    unsigned char der[1024];
    size_t size = sizeof(der);

    must(gnutls_x509_crt_get_extension_by_oid(crt, oid, 0, der, &size, NULL));
    must(gnutls_x509_crt_set_extension_by_oid(crt, oid, der, size, critical));
}

static void set_marks(gnutls_x509_crt_t crt, const struct certs_form *form)
{
    if (form->marked)
        set_mark(crt, form->marked, true);
    if (form->unmarked)
        set_mark(crt, form->unmarked, false);
}

/* ---- what GnuTLS would not write ------------------------------------------------------------ */

static void hex_read(const char *hex, gnutls_datum_t *octets)
{
    gnutls_datum_t text = {(unsigned char *)(uintptr_t)hex, (unsigned)strlen(hex)};

    must(gnutls_hex_decode2(&text, octets));
}

static void octets_replace(struct der *der, const struct certs_form *form)
{
    gnutls_datum_t old, new;
    unsigned char *at;

    hex_read(form->octets, &old);
    hex_read(form->others, &new);
    at = memmem(der->data, der->size, old.data, old.size);
    certs_must(at && old.size == new.size);
    memcpy(at, new.data, new.size);
    gnutls_free(old.data);
    gnutls_free(new.data);
}

/* Replaces octets in what is signed (RFC 5280 4.1.1.1), and signs it anew. */
static void others_sign(gnutls_datum_t *made, const struct certs_form *form, unsigned key)
{
    struct der der = {.size = 0};

    /* Both heads have four octets: nothing with a key is short. */
    der_put(&der, made->data + 4, 4 + ((size_t)made->data[6] << 8 | made->data[7]));
    octets_replace(&der, form);
    der_sign(&der, 0, key, form->hash ? form->hash : GNUTLS_DIG_SHA256);
    gnutls_free(made->data);
    der_wrap(&der, 0x30, 0);
    *made = der_datum(&der);
}

gnutls_x509_crt_t certs_make(const struct certs_form *form, unsigned key, gnutls_x509_crt_t issuer,
                             unsigned issuer_key)
{
    unsigned char serial[32] = {0x01, form->serial ? form->serial : ++serials};
    gnutls_datum_t der;
    gnutls_x509_crt_t crt, made;

    must(gnutls_x509_crt_init(&crt));
    must(gnutls_x509_crt_set_version(crt, form->version_1 ? 1 : 3));
    must(gnutls_x509_crt_set_serial(crt, serial, form->serial_size ? form->serial_size : 2));
    if (form->name)
        must(gnutls_x509_crt_set_dn(crt, form->name, NULL));
    if (form->utf8)
        set_utf8_name(crt, form->utf8);
    must(gnutls_x509_crt_set_key(crt, certs_key(key)));
    must(gnutls_x509_crt_set_activation_time(crt, moment(form->from, -HOUR)));
    must(gnutls_x509_crt_set_expiration_time(crt, moment(form->until, 24 * HOUR)));
    if (!form->version_1)
        set_extensions(crt, form, issuer);
    set_marks(crt, form);
    must(gnutls_x509_crt_sign2(crt, issuer ? issuer : crt, certs_key(issuer ? issuer_key : key),
                               form->hash ? form->hash : GNUTLS_DIG_SHA256, 0));
    /* Read as a peer's would be: what is made has no encoding of its own. */
    must(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &der));
    if (form->octets)
        others_sign(&der, form, issuer ? issuer_key : key);
    must(gnutls_x509_crt_init(&made));
    must(gnutls_x509_crt_import(made, &der, GNUTLS_X509_FMT_DER));
    gnutls_free(der.data);
    gnutls_x509_crt_deinit(crt);
    return made;
}

gnutls_datum_t certs_der(gnutls_x509_crt_t crt)
{
    gnutls_datum_t der;

    must(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &der));
    return der;
}

/* ---- revocation lists ----------------------------------------------------------------------- */

static void list_extensions(struct der *der, const struct certs_list *list)
{
    size_t all = der->size, one;

    if (!list->critical)
        return;
    one = der->size;
    der_oid(der, list->critical);
    der_put(der, "\001\001\377\004\002\060\000", 7);
    der_wrap(der, 0x30, one);
    der_wrap(der, 0x30, all);
    der_wrap(der, 0xa0, all);
}

gnutls_datum_t certs_list(const struct certs_list *list, gnutls_x509_crt_t issuer,
                          unsigned issuer_key)
{
    gnutls_digest_algorithm_t hash = list->hash ? list->hash : GNUTLS_DIG_SHA256;
    struct der der = {.size = 0};
    size_t mark;

    der_put(&der, "\002\001\001", 3); /* version 2 */
    der_algorithm(&der, issuer_key, hash);
    der_name(&der, issuer);
    der_time(&der, moment(list->from, -HOUR));
    if (list->until != NEVER)
        der_time(&der, moment(list->until, 24 * HOUR));
    if (list->revoked) {
        mark = der.size;
        der_serial(&der, list->revoked);
        der_time(&der, time(NULL) - HOUR);
        der_wrap(&der, 0x30, mark);
        der_wrap(&der, 0x30, mark);
    }
    list_extensions(&der, list);
    der_wrap(&der, 0x30, 0);
    der_sign(&der, 0, issuer_key, hash);
    der_wrap(&der, 0x30, 0);
    return der_datum(&der);
}

/* ---- OCSP responses ------------------------------------------------------------------------- */

/* CertID: hashes of the issuer's name and key, and the serial number. */
static void response_id(struct der *der, gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer)
{
    unsigned char hash[20];
    gnutls_datum_t name;
    size_t mark = der->size, size = sizeof(hash);

    der_oid(der, "1.3.14.3.2.26"); /* SHA-1 */
    der_put(der, "\005\000", 2);
    der_wrap(der, 0x30, mark);
    must(gnutls_x509_crt_get_raw_issuer_dn(crt, &name));
    must(gnutls_hash_fast(GNUTLS_DIG_SHA1, name.data, name.size, hash));
    gnutls_free(name.data);
    der_leaf(der, 0x04, hash, sizeof(hash));
    must(gnutls_x509_crt_get_key_id(issuer, GNUTLS_KEYID_USE_SHA1, hash, &size));
    der_leaf(der, 0x04, hash, size);
    der_serial(der, crt);
    der_wrap(der, 0x30, mark);
}

static void response_answer(struct der *der, const struct certs_answer *answer,
                            gnutls_x509_crt_t issuer)
{
    size_t mark = der->size, status;

    response_id(der, answer->crt, issuer);
    status = der->size;
    if (answer->status == 'r') {
        der_time(der, time(NULL) - HOUR);
        der_wrap(der, 0xa1, status);
    } else {
        der_wrap(der, answer->status == 'g' ? 0x80 : 0x82, status);
    }
    der_time(der, moment(answer->from, -HOUR));
    if (answer->until != NEVER) {
        status = der->size;
        der_time(der, moment(answer->until, 24 * HOUR));
        der_wrap(der, 0xa0, status);
    }
    der_wrap(der, 0x30, mark);
}

/* BasicOCSPResponse */
static void response_basic(struct der *der, const struct certs_answer *answers, unsigned count,
                           gnutls_x509_crt_t issuer, gnutls_x509_crt_t signer, unsigned signer_key,
                           bool with_signer)
{
    size_t mark;

    der_name(der, signer);
    der_wrap(der, 0xa1, 0); /* responderID byName */
    der_time(der, time(NULL) - HOUR);
    mark = der->size;
    for (unsigned i = 0; i < count; i++)
        response_answer(der, &answers[i], issuer);
    der_wrap(der, 0x30, mark);
    der_wrap(der, 0x30, 0);
    der_sign(der, 0, signer_key, GNUTLS_DIG_SHA256);
    if (with_signer) {
        gnutls_datum_t certificate = certs_der(signer);

        mark = der->size;
        der_put(der, certificate.data, certificate.size);
        gnutls_free(certificate.data);
        der_wrap(der, 0x30, mark);
        der_wrap(der, 0xa0, mark);
    }
    der_wrap(der, 0x30, 0);
}

gnutls_datum_t certs_response(const struct certs_answer *answers, unsigned count,
                              gnutls_x509_crt_t issuer, gnutls_x509_crt_t signer,
                              unsigned signer_key, bool with_signer)
{
    struct der basic = {.size = 0}, der = {.size = 0}, whole = {.size = 0};

    response_basic(&basic, answers, count, issuer, signer, signer_key, with_signer);
    der_oid(&der, "1.3.6.1.5.5.7.48.1.1");
    der_leaf(&der, 0x04, basic.data, basic.size);
    der_wrap(&der, 0x30, 0);
    der_wrap(&der, 0xa0, 0);
    der_put(&whole, "\012\001\000", 3); /* successful */
    der_put(&whole, der.data, der.size);
    der_wrap(&whole, 0x30, 0);
    return der_datum(&whole);
}
