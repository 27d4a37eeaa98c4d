/* SPDX-License-Identifier: MIT */
/*
 * What InitializeSecurityContext and AcceptSecurityContext are asked, each flag alone and some
 * together; what both ends return for it, to the bit; and that a context has what it claims.
 */
#include <sspi_linux.h>
#include <stdio.h>
#include <string.h>
#include <winbase.h>

#include "lib/check_main.h"
#include "lib/guard.h"
#include "lib/pair.h"
#include "lib/world.h"

/* The packages, and Negotiate with either mechanism inside. */
static const struct way {
    const char *package, *list;
    bool ntlm, negotiate;
} ways[] = {{"Kerberos", NULL, false, false},
            {"NTLM", NULL, true, false},
            {"Negotiate", "!ntlm", false, true},
            {"Negotiate", "!kerberos", true, true}};

static void way_acquire(struct pair *pair, const struct way *way)
{
    SEC_WINNT_AUTH_IDENTITY_EXA id = identity_ambient(way->list);

    pair_init(pair);
    pair_acquire(pair, way->package, way->list == NULL ? NULL : &id);
}

/* --- What is asked, and what comes of it ---------------------------------------------------- */

struct outcome {
    SECURITY_STATUS status; /* SEC_E_OK, or what the end that asked gives on its first leg */
    ULONG client, server;
};

struct request {
    const char *name;
    ULONG isc, asc;
    struct outcome kerberos, ntlm;
};

/* Unasked: Kerberos can always seal; NTLM is always asked to sign, and its server says that it
 * counts what it signs. */
#define NTLM_COUNTS (ASC_RET_REPLAY_DETECT | ASC_RET_SEQUENCE_DETECT)
#define K(client, server)                                                                          \
    {                                                                                              \
        SEC_E_OK, ISC_RET_INTEGRITY | ISC_RET_CONFIDENTIALITY | (client),                          \
            ASC_RET_INTEGRITY | ASC_RET_CONFIDENTIALITY | (server)                                 \
    }
#define N(client, server)                                                                          \
    {                                                                                              \
        SEC_E_OK, ISC_RET_INTEGRITY | (client), ASC_RET_INTEGRITY | NTLM_COUNTS | (server)         \
    }
#define BARE(client, server)                                                                       \
    {                                                                                              \
        SEC_E_OK, client, server                                                                   \
    }
#define REFUSED                                                                                    \
    {                                                                                              \
        SEC_E_UNSUPPORTED_FUNCTION, 0, 0                                                           \
    }

#define ISC(flag) "ISC_REQ_" #flag, ISC_REQ_##flag, 0
#define ASC(flag) "ASC_REQ_" #flag, 0, ASC_REQ_##flag

