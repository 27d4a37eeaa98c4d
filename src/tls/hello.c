/* SPDX-License-Identifier: MIT */
/*
 * SslGetServerIdentity() and SslGetExtensions(): a look into a ClientHello (RFC 8446 4.1.2, RFC
 * 5246 7.4.1.2), before anybody answers it.
 */
#include <schannel.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "core/native.h"
#include "core/trace.h"
#include "tls/record.h"
#include "win/win.h"

/* RFC 8446 4 */
#define HANDSHAKE_HEAD 4U
#define CLIENT_HELLO   1U

#define RANDOM_SIZE  32U
#define VECTOR8_MAX  UINT8_MAX
#define VECTOR16_MAX UINT16_MAX

/* What all its vectors come to: version and random, session, cipher suites, compression,
 * extensions.
 */
#define HELLO_MAX                                                                                  \
    (2 + RANDOM_SIZE + (1 + VECTOR8_MAX) + (2 + VECTOR16_MAX) + (1 + VECTOR8_MAX) +                \
     (2 + VECTOR16_MAX))

/* RFC 6066 3 */
#define EXTENSION_SERVER_NAME 0U
#define NAME_HOST             0U

/* --- Reading -------------------------------------------------------------------------------- */

/* Octets that are still to be read. */
struct octets {
    const uint8_t *at;
    size_t left;
};

static bool take(struct octets *from, size_t size, struct octets *part)
{
    if (size > from->left)
        return false;
    *part = (struct octets){from->at, size};
    from->at += size;
    from->left -= size;
    return true;
}

/* A number of one to three octets. */
static bool take_number(struct octets *from, unsigned size, unsigned *number)
{
    struct octets part;

    if (!take(from, size, &part))
        return false;
    for (*number = 0; part.left != 0; part.left--)
        *number = *number << 8 | *part.at++;
    return true;
}

/* A vector with its length before it. */
static bool take_vector(struct octets *from, unsigned length_size, struct octets *part)
{
    unsigned length;

    return take_number(from, length_size, &length) && take(from, length, part);
}

static bool take_extension(struct octets *from, unsigned *type, struct octets *data)
{
    return take_number(from, 2, type) && take_vector(from, 2, data);
}

/* --- The message ---------------------------------------------------------------------------- */

static SECURITY_STATUS no_hello(void)
{
    native_error_set("this is no ClientHello");
    return SEC_E_INVALID_TOKEN;
}

/* The record's content, of which the message may only be a part. */
static SECURITY_STATUS record_open(struct octets *from, size_t *missing)
{
    struct record record;
    SECURITY_STATUS status = record_find(from->at, from->left, &record, missing);

    if (status == SEC_E_INVALID_TOKEN || (from->left != 0 && *from->at != RECORD_HANDSHAKE))
        return no_hello();
    if (status == SEC_E_OK)
        *from = (struct octets){from->at + RECORD_HEAD, record.size - RECORD_HEAD};
    return status;
}

/* The message that the octets begin with. */
static SECURITY_STATUS message_open(struct octets *from, size_t *missing)
{
    struct octets part;
    unsigned length;

    if (from->left != 0 && *from->at != CLIENT_HELLO)
        return no_hello();
    if (from->left < HANDSHAKE_HEAD) {
        *missing = HANDSHAKE_HEAD - from->left;
        return SEC_E_INCOMPLETE_MESSAGE;
    }
    take(from, 1, &part);
    take_number(from, 3, &length);
    if (length > HELLO_MAX)
        return no_hello();
    if (from->left < length) {
        *missing = length - from->left;
        return SEC_E_INCOMPLETE_MESSAGE;
    }
    from->left = length;
    return SEC_E_OK;
}

/* The same within a record, which has all of it: what the name points at is one piece. */
static SECURITY_STATUS recorded_open(struct octets *from, size_t *missing)
{
    SECURITY_STATUS status = record_open(from, missing);

    if (status != SEC_E_OK)
        return status;
    if (from->left == 0)
        return no_hello();
    status = message_open(from, missing);
    if (status != SEC_E_INCOMPLETE_MESSAGE)
        return status;
    native_error_set("a ClientHello of several records is not looked into");
    return SEC_E_UNSUPPORTED_FUNCTION;
}

/* Whether all extensions are whole. */
static bool extensions_whole(struct octets extensions)
{
    struct octets data;
    unsigned type;

    while (extensions.left != 0)
        if (!take_extension(&extensions, &type, &data))
            return false;
    return true;
}

