/* SPDX-License-Identifier: MIT */
/* TSCredentials by libtasn1. [MS-CSSP] 2.2.1.2 */
#include "credssp/tscreds.h"

#include <endian.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/asn.h"
#include "core/native.h"
#include "core/text.h"
#include "credssp/module.h"

/* One text of a structure: where the message has it, where tscreds has it. */
struct field {
    const char *path;
    size_t offset;
    bool optional;
};

static const struct field password_fields[] = {
    {"domainName", offsetof(struct tscreds, u.password.domain), false},
    {"userName", offsetof(struct tscreds, u.password.user), false},
    {"password", offsetof(struct tscreds, u.password.password), false},
    {NULL, 0, false},
};

static const struct field smartcard_fields[] = {
    {"pin", offsetof(struct tscreds, u.smartcard.pin), false},
    {"cspData.cardName", offsetof(struct tscreds, u.smartcard.card), true},
    {"cspData.readerName", offsetof(struct tscreds, u.smartcard.reader), true},
    {"cspData.containerName", offsetof(struct tscreds, u.smartcard.container), true},
    {"cspData.cspName", offsetof(struct tscreds, u.smartcard.provider), true},
    {"userHint", offsetof(struct tscreds, u.smartcard.user_hint), true},
    {"domainHint", offsetof(struct tscreds, u.smartcard.domain_hint), true},
    {NULL, 0, false},
};

static SECURITY_STATUS refuse(const char *what)
{
    native_error_set("TSCredentials: %s", what);
    return SEC_E_INVALID_TOKEN;
}

/* libtasn1 lets a SEQUENCE without contents pass, whatever it should have. */
static SECURITY_STATUS refuse_missing(void)
{
    return refuse("a field is missing");
}

/* --- Text: UTF-16 of least significant octet first, without a terminator -------------------- */

