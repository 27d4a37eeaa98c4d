/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: a client and a server of ours, with somebody between them.  The input: a kind, the
 * flags of both, then what happens to which token or message.  However far they come: the client is
 * alice, a message opens as what was sealed or not at all, and untouched ones do open.
 */
#include "ends.h"
#include "plan.h"

#include <stdlib.h>
#include <string.h>

#define LEGS_MAX 8
#define MESSAGES 4 /* legs from LEGS_MAX on */
#define PLAIN    "forty octets of text that nobody changes"

/* Legs until an end fails or both are done; tells whether all tokens arrived as they were. */
static bool handshake(const struct plan *plan, struct end *client, struct end *server)
{
    bool untouched = true, same;

    end_step(client, NULL, 0);
    if (client->status < 0)
        return false; /* flags that this package refuses */
    for (int leg = 0; leg < LEGS_MAX; leg++) {
        struct end *to = leg % 2 ? client : server, *from = leg % 2 ? server : client;
        size_t size = from->size;
        uint8_t *token;

        if (from->status < 0 || size == 0 || to->status == SEC_E_OK)
            break;
        token = plan_travel(plan, leg, from->token, &size, &same);
        untouched = untouched && same;
        end_step(to, token, size);
        free(token);
        end_check_client(server);
        if (to->status < 0)
            break;
    }
    return untouched;
}

/* Sealed at one end: token, data and padding behind one another, or 0. */
static size_t seal(struct end *end, bool sign, uint8_t *wire, size_t room, size_t *token)
{
    SecPkgContext_Sizes sizes = {0};
    uint8_t text[sizeof PLAIN] = PLAIN, head[256], pad[16];
    SecBuffer list[] = {{sizeof head, SECBUFFER_TOKEN, head},
                        {sizeof text - 1, SECBUFFER_DATA, text},
                        {0, SECBUFFER_PADDING, pad}};
    SecBufferDesc desc = {SECBUFFER_VERSION, sign ? 2 : 3, list};
    size_t at = 0;

    if (QueryContextAttributesA(&end->ctx, SECPKG_ATTR_SIZES, &sizes) != SEC_E_OK)
        return 0;
    fuzz_check(sizes.cbBlockSize <= sizeof pad, "a block is small");
    list[2].cbBuffer = sizes.cbBlockSize;
    if ((sign ? MakeSignature(&end->ctx, 0, &desc, 0) : EncryptMessage(&end->ctx, 0, &desc, 0)) !=
        SEC_E_OK)
        return 0;
    *token = list[0].cbBuffer;
    for (ULONG i = 0; i < desc.cBuffers; i++) {
        fuzz_check(at + list[i].cbBuffer <= room, "a message is not much longer than its text");
        memcpy(wire + at, list[i].pvBuffer, list[i].cbBuffer);
        at += list[i].cbBuffer;
    }
    return at;
}

static bool is_plain(const SecBuffer *data)
{
    return data->cbBuffer == sizeof PLAIN - 1 &&
           memcmp(data->pvBuffer, PLAIN, sizeof PLAIN - 1) == 0;
}

static SECURITY_STATUS open_stream(struct end *end, uint8_t *wire, size_t size, SecBuffer *data)
{
    SecBuffer list[] = {{(ULONG)size, SECBUFFER_STREAM, wire}, {0, SECBUFFER_DATA, NULL}};
    SecBufferDesc desc = {SECBUFFER_VERSION, 2, list};
    ULONG qop = 0;
    SECURITY_STATUS status = DecryptMessage(&end->ctx, &desc, 0, &qop);

    *data = list[1];
    return status;
}

static SECURITY_STATUS open_parts(struct end *end, bool sign, uint8_t *wire, size_t size,
                                  size_t token, SecBuffer *data)
{
    SecBuffer list[] = {{(ULONG)token, SECBUFFER_TOKEN, wire},
                        {(ULONG)(size - token), SECBUFFER_DATA, wire + token}};
    SecBufferDesc desc = {SECBUFFER_VERSION, 2, list};
    ULONG qop = 0;
    SECURITY_STATUS status = sign ? VerifySignature(&end->ctx, &desc, 0, &qop)
                                  : DecryptMessage(&end->ctx, &desc, 0, &qop);

    *data = list[1];
    return status;
}

static bool is_dce(const struct end *client)
{
    return client->granted & ISC_RET_USED_DCE_STYLE;
}

/* Messages 0 and 1 go as a stream each way, 2 is signed, 3 is in parts. */
static void message(const struct plan *plan, int number, struct end *from, struct end *to, bool dce,
                    bool *trusting)
{
    uint8_t wire[512], *arrived;
    bool sign = number == 2, stream = number < 2 && !dce, same;
    size_t token = 0, size = seal(from, sign, wire, sizeof wire, &token);
    SECURITY_STATUS status;
    SecBuffer data;

    if (size == 0)
        return;
    arrived = plan_travel(plan, LEGS_MAX + number, wire, &size, &same);
    if (token > size)
        token = size;
    status = stream ? open_stream(to, arrived, size, &data)
                    : open_parts(to, sign, arrived, size, token, &data);
    if (status == SEC_E_OK)
        fuzz_check(is_plain(&data), "a message opens as what was sealed");
    else
        fuzz_check(!same || !*trusting, "an untouched message opens");
    /* What was lost or refused leaves a gap, and NTLM no context. */
    *trusting = *trusting && status == SEC_E_OK;
    free(arrived);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fuzz_world();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    enum kind kind = fuzz_u8(&input) % KINDS;
    uint32_t isc = fuzz_u32(&input), asc = fuzz_u32(&input);
    struct plan plan = plan_read(&input, LEGS_MAX + MESSAGES);
    struct end client, server;
    bool trusting;

    end_init(&client, kind, false, ends_request(isc, false));
    end_init(&server, kind, true, ends_request(asc, true));
    trusting = handshake(&plan, &client, &server);
    if (client.status == SEC_E_OK && server.status == SEC_E_OK)
        for (int i = 0; i < MESSAGES; i++)
            message(&plan, i, i == 1 ? &server : &client, i == 1 ? &client : &server,
                    is_dce(&client), &trusting);
    else
        fuzz_check(!trusting, "untouched tokens make a context");
    end_free(&client);
    end_free(&server);
    return 0;
}
