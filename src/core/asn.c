/* SPDX-License-Identifier: MIT */
/* DER by libtasn1. */
#include "core/asn.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "core/native.h"

#define TAG_CLASS   0xc0
#define LENGTH_LONG 0x80 /* X.690 8.1.3.5 */

/* --- Trees ---------------------------------------------------------------------------------- */

/* libtasn1 takes a length that is cut short for the part of it that is there. */
struct asn_part asn_tlv(const void *data, size_t size)
{
    struct asn_part none = {NULL, 0};
    const uint8_t *at = data;
    int header = 0;
    long length;

    if (at == NULL || size < 2 || size > INT_MAX)
        return none;
    length = asn1_get_length_der(at + 1, (int)size - 1, &header);
    if (length < 0 || header < 1 + ((at[1] & LENGTH_LONG) != 0 ? at[1] & ~LENGTH_LONG : 0) ||
        (size_t)length > size - 1 - (size_t)header)
        return none;
    return (struct asn_part){at + 1 + header, (size_t)length};
}

static struct asn_part tlv_filling(struct asn_part whole)
{
    struct asn_part part = asn_tlv(whole.data, whole.size);

    if (part.data != NULL && part.data + part.size != whole.data + whole.size)
        part = (struct asn_part){NULL, 0};
    return part;
}

/* Whoever comes first makes it, and of several at once one; nothing is remembered of a failure. */
static int definitions_get(struct asn_module *module, asn1_node *definitions)
{
    asn1_node made = NULL;
    int code;

    *definitions = atomic_load(&module->definitions);
    if (*definitions != NULL)
        return ASN1_SUCCESS;
    code = asn1_array2tree(module->table, &made, NULL);
    if (code == ASN1_SUCCESS &&
        atomic_compare_exchange_strong(&module->definitions, definitions, made))
        *definitions = made;
    else
        asn1_delete_structure(&made);
    return code;
}

int asn_tree_new(struct asn_module *module, const char *type, asn1_node *tree)
{
    asn1_node definitions;
    int code = definitions_get(module, &definitions);

    *tree = NULL;
    return code == ASN1_SUCCESS ? asn1_create_element(definitions, type, tree) : code;
}

int asn_tree_decode(struct asn_module *module, const char *type, struct asn_part der,
                    asn1_node *tree, char *error)
{
    int size = (int)der.size;
    int code = asn_tree_new(module, type, tree);

    if (code == ASN1_SUCCESS)
        code = asn1_der_decoding2(tree, der.data, &size, ASN1_DECODE_FLAG_STRICT_DER, error);
    if (code == ASN1_SUCCESS && (size_t)size != der.size)
        code = ASN1_DER_ERROR;
    if (code != ASN1_SUCCESS)
        asn_tree_free(tree);
    return code;
}

void asn_tree_free(asn1_node *tree)
{
    asn1_delete_structure2(tree, ASN1_DELETE_FLAG_ZEROIZE);
}

int asn_tree_encode(asn1_node tree, struct blob *der, char *error)
{
    int size = 0;
    int code = asn1_der_coding(tree, "", NULL, &size, error);

    *der = (struct blob){NULL, 0};
    if (code != ASN1_MEM_ERROR || size <= 0)
        return code == ASN1_SUCCESS ? ASN1_GENERIC_ERROR : code;
    der->data = malloc((size_t)size);
    if (der->data == NULL)
        return ASN1_MEM_ALLOC_ERROR;
    code = asn1_der_coding(tree, "", der->data, &size, error);
    der->size = (size_t)size;
    if (code != ASN1_SUCCESS)
        blob_wipe(der);
    return code;
}

struct asn_part asn_tree_element(asn1_node tree, struct asn_part der, const char *path)
{
    int start = 0, end = 0;

    if (asn1_der_decoding_startEnd(tree, der.data, (int)der.size, path, &start, &end) !=
            ASN1_SUCCESS ||
        start < 0 || end < start || (size_t)end >= der.size)
        return (struct asn_part){NULL, 0};
    return (struct asn_part){der.data + start, (size_t)(end - start) + 1};
}

unsigned asn_tree_count(asn1_node tree, const char *path)
{
    int count = 0;

    if (asn1_number_of_elements(tree, path, &count) != ASN1_SUCCESS || count < 0)
        return 0;
    return (unsigned)count;
}

/* --- With statuses -------------------------------------------------------------------------- */

static SECURITY_STATUS status_of(int code, const char *what, const char *error,
                                 SECURITY_STATUS failure)
{
    if (code == ASN1_SUCCESS)
        return SEC_E_OK;
    if (code == ASN1_MEM_ERROR || code == ASN1_MEM_ALLOC_ERROR)
        return SEC_E_INSUFFICIENT_MEMORY;
    native_error_set("%s: %s%s%s", what, asn1_strerror(code), *error != '\0' ? ": " : "", error);
    return failure;
}

SECURITY_STATUS asn_open(struct asn *asn, struct asn_module *module, const char *type,
                         const void *data, size_t size, size_t max)
{
    char error[ASN1_MAX_ERROR_DESCRIPTION_SIZE] = "";
    struct asn_part der = {data, size};
    int code = ASN1_DER_ERROR;

    *asn = (struct asn){NULL, data, size};
    if (size <= max && tlv_filling(der).data != NULL)
        code = asn_tree_decode(module, type, der, &asn->node, error);
    return status_of(code, type, error, SEC_E_INVALID_TOKEN);
}

SECURITY_STATUS asn_new(struct asn *asn, struct asn_module *module, const char *type)
{
    *asn = (struct asn){NULL, NULL, 0};
    return asn_tree_new(module, type, &asn->node) == ASN1_SUCCESS ? SEC_E_OK
                                                                  : SEC_E_INSUFFICIENT_MEMORY;
}

void asn_close(struct asn *asn)
{
    asn_tree_free(&asn->node);
}

/* Where libtasn1 says it stands, an element begins with its EXPLICIT tag. */
struct asn_part asn_contents(const struct asn *asn, const char *path)
{
    struct asn_part whole =
        asn_tree_element(asn->node, (struct asn_part){asn->data, asn->size}, path);
    struct asn_part part = tlv_filling(whole);

    return part.data != NULL && (*whole.data & TAG_CLASS) == ASN1_CLASS_CONTEXT_SPECIFIC
               ? tlv_filling(part)
               : part;
}

unsigned asn_count(const struct asn *asn, const char *path)
{
    return asn_tree_count(asn->node, path);
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

    return status_of(asn_tree_encode(asn->node, der, error), "asn1_der_coding", error,
                     SEC_E_INTERNAL_ERROR);
}
