/* SPDX-License-Identifier: MIT */
/* Attributes of both layers before, during and after the logon; messages as Schannel has them. */
#define SCHANNEL_USE_BLACKLISTS
#include "lib/ends.h"

#include <schannel.h>
#include <sspi_linux.h>
#include <stdlib.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/pair.h"
#include "lib/world.h"

/* --- Attributes ----------------------------------------------------------------------------- */

#define OK   SEC_E_OK
#define NONE SEC_E_UNSUPPORTED_FUNCTION
#define LATE SEC_E_INVALID_HANDLE

/* When TLS is under way; when the logon is; after it: what a client and a server are told. */
enum { DURING_TLS, DURING_LOGON, AFTER, TIMES };

/* Sooner where the mechanism is known sooner; only of the older TLS. */
#define KERBEROS_OK (-1)
#define TLS_1_2_OK  (-2)

/* What an answer begins with, and has to be freed. */
enum freed { NOTHING, TEXT, TEXTS, COUNTED, INFO, CERT, TOKEN };

static const struct attribute {
    ULONG attribute, size; /* 0: it has none that is known */
    enum freed freed;
    SECURITY_STATUS client[TIMES], server[TIMES];
} attributes[] = {
    /* CredSSP's own */
    {SECPKG_ATTR_PACKAGE_INFO,
     sizeof(SecPkgContext_PackageInfoA),
     INFO,
     {LATE, LATE, OK},
     {LATE, LATE, OK}},
    {SECPKG_ATTR_FLAGS, sizeof(SecPkgContext_Flags), NOTHING, {LATE, LATE, OK}, {LATE, LATE, OK}},
    {SECPKG_ATTR_NEGOTIATION_PACKAGE,
     sizeof(SecPkgContext_PackageInfoA),
     INFO,
     {LATE, LATE, OK},
     {LATE, KERBEROS_OK, OK}},
    {SECPKG_ATTR_SERVER_AUTH_FLAGS,
     sizeof(SecPkgContext_Flags),
     NOTHING,
     {LATE, LATE, OK},
     {NONE, NONE, NONE}},
    {SECPKG_ATTR_CREDS,
     sizeof(SecPkgContext_ClientCreds),
     COUNTED,
     {NONE, NONE, NONE},
     {LATE, LATE, OK}},
    {SECPKG_ATTR_CREDS_2,
     sizeof(SecPkgContext_ClientCreds),
     COUNTED,
     {NONE, NONE, NONE},
     {LATE, LATE, OK}},
    {SECPKG_ATTR_ACCESS_TOKEN,
     sizeof(SecPkgContext_AccessToken),
     TOKEN,
     {NONE, NONE, NONE},
     {LATE, LATE, OK}},
    {SECPKG_ATTR_C_ACCESS_TOKEN,
     sizeof(SecPkgContext_AccessToken),
     TOKEN,
     {NONE, NONE, NONE},
     {LATE, LATE, OK}},
    {SECPKG_ATTR_C_FULL_ACCESS_TOKEN,
     sizeof(SecPkgContext_AccessToken),
     TOKEN,
     {NONE, NONE, NONE},
     {LATE, LATE, OK}},
    {SECPKG_ATTR_CERT_TRUST_STATUS,
     sizeof(CERT_TRUST_STATUS),
     NOTHING,
     {LATE, LATE, OK},
     {NONE, NONE, NONE}},
    {SSPI_ATTR_CREDSSP_VERSION,
     sizeof(SspiContext_CredsspVersion),
     NOTHING,
     {LATE, LATE, OK},
     {LATE, OK, OK}},
    {SSPI_ATTR_GUARD_CREDENTIALS,
     sizeof(struct sspi_guard_credentials),
     NOTHING,
     {NONE, NONE, NONE},
     {LATE, LATE, NONE}},
    /* the logon's */
    {SECPKG_ATTR_NAMES, sizeof(SecPkgContext_NamesA), TEXT, {LATE, LATE, OK}, {LATE, LATE, OK}},
    {SECPKG_ATTR_NATIVE_NAMES,
     sizeof(SecPkgContext_NativeNamesA),
     TEXTS,
     {LATE, LATE, OK},
     {LATE, LATE, OK}},
    {SECPKG_ATTR_NEGOTIATION_INFO,
     sizeof(SecPkgContext_NegotiationInfoA),
     INFO,
     {LATE, LATE, OK},
     {LATE, KERBEROS_OK, OK}},
    {SECPKG_ATTR_AUTHORITY,
     sizeof(SecPkgContext_AuthorityA),
     TEXT,
     {LATE, LATE, OK},
     {LATE, LATE, OK}},
    {SECPKG_ATTR_LIFESPAN,
     sizeof(SecPkgContext_Lifespan),
     NOTHING,
     {LATE, LATE, OK},
     {LATE, LATE, OK}},
    {SECPKG_ATTR_SESSION_KEY,
     sizeof(SecPkgContext_SessionKey),
     COUNTED,
     {LATE, LATE, OK},
     {LATE, LATE, OK}},
    /* TLS', which is there before the logon is over */
    {SECPKG_ATTR_SIZES, sizeof(SecPkgContext_Sizes), NOTHING, {LATE, OK, OK}, {LATE, OK, OK}},
    {SECPKG_ATTR_STREAM_SIZES,
     sizeof(SecPkgContext_StreamSizes),
     NOTHING,
     {LATE, OK, OK},
     {LATE, OK, OK}},
    {SECPKG_ATTR_CONNECTION_INFO,
     sizeof(SecPkgContext_ConnectionInfo),
     NOTHING,
     {LATE, OK, OK},
     {LATE, OK, OK}},
    {SECPKG_ATTR_CIPHER_INFO,
     sizeof(SecPkgContext_CipherInfo),
     NOTHING,
     {LATE, OK, OK},
     {LATE, OK, OK}},
    {SECPKG_ATTR_SESSION_INFO,
     sizeof(SecPkgContext_SessionInfo),
     NOTHING,
     {LATE, OK, OK},
     {LATE, OK, OK}},
    {SECPKG_ATTR_KEY_INFO, sizeof(SecPkgContext_KeyInfoA), TEXTS, {LATE, OK, OK}, {LATE, OK, OK}},
    {SECPKG_ATTR_ENDPOINT_BINDINGS,
     sizeof(SecPkgContext_Bindings),
     COUNTED,
     {LATE, OK, OK},
     {LATE, OK, OK}},
    {SECPKG_ATTR_UNIQUE_BINDINGS,
     sizeof(SecPkgContext_Bindings),
     COUNTED,
     {LATE, TLS_1_2_OK, TLS_1_2_OK},
     {LATE, TLS_1_2_OK, TLS_1_2_OK}},
    {SECPKG_ATTR_REMOTE_CERT_CONTEXT,
     sizeof(PCCERT_CONTEXT),
     CERT,
     {SEC_E_NO_CREDENTIALS, OK, OK},
     {SEC_E_NO_CREDENTIALS, SEC_E_NO_CREDENTIALS, SEC_E_NO_CREDENTIALS}},
    {SECPKG_ATTR_LOCAL_CERT_CONTEXT,
     sizeof(PCCERT_CONTEXT),
     CERT,
     {SEC_E_NO_CREDENTIALS, SEC_E_NO_CREDENTIALS, SEC_E_NO_CREDENTIALS},
     {OK, OK, OK}},
    /* nobody's */
    {SECPKG_ATTR_DCE_INFO,
     sizeof(SecPkgContext_DceInfo),
     NOTHING,
     {NONE, NONE, NONE},
     {NONE, NONE, NONE}},
    {SECPKG_ATTR_PASSWORD_EXPIRY,
     sizeof(SecPkgContext_PasswordExpiry),
     NOTHING,
     {NONE, NONE, NONE},
     {NONE, NONE, NONE}},
    {SECPKG_ATTR_C_FULL_IDENT_TOKEN, 0, NOTHING, {NONE, NONE, NONE}, {NONE, NONE, NONE}},
    {0x7fffffff, 0, NOTHING, {NONE, NONE, NONE}, {NONE, NONE, NONE}},
};

