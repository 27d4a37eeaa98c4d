/* SPDX-License-Identifier: MIT */
/* The settings that FreeRDP 3 appends to a SEC_WINNT_AUTH_IDENTITY_EXW. */
#include "core/winpr.h"

#include <stddef.h>
#include <string.h>

#include "core/identity.h"
#include "core/text.h"

/*
 * Windows has given neither bit a meaning, but is free to. So an extension is believed in only
 * where the flags are those FreeRDP passes: UTF-16, at most a hash, exactly one of the two bits.
 */
enum winpr_extension winpr_extension_of(uint32_t flags)
{
    switch (flags & ~WINPR_IDENTITY_PASSWORD_HASH) {
    case SEC_WINNT_AUTH_IDENTITY_UNICODE | WINPR_IDENTITY_EXTENDED:
        return WINPR_EXTENSION_V1;
    case SEC_WINNT_AUTH_IDENTITY_UNICODE | WINPR_IDENTITY_EXTENDED_V2:
        return WINPR_EXTENSION_V2;
    default:
        return WINPR_NO_EXTENSION;
    }
}

size_t winpr_identity_size(uint32_t flags)
{
    static const size_t sizes[] = {
        [WINPR_NO_EXTENSION] = sizeof(SEC_WINNT_AUTH_IDENTITY_EXW),
        [WINPR_EXTENSION_V1] = sizeof(struct winpr_identity),
        [WINPR_EXTENSION_V2] = sizeof(struct winpr_identity_v2),
    };

    return sizes[winpr_extension_of(flags)];
}

/* One structure of settings: what was passed, and how much of it there is. */
struct settings {
    const char *base; /* or NULL */
    size_t size;
    bool v2;
};

/* Where a member is in either form, and where it goes. */
#define NOWHERE SIZE_MAX
struct member {
    size_t v1, v2, to;
};

#define BOTH(kind, name, to)                                                                       \
    {                                                                                              \
        offsetof(struct winpr_##kind##_settings, name),                                            \
            offsetof(struct winpr_##kind##_settings_v2, name), offsetof(struct identity, to)       \
    }

static const struct member ntlm_texts[] = {
    BOTH(ntlm, sam_file, sam_file),
    {NOWHERE, offsetof(struct winpr_ntlm_settings_v2, dns_computer),
     offsetof(struct identity, dns_computer)},
};

static const struct member kerberos_texts[] = {
    BOTH(kerberos, kdc_url, kdc_url),
    BOTH(kerberos, keytab, keytab),
    BOTH(kerberos, cache, ccache),
    BOTH(kerberos, armor_cache, armor_ccache),
    BOTH(kerberos, pkinit_anchors, pkinit_anchors),
    BOTH(kerberos, pkinit_identity, pkinit_identity),
};

static const struct member kerberos_numbers[] = {
    BOTH(kerberos, start_time, start_time),
    BOTH(kerberos, renew_lifetime, renew_lifetime),
    BOTH(kerberos, lifetime, lifetime),
};

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

/* A member of so many octets; false: these settings do not have it. */
static bool member_get(const struct settings *settings, size_t v1, size_t v2, void *value,
                       size_t size)
{
    size_t at = settings->v2 ? v2 : v1;

    if (settings->base == NULL || at == NOWHERE || settings->size < at + size)
        return false;
    memcpy(value, settings->base + at, size);
    return true;
}

static SECURITY_STATUS texts_take(const struct settings *settings, const struct member *members,
                                  size_t count, struct identity *id)
{
    SECURITY_STATUS status = SEC_E_OK;
    const char *text;

    for (size_t i = 0; i < count && status == SEC_E_OK; i++)
        if (member_get(settings, members[i].v1, members[i].v2, (void *)&text, sizeof(text)) &&
            text != NULL && *text != '\0')
            status = text_from_a(text, (char **)((char *)id + members[i].to));
    return status;
}

static void numbers_take(const struct settings *settings, struct identity *id)
{
    int32_t number;

    for (size_t i = 0; i < COUNT(kerberos_numbers); i++)
        if (member_get(settings, kerberos_numbers[i].v1, kerberos_numbers[i].v2, &number,
                       sizeof(number)))
            memcpy((char *)id + kerberos_numbers[i].to, &number, sizeof(number));
}

static void callback_take(const struct settings *settings, struct identity *id)
{
    const struct member callback = BOTH(ntlm, hash_callback, hash.callback);
    const struct member argument = BOTH(ntlm, hash_callback_argument, hash.argument);

    (void)member_get(settings, callback.v1, callback.v2, (void *)&id->hash.callback,
                     sizeof(id->hash.callback));
    (void)member_get(settings, argument.v1, argument.v2, (void *)&id->hash.argument,
                     sizeof(id->hash.argument));
    id->hash.says_zero = settings->v2;
}

static struct settings settings_v1(const void *base, size_t size)
{
    return (struct settings){base, size, false};
}

/* These say how large they are; a caller's newer, longer ones are read as far as they are known. */
static struct settings settings_v2(const void *base)
{
    struct settings settings = {base, 0, true};
    uint32_t size = 0;

    if (base != NULL)
        memcpy(&size, base, sizeof(size));
    settings.size = size;
    return settings;
}

SECURITY_STATUS winpr_settings_read(const void *exw, uint32_t flags, struct identity *id)
{
    struct settings ntlm, kerberos;
    SECURITY_STATUS status;

    if (winpr_extension_of(flags) == WINPR_EXTENSION_V1) {
        const struct winpr_identity *v1 = exw;

        ntlm = settings_v1(v1->ntlm, sizeof(*v1->ntlm));
        kerberos = settings_v1(v1->kerberos, sizeof(*v1->kerberos));
    } else if (winpr_extension_of(flags) == WINPR_EXTENSION_V2) {
        const struct winpr_identity_v2 *v2 = exw;

        if (v2->version != WINPR_IDENTITY_REVISION)
            return SEC_E_UNKNOWN_CREDENTIALS;
        ntlm = settings_v2(v2->ntlm);
        kerberos = settings_v2(v2->kerberos);
    } else {
        return SEC_E_OK;
    }
    callback_take(&ntlm, id);
    numbers_take(&kerberos, id);
    status = texts_take(&ntlm, ntlm_texts, COUNT(ntlm_texts), id);
    if (status == SEC_E_OK)
        status = texts_take(&kerberos, kerberos_texts, COUNT(kerberos_texts), id);
    return status;
}
