/* SPDX-License-Identifier: MIT */
/* TLS by GnuTLS' own session calls, pushing into memory and pulling from it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/measure.h"
#include "bench/tls.h"

static void check(const char *call, ssize_t code)
{
    if (code < 0)
        die("%s: %s", call, gnutls_strerror((int)code));
}

/* --- Credentials ---------------------------------------------------------------------------- */

struct ends {
    gnutls_certificate_credentials_t client, server;
    gnutls_priority_t priority;
    gnutls_datum_t ticket_key, session; /* where sessions are resumed */
    bool tls13;
};

/* What SSPI's credential makes of the same wishes. */
static void priority_make(const struct tls_setting *setting, gnutls_priority_t *priority)
{
    unsigned other = 384 - setting->bits;
    char text[256];

    snprintf(text, sizeof(text),
             "-VERS-ALL:+VERS-TLS1.%d:-AES-%u-GCM:-AES-%u-CCM:-AES-%u-CBC:-CHACHA20-POLY1305",
             setting->tls13 ? 3 : 2, other, other, other);
    check("gnutls_priority_init2",
          gnutls_priority_init2(priority, text, NULL, GNUTLS_PRIORITY_INIT_DEF_APPEND));
}

static void *bare_open(const struct tls_setting *setting)
{
    struct ends *ends = calloc(1, sizeof(*ends));
    const gnutls_datum_t *pem = tls_pem(setting->rsa);

    ends->tls13 = setting->tls13;
    check("credentials", gnutls_certificate_allocate_credentials(&ends->client));
    check("credentials", gnutls_certificate_allocate_credentials(&ends->server));
    check(
        "gnutls_certificate_set_x509_key_mem2",
        gnutls_certificate_set_x509_key_mem2(ends->server, pem, pem, GNUTLS_X509_FMT_PEM, NULL, 0));
    check("gnutls_certificate_set_known_dh_params",
          gnutls_certificate_set_known_dh_params(ends->server, GNUTLS_SEC_PARAM_MEDIUM));
    priority_make(setting, &ends->priority);
    if (setting->resumed)
        check("gnutls_session_ticket_key_generate",
              gnutls_session_ticket_key_generate(&ends->ticket_key));
    return ends;
}

static void bare_close(void *data)
{
    struct ends *ends = data;

    gnutls_certificate_free_credentials(ends->client);
    gnutls_certificate_free_credentials(ends->server);
    gnutls_priority_deinit(ends->priority);
    gnutls_free(ends->ticket_key.data);
    gnutls_free(ends->session.data);
    free(ends);
}

/* --- Memory in place of a socket ------------------------------------------------------------ */

struct flow {
    uint8_t *data; /* the caller's */
    size_t size, used, capacity;
};

struct end {
    gnutls_session_t session;
    struct flow *in, *out;
};

static ssize_t end_push(gnutls_transport_ptr_t pointer, const void *data, size_t size)
{
    struct flow *flow = ((struct end *)pointer)->out;

    if (flow->size + size > flow->capacity)
        die("no room for %zu octets", size);
    memcpy(flow->data + flow->size, data, size);
    flow->size += size;
    return (ssize_t)size;
}

static ssize_t end_pull(gnutls_transport_ptr_t pointer, void *data, size_t size)
{
    struct end *end = pointer;
    struct flow *flow = end->in;

    if (flow->used == flow->size) {
        flow->used = flow->size = 0;
        gnutls_transport_set_errno(end->session, EAGAIN);
        return -1;
    }
    if (size > flow->size - flow->used)
        size = flow->size - flow->used;
    memcpy(data, flow->data + flow->used, size);
    flow->used += size;
    return (ssize_t)size;
}

static int end_pull_timeout(gnutls_transport_ptr_t pointer, unsigned milliseconds)
{
    const struct flow *flow = ((struct end *)pointer)->in;

    (void)milliseconds;
    return flow->used != flow->size;
}

/* --- Connections ---------------------------------------------------------------------------- */

struct pair {
    struct end client, server;
    struct flow up, down;
};

static void end_start(struct end *end, const struct ends *ends, unsigned role, struct flow *in,
                      struct flow *out)
{
    check("gnutls_init", gnutls_init(&end->session, role | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL));
    end->in = in;
    end->out = out;
    gnutls_transport_set_ptr(end->session, end);
    gnutls_transport_set_push_function(end->session, end_push);
    gnutls_transport_set_pull_function(end->session, end_pull);
    gnutls_transport_set_pull_timeout_function(end->session, end_pull_timeout);
    check("gnutls_priority_set", gnutls_priority_set(end->session, ends->priority));
    check("gnutls_credentials_set",
          gnutls_credentials_set(end->session, GNUTLS_CRD_CERTIFICATE,
                                 role == GNUTLS_SERVER ? ends->server : ends->client));
}

