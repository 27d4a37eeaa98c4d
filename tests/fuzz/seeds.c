/* SPDX-License-Identifier: MIT */
/*
 * Makes the corpus: what real clients and servers say, in the form that each target reads.
 *
 *     seeds FOLDER      writes FOLDER/TARGET/NAME and FOLDER/contexts.h
 */
#include "ends.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "gss/krbcred.h"
#include "gss/ticketmsg.h"

#define FULL                                                                                       \
    (ISC_REQ_MUTUAL_AUTH | ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT |                       \
     ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY)

static const char *root;

/* ---- files --------------------------------------------------------------------------------------
 */

struct seed {
    uint8_t data[65536];
    size_t size;
};

static void put(struct seed *seed, const void *data, size_t size)
{
    fuzz_check(size <= sizeof seed->data - seed->size, "a seed is small");
    memcpy(seed->data + seed->size, data, size);
    seed->size += size;
}

static void put_number(struct seed *seed, uint32_t number, unsigned octets)
{
    for (unsigned i = 0; i < octets; i++)
        put(seed, &(uint8_t){(uint8_t)(number >> 8 * i)}, 1);
}

static void put_chunk(struct seed *seed, const void *data, size_t size)
{
    put_number(seed, (uint32_t)size, 2);
    put(seed, data, size);
}

static FILE *create(const char *target, const char *name)
{
    char path[4096];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", root, target);
    mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/%s%s%s", root, target, *target == '\0' ? "" : "/", name);
    file = fopen(path, "wb");
    if (file == NULL) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    return file;
}

static void save(const struct seed *seed, const char *target, const char *name)
{
    FILE *file = create(target, name);

    fuzz_check(fwrite(seed->data, 1, seed->size, file) == seed->size && fclose(file) == 0,
               "a seed can be written");
}

/* ---- contexts
 * ------------------------------------------------------------------------------------- */

static const char *const kind_names[KINDS] = {"krb5", "ntlm", "negotiate", "negotiate-ntlm"};

/* The tokens of a context that works, from either side, and each by itself. */
static void save_tokens(enum kind kind, ULONG request, const char *variant)
{
    struct seed to[2] = {{.size = 0}, {.size = 0}}, one;
    struct end client, server;
    char name[64];

    snprintf(name, sizeof name, "%s-%s", kind_names[kind], variant);
    for (int side = 0; side < 2; side++) {
        put_number(&to[side], kind, 1);
        put_number(&to[side], request, 4);
        put_chunk(&to[side], "", 0); /* no bindings */
    }
    end_init(&client, kind, false, request);
    end_init(&server, kind, true, FULL);
    end_step(&client, NULL, 0);
    for (int leg = 0; leg < 8; leg++) {
        struct end *into = leg % 2 ? &client : &server, *from = leg % 2 ? &server : &client;
        char leg_name[80];

        if (from->size == 0)
            break;
        put_chunk(&to[leg % 2 == 0], from->token, from->size);
        one.size = 0;
        put(&one, from->token, from->size);
        snprintf(leg_name, sizeof leg_name, "%s-%d", name, leg);
        if (kind != KIND_NTLM)
            save(&one, "negtoken", leg_name);
        end_step(into, from->token, from->size);
        fuzz_check(into->status >= 0, "both ends agree");
    }
    save(&to[1], "accept", name);
    save(&to[0], "initiate", name);
    end_free(&client);
    end_free(&server);
}

static void save_pairs(void)
{
    for (unsigned kind = 0; kind < KINDS; kind++)
        for (unsigned leg = 0; leg < 12; leg++) {
            struct seed seed = {.size = 0};
            char name[64];

            put_number(&seed, kind, 1);
            put_number(&seed, leg == 11 ? FULL | ISC_REQ_USE_DCE_STYLE : FULL, 4);
            put_number(&seed, FULL, 4);
            if (leg > 0) { /* the first is left alone */
                put_number(&seed, leg - 1, 1);
                put_number(&seed, leg % 6, 1);
                put_number(&seed, leg * 5, 2);
                put_number(&seed, 0x40, 1);
            }
            snprintf(name, sizeof name, "%s-%u", kind_names[kind], leg);
            save(&seed, "pair", name);
        }
}

/* ---- messages
 * ------------------------------------------------------------------------------------- */

