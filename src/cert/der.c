/* SPDX-License-Identifier: MIT */
/* DER by libtasn1. */
#include "cert/der.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/secret.h"
#include "win/win.h"

/* asn1Parser makes it of pkix.asn. */
extern const asn1_static_node pkix_asn1_tab[];

static struct asn_module pkix = {pkix_asn1_tab, NULL};

/* Far above any real certificate or list; bounds the work that malformed DER can ask for. */
#define DER_MAX (16 * 1024 * 1024)

#define DER_PATH_MAX 128 /* longer than any path of pkix.asn */
#define OID_TEXT_MAX 256

/* --- Reading -------------------------------------------------------------------------------- */

static DWORD error_of(int code)
{
    switch (code) {
    case ASN1_MEM_ERROR:
    case ASN1_MEM_ALLOC_ERROR:
        return ERROR_NOT_ENOUGH_MEMORY;
    case ASN1_TAG_ERROR:
        return CRYPT_E_ASN1_BADTAG;
    case ASN1_DER_OVERFLOW:
        return CRYPT_E_ASN1_EOD;
    default:
        return CRYPT_E_ASN1_CORRUPT;
    }
}

/* What is cut short says so, whatever else libtasn1 finds wrong with it first; a length that is
 * none, it tells by itself. */
static bool is_cut_short(const uint8_t *data, size_t size)
{
    return size < 2 || (data[1] != 0x80 && data[1] != 0xff && asn_tlv(data, size).data == NULL);
}

bool der_open(struct der *der, const char *type, const void *data, size_t size)
{
    char error[ASN1_MAX_ERROR_DESCRIPTION_SIZE];
    int code;

    *der = (struct der){NULL, data, size, 0};
    if (data == NULL || size > DER_MAX)
        return win_fail(data == NULL ? CRYPT_E_ASN1_EOD : CRYPT_E_ASN1_LARGE);
    if (is_cut_short(data, size))
        return win_fail(CRYPT_E_ASN1_EOD);
    code = asn_tree_decode(&pkix, type, (struct asn_part){data, size}, &der->node, error);
    return code == ASN1_SUCCESS || win_fail(error_of(code));
}

void der_close(struct der *der)
{
    asn_tree_free(&der->node);
}

/* Elements that are absent have no value; their place would be wherever the parser stood. */
static bool is_there(const struct der *der, const char *path)
{
    int length = 0;
    int code = asn1_read_value(der->node, path, NULL, &length);

    return code != ASN1_ELEMENT_NOT_FOUND && code != ASN1_VALUE_NOT_FOUND;
}

struct asn_part der_element(const struct der *der, const char *path)
{
    return is_there(der, path)
               ? asn_tree_element(der->node, (struct asn_part){der->data, der->size}, path)
               : (struct asn_part){NULL, 0};
}

bool der_strip(struct asn_part part, struct asn_part *contents)
{
    struct asn_part inside = asn_tlv(part.data, part.size);

    if (inside.data == NULL || inside.data + inside.size != part.data + part.size)
        return false;
    *contents = inside;
    return true;
}

struct asn_part der_contents(const struct der *der, const char *path)
{
    struct asn_part contents = {NULL, 0};

    der_strip(der_element(der, path), &contents);
    return contents;
}

/* libtasn1 takes out of the tree what it did not find. */
bool der_has(const struct der *der, const char *path)
{
    int count = 0;

    return asn1_number_of_elements(der->node, path, &count) == ASN1_SUCCESS;
}

unsigned der_count(const struct der *der, const char *path)
{
    return asn_tree_count(der->node, path);
}

/* --- Writing -------------------------------------------------------------------------------- */

bool der_new(struct der *der, const char *type)
{
    int code;

    *der = (struct der){NULL, NULL, 0, 0};
    code = asn_tree_new(&pkix, type, &der->node);
    return code == ASN1_SUCCESS || win_fail(error_of(code));
}

