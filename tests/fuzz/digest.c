/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: Digest. The first octet says who is to have said the rest (its lowest two bits) and
 * in which protocol (the third). What is read is text that can be written and is read as the same;
 * a client answers with nothing but a response; a server lets nobody in.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "digest/directive.h"
#include "lib/digestend.h"

enum { SASL = 4 };

static struct digest_end client, server;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fuzz_check(digest_client_open(&client, "alice", NULL, "secret") == SEC_E_OK, "a client");
    fuzz_check(digest_server_open(&server, NULL, NULL) == SEC_E_OK, "a server");
    return 0;
}

/* ---- directives ---------------------------------------------------------------------------- */

static void text_check(const char *text)
{
    for (; text != NULL && *text != '\0'; text++)
        fuzz_check((unsigned char)*text >= 0x20 && *text != 0x7f, "no control characters");
}

/* Those that are quoted, whatever is in them. */
static const enum digest_directive quoted[] = {
    DIGEST_NONCE, DIGEST_CNONCE, DIGEST_USERNAME, DIGEST_URI, DIGEST_DIGEST_URI, DIGEST_OPAQUE,
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void round_trip(const struct digest_message *message, enum digest_kind kind, bool sasl)
{
    struct digest_writer *writer = calloc(1, sizeof(*writer));
    struct digest_message again;
    struct digest_input in;
    bool found;

    fuzz_check(writer != NULL, "memory");
    writer->kind = kind;
    writer->sasl = sasl;
    for (size_t i = 0; i < COUNT(quoted); i++)
        digest_write(writer, quoted[i], message->value[quoted[i]]);
    if (digest_written(writer) == SEC_E_OK) {
        in = (struct digest_input){writer->text, writer->text + writer->size};
        fuzz_check(digest_message_read(&in, kind, sasl, &again, &found) == SEC_E_OK,
                   "what was written can be read");
        for (size_t i = 0; i < COUNT(quoted); i++)
            fuzz_check((message->value[quoted[i]] == NULL) == (again.value[quoted[i]] == NULL) &&
                           (again.value[quoted[i]] == NULL ||
                            strcmp(message->value[quoted[i]], again.value[quoted[i]]) == 0),
                       "and is the same");
        digest_message_free(&again);
    }
    fuzz_check(!writer->unfit, "what was read is fit to be written");
    free(writer);
}

static void read_all(const char *text, size_t size, enum digest_kind kind, bool sasl)
{
    struct digest_input in = {text, text + size};
    struct digest_message message;
    bool found = true;

    while (found && in.at < in.end) {
        const char *before = in.at;
        SECURITY_STATUS status = digest_message_read(&in, kind, sasl, &message, &found);

        fuzz_check(in.at >= before && in.at <= in.end, "reading stays within the text");
        for (size_t i = 0; i < DIGEST_DIRECTIVES; i++)
            text_check(message.value[i]);
        if (status == SEC_E_OK && found)
            round_trip(&message, kind, sasl);
        digest_message_free(&message);
        fuzz_check(status == SEC_E_OK || status == SEC_E_INVALID_TOKEN, "a status that is told");
        fuzz_check(status != SEC_E_OK || !found || in.at > before, "reading goes on");
        found = found && status == SEC_E_OK;
    }
}

/* ---- legs ---------------------------------------------------------------------------------- */

static void client_answers(const char *text, size_t size, bool sasl)
{
    struct digest_ask ask = {"GET", "/", NULL, sasl ? 0 : ISC_REQ_USE_HTTP_STYLE};
    SECURITY_STATUS status = digest_leg(&client, &ask, text, size);

    if (status >= 0 && size != 0) {
        fuzz_check(status == (sasl ? SEC_I_CONTINUE_NEEDED : SEC_E_OK), "a response");
        fuzz_check(strlen(client.token) == client.size, "is text");
        text_check(client.token);
        fuzz_check(!sasl || digest_leg(&client, &ask, text, size) < 0, "a challenge is no proof");
    }
    digest_end_reset(&client);
}

static void server_refuses(const char *text, size_t size, bool sasl)
{
    struct digest_ask ask = {"GET", NULL, NULL, sasl ? 0 : ASC_REQ_HTTP};

    fuzz_check(digest_leg(&server, &ask, NULL, 0) == SEC_I_CONTINUE_NEEDED, "a challenge");
    if (size != 0)
        fuzz_check(digest_leg(&server, &ask, text, size) < 0, "nobody is let in");
    digest_end_reset(&server);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    uint8_t first = fuzz_u8(&input);
    char *text = fuzz_rest(&input, &size);
    bool sasl = first & SASL;

    switch (first & 3) {
    case 0:
        read_all(text, size, DIGEST_OF_SERVER, sasl);
        client_answers(text, size, sasl);
        break;
    case 1:
        read_all(text, size, DIGEST_OF_CLIENT, sasl);
        server_refuses(text, size, sasl);
        break;
    default:
        read_all(text, size, DIGEST_OF_OUTCOME, sasl);
    }
    free(text);
    return 0;
}