/* clang-format off */
static const struct request alone[] = {
    {"nothing", 0, 0, K(0, 0), N(0, 0)},
    {ISC(DELEGATE),               K(0, 0), N(0, 0)}, /* not without MUTUAL_AUTH */
    {ISC(MUTUAL_AUTH),            K(ISC_RET_MUTUAL_AUTH, ASC_RET_MUTUAL_AUTH), N(0, 0)},
    {ISC(REPLAY_DETECT),          K(ISC_RET_REPLAY_DETECT, ASC_RET_REPLAY_DETECT), N(ISC_RET_REPLAY_DETECT, 0)},
    {ISC(SEQUENCE_DETECT),        K(ISC_RET_SEQUENCE_DETECT, ASC_RET_SEQUENCE_DETECT), N(ISC_RET_SEQUENCE_DETECT, 0)},
    {ISC(CONFIDENTIALITY),        K(0, 0), N(ISC_RET_CONFIDENTIALITY, ASC_RET_CONFIDENTIALITY)},
    {ISC(USE_SESSION_KEY),        K(0, 0), N(0, 0)},
    {ISC(PROMPT_FOR_CREDS),       REFUSED, REFUSED},
    {ISC(USE_SUPPLIED_CREDS),     K(0, 0), N(0, 0)}, /* without SECBUFFER_PKG_PARAMS */
    {ISC(ALLOCATE_MEMORY),        K(0, 0), N(0, 0)}, /* see output_allocated() */
    {ISC(USE_DCE_STYLE),          K(ISC_RET_USED_DCE_STYLE | ISC_RET_MUTUAL_AUTH, ASC_RET_USED_DCE_STYLE | ASC_RET_MUTUAL_AUTH), N(0, 0)},
    {ISC(DATAGRAM),               REFUSED, REFUSED},
    {ISC(CONNECTION),             K(ISC_RET_CONNECTION, 0), N(ISC_RET_CONNECTION, 0)},
    {ISC(CALL_LEVEL),             K(0, 0), N(0, 0)},
    {ISC(FRAGMENT_SUPPLIED),      K(0, 0), N(0, 0)},
    {ISC(EXTENDED_ERROR),         K(ISC_RET_EXTENDED_ERROR, 0), N(ISC_RET_EXTENDED_ERROR, 0)},
    {ISC(STREAM),                 K(ISC_RET_STREAM, 0), N(ISC_RET_STREAM, 0)},
    {ISC(INTEGRITY),              K(0, 0), N(0, 0)},
    {ISC(IDENTIFY),               K(ISC_RET_IDENTIFY, ASC_RET_IDENTIFY), N(ISC_RET_IDENTIFY, 0)}, /* gss-ntlmssp's acceptor does not tell */
    {ISC(NULL_SESSION),           REFUSED, REFUSED},
    {ISC(MANUAL_CRED_VALIDATION), K(0, 0), N(0, 0)},
    {ISC(RESERVED1),              K(0, 0), N(0, 0)},
    {ISC(FRAGMENT_TO_FIT),        K(0, 0), N(0, 0)},
    {ISC(FORWARD_CREDENTIALS),    K(0, 0), N(0, 0)},
    {ISC(NO_INTEGRITY),           BARE(0, 0), BARE(0, 0)},
    {ISC(USE_HTTP_STYLE),         K(0, 0), N(0, 0)},
    {ISC(UNVERIFIED_TARGET_NAME), K(0, 0), N(0, 0)},
    {ISC(CONFIDENTIALITY_ONLY),   K(0, 0), N(0, 0)},
    /* What is negotiated is the client's to ask. */
    {ASC(DELEGATE),               K(0, 0), N(0, 0)},
    {ASC(MUTUAL_AUTH),            K(0, 0), N(0, 0)},
    {ASC(REPLAY_DETECT),          K(0, 0), N(0, 0)},
    {ASC(SEQUENCE_DETECT),        K(0, 0), N(0, 0)},
    {ASC(CONFIDENTIALITY),        K(0, 0), N(0, 0)},
    {ASC(USE_SESSION_KEY),        K(0, 0), N(0, 0)},
    {ASC(SESSION_TICKET),         K(0, 0), N(0, 0)},
    {ASC(ALLOCATE_MEMORY),        K(0, 0), N(0, 0)},
    {ASC(USE_DCE_STYLE),          K(0, 0), N(0, 0)},
    {ASC(DATAGRAM),               REFUSED, REFUSED},
    {ASC(CONNECTION),             K(0, ASC_RET_CONNECTION), N(0, ASC_RET_CONNECTION)},
    {ASC(CALL_LEVEL),             K(0, 0), N(0, 0)},
    {ASC(FRAGMENT_SUPPLIED),      K(0, 0), N(0, 0)},
    {ASC(EXTENDED_ERROR),         K(0, ASC_RET_EXTENDED_ERROR), N(0, ASC_RET_EXTENDED_ERROR)},
    {ASC(STREAM),                 K(0, ASC_RET_STREAM), N(0, ASC_RET_STREAM)},
    {ASC(INTEGRITY),              K(0, 0), N(0, 0)},
    {ASC(LICENSING),              K(0, 0), N(0, 0)},
    {ASC(IDENTIFY),               K(0, 0), N(0, 0)},
    {ASC(ALLOW_NULL_SESSION),     K(0, 0), N(0, 0)}, /* whose client has a name all the same */
    {ASC(ALLOW_NON_USER_LOGONS),  K(0, 0), N(0, 0)},
    {ASC(ALLOW_CONTEXT_REPLAY),   K(0, 0), N(0, 0)},
    {ASC(FRAGMENT_TO_FIT),        K(0, 0), N(0, 0)},
    {ASC(NO_TOKEN),               K(0, 0), N(0, 0)},
    {ASC(PROXY_BINDINGS),         K(0, 0), N(0, 0)},
    {ASC(ALLOW_MISSING_BINDINGS), K(0, 0), N(0, 0)},
};