static void save_packed(FILE *header, const char *name, const SecBuffer *packed)
{
    const uint8_t *at = packed->pvBuffer;

    fprintf(header, "static const uint8_t context_%s[] = {", name);
    for (ULONG i = 0; i < packed->cbBuffer; i++)
        fprintf(header, "%s0x%02x,", i % 16 == 0 ? "\n    " : " ", at[i]);
    fprintf(header, "\n};\n");
}

/* One message to the context that was exported; `parts` says that it is not one stream. */
static void save_message(CtxtHandle *ctx, unsigned which, bool sign, bool parts, const char *name)
{
    uint8_t token[256], pad[16] = {0}, wire[1024];
    char text[] = "a message that is not secret at all, of 48 octets";
    SecBuffer list[] = {{sizeof token, SECBUFFER_TOKEN, token},
                        {48, SECBUFFER_DATA, text},
                        {sizeof pad, SECBUFFER_PADDING, pad}};
    SecBufferDesc desc = {SECBUFFER_VERSION, sign ? 2 : 3, list};
    struct seed seed = {.size = 0};

    fuzz_check((sign ? MakeSignature(ctx, 0, &desc, 0) : EncryptMessage(ctx, 0, &desc, 0)) ==
                   SEC_E_OK,
               "a message can be made");
    put_number(&seed, which, 1);
    put_number(&seed, sign, 1);
    put_number(&seed, 2, 1);
    if (parts) {
        put_number(&seed, 1, 1); /* TOKEN */
        put_chunk(&seed, token, list[0].cbBuffer);
        put_number(&seed, 0, 1); /* DATA */
        put_chunk(&seed, text, 48);
    } else {
        memcpy(wire, token, list[0].cbBuffer);
        memcpy(wire + list[0].cbBuffer, text, 48);
        put_number(&seed, 3, 1); /* STREAM */
        put_chunk(&seed, wire, list[0].cbBuffer + 48);
        put_number(&seed, 0, 1);
        put_chunk(&seed, "", 0);
    }
    save(&seed, "message", name);
}

static CtxtHandle import_again(enum kind kind, SecBuffer packed)
{
    SEC_CHAR package[10];
    CtxtHandle ctx;

    snprintf(package, sizeof package, "%s", kind == KIND_NTLM ? "NTLM" : "Kerberos");
    fuzz_check(ImportSecurityContextA(package, &packed, NULL, &ctx) == SEC_E_OK,
               "what was exported can be imported");
    return ctx;
}

static void save_context(FILE *header, unsigned which, enum kind kind, ULONG request,
                         const char *name)
{
    struct end client, server;
    struct seed seed = {.size = 0};
    SecBuffer writer = {0}, reader = {0};
    char message_name[64];

    end_init(&client, kind, false, request);
    end_init(&server, kind, true, FULL);
    ends_establish(&client, &server);
    fuzz_check(ExportSecurityContext(&client.ctx, 0, &writer, NULL) == SEC_E_OK &&
                   ExportSecurityContext(&server.ctx, 0, &reader, NULL) == SEC_E_OK,
               "a context can be exported");
    end_free(&client);
    end_free(&server);
    save_packed(header, name, &reader);
    put_number(&seed, kind == KIND_NTLM, 1);
    put(&seed, reader.pvBuffer, reader.cbBuffer);
    save(&seed, "import", name);
    for (int i = 0; i < 3; i++) {
        CtxtHandle ctx = import_again(kind, writer); /* each is a first message */

        snprintf(message_name, sizeof message_name, "%s-%d", name, i);
        save_message(&ctx, which, i == 2, i > 0 || (request & ISC_REQ_USE_DCE_STYLE), message_name);
        DeleteSecurityContext(&ctx);
    }
    FreeContextBuffer(writer.pvBuffer);
    FreeContextBuffer(reader.pvBuffer);
}

static void save_contexts(void)
{
    FILE *header = create("", "contexts.h");

    fprintf(header, "/* SPDX-License-Identifier: MIT */\n"
                    "/* Exported acceptors, made by seeds.c: their keys are nobody's. */\n"
                    "#ifndef FUZZ_CONTEXTS_H\n#define FUZZ_CONTEXTS_H\n\n#include <stdint.h>\n\n"
                    "/* clang-format off */\n");
    save_context(header, 0, KIND_KERBEROS, FULL, "krb5");
    save_context(header, 1, KIND_KERBEROS, FULL | ISC_REQ_USE_DCE_STYLE, "krb5_dce");
    save_context(header, 2, KIND_NTLM, FULL, "ntlm");
    save_context(header, 3, KIND_NTLM, ISC_REQ_INTEGRITY, "ntlm_signs");
    fprintf(header, "/* clang-format on */\n\n#endif\n");
    fuzz_check(fclose(header) == 0, "a header can be written");
}

