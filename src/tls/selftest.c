/* SPDX-License-Identifier: MIT */
/* The lanes against GnuTLS itself, once in a process. */
#include "tls/selftest.h"

#include <errno.h>
#include <string.h>

#include "tls/lane.h"

#define PIPE   4096
#define ROUNDS 64 /* a handshake takes fewer */
#define SECRET 16

#define SELFTEST_SUITE ":-KX-ALL:+PSK:-CIPHER-ALL:+AES-128-GCM"

/* What one session writes and the other reads. */
struct pipe {
    uint8_t data[PIPE];
    size_t size, taken;
};

struct end {
    gnutls_session_t session;
    struct pipe *in, *out;
    struct lane reading, writing;
};

static ssize_t end_pull(gnutls_transport_ptr_t pointer, void *data, size_t size)
{
    struct end *end = pointer;
    size_t left = end->in->size - end->in->taken;

    if (left == 0) {
        gnutls_transport_set_errno(end->session, EAGAIN);
        return -1;
    }
    if (size > left)
        size = left;
    memcpy(data, end->in->data + end->in->taken, size);
    end->in->taken += size;
    return (ssize_t)size;
}

static ssize_t end_push(gnutls_transport_ptr_t pointer, const void *data, size_t size)
{
    struct end *end = pointer;

    if (end->out->taken == end->out->size)
        end->out->taken = end->out->size = 0;
    if (size > sizeof(end->out->data) - end->out->size) {
        gnutls_transport_set_errno(end->session, ENOMEM);
        return -1;
    }
    memcpy(end->out->data + end->out->size, data, size);
    end->out->size += size;
    return (ssize_t)size;
}

static int end_pull_timeout(gnutls_transport_ptr_t pointer, unsigned milliseconds)
{
    const struct end *end = pointer;

    (void)milliseconds;
    return end->in->size != end->in->taken;
}

static const char identity[] = "self-test";

static int secret_find(gnutls_session_t session, const char *username, gnutls_datum_t *key)
{
    (void)session;
    (void)username;
    key->data = gnutls_calloc(1, SECRET);
    key->size = SECRET;
    return key->data == NULL ? -1 : 0;
}

/* Both ends' credentials; the key is worth nothing and known to all. */
struct secrets {
    gnutls_psk_client_credentials_t client;
    gnutls_psk_server_credentials_t server;
};

static bool secrets_open(struct secrets *secrets)
{
    static unsigned char zeros[SECRET];
    const gnutls_datum_t key = {zeros, sizeof(zeros)};

    memset(secrets, 0, sizeof(*secrets));
    if (gnutls_psk_allocate_client_credentials(&secrets->client) != 0 ||
        gnutls_psk_allocate_server_credentials(&secrets->server) != 0 ||
        gnutls_psk_set_client_credentials(secrets->client, identity, &key, GNUTLS_PSK_KEY_RAW) != 0)
        return false;
    gnutls_psk_set_server_credentials_function(secrets->server, secret_find);
    return true;
}

static void secrets_close(struct secrets *secrets)
{
    if (secrets->client != NULL)
        gnutls_psk_free_client_credentials(secrets->client);
    if (secrets->server != NULL)
        gnutls_psk_free_server_credentials(secrets->server);
}

static bool end_open(struct end *end, unsigned role, void *credentials, const char *priority)
{
    if (gnutls_init(&end->session, role | GNUTLS_NONBLOCK | GNUTLS_NO_TICKETS) != 0)
        return false;
    gnutls_transport_set_ptr(end->session, end);
    gnutls_transport_set_pull_function(end->session, end_pull);
    gnutls_transport_set_pull_timeout_function(end->session, end_pull_timeout);
    gnutls_transport_set_push_function(end->session, end_push);
    return gnutls_priority_set_direct(end->session, priority, NULL) == 0 &&
           gnutls_credentials_set(end->session, GNUTLS_CRD_PSK, credentials) == 0;
}

static bool ends_meet(struct end *client, struct end *server)
{
    int one = GNUTLS_E_AGAIN, other = GNUTLS_E_AGAIN;

    for (unsigned i = 0; i < ROUNDS && (one != 0 || other != 0); i++) {
        if (one != 0)
            one = gnutls_handshake(client->session);
        if (other != 0)
            other = gnutls_handshake(server->session);
        if (gnutls_error_is_fatal(one) || gnutls_error_is_fatal(other))
            return false;
    }
    return one == 0 && other == 0;
}

/* A record that the lane sealed is opened by the other end's session. */
static bool lane_to_session(struct end *from, struct end *to)
{
    uint8_t record[64] = {0}, got[16];
    size_t head = lane_head(&from->writing), size = 5;

    memcpy(record + head, "there", size);
    return lane_seal(&from->writing, record, record + head, size, record + head + size) == 0 &&
           end_push(from, record, head + size + lane_tail(&from->writing)) > 0 &&
           gnutls_record_recv(to->session, got, sizeof(got)) == (ssize_t)size &&
           memcmp(got, "there", size) == 0;
}

/* And one that the session sealed by the lane, which can also undo that. */
static bool session_to_lane(struct end *from, struct end *to)
{
    uint8_t record[64], again[64];
    size_t size, length;
    enum record_type type;

    if (gnutls_record_send(from->session, "back", 4) != 4)
        return false;
    size = to->in->size - to->in->taken;
    if (size > sizeof(record))
        return false;
    memcpy(record, to->in->data + to->in->taken, size);
    memcpy(again, record, size);
    to->in->taken += size;
    if (lane_open(&to->reading, record, size, &type, &length) != 0 || type != RECORD_DATA ||
        length != 4 || memcmp(record + lane_head(&to->reading), "back", 4) != 0)
        return false;
    return lane_close_again(&to->reading, record, size) == 0 && memcmp(record, again, size) == 0;
}

static bool version_works(struct secrets *secrets, const char *priority)
{
    struct pipe up = {.size = 0}, down = {.size = 0};
    struct end client = {.in = &down, .out = &up}, server = {.in = &up, .out = &down};
    bool works = end_open(&client, GNUTLS_CLIENT, secrets->client, priority) &&
                 end_open(&server, GNUTLS_SERVER, secrets->server, priority) &&
                 ends_meet(&client, &server);

    if (works) {
        lane_take(&client.writing, client.session, false);
        lane_take(&client.reading, client.session, true);
        works = client.writing.aead != NULL && client.reading.aead != NULL &&
                lane_to_session(&client, &server) && session_to_lane(&server, &client);
    }
    lane_close(&client.writing);
    lane_close(&client.reading);
    if (client.session != NULL)
        gnutls_deinit(client.session);
    if (server.session != NULL)
        gnutls_deinit(server.session);
    return works;
}

bool tls_selftest(void)
{
    struct secrets secrets;
    bool works = secrets_open(&secrets) &&
                 version_works(&secrets, "NORMAL:-VERS-ALL:+VERS-TLS1.2" SELFTEST_SUITE) &&
                 version_works(&secrets, "NORMAL:-VERS-ALL:+VERS-TLS1.3" SELFTEST_SUITE);

    secrets_close(&secrets);
    return works;
}