union answer {
    struct {
        void *one, *two;
    } text;
    struct {
        ULONG size;
        void *data;
    } counted;
    PCCERT_CONTEXT cert;
    HANDLE token;
    DWORD version;
    BYTE room[1024];
};

static void answer_free(const struct attribute *row, union answer *answer)
{
    switch (row->freed) {
    case TEXTS:
        FreeContextBuffer(answer->text.two);
        FreeContextBuffer(answer->text.one);
        break;
    case TEXT:
    case INFO:
        FreeContextBuffer(answer->text.one);
        break;
    case COUNTED:
        FreeContextBuffer(answer->counted.data);
        break;
    case CERT:
        CertFreeCertificateContext(answer->cert);
        break;
    case TOKEN:
        ck_assert(CloseHandle(answer->token));
        break;
    default:
        break;
    }
}

/* What is asked for with a version says which. */
static void answer_begin(const struct attribute *row, union answer *answer)
{
    memset(answer, 0, sizeof(*answer));
    if (row->attribute == SECPKG_ATTR_CIPHER_INFO)
        answer->version = SECPKGCONTEXT_CIPHERINFO_V1;
}

static SECURITY_STATUS query(struct end *end, const struct attribute *row, bool wide,
                             union answer *answer)
{
    answer_begin(row, answer);
    return wide ? QueryContextAttributesW(&end->context, row->attribute, answer)
                : QueryContextAttributesA(&end->context, row->attribute, answer);
}

