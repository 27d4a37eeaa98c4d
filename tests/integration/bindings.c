/* SPDX-License-Identifier: MIT */
/*
 * Channel bindings (SECBUFFER_CHANNEL_BINDINGS): what both sides have, what the server allows, and
 * bindings that do not fit their buffer.
 */
#include <limits.h>
#include <sspi_linux.h>
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

static Suite *suite(void)
{
    Suite *suite = suite_create("bindings");

    suite_add(suite, both_sides_meet, COUNT(ways) * COUNT(meetings));
    suite_add(suite, ill_formed_bindings_are_refused, COUNT(ways) * COUNT(damages));
    return suite;
}

CHECK_MAIN(suite)
