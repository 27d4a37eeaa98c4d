/* SPDX-License-Identifier: MIT */
/* What a logon by CredSSP comes to: the documented statuses, and a second logon. */
#define SCHANNEL_USE_BLACKLISTS
#include "lib/ends.h"

#include <schannel.h>
#include <sspi_linux.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/check_main.h"
#include "lib/pair.h"
#include "lib/world.h"

/* --- The logon ------------------------------------------------------------------------------ */

static const struct {
    const char *user, *password; /* NULL: whoever is logged on; alice's own */
    const char *list, *target, *kdc;
    ULONG request;
    SECURITY_STATUS status;
} results[] = {
    {"alice", NULL, "kerberos", "HTTP/localhost", "krb5", MUTUAL, SEC_E_OK},
    {"alice", NULL, "kerberos", NULL, "krb5", MUTUAL, SEC_E_TARGET_UNKNOWN},
    {"alice", NULL, "kerberos", "HTTP/nowhere.test", "krb5", MUTUAL, SEC_E_TARGET_UNKNOWN},
    {"alice", NULL, "kerberos", "", "krb5", MUTUAL, SEC_E_TARGET_UNKNOWN},
    {"alice", "wrong", "kerberos", "HTTP/localhost", "krb5", MUTUAL, SEC_E_LOGON_DENIED},
    {"nobody", "wrong", "kerberos", "HTTP/localhost", "krb5", MUTUAL, SEC_E_LOGON_DENIED},
    {"alice", "wrong", "ntlm", "HTTP/localhost", "krb5", ISC_REQ_DELEGATE, SEC_E_LOGON_DENIED},
    {"alice", NULL, "kerberos", "HTTP/localhost", "refused", MUTUAL,
     SEC_E_NO_AUTHENTICATING_AUTHORITY},
    {NULL, NULL, "kerberos", "HTTP/localhost", "krb5", 0, SEC_E_NO_CREDENTIALS},
    {NULL, NULL, "ntlm", "HTTP/localhost", "krb5", 0, SEC_E_NO_CREDENTIALS},
};

/* Turns that do not stop at the server's failure: the client is told of it. */
static void shake_to_the_end(void)
{
    end_advance(&client, &server, 0);
    for (int turn = 0; turn < 40; turn++) {
        end_drain(&server, &client);
        end_drain(&client, &server);
    }
}

START_TEST(logons_come_to_this)
{
    const char *password = results[_i].password;
    SEC_WINNT_AUTH_IDENTITY_EXA identity =
        results[_i].user == NULL
            ? identity_ambient(results[_i].list)
            : identity_exa(results[_i].user, NULL,
                           password != NULL ? password : password_of("alice"), results[_i].list);

    ends_policy(ALLOW_ALL);
    end_acquire(&server, true, 0, NULL);
    world_kdc(results[_i].kdc);
    world_ccache("cc.none");
    setenv("NTLM_USER_FILE", world_file("ntlm.users"), 1);
    end_acquire(&client, false, 0, &identity);
    if (results[_i].user == NULL)
        setenv("NTLM_USER_FILE", world_file("ntlm.empty"), 1);
    client.target = results[_i].target;
    client.request = results[_i].request;
    shake_to_the_end();
    end_is(&client, results[_i].status);
    if (client.status != SEC_E_OK)
        ck_assert_int_ne(server.status, SEC_E_OK);
    ends_close();
}
END_TEST

/* --- The server's certificate --------------------------------------------------------------- */

/* Makes the server's certificate this process's only root. */
static void trust(PCCERT_CONTEXT cert)
{
    static char pem[8192];
    DWORD size = sizeof(pem);
    const char *name = world_file("root.pem");
    FILE *file = fopen(name, "w");

    ck_assert(CryptBinaryToStringA(cert->pbCertEncoded, cert->cbCertEncoded,
                                   CRYPT_STRING_BASE64HEADER, pem, &size));
    ck_assert_ptr_nonnull(file);
    fputs(pem, file);
    ck_assert_int_eq(fclose(file), 0);
    setenv("SSPI_CERT_ROOT", name, 1);
}

