/* SPDX-License-Identifier: MIT */
/* A client's answer under another key, [MS-NLMP] 3.1.5.1.2 and 3.3.2. */
#include "gss/ntlmanswer.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>

#include "core/native.h"
#include "core/text.h"
#include "gss/negtoken.h"
#include "gss/ntlmtoken.h"

#define KEY_SIZE 16
typedef uint8_t ntlm_key[KEY_SIZE];

_Static_assert(KEY_SIZE == WINPR_HASH_SIZE && KEY_SIZE * 2 == IDENTITY_NTHASH_HEX, "one size");

/* --- The exchange --------------------------------------------------------------------------- */

/* A mechanism's message, copied; empty: there is none. */
static SECURITY_STATUS message_take(const gss_buffer_desc *token, struct blob *message)
{
    blob_wipe(message);
    if (negtoken_is_ntlm(token->value, token->length)) {
        *message = (struct blob){memory_copy(token->value, token->length), token->length};
        return message->data == NULL ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_OK;
    }
    if (token->length != 0 && !negtoken_inner(token->value, token->length, message))
        *message = (struct blob){NULL, 0};
    return SEC_E_OK;
}

SECURITY_STATUS ntlmanswer_keep(struct ntlm_exchange *exchange, const gss_buffer_desc *got,
                                const gss_buffer_desc *given)
{
    SECURITY_STATUS status;

    if (ntlmtoken_challenge(given) == NULL)
        return SEC_E_OK;
    status = message_take(got, &exchange->negotiate);
    return status == SEC_E_OK ? message_take(given, &exchange->challenge) : status;
}

void ntlmanswer_forget(struct ntlm_exchange *exchange)
{
    blob_wipe(&exchange->negotiate);
    blob_wipe(&exchange->challenge);
}

/* --- Keys ----------------------------------------------------------------------------------- */

static bool hmac_md5(const ntlm_key key, const struct blob *data, ntlm_key out)
{
    return gnutls_hmac_fast(GNUTLS_MAC_MD5, key, KEY_SIZE, data->data, data->size, out) == 0;
}

static bool rc4(const ntlm_key key, const uint8_t *from, ntlm_key to)
{
    gnutls_datum_t datum = {(unsigned char *)(uintptr_t)key, KEY_SIZE};
    gnutls_cipher_hd_t cipher;
    bool done;

    if (gnutls_cipher_init(&cipher, GNUTLS_CIPHER_ARCFOUR_128, &datum, NULL) != 0)
        return false;
    done = gnutls_cipher_encrypt2(cipher, from, KEY_SIZE, to, KEY_SIZE) == 0;
    gnutls_cipher_deinit(cipher);
    return done;
}

/* Several pieces behind one another. */
static bool pieces_join(const struct blob *pieces, size_t count, struct blob *whole)
{
    uint8_t *at;

    *whole = (struct blob){NULL, 0};
    for (size_t i = 0; i < count; i++)
        whole->size += pieces[i].size;
    whole->data = at = malloc(whole->size + 1);
    for (size_t i = 0; at != NULL && i < count; at += pieces[i++].size)
        memcpy(at, pieces[i].size == 0 ? "" : pieces[i].data, pieces[i].size);
    return at != NULL;
}

/* NTOWFv2: the user's name in capitals, then the domain as it is. */
static bool owf_v2(const ntlm_key nt_hash, const char *user, const char *domain, ntlm_key out)
{
    size_t length = 0, units = 0;
    char *upper =
        (char *)u8_toupper((const uint8_t *)user, strlen(user) + 1, NULL, NULL, NULL, &length);
    char *both = upper == NULL ? NULL : text_join(upper, "", domain);
    SEC_WCHAR *wide = NULL;
    struct blob name;
    bool done = false;

    if (both != NULL && text_to_w(both, &wide, &units) == SEC_E_OK) {
        name = (struct blob){wide, units * sizeof(*wide)};
        done = hmac_md5(nt_hash, &name, out);
    }
    free(wide);
    free(both);
    free(upper);
    return done;
}

/* --- What the source is told ---------------------------------------------------------------- */

/* One answer being worked on. */
struct work {
    struct ntlm_answer parts; /* they point into the copy of the token */
    char *user, *domain;
    struct blob proof_value; /* server challenge and client blob: what the proof is of */
    struct blob mic_value;   /* the three messages, without MIC: what that is of */
    uint8_t mic[KEY_SIZE];   /* as the client has it */
    ntlm_key key;            /* the user's NTOWFv2 */
    ntlm_key session;        /* the exported session key */
};

static void work_wipe(struct work *work)
{
    free(work->user);
    free(work->domain);
    blob_wipe(&work->proof_value);
    blob_wipe(&work->mic_value);
    explicit_bzero(work, sizeof(*work));
}

static bool values_make(struct work *work, const struct ntlm_exchange *exchange)
{
    gss_buffer_desc challenge = {exchange->challenge.size, exchange->challenge.data};
    const uint8_t *server = ntlmtoken_challenge(&challenge);
    struct blob proof[] = {{(void *)(uintptr_t)server, NTLM_CHALLENGE_SIZE}, work->parts.blob};
    struct blob messages[] = {exchange->negotiate, exchange->challenge, work->parts.message};

    if (server == NULL)
        return false;
    if (work->parts.mic != NULL) {
        memcpy(work->mic, work->parts.mic, KEY_SIZE);
        memset(work->parts.mic, 0, KEY_SIZE);
    }
    return pieces_join(proof, 2, &work->proof_value) && pieces_join(messages, 3, &work->mic_value);
}

