/* SPDX-License-Identifier: MIT */
/* Counted objects. */
#include "core/object.h"

void object_init(struct object *self, const struct object_class *class)
{
    self->class = class;
    atomic_init(&self->refs, 1);
}

void object_ref(struct object *self)
{
    atomic_fetch_add_explicit(&self->refs, 1, memory_order_relaxed);
}

void object_unref(struct object *self)
{
    if (self == NULL)
        return;
    /* Release: what this thread wrote is seen by the one that destroys. Acquire: the reverse. */
    if (atomic_fetch_sub_explicit(&self->refs, 1, memory_order_acq_rel) == 1)
        self->class->destroy(self);
}