static void client_validates(const char *list)
{
    SEC_WINNT_AUTH_IDENTITY_EXA identity = identity_exa("alice", NULL, password_of("alice"), list);
    SCH_CREDENTIALS tls = {.dwVersion = SCH_CREDENTIALS_VERSION,
                           .dwFlags = SCH_CRED_AUTO_CRED_VALIDATION};
    CREDSSP_CRED auth = {CredsspSubmitBufferBoth, &tls, &identity};

    assert_status(end_acquire_as(&client, false, &auth), SEC_E_OK);
}

static const struct {
    bool trusted;
    const char *target;
    ULONG request;
    const char *policy;
    SECURITY_STATUS status;
} certificates[] = {
    {true, "HTTP/localhost", MUTUAL, ALLOW_ALL, SEC_E_OK},
    {true, "HTTP/localhost:443", MUTUAL, ALLOW_ALL, SEC_E_OK},
    {true, "localhost", MUTUAL, ALLOW_ALL, SEC_E_OK},
    {true, "HTTP/localhost", MUTUAL, "AllowFreshCredentials = *\n", SEC_E_OK},
    {true, "HTTP/localhost", MUTUAL | ISC_REQ_MANUAL_CRED_VALIDATION, ALLOW_ALL, SEC_E_OK},
    {true, "HTTP/other.test", MUTUAL, ALLOW_ALL, SEC_E_WRONG_PRINCIPAL},
    {true, "HTTP/other.test", 0, ALLOW_ALL, SEC_E_WRONG_PRINCIPAL},
    {false, "HTTP/localhost", MUTUAL, ALLOW_ALL, SEC_E_UNTRUSTED_ROOT},
    {false, "HTTP/localhost", 0, ALLOW_ALL, SEC_E_UNTRUSTED_ROOT},
};

/* NTLM does not know the server: its certificate does, where the credential asks for that. */
START_TEST(certificates_are_looked_at)
{
    SecPkgContext_Flags known;

    ends_policy(certificates[_i].policy);
    end_acquire(&server, true, 0, NULL);
    if (certificates[_i].trusted)
        trust(end_certificate);
    client_validates("ntlm");
    client.target = certificates[_i].target;
    client.request = certificates[_i].request;
    shake_to_the_end();
    end_is(&client, certificates[_i].status);
    if (client.status == SEC_E_OK) {
        end_is(&server, SEC_E_OK);
        ck_assert_uint_ne(client.flags & ISC_RET_MUTUAL_AUTH, 0);
        ck_assert_uint_eq(client.flags & ISC_RET_MANUAL_CRED_VALIDATION, 0);
        assert_status(
            QueryContextAttributesA(&client.context, SECPKG_ATTR_SERVER_AUTH_FLAGS, &known),
            SEC_E_OK);
        ck_assert_uint_eq(known.Flags, CREDSSP_SERVER_AUTH_CERTIFICATE);
    } else {
        ck_assert(!client.has_context || server.status != SEC_E_OK);
    }
    ends_close();
}
END_TEST

