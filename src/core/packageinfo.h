/* SPDX-License-Identifier: MIT */
/*
 * SecPkgInfo, in both forms: the structures and the text they point at are one allocation.
 */
#ifndef SSPI_CORE_PACKAGEINFO_H
#define SSPI_CORE_PACKAGEINFO_H

#include "core/package.h"

/* One package's description, freed with FreeContextBuffer. SEC_E_OK or SEC_E_INSUFFICIENT_MEMORY.
 */
SECURITY_STATUS package_info_a(const struct package *package, PSecPkgInfoA *out)
    __attribute__((warn_unused_result));
SECURITY_STATUS package_info_w(const struct package *package, PSecPkgInfoW *out)
    __attribute__((warn_unused_result));

/* For several in one allocation: the octets of a package's text, with units of that many octets ...
 */
size_t package_info_text_size(const struct package *package, size_t unit);

/* ... and a structure whose text goes to *text, which is moved behind it. */
void package_info_fill_a(const struct package *package, PSecPkgInfoA info, char **text);
void package_info_fill_w(const struct package *package, PSecPkgInfoW info, SEC_WCHAR **text);

/* A new one, in the other form. NULL text becomes empty. */
SECURITY_STATUS package_info_widen(const SecPkgInfoA *info, PSecPkgInfoW *out)
    __attribute__((warn_unused_result));
SECURITY_STATUS package_info_narrow(const SecPkgInfoW *info, PSecPkgInfoA *out)
    __attribute__((warn_unused_result));

#endif
