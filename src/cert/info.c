/* SPDX-License-Identifier: MIT */
/* CERT_INFO and CRL_INFO of DER. */
#include "cert/info.h"

#include "cert/form.h"

/* What is to be read, and how. */
struct whole {
    const struct der *der;
    const struct form_entry *entry;
};

static bool fill(struct arena *arena, const void *input)
{
    const struct whole *whole = input;
    void *info = arena_take(arena, whole->entry->form->size);

    return info != NULL &&
           form_read(whole->der, whole->entry->inside, whole->entry->form, arena, info);
}

static void *info_decode(LPCSTR number, const void *data, size_t size)
{
    const struct form_entry *entry = form_find(number);
    struct der der;
    void *info;

    if (!der_open(&der, entry->outer, data, size))
        return NULL;
    info = arena_build(fill, &(struct whole){&der, entry}, NULL);
    der_close(&der);
    return info;
}

CERT_INFO *cert_info_decode(const void *der, size_t size)
{
    return info_decode(X509_CERT_TO_BE_SIGNED, der, size);
}

CRL_INFO *crl_info_decode(const void *der, size_t size)
{
    return info_decode(X509_CERT_CRL_TO_BE_SIGNED, der, size);
}
