/* SPDX-License-Identifier: MIT */
/* What a CredSSP client hands over, of every kind, and what the server has of it. */
#include "lib/ends.h"

#include <ntsecapi.h>
#include <sspi_linux.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/check_main.h"
#include "lib/pair.h"
#include "lib/world.h"

/* A logon in which the client has this as pAuthData. */
static void log_on(void *auth, ULONG request)
{
    end_acquire(&server, true, 0, NULL);
    assert_status(end_acquire_as(&client, false, auth), SEC_E_OK);
    client.request = request;
    client.chunk = server.chunk = 0;
    ends_shake();
}

static void log_on_well(void *auth)
{
    log_on(auth, MUTUAL);
    end_is(&client, SEC_E_OK);
    end_is(&server, SEC_E_OK);
    ck_assert_uint_ne(client.flags & ISC_RET_DELEGATE, 0);
    ck_assert_uint_ne(server.flags & ASC_RET_DELEGATE, 0);
}

/* --- Smart cards ---------------------------------------------------------------------------- */

#define CSP_TEXT offsetof(KERB_SMARTCARD_CSP_INFO, bBuffer)

static void append_text(BYTE *data, ULONG *size, const char *text, ULONG *offset)
{
    *offset = (ULONG)((*size - CSP_TEXT) / sizeof(SEC_WCHAR));
    for (;; text++) {
        SEC_WCHAR unit = (unsigned char)*text;

        memcpy(data + *size, &unit, sizeof(unit));
        *size += sizeof(unit);
        if (*text == '\0')
            return;
    }
}

static const char *const csp_names[] = {"card", "", "container-1", "Microsoft Base Smart Card"};

/* Names of the card, the reader, the container and the provider. */
static ULONG csp_make(BYTE data[256])
{
    KERB_SMARTCARD_CSP_INFO info = {.MessageType = 1, .KeySpec = 2};
    ULONG size = CSP_TEXT;

    append_text(data, &size, csp_names[0], &info.nCardNameOffset);
    append_text(data, &size, csp_names[1], &info.nReaderNameOffset);
    append_text(data, &size, csp_names[2], &info.nContainerNameOffset);
    append_text(data, &size, csp_names[3], &info.nCSPNameOffset);
    info.dwCspInfoLen = size;
    memcpy(data, &info, CSP_TEXT);
    return size;
}

static UNICODE_STRING unicode_of(const char *text)
{
    ULONG length;
    SEC_WCHAR *wide = wide_text(text, &length);
    USHORT size = (USHORT)(length * sizeof(*wide));

    return (UNICODE_STRING){size, size, wide};
}

static KERB_CERTIFICATE_LOGON card_logon(BYTE csp[256])
{
    return (KERB_CERTIFICATE_LOGON){.MessageType = KerbCertificateLogon,
                                    .UserName = unicode_of("alice"),
                                    .DomainName = unicode_of("LOOPBACK"),
                                    .Pin = unicode_of("9973"),
                                    .CspDataLength = csp_make(csp),
                                    .CspData = csp};
}

static void card_free(KERB_CERTIFICATE_LOGON *logon)
{
    free(logon->UserName.Buffer);
    free(logon->DomainName.Buffer);
    free(logon->Pin.Buffer);
}

static void assert_packed(const BYTE *base, const UNICODE_STRING *got, const UNICODE_STRING *want)
{
    ck_assert_uint_eq(got->Length, want->Length);
    ck_assert_mem_eq(base + (uintptr_t)got->Buffer, want->Buffer, want->Length);
}

static void assert_csp_name(const BYTE *csp, ULONG offset, const char *want)
{
    const BYTE *at = csp + CSP_TEXT + offset * sizeof(SEC_WCHAR);
    SEC_WCHAR unit = 1;

    for (; unit != 0; at += sizeof(unit), want++) {
        memcpy(&unit, at, sizeof(unit));
        ck_assert_uint_eq(unit, (unsigned char)*want);
    }
}

static void assert_csp(const BYTE *csp, ULONG size)
{
    KERB_SMARTCARD_CSP_INFO info;

    memcpy(&info, csp, CSP_TEXT);
    ck_assert_uint_eq(info.dwCspInfoLen, size);
    ck_assert_uint_eq(info.MessageType, 1);
    ck_assert_uint_eq(info.KeySpec, 2);
    assert_csp_name(csp, info.nCardNameOffset, csp_names[0]);
    assert_csp_name(csp, info.nReaderNameOffset, csp_names[1]);
    assert_csp_name(csp, info.nContainerNameOffset, csp_names[2]);
    assert_csp_name(csp, info.nCSPNameOffset, csp_names[3]);
}

