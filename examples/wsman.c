/* SPDX-License-Identifier: MIT */
/* HTTP with CredSSP in it, as WinRM has it. [MS-WSMV] 2.2.9.1 describes the sealed bodies. */
#include "wsman.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLIENT_REQUEST                                                                             \
    (ISC_REQ_DELEGATE | ISC_REQ_STREAM | ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT |         \
     ISC_REQ_CONFIDENTIALITY | ISC_REQ_EXTENDED_ERROR | ISC_REQ_ALLOCATE_MEMORY)
#define SERVER_REQUEST                                                                             \
    (ASC_REQ_STREAM | ASC_REQ_REPLAY_DETECT | ASC_REQ_SEQUENCE_DETECT | ASC_REQ_CONFIDENTIALITY |  \
     ASC_REQ_EXTENDED_ERROR | ASC_REQ_ALLOCATE_MEMORY)

/* --- HTTP ----------------------------------------------------------------------------------- */

static int more_receive(struct wsman *wsman)
{
    int n = -1;

    if (wsman->held < HTTP_ROOM - 1)
        n = (int)recv(wsman->socket, wsman->room + wsman->held, (int)(HTTP_ROOM - 1 - wsman->held),
                      0);
    if (n <= 0)
        return -1;
    wsman->held += (ULONG)n;
    wsman->room[wsman->held] = '\0';
    return 0;
}

/* What stands behind "Name:" in the head, or NULL. */
static const char *header_find(const struct wsman *wsman, const char *name)
{
    size_t size = strlen(name);
    const char *line = wsman->head, *end;

    while ((end = strstr(line, "\r\n")) != NULL) {
        line = end + 2;
        if (strncmp(line, name, size) == 0 && line[size] == ':')
            return line + size + 1 + strspn(line + size + 1, " ");
    }
    return NULL;
}

/* The message before this one goes, and the room begins with what came behind it. */
static void message_drop(struct wsman *wsman)
{
    ULONG used = wsman->head_size + wsman->body_size;

    memmove(wsman->room, wsman->room + used, wsman->held - used);
    wsman->held -= used;
    wsman->room[wsman->held] = '\0';
    wsman->head_size = wsman->body_size = 0;
}

/* A head, which ends with an empty line, and as large a body as it says. */
static int message_receive(struct wsman *wsman)
{
    const char *length;
    char *end;

    message_drop(wsman);
    while ((end = strstr(wsman->room, "\r\n\r\n")) == NULL)
        if (more_receive(wsman) != 0)
            return -1;
    end[2] = '\0'; /* the head is a string, each of whose lines has its end */
    wsman->head = wsman->room;
    wsman->head_size = (ULONG)(end + 4 - wsman->room);
    wsman->body = end + 4;
    length = header_find(wsman, "Content-Length");
    wsman->body_size = length == NULL ? 0 : (ULONG)strtoul(length, NULL, 10);
    if (wsman->body_size > HTTP_ROOM - wsman->head_size)
        return -1;
    while (wsman->held < wsman->head_size + wsman->body_size)
        if (more_receive(wsman) != 0)
            return -1;
    return 0;
}

/* header is a line with its end, or empty. */
static int message_send(struct wsman *wsman, const char *start, const char *header,
                        const char *body, ULONG size)
{
    size_t room = strlen(start) + strlen(header) + 64;
    char *head = malloc(room);
    int failed = head == NULL;

    if (!failed) {
        snprintf(head, room, "%s\r\n%sContent-Length: %u\r\n\r\n", start, header, (unsigned)size);
        failed = send_all(wsman->socket, head, strlen(head)) != 0 ||
                 (size != 0 && send_all(wsman->socket, body, size) != 0);
    }
    free(head);
    return failed ? -1 : 0;
}

/* --- Tokens in headers ---------------------------------------------------------------------- */

#define SCHEME "CredSSP"

/* A client asks with the one header, a server answers with the other. */
static const char *header_name(const struct wsman *wsman, int sent)
{
    return (wsman->target != NULL) == sent ? "Authorization" : "WWW-Authenticate";
}

