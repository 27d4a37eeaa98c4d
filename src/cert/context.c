/* SPDX-License-Identifier: MIT */
/* Certificate and CRL contexts: creation, references, release. */
#include "cert/context.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cert/bag.h"
#include "cert/info.h"
#include "cert/store.h"

/* --- The immutable part --------------------------------------------------------------------- */

static bool parse_certificate(struct cert_datum *datum, const gnutls_datum_t *der)
{
    datum->info = cert_info_decode(datum->der, datum->size);
    return datum->info != NULL && gnutls_x509_crt_init(&datum->parsed.crt) == 0 &&
           gnutls_x509_crt_import(datum->parsed.crt, der, GNUTLS_X509_FMT_DER) == 0;
}

static bool parse_crl(struct cert_datum *datum, const gnutls_datum_t *der)
{
    datum->info = crl_info_decode(datum->der, datum->size);
    return datum->info != NULL && gnutls_x509_crl_init(&datum->parsed.crl) == 0 &&
           gnutls_x509_crl_import(datum->parsed.crl, der, GNUTLS_X509_FMT_DER) == 0;
}

static void drop_certificate(struct cert_datum *datum)
{
    if (datum->parsed.crt != NULL)
        gnutls_x509_crt_deinit(datum->parsed.crt);
}

static void drop_crl(struct cert_datum *datum)
{
    if (datum->parsed.crl != NULL)
        gnutls_x509_crl_deinit(datum->parsed.crl);
}

static const struct {
    bool (*parse)(struct cert_datum *datum, const gnutls_datum_t *der);
    void (*drop)(struct cert_datum *datum);
} kinds[CERT_KINDS] = {
    [CERT_KIND_CERTIFICATE] = {parse_certificate, drop_certificate},
    [CERT_KIND_CRL] = {parse_crl, drop_crl},
};

static void datum_destroy(struct object *object)
{
    struct cert_datum *datum = (struct cert_datum *)object;

    kinds[datum->kind].drop(datum);
    free(datum->info);
    free(datum);
}

static const struct object_class datum_class = {"certificate data", datum_destroy};

/* GnuTLS is stricter than the fields that CERT_INFO shows, and both must be content. */
static struct cert_datum *datum_decode(enum cert_kind kind, const void *der, size_t size)
{
    struct cert_datum *datum;
    gnutls_datum_t view;

    if (der == NULL || size == 0 || size > INT_MAX) {
        win_fail(size > INT_MAX ? CRYPT_E_ASN1_LARGE : CRYPT_E_ASN1_EOD);
        return NULL;
    }
    datum = calloc(1, sizeof(*datum) + size);
    if (datum == NULL) {
        win_fail(E_OUTOFMEMORY);
        return NULL;
    }
    object_init(&datum->object, &datum_class);
    datum->kind = kind;
    datum->size = (DWORD)size;
    memcpy(datum->der, der, size);
    view = (gnutls_datum_t){datum->der, datum->size};
    if (kinds[kind].parse(datum, &view))
        return datum;
    /* Where info is NULL its decoder has set the error. */
    if (datum->info != NULL)
        win_fail(CRYPT_E_ASN1_CORRUPT);
    object_unref(&datum->object);
    return NULL;
}

/* --- Elements ------------------------------------------------------------------------------- */

static struct cert_element *element_of_object(struct object *object)
{
    return (struct cert_element *)((char *)object - offsetof(struct cert_element, object));
}

static void element_destroy(struct object *object)
{
    struct cert_element *element = element_of_object(object);

    cert_element_release(element->origin);
    if (element->bag != NULL)
        object_unref(&element->bag->object);
    object_unref(&element->datum->object);
    free(element);
}

static const struct object_class element_class = {"certificate context", element_destroy};

/* Takes over the caller's references, also when it fails. */
static struct cert_element *element_new(struct cert_datum *datum, struct cert_bag *bag,
                                        struct cert_store *store)
{
    struct cert_element *element = calloc(1, sizeof(*element));

    if (element == NULL || bag == NULL) {
        free(element);
        object_unref(&datum->object);
        object_unref(bag == NULL ? NULL : &bag->object);
        win_fail(E_OUTOFMEMORY);
        return NULL;
    }
    object_init(&element->object, &element_class);
    element->datum = datum;
    element->bag = bag;
    element->store = store;
    element->face.cert.dwCertEncodingType = X509_ASN_ENCODING;
    element->face.cert.pbCertEncoded = datum->der;
    element->face.cert.cbCertEncoded = datum->size;
    if (datum->kind == CERT_KIND_CRL)
        element->face.crl.pCrlInfo = datum->info;
    else
        element->face.cert.pCertInfo = datum->info;
    element->face.cert.hCertStore = store;
    return element;
}

struct cert_element *cert_element_decode(enum cert_kind kind, const void *der, size_t size)
{
    struct cert_datum *datum = datum_decode(kind, der, size);

    return datum == NULL ? NULL : element_new(datum, cert_bag_new(), NULL);
}

struct cert_element *cert_element_copy(const struct cert_element *from, struct cert_store *store)
{
    object_ref(&from->datum->object);
    return element_new(from->datum, cert_bag_copy(from->bag), store);
}

struct cert_element *cert_element_link(const struct cert_element *from, struct cert_store *store)
{
    object_ref(&from->datum->object);
    object_ref(&from->bag->object);
    return element_new(from->datum, from->bag, store);
}

struct cert_element *cert_element_from(const void *context)
{
    union {
        const void *face;
        struct cert_element *element;
    } cast = {context};

    return cast.element;
}

struct cert_element *cert_element_hold(struct cert_element *element)
{
    if (element != NULL) {
        object_ref(&element->object);
        if (element->store != NULL)
            object_ref(&element->store->object);
    }
    return element;
}

void cert_element_release(struct cert_element *element)
{
    struct cert_store *store;

    if (element == NULL)
        return;
    store = element->store;
    object_unref(&element->object);
    /* After the element, which the store may hold the last reference of. */
    if (store != NULL)
        object_unref(&store->object);
}

bool cert_element_equal(const struct cert_element *a, const struct cert_element *b)
{
    return a->datum == b->datum ||
           (a->datum->kind == b->datum->kind && a->datum->size == b->datum->size &&
            memcmp(a->datum->der, b->datum->der, a->datum->size) == 0);
}

/* --- Certificates --------------------------------------------------------------------------- */

gnutls_x509_crt_t cert_context_crt(PCCERT_CONTEXT context)
{
    return cert_element_from(context)->datum->parsed.crt;
}

WIN_API PCCERT_CONTEXT CertCreateCertificateContext(DWORD dwCertEncodingType,
                                                    const BYTE *pbCertEncoded, DWORD cbCertEncoded)
{
    if (GET_CERT_ENCODING_TYPE(dwCertEncodingType) != X509_ASN_ENCODING) {
        win_fail(E_INVALIDARG);
        return NULL;
    }
    return cert_element_cert(
        cert_element_decode(CERT_KIND_CERTIFICATE, pbCertEncoded, cbCertEncoded));
}

WIN_API PCCERT_CONTEXT CertDuplicateCertificateContext(PCCERT_CONTEXT pCertContext)
{
    return cert_element_cert(cert_element_hold(cert_element_from(pCertContext)));
}

WIN_API BOOL CertFreeCertificateContext(PCCERT_CONTEXT pCertContext)
{
    cert_element_release(cert_element_from(pCertContext));
    return TRUE;
}
