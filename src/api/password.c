/* SPDX-License-Identifier: MIT */
/* ChangeAccountPassword. */
#include "api/api.h"
#include "core/buffer.h"
#include "core/native.h"
#include "core/text.h"
#include "core/trace.h"

/* Package and the four strings of a call. */
#define TEXTS 5

static SECURITY_STATUS password_change(const void *const texts[TEXTS], bool wide,
                                       const SecBufferDesc *out)
{
    char *text[TEXTS] = {NULL};
    struct password_change change;
    const struct package *package;
    SECURITY_STATUS status;

    native_error_clear();
    status = buffer_list_check(out);
    for (int i = 0; i < TEXTS && status == SEC_E_OK; i++)
        status = text_from_caller(texts[i], wide, &text[i]);
    if (status == SEC_E_OK) {
        package = package_wanted(text[0]);
        change = (struct password_change){text[1], text[2], text[3], text[4], out};
        if (package == NULL)
            status = SEC_E_SECPKG_NOT_FOUND;
        else if (package->ops->password_change == NULL)
            status = package_lacks(package);
        else
            status = package->ops->password_change(package, &change);
    }
    for (int i = 0; i < TEXTS; i++)
        string_wipe_free(text[i]);
    return trace_result("ChangeAccountPassword", status);
}

SSPI_API SECURITY_STATUS SEC_ENTRY
ChangeAccountPasswordA(SEC_CHAR *pszPackageName, SEC_CHAR *pszDomainName, SEC_CHAR *pszAccountName,
                       SEC_CHAR *pszOldPassword, SEC_CHAR *pszNewPassword, BOOLEAN bImpersonating,
                       ULONG dwReserved, PSecBufferDesc pOutput)
{
    const void *const texts[TEXTS] = {pszPackageName, pszDomainName, pszAccountName, pszOldPassword,
                                      pszNewPassword};

    (void)bImpersonating;
    (void)dwReserved;
    return password_change(texts, false, pOutput);
}

SSPI_API SECURITY_STATUS SEC_ENTRY ChangeAccountPasswordW(
    SEC_WCHAR *pszPackageName, SEC_WCHAR *pszDomainName, SEC_WCHAR *pszAccountName,
    SEC_WCHAR *pszOldPassword, SEC_WCHAR *pszNewPassword, BOOLEAN bImpersonating, ULONG dwReserved,
    PSecBufferDesc pOutput)
{
    const void *const texts[TEXTS] = {pszPackageName, pszDomainName, pszAccountName, pszOldPassword,
                                      pszNewPassword};

    (void)bImpersonating;
    (void)dwReserved;
    return password_change(texts, true, pOutput);
}
