/* SPDX-License-Identifier: MIT */
/* Names: who a context is for, and with whom. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gssapi/gssapi_krb5.h>

#include "mech.h"

SECURITY_STATUS name_make(enum name_kind kind, const struct mech *mech, const char *text,
                          struct name **out)
{
    struct name *name = calloc(1, sizeof(*name));

    *out = NULL;
    if (name == NULL || (name->text = strdup(text)) == NULL) {
        free(name);
        return SEC_E_INSUFFICIENT_MEMORY;
    }
    name->kind = kind;
    name->mech = mech;
    *out = name;
    return SEC_E_OK;
}

SECURITY_STATUS name_copy(const struct name *name, struct name **copy)
{
    return name_make(name->kind, name->mech, name->text, copy);
}

void name_free(struct name *name)
{
    if (name != NULL)
        free(name->text);
    free(name);
}

/* A host's name says the same in any case; a service or a user need not. */
bool name_equal(const struct name *a, const struct name *b)
{
    const char *slash = strchr(a->text, '/');
    size_t head = slash == NULL ? 0 : (size_t)(slash - a->text);

    if (a->kind != b->kind || a->kind == NAME_ANONYMOUS)
        return false;
    if (a->kind != NAME_SERVICE)
        return strcmp(a->text, b->text) == 0;
    return strncmp(a->text, b->text, head) == 0 && _stricmp(a->text + head, b->text + head) == 0;
}

/* --- Import --------------------------------------------------------------------------------- */

/* service@host becomes service/host; without a host it is this one. */
static SECURITY_STATUS service_text(char **text)
{
    char host[256], *at = strchr(*text, '@'), *whole;

    if (at != NULL) {
        *at = '/';
        return SEC_E_OK;
    }
    if (gethostname(host, sizeof(host)) != 0)
        return SEC_E_INTERNAL_ERROR;
    host[sizeof(host) - 1] = '\0';
    if (asprintf(&whole, "%s/%s", *text, host) < 0)
        return SEC_E_INSUFFICIENT_MEMORY;
    free(*text);
    *text = whole;
    return SEC_E_OK;
}

/* The subject of a certificate, as CertNameToStr() writes it: our own form. */
static gss_OID_desc subject_oid = {ARC_SIZE + 1, (void *)(uintptr_t)(ARC "\x14")};
static gss_OID subject_type = &subject_oid;

/* The forms a name comes in; the first of a kind is the one it is shown in. */
static const struct {
    const gss_OID *type;
    enum name_kind kind;
} type_table[] = {
    {&GSS_C_NT_USER_NAME, NAME_USER},
    {&GSS_KRB5_NT_PRINCIPAL_NAME, NAME_USER},
    {&GSS_C_NT_HOSTBASED_SERVICE, NAME_SERVICE},
    {&GSS_C_NT_HOSTBASED_SERVICE_X, NAME_SERVICE},
    {&GSS_C_NT_ANONYMOUS, NAME_ANONYMOUS},
    {&subject_type, NAME_SUBJECT},
};

static bool kind_of_type(const gss_OID_desc *type, enum name_kind *kind)
{
    *kind = NAME_USER;
    for (size_t i = 0; type != GSS_C_NO_OID && i < COUNT(type_table); i++)
        if (oid_equal(*type_table[i].type, type)) {
            *kind = type_table[i].kind;
            return true;
        }
    return type == GSS_C_NO_OID;
}

static gss_OID type_of_kind(enum name_kind kind)
{
    for (size_t i = 0; i < COUNT(type_table); i++)
        if (type_table[i].kind == kind)
            return *type_table[i].type;
    return GSS_C_NO_OID;
}

/* Names are ASCII as a rule. */
static bool text_is_utf8(const char *text)
{
    const char *at = text;

    while (*at > 0)
        at++;
    return *at == '\0' || MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, NULL, 0) > 0;
}

static SECURITY_STATUS text_import(enum name_kind kind, const struct mech *mech,
                                   const gss_buffer_desc *input, struct name **name)
{
    char *text = NULL;
    SECURITY_STATUS status = text_of_buffer(input, &text);

    if (status == SEC_E_OK && !text_is_utf8(text))
        status = SEC_E_TARGET_UNKNOWN;
    if (status == SEC_E_OK && kind == NAME_SERVICE)
        status = service_text(&text);
    if (status == SEC_E_OK && kind != NAME_ANONYMOUS && text[0] == '\0')
        status = SEC_E_TARGET_UNKNOWN;
    if (status == SEC_E_OK)
        status = name_make(kind, mech, text, name);
    free(text);
    return status;
}

/* --- Exported names: RFC 2743 3.2 ----------------------------------------------------------- */

#define EXPORT_TOKEN "\x04\x01"

