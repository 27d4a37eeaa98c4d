/* SPDX-License-Identifier: MIT */
/*
 * Channel bindings (SECBUFFER_CHANNEL_BINDINGS): what both sides have, what the server allows, and
 * bindings that do not fit their buffer.
 */
#include <limits.h>
#include <sspi_linux.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/pair.h"
#include "lib/world.h"

/* The packages, and Negotiate with either mechanism inside. */
static const struct way {
    const char *package, *list, *negotiated;
} ways[] = {{"Kerberos", NULL, "Kerberos"},
            {"NTLM", NULL, "NTLM"},
            {"Negotiate", "!ntlm", "Kerberos"},
            {"Negotiate", "!kerberos", "NTLM"}};

#define RIGHT "tls-server-end-point:one certificate"
#define WRONG "tls-server-end-point:two certificate"

static const struct meeting {
    const char *client, *server;
    ULONG allow;
    SECURITY_STATUS status; /* of the server */
} meetings[] = {
    {NULL, NULL, 0, SEC_E_OK},
    {NULL, NULL, ASC_REQ_ALLOW_MISSING_BINDINGS, SEC_E_OK},
    {RIGHT, NULL, 0, SEC_E_OK},
    {RIGHT, NULL, ASC_REQ_ALLOW_MISSING_BINDINGS, SEC_E_OK},
    {WRONG, NULL, 0, SEC_E_OK},
    {WRONG, NULL, ASC_REQ_ALLOW_MISSING_BINDINGS, SEC_E_OK},
    {NULL, RIGHT, 0, SEC_E_BAD_BINDINGS},
    {NULL, RIGHT, ASC_REQ_ALLOW_MISSING_BINDINGS, SEC_E_OK},
    {RIGHT, RIGHT, 0, SEC_E_OK},
    {RIGHT, RIGHT, ASC_REQ_ALLOW_MISSING_BINDINGS, SEC_E_OK},
    {WRONG, RIGHT, 0, SEC_E_BAD_BINDINGS},
    {WRONG, RIGHT, ASC_REQ_ALLOW_MISSING_BINDINGS, SEC_E_BAD_BINDINGS},
};

static void way_acquire(struct pair *pair, const struct way *way)
{
    SEC_WINNT_AUTH_IDENTITY_EXA id = identity_ambient(way->list);

    pair_init(pair);
    pair_acquire(pair, way->package, way->list == NULL ? NULL : &id);
}

static SEC_CHANNEL_BINDINGS *side_bindings(const char *text, ULONG *size)
{
    return text == NULL ? NULL : bindings_make(text, size);
}

START_TEST(both_sides_meet)
{
    const struct way *way = &ways[_i / COUNT(meetings)];
    const struct meeting *meeting = &meetings[_i % COUNT(meetings)];
    struct pair pair;

    way_acquire(&pair, way);
    pair.asc |= meeting->allow;
    pair.client_bindings = side_bindings(meeting->client, &pair.client_bindings_size);
    pair.server_bindings = side_bindings(meeting->server, &pair.server_bindings_size);
    pair_run(&pair);
    ck_assert_msg(pair.server_status == meeting->status,
                  "%s %s, client %s, server %s, allow %d: %s, not %s; %s", way->package,
                  way->negotiated, meeting->client ? meeting->client : "none",
                  meeting->server ? meeting->server : "none", meeting->allow != 0,
                  sspi_status_name(pair.server_status), sspi_status_name(meeting->status),
                  sspi_native_error());
    if (meeting->status == SEC_E_OK) {
        assert_status(pair.client_status, SEC_E_OK);
        ck_assert_str_eq(context_package(&pair.server), way->negotiated);
        pair_message(&pair.client, &pair.server, "bound");
    }
    free(pair.client_bindings);
    free(pair.server_bindings);
    pair_free(&pair);
}
END_TEST