static SECURITY_STATUS wanted(const struct end *end, const struct attribute *row, int time,
                              const struct way *way)
{
    SECURITY_STATUS want = (end->server ? row->server : row->client)[time];

    switch (want) {
    case KERBEROS_OK:
        return way_is_ntlm(way) ? LATE : OK;
    case TLS_1_2_OK:
        return way->disabled == 0 ? NONE : OK;
    default:
        return want;
    }
}

/* By the calls of either form, of which the Ex ones know how large an answer is. */
static void ask(struct end *end, const struct attribute *row, int time, const struct way *way)
{
    SECURITY_STATUS want = wanted(end, row, time, way);
    union answer answer;

    for (int wide = 0; wide < 2; wide++) {
        SECURITY_STATUS got = query(end, row, wide, &answer);

        ck_assert_msg(got == want, "%s, attribute %x, time %d: %s instead of %s",
                      end->server ? "server" : "client", row->attribute, time,
                      sspi_status_name(got), sspi_status_name(want));
        if (got == OK)
            answer_free(row, &answer);
    }
    assert_status(QueryContextAttributesA(&end->context, row->attribute, NULL),
                  SEC_E_INVALID_PARAMETER);
    answer_begin(row, &answer);
    assert_status(QueryContextAttributesExA(&end->context, row->attribute, &answer,
                                            row->size == 0 ? sizeof(answer) : row->size - 1),
                  row->size == 0 ? SEC_E_UNSUPPORTED_FUNCTION : SEC_E_BUFFER_TOO_SMALL);
}

static void ask_all(struct end *end, int time, const struct way *way)
{
    for (int i = 0; i < COUNT(attributes); i++)
        ask(end, &attributes[i], time, way);
}

