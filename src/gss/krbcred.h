/* SPDX-License-Identifier: MIT */
/* The KRB-CRED message: tickets with their session keys. RFC 4120 5.8 */
#ifndef SSPI_GSS_KRBCRED_H
#define SSPI_GSS_KRBCRED_H

#include <krb5.h>

/*
 * The tickets in a message, ended by NULL, to be freed with krb5_free_tgt_creds(). key: what the
 * encrypted part is under; NULL when it is not encrypted. Each has a client and a server, and one
 * there is at least. Not a conversation's: nobody looks at times and addresses of the message.
 */
krb5_error_code krbcred_read(krb5_context context, const krb5_keyblock *key,
                             const krb5_data *message, krb5_creds ***creds);

/* A message of one ticket that is not encrypted; wipe and free() its data. */
krb5_error_code krbcred_make(krb5_context context, krb5_creds *creds, krb5_data *message);

#endif
