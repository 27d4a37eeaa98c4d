/* SPDX-License-Identifier: MIT */
/* Reading and writing of directives. */
#include "core/text.h"
#include "digest/directive.h"

#include <stdlib.h>
#include <string.h>

#include "core/native.h"
#include "core/secret.h"

/* --- The directives ------------------------------------------------------------------------- */

enum { HTTP = 1, SASL = 2, BOTH = HTTP | SASL };
enum { SERVER = DIGEST_OF_SERVER, CLIENT = DIGEST_OF_CLIENT, OUTCOME = DIGEST_OF_OUTCOME };

/* What may be in a value besides. */
enum shape { SHAPE_TEXT, SHAPE_WORD, SHAPE_HEX, SHAPE_NUMBER };

/* Whether a value that we write is quoted; both forms are read, since both are about. */
enum quoting { BARE, QUOTED, QUOTED_IN_HTTP, QUOTED_BY_SERVER };

static const struct row {
    const char *name;
    unsigned protocols, kinds;
    enum shape shape;
    enum quoting quoting;
    unsigned max; /* octets, unquoted */
} rows[DIGEST_DIRECTIVES] = {
    [DIGEST_ALGORITHM] = {"algorithm", BOTH, SERVER | CLIENT, SHAPE_WORD, BARE, 32},
    [DIGEST_AUTHZID] = {"authzid", SASL, CLIENT, SHAPE_TEXT, QUOTED, 1024},
    [DIGEST_CHARSET] = {"charset", BOTH, SERVER | CLIENT, SHAPE_WORD, BARE, 32},
    [DIGEST_CIPHER] = {"cipher", SASL, SERVER | CLIENT, SHAPE_TEXT, QUOTED_BY_SERVER, 256},
    [DIGEST_CNONCE] = {"cnonce", BOTH, CLIENT | OUTCOME, SHAPE_TEXT, QUOTED, 256},
    [DIGEST_DIGEST_URI] = {"digest-uri", SASL, CLIENT, SHAPE_TEXT, QUOTED, 1024},
    [DIGEST_DOMAIN] = {"domain", HTTP, SERVER, SHAPE_TEXT, QUOTED, 8192},
    [DIGEST_MAXBUF] = {"maxbuf", SASL, SERVER | CLIENT, SHAPE_NUMBER, BARE, 8},
    [DIGEST_NC] = {"nc", BOTH, CLIENT | OUTCOME, SHAPE_HEX, BARE, 8},
    [DIGEST_NEXTNONCE] = {"nextnonce", HTTP, OUTCOME, SHAPE_TEXT, QUOTED, 1024},
    [DIGEST_NONCE] = {"nonce", BOTH, SERVER | CLIENT, SHAPE_TEXT, QUOTED, 1024},
    [DIGEST_OPAQUE] = {"opaque", HTTP, SERVER | CLIENT, SHAPE_TEXT, QUOTED, 1024},
    [DIGEST_QOP] = {"qop", BOTH, SERVER | CLIENT | OUTCOME, SHAPE_TEXT, QUOTED_BY_SERVER, 256},
    [DIGEST_REALM] = {"realm", BOTH, SERVER | CLIENT, SHAPE_TEXT, QUOTED, 1024},
    [DIGEST_RESPONSE] = {"response", BOTH, CLIENT, SHAPE_HEX, QUOTED_IN_HTTP, 64},
    [DIGEST_RSPAUTH] = {"rspauth", BOTH, OUTCOME, SHAPE_HEX, QUOTED_IN_HTTP, 64},
    [DIGEST_STALE] = {"stale", BOTH, SERVER, SHAPE_WORD, BARE, 8},
    [DIGEST_URI] = {"uri", HTTP, CLIENT, SHAPE_TEXT, QUOTED, 8192},
    [DIGEST_USERHASH] = {"userhash", HTTP, SERVER | CLIENT, SHAPE_WORD, BARE, 8},
    [DIGEST_USERNAME] = {"username", BOTH, CLIENT, SHAPE_TEXT, QUOTED, 1024},
    [DIGEST_USERNAME_EXT] = {"username*", HTTP, CLIENT, SHAPE_TEXT, BARE, 4096},
};

SECURITY_STATUS digest_refuse(SECURITY_STATUS status, const char *why)
{
    native_error_set("Digest: %s", why);
    return status;
}

