/* SPDX-License-Identifier: MIT */
/* A peer of CredSSP that does as the input says; see credssp_play.h. */
#include "credssp_play.h"

#include <check.h>
#include <sspi_linux.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/hand.h"

#define WAYS     4
#define ACTS_MAX 12

static struct hand hands[WAYS];
static struct hand *hand;

/* What the hand asserts is a promise here, too; Check takes these only from its own tests. */
void __wrap__mark_point(const char *file, int line);
void __wrap__mark_point(const char *file, int line)
{
    (void)file;
    (void)line;
}

void __wrap__ck_assert_failed(const char *file, int line, const char *expression,
                              const char *message, ...);
void __wrap__ck_assert_failed(const char *file, int line, const char *expression,
                              const char *message, ...)
{
    (void)message;
    fprintf(stderr, "%s:%d: %s\n", file, line, expression);
    fuzz_fail(expression);
}

static void policy_set(void)
{
    static const char text[] = "AllowFreshCredentials = *\nAllowFreshCredentialsWhenNTLMOnly = *\n"
                               "AllowEncryptionOracle = 2\n";
    int file = memfd_create("fuzz", MFD_CLOEXEC);
    char name[64];

    fuzz_check(file >= 0 && fchmod(file, 0600) == 0 &&
                   write(file, text, sizeof text - 1) == sizeof text - 1,
               "there is memory for a file");
    snprintf(name, sizeof name, "/proc/self/fd/%d", file);
    setenv("SSPI_CREDSSP_POLICY", name, 1);
}

void credssp_play_open(bool peer_serves)
{
    fuzz_world();
    policy_set();
    for (int i = 0; i < WAYS; i++) {
        struct hand_way way = {.serves = peer_serves,
                               .protocol = i & 1 ? SP_PROT_TLS1_3 : SP_PROT_TLS1_2,
                               .key = IDENT_EC,
                               .list = i & 2 ? "kerberos" : "ntlm"};

        /* No KDC takes part: Kerberos is the cache's, and has no password to hand over. */
        hand_open_as(&hands[i], &way, i & 2 && peer_serves ? NULL : FUZZ_PASSWORD);
        hands[i].request = peer_serves && !(i & 2) ? ISC_REQ_DELEGATE : 0;
    }
}

/* ---- Acts ----------------------------------------------------------------------------------- */

static void message(struct hand_say *say, struct flow *text)
{
    hand_seal(hand, say);
    hand_write(say, text);
}

/* Into a connection that the package has ended nothing can be said. */
static void record(const void *data, size_t size)
{
    if (size != 0 && hand->status == SEC_I_CONTINUE_NEEDED)
        hand_record(hand, data, size < 16384 ? size : 16384);
}

static void act_honest(struct fuzz_input *input, struct hand_say *say)
{
    (void)input;
    hand_send(hand, say);
}

static void act_raw(struct fuzz_input *input, struct hand_say *say)
{
    size_t size;
    void *data = fuzz_chunk(input, &size);

    (void)say;
    record(data, size);
    free(data);
}

static void act_alter(struct fuzz_input *input, struct hand_say *say)
{
    struct flow text = {NULL, 0, 0};
    size_t at = fuzz_u16(input);

    message(say, &text);
    text.data[at % text.size] ^= fuzz_u8(input);
    record(text.data, text.size);
    flow_free(&text);
}

static void act_cut(struct fuzz_input *input, struct hand_say *say)
{
    struct flow text = {NULL, 0, 0};
    size_t at = fuzz_u16(input);

    message(say, &text);
    at %= text.size;
    record(text.data, at);
    record(text.data + at, text.size - at);
    flow_free(&text);
}

static void act_seal(struct fuzz_input *input, struct hand_say *say)
{
    size_t size;
    void *data = fuzz_chunk(input, &size);

    if (say->seal.data != NULL && size != 0)
        say->seal = (struct asn_part){data, size};
    hand_send(hand, say);
    free(data);
}

static void act_fields(struct fuzz_input *input, struct hand_say *say)
{
    struct asn_part *fields[] = {&say->tokens[0], &say->tokens[1], &say->auth_info,
                                 &say->binding,   &say->error,     &say->nonce};
    uint8_t version = fuzz_u8(input), gone = fuzz_u8(input), come = fuzz_u8(input);
    size_t size;
    void *data = fuzz_chunk(input, &size);

    hand_seal(hand, say);
    say->version ^= version;
    for (unsigned i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (gone >> i & 1)
            *fields[i] = (struct asn_part){NULL, 0};
        else if (come >> i & 1)
            *fields[i] = (struct asn_part){data, size};
    hand_send(hand, say);
    free(data);
}

static void act_add(struct fuzz_input *input, struct hand_say *say)
{
    struct flow text = {NULL, 0, 0};
    size_t size;
    void *data = fuzz_chunk(input, &size);

    message(say, &text);
    flow_add(&text, data, size);
    record(text.data, text.size);
    flow_free(&text);
    free(data);
}

static void act_close(struct fuzz_input *input, struct hand_say *say)
{
    (void)input;
    (void)say;
    gnutls_bye(hand->tls.session, GNUTLS_SHUT_WR);
    hand_deliver(hand);
}

static void (*const acts[ACTS])(struct fuzz_input *, struct hand_say *) = {
    [ACT_HONEST] = act_honest, [ACT_RAW] = act_raw,    [ACT_ALTER] = act_alter,
    [ACT_CUT] = act_cut,       [ACT_SEAL] = act_seal,  [ACT_FIELDS] = act_fields,
    [ACT_ADD] = act_add,       [ACT_CLOSE] = act_close};

/* ---- A play --------------------------------------------------------------------------------- */

static void act(struct fuzz_input *input)
{
    enum credssp_act which = fuzz_u8(input) % ACTS;
    struct hand_say say;

    if (which != ACT_RAW && which != ACT_CLOSE && !hand_next(hand, &say))
        return;
    acts[which](input, &say);
}

/* Credentials leave only for who has bound the key, and come only from who has. */
static void end_check(void)
{
    fuzz_check(hand->credentials == 0 ||
                   (hand->way.serves && hand->step == HAND_BINDING && hand->status == SEC_E_OK),
               "credentials are for who has shown his key");
    fuzz_check(hand->status != SEC_E_OK ||
                   hand->step == (hand->way.serves ? HAND_BINDING : HAND_CREDENTIALS),
               "a logon has all its steps");
    fuzz_check(hand->status >= 0 || *sspi_native_error() != '\0', "a failure has a reason");
}

bool credssp_play(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    uint8_t options = fuzz_u8(&input);
    bool done;

    hand = &hands[options % WAYS];
    hand->way.version = 2 + (options / WAYS) % 5;
    hand_meet(hand);
    for (int i = 0; i < ACTS_MAX && input.left > 0 && hand->status == SEC_I_CONTINUE_NEEDED; i++)
        act(&input);
    end_check();
    done = hand->status == SEC_E_OK;
    hand_part(hand);
    return done;
}
