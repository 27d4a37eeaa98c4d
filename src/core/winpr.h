/* SPDX-License-Identifier: MIT */
/*
 * What FreeRDP's SSPI callers pass beyond Windows' structures: layouts and bits of WinPR 2.11, 3.0
 * to 3.30 and 3.31, as they arrive in memory. Nothing here is offered to our own callers.
 */
#ifndef SSPI_CORE_WINPR_H
#define SSPI_CORE_WINPR_H

#include <sspi.h>
#include <stdint.h>

/* SEC_WINNT_AUTH_IDENTITY flags: what follows an EXW, and what Password holds. */
#define WINPR_IDENTITY_EXTENDED      0x00000100U
#define WINPR_IDENTITY_EXTENDED_V2   0x00000200U
#define WINPR_IDENTITY_PASSWORD_HASH 0x00800000U

/* WinPR 2 marks a password that is a hash by adding this to its length. */
#define WINPR_HASH_LENGTH_OFFSET 512U

/* Context attributes that WinPR 2 sets. WinPR 3.27 gave the second one another meaning. */
#define WINPR_ATTR_NTLM_SAM_FILE     1004U
#define WINPR_ATTR_NTLM_HASH_CB      1108U
#define WINPR_ATTR_NTLM_HASH_CB_DATA 1109U

/* What the servers of FreeRDP 2 ask for, every time, and no program of Windows' is known to. */
#define WINPR_2_ASC_REQ                                                                            \
    (ASC_REQ_MUTUAL_AUTH | ASC_REQ_CONFIDENTIALITY | ASC_REQ_CONNECTION |                          \
     ASC_REQ_USE_SESSION_KEY | ASC_REQ_REPLAY_DETECT | ASC_REQ_SEQUENCE_DETECT |                   \
     ASC_REQ_EXTENDED_ERROR)

#define WINPR_HASH_SIZE 16

/*
 * Asks a server for the NTOWFv2 of [MS-NLMP] 3.3.2, which it may compute elsewhere and so gets what
 * that needs: the name, server challenge and client blob, the encrypted session key, the MIC, and
 * the three messages that the MIC is of. Before 3.24 any return value but 0 meant success.
 */
typedef SECURITY_STATUS (*winpr_hash_callback)(void *argument,
                                               const SEC_WINNT_AUTH_IDENTITY_W *identity,
                                               const SecBuffer *proof_value,
                                               const uint8_t *session_key, const uint8_t *mic,
                                               const SecBuffer *mic_value, uint8_t *hash);

struct winpr_ntlm_settings {
    char *sam_file;
    winpr_hash_callback hash_callback;
    void *hash_callback_argument;
};

struct winpr_kerberos_settings {
    char *kdc_url;
    char *keytab;
    char *cache;
    char *armor_cache;
    char *pkinit_anchors;
    char *pkinit_identity;
    int32_t with_pac;
    int32_t start_time;
    int32_t renew_lifetime;
    int32_t lifetime;
    uint8_t certificate_sha1[20];
};

struct winpr_identity {
    SEC_WINNT_AUTH_IDENTITY_EXW identity;
    const struct winpr_ntlm_settings *ntlm;
    const struct winpr_kerberos_settings *kerberos;
};

/* From 3.31 the settings begin with their size, and every member with an address of 8. */
struct winpr_ntlm_settings_v2 {
    uint32_t size;
    _Alignas(8) char *sam_file;
    _Alignas(8) winpr_hash_callback hash_callback;
    _Alignas(8) void *hash_callback_argument;
    _Alignas(8) char *target_name;
    _Alignas(8) char *netbios_computer;
    _Alignas(8) char *netbios_domain;
    _Alignas(8) char *dns_computer;
    _Alignas(8) char *dns_domain;
};

struct winpr_kerberos_settings_v2 {
    uint32_t size;
    _Alignas(8) char *kdc_url;
    _Alignas(8) char *keytab;
    _Alignas(8) char *cache;
    _Alignas(8) char *armor_cache;
    _Alignas(8) char *pkinit_anchors;
    _Alignas(8) char *pkinit_identity;
    _Alignas(8) int32_t with_pac;
    _Alignas(8) int32_t start_time;
    _Alignas(8) int32_t renew_lifetime;
    _Alignas(8) int32_t lifetime;
    _Alignas(8) uint8_t certificate_sha1[20];
};

#define WINPR_IDENTITY_REVISION 1U

struct winpr_identity_v2 {
    SEC_WINNT_AUTH_IDENTITY_EXW identity;
    uint32_t version;
    const struct winpr_ntlm_settings_v2 *ntlm;
    const struct winpr_kerberos_settings_v2 *kerberos;
};

_Static_assert(sizeof(void *) != 8 || sizeof(struct winpr_identity) == 88, "FreeRDP 3.0 to 3.30");
_Static_assert(sizeof(void *) != 8 || sizeof(struct winpr_kerberos_settings) == 88, "the same");
_Static_assert(sizeof(void *) != 8 || sizeof(struct winpr_identity_v2) == 96, "FreeRDP 3.31");
_Static_assert(sizeof(struct winpr_ntlm_settings_v2) == 72, "the same");
_Static_assert(sizeof(struct winpr_kerberos_settings_v2) == 112, "the same");

struct identity;

/* Whether the flags of an EXW announce one of the two extensions behind it. */
enum winpr_extension { WINPR_NO_EXTENSION, WINPR_EXTENSION_V1, WINPR_EXTENSION_V2 };
enum winpr_extension winpr_extension_of(uint32_t flags);

/* Octets of an EXW with flags, extension included. */
size_t winpr_identity_size(uint32_t flags);

/* Takes the settings behind an EXW with these flags into an identity, text copied. */
SECURITY_STATUS winpr_settings_read(const void *exw, uint32_t flags, struct identity *id)
    __attribute__((warn_unused_result));

#endif
