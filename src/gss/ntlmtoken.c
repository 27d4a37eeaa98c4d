/* SPDX-License-Identifier: MIT */
/* NTLM messages that gss-ntlmssp does not bear. */
#include "gss/ntlmtoken.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/secret.h"
#include "core/text.h"
#include "gss/negtoken.h"

/* [MS-NLMP] 2.2.1: the signature and the type; behind them fields of length, room and offset. */
#define MESSAGE_SIGNATURE "NTLMSSP"
#define MESSAGE_TYPE      8
#define MESSAGE_HEAD      12
#define FIELD_SIZE        8
#define FIELD_POINTS      4

/* Both messages of a client may end in a Version of eight octets, before what fields point to. */
#define NEGOTIATE           1
#define NEGOTIATE_MIN       32
#define NEGOTIATE_SIZE      40
#define CHALLENGE           2
#define CHALLENGE_NAME      12
#define CHALLENGE_FLAGS     20
#define CHALLENGE_MIN       24
#define CHALLENGE_SERVER    24
#define CHALLENGE_WHOLE     32
#define CHALLENGE_INFO      40
#define CHALLENGE_TOLD      48
#define AUTHENTICATE        3
#define AUTHENTICATE_NT     20
#define AUTHENTICATE_DOMAIN 28
#define AUTHENTICATE_USER   36
#define AUTHENTICATE_KEY    52
#define AUTHENTICATE_FLAGS  60
#define AUTHENTICATE_MIN    64
#define AUTHENTICATE_SIZE   72

#define FLAG_UNICODE      0x00000001U
#define FLAG_OEM          0x00000002U
#define FLAG_TARGET_TYPES 0x00070000U /* domain, server or share */
#define FLAG_VERSION      0x02000000U
#define FLAG_KEY_EXCHANGE 0x40000000U

#define SESSION_KEY_SIZE 16
#define V1_RESPONSE_SIZE 24
#define V2_RESPONSE_MIN  44
#define PROOF_SIZE       16
#define MIC_SIZE         16

/* gss-ntlmssp refuses a longer name. */
#define NAME_MAX_UNITS 1024

