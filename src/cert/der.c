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

/* What is cut short says so, whatever else libtasn1 finds wrong with it first. */
static bool is_cut_short(const uint8_t *data, size_t size)
{
    int header = 0;
    long length;

    /* libtasn1 takes the octets of a length that are there, be they too few. */
    if (size < 2 || (data[1] > 0x80 && size < 2 + (data[1] & 0x7fU)))
        return true;
    length = asn1_get_length_der(data + 1, (int)size - 1, &header);
    return length == -4 || (length >= 0 && (size_t)length > size - 1 - (size_t)header);
}

static int node_decode(struct der *der, const char *type, asn1_node definitions)
{
    char error[ASN1_MAX_ERROR_DESCRIPTION_SIZE];
    int size = (int)der->size;
    int code = asn1_create_element(definitions, type, &der->node);

    if (code == ASN1_SUCCESS)
        code = asn1_der_decoding2(&der->node, der->data, &size, ASN1_DECODE_FLAG_STRICT_DER, error);
    return code == ASN1_SUCCESS && (size_t)size != der->size ? ASN1_DER_ERROR : code;
}

bool der_open(struct der *der, const char *type, const void *data, size_t size)
{
    asn1_node definitions = NULL;
    int code;

    *der = (struct der){NULL, data, size, 0};
    if (data == NULL || size > DER_MAX)
        return win_fail(data == NULL ? CRYPT_E_ASN1_EOD : CRYPT_E_ASN1_LARGE);
    if (is_cut_short(data, size))
        return win_fail(CRYPT_E_ASN1_EOD);
    code = asn1_array2tree(pkix_asn1_tab, &definitions, NULL);
    if (code == ASN1_SUCCESS)
        code = node_decode(der, type, definitions);
    asn1_delete_structure(&definitions);
    if (code == ASN1_SUCCESS)
        return true;
    der_close(der);
    return win_fail(error_of(code));
}

void der_close(struct der *der)
{
    asn1_delete_structure2(&der->node, ASN1_DELETE_FLAG_ZEROIZE); /* a key may be in it */
}

/* Elements that are absent have no value; their place would be wherever the parser stood. */
static bool is_there(const struct der *der, const char *path)
{
    int length = 0;
    int code = asn1_read_value(der->node, path, NULL, &length);

    return code != ASN1_ELEMENT_NOT_FOUND && code != ASN1_VALUE_NOT_FOUND;
}

struct der_part der_element(const struct der *der, const char *path)
{
    int start = 0, end = 0;

    if (!is_there(der, path) ||
        asn1_der_decoding_startEnd(der->node, der->data, (int)der->size, path, &start, &end) !=
            ASN1_SUCCESS ||
        start < 0 || end < start || (size_t)end >= der->size)
        return (struct der_part){NULL, 0};
    return (struct der_part){der->data + start, (size_t)(end - start) + 1};
}

bool der_strip(struct der_part part, struct der_part *contents)
{
    int header = 0;
    long length;

    if (part.data == NULL || part.size < 2 || part.size > INT_MAX)
        return false;
    length = asn1_get_length_der(part.data + 1, (int)part.size - 1, &header);
    if (length < 0 || (size_t)length + (size_t)header + 1 != part.size)
        return false;
    *contents = (struct der_part){part.data + 1 + header, (size_t)length};
    return true;
}

struct der_part der_contents(const struct der *der, const char *path)
{
    struct der_part contents = {NULL, 0};

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
    int count = 0;

    if (asn1_number_of_elements(der->node, path, &count) != ASN1_SUCCESS || count < 0)
        return 0;
    return (unsigned)count;
}

/* --- Writing -------------------------------------------------------------------------------- */

bool der_new(struct der *der, const char *type)
{
    asn1_node definitions = NULL;
    int code = asn1_array2tree(pkix_asn1_tab, &definitions, NULL);

    *der = (struct der){NULL, NULL, 0, 0};
    if (code == ASN1_SUCCESS)
        code = asn1_create_element(definitions, type, &der->node);
    asn1_delete_structure(&definitions);
    return code == ASN1_SUCCESS || win_fail(error_of(code));
}

uint8_t *der_encode(const struct der *der, size_t *size)
{
    int needed = 0;
    int code = asn1_der_coding(der->node, "", NULL, &needed, NULL);
    uint8_t *data = NULL;

    if (code == ASN1_MEM_ERROR && needed > 0) {
        data = malloc((size_t)needed);
        code = data == NULL ? ASN1_MEM_ALLOC_ERROR
                            : asn1_der_coding(der->node, "", data, &needed, NULL);
    }
    if (code == ASN1_SUCCESS && data != NULL) {
        *size = (size_t)needed;
        return data;
    }
    free(data);
    win_fail(code == ASN1_MEM_ALLOC_ERROR ? ERROR_NOT_ENOUGH_MEMORY : CRYPT_E_ASN1_BADARGS);
    return NULL;
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

/* Leading octets that only carry the sign go: Windows shows a number's significant ones. */
bool arena_integer(struct arena *arena, struct der_part part, CRYPT_INTEGER_BLOB *blob)
{
    while (part.size > 1 && ((part.data[0] == 0 && !(part.data[1] & 0x80)) ||
                             (part.data[0] == 0xff && (part.data[1] & 0x80)))) {
        part.data++;
        part.size--;
    }
    blob->pbData = arena_take(arena, part.size);
    blob->cbData = (DWORD)part.size;
    for (size_t i = 0; blob->pbData != NULL && i < part.size; i++)
        blob->pbData[i] = part.data[part.size - 1 - i];
    return blob->pbData != NULL;
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

static BYTE *octets(struct der_part part)
{
    return (BYTE *)(uintptr_t)part.data; /* Windows' blobs are not const */
}

/* X.690 8.6.2: the first octet counts the unused bits of the last. */
bool der_part_bits(struct der_part part, CRYPT_BIT_BLOB *blob)
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