/* Both ways of knowing the server are told, and whether the certificate is trusted in any case. */
START_TEST(trust_is_told)
{
    SecPkgContext_Flags known;
    CERT_TRUST_STATUS told;

    ends_policy(ALLOW_ALL);
    end_acquire(&server, true, 0, NULL);
    if (_i == 0) {
        trust(end_certificate);
        client_validates("kerberos");
    } else {
        end_acquire(&client, false, 0, NULL);
    }
    ends_shake();
    end_is(&client, SEC_E_OK);
    assert_status(QueryContextAttributesA(&client.context, SECPKG_ATTR_SERVER_AUTH_FLAGS, &known),
                  SEC_E_OK);
    ck_assert_uint_eq(known.Flags, CREDSSP_SERVER_AUTH_NEGOTIATE |
                                       (_i == 0 ? CREDSSP_SERVER_AUTH_CERTIFICATE : 0));
    assert_status(QueryContextAttributesExA(&client.context, SECPKG_ATTR_CERT_TRUST_STATUS, &told,
                                            sizeof(told)),
                  SEC_E_OK);
    ck_assert_uint_eq(told.dwErrorStatus,
                      _i == 0 ? CERT_TRUST_NO_ERROR : CERT_TRUST_IS_UNTRUSTED_ROOT);
    assert_status(QueryContextAttributesA(&server.context, SECPKG_ATTR_CERT_TRUST_STATUS, &told),
                  SEC_E_UNSUPPORTED_FUNCTION);
    ends_close();
}
END_TEST

/* --- A client's certificate ----------------------------------------------------------------- */

/* A server of Schannel in the place of one of CredSSP, which asks for a certificate. */
static void asking_server(void)
{
    PCCERT_CONTEXT cert = end_certificate_make();
    SCHANNEL_CRED auth = {.dwVersion = SCHANNEL_CRED_VERSION,
                          .dwFlags = SCH_CRED_MANUAL_CRED_VALIDATION,
                          .grbitEnabledProtocols = SP_PROT_TLS1_2_SERVER,
                          .cCreds = 1,
                          .paCred = &cert};
    char name[] = UNISP_NAME_A;

    end_acquire(&server, true, 0, NULL);
    FreeCredentialsHandle(&server.cred);
    assert_status(AcquireCredentialsHandleA(NULL, name, SECPKG_CRED_INBOUND, NULL, &auth, NULL,
                                            NULL, &server.cred, NULL),
                  SEC_E_OK);
    CertFreeCertificateContext(cert);
    server.request = ASC_REQ_MUTUAL_AUTH;
}

static void client_with(PCCERT_CONTEXT cert, struct end *end)
{
    SEC_WINNT_AUTH_IDENTITY_A identity = identity_a("alice", NULL, password_of("alice"));
    SCH_CREDENTIALS tls = {
        .dwVersion = SCH_CREDENTIALS_VERSION, .cCreds = cert == NULL ? 0 : 1, .paCred = &cert};
    CREDSSP_CRED auth = {CredsspSubmitBufferBoth, &tls, &identity};

    assert_status(end_acquire_as(end, false, &auth), SEC_E_OK);
}

/* The program is asked, and goes on without a certificate or with a credential that has one. */
START_TEST(certificates_are_asked_for)
{
    static struct end second;
    PCCERT_CONTEXT cert = end_certificate_make(), shown = NULL;
    SecPkgContext_IssuerListInfoEx issuers;
    CredHandle first;

    ends_policy(ALLOW_ALL);
    asking_server();
    client_with(NULL, &client);
    client_with(cert, &second);
    end_advance(&client, &server, 0);
    end_drain(&server, &client);
    end_advance(&client, &server, client.size);
    end_is(&client, SEC_I_INCOMPLETE_CREDENTIALS);
    assert_status(QueryContextAttributesA(&client.context, SECPKG_ATTR_ISSUER_LIST_EX, &issuers),
                  SEC_E_OK);
    FreeContextBuffer(issuers.aIssuers);
    first = client.cred;
    if (_i == 0)
        client.cred = second.cred;
    else
        client.request = ISC_REQ_USE_SUPPLIED_CREDS;
    end_advance(&client, &server, client.size);
    end_is(&client, SEC_I_CONTINUE_NEEDED);
    end_drain(&server, &client);
    end_is(&server, SEC_E_OK);
    assert_status(QueryContextAttributesA(&server.context, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &shown),
                  _i == 0 ? SEC_E_OK : SEC_E_NO_CREDENTIALS);
    if (_i == 0) {
        ck_assert_uint_eq(shown->cbCertEncoded, cert->cbCertEncoded);
        ck_assert_mem_eq(shown->pbCertEncoded, cert->pbCertEncoded, cert->cbCertEncoded);
        CertFreeCertificateContext(shown);
    }
    client.cred = first;
    CertFreeCertificateContext(cert);
    end_close(&second);
    ends_close();
}
END_TEST

