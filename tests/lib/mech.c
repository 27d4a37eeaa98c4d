/* SPDX-License-Identifier: MIT */
#define SCHANNEL_USE_BLACKLISTS
#include "lib/mech.h"

#include <check.h>
#include <glob.h>
#include <schannel.h>
#include <sspi_linux.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/certs.h"
#include "lib/pair.h"

#define CONSTANT(text) ((void *)(uintptr_t)(text))
#define LEGS_MAX       40

#define ARC "2.25.12178915329928663505."

struct mech mechs[MECH_COUNT] = {
    [MECH_NEGOTIATE] = {"sspi-negotiate", ARC "1", {0, NULL}, "Negotiate"},
    [MECH_TLS] = {"sspi-tls", ARC "2", {0, NULL}, "Schannel"},
    [MECH_CREDSSP] = {"sspi-credssp", ARC "3", {0, NULL}, "CREDSSP"},
};

/* --- The world ------------------------------------------------------------------------------ */

/* A file of the world's folder, outside of any test, where world_file() cannot be asked. */
static const char *path_of(const char *name)
{
    static char path[512];
    const char *world = getenv("WORLD");

    certs_must(world != NULL);
    snprintf(path, sizeof(path), "%s/%s", world, name);
    return path;
}

static void file_append(FILE *to, const char *path)
{
    char line[1024];
    FILE *from = fopen(path, "r");

    if (from == NULL)
        return;
    while (fgets(line, sizeof(line), from) != NULL)
        fputs(line, to);
    fclose(from);
}

/* The machine's mechanisms, without a plugin of ours that may be installed. */
static void machine_mechs_append(FILE *to)
{
    glob_t found;

    file_append(to, "/etc/gss/mech");
    if (glob("/etc/gss/mech.d/*.conf", 0, NULL, &found) != 0)
        return;
    for (size_t i = 0; i < found.gl_pathc; i++)
        if (strstr(found.gl_pathv[i], "mech_sspi") == NULL)
            file_append(to, found.gl_pathv[i]);
    globfree(&found);
}

static void config_write(void)
{
    const char *build = getenv("TEST_BUILDDIR"), *path = path_of("mech.conf");
    FILE *file = fopen(path, "w");

    certs_must(build != NULL && file != NULL);
    machine_mechs_append(file);
    for (int i = 0; i < MECH_COUNT; i++)
        fprintf(file, "%s %s %s/../gssplugin/.libs/mech_sspi.so\n", mechs[i].name, mechs[i].dotted,
                build);
    certs_must(fclose(file) == 0);
    setenv("GSS_MECH_CONFIG", path, 1);
}

static void pem_write(const char *name, const void *data, size_t size)
{
    FILE *file = fopen(path_of(name), "w");

    certs_must(file != NULL && fwrite(data, 1, size, file) == size && fclose(file) == 0);
}

static void cert_write(const char *name, gnutls_x509_crt_t crt)
{
    gnutls_datum_t pem;

    certs_must(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &pem) == 0);
    pem_write(name, pem.data, pem.size);
    gnutls_free(pem.data);
}

static void key_write(const char *name, unsigned key)
{
    gnutls_datum_t pem;

    certs_must(gnutls_x509_privkey_export2(certs_key(key), GNUTLS_X509_FMT_PEM, &pem) == 0);
    pem_write(name, pem.data, pem.size);
    gnutls_free(pem.data);
}

static void pem_cert_write(const char *name, PCCERT_CONTEXT cert)
{
    const gnutls_datum_t der = {cert->pbCertEncoded, cert->cbCertEncoded};
    gnutls_datum_t pem;

    certs_must(gnutls_pem_base64_encode2("CERTIFICATE", &der, &pem) == 0);
    pem_write(name, pem.data, pem.size);
    gnutls_free(pem.data);
}

enum { KEY_CA, KEY_SERVER, KEY_CLIENT, KEY_OTHER };

