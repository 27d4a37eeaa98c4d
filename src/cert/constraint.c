/* SPDX-License-Identifier: MIT */
/*
 * Name constraints, RFC 5280 4.2.1.10. GnuTLS compares DNS names, addresses and mail addresses. It
 * would also hold the common name to constraints on DNS names, which here is no host's name, and
 * refuse every directory name; so the walk over the names is ours. What cannot be compared is
 * refused: excluded directory names, and names of kinds that GnuTLS does not know.
 */
#include "cert/constraint.h"

#include <gnutls/x509-ext.h>
#include <string.h>

#include "core/text.h"

#define NOT_PERMITTED                                                                              \
    (CERT_TRUST_INVALID_NAME_CONSTRAINTS | CERT_TRUST_HAS_NOT_PERMITTED_NAME_CONSTRAINT)
#define EXCLUDED (CERT_TRUST_INVALID_NAME_CONSTRAINTS | CERT_TRUST_HAS_EXCLUDED_NAME_CONSTRAINT)
#define UNSUPPORTED                                                                                \
    (CERT_TRUST_INVALID_NAME_CONSTRAINTS | CERT_TRUST_HAS_NOT_SUPPORTED_NAME_CONSTRAINT)
#define MALFORMED (CERT_TRUST_INVALID_NAME_CONSTRAINTS | CERT_TRUST_INVALID_EXTENSION)

/* Every name is held to every subtree: beyond these numbers nobody means well. */
#define SUBTREES_MAX 256
#define NAMES_MAX    1024

typedef int (*subtree_get)(gnutls_x509_name_constraints_t, unsigned, unsigned *, gnutls_datum_t *);

static bool extension_has(gnutls_x509_crt_t crt, const char *oid)
{
    gnutls_datum_t der = {NULL, 0};
    int result = gnutls_x509_crt_get_extension_by_oid2(crt, oid, 0, &der, NULL);

    gnutls_free(der.data);
    return result != GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE;
}

bool cert_constraint_has(gnutls_x509_crt_t issuer)
{
    return extension_has(issuer, GNUTLS_X509EXT_OID_NAME_CONSTRAINTS);
}

/* Whether there is a subtree of a kind of name. */
static bool subtree_has(gnutls_x509_name_constraints_t nc, subtree_get get, unsigned wanted)
{
    gnutls_datum_t name;
    unsigned type;

    for (unsigned i = 0; get(nc, i, &type, &name) == 0; i++)
        if (type == wanted)
            return true;
    return false;
}

/*
 * "*.example.com" covers every name right under example.com: an excluded one among them is covered
 * as well, though the names differ.
 */
static bool wildcard_covers_excluded(gnutls_x509_name_constraints_t nc, const gnutls_datum_t *name)
{
    gnutls_datum_t tree;
    unsigned type;

    if (name->size < 3 || name->data[0] != '*' || name->data[1] != '.')
        return false;
    for (unsigned i = 0; gnutls_x509_name_constraints_get_excluded(nc, i, &type, &tree) == 0; i++) {
        size_t tail = name->size - 1; /* ".example.com" */

        if (type == GNUTLS_SAN_DNSNAME && tree.size > tail &&
            text_equal_nocase_n(tree.data + tree.size - tail, name->data + 1, tail))
            return true;
    }
    return false;
}

static bool is_constrained(gnutls_x509_name_constraints_t nc, unsigned type)
{
    return subtree_has(nc, gnutls_x509_name_constraints_get_permitted, type) ||
           subtree_has(nc, gnutls_x509_name_constraints_get_excluded, type);
}

/*
 * Names as RFC 4514 writes them, the most specific part first: a subtree is the end of those in it.
 * The comma before it must be one between parts, so not one of a value, which has a backslash.
 */
static bool directory_is_under(const gnutls_datum_t *name, const gnutls_datum_t *tree)
{
    size_t head = name->size - tree->size;

    if (tree->size == 0)
        return true;
    if (tree->size > name->size || memcmp(name->data + head, tree->data, tree->size) != 0)
        return false;
    return head == 0 || (head >= 2 && name->data[head - 1] == ',' && name->data[head - 2] != '\\');
}

