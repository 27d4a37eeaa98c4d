/* SPDX-License-Identifier: MIT */
/* CredSSP between our own two ends: TLS versions, mechanisms, and any cut of the stream. */
#include "lib/ends.h"
#include "lib/world.h"

#include <ntsecapi.h>
#include <schannel.h>
#include <sspi_linux.h>
#include <stdlib.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/pair.h"

static const size_t chunks[] = {0, 1, 2, 7, 1000};

#define CHUNK_COUNT (int)(sizeof(chunks) / sizeof(chunks[0]))

START_TEST(both_ends_agree)
{
    ends_policy(ALLOW_ALL);
    ends_begin(&ways[_i % WAY_COUNT]);
    client.chunk = server.chunk = chunks[_i / WAY_COUNT];
    ends_shake();
    end_is(&client, SEC_E_OK);
    end_is(&server, SEC_E_OK);
    ck_assert_uint_eq(client.size + server.size, 0);
    ends_close();
}
END_TEST

/* --- What it leaves ------------------------------------------------------------------------- */

static void assert_utf16(const BYTE *base, const UNICODE_STRING *string, const char *text)
{
    const BYTE *at = base + (size_t)(uintptr_t)string->Buffer;

    ck_assert_uint_eq(string->Length, 2 * strlen(text));
    for (size_t i = 0; text[i] != '\0'; i++) {
        ck_assert_int_eq(at[2 * i], text[i]);
        ck_assert_int_eq(at[2 * i + 1], 0);
    }
}

START_TEST(server_gets_the_credentials)
{
    const struct way *way = &ways[_i];
    SecPkgContext_ClientCreds creds;
    KERB_INTERACTIVE_LOGON logon;
    SECURITY_STATUS status;

    ends_establish(way);
    status = QueryContextAttributesA(&server.context, SECPKG_ATTR_CREDS, &creds);
    ck_assert_int_eq((server.flags & ASC_RET_DELEGATE) != 0, way->request & ISC_REQ_DELEGATE);
    ck_assert_int_eq((client.flags & ISC_RET_DELEGATE) != 0, way->request & ISC_REQ_DELEGATE);
    if (way->request & ISC_REQ_DELEGATE) {
        ck_assert_int_eq(status, SEC_E_OK);
        memcpy(&logon, creds.AuthBuffer, sizeof(logon));
        ck_assert_int_eq(logon.MessageType, KerbInteractiveLogon);
        assert_utf16(creds.AuthBuffer, &logon.UserName, "alice");
        assert_utf16(creds.AuthBuffer, &logon.LogonDomainName, "");
        assert_utf16(creds.AuthBuffer, &logon.Password, password_of("alice"));
        FreeContextBuffer(creds.AuthBuffer);
    } else {
        ck_assert_int_eq(status, SEC_E_NO_CREDENTIALS);
    }
    ck_assert_int_eq(QueryContextAttributesA(&client.context, SECPKG_ATTR_CREDS, &creds),
                     SEC_E_UNSUPPORTED_FUNCTION);
    ends_close();
}
END_TEST

/* The server goes on as the client, by each mechanism. */
START_TEST(server_acts_for_the_client)
{
    static const char *const packages[] = {"Negotiate", "Kerberos", "NTLM"};
    static struct pair pair;
    SecPkgContext_NamesA names;

    ends_establish(&ways[_i / 3]);
    pair_init(&pair);
    ck_assert_int_eq(ImpersonateSecurityContext(&server.context), SEC_E_OK);
    ck_assert_int_eq(pair_acquire_client(&pair, packages[_i % 3], NULL, NULL), SEC_E_OK);
    ck_assert_int_eq(RevertSecurityContext(&server.context), SEC_E_OK);
    ck_assert_int_eq(pair_acquire_server(&pair, packages[_i % 3], NULL), SEC_E_OK);
    pair_establish(&pair);
    ck_assert_int_eq(QueryContextAttributesA(&pair.server, SECPKG_ATTR_NAMES, &names), SEC_E_OK);
    ck_assert_ptr_nonnull(strstr(names.sUserName, "alice"));
    FreeContextBuffer(names.sUserName);
    pair_free(&pair);
    ends_close();
}
END_TEST

