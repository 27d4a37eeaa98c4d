/* SPDX-License-Identifier: MIT */
/*
 * Messages to packages: the Local Security Authority's calls of ntsecapi.h. There is no authority
 * behind them but this library, in the caller's own process and with its rights.
 */
#include <ntsecapi.h>
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "core/text.h"
#include "core/trace.h"

/* No name that Windows takes is longer. */
#define LSA_NAME_MAX 127U

/* --- Connections ---------------------------------------------------------------------------- */

static void connection_destroy(struct object *object)
{
    free(object);
}

static const struct object_class connection_class = {"LSA connection", connection_destroy};

static NTSTATUS connection_open(PHANDLE out)
{
    struct handled *connection;
    SecHandle handle;
    SECURITY_STATUS status;

    if (out == NULL)
        return STATUS_INVALID_PARAMETER;
    connection = calloc(1, sizeof(*connection));
    if (connection == NULL)
        return STATUS_NO_MEMORY;
    object_init(&connection->object, &connection_class);
    status = handle_open(connection, HANDLE_LSA, &handle);
    object_unref(&connection->object);
    if (status != SEC_E_OK)
        return STATUS_NO_MEMORY;
    *out = handle_to_word(&handle);
    return STATUS_SUCCESS;
}

/* Whether a connection is open. It holds nothing, so it need not stay so for the call. */
static bool connection_valid(HANDLE word)
{
    SecHandle handle = handle_from_word(word, HANDLE_LSA);
    struct handled *connection = handle_pin(&handle, HANDLE_LSA);

    handle_unpin(connection);
    return connection != NULL;
}

