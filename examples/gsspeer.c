/* SPDX-License-Identifier: MIT */
/*
 * A GSS-API program that knows nothing of SSPI: client or server of whatever mechanism it is told.
 *
 *   gsspeer client HOST PORT OID SERVICE@HOST [USER] [KEY=VALUE...]
 *   gsspeer server HOST PORT OID [SERVICE@HOST] [KEY=VALUE...]
 *
 * The keys are those of the mechanism's credential store. With a user, a client's password is the
 * first line of its input. A server prints "port: 4711" and serves one client. Three messages are
 * sealed and come back sealed.
 */
#include <arpa/inet.h>
#include <gssapi/gssapi_ext.h>
#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TOKEN_MAX (1024 * 1024)
#define KEYS_MAX  8

static const size_t message_sizes[] = {100, 1024, 16384};
#define MESSAGES (sizeof(message_sizes) / sizeof(*message_sizes))

#define REQUEST                                                                                    \
    (GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG | GSS_C_CONF_FLAG |               \
     GSS_C_INTEG_FLAG)

/* What the command line says, and one connection. */
struct peer {
    gss_OID mech;
    gss_cred_id_t cred;
    gss_name_t target;
    gss_ctx_id_t context;
    OM_uint32 flags;
    int socket, legs;
};

/* --- Errors --------------------------------------------------------------------------------- */

static void code_print(OM_uint32 code, int type, gss_OID mech)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor, more = 0;

    do {
        if (gss_display_status(&minor, code, type, mech, &more, &text) != GSS_S_COMPLETE)
            return;
        fprintf(stderr, "%.*s\n", (int)text.length, (const char *)text.value);
        gss_release_buffer(&minor, &text);
    } while (more != 0);
}

/* 0 if all is well, or -1 after a complaint. */
static int check(const char *what, OM_uint32 major, OM_uint32 minor, gss_OID mech)
{
    if (!GSS_ERROR(major))
        return 0;
    fprintf(stderr, "%s:\n", what);
    code_print(major, GSS_C_GSS_CODE, mech);
    code_print(minor, GSS_C_MECH_CODE, mech);
    return -1;
}

/* --- Tokens on the connection: four octets of length, highest first ------------------------- */

static int octets_move(int s, unsigned char *data, size_t size, int out)
{
    while (size != 0) {
        ssize_t moved = out ? send(s, data, size, MSG_NOSIGNAL) : recv(s, data, size, 0);

        if (moved <= 0) {
            fprintf(stderr, "the other end closed the connection\n");
            return -1;
        }
        data += moved;
        size -= (size_t)moved;
    }
    return 0;
}

static int token_send(int s, const gss_buffer_desc *token)
{
    uint32_t size = htonl((uint32_t)token->length);

    return octets_move(s, (unsigned char *)&size, sizeof(size), 1) ||
           octets_move(s, token->value, token->length, 1);
}

static int token_receive(int s, gss_buffer_t token)
{
    uint32_t size;

    if (octets_move(s, (unsigned char *)&size, sizeof(size), 0) != 0)
        return -1;
    token->length = ntohl(size);
    token->value = token->length > TOKEN_MAX ? NULL : malloc(token->length + 1);
    return token->value == NULL ? -1 : octets_move(s, token->value, token->length, 0);
}

/* --- Contexts ------------------------------------------------------------------------------- */

static OM_uint32 initiate(struct peer *peer, gss_buffer_t in, gss_buffer_t out, OM_uint32 *minor)
{
    return gss_init_sec_context(minor, peer->cred, &peer->context, peer->target, peer->mech,
                                REQUEST, 0, GSS_C_NO_CHANNEL_BINDINGS, in, NULL, out, &peer->flags,
                                NULL);
}

static OM_uint32 accept_one(struct peer *peer, gss_buffer_t in, gss_buffer_t out, OM_uint32 *minor)
{
    return gss_accept_sec_context(minor, &peer->context, peer->cred, in, GSS_C_NO_CHANNEL_BINDINGS,
                                  NULL, NULL, out, &peer->flags, NULL, NULL);
}

/* A token goes out also where the call fails: it tells the other end why. */
static int establish(struct peer *peer)
{
    gss_buffer_desc in = GSS_C_EMPTY_BUFFER, out = GSS_C_EMPTY_BUFFER;
    int client = peer->target != GSS_C_NO_NAME, failed = 0;
    OM_uint32 major = GSS_S_CONTINUE_NEEDED, minor, ignored;

    if (!client)
        failed = token_receive(peer->socket, &in);
    while (!failed && major == GSS_S_CONTINUE_NEEDED) {
        major = (client ? initiate : accept_one)(peer, &in, &out, &minor);
        peer->legs++;
        free(in.value);
        in = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
        if (out.length != 0)
            failed = token_send(peer->socket, &out);
        gss_release_buffer(&ignored, &out);
        failed |= check("authentication", major, minor, peer->mech);
        if (!failed && major == GSS_S_CONTINUE_NEEDED)
            failed = token_receive(peer->socket, &in);
    }
    free(in.value);
    return failed;
}