START_TEST(attributes_have_their_time)
{
    const struct way *way = &ways[_i];

    ends_policy(ALLOW_ALL);
    ends_begin(way);
    end_advance(&client, &server, 0);
    ask_all(&client, DURING_TLS, way);
    end_drain(&server, &client);
    ask_all(&server, DURING_TLS, way);
    end_drain(&client, &server);
    if (way->disabled != 0) { /* TLS 1.2 has one turn more */
        end_drain(&server, &client);
        end_drain(&client, &server);
    }
    ask_all(&client, DURING_LOGON, way);
    end_drain(&server, &client);
    ask_all(&server, DURING_LOGON, way);
    while (server.status == SEC_I_CONTINUE_NEEDED) {
        end_drain(&client, &server);
        end_drain(&server, &client);
    }
    end_is(&server, SEC_E_OK);
    ask_all(&client, AFTER, way);
    ask_all(&server, AFTER, way);
    ends_close();
}
END_TEST

static void assert_same(ULONG attribute)
{
    const struct attribute row = {.attribute = attribute, .freed = COUNTED};
    union answer ours, theirs;

    assert_status(query(&client, &row, false, &ours), SEC_E_OK);
    assert_status(query(&server, &row, false, &theirs), SEC_E_OK);
    ck_assert_uint_ne(ours.counted.size, 0);
    ck_assert_uint_eq(ours.counted.size, theirs.counted.size);
    ck_assert_mem_eq(ours.counted.data, theirs.counted.data, ours.counted.size);
    answer_free(&row, &ours);
    answer_free(&row, &theirs);
}

/* What both have in common: the logon's key, the server's certificate, TLS' first messages. */
START_TEST(both_ends_know_the_same)
{
    PCCERT_CONTEXT seen;

    ends_establish(&ways[_i]);
    assert_same(SECPKG_ATTR_SESSION_KEY);
    assert_same(SECPKG_ATTR_ENDPOINT_BINDINGS);
    if (ways[_i].disabled != 0)
        assert_same(SECPKG_ATTR_UNIQUE_BINDINGS);
    assert_status(QueryContextAttributesA(&client.context, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &seen),
                  SEC_E_OK);
    ck_assert_uint_eq(seen->cbCertEncoded, end_certificate->cbCertEncoded);
    ck_assert_mem_eq(seen->pbCertEncoded, end_certificate->pbCertEncoded, seen->cbCertEncoded);
    CertFreeCertificateContext(seen);
    ends_close();
}
END_TEST

/* The token that the server is given is the client, with what he has handed over. */
START_TEST(the_token_is_the_client)
{
    static const ULONG kinds[] = {SECPKG_ATTR_ACCESS_TOKEN, SECPKG_ATTR_C_ACCESS_TOKEN,
                                  SECPKG_ATTR_C_FULL_ACCESS_TOKEN};
    SecPkgContext_AccessToken token;
    static struct pair pair;

    ends_establish(&ways[0]);
    assert_status(QueryContextAttributesA(&server.context, kinds[_i], &token), SEC_E_OK);
    ends_close(); /* it stands for itself */
    pair_init(&pair);
    ck_assert(ImpersonateLoggedOnUser(token.AccessToken));
    assert_status(pair_acquire_client(&pair, "Negotiate", NULL, NULL), SEC_E_OK);
    ck_assert(RevertToSelf());
    ck_assert(CloseHandle(token.AccessToken));
    assert_status(pair_acquire_server(&pair, "Negotiate", NULL), SEC_E_OK);
    pair_establish(&pair);
    ck_assert_ptr_nonnull(strstr(context_user(&pair.server), "alice"));
    pair_free(&pair);
}
END_TEST

/* --- Messages ------------------------------------------------------------------------------- */