static void certs_write(void)
{
    static const struct certs_form authority = {.name = "CN=Test Authority", .authority = 1};
    static const struct {
        const char *file;
        unsigned key;
        struct certs_form form;
    } ends[] = {
        {"cert.pem", KEY_SERVER, {.name = "CN=localhost", .alt = "dns:localhost"}},
        {"stale.pem",
         KEY_SERVER,
         {.name = "CN=localhost", .alt = "dns:localhost", .from = 946684800, .until = 978307200}},
        {"elsewhere.pem", KEY_SERVER, {.name = "CN=elsewhere", .alt = "dns:elsewhere.test"}},
        {"client.pem", KEY_CLIENT, {.name = "CN=alice", .alt = "mail:alice@loopback.test"}},
    };
    gnutls_x509_crt_t ca = certs_make(&authority, KEY_CA, NULL, KEY_CA), crt;

    cert_write("ca.pem", ca);
    for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
        crt = certs_make(&ends[i].form, ends[i].key, ca, KEY_CA);
        cert_write(ends[i].file, crt);
        gnutls_x509_crt_deinit(crt);
    }
    crt = certs_make(&authority, KEY_OTHER, NULL, KEY_OTHER);
    cert_write("other-ca.pem", crt);
    gnutls_x509_crt_deinit(crt);
    gnutls_x509_crt_deinit(ca);
    key_write("key.pem", KEY_SERVER);
    key_write("client-key.pem", KEY_CLIENT);
}

void mech_begin(void)
{
    OM_uint32 minor;
    gss_OID oid;

    for (int i = 0; i < MECH_COUNT; i++) {
        gss_buffer_desc text = {strlen(mechs[i].dotted), CONSTANT(mechs[i].dotted)};

        certs_must(gss_str_to_oid(&minor, &text, &oid) == GSS_S_COMPLETE);
        mechs[i].oid = *oid;
        free(oid); /* the octets stay */
    }
    certs_write();
    certs_end();
    setenv("SSPI_CERT_ROOT", path_of("ca.pem"), 1);
    config_write();
}

/* --- Texts ---------------------------------------------------------------------------------- */

static const char *status_text(OM_uint32 status, int type)
{
    static char texts[2][512];
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor, more = 0;
    char *to = texts[type == GSS_C_GSS_CODE];

    gss_display_status(&minor, status, type, GSS_C_NO_OID, &more, &text);
    snprintf(to, sizeof(texts[0]), "%.*s", (int)text.length, (const char *)text.value);
    gss_release_buffer(&minor, &text);
    return to;
}

const char *mech_minor_text(OM_uint32 minor)
{
    return status_text(minor, GSS_C_MECH_CODE);
}

void mech_major_is(OM_uint32 major, OM_uint32 minor, OM_uint32 want, const char *where, int line)
{
    ck_assert_msg(major == want, "%s:%d: %#x (%s; minor %#x: %s) instead of %#x", where, line,
                  (unsigned)major, status_text(major, GSS_C_GSS_CODE), (unsigned)minor,
                  mech_minor_text(minor), (unsigned)want);
}

void mech_is(const struct gss_end *end, OM_uint32 want)
{
    mech_major_is(end->major, end->minor, want,
                  end->accepts ? "gss_accept_sec_context" : "gss_init_sec_context", (int)end->legs);
}

const char *mech_name_text(gss_name_t name)
{
    static char copy[512];
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor, major = gss_display_name(&minor, name, &text, NULL);

    MECH_IS(major, minor, GSS_S_COMPLETE);
    snprintf(copy, sizeof(copy), "%.*s", (int)text.length, (const char *)text.value);
    gss_release_buffer(&minor, &text);
    return copy;
}

/* --- Credentials ---------------------------------------------------------------------------- */

