/* SPDX-License-Identifier: MIT */
/*
 * The first two messages: a client says by X.224 how it can secure the connection, and the server
 * chooses. [MS-RDPBCGR] 2.2.1.1 and 2.2.1.2; TPKT is RFC 1006.
 */
#include <string.h>

#include "tools/rdp.h"
#include "tools/report.h"

#define TPKT_VERSION 3
#define TPKT_SIZE    4U
#define X224_SIZE    7U /* with its length, which does not count itself */
#define X224_REQUEST 0xe0
#define X224_CONFIRM 0xd0
#define NEGO_SIZE    8U
#define PDU_MIN      (TPKT_SIZE + X224_SIZE)
#define PDU_MAX      (TPKT_SIZE + 256U) /* as much as X.224's length can say */

enum nego_type { NEGO_NONE, NEGO_REQUEST, NEGO_RESPONSE, NEGO_FAILURE };

/* [MS-RDPBCGR] 2.2.1.1.1, of a request; "redirected" is Remote Credential Guard */
#define RESTRICTED_ADMIN_REQUIRED 0x01
#define REDIRECTED_REQUIRED       0x02

/* 2.2.1.2.1, of a response */
#define RESTRICTED_ADMIN_SUPPORTED 0x08
#define REDIRECTED_SUPPORTED       0x10

/* RDP_NEG_REQ, RDP_NEG_RSP or RDP_NEG_FAILURE. */
struct nego {
    enum nego_type type;
    uint8_t flags;
    uint32_t value; /* protocols, the one that was chosen, or why there is none */
};

/* --- The messages --------------------------------------------------------------------------- */

static size_t pdu_write(unsigned char *pdu, unsigned char code, const struct nego *nego)
{
    const unsigned char all[] = {TPKT_VERSION,
                                 0,
                                 0,
                                 PDU_MIN + NEGO_SIZE,
                                 X224_SIZE - 1 + NEGO_SIZE,
                                 code,
                                 0,
                                 0,
                                 0,
                                 0,
                                 0, /* references and class */
                                 (unsigned char)nego->type,
                                 nego->flags,
                                 NEGO_SIZE,
                                 0,
                                 (unsigned char)nego->value,
                                 (unsigned char)(nego->value >> 8),
                                 (unsigned char)(nego->value >> 16),
                                 (unsigned char)(nego->value >> 24)};

    memcpy(pdu, all, sizeof(all));
    return sizeof(all);
}

/* How long the message is that starts here, 0 while that cannot be said; false: it is none. */
static bool pdu_frame(const unsigned char *data, size_t got, unsigned char code, size_t *size)
{
    static const unsigned char mask[] = {0xff, 0, 0xfe, 0, 0, 0xff};
    const unsigned char begins[] = {TPKT_VERSION, 0, 0, 0, 0, code};

    for (size_t i = 0; i < sizeof(begins) && i < got; i++)
        if ((data[i] & mask[i]) != begins[i])
            return false;
    *size = 0;
    if (got < sizeof(begins))
        return true;
    *size = (size_t)data[2] << 8 | data[3];
    return *size >= PDU_MIN && *size <= PDU_MAX && data[4] == *size - TPKT_SIZE - 1;
}

/* A request may begin with a line for those who spread connections, which is not for us. */
static size_t line_size(const unsigned char *data, size_t size)
{
    const unsigned char *end =
        size == 0 || *data == NEGO_REQUEST ? NULL : memmem(data, size, "\r\n", 2);

    return end == NULL ? 0 : (size_t)(end - data) + 2;
}

/* What is in a whole message. Without a negotiation its type is NEGO_NONE; false: it is wrong. */
static bool pdu_read(const unsigned char *pdu, size_t size, struct nego *nego)
{
    const unsigned char *at = pdu + PDU_MIN;
    size_t left = size - PDU_MIN;

    if (pdu[5] == X224_REQUEST) {
        size_t line = line_size(at, left);

        at += line;
        left -= line;
    }
    *nego = (struct nego){.type = NEGO_NONE};
    if (left == 0)
        return true;
    if (left < NEGO_SIZE || at[0] > NEGO_FAILURE || at[2] != NEGO_SIZE || at[3] != 0)
        return false;
    nego->type = at[0];
    nego->flags = at[1];
    nego->value =
        (uint32_t)at[4] | (uint32_t)at[5] << 8 | (uint32_t)at[6] << 16 | (uint32_t)at[7] << 24;
    return true;
}

static int pdu_receive(struct rdp_conn *conn, unsigned char code, struct nego *nego)
{
    size_t size = 0;
    int result = EXIT_OK;
    bool good = true;

    while (result == EXIT_OK && good && (size == 0 || conn->got < size)) {
        result = rdp_receive(conn);
        good = result != EXIT_OK || pdu_frame(conn->in, conn->got, code, &size);
    }
    if (result != EXIT_OK)
        return result;
    if (good && pdu_read(conn->in, size, nego)) {
        rdp_consume(conn, size);
        return EXIT_OK;
    }
    complain("what came is no X.224 connection %s of Remote Desktop",
             code == X224_CONFIRM ? "confirm: is this its port?" : "request");
    return EXIT_AUTH;
}