/* Seals text of size octets; what goes out is appended to the peer's input. */
static SECURITY_STATUS seal(struct end *end, struct end *peer, size_t size)
{
    static BYTE room[20000];
    SecPkgContext_StreamSizes sizes = {0};
    SecBuffer parts[4];
    SecBufferDesc list = {SECBUFFER_VERSION, 4, parts};
    SECURITY_STATUS status;

    QueryContextAttributesA(&end->context, SECPKG_ATTR_STREAM_SIZES, &sizes);
    ck_assert_uint_le(sizes.cbHeader + size + sizes.cbTrailer, sizeof(room));
    memset(room + sizes.cbHeader, 'm', size);
    parts[0] = (SecBuffer){sizes.cbHeader, SECBUFFER_STREAM_HEADER, room};
    parts[1] = (SecBuffer){(ULONG)size, SECBUFFER_DATA, room + sizes.cbHeader};
    parts[2] = (SecBuffer){sizes.cbTrailer, SECBUFFER_STREAM_TRAILER, room + sizes.cbHeader + size};
    parts[3] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
    status = EncryptMessage(&end->context, 0, &list, 0);
    if (status == SEC_E_OK)
        end_give(peer, room, parts[0].cbBuffer + parts[1].cbBuffer + parts[2].cbBuffer);
    return status;
}

/* Opens the first message of an end's input; what follows stays. */
static SECURITY_STATUS unseal(struct end *end, size_t *size)
{
    SecBuffer parts[4] = {{(ULONG)end->size, SECBUFFER_DATA, end->in}};
    SecBufferDesc list = {SECBUFFER_VERSION, 4, parts};
    SECURITY_STATUS status = DecryptMessage(&end->context, &list, 0, NULL);
    size_t left = parts[3].BufferType == SECBUFFER_EXTRA ? parts[3].cbBuffer : 0;

    if (status != SEC_E_OK)
        return status;
    ck_assert_uint_eq(parts[0].BufferType, SECBUFFER_STREAM_HEADER);
    ck_assert_uint_eq(parts[1].BufferType, SECBUFFER_DATA);
    ck_assert_uint_eq(parts[2].BufferType, SECBUFFER_STREAM_TRAILER);
    *size = parts[1].cbBuffer;
    for (size_t i = 0; i < *size; i++)
        ck_assert_uint_eq(((BYTE *)parts[1].pvBuffer)[i], 'm');
    memmove(end->in, end->in + end->size - left, left);
    end->size = left;
    return status;
}

/* Any size, several at once, and in pieces. */
START_TEST(messages_pass_as_schannels)
{
    static const size_t lengths[] = {1, 0, 16384, 0, 500};
    struct end *from = _i % 2 == 0 ? &client : &server, *to = _i % 2 == 0 ? &server : &client;
    size_t size, whole;

    ends_establish(&ways[_i / 2]);
    for (int i = 0; i < COUNT(lengths); i++)
        assert_status(seal(from, to, lengths[i]), SEC_E_OK);
    for (int i = 0; i < COUNT(lengths); i++) {
        assert_status(unseal(to, &size), SEC_E_OK);
        ck_assert_uint_eq(size, lengths[i]);
    }
    ck_assert_uint_eq(to->size, 0);
    assert_status(seal(from, to, 10), SEC_E_OK);
    for (whole = to->size, to->size = 1; to->size < whole; to->size++)
        assert_status(unseal(to, &size), SEC_E_INCOMPLETE_MESSAGE);
    assert_status(unseal(to, &size), SEC_E_OK);
    assert_status(seal(from, to, 10), SEC_E_OK);
    to->in[to->size - 1] ^= 1;
    assert_status(unseal(to, &size), SEC_E_MESSAGE_ALTERED);
    ends_close();
}
END_TEST

/* TLS is there, the logon is not: nothing of the program's is sealed or opened yet. */
START_TEST(messages_wait_for_the_logon)
{
    size_t size;

    ends_policy(ALLOW_ALL);
    ends_begin(&ways[0]);
    end_advance(&client, &server, 0);
    end_drain(&server, &client);
    end_drain(&client, &server);
    end_drain(&server, &client);
    ck_assert_uint_ne(client.size, 0); /* a message of CredSSP's */
    assert_status(seal(&client, &server, 5), SEC_E_INVALID_HANDLE);
    assert_status(unseal(&client, &size), SEC_E_INVALID_HANDLE);
    assert_status(seal(&server, &client, 5), SEC_E_INVALID_HANDLE);
    end_drain(&client, &server);
    ck_assert_int_ge(client.status, 0);
    ends_close();
}
END_TEST

