/* SPDX-License-Identifier: MIT */
/*
 * ldap_client: binds to an LDAP server through SSPI and searches under the protection that came of
 * it.
 *
 *     ldap_client URI BASE FILTER [WORD...]       (words: README.md)
 *
 * mech=krb5 binds with SASL GSSAPI (RFC 4752), the others with GSS-SPNEGO ([MS-ADTS] 5.1.1.1).
 * flags=conf asks for sealing, integ for signing, neither for no layer (over LDAPS, with no-integ);
 * options=sasl binds by SASL's calls, which do all that; authz= and size= as in README.md.
 * options=no-layer has no layer after a context with integrity, which SASL GSSAPI needs to say so.
 * libldap carries the operations; the tokens and the security layer are ours.  It prints "bind="
 * and LDAP's result, "failed=" if SSPI refused, "who=" (RFC 4532), "sid=" (Active Directory),
 * "entries=" and what the context came to.
 */
#include "sspi_end.h"

#include <errno.h>
#include <ldap.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#define LEGS_MAX    8
#define RETRIES_MAX 12000
#define MESSAGE_MAX (1u << 20)
#define CHUNK_MAX   8192u /* plain bytes in one message; every server takes 64 KiB */

/* RFC 4752 3.1: the bits of the security layers. */
enum { LAYER_NONE = 1, LAYER_SIGN = 2, LAYER_SEAL = 4 };

struct session {
    struct sspi_end end;
    LDAP *ldap;
    const char *sasl;
    unsigned layer;
    ULONG chunk;              /* plain bytes in one message that goes out */
    ULONG largest;            /* message that came in */
    struct peer_bytes opened; /* plain text that was read ahead */
    size_t taken;
};

/* ---- messages under the layer ---------------------------------------------------------------- */

static const char *layer_format(const struct session *session)
{
    return session->layer == LAYER_SEAL ? "wrap" : "clear";
}

static int protect(struct session *session, struct peer_bytes text, struct peer_bytes *wire)
{
    return sspi_format(&session->end, layer_format(session), true)
        ->write(&session->end, text, wire);
}

static int unprotect(struct session *session, struct peer_bytes wire, struct peer_bytes *text)
{
    bool sealed = false;
    int status = sspi_format(&session->end, layer_format(session), false)
                     ->read(&session->end, wire, text, &sealed);

    if (status == 0 && session->layer == LAYER_SEAL && !sealed)
        return peer_fail("clear", "the server sent a message that is not sealed");
    return status;
}

/* ---- the layer in libldap ----------------------------------------------------------------------
 */

static int layer_setup(Sockbuf_IO_Desc *layer, void *argument)
{
    layer->sbiod_pvt = argument;
    return 0;
}

static int layer_remove(Sockbuf_IO_Desc *layer)
{
    struct session *session = layer->sbiod_pvt;

    free(session->opened.data);
    session->opened = (struct peer_bytes){0};
    return 0;
}

static int layer_control(Sockbuf_IO_Desc *layer, int option, void *argument)
{
    const struct session *session = layer->sbiod_pvt;

    if (option == LBER_SB_OPT_DATA_READY && session->taken < session->opened.length)
        return 1;
    return LBER_SBIOD_CTRL_NEXT(layer, option, argument);
}

/* Moves all of the bytes, waiting in between for a bounded time. */
static bool move_all(Sockbuf_IO_Desc *layer, uint8_t *data, size_t length, bool writing)
{
    int retries = 0;

    while (length > 0 && retries < RETRIES_MAX) {
        ber_slen_t moved = writing ? LBER_SBIOD_WRITE_NEXT(layer, data, length)
                                   : LBER_SBIOD_READ_NEXT(layer, data, length);

        if (moved > 0) {
            data += moved;
            length -= (size_t)moved;
        } else if (moved < 0 && (errno == EAGAIN || errno == EINTR)) {
            usleep(5000);
            retries++;
        } else {
            break;
        }
    }
    return length == 0;
}

static ber_slen_t layer_fail(void)
{
    fprintf(stderr, "ldap_client: %s\n", peer_failure());
    errno = EIO;
    return -1;
}

