/* SPDX-License-Identifier: MIT */
/* See ends.h. */
#include "ends.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LEGS_MAX 8

static const struct {
    char package[16], list[16];
} kinds[KINDS] = {
    [KIND_KERBEROS] = {"Kerberos", ""},
    [KIND_NTLM] = {"NTLM", ""},
    [KIND_NEGOTIATE] = {"Negotiate", "!ntlm"},
    [KIND_NEGOTIATE_NTLM] = {"Negotiate", "!kerberos"},
};

CredHandle *ends_credential(enum kind kind, bool inbound)
{
    static CredHandle handles[KINDS][2];
    static bool known[KINDS][2];
    CredHandle *handle = &handles[kind][inbound];
    char package[sizeof kinds[0].package], list[sizeof kinds[0].list];
    SEC_WINNT_AUTH_IDENTITY_EXA identity = {
        .Version = SEC_WINNT_AUTH_IDENTITY_VERSION,
        .Length = sizeof identity,
        .Flags = SEC_WINNT_AUTH_IDENTITY_ANSI,
        .PackageList = (unsigned char *)list,
    };
    SECURITY_STATUS status;

    if (known[kind][inbound])
        return handle;
    memcpy(package, kinds[kind].package, sizeof package);
    memcpy(list, kinds[kind].list, sizeof list);
    identity.PackageListLength = (ULONG)strlen(list);
    status = AcquireCredentialsHandleA(
        NULL, package, inbound ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND, NULL,
        inbound || list[0] == '\0' ? NULL : &identity, NULL, NULL, handle, NULL);
    fuzz_check(status == SEC_E_OK, "there are credentials");
    known[kind][inbound] = true;
    return handle;
}

ULONG ends_request(uint32_t bits, bool inbound)
{
    const ULONG isc = ISC_REQ_MUTUAL_AUTH | ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT |
                      ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY | ISC_REQ_USE_DCE_STYLE |
                      ISC_REQ_IDENTIFY | ISC_REQ_EXTENDED_ERROR | ISC_REQ_CONNECTION |
                      ISC_REQ_DELEGATE | ISC_REQ_NO_INTEGRITY;
    const ULONG asc = ASC_REQ_MUTUAL_AUTH | ASC_REQ_REPLAY_DETECT | ASC_REQ_SEQUENCE_DETECT |
                      ASC_REQ_CONFIDENTIALITY | ASC_REQ_INTEGRITY | ASC_REQ_USE_DCE_STYLE |
                      ASC_REQ_IDENTIFY | ASC_REQ_EXTENDED_ERROR | ASC_REQ_CONNECTION |
                      ASC_REQ_ALLOW_MISSING_BINDINGS;

    return bits & (inbound ? asc : isc);
}

void end_init(struct end *end, enum kind kind, bool inbound, ULONG request)
{
    *end = (struct end){.kind = kind, .inbound = inbound, .request = request};
    end->status = SEC_I_CONTINUE_NEEDED;
    end->token = malloc(TOKEN_MAX);
    if (end->token == NULL)
        exit(EXIT_FAILURE);
}

void end_step(struct end *end, const void *token, size_t size)
{
    static SEC_CHAR target[] = "HTTP/localhost";
    union {
        const void *in;
        void *out;
    } pointer = {token};
    SecBuffer in[2] = {{(ULONG)size, SECBUFFER_TOKEN, pointer.out}, end->bindings};
    SecBuffer out = {TOKEN_MAX, SECBUFFER_TOKEN, end->token};
    SecBufferDesc in_desc = {SECBUFFER_VERSION, end->bindings.cbBuffer > 0 ? 2 : 1, in};
    SecBufferDesc out_desc = {SECBUFFER_VERSION, 1, &out};
    CtxtHandle *old = end->open ? &end->ctx : NULL;
    CredHandle *cred = end->cred != NULL ? end->cred : ends_credential(end->kind, end->inbound);

    if (end->inbound)
        end->status = (end->sasl ? SaslAcceptSecurityContext : AcceptSecurityContext)(
            cred, old, &in_desc, end->request, SECURITY_NATIVE_DREP, &end->ctx, &out_desc,
            &end->granted, NULL);
    else
        end->status = (end->sasl ? SaslInitializeSecurityContextA : InitializeSecurityContextA)(
            cred, old, target, end->request, 0, SECURITY_NATIVE_DREP,
            token == NULL && end->bindings.cbBuffer == 0 ? NULL : &in_desc, 0, &end->ctx, &out_desc,
            &end->granted, NULL);
    end->open = end->open || end->status >= 0;
    end->size = out.cbBuffer;
    fuzz_check(end->size <= TOKEN_MAX, "an output fits its buffer");
}

void end_free(struct end *end)
{
    if (end->open)
        fuzz_check(DeleteSecurityContext(&end->ctx) == SEC_E_OK, "a context can be deleted");
    end->open = false;
    free(end->token);
    end->token = NULL;
}

/* gss-ntlmssp finds an account in either case of letters, and by its name alone where no domain is
 * given; then it asks for its proof. */
static bool is_alice(const char *name)
{
    return strcmp(name, "alice@" FUZZ_REALM) == 0 || strcasecmp(name, FUZZ_DOMAIN "\\alice") == 0 ||
           strcasecmp(name, "alice") == 0;
}

void end_check_client(struct end *end)
{
    SecPkgContext_NamesA names = {NULL};

    if (!end->inbound || end->status != SEC_E_OK)
        return;
    fuzz_check(QueryContextAttributesA(&end->ctx, SECPKG_ATTR_NAMES, &names) == SEC_E_OK,
               "an accepted client has a name");
    fuzz_check(is_alice((const char *)names.sUserName), "an accepted client is alice");
    FreeContextBuffer(names.sUserName);
}

void ends_establish(struct end *client, struct end *server)
{
    end_step(client, NULL, 0);
    for (int leg = 0; leg < LEGS_MAX; leg++) {
        struct end *to = leg % 2 ? client : server, *from = leg % 2 ? server : client;

        if (from->status == SEC_E_OK && from->size == 0)
            break;
        end_step(to, from->token, from->size);
        fuzz_check(to->status >= 0, "both ends agree");
    }
    fuzz_check(client->status == SEC_E_OK && server->status == SEC_E_OK, "both ends are done");
}