uint8_t *der_encode(const struct der *der, size_t *size)
{
    char error[ASN1_MAX_ERROR_DESCRIPTION_SIZE];
    struct blob made;
    int code = asn_tree_encode(der->node, &made, error);

    *size = made.size;
    if (code != ASN1_SUCCESS)
        win_fail(code == ASN1_MEM_ALLOC_ERROR ? ERROR_NOT_ENOUGH_MEMORY : CRYPT_E_ASN1_BADARGS);
    return made.data;
}

/* --- The block ------------------------------------------------------------------------------ */

#define ALIGNMENT (sizeof(void *) * 2)

struct arena_piece {
    struct arena_piece *next;
    _Alignas(2 * sizeof(void *)) uint8_t data[];
};

static void *piece_take(struct arena *arena, size_t size)
{
    struct arena_piece *piece = calloc(1, sizeof(*piece) + size);

    if (piece == NULL)
        return NULL;
    piece->next = arena->pieces;
    arena->pieces = piece;
    return piece->data;
}

/* What was decoded may be a key. */
static void pieces_free(struct arena *arena)
{
    while (arena->pieces != NULL) {
        struct arena_piece *piece = arena->pieces;

        arena->pieces = piece->next;
        memory_wipe_free(piece);
    }
}

void *arena_take(struct arena *arena, size_t size)
{
    void *taken;

    size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (arena->block == NULL)
        taken = piece_take(arena, size);
    else
        taken = size > arena->size - arena->used ? NULL : arena->block + arena->used;
    arena->used += size;
    if (taken == NULL)
        win_fail(ERROR_NOT_ENOUGH_MEMORY);
    return taken;
}

bool arena_measure(bool (*fill)(struct arena *arena, const void *input), const void *input,
                   size_t *size)
{
    struct arena counting = {NULL, 0, 0, NULL};
    bool filled = fill(&counting, input);

    pieces_free(&counting);
    *size = counting.used;
    return filled;
}

bool arena_fill(bool (*fill)(struct arena *arena, const void *input), const void *input,
                void *block, size_t size)
{
    struct arena arena = {block, size, 0, NULL};

    memset(block, 0, size);
    return fill(&arena, input);
}