static ber_slen_t layer_read(Sockbuf_IO_Desc *layer, void *data, ber_len_t length)
{
    struct session *session = layer->sbiod_pvt;

    if (session->taken == session->opened.length) {
        struct peer_bytes wire;
        uint8_t head[4];
        uint32_t size;
        int status;

        if (!move_all(layer, head, sizeof head, false))
            return 0;
        size = (uint32_t)head[0] << 24 | (uint32_t)head[1] << 16 | (uint32_t)head[2] << 8 | head[3];
        if (size > MESSAGE_MAX)
            return layer_fail();
        if (size > session->largest)
            session->largest = size;
        wire = peer_bytes_new(size);
        free(session->opened.data);
        session->opened = (struct peer_bytes){0};
        session->taken = 0;
        status = move_all(layer, wire.data, size, false)
                     ? unprotect(session, wire, &session->opened)
                     : peer_fail("io", "the stream ended inside a message");
        free(wire.data);
        if (status != 0)
            return layer_fail();
    }
    if (length > session->opened.length - session->taken)
        length = session->opened.length - session->taken;
    memcpy(data, session->opened.data + session->taken, length);
    session->taken += length;
    return (ber_slen_t)length;
}

static ber_slen_t layer_write(Sockbuf_IO_Desc *layer, void *data, ber_len_t length)
{
    struct session *session = layer->sbiod_pvt;
    ber_len_t chunk = length > session->chunk ? session->chunk : length;
    struct peer_bytes wire, framed;
    bool sent;

    if (protect(session, (struct peer_bytes){data, chunk}, &wire) != 0)
        return layer_fail();
    framed = peer_join(wire, (struct peer_bytes){0}); /* 4 bytes of length and the message */
    sent = move_all(layer, framed.data, framed.length, true);
    free(wire.data);
    free(framed.data);
    return sent ? (ber_slen_t)chunk : -1;
}

static int layer_close(Sockbuf_IO_Desc *layer)
{
    (void)layer;
    return 0;
}

static Sockbuf_IO layer_io = {layer_setup, layer_remove, layer_control,
                              layer_read,  layer_write,  layer_close};

static bool install_layer(struct session *session)
{
    Sockbuf *socket = NULL;

    if (session->layer == LAYER_NONE)
        return true;
    return ldap_get_option(session->ldap, LDAP_OPT_SOCKBUF, &socket) == LDAP_SUCCESS &&
           ber_sockbuf_add_io(socket, &layer_io, LBER_SBIOD_LEVEL_APPLICATION, session) == 0;
}

/* ---- bind
 * ---------------------------------------------------------------------------------------- */

static void forget(struct peer_bytes *bytes)
{
    free(bytes->data);
    *bytes = (struct peer_bytes){0};
}

/* One request; LDAP_SASL_BIND_IN_PROGRESS or the final result, with the server's part. */
static int bind_leg(struct session *session, struct peer_bytes ours, struct peer_bytes *theirs)
{
    struct berval credentials = {ours.length, (char *)ours.data}, *answer = NULL;
    int result =
        ldap_sasl_bind_s(session->ldap, NULL, session->sasl, &credentials, NULL, NULL, &answer);

    forget(theirs);
    if (answer != NULL) {
        *theirs = peer_bytes_copy(answer->bv_val, answer->bv_len);
        ber_bvfree(answer);
    }
    return result;
}

static void explain(struct session *session)
{
    char *text = NULL;

    ldap_get_option(session->ldap, LDAP_OPT_DIAGNOSTIC_MESSAGE, &text);
    if (text != NULL)
        printf("diagnostic=%s\n", text);
    ldap_memfree(text);
}

static bool is_sasl(const struct session *session)
{
    return peer_listed(session->end.words.options, "sasl");
}

/* The context; LDAP_OTHER when SSPI fails. */
static int run_context(struct session *session, struct peer_bytes *theirs)
{
    int result = LDAP_SASL_BIND_IN_PROGRESS;
    bool done = false;

    for (int i = 0; i < LEGS_MAX && !(done && result == LDAP_SUCCESS); i++) {
        struct peer_bytes ours = {0};

        if (!done && sspi_end_step(&session->end, *theirs, &ours, &done) != 0) {
            printf("failed=%s\n", peer_failure());
            free(ours.data);
            return LDAP_OTHER;
        }
        forget(theirs);
        /* The server may have had its last word already.  GSSAPI goes on with its own negotiation.
         */
        if (done && ours.length == 0 && !(is_sasl(session) && result != LDAP_SUCCESS)) {
            free(ours.data);
            break;
        }
        result = bind_leg(session, ours, theirs);
        free(ours.data);
        if (result != LDAP_SASL_BIND_IN_PROGRESS && result != LDAP_SUCCESS)
            break;
    }
    return done ? result : result == LDAP_SUCCESS ? LDAP_OTHER : result;
}

