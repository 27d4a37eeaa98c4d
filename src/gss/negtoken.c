/* SPDX-License-Identifier: MIT */
/* SPNEGO tokens by libtasn1. */
#include "gss/negtoken.h"

#include <libtasn1.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "core/asn.h"
#include "gss/oid.h"

/* asn1Parser makes it of spnego.asn. */
extern const asn1_static_node spnego_asn1_tab[];

static struct asn_module spnego = {spnego_asn1_tab, NULL};

/* Far above any real token; bounds the work that malformed DER can ask for. */
#define NEGTOKEN_SIZE_MAX 65536

#define TAG_INITIAL_TOKEN  0x60
#define TAG_OID            0x06
#define TAG_NEG_INIT       0xa0
#define TAG_NEG_RESP       0xa1
#define NEG_STATE_REJECT   2
#define KRB5_TOKEN_ERROR   "\x03\x00" /* RFC 4121 4.1 */
#define KRB5_TOKEN_ID_SIZE 2

bool negtoken_is_ntlm(const void *token, size_t size)
{
    static const char signature[8] = "NTLMSSP";

    return size >= sizeof(signature) && memcmp(token, signature, sizeof(signature)) == 0;
}

/* The contents of a TLV with this tag at the start of data; NULL when it is not there. */
static const unsigned char *tlv_open(const unsigned char *data, size_t size, unsigned char tag,
                                     size_t *contents)
{
    struct asn_part part = asn_tlv(data, size);

    if (part.data == NULL || data[0] != tag)
        return NULL;
    *contents = part.size;
    return part.data;
}

/* The bytes after the mechanism's OID in an initial token of that mechanism. */
static const unsigned char *frame_open(const void *token, size_t size, const gss_OID_desc *mech,
                                       size_t *inner)
{
    size_t body, oid;
    const unsigned char *at = tlv_open(token, size, TAG_INITIAL_TOKEN, &body);
    const unsigned char *id = at == NULL ? NULL : tlv_open(at, body, TAG_OID, &oid);

    if (id == NULL || oid != mech->length || memcmp(id, mech->elements, oid) != 0)
        return NULL;
    *inner = body - (size_t)(id + oid - at);
    return id + oid;
}

bool negtoken_is_spnego(const void *token, size_t size)
{
    size_t inner;
    unsigned char tag = size == 0 ? 0 : *(const unsigned char *)token;

    return tag == TAG_NEG_INIT || tag == TAG_NEG_RESP ||
           frame_open(token, size, oid_spnego, &inner) != NULL;
}

static bool field_read(asn1_node node, const char *field, struct blob *out)
{
    int size = 0;

    if (asn1_read_value(node, field, NULL, &size) != ASN1_MEM_ERROR || size <= 0)
        return false;
    out->data = malloc((size_t)size);
    out->size = (size_t)size;
    if (out->data == NULL)
        return false;
    if (asn1_read_value(node, field, out->data, &size) == ASN1_SUCCESS)
        return true;
    blob_wipe(out);
    return false;
}

/* A SPNEGO token; the node is to be deleted, also after a failure. */
static bool negtoken_decode(const void *token, size_t size, asn1_node *node)
{
    const unsigned char *der;

    *node = NULL;
    if (size > NEGTOKEN_SIZE_MAX)
        return false;
    der = frame_open(token, size, oid_spnego, &size);
    if (der == NULL)
        der = token;
    return asn_tree_new(&spnego, "SPNEGO.NegotiationToken", node) == ASN1_SUCCESS &&
           asn1_der_decoding(node, der, (int)size, NULL) == ASN1_SUCCESS;
}

bool negtoken_inner(const void *token, size_t size, struct blob *inner)
{
    asn1_node node;
    bool found;

    inner->data = NULL;
    inner->size = 0;
    found = negtoken_decode(token, size, &node) &&
            (field_read(node, "negTokenInit.mechToken", inner) ||
             field_read(node, "negTokenResp.responseToken", inner));
    asn1_delete_structure(&node);
    return found;
}

bool negtoken_is_reject(const void *token, size_t size)
{
    asn1_node node;
    struct blob state;
    bool reject = false;

    if (negtoken_decode(token, size, &node) && field_read(node, "negTokenResp.negState", &state)) {
        reject = state.size == 1 && *(const unsigned char *)state.data == NEG_STATE_REJECT;
        blob_wipe(&state);
    }
    asn1_delete_structure(&node);
    return reject;
}

/* The peer may say any number; behind those of RFC 4120 7.5.9 libkrb5 has its own codes. */
static krb5_error_code code_of_number(krb5_ui_4 number)
{
    return number < (krb5_ui_4)(KRB5_ERR_RCSID - ERROR_TABLE_BASE_krb5)
               ? ERROR_TABLE_BASE_krb5 + (krb5_error_code)number
               : KRB5KRB_ERR_GENERIC;
}

krb5_error_code negtoken_krb5_error(const void *token, size_t size)
{
    size_t inner;
    const unsigned char *at = frame_open(token, size, oid_krb5, &inner);
    krb5_context context = NULL;
    krb5_error *error = NULL;
    krb5_data der;
    krb5_error_code code = 0;

    if (at == NULL || inner < KRB5_TOKEN_ID_SIZE ||
        memcmp(at, KRB5_TOKEN_ERROR, KRB5_TOKEN_ID_SIZE) != 0 || krb5_init_context(&context) != 0)
        return 0;
    der.magic = KV5M_DATA;
    der.length = (unsigned)(inner - KRB5_TOKEN_ID_SIZE);
    der.data = (char *)(uintptr_t)(at + KRB5_TOKEN_ID_SIZE);
    if (krb5_rd_error(context, &der, &error) == 0) {
        code = code_of_number(error->error);
        krb5_free_error(context, error);
    }
    krb5_free_context(context);
    return code;
}
