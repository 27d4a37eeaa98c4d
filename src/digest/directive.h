/* SPDX-License-Identifier: MIT */
/*
 * What travels: lists of name=value, as HTTP has them in its header fields and SASL as they are.
 * RFC 2617 3.2, RFC 7616 3, RFC 2831 2 and 7.1.
 */
#ifndef SSPI_DIGEST_DIRECTIVE_H
#define SSPI_DIGEST_DIRECTIVE_H

#include <sspi.h>
#include <stdbool.h>
#include <stddef.h>

/* Nothing longer is made: cbMaxToken. */
#define DIGEST_TOKEN_MAX 4096U
/* Nothing longer is read: a header field may hold challenges of several kinds. */
#define DIGEST_INPUT_MAX 16384U
#define DIGEST_REALM_MAX 16U

enum digest_directive {
    DIGEST_ALGORITHM,
    DIGEST_AUTHZID,
    DIGEST_CHARSET,
    DIGEST_CIPHER,
    DIGEST_CNONCE,
    DIGEST_DIGEST_URI,
    DIGEST_DOMAIN,
    DIGEST_MAXBUF,
    DIGEST_NC,
    DIGEST_NEXTNONCE,
    DIGEST_NONCE,
    DIGEST_OPAQUE,
    DIGEST_QOP,
    DIGEST_REALM,
    DIGEST_RESPONSE,
    DIGEST_RSPAUTH,
    DIGEST_STALE,
    DIGEST_URI,
    DIGEST_USERHASH,
    DIGEST_USERNAME,
    DIGEST_USERNAME_EXT, /* username*, RFC 7616 3.4.4 */
    DIGEST_DIRECTIVES
};

/* Who says it. */
enum digest_kind {
    DIGEST_OF_SERVER = 1,  /* a challenge */
    DIGEST_OF_CLIENT = 2,  /* the response to it */
    DIGEST_OF_OUTCOME = 4, /* the server's proof: Authentication-Info, response-auth */
};

/* One message. Values are unquoted text without control characters; NULL: not there. */
struct digest_message {
    const char *value[DIGEST_DIRECTIVES];
    const char *realms[DIGEST_REALM_MAX]; /* a challenge of SASL may have several */
    unsigned realm_count;
    char *text; /* what the values point into */
};

/* What is left to be read. */
struct digest_input {
    const char *at, *end;
};

/*
 * Reads one message: up to the end, or in a header field with several challenges up to the next.
 * Challenges of other schemes are passed over; *found is false when nothing was left but such.
 * Unknown directives are ignored, as all of the RFCs ask. The message is freed by
 * digest_message_free(), after a failure too. Returns SEC_E_OK, SEC_E_INSUFFICIENT_MEMORY, or
 * SEC_E_INVALID_TOKEN for what is ill-formed, too long, or said twice.
 */
SECURITY_STATUS digest_message_read(struct digest_input *, enum digest_kind, bool sasl,
                                    struct digest_message *, bool *found)
    __attribute__((warn_unused_result));

void digest_message_free(struct digest_message *);

/* Whether a list of words, "auth,auth-int", has this one; no list has none. */
bool digest_list_has(const char *list, const char *word);

/* Writing. What would be too long, or is not fit to be in a header field, is found out at the end.
 */
struct digest_writer {
    char text[DIGEST_TOKEN_MAX + 1];
    size_t size;
    bool sasl, full, unfit;
    enum digest_kind kind;
};

/* value NULL: nothing is written. */
void digest_write(struct digest_writer *, enum digest_directive, const char *value);

/* SEC_E_OK, or SEC_E_INVALID_TOKEN. */
SECURITY_STATUS digest_written(const struct digest_writer *) __attribute__((warn_unused_result));

/* The status, and why as the native error. */
SECURITY_STATUS digest_refuse(SECURITY_STATUS status, const char *why);

#endif
