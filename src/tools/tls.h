/* SPDX-License-Identifier: MIT */
/*
 * `sspi tls` inside: TLS through Schannel, as a Windows program uses it.
 *
 *   tls.c       its command line, credentials, and both roles
 *   tlsconn.c   one connection: handshakes, records both ways, closing
 *   tlsshow.c   what was negotiated and with whom
 *   tlscert.c   certificates: files, names, and whether a chain is good
 *   tlsown.c    our own certificates, and where their private keys are
 */
#ifndef SSPI_TOOLS_TLS_H
#define SSPI_TOOLS_TLS_H

#define SCHANNEL_USE_BLACKLISTS
#include <windows.h>

#include <schannel.h>
#include <sspi.h>
#include <stdbool.h>
#include <stddef.h>
#include <wincrypt.h>

#define TLS_ALPN_SIZE 512

struct tls_options {
    const char *address, *port, *target, *certificate, *key, *authorities;
    DWORD versions;                    /* SP_PROT_TLS1_*, both roles; 0: the default */
    unsigned char alpn[TLS_ALPN_SIZE]; /* SEC_APPLICATION_PROTOCOLS */
    ULONG alpn_size;                   /* 0: none */
    int password_fd;                   /* -1: ask on the terminal */
    bool listen, once, echo, ask_client, no_verify, show, resume;
};

/* One of the two ends, for any number of connections. */
struct tls_end {
    const struct tls_options *options;
    CredHandle credential;
    HCERTSTORE roots; /* of --ca; or NULL */
};

/* The command. Returns an exit code. */
int tls_main(int argc, char **argv);

/* HOST[:PORT], or a server's [[ADDRESS]:PORT], which has a default: the words behind the options.
 */
bool tls_endpoint_take(int count, char **words, struct tls_options *options);

/* tlsconn.c: a connection from its first handshake to its end. With rehearsal it is closed after
 * the handshake. Closes socket and returns an exit code. */
int tls_converse(int socket, const struct tls_end *end, bool rehearsal);

/* tlsshow.c: on standard error. A context without a peer's certificate shows none. */
void tls_show_cipher(CtxtHandle *context);
void tls_show_negotiated(CtxtHandle *context, const char *session);
void tls_show_peer(CtxtHandle *context, const struct tls_options *options);
void tls_show_trust(DWORD trust, HRESULT verdict);
void tls_show_issuers(CtxtHandle *context);

/* tlscert.c; the first complains and is NULL. */
HCERTSTORE tls_store_open(const char *file);
unsigned tls_store_keys(HCERTSTORE store, PCCERT_CONTEXT *list, unsigned size);
const char *tls_name_text(const CERT_NAME_BLOB *name, char *text, size_t size);
const char *tls_server_names(PCCERT_CONTEXT server, char *text, size_t size);

/* Whether the server is `name` and `roots` alone vouch for it: 0 or CERT_E_* and the like. */
HRESULT tls_server_verify(PCCERT_CONTEXT server, HCERTSTORE roots, const char *name, DWORD *trust);

/* tlsown.c: a file's octets, which the caller wipes and frees; false where it cannot be read, is
 * empty, or is larger than 1 MiB. */
bool tls_file_read(const char *name, CRYPT_DATA_BLOB *blob);

/* Our certificates that have private keys, at most size, which the caller frees. Returns
 * an exit code. */
int tls_own_read(const struct tls_options *options, PCCERT_CONTEXT *list, unsigned size,
                 unsigned *count);

#endif