/* RFC 4752 3.1: the server's layers and size in four signed bytes, our choice in four others. */
static int choose_layer(struct session *session, struct peer_bytes *theirs)
{
    struct peer_bytes offer = {0}, wire = {0};
    uint8_t choice[4] = {(uint8_t)session->layer, 0, 0xff, 0xff}, none[1] = {0};
    bool sealed;
    int result = LDAP_SASL_BIND_IN_PROGRESS;

    if (theirs->length == 0)
        result = bind_leg(session, (struct peer_bytes){none, 0}, theirs);
    if (result != LDAP_SASL_BIND_IN_PROGRESS)
        return result;
    if (sspi_format(&session->end, "clear", false)->read(&session->end, *theirs, &offer, &sealed) !=
            0 ||
        offer.length != 4 || !(offer.data[0] & session->layer))
        result = LDAP_INAPPROPRIATE_AUTH;
    else {
        printf("layers=%u\n", offer.data[0]);
        if (session->layer == LAYER_NONE)
            choice[2] = choice[3] = 0;
        result = sspi_format(&session->end, "clear", true)
                             ->write(&session->end, (struct peer_bytes){choice, 4}, &wire) == 0
                     ? bind_leg(session, wire, theirs)
                     : LDAP_OTHER;
    }
    free(offer.data);
    free(wire.data);
    return result;
}

/* [MS-ADTS] 5.1.1.1.2: under GSS-SPNEGO the layer is what the context has. */
static unsigned granted_layer(const struct sspi_end *end)
{
    return end->attributes & ISC_RET_CONFIDENTIALITY ? LAYER_SEAL
           : end->attributes & ISC_RET_INTEGRITY     ? LAYER_SIGN
                                                     : LAYER_NONE;
}

/* SASL's calls have agreed on it, and on how much a message may hold. */
static void learn_layer(struct session *session)
{
    ULONG size;

    session->layer = granted_layer(&session->end);
    if (SaslGetContextOption(&session->end.ctx, SASL_OPTION_SEND_SIZE, &size, sizeof size, NULL) ==
        SEC_E_OK)
        session->chunk = size;
}

static int bind_session(struct session *session)
{
    struct peer_bytes theirs = {0};
    int result = run_context(session, &theirs);

    if (result == LDAP_SUCCESS || result == LDAP_SASL_BIND_IN_PROGRESS) {
        if (sspi_end_info(&session->end, stdout) != 0)
            result = LDAP_OTHER;
        else if (is_sasl(session))
            learn_layer(session);
        else if (strcmp(session->sasl, "GSSAPI") == 0)
            result = choose_layer(session, &theirs);
        else
            session->layer = granted_layer(&session->end);
    }
    free(theirs.data);
    printf("bind=%d\n", result);
    if (result != LDAP_SUCCESS)
        explain(session);
    return result;
}

/* ---- operations ------------------------------------------------------------------------------ */

/* [MS-DTYP] 2.4.2.2: version, count, authority of six bytes (big endian), then the parts. */
static void print_sid(const struct berval *value)
{
    const uint8_t *raw = (const uint8_t *)value->bv_val;

    if (value->bv_len < 8 || value->bv_len < 8 + 4u * raw[1])
        return;
    printf("sid=S-%u-%u", raw[0], raw[7]);
    for (const uint8_t *part = raw + 8; part < raw + 8 + 4 * raw[1]; part += 4)
        printf("-%lu", (unsigned long)part[3] << 24 | (unsigned long)part[2] << 16 |
                           (unsigned long)part[1] << 8 | part[0]);
    printf("\n");
}

