/* SPDX-License-Identifier: MIT */
/*
 * digest_server: gives one page to whom SSPI's WDigest knows; the page is the name.
 *
 *     digest_server ADDRESS PORT REALM ALGORITHM [integ] [alone]
 *
 * The accounts are those of SSPI_DIGEST_FILE.  A connection keeps its context, and further requests
 * go by VerifySignature; with "alone" each request has a context of its own.  With "integ" bodies
 * are protected, of which it takes empty ones only.  A refusal says why in the header X-Failure.
 * One connection at a time; it serves until it is ended.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* asprintf */
#endif
#include "http.h"
#include "sspi_end.h"

#include <sspi_linux.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wdigest.h>

static struct server {
    CredHandle cred;
    CtxtHandle ctx;
    bool open, known; /* known: the context's client has proved who it is */
    bool integ, alone;
    const char *empty; /* the hash of nothing */
    char token[4097];
} server;

/* What the request's line says. */
struct line {
    char method[32], uri[4096];
};

static void forget(void)
{
    if (server.open)
        DeleteSecurityContext(&server.ctx);
    server.open = server.known = false;
}

static SecBuffer text_buffer(ULONG type, const char *text)
{
    union {
        const char *in;
        void *out;
    } pointer = {text};

    return sspi_buffer(type, pointer.out, text == NULL ? 0 : strlen(text));
}

/* Its token, if there is one, is in server.token. */
static SECURITY_STATUS leg(const struct line *line, const char *response)
{
    SecBuffer in[] = {text_buffer(SECBUFFER_TOKEN, response),
                      text_buffer(SECBUFFER_PKG_PARAMS, line->method),
                      text_buffer(SECBUFFER_PKG_PARAMS, line->uri),
                      text_buffer(SECBUFFER_PKG_PARAMS, server.empty)};
    SecBuffer out = sspi_buffer(SECBUFFER_TOKEN, server.token, sizeof server.token - 1);
    SecBufferDesc in_list = sspi_description(in, COUNT(in)), out_list = sspi_description(&out, 1);
    ULONG attributes;
    SECURITY_STATUS status;

    if (server.known)
        return VerifySignature(&server.ctx, &in_list, 0, NULL);
    status = AcceptSecurityContext(&server.cred, server.open ? &server.ctx : NULL, &in_list,
                                   ASC_REQ_HTTP | (server.integ ? ASC_REQ_INTEGRITY : 0), 0,
                                   &server.ctx, &out_list, &attributes, NULL);
    if (status >= 0)
        server.open = true;
    server.token[status >= 0 ? out.cbBuffer : 0] = '\0';
    return status;
}

/* "Digest" with what comes after it, or NULL. */
static const char *digest_of(const char *value)
{
    return value != NULL && strncmp(value, "Digest ", 7) == 0 ? value : NULL;
}

static bool respond(int fd, int code, const char *header, const char *value, const char *body,
                    SECURITY_STATUS why)
{
    char *text;
    bool sent;

    if (asprintf(&text,
                 "HTTP/1.1 %d %s\r\n%s: %s\r\nX-Failure: %s\r\nContent-Length: %zu\r\n\r\n%s", code,
                 code == 200 ? "OK" : "Unauthorized", header, value, sspi_status_name(why),
                 strlen(body), body) < 0)
        return false;
    sent = http_write(fd, text);
    free(text);
    return sent;
}

/* The page, and the server's own proof. */
static bool grant(int fd)
{
    SecBuffer in[] = {text_buffer(SECBUFFER_PKG_PARAMS, NULL),
                      text_buffer(SECBUFFER_PKG_PARAMS, NULL),
                      text_buffer(SECBUFFER_PKG_PARAMS, server.empty),
                      sspi_buffer(SECBUFFER_PADDING, server.token, sizeof server.token - 1)};
    SecBufferDesc list = sspi_description(in, COUNT(in));
    SecPkgContext_NamesA names;
    bool sent;

    if (MakeSignature(&server.ctx, 0, &list, 0) != SEC_E_OK ||
        QueryContextAttributesA(&server.ctx, SECPKG_ATTR_NAMES, &names) != SEC_E_OK)
        return false;
    server.token[in[3].cbBuffer] = '\0';
    sent = respond(fd, 200, "Authentication-Info", server.token, (char *)names.sUserName, SEC_E_OK);
    FreeContextBuffer(names.sUserName);
    return sent;
}

static bool challenge(int fd, const struct line *line, SECURITY_STATUS why)
{
    char value[sizeof server.token + 8];

    if (why != SEC_I_CONTINUE_NEEDED) {
        forget();
        if (leg(line, NULL) != SEC_I_CONTINUE_NEEDED)
            return false;
    }
    snprintf(value, sizeof value, "Digest %s", server.token);
    return respond(fd, 401, "WWW-Authenticate", value, "", why);
}

static bool serve_request(int fd, const struct http_head *head)
{
    char *value = http_header(head, "Authorization", 0);
    struct line line = {"", ""};
    SECURITY_STATUS status = SEC_E_INVALID_TOKEN;
    bool sent;

    if (sscanf(head->text, "%31s %4095s", line.method, line.uri) == 2)
        status = leg(&line, digest_of(value));
    free(value);
    server.known = status == SEC_E_OK;
    sent = status == SEC_E_OK ? grant(fd) : challenge(fd, &line, status);
    if (server.alone)
        forget();
    return sent;
}

static void serve_connection(int fd)
{
    static struct http_head head;

    while (http_read_head(fd, &head) && http_skip_body(fd, &head) && serve_request(fd, &head))
        ;
    forget();
    close(fd);
}

static bool start(const char *realm, const char *algorithm)
{
    struct sspi_digest_server settings = {.algorithm = algorithm, .realm = realm};
    char package[] = WDIGEST_SP_NAME_A;

    server.empty = strncmp(algorithm, "MD5", 3) == 0
                       ? "d41d8cd98f00b204e9800998ecf8427e"
                       : "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    return AcquireCredentialsHandleA(NULL, package, SECPKG_CRED_INBOUND, NULL, NULL, NULL, NULL,
                                     &server.cred, NULL) == SEC_E_OK &&
           SetCredentialsAttributesA(&server.cred, SSPI_CRED_ATTR_DIGEST_SERVER, &settings,
                                     sizeof settings) == SEC_E_OK;
}

int main(int argc, char **argv)
{
    int listener, fd;

    if (argc < 5) {
        fprintf(stderr, "usage: digest_server ADDRESS PORT REALM ALGORITHM [integ] [alone]\n");
        return 2;
    }
    for (int i = 5; i < argc; i++) {
        server.integ = server.integ || strcmp(argv[i], "integ") == 0;
        server.alone = server.alone || strcmp(argv[i], "alone") == 0;
    }
    if (!start(argv[3], argv[4]))
        return 1;
    listener = http_listen(argv[1], argv[2]);
    while ((fd = http_accept(listener)) >= 0)
        serve_connection(fd);
    return 1;
}
