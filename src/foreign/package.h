/* SPDX-License-Identifier: MIT */
/* Packages that a shared object brings: what the registry needs of them. */
#ifndef SSPI_FOREIGN_PACKAGE_H
#define SSPI_FOREIGN_PACKAGE_H

#include "core/package.h"

/*
 * Loads what spec names, "[NAME[:THEIRS]=]FILE": all packages of the file, or the one that it calls
 * THEIRS (or NAME) under our name NAME. The same spec gives the same packages again; they and the
 * file stay for the life of the process. Puts them into list and says how many there are.
 *
 * SEC_E_SECPKG_NOT_FOUND: there is no such file, or no such package in it. SEC_E_CANNOT_INSTALL:
 * it is no module, or says of itself what cannot be. SEC_E_INVALID_PARAMETER: spec is not of this
 * form. SEC_E_INSUFFICIENT_MEMORY.
 */
SECURITY_STATUS foreign_open(const char *spec, const struct package *list[PACKAGE_ADDED_MAX],
                             size_t *count) __attribute__((warn_unused_result));

/* Calls add with each line of the administrator's files; what it answers goes to the trace. */
void foreign_configured(SECURITY_STATUS (*add)(const char *spec));

#endif
