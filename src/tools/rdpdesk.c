/* SPDX-License-Identifier: MIT */
/*
 * What a server says after the logon, as far as a client needs it to take the connection for one
 * that works: conference, channels, licence, capabilities, and no picture ever. [MS-RDPBCGR]
 * 1.3.1.1; the messages are those of 2.2.1.3 to 2.2.1.22, with nothing in them that is optional.
 */
#include <string.h>

#include "tools/rdp.h"
#include "tools/report.h"

#define DESK_IN  32768U /* two records at most */
#define DESK_OUT 768U
#define SHOWN    2000 /* milliseconds that a client has to go, once it has all it wants */

#define GLOBAL_CHANNEL 1003U
#define USER           1007U
#define USER_BASE      1001U /* users are counted from it */
#define SERVER_PDU     0x3eaU
#define CHANNELS_MAX   31U

struct desk {
    struct rdp_conn *conn;
    size_t got;
    bool informed, shown; /* the client has said who it is; has had all of ours */
    unsigned char in[DESK_IN];
};

/* --- Writing -------------------------------------------------------------------------------- */

struct pdu {
    size_t size;
    unsigned char data[DESK_OUT];
};

static void put(struct pdu *pdu, const void *data, size_t size)
{
    if (size <= sizeof(pdu->data) - pdu->size) {
        memcpy(pdu->data + pdu->size, data, size);
        pdu->size += size;
    }
}

static void put_le(struct pdu *pdu, size_t octets, uint32_t value)
{
    for (size_t i = 0; i < octets; i++)
        put(pdu, &(unsigned char){(unsigned char)(value >> 8 * i)}, 1);
}

static void put_be16(struct pdu *pdu, unsigned value)
{
    put(pdu, (unsigned char[]){(unsigned char)(value >> 8), (unsigned char)value}, 2);
}

#define PUT(pdu, ...)                                                                              \
    put(pdu, (const unsigned char[]){__VA_ARGS__}, sizeof((const unsigned char[]){__VA_ARGS__}))

/* In TPKT and an X.224 data message. */
static int frame_send(struct desk *desk, const struct pdu *body)
{
    struct pdu frame = {.size = 0};

    PUT(&frame, 3, 0);
    put_be16(&frame, (unsigned)body->size + 7);
    PUT(&frame, 2, 0xf0, 0x80);
    put(&frame, body->data, body->size);
    return rdp_seal(desk->conn, frame.data, (ULONG)frame.size);
}

/* T.125's SendDataIndication, from the server on the channel that everybody is in. */
static int data_send(struct desk *desk, const struct pdu *body)
{
    struct pdu data = {.size = 0};

    PUT(&data, 0x68);
    put_be16(&data, SERVER_PDU - USER_BASE);
    put_be16(&data, GLOBAL_CHANNEL);
    PUT(&data, 0x70);
    put_be16(&data, 0x8000U | (unsigned)body->size);
    put(&data, body->data, body->size);
    return frame_send(desk, &data);
}

/* 2.2.8.1.1.1.1: everything that is shared begins with its size. */
static int share_send(struct desk *desk, unsigned type, const struct pdu *body)
{
    struct pdu share = {.size = 0};

    put_le(&share, 2, (uint32_t)body->size + 6);
    put_le(&share, 2, type);
    put_le(&share, 2, SERVER_PDU);
    put(&share, body->data, body->size);
    return data_send(desk, &share);
}

#define SHARE_ID 0x000103eaU

/* 2.2.8.1.1.1.2 */
static int share_data_send(struct desk *desk, unsigned char type, const void *data, size_t size)
{
    struct pdu body = {.size = 0};

    put_le(&body, 4, SHARE_ID);
    PUT(&body, 0, 1);
    put_le(&body, 2, (uint32_t)size + 18);
    PUT(&body, type, 0, 0, 0);
    put(&body, data, size);
    return share_send(desk, 0x17, &body);
}

/* --- The conference ------------------------------------------------------------------------- */

/* The client's settings, which stand behind a mark and their length; *left octets. */
static const unsigned char *settings_find(const unsigned char *data, size_t size, size_t *left)
{
    const unsigned char *at = memmem(data, size, "Duca", 4);
    size_t behind = at == NULL ? 0 : size - (size_t)(at - data);
    size_t skip = behind < 5 ? behind : 4 + (at[4] & 0x80 ? 2U : 1U);

    *left = behind < skip ? 0 : behind - skip;
    return data + size - *left;
}

