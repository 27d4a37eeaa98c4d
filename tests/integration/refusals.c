/* SPDX-License-Identifier: MIT */
/*
 * Refusals that take an arrangement of their own: an answer meant for another, a KDC that knows no
 * way, errors that are sent to the peer, and a machine that has no room for one thread more.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include <krb5.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sspi_linux.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lib/check_main.h"
#include "lib/pair.h"
#include "lib/world.h"

/* The ways to have one mechanism and nothing else. */
static const struct way {
    const char *package, *list, *negotiated;
} ways[] = {{"Kerberos", NULL, "Kerberos"},
            {"Negotiate", "!ntlm", "Kerberos"},
            {"NTLM", NULL, "NTLM"},
            {"Negotiate", "!kerberos", "NTLM"}};
#define KERBEROS_WAYS 2

static void way_acquire(struct pair *pair, const struct way *way)
{
    SEC_WINNT_AUTH_IDENTITY_EXA id = identity_ambient(way->list);

    pair_init(pair);
    assert_status(pair_acquire_client(pair, way->package, NULL, way->list == NULL ? NULL : &id),
                  SEC_E_OK);
    assert_status(pair_acquire_server(pair, way->package, NULL), SEC_E_OK);
}

/* --- An answer that was meant for another --------------------------------------------------- */

/*
 * Both contexts use one ticket. The AP-REP is sealed with the ticket's session key, not a subkey
 * (RFC 4120 5.5.2), so the other context can read it, and finds another time in it than its own.
 */
START_TEST(answer_for_another_context)
{
    struct pair one, other;

    way_acquire(&one, &ways[_i]);
    way_acquire(&other, &ways[_i]);
    assert_status(pair_initialize(&one), SEC_I_CONTINUE_NEEDED);
    assert_status(pair_initialize(&other), SEC_I_CONTINUE_NEEDED);
    ck_assert_int_ge(pair_accept(&one), 0);
    ck_assert_int_ge(pair_accept(&other), 0);
    other.to_client = one.to_client;
    assert_status(pair_initialize(&other), SEC_E_MUTUAL_AUTH_FAILED);
    assert_native("Mutual authentication failed");
    ck_assert_uint_eq(other.to_server.size, 0);
    assert_status(pair_initialize(&other), SEC_E_CONTEXT_EXPIRED);
    assert_status(pair_initialize(&one), SEC_E_OK);
    pair_free(&one);
    pair_free(&other);
}
END_TEST

/* Both have a ticket of their own for the same service. */
START_TEST(answer_under_another_key)
{
    SEC_WINNT_AUTH_IDENTITY_EXA id =
        identity_exa("bob", "LOOPBACK", password_of("bob"), ways[_i].list);
    struct pair one, other;

    way_acquire(&one, &ways[_i]);
    pair_init(&other);
    assert_status(pair_acquire_client(&other, ways[_i].package, NULL, &id), SEC_E_OK);
    assert_status(pair_initialize(&one), SEC_I_CONTINUE_NEEDED);
    assert_status(pair_initialize(&other), SEC_I_CONTINUE_NEEDED);
    ck_assert_int_ge(pair_accept(&one), 0);
    other.to_client = one.to_client;
    assert_status(pair_initialize(&other), SEC_E_WRONG_PRINCIPAL);
    assert_native("Decrypt integrity check failed");
    ck_assert_uint_eq(other.to_server.size, 0);
    assert_status(pair_initialize(&other), SEC_E_CONTEXT_EXPIRED);
    pair_free(&one);
    pair_free(&other);
}
END_TEST

/* --- A KDC that knows no way ---------------------------------------------------------------- */

/*
 * MIT's KDC never says most of these, others do: a stand-in answers every request over TCP with one
 * error of RFC 4120 7.5.9.
 */
struct stand_in {
    pthread_t thread;
    int listener;
    krb5_data error;
    krb5_context context;
    unsigned requests[2]; /* AS-REQ, TGS-REQ */
};

/* The outermost tags of requests, RFC 4120 5.4.1. */
#define TAG_AS_REQ  0x6a
#define TAG_TGS_REQ 0x6c
#define REQUEST_MAX 65536U

