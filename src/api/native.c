/* SPDX-License-Identifier: MIT */
/* sspi_native_error: an extension for programs that tell their user why. */
#include <sspi_native.h>

#include "api/api.h"
#include "core/native.h"

SSPI_API const char *sspi_native_error(void)
{
    return native_error_get();
}