static uint32_t number(const unsigned char *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static unsigned field_length(const unsigned char *field)
{
    return (unsigned)field[0] | (unsigned)field[1] << 8;
}

static bool message_is(const unsigned char *at, unsigned char type)
{
    return memcmp(at, MESSAGE_SIGNATURE, sizeof(MESSAGE_SIGNATURE)) == 0 &&
           number(at + MESSAGE_TYPE) == type;
}

static bool is_raw(const gss_buffer_desc *in, unsigned char type, size_t min)
{
    return in->length >= min && message_is(in->value, type);
}

/* The first message of a type at or behind from, of min octets at least; or NULL. */
static const unsigned char *message_find(const gss_buffer_desc *token, const unsigned char *from,
                                         unsigned char type, size_t min)
{
    const unsigned char *at = from, *end;

    if (token->length < min)
        return NULL;
    end = (const unsigned char *)token->value + token->length - min + 1; /* no room from here on */
    for (; (at = memchr(at, MESSAGE_SIGNATURE[0], (size_t)(end - at))) != NULL; at++)
        if (message_is(at, type))
            return at;
    return NULL;
}

bool ntlmtoken_is_unnamed_challenge(const gss_buffer_desc *token)
{
    const unsigned char *at = token->value;

    for (; (at = message_find(token, at, CHALLENGE, CHALLENGE_MIN)) != NULL; at++)
        if (field_length(at + CHALLENGE_NAME) == 0 &&
            (number(at + CHALLENGE_FLAGS) & FLAG_TARGET_TYPES))
            return true;
    return false;
}

bool ntlmtoken_asks_for_key(const gss_buffer_desc *token)
{
    const unsigned char *at = message_find(token, token->value, CHALLENGE, CHALLENGE_MIN);

    return at != NULL && (number(at + CHALLENGE_FLAGS) & FLAG_KEY_EXCHANGE);
}

bool ntlmtoken_lacks_key(const gss_buffer_desc *token)
{
    const unsigned char *at = token->value;

    for (; (at = message_find(token, at, AUTHENTICATE, AUTHENTICATE_MIN)) != NULL; at++)
        if (field_length(at + AUTHENTICATE_KEY) != SESSION_KEY_SIZE)
            return true;
    return false;
}

/* --- Who sends an AUTHENTICATE --------------------------------------------------------------- */

static const unsigned char *authenticate_find(const gss_buffer_desc *token)
{
    return message_find(token, token->value, AUTHENTICATE, AUTHENTICATE_MIN);
}

bool ntlmtoken_is_authenticate(const gss_buffer_desc *token)
{
    return is_raw(token, AUTHENTICATE, AUTHENTICATE_MIN);
}

bool ntlmtoken_has_authenticate(const gss_buffer_desc *token)
{
    return authenticate_find(token) != NULL;
}

bool ntlmtoken_is_v1(const gss_buffer_desc *token)
{
    const unsigned char *at = token->value;

    for (; (at = message_find(token, at, AUTHENTICATE, AUTHENTICATE_MIN)) != NULL; at++)
        if (field_length(at + AUTHENTICATE_NT) <= V1_RESPONSE_SIZE)
            return true;
    return false;
}

/* What a field of the message at points to; the token's end is the message's, or behind it. */
static bool field_find(const gss_buffer_desc *token, const unsigned char *message, unsigned field,
                       struct blob *part)
{
    size_t left = token->length - (size_t)(message - (const unsigned char *)token->value);
    size_t offset = number(message + field + FIELD_POINTS);

    part->size = field_length(message + field);
    if (offset > left || part->size > left - offset)
        return false;
    part->data = (void *)(uintptr_t)(message + offset);
    return true;
}

static SECURITY_STATUS name_read(const gss_buffer_desc *token, const unsigned char *message,
                                 unsigned field, char **out)
{
    bool wide = (number(message + AUTHENTICATE_FLAGS) & FLAG_UNICODE) != 0;
    SEC_WCHAR units[NAME_MAX_UNITS];
    struct blob name;
    SECURITY_STATUS status;

    if (!field_find(token, message, field, &name) || name.size > sizeof(units) ||
        (wide && name.size % sizeof(*units) != 0))
        return SEC_E_INVALID_TOKEN;
    memcpy(units, name.data, name.size); /* it may stand at an odd address */
    status = wide ? text_from_utf16(units, name.size / sizeof(*units), out)
                  : text_from_utf8(name.data, name.size, out);
    return status == SEC_E_INVALID_PARAMETER ? SEC_E_INVALID_TOKEN : status;
}

SECURITY_STATUS ntlmtoken_names(const gss_buffer_desc *token, char **user, char **domain)
{
    const unsigned char *message = authenticate_find(token);
    SECURITY_STATUS status;

    *user = *domain = NULL;
    if (message == NULL)
        return SEC_E_INVALID_TOKEN;
    status = name_read(token, message, AUTHENTICATE_USER, user);
    if (status == SEC_E_OK)
        status = name_read(token, message, AUTHENTICATE_DOMAIN, domain);
    if (status == SEC_E_OK)
        return status;
    free(*user);
    *user = NULL;
    return status;
}

/* --- The parts of an answer ------------------------------------------------------------------ */

const uint8_t *ntlmtoken_challenge(const gss_buffer_desc *token)
{
    const unsigned char *at = message_find(token, token->value, CHALLENGE, CHALLENGE_WHOLE);

    return at == NULL ? NULL : at + CHALLENGE_SERVER;
}

/* The mechanism's message in a token: the token, or what SPNEGO carries. */
static bool message_extent(const gss_buffer_desc *token, struct blob *message)
{
    const unsigned char *at = authenticate_find(token);
    size_t left;
    struct blob inner;
    bool same;

    if (at == NULL)
        return false;
    left = token->length - (size_t)(at - (const unsigned char *)token->value);
    *message = (struct blob){(void *)(uintptr_t)at, left};
    if (ntlmtoken_is_authenticate(token))
        return true;
    if (!negtoken_inner(token->value, token->length, &inner))
        return false;
    same = inner.size <= left && memcmp(at, inner.data, inner.size) == 0;
    message->size = inner.size;
    blob_wipe(&inner);
    return same && message->size >= AUTHENTICATE_MIN;
}

/* Where the first of the things that fields point to begins. */
static size_t payload_start(const unsigned char *message, size_t size)
{
    size_t start = size;

    for (unsigned at = MESSAGE_HEAD; at < AUTHENTICATE_FLAGS; at += FIELD_SIZE)
        if (field_length(message + at) != 0 && number(message + at + FIELD_POINTS) < start)
            start = number(message + at + FIELD_POINTS);
    return start;
}

/* The MIC is between the head, with Version or without, and the payload. */
static unsigned char *mic_find(unsigned char *message, size_t payload)
{
    if (payload >= AUTHENTICATE_SIZE + MIC_SIZE)
        return message + AUTHENTICATE_SIZE;
    return payload == AUTHENTICATE_MIN + MIC_SIZE ? message + AUTHENTICATE_MIN : NULL;
}

static bool parts_apart(const struct blob *a, const struct blob *b)
{
    const unsigned char *at = a->data, *other = b->data;

    return at + a->size <= other || other + b->size <= at;
}

bool ntlmtoken_answer(const gss_buffer_desc *token, struct ntlm_answer *answer)
{
    gss_buffer_desc message;
    struct blob response, key;
    unsigned char *at;
    size_t payload;

    if (!message_extent(token, &answer->message))
        return false;
    at = answer->message.data;
    message = (gss_buffer_desc){answer->message.size, at};
    payload = payload_start(at, message.length);
    if (payload < AUTHENTICATE_MIN || !field_find(&message, at, AUTHENTICATE_NT, &response) ||
        !field_find(&message, at, AUTHENTICATE_KEY, &key) || response.size < V2_RESPONSE_MIN ||
        key.size != SESSION_KEY_SIZE || !parts_apart(&response, &key))
        return false;
    answer->proof = response.data;
    answer->blob = (struct blob){answer->proof + PROOF_SIZE, response.size - PROOF_SIZE};
    answer->session_key = key.data;
    answer->mic = mic_find(at, payload);
    return true;
}

/* [MS-NLMP] 2.2.2.7, 2.2.2.1: where pairs begin, and some of them. */
#define V2_PAIRS         28
#define PAIR_HEAD        4
#define PAIR_END         0
#define PAIR_FLAGS       6
#define PAIR_TARGET      9
#define PAIR_BINDINGS    10
#define PAIR_SIZE_OF_MD5 16

#define TARGET_UNVERIFIED 0x00000004U

/* The value of the first pair of a name. */
static bool pair_find(struct blob pairs, unsigned wanted, struct blob *value)
{
    uint8_t *at = pairs.data;
    size_t left = pairs.size;

    while (left >= PAIR_HEAD) {
        unsigned name = at[0] | (unsigned)at[1] << 8, size = at[2] | (unsigned)at[3] << 8;

        if (name == PAIR_END || size > left - PAIR_HEAD)
            return false;
        *value = (struct blob){at + PAIR_HEAD, size};
        if (name == wanted)
            return true;
        at += PAIR_HEAD + size;
        left -= PAIR_HEAD + size;
    }
    return false;
}

const uint8_t *ntlmtoken_bindings(const gss_buffer_desc *token)
{
    static const uint8_t none[PAIR_SIZE_OF_MD5];
    struct ntlm_answer answer;
    struct blob hash;

    if (!ntlmtoken_answer(token, &answer) || answer.blob.size < V2_PAIRS)
        return NULL;
    answer.blob.data = (uint8_t *)answer.blob.data + V2_PAIRS;
    answer.blob.size -= V2_PAIRS;
    return pair_find(answer.blob, PAIR_BINDINGS, &hash) && hash.size == PAIR_SIZE_OF_MD5 &&
                   memcmp(hash.data, none, hash.size) != 0
               ? hash.data
               : NULL;
}

char *ntlmtoken_target(const gss_buffer_desc *token)
{
    const unsigned char *message = message_find(token, token->value, CHALLENGE, CHALLENGE_TOLD);
    SEC_WCHAR units[NAME_MAX_UNITS];
    struct blob pairs, flags, name;
    char *text;

    if (message == NULL || !field_find(token, message, CHALLENGE_INFO, &pairs) ||
        !pair_find(pairs, PAIR_TARGET, &name) || name.size == 0 || name.size > sizeof(units) ||
        name.size % sizeof(*units) != 0)
        return NULL;
    if (pair_find(pairs, PAIR_FLAGS, &flags) && flags.size == sizeof(uint32_t) &&
        (number(flags.data) & TARGET_UNVERIFIED))
        return NULL;
    memcpy(units, name.data, name.size); /* it may stand at an odd address */
    return text_from_utf16(units, name.size / sizeof(*units), &text) == SEC_E_OK ? text : NULL;
}

/* --- Messages to be mended ------------------------------------------------------------------- */

static bool is_short_negotiate(const gss_buffer_desc *in)
{
    return is_raw(in, NEGOTIATE, NEGOTIATE_MIN) && in->length < NEGOTIATE_SIZE;
}

static bool is_challenge_of_two_charsets(const gss_buffer_desc *in)
{
    const uint32_t both = FLAG_UNICODE | FLAG_OEM;

    return is_raw(in, CHALLENGE, CHALLENGE_MIN) &&
           (number((const unsigned char *)in->value + CHALLENGE_FLAGS) & both) == both;
}

/* Whether what a field points to begins where the Version should be. */
static bool is_authenticate_without_version(const gss_buffer_desc *in)
{
    const unsigned char *message = in->value;

    if (!is_raw(in, AUTHENTICATE, AUTHENTICATE_MIN))
        return false;
    for (unsigned at = MESSAGE_HEAD; at < AUTHENTICATE_FLAGS; at += FIELD_SIZE)
        if (field_length(message + at) != 0 &&
            number(message + at + FIELD_POINTS) < AUTHENTICATE_SIZE)
            return true;
    return false;
}

/*
 * gss-ntlmssp wants the Version in NEGOTIATE, where it may be zeros, and believes the flag in
 * AUTHENTICATE, which curl sends because the challenge had it. It refuses a challenge of two
 * charsets, where [MS-NLMP] 2.2.2.5 says that Unicode it is. Only a message without MIC has no
 * room for the Version, and gss-ntlmssp makes no MIC outside SPNEGO, so nothing that is signed
 * changes here.
 */
static const struct mend {
    bool (*is)(const gss_buffer_desc *in);
    size_t min;           /* how long the message has to be */
    size_t flags;         /* where the octet of the flag is */
    unsigned char untrue; /* the flag */
} mends[] = {
    {is_short_negotiate, NEGOTIATE_SIZE, 0, 0},
    {is_challenge_of_two_charsets, 0, CHALLENGE_FLAGS, FLAG_OEM},
    {is_authenticate_without_version, 0, AUTHENTICATE_FLAGS + 3, FLAG_VERSION >> 24},
};

static const struct mend *mend_find(const gss_buffer_desc *in)
{
    for (size_t i = 0; i < sizeof(mends) / sizeof(mends[0]); i++)
        if (mends[i].is(in))
            return &mends[i];
    return NULL;
}

SECURITY_STATUS ntlmtoken_repair(gss_buffer_desc *in, void **copy)
{
    const struct mend *mend = mend_find(in);
    size_t size;
    unsigned char *made;

    if (mend == NULL)
        return SEC_E_OK;
    size = in->length < mend->min ? mend->min : in->length;
    *copy = made = calloc(1, size);
    if (made == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    memcpy(made, in->value, in->length);
    made[mend->flags] &= (unsigned char)~mend->untrue;
    in->value = made;
    in->length = size;
    return SEC_E_OK;
}
