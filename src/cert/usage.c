/* SPDX-License-Identifier: MIT */
/* What a certificate may be used for: RFC 5280 4.2.1.12. */
#include "cert/usage.h"

#include <gnutls/x509-ext.h>
#include <stdlib.h>
#include <string.h>

/* The usages of the extension: 1, and they are to be freed; 0 if there is none; -1 if it is bad. */
static int purposes_read(gnutls_x509_crt_t crt, gnutls_x509_key_purposes_t *purposes)
{
    gnutls_datum_t der = {NULL, 0};
    int result = gnutls_x509_crt_get_extension_by_oid2(crt, GNUTLS_X509EXT_OID_EXTENDED_KEY_USAGE,
                                                       0, &der, NULL);

    if (result == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
        return 0;
    if (result < 0)
        return -1;
    result = gnutls_x509_key_purpose_init(purposes);
    if (result == 0) {
        result = gnutls_x509_ext_import_key_purposes(&der, *purposes, 0);
        if (result < 0)
            gnutls_x509_key_purpose_deinit(*purposes);
    }
    gnutls_free(der.data);
    return result < 0 ? -1 : 1;
}

static bool oid_is(const gnutls_datum_t *oid, const char *text)
{
    size_t size = strnlen((const char *)oid->data, oid->size);

    return size == strlen(text) && memcmp(oid->data, text, size) == 0;
}

/* Server Gated Crypto was serverAuth of old; authorities of that time have nothing else. */
static bool usage_is(const gnutls_datum_t *oid, const char *usage)
{
    return oid_is(oid, usage) || oid_is(oid, GNUTLS_KP_ANY) ||
           (strcmp(usage, szOID_PKIX_KP_SERVER_AUTH) == 0 &&
            (oid_is(oid, szOID_SERVER_GATED_CRYPTO) || oid_is(oid, szOID_SGC_NETSCAPE)));
}

static bool purposes_have(gnutls_x509_key_purposes_t purposes, const char *usage)
{
    gnutls_datum_t oid;

    for (unsigned i = 0; gnutls_x509_key_purpose_get(purposes, i, &oid) == 0; i++)
        if (usage_is(&oid, usage))
            return true;
    return false;
}

bool cert_usage_allows(gnutls_x509_crt_t crt, const char *usage)
{
    gnutls_x509_key_purposes_t purposes = NULL;
    int found = purposes_read(crt, &purposes);
    bool allowed;

    if (found <= 0)
        return found == 0;
    allowed = purposes_have(purposes, usage);
    gnutls_x509_key_purpose_deinit(purposes);
    return allowed;
}

static bool all_allow(const gnutls_x509_crt_t *above, unsigned count, const char *usage)
{
    for (unsigned i = 0; i < count; i++)
        if (!cert_usage_allows(above[i], usage))
            return false;
    return true;
}

/* The structure, the pointers and the texts in one block. */
static PCERT_ENHKEY_USAGE usage_block(DWORD count, size_t text)
{
    PCERT_ENHKEY_USAGE block = calloc(1, sizeof(*block) + count * sizeof(LPSTR) + text);

    if (block)
        block->rgpszUsageIdentifier = (LPSTR *)(block + 1);
    return block;
}

static PCERT_ENHKEY_USAGE purposes_copy(gnutls_x509_key_purposes_t purposes,
                                        const gnutls_x509_crt_t *above, unsigned count)
{
    gnutls_datum_t oid;
    size_t text = 0;
    DWORD total = 0;
    PCERT_ENHKEY_USAGE block;
    char *at;

    for (; gnutls_x509_key_purpose_get(purposes, total, &oid) == 0; total++)
        text += oid.size + 1;
    block = usage_block(total, text);
    if (!block)
        return NULL;
    at = (char *)(block->rgpszUsageIdentifier + total);
    for (DWORD i = 0; i < total && gnutls_x509_key_purpose_get(purposes, i, &oid) == 0; i++) {
        memcpy(at, oid.data, oid.size); /* the block is zeroed: a terminator is behind it */
        if (all_allow(above, count, at)) {
            block->rgpszUsageIdentifier[block->cUsageIdentifier++] = at;
            at += strlen(at) + 1;
        } else {
            memset(at, 0, oid.size);
        }
    }
    return block;
}

bool cert_usage_effective(gnutls_x509_crt_t crt, const gnutls_x509_crt_t *above, unsigned count,
                          PCERT_ENHKEY_USAGE *usage)
{
    gnutls_x509_key_purposes_t purposes = NULL;
    int found = purposes_read(crt, &purposes);
    bool any = found == 0 || (found > 0 && purposes_have(purposes, GNUTLS_KP_ANY));

    *usage = NULL;
    if (!any)
        *usage = found < 0 ? usage_block(0, 0) : purposes_copy(purposes, above, count);
    if (found > 0)
        gnutls_x509_key_purpose_deinit(purposes);
    return any || *usage != NULL;
}
