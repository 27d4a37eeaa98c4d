/* SPDX-License-Identifier: MIT */
/*
 * Packages of others behind the seam: a shared object that exports InitSecurityInterfaceA or W
 * gives a table of functions as Windows declares it, and every operation here is a call of one of
 * them with the handle that it gave before. AddSecurityPackage(3) has the contract.
 *
 * Of the two forms of a function the caller's is taken where the module has it. Buffers are passed
 * on. What a module has allocated never reaches a caller: tokens go into memory of ours, attributes
 * are copied.
 */
#ifndef SSPI_FOREIGN_FOREIGN_H
#define SSPI_FOREIGN_FOREIGN_H

#include <sspi.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/package.h"

/* A shared object that has been loaded; it stays. */
struct foreign_module {
    const struct foreign_module *next;
    void *library; /* of dlopen() */
    char *file;
    /* Slots that the version does not have are empty; those without forms are in a. */
    SecurityFunctionTableA a;
    SecurityFunctionTableW w;
};

struct foreign_package {
    struct package base;
    const struct foreign_package *next;
    const struct foreign_module *module;
    char *theirs; /* the name that the module knows */
    SEC_WCHAR *theirs_w;
};

struct foreign_cred {
    struct cred base;
    CredHandle handle;
};

struct foreign_ctx {
    struct ctx base;
    bool open;     /* handle is the module's */
    bool unproved; /* what the last leg took CompleteAuthToken() is to judge */
    CtxtHandle handle;
};

static inline const struct foreign_package *foreign_package(const struct package *base)
{
    return (const struct foreign_package *)base;
}

static inline const struct foreign_module *foreign_module(const struct package *base)
{
    return foreign_package(base)->module;
}

/* The loaded module of a file. Errors are those of foreign_open(). */
SECURITY_STATUS foreign_module_open(const char *file, const struct foreign_module **out)
    __attribute__((warn_unused_result));

/* Gives a module its allocation back; the second one is for attr_adopt(). */
void foreign_free(const struct foreign_module *module, void *memory);
void foreign_give_back(void *module, void *memory);

/* Windows' prototypes have no const where they only read. */
static inline void *foreign_mutable(const void *data)
{
    return (void *)(uintptr_t)data;
}

/* Text for one of the two forms; the other member, and either for no text, is NULL. */
struct foreign_text {
    char *a;
    SEC_WCHAR *w;
};

SECURITY_STATUS foreign_text_make(struct foreign_text *out, const char *text, bool wide)
    __attribute__((warn_unused_result));
void foreign_text_free(struct foreign_text *text);

/* The descriptions of its packages, in the A form; one allocation of ours each. */
SECURITY_STATUS foreign_module_list(const struct foreign_module *module, PSecPkgInfoA *list,
                                    ULONG *count) __attribute__((warn_unused_result));

/* Whether the W function is to be called, when the caller's form is wide or not. */
#define foreign_wide(module, name, wide)                                                           \
    ((module)->w.name##W != NULL && ((wide) || (module)->a.name##A == NULL))

/* Calls a slot that has no forms, or says that it is empty; module comes from an object's package.
 */
#define foreign_call(object, slot, ...)                                                            \
    (foreign_module((object)->base.package)->a.slot == NULL                                        \
         ? SEC_E_UNSUPPORTED_FUNCTION                                                              \
         : foreign_module((object)->base.package)->a.slot(__VA_ARGS__))

/* Traces and remembers which module failed. */
SECURITY_STATUS foreign_result(const struct package *package, const char *call,
                               SECURITY_STATUS status) __attribute__((warn_unused_result));

/* The operations. */
extern const struct package_ops foreign_ops;

SECURITY_STATUS foreign_cred_acquire(const struct package *package, struct cred_request *request,
                                     struct cred **out);
SECURITY_STATUS foreign_cred_add(struct cred *cred, const struct package *package,
                                 struct cred_request *request);
SECURITY_STATUS foreign_cred_query(struct cred *cred, ULONG attribute, void *buffer);
SECURITY_STATUS foreign_cred_query_w(struct cred *cred, ULONG attribute, void *buffer);
SECURITY_STATUS foreign_cred_set(struct cred *cred, ULONG attribute, const void *buffer,
                                 ULONG size);
SECURITY_STATUS foreign_cred_set_w(struct cred *cred, ULONG attribute, const void *buffer,
                                   ULONG size);

SECURITY_STATUS foreign_ctx_init(struct ctx **ctx, struct leg *leg);
SECURITY_STATUS foreign_ctx_accept(struct ctx **ctx, struct leg *leg);
SECURITY_STATUS foreign_ctx_complete(struct ctx *ctx, const SecBufferDesc *token);
SECURITY_STATUS foreign_ctx_control(struct ctx *ctx, const SecBufferDesc *input);
SECURITY_STATUS foreign_ctx_query(struct ctx *ctx, ULONG attribute, void *buffer);
SECURITY_STATUS foreign_ctx_query_w(struct ctx *ctx, ULONG attribute, void *buffer);
SECURITY_STATUS foreign_ctx_set(struct ctx *ctx, ULONG attribute, const void *buffer, ULONG size);
SECURITY_STATUS foreign_ctx_set_w(struct ctx *ctx, ULONG attribute, const void *buffer, ULONG size);
SECURITY_STATUS foreign_ctx_export(struct ctx *ctx, ULONG flags, struct blob *packed);
SECURITY_STATUS foreign_ctx_import(const struct package *package, const struct blob *packed,
                                   struct ctx **out);
SECURITY_STATUS foreign_ctx_token(struct ctx *ctx, struct token **token);
SECURITY_STATUS foreign_ctx_impersonate(struct ctx *ctx, bool begin);

SECURITY_STATUS foreign_msg_sign(struct ctx *ctx, ULONG qop, const SecBufferDesc *message,
                                 ULONG sequence);
SECURITY_STATUS foreign_msg_verify(struct ctx *ctx, const SecBufferDesc *message, ULONG sequence,
                                   ULONG *qop);
SECURITY_STATUS foreign_msg_seal(struct ctx *ctx, ULONG qop, const SecBufferDesc *message,
                                 ULONG sequence);
SECURITY_STATUS foreign_msg_unseal(struct ctx *ctx, const SecBufferDesc *message, ULONG sequence,
                                   ULONG *qop);

SECURITY_STATUS foreign_password_change(const struct package *package,
                                        const struct password_change *change);

#endif