void *arena_build(bool (*fill)(struct arena *arena, const void *input), const void *input,
                  size_t *size)
{
    size_t needed;
    void *block;

    if (!arena_measure(fill, input, &needed))
        return NULL;
    block = malloc(needed);
    if (block == NULL) {
        win_fail(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    if (!arena_fill(fill, input, block, needed)) {
        free(block);
        return NULL;
    }
    if (size != NULL)
        *size = needed;
    return block;
}

char *arena_text(struct arena *arena, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = arena_take(arena, size);

    return copy == NULL ? NULL : memcpy(copy, text, size);
}

static bool number_turn(struct arena *arena, struct asn_part part, CRYPT_INTEGER_BLOB *blob)
{
    blob->pbData = arena_take(arena, part.size);
    blob->cbData = (DWORD)part.size;
    for (size_t i = 0; blob->pbData != NULL && i < part.size; i++)
        blob->pbData[i] = part.data[part.size - 1 - i];
    return blob->pbData != NULL;
}

/* Leading octets that only carry the sign go: Windows shows a number's significant ones. */
bool arena_integer(struct arena *arena, struct asn_part part, CRYPT_INTEGER_BLOB *blob)
{
    while (part.size > 1 && ((part.data[0] == 0 && !(part.data[1] & 0x80)) ||
                             (part.data[0] == 0xff && (part.data[1] & 0x80)))) {
        part.data++;
        part.size--;
    }
    return number_turn(arena, part, blob);
}

/* Here no octet carries a sign, and ff in front is a part of the number. */
bool arena_unsigned(struct arena *arena, struct asn_part part, CRYPT_UINT_BLOB *blob)
{
    while (part.size > 1 && part.data[0] == 0) {
        part.data++;
        part.size--;
    }
    return number_turn(arena, part, blob);
}

/* --- Fields that many structures have ------------------------------------------------------- */

bool der_oid(const struct der *der, const char *path, struct arena *arena, char **text)
{
    char value[OID_TEXT_MAX];
    int size = sizeof(value);

    if (asn1_read_value(der->node, path, value, &size) != ASN1_SUCCESS)
        return win_fail(CRYPT_E_ASN1_CORRUPT);
    *text = arena_text(arena, value);
    return *text != NULL;
}

static BYTE *octets(struct asn_part part)
{
    return (BYTE *)(uintptr_t)part.data; /* Windows' blobs are not const */
}

/* X.690 8.6.2: the first octet counts the unused bits of the last. */
bool der_part_bits(struct asn_part part, CRYPT_BIT_BLOB *blob)
{
    if (part.size < 1 || part.data[0] > 7 || (part.size == 1 && part.data[0] != 0))
        return win_fail(CRYPT_E_ASN1_CORRUPT);
    blob->cbData = (DWORD)part.size - 1;
    blob->pbData = blob->cbData == 0 ? NULL : octets(part) + 1;
    blob->cUnusedBits = part.data[0];
    return true;
}

/* 1601 to 1970, in seconds; and ticks of 100 ns to one. */
#define FILETIME_EPOCH INT64_C(11644473600)
#define FILETIME_TICKS 10000000

/* RFC 5280 4.1.2.5: to the second, in Zulu time; two digits of a year mean 1950 to 2049. */
static bool time_parse(const char *text, bool short_year, struct tm *tm)
{
    int used = 0, year;

    memset(tm, 0, sizeof(*tm));
    for (const char *at = text; *at != '\0'; at++)
        if ((*at < '0' || *at > '9') && !(*at == 'Z' && at[1] == '\0'))
            return false;
    if (sscanf(text, short_year ? "%2d%2d%2d%2d%2d%2dZ%n" : "%4d%2d%2d%2d%2d%2dZ%n", &year,
               &tm->tm_mon, &tm->tm_mday, &tm->tm_hour, &tm->tm_min, &tm->tm_sec, &used) != 6 ||
        strlen(text) != (short_year ? 13U : 15U) || used != (short_year ? 13 : 15))
        return false;
    if (short_year)
        year += year < 50 ? 2000 : 1900;
    tm->tm_year = year - 1900;
    tm->tm_mon--;
    return tm->tm_mon >= 0 && tm->tm_mon < 12 && tm->tm_mday >= 1 && tm->tm_mday <= 31 &&
           tm->tm_hour < 24 && tm->tm_min < 60 && tm->tm_sec < 60;
}

static bool time_read(const struct der *der, const char *path, bool short_year, FILETIME *time)
{
    char text[32];
    int size = sizeof(text);
    struct tm tm;
    uint64_t ticks;

    if (asn1_read_value(der->node, path, text, &size) != ASN1_SUCCESS ||
        !time_parse(text, short_year, &tm))
        return win_fail(CRYPT_E_ASN1_CORRUPT);
    ticks = (uint64_t)((int64_t)timegm(&tm) + FILETIME_EPOCH) * FILETIME_TICKS;
    time->dwLowDateTime = (DWORD)ticks;
    time->dwHighDateTime = (DWORD)(ticks >> 32);
    return true;
}

bool der_utc_time(const struct der *der, const char *path, FILETIME *time)
{
    return time_read(der, path, true, time);
}

bool der_time(const struct der *der, const char *path, FILETIME *time)
{
    char name[DER_PATH_MAX], choice[16];
    int size = sizeof(choice);

    if (asn1_read_value(der->node, path, choice, &size) != ASN1_SUCCESS)
        return win_fail(CRYPT_E_ASN1_CORRUPT);
    snprintf(name, sizeof(name), "%s%s%s", path, *path == '\0' ? "" : ".", choice);
    return time_read(der, name, strcmp(choice, "utcTime") == 0, time);
}

/* In an empty SEQUENCE libtasn1 has not even the default. */
bool der_boolean(const struct der *der, const char *path)
{
    char truth[8] = "";
    int size = sizeof(truth);

    return asn1_read_value(der->node, path, truth, &size) == ASN1_SUCCESS &&
           strcmp(truth, "TRUE") == 0;
}
