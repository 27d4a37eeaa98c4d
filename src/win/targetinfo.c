/* SPDX-License-Identifier: MIT */
/*
 * CREDENTIAL_TARGET_INFORMATION as text: 1UWhRC... behind a target's name. There is no
 * specification of it; what follows is read from such texts as Windows' SMB client makes them:
 *
 *   38 characters  28 octets, see struct head
 *   the names      as they are, without terminators, in the structure's order
 *   the types      of credentials, octets again
 *   6 characters   4 octets: the size of all of this, counted in octets of UTF-16
 *
 * Octets become characters six bits at a time, the lowest first, as in CredMarshalCredential().
 * Where the types stand, which no text at hand has, is taken from the structure's order.
 */
#include <ntsecpkg.h>
#include <ntstatus.h>
#include <stdlib.h>
#include <string.h>

#include "win/win.h"

#define MAGIC      0x91856535U
#define NAME_COUNT 7
#define BITS       6U

/* Six bits each; the last has what is left. */
#define CHARACTERS(octets) (((octets)*8U + BITS - 1) / BITS)

struct head {
    uint32_t magic, flags, type_count;
    uint16_t name_sizes[NAME_COUNT]; /* in octets */
    uint16_t padding;
};

_Static_assert(sizeof(struct head) == 28 && CHARACTERS(sizeof(struct head)) == 38,
               "no room between the members");

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789#-";

/* The names of a structure in their order. */
static LPWSTR *name_at(CREDENTIAL_TARGET_INFORMATIONW *info, unsigned index)
{
    LPWSTR *const names[NAME_COUNT] = {&info->TargetName,    &info->NetbiosServerName,
                                       &info->DnsServerName, &info->NetbiosDomainName,
                                       &info->DnsDomainName, &info->DnsTreeName,
                                       &info->PackageName};

    return names[index];
}

/* --- Octets and characters ------------------------------------------------------------------ */

static USHORT *octets_write(const void *data, size_t size, USHORT *to)
{
    const uint8_t *octets = data;
    uint32_t held = 0;
    unsigned count = 0;

    for (size_t i = 0; i < size; i++) {
        held |= (uint32_t)octets[i] << count;
        for (count += 8; count >= BITS; count -= BITS, held >>= BITS)
            *to++ = (USHORT)alphabet[held % 64];
    }
    if (count != 0)
        *to++ = (USHORT)alphabet[held % 64];
    return to;
}

static bool octets_read(const USHORT *from, void *data, size_t size)
{
    uint8_t *octets = data;
    uint32_t held = 0;
    unsigned count = 0;

    for (size_t i = 0, done = 0; i < CHARACTERS(size); i++) {
        const char *at = from[i] != 0 && from[i] < 128 ? strchr(alphabet, (char)from[i]) : NULL;

        if (at == NULL)
            return false;
        held |= (uint32_t)(at - alphabet) << count;
        count += BITS;
        if (count < 8 || done == size)
            continue;
        octets[done++] = (uint8_t)held;
        held >>= 8;
        count -= 8;
    }
    return true;
}

/* --- To text -------------------------------------------------------------------------------- */

static size_t length_of(const WCHAR *text)
{
    size_t length = 0;

    while (text != NULL && text[length] != 0 && length <= UINT16_MAX)
        length++;
    return length;
}

static NTSTATUS head_fill(struct head *head, CREDENTIAL_TARGET_INFORMATIONW *info)
{
    *head = (struct head){.magic = MAGIC, .flags = info->Flags, .type_count = info->CredTypeCount};
    for (unsigned i = 0; i < NAME_COUNT; i++) {
        size_t size = length_of(*name_at(info, i)) * sizeof(WCHAR);

        if (size > UINT16_MAX)
            return STATUS_NAME_TOO_LONG;
        head->name_sizes[i] = (uint16_t)size;
    }
    return STATUS_SUCCESS;
}

/* Octets of UTF-16 of the whole text. */
static uint64_t head_size(const struct head *head)
{
    uint64_t units = CHARACTERS(sizeof(*head)) + CHARACTERS(4ULL * head->type_count) +
                     CHARACTERS(sizeof(uint32_t));
    uint64_t names = 0;

    for (unsigned i = 0; i < NAME_COUNT; i++)
        names += head->name_sizes[i];
    return units * sizeof(USHORT) + names;
}

static void info_write(const struct head *head, CREDENTIAL_TARGET_INFORMATIONW *info, uint32_t size,
                       USHORT *to)
{
    to = octets_write(head, sizeof(*head), to);
    for (unsigned i = 0; i < NAME_COUNT; to += head->name_sizes[i++] / sizeof(*to))
        if (head->name_sizes[i] != 0)
            memcpy(to, *name_at(info, i), head->name_sizes[i]);
    to = octets_write(info->CredTypes, 4ULL * head->type_count, to);
    to = octets_write(&size, sizeof(size), to);
    *to = 0;
}