/* The names may be spelt in ways that we cannot compare: what is excluded might be any of them. */
static DWORD directory_check(gnutls_x509_name_constraints_t nc, const gnutls_datum_t *name)
{
    gnutls_datum_t tree;
    bool constrained = false;
    unsigned type;

    if (subtree_has(nc, gnutls_x509_name_constraints_get_excluded, GNUTLS_SAN_DN))
        return UNSUPPORTED;
    for (unsigned i = 0; gnutls_x509_name_constraints_get_permitted(nc, i, &type, &tree) == 0;
         i++) {
        if (type == GNUTLS_SAN_DN && directory_is_under(name, &tree))
            return 0;
        constrained = constrained || type == GNUTLS_SAN_DN;
    }
    return constrained ? NOT_PERMITTED : 0;
}

static DWORD name_check(gnutls_x509_name_constraints_t nc, unsigned type,
                        const gnutls_datum_t *name)
{
    if (type == GNUTLS_SAN_DNSNAME && wildcard_covers_excluded(nc, name))
        return EXCLUDED;
    if (type == GNUTLS_SAN_DN)
        return directory_check(nc, name);
    if (type == GNUTLS_SAN_DNSNAME || type == GNUTLS_SAN_IPADDRESS || type == GNUTLS_SAN_RFC822NAME)
        return gnutls_x509_name_constraints_check(nc, (gnutls_x509_subject_alt_name_t)type, name)
                   ? 0
                   : NOT_PERMITTED;
    return is_constrained(nc, type) ? UNSUPPORTED : 0;
}

static DWORD alt_names_check(gnutls_x509_name_constraints_t nc, gnutls_x509_crt_t crt)
{
    gnutls_subject_alt_names_t names = NULL;
    gnutls_datum_t der = {NULL, 0}, name;
    unsigned type;
    DWORD faults = 0;
    int result = gnutls_x509_crt_get_extension_by_oid2(crt, GNUTLS_X509EXT_OID_SAN, 0, &der, NULL);

    if (result == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
        return 0;
    if (result < 0 || gnutls_subject_alt_names_init(&names) < 0 ||
        gnutls_x509_ext_import_subject_alt_names(&der, names, 0) < 0)
        faults = MALFORMED;
    for (unsigned i = 0; !faults && gnutls_subject_alt_names_get(names, i, &type, &name, NULL) == 0;
         i++)
        faults = i < NAMES_MAX ? name_check(nc, type, &name) : UNSUPPORTED;
    if (names)
        gnutls_subject_alt_names_deinit(names);
    gnutls_free(der.data);
    return faults;
}

/* A certificate without a subject has no directory name there. */
static DWORD subject_check(gnutls_x509_name_constraints_t nc, gnutls_x509_crt_t crt)
{
    gnutls_datum_t name = {NULL, 0};
    int result = gnutls_x509_crt_get_dn3(crt, &name, 0);
    DWORD faults = 0;

    if (result < 0 && result != GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
        faults = MALFORMED;
    else if (result == 0 && name.size > 0)
        faults = directory_check(nc, &name);
    gnutls_free(name.data);
    return faults;
}

static bool is_excessive(gnutls_x509_name_constraints_t nc)
{
    gnutls_datum_t name;
    unsigned type;

    return gnutls_x509_name_constraints_get_permitted(nc, SUBTREES_MAX, &type, &name) == 0 ||
           gnutls_x509_name_constraints_get_excluded(nc, SUBTREES_MAX, &type, &name) == 0;
}

static DWORD names_check(gnutls_x509_name_constraints_t nc, gnutls_x509_crt_t crt)
{
    DWORD faults;

    if (is_excessive(nc))
        return UNSUPPORTED;
    faults = alt_names_check(nc, crt) | subject_check(nc, crt);
    /* Without a mail address among the alternative names, the subject's is looked at. */
    if (!gnutls_x509_name_constraints_check_crt(nc, GNUTLS_SAN_RFC822NAME, crt))
        faults |= NOT_PERMITTED;
    return faults;
}

DWORD cert_constraint_check(gnutls_x509_crt_t issuer, gnutls_x509_crt_t crt)
{
    gnutls_x509_name_constraints_t nc;
    DWORD faults = MALFORMED;

    if (gnutls_x509_name_constraints_init(&nc) < 0)
        return MALFORMED;
    if (gnutls_x509_crt_get_name_constraints(issuer, nc, 0, NULL) == 0)
        faults = names_check(nc, crt);
    gnutls_x509_name_constraints_deinit(nc);
    return faults;
}
