/* SPDX-License-Identifier: MIT */
/* A client and a server in one process. */
#include "lib/pair.h"

#include <check.h>
#include <sspi_linux.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROTATION 4

void pair_init(struct pair *pair)
{
    memset(pair, 0, sizeof(*pair));
    pair->target = "HTTP/localhost";
    pair->isc = PAIR_ISC;
    pair->asc = PAIR_ASC;
}

SECURITY_STATUS pair_acquire_client(struct pair *pair, const char *package, const char *principal,
                                    const void *auth)
{
    SECURITY_STATUS status = AcquireCredentialsHandleA(
        (SEC_CHAR *)(uintptr_t)principal, (SEC_CHAR *)(uintptr_t)package, SECPKG_CRED_OUTBOUND,
        NULL, (void *)(uintptr_t)auth, NULL, NULL, &pair->client_cred, &pair->client_expiry);

    pair->client_cred_open = status == SEC_E_OK;
    return status;
}

SECURITY_STATUS pair_acquire_server(struct pair *pair, const char *package, const char *principal)
{
    SECURITY_STATUS status = AcquireCredentialsHandleA(
        (SEC_CHAR *)(uintptr_t)principal, (SEC_CHAR *)(uintptr_t)package, SECPKG_CRED_INBOUND, NULL,
        NULL, NULL, NULL, &pair->server_cred, &pair->server_expiry);

    pair->server_cred_open = status == SEC_E_OK;
    return status;
}

void pair_acquire(struct pair *pair, const char *package, const void *auth)
{
    SECURITY_STATUS status = pair_acquire_client(pair, package, NULL, auth);

    ck_assert_msg(status == SEC_E_OK, "acquiring %s outbound: %s, %s", package,
                  sspi_status_name(status), sspi_native_error());
    status = pair_acquire_server(pair, package, NULL);
    ck_assert_msg(status == SEC_E_OK, "acquiring %s inbound: %s, %s", package,
                  sspi_status_name(status), sspi_native_error());
}

/* The token of the other side, and bindings if there are any. */
static void input_fill(SecBufferDesc *list, SecBuffer buffers[2], struct pair_token *token,
                       SEC_CHANNEL_BINDINGS *bindings, ULONG bindings_size)
{
    buffers[0] = (SecBuffer){token->size, SECBUFFER_TOKEN, token->data};
    buffers[1] = (SecBuffer){bindings_size, SECBUFFER_CHANNEL_BINDINGS, bindings};
    *list = (SecBufferDesc){SECBUFFER_VERSION, bindings != NULL ? 2 : 1, buffers};
}

/* What was given: under ALLOCATE_MEMORY it is the library's own memory. */
static void output_take(const SecBuffer *out, struct pair_token *token)
{
    token->size = out->cbBuffer;
    if (out->pvBuffer == token->data)
        return;
    ck_assert_uint_le(out->cbBuffer, sizeof(token->data));
    memcpy(token->data, out->pvBuffer, out->cbBuffer);
    ck_assert_int_eq(FreeContextBuffer(out->pvBuffer), SEC_E_OK);
}

SECURITY_STATUS pair_initialize(struct pair *pair)
{
    SecBuffer in[2], out = {PAIR_TOKEN_MAX, SECBUFFER_TOKEN, pair->to_server.data};
    SecBufferDesc input, output = {SECBUFFER_VERSION, 1, &out};
    bool first = !pair->client_open;

    input_fill(&input, in, &pair->to_client, pair->client_bindings, pair->client_bindings_size);
    pair->client_flags = 0xdeadbeef;
    pair->client_status =
        (pair->sasl ? SaslInitializeSecurityContextA : InitializeSecurityContextA)(
            &pair->client_cred, first ? NULL : &pair->client, (SEC_CHAR *)(uintptr_t)pair->target,
            pair->isc, 0, SECURITY_NATIVE_DREP, &input, 0, &pair->client, &output,
            &pair->client_flags, &pair->client_expiry);
    pair->client_open |= pair->client_status >= 0;
    output_take(&out, &pair->to_server);
    if (first)
        memcpy(&pair->first, &pair->to_server, sizeof(pair->first));
    pair->legs += out.cbBuffer != 0;
    return pair->client_status;
}

