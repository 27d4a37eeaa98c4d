/* SPDX-License-Identifier: MIT */
/* SecPkgInfo. */
#include "core/packageinfo.h"

#include <stdlib.h>
#include <string.h>

size_t package_info_text_size(const struct package *package, size_t unit)
{
    return (strlen(package->name) + 1 + strlen(package->comment) + 1) * unit;
}

void package_info_fill_a(const struct package *package, PSecPkgInfoA info, char **text)
{
    info->fCapabilities = package->capabilities;
    info->wVersion = SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION;
    info->wRPCID = package->rpc_id;
    info->cbMaxToken = package->max_token;
    info->Name = *text;
    *text = stpcpy(*text, package->name) + 1;
    info->Comment = *text;
    *text = stpcpy(*text, package->comment) + 1;
}

/* Names and comments are ASCII. */
static SEC_WCHAR *ascii_to_w(SEC_WCHAR **at, const char *text)
{
    SEC_WCHAR *start = *at;

    do {
        *(*at)++ = (SEC_WCHAR)(unsigned char)*text;
    } while (*text++ != '\0');
    return start;
}

void package_info_fill_w(const struct package *package, PSecPkgInfoW info, SEC_WCHAR **text)
{
    info->fCapabilities = package->capabilities;
    info->wVersion = SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION;
    info->wRPCID = package->rpc_id;
    info->cbMaxToken = package->max_token;
    info->Name = ascii_to_w(text, package->name);
    info->Comment = ascii_to_w(text, package->comment);
}

SECURITY_STATUS package_info_a(const struct package *package, PSecPkgInfoA *out)
{
    PSecPkgInfoA info = malloc(sizeof(*info) + package_info_text_size(package, sizeof(char)));
    char *text;

    *out = info;
    if (info == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    text = (char *)(info + 1);
    package_info_fill_a(package, info, &text);
    return SEC_E_OK;
}

SECURITY_STATUS package_info_w(const struct package *package, PSecPkgInfoW *out)
{
    PSecPkgInfoW info = malloc(sizeof(*info) + package_info_text_size(package, sizeof(SEC_WCHAR)));
    SEC_WCHAR *text;

    *out = info;
    if (info == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    text = (SEC_WCHAR *)(info + 1);
    package_info_fill_w(package, info, &text);
    return SEC_E_OK;
}
