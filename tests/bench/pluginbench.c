/* SPDX-License-Identifier: MIT */
/*
 * What a context costs by GSS-API and mech_sspi.so beside the same package by SSPI. Both programs
 * want to know who came and for how long. Runs inside a realm (tests/world/with-realm --tickets
 * HTTP/localhost), with mech_sspi.conf of the build in GSS_MECH_CONFIG.
 */
#define SCHANNEL_USE_BLACKLISTS
#include <windows.h>

#include <credssp.h>
#include <gssapi/gssapi_ext.h>
#include <schannel.h>
#include <security.h>
#include <sspi_linux.h>
#include <stdlib.h>
#include <string.h>
#include <wincrypt.h>

#include "bench/creds.h"
#include "bench/report.h"
#include "bench/tls.h"

#define BLOCK_CONTEXTS 64U
#define COUNT(array)   (sizeof(array) / sizeof((array)[0]))

/* What the project promises. */
static const struct target target_context = {.ratio = 1.03};

static const struct plugin_case {
    const char *name, *package, *oid;
    const char *spn, *host_based;
    bool tls, logon;
} cases[] = {
    {"Negotiate, Kerberos", "Negotiate", "2.25.12178915329928663505.1", "HTTP/localhost",
     "HTTP@localhost", false, false},
    {"TLS 1.3", UNISP_NAME_A, "2.25.12178915329928663505.2", TLS_TARGET, "HTTP@" TLS_TARGET, true,
     false},
    {"CredSSP, Kerberos", CREDSSP_NAME_A, "2.25.12178915329928663505.3", "HTTP/localhost",
     "HTTP@localhost", true, true},
};

/* --- The world ------------------------------------------------------------------------------ */

static const char *world_path(const char *name)
{
    char *path;

    if (getenv("WORLD") == NULL || asprintf(&path, "%s/%s", getenv("WORLD"), name) < 0)
        die("WORLD is not set: this runs inside tests/world/with-realm");
    return path;
}

static void file_write(const char *path, const void *data, size_t size)
{
    FILE *file = fopen(path, "w");

    if (file == NULL || fwrite(data, 1, size, file) != size || fclose(file) != 0)
        die("%s cannot be written", path);
}

static char *password_of_alice(void)
{
    static char password[128];
    FILE *file = fopen(world_path("password/alice"), "r");

    if (file == NULL || fgets(password, sizeof(password), file) == NULL)
        die("alice has no password");
    fclose(file);
    password[strcspn(password, "\n")] = '\0';
    return password;
}

/* The server's certificate is its own authority. */
static const char *certificate_file(void)
{
    const gnutls_datum_t *pem = tls_pem(false);
    const char *path = world_path("bench.pem");

    file_write(path, pem->data, pem->size);
    setenv("SSPI_CERT_ROOT", path, 1);
    return path;
}

/* --- By SSPI -------------------------------------------------------------------------------- */

struct sspi_side {
    const struct plugin_case *kind;
    CredHandle client, server;
    ULONG request, accept;
};

static void check(const char *call, SECURITY_STATUS status)
{
    if (status < 0)
        die("%s: %s: %s", call, sspi_status_name(status), sspi_native_error());
}

static void sspi_get(const struct plugin_case *kind, ULONG use, void *data, CredHandle *handle)
{
    check("AcquireCredentialsHandle",
          AcquireCredentialsHandleA(NULL, (SEC_CHAR *)(uintptr_t)kind->package, use, NULL, data,
                                    NULL, NULL, handle, NULL));
}

static PCCERT_CONTEXT certificate_open(void)
{
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_FILENAME_A, X509_ASN_ENCODING, 0,
                                     CERT_STORE_OPEN_EXISTING_FLAG, certificate_file());
    PCCERT_CONTEXT cert = store == NULL ? NULL : CertEnumCertificatesInStore(store, NULL);

    if (cert == NULL)
        die("the certificate cannot be read: %u", (unsigned)GetLastError());
    CertCloseStore(store, 0);
    return cert;
}

