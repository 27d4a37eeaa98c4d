/* SPDX-License-Identifier: MIT */
/* The other end of CredSSP, by hand. [MS-CSSP] 3.1.5 */
#include "lib/hand.h"

#include <check.h>
#include <credssp.h>
#include <gnutls/crypto.h>
#include <sspi_linux.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/world.h"

#define RECORD_MAX 16384
#define LEGS_MAX   100

/* --- The package's end ---------------------------------------------------------------------- */

void hand_oracle(int level)
{
    const char *name = world_file("credssp.conf");
    FILE *file = fopen(name, "w");

    ck_assert_ptr_nonnull(file);
    fprintf(file,
            "AllowFreshCredentials = *\nAllowFreshCredentialsWhenNTLMOnly = *\n"
            "AllowEncryptionOracle = %d\n",
            level);
    ck_assert_int_eq(fclose(file), 0);
    setenv("SSPI_CREDSSP_POLICY", name, 1);
}

void hand_policy(uint32_t version)
{
    hand_oracle(version < 5 ? 2 : 0);
}

static void package_acquire(struct hand *hand)
{
    SEC_WINNT_AUTH_IDENTITY_EXA identity =
        hand->password == NULL ? identity_ambient(hand->way.list)
                               : identity_exa("alice", NULL, hand->password, hand->way.list);
    PCCERT_CONTEXT cert = hand->ident.cert;
    SCH_CREDENTIALS tls = {
        .dwVersion = SCH_CREDENTIALS_VERSION, .cCreds = hand->way.serves ? 0 : 1, .paCred = &cert};
    CREDSSP_CRED auth = {CredsspSubmitBufferBoth, &tls, hand->way.serves ? &identity : NULL};
    SECURITY_STATUS status =
        AcquireCredentialsHandleA(NULL, (SEC_CHAR *)(uintptr_t)CREDSSP_NAME_A,
                                  hand->way.serves ? SECPKG_CRED_OUTBOUND : SECPKG_CRED_INBOUND,
                                  NULL, &auth, NULL, NULL, &hand->cred, NULL);

    assert_status(status, SEC_E_OK);
}

static SECURITY_STATUS package_call(struct hand *hand, SecBufferDesc *in, SecBufferDesc *out)
{
    CtxtHandle *known = hand->ctx_open ? &hand->ctx : NULL;
    ULONG request = hand->request | ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_STREAM;

    if (hand->way.serves)
        return InitializeSecurityContextA(
            &hand->cred, known, (SEC_CHAR *)(uintptr_t) "HTTP/localhost",
            request | ISC_REQ_EXTENDED_ERROR, 0, 0, in, 0, &hand->ctx, out, &hand->flags, NULL);
    return AcceptSecurityContext(&hand->cred, known, in,
                                 ASC_REQ_ALLOCATE_MEMORY | ASC_REQ_STREAM | ASC_REQ_EXTENDED_ERROR,
                                 0, &hand->ctx, out, &hand->flags, NULL);
}

/* False: it waits for more. */
static bool package_leg(struct hand *hand)
{
    SecBuffer in[] = {{(ULONG)hand->in.size, SECBUFFER_TOKEN, hand->in.data},
                      {0, SECBUFFER_EMPTY, NULL}};
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc taken = {SECBUFFER_VERSION, 2, in}, given = {SECBUFFER_VERSION, 1, &out};

    if (hand->enter != NULL)
        hand->enter();
    hand->status = package_call(hand, hand->in.size == 0 ? NULL : &taken, &given);
    if (hand->leave != NULL)
        hand->leave();
    if (hand->status == SEC_E_INCOMPLETE_MESSAGE) {
        hand->status = SEC_I_CONTINUE_NEEDED;
        return false;
    }
    hand->ctx_open |= hand->status >= 0;
    flow_drop(&hand->in,
              hand->in.size - (in[1].BufferType == SECBUFFER_EXTRA ? in[1].cbBuffer : 0));
    flow_add(&hand->tls.in, out.pvBuffer, out.cbBuffer);
    FreeContextBuffer(out.pvBuffer);
    return true;
}

