/* SPDX-License-Identifier: MIT */
/* What an initiator's first leg may have to wait for: the KDCs of two realms. */
#include <stdint.h>
#include <string.h>

#include "core/text.h"
#include "gss/gsspkg.h"

/* FNV-1a, without regard to ASCII case. */
static uint64_t hash_text(uint64_t hash, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (uint64_t)(unsigned char)text_lower(text[i])) * 0x100000001b3U;
    return hash * 0x100000001b3U; /* a border */
}

/* Of "svc/host.domain:port", "svc/host.domain@REALM": what its realm is found by. */
static uint64_t hash_target(uint64_t hash, const char *target)
{
    const char *realm = strrchr(target, '@'), *host = strchr(target, '/'), *domain;

    if (realm != NULL)
        return hash_text(hash, realm + 1, strlen(realm + 1));
    host = host == NULL ? target : host + 1;
    domain = strchr(host, '.');
    return domain == NULL ? hash : hash_text(hash, domain + 1, strcspn(domain + 1, ":/"));
}

/* NTLM asks nobody, so only a realm's legs can be stuck, and those of the same two realms are
 * together. */
uint64_t gsspkg_ctx_lane(struct cred *base, const char *target)
{
    const struct gss_cred *cred = (const struct gss_cred *)base;
    const char *realm = cred->identity->domain;
    uint64_t hash = 0xcbf29ce484222325U;

    if (!(cred->mechs & IDENTITY_MECH_KERBEROS))
        return (uintptr_t)base->package;
    if (realm != NULL)
        hash = hash_text(hash, realm, strlen(realm));
    return target == NULL ? hash : hash_target(hash, target);
}
