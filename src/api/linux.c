/* SPDX-License-Identifier: MIT */
/* gss-sspi's own additions to SSPI. */
#include <sspi_linux.h>

#include "api/api.h"
#include "core/flagname.h"
#include "core/native.h"
#include "core/status.h"

SSPI_API const char *sspi_native_error(void)
{
    return native_error_get();
}

SSPI_API const char *sspi_status_name(SECURITY_STATUS status)
{
    return status_name(status);
}

SSPI_API const char *sspi_status_text(SECURITY_STATUS status)
{
    const char *text = status_text(status);

    return text == NULL ? "" : text;
}

SSPI_API const char *sspi_flag_names(ULONG64 flags, int inbound, char *text, size_t size)
{
    return flag_names(flags, inbound != 0, text, size);
}

SSPI_API ULONG64 sspi_flag_value(const char *name, int inbound)
{
    return flag_from_name(name, inbound != 0);
}