static void package_run(struct hand *hand)
{
    bool first = hand->way.serves && !hand->ctx_open;

    for (int i = 0; i < LEGS_MAX && hand->status == SEC_I_CONTINUE_NEEDED &&
                    (first || hand->in.size != 0) && package_leg(hand);
         i++)
        first = false;
}

/* --- TLS ------------------------------------------------------------------------------------ */

static void tls_open(struct hand *hand)
{
    bare_open(&hand->tls, hand->way.serves, ident_priority(hand->way.protocol), NULL, &hand->in);
    hand->tls_open = true;
    hand->tls_code = GNUTLS_E_AGAIN;
    if (hand->way.serves)
        ident_give(hand->borrowed != NULL ? hand->borrowed : &hand->ident, &hand->tls);
}

/* What the server's certificate has as its subjectPublicKey, without the count of unused bits. */
static void key_take(struct hand *hand)
{
    const CRYPT_BIT_BLOB *bits = &hand->ident.cert->pCertInfo->SubjectPublicKeyInfo.PublicKey;

    flow_add(&hand->key, bits->pbData, bits->cbData);
}

static void message_hear(struct hand *hand, const uint8_t *data, size_t size)
{
    flow_drop(&hand->text, hand->text.size);
    flow_add(&hand->text, data, size);
    /* one record has one message */
    ck_assert_int_eq(tsrequest_decode(&hand->heard, hand->text.data, hand->text.size), SEC_E_OK);
    hand->messages++;
    hand->credentials += hand->heard.auth_info.data != NULL;
}

/* GnuTLS stops at what is no data, though more may follow. */
static void hand_hear(struct hand *hand)
{
    uint8_t record[RECORD_MAX];
    size_t before;

    do {
        ssize_t size;

        before = hand->tls.in.size;
        size = gnutls_record_recv(hand->tls.session, record, sizeof(record));
        if (size > 0)
            message_hear(hand, record, (size_t)size);
    } while (hand->tls.in.size != before);
}

void hand_deliver(struct hand *hand)
{
    package_run(hand);
    hand_hear(hand);
}

void hand_part(struct hand *hand)
{
    if (hand->ctx_open)
        ck_assert_int_eq(DeleteSecurityContext(&hand->ctx), SEC_E_OK);
    hand->ctx_open = false;
    if (hand->tls_open)
        bare_close(&hand->tls);
    hand->tls_open = false;
    pair_close(&hand->logon);
    hand->logon.to_client.size = hand->logon.to_server.size = 0;
    flow_drop(&hand->in, hand->in.size);
    flow_drop(&hand->text, hand->text.size);
    hand->heard = (struct tsrequest){0};
    hand->credentials = hand->messages = hand->said = 0;
    hand->step = HAND_TOKEN;
    hand->status = SEC_I_CONTINUE_NEEDED;
}

bool hand_try(struct hand *hand)
{
    hand_part(hand);
    tls_open(hand);
    for (int i = 0; i < LEGS_MAX && hand->tls_code != 0; i++) {
        if (hand->way.serves)
            package_run(hand);
        hand->tls_code = gnutls_handshake(hand->tls.session);
        if (!hand->way.serves)
            package_run(hand);
        if (hand->status != SEC_I_CONTINUE_NEEDED || gnutls_error_is_fatal(hand->tls_code))
            return false;
    }
    gnutls_rnd(GNUTLS_RND_NONCE, hand->nonce, sizeof(hand->nonce));
    hand_deliver(hand);
    return hand->tls_code == 0;
}

void hand_meet(struct hand *hand)
{
    bool met = hand_try(hand);

    assert_status(hand->status, SEC_I_CONTINUE_NEEDED);
    ck_assert(met);
}

void hand_open_as(struct hand *hand, const struct hand_way *way, const char *password)
{
    SEC_WINNT_AUTH_IDENTITY_EXA list;

    memset(hand, 0, sizeof(*hand));
    hand->way = *way;
    ident_make(&hand->ident, "CN=localhost", way->key);
    key_take(hand);
    hand->password = password;
    setenv("KRB5RCACHENAME", "none:", 1);
    package_acquire(hand);
    pair_init(&hand->logon);
    list = identity_ambient(way->list);
    if (way->serves)
        assert_status(pair_acquire_server(&hand->logon, "Negotiate", NULL), SEC_E_OK);
    else
        assert_status(pair_acquire_client(&hand->logon, "Negotiate", NULL, &list), SEC_E_OK);
}

