/* SPDX-License-Identifier: MIT */
/*
 * Channel bindings: SEC_CHANNEL_BINDINGS and SEC_CHANNEL_BINDINGS_EX to gss_channel_bindings_t.
 */
#ifndef SSPI_GSS_BINDINGS_H
#define SSPI_GSS_BINDINGS_H

#include <gssapi/gssapi.h>
#include <sspi.h>
#include <stdbool.h>
#include <stdint.h>

/* Bindings with a copy of what they point at. */
struct bindings {
    struct gss_channel_bindings_struct gss;
    bool audit; /* a server wants to know of clients that are bound elsewhere, not to refuse them */
    unsigned char data[];
};

/*
 * Reads the SECBUFFER_CHANNEL_BINDINGS buffer of a list. *out stays as it is when there is none, so
 * that bindings given on the first leg hold for the later ones; otherwise it is replaced (free()
 * it). Returns SEC_E_OK, SEC_E_INSUFFICIENT_MEMORY, or SEC_E_BAD_BINDINGS for lengths and offsets
 * that do not lie in the buffer.
 */
SECURITY_STATUS bindings_read(const SecBufferDesc *list, struct bindings **out)
    __attribute__((warn_unused_result));

/* For gss_init_sec_context() and gss_accept_sec_context(); NULL gives GSS_C_NO_CHANNEL_BINDINGS. */
gss_channel_bindings_t bindings_gss(struct bindings *bindings);

/* What both mechanisms send in place of bindings, RFC 4121 4.1.1.2. False: there is no MD5. */
#define BINDINGS_HASH_SIZE 16
bool bindings_hash(const struct bindings *bindings, uint8_t hash[BINDINGS_HASH_SIZE]);

/* A copy, or NULL; for NULL too. */
struct bindings *bindings_copy(const struct bindings *bindings);

#endif