#define ORDERED (ISC_RET_REPLAY_DETECT | ISC_RET_SEQUENCE_DETECT)
#define USUAL   (ISC_RET_MUTUAL_AUTH | ORDERED)

static const struct request together[] = {
    /* A mechanism that echoes a request for mutual authentication is not believed. */
    {"the usual", PAIR_ISC, PAIR_ASC, K(USUAL, USUAL),
     N(ISC_RET_CONFIDENTIALITY | ORDERED, ASC_RET_CONFIDENTIALITY)},
    {"NO_INTEGRITY with the usual", PAIR_ISC | ISC_REQ_NO_INTEGRITY, PAIR_ASC,
     BARE(ISC_RET_MUTUAL_AUTH, ASC_RET_MUTUAL_AUTH), BARE(0, 0)},
    {"DELEGATE with the usual", PAIR_ISC | ISC_REQ_DELEGATE, PAIR_ASC,
     K(USUAL | ISC_RET_DELEGATE, USUAL | ASC_RET_DELEGATE),
     N(ISC_RET_CONFIDENTIALITY | ORDERED, ASC_RET_CONFIDENTIALITY)},
    {"DELEGATE with IDENTIFY", ISC_REQ_DELEGATE | ISC_REQ_MUTUAL_AUTH | ISC_REQ_IDENTIFY, 0,
     K(ISC_RET_MUTUAL_AUTH | ISC_RET_DELEGATE | ISC_RET_IDENTIFY,
       ASC_RET_MUTUAL_AUTH | ASC_RET_DELEGATE | ASC_RET_IDENTIFY),
     N(ISC_RET_IDENTIFY, 0)},
    {"what is echoed", ISC_REQ_CONNECTION | ISC_REQ_STREAM | ISC_REQ_EXTENDED_ERROR,
     ASC_REQ_CONNECTION | ASC_REQ_STREAM | ASC_REQ_EXTENDED_ERROR,
     K(ISC_RET_CONNECTION | ISC_RET_STREAM | ISC_RET_EXTENDED_ERROR,
       ASC_RET_CONNECTION | ASC_RET_STREAM | ASC_RET_EXTENDED_ERROR),
     N(ISC_RET_CONNECTION | ISC_RET_STREAM | ISC_RET_EXTENDED_ERROR,
       ASC_RET_CONNECTION | ASC_RET_STREAM | ASC_RET_EXTENDED_ERROR)},
    {"USE_DCE_STYLE with the usual", PAIR_ISC | ISC_REQ_USE_DCE_STYLE,
     PAIR_ASC | ASC_REQ_USE_DCE_STYLE,
     K(USUAL | ISC_RET_USED_DCE_STYLE, USUAL | ASC_RET_USED_DCE_STYLE),
     N(ISC_RET_CONFIDENTIALITY | ORDERED, ASC_RET_CONFIDENTIALITY)},
};
/* clang-format on */

static const struct outcome *outcome_of(const struct request *request, const struct way *way)
{
    return way->ntlm ? &request->ntlm : &request->kerberos;
}

static void pair_ask(struct pair *pair, const struct way *way, const struct request *request)
{
    way_acquire(pair, way);
    pair->isc = request->isc;
    pair->asc = request->asc;
}

/* ALLOCATED_MEMORY is of each leg that gives a token, and not of the context. */
static ULONG output_allocated(ULONG request, const struct pair_token *token)
{
    return request & ISC_REQ_ALLOCATE_MEMORY && token->size != 0 ? ISC_RET_ALLOCATED_MEMORY : 0;
}

static void assert_flags(const struct pair *pair, const struct way *way,
                         const struct request *request)
{
    const struct outcome *outcome = outcome_of(request, way);
    ULONG client = outcome->client | output_allocated(request->isc, &pair->to_server);
    ULONG server = outcome->server | output_allocated(request->asc, &pair->to_client);

    ck_assert_msg(pair->client_flags == client && pair->server_flags == server,
                  "%s in %s, %s: client %#x, not %#x; server %#x, not %#x", request->name,
                  way->package, way->ntlm ? "NTLM" : "Kerberos", pair->client_flags, client,
                  pair->server_flags, server);
}

