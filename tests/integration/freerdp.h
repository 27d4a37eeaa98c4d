/* SPDX-License-Identifier: MIT */
/*
 * FreeRDP's side of the table, for the tests of it: its structures in its own words, the calls it
 * makes, and nothing of our headers. What is here was measured on FreeRDP 2.11.7, 3.15 and the
 * later 3.31.
 */
#ifndef TESTS_INTEGRATION_FREERDP_H
#define TESTS_INTEGRATION_FREERDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int32_t status_t;
typedef uint16_t wchar16;

#define OK                ((status_t)0)
#define CONTINUE_NEEDED   ((status_t)0x00090312)
#define COMPLETE_NEEDED   ((status_t)0x00090313)
#define INVALID_HANDLE    ((status_t)0x80090301)
#define UNSUPPORTED       ((status_t)0x80090302)
#define LOGON_DENIED      ((status_t)0x8009030c)
#define OUT_OF_SEQUENCE   ((status_t)0x80090310)
#define INVALID_PARAMETER ((status_t)0x8009035d)
#define NO_CREDENTIALS    ((status_t)0x8009030e)

#define BUFFER_EMPTY 0U
#define BUFFER_DATA  1U
#define BUFFER_TOKEN 2U

#define ATTR_SIZES        0U
#define ATTR_SAM_FILE     1004U
#define ATTR_HASH_CB      1108U
#define ATTR_HASH_CB_DATA 1109U
#define ATTR_HOSTNAME     1108U
#define ATTR_HOSTNAME_LEN 1110U
#define ATTR_TICKET_LOGON 1200U

/* The places in the table that FreeRDP calls. */
enum slot {
    SLOT_VERSION = 0,
    SLOT_ACQUIRE = 3,
    SLOT_FREE_CREDENTIAL = 4,
    SLOT_RESERVED_2 = 5,
    SLOT_INITIALIZE = 6,
    SLOT_ACCEPT = 7,
    SLOT_COMPLETE = 8,
    SLOT_DELETE_CONTEXT = 9,
    SLOT_QUERY_CONTEXT = 11,
    SLOT_IMPERSONATE = 12,
    SLOT_REVERT = 13,
    SLOT_FREE_BUFFER = 16,
    SLOT_QUERY_PACKAGE = 17,
    SLOT_ENCRYPT = 25,
    SLOT_DECRYPT = 26,
    SLOT_SET_CONTEXT = 27,
    SLOT_SET_CREDENTIAL = 28,
    SLOTS = 32
};

struct handle {
    void *lower, *upper;
};

struct stamp {
    uint32_t low;
    int32_t high;
};

struct buffer {
    uint32_t size, type;
    void *data;
};

struct buffers {
    uint32_t version, count;
    struct buffer *list;
};

struct package_info {
    uint32_t capabilities;
    uint16_t version, rpc_id;
    uint32_t max_token;
    char *name, *comment;
};

#define ATTR_LIFESPAN 2U

struct lifespan {
    struct stamp start, end;
};

struct sizes {
    uint32_t max_token, max_signature, block, trailer;
};

/* SEC_WINNT_AUTH_IDENTITY of 2.11. */
struct identity_2 {
    wchar16 *user;
    uint32_t user_length;
    wchar16 *domain;
    uint32_t domain_length;
    wchar16 *password;
    uint32_t password_length;
    uint32_t flags;
};

/* SEC_WINNT_AUTH_IDENTITY_EXW, which 3.x begins with. */
struct identity_ex {
    uint32_t version, length;
    wchar16 *user;
    uint32_t user_length;
    wchar16 *domain;
    uint32_t domain_length;
    wchar16 *password;
    uint32_t password_length;
    uint32_t flags;
    wchar16 *packages;
    uint32_t packages_length;
};

typedef status_t (*hash_function)(void *argument, const struct identity_2 *identity,
                                  const struct buffer *proof_value, const uint8_t *session_key,
                                  const uint8_t *mic, const struct buffer *mic_value,
                                  uint8_t *hash);

struct ntlm_1 {
    char *sam_file;
    hash_function hash;
    void *argument;
};

