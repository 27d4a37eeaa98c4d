/* SPDX-License-Identifier: MIT */
/*
 * cyrus_peer: an interoperability peer on Cyrus SASL, nothing of ours; see README.md.
 *
 * mech=krb5 is GSSAPI, digest is DIGEST-MD5, spnego is GSS-SPNEGO. For DIGEST-MD5 an initiator has
 * user=, domain= (the realm) and password-file=, and an acceptor the accounts of the sasldb that
 * CYRUS_SASLDB names. flags=conf,integ ask for a layer that seals,
 * flags=integ for one that signs, neither for none; an acceptor without flags offers all it has.
 * authz= is whom the initiator wants to act as, size= the largest message. Messages are without the
 * four octets of their length.
 *
 * options: `no-layer` the acceptor offers none; `authz-forbidden` it lets nobody act as another.
 */
#include "peer.h"

#include <sasl/sasl.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH_SIZE 4

#define DIGEST_SIGNATURE 16 /* RFC 2831 2.3 */

enum { FEATURE_SIGNS = 1, FEATURE_SEALS = 2, FEATURE_APPENDS = 4 };

struct cyrus_end {
    struct peer_words words;
    const char *mech;
    char service[64], host[256];
    sasl_conn_t *connection;
    bool started;
};

static int fail(struct cyrus_end *end, const char *call, int code)
{
    char number[16];

    snprintf(number, sizeof number, "%d", code);
    return peer_fail(number, "%s: %s", call,
                     end->connection == NULL ? sasl_errstring(code, NULL, NULL)
                                             : sasl_errdetail(end->connection));
}

/* ---- what the library asks back ------------------------------------------------------------ */

static int get_name(void *self, int id, const char **result, unsigned *length)
{
    const struct cyrus_end *end = self;
    const char *name = id == SASL_CB_AUTHNAME ? end->words.user : end->words.authz;

    *result = name == NULL ? "" : name;
    if (length != NULL)
        *length = (unsigned)strlen(*result);
    return SASL_OK;
}

static int get_password(sasl_conn_t *connection, void *self, int id, sasl_secret_t **result)
{
    const struct cyrus_end *end = self;
    const char *password = peer_password(&end->words);
    static sasl_secret_t *secret;

    (void)connection;
    (void)id;
    free(secret);
    secret = malloc(sizeof *secret + strlen(password));
    if (secret == NULL)
        return SASL_NOMEM;
    secret->len = strlen(password);
    memcpy(secret->data, password, secret->len + 1);
    *result = secret;
    return SASL_OK;
}

static int get_realm(void *self, int id, const char **available, const char **result)
{
    const struct cyrus_end *end = self;

    (void)id;
    *result = end->words.domain != NULL ? end->words.domain : available[0];
    return SASL_OK;
}

static int get_option(void *self, const char *plugin, const char *option, const char **result,
                      unsigned *length)
{
    const char *database = getenv("CYRUS_SASLDB");

    (void)self;
    (void)plugin;
    if (database == NULL)
        return SASL_FAIL;
    if (strcmp(option, "auxprop_plugin") == 0)
        *result = "sasldb";
    else if (strcmp(option, "sasldb_path") == 0)
        *result = database;
    else
        return SASL_FAIL;
    if (length != NULL)
        *length = (unsigned)strlen(*result);
    return SASL_OK;
}

static int may_act_as(sasl_conn_t *connection, void *self, const char *wanted, unsigned wanted_size,
                      const char *real, unsigned real_size, const char *realm, unsigned realm_size,
                      struct propctx *properties)
{
    const struct cyrus_end *end = self;

    (void)connection;
    (void)realm;
    (void)realm_size;
    (void)properties;
    if (wanted_size == real_size && memcmp(wanted, real, real_size) == 0)
        return SASL_OK;
    return peer_listed(end->words.options, "authz-forbidden") ? SASL_NOAUTHZ : SASL_OK;
}

static int say_nothing(void *self, int level, const char *message)
{
    (void)self;
    (void)level;
    (void)message;
    return SASL_OK;
}

typedef int callback(void);
typedef void anything(void);

/* As the library wants it: each has another type. */
#define CALLBACK(id, function, end)                                                                \
    {                                                                                              \
        id, (callback *)(anything *)(function), end                                                \
    }

