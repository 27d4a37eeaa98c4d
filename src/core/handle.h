/* SPDX-License-Identifier: MIT */
/*
 * The handle table: what a CredHandle or CtxtHandle means.
 *
 * The two words of a handle hold slot, kind and generation. They are never {0,0} nor {-1,-1}, which
 * callers use as "no handle" (SecIsValidHandle, FreeRDP). Closing a handle bumps the generation, so
 * that a stale, doubly freed, forged or wrong-kind handle is found out and never reaches an object.
 *
 * A forked child has its parent's handles, but for objects that another thread was alone with.
 */
#ifndef SSPI_CORE_HANDLE_H
#define SSPI_CORE_HANDLE_H

#include <sspi.h>
#include <stdbool.h>

#include "core/object.h"

enum handle_kind { HANDLE_CREDENTIAL = 1, HANDLE_CONTEXT = 2, HANDLE_LSA = 3 };

struct handle_slot;

/* The head of an object that a handle can name. */
struct handled {
    struct object object;
    struct handle_slot *slot; /* where it stands in the table, NULL before handle_open() */
    bool side_by_side;        /* set before handle_open(): it guards itself, no call is alone */
};

/*
 * Puts object into the table and writes its handle. The table takes a reference of its own.
 * Returns SEC_E_OK or SEC_E_INSUFFICIENT_MEMORY.
 */
SECURITY_STATUS handle_open(struct handled *object, enum handle_kind kind, SecHandle *handle)
    __attribute__((warn_unused_result));

/*
 * The object that handle names, or NULL (which a caller reports as SEC_E_INVALID_HANDLE). It stays
 * alive until handle_unpin(), even if another thread closes the handle meanwhile. NULL is allowed.
 */
struct handled *handle_pin(const SecHandle *handle, enum handle_kind kind);
void handle_unpin(struct handled *object);

/*
 * The same, and the call is alone with the object: others that ask to be wait for its end. One
 * atomic step does both on the way of messages. handle_unpin_alone() does not take NULL.
 */
struct handled *handle_pin_alone(const SecHandle *handle, enum handle_kind kind);
void handle_unpin_alone(struct handled *object);

/*
 * Being alone with an object that is pinned already; not to be nested. An object without a handle
 * is its maker's: there they do nothing.
 */
void handle_alone_begin(struct handled *object);
void handle_alone_end(struct handled *object);

/*
 * Closes handle: no later look-up finds it. The table's reference to the object goes when the last
 * pin does. Returns SEC_E_OK or SEC_E_INVALID_HANDLE.
 */
SECURITY_STATUS handle_close(const SecHandle *handle, enum handle_kind kind);

/* The same in one word, for calls whose handle is one: never NULL nor -1. */
HANDLE handle_to_word(const SecHandle *handle);
SecHandle handle_from_word(HANDLE word, enum handle_kind kind);

#endif