static void name_print(const char *title, gss_name_t name)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    if (gss_display_name(&minor, name, &text, NULL) == GSS_S_COMPLETE)
        printf("%s: %.*s\n", title, (int)text.length, (const char *)text.value);
    gss_release_buffer(&minor, &text);
    gss_release_name(&minor, &name);
}

static void flags_print(OM_uint32 flags)
{
    static const struct {
        OM_uint32 flag;
        const char *name;
    } names[] = {
        {GSS_C_MUTUAL_FLAG, "MUTUAL_AUTH"},       {GSS_C_REPLAY_FLAG, "REPLAY_DETECT"},
        {GSS_C_SEQUENCE_FLAG, "SEQUENCE_DETECT"}, {GSS_C_CONF_FLAG, "CONFIDENTIALITY"},
        {GSS_C_INTEG_FLAG, "INTEGRITY"},
    };

    printf("flags:");
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (flags & names[i].flag)
            printf(" %s", names[i].name);
    printf("\n");
}

static int context_print(struct peer *peer)
{
    gss_name_t client, server;
    gss_buffer_desc mech = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor, major = gss_inquire_context(&minor, peer->context, &client, &server, NULL,
                                                 NULL, NULL, NULL, NULL);

    if (check("gss_inquire_context", major, minor, peer->mech) != 0)
        return -1;
    if (gss_inquire_saslname_for_mech(&minor, peer->mech, NULL, &mech, NULL) == GSS_S_COMPLETE)
        printf("mechanism: %.*s\n", (int)mech.length, (const char *)mech.value);
    gss_release_buffer(&minor, &mech);
    name_print("user", client);
    name_print("peer", server);
    flags_print(peer->flags);
    printf("legs: %d\n", peer->legs);
    return 0;
}

/* --- Messages ------------------------------------------------------------------------------- */

static int sealed_send(struct peer *peer, gss_buffer_t message, size_t *wire)
{
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor, major;
    int sealed = 0, failed;

    major = gss_wrap(&minor, peer->context, 1, GSS_C_QOP_DEFAULT, message, &sealed, &token);
    failed = check("gss_wrap", major, minor, peer->mech);
    if (!failed && !sealed) {
        fprintf(stderr, "the mechanism does not seal\n");
        failed = -1;
    }
    if (!failed)
        failed = token_send(peer->socket, &token);
    *wire = token.length;
    gss_release_buffer(&minor, &token);
    return failed;
}

static int sealed_receive(struct peer *peer, gss_buffer_t message)
{
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor, major;
    int failed = token_receive(peer->socket, &token);

    if (!failed) {
        major = gss_unwrap(&minor, peer->context, &token, message, NULL, NULL);
        failed = check("gss_unwrap", major, minor, peer->mech);
    }
    free(token.value);
    return failed;
}

static int client_converse(struct peer *peer)
{
    static char text[16384];
    OM_uint32 minor;
    int failed = 0;

    for (size_t i = 0; i < MESSAGES && !failed; i++) {
        gss_buffer_desc message = {message_sizes[i], text}, back = GSS_C_EMPTY_BUFFER;
        size_t wire;

        memset(text, 'a' + (int)i, message.length);
        failed = sealed_send(peer, &message, &wire) || sealed_receive(peer, &back);
        if (!failed &&
            (back.length != message.length || memcmp(back.value, text, back.length) != 0)) {
            fprintf(stderr, "the message came back changed\n");
            failed = -1;
        }
        gss_release_buffer(&minor, &back);
        if (!failed)
            printf("message: %zu, %zu\n", message_sizes[i], wire);
    }
    return failed;
}

static int server_converse(struct peer *peer)
{
    OM_uint32 minor;
    int failed = 0;

    for (size_t i = 0; i < MESSAGES && !failed; i++) {
        gss_buffer_desc message = GSS_C_EMPTY_BUFFER;
        size_t wire;

        failed = sealed_receive(peer, &message) || sealed_send(peer, &message, &wire);
        gss_release_buffer(&minor, &message);
    }
    return failed;
}

static int run(struct peer *peer)
{
    OM_uint32 minor;
    int failed = establish(peer);

    if (!failed)
        failed = context_print(peer);
    if (!failed)
        failed = peer->target == GSS_C_NO_NAME ? server_converse(peer) : client_converse(peer);
    if (!failed)
        printf("messages: sealed %zu, opened %zu\n", MESSAGES, MESSAGES);
    gss_delete_sec_context(&minor, &peer->context, GSS_C_NO_BUFFER);
    return failed;
}

/* --- Connections ---------------------------------------------------------------------------- */