/* The message's extensions, which end it; one without any ends before their length. */
static bool hello_extensions(struct octets hello, struct octets *extensions)
{
    struct octets part;

    *extensions = (struct octets){NULL, 0};
    return take(&hello, 2 + RANDOM_SIZE, &part) && take_vector(&hello, 1, &part) &&
           take_vector(&hello, 2, &part) && take_vector(&hello, 1, &part) &&
           (hello.left == 0 || (take_vector(&hello, 2, extensions) && hello.left == 0)) &&
           extensions_whole(*extensions);
}

static SECURITY_STATUS hello_open(struct octets from, bool bare, struct octets *extensions,
                                  DWORD *missing)
{
    size_t more = 0;
    SECURITY_STATUS status = bare ? message_open(&from, &more) : recorded_open(&from, &more);

    *missing = status == SEC_E_INCOMPLETE_MESSAGE ? (DWORD)more : 0;
    if (status == SEC_E_OK && !hello_extensions(from, extensions))
        return no_hello();
    return status;
}

/* The first extension of a type; NULL: there is none. */
static struct octets extension_find(struct octets extensions, unsigned type)
{
    struct octets data;
    unsigned this_type;

    while (extensions.left != 0 && take_extension(&extensions, &this_type, &data))
        if (this_type == type)
            return data;
    return (struct octets){NULL, 0};
}

/* The host's name in a server_name extension, which has one name of each type. */
static bool host_name(struct octets extension, struct octets *name)
{
    struct octets list, part;
    unsigned type;

    *name = (struct octets){NULL, 0};
    if (extension.at == NULL)
        return true;
    if (!take_vector(&extension, 2, &list) || extension.left != 0)
        return false;
    while (list.left != 0) {
        if (!take_number(&list, 1, &type) || !take_vector(&list, 2, &part) || part.left == 0)
            return false;
        if (type == NAME_HOST && name->at != NULL)
            return false;
        if (type == NAME_HOST)
            *name = part;
    }
    return name->at != NULL;
}

/* --- Calls ---------------------------------------------------------------------------------- */

WIN_API SECURITY_STATUS SslGetServerIdentity(PBYTE ClientHello, DWORD ClientHelloSize,
                                             PBYTE *ServerIdentity, PDWORD ServerIdentitySize,
                                             DWORD Flags)
{
    const struct octets message = {ClientHello, ClientHelloSize};
    struct octets extensions, name = {NULL, 0};
    DWORD missing;
    SECURITY_STATUS status;

    native_error_clear();
    if (ClientHello == NULL || ServerIdentity == NULL || ServerIdentitySize == NULL || Flags != 0)
        return trace_result("SslGetServerIdentity", SEC_E_INVALID_PARAMETER);
    status = hello_open(message, false, &extensions, &missing);
    if (status == SEC_E_OK && !host_name(extension_find(extensions, EXTENSION_SERVER_NAME), &name))
        status = no_hello();
    *ServerIdentity = status == SEC_E_OK ? (PBYTE)(uintptr_t)name.at : NULL;
    *ServerIdentitySize = status == SEC_E_OK ? (DWORD)name.left : 0;
    return trace_result("SslGetServerIdentity", status);
}

WIN_API SECURITY_STATUS SslGetExtensions(const BYTE *clientHello, DWORD clientHelloByteSize,
                                         SCH_EXTENSION_DATA *genericExtensions,
                                         BYTE genericExtensionsCount, DWORD *bytesToRead,
                                         SchGetExtensionsOptions flags)
{
    const struct octets message = {clientHello, clientHelloByteSize};
    struct octets extensions, data;
    SECURITY_STATUS status;

    native_error_clear();
    if (clientHello == NULL || bytesToRead == NULL ||
        (genericExtensions == NULL && genericExtensionsCount != 0) ||
        ((unsigned)flags & ~(unsigned)SCH_NO_RECORD_HEADER) != 0)
        return trace_result("SslGetExtensions", SEC_E_INVALID_PARAMETER);
    status = hello_open(message, flags == SCH_NO_RECORD_HEADER, &extensions, bytesToRead);
    for (unsigned i = 0; i < genericExtensionsCount; i++) {
        data = status == SEC_E_OK ? extension_find(extensions, genericExtensions[i].ExtensionType)
                                  : (struct octets){NULL, 0};
        genericExtensions[i].pExtData = data.at;
        genericExtensions[i].cbExtData = (DWORD)data.left;
    }
    return trace_result("SslGetExtensions", status);
}