START_TEST(attributes_of_both_layers)
{
    const struct way *way = &ways[_i];
    bool ntlm = way_is_ntlm(way);
    SecPkgContext_PackageInfoA info;
    SecPkgContext_ConnectionInfo connection;
    SecPkgContext_NamesA names;
    SecPkgContext_Flags flags;

    ends_establish(way);
    ck_assert_int_eq(QueryContextAttributesA(&server.context, SECPKG_ATTR_NAMES, &names), SEC_E_OK);
    ck_assert_ptr_nonnull(strstr(names.sUserName, "alice"));
    FreeContextBuffer(names.sUserName);
    ck_assert_int_eq(
        QueryContextAttributesA(&client.context, SECPKG_ATTR_NEGOTIATION_PACKAGE, &info), SEC_E_OK);
    ck_assert_str_eq(info.PackageInfo->Name, ntlm ? "NTLM" : "Kerberos");
    FreeContextBuffer(info.PackageInfo);
    ck_assert_int_eq(QueryContextAttributesA(&client.context, SECPKG_ATTR_PACKAGE_INFO, &info),
                     SEC_E_OK);
    ck_assert_str_eq(info.PackageInfo->Name, "CREDSSP");
    FreeContextBuffer(info.PackageInfo);
    ck_assert_int_eq(
        QueryContextAttributesA(&client.context, SECPKG_ATTR_SERVER_AUTH_FLAGS, &flags), SEC_E_OK);
    ck_assert_uint_eq(flags.Flags, ntlm ? 0 : CREDSSP_SERVER_AUTH_NEGOTIATE);
    ck_assert_int_eq((client.flags & ISC_RET_MUTUAL_AUTH) != 0, !ntlm);
    ck_assert_int_eq(
        QueryContextAttributesA(&server.context, SECPKG_ATTR_SERVER_AUTH_FLAGS, &flags),
        SEC_E_UNSUPPORTED_FUNCTION);
    ck_assert_int_eq(
        QueryContextAttributesA(&server.context, SECPKG_ATTR_CONNECTION_INFO, &connection),
        SEC_E_OK);
    ck_assert_uint_eq(connection.dwProtocol,
                      way->disabled == 0 ? SP_PROT_TLS1_3_SERVER : SP_PROT_TLS1_2_SERVER);
    ends_close();
}
END_TEST

START_TEST(messages_pass)
{
    ends_establish(&ways[_i]);
    message_passes(&client.context, &server.context, "to the server");
    message_passes(&server.context, &client.context, "to the client");
    message_passes(&client.context, &server.context, "again");
    ends_close();
}
END_TEST

/* --- Closing -------------------------------------------------------------------------------- */

/* ApplyControlToken() and the leg that makes octets for the peer of it. */
static SECURITY_STATUS shut(struct end *end, struct end *peer)
{
    DWORD type = SCHANNEL_SHUTDOWN;
    SecBuffer token = {sizeof(type), SECBUFFER_TOKEN, &type};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, &token};

    assert_status(ApplyControlToken(&end->context, &list), SEC_E_OK);
    end_advance(end, peer, 0);
    return end->status;
}

static bool is_logged_on(struct end *end)
{
    SecPkgContext_NamesA names;
    SECURITY_STATUS status = QueryContextAttributesA(&end->context, SECPKG_ATTR_NAMES, &names);

    if (status == SEC_E_OK)
        FreeContextBuffer(names.sUserName);
    return status == SEC_E_OK;
}