static bool receive_all(int fd, void *data, size_t size)
{
    return recv(fd, data, size, MSG_WAITALL) == (ssize_t)size;
}

/* A request and its answer each have their length in four octets before them, RFC 4120 7.2.2. */
static void stand_in_answer(struct stand_in *kdc, int fd)
{
    static unsigned char request[REQUEST_MAX];
    uint32_t size;
    struct iovec parts[] = {{&size, sizeof(size)}, {kdc->error.data, kdc->error.length}};

    if (!receive_all(fd, &size, sizeof(size)) || ntohl(size) == 0 || ntohl(size) > REQUEST_MAX ||
        !receive_all(fd, request, ntohl(size)))
        return;
    kdc->requests[0] += request[0] == TAG_AS_REQ;
    kdc->requests[1] += request[0] == TAG_TGS_REQ;
    size = htonl(kdc->error.length);
    (void)!writev(fd, parts, COUNT(parts));
}

static void *stand_in_main(void *argument)
{
    struct stand_in *kdc = argument;
    int fd;

    while ((fd = accept(kdc->listener, NULL, NULL)) >= 0) {
        stand_in_answer(kdc, fd);
        close(fd);
    }
    return NULL;
}

static void error_encode(struct stand_in *kdc, int code)
{
    krb5_error error = {.error = (krb5_ui_4)code};

    ck_assert_int_eq(krb5_init_context(&kdc->context), 0);
    ck_assert_int_eq(
        krb5_parse_name(kdc->context, "krbtgt/LOOPBACK.TEST@LOOPBACK.TEST", &error.server), 0);
    ck_assert_int_eq(krb5_us_timeofday(kdc->context, &error.stime, &error.susec), 0);
    ck_assert_int_eq(krb5_mk_error(kdc->context, &error, &kdc->error), 0);
    krb5_free_principal(kdc->context, error.server);
}

/* The realm's configuration with another port for its KDC. */
static void configure(unsigned port)
{
    char real[32];
    size_t size;
    char *text = (char *)file_read(getenv("KRB5_CONFIG"), &size), *at = text, *hit;
    FILE *file = fopen(world_file("standin.conf"), "w");

    ck_assert_ptr_nonnull(file);
    snprintf(real, sizeof(real), "kdc = 127.0.0.1:%s\n", getenv("KDC_PORT"));
    ck_assert_ptr_nonnull(strstr(text, real));
    for (; (hit = strstr(at, real)) != NULL; at = hit + strlen(real))
        fprintf(file, "%.*skdc = 127.0.0.1:%u\n", (int)(hit - at), at, port);
    fputs(at, file);
    ck_assert_int_eq(fclose(file), 0);
    free(text);
    world_kdc("standin");
}

static void stand_in_start(struct stand_in *kdc, int code)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);

    memset(kdc, 0, sizeof(*kdc));
    error_encode(kdc, code);
    kdc->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(kdc->listener, (struct sockaddr *)&address, length), 0);
    ck_assert_int_eq(getsockname(kdc->listener, (struct sockaddr *)&address, &length), 0);
    ck_assert_int_eq(listen(kdc->listener, 16), 0);
    ck_assert_int_eq(pthread_create(&kdc->thread, NULL, stand_in_main, kdc), 0);
    configure(ntohs(address.sin_port));
}

static void stand_in_stop(struct stand_in *kdc)
{
    ck_assert_int_eq(shutdown(kdc->listener, SHUT_RDWR), 0);
    ck_assert_int_eq(pthread_join(kdc->thread, NULL), 0);
    close(kdc->listener);
    krb5_free_data_contents(kdc->context, &kdc->error);
    krb5_free_context(kdc->context);
}

