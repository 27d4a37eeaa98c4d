/* SPDX-License-Identifier: MIT */
/* What the examples share. */
#include "common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static SOCKET connect_to(const char *host, const char *port)
{
    struct addrinfo hints, *addresses, *at;
    SOCKET s = INVALID_SOCKET;

    memset(&hints, 0, sizeof(hints));
    hints.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(host, port, &hints, &addresses) != 0)
        return INVALID_SOCKET;
    for (at = addresses; at != NULL && s == INVALID_SOCKET; at = at->ai_next) {
        s = socket(at->ai_family, at->ai_socktype, at->ai_protocol);
        if (s != INVALID_SOCKET && connect(s, at->ai_addr, (int)at->ai_addrlen) != 0) {
            closesocket(s);
            s = INVALID_SOCKET;
        }
    }
    freeaddrinfo(addresses);
    return s;
}

static SOCKET listen_on(const char *address, const char *port)
{
    struct addrinfo hints, *found;
    SOCKET s;

    memset(&hints, 0, sizeof(hints));
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICHOST;
    if (getaddrinfo(address, port, &hints, &found) != 0)
        return INVALID_SOCKET;
    s = socket(found->ai_family, found->ai_socktype, found->ai_protocol);
    if (s != INVALID_SOCKET &&
        (bind(s, found->ai_addr, (int)found->ai_addrlen) != 0 || listen(s, 5) != 0)) {
        closesocket(s);
        s = INVALID_SOCKET;
    }
    freeaddrinfo(found);
    return s;
}

static void port_print(SOCKET s)
{
    struct sockaddr_storage name;
    socklen_t size = sizeof(name);
    char port[16];

    if (getsockname(s, (struct sockaddr *)&name, &size) == 0 &&
        getnameinfo((struct sockaddr *)&name, size, NULL, 0, port, sizeof(port), NI_NUMERICSERV) ==
            0)
        printf("port: %s\n", port);
    fflush(stdout);
}

/* Each frame is waited for, so none may wait for the next. */
static void send_at_once(SOCKET s)
{
    int on = 1;

    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, (const char *)&on, sizeof(on));
}

int serve_on(const char *address, const char *port, int count,
             int (*serve)(SOCKET s, CredHandle *credential, char *argument), CredHandle *credential,
             char *argument)
{
    SOCKET listener = listen_on(address, port);
    int failures = 0;

    if (listener == INVALID_SOCKET) {
        fprintf(stderr, "cannot listen on %s port %s\n", address, port);
        return 1;
    }
    port_print(listener);
    for (; count > 0; count--) {
        SOCKET s = accept(listener, NULL, NULL);

        if (s == INVALID_SOCKET)
            break;
        send_at_once(s);
        failures += serve(s, credential, argument) != 0;
        closesocket(s);
    }
    closesocket(listener);
    return failures != 0 || count > 0;
}

int run_with(const char *host, const char *port,
             int (*run)(SOCKET s, CredHandle *credential, char *target), CredHandle *credential,
             char *target)
{
    SOCKET s = connect_to(host, port);
    int result;

    if (s == INVALID_SOCKET) {
        fprintf(stderr, "cannot connect to %s port %s\n", host, port);
        return 1;
    }
    send_at_once(s);
    result = run(s, credential, target);
    closesocket(s);
    return result;
}

void buffer_set(SecBuffer *buffer, ULONG type, void *data, ULONG size)
{
    buffer->BufferType = type;
    buffer->pvBuffer = data;
    buffer->cbBuffer = size;
}

int send_all(SOCKET s, const char *data, size_t size)
{
    while (size > 0) {
        int n = (int)send(s, data, size > 65536 ? 65536 : (int)size, 0);

        if (n <= 0)
            return -1;
        data += n;
        size -= (size_t)n;
    }
    return 0;
}

static int receive_all(SOCKET s, char *data, size_t size)
{
    while (size > 0) {
        int n = (int)recv(s, data, size > 65536 ? 65536 : (int)size, 0);

        if (n <= 0)
            return -1;
        data += n;
        size -= (size_t)n;
    }
    return 0;
}

int frame_send(SOCKET s, const void *data, ULONG size)
{
    unsigned char head[4];

    head[0] = (unsigned char)(size >> 24);
    head[1] = (unsigned char)(size >> 16);
    head[2] = (unsigned char)(size >> 8);
    head[3] = (unsigned char)size;
    if (send_all(s, (const char *)head, sizeof(head)) != 0)
        return -1;
    return send_all(s, data, size);
}

int frame_receive(SOCKET s, struct frame *frame)
{
    unsigned char head[4];

    frame->data = NULL;
    frame->size = 0;
    if (receive_all(s, (char *)head, sizeof(head)) != 0)
        return -1;
    frame->size = (ULONG)head[0] << 24 | (ULONG)head[1] << 16 | (ULONG)head[2] << 8 | head[3];
    if (frame->size > FRAME_MAX)
        return -1;
    frame->data = malloc(frame->size + 1);
    if (frame->data == NULL || receive_all(s, (char *)frame->data, frame->size) != 0) {
        free(frame->data);
        frame->data = NULL;
        return -1;
    }
    return 0;
}

