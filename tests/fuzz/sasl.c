/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: SASL. The first octet says what the rest is about:
 *
 *   0  a server of GSSAPI whose client wraps what the input has, RFC 4752 3.1
 *   1  a client of GSSAPI whose server does
 *   2  both ends of GSSAPI, GSS-SPNEGO or DIGEST-MD5, with somebody between them
 *
 * In the first two the input has the flags and options of our end, what the other one says of
 * layers, and messages: whatever it says, a layer is one that both have named, and a message is
 * taken only as it and the sizes say. In the last, however far both come, the client is alice, and
 * a message opens as what was sealed or not at all.
 */
#include "ends.h"
#include "plan.h"

#include <sspi_linux.h>
#include <stdlib.h>
#include <string.h>

#include "lib/digestend.h"

enum { LAYER_NONE = 1, LAYER_SIGN = 2, LAYER_SEAL = 4 };

#define HEAD 4 /* octets of a layer's message before the identity */
#define FULL                                                                                       \
    (ISC_REQ_MUTUAL_AUTH | ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT |                       \
     ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY)

static struct digest_end digest_client, digest_server;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fuzz_world();
    fuzz_check(digest_client_open(&digest_client, DIGEST_END_USER, NULL, DIGEST_END_PASSWORD) ==
                       SEC_E_OK &&
                   digest_server_open(&digest_server, NULL, NULL) == SEC_E_OK,
               "there are credentials of Digest");
    return 0;
}

/* ---- messages ------------------------------------------------------------------------------ */

/* Octets in memory of their own. */
struct piece {
    uint8_t *data;
    size_t size;
};

static struct piece piece_new(size_t size)
{
    struct piece piece = {malloc(size), size};

    if (piece.data == NULL)
        exit(EXIT_FAILURE);
    return piece;
}

enum { TOKEN, DATA, PADDING, PARTS };

/* As it travels: Digest's signature follows the text, other tokens come before it. */
static const int orders[][PARTS] = {{TOKEN, DATA, PADDING}, {DATA, TOKEN, PADDING}};

/* A message in one piece; its size is 0 where it cannot be. */
static struct piece seal(struct end *end, ULONG qop, const void *text, size_t size)
{
    const int *order = orders[end->cred != NULL];
    SecPkgContext_Sizes sizes = {0};
    SecBuffer list[PARTS] = {{0, SECBUFFER_TOKEN, NULL},
                             {(ULONG)size, SECBUFFER_DATA, NULL},
                             {0, SECBUFFER_PADDING, NULL}};
    SecBufferDesc desc = {SECBUFFER_VERSION, PARTS, list};
    struct piece wire;
    uint8_t *at;

    fuzz_check(QueryContextAttributesA(&end->ctx, SECPKG_ATTR_SIZES, &sizes) == SEC_E_OK,
               "an established context has sizes");
    list[TOKEN].cbBuffer = sizes.cbSecurityTrailer;
    list[PADDING].cbBuffer = sizes.cbBlockSize;
    wire = piece_new(sizes.cbSecurityTrailer + size + sizes.cbBlockSize + 1);
    at = wire.data;
    for (int i = 0; i < PARTS; at += list[order[i++]].cbBuffer)
        list[order[i]].pvBuffer = at;
    memcpy(list[DATA].pvBuffer, text, size);
    wire.size = 0;
    if (EncryptMessage(&end->ctx, qop, &desc, 0) != SEC_E_OK)
        return wire;
    for (int i = 0; i < PARTS; i++) {
        const SecBuffer *part = &list[order[i]];

        memmove(wire.data + wire.size, part->pvBuffer, part->cbBuffer);
        wire.size += part->cbBuffer;
    }
    return wire;
}

/* data is what was in it, in wire's memory. */
static SECURITY_STATUS open_stream(struct end *end, struct piece wire, SecBuffer *data)
{
    SecBuffer list[] = {{(ULONG)wire.size, SECBUFFER_STREAM, wire.data}, {0, SECBUFFER_DATA, NULL}};
    SecBufferDesc desc = {SECBUFFER_VERSION, 2, list};
    ULONG qop = 0;
    SECURITY_STATUS status = DecryptMessage(&end->ctx, &desc, 0, &qop);

    *data = list[1];
    return status;
}

