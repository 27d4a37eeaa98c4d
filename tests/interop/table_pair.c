/* SPDX-License-Identifier: MIT */
/* A context over the function table alone; see table_pair.h. */
#include "table_pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEGS_MAX  8
#define TOKEN_MAX 50000
#define MESSAGE   "a message that is not secret"

struct table_end {
    CredHandle cred;
    CtxtHandle ctx;
    bool have_cred, have_ctx, done;
    unsigned char token[TOKEN_MAX];
    ULONG length;
};

struct table_ends {
    const SecurityFunctionTableA *table;
    struct table_end client, server;
    char *failure;
    size_t size;
};

static bool succeeds(struct table_ends *ends, const char *call, SECURITY_STATUS status)
{
    if (status < 0)
        snprintf(ends->failure, ends->size, "%s: %08x", call, (unsigned)status);
    return status >= 0;
}

static bool acquire(struct table_ends *ends, struct table_end *end, const char *package, ULONG use)
{
    char name[32];

    snprintf(name, sizeof name, "%s", package);
    end->have_cred = succeeds(ends, "AcquireCredentialsHandle",
                              ends->table->AcquireCredentialsHandleA(NULL, name, use, NULL, NULL,
                                                                     NULL, NULL, &end->cred, NULL));
    return end->have_cred;
}

/* One call: the other side's token goes in, ours comes out. */
static bool step(struct table_ends *ends, struct table_end *end, struct table_end *other)
{
    static char target[] = "HTTP/localhost";
    SecBuffer in = {other->length, SECBUFFER_TOKEN, other->token};
    SecBuffer out = {TOKEN_MAX, SECBUFFER_TOKEN, end->token};
    SecBufferDesc in_desc = {SECBUFFER_VERSION, 1, &in}, out_desc = {SECBUFFER_VERSION, 1, &out};
    bool client = end == &ends->client;
    CtxtHandle *old = end->have_ctx ? &end->ctx : NULL;
    ULONG flags = 0;
    SECURITY_STATUS status =
        client ? ends->table->InitializeSecurityContextA(
                     &end->cred, old, target,
                     ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY | ISC_REQ_MUTUAL_AUTH, 0,
                     SECURITY_NATIVE_DREP, old == NULL ? NULL : &in_desc, 0, &end->ctx, &out_desc,
                     &flags, NULL)
               : ends->table->AcceptSecurityContext(
                     &end->cred, old, &in_desc, ASC_REQ_CONFIDENTIALITY | ASC_REQ_INTEGRITY,
                     SECURITY_NATIVE_DREP, &end->ctx, &out_desc, &flags, NULL);

    if (!succeeds(ends, client ? "InitializeSecurityContext" : "AcceptSecurityContext", status))
        return false;
    end->have_ctx = true;
    end->done = status == SEC_E_OK;
    end->length = out.cbBuffer;
    return true;
}

static bool establish(struct table_ends *ends)
{
    struct table_end *end = &ends->client, *other = &ends->server;

    for (int i = 0; i < LEGS_MAX && !(end->done && other->done); i++) {
        if (!step(ends, end, other))
            return false;
        other->length = 0;
        end = end == &ends->client ? &ends->server : &ends->client;
        other = end == &ends->client ? &ends->server : &ends->client;
    }
    return succeeds(ends, "too many legs",
                    end->done && other->done ? SEC_E_OK : SEC_E_INTERNAL_ERROR);
}

/* Sealed at one end, opened at the other, through the slots that Windows has them in. */
static bool message(struct table_ends *ends, struct table_end *from, struct table_end *to)
{
    unsigned char token[256], text[sizeof MESSAGE], padding[16];
    SecBuffer list[] = {{sizeof token, SECBUFFER_TOKEN, token},
                        {sizeof text, SECBUFFER_DATA, text},
                        {sizeof padding, SECBUFFER_PADDING, padding}};
    SecBufferDesc desc = {SECBUFFER_VERSION, 3, list};
    ULONG qop = 0;

    memcpy(text, MESSAGE, sizeof text);
    if (!succeeds(ends, "EncryptMessage", ends->table->EncryptMessage(&from->ctx, 0, &desc, 0)))
        return false;
    if (memcmp(text, MESSAGE, sizeof text) == 0)
        return succeeds(ends, "not sealed", SEC_E_ENCRYPT_FAILURE);
    desc.cBuffers = list[2].cbBuffer > 0 ? 3 : 2;
    return succeeds(ends, "DecryptMessage",
                    ends->table->DecryptMessage(&to->ctx, &desc, 0, &qop)) &&
           succeeds(ends, "another text",
                    memcmp(text, MESSAGE, sizeof text) == 0 ? SEC_E_OK : SEC_E_MESSAGE_ALTERED);
}

static bool give_token(struct table_ends *ends, bool (*use_token)(void *token))
{
    void *token = NULL;

    if (use_token == NULL)
        return true;
    return succeeds(ends, "QuerySecurityContextToken",
                    ends->table->QuerySecurityContextToken(&ends->server.ctx, &token)) &&
           succeeds(ends, "the token is of no use",
                    use_token(token) ? SEC_E_OK : SEC_E_NO_IMPERSONATION);
}

static void free_end(struct table_ends *ends, struct table_end *end)
{
    if (end->have_ctx)
        ends->table->DeleteSecurityContext(&end->ctx);
    if (end->have_cred)
        ends->table->FreeCredentialsHandle(&end->cred);
}

bool table_pair(const SecurityFunctionTableA *table, const char *package,
                bool (*use_token)(void *token), char *failure, size_t size)
{
    struct table_ends *ends = calloc(1, sizeof *ends);
    bool good;

    if (ends == NULL)
        return false;
    ends->table = table;
    ends->failure = failure;
    ends->size = size;
    good = acquire(ends, &ends->client, package, SECPKG_CRED_OUTBOUND) &&
           acquire(ends, &ends->server, package, SECPKG_CRED_INBOUND) && establish(ends) &&
           message(ends, &ends->client, &ends->server) &&
           message(ends, &ends->server, &ends->client) && give_token(ends, use_token);
    free_end(ends, &ends->client);
    free_end(ends, &ends->server);
    free(ends);
    return good;
}