/* One field of good bindings changed; size counts from the end of the whole. */
static const struct damage {
    const char *name;
    ULONG offset, length;
    int cut;
} damages[] = {
    {"inside the head", sizeof(SEC_CHANNEL_BINDINGS) - 1, 4, 0},
    {"at the very start", 0, 4, 0},
    {"behind the buffer", 4096, 4, 0},
    {"one byte too long", sizeof(SEC_CHANNEL_BINDINGS), sizeof(RIGHT), 0},
    {"a sum that overflows", UINT_MAX, 2, 0},
    {"a length that overflows", sizeof(SEC_CHANNEL_BINDINGS), UINT_MAX, 0},
    {"both at their most", UINT_MAX, UINT_MAX, 0},
    {"a buffer without its last byte", sizeof(SEC_CHANNEL_BINDINGS), sizeof(RIGHT) - 1, 1},
    {"a buffer smaller than the head", 0, 0, sizeof(RIGHT)},
};

/* Where each of the three parts keeps its length; its offset is the next word. */
static const size_t parts[] = {offsetof(SEC_CHANNEL_BINDINGS, cbInitiatorLength),
                               offsetof(SEC_CHANNEL_BINDINGS, cbAcceptorLength),
                               offsetof(SEC_CHANNEL_BINDINGS, cbApplicationDataLength)};

static SEC_CHANNEL_BINDINGS *bindings_damaged(const struct damage *damage, size_t part, ULONG *size)
{
    SEC_CHANNEL_BINDINGS *whole = bindings_make(RIGHT, size), *exact;
    ULONG words[2] = {damage->length, damage->offset};

    whole->cbApplicationDataLength = 0;
    memcpy((char *)whole + part, words, sizeof(words));
    *size -= (ULONG)damage->cut;
    exact = malloc(*size); /* exactly, for the sanitizer to see what is read behind it */
    ck_assert_ptr_nonnull(exact);
    memcpy(exact, whole, *size);
    free(whole);
    return exact;
}

START_TEST(ill_formed_bindings_are_refused)
{
    const struct way *way = &ways[_i / COUNT(damages)];
    const struct damage *damage = &damages[_i % COUNT(damages)];
    struct pair pair;

    way_acquire(&pair, way);
    for (int i = 0; i < COUNT(parts); i++) {
        ULONG size;
        SEC_CHANNEL_BINDINGS *bad = bindings_damaged(damage, parts[i], &size);

        pair.client_bindings = bad;
        pair.client_bindings_size = size;
        ck_assert_msg(pair_initialize(&pair) == SEC_E_BAD_BINDINGS, "client, %s, part %d: %s",
                      damage->name, i, sspi_status_name(pair.client_status));
        ck_assert_uint_eq(pair.to_server.size, 0);
        pair.client_bindings = NULL;
        assert_status(pair_initialize(&pair), SEC_I_CONTINUE_NEEDED);
        pair.server_bindings = bad;
        pair.server_bindings_size = size;
        ck_assert_msg(pair_accept(&pair) == SEC_E_BAD_BINDINGS, "server, %s, part %d: %s",
                      damage->name, i, sspi_status_name(pair.server_status));
        ck_assert_uint_eq(pair.to_client.size, 0);
        pair.server_bindings = NULL;
        pair_close(&pair);
        free(bad);
    }
    pair_free(&pair);
}
END_TEST

/* --- What a server is told ------------------------------------------------------------------ */

#define ABSENT   SEC_CHANNEL_BINDINGS_RESULT_ABSENT
#define MATCHED  SEC_CHANNEL_BINDINGS_RESULT_VALID_MATCHED
#define MISMATCH SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISMATCH

static const struct verdict {
    const char *client, *server;
    ULONG allow, flags;
} verdicts[] = {
    {RIGHT, NULL, 0, 0}, /* nothing was looked at */
    {RIGHT, RIGHT, 0, SEC_CHANNEL_BINDINGS_RESULT_CLIENT_SUPPORT | MATCHED},
    {WRONG, RIGHT, 0, SEC_CHANNEL_BINDINGS_RESULT_CLIENT_SUPPORT | MISMATCH},
    {NULL, RIGHT, 0, ABSENT | SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISSING},
    {NULL, RIGHT, ASC_REQ_ALLOW_MISSING_BINDINGS,
     ABSENT | SEC_CHANNEL_BINDINGS_RESULT_VALID_MISSING},
};

