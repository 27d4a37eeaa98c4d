/* SPDX-License-Identifier: MIT */
/*
 * Makes the corpus of the targets tls_client and tls_server: what a bare GnuTLS end has sent to an
 * end of the library, which must lead another such end to the same.  And that of tls_message.
 *
 *     tlsseeds FOLDER      writes FOLDER/TARGET/NAME
 */
#include "tls_message.h"
#include "tlsworld.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/certs.h"

#define TLS12 "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-GCM"
#define TLS13 "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-GCM"

/* What the peer does when the handshake is over, one letter each. */
#define SAYS      'd' /* some data */
#define NEW_KEYS  'k' /* and wants ours */
#define TICKET    't'
#define AGAIN     'r' /* another handshake */
#define HEARTFELT 'b' /* close_notify */

static const struct seed_case {
    const char *name;
    bool server; /* our end is */
    uint8_t options;
    const char *priority, *afterwards;
    bool certificate; /* the peer asks for one */
} cases[] = {
    {"1-2", false, 0, TLS12, "db", false},
    {"1-2-chacha", false, TLS_WORLD_1_2,
     "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+CHACHA20-POLY1305", "db", false},
    {"1-2-cbc", false, TLS_WORLD_1_2, "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-CBC",
     "db", false},
    {"1-2-asks", false, 0, TLS12, "d", true},
    {"1-2-asks-and-gets", false, TLS_WORLD_CERTIFICATE, TLS12, "d", true},
    {"1-2-again", false, 0, TLS12, "drd", false},
    {"1-2-we-again", false, TLS_WORLD_RENEW, TLS12, "d", false},
    {"1-2-in-pieces", false, TLS_WORLD_PIECES | TLS_WORLD_ALPN, TLS12, "db", false},
    {"1-2-looked-at", false, TLS_WORLD_VALIDATE, TLS12, "d", false},
    {"1-2-own-memory", false, TLS_WORLD_SMALL, TLS12, "db", false},
    {"1-3", false, 0, TLS13, "tdb", false},
    {"1-3-another-group", false, 0, "NORMAL:-VERS-ALL:+VERS-TLS1.3:-GROUP-ALL:+GROUP-SECP521R1",
     "d", false},
    {"1-3-asks", false, 0, TLS13, "d", true},
    {"1-3-asks-and-gets", false, TLS_WORLD_CERTIFICATE | TLS_WORLD_1_3, TLS13, "d", true},
    {"1-3-new-keys", false, 0, TLS13, "dkdkdb", false},
    {"1-3-looked-at", false, TLS_WORLD_VALIDATE, TLS13, "d", false},
    {"1-3-own-memory", false, TLS_WORLD_SMALL | TLS_WORLD_PIECES, TLS13, "d", false},
    {"1-2", true, 0, TLS12, "db", false},
    {"1-2-cbc", true, 0, "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-CBC", "db", false},
    {"1-2-asked", true, TLS_WORLD_CERTIFICATE, TLS12, "d", false},
    {"1-2-again", true, TLS_WORLD_ALPN, TLS12, "drd", false},
    {"1-2-we-again", true, TLS_WORLD_RENEW, TLS12, "d", false},
    {"1-2-in-pieces", true, TLS_WORLD_PIECES, TLS12, "db", false},
    {"1-2-own-memory", true, TLS_WORLD_SMALL, TLS12, "d", false},
    {"1-3", true, 0, TLS13, "db", false},
    {"1-3-another-group", true, 0,
     "NORMAL:-VERS-ALL:+VERS-TLS1.3:-GROUP-ALL:+GROUP-SECP521R1:+GROUP-X25519", "d", false},
    {"1-3-asked", true, TLS_WORLD_CERTIFICATE, TLS13, "d", false},
    {"1-3-new-keys", true, TLS_WORLD_1_3, TLS13, "dkdkdb", false},
    {"1-3-own-memory", true, TLS_WORLD_SMALL, TLS13, "d", false},
};

/* ---- The input that is made ----------------------------------------------------------------- */

struct seed {
    struct tls_flow input, wire;
};

/* What the peer has sent becomes a chunk, and arrives. */
static void deliver(struct seed *seed, struct tls_end *end)
{
    uint8_t length[2] = {(uint8_t)seed->wire.size, (uint8_t)(seed->wire.size >> 8)};

    if (seed->wire.size == 0)
        return;
    tls_flow_add(&seed->input, length, sizeof length);
    tls_flow_add(&seed->input, seed->wire.data, seed->wire.size);
    tls_flow_add(&end->in, seed->wire.data, seed->wire.size);
    tls_flow_drop(&seed->wire, seed->wire.size);
    tls_end_run(end);
}

static void meet(struct seed *seed, struct tls_end *end, struct tls_peer *peer)
{
    int code = GNUTLS_E_AGAIN;

    for (unsigned i = 0; i < 20; i++) {
        tls_world_turn(TLS_PARTY_PEER);
        if (code != 0 && !gnutls_error_is_fatal(code))
            code = gnutls_handshake(peer->session);
        deliver(seed, end);
    }
}

static void peer_act(struct tls_peer *peer, char act)
{
    uint8_t data[64];

    switch (act) {
    case SAYS:
        gnutls_record_send(peer->session, "some data", 9);
        break;
    case NEW_KEYS:
        gnutls_session_key_update(peer->session, GNUTLS_KU_PEER);
        break;
    case TICKET:
        gnutls_session_ticket_send(peer->session, 1, 0);
        break;
    case AGAIN:
        gnutls_rehandshake(peer->session);
        break;
    case HEARTFELT:
        gnutls_bye(peer->session, GNUTLS_SHUT_WR);
        break;
    }
    gnutls_record_recv(peer->session, data, sizeof data);
}

