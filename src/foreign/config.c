/* SPDX-License-Identifier: MIT */
/*
 * The administrator's packages: SYSCONFDIR/sspi/packages.d/NAME.conf, a line for each. Who may
 * write there gets code into every program, so that nobody but root and the user may.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/native.h"
#include "core/status.h"
#include "core/text.h"
#include "core/trace.h"
#include "foreign/package.h"

#define FOLDER SSPI_SYSCONFDIR "/sspi/packages.d"
#define SUFFIX ".conf"
#define SPACE  " \t\r\n"

typedef SECURITY_STATUS (*line_fn)(const char *spec);

/* Why nothing is taken from there, or NULL. */
static const char *distrust(const struct stat *about)
{
    if (about->st_uid != 0 && about->st_uid != geteuid())
        return "is neither root's nor this user's";
    return about->st_mode & (S_IWGRP | S_IWOTH) ? "may be written by others" : NULL;
}

static const char *distrust_descriptor(int descriptor)
{
    struct stat about;

    return fstat(descriptor, &about) != 0 ? strerror(errno) : distrust(&about);
}

/* Whether the module may be loaded into programs of others. */
static const char *distrust_module(const char *file)
{
    struct stat about;

    if (*file != '/')
        return "names a module without its folder";
    return stat(file, &about) != 0 ? NULL : distrust(&about);
}

static char *text_trim(char *text)
{
    size_t size;

    text += strspn(text, SPACE);
    for (size = strlen(text); size != 0 && strchr(SPACE, text[size - 1]) != NULL; size--)
        text[size - 1] = '\0';
    return text;
}

static void spec_add(const char *name, const char *file, const char *where, line_fn add)
{
    const char *why = distrust_module(file);
    SECURITY_STATUS status = SEC_E_CANNOT_INSTALL;
    char *spec = text_join(name, *name != '\0' ? "=" : "", file);

    if (spec == NULL)
        why = "finds no memory";
    if (why == NULL)
        status = add(spec);
    trace("packages: %s: %s=%s: %s%s%s", where, name, file, status_name(status),
          why == NULL ? "" : ": it ", why == NULL ? "" : why);
    free(spec);
}

/* "NAME = FILE", or the file alone; a slash before the equals sign is part of the file's name. */
static void line_read(char *line, const char *where, line_fn add)
{
    char *name = line, *file;
    size_t head;

    line[strcspn(line, "#")] = '\0';
    head = strcspn(line, "=/");
    file = line;
    if (line[head] == '=') {
        line[head] = '\0';
        file = line + head + 1;
    } else {
        name = line + strlen(line);
    }
    name = text_trim(name);
    file = text_trim(file);
    if (*name != '\0' || *file != '\0')
        spec_add(name, file, where, add);
}

static void file_read(int folder, const char *name, line_fn add)
{
    int descriptor = openat(folder, name, O_RDONLY | O_CLOEXEC);
    const char *why = descriptor < 0 ? strerror(errno) : distrust_descriptor(descriptor);
    FILE *file = why == NULL ? fdopen(descriptor, "r") : NULL;
    char *line = NULL;
    size_t room = 0;

    if (file == NULL) {
        trace("packages: %s is passed over: %s", name, why == NULL ? strerror(errno) : why);
        if (descriptor >= 0)
            close(descriptor);
        return;
    }
    while (getline(&line, &room, file) >= 0)
        line_read(line, name, add);
    free(line);
    fclose(file);
}

static int is_configuration(const struct dirent *entry)
{
    size_t size = strlen(entry->d_name);

    return entry->d_name[0] != '.' && size > strlen(SUFFIX) &&
           strcmp(entry->d_name + size - strlen(SUFFIX), SUFFIX) == 0;
}

static void folder_read(int folder, line_fn add)
{
    struct dirent **entries;
    int count = scandirat(folder, ".", &entries, is_configuration, alphasort);

    for (int i = 0; i < count; i++) {
        file_read(folder, entries[i]->d_name, add);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

/* A program's environment may name another folder, but for a set-id program's. */
void foreign_configured(SECURITY_STATUS (*add)(const char *spec))
{
    const char *named = secure_getenv("SSPI_PACKAGES");
    int folder = open(named != NULL ? named : FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const char *why = folder < 0 ? strerror(errno) : distrust_descriptor(folder);

    if (why == NULL)
        folder_read(folder, add);
    else if (named != NULL || folder >= 0 || errno != ENOENT)
        trace("packages: %s is passed over: %s", named != NULL ? named : FOLDER, why);
    if (folder >= 0)
        close(folder);
    native_error_clear();
}