const char *status_message(SECURITY_STATUS status)
{
    static char text[512];
    char message[400] = "";

    FormatMessageA(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL, (DWORD)status,
                   0, message, sizeof(message), NULL);
    message[strcspn(message, "\r\n")] = '\0';
    snprintf(text, sizeof(text), "0x%08x %s", (unsigned)status, message);
    return text;
}

void flags_print(ULONG flags, int inbound)
{
    static const struct {
        ULONG outbound, inbound;
        const char *name;
    } names[] = {
        {ISC_RET_DELEGATE, ASC_RET_DELEGATE, "DELEGATE"},
        {ISC_RET_MUTUAL_AUTH, ASC_RET_MUTUAL_AUTH, "MUTUAL_AUTH"},
        {ISC_RET_REPLAY_DETECT, ASC_RET_REPLAY_DETECT, "REPLAY_DETECT"},
        {ISC_RET_SEQUENCE_DETECT, ASC_RET_SEQUENCE_DETECT, "SEQUENCE_DETECT"},
        {ISC_RET_CONFIDENTIALITY, ASC_RET_CONFIDENTIALITY, "CONFIDENTIALITY"},
        {ISC_RET_INTEGRITY, ASC_RET_INTEGRITY, "INTEGRITY"},
        {ISC_RET_CONNECTION, ASC_RET_CONNECTION, "CONNECTION"},
        {ISC_RET_IDENTIFY, ASC_RET_IDENTIFY, "IDENTIFY"},
    };
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (flags & (inbound ? names[i].inbound : names[i].outbound))
            printf(" %s", names[i].name);
}

int context_print(CtxtHandle *context, ULONG flags, int inbound, int legs)
{
    SecPkgContext_NegotiationInfoA info;
    SecPkgContext_NamesA names;
    SecPkgContext_Sizes sizes;
    SECURITY_STATUS status;

    status = QueryContextAttributesA(context, SECPKG_ATTR_NEGOTIATION_INFO, &info);
    if (status == SEC_E_OK)
        status = QueryContextAttributesA(context, SECPKG_ATTR_SIZES, &sizes);
    if (status != SEC_E_OK) {
        fprintf(stderr, "QueryContextAttributes: %s\n", status_message(status));
        return -1;
    }
    printf("mechanism: %s\n", info.PackageInfo->Name);
    FreeContextBuffer(info.PackageInfo);
    if (QueryContextAttributesA(context, SECPKG_ATTR_NAMES, &names) == SEC_E_OK) {
        printf("user: %s\n", names.sUserName);
        FreeContextBuffer(names.sUserName);
    }
    printf("legs: %d\nflags:", legs);
    flags_print(flags, inbound);
    printf("\nsizes: signature %u, trailer %u, block %u\n", (unsigned)sizes.cbMaxSignature,
           (unsigned)sizes.cbSecurityTrailer, (unsigned)sizes.cbBlockSize);
    return 0;
}

int complain(const char *what, SECURITY_STATUS status)
{
    fprintf(stderr, "%s: %s\n", what, status_message(status));
    return -1;
}

/* The three parts of a sealed message stand behind one another in one buffer. */
int sealed_send(SOCKET s, CtxtHandle *context, const void *data, ULONG size, struct tally *tally)
{
    SecPkgContext_Sizes sizes;
    SecBuffer parts[3];
    SecBufferDesc message = {SECBUFFER_VERSION, 3, parts};
    SECURITY_STATUS status = QueryContextAttributesA(context, SECPKG_ATTR_SIZES, &sizes);
    unsigned char *buffer;
    int failed;

    if (status != SEC_E_OK)
        return complain("QueryContextAttributes", status);
    buffer = malloc(sizes.cbSecurityTrailer + size + sizes.cbBlockSize + 1);
    if (buffer == NULL)
        return complain("malloc", SEC_E_INSUFFICIENT_MEMORY);
    parts[0].BufferType = SECBUFFER_TOKEN;
    parts[0].cbBuffer = sizes.cbSecurityTrailer;
    parts[0].pvBuffer = buffer;
    parts[1].BufferType = SECBUFFER_DATA;
    parts[1].cbBuffer = size;
    parts[1].pvBuffer = buffer + sizes.cbSecurityTrailer;
    parts[2].BufferType = SECBUFFER_PADDING;
    parts[2].cbBuffer = sizes.cbBlockSize;
    parts[2].pvBuffer = buffer + sizes.cbSecurityTrailer + size;
    memcpy(parts[1].pvBuffer, data, size);
    status = EncryptMessage(context, 0, &message, 0);
    if (status != SEC_E_OK) {
        free(buffer);
        return complain("EncryptMessage", status);
    }
    /* The token may be shorter than the room it was given. */
    memmove(buffer + parts[0].cbBuffer, parts[1].pvBuffer, parts[1].cbBuffer + parts[2].cbBuffer);
    failed = frame_send(s, buffer, parts[0].cbBuffer + parts[1].cbBuffer + parts[2].cbBuffer);
    free(buffer);
    tally->sealed++;
    tally->wire = parts[0].cbBuffer + parts[1].cbBuffer + parts[2].cbBuffer;
    return failed;
}