/* KDC_ERR_* by number; the last has no status of its own. */
static const struct kdc_error {
    int code;
    SECURITY_STATUS status;
    const char *native;
    bool permits_ntlm; /* to Negotiate that may use it */
} kdc_errors[] = {
    {28, SEC_E_KDC_UNABLE_TO_REFER, "KDC policy rejects transited path", true},
    {68, SEC_E_KDC_UNABLE_TO_REFER, "Realm not local to KDC", true},
    {27, SEC_E_NO_TGT_REPLY, "valid for user2user only", true},
    {29, SEC_E_NO_AUTHENTICATING_AUTHORITY, "A service is not available", true},
    {10, SEC_E_KDC_INVALID_REQUEST, "ineligible for postdating", false},
    {11, SEC_E_TIME_SKEW, "lifetime is negative or too short", false},
    {12, SEC_E_LOGON_DENIED, "KDC policy rejects request", false},
    {14, SEC_E_KDC_UNKNOWN_ETYPE, "no support for encryption type", false},
    {16, SEC_E_UNSUPPORTED_PREAUTH, "no support for padata type", false},
    {60, SEC_E_INTERNAL_ERROR, "Generic error", false},
};

/* Who asks what: a ticket for a service, and, with a password, a ticket at all. */
START_TEST(kdc_answers_with_an_error)
{
    const struct kdc_error *error = &kdc_errors[_i / (2 * KERBEROS_WAYS)];
    const struct way *way = &ways[_i / 2 % KERBEROS_WAYS];
    bool password = _i % 2 != 0;
    SEC_WINNT_AUTH_IDENTITY_EXA id =
        password ? identity_exa("alice", "LOOPBACK", password_of("alice"), way->list)
                 : identity_ambient(way->list);
    struct stand_in kdc;
    struct pair pair;

    stand_in_start(&kdc, error->code);
    pair_init(&pair);
    pair.target = "host/localhost";
    assert_status(pair_acquire_client(&pair, way->package, NULL, &id), SEC_E_OK);
    assert_status(pair_initialize(&pair), error->status);
    assert_native(error->native);
    ck_assert(!pair.client_open);
    ck_assert_uint_eq(pair.to_server.size, 0);
    pair_free(&pair);
    stand_in_stop(&kdc);
    ck_assert_uint_gt(kdc.requests[!password], 0);
    ck_assert_uint_eq(kdc.requests[password], 0);
}
END_TEST

/* Where no ticket can be had, and only there, Negotiate goes on to NTLM. */
START_TEST(kdc_error_leaves_ntlm)
{
    const struct kdc_error *error = &kdc_errors[_i];
    struct stand_in kdc;
    struct pair pair;

    stand_in_start(&kdc, error->code);
    pair_init(&pair);
    pair.target = "host/localhost";
    assert_status(pair_acquire_client(&pair, "Negotiate", NULL, NULL), SEC_E_OK);
    assert_status(pair_initialize(&pair),
                  error->permits_ntlm ? SEC_I_CONTINUE_NEEDED : error->status);
    ck_assert_int_eq(pair.to_server.size != 0, error->permits_ntlm);
    if (error->permits_ntlm)
        ck_assert_mem_eq(pair.to_server.data, "NTLMSSP", 8);
    pair_free(&pair);
    stand_in_stop(&kdc);
    ck_assert_uint_gt(kdc.requests[1], 0);
}
END_TEST

/* --- Errors that are sent to the peer ------------------------------------------------------- */

/* The first octets of tokens: SPNEGO's answer that rejects, and the frame around a KRB-ERROR. */
#define TAG_NEG_RESP 0xa1
#define TAG_FRAME    0x60

static void wrong_password(struct pair *pair, const struct way *way)
{
    SEC_WINNT_AUTH_IDENTITY_EXA id = identity_exa("alice", "LOOPBACK", "not this one", way->list);

    pair_init(pair);
    assert_status(pair_acquire_client(pair, way->package, NULL, &id), SEC_E_OK);
    assert_status(pair_acquire_server(pair, way->package, NULL), SEC_E_OK);
}

static void wrong_key(struct pair *pair, const struct way *way)
{
    way_acquire(pair, way);
    pair->target = "cifs/localhost";
}

/*
 * What a server tells its client when it refuses. NTLM has no word for it, and where it goes raw
 * the client is done by then; SPNEGO around it says that it is refused, and no more.
 */