/* --- Reading -------------------------------------------------------------------------------- */

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

/* RFC 7230 3.2.6; SASL's is the same. */
static bool is_token(char c)
{
    return !is_control(c) && (unsigned char)c < 0x80 && strchr(" \"(),/:;<=>?@[\\]{}", c) == NULL;
}

static void skip(struct digest_input *in, const char *set)
{
    while (in->at < in->end && *in->at != '\0' && strchr(set, *in->at) != NULL)
        in->at++;
}

#define SPACE     " \t\r\n"
#define SEPARATOR ", \t\r\n"

static size_t token_length(const struct digest_input *in)
{
    size_t length = 0;

    while (in->at + length < in->end && is_token(in->at[length]))
        length++;
    return length;
}

/*
 * A scheme's name stands before something that is not the value of a directive, "Digest realm=...",
 * or alone between commas: "Negotiate, Digest realm=...", RFC 7235 4.1.
 */
static bool is_scheme(struct digest_input in, size_t length)
{
    const char *behind = in.at + length;

    in.at = behind;
    skip(&in, SPACE);
    if (length == 0 || in.at == in.end || *in.at == ',')
        return length != 0;
    return in.at != behind && *in.at != '=';
}

/* Past the next comma outside of quotes. */
static void skip_element(struct digest_input *in)
{
    bool quoted = false;

    for (; in->at < in->end && (quoted || *in->at != ','); in->at++) {
        if (*in->at == '"')
            quoted = !quoted;
        else if (quoted && *in->at == '\\' && in->at + 1 < in->end)
            in->at++;
    }
}

/* Copies what is between the quotes, and moves behind. */
static bool quoted_read(struct digest_input *in, char **out)
{
    for (in->at++; in->at < in->end && *in->at != '"'; in->at++) {
        if (*in->at == '\\' && ++in->at == in->end)
            return false;
        if (is_control(*in->at))
            return false;
        *(*out)++ = *in->at;
    }
    if (in->at == in->end)
        return false;
    in->at++;
    return true;
}

static bool bare_read(struct digest_input *in, char **out)
{
    size_t length = token_length(in);

    memcpy(*out, in->at, length);
    *out += length;
    in->at += length;
    return length != 0;
}

static bool value_read(struct digest_input *in, char **out)
{
    skip(in, SPACE);
    if (in->at < in->end && *in->at == '"' ? !quoted_read(in, out) : !bare_read(in, out))
        return false;
    *(*out)++ = '\0';
    skip(in, SPACE);
    return in->at == in->end || *in->at == ',';
}

static bool shape_fits(const struct row *row, const char *value)
{
    static const char *const sets[] = {
        [SHAPE_HEX] = "0123456789abcdef",
        [SHAPE_NUMBER] = "0123456789",
    };
    size_t size = strlen(value);

    if (size > row->max)
        return false;
    if (row->shape == SHAPE_TEXT)
        return true;
    if (row->shape == SHAPE_WORD)
        return token_length(&(struct digest_input){value, value + size}) == size && size != 0;
    return strspn(value, sets[row->shape]) == size && size != 0;
}

static const struct row *row_find(const char *name, size_t length, enum digest_kind kind, bool sasl)
{
    for (const struct row *row = rows; row < rows + DIGEST_DIRECTIVES; row++)
        if (strlen(row->name) == length && text_equal_nocase_n(row->name, name, length) &&
            (row->kinds & kind) && (row->protocols & (sasl ? SASL : HTTP)))
            return row;
    return NULL;
}

static bool realm_keep(struct digest_message *message, enum digest_kind kind, bool sasl,
                       const char *value)
{
    bool first = message->realm_count == 0;

    if (!first && (!sasl || kind != DIGEST_OF_SERVER || message->realm_count == DIGEST_REALM_MAX))
        return false;
    message->realms[message->realm_count++] = value;
    if (first)
        message->value[DIGEST_REALM] = value;
    return true;
}

static SECURITY_STATUS directive_read(struct digest_input *in, enum digest_kind kind, bool sasl,
                                      struct digest_message *message, char **out)
{
    size_t length = token_length(in);
    const struct row *row = row_find(in->at, length, kind, sasl);
    const char *value = *out;