static void afterwards(struct seed *seed, struct tls_end *end, struct tls_peer *peer,
                       const char *acts)
{
    for (; *acts != '\0'; acts++) {
        tls_world_turn(TLS_PARTY_PEER);
        peer_act(peer, *acts);
        deliver(seed, end);
        if (*acts == AGAIN)
            meet(seed, end, peer);
    }
}

static void save(const char *folder, const char *target, const char *name,
                 const struct tls_flow *input)
{
    char path[4096];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", folder, target);
    mkdir(path, 0777);
    snprintf(path, sizeof(path), "%s/%s/%s", folder, target, name);
    file = fopen(path, "wb");
    certs_must(file != NULL && fwrite(input->data, 1, input->size, file) == input->size);
    fclose(file);
}

static void make(const char *folder, const struct seed_case *one)
{
    struct seed seed = {{NULL, 0}, {NULL, 0}};
    struct tls_end end;
    struct tls_peer peer;

    tls_flow_add(&seed.input, &one->options, 1);
    tls_world_restart();
    tls_peer_open(&peer, !one->server, one->priority, &seed.wire);
    if (one->certificate)
        gnutls_certificate_server_set_request(peer.session, GNUTLS_CERT_REQUEST);
    tls_world_turn(TLS_PARTY_OURS);
    tls_end_open(&end, one->server, one->options, &peer.in);
    if (!one->server)
        tls_end_run(&end);
    meet(&seed, &end, &peer);
    afterwards(&seed, &end, &peer, one->afterwards);
    save(folder, one->server ? "tls_server" : "tls_client", one->name, &seed.input);
    tls_end_close(&end);
    tls_peer_close(&peer);
    if (tls_world_play(one->server, seed.input.data, seed.input.size) ==
        ((one->options & TLS_WORLD_VALIDATE) != 0))
        fprintf(stderr, "%s: not as it was\n", one->name);
    free(seed.input.data);
    free(seed.wire.data);
}

/* ---- Messages ------------------------------------------------------------------------------- */

/* Chunks and their lengths are written out. */
#define HEAR "\x03"
#define DATA "\x01\x17"
#define SAY  "\x04\x02\x00hi"

static const struct message_case {
    const char *name;
    char what;
    const char *acts;
    size_t size;
} messages[] = {
#define ACTS(text) text, sizeof(text) - 1
    {"data", 0, ACTS(DATA "\0\x03\0one" HEAR SAY DATA "\0\x03\0two")},
    {"data-1-3", 1, ACTS(DATA "\0\x03\0one" HEAR SAY DATA "\x07\x03\0two")},
    {"data-to-a-server", 2 + 4, ACTS(DATA "\0\x03\0one" SAY)},
    {"data-to-a-server-1-3", 3 + 4, ACTS(DATA "\0\x03\0one" SAY)},
    {"data-by-ccm", 8, ACTS(DATA "\0\x03\0one" SAY)},
    {"data-by-the-session", 12, ACTS(DATA "\0\x03\0one" HEAR SAY DATA "\0\x03\0two")},
    {"nothing", 1, ACTS(DATA "\0\0\0" DATA "\xff\0\0" HEAR SAY)},
    {"new-keys", 1,
     ACTS("\x05\x01" HEAR SAY DATA "\0\x01\0x"
          "\x05\0" DATA "\0\x01\0y")},
    {"a-lie-about-keys", 1, ACTS("\x01\x16\0\x05\0\x18\0\0\x01\x01" HEAR SAY DATA "\0\x01\0x")},
    {"close-notify", 0, ACTS("\x01\x15\0\x02\0\x01\0" HEAR SAY)},
    {"close-notify-1-3", 1, ACTS("\x01\x15\0\x02\0\x01\0" HEAR SAY)},
    {"a-fatal-alert", 1, ACTS("\x01\x15\0\x02\0\x02\x28" HEAR SAY)},
    {"a-warning", 0, ACTS("\x01\x15\0\x02\0\x01\x64" HEAR SAY)},
    {"a-hello-request", 0, ACTS("\x01\x16\0\x04\0\0\0\0\0" HEAR SAY)},
    {"half-a-ticket", 1, ACTS("\x01\x16\0\x06\0\x04\0\0\x20\0\0" HEAR DATA "\0\x01\0x")},
    {"no-type", 1, ACTS("\x01\0\x09\0\0" HEAR)},
    {"changed-cipher", 1, ACTS("\0\x06\0\x14\x03\x03\0\x01\x01" HEAR SAY)},
    {"altered", 1,
     ACTS(DATA "\0\x03\0one"
               "\x02\x08\0\x01" HEAR SAY)},
    {"no-tls", 0, ACTS("\0\x05\0GET /" HEAR SAY)},
#undef ACTS
};

static void save_messages(const char *folder)
{
    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        struct tls_flow input = {NULL, 0};

        tls_flow_add(&input, &messages[i].what, 1);
        tls_flow_add(&input, messages[i].acts, messages[i].size);
        save(folder, "tls_message", messages[i].name, &input);
        free(input.data);
    }
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return EXIT_FAILURE;
    }
    fuzz_world();
    tls_world();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        make(argv[1], &cases[i]);
    save_messages(argv[1]);
    return EXIT_SUCCESS;
}