int sealed_receive(SOCKET s, CtxtHandle *context, unsigned char **data, ULONG *size,
                   struct tally *tally)
{
    struct frame frame;
    SecBuffer parts[2];
    SecBufferDesc message = {SECBUFFER_VERSION, 2, parts};
    SECURITY_STATUS status;
    ULONG qop = 0;

    if (frame_receive(s, &frame) != 0)
        return -1;
    parts[0].BufferType = SECBUFFER_STREAM;
    parts[0].cbBuffer = frame.size;
    parts[0].pvBuffer = frame.data;
    parts[1].BufferType = SECBUFFER_DATA;
    parts[1].cbBuffer = 0;
    parts[1].pvBuffer = NULL;
    status = DecryptMessage(context, &message, 0, &qop);
    if (status != SEC_E_OK) {
        free(frame.data);
        return complain("DecryptMessage", status);
    }
    *size = parts[1].cbBuffer;
    memmove(frame.data, parts[1].pvBuffer, *size);
    *data = frame.data;
    tally->opened++;
    return 0;
}

/* A signed message goes as two frames: the signature, and the text in clear. */
int signed_send(SOCKET s, CtxtHandle *context, void *data, ULONG size, struct tally *tally)
{
    unsigned char signature[256];
    SecBuffer parts[2];
    SecBufferDesc message = {SECBUFFER_VERSION, 2, parts};
    SECURITY_STATUS status;

    parts[0].BufferType = SECBUFFER_DATA;
    parts[0].cbBuffer = size;
    parts[0].pvBuffer = data;
    parts[1].BufferType = SECBUFFER_TOKEN;
    parts[1].cbBuffer = sizeof(signature);
    parts[1].pvBuffer = signature;
    status = MakeSignature(context, 0, &message, 0);
    if (status != SEC_E_OK)
        return complain("MakeSignature", status);
    tally->made++;
    tally->wire = parts[1].cbBuffer + size;
    if (frame_send(s, signature, parts[1].cbBuffer) != 0)
        return -1;
    return frame_send(s, data, size);
}

int signed_receive(SOCKET s, CtxtHandle *context, unsigned char **data, ULONG *size,
                   struct tally *tally)
{
    struct frame signature, text;
    SecBuffer parts[2];
    SecBufferDesc message = {SECBUFFER_VERSION, 2, parts};
    SECURITY_STATUS status;
    ULONG qop = 0;

    if (frame_receive(s, &signature) != 0)
        return -1;
    if (frame_receive(s, &text) != 0) {
        free(signature.data);
        return -1;
    }
    parts[0].BufferType = SECBUFFER_DATA;
    parts[0].cbBuffer = text.size;
    parts[0].pvBuffer = text.data;
    parts[1].BufferType = SECBUFFER_TOKEN;
    parts[1].cbBuffer = signature.size;
    parts[1].pvBuffer = signature.data;
    status = VerifySignature(context, &message, 0, &qop);
    free(signature.data);
    if (status != SEC_E_OK) {
        free(text.data);
        return complain("VerifySignature", status);
    }
    *data = text.data;
    *size = text.size;
    tally->verified++;
    return 0;
}

int identity_read(SEC_WINNT_AUTH_IDENTITY_A *identity, char *user, char *password, size_t size)
{
    char *slash = strchr(user, '\\');

    memset(identity, 0, sizeof(*identity));
    if (fgets(password, (int)size, stdin) == NULL)
        return -1;
    password[strcspn(password, "\r\n")] = '\0';
    identity->Flags = SEC_WINNT_AUTH_IDENTITY_ANSI;
    if (slash != NULL) {
        identity->Domain = (unsigned char *)user;
        identity->DomainLength = (ULONG)(slash - user);
        user = slash + 1;
    }
    identity->User = (unsigned char *)user;
    identity->UserLength = (ULONG)strlen(user);
    identity->Password = (unsigned char *)password;
    identity->PasswordLength = (ULONG)strlen(password);
    return 0;
}

double milliseconds(void)
{
    FILETIME now;

    GetSystemTimeAsFileTime(&now);
    return ((double)now.dwHighDateTime * 4294967296.0 + (double)now.dwLowDateTime) / 10000.0;
}