static bool is_text(const SecBuffer *data, const void *text, size_t size)
{
    return data->cbBuffer == size && (size == 0 || memcmp(data->pvBuffer, text, size) == 0);
}

/* ---- a peer that says anything ------------------------------------------------------------- */

static void options_set(struct end *ours, struct fuzz_input *input)
{
    static const ULONG options[] = {SASL_OPTION_SEND_SIZE, SASL_OPTION_RECV_SIZE,
                                    SASL_OPTION_AUTHZ_PROCESSING};
    char *name = fuzz_text(input);

    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        ULONG value = fuzz_u32(input);

        if (value != 0) /* else it is left as it is */
            SaslSetContextOption(&ours->ctx, options[i], &value, sizeof value);
    }
    SaslSetContextOption(&ours->ctx, SASL_OPTION_AUTHZ_STRING, name, (ULONG)strlen(name));
    free(name);
}

static ULONG number_of(struct end *end, ULONG option)
{
    ULONG value = 0, needed = 0;

    fuzz_check(SaslGetContextOption(&end->ctx, option, &value, sizeof value, &needed) == SEC_E_OK &&
                   needed == sizeof value,
               "a SASL context has its numbers");
    return value;
}

/* What the peer has wrapped of the input, and what it was. */
static struct piece wrapped(struct end *theirs, struct fuzz_input *input, struct piece *text,
                            ULONG *qop)
{
    *qop = fuzz_u8(input) % 2 ? 0 : SECQOP_WRAP_NO_ENCRYPT;
    text->data = fuzz_chunk(input, &text->size);
    return seal(theirs, *qop, text->data, text->size);
}

static void step_wrapped(struct end *ours, struct end *theirs, struct fuzz_input *input,
                         struct piece *text)
{
    ULONG qop;
    struct piece wire = wrapped(theirs, input, text, &qop);

    end_step(ours, wire.data, wire.size);
    free(wire.data);
}

/* Our end's own message about layers, in its memory. */
static struct piece unwrapped(struct end *ours, struct end *theirs)
{
    SecBuffer data;

    fuzz_check(open_stream(theirs, (struct piece){ours->token, ours->size}, &data) == SEC_E_OK &&
                   data.cbBuffer >= HEAD,
               "what we say of layers can be read");
    return (struct piece){data.pvBuffer, data.cbBuffer};
}

static ULONG size_told(struct piece head)
{
    return (ULONG)head.data[1] << 16 | (ULONG)head.data[2] << 8 | head.data[3];
}

static unsigned layer_of(struct end *end)
{
    SecPkgContext_Flags flags;

    fuzz_check(QueryContextAttributesA(&end->ctx, SECPKG_ATTR_FLAGS, &flags) == SEC_E_OK,
               "an established context has flags");
    if (flags.Flags & ISC_RET_CONFIDENTIALITY)
        return LAYER_SEAL;
    return flags.Flags & (end->inbound ? ASC_RET_INTEGRITY : ISC_RET_INTEGRITY) ? LAYER_SIGN
                                                                                : LAYER_NONE;
}

/* Messages of the peer, sealed or only signed, until one is refused. */
static void messages_come(struct end *ours, struct end *theirs, struct fuzz_input *input)
{
    SECURITY_STATUS status = SEC_E_OK;

    while (status == SEC_E_OK && input->left > 0) {
        struct piece text, wire;
        SecBuffer data;
        ULONG qop;

        wire = wrapped(theirs, input, &text, &qop);
        status = open_stream(ours, wire, &data);
        if (status == SEC_E_OK) {
            fuzz_check(is_text(&data, text.data, text.size), "a message opens as what was sealed");
            fuzz_check(wire.size <= number_of(ours, SASL_OPTION_RECV_SIZE), "and is not too large");
            fuzz_check(layer_of(ours) != LAYER_NONE, "without a layer there are none");
            fuzz_check(layer_of(ours) != LAYER_SEAL || qop == 0, "nothing is taken unsealed");
        }
        free(text.data);
        free(wire.data);
    }
}