static void sspi_tls_open(struct sspi_side *side)
{
    PCCERT_CONTEXT cert = certificate_open();
    SCH_CREDENTIALS client = {.dwVersion = SCH_CREDENTIALS_VERSION,
                              .dwFlags = SCH_CRED_NO_DEFAULT_CREDS | SCH_USE_STRONG_CRYPTO};
    SCH_CREDENTIALS server = {.dwVersion = SCH_CREDENTIALS_VERSION,
                              .cCreds = 1,
                              .paCred = &cert,
                              .dwFlags = SCH_CRED_DISABLE_RECONNECTS};
    SEC_WINNT_AUTH_IDENTITY_A alice = {.User = (unsigned char *)(uintptr_t) "alice",
                                       .UserLength = 5,
                                       .Flags = SEC_WINNT_AUTH_IDENTITY_ANSI};
    CREDSSP_CRED client_both = {CredsspPasswordCreds, &client, &alice};
    CREDSSP_CRED server_both = {CredsspPasswordCreds, &server, NULL};

    alice.Password = (unsigned char *)password_of_alice();
    alice.PasswordLength = (ULONG)strlen((char *)alice.Password);
    client.dwFlags |=
        side->kind->logon ? SCH_CRED_MANUAL_CRED_VALIDATION : SCH_CRED_AUTO_CRED_VALIDATION;
    sspi_get(side->kind, SECPKG_CRED_OUTBOUND, side->kind->logon ? (void *)&client_both : &client,
             &side->client);
    sspi_get(side->kind, SECPKG_CRED_INBOUND, side->kind->logon ? (void *)&server_both : &server,
             &side->server);
    CertFreeCertificateContext(cert);
}

static void sspi_open(const struct plugin_case *kind, struct sspi_side *side)
{
    *side = (struct sspi_side){
        .kind = kind,
        .request = ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_EXTENDED_ERROR | ISC_REQ_USE_SUPPLIED_CREDS |
                   ISC_REQ_MUTUAL_AUTH | ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY,
        .accept = ASC_REQ_ALLOCATE_MEMORY | ASC_REQ_EXTENDED_ERROR | ASC_REQ_CONFIDENTIALITY |
                  ASC_REQ_INTEGRITY | ASC_REQ_ALLOW_MISSING_BINDINGS,
    };
    if (kind->tls) {
        sspi_tls_open(side);
    } else {
        sspi_get(kind, SECPKG_CRED_OUTBOUND, NULL, &side->client);
        sspi_get(kind, SECPKG_CRED_INBOUND, NULL, &side->server);
    }
}

static void sspi_close(struct sspi_side *side)
{
    FreeCredentialsHandle(&side->client);
    FreeCredentialsHandle(&side->server);
}

/* Who came: by his logon, or by his certificate, of which there is none. */
static void sspi_ask(const struct sspi_side *side, CtxtHandle *server)
{
    SecPkgContext_NativeNamesA names = {0};
    PCCERT_CONTEXT cert = NULL;

    if (side->kind->tls && !side->kind->logon) {
        if (QueryContextAttributesA(server, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &cert) == SEC_E_OK)
            die("a certificate of nobody");
        return;
    }
    check("QueryContextAttributes",
          QueryContextAttributesA(server, SECPKG_ATTR_NATIVE_NAMES, &names));
    FreeContextBuffer(names.sClientName);
    FreeContextBuffer(names.sServerName);
}

