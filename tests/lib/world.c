/* SPDX-License-Identifier: MIT */
/* The realm around a test. */
#include "lib/world.h"

#include <dirent.h>
#include <fcntl.h>
#include <iconv.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/pair.h"

#define NAME_MAX_SIZE 256

extern char **environ;

/* A ticket that one test gets must not be what another finds. */
static void ccache_fresh(void)
{
    char name[64];
    size_t size;
    unsigned char *tickets;
    FILE *file;

    if (access(world_file("cc"), F_OK) != 0)
        return;
    tickets = file_read(world_file("cc"), &size);
    snprintf(name, sizeof(name), "tmp/cc.%ld", (long)getpid());
    file = fopen(world_file(name), "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(tickets, 1, size, file), size);
    fclose(file);
    free(tickets);
    world_ccache(name);
}

void suite_add(Suite *suite, const TTest *test, int times)
{
    TCase *tc = tcase_create(test->name);

    tcase_add_checked_fixture(tc, ccache_fresh, NULL);
    tcase_add_loop_test(tc, test, 0, times);
    suite_add_tcase(suite, tc);
}

void world_kdc(const char *which)
{
    char name[64];

    snprintf(name, sizeof(name), "%s.conf", which);
    ck_assert_int_eq(setenv("KRB5_CONFIG", world_file(name), 1), 0);
}

void world_ccache(const char *name)
{
    ck_assert_int_eq(setenv("KRB5CCNAME", world_file(name), 1), 0);
}

void world_kinit(const char *user, const char *ccache, const char *lifetime)
{
    const char *const arguments[] = {"kinit",  "-c", ccache, lifetime == NULL ? user : "-l",
                                     lifetime, user, NULL};
    char name[NAME_MAX_SIZE];
    posix_spawn_file_actions_t actions;
    pid_t child;
    int status;

    snprintf(name, sizeof(name), "password/%s", user);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, world_file(name), O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    ck_assert_int_eq(
        posix_spawnp(&child, "kinit", &actions, NULL, (char *const *)(uintptr_t)arguments, environ),
        0);
    posix_spawn_file_actions_destroy(&actions);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "kinit %s failed", user);
}

int world_threads(void)
{
    DIR *folder = opendir("/proc/self/task");
    const struct dirent *entry;
    int count = 0;

    ck_assert_ptr_nonnull(folder);
    while ((entry = readdir(folder)) != NULL)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

unsigned char *file_read(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    unsigned char *data;
    long end;

    ck_assert_msg(file != NULL, "cannot open %s", path);
    ck_assert_int_eq(fseek(file, 0, SEEK_END), 0);
    end = ftell(file);
    ck_assert_int_ge(end, 0);
    rewind(file);
    data = malloc((size_t)end + 1);
    ck_assert_ptr_nonnull(data);
    *size = fread(data, 1, (size_t)end, file);
    ck_assert_int_eq((long)*size, end);
    data[*size] = '\0';
    fclose(file);
    return data;
}

/* That a connection is over the KDC logs after the answer, at any time. */
static bool is_request(const char *line)
{
    const char *late = strstr(line, "closing down fd");

    return late == NULL || late > strchr(line, '\n');
}

unsigned world_requests(void)
{
    size_t size;
    unsigned char *log = file_read(world_file("log/kdc.requests"), &size);
    unsigned lines = 0;

    for (const char *line = (char *)log, *end; (end = strchr(line, '\n')) != NULL; line = end + 1)
        lines += is_request(line);
    free(log);
    return lines;
}

const char *context_package(CtxtHandle *context)
{
    static char name[NAME_MAX_SIZE];
    SecPkgContext_PackageInfoA info = {NULL};

    assert_status(QueryContextAttributesA(context, SECPKG_ATTR_PACKAGE_INFO, &info), SEC_E_OK);
    snprintf(name, sizeof(name), "%s", info.PackageInfo->Name);
    FreeContextBuffer(info.PackageInfo);
    return name;
}

const char *context_user(CtxtHandle *context)
{
    static char name[NAME_MAX_SIZE];
    SecPkgContext_NamesA names = {NULL};

    assert_status(QueryContextAttributesA(context, SECPKG_ATTR_NAMES, &names), SEC_E_OK);
    snprintf(name, sizeof(name), "%s", names.sUserName);
    FreeContextBuffer(names.sUserName);
    return name;
}

void assert_peers(CtxtHandle *client, CtxtHandle *server, const char *package, const char *user)
{
    ck_assert_str_eq(context_package(client), package);
    ck_assert_str_eq(context_package(server), package);
    ck_assert_str_eq(context_user(server), user);
}

SEC_WCHAR *wide_text(const char *text, ULONG *length)
{
    size_t left = strlen(text) + 1, room = left * sizeof(SEC_WCHAR);
    SEC_WCHAR *wide = malloc(room);
    char *from = (char *)(uintptr_t)text, *to = (char *)wide;
    iconv_t conversion = iconv_open("UTF-16LE", "UTF-8");

    ck_assert_ptr_nonnull(wide);
    ck_assert(conversion != (iconv_t)-1);
    ck_assert_uint_eq(iconv(conversion, &from, &left, &to, &room), 0);
    iconv_close(conversion);
    if (length != NULL)
        *length = (ULONG)((SEC_WCHAR *)(void *)to - wide - 1);
    return wide;
}

SEC_WINNT_AUTH_IDENTITY_EXA identity_ambient(const char *packages)
{
    return identity_exa(NULL, NULL, NULL, packages);
}

void assert_native(const char *text)
{
    const char *native = sspi_native_error();

    ck_assert_msg(strstr(native, text) != NULL, "the native error is '%s', without '%s'", native,
                  text);
}
