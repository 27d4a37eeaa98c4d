/* SPDX-License-Identifier: MIT */
/* A program of WinPR in a process that has our library too; see coexist.h. */
#include "coexist.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <winpr/error.h>
#include <winpr/handle.h>
#include <winpr/ntlm.h>
#include <winpr/sspi.h>
#include <winpr/synch.h>

#define LEGS_MAX  4
#define TOKEN_MAX 4096
#define MESSAGE   "a message that is not secret"

/* A handle of WinPR's works with its calls: ours would not know an event. */
const char *winpr_windows(void)
{
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
    bool signalled;

    if (event == NULL)
        return "CreateEvent fails";
    signalled = SetEvent(event) && WaitForSingleObject(event, 0) == WAIT_OBJECT_0;
    if (!CloseHandle(event))
        return "CloseHandle does not know an event of CreateEvent";
    SetLastError(ERROR_INVALID_PARAMETER);
    return signalled && GetLastError() == ERROR_INVALID_PARAMETER ? NULL : "an event is not set";
}

const char *winpr_close_place(void)
{
    return coexist_place((const void *)(uintptr_t)&CloseHandle);
}

struct winpr_end {
    SecurityFunctionTableA *table;
    char password[64];
    CredHandle cred;
    CtxtHandle ctx;
    bool have_ctx, done;
    unsigned char token[TOKEN_MAX];
    ULONG length;
};

static bool read_password(const char *path, char *password, size_t size)
{
    FILE *file = fopen(path, "r");
    size_t length = file == NULL ? 0 : fread(password, 1, size - 1, file);

    if (file != NULL)
        fclose(file);
    password[length] = '\0';
    return length > 0;
}

static bool acquire(struct winpr_end *end, ULONG use)
{
    static char package[] = "NTLM", user[] = "bob", domain[] = "LOOPBACK";
    TimeStamp expiry;
    SEC_WINNT_AUTH_IDENTITY_A identity = {
        .User = (BYTE *)user,
        .UserLength = sizeof user - 1,
        .Domain = (BYTE *)domain,
        .DomainLength = sizeof domain - 1,
        .Password = (BYTE *)end->password,
        .PasswordLength = (UINT32)strlen(end->password),
        .Flags = SEC_WINNT_AUTH_IDENTITY_ANSI,
    };

    return end->table->AcquireCredentialsHandleA(NULL, package, use, NULL,
                                                 use == SECPKG_CRED_OUTBOUND ? &identity : NULL,
                                                 NULL, NULL, &end->cred, &expiry) == SEC_E_OK;
}

/* WinPR's NTLM server asks for the hash between the last token and its verification. */
static SECURITY_STATUS complete(struct winpr_end *end, SecBufferDesc *out)
{
    SecPkgContext_AuthNtlmHash hash = {.Version = 1};

    if (!NTOWFv1A(end->password, (UINT32)strlen(end->password), hash.NtlmHash))
        return SEC_E_INTERNAL_ERROR;
    end->table->SetContextAttributesA(&end->ctx, SECPKG_ATTR_AUTH_NTLM_HASH, &hash, sizeof hash);
    return end->table->CompleteAuthToken(&end->ctx, out);
}

static bool step(struct winpr_end *end, struct winpr_end *other, bool client)
{
    static char target[] = "HTTP/localhost";
    SecBuffer in = {other->length, SECBUFFER_TOKEN, other->token};
    SecBuffer out = {TOKEN_MAX, SECBUFFER_TOKEN, end->token};
    SecBufferDesc in_desc = {SECBUFFER_VERSION, 1, &in}, out_desc = {SECBUFFER_VERSION, 1, &out};
    CtxtHandle *old = end->have_ctx ? &end->ctx : NULL;
    const ULONG wanted = ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY;
    ULONG flags = 0;
    TimeStamp expiry;
    SECURITY_STATUS status =
        client ? end->table->InitializeSecurityContextA(
                     &end->cred, old, target, wanted, 0, SECURITY_NATIVE_DREP,
                     old == NULL ? NULL : &in_desc, 0, &end->ctx, &out_desc, &flags, &expiry)
               : end->table->AcceptSecurityContext(&end->cred, old, &in_desc, wanted,
                                                   SECURITY_NATIVE_DREP, &end->ctx, &out_desc,
                                                   &flags, &expiry);

    end->have_ctx = true;
    end->length = out.cbBuffer;
    if (status == SEC_I_COMPLETE_NEEDED || status == SEC_I_COMPLETE_AND_CONTINUE) {
        end->done = status == SEC_I_COMPLETE_NEEDED;
        return complete(end, &out_desc) == SEC_E_OK;
    }
    end->done = status == SEC_E_OK;
    return status >= 0;
}

static bool message(struct winpr_end *from, struct winpr_end *to)
{
    unsigned char token[16], text[sizeof MESSAGE];
    SecBuffer list[] = {{sizeof token, SECBUFFER_TOKEN, token},
                        {sizeof text, SECBUFFER_DATA, text}};
    SecBufferDesc desc = {SECBUFFER_VERSION, 2, list};
    ULONG qop = 0;

    memcpy(text, MESSAGE, sizeof text);
    return from->table->EncryptMessage(&from->ctx, 0, &desc, 0) == SEC_E_OK &&
           memcmp(text, MESSAGE, sizeof text) != 0 &&
           to->table->DecryptMessage(&to->ctx, &desc, 0, &qop) == SEC_E_OK &&
           memcmp(text, MESSAGE, sizeof text) == 0;
}

/* NTLM between WinPR and itself; by its own entry point, which no other library has. */
const char *winpr_context(const char *password_file)
{
    static struct winpr_end client, server;
    bool good;

    memset(&client, 0, sizeof client);
    memset(&server, 0, sizeof server);
    client.table = server.table = InitSecurityInterfaceExA(0);
    if (!read_password(password_file, client.password, sizeof client.password))
        return "there is no password";
    memcpy(server.password, client.password, sizeof server.password);
    if (!acquire(&client, SECPKG_CRED_OUTBOUND) || !acquire(&server, SECPKG_CRED_INBOUND))
        return "AcquireCredentialsHandle of WinPR fails";
    good = step(&client, &server, true);
    for (int i = 0; i < LEGS_MAX && good && !(client.done && server.done); i++)
        good = step(i % 2 ? &client : &server, i % 2 ? &server : &client, i % 2);
    good = good && message(&client, &server);
    client.table->DeleteSecurityContext(&client.ctx);
    server.table->DeleteSecurityContext(&server.ctx);
    client.table->FreeCredentialsHandle(&client.cred);
    server.table->FreeCredentialsHandle(&server.cred);
    return good ? NULL : "the context of WinPR fails";
}