void hand_open(struct hand *hand, const struct hand_way *way, const char *password)
{
    hand_policy(way->version);
    hand_open_as(hand, way, password != NULL ? password : password_of("alice"));
}

void hand_ident(struct hand *hand, const struct hand *other)
{
    hand->borrowed = &other->ident;
}

void hand_close(struct hand *hand)
{
    hand_part(hand);
    ck_assert_int_eq(FreeCredentialsHandle(&hand->cred), SEC_E_OK);
    pair_free(&hand->logon);
    flow_free(&hand->in);
    flow_free(&hand->text);
    flow_free(&hand->key);
    flow_free(&hand->plain);
    flow_free(&hand->sealed);
    ident_free(&hand->ident);
    certs_end();
}

/* --- DER ------------------------------------------------------------------------------------ */

static void tlv_add(struct flow *out, uint8_t tag, const void *data, size_t size)
{
    uint8_t head[4] = {tag, (uint8_t)size};
    size_t length = 2;

    ck_assert_uint_lt(size, 65536);
    if (size >= 256) {
        head[1] = 0x82;
        head[2] = (uint8_t)(size >> 8);
        head[3] = (uint8_t)size;
        length = 4;
    } else if (size >= 128) {
        head[1] = 0x81;
        head[2] = (uint8_t)size;
        length = 3;
    }
    flow_add(out, head, length);
    flow_add(out, data, size);
}

/* What out has is put into an element of this tag. */
static void tlv_wrap(struct flow *out, uint8_t tag)
{
    struct flow whole = {NULL, 0, 0};

    tlv_add(&whole, tag, out->data, out->size);
    flow_free(out);
    *out = whole;
}

static void part_add(struct flow *out, uint8_t tag, uint8_t type, const struct asn_part *part)
{
    struct flow value = {NULL, 0, 0};

    if (part->data == NULL)
        return;
    tlv_add(&value, type, part->data, part->size);
    tlv_add(out, tag, value.data, value.size);
    flow_free(&value);
}

static void tokens_add(struct flow *out, const struct asn_part tokens[2])
{
    struct flow list = {NULL, 0, 0};

    for (int i = 0; i < 2 && tokens[i].data != NULL; i++) {
        struct flow item = {NULL, 0, 0};

        part_add(&item, 0xa0, 0x04, &tokens[i]);
        tlv_add(&list, 0x30, item.data, item.size);
        flow_free(&item);
    }
    if (list.size == 0)
        return;
    tlv_wrap(&list, 0x30);
    tlv_add(out, 0xa1, list.data, list.size);
    flow_free(&list);
}

void hand_write(const struct hand_say *say, struct flow *out)
{
    uint8_t version = (uint8_t)say->version;
    struct asn_part number = {&version, 1};
    struct flow body = {NULL, 0, 0};

    part_add(&body, 0xa0, 0x02, &number);
    tokens_add(&body, say->tokens);
    part_add(&body, 0xa2, 0x04, &say->auth_info);
    part_add(&body, 0xa3, 0x04, &say->binding);
    part_add(&body, 0xa4, 0x02, &say->error);
    part_add(&body, 0xa5, 0x04, &say->nonce);
    tlv_add(out, 0x30, body.data, body.size);
    flow_free(&body);
}

/* --- Sealing -------------------------------------------------------------------------------- */

static CtxtHandle *logon_of(struct hand *hand)
{
    return hand->way.serves ? &hand->logon.server : &hand->logon.client;
}

/* By the hand's logon; qop 0 or SECQOP_WRAP_NO_ENCRYPT. */
static struct asn_part seal(struct hand *hand, struct asn_part plain, ULONG qop)
{
    SecPkgContext_Sizes sizes;
    SecBuffer parts[2];
    SecBufferDesc list = {SECBUFFER_VERSION, 2, parts};
    uint8_t *room;

