/* SPDX-License-Identifier: MIT */
/* Names of targets, in every form that Windows programs write. */
#include <sspi.h>
#include <sspi_linux.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/pair.h"
#include "lib/world.h"

static const struct way {
    const char *package, *list;
} ways[] = {{"Kerberos", NULL}, {"Negotiate", "!ntlm"}, {"Negotiate", NULL}};

#define PLAIN "HTTP/localhost@LOOPBACK.TEST"
#define HOST  "host/localhost@LOOPBACK.TEST"
#define PORT  "HTTP/localhost:8080@LOOPBACK.TEST" /* a service of its own, as on Windows */

/* server: what a ticket is got for; NULL: none can be. */
static const struct spelling {
    const char *target, *server;
} spellings[] = {
    {"HTTP/localhost", PLAIN},
    {"HTTP/localhost:8080", PORT},
    {"HTTP/localhost@LOOPBACK.TEST", PLAIN},
    {"HTTP/localhost:8080@LOOPBACK.TEST", PORT},
    {"host/localhost", HOST},
    {"localhost", HOST},
    {"nosuch/localhost", NULL},
    {"HTTP/nosuch.loopback.test", NULL},
    /* What Windows takes off, see CredUnmarshalTargetInfo(), is a part of the name here. */
    {"HTTP/localhost1UWhRCAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAYBAAAA", NULL},
    {"HTTP/", NULL},
    {"/localhost", NULL},
    {"", NULL},
    {NULL, NULL},
};

static void open_way(struct pair *pair, const char *package, const char *list, const char *target)
{
    SEC_WINNT_AUTH_IDENTITY_EXA id = identity_ambient(list);

    pair_init(pair);
    pair->target = target;
    pair_acquire(pair, package, list != NULL ? &id : NULL);
}

static void assert_server(CtxtHandle *context, const char *expected)
{
    SecPkgContext_NativeNamesA names;

    assert_status(QueryContextAttributesA(context, SECPKG_ATTR_NATIVE_NAMES, &names), SEC_E_OK);
    ck_assert_str_eq(names.sServerName, expected);
    FreeContextBuffer(names.sClientName);
    FreeContextBuffer(names.sServerName);
}

/* Whether the user's cache has a ticket for a service now. */
static bool has_ticket(const char *service)
{
    FILE *list = popen("klist", "r");
    char line[512];
    bool found = false;

    ck_assert_ptr_nonnull(list);
    while (fgets(line, sizeof(line), list) != NULL)
        found = found || strstr(line, service) != NULL;
    pclose(list);
    return found;
}

START_TEST(kerberos)
{
    const struct way *way = &ways[_i % 2];
    const struct spelling *row = &spellings[_i / 2];
    struct pair pair;

    open_way(&pair, way->package, way->list, row->target);
    if (row->server == NULL) {
        assert_status(pair_initialize(&pair), SEC_E_TARGET_UNKNOWN);
        ck_assert_str_ne(sspi_native_error(), "");
    } else if (strcmp(row->server, PORT) == 0) {
        assert_status(pair_initialize(&pair), SEC_I_CONTINUE_NEEDED);
        ck_assert(has_ticket(PORT));
        assert_status(pair_accept(&pair),
                      SEC_E_WRONG_PRINCIPAL); /* the server here has no such key */
    } else {
        pair_establish(&pair);
        ck_assert(has_ticket(row->server));
        assert_server(&pair.client, row->server);
        assert_server(&pair.server, row->server);
    }
    pair_free(&pair);
}
END_TEST

/* NTLM needs no target. Negotiate goes on to it where there is no ticket to be had. */
START_TEST(ntlm)
{
    const struct spelling *row = &spellings[_i];
    struct pair pair;

    open_way(&pair, "NTLM", NULL, row->target);
    pair_establish(&pair);
    ck_assert_str_eq(context_user(&pair.server), "LOOPBACK\\alice");
    pair_free(&pair);
    if (row->server == NULL) {
        open_way(&pair, "Negotiate", NULL, row->target);
        pair_establish(&pair);
        ck_assert_str_eq(context_package(&pair.client), "NTLM");
        pair_free(&pair);
    }
}
END_TEST

/* A user's name is a target too: the ticket is for that user's key, which no server here has. */
START_TEST(user)
{
    struct pair pair;

    open_way(&pair, ways[_i].package, ways[_i].list, "bob@LOOPBACK.TEST");
    assert_status(pair_initialize(&pair), SEC_I_CONTINUE_NEEDED);
    ck_assert_int_lt(pair_accept(&pair), 0);
    pair_free(&pair);
}
END_TEST

/* W: the same name in UTF-16; what is no UTF-16 is refused. */
START_TEST(wide)
{
    SEC_WCHAR *target = wide_text("HTTP/localhost", NULL), broken[] = {'H', '/', 0xd800, 'x', 0};
    SecBuffer token = {PAIR_TOKEN_MAX, SECBUFFER_TOKEN, NULL};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, &token};
    CtxtHandle context;
    struct pair pair;
    ULONG flags;

    open_way(&pair, ways[_i].package, ways[_i].list, NULL);
    assert_status(InitializeSecurityContextW(
                      &pair.client_cred, NULL, target, PAIR_ISC | ISC_REQ_ALLOCATE_MEMORY, 0,
                      SECURITY_NATIVE_DREP, NULL, 0, &context, &list, &flags, NULL),
                  SEC_I_CONTINUE_NEEDED);
    FreeContextBuffer(token.pvBuffer);
    assert_status(DeleteSecurityContext(&context), SEC_E_OK);
    ck_assert_int_lt(InitializeSecurityContextW(
                         &pair.client_cred, NULL, broken, PAIR_ISC | ISC_REQ_ALLOCATE_MEMORY, 0,
                         SECURITY_NATIVE_DREP, NULL, 0, &context, &list, &flags, NULL),
                     0);
    pair_free(&pair);
    free(target);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("targets");

    suite_add(s, kerberos, 2 * COUNT(spellings));
    suite_add(s, ntlm, COUNT(spellings));
    suite_add(s, user, COUNT(ways) - 1);
    suite_add(s, wide, COUNT(ways));
    return s;
}

CHECK_MAIN(suite)
