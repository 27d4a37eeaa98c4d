/* SPDX-License-Identifier: MIT */
/*
 * Mechanism credentials of an initiator.
 *
 * Trap: the mechglue falls back to the process's default credential, silently, when a credential
 * has no element for the mechanism that is used with it. So a credential is always acquired for
 * exactly the mechanism it is used with (SPNEGO included), and a failed acquisition is never "use
 * the default".
 */
#include <gssapi/gssapi_krb5.h>
#include <krb5.h>
#include <string.h>

#include "core/native.h"
#include "core/text.h"
#include "gss/ccache.h"
#include "gss/gsspkg.h"
#include "gss/oid.h"

static void store_add(struct initcred_store *store, const char *key, const char *value)
{
    store->set.elements = store->elements;
    store->elements[store->set.count].key = key;
    store->elements[store->set.count++].value = value;
}

/*
 * NTOWFv1 of [MS-NLMP] 3.3.1, which RFC 4757 2 makes Kerberos' RC4 key as well. Given a password,
 * gss-ntlmssp leaves it behind in freed memory.
 */
static krb5_error_code nt_hash_make(const char *password, char hash[IDENTITY_NTHASH_HEX + 1])
{
    krb5_data text = {.length = (unsigned)strlen(password), .data = (char *)(uintptr_t)password};
    krb5_data salt = {.length = 0, .data = NULL};
    krb5_keyblock key; /* without a meaning where it was not made */
    krb5_context context;
    krb5_error_code code = krb5_init_context(&context);

    if (code != 0)
        return code;
    code = krb5_c_string_to_key(context, ENCTYPE_ARCFOUR_HMAC, &text, &salt, &key);
    if (code == 0) {
        if (key.length * 2 == IDENTITY_NTHASH_HEX)
            text_hex(key.contents, key.length, hash);
        else
            code = KRB5_BAD_KEYSIZE;
        krb5_free_keyblock_contents(context, &key); /* wipes them */
    }
    krb5_free_context(context);
    return code;
}

static SECURITY_STATUS store_add_ntlm(struct initcred_store *store, const struct identity *identity)
{
    const char *password = identity->password != NULL ? identity->password : "";
    krb5_error_code code = 0;

    if (identity->nt_hash != NULL)
        memcpy(store->nt_hash, identity->nt_hash, sizeof(store->nt_hash));
    else
        code = nt_hash_make(password, store->nt_hash);
    if (code != 0) {
        native_error_set("the NT hash of a password cannot be made [%d]", (int)code);
        return SEC_E_INTERNAL_ERROR;
    }
    store_add(store, "ntlmssp_nthash", store->nt_hash);
    store_add(store, "ntlmssp_domain", identity->domain ? identity->domain : "");
    return SEC_E_OK;
}

SECURITY_STATUS initcred_name(const char *user, const gss_OID_desc *mech, gss_name_t *name)
{
    gss_buffer_desc text;
    struct gss_result result = {.mech = mech};

    *name = GSS_C_NO_NAME;
    if (user == NULL)
        return SEC_E_OK;
    text.length = strlen(user);
    text.value = (void *)(uintptr_t)user;
    result.major = gss_import_name(&result.minor, &text, GSS_C_NT_USER_NAME, name);
    return gss_status(GSS_ACQUIRING, "gss_import_name", result);
}

/* Where no cache is named the mechanism looks through the caller's own. */
static SECURITY_STATUS ambient_check(gss_const_OID mech, const struct initcred_store *store,
                                     OM_uint32 *minor)
{
    krb5_error_code code;
    SECURITY_STATUS status;

    *minor = 0;
    if (mech == oid_ntlm ||
        (store->set.count != 0 && strcmp(store->elements[0].key, "ccache") == 0))
        return SEC_E_OK;
    status = ccache_collection_check(&code);
    *minor = (OM_uint32)code;
    return status;
}

SECURITY_STATUS initcred_acquire(gss_OID mech, const char *user, struct initcred_store *store,
                                 gss_cred_id_t *out, OM_uint32 *minor)
{
    gss_OID_set_desc mechs = {1, mech};
    struct gss_result result = {.mech = mech};
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 ignored;
    SECURITY_STATUS status = ambient_check(mech, store, minor);

    if (status == SEC_E_OK)
        status = initcred_name(user, mech, &name);
    if (status == SEC_E_OK) {
        result.major =
            gss_acquire_cred_from(&result.minor, name, GSS_C_INDEFINITE, &mechs, GSS_C_INITIATE,
                                  store->set.count != 0 ? &store->set : NULL, out, NULL, NULL);
        *minor = result.minor;
        gss_release_name(&ignored, &name);
        status = gss_status(GSS_ACQUIRING, "gss_acquire_cred", result);
    }
    explicit_bzero(store->nt_hash, sizeof(store->nt_hash));
    return status;
}

