/* SPDX-License-Identifier: MIT */
/* NTSTATUS and SECURITY_STATUS, one table both ways: the first row of a status is what is sent. */
#include "credssp/ntstatus.h"

#include <stddef.h>

#include "core/native.h"

static const struct row {
    uint32_t error;
    SECURITY_STATUS status;
    const char *name;
} rows[] = {
    {0xc000006d, SEC_E_LOGON_DENIED, "STATUS_LOGON_FAILURE"},
    {0xc0000064, SEC_E_LOGON_DENIED, "STATUS_NO_SUCH_USER"},
    {0xc000006a, SEC_E_LOGON_DENIED, "STATUS_WRONG_PASSWORD"},
    {0xc000006e, SEC_E_LOGON_DENIED, "STATUS_ACCOUNT_RESTRICTION"},
    {0xc000006f, SEC_E_LOGON_DENIED, "STATUS_INVALID_LOGON_HOURS"},
    {0xc0000070, SEC_E_LOGON_DENIED, "STATUS_INVALID_WORKSTATION"},
    {0xc0000071, SEC_E_LOGON_DENIED, "STATUS_PASSWORD_EXPIRED"},
    {0xc0000072, SEC_E_LOGON_DENIED, "STATUS_ACCOUNT_DISABLED"},
    {0xc0000193, SEC_E_LOGON_DENIED, "STATUS_ACCOUNT_EXPIRED"},
    {0xc0000224, SEC_E_LOGON_DENIED, "STATUS_PASSWORD_MUST_CHANGE"},
    {0xc0000234, SEC_E_LOGON_DENIED, "STATUS_ACCOUNT_LOCKED_OUT"},
    {0xc000015b, SEC_E_LOGON_DENIED, "STATUS_LOGON_TYPE_NOT_GRANTED"},
    {0xc0000022, SEC_E_LOGON_DENIED, "STATUS_ACCESS_DENIED"},
    {0xc000005e, SEC_E_NO_AUTHENTICATING_AUTHORITY, "STATUS_NO_LOGON_SERVERS"},
    {0xc00000bb, SEC_E_UNSUPPORTED_FUNCTION, "STATUS_NOT_SUPPORTED"},
    {0xc000000d, SEC_E_INVALID_TOKEN, "STATUS_INVALID_PARAMETER"},
    {0xc0000133, SEC_E_TIME_SKEW, "STATUS_TIME_DIFFERENCE_AT_DC"},
    {0xc000009a, SEC_E_INSUFFICIENT_MEMORY, "STATUS_INSUFFICIENT_RESOURCES"},
    {0xc00000e5, SEC_E_INTERNAL_ERROR, "STATUS_INTERNAL_ERROR"},
};

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

SECURITY_STATUS ntstatus_refused(uint32_t error)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (rows[i].error == error) {
            native_error_set("the server refuses: %s (0x%08x)", rows[i].name, error);
            return rows[i].status;
        }
    native_error_set("the server refuses with NTSTATUS 0x%08x", error);
    return SEC_E_LOGON_DENIED;
}

uint32_t ntstatus_of(SECURITY_STATUS status)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (rows[i].status == status)
            return rows[i].error;
    return rows[0].error;
}