static const struct server_error {
    const struct way *way;
    void (*arrange)(struct pair *pair, const struct way *way);
    bool server_first;
    unsigned char tag; /* of the token; 0: there is none */
    SECURITY_STATUS client;
    const char *native; /* of the client */
} server_errors[] = {
    {&ways[0], wrong_key, false, TAG_FRAME, SEC_E_WRONG_PRINCIPAL, "cannot decrypt ticket"},
    {&ways[1], wrong_key, false, TAG_NEG_RESP, SEC_E_WRONG_PRINCIPAL, "cannot decrypt ticket"},
    {&ways[1], wrong_key, true, TAG_NEG_RESP, SEC_E_WRONG_PRINCIPAL, "cannot decrypt ticket"},
    {&ways[2], wrong_password, false, 0, SEC_E_OK, NULL},
    {&ways[3], wrong_password, false, 0, SEC_E_OK, NULL},
    {&ways[3], wrong_password, true, TAG_NEG_RESP, SEC_E_LOGON_DENIED, "rejects the negotiation"},
};

/* Legs until the server says something else than that it waits. */
static void run_to_server_end(struct pair *pair, bool server_first)
{
    if (server_first)
        assert_status(pair_accept(pair), SEC_I_CONTINUE_NEEDED);
    do {
        ck_assert_int_ge(pair_initialize(pair), 0);
        ck_assert_uint_ne(pair->to_server.size, 0);
    } while (pair_accept(pair) == SEC_I_CONTINUE_NEEDED);
}

START_TEST(server_tells_only_when_asked)
{
    const struct server_error *error = &server_errors[_i / 2];
    bool asked = _i % 2 != 0;
    struct pair pair;

    error->arrange(&pair, error->way);
    pair.asc |= asked ? ASC_REQ_EXTENDED_ERROR : 0;
    run_to_server_end(&pair, error->server_first);
    assert_status(pair.server_status, SEC_E_LOGON_DENIED);
    ck_assert_uint_eq(pair.server_flags, 0);
    ck_assert_int_eq(pair.to_client.size != 0, asked && error->tag != 0);
    if (pair.client_status == SEC_E_OK) {
        ck_assert_int_eq(error->client, SEC_E_OK);
    } else if (pair.to_client.size != 0) {
        ck_assert_uint_eq(pair.to_client.data[0], error->tag);
        assert_status(pair_initialize(&pair), error->client);
        assert_native(error->native);
        ck_assert_uint_eq(pair.client_flags, 0);
        assert_status(pair_initialize(&pair), SEC_E_CONTEXT_EXPIRED);
    }
    pair_free(&pair);
}
END_TEST

/* A server that may speak NTLM alone, and a client that may not. */
START_TEST(nothing_in_common)
{
    SEC_WINNT_AUTH_IDENTITY_EXA kerberos = identity_ambient("!ntlm"),
                                ntlm = identity_ambient("ntlm");
    static char package[] = "Negotiate";
    bool asked = _i != 0;
    struct pair pair;

    pair_init(&pair);
    pair.asc |= asked ? ASC_REQ_EXTENDED_ERROR : 0;
    assert_status(pair_acquire_client(&pair, package, NULL, &kerberos), SEC_E_OK);
    assert_status(AcquireCredentialsHandleA(NULL, package, SECPKG_CRED_INBOUND, NULL, &ntlm, NULL,
                                            NULL, &pair.server_cred, NULL),
                  SEC_E_OK);
    pair.server_cred_open = true;
    assert_status(pair_initialize(&pair), SEC_I_CONTINUE_NEEDED);
    assert_status(pair_accept(&pair), SEC_E_NO_CREDENTIALS);
    ck_assert_int_eq(pair.to_client.size != 0, asked);
    if (asked)
        assert_status(pair_initialize(&pair), SEC_E_SECPKG_NOT_FOUND);
    pair_free(&pair);
}
END_TEST

/*
 * The mechanism is content with a client that sends no bindings; the server that requires them is
 * not. Its answer to such a client says that all is well, and so stays here.
 */
START_TEST(server_keeps_an_answer_of_success)
{
    struct pair pair;

    way_acquire(&pair, &ways[_i / 2]);
    pair.asc |= _i % 2 ? ASC_REQ_EXTENDED_ERROR : 0;
    pair.server_bindings = bindings_make("required", &pair.server_bindings_size);
    run_to_server_end(&pair, false);
    assert_status(pair.server_status, SEC_E_BAD_BINDINGS);
    ck_assert_uint_eq(pair.to_client.size, 0);
    free(pair.server_bindings);
    pair_free(&pair);
}
END_TEST