static void sspi_context(struct sspi_side *side)
{
    SecBuffer up = {0, SECBUFFER_TOKEN, NULL}, down[2] = {{0, SECBUFFER_TOKEN, NULL}};
    SECURITY_STATUS ours = SEC_I_CONTINUE_NEEDED, theirs = SEC_I_CONTINUE_NEEDED;
    CtxtHandle client, server;
    TimeStamp expiry;
    ULONG flags;
    bool first = true;

    while (ours == SEC_I_CONTINUE_NEEDED || theirs == SEC_I_CONTINUE_NEEDED) {
        SecBuffer to_client[2] = {down[0], {0, SECBUFFER_EMPTY, NULL}}, to_server[2];
        SecBufferDesc in = {SECBUFFER_VERSION, 2, to_client}, out = {SECBUFFER_VERSION, 1, &up};
        SecBufferDesc request = {SECBUFFER_VERSION, 2, to_server};
        SecBufferDesc answer = {SECBUFFER_VERSION, 1, down};

        up.pvBuffer = NULL;
        ours = InitializeSecurityContextA(&side->client, first ? NULL : &client,
                                          (SEC_CHAR *)(uintptr_t)side->kind->spn, side->request, 0,
                                          0, first ? NULL : &in, 0, &client, &out, &flags, &expiry);
        check("InitializeSecurityContext", ours);
        FreeContextBuffer(down[0].pvBuffer);
        down[0] = (SecBuffer){0, SECBUFFER_TOKEN, NULL};
        if (up.pvBuffer == NULL)
            break;
        to_server[0] = up;
        to_server[1] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
        theirs = AcceptSecurityContext(&side->server, first ? NULL : &server, &request,
                                       side->accept, 0, &server, &answer, &flags, &expiry);
        check("AcceptSecurityContext", theirs);
        FreeContextBuffer(up.pvBuffer);
        first = false;
    }
    sspi_ask(side, &server);
    DeleteSecurityContext(&client);
    DeleteSecurityContext(&server);
}

static void sspi_run(void *data, unsigned count)
{
    while (count-- != 0)
        sspi_context(data);
}

/* --- By GSS-API ----------------------------------------------------------------------------- */

struct gss_side {
    gss_OID mech;
    gss_cred_id_t client, server;
    gss_name_t target;
};

static void gss_check(const char *call, OM_uint32 major, OM_uint32 minor, gss_OID mech)
{
    OM_uint32 ignored, more = 0;
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;

    if (!GSS_ERROR(major))
        return;
    (void)gss_display_status(&ignored, minor, GSS_C_MECH_CODE, mech, &more, &text);
    die("%s: %.*s [0x%x]", call, (int)text.length, (const char *)text.value, (unsigned)major);
}

static gss_name_t gss_name(const char *text, gss_OID type)
{
    gss_buffer_desc buffer = {strlen(text), (void *)(uintptr_t)text};
    gss_name_t name;
    OM_uint32 minor, major = gss_import_name(&minor, &buffer, type, &name);

    gss_check("gss_import_name", major, minor, GSS_C_NO_OID);
    return name;
}

static gss_cred_id_t gss_get(struct gss_side *side, const char *user, gss_cred_usage_t usage,
                             const char *key, const char *value)
{
    gss_key_value_element_desc elements[] = {{"framing", "gss"}, {key, value}};
    gss_key_value_set_desc store = {key == NULL ? 1 : 2, elements};
    gss_OID_set_desc mechs = {1, side->mech};
    gss_name_t name = user == NULL ? GSS_C_NO_NAME : gss_name(user, GSS_C_NT_USER_NAME);
    gss_cred_id_t cred;
    OM_uint32 minor,
        major = gss_acquire_cred_from(&minor, name, 0, &mechs, usage, &store, &cred, NULL, NULL);

    gss_check("gss_acquire_cred_from", major, minor, side->mech);
    gss_release_name(&minor, &name);
    return cred;
}

/* The target as the mechanism has it: a program that keeps it, keeps this. */
static gss_name_t gss_target(const struct plugin_case *kind, gss_OID mech)
{
    gss_name_t name = gss_name(kind->host_based, GSS_C_NT_HOSTBASED_SERVICE), canonical;
    OM_uint32 minor, major = gss_canonicalize_name(&minor, name, mech, &canonical);

    gss_check("gss_canonicalize_name", major, minor, mech);
    gss_release_name(&minor, &name);
    return canonical;
}