/* The name itself is its kind's letter and its text. */
OM_uint32 name_export(OM_uint32 *minor, const struct name *name, gss_buffer_t token)
{
    struct octets octets = {0};
    size_t size = 1 + strlen(name->text);
    unsigned char head[6] = {0, 0, 0x06}, lengths[5];
    SECURITY_STATUS status;

    if (name->mech == NULL)
        return GSS_S_NAME_NOT_MN;
    head[1] = (unsigned char)(2 + name->mech->oid.length);
    head[3] = (unsigned char)name->mech->oid.length;
    for (size_t i = 0; i < 4; i++)
        lengths[i] = (unsigned char)(size >> (24 - 8 * i));
    lengths[4] = (unsigned char)name->kind;
    status = octets_add(&octets, EXPORT_TOKEN, 2);
    if (status == SEC_E_OK)
        status = octets_add(&octets, head, 4);
    if (status == SEC_E_OK)
        status = octets_add(&octets, name->mech->oid.elements, name->mech->oid.length);
    if (status == SEC_E_OK)
        status = octets_add(&octets, lengths, sizeof(lengths));
    if (status == SEC_E_OK)
        status = octets_add(&octets, name->text, size - 1);
    octets_give(&octets, token);
    return status_answer(minor, status);
}

static bool kind_known(int letter)
{
    return type_of_kind((enum name_kind)letter) != GSS_C_NO_OID;
}

/* Takes the token only in the form that name_export() writes. */
static SECURITY_STATUS exported_import(const struct mech *mech, const gss_buffer_desc *input,
                                       struct name **name)
{
    const unsigned char *at = input->value;
    size_t head = 6 + ARC_SIZE + 1, size;
    gss_OID_desc oid = {ARC_SIZE + 1, NULL};
    gss_buffer_desc text;
    const struct mech *own;
    char *copy = NULL;
    SECURITY_STATUS status;

    if (input->length < head + 5 || memcmp(at, EXPORT_TOKEN "\0", 3) != 0 ||
        at[3] != 2 + oid.length || at[4] != 0x06 || at[5] != oid.length)
        return SEC_E_INVALID_TOKEN;
    oid.elements = (void *)(uintptr_t)(at + 6);
    own = mech_find(&oid);
    at += head;
    size = (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
    if (own == NULL || (mech != NULL && own != mech) || size != input->length - head - 4 ||
        !kind_known(at[4]))
        return SEC_E_INVALID_TOKEN;
    text = (gss_buffer_desc){size - 1, (void *)(uintptr_t)(at + 5)};
    status = text_of_buffer(&text, &copy);
    if (status == SEC_E_OK)
        status = name_make((enum name_kind)at[4], own, copy, name);
    free(copy);
    return status;
}

OM_uint32 name_import(OM_uint32 *minor, const struct mech *mech, const gss_buffer_desc *input,
                      const gss_OID_desc *type, struct name **name)
{
    enum name_kind kind;
    SECURITY_STATUS status;

    *minor = 0;
    if (oid_equal(type, GSS_C_NT_EXPORT_NAME))
        status = exported_import(mech, input, name);
    else if (!kind_of_type(type, &kind))
        return GSS_S_BAD_NAMETYPE;
    else
        status = text_import(kind, mech, input, name);
    if (status == SEC_E_INVALID_TOKEN || status == SEC_E_INVALID_PARAMETER)
        status = SEC_E_TARGET_UNKNOWN; /* GSS_S_BAD_NAME */
    return status_answer(minor, status);
}

/* --- What a name is shown as, and used as --------------------------------------------------- */

SECURITY_STATUS name_display(const struct name *name, gss_buffer_t text, gss_OID *type)
{
    SECURITY_STATUS status = buffer_text(text, name->text);
    char *slash;

    /* The mechglue frees types that are not its own: a subject is shown as a user's name. */
    if (type != NULL)
        *type = name->kind == NAME_SUBJECT ? GSS_C_NT_USER_NAME : type_of_kind(name->kind);
    if (status == SEC_E_OK && name->kind == NAME_SERVICE && text != GSS_C_NO_BUFFER &&
        (slash = strchr(text->value, '/')) != NULL)
        *slash = '@';
    return status;
}

SECURITY_STATUS name_types(gss_OID_set *types)
{
    OM_uint32 minor, major = gss_create_empty_oid_set(&minor, types);

    for (size_t i = 0; i < COUNT(type_table) && !GSS_ERROR(major); i++)
        major = gss_add_oid_set_member(&minor, *type_table[i].type, types);
    if (!GSS_ERROR(major))
        major = gss_add_oid_set_member(&minor, GSS_C_NT_EXPORT_NAME, types);
    if (GSS_ERROR(major))
        gss_release_oid_set(&minor, types);
    return GSS_ERROR(major) ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_OK;
}

char *name_host(const char *target)
{
    const char *slash = strchr(target, '/');
    const char *host = slash == NULL ? target : slash + 1;

    return strndup(host, slash == NULL ? strlen(host) : strcspn(host, "/:@"));
}

SECURITY_STATUS name_target(const struct name *name, const struct mech *mech, char **target)
{
    *target = NULL;
    if (name == NULL || name->kind == NAME_ANONYMOUS)
        return SEC_E_TARGET_UNKNOWN;
    *target = mech->password ? strdup(name->text) : name_host(name->text);
    return *target == NULL ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_OK;
}