/* The peer hears close_notify, and the logon stands. */
START_TEST(closes_with_close_notify)
{
    struct end *first = _i == 0 ? &client : &server, *second = _i == 0 ? &server : &client;
    SecBuffer parts[4] = {{0, SECBUFFER_DATA, NULL}};
    SecBufferDesc list = {SECBUFFER_VERSION, 4, parts};

    ends_establish(&ways[0]);
    second->size = 0;
    assert_status(shut(first, second), SEC_E_OK);
    ck_assert_uint_ne(second->size, 0);
    parts[0] = (SecBuffer){(ULONG)second->size, SECBUFFER_DATA, second->in};
    assert_status(DecryptMessage(&second->context, &list, 0, NULL), SEC_I_CONTEXT_EXPIRED);
    ck_assert(is_logged_on(first) && is_logged_on(second));
    ends_close();
}
END_TEST

/* Who closes TLS before the logon is over is not taken for logged on. */
START_TEST(closing_midway_logs_nobody_on)
{
    ends_policy(ALLOW_ALL);
    ends_begin(&ways[0]);
    end_advance(&client, &server, 0);
    end_drain(&server, &client);
    end_drain(&client, &server);
    ck_assert_int_eq(client.status, SEC_I_CONTINUE_NEEDED);
    shut(&client, &server);
    ck_assert(!is_logged_on(&client));
    end_advance(&client, &server, 0);
    assert_status(client.status, SEC_E_CONTEXT_EXPIRED);
    ends_close();
}
END_TEST

/* --- What must not succeed ------------------------------------------------------------------ */

static void versions_are(struct end *end)
{
    SspiContext_CredsspVersion version = {0, 0};

    assert_status(QueryContextAttributesExA(&end->context, SSPI_ATTR_CREDSSP_VERSION, &version,
                                            sizeof(version)),
                  SEC_E_OK);
    ck_assert_uint_eq(version.ulPeer, 6);
    ck_assert_uint_eq(version.ulAgreed, 6);
}

/* What helps to say why a logon failed is told all the same. The server says why by its error code,
 * and the client by the status and in words. */
START_TEST(wrong_password_is_told)
{
    SEC_WINNT_AUTH_IDENTITY_EXA identity = identity_exa("alice", NULL, "wrong", "ntlm");
    SecPkgContext_PackageInfoA package;

    ends_policy(ALLOW_ALL);
    end_acquire(&server, true, 0, NULL);
    end_acquire(&client, false, _i == 0 ? 0 : SP_PROT_TLS1_3, &identity);
    client.request = ISC_REQ_DELEGATE;
    end_advance(&client, &server, 0);
    while (server.status == SEC_I_CONTINUE_NEEDED && client.status == SEC_I_CONTINUE_NEEDED) {
        end_drain(&server, &client);
        if (server.status == SEC_I_CONTINUE_NEEDED)
            end_drain(&client, &server);
    }
    end_is(&server, SEC_E_LOGON_DENIED);
    ck_assert_uint_ne(client.size, 0);
    end_drain(&client, &server);
    end_is(&client, SEC_E_LOGON_DENIED);
    ck_assert_ptr_nonnull(strstr(sspi_native_error(), "STATUS_LOGON_FAILURE"));
    versions_are(&client);
    assert_status(
        QueryContextAttributesA(&client.context, SECPKG_ATTR_NEGOTIATION_PACKAGE, &package),
        SEC_E_OK);
    ck_assert_str_eq(package.PackageInfo->Name, "NTLM");
    FreeContextBuffer(package.PackageInfo);
    ends_close();
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("credssp");
    TCase *tests = tcase_create("exchange");

    tcase_add_loop_test(tests, both_ends_agree, 0, WAY_COUNT * CHUNK_COUNT);
    tcase_add_loop_test(tests, server_gets_the_credentials, 0, WAY_COUNT);
    tcase_add_loop_test(tests, server_acts_for_the_client, 0, 12);
    tcase_add_loop_test(tests, attributes_of_both_layers, 0, WAY_COUNT);
    tcase_add_loop_test(tests, messages_pass, 0, WAY_COUNT);
    tcase_add_loop_test(tests, closes_with_close_notify, 0, 2);
    tcase_add_test(tests, closing_midway_logs_nobody_on);
    tcase_add_loop_test(tests, wrong_password_is_told, 0, 2);
    suite_add_tcase(all, tests);
    return all;
}

CHECK_MAIN(suite)
