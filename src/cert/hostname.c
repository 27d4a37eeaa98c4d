/* SPDX-License-Identifier: MIT */
/* Whether a certificate is for a name: RFC 6125 6.4, RFC 5280 4.2.1.6, RFC 5890. */
#include "cert/hostname.h"

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509-ext.h>
#include <netinet/in.h>
#include <string.h>

#include "core/text.h"

#define LABEL_MAX 63
#define HOST_MAX  253

/* What is looked for: one kind of name, as the certificate would spell it. */
struct host {
    unsigned type; /* GNUTLS_SAN_DNSNAME or GNUTLS_SAN_IPADDRESS */
    size_t size;
    unsigned char data[HOST_MAX + 1];
};

static bool is_ascii(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text >= 0x80)
            return false;
    return true;
}

/* Labels of 1 to 63 bytes, no wildcard among them, no more than 253 bytes together. */
static bool host_is_name(const char *name, size_t size)
{
    size_t label = 0;

    if (size == 0 || size > HOST_MAX)
        return false;
    for (size_t i = 0; i < size; i++) {
        if (name[i] == '.') {
            if (label == 0)
                return false;
            label = 0;
        } else if (name[i] == '*' || ++label > LABEL_MAX) {
            return false;
        }
    }
    return label != 0;
}

static bool host_set_name(struct host *host, const char *name)
{
    size_t size = strlen(name);

    if (size > 0 && name[size - 1] == '.')
        size--; /* the root: "example.com." is the same host */
    if (!host_is_name(name, size))
        return false;
    host->type = GNUTLS_SAN_DNSNAME;
    host->size = size;
    memcpy(host->data, name, size);
    return true;
}

static bool host_set_idn(struct host *host, const char *name)
{
    gnutls_datum_t ascii = {NULL, 0};
    bool fine;

    if (strlen(name) > 4 * HOST_MAX || gnutls_idna_map(name, (unsigned)strlen(name), &ascii, 0) < 0)
        return false;
    fine = host_set_name(host, (const char *)ascii.data);
    gnutls_free(ascii.data);
    return fine;
}

static bool host_set_address(struct host *host, const char *text)
{
    char bare[INET6_ADDRSTRLEN];
    size_t size = strlen(text);
    int family = strchr(text, ':') ? AF_INET6 : AF_INET;

    if (size > 2 && text[0] == '[' && text[size - 1] == ']') {
        text++;
        size -= 2;
    }
    if (size >= sizeof(bare))
        return false;
    memcpy(bare, text, size);
    bare[size] = '\0';
    host->type = GNUTLS_SAN_IPADDRESS;
    host->size = family == AF_INET6 ? sizeof(struct in6_addr) : sizeof(struct in_addr);
    return inet_pton(family, bare, host->data) == 1;
}

/*
 * A wildcard is the whole leftmost label and stands for exactly one label (RFC 6125 6.4.3); what
 * follows it has a dot, so that no certificate is for a whole top-level domain.
 */
static bool host_is_under(const struct host *host, const gnutls_datum_t *pattern)
{
    const unsigned char *dot = memchr(host->data, '.', host->size);
    size_t rest = pattern->size > 1 ? pattern->size - 1 : 0;

    if (!dot || rest < 2 || pattern->data[0] != '*' || pattern->data[1] != '.' ||
        !memchr(pattern->data + 2, '.', rest - 1))
        return false;
    return rest == host->size - (size_t)(dot - host->data) &&
           text_equal_nocase_n(dot, pattern->data + 1, rest);
}

static bool host_is(const struct host *host, unsigned type, const gnutls_datum_t *name)
{
    if (type != host->type)
        return false;
    if (type == GNUTLS_SAN_IPADDRESS)
        return name->size == host->size && memcmp(name->data, host->data, host->size) == 0;
    /* An empty name has no data; a NUL would end the comparison early. */
    if (name->size == 0 || memchr(name->data, '\0', name->size))
        return false;
    return (name->size == host->size && text_equal_nocase_n(name->data, host->data, host->size)) ||
           host_is_under(host, name);
}

static bool host_is_among(const struct host *host, gnutls_subject_alt_names_t names)
{
    gnutls_datum_t name;
    unsigned type;

    for (unsigned i = 0; gnutls_subject_alt_names_get(names, i, &type, &name, NULL) == 0; i++)
        if (host_is(host, type, &name))
            return true;
    return false;
}

bool cert_hostname_match(gnutls_x509_crt_t crt, const char *text)
{
    gnutls_subject_alt_names_t names = NULL;
    gnutls_datum_t der = {NULL, 0};
    struct host host;
    bool match = false;

    if (!host_set_address(&host, text) &&
        !(is_ascii(text) ? host_set_name(&host, text) : host_set_idn(&host, text)))
        return false;
    if (gnutls_x509_crt_get_extension_by_oid2(crt, GNUTLS_X509EXT_OID_SAN, 0, &der, NULL) == 0 &&
        gnutls_subject_alt_names_init(&names) == 0 &&
        gnutls_x509_ext_import_subject_alt_names(&der, names, 0) == 0)
        match = host_is_among(&host, names);
    if (names)
        gnutls_subject_alt_names_deinit(names);
    gnutls_free(der.data);
    return match;
}
