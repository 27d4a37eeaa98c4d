/* SPDX-License-Identifier: MIT */
/*
 * Counted objects: what credential and context handles, access tokens and the HANDLEs of
 * windows.h point at. An object in use outlives its handle.
 */
#ifndef SSPI_CORE_OBJECT_H
#define SSPI_CORE_OBJECT_H

#include <stdatomic.h>
#include <stddef.h>

struct object;

/* The type of an object: its address is the tag, compared by object_is(). */
struct object_class {
    const char *name;                     /* for the trace */
    void (*destroy)(struct object *self); /* wipes and frees; runs once, with the last reference */
};

/* The first member of every counted structure. */
struct object {
    const struct object_class *class;
    atomic_uint refs;
};

/* Gives self its class and its first reference, which the caller owns. */
void object_init(struct object *self, const struct object_class *class);

/* Takes one more reference. */
void object_ref(struct object *self);

/*
 * Takes one unless the last is gone: for who knows of an object without holding it, and is told by
 * its destroy() when to forget it. 0: it is on its way out.
 */
int object_ref_alive(struct object *self);

/* Drops one; NULL is allowed. */
void object_unref(struct object *self);

static inline int object_is(const struct object *self, const struct object_class *class)
{
    return self != NULL && self->class == class;
}

#endif
