/* SPDX-License-Identifier: MIT */
/*
 * freerdp_shim: goes into a process of FreeRDP by LD_PRELOAD and answers in WinPR's place when
 * FreeRDP asks for its table of SSPI functions. FreeRDP 2 has no other way in for a client, and for
 * a server only a file with a fixed place under /etc.
 *
 *     FREERDP_SHIM_MODULE=FILE    the library whose table FreeRDP gets; without it WinPR's own
 *     FREERDP_SHIM_CALLS=FILE     gets a line for each call: whose function it was, its name, its
 *                                 answer
 *     FREERDP_SHIM_REGISTRY=FILE  is read in place of WinPR's, /etc/winpr/HKLM.reg
 */
#define SECURITY_WIN32
#include <windows.h>

#include <sspi.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REGISTRY "/HKLM.reg"

/* The two names that are taken from others; nothing declares them here. */
#define TAKEN __attribute__((visibility("default")))

TAKEN PSecurityFunctionTableA InitSecurityInterfaceExA(DWORD flags);
TAKEN FILE *fopen64(const char *path, const char *mode);

typedef PSecurityFunctionTableA own_table(void);
typedef PSecurityFunctionTableA winpr_table(DWORD flags);
typedef FILE *open_file(const char *path, const char *mode);

static pthread_once_t once = PTHREAD_ONCE_INIT;
static SecurityFunctionTableA *real, recorded;
static int calls = -1;

static void die(const char *what, const char *why)
{
    fprintf(stderr, "freerdp_shim: %s: %s\n", what, why == NULL ? "not there" : why);
    _exit(99);
}

/* C has no cast from what dlsym() gives to a function. */
static void *symbol(void *library, const char *name)
{
    void *found = dlsym(library, name);

    if (found == NULL)
        die(name, dlerror());
    return found;
}

#define FUNCTION(type, library, name)                                                              \
    (((union {                                                                                     \
         void *in;                                                                                 \
         type *out;                                                                                \
     }){symbol(library, name)})                                                                    \
         .out)

/* Where the function lies that the slot has, not where the table came from. */
static const char *owner(const void *slot)
{
    const char *slash;
    void *function;
    Dl_info place;

    memcpy(&function, slot, sizeof(function));
    if (dladdr(function, &place) == 0 || place.dli_fname == NULL)
        return "nowhere";
    slash = strrchr(place.dli_fname, '/');
    return slash == NULL ? place.dli_fname : slash + 1;
}

/* One write() a line: a server has a thread for each client. */
static SECURITY_STATUS record(const void *slot, const char *call, SECURITY_STATUS status)
{
    char line[160];
    int length = snprintf(line, sizeof(line), "%s %s %08x\n", owner(slot), call, (unsigned)status);

    if (calls >= 0 && write(calls, line, (size_t)length) != length)
        die("FREERDP_SHIM_CALLS", "cannot be written");
    return status;
}