/* The header line of a token, or an empty one; free() it. */
static char *token_header(const struct wsman *wsman, const SecBuffer *token)
{
    const char *name = header_name(wsman, 1);
    DWORD flags = CRYPT_STRING_BASE64 | CRYPT_STRING_NOCRLF, size = 0;
    char *line;
    int n = 0;

    if (token->cbBuffer != 0)
        CryptBinaryToStringA(token->pvBuffer, token->cbBuffer, flags, NULL, &size);
    line = calloc(1, strlen(name) + sizeof(": " SCHEME " \r\n") + size);
    if (line == NULL || token->cbBuffer == 0)
        return line;
    n = sprintf(line, "%s: " SCHEME " ", name);
    CryptBinaryToStringA(token->pvBuffer, token->cbBuffer, flags, line + n, &size);
    strcat(line, "\r\n");
    return line;
}

static SECURITY_STATUS token_send(struct wsman *wsman, const char *start, const SecBuffer *token)
{
    char *header = token_header(wsman, token);
    int failed = header == NULL || message_send(wsman, start, header, NULL, 0) != 0;

    free(header);
    return failed ? SEC_E_INTERNAL_ERROR : SEC_E_OK;
}

/* The token of the message that was received; without one *data is NULL. free() it. */
static SECURITY_STATUS token_take(struct wsman *wsman, unsigned char **data, DWORD *size)
{
    const char *value = header_find(wsman, header_name(wsman, 0));
    DWORD length;

    *data = NULL;
    *size = 0;
    if (value == NULL || strncmp(value, SCHEME " ", sizeof(SCHEME)) != 0)
        return SEC_E_OK;
    value += sizeof(SCHEME);
    length = (DWORD)strcspn(value, "\r\n");
    *data = malloc(length + 1);
    *size = length;
    if (*data == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    if (CryptStringToBinaryA(value, length, CRYPT_STRING_BASE64, *data, size, NULL, NULL))
        return SEC_E_OK;
    free(*data);
    *data = NULL;
    return SEC_E_INVALID_TOKEN;
}

/* --- The logon ------------------------------------------------------------------------------ */

static SECURITY_STATUS leg_call(struct wsman *wsman, SecBufferDesc *input, SecBufferDesc *output)
{
    CtxtHandle *context = wsman->begun ? &wsman->context : NULL;
    TimeStamp expiry;

    if (wsman->target == NULL)
        return AcceptSecurityContext(wsman->credential, context, input, SERVER_REQUEST, 0,
                                     &wsman->context, output, &wsman->flags, &expiry);
    return InitializeSecurityContextA(wsman->credential, context, wsman->target, CLIENT_REQUEST, 0,
                                      0, wsman->begun ? input : NULL, 0, &wsman->context, output,
                                      &wsman->flags, &expiry);
}

/* What a token of the peer's leads to. A call may leave a part of it for the next one. */
static SECURITY_STATUS leg(struct wsman *wsman, unsigned char *data, DWORD size, SecBuffer *token)
{
    SecBuffer in[2];
    SecBufferDesc input = {SECBUFFER_VERSION, 2, in}, output = {SECBUFFER_VERSION, 1, token};
    SECURITY_STATUS status;
    DWORD left;

    do {
        buffer_set(&in[0], SECBUFFER_TOKEN, data, size);
        buffer_set(&in[1], SECBUFFER_EMPTY, NULL, 0);
        buffer_set(token, SECBUFFER_TOKEN, NULL, 0);
        status = leg_call(wsman, &input, &output);
        if (status < 0)
            return status;
        wsman->begun = 1;
        left = in[1].BufferType == SECBUFFER_EXTRA ? in[1].cbBuffer : 0;
        data += size - left;
        size = left;
    } while (status == SEC_I_CONTINUE_NEEDED && left != 0 && token->cbBuffer == 0);
    wsman->legs++;
    return status;
}

/* The peer's message, and the leg with its token. *token: FreeContextBuffer(). */
static SECURITY_STATUS answer_take(struct wsman *wsman, SecBuffer *token)
{
    unsigned char *data;
    DWORD size;
    SECURITY_STATUS status;

    if (message_receive(wsman) != 0)
        return SEC_E_CONTEXT_EXPIRED;
    status = token_take(wsman, &data, &size);
    if (status != SEC_E_OK)
        return status;
    if (data != NULL)
        status = leg(wsman, data, size, token);
    else if (wsman->target == NULL)
        status = SEC_E_INCOMPLETE_MESSAGE; /* a client that asks what it may log on by */
    else
        status = SEC_E_LOGON_DENIED;
    free(data);
    return status;
}

/* Each request has a token in it; the answer to the last has none. */
static SECURITY_STATUS client_logon(struct wsman *wsman)
{
    SecBuffer token;
    SECURITY_STATUS status = leg(wsman, NULL, 0, &token), sent;

    while (status >= 0) {
        sent = token_send(wsman, WSMAN_REQUEST, &token);
        FreeContextBuffer(token.pvBuffer);
        if (sent != SEC_E_OK)
            return sent;
        if (status == SEC_E_OK)
            break;
        status = answer_take(wsman, &token);
    }
    if (status == SEC_E_OK && message_receive(wsman) != 0)
        return SEC_E_CONTEXT_EXPIRED;
    if (status == SEC_E_OK && strncmp(wsman->head, WSMAN_ANSWER, sizeof(WSMAN_ANSWER) - 1) != 0)
        return SEC_E_LOGON_DENIED;
    return status;
}

#define WSMAN_REFUSAL "HTTP/1.1 401 Unauthorized"

/* The token of a failure tells the client why. */
static SECURITY_STATUS server_logon(struct wsman *wsman)
{
    SecBuffer token;
    SECURITY_STATUS status, sent;

    do {
        buffer_set(&token, SECBUFFER_TOKEN, NULL, 0);
        status = answer_take(wsman, &token);
        if (status == SEC_E_CONTEXT_EXPIRED && !wsman->begun)
            return status;
        if (status == SEC_E_INCOMPLETE_MESSAGE)
            sent = message_send(wsman, WSMAN_REFUSAL, "WWW-Authenticate: " SCHEME "\r\n", NULL, 0);
        else
            sent = token_send(wsman, status == SEC_E_OK ? WSMAN_ANSWER : WSMAN_REFUSAL, &token);
        FreeContextBuffer(token.pvBuffer);
        if (sent != SEC_E_OK && status >= 0)
            status = SEC_E_INTERNAL_ERROR;
    } while (status == SEC_I_CONTINUE_NEEDED || status == SEC_E_INCOMPLETE_MESSAGE);
    return status;
}

SECURITY_STATUS wsman_open(struct wsman *wsman, SOCKET s, CredHandle *credential, char *target)
{
    SECURITY_STATUS status;

    memset(wsman, 0, sizeof(*wsman));
    wsman->socket = s;
    wsman->credential = credential;
    wsman->target = target;
    status = target != NULL ? client_logon(wsman) : server_logon(wsman);
    if (status == SEC_E_OK)
        status = QueryContextAttributesA(&wsman->context, SECPKG_ATTR_STREAM_SIZES, &wsman->sizes);
    if (status != SEC_E_OK)
        wsman_close(wsman);
    return status;
}

void wsman_close(struct wsman *wsman)
{
    if (wsman->begun)
        DeleteSecurityContext(&wsman->context);
    wsman->begun = 0;
    SecureZeroMemory(wsman->room, sizeof(wsman->room));
}

/* --- Sealed bodies -------------------------------------------------------------------------- */

#define BOUNDARY "--Encrypted Boundary"
#define PROTOCOL "application/HTTP-CredSSP-session-encrypted"
#define OCTETS   BOUNDARY "\r\n\tContent-Type: application/octet-stream\r\n"
#define MULTIPART                                                                                  \
    "Content-Type: multipart/encrypted;protocol=\"" PROTOCOL                                       \
    "\";boundary=\"Encrypted Boundary\"\r\n"

/* Longer messages are sent in several parts. */
#define PART_MAX  16384
#define PART_ROOM 512 /* for the lines of a part */

/* The octets of a part: the size of the record's end, and the record. */
static SECURITY_STATUS record_seal(struct wsman *wsman, const char *data, ULONG size, char *to,
                                   ULONG *used)
{
    SecBuffer parts[4];
    SecBufferDesc message = {SECBUFFER_VERSION, 4, parts};
    const SecPkgContext_StreamSizes *sizes = &wsman->sizes;
    char *record = to + 4;
    SECURITY_STATUS status;
    int i;

    buffer_set(&parts[0], SECBUFFER_STREAM_HEADER, record, sizes->cbHeader);
    buffer_set(&parts[1], SECBUFFER_DATA, record + sizes->cbHeader, size);
    buffer_set(&parts[2], SECBUFFER_STREAM_TRAILER, record + sizes->cbHeader + size,
               sizes->cbTrailer);
    buffer_set(&parts[3], SECBUFFER_EMPTY, NULL, 0);
    memcpy(parts[1].pvBuffer, data, size);
    status = EncryptMessage(&wsman->context, 0, &message, 0);
    for (i = 0; i < 4; i++)
        to[i] = (char)(parts[2].cbBuffer >> 8 * i);
    *used = 4 + parts[0].cbBuffer + parts[1].cbBuffer + parts[2].cbBuffer;
    return status;
}

static SECURITY_STATUS part_seal(struct wsman *wsman, const char *data, ULONG size, char *to,
                                 ULONG *used)
{
    int n = snprintf(to, PART_ROOM,
                     BOUNDARY "\r\n\tContent-Type: " PROTOCOL "\r\n\tOriginalContent: "
                              "type=application/soap+xml;charset=UTF-8;Length=%u\r\n" OCTETS,
                     (unsigned)size);
    SECURITY_STATUS status = record_seal(wsman, data, size, to + n, used);

    *used += (ULONG)n;
    return status;
}

SECURITY_STATUS wsman_send(struct wsman *wsman, const char *start, const void *data, ULONG size)
{
    ULONG each =
        PART_MAX < wsman->sizes.cbMaximumMessage ? PART_MAX : wsman->sizes.cbMaximumMessage;
    ULONG parts = size / each + 1, at = 0, part, used, done;
    char *body =
        malloc(size + parts * (PART_ROOM + wsman->sizes.cbHeader + wsman->sizes.cbTrailer));
    SECURITY_STATUS status = body == NULL ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_OK;

    for (done = 0; done < size && status == SEC_E_OK; done += part) {
        part = size - done < each ? size - done : each;
        status = part_seal(wsman, (const char *)data + done, part, body + at, &used);
        at += used;
    }
    if (status == SEC_E_OK) {
        at += (ULONG)sprintf(body + at, BOUNDARY "--\r\n");
        if (message_send(wsman, start, MULTIPART, body, at) != 0)
            status = SEC_E_INTERNAL_ERROR;
        wsman->tally.sealed++;
        wsman->tally.wire = at;
    }
    free(body);
    return status;
}

static SecBuffer *buffer_find(SecBuffer parts[4], ULONG type)
{
    int i;

    for (i = 0; i < 4; i++)
        if (parts[i].BufferType == type)
            return &parts[i];
    return NULL;
}

/* Opens a record where it lies. What follows it is left over: there the next part begins. */
static SECURITY_STATUS record_open(struct wsman *wsman, char **at, ULONG left, char *to,
                                   ULONG *opened)
{
    SecBuffer parts[4], *text, *extra;
    SecBufferDesc message = {SECBUFFER_VERSION, 4, parts};
    SECURITY_STATUS status;
    int i;

    buffer_set(&parts[0], SECBUFFER_DATA, *at, left);
    for (i = 1; i < 4; i++)
        buffer_set(&parts[i], SECBUFFER_EMPTY, NULL, 0);
    status = DecryptMessage(&wsman->context, &message, 0, NULL);
    if (status != SEC_E_OK)
        return status;
    text = buffer_find(parts, SECBUFFER_DATA);
    extra = buffer_find(parts, SECBUFFER_EXTRA);
    if (text == NULL || extra == NULL)
        return SEC_E_INVALID_TOKEN;
    memcpy(to, text->pvBuffer, text->cbBuffer);
    *opened = text->cbBuffer;
    *at += left - extra->cbBuffer;
    return SEC_E_OK;
}

/* The lines of a part up to its record: what size its data are said to have. */
static SECURITY_STATUS part_find(char **at, ULONG left, ULONG *length)
{
    static const char size_of[] = ";Length=", octets[] = OCTETS;
    char *end = *at + left, *line, *start;

    line = strstr(*at, size_of);
    start = line == NULL ? NULL : strstr(line, octets);
    if (start == NULL || strncmp(*at, BOUNDARY "\r\n", sizeof(BOUNDARY) + 1) != 0 ||
        end - start < (ptrdiff_t)sizeof(octets) - 1 + 4)
        return SEC_E_INVALID_TOKEN;
    *length = (ULONG)strtoul(line + sizeof(size_of) - 1, NULL, 10);
    *at = start + sizeof(octets) - 1 + 4;
    return SEC_E_OK;
}

/* Parts until the last boundary. The data are never longer than what they were sealed in. */
static SECURITY_STATUS body_open(struct wsman *wsman, char *data, ULONG *size)
{
    char *at = wsman->body, *end = at + wsman->body_size;
    SECURITY_STATUS status = SEC_E_OK;
    ULONG length, opened;

    for (*size = 0; status == SEC_E_OK; *size += opened) {
        opened = 0;
        if ((size_t)(end - at) >= sizeof(BOUNDARY) + 1 &&
            memcmp(at, BOUNDARY "--", sizeof(BOUNDARY) + 1) == 0)
            return SEC_E_OK;
        status = part_find(&at, (ULONG)(end - at), &length);
        if (status == SEC_E_OK)
            status = record_open(wsman, &at, (ULONG)(end - at), data + *size, &opened);
        if (status == SEC_E_OK && opened != length)
            status = SEC_E_MESSAGE_ALTERED;
    }
    return status;
}

SECURITY_STATUS wsman_receive(struct wsman *wsman, unsigned char **data, ULONG *size)
{
    SECURITY_STATUS status;

    *data = NULL;
    if (message_receive(wsman) != 0)
        return SEC_E_CONTEXT_EXPIRED;
    *data = malloc(wsman->body_size + 1);
    if (*data == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    status = body_open(wsman, (char *)*data, size);
    wsman->tally.opened += status == SEC_E_OK;
    if (status == SEC_E_OK)
        return SEC_E_OK;
    free(*data);
    *data = NULL;
    return status;
}

/* --- For people ----------------------------------------------------------------------------- */

int wsman_print(struct wsman *wsman)
{
    SecPkgContext_ConnectionInfo info;
    SecPkgContext_PackageInfoA logon;
    SecPkgContext_NamesA names;
    SECURITY_STATUS status;

    status = QueryContextAttributesA(&wsman->context, SECPKG_ATTR_CONNECTION_INFO, &info);
    if (status == SEC_E_OK)
        status = QueryContextAttributesA(&wsman->context, SECPKG_ATTR_NEGOTIATION_PACKAGE, &logon);
    if (status != SEC_E_OK)
        return complain("QueryContextAttributes", status);
    printf("mechanism: %s\nprotocol: TLS %s\n", logon.PackageInfo->Name,
           (info.dwProtocol & SP_PROT_TLS1_3) != 0 ? "1.3" : "1.2");
    FreeContextBuffer(logon.PackageInfo);
    if (QueryContextAttributesA(&wsman->context, SECPKG_ATTR_NAMES, &names) == SEC_E_OK) {
        printf("user: %s\n", names.sUserName);
        FreeContextBuffer(names.sUserName);
    }
    printf("legs: %d\nflags:", wsman->legs);
    flags_print(wsman->flags, wsman->target == NULL);
    printf("\n");
    return 0;
}