/* A bit of the ciphertext of an AP-REP, which fills all but the ends of the token. */
static void spoil_kerberos(struct pair_token *token)
{
    token->data[token->size / 2] ^= 1;
}

/* The challenge's type, [MS-NLMP] 2.2.1.2. */
static void spoil_ntlm(struct pair_token *token)
{
    unsigned char *at = memmem(token->data, token->size, "NTLMSSP", 8);

    ck_assert_ptr_nonnull(at);
    ck_assert_uint_eq(at[8], 2);
    at[8] = 9;
}

/* What a client tells its server when it cannot read the answer: SPNEGO alone has a word for it. */
static const struct client_error {
    const struct way *way;
    bool server_first, dce;
    void (*spoil)(struct pair_token *token);
    SECURITY_STATUS client;
    unsigned char tag;
} client_errors[] = {
    {&ways[0], false, false, spoil_kerberos, SEC_E_WRONG_PRINCIPAL, 0},
    {&ways[0], false, true, spoil_kerberos, SEC_E_WRONG_PRINCIPAL, 0},
    {&ways[1], false, false, spoil_kerberos, SEC_E_WRONG_PRINCIPAL, TAG_NEG_RESP},
    {&ways[1], true, false, spoil_kerberos, SEC_E_WRONG_PRINCIPAL, TAG_NEG_RESP},
    {&ways[1], false, true, spoil_kerberos, SEC_E_WRONG_PRINCIPAL, TAG_NEG_RESP},
    {&ways[2], false, false, spoil_ntlm, SEC_E_INVALID_TOKEN, 0},
    {&ways[3], false, false, spoil_ntlm, SEC_E_INVALID_TOKEN, 0},
    {&ways[3], true, false, spoil_ntlm, SEC_E_INVALID_TOKEN, TAG_NEG_RESP},
};

/* A server that waits for more and one that was done lose their context alike. */
START_TEST(client_tells_only_when_asked)
{
    const struct client_error *error = &client_errors[_i / 2];
    bool asked = _i % 2 != 0;
    struct pair pair;

    way_acquire(&pair, error->way);
    pair.isc |= (asked ? ISC_REQ_EXTENDED_ERROR : 0) | (error->dce ? ISC_REQ_USE_DCE_STYLE : 0);
    pair.asc |= error->dce ? ASC_REQ_USE_DCE_STYLE : 0;
    if (error->server_first)
        assert_status(pair_accept(&pair), SEC_I_CONTINUE_NEEDED);
    assert_status(pair_initialize(&pair), SEC_I_CONTINUE_NEEDED);
    ck_assert_int_ge(pair_accept(&pair), 0);
    error->spoil(&pair.to_client);
    assert_status(pair_initialize(&pair), error->client);
    ck_assert_uint_eq(pair.client_flags, 0);
    ck_assert_int_eq(pair.to_server.size != 0, asked && error->tag != 0);
    if (pair.to_server.size != 0) {
        ck_assert_uint_eq(pair.to_server.data[0], error->tag);
        assert_status(pair_accept(&pair), SEC_E_INVALID_TOKEN);
        assert_status(pair_accept(&pair), SEC_E_CONTEXT_EXPIRED);
    }
    assert_status(pair_initialize(&pair), SEC_E_CONTEXT_EXPIRED);
    pair_free(&pair);
}
END_TEST

/* --- No room for one thread more ------------------------------------------------------------ */

/* A sanitizer's shadow memory is far beyond any limit on the address space. */
#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||                               \
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED true
#else
#define SANITIZED false
#endif

/* Enough for what a call allocates on its caller's thread, too little for a worker's stack. */
#define ROOM (256 * 1024UL)

static struct rlimit address_space_limit(rlim_t soft)
{
    struct rlimit before, now;

    ck_assert_int_eq(getrlimit(RLIMIT_AS, &before), 0);
    now = (struct rlimit){soft, before.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_AS, &now), 0);
    return before;
}