/* Nothing is sent, and there is no context. */
static void assert_refused(struct pair *pair, SECURITY_STATUS status, bool by_client)
{
    if (by_client) {
        assert_status(pair_initialize(pair), status);
        ck_assert_uint_eq(pair->to_server.size, 0);
    } else {
        ck_assert_int_ge(pair_initialize(pair), SEC_E_OK);
        assert_status(pair_accept(pair), status);
        ck_assert_uint_eq(pair->to_client.size, 0);
    }
}

/* --- That it is true: messages -------------------------------------------------------------- */

/* What one end says of messages; INTEGRITY alone differs between ISC_RET_* and ASC_RET_*. */
struct end {
    CtxtHandle *context;
    bool ntlm, integrity, confidentiality, replay, sequence;
};

static struct end end_of(struct pair *pair, const struct way *way, bool server)
{
    ULONG flags = server ? pair->server_flags : pair->client_flags;
    struct end end = {.context = server ? &pair->server : &pair->client, .ntlm = way->ntlm};

    end.integrity = (flags & (server ? ASC_RET_INTEGRITY : ISC_RET_INTEGRITY)) != 0;
    end.confidentiality = (flags & ISC_RET_CONFIDENTIALITY) != 0;
    end.replay = (flags & ISC_RET_REPLAY_DETECT) != 0;
    end.sequence = (flags & ISC_RET_SEQUENCE_DETECT) != 0;
    return end;
}

#define TEXT_SIZE 40

/* A message signed or sealed; its text is the pattern of seed. */
static SECURITY_STATUS protect(const struct end *end, bool sealed, unsigned seed,
                               struct message *message)
{
    SecPkgContext_Sizes sizes;

    assert_status(QueryContextAttributesA(end->context, SECPKG_ATTR_SIZES, &sizes), SEC_E_OK);
    message_init(message);
    message_add(message, SECBUFFER_TOKEN, NULL,
                sealed ? sizes.cbSecurityTrailer : sizes.cbMaxSignature);
    message_add_pattern(message, SECBUFFER_DATA, TEXT_SIZE, seed);
    if (!sealed)
        return MakeSignature(end->context, 0, &message->list, 0);
    message_add(message, SECBUFFER_PADDING, NULL, sizes.cbBlockSize);
    return EncryptMessage(end->context, 0, &message->list, 0);
}

/* Opens a copy: the message can come again. */
static SECURITY_STATUS deliver(const struct end *end, bool sealed, const struct message *message,
                               unsigned seed)
{
    struct message copy;
    SECURITY_STATUS status;
    ULONG qop = 99;

    message_copy(&copy, message);
    if (sealed)
        status = DecryptMessage(end->context, &copy.list, 0, &qop);
    else
        status = VerifySignature(end->context, &copy.list, 0, &qop);
    if (status == SEC_E_OK)
        ck_assert(pattern_matches(copy.parts[1].pvBuffer, TEXT_SIZE, seed));
    if (status == SEC_E_OK && sealed)
        ck_assert_uint_eq(qop, end->confidentiality ? 0 : SECQOP_WRAP_NO_ENCRYPT);
    message_free(&copy);
    return status;
}

static SECURITY_STATUS deliver_altered(const struct end *end, bool sealed, struct message *message,
                                       unsigned seed)
{
    ((unsigned char *)message->parts[1].pvBuffer)[3] ^= 1;
    return deliver(end, sealed, message, seed);
}

/* Without INTEGRITY neither end does anything to messages. */
static void nothing_is_protected(const struct end *from, const struct end *to, bool sealed)
{
    struct message message;

    assert_status(protect(from, sealed, 1, &message), SEC_E_UNSUPPORTED_FUNCTION);
    ck_assert(pattern_matches(message.parts[1].pvBuffer, TEXT_SIZE, 1));
    assert_status(deliver(to, sealed, &message, 1), SEC_E_UNSUPPORTED_FUNCTION);
    message_free(&message);
}