gss_const_key_value_set_t mech_store(struct mech_store *store, ...)
{
    va_list list;
    const char *key;

    store->set = (gss_key_value_set_desc){0, store->elements};
    va_start(list, store);
    while ((key = va_arg(list, const char *)) != NULL) {
        ck_assert_uint_lt(store->set.count, sizeof(store->elements) / sizeof(*store->elements));
        store->elements[store->set.count++] =
            (gss_key_value_element_desc){key, va_arg(list, const char *)};
    }
    va_end(list);
    return &store->set;
}

static gss_name_t name_of(const char *text, gss_OID type)
{
    gss_buffer_desc buffer = {strlen(text), CONSTANT(text)};
    OM_uint32 minor, major;
    gss_name_t name;

    major = gss_import_name(&minor, &buffer, type, &name);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    return name;
}

OM_uint32 mech_acquire_from(struct gss_end *end, const char *user, gss_const_key_value_set_t store)
{
    gss_OID_set_desc wanted = {1, &mechs[end->kind].oid};
    gss_name_t name = user == NULL ? GSS_C_NO_NAME : name_of(user, GSS_C_NT_USER_NAME);
    OM_uint32 minor;

    end->major = gss_acquire_cred_from(&end->minor, name, GSS_C_INDEFINITE, &wanted,
                                       end->accepts ? GSS_C_ACCEPT : GSS_C_INITIATE, store,
                                       &end->cred, NULL, NULL);
    gss_release_name(&minor, &name);
    return end->major;
}

/* How the credential store tells a mechanism of its first token. */
#define FRAMED   "gss"
#define UNFRAMED "raw"

void mech_acquire_trusting(struct gss_end *end, const char *ca)
{
    const char *framing = end->framed ? FRAMED : UNFRAMED, *password = password_of("alice");
    struct mech_store store;
    OM_uint32 major;

    if (end->kind == MECH_NEGOTIATE)
        mech_store(&store, "framing", framing, "password", password, NULL);
    else if (end->kind == MECH_TLS)
        mech_store(&store, "framing", framing, "ca", world_file(ca), NULL);
    else
        mech_store(&store, "framing", framing, "ca", world_file(ca), "password", password, NULL);
    major = mech_acquire_from(end, end->kind == MECH_TLS ? NULL : "alice", &store.set);
    MECH_IS(major, end->minor, GSS_S_COMPLETE);
}

static void acquire_acceptor(struct gss_end *end)
{
    struct mech_store store;
    OM_uint32 major;

    mech_store(&store, "certificate", world_file("cert.pem"), "key", world_file("key.pem"),
               "keytab", world_file("service.keytab"), NULL);
    if (end->kind == MECH_NEGOTIATE)
        mech_store(&store, "keytab", world_file("service.keytab"), NULL);
    if (end->kind == MECH_TLS)
        store.set.count = 2;
    major = mech_acquire_from(end, NULL, &store.set);
    MECH_IS(major, end->minor, GSS_S_COMPLETE);
}

void mech_init(struct gss_end *end, enum mech_kind kind, bool accepts)
{
    *end = (struct gss_end){.kind = kind,
                            .accepts = accepts,
                            .target = MECH_HOST_NAME,
                            .request = MECH_REQUEST,
                            .framed = true};
}

void mech_acquire(struct gss_end *end)
{
    if (end->accepts)
        acquire_acceptor(end);
    else
        mech_acquire_trusting(end, "ca.pem");
}

void mech_acquire_sspi(struct end *end, enum mech_kind kind, bool is_server)
{
    mech_acquire_sspi_as(end, kind, is_server, password_of("alice"));
}