/*
 * A source that says nothing of the user's leaves zeros, which are nobody's key: anybody could
 * make an answer for them. What a success is called has changed once, see core/winpr.h.
 */
static SECURITY_STATUS source_ask(const struct hash_source *source, struct work *work)
{
    static const ntlm_key none;
    SEC_WINNT_AUTH_IDENTITY_W who = {.Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE};
    SecBuffer proof = {(ULONG)work->proof_value.size, SECBUFFER_DATA, work->proof_value.data};
    SecBuffer mic = {(ULONG)work->mic_value.size, SECBUFFER_DATA, work->mic_value.data};
    size_t user = 0, domain = 0;
    SECURITY_STATUS status = text_to_w(work->user, &who.User, &user), said;

    if (status == SEC_E_OK)
        status = text_to_w(work->domain, &who.Domain, &domain);
    if (status == SEC_E_OK) {
        who.UserLength = (ULONG)user;
        who.DomainLength = (ULONG)domain;
        said = source->callback(source->argument, &who, &proof, work->parts.session_key, work->mic,
                                &mic, work->key);
        if (said < 0 || (said != 0 && source->says_zero) ||
            memcmp(work->key, none, sizeof(none)) == 0)
            status = SEC_E_LOGON_DENIED;
    }
    free(who.User);
    free(who.Domain);
    return status;
}

/* --- The answer ----------------------------------------------------------------------------- */

/* The proof under a key, and the key exchange key that follows from it. */
static bool proof_make(const struct work *work, const ntlm_key key, ntlm_key proof, ntlm_key base)
{
    struct blob made = {proof, KEY_SIZE};

    return hmac_md5(key, &work->proof_value, proof) && hmac_md5(key, &made, base);
}

/* Whether the answer is the user's; then the session key is known. */
static SECURITY_STATUS answer_check(struct work *work)
{
    ntlm_key proof, base;
    SECURITY_STATUS status = SEC_E_INTERNAL_ERROR;

    if (proof_make(work, work->key, proof, base) &&
        rc4(base, work->parts.session_key, work->session))
        status =
            gnutls_memcmp(proof, work->parts.proof, KEY_SIZE) == 0 ? SEC_E_OK : SEC_E_LOGON_DENIED;
    explicit_bzero(proof, sizeof(proof));
    explicit_bzero(base, sizeof(base));
    return status;
}

/* Over what the message has become. A MIC that was wrong stays so, and gss-ntlmssp finds it. */
static bool mic_redo(struct work *work)
{
    uint8_t *end = (uint8_t *)work->mic_value.data + work->mic_value.size;
    ntlm_key right;
    bool done;

    if (work->parts.mic == NULL)
        return true;
    done = hmac_md5(work->session, &work->mic_value, right);
    if (done && gnutls_memcmp(right, work->mic, KEY_SIZE) == 0) {
        memcpy(end - work->parts.message.size, work->parts.message.data, work->parts.message.size);
        done = hmac_md5(work->session, &work->mic_value, work->mic);
    }
    memcpy(work->parts.mic, work->mic, KEY_SIZE);
    return done;
}

static SECURITY_STATUS answer_redo(struct work *work, ntlm_key nt_hash)
{
    ntlm_key key, base;
    bool done;

    done = gnutls_rnd(GNUTLS_RND_KEY, nt_hash, KEY_SIZE) == 0 &&
           owf_v2(nt_hash, work->user, work->domain, key) &&
           proof_make(work, key, work->parts.proof, base) &&
           rc4(base, work->session, work->parts.session_key) && mic_redo(work);
    explicit_bzero(key, sizeof(key));
    explicit_bzero(base, sizeof(base));
    return done ? SEC_E_OK : SEC_E_INTERNAL_ERROR;
}

static SECURITY_STATUS work_start(struct work *work, const struct ntlm_exchange *exchange,
                                  const gss_buffer_desc *token)
{
    gss_buffer_desc challenge = {exchange->challenge.size, exchange->challenge.data};
    SECURITY_STATUS status = ntlmtoken_names(token, &work->user, &work->domain);

    if (status != SEC_E_OK)
        return status;
    if (!ntlmtoken_asks_for_key(&challenge) || !ntlmtoken_answer(token, &work->parts)) {
        native_error_set("the client's NTLM answer is not one of NTLMv2 with a session key");
        return SEC_E_LOGON_DENIED;
    }
    return values_make(work, exchange) ? SEC_E_OK : SEC_E_INVALID_TOKEN;
}

SECURITY_STATUS ntlmanswer_make(const struct hash_source *source,
                                const struct ntlm_exchange *exchange, const gss_buffer_desc *token,
                                struct blob *answer, char nt_hash[IDENTITY_NTHASH_HEX + 1])
{
    gss_buffer_desc copy = {token->length, memory_copy(token->value, token->length)};
    struct work work = {.user = NULL};
    ntlm_key once = {0};
    SECURITY_STATUS status;

    *answer = (struct blob){copy.value, copy.length};
    if (copy.value == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    status = work_start(&work, exchange, &copy);
    if (status == SEC_E_OK)
        status = source_ask(source, &work);
    if (status == SEC_E_OK)
        status = answer_check(&work);
    if (status == SEC_E_OK)
        status = answer_redo(&work, once);
    if (status == SEC_E_OK)
        text_hex(once, sizeof(once), nt_hash);
    else
        blob_wipe(answer);
    explicit_bzero(once, sizeof(once));
    work_wipe(&work);
    return status;
}