static int pdu_send(struct rdp_conn *conn, unsigned char code, const struct nego *nego)
{
    unsigned char pdu[PDU_MIN + NEGO_SIZE];

    return rdp_send(conn, pdu, pdu_write(pdu, code, nego));
}

/* --- A client ------------------------------------------------------------------------------- */

/* [MS-RDPBCGR] 2.2.1.2.2 */
static const struct {
    uint32_t code;
    const char *name, *text;
} failures[] = {
    {1, "SSL_REQUIRED_BY_SERVER", "the server wants TLS"},
    {2, "SSL_NOT_ALLOWED_BY_SERVER", "the server has Remote Desktop's own encryption only"},
    {3, "SSL_CERT_NOT_ON_SERVER", "the server has no certificate for TLS"},
    {4, "INCONSISTENT_FLAGS", "the server finds our request inconsistent"},
    {5, "HYBRID_REQUIRED_BY_SERVER", "the server wants a logon by CredSSP before all else"},
    {6, "SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER",
     "the server wants TLS with a client's certificate"},
};

static int failure_complain(uint32_t code)
{
    for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++)
        if (failures[i].code == code) {
            complain("the server refuses: %s: %s", failures[i].name, failures[i].text);
            return EXIT_AUTH;
        }
    complain("the server refuses, by a code that is not known: 0x%08x", (unsigned)code);
    return EXIT_AUTH;
}

static int mode_judge(const struct rdp_options *options, uint8_t flags)
{
    const char *missing = NULL;

    if (options->restricted_admin && !(flags & RESTRICTED_ADMIN_SUPPORTED))
        missing = "restricted admin mode";
    else if (options->guard_count > 0 && !(flags & REDIRECTED_SUPPORTED))
        missing = "Remote Credential Guard";
    if (missing == NULL)
        return EXIT_OK;
    complain("the server does not offer %s", missing);
    return EXIT_AUTH;
}

static int response_judge(const struct rdp_options *options, const struct nego *nego)
{
    bool one = nego->value != 0 && (nego->value & (nego->value - 1)) == 0;

    rdp_show_security(nego->value);
    if (!one || !(nego->value & options->security)) {
        complain("the server has chosen what was not offered: 0x%08x", (unsigned)nego->value);
        return EXIT_AUTH;
    }
    if (!RDP_IS_HYBRID(nego->value)) {
        complain("the server takes no logon before its screen: TLS without CredSSP; whether the "
                 "password is right cannot be said");
        return EXIT_AUTH;
    }
    return mode_judge(options, nego->flags);
}

static int confirm_judge(const struct rdp_options *options, const struct nego *nego)
{
    switch (nego->type) {
    case NEGO_NONE: /* an old server does not look at what it is asked */
        rdp_show_security(0);
        complain("the server has Remote Desktop's own encryption only: no TLS, no CredSSP");
        return EXIT_AUTH;
    case NEGO_FAILURE:
        return failure_complain(nego->value);
    case NEGO_RESPONSE:
        return response_judge(options, nego);
    default:
        complain("the server answers a request with a request");
        return EXIT_AUTH;
    }
}

static int client_negotiate(struct rdp_conn *conn, uint32_t *security)
{
    const struct rdp_options *options = conn->options;
    struct nego nego = {.type = NEGO_REQUEST,
                        .flags = (options->restricted_admin ? RESTRICTED_ADMIN_REQUIRED : 0) |
                                 (options->guard_count > 0 ? REDIRECTED_REQUIRED : 0),
                        .value = options->security};
    int result = pdu_send(conn, X224_REQUEST, &nego);

    if (result == EXIT_OK)
        result = pdu_receive(conn, X224_CONFIRM, &nego);
    if (result == EXIT_OK)
        result = confirm_judge(options, &nego);
    *security = nego.value;
    return result;
}

/* --- A server ------------------------------------------------------------------------------- */

/* The best of what both have; 0: nothing. */
static uint32_t security_choose(uint32_t both)
{
    return both & RDP_HYBRID_EX ? RDP_HYBRID_EX : both & RDP_HYBRID;
}

#define HYBRID_REQUIRED 5U

static int server_negotiate(struct rdp_conn *conn, uint32_t *security)
{
    struct nego nego, answer = {.type = NEGO_RESPONSE,
                                .flags = RESTRICTED_ADMIN_SUPPORTED | REDIRECTED_SUPPORTED};
    int result = pdu_receive(conn, X224_REQUEST, &nego);

    if (result != EXIT_OK)
        return result;
    *security =
        security_choose(nego.type == NEGO_REQUEST ? nego.value & conn->options->security : 0);
    conn->offered = nego.value;
    answer.value = *security;
    if (*security != 0) {
        rdp_show_security(*security);
        rdp_show_modes(nego.flags & RESTRICTED_ADMIN_REQUIRED, nego.flags & REDIRECTED_REQUIRED);
    } else
        answer = (struct nego){.type = NEGO_FAILURE, .value = HYBRID_REQUIRED};
    result = pdu_send(conn, X224_CONFIRM, &answer);
    if (result != EXIT_OK || *security != 0)
        return result;
    complain("the client wants no logon by CredSSP");
    return EXIT_AUTH;
}

int rdp_negotiate(struct rdp_conn *conn, uint32_t *security)
{
    return conn->options->end.listen ? server_negotiate(conn, security)
                                     : client_negotiate(conn, security);
}