static sasl_callback_t *callbacks_of(struct cyrus_end *end)
{
    static sasl_callback_t list[8];
    const sasl_callback_t all[] = {
        CALLBACK(SASL_CB_LOG, say_nothing, end),         CALLBACK(SASL_CB_GETOPT, get_option, end),
        CALLBACK(SASL_CB_USER, get_name, end),           CALLBACK(SASL_CB_AUTHNAME, get_name, end),
        CALLBACK(SASL_CB_PASS, get_password, end),       CALLBACK(SASL_CB_GETREALM, get_realm, end),
        CALLBACK(SASL_CB_PROXY_POLICY, may_act_as, end), {SASL_CB_LIST_END, NULL, NULL},
    };

    memcpy(list, all, sizeof all);
    return list;
}

/* ---- the exchange -------------------------------------------------------------------------- */

/* The strengths that stand for layers: 0 none, 1 signs, more seals. */
static sasl_security_properties_t properties_of(const struct cyrus_end *end)
{
    enum { SSF_SIGNS = 1, SSF_SEALS = 56, SSF_MOST = 256 };
    bool seals = end->words.flags & PEER_CONF, signs = end->words.flags & PEER_INTEG;
    sasl_security_properties_t wanted = {0};

    wanted.min_ssf = seals ? SSF_SEALS : signs ? SSF_SIGNS : 0;
    wanted.max_ssf = seals ? SSF_MOST : signs ? SSF_SIGNS : end->words.initiator ? 0 : SSF_MOST;
    if (peer_listed(end->words.options, "no-layer"))
        wanted.max_ssf = 0;
    wanted.maxbufsize =
        end->words.size == NULL ? 0xffff : (unsigned)strtoul(end->words.size, NULL, 10);
    return wanted;
}

static int open_connection(struct cyrus_end *end)
{
    sasl_security_properties_t wanted = properties_of(end);
    int code = end->words.initiator ? sasl_client_init(callbacks_of(end))
                                    : sasl_server_init(callbacks_of(end), "cyrus_peer");

    if (code == SASL_OK)
        code = end->words.initiator
                   ? sasl_client_new(end->service, end->host, NULL, NULL, NULL, 0, &end->connection)
                   : sasl_server_new(end->service, end->host, end->words.domain, NULL, NULL, NULL,
                                     0, &end->connection);
    if (code == SASL_OK)
        code = sasl_setprop(end->connection, SASL_SEC_PROPS, &wanted);
    return code == SASL_OK ? 0 : fail(end, "sasl_new", code);
}

static int step(struct cyrus_end *end, struct peer_bytes in, const char **out, unsigned *length)
{
    const char *data = (const char *)in.data;
    unsigned size = (unsigned)in.length;
    bool first = !end->started;

    end->started = true;
    if (end->words.initiator && first) {
        int code = sasl_client_start(end->connection, end->mech, NULL, out, length, NULL);

        if (code != SASL_CONTINUE || size == 0)
            return code;
    }
    if (end->words.initiator)
        return sasl_client_step(end->connection, data, size, NULL, out, length);
    return first ? sasl_server_start(end->connection, end->mech, data, size, out, length)
                 : sasl_server_step(end->connection, data, size, out, length);
}

static int cyrus_step(void *self, struct peer_bytes in, struct peer_bytes *out, bool *done)
{
    struct cyrus_end *end = self;
    const char *token = NULL;
    unsigned length = 0;
    int code;

    if (end->connection == NULL && open_connection(end) != 0)
        return -1;
    code = step(end, in, &token, &length);
    if (code != SASL_OK && code != SASL_CONTINUE)
        return fail(end, "sasl_step", code);
    *out = peer_bytes_copy(token, token == NULL ? 0 : length);
    *done = code == SASL_OK;
    return 0;
}

/* ---- information --------------------------------------------------------------------------- */

static unsigned number_of(const struct cyrus_end *end, int property)
{
    const void *value = NULL;

    if (sasl_getprop(end->connection, property, &value) != SASL_OK || value == NULL)
        return 0;
    return *(const unsigned *)value;
}

static const char *text_of(const struct cyrus_end *end, int property)
{
    const void *value = NULL;

    return sasl_getprop(end->connection, property, &value) == SASL_OK && value != NULL ? value : "";
}

static bool is_digest(const struct cyrus_end *end)
{
    return strcmp(end->mech, "DIGEST-MD5") == 0;
}

static unsigned cyrus_features(void *self)
{
    unsigned strength = number_of(self, SASL_SSF);

    if (strength == 1 && is_digest(self))
        return FEATURE_APPENDS;
    return strength > 1 ? FEATURE_SEALS : strength == 1 ? FEATURE_SIGNS : 0;
}