/* The tickets log on; the PIN and what finds the key on the card are what is handed over. */
START_TEST(smart_cards_are_handed_over)
{
    static const ULONG attributes[] = {SECPKG_ATTR_CREDS, SECPKG_ATTR_CREDS_2};
    BYTE csp[256] = {0};
    KERB_CERTIFICATE_LOGON given = card_logon(csp), got;
    CREDSSP_CRED auth = {CredsspCertificateCreds, NULL, &given};
    SecPkgContext_ClientCreds creds;
    struct sspi_guard_credentials guard;

    ends_policy(ALLOW_ALL);
    log_on_well(&auth);
    assert_status(QueryContextAttributesA(&server.context, attributes[_i], &creds), SEC_E_OK);
    ck_assert_uint_ge(creds.AuthBufferLen, sizeof(got));
    memcpy(&got, creds.AuthBuffer, sizeof(got));
    ck_assert_int_eq(got.MessageType, KerbCertificateLogon);
    assert_packed(creds.AuthBuffer, &got.UserName, &given.UserName);
    assert_packed(creds.AuthBuffer, &got.DomainName, &given.DomainName);
    assert_packed(creds.AuthBuffer, &got.Pin, &given.Pin);
    assert_csp(creds.AuthBuffer + (uintptr_t)got.CspData, got.CspDataLength);
    FreeContextBuffer(creds.AuthBuffer);
    assert_status(QueryContextAttributesA(&server.context, SSPI_ATTR_GUARD_CREDENTIALS, &guard),
                  SEC_E_UNSUPPORTED_FUNCTION);
    card_free(&given);
    ends_close();
}
END_TEST

static void card_of_another_kind(KERB_CERTIFICATE_LOGON *logon)
{
    logon->MessageType = KerbInteractiveLogon;
}

static void card_without_data(KERB_CERTIFICATE_LOGON *logon)
{
    logon->CspData = NULL;
}

static void card_cut(KERB_CERTIFICATE_LOGON *logon)
{
    logon->CspDataLength = CSP_TEXT - 1;
}

static void card_of_another_size(KERB_CERTIFICATE_LOGON *logon)
{
    logon->CspDataLength--;
}

/* The last name has no end any more. */
static void card_without_end(KERB_CERTIFICATE_LOGON *logon)
{
    DWORD size = logon->CspDataLength - 2;

    memcpy(logon->CspData, &size, sizeof(size));
    logon->CspDataLength = size;
}

static void card_name_far_away(KERB_CERTIFICATE_LOGON *logon)
{
    ULONG offset = 0xffffffff;

    memcpy(logon->CspData + offsetof(KERB_SMARTCARD_CSP_INFO, nReaderNameOffset), &offset,
           sizeof(offset));
}

static void card_pin_of_half_a_pair(KERB_CERTIFICATE_LOGON *logon)
{
    logon->Pin.Buffer[1] = (WCHAR)0xd800;
}

static void card_pin_without_octets(KERB_CERTIFICATE_LOGON *logon)
{
    free(logon->Pin.Buffer);
    logon->Pin.Buffer = NULL;
}

static void (*const card_faults[])(KERB_CERTIFICATE_LOGON *) = {
    card_of_another_kind,    card_without_data,       card_cut,
    card_of_another_size,    card_without_end,        card_name_far_away,
    card_pin_of_half_a_pair, card_pin_without_octets,
};

START_TEST(wrong_smart_cards_are_refused)
{
    BYTE csp[256] = {0};
    KERB_CERTIFICATE_LOGON logon = card_logon(csp);
    CREDSSP_CRED auth = {CredsspCertificateCreds, NULL, &logon};

    card_faults[_i](&logon);
    assert_status(end_acquire_as(&client, false, &auth), SEC_E_UNKNOWN_CREDENTIALS);
    assert_native("credentials to hand over");
    card_free(&logon);
}
END_TEST

/* --- Remote Credential Guard ---------------------------------------------------------------- */

static const struct sspi_guard_credential guard_list[] = {
    {"Kerberos", "ticket\0with zeros", 17},
    {"NTLM", "octets", 6},
    {"Another", "", 0},
};

/* The first count of them. */
static CREDSSP_CRED_EX guard_auth(struct sspi_guard_credentials *guard, size_t count)
{
    *guard = (struct sspi_guard_credentials){count, guard_list};
    return (CREDSSP_CRED_EX){.Type = CredsspCredEx,
                             .Version = CREDSSP_CRED_EX_VERSION,
                             .Flags = CREDSSP_FLAG_REDIRECT,
                             .Cred = {SSPI_CREDSSP_REMOTE_GUARD, NULL, guard}};
}

/* These are of whoever is logged on: the policy's lists for default credentials rule them. */
#define ALLOW_DEFAULT "AllowDefaultCredentials = HTTP/*\n"