    in->at += length;
    skip(in, SPACE);
    if (length == 0 || in->at == in->end || *in->at++ != '=' || !value_read(in, out))
        return digest_refuse(SEC_E_INVALID_TOKEN, "a directive is ill-formed");
    if (row == NULL)
        return SEC_E_OK;
    if (!shape_fits(row, value))
        return digest_refuse(SEC_E_INVALID_TOKEN, "a directive's value is none, or too long");
    if (row == &rows[DIGEST_REALM] && realm_keep(message, kind, sasl, value))
        return SEC_E_OK;
    if (message->value[row - rows] != NULL)
        return digest_refuse(SEC_E_INVALID_TOKEN, "a directive is there twice");
    message->value[row - rows] = value;
    return SEC_E_OK;
}

static bool input_check(const struct digest_input *in)
{
    return in->at != NULL && (size_t)(in->end - in->at) <= DIGEST_INPUT_MAX;
}

SECURITY_STATUS digest_message_read(struct digest_input *in, enum digest_kind kind, bool sasl,
                                    struct digest_message *message, bool *found)
{
    bool foreign = false;
    char *out;

    memset(message, 0, sizeof(*message));
    *found = false;
    if (!input_check(in))
        return digest_refuse(SEC_E_INVALID_TOKEN, "a message is not there, or too long");
    /* Every value takes less room than it and its name take in the input. */
    message->text = out = malloc((size_t)(in->end - in->at) + 1);
    if (out == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    for (skip(in, SEPARATOR); in->at < in->end; skip(in, SEPARATOR)) {
        size_t length = token_length(in);

        if (!sasl && is_scheme(*in, length)) {
            if (*found)
                return SEC_E_OK; /* the next one's beginning */
            foreign = length != 6 || !text_equal_nocase_n(in->at, "Digest", length);
            in->at += length;
        } else if (foreign) {
            skip_element(in);
        } else {
            SECURITY_STATUS status = directive_read(in, kind, sasl, message, &out);

            if (status != SEC_E_OK)
                return status;
            *found = true;
        }
    }
    return SEC_E_OK;
}

void digest_message_free(struct digest_message *message)
{
    memory_wipe_free(message->text);
    memset(message, 0, sizeof(*message));
}

bool digest_list_has(const char *list, const char *word)
{
    size_t length = strlen(word);

    while (list != NULL && *list != '\0') {
        size_t next = strcspn(list, SEPARATOR);

        if (next == length && text_equal_nocase_n(list, word, length))
            return true;
        list += next;
        list += strspn(list, SEPARATOR);
    }
    return false;
}

/* --- Writing -------------------------------------------------------------------------------- */

static void put(struct digest_writer *writer, char c)
{
    if (writer->size == DIGEST_TOKEN_MAX)
        writer->full = true;
    else
        writer->text[writer->size++] = c;
}

static void put_text(struct digest_writer *writer, const char *text)
{
    while (*text != '\0')
        put(writer, *text++);
}

static void put_quoted(struct digest_writer *writer, const char *value)
{
    put(writer, '"');
    for (; *value != '\0'; value++) {
        if (*value == '"' || *value == '\\')
            put(writer, '\\');
        put(writer, *value);
    }
    put(writer, '"');
}

static bool is_quoted(const struct digest_writer *writer, enum quoting quoting)
{
    return quoting == QUOTED || (quoting == QUOTED_IN_HTTP && !writer->sasl) ||
           (quoting == QUOTED_BY_SERVER && writer->kind == DIGEST_OF_SERVER);
}

void digest_write(struct digest_writer *writer, enum digest_directive directive, const char *value)
{
    const struct row *row = &rows[directive];

    if (value == NULL)
        return;
    for (const char *at = value; *at != '\0'; at++)
        writer->unfit = writer->unfit || is_control(*at);
    if (writer->size != 0)
        put(writer, ',');
    put_text(writer, row->name);
    put(writer, '=');
    if (is_quoted(writer, row->quoting))
        put_quoted(writer, value);
    else
        put_text(writer, value);
    writer->text[writer->size] = '\0';
}

SECURITY_STATUS digest_written(const struct digest_writer *writer)
{
    if (writer->unfit)
        return digest_refuse(SEC_E_INVALID_TOKEN, "a value has control characters");
    if (writer->full)
        return digest_refuse(SEC_E_INVALID_TOKEN, "the token would be longer than cbMaxToken");
    return SEC_E_OK;
}