/* A counted string of UTF-8; *out is to be freed. */
static NTSTATUS name_read(const LSA_STRING *name, char **out)
{
    SECURITY_STATUS status;

    *out = NULL;
    if (name == NULL || name->Buffer == NULL || name->Length == 0)
        return STATUS_INVALID_PARAMETER;
    if (name->Length > LSA_NAME_MAX)
        return STATUS_NAME_TOO_LONG;
    status = text_from_utf8(name->Buffer, name->Length, out);
    if (status == SEC_E_INSUFFICIENT_MEMORY)
        return STATUS_NO_MEMORY;
    return status == SEC_E_OK ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

SSPI_API NTSTATUS NTAPI LsaConnectUntrusted(PHANDLE LsaHandle)
{
    return trace_result("LsaConnectUntrusted", connection_open(LsaHandle));
}

/* The name is for Windows' audit. */
SSPI_API NTSTATUS NTAPI LsaRegisterLogonProcess(PLSA_STRING LogonProcessName, PHANDLE LsaHandle,
                                                PLSA_OPERATIONAL_MODE SecurityMode)
{
    char *name;
    NTSTATUS status = SecurityMode == NULL ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;

    if (status == STATUS_SUCCESS) {
        status = name_read(LogonProcessName, &name);
        free(name);
    }
    if (status == STATUS_SUCCESS)
        status = connection_open(LsaHandle);
    if (status == STATUS_SUCCESS)
        *SecurityMode = 0;
    return trace_result("LsaRegisterLogonProcess", status);
}

SSPI_API NTSTATUS NTAPI LsaDeregisterLogonProcess(HANDLE LsaHandle)
{
    SecHandle handle = handle_from_word(LsaHandle, HANDLE_LSA);
    SECURITY_STATUS status = handle_close(&handle, HANDLE_LSA);

    return trace_result("LsaDeregisterLogonProcess",
                        status == SEC_E_OK ? STATUS_SUCCESS : STATUS_INVALID_HANDLE);
}

/* --- Packages ------------------------------------------------------------------------------- */

/* The library's own packages: no other takes messages. How many there are. */
static ULONG package_count(void)
{
    ULONG count = 0;

    while (package_table[count] != NULL)
        count++;
    return count;
}

/* A package's number is its place in the list. */
static NTSTATUS number_of_name(const LSA_STRING *name, ULONG *number)
{
    ULONG i = 0, count = package_count();
    char *text;
    NTSTATUS status = name_read(name, &text);

    if (status != STATUS_SUCCESS)
        return status;
    while (i < count && !package_named(package_table[i], text))
        i++;
    free(text);
    if (i == count)
        return STATUS_NO_SUCH_PACKAGE;
    *number = i;
    return STATUS_SUCCESS;
}

SSPI_API NTSTATUS NTAPI LsaLookupAuthenticationPackage(HANDLE LsaHandle, PLSA_STRING PackageName,
                                                       PULONG AuthenticationPackage)
{
    NTSTATUS status = STATUS_INVALID_PARAMETER;

    if (!connection_valid(LsaHandle))
        status = STATUS_INVALID_HANDLE;
    else if (AuthenticationPackage != NULL)
        status = number_of_name(PackageName, AuthenticationPackage);
    return trace_result("LsaLookupAuthenticationPackage", status);
}

/* --- Messages ------------------------------------------------------------------------------- */

/* Where a call's results go; each may be NULL. */
struct results {
    PVOID *reply;
    PULONG length;
    PNTSTATUS status;
};

static void results_set(const struct results *results, struct blob reply, NTSTATUS status)
{
    if (results->length != NULL)
        *results->length = (ULONG)reply.size;
    if (results->status != NULL)
        *results->status = status;
    if (results->reply != NULL)
        *results->reply = reply.data;
    else
        blob_wipe(&reply);
}

/* The message is copied: it may hold keys, and the caller's other threads may write to it. */
static NTSTATUS message_send(const struct package *package, const void *data, size_t size,
                             const struct results *results)
{
    struct pkg_message message = {memory_copy(data, size), size, (uintptr_t)data};
    struct blob reply = {NULL, 0};
    NTSTATUS status;

    if (message.data == NULL)
        return STATUS_NO_MEMORY;
    status = package->ops->pkg_call == NULL ? STATUS_NOT_SUPPORTED
                                            : package->ops->pkg_call(package, &message, &reply);
    memory_wipe_free((void *)(uintptr_t)message.data);
    results_set(results, reply, status);
    trace_result("  the package", status);
    return STATUS_SUCCESS;
}

SSPI_API NTSTATUS NTAPI LsaCallAuthenticationPackage(HANDLE LsaHandle, ULONG AuthenticationPackage,
                                                     PVOID ProtocolSubmitBuffer,
                                                     ULONG SubmitBufferLength,
                                                     PVOID *ProtocolReturnBuffer,
                                                     PULONG ReturnBufferLength,
                                                     PNTSTATUS ProtocolStatus)
{
    const struct results results = {ProtocolReturnBuffer, ReturnBufferLength, ProtocolStatus};
    NTSTATUS status;

    results_set(&results, (struct blob){NULL, 0}, STATUS_SUCCESS);
    if (!connection_valid(LsaHandle))
        status = STATUS_INVALID_HANDLE;
    else if (AuthenticationPackage >= package_count())
        status = STATUS_NO_SUCH_PACKAGE;
    else if (ProtocolSubmitBuffer == NULL || SubmitBufferLength < sizeof(ULONG))
        status = STATUS_INVALID_PARAMETER; /* no room for the type that every message begins with */
    else
        status = message_send(package_table[AuthenticationPackage], ProtocolSubmitBuffer,
                              SubmitBufferLength, &results);
    return trace_result("LsaCallAuthenticationPackage", status);
}

SSPI_API NTSTATUS NTAPI LsaFreeReturnBuffer(PVOID Buffer)
{
    memory_wipe_free(Buffer);
    return STATUS_SUCCESS;
}

/* --- Errors --------------------------------------------------------------------------------- */

static const struct {
    NTSTATUS status;
    ULONG error;
} errors[] = {
    {STATUS_SUCCESS, ERROR_SUCCESS},
    {STATUS_NOT_IMPLEMENTED, ERROR_INVALID_FUNCTION},
    {STATUS_ACCESS_VIOLATION, ERROR_NOACCESS},
    {STATUS_INVALID_HANDLE, ERROR_INVALID_HANDLE},
    {STATUS_INVALID_PARAMETER, ERROR_INVALID_PARAMETER},
    {STATUS_NO_MEMORY, ERROR_NOT_ENOUGH_MEMORY},
    {STATUS_ACCESS_DENIED, ERROR_ACCESS_DENIED},
    {STATUS_BUFFER_TOO_SMALL, ERROR_INSUFFICIENT_BUFFER},
    {STATUS_BUFFER_OVERFLOW, ERROR_MORE_DATA},
    {STATUS_OBJECT_NAME_NOT_FOUND, ERROR_FILE_NOT_FOUND},
    {STATUS_NO_LOGON_SERVERS, ERROR_NO_LOGON_SERVERS},
    {STATUS_NO_SUCH_LOGON_SESSION, ERROR_NO_SUCH_LOGON_SESSION},
    {STATUS_PRIVILEGE_NOT_HELD, ERROR_PRIVILEGE_NOT_HELD},
    {STATUS_NO_SUCH_USER, ERROR_NO_SUCH_USER},
    {STATUS_WRONG_PASSWORD, ERROR_INVALID_PASSWORD},
    {STATUS_PASSWORD_RESTRICTION, ERROR_PASSWORD_RESTRICTION},
    {STATUS_LOGON_FAILURE, ERROR_LOGON_FAILURE},
    {STATUS_ACCOUNT_RESTRICTION, ERROR_ACCOUNT_RESTRICTION},
    {STATUS_INVALID_LOGON_HOURS, ERROR_INVALID_LOGON_HOURS},
    {STATUS_INVALID_WORKSTATION, ERROR_INVALID_WORKSTATION},
    {STATUS_PASSWORD_EXPIRED, ERROR_PASSWORD_EXPIRED},
    {STATUS_ACCOUNT_DISABLED, ERROR_ACCOUNT_DISABLED},
    {STATUS_NONE_MAPPED, ERROR_NONE_MAPPED},
    {STATUS_INSUFFICIENT_RESOURCES, ERROR_NO_SYSTEM_RESOURCES},
    {STATUS_NOT_SUPPORTED, ERROR_NOT_SUPPORTED},
    {STATUS_NO_SUCH_DOMAIN, ERROR_NO_SUCH_DOMAIN},
    {STATUS_INTERNAL_ERROR, ERROR_INTERNAL_ERROR},
    {STATUS_NO_SUCH_PACKAGE, ERROR_NO_SUCH_PACKAGE},
    {STATUS_LOGON_SESSION_COLLISION, ERROR_LOGON_SESSION_COLLISION},
    {STATUS_NAME_TOO_LONG, ERROR_FILENAME_EXCED_RANGE},
    {STATUS_TIME_DIFFERENCE_AT_DC, ERROR_TIME_SKEW},
    {STATUS_NO_TRUST_SAM_ACCOUNT, ERROR_NO_TRUST_SAM_ACCOUNT},
    {STATUS_ACCOUNT_EXPIRED, ERROR_ACCOUNT_EXPIRED},
    {STATUS_PASSWORD_MUST_CHANGE, ERROR_PASSWORD_MUST_CHANGE},
    {STATUS_ACCOUNT_LOCKED_OUT, ERROR_ACCOUNT_LOCKED_OUT},
    /* Packages give these too, and Windows has errors for them. */
    {SEC_E_NO_CREDENTIALS, ERROR_NO_SUCH_LOGON_SESSION},
    {SEC_E_INTERNAL_ERROR, ERROR_INTERNAL_ERROR},
    {SEC_E_LOGON_DENIED, ERROR_LOGON_FAILURE},
    {SEC_E_INVALID_TOKEN, ERROR_INVALID_PARAMETER},
};

SSPI_API ULONG NTAPI LsaNtStatusToWinError(NTSTATUS Code)
{
    for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++)
        if (errors[i].status == Code)
            return errors[i].error;
    return ERROR_MR_MID_NOT_FOUND;
}