static SECURITY_STATUS text_read(struct asn_part part, char **text)
{
    SEC_WCHAR *units;
    size_t count = part.size / sizeof(*units);
    SECURITY_STATUS status;

    if (part.size % sizeof(*units) != 0)
        return refuse("a text of half a character");
    units = malloc(part.size + 1);
    if (units == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    memcpy(units, part.data, part.size);
    for (size_t i = 0; i < count; i++)
        units[i] = le16toh(units[i]);
    if (count != 0 && units[count - 1] == 0) /* clients such as rdesktop send one all the same */
        count--;
    status = text_from_utf16(units, count, text);
    memory_wipe_free(units);
    return status == SEC_E_INVALID_PARAMETER ? refuse("a text that is not UTF-16") : status;
}

static SECURITY_STATUS text_write(const struct asn *asn, const char *path, const char *text)
{
    SEC_WCHAR *units;
    size_t count;
    SECURITY_STATUS status = text_to_w(text, &units, &count);

    if (status != SEC_E_OK)
        return status;
    for (size_t i = 0; i < count; i++)
        units[i] = htole16(units[i]);
    status =
        asn_put(asn, path, units, count * sizeof(*units)) ? SEC_E_OK : SEC_E_INSUFFICIENT_MEMORY;
    memory_wipe_free(units);
    return status;
}

static char **text_of(const struct tscreds *creds, const struct field *field)
{
    return (char **)((uintptr_t)creds + field->offset);
}

static SECURITY_STATUS texts_read(const struct asn *asn, const struct field *field,
                                  struct tscreds *creds)
{
    SECURITY_STATUS status = SEC_E_OK;

    for (; status == SEC_E_OK && field->path != NULL; field++) {
        struct asn_part part = asn_contents(asn, field->path);

        if (part.data != NULL)
            status = text_read(part, text_of(creds, field));
        else if (!field->optional)
            status = refuse_missing();
    }
    return status;
}

static SECURITY_STATUS texts_write(const struct asn *asn, const struct field *field,
                                   const struct tscreds *creds)
{
    SECURITY_STATUS status = SEC_E_OK;

    for (; status == SEC_E_OK && field->path != NULL; field++) {
        const char *text = *text_of(creds, field);

        if (text == NULL && field->optional)
            status = asn_omit(asn, field->path) ? SEC_E_OK : SEC_E_INSUFFICIENT_MEMORY;
        else
            status = text_write(asn, field->path, text == NULL ? "" : text);
    }
    return status;
}

static void texts_wipe(const struct field *field, struct tscreds *creds)
{
    for (; field->path != NULL; field++)
        string_wipe_free(*text_of(creds, field));
}

/* --- Passwords, smart cards ----------------------------------------------------------------- */

static SECURITY_STATUS password_read(const struct asn *asn, struct tscreds *creds)
{
    return texts_read(asn, password_fields, creds);
}

static SECURITY_STATUS password_write(const struct asn *asn, const struct tscreds *creds)
{
    return texts_write(asn, password_fields, creds);
}

static void password_wipe(struct tscreds *creds)
{
    texts_wipe(password_fields, creds);
}

static SECURITY_STATUS smartcard_read(const struct asn *asn, struct tscreds *creds)
{
    return asn_uint32(asn, "cspData.keySpec", &creds->u.smartcard.key_spec)
               ? texts_read(asn, smartcard_fields, creds)
               : refuse("a key's use of more than 32 bits");
}

static SECURITY_STATUS smartcard_write(const struct asn *asn, const struct tscreds *creds)
{
    return asn_put_uint32(asn, "cspData.keySpec", creds->u.smartcard.key_spec)
               ? texts_write(asn, smartcard_fields, creds)
               : SEC_E_INSUFFICIENT_MEMORY;
}

static void smartcard_wipe(struct tscreds *creds)
{
    texts_wipe(smartcard_fields, creds);
}

/* --- Remote Credential Guard ---------------------------------------------------------------- */

#define GUARD_PATH_MAX 48

struct guard_paths {
    char name[GUARD_PATH_MAX], octets[GUARD_PATH_MAX];
};

/* Where one of them stands: the logon's, or the last or n-th of the others. */
static struct guard_paths guard_paths(const char *place)
{
    struct guard_paths paths;

    snprintf(paths.name, sizeof(paths.name), "%s.packageName", place);
    snprintf(paths.octets, sizeof(paths.octets), "%s.credBuffer", place);
    return paths;
}

static SECURITY_STATUS guard_one_read(const struct asn *asn, const char *place,
                                      struct tscreds_guard *guard)
{
    struct guard_paths paths = guard_paths(place);
    struct asn_part octets = asn_contents(asn, paths.octets), name = asn_contents(asn, paths.name);
    SECURITY_STATUS status;

    if (name.data == NULL || octets.data == NULL)
        return refuse_missing();
    status = text_read(name, &guard->package);
    if (status != SEC_E_OK)
        return status;
    guard->octets = (struct blob){memory_copy(octets.data, octets.size), octets.size};
    return guard->octets.data == NULL ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_OK;
}

static SECURITY_STATUS guard_read(const struct asn *asn, struct tscreds *creds)
{
    unsigned count = asn_count(asn, "supplementalCreds");
    SECURITY_STATUS status = guard_one_read(asn, "logonCred", &creds->u.guard.logon);

    if (status != SEC_E_OK || count == 0)
        return status;
    creds->u.guard.supplemental = calloc(count, sizeof(struct tscreds_guard));
    if (creds->u.guard.supplemental == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    creds->u.guard.supplemental_count = count;
    for (unsigned i = 0; status == SEC_E_OK && i < count; i++) {
        char place[GUARD_PATH_MAX];

        snprintf(place, sizeof(place), "supplementalCreds.?%u", i + 1);
        status = guard_one_read(asn, place, &creds->u.guard.supplemental[i]);
    }
    return status;
}

static SECURITY_STATUS guard_one_write(const struct asn *asn, const char *place,
                                       const struct tscreds_guard *guard)
{
    struct guard_paths paths = guard_paths(place);
    SECURITY_STATUS status = text_write(asn, paths.name, guard->package);

    if (status != SEC_E_OK)
        return status;
    return asn_put(asn, paths.octets, guard->octets.data, guard->octets.size)
               ? SEC_E_OK
               : SEC_E_INSUFFICIENT_MEMORY;
}

static SECURITY_STATUS guard_write(const struct asn *asn, const struct tscreds *creds)
{
    SECURITY_STATUS status = guard_one_write(asn, "logonCred", &creds->u.guard.logon);

    if (status == SEC_E_OK && creds->u.guard.supplemental_count == 0 &&
        !asn_omit(asn, "supplementalCreds"))
        return SEC_E_INSUFFICIENT_MEMORY;
    for (unsigned i = 0; status == SEC_E_OK && i < creds->u.guard.supplemental_count; i++)
        status =
            asn_append(asn, "supplementalCreds")
                ? guard_one_write(asn, "supplementalCreds.?LAST", &creds->u.guard.supplemental[i])
                : SEC_E_INSUFFICIENT_MEMORY;
    return status;
}

static void guard_one_wipe(struct tscreds_guard *guard)
{
    string_wipe_free(guard->package);
    blob_wipe(&guard->octets);
}

static void guard_wipe(struct tscreds *creds)
{
    guard_one_wipe(&creds->u.guard.logon);
    for (unsigned i = 0; i < creds->u.guard.supplemental_count; i++)
        guard_one_wipe(&creds->u.guard.supplemental[i]);
    free(creds->u.guard.supplemental);
}

/* --- All of them ---------------------------------------------------------------------------- */

static const struct kind {
    enum tscreds_type type;
    const char *name;
    SECURITY_STATUS (*read)(const struct asn *, struct tscreds *);
    SECURITY_STATUS (*write)(const struct asn *, const struct tscreds *);
    void (*wipe)(struct tscreds *);
} kinds[] = {
    {TSCREDS_PASSWORD, "CREDSSP.TSPasswordCreds", password_read, password_write, password_wipe},
    {TSCREDS_SMARTCARD, "CREDSSP.TSSmartCardCreds", smartcard_read, smartcard_write,
     smartcard_wipe},
    {TSCREDS_REMOTE_GUARD, "CREDSSP.TSRemoteGuardCreds", guard_read, guard_write, guard_wipe},
};

static const struct kind *kind_find(uint32_t type)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (kinds[i].type == type)
            return &kinds[i];
    return NULL;
}

static SECURITY_STATUS inner_decode(struct tscreds *creds, const struct kind *kind,
                                    struct asn_part part)
{
    struct asn asn;
    SECURITY_STATUS status =
        asn_open(&asn, &credssp_module, kind->name, part.data, part.size, TSCREDS_MAX);

    if (status != SEC_E_OK)
        return status;
    creds->type = kind->type;
    status = kind->read(&asn, creds);
    asn_close(&asn);
    if (status != SEC_E_OK)
        tscreds_wipe(creds);
    return status;
}

SECURITY_STATUS tscreds_decode(struct tscreds *creds, const void *data, size_t size)
{
    struct asn asn;
    const struct kind *kind = NULL;
    uint32_t type;
    SECURITY_STATUS status =
        asn_open(&asn, &credssp_module, "CREDSSP.TSCredentials", data, size, TSCREDS_MAX);

    *creds = (struct tscreds){0};
    if (status != SEC_E_OK)
        return status;
    if (asn_uint32(&asn, "credType", &type))
        kind = kind_find(type);
    if (kind == NULL) {
        native_error_set("TSCredentials: credentials of an unknown type");
        status = SEC_E_UNKNOWN_CREDENTIALS;
    } else {
        status = inner_decode(creds, kind, asn_contents(&asn, "credentials"));
    }
    asn_close(&asn);
    return status;
}

static SECURITY_STATUS inner_encode(const struct tscreds *creds, const struct kind *kind,
                                    struct blob *der)
{
    struct asn asn;
    SECURITY_STATUS status = asn_new(&asn, &credssp_module, kind->name);

    if (status != SEC_E_OK)
        return status;
    status = kind->write(&asn, creds);
    if (status == SEC_E_OK)
        status = asn_encode(&asn, der);
    asn_close(&asn);
    return status;
}

static SECURITY_STATUS outer_encode(enum tscreds_type type, const struct blob *inner,
                                    struct blob *der)
{
    struct asn asn;
    SECURITY_STATUS status = asn_new(&asn, &credssp_module, "CREDSSP.TSCredentials");

    if (status != SEC_E_OK)
        return status;
    status = asn_put_uint32(&asn, "credType", type) &&
                     asn_put(&asn, "credentials", inner->data, inner->size)
                 ? asn_encode(&asn, der)
                 : SEC_E_INSUFFICIENT_MEMORY;
    asn_close(&asn);
    return status;
}

SECURITY_STATUS tscreds_encode(const struct tscreds *creds, struct blob *der)
{
    const struct kind *kind = kind_find(creds->type);
    struct blob inner = {NULL, 0};
    SECURITY_STATUS status;

    *der = (struct blob){NULL, 0};
    if (kind == NULL)
        return SEC_E_UNKNOWN_CREDENTIALS;
    status = inner_encode(creds, kind, &inner);
    if (status == SEC_E_OK)
        status = outer_encode(creds->type, &inner, der);
    blob_wipe(&inner);
    return status;
}

void tscreds_wipe(struct tscreds *creds)
{
    const struct kind *kind = kind_find(creds->type);

    if (kind != NULL)
        kind->wipe(creds);
    explicit_bzero(creds, sizeof(*creds));
}