bool initcred_has_ntlm_secret(const struct gss_cred *cred)
{
    return cred->identity->explicit &&
           (cred->identity->password != NULL || cred->identity->nt_hash != NULL);
}

/*
 * Whose tickets the mechanism has to find, NULL for anybody's. Those that were made here are whose
 * they have to be; a cache by name is whatever its name leads to.
 */
static const char *ticket_owner(const struct gss_cred *cred, const struct tickets *tickets)
{
    return tickets == NULL || (!tickets->owned && !cred->identity->explicit) ? cred->principal
                                                                             : NULL;
}

SECURITY_STATUS initcred_krb5(const struct gss_cred *cred, const struct tickets *tickets,
                              gss_cred_id_t *out, krb5_error_code *code)
{
    struct initcred_store store = {.set = {0, NULL}};
    SECURITY_STATUS status;
    OM_uint32 minor;

    if (tickets != NULL)
        store_add(&store, "ccache", tickets->ccache);
    status = initcred_acquire(oid_krb5, ticket_owner(cred, tickets), &store, out, &minor);
    *code = (krb5_error_code)minor;
    return status;
}

SECURITY_STATUS initcred_ntlm(const struct gss_cred *cred, gss_cred_id_t *out)
{
    struct initcred_store store = {.set = {0, NULL}};
    const char *user = cred->principal;
    OM_uint32 minor;

    if (cred->identity->explicit) {
        SECURITY_STATUS status = store_add_ntlm(&store, cred->identity);

        if (status != SEC_E_OK)
            return status;
        user = cred->identity->user;
    }
    return initcred_acquire(oid_ntlm, user, &store, out, &minor);
}

/* SPNEGO offers what its credential has elements for, and of that what may be used. */
static SECURITY_STATUS neg_mechs_set(gss_cred_id_t cred, unsigned mechs)
{
    gss_OID_desc list[2];
    gss_OID_set_desc set = {0, list};
    struct gss_result result = {.mech = oid_spnego};

    if (mechs & IDENTITY_MECH_KERBEROS)
        list[set.count++] = *oid_krb5;
    if (mechs & IDENTITY_MECH_NTLM)
        list[set.count++] = *oid_ntlm;
    result.major = gss_set_neg_mechs(&result.minor, cred, &set);
    return gss_status(GSS_ACQUIRING, "gss_set_neg_mechs", result);
}

SECURITY_STATUS initcred_spnego(const struct gss_cred *cred, const struct tickets *tickets,
                                unsigned mechs, gss_cred_id_t *out)
{
    struct initcred_store store = {.set = {0, NULL}};
    const char *user = ticket_owner(cred, tickets);
    SECURITY_STATUS status;
    OM_uint32 minor;

    if (tickets != NULL) {
        store_add(&store, "ccache", tickets->ccache);
    } else if (cred->identity->explicit) {
        store_add(&store, "ccache", "MEMORY:"); /* SPNEGO asks Kerberos too: of nobody's tickets */
    }
    if ((mechs & IDENTITY_MECH_NTLM) && cred->identity->explicit) {
        status = store_add_ntlm(&store, cred->identity);
        if (status != SEC_E_OK)
            return status;
        /* One name for both mechanisms; the NTLM domain is in the store. */
        user = tickets != NULL ? tickets->principal : cred->identity->user;
    }
    status = initcred_acquire(oid_spnego, user, &store, out, &minor);
    return status == SEC_E_OK ? neg_mechs_set(*out, mechs) : status;
}

SECURITY_STATUS initcred_clear_ci_flags(gss_cred_id_t *cred, const gss_OID_desc *mech)
{
    gss_buffer_desc empty = GSS_C_EMPTY_BUFFER;
    struct gss_result result = {.mech = mech};

    result.major =
        gss_set_cred_option(&result.minor, cred, (gss_OID)GSS_KRB5_CRED_NO_CI_FLAGS_X, &empty);
    return gss_status(GSS_ACQUIRING, "gss_set_cred_option", result);
}
