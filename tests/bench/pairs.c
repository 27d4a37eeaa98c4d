/* SPDX-License-Identifier: MIT */
/* Both sides of the comparison as a program would write them. */
#include "bench/pairs.h"

#include <sspi_linux.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bench/measure.h"

#define TARGET_BARE  "HTTP@localhost"
#define TOKEN_SIZE   16384
#define EMPTY_KEYTAB "MEMORY:bench-without-keys"
#define REQUEST_FLAGS                                                                              \
    (ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT | ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY)
#define BARE_FLAGS (GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG)
#define ACCEPT_FLAGS                                                                               \
    (ASC_REQ_REPLAY_DETECT | ASC_REQ_SEQUENCE_DETECT | ASC_REQ_CONFIDENTIALITY | ASC_REQ_INTEGRITY)

#define OID(der)                                                                                   \
    {                                                                                              \
        {                                                                                          \
            sizeof(der) - 1, (void *)(uintptr_t)der                                                \
        }                                                                                          \
    }

gss_OID_desc mech_krb5[1] = OID("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02");
gss_OID_desc mech_ntlm[1] = OID("\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a");
gss_OID_desc mech_spnego[1] = OID("\x2b\x06\x01\x05\x05\x02");

/* --- Servers without a Kerberos key --------------------------------------------------------- */

static char *keytab_hide(const struct setting *setting)
{
    const char *now = getenv("KRB5_KTNAME");
    char *before = now != NULL ? strdup(now) : NULL;

    if (setting->traits & SETTING_SERVER_NTLM)
        setenv("KRB5_KTNAME", EMPTY_KEYTAB, 1);
    return before;
}

static void keytab_show(char *before)
{
    if (before != NULL)
        setenv("KRB5_KTNAME", before, 1);
    free(before);
}

/* --- SSPI ----------------------------------------------------------------------------------- */

static void sspi_check(const char *call, SECURITY_STATUS status)
{
    if (status < 0)
        die("%s: %s: %s", call, sspi_status_name(status), sspi_native_error());
}

static void sspi_acquire_one(const struct setting *setting, ULONG use, void *identity,
                             CredHandle *handle)
{
    SEC_CHAR *package = (SEC_CHAR *)(uintptr_t)setting->package;
    TimeStamp expiry;

    sspi_check(
        "AcquireCredentialsHandle",
        AcquireCredentialsHandleA(NULL, package, use, NULL, identity, NULL, NULL, handle, &expiry));
}

void sspi_acquire(const struct setting *setting, void *identity, struct sspi_end *end)
{
    char *keytab;

    end->flags = REQUEST_FLAGS | ((setting->traits & SETTING_MUTUAL) ? ISC_REQ_MUTUAL_AUTH : 0);
    sspi_acquire_one(setting, SECPKG_CRED_OUTBOUND, identity, &end->client);
    keytab = keytab_hide(setting);
    sspi_acquire_one(setting, SECPKG_CRED_INBOUND, NULL, &end->server);
    keytab_show(keytab);
}

void sspi_release(struct sspi_end *end)
{
    FreeCredentialsHandle(&end->client);
    FreeCredentialsHandle(&end->server);
}

void sspi_establish(struct sspi_end *end, CtxtHandle *client, CtxtHandle *server)
{
    static unsigned char to_server[TOKEN_SIZE], to_client[TOKEN_SIZE];
    SecBuffer up = {0, SECBUFFER_TOKEN, to_server}, down = {0, SECBUFFER_TOKEN, to_client};
    SecBufferDesc request = {SECBUFFER_VERSION, 1, &up}, answer = {SECBUFFER_VERSION, 1, &down};
    SECURITY_STATUS ours = SEC_I_CONTINUE_NEEDED, theirs = SEC_I_CONTINUE_NEEDED;
    bool first = true;
    ULONG flags;
    TimeStamp expiry;

    while (ours != SEC_E_OK || theirs != SEC_E_OK) {
        up.cbBuffer = TOKEN_SIZE;
        ours = InitializeSecurityContextA(
            &end->client, first ? NULL : client, (SEC_CHAR *)(uintptr_t)TARGET_SPN, end->flags, 0,
            SECURITY_NATIVE_DREP, first ? NULL : &answer, 0, client, &request, &flags, &expiry);
        sspi_check("InitializeSecurityContext", ours);
        if (up.cbBuffer != 0) {
            down.cbBuffer = TOKEN_SIZE;
            theirs =
                AcceptSecurityContext(&end->server, first ? NULL : server, &request, ACCEPT_FLAGS,
                                      SECURITY_NATIVE_DREP, server, &answer, &flags, &expiry);
            sspi_check("AcceptSecurityContext", theirs);
        }
        first = false;
    }
}

void sspi_delete(CtxtHandle *client, CtxtHandle *server)
{
    DeleteSecurityContext(client);
    DeleteSecurityContext(server);
}