/* ---- what programs pass
 * ---------------------------------------------------------------------------- */

static void save_identity(unsigned form, bool utf16, const char *user, const char *password,
                          const char *packages, const char *name)
{
    const char *texts[] = {user, "FUZZ", password, packages};
    struct seed seed = {.size = 0};

    put_number(&seed, form, 1);
    put_number(&seed, utf16, 1);
    put_number(&seed, utf16 ? SEC_WINNT_AUTH_IDENTITY_UNICODE : SEC_WINNT_AUTH_IDENTITY_ANSI, 4);
    for (int i = 0; i < 4; i++) {
        size_t length = strlen(texts[i]);

        put_number(&seed, (uint32_t)(utf16 ? 2 * length : length), 2);
        for (size_t at = 0; at < length; at++)
            put_number(&seed, (uint8_t)texts[i][at], utf16 ? 2 : 1);
        if (length == 0)
            put_number(&seed, 1, 1); /* not given */
    }
    for (int i = 0; i < 3; i++)
        put_chunk(&seed, "FILE:/nowhere", 13);
    put_number(&seed, 1, 1);
    save(&seed, "identity", name);
}

static void save_identity_ex2(void)
{
    static const char text[] = "a\0l\0i\0c\0e\0F\0U\0Z\0Z\0";
    SEC_WINNT_AUTH_IDENTITY_EX2 head = {.Version = SEC_WINNT_AUTH_IDENTITY_VERSION_2,
                                        .cbHeaderLength = sizeof head,
                                        .cbStructureLength = sizeof head + sizeof text - 1,
                                        .UserOffset = sizeof head,
                                        .UserLength = 10,
                                        .DomainOffset = sizeof head + 10,
                                        .DomainLength = 8};
    struct seed seed = {.size = 0};

    put_number(&seed, 2, 1);
    put_number(&seed, 1, 1);
    put_number(&seed, 0, 4);
    put(&seed, &head, sizeof head);
    put(&seed, text, sizeof text - 1);
    save(&seed, "identity", "ex2");
}

static void save_identities(void)
{
    static const char hash[] = "0123456789abcdef0123456789abcdef";

    save_identity(0, false, "alice", "secret", "", "plain");
    save_identity(0, true, "FUZZ\\alice", "secret", "", "plain-utf16");
    save_identity(1, false, "alice@FUZZ.TEST", "secret", "kerberos,!ntlm", "ex");
    save_identity(1, true, "", "", "!kerberos", "ex-utf16");
    save_identity(3, false, "alice", hash, "", "winpr");
    save_identity(4, true, "alice", hash, "ntlm", "winpr-v2");
    save_identity_ex2();
}

/* An identity as octets. */
static void save_marshalled(void *id, const char *name)
{
    struct seed seed = {.size = 0};
    char *octets;
    ULONG size;

    fuzz_check(SspiMarshalAuthIdentity(id, &size, &octets) == SEC_E_OK, "it has octets");
    put_number(&seed, 0, 1);
    put(&seed, octets, size);
    save(&seed, "identity_calls", name);
    SspiLocalFree(octets);
}

/* Its encoded text, as the octets that the digits say. */
static void save_encoded(void *id, const char *name)
{
    static const char digits[] = "0123456789abcdef";
    struct seed seed = {.size = 0};
    PCWSTR text;

    fuzz_check(SspiEncodeAuthIdentityAsStrings(id, NULL, NULL, &text) == SEC_E_OK, "it has text");
    put_number(&seed, 1, 1);
    for (const WCHAR *at = text + strlen("@@sspi1:"); *at != 0; at += 2)
        put_number(
            &seed,
            (uint32_t)((strchr(digits, at[0]) - digits) << 4 | (strchr(digits, at[1]) - digits)),
            1);
    save(&seed, "identity_calls", name);
    SspiLocalFree((void *)(uintptr_t)text);
}

