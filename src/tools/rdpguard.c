/* SPDX-License-Identifier: MIT */
/*
 * Remote Credential Guard: what security packages have made of a logon goes to the server in place
 * of a password. Nothing here makes it: a client has it in files, a server only says what it got.
 * [MS-CSSP] 2.2.1.2.3
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/rdp.h"
#include "tools/report.h"

/* --- A client ------------------------------------------------------------------------------- */

void rdp_guard_close(struct rdp_guard *guard)
{
    for (unsigned i = 0; i < guard->count; i++) {
        SecureZeroMemory(guard->files[i].pbData, guard->files[i].cbData);
        free(guard->files[i].pbData);
        free(guard->names[i]);
    }
    guard->count = 0;
}

/* PACKAGE=FILE */
static int one_open(const char *text, struct rdp_guard *guard)
{
    const char *equals = strchr(text, '=');
    unsigned i = guard->count;

    if (equals == NULL || equals == text)
        return complain_usage("--remote-guard wants a package and a file, as kerberos=FILE");
    if (!tls_file_read(equals + 1, &guard->files[i])) {
        complain("reading %s: it is not there, empty, or too large", equals + 1);
        return EXIT_USAGE;
    }
    guard->names[i] = strndup(text, (size_t)(equals - text));
    guard->list[i] = (struct sspi_guard_credential){guard->names[i], guard->files[i].pbData,
                                                    guard->files[i].cbData};
    guard->count++;
    return guard->names[i] != NULL ? EXIT_OK : fail(SEC_E_INSUFFICIENT_MEMORY, "reading a file");
}

int rdp_guard_open(const struct rdp_options *options, struct rdp_guard *guard)
{
    int result = EXIT_OK;

    guard->count = 0;
    for (unsigned i = 0; i < options->guard_count && result == EXIT_OK; i++)
        result = one_open(options->guards[i], guard);
    guard->all = (struct sspi_guard_credentials){guard->count, guard->list};
    if (result != EXIT_OK)
        rdp_guard_close(guard);
    return result;
}

/* --- A server ------------------------------------------------------------------------------- */

bool rdp_guard_show(CtxtHandle *context)
{
    struct sspi_guard_credentials got;
    char text[256];

    if (QueryContextAttributesA(context, SSPI_ATTR_GUARD_CREDENTIALS, &got) != SEC_E_OK)
        return false;
    fputs("delegated  by Remote Credential Guard: ", stderr);
    for (size_t i = 0; i < got.count; i++)
        fprintf(stderr, "%s%s, %zu octets", i == 0 ? "" : "; ",
                report_peer(got.list[i].package, text, sizeof(text)), got.list[i].size);
    fputc('\n', stderr);
    FreeContextBuffer((void *)(uintptr_t)got.list);
    return true;
}