/* The longer form; free() it. */
static void server_bindings_set(struct pair *pair, const char *text, ULONG flags)
{
    SecPkgContext_Bindings bindings;

    if (text == NULL)
        return;
    bindings.Bindings = bindings_make(text, &bindings.BindingsLength);
    assert_status(SspiSetChannelBindingFlags(&bindings, flags), SEC_E_OK);
    pair->server_bindings = bindings.Bindings;
    pair->server_bindings_size = bindings.BindingsLength;
}

/* By SASL's calls as by the others, where SASL has a mechanism for it. */
static void assert_verdict(const struct way *way, const struct verdict *verdict, bool audit,
                           bool sasl)
{
    SEC_CHANNEL_BINDINGS_RESULT result = {0xdead};
    bool fine = audit || !(verdict->flags & SEC_CHANNEL_BINDINGS_RESULT_NOTVALID);
    struct pair pair;

    way_acquire(&pair, way);
    pair.sasl = sasl;
    pair.asc |= verdict->allow;
    pair.result = &result;
    pair.client_bindings = side_bindings(verdict->client, &pair.client_bindings_size);
    server_bindings_set(&pair, verdict->server, audit ? SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS : 0);
    pair_run(&pair);
    ck_assert_msg(pair.server_status == (fine ? SEC_E_OK : SEC_E_BAD_BINDINGS),
                  "%s %s, audit %d, sasl %d: %s; %s", way->package, way->negotiated, audit, sasl,
                  sspi_status_name(pair.server_status), sspi_native_error());
    ck_assert_uint_eq(result.flags, verdict->flags);
    if (fine)
        pair_message(&pair.client, &pair.server, "bound");
    free(pair.client_bindings);
    free(pair.server_bindings);
    pair_free(&pair);
}

START_TEST(server_is_told)
{
    const struct way *way = &ways[_i / COUNT(verdicts)];
    const struct verdict *verdict = &verdicts[_i % COUNT(verdicts)];

    for (int audit = 0; audit < 2; audit++) {
        assert_verdict(way, verdict, audit, false);
        if (strcmp(way->package, "NTLM") != 0)
            assert_verdict(way, verdict, audit, true);
    }
}
END_TEST

/* A token that was seen before stays one for a server that only looks. */
START_TEST(audit_forgives_no_replay)
{
    SEC_CHANNEL_BINDINGS_RESULT result;
    struct pair_token first;
    struct pair pair;

    way_acquire(&pair, &ways[_i * 2]); /* Kerberos, and Negotiate with it */
    pair.result = &result;
    pair.client_bindings = side_bindings(WRONG, &pair.client_bindings_size);
    server_bindings_set(&pair, RIGHT, SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS);
    pair_establish(&pair);
    ck_assert_uint_eq(result.flags & MISMATCH, MISMATCH);
    memcpy(&first, &pair.first, sizeof(first));
    pair_close(&pair);
    memcpy(&pair.to_server, &first, sizeof(first));
    assert_status(pair_accept(&pair), SEC_E_LOGON_DENIED);
    free(pair.client_bindings);
    free(pair.server_bindings);
    pair_free(&pair);
}
END_TEST