/* An EX2 whose packed credentials are a password or a certificate. */
static void *ex2_new(bool certificate)
{
    static const GUID types[] = {SEC_WINNT_AUTH_DATA_TYPE_PASSWORD_INIT,
                                 SEC_WINNT_AUTH_DATA_TYPE_CERT_INIT};
    static const WCHAR user[] = u"alice", secret[] = u"secret";
    struct {
        SEC_WINNT_AUTH_IDENTITY_EX2 head;
        SEC_WINNT_AUTH_PACKED_CREDENTIALS packed;
        WCHAR secret[6], user[5];
    } ex2;
    void *copy;

    memset(&ex2, 0, sizeof ex2);
    ex2.head.Version = SEC_WINNT_AUTH_IDENTITY_VERSION_2;
    ex2.head.cbHeaderLength = sizeof ex2.head;
    ex2.head.cbStructureLength = sizeof ex2;
    ex2.head.UserOffset = offsetof(__typeof__(ex2), user);
    ex2.head.UserLength = sizeof ex2.user;
    ex2.head.PackedCredentialsOffset = sizeof ex2.head;
    ex2.head.PackedCredentialsLength = sizeof ex2.packed + sizeof ex2.secret;
    ex2.packed.cbHeaderLength = sizeof ex2.packed;
    ex2.packed.cbStructureLength = sizeof ex2.packed + sizeof ex2.secret;
    ex2.packed.AuthData.CredType = types[certificate];
    ex2.packed.AuthData.CredData.ByteArrayOffset = sizeof ex2.packed;
    ex2.packed.AuthData.CredData.ByteArrayLength = sizeof ex2.secret;
    memcpy(ex2.secret, secret, sizeof ex2.secret);
    memcpy(ex2.user, user, sizeof ex2.user);
    fuzz_check(SspiCopyAuthIdentity(&ex2, &copy) == SEC_E_OK, "it can be copied");
    return copy;
}

static void save_identity_calls(void)
{
    SEC_WINNT_AUTH_IDENTITY_A plain = {
        (unsigned char *)(uintptr_t) "alice", 5, (unsigned char *)(uintptr_t) "FUZZ", 4,
        (unsigned char *)(uintptr_t) "pw",    2, SEC_WINNT_AUTH_IDENTITY_ANSI};
    void *ids[4];

    fuzz_check(SspiEncodeStringsAsAuthIdentity(u"alice", u"FUZZ", u"secret", &ids[0]) == SEC_E_OK &&
                   SspiExcludePackage(ids[0], u"NTLM", &ids[1]) == SEC_E_OK,
               "identities can be made");
    ids[2] = ex2_new(false);
    ids[3] = ex2_new(true);
    save_marshalled(&plain, "ansi");
    save_marshalled(ids[0], "exw");
    save_marshalled(ids[1], "exw-list");
    save_marshalled(ids[2], "ex2");
    save_marshalled(ids[3], "ex2-certificate");
    save_encoded(ids[1], "text-list");
    save_encoded(ids[3], "text-certificate");
    for (int i = 0; i < 4; i++)
        SspiFreeAuthIdentity(ids[i]);
}

static void save_buffers(void)
{
    static const SEC_CHANNEL_BINDINGS head = {.cbApplicationDataLength = 4,
                                              .dwApplicationDataOffset = sizeof head};
    uint8_t bindings[sizeof head + 4] = {0};
    struct seed seed = {.size = 0};

    memcpy(bindings, &head, sizeof head);
    put_number(&seed, 0, 1);
    put_number(&seed, 2, 1);
    put_number(&seed, SECBUFFER_CHANNEL_BINDINGS, 4);
    put_chunk(&seed, bindings, sizeof bindings);
    put_number(&seed, 0, 1);
    put_number(&seed, SECBUFFER_TOKEN, 4);
    put_chunk(&seed, "room for a token", 16);
    put_number(&seed, 0, 1);
    save(&seed, "buffers", "bindings");
}

static void save_texts(void)
{
    static const struct {
        uint8_t function;
        const char *name, *head, *text;
        size_t head_size;
    } texts[] = {
        {0, "widen", "\2\1", "\303\244 and \360\220\215\210", 2},
        {1, "narrow", "\2\1", "a\0b\0\1\330\2\334", 2},
        {2, "format", "\0\20\0\0\14\3\11\200\310\0", "", 10},
        {3, "sid", "\54\0", "S-1-5-21-1004336348-1177238915-682003330-512", 2},
        {4, "target", "\1\30\0", "HTTP/localhost:80@REALM", 3},
        {5, "utf16", "a\0b\0\1\330\2\334", "", 8},
        {6, "utf8", "", "\303\244 and \360\220\215\210", 0},
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct seed seed = {.size = 0};

        put_number(&seed, texts[i].function, 1);
        put(&seed, texts[i].head, texts[i].head_size);
        put(&seed, texts[i].text, strlen(texts[i].text));
        save(&seed, "text", texts[i].name);
    }
}

