/* SPDX-License-Identifier: MIT */
/* DER by libtasn1. */
#include "core/asn.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "core/native.h"

#define TAG_CLASS   0xc0
#define LENGTH_LONG 0x80 /* X.690 8.1.3.5 */

static SECURITY_STATUS status_of(int code, const char *type, const char *error)
{
    if (code == ASN1_MEM_ERROR || code == ASN1_MEM_ALLOC_ERROR)
        return SEC_E_INSUFFICIENT_MEMORY;
    native_error_set("%s: %s%s%s", type, asn1_strerror(code), *error != '\0' ? ": " : "", error);
    return SEC_E_INVALID_TOKEN;
}

/*
 * What is inside a TLV that fills size octets. libtasn1 takes a length that is cut short for the
 * part of it that is there, and such a SEQUENCE for one without contents.
 */
static struct asn_part tlv_open(const uint8_t *at, size_t size)
{
    int header = 0;
    long length = size < 2 ? -1 : asn1_get_length_der(at + 1, (int)size - 1, &header);

    if (length < 0 || header < 1 + (at[1] & LENGTH_LONG ? at[1] & ~LENGTH_LONG : 0) ||
        (size_t)length + (size_t)header + 1 != size)
        return (struct asn_part){NULL, 0};
    return (struct asn_part){at + 1 + header, (size_t)length};
}

static int node_new(struct asn *asn, const asn1_static_node *table, const char *type)
{
    asn1_node definitions = NULL;
    int code = asn1_array2tree(table, &definitions, NULL);

    if (code == ASN1_SUCCESS)
        code = asn1_create_element(definitions, type, &asn->node);
    asn1_delete_structure(&definitions);
    return code;
}

static int node_decode(struct asn *asn, char *error)
{
    int size = (int)asn->size;
    int code = asn1_der_decoding2(&asn->node, asn->data, &size, ASN1_DECODE_FLAG_STRICT_DER, error);

    return code == ASN1_SUCCESS && (size_t)size != asn->size ? ASN1_DER_ERROR : code;
}

SECURITY_STATUS asn_open(struct asn *asn, const asn1_static_node *table, const char *type,
                         const void *data, size_t size, size_t max)
{
    char error[ASN1_MAX_ERROR_DESCRIPTION_SIZE] = "";
    int code;

    *asn = (struct asn){NULL, data, size};
    if (size > max || size > INT_MAX || tlv_open(data, size).data == NULL)
        return status_of(ASN1_DER_ERROR, type, error);
    code = node_new(asn, table, type);
    if (code == ASN1_SUCCESS)
        code = node_decode(asn, error);
    if (code == ASN1_SUCCESS)
        return SEC_E_OK;
    asn_close(asn);
    return status_of(code, type, error);
}

SECURITY_STATUS asn_new(struct asn *asn, const asn1_static_node *table, const char *type)
{
    *asn = (struct asn){NULL, NULL, 0};
    return node_new(asn, table, type) == ASN1_SUCCESS ? SEC_E_OK : SEC_E_INSUFFICIENT_MEMORY;
}

void asn_close(struct asn *asn)
{
    asn1_delete_structure2(&asn->node, ASN1_DELETE_FLAG_ZEROIZE);
}

/* Where libtasn1 says it stands, an element begins with its EXPLICIT tag. */
struct asn_part asn_contents(const struct asn *asn, const char *path)
{
    int start = 0, end = 0;
    const uint8_t *at;
    struct asn_part part = {NULL, 0};

    if (asn1_der_decoding_startEnd(asn->node, asn->data, (int)asn->size, path, &start, &end) !=
            ASN1_SUCCESS ||
        start < 0 || end < start || (size_t)end >= asn->size)
        return part;
    at = asn->data + start;
    part = tlv_open(at, (size_t)(end - start) + 1);
    return part.data != NULL && (*at & TAG_CLASS) == ASN1_CLASS_CONTEXT_SPECIFIC
               ? tlv_open(part.data, part.size)
               : part;
}

unsigned asn_count(const struct asn *asn, const char *path)
{
    int count = 0;

    if (asn1_number_of_elements(asn->node, path, &count) != ASN1_SUCCESS || count < 0)
        return 0;
    return (unsigned)count;
}

bool asn_uint32(const struct asn *asn, const char *path, uint32_t *value)
{
    struct asn_part part = asn_contents(asn, path);
    const uint8_t *at = part.data;
    uint32_t sum;

    if (at == NULL || part.size == 0 || part.size > 5 || (part.size == 5 && at[0] != 0))
        return false;
    sum = (at[0] & 0x80) != 0 ? UINT32_MAX : 0;
    for (size_t i = 0; i < part.size; i++)
        sum = sum << 8 | at[i];
    *value = sum;
    return true;
}

bool asn_put(const struct asn *asn, const char *path, const void *data, size_t size)
{
    return size <= INT_MAX &&
           asn1_write_value(asn->node, path, size == 0 ? "" : data, (int)size) == ASN1_SUCCESS;
}

/* libtasn1 drops what a shortest INTEGER does without. */
bool asn_put_uint32(const struct asn *asn, const char *path, uint32_t value)
{
    const uint8_t octets[] = {0, (uint8_t)(value >> 24), (uint8_t)(value >> 16),
                              (uint8_t)(value >> 8), (uint8_t)value};

    return asn_put(asn, path, octets, sizeof(octets));
}

bool asn_omit(const struct asn *asn, const char *path)
{
    return asn1_write_value(asn->node, path, NULL, 0) == ASN1_SUCCESS;
}

bool asn_append(const struct asn *asn, const char *path)
{
    return asn1_write_value(asn->node, path, "NEW", 1) == ASN1_SUCCESS;
}

SECURITY_STATUS asn_encode(const struct asn *asn, struct blob *der)
{
    char error[ASN1_MAX_ERROR_DESCRIPTION_SIZE] = "";
    int size = 0;
    int code = asn1_der_coding(asn->node, "", NULL, &size, error);

    *der = (struct blob){NULL, 0};
    if (code != ASN1_MEM_ERROR || size <= 0)
        return SEC_E_INTERNAL_ERROR;
    der->data = malloc((size_t)size);
    if (der->data == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    code = asn1_der_coding(asn->node, "", der->data, &size, error);
    der->size = (size_t)size;
    if (code == ASN1_SUCCESS)
        return SEC_E_OK;
    blob_wipe(der);
    native_error_set("asn1_der_coding: %s: %s", asn1_strerror(code), error);
    return SEC_E_INTERNAL_ERROR;
}