static void client_start(struct pair *pair, const struct ends *ends)
{
    end_start(&pair->client, ends, GNUTLS_CLIENT, &pair->down, &pair->up);
    check("gnutls_server_name_set", gnutls_server_name_set(pair->client.session, GNUTLS_NAME_DNS,
                                                           TLS_TARGET, sizeof(TLS_TARGET) - 1));
    if (ends->session.data != NULL)
        check(
            "gnutls_session_set_data",
            gnutls_session_set_data(pair->client.session, ends->session.data, ends->session.size));
}

/* A server has a session once somebody comes. */
static void server_start(struct pair *pair, const struct ends *ends)
{
    end_start(&pair->server, ends, GNUTLS_SERVER, &pair->up, &pair->down);
    if (ends->ticket_key.data != NULL)
        check("gnutls_session_ticket_enable_server",
              gnutls_session_ticket_enable_server(pair->server.session, &ends->ticket_key));
}

static bool step(gnutls_session_t session)
{
    int code = gnutls_handshake(session);

    if (code < 0 && gnutls_error_is_fatal(code))
        check("gnutls_handshake", code);
    return code == 0;
}

/* Like any client this one reads what comes: in TLS 1.3 tickets follow the handshake. */
static void tickets_read(struct pair *pair)
{
    char ignored[16];

    while (pair->down.used != pair->down.size)
        if (gnutls_record_recv(pair->client.session, ignored, sizeof(ignored)) != GNUTLS_E_AGAIN)
            die("data came in place of a ticket");
}

/* What it takes to resume next time. */
static void session_keep(struct pair *pair, struct ends *ends)
{
    if (ends->tls13 &&
        !(gnutls_session_get_flags(pair->client.session) & GNUTLS_SFLAGS_SESSION_TICKET))
        die("there is no ticket");
    gnutls_free(ends->session.data);
    ends->session.data = NULL;
    check("gnutls_session_get_data2",
          gnutls_session_get_data2(pair->client.session, &ends->session));
}

static void *bare_connect(void *data)
{
    static uint8_t up[TLS_FLIGHT], down[TLS_FLIGHT];
    struct ends *ends = data;
    struct pair *pair = malloc(sizeof(*pair));
    bool ours = false, theirs = false;

    pair->up = (struct flow){up, 0, 0, TLS_FLIGHT};
    pair->down = (struct flow){down, 0, 0, TLS_FLIGHT};
    client_start(pair, ends);
    step(pair->client.session);
    server_start(pair, ends);
    while (!ours || !theirs) {
        theirs = theirs || step(pair->server.session);
        ours = ours || step(pair->client.session);
    }
    tickets_read(pair);
    if (ends->ticket_key.data != NULL)
        session_keep(pair, ends);
    return pair;
}

static void bare_disconnect(void *data)
{
    struct pair *pair = data;

    gnutls_deinit(pair->client.session);
    gnutls_deinit(pair->server.session);
    free(pair);
}

static bool bare_is_resumed(void *data)
{
    return gnutls_session_is_resumed(((struct pair *)data)->client.session) != 0;
}

static unsigned bare_bits(void *data)
{
    return 8 * (unsigned)gnutls_cipher_get_key_size(
                   gnutls_cipher_get(((struct pair *)data)->server.session));
}

static void bare_exchange(void *data, const struct tls_message *message)
{
    static uint8_t wire[TLS_FLIGHT + 2 * TLS_ROOM];
    struct pair *pair = data;
    ssize_t size;

    pair->up = (struct flow){wire, 0, 0, sizeof(wire)};
    check("gnutls_record_send",
          gnutls_record_send(pair->client.session, message->data, message->size));
    size = gnutls_record_recv(pair->server.session, message->data, message->size);
    if (size != (ssize_t)message->size)
        die("%zu octets were sent and %zd received", message->size, size);
}

const struct tls_way tls_gnutls = {
    .name = "GnuTLS",
    .open = bare_open,
    .close = bare_close,
    .connect = bare_connect,
    .disconnect = bare_disconnect,
    .is_resumed = bare_is_resumed,
    .bits = bare_bits,
    .exchange = bare_exchange,
};