/* How many channels of its own the client wants: CS_NET, 2.2.1.3.4. */
static unsigned channels_count(const unsigned char *data, size_t size)
{
    size_t left;
    const unsigned char *at = settings_find(data, size, &left);

    while (left >= 8) {
        size_t block = (size_t)at[2] | (size_t)at[3] << 8;

        if (at[0] == 0x03 && at[1] == 0xc0)
            return at[4] < CHANNELS_MAX ? at[4] : CHANNELS_MAX;
        if (block < 4 || block > left)
            break;
        at += block;
        left -= block;
    }
    return 0;
}

/* 2.2.1.4.2, 2.2.1.4.4 and 2.2.1.4.3 */
static void settings_put(struct pdu *pdu, const struct rdp_conn *conn, unsigned channels)
{
    PUT(pdu, 0x01, 0x0c, 12, 0, 0x04, 0x00, 0x08, 0x00);
    put_le(pdu, 4, conn->offered);
    PUT(pdu, 0x03, 0x0c);
    put_le(pdu, 2, 8 + 2 * (channels + (channels & 1)));
    put_le(pdu, 2, GLOBAL_CHANNEL);
    put_le(pdu, 2, channels);
    for (unsigned i = 0; i < channels + (channels & 1); i++)
        put_le(pdu, 2, i < channels ? GLOBAL_CHANNEL + 1 + i : 0);
    PUT(pdu, 0x02, 0x0c, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}

/* T.124's ConferenceCreateResponse. */
static void conference_put(struct pdu *pdu, const struct pdu *settings)
{
    PUT(pdu, 0x00, 0x05, 0x00, 0x14, 0x7c, 0x00, 0x01);
    PUT(pdu, 0x2a, 0x14, 0x76, 0x0a, 1, 1, 0, 1, 0xc0, 0, 'M', 'c', 'D', 'n');
    put_be16(pdu, 0x8000U | (unsigned)settings->size);
    put(pdu, settings->data, settings->size);
}

/* T.125's Connect-Response: success, no number, the parameters that all servers have. */
static const unsigned char connected[] = {0x0a, 1, 0, 0x02, 1, 0,    0x30, 0x1a, 2, 1, 34, 2,
                                          1,    3, 2, 1,    0, 2,    1,    1,    2, 1, 0,  2,
                                          1,    1, 2, 3,    0, 0xff, 0xf8, 2,    1, 2};

static int conference_send(struct desk *desk, const unsigned char *data, size_t size)
{
    struct pdu settings = {.size = 0}, conference = {.size = 0}, response = {.size = 0};

    settings_put(&settings, desk->conn, channels_count(data, size));
    conference_put(&conference, &settings);
    PUT(&response, 0x7f, 0x66, 0x82);
    put_be16(&response, (unsigned)(sizeof(connected) + 4 + conference.size));
    put(&response, connected, sizeof(connected));
    PUT(&response, 0x04, 0x82);
    put_be16(&response, (unsigned)conference.size);
    put(&response, conference.data, conference.size);
    return frame_send(desk, &response);
}

static int user_send(struct desk *desk)
{
    struct pdu confirm = {.size = 0};

    PUT(&confirm, 0x2e, 0);
    put_be16(&confirm, USER - USER_BASE);
    return frame_send(desk, &confirm);
}

/* Whatever channel is asked for. */
static int channel_send(struct desk *desk, const unsigned char *data, size_t size)
{
    struct pdu confirm = {.size = 0};

    if (size < 5)
        return EXIT_AUTH;
    PUT(&confirm, 0x3e, 0);
    put(&confirm, data + 1, 4);
    put(&confirm, data + 3, 2);
    return frame_send(desk, &confirm);
}

/* --- The desktop ---------------------------------------------------------------------------- */

/* 2.2.1.12: no licence is needed. */
static int license_send(struct desk *desk)
{
    struct pdu license = {.size = 0};

    PUT(&license, 0x80, 0, 0, 0, 0xff, 0x03, 16, 0, 7, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0);
    return data_send(desk, &license);
}

/* A set of capabilities that has only zeros behind what is given. */
static void capability_put(struct pdu *pdu, unsigned type, unsigned size, const void *data,
                           unsigned given)
{
    static const unsigned char zeros[88];

    put_le(pdu, 2, type);
    put_le(pdu, 2, size);
    put(pdu, data, given);
    put(pdu, zeros, size - 4 - given);
}

/* 2.2.1.13.1 with general, bitmap, order, pointer, input and share capabilities of 2.2.7.1. */
static int demand_send(struct desk *desk)
{
    static const unsigned char general[] = {1, 0, 3, 0, 0, 2};
    static const unsigned char bitmap[] = {32, 0, 1, 0, 1, 0, 1, 0, 0, 4, 0,
                                           3,  0, 0, 1, 0, 1, 0, 0, 0, 1, 0};
    static const unsigned char order[84] = {[20] = 1, [22] = 20, [26] = 1, [30] = 0x0a};
    static const unsigned char pointer[] = {1, 0, 20, 0, 20, 0}, input[] = {1, 0};
    static const unsigned char share[] = {SERVER_PDU & 0xff, SERVER_PDU >> 8};
    struct pdu sets = {.size = 0}, demand = {.size = 0};

    capability_put(&sets, 1, 24, general, sizeof(general));
    capability_put(&sets, 2, 28, bitmap, sizeof(bitmap));
    capability_put(&sets, 3, 88, order, sizeof(order));
    capability_put(&sets, 8, 10, pointer, sizeof(pointer));
    capability_put(&sets, 13, 88, input, sizeof(input));
    capability_put(&sets, 9, 8, share, sizeof(share));
    put_le(&demand, 4, SHARE_ID);
    put_le(&demand, 2, 4);
    put_le(&demand, 2, (uint32_t)sets.size + 4);
    PUT(&demand, 'R', 'D', 'P', 0, 6, 0, 0, 0);
    put(&demand, sets.data, sets.size);
    put_le(&demand, 4, 0);
    return share_send(desk, 0x11, &demand);
}

/* 2.2.1.19 to 2.2.1.22: synchronize, control twice, fonts. Then the client has a desktop. */
static int finish_send(struct desk *desk)
{
    static const unsigned char synchronize[] = {1, 0, USER & 0xff, USER >> 8};
    static const unsigned char cooperate[] = {4, 0, 0, 0, 0, 0, 0, 0};
    static const unsigned char granted[] = {
        2, 0, USER & 0xff, USER >> 8, SERVER_PDU & 0xff, SERVER_PDU >> 8, 0, 0};
    static const unsigned char fonts[] = {0, 0, 0, 0, 3, 0, 4, 0};
    int result = share_data_send(desk, 31, synchronize, sizeof(synchronize));

    if (result == EXIT_OK)
        result = share_data_send(desk, 20, cooperate, sizeof(cooperate));
    if (result == EXIT_OK)
        result = share_data_send(desk, 20, granted, sizeof(granted));
    if (result == EXIT_OK)
        result = share_data_send(desk, 40, fonts, sizeof(fonts));
    desk->shown = true;
    rdp_hurry(desk->conn, SHOWN);
    return result;
}

/* --- The client ----------------------------------------------------------------------------- */

#define FONT_LIST 39

/* Who it is comes first; of the rest only the list of fonts, with which it is done, matters. */
static int data_take(struct desk *desk, const unsigned char *data, size_t size)
{
    size_t head = size < 8 ? size : data[6] & 0x80 ? 8 : 7;
    int result;

    if (!desk->informed) {
        desk->informed = true;
        result = license_send(desk);
        return result == EXIT_OK ? demand_send(desk) : result;
    }
    if (size < head + 15 || (data[head + 2] & 0x0f) != 7 || data[head + 14] != FONT_LIST)
        return EXIT_OK;
    return finish_send(desk);
}

static int message_take(struct desk *desk, const unsigned char *data, size_t size)
{
    if (size == 0)
        return EXIT_AUTH;
    switch (data[0]) {
    case 0x7f: /* connect initial */
        return conference_send(desk, data, size);
    case 0x28: /* attach user request */
        return user_send(desk);
    case 0x38: /* channel join request */
        return channel_send(desk, data, size);
    case 0x64: /* send data request */
        return data_take(desk, data, size);
    case 0x04: /* erect domain request */
        return EXIT_OK;
    default: /* such as the end */
        return EXIT_AUTH;
    }
}

/* Each whole message that has come; of input, which begins otherwise, nothing is wanted. */
static int messages_take(struct desk *desk)
{
    int result = EXIT_OK;

    while (result == EXIT_OK && desk->got >= 7) {
        size_t size = (size_t)desk->in[2] << 8 | desk->in[3];

        if (desk->in[0] != 3 || size < 7)
            return EXIT_AUTH;
        if (size > desk->got)
            return size > DESK_IN / 2 ? EXIT_AUTH : EXIT_OK;
        result = message_take(desk, desk->in + 7, size - 7);
        desk->got -= size;
        memmove(desk->in, desk->in + size, desk->got);
    }
    return result;
}

void rdp_desk(struct rdp_conn *conn)
{
    struct desk desk = {.conn = conn};
    struct pdu ultimatum = {.size = 0};

    while (rdp_open(conn, desk.in, sizeof(desk.in), &desk.got) == EXIT_OK &&
           messages_take(&desk) == EXIT_OK)
        continue;
    PUT(&ultimatum, 0x21, 0x80);
    if (desk.shown)
        frame_send(&desk, &ultimatum);
}