/* INTEGRITY, and CONFIDENTIALITY: the text cannot be read under way. */
static void altered_message_fails(const struct end *from, const struct end *to, bool sealed)
{
    struct message message;

    ck_assert(from->confidentiality == to->confidentiality);
    for (unsigned seed = 1; seed <= 2; seed++) {
        assert_status(protect(from, sealed, seed, &message), SEC_E_OK);
        ck_assert(pattern_matches(message.parts[1].pvBuffer, TEXT_SIZE, seed) !=
                  (sealed && from->confidentiality));
        if (seed == 1)
            assert_status(deliver(to, sealed, &message, seed), SEC_E_OK);
        else
            assert_status(deliver_altered(to, sealed, &message, seed), SEC_E_MESSAGE_ALTERED);
        message_free(&message);
    }
}

/* REPLAY_DETECT; who watches the sequence sees a replay, too. NTLM's key stream has gone on. */
static void replayed_message_fails(const struct end *from, const struct end *to, bool sealed)
{
    bool seen = to->replay || to->sequence;
    struct message message;

    assert_status(protect(from, sealed, 1, &message), SEC_E_OK);
    assert_status(deliver(to, sealed, &message, 1), SEC_E_OK);
    assert_status(deliver(to, sealed, &message, 1), to->ntlm ? SEC_E_MESSAGE_ALTERED
                                                    : seen   ? SEC_E_OUT_OF_SEQUENCE
                                                             : SEC_E_OK);
    message_free(&message);
}

/* SEQUENCE_DETECT: the second message is early, and then the first is late. */
static void early_message_fails(const struct end *from, const struct end *to, bool sealed)
{
    struct message first, second;

    assert_status(protect(from, sealed, 1, &first), SEC_E_OK);
    assert_status(protect(from, sealed, 2, &second), SEC_E_OK);
    if (to->ntlm) {
        assert_status(deliver(to, sealed, &second, 2), SEC_E_MESSAGE_ALTERED);
    } else {
        SECURITY_STATUS expected = to->sequence ? SEC_E_OUT_OF_SEQUENCE : SEC_E_OK;

        assert_status(deliver(to, sealed, &second, 2), expected);
        assert_status(deliver(to, sealed, &first, 1), expected);
    }
    message_free(&first);
    message_free(&second);
}

/* Each on a context of its own, from either end, signed and sealed. */
static void (*const trials[])(const struct end *, const struct end *, bool) = {
    altered_message_fails, replayed_message_fails, early_message_fails};

static void assert_messages(struct pair *pair, const struct way *way)
{
    for (int i = 0; i < COUNT(trials) * 4; i++) {
        struct end from, to;

        pair_close(pair);
        pair_establish(pair);
        from = end_of(pair, way, i & 1);
        to = end_of(pair, way, !(i & 1));
        ck_assert(from.integrity == to.integrity);
        if (from.integrity)
            trials[i / 4](&from, &to, (i & 2) != 0);
        else
            nothing_is_protected(&from, &to, (i & 2) != 0);
    }
}

/* --- That it is true: the context ----------------------------------------------------------- */

/* IDENTIFY and DELEGATE: what the server may do with the client's token. */
static void assert_level(struct pair *pair)
{
    SECURITY_IMPERSONATION_LEVEL level, expected = SecurityImpersonation;
    void *token;
    DWORD size;

    if (pair->server_flags & ASC_RET_IDENTIFY)
        expected = SecurityIdentification;
    else if (pair->server_flags & ASC_RET_DELEGATE)
        expected = SecurityDelegation;
    assert_status(QuerySecurityContextToken(&pair->server, &token), SEC_E_OK);
    ck_assert(
        GetTokenInformation(token, TokenImpersonationLevel, &level, (DWORD)sizeof(level), &size));
    ck_assert_int_eq(level, expected);
    ck_assert(CloseHandle(token));
}

/* MUTUAL_AUTH and USE_DCE_STYLE show in the legs; SPNEGO answers in any case. */
static void assert_legs(const struct pair *pair, const struct way *way)
{
    int legs = 1;

    if (way->ntlm)
        legs = 3;
    else if (pair->client_flags & ISC_RET_USED_DCE_STYLE)
        legs = way->negotiate ? 4 : 3;
    else if (way->negotiate || (pair->client_flags & ISC_RET_MUTUAL_AUTH))
        legs = 2;
    ck_assert_int_eq(pair->legs, legs);
}

