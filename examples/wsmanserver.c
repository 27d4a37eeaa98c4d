/* SPDX-License-Identifier: MIT */
/*
 * A server of HTTP with CredSSP, as WinRM's are: it takes connections one after the other, lets the
 * client log on, prints who it is and what it has handed over, and answers its sealed messages.
 *
 *   wsmanserver ADDRESS PORT SUBJECT COUNT [TARGET]
 *
 * Its certificate is one of the user's system store MY whose subject contains SUBJECT, and has a
 * private key. With TARGET it also begins to log on to that service as the client. PORT 0 lets the
 * system choose; the port is printed first. It ends after COUNT connections.
 */
#include "mystore.h"
#include "wsman.h"

#include <ntsecapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static SECURITY_STATUS credential_acquire(const char *subject, CredHandle *credential)
{
    char package[] = CREDSSP_NAME_A;
    PCCERT_CONTEXT certificate = my_certificate(subject);
    SCH_CREDENTIALS tls;
    CREDSSP_CRED both;
    SECURITY_STATUS status;
    TimeStamp expiry;

    if (certificate == NULL)
        return SEC_E_NO_CREDENTIALS;
    memset(&tls, 0, sizeof(tls));
    tls.dwVersion = SCH_CREDENTIALS_VERSION;
    tls.dwFlags = SCH_USE_STRONG_CRYPTO;
    tls.cCreds = 1;
    tls.paCred = &certificate;
    both.Type = CredsspSubmitBufferBoth;
    both.pSchannelCred = &tls;
    both.pSpnegoCred = NULL;
    status = AcquireCredentialsHandleA(NULL, package, SECPKG_CRED_INBOUND, NULL, &both, NULL, NULL,
                                       credential, &expiry);
    CertFreeCertificateContext(certificate);
    return status;
}

/* --- What the client has handed over -------------------------------------------------------- */

/* The strings are octets of the same block, from its beginning. */
static void text_print(const SecPkgContext_ClientCreds *creds, const UNICODE_STRING *text)
{
    const char *units = (const char *)creds->AuthBuffer + (size_t)text->Buffer;
    char utf8[256];
    int n = WideCharToMultiByte(CP_UTF8, 0, (LPCWSTR)units, text->Length / 2, utf8, sizeof(utf8),
                                NULL, NULL);

    printf("%.*s", n, utf8);
}

static int creds_print(struct wsman *wsman)
{
    SecPkgContext_ClientCreds creds;
    const KERB_INTERACTIVE_LOGON *logon;
    SECURITY_STATUS status = QueryContextAttributesA(&wsman->context, SECPKG_ATTR_CREDS, &creds);

    if (status != SEC_E_OK)
        return complain("SECPKG_ATTR_CREDS", status);
    logon = (const KERB_INTERACTIVE_LOGON *)creds.AuthBuffer;
    printf("handed over: ");
    text_print(&creds, &logon->LogonDomainName);
    printf("\\");
    text_print(&creds, &logon->UserName);
    printf("%s\n", logon->Password.Length != 0 ? " and a password" : "");
    FreeContextBuffer(creds.AuthBuffer);
    return 0;
}

/* The first token for another service, by whom this thread acts for. */
static SECURITY_STATUS logon_begin(char *target, ULONG *size)
{
    char package[] = "Negotiate";
    SecBuffer token = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &token};
    CredHandle credential;
    CtxtHandle context;
    TimeStamp expiry;
    ULONG flags;
    SECURITY_STATUS status = AcquireCredentialsHandleA(NULL, package, SECPKG_CRED_OUTBOUND, NULL,
                                                       NULL, NULL, NULL, &credential, &expiry);

    if (status != SEC_E_OK)
        return status;
    status = InitializeSecurityContextA(&credential, NULL, target, ISC_REQ_ALLOCATE_MEMORY, 0, 0,
                                        NULL, 0, &context, &output, &flags, &expiry);
    if (status >= 0) {
        *size = token.cbBuffer;
        FreeContextBuffer(token.pvBuffer);
        DeleteSecurityContext(&context);
    }
    FreeCredentialsHandle(&credential);
    return status;
}

static int onward_print(struct wsman *wsman, char *target)
{
    SECURITY_STATUS status = ImpersonateSecurityContext(&wsman->context);
    ULONG size = 0;

    if (status != SEC_E_OK)
        return complain("ImpersonateSecurityContext", status);
    status = logon_begin(target, &size);
    RevertSecurityContext(&wsman->context);
    if (status < 0)
        return complain("logging on as the client", status);
    printf("onward: a token of %u octets for %s\n", (unsigned)size, target);
    return 0;
}

/* --- Messages ------------------------------------------------------------------------------- */

/* Everything goes back as it came, until the client goes. */
static int converse(struct wsman *wsman)
{
    unsigned char *data;
    ULONG size;
    SECURITY_STATUS status = wsman_receive(wsman, &data, &size);

    while (status == SEC_E_OK) {
        status = wsman_send(wsman, WSMAN_ANSWER, data, size);
        free(data);
        if (status == SEC_E_OK)
            status = wsman_receive(wsman, &data, &size);
    }
    if (status != SEC_E_CONTEXT_EXPIRED)
        return complain("exchanging messages", status);
    printf("messages: sealed %d, opened %d\n", wsman->tally.sealed, wsman->tally.opened);
    return 0;
}

static int serve(SOCKET s, CredHandle *credential, char *target)
{
    struct wsman *wsman = malloc(sizeof(*wsman));
    SECURITY_STATUS status;
    int failed;

    if (wsman == NULL)
        return -1;
    status = wsman_open(wsman, s, credential, NULL);
    if (status != SEC_E_OK) {
        free(wsman);
        return complain("logging on", status);
    }
    failed = wsman_print(wsman) || creds_print(wsman) ||
             (target != NULL && onward_print(wsman, target)) || converse(wsman);
    fflush(stdout);
    wsman_close(wsman);
    free(wsman);
    return failed;
}

int main(int argc, char **argv)
{
    CredHandle credential;
    SECURITY_STATUS status;
    WSADATA wsa;
    int count, result;

    if (argc < 5 || argc > 6 || (count = atoi(argv[4])) <= 0) {
        fprintf(stderr, "usage: wsmanserver ADDRESS PORT SUBJECT COUNT [TARGET]\n");
        return 2;
    }
    if (WSAStartup(MAKEWORD(2, 2), &wsa) != 0)
        return 1;
    status = credential_acquire(argv[3], &credential);
    if (status != SEC_E_OK) {
        fprintf(stderr, "a certificate for %s from the store MY: %s\n", argv[3],
                status_message(status));
        return 1;
    }
    result = serve_on(argv[1], argv[2], count, serve, &credential, argv[5]);
    FreeCredentialsHandle(&credential);
    WSACleanup();
    return result;
}