START_TEST(remote_guard_is_handed_over)
{
    struct sspi_guard_credentials given, got;
    CREDSSP_CRED_EX auth = guard_auth(&given, (size_t)_i + 1);
    SecPkgContext_ClientCreds creds;

    ends_policy(ALLOW_DEFAULT);
    log_on_well(&auth);
    assert_status(
        QueryContextAttributesExA(&server.context, SSPI_ATTR_GUARD_CREDENTIALS, &got, sizeof(got)),
        SEC_E_OK);
    ck_assert_uint_eq(got.count, given.count);
    for (size_t i = 0; i < got.count; i++) {
        ck_assert_str_eq(got.list[i].package, guard_list[i].package);
        ck_assert_uint_eq(got.list[i].size, guard_list[i].size);
        if (guard_list[i].size != 0)
            ck_assert_mem_eq(got.list[i].data, guard_list[i].data, guard_list[i].size);
    }
    FreeContextBuffer((void *)(uintptr_t)got.list);
    assert_status(QueryContextAttributesA(&server.context, SECPKG_ATTR_CREDS, &creds),
                  SEC_E_UNSUPPORTED_FUNCTION);
    assert_status(QueryContextAttributesA(&client.context, SSPI_ATTR_GUARD_CREDENTIALS, &got),
                  SEC_E_UNSUPPORTED_FUNCTION);
    ends_close();
}
END_TEST

/* Tickets of some size do not fit into one record of TLS. */
START_TEST(large_guard_credentials_go_in_several_records)
{
    static char ticket[60000];
    struct sspi_guard_credential one = {"Kerberos", ticket, sizeof(ticket)};
    struct sspi_guard_credentials given, got;
    CREDSSP_CRED_EX auth = guard_auth(&given, 1);

    memset(ticket, 'T', sizeof(ticket));
    given.list = &one;
    ends_policy(ALLOW_DEFAULT);
    log_on_well(&auth);
    assert_status(QueryContextAttributesA(&server.context, SSPI_ATTR_GUARD_CREDENTIALS, &got),
                  SEC_E_OK);
    ck_assert_uint_eq(got.list[0].size, sizeof(ticket));
    ck_assert_mem_eq(got.list[0].data, ticket, sizeof(ticket));
    FreeContextBuffer((void *)(uintptr_t)got.list);
    ends_close();
}
END_TEST

START_TEST(wrong_guard_credentials_are_refused)
{
    static const struct sspi_guard_credential lists[][2] = {
        {{NULL, "x", 1}, {"B", "y", 1}},      {{"A", NULL, 1}, {"B", "y", 1}},
        {{"A", "x", 65536}, {"B", "y", 1}},   {{"A", "x", 1}, {"\xff", "y", 1}},
        {{"A", "x", 1}, {"B", "y", 0x10000}},
    };
    struct sspi_guard_credentials given;
    CREDSSP_CRED_EX auth = guard_auth(&given, 2);

    for (int i = 0; i < COUNT(lists); i++) {
        given.list = lists[i];
        assert_status(end_acquire_as(&client, false, &auth), SEC_E_UNKNOWN_CREDENTIALS);
    }
    given.list = NULL;
    assert_status(end_acquire_as(&client, false, &auth), SEC_E_UNKNOWN_CREDENTIALS);
    given = (struct sspi_guard_credentials){0, guard_list};
    assert_status(end_acquire_as(&client, false, &auth), SEC_E_UNKNOWN_CREDENTIALS);
    given = (struct sspi_guard_credentials){SIZE_MAX, guard_list};
    assert_status(end_acquire_as(&client, false, &auth), SEC_E_UNKNOWN_CREDENTIALS);
    auth.Cred.pSpnegoCred = NULL;
    assert_status(end_acquire_as(&client, false, &auth), SEC_E_UNKNOWN_CREDENTIALS);
}
END_TEST

/* --- Nothing: restricted administration ----------------------------------------------------- */

