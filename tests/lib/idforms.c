/* SPDX-License-Identifier: MIT */
/* Identities in every form. */
#include "lib/idforms.h"

#include <check.h>
#include <stdint.h>
#include <string.h>

void *unconst(const void *text)
{
    return (void *)(uintptr_t)text;
}

SEC_WINNT_AUTH_IDENTITY_A plain_a(const char *user, const char *domain, const char *password)
{
    return (SEC_WINNT_AUTH_IDENTITY_A){
        .User = unconst(user),
        .UserLength = user == NULL ? 0 : (ULONG)strlen(user),
        .Domain = unconst(domain),
        .DomainLength = domain == NULL ? 0 : (ULONG)strlen(domain),
        .Password = unconst(password),
        .PasswordLength = password == NULL ? 0 : (ULONG)strlen(password),
        .Flags = SEC_WINNT_AUTH_IDENTITY_ANSI,
    };
}

SEC_WINNT_AUTH_IDENTITY_EXA ex_a(const char *list)
{
    SEC_WINNT_AUTH_IDENTITY_A plain = plain_a("alice", "CORP", "secret");

    return (SEC_WINNT_AUTH_IDENTITY_EXA){
        .Version = SEC_WINNT_AUTH_IDENTITY_VERSION,
        .Length = sizeof(SEC_WINNT_AUTH_IDENTITY_EXA),
        .User = plain.User,
        .UserLength = plain.UserLength,
        .Domain = plain.Domain,
        .DomainLength = plain.DomainLength,
        .Password = plain.Password,
        .PasswordLength = plain.PasswordLength,
        .Flags = SEC_WINNT_AUTH_IDENTITY_ANSI,
        .PackageList = unconst(list),
        .PackageListLength = list == NULL ? 0 : (ULONG)strlen(list),
    };
}

static void ex2_add(union ex2 *id, ULONG *offset, USHORT *length, const void *octets, size_t size)
{
    *offset = id->head.cbStructureLength;
    *length = (USHORT)size;
    memcpy(id->octets + *offset, octets, size);
    id->head.cbStructureLength += (ULONG)size;
}

/* Packed credentials: a password as Windows has it, as its declaration has it, or no password. */
static size_t pack(enum packing packing, const void *secret, size_t size, unsigned char *out)
{
    static const GUID types[] = {
        [DIRECT] = SEC_WINNT_AUTH_DATA_TYPE_PASSWORD_INIT,
        [VECTOR] = SEC_WINNT_AUTH_DATA_TYPE_PASSWORD_INIT,
        [CERTIFICATE] = SEC_WINNT_AUTH_DATA_TYPE_CERT_INIT,
    };
    SEC_WINNT_AUTH_PACKED_CREDENTIALS *head = (SEC_WINNT_AUTH_PACKED_CREDENTIALS *)out;
    SEC_WINNT_AUTH_DATA_PASSWORD vector;
    size_t between = packing == VECTOR ? sizeof(vector) : 0;

    memset(&vector, 0, sizeof(vector));
    vector.UnicodePassword.ByteArrayOffset = sizeof(vector);
    vector.UnicodePassword.ByteArrayLength = (USHORT)size;
    head->cbHeaderLength = sizeof(*head);
    head->cbStructureLength = (USHORT)(sizeof(*head) + between + size);
    head->AuthData.CredType = types[packing];
    head->AuthData.CredData.ByteArrayOffset = sizeof(*head);
    head->AuthData.CredData.ByteArrayLength = (USHORT)(between + size);
    memcpy(out + sizeof(*head), &vector, between);
    memcpy(out + sizeof(*head) + between, secret, size);
    return sizeof(*head) + between + size;
}

const WCHAR user_w[] = u"alice", domain_w[] = u"CORP", secret_w[] = u"s\u00e9cret",
            list_w[] = u"kerberos,!ntlm";

static size_t octets_of(const WCHAR *text)
{
    size_t units = 0;

    while (text[units] != 0)
        units++;
    return units * sizeof(*text);
}

void ex2_fill(union ex2 *id, enum packing packing, const WCHAR *user, const WCHAR *domain,
              const WCHAR *secret, const WCHAR *list)
{
    _Alignas(8) unsigned char packed[128] = {0};
    size_t size = pack(packing, secret, octets_of(secret), packed);

    memset(id, 0, sizeof(*id));
    id->head.Version = SEC_WINNT_AUTH_IDENTITY_VERSION_2;
    id->head.cbHeaderLength = sizeof(id->head);
    id->head.cbStructureLength = sizeof(id->head);
    ex2_add(id, &id->head.PackedCredentialsOffset, &id->head.PackedCredentialsLength, packed, size);
    ex2_add(id, &id->head.UserOffset, &id->head.UserLength, user, octets_of(user));
    ex2_add(id, &id->head.DomainOffset, &id->head.DomainLength, domain, octets_of(domain));
    if (list != NULL)
        ex2_add(id, &id->head.PackageListOffset, &id->head.PackageListLength, list,
                octets_of(list));
}

void ex2_make(union ex2 *id, enum packing packing, bool list)
{
    ex2_fill(id, packing, user_w, domain_w, secret_w, list ? list_w : NULL);
}

void form_make(int form, union any *id)
{
    memset(id, 0, sizeof(*id));
    switch (form) {
    case FORM_A:
        id->a = plain_a("alice", "CORP", "s\303\251cret");
        break;
    case FORM_EXA:
        id->exa = ex_a("kerberos,!ntlm");
        break;
    case FORM_W:
        id->w = (SEC_WINNT_AUTH_IDENTITY_W){unconst(user_w),
                                            5,
                                            unconst(domain_w),
                                            4,
                                            unconst(secret_w),
                                            6,
                                            SEC_WINNT_AUTH_IDENTITY_UNICODE};
        break;
    case FORM_EXW:
        id->exw = (SEC_WINNT_AUTH_IDENTITY_EXW){.Version = SEC_WINNT_AUTH_IDENTITY_VERSION,
                                                .Length = sizeof(id->exw),
                                                .User = unconst(user_w),
                                                .UserLength = 5,
                                                .Domain = unconst(domain_w),
                                                .DomainLength = 4,
                                                .Password = unconst(secret_w),
                                                .PasswordLength = 6,
                                                .Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE,
                                                .PackageList = unconst(list_w),
                                                .PackageListLength = 14};
        break;
    default:
        ex2_make(&id->ex2,
                 form == FORM_DIRECT   ? DIRECT
                 : form == FORM_VECTOR ? VECTOR
                                       : CERTIFICATE,
                 form != FORM_DIRECT);
    }
}

bool same_w(PCWSTR a, PCWSTR b)
{
    size_t i = 0;

    if (a == NULL || b == NULL)
        return a == b;
    while (a[i] != 0 && a[i] == b[i])
        i++;
    return a[i] == b[i];
}

OPAQUE encoded(PCWSTR user, PCWSTR domain, PCWSTR password)
{
    OPAQUE id = NULL;

    ck_assert_int_eq(SspiEncodeStringsAsAuthIdentity(user, domain, password, &id), SEC_E_OK);
    ck_assert_int_eq(SspiValidateAuthIdentity(id), SEC_E_OK);
    return id;
}
