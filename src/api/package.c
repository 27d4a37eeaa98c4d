/* SPDX-License-Identifier: MIT */
/* What the library offers: the packages and the function tables' entry points. */
#include "api/api.h"
#include "core/native.h"
#include "core/packageinfo.h"
#include "core/text.h"
#include "core/trace.h"

#include <stdlib.h>
#include <string.h>

/* All packages of one moment, and the octets of their text. */
struct packages {
    const struct package *list[PACKAGE_MAX];
    ULONG count;
    size_t text_size;
};

static void packages_take(struct packages *packages, size_t unit)
{
    packages->count = (ULONG)package_all(packages->list);
    packages->text_size = 0;
    for (ULONG i = 0; i < packages->count; i++)
        packages->text_size += package_info_text_size(packages->list[i], unit);
}

SSPI_API SECURITY_STATUS SEC_ENTRY EnumerateSecurityPackagesA(PULONG pcPackages,
                                                              PSecPkgInfoA *ppPackageInfo)
{
    struct packages packages;
    PSecPkgInfoA all;
    char *text;

    if (pcPackages == NULL || ppPackageInfo == NULL)
        return trace_result("EnumerateSecurityPackages", SEC_E_INVALID_PARAMETER);
    packages_take(&packages, sizeof(char));
    all = malloc(packages.count * sizeof(*all) + packages.text_size);
    if (all == NULL)
        return trace_result("EnumerateSecurityPackages", SEC_E_INSUFFICIENT_MEMORY);
    text = (char *)(all + packages.count);
    for (ULONG i = 0; i < packages.count; i++)
        package_info_fill_a(packages.list[i], &all[i], &text);
    *pcPackages = packages.count;
    *ppPackageInfo = all;
    return trace_result("EnumerateSecurityPackages", SEC_E_OK);
}

SSPI_API SECURITY_STATUS SEC_ENTRY EnumerateSecurityPackagesW(PULONG pcPackages,
                                                              PSecPkgInfoW *ppPackageInfo)
{
    struct packages packages;
    PSecPkgInfoW all;
    SEC_WCHAR *text;

    if (pcPackages == NULL || ppPackageInfo == NULL)
        return trace_result("EnumerateSecurityPackages", SEC_E_INVALID_PARAMETER);
    packages_take(&packages, sizeof(SEC_WCHAR));
    all = malloc(packages.count * sizeof(*all) + packages.text_size);
    if (all == NULL)
        return trace_result("EnumerateSecurityPackages", SEC_E_INSUFFICIENT_MEMORY);
    text = (SEC_WCHAR *)(all + packages.count);
    for (ULONG i = 0; i < packages.count; i++)
        package_info_fill_w(packages.list[i], &all[i], &text);
    *pcPackages = packages.count;
    *ppPackageInfo = all;
    return trace_result("EnumerateSecurityPackages", SEC_E_OK);
}

SECURITY_STATUS api_package_find(const void *name, bool wide,
                                 const struct package *(*find)(const char *),
                                 const struct package **package)
{
    char *text = NULL;
    SECURITY_STATUS status;

    native_error_clear();
    status = text_from_caller(name, wide, &text);
    if (status != SEC_E_OK)
        return status;
    *package = text == NULL ? NULL : find(text);
    if (text == NULL)
        native_error_set("no name was given");
    string_wipe_free(text);
    return *package == NULL ? SEC_E_SECPKG_NOT_FOUND : SEC_E_OK;
}

SSPI_API SECURITY_STATUS SEC_ENTRY QuerySecurityPackageInfoA(SEC_CHAR *pszPackageName,
                                                             PSecPkgInfoA *ppPackageInfo)
{
    const struct package *package;
    SECURITY_STATUS status = SEC_E_INVALID_PARAMETER;

    if (ppPackageInfo != NULL)
        status = api_package_find(pszPackageName, false, package_wanted, &package);
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
        status = api_package_find(pszPackageName, true, package_wanted, &package);
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