/* What is mapped now, /proc/self/statm, and ROOM. */
static struct rlimit address_space_close(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    unsigned long pages = 0;

    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fscanf(file, "%lu", &pages), 1);
    fclose(file);
    return address_space_limit(pages * (unsigned long)sysconf(_SC_PAGESIZE) + ROOM);
}

/* Who must ask a KDC: for the service's ticket, for the user's, or for one to be forwarded. */
static const struct asker {
    const char *package, *list, *user, *target;
    ULONG isc;
} askers[] = {
    {"Kerberos", NULL, NULL, "host/localhost", 0},
    {"Kerberos", NULL, "bob", "HTTP/localhost", 0},
    {"Kerberos", NULL, NULL, "HTTP/localhost", ISC_REQ_DELEGATE},
    {"Negotiate", "!ntlm", NULL, "host/localhost", 0},
    {"Negotiate", "!ntlm", "bob", "HTTP/localhost", 0},
    {"Negotiate", NULL, NULL, "host/localhost", 0}, /* NTLM is for want of a KDC, not of memory */
};

START_TEST(thread_cannot_be_had)
{
    const struct asker *asker = &askers[_i];
    SEC_WINNT_AUTH_IDENTITY_EXA id =
        asker->user == NULL
            ? identity_ambient(asker->list)
            : identity_exa(asker->user, "LOOPBACK", password_of(asker->user), asker->list);
    unsigned asked = world_requests();
    struct rlimit before;
    struct pair pair;

    pair_init(&pair);
    pair.target = asker->target;
    pair.isc |= asker->isc;
    assert_status(pair_acquire_client(&pair, asker->package, NULL, &id), SEC_E_OK);
    assert_status(pair_acquire_server(&pair, asker->package, NULL), SEC_E_OK);
    before = address_space_close();
    pair_initialize(&pair);
    address_space_limit(before.rlim_cur);
    assert_status(pair.client_status, SEC_E_INSUFFICIENT_MEMORY);
    assert_native("no thread can be started");
    ck_assert(!pair.client_open);
    ck_assert_uint_eq(pair.to_server.size, 0);
    ck_assert_uint_eq(world_requests(), asked);
    pair_establish(&pair);
    ck_assert_str_eq(context_package(&pair.client), "Kerberos");
    pair_free(&pair);
}
END_TEST

/* The same call again with room is the proof that nothing else was missing. */
START_TEST(password_cannot_be_changed_without_a_thread)
{
    static char package[] = "Kerberos", domain[] = "LOOPBACK", user[] = "changer",
                old[] = "its first", new[] = "its second";
    SecBuffer answer = {0, SECBUFFER_CHANGE_PASS_RESPONSE, NULL};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, &answer};
    struct rlimit before = address_space_close();
    SECURITY_STATUS status =
        ChangeAccountPasswordA(package, domain, user, old, new, FALSE, 0, &list);

    address_space_limit(before.rlim_cur);
    assert_status(status, SEC_E_INSUFFICIENT_MEMORY);
    assert_native("no thread can be started");
    assert_status(ChangeAccountPasswordA(package, domain, user, old, new, FALSE, 0, &list),
                  SEC_E_OK);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("refusals");

    suite_add(s, answer_for_another_context, KERBEROS_WAYS);
    suite_add(s, answer_under_another_key, KERBEROS_WAYS);
    suite_add(s, kdc_answers_with_an_error, COUNT(kdc_errors) * KERBEROS_WAYS * 2);
    suite_add(s, kdc_error_leaves_ntlm, COUNT(kdc_errors));
    suite_add(s, server_tells_only_when_asked, COUNT(server_errors) * 2);
    suite_add(s, nothing_in_common, 2);
    suite_add(s, server_keeps_an_answer_of_success, COUNT(ways) * 2);
    suite_add(s, client_tells_only_when_asked, COUNT(client_errors) * 2);
    if (!SANITIZED) {
        suite_add(s, thread_cannot_be_had, COUNT(askers));
        suite_add(s, password_cannot_be_changed_without_a_thread, 1);
    }
    return s;
}

CHECK_MAIN(suite)
