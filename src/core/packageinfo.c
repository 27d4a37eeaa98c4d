/* SPDX-License-Identifier: MIT */
/* SecPkgInfo. */
#include "core/packageinfo.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#include "core/text.h"

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

/* Never more units than the text has octets. Who made the package has looked that it is UTF-8. */
static SEC_WCHAR *text_place_w(SEC_WCHAR **at, const char *text)
{
    SEC_WCHAR *start = *at;
    size_t units = strlen(text) + 1;

    if (u8_to_u16((const uint8_t *)text, units, start, &units) == NULL)
        units = 0;
    start[units == 0 ? 0 : units - 1] = 0;
    *at += units == 0 ? 1 : units;
    return start;
}

void package_info_fill_w(const struct package *package, PSecPkgInfoW info, SEC_WCHAR **text)
{
    info->fCapabilities = package->capabilities;
    info->wVersion = SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION;
    info->wRPCID = package->rpc_id;
    info->cbMaxToken = package->max_token;
    info->Name = text_place_w(text, package->name);
    info->Comment = text_place_w(text, package->comment);
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

/* --- One form of the other ------------------------------------------------------------------ */

/* The same facts as a package's, for as long as the text lives. */
static struct package package_view(const SecPkgInfoA *info, const char *name, const char *comment)
{
    return (struct package){.name = name == NULL ? "" : name,
                            .comment = comment == NULL ? "" : comment,
                            .capabilities = info->fCapabilities,
                            .rpc_id = info->wRPCID,
                            .max_token = info->cbMaxToken};
}

SECURITY_STATUS package_info_widen(const SecPkgInfoA *info, PSecPkgInfoW *out)
{
    struct package view = package_view(info, info->Name, info->Comment);
    SECURITY_STATUS status = text_check_a(view.name);

    *out = NULL;
    if (status == SEC_E_OK)
        status = text_check_a(view.comment);
    return status == SEC_E_OK ? package_info_w(&view, out) : status;
}

_Static_assert(sizeof(SecPkgInfoA) == sizeof(SecPkgInfoW) &&
                   offsetof(SecPkgInfoA, Name) == offsetof(SecPkgInfoW, Name),
               "the forms differ by their text only");

SECURITY_STATUS package_info_narrow(const SecPkgInfoW *info, PSecPkgInfoA *out)
{
    char *name = NULL, *comment = NULL;
    SECURITY_STATUS status = text_from_w(info->Name, &name);
    struct package view;

    *out = NULL;
    if (status == SEC_E_OK)
        status = text_from_w(info->Comment, &comment);
    if (status == SEC_E_OK) {
        view = package_view((const SecPkgInfoA *)info, name, comment);
        status = package_info_a(&view, out);
    }
    string_wipe_free(name);
    string_wipe_free(comment);
    return status;
}
