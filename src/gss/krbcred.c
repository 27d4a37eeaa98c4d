/* SPDX-License-Identifier: MIT */
/*
 * KRB-CRED messages. libkrb5 1.20 reads them, but takes for granted what the message may leave out:
 * it follows a null pointer when a ticket has no client or server, or when there are more
 * descriptions than tickets. So a look is taken first.
 */
#include "gss/krbcred.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/asn.h"

/* RFC 4120 7.5.1: the key usage number of the encrypted part. */
#define KEY_USAGE 14

/* One message holds a few tickets: more would only be work. */
#define MESSAGE_MAX 1000000U
#define TICKETS_MAX 1000U

/* asn1Parser makes it of krbcred.asn. */
extern const asn1_static_node krbcred_asn1_tab[];

static struct asn_module module = {krbcred_asn1_tab, NULL};

static krb5_error_code code_of(SECURITY_STATUS status)
{
    if (status == SEC_E_OK)
        return 0;
    return status == SEC_E_INSUFFICIENT_MEMORY ? ENOMEM : KRB5KRB_AP_ERR_MODIFIED;
}

/* --- What must be there --------------------------------------------------------------------- */

static bool info_complete(const struct asn *part, unsigned index)
{
    static const char *const needed[] = {"prealm", "pname", "srealm", "sname"};
    char path[48];

    for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++) {
        snprintf(path, sizeof(path), "ticket-info.?%u.%s", index, needed[i]);
        if (asn_contents(part, path).data == NULL)
            return false;
    }
    return true;
}

/* The part that is encrypted in a message, in plain. */
static krb5_error_code plain_check(struct asn_part plain, unsigned tickets)
{
    struct asn part;
    krb5_error_code code = code_of(
        asn_open(&part, &module, "KRBCRED.EncKrbCredPart", plain.data, plain.size, MESSAGE_MAX));

    if (code != 0)
        return code;
    if (asn_count(&part, "ticket-info") != tickets)
        code = KRB5KRB_AP_ERR_MODIFIED;
    for (unsigned i = 1; code == 0 && i <= tickets; i++)
        if (!info_complete(&part, i))
            code = KRB5KRB_AP_ERR_MODIFIED;
    asn_close(&part);
    return code;
}

static krb5_error_code cipher_check(krb5_context context, const krb5_keyblock *key,
                                    struct asn_part cipher, unsigned tickets)
{
    const krb5_enc_data enc = {
        .enctype = key->enctype,
        .ciphertext = {.length = (unsigned)cipher.size, .data = (char *)(uintptr_t)cipher.data}};
    krb5_data plain = {.length = (unsigned)cipher.size, .data = malloc(cipher.size)};
    krb5_error_code code;

    if (plain.data == NULL)
        return ENOMEM;
    code = krb5_c_decrypt(context, key, KEY_USAGE, NULL, &enc, &plain);
    if (code == 0)
        code = plain_check((struct asn_part){(const uint8_t *)plain.data, plain.length}, tickets);
    explicit_bzero(plain.data, cipher.size);
    free(plain.data);
    return code;
}

static krb5_error_code message_check(krb5_context context, const krb5_keyblock *key,
                                     const struct asn *message)
{
    unsigned tickets = asn_count(message, "tickets");
    struct asn_part cipher = asn_contents(message, "enc-part.cipher");
    uint32_t etype;

    if (tickets == 0 || tickets > TICKETS_MAX || cipher.size == 0 ||
        !asn_uint32(message, "enc-part.etype", &etype))
        return KRB5KRB_AP_ERR_MODIFIED;
    if (etype == ENCTYPE_NULL)
        return plain_check(cipher, tickets);
    if (key == NULL || (krb5_enctype)etype != key->enctype)
        return KRB5KRB_AP_ERR_NOKEY;
    return cipher_check(context, key, cipher, tickets);
}

/* --- By libkrb5 ----------------------------------------------------------------------------- */

/* Without time and sequence, which are a conversation's. */
static krb5_error_code auth_new(krb5_context context, krb5_auth_context *auth)
{
    krb5_error_code code = krb5_auth_con_init(context, auth);

    return code != 0 ? code : krb5_auth_con_setflags(context, *auth, 0);
}

static krb5_error_code message_read(krb5_context context, const krb5_keyblock *key,
                                    const krb5_data *message, krb5_creds ***creds)
{
    krb5_data data = *message;
    krb5_auth_context auth = NULL;
    krb5_error_code code = auth_new(context, &auth);

    if (code == 0 && key != NULL)
        code = krb5_auth_con_setrecvsubkey(context, auth, (krb5_keyblock *)(uintptr_t)key);
    if (code == 0)
        code = krb5_rd_cred(context, auth, &data, creds, NULL);
    krb5_auth_con_free(context, auth);
    return code;
}

krb5_error_code krbcred_read(krb5_context context, const krb5_keyblock *key,
                             const krb5_data *message, krb5_creds ***creds)
{
    struct asn asn;
    krb5_error_code code = code_of(
        asn_open(&asn, &module, "KRBCRED.KRB-CRED", message->data, message->length, MESSAGE_MAX));

    if (code != 0)
        return code;
    code = message_check(context, key, &asn);
    asn_close(&asn);
    return code != 0 ? code : message_read(context, key, message, creds);
}

krb5_error_code krbcred_make(krb5_context context, krb5_creds *creds, krb5_data *message)
{
    krb5_auth_context auth = NULL;
    krb5_data *made = NULL;
    krb5_error_code code = auth_new(context, &auth);

    if (code == 0)
        code = krb5_mk_1cred(context, auth, creds, &made, NULL);
    if (code == 0)
        *message = *made;
    free(made);
    krb5_auth_con_free(context, auth);
    return code;
}
