/* SPDX-License-Identifier: MIT */
/* The keys of a credential store (gss_acquire_cred_from(), gss_store_cred_into()). */
#include <string.h>

#include "mech.h"

#define NEGOTIATE 0x1U
#define TLS       0x2U
#define CREDSSP   0x4U

/* In the order of enum store_key. client_keytab and the like of krb5 are its own. */
static const struct {
    const char *name;
    unsigned mechs;
} key_table[STORE_KEYS] = {
    [STORE_CCACHE] = {"ccache", NEGOTIATE | CREDSSP},
    [STORE_KEYTAB] = {"keytab", NEGOTIATE | CREDSSP},
    [STORE_PASSWORD] = {"password", NEGOTIATE | CREDSSP},
    [STORE_PACKAGES] = {"packages", NEGOTIATE | CREDSSP},
    [STORE_CERTIFICATE] = {"certificate", TLS | CREDSSP},
    [STORE_KEY] = {"key", TLS | CREDSSP},
    [STORE_CA] = {"ca", TLS | CREDSSP},
    [STORE_TARGETS] = {"target_policy", NEGOTIATE | TLS | CREDSSP},
    [STORE_FRAMING] = {"framing", NEGOTIATE | TLS | CREDSSP},
};

static SECURITY_STATUS pair_read(const struct mech *mech, const gss_key_value_element_desc *pair,
                                 struct store *store)
{
    for (size_t i = 0; i < STORE_KEYS; i++)
        if (strcmp(pair->key, key_table[i].name) == 0) {
            if (!(key_table[i].mechs & 1U << (mech - mech_table)))
                break;
            if (pair->value == NULL || store->values[i] != NULL)
                return status_say(SEC_E_UNKNOWN_CREDENTIALS, "the key %s wants one value",
                                  pair->key);
            store->values[i] = pair->value;
            return SEC_E_OK;
        }
    return status_say(SEC_E_UNKNOWN_CREDENTIALS, "%s has no key %s for a credential", mech->name,
                      pair->key);
}

SECURITY_STATUS store_read(const struct mech *mech, const gss_key_value_set_desc *set,
                           struct store *store)
{
    SECURITY_STATUS status = SEC_E_OK;

    *store = (struct store){{0}};
    for (size_t i = 0; set != NULL && i < set->count && status == SEC_E_OK; i++)
        status = pair_read(mech, &set->elements[i], store);
    return status;
}
