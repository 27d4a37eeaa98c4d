/* SPDX-License-Identifier: MIT */
/* Counted objects. */
#include "core/object.h"

#include <sys/single_threaded.h>

void object_init(struct object *self, const struct object_class *class)
{
    self->class = class;
    atomic_init(&self->refs, 1);
}

/*
 * Release: what this thread wrote is seen by the one that destroys. Acquire: the reverse. Where no
 * second thread was ever started, nothing need be locked.
 */
static inline unsigned refs_add(struct object *self, int count)
{
    unsigned refs;

    if (!__libc_single_threaded)
        return atomic_fetch_add_explicit(&self->refs, (unsigned)count, memory_order_acq_rel) +
               (unsigned)count;
    refs = atomic_load_explicit(&self->refs, memory_order_relaxed) + (unsigned)count;
    atomic_store_explicit(&self->refs, refs, memory_order_relaxed);
    return refs;
}

void object_ref(struct object *self)
{
    refs_add(self, 1);
}

int object_ref_alive(struct object *self)
{
    unsigned refs = atomic_load_explicit(&self->refs, memory_order_relaxed);

    while (refs != 0)
        if (atomic_compare_exchange_weak_explicit(&self->refs, &refs, refs + 1,
                                                  memory_order_acq_rel, memory_order_relaxed))
            return 1;
    return 0;
}

void object_unref(struct object *self)
{
    if (self == NULL)
        return;
    if (refs_add(self, -1) == 0)
        self->class->destroy(self);
}