    assert_status(QueryContextAttributesA(logon_of(hand), SECPKG_ATTR_SIZES, &sizes), SEC_E_OK);
    room = malloc(sizes.cbSecurityTrailer + plain.size);
    ck_assert_ptr_nonnull(room);
    memcpy(room + sizes.cbSecurityTrailer, plain.data, plain.size);
    parts[0] = (SecBuffer){sizes.cbSecurityTrailer, SECBUFFER_TOKEN, room};
    parts[1] = (SecBuffer){(ULONG)plain.size, SECBUFFER_DATA, room + sizes.cbSecurityTrailer};
    assert_status(EncryptMessage(logon_of(hand), qop, &list, 0), SEC_E_OK);
    flow_drop(&hand->sealed, hand->sealed.size);
    flow_add(&hand->sealed, parts[0].pvBuffer, parts[0].cbBuffer);
    flow_add(&hand->sealed, parts[1].pvBuffer, parts[1].cbBuffer);
    free(room);
    return (struct asn_part){hand->sealed.data, hand->sealed.size};
}

void hand_seal(struct hand *hand, struct hand_say *say)
{
    if (say->seal.data == NULL)
        return;
    *(say->step == HAND_BINDING ? &say->binding : &say->auth_info) =
        seal(hand, say->seal, say->qop);
    say->seal = (struct asn_part){NULL, 0};
}

/* Whether it opens to these octets. */
static bool opens_to(struct hand *hand, struct asn_part sealed, const void *data, size_t size)
{
    struct flow work = {NULL, 0, 0};
    SecBuffer parts[] = {{0, SECBUFFER_STREAM, NULL}, {0, SECBUFFER_DATA, NULL}};
    SecBufferDesc list = {SECBUFFER_VERSION, 2, parts};
    bool same;

    flow_add(&work, sealed.data, sealed.size);
    parts[0] = (SecBuffer){(ULONG)work.size, SECBUFFER_STREAM, work.data};
    same = DecryptMessage(logon_of(hand), &list, 0, NULL) == SEC_E_OK &&
           parts[1].cbBuffer == size && memcmp(parts[1].pvBuffer, data, size) == 0;
    flow_free(&work);
    return same;
}

size_t hand_binding(const struct hand *hand, uint32_t version, bool by_client,
                    uint8_t value[HAND_BINDING_MAX])
{
    static const char magics[2][38] = {"CredSSP Server-To-Client Binding Hash",
                                       "CredSSP Client-To-Server Binding Hash"};
    static const uint8_t
        none[TSREQUEST_NONCE_SIZE]; /* of a client that takes us for an older one */
    const uint8_t *heard = hand->heard.nonce.data != NULL ? hand->heard.nonce.data : none;
    const uint8_t *nonce = hand->way.serves ? heard : hand->nonce;
    uint8_t text[38 + TSREQUEST_NONCE_SIZE + HAND_BINDING_MAX];

    ck_assert_uint_le(hand->key.size, HAND_BINDING_MAX);
    if (version < 5) {
        memcpy(value, hand->key.data, hand->key.size);
        value[0] += !by_client; /* which is never 0xff: 0x30 or 0x04 */
        return hand->key.size;
    }
    memcpy(text, magics[by_client], 38);
    memcpy(text + 38, nonce, TSREQUEST_NONCE_SIZE);
    memcpy(text + 38 + TSREQUEST_NONCE_SIZE, hand->key.data, hand->key.size);
    gnutls_hash_fast(GNUTLS_DIG_SHA256, text, 38 + TSREQUEST_NONCE_SIZE + hand->key.size, value);
    return 32;
}

/* --- What is due ---------------------------------------------------------------------------- */

/* What the peer has said as its token, if it did. */
static void token_take(struct hand *hand, struct pair_token *token)
{
    token->size = 0;
    if (hand->heard.token.data == NULL)
        return;
    ck_assert_uint_le(hand->heard.token.size, sizeof(token->data));
    memcpy(token->data, hand->heard.token.data, hand->heard.token.size);
    token->size = (ULONG)hand->heard.token.size;
}

static struct asn_part token_part(const struct pair_token *token)
{
    return (struct asn_part){token->size == 0 ? NULL : token->data, token->size};
}