/* MUTUAL_AUTH: a server that cannot prove itself is refused. */
static void assert_mutual(struct pair *pair)
{
    if (!(pair->client_flags & ISC_RET_MUTUAL_AUTH))
        return;
    pair_close(pair);
    assert_status(pair_initialize(pair), SEC_I_CONTINUE_NEEDED);
    ck_assert_int_ge(pair_accept(pair), SEC_E_OK);
    pair->to_client.data[pair->to_client.size - 1] ^= 1; /* in the ciphertext of the AP-REP */
    ck_assert_int_lt(pair_initialize(pair), 0);
}

static void try_request(const struct request *request, const struct way *way)
{
    const struct outcome *outcome = outcome_of(request, way);
    struct pair pair;

    pair_ask(&pair, way, request);
    if (outcome->status != SEC_E_OK) {
        assert_refused(&pair, outcome->status, request->isc != 0);
    } else {
        pair_establish(&pair);
        assert_flags(&pair, way, request);
        assert_legs(&pair, way);
        assert_level(&pair);
        assert_mutual(&pair);
        assert_messages(&pair, way);
    }
    pair_free(&pair);
}

START_TEST(asked_alone)
{
    try_request(&alone[_i / COUNT(ways)], &ways[_i % COUNT(ways)]);
}
END_TEST

START_TEST(asked_together)
{
    try_request(&together[_i / COUNT(ways)], &ways[_i % COUNT(ways)]);
}
END_TEST

/* A bit that no name stands for says nothing. */
START_TEST(nameless_bit_changes_nothing)
{
    ULONG isc = 0, asc = 0;

    for (int i = 0; i < COUNT(alone); i++) {
        isc |= alone[i].isc;
        asc |= alone[i].asc;
    }
    ck_assert(~isc != 0 && ~asc != 0);
    for (int i = 0; i < 2; i++) {
        struct request request = alone[0];

        *(i == 0 ? &request.isc : &request.asc) = ~(i == 0 ? isc : asc);
        try_request(&request, &ways[_i]);
    }
}
END_TEST

START_TEST(request_of_the_first_leg_counts)
{
    struct pair pair, other;

    way_acquire(&pair, &ways[_i]);
    way_acquire(&other, &ways[_i]);
    pair_establish(&pair);
    ck_assert_int_ge(pair_initialize(&other), 0);
    other.isc = ISC_REQ_NO_INTEGRITY | ISC_REQ_IDENTIFY;
    ck_assert_int_ge(pair_accept(&other), 0);
    other.asc = 0;
    ck_assert_int_ge(pair_initialize(&other), 0);
    if (other.server_status == SEC_I_CONTINUE_NEEDED)
        assert_status(pair_accept(&other), SEC_E_OK);
    assert_status(other.client_status, SEC_E_OK);
    ck_assert_uint_eq(other.client_flags, pair.client_flags);
    ck_assert_uint_eq(other.server_flags, pair.server_flags);
    pair_free(&pair);
    pair_free(&other);
}
END_TEST

/* --- NO_INTEGRITY --------------------------------------------------------------------------- */

/* [MS-NLMP] 2.2.2.5. ALWAYS_SIGN must be there in any case, and means nothing without SIGN. */
#define NEGOTIATE_SIGN 0x10U
#define NEGOTIATE_SEAL 0x20U

/* The flags of a raw NTLMSSP message; type 1, 2 or 3. */
static unsigned ntlm_flags(const struct pair_token *token, unsigned type)
{
    static const unsigned places[] = {0, 12, 20, 60};
    const unsigned char *at = token->data + places[type];

    ck_assert_uint_gt(token->size, places[type] + 4);
    ck_assert_mem_eq(token->data, "NTLMSSP", 8);
    ck_assert_uint_eq(token->data[8], type);
    return at[0] | (unsigned)at[1] << 8 | (unsigned)at[2] << 16 | (unsigned)at[3] << 24;
}

