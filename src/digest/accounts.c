/* SPDX-License-Identifier: MIT */
/* Accounts. What was read of others' hashes is wiped. */
#include "digest/accounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/native.h"
#include "core/secret.h"
#include "core/text.h"
#include "digest/directive.h"

/* --- Settings ------------------------------------------------------------------------------- */

static SECURITY_STATUS text_keep(const char *text, char **copy)
{
    return text == NULL ? SEC_E_OK : text_from_a(text, copy);
}

SECURITY_STATUS digest_settings_make(const struct sspi_digest_server *from,
                                     struct digest_settings **made)
{
    struct digest_settings *settings = calloc(1, sizeof(*settings));
    SECURITY_STATUS status;

    if (settings == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    settings->find = from->find;
    settings->argument = from->argument;
    settings->algorithm = digest_algorithm_find(from->algorithm);
    status = text_keep(from->realm, &settings->realm);
    if (status == SEC_E_OK)
        status = text_keep(from->file, &settings->file);
    if (status == SEC_E_OK && settings->algorithm == NULL)
        status = digest_refuse(SEC_E_ALGORITHM_MISMATCH, "the algorithm is none that is known");
    if (status == SEC_E_OK)
        *made = settings;
    else
        digest_settings_free(settings);
    return status;
}

void digest_settings_free(struct digest_settings *settings)
{
    if (settings == NULL)
        return;
    string_wipe_free(settings->realm);
    string_wipe_free(settings->file);
    free(settings);
}

/* --- The file ------------------------------------------------------------------------------- */

/* Names are much shorter; a line that is longer is none. */
#define LINE_SIZE   4096
#define STREAM_SIZE 4096

/* Cuts the line up. Only the realm may have colons in it. */
static bool line_match(char *line, const char *user, const char *realm,
                       struct digest_secret *secret)
{
    char *first = strchr(line, ':'), *last = strrchr(line, ':');

    line[strcspn(line, "\r\n")] = '\0';
    if (*line == '#' || first == NULL || first == last)
        return false;
    *first = *last = '\0';
    return strcmp(line, user) == 0 && strcmp(first + 1, realm) == 0 &&
           digest_hex_read(last + 1, secret->hash, secret->algorithm->size);
}

/* The whole file is read whoever is looked for, and the first line counts. */
static bool lines_search(FILE *file, const char *user, const char *realm,
                         struct digest_secret *secret)
{
    struct digest_secret other = *secret;
    char line[LINE_SIZE];
    bool whole = true, found = false;

    while (fgets(line, sizeof(line), file) != NULL) {
        bool begins = whole;

        whole = strchr(line, '\n') != NULL || feof(file);
        if (begins && whole && line_match(line, user, realm, found ? &other : secret))
            found = true;
    }
    explicit_bzero(line, sizeof(line));
    explicit_bzero(&other, sizeof(other));
    return found;
}

/* A hash is as good as a password: nobody else may read it, or put his own there. */
static SECURITY_STATUS file_check(FILE *file, const char *path)
{
    struct stat about;

    if (fstat(fileno(file), &about) == 0 && S_ISREG(about.st_mode) &&
        (about.st_uid == 0 || about.st_uid == geteuid()) && !(about.st_mode & (S_IWGRP | S_IRWXO)))
        return SEC_E_OK;
    native_error_set("the Digest accounts in %s are not used: it must be a file of this user or of "
                     "root, which its group may at most read and others not at all",
                     path);
    return SEC_E_NO_CREDENTIALS;
}

static SECURITY_STATUS file_search(FILE *file, const char *path, const char *user,
                                   const char *realm, struct digest_secret *secret)
{
    bool found = lines_search(file, user, realm, secret);

    if (ferror(file))
        return digest_refuse(SEC_E_NO_CREDENTIALS, "the file of accounts cannot be read");
    if (found)
        return SEC_E_OK;
    native_error_set("%s has no Digest account of this name and realm for %s", path,
                     secret->algorithm->name);
    return SEC_E_LOGON_DENIED;
}

/* Opening does not wait: the name may be a pipe's. */
static FILE *file_open(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "r");

    if (file == NULL) {
        native_error_set("the Digest accounts cannot be read from %s: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
    }
    return file;
}

static SECURITY_STATUS file_find(const char *path, const char *user, const char *realm,
                                 struct digest_secret *secret)
{
    FILE *file = file_open(path);
    char *stream = malloc(STREAM_SIZE);
    SECURITY_STATUS status = file == NULL ? SEC_E_NO_CREDENTIALS : file_check(file, path);

    if (status == SEC_E_OK && stream == NULL)
        status = SEC_E_INSUFFICIENT_MEMORY;
    if (status == SEC_E_OK) {
        setvbuf(file, stream, _IOFBF, STREAM_SIZE);
        status = file_search(file, path, user, realm, secret);
    }
    if (file != NULL)
        fclose(file);
    memory_wipe_free(stream);
    return status;
}

/* --- Either --------------------------------------------------------------------------------- */

static SECURITY_STATUS program_find(const struct digest_settings *settings, const char *user,
                                    const char *realm, struct digest_secret *secret)
{
    /* The hash is of the account, whether the response has a session or not. */
    const char *algorithm = secret->algorithm->hash == GNUTLS_DIG_MD5 ? "MD5" : "SHA-256";
    SECURITY_STATUS status = settings->find(settings->argument, user, realm, algorithm,
                                            secret->hash, secret->algorithm->size);

    if (status != SEC_E_OK)
        native_error_set("the program's accounts have none of this name");
    /* What is no error, or has a meaning of its own for a nonce, is no account. */
    return status > 0 || status == SEC_E_CONTEXT_EXPIRED ? SEC_E_LOGON_DENIED : status;
}

SECURITY_STATUS digest_account_find(const struct digest_settings *settings, const char *user,
                                    const char *realm, struct digest_secret *secret)
{
    const char *path = secure_getenv("SSPI_DIGEST_FILE");

    if (settings != NULL && settings->find != NULL)
        return program_find(settings, user, realm, secret);
    if (settings != NULL && settings->file != NULL)
        path = settings->file;
    if (path != NULL)
        return file_find(path, user, realm, secret);
    return digest_refuse(SEC_E_NO_CREDENTIALS,
                         "a server has no accounts: SSPI_DIGEST_FILE names no file");
}
