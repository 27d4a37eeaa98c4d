/* SPDX-License-Identifier: MIT */
/*
 * The two forms of attributes: which structures hold text, and what else they point at. Each
 * pointer in them is an allocation of its own, freed with FreeContextBuffer.
 */
#ifndef SSPI_CORE_ATTRFORM_H
#define SSPI_CORE_ATTRFORM_H

#include <sspi.h>
#include <stdbool.h>
#include <stddef.h>

struct attr_row;

/* What is known of an attribute of contexts or of credentials, or NULL. */
const struct attr_row *attr_of_context(ULONG attribute);
const struct attr_row *attr_of_credential(ULONG attribute);

/* The size of its structure; 0 for NULL. */
ULONG attr_size(const struct attr_row *row);

/*
 * Makes one form of the other in place: strings become UTF-16, or UTF-8. On failure every
 * allocation in buffer is freed. A structure without text, and one of row NULL, stays as it is.
 */
SECURITY_STATUS attr_widen(const struct attr_row *row, void *buffer)
    __attribute__((warn_unused_result));
SECURITY_STATUS attr_narrow(const struct attr_row *row, void *buffer)
    __attribute__((warn_unused_result));

/*
 * Puts copies in the place of what buffer points at, and gives the originals back to whoever has
 * allocated them. The same holds for a failure.
 */
SECURITY_STATUS attr_adopt(const struct attr_row *row, void *buffer, bool wide,
                           void (*give_back)(void *argument, void *original), void *argument)
    __attribute__((warn_unused_result));

#endif