static int connection_open(const char *host, const char *port, int server)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_family = AF_INET}, *found = NULL;
    struct sockaddr_in own;
    socklen_t size = sizeof(own);
    int s = -1, listener, code = getaddrinfo(host, port, &hints, &found);

    if (code == 0)
        s = socket(found->ai_family, SOCK_STREAM, 0);
    if (s >= 0 && (server ? bind : connect)(s, found->ai_addr, found->ai_addrlen) != 0) {
        close(s);
        s = -1;
    }
    if (found != NULL)
        freeaddrinfo(found);
    if (s < 0 || !server)
        return s;
    listener = s;
    s = -1;
    if (listen(listener, 1) == 0 && getsockname(listener, (struct sockaddr *)&own, &size) == 0) {
        printf("port: %u\n", (unsigned)ntohs(own.sin_port));
        fflush(stdout);
        s = accept(listener, NULL, NULL);
    }
    close(listener);
    return s;
}

/* --- Credentials ---------------------------------------------------------------------------- */

static int name_import(struct peer *peer, const char *text, gss_OID type, gss_name_t *name)
{
    gss_buffer_desc buffer = {strlen(text), (void *)(uintptr_t)text};
    OM_uint32 minor, major = gss_import_name(&minor, &buffer, type, name);

    return check(text, major, minor, peer->mech);
}

static int credential_get(struct peer *peer, gss_name_t name, gss_key_value_set_desc *store)
{
    gss_OID_set_desc mechs = {1, peer->mech};
    gss_cred_usage_t usage = peer->target == GSS_C_NO_NAME ? GSS_C_ACCEPT : GSS_C_INITIATE;
    OM_uint32 minor, major = gss_acquire_cred_from(&minor, name, 0, &mechs, usage, store,
                                                   &peer->cred, NULL, NULL);

    return check("gss_acquire_cred_from", major, minor, peer->mech);
}

/* KEY=VALUE takes the words from the command line as they are. */
static int pair_take(gss_key_value_set_desc *store, const char *key, const char *value)
{
    if (store->count == KEYS_MAX)
        return -1;
    store->elements[store->count].key = key;
    store->elements[store->count++].value = value;
    return 0;
}

/* The rest of the command line: a name, and keys with values. */
static int words_take(struct peer *peer, char **words, gss_name_t *name,
                      gss_key_value_set_desc *store, char *password, size_t size)
{
    int client = peer->target != GSS_C_NO_NAME, failed = 0;

    for (; *words != NULL && !failed; words++) {
        char *equals = strchr(*words, '=');

        if (equals != NULL) {
            *equals = '\0';
            failed = pair_take(store, *words, equals + 1);
        } else {
            failed = name_import(peer, *words,
                                 client ? GSS_C_NT_USER_NAME : GSS_C_NT_HOSTBASED_SERVICE, name);
            if (!failed && client && fgets(password, (int)size, stdin) != NULL) {
                password[strcspn(password, "\r\n")] = '\0';
                failed = pair_take(store, "password", password);
            }
        }
    }
    return failed;
}

static int prepare(struct peer *peer, char **argv, char **words)
{
    gss_key_value_element_desc elements[KEYS_MAX];
    gss_key_value_set_desc store = {0, elements};
    gss_buffer_desc oid = {strlen(argv[4]), argv[4]};
    gss_name_t name = GSS_C_NO_NAME;
    char password[256];
    OM_uint32 minor, major = gss_str_to_oid(&minor, &oid, &peer->mech);
    int failed = check("the object identifier", major, minor, GSS_C_NO_OID);

    if (!failed && strcmp(argv[1], "client") == 0) {
        failed = *words == NULL ||
                 name_import(peer, *words++, GSS_C_NT_HOSTBASED_SERVICE, &peer->target);
    }
    if (!failed)
        failed = words_take(peer, words, &name, &store, password, sizeof(password));
    if (!failed)
        failed = credential_get(peer, name, &store);
    explicit_bzero(password, sizeof(password));
    gss_release_name(&minor, &name);
    return failed;
}

int main(int argc, char **argv)
{
    struct peer peer = {.socket = -1};
    OM_uint32 minor;
    int server, failed;

    if (argc < 5 || (strcmp(argv[1], "client") != 0 && strcmp(argv[1], "server") != 0)) {
        fprintf(stderr, "usage: gsspeer client|server HOST PORT OID NAME... [KEY=VALUE...]\n");
        return 2;
    }
    server = strcmp(argv[1], "server") == 0;
    failed = prepare(&peer, argv, argv + 5);
    if (!failed) {
        peer.socket = connection_open(argv[2], argv[3], server);
        failed = peer.socket < 0;
        if (failed)
            perror(argv[2]);
    }
    if (!failed)
        failed = run(&peer);
    if (peer.socket >= 0)
        close(peer.socket);
    gss_release_cred(&minor, &peer.cred);
    gss_release_name(&minor, &peer.target);
    gss_release_oid(&minor, &peer.mech);
    return failed ? 1 : 0;
}
