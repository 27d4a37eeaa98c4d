/* SPDX-License-Identifier: MIT */
/* The binding to the server's key, old and new. [MS-CSSP] 3.1.5 */
#include "credssp/binding.h"

#include <gnutls/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "core/native.h"
#include "credssp/module.h"
#include "credssp/tsrequest.h"

#define HASH_SIZE 32

/* --- The key -------------------------------------------------------------------------------- */

#define KEY_PATH "tbsCertificate.subjectPublicKeyInfo.subjectPublicKey"

/* Far above any real certificate; bounds the work that a malformed one can ask for. */
#define CERTIFICATE_MAX 65536

static struct asn_part first_of(struct asn_part chain)
{
    struct asn_part contents = asn_tlv(chain.data, chain.size);

    return contents.data == NULL
               ? contents
               : (struct asn_part){chain.data,
                                   (size_t)(contents.data - chain.data) + contents.size};
}

/* A BIT STRING begins with the number of bits that its last octet lacks. */
static SECURITY_STATUS bits_copy(struct asn_part bits, struct blob *key)
{
    if (bits.data == NULL || bits.size < 2 || bits.data[0] != 0) {
        native_error_set("CredSSP: the server's certificate has no key, or half octets of one");
        return SEC_E_CERT_UNKNOWN;
    }
    *key = (struct blob){memory_copy(bits.data + 1, bits.size - 1), bits.size - 1};
    return key->data != NULL ? SEC_E_OK : SEC_E_INSUFFICIENT_MEMORY;
}

SECURITY_STATUS binding_key(struct asn_part chain, struct blob *key)
{
    struct asn_part cert = first_of(chain);
    struct asn asn;
    SECURITY_STATUS status = asn_open(&asn, &credssp_module, "CREDSSP.Certificate", cert.data,
                                      cert.size, CERTIFICATE_MAX);

    *key = (struct blob){NULL, 0};
    if (status != SEC_E_OK)
        return status == SEC_E_INVALID_TOKEN ? SEC_E_CERT_UNKNOWN : status;
    status = bits_copy(asn_contents(&asn, KEY_PATH), key);
    asn_close(&asn);
    return status;
}

/* --- Values --------------------------------------------------------------------------------- */

/* Both are hashed with their terminator. */
static const char client_magic[] = "CredSSP Client-To-Server Binding Hash";
static const char server_magic[] = "CredSSP Server-To-Client Binding Hash";

_Static_assert(sizeof(client_magic) == sizeof(server_magic), "hash_all() takes either");

static bool hash_all(gnutls_hash_hd_t hash, const char *magic, struct asn_part key,
                     const uint8_t *nonce)
{
    return gnutls_hash(hash, magic, sizeof(client_magic)) == 0 &&
           gnutls_hash(hash, nonce, TSREQUEST_NONCE_SIZE) == 0 &&
           gnutls_hash(hash, key.data, key.size) == 0;
}

static SECURITY_STATUS hashed_make(const char *magic, struct asn_part key, const uint8_t *nonce,
                                   struct blob *value)
{
    gnutls_hash_hd_t hash;
    bool done;

    value->data = malloc(HASH_SIZE);
    if (value->data == NULL || gnutls_hash_init(&hash, GNUTLS_DIG_SHA256) != 0)
        return SEC_E_INSUFFICIENT_MEMORY;
    done = hash_all(hash, magic, key, nonce);
    gnutls_hash_deinit(hash, value->data);
    value->size = HASH_SIZE;
    return done ? SEC_E_OK : SEC_E_INTERNAL_ERROR;
}

/* The server adds one to the key, a number of least significant octet first. */
static SECURITY_STATUS plain_make(bool by_client, struct asn_part key, struct blob *value)
{
    uint8_t *octets = memory_copy(key.data, key.size);

    if (octets == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    *value = (struct blob){octets, key.size};
    for (size_t i = 0; !by_client && i < key.size; i++)
        if (++octets[i] != 0)
            break;
    return SEC_E_OK;
}

SECURITY_STATUS binding_make(uint32_t version, bool by_client, struct asn_part key,
                             const uint8_t *nonce, struct blob *value)
{
    SECURITY_STATUS status;

    *value = (struct blob){NULL, 0};
    status = version < BINDING_VERSION_HASHED
                 ? plain_make(by_client, key, value)
                 : hashed_make(by_client ? client_magic : server_magic, key, nonce, value);
    if (status != SEC_E_OK)
        blob_wipe(value);
    return status;
}

bool binding_equal(const struct blob *expected, struct asn_part received)
{
    return expected->size != 0 && received.size == expected->size &&
           gnutls_memcmp(expected->data, received.data, expected->size) == 0;
}
