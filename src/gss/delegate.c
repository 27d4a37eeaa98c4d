/* SPDX-License-Identifier: MIT */
/*
 * Acting for a client: the access token of an established acceptor context. Its credentials are the
 * ticket the client forwarded, or the evidence for S4U2Proxy where only constrained delegation
 * exists.
 */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/native.h"
#include "gss/gsspkg.h"
#include "gss/oid.h"

/* S-1-22-1-<uid>: the identifier that Samba gives to a Unix user without one of a domain. */
static void sid_of_uid(uid_t uid, struct token_sid *sid)
{
    static const unsigned char head[] = {1, 2, 0, 0, 0, 0, 0, 22, 1, 0, 0, 0};

    memcpy(sid->data, head, sizeof(head));
    for (unsigned i = 0; i < 4; i++)
        sid->data[sizeof(head) + i] = (unsigned char)(uid >> (8 * i));
    sid->size = sizeof(head) + 4;
}

/* What is known of the client, asked for at one time: another thread may begin the context anew. */
struct client {
    char *name, *local; /* as the mechanism has it; the account it maps to here, or NULL */
    struct tickets *delegated;
    bool identify_only;
};

/* The local account that the client maps to: auth_to_local for Kerberos. */
static char *local_name(struct gss_context *context)
{
    gss_buffer_desc local = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    char *name;

    if (gss_localname(&minor, context->initiator, context->mech, &local) != GSS_S_COMPLETE)
        return NULL;
    name = strndup(local.value, local.length);
    gss_release_buffer(&minor, &local);
    return name;
}

static SECURITY_STATUS client_ask(struct gss_context *context, struct client *client)
{
    SECURITY_STATUS status = gss_context_enter(context);

    *client = (struct client){NULL, NULL, NULL, false};
    if (status != SEC_E_OK)
        return status;
    status = gss_context_client(context, &client->name);
    if (status == SEC_E_OK) {
        client->local = local_name(context);
        client->identify_only = (context->granted & GSS_C_IDENTIFY_FLAG) != 0;
        client->delegated = context->delegated;
        if (client->delegated != NULL)
            object_ref(&client->delegated->object);
    }
    gss_context_leave(context);
    return status;
}

static void client_forget(struct client *client)
{
    free(client->name);
    free(client->local);
    if (client->delegated != NULL)
        object_unref(&client->delegated->object);
}

static bool uid_find(const char *name, uid_t *uid)
{
    struct passwd entry, *found = NULL;
    long size = sysconf(_SC_GETPW_R_SIZE_MAX);
    char *space;

    if (size < 1024)
        size = 16384;
    space = malloc((size_t)size);
    if (space != NULL && getpwnam_r(name, &entry, space, (size_t)size, &found) == 0 &&
        found != NULL)
        *uid = found->pw_uid;
    free(space);
    return found != NULL;
}

SECURITY_STATUS gsspkg_ctx_token(struct ctx *ctx, struct token **out)
{
    struct token_init init = {.sid = NULL};
    struct token_sid sid;
    struct client client;
    uid_t uid = 0;
    SECURITY_STATUS status;

    if (!ctx->inbound) {
        native_error_set("only the server side of a context has a client to act for");
        return SEC_E_NO_IMPERSONATION;
    }
    status = client_ask((struct gss_context *)ctx, &client);
    if (status != SEC_E_OK)
        return status;
    if (client.local != NULL && uid_find(client.local, &uid)) {
        sid_of_uid(uid, &sid);
        init.sid = &sid;
    }
    init.user_name = client.name;
    init.identify_only = client.identify_only;
    if (client.delegated != NULL)
        init.delegated = &client.delegated->object;
    *out = token_new(&init);
    client_forget(&client);
    return *out == NULL ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_OK;
}
