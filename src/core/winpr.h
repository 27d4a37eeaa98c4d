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

struct winpr_ntlm_settings {
    char *sam_file;
    void *hash_callback;
    void *hash_callback_argument;
};

struct winpr_ntlm_settings_v2 {
    uint32_t size;
    _Alignas(8) char *sam_file;
    void *hash_callback;
    void *hash_callback_argument;
};

/* Both Kerberos structures go on; the rest is not used here. */
struct winpr_kerberos_settings {
    char *kdc_url;
    char *keytab;
    char *cache;
};

struct winpr_kerberos_settings_v2 {
    uint32_t size;
    _Alignas(8) char *kdc_url;
    char *keytab;
    char *cache;
};

struct winpr_identity {
    SEC_WINNT_AUTH_IDENTITY_EXW identity;
    const struct winpr_ntlm_settings *ntlm;
    const struct winpr_kerberos_settings *kerberos;
};

struct winpr_identity_v2 {
    SEC_WINNT_AUTH_IDENTITY_EXW identity;
    uint32_t version;
    const struct winpr_ntlm_settings_v2 *ntlm;
    const struct winpr_kerberos_settings_v2 *kerberos;
};

_Static_assert(sizeof(void *) != 8 || sizeof(struct winpr_identity) == 88, "FreeRDP 3.0 to 3.30");
_Static_assert(sizeof(void *) != 8 || sizeof(struct winpr_identity_v2) == 96, "FreeRDP 3.31");

#endif