/* Setting flags moves the parts behind the longer head, once. */
START_TEST(flags_are_set)
{
    SecPkgContext_Bindings bindings;
    const SEC_CHANNEL_BINDINGS_EX *longer;
    ULONG size;

    bindings.Bindings = bindings_make(RIGHT, &bindings.BindingsLength);
    size = bindings.BindingsLength;
    for (ULONG flags = 0; flags < 2; flags++) {
        assert_status(SspiSetChannelBindingFlags(&bindings, flags), SEC_E_OK);
        longer = (const void *)bindings.Bindings;
        ck_assert_uint_eq(longer->magicNumber, SEC_CHANNEL_BINDINGS_EX_MAGIC);
        ck_assert_uint_eq(longer->flags, flags);
        ck_assert_uint_eq(bindings.BindingsLength, size + 16);
        ck_assert_uint_eq(longer->cbStructureLength, size + 16);
        ck_assert_uint_eq(longer->cbHeaderLength, sizeof(*longer));
        ck_assert_uint_eq(longer->cbApplicationDataLength, strlen(RIGHT));
        ck_assert_uint_eq(longer->dwInitiatorOffset, 0);
        ck_assert_mem_eq((const char *)longer + longer->dwApplicationDataOffset, RIGHT,
                         strlen(RIGHT));
    }
    assert_status(SspiSetChannelBindingFlags(&bindings, 2), SEC_E_INVALID_PARAMETER);
    assert_status(SspiSetChannelBindingFlags(NULL, 0), SEC_E_INVALID_PARAMETER);
    FreeContextBuffer(bindings.Bindings);
    bindings.Bindings = NULL;
    assert_status(SspiSetChannelBindingFlags(&bindings, 0), SEC_E_INVALID_PARAMETER);
    bindings.Bindings = bindings_make(RIGHT, &size);
    bindings.BindingsLength = sizeof(SEC_CHANNEL_BINDINGS) - 1;
    assert_status(SspiSetChannelBindingFlags(&bindings, 0), SEC_E_INVALID_PARAMETER);
    free(bindings.Bindings);
}
END_TEST

/* One word of the longer form changed. */
static const struct {
    size_t at;
    ULONG value;
} words[] = {
    {offsetof(SEC_CHANNEL_BINDINGS_EX, flags), 2},
    {offsetof(SEC_CHANNEL_BINDINGS_EX, cbHeaderLength), 47},
    {offsetof(SEC_CHANNEL_BINDINGS_EX, cbHeaderLength), UINT_MAX},
    {offsetof(SEC_CHANNEL_BINDINGS_EX, cbStructureLength), 47},
    {offsetof(SEC_CHANNEL_BINDINGS_EX, cbStructureLength), UINT_MAX},
    {offsetof(SEC_CHANNEL_BINDINGS_EX, dwApplicationDataOffset), 47},
    {offsetof(SEC_CHANNEL_BINDINGS_EX, dwApplicationDataOffset), UINT_MAX},
    {offsetof(SEC_CHANNEL_BINDINGS_EX, cbApplicationDataLength), UINT_MAX},
    {offsetof(SEC_CHANNEL_BINDINGS_EX, cbApplicationDataLength), sizeof(RIGHT)},
};

START_TEST(ill_formed_longer_bindings_are_refused)
{
    struct pair pair;

    way_acquire(&pair, &ways[0]);
    assert_status(pair_initialize(&pair), SEC_I_CONTINUE_NEEDED);
    server_bindings_set(&pair, RIGHT, 0);
    memcpy((char *)pair.server_bindings + words[_i].at, &words[_i].value, sizeof(ULONG));
    assert_status(pair_accept(&pair), SEC_E_BAD_BINDINGS);
    ck_assert(!pair.server_open);
    pair.server_bindings_size = sizeof(SEC_CHANNEL_BINDINGS_EX) - 1;
    assert_status(pair_accept(&pair), SEC_E_BAD_BINDINGS);
    free(pair.server_bindings);
    pair_free(&pair);
}
END_TEST

static Suite *suite(void)
{
    Suite *suite = suite_create("bindings");

    suite_add(suite, both_sides_meet, COUNT(ways) * COUNT(meetings));
    suite_add(suite, ill_formed_bindings_are_refused, COUNT(ways) * COUNT(damages));
    suite_add(suite, server_is_told, COUNT(ways) * COUNT(verdicts));
    suite_add(suite, audit_forgives_no_replay, 2);
    suite_add(suite, flags_are_set, 1);
    suite_add(suite, ill_formed_longer_bindings_are_refused, COUNT(words));
    return suite;
}

CHECK_MAIN(suite)