/* A message of ours, as large as it may be, is one that the peer has room for. */
static void message_goes(struct end *ours, struct end *theirs, ULONG room)
{
    unsigned layer = layer_of(ours);
    size_t most = number_of(ours, SASL_OPTION_SEND_SIZE);
    struct piece text, wire;
    SecBuffer data;

    if (layer == LAYER_NONE)
        return;
    most = most < 65536 ? most : 65536;
    text = piece_new(most + 1);
    memset(text.data, 'x', most + 1);
    wire = seal(ours, layer == LAYER_SEAL ? 0 : SECQOP_WRAP_NO_ENCRYPT, text.data, most);
    fuzz_check(wire.size != 0 && wire.size <= room, "what may be sent the peer can receive");
    fuzz_check(open_stream(theirs, wire, &data) == SEC_E_OK && is_text(&data, text.data, most),
               "and reads");
    free(wire.data);
    free(text.data);
}

static void check_identity(struct end *server, struct piece choice)
{
    size_t size = choice.size - HEAD;
    struct piece got = piece_new(size + 1);
    ULONG needed = 0;
    SECURITY_STATUS status = SaslGetContextOption(&server->ctx, SASL_OPTION_AUTHZ_STRING, got.data,
                                                  (ULONG)size, &needed);

    if (status != SEC_E_UNSUPPORTED_FUNCTION) /* it is forbidden */
        fuzz_check(status == SEC_E_OK && needed == size &&
                       memcmp(got.data, choice.data + HEAD, size) == 0,
                   "the identity is the one that the client named");
    else
        fuzz_check(size == 0, "an identity that is forbidden is refused");
    free(got.data);
}

static void play_server(struct end *ours, struct end *theirs, struct fuzz_input *input)
{
    struct piece offer, choice;

    end_step(theirs, NULL, 0);
    end_step(ours, theirs->token, theirs->size);
    fuzz_check(ours->status == SEC_I_CONTINUE_NEEDED, "a client comes this far");
    end_step(theirs, ours->token, ours->size);
    fuzz_check(theirs->status == SEC_E_OK, "and is done");
    options_set(ours, input);
    end_step(ours, "", 0);
    if (ours->status < 0)
        return; /* it cannot offer what it wants */
    offer = unwrapped(ours, theirs);
    fuzz_check(offer.size == HEAD && offer.data[0] != 0, "an offer has layers and a size");
    step_wrapped(ours, theirs, input, &choice);
    if (ours->status == SEC_E_OK) {
        fuzz_check(choice.size >= HEAD && (choice.data[0] & offer.data[0] & layer_of(ours)) != 0,
                   "the layer was offered and chosen");
        check_identity(ours, choice);
        message_goes(ours, theirs, size_told(choice));
        messages_come(ours, theirs, input);
    }
    free(choice.data);
}

static void play_client(struct end *ours, struct end *theirs, struct fuzz_input *input)
{
    struct piece offer, choice;

    end_step(ours, NULL, 0);
    if (ours->status < 0)
        return; /* flags that the package refuses */
    options_set(ours, input);
    end_step(theirs, ours->token, ours->size);
    fuzz_check(theirs->status >= 0, "a server takes the client's token");
    if (theirs->size != 0)
        end_step(ours, theirs->token, theirs->size);
    fuzz_check(ours->status == SEC_I_CONTINUE_NEEDED && theirs->status == SEC_E_OK,
               "both come to the layer");
    step_wrapped(ours, theirs, input, &offer);
    if (ours->status == SEC_E_OK) {
        choice = unwrapped(ours, theirs);
        fuzz_check(offer.size == HEAD && (choice.data[0] & offer.data[0]) == layer_of(ours) &&
                       choice.data[0] == layer_of(ours),
                   "the layer was offered and is said");
        message_goes(ours, theirs, size_told(offer));
        messages_come(ours, theirs, input);
    }
    free(offer.data);
}

/* RFC 4752 knows no third token, and streams are not in DCE's style. */
static ULONG request_of(struct fuzz_input *input, bool inbound)
{
    return ends_request(fuzz_u32(input), inbound) & ~(ULONG)ISC_REQ_USE_DCE_STYLE;
}

/* Our end by SASL, and a peer that has only the mechanism. */
static void play_end(struct fuzz_input *input, bool inbound)
{
    struct end ours, theirs;

    end_init(&ours, KIND_KERBEROS, inbound, request_of(input, inbound));
    end_init(&theirs, KIND_KERBEROS, !inbound, FULL);
    ours.sasl = true;
    (inbound ? play_server : play_client)(&ours, &theirs, input);
    end_free(&ours);
    end_free(&theirs);
}

