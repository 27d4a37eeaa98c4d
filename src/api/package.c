/* SPDX-License-Identifier: MIT */
/* What the library offers: the packages and the function tables' entry points. */
#include "api/api.h"
#include "core/packageinfo.h"
#include "core/text.h"
#include "core/trace.h"

#include <stdlib.h>
#include <string.h>

/* How many packages there are, and the octets of all their text. */
static ULONG packages_count(size_t unit, size_t *text_size)
{
    ULONG count = 0;

    *text_size = 0;
    for (const struct package *const *at = package_table; *at != NULL; at++, count++)
        *text_size += package_info_text_size(*at, unit);
    return count;
}

SSPI_API SECURITY_STATUS SEC_ENTRY EnumerateSecurityPackagesA(PULONG pcPackages,
                                                              PSecPkgInfoA *ppPackageInfo)
{
    size_t text_size;
    ULONG count = packages_count(sizeof(char), &text_size);
    PSecPkgInfoA all;
    char *text;

    if (pcPackages == NULL || ppPackageInfo == NULL)
        return trace_result("EnumerateSecurityPackages", SEC_E_INVALID_PARAMETER);
    all = malloc(count * sizeof(*all) + text_size);
    if (all == NULL)
        return trace_result("EnumerateSecurityPackages", SEC_E_INSUFFICIENT_MEMORY);
    text = (char *)(all + count);
    for (ULONG i = 0; i < count; i++)
        package_info_fill_a(package_table[i], &all[i], &text);
    *pcPackages = count;
    *ppPackageInfo = all;
    return trace_result("EnumerateSecurityPackages", SEC_E_OK);
}

SSPI_API SECURITY_STATUS SEC_ENTRY EnumerateSecurityPackagesW(PULONG pcPackages,
                                                              PSecPkgInfoW *ppPackageInfo)
{
    size_t text_size;
    ULONG count = packages_count(sizeof(SEC_WCHAR), &text_size);
    PSecPkgInfoW all;
    SEC_WCHAR *text;

    if (pcPackages == NULL || ppPackageInfo == NULL)
        return trace_result("EnumerateSecurityPackages", SEC_E_INVALID_PARAMETER);
    all = malloc(count * sizeof(*all) + text_size);
    if (all == NULL)
        return trace_result("EnumerateSecurityPackages", SEC_E_INSUFFICIENT_MEMORY);
    text = (SEC_WCHAR *)(all + count);
    for (ULONG i = 0; i < count; i++)
        package_info_fill_w(package_table[i], &all[i], &text);
    *pcPackages = count;
    *ppPackageInfo = all;
    return trace_result("EnumerateSecurityPackages", SEC_E_OK);
}

/* The package that a caller's name, of either form, means. */
static SECURITY_STATUS package_lookup(const void *name, bool wide, const struct package **package)
{
    char *text = NULL;
    SECURITY_STATUS status = text_from_caller(name, wide, &text);

    if (status != SEC_E_OK)
        return status;
    *package = text == NULL ? NULL : package_find(text);
    string_wipe_free(text);
    return *package == NULL ? SEC_E_SECPKG_NOT_FOUND : SEC_E_OK;
}

SSPI_API SECURITY_STATUS SEC_ENTRY QuerySecurityPackageInfoA(SEC_CHAR *pszPackageName,
                                                             PSecPkgInfoA *ppPackageInfo)
{
    const struct package *package;
    SECURITY_STATUS status = SEC_E_INVALID_PARAMETER;

    if (ppPackageInfo != NULL)
        status = package_lookup(pszPackageName, false, &package);
    if (status == SEC_E_OK)
        status = package_info_a(package, ppPackageInfo);
    return trace_result("QuerySecurityPackageInfo", status);
}

SSPI_API SECURITY_STATUS SEC_ENTRY QuerySecurityPackageInfoW(SEC_WCHAR *pszPackageName,
                                                             PSecPkgInfoW *ppPackageInfo)
{
    const struct package *package;
    SECURITY_STATUS status = SEC_E_INVALID_PARAMETER;

    if (ppPackageInfo != NULL)
        status = package_lookup(pszPackageName, true, &package);
    if (status == SEC_E_OK)
        status = package_info_w(package, ppPackageInfo);
    return trace_result("QuerySecurityPackageInfo", status);
}

/* Everything the library hands out is one allocation, so that is all there is to free. */
SSPI_API SECURITY_STATUS SEC_ENTRY FreeContextBuffer(PVOID pvContextBuffer)
{
    memory_wipe_free(pvContextBuffer);
    return SEC_E_OK;
}