#define RECORDED(slot, parameters, arguments)                                                      \
    static SECURITY_STATUS SEC_ENTRY recorded_##slot parameters                                    \
    {                                                                                              \
        return record(&real->slot, #slot, real->slot arguments);                                   \
    }

RECORDED(QuerySecurityPackageInfoA, (SEC_CHAR * name, PSecPkgInfoA *info), (name, info))
RECORDED(AcquireCredentialsHandleA,
         (SEC_CHAR * principal, SEC_CHAR *package, ULONG use, void *luid, void *identity,
          SEC_GET_KEY_FN get_key, void *argument, PCredHandle cred, PTimeStamp expiry),
         (principal, package, use, luid, identity, get_key, argument, cred, expiry))
RECORDED(FreeCredentialsHandle, (PCredHandle cred), (cred))
RECORDED(InitializeSecurityContextA,
         (PCredHandle cred, PCtxtHandle old, SEC_CHAR *target, ULONG flags, ULONG reserved1,
          ULONG representation, PSecBufferDesc in, ULONG reserved2, PCtxtHandle ctx,
          PSecBufferDesc out, PULONG got, PTimeStamp expiry),
         (cred, old, target, flags, reserved1, representation, in, reserved2, ctx, out, got,
          expiry))
RECORDED(AcceptSecurityContext,
         (PCredHandle cred, PCtxtHandle old, PSecBufferDesc in, ULONG flags, ULONG representation,
          PCtxtHandle ctx, PSecBufferDesc out, PULONG got, PTimeStamp expiry),
         (cred, old, in, flags, representation, ctx, out, got, expiry))
RECORDED(CompleteAuthToken, (PCtxtHandle ctx, PSecBufferDesc token), (ctx, token))
RECORDED(DeleteSecurityContext, (PCtxtHandle ctx), (ctx))
RECORDED(QueryContextAttributesA, (PCtxtHandle ctx, ULONG attribute, void *value),
         (ctx, attribute, value))
RECORDED(SetContextAttributesA, (PCtxtHandle ctx, ULONG attribute, void *value, ULONG size),
         (ctx, attribute, value, size))
RECORDED(ImpersonateSecurityContext, (PCtxtHandle ctx), (ctx))
RECORDED(RevertSecurityContext, (PCtxtHandle ctx), (ctx))
RECORDED(FreeContextBuffer, (PVOID memory), (memory))
RECORDED(EncryptMessage, (PCtxtHandle ctx, ULONG qop, PSecBufferDesc message, ULONG number),
         (ctx, qop, message, number))
RECORDED(DecryptMessage, (PCtxtHandle ctx, PSecBufferDesc message, ULONG number, PULONG qop),
         (ctx, message, number, qop))

/* As FreeRDP loads a module: late and out of everybody's sight. */
static SecurityFunctionTableA *find_table(const char *module)
{
    void *library;

    if (module == NULL)
        return FUNCTION(winpr_table, RTLD_NEXT, "InitSecurityInterfaceExA")(0);
    library = dlopen(module, RTLD_LAZY | RTLD_LOCAL);
    if (library == NULL)
        die(module, dlerror());
    return FUNCTION(own_table, library, "InitSecurityInterfaceA")();
}

/* WinPR 2's table ends before SetCredentialsAttributesA, and nobody needs it here. */
static void start(void)
{
    const char *path = getenv("FREERDP_SHIM_CALLS");

    if (path != NULL)
        calls = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR);
    real = find_table(getenv("FREERDP_SHIM_MODULE"));
    memcpy(&recorded, real, offsetof(SecurityFunctionTableA, SetCredentialsAttributesA));
#define RECORD(slot) recorded.slot = recorded_##slot
    RECORD(QuerySecurityPackageInfoA);
    RECORD(AcquireCredentialsHandleA);
    RECORD(FreeCredentialsHandle);
    RECORD(InitializeSecurityContextA);
    RECORD(AcceptSecurityContext);
    RECORD(CompleteAuthToken);
    RECORD(DeleteSecurityContext);
    RECORD(QueryContextAttributesA);
    RECORD(SetContextAttributesA);
    RECORD(ImpersonateSecurityContext);
    RECORD(RevertSecurityContext);
    RECORD(FreeContextBuffer);
    RECORD(EncryptMessage);
    RECORD(DecryptMessage);
}

/* Once per connection, from a thread of its own. */
PSecurityFunctionTableA InitSecurityInterfaceExA(DWORD flags)
{
    (void)flags;
    pthread_once(&once, start);
    return &recorded;
}

/* Its folder was chosen when FreeRDP was built. */
static bool is_registry(const char *path)
{
    size_t length = strlen(path), tail = strlen(REGISTRY);

    return length > tail && strcmp(path + length - tail, REGISTRY) == 0;
}

FILE *fopen64(const char *path, const char *mode)
{
    const char *registry = getenv("FREERDP_SHIM_REGISTRY");
    open_file *next = FUNCTION(open_file, RTLD_NEXT, "fopen64");

    return next(registry != NULL && is_registry(path) ? registry : path, mode);
}