void mech_acquire_sspi_as(struct end *end, enum mech_kind kind, bool is_server,
                          const char *password)
{
    SEC_WINNT_AUTH_IDENTITY_A identity = identity_a("alice", NULL, password);
    PCCERT_CONTEXT cert = NULL;
    SCH_CREDENTIALS tls = {.dwVersion = SCH_CREDENTIALS_VERSION};
    char *package = CONSTANT(mechs[kind].package);
    void *auth = is_server ? NULL : &identity;

    if (kind == MECH_CREDSSP) {
        end_acquire(end, is_server, 0, auth);
        if (is_server)
            pem_cert_write("sspi.pem", end_certificate);
        return;
    }
    if (kind == MECH_TLS) {
        cert = end_certificate_make();
        pem_cert_write("sspi.pem", cert);
        tls.cCreds = is_server ? 1 : 0;
        tls.paCred = &cert;
        auth = &tls;
    }
    *end = (struct end){.server = is_server,
                        .status = SEC_I_CONTINUE_NEEDED,
                        .target = kind == MECH_TLS ? "localhost" : MECH_HOST_SPN,
                        .bare = kind == MECH_NEGOTIATE,
                        .request = kind == MECH_NEGOTIATE ? (is_server ? PAIR_ASC : PAIR_ISC) : 0};
    end->status = AcquireCredentialsHandleA(NULL, package,
                                            is_server ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND,
                                            NULL, auth, NULL, NULL, &end->cred, NULL);
    end_is(end, SEC_E_OK);
    end->has_cred = true;
    end->status = SEC_I_CONTINUE_NEEDED;
    if (cert != NULL)
        CertFreeCertificateContext(cert);
}

/* --- Legs ----------------------------------------------------------------------------------- */

static void initiate(struct gss_end *end, gss_buffer_t in)
{
    gss_name_t target = name_of(end->target, GSS_C_NT_HOSTBASED_SERVICE);
    OM_uint32 minor;

    end->major = gss_init_sec_context(&end->minor, end->cred, &end->ctx, target,
                                      &mechs[end->kind].oid, end->request, 0, end->bindings, in,
                                      &end->actual, &end->token, &end->flags, &end->lifetime);
    gss_release_name(&minor, &target);
}

static void accept(struct gss_end *end, gss_buffer_t in)
{
    end->major = gss_accept_sec_context(&end->minor, &end->ctx, end->cred, in, end->bindings,
                                        &end->source, &end->actual, &end->token, &end->flags,
                                        &end->lifetime, &end->delegated);
}

OM_uint32 mech_leg(struct gss_end *end, const void *token, size_t size)
{
    gss_buffer_desc in = {size, CONSTANT(token)};
    OM_uint32 minor;

    gss_release_buffer(&minor, &end->token);
    end->legs++;
    if (end->accepts)
        accept(end, &in);
    else
        initiate(end, size == 0 ? GSS_C_NO_BUFFER : &in);
    return end->major;
}

static bool is_open(const struct gss_end *end)
{
    return end->major == GSS_S_CONTINUE_NEEDED;
}

bool mech_shake(struct gss_end *initiator, struct gss_end *acceptor)
{
    initiator->major = acceptor->major = GSS_S_CONTINUE_NEEDED;
    mech_leg(initiator, NULL, 0);
    for (int i = 0; i < LEGS_MAX && is_open(acceptor) && initiator->token.length != 0; i++) {
        mech_leg(acceptor, initiator->token.value, initiator->token.length);
        if (!is_open(initiator) || acceptor->token.length == 0)
            break;
        mech_leg(initiator, acceptor->token.value, acceptor->token.length);
    }
    return initiator->major == GSS_S_COMPLETE && acceptor->major == GSS_S_COMPLETE;
}

void mech_establish(struct gss_end *initiator, struct gss_end *acceptor)
{
    mech_shake(initiator, acceptor);
    mech_is(initiator, GSS_S_COMPLETE);
    mech_is(acceptor, GSS_S_COMPLETE);
}

/* --- A side of SSPI ------------------------------------------------------------------------- */

size_t mech_header_size(const struct gss_end *end, const void *token, size_t size)
{
    uint8_t header[32];
    size_t made;

    for (size_t rest = size; rest-- > 0 && size - rest <= sizeof(header);) {
        made = mech_header_make(end->kind, rest, header);
        if (made == size - rest && memcmp(header, token, made) == 0)
            return made;
    }
    return 0;
}