START_TEST(raw_ntlm_negotiates_no_signing)
{
    const struct way *way = &ways[_i / 2 == 0 ? 1 : 3];
    unsigned expected = _i % 2 ? 0 : NEGOTIATE_SIGN | NEGOTIATE_SEAL;
    struct pair pair;

    way_acquire(&pair, way);
    pair.isc |= _i % 2 ? ISC_REQ_NO_INTEGRITY : 0;
    assert_status(pair_initialize(&pair), SEC_I_CONTINUE_NEEDED);
    ck_assert_uint_eq(ntlm_flags(&pair.to_server, 1) & (NEGOTIATE_SIGN | NEGOTIATE_SEAL), expected);
    assert_status(pair_accept(&pair), SEC_I_CONTINUE_NEEDED);
    ck_assert_uint_eq(ntlm_flags(&pair.to_client, 2) & (NEGOTIATE_SIGN | NEGOTIATE_SEAL), expected);
    assert_status(pair_initialize(&pair), SEC_E_OK);
    ck_assert_uint_eq(ntlm_flags(&pair.to_server, 3) & (NEGOTIATE_SIGN | NEGOTIATE_SEAL), expected);
    assert_status(pair_accept(&pair), SEC_E_OK);
    pair_free(&pair);
}
END_TEST

/* An exchange in which the server speaks first, [MS-SPNG] 3.2.5.2. */
static SECURITY_STATUS answer_hint(struct pair *pair)
{
    pair_close(pair);
    assert_status(pair_accept(pair), SEC_I_CONTINUE_NEEDED);
    ck_assert_uint_ne(pair->to_client.size, 0);
    return pair_initialize(pair);
}

/* What can be chosen, and what is. */
static const struct hinted {
    const char *list, *target, *package;
    bool user; /* bob with his password; otherwise alice by what lies around */
} hinted[] = {{NULL, "HTTP/localhost", "Kerberos", false},
              {"!ntlm", "HTTP/localhost", "Kerberos", false},
              {"!kerberos", "HTTP/localhost", "NTLM", false},
              {"!kerberos", NULL, "NTLM", false},
              {"!kerberos", "HTTP/localhost", "NTLM", true},
              {NULL, "HTTP/unknown.loopback.test", "NTLM", false},
              {NULL, "HTTP/unknown.loopback.test", "NTLM", true}};

#define HINTED_BY_PASSWORD 4

static void hinted_acquire(struct pair *pair, const struct hinted *row)
{
    SEC_WINNT_AUTH_IDENTITY_EXA ambient = identity_ambient(row->list);
    SEC_WINNT_AUTH_IDENTITY_EXA bob =
        identity_exa("bob", "LOOPBACK", password_of("bob"), row->list);

    pair_init(pair);
    pair_acquire(pair, "Negotiate", row->user ? &bob : &ambient);
    pair->target = row->target;
}

/* With a hint, without and with one again: what one way has taught does not lead the other. */
START_TEST(hint_is_answered_by_spnego)
{
    const struct hinted *row = &hinted[_i];
    bool ntlm = strcmp(row->package, "NTLM") == 0;
    struct pair pair;

    hinted_acquire(&pair, row);
    for (int turn = 0; turn < 3; turn++) {
        bool hint = turn != 1;

        if (hint) {
            assert_status(answer_hint(&pair), SEC_I_CONTINUE_NEEDED);
        } else {
            pair_close(&pair);
            assert_status(pair_initialize(&pair), SEC_I_CONTINUE_NEEDED);
        }
        ck_assert_int_eq(pair.to_server.data[0], ntlm && !hint ? 'N' : 0x60); /* RFC 2743 3.1 */
        ck_assert_msg(pair_finish(&pair), "%s", sspi_native_error());
        ck_assert_str_eq(context_package(&pair.client), row->package);
        ck_assert_ptr_nonnull(strstr(context_user(&pair.server), row->user ? "bob" : "alice"));
        ck_assert_uint_ne(pair.client_flags & ISC_RET_INTEGRITY, 0);
        pair_message(&pair.client, &pair.server, "after a hint");
        pair_message(&pair.server, &pair.client, "after a hint");
    }
    pair_free(&pair);
}
END_TEST