/* [MS-ADTS] 3.1.1.3.2.20: the first of the root's tokenGroups is the user of this connection. */
static void sid(struct session *session)
{
    static char token_groups[] = "tokenGroups";
    char *attributes[] = {token_groups, NULL};
    struct timeval limit = {60, 0};
    LDAPMessage *answer = NULL;
    struct berval **values = NULL;

    if (ldap_search_ext_s(session->ldap, "", LDAP_SCOPE_BASE, NULL, attributes, 0, NULL, NULL,
                          &limit, LDAP_NO_LIMIT, &answer) == LDAP_SUCCESS &&
        ldap_first_entry(session->ldap, answer) != NULL)
        values = ldap_get_values_len(session->ldap, ldap_first_entry(session->ldap, answer),
                                     token_groups);
    if (values != NULL && values[0] != NULL)
        print_sid(values[0]);
    ldap_value_free_len(values);
    ldap_msgfree(answer);
}

static int who(struct session *session)
{
    struct berval *name = NULL;
    int result = ldap_whoami_s(session->ldap, &name, NULL, NULL);

    if (result == LDAP_SUCCESS && name != NULL)
        printf("who=%.*s\n", (int)name->bv_len, name->bv_val);
    ber_bvfree(name);
    return result;
}

static int search(struct session *session, const char *base, const char *filter)
{
    struct timeval limit = {60, 0};
    LDAPMessage *answer = NULL;
    int result = ldap_search_ext_s(session->ldap, base, LDAP_SCOPE_SUBTREE, filter, NULL, 0, NULL,
                                   NULL, &limit, LDAP_NO_LIMIT, &answer);

    printf("search=%d\nentries=%d\n", result, ldap_count_entries(session->ldap, answer));
    if (result != LDAP_SUCCESS)
        explain(session);
    ldap_msgfree(answer);
    return result;
}

static bool open_session(struct session *session, const char *uri)
{
    const int version = LDAP_VERSION3, never = LDAP_OPT_X_TLS_NEVER, client = 0;
    const struct timeval limit = {60, 0};

    return ldap_initialize(&session->ldap, uri) == LDAP_SUCCESS &&
           ldap_set_option(session->ldap, LDAP_OPT_PROTOCOL_VERSION, &version) == 0 &&
           ldap_set_option(session->ldap, LDAP_OPT_REFERRALS, LDAP_OPT_OFF) == 0 &&
           ldap_set_option(session->ldap, LDAP_OPT_NETWORK_TIMEOUT, &limit) == 0 &&
           ldap_set_option(session->ldap, LDAP_OPT_TIMEOUT, &limit) == 0 &&
           /* the certificate is as throw-away as the server */
           ldap_set_option(session->ldap, LDAP_OPT_X_TLS_REQUIRE_CERT, &never) == 0 &&
           ldap_set_option(session->ldap, LDAP_OPT_X_TLS_NEWCTX, &client) == 0;
}

static unsigned wanted_layer(const struct peer_words *words)
{
    if (peer_listed(words->options, "no-layer"))
        return LAYER_NONE;
    return words->flags & PEER_CONF    ? LAYER_SEAL
           : words->flags & PEER_INTEG ? LAYER_SIGN
                                       : LAYER_NONE;
}

int main(int argc, char **argv)
{
    static struct session session;
    bool good;

    if (argc < 4) {
        fprintf(stderr, "usage: ldap_client URI BASE FILTER [WORD...]\n");
        return 2;
    }
    sspi_end_init(&session.end, peer_parse(argc - 3, argv + 3));
    session.end.words.initiator = true;
    session.sasl = strcmp(session.end.words.mech, "krb5") == 0 ? "GSSAPI" : "GSS-SPNEGO";
    session.layer = wanted_layer(&session.end.words);
    session.chunk = CHUNK_MAX;
    if (!open_session(&session, argv[1])) {
        fprintf(stderr, "ldap_client: cannot use %s\n", argv[1]);
        return 2;
    }
    good = bind_session(&session) == LDAP_SUCCESS && install_layer(&session) &&
           search(&session, argv[2], argv[3]) == LDAP_SUCCESS;
    if (good) {
        who(&session);
        sid(&session);
        printf("largest=%u\n", (unsigned)session.largest);
    }
    ldap_unbind_ext_s(session.ldap, NULL, NULL);
    sspi_end_free(&session.end);
    return good ? 0 : 1;
}