static void gss_open(const struct plugin_case *kind, struct gss_side *side)
{
    gss_buffer_desc oid = {strlen(kind->oid), (void *)(uintptr_t)kind->oid};
    OM_uint32 minor, major = gss_str_to_oid(&minor, &oid, &side->mech);

    gss_check("gss_str_to_oid", major, minor, GSS_C_NO_OID);
    side->target = gss_target(kind, side->mech);
    side->client = kind->logon
                       ? gss_get(side, "alice", GSS_C_INITIATE, "password", password_of_alice())
                       : gss_get(side, NULL, GSS_C_INITIATE, NULL, NULL);
    side->server = kind->tls ? gss_get(side, NULL, GSS_C_ACCEPT, "certificate", certificate_file())
                             : gss_get(side, NULL, GSS_C_ACCEPT, NULL, NULL);
}

static void gss_close(struct gss_side *side)
{
    OM_uint32 minor;

    gss_release_cred(&minor, &side->client);
    gss_release_cred(&minor, &side->server);
    gss_release_name(&minor, &side->target);
    gss_release_oid(&minor, &side->mech);
}

static void gss_context(struct gss_side *side)
{
    const OM_uint32 request = GSS_C_MUTUAL_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG;
    gss_buffer_desc up = GSS_C_EMPTY_BUFFER, down = GSS_C_EMPTY_BUFFER;
    OM_uint32 ours = GSS_S_CONTINUE_NEEDED, theirs = GSS_S_CONTINUE_NEEDED, minor, flags, left;
    gss_ctx_id_t client = GSS_C_NO_CONTEXT, server = GSS_C_NO_CONTEXT;
    gss_name_t who = GSS_C_NO_NAME;

    while (ours == GSS_S_CONTINUE_NEEDED || theirs == GSS_S_CONTINUE_NEEDED) {
        ours =
            gss_init_sec_context(&minor, side->client, &client, side->target, side->mech, request,
                                 0, GSS_C_NO_CHANNEL_BINDINGS, &down, NULL, &up, &flags, &left);
        gss_check("gss_init_sec_context", ours, minor, side->mech);
        gss_release_buffer(&minor, &down);
        if (up.length == 0)
            break;
        theirs =
            gss_accept_sec_context(&minor, &server, side->server, &up, GSS_C_NO_CHANNEL_BINDINGS,
                                   &who, NULL, &down, &flags, &left, NULL);
        gss_check("gss_accept_sec_context", theirs, minor, side->mech);
        gss_release_buffer(&minor, &up);
    }
    gss_release_name(&minor, &who);
    gss_delete_sec_context(&minor, &client, GSS_C_NO_BUFFER);
    gss_delete_sec_context(&minor, &server, GSS_C_NO_BUFFER);
}

static void gss_run(void *data, unsigned count)
{
    while (count-- != 0)
        gss_context(data);
}

/* --- Report --------------------------------------------------------------------------------- */

static void case_row(const struct plugin_case *kind)
{
    struct gss_side plugin;
    struct sspi_side sspi;
    struct trial trial = {.ours = {NULL, gss_run, &plugin},
                          .bare = {NULL, sspi_run, &sspi},
                          .block_max = BLOCK_CONTEXTS};

    sspi_open(kind, &sspi);
    gss_open(kind, &plugin);
    report_row(kind->name, &target_context, &trial);
    gss_close(&plugin);
    sspi_close(&sspi);
}

int main(int argc, char **argv)
{
    static const char policy[] = "AllowFreshCredentialsWhenNTLMOnly = HTTP/localhost\n";

    report_options(argc, argv, "pluginbench [OPTION...]");
    certificate_file();
    file_write(world_path("credssp.conf"), policy, sizeof(policy) - 1);
    setenv("SSPI_CREDSSP_POLICY", world_path("credssp.conf"), 1);
    credentials_copy();
    credentials_use(false, "ntlm.hashes");
    report_heading("a context, both ends", "mech_sspi", "SSPI");
    for (size_t i = 0; i < COUNT(cases); i++)
        if (report_wanted(cases[i].name))
            case_row(&cases[i]);
    report_end();
    return 0;
}