struct kerberos_1 {
    char *kdc_url, *keytab, *cache, *armor_cache, *anchors, *identity;
    int32_t with_pac, start_time, renew_lifetime, lifetime;
    uint8_t sha1[20];
};

struct identity_3 {
    struct identity_ex identity;
    struct ntlm_1 *ntlm;
    struct kerberos_1 *kerberos;
};

struct ntlm_2 {
    uint32_t size, pad;
    char *sam_file;
    hash_function hash;
    void *argument;
    char *target, *netbios_computer, *netbios_domain, *dns_computer, *dns_domain;
};

struct kerberos_2 {
    uint32_t size, pad;
    char *kdc_url, *keytab, *cache, *armor_cache, *anchors, *identity;
    int32_t with_pac, pad1, start_time, pad2, renew_lifetime, pad3, lifetime, pad4;
    uint8_t sha1[20], pad5[4];
};

struct identity_31 {
    struct identity_ex identity;
    uint32_t version, pad;
    struct ntlm_2 *ntlm;
    struct kerberos_2 *kerberos;
};

#define AT(type, member, offset) _Static_assert(offsetof(struct type, member) == (offset), #member)
#define IS(type, octets)         _Static_assert(sizeof(struct type) == (octets), #type)

IS(buffer, 16);
AT(buffer, data, 8);
IS(buffers, 16);
AT(buffers, list, 8);
IS(package_info, 32);
AT(package_info, max_token, 8);
AT(package_info, name, 16);
IS(sizes, 16);
IS(identity_2, 48);
AT(identity_2, domain, 16);
AT(identity_2, password, 32);
AT(identity_2, flags, 44);
IS(identity_ex, 72);
AT(identity_ex, user, 8);
AT(identity_ex, password, 40);
AT(identity_ex, flags, 52);
AT(identity_ex, packages, 56);
IS(identity_3, 88);
AT(identity_3, ntlm, 72);
AT(identity_3, kerberos, 80);
IS(kerberos_1, 88);
IS(identity_31, 96);
AT(identity_31, version, 72);
AT(identity_31, ntlm, 80);
AT(identity_31, kerberos, 88);
IS(ntlm_2, 72);
AT(ntlm_2, hash, 16);
AT(ntlm_2, dns_computer, 56);
IS(kerberos_2, 112);
AT(kerberos_2, keytab, 16);
AT(kerberos_2, start_time, 64);

/* The calls. */
typedef status_t (*query_package_fn)(const char *name, struct package_info **info);
typedef status_t (*acquire_fn)(char *principal, char *package, uint32_t use, void *logon,
                               void *identity, void *get_key, void *argument, struct handle *out,
                               struct stamp *expiry);
typedef status_t (*initialize_fn)(struct handle *credential, struct handle *context, char *target,
                                  uint32_t request, uint32_t reserved1, uint32_t representation,
                                  struct buffers *in, uint32_t reserved2, struct handle *made,
                                  struct buffers *out, uint32_t *attributes, struct stamp *expiry);
typedef status_t (*accept_fn)(struct handle *credential, struct handle *context, struct buffers *in,
                              uint32_t request, uint32_t representation, struct handle *made,
                              struct buffers *out, uint32_t *attributes, struct stamp *expiry);
typedef status_t (*token_fn)(struct handle *context, struct buffers *token);
typedef status_t (*handle_fn)(struct handle *handle);
typedef status_t (*free_fn)(void *memory);
typedef status_t (*query_fn)(struct handle *context, uint32_t attribute, void *buffer);
typedef status_t (*set_fn)(struct handle *handle, uint32_t attribute, void *buffer, uint32_t size);
typedef status_t (*seal_fn)(struct handle *context, uint32_t quality, struct buffers *message,
                            uint32_t sequence);
typedef status_t (*unseal_fn)(struct handle *context, struct buffers *message, uint32_t sequence,
                              uint32_t *quality);

/* A function of the table. */
#define CALL(table, slot, type) ((type)(uintptr_t)(table)[slot])

#endif