START_TEST(nothing_is_only_signed)
{
    BYTE room[64] = {0};
    SecBuffer parts[] = {{16, SECBUFFER_TOKEN, room}, {16, SECBUFFER_DATA, room + 16}};
    SecBufferDesc list = {SECBUFFER_VERSION, 2, parts};
    struct end *end = _i == 0 ? &client : &server;
    void *exported;
    SecBuffer packed;

    ends_establish(&ways[0]);
    assert_status(MakeSignature(&end->context, 0, &list, 0), SEC_E_UNSUPPORTED_FUNCTION);
    assert_status(VerifySignature(&end->context, &list, 0, NULL), SEC_E_UNSUPPORTED_FUNCTION);
    assert_status(CompleteAuthToken(&end->context, &list), SEC_E_OK); /* it has nothing to do */
    assert_status(ExportSecurityContext(&end->context, 0, &packed, &exported),
                  SEC_E_UNSUPPORTED_FUNCTION);
    message_passes(&client.context, &server.context, "as before");
    ends_close();
}
END_TEST

static SECURITY_STATUS query_plain(struct end *end, ULONG attribute)
{
    union answer answer;

    return QueryContextAttributesA(&end->context, attribute, &answer);
}

/* After a refused password: what says why, nothing that would be of a logon, and no messages. */
START_TEST(a_failed_logon_leaves_nothing)
{
    static const ULONG refused[] = {SECPKG_ATTR_NAMES, SECPKG_ATTR_FLAGS, SECPKG_ATTR_LIFESPAN,
                                    SECPKG_ATTR_SESSION_KEY, SECPKG_ATTR_PACKAGE_INFO};
    static const ULONG servers[] = {SECPKG_ATTR_CREDS, SECPKG_ATTR_ACCESS_TOKEN,
                                    SSPI_ATTR_GUARD_CREDENTIALS};
    SEC_WINNT_AUTH_IDENTITY_EXA identity = identity_exa("alice", NULL, "wrong", "ntlm");

    ends_policy(ALLOW_ALL);
    end_acquire(&server, true, 0, NULL);
    end_acquire(&client, false, 0, &identity);
    client.request = ISC_REQ_DELEGATE;
    end_advance(&client, &server, 0);
    for (int turn = 0; turn < 20; turn++) {
        end_drain(&server, &client);
        end_drain(&client, &server);
    }
    end_is(&server, SEC_E_LOGON_DENIED);
    end_is(&client, SEC_E_LOGON_DENIED);
    for (int i = 0; i < COUNT(refused); i++) {
        assert_status(query_plain(&client, refused[i]), SEC_E_CONTEXT_EXPIRED);
        assert_status(query_plain(&server, refused[i]), SEC_E_CONTEXT_EXPIRED);
    }
    for (int i = 0; i < COUNT(servers); i++)
        assert_status(query_plain(&server, servers[i]), SEC_E_CONTEXT_EXPIRED);
    assert_status(query_plain(&server, SSPI_ATTR_CREDSSP_VERSION), SEC_E_OK);
    ck_assert_int_lt(ImpersonateSecurityContext(&server.context), 0);
    assert_status(seal(&client, &server, 5), SEC_E_CONTEXT_EXPIRED);
    assert_status(seal(&server, &client, 5), SEC_E_CONTEXT_EXPIRED);
    ends_close();
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("credssp_query");

    suite_add(all, attributes_have_their_time, 4);
    suite_add(all, both_ends_know_the_same, WAY_COUNT);
    suite_add(all, the_token_is_the_client, 3);
    suite_add(all, messages_pass_as_schannels, 4);
    suite_add(all, messages_wait_for_the_logon, 1);
    suite_add(all, nothing_is_only_signed, 2);
    suite_add(all, a_failed_logon_leaves_nothing, 1);
    return all;
}

CHECK_MAIN(suite)
