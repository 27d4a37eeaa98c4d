/* SPDX-License-Identifier: MIT */
/* A client and a server of WDigest. */
#include "lib/digestend.h"

#include <stdlib.h>
#include <string.h>

#include "digest/response.h"

#define ROOM(end) (sizeof((end)->token) - 1)

/* Exactly as large, and not by malloc(), which may be one that is made to fail (faults.h). */
static void *copy_of(const void *data, size_t size)
{
    void *copy = NULL;

    if (posix_memalign(&copy, sizeof(void *), size != 0 ? size : 1) != 0)
        abort();
    if (size != 0)
        memcpy(copy, data, size);
    return copy;
}

static SecBuffer params(const char *text)
{
    return (SecBuffer){text == NULL ? 0 : (ULONG)strlen(text), SECBUFFER_PKG_PARAMS,
                       (void *)(uintptr_t)text};
}

SECURITY_STATUS digest_client_open(struct digest_end *end, const char *user, const char *domain,
                                   const char *password)
{
    SEC_WINNT_AUTH_IDENTITY_A identity = {
        .User = (unsigned char *)(uintptr_t)user,
        .UserLength = user == NULL ? 0 : (ULONG)strlen(user),
        .Domain = (unsigned char *)(uintptr_t)domain,
        .DomainLength = domain == NULL ? 0 : (ULONG)strlen(domain),
        .Password = (unsigned char *)(uintptr_t)password,
        .PasswordLength = password == NULL ? 0 : (ULONG)strlen(password),
        .Flags = SEC_WINNT_AUTH_IDENTITY_ANSI,
    };
    char package[] = WDIGEST_SP_NAME_A;

    memset(end, 0, sizeof(*end));
    return AcquireCredentialsHandleA(NULL, package, SECPKG_CRED_OUTBOUND, NULL,
                                     user == NULL ? NULL : &identity, NULL, NULL, &end->cred, NULL);
}

static SECURITY_STATUS find_alice(void *argument, const char *user, const char *realm,
                                  const char *algorithm, unsigned char *hash, size_t size)
{
    struct digest_secret secret;

    (void)argument;
    if (strcmp(user, DIGEST_END_USER) != 0 || strcmp(realm, DIGEST_END_REALM) != 0 ||
        digest_secret_make(digest_algorithm_find(algorithm), user, realm, DIGEST_END_PASSWORD,
                           &secret) != SEC_E_OK)
        return SEC_E_LOGON_DENIED;
    memcpy(hash, secret.hash, size);
    return SEC_E_OK;
}

SECURITY_STATUS digest_server_open(struct digest_end *end, const char *principal,
                                   const struct sspi_digest_server *settings)
{
    struct sspi_digest_server alice = {.realm = DIGEST_END_REALM, .find = find_alice};
    char package[] = "wdigest", *name = NULL;
    SECURITY_STATUS status;

    memset(end, 0, sizeof(*end));
    end->inbound = true;
    if (principal != NULL)
        name = copy_of(principal, strlen(principal) + 1);
    status = AcquireCredentialsHandleA(name, package, SECPKG_CRED_INBOUND, NULL, NULL, NULL, NULL,
                                       &end->cred, NULL);
    free(name);
    if (status != SEC_E_OK)
        return status;
    return SetCredentialsAttributesA(&end->cred, SSPI_CRED_ATTR_DIGEST_SERVER,
                                     (void *)(uintptr_t)(settings != NULL ? settings : &alice),
                                     sizeof(alice));
}

SECURITY_STATUS digest_server_open_for(struct digest_end *end, const char *algorithm)
{
    struct sspi_digest_server alice = {
        .algorithm = algorithm, .realm = DIGEST_END_REALM, .find = find_alice};

    return digest_server_open(end, NULL, &alice);
}

SECURITY_STATUS digest_leg(struct digest_end *end, const struct digest_ask *ask, const void *in,
                           size_t size)
{
    char *copy = copy_of(in, size);
    char *target = ask->uri == NULL ? NULL : copy_of(ask->uri, strlen(ask->uri) + 1);
    SecBuffer input[4] = {{(ULONG)size, SECBUFFER_TOKEN, copy}, params(ask->method)};
    SecBuffer output = {ROOM(end), SECBUFFER_TOKEN, end->token};
    SecBufferDesc in_list = {SECBUFFER_VERSION, end->inbound ? 4 : 3, input};
    SecBufferDesc out_list = {SECBUFFER_VERSION, 1, &output};
    PCtxtHandle old = end->open ? &end->ctx : NULL;
    SECURITY_STATUS status;

    input[2] = params(end->inbound ? ask->uri : ask->entity);
    input[3] = params(ask->entity);
    status = end->inbound
                 ? AcceptSecurityContext(&end->cred, old, &in_list, ask->flags, 0, &end->ctx,
                                         &out_list, &end->attributes, NULL)
                 : InitializeSecurityContextA(&end->cred, old, target, ask->flags, 0, 0, &in_list,
                                              0, &end->ctx, &out_list, &end->attributes, NULL);
    end->open = end->open || status >= 0;
    end->size = status >= 0 ? output.cbBuffer : 0;
    end->token[end->size] = '\0';
    free(copy);
    free(target);
    return status;
}

SECURITY_STATUS digest_make(struct digest_end *end, const struct digest_ask *ask)
{
    SecBuffer buffers[] = {{0, SECBUFFER_TOKEN, NULL},
                           params(ask->method),
                           params(ask->uri),
                           params(ask->entity),
                           {ROOM(end), SECBUFFER_PADDING, end->token}};
    SecBufferDesc list = {SECBUFFER_VERSION, 5, buffers};
    SECURITY_STATUS status = MakeSignature(&end->ctx, 0, &list, 0);

    end->size = status == SEC_E_OK ? buffers[4].cbBuffer : 0;
    end->token[end->size] = '\0';
    return status;
}

SECURITY_STATUS digest_verify(struct digest_end *end, const struct digest_ask *ask, const void *in,
                              size_t size)
{
    SecBuffer buffers[] = {{(ULONG)size, SECBUFFER_TOKEN, (void *)(uintptr_t)in},
                           params(ask->method),
                           params(ask->uri),
                           params(ask->entity)};
    SecBufferDesc list = {SECBUFFER_VERSION, 4, buffers};

    return VerifySignature(&end->ctx, &list, 0, NULL);
}

SECURITY_STATUS digest_complete(struct digest_end *end, const struct digest_ask *ask)
{
    SecBuffer buffers[] = {params(ask->method), params(ask->uri), params(ask->entity)};
    SecBufferDesc list = {SECBUFFER_VERSION, 3, buffers};

    return CompleteAuthToken(&end->ctx, &list);
}

void digest_end_reset(struct digest_end *end)
{
    if (end->open)
        DeleteSecurityContext(&end->ctx);
    end->open = false;
}

void digest_end_close(struct digest_end *end)
{
    digest_end_reset(end);
    FreeCredentialsHandle(&end->cred);
}

SECURITY_STATUS digest_exchange(struct digest_end *client, struct digest_end *server,
                                const struct digest_ask *ask)
{
    SECURITY_STATUS status = digest_leg(server, ask, NULL, 0);

    return status == SEC_I_CONTINUE_NEEDED ? digest_leg(client, ask, server->token, server->size)
                                           : status;
}
