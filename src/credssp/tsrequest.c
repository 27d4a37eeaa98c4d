/* SPDX-License-Identifier: MIT */
/* TSRequest by libtasn1. [MS-CSSP] 2.2.1 */
#include "credssp/tsrequest.h"

#include <stddef.h>

#include "core/native.h"
#include "credssp/module.h"

extern const asn1_static_node credssp_asn1_tab[]; /* asn1Parser makes it of credssp.asn */

struct asn_module credssp_module = {credssp_asn1_tab, NULL};

#define TAG_SEQUENCE      0x30
#define LENGTH_LONG       0x80U /* X.690 8.1.3.5 */
#define LENGTH_OCTETS_MAX 3U    /* TSREQUEST_MAX needs no more */

/* The octet strings of a message that may be absent. */
static const struct {
    const char *path;
    size_t offset;
} parts[] = {
    {"authInfo", offsetof(struct tsrequest, auth_info)},
    {"pubKeyAuth", offsetof(struct tsrequest, pubkey_auth)},
    {"clientNonce", offsetof(struct tsrequest, nonce)},
};

#define PART_COUNT (sizeof(parts) / sizeof(parts[0]))

static SECURITY_STATUS refuse(const char *why)
{
    native_error_set("TSRequest: %s", why);
    return SEC_E_INVALID_TOKEN;
}

SECURITY_STATUS tsrequest_frame(const void *data, size_t size, size_t *frame)
{
    const uint8_t *at = data;
    unsigned more;
    size_t length;

    *frame = 0;
    if (size >= 1 && at[0] != TAG_SEQUENCE)
        return refuse("it does not begin with a SEQUENCE");
    if (size < 2)
        return SEC_E_OK;
    more = at[1] & LENGTH_LONG ? at[1] & ~LENGTH_LONG : 0;
    if (at[1] == LENGTH_LONG || more > LENGTH_OCTETS_MAX)
        return refuse("its length is indefinite, or has too many octets");
    if (size < 2 + more)
        return SEC_E_OK;
    length = more == 0 ? at[1] : 0;
    for (unsigned i = 0; i < more; i++)
        length = length << 8 | at[2 + i];
    if (length > TSREQUEST_MAX - 2 - more)
        return refuse("it is too large");
    *frame = 2 + more + length;
    return SEC_E_OK;
}

/* --- Reading -------------------------------------------------------------------------------- */

static struct asn_part *part_of(struct tsrequest *request, unsigned i)
{
    return (struct asn_part *)((char *)request + parts[i].offset);
}

static SECURITY_STATUS fields_read(struct tsrequest *request, const struct asn *asn)
{
    unsigned tokens = asn_count(asn, "negoTokens");
    struct asn_part error = asn_contents(asn, "errorCode");

    if (!asn_uint32(asn, "version", &request->version) || request->version > INT32_MAX)
        return refuse("its version is no version");
    if (asn_contents(asn, "negoTokens").data != NULL && tokens != 1)
        return refuse("it has not one token but another number of them");
    if (tokens == 1)
        request->token = asn_contents(asn, "negoTokens.?1.negoToken");
    if (tokens == 1 && request->token.data == NULL)
        return refuse("it has a token that is not there");
    for (unsigned i = 0; i < PART_COUNT; i++)
        *part_of(request, i) = asn_contents(asn, parts[i].path);
    request->failed = error.data != NULL;
    if (request->failed && !asn_uint32(asn, "errorCode", &request->error))
        return refuse("its error code has more than 32 bits");
    return SEC_E_OK;
}

SECURITY_STATUS tsrequest_decode(struct tsrequest *request, const void *data, size_t size)
{
    struct asn asn;
    SECURITY_STATUS status =
        asn_open(&asn, &credssp_module, "CREDSSP.TSRequest", data, size, TSREQUEST_MAX);

    *request = (struct tsrequest){0};
    if (status != SEC_E_OK)
        return status;
    status = fields_read(request, &asn);
    asn_close(&asn);
    if (status == SEC_E_OK && request->nonce.data != NULL &&
        request->nonce.size != TSREQUEST_NONCE_SIZE)
        status = refuse("its nonce has not 32 octets");
    return status;
}

/* --- Writing -------------------------------------------------------------------------------- */

static bool part_put(const struct asn *asn, const char *path, const struct asn_part *part)
{
    return part->data == NULL ? asn_omit(asn, path) : asn_put(asn, path, part->data, part->size);
}

static bool token_put(const struct asn *asn, const struct asn_part *token)
{
    return token->data == NULL
               ? asn_omit(asn, "negoTokens")
               : asn_append(asn, "negoTokens") &&
                     asn_put(asn, "negoTokens.?LAST.negoToken", token->data, token->size);
}

/* As Windows has it: four octets, though that makes an NTSTATUS a negative number. */
static bool error_put(const struct asn *asn, const struct tsrequest *request)
{
    const uint8_t octets[] = {(uint8_t)(request->error >> 24), (uint8_t)(request->error >> 16),
                              (uint8_t)(request->error >> 8), (uint8_t)request->error};

    return request->failed ? asn_put(asn, "errorCode", octets, sizeof(octets))
                           : asn_omit(asn, "errorCode");
}

static bool fields_write(const struct asn *asn, const struct tsrequest *request)
{
    for (unsigned i = 0; i < PART_COUNT; i++)
        if (!part_put(asn, parts[i].path,
                      (const struct asn_part *)((const char *)request + parts[i].offset)))
            return false;
    return asn_put_uint32(asn, "version", request->version) && token_put(asn, &request->token) &&
           error_put(asn, request);
}

SECURITY_STATUS tsrequest_encode(const struct tsrequest *request, struct blob *der)
{
    struct asn asn;
    SECURITY_STATUS status = asn_new(&asn, &credssp_module, "CREDSSP.TSRequest");

    *der = (struct blob){NULL, 0};
    if (status != SEC_E_OK)
        return status;
    status = fields_write(&asn, request) ? asn_encode(&asn, der) : SEC_E_INSUFFICIENT_MEMORY;
    asn_close(&asn);
    return status;
}
