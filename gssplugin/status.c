/* SPDX-License-Identifier: MIT */
/* SECURITY_STATUS to majors, and to text: the package's tables the other way round. */
#include <sspi_linux.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gss/majors.h"
#include "mech.h"

/* The text of this thread's last failure. kept: the answer has not gone out yet. */
static _Thread_local struct {
    SECURITY_STATUS status;
    bool kept;
    char text[512];
} last;

/* What the packages' table cannot say, since no mechanism below them does. */
static const struct {
    SECURITY_STATUS status;
    OM_uint32 major;
} own_table[] = {
    {SEC_E_OK, GSS_S_COMPLETE},
    {SEC_I_CONTINUE_NEEDED, GSS_S_CONTINUE_NEEDED},
    {SEC_E_INCOMPLETE_MESSAGE, GSS_S_DEFECTIVE_TOKEN},
    {SEC_E_ILLEGAL_MESSAGE, GSS_S_DEFECTIVE_TOKEN},
    {SEC_E_DECRYPT_FAILURE, GSS_S_BAD_SIG},
    {SEC_E_WRONG_PRINCIPAL, GSS_S_BAD_NAME},
    {SEC_I_CONTEXT_EXPIRED, GSS_S_CONTEXT_EXPIRED},
    {SEC_E_UNKNOWN_CREDENTIALS, GSS_S_DEFECTIVE_CREDENTIAL},
    {SEC_E_LOGON_DENIED, GSS_S_DEFECTIVE_CREDENTIAL},
    {SEC_E_INTERNAL_ERROR, GSS_S_FAILURE},
};

static OM_uint32 major_of(SECURITY_STATUS status)
{
    for (size_t i = 0; i < COUNT(own_table); i++)
        if (own_table[i].status == status)
            return own_table[i].major;
    for (size_t i = 0; i < majors_table_size; i++)
        if (majors_table[i].initiator == status)
            return majors_table[i].major;
    return GSS_S_FAILURE;
}

SECURITY_STATUS status_say(SECURITY_STATUS status, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    vsnprintf(last.text, sizeof(last.text), format, list);
    va_end(list);
    last.status = status;
    last.kept = true;
    return status;
}

SECURITY_STATUS status_keep(SECURITY_STATUS status)
{
    bool kept = last.kept && last.status == status;

    return kept || !GSS_ERROR(major_of(status)) ? status
                                                : status_say(status, "%s", sspi_native_error());
}

OM_uint32 status_answer(OM_uint32 *minor, SECURITY_STATUS status)
{
    OM_uint32 major = major_of(status);

    *minor = GSS_ERROR(major) ? (OM_uint32)status : 0;
    (void)status_keep(status);
    last.kept = false;
    return major;
}

OM_uint32 status_display(OM_uint32 *minor, SECURITY_STATUS status, OM_uint32 *message_context,
                         gss_buffer_t text)
{
    bool native = status == last.status && last.text[0] != '\0';
    char *line = NULL;
    int size;

    *minor = 0;
    *message_context = 0;
    if (sspi_status_text(status)[0] == '\0' && status != SEC_E_OK)
        return GSS_S_BAD_STATUS;
    size = asprintf(&line, "%s: %s%s%s%s", sspi_status_name(status), sspi_status_text(status),
                    native ? " (" : "", native ? last.text : "", native ? ")" : "");
    if (size < 0) {
        *minor = (OM_uint32)SEC_E_INSUFFICIENT_MEMORY;
        return GSS_S_FAILURE;
    }
    text->value = line;
    text->length = (size_t)size;
    return GSS_S_COMPLETE;
}
