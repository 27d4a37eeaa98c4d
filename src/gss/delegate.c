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

/* The local account that the client maps to: auth_to_local for Kerberos. */
static bool local_uid(struct gss_context *context, uid_t *uid)
{
    gss_buffer_desc local = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    struct passwd entry, *found = NULL;
    char *name = NULL, *space = NULL;
    long size = sysconf(_SC_GETPW_R_SIZE_MAX);

    if (gss_localname(&minor, context->initiator, context->mech, &local) != GSS_S_COMPLETE)
        return false;
    name = strndup(local.value, local.length);
    gss_release_buffer(&minor, &local);
    if (size < 1024)
        size = 16384;
    space = malloc((size_t)size);
    if (name != NULL && space != NULL &&
        getpwnam_r(name, &entry, space, (size_t)size, &found) == 0 && found != NULL)
        *uid = found->pw_uid;
    free(space);
    free(name);
    return found != NULL;
}

SECURITY_STATUS gsspkg_ctx_token(struct ctx *ctx, struct token **out)
{
    struct gss_context *context = (struct gss_context *)ctx;
    struct token_init init = {.sid = NULL};
    struct token_sid sid;
    char *client;
    uid_t uid = 0;
    SECURITY_STATUS status;

    if (!ctx->inbound) {
        native_error_set("only the server side of a context has a client to act for");
        return SEC_E_NO_IMPERSONATION;
    }
    status = gss_context_client(context, &client);
    if (status != SEC_E_OK)
        return status;
    if (local_uid(context, &uid)) {
        sid_of_uid(uid, &sid);
        init.sid = &sid;
    }
    init.user_name = client;
    init.identify_only = (context->granted & GSS_C_IDENTIFY_FLAG) != 0;
    if (context->delegated != NULL)
        init.delegated = &context->delegated->object;
    *out = token_new(&init);
    free(client);
    return *out == NULL ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_OK;
}