/* ---- SASL
 * ---------------------------------------------------------------------------------------- */

/* What a peer of GSSAPI says of layers, with an identity, and a message under the strongest. */
static void save_layers(unsigned what, uint8_t layers, ULONG request, const char *authz,
                        const char *name)
{
    uint8_t head[4 + 16] = {layers, 0, layers > 1 ? 0x10 : 0, 0};
    struct seed seed = {.size = 0};

    put_number(&seed, what, 1);
    put_number(&seed, request, 4);
    put_chunk(&seed, "", 0); /* our end names nobody */
    for (int i = 0; i < 3; i++)
        put_number(&seed, 0, 4); /* options as they are */
    put_number(&seed, 0, 1);     /* signed */
    memcpy(head + 4, authz, strlen(authz));
    put_chunk(&seed, head, 4 + strlen(authz));
    put_number(&seed, layers & 4, 1);
    put_chunk(&seed, "a message", 9);
    save(&seed, "sasl", name);
}

static void save_between(unsigned profile, uint8_t leg, const char *name)
{
    struct seed seed = {.size = 0};

    put_number(&seed, 2, 1);
    put_number(&seed, profile, 1);
    put_number(&seed, FULL, 4);
    put_number(&seed, FULL, 4);
    if (leg != 0xff) {
        put_number(&seed, leg, 1);
        put_number(&seed, 0, 1); /* XOR */
        put_number(&seed, 7 * leg + 3, 2);
        put_number(&seed, 1, 1);
    }
    save(&seed, "sasl", name);
}

static void save_sasl(void)
{
    static const char *const profiles[] = {"gssapi", "spnego", "spnego-ntlm", "digest"};
    static const uint8_t legs[] = {0xff, 0, 1, 2, 3, 4, 8, 9};
    char name[64];

    for (uint8_t layers = 0; layers < 8; layers++) {
        snprintf(name, sizeof name, "server-layers-%u", layers);
        save_layers(0, layers, FULL & ~(ULONG)ISC_REQ_CONFIDENTIALITY, "", name);
        snprintf(name, sizeof name, "client-layers-%u", layers);
        save_layers(1, layers, layers & 1 ? 0 : FULL, "", name);
    }
    save_layers(0, 1, 0, "alice", "server-identity");
    save_layers(1, 7, FULL, "more", "client-long-offer");
    for (unsigned profile = 0; profile < 4; profile++)
        for (size_t i = 0; i < sizeof legs; i++) {
            snprintf(name, sizeof name, "%s-%u", profiles[profile], legs[i]);
            save_between(profile, legs[i], name);
        }
}

/* ---- KRB-CRED
 * ------------------------------------------------------------------------------------ */

/* Of each ticket in the world's cache. */
static void save_creds(void)
{
    krb5_context context;
    krb5_ccache ccache;
    struct ticket_list list;
    krb5_data message;

    fuzz_check(krb5_init_context(&context) == 0 && krb5_cc_default(context, &ccache) == 0 &&
                   ticket_list_read(context, ccache, &list) == 0 && list.count != 0,
               "the world has tickets");
    for (size_t i = 0; i < list.count; i++) {
        struct seed seed = {.size = 0};
        char name[32];

        fuzz_check(krbcred_make(context, &list.creds[i], &message) == 0, "a message can be made");
        put_number(&seed, 0, 1);
        put(&seed, message.data, message.length);
        snprintf(name, sizeof name, "ticket-%zu", i);
        save(&seed, "looks", name);
        free(message.data);
    }
    ticket_list_free(context, &list);
    krb5_cc_close(context, ccache);
    krb5_free_context(context);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: seeds FOLDER\n");
        return 2;
    }
    root = argv[1];
    fuzz_world();
    for (unsigned kind = 0; kind < KINDS; kind++) {
        save_tokens(kind, FULL, "full");
        save_tokens(kind, 0, "bare");
        save_tokens(kind, FULL | ISC_REQ_USE_DCE_STYLE, "dce");
    }
    save_pairs();
    save_contexts();
    save_identities();
    save_identity_calls();
    save_buffers();
    save_texts();
    save_creds();
    save_sasl();
    return 0;
}