/* Who asks to delegate nothing is known to the server, which cannot act as him. */
START_TEST(without_delegation_nothing_goes)
{
    BYTE csp[256] = {0};
    KERB_CERTIFICATE_LOGON card = card_logon(csp);
    struct sspi_guard_credentials guard, none;
    SEC_WINNT_AUTH_IDENTITY_A identity = identity_a("alice", NULL, password_of("alice"));
    CREDSSP_CRED auths[] = {{CredsspPasswordCreds, NULL, &identity},
                            {CredsspCertificateCreds, NULL, &card},
                            {CredsspPasswordCreds, NULL, NULL}};
    CREDSSP_CRED_EX redirected = guard_auth(&guard, 3);
    static struct pair pair;
    SecPkgContext_ClientCreds creds;

    ends_policy("");
    log_on(_i < 3 ? (void *)&auths[_i] : (void *)&redirected, ISC_REQ_MUTUAL_AUTH);
    end_is(&client, SEC_E_OK);
    end_is(&server, SEC_E_OK);
    ck_assert_uint_eq(client.flags & ISC_RET_DELEGATE, 0);
    ck_assert_uint_eq(server.flags & ASC_RET_DELEGATE, 0);
    ck_assert_str_eq(context_user(&server.context), "alice@LOOPBACK.TEST");
    assert_status(QueryContextAttributesA(&server.context, SECPKG_ATTR_CREDS, &creds),
                  SEC_E_NO_CREDENTIALS);
    assert_status(QueryContextAttributesA(&server.context, SSPI_ATTR_GUARD_CREDENTIALS, &none),
                  SEC_E_NO_CREDENTIALS);
    pair_init(&pair);
    assert_status(ImpersonateSecurityContext(&server.context), SEC_E_OK);
    assert_status(pair_acquire_client(&pair, "Negotiate", NULL, NULL), SEC_E_NO_CREDENTIALS);
    assert_status(RevertSecurityContext(&server.context), SEC_E_OK);
    pair_free(&pair);
    card_free(&card);
    ends_close();
}
END_TEST

/* --- Saved passwords ------------------------------------------------------------------------ */

/* $NTLM_USER_FILE with these lines, which other users may read or not. */
static void save(const char *lines, mode_t mode)
{
    const char *name = world_file("saved.users");
    FILE *file = fopen(name, "w");

    ck_assert_ptr_nonnull(file);
    fputs(lines, file);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(chmod(name, mode), 0);
    ck_assert_int_eq(setenv("NTLM_USER_FILE", name, 1), 0);
}

/* A line with alice's password after others. */
static const char *saved_lines(const char *domain)
{
    static char text[256];

    snprintf(text, sizeof(text), "# %s:alice:no\n\nbroken\n%s:bob:no\n%s:ALICE:%s\r\n%s:alice:no\n",
             domain, domain, domain, password_of("alice"), domain);
    return text;
}

#define ALLOW_SAVED "AllowFreshCredentials = HTTP/*\nAllowSavedCredentials = HTTP/*\n"

static const struct {
    const char *domain; /* in the identity */
    const char *policy;
    mode_t mode;
    SECURITY_STATUS status;
} savings[] = {
    {NULL, ALLOW_SAVED, 0600, SEC_E_OK},
    {NULL, ALLOW_SAVED, 0400, SEC_E_OK},
    {NULL, ALLOW_SAVED, 0640, SEC_E_NO_CREDENTIALS},
    {NULL, ALLOW_SAVED, 0604, SEC_E_NO_CREDENTIALS},
    {"LOOPBACK.TEST", ALLOW_SAVED, 0600, SEC_E_OK},
    {"OTHER", ALLOW_SAVED, 0600, SEC_E_NO_CREDENTIALS},
    {NULL, "AllowFreshCredentials = HTTP/*", 0600, SEC_E_DELEGATION_POLICY},
    {NULL, ALLOW_SAVED "DenySavedCredentials = */localhost", 0600, SEC_E_DELEGATION_POLICY},
    {NULL, "", 0600, SEC_E_DELEGATION_POLICY},
};

START_TEST(saved_passwords_are_handed_over)
{
    SEC_WINNT_AUTH_IDENTITY_EXA identity =
        identity_exa("alice", savings[_i].domain, NULL, "kerberos");
    CREDSSP_CRED auth = {CredsspPasswordCreds, NULL, &identity};
    SecPkgContext_ClientCreds creds;

    ends_policy(savings[_i].policy);
    save(saved_lines("loopback.test"), savings[_i].mode);
    log_on(&auth, MUTUAL);
    end_is(&client, savings[_i].status);
    if (savings[_i].status == SEC_E_OK) {
        end_is(&server, SEC_E_OK);
        assert_status(QueryContextAttributesA(&server.context, SECPKG_ATTR_CREDS, &creds),
                      SEC_E_OK);
        FreeContextBuffer(creds.AuthBuffer);
        ck_assert_str_eq(context_user(&server.context), "alice@LOOPBACK.TEST");
    }
    ends_close();
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("credssp_creds");

    suite_add(all, smart_cards_are_handed_over, 2);
    suite_add(all, wrong_smart_cards_are_refused, COUNT(card_faults));
    suite_add(all, remote_guard_is_handed_over, COUNT(guard_list));
    suite_add(all, large_guard_credentials_go_in_several_records, 1);
    suite_add(all, wrong_guard_credentials_are_refused, 1);
    suite_add(all, without_delegation_nothing_goes, 4);
    suite_add(all, saved_passwords_are_handed_over, COUNT(savings));
    return all;
}

CHECK_MAIN(suite)