SECURITY_STATUS pair_accept(struct pair *pair)
{
    SecBuffer in[2], out[] = {
                         {PAIR_TOKEN_MAX, SECBUFFER_TOKEN, pair->to_client.data},
                         {sizeof(*pair->result), SECBUFFER_CHANNEL_BINDINGS_RESULT, pair->result},
                     };
    SecBufferDesc input, output = {SECBUFFER_VERSION, pair->result != NULL ? 2 : 1, out};

    input_fill(&input, in, &pair->to_server, pair->server_bindings, pair->server_bindings_size);
    pair->server_flags = 0xdeadbeef;
    pair->server_status = (pair->sasl ? SaslAcceptSecurityContext : AcceptSecurityContext)(
        &pair->server_cred, pair->server_open ? &pair->server : NULL, &input, pair->asc,
        SECURITY_NATIVE_DREP, &pair->server, &output, &pair->server_flags, &pair->server_expiry);
    pair->server_open |= pair->server_status >= 0;
    output_take(&out[0], &pair->to_client);
    pair->legs += out[0].cbBuffer != 0;
    return pair->server_status;
}

bool pair_finish(struct pair *pair)
{
    bool client_done = pair->client_status == SEC_E_OK, server_done = false;

    for (int i = 0; i < PAIR_LEGS_MAX && !(client_done && server_done); i++) {
        if (!server_done) {
            if (pair_accept(pair) < 0)
                return false;
            server_done = pair->server_status == SEC_E_OK;
        }
        if (!client_done) {
            if (pair_initialize(pair) < 0)
                return false;
            client_done = pair->client_status == SEC_E_OK;
        }
    }
    return client_done && server_done;
}

bool pair_run(struct pair *pair)
{
    pair->to_client.size = 0;
    return pair_initialize(pair) >= 0 && pair_finish(pair);
}

void pair_establish(struct pair *pair)
{
    bool done = pair_run(pair);

    ck_assert_msg(done, "client %s, server %s: %s", sspi_status_name(pair->client_status),
                  sspi_status_name(pair->server_status), sspi_native_error());
}

void pair_close(struct pair *pair)
{
    if (pair->client_open)
        ck_assert_int_eq(DeleteSecurityContext(&pair->client), SEC_E_OK);
    if (pair->server_open)
        ck_assert_int_eq(DeleteSecurityContext(&pair->server), SEC_E_OK);
    pair->client_open = pair->server_open = false;
    pair->legs = 0;
    pair->to_client.size = pair->to_server.size = 0;
}

void pair_free(struct pair *pair)
{
    pair_close(pair);
    if (pair->client_cred_open)
        ck_assert_int_eq(FreeCredentialsHandle(&pair->client_cred), SEC_E_OK);
    if (pair->server_cred_open)
        ck_assert_int_eq(FreeCredentialsHandle(&pair->server_cred), SEC_E_OK);
    pair->client_cred_open = pair->server_cred_open = false;
}