size_t mech_header_make(enum mech_kind kind, size_t size, uint8_t *header)
{
    const gss_OID_desc *oid = &mechs[kind].oid;
    size_t length = size + 2 + oid->length, used = 0;
    unsigned octets = length < 0x80 ? 0 : length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;

    header[used++] = 0x60;
    header[used++] = (uint8_t)(octets == 0 ? length : 0x80 | octets);
    while (octets-- > 0)
        header[used++] = (uint8_t)(length >> (8 * octets));
    header[used++] = 0x06;
    header[used++] = (uint8_t)oid->length;
    memcpy(header + used, oid->elements, oid->length);
    return used + oid->length;
}

/* What a GSS end says goes to the SSPI one, without the header that this does not know. */
static void token_give(const struct gss_end *from, struct end *to)
{
    size_t header = 0;

    if (!from->accepts && from->legs == 1 && from->framed) {
        header = mech_header_size(from, from->token.value, from->token.length);
        ck_assert_uint_ne(header, 0);
    }
    if (from->token.length != 0)
        end_give(to, (uint8_t *)from->token.value + header, from->token.length - header);
}

/* One leg of the GSS end with all that has come for it. */
static void token_take(struct gss_end *to, struct end *held)
{
    uint8_t framed[END_INPUT_MAX + 32];
    size_t header = 0;

    if (to->accepts && to->legs == 0)
        header = mech_header_make(to->kind, held->size, framed);
    memcpy(framed + header, held->in, held->size);
    mech_leg(to, framed, held->size + header);
    held->size = 0;
}

bool mech_shake_sspi(struct gss_end *gss, struct end *sspi)
{
    struct end held = {.size = 0}; /* what waits for the GSS end */

    gss->major = GSS_S_CONTINUE_NEEDED;
    if (gss->accepts)
        end_advance(sspi, &held, 0);
    else {
        mech_leg(gss, NULL, 0);
        token_give(gss, sspi);
    }
    for (int i = 0; i < LEGS_MAX && sspi->status >= 0 && !GSS_ERROR(gss->major); i++) {
        end_drain(sspi, &held);
        if (held.size == 0 || !is_open(gss))
            break;
        token_take(gss, &held);
        token_give(gss, sspi);
    }
    end_drain(sspi, &held);
    return gss->major == GSS_S_COMPLETE && sspi->status == SEC_E_OK;
}

void mech_establish_sspi(struct gss_end *gss, struct end *sspi)
{
    mech_shake_sspi(gss, sspi);
    mech_is(gss, GSS_S_COMPLETE);
    end_is(sspi, SEC_E_OK);
}

/* --- The end -------------------------------------------------------------------------------- */

void mech_close(struct gss_end *end)
{
    OM_uint32 minor;

    gss_delete_sec_context(&minor, &end->ctx, GSS_C_NO_BUFFER);
    gss_release_buffer(&minor, &end->token);
    gss_release_name(&minor, &end->source);
    gss_release_cred(&minor, &end->delegated);
    end->legs = 0;
    end->major = GSS_S_CONTINUE_NEEDED;
}

void mech_free(struct gss_end *end)
{
    OM_uint32 minor;

    mech_close(end);
    gss_release_cred(&minor, &end->cred);
}

void mech_message(struct gss_end *from, struct gss_end *to, const char *text)
{
    gss_buffer_desc in = {strlen(text), CONSTANT(text)}, sealed, out;
    OM_uint32 minor, major;
    gss_qop_t qop;
    int conf;

    major = gss_wrap(&minor, from->ctx, 1, GSS_C_QOP_DEFAULT, &in, &conf, &sealed);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    ck_assert_int_eq(conf, 1);
    major = gss_unwrap(&minor, to->ctx, &sealed, &out, &conf, &qop);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    ck_assert_int_eq(conf, 1);
    ck_assert_uint_eq(out.length, in.length);
    ck_assert_mem_eq(out.value, in.value, in.length);
    gss_release_buffer(&minor, &sealed);
    gss_release_buffer(&minor, &out);
}
