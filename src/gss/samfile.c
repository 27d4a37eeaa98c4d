/* SPDX-License-Identifier: MIT */
/* Files of NTLM accounts. What was read of others' hashes is wiped. */
#include "gss/samfile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/native.h"
#include "core/secret.h"
#include "core/text.h"

/* Names are much shorter; a line that is longer is none. */
#define LINE_SIZE   2048
#define STREAM_SIZE 4096

enum { USER, DOMAIN, LM, NT, FIELDS };

/* Cuts a line at its colons; the NT hash must be one and be followed by another colon. */
static bool line_split(char *line, char *fields[FIELDS])
{
    for (int i = 0; i < FIELDS; i++) {
        fields[i] = line;
        line = strchr(line, ':');
        if (line == NULL)
            return false;
        *line++ = '\0';
    }
    return strlen(fields[NT]) == IDENTITY_NTHASH_HEX &&
           strspn(fields[NT], "0123456789abcdefABCDEF") == IDENTITY_NTHASH_HEX;
}

/* The next line; what is too long to be one becomes a comment. */
static bool line_read(FILE *file, char line[LINE_SIZE])
{
    int c;

    if (fgets(line, LINE_SIZE, file) == NULL)
        return false;
    if (strlen(line) == LINE_SIZE - 1 && line[LINE_SIZE - 2] != '\n') {
        *line = '#';
        while ((c = getc(file)) != EOF && c != '\n')
            ;
    }
    return true;
}

/* The first line with the domain; a line without any stands for all domains. */
static bool user_find(FILE *file, const char *user, const char *domain, char *nt_hash)
{
    char line[LINE_SIZE], *fields[FIELDS];
    bool exact = false, found = false;

    while (!exact && line_read(file, line)) {
        if (*line == '#' || !line_split(line, fields) || !text_equal_nocase(fields[USER], user))
            continue;
        exact = text_equal_nocase(fields[DOMAIN], domain);
        if (exact || (*fields[DOMAIN] == '\0' && !found))
            memcpy(nt_hash, fields[NT], IDENTITY_NTHASH_HEX + 1);
        found = found || exact || *fields[DOMAIN] == '\0';
    }
    explicit_bzero(line, sizeof(line));
    return found;
}

SECURITY_STATUS samfile_find(const char *path, const char *user, const char *domain,
                             char nt_hash[IDENTITY_NTHASH_HEX + 1])
{
    FILE *file = fopen(path, "re");
    char *stream = malloc(STREAM_SIZE);
    bool found = false;
    int failed = file == NULL || stream == NULL ? errno : 0;

    if (failed == 0) {
        setvbuf(file, stream, _IOFBF, STREAM_SIZE);
        found = user_find(file, user, domain, nt_hash);
        failed = ferror(file) ? errno : 0;
    }
    if (file != NULL)
        fclose(file);
    memory_wipe_free(stream);
    if (failed != 0) {
        native_error_set("the NTLM accounts cannot be read from %s: %s", path, strerror(failed));
        return SEC_E_NO_CREDENTIALS;
    }
    if (found)
        return SEC_E_OK;
    native_error_set("%s has no NTLM account of this name", path);
    return SEC_E_LOGON_DENIED;
}