/* --- Once more ------------------------------------------------------------------------------ */

static SECURITY_STATUS query_user(struct end *end)
{
    SecPkgContext_NamesA names;
    SECURITY_STATUS status = QueryContextAttributesA(&end->context, SECPKG_ATTR_NAMES, &names);

    if (status == SEC_E_OK)
        FreeContextBuffer(names.sUserName);
    return status;
}

static void again(void)
{
    client.status = server.status = SEC_I_CONTINUE_NEEDED;
    ends_shake();
}

/* The same contexts, all of it anew: the same user, or the one of another credential. */
START_TEST(a_context_logs_on_again)
{
    SEC_WINNT_AUTH_IDENTITY_EXA identity =
        identity_exa("bob", NULL, password_of("bob"), ways[_i].list);
    static struct end other;
    CredHandle first;
    CtxtHandle handle;

    ends_establish(&ways[_i]);
    handle = client.context;
    again();
    end_is(&client, SEC_E_OK);
    end_is(&server, SEC_E_OK);
    ck_assert_mem_eq(&client.context, &handle, sizeof(handle));
    ck_assert_ptr_nonnull(strstr(context_user(&server.context), "alice"));
    message_passes(&client.context, &server.context, "to the server");
    end_acquire(&other, false, 0, &identity);
    first = client.cred;
    client.cred = other.cred;
    again();
    end_is(&client, SEC_E_OK);
    end_is(&server, SEC_E_OK);
    ck_assert_ptr_nonnull(strstr(context_user(&server.context), "bob"));
    message_passes(&server.context, &client.context, "to the client");
    client.cred = first;
    end_close(&other);
    ends_close();
}
END_TEST

/* Meanwhile nothing of the first logon is there any more; and by today's policy. */
START_TEST(a_second_logon_is_judged_anew)
{
    ends_establish(&ways[0]);
    client.status = SEC_I_CONTINUE_NEEDED;
    end_advance(&client, &server, 0);
    end_is(&client, SEC_I_CONTINUE_NEEDED);
    assert_status(query_user(&client), SEC_E_INVALID_HANDLE);
    ends_close();
    ends_establish(&ways[0]);
    ends_policy("");
    client.status = SEC_I_CONTINUE_NEEDED;
    end_advance(&client, &server, 0);
    end_is(&client, SEC_E_DELEGATION_POLICY);
    end_advance(&client, &server, 0);
    end_is(&client, SEC_E_CONTEXT_EXPIRED);
    ends_close();
}
END_TEST

/* A client says that it wants to; a server hears it. */
START_TEST(the_other_way_round_it_is_over)
{
    ends_establish(&ways[_i]);
    end_give(&client, "\x16\x03\x03", 3);
    end_advance(&client, &server, 3);
    end_is(&client, SEC_E_OUT_OF_SEQUENCE);
    server.size = 0;
    end_advance(&server, &client, 0);
    end_is(&server, SEC_E_OUT_OF_SEQUENCE);
    message_passes(&client.context, &server.context, "as before");
    assert_status(query_user(&server), SEC_E_OK);
    ends_close();
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("credssp_results");

    suite_add(all, logons_come_to_this, COUNT(results));
    suite_add(all, certificates_are_looked_at, COUNT(certificates));
    suite_add(all, trust_is_told, 2);
    suite_add(all, certificates_are_asked_for, 2);
    suite_add(all, a_context_logs_on_again, WAY_COUNT);
    suite_add(all, a_second_logon_is_judged_anew, 1);
    suite_add(all, the_other_way_round_it_is_over, 2);
    return all;
}

CHECK_MAIN(suite)