/* Kept until it is sealed. */
static struct asn_part plain_part(struct hand *hand, const void *data, size_t size)
{
    flow_drop(&hand->plain, hand->plain.size);
    flow_add(&hand->plain, data, size);
    return (struct asn_part){hand->plain.data, hand->plain.size};
}

static struct asn_part binding_part(struct hand *hand)
{
    uint8_t value[HAND_BINDING_MAX];
    size_t size = hand_binding(hand, hand->way.version, !hand->way.serves, value);

    return plain_part(hand, value, size);
}

static bool binding_is_good(struct hand *hand)
{
    uint8_t value[HAND_BINDING_MAX];
    size_t size = hand_binding(hand, hand->way.version, hand->way.serves, value);

    return hand->heard.pubkey_auth.data != NULL &&
           opens_to(hand, hand->heard.pubkey_auth, value, size);
}

static bool client_token(struct hand *hand, struct hand_say *say)
{
    token_take(hand, &hand->logon.to_client);
    if (hand->said != 0 && hand->heard.token.data == NULL)
        return false;
    if (pair_initialize(&hand->logon) < 0)
        return false;
    say->tokens[0] = token_part(&hand->logon.to_server);
    if (hand->logon.client_status != SEC_E_OK)
        return true;
    say->seal = binding_part(hand);
    say->step = HAND_BINDING;
    return true;
}

static bool client_credentials(struct hand *hand, struct hand_say *say)
{
    static char domain[] = "LOOPBACK", user[] = "alice";
    struct tscreds creds = {.type = TSCREDS_PASSWORD,
                            .u.password = {domain, user, (char *)(uintptr_t)hand->password}};
    struct blob der;

    if (!binding_is_good(hand))
        return false;
    ck_assert_int_eq(tscreds_encode(&creds, &der), SEC_E_OK);
    say->seal = plain_part(hand, der.data, der.size);
    blob_wipe(&der);
    say->step = HAND_CREDENTIALS;
    return true;
}

static bool client_next(struct hand *hand, struct hand_say *say)
{
    if (hand->way.version >= 5)
        say->nonce = (struct asn_part){hand->nonce, sizeof(hand->nonce)};
    switch (hand->step) {
    case HAND_TOKEN:
        return client_token(hand, say);
    case HAND_BINDING:
        return client_credentials(hand, say);
    default:
        return false;
    }
}

static bool server_next(struct hand *hand, struct hand_say *say)
{
    if (hand->step != HAND_TOKEN || hand->messages != hand->said + 1)
        return false;
    token_take(hand, &hand->logon.to_server);
    if (hand->logon.server_status != SEC_E_OK || !hand->logon.server_open) {
        if (hand->heard.token.data == NULL || pair_accept(&hand->logon) < 0)
            return false;
        say->tokens[0] = token_part(&hand->logon.to_client);
    }
    if (hand->heard.pubkey_auth.data == NULL)
        return say->tokens[0].data != NULL;
    if (hand->logon.server_status != SEC_E_OK || !binding_is_good(hand))
        return false;
    say->seal = binding_part(hand);
    say->step = HAND_BINDING;
    return true;
}

bool hand_next(struct hand *hand, struct hand_say *say)
{
    *say =
        (struct hand_say){.step = HAND_TOKEN, .number = hand->said, .version = hand->way.version};
    if (hand->status != SEC_I_CONTINUE_NEEDED || hand->heard.failed ||
        !(hand->way.serves ? server_next(hand, say) : client_next(hand, say)))
        return false;
    hand->step = say->step;
    hand->said++;
    return true;
}

/* --- Saying it ------------------------------------------------------------------------------ */

void hand_record(struct hand *hand, const void *data, size_t size)
{
    ck_assert_int_eq(gnutls_record_send(hand->tls.session, data, size), (ssize_t)size);
    hand_deliver(hand);
}

void hand_send(struct hand *hand, struct hand_say *say)
{
    struct flow text = {NULL, 0, 0};

    hand_seal(hand, say);
    hand_write(say, &text);
    hand_record(hand, text.data, text.size);
    flow_free(&text);
}

void hand_finish(struct hand *hand)
{
    struct hand_say say;

    while (hand_next(hand, &say))
        hand_send(hand, &say);
}
