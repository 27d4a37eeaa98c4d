/* SPDX-License-Identifier: MIT */
/* TLS by OpenSSL over memory BIOs; it is compared in messages only. */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdlib.h>

#include "bench/measure.h"
#include "bench/tls.h"

struct ends {
    SSL_CTX *client, *server;
};

struct pair {
    SSL *client, *server;
};

static void check(const char *call, bool done)
{
    if (!done)
        die("%s: %s", call, ERR_error_string(ERR_get_error(), NULL));
}

static SSL_CTX *context_new(const struct tls_setting *setting, const SSL_METHOD *method)
{
    int version = setting->tls13 ? TLS1_3_VERSION : TLS1_2_VERSION;
    bool wide = setting->bits == 256;
    SSL_CTX *context = SSL_CTX_new(method);

    check("SSL_CTX_new", context != NULL);
    check("version", SSL_CTX_set_min_proto_version(context, version) &&
                         SSL_CTX_set_max_proto_version(context, version));
    check("ciphers", SSL_CTX_set_ciphersuites(context, wide ? "TLS_AES_256_GCM_SHA384"
                                                            : "TLS_AES_128_GCM_SHA256") &&
                         SSL_CTX_set_cipher_list(context, wide ? "ECDHE-ECDSA-AES256-GCM-SHA384"
                                                               : "ECDHE-ECDSA-AES128-GCM-SHA256"));
    return context;
}

static void certificate_use(SSL_CTX *context, bool rsa)
{
    const gnutls_datum_t *pem = tls_pem(rsa);
    BIO *bio = BIO_new_mem_buf(pem->data, (int)pem->size);
    X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);

    check("certificate", cert != NULL && key != NULL && SSL_CTX_use_certificate(context, cert) &&
                             SSL_CTX_use_PrivateKey(context, key));
    X509_free(cert);
    EVP_PKEY_free(key);
    BIO_free(bio);
}

static void *openssl_open(const struct tls_setting *setting)
{
    struct ends *ends = calloc(1, sizeof(*ends));

    ends->client = context_new(setting, TLS_client_method());
    ends->server = context_new(setting, TLS_server_method());
    certificate_use(ends->server, setting->rsa);
    SSL_CTX_set_num_tickets(ends->server, 0);
    return ends;
}

static void openssl_close(void *data)
{
    struct ends *ends = data;

    SSL_CTX_free(ends->client);
    SSL_CTX_free(ends->server);
    free(ends);
}

static SSL *end_new(SSL_CTX *context)
{
    SSL *end = SSL_new(context);

    check("SSL_new", end != NULL);
    SSL_set_bio(end, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    return end;
}

/* Through the caller's memory, as if it were sent. */
static void carry(SSL *from, SSL *to, uint8_t *wire, int capacity)
{
    int size = BIO_read(SSL_get_wbio(from), wire, capacity);

    if (size > 0 && BIO_write(SSL_get_rbio(to), wire, size) != size)
        die("BIO_write");
}

static bool step(SSL *end)
{
    int code = SSL_do_handshake(end);

    check("SSL_do_handshake", code == 1 || SSL_get_error(end, code) == SSL_ERROR_WANT_READ);
    return code == 1;
}

static void *openssl_connect(void *data)
{
    static uint8_t wire[TLS_FLIGHT];
    const struct ends *ends = data;
    struct pair *pair = malloc(sizeof(*pair));
    bool ours = false, theirs = false;

    pair->client = end_new(ends->client);
    pair->server = end_new(ends->server);
    SSL_set_connect_state(pair->client);
    SSL_set_accept_state(pair->server);
    while (!ours || !theirs) {
        ours = step(pair->client);
        carry(pair->client, pair->server, wire, sizeof(wire));
        theirs = step(pair->server);
        carry(pair->server, pair->client, wire, sizeof(wire));
    }
    return pair;
}

static void openssl_disconnect(void *data)
{
    struct pair *pair = data;

    SSL_free(pair->client);
    SSL_free(pair->server);
    free(pair);
}

static bool openssl_is_resumed(void *data)
{
    return SSL_session_reused(((struct pair *)data)->client) != 0;
}

static unsigned openssl_bits(void *data)
{
    return (unsigned)SSL_get_cipher_bits(((struct pair *)data)->server, NULL);
}

static void openssl_exchange(void *data, const struct tls_message *message)
{
    static uint8_t wire[TLS_FLIGHT + 2 * TLS_ROOM];
    struct pair *pair = data;
    int size = (int)message->size;

    check("SSL_write", SSL_write(pair->client, message->data, size) == size);
    carry(pair->client, pair->server, wire, sizeof(wire));
    check("SSL_read", SSL_read(pair->server, message->data, size) == size);
}

const struct tls_way tls_openssl = {
    .name = "OpenSSL",
    .open = openssl_open,
    .close = openssl_close,
    .connect = openssl_connect,
    .disconnect = openssl_disconnect,
    .is_resumed = openssl_is_resumed,
    .bits = openssl_bits,
    .exchange = openssl_exchange,
};
