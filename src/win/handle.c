/* SPDX-License-Identifier: MIT */
/* HANDLEs: pointers to counted objects, and a few values that stand for the caller itself. */
#include "win/win.h"

#include <unistd.h>
#include <sys/syscall.h>

WIN_API HANDLE sspi_GetCurrentProcess(void)
{
    return (HANDLE)(LONG_PTR)-1;
}

WIN_API HANDLE sspi_GetCurrentThread(void)
{
    return (HANDLE)(LONG_PTR)-2;
}

WIN_API DWORD sspi_GetCurrentProcessId(void)
{
    return (DWORD)getpid();
}

WIN_API DWORD sspi_GetCurrentThreadId(void)
{
    return (DWORD)syscall(SYS_gettid);
}

struct object *win_object(HANDLE handle)
{
    /* INVALID_HANDLE_VALUE is the process's; the heap is no object either. */
    if (handle == NULL || handle == sspi_GetCurrentProcess() || handle == sspi_GetCurrentThread() ||
        handle == sspi_GetProcessHeap())
        return NULL;
    return (struct object *)handle;
}

WIN_API BOOL sspi_CloseHandle(HANDLE hObject)
{
    struct object *object = win_object(hObject);

    if (object == NULL)
        return win_fail(ERROR_INVALID_HANDLE);
    object_unref(object);
    return TRUE;
}
