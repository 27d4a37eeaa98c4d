/* SPDX-License-Identifier: MIT */
/* Lines of "DOMAIN:user:password", as NTLM's library reads them. */
#include "credssp/saved.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/secret.h"
#include "core/text.h"

static bool file_is_private(FILE *file)
{
    struct stat about;

    return fstat(fileno(file), &about) == 0 && S_ISREG(about.st_mode) &&
           (about.st_uid == 0 || about.st_uid == geteuid()) &&
           !(about.st_mode & (S_IRWXG | S_IRWXO));
}

/* The password of a line that is about this user; the line is cut up. */
static char *line_match(char *line, const struct identity *identity)
{
    char *rest = line, *domain = strsep(&rest, ":"), *user = strsep(&rest, ":");

    if (*line == '#' || rest == NULL || !text_equal_nocase(user, identity->user))
        return NULL;
    if (identity->domain != NULL && !text_equal_nocase(domain, identity->domain))
        return NULL;
    rest[strcspn(rest, "\r\n")] = '\0';
    return rest;
}

/* The line is read into one place that is large enough, so that no copy of it is left. */
#define LINE_SIZE 4096

static SECURITY_STATUS file_search(FILE *file, struct identity *identity)
{
    char line[LINE_SIZE];
    const char *password = NULL;

    setvbuf(file, NULL, _IONBF, 0);
    while (password == NULL && fgets(line, sizeof(line), file) != NULL)
        password = line_match(line, identity);
    if (password != NULL)
        identity->password = strdup(password);
    explicit_bzero(line, sizeof(line));
    return password != NULL && identity->password == NULL ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_OK;
}

SECURITY_STATUS saved_find(struct identity *identity)
{
    const char *name = secure_getenv("NTLM_USER_FILE");
    FILE *file = name == NULL ? NULL : fopen(name, "re");
    SECURITY_STATUS status = SEC_E_OK;

    if (file == NULL)
        return SEC_E_OK;
    if (file_is_private(file))
        status = file_search(file, identity);
    fclose(file);
    return status;
}