/* ---- somebody in between ------------------------------------------------------------------- */

#define LEGS_MAX 8
#define MESSAGES 4
#define PLAIN    "forty octets of text that nobody changes"

static void check_client(struct end *server)
{
    SecPkgContext_NamesA names = {NULL};

    if (server->cred == NULL) {
        end_check_client(server);
        return;
    }
    if (server->status != SEC_E_OK)
        return;
    fuzz_check(QueryContextAttributesA(&server->ctx, SECPKG_ATTR_NAMES, &names) == SEC_E_OK &&
                   strcmp((const char *)names.sUserName, DIGEST_END_REALM "\\" DIGEST_END_USER) ==
                       0,
               "an accepted client is alice");
    FreeContextBuffer(names.sUserName);
}

/* Tokens until an end has failed or both are done; an empty one is one too. */
static bool handshake(const struct plan *plan, struct end *first, struct end *second)
{
    bool untouched = true, same;

    end_step(first, NULL, 0);
    for (int leg = 0; leg < LEGS_MAX; leg++) {
        struct end *to = leg % 2 ? first : second, *from = leg % 2 ? second : first;
        size_t size = from->size;
        uint8_t *token;

        if (from->status < 0 || to->status < 0 || (size == 0 && to->status == SEC_E_OK))
            break;
        token = plan_travel(plan, leg, from->token, &size, &same);
        untouched = untouched && same;
        end_step(to, token, size);
        free(token);
        check_client(to->inbound ? to : from);
    }
    return untouched;
}

/* Both ways in turn, until one is refused: to NTLM that is the end of the context. */
static void messages_pass(const struct plan *plan, struct end *ends, bool trusting)
{
    SECURITY_STATUS status = SEC_E_OK;

    for (int i = 0; i < MESSAGES && status == SEC_E_OK; i++) {
        struct end *from = &ends[i % 2], *to = &ends[(i + 1) % 2];
        unsigned layer = layer_of(from);
        struct piece wire, arrived;
        SecBuffer data;
        bool same;

        if (layer == LAYER_NONE)
            return;
        wire =
            seal(from, layer == LAYER_SEAL ? 0 : SECQOP_WRAP_NO_ENCRYPT, PLAIN, sizeof PLAIN - 1);
        fuzz_check(!trusting || wire.size != 0, "a message can be sealed");
        arrived.size = wire.size;
        arrived.data = plan_travel(plan, LEGS_MAX + i, wire.data, &arrived.size, &same);
        status = open_stream(to, arrived, &data);
        fuzz_check(status != SEC_E_OK || is_text(&data, PLAIN, sizeof PLAIN - 1),
                   "a message opens as what was sealed");
        fuzz_check(status == SEC_E_OK || !same || !trusting, "an untouched message opens");
        free(wire.data);
        free(arrived.data);
    }
}

static void play_between(struct fuzz_input *input)
{
    static const enum kind kinds[] = {KIND_KERBEROS, KIND_NEGOTIATE, KIND_NEGOTIATE_NTLM,
                                      KIND_KERBEROS};
    uint8_t which = fuzz_u8(input) % 4;
    ULONG isc = request_of(input, false), asc = request_of(input, true);
    struct plan plan = plan_read(input, LEGS_MAX + MESSAGES);
    bool digest = which == 3, trusting;
    struct end ends[2]; /* the client, and the server */

    end_init(&ends[0], kinds[which], false, isc);
    end_init(&ends[1], kinds[which], true, asc);
    ends[0].sasl = ends[1].sasl = true;
    if (digest) {
        ends[0].cred = &digest_client.cred;
        ends[1].cred = &digest_server.cred;
    }
    trusting = handshake(&plan, &ends[digest], &ends[!digest]);
    if (ends[0].status == SEC_E_OK && ends[1].status == SEC_E_OK)
        messages_pass(&plan, ends, trusting);
    end_free(&ends[0]);
    end_free(&ends[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    uint8_t what = fuzz_u8(&input) % 3;

    if (what == 2)
        play_between(&input);
    else
        play_end(&input, what == 0);
    return 0;
}