WIN_API NTSTATUS NTAPI CredMarshalTargetInfo(PCREDENTIAL_TARGET_INFORMATIONW InTargetInfo,
                                             PUSHORT *Buffer, PULONG BufferSize)
{
    struct head head;
    uint64_t size;
    NTSTATUS status;

    if (InTargetInfo == NULL || Buffer == NULL || BufferSize == NULL ||
        (InTargetInfo->CredTypes == NULL && InTargetInfo->CredTypeCount != 0))
        return STATUS_INVALID_PARAMETER;
    status = head_fill(&head, InTargetInfo);
    if (status != STATUS_SUCCESS)
        return status;
    size = head_size(&head);
    if (size > INT32_MAX || (*Buffer = malloc(size + sizeof(USHORT))) == NULL)
        return STATUS_NO_MEMORY;
    info_write(&head, InTargetInfo, (uint32_t)size, *Buffer);
    *BufferSize = (ULONG)size;
    return STATUS_SUCCESS;
}

/* --- From text ------------------------------------------------------------------------------ */

/* A name with a NUL in it would end sooner than it says. */
static bool names_whole(const struct head *head, const USHORT *names)
{
    for (unsigned i = 0; i < NAME_COUNT; i++) {
        size_t units = head->name_sizes[i] / sizeof(*names);

        if (head->name_sizes[i] % sizeof(*names) != 0)
            return false;
        while (units-- != 0)
            if (*names++ == 0)
                return false;
    }
    return true;
}

/* Finds the text that ends where the buffer does: its beginning, and its head; NULL: none. */
static const USHORT *text_find(const USHORT *buffer, size_t units, struct head *head)
{
    const size_t tail = CHARACTERS(sizeof(uint32_t)), fixed = CHARACTERS(sizeof(*head)) + tail;
    uint32_t size;

    if (units < fixed || !octets_read(buffer + units - tail, &size, sizeof(size)) ||
        size % sizeof(*buffer) != 0 || size / sizeof(*buffer) < fixed ||
        size / sizeof(*buffer) > units)
        return NULL;
    buffer += units - size / sizeof(*buffer);
    if (!octets_read(buffer, head, sizeof(*head)) || head->magic != MAGIC ||
        head_size(head) != size || !names_whole(head, buffer + CHARACTERS(sizeof(*head))))
        return NULL;
    return buffer;
}

/* The structure, then the types, then the names, in one allocation; NULL without memory. */
static CREDENTIAL_TARGET_INFORMATIONW *info_new(const struct head *head)
{
    size_t size = sizeof(CREDENTIAL_TARGET_INFORMATIONW) + sizeof(DWORD) * head->type_count;
    CREDENTIAL_TARGET_INFORMATIONW *info;

    for (unsigned i = 0; i < NAME_COUNT; i++)
        size += head->name_sizes[i] + sizeof(WCHAR);
    info = calloc(1, size);
    if (info != NULL) {
        info->Flags = head->flags;
        info->CredTypeCount = head->type_count;
        info->CredTypes = head->type_count == 0 ? NULL : (DWORD *)(info + 1);
    }
    return info;
}

static bool info_read(const struct head *head, const USHORT *text,
                      CREDENTIAL_TARGET_INFORMATIONW *info)
{
    WCHAR *room = (WCHAR *)((DWORD *)(info + 1) + head->type_count);

    text += CHARACTERS(sizeof(*head));
    for (unsigned i = 0; i < NAME_COUNT; i++) {
        size_t units = head->name_sizes[i] / sizeof(*text);

        if (units == 0)
            continue;
        *name_at(info, i) = memcpy(room, text, head->name_sizes[i]);
        room += units + 1;
        text += units;
    }
    return octets_read(text, info->CredTypes, sizeof(DWORD) * head->type_count);
}

WIN_API NTSTATUS NTAPI CredUnmarshalTargetInfo(PUSHORT Buffer, ULONG BufferSize,
                                               PCREDENTIAL_TARGET_INFORMATIONW *RetTargetInfo,
                                               PULONG RetActualSize)
{
    CREDENTIAL_TARGET_INFORMATIONW *info;
    struct head head;
    const USHORT *text = Buffer == NULL || BufferSize % sizeof(*Buffer) != 0
                             ? NULL
                             : text_find(Buffer, BufferSize / sizeof(*Buffer), &head);

    if (text == NULL)
        return STATUS_INVALID_PARAMETER;
    info = info_new(&head);
    if (info == NULL)
        return STATUS_NO_MEMORY;
    if (!info_read(&head, text, info)) {
        free(info);
        return STATUS_INVALID_PARAMETER;
    }
    if (RetTargetInfo != NULL)
        *RetTargetInfo = info;
    else
        free(info);
    if (RetActualSize != NULL)
        *RetActualSize = (ULONG)head_size(&head);
    return STATUS_SUCCESS;
}