static int cyrus_info(void *self, FILE *out)
{
    struct cyrus_end *end = self;

    fprintf(out, "ssf=%u\nsend=%u\n", number_of(end, SASL_SSF), number_of(end, SASL_MAXOUTBUF));
    fprintf(out, "source=%s\nauthz=%s\n", text_of(end, SASL_AUTHUSER), text_of(end, SASL_USERNAME));
    fprintf(out, "min=1\n");
    if (is_digest(end)) /* a longer text travels in parts */
        fprintf(out, "mech=digest\nmax=%u\n", number_of(end, SASL_MAXOUTBUF));
    return 0;
}

/* ---- messages ------------------------------------------------------------------------------ */

static int write_any(void *self, struct peer_bytes text, struct peer_bytes *wire)
{
    struct cyrus_end *end = self;
    const char *data = NULL;
    unsigned length = 0;
    int code = sasl_encode(end->connection, (const char *)text.data, (unsigned)text.length, &data,
                           &length);

    if (code != SASL_OK || length < LENGTH_SIZE)
        return fail(end, "sasl_encode", code);
    *wire = peer_bytes_copy(data + LENGTH_SIZE, length - LENGTH_SIZE);
    return 0;
}

static int read_any(void *self, struct peer_bytes wire, struct peer_bytes *text, bool *sealed)
{
    struct cyrus_end *end = self;
    struct peer_bytes framed = peer_bytes_new(LENGTH_SIZE + wire.length);
    const char *data = NULL;
    unsigned length = 0;
    int code;

    for (unsigned i = 0; i < LENGTH_SIZE; i++)
        framed.data[i] = (uint8_t)(wire.length >> 8 * (LENGTH_SIZE - 1 - i));
    memcpy(framed.data + LENGTH_SIZE, wire.data, wire.length);
    code = sasl_decode(end->connection, (const char *)framed.data, (unsigned)framed.length, &data,
                       &length);
    free(framed.data);
    if (code != SASL_OK)
        return fail(end, "sasl_decode", code);
    *text = peer_bytes_copy(data, length);
    *sealed = cyrus_features(end) == FEATURE_SEALS;
    return 0;
}

/* DIGEST-MD5's signature stands behind the text, and before it in the format mic. */
static int write_mic(void *self, struct peer_bytes text, struct peer_bytes *wire)
{
    struct peer_bytes whole, mic, body;

    if (write_any(self, text, &whole) != 0)
        return -1;
    body = (struct peer_bytes){whole.data, whole.length - DIGEST_SIGNATURE};
    mic = (struct peer_bytes){whole.data + body.length, DIGEST_SIGNATURE};
    *wire = peer_join(mic, body);
    free(whole.data);
    return 0;
}

static int read_mic(void *self, struct peer_bytes wire, struct peer_bytes *text, bool *sealed)
{
    struct peer_bytes mic, body, whole;
    int result;

    if (peer_part(wire, &mic, &body) != 0)
        return -1;
    whole = peer_bytes_new(body.length + mic.length);
    memcpy(whole.data, body.data, body.length);
    memcpy(whole.data + body.length, mic.data, mic.length);
    result = read_any(self, whole, text, sealed);
    free(whole.data);
    return result;
}

static const struct peer_format formats[] = {
    {"mic/sasl", FEATURE_APPENDS, write_mic, read_mic},
    {"wrap/sasl", FEATURE_SEALS, write_any, read_any},
    {"clear/sasl", FEATURE_SIGNS, write_any, read_any},
    {NULL, 0, NULL, NULL},
};

static const struct peer peer = {cyrus_step, cyrus_info, cyrus_features, formats};

static const char *mechanism_of(const char *word)
{
    static const struct {
        const char *word, *mechanism;
    } rows[] = {{"krb5", "GSSAPI"}, {"digest", "DIGEST-MD5"}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].word, word) == 0)
            return rows[i].mechanism;
    return "GSS-SPNEGO";
}

int main(int argc, char **argv)
{
    struct cyrus_end end = {.words = peer_parse(argc, argv)};
    const char *target = end.words.target == NULL ? "" : end.words.target;
    int status;

    if (end.words.mech == NULL || sscanf(target, "%63[^@]@%255s", end.service, end.host) != 2) {
        fprintf(stderr, "cyrus_peer: mech= and target=SERVICE@HOST, please\n");
        return 2;
    }
    end.mech = mechanism_of(end.words.mech);
    status = peer_serve(&peer, &end);
    sasl_dispose(&end.connection);
    sasl_done();
    return status;
}
