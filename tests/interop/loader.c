/* SPDX-License-Identifier: MIT */
/*
 * loader: a program that finds the library at run time, as plug-ins do, and lets it go again while
 * threads are still about.
 *
 *     loader local|global LIBRARY [NAME...]      (in a world; reports in TAP)
 *
 * Every NAME must be an export of LIBRARY.
 */
#include "table_pair.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int count, failed;

static bool ok(bool good, const char *name, const char *why)
{
    printf("%s %d - %s\n", good ? "ok" : "not ok", ++count, name);
    if (!good)
        printf("# %s\n", why == NULL ? "" : why);
    failed += !good;
    return good;
}

/* The address is the library's own, not that of something it depends on. */
static bool lies_in(const void *address, const char *library)
{
    const char *slash = strrchr(library, '/');
    Dl_info place;
    union {
        const void *in;
        void *out;
    } pointer = {address};

    return address != NULL && dladdr(pointer.out, &place) != 0 &&
           strstr(place.dli_fname, slash == NULL ? library : slash + 1) != NULL;
}

static void check_names(void *handle, const char *library, char **names)
{
    char missing[128] = "";
    int seen = 0;

    for (; *names != NULL; names++, seen++)
        if (!lies_in(dlsym(handle, *names), library))
            snprintf(missing, sizeof missing, "%s is missing", *names);
    ok(missing[0] == '\0' && seen > 0, "dlsym finds every export", missing);
}

/* Every thread that used the library has state in it, which ends with the thread. */
struct user {
    const SecurityFunctionTableA *table;
    pthread_barrier_t used, closed;
    bool good;
    char failure[256];
};

static void *use_and_outlive(void *argument)
{
    struct user *user = argument;
    SECURITY_STATUS status;
    CredHandle nobody;
    char package[] = "no such package";

    user->good = table_pair(user->table, "Kerberos", NULL, user->failure, sizeof user->failure) &&
                 table_pair(user->table, "NTLM", NULL, user->failure, sizeof user->failure) &&
                 table_pair(user->table, "Negotiate", NULL, user->failure, sizeof user->failure);
    /* A failure leaves the thread a text. */
    status = user->table->AcquireCredentialsHandleA(NULL, package, SECPKG_CRED_OUTBOUND, NULL, NULL,
                                                    NULL, NULL, &nobody, NULL);
    user->good = user->good && status == SEC_E_SECPKG_NOT_FOUND;
    pthread_barrier_wait(&user->used);
    pthread_barrier_wait(&user->closed);
    return NULL;
}

/* The last handle is gone, and then the thread ends: its state must still have its code. */
static void close_under(struct user *user, void *handle, const char *library)
{
    pthread_t thread;
    ULONG packages = 0;
    SecPkgInfoA *list = NULL;
    void *again;

    pthread_barrier_init(&user->used, NULL, 2);
    pthread_barrier_init(&user->closed, NULL, 2);
    if (!ok(pthread_create(&thread, NULL, use_and_outlive, user) == 0, "a thread starts", NULL))
        return;
    pthread_barrier_wait(&user->used);
    ok(user->good, "the thread has contexts of all packages", user->failure);
    ok(dlclose(handle) == 0, "dlclose", dlerror());
    again = dlopen(library, RTLD_NOW | RTLD_NOLOAD);
    ok(again != NULL, "the library stays", dlerror());
    pthread_barrier_wait(&user->closed);
    ok(pthread_join(thread, NULL) == 0, "the thread ends after it", NULL);
    ok(user->table->EnumerateSecurityPackagesA(&packages, &list) == SEC_E_OK && packages >= 3,
       "a call by the old table", NULL);
    if (list != NULL)
        user->table->FreeContextBuffer(list);
    if (again != NULL)
        dlclose(again);
}

int main(int argc, char **argv)
{
    struct user user = {.good = false};
    union {
        void *address;
        INIT_SECURITY_INTERFACE_A call;
    } init;
    void *handle;

    if (argc < 4)
        return 2;
    setvbuf(stdout, NULL, _IOLBF, 0);
    handle =
        dlopen(argv[2], RTLD_NOW | (strcmp(argv[1], "global") == 0 ? RTLD_GLOBAL : RTLD_LOCAL));
    if (ok(handle != NULL, "dlopen", handle == NULL ? dlerror() : NULL)) {
        check_names(handle, argv[2], argv + 3);
        init.address = dlsym(handle, "InitSecurityInterfaceA");
        user.table = init.address == NULL ? NULL : init.call();
        if (ok(user.table != NULL, "InitSecurityInterface gives a table", NULL))
            close_under(&user, handle, argv[2]);
    }
    printf("1..%d\n", count);
    return failed > 0;
}