/* Who gives a password has no part in what the caller's own tickets are in. */
START_TEST(hint_is_answered_by_password_whatever_the_cache)
{
    FILE *file = fopen(world_file("garbage"), "w");
    struct pair pair;

    ck_assert_ptr_nonnull(file);
    fputs("this is no credential cache\n", file);
    fclose(file);
    hinted_acquire(&pair, &hinted[HINTED_BY_PASSWORD]);
    world_ccache("garbage");
    assert_status(answer_hint(&pair), SEC_I_CONTINUE_NEEDED);
    ck_assert_msg(pair_finish(&pair), "%s", sspi_native_error());
    ck_assert_str_eq(context_package(&pair.client), "NTLM");
    pair_free(&pair);
}
END_TEST

/* There NTLM would be signed. What is remembered of other ways to the target changes nothing. */
START_TEST(hint_is_not_answered_by_ntlm_without_integrity)
{
    const struct hinted *row = &hinted[_i];
    bool kerberos = strcmp(row->package, "Kerberos") == 0;
    struct pair pair;

    hinted_acquire(&pair, row);
    ck_assert_int_ge(answer_hint(&pair), 0);
    ck_assert(pair_finish(&pair));
    pair.isc = ISC_REQ_NO_INTEGRITY;
    if (kerberos) {
        assert_status(answer_hint(&pair), SEC_I_CONTINUE_NEEDED);
    } else {
        assert_status(answer_hint(&pair),
                      row->list == NULL ? SEC_E_TARGET_UNKNOWN : SEC_E_UNSUPPORTED_FUNCTION);
        if (row->list != NULL)
            assert_native("ISC_REQ_NO_INTEGRITY");
        ck_assert_uint_eq(pair.to_server.size, 0);
        pair_close(&pair);
        assert_status(pair_initialize(&pair), SEC_I_CONTINUE_NEEDED); /* raw */
        ck_assert_uint_eq(ntlm_flags(&pair.to_server, 1) & (NEGOTIATE_SIGN | NEGOTIATE_SEAL), 0);
    }
    ck_assert(pair_finish(&pair));
    ck_assert_str_eq(context_package(&pair.client), row->package);
    ck_assert_uint_eq(pair.client_flags | pair.server_flags, 0);
    pair_free(&pair);
}
END_TEST

/* A server without a key takes NTLM of several. What answers an offer of Kerberos alone so lies. */
START_TEST(ntlm_is_not_chosen_without_integrity)
{
    struct pair full, bare;

    setenv("KRB5_KTNAME", world_file("no-such.keytab"), 1);
    pair_init(&full);
    pair_acquire(&full, "Negotiate", NULL);
    assert_status(pair_initialize(&full), SEC_I_CONTINUE_NEEDED);
    assert_status(pair_accept(&full), SEC_I_CONTINUE_NEEDED);
    pair_init(&bare);
    pair_acquire(&bare, "Negotiate", NULL);
    bare.isc |= ISC_REQ_NO_INTEGRITY;
    assert_status(pair_initialize(&bare), SEC_I_CONTINUE_NEEDED);
    assert_status(pair_accept(&bare), SEC_E_NO_CREDENTIALS);
    memcpy(&bare.to_client, &full.to_client, sizeof(bare.to_client));
    assert_status(pair_initialize(&bare), SEC_E_INVALID_TOKEN);
    ck_assert_uint_eq(bare.to_server.size, 0);
    assert_status(pair_initialize(&full), SEC_I_CONTINUE_NEEDED); /* who offered NTLM takes it */
    pair_free(&full);
    pair_free(&bare);
}
END_TEST

static Suite *suite(void)
{
    Suite *suite = suite_create("flags");

    suite_add(suite, asked_alone, COUNT(alone) * COUNT(ways));
    suite_add(suite, asked_together, COUNT(together) * COUNT(ways));
    suite_add(suite, nameless_bit_changes_nothing, COUNT(ways));
    suite_add(suite, request_of_the_first_leg_counts, COUNT(ways));
    suite_add(suite, raw_ntlm_negotiates_no_signing, 4);
    suite_add(suite, hint_is_answered_by_spnego, COUNT(hinted));
    suite_add(suite, hint_is_answered_by_password_whatever_the_cache, 1);
    suite_add(suite, hint_is_not_answered_by_ntlm_without_integrity, COUNT(hinted));
    suite_add(suite, ntlm_is_not_chosen_without_integrity, 1);
    return suite;
}

CHECK_MAIN(suite)
