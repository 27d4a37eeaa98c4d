/* SPDX-License-Identifier: MIT */
/* The half of a program that speaks to WinPR: see winpr_beside.c. */
#include <winpr/handle.h>
#include <winpr/synch.h>

int winpr_event(void);

/* 0 when WinPR's own CloseHandle() closes WinPR's own object, and only once. */
int winpr_event(void)
{
    HANDLE event = CreateEventA(NULL, TRUE, TRUE, NULL);

    if (event == NULL || WaitForSingleObject(event, 0) != WAIT_OBJECT_0)
        return 1;
    return CloseHandle(event) ? 0 : 2;
}