/* --- Bare GSS-API --------------------------------------------------------------------------- */

static void gss_check(const char *call, OM_uint32 major, OM_uint32 minor)
{
    OM_uint32 ignored, more = 0;
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;

    if (!GSS_ERROR(major))
        return;
    (void)gss_display_status(&ignored, major, GSS_C_GSS_CODE, GSS_C_NO_OID, &more, &text);
    die("%s: %.*s [%u/%u]", call, (int)text.length, (const char *)text.value, (unsigned)major,
        (unsigned)minor);
}

static void gss_acquire_one(gss_OID mech, gss_cred_usage_t usage, gss_cred_id_t *cred)
{
    gss_OID_set_desc wanted = {1, mech};
    OM_uint32 minor, major = gss_acquire_cred(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &wanted,
                                              usage, cred, NULL, NULL);

    gss_check("gss_acquire_cred", major, minor);
}

/* What may be negotiated: Kerberos before NTLM. */
static void gss_limit(gss_cred_id_t cred, bool with_krb5)
{
    gss_OID_desc both[] = {*mech_krb5, *mech_ntlm};
    gss_OID_set_desc set = {with_krb5 ? 2 : 1, with_krb5 ? both : both + 1};
    OM_uint32 minor, major = gss_set_neg_mechs(&minor, cred, &set);

    gss_check("gss_set_neg_mechs", major, minor);
}

static void name_canonicalize(const struct setting *setting, gss_name_t *name)
{
    gss_name_t canonical = GSS_C_NO_NAME;
    OM_uint32 minor, major = gss_canonicalize_name(&minor, *name, setting->mech, &canonical);

    gss_check("gss_canonicalize_name", major, minor);
    gss_release_name(&minor, name);
    *name = canonical;
}

void gss_acquire(const struct setting *setting, struct gss_end *end)
{
    gss_buffer_desc name = {sizeof(TARGET_BARE) - 1, (void *)(uintptr_t)TARGET_BARE};
    OM_uint32 minor, major;
    char *keytab;

    end->mech = setting->mech;
    end->flags = BARE_FLAGS | ((setting->traits & SETTING_MUTUAL) ? GSS_C_MUTUAL_FLAG : 0);
    major = gss_import_name(&minor, &name, GSS_C_NT_HOSTBASED_SERVICE, &end->target);
    gss_check("gss_import_name", major, minor);
    if (setting->traits & SETTING_CANONICAL)
        name_canonicalize(setting, &end->target);
    gss_acquire_one(setting->mech, GSS_C_INITIATE, &end->client);
    keytab = keytab_hide(setting);
    gss_acquire_one(setting->mech, GSS_C_ACCEPT, &end->server);
    keytab_show(keytab);
    if (setting->mech == mech_spnego) {
        gss_limit(end->client, true);
        gss_limit(end->server, !(setting->traits & SETTING_SERVER_NTLM));
    }
}

void gss_release(struct gss_end *end)
{
    OM_uint32 minor;

    gss_release_cred(&minor, &end->client);
    gss_release_cred(&minor, &end->server);
    gss_release_name(&minor, &end->target);
}

/* A server wants to know who came and a client until when it may stay: both are asked for. */
void gss_establish(struct gss_end *end, gss_ctx_id_t *client, gss_ctx_id_t *server)
{
    gss_buffer_desc up = GSS_C_EMPTY_BUFFER, down = GSS_C_EMPTY_BUFFER;
    OM_uint32 major, minor, flags, lifetime;
    bool ours = false, theirs = false;
    gss_name_t name = GSS_C_NO_NAME;
    gss_OID mech;

    *client = *server = GSS_C_NO_CONTEXT;
    while (!ours || !theirs) {
        major =
            gss_init_sec_context(&minor, end->client, client, end->target, end->mech, end->flags, 0,
                                 GSS_C_NO_CHANNEL_BINDINGS, &down, &mech, &up, &flags, &lifetime);
        gss_check("gss_init_sec_context", major, minor);
        gss_release_buffer(&minor, &down);
        ours = !(major & GSS_S_CONTINUE_NEEDED);
        if (up.length != 0) {
            major =
                gss_accept_sec_context(&minor, server, end->server, &up, GSS_C_NO_CHANNEL_BINDINGS,
                                       &name, &mech, &down, &flags, &lifetime, NULL);
            gss_check("gss_accept_sec_context", major, minor);
            gss_release_buffer(&minor, &up);
            theirs = !(major & GSS_S_CONTINUE_NEEDED);
        }
    }
    gss_release_buffer(&minor, &down);
    gss_release_name(&minor, &name);
}

void gss_delete(gss_ctx_id_t *client, gss_ctx_id_t *server)
{
    OM_uint32 minor;

    gss_delete_sec_context(&minor, client, GSS_C_NO_BUFFER);
    gss_delete_sec_context(&minor, server, GSS_C_NO_BUFFER);
}