void pair_message(CtxtHandle *from, CtxtHandle *to, const char *text)
{
    SecPkgContext_Sizes sizes;
    ULONG size = (ULONG)strlen(text), qop = 1;
    unsigned char wire[2048];
    SecBuffer parts[3], stream[2];
    SecBufferDesc sealed = {SECBUFFER_VERSION, 3, parts}, opened = {SECBUFFER_VERSION, 2, stream};

    ck_assert_int_eq(QueryContextAttributesA(from, SECPKG_ATTR_SIZES, &sizes), SEC_E_OK);
    ck_assert_uint_le(sizes.cbSecurityTrailer + size + sizes.cbBlockSize, sizeof(wire));
    memcpy(wire + sizes.cbSecurityTrailer, text, size);
    parts[0] = (SecBuffer){sizes.cbSecurityTrailer, SECBUFFER_TOKEN, wire};
    parts[1] = (SecBuffer){size, SECBUFFER_DATA, wire + sizes.cbSecurityTrailer};
    parts[2] =
        (SecBuffer){sizes.cbBlockSize, SECBUFFER_PADDING, wire + sizes.cbSecurityTrailer + size};
    ck_assert_int_eq(EncryptMessage(from, 0, &sealed, 0), SEC_E_OK);
    ck_assert_uint_eq(parts[0].cbBuffer, sizes.cbSecurityTrailer);
    ck_assert(size == 0 || memcmp(parts[1].pvBuffer, text, size) != 0);
    stream[0] = (SecBuffer){parts[0].cbBuffer + size + parts[2].cbBuffer, SECBUFFER_STREAM, wire};
    stream[1] = (SecBuffer){0, SECBUFFER_DATA, NULL};
    ck_assert_int_eq(DecryptMessage(to, &opened, 0, &qop), SEC_E_OK);
    ck_assert_uint_eq(qop, 0);
    ck_assert_uint_eq(stream[1].cbBuffer, size);
    ck_assert_mem_eq(stream[1].pvBuffer, text, size);
}

static ULONG length_of(const char *text)
{
    return text == NULL ? 0 : (ULONG)strlen(text);
}

SEC_WINNT_AUTH_IDENTITY_A identity_a(const char *user, const char *domain, const char *password)
{
    SEC_WINNT_AUTH_IDENTITY_A id = {.Flags = SEC_WINNT_AUTH_IDENTITY_ANSI};

    id.User = (unsigned char *)(uintptr_t)user;
    id.UserLength = length_of(user);
    id.Domain = (unsigned char *)(uintptr_t)domain;
    id.DomainLength = length_of(domain);
    id.Password = (unsigned char *)(uintptr_t)password;
    id.PasswordLength = length_of(password);
    return id;
}

SEC_WINNT_AUTH_IDENTITY_EXA identity_exa(const char *user, const char *domain, const char *password,
                                         const char *packages)
{
    SEC_WINNT_AUTH_IDENTITY_EXA id = {.Version = SEC_WINNT_AUTH_IDENTITY_VERSION,
                                      .Length = sizeof(id),
                                      .Flags = SEC_WINNT_AUTH_IDENTITY_ANSI};

    id.User = (unsigned char *)(uintptr_t)user;
    id.UserLength = length_of(user);
    id.Domain = (unsigned char *)(uintptr_t)domain;
    id.DomainLength = length_of(domain);
    id.Password = (unsigned char *)(uintptr_t)password;
    id.PasswordLength = length_of(password);
    id.PackageList = (unsigned char *)(uintptr_t)packages;
    id.PackageListLength = length_of(packages);
    return id;
}

const char *world_file(const char *name)
{
    static char paths[ROTATION][512];
    static unsigned next;
    const char *world = getenv("WORLD");
    char *path = paths[next++ % ROTATION];

    ck_assert_ptr_nonnull(world);
    snprintf(path, sizeof(paths[0]), "%s/%s", world, name);
    return path;
}

const char *password_of(const char *user)
{
    static char passwords[ROTATION][128];
    static unsigned next;
    char *password = passwords[next++ % ROTATION], name[128];
    FILE *file;

    snprintf(name, sizeof(name), "password/%s", user);
    file = fopen(world_file(name), "r");
    ck_assert_ptr_nonnull(file);
    ck_assert_ptr_nonnull(fgets(password, sizeof(passwords[0]), file));
    fclose(file);
    password[strcspn(password, "\n")] = '\0';
    return password;
}

SEC_CHANNEL_BINDINGS *bindings_make(const char *text, ULONG *size)
{
    ULONG length = (ULONG)strlen(text);
    SEC_CHANNEL_BINDINGS *bindings = calloc(1, sizeof(*bindings) + length);

    ck_assert_ptr_nonnull(bindings);
    bindings->cbApplicationDataLength = length;
    bindings->dwApplicationDataOffset = sizeof(*bindings);
    memcpy(bindings + 1, text, length);
    *size = (ULONG)sizeof(*bindings) + length;
    return bindings;
}
