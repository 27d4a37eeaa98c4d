/* SPDX-License-Identifier: MIT */
/*
 * coexist: ours and WinPR's libraries in one process, on the link line in either order.
 *
 *     coexist_first, coexist_last PASSWORD-FILE      (in a world; reports in TAP)
 *
 * COEXIST_FIRST: ours was linked first.  The names of secur32 are in both libraries, and a program
 * has them from the first one; the names of windows.h are kept apart, so both work in any order.
 */
#include "coexist.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

const char *coexist_place(const void *address)
{
    Dl_info place;
    const char *slash;
    union {
        const void *in;
        void *out;
    } pointer = {address};

    if (dladdr(pointer.out, &place) == 0 || place.dli_fname == NULL)
        return "nowhere";
    slash = strrchr(place.dli_fname, '/');
    return slash == NULL ? place.dli_fname : slash + 1;
}

static int count, failed;

static void ok(bool good, const char *name, const char *why)
{
    printf("%s %d - %s\n", good ? "ok" : "not ok", ++count, name);
    if (!good)
        printf("# %s\n", why);
    failed += !good;
}

static void works(const char *failure, const char *name)
{
    ok(failure == NULL, name, failure);
}

static void lies_in(const char *place, const char *library, const char *name)
{
    ok(strncmp(place, library, strlen(library)) == 0, name, place);
}

static void both_work(const char *password_file)
{
    works(ours_windows(), "the calls of our windows.h work");
    works(winpr_windows(), "WinPR's calls of the same names work");
    works(ours_context("Kerberos"), "Kerberos by our function table");
    works(winpr_context(password_file), "NTLM by WinPR's function table");
    works(ours_context("NTLM"), "NTLM by our function table");
    works(ours_context("Negotiate"), "Negotiate by our function table");
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    setvbuf(stdout, NULL, _IOLBF, 0);
    lies_in(ours_close_place(), "libsspi.so", "our CloseHandle is ours");
    lies_in(winpr_close_place(), "libwinpr2.so", "WinPR's CloseHandle is WinPR's");
    both_work(argv[1]);
    both_work(argv[1]);
#ifdef COEXIST_FIRST
    lies_in(ours_direct_place(), "libsspi.so", "linked first, ours has the names of secur32");
    works(ours_direct("Kerberos"), "Kerberos by those names");
    works(ours_direct("NTLM"), "NTLM by those names");
    works(winpr_context(argv[1]), "NTLM by WinPR's function table all the same");
#else
    lies_in(ours_direct_place(), "libwinpr2.so", "linked first, WinPR has the names of secur32");
#endif
    printf("1..%d\n", count);
    return failed > 0;
}
